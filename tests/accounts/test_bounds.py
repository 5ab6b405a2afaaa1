"""The first and last value that an account, a loan or a way of paying takes, and the ones beside them, which are refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction as F
from typing import Any

import pytest

from ketacost.accounts.fsa import (
    CHANGES,
    CostOutcome,
    ElectionError,
    ElectionPoint,
    FsaError,
    HealthFsa,
    blocks_hsa,
    change,
    elect,
    leave,
    point,
    use,
)
from ketacost.accounts.funding import (
    FundedPart,
    FundingError,
    FundingSource,
    PatientPart,
    SourcePayment,
    why_not_payable,
)
from ketacost.accounts.hsa import Span
from ketacost.accounts.loans import LendingError, Loan, Paying, helps_denied, services_helped

JAN = date(2026, 1, 1)


def fsa(**more: Any) -> HealthFsa:
    return HealthFsa(**{"election": 100_000, "first": JAN, **more})


def flat(amount: int) -> int:
    """Tax of 30 cents a dollar."""
    return amount * 3 // 10


def elected(**more: Any) -> Any:
    return elect([CostOutcome(F(1), 10_000)], flat, **{"limit": 20_000, **more})


TAKEN: list[tuple[Callable[..., Any], dict[str, tuple[list[Any], list[Any]]]]] = [
    (
        fsa,
        {
            "first": ([date(2026, 2, 28), date(2026, 1, 1)], [date(2026, 1, 29), date(2026, 1, 31)]),
            "election": ([0, 340_000], [-1, 340_001]),
            "carried_in": ([0, 1], [-1]),
            "carryover_limit": ([0, 1, 68_000], [-1, 68_001]),
            "months": ([4, 12], [-1, 0, 13]),
            "grace_ends": ([date(2027, 1, 1), date(2027, 3, 15)], [date(2026, 12, 31), date(2027, 3, 16)]),
        },
    ),
    (
        lambda **more: Loan(**{"amount": 1, "apr": 0, "months": 1, **more}),
        {
            "amount": ([0, 1], [-1]),
            "apr": ([0, 10_000], [-1, 10_001]),
            "months": ([1, 600], [0, 601]),
            "fee": ([0, 1], [-1]),
        },
    ),
    (
        Paying,
        {
            **{name: ([0, 1], [-1]) for name in ("assistance", "hra", "hra_after", "rebate", "deposit")},
            **{name: ([0, 1_830], [-1, 1_831]) for name in ("rebate_days", "deposit_days", "superbills_every")},
            "pay_days": ([1, 366], [0, 367]),
            "hra_share": ([0, 10_000], [-1, 10_001]),
            "filing_fee": ([0, 10_000], [-1, 10_001]),
        },
    ),
    (elected, {"limit": ([0, 1], [-1]), "step": ([1_000, 10_000], [0, -1]), "carryover": ([0, 1], [-1])}),
]


@pytest.mark.parametrize(
    ("make", "field", "inside", "outside"),
    [(make, field, *values) for make, fields in TAKEN for field, values in fields.items()],
)
def test_the_first_and_the_last_are_taken_and_no_more(
    make: Callable[..., Any], field: str, inside: list[Any], outside: list[Any]
) -> None:
    for value in inside:
        make(**{field: value})
    for value in outside:
        with pytest.raises((FsaError, LendingError, ElectionError)):
            make(**{field: value})


def test_chances_and_costs_have_ends() -> None:
    elect([CostOutcome(F(1), 0), CostOutcome(F(0), 0)], flat, limit=1_000)
    with pytest.raises(ElectionError, match="a cost cannot be negative"):
        elect([CostOutcome(F(1), -1)], flat, limit=1_000)


def test_a_saving_may_be_nothing_or_all_of_it() -> None:
    assert elect([CostOutcome(F(1), 10_000)], lambda amount: amount, limit=20_000).best.value == 10_000
    assert elect([CostOutcome(F(1), 10_000)], lambda amount: 0, limit=20_000).best.election == 0


def test_all_that_was_elected_may_have_been_put_in_and_all_of_it_paid() -> None:
    assert leave(fsa(), JAN, put_in=100_000, paid=100_000)[1] == (0, 0)
    assert change(fsa(carried_in=10_000), CHANGES[0], 40_000, paid=50_000).election == 40_000
    with pytest.raises(FsaError, match="ask the plan"):
        change(fsa(carried_in=10_000), CHANGES[0], 39_999, paid=50_000)


def test_who_left_carries_nothing_over_and_is_blocked_until_that_day() -> None:
    left = fsa(after_year="carryover", covered_until=date(2026, 6, 30))
    assert use(left, []) == ((), 0, 100_000)
    assert blocks_hsa(left, 100) == (Span(JAN, date(2026, 6, 30)),)
    grace = fsa(after_year="grace period", covered_until=date(2026, 6, 30))
    assert blocks_hsa(grace, 0) == (Span(JAN, date(2026, 6, 30)),)
    assert fsa(covered_until=date(2027, 6, 30)).days.last == date(2026, 12, 31)


def test_a_short_plan_year_blocks_until_the_end_of_the_next() -> None:
    short = HealthFsa(50_000, date(2026, 7, 1), after_year="carryover", months=6)
    assert blocks_hsa(short, 1) == (Span(date(2026, 7, 1), date(2027, 12, 31)),)


def test_an_account_that_does_not_carry_over_carries_nothing() -> None:
    assert fsa(carryover_limit=50_000).carries == 0
    assert fsa(after_year="carryover", carryover_limit=0).carries == 0
    assert fsa(after_year="carryover").carries == 68_000


def test_a_plan_year_of_one_month_takes_a_twelfth_of_the_limit() -> None:
    assert fsa(election=28_333, months=1).last == date(2026, 1, 31)
    with pytest.raises(FsaError, match=r"above \$283\.33"):
        fsa(election=28_334, months=1)


def test_what_a_day_more_or_less_of_coverage_pays() -> None:
    account = fsa()
    assert [account.days.holds(JAN + timedelta(days)) for days in (-1, 0, 364, 365)] == [False, True, True, False]


def test_nothing_is_lost_where_contributions_are_what_was_spent() -> None:
    assert point([CostOutcome(F(1), 40_000)], flat, 40_000, carryover=50_000) == ElectionPoint(40_000, F(12_000), F(0))
    assert point([CostOutcome(F(1), 39_999)], flat, 40_000).forfeiture == 1


def test_the_curve_has_a_point_where_an_outcome_bends_it() -> None:
    found = elect([CostOutcome(F(1), 12_345)], flat, limit=200_000, carryover=1_000, step=100_000)
    assert {12_345, 13_345} <= {one.election for one in found.curve}
    short = elect([CostOutcome(F(1), 12_345)], flat, limit=12_345, step=100_000)
    assert max(one.election for one in short.curve) == 12_345
    odd = elect([CostOutcome(F(1), 12_345)], flat, limit=9_999, step=1_000)
    assert [one.election for one in odd.curve][-2:] == [9_900, 9_999]


def test_no_program_means_help_with_anything_and_a_makers_card_with_its_own_drug() -> None:
    assert services_helped("", law="medicare", treatment="iv-mood") == ()
    assert services_helped("iv-mood", law="medicare", treatment="iv-mood") == ()
    assert services_helped("spravato", law="aca", treatment="iv-mood") is None
    assert services_helped("G002", law="erisa", treatment="spravato") == ("observation",)
    assert services_helped("G002", law="medicare", treatment="spravato") is None
    assert services_helped("G003", law="aca", treatment="spravato") is None
    assert [helps_denied(program) for program in ("", "G001", "iv-mood")] == [True, False, True]


def test_elections_that_are_nearly_as_good_reach_from_nothing_to_the_limit() -> None:
    """Nothing is lost where all goes over: a saving of a cent at the limit, or of none, makes no difference."""
    whole = {"limit": 5_000, "carryover": 5_000, "step": 1_000}
    none = elect([CostOutcome(F(1), 0)], lambda amount: 0, **whole)
    assert (none.best.election, none.lowest, none.highest) == (0, 0, 5_000)
    cent = elect([CostOutcome(F(1), 0)], lambda amount: amount // 5_000, **whole)
    assert (cent.best.election, cent.lowest, cent.highest) == (5_000, 0, 5_000)


def test_the_best_is_looked_for_at_each_dollar_around_it() -> None:
    """From the whole dollar at or below one step under the best, $113, up to one step above it; and at the bend."""
    found = elect([CostOutcome(F(1), 12_345)], flat, limit=200_000, step=1_000)
    near = [one.election for one in found.curve if 11_000 < one.election < 14_000]
    assert near == sorted({*range(11_300, 13_345, 100), 12_345})


def test_the_curve_has_a_point_at_each_step_up_to_the_limit() -> None:
    found = elect([CostOutcome(F(1), 0)], flat, limit=10_001, step=10_000)
    assert [one.election for one in found.curve][-2:] == [10_000, 10_001]


def test_a_source_may_pay_nothing_of_a_part_and_not_less() -> None:
    owed = PatientPart(date(2026, 2, 1), 100)
    assert FundedPart(owed, (SourcePayment("card", "cash", 0), SourcePayment("cash", "cash", 100))).by("cash") == 100
    with pytest.raises(FundingError, match="does not balance"):
        FundedPart(owed, (SourcePayment("card", "cash", -1), SourcePayment("cash", "cash", 101)))


def test_why_an_account_may_not_pay_is_said_by_its_days_and_by_the_care() -> None:
    year = Span(date(2026, 1, 1), date(2026, 12, 31))
    fsa, hsa = (FundingSource(name, name.lower(), 100, days=year) for name in ("FSA", "HSA"))  # type: ignore[arg-type]
    early, late = PatientPart(date(2025, 12, 31), 100), PatientPart(date(2027, 1, 1), 100)
    assert why_not_payable(early, fsa) == "FSA does not pay for 2025-12-31"
    assert why_not_payable(late, hsa) == "HSA does not pay for 2027-01-01"
    assert why_not_payable(early, hsa) == "the expense of 2025-12-31 came before HSA was established on 2026-01-01"


def test_nearly_as_good_is_within_25_dollars_to_the_cent() -> None:
    """At half of each dollar saved and the rest lost: $50 at the best, $25 at half of it and at half more."""
    found = elect([CostOutcome(F(1), 10_000)], lambda amount: amount // 2, limit=20_000, step=2)
    assert (found.lowest, found.best.election, found.highest) == (5_000, 10_000, 15_000)


def test_the_curve_has_a_point_each_ten_dollars_where_no_step_is_said() -> None:
    curve = elect([CostOutcome(F(1), 0)], flat, limit=5_000).curve
    assert [one.election for one in curve if one.election >= 1_000] == [1_000, 2_000, 3_000, 4_000, 5_000]


def test_an_election_of_which_nothing_was_paid_may_go_down_to_nothing() -> None:
    assert change(HealthFsa(100_000, JAN), next(iter(CHANGES)), 0).election == 0


def test_one_impossible_cost_among_others_is_told() -> None:
    with pytest.raises(ElectionError, match="a cost cannot be negative"):
        elect([CostOutcome(F(1, 2), -1), CostOutcome(F(1, 2), 100)], flat, limit=1_000)
