"""Every combination of what is not known, each adjudicated once.

The answer's range, the spread and what to ask share them.

Few combinations are all looked at. Of many, a spread-out sample is, and from its best and worst a search goes on, one
unknown at a time, until no single step leads lower or higher.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations as pairs
from itertools import product
from math import prod
from typing import Any, NamedTuple

from ketacost.core.convert import put
from ketacost.core.fields import Fixed, KetacostError
from ketacost.core.registry import kept
from ketacost.estimate.scenario import AS_IT_IS, COVERS, Scenario, bill
from ketacost.model.accumulators import Amounts
from ketacost.model.adjudication import Claim, adjudicate
from ketacost.model.plans import Network, Plan

MOST_CASES = 128
"""The most combinations that are all looked at; of more, a sample and the search look at about as many."""

SAMPLE = 64
"""How many combinations the sample holds."""

_OF_THE_BILL = ("course", "prices", "network", "coverage", "waived", "covered_until")
_OF_THE_PLAN = ("plan", "used")

Choice = tuple[int, ...]
"""A combination, as the place of each unknown's value in its range."""


class ScenarioError(KetacostError):
    """A scenario that does not fit together, with the way to mend it."""


class Case(NamedTuple):
    """One combination: the scenario with its values in place, and that scenario's adjudicated lines."""

    scenario: Scenario
    claims: tuple[Claim, ...]


class Combinations:
    """The combinations of a scenario's ranges, in an order that does not depend on that of the ranges."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.plain = scenario.replace(ranges={}, odds={})
        # what an entry holds changes before the entry itself
        self.paths = tuple(sorted(scenario.ranges, key=lambda path: (-path.count("."), path)))
        self.values = tuple(values_of(scenario, path) for path in self.paths)
        self.number = prod(map(len, self.values))
        tops = [path.split(".")[0] for path in self.paths]
        self._groups = {top: tuple(i for i, other in enumerate(tops) if other == top) for top in tops}
        self._parts: dict[tuple[str, Choice], Scenario] = {}
        self._claims: dict[Any, tuple[Claim, ...]] = {}
        self._cases: dict[Choice, Case] = {}
        self._pays: dict[Choice, int] = {}

    @property
    def few(self) -> bool:
        """Whether all of them are looked at."""
        return self.number <= MOST_CASES

    def every(self) -> Iterator[Choice]:
        """Every combination, the last unknown moving fastest."""
        return product(*map(range, map(len, self.values)))

    def at(self, choice: Choice) -> Case:
        """One combination, worked out once."""
        known = self._cases.get(choice)
        if known is None:
            case = self.plain
            if choice:
                case = _possible(case.replace(**{top: self._part(top, choice) for top in self._groups}))
            known = self._cases[choice] = Case(case, self._lines(case, choice))
        return known

    def you_pay(self, choice: Choice) -> int:
        """What the patient pays in a combination, before accounts and the like, in cents."""
        if choice not in self._pays:
            self._pays[choice] = sum(claim.split.you_pay for claim in self.at(choice).claims)
        return self._pays[choice]

    def where(self, choice: Choice) -> Fixed[str, str]:
        """The values of a combination, by path."""
        return Fixed({path: values[i] for path, values, i in zip(self.paths, self.values, choice, strict=True)})

    def added(self, choice: Choice) -> int:
        """How many of its values are not in the range itself: the entry as it is, between a low and a high one."""
        return sum(
            values[i] not in self.scenario.ranges[path]
            for path, values, i in zip(self.paths, self.values, choice, strict=True)
        )

    def _part(self, top: str, choice: Choice) -> Any:
        places = self._groups[top]
        return getattr(self._placed(top, places, tuple(choice[i] for i in places)), top)

    def _placed(self, top: str, places: tuple[int, ...], chosen: Choice) -> Scenario:
        """The scenario with the first values of a group in place: what differs in the last alone shares the rest."""
        if not chosen:
            return self.plain
        if (top, chosen) not in self._parts:
            before = self._placed(top, places, chosen[:-1])
            i, value = places[len(chosen) - 1], self.values[places[len(chosen) - 1]][chosen[-1]]
            self._parts[top, chosen] = before if value == AS_IT_IS else put(before, self.paths[i], value)
        return self._parts[top, chosen]

    def _lines(self, case: Scenario, choice: Choice) -> tuple[Claim, ...]:
        """The adjudicated lines; combinations that differ in nothing which the lines depend on share them."""
        counts = _OF_THE_BILL if not COVERS[case.coverage] else (*_OF_THE_BILL, *_OF_THE_PLAN)
        key = (
            case.coverage,
            tuple(tuple(choice[i] for i in places) for top, places in self._groups.items() if top in counts),
        )
        if key not in self._claims:
            self._claims[key] = adjudicate(bill(case), case.plan, case.used)
        return self._claims[key]


@kept(4)
def combinations(scenario: Scenario) -> Combinations:
    """The combinations of a scenario's ranges, kept for whoever asks next. Raises ScenarioError for an empty range."""
    return Combinations(scenario)


def _possible(case: Scenario) -> Scenario:
    """A combination in which no more is used than there is: a deductible that turns out smaller has been used up."""
    if not case.used.members:
        return case
    members = {who: dict(_within(case.plan, used)) for who, used in case.used.members.items()}
    return case if members == case.used.members else case.replace(used=replace(case.used, members=members))


def _within(plan: Plan, used: Mapping[str, Amounts]) -> Iterator[tuple[str, Amounts]]:
    for name, amounts in used.items():
        side = plan.networks.get(name)
        if not isinstance(side, Network):
            continue
        deductible, limit = (
            min(amount, top) if isinstance(top, int) else amount
            for amount, top in (
                (amounts.deductible, side.deductible),
                (amounts.out_of_pocket, side.out_of_pocket_limit),
            )
        )
        yield name, Amounts(deductible, limit, amounts.coinsurance)


def values_of(scenario: Scenario, path: str) -> tuple[str, ...]:
    """The values that an unknown takes: those of its range, and the entry as it is if it lies between two.

    Raises ScenarioError for a range that holds no values.
    """
    values = scenario.ranges[path]
    if not values:
        raise ScenarioError(
            f"the range of {path} holds no values; give the lowest and the highest, or leave the range out"
        )
    if len(values) != 2 or path in scenario.odds or AS_IT_IS in values or runs_round(path):
        return values
    low, high = (entry(put(scenario, path, value), path) for value in values)
    current = entry(scenario, path)
    between = (
        all(isinstance(number, int) and not isinstance(number, bool) for number in (low, current, high))
        and low < current < high
    )
    return (values[0], AS_IT_IS, values[1]) if between else values


def runs_round(path: str) -> bool:
    """Whether an entry is a day or a month of the year: more of it is not simply more or less money."""
    return path in ("plan.plan_year_starts", "course.start")


def entry(thing: Any, path: str) -> Any:
    """What a path holds, as the package keeps it: cents, basis points; None where a mapping does not have it."""
    for name in path.split("."):
        thing = thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)
    return thing


def sample(weights: Sequence[Sequence[int]], names: Sequence[str], number: int = SAMPLE) -> tuple[Choice, ...]:
    """Combinations in which each value of each unknown comes up as often as it is likely, to the nearest whole case.

    The draw is fixed: an unknown's own column depends on its name alone, not on the order of the others.
    """
    from random import Random

    columns = []
    for odds, name in zip(weights, names, strict=True):
        column = [place for place, times in enumerate(_quotas(odds, number)) for _ in range(times)]
        Random(name).shuffle(column)
        columns.append(column)
    return tuple(zip(*columns, strict=True))


def corners(looked: Combinations, number: int = 16) -> list[Choice]:
    """Where a search starts: everything at its first value, at its last, in the middle, and an even sample."""
    sizes = [len(values) for values in looked.values]
    plain = [tuple(0 for _ in sizes), tuple(size - 1 for size in sizes), tuple(size // 2 for size in sizes)]
    return [*plain, *sample([[1] * size for size in sizes], looked.paths, number)]


def lowest(looked: Combinations, cost: Callable[[Choice], int], starts: Sequence[Choice]) -> Choice:
    """The combination with the least cost that stepping leads to, from the two best starts.

    A step changes one unknown at a time; where that leads no lower, two at a time."""
    sizes, reach = [len(values) for values in looked.values], list(_reach(looked))
    best = min((_stepped(sizes, cost, start) for start in sorted(starts, key=cost)[:2]), key=cost)
    while True:
        pair = min(_two_steps(reach, best), key=cost, default=best)
        if cost(pair) >= cost(best):
            return best
        best = _stepped(sizes, cost, pair)


def _stepped(sizes: Sequence[int], cost: Callable[[Choice], int], choice: Choice) -> Choice:
    before = None
    while choice != before:
        before = choice
        for i, size in enumerate(sizes):
            steps = [choice, *((*choice[:i], place, *choice[i + 1 :]) for place in range(size) if place != choice[i])]
            choice = min(steps, key=cost)
    return choice


def _reach(looked: Combinations) -> Iterator[tuple[int, ...]]:
    """The places that a step of two tries: the ends of a range; of days and months, which run round, every one."""
    for path, values in zip(looked.paths, looked.values, strict=True):
        yield tuple(range(len(values))) if runs_round(path) else tuple({0, len(values) - 1})


def _two_steps(reach: Sequence[tuple[int, ...]], now: Choice) -> Iterator[Choice]:
    """Every combination within reach that differs in two unknowns."""
    for i, j in pairs(range(len(reach)), 2):
        for first, two in product(reach[i], reach[j]):
            if first != now[i] and two != now[j]:
                yield (*now[:i], first, *now[i + 1 : j], two, *now[j + 1 :])


def _quotas(odds: Sequence[int], number: int) -> list[int]:
    """How often each value comes up among so many: whole parts first, then the largest remainders."""
    whole = sum(odds)
    parts = [divmod(number * weight, whole) for weight in odds]
    short = number - sum(part for part, _ in parts)
    largest = sorted(range(len(odds)), key=lambda i: (-parts[i][1], i))[:short]
    return [part + (i in largest) for i, (part, _) in enumerate(parts)]
