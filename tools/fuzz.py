"""Send malformed input into every way in, and count what breaks: python tools/fuzz.py [WAY ...] --inputs 100000.

Inputs come from a seed (their number), so each can be had again: --only 1234. Prints for each way in how many were
tried, refused and taken, each kind of fault with the numbers of its inputs, the slowest, and the most memory. Ends with
1 where there is a fault. With --guided, atheris chooses what to try by the code that it reaches (Linux, where it can
be installed).
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections import defaultdict
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from hostile import WAYS_IN, Edit, Fault, WayIn, fault_of, random_edits, spoiled

MOST_MEGABYTES = 300


def given(way: WayIn, number: int) -> Any:
    """The input with a number."""
    dice = Random(number)
    return spoiled(way, dice.randrange(1_000_000), random_edits(dice))


def megabytes() -> float:
    """The most memory that this process had at a time."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def tried(name: str, numbers: range, seconds: float) -> dict[str, Any]:
    """What became of the inputs of a way in."""
    way = WAYS_IN[name]
    way.right()
    before, began = megabytes(), time.monotonic()
    faults: dict[str, list[int]] = defaultdict(list)
    stories: dict[str, Fault] = {}
    count, slowest = 0, (0.0, 0)
    for number in numbers:
        start = time.process_time()
        fault = fault_of(way.enter, given(way, number))
        slowest = max(slowest, (time.process_time() - start, number))
        count += 1
        if fault:
            faults[fault.kind].append(number)
            if fault.kind not in stories:
                stories[fault.kind] = fault
                print(f"{name} {number}: {fault.kind}\n{fault.story}", flush=True)
        if count % 10_000 == 0:
            print(f"{name}: {count:,} in {time.monotonic() - began:,.0f} s, {len(faults)} kinds of faults", flush=True)
        if time.monotonic() - began > seconds:
            break
    grown = megabytes() - before
    if grown > MOST_MEGABYTES:
        faults[f"{grown:,.0f} MB"].append(0)
    return {
        "tried": count,
        "faults": {kind: [len(found), found[:5]] for kind, found in faults.items()},
        "slowest": [round(slowest[0], 2), slowest[1]],
        "megabytes": round(grown),
        "seconds": round(time.monotonic() - began),
    }


def guided(name: str, runs: int, seconds: int) -> None:
    """Let atheris choose the edits by the code that they reach; it stops at the first fault."""
    import atheris  # type: ignore[import-not-found]

    way = WAYS_IN[name]

    def one(data: bytes) -> None:
        source = atheris.FuzzedDataProvider(data)
        kinds = ("put", "add", "cut", "twice", "swap", "end", "line", "none")
        number = source.ConsumeIntInRange(0, 999)
        count = source.ConsumeIntInRange(1, 5)
        edits = [
            Edit(
                kinds[source.ConsumeIntInRange(0, 7)],
                source.ConsumeIntInRange(0, 999_999),
                source.ConsumeIntInRange(0, 9_999),
            )
            for _ in range(count)
        ]
        if fault := fault_of(way.enter, spoiled(way, number, edits)):
            raise AssertionError(f"{fault.kind}\n{fault.story}")

    atheris.instrument_all()
    bounds = (f"-runs={runs}", f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=3000", "-len_control=0")
    atheris.Setup([sys.argv[0], *bounds], one)
    atheris.Fuzz()


def main() -> int:
    """Try the ways in that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("ways", nargs="*", choices=[*WAYS_IN, []], metavar="WAY", help=", ".join(WAYS_IN))
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--only", type=int, help="the number of one input: print it and what it does")
    parser.add_argument("--seconds", type=float, default=1e9, help="for each way in, at most")
    parser.add_argument("--guided", action="store_true")
    said = parser.parse_args()
    ways = said.ways or list(WAYS_IN)
    if said.guided:
        guided(ways[0], said.inputs, int(said.seconds))
        return 0
    if said.only is not None:
        way = WAYS_IN[ways[0]]
        what = given(way, said.only)
        print(what if isinstance(what, str) else json.dumps(what))
        print(fault_of(way.enter, what))
        return 0
    report = {name: tried(name, range(said.first, said.first + said.inputs), said.seconds) for name in ways}
    print(json.dumps(report, indent=1))
    return 1 if any(found["faults"] for found in report.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
