"""Help from others: whether it counts toward the deductible and the limit, and where a maker's card pays nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from random_intakes import few_draws
from random_scenarios import MANY
from small_scenarios import infusions

import ketacost as kc
from ketacost.accounts.loans import HELP_TERMS, Paying, services_helped
from ketacost.analysis.questions import question_for
from ketacost.estimate.calendar import bottom_line
from ketacost.estimate.cases import cases_of
from ketacost.estimate.estimate import with_usual
from ketacost.estimate.nets import Nets
from ketacost.estimate.scenario import HELP_COUNTS, Scenario
from ketacost.estimate.unknowns import EACH_AS_LIKELY
from ketacost.model.accumulators import Amounts, Used
from ketacost.model.payers import payers
from ketacost.model.plans import Benefit, Network, Plan

FILLS = tuple(f"2026-{month:02}-05" for month in range(1, 13))
TODAY = date(2026, 11, 27)


def fills(*, used: int = 0, family_used: int | None = None, hsa: bool = False, **paying: Any) -> Scenario:
    """Twelve fills of $750 under a deductible of $4,000, which is the limit too; others pay $3,750."""
    family = family_used is not None
    twice = {"family_deductible": 800_000, "family_out_of_pocket_limit": 800_000} if family else {}
    side = Network(400_000, 400_000, {"default": Benefit()}, allowed={"infusion": 75_000}, **twice)
    kinds: Any = {"deductible_kind": "embedded", "limit_kind": "embedded"} if family else {}
    plan = Plan({"out": side}, hsa_eligible=hsa, family=family, **kinds)
    of_family = {"out": Amounts(family_used, family_used)} if family_used is not None else {}
    before = Used(date(2026, 1, 1), members={"patient": {"out": Amounts(used, used)}}, family=of_family)
    case = infusions(*FILLS, charge=75_000, plan=plan, used=before, payer="employer-insured")
    return case.replace(paying=Paying(assistance=375_000, **paying))


def net(scenario: Scenario) -> int:
    """The net of a scenario as entered, in cents."""
    return bottom_line(scenario, kc.run(scenario).claims).net


@pytest.mark.parametrize(("counts", "owed"), [("counts", 25_000), ("does not count", 400_000)])
def test_a_card_of_3750_leaves_250_where_it_counts_and_4000_where_it_does_not(counts: Any, owed: int) -> None:
    """Counted, 3,750 of the 4,000 are met when it is used up. Else the five fills it pays count nothing: 4,000 more."""
    case = fills(assistance_counts=counts)
    assert net(case) == owed
    found = kc.estimate(case)
    assert (found.likely, found.low, found.high) == (owed, owed, owed)
    assert found.calendar.net == owed


def test_both_are_looked_at_where_nobody_said_and_the_plan_is_asked() -> None:
    found = kc.estimate(fills())
    assert (found.low, found.high) == (25_000, 400_000)
    assert (found.p10, found.p90) == (25_000, 400_000)
    (one,) = (one for one in found.unknowns if one.path == HELP_COUNTS)
    assert one.odds[0] == one.odds[1]
    assert one.grade == "assumption"
    assert EACH_AS_LIKELY in one.why
    asked = question_for(found.scenario, HELP_COUNTS)
    assert asked.who == "insurer"
    assert "count toward my deductible" in asked.ask
    assert "mi deducible" in asked.ask_es


def test_a_rule_that_was_named_wins() -> None:
    case = fills(assistance_counts="counts")
    assert net(case.replace(rule="copay accumulator")) == 400_000
    other = kc.estimate(fills(hsa=True).replace(rule="balance bills capped"))
    assert (other.likely, [one.path for one in other.unknowns]) == (25_000, [])


def test_the_entry_can_be_said_and_left_open(tmp_path: Path) -> None:
    """Said, it is the only answer; not said, or said to be unknown, both are, in a file too."""
    said = kc.intake_of(fills(), TODAY)
    assert HELP_COUNTS not in said.said
    for intake, owed in (
        (said, (25_000, 400_000)),
        (said.say(HELP_COUNTS, kc.UNKNOWN), (25_000, 400_000)),
        (said.say(HELP_COUNTS, "does not count"), (400_000, 400_000)),
        (said.say(HELP_COUNTS, "counts"), (25_000, 25_000)),
    ):
        found = kc.estimate(kc.resolve(intake, TODAY))
        assert (found.low, found.high) == owed
    kept = kc.resolve(said.say(HELP_COUNTS, "does not count"), TODAY)
    kc.save(kept, tmp_path / "card.toml")
    assert kc.estimate(kc.load(tmp_path / "card.toml", today=TODAY)).likely == 400_000
    nobody = kc.resolve(said.say("payer", "self-pay"), TODAY)
    assert HELP_COUNTS not in nobody.ranges


@pytest.mark.parametrize(("used", "owed"), [(169_900, 230_100), (170_000, 0)])
def test_beside_an_hsa_help_counts_once_the_least_deductible_of_2026_is_paid(used: int, owed: int) -> None:
    """$1,700 in 2026. With $1,699 paid the five fills of the card count nothing; with $1,700 it pays the last $2,300."""
    assert net(fills(used=used, hsa=True, assistance_counts="counts")) == owed
    assert net(fills(used=used, hsa=True)) == owed
    assert net(fills(used=used, hsa=True, assistance_counts="does not count")) == 400_000 - used
    notes = " ".join(kc.estimate(fills(used=used, hsa=True, assistance_counts="counts")).notes)
    assert "until you have paid $1,700 yourself" in notes
    assert "our reading" in notes


@pytest.mark.parametrize(("used", "owed"), [(339_900, 230_000), (340_000, 0)])
def test_beside_a_familys_hsa_the_familys_least_deductible_decides(used: int, owed: int) -> None:
    """$3,400 in 2026: below it the card counts nothing and you owe what is left of your $4,000 after $1,700."""
    assert net(fills(used=170_000, family_used=used, hsa=True, assistance_counts="counts")) == owed


PUBLIC = (
    "medicare-part-b",
    "medicare-advantage",
    "medicaid",
    "va-facility",
    "va-community-care",
    "tricare",
    "self-pay",
)


@pytest.mark.parametrize("program", HELP_TERMS)
def test_a_makers_program_is_for_commercial_plans_alone(program: str) -> None:
    for payer in PUBLIC:
        assert services_helped(program, law=payers()[payer].law, treatment="spravato") is None


@pytest.mark.parametrize("payer", PUBLIC)
def test_a_makers_card_pays_nothing_beside_a_public_program(payer: str) -> None:
    """No help in any case, nor going on alone, and no question whether it counts."""
    card = {"paying.assistance": "3000", "paying.assistance_for": "spravato savings"}
    with few_draws(64):
        found = kc.estimate(kc.resolve(kc.intake(payer=payer, protocol="spravato", **card), TODAY))
    assert all(group.bottom.assistance == 0 for group in found.groups)
    assert found.without_plan.cases.scenario.paying.assistance == 0
    assert HELP_COUNTS not in {one.path for one in found.unknowns}


def helped(answer: Any) -> int:
    """What others pay of an answer, in cents."""
    return bottom_line(answer.scenario, answer.claims).assistance


def test_a_makers_card_pays_nothing_of_a_denied_visit() -> None:
    """Spravato at $1,000 a dose, all of it counted, all of it the patient's: the card pays only what the plan covers."""
    side = Network(0, None, {"default": Benefit(coinsurance=5_000)}, allowed={"esketamine": 100_000})
    course = kc.Course("spravato", date(2026, 1, 5), visits={"evaluation": 0, "weeks 5-8": 0, "weeks 9+": 0})
    paying = Paying(assistance=300_000, assistance_for="spravato savings", assistance_counts="counts")
    case = Scenario(
        course,
        kc.Prices({"esketamine": 100_000}, ("observation",)),
        Plan({"in": side}),
        network="in",
        coverage="infusions too",
        payer="employer-insured",
        paying=paying,
    )
    covered, denied = kc.run(case), kc.run(case.replace(coverage="denied"))
    assert (covered.you_pay, helped(covered)) == (400_000, 300_000)
    assert (denied.you_pay, helped(denied)) == (800_000, 0)
    found = kc.estimate(case.replace(coverage="denied", if_denied="go on"))
    assert found.likely == 800_000
    assert any("pays nothing of a visit that the plan denies" in note for note in found.notes)


@pytest.mark.parametrize("used", [0, 169_900, 170_000])
@pytest.mark.parametrize("hsa", [False, True])
def test_the_quick_walk_of_an_estimate_gives_the_cents_of_each_case(used: int, hsa: bool) -> None:
    """Each answer to the question, by the estimate's rows and by adjudicating the case itself."""
    cases = cases_of(with_usual(fills(used=used, hsa=hsa)))
    nets = Nets(cases)
    assert [nets.net(choice, ending) for _, choice in cases.weighed() for ending in nets.endings(choice)] == [
        net(cases.at(choice)) for _, choice in cases.weighed()
    ]


def by_hand(charge: int, deductible: int, share: int, limit: int, card: int, visits: int, *, counts: bool) -> int:
    """What is left to the patient of so many visits at a charge, all of it allowed, in cents; the card pays first."""
    left, stop, owed = deductible, limit, 0
    for _ in range(visits):
        own = min(left, charge)
        part = (2 * (charge - own) * share + 10_000) // 20_000
        part = min(part, max(stop - own, 0))
        own = min(own, stop)
        helps = min(card, own + part)
        card -= helps
        owed += own + part - helps
        paid_of_deductible = own if counts else own - min(own, helps)
        left -= paid_of_deductible
        stop -= own + part if counts else own + part - helps
    return owed


@pytest.mark.parametrize("seed", range(MANY // 80))
def test_random_help_is_worked_out_by_hand_and_never_costs_more_where_it_counts(seed: int) -> None:
    """Counts, does not count, and not known: the last lies between the first two, and reaches both."""
    draw = Random(seed)
    charge, deductible = draw.randrange(100, 1_000) * 100, draw.choice((0, 50_000, 123_400, 400_000))
    share, limit = draw.choice((0, 1_000, 2_000, 3_333)), deductible + draw.choice((0, 60_000, 300_000))
    card, visits = draw.randrange(1, 600) * 1_000, draw.randrange(1, 13)
    side = Network(deductible, limit, {"default": Benefit(coinsurance=share)}, allowed={"infusion": charge})
    case = infusions(*FILLS[:visits], charge=charge, plan=Plan({"out": side}), payer="employer-insured")
    nets = {}
    for said in ("counts", "does not count"):
        one = case.replace(paying=Paying(assistance=card, assistance_counts=said))  # type: ignore[arg-type]
        nets[said] = net(one)
        right = by_hand(charge, deductible, share, limit, card, visits, counts=said == "counts")
        assert nets[said] == right, said
        assert kc.estimate(one).likely == right
    assert nets["counts"] <= nets["does not count"]
    open_ = kc.estimate(case.replace(paying=Paying(assistance=card)))
    assert (open_.low, open_.high) == (nets["counts"], nets["does not count"])
