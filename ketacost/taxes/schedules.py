"""Brackets, steps and phase-outs: what a table or a clause of the law makes of an amount.

Amounts are whole cents, rates are millionths (6.2% is 62_000). A table is a tuple of rows, the highest first; each
product is rounded once, half up, to the cent.
"""

from __future__ import annotations

from typing import NamedTuple

MILLION = 1_000_000
"""The whole, in millionths: 100%."""

HALF = MILLION // 2

Brackets = tuple[tuple[int, int, int], ...]
"""Rows of lower bound, rate above it, and the tax of all below it (in millionths of a cent), the highest first."""

Steps = tuple[tuple[int, int], ...]
"""Rows of an amount and the value that holds from it on, the highest first."""


def brackets(rows: tuple[tuple[int, int], ...]) -> Brackets:
    """A schedule of lower bounds and rates, lowest first, as `tax_by` takes it."""
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
    """The part of an amount that some is of a whole, for shares that are no round rate: 2/37, half of a phase-out.

    >>> ratio(56_800, 1_235_000, 5_000_000)
    14030
    """
    return (2 * amount * some + whole) // (2 * whole)


def over(amount: int, start: int) -> int:
    """The part of an amount over a start, never below 0."""
    return max(amount - start, 0)


def at(table: Steps, amount: int) -> int:
    """The value of the last row that an amount reaches ("at least"); 0 below the first row."""
    return next((value for bound, value in table if amount >= bound), 0)


def above(table: Steps, amount: int) -> int:
    """The value of the last row that an amount exceeds ("more than"); 0 up to the first row."""
    return next((value for bound, value in table if amount > bound), 0)


def faded(value: int, amount: int, start: int, width: int) -> int:
    """A value that falls evenly to 0 while an amount rises from a start through a width."""
    return ratio(value, min(over(start + width, amount), width), width)


class Fade(NamedTuple):
    """A clause that takes a share (millionths) of all income above a start (cents) from a value."""

    fades_from: int
    fade_rate: int

    def left(self, value: int, income: int) -> int:
        """What is left of a value at an income, in cents, never below 0."""
        return over(value, part(over(income, self.fades_from), self.fade_rate))


class StepCut(NamedTuple):
    """A clause that takes a fixed cut for every step (cents) of income above a start (cents), "or part of" one."""

    cut_from: int
    cut_step: int
    cut: int

    def lost(self, income: int) -> int:
        """The cuts at an income together, in the unit of the cut."""
        return self.cut * -(-over(income, self.cut_from) // self.cut_step)


class EarnedCredit(NamedTuple):
    """The terms of an earned income credit, caps and incomes in cents, rates in millionths. IRC 32(a) and (b)."""

    cap: int
    rate: int
    fades_from: int
    fade_rate: int

    def credit(self, earned: int, income: int) -> int:
        """The credit of a year, in cents: a share of the earnings up to a cap, which fades with earnings or income."""
        faded_cap = over(self.cap, part(over(max(earned, income), self.fades_from), self.fade_rate))
        return min(part(earned, self.rate), faded_cap)
