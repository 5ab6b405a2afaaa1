"""A batch never loses a row: odd rows are told and the others written, and what is broken off says what there is."""

from __future__ import annotations

import csv
import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from commands import call, refused, sheet
from places import ROOT

from ketacost.core.fields import KetacostError
from ketacost.core.writing import partial_of
from ketacost.files import batch_run
from ketacost.files.batch import Job, answer_row, jobs
from ketacost.files.batch_run import answers, write_batch

GOOD = "readme-patient,600"
HEAD = "scenario,prices.charges.infusion"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


ODD: dict[str, bytes] = {
    "a quote that is not closed": b'readme-patient,"600',
    "a quote in the first cell": b'"readme-patient,600',
    "letters of another encoding": b"Mu\xf1oz,600",
    "a sign that no text has": b"readme\0-patient,600",
    "too many cells": b"readme-patient,600,700,800",
    "a name that no machine can keep": b"x" * 5_000 + b",600",
    "a number of thousands of digits": b"readme-patient," + b"9" * 5_000,
    "a cell of many letters": b"readme-patient," + b"x" * 200_000,
    "a formula": b"=1+1,600",
    "a device": b"/dev/zero,600",
    "a folder": b".,600",
    "what steers a terminal": b"\x1b[2J,600",
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.parametrize("place", [0, 2, 4])
def test_an_odd_row_is_told_with_its_number_and_the_others_are_written(tmp_path: Path, odd: bytes, place: int) -> None:
    rows = [GOOD.encode()] * 4
    rows.insert(place, odd)
    (tmp_path / "rows.csv").write_bytes(b"\n".join([HEAD.encode(), *rows]) + b"\n")
    result = call("batch", tmp_path / "rows.csv", "-o", tmp_path / "out.csv")
    found = rows_of(tmp_path / "out.csv")
    assert [int(row["row"]) for row in found] == [2, 3, 4, 5, 6]
    assert [bool(row["problem"]) for row in found] == [number == place for number in range(5)]
    assert f"rows.csv, row {place + 2}: " in result.stderr
    assert "4 of 5 answered" in result.stderr
    assert "an unexpected error" not in result.stderr
    assert (result.exit_code, "\x1b" in result.stderr) == (1, False)


def test_odd_rows_next_to_each_other_cost_nothing_either(tmp_path: Path) -> None:
    rows = [HEAD.encode()]
    for odd in ODD.values():
        rows += [odd, GOOD.encode()]
    (tmp_path / "rows.csv").write_bytes(b"\n".join(rows))
    call("batch", tmp_path / "rows.csv", "-o", tmp_path / "out.csv")
    assert [bool(row["problem"]) for row in rows_of(tmp_path / "out.csv")] == [True, False] * len(ODD)


def test_a_batch_of_nothing_but_odd_rows_is_written(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(b"\n".join([HEAD.encode(), *ODD.values()]))
    result = call("batch", tmp_path / "rows.csv", "-o", tmp_path / "out.csv")
    assert (result.exit_code, len(rows_of(tmp_path / "out.csv"))) == (1, len(ODD))


def test_a_cell_of_several_lines_is_one_row(tmp_path: Path) -> None:
    path = sheet(tmp_path, "name,scenario", '"Ann\nthe second",readme-patient', '"x\n\ny",readme-patient', "z,")
    assert [job.row for job in jobs(path)] == ["2", "3", "4"]


def test_odd_files_of_a_folder_are_told_and_the_others_are_answered(tmp_path: Path) -> None:
    right = (ROOT / "data" / "scenarios" / "readme-patient.toml").read_bytes()
    folder = tmp_path / "scenarios"
    (folder / "folder.toml").mkdir(parents=True)
    os.mkfifo(folder / "pipe.toml")
    (folder / "gone.toml").symlink_to(folder / "nowhere")
    (folder / "letters.toml").write_bytes(b"title = 'Mu\xf1oz'\n" + right)
    for name in (b"a.toml", b"odd \xff name.toml", b"two\nlines.toml", b"z.toml"):
        (Path(os.fsdecode(os.fsencode(folder) + b"/" + name))).write_bytes(right)
    result = call("batch", folder, "-o", tmp_path / "out.csv")
    found = rows_of(tmp_path / "out.csv")
    assert [row["name"] for row in found if row["problem"]] == ["folder", "gone", "letters", "pipe"]
    assert "4 of 8 answered" in result.stderr
    assert "an unexpected error" not in result.stderr


def test_an_output_that_is_the_input_is_refused(tmp_path: Path) -> None:
    path = sheet(tmp_path, HEAD, GOOD)
    assert "would be overwritten" in refused("batch", path, "-o", path)
    assert path.read_text().startswith(HEAD)


# Broken off


@pytest.fixture
def hears_ctrl_c() -> Iterator[None]:
    """A shell lets what runs in its background ignore Ctrl-C: here it is heard."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hears_ctrl_c")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_batch_says_what_it_has(tmp_path: Path, how: signal.Signals) -> None:
    path, done = sheet(tmp_path, HEAD, *[GOOD] * 9), list[int]()
    (tmp_path / "out.csv").write_text("old")

    def tell(count: int) -> None:
        done.append(count)
        if count == 4:
            signal.raise_signal(how)

    with batch_run.ended_as_interrupted(), pytest.raises(batch_run.BatchStopped) as stopped:
        write_batch(jobs(path), tmp_path / "out.csv", tell=tell)
    assert f"4 of 9 rows were answered and are in {tmp_path / 'out.partial.csv'}" in str(stopped.value)
    assert [row["row"] for row in rows_of(tmp_path / "out.partial.csv")] == ["2", "3", "4", "5"]
    assert (tmp_path / "out.csv").read_text() == "old"
    assert write_batch(jobs(path), tmp_path / "out.csv").rows == 9
    assert not (tmp_path / "out.partial.csv").exists()


def test_the_lines_of_an_interrupted_batch_can_be_read(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")

    def tell(count: int) -> None:
        if count == 3:
            raise KeyboardInterrupt

    with pytest.raises(batch_run.BatchStopped):
        write_batch(
            jobs(sheet(tmp_path, HEAD, *[GOOD] * 9)), tmp_path / "out.csv", tmp_path / "lines.parquet", tell=tell
        )
    lines = parquet.read_table(tmp_path / "lines.partial.parquet")
    assert set(lines["row"].to_pylist()) == {"2", "3", "4"}


def test_a_full_disk_says_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, writes = batch_run._added, list[int]()

    def added(file: Any, text: str) -> int:
        writes.append(1)
        if len(writes) == 4:
            file.write(text[:20].encode())
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return whole(file, text)

    monkeypatch.setattr(batch_run, "_added", added)
    with pytest.raises(KetacostError, match="No space left on device; 2 of 9 rows were answered"):
        write_batch(jobs(sheet(tmp_path, HEAD, *[GOOD] * 9)), tmp_path / "out.csv")
    assert [row["row"] for row in rows_of(tmp_path / "out.partial.csv")] == ["2", "3"]


def children(of: int) -> list[int]:
    """The processes that a process started, and theirs."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, parent = int(place.parent.name), int(place.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        found += [number, *children(number)] if parent == of else []
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the processes of this machine cannot be listed")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_their_parent_and_what_is_written_stays(tmp_path: Path, how: signal.Signals) -> None:
    path = sheet(tmp_path, HEAD, *[f"readme-patient,{500 + number}" for number in range(3_000)])
    words = [sys.executable, "-m", "ketacost", "batch", str(path), "-o", str(tmp_path / "out.csv")]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    part, until = partial_of(tmp_path / "out.csv"), time.monotonic() + 240
    while not (part.exists() and part.stat().st_size > 5_000):
        assert time.monotonic() < until
        time.sleep(0.05)
    workers = children(process.pid)
    process.send_signal(how)
    told = process.communicate(timeout=240)[1]
    until = time.monotonic() + 240
    while any(Path(f"/proc/{number}").exists() for number in workers):
        assert time.monotonic() < until, "a worker lives on"
        time.sleep(0.05)
    rows = rows_of(part)
    assert [int(row["row"]) for row in rows] == [*range(2, len(rows) + 2)]
    assert not any(row["problem"] for row in rows)
    assert process.returncode == (130 if how == signal.SIGTERM else -how)
    if how == signal.SIGTERM:
        assert f"{len(rows):,} of 3,000 rows were answered" in told


def killed(part: list[Job], lines: bool) -> list[dict[str, Any]]:
    """What a worker makes of a part, where a row called fatal ends it."""
    if any(job.name == "fatal" for job in part):
        os.kill(os.getpid(), signal.SIGKILL)
    return [answer_row(job, lines=lines) for job in part]


def forking(workers: int, **how: Any) -> ProcessPoolExecutor:
    """A pool whose workers see what a test put in place."""
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork"), **how)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="workers here do not see what a test puts in place")
def test_a_row_that_ends_its_worker_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_run, "_answered", killed)
    monkeypatch.setattr(batch_run, "TOGETHER", 3)
    monkeypatch.setattr(batch_run, "ProcessPoolExecutor", forking)
    todo = [Job(str(at), "fatal" if at in (4, 9) else "a", "readme-patient", {}) for at in range(12)]
    rows = list(answers(todo, workers=2))
    assert [row["row"] for row in rows] == [job.row for job in todo]
    assert [at for at, row in enumerate(rows) if row.get("problem")] == [4, 9]
    assert "was ended from outside" in rows[4]["problem"]
