"""The live page: how large, how soon it paints and wakes, how long a change takes, and whether its cents are this Python's.

    python benchmarks/live.py [--moves 200] [--times 3] [--parity 10000] [--json]

It needs Chromium and `ketacost fetch`. The load of the machine stands beside the times: they are worth little on a busy one.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))

from live_pages import TIMED, awake, left, many_scenarios, opened

import ketacost as kc
from ketacost.estimate.estimate import estimate
from ketacost.reports.json_output import in_cents
from ketacost.sharing.live import live_page
from ketacost.sharing.pyodide import parts
from ketacost.workbench.session import Session, plain_table

PAINTED = """async () => [window.ketacost.painted, await window.ketacost.awake]"""


def moves(count: int) -> list[tuple[str, str]]:
    """Moves of four controls, one after the other."""
    made = [
        lambda n: ("visits.iv-mood.maintenance", str(2 + n % 9)),
        lambda n: ("prices.iv-mood.infusion", str(400 + 10 * (n % 30))),
        lambda n: ("terms.out.deductible", str(1_000 + 50 * (n % 40))),
        lambda n: ("terms.out.coinsurance", f"{20 + n % 40}%"),
    ]
    return [made[number % 4](number) for number in range(count)]


def of(times: list[float]) -> dict[str, float]:
    """Median, 95th of a hundred, and the slowest."""
    times = sorted(times)
    return {
        "median": round(statistics.median(times), 1),
        "p95": round(times[int(0.95 * len(times))], 1),
        "most": round(times[-1], 1),
    }


def load() -> float:
    """How many programs wait for a processor, on average over the last minute."""
    return round(os.getloadavg()[0], 1)


def here(asked: list[tuple[str, str]]) -> list[float]:
    """The same moves in this Python, in ms."""
    session, times = Session(kc.example("readme-patient")), []
    for path, value in asked:
        start = time.perf_counter()
        session.serve({"path": path, "value": value})
        json.dumps(session.shown())
        times.append(1_000 * (time.perf_counter() - start))
    return times


def measured(count: int, times: int) -> dict[str, Any]:
    """Size, start and change of the README's patient."""
    text = live_page(kc.example("readme-patient"))
    found: dict[str, Any] = {"bytes": len(text.encode()), "parts": {name: len(part) for name, part in parts().items()}}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "live.html"
        path.write_text(text, encoding="utf-8")
        starts = []
        for _ in range(times):
            with opened(path) as page:
                awake(page)
                painted, woken = page.evaluate(PAINTED)
                starts.append({"painted_ms": round(painted), "awake_ms": round(woken), "load": load()})
                if len(starts) == times:
                    page.evaluate(TIMED, moves(40))
                    found["change_ms"] = of(page.evaluate(TIMED, moves(count))) | {"load": load()}
                    found["memory_mb"] = round(page.evaluate("window.ketacost.memory()") / 1e6, 1)
                    found["requests"], found["console"] = left(page), page.said
        found["starts"] = starts
    found["change_here_ms"] = of(here(moves(count))) | {"load": load()}
    return found


def parity(count: int, told: Callable[[str], None]) -> dict[str, Any]:
    """Random whole scenarios in the page and here: how many differ, in any cent."""
    wrong, start = 0, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "live.html"
        path.write_text(live_page(kc.example("readme-patient")), encoding="utf-8")
        with opened(path) as page:
            awake(page)
            scenarios = many_scenarios(count, seed=2)
            for first in range(0, count, 250):
                part = scenarios[first : first + 250]
                found = page.evaluate("(tables) => window.ketacost.cents(tables)", [plain_table(one) for one in part])
                wrong += sum(
                    json.loads(json.dumps(in_cents(estimate(one)))) != theirs
                    for one, theirs in zip(part, found, strict=True)
                )
                told(f"{first + len(part)} of {count} scenarios, {wrong} differ")
    return {"scenarios": count, "differ": wrong, "seconds": round(time.perf_counter() - start)}


def main() -> None:
    """Measure, and print it for a person or as JSON."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--moves", type=int, default=200)
    asked.add_argument("--times", type=int, default=3)
    asked.add_argument("--parity", type=int, default=0)
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    found = measured(given.moves, given.times)
    if given.parity:
        found["parity"] = parity(given.parity, lambda text: print(text, file=sys.stderr))
    if given.json:
        print(json.dumps(found, indent=2))
        return
    print(f"file: {found['bytes'] / 1e6:.2f} MB: {', '.join(f'{k} {v / 1e6:.2f}' for k, v in found['parts'].items())}")
    for one in found["starts"]:
        print(f"painted {one['painted_ms']} ms, awake {one['awake_ms']} ms (load {one['load']})")
    for name, where in (("change_ms", "in the page"), ("change_here_ms", "in this Python")):
        one = found[name]
        print(
            f"a change {where}: median {one['median']} ms, 95th {one['p95']}, most {one['most']} (load {one['load']})"
        )
    print(f"memory of Python in the page: {found['memory_mb']} MB")
    print(f"requests {len(found['requests'])}, console messages {len(found['console'])}")
    if given.parity:
        print(f"cents: {found['parity']['differ']} of {found['parity']['scenarios']} scenarios differ")


if __name__ == "__main__":
    main()
