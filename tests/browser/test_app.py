"""The calculator's notebook as an app: on this machine alone, no request to another host, for every screen and every reader."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import psutil
import pytest
import typer
from axe_playwright_python.sync_playwright import Axe
from commands import call, refused
from lab import NOTEBOOKS, browser, chromium, settled
from playwright.sync_api import Page, Route
from served import PANEL, app, open_app

import ketacost as kc
from ketacost.cli import app as cli
from ketacost.core.fields import KetacostError
from ketacost.jupyter import app as apps

NO_BROWSER = "no Chromium on this machine: install Debian's chromium, or name one in KETACOST_CHROMIUM"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = [360, 768, 1024, 1440, 1920]
HEADINGS = "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((h) => Number(h.tagName[1]))"
SMALL = """() => [...document.querySelectorAll('a, button, input, select, summary, textarea, [tabindex="0"]')]
    .filter((e) => e.checkVisibility({contentVisibilityAuto: true}) && getComputedStyle(e).display !== 'inline')
    .map((e) => [e.outerHTML.slice(0, 90), e.closest('label') && /checkbox|radio/.test(e.type) ? e.closest('label') : e])
    .map(([html, e]) => [html, e.getBoundingClientRect()])
    .filter(([html, box]) => box.right > 0 && (box.width < 24 || box.height < 24)).map(([html]) => html)"""
CUT_OFF = """() => [...document.querySelectorAll('#page .keta')].flatMap((panel) => {
    const edge = panel.getBoundingClientRect().right;
    return [...panel.querySelectorAll('*')]
        .filter((e) => e.checkVisibility({contentVisibilityAuto: true}) && !e.closest('.keta-live, caption, svg'))
        .filter((e) => !(e.parentElement.closest('.keta-scroll')) && e.getBoundingClientRect().right > edge + 0.5)
        .map((e) => `${e.tagName}.${e.className}: ${e.textContent.slice(0, 40)}`);
})"""


TABLES = """async () => {
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 300)));
    return [...document.querySelectorAll('#page .keta-detail .keta-scroll')].filter((box) => box.checkVisibility()).map((box) => ({
        name: box.getAttribute('aria-label'), wider: box.scrollWidth - box.clientWidth,
        hint: getComputedStyle(box, '::before').content,
        rows: [...box.querySelectorAll('tbody tr')].map((row) => [...row.cells].filter((cell) => cell.textContent).map(
            (cell) => [cell.dataset.label, getComputedStyle(cell, '::before').content])),
    }));
}"""
"""Each table in sight: by how much it is wider than its box, the hint over it, and each cell's heading and the words before it."""


def needs_browser() -> None:
    if not chromium():
        if os.environ.get("KETACOST_REQUIRE_BROWSER"):
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The served page. What is not on this machine is cut off and kept in `page.elsewhere`; so is every refusal."""
    needs_browser()
    folder = tmp_path_factory.mktemp("app")
    with app(folder, apps.FIRST) as (process, address), browser(1440, 900) as page:
        page.process, page.address, page.elsewhere, page.refused, page.waited = process.pid, address, [], [], []

        def listener(route: Route) -> None:
            if urlsplit(route.request.url).hostname == "127.0.0.1":
                route.continue_()
            else:
                page.elsewhere.append(route.request.url)
                route.abort()

        page.route("**", listener)
        page.on("response", lambda r: page.refused.append((r.status, r.url)) if r.status >= 400 else None)
        page.expose_function("told", lambda told: page.waited.append(told))
        page.add_init_script("""new MutationObserver(() => {
            const told = document.querySelector('#loading[role=status] #loading_text')?.textContent;
            if (told && told !== window.last) window.told(window.last = told);
        }).observe(document, {subtree: true, childList: true, characterData: true})""")
        open_app(page, address)
        yield page


def text(page: Page, part: str) -> str:
    return page.locator(PANEL).locator(part).first.inner_text()


def test_the_answer_stands_there_and_follows_a_control(page: Page) -> None:
    assert "You will almost certainly pay about $7,790" in text(page, ".keta-sentence")
    step = page.locator(PANEL).locator("[data-step=prices]")
    if step.get_attribute("open") is None:
        step.locator("> summary").click()
    box = page.locator(PANEL).locator("input[type=text][data-path='prices.iv-mood.infusion']")
    box.fill("650")
    box.press("Enter")
    page.wait_for_function("document.querySelector('.keta-sentence').textContent.includes('$10,040')")
    page.locator(PANEL).locator("[data-do=undo]").click()
    page.wait_for_function("document.querySelector('.keta-sentence').textContent.includes('$7,790')")


def test_while_the_cells_run_the_page_tells_how_far_it_is(page: Page) -> None:
    assert "Starting. This takes a few seconds." in page.waited
    parts = [told for told in page.waited if told.startswith("Working out the answer: part ")]
    assert len(parts) >= 2
    assert page.locator("#loading").count() == 0


def test_the_page_shows_no_code(page: Page) -> None:
    shown = page.locator("#page").inner_text()
    assert "import ketacost" not in shown
    assert "kc.Explorer(" not in shown


def test_a_figure_is_drawn(page: Page) -> None:
    page.locator(".js-plotly-plot .bars, .js-plotly-plot .waterfalllayer").first.wait_for(state="attached")


def test_the_page_has_title_language_landmarks_and_headings_in_order(page: Page) -> None:
    assert page.title() == "What will it cost? – ketacost"
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("meta[name=viewport]").get_attribute("content") == "width=device-width, initial-scale=1"
    assert [page.locator(f"body >> {part}").count() for part in ("header.app-top", "main", "footer.app-end")] == [
        1,
        1,
        1,
    ]
    levels = page.evaluate(HEADINGS)
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(new <= old + 1 for old, new in pairwise(levels))


def test_the_skip_link_is_the_first_stop_and_leads_to_the_page(page: Page) -> None:
    page.evaluate("document.activeElement?.blur(); window.getSelection().removeAllRanges(); window.scrollTo(0, 0)")
    link = page.locator("a.app-skip")
    link.focus()
    box = link.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    order = "[...document.querySelectorAll('a, button, input, select, summary, [tabindex]')][0].className"
    assert page.evaluate(order) == "app-skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "page"


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [360, 1440])
def test_the_whole_page_has_no_accessibility_violation(
    page: Page, width: int, scheme: Literal["dark", "light"]
) -> None:
    """The page is as light or as dark as the system, and so is the panel on it."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    settled(page)
    schemes = "[document.documentElement, document.querySelector('.keta')].map((e) => getComputedStyle(e).colorScheme)"
    assert page.evaluate(schemes) == [scheme, scheme]
    options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations", "passes"]}
    found = Axe().run(page, options=options).response
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found["violations"]] == []
    assert {"html-has-lang", "document-title", "color-contrast", "label"} <= {p["id"] for p in found["passes"]}


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_off_or_too_small_to_touch(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    settled(page)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(SMALL) == []
    if pictures := os.environ.get("KETACOST_PICTURES"):
        page.screenshot(path=Path(pictures) / f"app-{width}.png", full_page=True)


def unfolded_tabs(page: Page) -> Iterator[str]:
    """Show one tab after the other with everything in it unfolded."""
    if page.locator(PANEL).locator("[data-side=answer]").is_visible():
        page.locator(PANEL).locator("[data-side=answer]").click()
    for tab in page.locator(PANEL).locator("[data-tab]").all():
        tab.click()
        page.wait_for_function("!document.querySelector('#page .keta[data-waits]')")
        page.evaluate("for (const fold of document.querySelectorAll('#page .keta-detail details')) fold.open = true")
        page.wait_for_function(
            "!document.querySelector('#page .keta[data-waits], #page [data-part][open]:not([data-full])')"
        )
        yield tab.get_attribute("data-tab") or ""


def test_a_phone_shows_each_cell_under_its_heading_and_hides_no_column(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    tables = [table for _ in unfolded_tabs(page) for table in page.evaluate(TABLES)]
    assert {"What is not known", "What the plan may answer, likeliest first", "Line by line"} <= {
        t["name"] for t in tables
    }
    assert [(table["name"], table["wider"]) for table in tables if table["wider"] > 0] == []
    for table in tables:
        for row in table["rows"]:
            assert all(heading is None or words == f'"{heading}"' for heading, words in row), table["name"]
            assert len(row) < 3 or all(heading is not None for heading, _ in row), table["name"]


def test_a_wide_screen_shows_the_columns_and_says_where_some_are_out_of_sight(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    tables = []
    for _ in unfolded_tabs(page):
        tables += page.evaluate(TABLES)
        for chart in page.locator(f"{PANEL} >> .keta-chart").all():
            room, *drawn = chart.evaluate(
                "(chart) => [chart, ...chart.children].map((e) => e.getBoundingClientRect().width)"
            )
            assert [width for width in drawn if width] == [max(drawn)]
            assert max(drawn) > 0.9 * room
    wider = {table["name"] for table in tables if table["wider"] > 1}
    assert not wider & {"What is not known", "What the plan may answer, likeliest first", "Line by line", "Sources"}
    assert all(("Scroll sideways" in table["hint"]) == (table["name"] in wider) for table in tables)
    page.set_viewport_size({"width": 1120, "height": 900})
    narrow = [table for _ in unfolded_tabs(page) for table in page.evaluate(TABLES)]
    assert {table["name"] for table in narrow if "Scroll sideways" in table["hint"]} > wider


def test_the_headline_stays_in_sight_while_the_form_is_scrolled(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 600})
    for part in (".keta-net", ".keta-slim"):  # the large one as long as it is there, then the one in the bar
        page.evaluate(
            "window.scrollTo(0, document.querySelector('#page .keta-grid').getBoundingClientRect().top + window.scrollY + 300)"
        )
        settled(page)
        shown = page.locator(PANEL).locator(part)
        assert shown.is_visible()
        box = shown.bounding_box()
        assert box is not None
        assert 0 <= box["y"] < 200
        page.locator(PANEL).locator(".keta-answer").evaluate("(answer) => answer.scrollTo(0, 5000)")
        settled(page)
    page.evaluate("window.scrollTo(0, 0)")


@pytest.mark.parametrize("width", [720, 1280])
def test_text_twice_as_large_still_fits(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    settled(page)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    assert page.locator("#page h1").bounding_box()["height"] >= 2 * 1.75 * 16
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size({"width": 1440, "height": 900})


def test_another_template_cannot_be_asked_for(page: Page) -> None:
    page.goto(f"{page.address}&template=lab&theme=dark", wait_until="domcontentloaded")
    open_app(page, page.url)
    assert page.locator("header.app-top").count() == 1


def test_no_request_left_this_machine_and_the_console_stayed_clean(page: Page) -> None:
    """Nor did one while the page was opened for a second time, above."""
    page.wait_for_timeout(1_000)
    assert page.elsewhere == []
    assert page.refused == []
    assert page.problems == []


def test_the_browser_lets_nothing_out(page: Page) -> None:
    page.problems.clear()
    tried = page.evaluate("fetch('http://127.0.0.2:9999/?told=1').then(() => 'sent', () => 'stopped')")
    assert tried == "stopped"
    assert any("Content Security Policy" in problem for problem in page.problems)
    page.problems.clear()


def test_closing_the_page_ends_its_kernel(page: Page) -> None:
    page.unroute_all()  # a listener that we hold open ourselves would keep the page's last request
    own = max(psutil.Process(page.process).children(recursive=True), key=psutil.Process.create_time)
    assert own.is_running()
    page.goto("about:blank")
    own.wait(240)


# The server, without a browser


def status(address: str, **headers: str) -> int:
    """The status of an answer; a redirect is not followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    try:
        asked = urllib.request.Request(address, headers=headers)
        with urllib.request.build_opener(Stay).open(asked, timeout=240) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def wait_until(true: Callable[[], bool], seconds: float = 240) -> None:
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.05)
    assert true()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no Ctrl-C for one process alone")
def test_only_this_machine_with_its_key_is_served_and_ctrl_c_ends_it_all(tmp_path: Path) -> None:
    with socket.create_server((apps.HOST, 0)) as listener:  # not the usual port: another app may want that
        port = listener.getsockname()[1]
    with app(tmp_path, "--port", str(port)) as (process, address):
        parts = urlsplit(address)
        assert parts.hostname == "127.0.0.1"
        hosts = {c.laddr.ip for c in psutil.Process(process.pid).net_connections("inet") if c.status == "LISTEN"}
        assert hosts == {"127.0.0.1"}
        assert status(address) == 200
        kernels = psutil.Process(process.pid).children(recursive=True)
        assert len(kernels) == 1
        assert status(address.split("?")[0]) == 302, "without the key comes the question for it"
        assert status(address, Host="elsewhere.example") == 403, "another site's name for this machine"
        assert psutil.Process(process.pid).children(recursive=True) == kernels
        assert status(address) == 200
        kernels = psutil.Process(process.pid).children(recursive=True)
        assert len(kernels) == 2, "each page has its own kernel"
        log = tmp_path / "app.log"
        wait_until(lambda: "403 GET" in log.read_text("utf-8"))  # it is written after the answer has gone out
        process.send_signal(signal.SIGINT)
        assert process.wait(240) == 0
    assert psutil.wait_procs(kernels, 240)[1] == []
    assert status_of_port(parts.port) == "free"
    blocked, answered = log.read_text("utf-8").splitlines()
    assert blocked.startswith("Blocking request with non-local 'Host' elsewhere.example")
    assert answered.startswith("403 GET")
    assert (tmp_path / "app.out").read_text("utf-8").splitlines() == [apps.TITLE, "Ctrl-C ends it. Open:", address]


def status_of_port(port: int | None) -> str:
    with socket.socket() as listener:
        return "taken" if listener.connect_ex(("127.0.0.1", port or 0)) == 0 else "free"


def test_a_kernel_is_spoken_to_through_files_of_the_user_alone_where_their_names_fit() -> None:
    assert apps.private_sockets("/tmp") is (os.name != "nt")
    folder = "/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T"
    assert len(f"{folder}/voila_abcdefgh/kernel-00000000-0000-0000-0000-000000000000.json-ipc-5") > 103
    assert not apps.private_sockets(folder)


# Which notebook, which port


def test_a_taken_port_is_told_with_the_way_out() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        told = refused("app", "--no-browser", "--port", port)
    assert (
        told == f"port {port} is taken; end what runs there, give another --port, or leave it out to get a free one\n"
    )


def test_without_a_port_a_free_one_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        monkeypatch.setattr(apps, "PORT", listener.getsockname()[1])
        assert apps.free_port() not in (0, apps.PORT)
    assert apps.free_port() == apps.PORT


def test_a_port_that_another_app_takes_first_is_left_for_the_next(tmp_path: Path) -> None:
    """Two apps that start at once see the same port free; here the free one that is found is taken."""
    with socket.create_server((apps.HOST, 0)) as listener:
        taken = listener.getsockname()[1]
        late = (
            f"from ketacost import cli; from ketacost.jupyter import app; app.free_port = lambda *_: {taken}; cli.app()"
        )
        with app(tmp_path, program=("-c", late)) as (_, address):
            assert urlsplit(address).port not in (None, taken)


def test_a_missing_notebook_is_told_with_those_that_are_there() -> None:
    told = refused("app", "--no-browser", "99_nowhere")
    assert told.startswith(
        "there is no notebook 99_nowhere; give the path of one, or one of: 00_start_here, 01_what_will"
    )


def test_a_file_that_is_no_notebook_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("x")
    assert refused("app", "--no-browser", file) == f"{file} is not a notebook: give a file that ends in .ipynb\n"


def test_a_notebook_is_found_by_name_or_file(tmp_path: Path) -> None:
    first = NOTEBOOKS / "01_what_will_it_cost.ipynb"
    assert apps.notebook() == (first, ())
    assert apps.notebook("02_will_the_plan_pay") == (NOTEBOOKS / "02_will_the_plan_pay.ipynb", ())
    assert apps.notebook("02_will_the_plan_pay.ipynb") == (NOTEBOOKS / "02_will_the_plan_pay.ipynb", ())
    mine = tmp_path / "mine.ipynb"
    shutil.copy(first, mine)
    assert apps.notebook(str(mine)) == (mine.resolve(), ())
    found, told = apps.notebook("mine", folder=tmp_path)
    assert found == mine.resolve()
    assert "01_what_will_it_cost.ipynb: copied" in told


def test_without_a_name_it_is_the_panel_alone_and_a_scenario_opens_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "ours.toml"
    kc.save(kc.example("payer-va-facility"), file)
    for name, patient in (
        (None, "kc.last(None,"),
        ("medicare-spravato", "'medicare-spravato'"),
        (str(file), str(file)),
    ):
        path, told = apps.page_for(name)
        cells = json.loads(path.read_text("utf-8"))["cells"]
        assert [cell["cell_type"] for cell in cells] == ["markdown", "code", "markdown"]
        assert patient in cells[1]["source"]
        assert "today=date.today()" in cells[1]["source"]
        assert told == ()
    path, _ = apps.page_for(None, today=date(2026, 12, 1))
    assert "today=date.fromisoformat('2026-12-01')" in path.read_text("utf-8")
    with pytest.raises(KetacostError, match="names its own day"):
        apps.page_for("01_what_will_it_cost", tmp_path, date(2026, 12, 1))
    assert refused("app", "--no-browser", "nowhere.toml") == "there is no file nowhere.toml\n"


def test_behind_a_hub_it_answers_under_its_path_to_its_name(tmp_path: Path) -> None:
    shutil.copy(NOTEBOOKS / "01_what_will_it_cost.ipynb", tmp_path)
    notebook, folder = "01_what_will_it_cost.ipynb", str(tmp_path)
    with app(
        tmp_path, *(notebook, "--folder", folder), *("--base-path", "/user/ana/app", "--allow-host", "hub.example.org")
    ) as (_, address):
        assert urlsplit(address).path == "/user/ana/app/"
        assert status(address, Host="hub.example.org") == 200
        assert status(address, Host="elsewhere.example.org") == 403
        assert status(address.replace("/user/ana/app/", "/")) == 404


def test_the_help_names_the_command() -> None:
    assert "On this machine alone" in call("app", "--help").stdout


def test_the_commands_of_the_docs_are_understood() -> None:
    text = (NOTEBOOKS.parent / "docs" / "app.md").read_text("utf-8")
    commands = re.findall(r"^ketacost app(.*)$", text, re.MULTILINE)
    command = typer.main.get_command(cli).commands["app"]  # type: ignore[attr-defined]
    given = [command.make_context("app", shlex.split(words)).params for words in commands]
    assert [g["today"] for g in given if g["today"]] == ["2026-12-01"]
    assert [(g["what"], g["port"], g["no_browser"]) for g in given] == [
        (None, None, False),
        ("patient.toml", None, False),
        ("patient.toml", None, False),
        ("02_will_the_plan_pay", None, False),
        ("my-notebooks/clinic.ipynb", 8900, False),
        (None, None, True),
    ]
