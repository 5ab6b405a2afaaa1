"""What "I don't know" stands for: a sourced range for each entry that a counselor may not know. Never zero, never a guess.

A range comes from typical amounts, from the published plan designs, from a payer's chances, from what can be at all, or
from a labelled assumption; its reason and its papers come with it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from statistics import quantiles
from typing import Any, NamedTuple

from ketacost.core.money import WHOLE, dollars, multiple, percent, share, whole_cents
from ketacost.core.references import Paper, assumption, assumption_paper, rows, source
from ketacost.estimate.scenario import AS_IT_IS, Scenario
from ketacost.model.allowed import allowed_paper, typical_allowed
from ketacost.model.courses import price_papers, typical_prices
from ketacost.model.payers import OUTCOMES, payer, step, treatment_of
from ketacost.model.plans import NO_BENEFIT, Network
from ketacost.model.protocols import protocol, service
from ketacost.model.published import published_plan, published_plans

GATE = "plan.networks.out"
"""The entry that says whether the plan pays anything outside its network."""

FAMILY_KINDS = ("embedded", "aggregate")
"""How a family amount can work."""

COMMERCIAL = ("PPO", "HDHP", "POS", "EPO", "HMO")
MULTIPLES = "allowed amount for 96365 when plan uses Medicare multiple"
SHARES = "allowed amount when plan pays by a share of the charge"
GO_ON = "probability a starter completes induction and enters maintenance"
NO_LIMIT = 1 << 60


class Ranged(NamedTuple):
    """The values of an entry that is not known, their odds where something is known of them, why, and the papers."""

    values: tuple[str, ...]
    why: str
    papers: tuple[Paper, ...] = ()
    odds: tuple[int, ...] = ()


NONE = Ranged((), "")


def default_range(scenario: Scenario, path: str) -> Ranged:
    """The range that stands for "I don't know" at an entry; without values where we know none."""
    for fits, ranged in _ROOMS:
        if fits(path):
            found = ranged(scenario, path)
            return found if len(set(found.values)) > 1 else NONE
    return NONE


def _of_coverage(scenario: Scenario, path: str) -> Ranged:
    return Ranged(OUTCOMES, "A plan says one of three things.")


def _of_gate(scenario: Scenario, path: str) -> Ranged:
    return Ranged((AS_IT_IS, NO_BENEFIT), "A plan pays outside its network, or it does not.")


def _of_family(scenario: Scenario, path: str) -> Ranged:
    return Ranged(FAMILY_KINDS, "A family amount works in one of two ways.")


def _of_charge(scenario: Scenario, path: str) -> Ranged:
    name, treatment = path.rsplit(".", 1)[-1], scenario.course.protocol
    low, high = (typical_prices(treatment, level).charges.get(name) for level in ("usual_low", "usual_high"))
    if low is None or high is None:
        return NONE
    label = f"Typical charge: {service(name).label}"
    papers = tuple(paper for paper in price_papers(treatment) if paper.what == label)
    return Ranged((dollars(low), dollars(high)), "What clinics usually charge, not this clinic.", papers)


def _of_allowed(scenario: Scenario, path: str) -> Ranged:
    name = path.rsplit(".", 1)[-1]
    if name not in typical_allowed():
        return NONE
    ends = tuple(dollars(typical_allowed(level)[name]) for level in ("low", "high"))
    return Ranged(ends, "What plans typically count, not this plan.", (allowed_paper(name),))


def _of_design(scenario: Scenario, path: str) -> Ranged:
    """The middle half of the published designs, and their middle."""
    _, _, network, *_, name = path.split(".")
    if network not in ("in", "out"):
        return NONE
    amounts, papers = _designs(network, name)
    if len(amounts) < 4:
        return NONE
    points = dict.fromkeys(whole_cents(Fraction(one)) for one in quantiles(amounts, n=4, method="inclusive"))
    found = tuple(percent(one) if name == "coinsurance" else _limit(one) for one in points)
    where = "outside the network" if network == "out" else "in the network"
    why = f"The middle half of {len(amounts)} published designs {where}: a quarter of them lie below, a quarter above."
    return Ranged(found, why, papers)


def _of_used(scenario: Scenario, path: str) -> Ranged:
    """From nothing to all of it: what can be at all."""
    _, _, _, network, name = path.split(".")
    side = scenario.plan.networks.get(network)
    entry = {"deductible": "deductible", "out_of_pocket": "out_of_pocket_limit"}.get(name, "")
    top = getattr(side, entry, None)
    if not isinstance(top, int) or not top:
        return NONE
    return Ranged(("0", dollars(top)), "From nothing to all of it: what can be at all, until the plan tells.")


def _of_plan_year(scenario: Scenario, path: str) -> Ranged:
    starts, papers = list[int](), list[Paper]()
    for id in _known():
        starts.append(published_plan(id).plan.plan_year_starts)
        papers += published_plan(id).papers if starts[-1] != 1 else ()
    months = sorted(set(starts))
    odds = [starts.count(month) * WHOLE // len(starts) for month in months]
    odds[0] += WHOLE - sum(odds)
    why = f"{starts.count(1)} of {len(starts)} published designs start in January; the others in the months shown."
    return Ranged(tuple(map(str, months)), why, tuple(papers), tuple(odds))


def _of_step(scenario: Scenario, path: str) -> Ranged:
    """The chance that an appeal or a review wins, from its lowest to its highest."""
    if not scenario.payer:
        return NONE
    name = {"internal": "internal_appeal", "external": "external_review"}[path.rsplit(".", 1)[-1]]
    rule = step(payer(scenario.payer).law, name)
    chance = rule.chance_for(treatment_of(scenario.course.protocol)) if rule else None
    if chance is None:
        return NONE
    values = tuple(map(percent, (chance.low, chance.central, chance.high)))
    return Ranged(values, f"{rule.label if rule else ''}: {chance.why}.", chance.papers)


def _of_visits(scenario: Scenario, path: str) -> Ranged:
    """Maintenance that does not follow, or as planned; elsewhere the range of the evidence."""
    phase = next(
        (one for one in protocol(scenario.course.protocol).phases if one.name == path.rsplit(".", 1)[-1]), None
    )
    if phase is None:
        return NONE
    planned = scenario.course.visits.get(phase.name, phase.visits)
    if phase.name == "maintenance":
        going = share(assumption(GO_ON)["central"])
        why = "About half of those who start go on to maintenance; the others stop after induction."
        return Ranged(("0", str(planned)), why, (assumption_paper(GO_ON),), (WHOLE - going, going))
    kind = scenario.course.protocol.replace("-", "_")
    found = [
        row
        for row in rows("protocol_evidence")
        if row["protocol"].startswith(kind)
        and row["phase"] == phase.name
        and row["sessions_low"]
        and row["sessions_high"]
    ]
    if not found:
        return NONE
    low, high = min(int(row["sessions_low"]) for row in found), max(int(row["sessions_high"]) for row in found)
    papers = tuple(
        Paper(
            f"Visits: {row['protocol']}, {row['phase']}",
            f"{row['sessions_low']} to {row['sessions_high']}",
            "visits",
            source(row["source"]),
            f"protocol_evidence, {row['id']}",
            row["grade"],
        )
        for row in found
    )
    return Ranged(tuple(map(str, sorted({low, high}))), "As trials and clinics give it.", papers)


def _of_multiple(scenario: Scenario, path: str) -> Ranged:
    return _assumed(MULTIPLES, multiple)


def _of_share(scenario: Scenario, path: str) -> Ranged:
    return _assumed(SHARES, share)


def _assumed(name: str, door: Callable[[object], int]) -> Ranged:
    row = assumption(name)
    values = tuple(percent(door(row[level])) for level in ("low", "central", "high"))
    return Ranged(values, f"Assumed: {row['why']}.", (assumption_paper(name),))


@cache
def _known() -> tuple[str, ...]:
    """The published designs of employers and marketplaces that are of these years."""
    return tuple(
        id for id in published_plans() if published_plan(id).in_window and published_plan(id).plan.kind in COMMERCIAL
    )


@cache
def _designs(network: str, name: str) -> tuple[list[int], tuple[Paper, ...]]:
    """What the published designs say of an entry on one side, lowest first, with the papers of those that do."""
    found, papers = list[int](), list[Paper]()
    for id in _known():
        side = published_plan(id).plan.networks.get(network)
        if isinstance(side, Network):
            amount: Any = side.benefit("default")[0].coinsurance if name == "coinsurance" else getattr(side, name)
            amount = NO_LIMIT if amount is None else amount
            if isinstance(amount, int):
                found.append(amount)
                papers += published_plan(id).papers
    return sorted(found), tuple(dict.fromkeys(papers))


def _limit(amount: int) -> str:
    """An amount as people write it; a quartile that reaches into designs without a limit is none."""
    return "none" if amount > NO_LIMIT // 8 else dollars(amount)


def _starts(start: str, *ends: str) -> Callable[[str], bool]:
    return lambda path: path.startswith(start) and (not ends or path.endswith(ends))


def _is(*paths: str) -> Callable[[str], bool]:
    return lambda path: path in paths


_ROOMS: tuple[tuple[Callable[[str], bool], Callable[[Scenario, str], Ranged]], ...] = (
    (_is("coverage"), _of_coverage),
    (_is(GATE), _of_gate),
    (_is("plan.deductible_kind", "plan.limit_kind"), _of_family),
    (_is("plan.plan_year_starts"), _of_plan_year),
    (_is("path.internal", "path.external"), _of_step),
    (_starts("prices.charges."), _of_charge),
    (_starts("course.visits."), _of_visits),
    (_starts("used.members.patient."), _of_used),
    (_starts("plan.networks.", ".pricing.multiple"), _of_multiple),
    (_starts("plan.networks.", ".pricing.share"), _of_share),
    (lambda path: path.startswith("plan.networks.") and ".allowed." in path, _of_allowed),
    (_starts("plan.networks.", ".deductible", ".out_of_pocket_limit", ".benefits.default.coinsurance"), _of_design),
)
