"""The dates of a course: what a form shows of them, and what moving, adding or removing one makes of an intake."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from ketacost.core.dates import month_end
from ketacost.core.fields import KetacostError
from ketacost.estimate.intake import Intake
from ketacost.estimate.resolve import Resolved
from ketacost.estimate.sentences import NO_PLAN
from ketacost.model.adjudication import plan_year_of
from ketacost.model.courses import Course, visits

MONDAYS = ((1, 3), (2, 3), (9, 1), (10, 2))
"""The holidays that fall on a Monday: the month, and which Monday of it."""
SAME_DAY = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
"""The holidays on the same day of every year."""


def us_holidays(year: int) -> tuple[date, ...]:
    """The federal holidays of a year (5 U.S.C. 6103(a)), and the Friday or Monday on which one of a weekend is kept.

    >>> [day.isoformat() for day in us_holidays(2027)][-3:]
    ['2027-12-24', '2027-12-25', '2027-12-31']
    """
    days = [
        date(year, month, 1 + 7 * (number - 1) + (-date(year, month, 1).weekday()) % 7) for month, number in MONDAYS
    ]
    may, november = month_end(year, 5), date(year, 11, 1)
    days += [may - timedelta(days=may.weekday()), november + timedelta(days=21 + (3 - november.weekday()) % 7)]
    for day in (*(date(year, *same) for same in SAME_DAY), date(year + 1, 1, 1)):
        kept = day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))
        days += [one for one in dict.fromkeys((day, kept)) if one.year == year]
    return tuple(sorted(days))


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
    on, drawn = (_on_holidays(one) for one in (course, course.replace(closed=())))
    moved = [day for day in drawn if day in course.closed]
    named = " and ".join(f"{day:%b} {day.day}" for day in on or moved)
    if on:
        return f"{len(on)} visit{'s fall' if len(on) > 1 else ' falls'} on a federal holiday: {named}."
    return f"Moved off federal holidays: the visit{'s' * (len(moved) > 1)} of {named}." if moved else ""


def _on_holidays(course: Course) -> list[date]:
    """The visits of a course that fall on federal holidays, in order."""
    return [visit.date for visit in visits(course) if visit.date in us_holidays(visit.date.year)]


def keeps_holidays(scenario: Resolved) -> bool:
    """Whether the clinic counts as closed on federal holidays: on some of the course's, and no visit is on another."""
    return bool({*map(str, scenario.course.closed)} & {*holidays_of(scenario)}) and not _on_holidays(scenario.course)


def closed_on_holidays(scenario: Resolved, said: Intake) -> Intake:
    """The intake with the clinic closed on the federal holidays of the course; open again where it is closed then."""
    closed, holidays = {*map(str, scenario.course.closed)}, {*holidays_of(scenario)}
    days = closed - holidays if keeps_holidays(scenario) else closed | holidays
    return said.say("closed", sorted(days)) if days else said.unsay("closed")


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
