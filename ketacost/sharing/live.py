"""A page with a live calculator: one file that opens without a network and computes with this very package.

The answer is in the page as text and shows at once. A worker then wakes Python, unpacked from the page itself, and the
panel's front end, the same as in JupyterLab, asks it instead of a kernel.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.metadata import version
from typing import Any

from ketacost.core.fields import unknown
from ketacost.core.resources import asset
from ketacost.estimate.answer import Answer, run
from ketacost.estimate.scenario import Scenario
from ketacost.reports.handout import PRINT
from ketacost.reports.sections import head, static
from ketacost.sharing.pyodide import credits, lock, parts
from ketacost.sharing.verify import embedded, fingerprint
from ketacost.workbench.session import Session, plain_table


def hashed(script: str) -> str:
    """A script as a page's policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


POLICY = {
    "default-src": ("'none'",),
    # A window that the page opens takes its policy along, so the handout's own script stands in it too.
    "script-src": (hashed(PRINT), "'wasm-unsafe-eval'", "blob:"),
    "worker-src": ("blob:",),
    "style-src": ("'unsafe-inline'",),
    "img-src": ("data:",),
    "base-uri": ("'none'",),
    "form-action": ("'none'",),
}


@dataclass(frozen=True)
class ScriptBlock:
    """A script element: data that is never run, or a script of ours; `attributes` as they stand in the tag."""

    text: str
    id: str = ""
    type: str = ""
    part: str = ""

    @property
    def html(self) -> str:
        """The element; its text can't end it early."""
        told = {"id": self.id, "type": self.type, "data-part": self.part}
        attributes = "".join(f' {name}="{value}"' for name, value in told.items() if value)
        return f"<script{attributes}>{self.text}</script>"


@dataclass(frozen=True)
class LiveParts:
    """What a page needs to hold live panels: one root element a scenario, the styles, the blocks in order, the policy."""

    html: tuple[str, ...]
    css: str
    blocks: tuple[ScriptBlock, ...]
    csp: Mapping[str, tuple[str, ...]]

    @property
    def data(self) -> tuple[ScriptBlock, ...]:
        """The blocks that are never run."""
        return tuple(block for block in self.blocks if block.type)

    @property
    def scripts(self) -> tuple[str, ...]:
        """The texts of the inline scripts; each needs its hash in the page's policy."""
        return tuple(block.text for block in self.blocks if not block.type)


def texts(language: str) -> Mapping[str, str]:
    """What a live page says of itself, in a language; UnknownName names those there are."""
    told = tomllib.loads(asset("live_page/texts.toml"))
    if language not in told:
        raise unknown("language", language, told)
    found: Mapping[str, str] = told[language]
    return found


def live_parts(scenarios: Sequence[Scenario], *, language: str = "en") -> LiveParts:
    """The parts of a page with a live panel for each scenario; one Python serves them all.

    Raises RuntimeMissing where the Python for browsers has not been fetched.
    """
    said, packed = texts(language), parts()
    answers = [run(scenario) for scenario in scenarios]
    sessions = [{"table": plain_table(scenario), "shown": _shown(scenario)} for scenario in scenarios]
    front = {"panel": asset("panel.js"), "engine": asset("live_page/engine.js")}
    kept = json_block({"sessions": sessions, "texts": dict(said), "lock": lock(), **front})
    blocks = [
        ScriptBlock(kept, id="ketacost-live", type="application/json"),
        ScriptBlock(asset("live_page/boot.js")),
        *(ScriptBlock(text, type="application/gzip-base64", part=name) for name, text in packed.items()),
    ]
    return LiveParts(
        html=tuple(_place(answer, said, first=number == 0) for number, answer in enumerate(answers)),
        css=asset("panel.css") + asset("live_page/live.css"),
        blocks=tuple(blocks),
        csp=POLICY,
    )


def live_page(what: Answer | Scenario, *, title: str = "", language: str = "en") -> str:
    """One HTML file with the answer and the controls to move it, for a computer with a browser and nothing else.

    It opens from a folder with the network cut, and `verify` works its numbers out again. Raises RuntimeMissing where the
    Python for browsers has not been fetched.
    """
    scenario = what.scenario if isinstance(what, Answer) else what
    said, made = texts(language), live_parts([scenario], language=language)
    fields = {
        "language": language,
        "title": escape(title or scenario.title or said["title"]),
        "policy": escape(policy(made.csp, made.scripts)),
        "css": asset("live_page/page.css") + made.css,
        "panels": "\n".join(made.html),
        "numbers": escape(said["numbers"].format(version=version("ketacost"))),
        "notice": escape(credits()),
        "blocks": "\n".join([embedded(fingerprint([scenario])), *(block.html for block in made.blocks)]),
        **{name: escape(said[name]) for name in ("skip", "works", "no_script", "carried")},
    }
    head, *rest = asset("live_page/page.html").split("{{")
    pieces = (piece.partition("}}") for piece in rest)
    return head + "".join(fields[name] + after for name, _, after in pieces)


def policy(allowed: Mapping[str, Sequence[str]], scripts: Sequence[str]) -> str:
    """A content security policy as one line: what is allowed, and the inline scripts by their hashes."""
    told = {**allowed, "script-src": (*map(hashed, scripts), *allowed["script-src"])}
    return "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in told.items())


def json_block(data: object) -> str:
    """Data as JSON that may stand inside a script element, whatever texts it holds."""
    told = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return told.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _shown(scenario: Scenario) -> dict[str, Any]:
    """What the panel paints before Python is awake; the page fills in the day on which it is opened."""
    shown = Session(scenario).shown()
    return {**shown, "told": {**shown["told"], "today": ""}}


def _place(answer: Answer, said: Mapping[str, str], *, first: bool) -> str:
    role = ' role="status"' if first else ""
    return (
        f'<div class="ketacost-live"><div class="ketacost-waking"><p{role}></p>'
        f'<progress max="100" value="0" aria-label="{escape(said["progress"])}" hidden></progress><span aria-hidden="true" hidden></span></div>'
        f'<div class="ketacost-place"><div class="keta"><div class="keta-head">{head(answer)}</div></div>{static(answer)}</div></div>'
    )
