"""The dates to keep in mind and the numbers that an answer hangs on, worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest

import ketacost as kc
from ketacost.estimate.assumed import Assumed, assumed
from ketacost.estimate.estimate import Estimate
from ketacost.estimate.milestones import Milestone, milestones
from ketacost.estimate.resolve import Resolved, resolve
from ketacost.estimate.scenario import example
from ketacost.reports.summaries import SUMMARIES


def found(today: date, **entries: object) -> Estimate:
    return kc.estimate(resolve(kc.intake(entries), today))


def test_a_bill_is_sent_answered_and_appealed_on_its_days() -> None:
    """Bills go out every 30 days from November 30: on December 30. An answer takes 30 days, to January 29; a no can be
    appealed for 180 days, to July 28. The shortest filing limit seen is 60 days from November 30."""
    dates = milestones(kc.estimate(example("payer-employer-insured")))
    assert dates[:4] == (
        Milestone(date(2026, 12, 30), "send"),
        Milestone(date(2027, 1, 29), "answer", date(2026, 12, 30)),
        Milestone(date(2027, 1, 29), "file_by", date(2026, 11, 30)),
        Milestone(date(2027, 7, 28), "appeal_by", date(2027, 1, 29)),
    )


def test_a_request_comes_before_the_first_visit_and_its_no_can_be_appealed() -> None:
    """The first visit is on January 11; 15 days before is December 27. A no of January 11 can be appealed for 180 days."""
    asked = {"payer": "marketplace", "protocol": "spravato", "start": "2027-01-11"}
    dates = {one.what: one.day for one in milestones(found(date(2026, 11, 27), **asked))}
    assert (dates["request"], dates["answer"]) == (date(2026, 12, 27), date(2027, 1, 11))
    assert dates["appeal_by"] == date(2027, 7, 10)
    late = {one.what: one.day for one in milestones(found(date(2027, 1, 5), **asked))}
    assert (late["request"], late["answer"]) == (date(2027, 1, 5), date(2027, 1, 20))


def test_the_answer_counts_from_the_day_that_was_said_for_the_request() -> None:
    """Asked on January 4, the plan has 15 days, until January 19; a no of that day can be appealed for 180, to July 18."""
    asked = {"payer": "marketplace", "protocol": "spravato", "start": "2027-01-11"}
    on = {
        one.what: one.day for one in milestones(found(date(2026, 11, 27), **asked, **{"steps.asked_on": "2027-01-04"}))
    }
    assert (on["request"], on["answer"], on["appeal_by"]) == (date(2027, 1, 4), date(2027, 1, 19), date(2027, 7, 18))
    made = found(date(2026, 11, 27), **asked, **{"steps.asked_on": "2026-11-20"})
    assert next((one.day, one.what) for one in milestones(made)) == (date(2026, 12, 5), "answer"), (
        "it was made: none is due"
    )


def test_with_an_approval_there_is_nothing_to_ask_for() -> None:
    asked = {"payer": "marketplace", "protocol": "spravato", "start": "2027-01-11"}
    approved = found(date(2026, 11, 27), **asked, **{"approval.spravato.until": "2027-12-31"})
    assert [one.what for one in milestones(approved)] == ["approval_ends"]


def test_an_answer_after_the_first_visit_is_told_with_a_later_start() -> None:
    asked = {"payer": "marketplace", "protocol": "spravato", "start": "2027-01-11", "steps.asked_on": "2027-01-04"}
    (told,) = resolve(kc.intake(asked), date(2026, 11, 27)).conflicts
    assert told.sentence == "The plan may answer as late as Jan 19, 2027, after the first visit on Jan 11, 2027."
    assert told.counts
    assert told.ways[0] == ("Start on Jan 19, 2027", "start", "2027-01-19")
    assert resolve(kc.intake(asked).say("start", "2027-01-19"), date(2026, 11, 27)).conflicts == ()
    assert resolve(kc.intake(asked).say("approval.spravato.weeks", 20), date(2026, 11, 27)).conflicts == ()


def test_a_day_of_a_request_means_that_one_is_made_unless_it_was_said_that_none_is() -> None:
    asked = {"payer": "employer-insured", "protocol": "iv-mood", "network": "in", "steps.asked_on": "2026-12-01"}
    yes = resolve(kc.intake(asked), date(2026, 11, 27))
    assert yes.path is not None
    assert yes.path.ask_first
    no = resolve(kc.intake(asked).say("steps.ask_first", False), date(2026, 11, 27))
    assert no.path is not None
    assert not no.path.ask_first
    assert [(one.key, [way.key for way in one.ways]) for one in no.conflicts] == [
        ("steps.asked_on", ["steps.asked_on", "steps.ask_first"])
    ]


def test_no_date_before_the_day_of_the_numbers_is_given() -> None:
    entries = {"payer": "employer-insured", "start": "2026-12-07", "on_hand.fsa_left": 300}
    for today, first in ((date(2026, 11, 27), date(2026, 12, 31)), (date(2027, 1, 10), date(2027, 2, 5))):
        assert milestones(found(today, **entries))[0].day == first


def test_checks_come_where_the_plan_pays_and_no_appeal_where_it_surely_does() -> None:
    """The first infusion that is paid is the fifth, of December 21: its bill goes out on December 30, and the check comes
    42 days later."""
    scenario = example("readme-patient").replace(coverage="infusions too", ranges={}, odds={})
    side = scenario.plan.networks["out"]
    assert not isinstance(side, str)
    networks = {**scenario.plan.networks, "out": side.replace(allowed={**side.allowed, "infusion": 45_000})}
    dates = {
        one.what: one.day
        for one in milestones(kc.estimate(scenario.replace(plan=scenario.plan.replace(networks=networks))))
    }
    assert dates["first_check"] == date(2027, 2, 10)
    assert dates["plan_year"] == date(2027, 1, 1)
    assert "appeal_by" not in dates


def test_who_pays_alone_has_no_dates() -> None:
    assert milestones(kc.estimate(example("payer-self-pay"))) == ()


def test_the_numbers_that_the_answer_hangs_on_are_those_of_the_scenario() -> None:
    assert assumed(kc.estimate(example("readme-patient"))) == (
        Assumed("price", 28_800, 28_800, said=True, visits=1),
        Assumed("price", 50_000, 50_000, said=True, visits=15),
        Assumed("deductible", 225_000, 225_000),
        Assumed("allowed", 7_385, 45_000, service="infusion"),
        Assumed("share", 4_000, 4_000),
        Assumed("yes", 200, 200),
    )


def test_what_was_said_is_marked_and_what_is_not_known_has_two_ends() -> None:
    numbers = assumed(found(date(2026, 11, 27), payer="employer-insured", **{"prices.iv-mood.infusion": 475}))
    prices = [one for one in numbers if one.what == "price"]
    assert prices == [
        Assumed("price", 22_500, 28_800, visits=1),
        Assumed("price", 47_500, 47_500, said=True, visits=15),
    ]
    assert next(one for one in numbers if one.what == "designs").low > 1


def test_whose_terms_are_used_is_told_where_a_plan_was_assumed_or_is_another_payers() -> None:
    def told(**entries: str) -> list[str]:
        found = kc.estimate(
            kc.resolve(kc.intake({"payer": "medicaid", "protocol": "spravato", **entries}), date(2026, 11, 27))
        )
        return [one.plan for one in assumed(found) if one.what == "terms_of"]

    assert told() == ["Pennsylvania Medical Assistance copayments"]
    assert told(plan="nextgen-2026-750", network="in") == ["NextGen $750 Deductible Plan"]
    assert told(plan="medicaid-alabama") == []


def test_a_term_that_was_said_as_a_range_is_told_as_one() -> None:
    said = {
        "terms.out.deductible": "2,000 to 3,000",
        "terms.out.coinsurance": "40 to 50%",
        "prices.iv-mood.infusion": "450-500",
    }
    allowed = {"allowed.out.iv-mood.infusion": "100 to 300"}
    estimate = found(date(2026, 11, 27), payer="employer-insured", protocol="iv-mood", network="out", **said, **allowed)
    told = {one.what: (one.low, one.high, one.said) for one in assumed(estimate)}
    assert told["deductible"] == (2_000_00, 3_000_00, True)
    assert told["share"] == (40_00, 50_00, True)
    assert told["allowed"] == (100_00, 300_00, True)
    assert (450_00, 500_00, True) in [(one.low, one.high, one.said) for one in assumed(estimate) if one.what == "price"]


def test_what_is_counted_is_told_of_a_service_that_the_plan_may_cover() -> None:
    """Six dosing sessions cost most, but an answer that covers talk alone counts nothing of them."""
    said = {"payer": "employer-insured", "protocol": "kap", "network": "in", "prices.kap.dosing": 455}
    terms = {"prices.kap.integration": 165, "prices.kap.psychotherapy": 180, "coverage": "visits only"}
    (counted,) = [one for one in assumed(found(date(2026, 11, 27), **said, **terms)) if one.what == "allowed"]
    assert counted.service == "integration"


@pytest.mark.parametrize(("kind", "amounts"), [("aggregate", (4_000, 2_500)), ("embedded", (2_000, 100))])
def test_the_deductible_that_is_told_is_the_one_that_counts_in_a_family(kind: str, amounts: tuple[int, int]) -> None:
    """In an aggregate plan the family's amount comes first, and what the family has used of it."""
    said = {"payer": "employer-self-funded", "plan_kind": "HDHP", "network": "in", "family": True}
    terms = {"terms.in.deductible": 2_000, "terms.in.family_deductible": 4_000, "deductible_kind": kind}
    used = {"used.patient.in.deductible": 100, "used.family.in.deductible": 2_500, "start": "2026-11-30"}
    told = {one.what: one for one in assumed(found(date(2026, 11, 27), **said, **terms, **used))}
    assert told["deductible"][1:4] == (amounts[0] * 100, amounts[0] * 100, True)
    assert told["used"][1:4] == (amounts[1] * 100, amounts[1] * 100, True)


def test_a_copay_that_was_said_as_a_range_is_of_its_own_line() -> None:
    said = {"payer": "marketplace", "protocol": "spravato", "network": "in", "terms.in.copay": "20 to 50"}
    own = found(date(2026, 11, 27), **said, **{"terms.in.specialist.copay": 80, "terms.in.drug.copay": "100 to 200"})
    copays = {(one.low, one.high) for one in assumed(own) if one.what == "copay"}
    assert copays == {(80_00, 80_00), (100_00, 200_00)}


def test_a_range_is_written_as_it_was_said_on_the_page_and_over_the_form() -> None:
    said = {
        "terms.out.deductible": "2,000 to 3,000",
        "terms.out.coinsurance": "40 to 50%",
        "prices.iv-mood.infusion": "450-500",
    }
    estimate = found(date(2026, 11, 27), payer="employer-insured", protocol="iv-mood", network="out", **said)
    page = kc.handout(estimate)
    assert "$2,000 to $3,000 (you told us)" in page
    assert "40% to 50% (you told us)" in page
    scenario = estimate.scenario
    assert isinstance(scenario, Resolved)
    assert SUMMARIES["prices"](scenario) == "Ketamine infusion: $450 to $500"
    assert "deductible $2,000 to $3,000" in SUMMARIES["plan"](scenario)


def test_the_start_that_is_offered_after_an_answer_is_a_day_on_which_the_clinic_is_open() -> None:
    """Asked on December 10, the plan has until December 25, a holiday and a Friday: the next working day is the 28th."""
    asked = {"payer": "marketplace", "protocol": "spravato", "start": "2026-12-15", "steps.asked_on": "2026-12-10"}
    (told,) = resolve(kc.intake(asked), date(2026, 11, 27)).conflicts
    assert told.ways[0] == ("Start on Dec 28, 2026", "start", "2026-12-28")
