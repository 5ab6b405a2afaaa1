"""Results as files: read back, they hold the same cents and days as the frame, no formula, and the same bytes each time."""

from __future__ import annotations

import csv
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest
from small_scenarios import four_visits

import ketacost as kc
from ketacost.analysis.comparison import compare, compare_routes
from ketacost.analysis.start_dates import WAITING, ranged, starts, to_show
from ketacost.core.references import rows
from ketacost.estimate.answer import run
from ketacost.estimate.calendar import calendar
from ketacost.estimate.estimate import estimate
from ketacost.estimate.scenario import Scenario
from ketacost.reports.spreadsheet import NOT_ADVICE, csv_text, export, frame, workbook
from ketacost.reports.statement import Column, Statement
from ketacost.reports.statements import statement

KINDS = ("comparison", "routes", "calendar", "answer", "estimate", "starts", "ranged starts")


def readme() -> Scenario:
    return kc.example("readme-patient").replace(payer="employer-insured")


def result(kind: str) -> Any:
    """One result of each kind that can be exported."""
    return {
        "comparison": lambda: compare({"As asked": readme(), "=1+1": four_visits()}, over=8_000),
        "routes": lambda: compare_routes(readme()),
        "calendar": lambda: calendar(run(readme().replace(coverage="infusions too", ranges={}))),
        "answer": lambda: run(readme()),
        "starts": lambda: starts(readme().replace(ranges={}), months=3),
        "estimate": lambda: estimate(readme()),
        "ranged starts": lambda: tuple(ranged(readme(), to_show(starts(readme(), months=1)))),
    }[kind]()


def sheet_rows(path: Path) -> tuple[list[Any], list[list[Any]]]:
    """The headings and the cells of the first sheet."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    first, *rest = sheet.iter_rows(values_only=True)
    return list(first), [list(row) for row in rest]


@pytest.mark.parametrize("kind", KINDS)
def test_a_workbook_holds_the_frame_to_the_cent(kind: str, tmp_path: Path) -> None:
    what = result(kind)
    path = export(what, tmp_path / "it.xlsx")
    columns, expected = (statement(what).full or statement(what)).columns, frame(what, money="decimal")
    headings, rows = sheet_rows(path)
    assert headings == [column.heading for column in columns]
    assert len(rows) == len(expected) > 0
    seen = set()
    for number, column in enumerate(columns):
        for row, cell in zip(rows, expected[column.name], strict=True):
            found = row[number]
            seen.add(column.kind)
            if cell is None or pd.isna(cell):
                assert found is None
            elif column.kind == "money":
                assert isinstance(found, int | float)
                assert isinstance(cell, Decimal)
                assert Decimal(str(found)) == cell
            elif column.kind in ("day", "month"):
                assert isinstance(found, datetime)
                assert found == cell
            elif column.kind in ("count", "share", "chance", "number"):
                assert found == cell
            else:
                assert (found or "") == cell
    assert {"money", "count" if kind == "estimate" else "day"} <= seen


@pytest.mark.parametrize("kind", KINDS)
def test_a_csv_holds_the_frame(kind: str, tmp_path: Path) -> None:
    what = result(kind)
    path = export(what, tmp_path / "it.csv")
    expected = frame(what, money="decimal")
    with path.open(encoding="utf-8-sig", newline="") as file:
        first, *rows = csv.reader(file)
    assert first == list(expected.columns)
    for row, cells in zip(rows, expected.itertuples(index=False), strict=True):
        for found, cell in zip(row, cells, strict=True):
            told = "" if pd.isna(cell) else f"{cell:%Y-%m-%d}" if isinstance(cell, datetime) else str(cell)
            assert found == (f"'{told}" if told.startswith("=") else told)


def test_the_amounts_are_the_results_own() -> None:
    answer = run(readme())
    assert sum(frame(answer, money="cents")["you_pay_cents"]) == answer.you_pay
    assert sum(frame(answer)["you_pay"]) * 100 == answer.you_pay == 778_800
    paid = run(readme().replace(coverage="infusions too", ranges={}))
    for name in ("charge", "deductible", "coinsurance", "plan_pays", "you_pay", "balance_bill"):
        assert sum(frame(paid, money="decimal")[name]) * 100 == getattr(paid.totals, name) > 0
    dated = calendar(answer)
    assert sum(frame(dated)["amount"]) * 100 == dated.net
    assert frame(dated)["running"].iloc[-1] * 100 == dated.net
    found = compare({"It": readme()})
    assert frame(found)["low"].iloc[0] * 100 == found.options[0].low == 628_902
    days = starts(four_visits(), months=1)
    assert [int(net * 100) for net in frame(days, money="decimal")["net"]] == [one.net for one in days]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_the_same_thing_gives_the_same_bytes(kind: str, ending: str, tmp_path: Path) -> None:
    first = export(result(kind), tmp_path / f"a{ending}").read_bytes()
    assert export(result(kind), tmp_path / f"b{ending}").read_bytes() == first


def test_no_workbook_holds_the_time_it_was_made(tmp_path: Path) -> None:
    with ZipFile(export(result("answer"), tmp_path / "it.xlsx")) as file:
        assert {info.date_time for info in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"dcterms:created" not in file.read("docProps/core.xml")


MEAN = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("x")', "#N/A", "plain", "", "bell \x07 rung")


def test_what_looks_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    table = Statement("=found", "T", (Column("note", "=Note"),), tuple((text,) for text in MEAN))
    path = tmp_path / "mean.xlsx"
    path.write_bytes(workbook(table))
    for sheet in openpyxl.load_workbook(path).worksheets:
        for row in sheet.iter_rows():
            assert all(cell.data_type in ("s", "n") and not isinstance(cell.value, float) for cell in row)
    rows = sheet_rows(path)[1]
    assert [row[0] or "" for row in rows] == [text.replace("\x07", "") for text in MEAN]
    with ZipFile(path) as file:
        assert not any(b"<f>" in file.read(name) for name in file.namelist())
    lines = list(csv.reader(csv_text(table).removeprefix("\ufeff").splitlines()))[1:]
    assert [line[0] for line in lines[:6]] == [f"'{text}" for text in MEAN[:6]]
    assert lines[7][0] == "plain"


def test_a_negative_amount_is_a_number_in_both(tmp_path: Path) -> None:
    table = Statement("", "T", (Column("amount", "Amount", "money"),), ((-12_345,),))
    assert csv_text(table).splitlines()[1] == "-123.45"
    path = tmp_path / "it.xlsx"
    path.write_bytes(workbook(table))
    assert sheet_rows(path)[1] == [[-123.45]]


def test_the_sheet_about_says_what_the_numbers_are(tmp_path: Path) -> None:
    path = export(result("answer"), tmp_path / "it.xlsx")
    book = openpyxl.load_workbook(path)
    about = {row[0]: row[1] for row in book["About"].iter_rows(values_only=True) if row[0]}
    told = [row[1] for row in book["About"].iter_rows(values_only=True)]
    assert about["Title"] == "Line by line"
    assert about["Finding"] == repr(statement(run(readme())))
    assert about["Numbers read on"] == "2026-11-23"
    assert about["Made with"].startswith("ketacost ")
    assert NOT_ADVICE in told
    assert [str(citation) for citation in run(readme()).citations] == [text for text in told if text and " [" in text]
    assert any(name and name.startswith("Source (") for name in about)


def test_starts_and_calendars_name_their_citations_when_given_the_scenario(tmp_path: Path) -> None:
    scenario = readme().replace(ranges={})
    for what in (starts(scenario, months=1), calendar(run(scenario))):
        bare, full = statement(what), statement(what, of=scenario)
        assert bare.citations == ()
        assert full.citations == run(scenario).citations
    path = export(starts(scenario, months=1), tmp_path / "it.xlsx")
    told = [row[1] for row in openpyxl.load_workbook(path)["About"].iter_rows(values_only=True)]
    assert WAITING in told
    assert max(row["read_on"] for row in rows("sources")) in told


def test_a_workbook_can_be_read_at_the_session(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(export(result("routes"), tmp_path / "it.xlsx"))
    sheet = book.worksheets[0]
    assert book.sheetnames == ["Options side by side", "About"]
    assert sheet.freeze_panes == "A2"
    headings = [cell.value for cell in sheet[1]]
    money = sheet.cell(2, headings.index("You pay, if all visits take place") + 1)
    assert "$" in money.number_format
    assert sheet.cell(2, headings.index("First visit") + 1).number_format == "yyyy-mm-dd"
    assert sheet.column_dimensions["A"].width > 30
    assert all(cell.font.bold for cell in sheet[1])


def test_what_cannot_be_exported_is_told(tmp_path: Path) -> None:
    with pytest.raises(kc.KetacostError, match=r"ends in \.csv or \.xlsx, not in '\.pdf'"):
        export(result("answer"), tmp_path / "it.pdf")
    for wrong in ("text", [1, 2], readme().prices):
        with pytest.raises(kc.KetacostError, match="a statement shows one of"):
            export(wrong, tmp_path / "it.csv")
    with pytest.raises(kc.KetacostError, match="cannot be written"):
        export(result("answer"), tmp_path / "none" / "it.csv")
    assert list(tmp_path.iterdir()) == []


def test_the_old_file_stays_where_the_new_one_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = export(result("answer"), tmp_path / "it.xlsx")
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(kc.KetacostError, match="No space left"):
        export(result("calendar"), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_frame_has_types_that_compute() -> None:
    found = frame(calendar(run(readme())))
    assert str(found["day"].dtype) == "datetime64[s]"
    assert str(found["amount"].dtype) == "float64"
    assert found.groupby(found["day"].dt.year)["amount"].sum().sum() == pytest.approx(7_788)
    with pytest.raises(kc.KetacostError, match="kind of money"):
        frame(run(readme()), money="euros")


def test_lists_are_frames_too() -> None:
    """Answers, estimates, plans, protocols and sources, a row each; a plan's row is a benefit in a network."""
    answers = [run(readme()), run(readme().replace(coverage="infusions too", ranges={}))]
    assert frame(answers)["you_pay"].tolist() == [answer.you_pay / 100 for answer in answers]
    assert frame([estimate(readme())])["likely"].tolist() == [7_788.0]
    plan = kc.data.published_plan("nextgen-2026-750").plan
    terms = frame([plan]).set_index(["network", "benefit"])
    assert terms.loc[("out", "default"), "deductible"] == 2_250
    assert terms.loc[("out", "default"), "coinsurance"] == 0.4
    assert len(frame(kc.data.protocols())) > len(kc.data.protocols())
    assert set(frame(answers[0].citations)["grade"]) <= {"primary", "secondary", "advertised", "assumption"}
    assert len(frame(kc.data.sources())) > 300
