"""What a counselor can change, and how a change is made: the controls of the Explorer, bound to entries of a scenario.

No rule lives here: a control is a path into the scenario, its words come from the model, and a change is `put`.
"""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterator
from typing import Any

from ketacost.core.fields import words
from ketacost.core.money import shown
from ketacost.estimate.default_ranges import FAMILY_KINDS, GATE
from ketacost.estimate.scenario import Scenario, side_of
from ketacost.model.courses import Course, typical_prices
from ketacost.model.plans import Benefit, Network, Plan
from ketacost.model.protocols import protocol, protocols, service
from ketacost.model.published import published_plan, published_plans
from ketacost.workbench.allowed_form import allowed_controls
from ketacost.workbench.controls import asked, can_range, control, hint, money, most, percent, plainly
from ketacost.workbench.coverage_form import coverage_controls
from ketacost.workbench.edits import main_service, spread_of, usable_sides
from ketacost.workbench.help_form import help_controls, help_summary
from ketacost.workbench.summaries import (
    NETWORKS,
    allowed_summary,
    benefit_summary,
    charges_summary,
    coverage_summary,
    treatment_summary,
)

MONTHS = tuple(month_name)[1:]


def form(scenario: Scenario) -> list[dict[str, Any]]:
    """The steps of the form with their controls, as plain data for any front end: labels, values, units, ranges, hints."""
    return [
        {
            "id": "treatment",
            "title": "Which treatment, how many visits?",
            "summary": treatment_summary(scenario),
            "controls": list(_course(scenario)),
        },
        {
            "id": "prices",
            "title": "What does the clinic charge?",
            "summary": charges_summary(scenario),
            "controls": list(_prices(scenario)),
        },
        {
            "id": "plan",
            "title": "What does the plan say?",
            "summary": benefit_summary(scenario),
            "controls": list(_plan(scenario)),
        },
        {
            "id": "allowed",
            "title": "What will the plan count?",
            "summary": allowed_summary(scenario),
            "controls": list(allowed_controls(scenario)),
        },
        {
            "id": "coverage",
            "title": "Will it be covered?",
            "summary": coverage_summary(scenario),
            "controls": list(coverage_controls(scenario)),
        },
        {
            "id": "help",
            "title": "Help: HSA, FSA and taxes",
            "summary": help_summary(scenario),
            "controls": list(help_controls(scenario)),
        },
    ]


def _course(scenario: Scenario) -> Iterator[dict[str, Any]]:
    label = words(Course)
    options = [[name, p.label] for name, p in protocols().items()]
    yield control(
        "course.protocol", "Treatment", "choice", scenario.course.protocol, options=options, help=label["protocol"][1]
    )
    yield control("course.start", label["start"][0], "date", scenario.course.start.isoformat(), help=label["start"][1])
    for phase in protocol(scenario.course.protocol).phases:
        number = scenario.course.visits.get(phase.name, phase.visits)
        yield control(
            f"course.visits.{phase.name}",
            f"Visits: {phase.name}",
            "int",
            number,
            min=0,
            max=max(60, number),
            slider=phase.visits != 1,
            **asked(scenario, f"course.visits.{phase.name}"),
        )
        if phase.every_days > 1:
            days = scenario.course.every_days.get(phase.name, phase.every_days)
            yield control(
                f"course.every_days.{phase.name}",
                f"Days apart: {phase.name}",
                "int",
                days,
                min=1,
                max=max(120, days),
                unit="days",
            )
    stop = scenario.course.stop_after
    yield control(
        "course.stop_after",
        "Stops early after (visits)",
        "int",
        "" if stop is None else stop,
        min=1,
        max=120,
        optional=True,
        help=label["stop_after"][1],
    )


def _prices(scenario: Scenario) -> Iterator[dict[str, Any]]:
    typical = typical_prices(scenario.course.protocol)
    for name, amount in scenario.prices.charges.items():
        likely = typical.charges.get(name)
        spread = spread_of(scenario, f"prices.charges.{name}")
        told = f"Typical {shown(likely)}, not from this clinic" if amount == likely else "As entered"
        top = max(2_000, amount // 100 * 2)
        yield control(
            f"prices.charges.{name}",
            service(name).label,
            "money",
            plainly(amount),
            min=0,
            max=top,
            step=25,
            unknown=can_range(spread, scenario, f"prices.charges.{name}"),
            hint=hint(told, spread, scenario, f"prices.charges.{name}"),
        )
    if scenario.prices.bundled:
        included = ", ".join(service(name).label.lower() for name in scenario.prices.bundled)
        yield control("", "Included in those charges", "note", included)
    main = main_service(scenario)
    package = next((p for p in scenario.prices.packages if p.service == main), None)
    yield control(
        "package.count",
        f"Package of {service(main).label.lower()}s (visits)",
        "int",
        package.count if package else 0,
        min=0,
        max=40,
    )
    if package:
        yield control(
            "package.price",
            "Package price",
            "money",
            plainly(package.price),
            min=0,
            max=max(10_000, package.price // 50),
            step=50,
        )


def _plan(scenario: Scenario) -> Iterator[dict[str, Any]]:
    options = [
        [
            name,
            f"{published_plan(name).plan.name} ({published_plan(name).plan_year.split(' (')[0]})",
            published_plan(name).plan.kind,
        ]
        for name in published_plans()
        if usable_sides(published_plan(name).plan)
    ]
    yield control(
        "published_plan",
        "Start from a published plan",
        "choice",
        scenario.published_plan,
        options=sorted(options, key=lambda o: (o[2], o[1])),
    )
    sides = [[name, NETWORKS.get(name, name.replace("_", " ").capitalize())] for name in scenario.plan.networks]
    yield control("network", "The clinic is", "choice", scenario.network, options=sides)
    if scenario.network == "out":
        gate = "no" if side_of(scenario) is None else "don't know" if GATE in scenario.ranges else "yes"
        yield control(
            "gate",
            "Does the plan pay for care outside its network?",
            "choice",
            gate,
            options=[["no", "No, none at all"], ["yes", "Yes"], ["don't know", "I don't know"]],
        )
    side = side_of(scenario)
    if side is None:
        return
    at, label = f"plan.networks.{scenario.network}", words(Network)
    yield from money(scenario, f"{at}.deductible", label["deductible"], top=15_000, step=50)
    yield control(
        f"{at}.benefits.default.coinsurance",
        words(Benefit)["coinsurance"][0],
        "share",
        percent(scenario, f"{at}.benefits.default.coinsurance"),
        min=0,
        max=100,
        step=5,
        help=words(Benefit)["coinsurance"][1],
        **asked(scenario, f"{at}.benefits.default.coinsurance"),
    )
    yield from money(
        scenario, f"{at}.out_of_pocket_limit", label["out_of_pocket_limit"], top=30_000, step=100, optional=True
    )
    yield control(
        "plan.plan_year_starts",
        "Plan year starts in",
        "choice",
        str(scenario.plan.plan_year_starts),
        options=[[str(i + 1), m] for i, m in enumerate(MONTHS)],
        **_month(asked(scenario, "plan.plan_year_starts"), scenario),
    )
    if side.family_deductible is not None:
        yield control(
            "plan.family", words(Plan)["family"][0], "toggle", scenario.plan.family, help=words(Plan)["family"][1]
        )
    for name in ("deductible_kind", "limit_kind") if scenario.plan.family else ():
        path, told, kinds = f"plan.{name}", words(Plan)[name], [[kind, kind.capitalize()] for kind in FAMILY_KINDS]
        unknown = path in scenario.ranges
        yield control(
            path, told[0], "choice", getattr(scenario.plan, name), options=kinds, unknown=unknown, help=told[1]
        )
    used = scenario.used.members.get("patient", {}).get(scenario.network)
    amounts = f"used.members.patient.{scenario.network}"
    yield control(
        f"{amounts}.deductible",
        "Used of the deductible so far",
        "money",
        plainly(used.deductible) if used else "0",
        min=0,
        max=most(side.deductible),
        step=50,
        **asked(scenario, f"{amounts}.deductible"),
    )
    yield control(
        f"{amounts}.out_of_pocket",
        "Counted to the limit so far",
        "money",
        plainly(used.out_of_pocket) if used else "0",
        min=0,
        max=most(side.out_of_pocket_limit),
        step=50,
        **asked(scenario, f"{amounts}.out_of_pocket"),
    )
    yield control(
        "used.as_of",
        "As of (ask the insurer)",
        "date",
        scenario.used.as_of.isoformat() if scenario.used.as_of else "",
        optional=True,
    )


def _month(more: dict[str, Any], scenario: Scenario) -> dict[str, Any]:
    """Months by their names."""
    values = scenario.ranges.get("plan.plan_year_starts")
    return {**more, "hint": f"Looked at: {' or '.join(MONTHS[int(one) - 1] for one in values)}"} if values else more
