"""Options and routes side by side as tables: how likely each takes place, what it costs, and the cash it needs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ketacost.analysis.alternatives import Route
from ketacost.analysis.comparison import Comparison, Option
from ketacost.core.money import about
from ketacost.reports.outcomes import owed
from ketacost.reports.statement import Column, Statement, columns

NOT_ALONE = "Other treatments work in other ways: cost alone does not decide between them."

IF_ALL = "You pay, if all visits take place"


def _owed_if_not(option: Option | Route) -> str:
    """What is owed where the treatment stops, in words; empty where it cannot."""
    return owed(*option.owed_if_not) if option.owed_if_not else ""


ROUTES = (
    *columns(label="Route"),
    Column("chance", "All visits take place", "chance", lambda route: route.chance if route.estimate else None),
    Column("likely", IF_ALL, "money", lambda route: "not open" if route.likely is None else route.likely),
    *columns("money", per_month="For each treated month"),
    Column("owed_if_not", "Owed if not", of=_owed_if_not),
    Column("plan_pays", "Plan pays", "money", lambda route: route.answer.totals.plan_pays if route.answer else None),
    Column("visits", "Visits", "count", lambda route: route.visits if route.answer else None),
    Column("hours", "Hours in the chair", "number", lambda r: Fraction(r.minutes, 60) if r.minutes else "not known"),
    *columns(driver="Driver needed"),
    *columns("day", last_day="Last visit"),
    *columns(odds="Chance that the plan pays", note="Note"),
)


def routes(found: Sequence[Route]) -> Statement:
    """The routes side by side: how likely the visits take place, what the patient pays, the visits, hours and days."""
    is_open = sum(route.likely is not None for route in found)
    headline = f"{is_open} of {len(found)} routes are open."
    return Statement.of(headline, "Routes, in a fixed order", ROUTES, found).notes_below()


COMPARED = (
    *("name", "chance", "likely", "p10", "p90", "per_month", "premiums", "with_premiums"),
    *("owed_if_not", "dearest", "chance_over"),
    *("visits", "last_day", "odds", "note"),
)
"""The columns of a comparison that people read; files have all."""


def _first(pair: tuple[Any, Any] | None) -> Any:
    return pair[0] if pair else None


def _second(pair: tuple[Any, Any] | None) -> Any:
    return pair[1] if pair else None


def _options(over: int | None) -> tuple[Column, ...]:
    asked = columns("chance", chance_over=f"More than {about(over)}") if over is not None else ()
    return (
        Column("name", "Option", of=lambda option: option.shown_name),
        *columns(treatment="Treatment"),
        Column("same_treatment", "The same treatment", of=lambda option: "yes" if option.same_treatment else "no"),
        *columns("chance", chance="All visits take place"),
        Column("likely", IF_ALL, "money", lambda option: "not open" if option.likely is None else option.likely),
        *columns("money", low="At the least", high="At the most", p10="8 of 10: from", p90="8 of 10: to"),
        *columns("money", expected="On average", per_month="For each treated month"),
        *columns("number", treated_months="Treated months"),
        *columns("money", premiums="Premiums of 12 months", with_premiums="With premiums"),
        Column("owed_if_not", "Owed if not", of=_owed_if_not),
        *columns("money", plan_pays="Plan pays"),
        Column("dearest", "Most in a month", "money", lambda option: _second(option.dearest_month)),
        Column("dearest_month", "Costliest month", "month", lambda option: _first(option.dearest_month)),
        Column("waiting", "Most owed to you", "money", lambda option: _first(option.most_waiting)),
        Column("waiting_on", "Most owed to you on", "day", lambda option: _second(option.most_waiting)),
        *asked,
        *columns("money", owed_back="Still owed back after the last visit"),
        *columns("day", first_day="First visit", last_day="Last visit"),
        *columns("count", visits="Visits", months="Months in which money moves"),
        *columns("number", hours="Hours in the chair"),
        *columns(odds="Chance that the plan pays", note="Note"),
    )


def comparison_of(compared: Comparison) -> Statement:
    """Options side by side: how likely the visits take place, the likely cost, 8 of 10 cases, and the cash needed."""
    options = compared.options
    notes = [NOT_ALONE] if any(not option.same_treatment for option in options) else []
    note = " ".join((*notes, *compared.notes))
    scenarios = tuple(option.scenario for option in compared.open if option.scenario)
    caption, layout = f"Options side by side, {compared.order_in_words}", _options(compared.over)
    full = Statement.of(compared.headline, caption, layout, options, footnote=note, scenarios=scenarios)
    maybe = ("odds", "note", "owed_if_not", "premiums", "with_premiums")
    empty = [name for name in maybe if not any(getattr(option, name) for option in options)]
    empty += ["chance"] * all(option.chance in (None, 1) for option in options)
    table = full.only(*(name for name in COMPARED if name not in empty))
    return table if "note" in empty else table.notes_below()
