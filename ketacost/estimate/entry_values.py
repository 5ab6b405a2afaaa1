"""What a form shows of an entry: where its value is in a scenario, what it is there, and whether it is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ketacost.core.convert import get
from ketacost.core.fields import KetacostError
from ketacost.core.money import dollars, percent
from ketacost.estimate.designs import counts_as
from ketacost.estimate.entries import Entry, entry_of
from ketacost.estimate.outlook import path_of
from ketacost.estimate.resolve import Resolved
from ketacost.estimate.scenario import network_of
from ketacost.estimate.sentences import NO_PLAN
from ketacost.model.denials import standings_of
from ketacost.model.payers import step
from ketacost.model.plans import Network, Plan
from ketacost.model.policies import PRIVATE
from ketacost.model.pricing import MEDICARE, SCHEDULE, SHARE_OF_CHARGE, USUAL_CHARGES
from ketacost.model.protocols import protocol, service

USES = {"share": (SHARE_OF_CHARGE, USUAL_CHARGES), "usual": (USUAL_CHARGES,), "Medicare": (MEDICARE,)}
"""The methods of pricing that use a number, by what the number is."""


def asked_here(pattern: str, of: str, when: Sequence[str], scenario: Resolved, facts: Mapping[str, bool]) -> bool:
    """Whether an entry has anything to say here, by its pattern, the kind of number it is, and which facts it needs."""
    side = network_of(scenario)
    if pattern.startswith(("terms.", "next_terms.", "used.", "allowed.", "pricing.", "groups.")) and side is None:
        return pattern == "terms.<network>.pays" and scenario.network == "out" and bool(scenario.plan.kind)
    if pattern == "terms.<network>.pays":
        return scenario.network == "out"
    if pattern in ("network", "standing"):
        programs = set(standings_of(scenario.payer)) - {"in network", "out of network"}
        return bool(scenario.plan.kind) and (pattern == "standing") == bool(programs)
    method = side.pricing.method if side and side.pricing else SCHEDULE
    if of and method not in USES[of]:
        return False
    if pattern.startswith("allowed.") and method != SCHEDULE:
        return any(scenario.intake.keys(f"allowed.{scenario.network}.{scenario.course.protocol}."))
    return all(facts[name] for name in when)


def facts_of(scenario: Resolved) -> Mapping[str, bool]:
    """What holds of a scenario, by the word that an entry names it with."""
    home, said, second = scenario.household, scenario.intake.said, scenario.second
    paid = scenario.payer not in NO_PLAN
    path, law = path_of(scenario) if scenario.payer else (None, "")
    kinds = [counts_as(one.kind) for one in (scenario.plan, *([second.plan] if second else []))]
    held = [scenario.intake.value(name) for name in ("held_through", "second.held_through")]
    same_way = second is not None and {*kinds} == {"private"} and held[0] == held[1] is not None
    return {
        "family": scenario.plan.family,
        "paid": paid,
        "asks": path is not None and path.ask_first and step(law, "prior_authorization") is not None,
        "private": scenario.payer in ("", *PRIVATE),
        "unnamed": "plan" not in said,
        "home": home is not None,
        "joint": home is not None and home.spouse_age is not None,
        "loan": scenario.paying.loan is not None,
        "away": scenario.treatment != "home",
        "at_home": scenario.treatment == "home",
        "iv": scenario.treatment.startswith("iv-"),
        "spravato": scenario.treatment == "spravato",
        "assisted": scenario.paying.assistance > 0,
        "hra": scenario.paying.hra > 0,
        "beside": paid and (network_of(scenario) is not None or any(scenario.intake.keys("second."))),
        "second": second is not None,
        "later": scenario.later is not None,
        "medicare": second is not None and "Medicare" in kinds,
        "parents": same_way and held[0] == "a parent's job",
        "alike": same_way and held[0] != "a parent's job",
    }


def place_of(entry: Entry, scenario: Resolved) -> str:
    """Where an entry's value stands: on the general line where a line of the booklet has no terms of its own."""
    side, benefit = network_of(scenario), entry.scope.get("benefit")
    if benefit and side and benefit not in side.benefits and entry.pattern.startswith("terms."):
        return entry.path.replace(f".benefits.{benefit}.", ".benefits.default.")
    return entry.path


def value_of(entry: Entry, scenario: Resolved) -> Any:
    """The scenario's value at an entry's path; the general line's where a line of the booklet has none of its own."""
    phase, course = entry.scope.get("phase"), scenario.course
    if phase and entry.path.startswith("course."):
        usual = next(one for one in protocol(course.protocol).phases if one.name == phase)
        if entry.path.startswith("course.visits."):
            return course.visits.get(phase, usual.visits)
        return course.every_days.get(phase, usual.every_days)
    return in_plan(scenario.plan, entry) if entry.path.startswith("plan.") else _got(scenario, entry.path)


def in_plan(plan: Plan, entry: Entry) -> Any:
    """A plan's value at an entry's path; the general line's where a line of the booklet has none of its own."""
    if benefit := entry.scope.get("benefit"):
        side = plan.networks.get(entry.scope["network"])
        line = side.benefit(benefit)[0] if isinstance(side, Network) else None
        value = getattr(line, entry.path.rsplit(".", 1)[-1], None)
        if isinstance(value, str | bool) or value is None:
            return value
        return dollars(value) if entry.kind == "money" else percent(value)
    return _got(plan, entry.path.removeprefix("plan."))


def _got(thing: Any, path: str) -> Any:
    try:
        return get(thing, path)
    except KetacostError:
        return None


def among_designs(entry: Entry, scenario: Resolved) -> tuple[Any, ...]:
    """What the designs that stand for the plan have at an entry, lowest first; nothing where they all agree."""
    if not entry.path.startswith("plan.") or place_of(entry, scenario) in scenario.ranges:
        return ()
    terms = [entry]
    if ".benefits.default." in entry.path:  # a general term covers every line of the bill
        lines = dict.fromkeys(service(name).benefit for name in scenario.prices.charges)
        terms += [
            entry_of(entry.key.replace(".copay", f".{line}.copay").replace(".coin", f".{line}.coin")) for line in lines
        ]
    written = (in_plan(plan, term) for plan in scenario.designs.values() for term in terms)
    values = {_size(value): value for value in written if value is not None}
    return tuple(values[size] for size in sorted(values)) if len(values) > 1 else ()


def _size(written: Any) -> tuple[float, str]:
    """The order of values as they are written: numbers by size, what is no number after them."""
    number = str(written).removesuffix("%")
    return (float(number), "") if number.replace(".", "", 1).isdigit() else (float("inf"), number)
