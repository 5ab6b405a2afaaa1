"""What each step of the form holds, in one line."""

from __future__ import annotations

from collections.abc import Callable

from ketacost.core.dates import us_day
from ketacost.core.money import brief, percent, usd
from ketacost.estimate.designs import terms_are_said
from ketacost.estimate.intake import Between, packages_text
from ketacost.estimate.options import NETWORKS
from ketacost.estimate.resolve import Resolved
from ketacost.estimate.scenario import network_of
from ketacost.estimate.sentences import NO_PLAN
from ketacost.model.payers import payers
from ketacost.model.plans import Network
from ketacost.model.policies import insurers
from ketacost.model.protocols import protocol, service


def end_in_words(value: str, kind: str) -> str:
    """An end of a range, as people read it."""
    if value == "none":
        return "no limit"
    return brief(usd(value)) if kind == "money" and value.replace(".", "").isdigit() else value


def _treatment(scenario: Resolved) -> str:
    course = scenario.course
    number = sum(course.visits.get(p.name, p.visits) for p in protocol(course.protocol).phases)
    number = number if course.stop_after is None else min(number, course.stop_after)
    return f"{protocol(course.protocol).label}, {number} visit{'s' * (number != 1)} from {us_day(course.start)}"


def _charges(scenario: Resolved) -> str:
    main = list(scenario.prices.charges)[-1]
    values = scenario.ranges.get(f"prices.charges.{main}")
    amount = brief(scenario.prices.charges[main]) if values is None else "not known, typical range"
    between = _between(scenario, f"prices.{scenario.course.protocol}.{main}")
    less = scenario.prices.discounts.get(main, 0)
    packages = packages_text(scenario.prices.packages, scenario.course.protocol)
    more = f"{f' less {percent(less)}' if less else ''}{f'; {packages}' if packages else ''}"
    fee = _between(scenario, f"monthly_fee.{scenario.course.protocol}") or brief(scenario.prices.monthly_fee)
    monthly = f"; {fee} a month" if scenario.prices.monthly_fee else ""
    return f"{service(main).label}: {between or amount}{more}{monthly}"


def _between(scenario: Resolved, key: str) -> str:
    """A range of amounts as it was said; empty where none was."""
    said = scenario.intake.value(key)
    return f"{brief(usd(said.low))} to {brief(usd(said.high))}" if isinstance(said, Between) else ""


def _who(scenario: Resolved) -> str:
    if scenario.payer in NO_PLAN:
        return "Nobody: you pay for it yourself"
    second = f"; second plan: {scenario.second.plan.name}" if scenario.second else ""
    own = f", {insurers()[scenario.insurer].label}" if scenario.insurer else ""
    return f"{payers()[scenario.payer].label}{own}{second}"


def _terms(scenario: Resolved) -> str:
    """The plan, its deductible where the clinic is, and what it counts."""
    if scenario.payer in NO_PLAN:
        return "No plan"
    side = network_of(scenario)
    name = f"One of {len(scenario.designs)} published plans" if scenario.designs else scenario.plan.name
    if "plan" not in scenario.intake.said:
        name = "Your plan" if terms_are_said(scenario.intake.said, scenario.network, scenario.plan.kind) else name
    where = NETWORKS.get(scenario.network, scenario.network)
    if not isinstance(side, Network):
        return f"{name}. {where}: no benefit"
    own = brief(side.deductible) if isinstance(side.deductible, int) else "not known"
    own = _between(scenario, f"terms.{scenario.network}.deductible") or own
    known = isinstance(scenario.intake.value(f"terms.{scenario.network}.deductible"), int | str | Between)
    usual = "about " if scenario.designs and not known else ""
    later = f". From {us_day(scenario.later.starts)}: {scenario.later.plan.name}" if scenario.later else ""
    return f"{name}. {where}: deductible {usual}{own}. What it counts: {_counted(scenario)}{later}"


def _counted(scenario: Resolved) -> str:
    side, main = network_of(scenario), list(scenario.prices.charges)[-1]
    if side is None:
        return "Nothing"
    if side.pricing is not None:
        return str(side.pricing)
    if main not in side.allowed:
        return "Not known yet"
    values = scenario.ranges.get(f"plan.networks.{scenario.network}.allowed.{main}")
    amount = (
        f"{end_in_words(values[0], 'money')} to {end_in_words(values[-1], 'money')}"
        if values
        else brief(side.allowed[main])
    )
    return f"{service(main).label}: {amount}"


def _helped(scenario: Resolved) -> str:
    amount = scenario.paying.assistance + scenario.paying.hra + scenario.paying.rebate
    if scenario.household is None:
        return f"No household given{f'; ${amount // 100:,} from others' if amount else ''}"
    put_in = scenario.contribution.amount + scenario.next_contribution.amount + scenario.on_hand.amount
    return f"{scenario.household.state}; ${put_in // 100:,} in accounts"


SUMMARIES: dict[str, Callable[[Resolved], str]] = {
    "who": _who,
    "treatment": _treatment,
    "prices": _charges,
    "plan": _terms,
    "help": _helped,
}
