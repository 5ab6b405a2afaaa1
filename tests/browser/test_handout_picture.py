"""The handout on paper, in a real browser: one letter page whatever the answer, text to select, black and white, no request."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from lab import browser, chromium
from playwright.sync_api import Page
from pypdf import PdfReader

import ketacost as kc
from ketacost.estimate.scenario import Scenario, example
from ketacost.reports import handout as handouts
from ketacost.reports.handout import handout

NO_BROWSER = "no Chromium on this machine: install Debian's chromium, or name one in KETACOST_CHROMIUM"
LETTER = (612, 792)
LEAST = 16  # CSS pixels: 12 points
GREY = re.compile(r"rgba?\((\d+), \1, \1(?:, [\d.]+)?\)|none")
STYLES = """() => [...document.querySelectorAll('main *')].filter((one) => one.tagName !== 'svg').map((one) => {
    const style = getComputedStyle(one);
    const text = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    return [one.tagName, text ? parseFloat(style.fontSize) : 999, [style.color, style.backgroundColor, style.fill, style.stroke]];
})"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    if not chromium():
        if os.environ.get("KETACOST_REQUIRE_BROWSER"):
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    with browser(816, 1056) as page:
        yield page


def largest() -> Scenario:
    """Ten million dollars a visit, with help that changes the net: the widest amounts there can be."""
    base = example("payer-employer-ketamine-benefit")
    paying = base.paying.replace(assistance=500_000_000, filing_fee=500)
    dear = base.prices.replace(charges={**base.prices.charges, "infusion": 999_999_900})
    return base.replace(prices=dear, paying=paying, title="A long title " * 20)


def longest() -> Scenario:
    """Five years of visits, and every point at its longest."""
    base = example("readme-patient")
    visits = {"evaluation": 1, "induction": 6, "maintenance": 52}
    return base.replace(course=base.course.replace(visits=visits), paying=base.paying.replace(assistance=20_000))


SCENARIOS = {
    "readme-patient": lambda: example("readme-patient"),
    "payer-employer-ketamine-benefit": lambda: example("payer-employer-ketamine-benefit"),
    "payer-medicare-part-b": lambda: example("payer-medicare-part-b"),
    "spravato-in-network": lambda: example("spravato-in-network"),
    "the largest amounts": largest,
    "the longest course": longest,
}
CASES = [(name, language) for name in SCENARIOS for language in ("en", "es")]


def show(page: Page, folder: Path, html: str) -> None:
    path = folder / "handout.html"
    path.write_text(html, encoding="utf-8")
    page.goto(path.as_uri())


def printed(page: Page) -> PdfReader:
    return PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))


@pytest.mark.parametrize(("name", "language"), CASES)
def test_it_is_one_letter_page_of_text(page: Page, tmp_path: Path, name: str, language: str) -> None:
    estimate = kc.estimate(SCENARIOS[name]())
    show(page, tmp_path, handout(estimate, language))
    pdf = printed(page)
    if pictures := os.environ.get("KETACOST_PICTURES"):
        page.pdf(path=Path(pictures) / f"handout {name} {language}.pdf", prefer_css_page_size=True)
    assert len(pdf.pages) == 1
    assert (round(pdf.pages[0].mediabox.width), round(pdf.pages[0].mediabox.height)) == LETTER
    text = " ".join(pdf.pages[0].extract_text().split())
    texts = handouts.read_toml(f"handout_{language}.toml")
    assert texts["page"]["question"] in text
    assert texts["foot"]["estimate"] in text
    assert texts["foot"]["name"] in text
    assert texts["page"]["print"] not in text.split()


@pytest.mark.parametrize(("name", "language"), CASES)
def test_nothing_is_wider_than_its_place(page: Page, tmp_path: Path, name: str, language: str) -> None:
    show(page, tmp_path, handout(kc.estimate(SCENARIOS[name]()), language))
    page.set_viewport_size({"width": 720, "height": 979})  # what the margins leave of a letter page
    page.emulate_media(media="print")
    wide = page.evaluate(
        "[...document.querySelectorAll('main *')].filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth).length"
    )
    crossing = page.evaluate(
        "(() => { const t = document.querySelector('table').getBoundingClientRect().right;"
        " return t - document.querySelector('.pair > section').getBoundingClientRect().right; })()"
    )
    page.emulate_media(media="null")
    page.set_viewport_size({"width": 816, "height": 1056})
    assert wide == 0
    assert crossing <= 1


def test_a_question_of_four_lines_more_still_fits(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = type(
        "Asked",
        (),
        {
            "who": "insurer",
            "sentence": "What do you count for each visit? " * 8,
            "sentence_es": "¿Cuánto cuentan por cada visita? " * 8,
        },
    )
    monkeypatch.setattr(handouts, "ask_next", lambda scenario: (long,))
    for language in ("en", "es"):
        show(page, tmp_path, handout(kc.estimate(longest()), language))
        assert len(printed(page).pages) == 1


def test_a_page_too_long_is_seen(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handouts, "MOST_ROWS", 60)
    show(page, tmp_path, handout(kc.estimate(longest())))
    assert len(printed(page).pages) > 1


@pytest.mark.parametrize("language", ["en", "es"])
def test_letters_are_large_and_nothing_is_told_by_colour(page: Page, tmp_path: Path, language: str) -> None:
    show(page, tmp_path, handout(kc.estimate(example("payer-employer-ketamine-benefit")), language))
    for tag, size, colours in page.evaluate(STYLES):
        assert size >= LEAST, tag
        assert all(GREY.fullmatch(colour) for colour in colours), (tag, colours)
    bars = page.evaluate("[...document.querySelectorAll('rect')].map((one) => getComputedStyle(one).fill)")
    assert set(bars) == {"rgb(0, 0, 0)", "rgb(255, 255, 255)"}


@pytest.mark.parametrize("language", ["en", "es"])
def test_it_has_no_accessibility_violation(page: Page, tmp_path: Path, language: str) -> None:
    show(page, tmp_path, handout(kc.estimate(example("readme-patient")), language))
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(v["id"], v["nodes"][0]["target"]) for v in found] == []


def test_it_makes_no_request_and_its_button_prints(page: Page, tmp_path: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.problems.clear()
    show(
        page,
        tmp_path,
        handout(kc.estimate(example("readme-patient").replace(title="<script>window.title = 1</script>"))),
    )
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed") is True
    assert page.evaluate("window.title") is None
    assert page.evaluate("document.querySelectorAll('script').length") == 1
    assert [url for url in asked if not url.endswith("handout.html")] == []
    assert page.problems == []


def test_a_request_would_be_refused(page: Page, tmp_path: Path) -> None:
    html = handout(kc.estimate(example("readme-patient")))
    show(page, tmp_path, html.replace("</main>", '<img src="picture.png" alt=""></main>'))
    assert any("Content Security Policy" in problem for problem in page.problems)
    page.problems.clear()
