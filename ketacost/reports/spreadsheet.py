"""A table as CSV text or as a workbook: real numbers and days, never a formula, and a sheet that says what it rests on.

The same table gives the same bytes.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ketacost.analysis.comparison import Comparison
from ketacost.analysis.start_dates import WAITING, Start, headline
from ketacost.core.fields import KetacostError
from ketacost.core.money import about, dollars
from ketacost.core.references import Citation, rows
from ketacost.estimate.answer import Answer, run
from ketacost.estimate.calendar import Calendar
from ketacost.estimate.explain import citations, label_of
from ketacost.estimate.scenario import Scenario
from ketacost.files.scenario_files import write_whole

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
    read = sorted(
        {citation.source.read_on for citation in table.citations} or {max(row["read_on"] for row in rows("sources"))}
    )
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


if TYPE_CHECKING:
    import pandas as pd

Exported = Comparison | Calendar | Answer | Sequence[Start]


def export(what: Exported, path: str | Path, *, of: Scenario | None = None) -> Path:
    """Write a comparison, a calendar, an answer's lines or possible starts to a .csv or .xlsx file; gives back its path.

    Amounts are dollars to the cent. `of` is the scenario of a calendar or of starts: its sources then stand on the sheet
    "About". Raises KetacostError for another ending, for what cannot be exported, and where the file cannot be written.
    """
    path = Path(path)
    table = table_of(what, of)
    if path.suffix.lower() == ".csv":
        write_whole(path, csv_text(table))
    elif path.suffix.lower() == ".xlsx":
        write_whole(path, workbook(table))
    else:
        raise KetacostError(f"an export ends in .csv or .xlsx, not in {path.suffix!r}")
    return path


def frame(what: Exported) -> pd.DataFrame:
    """The same table as a pandas frame: amounts in dollars as Decimal, to the cent; days as dates."""
    import pandas as pd

    table = table_of(what)
    rows = [[plain(cell, f.kind) for f, cell in zip(table.fields, row, strict=True)] for row in table.rows]
    return pd.DataFrame(rows, columns=[f.name for f in table.fields], dtype=object)


def table_of(what: object, of: Scenario | None = None) -> Table:
    """The table of a result. Raises KetacostError for what is none."""
    if isinstance(what, Comparison):
        return _comparison(what)
    if isinstance(what, Answer):
        return _answer(what)
    if isinstance(what, Calendar):
        return _calendar(what, of)
    if isinstance(what, Sequence) and what and all(isinstance(one, Start) for one in what):
        return _starts(what, of)
    raise KetacostError(f"a comparison, a calendar, an answer or starts can be exported, not {type(what).__name__}")


def _comparison(what: Comparison) -> Table:
    money = {
        "likely": "Most likely",
        "low": "As low as",
        "p10": "8 of 10: from",
        "p90": "8 of 10: to",
        "high": "As high as",
        "expected": "On average",
        "plan_pays": "Plan pays",
        "peak": "Most cash at one time",
    }
    fields = (
        Field("name", "Way"),
        Field("treatment", "Treatment"),
        Field("same_treatment", "The same treatment"),
        *(Field(name, heading, "money") for name, heading in money.items()),
        Field("peak_day", "Most cash on", "day"),
        Field("owed_back", "Still owed back after the last visit", "money"),
        Field("first_day", "First visit", "day"),
        Field("last_day", "Last visit", "day"),
        Field("months", "Months in which money moves", "count"),
        Field("visits", "Visits", "count"),
        Field("hours", "Hours in the chair", "number"),
        *([Field("chance_over", f"Chance of more than {about(what.over)}", "share")] if what.over is not None else []),
        Field("odds", "Chance that the plan pays"),
        Field("note", "Note"),
    )
    rows = []
    for side in what.options:
        cells = side._asdict() | {"same_treatment": "yes" if side.same_treatment else "no"}
        rows.append(tuple(cells[field.name] for field in fields))
    found = dict.fromkeys(citation for side in what.open if side.scenario for citation in _citations(side.scenario))
    notes = ("Routes are different treatments: cost alone does not decide between them.",)
    return Table(f"Ways beside each other, {what.order}", what.headline, fields, tuple(rows), tuple(found), notes)


def _calendar(what: Calendar, of: Scenario | None) -> Table:
    fields = (
        Field("day", "Day", "day"),
        Field("kind", "Kind"),
        Field("label", "What"),
        Field("amount", "Out (back: negative)", "money"),
        Field("running", "Out so far", "money"),
    )
    rows, running = [], 0
    for entry in what.entries:
        running += entry.cents
        rows.append((entry.day, entry.kind, entry.label, entry.cents, running))
    return Table("Money out and back", what.headline, fields, tuple(rows), _citations(of) if of else ())


def _starts(what: Sequence[Start], of: Scenario | None) -> Table:
    money = {"net": "In the end", "peak": "Most cash at one time", "low": "As low as", "high": "As high as"}
    fields = (
        Field("day", "First visit", "day"),
        *(Field(name, heading, "money") for name, heading in money.items()),
        Field("back", "Plan pays", "money"),
        Field("why", "Why this day"),
    )
    rows = tuple(tuple(getattr(one, field.name) for field in fields) for one in what)
    return Table("When to start", headline(what), fields, rows, _citations(of) if of else (), (WAITING,))


def _answer(what: Answer) -> Table:
    parts = ("balance_bill", "write_off", "copay", "deductible", "coinsurance", "plan_pays")
    money = ("charge", "allowed", *parts, "you_pay")
    fields = (
        Field("date", "Date", "day"),
        Field("service", "Service"),
        Field("code", "Code"),
        Field("units", "Units", "count"),
        *(Field(name, name.replace("_", " ").capitalize(), "money") for name in money),
        Field("outcome", "Outcome"),
        Field("why_not", "Why not"),
        Field("plan_year", "Plan year from", "day"),
    )
    rows = tuple(
        (
            *(claim.line.date, label_of(claim), claim.line.code, claim.line.units, claim.line.charge),
            *(min(claim.allowed, claim.line.charge), *(getattr(claim.split, name) for name in parts), claim.you_pay),
            *(claim.outcome, claim.why_not, claim.plan_year),
        )
        for claim in what.claims
    )
    return Table("Line by line", what.sentence, fields, rows, citations(what))


def _citations(scenario: Scenario) -> tuple[Citation, ...]:
    return citations(run(scenario.replace(ranges={}, odds={})))
