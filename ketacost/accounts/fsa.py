"""Health flexible spending accounts and employers' reimbursement accounts: what they pay, and what is lost.

Money is whole cents. The whole election is there from the first day (uniform coverage, Prop. Treas. Reg. 1.125-5(d)); what
is not used is lost, but for a carryover or a grace period, never both (Notice 2013-71). election + carried_in =
paid + carried_out + lost, to the cent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from typing import Literal, NamedTuple

from ketacost.accounts.hsa import Span
from ketacost.core.fields import KetacostError, described, replace
from ketacost.core.money import WHOLE, Cents, about, dollars, shown, whole_cents
from ketacost.core.references import Citation, parameter, parameters

CHANGES = (
    "marriage, divorce, legal separation or death of the spouse",
    "birth, adoption or death of a dependent",
    "job begun, ended or changed, strike or unpaid leave, of the employee, spouse or dependent",
    "a dependent becomes or stops being eligible",
    "move to another place",
    "judgment, decree or order",
    "Medicare or Medicaid begins or ends",
)
"""What lets an employee change an election during the year, where the employer's plan takes it up (Treas. Reg. 1.125-4)."""


class FsaError(KetacostError):
    """Something that a health FSA may not do; the message tells what it may."""


class Expense(NamedTuple):
    """What a patient owes for one thing: the day it was done, and cents."""

    day: date
    amount: int


@dataclass(frozen=True)
class HealthFsa:
    """One employee's health FSA for one plan year."""

    election: Cents = described("Election", "What the employee elects from pay for the plan year.")
    first: date = described("Plan year begins", "The first day of the plan year.")
    after_year: Literal["lost", "carryover", "grace period"] = described(
        "What is left", "Whether money left at the end is lost, carried over, or may be used in a grace period.", "lost"
    )
    carryover_limit: Cents | None = described(
        "Carryover limit", "The most that the plan carries over; None for the most that the law allows.", None
    )
    carried_in: Cents = described("Carried in", "What was carried over from the plan year before.", 0)
    grace_ends: date | None = described(
        "Grace period ends", "The last day of the grace period; None for the last that the law allows.", None
    )
    claims_by: date | None = described(
        "Claims by",
        "The last day to send in a claim (run-out); None where the plan's sources have not been read.",
        None,
    )
    limited: bool = described(
        "Limited purpose", "Whether it pays dental, vision and preventive care only, as beside an HSA.", False
    )
    covered_until: date | None = described(
        "Covered until", "The last day of coverage of an employee who left the job.", None
    )
    limit_as_of: date | None = described(
        "Limit as of", "The day whose limit stands in where that of the plan year is not published yet.", None
    )

    def __post_init__(self) -> None:
        if min(self.election, self.carried_in, self.carryover_limit or 0) < 0:
            raise FsaError("an election or a carryover cannot be negative")
        most = parameter("fsa.contribution_limit").on(self.limit_as_of or self.first)
        if self.election > most:
            raise FsaError(
                f"an election of {shown(self.election)} is above {shown(most)}, the most for an employee in the plan year"
            )
        if (self.carryover_limit or 0) > (law := self._carryover_by_law()):
            raise FsaError(
                f"a carryover of {shown(self.carryover_limit or 0)} is above {shown(law)}, the most that the law allows"
            )
        if self.grace_ends and not self.last < self.grace_ends <= longest_grace(self.last):
            raise FsaError(
                f"a grace period ends after {self.last} and by {longest_grace(self.last)}, got {self.grace_ends}"
            )

    @property
    def last(self) -> date:
        """The last day of the plan year."""
        return _months_on(self.first, 12) - timedelta(days=1)

    @property
    def carries(self) -> int:
        """The most that goes over into the next plan year, in cents."""
        if self.after_year != "carryover":
            return 0
        return self._carryover_by_law() if self.carryover_limit is None else self.carryover_limit

    @property
    def days(self) -> Span:
        """The days whose expenses it pays: the plan year with its grace period, or until the coverage ended."""
        ends = self.last
        if self.after_year == "grace period":
            ends = self.grace_ends or longest_grace(self.last)
        return Span(self.first, min(ends, self.covered_until) if self.covered_until else ends)

    @property
    def mark(self) -> str:
        """What a page has to say where another year's limit stands in; "" where it does not."""
        if self.limit_as_of is None or self.limit_as_of.year == self.first.year:
            return ""
        return f"{self.first.year} health FSA limit not in: shown as if {self.limit_as_of.year}"

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citation of every number that the account rests on."""
        day = self.limit_as_of or self.first
        return tuple(parameter(name).citation(day) for name in sorted(parameters()) if name.startswith("fsa."))

    def _carryover_by_law(self) -> int:
        return parameter("fsa.carryover_limit").on(self.limit_as_of or self.first)

    replace = replace


class FsaYear(NamedTuple):
    """What became of a plan year's money: paid for each expense in the order given, carried over, and lost, in cents."""

    paid: tuple[int, ...]
    carried_out: int
    lost: int


class LeftJob(NamedTuple):
    """What stands when an employee leaves: paid beyond what was put in (theirs to keep), and put in but not used."""

    kept: int
    lost: int


def longest_grace(last: date) -> date:
    """The last day that a grace period may have, for a plan year that ends on a day: two months and 15 days on."""
    months, days = parameter("fsa.grace_months").on(last), parameter("fsa.grace_days").on(last)
    return _months_on(last + timedelta(days=1), months) + timedelta(days=days - 1)


def available(fsa: HealthFsa, day: date, *, paid: int = 0) -> int:
    """What a health FSA can still pay for an expense of a day: all of it from the first day, whatever has left the pay so far."""
    return max(fsa.election + fsa.carried_in - paid, 0) if fsa.days.holds(day) else 0


def use(fsa: HealthFsa, expenses: Sequence[Expense]) -> FsaYear:
    """What a health FSA pays of dated expenses, earliest first, and what is carried over or lost after its year.

    Raises FsaError where what it paid does not add up with what was in it.
    """
    paid = [0] * len(expenses)
    for i in sorted(range(len(expenses)), key=lambda i: expenses[i].day):
        paid[i] = min(expenses[i].amount, available(fsa, expenses[i].day, paid=sum(paid)))
    left = fsa.election + fsa.carried_in - sum(paid)
    carried = min(left, fsa.carries) if fsa.covered_until is None else 0
    year = FsaYear(tuple(paid), carried, left - carried)
    if min(*year.paid, year.carried_out, year.lost, 0) < 0:
        raise FsaError(f"a health FSA of {dollars(fsa.election)} does not balance: {year}")
    return year


def leave(fsa: HealthFsa, day: date, *, put_in: int, paid: int) -> tuple[HealthFsa, LeftJob]:
    """The account of an employee who leaves the job: expenses up to that day still count, and nothing has to be given back.

    What was paid beyond the contributions is the employer's risk; what was put in beyond the claims is lost, unless
    coverage is continued (COBRA), which is not modelled.
    """
    if put_in > fsa.election:
        raise FsaError(f"{shown(put_in)} was put in, more than the election of {shown(fsa.election)}")
    balance = paid - fsa.carried_in - put_in
    return fsa.replace(covered_until=day), LeftJob(max(balance, 0), max(-balance, 0))


def change(fsa: HealthFsa, event: str, election: int, *, paid: int = 0) -> HealthFsa:
    """The account with another election after an event that allows it: for expenses from then on.

    Raises FsaError for an event that is none of CHANGES (money that has become tight is none), and for an election
    below what was paid already: plans differ there, so the plan is asked. The change has to fit the event.
    """
    if event not in CHANGES:
        raise FsaError(f"{event!r} does not allow a change during the year; these do: {'; '.join(CHANGES)}")
    if election + fsa.carried_in < paid:
        raise FsaError(f"{shown(paid)} has been paid already; ask the plan whether {shown(election)} may be elected")
    return fsa.replace(election=election)


def blocks_hsa(fsa: HealthFsa, left: int) -> tuple[Span, ...]:
    """The days on which a health FSA keeps its owner, and the spouse, from putting money in an HSA.

    None for a limited-purpose one. With nothing left at the end of the plan year the grace period does no harm; what is
    carried over into a general-purpose account blocks the whole next year (Notice 2005-86; IRC 223(c)(1)(B)(iii)).
    """
    if fsa.limited:
        return ()
    if fsa.after_year == "carryover" and left and not fsa.covered_until:
        return (Span(fsa.first, _months_on(fsa.last + timedelta(days=1), 12) - timedelta(days=1)),)
    if fsa.after_year == "grace period" and not left:
        return (Span(fsa.first, min(fsa.last, fsa.days.last)),)
    return (fsa.days,)


@dataclass(frozen=True)
class Hra:
    """An employer's reimbursement account: the employer's money alone, so that it saves the patient its whole amount."""

    amount: Cents = described("Amount", "What the employer pays at most.")
    days: Span = described("Days", "The days whose expenses it pays.")

    def pays(self, expenses: Sequence[Expense]) -> tuple[int, ...]:
        """What it pays of each expense, earliest first."""
        paid = [0] * len(expenses)
        for i in sorted(range(len(expenses)), key=lambda i: expenses[i].day):
            if self.days.holds(expenses[i].day):
                paid[i] = min(expenses[i].amount, self.amount - sum(paid))
        return tuple(paid)


def _months_on(day: date, months: int) -> date:
    """The same day of a month so many months on; plan years begin on a day that every month has."""
    if day.day > 28:
        raise FsaError(f"a plan year begins on one of the first 28 days of a month, got {day}")
    month = day.year * 12 + day.month - 1 + months
    return date(month // 12, month % 12 + 1, day.day)


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
