"""A live page: one file, opened without a network, computes with this very package, to the cent."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from accessible import violations
from commands import said as command
from live_pages import ASK, NEVER_WAKES, TIMED, awake, left, many_scenarios, needed, opened, wait_for, wide
from places import ROOT
from playwright.sync_api import Page
from random_scenarios import MANY

import ketacost as kc
from ketacost.core.references import rows
from ketacost.estimate.estimate import estimate
from ketacost.estimate.intake import Intake
from ketacost.estimate.scenario import examples
from ketacost.files.scenario_files import as_toml, read_intake
from ketacost.reports.handout import handout
from ketacost.reports.json_output import in_cents
from ketacost.sharing.html import json_block, policy, script_block
from ketacost.sharing.live import live_page, live_parts
from ketacost.workbench.session import Session, plain_table

MAX_BYTES = 8_000_000


DAY = date.fromisoformat(max(row["read_on"] for row in rows("sources")))
"""The day of a page whose scenario names none."""


def beside(name: str = "readme-patient") -> Session:
    """A session of this Python beside the page's own."""
    return Session(kc.example(name), today=DAY)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    needed()
    path = tmp_path_factory.mktemp("live") / "live.html"
    path.write_text(live_page(kc.example("readme-patient")), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def page(file: Path) -> Iterator[Page]:
    with opened(file) as page:
        awake(page)
        yield page


def pictured(page: Page, name: str) -> None:
    if pictures := os.environ.get("KETACOST_PICTURES"):
        page.screenshot(path=Path(pictures) / f"live-{name}.png")


def step(page: Page, name: str) -> None:
    if page.locator(f"[data-step={name}]").get_attribute("open") is None:
        page.locator(f"[data-step={name}] > summary").click()


# The file


def test_the_file_is_small_and_the_same_each_time(file: Path) -> None:
    text = file.read_text("utf-8")
    assert len(text.encode()) <= MAX_BYTES
    assert text == live_page(kc.example("readme-patient"))


def test_the_policy_lets_nothing_in_and_names_each_script(file: Path) -> None:
    text = file.read_text("utf-8")
    told = unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1])
    rules = dict(rule.split(" ", 1) for rule in told.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["connect-src"] == "'none'"
    assert "unsafe-inline" not in rules["script-src"]
    assert "'unsafe-eval'" not in rules["script-src"]
    assert not re.search(r"https?:|\*", told)
    inline = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(inline) == 1
    assert base64.b64encode(hashlib.sha256(inline[0].encode()).digest()).decode() in rules["script-src"]


def test_nothing_in_the_file_is_fetched(file: Path) -> None:
    head = file.read_text("utf-8").split("<script")[0]
    assert not re.findall(r'<(?:link|script|iframe|object|embed|base)\b|\bsrc="(?!data:)|@import|url\(', head)


def test_words_cannot_end_a_block_or_start_a_tag() -> None:
    needed()
    mean = '</script><script>window.owned = 1</script><!-- " \u2028'
    assert "<" not in json_block({"title": mean})
    assert json.loads(json_block({"title": mean})) == {"title": mean}
    text = live_page(kc.example("readme-patient").replace(title=mean), title=mean)
    assert text.count("window.owned = 1</script>") == 0
    assert len(re.findall(r"<script>", text)) == 1


def test_the_example_of_the_docs_makes_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needed()
    told = (ROOT / "docs" / "live-page.md").read_text("utf-8")
    monkeypatch.chdir(tmp_path)
    exec(re.search(r"```python\n(.*?)```", told, re.DOTALL)[1], {})
    assert "<h1>What will it cost?</h1>" in (tmp_path / "what-will-it-cost.html").read_text("utf-8")


def test_a_block_says_what_it_is() -> None:
    assert script_block("x", type="a/b", data_part="wasm") == '<script type="a/b" data-part="wasm">x</script>'
    assert "; script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=' blob:; connect-src 'none'; " in policy(
        ["alert(1)"], {"script-src": ("blob:",)}
    )


def test_the_day_of_the_numbers_travels_in_the_file(file: Path) -> None:
    """Opened a year later it still works out what it shows."""
    block = re.search(r'id="ketacost-live"[^>]*>(.*?)</script>', file.read_text("utf-8"), re.DOTALL)[1]
    assert [one["table"]["today"] for one in json.loads(block)["sessions"]] == [DAY.isoformat()]


def test_the_licences_travel_in_the_file(file: Path) -> None:
    text = file.read_text("utf-8")
    for told in ("Mozilla Public License Version 2.0", "PYTHON SOFTWARE FOUNDATION LICENSE", "Taneli Hukkinen"):
        assert told in text


def test_verify_reads_the_page_and_reproduces_its_numbers(file: Path) -> None:
    assert "reproduces" in repr(kc.verify(file))


def test_a_language_that_is_not_there_is_told() -> None:
    with pytest.raises(kc.KetacostError, match="fr"):
        live_parts([kc.example("readme-patient")], language="fr")


# Before Python is awake


@pytest.mark.parametrize("width", [390, 1440])
def test_the_answer_stands_there_before_python_is_awake(file: Path, width: int) -> None:
    estimate = kc.estimate(kc.example("readme-patient"))
    with opened(file, width, 900, before=NEVER_WAKES) as page:
        page.locator(".keta-form [data-path]").first.wait_for(state="attached")
        assert page.locator(".keta-sentence").inner_text().startswith(estimate.sentence)
        assert "$7,790" in (page.locator(".keta-slim").text_content() or "")
        assert "is loading" in page.locator("[role=status]").first.inner_text()
        assert page.locator("progress").is_visible()
        assert page.locator("select[data-path='protocol']").is_enabled()
        assert page.evaluate("window.ketacost.state") == "waking"
        assert not wide(page)
        assert violations(page) == []
        pictured(page, f"asleep-{width}")
        assert left(page) == []
        assert page.said == []


def test_without_scripts_the_answer_is_read(file: Path) -> None:
    estimate = kc.estimate(kc.example("readme-patient"))
    with opened(file, java_script_enabled=False) as page:
        assert estimate.sentence in page.locator("main").inner_text()
        assert "Scripts are turned off" in page.locator("main").inner_text()
        assert page.locator("main table").count() >= 1


def test_moves_made_while_it_sleeps_are_all_served(file: Path) -> None:
    with opened(file) as page:
        page.locator(".keta-form [data-path]").first.wait_for(state="attached")
        step(page, "treatment")
        page.locator("input[type=number][data-path='visits.iv-mood.maintenance']").fill("4")
        page.locator("input[type=number][data-path='visits.iv-mood.induction']").fill("5")
        step(page, "prices")
        page.locator("input[type=text][data-path='prices.iv-mood.infusion']").fill("655")
        page.keyboard.press("Enter")
        early = page.evaluate("window.ketacost.state")
        awake(page)
        session = beside()
        session.set("visits.iv-mood.maintenance", "4")
        session.set("visits.iv-mood.induction", "5")
        session.set("prices.iv-mood.infusion", "655")
        wait_for(page, "window.ketacost.models[0].get('told').slim", session.shown()["told"]["slim"])
        assert page.evaluate("window.ketacost.models[0].get('you_pay')") == session.shown()["you_pay"]
        assert page.evaluate("window.ketacost.models[0].get('told').undo") == 3
        assert early == "waking"


def test_a_page_whose_python_is_broken_says_so(file: Path, tmp_path: Path) -> None:
    text = file.read_text("utf-8")
    broken = re.sub(r'(data-part="glue">)[^<]{200}', r"\1", text)
    assert broken != text
    path = tmp_path / "broken.html"
    path.write_text(broken, encoding="utf-8")
    with opened(path) as page:
        wait_for(page, "window.ketacost?.state", "failed")
        assert "could not start" in page.locator("[role=status]").first.inner_text()
        assert page.locator(".keta-form").get_attribute("inert") is not None
        assert kc.estimate(kc.example("readme-patient")).sentence in page.locator(".keta-sentence").inner_text()


def test_a_page_that_works_out_another_answer_says_so(file: Path, tmp_path: Path) -> None:
    text = file.read_text("utf-8")
    other = text.replace('"you_pay":778800', '"you_pay":778700')
    assert other != text
    path = tmp_path / "other.html"
    path.write_text(other, encoding="utf-8")
    with opened(path) as page:
        awake(page)
        assert "Trust neither" in page.locator("[role=status]").first.inner_text()


def test_the_panel_of_a_shared_notebook_lives(tmp_path: Path) -> None:
    needed()
    panel = kc.Explorer(kc.example("readme-patient"))._repr_mimebundle_()
    shown = panel[0] if isinstance(panel, tuple) else panel
    told = {"cell_type": "markdown", "metadata": {}, "source": "# What will it cost?"}
    made = {"output_type": "display_data", "metadata": {}, "data": shown}
    code = {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "panel", "outputs": [made]}
    (tmp_path / "one.ipynb").write_text(
        json.dumps({"cells": [told, code], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    )
    command("share", tmp_path / "one.ipynb", "-o", tmp_path / "one.html", "--live", "--no-pictures")
    session = beside()
    with opened(tmp_path / "one.html") as page:
        awake(page)
        assert page.evaluate("window.ketacost.models.length") == 1
        assert page.locator("#try-it").count() == 0, "the panel stands at the end, not where it stood"
        found = page.evaluate(ASK, [0, {"path": "visits.iv-mood.maintenance", "value": "4"}])
        session.set("visits.iv-mood.maintenance", "4")
        assert found["you_pay"] == session.shown()["you_pay"]
        step(page, "treatment")
        page.locator("input[type=number][data-path='visits.iv-mood.maintenance']").fill("3")
        session.set("visits.iv-mood.maintenance", "3")
        wait_for(page, "window.ketacost.models[0].get('told').slim", session.shown()["told"]["slim"])
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate("scrollTo(0, document.body.scrollHeight)")
            assert violations(page) == []
            assert not wide(page)
            pictured(page, f"notebook-{width}")
        assert left(page) == []
        assert page.said == []


def test_several_panels_share_one_python(tmp_path: Path) -> None:
    needed()
    names = ("readme-patient", "spravato-in-network")
    made = live_parts([kc.example(name) for name in names], language="es")
    path = tmp_path / "two.html"
    rules, blocks = policy(made.scripts, made.csp), "".join(made.blocks)
    path.write_text(
        f'<!doctype html><html lang="es"><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{rules}">'
        f"<title>2</title><style>{made.css}</style><main>{''.join(made.html)}</main>{blocks}",
        encoding="utf-8",
    )
    with opened(path) as page:
        awake(page)
        assert "está lista" in page.locator("[role=status]").first.inner_text()
        found = page.evaluate(ASK, [1, {"path": "visits.iv-mood.maintenance", "value": "3"}])
        session = beside("spravato-in-network")
        session.serve({"path": "visits.iv-mood.maintenance", "value": "3"})
        assert found["you_pay"] == session.shown()["you_pay"]
        assert page.evaluate("window.ketacost.models[0].get('you_pay')") == 778_800
        assert page.said == []


# Awake


def test_it_says_that_it_is_awake_and_still_shows_the_same_answer(page: Page) -> None:
    assert "nothing you enter leaves this computer" in page.locator("[role=status]").first.inner_text()
    assert page.locator("progress").is_hidden()
    assert page.locator(".keta-sentence").inner_text().startswith(kc.estimate(kc.example("readme-patient")).sentence)


MOVES = [
    {"path": "visits.iv-mood.maintenance", "value": "3"},
    {"path": "prices.iv-mood.infusion", "value": "612.50"},
    {"path": "unknown:prices.iv-mood.infusion", "value": True},
    {"path": "terms.out.deductible", "value": "two thousand"},
    {"path": "terms.out.deductible", "value": "1,750"},
    {"path": "coverage", "value": "infusions too"},
    {"path": "pricing.out.method", "value": "share of charge"},
    {"path": "household.state", "value": "CA"},
    {"path": "plan", "value": "cmu-2026-hmo-epo"},
    {"do": "undo"},
    {"do": "why", "figure": "net"},
    {"path": "protocol", "value": "spravato"},
    {"do": "log", "day": "2026-11-20", "about": "", "answer": "yes", "reference": ""},
    {"do": "handout", "language": "es"},
    {"do": "download", "name": "mine"},
    {"do": "redo"},
]


def test_each_request_is_served_as_in_jupyterlab(page: Page) -> None:
    session = beside()
    for asked in MOVES:
        session.serve(asked)
        shown = json.loads(json.dumps(session.shown()))
        found = page.evaluate(ASK, [0, asked])
        del found["told"]["number"]
        assert [name for name in shown if found[name] != shown[name]] == [], asked
    for _ in range(session.shown()["told"]["undo"]):
        page.evaluate(ASK, [0, {"do": "undo"}])
    assert page.evaluate("window.ketacost.models[0].get('you_pay')") == 778_800


def test_an_arrow_key_in_a_field_moves_the_answer(page: Page) -> None:
    step(page, "treatment")
    page.locator("input[data-path='visits.iv-mood.maintenance']").focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    session = beside()
    session.set("visits.iv-mood.maintenance", "6")
    wait_for(page, "document.querySelector('.keta-slim').textContent", session.shown()["told"]["slim"])
    page.locator("[data-do=undo]").click()
    wait_for(page, "document.querySelector('[data-do=undo]').disabled", False)


def test_the_cents_are_those_of_this_python(page: Page) -> None:
    scenarios = [*(kc.example(name) for name in examples()), *many_scenarios(MANY // 10)]
    for start in range(0, len(scenarios), 250):
        part = scenarios[start : start + 250]
        found = page.evaluate("(tables) => window.ketacost.cents(tables)", [plain_table(one) for one in part])
        wrong = [
            one
            for one, theirs in zip(part, found, strict=True)
            if json.loads(json.dumps(in_cents(estimate(one)))) != theirs
        ]
        assert wrong == []


def test_a_scenario_goes_out_as_a_file_and_comes_back(page: Page, tmp_path: Path) -> None:
    page.locator(".keta-bar [data-window=save]").click()
    with page.expect_download() as caught:
        page.locator("[data-send=download]").click()
    path = tmp_path / caught.value.suggested_filename
    caught.value.save_as(path)
    kept = kc.load(path)
    assert kc.estimate(kept).likely == page.evaluate("window.ketacost.models[0].get('you_pay')")
    other = kc.example("family-september-plan-year")
    (tmp_path / "other.toml").write_text(as_toml(other), encoding="utf-8")
    page.locator(".keta-bar [data-window=open]").click()
    page.locator(".keta-dialog input[type=file]").set_input_files(tmp_path / "other.toml")
    wait_for(page, "window.ketacost.models[0].get('you_pay')", kc.estimate(other).likely)
    page.locator("[data-do=undo]").click()
    wait_for(page, "window.ketacost.models[0].get('you_pay')", kc.estimate(kept).likely)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_handout_opens_in_a_window(page: Page, language: str) -> None:
    session = Session(now(page), today=DAY)
    page.locator(".keta-bar [data-window=handout]").click()
    with page.context.expect_page() as caught:
        page.locator(f"[data-send=handout][data-language={language}]").click()
    citation = caught.value
    said: list[str] = []
    citation.on("console", lambda message: said.append(message.text))
    citation.locator("#print").wait_for()
    wanted = re.sub(
        r"<[^>]+>|\s", "", unescape(handout(session.estimate, language).split("<main")[1].partition(">")[2])
    )
    shown = re.sub(r"\s", "", unescape(re.sub(r"<[^>]+>", "", citation.locator("main").inner_html())))
    assert shown == wanted.split("document.getElementById")[0]
    citation.evaluate("window.print = () => { window.printed = true; }")
    citation.locator("#print").click()
    assert citation.evaluate("window.printed") is True
    assert said == []
    citation.close()


def now(page: Page) -> Intake:
    """What was said in the page, as its own file tells it."""
    found = page.evaluate(ASK, [0, {"do": "download", "name": "now"}])
    return read_intake(found["told"]["file"]["text"], "now.toml", today=DAY)[0]


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_awake_it_is_accessible_and_as_wide_as_the_screen(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    for name in ("treatment", "plan"):
        step(page, name)
        page.evaluate(
            "scrollTo(0, document.body.scrollHeight)"
        )  # on a phone the dock lies over what is scrolled under it
        assert violations(page) == []
        assert not wide(page)
    page.evaluate("scrollTo(0, 0)")
    pictured(page, f"awake-{width}")


def test_its_memory_stays_flat_over_200_moves(page: Page) -> None:
    moves = [
        ("visits.iv-mood.maintenance", str(2 + number % 9))
        if number % 2
        else ("prices.iv-mood.infusion", str(400 + number % 25))
        for number in range(200)
    ]
    page.evaluate(TIMED, moves[:50])
    before, drawn = page.evaluate("window.ketacost.memory()"), kept(page)
    page.evaluate(TIMED, moves)
    after, drawn_after = page.evaluate("window.ketacost.memory()"), kept(page)
    print(
        f"\nPython in the page: {before / 1e6:.0f} MB, after 200 moves {after / 1e6:.0f} MB; what is drawn: {drawn_after / 1e6:.1f}"
    )
    assert after - before <= 1_600_000
    assert drawn_after - drawn <= 3_000_000, "what was drawn before is kept"


def kept(page: Page) -> float:
    """The bytes of the page's own objects once its waste was collected."""
    session = page.context.new_cdp_session(page)
    for what in ("HeapProfiler.enable", "HeapProfiler.collectGarbage", "Performance.enable"):
        session.send(what)
    found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return float(found["JSHeapUsedSize"])


def test_nothing_was_asked_of_a_network_and_nothing_complained(page: Page) -> None:
    assert left(page) == []
    assert page.said == []
    assert page.problems == []
