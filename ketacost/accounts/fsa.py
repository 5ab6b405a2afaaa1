"""Health FSAs and employers' reimbursement accounts: what they pay, what is lost, and how much to elect.

Money is whole cents. The whole election is available from the first day (uniform coverage, Prop. Treas. Reg.
1.125-5(d)); unused money is lost, except for a carryover or in a grace period, never both (Notice 2013-71). To the
cent, election + carried_in = paid + carried_out + lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache, partial
from typing import Literal, NamedTuple

from ketacost.accounts.hsa import Span
from ketacost.core.dates import months_later
from ketacost.core.fields import KetacostError, described, replace
from ketacost.core.money import WHOLE, Cents, Share, about, dollars, part_of, shown, whole_cents
from ketacost.core.references import parameter

CHANGES = (
    "marriage, divorce, legal separation or death of the spouse",
    "birth, adoption or death of a dependent",
    "job begun, ended or changed, strike or unpaid leave, of the employee, spouse or dependent",
    "a dependent becomes or stops being eligible",
    "move to another place",
    "judgment, decree or order",
    "Medicare or Medicaid begins or ends",
)
"""Events after which an employee may change an election, where the employer's plan allows it (Treas. Reg. 1.125-4)."""


class FsaError(KetacostError):
    """Something that a health FSA may not do; the message says what it may."""


class Expense(NamedTuple):
    """What a patient owes for one service, in cents, and the day of the service."""

    day: date
    amount: int


@dataclass(frozen=True)
class HealthFsa:
    """One employee's health FSA for one plan year."""

    election: Cents = described("Election", "The dollars that the employee elects from pay for the plan year.")
    first: date = described("Plan year begins", "The first day of the plan year.")
    after_year: Literal["lost", "carryover", "grace period"] = described(
        "What is left", "Whether money left at the end is lost, carried over, or may be used in a grace period.", "lost"
    )
    carryover_limit: Cents | None = described(
        "Carryover limit",
        "The most that the plan carries over, in dollars; None for the most that the law allows.",
        None,
    )
    carried_in: Cents = described("Carried in", "The dollars carried over from the plan year before.", 0)
    grace_ends: date | None = described(
        "Grace period ends", "The last day of the grace period; None for the last that the law allows.", None
    )
    limited: bool = described("Limited purpose", "Whether it pays dental, vision and preventive care only.", False)
    covered_until: date | None = described("Covered until", "The last day of coverage for an employee who left.", None)
    months: int = described("Months", "The number of months of the plan year, fewer than 12 for a short one.", 12)

    def __post_init__(self) -> None:
        if self.first.day > 28:
            raise FsaError(f"a plan year begins on one of the first 28 days of a month, got {self.first}")
        amounts = (self.election, self.carried_in, self.carryover_limit)
        if any(amount is not None and amount < 0 for amount in amounts):
            raise FsaError("an election or a carryover cannot be negative")
        if not 1 <= self.months <= 12:
            raise FsaError(f"a plan year has 1 to 12 months, got {self.months}")
        most = most_for(parameter("fsa.contribution_limit").on(self.first), self.months)
        if self.election > most:
            limit = f"{shown(most)}, the most for an employee in the plan year"
            raise FsaError(f"an election of {shown(self.election)} is above {limit}")
        if (self.carryover_limit or 0) > (law := self._carryover_by_law()):
            limit = f"{shown(law)}, the most that the law allows"
            raise FsaError(f"a carryover of {shown(self.carryover_limit or 0)} is above {limit}")
        if self.grace_ends and not self.last < self.grace_ends <= longest_grace(self.last):
            bounds = f"after {self.last} and by {longest_grace(self.last)}"
            raise FsaError(f"a grace period ends {bounds}, got {self.grace_ends}")

    @property
    def last(self) -> date:
        """The last day of the plan year."""
        return months_later(self.first, self.months) - timedelta(days=1)

    @property
    def carries(self) -> int:
        """The most that the plan carries over into the next plan year, in cents."""
        if self.after_year != "carryover":
            return 0
        return self._carryover_by_law() if self.carryover_limit is None else self.carryover_limit

    @property
    def days(self) -> Span:
        """The days whose expenses the account pays: the plan year with its grace period, or until coverage ends."""
        ends = self.last
        if self.after_year == "grace period":
            ends = self.grace_ends or longest_grace(self.last)
        return Span(self.first, min(ends, self.covered_until) if self.covered_until else ends)

    def _carryover_by_law(self) -> int:
        return parameter("fsa.carryover_limit").on(self.first)

    replace = replace


class FsaYear(NamedTuple):
    """A plan year's money in cents: paid for each expense in the order given, carried over, and lost."""

    paid: tuple[int, ...]
    carried_out: int
    lost: int


class LeftJob(NamedTuple):
    """The account of an employee who leaves, in cents: paid beyond contributions (theirs to keep), or lost."""

    kept: int
    lost: int


def most_for(a_year: int, months: int) -> int:
    """The most for a plan year of some months, in cents: a short one takes its part of the limit (Notice 2012-40)."""
    return a_year * months // 12


def longest_grace(last: date) -> date:
    """The last day that a grace period may have after a plan year's last day: two months and 15 days later."""
    months, days = parameter("fsa.grace_months").on(last), parameter("fsa.grace_days").on(last)
    return months_later(last + timedelta(days=1), months) + timedelta(days=days - 1)


def use(fsa: HealthFsa, expenses: Sequence[Expense]) -> FsaYear:
    """Pay dated expenses from a health FSA, earliest first, and find what is carried over or lost after its year.

    Raises FsaError where the payments do not add up with the money in the account.
    """
    paid = pay_in_order(expenses, fsa.election + fsa.carried_in, fsa.days)
    left = fsa.election + fsa.carried_in - sum(paid)
    carried = min(left, fsa.carries) if fsa.covered_until is None else 0
    year = FsaYear(paid, carried, left - carried)
    if min(*paid, carried, year.lost) < 0:
        raise FsaError(f"a health FSA of {dollars(fsa.election)} does not balance: {year}")
    return year


def pay_in_order(expenses: Sequence[Expense], amount: int, days: Span) -> tuple[int, ...]:
    """The cents that an amount pays of each expense on some days, earliest first, in the order of the expenses."""
    paid = [0] * len(expenses)
    for i in sorted(range(len(expenses)), key=lambda i: expenses[i].day):
        if days.holds(expenses[i].day):
            paid[i] = min(expenses[i].amount, amount - sum(paid))
    return tuple(paid)


def leave(fsa: HealthFsa, day: date, *, put_in: int, paid: int) -> tuple[HealthFsa, LeftJob]:
    """End the account of an employee who leaves the job: expenses up to that day still count, nothing is given back.

    Payments beyond the contributions (cents) are the employer's risk; contributions beyond the claims are lost, unless
    coverage continues (COBRA), which is not modelled. Raises FsaError for contributions above the election.
    """
    if put_in > fsa.election:
        raise FsaError(f"{shown(put_in)} was put in, more than the election of {shown(fsa.election)}")
    balance = paid - fsa.carried_in - put_in
    return fsa.replace(covered_until=day), LeftJob(max(balance, 0), max(-balance, 0))


def change(fsa: HealthFsa, event: str, election: int, *, paid: int = 0) -> HealthFsa:
    """Change the election (cents) after an event that allows it, for expenses from then on.

    Raises FsaError for an event that is not in CHANGES (tight money is not), and for an election below what the account
    has already paid: plans differ there, so ask the plan. The change has to fit the event.
    """
    if event not in CHANGES:
        raise FsaError(f"{event!r} does not allow a change during the year; these do: {'; '.join(CHANGES)}")
    if election + fsa.carried_in < paid:
        raise FsaError(f"{shown(paid)} has been paid already; ask the plan whether {shown(election)} may be elected")
    return fsa.replace(election=election)


def blocks_hsa(fsa: HealthFsa, left: int) -> tuple[Span, ...]:
    """The days on which a health FSA keeps its owner, and the spouse, from putting money in an HSA.

    A limited-purpose FSA blocks none. With nothing left at the end of the plan year the grace period does no harm;
    money carried over to a general-purpose FSA blocks the whole next year (Notice 2005-86; IRC 223(c)(1)(B)(iii)).
    """
    if fsa.limited:
        return ()
    if fsa.after_year == "carryover" and left and not fsa.covered_until:
        return (Span(fsa.first, months_later(fsa.first, fsa.months + 12) - timedelta(days=1)),)
    if fsa.after_year == "grace period" and not left:
        return (Span(fsa.first, min(fsa.last, fsa.days.last)),)
    return (fsa.days,)


@dataclass(frozen=True)
class Hra:
    """An employer's reimbursement account: only the employer's money, so it saves the patient its whole amount."""

    amount: Cents = described("Amount", "The most that the employer pays, in dollars.")
    days: Span = described("Days", "The days whose expenses the account pays.")
    pays_after: Cents = described(
        "Pays after", "How much of the expenses you pay first, in dollars; 0 if the account pays first.", 0
    )
    share: Share = described("Its share", "The account's share of each expense; you pay the rest of it.", WHOLE)

    def pays(self, expenses: Sequence[Expense]) -> tuple[int, ...]:
        """The cents that it pays of each expense, earliest first: of its share of what is above your own first part."""
        yours = pay_in_order(expenses, self.pays_after, self.days)
        rest = [
            Expense(one.day, part_of(one.amount - own, self.share)) for one, own in zip(expenses, yours, strict=True)
        ]
        return pay_in_order(rest, self.amount, self.days)


TaxSaved = Callable[[int], int]
"""A function of the cents put in that gives the cents of tax saved."""

STEP = 1_000
"""The distance of the points of the curve, in cents: ten dollars."""

NEARLY, NEARLY_SHARE = 2_500, 100
"""Nearly as good as the best: within $25 of it, or within 1% of it (basis points), whichever is more."""


class ElectionError(KetacostError):
    """Outcomes or a tax saving that are impossible; the message says why."""


class CostOutcome(NamedTuple):
    """One possible cost: its chance, and the cents that the patient pays in the plan year."""

    chance: Fraction
    cost: int


class ElectionPoint(NamedTuple):
    """One election and what to expect of it, in cents: tax saved, and money lost."""

    election: int
    saving: Fraction
    forfeiture: Fraction

    @property
    def value(self) -> Fraction:
        """The worth of the election in cents: tax saved, less the expected loss."""
        return self.saving - self.forfeiture


@dataclass(frozen=True)
class ElectionAdvice:
    """The best election, the range of elections nearly as good (cents), and the whole curve.

    `marks` are sentences, without their periods, on what was assumed.
    """

    best: ElectionPoint
    lowest: int
    highest: int
    curve: tuple[ElectionPoint, ...]
    marks: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The advice as a counselor would say it."""
        told = [f"{mark}." for mark in self.marks]
        if not self.best.election:
            nothing = "Elect nothing: what it would save in tax is less than what it is expected to lose."
            return " ".join((nothing, *told))
        worth, loss = whole_cents(self.best.value), whole_cents(self.best.forfeiture)
        lost = f", after {about(loss)} that is expected to be lost" if loss else ""
        near = f" Anything from {about(self.lowest)} to {about(self.highest)} is nearly as good."
        elected = f"Elect {shown(self.best.election)}: it is worth about {about(worth)}{lost}.{near}"
        return " ".join((elected, *told))

    def __repr__(self) -> str:
        near = f"{dollars(self.lowest)} to {dollars(self.highest)} nearly as good"
        return f"Advice: elect {dollars(self.best.election)}, worth {dollars(whole_cents(self.best.value))}; {near}"

    replace = replace


def elect(
    outcomes: Sequence[CostOutcome], saved: TaxSaved, *, limit: int, carryover: int = 0, step: int = STEP
) -> ElectionAdvice:
    """Find the best election for a list of outcomes, the range nearly as good, and the curve from 0 to the limit.

    Amounts are cents. `carryover` is the most that goes over into the next year. Every point is exact; the curve has
    one each `step` and where an outcome bends it, and the best is then found to the dollar. Of equals, the smallest is
    best. Raises ElectionError for chances that do not add up to one, and for a saving below zero or above what was put
    in.
    """
    if sum(outcome.chance for outcome in outcomes) != 1 or any(outcome.chance < 0 for outcome in outcomes):
        raise ElectionError(f"chances add up to one, got {', '.join(str(outcome.chance) for outcome in outcomes)}")
    if any(outcome.cost < 0 for outcome in outcomes):
        raise ElectionError("a cost cannot be negative")
    if limit < 0 or step <= 0 or carryover < 0:
        raise ElectionError("limit and carryover cannot be negative, and the step must be above zero")
    saved_once = cache(lambda amount: checked(saved, amount))
    at = partial(point, outcomes, saved_once, carryover=carryover)
    bends = {outcome.cost + more for outcome in outcomes for more in (0, carryover)}
    curve = {e: at(e) for e in {*range(0, limit + 1, step), limit, *(bend for bend in bends if bend <= limit)}}
    near = _best(curve.values()).election
    for e in range(max(near - step, 0) // 100 * 100, min(near + step, limit), 100):
        curve.setdefault(e, at(e))
    points = tuple(curve[e] for e in sorted(curve))
    best = _best(points)
    enough = best.value - max(Fraction(NEARLY), best.value * NEARLY_SHARE / WHOLE)
    low = high = points.index(best)
    while low > 0 and points[low - 1].value >= enough:
        low -= 1
    while high < len(points) - 1 and points[high + 1].value >= enough:
        high += 1
    return ElectionAdvice(best, points[low].election, points[high].election, points)


def point(outcomes: Sequence[CostOutcome], saved: TaxSaved, election: int, *, carryover: int = 0) -> ElectionPoint:
    """What to expect of one election (cents): in each outcome, it is spent, carried over or lost."""
    forfeiture = sum((chance * max(election - cost - carryover, 0) for chance, cost in outcomes), Fraction(0))
    return ElectionPoint(election, Fraction(saved(election)), forfeiture)


def checked(saved: TaxSaved, amount: int) -> int:
    """The tax saved by an amount, in cents. Raises ElectionError where it is negative or more than the amount."""
    tax = saved(amount)
    if not 0 <= tax <= amount:
        impossible = f"putting in {shown(amount)} cannot save {shown(tax)} in tax"
        raise ElectionError(f"{impossible}; it saves from nothing to all of it")
    return tax


def _best(points: Iterable[ElectionPoint]) -> ElectionPoint:
    """The point worth most; of equals the smallest election, which ties up least money."""
    return max(points, key=lambda point: (point.value, -point.election))
