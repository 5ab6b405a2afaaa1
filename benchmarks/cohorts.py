"""How fast a cohort is adjudicated, beside what else could do it: python benchmarks/cohorts.py [--most 1e7] [--plot].

Every way gets the same lines of the same plan (a deductible, coinsurance, an out-of-pocket limit, one person, one
year) and must give the same cents; only the walk could do more. CPU time of one process each, so that what else the
machine does weighs little, and the ratio to a copy of the same bytes in the same run. Ways that are not installed are left
out. The last part takes Parquet to totals, whole, and says what Dask adds. Needs the extra `cohorts`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

LINES = 24
DEDUCTIBLE, LIMIT, SHARE = 100_000, 400_000, 2_000
SIZES = (10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
MOST = {
    "pandas groupby.apply": 100_000,
    "plain Python, the walk": 1_000_000,
    "pandas, prefix sums": 10_000_000,
    "polars": 10_000_000,
    "duckdb": 10_000_000,
}
"""The most lines that a way is asked for: above it takes minutes or more memory than most machines have."""


def data(lines: int, seed: int = 5) -> dict[str, Any]:
    """Columns of lines, 24 a patient in order of their days: amounts in cents."""
    draw = np.random.default_rng(seed)
    patients = lines // LINES
    return {
        "patient": np.repeat(np.arange(patients, dtype=np.int64), LINES),
        "day": np.sort(draw.integers(0, 365, (patients, LINES)), axis=1).ravel(),
        "charge": draw.integers(10_000, 90_000, patients * LINES),
        "allowed": draw.integers(5_000, 60_000, patients * LINES),
    }


def plan() -> Any:
    """The plan of all lines: $1,000 deductible, 20%, $4,000 limit; what is above the allowed amount is written off."""
    from ketacost.model.plans import Benefit, Network, Plan

    benefits = {"default": Benefit(coinsurance=SHARE)}
    return Plan({"in": Network(deductible=DEDUCTIBLE, out_of_pocket_limit=LIMIT, benefits=benefits)})


def compiled(columns: dict[str, Any]) -> Callable[[], Any]:
    """Our walk, compiled, over columns that are ready."""
    import pyarrow as pa

    from ketacost.analysis.compiling import compiled_walk
    from ketacost.analysis.line_columns import Lines
    from ketacost.analysis.plan_rows import PlansByName, rows_of

    days = pa.array((columns["day"] + 20_454).astype(np.int32)).cast(pa.date32())
    amounts = {f"{name}_cents": columns[name] for name in ("charge", "allowed")}
    table = pa.table({"patient": columns["patient"], "date": days, **amounts})
    lines = Lines(table, PlansByName(plan()), network="in", name="lines", first_row=1)
    rows, ready = rows_of(lines, {}), lines.columns()
    state, begun = np.zeros(2 * rows.size, np.int64), np.zeros(1, np.int64)
    parts = np.empty(7 * lines.count, np.int64)

    def walk() -> Any:
        begun[:] = 0
        compiled_walk()(ready, rows, state, begun, parts, 0, lines.count)
        return lines.charge - parts[lines.count : 2 * lines.count] - parts[5 * lines.count : 6 * lines.count]

    return walk


def copied(columns: dict[str, Any]) -> Callable[[], Any]:
    """No adjudication: as many bytes as the walk reads and writes are copied."""
    count = columns["charge"].size
    read = [np.ones(count, np.uint32) for _ in range(5)] + [np.ones(count, np.int64) for _ in range(2)]
    flags, out = [np.ones(count, np.uint8) for _ in range(3)], np.empty((7, count), np.int64)

    def copy() -> Any:
        for place, column in enumerate(read):
            np.copyto(out[place], column)
        return sum(int(flag[-1]) for flag in flags)

    return copy


def plain(columns: dict[str, Any]) -> Callable[[], Any]:
    """Our walk in plain Python, a patient at a time."""
    from datetime import date

    from ketacost.model.adjudication import walk
    from ketacost.model.courses import ServiceLine

    cells = zip(*(column.tolist() for column in columns.values()), strict=True)
    lines = [
        ServiceLine(date.fromordinal(739_617 + day), charge, network="in", allowed=allowed)
        for _, day, charge, allowed in cells
    ]
    made = plan()
    bills = [lines[at : at + LINES] for at in range(0, len(lines), LINES)]
    return lambda: [split.you_pay for bill in bills for split in walk(bill, made)]


def owed(counted: Any, before: Any, sums: Callable[[Any], Any]) -> Any:
    """The prefix-sum form of this one plan: what each line adds to the patient's part, by sums within a patient."""
    filled = np.minimum(before + counted, DEDUCTIBLE) - np.minimum(before, DEDUCTIBLE)
    share = ((counted - filled) * SHARE + 5_000) // 10_000
    whole = sums(filled + share)
    return np.minimum(whole, LIMIT) - np.minimum(whole - filled - share, LIMIT)


def blocks(columns: dict[str, Any]) -> Callable[[], Any]:
    """numpy: prefix sums over the 24 lines of a patient, in blocks that fit the processor's memory."""
    counted = np.minimum(columns["charge"], columns["allowed"]).reshape(-1, LINES)
    out = np.empty_like(counted)

    def run() -> Any:
        for at in range(0, len(counted), 1_000):
            block = counted[at : at + 1_000]
            sums = np.cumsum(block, axis=1)
            out[at : at + 1_000] = owed(block, sums - block, lambda part: np.cumsum(part, axis=1))
        return out.ravel()

    return run


def pandas_sums(columns: dict[str, Any]) -> Callable[[], Any]:
    """pandas: prefix sums by groupby.cumsum."""
    import pandas as pd

    frame = pd.DataFrame(columns)

    def run() -> Any:
        counted = frame[["charge", "allowed"]].min(axis=1)
        before = counted.groupby(frame["patient"]).cumsum() - counted
        return owed(counted, before, lambda part: part.groupby(frame["patient"]).cumsum()).to_numpy()

    return run


def pandas_apply(columns: dict[str, Any]) -> Callable[[], Any]:
    """pandas as an analyst would: groupby.apply with a loop over a patient's lines."""
    import pandas as pd

    frame = pd.DataFrame(columns)

    def one(lines: Any) -> Any:
        left, limit, parts = DEDUCTIBLE, LIMIT, []
        for charge, allowed in zip(lines["charge"], lines["allowed"], strict=True):
            counted = min(charge, allowed)
            filled = min(counted, left)
            part = min(filled + ((counted - filled) * SHARE + 5_000) // 10_000, limit)
            left, limit = left - filled, limit - part
            parts.append(part)
        return pd.Series(parts, index=lines.index)

    return lambda: frame.groupby("patient", group_keys=False)[["charge", "allowed"]].apply(one).to_numpy()


def polars(columns: dict[str, Any]) -> Callable[[], Any]:
    """polars: prefix sums by window expressions."""
    import polars as pl

    frame = pl.DataFrame(columns)
    counted = pl.min_horizontal("charge", "allowed")

    def run() -> Any:
        found = frame.lazy().with_columns(c=counted).with_columns(b=pl.col("c").cum_sum().over("patient"))
        found = found.with_columns(
            f=pl.min_horizontal("b", pl.lit(DEDUCTIBLE))
            - pl.min_horizontal(pl.col("b") - pl.col("c"), pl.lit(DEDUCTIBLE))
        )
        found = found.with_columns(p=pl.col("f") + ((pl.col("c") - pl.col("f")) * SHARE + 5_000) // 10_000)
        found = found.with_columns(w=pl.col("p").cum_sum().over("patient"))
        after, before = (
            pl.min_horizontal("w", pl.lit(LIMIT)),
            pl.min_horizontal(pl.col("w") - pl.col("p"), pl.lit(LIMIT)),
        )
        return found.select(o=after - before).collect()["o"].to_numpy()

    return run


def duckdb(columns: dict[str, Any]) -> Callable[[], Any]:
    """duckdb: prefix sums by SQL windows."""
    import duckdb as db
    import pyarrow as pa

    table = pa.table({**columns, "row": np.arange(columns["charge"].size)})
    window = "(partition by patient order by row rows unbounded preceding)"
    query = f"""
        with a as (select *, least(charge, allowed)::bigint as c from lines),
        b as (select *, (sum(c) over {window})::bigint as s from a),
        f as (select *, least(s, {DEDUCTIBLE}) - least(s - c, {DEDUCTIBLE}) as f from b),
        p as (select *, f + ((c - f) * {SHARE} + 5000) // 10000 as p from f),
        w as (select *, (sum(p) over {window})::bigint as w from p)
        select least(w, {LIMIT}) - least(w - p, {LIMIT}) as o from w order by row"""

    def run() -> Any:
        with db.connect() as connection:
            connection.register("lines", table)
            return connection.execute(query).fetchnumpy()["o"]

    return run


WAYS: dict[str, Callable[[dict[str, Any]], Callable[[], Any]]] = {
    "a copy of the same bytes": copied,
    "the walk, compiled": compiled,
    "numpy in blocks": blocks,
    "pandas, prefix sums": pandas_sums,
    "polars": polars,
    "duckdb": duckdb,
    "plain Python, the walk": plain,
    "pandas groupby.apply": pandas_apply,
}


def measure(way: str, lines: int) -> dict[str, float]:
    """Nanoseconds of CPU a line (the least of some runs), the process's peak in MB, and the sum of what is owed."""
    run = WAYS[way](data(lines))
    found = run()
    times = []
    for _ in range(5 if lines <= 1_000_000 else 3):
        begin = time.process_time()
        run()
        times.append(time.process_time() - begin)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    return {"ns": min(times) / (lines // LINES * LINES) * 1e9, "mb": peak, "owed": float(np.sum(found))}


def whole(lines: int, folder: Path) -> None:
    """From Parquet to totals, as a user calls it: a loop here, then the same files by Dask's workers."""
    files = max(lines // 10_000_000, 4)
    for number in range(files):
        alone("--write", folder, lines // files, number)
    here = alone("--totals", folder, "here", "")
    print(
        f"{lines:>12,} lines, Parquet to totals: {here['cpu']:6.1f} s of CPU, {here['s']:6.1f} s, {here['mb']:,.0f} MB"
    )
    if find_spec("distributed"):
        spread = alone("--totals", folder, "dask", "local")
        ratio = f"{spread['cpu'] / here['cpu']:.2f} x the loop's CPU, {spread['s'] / here['s']:.2f} x its time"
        print(
            f"{lines:>12,} lines by Dask's workers here:  {spread['cpu']:6.1f} s of CPU, {spread['s']:6.1f} s: {ratio}"
        )
        for part in (folder / "here").glob("*.parquet"):
            assert part.read_bytes() == (folder / "dask" / part.name).read_bytes(), part.name


def alone(*words: object) -> dict[str, float]:
    """What a process of its own says of its CPU seconds, its seconds and its peak in MB."""
    command = [sys.executable, __file__, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def write(folder: Path, lines: int, number: int) -> None:
    """Write one file of lines; patients of different files are different."""
    import pyarrow as pa
    from pyarrow import parquet

    columns = data(lines, seed=number)
    days = pa.array((columns["day"] + 20_454).astype(np.int32)).cast(pa.date32())
    amounts = {f"{name}_cents": columns[name].astype(np.int32) for name in ("charge", "allowed")}
    table = pa.table({"patient": columns["patient"] + number * lines, "date": days, **amounts})
    (folder / "lines").mkdir(exist_ok=True)
    parquet.write_table(table, folder / "lines" / f"part-{number:02}.parquet")


def totals(folder: Path, out: str, client: str) -> None:
    """Take the files to totals."""
    from ketacost.files.cohort_files import adjudicate_files

    chosen = {"client": client} if client else {}
    adjudicate_files(folder / "lines", folder / out, plan(), money="cents", totals=True, network="in", **chosen)


def told(work: Callable[[], None]) -> None:
    """Do some work, and print its CPU seconds and those of its workers, its seconds and its peak in MB."""
    begin = time.perf_counter()
    work()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(one.ru_utime + one.ru_stime for one in used)
    peak = max(one.ru_maxrss for one in used) / 1_024
    print(json.dumps({"cpu": cpu, "s": time.perf_counter() - begin, "mb": peak}))


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """The table as a picture: lines on one axis, nanoseconds a line on the other, both in powers of ten."""
    left, top, wide, high = 60, 20, 420, 300
    names = list(dict.fromkeys(row["way"] for row in rows))
    hues = ("#9ca3af", "#0f766e", "#1d4ed8", "#7c3aed", "#b45309", "#be123c", "#334155", "#64748b")

    def x(lines: float) -> float:
        return left + (np.log10(lines) - 4) / 4 * wide

    def y(ns: float) -> float:
        return top + (5 - np.log10(ns)) / 5 * high

    drawn = [
        f'<line x1="{left}" x2="{left + wide}" y1="{y(10**n):.0f}" y2="{y(10**n):.0f}" stroke="#d1d5db"/>'
        f'<text x="{left - 6}" y="{y(10**n) + 4:.0f}" text-anchor="end">{10**n:,}</text>'
        for n in range(6)
    ]
    drawn += [f'<text x="{x(10**n):.0f}" y="{top + high + 20}" text-anchor="middle">10^{n}</text>' for n in range(4, 9)]
    for name, hue in zip(names, hues, strict=False):
        points = [(x(row["lines"]), y(row["ns"])) for row in rows if row["way"] == name]
        path_of = " ".join(f"{across:.0f},{up:.0f}" for across, up in points)
        drawn.append(f'<polyline points="{path_of}" fill="none" stroke="{hue}" stroke-width="2"/>')
        drawn += [f'<circle cx="{across:.0f}" cy="{up:.0f}" r="3" fill="{hue}"/>' for across, up in points]
        across, up = points[-1]
        drawn.append(f'<text x="{across + 8:.0f}" y="{up + 4:.0f}" fill="{hue}">{name}</text>')
    drawn.append(
        f'<text x="{left}" y="{top + high + 40}">lines; nanoseconds of CPU a line, the least of some runs</text>'
    )
    style = 'font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="Nanoseconds of CPU a line"'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 {top + high + 50}" {style}>{"".join(drawn)}</svg>\n'
    )
    path.write_text(svg, encoding="utf-8")


def main() -> None:
    """Time each way at each size in a process of its own, then the whole way of a file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=float, default=1e7, help="the most lines; 1e8 takes some GB of disk")
    parser.add_argument("--one", nargs=2, help="a way and its lines, for a process of its own")
    parser.add_argument("--write", nargs=3, help="a folder, lines and a number, for a process of its own")
    parser.add_argument("--totals", nargs=3, help="a folder, its part and a client, for a process of its own")
    parser.add_argument("--plot", type=Path, help="where to write the picture")
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(measure(chosen.one[0], int(chosen.one[1]))))
        return
    if chosen.write:
        told(lambda: write(Path(chosen.write[0]), *map(int, chosen.write[1:])))
        return
    if chosen.totals:
        told(lambda: totals(Path(chosen.totals[0]), *chosen.totals[1:]))
        return
    rows: list[dict[str, Any]] = []
    for lines in (size for size in SIZES if size <= chosen.most):
        for way in WAYS:
            if lines > MOST.get(way, SIZES[-1]) or (way in ("polars", "duckdb") and not find_spec(way)):
                continue
            words = [sys.executable, __file__, "--one", way, str(lines)]
            done = subprocess.run(words, capture_output=True, text=True, check=True, env=os.environ)
            rows.append({"way": way, "lines": lines, **json.loads(done.stdout)})
        here = [row for row in rows if row["lines"] == lines]
        owed_by = {row["way"]: row["owed"] for row in here if row["way"] != "a copy of the same bytes"}
        assert len(set(owed_by.values())) == 1, owed_by
        copy = here[0]["ns"]
        for row in here:
            print(
                f"{lines:>12,}  {row['way']:<26}{row['ns']:>10,.1f} ns a line{row['ns'] / copy:>10,.1f} x a copy"
                f"{row['mb']:>9,.0f} MB",
                flush=True,
            )
    if chosen.plot:
        plot(rows, chosen.plot)
    for lines in (size for size in SIZES if 1_000_000 <= size <= chosen.most):
        with tempfile.TemporaryDirectory() as folder:
            whole(lines, Path(folder))


if __name__ == "__main__":
    main()
