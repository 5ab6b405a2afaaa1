"""Answers that are kept while somebody changes things: what each costs, how much more or less it is now, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from typing import NamedTuple

from ketacost.analysis.comparison import compare
from ketacost.analysis.start_dates import as_it_is, why_more
from ketacost.core.dates import us_day
from ketacost.core.money import about, between, usd
from ketacost.estimate.entries import entry_of, label_of
from ketacost.estimate.estimate import Estimate
from ketacost.estimate.intake import Intake
from ketacost.estimate.options import options
from ketacost.estimate.resolve import Resolved
from ketacost.estimate.scenario import Scenario
from ketacost.estimate.sentences import two_likely
from ketacost.estimate.texts import SURE
from ketacost.model.payers import payers
from ketacost.reports.charts import tag
from ketacost.reports.markup import SAFE, heading, paragraph, section
from ketacost.reports.sections import compared, has_amount, slim

MOST_PINS = 3
"""The most answers that are kept beside the one in the form."""
LISTS = {
    **{"payer": "payers", "insurer": "insurers", "protocol": "protocols", "plan": "plans", "network": "networks"},
    **{"setting": "places", "household.filing_status": "statuses", "if_denied": "after_a_no"},
}
"""The list of the form that has the words of an entry."""


class Pin(NamedTuple):
    """A kept answer: its letter and what was entered otherwise, what was said, and its estimate."""

    title: str
    intake: Intake
    estimate: Estimate


def named(scenario: Resolved, pins: Sequence[Pin]) -> str:
    """What a new pin is called: its letter and what differs from the first one."""
    taken = {pin.title[0] for pin in pins}
    letter = next(letter for letter in "ABC" if letter not in taken)
    if not pins:
        return f"{letter}. {payers()[scenario.payer].label if scenario.payer else 'Paying alone'}"
    said, first = scenario.intake.said, pins[0].intake.said
    other = [key for key in {**first, **said} if first.get(key) != said.get(key)]
    words = [_entered(key, _value(key, said[key].value, scenario) if key in said else "not said") for key in other]
    more = f" and {len(words) - 2} more" if len(words) > 2 else ""
    return f"{letter}. {'; '.join(words[:2])}{more}" if words else f"{letter}. The same entries"


def _entered(key: str, value: str) -> str:
    """An entry and its value in words; who pays and the plan need no label."""
    return value if key in ("payer", "plan") and value != "not said" else f"{label_of(entry_of(key))}: {value}"


def _value(key: str, value: object, scenario: Resolved) -> str:
    """A said value as people read it: by the words of the form's list, where there is one."""
    entry, words = entry_of(key), str(value)
    if name := LISTS.get(entry.pattern):
        return {str(option[0]): option[1] for option in options(name, scenario)}.get(words, words)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if entry.kind == "money" and words.replace(",", "").replace(".", "").isdigit():
        return f"${words}"
    try:
        return us_day(date.fromisoformat(words))
    except ValueError:
        return words


def difference(now: Estimate, pin: Estimate) -> str:
    """How much more or less the answer is than a kept one, by the amounts that are shown, and why.

    Empty where one of the two has no single amount, or an amount of visits that the other is not sure of.
    """
    one_amount = all(has_amount(one) and not two_likely(one) for one in (now, pin))
    if not one_amount or (now.chance < SURE) != (pin.chance < SURE):
        return ""
    change = usd(about(now.main.likely)) - usd(about(pin.main.likely))
    if not change:
        return "Now the same."
    amount = f"+{about(change)}" if change > 0 else f"-{about(-change)}"
    because = why_more(as_it_is(now), as_it_is(pin))
    return f"Now {amount}{f': {because}' if because else ''}."


def pin_cards(pins: Sequence[Pin], now: Estimate) -> str:
    """The kept answers as cards, each with how the answer in the form differs from it; nothing where none is kept."""
    cards = "".join(_card(place, pin, now) for place, pin in enumerate(pins))
    return tag("div", cards, class_="keta-pins", role="group", aria_label="Pinned answers") if pins else ""


def _card(place: int, pin: Pin, now: Estimate) -> str:
    found = pin.estimate
    buttons = _does("reopen", place, "Open", pin) + _does("unpin", place, "Unpin", pin)
    if not has_amount(found) or found.chance < SURE or two_likely(found):
        words = paragraph(slim(found) if has_amount(found) else found.sentence.partition(";")[0].removesuffix("."))
    else:
        eight = between(found.p10, found.p90)
        spread = paragraph(f"8 of 10 cases: {eight}", "keta-case") if eight != about(found.main.likely) else ""
        words = tag("b", about(found.main.likely)) + spread
    words = heading(pin.title, 4) + words + (paragraph(changed) if (changed := difference(now, found)) else "")
    return tag("div", f"{words}<p>{buttons}</p>", class_="keta-pin")


def _does(does: str, place: int, label: str, pin: Pin) -> str:
    spoken = escape(f"{label} {pin.title}")
    asks = f'data-do="{does}" data-at="{place}" aria-label="{spoken}"'
    return f'<button type="button" class="keta-link" {asks} {SAFE}>{label}</button>'


def side_by_side(pins: Sequence[Pin], now: Estimate) -> str:
    """The kept answers and the one in the form as intervals on one scale and as a table."""
    options: Mapping[str, Scenario] = {pin.title: pin.estimate.scenario for pin in pins} | {"Now": now.scenario}
    return section("Pinned answers side by side", compared(compare(options)))
