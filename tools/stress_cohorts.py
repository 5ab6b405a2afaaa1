"""Hold the walk to the plain words and to itself on random contracts: one patient, a cohort compiled, chunks, workers.

make stress, or python tools/stress_cohorts.py --contracts 4000. Every contract has a random plan, thirty lines, what
was used before, and a second plan that pays after it or before; every fifth batch follows a variant of the rule. The
plain words are the tests' own adjudication (tests/support/plain_oracle.py), which reads no line of the package; one
contract in five is held to them. Prints what differs, with its seed, and how often each feature was met and each pair
of two; ends with 1 where anything differs or a feature was met too seldom.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))

from cohort_tables import cases_of, one_by_one, table_of
from plain_oracle import PARTS, coordinate_plainly, dollars
from walk_cases import Case, features, second_of

from ketacost.analysis import cohorts
from ketacost.analysis.line_columns import Lines
from ketacost.analysis.plan_rows import PlansByName
from ketacost.files.cohort_files import adjudicate_files
from ketacost.model.coordination import SecondPlan, coordinate
from ketacost.model.rules import rule_of, rules

BATCH = 1_000
CHUNK = 4_000
SPLIT = [f"{name}_cents" for name in cohorts.PARTS[:6]]
PLAINLY = 5
"""One contract in so many is held to the plain words too, which take the longest."""

EACH, PAIR = 1_000, 50
"""How often each feature, and each pair that any contract has, must be met among 100,000 contracts."""


def rule_in(batch: int) -> str:
    """The variant of the rule that a batch follows; none in four of five."""
    return [*rules()][batch // 5 % len(rules())] if batch % 5 == 4 else ""


def splits(table: Any) -> list[tuple[int, ...]]:
    """The splits in a table of results, line by line."""
    return list(zip(*(table[name].to_pylist() for name in SPLIT), strict=True))


def not_as_the_plain_words(case: Case, second: SecondPlan) -> str:
    """Where two plans in turn differ from the plain words, line by line; empty where they do not."""
    plan, bill, before = case
    found = [
        (
            {name: dollars(getattr(one.first.split, name)) for name in PARTS},
            *map(dollars, (one.second_pays, one.you_pay)),
        )
        for one in coordinate(bill, plan, second, before)
    ]
    plainly = coordinate_plainly(bill, plan, before, second)
    return next((f"{one} is not {right}" for one, right in zip(found, plainly, strict=True) if one != right), "")


def payments(case: Case, second: SecondPlan, rule: str) -> list[int]:
    """What a second plan that pays after the first pays of each line, in the order of the bill."""
    plan, bill, before = case
    order = sorted(range(len(bill)), key=lambda n: bill[n].date)
    both = coordinate(bill, plan, second, before, rule=rule)
    of = {n: one.second_pays for n, one in zip(order, both, strict=True)}
    return [of[n] for n in range(len(bill))]


def seconds_of(cases: list[Case], first: int) -> list[SecondPlan]:
    """A second plan for each contract; `first` is the seed of the first one."""
    return [second_of(Random(-first - n), plan, bill) for n, (plan, bill, _) in enumerate(cases)]


def after(seconds: list[SecondPlan]) -> dict[str, SecondPlan]:
    """The same plans as a cohort takes them, by the first plan's name: each pays second."""
    return {f"p{n}": second.replace(goes="second") for n, second in enumerate(seconds)}


def batch(folder: Path, seed: int, number: int) -> tuple[str, Counter[tuple[str, ...]]]:
    """One batch: plain, compiled and chunked, with what differs and the features and pairs that were met."""
    from pyarrow import parquet

    cohorts.CHUNK = CHUNK
    first, rule = seed + number * BATCH, rule_in(number)
    cases = cases_of(range(first, first + BATCH))
    seconds = seconds_of(cases, first)
    table, plans, used = table_of(cases, seconds)
    expected = one_by_one(cases, rule)
    lines = Lines(
        table, PlansByName(plans), network=None, name="lines", first_row=1, beside=[second.plan for second in seconds]
    )
    ways = {"compiled": [tuple(one) for one in cohorts.walked(lines, used, rule_of(rule))[:6].T.tolist()]}
    source = folder / f"lines-{number:05}.parquet"
    parquet.write_table(table, source)
    chunked = cohorts.stream(source, plans, used, money="cents", rule=rule, second=after(seconds))
    ways["in chunks"] = [split for part in chunked for split in splits(part)]
    paid = cohorts.second_payments(lines, cohorts.walked(lines, used, rule_of(rule)), after(seconds))
    by_case = zip(cases, after(seconds).values(), strict=True)
    right_paid = [pays for case, second in by_case for pays in payments(case, second, rule)]
    wrong = [
        f"seed {first + n}, two plans: {told}"
        for n, (case, second) in enumerate(zip(cases, seconds, strict=True))
        if n % PLAINLY == 0 and (told := not_as_the_plain_words(case, second))
    ]
    wrong += [
        f"seed {first + n // 30}, line {n % 30}, rule {rule!r}, the second plan: {one} is not {right}"
        for n, (one, right) in enumerate(zip(paid.tolist(), right_paid, strict=True))
        if one != right
    ]
    wrong += [
        f"seed {first + n // 30}, line {n % 30}, rule {rule!r}, {way}: {one} is not {right}"
        for way, found in ways.items()
        for n, (one, right) in enumerate(zip(found, expected, strict=True))
        if one != right
    ]
    met = Counter[tuple[str, ...]]()
    for case, second in zip(cases, seconds, strict=True):
        beside = {f"a second plan, {second.coordination}", f"a second plan that pays {second.goes}"}
        beside |= {"a second plan in a network of its own"} if second.network else set()
        has = sorted({*features(*case), *beside, *([f"rule: {rule}"] if rule else [])})
        met.update((name,) for name in has)
        met.update(combinations(has, 2))
    return "\n".join(wrong[:3]), met


def on_workers(folder: Path, seed: int, numbers: range) -> int:
    """The same files by Dask's workers: how many batches differ from the plain walk."""
    from distributed import Client, LocalCluster
    from pyarrow import parquet

    wrong = 0
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local, Client(local) as client:
        for number in numbers:
            first = seed + number * BATCH
            cases = cases_of(range(first, first + BATCH))
            seconds = seconds_of(cases, first)
            _, plans, used = table_of(cases, seconds)
            rule, source, out = rule_in(number), folder / f"lines-{number:05}.parquet", folder / f"out-{number}"
            second = after(seconds)
            adjudicate_files(source, out, plans, used, money="cents", rule=rule, second=second, client=client)
            found = [split for part in sorted(out.glob("*.parquet")) for split in splits(parquet.read_table(part))]
            wrong += found != one_by_one(cases, rule)
    return wrong


def main() -> None:
    """Every batch, on some processes; then those files that are asked for on workers."""
    options = argparse.ArgumentParser(description="Hold the walk to itself on random contracts.")
    options.add_argument("--contracts", type=int, default=100_000)
    options.add_argument("--distributed", type=int, default=10_000, help="how many of them on Dask's workers too")
    options.add_argument("--seed", type=int, default=3_000_000)
    options.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = options.parse_args()
    batches, began, met, failed = range(asked.contracts // BATCH), time.monotonic(), Counter[tuple[str, ...]](), 0
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base)
        with ProcessPoolExecutor(asked.workers) as pool:
            for number, (wrong, found) in enumerate(pool.map(partial(batch, folder, asked.seed), batches), 1):
                met.update(found)
                failed += bool(wrong)
                if wrong:
                    print(wrong, flush=True)
                if number % 10 == 0:
                    print(f"{number * BATCH:,} contracts, {time.monotonic() - began:,.0f} s", flush=True)
        spread = range(min(asked.distributed // BATCH, len(batches)))
        failed += on_workers(folder, asked.seed, spread) if spread else 0
    part = asked.contracts / 100_000
    single = {key[0]: count for key, count in met.items() if len(key) == 1}
    pairs = {key: count for key, count in met.items() if len(key) == 2}
    never = len(single) * (len(single) - 1) // 2 - len(pairs)
    for name, count in sorted(single.items(), key=lambda entry: entry[1]):
        print(f"{count:>9,}  {name}")
    rare = [f"{' + '.join(key)} ({count})" for key, count in pairs.items() if count < PAIR * part]
    rare += [f"{name} ({count})" for name, count in single.items() if count < EACH * part]
    print(
        f"{asked.contracts:,} contracts: {failed} batches differ; {len(single)} features, each at least "
        f"{min(single.values()):,} times; {len(pairs)} pairs, each at least {min(pairs.values()):,} times; {never} pairs "
        f"that no contract can have. {len(spread) * BATCH:,} of them on workers too."
    )
    if rare:
        print(f"met too seldom: {'; '.join(rare)}")
    sys.exit(bool(failed or rare))


if __name__ == "__main__":
    main()
