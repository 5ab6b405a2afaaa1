"""What is printed fits a terminal of 80 columns; where it goes elsewhere, tables and lines stay whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import said, sheet

from ketacost.core.words import fitted
from ketacost.estimate.scenario import examples
from ketacost.files import standard_streams


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standard_streams, "line_width", lambda: 80)
    monkeypatch.setattr("ketacost.cli.line_width", lambda: 80)


def too_long(text: str) -> list[str]:
    return [line for line in text.splitlines() if len(line) > 80]


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("name", examples())
def test_an_answer_with_its_steps_fits(name: str) -> None:
    assert too_long(said("run", name, "--steps")) == []


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(
    "line", ["run --list", "plans", "rules", "check", "check readme-patient", "check --due 2027-06-30"]
)
def test_what_is_listed_fits(line: str) -> None:
    assert too_long(said(*line.split())) == []


@pytest.mark.usefixtures("terminal")
def test_adjudicated_lines_fit(tmp_path: Path) -> None:
    rows = "date,code,charge,allowed,network", "2026-12-01,96365,500,240,out"
    text = said("adjudicate", sheet(tmp_path, *rows), "--plan", "nextgen-2026-750", "--steps")
    assert too_long(text) == []
    assert "$500.00" in text


def test_what_goes_into_a_file_is_not_folded() -> None:
    assert max(map(len, said("check").splitlines())) > 200


def test_a_folded_bullet_keeps_its_place() -> None:
    assert fitted("- " + "word " * 6, 20) == "- word word word\n  word word word"
    assert fitted("short", 20) == "short"
