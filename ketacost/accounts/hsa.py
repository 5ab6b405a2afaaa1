"""Health savings accounts: how much may go in for a year, and what happens to too much.

Money is whole cents; shares are basis points. A year's amounts come from the parameters, with their sources. IRC 223,
IRS Publication 969 and the Instructions for Form 8889 are the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

from ketacost.core.fields import KetacostError, described, replace
from ketacost.core.money import WHOLE, Cents, part_of, shown, whole_cents
from ketacost.core.references import Citation, parameter, parameters
from ketacost.model.adjudication import plan_year_of
from ketacost.model.plans import Network, Plan

Kind = Literal["self_only", "family"]
MONTHS = 12


class HsaError(KetacostError):
    """Something that a health savings account cannot take; the message tells what it can."""


@dataclass(frozen=True)
class Span:
    """A stretch of days, both included."""

    first: date = described("From", "The first day.")
    last: date = described("Through", "The last day.")

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise HsaError(f"a stretch ends on or after its first day, got {self.first} to {self.last}")

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.first <= day <= self.last


@dataclass(frozen=True)
class HsaCoverage:
    """A health plan that covers a person from one day through another."""

    plan: Plan = described("Plan", "The plan, with its own numbers.")
    days: Span = described("Days", "The days that it covers the person.")
    level: Literal["other", "bronze", "catastrophic"] = described(
        "Level on the exchange", "Bronze and catastrophic plans of an exchange count by law from 2026.", "other"
    )

    @property
    def kind(self) -> Kind:
        """Self-only, or family where it covers anybody else."""
        return "family" if self.plan.family else "self_only"


@dataclass(frozen=True)
class Holder:
    """A person who wants to put money in an HSA, as far as the law asks. A limited-purpose FSA need not be told: it is allowed."""

    coverage: tuple[HsaCoverage, ...] = described(
        "Health plans", "The plans that cover the person, each with its days."
    )
    birth_year: int | None = described("Year of birth", "Asked for because people of 55 and more may add money.", None)
    other_coverage: tuple[Span, ...] = described(
        "Other coverage", "Days of any other health coverage that pays before the least deductible.", ()
    )
    general_fsa: tuple[Span, ...] = described(
        "General health FSA",
        "Days on which the person's or the spouse's general-purpose health FSA or HRA can pay.",
        (),
    )
    medicare_from: date | None = described("Medicare from", "The first day of any part of Medicare.", None)
    dependent: bool = described("Dependent", "Whether another person's tax return claims this one.", False)
    direct_primary_care: Cents = described(
        "Direct primary care", "The monthly fee of a direct primary care arrangement; 0 for none.", 0
    )

    replace = replace


class MonthState(NamedTuple):
    """What counts on the first day of a month: the kind of coverage, and why money may not go in ("" where it may)."""

    first: date
    kind: Kind | None
    why_not: str

    @property
    def eligible(self) -> bool:
        """Whether the month adds to the year's limit."""
        return not self.why_not


def why_not_hdhp(coverage: HsaCoverage, day: date) -> str:
    """Why a plan is no high-deductible plan on a day, in a sentence; "" where it is one.

    Tested on the plan year's own amounts and its in-network side. What the plan pays by telehealth before the deductible
    does no harm and is not asked. A plan that calls itself HSA eligible is believed on lines paid before the deductible
    (they may be preventive care), never on its numbers. IRC 223(c)(2); Notice 2004-2; Notice 2026-5.
    """
    plan = coverage.plan
    if coverage.level != "other" and parameter("hsa.bronze_and_catastrophic").on(day):
        return ""
    if plan.hsa_eligible is False:
        return f"{plan.name} says that it is not HSA eligible"
    side = plan.networks.get(plan.protected_network)
    if not isinstance(side, Network):
        return f"the in-network side of {plan.name} is not known; ask the plan whether it is HSA eligible"
    begins = plan_year_of(day, plan.plan_year_starts)
    least = parameter(f"hdhp.least_deductible.{coverage.kind}").on(begins)
    most = parameter(f"hdhp.out_of_pocket_limit.{coverage.kind}").on(begins)
    for amount in _deductibles(plan, side):
        if not isinstance(amount, int):
            return f"{plan.name} does not state its deductible; ask the plan"
        if amount < least:
            return f"the deductible of {shown(amount)} is below {shown(least)}, the least for a high-deductible plan"
    limit = side.family_out_of_pocket_limit if plan.family else side.out_of_pocket_limit
    if limit is None:
        return f"{plan.name} has no {'family ' * plan.family}out-of-pocket limit"
    if not isinstance(limit, int):
        return f"{plan.name} does not state its out-of-pocket limit; ask the plan"
    if limit > most:
        return (
            f"the out-of-pocket limit of {shown(limit)} is above {shown(most)}, the highest for a high-deductible plan"
        )
    for name, line in side.benefits.items():
        first = line.first_visits is not None and not line.first_visits.deductible_applies
        if plan.hsa_eligible is not True and line.covered and (first or not line.deductible_applies):
            return f"{plan.name} pays for {name.replace('_', ' ')} before the deductible"
    return ""


def _deductibles(plan: Plan, side: Network) -> tuple[object, ...]:
    """What has to be paid before the plan pays anybody: with an embedded deductible each person's own amount counts too."""
    if not plan.family:
        return (side.deductible,)
    family = () if side.family_deductible is None else (side.family_deductible,)
    if plan.deductible_kind == "aggregate":
        return family or (side.deductible,)
    return (side.deductible, *family) if plan.deductible_kind == "embedded" else ("not stated",)


def months(holder: Holder, year: int) -> tuple[MonthState, ...]:
    """The twelve months of a year, each with the kind of coverage on its first day and why money may not go in.

    Raises NotKnownOn for a year whose amounts are not in.
    """
    return tuple(_month(holder, date(year, month, 1)) for month in range(1, MONTHS + 1))


def _month(holder: Holder, day: date) -> MonthState:
    covering = [coverage for coverage in holder.coverage if coverage.days.holds(day)]
    if not covering:
        return MonthState(day, None, "no health plan covers the person")
    kind: Kind = "family" if any(coverage.kind == "family" for coverage in covering) else "self_only"
    if holder.dependent:
        return MonthState(day, kind, "another person's tax return claims this one")
    if holder.medicare_from and holder.medicare_from <= day:
        return MonthState(day, kind, f"Medicare began on {holder.medicare_from}")
    if any(span.holds(day) for span in holder.general_fsa):
        return MonthState(day, kind, "a general-purpose health FSA, the person's or the spouse's, can pay")
    if any(span.holds(day) for span in holder.other_coverage):
        return MonthState(day, kind, "other coverage pays before the deductible")
    most = parameter(f"hsa.direct_primary_care.{'one' if kind == 'self_only' else 'more'}").on(day)
    if holder.direct_primary_care > most:
        fee = shown(holder.direct_primary_care)
        return MonthState(
            day, kind, f"direct primary care for {fee} a month is above the {shown(most)} that the law allows"
        )
    reasons = [why_not_hdhp(coverage, day) for coverage in covering]
    return MonthState(day, kind, next((reason for reason in reasons if reason), ""))


def medicare_begins(applied: date, *, turns_65: date) -> date:
    """The day that Medicare Part A begins for somebody who applies after 65: up to six months back, never before 65.

    Money for the months from then on may not go into an HSA, though it was allowed when it went in.
    """
    back = applied.year * MONTHS + applied.month - 1 - parameter("hsa.medicare_look_back").on(applied)
    return max(date(back // MONTHS, back % MONTHS + 1, 1), turns_65.replace(day=1))


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


def citations(year: int) -> tuple[Citation, ...]:
    """The citation of every number that a year's HSA rests on: its amounts, the bounds of its plans, the taxes on mistakes.

    Raises NotKnownOn for a year that is not in.
    """
    first = date(year, 1, 1)
    return tuple(parameter(name).citation(first) for name in sorted(parameters()) if name.startswith(("hsa.", "hdhp.")))
