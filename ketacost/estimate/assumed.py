"""The numbers that an answer hangs on: price, deductible, allowed amount, share, chance of a yes; which were said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from ketacost.core.convert import put
from ketacost.core.money import WHOLE, dollars, share, usd
from ketacost.estimate.designs import is_printed, terms_are_said
from ketacost.estimate.estimate import Estimate, ends_of
from ketacost.estimate.intake import UNKNOWN, OneOf
from ketacost.estimate.milestones import no_claim
from ketacost.estimate.outlook import COVERING
from ketacost.estimate.resolve import Resolved
from ketacost.estimate.saying import intake_of
from ketacost.estimate.scenario import AS_IT_IS, COVERS, Scenario, bill, network_of
from ketacost.estimate.unknowns import Unknown
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import Network, Plan
from ketacost.model.protocols import service

MOST_PRICES = 2
"""So many different prices of a visit are listed; of more, one range of those that were said and one of the others."""


class Assumed(NamedTuple):
    """A number of the shown case: what it is, from what to what it may be, for how many visits, and if it was said.

    Amounts are cents, shares and chances basis points. `service` is the kind of service of an allowed amount, `plan`
    the name of a published plan.
    """

    what: str
    low: int
    high: int
    said: bool = False
    visits: int = 0
    service: str = ""
    plan: str = ""


WORDS = ("terms_of", "first_this", "first_second", "first_open", "second_answer", "later_answer")
"""Those that are no number: whose terms they are, which of two plans pays first, that another gives the same answer."""

MONEY = (
    *("price", "monthly_fee", "deductible", "used", "allowed", "copay", "second_deductible", "later_deductible"),
    *("fsa_left", "hsa_balance", "elected", "help"),
)
"""Those that are amounts; `share` and `yes` are basis points, `designs` a number of plans."""


def assumed(found: Estimate) -> tuple[Assumed, ...]:
    """What the answer goes by, in the order of a bill: assumed(estimate(example("readme-patient")))[0].low."""
    scenario = found.shown.scenario
    lines = bill(scenario)
    parts = [*_prices(found, lines)]
    if fee := scenario.prices.monthly_fee:
        fees = _amounts(found, "prices.monthly_fee") or [fee]
        parts.append(Assumed("monthly_fee", min(fees), max(fees), _said(found.scenario, "monthly_fee.")))
    if not no_claim(scenario):
        side = network_of(scenario)
        if side is not None and lines:
            parts += _terms(found, side, _main(found, lines), lines)
        yes = sum((chance for answer, chance in ends_of(found.scenario).items() if answer in COVERING), Fraction(0))
        if side is not None and ("coverage" in found.scenario.ranges or yes):
            known = "coverage" not in found.scenario.ranges
            parts.append(Assumed("yes", round(yes * WHOLE), round(yes * WHOLE), known))
        parts += _other_plans(found)
    return (*parts, *_help(scenario))


def _prices(found: Estimate, lines: tuple[ServiceLine, ...]) -> Iterator[Assumed]:
    """What the clinic charges for a day, by how many days cost so; what is not confirmed from its least to its most."""
    scenario = found.shown.scenario
    ranged = {one.path: one for one in found.unknowns if one.path.startswith("prices.charges.")}
    days, low, high = (_by_day(_at(scenario, ranged, end)) for end in (None, 0, -1))
    said = _days_said(found, lines)
    counted = Counter(
        (charge, low.get(day, charge), high.get(day, charge), day in said) for day, charge in days.items() if charge
    )
    for told in dict.fromkeys(price[3] for price in counted):
        prices = [price for price in counted if price[3] is told]
        for some in [prices] if len(counted) > MOST_PRICES else [[price] for price in prices]:
            ends = [cents for price in some for cents in price[1:3]]
            yield Assumed("price", min(ends), max(ends), told, sum(counted[price] for price in some))


def _days_said(found: Estimate, lines: tuple[ServiceLine, ...]) -> set[date]:
    """The days on which the price of every line that costs something was said."""
    start = f"prices.{found.scenario.course.protocol}."
    asked = {line.service: _said(found.scenario, f"{start}{line.service}") for line in lines if line.charge}
    open_days = {line.date for line in lines if line.charge and not asked[line.service]}
    return {line.date for line in lines} - open_days


def _at(scenario: Scenario, ranged: dict[str, Unknown], end: int | None) -> tuple[ServiceLine, ...]:
    """The bill with every price that is not known at one of its ends; as it is without an end."""
    for path, unknown in ranged.items() if end is not None else ():
        amounts = [usd(value) for value in unknown.values if value != AS_IT_IS]
        now = scenario.prices.charges.get(path.rpartition(".")[2], 0)
        scenario = put(scenario, path, dollars((max if end else min)([*amounts, now])))
    return bill(scenario)


def _by_day(lines: tuple[ServiceLine, ...]) -> dict[date, int]:
    days = Counter[date]()
    for line in lines:
        days[line.date] += line.charge
    return dict(days)


def _main(found: Estimate, lines: tuple[ServiceLine, ...]) -> ServiceLine:
    """A line of the service that costs most over the course, of those that the plan may cover where there are any."""
    parts = {part for answer, chance in ends_of(found.scenario).items() if chance for part in COVERS[answer]}
    counted = [line for line in lines if line.charge and service(line.service).part in parts] or lines
    sums = Counter[str]()
    for line in counted:
        sums[line.service] += line.charge
    most = max(sums, key=lambda name: sums[name])
    return next(line for line in lines if line.service == most)


def _terms(found: Estimate, side: Network, main: ServiceLine, lines: tuple[ServiceLine, ...]) -> Iterator[Assumed]:
    """The plan's terms in the clinic's network, and what it counts for the service that costs most."""
    scenario = found.shown.scenario
    open_designs = next((one for one in found.unknowns if one.path == "published_plan"), None)
    if open_designs is not None:
        number = len(open_designs.values)
        yield Assumed("designs", number, number, _said(found.scenario, f"terms.{main.network}."))
    elif _named(found.scenario):
        yield Assumed("terms_of", 0, 0, _said(found.scenario, "plan", "plan"), plan=scenario.plan.name)
    terms = f"plan.networks.{main.network}"
    shared = scenario.plan.family and scenario.plan.deductible_kind == "aggregate"
    name, who = ("family_deductible", "family") if shared else ("deductible", "patient")
    deductible = getattr(side, name)
    if isinstance(deductible, int) and deductible:
        amounts = _amounts(found, f"{terms}.{name}") or [deductible]
        yield Assumed("deductible", min(amounts), max(amounts), _said(found.scenario, "terms.", f".{name}"))
    used = (scenario.used.family if shared else scenario.used.members.get("patient", {})).get(main.network)
    if used is not None and deductible:
        place = f"used.{who}" if shared else "used.members.patient"
        amounts = _amounts(found, f"{place}.{main.network}.deductible") or [used.deductible]
        yield Assumed("used", min(amounts), max(amounts), _said(found.scenario, f"used.{who}."))
    yield from _counted(found, side, main)
    yield from _copays(found, side, main, lines)
    benefit = side.benefit(main.benefit)[0]
    if isinstance(benefit.coinsurance, int) and benefit.coinsurance:
        line = main.benefit if main.benefit in side.benefits else "default"
        points = _amounts(found, f"{terms}.benefits.{line}.coinsurance", share) or [benefit.coinsurance]
        yield Assumed("share", min(points), max(points), _said(found.scenario, "terms.", ".coinsurance"))


def _named(scenario: Scenario) -> bool:
    """Whether to name the plan whose terms are used: a program's that nobody chose, or one beside another payer."""
    if not scenario.published_plan:
        return False
    if _said(scenario, "plan", "plan"):
        return isinstance(scenario, Resolved) and any(one.key == "plan" for one in scenario.conflicts)
    said = scenario.intake.said if isinstance(scenario, Resolved) else ()
    return is_printed(scenario.plan.kind) and not terms_are_said(said, scenario.network, scenario.plan.kind)


def _copays(found: Estimate, side: Network, main: ServiceLine, lines: tuple[ServiceLine, ...]) -> Iterator[Assumed]:
    """The copay of the service that costs most, and those that were said of other lines of the bill."""
    for benefit in dict.fromkeys((main.benefit, *(line.benefit for line in lines if line.charge))):
        copay = side.benefit(benefit)[0].copay
        own = f"terms.{main.network}.{benefit}.copay"
        said = _said(found.scenario, own) or _said(found.scenario, f"terms.{main.network}.copay")
        if isinstance(copay, int) and copay and (benefit == main.benefit or said):
            its = next(line.service for line in lines if line.benefit == benefit and line.charge)
            line = benefit if benefit in side.benefits else "default"
            amounts = _amounts(found, f"plan.networks.{main.network}.benefits.{line}.copay") or [copay]
            yield Assumed("copay", min(amounts), max(amounts), said, service="" if benefit == main.benefit else its)


def _counted(found: Estimate, side: Network, main: ServiceLine) -> Iterator[Assumed]:
    """What the plan counts for the service that costs most: a range where it is not known."""
    unknown = _amounts(found, f"plan.networks.{main.network}.allowed.{main.service}")
    known = side.allowed.get(main.service)
    amounts = [*unknown, *([known] if known is not None else [])]
    if amounts:
        said = _said(found.scenario, f"allowed.{main.network}.", f".{main.service}")
        yield Assumed("allowed", min(amounts), max(amounts), said, service=main.service)


def _amounts(found: Estimate, path: str, number: Callable[[str], int] = usd) -> list[int]:
    """The amounts that an entry may be, where it is not known; none where it is."""
    unknown = next((one for one in found.unknowns if one.path == path), None)
    return [number(value) for value in unknown.values if value != AS_IT_IS] if unknown else []


def _other_plans(found: Estimate) -> Iterator[Assumed]:
    """Which of two plans pays first, other plans' deductibles, and that they give the first one's yes or no."""
    scenario = found.scenario
    if scenario.second:
        first = "first_second" if scenario.second.goes == "first" else "first_this"
        first = "first_open" if "second.goes" in scenario.ranges else first
        yield Assumed(first, 0, 0, _said(scenario, "second.goes"))
        yield from _deductible_of("second", found, scenario.second.plan, scenario.second.network or scenario.network)
        yield Assumed("second_answer", 0, 0)
    if scenario.later:
        yield from _deductible_of("later", found, scenario.later.plan, scenario.network)
        yield Assumed("later_answer", 0, 0)


def _deductible_of(which: str, found: Estimate, plan: Plan, network: str) -> Iterator[Assumed]:
    """The deductible of a second or a later plan in a network, where it has one."""
    side = plan.network(network)
    deductible = None if isinstance(side, str) else side.deductible
    if isinstance(deductible, int) and deductible:
        amounts = _amounts(found, f"{which}.plan.networks.{network}.deductible") or [deductible]
        said = _said(found.scenario, f"{which}.", ".deductible")
        yield Assumed(f"{which}_deductible", min(amounts), max(amounts), said)


def _help(scenario: Scenario) -> Iterator[Assumed]:
    """Money in accounts, what is elected, and what others give; all of it is entered, none assumed."""
    entered = {
        "fsa_left": scenario.on_hand.fsa_left,
        "hsa_balance": scenario.on_hand.hsa_balance,
        "elected": scenario.contribution.amount + scenario.next_contribution.amount,
        "help": scenario.paying.assistance,
    }
    yield from (Assumed(what, cents, cents, said=True) for what, cents in entered.items() if cents)


def _said(scenario: Scenario, start: str, end: str = "") -> bool:
    """Whether an entry of this kind was said; in a scenario without its intake, what its day would not assume."""
    day = scenario.today or scenario.course.start
    said = scenario.intake.said if isinstance(scenario, Resolved) else intake_of(scenario, day).said
    known = (key for key, one in said.items() if one.value is not UNKNOWN and not isinstance(one.value, OneOf))
    return any(key.startswith(start) and key.endswith(end) for key in known)
