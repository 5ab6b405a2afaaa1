"""Results as files for a spreadsheet, CSV or XLSX. The old file stays until the new one is whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ketacost.analysis.comparison import Comparison
from ketacost.analysis.start_dates import WAITING, Start, headline
from ketacost.core.fields import KetacostError
from ketacost.core.money import about
from ketacost.core.references import Citation
from ketacost.estimate.answer import Answer, run
from ketacost.estimate.calendar import Calendar
from ketacost.estimate.explain import citations, label_of
from ketacost.estimate.scenario import Scenario
from ketacost.files.scenario_files import write_whole
from ketacost.reports.spreadsheet import Field, Table, csv_text, plain, workbook

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
