"""From a full scenario to what was said of it: what a day's defaults would give anyway counts as not said.

Files of before intakes held full scenarios; opened today, each entry that is just what would be assumed is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from ketacost.core.convert import EntryError, as_text, written_as
from ketacost.core.fields import KetacostError
from ketacost.core.money import WHOLE, percent
from ketacost.core.registry import kept
from ketacost.core.words import told
from ketacost.estimate.answer import scenario_of
from ketacost.estimate.cases import limits_that_follow
from ketacost.estimate.designs import complete, is_printed, kind_of_plan
from ketacost.estimate.entries import entry_of, key_at, patterns
from ketacost.estimate.intake import UNKNOWN, Between, Intake, OneOf
from ketacost.estimate.resolve import OPEN, Resolved, resolve
from ketacost.estimate.scenario import AS_IT_IS, Scenario, network_of
from ketacost.estimate.unknowns import GATE, Unknown, default_range, entry, unknowns
from ketacost.model.courses import on_holidays
from ketacost.model.payers import OUTCOMES, treatment_of
from ketacost.model.plans import NOT_STATED, Network, Plan, plan, published_plans
from ketacost.model.protocols import services

ABOUT = ("payer", "insurer", "plan", "plan_kind", "network", "standing", "protocol")
"""The entries that decide what the names of others are about: they are said before those."""

HELD = ("intake", "basis", "conflicts", "dormant", "notes", "title", "calls")
"""Fields that change no number."""


@kept(64)
def intake_of(scenario: Scenario, today: date) -> Intake:
    """What was entered in a scenario, as of a day: entries equal to what that day would assume are left out.

    resolve(intake_of(scenario, today), today) gives the same estimate to the cent. Raises KetacostError for a network
    with a dot in its name.
    """
    scenario = scenario_of(scenario)
    if isinstance(scenario, Resolved):
        return scenario.intake
    for name in scenario.plan.networks:
        if "." in name:
            raise KetacostError(f"the network {told(name)} has a dot in its name: give it a name without one")
    said = Intake()
    for key, value in _everything(scenario):
        try:
            said = said.say(key, value, how="file")
        except KetacostError:
            continue
    whole = _numbers(resolve(said, today))
    for key in tuple(said.said):
        fewer = said.unsay(key)
        if key not in ("title", "calls") and _numbers(resolve(fewer, today)) == whole:
            said = fewer
    return said


def said_over(intake: Intake, changes: Mapping[str, object], today: date) -> Intake:
    """The intake with more entries said, all at once, by their names or by their paths into the scenario.

    A path is read in the scope of what is said: prices.charges.infusion is the price of the treatment. "unknown" marks
    an entry as not known, an empty value takes it back, and `ranges.` before a name takes values with commas between
    them, each as likely as the next. Values are texts, or what `Intake.say` takes. Raises EntryError with every
    problem.

    >>> said_over(Intake(), {"payer": "marketplace", "prices.charges.infusion": "550"}, date(2026, 11, 27))
    Intake(payer = 'marketplace', prices.iv-mood.infusion = 550)
    """
    problems = list[str]()
    first = [name for name in changes if key_at(name, {}) in ABOUT]
    for names in (first, [name for name in changes if name not in first]):
        scope = scope_of(resolve(intake, today))
        for name in names:
            entry, said = name.removeprefix("ranges."), changes[name]
            if isinstance(said, str):
                said = said.strip()
                if entry != name:
                    said = OneOf(tuple(part.strip() for part in said.split(",")))
            try:
                intake = intake.say(_full(entry, scope), said)
            except KetacostError as error:
                problems += error.problems if isinstance(error, EntryError) else [str(error)]
    if problems:
        raise EntryError(problems)
    return intake


def scope_of(scenario: Scenario) -> Mapping[str, str]:
    """What the names of a scenario's entries are about: its treatment, network and payer."""
    name = scenario.course.protocol
    about = {"protocol": name, "treatment": treatment_of(name), "network": scenario.network}
    return about | {name: value for name in ("payer", "insurer") if (value := getattr(scenario, name))}


def _full(name: str, scope: Mapping[str, str]) -> str:
    """The full name of an entry that is given by its name, by its path, or as in a file's `allowed` and `pricing`."""
    short = name.startswith(("allowed.", "pricing."))
    path = f"plan.networks.{scope['network']}.{name}" if short else name
    full = _key(path, scope)
    return name if short and full == path else full


def _numbers(resolved: Resolved) -> tuple[Any, ...]:
    """Everything in a scenario that a number depends on."""
    return tuple(getattr(resolved, f.name) for f in fields(Scenario) if f.name not in HELD)


def _everything(scenario: Scenario) -> Iterator[tuple[str, Any]]:
    """Every entry of a scenario by its full name, with its value or its range."""
    ranges = {one.path: one for one in unknowns(scenario) if one.path != "coverage"}
    scope = scope_of(scenario)
    yield from _who(scenario)
    places = [
        path for pattern, path in patterns().items() if path and not pattern.startswith(("payer", "plan", "terms."))
    ]
    for path in dict.fromkeys(full for place in places for full in _filled(place, scenario)):
        key = key_at(path, scope)
        value = None if path in ranges else entry(scenario, path)
        if path.rpartition(".")[0].endswith(".allowed") and path.rpartition(".")[2] not in services():
            continue  # an amount for any service, or for a code, is the plan's own
        if _follows(path, scenario):
            continue  # what goes to a deductible that is not known counts toward the limit
        if value not in (None, "", ()) or path == "prices.bundled":
            yield key, as_text(written_as(value, entry_of(key).hint))
    if on_holidays(scenario.course):
        yield "holidays", OPEN
    for path, one in ranges.items():
        yield _key(path, scope), _range(scenario, one)
    yield from _coverage(scenario)
    side = network_of(scenario)
    if side is not None and scenario.payer == "medicare-advantage" and side.out_of_pocket_limit is None:
        yield f"terms.{scenario.network}.out_of_pocket_limit", "none"
    if side is not None and any(".benefits.default." in path for path in ranges):
        yield from _lines(scenario, side)
    if side is not None and scenario.network not in scenario.used.members.get("patient", {}):
        yield f"used.patient.{scenario.network}.deductible", 0


def _follows(path: str, scenario: Scenario) -> bool:
    """Whether the amount counted toward a limit is just what went to a deductible that is a range."""
    used, _, name = path.rpartition(".")
    follows = used.startswith("used.members.patient.") and name == "out_of_pocket"
    return follows and used.rpartition(".")[2] in limits_that_follow(scenario)


def _lines(scenario: Scenario, side: Network) -> Iterator[tuple[str, Any]]:
    """The lines of the booklet that have terms of their own beside a general term that is a range."""
    for name, line in side.benefits.items():
        for term in ("copay", "coinsurance", "deductible_applies", "copay_timing", "covered"):
            value = getattr(line, term)
            if name != "default" and value != NOT_STATED:
                key = f"terms.{scenario.network}.{name}.{term}"
                yield key, as_text(written_as(value, entry_of(key).hint))


def _who(scenario: Scenario) -> Iterator[tuple[str, Any]]:
    if scenario.payer:
        yield "payer", scenario.payer
    if _among(scenario):
        yield from _of_designs(scenario)
    else:
        yield "plan", _plan(scenario)
    yield "network", scenario.network
    yield "protocol", scenario.course.protocol


def _among(scenario: Scenario) -> bool:
    """Whether the plan is one of the published designs of a kind, since nobody named it."""
    known = set(published_plans())
    return "published_plan" in scenario.ranges and bool(scenario.designs) and set(scenario.designs) <= known


def _of_designs(scenario: Scenario) -> Iterator[tuple[str, Any]]:
    """The kind of the designs that stand for a plan, and the terms that were said over what they print."""
    printed = {id: complete(plan(id)) for id in scenario.designs}
    id, one = next(iter(printed.items()))
    yield "plan_kind", kind_of_plan(one, id)
    places = [path for pattern, path in patterns().items() if path and pattern.startswith(("terms.", "plan_year_"))]
    for path in dict.fromkeys(full for place in places for full in _filled(place, scenario)):
        own = path.removeprefix("plan.")
        values = [entry(design, own) for design in scenario.designs.values()]
        said = any(value != entry(printed[id], own) for id, value in zip(scenario.designs, values, strict=True))
        if said and path not in scenario.ranges and all(value == values[0] for value in values):
            key = _key(path, scope_of(scenario))
            yield key, "none" if values[0] is None else as_text(written_as(values[0], entry_of(key).hint))


def _plan(scenario: Scenario) -> str | Plan:
    """The published design that a plan is, apart from what it counts; the plan itself where it is none."""
    if scenario.published_plan:
        printed = complete(plan(scenario.published_plan))
        if _bare(printed, scenario) == _bare(scenario.plan, scenario):
            return scenario.published_plan
    return scenario.plan


def _bare(plan: Plan, scenario: Scenario) -> Plan:
    """A plan without the allowed amounts and the pricing that are entries of their own."""
    side = plan.paying_networks.get(scenario.network)
    if side is None:
        return plan
    own = {kind: cents for kind, cents in side.allowed.items() if kind not in scenario.prices.charges}
    return plan.replace(networks={**plan.networks, scenario.network: side.replace(allowed=own, pricing=None)})


def _filled(place: str, scenario: Scenario) -> Iterator[str]:
    """The paths that a place of the table has in a scenario: one for each name that its mappings hold."""
    if place in ("published_plan", "coverage", "network", "course.protocol"):
        return
    head, mark, tail = place.partition("<")
    if not mark:
        yield place
        return
    kind, _, rest = tail.partition(">")
    if kind == "network":
        names: Any = [scenario.network] if head.startswith("plan.") else entry(scenario, head.rstrip(".")) or ()
    elif kind == "field":
        thing = entry(scenario, head.rstrip("."))
        names = [f.name for f in fields(thing)] if thing is not None else ()
        if head == "paying.":
            names = [one for one in names if one != "loan"]
    else:
        names = entry(scenario, head.rstrip(".")) or ()
    for name in names:
        yield from _filled(f"{head}{name}{rest}", scenario)


def _key(path: str, scope: Mapping[str, str]) -> str:
    return "terms.out.pays" if path == GATE else key_at(path, scope)


def _range(scenario: Scenario, one: Unknown) -> Any:
    """A range as it is said."""
    if one.path == GATE or (
        one.path.startswith(("used.", "plan.networks.") if not is_printed(scenario.plan.kind) else "used.")
        and scenario.ranges[one.path] == default_range(scenario, one.path).values
    ):
        return UNKNOWN
    if one.shape:
        middle = one.values[1] if len(one.values) == 3 else None
        return Between(one.values[0], one.values[-1], middle, one.shape)
    current = entry(scenario, one.path)
    values = []
    for value in one.values:
        if value == AS_IT_IS:
            value = as_text(written_as(current, entry_of(_key(one.path, scope_of(scenario))).hint))
        values.append(value)
    points = [odds * WHOLE for odds in one.odds]
    chances = () if len(set(points)) == 1 else tuple(percent(int(part)) for part in points)
    return OneOf(tuple(values), chances)


def _coverage(scenario: Scenario) -> Iterator[tuple[str, Any]]:
    """The card where the coverage is known; which answers are possible where not all of them are."""
    values = scenario.ranges.get("coverage")
    if values is None:
        yield "coverage", scenario.coverage
    elif "coverage" in scenario.odds:
        yield "coverage", OneOf(values, tuple(percent(part) for part in scenario.odds["coverage"]))
    elif (
        set(values) != set(OUTCOMES)
        or scenario.covered_until
        or (not scenario.payer and scenario.plan.kind not in ("PPO", "HDHP", "POS", "EPO", "HMO"))
    ):
        yield "coverage", OneOf(values)
