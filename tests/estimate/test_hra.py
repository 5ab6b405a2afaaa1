"""An employer's reimbursement account: it pays first, after a threshold or a share, and saves no tax of the patient's."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from small_scenarios import TEXAN, infusions

import ketacost as kc
from ketacost.accounts.loans import LendingError, Loan, Paying
from ketacost.estimate.account_effects import account_problems, funding_of
from ketacost.estimate.calendar import BottomLine, bottom_line
from ketacost.estimate.scenario import Scenario
from ketacost.reports.handout import handout
from ketacost.reports.json_output import as_dict
from ketacost.taxes.households import Contribution

TODAY = date(2026, 1, 2)


def owed(*bills: int, first: str = "2026-02-02", **changes: Any) -> Scenario:
    """Denied infusions a week apart, each owed in full, beside an HRA of $1,500 that pays after the first $500."""
    days = [str(date.fromordinal(date.fromisoformat(first).toordinal() + 7 * i)) for i in range(len(bills))]
    (charge,) = set(bills)
    case = infusions(*days, charge=charge, coverage="denied", payer="employer-insured", if_denied="go on")
    return case.replace(**{"paying": Paying(hra=150_000, hra_after=50_000), **changes})


def line(scenario: Scenario) -> BottomLine:
    """The bottom line of a scenario as entered."""
    return bottom_line(scenario, kc.run(scenario).claims)


@pytest.mark.parametrize(("bill", "pays"), [(120_000, 70_000), (300_000, 150_000), (50_000, 0)])
def test_an_hra_of_1500_after_the_first_500_pays_700_of_1200_and_1500_of_3000(bill: int, pays: int) -> None:
    scenario = owed(bill)
    assert (line(scenario).hra, line(scenario).net) == (pays, bill - pays)
    found = kc.estimate(scenario)
    assert (found.likely, found.calendar.net) == (bill - pays, bill - pays)
    assert sum(step.cents for step in found.steps_to_net if step.id == "hra") == -pays
    assert -sum(entry.cents for entry in found.calendar.entries_of("hra")) == pays


def test_a_share_of_each_bill_from_the_first_dollar() -> None:
    """60% of two bills of $1,000 is $1,200; of three it would be $1,800, and the account has $1,500."""
    share = Paying(hra=150_000, hra_share=6_000)
    assert line(owed(100_000, 100_000, paying=share)).hra == 120_000
    assert line(owed(100_000, 100_000, 100_000, paying=share)).hra == 150_000


def test_it_pays_for_the_plan_year_of_the_first_visit_alone() -> None:
    """Visits of $1,000 on December 28 and January 4: $500 of the first is above the threshold, and the second is next
    year's."""
    assert line(owed(100_000, 100_000, first="2026-12-28")).hra == 50_000


def test_help_comes_first_and_every_dollar_is_paid_once() -> None:
    """$1,200: help pays $400, of the $800 left the HRA pays $300, the FSA $100, a loan $150, and $250 is cash."""
    paying = Paying(assistance=40_000, hra=150_000, hra_after=50_000, loan=Loan(15_000, 0, 12))
    scenario = owed(120_000, paying=paying, household=TEXAN, contribution=Contribution(health_fsa=10_000))
    found = line(scenario)
    assert (found.assistance, found.hra, found.fsa, found.loan, found.cash) == (40_000, 30_000, 10_000, 15_000, 25_000)
    (part,) = funding_of(kc.run(scenario))
    assert (part.part.amount, part.by("hra"), part.by("cash")) == (120_000, 30_000, 25_000)
    assert kc.calendar(kc.run(scenario)).net == found.net


def test_it_saves_no_tax_of_the_patients() -> None:
    assert line(owed(120_000, household=TEXAN)).tax_saved == 0


@pytest.mark.parametrize(("after", "saves"), [(169_900, False), (170_000, True)])
def test_one_that_pays_before_the_least_deductible_rules_out_new_hsa_money(after: int, saves: bool) -> None:
    """$1,700 for one person in 2026."""
    plan = kc.Plan.of(deductible=5_000, coinsurance="0%", allowed=350, hsa_eligible=True)
    scenario = owed(300_000, plan=plan, household=TEXAN, contribution=Contribution(direct_hsa=100_000))
    scenario = scenario.replace(paying=Paying(hra=50_000, hra_after=after))
    assert bool(line(scenario).tax_saved) == saves
    assert any("an HRA that pays before $1,700" in problem for problem in account_problems(scenario)) != saves


def test_going_on_without_the_plan_is_without_its_hra() -> None:
    scenario = owed(120_000, coverage="infusions too")
    assert kc.estimate(scenario).going_on == 120_000


def test_it_can_be_said_and_stands_in_the_json_and_on_the_handout() -> None:
    said = kc.intake_of(owed(120_000, paying=Paying()), TODAY)
    said = said.say("paying.hra", "1500").say("paying.hra_after", "500").say("paying.hra_share", "50%")
    found = kc.estimate(kc.resolve(said, TODAY))
    assert found.main.bottom.hra == 35_000
    steps = {step["id"]: step["amount"] for step in as_dict(found)["steps_to_net"]}
    assert steps["hra"] == "-350.00"
    for language in ("en", "es"):
        assert "HRA" in handout(found, language=language)


@pytest.mark.parametrize("wrong", [{"hra": -1}, {"hra_after": -1}, {"hra_share": 10_001}])
def test_what_no_hra_can_be_is_refused(wrong: Any) -> None:
    with pytest.raises(LendingError, match="HRA"):
        Paying(**wrong)
