"""Names of our own things are the field's terms: words that nobody else uses for them do not come back."""

from __future__ import annotations

import ast
import csv
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from places import DATA, DOCS, NOTEBOOKS, ROOT

GONE = {"paper", "papers", "desk", "desks", "door", "doors", "sides", "matter", "matters"}
NOT_OURS = {"paper_bgcolor", "paper"}
"""Plotly's names for the ground of a figure and for its whole area."""

ENGLISH = re.compile("what matters", re.IGNORECASE)
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def words_of(name: str) -> set[str]:
    """The words that a name is made of: `papers_of`, `DeskError` and `side-by-side` alike."""
    return {word.lower() for word in WORD.findall(name)}


def names_in_code(text: str) -> Iterator[str]:
    """Every name that a module gives or uses: of variables, arguments, attributes, functions and classes."""
    for node in ast.walk(ast.parse(text)):
        for field in ("id", "arg", "attr", "name", "asname"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                yield name
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("described", "Column"):
            yield from (part.value for part in node.args[:2] if isinstance(part, ast.Constant))


def keys_of(table: Any) -> Iterator[str]:
    """Every key of a table, all the way down."""
    if isinstance(table, dict):
        for key, entry in table.items():
            yield key
            yield from keys_of(entry)
    elif isinstance(table, list):
        for entry in table:
            yield from keys_of(entry)


def headings(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line.startswith("#"))


def old_words(names: Iterator[str]) -> set[str]:
    return {name for name in names if name not in NOT_OURS and words_of(ENGLISH.sub("", name)) & GONE}


@pytest.mark.parametrize("path", sorted((ROOT / "ketacost").rglob("*.py")), ids=lambda path: path.stem)
def test_no_name_in_the_code_is_an_old_one(path: Path) -> None:
    assert old_words(names_in_code(path.read_text("utf-8"))) == set()


def test_no_key_or_column_of_the_data_is_an_old_one() -> None:
    for path in DATA.rglob("*.toml"):
        assert old_words(keys_of(tomllib.loads(path.read_text("utf-8")))) == set(), path
    for path in DATA.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            assert old_words(iter(next(csv.reader(file)))) == set(), path


def test_no_heading_is_an_old_one() -> None:
    for path in [*DOCS.glob("*.md"), *ROOT.glob("*.md")]:
        assert old_words(headings(path.read_text("utf-8"))) == set(), path
    for path in NOTEBOOKS.glob("*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        texts = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        assert old_words(line for text in texts for line in headings(text)) == set(), path


@pytest.mark.parametrize("name", ["papers_of", "DeskError", "_door", "the_sides", "x.matters", "allowed_paper"])
def test_an_old_name_is_seen(name: str) -> None:
    assert old_words(iter([name])) == {name}


@pytest.mark.parametrize("name", ["outdoor", "newspapers", "side_by_side", "What matters", "inside", "paper_bgcolor"])
def test_other_names_pass(name: str) -> None:
    assert old_words(iter([name])) == set()
