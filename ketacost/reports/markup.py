"""HTML from plain text, for statements, panel and handout: paragraphs, lists, tables and folds, escaped once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

SAFE = 'data-lm-suppress-shortcuts="true"'
"""JupyterLab's one-key commands must not fire on a button that has the focus."""


class Cell(NamedTuple):
    """A cell of a table in HTML: what is in it, and its attributes, with a space before them."""

    html: str
    attributes: str = ""


Row = Sequence[Cell | str]
"""A row of cells; a string is plain text."""

HEAD, ROW_HEAD = 'th scope="col"', 'th scope="row"'


def table(heads: Row, rows: Iterable[Row], *, caption: str = "", foot: Row = ()) -> str:
    """A table with header cells that screen readers can use: the first cell of a row names the row."""
    titled = f"<caption>{escape(caption)}</caption>" if caption else ""
    head = "".join(_cell(HEAD if cell and cell[0] else "td", cell) for cell in heads)  # an empty cell heads nothing
    body = "".join(map(_row, rows))
    end = f"<tfoot>{_row(foot)}</tfoot>" if foot else ""
    return f"<table>{titled}<thead><tr>{head}</tr></thead><tbody>{body}</tbody>{end}</table>"


def _row(cells: Row) -> str:
    first, *others = cells
    return f"<tr>{_cell(ROW_HEAD, first)}{''.join(_cell('td', cell) for cell in others)}</tr>"


def _cell(element: str, cell: Cell | str) -> str:
    inside, attributes = (escape(cell), "") if isinstance(cell, str) else cell
    return f"<{element}{attributes}>{inside}</{element.partition(' ')[0]}>"


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of plain text; `kind` is its class."""
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def items(texts: Iterable[str], kind: str = "ul") -> str:
    """Plain texts as a list: "ul", or "ol" for a list in order."""
    return f"<{kind}>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</{kind}>"


def heading(text: str, level: int) -> str:
    """A heading of plain text."""
    return f"<h{level}>{escape(text)}</h{level}>"


def section(title: str, inside: str) -> str:
    """A part of the panel under its heading."""
    return f"<section>{heading(title, 3)}{inside}</section>"


def fold(title: str, inside: str) -> str:
    """A part that opens on demand; what stands before " (" in its title is the name under which it stays open."""
    keep = escape(title.split(" (")[0])
    return f'<details data-keep="{keep}"><summary {SAFE}>{escape(title)}</summary>{inside}</details>'


def scroll(label: str, inside: str) -> str:
    """A group that scrolls by itself where it is too wide for the page."""
    return f'<div class="keta-scroll" role="group" aria-label="{escape(label)}" tabindex="0" {SAFE}>{inside}</div>'


def whole(headline: str, inside: str) -> str:
    """An output of a notebook: the headline, if any, then the rest; no dollar sign of it is read as mathematics."""
    strong = f"<p><strong>{escape(headline)}</strong></p>" if headline else ""
    return f'<div class="ketacost tex2jax_ignore mathjax_ignore">{strong}{inside}</div>'
