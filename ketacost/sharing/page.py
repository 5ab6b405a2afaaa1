"""The static page: one file that holds all it shows, runs only our own script, and asks nothing of the network.

A notebook is read once, into clean cells; the page and the copies show those. No notebook is trusted: what is not on
the allow list does not stay.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import count, takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

import tomli_w
from bs4 import BeautifulSoup
from markupsafe import Markup
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import PythonLexer  # type: ignore[import-untyped]

from ketacost.core.fields import KetacostError
from ketacost.core.references import GRADES, Citation, rows
from ketacost.core.resources import asset
from ketacost.estimate.estimate import estimate
from ketacost.estimate.explain import citations
from ketacost.estimate.scenario import Scenario, example, examples
from ketacost.estimate.texts import texts_of
from ketacost.reports.json_output import SCENARIO_MIME
from ketacost.sharing.browser import PLOTLY, WIDE, Figure, bundle_of, figure
from ketacost.sharing.html import parsed, policy, rendered, script_block
from ketacost.sharing.pyodide import packed
from ketacost.sharing.sanitize import PICTURES, clean_html, clean_image, clean_markdown, lost, plain
from ketacost.sharing.verify import mark

if TYPE_CHECKING:
    from ketacost.sharing.live import LiveParts

WIDGET = "application/vnd.jupyter.widget-view+json"
NEVER = re.compile(r"javascript|ecmascript|bokeh|x-require|vega|\.exec\.|widget-state", re.IGNORECASE)
CONTROLS = re.compile(r"[A-Z]\w+\((children|value|options|description|layout)=")
MOST_LETTERS = 40_000
COLUMN = 520
"""How wide a picture is shown that a notebook holds beside a figure: such a picture is drawn for a narrow column."""

EMPTY = Markup("")


class Heading(NamedTuple):
    """A heading of a page; `quiet` where nothing but code follows it."""

    level: int
    id: str
    words: str
    quiet: bool


@dataclass
class Output:
    """What is shown of an output: clean HTML, or else plain text, or else a note. The HTML of a figure is its table.

    `number` counts the figures; `picture` is the drawing of one, a data address, and `width` how wide it is shown.
    `panel` is the scenario of a panel, `live` a panel that works in the page.
    """

    html: Markup = EMPTY
    text: str = ""
    note: str = ""
    is_error: bool = False
    figure: Figure | None = None
    number: int = 0
    picture: str = ""
    width: int = WIDE
    panel: Mapping[str, Any] | None = None
    live: Markup = EMPTY

    @property
    def scenario(self) -> str:
        """The scenario of a panel as the text of its file; empty where it cannot be written."""
        try:
            return tomli_w.dumps(self.panel or {})
        except (TypeError, ValueError):
            return ""


@dataclass(frozen=True)
class Cell:
    """A cell that holds nothing that could do anything: its words or its code as HTML and as text, and its outputs."""

    kind: str
    source: str
    html: Markup = EMPTY
    quiet: bool = False
    outputs: tuple[Output, ...] = ()


@dataclass
class Content:
    """A notebook as a page may show it, and what was left out of it."""

    notebook: Mapping[str, Any]
    language: str
    texts: Mapping[str, str]
    cells: list[Cell] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    figures: list[Output] = field(default_factory=list)
    panels: list[Output] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def read_words(self, cell: Mapping[str, Any], number: int, over_code: bool) -> None:
        """Add a cell of Markdown. A heading alone, over nothing but code, is quiet: it hides with the code."""
        source, attached = source_of(cell), cell.get("attachments")
        self.left_out += [f"cell {number}: {what} was left out" for what in lost(source)]
        tree = parsed(clean_markdown(source, attached if isinstance(attached, dict) else {}, "s-"))
        tags = tree.find_all(True)
        quiet = over_code and len(tags) == 1 and re.fullmatch("h[2-6]", tags[0].name) is not None
        for heading in tree.find_all(re.compile("^h[1-6]$")):
            words = heading.get_text().strip()
            name = self._free_id(words)
            heading.attrs = {"id": name, "tabindex": "-1"}
            self.headings.append(Heading(int(heading.name[1]), name, words, quiet))
        self.cells.append(Cell("markdown", plain(source), framed(tree), quiet))

    def _free_id(self, words: str) -> str:
        """An id as JupyterLab makes it of a heading's words, so that links to it go on working."""
        slug = re.sub(r"[^\w.:-]+", "-", words).strip("-")
        base = f"s-{slug or 'section'}"
        taken = {heading.id for heading in self.headings}
        names = (base if number == 1 else f"{base}-{number}" for number in count(1))
        return next(name for name in names if name not in taken)

    def read_code(self, cell: Mapping[str, Any], number: int) -> None:
        """Add a cell of code with its outputs."""
        source = plain(source_of(cell))
        colored = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True, classprefix="hl-"))
        outputs = (
            self._output(output, f"cell {number}, output {place}", f"o{number}-{place}-")
            for place, output in enumerate(cell.get("outputs", ()), 1)
        )
        shown = tuple(output for output in outputs if output != Output())
        self.cells.append(Cell("code", source, Markup(colored) if source.strip() else EMPTY, outputs=shown))

    def _output(self, output: Mapping[str, Any], where: str, place: str) -> Output:
        kind, data = output.get("output_type"), output.get("data")
        if kind == "stream":
            return Output(text=_shortened(source_of(output, "text")))
        if kind == "error":
            trace = output.get("traceback") or [f"{output.get('ename', '')}: {output.get('evalue', '')}"]
            return Output(text=_shortened("\n".join(map(str, trace))), is_error=True)
        if not isinstance(data, dict):
            return Output()
        if isinstance(data.get(PLOTLY), dict):
            return self._figure(data, place)
        self.left_out += [f"{where}: {kind} was left out, for it is a program" for kind in data if NEVER.search(kind)]
        self.left_out += [f"{where}: {what} was left out" for what in lost(source_of(data, "text/html"))]
        shown = _best(data, place, self.texts)
        if isinstance(data.get(SCENARIO_MIME), dict) and (WIDGET in data or "<img " in source_of(data, "text/html")):
            shown.note, shown.panel = self.texts["panel"], data[SCENARIO_MIME]
            self.panels.append(shown)
        return shown

    def _figure(self, data: Mapping[str, Any], place: str) -> Output:
        """A figure, with the picture and the table that the notebook holds beside it."""
        drawing, number = figure(data[PLOTLY]), len(self.figures) + 1
        name = f"figure-{number}"
        if not drawing.drawable:
            self.left_out.append(f"{name}: it is not drawn, for a map would be fetched from the network")
        html = source_of(data, "text/html")
        table = framed(parsed(clean_html(html, place))) if html else EMPTY
        picture = clean_image("image/svg+xml", source_of(data, "image/svg+xml"))
        output = Output(table, drawing.sentence or name, figure=drawing, number=number, picture=picture)
        if picture:
            output.width = COLUMN
        self.figures.append(output)
        return output


def source_of(cell: Mapping[str, Any], name: str = "source") -> str:
    """A text as notebooks keep it: one string, or a list of lines."""
    text = cell.get(name, "")
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def read(notebook: Mapping[str, Any], language: str = "en") -> Content:
    """A notebook as a page may show it. Raises UnknownName for a language without words around the content."""
    content = Content(notebook, language, texts_of(language)["shared_page"])
    cells = list(notebook.get("cells", ()))
    for number, cell in enumerate(cells, 1):
        if cell.get("cell_type") == "markdown":
            content.read_words(cell, number, _shows_nothing(cells[number:]))
        elif cell.get("cell_type") == "code":
            content.read_code(cell, number)
        else:
            content.cells.append(Cell("raw", plain(source_of(cell))))
    return content


def _shows_nothing(after: Sequence[Mapping[str, Any]]) -> bool:
    """Whether only code without output follows, up to the next text."""
    cells = list(takewhile(lambda cell: cell.get("cell_type") != "markdown", after))
    return bool(cells) and all(cell.get("cell_type") == "code" and not cell.get("outputs") for cell in cells)


def _best(data: Mapping[str, Any], place: str, texts: Mapping[str, str]) -> Output:
    """The best of what an output offers that needs no program to run."""
    text = plain(source_of(data, "text/plain"))
    tree = parsed(clean_html(source_of(data, "text/html"), place))
    if tree.find(["img", "svg"]) or tree.get_text(strip=True):
        return Output(framed(tree), text)
    for kind in ("image/svg+xml", *PICTURES):
        if address := clean_image(kind, source_of(data, kind)):
            alt = text.strip().partition("\n")[0][:300]
            return Output(Markup('<img alt="{}" src="{}">').format(alt, address), text)
    if markdown := source_of(data, "text/markdown"):
        return Output(framed(parsed(clean_markdown(markdown, place=place))), text)
    if CONTROLS.match(text):
        return Output(note=texts["controls"])
    words = source_of(data, "text/latex") or text
    if not words and "application/json" in data:
        words = json.dumps(data["application/json"], indent=2, ensure_ascii=False)
    return Output(text=_shortened(words)) if words else Output(note=texts["left_out"])


def framed(tree: BeautifulSoup) -> Markup:
    """Clean HTML with every outermost table in a frame of its own, so that a wide one scrolls there, by keyboard."""
    for table in tree.find_all("table"):
        if not table.find_parent("table"):
            label = table.caption.get_text(" ", strip=True) if table.caption else ""
            group = {"class": "scroll", "role": "group", "aria-label": label or "Table", "tabindex": "0"}
            table.wrap(tree.new_tag("div", attrs=group))
    for head in tree.find_all("th"):
        if not head.contents:  # it heads nothing
            head.name = "td"
    return Markup(tree.decode())


def _shortened(text: str) -> str:
    words = plain(text).strip("\n")
    return f"{words[:MOST_LETTERS]}\n..." if len(words) > MOST_LETTERS else words if words.strip() else ""


class Page(NamedTuple):
    """A page as text, and its title."""

    html: str
    title: str


def page(
    content: Content,
    *,
    name: str = "notebook",
    scenarios: Sequence[Scenario] = (),
    fingerprint: str = "",
    live: LiveParts | None = None,
) -> Page:
    """A notebook as one HTML page, always the same bytes; `fingerprint` is a data block of `verify.embedded`."""
    panels = [Markup(panel) for panel in live.html] if live else []
    for output, panel in zip(content.panels, panels, strict=False):
        output.live = panel
    title = next((heading.words for heading in content.headings if heading.level == 1), "") or name
    script = asset("page_template/page.js")
    bundle = bundle_of([output.figure for output in content.figures if output.figure and output.figure.drawable])
    inline = [text for text in (script, bundle, *(live.scripts if live else ())) if text]
    html = rendered(
        "page_template/page.html",
        content_language=content_language(content.notebook),
        policy=policy(inline, live.csp if live else None),
        version=version("ketacost"),
        title=title,
        question=question_of(content.notebook),
        as_of=as_of_day(content.notebook),
        fingerprint_hash=mark(fingerprint, 12) if fingerprint else "",
        css=Markup(asset("page_template/page.css") + (live.css if live else "")),
        content=content,
        more_panels=panels[len(content.panels) :],  # a notebook without a panel gets one at its end
        citations=citations_of(scenarios or scenarios_named(content.notebook)),
        packed=packed(bundle.encode()) if bundle else "",  # it runs as the very text whose hash the policy names
        fingerprint=Markup(fingerprint),
        scripts=[script_block(script), *(live.blocks if live else ())],
        t=content.texts,
    )
    return Page(html, title)


def question_of(notebook: Mapping[str, Any]) -> str:
    """The question that a notebook asks: the first bold sentence of its first text."""
    cells = (cell for cell in notebook.get("cells", ()) if cell.get("cell_type") == "markdown")
    bold = parsed(clean_markdown(source_of(next(cells, {})))).find("strong")
    return " ".join(bold.get_text().split())[:300] if bold else ""


def as_of_day(notebook: Mapping[str, Any]) -> str:
    """The day of a notebook's numbers: the one that it states, or the last on which a source of the data was read."""
    for cell in notebook.get("cells", ()):
        stated = re.search(r"[Nn]umbers as of \**([\w ,]{6,30}\d{4})\b", source_of(cell))
        if stated and cell.get("cell_type") == "markdown":
            return stated[1].strip()
    return max(row["read_on"] for row in rows("sources"))


def content_language(notebook: Mapping[str, Any]) -> str:
    """The language that a notebook says it is written in; English where it says none."""
    about = notebook.get("metadata", {}).get("ketacost", {})
    language = about.get("language", "en") if isinstance(about, dict) else "en"
    return language if isinstance(language, str) and re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", language) else "en"


def scenarios_named(notebook: Mapping[str, Any]) -> tuple[Scenario, ...]:
    """The shipped examples that a notebook's code names. The code is read, not run."""
    code = "\n".join(source_of(cell) for cell in notebook.get("cells", ()) if cell.get("cell_type") == "code")
    named = re.findall(r"\bexample\(\s*[\"']([\w-]+)[\"']\s*\)", code)
    return tuple(example(name) for name in dict.fromkeys(named) if name in examples())


def citations_of(scenarios: Sequence[Scenario]) -> dict[str, Any]:
    """Every number that these scenarios use, with its grade and source, best first; and how many of each grade."""
    used: dict[Citation, None] = {}
    for scenario in scenarios:
        try:
            used |= dict.fromkeys(citations(estimate(scenario).shown))
        except KetacostError:
            continue
    counts = Counter(citation.grade for citation in used)
    return {
        "rows": sorted(used, key=lambda citation: GRADES.index(citation.grade)),
        "grades": {grade: counts[grade] for grade in GRADES if counts[grade]},
    }
