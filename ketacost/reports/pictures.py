"""What a picture shows, before it is drawn: bars, points and notes on two axes, and the colors they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap
from typing import NamedTuple

INK, MUTED, GRID, PALE, LIGHT = "#1f2937", "#4b5563", "#d1d5db", "#e5e7eb", "#a9cfcb"
YOURS, PLAN, COUNTED, CHARGE, DENIED = "#b45309", "#0f766e", "#64748b", "#334155", "#475569"
HUES = (CHARGE, YOURS, PLAN, "#7c3aed", "#be123c", "#1d4ed8")
LETTER = 7.4
"""About the width of a letter in an SVG."""

Scale = Callable[[float], float]


class Axis(NamedTuple):
    """One axis: its ends, its labeled ticks, its unit ("dollars" in cents, "days" as ordinals) and its title.

    An axis of rows has no unit and runs down, so its low end is its highest number.
    """

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...] = ()
    unit: str = ""
    title: str = ""

    def scale(self, start: float, end: float) -> Scale:
        """From the axis to the places between two ends in a picture."""
        return lambda value: start + (end - start) * (value - self.low) / (self.high - self.low)


class Bar(NamedTuple):
    """A rectangle between two places on each axis, its words on hover, and the words inside it, where they fit."""

    x0: float
    x1: float
    y0: float
    y1: float
    hover: str
    words: Sequence[str] = ()

    def lines(self, width: float) -> Sequence[str]:
        """The words inside in at most four lines, for a bar so many units wide; none where they do not fit."""
        letters = max(int((width - 8) / LETTER), 1)
        lines = [line for text in self.words for line in wrap(text, letters, break_long_words=False)]
        return lines if len(lines) <= 4 and all(len(line) <= letters for line in lines) else ()


class Bars(NamedTuple):
    """Bars of one color, pale with a dashed edge if hatched; with a name they are in the legend."""

    name: str
    color: str
    bars: Sequence[Bar]
    hatched: bool = False


class Points(NamedTuple):
    """Points joined by a "line" or by "steps", or each drawn as a "dot", a "ring" or a "tick" so many units wide."""

    name: str
    color: str
    points: Sequence[tuple[float, float]]
    drawn: str = "line"
    dash: str = "solid"
    width: float = 3


Mark = Bars | Points


class Note(NamedTuple):
    """Words at a place: a strong part, then the rest, moved aside and down by so many units."""

    x: float
    y: float
    strong: str
    text: str = ""
    aside: float = 0
    down: float = 0


class Picture(NamedTuple):
    """What a picture shows: the finding, marks, notes over them, axes, and an accessible name that says more."""

    title: str
    marks: Sequence[Mark] = ()
    notes: Sequence[Note] = ()
    x: Axis = Axis(0, 1)
    y: Axis = Axis(1, 0)
    spoken: str = ""


def ticks(lowest: int, highest: int) -> Iterator[int]:
    """Round amounts in cents from the lowest to the highest, zero among them: at most eight."""
    sizes = (size * 10**power for power in range(2, 12) for size in (1, 2, 5))
    step = next(size for size in sizes if highest - lowest <= 6 * size)
    yield from range(-(-lowest // step) * step, highest + 1, step)
