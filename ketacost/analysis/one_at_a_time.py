"""Which number moves the answer most: each moved alone, the others as in the shown case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from ketacost.core.convert import hint_at, kind_of, put
from ketacost.core.fields import KetacostError
from ketacost.core.money import WHOLE, shown, usd
from ketacost.core.registry import kept
from ketacost.estimate.cases import cases_of
from ketacost.estimate.distributions import text_of
from ketacost.estimate.estimate import Estimate
from ketacost.estimate.nets import Nets
from ketacost.estimate.scenario import Scenario, network_of
from ketacost.estimate.unknowns import entry, label_of_entry

TENTH = (9, 11)
"""A number that is known is moved to nine tenths and to eleven tenths of itself."""


class Moved(NamedTuple):
    """One number moved alone: its values as people write them, and the least and the greatest net, in cents."""

    path: str
    label: str
    values: tuple[str, ...]
    low: int
    high: int

    @property
    def ends(self) -> tuple[str, str]:
        """Its first and its last value, amounts in dollars."""
        money = kind_of(hint_at(Scenario, self.path)) == "money"
        first, last = (shown(usd(value)) if money else value for value in (self.values[0], self.values[-1]))
        return first, last

    @property
    def swing(self) -> int:
        """How far it moves the net, in cents."""
        return self.high - self.low


@kept(64)
def one_at_a_time(found: Estimate) -> tuple[Moved, ...]:
    """Each number of an estimate moved alone, what moves its shown case most first; nets are cents.

    An unknown goes from one end of its range to the other, a known number 10% down and up, as far as the plan can
    hold. one_at_a_time(estimate(example("readme-patient")))[0].label.
    """
    moved = (*_unknowns(found), *_known(found))
    return tuple(sorted(moved, key=lambda one: (-one.swing, one.path)))


def _unknowns(found: Estimate) -> Iterator[Moved]:
    main = found.main
    for i, one in enumerate(main.cases.dimensions):
        places = sorted({*one.ends, main.choice[i]})
        nets = [main.nets.net((*main.choice[:i], place, *main.choice[i + 1 :]), main.ending) for place in places]
        values = tuple(dict.fromkeys(one.text(place) for place in one.ends))
        yield Moved(one.path, label_of_entry(one.path), values, min(nets), max(nets))


def _known(found: Estimate) -> Iterator[Moved]:
    for path in _numbers(found.scenario):
        value, kind = entry(found.scenario, path), kind_of(hint_at(Scenario, path))
        if path in found.scenario.ranges or not isinstance(value, int) or not value:
            continue
        most = WHOLE if kind == "share" else value * 2
        values = tuple(text_of(min(value * tenths // 10, most), kind) for tenths in TENTH)
        nets = [found.main.likely]
        for text in values:
            with suppress(KetacostError):
                cases = cases_of(put(found.scenario, path, text))
                nets.append(Nets(cases).net(found.main.choice, found.main.ending))
        yield Moved(path, _label(found.scenario, path), values, min(nets), max(nets))


def _label(scenario: Scenario, path: str) -> str:
    """A number in the booklet's words, with the line of the booklet that it is of."""
    line = path.split(".benefits.")[-1].partition(".")[0] if ".benefits." in path else ""
    return f"{label_of_entry(path)}{f', {line}' * bool(line)}".replace("_", " ")


def _numbers(scenario: Scenario) -> Iterator[str]:
    """The paths of the charges and of the plan's numbers in the clinic's network."""
    yield from (f"prices.charges.{name}" for name in scenario.prices.charges)
    if scenario.prices.monthly_fee:
        yield "prices.monthly_fee"
    side = network_of(scenario)
    if side is None or "published_plan" in scenario.ranges:
        return
    here = f"plan.networks.{scenario.network}"
    yield from (f"{here}.{name}" for name in ("deductible", "out_of_pocket_limit"))
    yield from (f"{here}.benefits.{line}.{term}" for line in side.benefits for term in ("copay", "coinsurance"))
    yield from (f"{here}.allowed.{name}" for name in side.allowed)
    if side.pricing is not None:
        yield from (f"{here}.pricing.{name}" for name in ("share", "multiple"))
