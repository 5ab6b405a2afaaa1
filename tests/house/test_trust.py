"""What is promised of trust names the test that holds it, and tools that are there."""

from __future__ import annotations

import re
from collections import Counter

import dependencies
import planted_errors
import pytest
from places import DOCS, ROOT

PAGES = (DOCS / "trust.md", ROOT / "SECURITY.md")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_test_and_tool_that_is_named_is_there(path: str) -> None:
    text = (ROOT / path).read_text("utf-8")
    named = re.findall(r"`(?:python )?((?:tests|tools)/[\w/]+\.py)", text)
    assert len(named) > 8
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_every_promise_has_its_test() -> None:
    rows = (DOCS / "trust.md").read_text("utf-8").partition("## The promises of the README")[2].partition("\n## ")[0]
    lines = [line for line in rows.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert len(lines) > 12
    assert [line for line in lines if "`tests/" not in line.split(" | ")[-1]] == []


def test_what_is_asked_for_stands_in_the_page_with_its_license() -> None:
    text = (DOCS / "dependencies.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| ([\w.-]+) \| ([^|]+) \| [^|]+ \| \w+ \| [^|]+ \|$", text, re.M))
    asked = [dependencies.NAME.match(line) for lines in dependencies.project().values() for line in lines]
    for match in asked:
        assert match
        bound = match.string[match.end() :].strip() or "any"
        assert rows[match[0]].strip() == bound, "run python tools/dependencies.py"


def test_the_bill_of_materials_holds_what_is_installed() -> None:
    parts = {part["name"]: part for part in dependencies.sbom()["components"]}  # type: ignore[attr-defined]
    assert {"pandas", "nh3", "pyodide"} <= set(parts)
    assert parts["nh3"]["licenses"] == [{"license": {"name": "MIT"}}]


def test_every_wrong_rule_can_be_planted_in_just_one_place() -> None:
    texts = {error.file: (ROOT / "ketacost" / f"{error.file}.py").read_text("utf-8") for error in planted_errors.ALL}
    lines = {file: Counter(line.strip() for line in text.splitlines()) for file, text in texts.items()}
    assert [error.means for error in planted_errors.ALL if lines[error.file][error.right] != 1] == []


def test_the_page_tells_how_many_wrong_rules_are_planted() -> None:
    assert f"plants {len(planted_errors.ALL)} wrong rules" in (DOCS / "trust.md").read_text("utf-8")
