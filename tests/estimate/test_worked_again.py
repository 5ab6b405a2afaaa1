"""The shown case worked out again from what is printed of it alone, by an adjudication that shares no code with ours.

The plan, what is used, each line's charge and allowed amount come out of the text of a file and of the JSON; what is
covered, who owes a denied line and which visits take place are decided here anew.
"""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from plain_oracle import adjudicate_plainly, dollars
from random_intakes import TODAY, few_draws, random_entries, said

import ketacost as kc
from ketacost.core.convert import as_text, read
from ketacost.estimate.estimate import Estimate, Group
from ketacost.estimate.resolve import resolve
from ketacost.estimate.scenario import table_of
from ketacost.model.accumulators import Used
from ketacost.model.plans import Plan
from ketacost.model.protocols import service
from ketacost.reports.json_output import line_as_dict

NOT_BILLS = ("contribution.", "next_contribution.", "on_hand.", "paying.")
"""Accounts, help and loans, which other tests work out by hand."""

COVERED = {
    "denied": (),
    "visits only": ("visit",),
    "infusions too": ("visit", "infusion"),
    "everything": ("visit", "infusion", "drug"),
}
"""The parts of a bill that the plan pays for, by its answer."""


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    with few_draws(24):
        yield


def found_of(seed: int) -> Estimate:
    entries = random_entries(Random(seed))
    bills = {key: value for key, value in entries.items() if not key.startswith(NOT_BILLS)}
    return kc.estimate(resolve(said(bills), TODAY))


def printed(group: Group) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The shown case of a group as a file's text, and its lines as JSON, both read back."""
    case = as_text(table_of(group.shown.scenario))
    case, lines = json.loads(json.dumps([case, [line_as_dict(claim) for claim in group.shown.claims]]))
    return case, lines


def worked_again(case: dict[str, Any], lines: list[dict[str, Any]]) -> Fraction:
    """What the patient owes, in dollars, from the printed lines and the printed plan."""
    plan, used = read(Plan, case["plan"]), read(Used, case.get("used", {}))
    until = date.fromisoformat(case["covered_until"]) if "covered_until" in case else date.max
    covers = COVERED[case.get("coverage", "visits only")]
    waived, bears = case.get("waived", False), case.get("denied_line") == "provider"
    owed, bill = Fraction(0), []
    for line in lines:
        charge, day = Fraction(line["charge"]), date.fromisoformat(line["date"])
        part = service(line["service"]).part
        if part not in covers or day > until or line["why_not"].endswith("not used"):
            owed += Fraction(0) if bears else charge
            continue
        bill.append(
            SimpleNamespace(
                date=day,
                member=line["member"],
                network=line["network"],
                benefit=line["benefit"],
                service=line["service"],
                code=line["code"],
                units=line["units"],
                charge=int(100 * charge),
                allowed=int(100 * Fraction(line["allowed"])),
                covered=True,
                protected=False,
                balance_billed=not waived,
                provider_bears=bears,
            )
        )
    for paid, _ in adjudicate_plainly(bill, plan, used):
        owed += paid["balance_bill"] + paid["copay"] + paid["deductible"] + paid["coinsurance"]
    return owed


def fees(group: Group) -> Fraction:
    """The fees of the steps that are taken in the shown case, and of the months that begin in it, in dollars."""
    path, days = group.shown.scenario.path, [claim.line.date for claim in group.shown.claims]
    steps = group.ending.end.steps if path else ()
    months = 0
    if days:
        first, last = days[0], days[-1]
        months = 12 * (last.year - first.year) + last.month - first.month
        months += last.day >= min(first.day, monthrange(last.year, last.month)[1])
    monthly = months * dollars(group.shown.scenario.prices.monthly_fee)
    return sum((dollars(path.step_costs.get(name, 0)) for name in steps), monthly)


@pytest.mark.parametrize("first", range(9_000, 9_050, 10))
def test_the_shown_case_is_worked_out_again_to_the_cent(first: int) -> None:
    """Of each thing that the plan may answer; in many of them it pays."""
    paid = 0
    for seed in range(first, first + 10):
        for group in found_of(seed).groups:
            case, lines = printed(group)
            owed = worked_again(case, lines)
            assert owed + fees(group) == dollars(group.likely), (seed, group.answers)
            assert owed == dollars(group.shown.totals.you_pay)
            paid += group.shown.totals.plan_pays > 0
    assert paid
