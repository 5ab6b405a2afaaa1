"""A scenario: a course, its prices, a plan and what the plan covers; running it gives the answer.

Unknowns are in `ranges`: the model takes numbers, the question takes ranges. The answer is the
scenario as entered, with the lowest and the highest total over everything that the ranges allow.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import partial
from typing import Any, Literal

from ketacost.accounts.contributions import NOTHING_ON_HAND, OnHand, limit_on
from ketacost.accounts.loans import Call, Paying, services_helped
from ketacost.core.convert import EntryError, merged, read, written
from ketacost.core.dates import us_day
from ketacost.core.displayed import Displayed
from ketacost.core.fields import Fixed, KetacostError, described, replace, require, unknown
from ketacost.core.money import Cents, Share, dollars
from ketacost.core.references import assumption, names_in, read_toml
from ketacost.core.registry import kept
from ketacost.core.words import told
from ketacost.estimate.distributions import NEEDS, check_odds, write_ranges
from ketacost.estimate.next_terms import NextTerms, with_next_terms
from ketacost.model.accumulators import PATIENT, Used
from ketacost.model.adjudication import Claim, adjudicate, plan_year_of, with_help
from ketacost.model.allowed import typical_allowed
from ketacost.model.booklet import require_line
from ketacost.model.coordination import SecondPlan, coordinate
from ketacost.model.courses import FACILITY, Course, Prices, ServiceLine, service_lines, typical_prices, visits
from ketacost.model.coverage import DecisionPath
from ketacost.model.payers import payer, payers, treatment_of
from ketacost.model.plans import Network, Plan, PlanVersion, published_plan, published_plans, with_published
from ketacost.model.policies import Criterion, insurer, path_under
from ketacost.model.pricing import SCHEDULE
from ketacost.model.protocols import protocol, protocols, service
from ketacost.model.rules import ACCUMULATOR, Rule, rule_of
from ketacost.taxes.households import NOTHING, Contribution, Household
from ketacost.taxes.local import localities

Coverage = Literal["denied", "visits only", "infusions too", "everything"]
COVERS: Mapping[str, tuple[str, ...]] = {
    "denied": (),
    "visits only": ("visit",),
    "infusions too": ("visit", "infusion"),
    "everything": ("visit", "infusion", "drug"),
}
"""The parts of a bill that the plan covers under each outcome."""


FACILITY_FEE = "hospital's facility fee of an infusion visit"
"""The assumption of what a hospital charges beside the doctor."""

PHARMACY_LINE = "pharmacy_drug"
"""The line of the booklet for a drug that the plan pays for under its pharmacy benefit."""


class ScenarioError(KetacostError):
    """A scenario that does not fit together, with the way to mend it."""


HELP_COUNTS = "paying.assistance_counts"
"""The entry that says whether help counts toward the deductible and the limit."""

AS_IT_IS = "as it is"
"""A value of a range that means the entry as the scenario has it."""


@dataclass(frozen=True, repr=False)
class Scenario(Displayed):
    """One patient's question, with no name in it: which treatment, at which prices, under which plan."""

    course: Course = described("Treatment", "Which treatment the patient has, and from which day.")
    prices: Prices = described("What the clinic charges", "The clinic's charges; typical ones if they are not known.")
    plan: Plan = described("Plan", "The patient's benefit, as the plan's booklet states it.")
    network: str = described(
        "The clinic is", "The clinic's place in the plan: in the network, outside it, or in a tier.", "out"
    )
    coverage: Coverage = described(
        "What the plan covers", "Which parts of the bill we assume the plan covers.", "visits only"
    )
    used: Used = described("Used so far", "What the plan year has already used.", Used())
    waived: bool = described("Balance bill waived", "Whether the clinic waives what the plan does not count.", False)
    ranges: Mapping[str, tuple[str, ...]] = described(
        "Not known",
        "Entries that are not known, by path, with the values to consider: "
        '{"prices.charges.infusion" = ["500", "700"]}.',
        default_factory=Fixed,
    )
    odds: Mapping[str, tuple[Share, ...]] = described(
        "How likely each",
        "The chance of each value of a range, in its order, by path; if left out, the usual chances of such a range.",
        default_factory=Fixed,
    )
    shapes: Mapping[str, str] = described(
        "Shape of a range",
        "What the numbers of a range are, by path: percentiles, uniform, triangular or lognormal; a list when "
        "left out.",
        default_factory=Fixed,
    )
    designs: Mapping[str, Plan] = described(
        "Designs looked at",
        "The plans that stand for one that is not known, by the id of the published design; a range of "
        "`published_plan` names them.",
        default_factory=Fixed,
    )
    if_denied: Literal["", "go on", "stop"] = described(
        "After a no",
        "Whether the treatment goes on or stops after the plan's no; if left out, as usual for the payer.",
        "",
    )
    denied_line: Literal["", "patient", "provider"] = described(
        "Who owes a denied visit",
        "Who owes a visit that took place and that the plan does not pay; if left out, the payer's rules decide.",
        "",
    )
    networks: Mapping[str, str] = described(
        "Network of a service",
        "The network of each service that is not billed in the clinic's own network.",
        default_factory=Fixed,
    )
    lines: Mapping[str, str] = described(
        "Line of a service",
        "The line of the plan's booklet for each service that is not under its usual line.",
        default_factory=Fixed,
    )
    drug_benefit: Literal["", "medical", "pharmacy"] = described(
        "The drug falls under",
        "Whether the plan pays for the drug under its medical or its pharmacy benefit (its line pharmacy_drug).",
        "",
    )
    second: SecondPlan | None = described(
        "Second plan", "Another plan of the patient, which pays after this one or before it.", None
    )
    later: PlanVersion | None = described(
        "A later plan", "The plan that applies from a later day on, such as after a job change or at 65.", None
    )
    next_terms: Mapping[str, NextTerms] = described(
        "Next plan year",
        "By network, the known terms of the next plan year: the one after `today`, or else after the first visit.",
        default_factory=Fixed,
    )
    premium: Cents | None = described(
        "Premium",
        "What you pay for the plan each month, in dollars. It is not part of the cost; comparisons of plans show "
        "it next to the cost.",
        None,
    )
    today: date | None = described("As of", "The day that the numbers are for.", None)
    payer: str = described("Who pays", "The kind of payer: it sets the odds and what can be done to get paid.", "")
    insurer: str = described("Insurer", "The insurer by name: we use what its policy says about the treatment.", "")
    criteria: Mapping[str, Criterion] = described(
        "Criteria", "What the insurer's policy asks for, by short name: met or not met.", default_factory=Fixed
    )
    like_spravato_from: date | None = described(
        "What if IV were covered like Spravato",
        "The day from which we assume that the payer covers IV ketamine as it does Spravato; before it, nothing.",
        None,
    )
    path: DecisionPath | None = described(
        "Path", "What is done about the bill and how likely each yes is; the payer's own odds when left out.", None
    )
    covered_until: date | None = described(
        "Covered until", "The last day of an authorization. Visits after it are denied.", None
    )
    household: Household | None = described("Household", "Whose taxes, if tax-free accounts help to pay.", None)
    contribution: Contribution = described(
        "Put in", "What goes into tax-free accounts in the household's year.", NOTHING
    )
    next_contribution: Contribution = described(
        "Put in next year",
        "What goes into tax-free accounts in the year after the household's; the FSA election is for the plan year "
        "that begins then.",
        NOTHING,
    )
    on_hand: OnHand = described(
        "In accounts today", "What is already in tax-free accounts, and what rules out an HSA.", NOTHING_ON_HAND
    )
    paying: Paying = described("How it is paid", "What others pay, what you pay ahead, and what you borrow.", Paying())
    calls: tuple[Call, ...] = described("Calls", "The log of calls to the insurer: day, reference number, answer.", ())
    title: str = described("Title", "A title for this scenario; no patient names.", "")
    rule: str = described(
        "Rule",
        "The variant of the rule that we assume the plan follows, by its name; the usual rule when left out.",
        "",
    )
    published_plan: str = described("Published plan", "The published plan whose terms are used.", "")

    def __post_init__(self) -> None:
        object.__setattr__(self, "ranges", Fixed({path: tuple(values) for path, values in self.ranges.items()}))
        odds = {path: tuple(shares) for path, shares in self.odds.items() if path in self.ranges}
        object.__setattr__(self, "odds", Fixed(odds))
        shapes = {path: shape for path, shape in self.shapes.items() if path in self.ranges}
        object.__setattr__(self, "shapes", Fixed(shapes))
        named = [name for name in self.ranges.get("published_plan", ()) if name in published_plans()]
        published = {name: published_plan(name).plan for name in named if name not in self.designs}
        object.__setattr__(self, "designs", Fixed({**published, **self.designs}))
        for name in ("criteria", "networks", "next_terms", "lines"):
            object.__setattr__(self, name, Fixed(getattr(self, name)))
        for shape in shapes.values():
            require("shape of a range", shape, NEEDS)
        check_odds(self.ranges, self.odds)
        if self.payer:
            payer(self.payer)
        if self.insurer:
            known = insurer(self.insurer)
            object.__setattr__(self, "insurer", known.id)
            for name in self.criteria:
                require(f"criterion of {known.label}", name, known.criteria)
        rule_of(self.rule)
        for name in (*self.networks, *self.lines):
            service(name)
        for line in self.lines.values():
            require_line(line)
        for network in (self.network, *self.networks.values()):
            for plan in (self.plan, *([self.later.plan] if self.later else [])):
                require(f"network of {plan.name}", network, plan.networks)
            if self.second:
                where = self.second.network or network
                require(f"network of {self.second.plan.name}", where, self.second.plan.networks)

    def __repr__(self) -> str:
        treatment = protocol(self.course.protocol).label
        return f"{type(self).__name__}: {treatment} from {us_day(self.course.start)}, {self.plan.name}"

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


def as_written(scenario: Scenario) -> Scenario:
    """A scenario as somebody wrote it into a file, where impossible entries are refused. Raises EntryError.

    Refused are amounts used as of a day after the course, members who are not on the plan, and what `Plan.as_written`
    refuses.
    """
    problems = list[str]()
    last = max((visit.date for visit in visits(scenario.course)), default=scenario.course.start)
    as_of = scenario.used.as_of
    if as_of and as_of > last:
        problems.append(
            f"used.as_of: {us_day(as_of)} is after the last visit ({us_day(last)}): no visit comes after it"
        )
    beside = [other.plan for other in (scenario.second, scenario.later) if other]
    for design in (scenario.plan, *scenario.designs.values(), *beside):
        try:
            design.as_written()
        except KetacostError as error:
            problems.append(f"plan: {error}")
    others = [member for member in scenario.used.members if member != PATIENT]
    if others and not scenario.plan.family and not scenario.designs:
        problems.append(
            f"used.members: a plan for one person has no member {told(others[0])}; the patient is `{PATIENT}`, and for "
            "a family plan set family = true"
        )
    home = scenario.household
    if home is not None and home.locality and home.locality not in localities(home.state):
        known = localities(home.state) or ("none whose income tax is known",)
        problems.append(f"household.locality: {unknown(f'locality of {home.state}', home.locality, known)}")
    if problems:
        raise EntryError(problems)
    return scenario


def table_of(scenario: Scenario) -> dict[str, Any]:
    """The table that `scenario_from` reads back to an equal scenario. What the prices include is always said."""
    entries = {f.name for f in fields(Scenario)}
    table = {name: value for name, value in written(scenario).items() if name in entries}
    table["prices"]["bundled"] = list(scenario.prices.bundled)
    if scenario.path is not None and scenario.payer in payers():  # reading begins with the payer's own path
        usual = written(usual_path(scenario))
        table["path"] |= {name: _off(value) for name, value in usual.items() if name not in table["path"]}
    return table


def usual_path(scenario: Scenario) -> DecisionPath:
    """The path of a scenario's payer and treatment at central chances, under its insurer's policy if we know one."""
    like, kind = covered_from(scenario) is not None, treatment_of(scenario.course.protocol)
    return path_under(scenario.payer, kind, scenario.insurer, scenario.criteria, like_spravato=like)


def _off(value: object) -> object:
    """What a field of a path that is left out holds, in the words of one that is not: no, none or never."""
    return False if isinstance(value, bool) else {} if isinstance(value, Mapping) else "0%"


def examples() -> tuple[str, ...]:
    """The names of the scenarios that ship with the package."""
    return names_in("scenarios")


FIRST_PATIENT = "payer-employer-insured"
"""The example that notebooks begin with where nothing is saved, and that a panel can start from."""


def example(name: str) -> Scenario:
    """A scenario that ships with the package: example("readme-patient"). Raises UnknownName with the near matches."""
    require("example scenario", name, examples())
    return scenario_from(read_toml(f"scenarios/{name}.toml"))


def bill(scenario: Scenario) -> tuple[ServiceLine, ...]:
    """The service lines of a scenario: the course at its prices, with what the plan covers marked on each."""
    lines = service_lines(scenario.course, scenario.prices, scenario.network)
    if moved := _moved(scenario):
        lines = tuple(line.replace(**moved[line.service]) if line.service in moved else line for line in lines)
    first, last = covered_from(scenario), scenario.covered_until
    marks = scenario.coverage, scenario.waived, scenario.denied_line == "provider"
    lines = tuple([_marked(line, _outside(line.date, first, last), *marks) for line in lines])
    if marks[-1] and not scenario.second:
        plan = in_years(scenario, scenario.plan)
        lines = tuple([line.replace(provider_bears=True) if pays_nothing(plan, line) else line for line in lines])
    return lines


def pays_nothing(plan: Plan, line: ServiceLine) -> bool:
    """Whether the plan of a line's day has no benefit in its network: then it denies the line, whatever it covers."""
    plan = next((version.plan for version in reversed(plan.versions) if version.starts <= line.date), plan)
    return not line.why_not and isinstance(plan.networks.get(line.network), str)


def _moved(scenario: Scenario) -> dict[str, dict[str, str]]:
    """By service, the network and the line of the booklet that its lines have instead of their usual ones."""
    moved: dict[str, dict[str, str]] = {}
    if scenario.drug_benefit == "pharmacy":
        drugs = [name for name in scenario.prices.charges if service(name).benefit == "drug"]
        moved |= {name: {"benefit": PHARMACY_LINE} for name in drugs}
    for field, names in (("network", scenario.networks), ("benefit", scenario.lines)):
        for name, value in names.items():
            moved.setdefault(name, {})[field] = value
    return moved


def covered_from(scenario: Scenario) -> date | None:
    """The day from which we assume IV ketamine covered like Spravato; None where that is not asked."""
    return scenario.like_spravato_from if treatment_of(scenario.course.protocol).startswith("iv-") else None


def _outside(day: date, first: date | None, last: date | None) -> str:
    """Why a day lies outside the days that coverage is for; empty where it does not."""
    if last and day > last:
        return "the authorization has ended"
    return f"coverage begins on {us_day(first)}" if first and day < first else ""


@kept(4_096)
def _marked(line: ServiceLine, outside: str, coverage: Coverage, waived: bool, provider_bears: bool) -> ServiceLine:
    """A line with what a coverage makes of it, kept: the cases of a scenario share it."""
    if line.why_not:
        return line
    covered = service(line.service).part in COVERS[coverage]
    why_not = _denial(coverage, line)
    if covered and outside:
        covered, why_not = False, outside
    if covered and not waived:
        return line
    bears = provider_bears and not covered
    return dataclasses.replace(line, covered=covered, why_not=why_not, balance_billed=not waived, provider_bears=bears)


def claims_of(scenario: Scenario) -> tuple[Claim, ...]:
    """The bill of a scenario, adjudicated by its rule. Raises what `adjudicate` raises."""
    lines, rule, plan = bill(scenario), rule_in_force(scenario), in_years(scenario, scenario.plan)
    services = helped_services(scenario)
    if scenario.paying.assistance and services is not None and not rule.counts_help:
        least = least_before_help(scenario)
        lines = tuple(with_help(lines, plan, scenario.used, rule, scenario.paying.assistance, services, least)[0])
    if scenario.second:
        return coordinate(lines, plan, scenario.second, scenario.used, rule=rule)
    return adjudicate(lines, plan, scenario.used, rule=rule)


def rule_in_force(scenario: Scenario) -> Rule:
    """The rule that was asked for; else the copay accumulator where help does not count, or not from the start."""
    paying = scenario.paying
    if scenario.rule or not paying.assistance or helped_services(scenario) is None:
        return rule_of(scenario.rule)
    counts = paying.assistance_counts != "does not count" and scenario.plan.hsa_eligible is not True
    return rule_of("" if counts else ACCUMULATOR)


def least_before_help(scenario: Scenario) -> Callable[[date], int] | None:
    """The cents that you pay beside an HSA before help counts, by plan year; None where help does not count at all.

    The law's minimum deductible of a high-deductible plan (Notice 2004-50, answer 9). That help counts from there on,
    where the plan's own deductible is higher, is our reading.
    """
    if scenario.rule or scenario.paying.assistance_counts == "does not count" or scenario.plan.hsa_eligible is not True:
        return None
    name = f"hdhp.least_deductible.{'family' if scenario.plan.family else 'self_only'}"
    return partial(_least_with_hsa, name)


def _least_with_hsa(name: str, day: date) -> int:
    return limit_on(name, day, "minimum deductible with an HSA").value


def help_may_count(scenario: Scenario) -> bool:
    """Whether it is open if help counts: help that pays something here, beside a payer, and nothing said of it."""
    paying = scenario.paying
    insured = bool(scenario.payer) and payer(scenario.payer).law != "none"
    helps = bool(paying.assistance) and helped_services(scenario) is not None
    return insured and helps and not (scenario.rule or paying.assistance_counts)


def next_year_starts(scenario: Scenario, plan: Plan) -> date:
    """The first day of a plan's year after the one of today, or else of the first visit."""
    this = plan_year_of(scenario.today or scenario.course.start, plan.plan_year_starts)
    return this.replace(year=this.year + 1)


def in_years(scenario: Scenario, plan: Plan) -> Plan:
    """A plan with its later versions: those that it has, next year's as far as it is known, and the one from a day on.

    What is known of next year counts where no other plan has begun before it.
    """
    terms, next_year = scenario.next_terms, plan
    if terms:
        next_year = plan.each_network(lambda name, side: with_next_terms(side, terms[name]) if name in terms else side)
    versions = (*plan.versions, *([scenario.later] if scenario.later else []))
    if next_year != plan:
        following = PlanVersion(next_year_starts(scenario, plan), next_year.replace(versions=()))
        if all(following.starts < version.starts for version in versions):
            versions = (following, *versions)
    if versions == plan.versions:
        return plan
    return plan.replace(versions=tuple(sorted(versions, key=lambda version: version.starts)))


def helped_services(scenario: Scenario) -> tuple[str, ...] | None:
    """The services that the assistance may pay for: () for any, None where it pays for none here."""
    law = payer(scenario.payer).law if scenario.payer else ""
    return services_helped(scenario.paying.assistance_for, law=law, treatment=scenario.course.protocol)


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
    return plan.each_network(lambda name, side: side.replace(allowed={}, pricing=None))


def _take_published_plan(table: dict[str, Any]) -> None:
    """A published plan by its id, alone or with changes; also as the second or the later plan."""
    for name in ("second", "later"):
        beside = table.get(name)
        if isinstance(beside, Mapping) and isinstance(beside.get("plan"), Mapping | str):
            try:
                table[name] = {**beside, "plan": with_published(beside["plan"])}
            except KetacostError as error:
                raise EntryError([f"{name}.plan: {error}"]) from None
    plan = table.get("plan")
    preset = plan if isinstance(plan, str) else plan.get("preset") if isinstance(plan, Mapping) else None
    try:
        table["plan"] = with_published(plan)
    except KetacostError as error:
        raise EntryError([f"plan: {error}"]) from None
    if preset is not None:
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
    usual = written(typical)["charges"]
    if isinstance(course, Mapping) and course.get("setting") == "hospital outpatient":
        usual[FACILITY] = assumption(FACILITY_FEE)["central"]
    for kind, amount in usual.items():
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
            [
                f"allowed: the plan has no terms for network {told(network)}, so it allows nothing there; "
                "leave `allowed` out"
            ]
        )
    if pricing is not None:
        plan = merged(plan, {"networks": {network: {"pricing": pricing}}})
    if amounts is None:
        table["plan"] = plan
        return
    if amounts == "typical":
        charges = table["prices"].get("charges") if isinstance(table["prices"], Mapping) else None
        charged = [kind for kind in typical_allowed() if isinstance(charges, Mapping) and kind in charges]
        amounts = {kind: dollars(typical_allowed()[kind]) for kind in charged}
        spread = {
            f"plan.networks.{network}.allowed.{kind}": [
                dollars(typical_allowed(level)[kind]) for level in ("low", "high")
            ]
            for kind in charged[-1:]
        }
        ranges = table.get("ranges", {})
        table["ranges"] = merged(spread, ranges) if isinstance(ranges, Mapping) else ranges
    if not isinstance(amounts, Mapping):
        raise EntryError(
            [f'allowed should be amounts by service, as in {{ infusion = 240 }}, or "typical"; got {told(amounts)}']
        )
    table["plan"] = merged(plan, {"networks": {network: {"allowed": amounts}}})


def _take_path(table: dict[str, Any]) -> None:
    """The payer's own odds for the treatment, under what a file changes of them."""
    path, course, kind = table.get("path"), table.get("course"), table.get("payer")
    name = course.get("protocol") if isinstance(course, Mapping) else None
    if isinstance(path, Mapping) and str(name) in protocols() and str(kind) in payers():
        said, like = table.get("criteria", {}), "like_spravato_from" in table
        met = said if isinstance(said, Mapping) else {}
        usual = path_under(str(kind), treatment_of(str(name)), str(table.get("insurer", "")), met, like_spravato=like)
        table["path"] = merged(written(usual), path)


def _denial(coverage: Coverage, line: ServiceLine) -> str:
    covered = COVERS[coverage]
    if service(line.service).part in covered:
        return ""
    return (
        f"the plan covers {coverage.replace(' only', ' alone')}, not this" if covered else "the plan covers none of it"
    )
