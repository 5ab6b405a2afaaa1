"""What comes from outside: files of a bounded size, data of a bounded depth, and the net behind every way in."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from traceback import walk_tb
from typing import Any, TypeVar

from ketacost.core.fields import KetacostError
from ketacost.core.words import HALF_LETTER, cut, told

T = TypeVar("T")
MOST_DEEP = 60
TOO_DEEP = f"tables and lists are nested more than {MOST_DEEP} deep"
"""How deep tables and lists of a file may be nested, and the message for deeper ones."""

SMALL_FILE, LARGE_FILE = 5_000_000, 300_000_000
"""Bytes at most of a file that a person writes, and of a sheet, a notebook or a page."""

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""The years in which days of service, of plans and of files lie."""


WAY_OUT = "Check your input; if it looks right, send the log to the project."


class Unforeseen(KetacostError):
    """An unexpected error; the message names the log with the places in the code."""


def bytes_in(path: Path, most: int = SMALL_FILE) -> bytes:
    """A file's bytes. Raises KetacostError for a pipe, a device or a folder, and for one that is too large."""
    about = path.stat()
    if not stat.S_ISREG(about.st_mode):
        raise KetacostError(f"{path.name} is not a regular file; a folder, a pipe or a device cannot be read")
    if about.st_size > most:
        raise KetacostError(
            f"{path.name} holds {about.st_size / 1e6:,.0f} MB and at most {most / 1e6:,.0f} MB are read; "
            "is it the right one?"
        )
    with path.open("rb") as file:
        return file.read(most + 1)


def there(path: Path) -> bool:
    """Whether anything is at a place; a name that no machine can keep is nowhere."""
    try:
        return path.exists()
    except OSError:
        return False


def parsed(parse: Callable[[str], T], text: str) -> T:
    """What a parser makes of a text, checked. Raises KetacostError for what cannot be held; the parser's errors pass.

    Refused are tables in tables beyond 60, numbers of thousands of digits, and halves of letters.
    """
    try:
        data = parse(text)
    except (RecursionError, MemoryError):
        raise KetacostError(TOO_DEEP) from None
    except ValueError as error:
        if _depth(text) > MOST_DEEP:  # newer versions of Python read on where older ones stop
            raise KetacostError(TOO_DEEP) from None
        if "integer string conversion" in str(error):
            raise KetacostError("a number in it has thousands of digits; write it with a few") from None
        raise
    check_data(data)
    return data


def _depth(text: str) -> int:
    """How deep brackets are nested in a text at most, those between quotes counted too."""
    deepest = depth = 0
    for sign in re.findall(r"[][{}]", text):
        depth += 1 if sign in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def check_data(data: object) -> None:
    """Refuse data that is too deep, or holds half a letter. Raises KetacostError."""
    level: list[Any] = [data]
    for _ in range(MOST_DEEP):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, Mapping):
                inner += [*value, *value.values()]
            elif isinstance(value, list | tuple):
                inner += value
            elif isinstance(value, str) and HALF_LETTER.search(value):
                before = cut(HALF_LETTER.split(value)[0][-20:])
                raise KetacostError(f"half of a letter comes after {before!r} (a lone surrogate); write the text again")
        level = inner
        if not level:
            return
    raise KetacostError(TOO_DEEP)


def check_request(asked: object) -> None:
    """Refuse what is no request: anything but a table, and what `check_data` refuses. Raises KetacostError."""
    if not isinstance(asked, Mapping):
        raise KetacostError(f"a request is a table, got {told(asked)}")
    check_data(asked)


def word(asked: object, name: str, *assumed: str) -> str:
    """A text of a request, by its name. Raises KetacostError where it is not there or is none."""
    said = asked.get(name, *assumed) if isinstance(asked, Mapping) else None
    if not isinstance(said, str):
        raise KetacostError(f"a request should say its {name!r} as text, got {told(said)}")
    return said


def read_json(text: str) -> Any:
    """The data in a JSON text. Raises JSONDecodeError for what is none, and KetacostError as `parsed` does."""
    return parsed(json.loads, text)


@contextmanager
def net(what: str, advice: str = WAY_OUT) -> Iterator[None]:
    """Tell whatever goes wrong in one line. Raises Unforeseen for what is no KetacostError and no OSError."""
    try:
        yield
    except (KetacostError, OSError):
        raise
    except Exception as error:
        raise Unforeseen(f"{what}: {unforeseen(error)} {advice}") from error


def unforeseen(error: BaseException) -> str:
    """What went wrong, in a sentence that names its log; the log holds places in the code and nothing of a patient."""
    known: dict[type, str] = {
        RecursionError: "it is nested too deep",
        MemoryError: "it is too large for this machine's memory",
    }
    why = known.get(type(error), f"an unexpected error ({type(error).__name__})")
    place = ""
    with suppress(Exception):
        place = str(_log())
        with open(place, "a", encoding="utf-8") as log:
            log.write("\n".join([type(error).__name__, *_places(error), ""]))
    return f"this cannot be worked out: {why}." + (f" The log is {place}." if place else "")


def _places(error: BaseException) -> list[str]:
    """The places in the code that an error went through, the last 40."""
    codes = [(frame.f_code, line) for frame, line in walk_tb(error.__traceback__)][-40:]
    return [f"  {'/'.join(Path(of.co_filename).parts[-3:])}, line {line}, in {of.co_name}" for of, line in codes]


@cache
def _log() -> Path:
    """This process's log, made when the first thing goes wrong."""
    from tempfile import mkstemp

    handle, name = mkstemp(prefix="ketacost-", suffix=".log", text=True)
    os.close(handle)
    return Path(name)
