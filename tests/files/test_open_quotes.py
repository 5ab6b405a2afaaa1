"""A quote that is not closed, in a table that pyarrow reads: told with its row; no row is lost or made one of two."""

from __future__ import annotations

from pathlib import Path

import pytest

import ketacost as kc
from ketacost.core.fields import KetacostError
from ketacost.core.sheets import holds_rows

pytest.importorskip("pyarrow")
from typer.testing import CliRunner

from ketacost.analysis.cohorts import ColumnMap, chunks
from ketacost.cli import app
from ketacost.files.cohort_files import load_used_table

HEAD = "patient,date,charge,note"
PLAN = kc.Plan.of(deductible=1_000, coinsurance="40%", allowed=350)
OPEN = {
    "to the end of the file": ('1,2027-01-04,600,"first', "2,2027-01-04,600,b", "3,2027-01-04,600,c"),
    "to the end of a file without a last line feed": ('1,2027-01-04,600,"first', "2,2027-01-04,600,b"),
    "to a quote in the same column": ('1,2027-01-04,600,"first', '2,2027-01-04,600,"b"', "3,2027-01-04,600,c"),
    "in the first column": ('"1,2027-01-04,600,a', '"2",2027-01-04,600,b', "3,2027-01-04,600,c"),
    "twice": ('1,2027-01-04,600,"first', "2,2027-01-04,600,b", '3,2027-01-04,600,"c'),
    "in the last row": ("1,2027-01-04,600,a", '2,2027-01-04,600,"b'),
}


def table(folder: Path, rows: tuple[str, ...], end: str = "\n") -> Path:
    """A file of some rows under the header."""
    path = folder / "lines.csv"
    path.write_text("\n".join((HEAD, *rows)) + end, "utf-8")
    return path


@pytest.mark.parametrize("where", OPEN)
def test_an_open_quote_is_told_with_its_row(tmp_path: Path, where: str) -> None:
    path = table(tmp_path, OPEN[where], "" if "without" in where else "\n")
    row = 3 if where == "in the last row" else 2
    for take in (
        lambda: list(chunks(path, ColumnMap())),
        lambda: load_used_table(path),
        lambda: kc.adjudicate_frame(path, PLAN, network="in"),
        lambda: kc.adjudicate_files(path, tmp_path / "out", PLAN, network="in"),
    ):
        with pytest.raises(KetacostError, match=rf"lines\.csv: row {row}, column '\w+' has a quote \(\"\) that is not"):
            take()
    assert not [*tmp_path.glob("out/*.parquet")]


def test_the_command_says_so(tmp_path: Path) -> None:
    path, plan = table(tmp_path, OPEN["twice"]), tmp_path / "plan.toml"
    plan.write_text("[networks.in]\ndeductible = 1000\n", "utf-8")
    said = CliRunner().invoke(app, ["adjudicate", str(path), "--plan", str(plan), "-o", f"{tmp_path / 'out'}/"])
    assert said.exit_code == 2
    assert "row 2, column 'note' has a quote (\") that is not closed" in said.output


def test_a_note_of_several_lines_is_one_row(tmp_path: Path) -> None:
    rows = ('1,2027-01-04,600,"first,\nand a second line, too\n\nand a fourth"', '2,2027-01-04,600,"5"" pipe"')
    read = [(part["note"].to_pylist(), number) for part, _, number in chunks(table(tmp_path, rows), ColumnMap())]
    assert read == [(["first,\nand a second line, too\n\nand a fourth"], 2), (['5" pipe'], 3)]


@pytest.mark.parametrize(
    ("cell", "place", "columns", "rows"),
    [
        ("a\n2,b,c", 2, 3, True),
        ("a\n2,b", 2, 3, False),
        ("1,b,c\n2", 0, 3, True),
        ("1,b\n2", 0, 3, False),
        ("a\n2,b,c\nd", 1, 3, True),
        ("a\nb,c\nd", 1, 3, False),
        ("a\n", 1, 3, True),
        ("a\nb", 0, 1, False),
    ],
)
def test_which_cells_hold_rows(cell: str, place: int, columns: int, rows: bool) -> None:
    assert holds_rows(cell, place, columns, ",") == rows
