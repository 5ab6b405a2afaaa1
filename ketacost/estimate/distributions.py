"""The shapes that an unknown can have, and their quantiles: what a range says of how likely each value is.

A shape takes its numbers in order: percentiles and lognormal say the 10th, (50th) and 90th percentile, uniform and
triangular their ends. Without a shape a range is a list of values, each with its chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from math import exp, log, sqrt
from statistics import NormalDist
from typing import Any

from ketacost.core.convert import EntryError, hint_at, kind_of, read
from ketacost.core.fields import KetacostError, require
from ketacost.core.money import WHOLE, Cents, Multiple, Share, dollars, percent, share
from ketacost.core.words import told

NEEDS: Mapping[str, tuple[str, ...]] = {
    "percentiles": ("low", "typical", "high"),
    "uniform": ("low", "high"),
    "triangular": ("low", "likely", "high"),
    "lognormal": ("low", "high"),
    "discrete": ("values", "odds"),
}
"""The shapes by name, and the entries that each needs."""

TYPES: Mapping[str, Any] = {"money": Cents, "share": Share, "multiple": Multiple, "count": int, "day": date}
_NINETY = NormalDist().inv_cdf(0.9)


class DistributionError(KetacostError):
    """A distribution that makes no sense as written; the message says why."""


def quantile(shape: str, numbers: tuple[int, ...], chance: float) -> int:
    """The value below which so much of a distribution lies, as a whole number (cents, basis points, a day's number).

    Percentiles are joined by straight lines, whose ends go on at the same slope and stop at zero.

    >>> [quantile("percentiles", (100, 200, 400), chance) for chance in (0.1, 0.5, 0.9, 1)]
    [100, 200, 400, 450]
    """
    low, middle, high = numbers[0], numbers[len(numbers) // 2], numbers[-1]
    if shape == "uniform":
        value = low + chance * (high - low)
    elif shape == "percentiles":
        start, end, since = (low, middle, 0.1) if chance <= 0.5 else (middle, high, 0.5)
        value = start + (chance - since) / 0.4 * (end - start)
    elif shape == "triangular":
        below = chance * (high - low) <= middle - low
        rising = low + sqrt(chance * (high - low) * (middle - low))
        value = rising if below else high - sqrt((1 - chance) * (high - low) * (high - middle))
    else:
        center, reach = (log(low) + log(high)) / 2, (log(high) - log(low)) / 2
        value = exp(center + reach * NormalDist().inv_cdf(min(max(chance, 1e-6), 1 - 1e-6)) / _NINETY)
    return max(int(value + 0.5), 0)


def typical(shape: str, numbers: tuple[int, ...]) -> int:
    """The value that stands for a distribution: the typical or likeliest one where it is said, else the middle."""
    return numbers[1] if len(numbers) == 3 else quantile(shape, numbers, 0.5)


def read_distribution(table: Mapping[str, Any], kind: str) -> tuple[str, tuple[str, ...], tuple[Share, ...]]:
    """The shape, the numbers as people write them, and the odds (basis points) of a list of values.

    `kind` is the entry's: money, share, multiple, count or day. Raises DistributionError for what makes no sense.

    >>> read_distribution({"shape": "uniform", "low": 100, "high": 200}, "money")
    ('uniform', ('100.00', '200.00'), ())
    """
    shape = str(table.get("shape"))
    require("shape of a distribution", shape, NEEDS)
    needed = {"shape", *NEEDS[shape]}
    if set(table) != needed:
        missing = ", ".join(sorted(needed - {"shape"}))
        raise DistributionError(
            f"{shape} takes {missing}; got {', '.join(sorted(set(table) - {'shape'})) or 'nothing'}"
        )
    if shape == "discrete":
        return "", *_discrete(table)
    numbers = tuple(number(table[name], kind, name) for name in NEEDS[shape])
    check_shape(shape, numbers)
    return shape, tuple(text_of(value, kind) for value in numbers), ()


def check_shape(shape: str, numbers: tuple[int, ...]) -> None:
    """Refuse numbers that a shape cannot have. Raises DistributionError."""
    if len(numbers) != len(NEEDS[shape]):
        raise DistributionError(f"{shape} takes {', '.join(NEEDS[shape])}; got {len(numbers)} numbers")
    if not numbers[0] < numbers[-1] or list(numbers) != sorted(numbers):
        raise DistributionError(f"give {', '.join(NEEDS[shape])} from the lowest to the highest, and not the same")
    if shape == "lognormal" and numbers[0] <= 0:
        raise DistributionError("a lognormal needs values above zero")


def check_odds(ranges: Mapping[str, tuple[str, ...]], odds: Mapping[str, tuple[Share, ...]]) -> None:
    """Refuse odds that do not fit their range or do not add up to the whole. Raises DistributionError."""
    for path, shares in odds.items():
        if len(shares) != len(ranges[path]):
            raise DistributionError(
                f"odds.{path} has {len(shares)} shares for {len(ranges[path])} values; give one for each value, in its "
                "order"
            )
        if min(shares) < 0 or sum(shares) != WHOLE:
            raise DistributionError(
                f"odds.{path} should add to 100%, got {' + '.join(map(percent, shares))} = {percent(sum(shares))}"
            )


def write_ranges(table: dict[str, Any], kind: type) -> None:
    """The ranges of a file as text, a distribution as its numbers and shape. Raises EntryError with every problem."""
    ranges, odds, problems = table.get("ranges"), table.get("odds", {}), list[str]()
    shapes = table.get("shapes", {})
    if not isinstance(ranges, Mapping) or not isinstance(odds, Mapping) or not isinstance(shapes, Mapping):
        return
    table["ranges"], odds_of, shapes = {}, dict(odds), dict(shapes)
    for path, values in ranges.items():
        if isinstance(values, Mapping):
            try:
                if path in odds:
                    raise DistributionError("a distribution has its own odds; leave odds out")
                shape, values, shares = read_distribution(values, kind_of(hint_at(kind, path)))
                if shape:
                    shapes[path] = shape
                else:
                    odds_of[path] = [percent(part) for part in shares]
            except KetacostError as error:
                problems.append(f"ranges.{path}: {error}")
                continue
        elif isinstance(values, list):
            values = [_written(value) for value in values]
        table["ranges"][path] = values
    problems += [
        f"odds.{path}: there is no range of {path}; give one, or leave its odds out"
        for path in odds
        if path not in ranges
    ]
    table |= {name: values for name, values in (("odds", odds_of), ("shapes", shapes)) if values}
    if problems:
        raise EntryError(problems)


def number(written: object, kind: str, what: str = "") -> int:
    """A value of an entry as a whole number: cents, basis points, a count or the number of a day.

    Raises DistributionError where the entry is no number, and what `read` raises.
    """
    if kind not in TYPES:
        raise DistributionError("its entry is not a number, an amount or a day; give a list of values")
    value = read(TYPES[kind], written, what)
    return int(value.toordinal() if kind == "day" else value)


def text_of(value: int, kind: str) -> str:
    """A whole number as people write it: text_of(10_000, "money") is "100.00"."""
    if kind == "money":
        return dollars(value)
    if kind == "day":
        return date.fromordinal(value).isoformat()
    return percent(value) if kind in ("share", "multiple") else str(value)


def _written(value: object) -> str:
    """A value of a list as text; what is no single value, as an error tells it, which no entry takes."""
    if isinstance(value, str):
        return value
    return told(value) if isinstance(value, Mapping | list | datetime) else str(value).lower()


def _discrete(table: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[Share, ...]]:
    values, odds = table["values"], table["odds"]
    if not isinstance(values, list) or not isinstance(odds, list) or not values:
        raise DistributionError("discrete takes a list of values and a list of odds")
    texts = tuple(map(_written, values))
    shares = tuple(share(part, what="odds") for part in odds)
    check_odds({"discrete": texts}, {"discrete": shares})
    return texts, shares
