"""What may go into tax-free accounts in a year, and what they hold already.

Money is whole cents. Money above a limit, or that may not go in at all, does not count: it saves no tax, and a sentence
says why. Where a year's limit is not published, the nearest known year's is used and marked, or refused if strict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from ketacost.accounts.fsa import FsaError, most_for
from ketacost.accounts.hsa import MONTHS, CoverageKind, HsaAmounts, HsaMonth, Span, limit_of
from ketacost.core.dates import months_later
from ketacost.core.fields import described, replace
from ketacost.core.money import Cents, shown
from ketacost.core.references import parameter
from ketacost.model.plans import Plan
from ketacost.taxes.households import Contribution, Household

AtEnd = Literal["lost", "carried over", "grace period"]
"""What an employer's plan does with FSA money that is left at the end of its year."""


@dataclass(frozen=True)
class OnHand:
    """Money in accounts today, and what else decides whether more may go into an HSA.

    Its tax was saved when it went in. A bill that it pays counts in full, since the money was the patient's own pay.
    """

    fsa_left: Cents = described(
        "Left in the FSA", "The dollars left in the current plan year's health FSA, not counting any new election.", 0
    )
    fsa_last_day: date | None = described(
        "FSA plan year ends",
        "The last day of that plan year: only visits up to it can use what is left; None for December 31.",
        None,
    )
    fsa_at_end: AtEnd = described(
        "At the end of the FSA's year",
        "What happens to money left then: it is lost, carried over up to a limit, or usable for two more months and "
        "15 days.",
        "lost",
    )
    fsa_carryover_limit: Cents | None = described(
        "FSA carryover limit",
        "The most that the plan carries over, in dollars; None for the most that the law allows.",
        None,
    )
    fsa_starts: int = described(
        "Next FSA plan year starts in month", "The month, 1 to 12, in which the FSA's next plan year begins.", 1
    )
    fsa_months: int = described(
        "Months of the next FSA plan year", "The months of that plan year, fewer than 12 for a short one.", 12
    )
    hsa_balance: Cents = described("In the HSA", "The dollars already in an HSA; they may pay for any visit.", 0)
    spouse_fsa: bool = described(
        "Spouse has an FSA", "Whether the spouse has a general health FSA, which rules out an HSA for both.", False
    )
    medicare_from: date | None = described(
        "Medicare from", "The first day of any part of Medicare, from which no money may go into an HSA.", None
    )

    def __post_init__(self) -> None:
        if min(self.fsa_left, self.hsa_balance, self.fsa_carryover_limit or 0) < 0:
            raise FsaError("an account cannot hold or carry over a negative amount")
        if not 1 <= self.fsa_starts <= MONTHS:
            raise FsaError(f"an FSA's plan year starts in a month from 1 to 12, got {self.fsa_starts}")
        if not 1 <= self.fsa_months <= MONTHS:
            raise FsaError(f"an FSA's plan year has 1 to 12 months, got {self.fsa_months}")

    @property
    def amount(self) -> int:
        """All the money that accounts hold today, in cents."""
        return self.fsa_left + self.hsa_balance

    replace = replace


NOTHING_ON_HAND = OnHand()
"""Accounts that hold nothing."""


class Limit(NamedTuple):
    """A limit, in cents where it is money, and the sentence that marks another year's value ("" for the year's own)."""

    value: int
    mark: str = ""


def limit_on(name: str, day: date, what: str, *, strict: bool = False) -> Limit:
    """A limit on a day, by its parameter's name; where it is not published, that of the nearest known day, marked.

    Raises NotKnownOn for such a day if strict. limit_on("fsa.contribution_limit", date(2027, 1, 1), "FSA limit").value.
    """
    limit = parameter(name)
    if strict or any(known.first <= day <= known.last for known in limit.values):
        return Limit(limit.on(day))
    ends = (end for known in limit.values for end in (known.first, known.last))
    nearest = min(ends, key=lambda end: abs(end - day))
    return Limit(limit.on(nearest), f"The {day.year} {what} is not published yet, so we use {nearest.year}'s")


class LastUse(NamedTuple):
    """The last day on which a visit can use an FSA, and the sentence that marks another year's rule."""

    day: date
    mark: str = ""


def last_use(on_hand: OnHand, last: date, *, strict: bool = False) -> LastUse:
    """The last day on which a visit can use an FSA whose plan year ends on a day: that day, or the grace period's last.

    Raises NotKnownOn for a year whose rule is not known if strict.
    """
    if on_hand.fsa_at_end != "grace period":
        return LastUse(last)
    what = "rule on an FSA's grace period"
    months, days = (limit_on(f"fsa.grace_{unit}", last, what, strict=strict) for unit in ("months", "days"))
    return LastUse(months_later(last + timedelta(days=1), months.value) + timedelta(days=days.value - 1), months.mark)


def carryover_limit(on_hand: OnHand, last: date, *, strict: bool = False) -> Limit:
    """The most that an employer's plan carries over from a plan year with this last day, never above the law's."""
    if on_hand.fsa_at_end != "carried over":
        return Limit(0)
    law = limit_on("fsa.carryover_limit", last, "limit on what an FSA carries over", strict=strict)
    return (
        law if on_hand.fsa_carryover_limit is None else law._replace(value=min(law.value, on_hand.fsa_carryover_limit))
    )


class Counted(NamedTuple):
    """What of a year's contribution counts, and in sentences why the rest does not and what was assumed."""

    contribution: Contribution
    problems: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


def why_no_hsa(plan: Plan) -> str:
    """Why a plan keeps its member from putting money in an HSA, in words; "" where it allows one."""
    if plan.hsa_eligible is True:
        return ""
    known = "does not" if plan.hsa_eligible is False else "is not known to"
    return f"{plan.name or 'the plan'} {known} allow an HSA"


@lru_cache(maxsize=256)
def counted(
    put_in: Contribution,
    home: Household,
    *,
    family: bool,
    why_not: str,
    why_later: tuple[date, str] | None = None,
    general_fsa: Sequence[Span] = (),
    medicare_from: date | None = None,
    fsa_first: date | None = None,
    fsa_months: int = MONTHS,
    strict: bool = False,
) -> Counted:
    """What of a household's contribution counts in its year: within the limits, from pay that can hold it, if allowed.

    `why_not` is the plan's reason against an HSA, `why_later` that of a later plan with its first day, `general_fsa`
    the days on which a general health FSA can pay, and `fsa_first` the first day of the plan year of the election,
    `fsa_months` its length. Within a limit the money from pay goes in first.
    Raises NotKnownOn for a limit that is not published if strict.
    """
    problems, marks = list[str](), list[str]()
    first = fsa_first or date(home.year, 1, 1)
    pay = home.spouse_wages if put_in.by_spouse else home.wages
    fsa = put_in.health_fsa
    if fsa:
        most = limit_on("fsa.contribution_limit", first, "health FSA limit", strict=strict)
        most = most._replace(value=most_for(most.value, fsa_months))
        marks += [most.mark] * bool(most.mark)
        if fsa > most.value:
            over = f"the {shown(fsa - most.value)} above it saves nothing"
            span = f" for {fsa_months} months" if fsa_months < MONTHS else ""
            problems.append(f"A health FSA takes {shown(most.value)}{span} in {first.year}: {over}")
        fsa = min(fsa, most.value)
    payroll, direct = put_in.payroll_hsa, put_in.direct_hsa
    if payroll + direct:
        plans = ((date.min, why_not), *([why_later] if why_later else []))
        payroll, direct, more = _hsa_counted(put_in, home, family, plans, tuple(general_fsa), medicare_from, strict)
        problems, marks = [*problems, *more.problems], [*marks, *more.marks]
    if fsa + payroll > pay:
        over = f"the {shown(fsa + payroll - pay)} above it saves nothing"
        problems.append(f"Pay of {shown(pay)} cannot hold {shown(fsa + payroll)} taken from it: {over}")
        fsa = min(fsa, pay)
        payroll = min(payroll, pay - fsa)
    return Counted(Contribution(payroll, direct, fsa, put_in.by_spouse), tuple(problems), tuple(marks))


def _hsa_counted(
    put_in: Contribution,
    home: Household,
    family: bool,
    plans: tuple[tuple[date, str], ...],
    general_fsa: tuple[Span, ...],
    medicare_from: date | None,
    strict: bool,
) -> tuple[int, int, Counted]:
    """What of a year's HSA money counts, from pay and from the bank, with what there is to say about it."""
    year, asked = home.year, put_in.payroll_hsa + put_in.direct_hsa
    kind: CoverageKind = "family" if family else "self_only"
    months = tuple(
        HsaMonth(day, kind, _why_not_in(day, plans, general_fsa, medicare_from))
        for day in (date(year, month, 1) for month in range(1, MONTHS + 1))
    )
    if not any(month.eligible for month in months):
        problem = f"Money for an HSA saves nothing in {year}: {months[-1].why_not}"
        return 0, 0, Counted(put_in, (problem,))
    names = ("contribution_limit.self_only", "contribution_limit.family", "catch_up")
    new_year = date(year, 1, 1)
    limits = [limit_on(f"hsa.{name}", new_year, "HSA limit", strict=strict) for name in names]
    age = home.spouse_age if put_in.by_spouse else home.age
    older = (age or 0) >= limit_on("hsa.catch_up_age", new_year, "HSA catch-up age", strict=strict).value
    allowed = limit_of(months, HsaAmounts(*(limit.value for limit in limits)), adds=older)
    problems, marks = list[str](), [limit.mark for limit in limits if limit.mark][:1]
    if asked > allowed.total:
        months_left = sum(month.eligible for month in months)
        span = "for this coverage" if months_left == MONTHS else f"for {months_left} months of this coverage"
        over = f"the {shown(asked - allowed.total)} above it saves nothing"
        problems.append(f"An HSA takes {shown(allowed.total)} in {year} {span}: {over}")
    elif asked > allowed.by_months:
        marks.append(f"So much HSA money for {year} needs you to stay eligible through December {year + 1}")
    payroll = min(put_in.payroll_hsa, allowed.total)
    direct = min(put_in.direct_hsa, allowed.total - payroll)
    return payroll, direct, Counted(put_in, tuple(problems), tuple(marks))


def _why_not_in(
    day: date, plans: tuple[tuple[date, str], ...], general_fsa: tuple[Span, ...], medicare_from: date | None
) -> str:
    """Why no HSA money may go in for the month that begins on a day; "" where it may. `plans` are in order of date."""
    why_not = next(why for first, why in reversed(plans) if first <= day)
    if why_not:
        return why_not
    if medicare_from and medicare_from <= day:
        return "Medicare rules out an HSA"
    if any(span.holds(day) for span in general_fsa):
        return "a general health FSA, yours or your spouse's, rules out an HSA (a limited-purpose FSA does not)"
    return ""
