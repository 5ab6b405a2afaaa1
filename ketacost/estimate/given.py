"""What others pay of a patient's part: help, an employer's reimbursement account (HRA), and a rebate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from ketacost.accounts.contributions import limit_on, why_no_hsa
from ketacost.accounts.fsa import Expense, Hra
from ketacost.accounts.funding import FundedPart, SourcePayment
from ketacost.accounts.hsa import Span
from ketacost.core.dates import months_later
from ketacost.core.money import shown
from ketacost.estimate.designs import NO_PLAN
from ketacost.estimate.scenario import Scenario
from ketacost.model.adjudication import plan_year_of

Lot = tuple[date, str, bool]
"""What accounts tell apart of a bill: the day, a service that help is for alone, and whether it is no medical care."""


class Given(NamedTuple):
    """What others pay, in cents: help first, then the HRA, by what is owed, and a rebate of what is left."""

    assistance: int
    hra: Mapping[Lot, int]
    rebate: int


def given(scenario: Scenario, lots: Mapping[Lot, int], help_left: int, services: Sequence[str]) -> Given:
    """What others pay of what is owed, never more than that; help of so many cents is for `services`, or for any."""
    admitted = sum(cents for (_, service, _), cents in lots.items() if service) if services else sum(lots.values())
    assistance = min(help_left, admitted)
    hra = hra_pays(scenario, lots, assistance, services) if scenario.paying.hra else {}
    left = sum(lots.values()) - assistance - sum(hra.values())
    return Given(assistance, hra, min(scenario.paying.rebate, left))


def hra_pays(scenario: Scenario, lots: Mapping[Lot, int], helped: int, services: Sequence[str]) -> dict[Lot, int]:
    """What the HRA pays of each lot of medical care, in cents, after help of so many cents on the earliest days."""
    owed = list[tuple[Lot, int]]()
    for lot in sorted(lots):
        helps = min(helped, lots[lot]) if lot[1] or not services else 0
        helped -= helps
        if not lot[2]:
            owed.append((lot, lots[lot] - helps))
    paid = hra_of(scenario).pays([Expense(lot[0], cents) for lot, cents in owed])
    return {lot: cents for (lot, _), cents in zip(owed, paid, strict=True) if cents}


def hra_of(scenario: Scenario) -> Hra:
    """The employer's account: it pays for the plan year of the first day of the course."""
    paying, first = scenario.paying, plan_year_of(scenario.course.start, scenario.plan.plan_year_starts)
    days = Span(first, months_later(first, 12) - timedelta(days=1))
    return Hra(paying.hra, days, paying.hra_after, paying.hra_share)


def with_hra(funded: FundedPart, cents: int) -> FundedPart:
    """A funded part with what the HRA pays besides."""
    if not cents:
        return funded
    part = replace(funded.part, amount=funded.part.amount + cents)
    return replace(funded, part=part, paid=(SourcePayment("HRA", "hra", cents), *funded.paid))


def why_no_hsa_here(scenario: Scenario) -> str:
    """Why nothing may go into an HSA, in words: the plan, a second one, or an early HRA; "" where it may."""
    plan, intake = scenario.plan, getattr(scenario, "intake", None)
    if plan.name == NO_PLAN.name and plan.hsa_eligible is not True:
        return "an HSA needs a plan that allows one, and no plan was entered"
    if intake is not None and "plan" not in intake.said:
        plan = plan.replace(name="the plan")
    return why_no_hsa(plan) or _why_not_beside(scenario)


def why_no_hsa_later(scenario: Scenario) -> tuple[date, str] | None:
    """The first day of a later plan, and why nothing may go into an HSA from it on; None where there is none."""
    if scenario.later is None:
        return None
    plan = scenario.later.plan.replace(name="the later plan")
    return scenario.later.starts, why_no_hsa(plan) or _why_not_beside(scenario)


def _why_not_beside(scenario: Scenario) -> str:
    """Why what pays beside the plan rules out an HSA: an HRA that pays too early, or a second plan that allows none."""
    kind = "family" if scenario.plan.family else "self_only"
    least = limit_on(f"hdhp.least_deductible.{kind}", scenario.course.start, "minimum deductible with an HSA").value
    if scenario.paying.hra and scenario.paying.hra_after < least:
        return f"an HRA that pays before {shown(least)} rules out an HSA"
    return why_no_hsa(scenario.second.plan.replace(name="the second plan")) if scenario.second else ""
