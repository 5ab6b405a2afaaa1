"""Patients worked out by hand, in cents: what they pay in the end, how likely it is, and what they are told."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import permutations

import pytest
from small_scenarios import TEXAN

import ketacost as kc
from ketacost.analysis.alternatives import alternatives
from ketacost.estimate.estimate import Estimate, estimate
from ketacost.estimate.resolve import resolve
from ketacost.estimate.running import running
from ketacost.estimate.saying import intake_of
from ketacost.estimate.scenario import scenario_from
from ketacost.taxes.households import Contribution
from ketacost.workbench.session import Session

TODAY = date(2026, 11, 27)
ANSWERS = ("denied", "visits only", "infusions too")
SPRAVATO_ALONE = 3_598_800


def groups(found: Estimate) -> list[tuple[bool, Fraction, int, int, int]]:
    """Of each group: whether all visits take place, its chance, its likely net, and its 8 of 10."""
    return [(group.whole, group.chance, group.likely, group.p10, group.p90) for group in found.groups]


def test_the_readmes_patient() -> None:
    """An evaluation of $288 and 15 infusions of $500; NextGen counts $248.30 and $73.85, $300 or $450 (0.3, 0.4, 0.3), its
    deductible is $2,250 and its share 40%. The first visit and 6 infusions are of 2026, 9 of 2027.

    Denied (0.75), all is owed: 28,800 + 15 x 50,000 = 778,800. Visits only (0.23): the evaluation's 24,830 goes to the
    deductible: 778,800. Infusions too (0.02):
    - at 7,385: 24,830 + 6 x 7,385 and 9 x 7,385 stay below 225,000: 778,800 (0.006);
    - at 30,000: 24,830 + 180,000 stays below; 270,000 in 2027 is 45,000 above, of which the plan pays 60%: 27,000 less is
      751,800 (0.008);
    - at 45,000: 294,830 is 69,830 above and 405,000 is 180,000 above: 60% of them, 41,898 and 108,000, less is 628,902
      (0.006).
    778,800 has 0.75 + 0.23 + 0.006 = 0.986 = 493/500.
    """
    found = estimate(kc.example("readme-patient"))
    assert (found.likely, found.chance) == (778_800, 1)
    assert sum(case.chance for case in found.whole_cases if case.net == 778_800) == Fraction(493, 500)
    assert groups(found) == [
        (True, Fraction(98, 100), 778_800, 778_800, 778_800),
        (True, Fraction(2, 100), 751_800, 628_902, 778_800),
    ]
    assert [set(group.answers) for group in found.groups] == [{"denied", "visits only"}, {"infusions too"}]
    assert (found.p10, found.p90) == (778_800, 778_800)
    assert (found.low, found.high) == (628_902, 778_800)
    assert found.sentence == "You will almost certainly pay about $7,790 (98 in 100)."
    assert found.rest == "If the plan pays for the infusions too (1 in 50), you pay about $7,520, at best $6,290."


def test_what_the_readmes_patient_has_paid_by_the_end_of_the_first_series() -> None:
    """28,800 + 6 x 50,000; about half of those who begin go on, which multiplies nothing."""
    stages = running(estimate(kc.example("readme-patient")))
    assert stages.so_far[0].cents == 328_800
    assert stages.goes_on
    assert "42 of 85" in stages.goes_on.words


def test_a_va_facility() -> None:
    """16 visits at a copay of 5,000 each, no rating of 10% or more: a yes (0.24) is 80,000. Covers only the evaluation
    (0.02): 5,000, and no infusion takes place. No (0.74): nothing takes place, nothing is owed. Alone it is 778,800."""
    found = estimate(kc.example("payer-va-facility"))
    assert (found.likely, found.chance) == (80_000, Fraction(6, 25))
    stopped, whole = found.groups
    assert (whole.whole, whole.ends) == (True, (80_000, 80_000))
    assert (stopped.whole, stopped.chance, stopped.ends) == (False, Fraction(19, 25), (0, 5_000))
    assert (found.low, found.p10, found.p90, found.high) == (80_000,) * 4
    assert found.sentence == (
        "Most VA sites say no (about 3 in 4). Then you get no infusions there and owe VA little or nothing; paying for "
        "everything yourself would cost about $7,790. If your VA site offers it (about 1 in 4), you pay about $800."
    )
    assert "likely" not in found.sentence
    assert found.going_on == 778_800


def test_spravato_under_an_employers_plan_that_is_asked_first() -> None:
    """35 visits with a copay of $40 for the evaluation; the plan approves 81 in 100, and else only the evaluation takes
    place: the copay of 4,000 where it is covered, its charge of 28,800 where it is not."""
    scenario = kc.example("spravato-in-network")
    scenario = scenario.replace(payer="employer-insured", ranges={**scenario.ranges, "coverage": ANSWERS})
    found = estimate(scenario)
    assert (found.likely, found.chance) == (494_000, Fraction(81, 100))
    whole, stopped = found.groups
    assert (whole.whole, whole.p10, whole.p90) == (True, 457_200, 506_000)
    assert (stopped.whole, stopped.chance) == (False, Fraction(19, 100))
    assert {case.net for case in stopped.looked} == {4_000, 28_800}
    assert stopped.ends == (4_000, 28_800)
    assert stopped.visits == 1
    assert found.going_on == SPRAVATO_ALONE
    assert found.sentence == (
        "If the plan approves it (about 8 in 10), you pay about $4,940 ($4,570 to $5,060). If the plan says no "
        "(about 2 in 10), you pay $40 to $290 for the evaluation and get no doses; paying for everything yourself would "
        "cost about $35,990."
    )


def test_money_that_stays_in_an_hsa_is_neither_cost_nor_saving() -> None:
    """The VA yes costs 80,000. Of 440,000 put into an HSA directly 80,000 pay the visits, and 12% of these is saved: 9,600.
    The other 360,000 stay in the account: 80,000 - 9,600 = 70,400."""
    scenario = kc.example("payer-va-facility")
    plan = scenario.plan.replace(hsa_eligible=True)
    answered = scenario.replace(plan=plan, ranges={}, coverage="infusions too", household=TEXAN)
    assert estimate(answered).likely == 80_000
    for put_in in (80_000, 440_000):
        found = estimate(answered.replace(contribution=Contribution(direct_hsa=put_in)))
        assert (found.likely, found.chance) == (70_400, 1)


# What was said together


THREE = {"coverage": "denied", "plan": "va-2025", "network": "in"}


@pytest.mark.parametrize("order", list(permutations(THREE)))
def test_denied_va_and_in_network_is_an_estimate_in_any_order(order: tuple[str, ...]) -> None:
    """VA's own clinic bills nothing for care that it does not give: no visit takes place, and nothing is owed."""
    session = Session(today=TODAY)
    for key in order:
        session.serve({"path": key, "value": THREE[key]})
        shown = session.shown()
        assert shown["told"]["problems"] == {}
    found = session.estimate
    assert found.likely is None
    assert (found.main.likely, found.chance) == (0, 0)
    assert found.sentence == (
        "If VA pays nothing, you get no infusions that way; paying for everything yourself would cost about $7,790."
    )
    session.undo()
    assert session.shown()["head"]


def test_a_share_that_is_typed_holds_for_the_evaluation_too() -> None:
    """Typed over a published plan that prints 40%: 50% of what the plan counts, of the evaluation's $248.30 as of the
    infusions' $300. No deductible: 12,415 + 15 x 15,000 = 237,415, and what the plan does not count is owed on top: 3,970 +
    15 x 20,000 = 303,970."""
    said = {
        "plan": "nextgen-2026-750",
        "start": "2026-11-30",
        "network": "out",
        "coverage": "infusions too",
        "prices.iv-mood.evaluation": 288,
        "prices.iv-mood.infusion": 500,
        "allowed.out.iv-mood.evaluation": "248.30",
        "allowed.out.iv-mood.infusion": 300,
        "terms.out.deductible": 0,
        "terms.out.coinsurance": "50%",
        "terms.out.out_of_pocket_limit": "none",
        "used.patient.out.deductible": 0,
    }
    found = estimate(resolve(kc.intake(said), TODAY))
    assert {claim.line.service: claim.split.coinsurance for claim in found.shown.claims if claim.line.charge} == {
        "evaluation": 12_415,
        "infusion": 15_000,
    }
    assert found.likely == 237_415 + 303_970


def test_an_amount_that_is_said_beats_the_one_that_the_plan_prints() -> None:
    """NextGen prints $2,250 outside its network; $100 is said: of 24,830 + 6 x 30,000 the plan then pays 60% above 10,000."""
    said = {
        "plan": "nextgen-2026-750", "start": "2027-01-11", "coverage": "infusions too", "network": "out",
        "visits.iv-mood.maintenance": 0, "prices.iv-mood.evaluation": 288, "prices.iv-mood.infusion": 500,
        "allowed.out.iv-mood.evaluation": "248.30", "allowed.out.iv-mood.infusion": 300,
    }  # fmt: skip
    charge, counted = 28_800 + 6 * 50_000, 24_830 + 6 * 30_000
    for typed, deductible in (({}, 225_000), ({"terms.out.deductible": 100}, 10_000)):
        found = estimate(resolve(kc.intake({**said, **typed}), TODAY))
        paid = sum(claim.split.plan_pays for claim in found.shown.claims)
        assert found.likely == charge - paid
        assert paid == max(counted - deductible, 0) * 6 // 10


def test_what_a_plan_does_not_print_is_a_range_of_its_kind_and_a_question() -> None:
    """Cliff Berry's plan prints no share outside its network; of the published designs a tenth lie below 24%, half below 40%,
    a tenth above 50%. One infusion of $500, of which $300 count: 20,000 + 40% of 30,000 = 32,000; at 24% 27,200, at 50%
    35,000. The lines go on to 20% (26,000) and 52.5% (35,750)."""
    said = {
        "plan": "cliff-berry-2025-high-ppo", "start": "2027-01-11", "coverage": "infusions too", "network": "out",
        "visits.iv-mood.evaluation": 0, "visits.iv-mood.induction": 1, "visits.iv-mood.maintenance": 0,
        "prices.iv-mood.evaluation": 0, "prices.iv-mood.infusion": 500, "allowed.out.iv-mood.infusion": 300,
        "terms.out.deductible": 0, "terms.out.out_of_pocket_limit": "none",
    }  # fmt: skip
    scenario = resolve(kc.intake(said), TODAY)
    assert any("does not print its general share" in note for note in scenario.notes)
    found = estimate(scenario)
    assert found.likely == 32_000
    assert abs(found.p10 - 27_200) < 50
    assert abs(found.p90 - 35_000) < 50
    assert (found.low, found.high) == (26_000, 35_750)
    (known,) = estimate(resolve(kc.intake({**said, "terms.out.coinsurance": "50%"}), TODAY)).groups
    assert (known.low, known.likely, known.high) == (35_000, 35_000, 35_000)


def test_help_with_spravato_leaves_the_other_routes_alone() -> None:
    """The maker's program gives $4,560 at a commercial plan: off the $4,940 of that route, and off no VA copay."""
    said = intake_of(kc.example("spravato-in-network"), TODAY).say("payer", "employer-insured")
    helped = said.say("paying.assistance", 4_560).say("paying.assistance_for", "spravato savings")
    without, having = (
        {route.name: route.estimate.likely for route in alternatives(resolve(one, TODAY)) if route.estimate}
        for one in (said, helped)
    )
    assert (without.pop("as asked"), having.pop("as asked")) == (494_000, 494_000 - 456_000)
    assert {"va", "home"} <= set(without)
    assert having == without


def test_a_visit_in_the_network_and_its_drug_outside() -> None:
    """Field case 632: the limit in the network is met, so the visit costs $0; the drug costs 1,200 + 1,500."""
    plan = {
        "name": "PPO, in-network limit already met",
        "networks": {
            "in": {
                "deductible": 1000,
                "out_of_pocket_limit": 5000,
                "benefits": {"default": {"coinsurance": "20%"}},
                "allowed": {"observation": 180, "evaluation": 0},
            },
            "out": {
                "deductible": 2000,
                "out_of_pocket_limit": 10000,
                "balance_bill": "owed",
                "benefits": {"default": {"coinsurance": "50%"}},
                "allowed": {"esketamine": 1200},
            },
        },
    }
    met = {"as_of": date(2026, 5, 1), "members": {"patient": {"in": {"deductible": 1000, "out_of_pocket": 5000}}}}
    visits = {"evaluation": 0, "weeks 1-4": 1, "weeks 5-8": 0, "weeks 9+": 0}
    scenario = scenario_from(
        {
            "plan": plan,
            "used": met,
            "network": "in",
            "networks": {"esketamine": "out"},
            "coverage": "everything",
            "course": {"protocol": "spravato", "start": date(2026, 5, 5), "visits": visits},
            "prices": {"charges": {"evaluation": 0, "esketamine": 2700, "observation": 300}, "bundled": []},
        }
    )
    drug, visit = kc.run(scenario).claims
    assert (visit.network, visit.you_pay) == ("in", 0)
    assert (drug.network, drug.split.deductible, drug.split.balance_bill) == ("out", 120_000, 150_000)
    assert kc.estimate(scenario).likely == 270_000


def test_a_service_in_another_network_takes_that_sides_terms() -> None:
    entries = {"payer": "employer-insured", "plan": "nextgen-2026-750", "protocol": "spravato", "network": "in"}
    inside = resolve(kc.intake(entries), TODAY)
    mixed = resolve(kc.intake({**entries, "networks.esketamine": "out"}), TODAY)
    assert "plan.networks.in.allowed.esketamine" in inside.ranges
    assert "plan.networks.out.allowed.esketamine" in mixed.ranges
    assert "plan.networks.in.allowed.evaluation" in mixed.ranges
    assert "used.members.patient.out.deductible" in mixed.ranges
    assert {claim.network for claim in kc.estimate(mixed).shown.claims if claim.line.service == "esketamine"} == {"out"}
    nowhere = resolve(kc.intake({**entries, "networks.esketamine": "preferred"}), TODAY)
    assert [one.key for one in nowhere.conflicts] == ["networks.esketamine"]
    assert kc.estimate(nowhere).likely == kc.estimate(inside).likely


@pytest.mark.parametrize(
    ("following", "in_2027"),
    [
        ({}, 2_500 + (4_800 - 2_500) / 2),
        ({"next_terms.out.deductible": 2_750}, 2_750 + (4_800 - 2_750) / 2),
        ({"next_terms.out.deductible": 0, "next_terms.out.coinsurance": "20%"}, 4_800 * 0.2),
    ],
)
def test_a_course_over_new_year_takes_next_years_terms(following: dict[str, object], in_2027: float) -> None:
    """$2,100 is left in 2026: $200 and three infusions counted at $400 go to it. Twelve infusions follow in 2027.

    Above what the plan counts: $100 of the evaluation, $75 of each of 15 infusions.
    """
    entries: dict[str, object] = {"payer": "employer-self-funded", "plan_kind": "PPO", "network": "out"}
    entries |= {"protocol": "iv-mood", "start": "2026-12-15", "coverage": "infusions too"}
    entries |= {"terms.out.deductible": 2_500, "terms.out.coinsurance": "50%", "terms.out.out_of_pocket_limit": 9_000}
    entries |= {"prices.iv-mood.infusion": 475, "prices.iv-mood.evaluation": 300}
    entries |= {"allowed.out.iv-mood.infusion": 400, "allowed.out.iv-mood.evaluation": 200}
    entries |= {"used.patient.out.deductible": 400, "used.as_of": "2026-11-20"}
    found = estimate(resolve(kc.intake({**entries, **following}), TODAY))
    assert found.likely == round((200 + 3 * 400 + in_2027 + 100 + 15 * 75) * 100)
    assert {case.net for case in found.whole_cases} == {found.likely}
