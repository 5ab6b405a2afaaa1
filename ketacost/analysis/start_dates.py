"""When to start: what the same course costs from each possible first visit, and the key dates with their reasons.

Each start is the estimate's shown case with other dates; a range is one of the difference that the date makes, over
the estimate's own draws. Plan years, what was used of a deductible, FSA and HSA years, prices and authorizations stay
on their days of the calendar; the visits move. A delay has a cost of its own, in weeks without treatment, that no
number here counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from ketacost.core.dates import months_later, us_day, us_holidays
from ketacost.core.fields import KetacostError
from ketacost.core.money import about, between, brief
from ketacost.core.registry import kept
from ketacost.estimate.answer import Answer, Totals, scenario_of
from ketacost.estimate.calendar import BottomLine, DearestMonth, Waiting, bottom_line, calendar
from ketacost.estimate.estimate import RARE, WITHOUT_PLAN, Estimate, Looked, chance_of, eight_of_ten, estimate, tally
from ketacost.estimate.outlook import Priced, first_step_day
from ketacost.estimate.resolve import Resolved
from ketacost.estimate.scenario import Scenario, ScenarioError, claims_of
from ketacost.estimate.sentences import runs_out, who_pays
from ketacost.estimate.texts import SURE, how_often
from ketacost.estimate.visit_dates import keeps_holidays
from ketacost.model.accumulators import Accumulators, tables
from ketacost.model.adjudication import plan_year_of
from ketacost.model.cost_sharing import UNLIMITED
from ketacost.model.courses import WEEKDAYS, Course, off_holidays, visits
from ketacost.model.coverage import End
from ketacost.model.payers import payer
from ketacost.model.rules import rule_of
from ketacost.model.walk import moves

WAITING = "Waiting has a cost that is not counted here: the weeks without treatment."
"""What every page with start dates says: a cheaper day is no advice to wait."""

HORIZON = 15
"""How many months ahead are looked at: one plan year and what follows it."""

MOST_SHOWN = 12
"""The most dates that are shown with a range."""

THINNED = 64
"""How many of the estimate's own draws a range of dates is worked out over."""


class NetParts(NamedTuple):
    """What a net is made of, in cents, money that helps as negative: the parts of any net add up to it."""

    not_covered: int
    balance_bill: int
    copay: int
    deductible: int
    coinsurance: int
    monthly_fees: int
    steps: int
    filing_fee: int
    interest: int
    lost: int
    assistance: int
    hra: int
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

    `net` is what it costs in the end, `change` how much more that is than from the day as asked, `dearest_month` the
    month in which most leaves the pocket, `most_waiting` the most that checks still owe, `back` what the plan pays. In
    8 of 10 cases the change lies from `p10` to `p90`, where that was asked for. An impossible start has no amounts,
    and `why` says why it is impossible; otherwise `why` says why the day was looked at. `chance` is how likely the
    visits take place from the day as asked; where that is rare, the amounts are those of paying alone. `who` says no
    then, as a sentence names it.
    """

    day: date
    net: int | None
    change: int | None
    dearest_month: DearestMonth | None
    most_waiting: Waiting | None
    back: int | None
    why: str
    facts: Facts | None = None
    p10: int | None = None
    p90: int | None = None
    chance: Fraction = Fraction(1)
    who: str = "the plan"

    @property
    def alone(self) -> bool:
        """Whether the amounts are those of paying alone, since the visits hardly ever take place with the plan."""
        return self.chance < RARE

    @property
    def change_in_words(self) -> str:
        """How much more or less it costs than from the day as asked: "+$1,230", with its range where there is one."""
        if self.change is None:
            return ""
        spread = ""
        if self.p10 is not None and self.p90 is not None and about(self.p10) != about(self.p90):
            spread = f" ({signed(self.p10)} to {signed(self.p90)})"
        return f"{signed(self.change)}{spread}"


def signed(cents: int) -> str:
    """A difference rounded to ten dollars, with its sign: "+$1,230", "-$800", "$0"."""
    if abs(cents) < SMALLEST_DIFFERENCE // 2:
        return "$0"
    return f"{'+' if cents > 0 else '-'}{about(abs(cents))}"


class _Shown(NamedTuple):
    """The shown case whose dates move: its scenario, the end it is of, its net, and how likely visits take place."""

    case: Scenario
    end: End
    net: int
    chance: Fraction
    who: str
    closes: bool


@kept(32)
def starts(scenario: Scenario, months: int = HORIZON) -> tuple[Start, ...]:
    """What the course costs by date of the first visit, over the next months, in order.

    The dates are the day you asked for, every week after it, and the first working day of each month, and so of each
    plan year and each year of an FSA or HSA. Appointments that have real dates move along, each to a day on which the
    clinic works. All amounts are of the estimate's shown case; `ranged` adds ranges. An impossible day is kept, with
    the reason. starts(scenario, months=3) looks at a quarter.
    """
    scenario = scenario_of(scenario)
    first, days = _first_day(scenario), candidates(scenario, months)
    try:
        shown = _shown(estimate(scenario))
    except KetacostError as error:
        return tuple(Start(day, None, None, None, None, None, str(error)) for day, _ in days)
    return tuple(_start(shown, day, first, why) for day, why in days)


def _closes(scenario: Scenario) -> bool:
    """Whether the clinic counts as closed on federal holidays, so that no visit moves to one."""
    return isinstance(scenario, Resolved) and keeps_holidays(scenario)


def ranged(scenario: Scenario, shown: Sequence[Start]) -> Iterator[Start]:
    """Starts with the range of their change, one after the other, over the estimate's own draws thinned to 64.

    A case is compared with itself from the day as asked, so the range is that of the difference alone. Stop asking for
    the next one to cancel: for start in ranged(scenario, to_show(starts(scenario))).
    """
    first, found = _first_day(scenario), estimate(scenario)
    cases = _thinned(found.whole_cases)
    for start in shown:
        if start.net is None or start.alone:
            yield start
            continue
        try:
            changes = [(case.chance, _net_from(found, case, start.day, first) - case.net) for case in cases]
        except KetacostError:
            yield start
            continue
        low, high = eight_of_ten(tally(changes))
        yield start._replace(p10=min(low, start.change or 0), p90=max(high, start.change or 0))


def to_show(starts: Sequence[Start], most: int = MOST_SHOWN) -> tuple[Start, ...]:
    """The starts that tell most, in order of date: the day as asked, the key dates, and where the cost changes most."""
    can = [start for start in starts if start.net is not None]
    key = {date.day for date in _key_dates(can)}
    steps = [(abs(_net(start) - _net(before)), start) for before, start in pairwise(can)]
    steps = sorted((step for step in steps if step[0]), key=lambda step: -step[0])
    chosen = dict.fromkeys([*can[:1], *(start for start in can if start.day in key), *(start for _, start in steps)])
    return tuple(sorted([*chosen][:most], key=lambda start: start.day))


def _shown(found: Estimate) -> _Shown:
    """The estimate's shown case; where the planned visits hardly ever take place, the one of paying alone.

    Raises ScenarioError where an approval ends first: each start would have another number of visits.
    """
    until = found.scenario.covered_until
    if runs_out(found) and until:
        raise ScenarioError(
            f"the approval ends on {us_day(until)}, before the last visit, so a later start has fewer visits under it; "
            "ask until when a new approval can run"
        )
    group, who = found.main, who_pays(found.scenario)
    if found.chance >= RARE:
        shown, end, net = group.shown.scenario, group.ending.end, group.likely
    else:
        alone = found.without_plan.cases
        shown, end, net = alone.at(alone.typical), WITHOUT_PLAN.end, found.going_on
    return _Shown(shown, end, net, found.chance, who, _closes(found.scenario))


def _thinned(cases: Sequence[Looked]) -> tuple[Looked, ...]:
    """At most 64 of the cases, each as likely, taken evenly through their chances; all of them where they are few."""
    if len(cases) <= THINNED:
        return tuple(cases)
    weight, added, thinned = chance_of(cases), Fraction(0), list[Looked]()
    for case in cases:
        added += case.chance
        number = int(added * THINNED / weight + Fraction(1, 2)) - len(thinned)
        thinned += [case._replace(chance=Fraction(1, THINNED))] * number
    return tuple(thinned)


def _net_from(found: Estimate, looked: Looked, day: date, first: date) -> int:
    """The net of a case, with its end, from another first visit."""
    case = found.main.cases.at(looked.choice).replace(coverage=looked.ending.end.outcome)
    moved = from_day(case, day, first, _closes(found.scenario))
    return bottom_line(moved, claims_of(moved), end=looked.ending.end).net


def candidates(scenario: Scenario, months: int = HORIZON) -> tuple[tuple[date, str], ...]:
    """The first visits that are looked at, each with why: as asked, a week later, a month or a year that begins."""
    course, first, closes = scenario.course, _first_day(scenario), _closes(scenario)
    last, reasons = months_later(first, months), {first: "as asked"}
    for number in range(1, months + 1):
        day = months_later(first.replace(day=1), number)
        reasons.setdefault(_working(_after_new_year(day), course, closes), _begins(day, scenario))
    for number in range(7, (last - first).days + 1, 7):
        reasons.setdefault(_working(_after_new_year(first + timedelta(days=number)), course, closes), "week by week")
    return tuple(sorted(reasons.items()))


def from_day(scenario: Scenario, day: date, first: date | None = None, closes: bool = False) -> Scenario:
    """The same scenario with another first visit.

    Appointments that have real dates move by as many days, to days that the clinic works, which are no federal holidays
    where it `closes` on them. Pauses, the authorization and what was used stay on their days."""
    course = scenario.course
    by = day - (first or _first_day(scenario))
    if not by:
        return scenario
    dates: list[date] = []
    for known in course.dates:
        earliest = max(known + by, dates[-1] + timedelta(days=1)) if dates else known + by
        dates.append(_working(earliest, course, closes))
    start = course.start + by if dates else day
    moved = course.replace(start=start, dates=tuple(dates))
    return scenario.replace(course=off_holidays(moved) if closes else moved)


def as_it_is(found: Estimate) -> Start:
    """The course from its own first day, with what may explain why another one costs more or less."""
    shown = _shown(found)
    first = _first_day(shown.case)
    return _start(shown, first, first, "")


def _start(shown: _Shown, day: date, first: date, why: str) -> Start:
    case = from_day(shown.case, day, first, shown.closes)
    try:
        answer = Answer(case, claims_of(case))
        until = case.covered_until
        if until and case.if_denied == "stop" and answer.claims[-1].line.date > until:
            raise KetacostError(f"the authorization ends on {us_day(until)}, before the last visit")
        dated = calendar(answer, _priced(answer, shown.end), today=case.today)
    except KetacostError as error:
        return Start(day, None, None, None, None, None, str(error))
    facts = _facts(answer, dated.bottom)
    pays, change = answer.totals.plan_pays, dated.net - shown.net
    cash = dated.dearest_month, dated.most_waiting
    return Start(day, dated.net, change, *cash, pays, why, facts, chance=shown.chance, who=shown.who)


def _priced(answer: Answer, end: End) -> Priced | None:
    """The end with its days from this start, as the calendar takes it; None where no step is taken."""
    if not end.steps:
        return None
    case, law = answer.scenario, payer(answer.scenario.payer).law if answer.scenario.payer else ""
    begun = first_step_day(case, case.path, law) if case.path else case.course.start
    return Priced(end, answer.totals, answer.you_pay, begun + timedelta(days=end.days), ())


def _facts(answer: Answer, line: BottomLine) -> Facts:
    met, refused = Counter[date](), Counter[str]()
    limits, left_first = set(), dict[date, int]()
    for claim in answer.claims:
        if not claim.covered:
            refused[claim.why_not] += bool(claim.line.charge)
            continue
        parts, left = claim.own.split, claim.left
        if claim.line.charge:
            left_first.setdefault(claim.plan_year, left.deductible)
        met[claim.plan_year] += parts.deductible
        if left.limit < UNLIMITED and parts.plan_pays and moves(claim.terms, parts, 0)[1] == left.limit:
            limits.add(claim.plan_year)
    years = tuple(dict.fromkeys(claim.plan_year for claim in answer.claims))
    paid = tuple(year for year, amount in met.items() if amount)
    reasons = tuple((why, number) for why, number in refused.items() if number)
    used = _used(answer, met, left_first)
    return Facts(_parts(answer.totals, line), years, paid, tuple(sorted(limits)), used, reasons)


def _parts(totals: Totals, line: BottomLine) -> NetParts:
    of_the_bill = (totals.not_covered, totals.balance_bill, totals.copay, totals.deductible, totals.coinsurance)
    of_paying = (line.monthly_fees, line.steps, line.filing_fee, line.interest, line.lost)
    return NetParts(*of_the_bill, *of_paying, -line.assistance, -line.hra, -line.rebate, -line.tax_saved)


def _used(answer: Answer, met: Mapping[date, int], left_first: dict[date, int]) -> int:
    """What earlier care had paid of the deductible that the course meets; 0 where it counts for nothing."""
    used, plan = answer.scenario.used, answer.scenario.plan
    if used.as_of is None:
        return 0
    year = plan_year_of(used.as_of, plan.plan_year_starts)
    left = left_first.get(year)
    if left is None or met.get(year, 0) < left:
        return 0
    begins = Accumulators(tables(rule_of(answer.scenario.rule).changed(plan)))
    fresh = begins.left(answer.claims[0].line.member, answer.scenario.network).deductible
    return max(fresh - left, 0)


def _first_day(scenario: Scenario) -> date:
    """The day of the first visit in the scenario."""
    dated = visits(scenario.course)
    return dated[0].date if dated else scenario.course.start


def _begins(day: date, scenario: Scenario) -> str:
    """What begins on the first day of a month."""
    begins = ["a plan year"] if plan_year_of(day, scenario.plan.plan_year_starts) == day else []
    begins += ["a year of FSA and HSA"] if day.month == 1 else []
    return f"{' and '.join(begins) or 'a month'} begin{'' if len(begins) == 2 else 's'}"


def _after_new_year(day: date) -> date:
    """The second of January for the first: plan years begin on a holiday, and no course does."""
    return day + timedelta(days=1) if (day.month, day.day) == (1, 1) else day


def _working(day: date, course: Course, closes: bool) -> date:
    """The day itself or the next on which the clinic treats."""
    for _ in range(400):
        closed = day in course.closed or (closes and day in us_holidays(day.year))
        if WEEKDAYS[day.weekday()] in course.works and not closed:
            return day
        day += timedelta(days=1)
    return day


SMALLEST_DIFFERENCE = 1_000
"""Ten dollars in cents: amounts are shown to ten dollars, so a smaller difference is none."""

WORDS = {
    "not_covered": "is not covered",
    "balance_bill": "is above what the plan counts",
    "copay": "goes to copays",
    "deductible": "goes to your deductible",
    "coinsurance": "goes to your share after the deductible",
    "monthly_fees": "goes to monthly fees",
    "steps": "goes to steps such as an appeal",
    "filing_fee": "goes to the filing service",
    "interest": "goes to the lender",
}
HELPS = {"assistance": "help pays", "hra": "your HRA pays", "rebate": "the rebate pays", "tax_saved": "you save"}
TIMES = {1: "once", 2: "twice"}


class KeyDate(NamedTuple):
    """A date that matters: its kind, what it changes, and the sentence with the reason where one was found.

    Kinds are `cheapest`, `before the rise`, `least in a month`; the change is in cents, against the start it is
    compared with.
    """

    kind: str
    day: date
    change: int
    sentence: str


def key_dates(starts: Sequence[Start]) -> tuple[KeyDate, ...]:
    """The two or three dates among possible starts that change what the course costs, in words.

    The cheapest start, the last one before the cost rises most, and the one with the least in its costliest month.
    Empty where every start costs the same within ten dollars. key_dates(starts(scenario)).
    """
    return tuple(_key_dates([start for start in starts if start.net is not None]))


def within_a_month(starts: Sequence[Start], most: int) -> str:
    """Which starts have no month above what can be paid in one, in cents, in a sentence; else the lowest there is."""
    can = [start for start in starts if start.net is not None and start.dearest_month]
    fitting = [start for start in can if _dearest(start) <= most]
    if not can:
        return "No start can be worked out."
    if len(fitting) == len(can):
        return f"Whenever you start, no month costs more than {brief(most)}."
    if fitting:
        days = f"{us_day(fitting[0].day)}" + (
            f" or {len(fitting) - 1} later date{'s' * (len(fitting) > 2)}" if len(fitting) > 1 else ""
        )
        return f"No month costs more than {brief(most)} if you start on {days}."
    least = min(can, key=lambda start: (_dearest(start), start.day))
    return (
        f"Whenever you start, some month costs more than {brief(most)}. The lowest is {about(_dearest(least))}, if you "
        f"start on {us_day(least.day)}."
    )


def headline(starts: Sequence[Start]) -> str:
    """The finding in one sentence: how much the first visit's date changes."""
    can = [start for start in starts if start.net is not None]
    if not can:
        return f"No start can be worked out: {starts[0].why}" if starts else "There is no day to start on."
    why = [start.why for start in starts if start.net is None]
    cannot = f" {len(why)} of {len(starts)} starts cannot be worked out: {why[0]}" if why else ""
    span, chance = _span(can), can[0].chance
    if can[0].alone:
        no = f"{can[0].who[0].upper()}{can[0].who[1:]} almost certainly says no"
        span = f"{no}. Paying for everything yourself: {span[0].lower()}{span[1:]}"
    elif chance < SURE:
        span = f"If the visits take place (about {how_often(chance)}): {span[0].lower()}{span[1:]}"
    return span + cannot


def _span(can: list[Start]) -> str:
    if len(can) == 1:
        return f"Starting on {us_day(can[0].day)} costs {about(_net(can[0]))}."
    nets = list(map(_net, can))
    low, high = min(nets), max(nets)
    if high - low < SMALLEST_DIFFERENCE:
        span = f"from {us_day(can[0].day)} to {us_day(can[-1].day)}"
        return f"The start date does not change the cost: every start {span} costs {about(low)}."
    return f"Depending on when you start, the course costs {between(low, high)}."


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
        yield _cheapest(f"Start on {us_day(cheapest.day)}:", cheapest, first)
    else:
        opening = f"No later start costs less than {us_day(first.day)}: it is"
        yield _cheapest(opening, first, max(can, key=_net))
    if rise := _rise(can):
        yield _before(*rise)
    least = min(can, key=lambda start: (_dearest(start), start is not cheapest))
    if _dearest(first) - _dearest(least) >= SMALLEST_DIFFERENCE and least is not cheapest:
        yield _least_in_a_month(least, first)


def _cheapest(opening: str, cheapest: Start, other: Start) -> KeyDate:
    change = _net(cheapest) - _net(other)
    sentence = f"{opening} {about(-change)} less than a start on {us_day(other.day)}{_since(cheapest, other)}."
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
    change, day = _net(high) - _net(low), us_day(low.day)
    opening = f"{day} is the last start before the cost rises" if at_once else f"After {day} the cost rises"
    sentence = f"{opening}: a start on {us_day(high.day)} costs {about(change)} more{_since(high, low)}."
    return KeyDate("before the rise", low.day, change, sentence)


def _least_in_a_month(least: Start, first: Start) -> KeyDate:
    change, extra = _dearest(least) - _dearest(first), _net(least) - _net(first)
    costliest = f"your costliest month is {about(_dearest(least))}"
    sentence = f"Least in one month: if you start on {us_day(least.day)}, {costliest}"
    sentence += f", {about(-change)} less than if you start on {us_day(first.day)}"
    if abs(extra) >= SMALLEST_DIFFERENCE:
        sentence += f"; in the end it costs {about(abs(extra))} {'more' if extra > 0 else 'less'}"
    return KeyDate("least in a month", least.day, change, f"{sentence}.")


def _since(this: Start, other: Start) -> str:
    because = why_more(this, other)
    return f", because {because}" if because else ""


def _net(start: Start) -> int:
    assert start.net is not None
    return start.net


def _dearest(start: Start) -> int:
    assert start.dearest_month is not None
    return start.dearest_month.cents


def _part(name: str, change: int, this: Facts, other: Facts) -> str:
    """One part of the difference in words: what the plan years say about it, or the amount."""
    more, amount = "more" if change > 0 else "less", about(abs(change))
    if name == "deductible":
        mine, theirs = len(this.deductible_years), len(other.deductible_years)
        if mine != theirs and (mine > theirs) == (change > 0):
            return f"you pay a deductible {_times(mine)}, not {_times(theirs)}"
        if (this.used > 0) != (other.used > 0) and (this.used > 0) == (change < 0):
            used = about(max(this.used, other.used))
            return f"the {used} of your deductible that is already used {'counts' if this.used else 'no longer counts'}"
    if name == "coinsurance":
        reached, not_reached = ({*a.limit_years} - {*b.limit_years} for a, b in ((this, other), (other, this)))
        if len(reached) > len(not_reached) and change < 0:
            return f"you would reach your out-of-pocket limit in {_years(reached)}"
        if len(reached) < len(not_reached) and change > 0:
            return f"you would not reach your out-of-pocket limit in {_years(not_reached)}"
    if name == "not_covered":
        refused, before = dict(this.refused), dict(other.refused)
        for why in {**refused, **before}:
            lines, fewer = refused.get(why, 0), before.get(why, 0)
            if lines != fewer and (lines > fewer) == (change > 0):
                if not lines:
                    return f"no line of the bill is denied, where {fewer} were ({why})"
                before_it = f", not {fewer}" if fewer else ""
                return f"{lines} lines of the bill are not covered{before_it} ({why})"
    if name == "lost":
        return f"you lose {amount} {'' if change > 0 and not other.parts.lost else f'{more} '}of your FSA"
    if name in HELPS:
        return f"{HELPS[name]} {amount} {'less' if change > 0 else 'more'}{' in tax' if name == 'tax_saved' else ''}"
    return f"{amount} {more} {WORDS[name]}"


def _times(number: int) -> str:
    return TIMES.get(number, f"{number} times")


def _years(plan_years: set[date]) -> str:
    """Plan years by their calendar year, or by their first day where they begin in the middle of one."""
    days = sorted(plan_years)
    return " and ".join(str(day.year) if day.month == 1 else f"the plan year from {us_day(day)}" for day in days)
