"""What medical expenses add to a household's deductions. Published examples stand with their place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketacost.core.references import NotKnownOn
from ketacost.taxes.federal import DeductionError, MedicalDeduction, medical_deduction


def test_expenses_below_the_floor() -> None:
    """IRS Publication 502: income of 40,000, 7.5% of it 3,000; of 2,500 of expenses nothing is deducted."""
    assert medical_deduction(250_000, year=2026, income=4_000_000) == MedicalDeduction(300_000, 0, 0)


def test_expenses_above_the_floor_and_still_below_the_standard_deduction() -> None:
    """TurboTax community: 50,000 of income, 6,500 of expenses: 2,750 above 3,750, less than the standard deduction."""
    alone = medical_deduction(650_000, year=2025, income=5_000_000, standard=1_575_000)
    assert alone == MedicalDeduction(375_000, 275_000, 0)
    beside = medical_deduction(650_000, year=2025, income=5_000_000, standard=1_575_000, other_itemized=1_500_000)
    assert beside.worth == 200_000


def test_what_was_paid_tax_free_is_not_deducted_again_and_an_hsa_lowers_the_floor() -> None:
    put_in = 440_000
    found = medical_deduction(1_000_000, year=2026, income=6_000_000 - put_in, tax_free=put_in)
    assert found == MedicalDeduction(417_000, 1_000_000 - 440_000 - 417_000, 143_000)
    with pytest.raises(DeductionError, match="tax-free"):
        medical_deduction(100, year=2026, income=0, other_itemized=-1)
    with pytest.raises(DeductionError, match="tax-free"):
        medical_deduction(100, year=2026, income=0, tax_free=101)
    with pytest.raises(NotKnownOn):
        medical_deduction(100, year=2028, income=0)


@given(*[st.integers(0, 5_000_000)] * 5)
def test_a_deduction_is_never_more_than_what_was_paid_with_taxed_money(
    a: int, b: int, income: int, std: int, it: int
) -> None:
    expenses, tax_free = max(a, b), min(a, b)
    found = medical_deduction(expenses, year=2026, income=income, tax_free=tax_free, standard=std, other_itemized=it)
    assert 0 <= found.worth <= found.above <= expenses - tax_free


def test_expenses_alone_are_worth_what_they_have_above_the_standard_deduction() -> None:
    """An income of 40,000: 23,000 less 3,000 is 20,000, and 3,900 more than 16,100."""
    found = medical_deduction(2_300_000, year=2026, income=4_000_000, standard=1_610_000)
    assert found == MedicalDeduction(300_000, 2_000_000, 390_000)


def test_all_of_it_may_have_been_paid_tax_free_and_a_loss_has_no_floor() -> None:
    assert medical_deduction(100, year=2026, income=0, tax_free=100) == MedicalDeduction(0, 0, 0)
    assert medical_deduction(100, year=2026, income=-1_000_000) == MedicalDeduction(0, 100, 100)


@pytest.mark.parametrize("amount", ["tax_free", "standard", "other_itemized"])
def test_no_amount_of_a_deduction_is_below_nothing(amount: str) -> None:
    with pytest.raises(DeductionError):
        medical_deduction(100, year=2026, income=0, **{amount: -1})
    with pytest.raises(DeductionError):
        medical_deduction(-1, year=2026, income=0, tax_free=-1)
