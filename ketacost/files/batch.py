"""Many scenarios in one go: a folder of scenario files, or a sheet with a scenario in each row; one row out for each.

A row that cannot be answered says why in its `problem` column, and the rest go on.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from ketacost.core.convert import EntryError, read
from ketacost.core.fields import KetacostError, unknown
from ketacost.core.money import dollars
from ketacost.estimate.answer import Totals
from ketacost.estimate.entries import patterns
from ketacost.estimate.estimate import estimate
from ketacost.estimate.intake import Intake
from ketacost.estimate.resolve import resolve
from ketacost.estimate.saying import said_over
from ketacost.estimate.scenario import Scenario
from ketacost.files.scenario_files import load, load_over
from ketacost.model.adjudication import Claim
from ketacost.model.cost_sharing import Split
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import BENEFITS
from ketacost.model.protocols import service_of_code, services

LINE_COLUMNS = (
    *("date", "member", "network", "benefit", "service", "code", "units", "charge", "allowed", "covered"),
    *("balance_billed", "protected"),
)
"""The columns that a file of claim lines may have; `date` and `charge` are needed."""


class SheetRow(NamedTuple):
    """One row of a sheet: its number, its filled cells by column, and what is wrong with its shape."""

    number: int
    cells: dict[str, str]
    problem: str = ""


def read_rows(path: str | Path) -> tuple[tuple[str, ...], Iterator[SheetRow]]:
    """The columns and rows of a CSV file. Raises KetacostError for a file or header that cannot be read."""
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise KetacostError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise KetacostError(f"{path.name}: this is not text in UTF-8; save it as CSV UTF-8") from None
    if "\0" in text:
        raise KetacostError(f"{path.name}: this is not a CSV file; save the sheet as CSV UTF-8")
    reader = csv.reader(StringIO(text, newline=""))
    header = tuple(name.strip() for name in next(reader, ()))
    if not any(header):
        raise KetacostError(f"{path.name}: the first row should name the columns, and it is empty")
    if len(header) == 1 and ";" in header[0]:
        raise KetacostError(f"{path.name}: the columns are separated by semicolons; save it with commas")
    for name in header:
        if not name or header.count(name) > 1:
            raise KetacostError(f"{path.name}: the column {name!r} should have a name of its own in the first row")
    return header, _rows(header, reader, path.name)


def read_lines(
    path: str | Path, *, network: str = "out", networks: Collection[str] = ()
) -> tuple[tuple[ServiceLine, ...], tuple[str, ...]]:
    """The claim lines of a CSV file, and what is wrong with the rows that are none, each with its row.

    Only `date` and `charge` are needed. A code or service says which line of the booklet it falls under where `benefit`
    is not given. `network` is for rows that give none; `networks` are those of the plan. Raises KetacostError for a
    file without these columns.
    """
    header, rows = read_rows(path)
    name = Path(path).name
    for column in header:
        if column not in LINE_COLUMNS:
            raise KetacostError(f"{name}: {unknown('column of claim lines', column, LINE_COLUMNS)}")
    for column in ("date", "charge"):
        if column not in header:
            raise KetacostError(f"{name}: a column {column!r} is needed; the columns are {', '.join(LINE_COLUMNS)}")
    lines, problems = [], []
    for row in rows:
        line, wrong = _line(row, network, networks)
        problems += [f"{name}, row {row.number}: {problem}" for problem in wrong]
        if line and not wrong:
            lines.append(line)
    if not lines and not problems:
        problems.append(f"{name}: there are no claim lines under the header")
    return tuple(lines), tuple(problems)


def _rows(header: tuple[str, ...], reader: Iterator[list[str]], name: str) -> Iterator[SheetRow]:
    """The rows that have anything in them, the first below the header as row 2."""
    number = 1
    try:
        for number, cells in enumerate(reader, 2):
            filled = {column: cell.strip() for column, cell in zip(header, cells, strict=False) if cell.strip()}
            extra = ", ".join(cell for cell in cells[len(header) :] if cell.strip())
            problem = f"has more cells than the header has columns ({extra}); is a comma unquoted?" if extra else ""
            if filled or extra:
                yield SheetRow(number, filled, problem)
    except csv.Error as error:
        raise KetacostError(f"{name}, row {number + 1}: {error}") from None


def _line(row: SheetRow, network: str, networks: Collection[str]) -> tuple[ServiceLine | None, list[str]]:
    cells = {"network": network, **row.cells}
    wrong = [row.problem] if row.problem else []
    cells.setdefault("service", service_of_code(cells.get("code", "")))
    if cells["service"] and cells["service"] not in services():
        wrong.append(str(unknown("service", cells["service"], services())))
    elif cells["service"]:
        cells.setdefault("benefit", services()[cells["service"]].benefit)
    if cells.get("benefit", "default") not in BENEFITS:
        wrong.append(str(unknown("benefit", cells["benefit"], BENEFITS)))
    if networks and cells["network"] not in networks:
        wrong.append(str(unknown("network of this plan", cells["network"], networks)))
    if cells.get("units", "1").strip("0") == "":
        wrong.append("units should be at least 1, got 0")
    try:
        line: ServiceLine = read(ServiceLine, cells)
    except EntryError as error:
        return None, wrong + error.problems
    return line, wrong


NETS = ("likely", "p10", "p90", "low", "high")
COLUMNS = ("row", "name", "chance", *NETS, "visits", *Totals._fields, "sentence", "rest", "problem")
"""The columns of a batch's answers: the estimate's chance and nets, and the totals of its shown case."""

LINES = (
    "row",
    "name",
    *("date", "service", "code", "units", "charge", "allowed"),
    *Split._fields,
    "you_pay",
    "outcome",
)
"""The columns of the lines of a batch: those of each scenario's shown case, amounts as floats of dollars."""

SPREAD_FROM = 1_000
"""From how many scenarios on the work is spread over the processors."""


class Job(NamedTuple):
    """One scenario of a batch: its row, its name, the scenario to start from, what the row says, and the day."""

    row: str
    name: str
    start: str
    changes: dict[str, str]
    problem: str = ""
    today: date | None = None


def jobs(source: str | Path, *, today: date | None = None) -> tuple[Job, ...]:
    """The scenarios of a folder (a file each) or a CSV file (a row each). Raises KetacostError where there are none.

    `today` is the day that the numbers are for; left out, it is the day of each file, and this day for rows alone.
    """
    source = Path(source)
    if source.is_dir():
        paths = sorted(path for path in source.iterdir() if path.suffix in (".toml", ".json") and path.name[0] != ".")
        listed = [Job(path.name, path.stem, str(path), {}) for path in paths]
        missing = f"there are no scenario files (.toml or .json) in {source}"
    else:
        listed = list(_jobs_of_sheet(source))
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
    cells = {"scenario": Path(job.start).name if job.row.isdigit() and job.start else "", **job.changes}
    return {f"given.{name}" if name in COLUMNS else name: cell for name, cell in cells.items() if cell}


def answers(todo: Sequence[Job], *, workers: int | None = None, lines: bool = False) -> Iterator[dict[str, Any]]:
    """The answer's row for each scenario, in order; many are spread over the processors.

    With `lines` each has the lines of its shown case too, under that name, as LINES has them.
    """
    answer = partial(answer_row, lines=lines)
    workers = workers or (os.cpu_count() or 1 if len(todo) >= SPREAD_FROM else 1)
    if workers == 1:
        yield from map(answer, todo)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(answer, todo, chunksize=100)


def answer_row(job: Job, *, lines: bool = False) -> dict[str, Any]:
    """One row of a batch's answers: what was given, amounts as decimal strings, or the problem."""
    row: dict[str, Any] = {"row": job.row, "name": job.name, **_given(job)}
    try:
        if job.problem:
            raise KetacostError(job.problem)
        found = estimate(_scenario(job))
    except (ValueError, ArithmeticError) as error:
        return {**row, "problem": "; ".join(str(error).splitlines())}
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
    }


def _line_of(job: Job, claim: Claim) -> tuple[Any, ...]:
    """A line of a shown case as LINES has it."""
    line = claim.line
    amounts = [cents / 100 for cents in (line.charge, claim.allowed, *claim.split, claim.you_pay)]
    return (job.row, job.name, line.date, line.service, line.code, line.units, *amounts, claim.outcome)


def as_csv(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> str:
    """Rows as CSV text; entries that are not columns are left out."""
    out = StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _jobs_of_sheet(path: Path) -> Iterator[Job]:
    header, rows = read_rows(path)
    known = {"name", "scenario", *(name.partition(".")[0] for name in patterns()), *(f.name for f in fields(Scenario))}
    for column in header:
        if column.partition(".")[0] not in known:
            raise KetacostError(f"{path.name}: {unknown('column of a batch', column, known)}")
    for number, cells, problem in rows:
        name, start = cells.pop("name", ""), cells.pop("scenario", "")
        beside = path.parent / start
        yield Job(str(number), name or f"row {number}", str(beside) if beside.is_file() else start, cells, problem)


def _scenario(job: Job) -> Scenario:
    if not job.start:
        today = job.today or date.today()
        return resolve(said_over(Intake(), job.changes, today), today)
    return load_over(job.start, job.changes, today=job.today) if job.changes else load(job.start, today=job.today)
