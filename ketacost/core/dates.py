"""Days: how they are said in words, and arithmetic with months."""

from __future__ import annotations

from datetime import date, timedelta


def us_day(day: date) -> str:
    """A day as Americans write it, with a long month's name shortened: Nov 4, 2027; June 3, 2027."""
    month = f"{day:%B}"
    return f"{month if len(month) <= 5 else month[:3]} {day.day}, {day.year}"


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last day where the month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), month_end(year, month + 1))


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
