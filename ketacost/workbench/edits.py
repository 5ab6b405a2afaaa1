"""How a scenario changes when a counselor moves something: a new treatment brings its prices, a new plan its terms.

No rule lives here. A change that cannot be raises an error that says the way out, and the scenario stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from ketacost.accounts.loans import Call, Loan
from ketacost.analysis.questions import question_ids
from ketacost.core.convert import hint_at, put
from ketacost.core.fields import KetacostError
from ketacost.core.money import WHOLE, multiple, part_of, share, usd
from ketacost.core.references import rows
from ketacost.estimate.outlook import path_of
from ketacost.estimate.scenario import Scenario, network_of, priced
from ketacost.estimate.unknowns import FAMILY_KINDS, GATE, default_range
from ketacost.model.courses import Course, Package, typical_prices, visits
from ketacost.model.fee_schedule import years
from ketacost.model.payers import OUTCOMES
from ketacost.model.plans import NO_BENEFIT, NOT_STATED, Benefit, Network, Plan, plan
from ketacost.model.pricing import MEDICARE, SHARE_OF_CHARGE, USUAL_CHARGES, Pricing
from ketacost.model.protocols import protocol
from ketacost.privacy.identifiers import check_text, refuse
from ketacost.taxes.households import NOTHING, Household

START_WAGES, START_AGE = 60_000_00, 40
"""Where the form starts before anything is known of the household; it says so until a wage is entered."""


def with_household(scenario: Scenario, name: str, value: Any) -> Scenario:
    """A household begins with its state; a joint return brings a spouse of the same age, any other takes them away."""
    home = scenario.household
    if name == "state" and not value:
        return scenario.replace(household=None, contribution=NOTHING)
    if home is None:
        if name != "state":
            raise KetacostError("choose the state first")
        begun = Household(scenario.course.start.year, str(value), "single", START_WAGES, START_AGE)
        return scenario.replace(household=begun)
    if name == "filing_status":
        joint = value == "married_joint"
        spouse = {"spouse_age": home.age if joint else None, "spouse_wages": home.spouse_wages if joint else 0}
        return scenario.replace(household=home.replace(filing_status=str(value), **spouse))
    return put(scenario, f"household.{name}", value)


def with_package(scenario: Scenario, main: str, name: str, value: Any) -> Scenario:
    """A package of the main service appears with its number of visits, at their charges until its price is entered."""
    old = next((p for p in scenario.prices.packages if p.service == main), None)
    others = tuple(p for p in scenario.prices.packages if p.service != main)
    if name == "count":
        count = int(value or 0)
        price = scenario.prices.charges[main] * count
        return scenario.replace(
            prices=scenario.prices.replace(packages=(*others, Package(main, count, price)) if count else others)
        )
    if old is None:
        raise KetacostError("give the number of visits in the package first")
    return scenario.replace(
        prices=scenario.prices.replace(packages=(*others, replace(old, price=usd(value, what="the package price"))))
    )


def with_loan(scenario: Scenario, name: str, value: Any) -> Scenario:
    """A loan appears with its amount, at a year and no interest until the rate is entered, and goes with it."""
    amount = usd(value, what="what is borrowed") if name == "amount" else 0
    if name == "amount" and not amount:
        return scenario.replace(paying=scenario.paying.replace(loan=None))
    if scenario.paying.loan is None:
        return scenario.replace(paying=scenario.paying.replace(loan=Loan(amount, 0, 12)))
    return put(scenario, f"paying.loan.{name}", value)


def change(scenario: Scenario, path: str, value: Any) -> Scenario:
    """The scenario with one control moved. Raises KetacostError with the way out where that cannot be."""
    if (path, value) in (("course.protocol", scenario.course.protocol), ("network", scenario.network)):
        return scenario  # what stands there already brings nothing new
    if path == "published_plan":
        return _with_plan(scenario, str(value))
    if path == "course.protocol":
        return _with_protocol(scenario, str(value))
    if path == "network":
        return with_typical_allowed(
            scenario.replace(network=str(value), ranges=_without(scenario.ranges, "plan.networks.", "used."))
        )
    if path == "pricing":
        return _with_pricing(scenario, str(value))
    if path.startswith("household."):
        return with_household(scenario, path.removeprefix("household."), value)
    if path == "gate":
        return _with_gate(scenario, str(value))
    if path.startswith("unknown:"):
        return _with_unknown(scenario, path.removeprefix("unknown:"), bool(value))
    if path == "plan.family" and value in (True, "true"):
        return _with_family(scenario)
    if path == "used.as_of" and not value:
        return scenario.replace(used=type(scenario.used)())
    if path.startswith("used.") and path != "used.as_of" and scenario.used.as_of is None:
        scenario = put(scenario, "used.as_of", scenario.course.start)
    if path == "payer":
        return _likeliest(scenario.replace(payer=str(value), path=None))
    if path in ("path.infusions", "path.visits"):
        return _likeliest(put(scenario.replace(path=path_of(scenario)[0]), path, value))
    if path.startswith("path.") and scenario.path is None:
        scenario = scenario.replace(path=path_of(scenario)[0])
    if path.startswith("paying.loan."):
        return with_loan(scenario, path.removeprefix("paying.loan."), value)
    if path.startswith("package."):
        return with_package(scenario, main_service(scenario), path.removeprefix("package."), value)
    known = scenario.replace(ranges={k: v for k, v in scenario.ranges.items() if k != path})
    return _used_again(scenario, put(known, path, "none" if value in ("", None) else value))


def with_typical_allowed(scenario: Scenario) -> Scenario:
    """The scenario with typical allowed amounts where it has none; a filled-in main service becomes a range."""
    filled, path = priced(scenario), allowed_path(scenario, main_service(scenario))
    main = network_of(scenario)
    new = filled != scenario and main is not None and main_service(scenario) not in main.allowed
    return _with_unknown(filled, path, True) if new and spread_of(filled, path) else filled


def start_with(name: str = "iv-mood", *, start: date, published: str = "nextgen-2026-750") -> Scenario:
    """A scenario to start from: a protocol at typical prices, a published plan, unknowns as ranges."""
    first = Scenario(
        Course(name, start),
        typical_prices(name),
        plan(published),
        _side_to_start(plan(published)),
        published_plan=published,
    )
    scenario = with_typical_allowed(first)
    return _with_unknown(_with_unknown(scenario, f"prices.charges.{main_service(scenario)}", True), "coverage", True)


def main_service(scenario: Scenario) -> str:
    """The service that the course is about: the last one priced in its protocol."""
    return list(protocol(scenario.course.protocol).price_groups)[-1]


def allowed_path(scenario: Scenario, name: str) -> str:
    return f"plan.networks.{scenario.network}.allowed.{name}"


def spread_of(scenario: Scenario, path: str) -> tuple[str, ...]:
    """The values to look at when an entry is not known, lowest first; empty where we know no range for it."""
    return default_range(scenario, path).values


def _with_unknown(scenario: Scenario, path: str, unknown: bool) -> Scenario:
    """An entry marked as not known, with its sourced range; or known again, as it stands."""
    ranges = {k: v for k, v in scenario.ranges.items() if k != path}
    odds = {k: v for k, v in scenario.odds.items() if k != path}
    if unknown:
        spread = spread_of(scenario, path)
        if not spread:
            raise KetacostError(f"there is no sourced range for {path}; type the value, or ask for it")
        ranges[path] = spread
        if path.startswith("used.") and scenario.used.as_of is None:
            scenario = put(scenario, "used.as_of", scenario.course.start)
        if path.startswith("path.") and scenario.path is None:
            scenario = scenario.replace(path=path_of(scenario)[0])
    return scenario.replace(ranges=ranges, odds=odds)


def _used_again(before: Scenario, after: Scenario) -> Scenario:
    """What may have been used of a deductible or limit reaches as far as that does, where it is not known."""
    used = [
        path for path, values in after.ranges.items() if path.startswith("used.") and values == spread_of(before, path)
    ]
    fresh = {path: values for path in used if (values := spread_of(after, path))}
    kept = {path: values for path, values in after.ranges.items() if path not in used}
    return after.replace(ranges={**kept, **fresh}) if used else after


def _with_protocol(scenario: Scenario, name: str) -> Scenario:
    unknown_prices = any(path.startswith("prices.") for path in scenario.ranges)
    scenario = scenario.replace(
        course=Course(name, scenario.course.start),
        prices=typical_prices(name),
        ranges=_without(scenario.ranges, "prices.", "course.", "plan.networks."),
    )
    scenario = with_typical_allowed(scenario)
    return _with_unknown(scenario, f"prices.charges.{main_service(scenario)}", True) if unknown_prices else scenario


def _with_plan(scenario: Scenario, name: str) -> Scenario:
    chosen = plan(name)
    usable = usable_networks(chosen)
    network = scenario.network if scenario.network in usable else _side_to_start(chosen)
    fresh = scenario.replace(
        plan=chosen,
        published_plan=name,
        network=network,
        used=type(scenario.used)(),
        ranges=_without(scenario.ranges, "plan.", "used."),
    )
    return with_typical_allowed(fresh)


def usable_networks(chosen: Plan) -> tuple[str, ...]:
    """The networks of a plan that state what a ketamine bill needs; one without a benefit needs nothing."""
    return tuple(
        name for name, side in chosen.networks.items() if isinstance(side, str) or _states_enough(chosen, side)
    )


def _states_enough(chosen: Plan, side: Network) -> bool:
    lines = ("specialist", "outpatient_infusion", "drug", "mental_health_visit")
    return not chosen.network_gaps(side) and not any(side.benefit(line)[0].gaps() for line in lines)


def _side_to_start(chosen: Plan) -> str:
    usable = usable_networks(chosen) or tuple(chosen.networks)
    return "out" if "out" in usable else usable[0]


def _likeliest(scenario: Scenario) -> Scenario:
    """What the plan is taken to cover is what the odds make likeliest, so that "most likely" means it."""
    if not scenario.payer:
        return scenario
    path, _ = path_of(scenario)
    odds = dict(zip(OUTCOMES, (WHOLE - path.infusions - path.visits, path.visits, path.infusions), strict=True))
    return scenario.replace(coverage=max(odds, key=lambda answer: odds[answer]))


def _with_pricing(scenario: Scenario, method: str) -> Scenario:
    """The plan prices by another method, with that method's usual inputs; what was typed in for it goes."""
    side = network_of(scenario)
    if side is None:
        raise KetacostError("the plan pays nothing in this network, so it prices nothing")
    charges = scenario.prices.charges
    kept = {name: amount for name, amount in side.allowed.items() if name not in charges}
    last = visits(scenario.course)[-1].date.year
    pricing = {
        SHARE_OF_CHARGE: Pricing(method, share=share(_example("O003"))),
        USUAL_CHARGES: Pricing(method, share=share(_example("O003")), usual=charges),
        MEDICARE: Pricing(
            method, multiple=multiple(_example("O004")), medicare_year=years()[-1] if last > years()[-1] else None
        ),
    }
    new = side.replace(allowed=kept, pricing=None if method == "typed" else pricing.get(method, Pricing(method)))
    changed = scenario.plan.replace(networks={**scenario.plan.networks, scenario.network: new})
    at = f"plan.networks.{scenario.network}"
    return with_typical_allowed(
        scenario.replace(plan=changed, ranges=_without(scenario.ranges, f"{at}.allowed", f"{at}.pricing"))
    )


def _example(id: str) -> str:
    """Where a method starts: FAIR Health's examples of a cap at area charges (O003) and at Medicare (O004)."""
    return next(row["value"] for row in rows("reimbursement") if row["id"] == id)


def _with_family(scenario: Scenario) -> Scenario:
    """Family coverage; what the plan does not state of how its family amounts work is looked at both ways."""
    for name in ("deductible_kind", "limit_kind"):
        if getattr(scenario.plan, name) == NOT_STATED:
            scenario = _with_unknown(put(scenario, f"plan.{name}", FAMILY_KINDS[0]), f"plan.{name}", True)
    return put(scenario, "plan.family", True)


def _with_gate(scenario: Scenario, value: str) -> Scenario:
    networks = scenario.plan.networks
    if value == "no":
        fewer = _without(scenario.ranges, "plan.networks.out")
        return scenario.replace(plan=scenario.plan.replace(networks={**networks, "out": NO_BENEFIT}), ranges=fewer)
    if network_of(scenario) is None:
        scenario = with_typical_allowed(
            scenario.replace(plan=scenario.plan.replace(networks={**networks, "out": _out_side(scenario)}))
        )
    return _with_unknown(scenario, GATE, value == "don't know")


def _out_side(scenario: Scenario) -> Network:
    """The published plan's own out-of-network side, or an assumed one: typical multiples of the in-network side."""
    published = plan(scenario.published_plan).networks.get("out") if scenario.published_plan else None
    if isinstance(published, Network):
        return published
    inside = next((side for side in scenario.plan.networks.values() if isinstance(side, Network)), None)
    deductible = inside.deductible if inside and isinstance(inside.deductible, int) else 0
    times, part, limit = (
        _assumed(name)
        for name in (
            "OON deductible multiple of in-network deductible",
            "OON coinsurance paid by patient",
            "OON OOP maximum",
        )
    )
    return Network(
        part_of(deductible, multiple(times)),
        usd(limit),
        {"default": Benefit(coinsurance=share(part))},
        balance_bill="owed",
    )


def _assumed(name: str) -> str:
    return next(row["central"] for row in rows("assumptions") if row["name"] == name)


def _without(ranges: Mapping[str, tuple[str, ...]], *starts: str) -> dict[str, tuple[str, ...]]:
    return {path: values for path, values in ranges.items() if not path.startswith(starts)}


def log_call(scenario: Scenario, call: Call, value: Any = None) -> Scenario:
    """The scenario with a call in its log and, where a value was told, that entry set and no longer a range.

    Amounts used so far are as of the day of the call. Raises IdentifiersFound for a reference number or an answer that
    may tell who somebody is, UnknownName for an entry that there is not, and KetacostError for amounts told after the
    first visit: they may hold visits that are counted here again.
    """
    for where, text in (("reference number", call.reference), ("answer", call.answer), ("value", str(value or ""))):
        refuse(check_text(text, where=where))
    if call.about not in question_ids():
        hint_at(Scenario, call.about)
    if value is None:
        return scenario.replace(calls=(*scenario.calls, call))
    if call.about in question_ids():
        raise KetacostError(
            f"{call.about} is no entry that a value could go to; keep what was said as the call's answer"
        )
    kept = call if call.answer else replace(call, answer=str(value))
    changed = _told(scenario, call, value)
    return changed.replace(calls=(*scenario.calls, kept))


def _told(scenario: Scenario, call: Call, value: Any) -> Scenario:
    if call.about == GATE and isinstance(value, str):
        return change(scenario, "gate", "no" if value in ("no", "no benefit") else "yes")
    if not call.about.startswith("used.") or call.about == "used.as_of":
        return change(scenario, call.about, value)
    first = visits(scenario.course)[0].date
    if call.day > first:
        raise KetacostError(
            f"what was used was told on {call.day}, after the first visit of {first}, and may hold that visit already; "
            "ask for the amounts before the first visit, or let the course start with the next one"
        )
    if scenario.used.as_of is not None and scenario.used.as_of > call.day:
        raise KetacostError(
            f"the amounts stand as of {scenario.used.as_of}, later than the call of {call.day}: what is newer stays"
        )
    return put(change(scenario, call.about, value), "used.as_of", call.day)
