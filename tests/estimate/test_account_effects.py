"""Tax-free accounts on a scenario: what is saved, who pays, how much to elect, and what rules them out."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

import ketacost as kc
from ketacost.estimate.account_effects import (
    account_notes,
    advise_fsa,
    chances_of_cost,
    costs_by_year,
    funding_of,
    tax_effect,
)
from ketacost.estimate.scenario import Scenario
from ketacost.taxes.households import Contribution, Household

TEXAN = Household(2026, "TX", "single", 6_000_000, 40)


@pytest.fixture
def patient() -> Scenario:
    """The README's patient, in Texas on $60,000, who elects $2,000: the clinic is paid $3,288 in 2026 and $4,500 in 2027."""
    return kc.example("readme-patient").replace(
        ranges={}, household=TEXAN, contribution=Contribution(health_fsa=200_000)
    )


def test_the_saving_is_worked_out_by_hand(patient: Scenario) -> None:
    """12% federal income tax (60,000 less 16,100 is in that bracket), 6.2% and 1.45%: 19.65% of 2,000 is 393; Texas takes nothing."""
    found = tax_effect(kc.run(patient))
    assert (found.saving.total, found.unused) == (39_300, 0)
    assert found.net == 778_800 - 39_300
    assert "saves $393.00 in tax" in kc.statement(kc.tax_effect(kc.run(patient))).headline


def test_what_the_year_does_not_need_is_told(patient: Scenario) -> None:
    assert costs_by_year(kc.run(patient).claims) == {2026: 328_800, 2027: 450_000}
    early = patient.replace(
        course=patient.course.replace(start=date(2026, 12, 14)), contribution=Contribution(health_fsa=340_000)
    )
    found = tax_effect(kc.run(early))
    assert found.unused == 340_000 - found.cost_of_year > 0
    assert "more than you pay in 2026" in kc.statement(kc.tax_effect(kc.run(early))).headline


def test_every_visit_is_funded_to_the_cent_and_the_fsa_pays_its_year_alone(patient: Scenario) -> None:
    found = funding_of(kc.run(patient))
    assert sum(one.part.amount for one in found) == kc.run(patient).you_pay
    assert sum(one.by("fsa") for one in found) == 200_000
    assert all(not one.by("fsa") for one in found if one.part.day.year == 2027)
    assert sum(one.by("cash") for one in found) == 778_800 - 200_000


def test_the_election_follows_the_cost_that_is_sure(patient: Scenario) -> None:
    """Every dollar saves 19.65% and the year costs 3,288 whatever the plan says: elect that; a dollar more would be lost."""
    advice = advise_fsa(patient)
    assert advice.best.election == 328_800
    assert (
        advice.best.value == Fraction(328_800 * 1_965, 10_000).limit_denominator(1)
        or abs(advice.best.value - 64_609) < 2
    )


def test_the_chances_of_a_cost_are_the_payers(patient: Scenario) -> None:
    side = patient.plan.networks["out"].replace(allowed={"evaluation": 28_800, "infusion": 50_000})
    rich = patient.replace(
        plan=patient.plan.replace(networks={**patient.plan.networks, "out": side}), payer="employer-insured"
    )
    found = {cost: chance for chance, cost in chances_of_cost(rich, 2026)}
    assert sum(found.values()) == 1
    assert found[328_800] == Fraction(98, 100)
    assert min(found) < 328_800


def test_what_stands_in_the_way_is_told(patient: Scenario) -> None:
    both = patient.replace(contribution=Contribution(payroll_hsa=500_000, health_fsa=200_000))
    told = " ".join(account_notes(both))
    assert "rules out an HSA" in told
    assert "not known to allow an HSA" in told
    assert "more than the $4,400.00" in told
    assert "rules out an HSA" in kc.statement(kc.tax_effect(kc.run(both))).footnote


def test_an_election_above_the_law_is_refused(patient: Scenario) -> None:
    with pytest.raises(kc.KetacostError, match="the most for an employee"):
        kc.funding_of(kc.run(patient.replace(contribution=Contribution(health_fsa=400_000))))


def test_a_year_whose_tables_are_not_in_is_marked(patient: Scenario) -> None:
    later = patient.replace(household=TEXAN.replace(year=2027))
    assert "2027" in kc.statement(kc.tax_effect(kc.run(later))).footnote
    assert "2026" in kc.statement(kc.tax_effect(kc.run(later))).footnote


def test_without_a_household_it_asks(patient: Scenario) -> None:
    with pytest.raises(kc.KetacostError, match="whose taxes"):
        tax_effect(kc.run(patient.replace(household=None)))


def test_the_panel_has_a_step_for_it() -> None:
    panel = kc.Explorer(kc.example("readme-patient"), opens="help")
    panel.set("household.state", "CA")
    panel.set("household.wages", "60,000")
    panel.set("contribution.health_fsa", "2000")
    assert "$2,000 put in saves $539.00 in tax" in panel.detail
    panel.set("household.filing_status", "married_joint")
    panel.set("household.spouse_wages", "40000")
    assert "Who pays each visit" in panel.detail
    panel.set("household.filing_status", "single")
    panel.set("household.state", "")
    assert "Tax saved" not in panel.detail
    with pytest.raises(kc.KetacostError, match="choose the state first"):
        panel.set("household.wages", "1")


def test_check_tells_which_tax_years_are_known_and_which_run_out() -> None:
    from ketacost.files.data_check import check_text, tax_years

    assert tax_years()["federal income tax"] == (2024, 2025, 2026)
    assert 2027 in tax_years()["payroll tax"]
    told = check_text(date(2026, 11, 23))
    assert "- federal income tax tables: to 2026-12-31, 38 days left" in told
    assert "- federal income tax: 2024, 2025, 2026" in told
    assert "income tax tables of" in told


def test_programs_are_listed_with_who_says_so() -> None:
    listed = kc.statement(kc.programs())
    assert len(listed.rows) >= 16
    assert all(row[4] and row[5] for row in listed.rows)
    rate, citation = kc.accounts.offered_rate("G007")
    assert (rate, citation.grade) == (3_299, "secondary")
