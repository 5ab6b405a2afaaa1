"""Values and problems in words: cut to a length that can be read, without Python's names and unseen signs."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal

MOST_LETTERS, MOST_LINE, MOST_LINES = 60, 600, 40
"""The most of a value, of a line and of the lines of an error that are told."""

UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""Letters that steer a terminal, turn or hide text, or are half a letter."""

HALF_LETTER = re.compile("[\ud800-\udfff]")
FORMULA = r"^(?:\s*[=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}]|[\t\r])"
"""What a spreadsheet takes for a formula, as RE2 writes it."""

_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r]")
_NUMBER = re.compile(r"-[\d,]*\.?\d+%?")


def told(value: object) -> str:
    """A value as an error tells it, at most 60 letters of it.

    >>> told([500]), told(Decimal("1e9")), told(10**5000), told(datetime(2026, 1, 5, 8))
    ('a list', '1E+9', 'a number of about 5,001 digits', 'a day with a time (2026-01-05 08:00:00)')
    """
    if isinstance(value, str):
        return repr(visible(value[:MOST_LETTERS]) + "..." * (len(value) > MOST_LETTERS)).replace(r"\\", "\\")
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, int):
        digits = int(value.bit_length() * 0.30103) + 1
        return str(value) if digits <= MOST_LETTERS else f"a number of about {digits:,} digits"
    if isinstance(value, float | Decimal):
        return cut(str(value))
    if isinstance(value, date):
        return f"a day with a time ({value})" if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, time):
        return f"a time of day ({value})"
    if isinstance(value, Mapping):
        return "a table"
    return "a list" if isinstance(value, Sequence | set) else f"another thing ({type(value).__name__})"


def cut(text: str, most: int = MOST_LETTERS) -> str:
    """A text, with dots for what is beyond a length."""
    return text if len(text) <= most else f"{text[:most]}..."


def visible(text: str) -> str:
    """A text for a terminal: what would steer it or hide in it is written out, as in \\x1b; lines stay.

    >>> visible("a\\x1b[2Jb")
    'a\\\\x1b[2Jb'
    """
    return UNSEEN.sub(lambda sign: sign[0].encode("unicode_escape").decode(), text)


def brief(problem: object, most: int = MOST_LINES + 1) -> str:
    """An error as it is shown: long lines and long lists cut, nothing that steers a terminal."""
    lines = str(problem).split("\n")
    more = [f"and {len(lines) - most:,} more"] if len(lines) > most else []
    return "\n".join([*(cut(visible(line), MOST_LINE) for line in lines[:most]), *more])


def formula(text: str) -> bool:
    """Whether a spreadsheet would take a text for a formula, a negative number too."""
    return bool(_FORMULA.match(text))


def capital(text: str) -> str:
    """A text that begins with a capital, the rest as it is."""
    return f"{text[0].upper()}{text[1:]}"


def plain(text: object) -> str:
    """A name or word without capitals, blanks and signs, for comparing: plain("In-Network") is "innetwork"."""
    return re.sub(r"[^a-z0-9#]", "", str(text).lower())


def cell(value: object) -> object:
    """A cell of a sheet: a text that a spreadsheet would run as a formula gets an apostrophe; amounts stay.

    >>> cell("=1+1"), cell("-12.50"), cell("Ann")
    ("'=1+1", '-12.50', 'Ann')
    """
    if not isinstance(value, str) or not formula(value) or _NUMBER.fullmatch(value):
        return value
    return f"'{value}"


WIDTH, WIDE = 100, 1_000
"""How wide sentences are at most, and tables where nobody said how wide the terminal is."""


def fitted(text: str, width: int) -> str:
    """Lines folded where they are longer than a terminal is wide; what follows a bullet stays behind it."""
    lines = text.splitlines()
    marks = [line[: len(line) - len(line.lstrip(" -"))] for line in lines]
    pairs = zip(lines, marks, strict=True)
    return "\n".join(
        folded(line[len(mark) :], mark, width=width) if len(line) > width else line for line, mark in pairs
    )


def folded(text: str, mark: str = "", width: int = WIDTH) -> str:
    """Text in lines that fit a terminal; a mark before it stands out."""
    width = min(width, WIDTH)
    return textwrap.fill(text, width, initial_indent=mark, subsequent_indent=" " * len(mark), break_on_hyphens=False)
