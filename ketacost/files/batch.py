"""Many scenarios in one go: a folder of scenario files, or a sheet with a scenario in each row; one row out for each.

A row that cannot be answered says why in its `problem` column, and the rest go on.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from ketacost.core.fields import KetacostError, unknown
from ketacost.core.money import dollars
from ketacost.estimate.answer import Totals, run
from ketacost.estimate.scenario import Scenario
from ketacost.files.scenario_files import changed, load, write_whole
from ketacost.files.sheets import read_rows

COLUMNS = ("row", "name", "visits", *Totals._fields, "low", "high", "sentence", "problem")
"""The columns of a batch's answers. `low` and `high` are what you pay at the least and the most."""

SPREAD_FROM = 1_000
"""From how many scenarios on the work is spread over the processors."""


class Job(NamedTuple):
    """One scenario of a batch: its row, its name, the scenario to start from and the entries that the row sets."""

    row: str
    name: str
    start: str
    changes: dict[str, str]
    problem: str = ""


def jobs(source: str | Path) -> tuple[Job, ...]:
    """The scenarios of a folder (a file each) or of a CSV file (a row each). Raises KetacostError where there are none."""
    source = Path(source)
    if source.is_dir():
        names = sorted(path for path in source.iterdir() if path.suffix in (".toml", ".json") and path.name[0] != ".")
        found = [Job(path.name, path.stem, str(path), {}) for path in names]
        missing = f"there are no scenario files (.toml or .json) in {source}"
    else:
        found = list(_jobs_of_sheet(source))
        missing = f"{source.name}: there are no rows under the header"
    if not found:
        raise KetacostError(missing)
    return tuple(found)


def answers(todo: Sequence[Job], *, workers: int | None = None) -> Iterator[dict[str, str]]:
    """The answer's row for each scenario, in order; many are spread over the processors."""
    workers = workers or (os.cpu_count() or 1 if len(todo) >= SPREAD_FROM else 1)
    if workers == 1:
        yield from map(answer_row, todo)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(answer_row, todo, chunksize=100)


def answer_row(job: Job) -> dict[str, str]:
    """One row of a batch's answers: amounts as decimal strings, or the problem."""
    told = {"row": job.row, "name": job.name}
    try:
        if job.problem:
            raise KetacostError(job.problem)
        answer = run(_scenario(job))
    except (ValueError, ArithmeticError) as error:
        return {**told, "problem": "; ".join(str(error).splitlines())}
    return {
        **told,
        "visits": str(answer.visits),
        **{name: dollars(amount) for name, amount in answer.totals._asdict().items()},
        "low": dollars(answer.low.you_pay),
        "high": dollars(answer.high.you_pay),
        "sentence": answer.sentence,
    }


def write_csv(path: str | Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Write rows as a CSV file, in one step: the old file stays until the new one is whole."""
    write_whole(path, as_csv(columns, rows))


def as_csv(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> str:
    """Rows as CSV text; entries that are not columns are left out."""
    out = StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _jobs_of_sheet(path: Path) -> Iterator[Job]:
    header, rows = read_rows(path)
    known = ["name", "scenario", "plan", "allowed", "pricing", *(f.name for f in fields(Scenario))]
    for column in header:
        if column.partition(".")[0] not in known:
            raise KetacostError(f"{path.name}: {unknown('column of a batch', column, known)}")
    for number, cells, problem in rows:
        name, start = cells.pop("name", ""), cells.pop("scenario", "")
        beside = path.parent / start
        yield Job(str(number), name or f"row {number}", str(beside) if beside.is_file() else start, cells, problem)


def _scenario(job: Job) -> Scenario:
    start = _start(job.start) if job.start else None
    return changed(start, job.changes) if job.changes or start is None else start


@lru_cache(maxsize=64)
def _start(path: str) -> Scenario:
    return load(path)
