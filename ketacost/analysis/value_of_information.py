"""What to ask next: for each entry that is not known, what knowing it would change, and the words to ask it with.

Routes are different ways to treatment: that one costs less does not make it the right one. What is asked first is what
could change which of them costs least, then what narrows the spread most, then what moves the mean most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from ketacost.analysis.alternatives import ROUTES, Route, alternatives
from ketacost.analysis.questions import question_for
from ketacost.core.fields import KetacostError, require
from ketacost.core.money import about, whole_cents
from ketacost.core.registry import kept
from ketacost.estimate.calendar import bottom_line
from ketacost.estimate.cases import values_of
from ketacost.estimate.estimate import Chanced, Spread, eight_of_ten, spread, tally
from ketacost.estimate.scenario import Scenario
from ketacost.estimate.unknowns import Unknown

COMPARED = ("as asked", "in network", "spravato")
"""The routes that a question is judged by.

Treatment at home nearly always costs least and a VA facility is for enrolled veterans alone, so neither would ever let
a question change which route costs least; name them to look at them too.
"""


class Asked(NamedTuple):
    """A question about an unknown, with what knowing the answer would change, in cents.

    `width_now` and `width_known` are how wide the range of 8 of 10 cases is now and, on average, once it is known;
    `swing` is the largest less the smallest mean over its values; `route_changes` the chance that another route than
    now would cost least; `worth` what knowing it saves on average if the route that costs least were then taken.
    """

    path: str
    label: str
    who: str
    sentence: str
    sentence_es: str
    why: str
    takes: str
    width_now: int
    width_known: int
    swing: int
    route_changes: Fraction
    worth: int

    @property
    def narrows(self) -> int:
        """By how much knowing it narrows the range of 8 of 10 cases on average, in cents."""
        return self.width_now - self.width_known


@kept(64)
def ask_next(scenario: Scenario, routes: tuple[str, ...] = COMPARED) -> tuple[Asked, ...]:
    """What to ask next, first what is worth most: by `worth`, then by how far it narrows the spread, then by its swing.

    Empty where everything is known: ask_next(scenario)[0] is the question to ask first. Raises what `run` raises, and
    UnknownName for a route that there is not.
    """
    distribution = spread(scenario)
    if not distribution.unknowns:
        return ()
    others = tuple(_others(scenario, routes))
    width = distribution.p90 - distribution.p10
    asked = [_asked(distribution, place, unknown, others, width) for place, unknown in enumerate(distribution.unknowns)]
    asked.sort(key=lambda question: (-question.worth, -max(question.narrows, 0), -question.swing, question.path))
    return tuple(asked)


def _asked(distribution: Spread, place: int, unknown: Unknown, others: tuple[Means, ...], width: int) -> Asked:
    """What knowing one unknown would change."""
    groups = _by_value(distribution.cases, place)
    known = Fraction(0)
    for chance, cases in groups.values():
        low, high = eight_of_ten(tally(cases))
        known += chance * (high - low)
    means = _means(groups)
    as_asked = Means("as asked", distribution.expected, {unknown.path: means})
    chances = {value: chance for value, (chance, _) in groups.items()}
    worth, changes = _between(unknown.path, chances, (as_asked, *others))
    swing, width_known = whole_cents(max(means.values()) - min(means.values())), whole_cents(known)
    question = question_for(distribution.scenario, unknown.path)
    why = f"{question.why} {_changes(width, width_known, swing)}"
    words = (question.who, question.ask, question.ask_es, why, question.takes)
    return Asked(unknown.path, unknown.label, *words, width, width_known, swing, changes, worth)


class Means(NamedTuple):
    """The mean net of a route, over everything and for each value of the unknowns that move it, in exact cents."""

    name: str
    all: Fraction
    given: Mapping[str, Mapping[int, Fraction]]

    def at(self, path: str, value: int) -> Fraction:
        """The mean net, in cents, once an unknown has the value in this place; the overall mean if it moves nothing."""
        return self.given[path].get(value, self.all) if path in self.given else self.all


def _between(path: str, chances: Mapping[int, Fraction], routes: tuple[Means, ...]) -> tuple[int, Fraction]:
    """What knowing a value is worth when the cheapest route is taken, and how likely that is another route than now."""
    cheapest = min(routes, key=lambda route: route.all)
    worth, changes = Fraction(0), Fraction(0)
    for value, chance in chances.items():
        stay, least = cheapest.at(path, value), min(route.at(path, value) for route in routes)
        worth += chance * (stay - least)
        changes += chance * (least < stay)
    return whole_cents(worth), changes


def _by_value(cases: Iterable[Chanced], place: int) -> dict[int, tuple[Fraction, list[Chanced]]]:
    """The cases for each value of one unknown, with that value's chance."""
    groups: dict[int, list[Chanced]] = {}
    for case in cases:
        groups.setdefault(case.choice[place], []).append(case)
    return {
        value: (sum((case.chance for case in group), Fraction(0)), group) for value, group in sorted(groups.items())
    }


def _means(groups: Mapping[int, tuple[Fraction, list[Chanced]]]) -> dict[int, Fraction]:
    return {value: sum(case.chance * case.net for case in some) / chance for value, (chance, some) in groups.items()}


def _others(scenario: Scenario, names: tuple[str, ...]) -> Iterator[Means]:
    """The other open routes: the mean net of each, overall and for each value of the unknowns that it shares."""
    for name in names:
        require("route", name, ROUTES)
    for route in alternatives(scenario, tuple(name for name in names if name != "as asked")):
        if route.answer is not None:
            yield _route(scenario, route)


def _route(scenario: Scenario, route: Route) -> Means:
    assert route.answer is not None
    case = route.answer.scenario
    shared = {path: values for path, values in scenario.ranges.items() if _moves(scenario, case, path)}
    odds = {path: points for path, points in scenario.odds.items() if path in shared}
    try:
        distribution = spread(case.replace(ranges=shared, odds=odds)) if shared else None
    except KetacostError:
        distribution = None
    if distribution is None:
        return Means(route.name, Fraction(bottom_line(case, route.answer.claims).net), {})
    paths = enumerate(unknown.path for unknown in distribution.unknowns)
    means = {path: _means(_by_value(distribution.cases, place)) for place, path in paths}
    return Means(route.name, distribution.expected, means)


def _moves(scenario: Scenario, there: Scenario, path: str) -> bool:
    """Whether an unknown moves another route: its scenario has the same entry with the same values."""
    top, *rest = path.split(".")
    if top in ("coverage", "path", "network", "waived"):
        return False
    if top == "plan" and there.plan.name != scenario.plan.name:
        return False
    if top == "plan" and rest[:2] not in ([rest[0]], ["networks", there.network]):
        return rest[0] != "networks"
    if top in ("course", "prices", "used") and getattr(there, top) != getattr(scenario, top):
        return False
    return values_of(there.replace(ranges={path: scenario.ranges[path]}), path) == values_of(scenario, path)


def _changes(now: int, known: int, swing: int) -> str:
    if known < now:
        return f"Knowing it would narrow 8 of 10 cases from {about(now)} wide to {about(known)} wide."
    if swing:
        return f"The answer moves what you pay on average by up to {about(swing)}."
    return "As far as can be seen, the answer does not change what you pay."
