"""The maker's savings program: who it is for, what the patient keeps, and what is not known of it."""

from __future__ import annotations

from datetime import date

import pytest

import ketacost as kc
from ketacost.analysis.alternatives import savings_help
from ketacost.estimate.scenario import Scenario
from ketacost.model.courses import Course, Prices
from ketacost.model.plans import Benefit, Network, Plan


@pytest.fixture
def covered() -> Scenario:
    """Ten visits in one year, drug $1,000 and observation $200, counted in full; 50% of each after no deductible."""
    side = Network(
        0, benefits={"default": Benefit(coinsurance=5_000)}, allowed={"esketamine": 100_000, "observation": 20_000}
    )
    course = Course("spravato", date(2026, 1, 5), visits={"evaluation": 0, "weeks 5-8": 2, "weeks 9+": 0})
    prices = Prices({"esketamine": 100_000, "observation": 20_000})
    return Scenario(
        course, prices, Plan({"in": side}), network="in", coverage="infusions too", payer="employer-insured"
    )


def test_the_patient_keeps_ten_dollars_of_each_treatment(covered: Scenario) -> None:
    """10 x (500 - 10) = 4,900 of the drug, under the old cap of 7,150; the observation's 10 x 100 only at the most."""
    found = savings_help(kc.run(covered))
    assert (found.low, found.high) == (490_000, 490_000 + 100_000)
    assert "rebate for the observation pays was not found" in found.not_known


def at_home_in(state: str, scenario: Scenario) -> Scenario:
    return scenario.replace(
        household=kc.Household.of(year=2026, state=state, filing_status="single", wages=40_000, age=40)
    )


def test_a_cap_stops_it_each_calendar_year(covered: Scenario) -> None:
    """Each visit is 490. The visits of 2026 are more than the old cap of 7,150 allows, those of 2027 fewer."""
    weekly = covered.replace(
        course=covered.course.replace(start=date(2026, 9, 1), visits={"evaluation": 0, "weeks 9+": 18})
    )
    answer = kc.run(weekly)
    of_2026 = sum(claim.line.service == "esketamine" and claim.line.date.year == 2026 for claim in answer.claims)
    of_2027 = sum(claim.line.service == "esketamine" and claim.line.date.year == 2027 for claim in answer.claims)
    assert of_2026 > 15 > of_2027 > 0
    assert savings_help(answer).low == 715_000 + of_2027 * 49_000


def test_an_unknown_cap_is_a_range(covered: Scenario) -> None:
    """30 visits at 490 are 14,700: the old cap leaves 7,150 of it."""
    more = covered.replace(course=covered.course.replace(visits={"evaluation": 0, "weeks 9+": 18}))
    found = savings_help(kc.run(at_home_in("MA", more)))
    assert (found.low, found.high) == (715_000, 30 * 49_000)
    assert "We did not find its yearly cap" in found.sentence


def test_some_states_have_no_help_with_the_observation(covered: Scenario) -> None:
    michigan, texas = (savings_help(kc.run(at_home_in(state, covered))).high for state in ("MI", "TX"))
    assert michigan == texas - 100_000


@pytest.mark.parametrize(
    "name", ["medicare-part-b", "medicare-advantage", "medicaid", "va-facility", "tricare", "self-pay"]
)
def test_government_plans_are_not_eligible(covered: Scenario, name: str) -> None:
    found = savings_help(kc.run(covered.replace(payer=name)))
    assert (found.low, found.high) == (0, 0)
    assert "commercial insurance" in found.sentence


def test_what_is_missing_is_said(covered: Scenario) -> None:
    with pytest.raises(kc.KetacostError, match="who pays"):
        savings_help(kc.run(covered.replace(payer="")))
    assert "covers no Spravato here" in savings_help(kc.run(covered.replace(coverage="denied"))).sentence
