"""Who may put money in a health savings account, month by month: the plan, other coverage, Medicare and other accounts.

Money is whole cents. Amounts come from the parameters, with their papers. IRC 223(c) and IRS Publication 969 are the rules;
Notice 2026-5 tells what changed with 2025 and 2026.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from ketacost.core.fields import KetacostError, but, said
from ketacost.core.money import Cents, shown
from ketacost.core.references import parameter
from ketacost.model.adjudication import plan_year_of
from ketacost.model.plans import Network, Plan

Kind = Literal["self_only", "family"]
MONTHS = 12


class HsaError(KetacostError):
    """Something that a health savings account cannot take; the message tells what it can."""


@dataclass(frozen=True)
class Span:
    """A stretch of days, both included."""

    first: date = said("From", "The first day.")
    last: date = said("Through", "The last day.")

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise HsaError(f"a stretch ends on or after its first day, got {self.first} to {self.last}")

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Coverage:
    """A health plan that covers a person from one day through another."""

    plan: Plan = said("Plan", "The plan, with its own numbers.")
    days: Span = said("Days", "The days that it covers the person.")
    level: Literal["other", "bronze", "catastrophic"] = said(
        "Level on the exchange", "Bronze and catastrophic plans of an exchange count by law from 2026.", "other"
    )

    @property
    def kind(self) -> Kind:
        """Self-only, or family where it covers anybody else."""
        return "family" if self.plan.family else "self_only"


@dataclass(frozen=True)
class Holder:
    """A person who wants to put money in an HSA, as far as the law asks. A limited-purpose FSA need not be told: it is allowed."""

    coverage: tuple[Coverage, ...] = said("Health plans", "The plans that cover the person, each with its days.")
    birth_year: int | None = said("Year of birth", "Asked for because people of 55 and more may add money.", None)
    other_coverage: tuple[Span, ...] = said(
        "Other coverage", "Days of any other health coverage that pays before the least deductible.", ()
    )
    general_fsa: tuple[Span, ...] = said(
        "General health FSA",
        "Days on which the person's or the spouse's general-purpose health FSA or HRA can pay.",
        (),
    )
    medicare_from: date | None = said("Medicare from", "The first day of any part of Medicare.", None)
    dependent: bool = said("Dependent", "Whether another person's tax return claims this one.", False)
    direct_primary_care: Cents = said(
        "Direct primary care", "The monthly fee of a direct primary care arrangement; 0 for none.", 0
    )

    but = but


class MonthState(NamedTuple):
    """What counts on the first day of a month: the kind of coverage, and why money may not go in ("" where it may)."""

    first: date
    kind: Kind | None
    why_not: str

    @property
    def eligible(self) -> bool:
        """Whether the month adds to the year's limit."""
        return not self.why_not


def why_not_hdhp(coverage: Coverage, day: date) -> str:
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
