"""Walk is walk: one patient in plain Python, a cohort in plain Python and a cohort compiled give the same cents."""

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from walk_cases import Case, case, features

import ketacost as kc
from ketacost.model.adjudication import walk
from ketacost.model.cost_sharing import Terms
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import Plan
from ketacost.model.protocols import services
from ketacost.model.rules import rule_of, rules
from ketacost.model.walk import Columns, Rows, Sharing, walk_columns

np = pytest.importorskip("numpy")
pa = pytest.importorskip("pyarrow")
pd = pytest.importorskip("pandas")
pytest.importorskip("numba")


from ketacost.analysis import cohorts  # noqa: E402
from ketacost.analysis.line_columns import Lines, PlansByName  # noqa: E402
from ketacost.analysis.plan_rows import rows_of  # noqa: E402

PARTS = cohorts.PARTS


@pytest.fixture(scope="session", autouse=True)
def _kept_here(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What is compiled is kept in a folder of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KETACOST_CACHE", str(tmp_path_factory.mktemp("compiled")))
        yield


def cells(patient: str, plan: str, line: ServiceLine) -> dict[str, Any]:
    """A line as a row of a table; amounts in cents."""
    names = (
        "date",
        "member",
        "network",
        "benefit",
        "units",
        "covered",
        "balance_billed",
        "protected",
        "provider_bears",
    )
    row = {name: getattr(line, name) for name in names}
    service = line.service if line.service in services() else None
    money = {"charge_cents": line.charge, "allowed_cents": line.allowed, "assistance_cents": line.assistance}
    return {"patient": patient, "plan": plan, **row, **money, "service": service, "code": line.code or None}


def table_of(cases: Sequence[Case]) -> tuple[Any, dict[str, Plan], dict[str, kc.Used]]:
    """The lines of all cases as one table, its plans and what was used by patient."""
    rows = [cells(f"k{n}", f"p{n}", line) for n, (_, bill, _) in enumerate(cases) for line in bill]
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


def in_plain_python(lines: Lines, used: Any) -> list[tuple[int, ...]]:
    """The cohort's walk from the same source without a compiler, over lists."""
    columns, rows = lines.columns(), rows_of(lines, cohorts._by_contract(used, lines))
    plain = {name: column.tolist() if hasattr(column, "tolist") else column for name, column in rows._asdict().items()}
    plain["sharings"] = [Sharing(*row) for row in plain["sharings"]]
    plain["terms"] = [Terms(*row) for row in plain["terms"]]
    parts, state, begun = [0] * 7 * lines.count, [0] * (rows.size * 9), [0] * 8
    end = walk_columns(Columns(*(c.tolist() for c in columns)), Rows(**plain), state, begun, parts, 0, lines.count)
    assert end == lines.count
    order = range(lines.count) if lines.order is None else lines.order.tolist()
    split = dict(
        zip(order, zip(*(parts[k * lines.count : (k + 1) * lines.count] for k in range(6)), strict=True), strict=True)
    )
    return [split[n] for n in range(lines.count)]


def test_walk_is_walk() -> None:
    """2,000 contracts, 60,000 lines: every feature in at least 100 of them, most pairs of features in 50."""
    cases = [case(Random(seed)) for seed in range(2_000)]
    table, plans, used = table_of(cases)
    lines = Lines(table, PlansByName(plans), network=None, name="lines", first_row=1)
    compiled = [tuple(split) for split in cohorts.walked(lines, used)[:6].T.tolist()]
    expected = one_by_one(cases)
    assert compiled == expected
    assert in_plain_python(lines, used) == expected
    met = Counter[str]()
    for one in cases:
        met.update(features(*one))
    assert len(met) == 30
    assert min(met.values()) >= 100, met


@pytest.mark.parametrize("name", [*rules()])
def test_a_cohort_follows_a_variant_of_the_rule_as_a_patient_does(name: str) -> None:
    cases = [case(Random(seed)) for seed in range(300)]
    table, plans, used = table_of(cases)
    lines = Lines(table, PlansByName(plans), network=None, name="lines", first_row=1)
    compiled = [tuple(split) for split in cohorts.walked(lines, used, rule_of(name))[:6].T.tolist()]
    assert compiled == one_by_one(cases, name)
    assert compiled != one_by_one(cases)
