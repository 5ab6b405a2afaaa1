"""A second plan that pays after the first: coordination of benefits, as a walk after the walk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Literal

from ketacost.core.fields import KetacostError, described, replace
from ketacost.core.money import dollars
from ketacost.model.accumulators import Used
from ketacost.model.adjudication import Claim, adjudicate
from ketacost.model.allowed import allowed_amount
from ketacost.model.cost_sharing import Split
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import Network, Plan
from ketacost.model.rules import Rule

STANDARD, MAINTENANCE, CARVE_OUT = COORDINATIONS = "standard", "maintenance of benefits", "carve-out"


@dataclass(frozen=True)
class SecondPlan:
    """A plan that pays in addition to another one."""

    plan: Plan = described("Second plan", "The other plan of the patient.")
    coordination: Literal["standard", "maintenance of benefits", "carve-out"] = described(
        "How the plan that pays second pays",
        "Standard: up to all that the first plan leaves. Maintenance of benefits: its own terms, applied "
        "to what the first plan leaves. Carve-out: what it would pay alone, less what the first plan paid.",
        STANDARD,
    )
    used: Used = described(
        "Used of the second plan", "What the plan year of the second plan has already used.", default_factory=Used
    )
    goes: Literal["second", "first"] = described(
        "The second plan pays", "Whether this plan pays first, or second, after the other plan.", "second"
    )
    network: str = described(
        "The clinic is, in the second plan", "The clinic's network in this plan; as in the other plan if left out.", ""
    )

    replace = replace


@dataclass(frozen=True, eq=False)
class Coordinated(Claim):
    """A line that two plans paid in turn: charge = write-off + both plans' payments + what the patient pays.

    Its split is after both: what the second pays takes the patient's coinsurance away first, then copay, deductible and
    balance bill. Everything else that it tells is of the plan that paid `first`.
    """

    first: Claim
    second: Claim
    second_pays: int

    @classmethod
    def of(cls, first: Claim, second: Claim, pays: int) -> Coordinated:
        """A line of which the second plan pays so many cents. Raises KetacostError for more than the first leaves."""
        if not 0 <= pays <= first.you_pay:
            raise KetacostError(
                f"the second plan cannot pay {dollars(pays)} of the {dollars(first.you_pay)} that the first leaves of "
                f"the claim of {first.line.date}"
            )
        return cls(first.line, after_second(first.split, pays), first.taken, first, second, pays)

    @property
    def own(self) -> Claim:
        """The line as the first plan took it."""
        return self.first

    @property
    def outcome(self) -> str:
        """As of one plan; a line that only the second pays is paid."""
        return "paid" if self.second_pays else self.first.outcome


def after_second(split: Split, pays: int) -> Split:
    """A line's split once a second plan has paid so many cents of the patient's part."""
    left = dict.fromkeys(("coinsurance", "copay", "deductible", "balance_bill"), 0)
    rest = pays
    for name in left:
        left[name] = max(getattr(split, name) - rest, 0)
        rest -= getattr(split, name) - left[name]
    return split._replace(plan_pays=split.plan_pays + pays, **left)


def second_pays(coordination: str, benefit: int, first_pays: int, left: int) -> int:
    """What a second plan pays of what the first leaves, in cents; `benefit` is what it pays by its own terms.

    Those terms are of the whole allowed amount, but with maintenance of benefits of what the first plan leaves of it.

    >>> [second_pays(how, benefit, 7_500, 5_000) for how, benefit in (
    ...     ("standard", 9_375), ("maintenance of benefits", 3_750), ("carve-out", 9_375))]
    [5000, 3750, 1875]
    """
    return min(max(benefit - first_pays, 0) if coordination == CARVE_OUT else benefit, left)


def second_line(claim: Claim, coordination: str, network: str) -> ServiceLine:
    """The line as the second plan takes it: what the first plan allows, or leaves of that, is allowed by both."""
    paid = claim.split.plan_pays if coordination == MAINTENANCE else 0
    charge = claim.line.charge - claim.split.write_off
    allowed = min(charge, claim.allowed) if claim.covered else charge
    return claim.line.replace(charge=charge - paid, allowed=max(allowed - paid, 0), network=network)


def coordinate(
    lines: Iterable[ServiceLine],
    plan: Plan,
    second: SecondPlan,
    used: Used | None = None,
    *,
    rule: Rule | str | None = None,
) -> tuple[Coordinated, ...]:
    """Take service lines through two plans in turn, in order of date; `rule` holds for the one that pays first.

    A line that is marked as not covered is covered by neither; one that only the first plan does not cover is the
    second plan's from the first dollar. Raises PlanError where a plan leaves open what the rule needs.
    """
    bill = sorted(lines, key=attrgetter("date"))
    there = [second.network or line.network for line in bill]
    own, other = (plan, used, [line.network for line in bill]), (second.plan, second.used, there)
    (first, before, at), (then, after, later) = (other, own) if second.goes == "first" else (own, other)
    if second.goes == "first":
        bill = [_allowed_by(line, plan, first, network) for line, network in zip(bill, at, strict=True)]
    claims = adjudicate((line.replace(network=n) for line, n in zip(bill, at, strict=True)), first, before, rule=rule)
    how = second.coordination
    seconds = adjudicate((second_line(claim, how, n) for claim, n in zip(claims, later, strict=True)), then, after)
    return tuple(
        Coordinated.of(claim, its, second_pays(how, its.split.plan_pays, claim.split.plan_pays, claim.you_pay))
        for claim, its in zip(claims, seconds, strict=True)
    )


def _allowed_by(line: ServiceLine, plan: Plan, first: Plan, network: str) -> ServiceLine:
    """A line for a plan that pays first and has no allowed amounts of its own: those of the other plan hold."""
    its, side = first.network(network), plan.network(plan.protected_network if line.protected else line.network)
    if line.allowed is not None or not line.charge or not line.covered or isinstance(side, str):
        return line
    if not isinstance(its, Network) or its.allowed or its.pricing:
        return line
    return line.replace(allowed=allowed_amount(line, side, plan.name))
