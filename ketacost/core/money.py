"""Dollars and shares in and out as text, and the only place that rounds.

Money is whole cents (int) and shares are basis points (int): 1,234.50 dollars is 123_450 and 40% is 4_000. Everything a
person writes comes in through `usd`, `share` or `multiple`; everything shown goes out through `dollars` or `percent`.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from ketacost.core.fields import KetacostError, as_python
from ketacost.core.words import cut, told

Cents = Annotated[int, "USD"]
"""Whole cents. Files and forms write it in dollars: 600, "1,234.50", "$80"."""

Share = Annotated[int, "share"]
"""Basis points of a whole. Files and forms write it as 0.4 or "40%"."""

Multiple = Annotated[int, "multiple"]
"""Basis points of another amount, the whole and beyond. Files and forms write it as 1.4 or "140%"."""

WHOLE = 10_000
"""The whole, in basis points: 100%."""

BEYOND = 10**20
MOST_SIGNS = 40
"""Numbers from here on, and numbers written with more signs or places than this, are not read."""

LARGEST = 1_000_000_000
"""Ten million dollars in cents: above any bill this is for, and cents x basis points still fit 64 bits."""


MOST_TIMES = 20
"""The most times of another amount that a multiple may be: above it a percent sign is missing."""


class MoneyError(KetacostError):
    """An amount or a share that makes no sense as written; the message says how to write it."""


class Points(int):
    """Basis points that were read by `share`, so that a bare small int can be told from them."""


def usd(amount: object, *, what: str = "an amount") -> int:
    """Read dollars as people write them, as whole cents.

    Takes 600, "600", "1,234.50", "$80" or Decimal("12.5"). Raises MoneyError for floats with cents (they are not
    exact), NaN, negative amounts, fractions of a cent and amounts above ten million dollars.

    >>> usd("1,234.50"), usd(600)
    (123450, 60000)
    """
    dollars_written = _decimal(amount, what, unit="$")
    if dollars_written < 0:
        raise MoneyError(f"{what} cannot be negative, got {_as_typed(amount)}")
    if dollars_written > Decimal(LARGEST) / 100:
        raise MoneyError(f"{what} of {_as_typed(amount)} is more than ten million dollars; is a decimal point missing?")
    whole = dollars_written.quantize(Decimal("0.01"))
    if dollars_written != whole:
        raise MoneyError(
            f"{what} has a fraction of a cent, got {_as_typed(amount)}; write it to the cent, as in {whole}"
        )
    cents = whole * 100
    return int(cents)


def share(part: object, *, what: str = "a share") -> int:
    """Read a share as people write it, as basis points.

    Takes "40%", 0.4, "0.4", 0 or 1. Raises MoneyError outside 0 to 1 and for more than two decimals of a percent.

    >>> share("40%"), share(0.285), share(1)
    (4000, 2850, 10000)
    """
    return Points(_points(part, what, "a share between 0 and 1", 1, 100))


def chance(part: object, *, what: str = "a chance") -> int:
    """Take a chance as basis points: from "5%" or 0.05, or as `share` gave it.

    Raises MoneyError for a bare int from 1 to 100, which would be read as hundredths of a percent.

    >>> chance("15%"), chance(0.15), chance(1_500)
    (1500, 1500, 1500)
    """
    if isinstance(part, str | float):
        return share(part, what=what)
    if not isinstance(part, int) or isinstance(part, bool) or not 0 <= part <= WHOLE:
        return share(part, what=what)
    if type(part) is int and 0 < part <= 100:
        raise MoneyError(
            f'{what} is {part} hundredths of a percent here; for {part}% write "{part}%" or {part / 100:g}'
        )
    return part


def multiple(times: object, *, what: str = "a multiple") -> int:
    """Read a multiple, as people write it, as basis points.

    Takes "140%", 1.4, "1.4" or 2. Raises MoneyError below 0, above 20 and for more than two decimals of a percent.

    >>> multiple("140%"), multiple(1.4), multiple(2)
    (14000, 14000, 20000)
    """
    return _points(times, what, f"a multiple between 0 and {MOST_TIMES}", MOST_TIMES, MOST_TIMES * 100)


def _points(part: object, what: str, kind: str, most: int, most_percent: int) -> int:
    """Basis points from 0 to so many times the whole; the message says where a percent sign is missing."""
    written = str(part).strip() if isinstance(part, str | float) else part
    in_percent = isinstance(written, str) and written.endswith("%") and not re.search("[A-Za-z]", written)
    value = _decimal(written[:-1] if in_percent and isinstance(written, str) else written, what, unit="")
    points = value * (100 if in_percent else WHOLE)
    if not 0 <= points <= most * WHOLE:
        missing = not in_percent and most < value <= most_percent
        hint = f'; for {part}% write {float(value) / 100:g} or "{part}%"' if missing else ""
        kind = "a share between 0% and 100%" if in_percent and most == 1 else kind
        raise MoneyError(f"{what} is {kind}, got {_as_typed(part)}{hint}")
    if points != points.to_integral_value():
        raise MoneyError(f"{what} is kept to hundredths of a percent, got {_as_typed(part)}")
    return int(points)


def part_of(amount: int, points: int) -> int:
    """A share of an amount in cents, rounded half-up to the cent.

    With `whole_cents`, the one place where money is rounded.

    >>> part_of(5_001, 5_000)
    2501
    """
    return (amount * points + WHOLE // 2) // WHOLE


def whole_cents(exact: Fraction) -> int:
    """An exact number of cents, rounded half-up to the cent: for what is worked out in fractions, once at its end.

    >>> whole_cents(Fraction(13_427, 2))
    6714
    """
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def split_evenly(amount: int, parts: int) -> tuple[int, ...]:
    """Divide cents over parts so that they add up again: the first ones carry the odd cents.

    >>> split_evenly(302_500, 6)
    (50417, 50417, 50417, 50417, 50416, 50416)
    """
    each, odd = divmod(amount, parts)
    return tuple(each + (1 if i < odd else 0) for i in range(parts))


def dollars(cents: int) -> str:
    """Cents as a decimal string with two places, no sign for the currency and no commas: 123450 -> "1234.50"."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def shown(cents: int) -> str:
    """Cents as people read them: 123450 -> "$1,234.50"."""
    return f"{'-' if cents < 0 else ''}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def brief(cents: int) -> str:
    """Cents as people say them, without zero cents: 123400 -> "$1,234", 123450 -> "$1,234.50"."""
    return shown(cents).removesuffix(".00")


def about(cents: int) -> str:
    """Cents rounded to ten dollars, as patients read them: 123450 -> "$1,230"; below $100 to the dollar.

    Amounts under ten dollars stay exact.
    """
    return brief(rounded(cents))


def rounded(cents: int) -> int:
    """Cents as `about` shows them, still in cents."""
    if abs(cents) < 1_000:
        return cents
    return _half_up(cents, 100 if abs(cents) < 9_950 else 1_000)


def ends(low: int, high: int) -> tuple[str, str]:
    """The ends of a range in cents as patients read them; beside one of ten dollars or more, none shows cents.

    >>> ends(640, 6_000), ends(640, 880), ends(-250, 29_000)
    (('$6', '$60'), ('$6.40', '$8.80'), ('-$3', '$290'))
    """
    if max(abs(low), abs(high)) < 1_000:
        return about(low), about(high)
    low, high = (cents if abs(cents) >= 1_000 else _half_up(cents) for cents in (low, high))
    return about(low), about(high)


def _half_up(cents: int, step: int = 100) -> int:
    """To a whole number of steps of cents, such as the whole dollar, halves away from zero."""
    return (abs(cents) + step // 2) // step * (step if cents > 0 else -step)


def between(low: int, high: int) -> str:
    """A range in cents as patients read it, by `ends`; one amount where both round alike.

    >>> between(4_000, 29_000), between(80_000, 80_100), between(0, 29_000), between(0, 0)
    ('$40 to $290', '$800', 'up to $290', 'nothing')
    """
    start, end = ends(low, high)
    if start == end:
        return end if high else "nothing"
    return f"up to {end}" if start == "$0" else f"{start} to {end}"


def percent(points: int) -> str:
    """Basis points as people read them: 4000 -> "40%", 14000 -> "140%"."""
    return f"{points / 100:g}%"


_SIGNED = re.compile(r"\$?\s*\((?P<a>[^()]*)\)|-\s*(?P<b>[^-]*)|\$\s*-(?P<c>[^-]*)|(?P<d>[^-]*\d)\s*(-|CR|Cr|cr)")


def unsigned(text: str) -> tuple[bool, str]:
    """Whether an amount is negative, and the amount without its sign.

    >>> unsigned("(240.00)"), unsigned("-$240"), unsigned("240.00-"), unsigned("240.00 CR"), unsigned("$1,234.50")
    ((True, '240.00'), (True, '$240'), (True, '240.00'), (True, '240.00'), (False, '$1,234.50'))
    """
    plain = text.replace("\u2212", "-").replace("\xa0", " ").strip()
    found = _SIGNED.fullmatch(plain)
    return (True, next(part for part in found.groups() if part is not None).strip()) if found else (False, plain)


_UNIT = re.compile(r"^\s*(usd|(us)?\$)?\s*|\s*(\$|usd|dollars?)?\s*$", re.IGNORECASE)
_WRITTEN = re.compile(r"([0-9]{1,3}(,[0-9]{3})+|[0-9]+)?(\.[0-9]*)?")


def _as_typed(value: object) -> str:
    return cut(value) if isinstance(value, str) else told(value)


def _decimal(value: object, what: str, unit: str) -> Decimal:
    value = as_python(value)
    if isinstance(value, bool) or value is None:
        raise MoneyError(f"{what} should be a number, got {told(value)}")
    if isinstance(value, float):
        if not math.isfinite(value):
            raise MoneyError(f"{what} should be a number, got {value}")
        if unit == "$" and not value.is_integer():
            raise MoneyError(f'{what} is a float, {value!r}, and floats lose cents; write "{value:.2f}" or a Decimal')
        return Decimal(repr(value))
    if isinstance(value, int | Decimal):
        if isinstance(value, Decimal) and not value.is_finite():
            raise MoneyError(f"{what} should be a number, got {value}")
        return _short(value, value, what)
    if isinstance(value, str):
        negative, text = unsigned(value)
        text = _UNIT.sub("", text) if unit else text.strip()
        if not any(c in "0123456789" for c in text) or not _WRITTEN.fullmatch(text):
            kind = 'a number such as 600 or "1,234.50"' if unit else 'a number such as "40%" or 0.4'
            raise MoneyError(f"{what} should be {kind}, got {told(value)}{_instead(value)}")
        number = _short(Decimal(text.replace(",", "")) if len(text) <= MOST_SIGNS else BEYOND, value, what)
        return -number if negative else number
    raise MoneyError(f"{what} should be a number, got {told(value)}")


_IN_WORDS = {
    r"no (charge|cost|copay|deductible)\b.*": "write 0 where nothing is due",
    r"(not covered|excluded)\b.*": "that a plan does not cover a benefit is an entry of its own: covered",
    r"n/?a|[-\u2013\u2014]+|not applicable|does not apply": "leave it out where nothing is stated",
}
"""What a summary of benefits says in place of a number, and what to write."""


def _instead(text: str) -> str:
    """What to write for a number in words, as the end of an error; empty where that is not plain."""
    bare = cut(text).strip().lower()
    for words, mend in _IN_WORDS.items():
        if re.fullmatch(words, bare):
            return f"; {mend}"
    numbers = re.findall(r"\$?[0-9][0-9,]*(?:\.[0-9]+)?%?", bare.replace(" percent", "%"))
    alone = len(numbers) == 1 and re.search("[a-z]{2}", bare)
    return f"; write the number alone, as in {numbers[0]}" if alone else ""


def _short(number: int | Decimal, written: object, what: str) -> Decimal:
    """A number that can be worked with exactly. Raises MoneyError for one with too many digits or places."""
    if not number:
        return Decimal(0)
    if isinstance(number, int) and abs(number) < BEYOND:
        return Decimal(number)
    if isinstance(number, Decimal) and number.adjusted() < 20 and int(number.as_tuple().exponent) >= -MOST_SIGNS:
        return number
    raise MoneyError(f"{what} has too many digits, got {told(written)}; write an amount to the cent")
