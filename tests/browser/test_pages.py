"""A shared page of every shipped notebook, opened from the disk with the network cut: whole, drawn, reachable, clean."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from accessible import violations
from places import ROOT
from playwright.sync_api import Page
from shared_pages import cut_off, need_browser

from ketacost.sharing.page import read
from ketacost.sharing.share import share_notebook

NOTEBOOKS = sorted(path for path in (ROOT / "notebooks").glob("*.ipynb"))


class Pages(dict[str, Path]):
    """The shared page of each notebook, made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __missing__(self, name: str) -> Path:
        self[name] = share_notebook(NOTEBOOKS[0].parent / f"{name}.ipynb", self.folder / f"{name}.html").page
        return self[name]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    need_browser()
    return Pages(tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="module", params=[390, 1440], ids=["phone", "session"])
def screen(request: pytest.FixtureRequest) -> Iterator[Page]:
    need_browser()
    with cut_off(request.param) as shown:
        yield shown


@pytest.mark.parametrize("name", [path.stem for path in NOTEBOOKS])
def test_a_page_is_whole_without_a_network(pages: Pages, screen: Page, name: str) -> None:
    screen.problems.clear()  # type: ignore[attr-defined]
    screen.goto(pages[name].as_uri())
    figures = screen.locator(".live").count()
    assert figures == len(read(json.loads((NOTEBOOKS[0].parent / f"{name}.ipynb").read_text("utf-8"))).figures)
    if figures:
        screen.wait_for_selector("html.figures-drawn")
    assert screen.locator(".js-plotly-plot svg.main-svg >> nth=0").count() == min(figures, 1)
    assert screen.locator(".fig.drawn").count() == figures
    assert screen.locator(".fig .still:visible").count() == 0
    assert screen.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert violations(screen) == []
    assert screen.problems == []  # type: ignore[attr-defined]


def test_the_contents_lead_to_their_places(pages: Pages, screen: Page) -> None:
    screen.goto(pages["01_what_will_it_cost"].as_uri())
    if screen.locator("#contents[open]").count() == 0:
        screen.locator("#contents > summary").click()
    links = screen.locator(".contents li:not(.code-only) a")
    assert links.count() > 3
    for number in range(links.count()):
        links.nth(number).click()
        target = screen.evaluate("decodeURIComponent(location.hash.slice(1))")
        assert screen.locator(f"[id={json.dumps(target)}]").count() == 1
        assert screen.evaluate("document.querySelector(':target').getBoundingClientRect().top") < 900


def test_the_code_is_hidden_until_the_keyboard_asks_for_it(pages: Pages, screen: Page) -> None:
    screen.goto(pages["00_start_here"].as_uri())
    button, first = screen.locator("#code-button"), screen.locator(".code pre >> nth=0")
    assert (button.get_attribute("aria-expanded"), first.is_visible()) == ("false", False)
    button.focus()
    screen.keyboard.press("Enter")
    assert (button.get_attribute("aria-expanded"), button.inner_text()) == ("true", "Hide the code")
    assert first.is_visible()
    assert "import ketacost as kc" in first.inner_text()
    screen.keyboard.press("Space")
    assert (button.get_attribute("aria-expanded"), first.is_visible()) == ("false", False)


def test_the_keyboard_can_skip_to_the_content(pages: Pages, screen: Page) -> None:
    screen.goto(pages["00_start_here"].as_uri())
    screen.keyboard.press("Tab")
    assert screen.evaluate("document.activeElement.className") == "skip"
    screen.keyboard.press("Enter")
    assert screen.evaluate("document.activeElement.id") == "content"


def test_where_no_script_runs_pictures_and_code_stand_there(pages: Pages, screen: Page) -> None:
    assert screen.context.browser
    with screen.context.browser.new_context(java_script_enabled=False, offline=True) as without:
        shown = without.new_page()
        shown.goto(pages["01_what_will_it_cost"].as_uri())
        assert shown.locator(".fig .still:visible").count() == shown.locator(".fig").count() > 0
        assert shown.locator(".live:visible").count() == 0
        assert shown.locator(".code > summary:visible").count() > 3
        assert shown.locator("#code-button:visible").count() == 0
        assert shown.evaluate("document.querySelector('.still').getBoundingClientRect().width") > 300


def test_in_print_figures_are_pictures_and_citations_stand_open(pages: Pages, screen: Page) -> None:
    screen.goto(pages["03_out_of_network_step_by_step"].as_uri())
    screen.wait_for_selector("html.figures-drawn")
    screen.emulate_media(media="print")
    screen.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert screen.locator(".fig .still:visible").count() == screen.locator(".fig").count() > 0
    assert screen.locator(".live:visible, .contents:visible, button:visible").count() == 0
    assert screen.locator("details.prints tbody tr:visible").count() > 5
    link = "getComputedStyle(document.querySelector('details.prints a'), '::after').content"
    assert "https://" in screen.evaluate(link)
    screen.evaluate("dispatchEvent(new Event('afterprint'))")
    screen.emulate_media(media="screen")
    assert screen.locator("details.prints[open]").count() == 0
