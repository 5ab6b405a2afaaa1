"""What people read is plain American English: the words that were overused do not come back."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from places import DATA, DOCS, NOTEBOOKS, ROOT

OVERUSED = re.compile(
    r"\b(?:rests? on|comes? to \$|(?:is|are|be) taken (?:to|as) |papers|the way out\b|ways? out of|beside each other"
    r"|stands?(?! for\b)|dearest|what is told|is told)\b",
    re.IGNORECASE,
)
"""Words of ours for which plain English has better ones: depends on, is about, we assume, sources, side by side."""

QUOTED = {"taxes.md", "datapackage.json"}
"""Texts that quote the words of others."""


def strings_of(path: Path) -> Iterator[str]:
    """The texts of a module that are sentences and no docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docs
            and " " in node.value
        ):
            yield node.value


def values_of(table: Any) -> Iterator[str]:
    """The texts of a table, all the way down; the places in sources are theirs."""
    if isinstance(table, dict):
        for key, value in table.items():
            if key not in ("where", "rests_on", "citations", "seen"):
                yield from values_of(value)
    elif isinstance(table, list):
        for value in table:
            yield from values_of(value)
    elif isinstance(table, str) and " " in table:
        yield table


def texts_of(path: Path) -> Iterator[str]:
    """What people read of a file: prose outside code, words of a notebook, messages of a module, texts of data."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        yield from strings_of(path)
    elif path.suffix == ".toml":
        yield from values_of(tomllib.loads(text))
    elif path.suffix == ".ipynb":
        for cell in json.loads(text)["cells"]:
            if cell["cell_type"] == "markdown":
                yield "".join(cell["source"])
    else:
        yield re.sub(r"```.*?```|`[^`\n]*`", " ", text, flags=re.DOTALL)


READ = [
    *(path for path in sorted(DOCS.glob("*.md")) if path.name not in QUOTED),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted(NOTEBOOKS.glob("*.ipynb")),
    *sorted(DATA.rglob("*.toml")),
    *(path for path in sorted((ROOT / "ketacost").rglob("*.py")) if "vendor" not in path.parts),
]


@pytest.mark.parametrize("path", READ, ids=lambda path: path.name)
def test_the_words_that_were_overused_do_not_come_back(path: Path) -> None:
    found = [
        (hit[0], text[max(0, hit.start() - 40) : hit.end() + 40])
        for text in texts_of(path)
        for hit in OVERUSED.finditer(text)
    ]
    assert found == []


def test_an_overused_word_is_seen() -> None:
    for told in (
        "The answer rests on it.",
        "It comes to $40.",
        "The plan is taken to pay.",
        "It stands there.",
        "the papers",
    ):
        assert OVERUSED.search(told)
    for told in ("It stands for a service.", "Ask the plan.", "We assume that it pays."):
        assert not OVERUSED.search(told)
