"""What to ask next: for each entry that is not known, what knowing it would change, and the words to ask it with.

All amounts are of the visits that take place. Who pays is asked first where nobody said so; then whether the plan says
yes, where a no would stop the treatment; then what settles most of the range of 8 of 10 cases.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from ketacost.analysis.alternatives import ROUTES, alternatives
from ketacost.analysis.questions import question_for
from ketacost.core.fields import require
from ketacost.core.money import about, whole_cents
from ketacost.core.registry import kept
from ketacost.estimate.answer import scenario_of
from ketacost.estimate.cases import DRAWS, Dimension
from ketacost.estimate.estimate import Estimate, Looked, chance_of, eight_of_ten, estimate, mean_of, tally
from ketacost.estimate.resolve import Resolved
from ketacost.estimate.scenario import Scenario
from ketacost.estimate.texts import SURE
from ketacost.estimate.unknowns import label_of_entry

AS_ASKED = ("as asked",)
"""The routes that a question is judged by, unless others are named."""

PARTS = 3
"""A range is looked at in thirds, each as likely: low, middle and high."""

TOLD = Fraction(1, 5)
"""The least share of the range of 8 of 10 cases that is told as settled, and counts in the order."""

FINE = 32
"""In so many parts, to take off what another unknown moves."""

SMALLEST = 1_000
"""Ten dollars in cents: amounts are shown to ten dollars, so a smaller change is none."""


class Asked(NamedTuple):
    """A question about an unknown, with what knowing the answer would change, in cents.

    `width_now` and `width_known` are how far 8 of 10 cases lie apart now and, on average, once it is known; `swing` is
    the largest less the smallest mean over its values; `route_changes` the chance that another route than now would
    cost least, and `worth` what knowing it saves on average if that were then taken. `decides` says that the answer
    decides whether the visits take place, or what can be worked out at all.
    """

    path: str
    label: str
    who: str
    whom: str
    sentence: str
    sentence_es: str
    why: str
    takes: str
    width_now: int = 0
    width_known: int = 0
    swing: int = 0
    route_changes: Fraction = Fraction(0)
    worth: int = 0
    decides: bool = False

    @property
    def narrows(self) -> int:
        """By how much knowing it narrows the range of 8 of 10 cases on average, in cents."""
        return self.width_now - self.width_known

    @property
    def moves_cost(self) -> bool:
        """Whether the answer changes what the patient pays by an amount worth saying, as far as we can see."""
        settles = self.width_now >= SMALLEST and self.narrows >= TOLD * self.width_now
        return self.decides or settles or self.swing >= SMALLEST


@kept(64)
def ask_next(scenario: Scenario, routes: tuple[str, ...] = AS_ASKED) -> tuple[Asked, ...]:
    """What to ask next: first what decides whether visits take place, then by worth, by what it settles, and by swing.

    With `routes`, such as ("as asked", "in network"), `worth` is what knowing the answer saves on average if you then
    take the cheapest route; routes that may not take place are left out. Empty if everything is known:
    ask_next(scenario)[0] is the question to ask first. Raises what `estimate` raises, and UnknownName for an unknown
    route.
    """
    scenario = scenario_of(scenario)
    found = estimate(scenario)
    others = tuple(_others(scenario, routes)) if found.chance >= SURE else ()
    values = {one.path: _place_of(place, one) for place, one in enumerate(found.main.cases.dimensions)}
    finer = {one.path: _place_of(place, one, FINE) for place, one in enumerate(found.main.cases.dimensions)}
    if "coverage" in {unknown.path for unknown in found.unknowns}:
        values["coverage"] = finer["coverage"] = lambda case: case.ending.end.outcome
    swings = _swings(found.whole_cases, values, finer)
    asked = [_asked(found, path, value, others, swings[path]) for path, value in values.items()]
    asked.sort(key=_order)
    return (*_who_pays(scenario), *asked)


def _order(asked: Asked) -> tuple[object, ...]:
    told = asked.narrows if asked.narrows >= TOLD * asked.width_now else 0
    return (not asked.decides, -asked.worth, -told, -asked.swing, asked.path)


def _place_of(place: int, one: Dimension, parts: int = PARTS) -> Callable[[Looked], Hashable]:
    """Which value of an unknown a case has: of a shape, the part of its places, by thirds."""
    return lambda case: case.choice[place] * parts // DRAWS if one.drawn else case.choice[place]


def _swings(
    cases: Sequence[Looked],
    values: Mapping[str, Callable[[Looked], Hashable]],
    finer: Mapping[str, Callable[[Looked], Hashable]],
) -> dict[str, int]:
    """How far the mean net moves with each unknown, in cents, once what the others move is taken off, largest first.

    Otherwise a small unknown would be said to change what chance gave the cases that share its value.
    """
    weights, left = [float(case.chance) for case in cases], [float(case.net) for case in cases]

    def means(amounts: Sequence[float], by: Sequence[Hashable]) -> dict[Hashable, float]:
        sums: dict[Hashable, tuple[float, float]] = {}
        for amount, weight, value in zip(amounts, weights, by, strict=True):
            total, whole = sums.get(value, (0.0, 0.0))
            sums[value] = total + weight * amount, whole + weight
        return {value: total / whole if whole else 0.0 for value, (total, whole) in sums.items()}

    def spread(amounts: Sequence[float], path: str) -> int:
        found = means(amounts, [values[path](case) for case in cases]).values()
        return round(max(found) - min(found)) if found else 0

    own = {}
    for path in sorted(values, key=lambda path: -spread(left, path)):
        by = [finer[path](case) for case in cases]
        known = means(left, by)
        own[path] = [known[value] for value in by]
        left = [amount - part for amount, part in zip(left, own[path], strict=True)]
    return {path: spread([a + b for a, b in zip(left, part, strict=True)], path) for path, part in own.items()}


def _who_pays(scenario: Scenario) -> Iterator[Asked]:
    """The first question, where nobody was said to pay."""
    said = scenario.intake.said if isinstance(scenario, Resolved) else None
    if "payer" not in said if said is not None else not scenario.payer and "coverage" in scenario.ranges:
        question = question_for(scenario, "payer")
        words = (question.who, question.whom, question.ask, question.ask_es, question.why, question.takes)
        yield Asked("payer", label_of_entry("payer"), *words, decides=True)


def _asked(
    found: Estimate, path: str, value: Callable[[Looked], Hashable], others: tuple[Means, ...], swing: int
) -> Asked:
    """What knowing one unknown would change."""
    groups, now = _by_value(found.whole_cases, value), found.p90 - found.p10
    known = Fraction(0)
    for chance, cases in groups.values():
        low, high = eight_of_ten(tally([case[:2] for case in cases]))
        known += chance * (high - low)
    means = _means(groups)
    chances = {value: chance for value, (chance, _) in groups.items()}
    worth, changes = _between(path, chances, (Means("as asked", found.expected, {path: means}), *others))
    width_known = whole_cents(known)
    question = question_for(found.scenario, path)
    decides = path == "coverage" and found.chance < SURE
    why = f"{question.why} {DECIDES if decides else _changes(now, width_known, swing)}"
    words = (question.who, question.whom, question.ask, question.ask_es, why, question.takes)
    label = label_of_entry(path)
    return Asked(path, label, *words, now, width_known, swing, changes, worth, decides)


class Means(NamedTuple):
    """The mean net of a route, over everything and for each value of the unknowns that move it, in exact cents."""

    name: str
    all: Fraction
    given: Mapping[str, Mapping[Any, Fraction]]

    def at(self, path: str, value: Hashable) -> Fraction:
        """The mean net, in cents, once an unknown has this value; the overall mean if it moves nothing."""
        return self.given[path].get(value, self.all) if path in self.given else self.all


def _between(path: str, chances: Mapping[Any, Fraction], routes: tuple[Means, ...]) -> tuple[int, Fraction]:
    """What knowing a value is worth when the cheapest route is taken, and how likely that is another route than now."""
    cheapest = min(routes, key=lambda route: route.all)
    worth, changes = Fraction(0), Fraction(0)
    for value, chance in chances.items():
        stay, least = cheapest.at(path, value), min(route.at(path, value) for route in routes)
        worth += chance * (stay - least)
        changes += chance * (least < stay)
    return whole_cents(worth), changes


def _by_value(
    cases: Iterable[Looked], value: Callable[[Looked], Hashable]
) -> dict[Hashable, tuple[Fraction, list[Looked]]]:
    """The cases for each value of one unknown, with that value's chance among them."""
    groups: dict[Hashable, list[Looked]] = {}
    for case in cases:
        groups.setdefault(value(case), []).append(case)
    sums = {value: chance_of(group) for value, group in groups.items()}
    whole = sum(sums.values())
    return {value: (sums[value] / whole, group) for value, group in groups.items()}


def _means(groups: Mapping[Any, tuple[Fraction, list[Looked]]]) -> dict[Any, Fraction]:
    return {value: mean_of(some) for value, (_, some) in groups.items()}


def _others(scenario: Scenario, names: tuple[str, ...]) -> Iterator[Means]:
    """The other routes that surely take place: the mean net of each, and for each value of the unknowns it shares."""
    for name in names:
        require("route", name, ROUTES)
    wanted = tuple(name for name in names if name != "as asked")
    for route in alternatives(scenario, wanted) if wanted else ():
        if route.estimate is not None and route.estimate.chance >= SURE:
            yield _route(estimate(scenario), route.name, route.estimate)


def _route(found: Estimate, name: str, other: Estimate) -> Means:
    here = {one.path: one.unknown for one in found.main.cases.dimensions}
    means = {}
    for place, one in enumerate(other.main.cases.dimensions):
        if here.get(one.path) == one.unknown:
            means[one.path] = _means(_by_value(other.whole_cases, _place_of(place, one)))
    return Means(name, other.expected, means)


DECIDES = "The answer decides whether the visits take place."


def _changes(now: int, known: int, swing: int) -> str:
    settled = Fraction(now - known, now) if now >= SMALLEST else Fraction(0)
    for share, part in ((Fraction(19, 20), "the whole"), (Fraction(1, 2), "most of the"), (TOLD, "part of the")):
        if settled >= share:
            return f"The answer would settle {part} {about(now)} range."
    if swing >= SMALLEST:
        return f"The answer changes what you pay on average by up to {about(swing)}."
    return "As far as we can see, the answer does not change what you pay."
