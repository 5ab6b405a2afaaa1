"""How fast the panel answers in a real browser, and whether it grows: key press to paint, and memory over a thousand moves.

Run it with `make bench`, or by hand: `--app` measures the app and `--page` a shared page instead of JupyterLab, `--unknown` takes a patient
with eight unknowns, `--json` prints plain data. A move is one
arrow key in a field, a select or the cards. It counts from the key press until the changed answer has been painted, and until
everything on the page is new. Chromium holds other work back after a key press until the key itself has been painted, up to
one frame (17 ms); `--at-once` switches that off, as where a script changes a field instead of a key. The
figures are of the machine they were taken on; its load stands beside them, since whatever else runs weighs on them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))
from lab import FLAGS, browser, chromium, lab, open_and_run
from served import open_app, served

import ketacost as kc
from ketacost.workbench.session import Session

TODAY = date(2026, 11, 27)  # as the notebook opens it
NOTEBOOK = "01_what_will_it_cost.ipynb"
STEPS_ONE_WAY = 5
SETTLED = 0.02  # growth of less than this part in 1,000 moves is called flat
OTHER_PRICES = "treatment (select)"  # its prices are not said: four to seven unknowns, so it counts by itself
CONTROLS = {
    "visits": "input[data-path='visits.iv-mood.maintenance']",
    "price": "input[data-path='prices.iv-mood.infusion']",
    "deductible": "input[data-path='terms.out.deductible']",
    "coinsurance": "input[data-path='terms.out.coinsurance']",
    OTHER_PRICES: "select[data-path='protocol']",
    "coverage (cards)": "input[type=radio][data-path='coverage']",
}
CLOCK = """() => {
    const panel = document.querySelector('.keta');
    window.times = [];
    document.addEventListener('keydown', () => { window.from = performance.now(); window.answered = false; }, true);
    new MutationObserver((changes) => {
        if (window.from === undefined) return;
        if (changes.every((change) => change.target.parentElement?.closest('.keta-live') || change.target.closest?.('.keta-live'))) return;
        const first = !window.answered;
        window.answered = true;
        const from = window.from;
        requestAnimationFrame(() => {
            const {port1, port2} = new MessageChannel();
            port1.onmessage = () => {
                const taken = performance.now() - from;
                if (first) window.times.push([taken, taken]); else window.times.at(-1)[1] = taken;
                window.painted = performance.now();
            };
            port2.postMessage(0);
        });
    }).observe(panel, {subtree: true, childList: true, characterData: true});
}"""
"""A change is painted after the first frame that follows it and a message task; the last change of a move is "everything new"."""
QUIET = 150  # milliseconds without a change: the move is over
OPEN = {"payer": "employer-insured", "terms.out.out_of_pocket_limit": kc.UNKNOWN}


@dataclass(frozen=True)
class Move:
    """One move: its control, the key, what the panel then asked for, and the milliseconds until it was painted."""

    control: str
    path: str
    value: str
    milliseconds: float
    all_new: float


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    where = words.add_mutually_exclusive_group()
    where.add_argument("--app", action="store_const", const="app", dest="where", help="the app instead of JupyterLab")
    where.add_argument("--page", action="store_const", const="live page", dest="where", help="a shared page instead")
    words.add_argument("--unknown", action="store_true", help="a patient with eight unknowns; else all is known")
    words.add_argument("--at-once", action="store_true", help="hold no work back until the key itself was painted")
    words.add_argument("--json", action="store_true", help="print JSON")
    words.add_argument("--moves", type=int, default=200, help="moves that are timed")
    words.add_argument("--long", type=int, default=1_000, help="moves between the two looks at the memory")
    asked = words.parse_args()
    if not chromium():
        print("no Chromium on this machine: the browser's figures are left out", file=sys.stderr)
        return
    if asked.at_once:
        FLAGS.append("disable-features=DeferRendererTasksAfterInput")
    found = measured(asked.where or "JupyterLab", unknown=asked.unknown, moves=asked.moves, long=asked.long)
    print(json.dumps(found, indent=2) if asked.json else told(found))


def measured(where: str, *, unknown: bool, moves: int, long: int) -> dict[str, Any]:
    """Everything that is measured, as plain data."""
    known = kc.example("payer-employer-insured").replace(ranges={})
    patient = kc.resolve(kc.intake(OPEN) if unknown else kc.intake_of(known, TODAY), TODAY)
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), where, patient) as page:
        page.evaluate("document.querySelector('.keta').scrollIntoView({block: 'start'})")
        page.evaluate(CLOCK)
        load = os.getloadavg()[0]
        timed = list(islice(moving(page), moves))
        before, start = memory(page), time.perf_counter()
        middle = None
        for number, _ in enumerate(islice(moving(page), long), 1):
            if number == long // 2:
                middle = memory(page)
        seconds, after = time.perf_counter() - start, memory(page)
        problems = list(page.problems)  # type: ignore[attr-defined]
    kept = [move for move in timed if move.control != OTHER_PRICES] if not unknown else timed
    times = sorted(move.milliseconds for move in kept)
    return {
        "where": where,
        "unknowns": len(Session(patient, today=TODAY).estimate.unknowns),
        "load average": {"before": load, "after": os.getloadavg()[0], "processors": os.cpu_count()},
        "moves": len(times),
        "milliseconds": figures(times),
        "everything new": figures(sorted(move.all_new for move in kept)),
        "python": figures(sorted(in_python(patient, kept))),
        "controls": {
            name: figures(sorted(move.milliseconds for move in timed if move.control == name))
            for name in dict.fromkeys(move.control for move in timed)
        },
        "memory": {"moves": long, "seconds": seconds, "before": before, "halfway": middle, "after": after},
        "console errors": problems,
    }


@contextmanager
def opened(folder: Path, where: str, patient: kc.Scenario) -> Iterator[Page]:
    """The patient's panel, answered for the first time."""
    kc.save(patient, folder / "patient.toml")
    if where == "app":
        with served(folder, str(folder / "patient.toml")) as address, browser(1440, 900) as page:
            open_app(page, address)
            yield page
    elif where == "live page":
        (folder / "page.html").write_text(kc.live_page(patient), "utf-8")
        with browser(1440, 900, bypass_csp=True) as page:
            page.goto((folder / "page.html").as_uri())
            page.wait_for_function("window.ketacost?.state === 'awake'", timeout=240_000)
            yield page
    else:
        with lab(folder) as address, browser(1440, 900) as page:
            notebook = folder / "work" / NOTEBOOK
            text = notebook.read_text("utf-8")
            notebook.write_text(text.replace("payer-employer-insured", "../patient.toml"), "utf-8")
            open_and_run(page, address, NOTEBOOK)
            page.wait_for_selector(".keta >> nth=0 >> .keta-number", timeout=120_000)
            yield page


def moving(page: Page) -> Iterator[Move]:
    """Move one control after the other, a few steps up and as many down again, for ever."""
    there = {name: found for name, found in CONTROLS.items() if page.locator(".keta >> nth=0").locator(found).count()}
    for name, found in cycle(there.items()):
        control = page.locator(".keta >> nth=0").locator(found).first
        control.evaluate(
            "(node) => { for (let e = node; e && !e.matches('.keta'); e = e.parentElement) if (e.localName === 'details') e.open = true; }"
        )
        if name.endswith("(cards)"):
            checked = page.locator(".keta >> nth=0").locator(f"{found}:checked")
            control = checked if checked.count() else control
        control.focus()
        for key in ["ArrowUp"] * STEPS_ONE_WAY + ["ArrowDown"] * STEPS_ONE_WAY:
            done = page.evaluate("window.times.length")
            page.keyboard.press({"ArrowUp": "ArrowDown", "ArrowDown": "ArrowUp"}[key] if "(" in name else key)
            page.wait_for_function(
                f"window.times.length > {done} && performance.now() - window.painted > {QUIET}", timeout=30_000
            )
            path, value, (first, last) = page.evaluate(
                "() => [document.activeElement.dataset.path, document.activeElement.value, window.times.at(-1)]"
            )
            yield Move(name, path, value, first, last)


def in_python(patient: kc.Scenario, moves: list[Move]) -> list[float]:
    """The milliseconds of the same moves in Python alone: serve the request, give what the panel paints."""
    session = Session(patient, today=TODAY)
    shares = {c["path"] for group in session.shown()["form"] for c in group["controls"] if c["kind"] == "share"}
    taken = []
    for move in moves:
        asked = {"path": move.path, "value": f"{move.value}%" if move.path in shares else move.value}
        start = time.perf_counter()
        session.serve(asked)
        session.shown()
        taken.append(1_000 * (time.perf_counter() - start))
    return taken


def memory(page: Page) -> dict[str, float]:
    """Megabytes of the notebook's kernel and of the page's objects after its waste was collected, and the page's nodes."""
    kernels = [p for p in psutil.Process().children(recursive=True) if "ipykernel_launcher" in " ".join(p.cmdline())]
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.collectGarbage")
    got = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return {
        "kernel MB": sum(kernel.memory_info().rss for kernel in kernels) / 1e6,
        "page MB": got["JSHeapUsedSize"] / 1e6,
        "page nodes": got["Nodes"],
    }


def figures(times: list[float]) -> dict[str, float]:
    """Median, 95th percentile and slowest of sorted times."""
    return {"median": median(times), "95th": times[int(0.95 * (len(times) - 1))], "slowest": times[-1]}


def told(found: dict[str, Any]) -> str:
    """The figures for a reader."""
    load, kept = found["load average"], found["memory"]
    lines = [
        f"The panel in {found['where']}, {found['unknowns']} unknowns, {found['moves']} moves; load average "
        f"{load['before']:.1f} to {load['after']:.1f} on {load['processors']} processors; milliseconds",
        f"{'':<34}{'median':>9}{'95th':>9}{'slowest':>9}",
    ]
    rows = {
        "key press to painted": found["milliseconds"],
        "key press to everything new": found["everything new"],
        "  of it Python, by itself": found["python"],
    }
    rows |= {f"  {name}": times for name, times in found["controls"].items()}
    lines += [f"{name:<34}{row['median']:>9.1f}{row['95th']:>9.1f}{row['slowest']:>9.1f}" for name, row in rows.items()]
    lines += [
        "",
        f"{kept['moves']:,} more moves in {kept['seconds']:.0f} s{'':<9}{'before':>9}{'halfway':>9}{'after':>9}",
    ]
    for name, before in kept["before"].items():
        grown = kept["after"][name] - before
        per = 1_000 * grown / kept["moves"]
        flat = "flat" if per <= SETTLED * before else "grows"
        lines.append(
            f"{name:<34}{before:>9,.1f}{kept['halfway'][name]:>9,.1f}{kept['after'][name]:>9,.1f}  {per:+,.1f} per 1,000 moves: {flat}"
        )
    return "\n".join([*lines, "", f"console errors: {len(found['console errors'])}"])


if __name__ == "__main__":
    main()
