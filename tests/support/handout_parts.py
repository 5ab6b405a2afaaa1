"""What tests of the handout read on it: the texts of the page by element."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import ketacost as kc
from ketacost.estimate.scenario import example, examples
from ketacost.reports.handout import handout, texts_of

TEXTS = {language: texts_of(language) for language in ("en", "es")}
PAGES = [(name, language) for name in examples() for language in TEXTS]
BLOCKS = ("h1", "h2", "p", "li", "th", "td", "dt", "dd", "div", "title", "button")


class Parts(HTMLParser):
    """The texts of a page by element, in order; style and script are left out."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.inside.append(tag)
        if tag in BLOCKS:
            self.found.append((tag, ""))

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not {"style", "script"} & set(self.inside):
            tag, text = self.found[-1]
            self.found[-1] = tag, text + data

    def of(self, *tags: str) -> list[str]:
        return [" ".join(text.split()) for tag, text in self.found if tag in tags and text.strip()]


def page_of(name: str, language: str = "en", **changes: Any) -> str:
    return handout(kc.estimate(example(name).replace(**changes)), language)


def points(html: str) -> list[str]:
    return Parts(html).of("li")


def body(html: str) -> str:
    """All that a reader reads, without style and script."""
    return " ".join(text for _, text in Parts(html).found)
