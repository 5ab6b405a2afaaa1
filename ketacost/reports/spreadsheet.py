"""A statement as CSV or as a workbook: real numbers and days, never a formula; the same cells give the same bytes."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ketacost.core.fields import KetacostError
from ketacost.core.references import rows
from ketacost.core.words import formula
from ketacost.core.writing import write_whole
from ketacost.estimate.scenario import Scenario
from ketacost.reports.statement import Column, Kind, Statement
from ketacost.reports.statements import statement

if TYPE_CHECKING:
    import pandas as pd

NOT_ADVICE = "An estimate, not advice: not legal, medical, tax or coding advice, and no promise of what a plan decides."
FORMATS: dict[Kind, str] = {
    "money": '"$"#,##0.00;-"$"#,##0.00',
    "day": "yyyy-mm-dd",
    "month": "mmm yyyy",
    "share": "0.0%",
    "chance": "0.0%",
    "number": "0.0",
}
WIDEST = 60


def csv_text(table: Statement) -> str:
    """The rows as CSV under the columns' names, with the mark by which spreadsheets know UTF-8."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.name for column in table.columns])
    for row in table.rows:
        writer.writerow([_written(cell, column) for column, cell in table.cells(row)])
    return "\ufeff" + out.getvalue()


def _written(cell: Any, column: Column) -> str:
    """A cell as text; a text that a spreadsheet would take for a formula begins with an apostrophe."""
    value = column.plain(cell)
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if column.kind == "text" and formula(text) else text


def workbook(table: Statement) -> bytes:
    """The rows as an XLSX workbook under their headings, with a sheet "About"."""
    from openpyxl import Workbook  # type: ignore[import-untyped]

    book = Workbook()
    sheet = book.active
    sheet.title = re.sub(r"[^\w ]", "", table.caption.partition(",")[0])[:31]
    _put_headings(sheet, table)
    for down, row in enumerate(table.rows, 2):
        for across, (column, cell) in enumerate(table.cells(row), 1):
            _put(sheet.cell(down, across), column.plain(cell), FORMATS.get(column.kind, "General"))
    sheet.freeze_panes = "A2"
    _put_about(book.create_sheet("About"), table)
    book.properties.creator = "ketacost"
    file = BytesIO()
    book.save(file)
    return _steady(file.getvalue())


def _put_headings(sheet: Any, table: Statement) -> None:
    """The headings, bold, over columns wide enough for the cells below."""
    from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped]
    from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

    for across, column in enumerate(table.columns, 1):
        place = sheet.cell(1, across)
        _put(place, column.heading)
        place.font, place.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        longest = max((len(_written(row[across - 1], column)) for row in table.rows), default=0)
        sheet.column_dimensions[get_column_letter(across)].width = min(max(longest + 3, 12), WIDEST)


def _put_about(sheet: Any, table: Statement) -> None:
    """What the numbers are, label by label."""
    from openpyxl.styles import Alignment, Font

    for down, texts in enumerate(_about(table), 1):
        for across, text in enumerate(texts, 1):
            _put(sheet.cell(down, across), text)
        sheet.cell(down, 1).font = Font(bold=True)
        sheet.cell(down, 2).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 110


def _put(place: Any, value: Any, number_format: str = "General") -> None:
    """Put a value into a cell; a text stays a text, whatever it begins with."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # type: ignore[import-untyped]

    if not isinstance(value, str):
        place.value, place.number_format = value, number_format
    elif text := ILLEGAL_CHARACTERS_RE.sub("", value):
        place.value, place.data_type = text, "s"
        if formula(value):
            place.quotePrefix = True


def _about(table: Statement) -> Iterator[tuple[str, str]]:
    """What the numbers are, of when, from which version, and their sources."""
    from importlib.metadata import version

    citations = table.citations
    yield "Title", table.caption
    yield "Finding", table.headline
    read = [citation.source.read_on for citation in citations] or [max(row["read_on"] for row in rows("sources"))]
    yield "Numbers read on", " to ".join(dict.fromkeys((min(read), max(read))))
    yield "Made with", f"ketacost {version('ketacost')}"
    yield "Amounts", "US dollars, to the cent"
    yield "", NOT_ADVICE
    if table.footnote:
        yield "", table.footnote
    yield from ((column.heading, column.means) for column in table.columns if column.means)
    yield from ((f"Source ({citation.grade})", str(citation)) for citation in citations)


def _steady(workbook: bytes) -> bytes:
    """The same workbook without the time it was made: the same content gives the same bytes."""
    from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

    file = BytesIO()
    with ZipFile(BytesIO(workbook)) as before, ZipFile(file, "w", ZIP_DEFLATED) as after:
        for name in before.namelist():
            inside = before.read(name)
            if name == "docProps/core.xml":
                inside = re.sub(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>", b"", inside)
            after.writestr(ZipInfo(name, (1980, 1, 1, 0, 0, 0)), inside, ZIP_DEFLATED)
    return file.getvalue()


def export(result: object, path: str | Path, *, of: Scenario | None = None) -> Path:
    """Write what `statement` shows to a .csv or .xlsx file, with every column and row, and return the path.

    export(answer, "lines.xlsx"). Amounts are dollars to the cent. `of` is the scenario of a result that does not carry
    its own, such as starts: the sheet "About" then has its sources. Raises KetacostError for another file ending, for
    anything that is not a result, and if the file cannot be written.
    """
    path = Path(path)
    table = statement(result, of=of)
    table = table.full or table
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise KetacostError(f"an export ends in .csv or .xlsx, not in {path.suffix!r}")
    try:
        content = csv_text(table) if path.suffix.lower() == ".csv" else workbook(table)
    except OSError as error:  # the disk is full, where a workbook is put together
        raise KetacostError(f"{path} cannot be written: {error.strerror}") from error
    write_whole(path, content, private=True)
    return path


def frame(result: object, *, money: str = "dollars") -> pd.DataFrame:
    """What `export` writes as a pandas frame: frame(answer), or frame of a list of answers, plans, sources and more.

    Days are datetime64, dollars float64; with money="decimal" dollars are Decimal, with "cents" whole cents under names
    that end in _cents. A variant of the rule is named in the frame's `attrs`.
    """
    table = statement(result)
    found = (table.full or table).frame_in(money)
    if table.footnote:
        found.attrs["ketacost"] = table.footnote
    return found
