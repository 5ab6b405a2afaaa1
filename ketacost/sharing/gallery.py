"""A gallery: a folder with shared pages and an index of them that opens from a disk as well as from a web server.

A module of its own, so that a gallery loads nothing of what sharing a notebook needs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path

from bs4 import BeautifulSoup
from markupsafe import Markup

from ketacost.core.fields import KetacostError
from ketacost.core.resources import asset, front_end
from ketacost.core.untrusted import LARGE_FILE, bytes_in, read_json
from ketacost.core.writing import write_whole
from ketacost.estimate.texts import texts_of
from ketacost.sharing.browser import BUNDLES, bundle_text
from ketacost.sharing.html import parsed, policy, rendered
from ketacost.sharing.live import CSP
from ketacost.sharing.pyodide import RuntimeMissing, packed, parts


@dataclass(frozen=True)
class Card:
    """What an index says of a page: its file, title, question, the day of its numbers, size in bytes, fingerprint."""

    name: str
    title: str
    question: str
    as_of: str
    size: int
    fingerprint: str


def gallery(pages: Sequence[str | Path], folder: str | Path, *, language: str = "en") -> Path:
    """Copy shared pages into a folder and write an index.html that lists them, in the order given.

    Raises KetacostError for what is no shared page, for two pages of one name, and for a page called index.html.
    """
    place, sources = Path(folder), [Path(page) for page in pages]
    if not sources:
        raise KetacostError("a gallery needs at least one shared page, as in: ketacost gallery page.html -o folder")
    names = [path.name for path in sources]
    if twice := {name for name in names if names.count(name) > 1 or name.lower() == "index.html"}:
        raise KetacostError(f"give each page its own name, and none of them index.html: {', '.join(sorted(twice))}")
    texts = {path: _read(path) for path in sources}
    cards = [card(path.name, text) for path, text in texts.items()]
    place.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        if path.resolve() != (place / path.name).resolve():
            write_whole(place / path.name, text)
    write_whole(place / "index.html", index(cards, language=language))
    return place / "index.html"


def card(name: str, text: str) -> Card:
    """What a shared page says of itself, read and not run. Raises KetacostError for one that `share` did not make."""
    tree = parsed(text)
    if not re.match(r"<!doctype html>\s*<html", text) or tree.find("meta", attrs={"name": "generator"}) is None:
        raise KetacostError(f"{name} is not a page that `ketacost share` made")
    if wrong := changed(text, tree):
        raise KetacostError(f"{name} is not a page as this ketacost makes them: {wrong}. Share the notebook again")
    metas = {
        str(meta["name"]): str(meta.get("content", ""))
        for meta in reversed(tree.find_all("meta", attrs={"name": True}))
    }
    if not metas.get("generator", "").startswith("ketacost "):
        raise KetacostError(f"{name} is not a page that `ketacost share` made")
    title = tree.title.get_text().strip() if tree.title else ""
    question, as_of = metas.get("description", ""), metas.get("ketacost-as-of", "")
    return Card(name, title, question, as_of, len(text.encode()), metas.get("ketacost-fingerprint", ""))


START = re.compile(
    r'<!doctype html>\s*<html lang="[\w-]*">\s*<head>\s*<meta charset="utf-8">\s*'
    r'<meta http-equiv="Content-Security-Policy" content="([^"<>]*)">'
)
"""How every page begins: what comes before its policy could run without one."""

DATA = ("application/json", "application/octet-stream", "application/gzip-base64")
"""Kinds of script elements that no browser runs."""

NEVER = ("iframe", "frame", "object", "embed", "base", "link", "applet", "portal")


def changed(text: str, tree: BeautifulSoup) -> str:
    """What a page may run, load or lead to that no page of this package does; empty where there is nothing.

    Its policy has to be one of those that pages have, so that no script but the package's own can run in it.
    """
    begins = START.match(text)
    if not begins or unescape(begins[1]) not in _policies():
        return "its policy is another one"
    if tags := tree.find_all(NEVER) or tree.find_all("meta", attrs={"http-equiv": "refresh"}):
        return f"it holds <{tags[0].name}>"
    for tag in tree.find_all(True):
        for name, value in tag.attrs.items():
            if name.startswith("on") or SCHEMES.match(re.sub(r"[\x00-\x20]", "", str(value))):
                return f"the {name} of a <{tag.name}> would run or lead astray"
    own = {asset("page_template/page.js"), asset("live_page/boot.js")}
    for tag in tree.find_all("script"):
        kind, content = tag.get("type"), tag.get_text()
        if kind not in DATA and (content not in own or tag.get("src")):
            return "a script in it is another one"
        if kind in DATA[1:] and content not in _carried():
            return "a program that it carries is another one"
    lives = [read_json(tag.get_text()) for tag in tree.find_all(id="ketacost-live")]
    front = front_end(), asset("live_page/engine.js")
    if any((live.get("panel"), live.get("engine")) != front for live in lives) or len(lives) > 1:
        return "the panel that it carries is another one"
    return ""


SCHEMES = re.compile("(?:javascript|vbscript|data:(?!image/(?:png|jpeg|gif|webp|svg\\+xml)[;,]))", re.IGNORECASE)


@cache
def _policies() -> frozenset[str]:
    """The policies that pages have: static or live, with each bundle that draws figures or none; and a live page's."""
    bundles = [[], *([bundle_text(name)] for name in BUNDLES)]
    boot = asset("live_page/boot.js")
    known = {policy([boot], CSP)}
    for bundle in bundles:
        scripts = [asset("page_template/page.js"), *bundle]
        known |= {policy(scripts), policy([*scripts, boot], CSP)}
    return frozenset(known)


@cache
def _carried() -> frozenset[str]:
    """The programs that a page carries packed: the bundles that draw figures, and Python with its library."""
    programs = {packed(bundle_text(name).encode()) for name in BUNDLES}
    with suppress(RuntimeMissing):
        programs |= set(parts().values())
    return frozenset(programs)


def index(cards: Sequence[Card], *, language: str = "en") -> str:
    """The index as one HTML page without a script."""
    css = Markup(asset("page_template/page.css"))
    texts = texts_of(language)["shared_page"]
    return rendered("page_template/gallery.html", cards=cards, language=language, t=texts, policy=policy(), css=css)


def _read(path: Path) -> str:
    try:
        return bytes_in(path, LARGE_FILE).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KetacostError(f"{path} cannot be read as a page") from error
