"""A notebook from a stranger: nothing that it brings runs, fetches, leads astray or breaks the page.

Every hostile thing tries to set window.__owned. Each is first seen to be hostile, then to leave no trace.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import chrome
from shared_pages import book, code, cut_off, display, html, left_out, need_browser, page, told, wrong_in, wrong_page

from ketacost.sharing.html import json_block
from ketacost.sharing.page import read

OWN = "window.__owned=1"
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="{OWN}"><script>{OWN}</script><rect width="9" height="9"/></svg>'
PACKED = b64encode(SVG.encode()).decode()

# HTML that a cell may bring: none of it may leave a trace of __owned.
MARKUP = {
    "a script": f"<script>{OWN}</script>",
    "a script in odd letters": f"<ScRiPt\n>{OWN}</sCrIpT >",
    "a script cut in two": f"<scr<script>ipt>{OWN}</scr</script>ipt>",
    "a handler": f'<img src="x" onerror="{OWN}">',
    "a handler without quotes": f"<b onmouseover={OWN}>words</b>",
    "a handler after a slash": f"<svg/onload={OWN}>",
    "a javascript link": f'<a href="javascript:{OWN}">words</a>',
    "a javascript link with a tab in it": f'<a href="java&#9;script:{OWN}">words</a>',
    "a javascript link behind a control letter": f'<a href="&#1;javascript:{OWN}">words</a>',
    "a data link": f'<a href="data:text/html,<script>{OWN}</script>">words</a>',
    "a script in a drawing": SVG,
    "a handler in a drawing": f'<svg viewBox="0 0 9 9"><rect onclick="{OWN}"/><animate attributeName="href" values="javascript:{OWN}"/></svg>',
    "a page in a drawing": f"<svg><foreignObject><body onload={OWN}><p>words</p></body></foreignObject></svg>",
    "a link in a drawing": f'<svg><a xlink:href="javascript:{OWN}"><text>words</text></a></svg>',
    "a drawing that uses another": f'<svg><use href="data:image/svg+xml;base64,{PACKED}#a"/></svg>',
    "a frame": f'<iframe srcdoc="<script>parent.{OWN}</script>"></iframe>',
    "an object": f'<object data="data:text/html,<script>{OWN}</script>"></object>',
    "an embed": f'<embed src="javascript:{OWN}">',
    "a refresh": f'<meta http-equiv="refresh" content="0;url=javascript:{OWN}">',
    "a base": '<base href="https://example.org/__owned/">',
    "a form": f'<form action="javascript:{OWN}"><button formaction="javascript:{OWN}">go</button><input autofocus onfocus="{OWN}"></form>',
    "a style sheet": '<style>@import "https://example.org/__owned.css"; body { display: none }</style>',
    "a link to a style sheet": '<link rel="stylesheet" href="https://example.org/__owned.css">',
    "a picture from elsewhere": '<img src="https://example.org/__owned.png" srcset="https://example.org/__owned.png 2x">',
    "a style that fetches": '<p style="background:url(https://example.org/__owned)">words</p>',
    "a style that covers the page": '<div style="position:fixed;inset:0;background:url(//example.org/__owned)">words</div>',
    "a style with an expression": f'<p style="width:expression({OWN})">words</p>',
    "a style behind a style that may stay": "<p style=\"width:calc(1px);background:image-set('//example.org/__owned' 1x)\">words</p>",
    "a style that fetches in a drawing": '<svg><rect fill="url(//example.org/__owned)" style="mask:url(//example.org/__owned#a)"/></svg>',
    "a style in escapes": '<p style="background:\\75rl(https://example.org/__owned)">words</p>',
    "a picture that is a page": f'<img src="data:text/html,<script>{OWN}</script>">',
    "a drawing as a picture": f'<img src="data:image/svg+xml;base64,{PACKED}">',
    "math that changes sides": f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={OWN}&gt;">',
    "a comment that does not end": f"<!--><script>{OWN}</script>",
    "noscript that changes sides": f'<noscript><p title="</noscript><img src=x onerror={OWN}>"></noscript>',
    "a template": f"<template><script>{OWN}</script></template>",
    "a title that does not end": f"<title><a title='</title><img src=x onerror={OWN}>'>",
}


SHOWN_AS_WORDS = "a script cut in two"
"""A browser reads no script in it, only words."""

NOT_BY_OUR_READER = {SHOWN_AS_WORDS, "a style sheet", "a title that does not end"}
"""Hostile to a browser, in ways that the simple reader of these tests does not see."""


def texts(found: str) -> str:
    return page(book(told("# T"), html(found))).html


@pytest.mark.parametrize("name", MARKUP)
def test_hostile_html_leaves_no_trace(name: str) -> None:
    made = texts(f"<p>before</p>{MARKUP[name]}<p>after</p>")
    assert "__owned" not in made or name == SHOWN_AS_WORDS
    assert wrong_page(made) == []


@pytest.mark.parametrize("name", MARKUP)
def test_each_of_them_is_hostile(name: str) -> None:
    assert (wrong_in(MARKUP[name]) == []) == (name in NOT_BY_OUR_READER)


@pytest.mark.parametrize("name", MARKUP)
def test_hostile_html_in_markdown_leaves_no_trace(name: str) -> None:
    made = page(book(told(f"# T\n\nbefore\n\n{MARKUP[name]}\n\nafter <b>{MARKUP[name]}</b>"))).html
    assert wrong_page(made) == []
    assert "onerror=" not in made.replace("onerror=window.__owned=1&gt;", "")


MARKDOWN = {
    "a javascript link": f"[words](javascript:{OWN})",
    "a javascript link in entities": f"[words](&#106;avascript:{OWN})",
    "a javascript link by reference": f"[words][a]\n\n[a]: javascript:{OWN}",
    "a javascript link in angles": f"<javascript:{OWN}>",
    "a link that breaks out of its title": f'[words](https://example.org "a\\" onmouseover=\\"{OWN}")',
    "a picture from elsewhere": "![words](https://example.org/__owned.png)",
    "a picture from the disk": "![words](file:///etc/__owned)",
    "a picture that breaks out": f'![" onerror="{OWN}](x)',
    "a data link": f"[words](data:text/html;base64,{b64encode(OWN.encode()).decode()})",
}


@pytest.mark.parametrize("name", MARKDOWN)
def test_hostile_markdown_does_nothing(name: str) -> None:
    made = page(book(told(f"# T\n\n{MARKDOWN[name]}"))).html
    assert wrong_page(made) == []
    assert "example.org/__owned" not in made
    assert "words" in made or "picture" in name or "angles" in name


def drawn(**layout: Any) -> dict[str, Any]:
    spec = {
        "data": [{"type": "bar", "x": ["a"], "y": [1], "name": f"</script><script>{OWN}</script>"}],
        "layout": layout,
    }
    return code(display({"application/vnd.plotly.v1+json": spec}))


FIGURES = {
    "a link in a title": {"title": {"text": f'<a href="javascript:{OWN}">words</a>'}},
    "a picture behind the bars": {"images": [{"source": "https://example.org/__owned.png"}]},
    "a picture put in by a button": {
        "updatemenus": [{"buttons": [{"args": [{"images[0].source": "https://example.org/__owned"}]}]}]
    },
    "the end of a script": {"annotations": [{"text": f"</script><script>{OWN}</script><!--"}]},
    "a style in a label": {
        "xaxis": {"title": {"text": '<span style="background:url(https://example.org/__owned)">w</span>'}}
    },
    "a map from elsewhere": {
        "mapbox": {"style": "https://example.org/__owned", "accesstoken": "__owned"},
        "map": {"style": "javascript:__owned"},
    },
}


@pytest.mark.parametrize("name", FIGURES)
def test_hostile_figures_are_only_drawn(name: str) -> None:
    made = page(book(told("# T"), drawn(**FIGURES[name]))).html
    assert wrong_page(made) == []
    assert "javascript:" not in made
    drawn_from = re.search(r'id="figure-1-data">(.*?)</script>', made, re.DOTALL)
    assert drawn_from
    held = json.dumps(json.loads(drawn_from[1]))
    assert "example.org" not in held
    assert not re.search("<(a|span|script|img)", held)


BUNDLES = {
    "a program": {"application/javascript": OWN},
    "a program and words": {"application/javascript": OWN, "text/plain": "words"},
    "a drawing": {"image/svg+xml": SVG},
    "a picture that is none": {"image/png": f'" onerror="{OWN}', "text/plain": "words"},
    "a formula": {"text/latex": f"\\href{{javascript:{OWN}}}{{words}} <script>{OWN}</script>"},
    "json": {"application/json": {"a": f"</pre><script>{OWN}</script>"}},
    "markdown": {"text/markdown": f"<script>{OWN}</script>[a](javascript:{OWN})"},
    "a widget": {
        "application/vnd.jupyter.widget-view+json": {"model_id": f'"><script>{OWN}</script>'},
        "text/plain": "words",
    },
    "an altered plot": {
        "application/vnd.bokehjs_exec.v0+json": "",
        "text/html": f"<script>{OWN}</script>",
        "text/plain": "words",
    },
    "a scenario": {
        "application/vnd.jupyter.widget-view+json": {},
        "application/vnd.ketacost.scenario+json": {"title": f"</pre><script>{OWN}</script>"},
        "text/html": "<p>words</p>",
    },
}


@pytest.mark.parametrize("name", BUNDLES)
def test_hostile_outputs_are_dropped_or_shown_as_words(name: str) -> None:
    assert wrong_page(page(book(told("# T"), code(display(BUNDLES[name])))).html) == []


def test_a_program_that_was_left_out_is_told() -> None:
    notebook = book(told("# T"), code(display(BUNDLES["a program"])), html(MARKUP["a handler"]))
    assert left_out(notebook) == [
        "cell 2, output 1: application/javascript was left out, for it is a program",
        "cell 3, output 1: an address in src was left out",
        "cell 3, output 1: onerror was left out",
    ]
    assert "Something that needs a program to run was left out here." in page(notebook).html


def test_html_that_no_parser_takes_is_shown_as_nothing_and_listed() -> None:
    broken = f"<p>before</p><![n00b]><script>{OWN}</script>"
    notebook = book(told("# T"), html(broken), told(broken))
    assert wrong_page(page(notebook).html) == []
    assert left_out(notebook) == [
        f"cell {cell} was left out" for cell in ("2, output 1: HTML that cannot be read", "3: HTML that cannot be read")
    ]


def test_a_picture_and_a_table_beside_a_figure_are_cleaned_too() -> None:
    data = {"application/vnd.plotly.v1+json": {"data": []}, "image/svg+xml": SVG, "text/html": "".join(MARKUP.values())}
    made = page(book(told("# T"), code(display(data)))).html
    assert wrong_page(made) == []
    assert 'class="still"' in made


def test_errors_streams_and_code_are_shown_as_words() -> None:
    stream = {
        "output_type": "stream",
        "name": "stdout",
        "text": f"\x1b[31m<script>{OWN}</script>\x1b]8;;javascript:{OWN}\x07link\x1b]8;;\x07",
    }
    error = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": [f"\x1b[0;31m<img src=x onerror={OWN}>"]}
    made = page(book(told("# T"), code(stream, error, source=f'"</code></pre><script>{OWN}</script>"'))).html
    assert wrong_page(made) == []
    assert "\x1b" not in made
    assert "&lt;img src=x" in made


def test_letters_that_turn_or_hide_words_are_taken_out() -> None:
    text = "pay \u202e0001$\u202c now\u200b\u2066\U000e0041\x00 " + "\ufeff"
    made = page(
        book(told(f"# T\n\n{text}"), html(f"<p>{text}</p>"), code({"output_type": "stream", "text": text}))
    ).html
    assert not set(made) & set("\u202e\u202c\u200b\u2066\U000e0041\x00\ufeff")
    assert made.count("pay 0001$ now") == 3


def test_titles_names_and_metadata_cannot_break_the_page() -> None:
    bad = f'</title><script>{OWN}</script>"><img src=x onerror={OWN}>'
    cells = [told(f"# `{bad}`\n\n**{bad}** Numbers as of **{bad} 2026**"), told(f"## <b id=x onclick={OWN}>{bad}</b>")]
    notebook = book(*cells, title=bad, authors=[{"name": bad}], ketacost={"language": bad}, language_info={"name": bad})
    made = page(notebook, name=bad)
    assert wrong_page(made.html) == []
    assert wrong_page(page(book(), name=bad).html) == []


def test_holes_of_the_template_are_not_filled_from_the_notebook() -> None:
    made = page(book(told("# {{css}}\n\n{{scripts}} {{data}} {{t.skip}}"), html("<p>{{policy}}</p>"))).html
    assert wrong_page(made) == []
    assert "{{policy}}" in made
    assert made.count("default-src") == 1


def test_attachments_are_pictures_or_nothing() -> None:
    attached = {
        "a.svg": {"image/svg+xml": SVG},
        "b.html": {"text/html": MARKUP["a script"]},
        "c.png": {"image/png": '"onerror='},
    }
    made = page(
        book(told("# T\n\n![](attachment:a.svg) ![](attachment:b.html) ![](attachment:c.png)", attachments=attached))
    ).html
    assert wrong_page(made) == []
    assert made.count("<img") == 1
    assert "__owned" not in made


def test_an_output_cannot_dress_as_the_page_itself() -> None:
    made = texts(
        '<p class="skip" id="content">words</p><p class="keta-finding code-only" id="sources">more</p><a href="#content">up</a>'
    )
    assert made.count('id="content"') == 1
    assert made.count('id="sources"') == 1
    assert '<p class="keta-finding" id="o2-1-sources">more</p>' in made
    assert '<a href="#o2-1-content"' in made


def test_figures_that_make_no_sense_are_survived() -> None:
    specs = [
        {},
        {"data": 3},
        {"data": ["x", {"type": "bar", "x": 1, "y": {"bdata": "?", "dtype": "f8"}}], "layout": []},
    ]
    specs += [{"data": [{"type": "heatmap", "z": [1, [2]]}], "layout": {"height": "tall", "title": 5, "margin": 3}}]
    notebook = book(*[code(display({"application/vnd.plotly.v1+json": spec})) for spec in specs])
    assert wrong_page(page(notebook).html) == []
    assert len(read(notebook).figures) == 4


def test_data_in_a_page_cannot_end_its_element() -> None:
    assert json_block({"a": "</script><!--&\u2028"}) == '{"a":"\\u003c/script\\u003e\\u003c!--\\u0026\\u2028"}'


POKE = """() => {
    for (const part of document.querySelectorAll('main a:not([href^="http"]), main b, main p, main rect, main text, main img')) {
        for (const kind of ['mouseover', 'focus', 'error', 'load', 'click']) part.dispatchEvent(new MouseEvent(kind, {bubbles: true}));
    }
}"""


@pytest.fixture(scope="module")
def one_browser() -> Iterator[None]:
    need_browser()
    with chrome():
        yield


@pytest.mark.usefixtures("one_browser")
def test_in_a_browser_nothing_of_it_happens(tmp_path: Path) -> None:
    bad = [html(f"<p>before</p>{text}<p>after</p>") for text in MARKUP.values()]
    bad += [told(text) for text in (*MARKUP.values(), *MARKDOWN.values())]
    bad += [drawn(**layout) for layout in FIGURES.values()] + [code(display(data)) for data in BUNDLES.values()]
    target = tmp_path / "page.html"
    target.write_text(page(book(told("# A page from a stranger"), *bad)).html, "utf-8")
    with cut_off() as shown:
        shown.goto(target.as_uri())
        shown.wait_for_selector("html.figures-drawn")
        shown.evaluate(POKE)
        shown.wait_for_timeout(500)
        assert shown.evaluate("window.__owned") is None
        assert shown.problems == []
        assert shown.locator("main iframe, main form, main object, main script").count() == 0
        assert shown.locator(".js-plotly-plot a").count() == 0
        assert shown.url.split("#")[0] == target.as_uri()


@pytest.mark.usefixtures("one_browser")
@pytest.mark.parametrize("name", ["a script", "a handler", "a script in a drawing", "a frame"])
def test_in_a_browser_the_same_would_have_happened(tmp_path: Path, name: str) -> None:
    target = tmp_path / "page.html"
    target.write_text(f"<!doctype html><body>{MARKUP[name]}", "utf-8")
    with cut_off() as shown:
        shown.goto(target.as_uri())
        shown.wait_for_function("window.__owned === 1")
