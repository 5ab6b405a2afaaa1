"""A scenario: a course, its prices, a plan and what the plan covers; running it gives the answer.

Unknowns are in `ranges`: the model takes numbers, the question takes ranges. The answer is the
scenario as entered, with the lowest and the highest total over everything that the ranges allow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache, partial
from math import exp, log, sqrt
from typing import Any, Literal

from ketacost.accounts.contributions import NOTHING_ON_HAND, OnHand
from ketacost.accounts.loans import Call, Paying
from ketacost.core.convert import EntryError, hint_at, kind_of, merged, read, written
from ketacost.core.fields import Fixed, KetacostError, described, replace, require
from ketacost.core.money import WHOLE, Cents, Multiple, Share, dollars, percent, share, whole_cents
from ketacost.core.references import names_in, read_toml
from ketacost.model.accumulators import Used
from ketacost.model.allowed import typical_allowed
from ketacost.model.courses import Course, Prices, ServiceLine, service_lines, typical_prices
from ketacost.model.coverage import DecisionPath, path_for
from ketacost.model.payers import payer, payers, treatment_of
from ketacost.model.plans import Network, Plan, plan, published_plan
from ketacost.model.pricing import SCHEDULE
from ketacost.model.protocols import protocols, service
from ketacost.taxes.households import NOTHING, Contribution, Household

PERCENTILES = (10, 30, 50, 70, 90)
"""The percentiles that stand for a shape; each is as likely as the next."""

NEEDS: Mapping[str, tuple[str, ...]] = {
    "uniform": ("low", "high"),
    "triangular": ("low", "likely", "high"),
    "lognormal": ("low", "high"),
    "discrete": ("values", "odds"),
}
"""The shapes by name and what each needs. A lognormal's low and high are its 10th and 90th percentile."""


class DistributionError(KetacostError):
    """A distribution that makes no sense as written; the message says why."""


def points(table: Mapping[str, Any], kind: str) -> tuple[tuple[str, ...], tuple[Share, ...]]:
    """The values of a distribution and their odds (basis points). `kind` is the entry's: money, share, count or day.

    Raises DistributionError for one that makes no sense as written.

    >>> points({"shape": "uniform", "low": 100, "high": 200}, "money")[0]
    ('100.00', '110.00', '130.00', '150.00', '170.00', '190.00', '200.00')
    """
    shape = str(table.get("shape"))
    require("shape of a distribution", shape, NEEDS)
    needed = {"shape", *NEEDS[shape]}
    if set(table) != needed:
        missing = ", ".join(sorted(needed - {"shape"}))
        raise DistributionError(
            f"{shape} takes {missing}; got {', '.join(sorted(set(table) - {'shape'})) or 'nothing'}"
        )
    if shape == "discrete":
        return _discrete(table)
    values = _quantiles(shape, [_number(table[name], kind, name) for name in NEEDS[shape]])
    merged: dict[str, int] = {}
    for value, odds in values:
        text = _text(whole_cents(value), kind)
        merged[text] = merged.get(text, 0) + odds
    return tuple(merged), tuple(merged.values())


def check_odds(ranges: Mapping[str, tuple[str, ...]], odds: Mapping[str, tuple[Share, ...]]) -> None:
    """Refuse odds that do not fit their range or do not add up to the whole. Raises DistributionError."""
    for path, shares in odds.items():
        if len(shares) != len(ranges[path]):
            raise DistributionError(
                f"odds.{path} has {len(shares)} shares for {len(ranges[path])} values; give one for each value, in its "
                "order"
            )
        if min(shares) < 0 or sum(shares) != WHOLE:
            raise DistributionError(
                f"odds.{path} should add to 100%, got {' + '.join(map(percent, shares))} = {percent(sum(shares))}"
            )


def write_ranges(table: dict[str, Any], kind: type) -> None:
    """The ranges of a file as text, distributions as their points. Raises EntryError with every problem."""
    ranges, odds, problems = table.get("ranges"), table.get("odds", {}), list[str]()
    if not isinstance(ranges, Mapping) or not isinstance(odds, Mapping):
        return
    table["ranges"], odds_of = {}, dict(odds)
    for path, values in ranges.items():
        if isinstance(values, Mapping):
            try:
                if path in odds:
                    raise DistributionError("a distribution says its own odds; leave odds out")
                values, shares = points(values, kind_of(hint_at(kind, path)))
                odds_of[path] = [percent(part) for part in shares]
            except KetacostError as error:
                problems.append(f"ranges.{path}: {error}")
                continue
        elif isinstance(values, list):
            values = [value if isinstance(value, str) else str(value).lower() for value in values]
        table["ranges"][path] = values
    problems += [
        f"odds.{path}: there is no range of {path}; give one, or leave its odds out"
        for path in odds
        if path not in ranges
    ]
    if odds_of:
        table["odds"] = odds_of
    if problems:
        raise EntryError(problems)


def _discrete(table: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[Share, ...]]:
    values, odds = table["values"], table["odds"]
    if not isinstance(values, list) or not isinstance(odds, list) or not values:
        raise DistributionError("discrete takes a list of values and a list of odds")
    texts = tuple(value if isinstance(value, str) else str(value).lower() for value in values)
    shares = tuple(share(part, what="odds") for part in odds)
    check_odds({"discrete": texts}, {"discrete": shares})
    return texts, shares


def _quantiles(shape: str, numbers: list[int]) -> list[tuple[Fraction, int]]:
    """The points of a shape with their odds, lowest first."""
    low, middle, high = numbers[0], numbers[len(numbers) // 2], numbers[-1]
    if not low < high or not low <= middle <= high:
        raise DistributionError(f"{' <= '.join(NEEDS[shape])} should rise")
    each = WHOLE // len(PERCENTILES)
    at = {"uniform": _uniform, "triangular": _triangular, "lognormal": _lognormal}[shape]
    values = [(Fraction(at(percentile / 100, low, middle, high)), each) for percentile in PERCENTILES]
    if shape == "lognormal":
        return values
    return [(Fraction(low), 0), *values, (Fraction(high), 0)]


def _uniform(chance: float, low: float, middle: float, high: float) -> float:
    return low + chance * (high - low)


def _triangular(chance: float, low: float, middle: float, high: float) -> float:
    if chance * (high - low) <= middle - low:
        return low + sqrt(chance * (high - low) * (middle - low))
    return high - sqrt((1 - chance) * (high - low) * (high - middle))


def _lognormal(chance: float, low: float, middle: float, high: float) -> float:
    if low <= 0:
        raise DistributionError("a lognormal has values above zero alone")
    from statistics import NormalDist

    centre, reach = (log(low) + log(high)) / 2, (log(high) - log(low)) / 2
    return exp(centre + reach * NormalDist().inv_cdf(chance) / NormalDist().inv_cdf(0.9))


def _number(written: object, kind: str, what: str) -> int:
    """An end of a distribution as a whole number: cents, basis points, a count or the number of a day."""
    types: Mapping[str, Any] = {"money": Cents, "share": Share, "multiple": Multiple, "count": int, "day": date}
    if kind in types:
        number = read(types[kind], written, what)
        return int(number.toordinal() if kind == "day" else number)
    raise DistributionError("its entry is not a number, an amount or a day; give a list of values")


def _text(value: int, kind: str) -> str:
    if kind == "money":
        return dollars(value)
    if kind == "day":
        return date.fromordinal(value).isoformat()
    return percent(value) if kind in ("share", "multiple") else str(value)


Coverage = Literal["denied", "visits only", "infusions too", "everything"]
COVERS: Mapping[str, tuple[str, ...]] = {
    "denied": (),
    "visits only": ("visit",),
    "infusions too": ("visit", "infusion"),
    "everything": ("visit", "infusion", "drug"),
}
"""The parts of a bill that the plan covers under each outcome."""

AS_IT_IS = "as it is"
"""A value of a range that means the entry as the scenario has it."""


@dataclass(frozen=True)
class Scenario:
    """One patient's question, with no name in it: which treatment, at which prices, under which plan."""

    course: Course = described("Treatment", "Which treatment the patient has, and from which day.")
    prices: Prices = described(
        "What the clinic charges", "The clinic's charges; typical ones where they are not known."
    )
    plan: Plan = described("Plan", "The patient's benefit, as the plan's booklet states it.")
    network: str = described("The clinic is", "The side of the plan that the clinic is on.", "out")
    coverage: Coverage = described(
        "What the plan covers", "Which parts of the bill the plan is taken to cover.", "visits only"
    )
    used: Used = described("Used so far", "What the plan year has already used.", Used())
    waived: bool = described("Balance bill waived", "Whether the clinic waives what the plan does not count.", False)
    ranges: Mapping[str, tuple[str, ...]] = described(
        "Not known",
        "Entries that are not known, by path, with the values to look at: "
        '{"prices.charges.infusion" = ["500", "700"]}.',
        default_factory=Fixed,
    )
    odds: Mapping[str, tuple[Share, ...]] = described(
        "How likely each",
        "The chance of each value of a range, in its order, by path; left out, what is said of such a range holds.",
        default_factory=Fixed,
    )
    payer: str = described("Who pays", "The kind of payer: it sets the odds and what can be done to get paid.", "")
    path: DecisionPath | None = described(
        "Path", "What is done about the bill and how likely each yes is; the payer's own odds when left out.", None
    )
    covered_until: date | None = described(
        "Covered until", "The last day of an authorization; what comes after it is denied.", None
    )
    household: Household | None = described("Household", "Whose taxes, where tax-free accounts help to pay.", None)
    contribution: Contribution = described(
        "Put in", "What goes into tax-free accounts in the household's year.", NOTHING
    )
    next_contribution: Contribution = described(
        "Put in next year",
        "What goes into tax-free accounts in the year after the household's; the FSA's election is that of the plan "
        "year that begins in it.",
        NOTHING,
    )
    on_hand: OnHand = described(
        "In accounts today", "What tax-free accounts hold already, and what rules out an HSA.", NOTHING_ON_HAND
    )
    paying: Paying = described("How it is paid", "What others give, what is paid ahead, what is borrowed.", Paying())
    calls: tuple[Call, ...] = described("Calls", "The log of calls to the insurer: day, reference number, answer.", ())
    title: str = described("Title", "A title for this scenario; no names of patients.", "")
    published_plan: str = described("Published plan", "The published benefit design that the plan was taken from.", "")

    def __post_init__(self) -> None:
        object.__setattr__(self, "ranges", Fixed({path: tuple(values) for path, values in self.ranges.items()}))
        odds = {path: tuple(shares) for path, shares in self.odds.items() if path in self.ranges}
        object.__setattr__(self, "odds", Fixed(odds))
        check_odds(self.ranges, self.odds)
        if self.payer:
            payer(self.payer)
        require(f"network of {self.plan.name}", self.network, self.plan.networks)

    replace = replace


def scenario_from(table: Mapping[str, Any]) -> Scenario:
    """A scenario from a file's table, with the short ways that a file may take.

    `plan` may name a published plan, or change one: { preset = "...", family = true }. Prices left out are the typical
    ones of the treatment. `allowed` gives allowed amounts by service for the clinic's network; "typical" stands for the
    typical ones and makes a range of them. `pricing` says how the plan prices there. Raises EntryError with every
    problem. scenario_from({"plan": "nextgen-2026-750", "allowed": "typical", "course": {...}}).
    """
    table, problems = dict(table), list[str]()
    for step in (
        _take_published_plan,
        _fill_in_prices,
        _take_allowed,
        _take_path,
        partial(write_ranges, kind=Scenario),
    ):
        try:
            step(table)
        except EntryError as error:
            problems += error.problems
    try:
        scenario: Scenario = read(Scenario, table)
    except EntryError as error:
        problems += [
            problem for problem in error.problems if not problems or not problem.startswith(("plan ", "plan:"))
        ]
    if problems:
        raise EntryError(problems)
    return scenario


def table_of(scenario: Scenario) -> dict[str, Any]:
    """The table that `scenario_from` reads back to an equal scenario. What the prices include is always said."""
    table: dict[str, Any] = written(scenario)
    table["prices"]["bundled"] = list(scenario.prices.bundled)
    return table


def examples() -> tuple[str, ...]:
    """The names of the scenarios that ship with the package."""
    return names_in("scenarios")


def example(name: str) -> Scenario:
    """A scenario that ships with the package: example("readme-patient"). Raises UnknownName with the near matches."""
    require("example scenario", name, examples())
    return scenario_from(read_toml(f"scenarios/{name}.toml"))


def bill(scenario: Scenario) -> tuple[ServiceLine, ...]:
    """The service lines of a scenario: the course at its prices, with what the plan covers marked on each."""
    lines = _bill(scenario.course, scenario.prices, scenario.network, scenario.coverage, scenario.waived)
    until = scenario.covered_until
    if until is None or lines[-1:] == () or lines[-1].date <= until:
        return lines
    why = f"the authorization ended on {until}"
    return tuple(
        replace(line, covered=False, why_not=why) if line.date > until and line.covered else line for line in lines
    )


@lru_cache(maxsize=256)
def _bill(course: Course, prices: Prices, network: str, coverage: Coverage, waived: bool) -> tuple[ServiceLine, ...]:
    """The bill, kept: the cases of a scenario's ranges share it."""
    parts = COVERS[coverage]
    return tuple(
        line
        if line.why_not or (service(line.service).part in parts and not waived)
        else replace(
            line,
            covered=service(line.service).part in parts,
            why_not=_denial(coverage, line),
            balance_billed=not waived,
        )
        for line in service_lines(course, prices, network)
    )


def network_of(scenario: Scenario) -> Network | None:
    """The side of the plan that the clinic is on; None where the plan has no benefit there."""
    side = scenario.plan.network(scenario.network)
    return None if isinstance(side, str) else side


def priced(scenario: Scenario) -> Scenario:
    """The scenario with typical allowed amounts where a charged service has none: an assumption, shown in its notes."""
    side = network_of(scenario)
    if side is None or (side.pricing is not None and side.pricing.method != SCHEDULE):
        return scenario
    missing = {k: v for k, v in typical_allowed().items() if k in scenario.prices.charges and k not in side.allowed}
    filled = side.replace(allowed={**side.allowed, **missing})
    return scenario.replace(plan=scenario.plan.replace(networks={**scenario.plan.networks, scenario.network: filled}))


def plan_is_as_published(scenario: Scenario) -> bool:
    """Whether the plan is the published one, apart from allowed amounts, which designs do not state."""
    return bool(scenario.published_plan) and _unpriced(published_plan(scenario.published_plan).plan) == _unpriced(
        scenario.plan
    )


def _unpriced(plan: Plan) -> Plan:
    bare = {
        name: side if isinstance(side, str) else side.replace(allowed={}, pricing=None)
        for name, side in plan.networks.items()
    }
    return plan.replace(networks=bare)


def _take_published_plan(table: dict[str, Any]) -> None:
    """A published plan by its id, alone or with changes."""
    changes = table.get("plan")
    if isinstance(changes, str):
        changes = {"preset": changes}
    if not isinstance(changes, Mapping) or changes.get("preset") is None:
        return
    changes = dict(changes)
    preset = changes.pop("preset")
    try:
        table["plan"] = merged(written(plan(str(preset))), changes)
    except KetacostError as error:
        raise EntryError([f"plan: {error}"]) from None
    table["published_plan"] = preset


def _fill_in_prices(table: dict[str, Any]) -> None:
    """The treatment's typical prices, where the clinic's are not given."""
    course, entries = table.get("course"), table.setdefault("prices", {})
    if not isinstance(entries, Mapping):
        return
    if not isinstance(entries.get("charges", {}), Mapping) or not isinstance(entries.get("bundled", ""), list | str):
        return
    name = course.get("protocol") if isinstance(course, Mapping) else None
    typical = typical_prices(name) if isinstance(name, str) and name in protocols() else Prices({})
    prices = table["prices"] = merged({"charges": {}, "bundled": list(typical.bundled)}, entries)
    for kind, amount in written(typical)["charges"].items():
        if kind not in prices["bundled"]:
            prices["charges"].setdefault(kind, amount)


def _take_allowed(table: dict[str, Any]) -> None:
    """A file's allowed amounts and how the plan prices, put on the side of the plan that the clinic is on."""
    amounts, pricing = table.pop("allowed", None), table.pop("pricing", None)
    network, plan = table.get("network", "out"), table.get("plan")
    if (amounts is None and pricing is None) or not isinstance(plan, Mapping):
        return
    networks = plan.get("networks")
    side = networks.get(str(network)) if isinstance(networks, Mapping) else None
    if not isinstance(side, Mapping):
        raise EntryError(
            [f"allowed: the plan has no terms for network {network!r}, so it allows nothing there; leave `allowed` out"]
        )
    if pricing is not None:
        plan = merged(plan, {"networks": {network: {"pricing": pricing}}})
    if amounts is None:
        table["plan"] = plan
        return
    if amounts == "typical":
        charges = table["prices"].get("charges", {}) if isinstance(table["prices"], Mapping) else {}
        charged = [kind for kind in typical_allowed() if kind in charges]
        amounts = {kind: dollars(typical_allowed()[kind]) for kind in charged}
        spread = {
            f"plan.networks.{network}.allowed.{kind}": [
                dollars(typical_allowed(level)[kind]) for level in ("low", "high")
            ]
            for kind in charged[-1:]
        }
        table["ranges"] = merged(spread, table.get("ranges", {}))
    if not isinstance(amounts, Mapping):
        raise EntryError(
            [f'allowed should be amounts by service, as in {{ infusion = 240 }}, or "typical"; got {amounts!r}']
        )
    table["plan"] = merged(plan, {"networks": {network: {"allowed": amounts}}})


def _take_path(table: dict[str, Any]) -> None:
    """The payer's own odds for the treatment, under what a file changes of them."""
    path, course, kind = table.get("path"), table.get("course"), table.get("payer")
    name = course.get("protocol") if isinstance(course, Mapping) else None
    if isinstance(path, Mapping) and str(name) in protocols() and str(kind) in payers():
        table["path"] = merged(written(path_for(str(kind), treatment_of(str(name)))), path)


def _denial(coverage: Coverage, line: ServiceLine) -> str:
    covered = COVERS[coverage]
    if service(line.service).part in covered:
        return ""
    return (
        f"the plan covers {coverage.replace(' only', ' alone')}, not this" if covered else "the plan covers none of it"
    )
