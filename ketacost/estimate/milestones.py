"""The dates to keep in mind: when bills go out, until when something can be done, and when money may come back.

They are those of the estimate's shown case, under the law of who pays; no date before the day of the numbers is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from ketacost.estimate.calendar import Calendar
from ketacost.estimate.estimate import Estimate, ends_of
from ketacost.estimate.outlook import COVERING, first_step_day, path_of
from ketacost.estimate.scenario import Scenario, network_of
from ketacost.estimate.superbills import pays_first, superbills_under
from ketacost.model.payers import Step, payer, step

OPEN = Fraction(1, 100)
"""From this chance of a no on, its appeal is worth a date."""

CHECKS = ("check", "appeal check")


class Milestone(NamedTuple):
    """A day, what happens on it or by it (as docs/json.md lists), and the day that it is about, if there is one."""

    day: date
    what: str
    about: date | None = None


def milestones(found: Estimate) -> tuple[Milestone, ...]:
    """The dates of the shown case, in order: milestones(estimate(example("readme-patient")))."""
    today = found.scenario.today or date.min
    return tuple(sorted({one for one in _all(found) if one.day >= today}, key=lambda one: (one.day, one.what)))


def _all(found: Estimate) -> Iterator[Milestone]:
    yield from _plan_years(found)
    yield from _answers(found)
    yield from _checks(found)
    scenario = found.shown.scenario
    if scenario.covered_until and found.shown.claims:
        yield Milestone(scenario.covered_until, "approval_ends")
    for deadline in found.calendar.deadlines:
        if deadline.kind:
            yield Milestone(deadline.day, deadline.kind)


def _plan_years(found: Estimate) -> Iterator[Milestone]:
    """Each new plan year in which a deductible starts over; a year that changes nothing is left out."""
    years = sorted({claim.plan_year for claim in found.shown.claims})
    for first in years[1:] if found.shown.totals.deductible else ():
        yield Milestone(first, "plan_year")


def _answers(found: Estimate) -> Iterator[Milestone]:
    """When the plan is asked or sent a bill, by when it answers, and until when a no can be appealed."""
    scenario = found.shown.scenario
    if not scenario.payer or network_of(scenario) is None:
        return
    path, law = path_of(scenario)
    request, claim = step(law, "prior_authorization"), step(law, "claim")
    decided = None
    if path.ask_first and request and scenario.covered_until:
        return
    if path.ask_first and request:
        begun = first_step_day(scenario, path, law)
        begun = begun if path.asked_on else max(begun, scenario.today or date.min)
        decided = begun + timedelta(days=request.decision_days)
        yield Milestone(begun, "request")
        yield Milestone(decided, "answer", begun)
    elif claim and found.shown.claims:
        filed = found.shown.claims[0].line.date
        if pays_first(scenario):
            filed, last = _sent(found, claim)
            yield Milestone(filed, "send")
            yield from (Milestone(last, "file_by", day) for day in _first_visits(found) if last)
        if claim.decision_days:
            decided = filed + timedelta(days=claim.decision_days)
            yield from [Milestone(decided, "answer", filed)] if pays_first(scenario) else []
    appeal = step(law, "internal_appeal")
    if decided and appeal and appeal.file_within_days and _may_be_denied(found):
        yield Milestone(decided + timedelta(days=appeal.file_within_days[0]), "appeal_by", decided)


def _first_visits(found: Estimate) -> list[date]:
    """The day of the first bill, if there is one."""
    return [claim.line.date for claim in found.shown.claims if claim.line.charge][:1]


def _sent(found: Estimate, rule: Step) -> tuple[date, date | None]:
    """When the first bill goes to the plan, and the last day for it by the shortest window seen."""
    paying = found.shown.scenario.paying
    bills = superbills_under(rule, found.shown.claims, every_days=paying.superbills_every, fee=paying.filing_fee)
    if not bills:
        return found.shown.claims[0].line.date, None
    return bills[0].filed, bills[0].file_by[0] if bills[0].file_by else None


def _may_be_denied(found: Estimate) -> bool:
    return sum(chance for answer, chance in ends_of(found.scenario).items() if answer not in COVERING) > OPEN


def _checks(found: Estimate) -> Iterator[Milestone]:
    """The first and the last check; where none comes, the first one that would if the plan paid for more."""
    days = _check_days(found.calendar)
    if days:
        yield Milestone(days[0], "first_check")
        yield from [Milestone(days[-1], "last_check")] if len(days) > 1 else []
    elif pays_first(found.shown.scenario):
        pays = found.shown.totals.plan_pays
        better = [group for group in found.groups if group.whole and group.shown.totals.plan_pays > pays]
        firsts = [days[0] for group in better if (days := _check_days(group.calendar))]
        yield from [Milestone(min(firsts), "check_if")] if firsts else []


def _check_days(money: Calendar) -> list[date]:
    return sorted({entry.day for entry in money.entries_of(*CHECKS)})


def no_claim(scenario: Scenario) -> bool:
    """Whether no bill is sent to anyone: nobody was said to pay, or the patient pays alone."""
    return not scenario.payer or payer(scenario.payer).law == "none"
