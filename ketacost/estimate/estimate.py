"""The spread of the net.

Every case of what is not known with its chance, how low, how high, and what 8 of 10 cases are.

Unknowns are taken as independent, but for what a path ties together: the outcome and what its steps cost. Where there
are few combinations, chances are exact; where there are many, they are those of a fixed sample, and the notes say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm, prod
from typing import NamedTuple

from ketacost.core.money import about, whole_cents
from ketacost.core.registry import kept
from ketacost.estimate.answer import run
from ketacost.estimate.calendar import bottom_line
from ketacost.estimate.cases import SAMPLE, Case, Choice, Combinations, combinations, corners, lowest, sample
from ketacost.estimate.outlook import path_of
from ketacost.estimate.scenario import Scenario
from ketacost.estimate.unknowns import Unknown, outcome_odds, step_costs, unknowns

EDGE = Fraction(1, 10)
"""What is left out below, and above, of the range that holds 8 of 10 cases."""


class Chanced(NamedTuple):
    """One case of the spread: its chance, its net in cents, and which value each unknown takes in it."""

    chance: Fraction
    net: int
    choice: Choice


@dataclass(frozen=True)
class Spread:
    """How the net is spread over what is not known. `low` and `high` are the ends of everything that was looked at."""

    scenario: Scenario
    unknowns: tuple[Unknown, ...]
    likely: int
    low: int
    high: int
    cases: tuple[Chanced, ...]
    combinations: int
    looked_at: int
    notes: tuple[str, ...]

    @cached_property
    def p10(self) -> int:
        """At most 1 of 10 cases lies below it, in cents."""
        return self._width[0]

    @cached_property
    def p90(self) -> int:
        """At most 1 of 10 cases lies above it, in cents."""
        return self._width[1]

    @cached_property
    def expected(self) -> Fraction:
        """The mean over all cases, exactly, in cents."""
        return sum((case.chance * case.net for case in self.cases), Fraction(0))

    @property
    def expected_cents(self) -> int:
        """The mean, rounded half-up to the cent."""
        return whole_cents(self.expected)

    def chance_over(self, cents: int) -> Fraction:
        """The chance that the net is more than so many cents."""
        return sum((case.chance for case in self.cases if case.net > cents), Fraction(0))

    @cached_property
    def dots(self) -> tuple[int, ...]:
        """Ten equally likely nets, lowest first: the middle of each tenth of the cases, for a picture of ten dots."""
        tall = tally(self.cases)
        return tuple(first_past(tall, Fraction(2 * tenth + 1, 20)) for tenth in range(10))

    def where(self, case: Chanced) -> Mapping[str, str]:
        """The values of a case, by path."""
        return {u.path: u.values[place] for u, place in zip(self.unknowns, case.choice, strict=True)}

    @property
    def sentence(self) -> str:
        """The spread in one plain sentence, rounded to ten dollars."""
        if self.low == self.high:
            return f"Nothing that is not known changes it: it is {about(self.likely)}."
        if self.p10 == self.p90:
            return (
                f"In at least 8 of 10 cases it is {about(self.p10)}; it could be from {about(self.low)} to "
                f"{about(self.high)}."
            )
        return f"In 8 of 10 cases it is between {about(self.p10)} and {about(self.p90)}."

    def __repr__(self) -> str:
        ends = " to ".join((about(self.low), about(self.high)))
        middle = " to ".join((about(self.p10), about(self.p90)))
        return f"Spread: likely {about(self.likely)}; 8 of 10 cases {middle}; all {ends}"

    @cached_property
    def _width(self) -> tuple[int, int]:
        return eight_of_ten(tally(self.cases))


@kept(64)
def spread(scenario: Scenario) -> Spread:
    """How the net is spread over everything that is not known: extremes, 8 of 10 cases, the mean, and each case.

    spread(example("readme-patient")).likely is in cents. Raises what `run` raises.
    """
    answer = run(scenario)
    likely = bottom_line(scenario, answer.claims).net
    looked, open_to = combinations(scenario), unknowns(scenario)
    if not open_to:
        return Spread(scenario, (), likely, likely, likely, (Chanced(Fraction(1), likely, ()),), 1, 1, ())
    nets = _Nets(looked, open_to)
    cases = tuple(nets.exact() if looked.few else nets.sampled())
    if looked.few:
        nets_seen = [net for choice in looked.every() for net in nets.at(choice)]
    else:
        starts = corners(looked)
        ends = lowest(looked, nets.least, starts), lowest(looked, lambda choice: -nets.most(choice), starts)
        nets_seen = [net for choice in (*ends, *starts) for net in nets.at(choice)] + [case.net for case in cases]
    low, high = min(likely, *nets_seen), max(likely, *nets_seen)
    number = looked.number if looked.few else len(nets.known)
    notes = tuple(_notes(looked, number))
    return Spread(scenario, open_to, likely, low, high, cases, looked.number, number, notes)


def tally(cases: Iterable[Chanced]) -> tuple[tuple[int, Fraction], ...]:
    """Each net with its chance, lowest first; the chances are of the whole of these cases and add to one."""
    cases = tuple(cases)
    common = lcm(*(case.chance.denominator for case in cases))
    counts: dict[int, int] = {}
    for chance, net, _ in cases:
        counts[net] = counts.get(net, 0) + chance.numerator * (common // chance.denominator)
    whole = sum(counts.values())
    return tuple((net, Fraction(counts[net], whole)) for net in sorted(counts))


def eight_of_ten(tall: tuple[tuple[int, Fraction], ...]) -> tuple[int, int]:
    """The narrowest ends with at most one case in ten below, and one in ten above."""
    turned = tuple(reversed(tall))
    return first_past(tall, EDGE), first_past(turned, EDGE)


def first_past(tall: tuple[tuple[int, Fraction], ...], chance: Fraction) -> int:
    """The first net at which the chances, added up in this order, are more than so much."""
    added = Fraction(0)
    for net, part in tall:
        added += part
        if added > chance:
            return net
    return tall[-1][0]


def how_often(chance: Fraction) -> str:
    """A chance as people understand it: "3 in 10", "1 in 3", "1 in 50"; "never" and "always" at the ends.

    In tenths, so that chances can be compared; a third, a quarter and the like are exact.
    """
    if chance in (0, 1):
        return "always" if chance else "never"
    if chance >= Fraction(19, 20):
        return "nearly always"
    if chance < Fraction(1, 12):
        return f"1 in {round(1 / chance):,}"
    exact = chance.denominator < 10 and 10 % chance.denominator
    return f"{chance.numerator} in {chance.denominator}" if exact else f"{round(chance * 10)} in 10"


class _Nets:
    """The net of each combination; ends of a path cost their own steps, so one combination may have several nets."""

    def __init__(self, looked: Combinations, open_to: tuple[Unknown, ...]) -> None:
        self.looked, self.open_to = looked, open_to
        self.known: dict[Choice, tuple[tuple[Fraction, int], ...]] = {}
        self.outcome = next((i for i, unknown in enumerate(open_to) if unknown.path == "coverage"), None)
        scenario = looked.scenario
        self.tied = self.outcome is not None and bool(scenario.payer) and "coverage" not in scenario.odds
        self.moving = self.tied and any(unknown.path.startswith(("path", "payer")) for unknown in open_to)

    def of(self, choice: Choice) -> tuple[tuple[Fraction, int], ...]:
        """The nets of a combination, each with its share of the combination's chance."""
        if choice not in self.known:
            self.known[choice] = tuple(self._work_out(self.looked.at(choice)))
        return self.known[choice]

    def at(self, choice: Choice) -> tuple[int, ...]:
        return tuple(net for _, net in self.of(choice))

    def least(self, choice: Choice) -> int:
        return min(self.at(choice))

    def most(self, choice: Choice) -> int:
        return max(self.at(choice))

    def exact(self) -> Iterator[Chanced]:
        """Every combination with its exact chance."""
        for choice in self.looked.every():
            chance = self._chance(choice)
            if chance:
                yield from (Chanced(chance * part, net, choice) for part, net in self.of(choice))

    def sampled(self) -> Iterator[Chanced]:
        """The sample: every drawn combination equally likely, but for what the path makes likelier or less so."""
        drawn = sample([_counts(unknown.odds) for unknown in self.open_to], [unknown.path for unknown in self.open_to])
        weights = [self._tilt(choice) for choice in drawn]
        whole = sum(weights)
        for choice, weight in zip(drawn, weights, strict=True):
            if weight:
                yield from (Chanced(weight * part / whole, net, choice) for part, net in self.of(choice))

    def _work_out(self, case: Case) -> Iterator[tuple[Fraction, int]]:
        line = bottom_line(case.scenario, case.claims)
        if self.outcome is None or not self.looked.scenario.payer:
            yield Fraction(1), line.net
            return
        ends = step_costs(*path_of(case.scenario), case.scenario.coverage) or ((Fraction(1), 0),)
        yield from ((chance, line.net - line.steps + cost) for chance, cost in ends)

    def _chance(self, choice: Choice) -> Fraction:
        odds = [unknown.odds[place] for unknown, place in zip(self.open_to, choice, strict=True)]
        if not self.moving or self.outcome is None:
            return prod(odds, start=Fraction(1))
        odds[self.outcome] = self._of_outcome(choice)
        return prod(odds, start=Fraction(1))

    def _tilt(self, choice: Choice) -> Fraction:
        if not self.moving or self.outcome is None:
            return Fraction(1)
        return self._of_outcome(choice) / self.open_to[self.outcome].odds[choice[self.outcome]]

    def _of_outcome(self, choice: Choice) -> Fraction:
        """The chance of a combination's outcome on that combination's own path."""
        assert self.outcome is not None
        path, outcomes = path_of(self.looked.at(choice).scenario), self.open_to[self.outcome].values
        return outcome_odds(*path, outcomes)[choice[self.outcome]]


def _counts(odds: tuple[Fraction, ...]) -> list[int]:
    """Odds as whole numbers in the same proportion."""
    common = lcm(*(weight.denominator for weight in odds))
    return [int(weight * common) for weight in odds]


def _notes(looked: Combinations, number: int) -> Iterator[str]:
    if len(looked.paths) > 1:
        yield "What is not known is taken as independent: one does not make another likelier."
    if not looked.few:
        yield (
            f"{number:,} of {looked.number:,} combinations were looked at: {SAMPLE} drawn by their odds for the "
            "middle, and a "
            "search for the lowest and the highest."
        )
