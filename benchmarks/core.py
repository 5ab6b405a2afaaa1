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
from datetime import date
from pathlib import Path
from statistics import median

import ketacost as kc
from ketacost.core.convert import put
from ketacost.model.payers import payers
from ketacost.model.protocols import protocols
from ketacost.workbench.session import Session

TODAY = date(2026, 11, 27)
PAIRS = 31
ROWS = 10_000
PROCESSES = {
    "python, nothing imported": "pass",
    "python, json dataclasses tomllib csv decimal datetime": "import json, dataclasses, tomllib, csv, decimal, datetime",
    "import ketacost": "import ketacost",
    "import ketacost, load the core": "import ketacost; ketacost.run",
    "import ketacost, answer an example": "import ketacost; ketacost.run(ketacost.example('readme-patient'))",
}
HOME = {"household.state": "NY", "household.wages": 52_000, "household.age": 40}
PAID_WITH = {
    "an FSA this year and the next": {
        **HOME,
        "contribution.health_fsa": 3_000,
        "next_contribution.health_fsa": 1_500,
        "on_hand.fsa_at_end": "carried over",
    },
    "an HSA, help and a loan": {
        **HOME,
        "hsa_eligible": True,
        "contribution.payroll_hsa": 3_000,
        "next_contribution.direct_hsa": 2_000,
        "paying.assistance": 500,
        "paying.rebate": 100,
        "paying.filing_fee": "10%",
        "paying.loan.amount": 2_000,
        "paying.loan.apr": "12%",
    },
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
    one = put(ranged, "course.visits.maintenance", 14).replace(ranges={})
    row(f"one answer, {len(kc.run(one).claims)} lines", repeated(lambda: kc.run(one)))
    row("the same with its JSON", repeated(lambda: kc.as_dict(kc.estimate(one))))
    print("\nCPU time, each with a price of its own, so that nothing is kept")
    open_plan = {"payer": "employer-insured", "terms.out.out_of_pocket_limit": kc.UNKNOWN}
    known = kc.resolve(kc.intake_of(one, TODAY), TODAY).intake
    row("resolve what was said", fresh(lambda n: kc.resolve(said(open_plan, n), TODAY)))
    pairs = [(payer, protocol) for payer in payers() for protocol in protocols()]
    taken = sorted(fresh(lambda n, pair=pair: kc.resolve(of_pair(*pair, n), TODAY), 5) for pair in pairs)
    row(f"resolve, the middle of {len(pairs)} payers and treatments", median(taken), f"{taken[-1]:.2f} ms at the most")
    row(
        f"an estimate, {len(kc.resolve(said(open_plan, 1), TODAY).ranges)} unknowns",
        fresh(lambda n: estimated(open_plan, n)),
    )
    for name, more in PAID_WITH.items():
        entries = {**open_plan, **more}
        row(f"the same, {name}", fresh(lambda n, entries=entries: estimated(entries, n), 15))
    session = Session(known, today=TODAY)
    row("a key press, everything known", fresh(lambda n: pressed(session, n), 25))
    asked = Session(kc.intake(open_plan), today=TODAY)
    row("a key press, 8 unknowns", fresh(lambda n: pressed(asked, n), 15))
    covered = kc.intake_of(one.replace(coverage="infusions too"), TODAY)
    row("start dates, 15 months", fresh(lambda n: kc.starts(kc.resolve(priced(covered, n), TODAY)), 7))
    print()
    for name, more in (("no ranges", {"coverage": "infusions too", "allowed.infusion": "300"}), ("9 cases each", {})):
        seconds = batch(more)
        row(f"batch, {ROWS:,} rows, {name}", 1_000 * seconds, f"{1_000_000 * seconds / ROWS:,.0f} us a row")


def said(entries: Mapping[str, object], number: int) -> kc.Intake:
    """An intake with an evaluation price of its own."""
    return priced(kc.intake(entries), number)


def of_pair(payer: str, protocol: str, number: int) -> kc.Intake:
    """An intake of a payer and a treatment with a price of its own."""
    return kc.intake({"payer": payer, "protocol": protocol, f"prices.{protocol}.evaluation": 200 + number})


def priced(intake: kc.Intake, number: int) -> kc.Intake:
    """The intake with another price of the evaluation."""
    return intake.say("prices.iv-mood.evaluation", 200 + number)


def estimated(entries: Mapping[str, object], number: int) -> object:
    """An estimate with everything that its headline shows."""
    found = kc.estimate(kc.resolve(said(entries, number), TODAY))
    return found.sentence, found.rest


def pressed(session: Session, number: int) -> object:
    """What a front end paints after a key press in a price."""
    session.serve({"path": "prices.iv-mood.evaluation", "value": str(200 + number)})
    return session.shown()


def fresh(work: Callable[[int], object], times: int = 51) -> float:
    """Milliseconds of CPU of one call, each with a number of its own."""
    work(0)
    taken = []
    for number in range(1, times + 1):
        start = time.process_time()
        work(number)
        taken.append(time.process_time() - start)
    return 1_000 * median(taken)


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
