"""The answer to a scenario: its adjudicated lines, the totals, and how low and how high the unknowns can make them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ketacost.core.dates import day_text
from ketacost.core.fields import Fixed, KetacostError
from ketacost.core.money import about
from ketacost.estimate.cases import Choice, Combinations, ScenarioError, combinations, corners, lowest
from ketacost.estimate.scenario import Scenario, bill, network_of
from ketacost.model.adjudication import Claim, adjudicate
from ketacost.model.protocols import protocol


class Totals(NamedTuple):
    """Sums over a course, in cents.

    charge = not_covered + balance_bill + write_off + copay + deductible + coinsurance + plan_pays.
    """

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
    """The answer to a scenario: adjudicated lines, totals, and the lowest and highest totals over the unknowns."""

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
        """The answer in a few plain sentences, rounded to ten dollars."""
        return " ".join(_sentences(self))

    def __repr__(self) -> str:
        low, high = about(self.low.you_pay), about(self.high.you_pay)
        pays = about(self.totals.plan_pays)
        return f"Answer: you pay {about(self.you_pay)} ({low} to {high}) for {self.visits} visits; the plan pays {pays}"


def run(scenario: Scenario) -> Answer:
    """The answer: the scenario adjudicated as entered, with its lowest and highest total over the ranges.

    Of more combinations than are all looked at, the lowest and highest are searched for. Raises ScenarioError for a
    course without visits or an empty range, PlanError and AllowedNotKnown where the plan leaves open what the rule
    needs. run(example("readme-patient")).you_pay is 778_800 cents.
    """
    claims = adjudicate(bill(scenario), scenario.plan, scenario.used)
    if not claims:
        raise ScenarioError("the course has no visits; give at least one, as in visits = { induction = 6 }")
    totals = Totals.of(claims)
    low = high = (totals, Fixed[str, str]())
    looked = combinations(scenario)
    if looked.paths:
        least, most = _extremes(looked)
        low = min(low, (Totals.of(looked.at(least).claims), looked.where(least)), key=lambda one: one[0].you_pay)
        high = max(high, (Totals.of(looked.at(most).claims), looked.where(most)), key=lambda one: one[0].you_pay)
    return Answer(scenario, claims, totals, low[0], high[0], low[1], high[1])


def cases(scenario: Scenario) -> Iterator[tuple[Fixed[str, str], Scenario]]:
    """Every combination of the values that the ranges hold, with the scenario it makes."""
    looked = combinations(scenario)
    held = (choice for choice in looked.every() if looked.paths and not looked.added(choice))
    yield from ((looked.where(choice), looked.at(choice).scenario) for choice in held)


def _extremes(looked: Combinations) -> tuple[Choice, Choice]:
    """The combinations at which the patient pays least and most; of equals, the first in the ranges' own order."""
    pays = looked.you_pay
    if looked.few:
        every = sorted(looked.every(), key=looked.added)
        return min(every, key=pays), max(every, key=pays)
    starts = corners(looked)
    return lowest(looked, pays, starts), lowest(looked, lambda choice: -pays(choice), starts)


def by_coverage(scenario: Scenario) -> Mapping[str, Totals]:
    """The totals under each outcome: denied, visits only, infusions too: by_coverage(scenario)["denied"].you_pay.

    Outcomes whose allowed amounts are not known are left out.
    """
    totals = {}
    for outcome in ("denied", "visits only", "infusions too"):
        case = scenario.replace(coverage=outcome)
        try:
            totals[outcome] = Totals.of(adjudicate(bill(case), case.plan, case.used))
        except KetacostError:
            continue
    return totals


def _sentences(answer: Answer) -> Iterator[str]:
    totals, what = answer.totals, protocol(answer.scenario.course.protocol).label
    first, last = answer.claims[0].line.date, answer.claims[-1].line.date
    yield (
        f"You will likely pay about {about(totals.you_pay)} for {what}: {answer.visits} visits from {day_text(first)} "
        f"to {day_text(last)}."
    )
    if answer.low.you_pay != answer.high.you_pay:
        yield f"It could be as low as {about(answer.low.you_pay)} or as high as {about(answer.high.you_pay)}."
    side = network_of(answer.scenario)
    in_network = side is not None and side.balance_bill == "written off"
    if totals.plan_pays and in_network:
        yield (
            f"The plan pays the clinic about {about(totals.plan_pays)}; {about(totals.write_off)} of the charges is "
            "written off."
        )
    elif totals.plan_pays:
        first_out = about(totals.you_pay + totals.plan_pays)
        yield f"You pay the clinic {first_out} first; the plan sends back about {about(totals.plan_pays)} of it."
    elif totals.deductible:
        counted = about(totals.deductible)
        yield f"The plan says yes to part of it and still sends back $0: {counted} of it counts toward your deductible."
    elif totals.not_covered == totals.charge:
        yield "The plan pays nothing, and nothing counts toward your deductible."
