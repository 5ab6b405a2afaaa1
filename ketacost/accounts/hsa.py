"""Health savings accounts: who may put in how much for a year, and what happens to too much.

Money is whole cents; shares are basis points. A year's amounts come from the parameters, with their sources. The rules
are IRC 223, IRS Publication 969 and the Instructions for Form 8889.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

from ketacost.core.dates import months_later, us_day
from ketacost.core.fields import KetacostError, described, replace
from ketacost.core.money import WHOLE, Cents, part_of, shown, whole_cents
from ketacost.core.references import parameter
from ketacost.model.adjudication import plan_year_of
from ketacost.model.plans import Network, Plan

CoverageKind = Literal["self_only", "family"]
MONTHS = 12


class HsaError(KetacostError):
    """Something that a health savings account cannot take; the message says what it can."""


@dataclass(frozen=True)
class Span:
    """A stretch of days, both included."""

    first: date = described("From", "The first day of the stretch, included.")
    last: date = described("Through", "The last day of the stretch, included.")

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise HsaError(f"a span ends on or after its first day, got {self.first} to {self.last}")

    replace = replace

    def holds(self, day: date) -> bool:
        """Whether a day is in the stretch."""
        return self.first <= day <= self.last


@dataclass(frozen=True)
class HsaCoverage:
    """A health plan that covers a person from one day through another."""

    plan: Plan = described("Plan", "The plan, with its own numbers.")
    days: Span = described("Days", "The days that it covers the person.")
    level: Literal["other", "bronze", "catastrophic"] = described(
        "Level of the plan",
        "Individual bronze and catastrophic plans count by law from 2026, on or off an exchange.",
        "other",
    )

    replace = replace

    @property
    def kind(self) -> CoverageKind:
        """Self-only, or family where it covers anybody else."""
        return "family" if self.plan.family else "self_only"


@dataclass(frozen=True)
class Holder:
    """A person who wants to put money in an HSA: what the law asks about. A limited-purpose FSA does not matter."""

    coverage: tuple[HsaCoverage, ...] = described("Health plans", "The plans that cover the person, with their days.")
    birth_year: int | None = described("Year of birth", "The year of birth: people 55 or older may add money.", None)
    other_coverage: tuple[Span, ...] = described(
        "Other coverage", "The days of any other health coverage that pays before the minimum deductible.", ()
    )
    general_fsa: tuple[Span, ...] = described(
        "General health FSA", "The days on which a general-purpose health FSA or HRA of either spouse can pay.", ()
    )
    medicare_from: date | None = described("Medicare from", "The first day of any part of Medicare.", None)
    dependent: bool = described("Dependent", "Whether another person's tax return claims this one.", False)
    direct_primary_care: Cents = described(
        "Direct primary care", "The fee of a direct primary care arrangement, in dollars a month; 0 for none.", 0
    )

    replace = replace


class HsaMonth(NamedTuple):
    """The coverage on the first day of a month, and why money may not go in ("" where it may)."""

    first: date
    kind: CoverageKind | None
    why_not: str

    @property
    def eligible(self) -> bool:
        """Whether the month adds to the year's limit."""
        return not self.why_not


def why_not_hdhp(coverage: HsaCoverage, day: date) -> str:
    """Why a plan is no high-deductible plan on a day, in a sentence; "" where it is one.

    The test uses the plan year's own amounts and the in-network side. Telehealth paid before the deductible does no
    harm. We believe a plan that calls itself HSA eligible on lines paid before the deductible (they may be
    preventive care), never on its numbers. IRC 223(c)(2); Notice 2004-2; Notice 2026-5.
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
            return f"the deductible of {shown(amount)} is below {shown(least)}, the minimum for a high-deductible plan"
    limit = side.family_out_of_pocket_limit if plan.family else side.out_of_pocket_limit
    if limit is None:
        return f"{plan.name} has no {'family ' * plan.family}out-of-pocket limit"
    if not isinstance(limit, int):
        return f"{plan.name} does not state its out-of-pocket limit; ask the plan"
    if limit > most:
        highest = f"{shown(most)}, the maximum for a high-deductible plan"
        return f"the out-of-pocket limit of {shown(limit)} is above {highest}"
    for name, line in side.benefits.items():
        first = line.first_visits is not None and not line.first_visits.deductible_applies
        if plan.hsa_eligible is not True and line.covered and (first or not line.deductible_applies):
            return f"{plan.name} pays for {name.replace('_', ' ')} before the deductible"
    return ""


def _deductibles(plan: Plan, side: Network) -> tuple[object, ...]:
    """The deductibles that can open the plan's payments: an embedded one counts each person's own amount too."""
    if not plan.family:
        return (side.deductible,)
    family = () if side.family_deductible is None else (side.family_deductible,)
    if plan.deductible_kind == "aggregate":
        return family or (side.deductible,)
    return (side.deductible, *family) if plan.deductible_kind == "embedded" else ("not stated",)


def months(holder: Holder, year: int) -> tuple[HsaMonth, ...]:
    """The twelve months of a year, each with the kind of coverage on its first day and why money may not go in.

    hsa_months(holder, 2026)[0].eligible is January's. Raises NotKnownOn for a year whose amounts are not known.
    """
    return tuple(_month(holder, date(year, month, 1)) for month in range(1, MONTHS + 1))


def _month(holder: Holder, day: date) -> HsaMonth:
    covering = [coverage for coverage in holder.coverage if coverage.days.holds(day)]
    if not covering:
        return HsaMonth(day, None, "no health plan covers the person")
    kind: CoverageKind = "family" if any(coverage.kind == "family" for coverage in covering) else "self_only"
    if holder.dependent:
        return HsaMonth(day, kind, "another person's tax return claims this one")
    if holder.medicare_from and holder.medicare_from <= day:
        return HsaMonth(day, kind, f"Medicare began on {us_day(holder.medicare_from)}")
    if any(span.holds(day) for span in holder.general_fsa):
        return HsaMonth(day, kind, "a general-purpose health FSA, the person's or the spouse's, can pay")
    if any(span.holds(day) for span in holder.other_coverage):
        return HsaMonth(day, kind, "other coverage pays before the deductible")
    most = parameter(f"hsa.direct_primary_care.{'one' if kind == 'self_only' else 'more'}").on(day)
    if holder.direct_primary_care > most:
        fee = f"direct primary care for {shown(holder.direct_primary_care)} a month"
        return HsaMonth(day, kind, f"{fee} is above the {shown(most)} that the law allows")
    reasons = [why_not_hdhp(coverage, day) for coverage in covering]
    return HsaMonth(day, kind, next(filter(None, reasons), ""))


def medicare_begins(applied: date, *, turns_65: date) -> date:
    """The day that Medicare Part A begins for somebody who applies after 65: up to six months back, never before 65.

    Money for the months from that day on may not go into an HSA, even where it was allowed when it went in.
    """
    look_back = parameter("hsa.medicare_look_back").on(applied)
    return max(months_later(applied.replace(day=1), -look_back), turns_65.replace(day=1))


class HsaAmounts(NamedTuple):
    """A year's amounts, in cents: self-only, family, and what a person of 55 or more may add."""

    self_only: int
    family: int
    catch_up: int


class HsaLimit(NamedTuple):
    """The most that may go in for a year from everybody, in cents: by months, and under the last-month rule."""

    by_months: int
    total: int

    @property
    def last_month_rule(self) -> bool:
        """Whether a part of the limit needs the person to stay eligible through the testing period."""
        return self.total > self.by_months


class HsaExcess(NamedTuple):
    """Too much money in an HSA, in cents: the amount, the tax for each year it stays, the last day to take it out."""

    amount: int
    tax_a_year: int
    out_by: date
    remedies: tuple[str, ...]


class FailedTestingPeriod(NamedTuple):
    """The cost of a failed testing period, in cents: the income it adds and the additional tax."""

    income: int
    additional_tax: int


def amounts(year: int) -> HsaAmounts:
    """A year's amounts, in cents. Raises NotKnownOn for a year that is not known."""
    names = ("contribution_limit.self_only", "contribution_limit.family", "catch_up")
    return HsaAmounts(*(parameter(f"hsa.{name}").on(date(year, 1, 1)) for name in names))


def limit(
    holder: Holder, year: int, *, spouse: Holder | None = None, my_share: int = WHOLE // 2, married: bool | None = None
) -> HsaLimit:
    """The most that may go into a person's HSA for a year, in cents, whoever puts it there.

    Where either of an eligible couple has family coverage, the two share one family limit: `my_share` of it, in basis
    points, is this person's (half, unless they agree otherwise). The catch-up of a person of 55 is never shared.
    `married` says whether they still are in December; not said, a spouse on Medicare is. hsa_limit(holder, 2026).total.
    """
    if married is None and spouse and spouse.medicare_from and spouse.medicare_from <= date(year, 12, 31):
        married = True
    theirs = months(spouse, year) if spouse else None
    age = parameter("hsa.catch_up_age").on(date(year, 12, 31))
    adds = holder.birth_year is not None and year - holder.birth_year >= age
    mine = months(holder, year)
    return limit_of(mine, amounts(year), adds=adds, theirs=theirs, my_share=my_share, married=married)


def limit_of(
    mine: tuple[HsaMonth, ...],
    most: HsaAmounts,
    *,
    adds: bool = False,
    theirs: tuple[HsaMonth, ...] | None = None,
    my_share: int = WHOLE // 2,
    married: bool | None = None,
) -> HsaLimit:
    """A year's limit from twelve months: a twelfth for each eligible one, or the whole year's where December is one.

    The last-month rule takes the larger of the two, but a married couple has one family limit: it gives only what the
    months of both leave. Not said, a spouse without a plan in December is taken as divorced, or from 55 as on Medicare.
    IRC 223(b); Form 8889, line 3 worksheet and line 6; Notice 2008-52. Raises HsaError for a share that is not between
    0 and 10,000 basis points.
    """
    if not 0 <= my_share <= WHOLE:
        raise HsaError(f"a share of the family limit lies between 0 and {WHOLE} basis points, got {my_share}")
    base = _by_months(mine, most, theirs, my_share)
    catch_up = most.catch_up if adds else 0
    by_months = base + Fraction(catch_up * sum(month.eligible for month in mine), MONTHS)
    if not mine[-1].eligible:
        return HsaLimit(_cents(by_months, my_share), _cents(by_months, my_share))
    their_kind = theirs[-1].kind if theirs and theirs[-1].eligible else None
    together, family = their_kind is not None, "family" in (mine[-1].kind, their_kind)
    whole_year = Fraction(most.family if family else most.self_only)
    if married is None:
        married = adds or bool(theirs and theirs[-1].kind)
    if theirs and family and (together or married):
        left = max(whole_year - base - _by_months(theirs, most, mine, WHOLE - my_share), Fraction(0))
        whole_year = base + left * Fraction(my_share if together else WHOLE, WHOLE)
    return HsaLimit(_cents(by_months, my_share), _cents(max(by_months, whole_year + catch_up), my_share))


def _cents(amount: Fraction, my_share: int) -> int:
    """Whole cents: of the half cents that a couple splits, the smaller share's is rounded up, the larger one's down."""
    return whole_cents(amount) if my_share <= WHOLE // 2 else -whole_cents(-amount)


def _by_months(
    mine: tuple[HsaMonth, ...], most: HsaAmounts, theirs: tuple[HsaMonth, ...] | None, my_share: int
) -> Fraction:
    """A person's part of the year's limits, without the catch-up: a twelfth for each eligible month, shared or not."""
    total = Fraction(0)
    for i, month in enumerate(mine):
        if not month.eligible:
            continue
        other = theirs[i] if theirs else None
        joint = other is not None and other.eligible and "family" in (month.kind, other.kind)
        base = most.family if joint or month.kind == "family" else most.self_only
        total += Fraction(base * (my_share if joint else WHOLE), WHOLE * MONTHS)
    return total


def stay_eligible(year: int) -> Span:
    """The testing period of the last-month rule, in which a person stays eligible: December through next December."""
    return Span(date(year, 12, 1), date(year + 1, 12, 31))


def failed_testing(
    allowed: HsaLimit, put_in: int, next_year: tuple[HsaMonth, ...], failed_on: date
) -> FailedTestingPeriod | None:
    """The cost of using the last-month rule without staying eligible through the next year; None for those who stay.

    The part that only the rule allowed joins the income of the year it fails, with an additional tax; the money stays.
    Death and disability, which the law excuses, are not modelled.
    """
    extra = max(min(put_in, allowed.total) - allowed.by_months, 0)
    if not extra or all(month.eligible for month in next_year):
        return None
    return FailedTestingPeriod(extra, part_of(extra, parameter("hsa.testing_tax").on(failed_on)))


def excess(allowed: HsaLimit, year: int, *, mine: int, employer: int = 0) -> HsaExcess | None:
    """The cents beyond a year's limit, with the employer's money, and the remedies; None where nothing is beyond it.

    hsa_excess(hsa_limit(holder, 2026), 2026, mine=500_000) is for 5,000 dollars of one's own.
    """
    over = mine + employer - allowed.total
    if over <= 0:
        return None
    a_year = part_of(over, parameter("hsa.excess_tax").on(date(year, 12, 31)))
    by = put_back_by(year)
    no_penalty = "no penalty, and the earnings count as income."
    until = f"{us_day(by)} (later with an extension of the return)"
    take_out = f"Take {shown(over)} and its earnings out by {until}: {no_penalty}"
    each_year = f"{shown(a_year)} for each year that it stays."
    leave = f"Leave it and put in that much less next year, if there is room: {each_year}"
    return HsaExcess(over, a_year, by, (take_out, leave))


def put_back_by(year: int) -> date:
    """The day of the next year by which to take out too much, or to put back a payment made by mistake."""
    month, day = divmod(parameter("hsa.put_back_by").on(date(year + 1, 1, 1)), 100)
    return date(year + 1, month, day)
