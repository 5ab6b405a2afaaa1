"""A membership or subscription that costs so much a month: on which days it is due, and what it changes of an answer."""

import json
from datetime import date
from decimal import Decimal

import pytest

import ketacost as kc
from ketacost.core.fields import KetacostError
from ketacost.estimate.assumed import assumed
from ketacost.estimate.estimate import Estimate
from ketacost.estimate.scenario import scenario_from, table_of
from ketacost.reports.handout import handout
from ketacost.reports.json_output import as_dict
from ketacost.reports.text import answer_text
from ketacost.workbench.form import form

TODAY = date(2026, 11, 27)
AT_HOME = {
    "payer": "self-pay",
    "protocol": "home-oral",
    "start": "2027-01-05",
    "visits.home-oral.sessions": 22,
    "prices.home-oral.home_dose": 0,
    "monthly_fee.home-oral": 129,
}
"""A session a week from Jan 5 to Jun 1, 2027, all of them in the $129 a month."""


def found(said: dict[str, object]) -> Estimate:
    return kc.estimate(kc.resolve(kc.intake(said), TODAY))


def fees(estimate: Estimate) -> list[tuple[str, int]]:
    return [(str(entry.day), entry.cents) for entry in estimate.calendar.entries_of("monthly fee")]


def test_five_months_at_home_at_129_dollars() -> None:
    """Due on the 5th of January to May: 5 x $129 = $645. The last session is on Jun 1, before the 5th."""
    answer = found(AT_HOME)
    assert fees(answer) == [(f"2027-0{month}-05", 12_900) for month in range(1, 6)]
    assert (answer.likely, answer.p10, answer.p90) == (64_500, 64_500, 64_500)
    assert [(step.id, step.cents) for step in answer.steps_to_net] == [
        ("charge", 0),
        ("monthly_fees", 64_500),
        ("net", 0),
    ]
    assert [month.out for month in answer.calendar.months] == [12_900] * 5
    assert answer.sentence == "Paying for it yourself will cost about $650."


def test_sessions_with_a_price_of_their_own_are_paid_beside_it() -> None:
    """22 x $40 = $880, and $645."""
    answer = found(AT_HOME | {"prices.home-oral.home_dose": 40})
    assert (answer.shown.you_pay, answer.likely) == (88_000, 152_500)
    assert "monthly_fee" in {one.what for one in assumed(answer) if one.said}


@pytest.mark.parametrize(
    ("sessions", "days"), [(9, ["01-31", "02-29"]), (10, ["01-31", "02-29", "03-31"]), (1, ["01-31"])]
)
def test_a_start_on_the_last_day_of_january(sessions: int, days: list[str]) -> None:
    """A session a week from Monday, Jan 31, 2028, to Mar 27 or Apr 3: where a month has no 31st, on its last day."""
    answer = found(AT_HOME | {"start": "2028-01-31", "visits.home-oral.sessions": sessions})
    assert fees(answer) == [(f"2028-{day}", 12_900) for day in days]


COURSE = {
    "payer": "employer-insured",
    "plan_kind": "PPO",
    "protocol": "iv-mood",
    "standing": "in network",
    "coverage": "infusions too",
    "dates.iv-mood": ["2026-12-14", "2026-12-21", "2027-01-11", "2027-01-25"],
    "visits.iv-mood.induction": 3,
    "visits.iv-mood.maintenance": 0,
    "prices.iv-mood.evaluation": 200,
    "prices.iv-mood.infusion": 500,
    "allowed.in.iv-mood.evaluation": 200,
    "allowed.in.iv-mood.infusion": 400,
    "plan_year_starts": 1,
    "terms.in.deductible": 500,
    "terms.in.coinsurance": "20%",
    "terms.in.copay": 0,
    "terms.in.out_of_pocket_limit": 3000,
    "terms.in.deductible_applies": True,
    "used.patient.in.deductible": 0,
    "used.patient.in.out_of_pocket": 0,
}
"""A visit of $200 and three infusions, of each of which the plan counts $400, in two plan years.

In 2026 $200 and $300 go to the deductible, and 20% of $100 is $20. In 2027 $400 and $100 go to it, and 20% of $300 is $60:
$1,080 in all.
"""


def test_a_course_in_two_plan_years_gives_the_plan_no_bill_for_it() -> None:
    """$40 on Dec 14 and Jan 14: nothing of it counts toward either year's deductible."""
    without, answer = found(COURSE), found(COURSE | {"monthly_fee.iv-mood": 40})
    assert (without.likely, answer.likely) == (108_000, 116_000)
    assert fees(answer) == [("2026-12-14", 4_000), ("2027-01-14", 4_000)]
    assert answer.shown.claims == without.shown.claims
    assert answer.shown.totals == without.shown.totals


def test_no_account_and_no_loan_pays_it_and_it_saves_no_tax() -> None:
    """An FSA of $3,000 has room for it, and a loan of $2,000 too: the answer is $80 more, and nothing else moves."""
    home = {"household.state": "TX", "household.wages": 60_000, "next_contribution.health_fsa": 3_000}
    loan = {"paying.loan.amount": 2_000, "paying.loan.apr": "10%", "paying.loan.months": 12}
    for more in (home, loan, {"paying.assistance": 5_000}):
        without, answer = found(COURSE | more), found(COURSE | more | {"monthly_fee.iv-mood": 40})
        assert answer.main.bottom == without.main.bottom._replace(monthly_fees=8_000)
        assert answer.likely == (without.likely or 0) + 8_000


@pytest.mark.parametrize(
    ("asked", "visits", "owed", "told"),
    [
        (True, 1, 24_000, "owe $240 (including the monthly fee) for the evaluation"),
        (False, 2, 74_000, "stops after 2 visits, for which you owe $740 (including the monthly fee)"),
    ],
)
def test_a_course_that_stops_owes_the_months_in_which_visits_took_place(
    asked: bool, visits: int, owed: int, told: str
) -> None:
    """The no comes after the evaluation of Dec 14 ($200), or after the infusion of Dec 21 ($500): one month of $40."""
    said = {key: value for key, value in COURSE.items() if key != "coverage"} | {"monthly_fee.iv-mood": 40}
    answer = found(said | {"if_denied": "stop", "steps.ask_first": asked, "denied_line": "patient"})
    groups = {group.whole: group for group in answer.groups}
    assert [str(entry.day) for entry in groups[False].calendar.entries_of("monthly fee")] == ["2026-12-14"]
    assert (groups[False].visits, groups[False].likely, groups[True].likely) == (visits, owed, 116_000)
    assert told in answer.sentence
    assert answer.going_on == 20_000 + 3 * 50_000 + 2 * 4_000


def test_a_fee_that_is_not_known_is_a_range() -> None:
    """$50 to $150 a month for five months: $500 in the middle, $250 to $750 at the ends, 8 of 10 from $300 to $700."""
    answer = found(AT_HOME | {"monthly_fee.home-oral": "50 to 150"})
    assert (answer.likely, answer.main.low, answer.main.high) == (50_000, 25_000, 75_000)
    assert abs((answer.p10 or 0) - 30_000) < 200
    assert abs((answer.p90 or 0) - 70_000) < 200
    assert [one.path for one in answer.unknowns] == ["prices.monthly_fee"]
    assert "charge a fee each month" in kc.ask_next(answer.scenario)[0].sentence
    unknown = found(AT_HOME | {"monthly_fee.home-oral": kc.UNKNOWN})
    assert [one.values for one in unknown.unknowns] == [("0", "129")], "never nothing: many ask none, one asks $129"
    assert (unknown.low, unknown.high) == (0, 5 * 12_900)


def test_where_none_was_said_nothing_changes() -> None:
    none, nothing = found(COURSE), found(COURSE | {"monthly_fee.iv-mood": 0})
    assert none.main.bottom == nothing.main.bottom
    assert none.steps_to_net == nothing.steps_to_net
    assert none.main.bottom.monthly_fees == 0


def test_the_fee_of_one_treatment_is_not_anothers() -> None:
    answer = found(COURSE | {"monthly_fee.home-oral": 129})
    assert fees(answer) == []
    routes = {route.name: route.estimate for route in kc.alternatives(answer.scenario, ("home",))}
    assert len(fees(routes["home"])) == 2  # six sessions in five weeks
    va = kc.alternatives(found(COURSE | {"monthly_fee.iv-mood": 40}).scenario, ("va",))[0]
    assert va.estimate is not None
    assert fees(va.estimate) == []


def test_the_form_asks_for_it_under_prices_and_first_where_treatment_is_at_home() -> None:
    for said, key, folded in ((AT_HOME, "monthly_fee.home-oral", False), (COURSE, "monthly_fee.iv-mood", True)):
        unsaid = {name: value for name, value in said.items() if name != key}
        step = next(step for step in form(kc.resolve(kc.intake(unsaid), TODAY)) if step["id"] == "prices")
        [control] = [control for control in step["controls"] if control["path"] == key]
        assert (control["kind"], control["unit"], control.get("more", False)) == ("money", "a month", folded)
        assert "it saves no tax" in control["help"]
    step = next(step for step in form(found(AT_HOME).scenario) if step["id"] == "prices")
    assert step["summary"].endswith("; $129 a month")


def test_every_output_has_it_and_a_file_gives_it_back() -> None:
    answer = found(AT_HOME)
    assert scenario_from(table_of(answer.scenario)).prices.monthly_fee == 12_900
    steps = json.loads(json.dumps(as_dict(answer)))["steps_to_net"]
    assert Decimal(next(step["amount"] for step in steps if step["id"] == "monthly_fees")) == Decimal("645.00")
    assert "Monthly fees" in answer_text(answer)
    assert "$0.00 charged + $645.00 monthly fees = $645.00" in handout(answer)
    assert "$645.00 cuotas mensuales" in handout(answer, "es")
    assert "Monthly fee: $129 (you told us)" in handout(answer)
    assert all(start.net == 64_500 for start in kc.starts(answer.scenario))


def test_a_fee_below_zero_is_refused_and_a_short_name_is_told_the_full_one() -> None:
    with pytest.raises(KetacostError):
        kc.intake({"monthly_fee.iv-mood": -1})
    for short in ("monthly_fee", "prices.home-oral.monthly_fee", "membership"):
        with pytest.raises(KetacostError, match=r"by treatment, as in monthly_fee\.(home-oral|iv-mood) = "):
            kc.intake({short: 40})
