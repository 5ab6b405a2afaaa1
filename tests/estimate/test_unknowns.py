"""What is not known: the sourced range of "I don't know", how changes keep or drop it, and distributions in files."""

from __future__ import annotations

import tomllib
from datetime import date
from fractions import Fraction
from math import exp, log, sqrt
from statistics import median
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from places import DATA

import ketacost as kc
from ketacost.core.fields import KetacostError
from ketacost.core.references import read_toml
from ketacost.estimate.answer import run
from ketacost.estimate.estimate import spread
from ketacost.estimate.scenario import Scenario, points, scenario_from, table_of
from ketacost.estimate.unknowns import EACH_AS_LIKELY, default_range, unknowns
from ketacost.files.json_schema import schema
from ketacost.workbench.edits import change, start_with
from ketacost.workbench.form import form

OUT = "plan.networks.out"
USED = "used.members.patient.out.deductible"


@pytest.fixture
def started() -> Scenario:
    scenario = start_with(start=date(2026, 11, 30))
    for path, value in (("payer", "employer-self-funded"), ("path.appeal", True), ("path.review", True)):
        scenario = change(scenario, path, value)
    return scenario


def designs() -> list[dict[str, Any]]:
    """The out-of-network benefits of this year's commercial designs, straight from their files."""
    tables = [tomllib.loads(path.read_text("utf-8")) for path in sorted((DATA / "plans").glob("*.toml"))]
    these = [t for t in tables if t["in_window"] and t["kind"] in ("PPO", "HDHP", "POS", "EPO", "HMO")]
    return [t["networks"]["out"] for t in these if isinstance(t["networks"].get("out"), dict)]


def test_an_out_of_network_deductible_is_the_middle_half_of_the_published_designs(started: Scenario) -> None:
    stated = sorted(side["deductible"] for side in designs() if side["deductible"] != "not stated")
    found = default_range(started, f"{OUT}.deductible")
    assert f"{len(stated)} published designs" in found.why
    low, middle, high = (float(value) for value in found.values)
    assert middle == median(stated)
    for value, part in ((low, 0.25), (high, 0.75)):
        place, beyond = divmod(part * (len(stated) - 1), 1)
        lower, upper = stated[int(place)], stated[int(place) + 1]
        assert value == lower + beyond * (upper - lower)
    assert {citation.source.id for citation in found.citations}
    assert all(citation.grade in ("primary", "secondary") for citation in found.citations)


def test_a_quartile_among_designs_without_a_limit_is_no_limit(started: Scenario) -> None:
    limits = [side.get("out_of_pocket_limit", "none") for side in designs()]
    assert sum(limit == "none" for limit in limits) > len(limits) / 4
    assert default_range(started, f"{OUT}.out_of_pocket_limit").values[-1] == "none"


def test_what_is_used_is_between_nothing_and_all_of_it(started: Scenario) -> None:
    assert default_range(started, USED).values == ("0", "2250.00")
    asked = change(started, f"unknown:{USED}", True)
    assert asked.used.as_of == started.course.start
    assert run(asked).low
    smaller = change(asked, f"{OUT}.deductible", "1000")
    assert smaller.ranges[USED] == ("0", "1000.00")


def test_the_months_of_a_plan_year_are_as_often_as_the_designs_have_them(started: Scenario) -> None:
    tables = [tomllib.loads(path.read_text("utf-8")) for path in sorted((DATA / "plans").glob("*.toml"))]
    these = [t for t in tables if t["in_window"] and t["kind"] in ("PPO", "HDHP", "POS", "EPO", "HMO")]
    starts = [t.get("plan_year_starts", 1) for t in these]
    (one,) = (one for one in unknowns(change(started, "unknown:plan.plan_year_starts", True)) if "year" in one.path)
    assert one.values == tuple(map(str, sorted(set(starts))))
    for value, odds in zip(one.values, one.odds, strict=True):
        assert abs(odds - Fraction(starts.count(int(value)), len(starts))) < Fraction(1, 1_000)


def test_the_odds_of_an_appeal_are_those_of_its_step(started: Scenario) -> None:
    chance = tomllib.loads((DATA / "steps.toml").read_text("utf-8"))["erisa"]["internal_appeal"]["chance"]
    assert default_range(started, "path.internal").values == (chance["low"], chance["central"], chance["high"])


def test_half_of_those_who_start_go_on(started: Scenario) -> None:
    (one,) = (
        one for one in unknowns(change(started, "unknown:course.visits.maintenance", True)) if "visits" in one.path
    )
    assert (one.values, one.odds) == (("0", "9"), (Fraction(51, 100), Fraction(49, 100)))


def test_every_i_dont_know_of_the_form_can_be_ticked_and_answered(started: Scenario) -> None:
    asked, ticked = started, set[str]()
    while True:
        open_to = [c["path"] for step in form(asked) for c in step["controls"] if c.get("unknown") is False]
        left = [path for path in open_to if path not in ticked]
        if not left:
            break
        ticked.add(left[0])
        asked = change(asked, f"unknown:{left[0]}", True)
        assert left[0] in asked.ranges
        shown = next(c for step in form(asked) for c in step["controls"] if c["path"] == left[0])
        assert shown["unknown"] is True
        assert "ooked at" in shown["hint"]
    assert {f"{OUT}.deductible", f"{OUT}.out_of_pocket_limit", f"{OUT}.benefits.default.coinsurance", USED} <= ticked
    assert {"plan.plan_year_starts", "path.internal", "course.visits.maintenance"} <= ticked
    assert "coverage" in asked.ranges
    assert len(asked.ranges) >= 14
    found = spread(asked)
    assert found.low <= found.p10 <= found.p90 <= found.high
    for path in (*ticked, *started.ranges):
        asked = change(asked, f"unknown:{path}", False)
    assert (asked.ranges, asked.odds) == ({}, {})


def test_an_entry_that_is_changed_is_known(started: Scenario) -> None:
    path = "prices.charges.infusion"
    asked = started.replace(odds={path: (5_000, 5_000)})
    changed = change(asked, path, "650")
    assert path not in changed.ranges
    assert path not in changed.odds
    assert "coverage" in changed.ranges


@pytest.mark.parametrize(("path", "value"), [("published_plan", "cmu-2026-hmo-epo"), ("network", "in")])
def test_ranges_of_an_entry_that_is_gone_go_with_it(started: Scenario, path: str, value: str) -> None:
    asked = change(change(started, f"unknown:{OUT}.deductible", True), f"unknown:{USED}", True)
    asked = asked.replace(odds={f"{OUT}.deductible": (2_500, 5_000, 2_500)})
    moved = change(asked, path, value)
    assert [one for one in (*moved.ranges, *moved.odds) if one.startswith((OUT, USED))] == []
    assert run(moved)


def test_each_as_likely_where_nothing_is_known() -> None:
    asked = kc.example("readme-patient").replace(ranges={"plan.networks.out.deductible": ("0", "1000", "5000")})
    (one,) = unknowns(asked)
    assert one.odds == (Fraction(1, 3),) * 3
    assert one.why == EACH_AS_LIKELY


def test_a_payers_odds_are_those_of_its_path() -> None:
    asked = kc.example("payer-individual")
    one = next(one for one in unknowns(asked) if one.path == "coverage")
    assert dict(zip(one.values, one.odds, strict=True)) == {
        "denied": Fraction(75, 100),
        "visits only": Fraction(23, 100),
        "infusions too": Fraction(2, 100),
    }
    assert one.citations


# Distributions


def test_a_uniform_is_its_percentiles_and_its_ends() -> None:
    values, odds = points({"shape": "uniform", "low": 100, "high": 200}, "money")
    assert values == ("100.00", "110.00", "130.00", "150.00", "170.00", "190.00", "200.00")
    assert odds == (0, 2_000, 2_000, 2_000, 2_000, 2_000, 0)


def test_a_triangular_is_worked_out_by_its_formula() -> None:
    """Below the likely value x = a + sqrt(p (b - a)(c - a)); above it x = b - sqrt((1 - p)(b - a)(b - c))."""
    values, _ = points({"shape": "triangular", "low": 400, "likely": 550, "high": 900}, "money")
    below = 400 + sqrt(0.1 * 500 * 150)
    above = 900 - sqrt(0.1 * 500 * 350)
    assert values[1] == f"{below:.2f}"
    assert values[2] == "550.00"
    assert values[5] == f"{above:.2f}"
    assert (values[0], values[-1]) == ("400.00", "900.00")


def test_a_lognormal_has_its_ends_at_the_10th_and_90th_percentile() -> None:
    values, odds = points({"shape": "lognormal", "low": 400, "high": 900}, "money")
    assert (values[0], values[2], values[4]) == ("400.00", f"{exp((log(400) + log(900)) / 2):.2f}", "900.00")
    assert odds == (2_000,) * 5


def test_points_are_whole_as_their_entry_is() -> None:
    assert points({"shape": "uniform", "low": 2, "high": 4}, "count") == (("2", "3", "4"), (2_000, 6_000, 2_000))
    days, _ = points({"shape": "uniform", "low": "2026-12-01", "high": "2026-12-31"}, "day")
    assert (days[0], days[3], days[-1]) == ("2026-12-01", "2026-12-16", "2026-12-31")
    shares, _ = points({"shape": "uniform", "low": "30%", "high": 0.5}, "share")
    assert shares[0] == "30%"
    assert shares[3] == "40%"


WRONG = [
    ({"shape": "normal"}, "no shape of a distribution called 'normal'"),
    ({"shape": "uniform", "low": 1}, "uniform takes high, low; got low"),
    ({"shape": "triangular", "low": 3, "likely": 1, "high": 4}, "low <= likely <= high should rise"),
    ({"shape": "uniform", "low": 4, "high": 4}, "should rise"),
    ({"shape": "lognormal", "low": 0, "high": 4}, "above zero alone"),
    ({"shape": "discrete", "values": [1, 2], "odds": ["30%", "60%"]}, "should add to 100%"),
    ({"shape": "discrete", "values": [1, 2], "odds": ["100%"]}, "1 shares for 2 values"),
]


@pytest.mark.parametrize(("table", "told"), WRONG)
def test_a_distribution_that_cannot_be_is_refused_with_the_reason(table: dict[str, Any], told: str) -> None:
    with pytest.raises(KetacostError, match=told):
        points(table, "money")
    file = {**read_toml("scenarios/readme-patient.toml"), "ranges": {"prices.charges.infusion": table}}
    with pytest.raises(KetacostError, match=told):
        scenario_from(file)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"odds": {"waived": ["100%"]}}, "there is no range of waived"),
        ({"ranges": {"title": {"shape": "uniform", "low": 1, "high": 2}}}, "not a number, an amount or a day"),
        ({"ranges": {"prices.chares.infusion": {"shape": "uniform", "low": 1, "high": 2}}}, "called 'chares'"),
        (
            {
                "ranges": {"prices.charges.infusion": {"shape": "uniform", "low": 1, "high": 2}},
                "odds": {"prices.charges.infusion": ["100%"]},
            },
            "says its own odds",
        ),
    ],
)
def test_a_file_is_told_what_is_wrong_with_its_ranges(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(KetacostError, match=told):
        scenario_from({**read_toml("scenarios/readme-patient.toml"), **changes})


SHAPED: dict[str, Any] = {
    "prices.charges.infusion": {"shape": "triangular", "low": 400, "likely": 550, "high": "900"},
    "course.visits.maintenance": {"shape": "uniform", "low": 5, "high": 12},
    "plan.networks.out.deductible": {"shape": "lognormal", "low": 500, "high": 4_000},
    "coverage": {"shape": "discrete", "values": ["denied", "visits only"], "odds": ["40%", "60%"]},
}


def test_a_file_with_distributions_is_read_run_and_written_again() -> None:
    file = {**read_toml("scenarios/readme-patient.toml"), "ranges": SHAPED}
    scenario = scenario_from(file)
    assert scenario.odds["coverage"] == (4_000, 6_000)
    assert scenario.ranges["prices.charges.infusion"][0] == "400.00"
    assert scenario_from(table_of(scenario)) == scenario
    assert spread(scenario).low < spread(scenario).high


def test_the_schema_takes_a_distribution_and_refuses_a_wrong_one() -> None:
    validator = Draft202012Validator(schema("scenario"))
    base = {"course": {"protocol": "iv-mood", "start": "2026-11-30"}, "plan": "nextgen-2026-750"}
    assert list(validator.iter_errors({**base, "ranges": SHAPED})) == []
    assert list(validator.iter_errors({**base, "ranges": {"prices.charges.infusion": {"shape": "uniform", "low": 1}}}))
    assert list(validator.iter_errors({**base, "ranges": {"prices.charges.infusion": {"shape": "normal", "low": 1}}}))
