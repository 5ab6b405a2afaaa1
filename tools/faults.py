"""Break the work off, fill the disk and load it: python tools/faults.py [kill|disk|load] --kills 200.

kill   starts save, batch, share, export and the page of documents over and over, and kills each at a random moment;
       what was there before must be whole, old or new, and nothing of the program may live on.
disk   does the same on a disk (or with a limit on the size of a file) that gets full.
load   a panel that is moved 1,000 times, a batch of 20,000 rows, five panels at once: time and memory.

Prints what it did and what was wrong; ends with 1 where anything was.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

START = "import sys; sys.path.insert(0, sys.argv[1]); import ketacost as kc; from datetime import date; from pathlib import Path; "
TODAY = "date(2026, 11, 27)"
WORK: dict[str, str] = {
    "save": f"""
n = 0
while True:
    n += 1
    kc.save(kc.resolve(kc.intake(payer='medicaid').say('prices.iv-mood.infusion', 400 + n % 400), {TODAY}), 'a.toml')
    print(n, flush=True)
""",
    "export": """
from ketacost.reports.spreadsheet import export
found = kc.estimate(kc.example('readme-patient'))
for n in range(10_000):
    export(found, 'a.xlsx'); export(found, 'a.csv')
    print(n, flush=True)
""",
    "batch": """
from ketacost.cli import app
while True:
    try:
        print('begun', flush=True)
        app(['batch', 'rows.csv', '-o', 'a.csv'])
    except SystemExit as ended:
        if ended.code:
            raise
""",
    "share": """
from ketacost.sharing.share import share_notebook
n = 0
while True:
    n += 1
    share_notebook('book.ipynb', 'a.html', draw=False, ipynb='a.ipynb', md='a.md')
    print(n, flush=True)
""",
    "document": """
from ketacost.core.writing import write_whole
from ketacost.workbench.session import Session
n, session = 0, Session(kc.example('readme-patient'), today=date(2026, 11, 27), folder=Path('.'))
while True:
    n += 1
    session.serve({'do': 'handout'})
    write_whole('a.html', session.shown()['told']['page'])
    session.serve({'do': 'save', 'name': 'a'})
    if problem := session.shown()['told'].get('problem'):
        raise kc.KetacostError(problem)
    print(n, flush=True)
""",
}
"""What is broken off: each a program that does one thing over and over in a folder and says when it has done it."""

RUN = """
try:
    exec(work)
except kc.KetacostError as error:
    sys.exit(f'in words: {error}')
"""

BOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# A title\n\n" + "words " * 2_000}],
}


def prepared(folder: Path, rows: int = 1_200) -> None:
    """Put down what the work reads."""
    (folder / "book.ipynb").write_text(json.dumps(BOOK), "utf-8")
    lines = [f"readme-patient,{500 + number % 300}" for number in range(rows)]
    (folder / "rows.csv").write_text("\n".join(["scenario,prices.charges.infusion", *lines]) + "\n", "utf-8")


def begun(work: str, folder: Path, limit: int = 0) -> subprocess.Popen[str]:
    """Start some work in a folder, with a limit on the size of any file."""

    def limited() -> None:
        os.setsid()
        if limit:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    words = [sys.executable, "-c", START + f"work = {WORK[work]!r}\n{RUN}", str(ROOT)]
    return subprocess.Popen(
        words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=limited
    )


def whole(path: Path) -> str:
    """What is wrong with a file that should be whole; empty where nothing is."""
    from openpyxl import load_workbook

    from ketacost.files.scenario_files import load

    try:
        if path.suffix == ".toml":
            load(path)
        elif path.suffix == ".xlsx":
            load_workbook(path).close()
        elif path.suffix == ".ipynb":
            json.loads(path.read_text("utf-8"))
        elif path.suffix == ".html":
            assert path.read_text("utf-8").rstrip().endswith("</html>"), "it does not end"
        elif path.suffix == ".csv":
            with path.open(newline="", encoding="utf-8-sig") as file:
                rows = list(csv.reader(file))
            assert len({len(row) for row in rows}) == 1, "a row is broken"
    except Exception as error:
        return f"{path.name}: {error}"
    return ""


def living(group: int) -> list[int]:
    """The processes of a group that are not yet ended."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, state, _, of = place.parent.name, *place.read_text().rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if int(of) == group and state != "Z":
            found.append(int(name))
    return found


def killed(kills: int, seed: int) -> list[str]:
    """Kill the work at random moments, with a signal that no program can catch, or with one that it can."""
    dice, wrong, counts = random.Random(seed), [], Counter[str]()
    for number in range(kills):
        work = [*WORK][number % len(WORK)]
        with tempfile.TemporaryDirectory(prefix="kill-") as place:
            folder = Path(place)
            prepared(folder)
            process = begun(work, folder)
            assert process.stdout
            process.stdout.readline()  # it has begun
            time.sleep(dice.random() * (3.0 if work == "batch" else 0.5))
            how = dice.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM))
            process.send_signal(how)
            process.wait(240)
            until = time.monotonic() + 240
            while left := living(process.pid):
                if time.monotonic() > until:
                    wrong.append(f"{number} {work}: {len(left)} processes live on")
                    os.killpg(process.pid, signal.SIGKILL)
                    break
                time.sleep(0.05)
            files = [path for path in folder.iterdir() if path.stem.startswith("a")]
            wrong += [f"{number} {work} {how.name}: {found}" for path in files if (found := whole(path))]
            unfinished = len([path for path in folder.iterdir() if path.name.startswith(".ketacost-")])
            counts[f"{work}: unfinished files left, to be swept"] += unfinished
            if unfinished:
                from ketacost.core.writing import write_whole

                write_whole(folder / "after.txt", "x")
                if [path for path in folder.iterdir() if path.name.startswith(".ketacost-")]:
                    wrong.append(f"{number} {work}: an unfinished file was not swept")
            process.communicate()
        counts[work] += 1
    print(dict(counts))
    return wrong


def full() -> list[str]:
    """Let the disk get full at many sizes: what was there stays whole, and the program says so in words."""
    wrong, told = [], Counter[str]()
    for work in WORK:
        for limit in (1, 100, 1_000, 5_000, 20_000, 60_000, 120_000):
            with tempfile.TemporaryDirectory(prefix="disk-") as place:
                folder = Path(place)
                prepared(folder, 60)
                process = begun(work, folder, limit)
                try:
                    said, ended = process.communicate(timeout=15)[1], True
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    said, ended = process.communicate()[1], False
                words = "cannot be written" in said
                told["said in words" if words else "other words" if ended else "there was room"] += 1
                if "Traceback" in said or (ended and not words):
                    wrong.append(f"{work} at {limit} bytes: {said[-300:]}")
                files = [path for path in folder.iterdir() if path.stem == "a"]
                wrong += [f"{work} at {limit} bytes: {found}" for path in files if (found := whole(path))]
                left = [path.name for path in folder.iterdir() if path.name.startswith(".ketacost-")]
                if ended and left:
                    wrong.append(f"{work} at {limit} bytes: {left} left")
    print(dict(told))
    return wrong


def loaded(moves: int, rows: int, panels: int) -> list[str]:
    """Many moves, rows and panels: what they take, and whether memory goes on growing."""
    from datetime import date

    import ketacost as kc
    from ketacost.files.batch import jobs
    from ketacost.files.batch_run import write_batch
    from ketacost.workbench.session import Session

    def megabytes() -> float:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    wrong, today = [], date(2026, 11, 27)
    with tempfile.TemporaryDirectory(prefix="load-") as place:
        folder = Path(place)
        sessions = [Session(kc.example("readme-patient"), today=today, folder=folder) for _ in range(panels)]
        at, began, slowest = list[float](), time.process_time(), 0.0
        for number in range(moves):
            session, start = sessions[number % panels], time.process_time()
            session.serve({"path": "prices.iv-mood.infusion", "value": 400 + number % 200})
            shown = session.shown()
            slowest = max(slowest, time.process_time() - start)
            if shown["told"].get("problem"):
                wrong.append(f"move {number}: {shown['told']['problem']}")
            at += [megabytes()] if number % max(1, moves // 4) == 0 else []
        took = time.process_time() - began
        print(f"{moves:,} moves on {panels} panels: {took:.0f} s of processor, slowest {slowest:.2f} s, MB {at}")
        if at[-1] - at[len(at) // 2] > 50:
            wrong.append(f"memory grows with moves: {at}")
        prepared(folder, rows)
        began, before = time.monotonic(), megabytes()
        run = write_batch(jobs(folder / "rows.csv"), folder / "out.csv")
        print(f"{run.rows:,} rows: {time.monotonic() - began:.0f} s, {megabytes() - before:.0f} MB more")
        if run.rows != rows or run.unanswered:
            wrong.append(f"{rows - run.rows} rows lost, {len(run.unanswered)} not answered")
        if megabytes() - before > 300:
            wrong.append("a batch takes more than 300 MB")
    return wrong


def main() -> int:
    """Do what is asked, or everything."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", nargs="*", help="kill, disk, load")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--moves", type=int, default=1_000)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--panels", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    said = parser.parse_args()
    todo: dict[str, Callable[[], list[str]]] = {
        "kill": lambda: killed(said.kills, said.seed),
        "disk": full,
        "load": lambda: loaded(said.moves, said.rows, said.panels),
    }
    wrong = []
    for name, do in todo.items():
        if name in said.what or not said.what:
            found = do()
            print(f"{name}: {len(found)} wrong")
            wrong += found
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
