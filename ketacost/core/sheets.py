"""Text tables as spreadsheets and portals save them: encodings, separators, and rows above the header."""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice
from typing import NamedTuple

from ketacost.core.fields import KetacostError
from ketacost.core.words import cut

DELIMITERS = ",\t;|"
LOOKED_AT = 20
"""How many rows may come before the header of a table."""

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
    """The text of a table; a byte that is no letter stands as half of one, for its row to be told. See `records`."""
    return _decoded(data, encoding_of(data), final=True)


def _decoded(data: bytes, encoding: str, *, final: bool = False) -> str:
    errors = "surrogatepass" if encoding.startswith("utf-16") else "surrogateescape"
    try:
        text = getincrementaldecoder(encoding)(errors).decode(data, final)
    except UnicodeDecodeError:
        text = "\udcff"
    bad = NO_LETTER.findall(text)
    if bad and (NO_LETTER.search(text.split("\n", 1)[0]) or len(bad) * FEW > len(text)):
        what = "not a CSV file" if "\0" in bad else "not text in UTF-8 or UTF-16"
        raise KetacostError(f"this is {what}; in the spreadsheet choose Save As, CSV UTF-8, or give the .xlsx file")
    return text


NO_LETTER = re.compile("[\0\ud800-\udfff]")
"""What stands in a text for a byte that is no letter of it."""

FEW = 50
"""A text has at least so many letters for each byte that is none; else it is no text."""


def records(text: str, layout: Layout) -> Iterator[tuple[list[str], str]]:
    """The rows of a text under its header, each as its cells and what is wrong with it.

    A quote that is not closed costs its own row and none of those that it would swallow.
    """
    lines, at = list(StringIO(text, newline="")), layout.lines
    while at < len(lines):
        part = lines[at : at + MOST_LINES_OF_A_ROW]
        reader, before, broken = csv.reader(part, delimiter=layout.delimiter), 0, False
        try:
            for cells in reader:
                taken = part[before : reader.line_num]
                broken = _swallowed(taken, cells, layout)
                if broken:
                    break
                yield _letters(cells)
                before = reader.line_num
        except csv.Error:
            broken = True
        at += before
        if broken and not (before and reader.line_num == len(part)):  # else the part ends within a row: read it anew
            alone = csv.reader([lines[at].replace('"', "")[:MOST_LETTERS_OF_A_ROW]], delimiter=layout.delimiter)
            yield [cut(cell) for cell in next(alone, [])], UNCLOSED
            at += 1


UNCLOSED = 'has a quote (") that is not closed, or one cell of thousands of letters'
MOST_LINES_OF_A_ROW, MOST_LETTERS_OF_A_ROW = 1_000, 10_000


def _swallowed(taken: Sequence[str], cells: Sequence[str], layout: Layout) -> bool:
    """Whether an open quote made one row of several: the quotes are odd, or further lines are rows by themselves."""
    if len(taken) == 1:
        return any(cell.endswith("\n") for cell in cells)
    if "".join(taken).count('"') % 2:
        return True
    width, (first, *further) = len(layout.header), taken
    return width > 1 and (
        width in _widths(further[:-1], layout)
        or (width in _widths([first], layout, "") and width in _widths(further, layout, ""))
    )


def holds_rows(cell: str, place: int, columns: int, delimiter: str) -> bool:
    """Whether a cell of several lines, in a column by its place, holds rows of the table: its quote was not closed."""
    if cell.endswith("\n"):
        return True
    first, *between, last = (line.count(delimiter) + 1 for line in cell.split("\n"))
    return columns > 1 and (columns in between or (place + first == columns and last == place + 1))


def _widths(lines: Sequence[str], layout: Layout, quote: str = '"') -> set[int]:
    """How many cells each line has by itself, as it is or without its quotes."""
    return {len(row) for row in csv.reader([line.replace('"', quote) for line in lines], delimiter=layout.delimiter)}


def _letters(cells: list[str]) -> tuple[list[str], str]:
    """A row's cells with a sign in the place of what is no letter, and the problem where there is such."""
    bad = [cell for cell in cells if NO_LETTER.search(cell)]
    if not bad:
        return cells, ""
    cells = [NO_LETTER.sub("\ufffd", cell) for cell in cells]
    return (
        cells,
        f"has signs that are no letters of UTF-8 ({cut(NO_LETTER.sub(chr(0xFFFD), bad[0]))}); save it as CSV UTF-8",
    )
