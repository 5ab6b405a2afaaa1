"""The walk of service lines through a plan: plan years, families, networks and visit limits around THE RULE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ketacost.core.fields import KetacostError
from ketacost.core.money import dollars
from ketacost.model.accumulators import PATIENT, Accumulated, Accumulators, Used
from ketacost.model.allowed import allowed_amount
from ketacost.model.cost_sharing import UNLIMITED, Left, Split, Terms, split
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import NO_BENEFIT, NOT_STATED, Benefit, Network, Plan, PlanError


@dataclass(frozen=True)
class Claim:
    """One adjudicated line: the service, what the plan did with it and the accumulators after it."""

    line: ServiceLine
    network: str
    benefit: str
    covered: bool
    why_not: str
    allowed: int
    terms: Terms
    left: Left
    split: Split
    plan_year: date
    accumulated: Mapping[str, Accumulated]

    def __post_init__(self) -> None:
        accounted, billed = sum(self.split), self.line.charge
        if accounted != billed:
            off = f"{dollars(abs(accounted - billed))} too {'much' if accounted > billed else 'little'}"
            raise KetacostError(
                f"the claim of {self.line.date} does not balance: billed {dollars(billed)}, accounted "
                f"{dollars(accounted)} ({off})"
            )
        if min(self.split) < 0:
            raise KetacostError(f"the claim of {self.line.date} has a negative part: {self.split}")

    @property
    def you_pay(self) -> int:
        """What the patient owes for this line in the end, in cents."""
        return self.split.you_pay

    @property
    def outcome(self) -> str:
        """`denied`, `paid`, or `counted`: approved, with $0 back because the patient's own part took it all."""
        return "denied" if not self.covered else "paid" if self.split.plan_pays else "counted"


def adjudicate(lines: Iterable[ServiceLine], plan: Plan, used: Used | None = None) -> tuple[Claim, ...]:
    """Take service lines through a plan, in order of date (lines of one day in the order given).

    Deductibles and limits start again with each plan year. Raises PlanError where the plan leaves open what the rule
    needs (the message names it) and where a line is older than the day of the used amounts.
    adjudicate(course("iv-mood", start="2026-11-30"), plan)[0].split.you_pay is in cents.
    """
    year = _Year(plan, used or Used())
    return tuple(year.take(line) for line in sorted(lines, key=lambda line: line.date))


def plan_year_of(day: date, starts: int) -> date:
    """The first day of the plan year that a day is in, for plan years that start in a month."""
    return date(day.year if day.month >= starts else day.year - 1, starts, 1)


class _Year:
    """The state of a walk: the accumulators, visits and copays of the current plan year."""

    def __init__(self, plan: Plan, used: Used) -> None:
        self.plan, self.used = plan, used
        self.as_of_year = plan_year_of(used.as_of, plan.plan_year_starts) if used.as_of else None
        self.begins: date | None = None
        self.totals = Accumulators(plan)
        self.visits: dict[tuple[str, str], list[date | None]] = {}
        self.copays: dict[tuple[str, str, str, date], int] = {}
        self.stated: set[tuple[str, str]] = set()
        self.terms: dict[tuple[Any, ...], tuple[Terms, bool]] = {}
        self.after: dict[str, Mapping[str, Accumulated]] = {}

    def take(self, line: ServiceLine) -> Claim:
        """Adjudicate one line and count it."""
        begins = plan_year_of(line.date, self.plan.plan_year_starts)
        if begins != self.begins:
            self._start(begins)
        if self.used.as_of and begins == self.as_of_year and line.date < self.used.as_of:
            raise PlanError(
                f"the line of {line.date} is before {self.used.as_of}, the day of the amounts already used, and may be "
                "counted in them; "
                "leave it out, or give the amounts as of an earlier day"
            )
        network = self.plan.protected_network if line.protected else line.network
        side = self.plan.network(network)
        if isinstance(side, str):
            return self._not_covered(
                line, network, "", f"{self.plan.name} pays nothing for this network ({NO_BENEFIT})"
            )
        benefit, name = side.benefit(line.benefit)
        number = self._visit_number(line, name)
        if why_not := _why_not(line, benefit, name, number, self.plan.name):
            return self._not_covered(line, network, name, why_not)
        if not line.charge:
            benefit = _FREE  # what is included in another charge needs no terms
        elif (network, name) not in self.stated:
            self._ask_for_gaps(side, network, benefit, name)
            self.stated.add((network, name))
        today = (line.member, network, name, line.date)
        terms, deductible_applies = self._terms_of(line, side, benefit, network, name, number)
        left = self.totals.left(line.member, network)
        if not deductible_applies:
            left = left._replace(deductible=0)
        allowed = allowed_amount(line, side, self.plan.name)
        parts = split(line.charge, allowed, 1, terms, left)
        self.copays[today] = self.copays.get(today, 0) + parts.copay
        self._count_visit(line, name)
        moved = moves(terms, parts)
        if any(moved):
            self.totals.add(line.member, network, moved)
            self.after = {}
        return Claim(line, network, name, True, "", allowed, terms, left, parts, begins, self._after(line.member))

    def _start(self, begins: date) -> None:
        """Every accumulator starts at zero, or at what was used in this plan year."""
        self.begins = begins
        self.totals, self.visits, self.copays, self.after = Accumulators(self.plan), {}, {}, {}
        if begins == self.as_of_year:
            self.totals.begin(self.used)
            self.visits = {(PATIENT, benefit): [None] * visits for benefit, visits in self.used.visits.items()}

    def _ask_for_gaps(self, side: Network, network: str, benefit: Benefit, line: str) -> None:
        """Raise for what the plan does not state and this line needs. Nothing is filled in."""
        kinds = [name for name in ("deductible_kind", "limit_kind") if getattr(self.plan, name) == NOT_STATED]
        gaps = [
            *(kinds if self.plan.family else ()),
            *(f"networks.{network}.{gap}" for gap in self.plan.network_gaps(side)),
        ]
        gaps += [f"networks.{network}.benefits.{line}.{gap}" for gap in benefit.gaps()]
        if gaps:
            raise PlanError(f"{self.plan.name} does not state {', '.join(gaps)}; ask the plan, then fill it in")

    def _not_covered(self, line: ServiceLine, network: str, name: str, why_not: str) -> Claim:
        begins = plan_year_of(line.date, self.plan.plan_year_starts)
        parts = split(line.charge, 0, 0, _NO_TERMS, _NOTHING_LEFT)
        return Claim(
            line, network, name, False, why_not, 0, _NO_TERMS, _NOTHING_LEFT, parts, begins, self._after(line.member)
        )

    def _after(self, member: str) -> Mapping[str, Accumulated]:
        """The accumulators as they stand for one person; lines that move nothing share them."""
        if member not in self.after:
            self.after[member] = self.totals.after(member)
        return self.after[member]

    def _terms_of(
        self, line: ServiceLine, side: Network, benefit: Benefit, network: str, name: str, number: int
    ) -> tuple[Terms, bool]:
        """The terms for a line, worked out once for all lines that have the same."""
        copay_today = self.copays.get((line.member, network, name, line.date), 0)
        first = benefit.first_visits is not None and number <= benefit.first_visits.visits
        billed = line.balance_billed and not line.protected
        key = network, name, bool(line.charge), first, billed, copay_today
        if key not in self.terms:
            self.terms[key] = _terms(line, side, benefit, number, copay_today)
        return self.terms[key]

    def _visit_number(self, line: ServiceLine, name: str) -> int:
        """Which visit of the plan year this is: the lines of one day are one visit."""
        before = self.visits.get((line.member, name), ())
        return len(before) if before and before[-1] == line.date else len(before) + 1

    def _count_visit(self, line: ServiceLine, name: str) -> None:
        visits = self.visits.setdefault((line.member, name), [])
        if not visits or visits[-1] != line.date:
            visits.append(line.date)


_FREE = Benefit()
_NO_TERMS = Terms(0, 0, 0, 0, 0, 0, 0, 0, -1, 0)
_NOTHING_LEFT = Left(0, UNLIMITED, UNLIMITED)


def moves(terms: Terms, parts: Split) -> tuple[int, int, int]:
    """What a line adds to the deductible, the out-of-pocket limit and the coinsurance limit."""
    filled = parts.deductible + parts.copay * terms.copay_fills_deductible
    counted = (
        parts.deductible * terms.deductible_counts
        + parts.copay * terms.copay_counts
        + parts.coinsurance * terms.coinsurance_counts
    )
    return filled, counted, parts.coinsurance


def _why_not(line: ServiceLine, benefit: Benefit, name: str, number: int, plan_name: str) -> str:
    if not line.covered:
        return line.why_not or "the plan does not cover this service"
    if not benefit.covered:
        return f"{plan_name} does not cover this benefit ({name})"
    if benefit.visit_limit is not None and number > benefit.visit_limit:
        return f"the plan covers {benefit.visit_limit} visits of this benefit a plan year"
    return ""


def _terms(line: ServiceLine, side: Network, benefit: Benefit, number: int, copay_today: int) -> tuple[Terms, bool]:
    """The ints that the rule needs for a line, and whether the deductible applies. A copay is taken once a visit."""
    first = benefit.first_visits
    source = first if first and number <= first.visits else benefit
    counts = benefit.counts_to_limit
    may_bill = side.balance_bill == "owed" and line.balance_billed and not line.protected
    terms = Terms(
        copay=max(int(source.copay) - copay_today, 0),
        copay_first=int(benefit.copay_timing == "before deductible"),
        copay_fills_deductible=int(benefit.copay_counts_to_deductible),
        coinsurance=int(source.coinsurance),
        coinsurance_on_allowed=int(benefit.coinsurance_on == "allowed amount"),
        deductible_counts=int(counts and "deductible" in side.limit_counts),
        copay_counts=int(counts and "copay" in side.limit_counts),
        coinsurance_counts=int(counts and "coinsurance" in side.limit_counts),
        excess=0 if not may_bill else -1 if side.balance_bill_limit is None else side.balance_bill_limit,
        excess_paid_by_plan=int(side.excess_paid_by_plan),
    )
    return terms, source.deductible_applies
