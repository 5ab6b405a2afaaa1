"""What a plan year has used: deductibles and limits, of each person and the family, on each side of the plan.

A plan year's state is flat: one list of ints, the family's part first and then one for each person. What a plan gives
to it (tops, places, what counts where) is worked out once for each plan; `walk` moves it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from ketacost.core.fields import Fixed, KetacostError, described, within
from ketacost.core.money import Cents, shown
from ketacost.core.words import told
from ketacost.model.booklet import require_line
from ketacost.model.cost_sharing import UNLIMITED, Left, Terms
from ketacost.model.plans import MONTHS, MOST_VISITS, BenefitGroup, Network, Plan, PlanError
from ketacost.model.walk import left_at

PATIENT = "patient"
KINDS = ("deductible", "out-of-pocket limit", "coinsurance limit")
CARRYOVER = ("none", "last three months", "last three months if not met")
MOST_PLANS = 1_024
"""How many plans' tables are kept."""

NO_TERMS = Terms(0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0)
"""The terms of a line that the plan does not cover."""

T = TypeVar("T")


@dataclass(frozen=True)
class Amounts:
    """What has been used of one network's deductible and limits, in cents."""

    deductible: Cents = described(
        "Deductible used", "The dollar amount paid toward the deductible in this plan year.", 0
    )
    out_of_pocket: Cents = described(
        "Limit used", "The dollar amount that has counted toward the out-of-pocket limit in this plan year.", 0
    )
    coinsurance: Cents = described(
        "Coinsurance used", "The dollar amount that has counted toward a coinsurance limit in this plan year.", 0
    )


@dataclass(frozen=True)
class Used:
    """What has already been used in the plan year, as of a day, as the insurer reports it."""

    as_of: date | None = described(
        "As of", "The date of the insurer's figures. They count in that day's plan year.", None
    )
    members: Mapping[str, Mapping[str, Amounts]] = described(
        "Used so far",
        "Per person (the patient is `patient`) and network, or group in it (`in.drug`): what has been used.",
        default_factory=Fixed,
    )
    family: Mapping[str, Amounts] = described(
        "Used by the family",
        "Per network: what the family has used together; the sum of its members when left out.",
        default_factory=Fixed,
    )
    visits: Mapping[str, int] = described(
        "Visits used", "The patient's visits so far this plan year, by benefit.", default_factory=Fixed
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "members", Fixed({m: Fixed(n) for m, n in self.members.items()}))
        object.__setattr__(self, "family", Fixed(self.family))
        object.__setattr__(self, "visits", Fixed(self.visits))
        for benefit, visits in self.visits.items():
            require_line(benefit)
            within(f"visits used of {benefit}", visits, 0, MOST_VISITS)
        for amounts in (*self.family.values(), *(a for networks in self.members.values() for a in networks.values())):
            if min(_numbers(amounts)) < 0:
                raise KetacostError("an amount already used cannot be negative")
        if (self.members or self.family or self.visits) and self.as_of is None:
            raise KetacostError(
                'amounts already used need a date: as_of = 2026-11-20 (ask the insurer "as of which date?")'
            )


class Accumulated(NamedTuple):
    """One network's accumulators after a line, in cents: the person's own, and the family's where the plan has one."""

    deductible: int
    out_of_pocket: int
    family_deductible: int | None
    family_out_of_pocket: int | None


def once_a_plan(prepare: Callable[[Plan], T]) -> Callable[[Plan], T]:
    """Keep what a function prepares for a plan. Plans are told apart by identity: comparing them takes longer."""
    kept: dict[int, tuple[Plan, T]] = {}

    @wraps(prepare)
    def prepared(plan: Plan) -> T:
        known = kept.get(id(plan))
        if known is None:
            if len(kept) >= MOST_PLANS:
                kept.clear()
            known = kept[id(plan)] = plan, prepare(plan)  # while the plan is held, no other has its id
        return known[1]

    return prepared


class Tables(NamedTuple):
    """A version's deductibles and limits as flat ints, three a network and a group, and the places of a year's state.

    The versions of a plan have the same places. A person's part of the state holds what is left of them (`amounts`
    ints), then what each deductible carries over, then two ints a benefit (visits so far, day of the last one), then
    five a network and benefit: copay taken on a day and that day, a share with a least or most (see
    `walk.bounded_share`). The visits of the benefits `counted` are counted. `sharings` has the cost sharing by network
    and benefit, as far as lines have asked, and `terms` and `reach` are the tables that its rows point into.
    """

    plan: Plan
    starts: date
    credit: bool
    at: Mapping[str, int]
    amounts: int
    counted: frozenset[str]
    lines: tuple[str, ...]
    tops: list[int]
    family_tops: list[int]
    terms: list[Terms]
    reach: list[int]
    sharings: dict[tuple[str, str], Any]

    def visits_at(self, benefit: str) -> int:
        """The place of a benefit's visits in a person's part; the day of the last one is beside it."""
        return self.amounts + self.amounts // 3 + 2 * self.lines.index(benefit)

    def copay_at(self, network: str, benefit: str) -> int:
        """The place of the copay taken on a day for a benefit in a network; the day is beside it."""
        line = self.lines.index(benefit) + len(self.lines) * (self.at[network] // 3)
        return self.visits_at(self.lines[0]) + 2 * len(self.lines) + 5 * line

    def carried_at(self, place: int) -> int:
        """Where what a deductible carries over stands."""
        return self.amounts + place // 3

    @property
    def carryover(self) -> int:
        """Whether deductibles carry over to the next plan year (1), if they were not met (2), or not (0)."""
        return CARRYOVER.index(self.plan.deductible_carryover)


@once_a_plan
def versions(plan: Plan) -> tuple[Tables, ...]:
    """The tables of a plan and of its later versions, worked out once."""
    dated = [(date.min, False, plan), *((later.starts, later.credit, later.plan) for later in plan.versions)]
    held = [(starts, credit, _priced_as(its, plan)) for starts, credit, its in dated]
    networks = dict.fromkeys(name for _, _, its in held for name in its.paying_networks)
    groups = dict.fromkeys(name for _, _, its in held for name in _amounts(its) if name not in networks)
    places = {name: 3 * n for n, name in enumerate((*networks, *groups))}
    counted = frozenset(name for _, _, its in held for name in _counted(its))
    return tuple(_tables(*version, places, len(networks), counted, plan.lines) for version in held)


def tables(plan: Plan, day: date = date.min) -> Tables:
    """The tables of the version of a plan that holds on a day; before any later one where no day is given."""
    held: Tables = next(version for version in reversed(versions(plan)) if version.starts <= day)
    return held


def _counted(plan: Plan) -> Iterator[str]:
    """The lines of the booklet whose terms depend on how many visits came before."""
    for side in plan.paying_networks.values():
        for name, benefit in side.benefits.items():
            if benefit.visit_limit is not None or benefit.first_visits is not None:
                yield name


def _tables(
    starts: date,
    credit: bool,
    plan: Plan,
    places: Mapping[str, int],
    networks: int,
    counted: frozenset[str],
    lines: tuple[str, ...],
) -> Tables:
    """The tables of one version, with the places of all."""
    size = 3 * len(places)
    tops, family_tops, known = [0] * size, [0] * size, _amounts(plan)
    for name, (side, amounts) in known.items():
        at = places[name]
        tops[at : at + 3] = _tops(plan, side, amounts)
        family_tops[at : at + 3] = [_top(amount) for amount in _family(amounts)]
    nothing_carried = [0] * len(places)
    tops += nothing_carried + [0] * (len(lines) * (2 + 5 * networks))
    ours = family_tops + nothing_carried if plan.family else []
    own = {name: places[name] for name in known}
    return Tables(plan, starts, credit, own, size, counted, lines, tops, ours, [NO_TERMS], [], {})


def _amounts(plan: Plan) -> dict[str, tuple[Network, Network | BenefitGroup]]:
    """What has a deductible and limits, by name: the networks, then their groups as in.drug, each with its network."""
    networks = plan.paying_networks
    found: dict[str, tuple[Network, Network | BenefitGroup]] = {name: (side, side) for name, side in networks.items()}
    for name, side in networks.items():
        found |= {f"{name}.{group}": (side, amounts) for group, amounts in side.groups.items()}
    return found


def _priced_as(plan: Plan, first: Plan) -> Plan:
    """A later version with the first plan's allowed amounts and pricing where it has none of its own."""

    def priced(name: str, side: Network) -> Network:
        before = first.paying_networks.get(name, side)
        allowed = {**before.allowed, **side.allowed}
        return side.replace(allowed=allowed, pricing=side.pricing or before.pricing)

    return plan if plan is first else plan.each_network(priced)


class Totals(Mapping[str, Accumulated]):
    """The accumulators of every network for one person at a moment, worked out of flat ints when somebody looks."""

    __slots__ = ("mine", "ours", "tables")

    def __init__(self, tables: Tables, mine: list[int], ours: list[int]) -> None:
        self.tables, self.mine, self.ours = tables, mine, ours

    def __getitem__(self, network: str) -> Accumulated:
        at, tops, family_tops = self.tables.at[network], self.tables.tops, self.tables.family_tops
        used = [tops[place] - self.mine[place] for place in (at, at + 1)]
        together = [family_tops[place] - self.ours[place] for place in (at, at + 1)] if self.ours else [None, None]
        return Accumulated(used[0], used[1], together[0], together[1])

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables.at)

    def __len__(self) -> int:
        return len(self.tables.at)

    def __repr__(self) -> str:
        return repr(dict(self))


class Accumulators:
    """The state of one plan year, flat: the family's part, then one for each person; `Tables` has the places."""

    def __init__(self, tables: Tables) -> None:
        self.plan, self.tables = tables.plan, tables
        self.state = tables.family_tops.copy()
        self.family = int(self.plan.family)
        self.members: dict[str, int] = {}

    def of(self, member: str) -> int:
        """Where one person's part of the state begins."""
        mine = self.members.get(member)
        if mine is None:
            mine = self.members[member] = len(self.state)
            self.state += self.tables.tops
        return mine

    def left(self, member: str, network: str) -> Left:
        """What is left on one side for one person: the least of their own and the family's."""
        return left_at(self.state, self.of(member), self.family, self.tables.at[network], True, 0)

    def counted(self, member: str, network: str) -> int:
        """What has counted to the deductible of a network: the family's, where the plan is a family's."""
        at = self.tables.at.get(network)
        if at is None:
            return 0
        if self.plan.family:
            return self.tables.family_tops[at] - self.state[at]
        return self.tables.tops[at] - self.state[self.of(member) + at]

    def after(self, member: str) -> Totals:
        """The accumulators of every side for one person."""
        mine, length = self.of(member), self.tables.amounts
        return Totals(self.tables, self.state[mine : mine + length], self.state[:length] if self.plan.family else [])

    def parts(self, before: Accumulators) -> Iterator[tuple[int, int, bool]]:
        """Where the part of the family, and of each person, begins here and in another state, and whose it is."""
        if self.plan.family and before.plan.family:
            yield 0, 0, True
        yield from ((self.of(member), theirs, False) for member, theirs in before.members.items())

    def shared_names(self, before: Accumulators) -> list[tuple[int, int]]:
        """The places of the networks and groups that this and another state have."""
        return [(at, before.tables.at[name]) for name, at in self.tables.at.items() if name in before.tables.at]

    def renew_deductibles(self) -> None:
        """Begin the deductibles anew within the plan year."""
        parts = [(mine, self.tables.tops) for mine in self.members.values()]
        for begin, tops in [*parts, *([(0, self.tables.family_tops)] if self.plan.family else [])]:
            for place in range(0, self.tables.amounts, 3):
                self.state[begin + place] = tops[place]

    def carry_over(self, before: Accumulators) -> None:
        """Fill the deductibles with what the plan year before carries over; some plans ask that they were not met."""
        for here, there, _ in self.parts(before):
            for at, theirs in self.shared_names(before):
                carried = before.state[there + before.tables.carried_at(theirs)]
                if before.tables.carryover == 1 or before.state[there + theirs]:
                    self.state[here + at] = max(self.state[here + at] - carried, 0)

    def credit(self, before: Accumulators) -> None:
        """Count what was used of the version before, and its visits; a family that begins has used its members'."""
        begins = self.plan.family and not before.plan.family
        whole_year = before.plan.deductible_months == MONTHS  # else the deductible was a month's
        for here, there, family in self.parts(before):
            tops = before.tables.family_tops if family else before.tables.tops
            for at, theirs in self.shared_names(before):
                for kind in range(0 if whole_year else 1, 3):
                    used = tops[theirs + kind] - before.state[there + theirs + kind]
                    used = min(used, self.state[here + at + kind])
                    self.state[here + at + kind] -= used
                    if begins:
                        self.state[at + kind] -= min(used, self.state[at + kind])
                carried = before.state[there + before.tables.carried_at(theirs)]
                self.state[here + self.tables.carried_at(at)] = carried
            for benefit in () if family else self.tables.lines:
                visits = before.state[there + before.tables.visits_at(benefit)]
                self.state[here + self.tables.visits_at(benefit)] = visits

    def begin(self, used: Used) -> None:
        """Start from what the insurer says has been used. Raises PlanError where that cannot be."""
        for member, networks in used.members.items():
            if member != PATIENT and not self.plan.family:
                raise PlanError(
                    f"{self.plan.name} is for one person here and has no member {told(member)}; the patient is "
                    f"`{PATIENT}`, and for a family plan set family = true"
                )
            for network, amounts in networks.items():
                at = self._set(self.of(member), self.tables.tops, network, amounts)
                if self.plan.family:
                    for place, amount in enumerate(_numbers(amounts), at):
                        self.state[place] = max(self.state[place] - amount, 0)
        for network, amounts in used.family.items():
            if not self.plan.family:
                raise PlanError(
                    f"{self.plan.name} is for one person here; leave the family's used amounts out, or set family = "
                    "true"
                )
            tops, at = self.tables.family_tops, self._place(network)
            if any(tops[i] - self.state[i] > stated for i, stated in enumerate(_numbers(amounts), at)):
                raise PlanError(
                    f"the family has used less in network {network!r} than its members together; check the amounts "
                    "already used"
                )
            self._set(0, tops, network, amounts)
        for benefit, visits in used.visits.items():
            if benefit in self.tables.lines:
                self.state[self.of(PATIENT) + self.tables.visits_at(benefit)] = visits

    def _place(self, network: str) -> int:
        if network not in self.tables.at:
            raise PlanError(
                f"{self.plan.name} has no benefit in network {network!r}, so nothing can have been used there"
            )
        return self.tables.at[network]

    def _set(self, who: int, tops: list[int], network: str, amounts: Amounts) -> int:
        """Set what is left in a network of the part that begins at `who`, and give the network's place."""
        at = self._place(network)
        for place, amount in enumerate(_numbers(amounts), at):
            self.state[who + place] = max(tops[place] - amount, 0)
        return at


def beyond(used: Used, plan: Plan) -> tuple[str, ...]:
    """What has been used above the plan's amounts and counts as met, a sentence each."""
    known, sentences = tables(plan), []
    parts = [(who, networks, known.tops) for who, networks in used.members.items()]
    parts += [("the family", used.family, known.family_tops)] if plan.family else []
    for who, networks, tops in parts:
        for network, amounts in networks.items():
            at = known.at.get(network)
            for place, (what, amount) in enumerate(zip(KINDS, _numbers(amounts), strict=True), at or 0):
                if at is not None and amount > tops[place]:
                    sentences.append(
                        f"{shown(amount)} used of the {what} of {who} in network {told(network)} is more than the "
                        f"plan's {shown(tops[place])}: we take it as met. Check the amount or the plan."
                    )
    return tuple(sentences)


def family_met(used: Used, plan: Plan, network: str) -> bool:
    """Whether the family has met its deductible in a network: then nothing is left of anybody's own."""
    side = plan.networks.get(network)
    whole = side.family_deductible if plan.family and isinstance(side, Network) else None
    return isinstance(whole, int) and used.family.get(network, Amounts()).deductible >= whole


def fitting(used: Used, plan: Plan, members: Mapping[str, Mapping[str, Amounts]] | None = None) -> Used:
    """What has been used, cut to what a plan has: no more than its amounts, nothing where it has no benefit.

    Where the plan is not known, what was used is said of one plan and looked at under others. `members` stand for
    those of `used`, where given.
    """
    members = used.members if members is None else members
    if not members and not used.family:
        return used
    known = tables(plan, used.as_of or date.min)
    plan = known.plan
    at, tops = known.at, known.tops
    ours = {
        who: {name: _least(amounts, tops, at[name]) for name, amounts in networks.items() if name in at}
        for who, networks in members.items()
        if plan.family or who == PATIENT
    }
    family = {}
    for name, amounts in used.family.items() if plan.family else ():
        if name in at:
            together = [_numbers(networks[name]) for networks in ours.values() if name in networks]
            most = Amounts(*(max(mine) for mine in zip(_numbers(amounts), *together, strict=True)))
            family[name] = _least(most, known.family_tops, at[name])
            for networks in ours.values():
                if name in networks:
                    networks[name] = _least(networks[name], _numbers(family[name]), 0)
    return Used(used.as_of, ours, family, used.visits)


def _least(amounts: Amounts, tops: Sequence[int], at: int) -> Amounts:
    """The amounts, none above its top; the tops of a network begin at a place."""
    a, b, c = tops[at : at + 3]
    if amounts.deductible <= a and amounts.out_of_pocket <= b and amounts.coinsurance <= c:
        return amounts
    return Amounts(min(amounts.deductible, a), min(amounts.out_of_pocket, b), min(amounts.coinsurance, c))


def _tops(plan: Plan, side: Network, amounts: Network | BenefitGroup) -> list[int]:
    """Where one person stops: at their own amount, or at the family's where it is an aggregate one."""
    together = (plan.aggregate(side, "deductible"), plan.aggregate(side, "limit"), False)
    own = (amounts.deductible, amounts.out_of_pocket_limit, getattr(amounts, "coinsurance_limit", None))
    return [
        _top(mine if ours is None or not joint else ours)
        for mine, ours, joint in zip(own, _family(amounts), together, strict=True)
    ]


def _family(side: Network | BenefitGroup) -> tuple[object, object, object]:
    coinsurance = getattr(side, "family_coinsurance_limit", None)
    return side.family_deductible, side.family_out_of_pocket_limit, coinsurance


def _top(amount: object) -> int:
    return amount if isinstance(amount, int) else UNLIMITED


def reach(tables: Tables, network: str, benefit: str) -> tuple[list[int], list[int], list[int]]:
    """Which deductibles, limits and coinsurance limits a line of a benefit in a network moves, as places.

    Its own, and those that it would move in the networks that the plan credits as well; each once, also where a plan
    credits a network to itself.
    """
    plan, at, moved = tables.plan, tables.at, []
    for kind, credits in enumerate((plan.deductible_credits, plan.limit_credits)):
        others = [name for name in credits.get(network, ()) if name in at]
        places = [place for name in (network, *others) for place in _held(tables, name, benefit, kind)]
        moved.append(list(dict.fromkeys(places)))
    return moved[0], moved[1], [at[network] + 2]


def _held(tables: Tables, network: str, benefit: str, kind: int) -> list[int]:
    """The places of the deductibles (kind 0) or limits (1) that hold for a benefit: its group's, the network's."""
    side, at = tables.plan.networks[network], tables.at
    name = side.group(benefit) if isinstance(side, Network) else ""
    if not name or isinstance(side, str):
        return [at[network] + kind]
    group = side.groups[name]
    own = (group.deductible, group.out_of_pocket_limit)[kind] is not None
    inside = (group.deductible_inside, group.limit_inside)[kind] or not own
    return [at[f"{network}.{name}"] + kind] * own + [at[network] + kind] * inside


def _numbers(amounts: Amounts) -> tuple[int, int, int]:
    return amounts.deductible, amounts.out_of_pocket, amounts.coinsurance
