"""The static page: one file that holds all it shows, runs only our own script, and asks nothing of the network."""

from __future__ import annotations

import gzip
import json
import re
import tomllib
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from html import escape, unescape
from importlib.metadata import version
from typing import Any

from ketacost.core.fields import KetacostError, unknown
from ketacost.core.references import GRADES, Citation
from ketacost.core.resources import asset, data_folder
from ketacost.estimate.answer import run
from ketacost.estimate.explain import citations
from ketacost.estimate.scenario import Scenario, example, examples
from ketacost.reports.json_output import SCENARIO_MIME
from ketacost.sharing.browser import MOST_ROWS, PLOTLY, Figure, FigurePicture, as_data, bundle_for, bundle_text, figure
from ketacost.sharing.sanitize import PICTURES, clean_html, clean_image, clean_markdown, lost, plain, shown

WIDGET = "application/vnd.jupyter.widget-view+json"
NEVER = re.compile(r"javascript|ecmascript|bokeh|x-require|vega|\.exec\.|widget-state", re.IGNORECASE)
STOOD = re.compile(r'<div class="ketacost[^>]*><p><strong>[^<]*</strong></p>(?:<p>)?<img ')
CONTROLS = re.compile(r"[A-Z]\w+\((children|value|options|description|layout)=")
MOST_LETTERS = 40_000


@dataclass
class Body:
    """The blocks of a page, its headings (level, id, words), those over nothing but code, the data of its figures, and what was left out."""

    texts: Mapping[str, str]
    figures: Sequence[Figure]
    pictures: Sequence[FigurePicture]
    panels: Iterator[str] = field(default_factory=lambda: iter(()))
    blocks: list[str] = field(default_factory=list)
    headings: list[tuple[int, str, str]] = field(default_factory=list)
    quiet: set[str] = field(default_factory=set)
    data: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    drawn: int = 0


def source_of(thing: Mapping[str, Any], name: str = "source") -> str:
    """A text as notebooks keep it: one string, or a list of lines."""
    text = thing.get(name, "")
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def figures_of(notebook: Mapping[str, Any]) -> tuple[Figure, ...]:
    """The plotly figures of a notebook, in order."""
    return tuple(figure(data[PLOTLY]) for data in _bundles(notebook) if isinstance(data.get(PLOTLY), dict))


def panels_of(notebook: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The scenarios that the panels of a notebook stood at, in order, as plain tables."""
    return tuple(data[SCENARIO_MIME] for data in _bundles(notebook) if _is_panel(data))


def body(
    notebook: Mapping[str, Any],
    texts: Mapping[str, str],
    figures: Sequence[Figure],
    pictures: Sequence[FigurePicture],
    panels: Sequence[str] = (),
) -> Body:
    """Every cell as a block. What a page may not hold is left out, and told. `panels` stand where the panels stood."""
    made = Body(texts, figures, pictures, iter(panels))
    cells = list(notebook.get("cells", ()))
    for number, cell in enumerate(cells, 1):
        if cell.get("cell_type") == "markdown":
            made.blocks.append(_told(made, cell, number, _shows_nothing(cells[number:])))
        elif cell.get("cell_type") == "code":
            made.blocks.append(_code(made, source_of(cell)))
            for place, output in enumerate(cell.get("outputs", ()), 1):
                made.blocks.append(_output(made, output, f"cell {number}, output {place}", f"o{number}-{place}-"))
    return made


def _bundles(notebook: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for cell in notebook.get("cells", ()):
        for output in cell.get("outputs", ()) if cell.get("cell_type") == "code" else ():
            if isinstance(output.get("data"), dict):
                yield output["data"]


def _shows_nothing(after: Sequence[Mapping[str, Any]]) -> bool:
    """Whether only code without output follows, up to the next text."""
    cell = next(iter(after), {})
    code = cell.get("cell_type") == "code" and not cell.get("outputs")
    return code and (len(after) == 1 or after[1].get("cell_type") == "markdown" or _shows_nothing(after[1:]))


def _told(made: Body, cell: Mapping[str, Any], number: int, over_code: bool) -> str:
    text = source_of(cell)
    made.told += [f"cell {number}: {what} was left out" for what in lost(text)]
    attached = cell.get("attachments")
    html = clean_markdown(text, attached if isinstance(attached, dict) else {}, "s-")
    placed = wrapped(_with_ids(made, html))
    if over_code and made.headings and re.fullmatch(r"<h[2-6] [^>]*>[^<]*</h[2-6]>", placed.strip()):
        made.quiet.add(made.headings[-1][1])
        return f'<div class="told code-only">{placed}</div>'
    return f'<div class="told">{placed}</div>'


def _with_ids(made: Body, html: str) -> str:
    """Headings with an id each, as JupyterLab gives them, so that links to them go on working."""
    taken = {one[1] for one in made.headings}

    def put(match: re.Match[str]) -> str:
        words = unescape(re.sub("<[^>]*>", "", match[3])).strip()
        slug = re.sub(r"[^\w.:-]+", "-", words).strip("-")
        name = base = f"s-{slug or 'section'}"
        count = 1
        while name in taken:
            count += 1
            name = f"{base}-{count}"
        taken.add(name)
        made.headings.append((int(match[1]), name, words))
        return f'<h{match[1]} id="{escape(name)}" tabindex="-1">{match[3]}</h{match[1]}>'

    return re.sub(r"<h([1-6])([^>]*)>(.*?)</h\1>", put, html, flags=re.DOTALL)


def _code(made: Body, source: str) -> str:
    if not source.strip():
        return ""
    from pygments import highlight  # type: ignore[import-untyped]
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
    from pygments.lexers import PythonLexer  # type: ignore[import-untyped]

    colored = highlight(plain(source), PythonLexer(), HtmlFormatter(nowrap=True, classprefix="hl-"))
    return f'<details class="code"><summary>{escape(made.texts["code"])}</summary><pre><code>{colored}</code></pre></details>'


def _output(made: Body, output: Mapping[str, Any], where: str, place: str) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        return _text(source_of(output, "text"))
    if kind == "error":
        trace = output.get("traceback") or [f"{output.get('ename', '')}: {output.get('evalue', '')}"]
        return _text("\n".join(map(str, trace)), " error")
    data = output.get("data")
    return f'<div class="out">{_shown(made, data, where, place)}</div>' if isinstance(data, dict) else ""


def _shown(made: Body, data: Mapping[str, Any], where: str, place: str) -> str:
    """The best of what an output offers that needs no program to run."""
    if isinstance(data.get(PLOTLY), dict):
        return _figure(made)
    made.told += [f"{where}: {kind} was left out, for it is a program" for kind in data if NEVER.search(kind)]
    if _is_panel(data) and (live := next(made.panels, "")):
        return live
    found = ""
    if html := source_of(data, "text/html"):
        made.told += [f"{where}: {what} was left out" for what in lost(html)]
        cleaned = clean_html(html, place)
        found = wrapped(cleaned) if re.search("<(img|svg)", cleaned) or _words(cleaned) else ""
    for kind in ("image/svg+xml", *PICTURES):
        if not found and (packed := source_of(data, kind)) and (address := clean_image(kind, packed)):
            found = f'<img alt="{shown(_first_line(source_of(data, "text/plain")))}" src="{address}">'
    if not found and (text := source_of(data, "text/markdown")):
        found = wrapped(clean_markdown(text, place=place))
    if not found and CONTROLS.match(source_of(data, "text/plain")):
        return f'<p class="note">{escape(made.texts["controls"])}</p>'
    for kind in ("text/latex", "text/plain"):
        if not found and (text := source_of(data, kind)):
            found = _text(text)
    if not found and "application/json" in data:
        found = _text(json.dumps(data["application/json"], indent=2, ensure_ascii=False))
    if not found:
        return f'<p class="note">{escape(made.texts["left_out"])}</p>'
    return f"{_panel_note(made, data)}{found}{_scenario(made, data)}"


def _is_panel(data: Mapping[str, Any]) -> bool:
    """Whether an output is a panel that tells its scenario: a widget, or the picture that stands for one."""
    html = source_of(data, "text/html")
    return isinstance(data.get(SCENARIO_MIME), dict) and (WIDGET in data or bool(STOOD.match(html)))


def _panel_note(made: Body, data: Mapping[str, Any]) -> str:
    is_panel = WIDGET in data or STOOD.match(source_of(data, "text/html"))
    return f'<p class="note">{escape(made.texts["panel"])}</p>' if is_panel else ""


def _scenario(made: Body, data: Mapping[str, Any]) -> str:
    """The scenario that a panel stood at, as the text of its file."""
    if not _is_panel(data):
        return ""
    import tomli_w

    try:
        text = tomli_w.dumps(data[SCENARIO_MIME])
    except (TypeError, ValueError):
        return ""
    return f"<details><summary>{escape(made.texts['scenario'])}</summary>{_text(text)}</details>"


def _figure(made: Body) -> str:
    number, drawing = made.drawn, made.figures[made.drawn]
    made.drawn += 1
    name = f"figure-{number + 1}"
    still = made.pictures[number].svg if number < len(made.pictures) else ""
    sentence = escape(drawing.sentence or name)
    live = ""
    if drawing.drawable:
        live = f'<div class="live" id="{name}" data-height="{drawing.height}" aria-hidden="true"></div>'
        made.data.append(f'<script type="application/json" id="{name}-data">{as_data(drawing.spec)}</script>')
    else:
        made.told.append(f"{name}: it is shown as a table, for a map would be fetched from the network")
    picture = f'<img class="still" alt="{sentence}" src="{still}">' if still else ""
    return (
        f'<figure class="fig{" has-still" if still else ""}"><figcaption>{sentence}</figcaption>{live}{picture}'
        f"{_fold(made.texts['table'], figure_table(drawing, made.texts))}</figure>"
    )


def figure_table(drawing: Figure, texts: Mapping[str, str]) -> str:
    """The data of a figure as an HTML table; empty where there is none to read."""
    if not drawing.rows:
        return ""
    sides = [' class="num"' if money else "" for money in drawing.money]
    heads = "".join(
        f'<th scope="col"{side}>{escape(head)}</th>' for head, side in zip(drawing.heads, sides, strict=True)
    )
    rows = "".join(f"<tr>{_cells(row, sides)}</tr>" for row in drawing.rows[:MOST_ROWS])
    left = len(drawing.rows) - MOST_ROWS
    more = f"<p>{escape(texts['more_rows'].format(count=left))}</p>" if left > 0 else ""
    caption = escape(drawing.sentence or texts["table"])
    return (
        wrapped(f"<table><caption>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")
        + more
    )


def _cells(row: Sequence[str], sides: Sequence[str]) -> str:
    first = f'<th scope="row"{sides[0]}>{escape(row[0])}</th>'
    return first + "".join(f"<td{side}>{escape(cell)}</td>" for cell, side in zip(row[1:], sides[1:], strict=True))


def wrapped(html: str) -> str:
    """Every outermost table in a frame of its own, so that a wide one scrolls there, by keyboard too."""
    told, depth, done, start = [], 0, 0, 0
    for tag in re.finditer(r"<(/?)table\b[^>]*>", html):
        if not tag[1]:
            start, depth = (start, depth + 1) if depth else (tag.start(), 1)
        elif depth:
            depth -= 1
            if not depth:
                table = html[start : tag.end()]
                named = re.search(r"<caption[^>]*>(.*?)</caption>", table, re.DOTALL)
                label = _words(named[1]) if named else ""
                told.append(
                    f'{html[done:start]}<div class="scroll" role="group" aria-label="{escape(label or "Table")}" tabindex="0">{table}</div>'
                )
                done = tag.end()
    framed = "".join(told) + html[done:]
    return re.sub(r"<th\b([^>]*)></th>", r"<td\1></td>", framed)  # a head that heads nothing is no head


def _fold(title: str, inside: str) -> str:
    return f"<details><summary>{escape(title)}</summary>{inside}</details>" if inside else ""


def _text(text: str, kind: str = "") -> str:
    told = plain(text).strip("\n")
    if len(told) > MOST_LETTERS:
        told = f"{told[:MOST_LETTERS]}\n..."
    return f'<pre class="text{kind}">{escape(told)}</pre>' if told.strip() else ""


def _words(html: str) -> str:
    return " ".join(unescape(re.sub("<[^>]*>", " ", html)).split())


def _first_line(text: str) -> str:
    return plain(text).strip().partition("\n")[0][:300]


@dataclass(frozen=True)
class Parts:
    """What the live page adds to a static one: an element for each panel, script elements in order, what they need."""

    html: tuple[str, ...] = ()
    css: str = ""
    blocks: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    csp: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """A page as text, with its title, its question, the day of its numbers, and what had to be left out."""

    html: str
    title: str
    question: str
    as_of: str
    told: tuple[str, ...]


@cache
def page_texts(language: str) -> Mapping[str, str]:
    """The words around the content, in a language. Raises UnknownName for one that is not there."""
    tables = tomllib.loads((data_folder() / "page_texts.toml").read_text(encoding="utf-8"))
    if language not in tables:
        raise unknown("language of a page", language, tables)
    return dict(tables[language])


def page(
    notebook: Mapping[str, Any],
    *,
    name: str = "notebook",
    language: str = "en",
    pictures: Sequence[FigurePicture] = (),
    scenarios: Sequence[Scenario] = (),
    fingerprint: str = "",
    parts: Parts = Parts(),
) -> Page:
    """A notebook as one HTML page. The notebook is taken as untrusted: what is not on the allow list does not stay.

    The same notebook gives the same bytes. `fingerprint` is a data block as `fingerprints.embedded` makes it.
    """
    texts = page_texts(language)
    made = body(notebook, texts, figures_of(notebook), pictures, parts.html)
    if rest := list(made.panels):  # a notebook without a panel gets one at its end
        made.headings.append((2, "try-it", texts["try_it"]))
        made.blocks += [f'<h2 id="try-it" tabindex="-1">{escape(texts["try_it"])}</h2>', *rest]
    title = next((words for level, _, words in made.headings if level == 1), "") or name
    question, as_of = question_of(notebook), as_of_day(notebook)
    script = asset("page_template/page.js")
    bundle = (
        bundle_text(bundle_for({kind for one in made.figures if one.drawable for kind in one.kinds}))
        if made.data
        else ""
    )
    run_here = [script, *([bundle] if bundle else []), *parts.scripts]
    written = version("ketacost")
    holes = {
        "language": language,
        "content_language": content_language(notebook),
        "policy": escape(policy(run_here, parts.csp)),
        "version": written,
        "title": escape(title),
        "question": escape(question),
        "as_of": escape(as_of),
        "as_of_words": escape(texts["as_of"].format(date=as_of)),
        "fingerprint_hash": sha256(fingerprint.encode()).hexdigest()[:12] if fingerprint else "",
        "css": asset("page_template/page.css") + parts.css,
        "contents": _contents(made, texts),
        "blocks": "\n".join(block for block in made.blocks if block),
        "citations": citations_html(scenarios or scenarios_named(notebook), texts),
        "made": escape(" ".join([texts["made"].format(version=written), *([texts["plotly"]] if bundle else [])])),
        "data": "\n".join([*made.data, *([_packed(bundle)] if bundle else []), fingerprint]),
        "scripts": "\n".join([f"<script>{script}</script>", *parts.blocks]),
        **{f"t.{key}": escape(text) for key, text in texts.items()},
    }
    template = asset("page_template/page.html")
    html = re.sub(r"\{\{([\w.]+)\}\}", lambda hole: holes[hole[1]], template)
    return Page(html, title, question, as_of, tuple(dict.fromkeys(made.told)))


def policy(scripts: Sequence[str], more: Mapping[str, Sequence[str]] | None = None) -> str:
    """The page's Content-Security-Policy: nothing from anywhere, and only these scripts, by their hashes."""
    hashes = [f"'sha256-{b64encode(sha256(one.encode()).digest()).decode()}'" for one in scripts]
    rules = {
        "default-src": ["'none'"],
        "img-src": ["data:"],
        "style-src": ["'unsafe-inline'"],
        "script-src": hashes or ["'none'"],
        "connect-src": ["'none'"],
        "form-action": ["'none'"],
        "base-uri": ["'none'"],
    }
    for name, sources in (more or {}).items():
        both = dict.fromkeys([*rules.get(name, ()), *sources])
        rules[name] = [one for one in both if one != "'none'"] or ["'none'"]
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())


def question_of(notebook: Mapping[str, Any]) -> str:
    """The question that a notebook asks: the first bold sentence of its first text."""
    first = next((source_of(cell) for cell in notebook.get("cells", ()) if cell.get("cell_type") == "markdown"), "")
    bold = re.search(r"\*\*(.+?)\*\*", first, re.DOTALL)
    return " ".join(plain(re.sub(r"<[^>]*>|\\(?=\$)", "", bold[1])).split())[:300] if bold else ""


def as_of_day(notebook: Mapping[str, Any]) -> str:
    """The day of a notebook's numbers: the one that it states, or the last on which a source of the data was read."""
    for cell in notebook.get("cells", ()):
        if cell.get("cell_type") == "markdown" and (
            told := re.search(r"[Nn]umbers as of \**([\w ,]{6,30}\d{4})\b", source_of(cell))
        ):
            return told[1].strip()
    from ketacost.core.references import rows

    return max(row["read_on"] for row in rows("sources"))


def content_language(notebook: Mapping[str, Any]) -> str:
    """The language that a notebook says it is written in; English where it says none."""
    about = notebook.get("metadata", {}).get("ketacost", {})
    said = about.get("language", "en") if isinstance(about, dict) else "en"
    return said if isinstance(said, str) and re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", said) else "en"


def scenarios_named(notebook: Mapping[str, Any]) -> tuple[Scenario, ...]:
    """The shipped examples that a notebook's code names. The code is read, not run."""
    code = "\n".join(source_of(cell) for cell in notebook.get("cells", ()) if cell.get("cell_type") == "code")
    named = re.findall(r"\bexample\(\s*[\"']([\w-]+)[\"']\s*\)", code)
    return tuple(example(name) for name in dict.fromkeys(named) if name in examples())


def citations_html(scenarios: Sequence[Scenario], texts: Mapping[str, str]) -> str:
    """Every number that these scenarios rest on, with its grade and source; folded on a screen, open in print."""
    found: dict[Citation, None] = {}
    for scenario in scenarios:
        try:
            found |= dict.fromkeys(citations(run(scenario)))
        except KetacostError:
            continue
    title = f'<h2 id="sources">{escape(texts["citations"])}</h2>'
    if not found:
        return f"{title}<p>{escape(texts['citations_none'])}</p>"
    counted = Counter(citation.grade for citation in found)
    grades = ", ".join(f"{counted[grade]} {texts[grade]}" for grade in GRADES if counted[grade])
    means = "; ".join(texts[f"{grade}_means"] for grade in GRADES if counted[grade])
    heads = "".join(
        f'<th scope="col">{escape(texts[head])}</th>' for head in ("number", "value", "grade", "source_heading")
    )
    rows = "".join(_citation(citation, texts) for citation in sorted(found, key=lambda one: GRADES.index(one.grade)))
    label = escape(texts["citations_table"])
    return (
        f"{title}<p>{escape(texts['citations_lead'].format(count=len(found), grades=grades))} {escape(means)}.</p>"
        f'<details class="prints"><summary>{label}</summary><div class="scroll" role="group" aria-label="{label}" tabindex="0">'
        f"<table><caption>{label}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _citation(citation: Citation, texts: Mapping[str, str]) -> str:
    told = escape(f"{citation.source}{', ' + citation.where if citation.where else ''}")
    if citation.source.url.startswith(("https://", "http://")):
        told = f'<a href="{escape(citation.source.url)}" rel="noopener noreferrer">{told}</a>'
    read = escape(texts["read_on"].format(date=citation.source.read_on))
    grade = f'<span class="grade grade-{citation.grade}">{escape(texts[citation.grade])}</span>'
    return f'<tr><th scope="row">{escape(citation.what)}</th><td>{escape(citation.value)}</td><td>{grade}</td><td>{told}; {read}</td></tr>'


def _contents(made: Body, texts: Mapping[str, str]) -> str:
    shown = [one for one in made.headings if one[0] in (2, 3)] + [(2, "sources", texts["citations"])]
    told = []
    for level, name, words in shown:
        kinds = ["sub"] * (level > 2) + ["code-only"] * (name in made.quiet)
        mark = f' class="{" ".join(kinds)}"' if kinds else ""
        told.append(f'<li{mark}><a href="#{escape(name)}">{escape(words)}</a></li>')
    return "".join(told)


def _packed(bundle: str) -> str:
    """A script as data: the page unpacks it and runs it as the very text whose hash its policy names."""
    packed = b64encode(gzip.compress(bundle.encode(), 9, mtime=0)).decode()
    return f'<script type="application/octet-stream" id="plotly-packed">{packed}</script>'
