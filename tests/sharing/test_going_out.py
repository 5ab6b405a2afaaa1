"""What goes out is safe where it goes: pages of a gallery, Markdown, sheets; and the browser that prints has no network."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
from commands import refused, said
from places import NOTEBOOKS
from shared_pages import book, code, display, need_browser, told

import ketacost as kc
from ketacost.core.fields import KetacostError
from ketacost.privacy.notebooks import people_in
from ketacost.reports.spreadsheet import export
from ketacost.sharing import browser
from ketacost.sharing.gallery import gallery
from ketacost.sharing.pyodide import missing
from ketacost.sharing.share import share_notebook

OWN = "window.__owned=1"
FIGURE = {"data": [{"type": "bar", "x": ["a"], "y": [1]}], "layout": {"title": {"text": "Bars"}}}


def notebook(folder: Path, *cells: dict[str, Any]) -> Path:
    path = folder / "book.ipynb"
    path.write_text(json.dumps(book(told("# A title\n\n**Which is less?**"), *cells)), "utf-8")
    return path


@pytest.fixture
def page(tmp_path: Path) -> Path:
    drawn = code(display({"application/vnd.plotly.v1+json": FIGURE, "text/plain": "x"}))
    return share_notebook(notebook(tmp_path, drawn), tmp_path / "page.html", draw=False).page


CHANGES: dict[str, tuple[str, str]] = {
    "a policy that allows more": ("script-src ", "script-src &#39;unsafe-inline&#39; "),
    "a policy with the hash of another script": ("script-src ", "script-src 'sha256-AAAA' "),
    "no policy": ("Content-Security-Policy", "X-Policy"),
    "a script before the policy": ("<head>", f"<head><script>{OWN}</script>"),
    "a policy in a comment": ('<meta http-equiv="Content', '<!-- --><meta http-equiv="Content'),
    "another script": ("</body>", f"<script>{OWN}</script></body>"),
    "a script from elsewhere": ("</body>", '<script src="https://example.org/a.js"></script></body>'),
    "a changed script": ("const all =", f"{OWN}; const all ="),
    "a handler": ("<h1 ", f'<h1 onclick="{OWN}" '),
    "a frame": ("</body>", '<iframe src="https://example.org"></iframe></body>'),
    "a base": ("</body>", '<base href="https://example.org/"></body>'),
    "a refresh": ("</body>", '<meta http-equiv="refresh" content="0;url=https://example.org"></body>'),
    "a link to a style": ("</body>", '<link rel="stylesheet" href="https://example.org/a.css"></body>'),
    "a link that runs": ("</body>", f'<a href="java&#9;script:{OWN}">words</a></body>'),
    "a link to data": ("</body>", '<a href="data:text/html,<b>">words</a></body>'),
    "another program to draw with": ('id="plotly-packed">', 'id="plotly-packed">AAAA'),
    "a panel of its own": (
        "</body>",
        '<script type="application/json" id="ketacost-live">{"panel": "1", "engine": "2"}</script></body>',
    ),
}


@pytest.mark.parametrize(("here", "instead"), CHANGES.values(), ids=CHANGES)
def test_a_gallery_refuses_a_page_that_could_run_or_load_something(
    tmp_path: Path, page: Path, here: str, instead: str
) -> None:
    text = page.read_text("utf-8")
    assert here in text
    page.write_text(text.replace(here, instead, 1), "utf-8")
    with pytest.raises(KetacostError, match=r"page\.html is not a page as this ketacost makes them"):
        gallery([page], tmp_path / "shown")
    assert not (tmp_path / "shown").exists()


def test_a_gallery_takes_pages_as_they_were_made(tmp_path: Path, page: Path) -> None:
    plain = share_notebook(notebook(tmp_path), tmp_path / "plain.html", draw=False, language="es").page
    gallery([page, plain], tmp_path / "shown")
    assert sorted(path.name for path in (tmp_path / "shown").iterdir()) == ["index.html", "page.html", "plain.html"]


def test_a_gallery_takes_a_live_page(tmp_path: Path) -> None:
    if missing():
        pytest.skip("what a live page carries was not fetched: make vendor")
    live = share_notebook(NOTEBOOKS / "01_what_will_it_cost.ipynb", tmp_path / "live.html", draw=False, live=True).page
    gallery([live], tmp_path / "shown")
    text = live.read_text("utf-8")
    for here, instead in (('data-part="package">', 'data-part="package">AAAA'), ('"panel":"', '"panel":"1;')):
        assert here in text
        live.write_text(text.replace(here, instead, 1), "utf-8")
        with pytest.raises(KetacostError, match="that it carries is another one"):
            gallery([live], tmp_path / "again")


@pytest.mark.parametrize(
    "words",
    [
        f"<script>{OWN}</script>",
        f'<img src="x" onerror="{OWN}">',
        f"[words](javascript:{OWN})",
        f"[words](java&#115;cript:{OWN})",
        f"[words][a]\n\n[a]: javascript:{OWN}",
        f'<a href="java&#9;script:{OWN}">words</a>',
        f'<svg onload="{OWN}"></svg>',
        f'<iframe srcdoc="<script>{OWN}</script>"></iframe>',
    ],
)
def test_hostile_words_do_not_get_into_the_copies(tmp_path: Path, words: str) -> None:
    source = notebook(tmp_path, told(f"before\n\n{words}\n\nafter"))
    share_notebook(source, tmp_path / "p.html", draw=False, ipynb=tmp_path / "c.ipynb", md=tmp_path / "c.md")
    for name in ("c.ipynb", "c.md"):
        text = (tmp_path / name).read_text("utf-8")
        assert "before" in text
        assert "after" in text
        for trace in ("<script", "onerror", "onload", "javascript:", "<iframe", "&#115;", "&#9;"):
            assert trace not in text, (name, text)


def test_plain_words_stay_as_they_are_in_the_copies(tmp_path: Path) -> None:
    words = "## What *you* pay\n\n| a | b |\n|---|---|\n| 1 | [x](https://example.org/) |\n\n`a < b`, 3 < 4<br>and more"
    share_notebook(notebook(tmp_path, told(words)), tmp_path / "p.html", draw=False, md=tmp_path / "c.md")
    assert words in (tmp_path / "c.md").read_text("utf-8")


@pytest.mark.parametrize("title", ["=1+1", "@SUM(1)", " =1+1", "\uff1d1+1", "+1", "-1+cmd"])
def test_no_text_of_a_spreadsheet_is_a_formula(tmp_path: Path, title: str) -> None:
    from openpyxl import load_workbook

    scenario = kc.example("readme-patient").replace(title=title)
    for ending in ("csv", "xlsx"):
        export(kc.estimate(scenario), tmp_path / f"a.{ending}")
    lines = (tmp_path / "a.csv").read_text("utf-8-sig").splitlines()
    assert not [cell for line in lines for cell in line.split(",") if cell.strip('"').startswith(title)]
    for sheet in load_workbook(tmp_path / "a.xlsx").worksheets:
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_a_list_of_people_has_an_end(tmp_path: Path) -> None:
    path = tmp_path / "people.txt"
    path.write_text("\n".join(f"Jane Doe {number}" for number in range(10_001)), "utf-8")
    with pytest.raises(KetacostError, match="at most 10,000 are looked for"):
        people_in(path)
    path.write_text("x" * 201, "utf-8")
    with pytest.raises(KetacostError, match="at most 200 letters"):
        people_in(path)
    path.write_text("Jane Doe\n# nobody\n\nJane Doe\n", "utf-8")
    assert people_in(path) == ("Jane Doe",)


def test_the_browser_that_prints_reaches_nobody(tmp_path: Path) -> None:
    """By name or by number, this machine included."""
    need_browser()
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = f"127.0.0.1:{server.getsockname()[1]}"
        page = tmp_path / "page.html"
        page.write_text(
            f'<title>t</title><p id="pictures">words</p><img src="http://{place}/a.png"><script src="http://localhost:'
            f'{server.getsockname()[1]}/a.js"></script><link rel="stylesheet" href="http://{place}/a.css">'
        )
        browser.printed(page, tmp_path / "page.pdf")
        server.setblocking(False)
        with pytest.raises(BlockingIOError):  # whoever had asked would wait in line here
            server.accept()
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


def test_the_browser_is_started_without_a_network_where_the_machine_can() -> None:
    if words := browser.without_network():
        found = subprocess.run([*words, "cat", "/proc/net/dev"], capture_output=True, text=True, check=True).stdout
        assert [line.split(":")[0].strip() for line in found.splitlines()[2:]] == ["lo"]
    assert any(flag.startswith("--proxy-server") for flag in browser.FLAGS)


def test_a_gallery_reads_no_pipe(tmp_path: Path) -> None:
    (tmp_path / "folder.html").mkdir()
    assert "not a regular file" in refused("gallery", tmp_path / "folder.html", "-o", tmp_path / "shown")
    assert "page" in said("gallery", "--help")
