"""What somebody can pay in a month, beside the answer: the months above it, the visits it buys, and even payments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ketacost.accounts.loans import Loan, loan_cost, monthly_payment
from ketacost.core.money import about, brief, percent, share, usd
from ketacost.estimate.estimate import Estimate
from ketacost.estimate.resolve import Resolved
from ketacost.estimate.resolving import single_of
from ketacost.estimate.scenario import AS_IT_IS
from ketacost.estimate.unknowns import default_range

BUDGET = "most_a_month"
"""The entry that says it."""

MOST_LISTED = 6
"""The most months above it that are named."""

MOST_MONTHS = 120
"""The longest payment plan that is looked at."""


class EvenPayments(NamedTuple):
    """The shortest payment plan whose months are no higher than the budget: its rate in basis points, and cents."""

    apr: int
    months: int
    payment: int
    total: int


class Budget(NamedTuple):
    """What can be paid in a month, in cents, and what it means for the shown case.

    `above` are the months in which more leaves the patient's own pocket, with how much does; `a_visit` is what most of
    the visits cost the patient, `visits` how many of those one month's budget pays for; `spread` is what leaves the
    own pocket over all months, paid in even parts at each rate that a payment plan may have. Months that are past on
    the day of the numbers are left out.
    """

    amount: int
    above: tuple[tuple[date, int], ...]
    a_visit: int
    visits: int
    spread: int
    plans: tuple[EvenPayments, ...]


def budget_of(found: Estimate) -> Budget | None:
    """The budget that was said, beside the shown case of an estimate; None where none was.

    budget_of(estimate(resolve(intake(most_a_month=1_000), today))).amount is 100_000 cents.
    """
    scenario = found.scenario
    said = single_of(scenario.intake.value(BUDGET)) if isinstance(scenario, Resolved) else None
    if said in (None, ""):
        return None
    amount, months = usd(said), found.calendar.ahead
    above = tuple((month.first_day, month.out) for month in months if month.out > amount)
    a_visit = _a_visit(found)
    spread = sum(month.out for month in months)
    return Budget(
        amount, above, a_visit, amount // a_visit if a_visit else 0, spread, tuple(_plans(found, amount, spread))
    )


def in_a_month(budget: Budget) -> Iterator[str]:
    """What it means, in sentences: the months above it, the visits it buys, and even payments."""
    amount, above = brief(budget.amount), budget.above
    months = [f"{first:%B %Y} ({_beside(cents, budget.amount)})" for first, cents in above[:MOST_LISTED]]
    if above:
        more = " and others" if len(above) > MOST_LISTED else ""
        count = f"{len(above)} month{'s' if len(above) > 1 else ''} cost{'' if len(above) > 1 else 's'}"
        yield f"{count} more than {amount}: {', '.join(months)}{more}."
    else:
        yield f"No month costs more than {amount}."
    if budget.a_visit:
        a_visit = brief(budget.a_visit)
        many = f"{budget.visits} visit{'' if budget.visits == 1 else 's'}"
        yield (
            f"{amount} pays for {many} at {a_visit} a visit."
            if budget.visits
            else (f"{amount} does not pay for a whole visit, which costs {a_visit}.")
        )
    if above and budget.plans:
        plans = "; or ".join(map(_in_words, budget.plans))
        yield f"A payment plan for all {about(budget.spread)}: {plans}. Ask the clinic or the lender."


def _beside(cents: int, amount: int) -> str:
    """An amount above another, rounded where it still looks so."""
    return about(cents) if usd(about(cents)) > amount else brief(cents)


def _in_words(plan: EvenPayments) -> str:
    rate = f"at {percent(plan.apr)} a year, {about(plan.total)} in all" if plan.apr else "without interest"
    return f"{plan.months} payments of {about(plan.payment)} {rate}"


def _a_visit(found: Estimate) -> int:
    """What most of the visits cost the patient on the day, in cents; the higher of two that are as frequent."""
    days = Counter[date]()
    for claim in found.shown.claims:
        days[claim.line.date] += claim.you_pay
    often = Counter(cents for cents in days.values() if cents)
    return max(often, key=lambda cents: (often[cents], cents), default=0)


def _plans(found: Estimate, amount: int, spread: int) -> Iterator[EvenPayments]:
    """The shortest plan at each rate that is said or usual, where something is spread and no loan is entered."""
    scenario = found.scenario
    if scenario.paying.loan is not None or not spread or not amount:
        return
    for value in default_range(scenario, "paying.loan.apr").values:
        if value == AS_IT_IS:
            continue
        for months in range(1, MOST_MONTHS + 1):
            loan = Loan(spread, share(value), months)
            if monthly_payment(loan) <= amount:
                yield EvenPayments(loan.apr, months, monthly_payment(loan), loan_cost(loan).total)
                break
