"""Files of before intakes, and files of what was said: opened, they give the same cents; and what changed is told."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from old_scenarios import day_of, old_scenario
from random_intakes import few_draws
from random_scenarios import MANY
from small_scenarios import small

import ketacost as kc
from ketacost.core.convert import as_text
from ketacost.core.fields import KetacostError
from ketacost.core.money import dollars
from ketacost.estimate.intake import Intake
from ketacost.estimate.resolve import resolve
from ketacost.estimate.saying import intake_of
from ketacost.estimate.scenario import Scenario, examples, scenario_from, table_of
from ketacost.files.scenario_files import as_toml, gave, load_intake, save
from ketacost.model.accumulators import beyond

TODAY = date(2026, 11, 27)
FEW = 16
"""So many draws are enough to tell two scenarios apart."""


@pytest.fixture
def fast() -> Iterator[None]:
    with few_draws(FEW):
        yield


def groups(scenario: Scenario) -> list[tuple[object, ...]]:
    """The numbers of each group, apart from the search for its ends."""
    return [
        (group.answers, group.whole, group.chance, group.likely, group.p10, group.p90)
        for group in kc.estimate(scenario).groups
    ]


# What an old file says


@pytest.mark.parametrize("name", examples())
@pytest.mark.parametrize("later", [0, 40, 400])
def test_a_shipped_example_gives_the_same_cents_as_an_intake(name: str, later: int) -> None:
    scenario = kc.example(name)
    day = scenario.course.start + timedelta(days=later - 3)
    assert groups(resolve(intake_of(scenario, day), day)) == groups(scenario)


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("first", range(0, MANY // 40, 10))
def test_old_scenarios_give_the_same_cents_as_intakes(first: int) -> None:
    differ = []
    for seed in range(first, first + 10):
        scenario = old_scenario(Random(seed))
        if beyond(scenario.used, scenario.plan):  # cut to the plan as it stands where said, to each case where written
            continue
        try:
            before = groups(scenario)
        except KetacostError:  # some case of it leaves open what the rule needs: there are no cents to keep
            continue
        day = day_of(scenario)
        after = groups(resolve(intake_of(scenario, day), day))
        if after != before:
            differ.append((seed, before, after))
    assert differ == []


@pytest.mark.usefixtures("fast")
def test_most_old_scenarios_are_compared() -> None:
    lost = 0
    for seed in range(40):
        try:
            groups(old_scenario(Random(seed)))
        except KetacostError:
            lost += 1
    assert lost <= 6


def test_what_a_day_would_assume_anyway_is_not_said() -> None:
    """The README's patient: the plan, the network, and what the file gives in its own numbers."""
    said = intake_of(kc.example("readme-patient"), TODAY)
    assert "prices.iv-mood.drug" not in said.said
    assert {"plan", "start"} <= set(said.said)
    assert all(one.how == "file" for one in said.said.values())
    for key in said.said:
        if key != "title":
            assert resolve(said.unsay(key), TODAY).plainly != resolve(said, TODAY).plainly, key


def test_amounts_for_any_service_a_loans_fee_and_prices_that_include_nothing_stay() -> None:
    plan = kc.Plan.of(deductible=500, coinsurance="40%", allowed=350, name="Plan X", kind="PPO")
    scenario = small(plan=plan, payer="individual")
    again = resolve(intake_of(scenario, TODAY), TODAY)
    assert again.plan.networks["out"].allowed["default"] == 35_000
    assert again.ranges == {}
    assert kc.estimate(again).likely == kc.estimate(scenario).likely == 118_000
    said = intake_of(scenario, TODAY).say("paying.loan.amount", 500).say("paying.loan.fee", 35)
    assert resolve(said, TODAY).paying.loan.fee == 3_500


def test_answers_that_were_thought_possible_stay_so_where_nobody_is_said_to_pay_and_beside_an_approval() -> None:
    asked = small(ranges={"coverage": ("denied", "infusions too")}, odds={"coverage": (3_000, 7_000)})
    assert groups(resolve(intake_of(asked, TODAY), TODAY)) == groups(asked)
    until = asked.course.start + timedelta(days=300)
    approved = asked.replace(payer="individual", covered_until=until, odds={})
    assert groups(resolve(intake_of(approved, TODAY), TODAY)) == groups(approved)


# A file of what was said


def said_at_random(r: Random) -> Intake:
    """Values, ranges, choices and unknowns, typed, told on the phone or read in a booklet."""
    entries: dict[str, object] = {
        "payer": r.choice(["marketplace", "employer-insured", "medicaid", "va-facility"]),
        "protocol": r.choice(["iv-mood", "spravato"]),
        "plan": r.choice([kc.UNKNOWN, "nextgen-2026-750"]),
        "start": "2026-12-14",
        "prices.iv-mood.infusion": r.choice([kc.UNKNOWN, 550, kc.Between(400, 700), kc.Between(400, 700, 500)]),
        "terms.in.deductible": kc.OneOf((0, 1_000, 3_000), ("20%", "50%", "30%")),
        "terms.out.coinsurance": "45%",
        "terms.out.pays": r.choice([kc.UNKNOWN, True, False]),
        "coverage": r.choice(["denied", kc.OneOf(("denied", "infusions too"))]),
        "family": True,
        "household.state": "CA",
        "title": "A patient of Monday",
    }
    said = kc.intake()
    for key in r.sample(sorted(entries), r.randint(1, len(entries))):
        how = r.choice(["typed", "plan booklet", "call", "file"])
        when = r.choice([None, TODAY])
        said = said.say(key, entries[key], how=how, when=when, reference="R-17" if how == "call" else "")
    return said


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("suffix", ["toml", "json"])
def test_what_was_said_is_kept_and_read_back_the_same(tmp_path: Path, suffix: str) -> None:
    for seed in range(30):
        said = said_at_random(Random(seed))
        path = tmp_path / f"kept.{suffix}"
        save(resolve(said, TODAY), path)
        again, before = load_intake(path, today=TODAY)
        assert again == said
        assert before.today == TODAY
        assert kc.load(path) == resolve(said, TODAY)
        assert gave(again, before, TODAY) == ""


def test_a_file_holds_what_was_said_and_what_it_gave() -> None:
    said = kc.intake(payer="va-facility").say("start", "2026-12-14")
    table = tomllib.loads(as_toml(resolve(said, TODAY)))
    assert table["said"] == {
        "payer": {"value": "va-facility", "how": "typed"},
        "start": {"value": "2026-12-14", "how": "typed"},
    }
    found = kc.estimate(resolve(said, TODAY))
    assert set(table["resolved"]) == {"today", "data", "headline", "likely"}
    assert table["resolved"]["headline"] == found.sentence
    assert table["resolved"]["likely"] == dollars(found.main.likely)


# What changed since it was saved


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A course whose first day was not said: the Monday at least seven days away."""
    path = tmp_path / "kept.toml"
    save(resolve(kc.intake(payer="self-pay"), TODAY), path)
    return path


def test_nothing_is_told_where_nothing_changed(kept: Path) -> None:
    for later in (0, 3, 200):
        said, before = load_intake(kept, today=TODAY + timedelta(days=later))
        assert gave(said, before, TODAY + timedelta(days=later)) == ""


def changed(kept: Path, old: str, new: str) -> Path:
    text = kept.read_text("utf-8")
    assert old in text
    kept.write_text(text.replace(old, new), encoding="utf-8")
    return kept


def test_another_amount_is_told_with_both_and_the_reason(kept: Path) -> None:
    likely = kc.estimate(kc.load(kept)).likely
    assert likely == 28_800 + 15 * 50_000
    changed(kept, 'likely = "7788.00"', 'likely = "7000.00"')
    said, before = load_intake(kept, today=TODAY)
    assert gave(said, before, TODAY) == (
        "This file gave $7,000 on Nov 27, 2026; today $7,790, because the way it is worked out changed. "
    )
    data = tomllib.loads(kept.read_text("utf-8"))["resolved"]["data"]
    changed(kept, data, "other data")
    said, before = load_intake(kept, today=TODAY)
    assert "because the data behind it changed" in gave(said, before, TODAY)


def test_another_day_is_told_as_the_reason(tmp_path: Path) -> None:
    """Its first day not said: from June 8 on fewer visits fall in a new year with its new deductible, and part of the
    deductible is taken to be used."""
    said = kc.intake({"payer": "individual", "plan": "nextgen-2026-750", "coverage": "infusions too"})
    path, later = tmp_path / "kept.toml", date(2027, 6, 1)
    save(resolve(said, TODAY), path)
    again, before = load_intake(path, today=later)
    now, then = (kc.estimate(resolve(said, day)).likely for day in (later, TODAY))
    assert now != then
    assert "because what was not said is assumed for another day" in gave(again, before, later)


def test_a_file_with_something_else_beside_is_refused(kept: Path) -> None:
    kept.write_text(kept.read_text("utf-8") + "\n[notes]\na = 1\n", encoding="utf-8")
    with pytest.raises(KetacostError, match=r"holds \[said\] and \[resolved\], not notes"):
        load_intake(kept, today=TODAY)


def test_a_file_without_its_day_asks_for_one(tmp_path: Path) -> None:
    path = tmp_path / "said.toml"
    path.write_text('[said]\npayer = "marketplace"\n', encoding="utf-8")
    with pytest.raises(KetacostError, match=r"\[resolved\] today = 2026-11-27"):
        kc.load(path)
    assert kc.load(path, today=TODAY) == resolve(kc.intake().say("payer", "marketplace", how="file"), TODAY)


@pytest.mark.parametrize(
    "terms",
    [
        {"terms.in.deductible": 1_000, "terms.in.out_of_pocket_limit": 4_000, "plan_year_starts": 7},
        {"terms.in.drug.coinsurance": "20%", "terms.in.specialist.copay": 60, "terms.in.out_of_pocket_limit": "none"},
        {"network": "out", "terms.out.coinsurance": "50%", "terms.out.deductible": 2_500, "family": True},
        {"plan_kind": "HDHP", "terms.in.family_deductible": 6_800, "family": True, "deductible_kind": "aggregate"},
        {"payer": "marketplace", "terms.in.deductible": "unknown", "terms.in.copay": 45},
    ],
)
def test_terms_over_a_plan_that_nobody_named_stay_over_each_design_of_a_full_scenario(terms: dict[str, object]) -> None:
    """A page holds the full scenario: opened, it is the same answer, and not that of the design shown line by line."""
    day = date(2026, 11, 28)
    said = {"payer": "employer-insured", "protocol": "spravato", "network": "in", "start": "2027-04-05", **terms}
    patient = kc.resolve(kc.intake(said), day)
    opened = kc.resolve(intake_of(scenario_from(as_text(table_of(patient))), day), day)
    before, after = kc.estimate(patient), kc.estimate(opened)
    assert (after.sentence, after.rest) == (before.sentence, before.rest)
    assert [getattr(after, name) for name in ENDS] == [getattr(before, name) for name in ENDS]


ENDS = ("likely", "p10", "p90", "low", "high")
