"""Health savings accounts: how much may go in for a year, and what happens to too much.

Money is whole cents; shares are basis points. A year's amounts come from the parameters, with their papers. IRC 223,
IRS Publication 969 and the Instructions for Form 8889 are the rules.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from ketacost.accounts.eligibility import MONTHS, Holder, HsaError, MonthState, Span, months
from ketacost.core.money import WHOLE, part_of, shown, whole_cents
from ketacost.core.references import Paper, parameter, parameters


class Amounts(NamedTuple):
    """A year's amounts, in cents: self-only, family, and what a person of 55 or more may add."""

    self_only: int
    family: int
    catch_up: int


class Limit(NamedTuple):
    """The most that may go in for a year from everybody, in cents: by_months, or more under the last-month rule."""

    by_months: int
    total: int

    @property
    def last_month_rule(self) -> bool:
        """Whether a part stands only if the person stays eligible through the testing period."""
        return self.total > self.by_months


class Excess(NamedTuple):
    """Too much money in an HSA: how much, the tax for each year that it stays, the day to have it out, and the ways."""

    amount: int
    tax_a_year: int
    out_by: date
    ways: tuple[str, ...]


class Failed(NamedTuple):
    """What a failed testing period costs, in cents: the income it adds and the additional tax."""

    income: int
    additional_tax: int


def amounts(year: int) -> Amounts:
    """A year's amounts. Raises NotKnownOn for a year that is not in."""
    first = date(year, 1, 1)
    names = ("hsa.contribution_limit.self_only", "hsa.contribution_limit.family", "hsa.catch_up")
    self_only, family, catch_up = (parameter(name).on(first) for name in names)
    return Amounts(self_only, family, catch_up)


def limit(holder: Holder, year: int, *, spouse: Holder | None = None, my_share: int = WHOLE // 2) -> Limit:
    """The most that may go into a person's HSA for a year, whoever puts it there.

    Where either of an eligible couple has family coverage, the two share one family limit: `my_share` of it, in basis
    points, is this person's (half, unless they agree otherwise). What a person of 55 adds is never shared.
    """
    theirs = months(spouse, year) if spouse else None
    age = parameter("hsa.catch_up_age").on(date(year, 12, 31))
    adds = holder.birth_year is not None and year - holder.birth_year >= age
    return limit_of(months(holder, year), amounts(year), adds=adds, theirs=theirs, my_share=my_share)


def limit_of(
    mine: tuple[MonthState, ...],
    most: Amounts,
    *,
    adds: bool = False,
    theirs: tuple[MonthState, ...] | None = None,
    my_share: int = WHOLE // 2,
) -> Limit:
    """A year's limit from twelve months: a twelfth for each eligible one, or the whole year's where the last one is.

    The last-month rule takes the larger of the two. IRC 223(b); Form 8889, line 3 worksheet; Notice 2008-52.
    """
    if not 0 <= my_share <= WHOLE:
        raise HsaError(f"a share of the family limit lies between 0 and {WHOLE} basis points, got {my_share}")
    a_year = [Fraction(0)] * MONTHS
    for i, month in enumerate(mine):
        if month.eligible:
            other = theirs[i] if theirs else None
            joint = other is not None and other.eligible and "family" in (month.kind, other.kind)
            base = Fraction(most.family * my_share, WHOLE) if joint else Fraction(_base(most, month))
            a_year[i] = base + (most.catch_up if adds else 0)
    by_months = sum(a_year, Fraction(0)) / MONTHS
    return Limit(whole_cents(by_months), whole_cents(max(by_months, a_year[-1])))


def _base(most: Amounts, month: MonthState) -> int:
    return most.family if month.kind == "family" else most.self_only


def stay_eligible(year: int) -> Span:
    """The days through which a person who used the last-month rule has to stay eligible: December through the next December."""
    return Span(date(year, 12, 1), date(year + 1, 12, 31))


def failed_testing(found: Limit, put_in: int, next_year: tuple[MonthState, ...], failed_on: date) -> Failed | None:
    """What it costs to have used the last-month rule and not stayed eligible through the next year; None where one stayed.

    The part that only the rule allowed goes into the income of the year it fails, with an additional tax; the money stays.
    Death and disability, which are excused, are not modelled.
    """
    extra = max(min(put_in, found.total) - found.by_months, 0)
    if not extra or all(month.eligible for month in next_year):
        return None
    return Failed(extra, part_of(extra, parameter("hsa.testing_tax").on(failed_on)))


def excess(found: Limit, year: int, *, mine: int, employer: int = 0) -> Excess | None:
    """What went in beyond a year's limit, the employer's money counted, and the ways to mend it; None where nothing did."""
    over = mine + employer - found.total
    if over <= 0:
        return None
    tax = parameter("hsa.excess_tax")
    a_year = part_of(over, tax.on(date(year, 12, 31)))
    by = put_back_by(year)
    return Excess(
        over,
        a_year,
        by,
        (
            f"Take {shown(over)} and what it earned out by {by} (later with an extension of the return): no penalty, and "
            "the earnings count as income.",
            f"Leave it and put that much less in next year, if there is room: {shown(a_year)} for each year that it stays.",
        ),
    )


def put_back_by(year: int) -> date:
    """The day of the next year by which too much is taken out, or a payment that turned out wrong is put back."""
    found = parameter("hsa.put_back_by").on(date(year + 1, 1, 1))
    return date(year + 1, found // 100, found % 100)


def why_not_payable(incurred: date, established: date) -> str:
    """Why an HSA may not pay an expense tax-free, by its date; "" where it may: the account has to come first."""
    if incurred < established:
        return f"the expense of {incurred} came before the HSA, which was established on {established}"
    return ""


def papers(year: int) -> tuple[Paper, ...]:
    """The citation of every number that a year's HSA rests on: its amounts, the bounds of its plans, the taxes on mistakes.

    Raises NotKnownOn for a year that is not in.
    """
    first = date(year, 1, 1)
    return tuple(parameter(name).paper(first) for name in sorted(parameters()) if name.startswith(("hsa.", "hdhp.")))
