"""Sharing a notebook: what is written, what never ships, what is refused, and the copies to read everywhere."""

from __future__ import annotations

import json
import re
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import nbformat
import pypdf
import pytest
from commands import refused, said
from places import NOTEBOOKS
from shared_pages import book, code, cut_off, display, html, mark, need_browser, told, wrong_in, wrong_page

import ketacost as kc
from ketacost.core.fields import KetacostError
from ketacost.sharing.browser import NoBrowser, chromium
from ketacost.sharing.gallery import card
from ketacost.sharing.share import read_notebook, share_notebook
from ketacost.sharing.verify import verify

PLOTLY = "application/vnd.plotly.v1+json"
BARS = {
    "data": [{"type": "bar", "x": ["In", "Out"], "y": [120.5, 80]}],
    "layout": {"title": {"text": "Out is less | than in"}, "yaxis": {"tickprefix": "$"}},
}
BARS_TABLE = (
    "<table><tr><th>Item</th><th>Amount</th></tr><tr><td>In</td><td>$120.50</td></tr>"
    "<tr><td>Out</td><td>$80.00</td></tr></table>"
)
SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20"/></svg>'


def write(folder: Path, notebook: dict[str, Any], name: str = "told.ipynb") -> Path:
    path = folder / name
    path.write_text(json.dumps(notebook), "utf-8")
    return path


def small(folder: Path) -> Path:
    frame = "<p>You pay $5.</p><table><caption>Lines</caption><tr><th>a|b</th></tr><tr><td>$5*</td></tr></table>"
    figure = display({PLOTLY: BARS, "text/html": BARS_TABLE})
    cells = [told("# Two bars\n\n**Which is less?**"), code(figure), html(frame + SQUARE)]
    return write(folder, book(*cells))


def answered(folder: Path) -> Path:
    """A notebook with an answer and a panel, as JupyterLab keeps their outputs."""
    scenario = kc.example("readme-patient")
    shown = [kc.statement(kc.run(scenario)), kc.Explorer(scenario)]
    bundles = [
        bundle[0] if isinstance(bundle, tuple) else bundle for bundle in (one._repr_mimebundle_() for one in shown)
    ]
    cells = [code(display(json.loads(json.dumps(bundle)))) for bundle in bundles]
    return write(folder, book(told("# An answer\n\nNumbers as of **23 November 2026**."), *cells), "answered.ipynb")


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KETACOST_CHROMIUM", "no-such-browser")


# What is written, and what never is


def test_the_same_notebook_gives_the_same_file(tmp_path: Path) -> None:
    need_browser()
    source = small(tmp_path)
    made = [share_notebook(source, tmp_path / name).page.read_text("utf-8") for name in ("one.html", "two.html")]
    assert mark(made[0]) == mark(made[1])
    assert 'class="still"' in made[0]


@pytest.mark.usefixtures("no_browser")
def test_without_a_browser_the_page_is_whole_but_for_the_pictures(tmp_path: Path) -> None:
    assert chromium() is None
    made = share_notebook(small(tmp_path), tmp_path / "page.html")
    text = made.page.read_text("utf-8")
    assert wrong_page(text) == []
    assert 'class="live"' in text
    assert 'class="still"' not in text
    assert made.left_out == ("no pictures for where scripts do not run: this machine has no Chromium, Chrome or Edge",)
    assert (made.title, made.size, made.copies) == ("Two bars", made.page.stat().st_size, ())
    assert repr(made).startswith("Shared page.html (")


def test_hidden_state_authors_times_and_paths_never_ship(tmp_path: Path) -> None:
    secret = "do-not-ship"
    cell = code({"output_type": "stream", "name": "stdout", "text": "seen"}, source="1 + 1")
    cell["metadata"] = {"execution": {"iopub.status.busy": f"2026-11-23T10:00:00Z-{secret}"}, "name": secret}
    cell["id"] = secret
    about = {
        "authors": [{"name": secret}],
        "kernelspec": {"name": "python3", "display_name": f"Python ({secret})", "path": f"/opt/{secret}"},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"a": secret}}},
    }
    source = write(tmp_path, book(told("# T"), cell, **about))
    made = share_notebook(
        source, tmp_path / "page.html", ipynb=tmp_path / "copy.ipynb", md=tmp_path / "copy.md", draw=False
    )
    for path in (made.page, *made.copies):
        assert "seen" in path.read_text("utf-8")
        assert secret not in path.read_text("utf-8")


def test_an_identifier_stops_the_page_unless_its_kind_is_allowed(tmp_path: Path) -> None:
    source = write(tmp_path, book(told("# T\n\nCall 555-867-5309.")))
    with pytest.raises(KetacostError, match="may tell who somebody is"):
        share_notebook(source, tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()
    assert "555-867-5309" in share_notebook(source, tmp_path / "page.html", allow=["phone"]).page.read_text("utf-8")
    with pytest.raises(KetacostError, match="may tell who somebody is"):
        share_notebook(
            write(tmp_path, book(told("# For Wilhelmina Abernathy"))),
            tmp_path / "b.html",
            people=["Wilhelmina Abernathy"],
        )


def test_nothing_is_written_over_that_should_stay(tmp_path: Path) -> None:
    source = small(tmp_path)
    before = source.read_bytes()
    for out, more in (("told.html", {"ipynb": source}), ("a.html", {"ipynb": tmp_path / "b", "md": tmp_path / "b"})):
        with pytest.raises(KetacostError, match="would be overwritten"):
            share_notebook(source, tmp_path / out, **more)
    with pytest.raises(KetacostError, match=r"ends in \.html"):
        share_notebook(source, tmp_path / "told.pdf")
    with pytest.raises(KetacostError, match="there is no folder"):
        share_notebook(source, tmp_path / "nowhere" / "page.html")
    assert source.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["told.ipynb"]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "[]",
            "{}",
            '{"cells": 3}',
            '{"cells": [1]}',
            '{"cells": [{"outputs": 1}]}',
            '{"cells": [{"source": 1}]}',
        ),
        *('{"cells": [{"outputs": [{"data": 3}]}]}', '{"cells": [], "nbformat": 3}', '{"cells": [], "metadata": 1}'),
    ],
)
def test_what_is_no_notebook_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(text, "utf-8")
    with pytest.raises(KetacostError, match=r"a\.ipynb is not a notebook"):
        read_notebook(path)
    with pytest.raises(KetacostError, match="cannot be read"):
        read_notebook(tmp_path / "b.ipynb")


def test_a_page_carries_a_fingerprint_that_verifies(tmp_path: Path) -> None:
    made = share_notebook(answered(tmp_path), tmp_path / "page.html", draw=False)
    text = made.page.read_text("utf-8")
    assert text.count('id="ketacost-fingerprint"') == 1
    assert re.search(r'name="ketacost-fingerprint" content="[0-9a-f]{12}"', text)
    assert verify(made.page).reproduces


def test_a_scenario_that_cannot_be_read_is_told_and_the_page_is_made(tmp_path: Path) -> None:
    cell = code(display({"text/plain": "x", "application/vnd.ketacost.scenario+json": {"title": 5, "course": "?"}}))
    made = share_notebook(write(tmp_path, book(told("# T"), cell)), tmp_path / "page.html")
    assert "ketacost-fingerprint" in made.page.read_text("utf-8")
    assert 'id="ketacost-fingerprint"' not in made.page.read_text("utf-8")
    assert made.left_out[0].startswith("no fingerprint and no sources")


# The PDF


def test_the_pdf_has_words_tags_a_language_and_a_title(tmp_path: Path) -> None:
    need_browser()
    made = share_notebook(small(tmp_path), tmp_path / "page.html", pdf=True, language="es")
    assert made.copies == (tmp_path / "page.pdf",)
    pdf = pypdf.PdfReader(tmp_path / "page.pdf")
    root = pdf.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"] == "es"
    assert pdf.metadata
    assert pdf.metadata.title == "Two bars"
    assert [float(side) for side in pdf.pages[0].mediabox[2:]] == [612, 792]
    words = " ".join(page.extract_text() for page in pdf.pages)
    assert "Which is less?" in words
    assert "You pay $5." in words
    assert "Mostrar el código" not in words


@pytest.mark.usefixtures("no_browser")
def test_without_a_browser_a_pdf_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(NoBrowser, match="Install one or name it in KETACOST_CHROMIUM"):
        share_notebook(small(tmp_path), tmp_path / "page.html", pdf=True)
    assert not (tmp_path / "page.html").exists()


def test_a_browser_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / ("broken.bat" if sys.platform == "win32" else "broken")
    broken.write_text("#!/bin/sh\necho it broke >&2\nexit 3\n" if sys.platform != "win32" else "@exit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("KETACOST_CHROMIUM", str(broken))
    made = share_notebook(small(tmp_path), tmp_path / "page.html")
    assert "ended with 3" in made.left_out[0]
    with pytest.raises(KetacostError, match="ended with 3"):
        share_notebook(small(tmp_path), tmp_path / "page.html", pdf=True)


# Copies to read everywhere


def test_a_copy_for_viewers_holds_words_tables_and_png(tmp_path: Path) -> None:
    need_browser()
    share_notebook(small(tmp_path), tmp_path / "page.html", ipynb=tmp_path / "copy.ipynb")
    copy = nbformat.read(tmp_path / "copy.ipynb", 4)
    nbformat.validate(copy)
    kinds = [sorted(output.data) for output in copy.cells[1].outputs + copy.cells[2].outputs]
    assert kinds == [["image/png", "text/plain"], ["text/html", "text/plain"]] * 2
    for cell in copy.cells[1:]:
        assert b64decode(cell.outputs[0].data["image/png"])[:8] == b"\x89PNG\r\n\x1a\n"
        assert "<table>" in cell.outputs[1].data["text/html"]
        assert "<svg" not in cell.outputs[1].data["text/html"]
        assert wrong_in(cell.outputs[1].data["text/html"]) == []
    assert "$120.50" in copy.cells[1].outputs[1].data["text/html"]


@pytest.mark.usefixtures("no_browser")
def test_the_copy_of_a_notebook_carries_its_fingerprint(tmp_path: Path) -> None:
    share_notebook(answered(tmp_path), tmp_path / "page.html", ipynb=tmp_path / "copy.ipynb")
    copy = nbformat.read(tmp_path / "copy.ipynb", 4)
    nbformat.validate(copy)
    assert "widgets" not in copy.metadata
    assert verify(tmp_path / "copy.ipynb").reproduces
    assert not any(PLOTLY in output.get("data", {}) for cell in copy.cells for output in cell.get("outputs", ()))


def test_markdown_has_the_words_and_the_tables(tmp_path: Path) -> None:
    share_notebook(small(tmp_path), tmp_path / "page.html", md=tmp_path / "copy.md", draw=False)
    text = (tmp_path / "copy.md").read_text("utf-8")
    assert text.startswith(
        "# Two bars\n\n**Which is less?**\n\n**Out is less | than in**\n\n| Item | Amount |\n| --- | --- |\n| In | \\$120.50 |\n"
    )
    assert "You pay \\$5.\n\n| a\\|b |\n| --- |\n| \\$5\\* |" in text
    assert text.endswith("no promise of what a plan will decide.\n")


# A gallery


def test_a_gallery_lists_the_pages_and_opens_from_the_disk(tmp_path: Path) -> None:
    need_browser()
    pages = [share_notebook(small(tmp_path), tmp_path / "bars.html", draw=False).page]
    pages.append(share_notebook(NOTEBOOKS / "00_start_here.ipynb", tmp_path / "start here.html", draw=False).page)
    index = Path(said("gallery", *pages, "-o", tmp_path / "shown").strip())
    text = index.read_text("utf-8")
    assert wrong_page(text) == ["a href=bars.html", "a href=start%20here.html"]
    with cut_off() as shown:
        shown.goto(index.as_uri())
        assert shown.locator("tbody tr").count() == 2
        assert "Which is less?" in shown.locator("tbody tr >> nth=0").inner_text()
        assert "0.0" in shown.locator("tbody tr >> nth=1").inner_text()
        shown.locator("text=Start here").click()
        shown.wait_for_selector("h1")
        assert shown.locator("h1").inner_text() == "Start here"
        assert shown.problems == []


def test_a_gallery_refuses_strangers_and_twins(tmp_path: Path) -> None:
    page = share_notebook(small(tmp_path), tmp_path / "bars.html", draw=False).page
    other = tmp_path / "other.html"
    other.write_text("<title>Mine</title>", "utf-8")
    assert "other.html is not a page that `ketacost share` made" in refused(
        "gallery", page, other, "-o", tmp_path / "shown"
    )
    assert "its own name" in refused("gallery", page, page, "-o", tmp_path / "shown")
    assert not (tmp_path / "shown").exists()
    assert card("bars.html", page.read_text("utf-8")).question == "Which is less?"


# The command line, and the page that lives


def test_the_command_tells_what_it_wrote_and_what_it_left_out(tmp_path: Path) -> None:
    source = write(tmp_path, book(told("# T"), html("<b onclick=x>words</b>")))
    assert re.fullmatch(
        r".*page\.html \(0\.\d\d MB\)\n", said("share", source, "-o", tmp_path / "page.html", "--no-pictures")
    )
    people = tmp_path / "people.txt"
    people.write_text("Wilhelmina Abernathy\n", "utf-8")
    source = write(tmp_path, book(told("# For Wilhelmina Abernathy")))
    assert "nothing was written" in refused("share", source, "-o", tmp_path / "b.html", "--people", people)
    assert "there is no language called 'tlh'" in refused(
        "share", source, "-o", tmp_path / "b.html", "--language", "tlh"
    )


@pytest.mark.parametrize("kind", ["MarkdownExporter", "SlidesExporter"])
def test_the_copy_for_viewers_reads_well_where_it_is_converted_by_others(tmp_path: Path, kind: str) -> None:
    """No widget and no figure can run there: panel and figure stand as tables, the amounts as text."""
    import nbconvert

    copy = tmp_path / "copy.ipynb"
    share_notebook(NOTEBOOKS / "01_what_will_it_cost.ipynb", tmp_path / "page.html", ipynb=copy, draw=False)
    body, _ = getattr(nbconvert, kind)().from_filename(str(copy))
    assert "widget-view" not in body
    assert body.count("$7,788.00") >= 3
    assert "What the plan may answer" in body
    assert "From the charge to what the patient pays" in body
