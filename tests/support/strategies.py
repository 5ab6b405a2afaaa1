"""Random plans, bills and used amounts: small enough to read, and mean enough to meet every corner of a booklet.

Each is made by throwing dice. `Random(seed)` throws thousands quickly; `dice()` lets hypothesis throw, which then looks
for the smallest example that breaks a law.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from ketacost.model.accumulators import PATIENT, Amounts, Used
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import (
    NO_BENEFIT,
    NOT_STATED,
    PARTS,
    Benefit,
    BenefitGroup,
    FirstVisits,
    Network,
    Plan,
    PlanVersion,
)
from ketacost.model.pricing import Pricing

MEMBERS = (PATIENT, "spouse", "child")
LINES = ("default", "drug", "mental_health_visit", "test", "clinic_drug")
"""The lines of claims; the last is no usual line, and plans may name it."""
FIRST_DAY = date(2026, 1, 1)
DAYS = (0, 0, 7, 7, 60, 120, 250, 300, 364, 365, 366, 500)
NO_END = 10**9

# Round amounts meet each other at deductibles and limits, odd ones meet half cents.
AMOUNTS = (0, 1, 99, 2_000, 5_000, 5_050, 10_000, 25_000, 33_333, 50_000)
SHARES = (0, 1, 1_000, 1_500, 2_000, 3_333, 4_000, 5_000, 9_999, 10_000)
COINSURANCE_ON = (*("what is left",) * 7, "allowed amount", "allowed amount", "allowed less the deductible")
COUNTED: tuple[tuple[str, ...], ...] = (
    *(PARTS, PARTS, PARTS, PARTS),
    *((), ("coinsurance",), ("deductible", "coinsurance"), ("copay", "coinsurance"), ("copay",)),
)


@dataclass(frozen=True)
class Kind:
    """Which features the plans have. The plain ones are those for which larger and smaller behave (see test_laws)."""

    family: bool | None = None
    credits: bool = True
    counts_differ: bool = True
    copay_fills: bool = True
    excess_paid: bool = True
    groups: bool = True
    time: bool = True


ANY = Kind()
PLAIN = Kind(credits=False, counts_differ=False, copay_fills=False, excess_paid=False, groups=False, time=False)


def dice() -> st.SearchStrategy[Random]:
    """Dice that hypothesis throws."""
    return st.randoms(use_true_random=False)


def cases(kind: Kind = ANY) -> st.SearchStrategy[tuple[Plan, list[ServiceLine], Used]]:
    """A plan, a bill, and what was used before it."""
    return dice().map(lambda r: case(r, kind))


def plans(kind: Kind = ANY) -> st.SearchStrategy[Plan]:
    """A plan."""
    return dice().map(lambda r: plan(r, kind))


def case(r: Random, kind: Kind = ANY) -> tuple[Plan, list[ServiceLine], Used]:
    """A plan, a bill, and what was used before the bill's first day."""
    made = plan(r, kind)
    bill = lines(r, made)
    return made, bill, used(r, made, min(line.date for line in bill))


def plan(r: Random, kind: Kind = ANY) -> Plan:
    """A plan with any of the features of its kind."""
    names = r.choice((("in",), ("in", "out"), ("in", "out"), ("in", "out", "third")))
    made = one_version(r, kind, names)
    if not kind.time or _flip(r):
        return made
    days = sorted({FIRST_DAY + timedelta(days=r.choice((0, 30, 181, 365, 365, r.randint(1, 500)))) for _ in (1, 2)})
    alike = replace(kind, family=r.choice((made.family, made.family, not made.family)))
    versions = []
    for day in days:
        later = one_version(r, alike, names)
        later = later.replace(
            plan_year_starts=r.choice(
                (made.plan_year_starts, 100 * day.month + day.day if day.day > 1 else day.month, 1)
            )
        )
        versions.append(PlanVersion(day, later, credit=_flip(r)))
    return made.replace(versions=tuple(versions))


def held_on(plan: Plan, day: date) -> Plan:
    """The version of a plan that holds on a day."""
    return [plan, *(version.plan for version in plan.versions if version.starts <= day)][-1]


def one_version(r: Random, kind: Kind, names: tuple[str, ...]) -> Plan:
    """A plan without later versions."""
    shape: dict[str, Any] = {
        "family": _flip(r) if kind.family is None else kind.family,
        "deductible_kind": r.choice(("embedded", "aggregate")),
        "limit_kind": r.choice(("embedded", "aggregate")),
        "plan_year_starts": r.choice((r.randint(1, 12), 100 * r.randint(1, 12) + r.randint(2, 28), 1231, 131)),
    }
    if kind.time and _rarely(r):
        shape["deductible_carryover"] = r.choice(("last three months", "last three months if not met"))
    elif kind.time and _rarely(r):
        shape["deductible_months"] = r.choice((1, 1, 3, 6))
    networks = {name: network(r, shape, kind) for name in names}
    if _rarely(r):
        networks[names[-1]] = NO_BENEFIT
    if kind.credits and _flip(r):
        for counts_to in ("deductible_credits", "limit_credits"):
            shape[counts_to] = {name: _some(r, names) for name in names if _flip(r)}
    return Plan(networks=networks, **shape)


def network(r: Random, shape: dict[str, Any], kind: Kind) -> Network:
    """One side of a plan."""
    by_share = _rarely(r)
    kinds = [r.choice((None, None, "embedded", "aggregate")) for _ in range(2)]
    joint = [
        (own or shape[name]) == "aggregate" for own, name in zip(kinds, ("deductible_kind", "limit_kind"), strict=True)
    ]
    deductible, family_deductible = _pair(r, _amount(r), joint[0])
    limit, family_limit = _pair(r, None if _rarely(r) else 3 * _amount(r), joint[1])
    if shape["family"] and joint[0] and family_deductible is not None and _flip(r):
        deductible = NOT_STATED  # nobody stops at it
    coinsurance_limit, family_coinsurance_limit = _pair(r, 2 * _amount(r), False) if _rarely(r) else (None, None)
    return Network(
        deductible=deductible or 0,
        deductible_kind=kinds[0],
        limit_kind=kinds[1],
        groups=groups(r, joint) if kind.groups and _rarely(r) else {},
        family_deductible=family_deductible,
        out_of_pocket_limit=limit,
        family_out_of_pocket_limit=family_limit,
        coinsurance_limit=coinsurance_limit,
        family_coinsurance_limit=family_coinsurance_limit,
        benefits={name: benefit(r, kind) for name in ("default", *_some(r, (*LINES[1:3], LINES[4])))},
        limit_counts=r.choice(COUNTED) if kind.counts_differ else PARTS,
        highest_copay_a_day=_some(r, LINES) if _rarely(r) else (),
        balance_bill=r.choice(("owed", "written off")),
        balance_bill_limit=r.choice((1_500, 0, _share(r))) if _rarely(r) else None,
        excess_paid_by_plan=kind.excess_paid and _rarely(r),
        allowed={} if by_share else {name: _amount(r) for name in ("default", *_some(r, ("X1", "infusion")))},
        pricing=Pricing("share of charge", share=_share(r)) if by_share else None,
    )


def groups(r: Random, joint: list[bool]) -> dict[str, BenefitGroup]:
    """One group of benefits, or two, with a deductible or a limit of their own."""
    made = {}
    for name in r.choice((("drug",), ("drug", "test"), ("mental_health_visit",))):
        deductible, family_deductible = _pair(r, r.choice((None, _amount(r))), joint[0])
        own = None if deductible is not None and _flip(r) else 2 * _amount(r)
        limit, family_limit = _pair(r, own, joint[1])
        made[f"{name} care"] = BenefitGroup(
            benefits=(name, "default") if name == "mental_health_visit" else (name,),
            deductible=deductible,
            family_deductible=None if deductible is None else family_deductible,
            out_of_pocket_limit=limit,
            family_out_of_pocket_limit=None if limit is None else family_limit,
            deductible_inside=_flip(r),
            limit_inside=_flip(r),
        )
    return made


def benefit(r: Random, kind: Kind) -> Benefit:
    """One line of a booklet."""
    first = None
    if _rarely(r):
        first = FirstVisits(r.randint(1, 3), copay=_amount(r), coinsurance=_share(r), deductible_applies=_flip(r))
    least, most = sorted((_amount(r), _amount(r))) if _rarely(r) else (None, None)
    least, most = r.choice(((least, most), (least, most), (least, None), (None, most)))
    return Benefit(
        copay=r.choice((0, 0, _amount(r))),
        coinsurance=_share(r),
        deductible_applies=not _rarely(r),
        copay_timing=r.choice(("before deductible", "after deductible")),
        copay_counts_to_deductible=kind.copay_fills and _rarely(r),
        coinsurance_on=r.choice(COINSURANCE_ON),
        coinsurance_least=least,
        coinsurance_most=most,
        counts_to_limit=not (kind.counts_differ and _rarely(r)),
        visit_limit=r.randint(0, 3) if _rarely(r) else None,
        first_visits=first,
        covered=r.randint(0, 9) > 0,
    )


def lines(r: Random, plan: Plan) -> list[ServiceLine]:
    """A bill of up to twelve lines, in no order, on days that some of them share."""
    return [line(r, plan) for _ in range(r.randint(1, 12))]


def line(r: Random, plan: Plan) -> ServiceLine:
    """One line of a bill."""
    return ServiceLine(
        date=FIRST_DAY + timedelta(days=r.choice((*DAYS, r.randint(0, 500)))),
        charge=_amount(r),
        code=r.choice(("", "X1", "X2")),
        units=r.randint(1, 3),
        service=r.choice(("", "infusion", "visit")),
        benefit=r.choice(LINES),
        network=r.choice(tuple(plan.networks)),
        member=r.choice((PATIENT, *MEMBERS)),
        covered=r.randint(0, 9) > 0,
        allowed=_amount(r) if _rarely(r) else None,
        balance_billed=not _rarely(r),
        protected=r.randint(0, 9) == 0,
    )


def used(r: Random, plan: Plan, as_of: date) -> Used:
    """What the patient, and where there is one the family, has used of a plan year, as far as the plan lets them."""
    if _flip(r):
        return Used()
    if plan.versions or plan.deductible_carryover != "none":
        as_of -= timedelta(days=r.choice((0, 0, 20, 150)))
    plan = held_on(plan, as_of)
    mine, ours = {}, {}
    for name, side in plan.networks.items():
        if isinstance(side, str) or _rarely(r):
            continue
        for place, ends in ((name, tops(plan, side)), *((f"{name}.{g}", tops(plan, side, g)) for g in side.groups)):
            so_far = [r.choice((0, r.randint(0, top), top)) for top in (min(*end, 60_000) for end in ends)]
            mine[place] = Amounts(*so_far)
            if plan.family and _flip(r):
                together = [end[1] for end in ends]
                least = zip(so_far, together, strict=True)
                ours[place] = Amounts(*[r.randint(own, min(top, 99_999)) for own, top in least])
    visits = {name: r.randint(0, 3) for name in _some(r, LINES[:3])}
    return Used(as_of=as_of, members={PATIENT: mine} if mine else {}, family=ours, visits=visits)


def tops(plan: Plan, side: Network, group: str = "") -> list[tuple[int, int]]:
    """Where a person stops and where the family does: of the deductible, the limit and the coinsurance limit.

    They are the network's, or those of a group of benefits in it.
    """
    ends = []
    held = side.groups[group] if group else side
    coinsurance = (None, None) if group else (side.coinsurance_limit, side.family_coinsurance_limit)
    for own, together, kind in (
        (held.deductible, held.family_deductible, side.deductible_kind or plan.deductible_kind),
        (held.out_of_pocket_limit, held.family_out_of_pocket_limit, side.limit_kind or plan.limit_kind),
        (*coinsurance, "embedded"),
    ):
        ours = int(together) if plan.family and together is not None else NO_END
        mine = ours if kind == "aggregate" and ours != NO_END else NO_END if own is None else int(own)
        ends.append((mine, ours))
    return ends


def _pair(r: Random, own: int | None, together: bool) -> tuple[int | None, int | None]:
    """One person's amount, and the family's, which is never less."""
    if not (together and own) and _rarely(r):
        return own, None
    return own, (own or 0) + r.choice((0, own or 0, _amount(r)))


def _amount(r: Random) -> int:
    return r.choice((*AMOUNTS, r.randint(0, 60_000)))


def _share(r: Random) -> int:
    return r.choice((*SHARES, r.randint(0, 10_000)))


def _flip(r: Random) -> bool:
    return r.randint(0, 1) == 1


def _rarely(r: Random) -> bool:
    return r.randint(0, 4) == 4


def _some(r: Random, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if _flip(r))
