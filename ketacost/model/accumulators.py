"""What a plan year has used: deductibles and limits, of each person and the family, on each side of the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from ketacost.core.fields import Fixed, KetacostError, described
from ketacost.core.money import Cents, dollars
from ketacost.model.cost_sharing import UNLIMITED, Left
from ketacost.model.plans import Network, Plan, PlanError

FAMILY = "family"
PATIENT = "patient"
KINDS = ("deductible", "out-of-pocket limit", "coinsurance limit")


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
    """What the plan year has already used, as the insurer tells it, on a day."""

    as_of: date | None = described(
        "As of", "The day the insurer's figures are of; they hold for that day's plan year.", None
    )
    members: Mapping[str, Mapping[str, Amounts]] = described(
        "Used so far", "Per person (the patient is `patient`) and network: what has been used.", default_factory=Fixed
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
        if (self.members or self.family or self.visits) and self.as_of is None:
            raise KetacostError(
                'amounts already used need the day they are of: as_of = 2026-11-20 (ask the insurer "as of which '
                'date?")'
            )


class Accumulated(NamedTuple):
    """One network's accumulators after a line, in cents: the person's own, and the family's where the plan has one."""

    deductible: int
    out_of_pocket: int
    family_deductible: int | None
    family_out_of_pocket: int | None


class Accumulators:
    """The running totals of one plan year, and where each stops."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        networks = {name: side for name, side in plan.networks.items() if not isinstance(side, str)}
        self.tops = {name: _tops(plan, side) for name, side in networks.items()}
        self.family_tops = {name: _family_tops(side) for name, side in networks.items()} if plan.family else {}
        self.reach = {name: _reach(plan, name, networks) for name in networks}
        self.totals: dict[tuple[str, str], list[int]] = {}

    def left(self, member: str, network: str) -> Left:
        """What is left on one side for one person: the least of their own and the family's."""
        tops, used = self.tops[network], self._total(member, network)
        left = [tops[0] - used[0], tops[1] - used[1], tops[2] - used[2]]
        if self.plan.family:
            tops, used = self.family_tops[network], self._total(FAMILY, network)
            left = [min(mine, top - total) for mine, top, total in zip(left, tops, used, strict=True)]
        return Left(*left)

    def add(self, member: str, network: str, moves: tuple[int, int, int]) -> None:
        """Count a line: what it paid to the deductible, what counts to the limit, and its coinsurance.

        Where a plan says so it counts in other networks too; nothing is ever counted past its top.
        """
        for other, kind in self.reach[network]:
            if not moves[kind]:
                continue
            total = self._total(member, other)
            before, total[kind] = total[kind], min(total[kind] + moves[kind], self.tops[other][kind])
            if self.plan.family:
                # no one fills the family's amount with more than their own
                ours = self._total(FAMILY, other)
                ours[kind] = min(ours[kind] + total[kind] - before, self.family_tops[other][kind])

    def after(self, member: str) -> Mapping[str, Accumulated]:
        """The accumulators of every side as they stand for one person."""
        accumulated = {}
        for name in self.tops:
            mine = self._total(member, name)
            ours = self._total(FAMILY, name) if self.plan.family else (None, None)
            accumulated[name] = Accumulated(mine[0], mine[1], ours[0], ours[1])
        return accumulated

    def begin(self, used: Used) -> None:
        """Start from what the insurer says has been used. Raises PlanError where that cannot be."""
        for member, networks in used.members.items():
            for network, amounts in networks.items():
                self._set(member, network, _numbers(amounts), self.tops)
                if self.plan.family:
                    ours, tops = self._total(FAMILY, network), self.family_tops[network]
                    together = zip(ours, _numbers(amounts), tops, strict=True)
                    self.totals[FAMILY, network] = [min(total + mine, top) for total, mine, top in together]
        for network, amounts in used.family.items():
            if not self.plan.family:
                raise PlanError(
                    f"{self.plan.name} is for one person here; leave the family's used amounts out, or set family = "
                    "true"
                )
            if any(mine > stated for mine, stated in zip(self._total(FAMILY, network), _numbers(amounts), strict=True)):
                raise PlanError(
                    f"the family has used less in network {network!r} than its members together; check the amounts "
                    "already used"
                )
            self._set(FAMILY, network, _numbers(amounts), self.family_tops)

    def _set(self, who: str, network: str, amounts: list[int], tops: Mapping[str, tuple[int, int, int]]) -> None:
        if network not in tops:
            raise PlanError(
                f"{self.plan.name} has no benefit in network {network!r}, so nothing can have been used there"
            )
        for what, amount, top in zip(KINDS, amounts, tops[network], strict=True):
            if amount > top:
                raise PlanError(
                    f"{dollars(amount)} used of the {what} in network {network!r} is more than the plan's "
                    f"{dollars(top)}; check the amount or the plan"
                )
        self.totals[who, network] = amounts

    def _total(self, who: str, network: str) -> list[int]:
        total = self.totals.get((who, network))
        if total is None:
            total = self.totals[who, network] = [0, 0, 0]
        return total


def fitting(used: Used, plan: Plan) -> Used:
    """What has been used, cut to what a plan has: no more than its amounts, nothing where it has no benefit.

    Where the plan is not known, what was used is said of one plan and looked at under others.
    """
    if not used.members and not used.family:
        return used
    totals = Accumulators(plan)
    members = {
        who: {name: _least(amounts, totals.tops[name]) for name, amounts in networks.items() if name in totals.tops}
        for who, networks in used.members.items()
    }
    family = {}
    for name, amounts in used.family.items() if plan.family else ():
        if name in totals.tops:
            ours = _numbers(amounts)
            for networks in members.values():
                ours = [max(pair) for pair in zip(ours, _numbers(networks.get(name, Amounts())), strict=True)]
            family[name] = _least(Amounts(*ours), totals.family_tops[name])
            for networks in members.values():
                if name in networks:
                    networks[name] = _least(networks[name], (*_numbers(family[name]),))
    return replace(used, members=members, family=family)


def _least(amounts: Amounts, tops: tuple[int, ...]) -> Amounts:
    return Amounts(*(min(amount, top) for amount, top in zip(_numbers(amounts), tops, strict=True)))


def _tops(plan: Plan, side: Network) -> tuple[int, int, int]:
    """Where one person stops: at their own amount, or at the family's where it is an aggregate one."""
    together = (
        plan.family and plan.deductible_kind == "aggregate",
        plan.family and plan.limit_kind == "aggregate",
        False,
    )
    own = (side.deductible, side.out_of_pocket_limit, side.coinsurance_limit)
    tops = [
        _top(mine if ours is None or not joint else ours)
        for mine, ours, joint in zip(own, _family(side), together, strict=True)
    ]
    return tops[0], tops[1], tops[2]


def _family_tops(side: Network) -> tuple[int, int, int]:
    tops = [_top(amount) for amount in _family(side)]
    return tops[0], tops[1], tops[2]


def _family(side: Network) -> tuple[object, object, object]:
    return side.family_deductible, side.family_out_of_pocket_limit, side.family_coinsurance_limit


def _top(amount: object) -> int:
    return amount if isinstance(amount, int) else UNLIMITED


def _reach(plan: Plan, network: str, networks: Mapping[str, Network]) -> tuple[tuple[str, int], ...]:
    """Which totals a line on this side moves: its own, and those that the plan credits as well."""
    others = (plan.deductible_credits.get(network, ()), plan.limit_credits.get(network, ()), ())
    return tuple(
        (other, kind)
        for kind in range(3)
        for other in {network: 0, **dict.fromkeys(others[kind], 0)}
        if other in networks
    )


def _numbers(amounts: Amounts) -> list[int]:
    return [amounts.deductible, amounts.out_of_pocket, amounts.coinsurance]
