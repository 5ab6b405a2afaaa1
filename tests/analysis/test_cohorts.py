"""Walk is walk: one patient in plain Python, a cohort in plain Python and a cohort compiled give the same cents."""

from collections import Counter
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cohort_tables import cases_of, one_by_one, table_of
from strategies import ANY, one_version
from strategies import used as used_of
from walk_cases import features
from worked_example import FILES, read_example

import ketacost as kc
from ketacost.core.convert import read
from ketacost.model.accumulators import Amounts
from ketacost.model.adjudication import adjudicate
from ketacost.model.coordination import SecondPlan, coordinate
from ketacost.model.cost_sharing import Split, Terms
from ketacost.model.courses import ServiceLine
from ketacost.model.rules import rule_of, rules
from ketacost.model.walk import Columns, Rows, Sharing, walk_columns

np = pytest.importorskip("numpy")
pa = pytest.importorskip("pyarrow")
pd = pytest.importorskip("pandas")
pytest.importorskip("numba")


from ketacost.analysis import cohorts  # noqa: E402
from ketacost.analysis.line_columns import Lines  # noqa: E402
from ketacost.analysis.plan_rows import PlansByName, rows_of  # noqa: E402

PARTS = cohorts.PARTS
WAYS = ("standard", "maintenance of benefits", "carve-out")


def ends_in_plain_python(lines: Lines, used: Any) -> tuple[int, list[int]]:
    """Where the cohort's walk from the same source ends without a compiler, over lists, and its parts."""
    lines.allow(rule_of(None))
    columns, rows = lines.columns(), rows_of(lines, cohorts._by_contract(used, lines))
    plain = {name: column.tolist() if hasattr(column, "tolist") else column for name, column in rows._asdict().items()}
    plain["sharings"] = [Sharing(*row) for row in plain["sharings"]]
    plain["terms"] = [Terms(*row) for row in plain["terms"]]
    people = len(lines.members)
    parts, state, begun = [0] * 7 * lines.count, [0] * (rows.size * (people + 1)), [0] * people
    end = walk_columns(Columns(*(c.tolist() for c in columns)), Rows(**plain), state, begun, parts, 0, lines.count)
    return end, parts


def in_plain_python(lines: Lines, used: Any) -> list[tuple[int, ...]]:
    """The splits of the cohort's walk without a compiler, in the order of the table."""
    end, parts = ends_in_plain_python(lines, used)
    assert end == lines.count
    order = range(lines.count) if lines.order is None else lines.order.tolist()
    split = dict(
        zip(order, zip(*(parts[k * lines.count : (k + 1) * lines.count] for k in range(6)), strict=True), strict=True)
    )
    return [split[n] for n in range(lines.count)]


def test_walk_is_walk() -> None:
    """2,000 contracts, 60,000 lines: every feature in at least 100 of them, most pairs of features in 50."""
    cases = cases_of(range(2_000))
    table, plans, used = table_of(cases)
    lines = Lines(table, PlansByName(plans), network=None, name="lines", first_row=1)
    compiled = [tuple(split) for split in cohorts.walked(lines, used)[:6].T.tolist()]
    expected = one_by_one(cases)
    assert compiled == expected
    assert in_plain_python(lines, used) == expected
    met = Counter[str]()
    for one in cases:
        met.update(features(*one))
    assert len(met) == 48
    assert min(met.values()) >= 100, met


@pytest.mark.parametrize("first", range(0, 600, 50))
def test_the_source_of_the_compiled_walk_gives_each_patients_cents_in_plain_python(first: int) -> None:
    cases = cases_of(range(first, first + 50))
    table, plans, used = table_of(cases)
    lines = Lines(table, PlansByName(plans), network=None, name="lines", first_row=1)
    assert in_plain_python(lines, used) == one_by_one(cases)


def test_what_each_member_has_used_is_credited_to_the_next_plan_before_they_have_a_line() -> None:
    """Of $600 each the patient has used $100 and the child $500; the plan from July has $1,000: 900 and 500 are left."""

    def of(deductible: int, **more: object) -> dict[str, object]:
        side = {"deductible": deductible, "benefits": {"default": {"coinsurance": 0}}}
        return {"family": True, "networks": {"in": side}, **more}

    later = {"starts": "2026-07-01", "credit": True, "plan": of(1_000)}
    plan = read(kc.Plan, of(600, versions=[later]))
    used = kc.Used(
        as_of=date(2026, 5, 31), members={"patient": {"in": Amounts(10_000)}, "child": {"in": Amounts(50_000)}}
    )
    bill = [
        ServiceLine(date(2026, month, 1), 100_000, network="in", member=who, allowed=100_000)
        for month, who in ((6, "mother"), (7, "child"), (7, "patient"), (7, "mother"))
    ]
    cases = [(plan, bill, used)]
    table, plans, before = table_of(cases)
    lines = Lines(table, PlansByName(plans), network=None, name="lines", first_row=1)
    splits = in_plain_python(lines, before)
    assert splits == one_by_one(cases)
    assert [deductible for _, _, _, deductible, _, _ in splits] == [60_000, 50_000, 90_000, 40_000]


@pytest.mark.parametrize(
    ("day", "network", "allowed", "end"),
    [
        (date(2026, 5, 31), "in", 100, 2),
        (date(2026, 5, 30), "in", 100, 1),
        (date(2025, 5, 30), "in", 100, 2),
        (date(2026, 6, 1), "far", 100, 1),
        (date(2026, 6, 1), "in", None, 1),
    ],
)
def test_the_walk_ends_at_the_first_line_that_cannot_be_split(
    day: date, network: str, allowed: int | None, end: int
) -> None:
    """Before the day of what was used, in a network that the plan lacks, or with nothing that says what is allowed."""
    plan = read(kc.Plan, {"networks": {"in": {"deductible": 600, "benefits": {"default": {"coinsurance": 0}}}}})
    far = read(kc.Plan, {"networks": {"far": {"deductible": 600, "benefits": {"default": {"coinsurance": 0}}}}})
    fine = ServiceLine(date(2024, 1, 2), 100, network="in", allowed=100)
    line = ServiceLine(day, 100, network=network, allowed=allowed)
    used = kc.Used(as_of=date(2026, 5, 31), members={"patient": {"in": Amounts(10_000)}})
    other = ServiceLine(date(2026, 6, 1), 100, network="far", allowed=100)
    table, plans, before = table_of([(plan, [fine, line], used), (far, [other], kc.Used())])
    assert (
        min(
            ends_in_plain_python(Lines(table, PlansByName(plans), network=None, name="lines", first_row=1), before)[0],
            2,
        )
        == end
    )


@pytest.mark.parametrize("name", [*rules()])
def test_a_cohort_follows_a_variant_of_the_rule_as_a_patient_does(name: str) -> None:
    cases = cases_of(range(300))
    table, plans, used = table_of(cases)
    lines = Lines(table, PlansByName(plans), network=None, name="lines", first_row=1)
    compiled = [tuple(split) for split in cohorts.walked(lines, used, rule_of(name))[:6].T.tolist()]
    assert compiled == one_by_one(cases, name)
    assert compiled != one_by_one(cases)


def test_what_a_cohort_writes_is_read_without_its_plans(tmp_path: Path) -> None:
    made = kc.cohort(60, seed=7)
    path = tmp_path / "lines.parquet"
    kc.cohort(60, seed=7, path=path)
    alone, named = kc.adjudicate_frame(made), kc.adjudicate_frame(made, kc.cohort_plans())
    assert any(str(plan).endswith(" (family)") for plan in made["plan"])
    assert alone["you_pay"].tolist() == named["you_pay"].tolist()
    assert sum(kc.adjudicate_frame(path)["you_pay"].to_pylist()) == pytest.approx(alone["you_pay"].sum())
    few = made[made["plan"] == made["plan"].iloc[0]]
    assert len(kc.adjudicate_frame(few)) == len(few)


def test_a_plan_may_be_given_by_its_id() -> None:
    made = kc.cohort(5, seed=7)
    by_id = kc.adjudicate_frame(made, "nextgen-2026-750")
    assert by_id["you_pay"].tolist() == kc.adjudicate_frame(made, kc.plans["nextgen-2026-750"])["you_pay"].tolist()


def test_second_plans_pay_the_same_cents_in_a_cohort() -> None:
    """300 contracts with a second plan of their own, by all ways to coordinate: the table's and each patient's."""
    cases, seconds = cases_of(range(300)), {}
    for n, (first, bill, _) in enumerate(cases):
        r = Random(-n)
        made = one_version(r, ANY, tuple(first.networks))
        also = used_of(r, made, min(line.date for line in bill))
        seconds[f"p{n}"] = SecondPlan(made, WAYS[n % 3], also)
    table, plans, used = table_of(cases, [*seconds.values()])
    found = kc.adjudicate_frame(table, plans, used, money="cents", second=seconds)
    by_row = list(zip(found["second_pays_cents"].to_pylist(), found["you_pay_cents"].to_pylist(), strict=True))
    expected = []
    for n, (plan, bill, before) in enumerate(cases):
        order = sorted(range(len(bill)), key=lambda k: bill[k].date)
        both = coordinate(bill, plan, seconds[f"p{n}"], before)
        of = {k: (one.second_pays, one.you_pay) for k, one in zip(order, both, strict=True)}
        expected += [of[k] for k in range(len(bill))]
    assert by_row == expected
    assert sum(pays > 0 for pays, _ in by_row) > 500


def test_the_cohorts_walk_gives_the_cents_of_every_worked_example() -> None:
    """All of them as one table: each example is a contract with a plan of its own, and its rows are as by hand."""
    examples = [read_example(path.read_text("utf-8")) for path in FILES]
    table, plans, used = table_of([(one.plan, [*one.bill], one.used) for one in examples])
    lines = Lines(table, PlansByName(plans), network=None, name="lines", first_row=1)
    by_hand = [tuple(row[part] for part in Split._fields) for one in examples for row in one.by_hand]
    assert in_plain_python(lines, used) == by_hand
    _, parts = ends_in_plain_python(lines, used)
    covered = [claim.covered for one in examples for claim in adjudicate(one.bill, one.plan, one.used)]
    assert parts[6 * lines.count :] == covered
    assert False in covered
