"""Cohorts in files: parts don't depend on chunks, files or workers; a run that was stopped or killed goes on from them."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cohort_tables import cases_of, one_by_one, table_of

import ketacost as kc

pa = pytest.importorskip("pyarrow")
pytest.importorskip("numba")
from pyarrow import csv, parquet  # noqa: E402
from typer.testing import CliRunner  # noqa: E402

from ketacost.analysis import cohorts  # noqa: E402
from ketacost.cli import app  # noqa: E402

SPLIT = [f"{name}_cents" for name in ("balance_bill", "write_off", "copay", "deductible", "coinsurance", "plan_pays")]
CASES = cases_of(range(60))
TABLE, PLANS, USED = table_of(CASES)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of some patients."""
    monkeypatch.setattr(cohorts, "CHUNK", 200)


def in_files(folder: Path, patients: int) -> Path:
    """The lines in Parquet files of so many patients."""
    folder.mkdir()
    for number, begin in enumerate(range(0, len(CASES), patients)):
        ends = [sum(len(bill) for _, bill, _ in CASES[:n]) for n in (begin, min(begin + patients, len(CASES)))]
        parquet.write_table(TABLE.slice(ends[0], ends[1] - ends[0]), folder / f"lines-{number:02}.parquet")
    return folder


def splits(folder: Path) -> list[tuple[int, ...]]:
    """The splits in the parts of a folder, in order."""
    table = pa.concat_tables([parquet.read_table(part) for part in sorted(folder.glob("*.parquet"))])
    return list(zip(*(table[name].to_pylist() for name in SPLIT), strict=True))


def run(source: Path, output: Path, **more: Any) -> int:
    return kc.adjudicate_files(source, output, PLANS, USED, money="cents", **more)


@pytest.mark.parametrize("patients", [1, 7, 60])
def test_parts_hold_what_each_patient_alone_gives(tmp_path: Path, patients: int) -> None:
    told: list[Any] = []
    assert run(in_files(tmp_path / "in", patients), tmp_path / "out", progress=told.append) == TABLE.num_rows
    assert splits(tmp_path / "out") == one_by_one(CASES)
    assert told[-1].lines == told[-1].of == TABLE.num_rows
    assert "lines, " in str(told[-1])
    assert parquet.read_table(tmp_path / "out").num_rows == TABLE.num_rows  # the record is no part


def test_a_run_that_was_stopped_goes_on_from_its_parts(tmp_path: Path) -> None:
    """Stopped after the third part, as Ctrl-C would: the parts are whole, and only the others are written again."""
    source, out = in_files(tmp_path / "in", 60), tmp_path / "out"
    seen = 0

    def stop(progress: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(source, out, progress=stop)
    kept = {part.name: part.stat().st_mtime_ns for part in out.glob("*.parquet")}
    assert len(kept) == 3
    assert run(source, out) == TABLE.num_rows
    assert splits(out) == one_by_one(CASES)
    assert {name: (out / name).stat().st_mtime_ns for name in kept} == kept
    assert not list(out.glob(".*"))


def test_results_of_another_run_are_left_alone(tmp_path: Path) -> None:
    source, out = in_files(tmp_path / "in", 60), tmp_path / "out"
    run(source, out)
    record = json.loads((out / "_run.json").read_text("utf-8"))
    assert (record["rule"], record["money"], record["rows"]) == ("the rule", "cents", TABLE.num_rows)
    with pytest.raises(kc.KetacostError, match=r"another run in it \(rule, not the usual rule differ\)"):
        run(source, out, rule="balance bills capped")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(kc.KetacostError, match="has something in it"):
        run(source, tmp_path / "other")


def test_every_result_names_the_variant_of_the_rule(tmp_path: Path) -> None:
    source, out = in_files(tmp_path / "in", 60), tmp_path / "out"
    run(source, out, rule="half the deductible waived")
    assert splits(out) == one_by_one(CASES, "half the deductible waived")
    part = next(out.glob("*.parquet"))
    assert b"Not the usual rule: half the deductible waived." in parquet.read_schema(part).metadata[b"ketacost"]
    assert "Not the usual rule" in (out / "_run.json").read_text("utf-8")
    frame = kc.adjudicate_frame(TABLE.to_pandas(), PLANS, USED, rule="half the deductible waived")
    assert frame.attrs["ketacost"]["rule"] == "half the deductible waived"


def test_a_patient_in_two_places_is_refused(tmp_path: Path) -> None:
    source = in_files(tmp_path / "in", 60)
    parquet.write_table(TABLE.slice(0, 5), source / "more.parquet")
    with pytest.raises(kc.KetacostError, match=r"more.parquet: one of its patients is in another file too"):
        run(source, tmp_path / "out")
    again = pa.concat_tables([TABLE, TABLE.slice(0, 5)])
    parquet.write_table(again, tmp_path / "again.parquet")
    with pytest.raises(kc.KetacostError, match=r"again.parquet, row \d+: patient 'k0' was met before"):
        run(tmp_path / "again.parquet", tmp_path / "out2")


def test_a_refused_run_leaves_a_new_folder_for_the_next(tmp_path: Path) -> None:
    """A row without a charge in the second file: nothing stays of the first one's parts; mended, the same call works."""
    source, out = in_files(tmp_path / "in", 20), tmp_path / "out"
    second = source / "lines-01.parquet"
    good = parquet.read_table(second)
    at = good.column_names.index("charge_cents")
    bad = good.set_column(at, "charge_cents", pa.array([None, *good["charge_cents"].to_pylist()[1:]], pa.int64()))
    parquet.write_table(bad, second)
    with pytest.raises(kc.KetacostError, match=r"lines-01\.parquet, row 1: "):
        run(source, out)
    assert list(out.iterdir()) == []
    parquet.write_table(good, second)
    assert run(source, out) == TABLE.num_rows
    assert splits(out) == one_by_one(CASES)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Callable[[], Any]]:
    """Two workers, each a process of its own, and a client to them."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        ) as local,
        distributed.Client(local) as client,
    ):
        yield lambda: client


@pytest.mark.filterwarnings("ignore")
def test_workers_write_the_same_parts_and_one_that_is_killed_changes_no_cent(
    tmp_path: Path, cluster: Callable[[], Any]
) -> None:
    """The same 12 files, here and by two workers, of which one is killed after the first file: equal bytes."""
    source, client = in_files(tmp_path / "in", 5), cluster()
    client.run(_use_small_chunks)
    run(source, tmp_path / "here")
    workers, killed = list(client.run(os.getpid).values()), list[int]()

    def kill(progress: Any) -> None:
        if not killed:
            killed.append(workers[0])
            os.kill(workers[0], signal.SIGKILL)

    assert run(source, tmp_path / "there", client=client, progress=kill) == TABLE.num_rows
    assert killed
    parts = sorted(part.name for part in (tmp_path / "here").glob("*.parquet"))
    assert sorted(part.name for part in (tmp_path / "there").glob("*.parquet")) == parts
    for name in parts:
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes(), name


def _use_small_chunks() -> None:
    cohorts.CHUNK = 200


def test_the_command_line_streams_files_of_both_kinds(tmp_path: Path) -> None:
    source = in_files(tmp_path / "in", 60)
    plans = [word for name in ("nextgen-2026-750", "nextgen-2026-2000") for word in ("--plan", name)]
    rows = [("a", "nextgen-2026-750", "2026-03-02", 500), ("b", "nextgen-2026-2000", "2026-03-02", 500)]
    table = pa.Table.from_pylist(
        [{"patient": p, "plan": plan, "date": day, "charge": charge, "allowed": 400} for p, plan, day, charge in rows]
    )
    csv.write_csv(table, tmp_path / "lines.csv")
    runner = CliRunner()
    for output in ("out", "out.csv", "out.parquet"):
        words = ["adjudicate", str(tmp_path / "lines.csv"), *plans, "-o", str(tmp_path / output), "--rule"]
        done = runner.invoke(app, [*words, "half the deductible waived"])
        assert done.exit_code == 0, done.output
        assert "2 lines under the rule 'half the deductible waived'; written to" in done.output
    whole = parquet.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["deductible"] for row in whole] == [400.0, 400.0]
    assert parquet.read_table(tmp_path / "out").to_pylist() == whole
    assert csv.read_csv(tmp_path / "out.csv").num_rows == 2
    missing = runner.invoke(app, ["adjudicate", str(source), "-o", str(tmp_path / "none")])
    assert missing.exit_code == 2
    assert "lines-00.parquet, row 1: " in missing.output


def test_totals_are_a_row_for_each_patient(tmp_path: Path) -> None:
    run(in_files(tmp_path / "in", 60), tmp_path / "out", totals=True)
    table = parquet.read_table(tmp_path / "out").to_pydict()
    assert table["patient"] == [f"k{n}" for n in range(60)]
    every = iter(one_by_one(CASES))
    sums = [sum(next(every)[5] for _ in bill) for _, bill, _ in CASES]
    assert table["plan_pays_cents"] == sums


def test_files_take_a_plan_by_its_id_as_frames_do(tmp_path: Path) -> None:
    source = kc.cohort(20, seed=7, path=tmp_path / "lines.parquet")
    kc.adjudicate_files(source, tmp_path / "by id", "nextgen-2026-750", money="cents")
    kc.adjudicate_files(source, tmp_path / "given", kc.plans["nextgen-2026-750"], money="cents")
    assert splits(tmp_path / "by id") == splits(tmp_path / "given")
    records = [json.loads((tmp_path / name / "_run.json").read_text("utf-8")) for name in ("by id", "given")]
    assert records[0]["plans"] == records[1]["plans"]


@pytest.mark.parametrize("name", ["x.json", "x.xlsx", "x.txt"])
def test_a_file_of_another_kind_is_no_folder(tmp_path: Path, name: str) -> None:
    """A folder of that name was made, and the command said that all was written."""
    lines = tmp_path / "lines.csv"
    lines.write_text("patient,date,charge,allowed\nA,2027-01-04,600,350\n")
    done = CliRunner().invoke(app, ["adjudicate", str(lines), "--plan", "nextgen-2026-750", "-o", str(tmp_path / name)])
    assert done.exit_code == 2
    assert "results go to a folder" in done.stderr
    with pytest.raises(kc.KetacostError, match="results go to a folder"):
        kc.adjudicate_files(lines, tmp_path / "x.csv", kc.plans["nextgen-2026-750"])
    assert [path.name for path in tmp_path.iterdir()] == ["lines.csv"]
