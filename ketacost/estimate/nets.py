"""The net of a case at an end: what the patient is out of pocket for in the end, in cents.

Where neither help nor an account nor a loan changes what is owed, a case is walked on plain rows that are made once
and priced anew for each case; else it is adjudicated and its bottom line worked out.
"""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from ketacost.core.money import part_of
from ketacost.estimate.account_effects import has_accounts
from ketacost.estimate.answer import Answer
from ketacost.estimate.calendar import bottom_line
from ketacost.estimate.cases import Cases, Choice
from ketacost.estimate.outlook import path_of, stops_on
from ketacost.estimate.scenario import COVERS, Scenario, bill, claims_of
from ketacost.estimate.unknowns import answering
from ketacost.model.accumulators import Used
from ketacost.model.adjudication import Claim, walk
from ketacost.model.courses import ServiceLine
from ketacost.model.coverage import DecisionPath, End
from ketacost.model.plans import Network, Plan
from ketacost.model.protocols import service

WALKED = ("prices.charges.", "plan.", "used.", "published_plan", "denied_line", "path.")
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
        self._rows = Rows(cases) if walked and _only_bills(cases.scenario) else None

    def endings(self, choice: Choice) -> tuple[Ending, ...]:
        """The ends of a case; they are the same for all where no chance is itself unknown."""
        return self._fixed or _endings(self.cases.scenario, self.cases.at(choice))

    def net(self, choice: Choice, ending: Ending) -> int:
        """The net of a case at an end, in cents."""
        key = (choice, ending.end.outcome, ending.until)
        known = self._known.get(key)
        if known is None:
            known = self._rows.owed(choice, ending) if self._rows else self._adjudicated(choice, ending)
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


class Rows:
    """The bill of a scenario as rows, and what is owed for them in each case."""

    def __init__(self, cases: Cases) -> None:
        self.cases, self.scenario = cases, cases.scenario
        lines = bill(cases.plain.replace(coverage="everything", covered_until=None))
        self.until = cases.scenario.covered_until
        self.counts = _counts_visits(cases.scenario)
        self.rows: list[Any] = [Row(line) for line in lines]
        self.part = {row.service: service(row.service).part for row in self.rows if row.service}
        self.known: dict[tuple[Choice, str], tuple[list[date], list[int]]] = {}
        self.split: dict[str, tuple[list[Any], list[Any], list[date]]] = {}
        self.placed: tuple[Choice, Plan, Used, bool] | None = None

    def owed(self, choice: Choice, ending: Ending) -> int:
        """What is owed for the visits that take place, in cents."""
        key = choice, ending.end.outcome
        if key not in self.known:
            self.known[key] = self._walked(choice, ending.end.outcome)
        dates, owed = self.known[key]
        if ending.until is None:
            return sum(owed)
        return sum(cents for day, cents in zip(dates, owed, strict=True) if day < ending.until)

    def _walked(self, choice: Choice, outcome: str) -> tuple[list[date], list[int]]:
        """What is owed line by line: first the covered lines, as the plan shares them, then the others."""
        plan, used, bears = self._place(choice)
        covered, rest, dates = self._split_by(outcome)
        owed = [
            row.charge - parts.write_off - parts.plan_pays
            for row, parts in zip(
                covered, walk(covered, plan, used, rule=self.scenario.rule) if covered else (), strict=True
            )
        ]
        owed += [0] * len(rest) if bears else [row.charge for row in rest]
        return dates, owed

    def _split_by(self, outcome: str) -> tuple[list[Any], list[Any], list[date]]:
        """The rows that an outcome covers, the others, and the dates of both in this order."""
        if outcome not in self.split:
            parts, until = COVERS[outcome], self.until or date.max
            covered, rest = list[Any](), list[Any]()
            for row in self.rows:
                if row.charge or self.counts or row.service in self.scenario.prices.charges:
                    is_covered = self.part.get(row.service) in parts and not row.why_not and row.date <= until
                    (covered if is_covered else rest).append(row)
            self.split[outcome] = covered, rest, [row.date for row in (*covered, *rest)]
        return self.split[outcome]

    def _place(self, choice: Choice) -> tuple[Plan, Used, bool]:
        """Price the rows for a case, and give its plan, what is used, and whether the clinic bears a denied line."""
        if self.placed is None or self.placed[0] != choice:
            changes, charges, allowed = self.cases.changes(choice)
            prices, network = self.scenario.prices, self.scenario.network
            for row in self.rows:
                if row.service in charges:
                    full = charges[row.service]
                    row.charge = full - part_of(full, prices.discounts.get(row.service, 0))
                if row.service in allowed:
                    row.allowed = allowed[row.service]
            plan, used = self.cases.plan_and_used(changes)
            side = plan.networks.get(network)
            if allowed and not isinstance(side, Network):
                for row in self.rows:
                    row.allowed = None
            bears = changes.get("denied_line", self.scenario.denied_line) == "provider"
            self.placed = choice, plan, used, bears
        return self.placed[1:]


def _only_bills(scenario: Scenario) -> bool:
    """Whether the net is what is owed and the steps: no account, no help, no loan, no package."""
    paying = scenario.paying
    others = (
        paying.assistance,
        paying.rebate,
        paying.filing_fee,
        paying.loan,
        scenario.prices.packages,
        scenario.waived,
    )
    return not has_accounts(scenario) and not any(others)


def _counts_visits(scenario: Scenario) -> bool:
    """Whether a plan counts visits, so that lines of $0 count too."""
    return any(
        line.visit_limit is not None or line.first_visits is not None
        for design in (scenario.plan, *scenario.designs.values())
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
