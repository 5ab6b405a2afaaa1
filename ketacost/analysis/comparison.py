"""Options side by side: any scenarios, or the routes to treatment, each with its range and its cash.

The order is the one given or by most likely total, and is always said; no way is called the best. Routes are other
treatments too: cost alone does not decide between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from ketacost.analysis.alternatives import Route, alternatives, chair_minutes
from ketacost.core.fields import KetacostError, unknown
from ketacost.core.money import about, usd
from ketacost.estimate.answer import run
from ketacost.estimate.calendar import bottom_line, calendar
from ketacost.estimate.estimate import spread
from ketacost.estimate.scenario import Scenario, bill
from ketacost.estimate.unknowns import EACH_AS_LIKELY, unknowns
from ketacost.model.adjudication import adjudicate
from ketacost.model.payers import OUTCOMES, payer, treatment_of
from ketacost.model.protocols import protocol

ORDERS = ("as given", "by most likely total")
"""The orders that options can stand in; each is said in the headline."""


class Option(NamedTuple):
    """One option and its cost, in cents; what is not open has no amounts, and its `note` says why.

    `likely` is the net of the scenario as entered; `low` to `high` all it can be, `p10` to `p90` what it is in 8 of 10
    cases, `expected` its average. `peak` is the most cash needed at one time, `owed_back` what is still to come back
    after the last visit, `months` how many months money moves. `chance_over` is the chance of more than the amount
    asked about, where one was; `odds` what is known of the chance that the plan pays, with its grade.
    """

    name: str
    scenario: Scenario | None
    treatment: str
    same_treatment: bool
    likely: int | None = None
    low: int | None = None
    high: int | None = None
    p10: int | None = None
    p90: int | None = None
    expected: int | None = None
    plan_pays: int | None = None
    peak: int | None = None
    peak_day: date | None = None
    owed_back: int | None = None
    first_day: date | None = None
    last_day: date | None = None
    months: int | None = None
    visits: int | None = None
    hours: Fraction | None = None
    chance_over: Fraction | None = None
    odds: str = ""
    note: str = ""


@dataclass(frozen=True)
class Comparison:
    """Scenarios side by side, their order, the amount whose chances were asked for, and how ranges were found."""

    options: tuple[Option, ...]
    order: str = ORDERS[0]
    over: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def open(self) -> tuple[Option, ...]:
        """The ways that can be gone."""
        return tuple(side for side in self.options if side.likely is not None)

    @property
    def headline(self) -> str:
        """The finding in one sentence, with the order used; no option is called the best."""
        amounts = "; ".join(f"{side.name} ({about(side.likely)})" for side in self.open if side.likely is not None)
        closed = len(self.options) - len(self.open)
        order = "in the order given" if self.order == ORDERS[0] else self.order
        rest = f"; {closed} not open" if closed else ""
        return (
            f"{len(self.options)} ways, {order}: {amounts}{rest}."
            if amounts
            else f"None of {len(self.options)} ways is open."
        )

    def __repr__(self) -> str:
        return self.headline

    def __getitem__(self, name: str) -> Option:
        for side in self.options:
            if side.name == name:
                return side
        raise unknown("way in this comparison", name, [side.name for side in self.options])


def compare(
    ways: Mapping[str, Scenario] | Sequence[Scenario], over: object = None, order: str = ORDERS[0]
) -> Comparison:
    """Any number of options side by side: scenarios by name, or in a list with their titles.

    `over` is an amount in dollars, as people write it: each row then has the chance of paying more than that.
    Treatments are told apart by the first way's: compare({"clinic A": one, "clinic B": other}). Raises KetacostError
    without ways, UnknownName for an order that is none.
    """
    named = dict(ways) if isinstance(ways, Mapping) else _by_title(ways)
    if not named:
        raise KetacostError('what should be compared? Give scenarios by name, as in {"As asked": scenario}')
    limit = _limit(over)
    first = next(iter(named.values()))
    notes = dict[str, None]()
    options = [_side(name, scenario, first, limit, notes) for name, scenario in named.items()]
    return _ordered(options, order, limit, notes)


def compare_routes(scenario: Scenario, over: object = None, order: str = ORDERS[0]) -> Comparison:
    """The routes to treatment side by side.

    As asked, in network, Spravato, at home, VA; other treatments are marked.

    What is not known of the way as asked stays a range. A route that a plan has to say yes to stands at the payer's
    likeliest answer, with the others in its range, and its note says what it costs if the plan pays; where no odds are
    known it stands as if the plan paid, and says so. Raises as `compare` does.
    compare_routes(example("readme-patient")).
    """
    limit, notes = _limit(over), dict[str, None]()
    options = []
    for route in alternatives(scenario):
        if route.answer is None:
            options.append(
                Option(route.label, None, "", route.name in ("as asked", "in network", "va"), note=route.note)
            )
            continue
        case, note = _as_likely(route) if route.name in ("in network", "spravato") else (route.answer.scenario, "")
        side = _side(route.label, case, scenario, limit, notes)
        options.append(side._replace(odds=route.odds, note=_sentences(route.note, note, side.note)))
    return _ordered(options, order, limit, notes)


def _as_likely(route: Route) -> tuple[Scenario, str]:
    """A route that a plan has to say yes to, at its payer's likeliest answer, and what it costs if the plan pays."""
    assert route.answer is not None
    case, pays = route.answer.scenario, about(bottom_line(route.answer.scenario, route.answer.claims).net)
    odds = unknowns(case.replace(ranges={"coverage": OUTCOMES}, odds={}))[0]
    if odds.why.endswith(EACH_AS_LIKELY):
        return case, "shown as if the plan pays: give a payer for the odds"
    chances = dict(zip(OUTCOMES, odds.odds, strict=True))
    likeliest = max(OUTCOMES, key=lambda outcome: chances[outcome])
    can = tuple(outcome for outcome in OUTCOMES if chances[outcome])
    if likeliest == "infusions too":
        note = f"if the plan says no: {about(_denied(case))}"
    else:
        note = f"shown as the plan likely answers ({likeliest}); if it pays: {pays}"
    note = note if case.payer else f"{note}. Odds: {odds.why}"
    return case.replace(coverage=likeliest, ranges={"coverage": can}, odds={}), note


def _denied(case: Scenario) -> int:
    denied = case.replace(coverage="denied")
    return bottom_line(denied, adjudicate(bill(denied), denied.plan, denied.used)).net


def _sentences(*notes: str) -> str:
    """Notes as sentences of one text."""
    kept = (note.strip().removesuffix(".") for note in notes if note.strip())
    return " ".join(f"{note[0].upper()}{note[1:]}." for note in kept)


def _side(name: str, scenario: Scenario, first: Scenario, over: int | None, notes: dict[str, None]) -> Option:
    treatment = protocol(scenario.course.protocol).label
    same = treatment_of(scenario.course.protocol) == treatment_of(first.course.protocol)
    try:
        answer, wide = run(scenario), spread(scenario)
        dated = calendar(answer)
    except KetacostError as error:
        return Option(name, scenario, treatment, same, note=str(error))
    notes |= dict.fromkeys(wide.notes)
    days = [claim.line.date for claim in answer.claims]
    minutes = sum(chair_minutes(claim) for claim in answer.claims)
    return Option(
        name,
        scenario,
        treatment,
        same,
        likely=wide.likely,
        low=wide.low,
        high=wide.high,
        p10=wide.p10,
        p90=wide.p90,
        expected=wide.expected_cents,
        plan_pays=answer.totals.plan_pays,
        peak=dated.peak.cents,
        peak_day=dated.peak.day,
        owed_back=dated.owed_back_after(days[-1]),
        first_day=days[0],
        last_day=days[-1],
        months=len(dated.months),
        visits=answer.visits,
        hours=Fraction(minutes, 60) if minutes else None,
        chance_over=None if over is None else wide.chance_over(over),
        odds=_odds(scenario),
    )


def _ordered(options: list[Option], order: str, over: int | None, notes: Mapping[str, None]) -> Comparison:
    if order not in ORDERS:
        raise unknown("order of options", order, ORDERS)
    if order == ORDERS[1]:
        options = sorted(options, key=lambda side: (side.likely is None, side.likely or 0))
    return Comparison(tuple(options), order, over, tuple(notes))


def _by_title(ways: Sequence[Scenario]) -> dict[str, Scenario]:
    """Scenarios under their titles; a title that comes again gets its number."""
    return dict(_numbered(ways))


def _numbered(ways: Sequence[Scenario]) -> Iterator[tuple[str, Scenario]]:
    names: set[str] = set()
    for number, way in enumerate(ways, 1):
        name = way.title or f"Way {number}"
        if name in names:
            name = f"{name} ({number})"
        names.add(name)
        yield name, way


def _limit(over: object) -> int | None:
    return None if over is None else usd(over, what="over")


def _odds(scenario: Scenario) -> str:
    """What is known of the chance that the payer pays for this treatment, with its grade; empty without a payer."""
    if not scenario.payer:
        return ""
    chance = payer(scenario.payer).chances(treatment_of(scenario.course.protocol)).get("infusions too")
    return str(chance) if chance else ""
