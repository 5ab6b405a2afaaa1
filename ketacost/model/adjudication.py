"""The walk of service lines through a plan: plan years, families, networks and visit limits around THE RULE."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from ketacost.core.dates import month_and_day
from ketacost.core.fields import KetacostError, of_kind
from ketacost.core.money import dollars
from ketacost.model.accumulators import (
    NO_TERMS,
    Accumulated,
    Accumulators,
    Tables,
    Totals,
    Used,
    reach,
    tables,
    versions,
)
from ketacost.model.allowed import allowed_amount
from ketacost.model.cost_sharing import UNLIMITED, Left, Split, Terms
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import MONTHS, NO_BENEFIT, Benefit, FirstVisits, Network, Plan, PlanError
from ketacost.model.rules import Rule, rule_of
from ketacost.model.walk import NOTHING, Sharing, count_all, moves, visit, what_is_left

DAY = timedelta(days=1)
CARRIED_MONTHS = 3
"""The last months of a plan year, whose deductible may carry over."""


class Taken(NamedTuple):
    """How the walk took a line: the plan year, how its cost is shared, its visit, and what stood after it.

    `visit` is 0 where the plan does not cover the line; `priced` is None where nothing was charged or covered.
    """

    plan_year: date
    sharing: CostSharing
    visit: int
    priced: Priced | None
    after: Totals
    rule: Rule


@dataclass(frozen=True, eq=False)
class Claim:
    """One adjudicated line: the service and what the plan did with it; on request, why and what is left."""

    line: ServiceLine
    split: Split
    taken: Taken = field(repr=False)

    def __post_init__(self) -> None:
        _balanced(self.line, self.split)
        if min(self.split) < 0:
            raise _negative(self.line, self.split)

    @property
    def you_pay(self) -> int:
        """What the patient owes for this line in the end, in cents."""
        return self.split.you_pay

    @property
    def help_pays(self) -> int:
        """What copay help pays of the patient's part, in cents; nothing of a line that the plan denies."""
        return min(self.line.assistance, self.split.copay + self.split.deductible + self.split.coinsurance)

    @property
    def own(self) -> Claim:
        """The line as the plan that pays first took it: itself, where there is no second plan."""
        return self

    @property
    def outcome(self) -> str:
        """`denied`, `paid`, or `counted`: approved, with $0 back because the patient's own part took it all."""
        return "denied" if not self.covered else "paid" if self.split.plan_pays else "counted"

    @property
    def rule(self) -> Rule:
        """The variant of the rule that split it."""
        return self.taken.rule

    @property
    def covered(self) -> bool:
        """Whether the plan covers the line."""
        return self.taken.visit > 0

    @property
    def why_not(self) -> str:
        """Why the plan does not cover it; empty where it does."""
        return "" if self.covered else self.taken.sharing.why_not(self.line)

    @property
    def network(self) -> str:
        """The side of the plan whose terms hold."""
        return self.taken.sharing.network

    @property
    def benefit(self) -> str:
        """The line of the booklet that it falls under; empty where the plan has no benefit in the network."""
        return self.taken.sharing.name

    @property
    def plan_year(self) -> date:
        """The first day of its plan year."""
        return self.taken.plan_year

    @property
    def accumulated(self) -> Mapping[str, Accumulated]:
        """The accumulators of every network after it, in cents."""
        return self.taken.after

    @property
    def allowed(self) -> int:
        """What the plan allows for it, in cents; 0 where it does not cover it."""
        priced = self.taken.priced
        return priced.allowed if priced else (self.line.allowed or 0) if self.covered else 0

    @property
    def terms(self) -> Terms:
        """The terms it was split by, with what the visit's earlier lines have left of the copay."""
        priced, sharing = self.taken.priced, self.taken.sharing
        if priced is None:
            return sharing.free_terms(self.line) if self.covered else NO_TERMS
        terms = sharing.tables.terms[priced.row]
        return terms._replace(copay=max(terms.copay - priced.left.copay_taken, 0))

    @property
    def share_of(self) -> int:
        """The amount of which the patient's share is taken, in cents."""
        terms, parts = self.terms, self.own.split
        rest = min(self.line.charge, self.allowed) - parts.deductible - parts.copay
        return rest + parts.copay * terms.coinsurance_on_copay + parts.deductible * terms.coinsurance_on_deductible

    @property
    def left(self) -> Left:
        """What was left before it, in cents: of the deductible (0 where it does not apply) and of the limits."""
        priced, after, row = self.taken.priced, self.taken.after, self.taken.sharing.row
        if priced:
            return priced.left
        if not self.covered:
            return Left(0, UNLIMITED, UNLIMITED)
        mine = len(after.ours)
        return what_is_left([*after.ours, *after.mine], mine, mine, row, True, 0)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Claim) and self._shown() == other._shown()

    def __hash__(self) -> int:
        return hash((self.line, self.split))

    def _shown(self) -> tuple[object, ...]:
        where = self.network, self.benefit, self.plan_year, self.why_not
        return (self.line, self.split, *where, self.allowed, self.terms, self.left, self.accumulated)


def adjudicate(
    lines: Iterable[ServiceLine], plan: Plan, used: Used | None = None, *, rule: Rule | str | None = None
) -> tuple[Claim, ...]:
    """Take service lines through a plan, in order of date (lines of one day in the order given).

    Deductibles and limits start again with each plan year. `rule` is a variant of the rule, or its name. Used amounts
    above the plan's own amounts are cut to those. Raises PlanError if the plan does not say what the rule needs (the
    message names it), or if a line is older than the day of the used amounts. adjudicate(course("iv-mood",
    start="2026-11-30"), plan)[0].split.you_pay is in cents.
    """
    of_kind("the plan", plan, Plan, 'a plan, as in kc.plans["nextgen-2026-750"]')
    of_kind("the lines", lines, Iterable, 'service lines, as in kc.course("iv-mood", start="2026-11-30")')
    year = PlanYear(plan, used or Used(), rule_of(rule))
    return tuple(year.claim(line) for line in _in_order(lines))


def walk(
    lines: Iterable[ServiceLine], plan: Plan, used: Used | None = None, *, rule: Rule | str | None = None
) -> list[Split]:
    """Split service lines as `adjudicate` does, in its order and with its errors, and make no claims of them."""
    return walk_alike([list(run) for _, run in groupby(_in_order(lines), ALIKE)], plan, used or Used(), rule_of(rule))


def walk_alike(runs: Iterable[Sequence[ServiceLine]], plan: Plan, used: Used, rule: Rule) -> list[Split]:
    """Split service lines in order of date, where those of a run differ in their days alone.

    They are counted together where each must be split like the one before.
    """
    year, splits = PlanYear(plan, used, rule), list[Split]()
    for alike in runs:
        at = 0
        while at < len(alike):
            parts, sharing, _, priced = year.take(alike[at])
            more = year.again(alike, at, parts, sharing, priced) if priced and at + 1 < len(alike) else 0
            splits += [parts] * (1 + more)
            at += 1 + more
    return splits


def with_help(
    lines: Iterable[ServiceLine],
    plan: Plan,
    used: Used,
    rule: Rule,
    amount: int,
    services: tuple[str, ...],
    least: Callable[[date], int] | None = None,
) -> tuple[list[ServiceLine], list[Split]]:
    """The lines with a maker's help of so many cents in all, spent on the patient's parts in turn, and their splits.

    It pays for `services`, or for any where there are none. `least` says by the first day of the plan year how
    many cents must have counted to the deductible before help counts like your own money; without it help never does.
    """
    year, helped, splits = PlanYear(plan, used, rule), list[ServiceLine](), list[Split]()
    for line in _in_order(lines):
        help_left = amount if not services or line.service in services else 0
        counts = least is not None and year.has_counted(line) >= least(year.begins)
        line = line.replace(assistance=0 if counts else help_left)
        helped.append(line)
        parts = year.take(line)[0]
        splits.append(parts)
        amount -= min(help_left, parts.copay + parts.deductible + parts.coinsurance)
    return helped, splits


@lru_cache(maxsize=4_096)
def plan_year_of(day: date, starts: int) -> date:
    """The first day of the plan year that a day is in, for plan years that start in a month or on a day of the year."""
    month, first = month_and_day(starts)
    return date(day.year if (day.month, day.day) >= (month, first) else day.year - 1, month, first)


@lru_cache(maxsize=4_096)
def months_of(day: date, starts: int) -> int:
    """The months of plan years up to a day: twelve times the year in which its plan year began, and those since."""
    month, first = month_and_day(starts)
    return (day.year * 12 + day.month - month) - (day.day < first)


def _in_order(lines: Iterable[ServiceLine]) -> list[ServiceLine]:
    return sorted(lines, key=_DATE)


_DATE = attrgetter("date")
ALIKE = attrgetter(*(one.name for one in fields(ServiceLine) if one.name != "date"))
"""What is the same of lines that differ in their days alone."""


class CostSharing:
    """How a plan shares the cost of a benefit in one network: its row for the walk, and its names and words."""

    def __init__(self, tables: Tables, network: str, side: Network, benefit: Benefit, name: str, asked: str) -> None:
        self.tables, self.plan, self.network = tables, tables.plan, network
        self.side, self.benefit, self.name = side, benefit, name
        self.asked, self.group_name = asked, side.group(asked)
        self.group = side.groups.get(self.group_name)
        self.row = _NOT_COVERED
        self.gaps: tuple[str, ...] = ()
        if side is not _NO_SIDE:
            self.gaps = self._gaps()
            self.row = self._row()

    @classmethod
    def of(cls, tables: Tables, network: str, benefit: str) -> CostSharing:
        """The cost sharing of a benefit in a network; the benefits of the plan's default line have the same one."""
        plan, made = tables.plan, tables.sharings
        side = plan.network(network)
        if isinstance(side, str):
            known = cls(tables, network, _NO_SIDE, _FREE, "", "")
        else:
            grouped = any(other.groups for other in plan.paying_networks.values())
            name = benefit if benefit in side.benefits or grouped else "default"
            known = made.get((network, name)) or cls(tables, network, side, *side.benefit(name), name)
            made[network, name] = known
        made[network, benefit] = known
        return known

    def _row(self) -> Sharing:
        """The row of ints that the walk needs; its terms and what it moves are put into the plan's tables."""
        places, name, benefit, first = self.tables, self.name, self.benefit, self.benefit.first_visits
        most = UNLIMITED if benefit.visit_limit is None else benefit.visit_limit
        together = self.side.highest_copay_a_day  # what earlier kinds of visit took of a day's copay counts to the next
        bounded = benefit.coinsurance_least is not None or benefit.coinsurance_most is not None
        rows, moved = len(places.terms), len(places.reach)
        group = self.group
        deductibles, limits, coinsurance_limits = reach(self.tables, self.network, self.asked)
        if not self.gaps:
            for source in (benefit, first) if first else (benefit,):
                terms = _terms(self.side, benefit, source)
                places.terms.extend((terms._replace(excess=0), terms))
        places.reach.extend((*deductibles, *limits, *coinsurance_limits))
        return Sharing(
            at=places.at[self.network],
            group_at=places.at[f"{self.network}.{self.group_name}"] if group else 0,
            deductible_inside=int(group is None or group.deductible is None or group.deductible_inside),
            limit_inside=int(group is None or group.out_of_pocket_limit is None or group.limit_inside),
            visits_at=places.visits_at(name) if name in places.counted else 0,
            copay_at=places.copay_at(self.network, together[0] if name in together else name),
            share_at=places.copay_at(self.network, name) + 2 if bounded else 0,
            most_visits=most if benefit.covered else 0,
            first_visits=first.visits if first else 0,
            terms=rows,
            first_terms=rows + 2,
            deductible_applies=int(benefit.deductible_applies),
            deductible_applies_first=int(first.deductible_applies) if first else 0,
            deductibles=moved,
            limits=moved + len(deductibles),
            coinsurance_limits=moved + len(deductibles) + len(limits),
            reach_end=len(places.reach),
            carried_at=places.amounts,
        )

    def free_terms(self, line: ServiceLine) -> Terms:
        """The terms to show of a covered line of $0, which needs none."""
        terms = _terms(self.side, _FREE, _FREE)
        return terms if _may_bill(line) else terms._replace(excess=0)

    def why_not(self, line: ServiceLine) -> str:
        """Why a line is not covered."""
        if self.side is _NO_SIDE:
            return f"{self.plan.name}: {NO_BENEFIT} in this network"
        if not line.covered:
            return line.why_not or "the plan does not cover this service"
        if not self.benefit.covered:
            return f"{self.plan.name} does not cover this benefit ({self.name})"
        return f"the plan covers {self.benefit.visit_limit} visits of this benefit a plan year"

    def ask_for_gaps(self) -> None:
        """Refuse a charge that needs what the plan does not state. Raises PlanError; nothing is filled in."""
        if self.gaps:
            raise PlanError(f"{self.plan.name} does not state {', '.join(self.gaps)}; ask the plan, then fill it in")

    def _gaps(self) -> tuple[str, ...]:
        return (
            *self.plan.kind_gaps(self.side),
            *(f"networks.{self.network}.{gap}" for gap in self.plan.network_gaps(self.side)),
            *(
                f"networks.{self.network}.groups.{self.group_name}.{gap}"
                for gap in (self.group.gaps() if self.group else ())
            ),
            *(f"networks.{self.network}.benefits.{self.name}.{gap}" for gap in self.benefit.gaps()),
        )


class Priced(NamedTuple):
    """What a covered charge was split by: what was left, its row of terms and its allowed amount in cents."""

    left: Left
    row: int
    allowed: int


class PlanYear:
    """The walk's place: the version of the plan, its plan year, the day, and the state that the lines move."""

    def __init__(self, plan: Plan, used: Used, rule: Rule) -> None:
        self.used, self.rule = rule.used(used, plan), rule
        self.price, self.allowed, self.usual = rule.price, rule.allowed, rule.as_booklets_say
        self.versions = versions(rule.changed(plan))
        self.used_in = (date.min, date.min)
        if used.as_of:
            held = tables(rule.changed(plan), used.as_of)
            self.used_in = held.starts, _begins(held, used.as_of)
        self.keeps = len(self.versions) > 1
        self.begins = self.year = self.day = date.min
        self.month = -1
        self._hold(0)

    def _hold(self, version: int) -> None:
        """Take a version of the plan, with nothing used."""
        self.version, self.tables = version, self.versions[version]
        self.plan: Plan = self.tables.plan
        self.starts = self.plan.plan_year_starts
        self.sharings: dict[tuple[str, str], CostSharing] = self.tables.sharings
        self.until = self.versions[version + 1].starts if version + 1 < len(self.versions) else date.max
        self.by_month = self.plan.deductible_months < MONTHS or self.tables.carryover != 0
        self.state = Accumulators(self.tables)
        self.after: dict[str, Totals] = {}

    def take(self, line: ServiceLine) -> tuple[Split, CostSharing, int, Priced | None]:
        """Split one line and count it; with how its cost is shared, its visit (0: not covered) and its terms."""
        if line.date != self.day:
            self.begin(line.date)
        network = self.plan.protected_network if line.protected else line.network
        sharing = self.sharings.get((network, line.benefit)) or CostSharing.of(self.tables, network, line.benefit)
        year, row = self.state, sharing.row
        mine = year.members.get(line.member)
        if mine is None:
            mine = year.of(line.member)
        number = visit(year.state, mine, self.today, row, line.covered)
        priced = None
        if not line.charge:  # what is included in another charge needs no terms
            return NOTHING, sharing, number, None
        if number:
            if sharing.gaps:
                sharing.ask_for_gaps()
            allowed = self.allowed(line, sharing.side) if self.allowed else line.allowed
            if allowed is None:
                allowed = allowed_amount(line, sharing.side, self.plan.name)
            parts, left, used = self.price(
                year.state,
                mine,
                year.family,
                self.today,
                row,
                sharing.tables.terms,
                sharing.tables.reach,
                number,
                line.charge,
                allowed,
                _may_bill(line),
                line.assistance,
                self.late,
            )
            priced = Priced(left, used, allowed)
        else:
            parts = self.rule.refused(line.charge, line.provider_bears, NO_TERMS)
        if min(parts) < 0:
            raise _negative(line, parts)
        if not self.usual:
            _balanced(line, parts)
        return parts, sharing, number, priced

    def again(self, alike: Sequence[ServiceLine], at: int, parts: Split, sharing: CostSharing, priced: Priced) -> int:
        """Count the lines alike after the one just taken that must be split as it was; gives how many.

        They are in its plan year, and enough is left of each amount that it moved. None where more than that decides:
        visits are counted, a copay is taken once a day, a deductible is of months or carries over, a variant holds.
        """
        row, due, line = sharing.row, sharing.tables.terms[priced.row], alike[at]
        more_decides = self.keeps or self.by_month or row.visits_at or row.share_at or due.copay
        if more_decides or self.allowed or not self.usual or line.allowed is None:
            return 0
        filled, counted, coinsurance = moves(due, parts, 0)
        year, mine = self.state, self.state.of(line.member)
        left = what_is_left(year.state, mine, year.family, row, row.deductible_applies, 0)
        times = len(alike) - at - 1
        if filled:
            times = min(times, left.deductible // filled)
        if counted:
            times = min(times, left.limit // counted)
        if coinsurance:
            times = min(times, left.coinsurance // coinsurance)
        while times and plan_year_of(alike[at + times].date, self.starts) != self.year:
            times -= 1
        if times:
            reach = sharing.tables.reach
            count_all(year.state, mine, year.family, reach, row, times * filled, times * counted, times * coinsurance)
        return times

    def has_counted(self, line: ServiceLine) -> int:
        """What has counted to the deductible before a line, in cents: the family's, where the plan is a family's."""
        if line.date != self.day:
            self.begin(line.date)
        return self.state.counted(line.member, line.network)

    def claim(self, line: ServiceLine) -> Claim:
        """Take one line, and show what became of it."""
        parts, sharing, number, priced = self.take(line)
        if priced:
            self.after = {}
        after = self.after.get(line.member)
        if after is None:
            after = self.after[line.member] = self.state.after(line.member)
        return Claim(line, parts, Taken(self.begins, sharing, number, priced, after, self.rule))

    def begin(self, day: date) -> None:
        """Begin a day, with the versions, plan years and months that have begun since the last one.

        Raises PlanError for a day before that of the used amounts in their plan year, and where they do not fit.
        """
        as_of = self.used.as_of
        if self.keeps:
            if as_of and self.day < as_of < day:
                self.begin(as_of)  # what was used may be credited
            while day >= self.until:
                self._change(self.until)
        self.day, self.today = day, day.toordinal()
        if self.by_month or plan_year_of(day, self.starts) != self.year:
            self._turn(day)
        if as_of and day < as_of and (self.tables.starts, self.begins) == self.used_in:
            raise PlanError(
                f"the line of {day} is before {as_of}, the day of the amounts already used, and may be counted in "
                "them; leave it out, or give the amounts as of an earlier day"
            )

    def _change(self, day: date) -> None:
        """Go over to the next version on its first day: what was used is credited, or counts no more."""
        before, going_on = (self.state, months_of(day - DAY, self.starts) // MONTHS == self.month // MONTHS)
        self._hold(self.version + 1)
        self._start(day)
        if (self.tables.starts, self.begins) == self.used_in:
            self.month, self.year = -1, date.min  # its lines begin after the day of the used amounts
        elif self.tables.credit and going_on:
            if self.begins < day:
                self.state.credit(before)
            elif before.tables.carryover:
                self.state.carry_over(before)

    def _turn(self, day: date) -> None:
        """Begin a plan year, or a month of it where a deductible is of months or carries over."""
        month = months_of(day, self.starts)
        year, months, before = month // MONTHS, self.plan.deductible_months, self.month
        if year != before // MONTHS:
            last = self.state
            self.state, self.after = Accumulators(self.tables), {}
            self._start(day)
            carried = self.tables.carryover and year == before // MONTHS + 1
            if carried and (self.tables.starts, self.begins) != self.used_in:
                self.state.carry_over(last)
        elif month // months != before // months:
            self.state.renew_deductibles()
            self.after = {}
        self._reach(month)

    def _reach(self, month: int) -> None:
        self.month, self.late = month, self.tables.carryover != 0 and month % MONTHS >= MONTHS - CARRIED_MONTHS

    def _start(self, day: date) -> None:
        """Start a plan year, or a version, with what was used in it."""
        month = months_of(day, self.starts)
        self._reach(month)
        self.year = plan_year_of(day, self.starts)
        self.begins = self.year if self.tables.credit else max(self.year, self.tables.starts)
        as_of, months = self.used.as_of, self.plan.deductible_months
        if as_of and (self.tables.starts, self.begins) == self.used_in:
            self.state.begin(self.used)
            if months_of(as_of, self.starts) // months != month // months:
                self.state.renew_deductibles()


def _begins(held: Tables, day: date) -> date:
    """The first day of the plan year that a day is in: of a version without credit, not before its own first day."""
    begins = plan_year_of(day, held.plan.plan_year_starts)
    return begins if held.credit else max(begins, held.starts)


def _may_bill(line: ServiceLine) -> bool:
    """Whether the clinic bills what is above the allowed amount."""
    return line.balance_billed and not line.protected


def _balanced(line: ServiceLine, parts: Split) -> None:
    """Refuse a split that loses or makes money."""
    accounted, billed = sum(parts), line.charge
    if accounted != billed:
        off = f"{dollars(abs(accounted - billed))} too {'much' if accounted > billed else 'little'}"
        raise KetacostError(
            f"the claim of {line.date} does not balance: billed {dollars(billed)}, accounted "
            f"{dollars(accounted)} ({off})"
        )


def _negative(line: ServiceLine, parts: Split) -> KetacostError:
    return KetacostError(f"the claim of {line.date} has a negative part: {parts}")


_NO_SIDE = Network(deductible=0)  # stands for a network in which the plan has no benefit
_FREE = Benefit()
_NOT_COVERED = Sharing(*[0] * len(Sharing._fields))


def _terms(side: Network, benefit: Benefit, source: Benefit | FirstVisits) -> Terms:
    """The ints that the rule needs, with the copay and coinsurance of `source` and what may be billed above them."""
    counts = benefit.counts_to_limit
    least, most = (benefit.coinsurance_least, benefit.coinsurance_most) if source is benefit else (None, None)
    return Terms(
        copay=max(int(source.copay), 0),
        copay_first=int(benefit.copay_timing == "before deductible"),
        copay_fills_deductible=int(benefit.copay_counts_to_deductible),
        coinsurance=int(source.coinsurance),
        coinsurance_on_copay=int(benefit.coinsurance_on != "what is left"),
        coinsurance_on_deductible=int(benefit.coinsurance_on == "allowed amount"),
        deductible_counts=int(counts and "deductible" in side.limit_counts),
        copay_counts=int(counts and "copay" in side.limit_counts),
        coinsurance_counts=int(counts and "coinsurance" in side.limit_counts),
        excess=0 if side.balance_bill != "owed" else -1 if side.balance_bill_limit is None else side.balance_bill_limit,
        excess_paid_by_plan=int(side.excess_paid_by_plan),
        unusual_share=int(benefit.coinsurance_on != "what is left" or (least, most) != (None, None)),
        coinsurance_least=least or 0,
        coinsurance_most=UNLIMITED if most is None else most,
    )
