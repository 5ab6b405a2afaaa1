"""The quick walk on rows gives the cents that adjudicating every case and working out its bottom line gives."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from random import Random

import pytest
from old_scenarios import old_scenario
from random_intakes import TODAY, few_draws, random_entries
from random_scenarios import MANY

import ketacost as kc
from ketacost.core.fields import KetacostError
from ketacost.estimate.calendar import bottom_line
from ketacost.estimate.cases import Cases
from ketacost.estimate.estimate import with_usual
from ketacost.estimate.nets import Ending, Nets, _endings
from ketacost.estimate.resolve import resolve
from ketacost.estimate.scenario import Scenario
from ketacost.model.coverage import End

LOOKED = 12
"""How many cases of each scenario are compared, and then its lowest, highest and typical ones."""


def resolved(r: Random) -> Scenario:
    said = kc.intake()
    for key, value in random_entries(r).items():
        try:
            said = said.say(key, value)
        except KetacostError:
            continue
    return resolve(said, TODAY)


def nets_of(made: Scenario) -> Nets | None:
    """The nets of a scenario where they are walked on rows."""
    try:
        nets = Nets(Cases(with_usual(made)))
    except KetacostError:
        return None
    return nets if nets._walked else None


def choices(nets: Nets) -> Iterator[tuple[int, ...]]:
    yield nets.cases.typical
    yield from (choice for _, choice in islice(nets.cases.weighed(), LOOKED))
    yield tuple(one.ends[0] for one in nets.cases.dimensions)
    yield tuple(one.ends[-1] for one in nets.cases.dimensions)


def endings(nets: Nets, choice: tuple[int, ...]) -> Iterator[Ending]:
    """The ends of a case, each also where every visit takes place, and where all is denied."""
    found = nets.endings(choice)
    yield from found
    yield from (one._replace(until=None) for one in found)
    yield found[0]._replace(end=End((), found[0].end.chance, "denied", 0, 0, ()), until=None)


def adjudicated(nets: Nets, choice: tuple[int, ...], ending: Ending) -> int:
    """The bottom line of the adjudicated lines of the visits that take place, with the fees of the steps."""
    claims = nets.claims(choice, ending)
    return bottom_line(nets.cases.at(choice), claims, end=ending.end).net if claims else ending.end.cost


@pytest.mark.parametrize(("make", "least"), [(resolved, 0.93), (old_scenario, 0.8)], ids=["intakes", "old scenarios"])
def test_rows_and_adjudication_give_the_same_cents(make: object, least: float) -> None:
    walked, differ = 0, []
    with few_draws(32):
        for seed in range(MANY // 25):
            made = make(Random(seed))  # type: ignore[operator]
            nets = nets_of(made)
            if nets is None:
                continue
            walked += 1
            for choice in choices(nets):
                for ending in endings(nets, choice):
                    try:
                        expected = adjudicated(nets, choice, ending)
                    except KetacostError:
                        continue
                    found = nets.net(choice, ending)
                    if found != expected:
                        differ.append((seed, dict(nets.cases.where(choice)), ending, found, expected))
    assert differ[:3] == []
    assert walked >= least * (MANY // 25)


@pytest.mark.parametrize(
    "said",
    [
        {"days_apart.iv-mood.maintenance": "14 to 45", "prices.iv-mood.infusion": "400 to 600"},
        {"visits.iv-mood.maintenance": "2 to 8", "steps.ask_first": True, "if_denied": "stop"},
        {"stop_after.iv-mood": "1 to 9", "if_denied": "stop", "steps.appeal": True},
        {"stop_after.iv-mood": "2 to 9", "if_denied": "stop", "monthly_fee.iv-mood": "50 to 150"},
        {"packages.iv-mood": "4 for $900", "prices.iv-mood.infusion": "50 to 400", "terms.out.deductible": 300},
    ],
    ids=["days", "visits", "an early stop", "a monthly fee", "a package priced as the typical visit"],
)
def test_each_course_that_is_drawn_has_a_bill_and_ends_of_its_own(said: dict[str, object]) -> None:
    with few_draws(32):
        nets = nets_of(resolve(kc.intake({"payer": "employer-insured", "protocol": "iv-mood", **said}), TODAY))
        assert nets is not None
        for choice in choices(nets):
            assert nets.endings(choice) == _endings(nets.cases.scenario, nets.cases.at(choice))
            for ending in nets.endings(choice):
                assert nets.net(choice, ending) == adjudicated(nets, choice, ending)
