"""Tables of claim lines for tests of cohorts: random contracts as rows, and the plain walk that they must agree with."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from walk_cases import Case, case

import ketacost as kc
from ketacost.model.adjudication import walk
from ketacost.model.coordination import SecondPlan
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import Plan
from ketacost.model.protocols import services

NAMES = (
    *("date", "member", "network", "benefit", "units", "covered", "balance_billed", "protected", "provider_bears"),
)


def cells(patient: str, plan: str, line: ServiceLine, booklet: Sequence[str]) -> dict[str, Any]:
    """A line as a row of a table; amounts in cents. A row can name no line that its plan's `booklet` lacks."""
    row = {name: getattr(line, name) for name in NAMES}
    row["benefit"] = line.benefit if line.benefit in booklet else "default"
    service = line.service if line.service in services() else None
    money = {"charge_cents": line.charge, "allowed_cents": line.allowed, "assistance_cents": line.assistance}
    return {"patient": patient, "plan": plan, **row, **money, "service": service, "code": line.code or None}


def table_of(
    cases: Sequence[Case], seconds: Sequence[SecondPlan] = ()
) -> tuple[Any, dict[str, Plan], dict[str, kc.Used]]:
    """The lines of all cases as one table, its plans and what was used by patient."""
    import pyarrow as pa

    booklets = [plan.lines for plan, *_ in cases]
    if seconds:
        booklets = [(*own, *second.plan.lines) for own, second in zip(booklets, seconds, strict=True)]
    rows = [cells(f"k{n}", f"p{n}", line, booklets[n]) for n, (_, bill, _) in enumerate(cases) for line in bill]
    used = {f"k{n}": before for n, (*_, before) in enumerate(cases) if before.as_of}
    return pa.Table.from_pylist(rows), {f"p{n}": plan for n, (plan, *_) in enumerate(cases)}, used


def one_by_one(cases: Sequence[Case], rule: str = "") -> list[tuple[int, ...]]:
    """The splits of every case as a patient's walk gives them, in the order of its bill."""
    splits = []
    for plan, bill, before in cases:
        order = sorted(range(len(bill)), key=lambda n: bill[n].date)
        of = dict(zip(order, walk(bill, plan, before, rule=rule), strict=True))
        splits += [tuple(of[n]) for n in range(len(bill))]
    return splits


def cases_of(seeds: range) -> list[Case]:
    """One random contract a seed."""
    return [case(Random(seed)) for seed in seeds]
