"""The browser of this machine, run without a window: it prints a page as PDF and draws pictures. Nothing is fetched."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ketacost.core.fields import KetacostError
from ketacost.sharing.pyodide import RuntimeMissing, vendored
from ketacost.sharing.sanitize import clean_spec, clean_svg, plain

PROGRAMS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("microsoft-edge", "microsoft-edge-stable", "msedge", "brave-browser"),
)
INSTALLED = {
    "darwin": tuple(
        f"/Applications/{name}.app/Contents/MacOS/{name}"
        for name in ("Google Chrome", "Chromium", "Microsoft Edge", "Brave Browser")
    ),
    "win32": tuple(
        rf"{os.environ.get(place, '')}\{name}"
        for place in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
        for name in (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
        if os.environ.get(place)
    ),
}
FLAGS = (
    *("--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-default-browser-check", "--no-pings"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--hide-scrollbars", "--virtual-time-budget=20000"),
)
SECONDS = 180


class NoBrowser(KetacostError):
    """There is no browser that can print or draw; the message says how to get one."""


def chromium() -> str | None:
    """The Chromium, Chrome or Edge of this machine, or None. KETACOST_CHROMIUM names one."""
    if named := os.environ.get("KETACOST_CHROMIUM"):
        return shutil.which(named)
    found = (shutil.which(name) for name in (*PROGRAMS, *INSTALLED.get(sys.platform, ())))
    return next(filter(None, found), None)


def printed(page: Path, out: Path) -> None:
    """Print a page as PDF: letter paper, selectable text, tagged for screen readers. Raises NoBrowser or KetacostError."""
    with tempfile.TemporaryDirectory(prefix="ketacost-") as folder:
        made = Path(folder) / "page.pdf"
        _run(
            folder,
            f"--print-to-pdf={made}",
            "--no-pdf-header-footer",
            "--export-tagged-pdf",
            "--generate-pdf-document-outline",
            page.resolve().as_uri(),
        )
        if not made.exists() or not made.read_bytes().startswith(b"%PDF"):
            raise KetacostError(f"the browser printed nothing of {page.name}; open the page and print it from there")
        part = out.with_name(f".{out.name}.part")
        shutil.copyfile(made, part)
        os.replace(part, out)


def dumped(html: str) -> str:
    """A page as it stands after its scripts have run, as HTML. Raises NoBrowser or KetacostError."""
    with tempfile.TemporaryDirectory(prefix="ketacost-") as folder:
        page = Path(folder) / "page.html"
        page.write_text(html, encoding="utf-8")
        return _run(folder, "--dump-dom", page.as_uri())


def _run(folder: str, *words: str) -> str:
    program = chromium()
    if not program:
        raise NoBrowser(
            "there is no Chromium, Chrome or Edge to print with. Install one, name it in KETACOST_CHROMIUM, or open the "
            "shared page in any browser and print it to PDF from there"
        )
    alone = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []  # the sandbox refuses root
    command = [program, *FLAGS, *alone, f"--user-data-dir={folder}/profile", *words]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KetacostError(f"the browser {program} did not do its work: {error}") from error
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or [""]
        raise KetacostError(f"the browser {program} ended with {done.returncode}: {told[0]}")
    return done.stdout.decode(errors="replace")


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


WIDE = 860
DONE = "ketacost-drawn:"
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
DRAW = """
let seed = 7;
Math.random = () => (seed = seed * 16807 % 2147483647) / 2147483647;
const asked = JSON.parse(document.getElementById('asked').textContent);
async function drawn(spec) {
  const size = {width: asked.wide, height: spec.height};
  const given = () => ({data: spec.data, layout: {...spec.layout, ...size}, config: {typesetMath: false}});
  const svg = await Plotly.toImage(structuredClone(given()), {format: 'svg', ...size});
  return {svg, png: asked.png ? await Plotly.toImage(structuredClone(given()), {format: 'png', scale: 2, ...size}) : ''};
}
function painted(source) {
  return new Promise((done) => {
    const image = new Image();
    image.onerror = () => done('');
    image.onload = () => {
      const canvas = document.createElement('canvas');
      canvas.width = 2 * asked.wide;
      canvas.height = Math.round(canvas.width * image.naturalHeight / image.naturalWidth);
      const pen = canvas.getContext('2d');
      pen.fillStyle = '#fff';
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      done(canvas.toDataURL('image/png'));
    };
    image.src = source;
  });
}
(async () => {
  const told = {figures: [], drawings: []};
  for (const spec of asked.figures) told.figures.push(await drawn(spec).catch(() => ({svg: '', png: ''})));
  for (const source of asked.drawings) told.drawings.push(await painted(source));
  document.body.textContent = asked.done + btoa(unescape(encodeURIComponent(JSON.stringify(told)))) + ';';
})();
"""


@dataclass(frozen=True)
class FigurePicture:
    """A figure as a drawing (a data address of SVG) and, where asked, as a PNG. Empty where it could not be drawn."""

    svg: str = ""
    png: str = ""


def pictures(
    figures: Sequence[Figure], drawings: Sequence[str] = (), *, png: bool = False
) -> tuple[tuple[FigurePicture, ...], tuple[str, ...]]:
    """Draw figures, and turn drawings (data addresses) into PNG. Raises NoBrowser where this machine has no browser."""
    can = [one for one in figures if one.drawable]
    if not can and not drawings:
        return tuple(FigurePicture() for _ in figures), ()
    asked = {
        "figures": [{**one.spec, "height": one.height} for one in can],
        "drawings": list(drawings),
        "png": png,
        "wide": WIDE,
        "done": DONE,
    }
    kinds = {kind for one in can for kind in one.kinds}
    script = bundle_text(bundle_for(kinds)).replace("</script", "<\\/script") if can else ""
    page = (
        f'<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}"><body>'
        f'<script type="application/json" id="asked">{as_data(asked)}</script>'
        f"<script>{script}</script><script>{DRAW}</script>"
    )
    found = re.search(f"{DONE}([A-Za-z0-9+/=]*);", dumped(page))
    if not found:
        raise KetacostError("the browser drew no pictures of the figures; share without pictures")
    told: dict[str, Any] = json.loads(b64decode(found[1]))
    made = iter(told["figures"])
    done = tuple(_picture(next(made)) if one.drawable else FigurePicture() for one in figures)
    return done, tuple(told["drawings"])


def as_data(value: Any) -> str:
    """JSON that can stand in a page: nothing in it can end the script element or begin a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _picture(made: dict[str, str]) -> FigurePicture:
    drawing = clean_svg(unquote(made["svg"].partition(",")[2]))
    packed = b64encode(drawing.encode()).decode()
    return FigurePicture(f"data:image/svg+xml;base64,{packed}" if drawing else "", made["png"])
