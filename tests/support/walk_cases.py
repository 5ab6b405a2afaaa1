"""Random contracts for the walk: a plan with any feature, its bill, what was used before; and which features it has."""

from collections import Counter
from collections.abc import Iterator
from random import Random

from strategies import Kind, line, plan, used

from ketacost.model.accumulators import Used
from ketacost.model.adjudication import plan_year_of
from ketacost.model.coordination import COORDINATIONS, SecondPlan
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import NO_BENEFIT, Plan

Case = tuple[Plan, list[ServiceLine], Used]


def case(r: Random, family: bool | None = None) -> Case:
    """A plan with any feature, thirty lines of which a third are of $0, and what was used before them."""
    made = plan(r, Kind(family=family))
    bill = [line(r, made) for _ in range(30)]
    bill = [one.replace(charge=0) if r.random() < 1 / 3 else one for one in bill]
    bill = [one.replace(provider_bears=r.random() < 1 / 4) for one in bill]
    bill = [one.replace(assistance=r.choice((0, 0, 1_000, 50_000))) for one in bill]
    return made, bill, used(r, made, min(one.date for one in bill))


def second_of(r: Random, first: Plan, bill: list[ServiceLine]) -> SecondPlan:
    """A second plan with any feature and networks of the same names, which pays second or first in any of the ways."""
    made = plan(r)
    while set(made.networks) != set(first.networks):
        made = plan(r)
    before = used(r, made, min(one.date for one in bill))
    where = r.choice(("", *made.networks))
    goes = r.choice(("second", "first"))
    if goes == "first" and NO_BENEFIT not in (*first.networks.values(), *made.networks.values()):
        made = made.each(unpriced)
    return SecondPlan(made, r.choice(COORDINATIONS), before, goes, where)


def unpriced(made: Plan) -> Plan:
    """A plan without allowed amounts of its own, as a second plan's booklet prints none."""
    sides = {
        name: side if isinstance(side, str) else side.replace(allowed={}, pricing=None)
        for name, side in made.networks.items()
    }
    return made.replace(networks=sides)


def features(made: Plan, bill: list[ServiceLine], before: Used) -> Iterator[str]:
    """What a case has of what a walk must know."""
    sides = [side for side in made.networks.values() if not isinstance(side, str)]
    groups = [group for side in sides for group in side.groups.values()]
    benefits = [benefit for side in sides for benefit in side.benefits.values()]
    years = {plan_year_of(one.date, made.plan_year_starts) for one in bill}
    days = Counter((one.date, one.member, one.network) for one in bill if one.charge and one.covered)
    yield from (f"{len(made.networks)} networks", f"family: {made.family}")
    has = {
        "a network without a benefit": len(sides) < len(made.networks),
        "deductible credits": any(made.deductible_credits.values()),
        "limit credits": any(made.limit_credits.values()),
        "an embedded deductible": made.family and made.deductible_kind == "embedded",
        "an aggregate deductible": made.family and made.deductible_kind == "aggregate",
        "an embedded limit": made.family and made.limit_kind == "embedded",
        "an aggregate limit": made.family and made.limit_kind == "aggregate",
        "a family kind of one side": made.family and any(side.deductible_kind or side.limit_kind for side in sides),
        "a deductible of a group": any(group.deductible is not None for group in groups),
        "a limit of a group": any(group.out_of_pocket_limit is not None for group in groups),
        "a group inside": any(group.deductible_inside or group.limit_inside for group in groups),
        "a group beside": any(not (group.deductible_inside and group.limit_inside) for group in groups),
        "a line of the plan's own": any("clinic_drug" in side.lines() for side in sides),
        "a coinsurance limit": any(side.coinsurance_limit is not None for side in sides),
        "a visit limit": any(benefit.visit_limit is not None for benefit in benefits),
        "first visits": any(benefit.first_visits for benefit in benefits),
        "a copay that fills the deductible": any(b.copay and b.copay_counts_to_deductible for b in benefits),
        "a copay on a day with two lines": any(b.copay for b in benefits) and max(days.values(), default=0) > 1,
        "a least share": any(b.coinsurance_least is not None for b in benefits),
        "a most share": any(b.coinsurance_most is not None for b in benefits),
        "a share of the allowed less the deductible": any(b.coinsurance_on.startswith("allowed l") for b in benefits),
        "only the highest copay of a day": any(len(side.highest_copay_a_day) > 1 for side in sides),
        "an excluded benefit": not all(benefit.covered for benefit in benefits),
        "two plan years": len(years) > 1,
        "a plan year from another month": made.plan_year_starts != 1,
        "a plan year from any day": made.plan_year_starts > 12,
        "a later version": bool(made.versions),
        "a later version with credit": any(version.credit for version in made.versions),
        "a family that begins later": not made.family and any(version.plan.family for version in made.versions),
        "a deductible that carries over": made.deductible_carryover == "last three months",
        "a deductible that carries over if not met": made.deductible_carryover.endswith("not met"),
        "a deductible of months": made.deductible_months < 12,
        "used under an earlier version": any(before.as_of and before.as_of < v.starts for v in made.versions),
        "several members": len({one.member for one in bill}) > 1,
        "used before": bool(before.members),
        "used by the family": made.family and bool(before.family),
        "visits used before": any(before.visits.values()),
        "protected care": any(one.protected for one in bill),
        "a denied line": not all(one.covered for one in bill),
        "a denied line that the clinic bears": any(one.provider_bears and not one.covered for one in bill),
        "a balance that is waived": not all(one.balance_billed for one in bill),
        "an excess that the plan pays": any(side.excess_paid_by_plan for side in sides),
        "two lines of a day": len({one.date for one in bill}) < len(bill),
    }
    yield from (name for name, there in has.items() if there)
