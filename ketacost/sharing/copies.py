"""Copies to read everywhere: a notebook for viewers that run no scripts and strip drawings, and plain Markdown."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from html.parser import HTMLParser
from typing import Any

from ketacost.sharing.browser import PLOTLY, Figure, FigurePicture
from ketacost.sharing.page import CONTROLS, figure_table, source_of
from ketacost.sharing.sanitize import PICTURES, clean_html, clean_image, clean_svg, plain

DRAWING = re.compile(r'<img[^>]*\ssrc="(data:image/svg\+xml[^"]*)"[^>]*>|<svg\b.*?</svg>', re.DOTALL)


def drawings_of(notebook: Mapping[str, Any]) -> tuple[str, ...]:
    """The drawings in a notebook's outputs as data addresses, in order: viewers strip them, so they become PNG."""
    return tuple(address for output in _outputs(notebook) for address in _drawings(output.get("data", {})))


def viewer_notebook(
    notebook: Mapping[str, Any],
    texts: Mapping[str, str],
    figures: Sequence[Figure],
    pictures: Sequence[FigurePicture],
    painted: Sequence[str],
    fingerprint: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The notebook with text, HTML tables and PNG pictures, and nothing that needs a script or a program."""
    drawn = iter(zip(figures, [*pictures, *[FigurePicture()] * len(figures)], strict=False))
    paint = iter([*painted, *[""] * len(drawings_of(notebook))])
    cells = []
    for cell in notebook.get("cells", ()):
        kept = {**cell, "source": source_of(cell)}
        if cell.get("cell_type") == "code":
            found = (one for output in cell.get("outputs", ()) for one in _viewed(output, texts, drawn, paint))
            kept["outputs"] = list(found)
        cells.append(kept)
    about = {**notebook.get("metadata", {})}
    if fingerprint:
        about["ketacost"] = {**about.get("ketacost", {}), "fingerprint": fingerprint}
    return {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": notebook.get("nbformat_minor", 5)}


def markdown_copy(notebook: Mapping[str, Any], texts: Mapping[str, str], figures: Sequence[Figure]) -> str:
    """The notebook as Markdown: its words, its tables, and each figure as its sentence and table. No pictures, no code."""
    drawn = iter(figures)
    parts = []
    for cell in notebook.get("cells", ()):
        if cell.get("cell_type") == "markdown":
            parts.append(re.sub(r"!\[[^\]]*\]\([^)]*\)", "", plain(source_of(cell))).strip())
        for output in cell.get("outputs", ()) if cell.get("cell_type") == "code" else ():
            data = output.get("data") or {}
            if isinstance(data.get(PLOTLY), dict):
                one = next(drawn)
                parts.append(f"**{_literal(one.sentence)}**\n\n{_marked(figure_table(one, texts))}")
            elif html := source_of(data, "text/html"):
                parts.append(_marked(clean_html(html)))
            elif text := source_of(output, "text") or source_of(data, "text/plain"):
                told = texts["controls"] if CONTROLS.match(text) else ""
                parts.append(told or "\n".join(f"    {line}" for line in plain(text).strip("\n").splitlines()))
    parts.append(texts["advice"])
    return "\n\n".join(part for part in parts if part) + "\n"


def _outputs(notebook: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for cell in notebook.get("cells", ()):
        for output in cell.get("outputs", ()) if cell.get("cell_type") == "code" else ():
            if isinstance(output.get("data"), dict) and PLOTLY not in output["data"]:
                yield output


def _drawings(data: Mapping[str, Any]) -> list[str]:
    if html := source_of(data, "text/html"):
        return [found[1] or _address(found[0]) for found in DRAWING.finditer(clean_html(html))]
    drawing = clean_image("image/svg+xml", source_of(data, "image/svg+xml"))
    return [drawing] if drawing else []


def _address(drawing: str) -> str:
    return f"data:image/svg+xml;base64,{b64encode(clean_svg(drawing).encode()).decode()}"


def _viewed(
    output: Mapping[str, Any],
    texts: Mapping[str, str],
    drawn: Iterator[tuple[Figure, FigurePicture]],
    paint: Iterator[str],
) -> Iterator[dict[str, Any]]:
    """An output as one or two that every viewer shows: first the pictures, then the text and tables."""
    if output.get("output_type") == "stream":
        yield {"output_type": "stream", "name": output.get("name", "stdout"), "text": plain(source_of(output, "text"))}
        return
    if output.get("output_type") == "error":
        yield {
            "output_type": "error",
            "ename": plain(str(output.get("ename", ""))),
            "evalue": plain(str(output.get("evalue", ""))),
            "traceback": [plain(str(line)) for line in output.get("traceback", ())],
        }
        return
    data = output.get("data")
    if not isinstance(data, dict):
        return
    if isinstance(data.get(PLOTLY), dict):
        one, picture = next(drawn)
        if picture.png:
            yield _display({"image/png": picture.png.partition(",")[2], "text/plain": one.sentence})
        yield _display({"text/html": _framed(one.sentence, figure_table(one, texts)), "text/plain": one.sentence})
        return
    text = plain(source_of(data, "text/plain"))
    for _ in _drawings(data):
        if png := next(paint, ""):
            yield _display({"image/png": png.partition(",")[2], "text/plain": text.partition("\n")[0]})
    if html := source_of(data, "text/html"):
        yield _display({"text/html": DRAWING.sub("", clean_html(html)), "text/plain": text})
        return
    pictures = {kind: source_of(data, kind) for kind in PICTURES if clean_image(kind, source_of(data, kind))}
    kept = {"text/plain": texts["controls"] if CONTROLS.match(text) else text, **pictures}
    if any(kept.values()):
        yield _display(kept)


def _display(data: dict[str, str]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _framed(sentence: str, table: str) -> str:
    from html import escape

    return f"<p><strong>{escape(sentence)}</strong></p>{table}"


class _Marked(HTMLParser):
    """Cleaned HTML as Markdown: paragraphs, lists and tables; what else it holds becomes its words."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.words: list[str] = []
        self.row: list[str] = []
        self.rows = 0
        self.in_table = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.flush("")
            self.in_table, self.rows = self.in_table + 1, 0
        elif tag == "tr":
            self.row = []
        elif tag in ("p", "div", "li", "summary", "h1", "h2", "h3", "h4"):
            self.flush("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td"):
            self.row.append(self.taken().replace("|", r"\|"))
        elif tag == "tr" and self.row:
            self.parts.append(f"| {' | '.join(self.row)} |")
            self.rows += 1
            if self.rows == 1:
                self.parts.append(f"|{' --- |' * len(self.row)}")
            self.row = []
        elif tag == "caption":
            self.taken()
        elif tag == "table":
            self.in_table -= 1
            self.parts.append("")
        elif tag in ("p", "div", "li", "summary", "h1", "h2", "h3", "h4"):
            self.flush("- " if tag == "li" else "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def taken(self) -> str:
        words, self.words = _literal(" ".join("".join(self.words).split())), []
        return words

    def flush(self, mark: str) -> None:
        if not self.in_table and (words := self.taken()):
            self.parts += [f"{mark}{words}", ""]


def _marked(html: str) -> str:
    reader = _Marked()
    reader.feed(html)
    reader.close()
    reader.flush("")
    return "\n".join(reader.parts).strip()


def _literal(text: str) -> str:
    """Words that stay words in Markdown: no sign in them begins a tag, a link, emphasis or a formula."""
    return re.sub(r"([\\`*_\[\]<>$#|])", r"\\\1", unescape(text)).replace(r"\|", "|")
