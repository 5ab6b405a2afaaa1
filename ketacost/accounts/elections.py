"""How much to elect when the cost is not certain: what an election saves in tax, less what it is expected to lose.

Money is whole cents, chances and expected amounts are exact Fractions. Too little leaves tax unsaved, too much is lost (the
newsvendor's problem), bent by the carryover, by coverage that is whole from the first day, and by the kinks of the tax.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from ketacost.core.fields import KetacostError
from ketacost.core.money import WHOLE, about, dollars, shown, whole_cents

Saved = Callable[[int], int]
"""Cents put in -> cents of tax saved."""

STEP = 1_000
"""How far apart the points of the curve are, in cents: ten dollars."""

NEARLY, NEARLY_SHARE = 2_500, 100
"""Nearly as good as the best: within $25 of it, or within 1% of it (basis points), whichever is more."""


class ElectionError(KetacostError):
    """Outcomes or a tax saving that cannot be; the message says why."""


class Outcome(NamedTuple):
    """One thing that may happen: its chance, what the patient then has to pay in the plan year, and how much of the year's
    pay the account takes from (less than 1 for somebody who leaves the job, having paid that cost before)."""

    chance: Fraction
    cost: int
    worked: Fraction = Fraction(1)


class Point(NamedTuple):
    """One election with what is expected of it, in cents: tax saved, money lost, and money paid out beyond what was put in."""

    election: int
    saving: Fraction
    forfeiture: Fraction
    windfall: Fraction

    @property
    def value(self) -> Fraction:
        """What the election is worth: the tax saved less the expected loss, and what uniform coverage adds on leaving."""
        return self.saving - self.forfeiture + self.windfall


@dataclass(frozen=True)
class Advice:
    """The best election, those nearly as good, and the whole curve."""

    best: Point
    lowest: int
    highest: int
    curve: tuple[Point, ...]

    @property
    def sentence(self) -> str:
        """The advice as a counselor would say it."""
        if not self.best.election:
            return "Elect nothing: what it would save in tax is less than what it is expected to lose."
        worth, loss = whole_cents(self.best.value), whole_cents(self.best.forfeiture)
        lost = f", after {about(loss)} that is expected to be lost" if loss else ""
        near = f" Anything from {about(self.lowest)} to {about(self.highest)} is nearly as good."
        return f"Elect {shown(self.best.election)}: it is worth about {about(worth)}{lost}.{near}"

    def __repr__(self) -> str:
        near = f"{dollars(self.lowest)} to {dollars(self.highest)} nearly as good"
        return f"Advice: elect {dollars(self.best.election)}, worth {dollars(whole_cents(self.best.value))}; {near}"


def elect(
    outcomes: Sequence[Outcome],
    saved: Saved,
    *,
    limit: int,
    carryover: int | None = 0,
    carried_worth: Fraction = Fraction(1),
    step: int = STEP,
) -> Advice:
    """The best election for a list of outcomes, the range that is nearly as good, and the curve from nothing to the limit.

    `carryover` is the most that goes over into the next year (None for an HSA, where nothing is lost), and a carried dollar
    is worth `carried_worth`: 1 where it is sure to be used. Every point is exact; the curve has one each `step` and where
    an outcome bends it, and the best is then looked for by the dollar. Among equals the smallest is best. Raises
    ElectionError for chances that do not add up to one, and for a saving below zero or above what was put in.
    """
    if sum(outcome.chance for outcome in outcomes) != 1 or any(outcome.chance < 0 for outcome in outcomes):
        raise ElectionError(f"chances add up to one, got {', '.join(str(outcome.chance) for outcome in outcomes)}")
    if any(outcome.cost < 0 or not 0 <= outcome.worked <= 1 for outcome in outcomes):
        raise ElectionError("a cost is not below zero, and the share of the year worked lies between 0 and 1")
    if limit < 0 or step <= 0 or (carryover or 0) < 0 or not 0 <= carried_worth <= 1:
        raise ElectionError(
            "limit and carryover are not below zero, the step is above it, a carried dollar is worth 0 to 1"
        )
    known = cache(lambda amount: checked(saved, amount))

    def at(election: int) -> Point:
        return point(outcomes, known, election, carryover=carryover, carried_worth=carried_worth)

    bends = {outcome.cost + more for outcome in outcomes for more in (0, carryover or 0)}
    bends |= {whole_cents(outcome.cost / outcome.worked) for outcome in outcomes if outcome.worked}
    curve = {e: at(e) for e in {*range(0, limit + 1, step), limit, *(bend for bend in bends if bend <= limit)}}
    near = _best(curve.values()).election
    for e in range(max(near - step, 0) // 100 * 100, min(near + step, limit) + 1, 100):
        curve.setdefault(e, at(e))
    points = tuple(curve[e] for e in sorted(curve))
    best = _best(points)
    enough = best.value - max(Fraction(NEARLY), best.value * NEARLY_SHARE / WHOLE)
    place = points.index(best)
    low = high = place
    while low > 0 and points[low - 1].value >= enough:
        low -= 1
    while high < len(points) - 1 and points[high + 1].value >= enough:
        high += 1
    return Advice(best, points[low].election, points[high].election, points)


def point(
    outcomes: Sequence[Outcome],
    saved: Saved,
    election: int,
    *,
    carryover: int | None = 0,
    carried_worth: Fraction = Fraction(1),
) -> Point:
    """What is expected of one election: in each outcome, what was put in is spent, carried over or lost.

    Who leaves the job puts in a part of the election and may have spent all of it; nothing is carried over then.
    """
    saving = forfeiture = windfall = Fraction(0)
    for chance, cost, worked in outcomes:
        put_in = whole_cents(election * worked)
        left = put_in - min(election, cost)
        carried = 0 if left <= 0 else left if carryover is None else min(left, carryover) if worked == 1 else 0
        saving += chance * saved(put_in)
        forfeiture += chance * (max(left, 0) - carried * (1 if carryover is None else carried_worth))
        windfall += chance * max(-left, 0)
    return Point(election, saving, forfeiture, windfall)


def checked(saved: Saved, amount: int) -> int:
    """The tax saved by an amount, which is never negative and never more than the amount. Raises ElectionError otherwise."""
    found = saved(amount)
    if not 0 <= found <= amount:
        raise ElectionError(
            f"putting in {shown(amount)} cannot save {shown(found)} in tax; it saves from nothing to all of it"
        )
    return found


def _best(points: Iterable[Point]) -> Point:
    """The point worth most; among equals the smallest election, which ties up least money."""
    return max(points, key=lambda one: (one.value, -one.election))
