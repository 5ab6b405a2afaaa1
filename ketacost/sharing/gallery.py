"""A gallery: a folder with shared pages and an index of them that opens from a disk as well as from a web server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

from ketacost.core.fields import KetacostError
from ketacost.core.resources import asset
from ketacost.files.scenario_files import write_whole
from ketacost.sharing.page import page_texts, policy


@dataclass(frozen=True)
class Card:
    """What an index tells of a page: its file, title, question, the day of its numbers, its size in bytes, its fingerprint."""

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
    place, sources = Path(folder), [Path(one) for one in pages]
    if not sources:
        raise KetacostError("a gallery needs at least one shared page, as in: ketacost gallery page.html -o folder")
    names = [path.name for path in sources]
    if twice := {name for name in names if names.count(name) > 1 or name.lower() == "index.html"}:
        raise KetacostError(f"give each page a name of its own, and none index.html: {', '.join(sorted(twice))}")
    texts = [_read(path) for path in sources]
    cards = [card(path.name, text) for path, text in zip(sources, texts, strict=True)]
    place.mkdir(parents=True, exist_ok=True)
    for path, text in zip(sources, texts, strict=True):
        if path.resolve() != (place / path.name).resolve():
            write_whole(place / path.name, text)
    write_whole(place / "index.html", index(cards, language=language))
    return place / "index.html"


def card(name: str, text: str) -> Card:
    """What a shared page says of itself, read and not run. Raises KetacostError for a page of another making."""
    about = _About()
    about.feed(text)
    if not about.metas.get("generator", "").startswith("ketacost "):
        raise KetacostError(f"{name} is not a page that `ketacost share` made")
    question, as_of = (about.metas.get(key, "") for key in ("description", "ketacost-as-of"))
    return Card(
        name, about.title.strip(), question, as_of, len(text.encode()), about.metas.get("ketacost-fingerprint", "")
    )


def index(cards: Sequence[Card], *, language: str = "en") -> str:
    """The index as one HTML page without a script."""
    texts = {key: escape(text) for key, text in page_texts(language).items()}
    heads = "".join(f'<th scope="col">{texts[key]}</th>' for key in ("page", "asked", "date", "size", "fingerprint"))
    rows = "".join(_row(one) for one in cards)
    lead = texts["gallery_lead"].format(count=len(cards))
    css = asset("page_template/page.css")
    return (
        f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy(()))}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{texts['gallery']}</title>\n<style>\n{css}</style>\n</head>\n<body>\n"
        f'<a class="skip" href="#content">{texts["skip"]}</a>\n<div class="page wide"><main id="content" tabindex="-1">\n'
        f'<h1>{texts["gallery"]}</h1>\n<p>{lead}</p>\n<div class="scroll" role="group" aria-label="{texts["gallery"]}" tabindex="0">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>\n<p>{texts['advice']}</p>\n"
        "</main></div>\n</body>\n</html>\n"
    )


def _row(one: Card) -> str:
    link = f'<a href="{quote(one.name)}">{escape(one.title or one.name)}</a>'
    return (
        f'<tr><th scope="row">{link}</th><td>{escape(one.question)}</td><td>{escape(one.as_of)}</td>'
        f'<td class="num">{one.size / 1e6:.2f} MB</td><td><code>{escape(one.fingerprint)}</code></td></tr>'
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KetacostError(f"{path} cannot be read as a page") from error


class _About(HTMLParser):
    """The title and the metas of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.metas: dict[str, str] = {}
        self.title = ""
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "meta" and told.get("name"):
            self.metas.setdefault(str(told["name"]), told.get("content") or "")
        self._in_title = tag == "title" and not self.title

    def handle_endtag(self, tag: str) -> None:
        self._in_title = self._in_title and tag != "title"

    def handle_data(self, data: str) -> None:
        self.title += data if self._in_title else ""
