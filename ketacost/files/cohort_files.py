"""Results of a cohort as files: a folder of Parquet parts, or one CSV or Parquet file, there when all is done."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ketacost.analysis.compiling import needed
from ketacost.core.fields import KetacostError
from ketacost.files.scenario_files import load_plan, load_used
from ketacost.model.plans import Plan

if TYPE_CHECKING:
    import pyarrow as pa


def load_plans(names: Iterable[str]) -> dict[str, Plan]:
    """Plans by the name that a table of lines gives: a file's name without its ending, or a published plan's id."""
    return {Path(name).stem if Path(name).suffix else name: load_plan(name) for name in names}


def load_used_table(path: Path) -> Any:
    """What was used before: of everybody from a TOML or JSON file, by patient from a CSV or Parquet table.

    Raises KetacostError for a file that cannot be read.
    """
    if path.suffix not in (".csv", ".parquet"):
        return load_used(path)
    needed("pyarrow")
    import pyarrow as pa
    from pyarrow import csv, parquet

    try:
        return parquet.read_table(path) if path.suffix == ".parquet" else csv.read_csv(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise KetacostError(f"{path.name}: this cannot be read as {path.suffix[1:]}: {error}") from None


def write_tables(tables: Iterable[pa.Table], output: Path) -> int:
    """Write tables one after the other, and give how many rows they have.

    `output` is a folder to make, for a Parquet part a table, or a .csv or .parquet file. It appears when all is
    written; until then an older file stays. Raises KetacostError for a folder that has something in it.
    """
    if output.suffix not in ("", ".csv", ".parquet"):
        raise KetacostError(f"results go to a folder, or to a .csv or .parquet file, not to {output.suffix!r}")
    if not output.absolute().parent.is_dir():
        raise KetacostError(f"there is no folder {output.absolute().parent} to write {output.name} in")
    if output.is_dir() and any(output.iterdir()):
        raise KetacostError(f"{output} has something in it; give a folder that is new or empty")
    partial = output.with_name(f".{output.name}.partial-{os.getpid()}")
    try:
        rows = _parts(tables, partial) if output.suffix == "" else _one(tables, partial, output.suffix)
        if output.is_dir():
            output.rmdir()
        partial.replace(output)
    finally:
        shutil.rmtree(partial, ignore_errors=True) if partial.is_dir() else partial.unlink(missing_ok=True)
    return rows


def _parts(tables: Iterable[pa.Table], folder: Path) -> int:
    from pyarrow import parquet

    folder.mkdir()
    rows = 0
    for number, table in enumerate(tables):
        parquet.write_table(table, folder / f"part-{number:05}.parquet")
        rows += table.num_rows
    return rows


def _one(tables: Iterable[pa.Table], path: Path, suffix: str) -> int:
    from pyarrow import csv, parquet

    writer, rows = None, 0
    try:
        for table in tables:
            plain = table.cast(_plain(table.schema))
            if writer is None:
                writer = (csv.CSVWriter if suffix == ".csv" else parquet.ParquetWriter)(path, plain.schema)
            writer.write_table(plain)
            rows += table.num_rows
    finally:
        if writer is not None:
            writer.close()
    return rows


def _plain(schema: pa.Schema) -> pa.Schema:
    """The schema with texts in place of dictionaries, which differ from table to table."""
    import pyarrow as pa

    fields = [
        pa.field(field.name, field.type.value_type if pa.types.is_dictionary(field.type) else field.type)
        for field in schema
    ]
    return pa.schema(fields)
