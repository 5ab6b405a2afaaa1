"""What people read in a notebook is not typeset as maths, and its panels open with an answer above them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from places import ROOT

BOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_no_dollar_signs_make_maths_of_a_sentence(path: Path) -> None:
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            assert "$" not in "".join(cell["source"])


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_html_outputs_are_kept_from_being_typeset(path: Path) -> None:
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        for output in cell.get("outputs", ()):
            html = "".join(output.get("data", {}).get("text/html", ""))
            assert "$" not in html or "mathjax_ignore" in html


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_the_first_cell_says_for_whom_of_when_and_that_it_is_no_advice(path: Path) -> None:
    first = "".join(json.loads(path.read_text("utf-8"))["cells"][0]["source"]).lower()
    for said in ("for ", "november 23, 2026", "stale", "advice"):
        assert said in first
