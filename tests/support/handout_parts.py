"""What tests of the handout read on it: the texts of the page by element, its points, months and calls."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import ketacost as kc
from ketacost.estimate.scenario import example, examples
from ketacost.reports.handout import handout, texts_of

TEXTS = {language: texts_of(language) for language in ("en", "es")}
PAGES = [(name, language) for name in examples() for language in TEXTS]
BLOCKS = ("h1", "h2", "h3", "p", "li", "th", "td", "dt", "dd", "div", "title", "button")


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


def own(html: str) -> str:
    """The page in its own language, without the one in English that prints with it."""
    return html.partition('<article lang="en">')[0] if '<html lang="es">' in html else html


def page_of(name: str, language: str = "en", **changes: Any) -> str:
    return own(handout(kc.estimate(example(name).replace(**changes)), language))


def points(html: str) -> list[str]:
    """What to know, without the costliest month, which is the last where money goes out."""
    known = Parts(own(html).partition('<div class="points">')[2].partition("</div>")[0]).of("li")
    return [point for point in known if not point.startswith(("Costliest", "El mes más caro"))]


def months(html: str) -> dict[str, dict[str, str]]:
    """The strip of months: by month, such as "Dec 2026", what each of its rows says."""
    heads, *rows = re.findall(r"<tr>(.*?)</tr>", own(html).partition('<div class="strip"')[2].partition("</table>")[0])
    _, *cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", heads)
    names, year = [], ""
    for cell in cells:
        month, _, new = cell.partition("<br>")
        year = new if new.isdigit() else year
        names.append(f"{month} {year}")
    found: dict[str, dict[str, str]] = {name: {} for name in names}
    for row in rows:
        label, *values = (re.sub("<[^>]*>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row))
        for name, value in zip(names, values, strict=True):
            found[name][label] = value
    return found


def days(html: str) -> list[str]:
    """The days to keep in mind, each with its letter: "A Dec 30, 2026: send the plan your first bills."."""
    listed = own(html).partition('<dl class="days">')[2].partition("</dl>")[0]
    return [re.sub("<[^>]*>", "", one) for one in re.findall("<div>(.*?)</div>", listed)]


def calls(html: str) -> list[str]:
    """The headings of the calls."""
    return Parts(own(html)).of("h3")


def body(html: str) -> str:
    """All that a reader of the page in its own language reads, without style and script."""
    return " ".join(text for _, text in Parts(own(html)).found)
