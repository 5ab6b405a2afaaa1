"""What a counselor can change, and how a change is made: the controls of the Explorer, bound to entries of a scenario.

No rule lives here: a control is a path into the scenario, its words come from the model, and a change is `put`.
"""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

from ketacost.accounts.loans import Loan, Paying
from ketacost.core.fields import descriptions
from ketacost.core.money import WHOLE, percent, shown
from ketacost.core.references import NotKnownOn, parameter
from ketacost.estimate.estimate import how_often
from ketacost.estimate.outlook import path_of
from ketacost.estimate.scenario import Scenario, network_of
from ketacost.estimate.unknowns import FAMILY_KINDS, GATE
from ketacost.model.allowed import METHODS, typical_allowed
from ketacost.model.courses import Course, typical_prices
from ketacost.model.coverage import DecisionPath
from ketacost.model.payers import payers
from ketacost.model.plans import Benefit, Network, Plan, published_plan, published_plans
from ketacost.model.pricing import MEDICARE, SCHEDULE, SHARE_OF_CHARGE, USUAL_CHARGES, Pricing
from ketacost.model.protocols import protocol, protocols, service
from ketacost.taxes.households import STATES, Contribution, Household
from ketacost.workbench.controls import (
    CARDS,
    NETWORKS,
    allowed_summary,
    asked,
    benefit_summary,
    can_range,
    charges_summary,
    control,
    coverage_summary,
    hint,
    money,
    most,
    percent_at,
    plainly,
    treatment_summary,
)
from ketacost.workbench.edits import START_WAGES, allowed_path, main_service, spread_of, usable_networks

SHOWN = {
    SHARE_OF_CHARGE: "A share of the charge",
    USUAL_CHARGES: "A share of usual charges near here",
    MEDICARE: "A multiple of Medicare",
}


def allowed_controls(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """The controls of the allowed amount: the method, and what that method needs."""
    side = network_of(scenario)
    if side is None:
        yield control("", "No benefit", "note", "The plan pays nothing in this network, so it counts nothing.")
        return
    method = "typed" if side.pricing is None else side.pricing.method
    yield control("pricing", descriptions(Pricing)["method"][0], "choice", method, options=_methods())
    if side.pricing is not None:
        yield from _pricing(scenario, side.pricing)
        return
    for name, charge in scenario.prices.charges.items():
        path = allowed_path(scenario, name)
        amount = side.allowed.get(name)
        spread = spread_of(scenario, path)
        advice = (
            "Ask the plan"
            if amount is None
            else "Assumed, not asked"
            if amount == typical_allowed().get(name)
            else "As entered"
        )
        value = "" if amount is None else plainly(amount)
        yield control(
            path,
            f"Allowed: {service(name).label.lower()}",
            "money",
            value,
            min=0,
            max=max(500, charge // 100, (amount or 0) // 100),
            step=10,
            optional=True,
            unknown=can_range(spread, scenario, path),
            hint=hint(advice, spread, scenario, path),
            charge=plainly(charge),
        )


def _methods() -> list[list[str]]:
    """The methods by name: what is typed in first, then ours, then those that someone has added."""
    added = [name for name in METHODS if name not in (*SHOWN, SCHEDULE)]
    return [
        ["typed", "Amounts typed in (the plan's schedule)"],
        *([name, SHOWN.get(name, name)] for name in (*SHOWN, *added)),
    ]


def _pricing(scenario: Scenario, pricing: Pricing) -> Iterator[dict[str, Any]]:
    at, label = f"plan.networks.{scenario.network}.pricing", descriptions(Pricing)
    if pricing.method in (SHARE_OF_CHARGE, USUAL_CHARGES):
        value = percent(pricing.share or 0).removesuffix("%")
        more = asked(scenario, f"{at}.share")
        yield control(
            f"{at}.share", label["share"][0], "share", value, min=0, max=100, step=5, help=label["share"][1], **more
        )
    if pricing.method == USUAL_CHARGES:
        for name, amount in pricing.usual.items():
            question = f"Usual charge: {service(name).label.lower()}"
            yield control(
                f"{at}.usual.{name}",
                question,
                "money",
                plainly(amount),
                min=0,
                max=2_000,
                step=25,
                help=label["usual"][1],
            )
    if pricing.method == MEDICARE:
        value = percent(pricing.multiple or 0).removesuffix("%")
        yield control(
            f"{at}.multiple",
            label["multiple"][0],
            "share",
            value,
            min=0,
            max=300,
            step=5,
            help=label["multiple"][1],
            **asked(scenario, f"{at}.multiple"),
        )
        yield control(f"{at}.zip", label["zip"][0], "text", pricing.zip, help=label["zip"][1])
        settings = [["non-facility", "A clinic"], ["facility", "A hospital"]]
        yield control(
            f"{at}.setting", label["setting"][0], "choice", pricing.setting, options=settings, help=label["setting"][1]
        )
    main = main_service(scenario)
    yield control("", "Now", "note", f"{pricing}, for {service(main).label.lower()} and everything else")


def coverage_controls(scenario: Scenario) -> Iterator[dict[str, Any]]:
    who = [["", "Not chosen"], *([name, payer.label] for name, payer in payers().items())]
    yield control(
        "payer",
        descriptions(Scenario)["payer"][0],
        "choice",
        scenario.payer,
        options=who,
        help=descriptions(Scenario)["payer"][1],
    )
    unknown = "coverage" in scenario.ranges
    hint = "All three are looked at" if unknown else ""
    cards = [[name, title, f"{text}{_how_often(scenario, name)}"] for name, title, text in CARDS]
    yield control(
        "coverage", "What the plan covers", "cards", scenario.coverage, options=cards, unknown=unknown, hint=hint
    )
    yield control(
        "waived",
        descriptions(Scenario)["waived"][0],
        "toggle",
        scenario.waived,
        help=descriptions(Scenario)["waived"][1],
    )
    if scenario.payer:
        yield from _path_controls(scenario, path_of(scenario)[0])


def _path_controls(scenario: Scenario, path: DecisionPath) -> Iterator[dict[str, Any]]:
    label = descriptions(DecisionPath)
    for name in ("infusions", "visits"):
        yield control(
            f"path.{name}",
            f"Chance: {label[name][0].lower()}",
            "share",
            _percent(path, name),
            min=0,
            max=100,
            step=1,
            help=label[name][1],
        )
    for name, chance in (("ask_first", ""), ("appeal", "internal"), ("review", "external")):
        yield control(f"path.{name}", label[name][0], "toggle", getattr(path, name), help=label[name][1])
        if chance and getattr(path, name):
            yield control(
                f"path.{chance}",
                label[chance][0],
                "share",
                _percent(path, chance),
                min=0,
                max=100,
                step=1,
                help=label[chance][1],
                **asked(scenario, f"path.{chance}"),
            )
    yield control("path.excluded", label["excluded"][0], "toggle", path.excluded, help=label["excluded"][1])


def _percent(path: DecisionPath, name: str) -> str:
    return f"{getattr(path, name) / 100:g}"


def _how_often(scenario: Scenario, outcome: str) -> str:
    if not scenario.payer:
        return ""
    path, _ = path_of(scenario)
    points = {"infusions too": path.infusions, "visits only": path.visits}
    chance = points.get(outcome, WHOLE - path.infusions - path.visits)
    return f" About {how_often(Fraction(chance, WHOLE))} with this payer."


FILING = {
    "single": "Single",
    "married_joint": "Married, filing jointly",
    "married_separate": "Married, filing separately",
    "head_of_household": "Head of household",
    "surviving_spouse": "Surviving spouse",
}


def help_controls(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """The controls of the help step: what others give and what is borrowed, the household's taxes, what it puts in."""
    yield from _paying(scenario)
    home, label = scenario.household, descriptions(Household)
    states = [["", "Not chosen"], *([state, state] for state in sorted(STATES))]
    yield control(
        "household.state",
        label["state"][0],
        "choice",
        home.state if home else "",
        options=states,
        help=label["state"][1],
    )
    if home is None:
        yield control(
            "", "Why", "note", "What an HSA or FSA saves depends on the state, the filing status and the wages."
        )
        return
    statuses = [[name, FILING[name]] for name in FILING]
    yield control("household.filing_status", label["filing_status"][0], "choice", home.filing_status, options=statuses)
    yield control(
        "household.wages",
        label["wages"][0],
        "money",
        plainly(home.wages),
        min=0,
        max=max(250_000, home.wages // 100),
        step=1_000,
        help=label["wages"][1],
        hint="Where the form starts, nobody's wages: enter your own" if home.wages == START_WAGES else "As entered",
    )
    yield control("household.age", label["age"][0], "int", home.age, min=18, max=100, slider=False)
    if home.spouse_age is not None:
        yield control(
            "household.spouse_wages",
            label["spouse_wages"][0],
            "money",
            plainly(home.spouse_wages),
            min=0,
            max=max(250_000, home.spouse_wages // 100),
            step=1_000,
        )
        yield control(
            "household.spouse_age", label["spouse_age"][0], "int", home.spouse_age, min=18, max=100, slider=False
        )
    put_in, words = scenario.contribution, descriptions(Contribution)
    for name, cap in (
        ("health_fsa", _most("fsa.contribution_limit", home)),
        ("payroll_hsa", _most("hsa.contribution_limit.family", home)),
        ("direct_hsa", _most("hsa.contribution_limit.family", home)),
    ):
        hint = f"At most ${cap:,} in {home.year}" if cap else "This year's limit was not found"
        amount = getattr(put_in, name)
        yield control(
            f"contribution.{name}",
            words[name][0],
            "money",
            plainly(amount),
            min=0,
            max=cap or 10_000,
            step=50,
            help=words[name][1],
            hint=hint,
        )


def _paying(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """What others give, what is paid ahead, what is borrowed, and how often the superbills go out."""
    paying, label, loan = scenario.paying, descriptions(Paying), scenario.paying.loan
    for name in ("assistance", "rebate", "deposit"):
        amount = getattr(paying, name)
        top = max(5_000, amount // 100)
        yield control(
            f"paying.{name}", label[name][0], "money", plainly(amount), min=0, max=top, step=50, help=label[name][1]
        )
    about = descriptions(Loan)
    borrowed = plainly(loan.amount) if loan else "0"
    yield control(
        "paying.loan.amount", "Borrowed", "money", borrowed, min=0, max=10_000, step=100, help=about["amount"][1]
    )
    if loan:
        rate = str(loan.apr / 100).removesuffix(".0")
        yield control("paying.loan.apr", "Rate of the loan (APR)", "share", rate, min=0, max=40, step=1)
        yield control("paying.loan.months", "Months to pay it back", "int", loan.months, min=1, max=84)
    days, sent = label["pay_days"], label["superbills_every"]
    options = [["12", "Every month"], ["24", "Twice a month"], ["26", "Every two weeks"], ["52", "Every week"]]
    yield control("paying.pay_days", "Paid", "choice", str(paying.pay_days), options=options, help=days[1])
    yield control("paying.superbills_every", sent[0], "int", paying.superbills_every, min=0, max=120, help=sent[1])


def help_summary(scenario: Scenario) -> str:
    """What the step stands at."""
    if scenario.household is None:
        amount = scenario.paying.assistance + scenario.paying.rebate
        return f"No household given{f'; ${amount // 100:,} from others' if amount else ''}"
    amount = scenario.contribution.amount
    return f"{scenario.household.state}, {FILING[scenario.household.filing_status].lower()}; ${amount // 100:,} put in"


def _most(name: str, home: Household) -> int:
    try:
        return parameter(name).on(date(home.year, 1, 1)) // 100
    except NotKnownOn:
        return 0


MONTHS = tuple(month_name)[1:]


def form(scenario: Scenario) -> list[dict[str, Any]]:
    """The steps of the form as plain data for any front end: labels, values, units, ranges, hints."""
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
    label = descriptions(Course)
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
        basis = f"Typical {shown(likely)}, not from this clinic" if amount == likely else "As entered"
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
            hint=hint(basis, spread, scenario, f"prices.charges.{name}"),
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
        if usable_networks(published_plan(name).plan)
    ]
    yield control(
        "published_plan",
        "Start from a published plan",
        "choice",
        scenario.published_plan,
        options=sorted(options, key=lambda o: (o[2], o[1])),
    )
    choices = [[name, NETWORKS.get(name, name.replace("_", " ").capitalize())] for name in scenario.plan.networks]
    yield control("network", "The clinic is", "choice", scenario.network, options=choices)
    if scenario.network == "out":
        gate = "no" if network_of(scenario) is None else "don't know" if GATE in scenario.ranges else "yes"
        yield control(
            "gate",
            "Does the plan pay for care outside its network?",
            "choice",
            gate,
            options=[["no", "No, none at all"], ["yes", "Yes"], ["don't know", "I don't know"]],
        )
    side = network_of(scenario)
    if side is None:
        return
    at, label = f"plan.networks.{scenario.network}", descriptions(Network)
    yield from money(scenario, f"{at}.deductible", label["deductible"], top=15_000, step=50)
    yield control(
        f"{at}.benefits.default.coinsurance",
        descriptions(Benefit)["coinsurance"][0],
        "share",
        percent_at(scenario, f"{at}.benefits.default.coinsurance"),
        min=0,
        max=100,
        step=5,
        help=descriptions(Benefit)["coinsurance"][1],
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
            "plan.family",
            descriptions(Plan)["family"][0],
            "toggle",
            scenario.plan.family,
            help=descriptions(Plan)["family"][1],
        )
    for name in ("deductible_kind", "limit_kind") if scenario.plan.family else ():
        path, told, kinds = (
            f"plan.{name}",
            descriptions(Plan)[name],
            [[kind, kind.capitalize()] for kind in FAMILY_KINDS],
        )
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
    return (
        {**more, "hint": f"Looked at: {' or '.join(MONTHS[int(number) - 1] for number in values)}"} if values else more
    )
