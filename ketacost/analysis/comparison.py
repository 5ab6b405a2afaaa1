"""Options side by side: any scenarios, or the routes to treatment, each with its range and its cash.

The order is the one given or by most likely total, and is always said; no way is called the best. Routes are other
treatments too: cost alone does not decide between them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from ketacost.analysis.alternatives import Route, alternatives, chair_minutes, odds
from ketacost.core.fields import KetacostError, require, unknown
from ketacost.core.money import about, usd
from ketacost.estimate.answer import run
from ketacost.estimate.calendar import bottom_line, calendar
from ketacost.estimate.estimate import spread
from ketacost.estimate.scenario import Scenario, bill
from ketacost.estimate.unknowns import EACH_AS_LIKELY, unknowns
from ketacost.model.adjudication import adjudicate
from ketacost.model.payers import OUTCOMES, treatment_of
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

    @property
    def shown_name(self) -> str:
        """Its name, marked where it is another treatment than the first option's."""
        return self.name if self.same_treatment or not self.treatment else f"{self.name} (another treatment)"


@dataclass(frozen=True)
class Comparison:
    """Scenarios side by side, their order, the amount whose chances were asked for, and how ranges were found."""

    options: tuple[Option, ...]
    order: str = ORDERS[0]
    over: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def open(self) -> tuple[Option, ...]:
        """The options that have amounts."""
        return tuple(option for option in self.options if option.likely is not None)

    @property
    def headline(self) -> str:
        """The finding in one sentence, with the order used; no option is called the best."""
        amounts = "; ".join(f"{option.name} ({about(option.likely or 0)})" for option in self.open)
        if not amounts:
            return f"None of {len(self.options)} options is open."
        closed = len(self.options) - len(self.open)
        rest = f"; {closed} not open" if closed else ""
        return f"{len(self.options)} options, {self.order_in_words}: {amounts}{rest}."

    @property
    def order_in_words(self) -> str:
        """The order of the options, as a sentence has it."""
        return "in the order given" if self.order == ORDERS[0] else self.order

    def __repr__(self) -> str:
        return self.headline

    def __getitem__(self, name: str) -> Option:
        for option in self.options:
            if option.name == name:
                return option
        raise unknown("way in this comparison", name, [option.name for option in self.options])


def compare(
    ways: Mapping[str, Scenario] | Sequence[Scenario], over: object = None, order: str = ORDERS[0]
) -> Comparison:
    """Any number of options side by side: scenarios by name, or in a list with their titles.

    `over` is an amount in dollars, as people write it: each row then has the chance of paying more than that.
    A treatment other than the first option's is marked: compare({"clinic A": this, "clinic B": other}). Raises
    KetacostError without scenarios, UnknownName for an order that is none.
    """
    named = dict(ways) if isinstance(ways, Mapping) else _by_title(ways)
    if not named:
        raise KetacostError('what should be compared? Give scenarios by name, as in {"As asked": scenario}')
    limit = _limit(over)
    first = next(iter(named.values()))
    notes = dict[str, None]()
    options = [_option(name, scenario, first, limit, notes) for name, scenario in named.items()]
    return _ordered(options, order, limit, notes)


def compare_routes(scenario: Scenario, over: object = None, order: str = ORDERS[0]) -> Comparison:
    """The routes to treatment side by side: as asked, in network, Spravato, at home, VA; other treatments are marked.

    What is not known of the way as asked stays a range. A route that a plan has to say yes to stands at the payer's
    likeliest answer, with the others in its range, and its note says what it costs if the plan pays; where no odds are
    known it stands as if the plan paid, and says so. Raises as `compare` does.
    compare_routes(example("readme-patient")).
    """
    limit, notes = _limit(over), dict[str, None]()
    options = []
    for route in alternatives(scenario):
        if route.answer is None:
            same = route.name in ("as asked", "in network", "va")
            options.append(Option(route.label, None, "", same, note=route.note))
            continue
        case, note = _as_likely(route) if route.name in ("in network", "spravato") else (route.answer.scenario, "")
        option = _option(route.label, case, scenario, limit, notes)
        options.append(option._replace(odds=route.odds, note=_sentences(route.note, note, option.note)))
    return _ordered(options, order, limit, notes)


def _as_likely(route: Route) -> tuple[Scenario, str]:
    """A route that a plan has to say yes to, at its payer's likeliest answer, and what it costs if the plan pays."""
    assert route.answer is not None
    case, pays = route.answer.scenario, about(bottom_line(route.answer.scenario, route.answer.claims).net)
    coverage = unknowns(case.replace(ranges={"coverage": OUTCOMES}, odds={}))[0]
    if coverage.why.endswith(EACH_AS_LIKELY):
        return case, "shown as if the plan pays: give a payer for the odds"
    chances = dict(zip(OUTCOMES, coverage.odds, strict=True))
    likeliest = max(OUTCOMES, key=lambda outcome: chances[outcome])
    can = tuple(outcome for outcome in OUTCOMES if chances[outcome])
    if likeliest == "infusions too":
        note = f"if the plan says no: {about(_denied(case))}"
    else:
        note = f"shown as the plan likely answers ({likeliest}); if it pays: {pays}"
    note = note if case.payer else f"{note}. Odds: {coverage.why}"
    return case.replace(coverage=likeliest, ranges={"coverage": can}, odds={}), note


def _denied(case: Scenario) -> int:
    denied = case.replace(coverage="denied")
    return bottom_line(denied, adjudicate(bill(denied), denied.plan, denied.used)).net


def _sentences(*notes: str) -> str:
    """Notes as sentences of one text."""
    kept = (note.strip().removesuffix(".") for note in notes if note.strip())
    return " ".join(f"{note[0].upper()}{note[1:]}." for note in kept)


def _option(name: str, scenario: Scenario, first: Scenario, over: int | None, notes: dict[str, None]) -> Option:
    same = treatment_of(scenario.course.protocol) == treatment_of(first.course.protocol)
    option = Option(name, scenario, protocol(scenario.course.protocol).label, same)
    try:
        answer, net = run(scenario), spread(scenario)
        dated = calendar(answer)
    except KetacostError as error:
        return option._replace(note=str(error))
    notes |= dict.fromkeys(net.notes)
    days = [claim.line.date for claim in answer.claims]
    minutes = sum(chair_minutes(claim) for claim in answer.claims)
    return option._replace(
        likely=net.likely,
        low=net.low,
        high=net.high,
        p10=net.p10,
        p90=net.p90,
        expected=net.expected_cents,
        plan_pays=answer.totals.plan_pays,
        peak=dated.peak.cents,
        peak_day=dated.peak.day,
        owed_back=dated.owed_back_after(days[-1]),
        first_day=days[0],
        last_day=days[-1],
        months=len(dated.months),
        visits=answer.visits,
        hours=Fraction(minutes, 60) if minutes else None,
        chance_over=None if over is None else net.chance_over(over),
        odds=odds(scenario),
    )


def _ordered(options: list[Option], order: str, over: int | None, notes: Mapping[str, None]) -> Comparison:
    require("order of options", order, ORDERS)
    if order == ORDERS[1]:
        options = sorted(options, key=lambda option: (option.likely is None, option.likely or 0))
    return Comparison(tuple(options), order, over, tuple(notes))


def _by_title(ways: Sequence[Scenario]) -> dict[str, Scenario]:
    """Scenarios under their titles; a title that comes again gets its number."""
    named: dict[str, Scenario] = {}
    for number, scenario in enumerate(ways, 1):
        title = scenario.title or f"Way {number}"
        named[f"{title} ({number})" if title in named else title] = scenario
    return named


def _limit(over: object) -> int | None:
    return None if over is None else usd(over, what="over")
