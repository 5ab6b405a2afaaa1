"""Days: how people write them, how they are said in words, and arithmetic with months."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from typing import Annotated

from ketacost.core.fields import KetacostError, require
from ketacost.core.words import cut, told


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


YearStart = Annotated[int, "day of the year"]
"""The day on which a year begins: a month (9), or month and day as an int (315). Files write 9 or "03-15"."""


MONDAYS = ((1, 3), (2, 3), (9, 1), (10, 2))
"""The holidays that fall on a Monday: the month, and which Monday of it."""
SAME_DAY = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
"""The holidays on the same day of every year."""


@cache
def us_holidays(year: int) -> tuple[date, ...]:
    """The federal holidays of a year (5 U.S.C. 6103(a)), and the Friday or Monday on which one of a weekend is kept.

    >>> [day.isoformat() for day in us_holidays(2027)][-3:]
    ['2027-12-24', '2027-12-25', '2027-12-31']
    """
    days = [
        date(year, month, 1 + 7 * (number - 1) + (-date(year, month, 1).weekday()) % 7) for month, number in MONDAYS
    ]
    may, november = month_end(year, 5), date(year, 11, 1)
    days += [may - timedelta(days=may.weekday()), november + timedelta(days=21 + (3 - november.weekday()) % 7)]
    for day in (*(date(year, *same) for same in SAME_DAY), date(year + 1, 1, 1)):
        kept = day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))
        days += [one for one in dict.fromkeys((day, kept)) if one.year == year]
    return tuple(sorted(days))


def year_start(written: object, *, what: str = "the plan year") -> int:
    """A month, or a day of the year, as an int: 9 is September 1, "03-15" is 315. Raises KetacostError for others.

    >>> year_start("03-15"), year_start("9"), year_start("09-01"), year_start("July"), year_start("Mar 15")
    (315, 9, 9, 7, 315)
    """
    text = told(written) if isinstance(written, int) else cut(str(written).strip())
    by_name = re.fullmatch(r"([a-z]{3,9})\.?\s*(\d{1,2})?(st|nd|rd|th)?", text.lower())
    if by_name and (months := _months(by_name[1])):
        text = f"{months[0]}-{by_name[2] or 1}"
    found = re.fullmatch(r"([0-9]{1,2})([-/]([0-9]{1,2}))?", text)
    if not found and not isinstance(written, int):
        raise KetacostError(f'{what} should be a month (1 to 12) or a day such as "03-15", got {told(written)}')
    month, day = (int(found[1]), int(found[3] or 1)) if found else (0, 0)
    if not is_day_of_years(month, day):
        hint = 'write "03-01" or "02-28"' if (month, day) == (2, 29) else 'or write a day, as "03-15"'
        raise KetacostError(f"{what} should be in a month from 1 to 12, got {text}; {hint}")
    return month if day == 1 else 100 * month + day


def is_day_of_years(month: int, day: int) -> bool:
    """Whether every year has such a day."""
    return 1 <= month <= 12 and 1 <= day <= month_end(2027, month).day


def month_and_day(starts: int) -> tuple[int, int]:
    """The month and the day on which a year begins: (9, 1) of 9, (3, 15) of 315."""
    return divmod(starts, 100) if starts > 100 else (starts, 1)


def written_start(starts: int) -> int | str:
    """The same as people write it: 9, or "03-15"."""
    month, day = month_and_day(starts)
    return starts if day == 1 else f"{month:02}-{day:02}"


STYLES = ("us", "iso", "day-first")
"""How days may be written with numbers alone: 1/5/2027, 2027-01-05 or 5/1/2027."""

_TIME = re.compile(r"(t|\s+)\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*([ap]\.?m\.?)?\s*(z|utc|[+-]\d{2}:?\d{2})?$")
_WEEKDAY = re.compile(r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+")
_YEAR_FIRST = re.compile(
    r"(?P<y>\d{4})([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})|(?P<y8>(19|20)\d{2})(?P<m8>\d{2})(?P<d8>\d{2})"
)
_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
IN_NUMBERS = re.compile(r"(?<![\w./-])\d{1,2}([-/])\d{1,2}\1(\d{4}|\d{2})( \d{1,2}:\d{2}(:\d{2})?)?(?![\w./-])")
"""Days in a text that are written with numbers and the year at the end."""

_ONE_DAY = re.compile(r"(\S.*?)\s*(?:[-\u2013\u2014]|to|thru|through)\s*\1", re.IGNORECASE)
"""A portal's "from - to" of one day."""

SERIAL = re.compile(r"[345]\d{4}(\.\d+)?")
"""A spreadsheet's number of a day: days since December 30, 1899, from 1982 to 2064."""

_DAY_MONTH = re.compile(r"(?P<d>\d{1,2})[\s./-]*(?P<m>[a-z]{3,9})\.?,?[\s/-]*(?P<y>\d{4}|\d{2})")
_MONTH_DAY = re.compile(r"(?P<m>[a-z]{3,9})\.?[\s-]*(?P<d>\d{1,2})(st|nd|rd|th)?(,\s*|[\s-]+)(?P<y>\d{4}|\d{2})")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)


def _months(name: str) -> list[int]:
    """The month, 1 to 12, that a name in small letters begins; none for other words."""
    return [at for at, month in enumerate(_MONTHS, 1) if month.startswith("sep" if name == "sept" else name)]


class NoDay(KetacostError):
    """A text that is not a day in any of the ways that people write one."""


def day_of(text: str, style: str = "us") -> date:
    """A day as spreadsheets and people write it: 2027-01-05, 1/5/2027, 1/5/27, 5-Jan-27, 46392, 2027-01-05 00:00:00.

    `style` says what numbers with the year at the end mean: month first ("us") or "day-first"; "iso" takes none.
    Raises KetacostError with the habit and the mend.

    >>> day_of("1/5/27"), day_of("5/1/2027 0:00", "day-first"), day_of("Jan 5, 2027")
    (datetime.date(2027, 1, 5), datetime.date(2027, 1, 5), datetime.date(2027, 1, 5))
    """
    require("way to write dates", style, STYLES)
    text = cut(text)
    one_day = _ONE_DAY.fullmatch(text.strip())
    if one_day:
        text = one_day[1]
    plain = _WEEKDAY.sub("", _TIME.sub("", text.replace("\xa0", " ").strip().lower())).strip()
    found = _YEAR_FIRST.fullmatch(plain)
    if found:
        year, month, day = (int(found[name] or found[f"{name}8"]) for name in "ymd")
        return _day(year, month, day, text)
    found = _DAY_MONTH.fullmatch(plain) or _MONTH_DAY.fullmatch(plain)
    months = _months(found["m"]) if found else []
    if found and months:
        return _day(_full(found["y"]), months[0], int(found["d"]), text)
    found = _NUMBERS.fullmatch(plain)
    if found:
        return _by_numbers(int(found[1]), int(found[3]), _full(found[4]), text, "" if found[2] == "." else "us", style)
    if style != "iso" and SERIAL.fullmatch(plain):
        return date(1899, 12, 30) + timedelta(days=int(float(plain)))
    raise NoDay(f"a day is written as in 2026-11-30 or 11/30/2026, got {told(text)}")


def _by_numbers(first: int, second: int, year: int, text: str, usual: str, style: str) -> date:
    """A day by two numbers and a year; what they leave open is asked for."""
    if style == "iso":
        raise KetacostError(
            f"{text}: --dates iso takes days as 2026-11-30; write it so, or give --dates us or day-first"
        )
    if style == "day-first":
        return _day(year, second, first, text)
    if not usual:
        raise KetacostError(f"{text}: is the month or the day first? Give --dates day-first, or write 2026-11-30")
    if first > 12 >= second:
        raise KetacostError(
            f"{text}: there is no month {first}; write {year}-{second:02}-{first:02}. If every date of a sheet is "
            "day first, give --dates day-first"
        )
    return _day(year, first, second, text)


def _day(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise KetacostError(f"there is no such day: {text}") from None


def _full(year: str) -> int:
    """A year of two digits in this century up to 68, as spreadsheets take it."""
    return int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 69 else 1900)
