"""One line for each step of the form: what it stands at, to be read while the step is closed."""

from __future__ import annotations

from ketacost.core.money import shown, usd
from ketacost.estimate.scenario import Scenario, side_of
from ketacost.model.protocols import protocol, service
from ketacost.workbench.edits import allowed_path, main_service

NETWORKS = {"in": "In the plan's network", "out": "Outside the plan's network"}
CARDS = (
    ("denied", "Denied", "The plan pays nothing. Nothing counts to the deductible."),
    ("visits only", "Visits only", "The plan counts evaluations and talk visits, not the infusions or doses."),
    ("infusions too", "Infusions too", "The plan counts the infusions or doses as well. It may still send back $0."),
)


def treatment_summary(scenario: Scenario) -> str:
    course = scenario.course
    number = sum(course.visits.get(p.name, p.visits) for p in protocol(course.protocol).phases)
    number = number if course.stop_after is None else min(number, course.stop_after)
    return f"{protocol(course.protocol).label}, {number} visits from {course.start:%b} {course.start.day}, {course.start.year}"


def charges_summary(scenario: Scenario) -> str:
    main = main_service(scenario)
    known = f"prices.charges.{main}" not in scenario.ranges
    return f"{service(main).label}: {shown(scenario.prices.charges[main]) if known else 'not known, typical range'}"


def benefit_summary(scenario: Scenario) -> str:
    side = side_of(scenario)
    where = NETWORKS.get(scenario.network, scenario.network)
    if side is None:
        return f"{scenario.plan.name}. {where}: no benefit"
    own = shown(side.deductible) if isinstance(side.deductible, int) else "not stated"
    return f"{scenario.plan.name}. {where}: deductible {own}"


def allowed_summary(scenario: Scenario) -> str:
    side, main = side_of(scenario), main_service(scenario)
    if side is None:
        return "Nothing"
    if side.pricing is not None:
        return str(side.pricing)
    if main not in side.allowed:
        return "Not known yet"
    spread = scenario.ranges.get(allowed_path(scenario, main))
    told = f"{shown(usd(spread[0]))} to {shown(usd(spread[-1]))}" if spread else shown(side.allowed[main])
    return f"{service(main).label}: {told}"


def coverage_summary(scenario: Scenario) -> str:
    likely = next((card[1] for card in CARDS if card[0] == scenario.coverage), scenario.coverage.capitalize())
    return f"Not known; most likely {likely.lower()}" if "coverage" in scenario.ranges else likely
