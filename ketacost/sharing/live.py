"""A page with a live calculator: one file that opens without a network and computes with this very package.

The answer is in the page as text and shows at once. A worker then wakes Python, unpacked from the page itself, and the
panel's front end, the same as in JupyterLab, asks it instead of a kernel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from typing import Any

from markupsafe import Markup

from ketacost.core.references import rows
from ketacost.core.resources import asset, front_end
from ketacost.estimate.estimate import Estimate, estimate
from ketacost.estimate.scenario import Scenario
from ketacost.estimate.texts import texts_of
from ketacost.reports.handout import PRINT
from ketacost.reports.sections import head, static
from ketacost.sharing.html import json_block, policy, rendered, script_block, script_hash
from ketacost.sharing.pyodide import credits, lock, parts
from ketacost.sharing.verify import embedded, fingerprint
from ketacost.workbench.session import Session, plain_table

CSP = {
    # A window that the page opens takes its policy along, so the handout's own script is in it too.
    "script-src": (script_hash(PRINT), "'wasm-unsafe-eval'", "blob:"),
    "worker-src": ("blob:",),
}
"""What a live page needs beyond the policy of a static one."""


@dataclass(frozen=True)
class LiveParts:
    """What a page needs to hold live panels: a root element a scenario, styles, script elements in order, the policy.

    `scripts` are the texts of the inline scripts among the elements: each needs its hash in the page's policy.
    """

    html: tuple[str, ...]
    css: str
    blocks: tuple[Markup, ...]
    scripts: tuple[str, ...]
    csp: Mapping[str, tuple[str, ...]]


def live_parts(scenarios: Sequence[Scenario], *, language: str = "en") -> LiveParts:
    """A live panel for each scenario, one Python for all. Raises RuntimeMissing where that has not been fetched."""
    words, packed, boot = texts_of(language)["live_page"], parts(), asset("live_page/boot.js")
    sessions = list(map(_session, scenarios))
    front = {"panel": front_end(), "engine": asset("live_page/engine.js")}
    data = json_block({"sessions": sessions, "texts": dict(words), "lock": lock(), **front})
    blocks = [
        script_block(data, id="ketacost-live", type="application/json"),
        script_block(boot),
        *(script_block(text, type="application/gzip-base64", data_part=name) for name, text in packed.items()),
    ]
    panels = tuple(_panel(estimate(scenario), words, first=number == 0) for number, scenario in enumerate(scenarios))
    return LiveParts(panels, asset("panel.css") + asset("live_page/live.css"), tuple(blocks), (boot,), CSP)


def live_page(what: Estimate | Scenario, *, title: str = "", language: str = "en") -> str:
    """One HTML file with the estimate and the controls to move it, as in live_page(kc.example("readme-patient")).

    It needs a browser but no network, and `verify` can check its numbers. Raises RuntimeMissing if the Python for
    browsers has not been fetched.
    """
    scenario = what.scenario if isinstance(what, Estimate) else what
    words, live = texts_of(language)["live_page"], live_parts([scenario], language=language)
    return rendered(
        "live_page/page.html",
        language=language,
        title=title or scenario.title or words["title"],
        policy=policy(live.scripts, live.csp),
        css=Markup(asset("live_page/page.css") + live.css),
        panels=map(Markup, live.html),
        version=version("ketacost"),
        notice=credits(),
        blocks=[embedded(fingerprint([scenario])), *live.blocks],
        t=words,
    )


def _session(scenario: Scenario) -> dict[str, Any]:
    """What the panel paints before Python is awake, and the scenario with the day of its numbers, which stays."""
    dated = scenario if scenario.today else scenario.replace(today=_last_read())
    shown = Session(dated).shown(every=True)
    return {"table": plain_table(dated), "shown": {**shown, "told": {**shown["told"], "today": ""}}}


def _last_read() -> date:
    """The last day on which a source of the data was read: the day of a page whose scenario says none."""
    return date.fromisoformat(max(row["read_on"] for row in rows("sources")))


def _panel(found: Estimate, words: Mapping[str, str], *, first: bool) -> str:
    parts = {"head": Markup(head(found)), "static": Markup(static(found))}
    return rendered("live_page/panel.html", first=first, t=words, **parts)
