"""The line under a control: what is used where nobody said it, and what a plan prints where somebody did."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterable
from datetime import date
from typing import Any

from ketacost.core.convert import get
from ketacost.core.dates import month_and_day, year_start
from ketacost.core.fields import KetacostError
from ketacost.core.money import brief, usd
from ketacost.core.references import NotKnownOn, parameter
from ketacost.estimate.entries import Entry
from ketacost.estimate.entry_values import place_of
from ketacost.estimate.intake import PACKAGES, Between
from ketacost.estimate.resolve import Resolved
from ketacost.estimate.unknowns import default_range
from ketacost.model.courses import typical_prices
from ketacost.model.plans import published_plan
from ketacost.reports.summaries import end_in_words


def hint(
    entry: Entry, scenario: Resolved, value: Any, among: tuple[Any, ...] = (), options: Iterable[list[str]] = ()
) -> str:
    """What is used where an entry is not known, and what a plan prints where something else was said.

    `among` are the values of the designs that stand for the plan, `options` the choices of a list with their words.
    """
    if among and entry.kind in ("money", "share"):
        return (
            f"Assumed, by plan: {end_in_words(str(among[0]), entry.kind)} to {end_in_words(str(among[-1]), entry.kind)}"
        )
    if among:
        return "Assumed: as each published plan has it"
    if (
        scenario.designs
        and entry.pattern.startswith(("terms.", "plan_year_starts"))
        and entry.key not in scenario.intake.said
    ):
        return f"Assumed: the same in all {len(scenario.designs)} plans"
    values = scenario.ranges.get(place_of(entry, scenario))
    if entry.pattern == "plan" and scenario.designs:
        return f"We use {len(scenario.designs)} published plans, equally likely. Enter what you know of yours below."
    if values and entry.path != "coverage":
        kind, shape = entry.kind, scenario.shapes.get(place_of(entry, scenario))
        if entry.pattern == "plan_year_starts":
            starts = (month_and_day(year_start(value)) for value in values)
            return f"We considered {' and '.join(f'{month_name[month]} {day}' for month, day in starts)}"
        if kind == "text":
            words = {one[0]: one[1] for one in options}
            words |= {"True": "Yes", "False": "No", "true": "Yes", "false": "No"}
            return f"We considered: {' / '.join(words.get(value, value) for value in values)}"
        if isinstance(scenario.intake.value(entry.key), Between) and len(values) == 2:
            return "A range: we count every value in it as equally likely"
        ends = f"{end_in_words(values[0], kind)} to {end_in_words(values[-1], kind)}"
        return f"Usually {ends}" if shape else f"We use {ends}"
    if entry.pattern.startswith("prices.") and entry.key not in scenario.intake.said:
        likely = typical_prices(scenario.course.protocol).charges.get(entry.scope["service"])
        return f"Typical: {brief(likely)}. Not from this clinic." if likely else ""
    if entry.key in scenario.intake.said and scenario.published_plan and entry.path.startswith("plan.networks."):
        printed = _printed(entry, scenario)
        if printed and printed.strip("$%").replace(",", "") != value:
            return f"This plan prints {printed}. Yours is used."
    if entry.pattern.startswith(("contribution.", "next_contribution.")):
        return _limit(entry, scenario)
    if entry.pattern == PACKAGES:
        return "As in: 6 for $2,400"
    return ""


def _printed(entry: Entry, scenario: Resolved) -> str:
    """What the published plan prints at an entry, as people read it; empty where it prints nothing."""
    if "plan" not in scenario.intake.said or not isinstance(scenario.intake.value("plan"), str):
        return ""
    try:
        value = get(published_plan(scenario.published_plan).plan, entry.path.removeprefix("plan."))
    except KetacostError:
        return ""
    if value in (None, "none", "not stated") or isinstance(value, dict):
        return ""
    return brief(usd(value)) if entry.kind == "money" else str(value)


def _limit(entry: Entry, scenario: Resolved) -> str:
    home = scenario.household
    if home is None:
        return ""
    year = home.year + entry.pattern.startswith("next_")
    kind = "family" if scenario.plan.family else "self_only"
    name = "fsa.contribution_limit" if entry.key.endswith("fsa") else f"hsa.contribution_limit.{kind}"
    try:
        return f"For {year}. At most {brief(parameter(name).on(date(year, 1, 1)))}"
    except NotKnownOn:
        return f"For {year}. That year's limit is not published yet"


def usual(entry: Entry, scenario: Resolved) -> tuple[str, ...]:
    """The sourced values of an entry that may be said; none for what is the household's own."""
    own = entry.pattern.startswith(("groups.", "paying.", "household.", "contribution.", "next_", "on_hand."))
    return default_range(scenario, entry.path).values if entry.path and not own else ()
