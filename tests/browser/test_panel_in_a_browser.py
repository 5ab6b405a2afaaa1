"""A counselor's notebook in a real JupyterLab: open, run all, move controls, see the answer change, no console errors.

The times it prints are for reading (pytest -s); speed is judged in benchmarks, not here.
"""

from __future__ import annotations

import os
import signal
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest
from accessible import EVERY_RULE, violations
from lab import browser, chromium, lab, open_and_run, settled
from playwright.sync_api import Page

import ketacost as kc
from ketacost.core.money import about

NO_BROWSER = "no Chromium on this machine: install Debian's chromium, or name one in KETACOST_CHROMIUM"
PANEL = ".keta >> nth=0"
CLOCK = """() => {
    window.times = [];
    const head = document.querySelector('.keta .keta-head');
    document.addEventListener('keydown', () => { window.from = performance.now(); window.was = head.textContent; }, true);
    new MutationObserver(() => {
        if (window.from === undefined || head.textContent === window.was) return;
        const from = window.from;
        window.from = undefined;
        requestAnimationFrame(() => requestAnimationFrame(() => window.times.push(performance.now() - from)));
    }).observe(head, {subtree: true, childList: true, characterData: true});
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    if not chromium():
        if os.environ.get("KETACOST_REQUIRE_BROWSER"):
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    with lab(tmp_path_factory.mktemp("lab")) as address, browser(1440, 900) as page:
        page.address = address
        open_and_run(page, address, "01_what_will_it_cost.ipynb")
        page.wait_for_selector(f"{PANEL} >> .keta-number")
        page.evaluate("document.querySelector('.keta').scrollIntoView({block: 'start'})")
        page.locator(PANEL).locator(".keta-sentence").wait_for(state="visible")
        yield page


def text(page: Page, part: str) -> str:
    return page.locator(PANEL).locator(part).first.inner_text()


def open_step(page: Page, step: str) -> None:
    if page.locator(PANEL).locator(f"[data-step={step}]").get_attribute("open") is None:
        page.locator(PANEL).locator(f"[data-step={step}] > summary").click()


def open_tab(page: Page, name: str) -> None:
    tab = page.locator(PANEL).locator(f"[data-tab={name}]")
    if tab.get_attribute("aria-selected") == "false":
        tab.click()
    page.wait_for_function("!document.querySelector('.keta').hasAttribute('data-waits')")


def wait_until(page: Page, part: str, told: str) -> None:
    page.wait_for_function(
        "([part, told]) => document.querySelector('.keta').querySelector(part).textContent.includes(told)",
        arg=[part, told],
    )


def test_the_sentence_the_chart_and_the_table_follow_a_control(page: Page) -> None:
    before = shown(page)
    assert "You will almost certainly pay about $7,790" in before[0]
    open_step(page, "prices")
    page.locator(PANEL).locator("input[type=text][data-path='prices.iv-mood.infusion']").fill("650")
    page.keyboard.press("Enter")
    wait_until(page, ".keta-sentence", "$10,040")
    after = shown(page)
    assert all(old != new for old, new in zip(before, after, strict=True))
    assert "$10,038.00" in after[1]
    assert "15 at $650" in after[2]


def shown(page: Page) -> list[str]:
    """The sentence, the bars and the lines, each in its tab."""
    texts = [text(page, ".keta-sentence")]
    for tab, part in (("money", ".keta-bars"), ("lines", "[aria-label='Equal lines, grouped']")):
        open_tab(page, tab)
        texts.append(text(page, part))
    return texts


def test_undo_brings_the_answer_back(page: Page) -> None:
    page.locator(PANEL).locator("[data-do=undo]").click()
    wait_until(page, ".keta-sentence", "$7,790")
    assert page.locator(PANEL).locator(".keta-slim").text_content() == "You will likely pay $7,790"


def test_what_cannot_be_is_told_beside_the_control(page: Page) -> None:
    open_step(page, "plan")
    box = page.locator(PANEL).locator("input[type=text][data-path='terms.out.deductible']")
    box.fill("two thousand")
    box.press("Enter")
    problem = page.locator(PANEL).locator("[data-for='terms.out.deductible'] .keta-problem")
    problem.wait_for(state="visible")
    assert "should be a number such as 600" in problem.inner_text()
    assert box.input_value() == "two thousand"
    box.fill("2,250")
    box.press("Enter")
    problem.wait_for(state="hidden")


def test_the_coverage_cards_and_the_plan_change_the_answer(page: Page) -> None:
    open_step(page, "plan")
    page.locator(PANEL).locator("input[type=radio][value='infusions too']").check()
    wait_until(page, ".keta-sentence", "you will likely pay about $7,520; in 8 of 10 cases $6,290 to $7,790")
    open_step(page, "plan")
    page.locator(PANEL).locator("select[data-path='plan']").select_option("cmu-2026-hmo-epo")
    wait_until(page, "[data-step=plan] .keta-s", "no benefit")
    for _ in range(2):
        page.locator(PANEL).locator("[data-do=undo]").click()
    wait_until(page, ".keta-sentence", "almost certainly pay about $7,790")


def test_keys_in_a_control_never_reach_the_notebook(page: Page) -> None:
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    open_step(page, "treatment")
    page.locator(PANEL).locator("input[data-path='visits.iv-mood.maintenance']").focus()
    page.keyboard.press("d")
    page.keyboard.press("d")
    page.locator(PANEL).locator("select[data-path='protocol']").focus()
    page.keyboard.press("x")
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells


def tab_to(page: Page, what: str) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(90):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.matches({what!r})"):
            return
    pytest.fail(f"{what} was not reached with Tab")


def test_the_five_steps_and_a_window_work_by_keyboard_alone(page: Page) -> None:
    for step in reversed(page.locator(PANEL).locator(".keta-step[open] > summary").all()):
        step.press("Enter")
    page.locator(PANEL).locator("[data-step=who] > summary").press("Enter")
    page.locator(PANEL).locator("[data-step=who] > summary").focus()
    for step in ("treatment", "prices", "plan", "help"):
        tab_to(page, ".keta-next")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.closest('details').dataset.step") == step
        assert page.locator(PANEL).locator(".keta-step[open]").count() == 1
    tab_to(page, ".keta-next")
    page.keyboard.press("Enter")
    page.locator(PANEL).locator("dialog[open]").wait_for()
    assert "A page to hand over" in page.locator(PANEL).locator("dialog h3").inner_text()
    page.keyboard.press("Escape")
    page.locator(PANEL).locator("dialog").wait_for(state="hidden")
    assert page.evaluate("document.activeElement.matches('.keta-next')")


def test_every_figure_says_why(page: Page) -> None:
    open_step(page, "plan")
    page.locator(PANEL).locator("input[type=radio][value='infusions too']").check()
    wait_until(page, ".keta-sentence", "you will likely pay about $7,520")
    open_tab(page, "money")
    page.locator(PANEL).locator(".keta-bars [data-why=deductible]").click()
    inside = page.locator(PANEL).locator("dialog[open] .keta-inside")
    inside.wait_for()
    assert "$248.30 of it: $2,250.00 of the deductible was left" in inside.inner_text()
    assert "NextGen" in inside.inner_text()
    assert violations(page, ".keta dialog", EVERY_RULE) == []
    page.keyboard.press("Escape")
    page.locator(PANEL).locator("[data-do=undo]").click()
    wait_until(page, ".keta-sentence", "almost certainly pay about $7,790")


def test_a_picked_answer_shows_its_details(page: Page) -> None:
    open_tab(page, "money")
    page.locator(PANEL).locator("input[data-pick='1']").check(force=True)
    wait_until(page, ".keta-detail", "Shown here: the plan covers the infusions too (1 in 50).")
    assert page.locator(PANEL).locator(".keta-likely b").inner_text() == "$7,790"
    page.locator(PANEL).locator("input[data-pick='0']").check(force=True)
    page.wait_for_function("!document.querySelector('.keta .keta-detail').textContent.includes('Shown here')")


def test_a_scenario_is_saved_in_the_folder_and_opened_again(page: Page) -> None:
    page.locator(PANEL).locator("[data-window=save]").first.click()
    page.locator(PANEL).locator("dialog input[name=name]").fill("kept by a test")
    page.locator(PANEL).locator("dialog [data-send=save]").click()
    wait_until(page, ".keta-said", "Saved as scenarios/kept by a test.toml")
    with page.expect_download() as file:
        page.locator(PANEL).locator("[data-window=save]").first.click()
        page.locator(PANEL).locator("dialog [data-send=download]").click()
    assert file.value.suggested_filename == "iv-mood 2026-11-30.toml"
    assert kc.load(file.value.path().rename(file.value.path().with_suffix(".toml"))).course.protocol == "iv-mood"
    open_step(page, "treatment")
    page.locator(PANEL).locator("input[type=number][data-path='visits.iv-mood.maintenance']").fill("3")
    wait_until(page, ".keta-sentence", "$4,790")
    page.locator(PANEL).locator("[data-window=open]").click()
    page.locator(PANEL).locator("dialog [data-name='kept by a test.toml']").click()
    wait_until(page, "[data-step=treatment] .keta-s", "16 visits")
    assert "Undo brings back what was here" in text(page, ".keta-said")


def test_the_longer_parts_are_worked_out_when_they_are_opened(page: Page) -> None:
    open_tab(page, "compare")
    for part, told in (
        ("starts", "plan year Jan 2027"),
        ("routes", "At-home oral ketamine"),
        ("calculators", "forgets"),
    ):
        page.locator(PANEL).locator(f"[data-part={part}] > summary").click()
        wait_until(page, f"[data-part={part}]", told)
    assert violations(page, ".keta-detail", EVERY_RULE) == []
    for part in ("starts", "routes", "calculators"):
        page.locator(PANEL).locator(f"[data-part={part}] > summary").click()


def test_an_answer_of_the_insurer_is_written_down(page: Page) -> None:
    open_tab(page, "ask")
    page.locator(PANEL).locator(".keta-ask [data-window=log]").first.click()
    window = page.locator(PANEL).locator("dialog[open]")
    assert "What did" in window.locator("h3").inner_text()
    window.locator("[name=value]").select_option(index=1)
    window.locator("[name=reference]").fill("R-77")
    window.locator("[data-send=log]").click()
    wait_until(page, ".keta-detail", "R-77")
    page.locator(PANEL).locator("[data-do=undo]").click()
    page.wait_for_function("!document.querySelector('.keta .keta-detail').textContent.includes('R-77')")


def test_every_field_at_once_for_the_expert(page: Page) -> None:
    before = page.locator(PANEL).locator(".keta-step[open]").count()
    page.locator(PANEL).locator("[data-mode]").click()
    assert page.locator(PANEL).locator(".keta-step[open]").count() == 5
    assert page.locator(PANEL).locator("input[data-path='stop_after.iv-mood']").is_visible()
    page.locator(PANEL).locator("[data-mode]").click()
    assert page.locator(PANEL).locator(".keta-step[open]").count() == before


def test_the_arrow_keys_in_a_field_repaint_while_they_move_it(page: Page) -> None:
    open_step(page, "treatment")
    page.evaluate(CLOCK)
    page.locator(PANEL).locator("input[data-path='visits.iv-mood.maintenance']").focus()
    for move in range(40):
        done = page.evaluate("window.times.length")
        page.keyboard.press("ArrowUp" if move < 20 else "ArrowDown")
        page.wait_for_function(f"window.times.length > {done}")
    times = sorted(page.evaluate("window.times"))
    print(
        f"\nkey to paint, {len(times)} moves: median {statistics.median(times):.0f} ms, 95th {times[int(0.95 * len(times))]:.0f} ms"
    )
    wait_until(page, ".keta-slim", "You will likely pay $7,790")


EXECUTE = "code => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({code}).done"


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot stop a process and let it go on")
def test_a_panel_whose_kernel_stands_still_says_so_and_lives_on(page: Page, tmp_path: Path) -> None:
    open_step(page, "treatment")
    page.evaluate(EXECUTE, f"import os, pathlib; pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))")
    kernel = int((tmp_path / "pid").read_text())
    banner = page.locator(PANEL).locator(".keta-banner")
    visits = page.locator(PANEL).locator("input[type=number][data-path='visits.iv-mood.maintenance']")
    before, slim = visits.input_value(), page.locator(PANEL).locator(".keta-slim").text_content()
    os.kill(kernel, signal.SIGSTOP)
    try:
        visits.fill("4")
        banner.wait_for()
        banner.get_by_role("button", name="Try again").click()
        banner.wait_for(state="hidden")
        banner.wait_for()
        if pictures := os.environ.get("KETACOST_PICTURES"):
            page.screenshot(path=Path(pictures) / "no-answer-lab.png")
        banner.get_by_role("button", name="Undo").click()
        banner.wait_for()
        visits.fill("5")
    finally:
        os.kill(kernel, signal.SIGCONT)
    wait_until(page, "[data-step=treatment] .keta-s", "12 visits")
    banner.wait_for(state="hidden")
    assert visits.input_value() == "5"
    page.locator(PANEL).locator("[data-do=undo]").click()  # one step: what was sent twice was done once
    wait_until(page, ".keta-slim", slim)
    page.wait_for_function("!document.querySelector('.keta').hasAttribute('data-waits')")  # the form comes last
    assert visits.input_value() == before


def test_the_panel_has_no_accessibility_violation(page: Page) -> None:
    for step in ("who", "treatment", "prices", "plan", "help"):
        open_step(page, step)
        assert violations(page, ".keta", EVERY_RULE) == []


def test_the_state_survives_a_reload_of_the_page(page: Page) -> None:
    open_step(page, "treatment")
    page.locator(PANEL).locator("input[type=number][data-path='visits.iv-mood.maintenance']").fill("4")
    wait_until(page, "[data-step=treatment] .keta-s", "11 visits")
    page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")  # a promise: it is kept once it is written
    page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
    page.goto(f"{page.address}/lab/tree/01_what_will_it_cost.ipynb?reset", wait_until="domcontentloaded")
    page.wait_for_selector(f"{PANEL} >> .keta-number")
    wait_until(page, "[data-step=treatment] .keta-s", "11 visits")
    assert (
        page.locator(PANEL).locator("input[type=number][data-path='visits.iv-mood.maintenance']").input_value() == "4"
    )


def test_the_console_stayed_clean(page: Page) -> None:
    assert page.problems == []


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768)])
def test_the_answer_is_beside_or_above_the_form(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    for _ in range(2):  # the cells above take another height once they are drawn at this width
        page.evaluate("document.querySelector('.keta').scrollIntoView({block: 'start'})")
        settled(page)
    head = page.locator(PANEL).locator(".keta-tabs").bounding_box()
    assert head is not None
    assert head["y"] + head["height"] < height
    if pictures := os.environ.get("KETACOST_PICTURES"):
        page.screenshot(path=Path(pictures) / f"explorer-{width}x{height}.png")


@pytest.mark.parametrize(
    ("notebook", "step", "control", "value", "told"),
    [
        ("04_hsa_and_fsa", "help", "select[data-path='household.state']", "TX", "TX; $"),
        ("02_will_the_plan_pay", "plan", "input[type=text][data-path$='.iv-mood.infusions']", "50", "5 in 10"),
        (
            "03_out_of_network_step_by_step",
            "plan",
            "select[data-path='pricing.out.method']",
            "share of charge",
            "80% of the charge",
        ),
    ],
)
def test_the_other_panels_answer_too(page: Page, notebook: str, step: str, control: str, value: str, told: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.problems.clear()
    open_and_run(page, page.address, f"{notebook}.ipynb")
    page.wait_for_selector(f"{PANEL} >> .keta-number")
    page.evaluate("document.querySelector('.keta').scrollIntoView({block: 'start'})")
    assert page.locator(PANEL).locator(f"[data-step={step}]").get_attribute("open") is not None
    moved = page.locator(PANEL).locator(control)
    if control.startswith("select"):
        moved.select_option(value)
    else:
        moved.fill(value)
        moved.press("Enter")
    wait_until(page, ".keta-form", told)
    assert violations(page, ".keta", EVERY_RULE) == []
    assert page.problems == []
    if pictures := os.environ.get("KETACOST_PICTURES"):
        page.screenshot(path=Path(pictures) / f"{notebook}.png")


def test_a_form_that_is_made_anew_keeps_the_control_that_is_held(page: Page) -> None:
    """JupyterLab keeps every key event with the elements it went through: the old form must not hang on to them."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.problems.clear()
    open_and_run(page, page.address, "01_what_will_it_cost.ipynb")
    page.wait_for_selector(f"{PANEL} >> .keta-number")
    page.evaluate("document.querySelector('.keta').scrollIntoView({block: 'start'})")
    open_step(page, "treatment")
    page.locator(PANEL).locator("select[data-path='protocol']").focus()
    page.evaluate("window.held = document.activeElement")
    before = page.locator(PANEL).locator("[data-step=treatment] .keta-control").count()
    for protocol in ("spravato", "iv-mood"):
        page.locator(PANEL).locator("select[data-path='protocol']").select_option(protocol)
        page.wait_for_function(
            "told => document.querySelector('.keta [data-step=treatment] .keta-s').textContent.includes(told)",
            arg={"spravato": "Spravato", "iv-mood": "IV ketamine"}[protocol],
        )
        assert page.evaluate("window.held === document.activeElement && window.held.isConnected")
    assert page.locator(PANEL).locator("[data-step=treatment] .keta-control").count() == before
    assert page.problems == []


def test_the_panel_stands_beside_plain_ipywidgets(page: Page) -> None:
    page.problems.clear()
    open_and_run(page, page.address, "06_change_the_model.ipynb")
    page.locator(".widget-vbox .keta").wait_for(state="attached")
    shown = page.locator(".widget-vbox .keta .keta-likely b").first.text_content()
    dollars = int(page.locator(".widget-vbox input[type=number]").first.input_value())
    assert shown == about(100 * dollars)
    assert page.problems == []
