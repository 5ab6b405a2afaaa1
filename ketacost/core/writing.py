"""Files written whole: under a name that nobody can guess, beside their place, and then put there in one step.

A file that somebody else changed in the meantime is not overwritten, and what a killed program left is swept away.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import file_digest, sha256
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from ketacost.core.fields import KetacostError

fcntl: Any = None
with suppress(ImportError):  # Windows, and a browser
    fcntl = import_module("fcntl")

MARK = ".ketacost-"
"""How the names of files begin that are being written."""

OURS = re.compile(re.escape(MARK) + r"[0-9a-f]{16}(\.\w+)?")
PATIENCE = 10.0
"""Seconds that another program may take to put its file in place."""

OLD = 86_400
"""Seconds after which an unfinished file is left over, where no lock can tell."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class ChangedMeanwhile(KetacostError):
    """Somebody else wrote the file since it was opened; it is as they left it."""


def mark_of(path: Path) -> str:
    """What a file holds, as a short mark; empty where there is none. Raises KetacostError for a folder or a pipe."""
    if path.exists() and not path.is_file():
        raise KetacostError(f"{path} is not a regular file, so nothing can be written there")
    try:
        with path.open("rb") as file:
            return file_digest(file, sha256).hexdigest()
    except FileNotFoundError:
        return ""


def mark_of_bytes(data: bytes) -> str:
    """The mark of a file that holds these bytes."""
    return sha256(data).hexdigest()


def write_whole(
    path: str | Path,
    text: str | bytes,
    check: Callable[[Path], None] = lambda new: None,
    *,
    private: bool = False,
    opened: str | None = None,
) -> None:
    """Write a file in one step: it is written beside its place, checked, and only then put there. Text goes as UTF-8.

    `private` keeps a new file from the other users of the machine; one that is there keeps its rights. `opened` is the
    mark of the file as it was opened. Raises ChangedMeanwhile where somebody else wrote it since, and KetacostError
    where it cannot be written; the old file is then as it was.
    """
    with new_file(path, private=private, opened=opened) as (file, new):
        file.write(text.encode("utf-8") if isinstance(text, str) else text)
        file.flush()
        check(new)


@contextmanager
def new_file(path: str | Path, *, private: bool = False, opened: str | None = None) -> Iterator[tuple[BinaryIO, Path]]:
    """A file to write, which takes its place when all went well; else nothing of it stays.

    Raises ChangedMeanwhile and KetacostError as `write_whole` does.
    """
    path = Path(path).resolve()
    try:
        opened = mark_of(path) if opened is None else opened
        sweep(path.parent)
        file, new = _begun(path, private=private)
        try:
            with file:
                yield file, new
                file.flush()
                os.fsync(file.fileno())
                if os.name != "nt":
                    _put(new, path, opened)
            if os.name == "nt":  # there no open file can be moved
                _put(new, path, opened)
        finally:
            with suppress(OSError):
                new.unlink()
    except OSError as error:
        raise KetacostError(f"{path} cannot be written: {error.strerror}") from error


def _begun(path: Path, *, private: bool) -> tuple[BinaryIO, Path]:
    """A new file beside a place, locked, so that a sweep knows that it is being written."""
    while True:
        new = path.with_name(f"{MARK}{os.urandom(8).hex()}{path.suffix[:20]}")
        file = os.fdopen(os.open(new, _NEW, 0o600 if private else 0o666), "wb")
        _lock(file.fileno())
        with suppress(FileNotFoundError):
            if os.name == "nt" or new.stat().st_ino == os.fstat(file.fileno()).st_ino:
                return file, new
        file.close()  # a sweep took it between its making and its lock


def _put(new: Path, path: Path, opened: str) -> None:
    """Put a written file in its place, unless somebody else wrote that since."""
    with alone_in(path.parent):
        now = mark_of(path)
        if now not in ("", opened):
            raise ChangedMeanwhile(
                f"{path.name} was changed by somebody else since it was opened here (another panel, program or "
                "person), so it was not written: open it again, or use another name"
            )
        if now:
            new.chmod(path.stat().st_mode & 0o777)
        os.replace(new, path)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Be the only one who puts a file into a folder. Raises KetacostError where another program never ends."""
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        until = time.monotonic() + PATIENCE
        while not _lock(handle):
            if time.monotonic() > until:
                raise KetacostError(f"another program is writing in {folder} and has not finished; try again")
            time.sleep(0.02)
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    """Lock an open file or folder for this process; False where another holds it. It ends with the process."""
    if fcntl is not None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks
            return True
    return True


def sweep(folder: Path) -> None:
    """Take away what killed programs left half written in a folder. What is being written stays."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in [entry for entry in entries if OURS.fullmatch(entry.name)]:
            with suppress(OSError):
                if entry.is_file(follow_symlinks=False) and _left_over(entry.path):
                    os.unlink(entry.path)


def _left_over(path: str) -> bool:
    """Whether nobody writes a file any more."""
    if fcntl is None:
        return time.time() - os.stat(path).st_mtime > OLD
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        return _lock(handle)
    finally:
        os.close(handle)


@contextmanager
def growing_file(path: Path) -> Iterator[BinaryIO]:
    """A file that is written as its rows come, without a buffer, and that has its own name until it is whole.

    `out.csv` grows as `out.partial.csv`. It takes its place when all went well. Where it is broken off, even by a
    kill, what is written stays under that name. Raises KetacostError where another program is writing it, and
    ChangedMeanwhile as `write_whole` does.
    """
    path = path.resolve()
    part = partial_of(path)
    try:
        opened = mark_of(path)
        sweep(path.parent)
        with alone_in(path.parent):
            if part.exists() or part.is_symlink():
                if part.is_symlink() or not _left_over(str(part)):
                    raise KetacostError(f"{part} is there, and another program may be writing it: use another name")
                part.unlink()
            file = os.fdopen(os.open(part, _NEW, 0o600), "wb", 0)
            _lock(file.fileno())
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if os.name != "nt":
                _put(part, path, opened)
        if os.name == "nt":
            _put(part, path, opened)
    except OSError as error:
        raise KetacostError(f"{part} cannot be written: {error.strerror}") from error


def partial_of(path: Path) -> Path:
    """The name under which a file grows."""
    return path.with_name(f"{path.stem}.partial{path.suffix}")
