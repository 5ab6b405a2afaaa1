"""A live page in a real browser with the network cut: opening it, waiting for its Python, asking it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from lab import browser, chromium
from playwright.sync_api import Page
from random_scenarios import random_scenario

from ketacost.estimate.scenario import Scenario
from ketacost.sharing.pyodide import missing

PATIENCE = 240  # seconds: the machine may be busy
NEVER_WAKES = "window.Worker = class { postMessage() {} };"
ANSWERED_BY_HAND = """window.Worker = class {
    constructor() { window.python = this; this.asked = []; }
    tell(data) { this.onmessage({data: {session: 0, ...data}}); }
    postMessage(message) {
        if (message.kind === "wake") setTimeout(() => this.tell({kind: "awoken", sessions: []}));
        else if (this.asked.push(message.asked) === 1) setTimeout(() => { this.late = true; }, 4_000);
    }
    answer(number, values) {
        const model = window.ketacost.models[0], form = structuredClone(model.get("form"));
        for (const c of form.flatMap((g) => g.controls)) if (c.path in values) c.value = values[c.path];
        this.tell({kind: "served", number, shown: {told: {...model.get("told"), failed: false}}});
        this.tell({kind: "formed", number, shown: {form}});
    }
    fail(number) { this.tell({kind: "failed", asked: "serve", number, reason: "ZeroDivisionError"}); }
    work(number) { this.tell({kind: "working", number}); }
};"""
"""A worker that is awake at once, keeps what it is asked in `python.asked`, and answers only what a test has it answer."""
ASK = """async ([session, asked]) => {
    const model = window.ketacost.models[session], number = Math.random();
    await new Promise((done) => {
        const heard = () => { if (model.get('formed') === number) { model.off('change:formed', heard); done(); } };
        model.on('change:formed', heard);
        model.send({...asked, number});
    });
    return Object.fromEntries(['form', 'head', 'detail', 'tabs', 'you_pay', 'told'].map((name) => [name, model.get(name)]));
}"""
TIMED = """async (moves) => {
    const times = [], model = window.ketacost.models[0];
    for (const [path, value] of moves) {
        const from = performance.now(), number = Math.random();
        await new Promise((done) => {
            const heard = () => {
                if (model.get('formed') !== number) return; // of an earlier request
                model.off('change:formed', heard);
                requestAnimationFrame(() => setTimeout(done));
            };
            model.on('change:formed', heard);
            model.send({path, value, number});
        });
        times.push(performance.now() - from);
    }
    return times;
}"""


def needed() -> None:
    """Fail or skip, with the reason, where there is no browser or the Python for browsers was not fetched."""
    lacking = [] if chromium() else ["no Chromium: install Debian's chromium, or name one in KETACOST_CHROMIUM"]
    lacking += [f"not fetched: {', '.join(missing())}: run `ketacost fetch`"] if missing() else []
    if lacking and os.environ.get("KETACOST_REQUIRE_BROWSER"):
        pytest.fail("; ".join(lacking))
    if lacking:
        pytest.skip("; ".join(lacking))


@contextmanager
def opened(path: Path, width: int = 1440, height: int = 900, *, before: str = "", **more: Any) -> Iterator[Page]:
    """A page from a folder, without a network; `page.asked` collects what it requests, `page.said` what it tells the console."""
    with browser(width, height, offline=True, **more) as page:
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        if before:
            page.add_init_script(before)
        page.goto(path.as_uri(), wait_until="commit")
        page.locator(".ketacost-place").first.wait_for(state="attached", timeout=PATIENCE * 1000)
        yield page


def wait_for(page: Page, what: str, wanted: object) -> None:
    """Wait until an expression comes to what is wanted. (A page that forbids eval has no `wait_for_function`.)"""
    found = page.evaluate(
        f"""async (wanted) => {{
            for (const until = performance.now() + {PATIENCE * 1000}; ;) {{
                const found = {what};
                if (JSON.stringify(found) === JSON.stringify(wanted) || performance.now() > until) return found;
                await new Promise((again) => setTimeout(again, 50));
            }}
        }}""",
        wanted,
    )
    assert found == wanted, f"{what} stayed {found!r}, wanted {wanted!r}"


def awake(page: Page) -> None:
    """Wait until the page's Python is awake; a page that could not start says why."""
    wait_for(page, "window.ketacost && window.ketacost.state !== 'waking'", True)
    assert page.evaluate("window.ketacost.state") == "awake", page.locator("[role=status]").first.inner_text()


def left(page: Page) -> list[str]:
    """What a page requested beyond its own file and its own parts."""
    return [url for url in page.asked if not url.startswith(("file:", "blob:"))]


def wide(page: Page) -> bool:
    """Whether the page has to be scrolled sideways."""
    found: bool = page.evaluate("document.scrollingElement.scrollWidth > innerWidth")
    return found


def many_scenarios(count: int, seed: int = 1) -> Sequence[Scenario]:
    """Random whole scenarios, some with a range or two."""
    return [_ranged(random_scenario(Random(seed * 1_000_003 + number)), Random(number)) for number in range(count)]


def _ranged(scenario: Scenario, r: Random) -> Scenario:
    ranges: dict[str, tuple[str, ...]] = {}
    if r.random() < 0.2:
        ranges["coverage"] = ("denied", "visits only", "infusions too")
    if r.random() < 0.2 and scenario.prices.charges:
        low = r.randint(0, 50_000)
        name = r.choice(sorted(scenario.prices.charges))
        ranges[f"prices.charges.{name}"] = (f"{low / 100:.2f}", f"{(low + r.randint(1, 40_000)) / 100:.2f}")
    return scenario.replace(ranges=ranges) if ranges else scenario
