"""The net of a case at an end: what the patient is out of pocket for in the end, in cents.

A case is walked on plain rows that are made once for each course that is drawn and priced anew for each case, and
help, accounts and loan are settled once for all cases that owe the same; else it is adjudicated.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import accumulate, groupby
from typing import Any, NamedTuple

from ketacost.accounts.contributions import why_no_hsa
from ketacost.accounts.loans import helps_denied
from ketacost.core.money import part_of
from ketacost.estimate.account_effects import Means, has_accounts
from ketacost.estimate.answer import Answer
from ketacost.estimate.calendar import bottom_line, settled
from ketacost.estimate.cases import Cases, Choice, changed
from ketacost.estimate.outlook import path_of, stops_on
from ketacost.estimate.scenario import (
    AS_IT_IS,
    COVERS,
    HELP_COUNTS,
    Scenario,
    bill,
    claims_of,
    covered_from,
    helped_services,
    least_before_help,
    pays_nothing,
    rule_in_force,
)
from ketacost.estimate.unknowns import answering, entry
from ketacost.model.accumulators import Used
from ketacost.model.adjudication import ALIKE, Claim, walk_alike, with_help
from ketacost.model.coordination import SecondPlan, coordinate
from ketacost.model.courses import Course, ServiceLine, fee_days
from ketacost.model.coverage import DecisionPath, End
from ketacost.model.plans import Network, Plan
from ketacost.model.protocols import service
from ketacost.model.rules import Rule

MONTHLY_FEE = "prices.monthly_fee"
WALKED = (
    *("prices.charges.", MONTHLY_FEE, "plan.", "used.", "published_plan", "denied_line", "path.", "second."),
    HELP_COUNTS,
)
"""The unknowns that leave the dates and the services of a bill as they are."""
MOVING = "course."
"""How the unknowns begin that move them: each course that is drawn has a bill of its own."""
DECIDING = ("path", "payer", "if_denied", "course", "covered")
"""How the unknowns begin that the ends of a path, their chances and their days hang on."""


Cents = tuple[int, ...]
"""An amount a line, in cents."""


class Ending(NamedTuple):
    """One end of the path: what the plan says, how likely, and until when visits take place (None: all of them)."""

    end: End
    until: date | None

    @property
    def whole(self) -> bool:
        """Whether every planned visit takes place."""
        return self.until is None


class Nets:
    """The net of each case and end, worked out once."""

    def __init__(self, cases: Cases) -> None:
        self.cases = cases
        self._known: dict[tuple[Choice, str, date | None], int] = {}
        self._deciding, self._moving = cases.places(DECIDING), cases.places((MOVING,))
        self._rows: dict[tuple[Any, ...], Rows] = {}
        self._endings: dict[tuple[Any, ...], tuple[Ending, ...]] = {}
        walked = all(one.path.startswith((*WALKED, MOVING)) for one in cases.dimensions)
        paying = cases.scenario.paying
        if paying.hra:  # it pays in one plan year, so the year may not be drawn
            starts = {plan.plan_year_starts for plan in (cases.plain.plan, *cases.scenario.designs.values())}
            walked &= len(starts) == 1 and "plan.plan_year_starts" not in cases.scenario.ranges
        by_answer = paying.assistance and not helps_denied(paying.assistance_for)
        self._walked = walked and not by_answer and not _moves_lines(cases.scenario)

    def endings(self, choice: Choice) -> tuple[Ending, ...]:
        """The ends of a case; cases that are alike in what decides about them share them."""
        key = self.cases.values(choice, self._deciding)
        if key not in self._endings:
            case = self.cases.path_at(choice) if self._walked else self.cases.at(choice)
            self._endings[key] = _endings(self.cases.scenario, case if key else self.cases.scenario)
        return self._endings[key]

    def rows(self, choice: Choice) -> Rows:
        """The rows of a case's course."""
        key = self.cases.values(choice, self._moving)
        if key not in self._rows:
            self._rows[key] = Rows(self.cases, self.cases.path_at(choice).course)
        return self._rows[key]

    def net(self, choice: Choice, ending: Ending) -> int:
        """The net of a case at an end, in cents."""
        key = (choice, ending.end.outcome, ending.until)
        known = self._known.get(key)
        if known is None:
            rows = self.rows(choice) if self._walked else None
            known = rows.net(choice, ending) + rows.fees(choice, ending) if rows else self._adjudicated(choice, ending)
            self._known[key] = known
        return known + ending.end.cost

    def answer(self, choice: Choice, ending: Ending) -> Answer:
        """A case at an end as an answer."""
        return Answer(self.cases.at(choice).replace(coverage=ending.end.outcome), self.claims(choice, ending))

    def claims(self, choice: Choice, ending: Ending) -> tuple[Claim, ...]:
        """The adjudicated lines of the visits that take place."""
        case = self.cases.at(choice).replace(coverage=ending.end.outcome)
        claims = claims_of(case)
        return claims if ending.until is None else tuple(claim for claim in claims if claim.line.date < ending.until)

    def _adjudicated(self, choice: Choice, ending: Ending) -> int:
        claims = self.claims(choice, ending)
        without = replace(ending.end, cost=0)
        return bottom_line(self.cases.at(choice), claims, end=without).net if claims else 0


class Row:
    """A charged line of a bill whose charge, allowed amount and coverage are set anew for each case."""

    __slots__ = tuple(f.name for f in dataclasses.fields(ServiceLine))

    def __init__(self, line: ServiceLine) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(line, name))

    def line(self) -> ServiceLine:
        """The line that it now stands for."""
        return ServiceLine(*[getattr(self, name) for name in self.__slots__])

    def replace(self, **changes: Any) -> Any:
        """The row itself with the help that does not count on it; for any other change a line, as methods make one."""
        if changes.keys() != {"assistance"}:
            return self.line().replace(**changes)
        self.assistance = changes["assistance"]
        return self


class Covered(NamedTuple):
    """The rows that an outcome covers, the unknowns they meet, and outcomes whose covered rows begin with these.

    `runs` are the same rows, those together that differ in their days alone in every case.
    """

    outcome: str
    places: list[int]
    rows: list[Any]
    runs: list[list[Any]]
    unknowns: list[int]
    longer: list[Covered]

    def met(self, choice: Choice) -> Choice:
        """What a case has of the unknowns that the rows meet."""
        return tuple([choice[place] for place in self.unknowns])


class Rows:
    """The bill of a scenario as rows, and what the patient is out of pocket for in each case, before steps."""

    def __init__(self, cases: Cases, course: Course) -> None:
        self.cases, self.scenario, self.plain = cases, cases.scenario, cases.plain.replace(course=course)
        whole = {"coverage": "everything", "covered_until": None, "like_spravato_from": None}
        lines = bill(self.plain.replace(**whole, denied_line="patient"))
        self.first = lines[0].date if lines else date.max
        self.visited, self.monthly = [line.date for line in lines], list[int]()
        counts, charges = _counts_visits(cases.scenario), self.scenario.prices.charges
        self.rows: list[Any] = [Row(line) for line in lines if line.charge or counts or line.service in charges]
        self.dates = [row.date for row in self.rows]
        of_service = dict[str, list[Any]]()
        for row in self.rows:
            of_service.setdefault(row.service, []).append(row)
        packaged = Counter[str]()
        for package in self.scenario.prices.packages:
            packaged[package.service] += package.count
        self.apart = ("prices.charges.", f"plan.networks.{self.scenario.network}.allowed.")
        self.priced = list[tuple[int, str, str, list[Any]]]()
        self.of_plan, self.of_contract, self.bears = list[int](), list[int](), list[int]()
        for place, one in enumerate(cases.dimensions):
            rows = of_service.get(name := one.path.rpartition(".")[2], [])
            if one.path.startswith(self.apart[0]):
                rows = [row for row in rows[packaged[name] :] if row.phase != "unused"]
                self.priced.append((place, name, "charge", rows))
            elif one.path.startswith(self.apart[1]):
                self.priced.append((place, name, "allowed", rows))
            elif one.path.startswith(("plan.", "published_plan")):
                self.of_plan.append(place)
            elif one.path == "denied_line":
                self.bears.append(place)
            elif one.path == MONTHLY_FEE:
                self.monthly.append(place)
            elif not one.path.startswith(("path.", MOVING)):
                self.of_contract.append(place)
        self.of_contract += self.of_plan
        priced = [set(rows) for *_, rows in self.priced]
        self.anew = {row: [row in rows for rows in priced] for row in self.rows}
        self.plans = dict[Choice, Plan]()
        self.means = dict[tuple[bool, bool, bool], Means]()
        self.only_bills = _only_bills(cases.scenario)
        self.services = helped_services(cases.scenario)
        ready = Means(self.plain)
        lots = [ready.lot(row) for row in self.rows]
        self.lots = list(dict.fromkeys(lots))
        self.places = [self.lots.index(lot) for lot in lots]
        self.settled: dict[tuple[Means, tuple[int, ...], tuple[int, ...]], int] = {}
        self.less: dict[tuple[str, Choice], tuple[Cents, Cents]] = {}
        self.covered: dict[str, Covered] = {}
        self.contracts = dict[Choice, tuple[Used, SecondPlan | None, Rule, Callable[[date], int] | None]]()
        self.rules = dict[tuple[str, bool, bool], tuple[Rule, Callable[[date], int] | None]]()
        self.placed: tuple[Choice, Plan] | None = None
        self.charged = [0]

    def net(self, choice: Choice, ending: Ending) -> int:
        """The net of the visits that take place, in cents."""
        plan, covered = self._place(choice), self._covered(ending.end.outcome)
        less, paid_back = self._less(choice, covered, plan)
        number = len(self.rows) if ending.until is None else bisect_left(self.dates, ending.until)
        if self.only_bills and self._bears(choice) != "provider":
            return self.charged[number] - sum(less[: bisect_left(covered.places, number)])
        owed, back = self._lines(choice, covered, plan, less, paid_back)
        if self.only_bills:
            return sum(owed[:number])
        if ending.until is not None and self.first >= ending.until:
            return 0
        means = self._means(plan)
        sums = [0] * len(self.lots)
        for place, cents in zip(self.places[:number], owed[:number], strict=True):
            sums[place] += cents
        paid = tuple(back[:number]) if self.scenario.paying.filing_fee else ()
        case = means, tuple(sums), paid
        if case not in self.settled:
            lots, backs = zip(self.lots, sums, strict=True), zip(self.dates, paid, strict=False)
            self.settled[case] = settled(means, dict(lots), backs, 0).net
        return self.settled[case]

    def fees(self, choice: Choice, ending: Ending) -> int:
        """The monthly fees from the first visit to the last one that takes place, in cents."""
        fee = self._value(choice, self.monthly[0]) if self.monthly else self.scenario.prices.monthly_fee
        number = len(self.visited) if ending.until is None else bisect_left(self.visited, ending.until)
        return fee * len(fee_days(self.first, self.visited[number - 1])) if fee and number else 0

    def _lines(
        self, choice: Choice, covered: Covered, plan: Plan, less: Cents, paid_back: Cents
    ) -> tuple[list[int], list[int]]:
        """What is owed line by line, and what the plan pays of it."""
        provider = self._bears(choice) == "provider"
        owed = [0 if provider and not row.why_not else row.charge for row in self.rows]
        back = [0] * len(owed)
        for at, row, off, paid in zip(covered.places, covered.rows, less, paid_back, strict=True):
            if not (provider and self.scenario.second is None and pays_nothing(plan, row)):
                owed[at], back[at] = row.charge - off, paid
        return owed, back

    def _less(self, choice: Choice, covered: Covered, plan: Plan) -> tuple[Cents, Cents]:
        """What is not owed of each covered row, and what the plan pays: once for all cases that are alike to them."""
        key = covered.outcome, covered.met(choice)
        if key not in self.less:
            longer = (self.less.get((other.outcome, other.met(choice))) for other in covered.longer)
            less, paid = next(filter(None, longer), None) or self._split(choice, covered, plan)
            self.less[key] = less[: len(covered.rows)], paid[: len(covered.rows)]
        return self.less[key]

    def _split(self, choice: Choice, covered: Covered, plan: Plan) -> tuple[Cents, Cents]:
        """The same of rows that are priced for a case, under its plan and a second one."""
        if not (rows := covered.rows):
            return (), ()
        key = tuple([choice[place] for place in self.of_contract])
        if key not in self.contracts:
            changes = self.cases.changes(choice, self.apart)
            second = changed(self.scenario.second, changes.get("second", {}))
            counts = changes.get("paying", {}).get("assistance_counts", self.scenario.paying.assistance_counts)
            self.contracts[key] = self.cases.used(changes, plan), second, *self._help_under(plan, counts)
        used, second, rule, least = self.contracts[key]
        if self.services is None or rule.counts_help:
            splits = walk_alike(covered.runs, plan, used, rule) if second is None else []
        else:
            splits = with_help(rows, plan, used, rule, self.scenario.paying.assistance, self.services, least)[1]
        if second is not None:
            splits = [one.split for one in coordinate([row.line() for row in rows], plan, second, used, rule=rule)]
        return tuple([one.write_off + one.plan_pays for one in splits]), tuple([one.plan_pays for one in splits])

    def _help_under(self, plan: Plan, counts: Any) -> tuple[Rule, Callable[[date], int] | None]:
        """The rule of a case where help counts so, and what you pay beside an HSA before help counts."""
        key = counts, plan.hsa_eligible is True, plan.family
        if key not in self.rules:
            case = self.plain.replace(plan=plan, paying=self.scenario.paying.replace(assistance_counts=counts))
            self.rules[key] = rule_in_force(case), least_before_help(case)
        return self.rules[key]

    def _means(self, plan: Plan) -> Means:
        """What pays besides cash under a plan: it decides about an HSA, limits, and who sends the bills."""
        side = plan.networks[self.scenario.network]
        key = plan.family, bool(why_no_hsa(plan)), isinstance(side, Network) and side.balance_bill == "written off"
        if key not in self.means:
            self.means[key] = Means(self.plain.replace(plan=plan))
        return self.means[key]

    def _covered(self, outcome: str) -> Covered:
        """The rows that an outcome covers."""
        if outcome not in self.covered:
            parts, until = COVERS[outcome], self.scenario.covered_until or date.max
            first = covered_from(self.scenario) or date.min
            places = [
                place
                for place, row in enumerate(self.rows)
                if row.service and service(row.service).part in parts and not row.why_not and first <= row.date <= until
            ]
            rows = [self.rows[place] for place in places]
            services = {row.service for row in rows}
            met = [place for place, name, _, _ in self.priced if name in services] + self.of_contract * bool(rows)
            longer = [other for other in self.covered.values() if other.places[: len(places)] == places]
            runs = [list(run) for _, run in groupby(rows, lambda row: (ALIKE(row), self.anew[row]))]
            self.covered[outcome] = Covered(outcome, places, rows, runs, met, longer)
        return self.covered[outcome]

    def _place(self, choice: Choice) -> Plan:
        """Price the rows for a case, and give its plan."""
        if self.placed is None or self.placed[0] != choice:
            for place, name, what, rows in self.priced:
                cents = self._value(choice, place)
                if what == "charge":
                    cents -= part_of(cents, self.scenario.prices.discounts.get(name, 0))
                for row in rows:
                    setattr(row, what, cents)
            key = tuple([choice[place] for place in self.of_plan])
            plan = self.plans.get(key) or self.plans.setdefault(
                key, self.cases.plan(self.cases.changes(choice, self.apart))
            )
            if not isinstance(plan.networks.get(self.scenario.network), Network):
                for row in self.rows if any(what == "allowed" for _, _, what, _ in self.priced) else ():
                    row.allowed = None
            self.placed = choice, plan
            self.charged = [0, *accumulate(row.charge for row in self.rows)]
        return self.placed[1]

    def _bears(self, choice: Choice) -> str:
        """Who owes what the plan denies."""
        return str(self._value(choice, self.bears[0])) if self.bears else self.scenario.denied_line

    def _value(self, choice: Choice, place: int) -> Any:
        """The value that an unknown has in a case."""
        one = self.cases.dimensions[place]
        value = one.values[choice[place]]
        return entry(self.plain, one.path) if value is AS_IT_IS else value


def _only_bills(scenario: Scenario) -> bool:
    """Whether the net is what is owed and the steps: no account, no help, no HRA, no loan, no fee."""
    paying = scenario.paying
    return not has_accounts(scenario) and not (
        paying.assistance or paying.hra or paying.rebate or paying.filing_fee or paying.loan
    )


def _moves_lines(scenario: Scenario) -> bool:
    """Whether a service is billed in another network, or falls under another line, than the others of its kind."""
    return bool(scenario.networks or scenario.lines or scenario.drug_benefit or "drug_benefit" in scenario.ranges)


def _counts_visits(scenario: Scenario) -> bool:
    """Whether a plan counts visits, so that lines of $0 count too."""
    beside = [other.plan for other in (scenario.second, scenario.later) if other]
    return any(
        line.visit_limit is not None or line.first_visits is not None
        for design in (scenario.plan, *scenario.designs.values(), *beside)
        for side in design.paying_networks.values()
        for line in side.benefits.values()
    )


def _endings(scenario: Scenario, case: Scenario) -> tuple[Ending, ...]:
    """Every end of a case with its chance and the day on which its visits stop."""
    path, law = path_of(case) if case.payer else (_NO_PATH, "none")
    return tuple(Ending(end, stops_on(case, end, path, law)) for end in answering(scenario, case))


_NO_PATH = DecisionPath(0, 0)
"""What is asked where nobody pays: nothing."""
