"""The browser of this machine, run without a window: it prints a page and draws the figures of a notebook. Nothing is fetched."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from markupsafe import Markup

from ketacost.core.fields import KetacostError
from ketacost.core.resources import asset
from ketacost.files.scenario_files import write_whole
from ketacost.sharing.html import json_block, parsed, policy, rendered
from ketacost.sharing.pyodide import RuntimeMissing, vendored
from ketacost.sharing.sanitize import clean_image, clean_spec, plain

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
    programs = map(shutil.which, (*PROGRAMS, *INSTALLED.get(sys.platform, ())))
    return next(filter(None, programs), None)


def printed(page: Path, out: Path) -> None:
    """Print a page as PDF: letter paper, selectable text, tagged for screen readers. Raises NoBrowser or KetacostError."""
    with tempfile.TemporaryDirectory(prefix="ketacost-") as folder:
        pdf = Path(folder) / "page.pdf"
        flags = ("--no-pdf-header-footer", "--export-tagged-pdf", "--generate-pdf-document-outline")
        _run(folder, f"--print-to-pdf={pdf}", *flags, page.resolve().as_uri())
        content = pdf.read_bytes() if pdf.exists() else b""
    if not content.startswith(b"%PDF"):
        raise KetacostError(f"the browser printed nothing of {page.name}; open the page and print it from there")
    write_whole(out, content)


def dumped(html: str) -> str:
    """A page as HTML after its scripts have run. Raises NoBrowser or KetacostError."""
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
        process = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KetacostError(f"the browser {program} did not do its work: {error}") from error
    if process.returncode:
        last_line = process.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise KetacostError(f"the browser {program} ended with {process.returncode}: {last_line}")
    return process.stdout.decode(errors="replace")


PLOTLY = "application/vnd.plotly.v1+json"
BASIC = {"scatter", "bar", "pie"}
FINANCE = BASIC | {"histogram", "waterfall", "funnel", "funnelarea", "indicator", "candlestick", "ohlc"}
FETCHING = re.compile("geo|map|mapbox", re.IGNORECASE)
"""Kinds of traces that fetch maps from the network: they get a table and no drawing."""

MOST_HEIGHT, LEAST_HEIGHT, HEIGHT = 1_400, 160, 450
WIDE = 860
PARTS = {"labels": "Part", "parents": "Under", "values": "Value", "text": "Note"}
"""The columns of a figure of parts of a whole, and their heads."""


@dataclass(frozen=True)
class Figure:
    """A figure with nothing left in it that could do anything: its sentence, its rows, and the data to draw it from."""

    sentence: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
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
    traces = spec.get("data") if isinstance(spec.get("data"), list) else []
    traces = [trace for trace in traces if isinstance(trace, dict)]
    layout = spec.get("layout") if isinstance(spec.get("layout"), dict) else {}
    sentence = _title(layout.pop("title", None))  # it is shown outside the drawing
    height = layout.pop("height", HEIGHT)
    height = int(min(max(height, LEAST_HEIGHT), MOST_HEIGHT)) if isinstance(height, int | float) else HEIGHT
    unfit = ("width", "autosize", "dragmode")
    layout = {name: value for name, value in layout.items() if name not in unfit and not FETCHING.match(name)}
    margin = layout.get("margin")
    layout["margin"] = {**(margin if isinstance(margin, dict) else {}), "t": 12}
    heads, rows = _table([_decoded(trace) for trace in traces], layout)
    kept = {"data": traces, "layout": layout}
    if isinstance(spec.get("frames"), list):
        kept["frames"] = spec["frames"]
    kinds = frozenset(str(trace.get("type", "scatter")) for trace in traces)
    return Figure(sentence, heads, rows, tuple(map(_numeric, zip(*rows, strict=True))), kept, kinds, height)


def _table(traces: Sequence[Mapping[str, Any]], layout: Mapping[str, Any]) -> tuple[Any, Any]:
    """The heads and rows that traces draw: the name of the series where there are several, then what is measured."""
    tables = [(_words(trace.get("name")), *_columns(trace, layout)) for trace in traces]
    tables = [table for table in tables if any(table[2])]
    several = len(tables) > 1
    heads = max((heads for _, heads, _ in tables), key=len, default=())
    rows = []
    for number, (name, _, columns) in enumerate(tables, 1):
        series = (name or f"Series {number}",) if several else ()
        for row in dict.fromkeys(zip(*columns, strict=False)):
            rows.append((*series, *row, *[""] * (len(heads) - len(row))))
    return ("Series",) * several + heads, tuple(rows)


def _columns(trace: Mapping[str, Any], layout: Mapping[str, Any]) -> tuple[tuple[str, ...], list[list[str]]]:
    """The heads and columns of one trace: parts of a whole, a grid, or points; none where its kind is not known here."""
    lists = {name: value for name, value in trace.items() if isinstance(value, list)}
    if "labels" in lists:
        names = dict(zip(map(str, lists.get("ids", ())), lists["labels"], strict=False))
        parts = {**lists, "parents": [names.get(str(parent), parent) for parent in lists.get("parents", ())]}
        kept = [name for name in PARTS if any(parts.get(name, ()))]
        return tuple(PARTS[name] for name in kept), [list(map(_cell, parts[name])) for name in kept]
    if "z" in lists:
        lines = [line if isinstance(line, list) else [line] for line in lists["z"]]
        places = [(x, y) for y, line in enumerate(lines) for x in range(len(line))]
        across = [_cell(_at(lists.get("x"), x)) for x, _ in places]
        down = [_cell(_at(lists.get("y"), y)) for _, y in places]
        return ("Across", "Down", "Value"), [across, down, [_cell(lines[y][x]) for x, y in places]]
    letters = ("y", "x") if trace.get("orientation") == "h" else ("x", "y")
    axes = [_axis(layout, str(trace.get(f"{letter}axis") or letter)) for letter in letters]
    first, second = (lists.get(letter, []) for letter in letters)
    heads = (_head(axes[0], first), _head(axes[1], second))
    amounts = [_cell(value, axes[1]) for value in second] or [""] * len(first)
    columns = [[_cell(value) for value in first or range(1, len(second) + 1)], amounts]
    labels = list(map(_words, lists.get("text", ())))
    if any(label and label != amount for label, amount in zip(labels, amounts, strict=False)):
        return (*heads, "Label"), [*columns, labels]
    return heads, columns


def _at(values: Sequence[Any] | None, place: int) -> Any:
    return values[place] if values and place < len(values) else ""


def _decoded(trace: Any) -> Any:
    """A trace with the numbers that plotly packs in base64 as lists."""
    if isinstance(trace, list):
        return [_decoded(entry) for entry in trace]
    if not isinstance(trace, dict):
        return trace
    if not isinstance(trace.get("bdata"), str):
        return {name: _decoded(value) for name, value in trace.items()}
    import numpy as np

    try:
        kind = re.fullmatch("[iuf][1248]", str(trace.get("dtype")))
        shape = [int(length) for length in str(trace.get("shape", "-1")).split(",")]
        return np.frombuffer(b64decode(trace["bdata"]), f"<{kind[0]}").reshape(shape).tolist() if kind else []
    except (OverflowError, TypeError, ValueError):
        return []


def _cell(value: Any, axis: Mapping[str, Any] | None = None) -> str:
    """A value as the figure's axis writes it: dollars, percent, or the number itself."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _words(value)
    axis = axis or {}
    if axis.get("tickprefix") == "$":
        return f"{'-' if value < 0 else ''}${abs(value):,.2f}"
    if str(axis.get("tickformat", "")).endswith("%"):
        return f"{value:.1%}"
    return f"{value:.10g}{_words(axis.get('ticksuffix'))}"


def _head(axis: Mapping[str, Any], values: Sequence[Any]) -> str:
    if title := _title(axis.get("title")):
        return title
    sample = next((value for value in values if value is not None), "")
    if isinstance(sample, int | float) or not values:
        return "Amount" if axis.get("tickprefix") == "$" else "Value"
    return "Day" if re.match(r"\d{4}-\d\d-\d\d", str(sample)) else "Item"


def _axis(layout: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An axis by the name a trace gives it: x2 is xaxis2 in the layout."""
    axis = layout.get(f"{name[:1]}axis{name[1:]}")
    return axis if isinstance(axis, Mapping) else {}


def _title(title: Any) -> str:
    return _words(title.get("text") if isinstance(title, Mapping) else title)


def _words(label: Any) -> str:
    """A label as plain words."""
    text = re.sub(r"<br\s*/?>", " ", str(label), flags=re.IGNORECASE) if label is not None else ""
    return " ".join(unescape(re.sub(r"</?[a-zA-Z][^<>]*>", "", plain(text))).split())


def _numeric(column: Sequence[str]) -> bool:
    return all(re.fullmatch(r"-?\$?[\d,.]+(e[+-]?\d+)?%?|", cell) for cell in column)


def bundle_for(kinds: set[str]) -> str:
    """The smallest bundle of plotly.js that draws these kinds of traces: basic, finance or full."""
    return "basic" if kinds <= BASIC else "finance" if kinds <= FINANCE else "full"


def bundle_of(figures: Sequence[Figure]) -> str:
    """The source of the bundle that draws these figures, with its license; empty where none can be drawn."""
    drawable = [drawing for drawing in figures if drawing.drawable]
    return bundle_text(bundle_for({kind for drawing in drawable for kind in drawing.kinds})) if drawable else ""


def bundle_text(name: str) -> str:
    """A bundle's source with its license. Where the small ones were not fetched, the plotly package's full one serves."""
    package = f"plotly.js-{name if name != 'full' else 'basic'}-dist-min"
    try:
        license = vendored(f"{package}/LICENSE").decode()
        script = vendored(f"{package}/plotly-{name}.min.js").decode() if name != "full" else _full()
    except RuntimeMissing:
        return _full()
    return f"/*\n{license.strip()}\n*/\n{script}"


def _full() -> str:
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def drawn(figures: Sequence[Figure]) -> list[str]:
    """Each figure as a drawing, a data address of SVG; empty where it cannot be drawn. Raises NoBrowser."""
    specs = [
        {"data": drawing.spec["data"], "layout": {**drawing.spec["layout"], "height": drawing.height}}
        for drawing in figures
        if drawing.drawable
    ]
    pictures = iter(_pictures(bundle_of(figures), figures=specs))
    addresses = (next(pictures) if drawing.drawable else "" for drawing in figures)
    return [clean_image("image/svg+xml", unquote(address.partition(",")[2])) for address in addresses]


def painted(drawings: Sequence[str]) -> dict[str, str]:
    """Drawings, as data addresses of SVG, each with its PNG in base64. Raises NoBrowser."""
    addresses = _pictures(drawings=list(drawings))
    return {drawing: png.partition(",")[2] for drawing, png in zip(drawings, addresses, strict=True) if png}


def _pictures(bundle: str = "", **asked: list[Any]) -> list[str]:
    """What the drawing page makes of figures and drawings, in order, as data addresses."""
    if not any(asked.values()):
        return []
    scripts = [script.replace("</script", "<\\/script") for script in (bundle, asset("page_template/draw.js"))]
    data = Markup(json_block({"figures": [], "drawings": [], "wide": WIDE, **asked}))
    allowed = policy(scripts, {"img-src": ("blob:",)})
    page = rendered("page_template/draw.html", policy=allowed, data=data, scripts=map(Markup, scripts))
    place = parsed(dumped(page)).find(id="pictures")
    if not place:
        raise KetacostError("the browser drew no pictures of the figures; share without pictures")
    pictures: list[str] = json.loads(place.get_text())
    return pictures
