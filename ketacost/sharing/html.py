"""HTML for shared pages: one reader, one policy, one way to fill a template."""

from __future__ import annotations

import json
import warnings
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256

from bs4 import BeautifulSoup
from bs4.exceptions import ParserRejectedMarkup
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from ketacost.core.fields import KetacostError
from ketacost.core.resources import asset

DIRECTIVES = {"default-src": (), "img-src": ("data:",), "style-src": ("'unsafe-inline'",), "script-src": ()}
DIRECTIVES |= {"connect-src": (), "form-action": (), "base-uri": ()}
"""What a page may use, and from where: of most things nothing."""


def parsed(html: str) -> BeautifulSoup:
    """HTML as a tree; nothing in it is run or loaded. Raises KetacostError for what no parser takes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a cell may well hold nothing but an address or an XML heading
        try:
            return BeautifulSoup(html, "html.parser", multi_valued_attributes=None)
        except ParserRejectedMarkup as error:
            raise KetacostError("this HTML is broken and cannot be read") from error


def script_hash(script: str) -> str:
    """An inline script as a policy names it."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def policy(scripts: Sequence[str] = (), more: Mapping[str, Sequence[str]] | None = None) -> str:
    """A page's Content-Security-Policy: only these scripts, by hash, and `more`, as in {"worker-src": ("blob:",)}."""
    sources = {name: list(allowed) for name, allowed in DIRECTIVES.items()}
    sources["script-src"] += map(script_hash, scripts)
    for name, added in (more or {}).items():
        sources.setdefault(name, []).extend(added)
    named = {name: " ".join(dict.fromkeys(allowed)) or "'none'" for name, allowed in sources.items()}
    return "; ".join(f"{name} {allowed}" for name, allowed in named.items())


def json_block(data: object, *, sort_keys: bool = False) -> str:
    """Data as JSON for a script element that no browser runs: nothing in it can end the element or begin a comment."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def script_block(text: str, **attributes: str) -> Markup:
    """A script element. The text must not hold the end of one; `data_part` becomes the attribute data-part."""
    named = "".join(f' {name.replace("_", "-")}="{escape(value)}"' for name, value in attributes.items())
    return Markup(f"<script{named}>{text}</script>")


TEMPLATES = Environment(
    loader=FunctionLoader(asset), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
TEMPLATES.filters["json_block"] = lambda data: Markup(json_block(data))


def rendered(template: str, **fields: object) -> str:
    """A template of `ketacost/assets`, filled. Every field is escaped unless it is Markup."""
    return TEMPLATES.get_template(template).render(fields)
