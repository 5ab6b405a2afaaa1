"""Copies to read everywhere: a notebook for viewers that run no scripts and strip drawings, and plain Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from bs4.element import NavigableString, Tag
from markupsafe import Markup

from ketacost.sharing.html import parsed
from ketacost.sharing.page import Content, Output
from ketacost.sharing.sanitize import MARKDOWN, clean_image, clean_markdown, lost

BLOCKS = ["p", "div", "li", "summary", "h1", "h2", "h3", "h4"]


def drawings_of(content: Content) -> tuple[str, ...]:
    """The drawings in the outputs of a notebook, as data addresses of SVG: viewers strip them, so they become PNG."""
    pictures = (picture for cell in content.cells for output in cell.outputs for picture in _pictures(output)[0])
    return tuple(dict.fromkeys(picture for picture in pictures if picture.startswith("data:image/svg+xml")))


def viewer_notebook(
    content: Content, painted: Mapping[str, str], fingerprint: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The notebook with text, HTML tables and PNG pictures alone; `painted` gives each drawing's PNG in base64."""
    notebook, cells = content.notebook, []
    for cell, shown in zip(notebook.get("cells", ()), content.cells, strict=True):
        cells.append({**cell, "source": _harmless(shown.source) if shown.kind == "markdown" else shown.source})
        if shown.kind == "code":
            cells[-1]["outputs"] = [view for output in shown.outputs for view in _viewed(output, painted)]
    about = {**notebook.get("metadata", {})}
    if fingerprint:
        about["ketacost"] = {**about.get("ketacost", {}), "fingerprint": fingerprint}
    return {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": notebook.get("nbformat_minor", 5)}


def markdown_copy(content: Content) -> str:
    """The notebook as Markdown: its words, its tables, each figure as its sentence and table. No pictures, no code."""
    parts = []
    for cell in content.cells:
        if cell.kind == "markdown":
            parts.append(re.sub(r"!\[[^\]]*\]\([^)]*\)", "", _harmless(cell.source)).strip())
        for output in cell.outputs:
            if output.figure:
                parts.append(f"**{_literal(output.text)}**")
            if output.html:
                parts += _marked(parsed(output.html))
            elif not output.figure:
                parts.append(output.note or "\n".join(f"    {line}" for line in output.text.splitlines()))
    parts.append(content.texts["advice"])
    return "\n\n".join(part for part in parts if part) + "\n"


def _harmless(source: str) -> str:
    """Markdown as it is; where anything of it does not stay in a page, its words and tables alone."""
    html = str(MARKDOWN(source))
    if not lost(html) and "#harmful-link" not in html:
        return source
    return "\n\n".join(_marked(parsed(clean_markdown(source))))


def _pictures(output: Output) -> tuple[list[str], str]:
    """The pictures of an output as data addresses, and its HTML without them."""
    if output.figure:
        sentence = Markup("<p><strong>{}</strong></p>").format(output.text)
        return [output.picture] if output.picture else [], sentence + output.html
    tree = parsed(output.html)
    pictures = []
    for tag in tree.find_all(["img", "svg"]):
        pictures.append(str(tag["src"]) if tag.name == "img" else clean_image("image/svg+xml", tag.decode()))
        tag.extract()
    return pictures, tree.decode() if tree.get_text(strip=True) else ""


def _viewed(output: Output, painted: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """An output as what every viewer shows: first the pictures, then the text and tables."""
    text = output.text or output.note
    pictures, html = _pictures(output)
    for picture in pictures:
        kind, _, packed = picture.removeprefix("data:").partition(";base64,")
        if kind == "image/svg+xml":
            kind, packed = "image/png", painted.get(picture, "")
        if packed:
            yield _display({kind: packed, "text/plain": text.partition("\n")[0]})
    if html:
        yield _display({"text/html": html, "text/plain": text})
    elif text and not pictures:
        yield _display({"text/plain": text})


def _display(data: dict[str, str]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _marked(tree: Tag) -> Iterator[str]:
    """Clean HTML as blocks of Markdown: paragraphs, lists and tables; what else it holds becomes its words."""

    def block(words: NavigableString) -> Tag:
        tables = words.find_parents("table")
        return tables[-1] if tables else words.find_parent(BLOCKS) or tree

    for _, texts in groupby(tree.find_all(string=True), key=lambda words: id(block(words))):
        strings = list(texts)
        place = block(strings[0])
        if place.name == "table":
            yield _table(place)
        elif words := _literal("".join(strings)):
            yield f"- {words}" if place.name == "li" else words


def _table(table: Tag) -> str:
    rows = []
    for row in table.find_all("tr"):
        cells = [_literal(cell.get_text()).replace("|", r"\|") for cell in row.find_all(["th", "td"], recursive=False)]
        rows.append(f"| {' | '.join(cells)} |")
        if len(rows) == 1:
            rows.append(f"|{' --- |' * len(cells)}")
    return "\n".join(rows)


def _literal(text: str) -> str:
    """Words that stay words in Markdown: no sign in them begins a tag, a link, emphasis or a formula."""
    return re.sub(r"([\\`*_\[\]<>$#])", r"\\\1", " ".join(text.split()))
