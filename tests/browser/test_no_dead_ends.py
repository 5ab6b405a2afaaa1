"""No answer, a late answer, a failed one, many key presses at once: the panel says so, loses nothing and lives on.

The worker of most of these pages is the test's own: it wakes at once and answers only what a test has it answer.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from accessible import violations
from live_pages import ANSWERED_BY_HAND, awake, needed, opened, wait_for, wide
from playwright.sync_api import Page, expect

import ketacost as kc
from ketacost.sharing.live import live_page

VISITS, PRICE = "visits.iv-mood.maintenance", "prices.iv-mood.infusion"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    needed()
    path = tmp_path_factory.mktemp("live") / "live.html"
    path.write_text(live_page(kc.example("readme-patient")), encoding="utf-8")
    return path


@pytest.fixture
def page(file: Path) -> Iterator[Page]:
    with opened(file, before=ANSWERED_BY_HAND) as page:
        awake(page)
        page.locator("[data-step=treatment] > summary").click()
        yield page
        assert page.problems == []


def asked(page: Page, count: int) -> list[dict[str, Any]]:
    """What the panel asked so far, once there are so many requests."""
    wait_for(page, "window.python.asked.length", count)
    found: list[dict[str, Any]] = page.evaluate("window.python.asked")
    return found


def answer(page: Page, request: dict[str, Any], **values: str) -> None:
    """Answer a request as Python would that has these values now, by the names of their paths."""
    paths = {{"visits": VISITS, "price": PRICE}[name]: value for name, value in values.items()}
    page.evaluate("([number, values]) => window.python.answer(number, values)", [request["number"], paths])


def box(page: Page, path: str) -> Any:
    return page.locator(f"input[data-path='{path}']")


def banner(page: Page) -> Any:
    return page.locator(".keta-banner")


def press(page: Page, label: str) -> None:
    banner(page).get_by_role("button", name=label, exact=True).click()


@pytest.mark.parametrize("width", [1440, 390])
def test_without_an_answer_a_banner_offers_to_try_again_and_undo(file: Path, width: int) -> None:
    with opened(file, width, 844, before=ANSWERED_BY_HAND) as page:
        awake(page)
        page.locator("[data-step=treatment] > summary").click()
        page.evaluate(
            "new MutationObserver(() => { window.python.shown ??= window.python.late ? 'late' : 'in time'; })"
            ".observe(document.querySelector('.keta-banner'), {attributes: true})"
        )
        box(page, VISITS).fill("4")
        banner(page).wait_for()
        assert page.evaluate("window.python.shown") == "in time"  # within 4 seconds, by the browser's own timer
        assert banner(page).get_attribute("role") == "alert"
        assert "No answer yet" in banner(page).inner_text()
        expect(banner(page).get_by_role("button")).to_have_text(["Try again", "Undo"])
        expect(banner(page)).to_be_in_viewport(ratio=1)
        assert not wide(page)
        assert violations(page, ".keta") == []
        if pictures := os.environ.get("KETACOST_PICTURES"):
            page.screenshot(path=Path(pictures) / f"no-answer-{width}.png")
        first = asked(page, 1)[0]
        press(page, "Try again")
        expect(banner(page)).to_be_hidden()
        again = asked(page, 2)[1]
        assert (again["path"], again["value"], again["again"]) == (VISITS, "4", first["number"])
        banner(page).wait_for()
        press(page, "Undo")
        undo = asked(page, 3)[2]
        assert undo["do"] == "undo"
        answer(page, undo, visits="9")
        expect(box(page, VISITS)).to_have_value("9")
        expect(banner(page)).to_be_hidden()
        box(page, VISITS).fill("5")
        assert asked(page, 4)[3]["value"] == "5"


def test_after_the_time_out_the_next_action_is_sent_at_once_and_a_late_answer_counts(page: Page) -> None:
    box(page, VISITS).fill("4")
    box(page, VISITS).fill("5")
    banner(page).wait_for()
    first, second = asked(page, 2)
    assert second["value"] == "5"
    answer(page, first, visits="4")
    expect(banner(page)).to_be_hidden()
    expect(box(page, VISITS)).to_have_value("5")
    answer(page, second, visits="5")
    answer(page, first, visits="4")  # older than what stands there
    expect(box(page, VISITS)).to_have_value("5")
    expect(box(page, VISITS)).to_have_value("5")


def test_a_late_answer_does_not_overwrite_a_newer_value(page: Page) -> None:
    box(page, VISITS).focus()
    start = int(box(page, VISITS).input_value())
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    answer(page, asked(page, 1)[0], visits=str(start + 1))
    second = asked(page, 2)[1]
    assert second["value"] == str(start + 2)
    expect(box(page, VISITS)).to_have_value(str(start + 2))
    page.keyboard.press("ArrowUp")
    answer(page, second, visits=str(start + 2))
    answer(page, asked(page, 3)[2], visits=str(start + 3))
    expect(box(page, VISITS)).to_have_value(str(start + 3))
    expect(box(page, VISITS)).to_have_value(str(start + 3))


def test_what_is_being_typed_is_left_alone(page: Page) -> None:
    box(page, VISITS).fill("4")
    first = asked(page, 1)[0]
    page.locator("[data-step=prices] > summary").click()
    box(page, PRICE).click()
    box(page, PRICE).press("ControlOrMeta+a")
    box(page, PRICE).press_sequentially("61")
    answer(page, first, visits="4", price="600")
    expect(banner(page)).to_be_hidden()
    box(page, PRICE).press_sequentially("5")
    expect(box(page, PRICE)).to_have_value("615")
    box(page, PRICE).press("Enter")
    assert asked(page, 2)[1]["value"] == "615"


def test_a_count_that_was_emptied_waits_for_the_next_key_or_until_it_is_left(page: Page) -> None:
    count = box(page, VISITS)
    count.press("ControlOrMeta+a")
    count.press("Delete")
    assert page.evaluate("window.python.asked") == []
    count.press("8")
    first = asked(page, 1)[0]
    assert first["value"] == "8"
    answer(page, first, visits="8")
    count.press("ControlOrMeta+a")
    count.press("Delete")
    count.press("Tab")
    assert asked(page, 2)[1]["value"] == ""


def test_a_request_that_fails_is_told_and_the_panel_lives(page: Page) -> None:
    before = page.locator(".keta-sentence").inner_text()
    box(page, VISITS).fill("4")
    number = asked(page, 1)[0]["number"]
    page.evaluate("number => window.python.fail(number)", number)
    banner(page).wait_for()
    assert "This could not be shown. Undo takes the last change back." in banner(page).inner_text()
    assert page.locator(".keta-form").get_attribute("inert") is None
    assert page.locator(".keta-sentence").inner_text() == before
    press(page, "Undo")
    answer(page, asked(page, 2)[1], visits="9")
    expect(banner(page)).to_be_hidden()
    page.problems.clear()  # the reason, for whoever looks into it


def test_long_work_is_not_taken_for_dead(page: Page) -> None:
    box(page, VISITS).fill("4")
    page.evaluate("number => window.python.work(number)", asked(page, 1)[0]["number"])
    page.locator(".keta-working").wait_for()
    assert page.locator(".keta-working").get_attribute("role") == "status"
    expect(banner(page)).to_be_hidden()
    answer(page, asked(page, 1)[0], visits="4")
    expect(page.locator(".keta-working")).to_be_hidden()


def test_a_banner_over_an_open_window_can_be_clicked(page: Page) -> None:
    page.locator(".keta-bar [data-window=save]").click()
    page.locator("dialog [data-send=download]").click()
    page.locator("dialog .keta-banner").wait_for()
    press(page, "Try again")
    assert asked(page, 2)[1]["do"] == "download"
    page.locator("dialog [data-close]").click()
    page.locator(".keta-strip .keta-banner").wait_for()


def busy() -> None:
    while True:
        pass


@contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """So many processes that do nothing but keep the machine busy."""
    loops = [multiprocessing.get_context("spawn").Process(target=busy, daemon=True) for _ in range(count)]
    for loop in loops:
        loop.start()
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.join()


def test_thirty_fast_key_presses_all_arrive_on_a_busy_machine(file: Path) -> None:
    with opened(file) as page:
        awake(page)
        page.locator("[data-step=prices] > summary").click()
        held = f"window.ketacost.models[0].get('form').flatMap((g) => g.controls).find((c) => c.path === '{PRICE}')"
        start, step = int(box(page, PRICE).input_value()), page.evaluate(f"{held}.step")
        with busy_loops(4):
            box(page, PRICE).focus()
            began = time.monotonic()
            for _ in range(30):
                page.keyboard.press("ArrowUp")
            pressed = time.monotonic() - began
            wanted = str(start + 30 * step)
            wait_for(page, f"{held}.value", wanted)
            print(f"\n30 key presses in {pressed:.1f} s, answered after {time.monotonic() - began:.1f} s")
        expect(box(page, PRICE)).to_have_value(wanted)
        expect(box(page, PRICE)).to_have_value(wanted)
        expect(banner(page)).to_be_hidden()
        assert page.problems == []
