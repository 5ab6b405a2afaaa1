"""The dates that matter among possible starts, said in words, with the reason worked out from what the answers differ in.

A net is the sum of its parts, so the difference of two nets is the sum of the differences of their parts: the reason
names the parts that carry it, and what the plan years say about them. Nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from ketacost.analysis.start_dates import Facts, Parts, Start
from ketacost.core.money import about

TOLD = 1_000
"""Ten dollars in cents: amounts are told to ten dollars, so a smaller difference is none."""

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


class Matter(NamedTuple):
    """A date that matters: its kind (`cheapest`, `before the rise`, `least cash`), what it changes in cents against the
    start it is compared with, the reason where one was found, and the sentence."""

    kind: str
    day: date
    change: int
    because: str
    sentence: str


def dates_that_matter(found: Sequence[Start]) -> tuple[Matter, ...]:
    """The two or three dates among possible starts that change what the course costs, in words.

    The cheapest start, the last one before the cost rises most, and the one with the least cash needed at one time.
    Empty where every start comes to the same within ten dollars.
    """
    return tuple(_matters([one for one in found if one.net is not None]))


def headline(found: Sequence[Start]) -> str:
    """The finding in one sentence: how much the first visit's date changes."""
    can = [one for one in found if one.net is not None]
    if not can:
        return f"No start can be worked out: {found[0].why}" if found else "There is no day to start on."
    return _span(can) + _cannot(found)


def _span(can: list[Start]) -> str:
    if len(can) == 1:
        return f"A start on {say(can[0].day)} comes to {about(_net(can[0]))}."
    nets = list(map(_net, can))
    low, high, span = min(nets), max(nets), f"{say(can[0].day)} and {say(can[-1].day)}"
    if high - low < TOLD:
        return f"The date of the first visit changes nothing: between {span} each start comes to {about(low)}."
    return f"By the date of the first visit, between {span}, the course comes to {about(low)} at least and {about(high)} at most."


def _cannot(found: Sequence[Start]) -> str:
    """How many starts cannot be worked out, with the first reason."""
    why = [one.why for one in found if one.net is None]
    return f" {len(why)} of {len(found)} starts cannot be worked out: {why[0]}" if why else ""


def why_more(this: Start, other: Start) -> str:
    """Why one start costs more or less than another, as what is true of `this` and not of `other`; empty if not found."""
    if this.facts is None or other.facts is None or this.net is None or other.net is None:
        return ""
    change = this.net - other.net
    moved = {name: getattr(this.facts.parts, name) - getattr(other.facts.parts, name) for name in Parts._fields}
    same_way = sorted((name for name in moved if moved[name] * change > 0), key=lambda name: -abs(moved[name]))
    told, carried = list[str](), 0
    for name in same_way[:2]:
        told.append(_part(name, moved[name], this.facts, other.facts))
        carried += moved[name]
        if abs(carried) >= abs(change):
            break
    return ", and ".join(dict.fromkeys(told))


def say(day: date) -> str:
    """A day in words: 4 January 2027."""
    return f"{day.day} {day:%B} {day.year}"


def _matters(can: list[Start]) -> Iterator[Matter]:
    if not can or max(map(_net, can)) - min(map(_net, can)) < TOLD:
        return
    first, cheapest = can[0], min(can, key=_net)
    if _net(first) - _net(cheapest) >= TOLD:
        yield _cheapest(cheapest, first)
    else:
        yield _first_is_cheapest(first, can)
    if rise := _rise(can):
        yield _before(*rise)
    least = min(can, key=lambda one: (one.peak or 0, one is not cheapest))
    if (first.peak or 0) - (least.peak or 0) >= TOLD and least is not cheapest:
        yield _least_cash(least, first)


def _cheapest(cheapest: Start, first: Start) -> Matter:
    change, because = _net(cheapest) - _net(first), why_more(cheapest, first)
    sentence = f"Start on {say(cheapest.day)}: {about(-change)} less than a start on {say(first.day)}{_since(because)}."
    return Matter("cheapest", cheapest.day, change, because, sentence)


def _first_is_cheapest(first: Start, can: list[Start]) -> Matter:
    dearest = max(can, key=_net)
    change, because = _net(first) - _net(dearest), why_more(first, dearest)
    sentence = (
        f"No later start costs less than {say(first.day)}: it is {about(-change)} less than a start on "
        f"{say(dearest.day)}{_since(because)}."
    )
    return Matter("cheapest", first.day, change, because, sentence)


def _rise(can: list[Start]) -> tuple[Start, Start, bool] | None:
    """The stretch over which the cost rises most, from its last cheap start to where it stops; and whether in one step."""
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
    return (can[low], can[high], high == low + 1) if rise >= TOLD else None


def _before(low: Start, high: Start, at_once: bool) -> Matter:
    change, because = _net(high) - _net(low), why_more(high, low)
    if at_once:
        told = f"{say(low.day)} is the last start before the cost rises: a start on {say(high.day)} costs {about(change)} more"
    else:
        told = f"After {say(low.day)} the cost rises: a start on {say(high.day)} costs {about(change)} more"
    return Matter("before the rise", low.day, change, because, f"{told}{_since(because)}.")


def _least_cash(least: Start, first: Start) -> Matter:
    change = (least.peak or 0) - (first.peak or 0)
    at_once = f"at most {about(least.peak or 0)} is out of pocket at one time, {about(-change)} less than from {say(first.day)}"
    extra = _net(least) - _net(first)
    against = (
        f"; in the end it costs {about(abs(extra))} {'more' if extra > 0 else 'less'}" if abs(extra) >= TOLD else ""
    )
    return Matter(
        "least cash", least.day, change, "", f"Least cash: with a start on {say(least.day)} {at_once}{against}."
    )


def _since(because: str) -> str:
    return f", since {because}" if because else ""


def _net(one: Start) -> int:
    assert one.net is not None
    return one.net


def _part(name: str, change: int, this: Facts, other: Facts) -> str:
    """One part of the difference in words: what the plan years say about it, or the amount."""
    more = "more" if change > 0 else "less"
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
            return f"the out-of-pocket limit is reached in {_years(mine)}, not in {theirs}" if theirs or mine else ""
    if name == "not_covered":
        refused, before = dict(this.refused), dict(other.refused)
        for why in {**refused, **before}:
            lines, fewer = refused.get(why, 0), before.get(why, 0)
            if lines != fewer and (lines > fewer) == (change > 0):
                return f"{lines} lines of the bill are not covered, not {fewer} ({why})"
    if name in HELPS:
        return f"{HELPS[name]} {about(abs(change))} {'less' if change > 0 else 'more'}"
    return f"{about(abs(change))} {more} {WORDS[name]}"


def _years(number: int) -> str:
    return f"{number} plan year{'s' if number != 1 else ''}"
