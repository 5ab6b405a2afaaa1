"""When to start: what the same course costs from each possible first visit, and the key dates with their reasons.

Plan years, what was used of a deductible, FSA and HSA years, prices and authorizations stay on their days of the
calendar; the visits move. A delay has a cost of its own, in weeks without treatment, that no number here counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from ketacost.core.dates import day_text, months_later
from ketacost.core.fields import KetacostError
from ketacost.core.money import about
from ketacost.core.registry import kept
from ketacost.estimate.answer import Answer, Totals, run
from ketacost.estimate.calendar import BottomLine, calendar
from ketacost.estimate.estimate import spread
from ketacost.estimate.scenario import Scenario
from ketacost.model.accumulators import Accumulators
from ketacost.model.adjudication import moves, plan_year_of
from ketacost.model.cost_sharing import UNLIMITED
from ketacost.model.courses import WEEKDAYS, Course, visits

WAITING = "Waiting has a cost that is not counted here: the weeks without treatment."
"""What every page with start dates says: a cheaper day is no advice to wait."""

HORIZON = 15
"""How many months ahead are looked at: one plan year and what follows it."""


class NetParts(NamedTuple):
    """What a net is made of, in cents, money that helps as negative: the parts of any net add up to it."""

    not_covered: int
    balance_bill: int
    copay: int
    deductible: int
    coinsurance: int
    steps: int
    filing_fee: int
    interest: int
    lost: int
    assistance: int
    rebate: int
    tax_saved: int


class Facts(NamedTuple):
    """What may explain why one start costs more than another.

    `deductible_years` and `limit_years` are the plan years in which something goes to the deductible, and in which the
    out-of-pocket limit is reached; `used` is how much of the deductible, in cents, earlier care had paid already in a
    plan year of the course that meets it; `refused` the reasons of lines that are not covered, with how many.
    """

    parts: NetParts
    plan_years: tuple[date, ...]
    deductible_years: tuple[date, ...]
    limit_years: tuple[date, ...]
    used: int
    refused: tuple[tuple[str, int], ...]


class Start(NamedTuple):
    """One possible first visit and what the course then costs, in cents.

    `net` is what it costs in the end, `peak` the most cash needed at one time, `back` what the plan pays, `low` and
    `high` the ends of the range where they were asked for. An impossible start has none of them, and `why` says
    why it is impossible; otherwise `why` says why the day was looked at.
    """

    day: date
    net: int | None
    peak: int | None
    low: int | None
    high: int | None
    back: int | None
    why: str
    facts: Facts | None = None


@kept(32)
def starts(scenario: Scenario, months: int = HORIZON, *, with_ranges: bool = False) -> tuple[Start, ...]:
    """What the course costs from each first visit in the next months, in order of date.

    Looked at are the day as asked, every week after it, and the first working day of each month, so of each plan year
    and each year of an FSA or HSA. Appointments that have real dates move along, each to a day on which the clinic
    works. `with_ranges` also gives the lowest and highest net over what is not known (slower). An impossible day is
    kept, with the reason. starts(scenario, months=3) looks at a quarter.
    """
    first, days = _first_day(scenario), candidates(scenario, months)
    asked = scenario if with_ranges else scenario.replace(ranges={}, odds={})
    return tuple(_start(from_day(asked, day, first), day, why, with_ranges=with_ranges) for day, why in days)


def candidates(scenario: Scenario, months: int = HORIZON) -> tuple[tuple[date, str], ...]:
    """The first visits that are looked at, each with why: as asked, a week later, a month or a year that begins."""
    course, first = scenario.course, _first_day(scenario)
    last, reasons = months_later(first, months), {first: "as asked"}
    for number in range(1, months + 1):
        day = months_later(first.replace(day=1), number)
        reasons.setdefault(_working(_after_new_year(day), course), _begins(day, scenario))
    for number in range(7, (last - first).days + 1, 7):
        reasons.setdefault(_working(_after_new_year(first + timedelta(days=number)), course), "week by week")
    return tuple(sorted(reasons.items()))


def from_day(scenario: Scenario, day: date, first: date | None = None) -> Scenario:
    """The same scenario with another first visit.

    Appointments that have real dates move by as many days, to days that the clinic works. Pauses, the authorization and
    what was used stay on their days."""
    course = scenario.course
    by = day - (first or _first_day(scenario))
    if not by:
        return scenario
    dates: list[date] = []
    for known in course.dates:
        earliest = max(known + by, dates[-1] + timedelta(days=1)) if dates else known + by
        dates.append(_working(earliest, course))
    start = course.start + by if dates else day
    return scenario.replace(course=course.replace(start=start, dates=tuple(dates)))


def _start(scenario: Scenario, day: date, why: str, *, with_ranges: bool) -> Start:
    try:
        answer = run(scenario.replace(ranges={}, odds={}) if with_ranges else scenario)
        dated = calendar(answer)
        net = spread(scenario) if with_ranges else None
    except KetacostError as error:
        return Start(day, None, None, None, None, None, str(error))
    low, high = (net.low, net.high) if net else (None, None)
    facts = _facts(answer, dated.bottom)
    return Start(day, dated.net, dated.peak.cents, low, high, answer.totals.plan_pays, why, facts)


def _facts(answer: Answer, line: BottomLine) -> Facts:
    met, refused = Counter[date](), Counter[str]()
    limits, left_first = set(), dict[date, int]()
    for claim in answer.claims:
        if not claim.covered:
            refused[claim.why_not] += bool(claim.line.charge)
            continue
        parts, left = claim.split, claim.left
        if claim.line.charge:
            left_first.setdefault(claim.plan_year, left.deductible)
        met[claim.plan_year] += parts.deductible
        if left.limit < UNLIMITED and parts.plan_pays and moves(claim.terms, parts)[1] == left.limit:
            limits.add(claim.plan_year)
    years = tuple(dict.fromkeys(claim.plan_year for claim in answer.claims))
    paid = tuple(year for year, amount in met.items() if amount)
    reasons = tuple((why, number) for why, number in refused.items() if number)
    used = _used(answer, met, left_first)
    return Facts(_parts(answer.totals, line), years, paid, tuple(sorted(limits)), used, reasons)


def _parts(totals: Totals, line: BottomLine) -> NetParts:
    of_the_bill = (totals.not_covered, totals.balance_bill, totals.copay, totals.deductible, totals.coinsurance)
    of_paying = (line.steps, line.filing_fee, line.interest, line.lost)
    return NetParts(*of_the_bill, *of_paying, -line.assistance, -line.rebate, -line.tax_saved)


def _used(answer: Answer, met: Mapping[date, int], left_first: dict[date, int]) -> int:
    """What earlier care had paid of the deductible that the course meets; 0 where it counts for nothing."""
    used, plan = answer.scenario.used, answer.scenario.plan
    if used.as_of is None:
        return 0
    year = plan_year_of(used.as_of, plan.plan_year_starts)
    left = left_first.get(year)
    if left is None or met.get(year, 0) < left:
        return 0
    fresh = Accumulators(plan).left(answer.claims[0].line.member, answer.scenario.network).deductible
    return max(fresh - left, 0)


def _first_day(scenario: Scenario) -> date:
    """The day of the first visit in the scenario."""
    dated = visits(scenario.course)
    return dated[0].date if dated else scenario.course.start


def _begins(day: date, scenario: Scenario) -> str:
    """What begins on the first day of a month."""
    begins = ["a plan year"] if day.month == scenario.plan.plan_year_starts else []
    begins += ["a year of FSA and HSA"] if day.month == 1 else []
    return f"{' and '.join(begins) or 'a month'} begin{'' if len(begins) == 2 else 's'}"


def _after_new_year(day: date) -> date:
    """The second of January for the first: plan years begin on a holiday, and no course does."""
    return day + timedelta(days=1) if (day.month, day.day) == (1, 1) else day


def _working(day: date, course: Course) -> date:
    """The day itself or the next on which the clinic treats."""
    for _ in range(400):
        if WEEKDAYS[day.weekday()] in course.works and day not in course.closed:
            return day
        day += timedelta(days=1)
    return day


SMALLEST_DIFFERENCE = 1_000
"""Ten dollars in cents: amounts are shown to ten dollars, so a smaller difference is none."""

WORDS = {
    "not_covered": "is not covered",
    "balance_bill": "is above what the plan counts",
    "copay": "goes to copays",
    "deductible": "goes to the deductible",
    "coinsurance": "is your share after the deductible",
    "steps": "goes to steps such as an appeal",
    "filing_fee": "goes to the filing service",
    "interest": "goes to the lender",
    "lost": "of the FSA is not used in time",
}
HELPS = {"assistance": "assistance gives", "rebate": "the rebate brings", "tax_saved": "tax-free accounts save"}


class KeyDate(NamedTuple):
    """A date that matters: its kind, what it changes, and the sentence with the reason where one was found.

    Kinds are `cheapest`, `before the rise`, `least cash`; the change is in cents, against the start it is compared
    with.
    """

    kind: str
    day: date
    change: int
    sentence: str


def key_dates(starts: Sequence[Start]) -> tuple[KeyDate, ...]:
    """The two or three dates among possible starts that change what the course costs, in words.

    The cheapest start, the last one before the cost rises most, and the one with the least cash needed at one time.
    Empty where every start costs the same within ten dollars. key_dates(starts(scenario)).
    """
    return tuple(_key_dates([start for start in starts if start.net is not None]))


def headline(starts: Sequence[Start]) -> str:
    """The finding in one sentence: how much the first visit's date changes."""
    can = [start for start in starts if start.net is not None]
    if not can:
        return f"No start can be worked out: {starts[0].why}" if starts else "There is no day to start on."
    why = [start.why for start in starts if start.net is None]
    cannot = f" {len(why)} of {len(starts)} starts cannot be worked out: {why[0]}" if why else ""
    return _span(can) + cannot


def _span(can: list[Start]) -> str:
    if len(can) == 1:
        return f"Starting on {day_text(can[0].day)} costs {about(_net(can[0]))}."
    nets = list(map(_net, can))
    low, high, span = min(nets), max(nets), f"from {day_text(can[0].day)} to {day_text(can[-1].day)}"
    if high - low < SMALLEST_DIFFERENCE:
        return f"The start date does not change the cost: {span}, every start costs {about(low)}."
    return f"Depending on the start date, {span}, the course costs {about(low)} to {about(high)}."


def why_more(this: Start, other: Start) -> str:
    """Why one start costs more or less than another, true of `this` and not of `other`; empty if not found."""
    if this.facts is None or other.facts is None or this.net is None or other.net is None:
        return ""
    change = this.net - other.net
    moved = {name: getattr(this.facts.parts, name) - getattr(other.facts.parts, name) for name in NetParts._fields}
    same_way = sorted((name for name in moved if moved[name] * change > 0), key=lambda name: -abs(moved[name]))
    reasons, carried = list[str](), 0
    for name in same_way[:2]:
        reasons.append(_part(name, moved[name], this.facts, other.facts))
        carried += moved[name]
        if abs(carried) >= abs(change):
            break
    return ", and ".join(dict.fromkeys(reasons))


def _key_dates(can: list[Start]) -> Iterator[KeyDate]:
    if not can or max(map(_net, can)) - min(map(_net, can)) < SMALLEST_DIFFERENCE:
        return
    first, cheapest = can[0], min(can, key=_net)
    if _net(first) - _net(cheapest) >= SMALLEST_DIFFERENCE:
        yield _cheapest(f"Start on {day_text(cheapest.day)}:", cheapest, first)
    else:
        opening = f"No later start costs less than {day_text(first.day)}: it is"
        yield _cheapest(opening, first, max(can, key=_net))
    if rise := _rise(can):
        yield _before(*rise)
    least = min(can, key=lambda start: (_peak(start), start is not cheapest))
    if _peak(first) - _peak(least) >= SMALLEST_DIFFERENCE and least is not cheapest:
        yield _least_cash(least, first)


def _cheapest(opening: str, cheapest: Start, other: Start) -> KeyDate:
    change = _net(cheapest) - _net(other)
    sentence = f"{opening} {about(-change)} less than a start on {day_text(other.day)}{_since(cheapest, other)}."
    return KeyDate("cheapest", cheapest.day, change, sentence)


def _rise(can: list[Start]) -> tuple[Start, Start, bool] | None:
    """The stretch over which the cost rises most, and whether it rises in one step."""
    best: tuple[int, int, int] = (0, 0, 0)
    at = 0
    while at < len(can) - 1:
        top = at
        while top + 1 < len(can) and _net(can[top + 1]) >= _net(can[top]):
            top += 1
        low = max(i for i in range(at, top + 1) if _net(can[i]) == _net(can[at]))
        high = min(i for i in range(at, top + 1) if _net(can[i]) == _net(can[top]))
        best = max(best, (_net(can[top]) - _net(can[at]), -low, -high))
        at = max(top, at + 1)
    rise, low, high = best[0], -best[1], -best[2]
    return (can[low], can[high], high == low + 1) if rise >= SMALLEST_DIFFERENCE else None


def _before(low: Start, high: Start, at_once: bool) -> KeyDate:
    change, day = _net(high) - _net(low), day_text(low.day)
    opening = f"{day} is the last start before the cost rises" if at_once else f"After {day} the cost rises"
    sentence = f"{opening}: a start on {day_text(high.day)} costs {about(change)} more{_since(high, low)}."
    return KeyDate("before the rise", low.day, change, sentence)


def _least_cash(least: Start, first: Start) -> KeyDate:
    change, extra = _peak(least) - _peak(first), _net(least) - _net(first)
    peak = f"at most {about(_peak(least))} is out of pocket at one time"
    sentence = f"Least cash: with a start on {day_text(least.day)} {peak}"
    sentence += f", {about(-change)} less than from {day_text(first.day)}"
    if abs(extra) >= SMALLEST_DIFFERENCE:
        sentence += f"; in the end it costs {about(abs(extra))} {'more' if extra > 0 else 'less'}"
    return KeyDate("least cash", least.day, change, f"{sentence}.")


def _since(this: Start, other: Start) -> str:
    because = why_more(this, other)
    return f", since {because}" if because else ""


def _net(start: Start) -> int:
    assert start.net is not None
    return start.net


def _peak(start: Start) -> int:
    assert start.peak is not None
    return start.peak


def _part(name: str, change: int, this: Facts, other: Facts) -> str:
    """One part of the difference in words: what the plan years say about it, or the amount."""
    more, less = ("more", "less") if change > 0 else ("less", "more")
    if name == "deductible":
        mine, theirs = len(this.deductible_years), len(other.deductible_years)
        if mine != theirs and (mine > theirs) == (change > 0):
            return f"a deductible is paid in {_years(mine)}, not in {theirs}"
        if (this.used > 0) != (other.used > 0) and (this.used > 0) == (change < 0):
            used = about(max(this.used, other.used))
            return f"the {used} of the deductible that is already used {'counts' if this.used else 'no longer counts'}"
    if name == "coinsurance":
        mine, theirs = len(this.limit_years), len(other.limit_years)
        if mine != theirs and (mine > theirs) == (change < 0):
            return f"the out-of-pocket limit is reached in {_years(mine)}, not in {theirs}"
    if name == "not_covered":
        refused, before = dict(this.refused), dict(other.refused)
        for why in {**refused, **before}:
            lines, fewer = refused.get(why, 0), before.get(why, 0)
            if lines != fewer and (lines > fewer) == (change > 0):
                return f"{lines} lines of the bill are not covered, not {fewer} ({why})"
    if name in HELPS:
        return f"{HELPS[name]} {about(abs(change))} {less}"
    return f"{about(abs(change))} {more} {WORDS[name]}"


def _years(number: int) -> str:
    return f"{number} plan year{'s' if number != 1 else ''}"
