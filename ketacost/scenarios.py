"""A scenario is a course, its prices, a plan and what the plan is taken to cover; running it gives the answer.

Everything that is not known stands in `ranges`: the model takes numbers, the question takes ranges. The answer is the
scenario as it stands, with the lowest and the highest total over everything that the ranges allow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import product
from typing import Any, Literal, NamedTuple

from ketacost.accumulators import Used
from ketacost.allowed import typical_allowed
from ketacost.catalog import protocol, service
from ketacost.claims import Claim, adjudicate
from ketacost.courses import Course, Prices, ServiceLine, service_lines, typical_prices
from ketacost.doors import DoorError, put, read, written
from ketacost.money import about, dollars
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

MOST_CASES = 1_024
"""The most combinations of ranges that one answer looks at."""


class ScenarioError(KetacostError):
    """A scenario that does not fit together, with the way to mend it."""


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


class Totals(NamedTuple):
    """Sums over a course, in cents. charge = not_covered + balance_bill + write_off + copay + deductible + coinsurance + plan_pays."""

    charge: int
    allowed: int
    not_covered: int
    balance_bill: int
    write_off: int
    copay: int
    deductible: int
    coinsurance: int
    plan_pays: int
    you_pay: int

    @classmethod
    def of(cls, claims: tuple[Claim, ...]) -> Totals:
        """The sums over adjudicated lines."""
        charge = allowed = not_covered = balance = off = copay = deductible = coinsurance = pays = 0
        for claim in claims:
            parts = claim.split
            charge += claim.line.charge
            allowed += min(claim.allowed, claim.line.charge)
            if claim.covered:
                balance += parts.balance_bill
            else:
                not_covered += parts.balance_bill
            off += parts.write_off
            copay += parts.copay
            deductible += parts.deductible
            coinsurance += parts.coinsurance
            pays += parts.plan_pays
        return cls(
            charge, allowed, not_covered, balance, off, copay, deductible, coinsurance, pays, charge - off - pays
        )


@dataclass(frozen=True)
class Answer:
    """What a scenario comes to: its adjudicated lines and totals, and how low and how high the unknowns can make it."""

    scenario: Scenario
    claims: tuple[Claim, ...]
    totals: Totals
    low: Totals
    high: Totals
    low_case: Mapping[str, str]
    high_case: Mapping[str, str]

    @cached_property
    def visits(self) -> int:
        """How many days at the clinic."""
        return len({claim.line.date for claim in self.claims})

    @property
    def you_pay(self) -> int:
        """What the patient pays in the end, in cents."""
        return self.totals.you_pay

    @property
    def sentence(self) -> str:
        """The answer in a few plain sentences, rounded as patients are told."""
        return " ".join(_sentences(self))

    def __repr__(self) -> str:
        low, high = about(self.low.you_pay), about(self.high.you_pay)
        pays = about(self.totals.plan_pays)
        return f"Answer: you pay {about(self.you_pay)} ({low} to {high}) for {self.visits} visits; the plan pays {pays}"


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


def run(scenario: Scenario) -> Answer:
    """The answer: the scenario adjudicated as it stands, with its lowest and highest total over the ranges.

    Raises ScenarioError for a course without visits or too many combinations, PlanError and AllowedNotKnown where the
    plan leaves open what the rule needs.
    """
    claims = adjudicate(bill(scenario), scenario.plan, scenario.used)
    if not claims:
        raise ScenarioError("the course has no visits; give at least one, as in visits = { induction = 6 }")
    totals = Totals.of(claims)
    low = high = (totals, Fixed[str, str]())
    for values, case in cases(scenario):
        found = Totals.of(adjudicate(bill(case), case.plan, case.used))
        low = min(low, (found, values), key=lambda one: one[0].you_pay)
        high = max(high, (found, values), key=lambda one: one[0].you_pay)
    return Answer(scenario, claims, totals, low[0], high[0], low[1], high[1])


def cases(scenario: Scenario) -> Iterator[tuple[Fixed[str, str], Scenario]]:
    """Every combination of the values that the ranges hold, with the scenario it makes."""
    paths = tuple(scenario.ranges)
    number = 1
    for path in paths:
        if not scenario.ranges[path]:
            raise ScenarioError(
                f"the range of {path} holds no values; give the lowest and the highest, or leave the range out"
            )
        number *= len(scenario.ranges[path])
    if number > MOST_CASES:
        raise ScenarioError(
            f"{number:,} combinations of ranges are too many for one answer (at most {MOST_CASES:,}); give fewer values"
        )
    if not paths:
        return
    plain = scenario.but(ranges={})
    for values in product(*scenario.ranges.values()):
        case = plain
        for path, value in zip(paths, values, strict=True):
            case = put(case, path, value)
        yield Fixed(dict(zip(paths, values, strict=True))), case


def by_coverage(scenario: Scenario) -> Mapping[str, Totals]:
    """The totals under each outcome: denied, visits only, infusions too. Outcomes whose allowed amounts are not known are left out."""
    found = {}
    for outcome in ("denied", "visits only", "infusions too"):
        case = scenario.but(coverage=outcome)
        try:
            found[outcome] = Totals.of(adjudicate(bill(case), case.plan, case.used))
        except KetacostError:
            continue
    return found


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


def _sentences(answer: Answer) -> Iterator[str]:
    totals, what = answer.totals, protocol(answer.scenario.course.protocol).label
    first, last = answer.claims[0].line.date, answer.claims[-1].line.date
    yield f"You will likely pay about {about(totals.you_pay)} for {what}: {answer.visits} visits from {_day(first)} to {_day(last)}."
    if answer.low.you_pay != answer.high.you_pay:
        yield f"It could be as low as {about(answer.low.you_pay)} or as high as {about(answer.high.you_pay)}."
    side = side_of(answer.scenario)
    in_network = side is not None and side.balance_bill == "written off"
    if totals.plan_pays and in_network:
        yield f"The plan pays the clinic about {about(totals.plan_pays)}; {about(totals.write_off)} of the charges is written off."
    elif totals.plan_pays:
        first_out = about(totals.you_pay + totals.plan_pays)
        yield f"You pay the clinic {first_out} first; the plan sends back about {about(totals.plan_pays)} of it."
    elif totals.deductible:
        counted = about(totals.deductible)
        yield f"The plan says yes to part of it and still sends back $0: {counted} of it counts toward your deductible."
    elif totals.not_covered == totals.charge:
        yield "The plan pays nothing, and nothing counts toward your deductible."


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"
