"""One case worked out: its adjudicated lines and their totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from ketacost.core.displayed import Displayed
from ketacost.core.money import about
from ketacost.core.references import Citation
from ketacost.estimate.scenario import Scenario, ScenarioError, claims_of, example
from ketacost.model.adjudication import Claim


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
class Answer(Displayed):
    """One case worked out: the scenario exactly as entered, and its adjudicated lines."""

    scenario: Scenario
    claims: tuple[Claim, ...]

    @cached_property
    def totals(self) -> Totals:
        """The sums over its lines."""
        return Totals.of(self.claims)

    @cached_property
    def visits(self) -> int:
        """How many days at the clinic."""
        return len({claim.line.date for claim in self.claims})

    @property
    def you_pay(self) -> int:
        """What the patient owes for the visits in the end, in cents, before accounts and help."""
        return self.totals.you_pay

    @property
    def trace(self) -> tuple[str, ...]:
        """Every step of every line with a charge, in order, with a line where a plan year begins."""
        from ketacost.estimate.explain import trace

        return trace(self)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed, read into the plan, or reaches past what is known."""
        from ketacost.estimate.explain import notes

        return notes(self)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The sources of every number in it, from schedule to taxes."""
        from ketacost.estimate.explain import citations

        return citations(self)

    def calendar(self) -> Any:
        """Every dollar of the visits with its day, as `ketacost.calendar` gives it."""
        from ketacost.estimate.calendar import calendar

        return calendar(self)

    def __repr__(self) -> str:
        pays = about(self.totals.plan_pays)
        under = f" (rule: {self.scenario.rule})" if self.scenario.rule else ""
        return f"Answer: you pay {about(self.you_pay)} for {self.visits} visits; the plan pays {pays}{under}"


def scenario_of(scenario: Scenario | str, said: Mapping[str, object] | None = None) -> Scenario:
    """A scenario, or the shipped example of that name, with entries said over it by the names of `ketacost entries`.

    scenario_of("readme-patient", {"prices.charges.infusion": 550}). Raises ScenarioError for what is no scenario,
    UnknownName for an example that is not there, EntryError for entries that cannot be.
    """
    if isinstance(scenario, str):
        scenario = example(scenario)
    if not isinstance(scenario, Scenario):
        raise ScenarioError(
            "give a scenario, as in kc.load('patient.toml'), or the name of an example, as in 'readme-patient'; got "
            f"{type(scenario).__name__}"
        )
    if said is None:
        return scenario
    from ketacost.estimate.resolve import resolve
    from ketacost.estimate.saying import intake_of, said_over

    day = scenario.today or scenario.course.start
    return resolve(said_over(intake_of(scenario, day), said, day), day)


def run(scenario: Scenario | str, *, set: Mapping[str, object] | None = None, rule: str | None = None) -> Answer:
    """Adjudicate the scenario exactly as entered, as if everything were known; `estimate` considers what is not.

    `scenario` may be the name of an example. `set` changes entries, as `ketacost run --set` does; `rule` is the name of
    a variant of the rule. Raises ScenarioError for a course without visits, PlanError and AllowedNotKnown if the plan
    does not say what the rule needs, and what `scenario_of` raises. run("readme-patient").you_pay is 778_800 cents.
    """
    scenario = scenario_of(scenario, set)
    scenario = scenario if rule is None else scenario.replace(rule=rule)
    claims = claims_of(scenario)
    if not claims:
        raise ScenarioError("the course has no visits; give at least one, as in visits = { induction = 6 }")
    return Answer(scenario, claims)
