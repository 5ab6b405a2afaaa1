"""A table as CSV text or as a workbook: real numbers and days, never a formula, and a sheet that says what it rests on.

The same table gives the same bytes.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from io import BytesIO, StringIO
from typing import Any, Literal, NamedTuple

from ketacost.core.money import dollars
from ketacost.core.references import Citation, rows

NOT_ADVICE = "An estimate, not advice: not legal, medical, tax or coding advice, and no promise of what a plan decides."
TRIGGERS = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula."""

FORMATS = {"money": '"$"#,##0.00;-"$"#,##0.00', "day": "yyyy-mm-dd", "share": "0.0%", "number": "0.0"}
WIDEST = 60

Kind = Literal["text", "money", "day", "count", "share", "number"]


class Field(NamedTuple):
    """A column of a table: its name in a frame or CSV, its heading in a workbook, and what its cells are."""

    name: str
    heading: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Table:
    """A table to export: its title and finding, its columns and rows (money in cents), and what it rests on."""

    title: str
    finding: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[Any, ...], ...]
    citations: tuple[Citation, ...] = ()
    notes: tuple[str, ...] = ()


def plain(cell: Any, kind: Kind) -> Any:
    """A cell as a frame or workbook holds it: dollars as Decimal, chances and hours as floats."""
    if cell is None:
        return None
    if kind == "money":
        return Decimal(dollars(cell))
    return round(float(cell), 6) if isinstance(cell, Fraction) else cell


def csv_text(table: Table) -> str:
    """The rows as CSV under the columns' names, with the mark by which spreadsheets know UTF-8."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([field.name for field in table.fields])
    for row in table.rows:
        writer.writerow([_written(cell, f.kind) for f, cell in zip(table.fields, row, strict=True)])
    return "\ufeff" + out.getvalue()


def _written(cell: Any, kind: Kind) -> str:
    """A cell as text; a text that a spreadsheet would take for a formula begins with an apostrophe."""
    value = plain(cell, kind)
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if kind == "text" and text.startswith(TRIGGERS) else text


def workbook(table: Table) -> bytes:
    """The rows as an XLSX workbook under their headings, with a sheet "About"."""
    from openpyxl import Workbook  # type: ignore[import-untyped]
    from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped]
    from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

    book = Workbook()
    sheet = book.active
    sheet.title = re.sub(r"[^\w ]", "", table.title.partition(",")[0])[:31]
    bold = Font(bold=True)
    for number, field in enumerate(table.fields, 1):
        _put_text(sheet.cell(1, number), field.heading)
        sheet.cell(1, number).font = bold
        sheet.cell(1, number).alignment = Alignment(wrap_text=True, vertical="top")
        longest = max((len(_written(row[number - 1], field.kind)) for row in table.rows), default=0)
        sheet.column_dimensions[get_column_letter(number)].width = min(max(longest + 3, 12), WIDEST)
    for down, row in enumerate(table.rows, 2):
        for number, (field, cell) in enumerate(zip(table.fields, row, strict=True), 1):
            place, value = sheet.cell(down, number), plain(cell, field.kind)
            if isinstance(value, str):
                _put_text(place, value)
            else:
                place.value = value
                place.number_format = FORMATS.get(field.kind, "General")
    sheet.freeze_panes = "A2"
    about_it = book.create_sheet("About")
    for down, (label, text) in enumerate(_about(table), 1):
        _put_text(about_it.cell(down, 1), label)
        _put_text(about_it.cell(down, 2), text)
        about_it.cell(down, 1).font = bold
        about_it.cell(down, 2).alignment = Alignment(wrap_text=True, vertical="top")
    about_it.column_dimensions["A"].width, about_it.column_dimensions["B"].width = 24, 110
    book.properties.creator = "ketacost"
    held = BytesIO()
    book.save(held)
    return _steady(held.getvalue())


def _put_text(place: Any, text: str) -> None:
    """Put a text that stays a text, whatever it begins with."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # type: ignore[import-untyped]

    kept = ILLEGAL_CHARACTERS_RE.sub("", text)
    if not kept:
        return
    place.value, place.data_type = kept, "s"
    if text.startswith(TRIGGERS):
        place.quotePrefix = True


def _about(table: Table) -> Iterator[tuple[str, str]]:
    """What the numbers are, of when, from which version, and what they rest on."""
    from importlib.metadata import version

    yield "Title", table.title
    yield "Finding", table.finding
    read = sorted({citation.source.read_on for citation in table.citations} or {max(row["read_on"] for row in rows("sources"))})
    yield "Numbers read on", read[0] if len(read) == 1 else f"{read[0]} to {read[-1]}"
    yield "Made with", f"ketacost {version('ketacost')}"
    yield "Amounts", "US dollars, to the cent"
    yield "", NOT_ADVICE
    yield from (("", note) for note in table.notes)
    yield from ((f"Source ({citation.grade})", str(citation)) for citation in table.citations)


def _steady(workbook: bytes) -> bytes:
    """The same workbook without the time it was made: the same content gives the same bytes."""
    from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

    held = BytesIO()
    with ZipFile(BytesIO(workbook)) as before, ZipFile(held, "w", ZIP_DEFLATED) as after:
        for name in before.namelist():
            inside = before.read(name)
            if name == "docProps/core.xml":
                inside = re.sub(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>", b"", inside)
            after.writestr(ZipInfo(name, (1980, 1, 1, 0, 0, 0)), inside, ZIP_DEFLATED)
    return held.getvalue()
