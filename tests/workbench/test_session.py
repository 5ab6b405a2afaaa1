"""The desk that every front end is served by: windows, files, the call log. What cannot be is told, and nothing is lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import ketacost as kc
from ketacost.workbench.session import Desk

START = date(2026, 11, 30)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(start=START, folder=tmp_path / "scenarios")


def told(desk: Desk, **request: Any) -> dict[str, Any]:
    desk.serve(request)
    return desk.shown()["told"]


def test_why_opens_a_window_with_the_sentences_and_the_papers(desk: Desk) -> None:
    window = told(desk, do="why", figure="charge")["window"]
    assert window["title"] == "What the clinic charges: $7,788.00"
    assert "The clinic charges $288.00." in window["html"]
    assert "It rests on" in window["html"]
    assert "window" not in told(desk, do="undo"), "it was shown once"


def test_a_scenario_goes_out_as_text_and_comes_back_the_same(desk: Desk) -> None:
    desk.set("prices.charges.infusion", "650")
    kept = desk.scenario
    file = told(desk, do="download", name="my patient")["file"]
    assert file["name"] == "my patient.toml"
    other = Desk(start=START)
    assert told(other, do="read", **file)["said"].startswith("my patient.toml is open")
    assert other.scenario == kept
    assert told(other, do="undo")["redo"] == 1
    assert other.scenario != kept


def test_a_file_that_cannot_be_read_changes_nothing_and_says_why(desk: Desk) -> None:
    before = desk.scenario
    assert "a.toml: this is not TOML" in told(desk, do="read", name="a.toml", text="plan = ")["problem"]
    assert "a file ends in .toml or .json" in told(desk, do="read", name="a.xlsx", text="x")["problem"]
    assert desk.scenario == before


def test_saving_writes_the_named_file_and_never_over_another_scenario(desk: Desk, tmp_path: Path) -> None:
    assert told(desk, do="save", name="one")["said"] == "Saved as scenarios/one.toml."
    assert kc.load(tmp_path / "scenarios" / "one.toml") == desk.scenario
    desk.set("course.visits.maintenance", "4")
    assert told(desk, do="save", name="one")["said"], "its own file may be renewed"
    other = Desk(start=START, folder=tmp_path / "scenarios")
    assert "holds another scenario" in told(other, do="save", name="one")["problem"]
    assert kc.load(tmp_path / "scenarios" / "one.toml") == desk.scenario
    assert told(other, do="files")["files"] == ["one.toml"]
    assert told(other, do="open", name="one.toml")["said"].startswith("one.toml is open")
    assert other.scenario == desk.scenario
    assert told(other, do="save", name="one")["said"]


@pytest.mark.parametrize("name", ["../../elsewhere", "/etc/passwd", "a/b\\c"])
def test_a_name_never_leads_out_of_the_folder(desk: Desk, tmp_path: Path, name: str) -> None:
    told(desk, do="save", name=name)
    assert [path.parent.name for path in tmp_path.rglob("*.toml")] == ["scenarios"]
    assert "folder" in told(Desk(start=START), do="save", name="x")["problem"]
    assert "letters or digits" in told(desk, do="save", name="///")["problem"]


def test_what_looks_like_somebodys_data_is_not_kept(desk: Desk, tmp_path: Path) -> None:
    problem = told(desk, do="save", name="123-45-6789")["problem"]
    assert "somebody's data" in problem
    assert "123-45" not in problem
    assert not list(tmp_path.rglob("*.toml"))


def test_a_part_of_the_page_is_worked_out_while_it_stands_open(desk: Desk) -> None:
    assert "Working it out" in desk.shown()["detail"]
    desk.serve({"do": "fold", "part": "starts", "open": True})
    opened = desk.shown()["detail"]
    assert 'data-part="starts" data-full="1"' in opened
    desk.serve({"do": "fold", "part": "starts", "open": False})
    assert 'data-part="starts" data-full' not in desk.shown()["detail"]


def test_saved_scenarios_stand_beside_what_is_in_the_form(desk: Desk, tmp_path: Path) -> None:
    told(desk, do="save", name="typical")
    desk.set("prices.charges.infusion", "650")
    told(desk, do="save", name="dearer")
    (tmp_path / "scenarios" / "broken.toml").write_text("plan = ", encoding="utf-8")
    assert "Saved scenarios, side by side" in desk.shown()["detail"]
    assert ">typical<" not in desk.shown()["detail"]
    desk.serve({"do": "fold", "part": "saved", "open": True})
    opened = desk.shown()["detail"]
    assert "3 ways, in the order given: As it stands here ($10,040); dearer ($10,040); typical ($7,790)." in opened
    assert "Saved scenarios" not in Desk(start=START).shown()["detail"], "a page without a folder has none"


def test_months_lines_and_routes_are_kept_as_spreadsheets(desk: Desk, tmp_path: Path) -> None:
    for what in ("months", "lines", "routes", "months"):
        assert told(desk, do="export", what=what)["said"].endswith(".xlsx.")
    kept = sorted(path.name for path in (tmp_path / "scenarios").iterdir())
    assert kept == [f"iv-mood 2026-11-30 {name}.xlsx" for name in ("lines", "months (2)", "months", "routes")]
    book = openpyxl.load_workbook(tmp_path / "scenarios" / "iv-mood 2026-11-30 lines.xlsx")
    charges = [row for row in book.worksheets[0].iter_rows(values_only=True) if 288 in row]
    assert len(charges) == 1
    assert "budget" in told(desk, do="export", what="budget")["problem"]


def test_a_call_is_written_down_and_what_was_said_is_known_from_then_on(desk: Desk) -> None:
    path = "plan.networks.out.allowed.infusion"
    assert path in desk.scenario.ranges
    said = told(desk, do="log", about=path, value="250", answer="our schedule", day="2026-11-24", reference="R-1")[
        "said"
    ]
    assert said == "Written down: the call of 2026-11-24. Undo takes it back."
    assert path not in desk.scenario.ranges
    assert desk.scenario.plan.networks["out"].allowed["infusion"] == 25_000
    assert [(call.day, call.reference) for call in desk.scenario.calls] == [(date(2026, 11, 24), "R-1")]
    desk.undo()
    assert path in desk.scenario.ranges
    assert not desk.scenario.calls


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_handout_is_a_whole_page(desk: Desk, language: str) -> None:
    page = told(desk, do="handout", language=language)["page"]
    assert page.startswith("<!DOCTYPE html>")
    assert "$7,790" in page


def test_a_request_that_is_none_does_nothing(desk: Desk) -> None:
    before = desk.shown()["head"]
    assert told(desk, do="format the disk")["problems"] == {}
    assert desk.shown()["head"] == before
