"""Somebody's hands on a panel in a browser: they open steps, type, choose, tick and read, and wait until it has answered."""

from __future__ import annotations

import re
from random import Random
from typing import Any

from playwright.sync_api import Locator, Page

import ketacost as kc
from ketacost.core.money import about, ends, shown
from ketacost.estimate.sentences import two_likely
from ketacost.reports.panel_pictures import bars_html
from ketacost.reports.sections import head

PATIENCE = 240  # seconds: the machine may be busy
FIGURE = re.compile(r'data-why="(\w+)"[^>]*?>(?:<span>[^<]*</span><b>)?(-?\$[\d,.]+(?: or \$[\d,.]+)?)<')
SOURCES = {"plan": "published", "plan_kind": "kind"}
STILL_BUSY = """(panel, patience) => new Promise((tell) => {
    const watch = new MutationObserver(see), late = setTimeout(() => tell(true), patience);
    function see() {
        if (panel.hasAttribute('data-waits')) return;
        watch.disconnect();
        clearTimeout(late);
        tell(false);
    }
    watch.observe(panel, {attributes: true});
    see();
})"""
PLACES = """(panel) => [...panel.querySelectorAll('.keta-form [data-for]:not([data-kind=visits])')].map((place) => {
    const path = place.dataset.for, field = place.querySelector(`[data-path="${path}"]`);
    return {
        path, step: place.closest('.keta-step').dataset.step,
        kind: field.localName === 'select' ? 'select' : field.type, most: field.max,
        values: field.localName === 'select' ? [...field.options].map((option) => option.value)
            : [...place.querySelectorAll('[type=radio]')].map((radio) => radio.value),
        unknown: place.querySelector(`[data-unknown="${path}"]`)?.ariaPressed ?? '',
    };
})"""
FIGURES = """(panel) => [...panel.querySelectorAll('.keta-head .keta-number, .keta-bars [data-why]')].map(
    (button) => [button.dataset.why, (button.querySelector('b') ?? button).textContent])"""


class Hand:
    """A hand on one panel. Everything goes through the controls that a person sees.

    One that `types` presses key after key, and the panel answers each; else a value is there at once, as if pasted.
    """

    def __init__(self, page: Page, panel: Locator, types: bool = False) -> None:
        self.page, self.panel, self.types = page, panel, types

    def wait(self) -> None:
        """Wait until every request was answered; one that is not says what the panel tells instead."""
        busy = self.panel.evaluate(STILL_BUSY, 1_000 * PATIENCE)
        assert not busy, f"no answer: {self.panel.locator('.keta-strip').inner_text()}"

    def controls(self) -> list[dict[str, Any]]:
        """The controls on the form: path, step, kind, the values of a list, whether it can be said to be unknown."""
        found: list[dict[str, Any]] = self.panel.evaluate(PLACES)
        return found

    def show(self, path: str) -> Locator:
        """Open what a control stands in; gives its place."""
        place = self.panel.locator(f"[data-for='{path}']")
        step = self.panel.locator(".keta-step", has=self.page.locator(f"[data-for='{path}']"))
        if step.get_attribute("open") is None:
            step.locator("> summary").click()
        fold = step.locator(".keta-fold", has=self.page.locator(f"[data-for='{path}']"))
        if fold.count() and fold.get_attribute("open") is None:
            fold.locator("> summary").click()
        if path in SOURCES and not place.is_visible():
            step.locator(f"[data-source={SOURCES[path]}]").check(force=True)
        if not place.is_visible():
            step.locator("[data-more]").click()
        return place

    def say(self, path: str, value: object) -> None:
        """Say one entry with its control, and wait for the answer."""
        place = self.show(path)
        field = place.locator(f"[data-path='{path}']").first
        kind = field.evaluate("(field) => field.localName === 'select' ? 'select' : field.type")
        if kind == "select":
            field.select_option(str(value))
        elif kind == "checkbox":
            field.set_checked(bool(value))
        elif kind == "radio":
            place.locator(f"[type=radio][value='{value}']").check()
        elif kind == "date":
            field.fill(str(value))
        else:
            field.click()
            if self.types and value != "":
                field.press("ControlOrMeta+a")
                field.press_sequentially(str(value))
            else:
                field.fill(str(value))
            field.press("Enter")
        self.wait()

    def know(self, path: str, known: bool) -> None:
        """Press *I don't know* beside a control, or *Enter it* once that was pressed."""
        button = self.show(path).locator(f"[data-unknown='{path}']")
        if button.get_attribute("aria-pressed") == str(known).lower():
            button.click()
        self.wait()

    def press(self, does: str) -> None:
        """Press a button that does something, by its data: "do=undo"."""
        name, _, value = does.partition("=")
        self.panel.locator(f"[data-{name}='{value}']").first.click()
        self.wait()

    def new(self) -> None:
        """Start a new patient."""
        self.press("ask-new=1")
        self.panel.locator("[data-do=new]").click()
        self.wait()

    def file(self) -> str:
        """What was said, as the file that *Download* gives."""
        self.panel.locator(".keta-bar [data-window=save]").click()
        with self.page.expect_download() as caught:
            self.panel.locator("dialog [data-send=download]").click()
        self.wait()
        return caught.value.path().read_text("utf-8")

    def sentence(self) -> str:
        """The sentence of the answer."""
        return self.panel.locator(".keta-sentence").inner_text()

    def figures(self) -> list[tuple[str, str]]:
        """The amounts of the answer and of the bars, each with its name."""
        self.press("tab=money")
        return [(name, amount) for name, amount in self.panel.evaluate(FIGURES)]


def figures_of(estimate: kc.Estimate) -> list[tuple[str, str]]:
    """The amounts that cards and bars have to show for an estimate; there are no bars where no visit takes place."""
    bars = bars_html(estimate) if estimate.steps_to_net else ""
    return FIGURE.findall(head(estimate)) + FIGURE.findall(bars)


def holds(hand: Hand, estimate: kc.Estimate) -> None:
    """What a panel shows is the estimate: the sentence, each card and each bar."""
    assert hand.sentence() == estimate.sentence
    found = hand.figures()
    assert found == figures_of(estimate)
    cards = dict(found[: hand.panel.locator(".keta-head .keta-number").count()])
    if "net" in cards:
        two = two_likely(estimate)
        assert cards["net"] == (" or ".join(ends(*two)) if two else about(estimate.main.likely))
    if "low" in cards:
        assert (cards["low"], cards["high"]) == ends(estimate.p10, estimate.p90)
    if estimate.steps_to_net:
        assert found[-1][1] == shown(estimate.main.likely)


def random_move(r: Random, hand: Hand) -> tuple[str, object]:
    """Move one control that is on the form; gives its path and what was said."""
    found = r.choice(hand.controls())
    path = found["path"]
    if found["unknown"] and r.random() < 0.2:
        known = found["unknown"] == "true"
        hand.know(path, known)
        return f"unknown:{path}", not known
    value = random_value(r, found)
    hand.say(path, value)
    return path, value


def random_value(r: Random, control: dict[str, Any]) -> object:
    """A value that a person may give a control."""
    kind, most = control["kind"], int(control["most"] or 1_000)
    if kind in ("select", "radio"):
        return r.choice(control["values"])
    if kind == "checkbox":
        return r.random() < 0.6
    if kind == "date":
        return f"{r.choice((2026, 2027))}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
    if kind == "number":
        return r.randint(0, min(most, 40))
    return r.choice((0, r.randint(1, most), r.randint(1, most), ""))
