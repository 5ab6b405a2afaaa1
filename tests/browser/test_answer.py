"""The answer and its tabs in a browser: keys, pins, what can be taken away, print, and axe in light and dark at each width."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from accessible import CONTRAST, violations
from hands import Hand
from live_pages import awake, needed, opened, wait_for, wide
from playwright.sync_api import Page, expect
from pypdf import PdfReader

import ketacost as kc
from ketacost.sharing.live import live_page

PRICE = "input[data-path='prices.iv-mood.infusion']"
STEPS = "[...document.querySelectorAll('.keta-step')]"
WIDTHS = (360, 1024, 1920)


@pytest.fixture(scope="module")
def awoken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A live page whose Python is awake, woken once for the tests here."""
    needed()
    path = tmp_path_factory.mktemp("answer") / "live.html"
    path.write_text(live_page(kc.example("readme-patient")), encoding="utf-8")
    with opened(path, permissions=["clipboard-read", "clipboard-write"]) as page:
        awake(page)
        yield page


@pytest.fixture
def page(awoken: Page) -> Iterator[Page]:
    """The panel as it opens; what a test changes is taken back after it."""
    page = awoken
    told, steps = page.locator(".keta-sentence").inner_text(), page.evaluate(f"{STEPS}.map((one) => one.open)")
    yield page
    assert page.problems == []
    page.set_viewport_size({"width": 1440, "height": 900})
    while page.locator("[data-do=undo]").is_enabled():
        page.locator("[data-do=undo]").click()
        settled(page)
    page.locator("[data-tab=months]").click()
    settled(page)
    page.evaluate(
        f"(steps) => {STEPS}.forEach((one, i) => {{ if (one.open !== steps[i]) one.firstChild.click(); }})", steps
    )
    page.evaluate("scrollTo(0, 0)")
    assert page.locator(".keta-sentence").inner_text() == told
    expect(page.locator(".keta-pin")).to_have_count(0)


def settled(page: Page) -> None:
    wait_for(page, "document.querySelector('.keta').hasAttribute('data-waits')", False)


def change_the_price(page: Page, price: str) -> None:
    step = page.locator("[data-step=prices]")
    if step.get_attribute("open") is None:
        step.locator("> summary").click()
    page.locator(PRICE).fill(price)
    page.locator(PRICE).press("Enter")
    settled(page)


def test_the_tabs_move_with_the_arrow_keys_and_the_last_one_stays(page: Page) -> None:
    page.locator("[data-tab=months]").focus()
    for name in ("money", "plan", "ask", "compare", "lines", "months"):
        page.keyboard.press("ArrowRight")
        expect(page.locator(f"[data-tab={name}]")).to_be_focused()
        expect(page.locator(f"[data-tab={name}]")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("End")
    settled(page)
    assert "7,788" in page.locator(".keta-detail").inner_text()
    change_the_price(page, "650")
    expect(page.locator("[data-tab=lines]")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".keta-detail")).to_contain_text("15 at $650")


def test_a_pin_stays_and_the_difference_is_read_beside_it(page: Page) -> None:
    page.get_by_role("button", name="Pin this answer").click()
    change_the_price(page, "550")
    expect(page.locator(".keta-pin")).to_contain_text("Now +$750: ")
    page.get_by_role("button", name="Open A. Employer plan, fully insured").click()
    expect(page.locator(".keta-sentence")).to_contain_text("$7,790")
    expect(page.locator(".keta-pin")).to_contain_text("Now the same.")
    page.get_by_role("button", name="Unpin A. Employer plan, fully insured").click()
    expect(page.locator(".keta-pin")).to_have_count(0)


def test_a_table_is_copied_and_a_picture_is_saved(page: Page) -> None:
    page.locator("[data-tab=lines]").click()
    settled(page)
    page.get_by_role("button", name="Copy table").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert copied[0].split("\t")[:2] == ["Days", "Service"]
    assert any("15 at $500" in line and "$7,500.00" in line for line in copied)
    page.locator("[data-tab=months]").click()
    settled(page)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Save picture").click()
    assert caught.value.suggested_filename.endswith(".png")
    assert caught.value.path().read_bytes().startswith(b"\x89PNG")


def test_on_a_phone_the_answer_is_in_sight_while_a_field_is_edited(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    change_the_price(page, "650")
    page.locator(PRICE).focus()
    dock = page.locator(".keta-low")
    expect(dock).to_be_in_viewport(ratio=1)
    assert "$10,040" in dock.inner_text()
    dock.get_by_role("button", name="See the answer").click()
    expect(page.locator(".keta-sentence")).to_be_visible()
    assert not wide(page)


def test_visits_are_moved_by_their_dates(page: Page) -> None:
    page.locator("[data-step=treatment] > summary").click()
    chips = page.locator(".keta-chip:not(.keta-add)")
    expect(chips).to_have_count(16)
    chips.nth(0).click()
    page.locator(".keta-move input").fill("2026-12-02")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(chips.nth(0)).to_contain_text("Dec 2")
    chips.nth(15).click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(chips).to_have_count(15)
    assert page.locator(".keta-year").inner_text() == "Jan 1, 2027: new plan year, the deductible starts over"
    for _ in range(2):
        page.locator("[data-do=undo]").click()
        settled(page)
    expect(chips).to_have_count(16)


def test_a_published_plan_is_found_by_a_part_of_its_name(page: Page) -> None:
    page.locator("[data-step=plan] > summary").click()
    search = page.locator("[data-for=plan] input[type=search]")
    search.fill("fep blue")
    options = page.locator("select[data-path=plan] option").all_inner_texts()
    assert any("FEP Blue" in option for option in options)
    assert not any("Covered California" in option for option in options)
    page.locator("[data-source=typed]").check(force=True)
    settled(page)
    expect(page.locator("[data-for=plan]")).to_be_hidden()
    expect(page.locator("[data-do=undo]")).to_be_enabled()


def test_print_has_the_answer_and_what_was_entered(page: Page, tmp_path: Path) -> None:
    change_the_price(page, "650")
    page.locator("[data-tab=lines]").click()
    settled(page)
    page.pdf(path=tmp_path / "panel.pdf", format="Letter")
    told = " ".join(page_.extract_text() for page_ in PdfReader(tmp_path / "panel.pdf").pages)
    assert "What was entered" in told
    assert "Ketamine infusion" in told
    assert "$10,040" in told
    assert "Total" in told


def test_what_is_still_used_beside_an_error_is_an_amount_as_people_write_it(page: Page) -> None:
    change_the_price(page, "950 to 1200")
    change_the_price(page, "950/visit")
    expect(page.locator(".keta-problem")).to_contain_text("We still use $950 to $1,200.")
    change_the_price(page, "500")


def test_every_tab_a_pin_an_error_and_a_question_are_clean_for_axe(page: Page) -> None:
    """On three screens, light and dark; in the dark nothing but the colors is another, on the first and the last."""
    change_the_price(page, "six hundred")
    expect(page.locator(".keta-problem")).to_be_visible()
    clean(page, "form", "an error")
    hand = Hand(page, page.locator(".keta"))
    for path, value in (
        ("second.plan", "nextgen-2026-3000"),
        ("later.starts", "2027-02-01"),
        ("later.plan", "nextgen-2026-750"),
        ("most_a_month", "1,000"),
    ):
        hand.say(path, value)
    page.locator("button[data-mode]").click()  # every field of every step, and what is folded
    expect(page.locator("[data-for='second.coordination']")).to_be_visible()
    expect(page.locator("[data-for='later.credit']")).to_be_visible()
    clean(page, "form", "every field")
    page.locator("button[data-mode]").click()
    page.get_by_role("button", name="Pin this answer").click()
    settled(page)
    for number, name in enumerate(("months", "money", "plan", "ask", "lines", "compare")):
        if name == "compare":  # its folds compare many estimates
            for _ in range(4):
                hand.press("do=undo")
        tab = page.locator(f"[data-tab={name}]")
        tab.click()
        settled(page)
        page.evaluate("for (const fold of document.querySelectorAll('.keta-detail details')) fold.open = true")
        settled(page)
        clean(page, "answer", name, ".keta-answer" if number else ".keta")  # the form is as it was
    page.locator("[data-ask-new]").first.click()
    clean(page, "form", "a new patient")
    page.locator(".keta-new [data-ask-new]").click()
    page.get_by_role("button", name="Unpin").click()


def clean(page: Page, side: str, what: str, part: str = ".keta") -> None:
    """Look at a side of the panel at each width, by light and by dark; the last width shows both sides."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        tab = page.locator(f".keta-sides [data-side={side}]")
        if tab.is_visible():
            tab.click()
        page.evaluate("scrollTo(0, document.body.scrollHeight)")  # what is docked lies over nothing there
        if width != WIDTHS[1]:
            assert violations(page, part) == [], (what, width)
            page.emulate_media(color_scheme="dark")
            assert violations(page, part, CONTRAST) == [], (what, width, "dark")
            page.emulate_media(color_scheme="light")
        assert not wide(page), (what, width)
    page.evaluate("scrollTo(0, 0)")
