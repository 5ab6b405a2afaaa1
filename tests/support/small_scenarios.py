"""Small scenarios that are worked out by hand in more than one test."""

from __future__ import annotations

from datetime import date
from typing import Any

import ketacost as kc
from ketacost.accounts.loans import Paying
from ketacost.core import registry
from ketacost.core.convert import put
from ketacost.estimate.scenario import Scenario
from ketacost.model.courses import Course, Prices
from ketacost.model.coverage import DecisionPath
from ketacost.model.plans import Benefit, Network, Plan
from ketacost.taxes.households import Household

MONDAY = date(2026, 12, 7)


def four_visits(start: date = MONDAY, **plan: object) -> Scenario:
    """Four visits, a week apart, $500 each. The plan counts all of it: deductible $1,000, then 20%."""
    course = Course("iv-mood", start, {"evaluation": 0, "induction": 4, "maintenance": 0}, {"induction": 7})
    terms = {"deductible": 1_000, "coinsurance": "20%", "allowed": 500, **plan}
    return Scenario(
        course, Prices({"infusion": 50_000}, ("drug", "monitoring")), Plan.of(**terms), coverage="infusions too"
    )


ALLOWED = "plan.networks.out.allowed.infusion"


def small(**changes: Any) -> Scenario:
    """One evaluation of $250 and two infusions of $600: the plan counts $350, deductible $500, then 40% is yours."""
    plan = Plan.of(deductible=500, coinsurance="40%", allowed=350, name="Plan X", kind="a kind without odds")
    course = Course("iv-mood", date(2027, 1, 4), visits={"induction": 2, "maintenance": 0})
    scenario = Scenario(course, Prices({"evaluation": 25_000, "infusion": 60_000}, ("drug", "monitoring")), plan)
    scenario = put(scenario, ALLOWED, "350")
    return scenario.replace(**{"coverage": "infusions too", **changes})


TEXAN = Household(2026, "TX", "single", 6_000_000, 40)
"""Pays 12% federal income tax, 6.2% and 1.45% on the next dollar, and Texas takes nothing: 19.65%."""


def infusions(*days: str, charge: int = 60_000, **changes: Any) -> Scenario:
    """Infusions on some days, out of network: the plan allows $350, $300 is the deductible and 40% the patient's share."""
    dates = tuple(map(date.fromisoformat, days))
    course = kc.Course("iv-mood", dates[0], {"evaluation": 0, "induction": len(dates), "maintenance": 0}, dates=dates)
    prices = Prices({"infusion": charge}, ("drug", "monitoring"))
    plan = Plan.of(deductible=300, coinsurance="40%", allowed=350)
    plain = Scenario(course, prices, plan, coverage="infusions too")
    return plain.replace(**changes)


APPEAL = DecisionPath(0, 10_000, internal=10_000, appeal=True, step_costs={"claim": 500, "internal_appeal": 2_500})


def appealed(network: Network) -> Scenario:
    """An evaluation at $300 that the plan covers, and infusions at $600 that it covers after an appeal.

    The claim of 2 March is decided after 30 days and the appeal after 60 more, on 31 May; what it turns around is paid 42
    days later, on 12 July.
    """
    days = tuple(map(date.fromisoformat, ("2026-03-02", "2026-03-09", "2026-07-06")))
    course = kc.Course("iv-mood", days[0], {"induction": 2, "maintenance": 0}, dates=days)
    prices = Prices({"evaluation": 30_000, "infusion": 60_000}, ("drug", "monitoring"))
    plan = Plan({"side": network})
    return Scenario(
        course, prices, plan, "side", "infusions too",
        payer="employer-self-funded", path=APPEAL, paying=Paying(superbills_every=0),
    )  # fmt: skip


def side(**changes: Any) -> Network:
    """A side of a plan that pays 60% of at most $350 from the first dollar."""
    terms = {"default": Benefit(coinsurance=4_000)}
    return Network(deductible=0, benefits=terms, allowed={"default": 35_000}, balance_bill="owed").replace(**changes)


def forget_results() -> None:
    """Have every result worked out anew, as after a registry changed."""
    registry._changes += 1
