"""The handout on paper, in a real browser: one letter page whatever the answer, text to select, black and white, no request."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from accessible import EVERY_RULE, violations
from commands import said as command
from lab import browser, chromium
from playwright.sync_api import Page
from pypdf import PdfReader
from three_patients import PATIENTS, entered

import ketacost as kc
from ketacost.core.money import about, shown
from ketacost.estimate.milestones import Milestone
from ketacost.estimate.resolve import resolve
from ketacost.estimate.scenario import Scenario, example
from ketacost.reports import handout as handouts
from ketacost.reports.handout import handout

NO_BROWSER = "no Chromium on this machine: install Debian's chromium, or name one in KETACOST_CHROMIUM"
LETTER = (612, 792)
LEAST = 13.3  # CSS pixels: 10 points
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


def told() -> Scenario:
    """A family's plan, an FSA and a budget: the most entries that a handout shows."""
    entries: dict[str, object] = {"terms.out.deductible": 2500, "terms.out.coinsurance": "50%", "most_a_month": 500}
    entries |= {"used.patient.out.deductible": 400, "used.as_of": "2026-11-20", "on_hand.fsa_left": 300}
    entries |= {"terms.out.family_deductible": 5000, "terms.out.out_of_pocket_limit": 9000, "family": True}
    entries |= {"prices.iv-mood.evaluation": 300, "prices.iv-mood.infusion": 475, "next_contribution.health_fsa": 1500}
    who = {"payer": "employer-self-funded", "plan_kind": "PPO", "network": "out", "start": "2026-12-15"}
    return asked(**entries, **who, **{"household.state": "CA", "household.wages": 60000})


def asked(**entries: object) -> Scenario:
    return resolve(kc.intake(entries), date(2026, 11, 27))


SCENARIOS = {
    "readme-patient": lambda: example("readme-patient"),
    "payer-employer-ketamine-benefit": lambda: example("payer-employer-ketamine-benefit"),
    "payer-medicare-part-b": lambda: example("payer-medicare-part-b"),
    "payer-medicaid": lambda: example("payer-medicaid"),
    "payer-self-pay": lambda: example("payer-self-pay"),
    "payer-va-facility": lambda: example("payer-va-facility"),
    "asked for the first time": lambda: asked(payer="employer-insured", **{"on_hand.fsa_left": 300}),
    "Medicare": lambda: asked(payer="medicare-part-b"),
    "Spravato": lambda: asked(payer="marketplace", protocol="spravato"),
    "spravato-in-network": lambda: example("spravato-in-network"),
    "the largest amounts": largest,
    "the longest course": longest,
    "the most that was entered": told,
}
CASES = [(name, language) for name in SCENARIOS for language in ("en", "es")]


@cache
def estimate_of(name: str) -> kc.Estimate:
    return kc.estimate(SCENARIOS[name]())


def show(page: Page, folder: Path, html: str) -> None:
    path = folder / "handout.html"
    path.write_text(html, encoding="utf-8")
    page.goto(path.as_uri())


def printed(page: Page) -> PdfReader:
    return PdfReader(BytesIO(page.pdf(prefer_css_page_size=True, tagged=True)))


MONTHS = {
    language: {name.lower(): month for month, name in enumerate(handouts.texts_of(language)["when"]["short_months"], 1)}
    for language in ("en", "es")
}
WRITTEN = {
    "en": r"(?P<month>[A-Z][a-z]+) (?P<day>\d\d?), (?P<year>20\d\d)",
    "es": r"\b(?P<day>\d\d?) (?:de )?(?P<month>[a-z]+) (?:de )?(?P<year>20\d\d)",
}


def days_in(text: str, language: str) -> set[str]:
    """Every whole date of a page, as in JSON."""
    found = set()
    for one in re.finditer(WRITTEN[language], text):
        month = MONTHS[language][one["month"][:3].lower()]
        found.add(f"{one['year']}-{month:02}-{int(one['day']):02}")
    return found


AMOUNT = r"\$\d{1,3}(?:,\d{3})*(?:\.\d\d)?"


def amounts_of(told: object) -> set[str]:
    """Every amount in JSON as pages print it: to ten dollars, to the dollar, to the cent, and as sentences say it."""
    text = json.dumps(told)
    found = set(re.findall(AMOUNT, text))
    for amount in re.findall(r'"-?(\d+\.\d\d)"', text):
        cents = cents_of(amount)
        found |= {about(cents), shown(cents), f"${(cents + 50) // 100:,}"}
    return found


def cents_of(amount: str) -> int:
    return int(amount.replace(".", ""))


@pytest.mark.parametrize(("name", "language"), CASES)
def test_it_is_one_tagged_letter_page_of_text_with_what_the_json_has(
    page: Page, tmp_path: Path, name: str, language: str
) -> None:
    """The page in another language prints with the page in English, each on a sheet of its own."""
    show(page, tmp_path, handout(estimate_of(name), language))
    pdf = printed(page)
    if pictures := os.environ.get("KETACOST_PICTURES"):
        page.pdf(path=Path(pictures) / f"handout {name} {language}.pdf", prefer_css_page_size=True, tagged=True)
    assert pdf.root_object["/MarkInfo"]["/Marked"]
    sheets = [sheet.extract_text() for sheet in pdf.pages]
    for sheet, text, one in zip(pdf.pages, sheets, dict.fromkeys((language, "en")), strict=True):
        assert (round(sheet.mediabox.width), round(sheet.mediabox.height)) == LETTER
        words, texts = text.split(), handouts.texts_of(one)
        for told in (texts["page"]["question"], texts["foot"]["estimate"], texts["page"]["counselor"]):
            assert told in " ".join(words)
        assert texts["page"]["print"] not in words
    is_told(sheets[0], kc.as_dict(estimate_of(name)), language)


@pytest.mark.parametrize("name", PATIENTS)
def test_the_handouts_of_the_three_patients_hold_what_run_prints(page: Page, tmp_path: Path, name: str) -> None:
    """Entered in a session, handed out in both languages; and its file, run on the command line."""
    session = entered(PATIENTS[name], date(2026, 11, 27))
    session.serve({"do": "download", "name": name})
    path = tmp_path / f"{name}.toml"
    path.write_text(session.shown()["told"]["file"]["text"], encoding="utf-8")
    told = json.loads(command("run", path, "--json"))
    for language in ("en", "es"):
        session.serve({"do": "handout", "language": language})
        show(page, tmp_path, session.shown()["told"]["page"])
        sheets = printed(page).pages
        is_told(sheets[0].extract_text(), told, language)
        assert len(sheets) == (1 if language == "en" else 2)


def is_told(text: str, told: Mapping[str, Any], language: str) -> None:
    """Every amount and every whole date of a page's text stands in the JSON of the answer."""
    text = " ".join(text.split())
    law = {"$400"} if "1-800" in text else set()
    strip = {
        about(sum(cents_of(month[row]) for month in months))
        for row in ("you_pay", "comes_back")
        for months in spans(told)
    }
    printed_amounts = set(re.findall(AMOUNT, text))
    assert len(printed_amounts) > 3
    assert printed_amounts - amounts_of(told) - strip - law - {"$0"} == set()
    days = days_in(text, language)
    assert len(days) > 1
    assert days - set(re.findall(r'"(\d{4}-\d\d-\d\d)"', json.dumps(told))) == set()


def spans(told: Mapping[str, Any]) -> Iterator[list[Any]]:
    """The months of JSON one by one, and as many together as a long strip has in a column."""
    for size in range(1, 8):
        yield from (told["months"][start : start + size] for start in range(0, len(told["months"]), size))


@pytest.mark.parametrize(("name", "language"), CASES)
def test_nothing_is_wider_than_its_place(page: Page, tmp_path: Path, name: str, language: str) -> None:
    show(page, tmp_path, handout(estimate_of(name), language))
    page.set_viewport_size({"width": 720, "height": 979})  # what the margins leave of a letter page
    page.emulate_media(media="print")
    wide = page.evaluate(
        "[...document.querySelectorAll('main :not(.unseen)')]"
        ".filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth).length"
    )
    page.emulate_media(media="null")
    page.set_viewport_size({"width": 816, "height": 1056})
    assert wide == 0


def test_a_question_of_four_lines_more_still_fits(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = type(
        "Asked",
        (),
        {
            "who": "insurer",
            "moves_cost": True,
            "sentence": "What do you count for each visit? " * 8,
            "sentence_es": "¿Cuánto cuentan por cada visita? " * 8,
        },
    )
    monkeypatch.setattr(handouts, "ask_next", lambda scenario: (long,))
    for language in ("en", "es"):
        show(page, tmp_path, handout(kc.estimate(longest()), language))
        assert len(printed(page).pages) == {"en": 1, "es": 2}[language]


def test_a_page_too_long_is_seen(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = tuple(Milestone(date(2027, 1, day), "plan_year") for day in range(1, 29))
    monkeypatch.setattr(handouts, "milestones", lambda estimate: many)
    monkeypatch.setattr(handouts, "MOST_DATES", 28)
    show(page, tmp_path, handout(kc.estimate(longest())))
    assert len(printed(page).pages) > 1


@pytest.mark.parametrize("language", ["en", "es"])
def test_letters_are_large_and_nothing_is_told_by_colour(page: Page, tmp_path: Path, language: str) -> None:
    show(page, tmp_path, handout(kc.estimate(example("payer-employer-ketamine-benefit")), language))
    for tag, size, colours in page.evaluate(STYLES):
        assert size >= LEAST, tag
        assert all(GREY.fullmatch(colour) for colour in colours), (tag, colours)
    bars = page.evaluate("[...document.querySelectorAll('.strip rect')].map((one) => getComputedStyle(one).fill)")
    assert set(bars) == {"rgb(0, 0, 0)", "rgb(255, 255, 255)"}


@pytest.mark.parametrize("language", ["en", "es"])
def test_it_has_no_accessibility_violation(page: Page, tmp_path: Path, language: str) -> None:
    show(page, tmp_path, handout(kc.estimate(example("readme-patient")), language))
    assert violations(page, rules=EVERY_RULE) == []


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
