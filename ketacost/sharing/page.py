"""The static page: one file that holds all it shows, runs only our own script, and asks nothing of the network."""

from __future__ import annotations

import gzip
import re
import tomllib
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from html import escape
from importlib.metadata import version
from typing import Any

from ketacost.core.fields import KetacostError, unknown
from ketacost.core.references import GRADES, Paper
from ketacost.core.resources import asset, data_folder
from ketacost.estimate.answer import run
from ketacost.estimate.explain import papers
from ketacost.estimate.scenario import Scenario, example, examples
from ketacost.sharing.blocks import Body, body, figures_of, source_of
from ketacost.sharing.figures import bundle_for, bundle_text
from ketacost.sharing.pictures import Picture
from ketacost.sharing.sanitize import plain


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
    pictures: Sequence[Picture] = (),
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
        "papers": papers_html(scenarios or scenarios_named(notebook), texts),
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


def papers_html(scenarios: Sequence[Scenario], texts: Mapping[str, str]) -> str:
    """Every number that these scenarios rest on, with its grade and source; folded on a screen, open in print."""
    found: dict[Paper, None] = {}
    for scenario in scenarios:
        try:
            found |= dict.fromkeys(papers(run(scenario)))
        except KetacostError:
            continue
    title = f'<h2 id="papers">{escape(texts["papers"])}</h2>'
    if not found:
        return f"{title}<p>{escape(texts['papers_none'])}</p>"
    counted = Counter(paper.grade for paper in found)
    grades = ", ".join(f"{counted[grade]} {texts[grade]}" for grade in GRADES if counted[grade])
    means = "; ".join(texts[f"{grade}_means"] for grade in GRADES if counted[grade])
    heads = "".join(
        f'<th scope="col">{escape(texts[head])}</th>' for head in ("number", "value", "grade", "source_heading")
    )
    rows = "".join(_paper(paper, texts) for paper in sorted(found, key=lambda one: GRADES.index(one.grade)))
    label = escape(texts["papers_table"])
    return (
        f"{title}<p>{escape(texts['papers_lead'].format(count=len(found), grades=grades))} {escape(means)}.</p>"
        f'<details class="prints"><summary>{label}</summary><div class="scroll" role="group" aria-label="{label}" tabindex="0">'
        f"<table><caption>{label}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _paper(paper: Paper, texts: Mapping[str, str]) -> str:
    told = escape(f"{paper.source}{', ' + paper.where if paper.where else ''}")
    if paper.source.url.startswith(("https://", "http://")):
        told = f'<a href="{escape(paper.source.url)}" rel="noopener noreferrer">{told}</a>'
    read = escape(texts["read_on"].format(date=paper.source.read_on))
    grade = f'<span class="grade grade-{paper.grade}">{escape(texts[paper.grade])}</span>'
    return f'<tr><th scope="row">{escape(paper.what)}</th><td>{escape(paper.value)}</td><td>{grade}</td><td>{told}; {read}</td></tr>'


def _contents(made: Body, texts: Mapping[str, str]) -> str:
    shown = [one for one in made.headings if one[0] in (2, 3)] + [(2, "papers", texts["papers"])]
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
