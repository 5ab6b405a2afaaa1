"""The money calendar on the days that decide, worked out by hand: pay days, decisions, packages, months, what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from small_scenarios import APPEAL, TEXAN, appealed, infusions, side
from test_calendar import hsa_allowed, package, told
from test_calendar_by_hand import made, months

import ketacost as kc
from ketacost.accounts.contributions import OnHand
from ketacost.accounts.loans import Loan, Paying
from ketacost.estimate.calendar import Calendar
from ketacost.estimate.cash_flow import Owed
from ketacost.estimate.outlook import outlook
from ketacost.estimate.scenario import Scenario
from ketacost.model.courses import Package
from ketacost.model.coverage import DecisionPath
from ketacost.model.plans import Benefit
from ketacost.taxes.households import Contribution


def calendar_of(scenario: Scenario, today: date | None = None) -> Calendar:
    return kc.calendar(kc.run(scenario), today=today)


# The path


@pytest.mark.parametrize(
    ("last", "checks"),
    [
        ("2026-05-31", ["2026-04-13 check -180.00", "2026-07-12 appeal check -420.00"]),
        ("2026-06-01", ["2026-04-13 check -180.00", "2026-07-12 appeal check -210.00", "2026-07-13 check -210.00"]),
    ],
)
def test_a_bill_sent_by_the_day_of_the_decision_is_paid_with_it(last: str, checks: list[str]) -> None:
    """The appeal is won on May 31; a check takes 42 days."""
    scenario = appealed(side())
    dates = (*scenario.course.dates[:2], date.fromisoformat(last))
    found = calendar_of(scenario.replace(course=replace(scenario.course, dates=dates)))
    assert told(found, "check", "appeal check") == checks


@pytest.mark.parametrize(
    ("ask_first", "steps"),
    [
        (False, ["2026-03-02 step 5.00", "2026-04-01 step 25.00", "2026-05-31 step 10.00"]),
        (True, ["2026-02-15 step 3.00", "2026-03-02 step 25.00", "2026-04-01 step 10.00"]),
    ],
)
def test_a_review_is_asked_for_when_the_appeal_is_answered(ask_first: bool, steps: list[str]) -> None:
    """A claim is answered in 30 days and its appeal in 60; a request in 15 and its appeal in 30."""
    costs = {"prior_authorization": 300, "claim": 500, "internal_appeal": 2_500, "external_review": 1_000}
    path = DecisionPath(0, 10_000, 0, 10_000, ask_first=ask_first, appeal=True, review=True, step_costs=costs)
    assert told(calendar_of(appealed(side()).replace(path=path)), "step") == steps


def test_a_step_that_costs_nothing_is_not_in_the_calendar() -> None:
    scenario = appealed(side()).replace(path=APPEAL.replace(step_costs={"internal_appeal": 2_500}))
    assert told(calendar_of(scenario), "step") == ["2026-04-01 step 25.00"]


@pytest.mark.parametrize(
    ("visits", "first"), [(4_000, "2026-04-13 check -180.00"), (3_999, "2026-05-13 appeal check -390.00")]
)
def test_after_a_no_to_a_request_the_likelier_answer_about_the_visits_is_taken(visits: int, first: str) -> None:
    """A no has a chance of 80%: half of it leaves the visits covered, or a hundredth of a percent less."""
    path = DecisionPath(2_000, visits, internal=10_000, ask_first=True, appeal=True)
    scenario = appealed(side()).replace(path=path)
    won = next(end for end in outlook(scenario).ends if "Appeal: won" in end.end.branches)
    assert told(kc.calendar(kc.run(scenario), won), "check", "appeal check")[0] == first


def test_a_claim_that_was_denied_brings_all_of_it_after_the_appeal() -> None:
    scenario = appealed(side()).replace(path=APPEAL.replace(visits=6_000))
    denied = next(end for end in outlook(scenario).ends if "Claim: denied" in end.end.branches)
    assert told(kc.calendar(kc.run(scenario), denied), "check", "appeal check") == [
        *("2026-07-12 appeal check -390.00", "2026-08-17 check -210.00")
    ]


# Packages and deposits


def in_network(*packages: Package) -> Scenario:
    """Four infusions at $500, of which the plan pays 60% of $350 and writes off the rest: $140 are the patient's."""
    plain = infusions("2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23")
    plan = plain.plan.replace(networks={"in": side(balance_bill="written off")})
    prices = plain.prices.replace(packages=packages)
    return plain.replace(plan=plan, network="in", prices=prices)


def test_what_a_package_pays_above_the_patients_part_comes_back_visit_by_visit() -> None:
    """Two packages of two for $1,000: $360 of each $500 come back, and wait from the first package on."""
    found = calendar_of(in_network(Package("infusion", 2, 100_000, True), Package("infusion", 2, 100_000, True)))
    assert told(found) == [
        *("2026-03-02 package 1000.00", "2026-03-02 refund -360.00", "2026-03-09 refund -360.00"),
        *("2026-03-16 package 1000.00", "2026-03-16 refund -360.00", "2026-03-23 refund -360.00"),
    ]
    bought = date(2026, 3, 2)
    assert found.owed == tuple(Owed(bought, date(2026, 3, day), 36_000) for day in (9, 16, 23))
    assert found.net == 4 * 14_000


def test_a_package_of_fewer_visits_than_were_made_leaves_the_others_to_pay() -> None:
    plain = package(refundable=False)
    two = plain.replace(prices=plain.prices.replace(packages=(Package("infusion", 2, 100_000, False),)))
    assert told(calendar_of(two)) == [
        *("2026-03-02 package 1000.00", "2026-03-16 visit 600.00", "2026-03-23 visit 600.00")
    ]


def test_a_free_package_of_the_same_day_does_not_hide_what_was_paid_ahead() -> None:
    """Of $500 that the package pays $360 are not owed; its other $500 and the free package are not used."""
    packages = (Package("infusion", 2, 100_000, True), Package("evaluation", 1, 0, False))
    found = calendar_of(in_network(*packages).replace(course=infusions("2026-03-02").course))
    assert told(found) == ["2026-03-02 package 1000.00", "2026-03-02 refund -360.00", "2026-03-02 refund -500.00"]


def test_a_package_that_was_not_used_and_is_not_paid_back_is_bought_on_the_last_day() -> None:
    found = calendar_of(in_network(Package("evaluation", 1, 20_000, False)))
    assert told(found, "package") == ["2026-03-23 package 200.00"]
    assert [entry.cents for entry in found.entries_of("visit")] == [14_000] * 4


def test_a_deposit_larger_than_a_package_pays_for_it_and_the_rest_comes_back() -> None:
    paying = Paying(deposit=310_000, deposit_days=10)
    found = calendar_of(package(refundable=True).replace(paying=paying))
    assert told(found) == [*("2026-02-20 deposit 3100.00", "2026-03-23 refund -1000.00", "2026-03-23 refund -100.00")]
    assert found.owed == (
        *(Owed(date(2026, 2, 20), date(2026, 3, 23), 10_000), Owed(date(2026, 3, 2), date(2026, 3, 23), 100_000)),
    )


# Accounts


def test_a_pay_day_that_is_today_is_still_to_come() -> None:
    """$2,600 of an FSA is $100 on each of 26 pay days, $300 of an HSA $100 on each of the last three."""
    for day, left in ((date(2026, 12, 2), 3), (date(2026, 12, 3), 2)):
        fsa = calendar_of(hsa_allowed("2026-12-07", contribution=Contribution(health_fsa=260_000)), day)
        assert [entry.cents for entry in fsa.entries_of("contribution")] == [10_000] * left
        hsa = calendar_of(hsa_allowed("2026-12-07", contribution=Contribution(payroll_hsa=30_000)), day)
        assert [entry.cents for entry in hsa.entries_of("contribution")] == [30_000 // left] * left


@pytest.mark.parametrize("day", [1, 6])
def test_an_election_of_next_year_is_spread_over_the_pay_days_still_to_come(day: int) -> None:
    """From May 1, 2027, and from the pay day of May 6 on, 18 of its 26 pay days are left."""
    scenario = hsa_allowed("2027-06-07", next_contribution=Contribution(health_fsa=180_000))
    found = calendar_of(scenario, date(2027, 5, day))
    rows = found.entries_of("contribution")
    assert ([entry.cents for entry in rows], rows[0].day) == ([10_000] * 18, date(2027, 5, 6))


def test_an_hsa_fills_on_its_pay_days_also_where_the_course_is_still_to_come() -> None:
    """$100 on each of 26 pay days from January 14: on February 2 it holds $200 of $350, and pays the rest as it fills."""
    scenario = hsa_allowed(charge=35_000, contribution=Contribution(payroll_hsa=260_000))
    found = calendar_of(scenario, date(2026, 1, 10))
    assert told(found, "hsa") == ["2026-02-02 hsa -200.00", "2026-02-11 hsa -100.00", "2026-02-25 hsa -50.00"]


def test_a_visit_today_is_a_course_to_come() -> None:
    scenario = hsa_allowed("2026-12-07", contribution=Contribution(health_fsa=260_000))
    rows = [calendar_of(scenario, date(2026, 12, day)).entries[0] for day in (7, 8)]
    assert [(row.day, row.kind) for row in rows] == [(date(2026, 12, 7), "visit"), (date(2026, 1, 14), "contribution")]


def test_money_from_pay_and_from_the_bank_saves_its_tax_in_the_year_and_on_the_return() -> None:
    """$600 of an HSA, half from pay: 12% of all of it, and 7.65% of what pay put in."""
    found = calendar_of(hsa_allowed(contribution=Contribution(payroll_hsa=30_000, direct_hsa=30_000)))
    assert told(found, "contribution")[-1] == "2026-12-31 contribution 11.53"
    assert told(found, "tax")[-1] == "2027-04-15 tax -36.00"
    assert found.bottom.tax_saved == 7_200 + 2_295


def test_what_the_hsa_did_not_need_comes_from_the_bank_on_its_last_day() -> None:
    scenario = hsa_allowed(contribution=Contribution(direct_hsa=100_000), on_hand=OnHand(hsa_balance=60_000))
    assert told(calendar_of(scenario)) == [
        *("2026-02-02 visit 600.00", "2026-02-02 on hand 600.00", "2026-02-02 hsa -600.00"),
        *("2027-04-15 contribution 1000.00", "2027-04-15 kept -1000.00"),
    ]


def test_what_an_fsa_carries_over_is_kept() -> None:
    """Of $1,000 the visit takes $600; $400 are carried over."""
    scenario = hsa_allowed(contribution=Contribution(health_fsa=100_000), on_hand=OnHand(fsa_at_end="carried over"))
    found = calendar_of(scenario)
    assert told(found, "kept") == ["2026-12-31 kept -400.00"]
    assert (found.bottom.kept, found.bottom.lost) == (40_000, 0)


def test_what_is_kept_stands_on_the_last_day_of_all() -> None:
    """The infusion of January costs nothing, so its day has no other line."""
    plain = hsa_allowed("2026-12-07", "2027-01-04", contribution=Contribution(payroll_hsa=260_000))
    free = side(benefits={"default": Benefit(coinsurance=0)}, allowed={"default": 60_000}, balance_bill="written off")
    plan = plain.plan.replace(networks={"in": free})
    found = calendar_of(plain.replace(plan=plan, network="in", coverage="infusions too"))
    assert told(found, "kept") == ["2027-01-04 kept -2600.00"]


def test_a_loan_pays_what_help_and_accounts_leave() -> None:
    """Of $600 help pays 100, an HRA 50, an FSA 200 and an HSA 70: 180 are left, and of $1,000 lent no more is needed."""
    paying = Paying(assistance=10_000, hra=5_000, loan=Loan(100_000, 0, 1))
    found = calendar_of(
        hsa_allowed(contribution=Contribution(health_fsa=20_000), on_hand=OnHand(hsa_balance=7_000), paying=paying)
    )
    bottom = found.bottom
    assert (bottom.assistance, bottom.hra, bottom.fsa, bottom.hsa) == (10_000, 5_000, 20_000, 7_000)
    assert (bottom.loan, bottom.cash) == (18_000, 0)


def test_without_a_household_the_money_of_both_years_is_left_out_and_told() -> None:
    both = {"contribution": Contribution(health_fsa=10_000), "next_contribution": Contribution(health_fsa=10_000)}
    assert "No household is given" in calendar_of(infusions("2026-03-02", **both)).bottom.note
    found = calendar_of(infusions("2026-03-02", household=TEXAN, **both))
    assert found.bottom.note == ""
    assert any(note.startswith("We assume that pay days are spread evenly") for note in found.notes)


# Months


def test_a_month_that_begins_with_the_last_line_is_in_the_calendar() -> None:
    found = made(("2026-01-10", 600, "visit"), ("2026-02-01", -250, "check"))
    assert months(found) == [("2026-01", 600, 0, 600, 0), ("2026-02", 0, 250, 350, 0)]


def test_money_from_a_lender_is_not_spent_on_a_day_without_a_visit() -> None:
    found = made(("2026-01-10", -500, "loan"), ("2026-01-12", 15, "step"), ("2026-02-10", 500, "loan"))
    assert [(month.out, month.back) for month in found.months] == [(1_500, 0), (50_000, 0)]


def test_a_deposit_is_paid_before_the_first_visit_and_its_rest_comes_back_after_the_last() -> None:
    """Six sessions at home, $100 each and one a week, take $600 of $1,000; $400 come back on the day of the last."""
    course = kc.Course("home-oral", date(2026, 3, 2))
    home = in_network().replace(course=course, prices=kc.Prices({"home_dose": 10_000}), coverage="denied")
    found = calendar_of(home.replace(paying=Paying(deposit=100_000, deposit_days=10)))
    assert told(found) == ["2026-02-20 deposit 1000.00", "2026-04-06 refund -400.00"]
    assert found.last_visit == date(2026, 4, 6)


@pytest.mark.parametrize(("days", "visits"), [(("2026-03-02",), "1 visit"), (("2026-03-02", "2026-03-09"), "2 visits")])
def test_a_check_says_for_how_many_visits_it_is(days: tuple[str, ...], visits: str) -> None:
    (check,) = calendar_of(infusions(*days)).entries_of("check")
    assert check.label == f"The plan's check for {visits}"


def test_a_filing_service_keeps_its_share_of_every_bill_in_a_check_and_nothing_where_the_plan_pays_the_clinic() -> None:
    """The plan pays back $30 and $210 in one check, of which a tenth is kept."""
    paying = Paying(filing_fee=1_000)
    found = calendar_of(infusions("2026-03-02", "2026-03-09", paying=paying))
    assert told(found, "filing fee", "check") == ["2026-05-13 filing fee 24.00", "2026-05-13 check -240.00"]
    assert found.bottom.filing_fee == 2_400
    assert calendar_of(in_network().replace(paying=paying)).bottom.filing_fee == 0


# Notes


@pytest.mark.parametrize(
    ("scenario", "noted"),
    [
        (infusions("2026-03-02"), True),
        (infusions("2026-03-02", "2026-03-09", charge=20_000), True),
        (infusions("2026-03-02", coverage="denied"), False),
        (infusions("2026-03-02", payer="employer-self-funded"), False),
    ],
    ids=["a check", "a check for the second visit", "no check", "a payer whose days are known"],
)
def test_days_that_are_assumed_are_told_where_a_check_comes(scenario: Scenario, noted: bool) -> None:
    notes = ("Check dates assume an employer plan, because no payer was chosen",)
    assert calendar_of(scenario).notes == notes * noted


def test_pay_days_are_noted_where_something_is_put_in() -> None:
    notes = calendar_of(infusions("2026-03-02", coverage="denied", household=TEXAN)).notes
    assert notes == ()
