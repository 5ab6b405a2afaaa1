"""What is assumed of a plan's terms and of what was used: the same whether it is left out or said not to be known."""

from __future__ import annotations

from datetime import date

import pytest
from random_intakes import TODAY, amounts_of

import ketacost as kc
from ketacost.estimate.estimate import Estimate
from ketacost.estimate.intake import OneOf
from ketacost.estimate.resolve import Resolved, resolve
from ketacost.estimate.scenario import in_years
from ketacost.model.plans import Network
from ketacost.workbench.form import form
from ketacost.workbench.session import Session

FIGURES = ("net", "low", "high")


def resolved(**entries: object) -> Resolved:
    return resolve(kc.intake({key.replace("__", "."): value for key, value in entries.items()}), TODAY)


def found(**entries: object) -> Estimate:
    return kc.estimate(resolved(**entries))


@pytest.mark.parametrize("payer", ["employer-insured", "marketplace", "hmo-epo"])
def test_what_was_used_is_the_same_left_out_or_not_known(payer: str) -> None:
    left_out = found(payer=payer, protocol="spravato")
    not_known = found(payer=payer, protocol="spravato", used__patient__in__deductible=kc.UNKNOWN)
    assert amounts_of(not_known) == amounts_of(left_out)
    assert "used.members.patient.in.deductible" in {one.path for one in not_known.unknowns}


def test_what_went_to_a_deductible_counts_toward_the_limit() -> None:
    plan: dict[str, object] = {"payer": "employer-self-funded", "protocol": "spravato", "network": "in"}
    plan |= {"plan_year_starts": 9}
    plan |= {"terms__in__deductible": 3_400, "terms__in__out_of_pocket_limit": 7_000, "terms__in__coinsurance": "20%"}
    used = resolved(**plan, used__patient__in__deductible=1_700)
    assert used.used.members["patient"]["in"].out_of_pocket == 170_000
    assert used.basis["used.patient.in.out_of_pocket"].state == "assumed"
    both = found(**plan, used__patient__in__deductible=1_700, used__patient__in__out_of_pocket=1_700)
    assert amounts_of(kc.estimate(used)) == amounts_of(both)
    less = found(**plan, used__patient__in__deductible=1_700, used__patient__in__out_of_pocket=0)
    assert (less.likely or 0) > (both.likely or 0), "what was said is used"


@pytest.mark.parametrize(
    ("payer", "plan", "term"),
    [
        ("va-community-care", "va-2025-rated", "coinsurance"),
        ("va-facility", "va-2025", "deductible"),
        ("medicare-part-b", "medicare-part-b-2026", "coinsurance"),
        ("medicaid", "medicaid-pennsylvania", "deductible"),
    ],
)
def test_a_printed_term_that_is_not_known_is_taken_as_printed(payer: str, plan: str, term: str) -> None:
    """The terms of commercial plans say nothing of a program's."""
    entries: dict[str, object] = {"payer": payer, "plan": plan, "protocol": "spravato", "network": "in"}
    assert amounts_of(found(**entries, **{f"terms__in__{term}": kc.UNKNOWN})) == amounts_of(found(**entries))


def test_who_pays_alone_has_no_answer_of_a_plan() -> None:
    """What was said of one waits: it changes no amount, and no control asks for it."""
    alone = found(payer="self-pay", protocol="spravato")
    answers = {"denied_line": kc.UNKNOWN, "if_denied": "stop", "coverage": "infusions too", "steps.ask_first": True}
    for key, value in answers.items():
        scenario = resolve(kc.intake({"payer": "self-pay", "protocol": "spravato", key: value}), TODAY)
        assert amounts_of(kc.estimate(scenario)) == amounts_of(alone), key
        assert key in scenario.dormant
        assert key not in {control["path"] for step in form(scenario) for control in step["controls"]}


@pytest.mark.parametrize(
    "entries",
    [
        {"payer": "employer-insured", "protocol": "spravato", "used.patient.in.deductible": kc.UNKNOWN},
        {"payer": "employer-insured", "terms.out.pays": kc.UNKNOWN},
        {"payer": "hmo-epo", "network": "out", "terms.out.pays": kc.UNKNOWN},
    ],
)
def test_every_end_of_a_range_says_why(entries: dict[str, object]) -> None:
    session = Session(kc.intake(entries), today=TODAY)
    for figure in FIGURES:
        session.serve({"do": "why", "figure": figure})
        told = session.shown()["told"]
        assert "problem" not in told
        assert told["window"]["html"]


def test_what_an_account_needs_is_told() -> None:
    assert (
        "Enter your state: until then an FSA or HSA saves no tax here."
        in resolved(payer="employer-insured", contribution__health_fsa=2_000).notes
    )
    rests = "Tax savings assume wages of $60,000, age 40, a single filer. Enter yours."
    assert rests in resolved(payer="employer-insured", household__state="TX", contribution__health_fsa=2_000).notes
    loan = "You did not enter the loan's rate. We use a range from 0% to a medical credit card's rate."
    assert loan in resolved(payer="self-pay", paying__loan__amount=5_000).notes


def test_an_approval_that_ends_says_what_comes_after_it() -> None:
    entries: dict[str, object] = {"payer": "employer-insured", "plan": "nextgen-2026-750", "network": "in"}
    told = found(**entries, protocol="spravato", approval__spravato__until="2027-02-01").sentence
    alone = "without it about $23,100."  # 22 doses at $1,050
    assert told.endswith(f"The other 22 need a new approval: with one you pay about $1,640 more, {alone}")
    assert (
        date(2027, 2, 1)
        == resolved(**entries, protocol="spravato", approval__spravato__until="2027-02-01").covered_until
    )


def test_a_chance_near_one_half_is_not_most() -> None:
    told = found(payer="medicaid", protocol="spravato", **{"odds.medicaid.spravato.infusions": "49%"}).sentence
    assert "If Medicaid says no (about 5 in 10)" in told
    assert "usually" not in told


def test_a_clinic_bears_a_line_before_coverage_begins_as_any_denied_line() -> None:
    """What the quick walk gives is what the shown lines come to."""
    entries = {"plan": "va-2025", "network": "preferred", "if_denied": "stop", "like_spravato_from": "2027-09-30"}
    estimate = kc.estimate(resolve(kc.intake({**entries, "waived": True}), TODAY))
    for group in estimate.groups:
        assert group.bottom.net == group.likely


def test_next_years_limit_above_the_familys_raises_the_familys() -> None:
    """Whatever family amount was assumed; a family amount that was said for next year caps one person's."""
    entries: dict[str, object] = {"payer": "tricare", "family": True, "next_terms__out__out_of_pocket_limit": 13_412}
    assert found(**entries).sentence
    (version,) = in_years(resolved(**entries), resolved(**entries).plan).versions
    side = version.plan.networks["out"]
    assert isinstance(side, Network)
    assert side.family_out_of_pocket_limit == 1_341_200
    capped = resolved(**entries, next_terms__out__family_out_of_pocket_limit=5_000)
    side = in_years(capped, capped.plan).versions[0].plan.networks["out"]
    assert isinstance(side, Network)
    assert (side.out_of_pocket_limit, side.family_out_of_pocket_limit) == (500_000, 500_000)


def test_next_years_terms_begin_with_the_plan_year_that_is_drawn() -> None:
    """The quick walk and the lines agree on the day, whichever month the plan year is drawn to begin in."""
    entries: dict[str, object] = {"payer": "employer-insured", "network": "out", "coverage": "infusions too"}
    entries |= {"plan_year_starts": OneOf(("1", "9")), "next_terms__out__deductible": 0}
    estimate = found(**entries)
    for group in estimate.groups:
        assert group.bottom.net == group.likely
    nets = estimate.main.nets
    for case in estimate.main.looked[:24]:
        claims = nets.claims(case.choice, case.ending)
        assert sum(claim.you_pay for claim in claims) == case.net


def test_who_owes_a_denied_visit_is_no_likely_cost() -> None:
    """With a notice or without one: nothing, or all of it, and neither is the likely one."""
    told = found(payer="medicare-part-b").sentence
    assert told.startswith("You will pay nothing or about $7,790 (we count both as equally likely);")


def test_a_dose_that_stays_at_56_mg_is_allowed_what_its_bundle_is() -> None:
    entries: dict[str, object] = {"payer": "marketplace", "protocol": "spravato", "network": "in"}
    low = {f"dose.spravato.{phase}": 56 for phase in ("weeks 1-4", "weeks 5-8", "weeks 9+")}
    path = "plan.networks.in.allowed.esketamine"
    assert resolved(**entries, **low).ranges[path] == ("952.59", "952.59", "1047.85")
    assert resolved(**entries).ranges[path] == ("952.59", "1240.00", "1356.08")


def test_once_the_familys_deductible_is_met_nobody_asks_what_the_patient_has_used() -> None:
    said = {"payer": "employer-insured", "network": "out", "family": True, "start": "2026-12-07"}
    said |= {"terms.out.deductible": 1_500, "terms.out.family_deductible": 3_000, "used.as_of": "2026-11-20"}
    for used, unknown in ((2_000, True), (3_000, False)):
        scenario = kc.resolve(kc.intake(said | {"used.family.out.deductible": used}), TODAY)
        assert ("used.members.patient.out.deductible" in scenario.ranges) is unknown
    assert "nothing is left" in scenario.basis["used.patient.out.deductible"].why


@pytest.mark.parametrize("payer", ["employer-insured", "hmo-epo", "medicare-advantage"])
@pytest.mark.parametrize("owes", ["patient", "provider", kc.UNKNOWN])
def test_what_a_plan_answers_changes_nothing_where_it_has_no_benefit(payer: str, owes: object) -> None:
    """It pays none of ten visits at $400: whoever owes a denied visit owes each, and the walk gives what is shown."""
    visits = {"visits.iv-mood.evaluation": 0, "visits.iv-mood.induction": 10, "visits.iv-mood.maintenance": 0}
    said = {"payer": payer, "network": "out", "terms.out.pays": False, "prices.iv-mood.infusion": 400, **visits}
    for answer in ("denied", "visits only", "infusions too", kc.UNKNOWN):
        estimate = kc.estimate(resolve(kc.intake({**said, "denied_line": owes, "coverage": answer}), TODAY))
        nets = {"patient": {400_000}, "provider": {0}}.get(str(owes), {0, 400_000})
        assert {case.net for case in estimate.whole_cases} == nets
        assert estimate.shown.you_pay == estimate.main.likely
        assert len(estimate.groups) == 1


@pytest.mark.parametrize("protocol", kc.data.protocols())
def test_a_yes_to_the_doses_counts_every_line_that_carries_a_charge(protocol: str) -> None:
    """In network, nothing of the deductible left and no share: a plan that covers the doses leaves nothing to pay."""
    terms = {"terms.in.deductible": 0, "terms.in.coinsurance": "0%", "terms.in.copay": 0, "coverage": "infusions too"}
    said = {"payer": "employer-insured", "network": "in", "protocol": protocol, **terms}
    estimate = kc.estimate(resolve(kc.intake(said), TODAY))
    assert {case.net for case in estimate.whole_cases} == {0}
    assert estimate.shown.you_pay == 0


@pytest.mark.parametrize("plan", ["", "covered-california-2026-bronze-60"])
def test_a_copay_that_was_said_holds_for_the_first_visits_of_a_year_too(plan: str) -> None:
    """Bronze 60 has its own copay for three first visits of a specialist: $65 that was said stands in its place."""
    said = {"payer": "marketplace", "protocol": "spravato", "network": "in", "coverage": "visits only"}
    said |= {"terms.in.specialist.copay": 65, "terms.in.specialist.deductible_applies": False}
    said |= {"prices.spravato.evaluation": 250, "allowed.in.spravato.evaluation": 250} | (
        {"plan": plan} if plan else {}
    )
    estimate = kc.estimate(resolve(kc.intake({**said, "if_denied": "go on"}), TODAY))
    (first, *_) = [claim for claim in estimate.shown.claims if claim.line.charge]
    assert first.you_pay == 6_500
    for design in estimate.scenario.designs.values():
        side = design.networks["in"]
        assert isinstance(side, Network)
        assert side.benefits["specialist"].first_visits is None
