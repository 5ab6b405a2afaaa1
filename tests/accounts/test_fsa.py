"""Health FSAs: all of it from the first day, what is left, leaving, changing. Published examples stand with their place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketacost.accounts.fsa import (
    CHANGES,
    Expense,
    FsaError,
    FsaYear,
    HealthFsa,
    Hra,
    LeftJob,
    blocks_hsa,
    change,
    leave,
    longest_grace,
    use,
)
from ketacost.accounts.hsa import Span
from ketacost.core.references import NotKnownOn

JAN = date(2026, 1, 1)


def fsa(election: int = 250_000, after_year: str = "lost", **more: object) -> HealthFsa:
    return HealthFsa(election, JAN, after_year=after_year, **more)  # type: ignore[arg-type]


def spent(day: str, amount: int) -> Expense:
    return Expense(date.fromisoformat(day), amount)


def test_an_election_stops_at_the_limit_of_its_plan_year() -> None:
    assert fsa(340_000).election == 340_000
    with pytest.raises(FsaError, match=r"above \$3,400\.00"):
        fsa(340_001)
    with pytest.raises(FsaError, match=r"above \$3,300\.00"):
        HealthFsa(340_000, date(2025, 9, 1))
    with pytest.raises(FsaError, match="negative"):
        fsa(-1)


def test_a_short_plan_year_takes_its_part_of_the_limit() -> None:
    """Notice 2012-40: July through December is six months of twelve, so 1,700 of 3,400."""
    assert HealthFsa(170_000, date(2026, 7, 1), months=6).last == date(2026, 12, 31)
    with pytest.raises(FsaError, match=r"above \$1,700\.00"):
        HealthFsa(170_001, date(2026, 7, 1), months=6)
    with pytest.raises(FsaError, match="1 to 12 months"):
        fsa(100_000, months=0)


def test_a_limit_that_is_not_published_is_told() -> None:
    with pytest.raises(NotKnownOn):
        HealthFsa(340_000, date(2027, 1, 1))


def test_all_of_it_is_there_on_the_first_day() -> None:
    assert use(fsa(carried_in=50_000), [spent("2025-12-31", 100), spent("2026-01-01", 300_000)]).paid == (0, 300_000)
    assert use(fsa(), [spent("2026-01-02", 250_000)]) == FsaYear((250_000,), 0, 0)


def test_what_is_left_is_lost() -> None:
    assert use(fsa(), [spent("2026-06-01", 185_000), spent("2027-01-02", 65_000)]) == FsaYear((185_000, 0), 0, 65_000)


def test_an_expense_below_nothing_does_not_balance() -> None:
    with pytest.raises(FsaError, match="does not balance"):
        use(fsa(), [spent("2026-06-01", -100), spent("2026-07-01", 200)])


def test_a_carryover_of_five_hundred() -> None:
    """Trucker Huss on Notice 2013-71: 2,500 elected, 1,850 used: 500 carried over, 150 lost."""
    account = fsa(250_000, "carryover", carryover_limit=50_000)
    assert use(account, [spent("2026-06-01", 185_000)]) == FsaYear((185_000,), 50_000, 15_000)


def test_the_law_caps_the_carryover() -> None:
    assert use(fsa(250_000, "carryover"), []) == FsaYear((), 68_000, 182_000)
    with pytest.raises(FsaError, match=r"above \$680\.00"):
        fsa(250_000, "carryover", carryover_limit=68_001)
    assert fsa(250_000, "carryover", carryover_limit=68_000).carries == 68_000


def test_a_grace_period_of_two_months_and_fifteen_days() -> None:
    """FSAFEDS on its dependent care account, as the Postal Service told of 2018: a calendar year has until 15 March."""
    assert longest_grace(date(2026, 12, 31)) == date(2027, 3, 15)
    late = [spent("2027-03-15", 65_000), spent("2027-03-16", 100)]
    assert use(fsa(65_000, "grace period"), late) == FsaYear((65_000, 0), 0, 0)
    assert use(fsa(65_000, "grace period", grace_ends=date(2027, 1, 31)), late) == FsaYear((0, 0), 0, 65_000)
    with pytest.raises(FsaError, match="by 2027-03-15"):
        fsa(grace_ends=date(2027, 3, 16))
    with pytest.raises(FsaError, match="after 2026-12-31"):
        fsa(grace_ends=date(2026, 12, 31))


def test_a_plan_year_may_begin_in_september() -> None:
    account = HealthFsa(100_000, date(2026, 9, 1), after_year="grace period")
    assert account.days == Span(date(2026, 9, 1), date(2027, 11, 15))
    assert HealthFsa(100_000, date(2026, 8, 28)).last == date(2027, 8, 27)
    with pytest.raises(FsaError, match="28"):
        _ = HealthFsa(100_000, date(2026, 8, 31)).last


def test_who_leaves_overspent_gives_nothing_back() -> None:
    """Newfront and Amwins on Prop. Treas. Reg. 1.125-5(d): the employer cannot recover what was paid beyond the contributions."""
    left, stands = leave(fsa(240_000), date(2026, 3, 31), put_in=60_000, paid=200_000)
    assert stands == LeftJob(140_000, 0)
    assert use(left, [spent("2026-03-31", 200_000), spent("2026-04-01", 40_000)]).paid == (200_000, 0)
    assert leave(fsa(240_000), date(2026, 3, 31), put_in=60_000, paid=10_000)[1] == LeftJob(0, 50_000)
    carried = fsa(240_000, carried_in=30_000)
    assert leave(carried, JAN, put_in=60_000, paid=100_000)[1] == LeftJob(10_000, 0)
    assert leave(carried, JAN, put_in=240_000, paid=0)[1] == LeftJob(0, 270_000)
    with pytest.raises(FsaError, match="more than the election"):
        leave(fsa(1_000), JAN, put_in=1_001, paid=0)


def test_an_election_changes_with_an_event_only() -> None:
    assert change(fsa(50_000), CHANGES[0], 200_000, paid=50_000).election == 200_000
    assert change(fsa(50_000, carried_in=10_000), CHANGES[0], 40_000, paid=50_000).election == 40_000
    with pytest.raises(FsaError, match="does not allow"):
        change(fsa(), "financial hardship", 100_000)
    with pytest.raises(FsaError, match="ask the plan"):
        change(fsa(), CHANGES[0], 100_000, paid=150_000)


def test_which_days_it_blocks_an_hsa() -> None:
    assert blocks_hsa(fsa(limited=True), 100) == ()
    assert blocks_hsa(fsa(), 100) == (Span(JAN, date(2026, 12, 31)),)
    assert blocks_hsa(fsa(after_year="grace period"), 100) == (Span(JAN, date(2027, 3, 15)),)
    assert blocks_hsa(fsa(after_year="grace period"), 0) == (Span(JAN, date(2026, 12, 31)),)
    assert blocks_hsa(fsa(after_year="carryover"), 100) == (Span(JAN, date(2027, 12, 31)),)
    assert blocks_hsa(fsa(after_year="carryover"), 0) == (Span(JAN, date(2026, 12, 31)),)


def test_an_employers_account_pays_first_come_first_served() -> None:
    account = Hra(100_000, Span(JAN, date(2026, 12, 31)))
    assert account.pays([spent("2026-03-01", 70_000), spent("2026-02-01", 60_000)]) == (40_000, 60_000)
    assert account.pays([spent("2027-01-01", 70_000)]) == (0,)


EXPENSES = st.lists(st.builds(Expense, st.integers(0, 500).map(lambda n: JAN + timedelta(n)), st.integers(0, 200_000)))


@given(
    st.integers(0, 340_000), st.integers(0, 68_000), st.sampled_from(["lost", "carryover", "grace period"]), EXPENSES
)
def test_every_cent_is_paid_carried_over_or_lost(
    election: int, carried: int, after: str, expenses: list[Expense]
) -> None:
    account = fsa(election, after, carried_in=carried)
    year = use(account, expenses)
    assert sum(year.paid) + year.carried_out + year.lost == election + carried
    assert all(0 <= paid <= one.amount for paid, one in zip(year.paid, expenses, strict=True))
    assert all(account.days.holds(one.day) for paid, one in zip(year.paid, expenses, strict=True) if paid)
    if year.lost:
        inside = [i for i, one in enumerate(expenses) if account.days.holds(one.day)]
        assert all(year.paid[i] == expenses[i].amount for i in inside)


def test_an_hra_that_pays_after_the_first_500_dollars_or_shares_each_bill() -> None:
    """Of $1,500: a bill of $1,200 gets $700, one of $3,000 all $1,500; half of each above the first $500 of both is $250."""
    year = Span(JAN, date(2026, 12, 31))
    after = Hra(150_000, year, pays_after=50_000)
    assert [after.pays([Expense(date(2026, 2, 1), bill)]) for bill in (120_000, 300_000)] == [(70_000,), (150_000,)]
    halves = Hra(150_000, year, pays_after=50_000, share=5_000)
    bills = [Expense(date(2026, 3, 1), 60_000), Expense(date(2026, 2, 1), 40_000)]
    assert halves.pays(bills) == (25_000, 0)


@given(
    st.integers(0, 300_000),
    st.sampled_from((0, 0, 50_000, 170_000)) | st.integers(0, 200_000),
    st.sampled_from((0, 2_500, 3_333, 5_000, 8_000, 10_000, 10_000)),
    EXPENSES,
)
def test_an_hra_pays_its_share_of_what_is_above_the_first_part_and_never_more_than_it_has(
    amount: int, after: int, share: int, expenses: list[Expense]
) -> None:
    """First (after 0), second (after the deductible), after a threshold or by a share, worked out bill by bill."""
    account = Hra(amount, Span(JAN, date(2026, 12, 31)), after, share)
    paid = account.pays(expenses)
    first, left, by_hand = after, amount, {}
    for at in sorted(range(len(expenses)), key=lambda at: expenses[at].day):
        bill = expenses[at].amount if expenses[at].day.year == 2026 else 0
        own = min(first, bill)
        due = (2 * (bill - own) * share + 10_000) // 20_000  # half a cent rounds up
        by_hand[at] = min(due, left)
        first, left = first - own, left - by_hand[at]
    assert list(paid) == [by_hand[at] for at in range(len(expenses))]
    assert sum(paid) <= amount
    assert sum(paid) + sum(one.amount - cents for one, cents in zip(expenses, paid, strict=True)) == sum(
        one.amount for one in expenses
    )
    assert all(0 <= cents <= one.amount for one, cents in zip(expenses, paid, strict=True))
    more = replace(account, amount=amount + 10_000).pays(expenses)
    later = replace(account, pays_after=after + 10_000).pays(expenses)
    assert sum(later) <= sum(paid) <= sum(more)
