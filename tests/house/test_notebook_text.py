"""What people read in a notebook is not typeset as maths, and its panels open with an answer above them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import ROOT

from ketacost.estimate.scenario import FIRST_PATIENT
from ketacost.files.last_patient import FIRST_DAY
from ketacost.jupyter.lab import parameters_of

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


COUNSELORS = [path for path in BOOKS if path.stem[:2] <= "05"]
RAW = re.compile(r"datetime\.date\(|^[\[({'\"]|^\w+\(|^-?\d+(?:\.\d+)?$|\b0x[0-9a-f]{6}|\d{4}-\d\d-\d\d", re.MULTILINE)
"""What a person who reads no Python should not meet: a repr, a bare number, a day as computers write it."""


def outputs(path: Path) -> Iterator[tuple[str, str]]:
    """What a reader without HTML sees of each output, with the id of its cell."""
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        for output in cell.get("outputs", ()):
            plain = output.get("text") or output.get("data", {}).get("text/plain", "")
            yield cell["id"], "".join(plain)


@pytest.mark.parametrize("path", COUNSELORS, ids=lambda path: path.stem)
def test_counselors_read_sentences_and_tables_and_no_python(path: Path) -> None:
    assert [(id, RAW.findall(text)) for id, text in outputs(path) if RAW.search(text)] == []
    code = [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    folded = [cell["metadata"].get("jupyter") == {"source_hidden": True} for cell in code]
    named = [cell["metadata"].get("tags") == ["parameters"] for cell in code]
    assert [fold != name for fold, name in zip(folded, named, strict=True)] == [True] * len(code)


def test_a_repr_and_a_bare_number_are_seen() -> None:
    for raw in ("(751800, 751800)", "NetParts(copay=0)", "['a']", "8268.0", "Call(day=datetime.date(2026, 1, 1))"):
        assert RAW.search(raw)
    assert not RAW.search("You pay $7,788.00 of $7,788.00; the plan pays $0.00.")


@pytest.mark.parametrize("path", [path for path in BOOKS if path.stem[:2] <= "06"], ids=lambda path: path.stem)
def test_a_notebook_begins_with_one_patient_on_one_day(path: Path) -> None:
    """Stored outputs never depend on what somebody saved: the cell of parameters names the example and the day."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    cell = parameters_of({"cells": cells})
    assert cell is not None
    assert "".join(cell["source"]) == (
        f'scenario = "{FIRST_PATIENT}"  # a file or an example; None takes the patient last saved or left off\n'
        f'today = "{FIRST_DAY.isoformat()}"'
    )
    assert any("kc.last(scenario, today=today" in "".join(cell["source"]) for cell in cells)
    assert len({cell["id"] for cell in cells}) == len(cells)
