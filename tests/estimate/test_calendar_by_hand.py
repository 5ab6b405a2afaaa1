"""A calendar written down by hand: what leaves the pocket, what comes back, what is waited for, month by month."""

from __future__ import annotations

from datetime import date

import pytest

from ketacost.accounts.loans import Loan
from ketacost.core.fields import KetacostError
from ketacost.estimate.calendar import BottomLine, Calendar, DearestMonth, Month, Waiting
from ketacost.estimate.cash_flow import Entry, Owed, interest_of, likely, loan_flow, pay_dates


def made(*entries: tuple[str, int, str], owed: tuple[Owed, ...] = (), last: date = date(2026, 12, 31)) -> Calendar:
    """A calendar of days, dollars and kinds, in order."""
    rows = tuple(Entry(date.fromisoformat(day), dollars * 100, kind, kind) for day, dollars, kind in entries)
    total = sum(row.cents for row in rows)
    return Calendar(rows, owed, BottomLine(total, *[0] * 11, note=""), last)


def owed(since: str, until: str, dollars: int) -> Owed:
    return Owed(date.fromisoformat(since), date.fromisoformat(until), dollars * 100)


def months(found: Calendar) -> list[tuple[str, int, int, int, int]]:
    """Month, out, back, running and waited for, in dollars."""
    return [(f"{m.first_day:%Y-%m}", *(cents // 100 for cents in m[1:])) for m in found.months]


def test_a_visit_is_paid_and_a_check_comes_two_months_later() -> None:
    found = made(
        *(("2026-01-10", 600, "visit"), ("2026-03-05", -250, "check"), ("2026-03-05", 25, "filing fee")),
        owed=(owed("2026-01-10", "2026-03-05", 250),),
    )
    assert months(found) == [("2026-01", 600, 0, 600, 250), ("2026-02", 0, 0, 600, 250), ("2026-03", 0, 225, 375, 0)]
    assert found.dearest_month == DearestMonth(date(2026, 1, 1), 60_000)
    assert found.most_waiting == Waiting(25_000, date(2026, 1, 10))


def test_what_accounts_and_help_pay_on_the_day_leaves_no_pocket() -> None:
    found = made(
        *(("2026-01-10", 600, "visit"), ("2026-01-10", -100, "fsa"), ("2026-01-10", -50, "hsa")),
        *(("2026-01-10", -30, "hra"), ("2026-01-10", -20, "assistance"), ("2026-02-02", -40, "hsa")),
    )
    assert months(found) == [("2026-01", 400, 0, 400, 0), ("2026-02", 0, 40, 360, 0)]


def test_a_loan_pays_the_clinic_first_and_its_payments_leave_the_pocket() -> None:
    """$500 are lent: $300 for the first visit, $200 of the second one's $300; what is lent is no money back."""
    found = made(
        *(("2026-01-10", -500, "loan"), ("2026-01-10", 10, "loan"), ("2026-01-10", 300, "visit")),
        *(("2026-01-20", 300, "package"), ("2026-02-10", 260, "loan"), ("2026-03-10", 260, "loan")),
    )
    assert months(found) == [("2026-01", 110, 0, 110, 0), ("2026-02", 260, 0, 370, 0), ("2026-03", 260, 0, 630, 0)]
    assert found.dearest_month == DearestMonth(date(2026, 2, 1), 26_000)  # the first of equal ones


def test_pay_that_saves_more_tax_than_it_takes_comes_back() -> None:
    found = made(
        *(("2026-01-31", 100, "contribution"), ("2026-01-31", -22, "tax"), ("2026-04-15", -30, "tax")),
        *(("2026-04-20", 15, "step"), ("2026-04-20", -5, "rebate"), ("2026-04-21", -7, "refund")),
    )
    assert months(found) == [
        *(("2026-01", 78, 0, 78, 0), ("2026-02", 0, 0, 78, 0), ("2026-03", 0, 0, 78, 0)),
        ("2026-04", 15, 42, 51, 0),
    ]


def test_money_on_hand_is_in_no_month_and_stands_by_itself() -> None:
    found = made(("2026-01-10", 40, "on hand"), ("2026-01-10", -40, "hsa"), ("2026-12-31", -15, "kept"))
    assert found.held == 2_500
    assert [(month.out, month.back) for month in found.months[:1]] == [(0, 4_000)]
    assert found.dearest_month == DearestMonth(None, 0)


def test_a_day_on_which_something_is_owed_begins_with_it_and_ends_before_it_comes() -> None:
    debts = (owed("2026-01-10", "2026-02-01", 100), owed("2026-01-31", "2026-03-01", 50))
    found = made(("2026-01-10", 600, "visit"), owed=debts)
    days = [date(2026, 1, day) for day in (9, 10, 30, 31)] + [date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1)]
    assert [found.owed_back_after(day) // 100 for day in days] == [0, 100, 100, 150, 50, 50, 0]
    assert found.most_waiting == Waiting(15_000, date(2026, 1, 31))
    assert found.months[0].waiting_for == 15_000
    assert made(("2026-01-10", 600, "visit")).most_waiting == Waiting(0, None)


def test_the_headline_counts_to_the_day_of_the_last_visit() -> None:
    rows = (("2026-01-10", 600, "visit"), ("2026-01-31", 300, "visit"), ("2026-02-01", 100, "step"))
    assert made(*rows, last=date(2026, 1, 31)).headline == (
        "You will have paid $900 by Jan 31, 2026. No money is due back. With everything counted, your cost is $1,000."
    )
    assert made(*rows, last=date(2026, 2, 1)).headline == (
        "You will have paid $1,000 by Feb 1, 2026. No money is due back."
    )
    back = made(
        *rows[:2], ("2026-03-01", -250, "check"), owed=(owed("2026-01-31", "2026-03-01", 250),), last=date(2026, 1, 31)
    )
    assert back.headline == "You will have paid $900 by Jan 31, 2026, and $250 comes back later."


def test_a_calendar_of_nothing_has_no_month() -> None:
    assert made().months == ()
    assert made(("2026-01-10", 600, "visit")).months == (Month(date(2026, 1, 1), 60_000, 0, 60_000, 0),)
    with pytest.raises(KetacostError, match=r"its entries add up to 6\.00, its bottom line is 5\.00"):
        Calendar(
            (Entry(date(2026, 1, 1), 600, "visit", ""),), (), BottomLine(500, *[0] * 11, note=""), date(2026, 1, 1)
        )


def test_the_bottom_line_adds_and_takes_away() -> None:
    costs = {"you_pay": 1_000, "steps": 1, "filing_fee": 2, "interest": 4, "lost": 8}
    helps = {"assistance": 16, "rebate": 32, "tax_saved": 64, "hra": 128}
    line = BottomLine(**costs, **helps, kept=500, fsa=100, hsa=200, loan=300, note="", on_hand=50)
    assert line.net == 1_000 + 15 - 16 - 32 - 64 - 128
    assert line.cash == 1_000 - 16 - 128 - 100 - 200 - 300


def test_pay_days_are_even_and_the_last_one_ends_the_year() -> None:
    assert pay_dates(date(2026, 1, 1), 1) == (date(2026, 12, 31),)
    assert pay_dates(date(2026, 1, 1), 2) == (date(2026, 7, 1), date(2026, 12, 31))
    days = pay_dates(date(2027, 7, 1), 12)  # a year of 366 days
    assert (days[0], days[-1]) == (date(2027, 7, 30), date(2028, 6, 30))


def test_the_likely_one_of_three_is_in_the_middle() -> None:
    assert [likely(values) for values in ((1,), (1, 2), (1, 2, 3))] == [1, 2, 2]


def test_a_loan_flows_in_at_once_and_out_by_the_month() -> None:
    """$1,000 at 12% a year in two payments of $507.51."""
    loan = Loan(100_000, 1_200, 2, fee=1_500)
    day = date(2026, 1, 31)
    assert [(entry.day, entry.cents) for entry in loan_flow(loan, day).entries] == [
        *((day, -100_000), (day, 1_500), (date(2026, 2, 28), 50_751), (date(2026, 3, 31), 50_751))
    ]
    assert interest_of(loan) == 1_500 + 1_502
    assert loan_flow(None, day).entries == ()
    assert [entry.cents for entry in loan_flow(Loan(0, 0, 1, fee=700), day).entries] == [700]
