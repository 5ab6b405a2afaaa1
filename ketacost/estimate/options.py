"""What each choice of the form offers: the lists by name, as pairs of a value and its words."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Callable, Iterable, Iterator
from typing import get_args

from ketacost.core.references import read_toml
from ketacost.core.words import capital
from ketacost.estimate.entries import hint_of, offered_kinds
from ketacost.estimate.resolve import Resolved
from ketacost.model.allowed import METHODS
from ketacost.model.denials import standings_of
from ketacost.model.payers import payers
from ketacost.model.plans import published_plan, published_plans
from ketacost.model.policies import insurers
from ketacost.model.pricing import MEDICARE, SCHEDULE, SHARE_OF_CHARGE, USUAL_CHARGES
from ketacost.model.protocols import protocols
from ketacost.taxes.households import STATES

NETWORKS = {"in": "In the plan's network", "out": "Outside the plan's network"}
METHOD_WORDS = {
    SHARE_OF_CHARGE: "A share of the charge",
    USUAL_CHARGES: "A share of usual charges near here",
    MEDICARE: "A multiple of Medicare",
}
NOT_CHOSEN = ["", "Not chosen"]
NOT_KNOWN = ["", "Not known"]


def _own_words(values: Iterable[str]) -> Iterator[list[str]]:
    """Values that are their own words, with a capital."""
    return ([value, capital(value)] for value in values)


def _plans(scenario: Resolved) -> list[list[str]]:
    designs = [published_plan(name) for name in published_plans()]
    options = [[one.id, f"{one.plan.name} ({one.plan_year.split(' (')[0]})", one.plan.kind] for one in designs]
    return [["", "My plan is not on the list", "Your own plan"], *sorted(options, key=lambda one: (one[2], one[1]))]


def _methods(scenario: Resolved) -> list[list[str]]:
    added = [name for name in METHODS if name not in (*METHOD_WORDS, SCHEDULE)]
    own = ["schedule", "The plan's amount for each service"]
    return [own, *([name, METHOD_WORDS.get(name, name)] for name in (*METHOD_WORDS, *added))]


def _networks(scenario: Resolved) -> list[list[str]]:
    return [[name, NETWORKS.get(name, name.replace("_", " ").capitalize())] for name in scenario.plan.networks]


_MADE: dict[str, Callable[[Resolved], list[list[str]]]] = {
    "protocols": lambda scenario: [[name, one.label] for name, one in protocols().items()],
    "payers": lambda scenario: [NOT_CHOSEN, *([name, one.label] for name, one in payers().items())],
    "insurers": lambda scenario: [NOT_CHOSEN, *([name, one.label] for name, one in insurers().items())],
    "plans": _plans,
    "kinds": lambda scenario: [["", "I don't know"], *_own_words(offered_kinds())],
    "second_kinds": lambda scenario: [["", "No second plan"], *_own_words(offered_kinds())],
    "later_kinds": lambda scenario: [["", "No other plan"], *_own_words(offered_kinds())],
    "second_networks": lambda scenario: [
        [name, NETWORKS.get(name, name)] for name in (scenario.second.plan.networks if scenario.second else ())
    ],
    "through": lambda scenario: [NOT_KNOWN, *_own_words(get_args(hint_of("held_through")))],
    "sizes": lambda scenario: [NOT_KNOWN, *_own_words(get_args(hint_of("employer_size")))],
    "standings": lambda scenario: [NOT_CHOSEN, *_own_words(standings_of(scenario.payer))],
    "networks": _networks,
    "months": lambda scenario: [[str(number), month_name[number]] for number in range(1, 13)],
    "methods": _methods,
    "helps": lambda scenario: [
        ["", "Not entered: any visit"],
        ["spravato savings", "The maker's savings program for Spravato"],
        *([name, f"Only {one.label}"] for name, one in protocols().items()),
    ],
    "states": lambda scenario: [NOT_CHOSEN, *_own_words(sorted(STATES))],
}
"""The lists that depend on the scenario, or on what else is known; the others are in `data/form.toml`."""


def options(name: str, scenario: Resolved) -> list[list[str]]:
    """What a list offers, as pairs of a value and its words; plans have their kind as well."""
    if name in _MADE:
        return _MADE[name](scenario)
    fixed: list[list[str]] = read_toml("form.toml")["choices"][name]
    return fixed
