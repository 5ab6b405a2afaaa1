"""Brackets, steps and slides: what a table of the law makes of an amount. Plain functions of ints, no names, no files.

Amounts are whole cents, rates are millionths (6.2% is 62_000). A table is a tuple of rows, the highest first; each
product is rounded once, half up, to the cent.
"""

from __future__ import annotations

MILLION = 1_000_000
"""The whole, in millionths: 100%."""

HALF = MILLION // 2

Brackets = tuple[tuple[int, int, int], ...]
"""Rows of lower bound, rate above it, and the tax of everything below it (in millionths of a cent), the highest first."""

Steps = tuple[tuple[int, int], ...]
"""Rows of an amount and the value that holds from it on, the highest first."""


def brackets(rows: tuple[tuple[int, int], ...]) -> Brackets:
    """A schedule of lower bounds and rates, lowest first, made ready for `tax_by`."""
    ready: list[tuple[int, int, int]] = []
    for bound, rate in rows:
        below = ready[-1][2] + (bound - ready[-1][0]) * ready[-1][1] if ready else 0
        ready.append((bound, rate, below))
    return tuple(reversed(ready))


def tax_by(schedule: Brackets, amount: int) -> int:
    """The tax on an amount, each part of it at the rate of its bracket.

    >>> tax_by(brackets(((0, 100_000), (1_192_500, 120_000))), 2_000_000)
    216150
    """
    for bound, rate, below in schedule:
        if amount > bound:
            return (below + (amount - bound) * rate + HALF) // MILLION
    return 0


def part(amount: int, rate: int) -> int:
    """A rate of an amount.

    >>> part(5_000_001, 62_000)
    310000
    """
    return (amount * rate + HALF) // MILLION


def ratio(amount: int, some: int, whole: int) -> int:
    """So much of an amount as some is of a whole, for shares that are no round rate: 2/37, a window half gone.

    >>> ratio(56_800, 1_235_000, 5_000_000)
    14030
    """
    return (2 * amount * some + whole) // (2 * whole)


def over(amount: int, start: int) -> int:
    """What of an amount lies over a start: never less than nothing."""
    return amount - start if amount > start else 0


def at(table: Steps, amount: int) -> int:
    """The value that holds at an amount: the row "at least" it; nothing below the first row."""
    for bound, value in table:
        if amount >= bound:
            return value
    return 0


def above(table: Steps, amount: int) -> int:
    """The value that holds above an amount: the row "more than" it; nothing up to the first row."""
    for bound, value in table:
        if amount > bound:
            return value
    return 0


def steps_or_part(amount: int, size: int) -> int:
    """How many steps an amount takes, "or part of" one counting whole."""
    return -(-amount // size) if amount > 0 else 0


def full_steps(amount: int, size: int) -> int:
    """How many full steps an amount takes."""
    return amount // size if amount > 0 else 0


def faded(value: int, amount: int, start: int, width: int) -> int:
    """A value that fades to nothing, evenly, while an amount goes from a start through a width."""
    if amount <= start:
        return value
    return ratio(value, width - amount + start, width) if amount < start + width else 0
