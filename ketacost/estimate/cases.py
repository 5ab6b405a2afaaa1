"""The cases over what is not known: all of them where there are few, else a fixed, stratified sample of 512.

The sample is a Latin hypercube: of every unknown each 512th of its distribution comes up once, in an order that hangs
on the unknown's name alone, so that one unknown more leaves the draws of the others as they were. What the plan
answers is never drawn: its chances are exact, and the estimate weighs with them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import product
from math import lcm, prod
from typing import Any, NamedTuple, cast

from ketacost.core.convert import hint_at, kind_of, read
from ketacost.core.fields import Fixed
from ketacost.core.money import WHOLE, Points, dollars
from ketacost.core.registry import kept
from ketacost.estimate.distributions import text_of
from ketacost.estimate.scenario import AS_IT_IS, Scenario, in_years
from ketacost.estimate.unknowns import USED_OF, Unknown, default_range, entry, unknowns
from ketacost.model.accumulators import PATIENT, Used, fitting
from ketacost.model.coverage import DecisionPath
from ketacost.model.plans import NO_BENEFIT, Network, Plan

MOST_CASES = 384
"""The most combinations that are all looked at."""

WHOLE_USED = 1 << 40

DRAWS = 512
"""How many cases the sample holds."""

NOT_DRAWN = "coverage"
"""The entry that the plan's answer decides: its chances are weighed, never drawn."""

Choice = tuple[int, ...]
"""A case, as the place of each unknown's value: of a shape, DRAWS places and then its lowest, highest and typical."""


class Dimension(NamedTuple):
    """One unknown with the values that cases take, as the model keeps them, and the odds of a list."""

    unknown: Unknown
    values: tuple[Any, ...]
    odds: tuple[Fraction, ...]
    typical: int
    ends: tuple[int, ...]

    @property
    def path(self) -> str:
        """The entry, by its path into the scenario."""
        return self.unknown.path

    @property
    def drawn(self) -> bool:
        """Whether its values are draws of a shape."""
        return not self.odds

    def text(self, place: int) -> str:
        """A value as people write it."""
        if not self.drawn:
            return self.unknown.values[place]
        return text_of(self.values[place], kind_of(hint_at(Scenario, self.path)))


class ShareUsed(NamedTuple):
    """What is used of an amount where nobody said it: a share of each plan's own, drawn in parts of WHOLE_USED."""

    path: str
    network: str
    name: str
    entry: str


class Cases:
    """The cases of a scenario's ranges, in an order that does not depend on that of the ranges."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.plain = scenario.replace(ranges={}, odds={}, shapes={}, designs={})
        self._shares = {share.path: share for share in _shares_used(scenario)}
        self.dimensions = tuple(
            _dimension(scenario, replace(one, numbers=(0, WHOLE_USED)) if one.path in self._shares else one)
            for one in unknowns(scenario)
            if one.path != NOT_DRAWN
        )
        self._follow = limits_that_follow(scenario)
        self.number = prod(len(one.values) for one in self.dimensions if not one.drawn)
        self.few = self.number <= MOST_CASES and not any(one.drawn for one in self.dimensions)
        self._scenarios: dict[Choice, Scenario] = {}

    @property
    def typical(self) -> Choice:
        """The case in which every unknown has its typical or likeliest value."""
        return tuple(one.typical for one in self.dimensions)

    def weighed(self) -> Iterator[tuple[Fraction, Choice]]:
        """Every case looked at with its chance; chances add to one, and cases that cannot happen are left out."""
        if self.few:
            for choice in product(*(range(len(one.values)) for one in self.dimensions)):
                chance = prod((one.odds[i] for one, i in zip(self.dimensions, choice, strict=True)), start=Fraction(1))
                if chance:
                    yield chance, choice
            return
        columns = [_column(one.path, _counts(one)) for one in self.dimensions]
        weight = Fraction(1, DRAWS)
        yield from ((weight, choice) for choice in zip(*columns, strict=True))

    def at(self, choice: Choice) -> Scenario:
        """The scenario of a case, with every unknown at its value."""
        if choice not in self._scenarios:
            changes = self.changes(choice)
            if "used" in changes:
                self._say_shares(changes["used"], self.plan(changes))
            case = changed(_designed(self.plain, self.scenario, changes), changes)
            used = fitting(case.used, case.plan)
            self._scenarios[choice] = case if used == case.used else case.replace(used=used)
        return self._scenarios[choice]

    def changes(self, choice: Choice, apart: tuple[str, ...] = ()) -> dict[str, Any]:
        """What a case changes, nested, apart from entries that begin so."""
        changes: dict[str, Any] = {}
        for one, place in zip(self.dimensions, choice, strict=True):
            if one.values[place] is not AS_IT_IS and not one.path.startswith(apart):
                _nest(changes, one.path.split("."), one.values[place])
        return changes

    def places(self, starts: tuple[str, ...]) -> tuple[int, ...]:
        """The places of the unknowns that begin so."""
        return tuple(place for place, one in enumerate(self.dimensions) if one.path.startswith(starts))

    def values(self, choice: Choice, places: tuple[int, ...]) -> tuple[Any, ...]:
        """The values of a case's unknowns at some places."""
        return tuple([self.dimensions[place].values[choice[place]] for place in places])

    def path_at(self, choice: Choice) -> Scenario:
        """The scenario with what a case changes of its path and its course, and everything else as it stands."""
        changes = self.changes(choice)
        return cast(Scenario, changed(self.plain, {name: changes.get(name, {}) for name in ("path", "course")}))

    def plan(self, changes: dict[str, Any]) -> Plan:
        """The plan of a case; a plan that a case does not change is shared."""
        name = changes.get("published_plan")
        plan = self.plain.plan if name is None else self.scenario.designs[name]
        return in_years(self.plain, changed(plan, changes["plan"]) if changes.get("plan") else plan)

    def used(self, changes: dict[str, Any], plan: Plan) -> Used:
        """What is used of a plan in a case."""
        used, drawn = self.plain.used, changes.get("used", {})
        self._say_shares(drawn, plan)
        rest = {name: value for name, value in drawn.items() if name != "members"}
        return fitting(changed(used, rest), plan, changed(used.members, drawn.get("members", {})))

    def _say_shares(self, drawn: dict[str, Any], plan: Plan) -> None:
        """Turn what a case draws as a share of a plan's amount into that of its own amount, in cents."""
        patient = drawn.get("members", {}).get(PATIENT, {})
        for share in self._shares.values():
            own = getattr(plan.networks.get(share.network), share.entry, None)
            if isinstance(own, int) and share.name in patient.get(share.network, {}):
                patient[share.network][share.name] = patient[share.network][share.name] * own // WHOLE_USED
        for network in self._follow:
            if "deductible" in patient.get(network, {}):
                patient[network]["out_of_pocket"] = patient[network]["deductible"]

    def where(self, choice: Choice) -> Fixed[str, str]:
        """The values of a case as people write them, by path."""
        return Fixed(
            {
                one.path: dollars(entry(self.at(choice), one.path) or 0)
                if one.path in self._shares
                else one.text(place)
                for one, place in zip(self.dimensions, choice, strict=True)
            }
        )

    def lowest(self, cost: Callable[[Choice], int], starts: Sequence[Choice]) -> Choice:
        """The case with the least cost that stepping from the best start leads to, one unknown at a time, then two."""
        best = self._stepped(min(starts, key=cost), cost)
        while True:
            pairs = self._two_steps(best)
            pair = min(pairs, key=cost, default=best)
            if cost(pair) >= cost(best):
                return best
            best = self._stepped(pair, cost)

    def _stepped(self, choice: Choice, cost: Callable[[Choice], int]) -> Choice:
        before = None
        while choice != before:
            before = choice
            for i, one in enumerate(self.dimensions):
                steps = [(*choice[:i], place, *choice[i + 1 :]) for place in one.ends if place != choice[i]]
                choice = min([choice, *steps], key=cost)
        return choice

    def _two_steps(self, now: Choice) -> Iterator[Choice]:
        """Cases that differ in two unknowns that hang together: the plan and its terms, what is used and its top."""
        together = [i for i, one in enumerate(self.dimensions) if one.path.startswith(("plan", "used", "published"))]
        for i, j in ((i, j) for i in together for j in together if i < j):
            for first, two in product(self.dimensions[i].ends, self.dimensions[j].ends):
                if first != now[i] and two != now[j]:
                    yield (*now[:i], first, *now[i + 1 : j], two, *now[j + 1 :])


@kept(8)
def cases_of(scenario: Scenario) -> Cases:
    """The cases of a scenario's ranges, kept for whoever asks next. Raises ScenarioError for an empty range."""
    return Cases(scenario)


def _dimension(scenario: Scenario, unknown: Unknown) -> Dimension:
    if unknown.shape:
        drawn = [unknown.at((place + 0.5) / DRAWS) for place in range(DRAWS)]
        values: tuple[Any, ...] = (*drawn, unknown.at(0), unknown.at(1), unknown.typical)
        if kind_of(hint_at(Scenario, unknown.path)) == "share":
            values = tuple(Points(min(value, WHOLE)) for value in values)
        return Dimension(unknown, values, (), DRAWS + 2, (DRAWS, DRAWS + 1, DRAWS + 2))
    values = tuple(_value(unknown.path, text) for text in unknown.values)
    places = tuple(place for place, chance in enumerate(unknown.odds) if chance)
    return Dimension(unknown, values, unknown.odds, unknown.likeliest, places)


def _shares_used(scenario: Scenario) -> tuple[ShareUsed, ...]:
    """The amounts used that nobody said; a range that somebody said is of dollars, whatever the plan."""
    shares = []
    for path, values in scenario.ranges.items():
        if path.startswith("used.members.patient.") and values == default_range(scenario, path).values:
            *_, network, name = path.split(".")
            shares.append(ShareUsed(path, network, name, USED_OF[name]))
    return tuple(shares)


def limits_that_follow(scenario: Scenario) -> tuple[str, ...]:
    """The networks in which what is drawn as used of the deductible counts toward the limit, as in the scenario."""
    return tuple(
        network
        for network, amounts in scenario.used.members.get("patient", {}).items()
        if f"used.members.patient.{network}.deductible" in scenario.ranges
        and amounts.deductible == amounts.out_of_pocket
        and "deductible" in getattr(scenario.plan.networks.get(network), "limit_counts", ())
    )


def _value(path: str, text: str) -> Any:
    """A value of a range as the model keeps it; AS_IT_IS leaves the entry as it is."""
    if text == AS_IT_IS:
        return AS_IT_IS  # the constant itself: a case tells it apart by identity
    if text == NO_BENEFIT or path == "published_plan":
        return text
    return read(hint_at(Scenario, path), text, path)


def _nest(changes: dict[str, Any], names: list[str], value: Any) -> None:
    """Put a change in its place; one that takes a whole network away wins over those inside it."""
    *parents, last = names
    for name in parents:
        inner = changes.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        changes = inner
    changes[last] = value


def _designed(plain: Scenario, scenario: Scenario, changes: dict[str, Any]) -> Scenario:
    """The scenario under the design of this case, where the plan itself is not known."""
    name = changes.pop("published_plan", None)
    return plain if name is None else replace(plain, plan=scenario.designs[name], published_plan=name)


def changed(thing: Any, changes: Mapping[str, Any], family: bool = False) -> Any:
    """A thing with entries changed all the way down; `family` says whether family amounts count."""
    if not changes:
        return thing
    if isinstance(thing, str) or thing is None:  # a plan without this network: nothing below it counts
        return thing
    if isinstance(thing, Plan):
        family = changes.get("family", thing.family)
    get = (lambda name: getattr(thing, name)) if is_dataclass(thing) else thing.get
    new = {
        name: changed(get(name), value, family) if isinstance(value, dict) else value
        for name, value in changes.items()
        if not (isinstance(value, dict) and get(name) is None)
    }
    if isinstance(thing, Plan) and "networks" not in new:
        return dataclasses.replace(thing, **new)
    if isinstance(thing, Network) and family:
        new = _possible(thing, new)
    if isinstance(thing, DecisionPath):
        new = _left(thing, new)
    if is_dataclass(thing):
        return dataclasses.replace(thing, **new)  # type: ignore[type-var]
    return Fixed({**thing, **new})


def _possible(side: Network, new: dict[str, Any]) -> dict[str, Any]:
    """Drawn terms cut to what the others allow: a person's amount is at most the family's; what was said stands."""
    for name in ("deductible", "out_of_pocket_limit"):
        family = f"family_{name}"
        most, own = new.get(family, getattr(side, family)), new.get(name, getattr(side, name))
        if isinstance(most, int) and isinstance(own, int) and own > most:
            new |= {name: most} if name in new else {family: own}
    return new


def _left(path: DecisionPath, new: dict[str, Any]) -> dict[str, Any]:
    """Drawn chances of a first decision, cut to the whole: the other takes what the drawn one leaves."""
    infusions, visits = (new.get(name, getattr(path, name)) for name in ("infusions", "visits"))
    if infusions + visits > WHOLE:
        new |= {"visits": Points(WHOLE - infusions)} if "infusions" in new else {"infusions": Points(WHOLE - visits)}
    return new


def _counts(dimension: Dimension) -> tuple[int, ...]:
    """How often each value comes up among the draws: as often as it is likely, to the nearest whole case."""
    if dimension.drawn:
        return (1,) * DRAWS
    common = lcm(*(weight.denominator for weight in dimension.odds))
    weights = [int(weight * common) for weight in dimension.odds]
    parts = [divmod(DRAWS * weight, common) for weight in weights]
    short = DRAWS - sum(part for part, _ in parts)
    largest = sorted(range(len(parts)), key=lambda i: (-parts[i][1], i))[:short]
    return tuple(part + (i in largest) for i, (part, _) in enumerate(parts))


@lru_cache(64)
def _column(name: str, counts: tuple[int, ...]) -> tuple[int, ...]:
    """The places of one unknown over the draws, in an order that hangs on its name alone."""
    from random import Random

    column = [place for place, times in enumerate(counts) for _ in range(times)]
    Random(name).shuffle(column)
    return tuple(column)
