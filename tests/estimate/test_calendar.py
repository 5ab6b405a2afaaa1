"""The money calendar, worked out by hand: who is paid on which day, what comes back when, and the dearest month."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from small_scenarios import APPEAL, TEXAN, appealed, infusions, side

import ketacost as kc
from ketacost.accounts.contributions import OnHand
from ketacost.accounts.loans import Loan, Paying
from ketacost.core.dates import us_day
from ketacost.core.money import dollars
from ketacost.estimate.calendar import Calendar, DearestMonth, Waiting, bottom_line
from ketacost.estimate.cash_flow import Entry, Owed
from ketacost.estimate.outlook import outlook
from ketacost.estimate.scenario import Scenario
from ketacost.model.courses import Package, Prices
from ketacost.model.coverage import DecisionPath
from ketacost.model.plans import Benefit, Network, Plan
from ketacost.taxes.households import Contribution


def told(calendar: Calendar, *kinds: str) -> list[str]:
    """The entries as a counselor would write them down; of some kinds, where kinds are given."""
    entries = calendar.entries_of(*kinds) if kinds else calendar.entries
    return [f"{entry.day} {entry.kind} {dollars(entry.cents)}" for entry in entries]


def months(calendar: Calendar) -> list[tuple[str, ...]]:
    """The months: first day, out, back, running sum, still to come."""
    return [(str(m.first_day)[:7], *map(dollars, m[1:])) for m in calendar.months]


def calendar_of(scenario: Scenario) -> Calendar:
    return kc.calendar(kc.run(scenario))


def test_the_readmes_patient_pays_visit_by_visit_and_nothing_comes_back() -> None:
    """$288 for the evaluation and 15 infusions at $500: $7,788. The plan counts $248.30 to the deductible and sends $0."""
    found = calendar_of(kc.example("readme-patient").replace(ranges={}))
    assert found.net == 778_800
    assert {entry.kind for entry in found.entries} == {"visit"}
    assert told(found)[:2] == ["2026-11-30 visit 288.00", "2026-12-07 visit 500.00"]
    assert months(found)[:5] == [
        ("2026-11", "288.00", "0.00", "288.00", "0.00"),
        ("2026-12", "3000.00", "0.00", "3288.00", "0.00"),
        ("2027-01", "500.00", "0.00", "3788.00", "0.00"),
        ("2027-02", "0.00", "0.00", "3788.00", "0.00"),
        ("2027-03", "500.00", "0.00", "4288.00", "0.00"),
    ]
    assert repr(found) == ("Calendar: You will have paid $7,790 by Nov 4, 2027. No money is due back.")
    assert found.dearest_month == DearestMonth(date(2026, 12, 1), 300_000)  # six infusions
    assert found.most_waiting == Waiting(0, None)
    assert found.deadlines == ()


def test_monthly_superbills_over_a_new_plan_year() -> None:
    """Each year's first visit uses the $300 deductible: the plan pays 60% of $50, then 60% of $350, and again in January.

    Bills of 30 days go together: those of 7 December to 5 January on 6 January, the last one on 5 February; a check
    takes 42 days.
    """
    found = calendar_of(infusions("2026-12-07", "2026-12-21", "2027-01-04", "2027-01-18"))
    assert told(found) == [
        "2026-12-07 visit 600.00",
        "2026-12-21 visit 600.00",
        "2027-01-04 visit 600.00",
        "2027-01-18 visit 600.00",
        "2027-02-17 check -270.00",
        "2027-03-19 check -210.00",
    ]
    assert months(found) == [
        ("2026-12", "1200.00", "0.00", "1200.00", "240.00"),
        ("2027-01", "1200.00", "0.00", "2400.00", "480.00"),
        ("2027-02", "0.00", "270.00", "2130.00", "210.00"),
        ("2027-03", "0.00", "210.00", "1920.00", "0.00"),
    ]
    assert found.net == 192_000
    assert [found.owed_back_after(date(2027, 1, day)) for day in (3, 4, 18)] == [24_000, 27_000, 48_000]
    assert found.headline == "You will have paid $2,400 by Jan 18, 2027, and $480 comes back later."
    assert found.most_waiting == Waiting(48_000, date(2027, 1, 18))
    assert found.dearest_month == DearestMonth(date(2026, 12, 1), 120_000)  # the first of two equal ones
    assert found.deadlines[0] == (
        date(2026, 12, 7) + timedelta(days=60),
        "Send the superbill of Dec 7, 2026 by Feb 5, 2027",
        "",
    )
    assert found.notes == ("Check dates assume an employer plan, because no payer was chosen",)


def test_bills_sent_on_each_day_and_a_service_that_keeps_a_tenth() -> None:
    found = calendar_of(infusions("2026-03-02", "2026-03-09", paying=Paying(superbills_every=0, filing_fee=1_000)))
    assert told(found, "check", "filing fee") == [
        "2026-04-13 filing fee 3.00",
        "2026-04-13 check -30.00",
        "2026-04-20 filing fee 21.00",
        "2026-04-20 check -210.00",
    ]
    assert found.net == 120_000 - 24_000 + 2_400
    assert (found.bottom.filing_fee, found.bottom.you_pay) == (2_400, 96_000)
    small = calendar_of(infusions("2026-03-02", "2026-03-09", paying=Paying(superbills_every=0, filing_fee=55)))
    assert (
        small.bottom.filing_fee == 17 + 116
    )  # 0.55% of $30 is 16.5 cents, of $210 115.5 cents: each rounded by itself


def test_a_bill_sent_after_the_filing_window_is_told() -> None:
    found = calendar_of(infusions("2026-03-02", paying=Paying(superbills_every=400), payer="employer-self-funded"))
    assert any("the plan will refuse it" in note for note in found.notes)


def test_the_payers_own_days_are_taken_and_what_is_not_known_is_assumed_and_said() -> None:
    """TRICARE's check takes 38 days; for Medicare no days were found, so those of employer plans, 42, stand in."""
    every = Paying(superbills_every=0)
    tricare = calendar_of(infusions("2026-03-02", payer="tricare", paying=every))
    medicare = calendar_of(infusions("2026-03-02", payer="medicare-part-b", paying=every))
    assert told(tricare, "check") == ["2026-04-09 check -30.00"]
    assert tricare.notes == ()
    assert told(medicare, "check") == ["2026-04-13 check -30.00"]
    assert medicare.notes[0].startswith("Check dates assume an employer plan, because none were found for ")
    assert calendar_of(infusions("2026-03-02", payer="medicaid", coverage="denied")).notes == ()


def test_an_appeal_that_is_won_brings_the_difference_after_its_decision() -> None:
    """60% of $300 comes for the evaluation as always; 60% of $350 for the infusion of March only in July."""
    found = calendar_of(appealed(side()))
    assert told(found) == [
        "2026-03-02 step 5.00",
        "2026-03-02 visit 300.00",
        "2026-03-09 visit 600.00",
        "2026-04-01 step 25.00",
        "2026-04-13 check -180.00",
        "2026-07-06 visit 600.00",
        "2026-07-12 appeal check -210.00",
        "2026-08-17 check -210.00",
    ]
    assert found.net == 150_000 - 60_000 + 3_000
    assert found.owed_back_after(date(2026, 6, 1)) == 21_000


def test_an_appeal_that_is_won_in_network_brings_money_back_from_the_clinic() -> None:
    """The patient pays 40% of what is covered; the infusion of March, denied, in full, until the clinic gives $460 back."""
    found = calendar_of(appealed(side(balance_bill="written off")))
    assert told(found, "visit", "refund", "check", "appeal check") == [
        "2026-03-02 visit 120.00",
        "2026-03-09 visit 600.00",
        "2026-07-06 visit 140.00",
        "2026-07-12 refund -460.00",
    ]
    assert found.net == 12_000 + 2 * 14_000 + 3_000


def test_a_filing_service_keeps_its_share_of_the_difference_too() -> None:
    """A tenth of $180, of $210 in July and of $210 in August."""
    found = calendar_of(appealed(side()).replace(paying=Paying(superbills_every=0, filing_fee=1_000)))
    assert told(found, "filing fee") == [
        "2026-04-13 filing fee 18.00",
        "2026-07-12 filing fee 21.00",
        "2026-08-17 filing fee 21.00",
    ]


def test_a_clinic_that_waives_what_is_not_counted_gives_it_back_when_the_no_is_turned_around() -> None:
    """The denied infusion costs $600 in March; once it counts for $350, $250 of it is waived."""
    found = calendar_of(appealed(side()).replace(waived=True))
    assert told(found, "visit", "refund", "check", "appeal check") == [
        "2026-03-02 visit 300.00",
        "2026-03-09 visit 600.00",
        "2026-04-13 check -180.00",
        "2026-07-06 visit 350.00",
        "2026-07-12 appeal check -210.00",
        "2026-07-12 refund -250.00",
        "2026-08-17 check -210.00",
    ]


def test_a_request_before_the_first_visit_is_paid_for_before_it() -> None:
    """Asked on 15 February, refused on 2 March, appealed, and won 30 days later, on 1 April: what it brings comes in May."""
    costs = {"prior_authorization": 1_000, "internal_appeal": 2_000}
    path = DecisionPath(0, 10_000, internal=10_000, ask_first=True, appeal=True, step_costs=costs)
    found = calendar_of(appealed(side()).replace(path=path))
    assert told(found, "step", "check", "appeal check") == [
        "2026-02-15 step 10.00",
        "2026-03-02 step 20.00",
        "2026-04-13 check -180.00",
        "2026-05-13 appeal check -210.00",
        "2026-08-17 check -210.00",
    ]
    asked, appealed_again = found.entries_of("step")
    assert (asked.label, appealed_again.label) == ("Ask for prior authorization", "Appeal inside the plan")
    claim, _ = calendar_of(appealed(side())).entries_of("step")
    assert claim.label == "Send the claim or superbill"
    unlikely = calendar_of(appealed(side()).replace(path=path.replace(visits=0)))
    assert told(unlikely, "check", "appeal check")[0] == "2026-05-13 appeal check -390.00"


def test_an_end_of_the_outlook_can_be_asked_for() -> None:
    """Had the appeal been lost, only the evaluation's check comes; the outlook prices that end with the same dollars."""
    scenario = appealed(side()).replace(path=APPEAL.replace(internal=4_000))
    for end in outlook(scenario).ends:
        found = kc.calendar(kc.run(scenario), end)
        assert found.net == end.you_pay
        assert found.bottom.steps == 3_000
    lost = next(end for end in outlook(scenario).ends if end.end.outcome == "visits only")
    assert told(kc.calendar(kc.run(scenario), lost), "check", "appeal check") == ["2026-04-13 check -180.00"]


def test_the_steps_of_the_likeliest_end_are_paid_and_without_a_path_none() -> None:
    scenario = appealed(side())
    claims = kc.run(scenario).claims
    assert bottom_line(scenario, claims).steps == 3_000
    assert bottom_line(scenario.replace(path=None), claims).steps == 0
    assert bottom_line(scenario.replace(coverage="denied"), claims).steps == 0
    half = APPEAL.replace(visits=4_000, internal=5_000)
    by_appeal, at_once = (
        scenario.replace(path=half.replace(infusions=1_000)),
        scenario.replace(path=half.replace(infusions=6_000)),
    )
    assert bottom_line(by_appeal, claims).steps == 3_000  # 45 in 100 by appeal, 10 at once
    assert bottom_line(at_once, claims).steps == 500  # 60 in 100 at once, 20 by appeal


def test_an_end_of_another_path_has_its_cost_on_its_first_day() -> None:
    scenario = appealed(side())
    other = APPEAL.replace(step_costs={"claim": 700})
    (end,) = outlook(scenario, other).ends
    found = kc.calendar(kc.run(scenario), end)
    assert told(found, "step") == ["2026-03-02 step 7.00"]
    assert found.net == end.you_pay


def package(refundable: bool) -> Scenario:
    """Six infusions bought for $3,000, four taken; the plan covers none."""
    plain = infusions("2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23", coverage="denied")
    prices = plain.prices.replace(packages=(Package("infusion", 6, 300_000, refundable),))
    return plain.replace(prices=prices)


def test_a_package_is_paid_when_it_is_first_used_and_its_rest_comes_back_on_the_last_day() -> None:
    found = calendar_of(package(refundable=True))
    assert told(found) == ["2026-03-02 package 3000.00", "2026-03-23 refund -1000.00"]
    assert found.net == 200_000
    assert found.dearest_month == DearestMonth(date(2026, 3, 1), 300_000)
    assert found.most_waiting == Waiting(100_000, date(2026, 3, 2))
    assert found.owed_back_after(date(2026, 3, 2)) == 100_000
    kept = calendar_of(package(refundable=False))
    assert told(kept) == ["2026-03-02 package 3000.00"]
    assert kept.net == 300_000


def test_an_account_does_not_pay_for_visits_of_a_package_that_were_not_taken() -> None:
    """Of $3,000 the four visits took $2,000; $1,000 paid for no care."""
    home = {"household": TEXAN, "contribution": Contribution(health_fsa=300_000)}
    assert calendar_of(package(refundable=False).replace(**home)).bottom.fsa == 200_000


def test_a_package_that_the_plan_pays_for_in_part_is_still_one_payment_ahead() -> None:
    """$500 a visit, $350 allowed: 60% of $50 and then 60% of $350 three times; one check, 42 days after 1 April."""
    found = calendar_of(package(refundable=False).replace(coverage="infusions too"))
    assert told(found) == ["2026-03-02 package 3000.00", "2026-05-13 check -660.00"]


def test_a_deposit_counts_toward_the_first_visits_and_its_rest_comes_back() -> None:
    paying = Paying(deposit=70_000, deposit_days=10)
    found = calendar_of(infusions("2026-03-12", "2026-03-19", coverage="denied", paying=paying))
    assert told(found) == ["2026-03-02 deposit 700.00", "2026-03-19 visit 500.00"]
    more = calendar_of(infusions("2026-03-12", coverage="denied", paying=paying))
    assert told(more) == ["2026-03-02 deposit 700.00", "2026-03-12 refund -100.00"]
    most = Paying(deposit=130_000, deposit_days=10)
    two = calendar_of(infusions("2026-03-12", "2026-03-19", coverage="denied", paying=most))
    assert told(two) == ["2026-03-02 deposit 1300.00", "2026-03-19 refund -100.00"]
    ahead = calendar_of(package(refundable=True).replace(paying=paying))
    assert told(ahead)[:2] == ["2026-02-20 deposit 700.00", "2026-03-02 package 2300.00"]


def test_assistance_pays_the_clinic_until_it_is_used_up() -> None:
    """Of $600 and $600 the plan pays $30 and $210; $900 of assistance pays the patient's $570 and then $330 of $390."""
    found = calendar_of(infusions("2026-03-02", "2026-03-09", paying=Paying(assistance=90_000)))
    assert told(found, "assistance") == ["2026-03-02 assistance -570.00", "2026-03-09 assistance -330.00"]
    assert found.net == 6_000
    rich = calendar_of(infusions("2026-03-02", paying=Paying(assistance=900_000, rebate=900_000)))
    assert (rich.net, rich.bottom.assistance, rich.bottom.rebate) == (0, 57_000, 0)


def test_an_fsa_pays_in_january_what_it_takes_from_pay_all_year() -> None:
    """$3,000 elected: both visits are paid back at once, $1,800 is lost, and tax is less by 19.65% of $3,000, $589.50.

    $3,000.00 over 26 pay days is 12 times $115.39 and 14 times $115.38; $589.50 is 8 times $22.68 and 18 times $22.67.
    """
    scenario = infusions(
        "2026-01-05", "2026-01-12", coverage="denied", household=TEXAN, contribution=Contribution(health_fsa=300_000)
    )
    found = calendar_of(scenario)
    assert told(found)[:6] == [
        "2026-01-05 visit 600.00",
        "2026-01-05 fsa -600.00",
        "2026-01-12 visit 600.00",
        "2026-01-12 fsa -600.00",
        "2026-01-14 contribution 115.39",
        "2026-01-14 tax -22.68",
    ]
    assert told(found)[-2:] == ["2026-12-31 contribution 115.38", "2026-12-31 tax -22.67"]
    assert (found.bottom.lost, found.bottom.tax_saved) == (180_000, 58_950)
    assert found.net == 120_000 + 180_000 - 58_950
    # The FSA pays both visits at once; three pay days of July take $115.39 or $115.38 each, less the tax.
    assert found.dearest_month.first_day == date(2026, 7, 1)
    assert found.dearest_month.cents == sum(
        entry.cents
        for entry in found.entries_of("contribution", "tax")
        if (entry.day.month, entry.day.year) == (7, 2026)
    )


def hsa_allowed(*days: str, charge: int = 60_000, **changes: object) -> Scenario:
    """The Texan's infusions, of 2 February where no day is given, that a plan with an HSA denies."""
    plain = infusions(*(days or ("2026-02-02",)), charge=charge, coverage="denied", household=TEXAN)
    return plain.replace(plan=plain.plan.replace(hsa_eligible=True)).replace(**changes)


def test_an_hsa_pays_as_it_fills_and_what_stays_in_it_is_not_lost() -> None:
    """$100 each pay day from 14 January: on 2 February it holds $200 of the $350; the rest comes as pay does.

    The tax on the $350 alone is saved: $42 of income tax, $21.70 of 6.2%, and 1.45% of $60,000 less that of $59,650,
    $870.00 - $864.93 = $5.07.
    """
    scenario = hsa_allowed(charge=35_000, contribution=Contribution(payroll_hsa=260_000))
    found = calendar_of(scenario)
    assert told(found, "contribution")[:3] == [
        "2026-01-14 contribution 100.00",
        "2026-01-28 contribution 100.00",
        "2026-02-11 contribution 100.00",
    ]
    assert told(found, "hsa", "kept") == [
        "2026-02-02 hsa -200.00",
        "2026-02-11 hsa -100.00",
        "2026-02-25 hsa -50.00",
        "2026-12-31 kept -2250.00",
    ]
    assert sum(entry.cents for entry in found.entries_of("tax")) == -6_877
    assert found.net == 35_000 - 6_877
    assert (found.bottom.kept, found.bottom.cash) == (225_000, 0)


def test_an_hsa_paid_in_from_the_bank_when_it_is_needed_gives_its_tax_back_in_april() -> None:
    """$350 of what one puts in by oneself escape the 12% income tax alone, on the return of the next year."""
    scenario = hsa_allowed(charge=35_000, contribution=Contribution(direct_hsa=100_000))
    found = calendar_of(scenario)
    assert found.dearest_month == DearestMonth(date(2026, 2, 1), 100_000)  # the transfer; the HSA pays the visit
    assert found.deadlines == ((date(2027, 4, 15), "Put the money for 2026 into the HSA by April 15, 2027", "hsa"),)
    assert told(found) == [
        "2026-02-02 visit 350.00",
        "2026-02-02 contribution 1000.00",
        "2026-02-02 hsa -350.00",
        "2027-04-15 tax -42.00",
        "2027-04-15 kept -650.00",
    ]


def test_next_years_transfer_to_an_hsa_pays_what_waits_from_december_on_new_years_day() -> None:
    """$100 of this year's pay at the visit; $250 wait for January 1. 12% of each comes back with its own year's return."""
    this, following = Contribution(direct_hsa=10_000), Contribution(direct_hsa=100_000)
    found = calendar_of(hsa_allowed("2026-12-15", charge=35_000, contribution=this, next_contribution=following))
    assert told(found) == [
        "2026-12-15 visit 350.00",
        "2026-12-15 contribution 100.00",
        "2026-12-15 hsa -100.00",
        "2027-01-01 contribution 1000.00",
        "2027-01-01 hsa -250.00",
        "2027-04-15 tax -12.00",
        "2028-04-15 tax -30.00",
        "2028-04-15 kept -750.00",
    ]


def test_what_is_left_in_an_fsa_leaves_the_fsa_and_no_pocket() -> None:
    """Of $1,000 the visit takes $600; the rest is lost on June 30. The visit of July is paid in cash."""
    left = OnHand(fsa_left=100_000, fsa_last_day=date(2026, 6, 30))
    found = calendar_of(hsa_allowed("2026-06-29", "2026-07-06", on_hand=left))
    assert told(found) == [
        "2026-06-29 visit 600.00",
        "2026-06-29 on hand 600.00",
        "2026-06-29 fsa -600.00",
        "2026-06-30 on hand 400.00",
        "2026-07-06 visit 600.00",
    ]
    assert found.net == 160_000
    assert found.dearest_month == DearestMonth(date(2026, 7, 1), 60_000)
    assert found.deadlines == ((date(2026, 6, 30), "Visits through June 30, 2026 can use the FSA money left", "fsa"),)


def test_what_an_hsa_holds_pays_at_once_and_new_money_after_it() -> None:
    """$250 are in it; the other $350 come from four pay days of $100."""
    scenario = hsa_allowed(contribution=Contribution(payroll_hsa=260_000), on_hand=OnHand(hsa_balance=25_000))
    assert told(calendar_of(scenario), "hsa", "on hand") == [
        "2026-02-02 on hand 250.00",
        "2026-02-02 hsa -250.00",
        "2026-02-02 hsa -200.00",
        "2026-02-11 hsa -100.00",
        "2026-02-25 hsa -50.00",
    ]


TODAY = date(2026, 11, 23)


def test_a_course_to_come_has_no_row_before_today_but_a_deposit() -> None:
    """A year's election of $2,600 takes $100 each pay day: 23 are past by November 23, and stand as one amount of that day,
    less their tax; those of December 2, 16 and 31 are still to come. The FSA pays the visit, and what the deposit paid."""
    paying = Paying(deposit=20_000, deposit_days=20)
    scenario = hsa_allowed("2026-12-07", contribution=Contribution(health_fsa=260_000), paying=paying)
    found = kc.calendar(kc.run(scenario), today=TODAY)
    assert found.bottom == calendar_of(scenario).bottom
    assert [entry.day for entry in found.entries if entry.day < TODAY] == [date(2026, 11, 17)]
    assert found.entries[0].kind == "deposit"
    assert [str(entry.day) for entry in found.entries_of("contribution")] == ["2026-12-02", "2026-12-16", "2026-12-31"]
    (past,) = found.entries_of("on hand")
    assert (past.day, past.label) == (TODAY, "From pay to the FSA before today, less tax")
    tax = sum(entry.cents for entry in found.entries_of("tax"))
    assert past.cents == 230_000 - (51_090 + tax)
    assert found.dearest_month == DearestMonth(date(2026, 12, 1), 30_000 + tax)


def test_an_hsa_fills_on_the_pay_days_still_to_come() -> None:
    """$300 for what is left of 2026: $100 on each of three pay days. Next year's $2,600 is $100 on all 26."""
    put_in, following = Contribution(payroll_hsa=30_000), Contribution(payroll_hsa=260_000)
    scenario = hsa_allowed("2026-12-07", contribution=put_in, next_contribution=following)
    found = kc.calendar(kc.run(scenario), today=TODAY)
    rows = [(str(entry.day), entry.cents) for entry in found.entries_of("contribution")]
    assert rows[:4] == [("2026-12-02", 10_000), ("2026-12-16", 10_000), ("2026-12-31", 10_000), ("2027-01-14", 10_000)]
    assert len(rows) == 3 + 26
    late = kc.calendar(
        kc.run(scenario.replace(next_contribution=Contribution(payroll_hsa=140_000))), today=date(2026, 12, 5)
    )
    assert [entry.cents for entry in late.entries_of("contribution")][:2] == [15_000, 15_000]


def test_a_year_that_is_over_fills_no_account_in_the_past() -> None:
    put_in = Contribution(payroll_hsa=60_000)
    scenario = hsa_allowed("2027-06-07", contribution=put_in)
    found = kc.calendar(kc.run(scenario), today=date(2027, 5, 1))
    assert told(found) == ["2027-05-01 on hand 482.10", "2027-06-07 visit 600.00", "2027-06-07 hsa -600.00"]
    assert found.net == 60_000 - 11_790


def test_a_step_begins_today_at_the_earliest() -> None:
    """The request for the visit of March 2 would have been made on February 15."""
    path = DecisionPath(0, 10_000, internal=10_000, ask_first=True, step_costs={"prior_authorization": 1_000})
    scenario = appealed(side()).replace(path=path)
    found = kc.calendar(kc.run(scenario.replace(coverage="visits only")), today=date(2026, 2, 20))
    assert told(found, "step") == ["2026-02-20 step 10.00"]
    begun = kc.calendar(kc.run(scenario.replace(coverage="visits only")), today=date(2026, 3, 3))
    assert told(begun, "step") == ["2026-02-15 step 10.00"]


def test_an_fsa_of_a_year_whose_limit_is_not_published_stands_in_with_the_last_one() -> None:
    scenario = infusions(
        "2027-02-01",
        coverage="denied",
        household=TEXAN.replace(year=2027),
        contribution=Contribution(health_fsa=60_000),
    )
    found = calendar_of(scenario)
    assert told(found, "fsa") == ["2027-02-01 fsa -600.00"]
    assert found.bottom.lost == 0


def test_no_account_pays_what_the_plan_or_a_rebate_gives_back() -> None:
    """Of $600 the plan pays $30 and a rebate gives $70: the FSA may pay $500."""
    scenario = infusions(
        "2026-03-02",
        household=TEXAN,
        contribution=Contribution(health_fsa=200_000),
        paying=Paying(rebate=7_000, rebate_days=30),
    )
    found = calendar_of(scenario)
    assert told(found, "fsa", "rebate") == ["2026-03-02 fsa -500.00", "2026-04-01 rebate -70.00"]
    assert (found.bottom.fsa, found.bottom.cash) == (50_000, 7_000)


def test_without_a_household_no_account_is_in_the_calendar_and_it_says_so() -> None:
    scenario = infusions("2026-03-02", contribution=Contribution(health_fsa=200_000))
    found = calendar_of(scenario)
    assert found.net == found.bottom.you_pay
    assert {entry.kind for entry in found.entries} == {"visit", "check"}
    assert "No household is given" in found.bottom.note
    assert any("No household is given" in note for note in found.notes)


def test_a_loan_without_interest_costs_nothing_and_needs_less_cash_at_one_time() -> None:
    lent = Paying(loan=Loan(120_000, 0, 12))
    found = calendar_of(infusions("2026-01-31", "2026-02-07", coverage="denied", paying=lent))
    assert told(found, "loan")[:4] == [
        "2026-01-31 loan -1200.00",
        "2026-02-28 loan 100.00",
        "2026-03-31 loan 100.00",
        "2026-04-30 loan 100.00",
    ]
    assert (found.net, found.bottom.interest, found.bottom.loan) == (120_000, 0, 120_000)
    assert found.dearest_month == DearestMonth(date(2026, 2, 1), 10_000)  # the loan pays both visits


def test_a_loan_at_ten_percent_costs_its_interest_and_its_fee() -> None:
    """$1,200 in two payments: $10.00 interest on $1,200, then $5.02 on $602.49; two payments of $607.51; a fee of $25."""
    lent = Paying(loan=Loan(120_000, 1_000, 2, 2_500))
    found = calendar_of(infusions("2026-01-05", "2026-01-12", coverage="denied", paying=lent))
    assert told(found, "loan") == [
        "2026-01-05 loan 25.00",
        "2026-01-05 loan -1200.00",
        "2026-02-05 loan 607.51",
        "2026-03-05 loan 607.51",
    ]
    assert found.net == 120_000 + 1_502 + 2_500
    assert found.notes == ()
    much = calendar_of(infusions("2026-01-05", coverage="denied", paying=lent))
    assert (much.bottom.loan, much.notes) == (60_000, ("$600 of the loan is more than what is left to pay",))


def test_spravato_in_network_is_a_copay_a_visit_and_a_rebate_later() -> None:
    """The clinic bills $1,050, writes off $50 and is paid $960 by the plan; the patient pays $40 each time, and $60 comes
    back 60 days after the last visit. A rebate is never more than what was paid."""
    days = (date(2026, 3, 2), date(2026, 3, 5))
    course = kc.Course(
        "spravato", days[0], {"evaluation": 0, "weeks 1-4": 2, "weeks 5-8": 0, "weeks 9+": 0}, dates=days
    )
    terms = {"default": Benefit(copay=4_000, coinsurance=0)}
    network = Network(deductible=0, benefits=terms, allowed={"default": 100_000}, balance_bill="written off")
    scenario = Scenario(
        course, Prices({"esketamine": 105_000}, ("observation",)), Plan({"in": network}), "in", "everything",
        payer="employer-insured", paying=Paying(rebate=6_000),
    )  # fmt: skip
    found = calendar_of(scenario)
    assert told(found) == ["2026-03-02 visit 40.00", "2026-03-05 visit 40.00", "2026-05-04 rebate -60.00"]
    assert (found.net, found.notes) == (2_000, ())
    assert found.owed_back_after(date(2026, 3, 5)) == 6_000
    assert calendar_of(scenario.replace(paying=Paying(rebate=60_000))).net == 0


def test_a_calendar_that_does_not_add_up_cannot_be_made() -> None:
    found = calendar_of(infusions("2026-03-02"))
    with pytest.raises(kc.KetacostError, match=r"its entries add up to 600\.00, its bottom line is 570\.00"):
        Calendar(found.entries[:1], (), found.bottom, found.last_visit)


def test_days_are_written_as_americans_write_them() -> None:
    days = [us_day(date(2027, month, 4)) for month in (1, 3, 5, 6, 7, 9, 11)]
    assert days == [
        *("Jan 4, 2027", "March 4, 2027", "May 4, 2027", "June 4, 2027", "July 4, 2027"),
        *("Sep 4, 2027", "Nov 4, 2027"),
    ]


def test_money_that_goes_around_is_not_waited_for_twice() -> None:
    found = calendar_of(infusions("2026-03-02", charge=10_000, coverage="denied"))
    again = tuple(
        Entry(date(2026, 3, day), cents, "visit", "") for day, cents in ((2, 10_000), (3, -10_000), (4, 10_000))
    )
    owed = (Owed(date(2026, 3, 2), date(2026, 3, 3), 500), Owed(date(2026, 3, 3), date(2026, 3, 4), 500))
    twice = Calendar(again, owed, found.bottom, date(2026, 3, 4))
    assert twice.most_waiting == Waiting(500, date(2026, 3, 2))
