"""A gallery: a folder with shared pages and an index of them that opens from a disk as well as from a web server.

A module of its own, so that a gallery loads nothing of what sharing a notebook needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from ketacost.core.fields import KetacostError
from ketacost.core.resources import asset
from ketacost.core.writing import write_whole
from ketacost.sharing.html import parsed, policy, rendered
from ketacost.sharing.page import page_texts


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
        raise KetacostError(f"give each page a name of its own, and none index.html: {', '.join(sorted(twice))}")
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
    metas = {
        str(meta["name"]): str(meta.get("content", ""))
        for meta in reversed(tree.find_all("meta", attrs={"name": True}))
    }
    if not metas.get("generator", "").startswith("ketacost "):
        raise KetacostError(f"{name} is not a page that `ketacost share` made")
    title = tree.title.get_text().strip() if tree.title else ""
    question, as_of = metas.get("description", ""), metas.get("ketacost-as-of", "")
    return Card(name, title, question, as_of, len(text.encode()), metas.get("ketacost-fingerprint", ""))


def index(cards: Sequence[Card], *, language: str = "en") -> str:
    """The index as one HTML page without a script."""
    css = Markup(asset("page_template/page.css"))
    texts = page_texts(language)
    return rendered("page_template/gallery.html", cards=cards, language=language, t=texts, policy=policy(), css=css)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KetacostError(f"{path} cannot be read as a page") from error
