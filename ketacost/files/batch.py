"""Many scenarios in one go: a folder of scenario files, or a sheet with a scenario in each row; one row out for each.

A row that cannot be answered says why in its `problem` column, and the rest go on.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date
from difflib import get_close_matches
from io import BytesIO, StringIO
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from ketacost.core.convert import EntryError, read
from ketacost.core.dates import IN_NUMBERS, SERIAL, day_of
from ketacost.core.fields import Fixed, KetacostError, unknown
from ketacost.core.money import dollars, shown, unsigned, usd
from ketacost.core.sheets import Header, header_in, layout_of, records, text_of
from ketacost.core.untrusted import FIRST_YEAR, LARGE_FILE, WAY_OUT, bytes_in, there, unforeseen
from ketacost.core.words import brief, cell, cut
from ketacost.estimate.answer import Totals, scenario_of
from ketacost.estimate.entries import entry_of, patterns
from ketacost.estimate.estimate import estimate
from ketacost.estimate.intake import Intake
from ketacost.estimate.resolve import resolve
from ketacost.estimate.saying import said_over
from ketacost.estimate.scenario import Scenario
from ketacost.files.scenario_files import load
from ketacost.model.adjudication import Claim
from ketacost.model.bills import (
    EMPTY,
    HELPERS,
    LINE_COLUMNS,
    BillRow,
    ColumnMap,
    claim_type_in,
    columns_in,
    coverage_in,
    is_total,
    known_by,
    member_in,
    named_in,
    network_in,
    standing,
    units_in,
    wrong_code,
)
from ketacost.model.booklet import BENEFITS
from ketacost.model.cost_sharing import Split
from ketacost.model.courses import ServiceLine


class SheetRow(NamedTuple):
    """One row of a sheet: its number, its filled cells by column, and what is wrong with its shape."""

    number: int
    cells: dict[str, str]
    problem: str = ""


class Bill(NamedTuple):
    """A file of claim lines as read: the lines that stand, what is wrong, what to know, and by line its row and share.

    `shares` are in cents what the file itself says that the patient owes, None where it says nothing; `found` is the
    sheet's name of each column.
    """

    lines: tuple[ServiceLine, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    rows: tuple[int, ...]
    shares: tuple[int | None, ...]
    found: Mapping[str, str]


def read_rows(
    path: str | Path, known: Callable[[Iterable[str]], int] = lambda cells: 0
) -> tuple[tuple[str, ...], Iterator[SheetRow]]:
    """The columns and rows of a sheet: XLSX, or text with commas, tabs or semicolons, in UTF-8 or UTF-16.

    `known` counts the known columns of a row, to find the header. Raises KetacostError for what cannot be read.
    """
    path = Path(path)
    rows: Iterator[tuple[Sequence[str], str]]
    try:
        if path.suffix.lower() in (".xlsx", ".xlsm"):
            head, body = _workbook(path, known)
            rows = ((cells, "") for cells in islice(body, head.above + 1, None))
        elif path.suffix.lower() == ".xls":
            raise KetacostError(
                "an .xls file is too old to read; in the spreadsheet choose Save As, .xlsx or CSV UTF-8"
            )
        else:
            data = bytes_in(path, LARGE_FILE)
            layout = layout_of(data, known)
            head = Header((0, 0), layout.above, layout.header)
            rows = records(text_of(data), layout)
    except OSError as error:
        raise KetacostError(f"{path} cannot be read: {error.strerror}") from None
    except (KetacostError, csv.Error) as error:
        raise KetacostError(f"{path.name}: {error}") from None
    return head.header, _rows(head.header, rows, head.above + 2)


def read_bill(
    path: str | Path,
    *,
    network: str = "out",
    networks: Collection[str] = (),
    columns: ColumnMap | None = None,
    booklet: Sequence[str] = BENEFITS,
) -> Bill:
    """The claim lines of a sheet as a clinic, a portal or a spreadsheet gives it.

    Only a date and a charge are needed. A code or service says which line of the booklet a row falls under where
    `benefit` is not given. `network` is for rows that give none; `networks` and `booklet` are the plan's networks and
    lines; `columns` says which column holds what, else it is found by the usual names. Raises KetacostError for a sheet
    without these columns.
    """
    name, columns = Path(path).name, columns or ColumnMap()
    header, rows = read_rows(path, known_by(columns))
    found = map_of(header, columns, name)
    taken: list[tuple[int, ServiceLine, BillRow, dict[str, str]]] = []
    problems, notes = list[str](), _told(header, found)
    for row in rows:
        filled = {theirs: cell for theirs, cell in row.cells.items() if cell.lower() not in EMPTY}
        if all(theirs == cell for theirs, cell in filled.items()):
            notes.append(f"row {row.number} names the columns again and is left out")
            continue
        cells = {ours: filled[theirs] for ours, theirs in found.items() if theirs in filled}
        if is_total(row.cells.values()) and (not cells.get("date") or is_total([cells["date"]])):
            notes.append(f"row {row.number} is a total and is left out")
            continue
        if not row.problem and (not cells or _is_note(row, cells)):
            notes.append(f"row {row.number} is no claim line and is left out")
            continue
        if (
            len(taken) > 1
            and "charge" in cells
            and set(cells) <= SUMS
            and _is_sum(cells["charge"], [each["charge"] for *_, each in taken])
        ):
            notes.append(f"row {row.number} holds the sum of the charges above it and is left out")
            continue
        line, wrong, bill_row = _line(row, cells, network, networks, columns.dates, booklet)
        problems += [f"{name}, row {row.number}: {problem}" for problem in wrong]
        if line and not wrong:
            taken.append((row.number, line, bill_row, cells))
    if not taken and not problems:
        problems.append(f"{name}: there are no claim lines under the header")
    for column in dict.fromkeys(found[each] for each in ("person", "patient") if each in found):
        ours = next(each for each in ("person", "patient") if found.get(each) == column)
        people = {(line.member, cells[ours]) for _, line, _, cells in taken if cells.get(ours)}
        if len(people) > len({member for member, _ in people}):
            problems.append(
                f"{name}: the column {column!r} holds {len(people)} people; add a column member (patient, "
                "spouse, child-1) and leave the names out"
            )
    if numbers := [cells["date"] for *_, cells in taken if SERIAL.fullmatch(cells["date"])]:
        notes.append(f"dates are a spreadsheet's numbers of days: {numbers[0]} is {day_of(numbers[0])}")
    if columns.dates == "us" and any(IN_NUMBERS.fullmatch(cells["date"]) for *_, cells in taken):
        notes.append("dates in numbers are read month first; --dates day-first reads them the other way")
    stands = standing([row for _, _, row, _ in taken])
    problems += [f"{name}, row {taken[at][0]}: {problem}" for at, problem in stands.problems.items()]
    notes += [f"row {taken[at][0]} {note}" for at, note in stands.notes.items()]
    kept = [each for at, each in enumerate(taken) if at not in stands.gone]
    if stands.gone - set(stands.notes):
        gone = ", ".join(str(taken[at][0]) for at in sorted(stands.gone))
        notes.append(f"rows {gone} are claims taken back, replaced or given twice, and count for nothing")
    if unnamed := [number for number, line, _, cells in kept if cells.get("description") and not _says_what(line)]:
        notes.append(
            f"{_rows_named(unnamed)}: the description names no line of the booklet, so the plan's general terms are "
            "used; add a code or a benefit"
        )
    lines = tuple(line for _, line, *_ in kept)
    if lines and any(theirs != ours for ours, theirs in found.items()):
        by_network = Counter(line.network for line in lines)
        each = ", ".join(f"{number} {network}" for network, number in by_network.items())
        notes.append(f"lines read: {each}; {shown(sum(line.charge for line in lines))} charged in all")
    if open_ := [number for number, line, _, cells in kept if _not_said_who_owes(line, cells)]:
        notes.append(
            f"{_rows_named(open_)}: not covered, and nothing says who owes it, so it counts as the patient's. Add the "
            "remittance's group code (CO: the clinic's, PR: the patient's), or a column provider_bears"
        )
    shares = tuple(_share(cells.get("member_share")) for *_, cells in kept)
    return Bill(lines, tuple(problems), tuple(notes), tuple(number for number, *_ in kept), shares, found)


MOST_ROWS = 12
"""The most rows that one note names."""


def _rows_named(numbers: Sequence[int]) -> str:
    """Some rows by their numbers: "row 2", "rows 2, 3 and 5 more"."""
    more = f" and {len(numbers) - MOST_ROWS} more" if len(numbers) > MOST_ROWS else ""
    return f"row{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers[:MOST_ROWS]))}{more}"


def _not_said_who_owes(line: ServiceLine, cells: Mapping[str, str]) -> bool:
    """Whether a line is denied and its row does not say whether the patient or the clinic owes it."""
    said = any(cells.get(name) for name in ("provider_bears", "balance_billed", "group_code", "member_share"))
    codes = re.search(r"\b(CO|PR|PI)(?![A-Z])", cells.get("reason_code", "").upper())
    return bool(line.charge) and not (line.covered or line.provider_bears or said or codes)


def _says_what(line: ServiceLine) -> bool:
    return bool(line.code or line.service or line.benefit != "default")


def _is_note(row: SheetRow, cells: Mapping[str, str]) -> bool:
    """Whether a row has one cell alone, which is neither a day nor a charge: a sheet's note below its lines."""
    if len(row.cells) > 1 or "charge" in cells:
        return False
    try:
        day_of(cells.get("date", ""))
    except KetacostError:
        return not re.match(r"\W*\d", cells.get("date", ""))
    return False


SUMS = frozenset({"charge", "allowed", "member_share", "units", "assistance"})
"""The columns that a row of sums has, beside those that are left out."""


def _is_sum(cell: str, above: Iterable[str]) -> bool:
    """Whether an amount is the sum of those above it."""
    try:
        cents = [(-1 if sign else 1) * usd(amount) for sign, amount in map(unsigned, (*above, cell))]
    except KetacostError:
        return False
    return cents.pop() == sum(cents)


def map_of(header: Sequence[str], columns: ColumnMap, name: str) -> dict[str, str]:
    """The sheet's name of each of our columns. Raises KetacostError without a day or a charge."""
    found = columns_in(header, columns.columns)
    for theirs in found.values():
        if header.count(theirs) > 1:
            raise KetacostError(f"{name}: the column {theirs!r} should have a name of its own in the first row")
    for column in header if columns.columns is None else ():
        near = get_close_matches(column, set(LINE_COLUMNS) - set(found), 1, 0.8)
        if column not in found.values() and near:
            raise KetacostError(f"{name}: {unknown('column of claim lines', column, LINE_COLUMNS)}")
    for column in ("date", "charge"):
        if column not in found:
            raise KetacostError(
                f"{name}: a column {column!r} is needed; the sheet has {', '.join(header)}. Rename one, or say "
                f'which in a file for --columns: [columns] {column} = "its name"'
            )
    return found


def map_text(found: Mapping[str, str], dates: str = "us") -> str:
    """The small file that `--columns` reads, for a map as it was found."""
    from tomli_w import dumps

    return dumps({"dates": dates, "columns": dict(found)})


def differences(bill: Bill, claims: Iterable[Claim]) -> list[str]:
    """Where the share that the file itself states is not what the plan gives, a sentence a line."""
    order = sorted(range(len(bill.lines)), key=lambda at: bill.lines[at].date)
    return [
        f"row {bill.rows[at]}: the file says that the patient owes ${dollars(said)}; by this plan it is "
        f"${dollars(claim.you_pay)}"
        for at, claim in zip(order, claims, strict=True)
        if (said := bill.shares[at]) is not None and said != claim.you_pay
    ]


def _told(header: Sequence[str], found: Mapping[str, str]) -> list[str]:
    """How the columns were read, where they are not ours by name."""
    other = [f"{ours} = {theirs!r}" for ours, theirs in found.items() if ours != theirs]
    left = [repr(name) for name in header if name not in found.values()]
    read_as = [f"columns read: {', '.join(other)}"] if other else []
    read_as += [f"columns left out: {', '.join(left)}"] if left else []
    return [*read_as, "--columns FILE keeps this map, to look at and change"] if read_as else []


def _workbook(path: Path, known: Callable[[Iterable[str]], int]) -> tuple[Header, Iterator[list[str]]]:
    """The header and rows of a workbook's sheet: the one most like a bill, else the first with anything in it."""
    from openpyxl import load_workbook  # type: ignore[import-untyped]

    try:
        book = load_workbook(BytesIO(bytes_in(path, LARGE_FILE)), read_only=True, data_only=True)
        heads = []
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                sheet.reset_dimensions()
                rows = [[_as_typed(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
                head = header_in(rows, known)
                heads += [(head, rows)] if head else []
    except KetacostError:
        raise
    except Exception as error:  # whatever a broken or hostile workbook does to its reader
        raise KetacostError(f"this cannot be read as a workbook: {cut(str(error))}") from None
    if not heads:
        raise KetacostError("the first row should name the columns, and it is empty")
    head, rows = max(heads, key=lambda each: each[0].score[0])
    return head, iter(rows)


def _as_typed(cell: object) -> str:
    """A cell of a workbook as it would be typed."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return f"{round(cell, 6):f}".rstrip("0").rstrip(".")
    return "" if cell is None else str(cell).removesuffix(" 00:00:00")


def _rows(header: tuple[str, ...], rows: Iterator[tuple[Sequence[str], str]], first: int) -> Iterator[SheetRow]:
    """The rows that have anything in them, numbered as the spreadsheet does."""
    for number, (cells, problem) in enumerate(rows, first):
        bare = map(_as_text, cells)
        filled = {column: cell for column, cell in zip(header, bare, strict=False) if cell}
        extra = ", ".join(cell for cell in cells[len(header) :] if cell.strip())
        if extra and not problem:
            problem = f"has more cells than the header has columns ({cut(extra)}); is a comma unquoted?"
        if filled or extra or problem:
            yield SheetRow(number, filled, problem)


def _as_text(cell: str) -> str:
    """A cell without what keeps a spreadsheet from reading it as a number: ="01/05/2027", '96365."""
    found = re.fullmatch(r'="([^"]*)"|\'(\d.*)', cell.strip())
    return (found[1] or found[2] or "").strip() if found else cell.strip()


def _line(
    row: SheetRow, cells: Mapping[str, str], network: str, networks: Collection[str], dates: str, booklet: Sequence[str]
) -> tuple[ServiceLine | None, list[str], BillRow]:
    """A row as a service line, what is wrong with it, and what tells whether it stands."""
    wrong = [row.problem] if row.problem else []
    entries: dict[str, Any] = {name: cell for name, cell in cells.items() if name not in (*HELPERS, "patient", "plan")}
    entries["network"] = network_in(cells.get("network", network), networks)
    entries |= {"member": member_in(cells["member"])} if "member" in cells else {}
    kind = claim_type_in(cells.get("claim_type", ""), cells.get("covered", ""))
    reverses = kind == "reversal"
    for name in ("charge", "allowed"):
        if name in cells:
            sign, entries[name] = unsigned(cells[name])
            reverses |= sign and name == "charge"
            wrong += [f"{name} cannot be negative, got {cells[name]}"] if sign and not reverses else []
    try:
        entries["units"] = units_in(cells.get("units", "1"))
    except KetacostError as error:
        wrong.append(str(error))
        entries["units"] = 1
    try:
        if "date" in cells:
            entries["date"] = day_of(cells["date"], dates)
    except KetacostError as error:
        wrong.append(f"date: {error}")
        entries["date"] = date(FIRST_YEAR, 1, 1)
    try:
        entries["covered"], entries["provider_bears"], open_ = coverage_in(cells)
        wrong += [open_] if open_ else []
    except KetacostError as error:
        wrong.append(str(error))
        entries |= {"covered": True, "provider_bears": False}
    named = named_in(cells, booklet)
    entries |= {"service": named.service, "code": named.code, "benefit": named.benefit}
    problem = wrong_code(named.code, entries.get("date")) if named.dated and not named.problems else ""
    wrong += [*named.problems, *([problem] if problem else [])]
    if networks and entries["network"] not in networks:
        wrong.append(str(unknown("network of this plan", entries["network"], networks)))
    try:
        line: ServiceLine = read(ServiceLine, entries)
    except EntryError as error:
        return None, wrong + error.problems, BillRow((), 0, None)
    done = line.member, line.date, line.code or line.service
    stated = tuple(sorted(cells.items()))
    return line, wrong, BillRow(done, line.charge, line.allowed, cells.get("claim", ""), kind, reverses, stated)


def _share(text: str | None) -> int | None:
    """The patient's share as a file states it, in cents; None where it is no amount."""
    try:
        return usd(unsigned(text)[1]) if text else None
    except KetacostError:
        return None


NETS = ("likely", "p10", "p90", "low", "high")
COLUMNS = ("row", "name", "chance", *NETS, "visits", *Totals._fields, "sentence", "rest", "not_used", "problem")
"""The columns of a batch's answers: the estimate's chance and nets, and the totals of its shown case."""

LINES = (
    *("row", "name", "date", "service", "code", "units", "charge", "allowed"),
    *(*Split._fields, "you_pay", "outcome"),
)
"""The columns of the lines of a batch: those of each scenario's shown case, amounts as floats of dollars."""

MOST_TOLD = 8
"""Lines at most of a row's problem."""


class Job(NamedTuple):
    """One scenario of a batch: its row, its name, the scenario to start from, what the row says, and the day."""

    row: str
    name: str
    start: str
    changes: dict[str, str]
    problem: str = ""
    today: date | None = None
    kept: Mapping[str, str] = Fixed()


def jobs(
    source: str | Path,
    *,
    today: date | None = None,
    dates: str = "us",
    note: Callable[[str], object] = lambda note: None,
) -> tuple[Job, ...]:
    """The scenarios of a folder (a file each) or a sheet (a row each). Raises KetacostError where there are none.

    `dates` says what a date in numbers means, as `day_of` takes it; `note` is called with what of a sheet is not read.

    `today` is the day that the numbers are for; left out, it is the day of each file, and this day for rows alone.
    """
    source = Path(source)
    if source.is_dir():
        paths = sorted(path for path in source.iterdir() if path.suffix in (".toml", ".json") and path.name[0] != ".")
        listed = [Job(path.name, path.stem, str(path), {}) for path in paths]
        missing = f"there are no scenario files (.toml or .json) in {source}"
    else:
        listed = list(_jobs_of_sheet(source, dates, note))
        missing = f"{source.name}: there are no rows under the header"
    if not listed:
        raise KetacostError(missing)
    return tuple([job._replace(today=today) for job in listed])


def columns_of(todo: Iterable[Job]) -> tuple[str, ...]:
    """The columns of the answers: those that were given come after the name, then the answer's own."""
    given = dict.fromkeys(name for job in todo for name in _given(job))
    return (*COLUMNS[:2], *given, *COLUMNS[2:])


def _given(job: Job) -> dict[str, str]:
    """The cells that a row was given; those whose column is one of the answer's too are named `given.`."""
    start = Path(job.start).name if job.row.isdigit() and job.start else ""
    cells = {"scenario": start, **job.changes, **job.kept}
    return {f"given.{name}" if name in COLUMNS else name: cell for name, cell in cells.items() if cell}


def answer_row(job: Job, *, lines: bool = False) -> dict[str, Any]:
    """One row of a batch's answers: what was given, amounts as decimal strings, or the problem."""
    row: dict[str, Any] = {"row": job.row, "name": job.name, **_given(job)}
    try:
        if job.problem:
            raise KetacostError(job.problem)
        found = estimate(_scenario(job))
    except KetacostError as error:
        return {**row, "problem": "; ".join(brief(error, MOST_TOLD).splitlines())}
    except Exception as error:  # an unexpected error in one row costs no other row
        return {**row, "problem": f"{unforeseen(error)} {WAY_OUT}"}
    if lines:
        row["lines"] = [_line_of(job, claim) for claim in found.shown.claims]
    nets = {name: getattr(found, name) for name in NETS}
    return {
        **row,
        "chance": f"{float(found.chance):.4f}",
        **{name: "" if net is None else dollars(net) for name, net in nets.items()},
        "visits": str(found.main.visits),
        **{name: dollars(amount) for name, amount in found.shown.totals._asdict().items()},
        "sentence": found.sentence,
        "rest": found.rest,
        "not_used": " ".join(found.not_used),
    }


def _line_of(job: Job, claim: Claim) -> tuple[Any, ...]:
    """A line of a shown case as LINES has it."""
    line = claim.line
    amounts = [cents / 100 for cents in (line.charge, claim.allowed, *claim.split, claim.you_pay)]
    return (job.row, job.name, line.date, line.service, line.code, line.units, *amounts, claim.outcome)


def as_csv(columns: Sequence[str], rows: Iterable[dict[str, Any]], *, header: bool = True) -> str:
    """Rows as CSV text, without formulas; entries that are not columns are left out."""
    out = StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
    if header:
        writer.writeheader()
    writer.writerows({name: cell(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


OWN_NOTES = ("note", "notes", "comment", "comments", "remark", "remarks")
"""Columns of a batch that are copied to the answers and not read."""


def _jobs_of_sheet(path: Path, dates: str, note: Callable[[str], object]) -> Iterator[Job]:
    known = {"name", "scenario", *(name.partition(".")[0] for name in patterns()), *(f.name for f in fields(Scenario))}
    header, rows = read_rows(path, lambda cells: sum(cell.strip().partition(".")[0] in known for cell in cells))
    for column in header:
        if header.count(column) > 1:
            raise KetacostError(f"{path.name}: the column {column!r} should have a name of its own in the first row")
    notes = [column for column in header if column.lower() in OWN_NOTES]
    others = [column for column in header if column.partition(".")[0] not in known and column not in notes]
    if others:
        problems = [f"{path.name}: {unknown('column of a batch', one, known)}{_meant(one)}" for one in others]
        raise EntryError([*problems, "what names a row goes into the column name, and words of your own into notes"])
    if notes:
        note(f"columns that are copied and not read: {', '.join(notes)}")
    for number, cells, problem in rows:
        kept = {column: cells.pop(column) for column in notes if column in cells}
        if is_total(cells.values()):
            note(f"row {number} is a total and is left out")
            continue
        name, start = cells.pop("name", ""), cells.pop("scenario", "")
        if empty := [f"{column} ({cell})" for column, cell in cells.items() if cell.lower() in EMPTY]:
            problem = problem or f"{', '.join(empty)}: leave the cell empty where nothing was said, or write unknown"
        if name and not (start or cells):
            problem = problem or "has a name and nothing else; give it a scenario or an entry, or take it out"
        try:
            cells = {column: _iso(cell, dates) for column, cell in cells.items()}
        except KetacostError as error:
            problem = problem or str(error)
        beside = path.parent / start
        place = str(beside) if start and there(beside) else start
        yield Job(str(number), name or f"row {number}", place, cells, problem, kept=kept)


def _meant(column: str) -> str:
    """The full names of the entries that a column's name leaves open, as a hint; empty where it is none."""
    try:
        entry_of(column)
    except KetacostError as error:
        return f"; {error}" if "does not say what it is for" in str(error) else ""
    return ""


def _iso(cell: str, dates: str) -> str:
    """A cell whose dates in numbers, one or several with commas between, are written year first; others as they are."""
    return re.sub(IN_NUMBERS, lambda found: day_of(found[0], dates).isoformat(), cell)


def _scenario(job: Job) -> Scenario:
    if not job.start:
        today = job.today or date.today()
        return resolve(said_over(Intake(), job.changes, today), today)
    return scenario_of(load(job.start, today=job.today), job.changes or None)
