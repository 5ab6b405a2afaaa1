"""What tax-free accounts do for a scenario: the tax saved on what is put in, who pays each visit, how much to elect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from ketacost.accounts.fsa import CostOutcome, ElectionAdvice, HealthFsa, elect
from ketacost.accounts.funding import FundedPart, FundingSource, PatientPart, fsa_source, fund, hsa_source
from ketacost.core.fields import KetacostError
from ketacost.core.money import shown
from ketacost.core.references import Parameter, parameter
from ketacost.estimate.answer import Answer
from ketacost.estimate.outlook import outlook
from ketacost.estimate.scenario import Scenario, bill
from ketacost.model.adjudication import Claim, adjudicate
from ketacost.taxes.households import Contribution, Household
from ketacost.taxes.savings import TaxSaving, as_if_nearest, saving, saving_of


class TaxEffect(NamedTuple):
    """What the accounts change, in cents: the tax saved, the year's bills, what stays unused, and the net after tax.

    `notes` say what keeps the accounts from working.
    """

    year: int
    saving: TaxSaving
    cost_of_year: int
    unused: int
    net: int
    notes: tuple[str, ...] = ()


def household_of(scenario: Scenario) -> Household:
    """The scenario's household, with the nearest known tax tables. Raises KetacostError without a household."""
    if scenario.household is None:
        raise KetacostError("whose taxes? Give the scenario a household: state, filing status, wages and age")
    return as_if_nearest(scenario.household, scenario.contribution)


def tax_effect(answer: Answer) -> TaxEffect:
    """The tax saved by what is put into the accounts, and the patient's net after it.

    An account pays what is owed in its year: what is put in beyond that is unused. Raises KetacostError without
    a household, and where a year's tables are not known and have no nearest. tax_effect(run(scenario)).saving.
    """
    home, put_in = household_of(answer.scenario), answer.scenario.contribution
    tax = saved_by(home, put_in)
    cost = costs_by_year(answer.claims).get(home.year, 0)
    unused, net = max(put_in.amount - cost, 0), answer.you_pay - tax.total
    return TaxEffect(home.year, tax, cost, unused, net, account_notes(answer.scenario))


def costs_by_year(claims: tuple[Claim, ...]) -> Mapping[int, int]:
    """What the patient pays for the services of each calendar year, in cents."""
    sums: dict[int, int] = {}
    for claim in claims:
        sums[claim.line.date.year] = sums.get(claim.line.date.year, 0) + claim.you_pay
    return sums


def chances_of_cost(scenario: Scenario, year: int) -> tuple[tuple[Fraction, int], ...]:
    """What the patient may pay in a year, in cents, with the chance of each: by the payer's odds, or as entered."""
    chances: dict[int, Fraction] = {}
    ends = [(priced.end.outcome, priced.end.chance) for priced in outlook(scenario).ends] if scenario.payer else []
    for coverage, chance in ends or [(scenario.coverage, Fraction(1))]:
        case = scenario.replace(coverage=coverage, ranges={}, path=None)
        cost = costs_by_year(adjudicate(bill(case), case.plan, case.used)).get(year, 0)
        chances[cost] = chances.get(cost, Fraction(0)) + chance
    return tuple((chance, cost) for cost, chance in sorted(chances.items()))


def advise_fsa(scenario: Scenario, *, carryover: int = 0) -> ElectionAdvice:
    """How much to elect for a health FSA in the household's year, when the cost is as uncertain as the payer's odds.

    `carryover` is the most that the plan carries over, in cents: advise_fsa(scenario, carryover=68_000).best.
    """
    home = household_of(scenario)
    outcomes = [CostOutcome(chance, cost) for chance, cost in chances_of_cost(scenario, home.year)]
    most = min(parameter("fsa.contribution_limit").on(date(home.year, 1, 1)), home.wages)
    return elect(outcomes, lambda cents: saving(home, cents, "health FSA").total, limit=most, carryover=carryover)


@lru_cache(maxsize=256)
def saved_by(household: Household, contribution: Contribution) -> TaxSaving:
    """What a contribution saves in tax, with the nearest known tables; kept, since cases share it."""
    return saving_of(as_if_nearest(household, contribution), contribution)


def sources_of(scenario: Scenario) -> tuple[FundingSource, ...]:
    """Who can pay: assistance, the FSA of the household's year, an HSA established on its first day, and a loan.

    Without a household there are no accounts. An FSA year whose limit is not published takes the last one that is.
    """
    put_in, paying, home = scenario.contribution, scenario.paying, scenario.household
    sources = []
    if paying.assistance:
        sources.append(FundingSource("assistance", "assistance", paying.assistance))
    if home and put_in.health_fsa:
        first = date(home.year, 1, 1)
        known = _last_known(parameter("fsa.contribution_limit"), first)
        sources.append(fsa_source(HealthFsa(put_in.health_fsa, first, limit_as_of=known)))
    if home and put_in.payroll_hsa + put_in.direct_hsa:
        sources.append(hsa_source(put_in.payroll_hsa + put_in.direct_hsa, date(home.year, 1, 1)))
    if paying.loan and paying.loan.amount:
        sources.append(FundingSource("loan", "loan", paying.loan.amount))
    return tuple(sources)


def _last_known(limit: Parameter, day: date) -> date | None:
    """None where the day's own value is known, else the nearest day that has one."""
    if any(known.first <= day <= known.last for known in limit.values):
        return None
    return min((known.last if day > known.last else known.first for known in limit.values), key=lambda d: abs(d - day))


def parts_of(scenario: Scenario, claims: Sequence[Claim]) -> tuple[PatientPart, ...]:
    """What the patient owes of each day, in parts that accounts may and may not pay.

    What a rebate gives back, counted from the last visit, and a package's unused visits are no cost of medical care.
    """
    paying, days = scenario.paying, dict[date, list[int]]()
    total = 0
    for claim in claims:
        amount, owed = claim.you_pay, days.setdefault(claim.line.date, [0, 0])
        owed[claim.line.phase == "unused"] += amount
        total += amount
    back = min(paying.rebate, total - min(paying.assistance, total)) if paying.rebate else 0
    parts = []
    for day in sorted(days, reverse=True):
        own, unused = days[day]
        if back or unused:
            rebated = min(back, own + unused)
            back -= rebated
            own, unused = own - max(rebated - unused, 0), max(unused - rebated, 0)
            parts += [PatientPart(day, amount, "not qualified") for amount in (rebated, unused) if amount]
        if own:
            parts.append(PatientPart(day, own))
    return tuple(reversed(parts))


def fundings(scenario: Scenario, claims: Sequence[Claim]) -> tuple[FundedPart, ...]:
    """Who pays each part, to the cent: assistance, what expires first, the HSA, the loan, then cash."""
    return fund(parts_of(scenario, claims), sources_of(scenario))


def funding_of(answer: Answer) -> tuple[FundedPart, ...]:
    """Who pays each visit's part of an answer, to the cent: funding_of(run(scenario))."""
    return fundings(answer.scenario, answer.claims)


def account_notes(scenario: Scenario) -> tuple[str, ...]:
    """Why the accounts may not be used as entered: an FSA beside an HSA, a plan without one, too much put in."""
    put_in, year, notes = scenario.contribution, household_of(scenario).year, []
    hsa = put_in.payroll_hsa + put_in.direct_hsa
    if hsa and put_in.health_fsa:
        notes.append("A general health FSA, yours or your spouse's, rules out an HSA; a limited-purpose FSA does not")
    if hsa and scenario.plan.hsa_eligible is not True:
        notes.append(f"{scenario.plan.name} is not known to allow an HSA")
    kind = "family" if scenario.plan.family else "self_only"
    most = parameter(f"hsa.contribution_limit.{kind}").on(date(year, 1, 1))
    if hsa > most:
        notes.append(
            f"{shown(hsa)} is more than the {shown(most)} that an HSA takes in {year} for this coverage before 55"
        )
    return tuple(notes)
