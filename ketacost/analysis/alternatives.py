"""The same patient in other ways: by other routes to treatment, and as free calculators would have worked it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from ketacost.core.fields import KetacostError
from ketacost.core.money import WHOLE, about, part_of, usd
from ketacost.core.references import Citation, rows, source
from ketacost.estimate.answer import Answer, run
from ketacost.estimate.scenario import Scenario, bill, network_of, priced
from ketacost.model.accumulators import Used
from ketacost.model.adjudication import Claim, adjudicate
from ketacost.model.courses import Course, typical_prices
from ketacost.model.payers import payer, treatment_of
from ketacost.model.plans import Network, plan
from ketacost.model.protocols import protocol, service

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
        spread = about(self.low) if self.low == self.high else f"{about(self.low)} to {about(self.high)}"
        return f"The maker's program may take off {spread}. {self.not_known}"


def savings_help(answer: Answer, *, state: str = "", drug_cap: object = None) -> Help:
    """What the maker's savings program may take off the patient's part of a Spravato course.

    The patient keeps $10 of each treatment's drug; the program pays the rest of the patient's part up to a yearly cap.
    The cap of today's program was not found: the least takes the cap of the program before it, the most takes none;
    `drug_cap` (USD) is the one printed on the patient's card. The observation is rebated where the patient's state
    allows it, for an amount that was not found either: the least takes none. Raises KetacostError without a payer.
    savings_help(run(scenario), state="NY") is the help to a patient in New York.
    """
    scenario = answer.scenario
    if not scenario.payer:
        raise KetacostError("who pays? The program is for commercial insurance alone: give the scenario a payer")
    citations = tuple(_citation(id) for id in ("V01", "V02", "V04"))
    if payer(scenario.payer).law not in COMMERCIAL:
        why_not = "it is for commercial insurance, not for Medicare, Medicaid or other government plans"
        return Help(0, 0, why_not, "", citations)
    drug = [claim for claim in answer.claims if claim.line.service == "esketamine" and claim.covered]
    if not drug:
        return Help(0, 0, "the plan covers no Spravato here", "", citations)
    keeps, not_known = usd(_row("V01")["value_usd"]), []
    if drug_cap is None:
        cap = usd(_row("V02")["value_usd"])
        least, most = _by_year(drug, keeps, cap), _by_year(drug, keeps, None)
        not_known.append(f"Its yearly cap was not found: the least takes the {about(cap)} of the program before it.")
    else:
        least = most = _by_year(drug, keeps, usd(drug_cap, what="the cap on the card"))
    watched = sum(_part(claim) for claim in answer.claims if claim.line.service == "observation" and claim.covered)
    if watched and state.upper() not in NO_OBSERVATION_HELP:
        most += watched
        not_known.append("What the rebate for the observation pays was not found.")
    return Help(least, most, "", " ".join(not_known), citations)


class Program(NamedTuple):
    """A program that helps to pay: for whom, what it gives, within which limits, and who says so."""

    name: str
    who: str
    gives: str
    limits: str
    citation: Citation


def programs() -> tuple[Program, ...]:
    """The programs that help to pay, for `statement(programs())`; ask each for its present terms."""
    return tuple(map(_program, rows("programs")))


def _program(row: Mapping[str, str]) -> Program:
    gives, where = " ".join(filter(None, (row["rule"], row["value"], row["unit"]))), f"programs, {row['id']}"
    citation = Citation(row["item"], row["value"], row["unit"], source(row["source"]), where, row["grade"])
    return Program(row["item"], row["eligibility"], gives, row["limits"], citation)


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


class Route(NamedTuple):
    """One route to treatment: its answer, visits and chair hours, whether a driver is needed, and its odds."""

    name: str
    label: str
    answer: Answer | None
    visits: int
    minutes: int
    driver: str
    odds: str
    note: str

    @property
    def last_day(self) -> date | None:
        """The day of the last visit; None where the route is not open."""
        return self.answer.claims[-1].line.date if self.answer else None


class Method(NamedTuple):
    """One way to work out what the insurer pays, and what it gives, in cents."""

    name: str
    label: str
    plan_pays: int
    why: str


def disagreements(scenario: Scenario) -> tuple[Method, ...]:
    """Why calculators disagree: what the insurer pays for the same patient, worked out five ways, the right one first.

    disagreements(scenario)[0] is the right one. Raises KetacostError where the clinic's network has no benefit: then
    every honest calculator says $0.
    """
    side = network_of(scenario)
    if side is None:
        raise KetacostError("the plan has no benefit in this network: there is nothing to disagree about, it pays $0")
    covered = _covered(scenario)
    claims = adjudicate(bill(covered), covered.plan, covered.used)
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


def alternatives(scenario: Scenario, names: tuple[str, ...] = ROUTES) -> tuple[Route, ...]:
    """The routes side by side: as asked, in network, Spravato, at home, VA. One that is not open says why.

    alternatives(scenario, ("as asked", "spravato")) works out these two alone. Raises what `run` raises.
    """
    return tuple(_routes(scenario, names))


def gap_exception(scenario: Scenario) -> Scenario:
    """The same clinic under in-network terms, as a single-case agreement or network gap exception gives them.

    The plan counts what it counted outside: run(gap_exception(scenario)). Raises KetacostError for a plan without an
    in-network side.
    """
    inside, side = scenario.plan.networks.get("in"), network_of(scenario)
    if not isinstance(inside, Network):
        raise KetacostError(f"{scenario.plan.name} has no in-network terms that an exception could give")
    counted = inside.replace(allowed={**(side.allowed if side else {}), **inside.allowed})
    changed = scenario.plan.replace(networks={**scenario.plan.networks, "in": counted})
    return priced(scenario.replace(plan=changed, network="in", ranges={}))


def _routes(scenario: Scenario, names: tuple[str, ...]) -> Iterator[Route]:
    if "as asked" in names:
        yield _route("as asked", f"{protocol(scenario.course.protocol).label}, as asked", scenario)
    inside = scenario.plan.networks.get("in")
    if "in network" in names and scenario.network != "in" and isinstance(inside, Network):
        case, note = priced(_covered(scenario).replace(network="in")), "such clinics are rare: ask the plan"
        yield _route("in network", "The same, with a clinic in the network", case, note)
    if "spravato" in names and treatment_of(scenario.course.protocol) != "spravato":
        yield _spravato(scenario)
    if "home" in names and treatment_of(scenario.course.protocol) != "home":
        case = _treated_with("home-oral", scenario).replace(coverage="denied")
        yield _route("home", protocol("home-oral").label, case, "a different treatment, paid by yourself")
    if "va" in names and scenario.payer != "va-facility":
        yield _va(scenario)


def _va(scenario: Scenario) -> Route:
    """A VA facility's copays; no yearly limit on them was seen, so none is taken."""
    copays = plan("va-2025")
    inside = copays.network("in")
    assert isinstance(inside, Network)
    copays = copays.replace(networks={**copays.networks, "in": inside.replace(out_of_pocket_limit=None)})
    case = _covered(scenario).replace(
        plan=copays, published_plan="va-2025", network="in", payer="va-facility", used=Used(), path=None
    )
    note = "only for enrolled veterans, where a site offers it; fewer or no copays by priority group"
    return _route("va", "For enrolled veterans: a VA facility that offers it", priced(case), note)


def _spravato(scenario: Scenario) -> Route:
    inside = scenario.plan.networks.get("in")
    network = "in" if isinstance(inside, Network) else scenario.network
    case = _covered(_treated_with("spravato", scenario)).replace(network=network, path=None)
    note = "needs prior authorization; the usual covered alternative for depression"
    route = _route("spravato", protocol("spravato").label, priced(case), note)
    if route.answer is None or not scenario.payer:
        return route
    return route._replace(note=f"{note}. {savings_help(route.answer).sentence}")


def _covered(scenario: Scenario) -> Scenario:
    return scenario.replace(coverage="infusions too", ranges={})


def _treated_with(name: str, scenario: Scenario) -> Scenario:
    """The scenario with another protocol, from the same day on and at typical prices."""
    return scenario.replace(course=Course(name, scenario.course.start), prices=typical_prices(name), ranges={})


def _route(name: str, label: str, scenario: Scenario, note: str = "") -> Route:
    driver = DRIVERS.get(protocol(scenario.course.protocol).route, "ask the clinic")
    try:
        answer = run(scenario)
    except KetacostError as error:
        return Route(name, label, None, 0, 0, driver, "", str(error))
    minutes = sum(chair_minutes(claim) for claim in answer.claims)
    return Route(name, label, answer, answer.visits, minutes, driver, odds(scenario), note)


def chair_minutes(claim: Claim) -> int:
    """Time in the chair: further hours count by their units, everything else once."""
    kind = service(claim.line.service)
    return kind.minutes * (claim.line.units if kind.id == "extra_hour" else 1)


def odds(scenario: Scenario) -> str:
    """What is known of the chance that the payer pays for this treatment, with its grade; empty without a payer."""
    if not scenario.payer:
        return ""
    chance = payer(scenario.payer).chances(treatment_of(scenario.course.protocol)).get("infusions too")
    return str(chance) if chance else ""
