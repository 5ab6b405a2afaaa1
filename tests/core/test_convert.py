"""What people write, to the package's frozen things and back: every problem at once, in the right words."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import pytest

from ketacost.core.convert import EntryError, get, put, read, written
from ketacost.core.fields import Fixed, KetacostError, UnknownName, described
from ketacost.core.words import told
from ketacost.model.accumulators import Amounts, Used
from ketacost.model.courses import Course, Pause, Prices, ServiceLine
from ketacost.model.plans import NOT_STATED, Benefit, Network, Plan

PLAN = {
    "networks": {
        "in": {
            "deductible": "1,000",
            "out_of_pocket_limit": "none",
            "limit_counts": "deductible, coinsurance",
            "benefits": {"default": {"coinsurance": "20%"}, "office_visit": {"copay": 30, "deductible_applies": "no"}},
        },
        "out": "no benefit",
    }
}


def problems(kind: Any, table: object) -> list[str]:
    """What reading a table tells."""
    with pytest.raises(EntryError) as told:
        read(kind, table)
    assert str(told.value) == "\n".join(told.value.problems)
    return told.value.problems


def test_a_plan_is_read_as_people_write_it() -> None:
    made = read(Plan, PLAN)
    side = made.networks["in"]
    assert (side.deductible, side.out_of_pocket_limit) == (100_000, None)
    assert side.limit_counts == ("deductible", "coinsurance")
    assert side.benefits["default"] == Benefit(coinsurance=2_000)
    assert side.benefits["office_visit"] == Benefit(copay=3_000, deductible_applies=False)
    assert made.networks["out"] == "no benefit"


def test_what_is_written_is_short_and_read_back() -> None:
    made = read(Plan, PLAN)
    assert written(made) == {
        "networks": {
            "in": {
                "deductible": 1_000,
                "limit_counts": ["deductible", "coinsurance"],
                "benefits": {
                    "default": {"coinsurance": "20%"},
                    "office_visit": {"copay": 30, "deductible_applies": False},
                },
            },
            "out": "no benefit",
        }
    }
    assert read(Plan, written(made)) == made
    assert written(Network(deductible=12_345))["deductible"] == "123.45"
    assert written(Benefit(visit_limit=2)) == {"visit_limit": 2}


def test_every_problem_is_told_at_once() -> None:
    table = {
        "network": {},
        "plan_year_starts": "summer",
        "family": "perhaps",
        "networks": {
            "in": {
                "deductable": 500,
                "deductible": 312.5,
                "benefits": {"default": {"coinsurance": 40, "copay_timing": "first", "visit_limit": 2.5}},
                "allowed": 350,
            }
        },
    }
    told = problems(Plan, table)
    expected = [
        "network: there is no entry called 'network'; did you mean networks",
        "plan_year_starts should be a month (1 to 12) or a day such as \"03-15\", got 'summer'",
        "family should be yes or no, got 'perhaps'",
        "networks.in.deductable: there is no entry called 'deductable'; did you mean",
        "networks.in.deductible is a float, 312.5, and floats lose cents",
        'networks.in.benefits.default.coinsurance is a share between 0 and 1, got 40; for 40% write 0.4 or "40%"',
        "there is no choice for networks.in.benefits.default.copay_timing called 'first'; known: after deductible, before",
        "networks.in.benefits.default.visit_limit should be a whole number, got 2.5",
        "networks.in.allowed should be a table of entries, got 350",
    ]
    assert len(told) == len(expected)
    for one in expected:
        assert any(one in problem for problem in told), one


def test_what_is_missing_is_told_with_its_meaning() -> None:
    assert problems(Course, {}) == [
        "protocol is missing: The protocol: its phases, visits and spacing.",
        "start is missing: The day of the first visit.",
    ]
    told = problems(Plan, {"networks": {"in": {}}})
    assert told == [
        "networks.in.deductible is missing: The dollar amount you pay in a plan year for covered care before the plan pays."
    ]


def test_a_thing_that_cannot_be_is_told_with_its_place() -> None:
    assert problems(Plan, {"networks": {"in": {"deductible": 0, "benefits": {"tests": {}}}}})[0].startswith(
        "networks.in: there is no benefit called 'tests'; did you mean test"
    )
    assert "a plan needs at least one network" in problems(Plan, {"networks": {}})[0]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("a plan", "Plan should be a table, got 'a plan'"),
        ({"networks": "in"}, "networks should be a table of entries, got 'in'"),
        ({"networks": {"in": {"benefits": {"default": {"first_visits": 3}}}}}, "as { "),
        ({"networks": {"in": "nothing"}}, "networks.in should be a table, got 'nothing'"),
        ({"networks": {"in": {"deductible": "-1"}}}, "networks.in.deductible cannot be negative, got -1"),
        ({"networks": {"in": {"deductible": {}}}}, "networks.in.deductible should be a number"),
        ({"networks": {"in": "no benefit"}, "name": 7}, "name should be text, got 7"),
        (
            {"networks": {"in": {"deductible": 0, "limit_counts": 3}}},
            "networks.in.limit_counts should be a list, got 3",
        ),
        (
            {"networks": {"in": {"deductible": 0, "limit_counts": "copays"}}},
            "'copays'; known: coinsurance, copay, deductible",
        ),
    ],
)
def test_the_wrong_kind_of_entry_is_told(table: Any, told: str) -> None:
    assert told in problems(Plan, table)[0]


@dataclass(frozen=True)
class Form:
    """One entry of each kind."""

    day: date = described("Day", "A day.")
    yes: bool = described("Yes", "Whether.", False)
    number: int = described("Number", "How many.", 0)
    text: str = described("Text", "Words.", "")
    later: date | None = described("Later", "A day or none.", None)
    choice: Literal["one", "two"] = described("Choice", "One or two.", "one")
    days: tuple[date, ...] = described("Days", "Days.", ())


@pytest.mark.parametrize("day", ["2026-11-30", " 2026-11-30 ", date(2026, 11, 30)])
def test_a_day_is_read(day: Any) -> None:
    assert read(Form, {"day": day}).day == date(2026, 11, 30)


@pytest.mark.parametrize("day", ["30.11.2026", "2026-11-31", "", 20, None, datetime(2026, 11, 30, 12, 0), True])
def test_what_is_no_day_is_told(day: Any) -> None:
    (problem,) = problems(Form, {"day": day})
    assert problem.startswith(f"day should be a day such as 2026-11-30, got {told(day)}")


@pytest.mark.parametrize(
    ("value", "meant"),
    [*[(v, True) for v in (True, "true", "Yes", " y ", "1")], *[(v, False) for v in (False, "false", "NO", "n", "0")]],
)
def test_yes_and_no_are_read(value: Any, meant: bool) -> None:
    assert read(Form, {"day": "2027-01-04", "yes": value}).yes is meant


@pytest.mark.parametrize("value", ["", "maybe", 1, 0, None, 1.0, []])
def test_what_is_neither_is_told(value: Any) -> None:
    assert problems(Form, {"day": "2027-01-04", "yes": value}) == [f"yes should be yes or no, got {told(value)}"]


@pytest.mark.parametrize("none", [None, "none", "None", " no limit ", ""])
def test_none_is_read_where_there_may_be_none(none: Any) -> None:
    assert read(Form, {"day": "2027-01-04", "later": none}).later is None
    assert read(Network, {"deductible": 0, "out_of_pocket_limit": none}).out_of_pocket_limit is None
    assert problems(Network, {"deductible": "none"})[0].startswith("deductible should be a number")


@pytest.mark.parametrize("zero", [0, "0", "0.00", "$0"])
def test_a_limit_of_zero_is_a_limit(zero: Any) -> None:
    assert read(Network, {"deductible": 0, "out_of_pocket_limit": zero}).out_of_pocket_limit == 0
    assert read(Benefit, {"visit_limit": 0}).visit_limit == 0


def test_other_plain_entries() -> None:
    table = {"day": "2027-01-04", "number": " 12 ", "text": "words", "later": "2027-01-05", "choice": "two"}
    made = read(Form, table | {"days": ["2027-01-04", "2027-01-06"]})
    assert made == Form(
        date(2027, 1, 4), False, 12, "words", date(2027, 1, 5), "two", (date(2027, 1, 4), date(2027, 1, 6))
    )
    assert read(Form, table | {"days": "2027-01-04, 2027-01-06"}) == made
    assert written(made)["days"] == [date(2027, 1, 4), date(2027, 1, 6)]
    assert problems(Form, table | {"days": ["2027-01-04", "soon"]}) == [
        "days[1] should be a day such as 2026-11-30, got 'soon'"
    ]
    for number in (True, 1.0, "1.5", "", "1e3", "-", "²"):
        assert problems(Form, table | {"number": number}) == [f"number should be a whole number, got {told(number)}"]
    assert [read(Form, table | {"number": text}).number for text in ("6.0", "-1", " 12 ")] == [6, -1, 12]
    assert problems(Form, table | {"choice": "three"}) == [
        "there is no choice for choice called 'three'; known: one, two"
    ]


def test_not_stated_is_read_and_written() -> None:
    side = read(Network, {"deductible": NOT_STATED, "family_deductible": NOT_STATED})
    assert (side.deductible, side.family_deductible) == (NOT_STATED, NOT_STATED)
    assert written(side) == {"deductible": NOT_STATED, "family_deductible": NOT_STATED}


def test_used_amounts_are_read_and_written() -> None:
    table = {"as_of": "2026-11-20", "members": {"patient": {"out": {"deductible": "812.50"}}}, "visits": {"therapy": 2}}
    used = read(Used, table)
    assert used.members["patient"]["out"] == Amounts(deductible=81_250)
    assert written(used) == table | {"as_of": date(2026, 11, 20)}
    assert read(Used, written(used)) == used
    assert "amounts already used need a date" in problems(Used, {"visits": {"therapy": 2}})[0]


def test_things_inside_tuples_are_read_and_written() -> None:
    table = {"protocol": "iv-mood", "start": "2026-11-30", "pauses": [{"start": "2026-12-24", "days": 14}]}
    made = read(Course, table)
    assert made.pauses == (Pause(date(2026, 12, 24), 14),)
    assert read(Course, written(made)) == made
    prices = read(Prices, {"charges": {"infusion": 500}, "discounts": {"infusion": "10%"}, "bundled": ["drug"]})
    assert read(Prices, written(prices)) == prices
    line = ServiceLine(date(2027, 1, 4), 12_345, allowed=None, covered=False)
    assert written(line) == {"date": date(2027, 1, 4), "charge": "123.45", "covered": False}


def test_only_things_are_written() -> None:
    for thing in (Plan, {"deductible": 0}, 7):
        with pytest.raises(KetacostError, match="cannot be written to a file"):
            written(thing)


# One entry, by its path


def test_one_entry_is_put_and_got() -> None:
    made = read(Plan, PLAN)
    for path, value, got in [
        ("networks.in.deductible", "1,250.50", "1250.50"),
        ("networks.in.deductible", 500, 500),
        ("networks.in.out_of_pocket_limit", "none", None),
        ("networks.in.benefits.default.coinsurance", "35%", "35%"),
        ("networks.in.benefits.drug.coinsurance", 0.5, "50%"),
        ("networks.in.allowed.infusion", 300, 300),
        ("networks.out", "no benefit", "no benefit"),
        ("family", "yes", True),
        ("plan_year_starts", "9", 9),
        ("plan_year_starts", "3-15", "03-15"),
        ("plan_year_starts", "9/1", 9),
        ("name", "another plan", "another plan"),
    ]:
        changed = put(made, path, value)
        assert get(changed, path) == got
        assert changed != made or get(made, path) == got
    assert get(made, "networks.in.allowed.infusion") is None
    assert get(made, "networks.elsewhere.deductible") is None
    assert made == read(Plan, PLAN)


def test_putting_keeps_the_rest() -> None:
    made = read(Plan, PLAN)
    changed = put(made, "networks.in.benefits.office_visit.copay", 45)
    assert changed.networks["in"].benefits["office_visit"] == Benefit(copay=4_500, deductible_applies=False)
    assert put(changed, "networks.in.benefits.office_visit.copay", 30) == made
    assert isinstance(changed.networks, Fixed)
    used = Used(as_of=date(2027, 1, 4), members={"patient": {"in": Amounts(100)}})
    assert put(used, "members.patient.in.deductible", "2").members["patient"]["in"] == Amounts(200)
    assert put(used, "members.spouse.in.deductible", "3").members["spouse"]["in"] == Amounts(300)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("networks.in.deductable", 1, "there is no entry of networks.in called 'deductable'; did you mean"),
        ("network", 1, "there is no entry called 'network'; did you mean networks"),
        ("networks.north.deductible.more", 1, "there is no entry of networks called 'north'; known: in, out"),
        ("networks.north.name", "x", "there is no entry of networks called 'north'; known: in, out"),
        ("name.first", 1, "name.first: there is nothing at 'first'; 'a plan' has no entries"),
        ("networks.out.deductible", 1, "there is nothing at 'deductible'; 'no benefit' has no entries"),
        ("networks.in.deductible", "lots", "networks.in.deductible should be a number"),
        ("networks.in.benefits.default.coinsurance", 40, "networks.in.benefits.default.coinsurance is a share"),
        ("plan_year_starts", 13, "month from 1 to 12, got 13"),
        ("plan_year_starts", 315, 'month from 1 to 12, got 315; or write a day, as "03-15"'),
        ("plan_year_starts", "02-29", 'got 02-29; write "03-01" or "02-28"'),
    ],
)
def test_a_path_that_leads_nowhere_is_told(path: str, value: Any, told: str) -> None:
    with pytest.raises(KetacostError) as error:
        put(read(Plan, PLAN), path, value)
    assert told in str(error.value)


def test_an_unknown_name_is_not_got() -> None:
    with pytest.raises(UnknownName, match="there is no entry called 'deductable'; did you mean"):
        get(read(Plan, PLAN), "networks.in.deductable")


def test_a_path_behind_the_end_is_not_got() -> None:
    with pytest.raises(KetacostError):
        get(read(Plan, PLAN), "name.first")
