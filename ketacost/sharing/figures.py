"""A plotly figure as a reader meets it on a shared page: its sentence, its table, the smallest bundle that can draw it."""

from __future__ import annotations

import re
from array import array
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from ketacost.sharing.runtimes import RuntimeMissing, vendored
from ketacost.sharing.sanitize import clean_spec, plain

PLOTLY = "application/vnd.plotly.v1+json"
BASIC = {"scatter", "bar", "pie"}
FINANCE = BASIC | {"histogram", "waterfall", "funnel", "funnelarea", "indicator", "candlestick", "ohlc"}
FETCHING = re.compile("geo|map|mapbox", re.IGNORECASE)
"""Kinds of traces that fetch maps from the network: they get a table and no drawing."""

MOST_ROWS = 400
MOST_HEIGHT, LEAST_HEIGHT, HEIGHT = 1_400, 160, 450
_NUMBERS = {"i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "f4": "f", "f8": "d"}
_OPEN = ("open", "high", "low", "close")


@dataclass(frozen=True)
class Figure:
    """A figure with nothing left in it that could do anything: what it shows in words, as rows, and as data to draw."""

    sentence: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    money: tuple[bool, ...]
    spec: dict[str, Any]
    kinds: frozenset[str]
    height: int

    @property
    def drawable(self) -> bool:
        """Whether it can be drawn without the network."""
        return bool(self.spec["data"]) and not any(FETCHING.search(kind) for kind in self.kinds)


def figure(bundle: Mapping[str, Any]) -> Figure:
    """Read a figure as a notebook keeps it. What is not understood is left out of the table, never guessed."""
    spec = clean_spec(bundle)
    given = spec.get("data")
    given = [trace for trace in given if isinstance(trace, dict)] if isinstance(given, list) else []
    traces = [_decoded(trace) for trace in given]
    layout = spec.get("layout") if isinstance(spec.get("layout"), dict) else {}
    title = layout.pop("title", None)
    sentence = _words(title.get("text") if isinstance(title, dict) else title)
    height = layout.pop("height", HEIGHT)
    height = int(min(max(height, LEAST_HEIGHT), MOST_HEIGHT)) if isinstance(height, int | float) else HEIGHT
    layout = {
        name: value
        for name, value in layout.items()
        if name not in ("width", "autosize", "dragmode") and not FETCHING.match(name)
    }
    margin = layout.get("margin")
    layout["margin"] = {
        **(margin if isinstance(margin, dict) else {}),
        "t": 12,
    }  # the sentence stands outside the drawing
    heads, money, rows = _table(traces, layout)
    kept = {"data": given, "layout": layout}
    if isinstance(spec.get("frames"), list):
        kept["frames"] = spec["frames"]
    kinds = frozenset(str(trace.get("type", "scatter")) for trace in traces)
    return Figure(sentence, heads, rows, money, kept, kinds, height)


def bundle_for(kinds: set[str]) -> str:
    """The smallest bundle of plotly.js that draws these kinds of traces: basic, finance or full."""
    return "basic" if kinds <= BASIC else "finance" if kinds <= FINANCE else "full"


def bundle_text(name: str) -> str:
    """A bundle's source with its licence. Where the small ones have not been fetched, the plotly package's full one serves."""
    package = f"plotly.js-{name}-dist-min"
    try:
        licence = vendored(f"{package if name != 'full' else 'plotly.js-basic-dist-min'}/LICENSE").decode()
        script = vendored(f"{package}/plotly-{name}.min.js").decode() if name != "full" else _full()
    except RuntimeMissing:
        return _full()
    return f"/*\n{licence.strip()}\n*/\n{script}"


def _full() -> str:
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def _table(
    traces: Sequence[dict[str, Any]], layout: Mapping[str, Any]
) -> tuple[tuple[str, ...], tuple[bool, ...], tuple[tuple[str, ...], ...]]:
    """The rows that the traces draw: the series' name where there are several, then what is measured."""
    tables = [(_words(trace.get("name")), *_rows(trace, layout)) for trace in traces]
    tables = [one for one in tables if one[2]]
    if not tables:
        return (), (), ()
    heads = max((one[1] for one in tables), key=len)
    several = len(tables) > 1
    rows = []
    for number, (name, _, found) in enumerate(tables, 1):
        before = (name or f"Series {number}",) if several else ()
        rows += [(*before, *row, *[""] * (len(heads) - len(row))) for row in dict.fromkeys(found)]
    money = tuple(_is_number(column) for column in zip(*rows, strict=True))
    return (("Series",) if several else ()) + heads, money, tuple(rows)


def _rows(trace: Mapping[str, Any], layout: Mapping[str, Any]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The heads and rows of one trace; none where its kind is not known here."""
    if isinstance(trace.get("labels"), list):
        names = {"labels": "Part", "parents": "Under", "values": "Value", "text": "Note"}
        kept = {key: list(trace[key]) for key in names if isinstance(trace.get(key), list) and any(trace[key])}
        if "parents" in kept and isinstance(trace.get("ids"), list):
            called = dict(zip(map(str, trace["ids"]), trace["labels"], strict=False))
            kept["parents"] = [called.get(str(parent), parent) for parent in kept["parents"]]
        return tuple(names[key] for key in kept), _zipped(*kept.values())
    if isinstance(trace.get("z"), list):
        across, down = trace.get("x") or [], trace.get("y") or []
        cells: list[tuple[str, ...]] = [
            (_cell(_at(across, i)), _cell(_at(down, j)), _cell(value))
            for j, line in enumerate(trace["z"])
            for i, value in enumerate(line if isinstance(line, list) else [line])
        ]
        return ("Across", "Down", "Value"), cells
    if all(isinstance(trace.get(key), list) for key in _OPEN):
        return ("Day", *map(str.title, _OPEN)), _zipped(trace.get("x") or [], *(trace[key] for key in _OPEN))
    if "value" in trace and trace.get("type") == "indicator":
        return ("Value",), [(_cell(trace["value"]),)]
    sideways = trace.get("orientation") == "h"
    sides = ("y", "x") if sideways else ("x", "y")
    axes = [_axis(layout, str(trace.get(f"{side}axis") or side)) for side in sides]
    columns = [trace.get(side) for side in sides]
    if not any(isinstance(column, list) for column in columns):
        return (), []
    first = columns[0] if isinstance(columns[0], list) else list(range(1, len(columns[1] or []) + 1))
    second = [_cell(v, axes[1]) for v in columns[1]] if isinstance(columns[1], list) else [""] * len(first)
    said = trace.get("text")
    heads = (_head(axes[0], first), _head(axes[1], columns[1] or []))
    if isinstance(said, list) and any(_words(one) and _words(one) != _at(second, i) for i, one in enumerate(said)):
        return (*heads, "Label"), _zipped(first, second, [_words(one) for one in said])
    return heads, _zipped(first, second)


def _decoded(trace: Any) -> Any:
    """A trace with its packed numbers as lists."""
    if isinstance(trace, dict):
        if isinstance(trace.get("bdata"), str) and trace.get("dtype") in _NUMBERS:
            return _unpacked(trace)
        return {name: _decoded(value) for name, value in trace.items()}
    return [_decoded(one) for one in trace] if isinstance(trace, list) else trace


def _unpacked(packed: Mapping[str, Any]) -> list[Any]:
    try:
        numbers = array(_NUMBERS[packed["dtype"]], b64decode(packed["bdata"])).tolist()
    except ValueError:
        return []
    shape = [int(part) for part in re.findall(r"\d+", str(packed.get("shape", "")))]
    if len(shape) == 2 and shape[1]:
        return [numbers[i : i + shape[1]] for i in range(0, len(numbers), shape[1])]
    return list(numbers)


def _zipped(*columns: Sequence[Any]) -> list[tuple[str, ...]]:
    return [tuple(map(_cell, row)) for row in zip(*columns, strict=False)]


def _cell(value: Any, axis: Mapping[str, Any] | None = None) -> str:
    """A value as the figure's axis writes it: dollars, percent, or the number itself."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else _words(value)
    axis = axis or {}
    if axis.get("tickprefix") == "$":
        return f"{'-' if value < 0 else ''}${abs(value):,.2f}"
    if str(axis.get("tickformat", "")).endswith("%"):
        return f"{value:.1%}"
    return f"{value:.10g}{_words(axis.get('ticksuffix'))}"


def _head(axis: Mapping[str, Any], values: Any) -> str:
    title = axis.get("title")
    if said := _words(title.get("text") if isinstance(title, Mapping) else title):
        return said
    sample = next((v for v in values if v is not None), "") if isinstance(values, list) else ""
    if isinstance(sample, int | float):
        return "Amount" if axis.get("tickprefix") == "$" else "Value"
    return "Day" if re.match(r"\d{4}-\d\d-\d\d", str(sample)) else "Item"


def _axis(layout: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An axis by the name a trace gives it: x2 stands in the layout as xaxis2."""
    found = layout.get(f"{name[:1]}axis{name[1:]}")
    return found if isinstance(found, Mapping) else {}


def _words(value: Any) -> str:
    """A label as plain words."""
    text = re.sub(r"<br\s*/?>", " ", str(value), flags=re.IGNORECASE) if value is not None else ""
    return " ".join(unescape(re.sub(r"</?[a-zA-Z][^<>]*>", "", plain(text))).split())


def _at(values: Any, place: int) -> Any:
    return values[place] if isinstance(values, list) and place < len(values) else ""


def _is_number(column: Iterator[str] | tuple[str, ...]) -> bool:
    return all(re.fullmatch(r"-?\$?[\d,.]+(e[+-]?\d+)?%?|", cell) for cell in column)
