"""The net of a case at an end: what the patient is out of pocket for in the end, in cents.

Where no unknown moves a visit, a case is walked on plain rows that are made once and priced anew for each case, and
help, accounts and loan are settled once for all cases that owe the same; else it is adjudicated.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
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
    COVERS,
    HELP_COUNTS,
    Scenario,
    bill,
    claims_of,
    covered_from,
    helped_services,
    least_before_help,
    rule_in_force,
)
from ketacost.estimate.unknowns import answering
from ketacost.model.accumulators import Used
from ketacost.model.adjudication import Claim, walk, with_help
from ketacost.model.coordination import coordinate
from ketacost.model.cost_sharing import Split
from ketacost.model.courses import ServiceLine
from ketacost.model.coverage import DecisionPath, End
from ketacost.model.plans import Network, Plan
from ketacost.model.protocols import service
from ketacost.model.rules import Rule

WALKED = ("prices.charges.", "plan.", "used.", "published_plan", "denied_line", "path.", "second.", HELP_COUNTS)
"""The unknowns that leave the dates and the services of a bill as they are."""


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
        self._open_path = any(
            one.path.startswith(("path", "payer", "if_denied", "course", "covered")) for one in cases.dimensions
        )
        self._fixed = None if self._open_path else _endings(cases.scenario, cases.scenario)
        walked = all(one.path.startswith(WALKED) for one in cases.dimensions)
        paying = cases.scenario.paying
        if paying.hra:  # it pays in one plan year, so the year may not be drawn
            starts = {plan.plan_year_starts for plan in (cases.plain.plan, *cases.scenario.designs.values())}
            walked &= len(starts) == 1 and "plan.plan_year_starts" not in cases.scenario.ranges
        by_answer = paying.assistance and not helps_denied(paying.assistance_for)
        self._rows = Rows(cases) if walked and not by_answer and not _moves_lines(cases.scenario) else None

    def endings(self, choice: Choice) -> tuple[Ending, ...]:
        """The ends of a case; they are the same for all where no chance is itself unknown."""
        if self._fixed:
            return self._fixed
        return _endings(self.cases.scenario, self.cases.path_at(choice) if self._rows else self.cases.at(choice))

    def net(self, choice: Choice, ending: Ending) -> int:
        """The net of a case at an end, in cents."""
        key = (choice, ending.end.outcome, ending.until)
        known = self._known.get(key)
        if known is None:
            known = self._rows.net(choice, ending) if self._rows else self._adjudicated(choice, ending)
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

    def replace(self, *, assistance: int) -> Row:
        """The row itself, with the help that does not count on it."""
        self.assistance = assistance
        return self


class Rows:
    """The bill of a scenario as rows, and what the patient is out of pocket for in each case, before steps."""

    def __init__(self, cases: Cases) -> None:
        self.cases, self.scenario = cases, cases.scenario
        lines = bill(cases.plain.replace(coverage="everything", covered_until=None, like_spravato_from=None))
        self.first = lines[0].date if lines else date.max
        counts, charges = _counts_visits(cases.scenario), self.scenario.prices.charges
        self.rows: list[Any] = [Row(line) for line in lines if line.charge or counts or line.service in charges]
        self.dates = [row.date for row in self.rows]
        self.of_service, self.priced = dict[str, list[Any]](), dict[str, list[Any]]()
        packaged = Counter[str]()
        for package in self.scenario.prices.packages:
            packaged[package.service] += package.count
        for row in self.rows:
            self.of_service.setdefault(row.service, []).append(row)
        for name, rows in self.of_service.items():
            self.priced[name] = [row for row in rows[packaged[name] :] if row.phase != "unused"]
        priced = f"plan.networks.{self.scenario.network}.allowed."
        self.of_plan = [
            place
            for place, one in enumerate(cases.dimensions)
            if one.path.startswith(("plan.", "published_plan")) and not one.path.startswith(priced)
        ]
        self.plans = dict[Choice, Plan]()
        self.means = dict[tuple[bool, bool, bool], Means]()
        self.only_bills = _only_bills(cases.scenario)
        self.services = helped_services(cases.scenario)
        ready = Means(cases.plain)
        lots = [ready.lot(row) for row in self.rows]
        self.lots = list(dict.fromkeys(lots))
        self.places = [self.lots.index(lot) for lot in lots]
        self.walked: dict[tuple[Choice, str], tuple[list[int], list[int], Means | None]] = {}
        self.settled: dict[tuple[Means, tuple[int, ...], tuple[int, ...]], int] = {}
        self.covered: dict[str, tuple[list[int], list[Any]]] = {}
        self.rules = dict[tuple[str, bool, bool], tuple[Rule, Callable[[date], int] | None]]()
        self.counts: Any = self.scenario.paying.assistance_counts
        self.second = self.scenario.second
        self.placed: tuple[Choice, Plan, Used, bool] | None = None

    def net(self, choice: Choice, ending: Ending) -> int:
        """The net of the visits that take place, in cents."""
        key = choice, ending.end.outcome
        if key not in self.walked:
            self.walked[key] = self._walk(*key)
        owed, back, means = self.walked[key]
        number = len(owed) if ending.until is None else bisect_left(self.dates, ending.until)
        if means is None:
            return sum(owed[:number])
        if ending.until is not None and self.first >= ending.until:
            return 0
        sums = [0] * len(self.lots)
        for place, cents in zip(self.places[:number], owed[:number], strict=True):
            sums[place] += cents
        paid = tuple(back[:number]) if self.scenario.paying.filing_fee else ()
        case = means, tuple(sums), paid
        if case not in self.settled:
            lots, backs = zip(self.lots, sums, strict=True), zip(self.dates, paid, strict=False)
            self.settled[case] = settled(means, dict(lots), backs, 0).net
        return self.settled[case]

    def _walk(self, choice: Choice, outcome: str) -> tuple[list[int], list[int], Means | None]:
        """What is owed line by line, what the plan pays of it, and what pays besides cash, where anything does."""
        plan, used, bears = self._place(choice)
        owed = [0 if bears and not row.why_not else row.charge for row in self.rows]
        back = [0] * len(owed)
        places, covered = self._covered(outcome)
        shared = self._shared(covered, plan, used) if covered else ()
        for place, row, parts in zip(places, covered, shared, strict=True):
            owed[place], back[place] = row.charge - parts.write_off - parts.plan_pays, parts.plan_pays
        return owed, back, None if self.only_bills else self._means(plan)

    def _shared(self, covered: list[Any], plan: Plan, used: Used) -> list[Split]:
        """How each covered row is split."""
        rule, least = self._help_under(plan)
        if self.services is None or rule.counts_help:
            splits = walk(covered, plan, used, rule=rule) if self.second is None else []
        else:
            splits = with_help(covered, plan, used, rule, self.scenario.paying.assistance, self.services, least)[1]
        if self.second is None:
            return splits
        lines = [row.line() for row in covered]
        return [claim.split for claim in coordinate(lines, plan, self.second, used, rule=rule)]

    def _help_under(self, plan: Plan) -> tuple[Rule, Callable[[date], int] | None]:
        """The rule of the case that the rows are priced for, and what you pay beside an HSA before help counts."""
        key = self.counts, plan.hsa_eligible is True, plan.family
        if key not in self.rules:
            paying = self.scenario.paying.replace(assistance_counts=self.counts)
            case = self.cases.plain.replace(plan=plan, paying=paying)
            self.rules[key] = rule_in_force(case), least_before_help(case)
        return self.rules[key]

    def _means(self, plan: Plan) -> Means:
        """What pays besides cash under a plan: it decides about an HSA, limits, and who sends the bills."""
        side = plan.networks[self.scenario.network]
        key = plan.family, bool(why_no_hsa(plan)), isinstance(side, Network) and side.balance_bill == "written off"
        if key not in self.means:
            self.means[key] = Means(self.cases.plain.replace(plan=plan))
        return self.means[key]

    def _covered(self, outcome: str) -> tuple[list[int], list[Any]]:
        """The rows that an outcome covers, with their places among all."""
        if outcome not in self.covered:
            parts, until = COVERS[outcome], self.scenario.covered_until or date.max
            first = covered_from(self.scenario) or date.min
            places = [
                place
                for place, row in enumerate(self.rows)
                if row.service and service(row.service).part in parts and not row.why_not and first <= row.date <= until
            ]
            self.covered[outcome] = places, [self.rows[place] for place in places]
        return self.covered[outcome]

    def _place(self, choice: Choice) -> tuple[Plan, Used, bool]:
        """Price the rows for a case, and give its plan, what is used, and whether the clinic bears a denied line."""
        if self.placed is None or self.placed[0] != choice:
            changes, charges, allowed = self.cases.changes(choice)
            for name, full in charges.items():
                charge = full - part_of(full, self.scenario.prices.discounts.get(name, 0))
                for row in self.priced.get(name, ()):
                    row.charge = charge
            for name, amount in allowed.items():
                for row in self.of_service.get(name, ()):
                    row.allowed = amount
            key = tuple([choice[place] for place in self.of_plan])
            plan = self.plans.get(key) or self.plans.setdefault(key, self.cases.plan(changes))
            used = self.cases.used(changes, plan)
            side = plan.networks.get(self.scenario.network)
            if allowed and not isinstance(side, Network):
                for row in self.rows:
                    row.allowed = None
            self.counts = changes.get("paying", {}).get("assistance_counts", self.scenario.paying.assistance_counts)
            self.second = changed(self.scenario.second, changes.get("second", {}))
            bears = changes.get("denied_line", self.scenario.denied_line) == "provider"
            self.placed = choice, plan, used, bears
        return self.placed[1:]


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
        for side in design.networks.values()
        if isinstance(side, Network)
        for line in side.benefits.values()
    )


def _endings(scenario: Scenario, case: Scenario) -> tuple[Ending, ...]:
    """Every end of a case with its chance and the day on which its visits stop."""
    path, law = path_of(case) if case.payer else (_NO_PATH, "none")
    return tuple(Ending(end, stops_on(case, end, path, law)) for end in answering(scenario, case))


_NO_PATH = DecisionPath(0, 0)
"""What is asked where nobody pays: nothing."""
