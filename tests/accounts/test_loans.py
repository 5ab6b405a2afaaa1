"""What paying later costs. Published examples stand with their place."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketacost.accounts.loans import (
    BorrowingCost,
    LendingError,
    Loan,
    LoanPayment,
    Promotion,
    PromotionEnd,
    end_promotion,
    loan_cost,
    monthly_payment,
    offered_rate,
    promotion_cost,
    schedule,
)
from ketacost.core.fields import UnknownName

# Loans


def test_a_loan_without_interest_is_only_divided() -> None:
    assert [month.paid for month in schedule(Loan(100_000, 0, 3))] == [33_333, 33_333, 33_334]
    assert loan_cost(Loan(100_000, 0, 3, fee=500)) == BorrowingCost(100_000, 0, 500)
    assert loan_cost(Loan(100_000, 0, 3, fee=500)).total == 100_500


def test_two_months_at_one_percent_a_month() -> None:
    """$1,000 at 12% a year in two payments: 1000 x 0.01 / (1 - 1/1.01^2) = 507.51; interest 10.00 and 5.02."""
    assert schedule(Loan(100_000, 1_200, 2)) == (
        LoanPayment(1, 50_751, 1_000, 49_751, 50_249),
        LoanPayment(2, 50_751, 502, 50_249, 0),
    )


@given(st.integers(0, 5_000_000), st.integers(0, 4_000), st.integers(1, 60), st.integers(0, 10_000))
def test_a_loan_is_paid_off_to_the_cent(amount: int, apr: int, months: int, fee: int) -> None:
    loan = Loan(amount, apr, months, fee)
    rows, total = schedule(loan), loan_cost(loan)
    assert rows[-1].owed == 0
    assert sum(row.principal for row in rows) == amount
    assert sum(row.paid for row in rows) + fee == total.total == amount + total.interest + fee
    assert all(row.paid == row.interest + row.principal and row.owed >= 0 for row in rows)
    assert abs(rows[-1].paid - monthly_payment(loan)) <= months * (1 + Fraction(apr, 120_000)) ** months
    assert loan_cost(loan.replace(apr=min(apr + 100, 10_000))).interest >= total.interest - months


def test_a_rate_of_all_of_it_is_the_highest() -> None:
    assert loan_cost(Loan(120_000, 10_000, 1)) == BorrowingCost(120_000, 10_000, 0)


def test_a_small_loan_whose_payments_are_rounded_up_is_paid_off_early() -> None:
    """A dollar at 100% a year: ten cents a month leave six and a cent of interest for the 23rd."""
    rows = schedule(Loan(100, 10_000, 24))
    assert [row.paid for row in rows] == [10] * 22 + [7, 0]
    assert rows[22] == LoanPayment(23, 7, 1, 6, 0)


# Promotions


def test_all_paid_in_time_costs_nothing() -> None:
    promotion = Promotion(120_000, 3_299, 12)
    assert end_promotion(promotion, [10_000] * 12) == PromotionEnd(0, 0)
    assert end_promotion(promotion, [0, 120_000]) == PromotionEnd(0, 0)
    assert promotion_cost(promotion, [10_000] * 12) == BorrowingCost(120_000, 0, 0)


def test_the_rest_is_paid_a_month_later_unless_said() -> None:
    """$100 and $395.88 charged back, and a month of 32.99% a year on both, $13.63."""
    assert promotion_cost(Promotion(120_000, 3_299, 12), [10_000] * 11) == BorrowingCost(120_000, 39_588 + 1_363, 0)


def test_a_dollar_left_over_brings_all_the_interest_back() -> None:
    """$1,200 at 32.99% for 12 months: $395.88 on the original amount. On what was owed with $100 a month and $99 in the
    last, the twelve months' balances add up to 7,800: 7,800 x 0.3299 / 12 = $214.44 (214.435, half-up)."""
    payments = [10_000] * 11 + [9_900]
    assert end_promotion(Promotion(120_000, 3_299, 12), payments) == PromotionEnd(39_588, 39_688)
    owed = Promotion(120_000, 3_299, 12, interest_on="what was owed")
    assert end_promotion(owed, payments) == PromotionEnd(21_444, 21_544)
    assert promotion_cost(owed, payments, then_months=1) == BorrowingCost(120_000, 21_444 + 592, 0)


def test_nothing_paid_at_all() -> None:
    owed = Promotion(120_000, 2_699, 6, interest_on="what was owed")
    assert end_promotion(owed, []) == PromotionEnd(16_194, 136_194)
    # Half of it in the first month: 1,200 + 5 x 600 = 4,200 owed for a month; x 0.2699 / 12 = 94.47 (94.465, half-up).
    assert end_promotion(owed, [60_000]) == PromotionEnd(9_447, 69_447)


@pytest.mark.parametrize("payments", [[1] * 13, [120_001], [-1], [-1, 1]])
def test_payments_that_cannot_be_are_told(payments: list[int]) -> None:
    with pytest.raises(LendingError, match="takes up to 12 payments"):
        end_promotion(Promotion(120_000, 3_299, 12), payments)


@pytest.mark.parametrize("loan", [(-1, 0, 1, 0), (1, -1, 1, 0), (1, 10_001, 1, 0), (1, 0, 0, 0), (1, 0, 1, -1)])
def test_a_loan_that_cannot_be_is_told(loan: tuple[int, int, int, int]) -> None:
    with pytest.raises(LendingError, match="a loan has"):
        Loan(*loan)


@given(st.integers(1, 1_000_000), st.integers(0, 4_000), st.lists(st.integers(0, 100_000), max_size=12))
def test_interest_on_what_was_owed_is_never_more_than_on_the_original_amount(
    amount: int, apr: int, paid: list[int]
) -> None:
    payments: list[int] = []
    for one in paid:
        payments.append(min(one, amount - sum(payments)))
    original = end_promotion(Promotion(amount, apr, 12), payments)
    owed = end_promotion(Promotion(amount, apr, 12, interest_on="what was owed"), payments)
    assert 0 <= owed.interest <= original.interest
    assert original.owed == amount - sum(payments) + original.interest


def test_an_offers_rate_comes_with_its_citations() -> None:
    rate, citation = offered_rate("G007")
    assert rate == 3_299
    assert (citation.source.id, citation.grade, citation.value) == ("lendingtree-carecredit", "secondary", "32.99%")
    assert offered_rate("G009")[0] == 0
    with pytest.raises(LendingError, match="states no yearly rate"):
        offered_rate("G001")
    with pytest.raises(UnknownName):
        offered_rate("G999")
