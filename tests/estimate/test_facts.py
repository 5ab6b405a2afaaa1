"""Facts that were wrong once, each with its right value and where it stands."""

from __future__ import annotations

from datetime import date

import pytest
from places import ROOT

import ketacost as kc
from ketacost.core.money import usd
from ketacost.core.references import parameter
from ketacost.estimate.estimate import Estimate
from ketacost.estimate.resolve import Resolved
from ketacost.estimate.saying import intake_of
from ketacost.estimate.unknowns import medicare_advantage_limit
from ketacost.files.data_check import plan_year_end
from ketacost.model.courses import typical_prices
from ketacost.model.payers import cited, payer, step

TODAY = date(2026, 11, 27)
EXAMPLES = sorted(path.stem for path in (ROOT / "data" / "scenarios").glob("*.toml"))
MARKS = ("undated", "of 2025")


def resolved(**said: object) -> Resolved:
    return kc.resolve(kc.intake(**said), TODAY)


def estimate(**said: object) -> Estimate:
    return kc.estimate(resolved(**said))


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_example_rests_on_an_expired_plan_without_saying_so(name: str) -> None:
    """In force at the first visit, or with a mark in the title: copays of 2025, an undated table."""
    scenario = kc.example(name)
    if scenario.published_plan:
        last = plan_year_end(scenario.published_plan)
        in_force = last is not None and last >= scenario.course.start
        assert in_force or any(mark in scenario.title for mark in MARKS)


def test_medicare_advantage_has_a_yearly_limit_as_a_range() -> None:
    """$9,250 is the ceiling of 2026 and $5,900 the median: as far below the median as the ceiling is above, $2,550."""
    assert medicare_advantage_limit(2026).values == ("2550.00", "5900.00", "9250.00")
    assert medicare_advantage_limit(2030).values == medicare_advantage_limit(2026).values
    found = resolved(payer="medicare-advantage", protocol="spravato")
    assert found.ranges["plan.networks.in.out_of_pocket_limit"] == ("2550.00", "5900.00", "9250.00")
    told = resolved(payer="medicare-advantage", protocol="spravato").intake.say("terms.in.out_of_pocket_limit", "4,000")
    own = kc.resolve(told, TODAY)
    assert own.plan.networks["in"].out_of_pocket_limit == usd(4_000)  # type: ignore[union-attr]
    assert "plan.networks.in.out_of_pocket_limit" not in own.ranges


def test_a_file_of_before_keeps_a_medicare_advantage_plan_without_a_limit() -> None:
    old = kc.example("payer-medicare-advantage")
    side = old.plan.networks["in"].replace(out_of_pocket_limit=None)  # type: ignore[union-attr]
    old = old.replace(plan=old.plan.replace(networks={**old.plan.networks, "in": side}), ranges={})
    again = kc.resolve(intake_of(old, TODAY), TODAY)
    assert again.plan.networks["in"].out_of_pocket_limit is None  # type: ignore[union-attr]
    assert "plan.networks.in.out_of_pocket_limit" not in again.ranges


def test_original_medicare_still_has_no_yearly_limit() -> None:
    found = resolved(payer="medicare-part-b", protocol="spravato")
    assert found.plan.networks["in"].out_of_pocket_limit is None  # type: ignore[union-attr]


def test_medigap_n_may_take_twenty_dollars_of_a_spravato_visit_and_asks() -> None:
    found = resolved(payer="medicare-part-b", plan="medigap-n-2026", protocol="spravato-bundle")
    assert found.ranges["plan.networks.in.benefits.drug.copay"] == ("0", "20")
    assert any("does not print its copay for drug" in note for note in found.notes)
    assert "office visit" in cited("C065").what


def test_a_clinic_in_the_network_of_a_tiered_plan_is_a_preferred_one() -> None:
    """FEP Blue Standard has no side called `in`: preferred, participating and out."""
    found = resolved(payer="employer-insured", plan="fep-blue-standard-2026", protocol="spravato")
    assert found.network == "preferred"
    assert not any(conflict.key == "network" for conflict in found.conflicts)


@pytest.mark.parametrize("who", ["va-facility", "va-community-care", "tricare"])
def test_spravato_has_an_answer_with_va_and_tricare(who: str) -> None:
    assert estimate(payer=who, protocol="spravato").likely is not None


def test_a_rating_of_ten_percent_makes_outpatient_care_at_va_free() -> None:
    found = estimate(payer="va-facility", plan="va-2025-rated", protocol="iv-mood")
    assert found.likely == 0
    assert cited("C027").value == "0"


def test_an_at_home_session_costs_what_guides_of_2026_say() -> None:
    """The middle of $165 to $215; $89 was a price by the week in an advertisement."""
    assert typical_prices("home-oral").charges == {"home_dose": usd(190)}


def test_a_cash_price_below_what_plans_count_is_said_to_be_one() -> None:
    notes = resolved(payer="employer-insured", protocol="spravato", network="in").notes
    assert any("$1,050 is a cash price, and plans count about $1,240" in note for note in notes)


def test_a_hospital_outpatient_setting_without_a_rate_is_a_range_and_no_error() -> None:
    """The practitioner is not paid for an infusion in a hospital: its own bill has the hospital's rate, not known here."""
    said = kc.intake(payer="medicare-part-b", protocol="iv-mood", coverage="infusions too", network="in")
    said = said.say("pricing.in.method", "multiple of Medicare").say("pricing.in.setting", "facility")
    found = kc.resolve(said, TODAY)
    assert any("A range is used" in note for note in found.notes)
    assert kc.estimate(found).likely is not None


def test_the_part_b_deductible_is_read_from_the_federal_register() -> None:
    deductible = parameter("medicare.part_b.deductible")
    assert [(value.value, value.source) for value in deductible.values] == [
        (usd(257), "fr-2024-26474"),
        (usd(283), "fr-2025-20251"),
    ]
    assert deductible.grade == "primary"


def test_medicaid_answers_a_request_for_a_drug_within_a_day() -> None:
    """42 U.S.C. 1396r-8(d)(5): a response within 24 hours, a 72-hour supply in an emergency."""
    assert (cited("A129").value, cited("A130").value, cited("A131").value) == ("24", "72", "7")
    found = step("medicaid", "prior_authorization")
    assert found is not None
    assert found.decision_days == 7


def test_the_payers_tell_of_2024() -> None:
    assert "7.7% of requests were denied in 2024" in payer("medicare-advantage").differs
    assert "19% of in-network claims in 2024" in payer("marketplace").differs
    assert "BCBS Vermont; we did not find the policy" in payer("individual").rules["iv-mood"]
    assert "20 days or a 30-minute drive" in payer("va-community-care").rules["spravato"]
    assert "28 days or a 60-minute drive" in payer("va-community-care").rules["iv-pain"]
