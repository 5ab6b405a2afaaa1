"""What a shared page says and holds, as text: its frame, its policy, its figures as sentences and tables, its sources."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from places import ROOT
from shared_pages import book, code, display, html, left_out, page, told, wrong_page

from ketacost.sharing.browser import bundle_for, bundle_text, figure
from ketacost.sharing.html import policy
from ketacost.sharing.page import as_of_day, question_of, read, scenarios_named
from ketacost.sharing.sanitize import clean_html

NOTEBOOKS = sorted(path for path in (ROOT / "notebooks").glob("*.ipynb"))
PLOTLY = "application/vnd.plotly.v1+json"
SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"></rect></svg>'


def drawing(**spec: Any) -> dict[str, Any]:
    return code(display({PLOTLY: spec}))


def test_the_page_names_its_title_question_day_and_language() -> None:
    cells = told("# What it *costs*\n\n**How much, for \\$5?** Numbers as of **23 November 2026**: they go stale.")
    made = page(book(cells, told("## One"), told("### Two <b>b</b>"), told("## One")), language="es")
    assert made.title == "What it costs"
    assert '<meta name="description" content="How much, for $5?">' in made.html
    assert '<meta name="ketacost-as-of" content="23 November 2026">' in made.html
    assert '<html lang="es">' in made.html
    assert '<main id="content" tabindex="-1" lang="en">' in made.html
    assert "<title>What it costs</title>" in made.html
    assert "Cifras al 23 November 2026." in made.html
    links = re.findall(r'<li(?: class="sub")?><a href="#([^"]*)">', made.html)
    assert links == ["s-One", "s-Two-b", "s-One-2", "sources"]
    assert all(f'id="{link}"' in made.html for link in links)


def test_a_notebook_without_words_of_its_own_still_makes_a_page() -> None:
    made = page(book(), name="untitled")
    assert made.title == "untitled"
    assert re.search(r'<meta name="ketacost-as-of" content="\d{4}-\d\d-\d\d">', made.html)
    assert wrong_page(made.html) == []


def test_links_between_headings_go_on_working() -> None:
    made = page(book(told("# T\n\n[there](#What-we-do-not-know)"), told("## What we do not know"))).html
    assert 'href="#s-What-we-do-not-know"' in made
    assert '<h2 id="s-What-we-do-not-know"' in made


def test_a_heading_over_code_alone_hides_with_the_code() -> None:
    silent = code(source="import ketacost as kc")
    made = page(book(told("# T"), told("## One import"), silent, told("## Two"), html("<p>x</p>"))).html
    assert '<div class="words code-only"><h2 id="s-One-import"' in made
    assert '<li class="code-only"><a href="#s-One-import">' in made
    assert '<div class="words"><h2 id="s-Two"' in made


def test_controls_that_would_be_dead_are_named_not_shown() -> None:
    widget = {"text/plain": "VBox(children=(FloatText(value=1.0),))"}
    made = page(book(told("# T"), code(display(widget)))).html
    assert "VBox" not in made
    assert "Controls were here. They need the notebook." in made


def test_a_panel_shows_its_picture_its_tables_and_its_scenario() -> None:
    picture = b64encode(SQUARE.encode()).decode()
    shown = (
        '<div class="ketacost"><p><strong>You pay $5.</strong></p>'
        f'<img alt="Bars" src="data:image/svg+xml;base64,{picture}">'
        "<table><caption>Lines</caption><tbody><tr><td>1</td></tr></tbody></table></div>"
    )
    scenario = {"title": "A course", "coverage": "denied"}
    cell = code(
        display({"text/html": shown, "text/plain": "$5 you pay", "application/vnd.ketacost.scenario+json": scenario})
    )
    made = page(book(told("# T"), cell)).html
    assert "The panel as it was saved:" in made
    assert f'<img alt="Bars" src="data:image/svg+xml;base64,{picture}"/>' in made
    assert '<div aria-label="Lines" class="scroll" role="group" tabindex="0"><table>' in made
    assert 'coverage = "denied"' in unescape(made)
    assert [output.panel for output in read(book(cell)).panels] == [scenario]
    assert page(book(told("# T"), cell), name="x").html == made


def test_nested_tables_are_framed_once() -> None:
    made = page(book(html("<table><tr><td><table><tr><td>in</td></tr></table></td></tr></table><table></table>"))).html
    assert made.count('aria-label="Table"') == 2


def test_the_policy_allows_our_scripts_by_hash_and_nothing_else() -> None:
    made = page(book(told("# T"), drawing(data=[{"type": "bar", "x": ["a"], "y": [1]}]))).html
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', made)
    assert found
    rules = dict(rule.split(" ", 1) for rule in unescape(found[1]).split("; "))
    assert rules["default-src"] == rules["connect-src"] == rules["form-action"] == rules["base-uri"] == "'none'"
    assert rules["img-src"] == "data:"
    assert "unsafe" not in rules["script-src"]
    inline = re.findall(r"<script>(.*?)</script>", made, re.DOTALL)
    assert len(inline) == 1
    assert f"'sha256-{b64encode(sha256(inline[0].encode()).digest()).decode()}'" in rules["script-src"]
    assert rules["script-src"].count("sha256-") == 2  # ours, and the bundle that it unpacks
    assert policy().count("'none'") == 5


def test_the_same_notebook_gives_the_same_bytes() -> None:
    notebook = json.loads(NOTEBOOKS[1].read_text("utf-8"))
    assert page(notebook).html == page(json.loads(json.dumps(notebook))).html


def test_citations_of_the_examples_that_the_code_names_stand_at_the_end() -> None:
    notebook = book(told("# T"), code(source='kc.run(kc.example("readme-patient")); kc.example("no-such-thing")'))
    assert [one.title for one in scenarios_named(notebook)] != []
    assert len(scenarios_named(notebook)) == 1
    made = page(notebook).html
    assert '<h2 id="sources">Sources</h2>' in made
    assert "assumption: our own" in made
    assert '<span class="grade grade-assumption">assumption</span>' in made
    assert "This page has no scenario whose sources could be listed." in page(book(told("# T"))).html


def test_the_question_and_the_day_are_read_from_the_first_words() -> None:
    assert question_of(book(told("# T\n\n**Who\npays?** and"))) == "Who pays?"
    assert question_of(book()) == ""
    assert as_of_day(book(told("numbers as of 1 May 2027, and"))) == "1 May 2027"


# Figures


@pytest.mark.parametrize(
    ("kinds", "bundle"),
    [
        ({"bar", "scatter", "pie"}, "basic"),
        ({"bar", "waterfall"}, "finance"),
        ({"bar", "icicle"}, "full"),
        (set(), "basic"),
    ],
)
def test_the_smallest_bundle_that_draws_a_figure_is_taken(kinds: set[str], bundle: str) -> None:
    assert bundle_for(kinds) == bundle


def test_a_figure_has_a_sentence_a_height_in_bounds_and_no_width_of_its_own() -> None:
    layout = {"title": {"text": "Of $1,230<br>you <b>pay</b>"}, "height": 99_999, "width": 5}
    drawn = figure({"data": [{"type": "bar", "x": ["a"], "y": [1]}], "layout": layout})
    assert drawn.sentence == "Of $1,230 you pay"
    assert drawn.height == 1_400
    assert "title" not in drawn.spec["layout"]
    assert "width" not in drawn.spec["layout"]


def test_a_map_would_be_fetched_and_is_left_out_unless_the_notebook_holds_its_picture() -> None:
    spec = {"data": [{"type": "scattergeo", "labels": ["Ohio"], "values": [3]}], "layout": {}}
    notebook = book(told("# T"), drawing(**spec))
    assert left_out(notebook) == ["figure-1: it is not drawn, for a map would be fetched from the network"]
    assert 'class="live"' not in page(notebook).html
    assert "left out here" in page(notebook).html
    held = page(book(code(display({PLOTLY: spec, "image/svg+xml": SQUARE})))).html
    assert 'class="still"' in held
    assert "left out here" not in held


def test_the_picture_and_the_table_that_a_notebook_holds_beside_a_figure_serve() -> None:
    table = "<table><caption>Two bars</caption><tr><td>as the notebook has it</td></tr></table>"
    data = {PLOTLY: {"data": [{"type": "bar", "x": ["a"], "y": [1]}]}, "image/svg+xml": SQUARE, "text/html": table}
    made = page(book(told("# T"), code(display(data)))).html
    assert (
        f'class="still" width="520" alt="figure-1" src="data:image/svg+xml;base64,{b64encode(SQUARE.encode()).decode()}"'
        in made
    )
    assert "as the notebook has it" in made
    assert made.count("<table") == 1


# What stays


def test_our_own_tables_stay_as_they_are() -> None:
    for path in NOTEBOOKS:
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            for output in cell.get("outputs", ()):
                before = "".join(output.get("data", {}).get("text/html", ""))
                assert _words(clean_html(before)) == _words(re.sub("<style.*?</style>", "", before, flags=re.DOTALL))
                assert clean_html(before).count("<td") == before.count("<td")


def _words(text: str) -> list[str]:
    return unescape(re.sub("<[^>]*>", " ", text)).split()


def test_a_drawing_keeps_its_shapes_hatches_and_places() -> None:
    text = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><defs>'
        '<pattern id="p" width="2" height="2" patternUnits="userSpaceOnUse">'
        '<path d="M0 0l2 2"></path></pattern></defs>'
        '<rect x="1" width="3" style="fill:url(#p);stroke:#b45309" transform="translate(1,2) scale(2)"></rect></svg>'
    )
    assert clean_html(text).replace("&quot;", "") == text
    placed = clean_html(text, "o1-")
    assert 'id="o1-p"' in placed
    assert "fill:url(&quot;#o1-p&quot;)" in placed


def test_a_plotly_drawing_of_the_notebook_is_there_as_data() -> None:
    notebook = json.loads(next(path for path in NOTEBOOKS if path.stem.startswith("01")).read_text("utf-8"))
    made = page(notebook).html
    found = re.search(r'<script type="application/json" id="figure-1-data">(.*?)</script>', made, re.DOTALL)
    assert found
    assert json.loads(found[1])["data"][0]["type"] == "bar"
    packed = re.search(r'id="plotly-packed">([A-Za-z0-9+/=]+)</script>', made)
    assert packed
    assert b64decode(packed[1])[:2] == b"\x1f\x8b"


def test_a_bundle_that_was_not_fetched_is_replaced_by_the_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert bundle_text("basic").startswith("/*\nMIT License")
    assert len(bundle_text("basic")) < len(bundle_text("finance")) < len(bundle_text("full"))
    monkeypatch.setattr("ketacost.sharing.pyodide.VENDOR", tmp_path)
    assert len(bundle_text("basic")) > 4_000_000
