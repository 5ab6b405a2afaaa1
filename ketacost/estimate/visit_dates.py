"""The dates of a course: what a form shows of them, and what moving, adding or removing one makes of an intake."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from ketacost.core.dates import us_holidays
from ketacost.core.fields import KetacostError
from ketacost.estimate.intake import Intake
from ketacost.estimate.resolve import OPEN, Resolved
from ketacost.estimate.sentences import NO_PLAN
from ketacost.model.adjudication import plan_year_of
from ketacost.model.courses import on_holidays, visits


def holidays_of(scenario: Resolved) -> list[str]:
    """The federal holidays from a course's first visit to a month after its last, as a file writes them."""
    days = [visit.date for visit in visits(scenario.course)]
    if not days:
        return []
    until = days[-1] + timedelta(days=31)
    return [
        str(day) for year in range(days[0].year, until.year + 1) for day in us_holidays(year) if days[0] <= day <= until
    ]


def about_holidays(scenario: Resolved) -> str:
    """Which visits fall on federal holidays, or were moved off them since the clinic is closed then; empty for none."""
    course = scenario.course
    on, drawn = (on_holidays(one) for one in (course, course.replace(closed=())))
    moved = [day for day in drawn if day in course.closed]
    *others, last = [f"{day:%b} {day.day}" for day in on or moved] or [""]
    named = f"{', '.join(others)}{',' * (len(others) > 1)} and {last}" if others else last
    if on:
        return f"{len(on)} visit{'s fall' if len(on) > 1 else ' falls'} on a federal holiday: {named}."
    return f"Moved off federal holidays: the visit{'s' * (len(moved) > 1)} of {named}." if moved else ""


def keeps_holidays(scenario: Resolved) -> bool:
    """Whether the clinic counts as closed on federal holidays, which is assumed until it is said to be open."""
    return bool(scenario.intake.value("holidays") != OPEN)


def open_on_holidays(scenario: Resolved, said: Intake) -> Intake:
    """The intake with the clinic open on federal holidays; closed again where it is open then."""
    if not keeps_holidays(scenario):
        return said.unsay("holidays")
    days = {*map(str, said.value("closed") or ())} - {*holidays_of(scenario)}
    return said.say("closed", sorted(days) or None).say("holidays", OPEN)


def chips(scenario: Resolved) -> list[dict[str, Any]]:
    """The visits in order with the closed days between them, each with its words and the plan year that it begins."""
    course, starts = scenario.course, scenario.plan.plan_year_starts
    dated: list[tuple[date, str, int | None]] = [
        (visit.date, f"{visit.date:%a}, {visit.phase.replace('_', ' ')}", number)
        for number, visit in enumerate(visits(course))
    ]
    if not dated:
        return []
    first, last = dated[0][0], dated[-1][0]
    dated += [(day, "closed", None) for day in course.closed if first <= day <= last]
    year, found = None, list[dict[str, Any]]()
    for day, words, number in sorted(dated, key=lambda one: (one[0], one[1])):
        chip: dict[str, Any] = {"day": str(day), "label": f"{day:%b} {day.day}", "words": words, "at": number}
        if number is not None and scenario.today and day < scenario.today:
            chip["words"] = "past: happened?"
        begins = plan_year_of(day, starts)
        if year and begins != year and scenario.payer not in NO_PLAN:
            chip["line"] = f"{begins:%b} {begins.day}, {begins.year}: new plan year, the deductible starts over"
        year = begins
        found.append(chip)
    return found


def changed(scenario: Resolved, said: Intake, at: str, day: str) -> Intake:
    """The intake with one visit moved to a day, removed (no day), or one more (no place), on its own real date.

    Raises KetacostError where no visit would be left, or where a visit is on that day already.
    """
    booked = list(visits(scenario.course))
    days, phases = [visit.date for visit in booked], [visit.phase for visit in booked]
    protocol = scenario.course.protocol
    if at and not (at.isdecimal() and int(at) < len(days)):
        raise KetacostError(f"there is no visit {at!r}; the visits are 0 to {len(days) - 1}")
    phase = phases[int(at)] if at else phases[-1]
    if at:
        del days[int(at)]
    if day:
        new = date.fromisoformat(day)
        if new in days:
            raise KetacostError(f"there is a visit on {day} already; choose another day")
        days.append(new)
    if not days:
        raise KetacostError("keep at least one visit; to try another treatment, choose it above")
    if bool(at) != bool(day):
        said = said.say(f"visits.{protocol}.{phase}", phases.count(phase) + (1 if day else -1))
    return said.say(f"dates.{protocol}", [str(one) for one in sorted(days)])
