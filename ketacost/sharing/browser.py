"""The browser of this machine, run without a window: it prints pages and draws figures. Nothing is fetched."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from markupsafe import Markup

from ketacost.core.fields import KetacostError
from ketacost.core.resources import asset
from ketacost.core.writing import write_whole
from ketacost.sharing.html import json_block, parsed, policy, rendered
from ketacost.sharing.pyodide import RuntimeMissing, vendored
from ketacost.sharing.sanitize import clean_image, clean_spec

PROGRAMS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("microsoft-edge", "microsoft-edge-stable", "msedge", "brave-browser"),
)
APPLICATIONS = ("Google Chrome", "Chromium", "Microsoft Edge", "Brave Browser")
FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
EXECUTABLES = (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
INSTALLED = {
    "darwin": [f"/Applications/{name}.app/Contents/MacOS/{name}" for name in APPLICATIONS],
    "win32": [rf"{os.environ[place]}\{name}" for place in FOLDERS for name in EXECUTABLES if os.environ.get(place)],
}
FLAGS = (
    *("--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-default-browser-check", "--no-pings"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:1", "--proxy-bypass-list=<-loopback>"),
    *("--force-webrtc-ip-handling-policy=disable_non_proxied_udp", "--hide-scrollbars", "--virtual-time-budget=20000"),
)
"""No name is looked up, and whatever has an address goes to a proxy that is not there."""
SECONDS = 180


class NoBrowser(KetacostError):
    """There is no browser that can print or draw; the message says how to get one."""


def chromium() -> str | None:
    """The Chromium, Chrome or Edge of this machine, or None. KETACOST_CHROMIUM names one."""
    if named := os.environ.get("KETACOST_CHROMIUM"):
        return shutil.which(named)
    programs = map(shutil.which, (*PROGRAMS, *INSTALLED.get(sys.platform, ())))
    return next(filter(None, programs), None)


def needed() -> str:
    """The browser that prints and draws. Raises NoBrowser where there is none."""
    if program := chromium():
        return program
    raise NoBrowser(
        "--pdf needs Chromium, Chrome or Edge. Install one or name it in KETACOST_CHROMIUM; or share without "
        "--pdf, open the page in any browser and print it there"
    )


def printed(page: Path, out: Path) -> None:
    """Print a page as PDF: letter paper, selectable text, tagged. Raises NoBrowser or KetacostError."""
    with tempfile.TemporaryDirectory(prefix="ketacost-") as folder:
        pdf = Path(folder) / "page.pdf"
        flags = ("--no-pdf-header-footer", "--export-tagged-pdf", "--generate-pdf-document-outline")
        _run(folder, f"--print-to-pdf={pdf}", *flags, page.resolve().as_uri())
        content = pdf.read_bytes() if pdf.exists() else b""
    if not content.startswith(b"%PDF"):
        raise KetacostError(f"the browser did not print {page.name}; open the page and print it from there")
    write_whole(out, content)


def _run(folder: str, *words: str) -> str:
    program = needed()
    alone = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []  # the sandbox refuses root
    command = [*without_network(), program, *FLAGS, *alone, f"--user-data-dir={folder}/profile", *words]
    try:
        process = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KetacostError(f"the browser {program} did not work: {error}") from error
    if process.returncode:
        last_line = process.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise KetacostError(f"the browser {program} ended with {process.returncode}: {last_line}")
    return process.stdout.decode(errors="replace")


@cache
def without_network() -> tuple[str, ...]:
    """What starts a program where there is no network at all; empty where this machine cannot do that."""
    tries = (("unshare", "--net"), ("unshare", "--user", "--map-current-user", "--net"))
    for words in tries if sys.platform == "linux" and shutil.which("unshare") else ():
        with suppress(OSError, subprocess.TimeoutExpired):
            if subprocess.run([*words, "true"], capture_output=True, timeout=10, check=False).returncode == 0:
                return words
    return ()


PLOTLY = "application/vnd.plotly.v1+json"
BASIC = {"scatter", "bar", "pie"}
FINANCE = BASIC | {"histogram", "waterfall", "funnel", "funnelarea", "indicator", "candlestick", "ohlc"}
BUNDLES = ("basic", "finance", "full")
FETCHING = re.compile("geo|map|mapbox", re.IGNORECASE)
"""Kinds of traces that fetch maps from the network: they get no drawing."""

MOST_HEIGHT, LEAST_HEIGHT, HEIGHT = 1_400, 160, 450
WIDE = 860


@dataclass(frozen=True)
class Figure:
    """A figure with nothing left in it that could do anything: its sentence, and the data to draw it from."""

    sentence: str
    spec: dict[str, Any]
    kinds: frozenset[str]
    height: int

    @property
    def drawable(self) -> bool:
        """Whether it can be drawn without the network."""
        return bool(self.spec["data"]) and not any(FETCHING.search(kind) for kind in self.kinds)


def figure(bundle: Mapping[str, Any]) -> Figure:
    """Read a figure as a notebook keeps it."""
    spec = clean_spec(bundle)
    data = spec.get("data") if isinstance(spec.get("data"), list) else []
    traces = [trace for trace in data if isinstance(trace, dict)]
    layout = spec.get("layout") if isinstance(spec.get("layout"), dict) else {}
    title = layout.pop("title", None)  # it is shown outside the drawing
    words = title.get("text") if isinstance(title, Mapping) else title
    sentence = parsed(re.sub("<br>", " ", str(words or ""))).get_text()
    height = layout.pop("height", HEIGHT)
    height = int(min(max(height, LEAST_HEIGHT), MOST_HEIGHT)) if isinstance(height, int | float) else HEIGHT
    unfit = ("width", "autosize", "dragmode")
    layout = {name: value for name, value in layout.items() if name not in unfit and not FETCHING.match(name)}
    margin = layout.get("margin")
    layout["margin"] = {**(margin if isinstance(margin, dict) else {}), "t": 12}
    frames = {"frames": spec["frames"]} if isinstance(spec.get("frames"), list) else {}
    kinds = frozenset(str(trace.get("type", "scatter")) for trace in traces)
    return Figure(" ".join(sentence.split()), {"data": traces, "layout": layout, **frames}, kinds, height)


def bundle_for(kinds: set[str]) -> str:
    """The smallest bundle of plotly.js that draws these kinds of traces: basic, finance or full."""
    return "basic" if kinds <= BASIC else "finance" if kinds <= FINANCE else "full"


def bundle_of(figures: Sequence[Figure]) -> str:
    """The source of the bundle that draws these figures, with its license; empty where there are none."""
    return bundle_text(bundle_for({kind for drawing in figures for kind in drawing.kinds})) if figures else ""


def bundle_text(name: str) -> str:
    """A bundle's source with its license. Where small ones were not fetched, the plotly package's full one serves."""
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
    """Each of some drawable figures as a drawing, a data address of SVG. Raises NoBrowser."""
    layouts = [{**drawing.spec["layout"], "height": drawing.height} for drawing in figures]
    specs = [{"data": drawing.spec["data"], "layout": layout} for drawing, layout in zip(figures, layouts, strict=True)]
    addresses = _pictures(bundle_of(figures), figures=specs)
    return [clean_image("image/svg+xml", unquote(address.partition(",")[2])) for address in addresses]


def painted(drawings: Sequence[str]) -> dict[str, str]:
    """Drawings, as data addresses of SVG, each with its PNG in base64. Raises NoBrowser."""
    addresses = _pictures(drawings=list(drawings))
    return {drawing: png.partition(",")[2] for drawing, png in zip(drawings, addresses, strict=True) if png}


def _pictures(bundle: str = "", **content: list[Any]) -> list[str]:
    """What the drawing page makes of figures and drawings, in order, as data addresses."""
    if not any(content.values()):
        return []
    scripts = [script.replace("</script", "<\\/script") for script in (bundle, asset("page_template/draw.js"))]
    data = Markup(json_block({"figures": [], "drawings": [], "wide": WIDE, **content}))
    allowed = policy(scripts, {"img-src": ("blob:",)})
    page = rendered("page_template/draw.html", policy=allowed, data=data, scripts=map(Markup, scripts))
    with tempfile.TemporaryDirectory(prefix="ketacost-") as folder:
        path = Path(folder) / "page.html"
        path.write_text(page, encoding="utf-8")
        place = parsed(_run(folder, "--dump-dom", path.as_uri())).find(id="pictures")
    if not place:
        raise KetacostError("the browser drew no pictures of the figures; share without pictures")
    pictures: list[str] = json.loads(place.get_text())
    return pictures
