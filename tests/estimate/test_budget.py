"""What somebody can pay in a month, by hand: the months above it, the visits it buys, even payments, another start."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

import ketacost as kc
from ketacost.analysis.start_dates import starts, within_a_month
from ketacost.estimate.budget import Budget, EvenPayments, budget_of, in_a_month
from ketacost.estimate.estimate import Estimate, estimate
from ketacost.estimate.resolve import resolve
from ketacost.reports.charts import chart_svg
from ketacost.reports.handout import handout
from ketacost.reports.json_output import as_dict
from ketacost.reports.sections import money_calendar, when_to_start
from ketacost.reports.statements import statement

TODAY = date(2026, 11, 27)
ALONE = {"payer": "self-pay", "protocol": "iv-mood", "start": "2026-11-30", "prices.iv-mood.infusion": 500}
"""An evaluation of $288 on Nov 30, six infusions in December, then one every 35 days: 288 + 15 x 500 = 7,788."""


def asked(**more: object) -> Estimate:
    said = ALONE | {"prices.iv-mood.evaluation": 288} | more
    return estimate(resolve(kc.intake(said), TODAY))


def budget(**more: object) -> Budget:
    found = budget_of(asked(**more))
    assert found is not None
    return found


def test_a_budget_of_a_month_buys_whole_visits_and_marks_the_months_above_it() -> None:
    """$3,000 in December is above $1,000, which buys two visits of $500; 7,788 / 8 is 973.50, 7,788 / 7 is more."""
    found = budget(most_a_month="1,000")
    assert (found.amount, found.above) == (100_000, ((date(2026, 12, 1), 300_000),))
    assert (found.a_visit, found.visits, found.spread) == (50_000, 2, 778_800)
    assert found.plans[0] == EvenPayments(0, 8, 97_350, 778_800)
    assert list(in_a_month(found))[:2] == [
        "1 month costs more than $1,000: December 2026 ($3,000).",
        "$1,000 pays for 2 visits at $500 a visit.",
    ]


def test_the_dearer_payment_plan_is_paid_off_by_its_payments() -> None:
    """At a card's 32.99% a year eight payments would be above $1,000; nine pay the debt off, month by month."""
    plan = budget(most_a_month="1,000").plans[1]
    assert (plan.apr, plan.months) == (3_299, 9)
    owed, paid = 7_788.0, 0.0
    for _ in range(plan.months):
        owed = owed * (1 + 0.3299 / 12) - plan.payment / 100
        paid += plan.payment / 100
    assert abs(owed) < 0.1
    assert abs(plan.total / 100 - paid) < 0.1
    shorter = 7_788 * (0.3299 / 12) / (1 - (1 + 0.3299 / 12) ** -8)
    assert shorter > 1_000


@pytest.mark.parametrize(
    ("said", "above", "visits", "first"),
    [
        ({"most_a_month": 3_000}, 0, 6, "No month costs more than $3,000."),
        ({"most_a_month": 400}, 10, 0, "10 months cost more than $400: December 2026 ($3,000), January 2027 ($500)"),
        ({"most_a_month": 0}, 11, 0, "11 months cost more than $0"),
    ],
)
def test_what_a_budget_means(said: dict[str, Any], above: int, visits: int, first: str) -> None:
    found = budget(**said)
    assert (len(found.above), found.visits) == (above, visits)
    assert next(in_a_month(found)).startswith(first)
    assert bool(found.plans) == bool(found.amount)


def test_a_budget_is_said_as_it_was_typed_and_no_rounded_amount_contradicts_it() -> None:
    """$475 a visit, not $480; a month of $475 is above $474, and so is what is said of it."""
    found = budget(most_a_month=474, **{"prices.iv-mood.infusion": 475})
    told = list(in_a_month(found))
    assert told[0].startswith("10 months cost more than $474: December 2026 ($2,850), January 2027 ($480)")
    assert told[1] == "$474 does not pay for a whole visit, which costs $475."
    assert "You can pay $474 a month." in handout(asked(most_a_month=474))
    near = next(in_a_month(budget(most_a_month=402, **{"prices.iv-mood.infusion": 403})))
    assert "January 2027 ($403)" in near


def test_a_loan_that_was_entered_is_in_the_months_and_no_other_is_offered() -> None:
    found = budget(
        most_a_month=100, **{"paying.loan.amount": 2_000, "paying.loan.apr": "10%", "paying.loan.months": 12}
    )
    assert found.plans == ()


def test_a_budget_changes_no_amount_and_is_in_the_json_and_on_the_handout_where_it_was_said() -> None:
    without, known = asked(), asked(most_a_month="1,000")
    answers = [as_dict(found) for found in (without, known)]
    assert "budget" not in answers[0]
    told = answers[1].pop("budget")
    assert json.dumps(answers[0]["totals"]) == json.dumps(answers[1]["totals"])
    assert answers[0]["months"] == answers[1]["months"]
    assert (told["amount"], told["visits"], told["above"]) == (
        "1000.00",
        2,
        [{"month": "2026-12", "amount": "3000.00"}],
    )
    assert "You can pay $1,000 a month. 1 month costs more." in handout(known)
    assert "Usted puede pagar $1,000 al mes. 1 mes cuesta más." in handout(known, "es")
    enough = asked(most_a_month="100,000")
    assert "You can pay $100,000 a month. No month costs more." in handout(enough)
    assert "Usted puede pagar $100,000 al mes. Ningún mes cuesta más." in handout(enough, "es")
    assert "a month" not in handout(without)
    assert known.scenario.dormant == ()  # type: ignore[attr-defined]


def test_the_months_above_it_are_marked_in_the_chart_and_in_the_table() -> None:
    found = asked(most_a_month="1,000")
    html = money_calendar(found)
    assert "$1,000 pays for 2 visits at $500 a visit." in html
    assert "Above $1,000" in html
    assert "you can pay $1,000 a month" in html
    dated = replace(found.calendar, most_a_month=100_000)
    over = {row[0]: row[-1] for row in statement(dated).rows}
    assert over[date(2026, 12, 1)] == 200_000
    assert sum(over.values()) == 200_000
    assert "you can pay" not in chart_svg(found.calendar)
    assert "Above" not in money_calendar(asked())


def test_another_start_is_told_by_its_costliest_month() -> None:
    """From Nov 30 the six infusions are all in December; started in a month of its own, the evaluation joins them: $3,288."""
    found = asked(most_a_month="1,000")
    possible = starts(found.scenario)
    amounts = [start.dearest_month.cents for start in possible if start.dearest_month]
    least = min(amounts)
    assert within_a_month(possible, max(amounts)) == "Whenever you start, no month costs more than $3,288."
    assert f"The lowest is ${round(least / 1_000) * 10:,}" in within_a_month(possible, least - 1)
    assert "if you start on" in within_a_month(possible, least)
    assert within_a_month(possible, 100_000) in when_to_start(found)
    assert within_a_month(possible, 100_000) in money_calendar(found)
    assert "you start on" not in money_calendar(asked(most_a_month="100,000"))
