"""The published designs that stand for a plan nobody named: whole ones, so that their terms belong together."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from ketacost.core.dates import us_day
from ketacost.core.money import share, usd
from ketacost.core.references import assumption, read_toml
from ketacost.core.registry import kept
from ketacost.model.plans import NO_BENEFIT, NOT_STATED, Benefit, Network, Plan, PublishedPlan, published_plan
from ketacost.model.plans import published_plans as names

FEW = 4
"""Fewer designs of a kind than this do not show how such plans differ: the plan itself is asked for."""


def plan_kinds() -> Mapping[str, Mapping[str, Any]]:
    """The kinds of plan as people know them, by name: `data/plan_kinds.toml`."""
    return read_toml("plan_kinds.toml")


def payer_of_kind(kind: str) -> str:
    """The payer that a kind of plan names where nobody said who pays; empty for none."""
    return str(plan_kinds().get(kind, {}).get("payer", ""))


def kind_of_payer(payer: str) -> str:
    """The kind of plan that a payer has where no plan was said; empty for none."""
    return str(read_toml("payers.toml").get(payer, {}).get("kind", ""))


def is_printed(kind: str) -> bool:
    """Whether a kind's terms are law or printed: they are taken as they are, of the year, and never drawn."""
    return "printed" in plan_kinds().get(kind, {})


def counts_as(kind: str) -> str:
    """The kind of a plan for the order of payment: Medicare, Medicaid, TRICARE, VA or private."""
    return str(plan_kinds().get(kind, {}).get("counts_as", "private"))


NO_PLAN = Plan(networks={"out": NO_BENEFIT, "in": NO_BENEFIT}, name="No plan", kind="")


class Designs(NamedTuple):
    """The designs of a kind, by id, the one that stands for them, and what to know of them."""

    plans: Mapping[str, Plan]
    typical: str
    note: str


def terms_are_said(said: Collection[str], network: str, kind: str = "") -> bool:
    """Whether a network's deductible, limit, and share or copay were entered, so no published plan is used.

    Medicaid has copays alone.
    """
    terms = {key.rpartition(".")[2] for key in said if key.startswith(f"terms.{network}.")}
    amounts = kind == "Medicaid" or {"deductible", "out_of_pocket_limit"} <= terms
    return amounts and bool({"coinsurance", "copay"} & terms)


def kind_of_plan(plan: Plan, id: str = "") -> str:
    """The kind of a plan as people know it: designs of a marketplace are a kind of their own."""
    if id.startswith("covered-california"):
        return "Marketplace"
    return "HMO or EPO" if plan.kind in ("HMO", "EPO") else plan.kind


FOR_LIFE = "TRICARE For Life"


def for_life(tricare: Plan) -> Plan:
    """TRICARE beside Medicare: it pays all that Medicare leaves of what both cover; `pays_first` has the source."""
    free = {"deductible": 0, "family_deductible": 0, "out_of_pocket_limit": None, "family_out_of_pocket_limit": None}
    plan = tricare.each_network(lambda name, side: side.replace(**free, groups={}, benefits={"default": Benefit()}))
    return plan.replace(name=FOR_LIFE)


@kept(64)
def designs_of(kind: str, network: str, today: date) -> Designs:
    """The designs of a kind that are in force on a day and state what a network costs, each as likely as the next."""
    if is_printed(kind):
        id = _medicare_of(today) if kind == "Medicare" else plan_kinds()[kind]["design"]
        return Designs({id: complete(published_plan(id).plan)}, id, _printed_note(published_plan(id), today))
    alike = [published_plan(id) for id in names() if kind_of_plan(published_plan(id).plan, id) == kind]
    usable = [design for design in alike if design.in_window and _states(design.plan, network)]
    current = [design for design in usable if in_force(design, today)]
    designs = current or usable or alike
    plans = {design.id: complete(design.plan) for design in designs}
    order = sorted(plans, key=lambda id: (_costs(plans[id], network), id))
    note = ""
    if len(order) < FEW:
        number = f"only {len(order)} published {kind} plan{'s' * (len(order) != 1)}"
        note = f"We count {number}: enter your plan's own terms, or choose the plan."
    elif not current:
        note = f"No published {kind} plan is in force on {us_day(today)}, so we use the latest ones."
    return Designs(plans, order[(len(order) - 1) // 2], note)


def in_force(design: PublishedPlan, day: date) -> bool:
    """Whether a published design holds on a day: its plan year, or the months that its file names."""
    span = re.fullmatch(r"(\d{4})-(\d\d) to (\d{4})-(\d\d).*", design.plan_year)
    if span:
        first, last = (int(span[i]) * 12 + int(span[i + 1]) for i in (1, 3))
        return first <= day.year * 12 + day.month <= last
    year = re.match(r"(\d{4})\b", design.plan_year)
    return bool(year) and int(year[1]) == day.year  # type: ignore[index]


def complete(plan: Plan) -> Plan:
    """A printed program whose yearly limit is none where it does not state one."""
    if not is_printed(plan.kind):
        return plan
    return plan.each_network(
        lambda name, side: side.replace(out_of_pocket_limit=None) if side.out_of_pocket_limit == NOT_STATED else side
    )


def assumed_side(plan: Plan) -> Network:
    """An out-of-network side for a plan that pays there and does not say how: the usual multiples of its inner side."""
    inside = next(iter(plan.paying_networks.values()), None)
    deductible = inside.deductible if inside and isinstance(inside.deductible, int) else 0
    times, part, limit = (
        assumption(name)["central"]
        for name in (
            "OON deductible multiple of in-network deductible",
            "OON coinsurance paid by patient",
            "OON OOP maximum",
        )
    )
    most = usd(limit)
    own = min(int(deductible * float(times)), most)
    return Network(own, most, {"default": Benefit(coinsurance=share(part))}, balance_bill="owed")


def gaps(plan: Plan, network: str, lines: tuple[str, ...]) -> Iterator[str]:
    """What a plan does not state of a network though a bill needs it, as paths below the network."""
    side = plan.networks.get(network)
    if not isinstance(side, Network):
        return
    yield from plan.network_gaps(side)
    found = dict.fromkeys(side.benefit(line) for line in lines)
    for benefit, name in found:
        yield from (f"benefits.{name}.{gap}" for gap in benefit.gaps())


def _states(plan: Plan, network: str) -> bool:
    """Whether a design has the network and states its deductible and its share there."""
    side = plan.networks.get(network)
    if side is None:
        return False
    if isinstance(side, str):
        return True
    return not plan.network_gaps(side) and not side.benefit("default")[0].gaps()


def _costs(plan: Plan, network: str) -> tuple[int, int, int]:
    """How dear a design is on a network, to find the middle one: deductible, share, limit."""
    side = plan.networks.get(network)
    if not isinstance(side, Network):
        return (1 << 60, 0, 0)
    limit = side.out_of_pocket_limit if isinstance(side.out_of_pocket_limit, int) else 1 << 60
    coinsurance = side.benefit("default")[0].coinsurance
    deductible = side.deductible if isinstance(side.deductible, int) else 0
    return (deductible, coinsurance if isinstance(coinsurance, int) else 0, limit)


def _medicare_of(today: date) -> str:
    years = sorted(id for id in names() if id.startswith("medicare-part-b-"))
    return next((id for id in years if id.endswith(str(today.year))), years[-1])


def _printed_note(design: PublishedPlan, today: date) -> str:
    if in_force(design, today):
        return ""
    year = design.plan_year
    if year.startswith("undated"):
        return f"{design.plan.name}: we use its latest terms ({year.replace(' (', ', ').strip(')')})."
    return f"{design.plan.name}: we use its {'latest' if year < str(today.year) else 'earliest'} terms, of {year}."
