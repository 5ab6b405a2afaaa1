"""Notebooks to share in tests, what no shared page may hold, and a page opened in Chromium with the network cut."""

from __future__ import annotations

import os
import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import pytest
from lab import PATIENT, chrome
from places import ROOT
from playwright.sync_api import Page

from ketacost.sharing.browser import chromium
from ketacost.sharing.page import Page as SharedPage
from ketacost.sharing.page import page as page_of
from ketacost.sharing.page import read

NO_BROWSER = "no Chromium on this machine: install Debian's chromium, or name one in KETACOST_CHROMIUM"
OUR_SCRIPT = (ROOT / "ketacost" / "assets" / "page_template" / "page.js").read_text("utf-8")
DATA = ("application/json", "application/octet-stream")
NEVER = {"iframe", "object", "embed", "form", "base", "link", "frame", "frameset", "applet", "foreignobject", "portal"}
NEVER |= {"input", "textarea", "select", "video", "audio", "source", "animate", "set", "template", "math", "noscript"}


def book(*cells: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def told(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": "a", "metadata": {}, "source": source, **more}


def code(*outputs: dict[str, Any], source: str = "1") -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": "b",
        "metadata": {},
        "source": source,
        "execution_count": 1,
        "outputs": list(outputs),
    }


def display(data: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}}


def html(text: str) -> dict[str, Any]:
    return code(display({"text/html": text, "text/plain": "words"}))


def page(notebook: dict[str, Any], language: str = "en", **more: Any) -> SharedPage:
    return page_of(read(notebook, language), **more)


def left_out(notebook: dict[str, Any]) -> list[str]:
    return read(notebook).left_out


class Reader(HTMLParser):
    """Lists what a page holds that no shared page may hold."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.scripts: list[str] = []
        self.policies: list[str] = []
        self.open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = {name: value or "" for name, value in attrs}
        if tag == "script":
            self.open = had.get("type", "run")
            self.scripts += [""] if self.open == "run" else []
            self.wrong += [f"script of {had['type']}"] if had.get("type", DATA[0]) not in DATA else []
        if tag in NEVER:
            self.wrong.append(f"<{tag}>")
        if tag == "meta" and "http-equiv" in had:
            self.policies.append(had.get("content", ""))
            self.wrong += [] if had["http-equiv"] == "Content-Security-Policy" else [f"meta {had['http-equiv']}"]
        for name, value in had.items():
            self.wrong += [f"{tag} {name}"] if name.startswith("on") or name in ("srcdoc", "action", "ping") else []
            if name in ("href", "xlink:href") and not re.match(r"(https?://|mailto:|#)", value):
                self.wrong.append(f"{tag} {name}={value[:30]}")
            if name in ("src", "srcset", "background", "poster", "data"):
                self.wrong += wrong_picture(value)
            if name == "style" and re.search(
                r"url\(\s*[^#\s'\"]|expression|image-set|position|behavior|@|\\|binding", value, re.I
            ):
                self.wrong.append(f"style {value[:40]}")
            if name != "style" and tag != "meta" and re.search(r"url\(\s*['\"]?[^#'\")]", value):
                self.wrong.append(f"{name}={value[:30]}")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self.open = ""

    def handle_data(self, data: str) -> None:
        if self.open == "run":
            self.scripts[-1] += data


def wrong_picture(address: str) -> list[str]:
    """What is wrong with a picture's address; a drawing is opened and read like a page."""
    match = re.fullmatch(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,([A-Za-z0-9+/=]*)", address)
    if not match:
        return [f"src={address[:30]}"]
    return wrong_in(b64decode(match[2]).decode()) if match[1] == "svg+xml" else []


def wrong_in(text: str) -> list[str]:
    """What a piece of HTML holds that no shared page may hold."""
    reader = Reader()
    reader.feed(unquote(text) if text.startswith("data:") else text)
    reader.close()
    return [*reader.wrong, *("a script that runs" for one in reader.scripts)]


def wrong_page(text: str) -> list[str]:
    """What a whole shared page holds that it may not: anything of the above, or a script but ours."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    wrong = list(reader.wrong)
    wrong += [f"a script that is not ours: {one[:40]}" for one in reader.scripts if one != OUR_SCRIPT]
    wrong += [] if len(reader.policies) == 1 and "default-src 'none'" in reader.policies[0] else ["no one policy"]
    return wrong


def mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def need_browser() -> None:
    """Skip where there is no browser; fail where one is required."""
    if not chromium():
        if os.environ.get("KETACOST_REQUIRE_BROWSER"):
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)


@contextmanager
def cut_off(width: int = 1440, height: int = 900, **more: Any) -> Iterator[Page]:
    """A page without a network; `page.problems` lists what it asked for, what its console said, dialogs it opened."""
    with chrome() as running, running.new_context(viewport={"width": width, "height": height}, **more) as context:
        context.set_offline(True)
        page = context.new_page()
        page.set_default_timeout(PATIENT)
        problems: list[str] = []
        page.problems = problems  # type: ignore[attr-defined]
        page.on("console", lambda m: problems.append(f"console {m.type}: {m.text}"))
        page.on("pageerror", lambda error: problems.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("popup", lambda popup: problems.append(f"window: {popup.url}"))
        page.on(
            "request", lambda asked: problems.append(f"asked for {asked.url[:80]}") if _fetched(asked.url) else None
        )
        yield page


def _fetched(address: str) -> bool:
    return not address.startswith(("data:", "blob:")) and not (
        address.startswith("file:") and address.endswith(".html")
    )
