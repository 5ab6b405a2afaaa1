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
from ketacost.claims import Claim, adjudicate
from ketacost.courses import Course, Prices, ServiceLine, service_lines, typical_prices
from ketacost.doors import DoorError, put, read, written
from ketacost.money import about
from ketacost.plans import Network, Plan
from ketacost.protocols import protocol, service
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
        return f"Answer: you pay {about(self.you_pay)} (low {about(self.low.you_pay)}, high {about(self.high.you_pay)}) for {self.visits} visits; the plan pays {about(self.totals.plan_pays)}"


def scenario_from(table: Mapping[str, Any]) -> Scenario:
    """A scenario from a file's table. `plan` may name a published plan, or change one: {preset = "...", networks...}.

    Prices left out are the typical ones of the treatment. Raises DoorError with every problem.
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
    scenario: Scenario = read(Scenario, table)
    return scenario


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
    """Whether the plan is the published one, unchanged."""
    return bool(scenario.published_plan) and published_plan(scenario.published_plan).plan == scenario.plan


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
    first, last = answer.claims[0].line.date, answer.claims[-1].line.date
    totals = answer.totals
    yield f"You will likely pay about {about(totals.you_pay)} for {answer.visits} visits of {protocol(answer.scenario.course.protocol).label} from {_day(first)} to {_day(last)}."
    if answer.low.you_pay != answer.high.you_pay:
        yield f"It could be as low as {about(answer.low.you_pay)} or as high as {about(answer.high.you_pay)}."
    outcomes = {claim.outcome for claim in answer.claims if claim.line.charge}
    if totals.plan_pays:
        yield f"You pay the clinic {about(totals.you_pay + totals.plan_pays)} first; the plan sends back about {about(totals.plan_pays)} of it."
    elif "counted" in outcomes:
        yield f"The plan says yes to part of it and still sends back $0: {about(totals.deductible)} of it counts toward your deductible."
    else:
        yield "The plan pays nothing and nothing counts toward your deductible."


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"
