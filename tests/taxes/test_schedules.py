"""What a table or a clause makes of an amount, at its edges: to the cent, by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ketacost.taxes.schedules import EarnedCredit, Fade, StepCut, above, at, brackets, faded, over, part, ratio, tax_by

TABLE = brackets(((0, 100_000), (1_000, 200_000), (5_000, 0)))


def test_brackets_know_the_tax_of_all_below_them() -> None:
    """10% of 10 dollars is one dollar; 20% of 40 dollars more are eight; in millionths of a cent."""
    assert brackets(((0, 100_000), (1_000, 200_000), (5_000, 0))) == (
        (5_000, 0, 900_000_000),
        (1_000, 200_000, 100_000_000),
        (0, 100_000, 0),
    )
    assert [tax_by(TABLE, amount) for amount in (-1, 0, 5, 1_000, 1_001, 1_005, 5_000, 9_000)] == [
        *(0, 0, 1, 100, 100, 101, 900, 900)
    ]


def test_at_least_and_more_than() -> None:
    steps = ((200, 7), (100, 5))
    assert [at(steps, amount) for amount in (99, 100, 199, 200)] == [0, 5, 5, 7]
    assert [above(steps, amount) for amount in (100, 101, 200, 201)] == [0, 5, 5, 7]


def test_parts_are_rounded_half_up_once() -> None:
    assert [part(amount, 500_000) for amount in (0, 1, 2, 3)] == [0, 1, 1, 2]
    assert [part(1, rate) for rate in (499_999, 500_000)] == [0, 1]
    assert [ratio(1, some, 4) for some in (1, 2, 4)] == [0, 1, 1]
    assert [over(amount, 5) for amount in (4, 5, 6)] == [0, 0, 1]


def test_a_value_fades_to_nothing_over_a_width() -> None:
    assert [faded(100, amount, 1_000, 10) for amount in (0, 1_000, 1_001, 1_009, 1_010, 2_000)] == [
        100,
        100,
        90,
        10,
        0,
        0,
    ]


def test_a_fade_takes_a_share_of_what_is_above_and_a_cut_every_step_begun() -> None:
    assert [Fade(1_000, 500_000).left(100, income) for income in (0, 1_000, 1_002, 1_200, 9_000)] == [
        100,
        100,
        99,
        0,
        0,
    ]
    assert [StepCut(1_000, 100, 6).lost(income) for income in (999, 1_000, 1_001, 1_100, 1_101)] == [0, 0, 6, 6, 12]


def test_the_earned_income_credit_fades_with_the_more_of_earnings_and_income() -> None:
    """7.65% up to 649, less 7.65% of what is above 10,620: of 15,000 it takes 335.07."""
    terms = EarnedCredit(64_900, 76_500, 1_062_000, 76_500)
    assert terms.credit(800_000, 800_000) == 61_200
    assert terms.credit(1_000_000, 1_000_000) == 64_900
    assert terms.credit(1_500_000, 1_500_000) == terms.credit(1_500_000, 1_000_000) == 64_900 - 33_507
    assert terms.credit(1_000_000, 1_500_000) == 64_900 - 33_507
    assert terms.credit(3_000_000, 3_000_000) == 0


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_more_income_is_never_less_tax_by_brackets(one: int, other: int) -> None:
    assert tax_by(TABLE, min(one, other)) <= tax_by(TABLE, max(one, other))
    assert faded(500, min(one, other), 2_000, 3_000) >= faded(500, max(one, other), 2_000, 3_000)
