"""A range that a file gives as a distribution, as points: values to look at, with how likely each is.

A shape becomes five equally likely points (the 10th, 30th, 50th, 70th and 90th percentile) and, where it has ends, those
with odds of zero: they count for the extremes alone. Points are whole cents, whole numbers or days, as their entry is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from math import exp, log, sqrt
from statistics import NormalDist
from typing import Any

from ketacost.core.convert import DoorError, hint_at, kind_of, read
from ketacost.core.fields import KetacostError, unknown
from ketacost.core.money import WHOLE, Cents, Multiple, Share, dollars, percent, share, whole_cents

PERCENTILES = (10, 30, 50, 70, 90)
"""The percentiles that stand for a shape; each is as likely as the next."""

NEEDS: Mapping[str, tuple[str, ...]] = {
    "uniform": ("low", "high"),
    "triangular": ("low", "likely", "high"),
    "lognormal": ("low", "high"),
    "discrete": ("values", "odds"),
}
"""The shapes by name and what each needs. A lognormal's low and high are its 10th and 90th percentile."""


class DistributionError(KetacostError):
    """A distribution that cannot be meant as written; the message says why."""


def points(table: Mapping[str, Any], kind: str) -> tuple[tuple[str, ...], tuple[Share, ...]]:
    """The values of a distribution and their odds (basis points). `kind` is the entry's: money, share, count or day.

    >>> points({"shape": "uniform", "low": 100, "high": 200}, "money")[0]
    ('100.00', '110.00', '130.00', '150.00', '170.00', '190.00', '200.00')
    """
    shape = str(table.get("shape"))
    if shape not in NEEDS:
        raise unknown("shape of a distribution", shape, NEEDS)
    needed = {"shape", *NEEDS[shape]}
    if set(table) != needed:
        told = ", ".join(sorted(needed - {"shape"}))
        raise DistributionError(f"{shape} takes {told}; got {', '.join(sorted(set(table) - {'shape'})) or 'nothing'}")
    if shape == "discrete":
        return _discrete(table)
    found = _quantiles(shape, [_number(table[name], kind, name) for name in NEEDS[shape]])
    merged: dict[str, int] = {}
    for value, odds in found:
        text = _text(whole_cents(value), kind)
        merged[text] = merged.get(text, 0) + odds
    return tuple(merged), tuple(merged.values())


def check_odds(ranges: Mapping[str, tuple[str, ...]], odds: Mapping[str, tuple[Share, ...]]) -> None:
    """Refuse odds that do not fit their range: as many as values, none below zero, together the whole."""
    for path, shares in odds.items():
        if len(shares) != len(ranges[path]):
            raise DistributionError(
                f"odds.{path} has {len(shares)} shares for {len(ranges[path])} values; give one for each value, in its order"
            )
        if min(shares) < 0 or sum(shares) != WHOLE:
            raise DistributionError(
                f"odds.{path} should add to 100%, got {' + '.join(map(percent, shares))} = {percent(sum(shares))}"
            )


def write_ranges(table: dict[str, Any], kind: type) -> None:
    """The ranges of a file as text, distributions as their points. Raises DoorError with every problem."""
    ranges, odds, problems = table.get("ranges"), table.get("odds", {}), list[str]()
    if not isinstance(ranges, Mapping) or not isinstance(odds, Mapping):
        return
    table["ranges"], given = {}, dict(odds)
    for path, values in ranges.items():
        if isinstance(values, Mapping):
            try:
                if path in odds:
                    raise DistributionError("a distribution says its own odds; leave odds out")
                values, shares = points(values, kind_of(hint_at(kind, path)))
                given[path] = [percent(one) for one in shares]
            except KetacostError as error:
                problems.append(f"ranges.{path}: {error}")
                continue
        elif isinstance(values, list):
            values = [value if isinstance(value, str) else str(value).lower() for value in values]
        table["ranges"][path] = values
    problems += [
        f"odds.{path}: there is no range of {path}; give one, or leave its odds out"
        for path in odds
        if path not in ranges
    ]
    if given:
        table["odds"] = given
    if problems:
        raise DoorError(problems)


def _discrete(table: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[Share, ...]]:
    values, odds = table["values"], table["odds"]
    if not isinstance(values, list) or not isinstance(odds, list) or not values:
        raise DistributionError("discrete takes a list of values and a list of odds")
    texts = tuple(value if isinstance(value, str) else str(value).lower() for value in values)
    shares = tuple(share(one, what="odds") for one in odds)
    check_odds({"discrete": texts}, {"discrete": shares})
    return texts, shares


def _quantiles(shape: str, numbers: list[int]) -> list[tuple[Fraction, int]]:
    """The points of a shape with their odds, lowest first."""
    low, middle, high = numbers[0], numbers[len(numbers) // 2], numbers[-1]
    if not low < high or not low <= middle <= high:
        raise DistributionError(f"{' <= '.join(NEEDS[shape])} should rise")
    each = WHOLE // len(PERCENTILES)
    at = {"uniform": _uniform, "triangular": _triangular, "lognormal": _lognormal}[shape]
    found = [(Fraction(at(one / 100, low, middle, high)), each) for one in PERCENTILES]
    if shape == "lognormal":
        return found
    return [(Fraction(low), 0), *found, (Fraction(high), 0)]


def _uniform(chance: float, low: float, middle: float, high: float) -> float:
    return low + chance * (high - low)


def _triangular(chance: float, low: float, middle: float, high: float) -> float:
    if chance * (high - low) <= middle - low:
        return low + sqrt(chance * (high - low) * (middle - low))
    return high - sqrt((1 - chance) * (high - low) * (high - middle))


def _lognormal(chance: float, low: float, middle: float, high: float) -> float:
    if low <= 0:
        raise DistributionError("a lognormal has values above zero alone")
    centre, reach = (log(low) + log(high)) / 2, (log(high) - log(low)) / 2
    return exp(centre + reach * NormalDist().inv_cdf(chance) / NormalDist().inv_cdf(0.9))


def _number(written: object, kind: str, what: str) -> int:
    """An end of a distribution as a whole number: cents, basis points, a count or the number of a day."""
    doors: Mapping[str, Any] = {"money": Cents, "share": Share, "multiple": Multiple, "count": int, "day": date}
    if kind in doors:
        found = read(doors[kind], written, what)
        return int(found.toordinal() if kind == "day" else found)
    raise DistributionError("its entry is not a number, an amount or a day; give a list of values")


def _text(value: int, kind: str) -> str:
    if kind == "money":
        return dollars(value)
    if kind == "day":
        return date.fromordinal(value).isoformat()
    return percent(value) if kind in ("share", "multiple") else str(value)
