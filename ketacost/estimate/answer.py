"""One case worked out: its adjudicated lines and their totals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ketacost.core.money import about
from ketacost.estimate.scenario import Scenario, ScenarioError, claims_of
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
class Answer:
    """One case worked out: the scenario with everything taken as entered, and its adjudicated lines."""

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

    def __repr__(self) -> str:
        pays = about(self.totals.plan_pays)
        under = f" (rule: {self.scenario.rule})" if self.scenario.rule else ""
        return f"Answer: you pay {about(self.you_pay)} for {self.visits} visits; the plan pays {pays}{under}"


def run(scenario: Scenario, *, rule: str | None = None) -> Answer:
    """The scenario adjudicated as entered, with everything taken as known; `estimate` looks at what is not.

    `rule` is the name of a variant of the rule. Raises ScenarioError for a course without visits, PlanError and
    AllowedNotKnown where the plan leaves open what the rule needs.
    run(example("readme-patient")).you_pay is 778_800 cents.
    """
    scenario = scenario if rule is None else scenario.replace(rule=rule)
    claims = claims_of(scenario)
    if not claims:
        raise ScenarioError("the course has no visits; give at least one, as in visits = { induction = 6 }")
    return Answer(scenario, claims)
