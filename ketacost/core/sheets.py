"""Text tables as spreadsheets and portals save them: encodings, separators, and rows above the header."""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Callable, Iterable, Sequence
from io import StringIO
from itertools import islice
from typing import NamedTuple

from ketacost.core.fields import KetacostError

DELIMITERS = ",\t;|"
LOOKED_AT = 20
"""How many rows may stand above the header of a table."""

HEAD = 1 << 16
"""How many bytes of a file tell its layout."""


class Layout(NamedTuple):
    """How a text table is written: encoding, what parts its cells, rows above its header, and lines down to its end."""

    encoding: str
    delimiter: str
    above: int
    lines: int
    header: tuple[str, ...]


def layout_of(data: bytes, known: Callable[[Iterable[str]], int] = lambda cells: 0) -> Layout:
    """The layout of a text table by its first bytes.

    `known` counts the known columns among the cells of a row: the row with most is the header, else the first that is
    not empty. Raises KetacostError for what is no text, and for a header that is empty.
    """
    encoding = encoding_of(data)
    text = _decoded(data[:HEAD], encoding)
    said = re.match(r"sep=(.)\r?\n", text)
    heads = []
    for delimiter in said[1] if said else DELIMITERS:
        head = header_in(csv.reader(StringIO(text, newline=""), delimiter=delimiter), known, skip=bool(said))
        heads += [(head, delimiter)] if head else []
    if not heads:
        raise KetacostError("the first row should name the columns, and it is empty")
    head, delimiter = max(heads, key=lambda each: each[0].score)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    for _ in range(head.above + 1):
        next(reader)
    return Layout(encoding, delimiter, head.above, reader.line_num, head.header)


class Header(NamedTuple):
    """A row that may be a table's header: how likely it is, the rows above it, and its names."""

    score: tuple[int, int]
    above: int
    header: tuple[str, ...]


def header_in(
    rows: Iterable[Sequence[str]], known: Callable[[Iterable[str]], int], *, skip: bool = False
) -> Header | None:
    """The likeliest header among the first rows; None where they are empty. `skip` passes over the first one."""
    best: Header | None = None
    for above, cells in enumerate(islice(rows, LOOKED_AT)):
        if any(cell.strip() for cell in cells) and not (skip and above == 0):
            score = known(cells), 0 if best else len(cells)
            if best is None or score[0] > best.score[0]:
                best = Header(score, above, named(cells))
    return best


def named(cells: Iterable[str]) -> tuple[str, ...]:
    """The names of a header, up to its last one; an empty cell's is its place, as in "column 3"."""
    cells = list(cells)
    while cells and not cells[-1].strip():
        cells.pop()
    return tuple(cell.strip() or f"column {at}" for at, cell in enumerate(cells, 1))


def encoding_of(data: bytes) -> str:
    """UTF-8, or UTF-16 as "Unicode text" is saved."""
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    if data[1:2] == b"\0" != data[:1]:
        return "utf-16-le"
    return "utf-16-be" if data[:1] == b"\0" != data[1:2] and len(data) > 1 else "utf-8-sig"


def text_of(data: bytes) -> str:
    """The text of a table. Raises KetacostError for what is none."""
    return _decoded(data, encoding_of(data), final=True)


def _decoded(data: bytes, encoding: str, *, final: bool = False) -> str:
    try:
        text = getincrementaldecoder(encoding)().decode(data, final)
    except UnicodeDecodeError:
        raise KetacostError(
            "this is not text in UTF-8 or UTF-16; in the spreadsheet choose Save As, CSV UTF-8, or give the .xlsx file"
        ) from None
    if "\0" in text:
        raise KetacostError(
            "this is not a CSV file; in the spreadsheet choose Save As, CSV UTF-8, or give the .xlsx file"
        )
    return text
