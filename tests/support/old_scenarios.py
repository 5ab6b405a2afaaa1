"""Random scenarios as files of before intakes held them: complete, with ranges of the entries that were not known.

`old_scenario(Random(seed))` is the same scenario at every run.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from random_scenarios import random_course, random_path, random_paying, random_prices, random_scenario

from ketacost.core.fields import KetacostError
from ketacost.estimate.answer import run
from ketacost.estimate.scenario import AS_IT_IS, Scenario, priced
from ketacost.model.accumulators import Amounts, Used
from ketacost.model.courses import typical_prices
from ketacost.model.payers import payers
from ketacost.model.plans import NO_BENEFIT, published_plan, published_plans

ANSWERS = ("denied", "visits only", "infusions too")


def old_scenario(r: Random) -> Scenario:
    """One scenario that can be worked out: half of them of a published plan, half of any plan that can be."""
    while True:
        scenario = of_a_published_plan(r) if r.random() < 0.5 else random_scenario(r)
        scenario = with_ranges(r, scenario)
        try:
            run(scenario)
        except KetacostError:
            continue
        return scenario


def of_a_published_plan(r: Random) -> Scenario:
    """A published plan, a treatment at its typical prices or others, and typical allowed amounts."""
    name = r.choice(published_plans())
    plan = published_plan(name).plan
    course = random_course(r)
    network = r.choice(tuple(plan.networks))
    payer = r.choice(("", *payers()))
    scenario = Scenario(
        course=course,
        prices=typical_prices(course.protocol) if r.random() < 0.6 else random_prices(r, course),
        plan=plan,
        network=network,
        coverage=r.choice((*ANSWERS, "visits only")),
        payer=payer,
        path=random_path(r) if payer and r.random() < 0.3 else None,
        published_plan=name,
        covered_until=course.start + timedelta(days=r.randint(0, 300)) if r.random() < 0.1 else None,
    )
    scenario = priced(scenario)
    if r.random() < 0.3 and not isinstance(plan.networks[network], str):
        so_far = {"patient": {network: Amounts(r.choice((0, 10_000, 60_000)))}}
        scenario = scenario.replace(used=Used(as_of=course.start - timedelta(days=r.randint(0, 20)), members=so_far))
    if r.random() < 0.2:
        scenario = scenario.replace(paying=random_paying(r))
    return scenario


def with_ranges(r: Random, scenario: Scenario) -> Scenario:
    """Up to four entries that are not known: values around the entry, values with odds, shapes."""
    at = f"plan.networks.{scenario.network}"
    side = scenario.plan.networks[scenario.network]
    ranges, odds, shapes = dict[str, tuple[str, ...]](), dict[str, tuple[int, ...]](), dict[str, str]()
    if r.random() < 0.6:
        ranges["coverage"] = r.choice((ANSWERS, ANSWERS, ("denied", "infusions too"), ("visits only", "infusions too")))
        if r.random() < 0.2:
            odds["coverage"] = (
                r.choice(((2_000, 8_000), (9_900, 100))) if len(ranges["coverage"]) == 2 else (5_000, 3_000, 2_000)
            )
    if scenario.prices.charges and r.random() < 0.5:
        name = r.choice(sorted(scenario.prices.charges))
        charge = scenario.prices.charges[name] // 100
        ranges[f"prices.charges.{name}"] = (str(charge // 2), str(charge + r.choice((1, 100, 250))))
        if r.random() < 0.4:
            shapes[f"prices.charges.{name}"] = "uniform"
    if not isinstance(side, str):
        if side.allowed and r.random() < 0.5:
            name = r.choice(sorted(side.allowed))
            if name != "default":
                counted = side.allowed[name] // 100
                ranges[f"{at}.allowed.{name}"] = (str(counted // 3), str(counted), str(counted + 90))
        if isinstance(side.deductible, int) and r.random() < 0.3:
            ranges[f"{at}.deductible"] = ("0", str(side.deductible // 100 + 500))
        if scenario.network == "out" and r.random() < 0.2:
            ranges["plan.networks.out"] = (AS_IT_IS, NO_BENEFIT)
    if r.random() < 0.1:
        ranges["waived"] = ("true", "false")
    if r.random() < 0.1:
        ranges["plan.plan_year_starts"] = ("1", "7")
    return scenario.replace(ranges=ranges, odds=odds, shapes=shapes)


def day_of(scenario: Scenario) -> date:
    """The day that an old file is opened as of."""
    return scenario.course.start - timedelta(days=3)
