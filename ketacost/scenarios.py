"""A scenario is a course, its prices, a plan and what the plan is taken to cover; running it gives the answer.

Everything that is not known stands in `ranges`: the model takes numbers, the question takes ranges. The answer is the
scenario as it stands, with the lowest and the highest total over everything that the ranges allow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from ketacost.accumulators import Used
from ketacost.allowed import typical_allowed
from ketacost.catalog import service
from ketacost.courses import Course, Prices, ServiceLine, service_lines, typical_prices
from ketacost.doors import DoorError, read, written
from ketacost.money import dollars
from ketacost.parameters import names_in, read_toml
from ketacost.plans import Network, Plan
from ketacost.published import plan, published_plan
from ketacost.words import Fixed, KetacostError, but, said, unknown

Coverage = Literal["denied", "visits only", "infusions too", "everything"]
COVERS: Mapping[str, tuple[str, ...]] = {
    "denied": (),
    "visits only": ("visit",),
    "infusions too": ("visit", "infusion"),
    "everything": ("visit", "infusion", "drug"),
}
"""The parts of a bill that the plan covers under each outcome."""

AS_IT_IS = "as it is"
"""A value of a range that stands for the entry as the scenario has it."""


@dataclass(frozen=True)
class Scenario:
    """One patient's question, with no name in it: which treatment, at which prices, under which plan."""

    course: Course = said("Treatment", "Which treatment, from when.")
    prices: Prices = said("What the clinic charges", "The clinic's charges; typical ones where they are not known.")
    plan: Plan = said("Plan", "The patient's benefit.")
    network: str = said("The clinic is", "The side of the plan that the clinic is on.", "out")
    coverage: Coverage = said(
        "What the plan covers", "Which parts of the bill the plan is taken to cover.", "visits only"
    )
    used: Used = said("Used so far", "What the plan year has already used.", Used())
    waived: bool = said("Balance bill waived", "Whether the clinic waives what the plan does not count.", False)
    ranges: Mapping[str, tuple[str, ...]] = said(
        "Not known",
        'Entries that are not known, by path, with the values to look at: {"prices.charges.infusion" = ["500", "700"]}.',
        default_factory=Fixed,
    )
    title: str = said("Title", "A title for this scenario; no names of patients.", "")
    published_plan: str = said("Published plan", "The published benefit design that the plan was taken from.", "")

    def __post_init__(self) -> None:
        object.__setattr__(self, "ranges", Fixed({path: tuple(values) for path, values in self.ranges.items()}))
        if self.network not in self.plan.networks:
            raise unknown(f"network of {self.plan.name}", self.network, self.plan.networks)

    but = but


def scenario_from(table: Mapping[str, Any]) -> Scenario:
    """A scenario from a file's table, with the short ways that a file may take.

    `plan` may name a published plan, or change one: { preset = "...", family = true }. Prices left out are the typical
    ones of the treatment. `allowed` gives allowed amounts by service for the clinic's network; "typical" stands for the
    typical ones and makes a range of them. Raises DoorError with every problem.
    """
    table = dict(table)
    given = table.get("plan")
    preset = given if isinstance(given, str) else given.get("preset") if isinstance(given, Mapping) else None
    if preset is not None:
        changes = {k: v for k, v in given.items() if k != "preset"} if isinstance(given, Mapping) else {}
        try:
            table["plan"] = _merged(written(plan(preset)), changes)
        except KetacostError as error:
            raise DoorError([f"plan: {error}"]) from None
        table["published_plan"] = preset
    name = table["course"].get("protocol") if isinstance(table.get("course"), Mapping) else None
    if isinstance(name, str):
        try:
            typical = typical_prices(name)
        except KetacostError as error:
            raise DoorError([f"course.protocol: {error}"]) from None
        table["prices"] = _merged({"charges": {}, "bundled": list(typical.bundled)}, table.get("prices", {}))
        for kind, amount in written(typical)["charges"].items():
            if kind not in table["prices"]["bundled"]:
                table["prices"]["charges"].setdefault(kind, amount)
    if "allowed" in table:
        _allow(table, table.pop("allowed"))
    scenario: Scenario = read(Scenario, table)
    return scenario


def examples() -> tuple[str, ...]:
    """The names of the scenarios that ship with the package."""
    return names_in("scenarios")


def example(name: str) -> Scenario:
    """A scenario that ships with the package, such as "readme-patient". Raises UnknownName with the near matches."""
    if name not in examples():
        raise unknown("example scenario", name, examples())
    return scenario_from(read_toml(f"scenarios/{name}.toml"))


def bill(scenario: Scenario) -> tuple[ServiceLine, ...]:
    """The service lines of a scenario: the course at its prices, with what the plan covers marked on each."""
    parts = COVERS[scenario.coverage]
    return tuple(
        line
        if line.why_not or (service(line.service).part in parts and not scenario.waived)
        else replace(
            line,
            covered=service(line.service).part in parts,
            why_not=_denial(scenario, line),
            balance_billed=not scenario.waived,
        )
        for line in service_lines(scenario.course, scenario.prices, scenario.network)
    )


def side_of(scenario: Scenario) -> Network | None:
    """The side of the plan that the clinic is on; None where the plan has no benefit there."""
    side = scenario.plan.network(scenario.network)
    return None if isinstance(side, str) else side


def plan_is_as_published(scenario: Scenario) -> bool:
    """Whether the plan is the published one: the allowed amounts, which designs do not state, may have been filled in."""
    return bool(scenario.published_plan) and _unpriced(published_plan(scenario.published_plan).plan) == _unpriced(
        scenario.plan
    )


def _unpriced(plan: Plan) -> Plan:
    bare = {name: side if isinstance(side, str) else side.but(allowed={}) for name, side in plan.networks.items()}
    return plan.but(networks=bare)


def _allow(table: dict[str, Any], given: object) -> None:
    """Put a file's allowed amounts on the side of the plan that the clinic is on."""
    network = table.get("network", "out")
    path = f"plan.networks.{network}.allowed"
    side = table["plan"].get("networks", {}).get(network) if isinstance(table.get("plan"), Mapping) else None
    if not isinstance(side, Mapping):
        raise DoorError(
            [f"allowed: the plan has no terms for network {network!r}, so it allows nothing there; leave `allowed` out"]
        )
    if given == "typical":
        charged = [kind for kind in typical_allowed() if kind in table["prices"]["charges"]]
        given = {kind: dollars(typical_allowed()[kind]) for kind in charged}
        main = charged[-1:]
        spread = {
            f"{path}.{kind}": [dollars(typical_allowed(level)[kind]) for level in ("low", "high")] for kind in main
        }
        table["ranges"] = {**spread, **table.get("ranges", {})}
    if not isinstance(given, Mapping):
        raise DoorError(
            [f'allowed should be amounts by service, as in {{ infusion = 240 }}, or "typical"; got {given!r}']
        )
    table["plan"] = _merged(table["plan"], {"networks": {network: {"allowed": given}}})


def _denial(scenario: Scenario, line: ServiceLine) -> str:
    covered = COVERS[scenario.coverage]
    if service(line.service).part in covered:
        return ""
    return (
        "the plan covers none of it"
        if not covered
        else f"the plan covers {scenario.coverage.replace(' only', ' alone').replace(' too', ' too')}, not this"
    )


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged
