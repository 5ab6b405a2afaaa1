"""What is not known: its sourced range, its shape and quantiles, and distributions in files."""

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
from ketacost.estimate.distributions import quantile, read_distribution, typical
from ketacost.estimate.estimate import estimate
from ketacost.estimate.resolve import Resolved, resolve
from ketacost.estimate.scenario import scenario_from, table_of
from ketacost.estimate.unknowns import EACH_AS_LIKELY, GATE, default_range, unknowns
from ketacost.files.json_schema import schema
from ketacost.workbench.form import form

OUT = "plan.networks.out"
USED = "used.members.patient.out.deductible"
TODAY = date(2026, 11, 27)
SAID = kc.intake({"plan": "nextgen-2026-750", "payer": "employer-self-funded", "start": "2026-11-30"})


@pytest.fixture
def started() -> Resolved:
    return resolve(SAID, TODAY)


def designs() -> list[dict[str, Any]]:
    """The out-of-network benefits of this year's commercial designs, straight from their files."""
    tables = [tomllib.loads(path.read_text("utf-8")) for path in sorted((DATA / "plans").glob("*.toml"))]
    these = [t for t in tables if t["in_window"] and t["kind"] in ("PPO", "HDHP", "POS", "EPO", "HMO")]
    return [t["networks"]["out"] for t in these if isinstance(t["networks"].get("out"), dict)]


def test_an_out_of_network_deductible_is_that_of_the_published_designs(started: Resolved) -> None:
    """A tenth of them lie below the low value and a tenth above the high one; the middle one is their median."""
    stated = sorted(side["deductible"] for side in designs() if side["deductible"] != "not stated")
    found = default_range(started, f"{OUT}.deductible")
    assert f"{len(stated)} published plans" in found.why
    assert found.shape == "percentiles"
    low, middle, high = (float(value) for value in found.values)
    assert middle == median(stated)
    for value, part in ((low, Fraction(1, 10)), (high, Fraction(9, 10))):
        place, beyond = divmod(part * (len(stated) - 1), 1)
        lower, upper = stated[int(place)], stated[int(place) + 1]
        assert value == lower + beyond * (upper - lower)
    assert {citation.source.id for citation in found.citations}
    assert all(citation.grade in ("primary", "secondary") for citation in found.citations)


def test_a_quartile_among_designs_without_a_limit_is_no_limit(started: Resolved) -> None:
    limits = [side.get("out_of_pocket_limit", "none") for side in designs()]
    assert sum(limit == "none" for limit in limits) > len(limits) / 4
    assert default_range(started, f"{OUT}.out_of_pocket_limit").values[-1] == "none"


def test_what_is_used_is_between_nothing_and_all_of_it(started: Resolved) -> None:
    """Late in a plan year nobody has said what is used: anything from nothing to the deductible of $2,250."""
    found = default_range(started, USED)
    assert (found.values, found.shape) == (("0.00", "2250.00"), "uniform")
    assert started.ranges[USED] == ("0.00", "2250.00")
    assert started.used.as_of == TODAY
    smaller = resolve(SAID.say("terms.out.deductible", "1000"), TODAY)
    assert smaller.ranges[USED] == ("0.00", "1000.00")
    january = resolve(SAID.say("start", "2027-01-11"), TODAY)
    assert USED not in january.ranges, "the year begins with nothing used"
    assert USED not in resolve(SAID.say("used.patient.out.deductible", 300), TODAY).ranges


def test_the_months_of_a_plan_year_are_as_often_as_the_designs_have_them() -> None:
    tables = [tomllib.loads(path.read_text("utf-8")) for path in sorted((DATA / "plans").glob("*.toml"))]
    these = [t for t in tables if t["in_window"] and t["kind"] in ("PPO", "HDHP", "POS", "EPO", "HMO")]
    starts = [t.get("plan_year_starts", 1) for t in these]
    asked = resolve(SAID.say("plan_year_starts", kc.UNKNOWN), TODAY)
    (one,) = (one for one in unknowns(asked) if one.path == "plan.plan_year_starts")
    assert one.values == tuple(map(str, sorted(set(starts))))
    for value, odds in zip(one.values, one.odds, strict=True):
        assert abs(odds - Fraction(starts.count(int(value)), len(starts))) < Fraction(1, 1_000)


def test_the_odds_of_an_appeal_are_those_of_its_step(started: Resolved) -> None:
    chance = tomllib.loads((DATA / "steps.toml").read_text("utf-8"))["erisa"]["internal_appeal"]["chance"]
    found = default_range(started, "path.internal")
    assert (found.values, found.shape) == ((chance["low"], chance["central"], chance["high"]), "percentiles")


def test_the_planned_visits_are_a_plan_and_no_unknown(started: Resolved) -> None:
    assert default_range(started, "course.visits.maintenance").values == ()
    assert [path for path in started.ranges if path.startswith("course.")] == []


def test_every_entry_of_the_form_that_can_be_unknown_is_looked_at_and_can_be_said_again() -> None:
    ticked = set[str]()
    said = SAID
    while True:
        controls = {c["path"]: c for step in form(resolve(said, TODAY)) for c in step["controls"]}
        left = [key for key, one in controls.items() if one.get("unknown") is False and key not in ticked]
        if not left:
            break
        ticked.add(left[0])
        said = said.say(left[0], kc.UNKNOWN) if left[0] != "coverage" else said.unsay("coverage")
        asked = resolve(said, TODAY)
        assert next(c for step in form(asked) for c in step["controls"] if c["path"] == left[0])["unknown"] is True
    assert {"terms.out.deductible", "terms.out.out_of_pocket_limit", "terms.out.coinsurance"} <= ticked
    found = estimate(asked)
    assert len(asked.ranges) >= 9
    assert found.low <= found.p10 <= found.p90 <= found.high
    for key in ticked:
        said = said.unsay(key)
    assert said == SAID


def test_an_entry_that_is_said_is_known(started: Resolved) -> None:
    assert "prices.charges.infusion" in started.ranges
    known = resolve(SAID.say("prices.iv-mood.infusion", "650"), TODAY)
    assert "prices.charges.infusion" not in known.ranges
    assert "coverage" in known.ranges


@pytest.mark.parametrize(("key", "value"), [("plan", "cmu-2026-hmo-epo"), ("network", "in")])
def test_ranges_of_an_entry_that_is_out_of_scope_are_kept_and_not_looked_at(key: str, value: str) -> None:
    said = SAID.say("terms.out.deductible", kc.OneOf((500, 1_000, 2_000), ("25%", "50%", "25%")))
    said = said.say("used.patient.out.deductible", kc.UNKNOWN)
    assert {f"{OUT}.deductible", USED} <= set(resolve(said, TODAY).ranges)
    moved = resolve(said.say(key, value), TODAY)
    assert [one for one in (*moved.ranges, *moved.odds) if one.startswith(OUT)] == []
    assert estimate(moved).likely
    assert resolve(said.say(key, value).say(key, SAID.value(key)), TODAY).ranges == resolve(said, TODAY).ranges


def test_a_plan_that_may_pay_nothing_outside_is_looked_at_both_ways() -> None:
    said = SAID.say("terms.out.pays", kc.UNKNOWN).say("coverage", "infusions too")
    asked = resolve(said.say("prices.iv-mood.infusion", 500).say("allowed.out.iv-mood.infusion", 300), TODAY)
    assert asked.ranges[GATE] == ("as it is", "no benefit")
    assert estimate(asked).high == 50_000 * 15 + 28_800


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


def test_a_uniform_has_its_ends_and_straight_quantiles() -> None:
    shape, values, odds = read_distribution({"shape": "uniform", "low": 100, "high": 200}, "money")
    assert (shape, values, odds) == ("uniform", ("100.00", "200.00"), ())
    assert [quantile("uniform", (10_000, 20_000), part) for part in (0, 0.1, 0.5, 1)] == [
        10_000,
        11_000,
        15_000,
        20_000,
    ]


def test_percentiles_are_joined_by_straight_lines_whose_ends_go_on_at_the_same_slope() -> None:
    """From 10% at 100 to 50% at 200 it rises by 25 a tenth, so it starts at 75; from 200 to 90% at 400 by 50, so it ends
    at 450; and where the line leads below nothing it stops there."""
    shape, values, _ = read_distribution({"shape": "percentiles", "low": 1, "typical": 2, "high": 4}, "money")
    assert (shape, values) == ("percentiles", ("1.00", "2.00", "4.00"))
    assert [quantile(shape, (100, 200, 400), part) for part in (0, 0.1, 0.3, 0.5, 0.7, 0.9, 1)] == [
        75, 100, 150, 200, 300, 400, 450,
    ]  # fmt: skip
    assert quantile(shape, (10, 200, 400), 0) == 0


def test_a_triangular_is_worked_out_by_its_formula() -> None:
    """Below the likely value x = a + sqrt(p (b - a)(c - a)); above it x = b - sqrt((1 - p)(b - a)(b - c))."""
    table = {"shape": "triangular", "low": 400, "likely": 550, "high": 900}
    shape, values, _ = read_distribution(table, "money")
    assert values == ("400.00", "550.00", "900.00")
    numbers = (40_000, 55_000, 90_000)
    assert quantile(shape, numbers, 0.1) == round(100 * (400 + sqrt(0.1 * 500 * 150)))
    assert quantile(shape, numbers, 0.9) == round(100 * (900 - sqrt(0.1 * 500 * 350)))
    assert [quantile(shape, numbers, part) for part in (0, 0.3, 1)] == [40_000, 55_000, 90_000]


def test_a_lognormal_has_its_ends_at_the_10th_and_90th_percentile() -> None:
    numbers = (40_000, 90_000)
    assert [quantile("lognormal", numbers, part) for part in (0.1, 0.9)] == [40_000, 90_000]
    middle = round(100 * exp((log(400) + log(900)) / 2))
    assert quantile("lognormal", numbers, 0.5) == typical("lognormal", numbers) == middle


def test_what_stands_for_a_shape_is_its_typical_value_or_its_middle() -> None:
    assert typical("percentiles", (1, 7, 9)) == 7
    assert typical("uniform", (2, 4)) == 3


def test_numbers_are_written_as_their_entry_is() -> None:
    assert read_distribution({"shape": "uniform", "low": 2, "high": 4}, "count")[1] == ("2", "4")
    days = read_distribution({"shape": "uniform", "low": "2026-12-01", "high": "2026-12-31"}, "day")[1]
    assert days == ("2026-12-01", "2026-12-31")
    assert read_distribution({"shape": "uniform", "low": "30%", "high": 0.5}, "share")[1] == ("30%", "50%")
    values, odds = read_distribution({"shape": "discrete", "values": [1, 2], "odds": ["30%", 0.7]}, "money")[1:]
    assert (values, odds) == (("1", "2"), (3_000, 7_000))


WRONG = [
    ({"shape": "normal"}, "no shape of a distribution called 'normal'"),
    ({"shape": "uniform", "low": 1}, "uniform takes high, low; got low"),
    (
        {"shape": "triangular", "low": 3, "likely": 1, "high": 4},
        "give low, likely, high from the lowest to the highest",
    ),
    ({"shape": "uniform", "low": 4, "high": 4}, "and not the same"),
    ({"shape": "lognormal", "low": 0, "high": 4}, "needs values above zero"),
    ({"shape": "discrete", "values": [1, 2], "odds": ["30%", "60%"]}, "should add to 100%"),
    ({"shape": "discrete", "values": [1, 2], "odds": ["100%"]}, "1 shares for 2 values"),
]


@pytest.mark.parametrize(("table", "told"), WRONG)
def test_a_distribution_that_cannot_be_is_refused_with_the_reason(table: dict[str, Any], told: str) -> None:
    with pytest.raises(KetacostError, match=told):
        read_distribution(table, "money")
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
            "has its own odds",
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
    assert scenario.ranges["prices.charges.infusion"] == ("400.00", "550.00", "900.00")
    assert scenario.shapes["prices.charges.infusion"] == "triangular"
    assert scenario_from(table_of(scenario)) == scenario
    assert estimate(scenario).low < estimate(scenario).high


def test_the_schema_takes_a_distribution_and_refuses_a_wrong_one() -> None:
    validator = Draft202012Validator(schema("scenario"))
    base = {"course": {"protocol": "iv-mood", "start": "2026-11-30"}, "plan": "nextgen-2026-750"}
    assert list(validator.iter_errors({**base, "ranges": SHAPED})) == []
    assert list(validator.iter_errors({**base, "ranges": {"prices.charges.infusion": {"shape": "uniform", "low": 1}}}))
    assert list(validator.iter_errors({**base, "ranges": {"prices.charges.infusion": {"shape": "normal", "low": 1}}}))
