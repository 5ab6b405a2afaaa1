"""The same patient in other ways: by other routes to treatment, and as free calculators would have worked it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from ketacost.accounts.loans import HELP_TERMS, kept_of_help
from ketacost.core.dates import months_later
from ketacost.core.fields import KetacostError
from ketacost.core.money import WHOLE, about, between, part_of, usd, whole_cents
from ketacost.core.references import Citation, rows, source
from ketacost.estimate.answer import Answer, scenario_of
from ketacost.estimate.estimate import RARE, Estimate, estimate
from ketacost.estimate.intake import Intake
from ketacost.estimate.resolve import Resolved, resolve
from ketacost.estimate.saying import intake_of
from ketacost.estimate.scenario import Scenario, claims_of, covered_from, network_of, priced
from ketacost.model.adjudication import Claim
from ketacost.model.courses import Course, visits
from ketacost.model.payers import payer, treatment_of
from ketacost.model.plans import Network
from ketacost.model.policies import chance_of_yes
from ketacost.model.protocols import DOSES, protocol, service

COMMERCIAL = ("aca", "erisa")
"""The laws of commercial plans: government plans are not eligible, even with a commercial one beside them."""

NO_OBSERVATION_HELP = ("MA", "MI", "MN", "RI")
"""States whose residents the rebate for the observation leaves out (row V04)."""

DRIVERS = {"spravato": "yes, until the next day", "oral": "no"}
"""Whether somebody has to drive the patient home, by the route of the drug; of others the clinic says."""


class Help(NamedTuple):
    """What the program may take off, in cents, between the least and the most; why nothing, and what is not known."""

    low: int
    high: int
    why_not: str
    not_known: str
    citations: tuple[Citation, ...]

    @property
    def sentence(self) -> str:
        """The help in words."""
        if self.why_not:
            return f"No help from the maker's program: {self.why_not}."
        return f"The maker's program may take off {between(self.low, self.high)}. {self.not_known}"


def savings_help(answer: Answer) -> Help:
    """What the maker's savings program may take off the patient's part of a Spravato course.

    The patient keeps $10 of each treatment's drug; the program pays the rest of the patient's part up to a yearly cap.
    The cap of today's program was not found: the least takes the cap of the program before it, the most takes none.
    The observation is rebated where the household's state allows it, for an amount that was not found either: the least
    takes none. Raises KetacostError without a payer.
    """
    scenario = answer.scenario
    if not scenario.payer:
        raise KetacostError("who pays? The program is only for commercial insurance: give the scenario a payer")
    citations = tuple(_citation(id) for id in ("V01", "V02", "V04"))
    if payer(scenario.payer).law not in COMMERCIAL:
        why_not = "it is for commercial insurance, not for Medicare, Medicaid or other government plans"
        return Help(0, 0, why_not, "", citations)
    drug = [claim for claim in answer.claims if claim.line.service == "esketamine" and claim.covered]
    if not drug:
        return Help(0, 0, "the plan covers no Spravato here", "", citations)
    keeps, cap = kept_of_help("spravato savings"), usd(_row("V02")["value_usd"])
    least, most = _by_year(drug, keeps, cap), _by_year(drug, keeps, None)
    not_known = [f"We did not find its yearly cap; the low end uses that of the program before it, {about(cap)}."]
    watched = sum(_part(claim) for claim in answer.claims if claim.line.service == "observation" and claim.covered)
    if watched and not (scenario.household and scenario.household.state in NO_OBSERVATION_HELP):
        most += watched
        not_known.append("What the rebate for the observation pays was not found.")
    return Help(least, most, "", " ".join(not_known), citations)


class Program(NamedTuple):
    """A program that one can apply to for help: for whom it is, what it gives within which limits, and who says so."""

    name: str
    who: str
    gives: str
    citation: Citation


def programs() -> tuple[Program, ...]:
    """The programs that one can apply to for help, for `statement(programs())`; ask each for its current terms."""
    return tuple(_program(row) for row in rows("programs") if row["gives"])


def _program(row: Mapping[str, str]) -> Program:
    read = source(row["source"])
    citation = Citation(row["item"], row["value"], row["unit"], read, f"programs, {row['id']}", row["grade"])
    return Program(row["item"], row["who"], row["gives"], citation)


def _by_year(claims: list[Claim], keeps: int, cap: int | None) -> int:
    """The help on the drug, with its cap in each calendar year."""
    years = Counter[int]()
    for claim in claims:
        years[claim.line.date.year] += max(_part(claim) - keeps, 0)
    return sum(help if cap is None else min(help, cap) for help in years.values())


def _part(claim: Claim) -> int:
    """The patient's part of what the plan counts: the program pays nothing above it."""
    return claim.split.copay + claim.split.deductible + claim.split.coinsurance


def _row(id: str) -> Mapping[str, str]:
    return next(row for row in rows("spravato_savings") if row["id"] == id)


def _citation(id: str) -> Citation:
    row = _row(id)
    what, where = f"Spravato savings: {row['item']}", f"spravato_savings, {id}, {row['period']}"
    return Citation(what, row["value_usd"], f"USD {row['unit']}", source(row["source"]), where, row["grade"])


@dataclass(frozen=True)
class Route:
    """One route to treatment over 12 months from the same first day, with its own estimate.

    `answer` is the shown case in which the planned visits take place; None where the route is not open or the plan
    almost certainly says no, and `note` says why. `months` are the treated months. Amounts in cents.
    """

    name: str
    label: str
    estimate: Estimate | None = None
    answer: Answer | None = None
    visits: int = 0
    minutes: int = 0
    months: Fraction | None = None
    driver: str = ""
    odds: str = ""
    note: str = ""

    @property
    def last_day(self) -> date | None:
        """The day of the last visit; None where the route is not open."""
        return self.answer.claims[-1].line.date if self.answer else None

    @property
    def chance(self) -> Fraction:
        """The chance that the planned visits take place this way."""
        return self.estimate.chance if self.estimate else Fraction(0)

    @property
    def likely(self) -> int | None:
        """The likely net if the visits take place; None where they hardly ever do."""
        return self.estimate.likely if self.estimate and self.answer else None

    @property
    def per_month(self) -> int | None:
        """The likely net for each treated month; None where the route is not open."""
        return None if self.likely is None or self.months is None else whole_cents(self.likely / self.months)

    @property
    def owed_if_not(self) -> tuple[int, int] | None:
        """The least and the most that is owed if the visits do not take place; None where they surely do."""
        return None if self.estimate is None else owed_if_not(self.estimate)


def owed_if_not(found: Estimate) -> tuple[int, int] | None:
    """The least and the most that is owed where the treatment stops, in cents; None where it cannot."""
    ends = [group.ends for group in found.groups if not group.whole]
    return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else None


SESSIONS = {**DOSES, "oral": "sessions"}
"""What a visit that treats is called, by the route of the drug."""

MONTH = Fraction(304_375, 10_000)
"""The days of a month: a twelfth of 365.25."""

A_YEAR = 11
"""A course of so many months is one for the year: a shorter one says that what follows is not known."""


def treated_months(course: Course) -> Fraction:
    """How long a course treats: from its first to its last visit, and once more the last interval; at least one month.

    treated_months(example("readme-patient").course) is 374 days, 12.29 months.
    """
    days = [visit.date for visit in visits(course)]
    last = (days[-1] - days[-2]).days if len(days) > 1 else 0
    return max(Fraction(1), ((days[-1] - days[0]).days + last) / MONTH)


class Method(NamedTuple):
    """One way to work out what the insurer pays, and what it gives, in cents."""

    name: str
    label: str
    plan_pays: int
    why: str


def disagreements(scenario: Scenario) -> tuple[Method, ...]:
    """Why calculators disagree: what the insurer pays for the same patient, worked out five ways, the right one first.

    disagreements(scenario)[0] is the right one. Raises KetacostError if the plan has no benefit in the clinic's
    network: then the answer is always $0.
    """
    scenario = scenario_of(scenario)
    side = network_of(scenario)
    if side is None:
        raise KetacostError("the plan has no benefit in this network: there is nothing to disagree about, it pays $0")
    covered = _covered(scenario)
    claims = claims_of(covered)
    counted = [(claim, min(claim.allowed, claim.line.charge)) for claim in claims if claim.covered]
    coinsurance = side.benefit("outpatient_infusion")[0].coinsurance
    share = WHOLE - (coinsurance if isinstance(coinsurance, int) else 0)
    deductible = side.deductible if isinstance(side.deductible, int) else 0
    in_order = sum(claim.split.plan_pays for claim in claims)
    lump = part_of(max(sum(allowed for _, allowed in counted) - deductible, 0), share)
    each = sum(part_of(allowed, share) for _, allowed in counted)
    billed = part_of(max(sum(claim.line.charge for claim, _ in counted) - deductible, 0), share)
    more_than_counted = "forgets that the plan counts less than the bill"
    return (
        Method("in order", "Line by line, by date, with the plan-year reset", in_order, "as the plan does it"),
        Method("lump", "The whole course as one sum in one year", lump, "forgets that the deductible starts again"),
        Method("each", "One session's share times the sessions", each, "forgets the deductible"),
        Method("billed", "The share of what the clinic bills", billed, more_than_counted),
        Method("denied", "The plan says no", 0, "what most plans say to ketamine"),
    )


ROUTES = ("as asked", "in network", "spravato", "home", "va")
"""The routes, in the order in which they are shown."""

OTHER_CLINIC = ("standing", "notice", "denied_before", "denied_line", "networks.", "paying.loan.", "paying.deposit")
OTHER_TREATMENT = ("coverage", "if_denied")
OTHER_PLAN = (
    *("plan", "plan_kind", "family", "deductible_kind", "limit_kind", "plan_year_starts", "hsa_eligible"),
    *("insurer", "criteria.", "like_spravato_from", "network", "waived"),
    *("terms.", "used.", "allowed.", "pricing.", "steps.", "approval."),
)
"""What was said that does not hold on another route: of the clinic, of the treatment, of the plan."""


def alternatives(scenario: Scenario, names: tuple[str, ...] = ROUTES) -> tuple[Route, ...]:
    """The routes side by side: as asked, in network, Spravato, at home, VA. A route that is not open says why.

    Each is an estimate over 12 months from the same first day. Entries about another treatment or payer (the plan's
    answer, chances, an approval, assistance) are not used, except for the route as asked. If the evidence for a route
    ends earlier, nothing is added. alternatives(scenario, ("as asked", "spravato")) works out only these two.
    """
    scenario = scenario_of(scenario)
    return tuple(_routes(scenario, names))


def gap_exception(scenario: Scenario, *, agreement: bool = False) -> Scenario:
    """The same clinic on in-network terms, under a network gap exception or a single-case agreement.

    Under a gap exception the clinic has signed nothing and may bill what is above the allowed amount, unless the letter
    or state law says otherwise. Under a single-case `agreement` it has signed a rate and may not. The allowed amounts
    stay as they were out of network: run(gap_exception(scenario)). Raises KetacostError if the plan has no in-network
    terms.
    """
    scenario = scenario_of(scenario)
    inside, side = scenario.plan.networks.get("in"), network_of(scenario)
    if not isinstance(inside, Network):
        raise KetacostError(f"{scenario.plan.name} has no in-network terms that an exception could apply")
    counted = inside.replace(allowed={**(side.allowed if side else {}), **inside.allowed})
    if not agreement:
        counted = counted.replace(balance_bill="owed", balance_bill_limit=side.balance_bill_limit if side else None)
    changed = scenario.plan.replace(networks={**scenario.plan.networks, "in": counted})
    return priced(scenario.replace(plan=changed, network="in", ranges={}))


def _routes(scenario: Scenario, names: tuple[str, ...]) -> Iterator[Route]:
    kind, label = treatment_of(scenario.course.protocol), protocol(scenario.course.protocol).label
    inside = isinstance(scenario.plan.networks.get("in"), Network)
    if "as asked" in names:
        yield _route("as asked", f"{label}, as asked", scenario)
    if "in network" in names and scenario.network != "in" and inside:
        note = "such clinics are rare: ask the plan"
        yield _route("in network", "The same, with a clinic in the network", _in_network(scenario), note)
    if "spravato" in names and kind != "spravato":
        yield _spravato(scenario)
    if "home" in names and kind != "home":
        note = "a different treatment, paid by yourself"
        yield _route("home", protocol("home-oral").label, _at_home(scenario), note)
    if "va" in names and scenario.payer != "va-facility":
        note = "only for enrolled veterans, where a site offers it; fewer or no copays by priority group"
        yield _route("va", "For enrolled veterans: a VA facility that offers it", _at_va(scenario), note)


def _in_network(scenario: Scenario) -> Scenario:
    return _resolved(
        scenario, _without(_said(scenario), "coverage", "monthly_fee.", *OTHER_CLINIC).say("network", "in")
    )


def _spravato(scenario: Scenario) -> Route:
    network = "in" if isinstance(scenario.plan.networks.get("in"), Network) else scenario.network
    other = _without(_said(scenario), *OTHER_CLINIC, *OTHER_TREATMENT)
    case = _resolved(scenario, other.say("protocol", "spravato").say("network", network))
    note = "needs prior authorization; the usual covered alternative for depression"
    route = _route("spravato", protocol("spravato").label, case, note)
    if route.answer is None or not scenario.payer:
        return route
    return replace(route, note=f"{route.note}. {savings_help(route.answer).sentence}")


def _at_home(scenario: Scenario) -> Scenario:
    """Oral ketamine at home at its own price: no plan is asked, so nothing that a plan leaves open counts."""
    other = _without(_said(scenario), *OTHER_CLINIC, *OTHER_TREATMENT)
    case = _resolved(scenario, other.say("protocol", "home-oral"))
    open_prices = {path: values for path, values in case.ranges.items() if path.startswith("prices.")}
    own = {"coverage": "denied", "path": None, "covered_until": None, "if_denied": "go on", "denied_line": "patient"}
    return _helped(case.replace(**own, ranges=open_prices), scenario)


def _at_va(scenario: Scenario) -> Scenario:
    """A VA facility's copays; no yearly limit on them was seen, so none is taken."""
    other = _without(_said(scenario), *OTHER_CLINIC, *OTHER_TREATMENT, *OTHER_PLAN, "monthly_fee.")
    return _resolved(scenario, other.say("payer", "va-facility"))


def _said(scenario: Scenario) -> Intake:
    """What was said of a scenario, where the scenario is what follows from it; else what it differs in from that."""
    today = _today(scenario)
    if isinstance(scenario, Resolved) and resolve(scenario.intake, today) == scenario:
        return scenario.intake
    return intake_of(scenario.plainly if isinstance(scenario, Resolved) else scenario, today)


def _today(scenario: Scenario) -> date:
    return scenario.today or visits(scenario.course)[0].date


def _without(intake: Intake, *starts: str) -> Intake:
    """The intake without entries of these names, or of names that begin so."""
    for key in intake.said:
        if any(key.startswith(start) if start.endswith(".") else key == start for start in starts):
            intake = intake.unsay(key)
    return intake


def _resolved(scenario: Scenario, said: Intake) -> Scenario:
    """What follows from what is said of another route, from the same first day."""
    said = said.say("start", visits(scenario.course)[0].date.isoformat())
    return _helped(resolve(said, _today(scenario)), scenario)


def _helped(case: Scenario, scenario: Scenario) -> Scenario:
    """A route with the help whose terms admit it; help that names no terms is for the treatment and payer as asked."""
    if (case.course.protocol, case.payer) == (scenario.course.protocol, scenario.payer):
        return case
    paying = case.paying.replace(rebate=0, hra=case.paying.hra if case.payer == scenario.payer else 0)
    if paying.assistance_for not in HELP_TERMS and paying.assistance_for != case.course.protocol:
        paying = paying.replace(assistance=0)
    return case if paying == case.paying else case.replace(paying=paying)


def _covered(scenario: Scenario) -> Scenario:
    return scenario.replace(coverage="infusions too", ranges={})


def _in_a_year(scenario: Scenario) -> Scenario:
    """The scenario with the visits of its first twelve months alone."""
    days = [visit.date for visit in visits(scenario.course)]
    number = sum(day < months_later(days[0], 12) for day in days)
    return scenario if number == len(days) else scenario.replace(course=scenario.course.replace(stop_after=number))


def _route(name: str, label: str, scenario: Scenario, note: str = "") -> Route:
    driver = DRIVERS.get(protocol(scenario.course.protocol).route, "ask the clinic")
    try:
        case = _in_a_year(scenario)
        found = estimate(case)
    except KetacostError as error:
        return Route(name, label, driver=driver, note=str(error))
    notes = [note] if note else []
    if case is not scenario:
        notes.append(f"{len(visits(case.course))} of {len(visits(scenario.course))} visits are in these 12 months")
    if found.chance < RARE:
        return Route(name, label, found, driver=driver, odds=odds(case), note=joined(found.sentence, *notes))
    answer, months = found.shown, treated_months(case.course)
    if months < A_YEAR:
        notes.append(_until_here(case))
    minutes = sum(chair_minutes(claim) for claim in answer.claims)
    return Route(name, label, found, answer, answer.visits, minutes, months, driver, odds(case), joined(*notes))


def _until_here(case: Scenario) -> str:
    """That nothing is known after the last treatment: "6 sessions; what follows is not known"."""
    treated = [v for v in visits(case.course) if any(service(name).part != "visit" for name, _ in v.services)]
    doses = SESSIONS[protocol(case.course.protocol).route]
    number = f"{len(treated)} {doses.removesuffix('s') if len(treated) == 1 else doses}"
    return f"{number}; what follows is not known"


def joined(*notes: str) -> str:
    """Notes as sentences of one text, without the last period."""
    kept = (note.strip().removesuffix(".") for note in notes if note.strip())
    return ". ".join(f"{note[0].upper()}{note[1:]}" for note in kept)


def chair_minutes(claim: Claim) -> int:
    """Time in the chair: further hours count by their units, everything else once."""
    kind = service(claim.line.service)
    return kind.minutes * (claim.line.units if kind.id == "extra_hour" else 1)


def odds(scenario: Scenario) -> str:
    """What is known of the chance that the payer pays for this treatment, with its grade.

    Empty without a payer, and where its answer was said.
    """
    if not scenario.payer or "coverage" not in scenario.ranges:
        return ""
    treatment, like = treatment_of(scenario.course.protocol), covered_from(scenario) is not None
    chance = chance_of_yes(scenario.payer, treatment, scenario.insurer, scenario.criteria, like_spravato=like)
    return str(chance) if chance else ""
