"""What was entered is never called our assumption, and what is not used or rests on an assumption is told."""

from datetime import date

import pytest

import ketacost as kc
from ketacost.estimate.assumed import assumed
from ketacost.estimate.estimate import Estimate, estimate
from ketacost.estimate.explain import citations_by_kind
from ketacost.estimate.intake import Between
from ketacost.model.allowed import typical_allowed
from ketacost.model.courses import typical_prices
from ketacost.reports.json_output import as_dict
from ketacost.reports.summaries import SUMMARIES
from ketacost.reports.text import answer_text

TODAY = date(2026, 11, 28)
ALONE = {
    "payer": "self-pay",
    "protocol": "iv-mood",
    "start": "2027-01-04",
    "visits.iv-mood.maintenance": 0,
    "prices.iv-mood.infusion": 510,
    "prices.iv-mood.evaluation": 255,
}
"""A visit of $255 and six of $510."""


def found(said: dict[str, object]) -> Estimate:
    return estimate(kc.resolve(kc.intake(said), TODAY))


def test_a_price_and_an_allowed_amount_that_were_entered_are_not_told_as_typical() -> None:
    """Also where they are what we would assume: $500 an infusion, of which the plan counts $300."""
    price, counts = typical_prices("iv-mood").charges["infusion"], typical_allowed()["infusion"]
    side: dict[str, object] = {"payer": "employer-insured", "standing": "out of network", "coverage": "infusions too"}
    said = side | {"prices.iv-mood.infusion": str(price // 100), "allowed.out.iv-mood.infusion": str(counts // 100)}
    assumed, entered = found(side), found(said)
    for start in ("We use typical charges ", "We use typical allowed amounts "):
        told = [note for one in (assumed, entered) for note in one.notes if note.startswith(start)]
        assert ["infusion" in note for note in told] == [True, False]
    for kind in ("charge", "allowed"):
        before, after = (len(citations_by_kind(one.shown)[kind]) for one in (assumed, entered))
        assert after == before - 1


def test_what_was_entered_for_another_network_or_treatment_is_told_as_not_used() -> None:
    """An in-network clinic, and the deductible of the other side: a reader of a file sees no form."""
    said = {"payer": "employer-insured", "standing": "in network", "terms.out.deductible": 1000}
    answer = found(said | {"prices.spravato.esketamine": 900})
    told = "You entered this, and it is not used here: prices.spravato.esketamine, terms.out.deductible."
    assert answer.unused == (told,)
    assert told in answer.not_used
    assert told in " ".join(answer_text(answer).split())
    assert told in as_dict(answer)["notes"]
    assert found({"payer": "employer-insured", "terms.out.deductible": 1000, "standing": "out of network"}).unused == ()


def test_a_price_that_no_visit_has_is_told_and_changes_nothing() -> None:
    """Six infusions of $510 and an evaluation of $255 are $3,315, also with a therapist's price that no visit bills."""
    answer = found(ALONE | {"prices.iv-mood.psychotherapy": 180})
    assert answer.main.likely == 331_500
    assert (
        "No visit of this course includes this service: psychotherapy, preparation. Its price is not used."
        in answer.not_used
    )
    assert found(ALONE).not_used == ()


def test_what_no_visit_has_is_neither_unknown_nor_asked_for() -> None:
    """Boosters alone, after an evaluation and a series that were paid: no price of an evaluation is open."""
    visits = {"visits.iv-mood.evaluation": 0, "visits.iv-mood.induction": 0}
    said: dict[str, object] = {"payer": "employer-insured", "network": "out", "visits.iv-mood.maintenance": 8}
    every, left = found(said), found(said | visits)
    assert any(one.path.endswith(".evaluation") for one in every.unknowns)
    assert not any("evaluation" in text for text in (*(one.path for one in left.unknowns), *left.notes))
    ranged = found(said | visits | {"visits.iv-mood.evaluation": Between(0, 1)})
    assert "prices.charges.evaluation" in {one.path for one in ranged.unknowns}


def test_visits_that_cost_nothing_are_not_told_as_included_in_another_charge() -> None:
    """The drug and the monitoring of six infusions are 12 lines; of six that are free, 18."""
    free = kc.statement(found(ALONE | {"prices.iv-mood.infusion": 0}).shown).footnote
    assert "18 lines at $0 are left out." in free
    assert "12 lines at $0, included in another charge, are left out." in kc.statement(found(ALONE).shown).footnote


def test_terms_that_were_entered_are_not_told_as_those_of_a_plan_that_nobody_has() -> None:
    """All that is asked of a network's terms: a program's printed ones, and what was read of some plan, say no more."""
    terms = {"deductible": 500, "out_of_pocket_limit": 4_000, "coinsurance": "40%"}
    for payer, network, told in (
        ("medicare-advantage", "out", "We use Medicare's"),
        ("tricare", "in", "We assume an active-duty family"),
        ("employer-insured", "out", "No plan was chosen. We counted"),
    ):
        said: dict[str, object] = {"payer": payer, "network": network, "protocol": "spravato", "start": "2027-01-04"}
        own: dict[str, object] = {f"terms.{network}.{name}": value for name, value in terms.items()}
        before, after = found(said), found(said | own)
        assert [any(told in note for note in one.notes) for one in (before, after)] == [True, False]
        assert "Your plan. " in SUMMARIES["plan"](after.scenario)
        assert "terms_of" not in {one.what for one in assumed(after)}
        assert not any(
            note.startswith("Our reading") for note in (after if payer != "employer-insured" else before).notes
        )
    copays: dict[str, object] = {"payer": "medicaid", "terms.in.copay": 3}
    assert [any("Pennsylvania's" in note for note in found(one).notes) for one in ({"payer": "medicaid"}, copays)] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("package", "net", "told"), [("6 for $2,400", 145_500, True), ("4 for $1,600", 287_500, False)]
)
def test_that_a_clinic_refunds_what_is_left_of_a_package_is_told_as_our_assumption(
    package: str, net: int, told: bool
) -> None:
    """$255 and three of six visits at $400, whose $1,200 come back; or all four and two more at $510."""
    stops: dict[str, object] = {"stop_after.iv-mood": 4} if told else {}
    answer = found(ALONE | stops | {"packages.iv-mood": package})
    assert answer.main.likely == net
    assert any("We assume that the clinic refunds $1,200.00" in note for note in answer.notes) is told
    kept = found(ALONE | stops | {"packages.iv-mood": f"{package}, not refundable"})
    assert kept.main.likely == (265_500 if told else net)
    assert not any("refunds" in note for note in kept.notes)


def test_a_package_is_read_without_for_and_when_it_ends_is_not_modeled() -> None:
    assert kc.intake({"packages.iv-mood": "6 infusions $2,400"}).value("packages.iv-mood")[0]["price"] == 2400
    with pytest.raises(kc.KetacostError, match="When a package expires is not modeled"):
        kc.intake({"packages.iv-mood": "6 for $2,400 within 90 days"})


def test_paying_without_insurance_and_a_kind_of_plan_contradict_each_other() -> None:
    answer = found(ALONE | {"plan_kind": "PPO"})
    assert answer.main.likely == 331_500
    assert answer.not_used == ("No claim is filed, so your plan pays nothing.",)
    what_if = found(ALONE | {"plan_kind": "PPO", "coverage": "infusions too"})
    assert "the terms used here are those of your plan" in what_if.conflicts[0]


def test_terms_beside_no_plan_are_not_called_those_of_a_plan_named_no_plan() -> None:
    assert found(ALONE | {"terms.out.deductible": 1000}).not_used == (
        "No plan was entered, so terms there are not used.",
    )


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "an HSA needs a plan that allows one, and no plan was entered."),
        ({"payer": "employer-insured", "plan_kind": "PPO", "hsa_eligible": False}, "the plan does not allow an HSA."),
    ],
)
def test_why_money_for_an_hsa_saves_nothing_names_no_plan_that_nobody_chose(said: dict[str, object], why: str) -> None:
    home: dict[str, object] = {"household.state": "TX", "next_contribution.payroll_hsa": 3000}
    assert found(ALONE | home | {"coverage": "denied"} | said).sentence.endswith(
        f"Money for an HSA saves nothing in 2027: {why}"
    )


def test_a_day_may_be_given_as_people_write_it_and_what_is_no_intake_is_told() -> None:
    said = kc.intake(payer="marketplace")
    assert kc.resolve(said, "11/28/2026") == kc.resolve(said, TODAY)
    assert kc.load("readme-patient", today="2026-11-28").today == TODAY
    with pytest.raises(kc.KetacostError, match=r"as in kc\.intake\(payer="):
        kc.resolve({"payer": "marketplace"}, TODAY)  # type: ignore[arg-type]


def test_a_budget_is_told_in_the_text_too() -> None:
    """Seven visits in one month, $3,315, where $400 a month can be paid."""
    told = " ".join(answer_text(found(ALONE | {"most_a_month": 400})).split())
    assert "1 month costs more than $400: January 2027 ($3,320)." in told
    assert "$400 does not pay for a whole visit, which costs $510." in told


def test_more_used_than_the_deductible_that_was_entered_is_told_though_no_plan_was_chosen() -> None:
    """$1,500 of $1,000: it is met, so each of six infusions of which $300 counts costs 40% of it, $120, and $200 above."""
    said: dict[str, object] = {
        "payer": "employer-self-funded",
        "plan_kind": "PPO",
        "coverage": "infusions too",
        "standing": "out of network",
        "prices.iv-mood.infusion": 500,
        "prices.iv-mood.evaluation": 250,
        "terms.out.deductible": 1000,
        "terms.out.coinsurance": "40%",
        "terms.out.out_of_pocket_limit": "unlimited",
        "terms.out.balance_bill": "owed",
        "allowed.out.iv-mood.infusion": 300,
        "allowed.out.iv-mood.evaluation": 200,
        "used.as_of": "2027-01-02",
        "used.patient.out.deductible": 1500,
    }
    answer = found(ALONE | said)
    assert answer.main.likely == 6 * 32_000 + 13_000
    assert "$1,500.00 is more than the plan's deductible of $1,000.00. We count $1,000.00." in answer.not_used


def test_a_sentence_about_what_is_not_used_is_told_once() -> None:
    answer = found(ALONE | {"terms.out.deductible": 1000, "terms.out.copay": 30})
    assert answer.not_used == ("No plan was entered, so terms there are not used.",)


def test_a_makers_program_leaves_ten_dollars_of_each_dose_and_says_so() -> None:
    """Eight doses at $900 of which $500 and 20% are yours, $1,840, and a $40 copay for each of nine visits.

    The program pays all but $10 of each dose (data/spravato_savings.csv, V01): $1,760, and $440 are left.
    """
    said: dict[str, object] = {"payer": "employer-insured", "plan_kind": "PPO", "protocol": "spravato"}
    said |= {"standing": "in network", "coverage": "infusions too", "start": "2027-01-04"}
    said |= {"visits.spravato.weeks 5-8": 0, "visits.spravato.weeks 9+": 0}
    prices, counts = ("esketamine", 1200, 900), ("observation", 300, 200)
    for service, charge, allowed in (prices, counts, ("evaluation", 250, 150)):
        said |= {f"prices.spravato.{service}": charge, f"allowed.in.spravato.{service}": allowed}
    said |= {"terms.in.deductible": 500, "terms.in.coinsurance": "20%", "terms.in.out_of_pocket_limit": 3000}
    said |= {"terms.in.specialist.copay": 40, "paying.assistance": 7150, "paying.assistance_counts": "counts"}
    card = found(said | {"paying.assistance_for": "spravato savings"})
    assert (card.main.bottom.assistance, card.main.likely) == (176_000, 44_000)
    assert "The maker's savings program leaves you $10 of each dose." in card.notes
    assert any("Spravato savings: drug, patient pays" in str(one) for one in card.sources)
    anybody = found(said)
    assert (anybody.main.bottom.assistance, anybody.main.likely) == (184_000 + 36_000, 0)


@pytest.mark.parametrize(("left", "told"), [(4_060, False), (4_061, True)])
def test_more_than_one_fsa_can_hold_is_told(left: int, told: bool) -> None:
    """In 2026 an FSA holds $3,400 and $660 carried over from 2025."""
    answer = found(ALONE | {"household.state": "TX", "on_hand.fsa_left": left})
    sentence = "$4,061 is more than one FSA holds, $3,400 of 2026 and $660 carried over: check it."
    assert (sentence in answer.conflicts) is told
    assert answer.scenario.on_hand.fsa_left == 100 * left


def test_a_limit_that_is_not_published_makes_nobody_doubt_an_fsa() -> None:
    """We have no FSA limit of 2027, and that of 2026 is not told as its."""
    said = ALONE | {"household.state": "TX", "on_hand.fsa_left": 9_000}
    told = estimate(kc.resolve(kc.intake(said), date(2027, 1, 2))).conflicts
    assert not [one for one in told if "one FSA holds" in one]
