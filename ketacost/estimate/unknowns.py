"""What is not known of a scenario: each entry with the values it may take, how likely each is, and what that rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from ketacost.core.convert import put
from ketacost.core.fields import said
from ketacost.core.money import WHOLE, share
from ketacost.core.references import GRADES, Paper, assumption, assumption_paper
from ketacost.estimate.cases import combinations, entry, values_of
from ketacost.estimate.default_ranges import GATE, default_range
from ketacost.estimate.outlook import path_of
from ketacost.estimate.scenario import AS_IT_IS, Scenario
from ketacost.model.coverage import End, Path, ends
from ketacost.model.payers import payer, treatment_of
from ketacost.model.protocols import service, services

THREE_POINTS = "share of the low and of the high value, where low, middle and high are known"
AS_ENTERED = "The odds are as entered."
EACH_AS_LIKELY = "Nothing is known of how likely each value is: each is taken as likely as the next."
COMMERCIAL = ("", "PPO", "POS", "HDHP", "HMO", "EPO")
"""The kinds of plans that employers offer."""

LIKELIEST_PAYER = "employer-insured"
"""Whose odds stand in for a commercial plan while nobody has said who pays: self-funded and individual plans have the same."""


@dataclass(frozen=True)
class Unknown:
    """An entry that is not known: its values, how likely each is, and why."""

    path: str = said("Entry", "The entry, by its path into the scenario.")
    label: str = said("What", "What the entry is, in the booklet's words.")
    values: tuple[str, ...] = said("Values", "The values that are looked at, as people write them.")
    odds: tuple[Fraction, ...] = said("Odds", "How likely each value is; a value at 0 counts for the extremes alone.")
    why: str = said("Why", "Where the odds come from.")
    papers: tuple[Paper, ...] = said("Papers", "What the odds rest on.", ())
    grade: str = said("Grade", "How good that is.", "assumption")


def unknowns(scenario: Scenario) -> tuple[Unknown, ...]:
    """What is not known of a scenario, in a fixed order. Raises ScenarioError for a range that holds no values."""
    return tuple(_unknown(scenario, path) for path in combinations(scenario).paths)


def label_of_entry(scenario: Scenario, path: str) -> str:
    """An entry in the booklet's words: "Charges: IV infusion"."""
    if path == GATE:
        return "Whether the plan pays outside its network"
    thing: Any = scenario
    label, kind = "", ""
    for name in path.split("."):
        if is_dataclass(thing):
            words = {f.name: f.metadata.get("label", "") for f in fields(thing)}
            label, thing = words.get(name) or label, getattr(thing, name, None)
        else:
            kind = service(name).label if name in services() else kind
            thing = thing.get(name) if isinstance(thing, Mapping) else None
    if path == "plan.networks." + path.rsplit(".", 1)[-1]:
        return f"Network {path.rsplit('.', 1)[-1]}"
    return f"{label}: {kind}" if kind else label


def outcome_odds(path: Path, law: str, outcomes: tuple[str, ...]) -> tuple[Fraction, ...]:
    """How likely each outcome is on a path, among those that are looked at; all zero where the path leads to none of them."""
    chances = [sum((end.chance for end in _ends(path, law) if end.outcome == one), Fraction(0)) for one in outcomes]
    whole = sum(chances)
    return tuple(chance / whole if whole else Fraction(0) for chance in chances)


def step_costs(path: Path, law: str, outcome: str) -> tuple[tuple[Fraction, int], ...]:
    """What the steps cost where a path ends with an outcome: each cost in cents with its chance among those ends."""
    found: dict[int, Fraction] = {}
    outcome = "infusions too" if outcome == "everything" else outcome
    for end in _ends(path, law):
        if end.outcome == outcome:
            found[end.cost] = found.get(end.cost, Fraction(0)) + end.chance
    whole = sum(found.values())
    return tuple((chance / whole, cost) for cost, chance in found.items())


@lru_cache(maxsize=256)
def _ends(path: Path, law: str) -> tuple[End, ...]:
    return ends(path, law)


def _unknown(scenario: Scenario, path: str) -> Unknown:
    label, values = label_of_entry(scenario, path), values_of(scenario, path)
    if path in scenario.odds:
        return Unknown(path, label, values, _shares(scenario.odds[path]), AS_ENTERED)
    if path == "coverage" and (paid := _with_payer(scenario)):
        odds = outcome_odds(*path_of(paid), values)
        if any(odds):
            why, papers, grade = _payers_words(paid)
            why = why if scenario.payer else f"Who pays is not chosen. {why}"
            return Unknown(path, label, values, odds, why, papers, grade)
    usual = default_range(scenario, path)
    why, papers = (usual.why, usual.papers) if usual.values == scenario.ranges[path] else ("", ())
    if why and len(usual.odds) == len(values):
        return Unknown(path, label, values, _shares(usual.odds), why, papers, _worst(papers))
    if _around(scenario, path, values):
        end = share(assumption(THREE_POINTS)["central"])
        told = "The value as it stands is the middle one; the low and the high one are each a little less likely."
        cited = (*papers, assumption_paper(THREE_POINTS))
        return Unknown(path, label, values, _shares((end, WHOLE - 2 * end, end)), f"{why} {told}".strip(), cited)
    told = f"{why} {EACH_AS_LIKELY}".strip()
    return Unknown(path, label, values, (Fraction(1, len(values)),) * len(values), told, papers)


def _with_payer(scenario: Scenario) -> Scenario | None:
    """The scenario with its payer; with the likeliest one where none is chosen and the plan is of a commercial kind."""
    if scenario.payer or scenario.plan.kind not in COMMERCIAL:
        return scenario if scenario.payer else None
    return scenario.but(payer=LIKELIEST_PAYER, path=None)


def _around(scenario: Scenario, path: str, values: tuple[str, ...]) -> bool:
    """Whether the values are a low one, the entry as it stands, and a high one."""
    if len(values) != 3:
        return False
    low, middle, high = (entry(scenario if value == AS_IT_IS else put(scenario, path, value), path) for value in values)
    numbers = all(isinstance(one, int) and not isinstance(one, bool) for one in (low, middle, high))
    return numbers and low < middle < high and middle == entry(scenario, path)


def _payers_words(scenario: Scenario) -> tuple[str, tuple[Paper, ...], str]:
    """Why the outcomes are as likely as they are: the payer's odds, or the counselor's own."""
    who = payer(scenario.payer)
    taken, usual = (path_of(one)[0] for one in (scenario, scenario.but(path=None)))
    if (taken.infusions, taken.visits) != (usual.infusions, usual.visits):
        return f"The chances of the path as entered, for {who.label}.", (), "assumption"
    chances = list(who.chances(treatment_of(scenario.course.protocol)).values())
    grades = [one.grade for one in chances] or ["assumption"]
    told = f"What {who.label} says to this treatment, from written policies and published rates."
    return told, tuple(dict.fromkeys(_papers(chances))), max(grades, key=GRADES.index)


def _worst(papers: tuple[Paper, ...]) -> str:
    """The least good grade of some papers: what rests on them is no better."""
    return max((paper.grade for paper in papers), key=GRADES.index, default="assumption")


def _papers(chances: list[Any]) -> Iterator[Paper]:
    for chance in chances:
        yield from chance.papers


def _shares(points: tuple[int, ...]) -> tuple[Fraction, ...]:
    return tuple(Fraction(one, WHOLE) for one in points)
