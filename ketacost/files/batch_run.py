"""A batch while it runs: spread over the processors, written row by row, with nothing lost where it is broken off."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext, suppress
from multiprocessing import parent_process
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from ketacost.core.fields import KetacostError
from ketacost.core.writing import growing_file, partial_of
from ketacost.files.batch import Job, answer_row, as_csv, columns_of
from ketacost.files.cohort_files import growing_lines

SPREAD_FROM = 1_000
"""From how many scenarios on the work is spread over the processors."""

TOGETHER, AHEAD = 20, 4
"""How many scenarios a worker takes at a time, and how many such parts wait for each worker."""

GONE = "the program that worked on it was ended from outside, maybe because the machine's memory was full"

Row = dict[str, Any]


class BatchStopped(KetacostError):
    """A batch was broken off; the message says how many rows there are and where."""


class BatchRun(NamedTuple):
    """What became of a batch: how many rows it has, and those that could not be answered."""

    rows: int
    unanswered: list[Row]


def write_batch(
    todo: Sequence[Job], output: Path, lines: Path | None = None, *, tell: Callable[[int], None] = lambda done: None
) -> BatchRun:
    """Answer scenarios into a CSV file, each row as it comes; `lines` is a Parquet file for the lines of each.

    Until all are there the rows are in a file beside, `NAME.partial.csv`, and an older output stays. Raises
    BatchStopped where it is interrupted, and KetacostError where a file cannot be written; both say what there is.
    """
    columns, done, end = columns_of(todo), 0, 0
    unanswered = []
    part = partial_of(output)
    try:
        with growing_file(output) as file, growing_lines(lines) if lines else nullcontext() as keep:
            try:
                end = _added(file, as_csv(columns, []))
                for row in answers(todo, lines=lines is not None):
                    end += _added(file, as_csv(columns, [row], header=False))
                    done += 1
                    if keep:
                        keep(row.get("lines", ()))
                    unanswered += [{"row": row["row"], "problem": row["problem"]}] if row.get("problem") else []
                    tell(done)
            except BaseException:
                with suppress(OSError):
                    file.truncate(end)
                raise
    except KeyboardInterrupt:
        raise BatchStopped(f"stopped: {_so_far(done, todo, part)}; {output.name} was not written") from None
    except KetacostError as error:
        raise KetacostError(f"{error}; {_so_far(done, todo, part)}" if done else str(error)) from None
    return BatchRun(done, unanswered)


def _so_far(done: int, todo: Collection[Job], part: Path) -> str:
    return f"{done:,} of {len(todo):,} rows were answered and are in {part}"


def _added(file: BinaryIO, text: str) -> int:
    """Write a text at once, and give its bytes; a file without buffer may take it in pieces."""
    data = text.encode("utf-8", "backslashreplace")
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
    return len(data)


@contextmanager
def ended_as_interrupted() -> Iterator[None]:
    """Take the signal that ends a program as Ctrl-C, so that what there is can be told."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def answers(todo: Sequence[Job], *, workers: int | None = None, lines: bool = False) -> Iterator[Row]:
    """The answer's row for each scenario, in order; many are spread over the processors.

    With `lines` each has the lines of its shown case too, under that name, as LINES has them. A row that ends its
    worker is told in its `problem`.
    """
    workers = workers or (os.cpu_count() or 1 if len(todo) >= SPREAD_FROM else 1)
    if workers == 1:
        for job in todo:
            yield answer_row(job, lines=lines)
        return
    waiting = deque(todo[first : first + TOGETHER] for first in range(0, len(todo), TOGETHER))
    while waiting:
        broken = yield from _spread(waiting, workers, lines)
        for part in broken:
            yield from _alone(part, lines)


def _spread(waiting: deque[Sequence[Job]], workers: int, lines: bool) -> Generator[Row, None, list[Sequence[Job]]]:
    """Answer parts in order by workers, until none is left or a worker is gone: then give the parts it may have had."""
    running: deque[tuple[Sequence[Job], Future[list[Row]]]] = deque()
    pool = ProcessPoolExecutor(workers, initializer=_begin)
    try:
        while waiting or running:
            while waiting and len(running) < workers * AHEAD:
                running.append((waiting[0], pool.submit(_answered, waiting[0], lines)))
                waiting.popleft()
            rows = running[0][1].result()
            running.popleft()
            yield from rows
    except BrokenProcessPool:
        return [part for part, _ in running]
    finally:
        pool.shutdown(cancel_futures=True)
    return []


def _alone(part: Sequence[Job], lines: bool) -> Iterator[Row]:
    """Answer a part by a worker of its own; where that is gone too, each row by its own."""
    try:
        with ProcessPoolExecutor(1, initializer=_begin) as pool:
            rows = pool.submit(_answered, part, lines).result()
    except BrokenProcessPool:
        if len(part) == 1:
            rows = [answer_row(part[0]._replace(problem=f"this cannot be worked out: {GONE}"))]
        else:
            for job in part:
                yield from _alone([job], lines)
            return
    yield from rows


def _answered(part: Sequence[Job], lines: bool) -> list[Row]:
    return [answer_row(job, lines=lines) for job in part]


def _begin() -> None:
    """A worker leaves Ctrl-C to its parent, and ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
