"""Sharing: a notebook becomes one self-contained, private, offline page, and its copies."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ketacost.core.fields import KetacostError
from ketacost.core.untrusted import LARGE_FILE, bytes_in, net, read_json
from ketacost.core.words import cut
from ketacost.core.writing import write_whole
from ketacost.estimate.scenario import Scenario, scenario_from
from ketacost.estimate.texts import texts_of
from ketacost.privacy.identifiers import FoundIdentifier
from ketacost.privacy.notebooks import cleaned
from ketacost.sharing.browser import NoBrowser, drawn, needed, painted, printed
from ketacost.sharing.copies import drawings_of, markdown_copy, viewer_notebook
from ketacost.sharing.page import Content, as_of_day, page, read, scenarios_named
from ketacost.sharing.verify import embedded, fingerprint, fingerprint_of, named_alike, scenarios_in

if TYPE_CHECKING:
    from ketacost.sharing.live import LiveParts

Pictures = TypeVar("Pictures")


@dataclass(frozen=True)
class Shared:
    """What was written: the page, its copies, title, size in bytes, the identifiers found and what was left out."""

    page: Path
    copies: tuple[Path, ...]
    title: str
    size: int
    identifiers: tuple[FoundIdentifier, ...]
    left_out: tuple[str, ...]

    def __repr__(self) -> str:
        more = f", and {', '.join(path.name for path in self.copies)}" if self.copies else ""
        return f"Shared {self.page.name} ({self.size / 1e6:.2f} MB){more}"


def share_notebook(
    notebook: str | Path,
    out: str | Path,
    *,
    pdf: bool = False,
    live: bool = False,
    language: str = "en",
    allow: Sequence[str] = (),
    people: Sequence[str] = (),
    ipynb: str | Path | None = None,
    md: str | Path | None = None,
    draw: bool = True,
) -> Shared:
    """Write a notebook as one HTML file to give to somebody: share_notebook("costs.ipynb", "costs.html").

    The page works without a network and holds no name, path or hidden state. `pdf` also writes a PDF, `live` makes its
    panel work without Python, `ipynb` and `md` write copies for viewers that run no scripts. `draw=False` leaves out
    the pictures for browsers that run no scripts. The notebook is never run, and nothing in it is: a notebook from a
    stranger is safe to share. Raises IdentifiersFound for anything that may identify somebody (unless its kind is in
    `allow`), KetacostError for a file that is not a notebook or would be overwritten.
    """
    source, target = Path(notebook), Path(out)
    targets = [target, *(Path(copy) for copy in (ipynb, md) if copy), *([target.with_suffix(".pdf")] if pdf else [])]
    _may_write(source, targets)
    if pdf:
        needed()
    texts_of(language)  # an unknown language is refused before anything is read
    with net(source.name):
        gate = cleaned(read_notebook(source), people=people, allow=allow, name=source.name)
        content = read(gate.notebook, language)
        left_out: list[str] = []
        scenarios, evidence = _scenarios_of(gate.notebook, left_out)
        if draw:
            drawable = [output for output in content.figures if output.figure and output.figure.drawable]
            waiting = [output for output in drawable if not output.picture]
            figures = [output.figure for output in waiting if output.figure]
            for output, picture in zip(waiting, _from_browser(lambda: drawn(figures), left_out) or (), strict=False):
                output.picture = picture
        html, title = page(
            content,
            name=source.stem,
            scenarios=tuple(scenarios.values()),
            fingerprint=embedded(evidence) if evidence else "",
            live=_live(content, scenarios) if live else None,
        )
        write_whole(target, html)
        if ipynb:
            painting = _from_browser(lambda: painted(drawings_of(content)), left_out) if draw else None
            copy = viewer_notebook(content, painting or {}, evidence)
            write_whole(ipynb, json.dumps(copy, indent=1, ensure_ascii=False) + "\n")
        if md:
            write_whole(md, markdown_copy(content))
        if pdf:
            printed(target, target.with_suffix(".pdf"))
        missing = tuple(dict.fromkeys((*left_out, *content.left_out)))
        return Shared(target, tuple(targets[1:]), title, target.stat().st_size, gate.identifiers, missing)


def read_notebook(path: Path) -> dict[str, Any]:
    """A notebook file as plain data. Raises KetacostError for what is not a notebook of format 4."""
    try:
        notebook = read_json(bytes_in(path, LARGE_FILE).decode("utf-8-sig"))
    except OSError as error:
        raise KetacostError(f"{path} cannot be read: {error.strerror}") from error
    except KetacostError as error:
        raise KetacostError(f"{path.name} is not a notebook: {error}") from None
    except ValueError as error:
        raise KetacostError(f"{path.name} is not a notebook: it is not JSON ({cut(str(error))})") from error
    if not isinstance(notebook, dict) or not _is_notebook(notebook):
        raise KetacostError(f"{path.name} is not a notebook of format 4; open it in JupyterLab and save it again")
    return notebook


def _is_notebook(notebook: Mapping[str, Any]) -> bool:
    """Whether it has the bones of a notebook: cells with sources, outputs with data, tables where tables belong."""
    cells, about = notebook.get("cells"), notebook.get("metadata", {})
    if notebook.get("nbformat", 4) != 4 or not isinstance(cells, list) or not isinstance(about, dict):
        return False
    for cell in cells:
        if not isinstance(cell, dict):
            return False
        outputs, attached = cell.get("outputs", []), cell.get("attachments") or {}
        if not isinstance(outputs, list) or not _are_tables([attached, *outputs]):
            return False
        bundles = [*attached.values(), *(output.get("data", {}) for output in outputs)]
        if not _are_tables([*bundles, *(each.get("metadata", {}) for each in (cell, *outputs))]):
            return False
        texts = [data for bundle in bundles for mime, data in bundle.items() if not mime.endswith("json")]
        texts += [cell.get("source", ""), *(output.get("text", "") for output in outputs)]
        lists = [output.get("traceback", []) for output in outputs]
        if not all(map(_is_text, texts)) or not all(isinstance(lines, list) for lines in lists):
            return False
    return True


def _are_tables(parts: Sequence[Any]) -> bool:
    return all(isinstance(part, dict) for part in parts)


def _is_text(part: Any) -> bool:
    """Whether it is a text, or its lines in a list."""
    return isinstance(part, str) or (isinstance(part, list) and all(isinstance(line, str) for line in part))


def _scenarios_of(book: Mapping[str, Any], left_out: list[str]) -> tuple[dict[str, Scenario], dict[str, Any] | None]:
    """The scenarios that the outputs carry, or the shipped examples that the code names; and their fingerprint."""
    day = _day(as_of_day(book))
    try:
        if carried := scenarios_in(book):
            return carried, fingerprint_of(book, made_on=day)
        named = named_alike(scenarios_named(book))
        return named, fingerprint(named, made_on=day) if named else None
    except KetacostError as error:
        left_out.append(f"no fingerprint and no sources: the notebook carries a scenario that cannot be read ({error})")
        return {}, None


def _live(content: Content, scenarios: Mapping[str, Scenario]) -> LiveParts:
    """Live panels for the notebook's panels; where it has none, one for its first scenario."""
    from ketacost.sharing.live import live_parts

    panels = [scenario_from(output.panel) for output in content.panels if output.panel] or list(scenarios.values())[:1]
    if not panels:
        raise KetacostError("nothing in this notebook can be live: no output has a scenario. Share it without --live")
    return live_parts(panels, language=content.language)


def _from_browser(work: Callable[[], Pictures], left_out: list[str]) -> Pictures | None:
    """What the browser draws; None, and why, where it cannot."""
    try:
        return work()
    except NoBrowser:
        left_out.append("no pictures for where scripts do not run: this machine has no Chromium, Chrome or Edge")
    except KetacostError as error:
        left_out.append(f"no pictures for where scripts do not run: {error}")
    return None


def _may_write(source: Path, targets: Sequence[Path]) -> None:
    taken = [source.resolve(), *(target.resolve() for target in targets)]
    for target in targets:
        if taken.count(target.resolve()) > 1:
            raise KetacostError(f"{target} would be overwritten: give the notebook and each copy its own file")
        if not target.absolute().parent.is_dir():
            raise KetacostError(f"there is no folder {target.absolute().parent} to write {target.name} in")
    if targets[0].suffix.lower() not in (".html", ".htm"):
        raise KetacostError(f"a shared page ends in .html, not in {targets[0].suffix!r}")


def _day(text: str) -> Any:
    for form in ("%d %B %Y", "%Y-%m-%d", "%B %d, %Y"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None
