"""Random whole scenarios: a course and its prices, a plan, a path, accounts, help and loans, meeting in odd ways.

`random_scenario(Random(seed))` is the same scenario at every run. Plans and used amounts come from `strategies`.
"""

from __future__ import annotations

import os
from datetime import date, timedelta
from random import Random

import strategies

from ketacost.accounts.loans import Loan, Paying
from ketacost.core.money import Points
from ketacost.estimate.scenario import Coverage, Scenario
from ketacost.model.accumulators import Used
from ketacost.model.courses import WEEKDAYS, Course, Package, Pause, Prices
from ketacost.model.coverage import STEPS, DecisionPath
from ketacost.model.payers import payers
from ketacost.model.plans import Network
from ketacost.model.protocols import protocol, protocols
from ketacost.taxes.households import NOTHING, Contribution, Household

MANY = int(os.environ.get("KETACOST_SCENARIOS", "1000"))
"""How many the longest test tries; others try a part of that. Set it to 10,000 and more on a quiet machine."""

COVERAGES: tuple[Coverage, ...] = (
    "denied",
    "visits only",
    "visits only",
    "infusions too",
    "infusions too",
    "everything",
)
HOUSEHOLDS = tuple(
    Household(year, state, "single", wages, age)
    for year in (2026, 2027)
    for state, wages, age in (("TX", 6_000_000, 40), ("CA", 18_000_000, 58), ("OH", 2_100_000, 33), ("AL", 900_000, 70))
)
"""Few households, so that their taxes are figured once; one earns so little that little tax can be saved."""

PUT_IN = (
    *(Contribution(health_fsa=cents) for cents in (1, 120_001, 340_000)),
    *(Contribution(payroll_hsa=cents) for cents in (99, 250_000, 440_000)),
    *(Contribution(direct_hsa=cents) for cents in (33_333, 400_000)),
    Contribution(payroll_hsa=100_000, direct_hsa=150_001),
    Contribution(payroll_hsa=70_007, direct_hsa=30_000, health_fsa=90_001),
    Contribution(health_fsa=50_000, direct_hsa=1),
)


def random_scenario(r: Random) -> Scenario:
    """One whole scenario of any shape that can be."""
    plan = strategies.plan(r)
    course = random_course(r)
    payer = r.choice(("", "", *payers()))
    paths = random_path(r) if payer and r.random() < 0.7 else None
    home = r.choice((None, *HOUSEHOLDS))
    return Scenario(
        course=course,
        prices=random_prices(r, course),
        plan=plan,
        network=r.choice(tuple(plan.networks)),
        coverage=r.choice(COVERAGES),
        used=strategies.used(r, plan, course.start) if r.random() < 0.4 else Used(),
        waived=r.random() < 0.2,
        payer=payer,
        path=paths,
        covered_until=course.start + timedelta(days=r.randint(0, 200)) if r.random() < 0.15 else None,
        household=home,
        contribution=r.choice((NOTHING, *PUT_IN)) if home or r.random() < 0.1 else NOTHING,
        paying=random_paying(r),
    )


def random_course(r: Random) -> Course:
    """A course of few visits, which may stop early, pause, or have appointments of its own."""
    name = r.choice(tuple(protocols()))
    start = date(2026, 1, 5) + timedelta(days=r.randint(0, 600))
    visits = {phase.name: min(phase.visits, r.randint(0, 5)) for phase in protocol(name).phases}
    if not any(visits.values()):
        visits[next(iter(visits))] = 1
    dates = (start, start + timedelta(days=r.randint(1, 40))) if r.random() < 0.1 else ()
    return Course(
        name,
        start,
        visits,
        stop_after=r.randint(1, 8) if r.random() < 0.3 else None,
        pauses=(Pause(start + timedelta(days=r.randint(0, 60)), r.randint(1, 90)),) if r.random() < 0.15 else (),
        works=WEEKDAYS if r.random() < 0.3 else WEEKDAYS[:5],
        dates=dates,
    )


def random_prices(r: Random, course: Course) -> Prices:
    """Charges of any size, some of them nothing; packages of one or two sizes, refundable or not."""
    services = {
        name for phase in protocol(course.protocol).phases for name, _ in (*phase.first_visit, *sum(phase.services, ()))
    }
    charges = {name: r.choice((0, 1, 4_999, 20_000, 55_000, r.randint(0, 90_000))) for name in sorted(services)}
    bundled = protocol(course.protocol).bundled if r.random() < 0.6 else ()
    charges = {name: charge for name, charge in charges.items() if name not in bundled}
    packages = []
    for _ in range(r.choice((0, 0, 0, 1, 1, 2))):
        of = r.choice(sorted(charges) or ["infusion"])
        packages.append(
            Package(of, r.randint(1, 7), r.choice((0, 1, 100_000, r.randint(0, 300_000))), r.random() < 0.6)
        )
    discounts = {name: r.choice((500, 3_333)) for name in charges if r.random() < 0.1}
    return Prices(charges, bundled, tuple(packages), discounts, r.choice((0, 0, 0, 12_900)))


def random_path(r: Random) -> DecisionPath:
    """A path of any steps, whose costs and chances are any."""
    infusions = r.choice((0, 100, 5_000, 10_000, r.randint(0, 10_000)))
    costs = {name: r.choice((1, 2_500, 50_000)) for name in STEPS if r.random() < 0.5}
    return DecisionPath(
        Points(infusions),
        Points(r.randint(0, 10_000 - infusions)),
        Points(r.randint(0, 10_000)),
        Points(r.randint(0, 10_000)),
        r.random() < 0.4,
        r.random() < 0.7,
        r.random() < 0.5,
        r.random() < 0.1,
        costs,
        date(2026, 11, 2 + len(costs)) if "claim" in costs else None,
    )


def random_paying(r: Random) -> Paying:
    """Help, deposits and loans from nothing to far more than anything costs."""
    cents = (0, 0, 1, 15_000, 99_999, 2_000_000)
    loan = Loan(r.choice((0, 50_001, 300_000)), r.choice((0, 999, 3_299)), r.choice((1, 7, 24)), r.choice((0, 3_500)))
    return Paying(
        assistance=r.choice(cents),
        rebate=r.choice(cents),
        rebate_days=r.choice((0, 60)),
        deposit=r.choice(cents),
        deposit_days=r.choice((0, 14)),
        loan=loan if r.random() < 0.25 else None,
        pay_days=r.choice((12, 24, 26, 52)),
        superbills_every=r.choice((0, 1, 30, 90)),
        filing_fee=r.choice((0, 0, 500, 3_333)),
        assistance_counts=r.choice(("counts", "does not count")),
        hra=r.choice(cents),
        hra_after=r.choice((0, 50_000)),
        hra_share=r.choice((10_000, 5_000)),
    )


def patient_pays_first(scenario: Scenario) -> bool:
    """Whether the clinic's side of the plan is one where the patient pays the whole charge and waits."""
    side = scenario.plan.networks[scenario.network]
    return not isinstance(side, Network) or side.balance_bill == "owed"
