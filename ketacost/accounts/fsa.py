"""Health flexible spending accounts and employers' reimbursement accounts: what they pay, and what is lost.

Money is whole cents. The whole election is there from the first day (uniform coverage, Prop. Treas. Reg. 1.125-5(d)); what
is not used is lost, but for a carryover or a grace period, never both (Notice 2013-71). election + carried_in =
paid + carried_out + lost, to the cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from ketacost.accounts.eligibility import Span
from ketacost.core.fields import KetacostError, but, said
from ketacost.core.money import Cents, dollars, shown
from ketacost.core.references import Paper, parameter, parameters

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

    election: Cents = said("Election", "What the employee elects from pay for the plan year.")
    first: date = said("Plan year begins", "The first day of the plan year.")
    after_year: Literal["lost", "carryover", "grace period"] = said(
        "What is left", "Whether money left at the end is lost, carried over, or may be used in a grace period.", "lost"
    )
    carryover_limit: Cents | None = said(
        "Carryover limit", "The most that the plan carries over; None for the most that the law allows.", None
    )
    carried_in: Cents = said("Carried in", "What was carried over from the plan year before.", 0)
    grace_ends: date | None = said(
        "Grace period ends", "The last day of the grace period; None for the last that the law allows.", None
    )
    claims_by: date | None = said(
        "Claims by", "The last day to send in a claim (run-out); None where the plan's papers have not been read.", None
    )
    limited: bool = said(
        "Limited purpose", "Whether it pays dental, vision and preventive care only, as beside an HSA.", False
    )
    covered_until: date | None = said(
        "Covered until", "The last day of coverage of an employee who left the job.", None
    )
    limit_as_of: date | None = said(
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
    def papers(self) -> tuple[Paper, ...]:
        """The citation of every number that the account rests on."""
        day = self.limit_as_of or self.first
        return tuple(parameter(name).paper(day) for name in sorted(parameters()) if name.startswith("fsa."))

    def _carryover_by_law(self) -> int:
        return parameter("fsa.carryover_limit").on(self.limit_as_of or self.first)

    but = but


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
    return fsa.but(covered_until=day), LeftJob(max(balance, 0), max(-balance, 0))


def change(fsa: HealthFsa, event: str, election: int, *, paid: int = 0) -> HealthFsa:
    """The account with another election after an event that allows it: for expenses from then on.

    Raises FsaError for an event that is none of CHANGES (money that has become tight is none), and for an election
    below what was paid already: plans differ there, so the plan is asked. The change has to fit the event.
    """
    if event not in CHANGES:
        raise FsaError(f"{event!r} does not allow a change during the year; these do: {'; '.join(CHANGES)}")
    if election + fsa.carried_in < paid:
        raise FsaError(f"{shown(paid)} has been paid already; ask the plan whether {shown(election)} may be elected")
    return fsa.but(election=election)


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

    amount: Cents = said("Amount", "What the employer pays at most.")
    days: Span = said("Days", "The days whose expenses it pays.")

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
