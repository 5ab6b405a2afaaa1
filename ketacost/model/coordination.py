"""A second plan that pays after the first: coordination of benefits, as a walk after the walk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ketacost.core.fields import KetacostError, described
from ketacost.core.money import dollars
from ketacost.model.accumulators import Used
from ketacost.model.adjudication import Claim, adjudicate
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import Plan

STANDARD, MAINTENANCE, CARVE_OUT = "standard", "maintenance of benefits", "carve-out"


@dataclass(frozen=True)
class SecondPlan:
    """A plan that pays after another one."""

    plan: Plan = described("Second plan", "The plan that pays after the first.")
    coordination: Literal["standard", "maintenance of benefits", "carve-out"] = described(
        "How it pays",
        "Standard: up to all that the first plan leaves. Maintenance of benefits: its benefit of what that one leaves. "
        "Carve-out: its benefit less what the first paid.",
        STANDARD,
    )
    used: Used = described(
        "Used of the second plan", "What the plan year of the second plan has already used.", default_factory=Used
    )


@dataclass(frozen=True)
class Coordinated:
    """A line that two plans took in their turn: charge = write-off + both plans' payments + what the patient pays."""

    first: Claim
    second: Claim
    second_pays: int

    def __post_init__(self) -> None:
        if not 0 <= self.second_pays <= self.first.you_pay:
            raise KetacostError(
                f"the second plan cannot pay {dollars(self.second_pays)} of the {dollars(self.first.you_pay)} that the "
                f"first leaves of the claim of {self.first.line.date}"
            )

    @property
    def you_pay(self) -> int:
        """What the patient owes after both plans, in cents."""
        return self.first.you_pay - self.second_pays


def second_pays(coordination: str, benefit: int, first_pays: int, left: int) -> int:
    """What a second plan pays of what the first leaves, in cents; `benefit` is what it pays by its own terms.

    Those terms are of the whole allowed amount, but with maintenance of benefits of what the first plan leaves of it.

    >>> [second_pays(how, benefit, 7_500, 5_000) for how, benefit in (
    ...     ("standard", 9_375), ("maintenance of benefits", 3_750), ("carve-out", 9_375))]
    [5000, 3750, 1875]
    """
    return min(max(benefit - first_pays, 0) if coordination == CARVE_OUT else benefit, left)


def second_line(claim: Claim, coordination: str) -> ServiceLine:
    """The line as the second plan takes it: what the first plan allows, or leaves of that, is allowed by both."""
    paid = claim.split.plan_pays if coordination == MAINTENANCE else 0
    charge = claim.line.charge - claim.split.write_off
    allowed = min(charge, claim.allowed) if claim.covered else charge
    return claim.line.replace(charge=charge - paid, allowed=max(allowed - paid, 0))


def coordinate(
    lines: Iterable[ServiceLine], plan: Plan, second: SecondPlan, used: Used | None = None
) -> tuple[Coordinated, ...]:
    """Take service lines through two plans in turn, in order of date.

    A line that is marked as not covered is covered by neither; one that only the first plan does not cover is the
    second plan's from the first dollar. Raises PlanError where a plan leaves open what the rule needs.
    """
    claims = adjudicate(lines, plan, used)
    after = adjudicate((second_line(claim, second.coordination) for claim in claims), second.plan, second.used)
    return tuple(
        Coordinated(
            claim, its, second_pays(second.coordination, its.split.plan_pays, claim.split.plan_pays, claim.you_pay)
        )
        for claim, its in zip(claims, after, strict=True)
    )
