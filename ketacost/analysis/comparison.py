"""Options side by side: any scenarios, or the routes to treatment, each with its chance, its range and its cash.

The order is the one given or by most likely total, and is always said; no option is called the best. Routes are other
treatments too: cost alone does not decide between them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from ketacost.analysis.alternatives import Route, alternatives, chair_minutes, joined, odds, owed_if_not, treated_months
from ketacost.core.fields import KetacostError, require, unknown
from ketacost.core.money import about, ends, usd, whole_cents
from ketacost.estimate.answer import scenario_of
from ketacost.estimate.estimate import RARE, estimate
from ketacost.estimate.explain import notes as of_the_case
from ketacost.estimate.scenario import Scenario
from ketacost.estimate.sentences import two_likely
from ketacost.estimate.texts import SURE, how_often
from ketacost.model.payers import treatment_of
from ketacost.model.protocols import protocol

ORDERS = ("as given", "by most likely total")
"""The orders that options can stand in; each is said in the headline."""

UNLIKE = 2
"""Where treatments differ by more months than these, the headline has each by month too."""


class Option(NamedTuple):
    """One option and its cost, in cents; what is not open has no amounts, and its `note` says why.

    All amounts are of the visits that take place, and `chance` says how likely they do; `owed_if_not` is the least and
    the most that is owed if not. `likely` is the net of the shown case, `two_likely` that and one that is as likely,
    `low` to `high` all it can be, `p10` to `p90` what it is in 8 of 10 cases, `expected` its average, `per_month` the
    likely net for each of the `treated_months`.
    `dearest_month` is the first day of the month in which most leaves the pocket, with its cents; `most_waiting` the
    most that checks still owe, with its first day; `owed_back` what is still to come back after the last visit;
    `months` how many months money moves. `chance_over` is the chance of more than the amount asked about, where one
    was; `odds` what is known of the chance that the plan pays, with its grade. `premiums` are those of 12 months, and
    `with_premiums` the likely net with them, where a premium was said.
    """

    name: str
    scenario: Scenario | None
    treatment: str
    same_treatment: bool
    likely: int | None = None
    two_likely: tuple[int, int] | None = None
    low: int | None = None
    high: int | None = None
    p10: int | None = None
    p90: int | None = None
    expected: int | None = None
    chance: Fraction | None = None
    per_month: int | None = None
    treated_months: Fraction | None = None
    owed_if_not: tuple[int, int] | None = None
    plan_pays: int | None = None
    dearest_month: tuple[date | None, int] | None = None
    most_waiting: tuple[int, date | None] | None = None
    owed_back: int | None = None
    first_day: date | None = None
    last_day: date | None = None
    months: int | None = None
    visits: int | None = None
    hours: Fraction | None = None
    chance_over: Fraction | None = None
    premiums: int | None = None
    with_premiums: int | None = None
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
        return f"{self.lead}: {'; '.join(self.costs)}." if self.costs else f"{self.lead}."

    @property
    def lead(self) -> str:
        """How many options there are and their order; or that none is open."""
        number = len(self.options)
        return f"{number} options, {self.order_in_words}" if self.open else f"None of {number} options is open"

    @property
    def costs(self) -> tuple[str, ...]:
        """What each open option costs, in words, then how many are not open; empty where none is."""
        months = [option.treated_months or Fraction(1) for option in self.open]
        unlike = bool(months) and max(months) - min(months) > UNLIKE
        amounts = [f"{option.name} ({_amount(option, by_month=unlike)})" for option in self.open]
        closed = len(self.options) - len(amounts)
        return (*amounts, *([f"{closed} not open"] if amounts and closed else []))

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
        raise unknown("option in this comparison", name, [option.name for option in self.options])


def compare(
    options: Mapping[str, Scenario] | Sequence[Scenario], over: object = None, order: str = ORDERS[0]
) -> Comparison:
    """Any number of options side by side: scenarios by name, or in a list with their titles.

    `over` is an amount in dollars, as people write it: each row then has the chance of paying more than that. A
    treatment other than the first option's is marked: compare({"clinic A": this, "clinic B": other}). Raises
    KetacostError without scenarios, and UnknownName for an unknown order.
    """
    named = _named(options)
    if not named:
        raise KetacostError('what should be compared? Give scenarios by name, as in {"As asked": scenario}')
    limit = _limit(over)
    first = next(iter(named.values()))
    notes = dict[str, None]()
    found = [_option(name, scenario, first, limit, notes) for name, scenario in named.items()]
    return _ordered(found, order, limit, notes)


def compare_routes(scenario: Scenario, over: object = None, order: str = ORDERS[0]) -> Comparison:
    """The routes to treatment side by side: as asked, in network, Spravato, at home, VA; other treatments are marked.

    Each is its own estimate over 12 months from the same first day. If a route needs the plan's yes, it shows the
    chance of that yes, and amounts for the visits that then take place. Raises what `compare` raises.
    compare_routes(example("readme-patient")).
    """
    scenario = scenario_of(scenario)
    limit, notes = _limit(over), dict[str, None]()
    options = [_of_route(route, scenario, limit, notes) for route in alternatives(scenario)]
    return _ordered(options, order, limit, notes)


def _of_route(route: Route, scenario: Scenario, over: int | None, notes: dict[str, None]) -> Option:
    case, note = route.estimate.scenario if route.estimate else None, joined(route.note)
    note = f"{note}." if note else ""
    same = route.name in ("as asked", "in network", "va")
    if case is None:
        return Option(route.label, None, "", same, note=note)
    option = _option(route.label, case, scenario, over, notes)
    return option._replace(odds=route.odds, note=note or option.note)


def _amount(option: Option, *, by_month: bool) -> str:
    """The likely amount, by month where lengths differ, and how often the visits take place where that is not sure."""
    amount, chance = about(option.likely or 0), option.chance or Fraction(0)
    amount = " or ".join(ends(*option.two_likely)) if option.two_likely else amount
    if by_month:
        amount = f"{amount}, {about(option.per_month or 0)} a month of treatment"
    if chance < SURE:
        amount = f"{amount} if it takes place, about {how_often(chance)}"
    with_premiums = f"; {about(option.with_premiums)} with a year's premiums" if option.with_premiums else ""
    return f"{amount}{with_premiums}"


NO_PREMIUM = "The premium of one plan or more was not entered: the order is that of the costs without premiums."
"""What is told where options in the order of their cost cannot all be compared with their premiums."""


def _option(name: str, scenario: Scenario, first: Scenario, over: int | None, notes: dict[str, None]) -> Option:
    same = treatment_of(scenario.course.protocol) == treatment_of(first.course.protocol)
    option = Option(name, scenario, protocol(scenario.course.protocol).label, same)
    try:
        found = estimate(scenario)
    except KetacostError as error:
        return option._replace(note=str(error))
    option = option._replace(chance=found.chance, owed_if_not=owed_if_not(found), odds=odds(scenario))
    if found.likely is None or found.chance < RARE:
        return option._replace(note=found.sentence)
    notes |= dict.fromkeys(note for note in found.notes if note not in of_the_case(found.shown))
    premiums = None if scenario.premium is None else 12 * scenario.premium
    answer, dated, months = found.shown, found.calendar, treated_months(found.scenario.course)
    days = [claim.line.date for claim in answer.claims]
    minutes = sum(chair_minutes(claim) for claim in answer.claims)
    return option._replace(
        likely=found.likely,
        two_likely=two_likely(found),
        low=found.low,
        high=found.high,
        p10=found.p10,
        p90=found.p90,
        expected=whole_cents(found.expected),
        per_month=whole_cents(found.likely / months),
        treated_months=months,
        plan_pays=answer.totals.plan_pays,
        dearest_month=found.dearest_month,
        most_waiting=found.most_waiting,
        owed_back=dated.owed_back_after(days[-1]),
        first_day=days[0],
        last_day=days[-1],
        months=len(dated.months),
        visits=answer.visits,
        hours=Fraction(minutes, 60) if minutes else None,
        chance_over=None if over is None else found.chance_over(over),
        premiums=premiums,
        with_premiums=None if premiums is None else found.likely + premiums,
    )


def _ordered(options: list[Option], order: str, over: int | None, notes: Mapping[str, None]) -> Comparison:
    require("order of options", order, ORDERS)
    if order == ORDERS[1]:
        totals = [option.with_premiums for option in options if option.likely is not None]
        total = "likely" if None in totals else "with_premiums"
        if None in totals and any(totals):
            notes = {**notes, NO_PREMIUM: None}
        options = sorted(options, key=lambda option: (option.likely is None, getattr(option, total) or 0))
    return Comparison(tuple(options), order, over, tuple(notes))


def _named(options: object) -> dict[str, Scenario]:
    """Scenarios under their names, or under their titles; a title that comes again gets its number."""
    if isinstance(options, Mapping):
        return {name: scenario_of(scenario) for name, scenario in options.items()}
    if isinstance(options, str) or not isinstance(options, Sequence):
        options = [options]
    named: dict[str, Scenario] = {}
    for number, scenario in enumerate(map(scenario_of, options), 1):
        title = scenario.title or f"Option {number}"
        named[f"{title} ({number})" if title in named else title] = scenario
    return named


def _limit(over: object) -> int | None:
    return None if over is None else usd(over, what="over")
