"""The walk of service lines through a plan: plan years, families, networks and visit limits around THE RULE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import attrgetter

from ketacost.core.fields import KetacostError
from ketacost.core.money import dollars
from ketacost.model.accumulators import (
    Accumulated,
    Accumulators,
    Totals,
    Used,
    count,
    once_a_plan,
    reach,
    tables,
    what_is_left,
)
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
            raise _negative(self.line, self.split)

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
    return tuple(year.claim(line) for line in _in_order(lines))


def walk(lines: Iterable[ServiceLine], plan: Plan, used: Used | None = None) -> list[Split]:
    """Split service lines as `adjudicate` does, in its order and with its errors, and make no claims of them."""
    year = _Year(plan, used or Used())
    return [year.take(line)[0] for line in _in_order(lines)]


@lru_cache(maxsize=4_096)
def plan_year_of(day: date, starts: int) -> date:
    """The first day of the plan year that a day is in, for plan years that start in a month."""
    return date(day.year if day.month >= starts else day.year - 1, starts, 1)


def _in_order(lines: Iterable[ServiceLine]) -> list[ServiceLine]:
    return sorted(lines, key=attrgetter("date"))


class _CostSharing:
    """How a plan shares the cost of a benefit in one network: its terms, its visits and its places in the state."""

    def __init__(self, plan: Plan, network: str, side: Network, benefit: Benefit, name: str) -> None:
        self.plan, self.network, self.side, self.benefit, self.name = plan, network, side, benefit, name
        self.terms: dict[tuple[bool, bool, bool], tuple[Terms, bool]] = {}
        self.most_visits = UNLIMITED if benefit.visit_limit is None else benefit.visit_limit
        if not benefit.covered:
            self.most_visits = 0
        self.first_visits = 0 if benefit.first_visits is None else benefit.first_visits.visits
        self.at = self.copay_at = self.visits_at = 0
        self.reach: tuple[tuple[int, int], ...] = ()
        if side is not _NO_SIDE:
            places = tables(plan)
            self.at, self.copay_at = places.at[network], places.copay_at(network, name)
            self.reach = reach(plan, network)
            if any(_counts_visits(other, name) for other in plan.networks.values()):
                self.visits_at = places.visits_at(name)

    @classmethod
    def of(cls, plan: Plan, network: str, benefit: str) -> _CostSharing:
        """The cost sharing of a benefit in a network; the benefits of the plan's default line have the same one."""
        side, made = plan.network(network), _cost_sharings(plan)
        if isinstance(side, str):
            known = made[network, benefit] = cls(plan, network, _NO_SIDE, _EXCLUDED, "")
            return known
        name = benefit if benefit in side.benefits else "default"
        if (network, name) not in made:
            made[network, name] = cls(plan, network, side, *side.benefit(name))
        known = made[network, benefit] = made[network, name]
        return known

    def terms_of(self, line: ServiceLine, number: int = 1) -> tuple[Terms, bool]:
        """The terms of a line, and whether the deductible applies. A charge needs what the plan states, $0 nothing."""
        charged, first = line.charge != 0, number <= self.first_visits
        may_bill = line.balance_billed and not line.protected
        known = self.terms.get((charged, first, may_bill))
        if known is None:
            if charged:
                self._ask_for_gaps()
            benefit = self.benefit if charged else _FREE
            known = self.terms[charged, first, may_bill] = _terms(self.side, benefit, first, may_bill)
        return known

    def why_not(self, line: ServiceLine) -> str:
        """Why a line is not covered."""
        if self.side is _NO_SIDE:
            return f"{self.plan.name}: {NO_BENEFIT} in this network"
        if not line.covered:
            return line.why_not or "the plan does not cover this service"
        if not self.benefit.covered:
            return f"{self.plan.name} does not cover this benefit ({self.name})"
        return f"the plan covers {self.benefit.visit_limit} visits of this benefit a plan year"

    def _ask_for_gaps(self) -> None:
        """Raise for what the plan does not state and this line needs. Nothing is filled in."""
        kinds = [name for name in ("deductible_kind", "limit_kind") if getattr(self.plan, name) == NOT_STATED]
        gaps = [
            *(kinds if self.plan.family else ()),
            *(f"networks.{self.network}.{gap}" for gap in self.plan.network_gaps(self.side)),
            *(f"networks.{self.network}.benefits.{self.name}.{gap}" for gap in self.benefit.gaps()),
        ]
        if gaps:
            raise PlanError(f"{self.plan.name} does not state {', '.join(gaps)}; ask the plan, then fill it in")


@once_a_plan
def _cost_sharings(plan: Plan) -> dict[tuple[str, str], _CostSharing]:
    """How a plan shares costs, by network and benefit, as far as lines have asked."""
    return {}


Priced = tuple[Terms, Left, int]
"""What a charged line was split by: its terms, what was left and its allowed amount."""


class _Year:
    """The state of a walk: the plan year, the day, and what each person has left of it, as flat ints."""

    def __init__(self, plan: Plan, used: Used) -> None:
        self.plan, self.used = plan, used
        self.sharings = _cost_sharings(plan)
        self.as_of_year = plan_year_of(used.as_of, plan.plan_year_starts) if used.as_of else None
        self.begins = self.day = date.min
        self.today = 0
        self.state = Accumulators(plan)
        self.after: dict[str, Totals] = {}

    def take(self, line: ServiceLine) -> tuple[Split, _CostSharing, bool, Priced | None]:
        """Split one line and count it; with how its cost is shared, if it is covered and what it was split by."""
        if line.date != self.day:
            self._begin(line.date)
        network = self.plan.protected_network if line.protected else line.network
        sharing = self.sharings.get((network, line.benefit)) or _CostSharing.of(self.plan, network, line.benefit)
        number, visits_at, mine = 1, sharing.visits_at, self.state.of(line.member)
        if visits_at:  # the lines of one day are one visit
            number = mine[visits_at] + (mine[visits_at + 1] != self.today)
        covered = line.covered and number <= sharing.most_visits
        if covered and visits_at:
            mine[visits_at], mine[visits_at + 1] = number, self.today
        if not line.charge:  # what is included in another charge needs no terms
            return _NOTHING, sharing, covered, None
        if covered:
            parts, priced = self._price(line, sharing, number, mine)
        elif line.provider_bears:
            parts, priced = _NOTHING._replace(write_off=line.charge), None
        else:
            parts, priced = split(line.charge, 0, 0, _NO_TERMS, _NOTHING_LEFT), None
        if min(parts) < 0:
            raise _negative(line, parts)
        return parts, sharing, covered, priced

    def _price(self, line: ServiceLine, sharing: _CostSharing, number: int, mine: list[int]) -> tuple[Split, Priced]:
        """Split a covered charge by its terms and what is left, and count it."""
        terms, deductible_applies = sharing.terms_of(line, number)
        if terms.copay:
            terms = self._copay_left(terms, mine, sharing.copay_at)
        allowed = allowed_amount(line, sharing.side, self.plan.name)
        left = what_is_left(mine, self.state.ours, sharing.at, deductible_applies)
        parts = split(line.charge, allowed, 1, terms, left)
        mine[sharing.copay_at] += parts.copay
        count(mine, self.state.ours, sharing.reach, moves(terms, parts))
        return parts, (terms, left, allowed)

    def claim(self, line: ServiceLine) -> Claim:
        """Take one line, and show what became of it."""
        parts, sharing, covered, priced = self.take(line)
        terms, left, allowed = priced or self._unpriced(line, sharing, covered)
        if priced:
            self.after = {}
        if line.member not in self.after:
            self.after[line.member] = self.state.after(line.member)
        why_not = "" if covered else sharing.why_not(line)
        after = self.after[line.member]
        return Claim(
            line, sharing.network, sharing.name, covered, why_not, allowed, terms, left, parts, self.begins, after
        )

    def _begin(self, day: date) -> None:
        """Begin a day; in a new plan year every accumulator starts at zero, or at what was used in it."""
        self.day, self.today = day, day.toordinal()
        begins = plan_year_of(day, self.plan.plan_year_starts)
        if begins != self.begins:
            self.begins, self.state, self.after = begins, Accumulators(self.plan), {}
            if begins == self.as_of_year:
                self.state.begin(self.used)
        if self.used.as_of and begins == self.as_of_year and day < self.used.as_of:
            raise PlanError(
                f"the line of {day} is before {self.used.as_of}, the day of the amounts already used, and may be "
                "counted in them; "
                "leave it out, or give the amounts as of an earlier day"
            )

    def _copay_left(self, terms: Terms, mine: list[int], copay_at: int) -> Terms:
        """The terms with what the day's earlier lines have left of the copay: it is taken once a visit."""
        if mine[copay_at + 1] != self.today:
            mine[copay_at], mine[copay_at + 1] = 0, self.today
        return terms._replace(copay=max(terms.copay - mine[copay_at], 0)) if mine[copay_at] else terms

    def _unpriced(self, line: ServiceLine, sharing: _CostSharing, covered: bool) -> Priced:
        """What to show of a line that is not covered, or of one of $0."""
        if not covered:
            return _NO_TERMS, _NOTHING_LEFT, 0
        left = what_is_left(self.state.of(line.member), self.state.ours, sharing.at, True)
        return sharing.terms_of(line)[0], left, line.allowed or 0


def _negative(line: ServiceLine, parts: Split) -> KetacostError:
    return KetacostError(f"the claim of {line.date} has a negative part: {parts}")


_NO_SIDE = Network(deductible=0)  # stands for a network in which the plan has no benefit
_EXCLUDED = Benefit(covered=False)
_FREE = Benefit()
_NOTHING = Split(0, 0, 0, 0, 0, 0)
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


def _counts_visits(side: Network | str, name: str) -> bool:
    """Whether the terms of a line of the booklet depend on how many visits came before."""
    if isinstance(side, str) or name not in side.benefits:
        return False
    benefit = side.benefits[name]
    return benefit.visit_limit is not None or benefit.first_visits is not None


def _terms(side: Network, benefit: Benefit, first: bool, may_bill: bool) -> tuple[Terms, bool]:
    """The ints that the rule needs for a line, and whether the deductible applies."""
    source = benefit.first_visits if first and benefit.first_visits else benefit
    counts = benefit.counts_to_limit
    owed = side.balance_bill == "owed" and may_bill
    terms = Terms(
        copay=max(int(source.copay), 0),
        copay_first=int(benefit.copay_timing == "before deductible"),
        copay_fills_deductible=int(benefit.copay_counts_to_deductible),
        coinsurance=int(source.coinsurance),
        coinsurance_on_allowed=int(benefit.coinsurance_on == "allowed amount"),
        deductible_counts=int(counts and "deductible" in side.limit_counts),
        copay_counts=int(counts and "copay" in side.limit_counts),
        coinsurance_counts=int(counts and "coinsurance" in side.limit_counts),
        excess=0 if not owed else -1 if side.balance_bill_limit is None else side.balance_bill_limit,
        excess_paid_by_plan=int(side.excess_paid_by_plan),
    )
    return terms, source.deductible_applies
