"""The running cost: what the visits up to a point cost in the end, and how many go on after the first series."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from ketacost.core.dates import months_later
from ketacost.core.money import WHOLE, about, percent, share
from ketacost.core.references import Citation, assumption, assumption_citation
from ketacost.core.words import capital
from ketacost.estimate.calendar import bottom_line
from ketacost.estimate.estimate import RARE, Estimate
from ketacost.estimate.texts import how_often
from ketacost.model.protocols import protocol, service

MONTHS = (3, 6, 12)
FIRST_SERIES = "the first series"
GO_ON = "probability a starter completes induction and enters maintenance"


class SoFar(NamedTuple):
    """The visits up to a day: how many, and their net in cents, with the checks for them whenever they come."""

    label: str
    until: date
    visits: int
    cents: int


class GoesOn(NamedTuple):
    """The share who go on after the first series, in basis points, in words, with its source; an assumption."""

    low: int
    central: int
    high: int
    words: str
    citation: Citation


class Running(NamedTuple):
    """What a course costs up to the end of its first series and of some months, and the share who go on.

    The share multiplies nothing; it is None where no source says it, and `so_far` is empty where the planned visits
    hardly ever take place.
    """

    so_far: tuple[SoFar, ...]
    goes_on: GoesOn | None

    @property
    def sentence(self) -> str:
        """The running cost in words, rounded to ten dollars; empty where it is nothing at all times."""
        if not any(one.cents for one in self.so_far):
            return ""
        first, *rest = self.so_far
        costs = "costs" if first.label == FIRST_SERIES else "cost"
        told = [f"{capital(first.label)} {costs} about {about(first.cents)}"]
        told += [f"{one.label} {about(one.cents)}" for one in rest]
        go_on = f" {capital(self.goes_on.words)}." if self.goes_on else ""
        return f"{', '.join(told)}.{go_on}"


def running(found: Estimate) -> Running:
    """What the shown case of the likeliest whole group costs by the end of its first series and of 3, 6 and 12 months.

    Stages after the last visit are left out. running(estimate(example("readme-patient"))).so_far[0].cents is 328_800.
    """
    claims = found.shown.claims
    if found.chance < RARE or not claims:
        return Running((), None)
    first, last, course = claims[0].line.date, claims[-1].line.date, found.scenario.course
    series = _end_of_first_series(found)
    stages = [(series, FIRST_SERIES)] if series else []
    stages += [(months_later(first, months), f"the first {months} months") for months in MONTHS]
    so_far = list[SoFar]()
    for until, label in sorted(stages):
        if so_far and so_far[-1].until >= last:
            break
        some = tuple(claim for claim in claims if claim.line.date <= until)
        net = bottom_line(found.shown.scenario, some, end=found.main.ending.end).net
        so_far.append(SoFar(label, until, len({claim.line.date for claim in some}), net))
    treated = protocol(course.protocol)
    known = series and treated.route == "iv" and treated.indication == "depression"
    return Running(tuple(so_far), goes_on() if known and so_far[0].visits < found.main.visits else None)


def goes_on() -> GoesOn:
    """The share of those who begin ketamine infusions for depression who go on after the first series."""
    row, citation = assumption(GO_ON), assumption_citation(GO_ON)
    low, central, high = (share(row[level], what=GO_ON) for level in ("low", "central", "high"))
    seen = re.search(r"\d+ of \d+", row["why"])
    often = "half" if abs(central - WHOLE // 2) <= WHOLE // 20 else how_often(Fraction(central, WHOLE))
    where = f" ({seen[0]} at one hospital)" if seen else f" ({percent(low)} to {percent(high)})"
    return GoesOn(low, central, high, f"about {often} go on{where}", citation)


def _end_of_first_series(found: Estimate) -> date | None:
    """The last day of the first phase that treats; None for a course that begins after it, or treats nobody."""
    phases = protocol(found.scenario.course.protocol).phases
    treats = (
        phase.name for phase in phases for had in phase.services for name, _ in had if service(name).part != "visit"
    )
    first = next(treats, "")
    return max((claim.line.date for claim in found.shown.claims if claim.line.phase == first), default=None)
