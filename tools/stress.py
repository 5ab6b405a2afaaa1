"""Try thousands of cases at random and every pair of values once: each gives an estimate or asks for what is missing.

make stress, or python tools/stress.py --walks 300 --intakes 300 --covering 300. Prints progress, what failed with its
seed, and the share of cases in which an estimate was withheld: at most 2%.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import combinations
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))

from moves import Walk, holds_at_the_end
from random_intakes import CARDS, NETWORKS, TODAY, few_draws, random_intake, said

from ketacost.core.fields import KetacostError
from ketacost.estimate.entries import entry_of
from ketacost.estimate.estimate import estimate
from ketacost.estimate.intake import Intake
from ketacost.estimate.resolve import resolve
from ketacost.model.payers import payers
from ketacost.model.plans import published_plans
from ketacost.model.protocols import protocols
from ketacost.taxes.households import STATES
from ketacost.workbench.form import form

MOVES = 30
MOST_WITHHELD = 0.02
ANSWERED, WITHHELD = "answered", "withheld, and given once the missing entries are filled in"

Case = Mapping[str, object]

PARTS: Mapping[str, tuple[Case, ...]] = {
    "plan": ({}, *({"plan": name} for name in published_plans())),
    "network": ({}, *({"network": name} for name in NETWORKS)),
    "protocol": tuple({"protocol": name} for name in protocols()),
    "payer": ({}, *({"payer": name} for name in payers())),
    "family": ({}, {"family": True}, {"family": False}),
    "state": ({}, *({"household.state": name, "contribution.health_fsa": 1_000} for name in sorted(STATES))),
    "card": ({}, *({"coverage": card} for card in CARDS)),
}
"""What is combined: the values of each part, each as the entries that say it; the first is mostly not said."""


def covering(r: Random) -> Iterator[dict[str, object]]:
    """Cases in which every pair of values of two parts comes up, chosen greedily."""
    names = list(PARTS)
    left = {
        (one, i, two, j)
        for one, two in combinations(names, 2)
        for i in range(len(PARTS[one]))
        for j in range(len(PARTS[two]))
    }
    while left:
        one, i, two, j = min(left) if len(left) % 2 else max(left)
        chosen = {one: i, two: j}
        for name in names:
            if name not in chosen:
                chosen[name] = _best(name, chosen, left, names, r)
        left -= set(_pairs(chosen, names))
        yield {key: value for name, place in chosen.items() for key, value in PARTS[name][place].items()}


def _best(
    name: str, chosen: Mapping[str, int], left: set[tuple[str, int, str, int]], names: Sequence[str], r: Random
) -> int:
    """The value of a part that brings the most new pairs with what is chosen."""
    places = list(range(len(PARTS[name])))
    r.shuffle(places)
    return max(places, key=lambda place: sum(pair in left for pair in _pairs({**chosen, name: place}, names)))


def _pairs(chosen: Mapping[str, int], names: Sequence[str]) -> Iterator[tuple[str, int, str, int]]:
    known = [name for name in names if name in chosen]
    yield from ((one, chosen[one], two, chosen[two]) for one, two in combinations(known, 2))


def answer(intake: Intake) -> str:
    """Whether an intake gives an estimate, or gives it once what it asks for is filled in on the form."""
    try:
        _look(intake)
    except KetacostError as error:
        _look(_filled(intake, str(error)))
        return WITHHELD
    return ANSWERED


def _look(intake: Intake) -> None:
    """Read an estimate as a page does. Raises whatever goes wrong."""
    found = estimate(resolve(intake, TODAY))
    if not found.sentence or found.calendar.net != found.main.likely:
        raise AssertionError(f"the calendar gives {found.calendar.net}, the estimate {found.main.likely}")
    if sum(group.chance for group in found.groups) != 1:
        raise AssertionError("the chances do not add to one")
    for group in found.groups:
        if not group.low <= group.p10 <= group.p90 <= group.high:
            raise AssertionError(f"out of order: {group.low}, {group.p10}, {group.p90}, {group.high}")


def _filled(intake: Intake, asked: str) -> Intake:
    """The intake with the entries that an error asks for, each of which must stand on the form."""
    controls = [control for step in form(resolve(intake, TODAY)) for control in step["controls"] if control["path"]]
    missing = [control for control in controls if _names(control["path"], asked)]
    if not missing:
        raise AssertionError(f"nothing on the form mends: {asked}")
    for control in missing:
        options = control.get("options")
        value = options[-1][0] if options else "20%" if control["kind"] == "share" else 100
        intake = intake.say(control["path"], value)
    return intake


def _names(key: str, asked: str) -> bool:
    path = entry_of(key).path
    return key in asked or (bool(path) and path.removeprefix("plan.") in asked)


def walk(seed: int) -> str:
    """One walk of random moves, with all that must hold at its end."""
    one = Walk(seed)
    one.run(MOVES)
    holds_at_the_end(one)
    return "two entries touch" if one.touches() else "no two entries touch"


def at_random(seed: int) -> str:
    """The answer to one random intake."""
    return answer(random_intake(Random(seed)))


def of_pairs(entries: Case) -> str:
    """The answer to one case of the covering set."""
    return answer(said(entries))


def tried(check: Callable[..., str], cases: Sequence[object]) -> list[str]:
    """What a check says of cases, with few draws; what fails is told with its case and its error."""
    found = []
    with few_draws(32):
        for case in cases:
            try:
                found.append(check(case))
            except Exception as error:
                found.append(f"failed: {case}: {type(error).__name__}: {str(error)[:300]}")
    return found


def run(what: str, check: Callable[..., str], cases: Sequence[object], workers: int) -> Counter[str]:
    """Try all cases on some processes, print progress, and count what was said of them."""
    started, counts = time.monotonic(), Counter[str]()
    parts = [cases[place : place + 25] for place in range(0, len(cases), 25)]
    with ProcessPoolExecutor(workers) as pool:
        for number, found in enumerate(pool.map(partial(tried, check), parts), 1):
            counts.update("failed" if one.startswith("failed") else one for one in found)
            for one in found:
                if one.startswith("failed"):
                    print(f"  {one}", flush=True)
            if number % 20 == 0 or number == len(parts):
                done = min(25 * number, len(cases))
                print(f"{what}: {done:,} of {len(cases):,} in {time.monotonic() - started:,.0f} s", flush=True)
    print(f"{what}: " + "; ".join(f"{name} {count:,}" for name, count in counts.most_common()) + "\n")
    return counts


def main() -> None:
    """Walks, pairs, random intakes; ends with exit code 1 where anything failed or more than 2% was withheld."""
    options = argparse.ArgumentParser(description="Try thousands of cases at random and every pair of values once.")
    options.add_argument("--walks", type=int, default=2_000)
    options.add_argument("--intakes", type=int, default=20_000)
    options.add_argument("--covering", type=int, default=None, help="how many of the covering set; all without it")
    options.add_argument("--seed", type=int, default=1_000_000, help="the first seed")
    options.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = options.parse_args()
    pairs = list(covering(Random(asked.seed)))
    print(f"{len(pairs):,} cases hold every pair of values of {', '.join(PARTS)}.")
    pairs = pairs if asked.covering is None else Random(asked.seed).sample(pairs, min(asked.covering, len(pairs)))
    seeds = range(asked.seed, asked.seed + max(asked.walks, asked.intakes))
    counts = [
        run("pairs", of_pairs, pairs, asked.workers),
        run("random intakes", at_random, seeds[: asked.intakes], asked.workers),
        run("walks", walk, seeds[: asked.walks], asked.workers),
    ]
    failed = sum(one["failed"] for one in counts)
    cases = sum(one.total() for one in counts[:2])
    withheld = sum(one[WITHHELD] for one in counts[:2]) / max(cases, 1)
    print(
        f"{failed:,} failed; an estimate was withheld in {withheld:.2%} of {cases:,} cases (at most {MOST_WITHHELD:.0%})."
    )
    sys.exit(failed > 0 or withheld > MOST_WITHHELD)


if __name__ == "__main__":
    main()
