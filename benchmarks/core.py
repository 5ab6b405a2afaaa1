"""How fast the core is: its import against a bare Python's, one answer, an answer with ranges, a batch of 10,000.

Imports are timed as whole processes, in turn and in pairs, so that what else the machine does weighs on all alike.
Run it with `make bench`; figures are of the machine it runs on, and the ratio is what counts.
"""

from __future__ import annotations

import csv
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

import ketacost as kc
from ketacost.files.scenario_files import changed

PAIRS = 31
ROWS = 10_000
PROCESSES = {
    "python, nothing imported": "pass",
    "python, json dataclasses tomllib csv decimal datetime": "import json, dataclasses, tomllib, csv, decimal, datetime",
    "import ketacost": "import ketacost",
    "import ketacost, load the core": "import ketacost; ketacost.run",
    "import ketacost, answer an example": "import ketacost; ketacost.run(ketacost.example('readme-patient'))",
}
BARE = "python, json dataclasses tomllib csv decimal datetime"


def main() -> None:
    """Time everything and print a small table."""
    print(f"Python {platform.python_version()}, {platform.machine()}; medians\n")
    rounds = [{name: process(code) for name, code in PROCESSES.items()} for _ in range(PAIRS)]
    for name in PROCESSES:
        ratio = median(times[name] / times[BARE] for times in rounds)
        row(name, 1_000 * median(times[name] for times in rounds), f"{ratio:.2f} x bare")
    print()
    ranged = kc.example("readme-patient")
    one = changed(ranged, {"course.visits.maintenance": "14"}).replace(ranges={})
    row(f"one answer, {len(kc.run(one).claims)} lines", repeated(lambda: kc.run(one)))
    row("the same with its JSON", repeated(lambda: kc.as_dict(kc.run(one))))
    cases = 1
    for values in ranged.ranges.values():
        cases *= len(values)
    row(f"an answer with ranges, {cases} cases", repeated(lambda: kc.run(ranged)))
    for name, more in (("no ranges", {"coverage": "infusions too", "allowed.infusion": "300"}), ("9 cases each", {})):
        seconds = batch(more)
        row(f"batch, {ROWS:,} rows, {name}", 1_000 * seconds, f"{1_000_000 * seconds / ROWS:,.0f} us a row")


def process(code: str) -> float:
    """Seconds of a whole Python process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def repeated(work: Callable[[], object], times: int = 200) -> float:
    """Milliseconds of one call, after a first one that fills what is kept."""
    work()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return 1_000 * median(taken)


def batch(known: Mapping[str, str]) -> float:
    """Seconds of `ketacost batch` as a whole process, each row with its own price, plan and first day."""
    plans = ("nextgen-2026-750", "nextgen-2026-2000", "nextgen-2026-3000", "brandeis-2026-ppo")
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "rows.csv", Path(folder) / "out.csv"
        with source.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("scenario", "plan", "prices.charges.infusion", "course.start", *known))
            for n in range(ROWS):
                day = f"2026-{1 + n % 12:02}-{1 + n % 28:02}"
                writer.writerow(("readme-patient", plans[n % len(plans)], 300 + n % 700, day, *known.values()))
        start = time.perf_counter()
        words = [sys.executable, "-m", "ketacost", "batch", str(source), "-o", str(out)]
        subprocess.run(words, check=True, stderr=subprocess.DEVNULL)
        return time.perf_counter() - start


def row(name: str, milliseconds: float, more: str = "") -> None:
    """One line of the table."""
    print(f"{name:<56}{milliseconds:>10,.2f} ms  {more}".rstrip())


if __name__ == "__main__":
    main()
