"""A cohort's lines in files to results in files: a folder of Parquet parts that can be stopped and gone on with.

Each input file gives parts of whole patients, written one by one; `_run.json` says what they depend on.
`adjudicate_files` takes the files in turn, or hands them to Dask: the parts are the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from glob import escape
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO, NamedTuple, Unpack

from ketacost.analysis.cohorts import (
    CHUNK,
    CohortOptions,
    CohortRun,
    Met,
    Plans,
    adjudicated,
    chunks,
    files_of,
    refuse_open_quotes,
    run_record,
    stream,
    unread,
)
from ketacost.analysis.later import csv, needed, pa, parquet, pc
from ketacost.analysis.line_columns import as_named
from ketacost.analysis.plan_rows import PlansByName
from ketacost.core.convert import written
from ketacost.core.fields import KetacostError
from ketacost.core.words import FORMULA, cell
from ketacost.core.writing import growing_file, new_file, write_whole
from ketacost.estimate.designs import complete
from ketacost.files.batch import LINES, read_rows
from ketacost.files.scenario_files import data_version, load_plan, load_used
from ketacost.model.bills import known_by
from ketacost.model.plans import Plan

RECORD = "_run.json"
"""What a folder of results depends on; readers of Parquet folders pass over names that begin so."""


def load_plans(names: Iterable[str]) -> dict[str, Plan]:
    """Plans by the name that a table of lines gives: a file's name without its ending, or a published plan's id."""
    return {Path(name).stem if Path(name).suffix else name: complete(load_plan(name)) for name in names}


def load_used_table(path: Path) -> Any:
    """What was used before: of everybody from a TOML or JSON file, by patient from a CSV or Parquet table.

    Raises KetacostError for a file that cannot be read.
    """
    if path.suffix not in (".csv", ".parquet"):
        return load_used(path)
    needed("pyarrow")
    if not path.is_file():
        raise KetacostError(f"there is no file {path}")
    try:
        if path.suffix == ".parquet":
            return parquet.read_table(path)
        table = csv.read_csv(path)
        refuse_open_quotes(table, ",", 2)
        return table
    except KetacostError as error:
        raise KetacostError(f"{path.name}: {error}") from None
    except (pa.ArrowInvalid, OSError) as error:
        raise unread(path, error) from None


KEPT, KEEPING = 1 << 28, ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")
"""Dask has its workers give memory back at once; one that takes chunk after chunk keeps what the next one needs."""


class Progress(NamedTuple):
    """How far a run is: lines done, lines in all where Parquet files say it, and the seconds it has taken."""

    lines: int
    of: int | None
    seconds: float

    def __str__(self) -> str:
        rate = self.lines / self.seconds if self.seconds else 0
        told = f"{self.lines:,}{f' of {self.of:,}' if self.of else ''} lines, {rate:,.0f} a second"
        return f"{told}, {(self.of - self.lines) / rate:,.0f} s left" if self.of and rate else told


def record_of(run: CohortRun, files: Iterable[Path]) -> dict[str, Any]:
    """What the results of a run depend on: version, data, rule, plans, files. The same gives the same parts."""
    known = PlansByName(run.plans)
    plans = {"": known.only} if known.only else known.given
    terms = json.dumps({name: written(plan) for name, plan in plans.items()}, default=str, sort_keys=True)
    return {
        **run_record(run.rule, run.money),
        "data": data_version(),
        "plans": sha256(terms.encode()).hexdigest()[:16],
        "used": sha256(repr(run.used).encode()).hexdigest()[:16],
        "network": run.network,
        "totals": run.totals,
        "columns": sha256(repr(run.columns).encode()).hexdigest()[:16],
        "chunk": CHUNK,
        "files": {path.name: path.stat().st_size for path in files},
    }


class Done(NamedTuple):
    """What became of a file: its lines, the rows of its results, and its patients as hashes."""

    name: str
    lines: int
    rows: int
    patients: Any


NO_FOLDER = (".csv", ".parquet", ".json", ".xlsx", ".xls", ".tsv", ".txt", ".html")
"""Endings that name a file, so no folder is made under such a name."""


def adjudicate_files(
    source: str | Path,
    output: str | Path,
    plans: Plans = None,
    used: Any = None,
    *,
    progress: Callable[[Progress], None] | None = None,
    client: Any = None,
    **options: Unpack[CohortOptions],
) -> int:
    """Take lines in files of any size through their plans into a folder of Parquet parts, and give the rows written.

    It takes the arguments of `adjudicate_frame`. If it is stopped, the finished parts stay, and the same call continues
    from them. `progress` is called after each part. `client` is a client of dask.distributed, or "local" for a cluster
    on this machine; its workers must see the same paths. The parts are the same with or without it. Raises
    KetacostError if the folder has anything else in it, and what `adjudicate_frame` raises, with the file and the row;
    a refused run leaves a new folder empty. adjudicate_files("lines/", "out", plans).
    """
    needed("numba", "pyarrow")
    files, folder = files_of(Path(source)), Path(output)
    if folder.suffix.lower() in NO_FOLDER and not folder.is_dir():
        raise KetacostError(
            f"results go to a folder, or on the command line to a .csv or .parquet file, not to {folder}"
        )
    run = CohortRun.of(plans, used, options)
    new = not folder.is_dir() or not any(folder.iterdir())
    record = _begin(folder, record_of(run, files))
    of, began, met, rows, lines = _lines_in(files), monotonic(), Met(), 0, 0

    def tell(count: int) -> None:
        if progress:
            progress(Progress(count, of, monotonic() - began))

    try:
        with _taken(files, folder, run, client, lambda count: tell(lines + count)) as results:
            for done in results:
                if met.again(done.patients).any():
                    raise KetacostError(
                        f"{done.name}: one of its patients is in another file too; keep each patient in one file"
                    )
                met.keep(done.patients)
                rows, lines = rows + done.rows, lines + done.lines
                tell(lines)
    except KetacostError:
        if new:
            _leave(folder, files)
        raise
    write_whole(folder / RECORD, json.dumps({**record, "rows": rows}, indent=1) + "\n")
    return rows


@contextmanager
def _taken(
    files: list[Path], folder: Path, run: CohortRun, client: Any, tell: Callable[[int], None]
) -> Iterator[Iterable[Done]]:
    """What became of each file: in turn here, or as Dask's workers are done with them."""
    if client is None:
        yield (adjudicate_file(path, folder, run, tell) for path in files)
        return
    needed("distributed")
    dask: Any = import_module("distributed")
    with import_module("dask").config.set({f"distributed.nanny.pre-spawn-environ.{name}": KEPT for name in KEEPING}):
        own = dask.Client() if client == "local" else None
    try:
        client = own or client
        (shared,) = client.scatter([run], broadcast=True)  # alone, Dask of 2025.1 would take it apart
        futures = [client.submit(adjudicate_file, path, folder, shared, pure=False, retries=3) for path in files]
        try:
            yield (future.result() for future in dask.as_completed(futures))
        finally:
            client.cancel(futures)
    finally:
        if own:
            own.close()


def adjudicate_file(path: Path, folder: Path, run: CohortRun, tell: Callable[[int], None] | None = None) -> Done:
    """Write the parts of one file, those that are there already excepted. Raises KetacostError with the row."""
    plans, met, lines, rows = PlansByName(run.plans), Met(), 0, 0
    for number, (table, name, first_row) in enumerate(chunks(path, run.columns)):
        part = folder / f"{path.stem}-{number:05}.parquet"
        columns = run.lines(table, plans, name, first_row)
        met.add(columns)
        if part.exists():
            rows += parquet.read_metadata(part).num_rows
        else:
            result = adjudicated(columns, run)
            rows += result.num_rows
            with new_file(part, private=True) as (file, _):
                parquet.write_table(result, file, use_dictionary=_repeated(result) if run.totals else True)
        lines += table.num_rows
        if tell:
            tell(lines)
    return Done(path.name, lines, rows, met.all())


def _repeated(totals: pa.Table) -> list[str]:
    """The columns of totals whose values come again and again: sums of a patient hardly do."""
    return [field.name for field in totals.schema if not pa.types.is_primitive(field.type)]


def _begin(folder: Path, record: dict[str, Any]) -> dict[str, Any]:
    """Make the folder, or find the same run in it. Raises KetacostError where something else is."""
    names = {path.stem for path in map(Path, record["files"])}
    if len(names) < len(record["files"]):
        raise KetacostError("two files have the same name; their results would too")
    folder.mkdir(exist_ok=True)
    if any(folder.iterdir()):
        known = json.loads((folder / RECORD).read_text("utf-8")) if (folder / RECORD).is_file() else None
        differs = [name for name in record if known is None or known.get(name) != record[name]]
        if differs:
            what = "something in it" if known is None else f"results of another run in it ({', '.join(differs)} differ)"
            raise KetacostError(f"{folder} has {what}; give a folder that is new or empty")
    write_whole(folder / RECORD, json.dumps(record, indent=1) + "\n")
    return record


def _leave(folder: Path, files: Iterable[Path]) -> None:
    """Take what a refused run wrote out of a folder that was new or empty: mended lines are another run."""
    for path in files:
        for part in folder.glob(f"{escape(path.stem)}-?????.parquet"):
            part.unlink()
    (folder / RECORD).unlink()


def _lines_in(files: Iterable[Path]) -> int | None:
    """How many lines there are, where Parquet files say so."""
    if any(path.suffix != ".parquet" for path in files):
        return None
    return sum(int(parquet.read_metadata(path).num_rows) for path in files)


@contextmanager
def growing_lines(output: Path) -> Iterator[Callable[[Iterable[tuple[Any, ...]]], None]]:
    """A Parquet file for a batch's lines, which are written as they come. Raises KetacostError for another ending."""
    needed("pyarrow")
    if output.suffix != ".parquet":
        raise KetacostError(f"lines go to a .parquet file, not to {output.name}")
    types = dict.fromkeys(LINES, pa.float64()) | {"date": pa.date32(), "units": pa.int64()}
    types |= dict.fromkeys(("row", "name", "service", "code", "outcome"), pa.string())
    schema, waiting = pa.schema(types.items()), list[tuple[Any, ...]]()
    with growing_file(output) as file, parquet.ParquetWriter(file, schema) as writer:

        def write(least: int) -> None:
            if len(waiting) >= least:
                columns = zip(schema, zip(*waiting, strict=True), strict=True)
                writer.write_table(pa.table([pa.array(column, field.type) for field, column in columns], schema))
                waiting.clear()

        def keep(lines: Iterable[tuple[Any, ...]]) -> None:
            waiting.extend(lines)
            write(LINES_TOGETHER)

        try:
            yield keep
        finally:
            write(1)


LINES_TOGETHER = 10_000
"""How many lines of a batch are written at a time."""


def adjudicate_to_file(
    source: Path, output: Path, plans: Plans = None, used: Any = None, **options: Unpack[CohortOptions]
) -> int:
    """The same into one .csv or .parquet file, which is there when all is written; `source` may be a workbook too."""
    if source.suffix.lower() in (".xlsx", ".xlsm"):
        return write_tables([_of_workbook(source, CohortRun.of(plans, used, options))], output)
    return write_tables(stream(source, plans, used, **options), output)


def _of_workbook(source: Path, run: CohortRun) -> pa.Table:
    """The lines of a workbook through their plans."""
    header, found = read_rows(source, known_by(run.columns))
    rows = list(found)
    cells = {name: pa.array([row.cells.get(name) for row in rows], pa.string()) for name in header}
    table, first_row = as_named(pa.table(cells), run.columns), rows[0].number if rows else 2
    return adjudicated(run.lines(table, PlansByName(run.plans), source.name, first_row), run)


def write_tables(tables: Iterable[pa.Table], output: Path) -> int:
    """Write tables one after the other into a .csv or .parquet file, and give how many rows they have.

    It appears when all is written; until then an older file stays. Raises KetacostError for another ending.
    """
    if output.suffix not in (".csv", ".parquet"):
        raise KetacostError(f"results go to a folder, or to a .csv or .parquet file, not to {output.suffix!r}")
    if not output.absolute().parent.is_dir():
        raise KetacostError(f"there is no folder {output.absolute().parent} to write {output.name} in")
    with new_file(output, private=True) as (file, _):
        return _one(tables, file, output.suffix)


def _one(tables: Iterable[pa.Table], file: BinaryIO, suffix: str) -> int:
    writer, rows = None, 0
    try:
        for table in tables:
            plain = table.cast(_plain(table.schema))
            plain = _without_formulas(plain) if suffix == ".csv" else plain
            if writer is None:
                writer = (csv.CSVWriter if suffix == ".csv" else parquet.ParquetWriter)(file, plain.schema)
            writer.write_table(plain)
            rows += table.num_rows
    finally:
        if writer is not None:
            writer.close()
    return rows


def _without_formulas(table: pa.Table) -> pa.Table:
    """A table whose texts no spreadsheet would run, as `words.cell` writes them."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            texts = table.column(place)
            marks = pc.match_substring_regex(texts, FORMULA)
            if pc.any(marks).as_py():
                quoted = pa.array([cell(text) for text in texts.to_pylist()], field.type)
                table = table.set_column(place, field, quoted)
    return table


def _plain(schema: pa.Schema) -> pa.Schema:
    """The schema with texts in place of dictionaries, which differ from table to table."""
    fields = [
        pa.field(field.name, field.type.value_type if pa.types.is_dictionary(field.type) else field.type)
        for field in schema
    ]
    return pa.schema(fields)
