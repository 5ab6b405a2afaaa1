"""The unknowns of a scenario: the values each may take, how likely each is, and the sources of that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import cache
from statistics import quantiles
from typing import Any, NamedTuple

from ketacost.core.convert import hint_at, kind_of, read
from ketacost.core.fields import described, require
from ketacost.core.money import WHOLE, dollars, multiple, percent, share, shown, usd, whole_cents
from ketacost.core.references import GRADES, Citation, assumption, assumption_citation, parameter, rows
from ketacost.core.registry import kept
from ketacost.estimate.distributions import number, quantile, typical
from ketacost.estimate.entries import key_at, words_at
from ketacost.estimate.outlook import path_of
from ketacost.estimate.scenario import AS_IT_IS, COVERS, FACILITY_FEE, Scenario, ScenarioError
from ketacost.model.allowed import allowed_citation, typical_allowed
from ketacost.model.coordination import COORDINATIONS
from ketacost.model.courses import FACILITY, SPRAVATO_DOSES, Course, price_citations, priced_as, typical_prices, visits
from ketacost.model.coverage import DecisionPath, End, ends, path_for
from ketacost.model.payers import OUTCOMES, cited, payer, step, treatment_of
from ketacost.model.plans import NO_BENEFIT, Network, published_plan, published_plans
from ketacost.model.policies import policy_for
from ketacost.model.protocols import service

GATE = "plan.networks.out"
"""The entry that says whether the plan pays anything outside its network."""

FAMILY_KINDS = ("embedded", "aggregate")
"""How a family amount can work."""

COMMERCIAL = ("PPO", "HDHP", "POS", "EPO", "HMO")
"""The kinds of plans that employers and marketplaces offer."""

VISITS = ("office_visit", "specialist", "mental_health_visit")
"""The lines of a booklet whose copays are compared where a plan does not print its own."""

MEDICAID_COPAY = "Medicaid copay of a visit"
MULTIPLES = "allowed amount for 96365 when plan uses Medicare multiple"
SHARES = "allowed amount when plan pays by a share of the charge"
PLAN_N_COPAY = "20"
"""The most that Medigap Plan N takes for an office visit, in dollars."""

DRAWN_TERMS = ("deductible", "out_of_pocket_limit", "coinsurance", "copay")
"""The terms of which published designs give a range."""

USED_OF = {"deductible": "deductible", "out_of_pocket": "out_of_pocket_limit"}
"""The amounts that can be used, and the entry of a network that says how much there is."""

NO_LIMIT = 1 << 60

NO_INPUTS = ("title", "calls", "ranges", "odds", "shapes", "designs", "today", "insurer")
NAMES = ("plan.name", "plan.kind", "plan.networks")
"""Entries that change no amount, and so can be no range."""

MOST_VALUES = 200
"""The most values of a range."""


class Ranged(NamedTuple):
    """The values of an entry that is not known, why, the sources, and their odds or their shape where it is known."""

    values: tuple[str, ...]
    why: str
    citations: tuple[Citation, ...] = ()
    odds: tuple[int, ...] = ()
    shape: str = ""


NONE = Ranged((), "")


def default_range(scenario: Scenario, path: str) -> Ranged:
    """The range used for "I don't know" at an entry; without values where none is known."""
    if path in _FIXED:
        return _FIXED[path]
    for pattern, ranged in _RANGES.items():
        if fnmatchcase(path, pattern):
            usual = ranged(scenario, path)
            return usual if len(set(usual.values)) > 1 and usual.values[0] != usual.values[-1] else NONE
    return NONE


_FIXED = {
    "coverage": Ranged(OUTCOMES, "A plan says one of three things."),
    GATE: Ranged((AS_IT_IS, NO_BENEFIT), "A plan pays outside its network, or it does not."),
    "paying.assistance_counts": Ranged(
        ("counts", "does not count"), "State law and the kind of plan decide whether what others pay counts."
    ),
    "second.coordination": Ranged(COORDINATIONS, "The plan that pays second pays in one of three ways: ask it."),
    "second.goes": Ranged(("second", "first"), "Which of two plans pays first is not known: ask both."),
    "later.credit": Ranged(("false", "true"), "A later plan may count what the first one has used, or not: ask it."),
    "drug_benefit": Ranged(("medical", "pharmacy"), "A plan pays for the drug under one of its two benefits."),
    "plan.deductible_kind": Ranged(FAMILY_KINDS, "A family amount works in one of two ways."),
    "plan.limit_kind": Ranged(FAMILY_KINDS, "A family amount works in one of two ways."),
}
"""Ranges that are the same for every scenario, by the entry's path."""


def _between(name: str) -> Ranged:
    """Anything between the ends of an assumption."""
    own = assumption(name)
    return Ranged((own["low"], own["high"]), own["why"], (assumption_citation(name),), shape="uniform")


def _of_charge(scenario: Scenario, path: str) -> Ranged:
    name, treatment = path.rsplit(".", 1)[-1], scenario.course.protocol
    if name == FACILITY:
        return _between(FACILITY_FEE)
    levels = (typical_prices(treatment, level).charges.get(name) for level in ("usual_low", "likely", "usual_high"))
    amounts = [amount for amount in levels if amount is not None]
    if len(amounts) < 3:
        return NONE
    label = f"Typical charge: {service(name).label}"
    citations = tuple(citation for citation in price_citations(treatment) if citation.what == label)
    values = tuple(map(dollars, amounts))
    return Ranged(values, "What clinics usually charge, not this clinic.", citations, shape="percentiles")


def typical_counted(course: Course, name: str, level: str = "likely") -> int:
    """What plans typically count of a service of a course, in cents; of doses of which some are lower, the mean.

    Raises KeyError for a service without a typical amount.
    """
    amounts, low = typical_allowed(level), f"spravato_bundle_{SPRAVATO_DOSES[0]}"
    if name != "esketamine" or SPRAVATO_DOSES[0] not in course.doses.values():
        return amounts[name]
    doses = [visit.phase for visit in visits(course) if any(given == name for given, _ in visit.services)]
    lower = sum(course.doses.get(phase) == SPRAVATO_DOSES[0] for phase in doses)
    return whole_cents(Fraction(lower * amounts[low] + (len(doses) - lower) * amounts[name], max(len(doses), 1)))


def _of_allowed(scenario: Scenario, path: str) -> Ranged:
    name = path.rsplit(".", 1)[-1]
    kind, charge = priced_as(scenario.course, name), scenario.prices.charges.get(name, 0)
    if name not in typical_allowed():
        return Ranged(("0", dollars(charge)), "Not known: from nothing to the whole charge.", shape="uniform")
    if name == "infusion" and "extra_hour" in scenario.prices.bundled:
        low = typical_allowed("low")[name]
        why = "Not known for this many hours: from the least allowed for one hour to the whole charge."
        return (
            Ranged((dollars(low), dollars(charge)), why, (allowed_citation(name),), shape="uniform")
            if low < charge
            else NONE
        )
    values = tuple(dollars(typical_counted(scenario.course, name, level)) for level in ("low", "likely", "high"))
    why = "What plans typically count, not this plan."
    return Ranged(values, why, (allowed_citation(kind),), shape="percentiles")


def _of_design(scenario: Scenario, path: str) -> Ranged:
    _, _, network, *_, name = path.split(".")
    if scenario.payer == "medicare-advantage" and name == "out_of_pocket_limit":
        return medicare_advantage_limit(scenario.course.start.year)
    if ".hospital_outpatient." in path:
        why = "Medicare's share of a hospital's service: 20% of most, up to 40% of the rest."
        least_most = ("20%", "40%") if scenario.plan.kind == "Medicare" else ()
        return Ranged(least_most, why, (cited("C072"),), odds=(8_900, 1_100))
    if scenario.plan.kind == "Medicare with Medigap" and name == "copay":
        why = "Whether a Spravato visit counts as an office visit is not known: ask the insurer."
        return Ranged(("0", PLAN_N_COPAY), why, (cited("C065"),))
    return range_of_term(scenario.plan.kind, network, name)


def _of_other(scenario: Scenario, path: str) -> Ranged:
    """A term, or what was used, of a second or a later plan: what plans of its kind have, or all that there is."""
    which, *_, network, name = path.replace(".benefits.default", "").split(".")
    other = scenario.second if which == "second" else scenario.later
    side = other.plan.networks.get(network) if other else None
    if other is None or not isinstance(side, Network):
        return NONE
    if ".used." in path:
        top = getattr(side, USED_OF[name], None)
        why = "Anything from $0 to the whole of it, until the plan tells you."
        return Ranged((dollars(0), dollars(top)), why, shape="uniform") if isinstance(top, int) else NONE
    return range_of_term(other.plan.kind, network, name) if other.plan.kind in COMMERCIAL else NONE


@kept(16)
def medicare_advantage_limit(year: int) -> Ranged:
    """A plan's yearly limit under Medicare Advantage: up to the federal ceiling, half of the plans below the median."""
    most, median = parameter("medicare_advantage.limit"), parameter("medicare_advantage.median_limit")
    day = min(max(date(year, 1, 1), most.values[0].first), most.values[-1].last)
    ceiling, half = most.on(day), median.on(day)
    why = f"No plan's limit is above {shown(ceiling)} in {day.year}, and half of them are {shown(half)} or less."
    values = tuple(map(dollars, (2 * half - ceiling, half, ceiling)))
    return Ranged(values, why, (most.citation(day), median.citation(day)))


@kept(256)
def range_of_term(kind: str, network: str, name: str) -> Ranged:
    """What plans of a kind have for a term that one does not print, without values where too few print it.

    Of the published designs a tenth lie below and a tenth above; of limits, which may be none, the quarters.
    """
    if kind == "Medicaid" and name == "copay":
        own = assumption(MEDICAID_COPAY)
        why = f"Medicaid copays differ by state: {own['why']}."
        citation = assumption_citation(MEDICAID_COPAY)
        return Ranged((dollars(usd(own["low"])), dollars(usd(own["high"]))), why, (citation,), shape="uniform")
    amounts, citations = _designs(network if network in ("in", "out") else "in", name)
    if len(amounts) < 4:
        return NONE
    where = "outside the network" if network == "out" else "in the network"
    if name == "out_of_pocket_limit":
        quarters = dict.fromkeys(_cents(point) for point in quantiles(amounts, n=4, method="inclusive"))
        why = f"{len(amounts)} published plans {where}: a quarter of them are lower, a quarter higher."
        return Ranged(tuple(map(_limit, quarters)), why, citations)
    tenths = [_cents(point) for point in quantiles(amounts, n=10, method="inclusive")]
    values = tuple(percent(point) if name == "coinsurance" else dollars(point) for point in tenths[::4])
    why = f"{len(amounts)} published plans {where}: a tenth of them are lower, a tenth higher."
    return Ranged(values, why, citations, shape="percentiles")


def _cents(point: float) -> int:
    return whole_cents(Fraction(point))


def _of_used(scenario: Scenario, path: str) -> Ranged:
    """From nothing to all of it: what can be at all, of the largest where several designs stand for the plan."""
    _, _, _, network, name = path.split(".")
    plans = scenario.designs.values() or (scenario.plan,)
    tops = [getattr(plan.networks.get(network), USED_OF.get(name, ""), None) for plan in plans]
    top = max((top for top in tops if isinstance(top, int)), default=0)
    if not top:
        return NONE
    whole = "deductible" if name == "deductible" else "limit"
    why = f"Anything from $0 to the plan's whole {whole}, until the plan tells you."
    return Ranged((dollars(0), dollars(top)), why, shape="uniform")


def _of_plan_year(scenario: Scenario, path: str) -> Ranged:
    starts, citations = list[int](), list[Citation]()
    for id in _known():
        starts.append(published_plan(id).plan.plan_year_starts)
        citations += published_plan(id).citations if starts[-1] != 1 else ()
    months = sorted(set(starts))
    odds = [starts.count(month) * WHOLE // len(starts) for month in months]
    odds[0] += WHOLE - sum(odds)
    why = f"{starts.count(1)} of {len(starts)} published plans start in January; the others in the months shown."
    return Ranged(tuple(map(str, months)), why, tuple(citations), tuple(odds))


def _of_step(scenario: Scenario, path: str) -> Ranged:
    """The chance that an appeal or a review wins, from its lowest to its highest."""
    if not scenario.payer:
        return NONE
    name = {"internal": "internal_appeal", "external": "external_review"}[path.rsplit(".", 1)[-1]]
    rule = step(payer(scenario.payer).law, name)
    chance = rule.chance_for(treatment_of(scenario.course.protocol)) if rule else None
    if chance is None:
        return NONE
    values = tuple(map(percent, (chance.low, chance.central, chance.high)))
    return Ranged(values, f"{rule.label if rule else ''}: {chance.why}.", chance.citations, shape="percentiles")


def _of_rate(scenario: Scenario, path: str) -> Ranged:
    """From a clinic's own plan without interest to the rate of a medical credit card."""
    own, card = (next(row for row in rows("programs") if row["id"] == id) for id in ("G009", "G007"))
    values = tuple(percent(share(row["value"])) for row in (own, card))
    why = "From a clinic's own plan without interest to a medical credit card; ask the lender."
    return Ranged(values, why, tuple(map(cited, ("G009", "G007"))), shape="uniform")


def _assumed(name: str, read: Callable[[object], int]) -> Ranged:
    row = assumption(name)
    values = tuple(percent(read(row[level])) for level in ("low", "central", "high"))
    return Ranged(values, f"Assumed: {row['why']}.", (assumption_citation(name),), shape="percentiles")


@cache
def _known() -> tuple[str, ...]:
    """The published designs of employers and marketplaces that are of these years."""
    return tuple(
        id for id in published_plans() if published_plan(id).in_window and published_plan(id).plan.kind in COMMERCIAL
    )


@cache
def _designs(network: str, name: str) -> tuple[list[int], tuple[Citation, ...]]:
    """What the published designs say of an entry on one side, lowest first, with the sources of those that do."""
    amounts, citations = list[int](), list[Citation]()
    for id in _known():
        side = published_plan(id).plan.networks.get(network)
        if isinstance(side, Network):
            found: list[Any] = [getattr(side, name, None)]
            if name == "coinsurance":
                found = [side.benefit("default")[0].coinsurance]
            elif name == "copay":
                found = [side.benefits[line].copay or None for line in VISITS if line in side.benefits]
            elif name == "out_of_pocket_limit":
                found = [NO_LIMIT if amount is None else amount for amount in found]
            amounts += [amount for amount in found if isinstance(amount, int)]
            citations += published_plan(id).citations
    return sorted(amounts), tuple(dict.fromkeys(citations))


def _limit(amount: int) -> str:
    """An amount as people write it; a quartile that reaches into designs without a limit is none."""
    return "none" if amount > NO_LIMIT // 8 else dollars(amount)


_RANGES: Mapping[str, Callable[[Scenario, str], Ranged]] = {
    "plan.plan_year_starts": _of_plan_year,
    "path.internal": _of_step,
    "path.external": _of_step,
    "paying.loan.apr": _of_rate,
    "prices.charges.*": _of_charge,
    "prices.monthly_fee": lambda scenario, path: _between("monthly fee of a clinic or a service"),
    "used.members.patient.*": _of_used,
    "plan.networks.*.pricing.multiple": lambda scenario, path: _assumed(MULTIPLES, multiple),
    "plan.networks.*.pricing.share": lambda scenario, path: _assumed(SHARES, share),
    "plan.networks.*.allowed.*": _of_allowed,
    **dict.fromkeys((f"plan.networks.*.{term}" for term in DRAWN_TERMS), _of_design),
    "second.plan.networks.*": _of_other,
    "later.plan.networks.*": _of_other,
    "second.used.*": _of_other,
}
"""What gives the range of an entry, by a pattern of its path; the first that fits."""


THREE_POINTS = "share of the low and of the high value, where low, middle and high are known"
AS_ENTERED = "The odds are as entered."
EACH_AS_LIKELY = "We don't know how likely each value is, so we count them as equally likely."

LIKELIEST_PAYER = "employer-insured"
"""Whose odds a commercial plan takes while nobody said who pays; self-funded and individual plans have the same."""


@dataclass(frozen=True)
class Unknown:
    """An entry that is not known: its values with their odds, or the numbers of its shape, and why."""

    path: str = described("Entry", "The entry, by its path into the scenario.")
    label: str = described("What", "What the entry is, in the booklet's words.")
    values: tuple[str, ...] = described("Values", "The values that are considered, as people write them.")
    odds: tuple[Fraction, ...] = described(
        "Odds", "How likely each value is; a value at 0 is left out. Empty if there is a shape."
    )
    why: str = described("Why", "Where the odds of these values come from.")
    citations: tuple[Citation, ...] = described("Sources", "The sources that the odds are taken from.", ())
    grade: str = described("Grade", "How good these sources are: primary to assumption.", "assumption")
    shape: str = described("Shape", "What the values are: percentiles, uniform, triangular or lognormal.", "")
    numbers: tuple[int, ...] = described("Numbers", "The values of a shape as whole numbers: cents, basis points.", ())

    @property
    def likeliest(self) -> int:
        """The place of the likeliest value; of equals the one nearest the middle, then the first."""
        middle = (len(self.values) - 1) / 2
        return max(range(len(self.values)), key=lambda place: (self.odds[place], -abs(place - middle), -place))

    def at(self, chance: float) -> int:
        """The value below which so much of the shape lies, as a whole number."""
        return quantile(self.shape, self.numbers, chance)

    @property
    def typical(self) -> int:
        """The value that stands for the shape, as a whole number."""
        return typical(self.shape, self.numbers)


@kept(64)
def unknowns(scenario: Scenario) -> tuple[Unknown, ...]:
    """What is not known of a scenario, by path. Raises ScenarioError for a range that holds no values."""
    return tuple(_unknown(scenario, path) for path in sorted(scenario.ranges))


def values_of(scenario: Scenario, path: str) -> tuple[str, ...]:
    """The values that an unknown takes: those of its range, and the entry as it is if it lies between two.

    Raises ScenarioError for a range that holds no values.
    """
    values = scenario.ranges[path]
    if not values:
        raise ScenarioError(
            f"the range of {path} holds no values; give the lowest and the highest, or leave the range out"
        )
    if len(values) != 2 or path in scenario.odds or path in scenario.shapes or AS_IT_IS in values or runs_round(path):
        return values
    low, high = (read(hint_at(Scenario, path), value, path) for value in values)
    current = entry(scenario, path)
    between = (
        all(isinstance(number, int) and not isinstance(number, bool) for number in (low, current, high))
        and low < current < high
    )
    return (values[0], AS_IT_IS, values[1]) if between else values


def runs_round(path: str) -> bool:
    """Whether an entry is a day or a month of the year: more of it is not simply more or less money."""
    return path in ("plan.plan_year_starts", "course.start")


def entry(thing: Any, path: str) -> Any:
    """What a path holds, as the package keeps it: cents, basis points; None where a mapping does not have it."""
    for name in path.split("."):
        thing = thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)
    return thing


def label_of_entry(path: str) -> str:
    """The entry at a path in the booklet's words: "Charges: IV infusion"."""
    if path == GATE:
        return "Whether the plan pays outside its network"
    if path.startswith("plan.networks.") and path.count(".") == 2:
        return f"Network {path.rpartition('.')[2]}"
    label, _, kind = words_at(path)
    if path.startswith(("second.plan.", "second.used.", "later.plan.")):
        kind = f"{path.partition('.')[0]} plan"
    elif ".benefits." in path:
        kind = ""
    return f"{label}: {kind}" if kind else label


def outcome_odds(path: DecisionPath, law: str, outcomes: tuple[str, ...]) -> tuple[Fraction, ...]:
    """How likely each outcome is on a path, among those asked for; all zero where the path leads to none."""
    chances = [
        sum((end.chance for end in _ends(path, law) if end.outcome == outcome), Fraction(0)) for outcome in outcomes
    ]
    whole = sum(chances)
    return tuple(chance / whole if whole else Fraction(0) for chance in chances)


def answering(scenario: Scenario, case: Scenario | None = None) -> tuple[End, ...]:
    """Every way in which it can end, with exact chances that add to one; one alone where the coverage is known.

    `case` is the scenario with its unknowns at their values, where a chance or a step is itself not known.
    answering(example("payer-marketplace"))[0].chance is a Fraction.
    """
    case = case or scenario
    if "coverage" not in scenario.ranges:
        return (_as_known(case),)
    values = values_of(scenario, "coverage")
    if "coverage" in scenario.odds:
        odds = _shares(scenario.odds["coverage"])
        return tuple(End((), chance, value, 0, 0, ()) for value, chance in zip(values, odds, strict=True) if chance)
    if paid := _with_payer(case):
        alike = [end for end in _ends(*path_of(paid)) if end.outcome in values]
        if whole := sum((end.chance for end in alike), Fraction(0)):
            return tuple(replace(end, chance=end.chance / whole) for end in alike)
    return tuple(End((), Fraction(1, len(values)), value, 0, 0, ()) for value in values)


def _as_known(case: Scenario) -> End:
    """The end of a coverage that is known: the likeliest of the scenario's own path that ends so, with its steps."""
    outcome = "infusions too" if case.coverage == "everything" else case.coverage
    alike = [end for end in _ends(*path_of(case)) if end.outcome == outcome] if case.path and case.payer else []
    likeliest = max(alike, key=lambda end: end.chance, default=None)
    if likeliest is None:
        return End((), Fraction(1), case.coverage, 0, 0, ())
    return replace(likeliest, chance=Fraction(1), outcome=case.coverage)


@kept(256)
def _ends(path: DecisionPath, law: str) -> tuple[End, ...]:
    return ends(path, law)


@kept(1_024)
def _check_range(path: str, values: tuple[str, ...], designs: tuple[str, ...]) -> None:
    """Refuse a range over what is no input of the numbers, or with a value that the entry cannot take.

    Raises ScenarioError, and what `read` raises.
    """
    if path.partition(".")[0] in NO_INPUTS or (path.startswith("plan.") and path.count(".") == 1 and path in NAMES):
        raise ScenarioError(
            f"ranges.{path}: this entry changes no amount, so a range of it changes nothing; leave it out"
        )
    if len(values) > MOST_VALUES:
        raise ScenarioError(f"ranges.{path} holds {len(values):,} values; at most {MOST_VALUES} are looked at")
    hint = hint_at(Scenario, path)
    for value in values:
        if value == AS_IT_IS:
            continue
        if path == "published_plan":
            require("published plan", value, (*designs, *published_plans()))
        elif path == "coverage":
            require("coverage", value, COVERS)
        else:
            read(hint, value, f"ranges.{path}")


def _unknown(scenario: Scenario, path: str) -> Unknown:
    _check_range(path, scenario.ranges[path], tuple(scenario.designs))
    label, values = label_of_entry(path), values_of(scenario, path)
    if shape := scenario.shapes.get(path):
        usual, kind = default_range(scenario, path), kind_of(hint_at(Scenario, path))
        same = usual.values == values and usual.shape == shape
        why, citations = (usual.why, usual.citations) if same else (AS_ENTERED, ())
        numbers = tuple(number(value, kind, path) for value in values)
        return Unknown(path, label, values, (), why, citations, _worst(citations), shape, numbers)
    if path in scenario.odds:
        basis = getattr(scenario, "basis", {}).get(key_at(path, {}))
        why = basis.why if basis and basis.state == "assumed" else AS_ENTERED
        return Unknown(path, label, values, _shares(scenario.odds[path]), why)
    if path == "coverage" and (paid := _with_payer(scenario)):
        odds = outcome_odds(*path_of(paid), values)
        if any(odds):
            why, citations, grade = _payers_words(paid)
            why = why if scenario.payer else f"Who pays is not chosen. {why}"
            return Unknown(path, label, values, odds, why, citations, grade)
    usual = default_range(scenario, path)
    why, citations = (usual.why, usual.citations) if usual.values == scenario.ranges[path] else ("", ())
    if why and len(usual.odds) == len(values):
        return Unknown(path, label, values, _shares(usual.odds), why, citations, _worst(citations))
    if _around(scenario, path, values):
        end = share(assumption(THREE_POINTS)["central"])
        reason = "The value that was entered is the middle one; the low and the high one are each a little less likely."
        cited = (*citations, assumption_citation(THREE_POINTS))
        return Unknown(path, label, values, _shares((end, WHOLE - 2 * end, end)), f"{why} {reason}".strip(), cited)
    reason = f"{why} {EACH_AS_LIKELY}".strip()
    return Unknown(path, label, values, (Fraction(1, len(values)),) * len(values), reason, citations)


def _with_payer(scenario: Scenario) -> Scenario | None:
    """The scenario with its payer; with the likeliest one where none is chosen and the plan is of a commercial kind."""
    if scenario.payer or scenario.plan.kind not in ("", *COMMERCIAL):
        return scenario if scenario.payer else None
    return scenario.replace(payer=LIKELIEST_PAYER, path=None)


def _around(scenario: Scenario, path: str, values: tuple[str, ...]) -> bool:
    """Whether the values are a low one, the entry as it is, and a high one."""
    if len(values) != 3:
        return False
    current, hint = entry(scenario, path), hint_at(Scenario, path)
    low, middle, high = (current if value == AS_IT_IS else read(hint, value, path) for value in values)
    numbers = all(isinstance(number, int) and not isinstance(number, bool) for number in (low, middle, high))
    return numbers and low < middle < high and middle == current


def _payers_words(scenario: Scenario) -> tuple[str, tuple[Citation, ...], str]:
    """Why the outcomes are as likely as they are: the payer's odds, or the counselor's own."""
    who = payer(scenario.payer)
    taken, usual = (path_of(case)[0] for case in (scenario, scenario.replace(path=None)))
    if (taken.infusions, taken.visits) != (usual.infusions, usual.visits):
        return f"The chances that you entered, for this payer: {who.label}.", (), "assumption"
    chances = list(who.chances(treatment_of(scenario.course.protocol)).values())
    grades = [case.grade for case in chances] or ["assumption"]
    sentence = f"How this payer ({who.label}) answers for this treatment, from written policies and published rates."
    treatment = treatment_of(scenario.course.protocol)
    if usual != path_for(scenario.payer, treatment):
        policy = policy_for(scenario.insurer, scenario.payer, treatment)
        sentence = f"{sentence} Under the insurer's policy, or the what-if, the chance is our assumption."
        cited = (*(policy.citations if policy else ()), *_citations(chances))
        return sentence, tuple(dict.fromkeys(cited)), "assumption"
    return sentence, tuple(dict.fromkeys(_citations(chances))), max(grades, key=GRADES.index)


def _worst(citations: tuple[Citation, ...]) -> str:
    """The weakest grade among some sources; what is derived from them is no better."""
    return max((citation.grade for citation in citations), key=GRADES.index, default="assumption")


def _citations(chances: list[Any]) -> Iterator[Citation]:
    for chance in chances:
        yield from chance.citations


def _shares(points: tuple[int, ...]) -> tuple[Fraction, ...]:
    return tuple(Fraction(part, WHOLE) for part in points)
