"""The fingerprint that a shared page or notebook holds, read as data: nothing of the page is run or loaded."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ketacost.core.fields import KetacostError
from ketacost.privacy.notebooks import readings
from ketacost.sharing.verify import FORMAT, ID, canonical


class CannotTell(KetacostError):
    """A page whose numbers cannot be checked; the message says why, and what can be done."""


def fingerprint_in(path: Path) -> tuple[dict[str, Any], str]:
    """A page's fingerprint, and its text as a reader sees it. Raises CannotTell where there is none that can be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise CannotTell(f"{path.name} cannot be read: {why}") from error
    if path.suffix.lower() == ".ipynb":
        held, seen = _in_notebook(text, path), ""
    else:
        page = _Page()
        page.feed(text)
        page.close()
        held, seen = ["".join(parts) for parts in page.held], next(readings(text))
    if not held:
        raise CannotTell(
            f"{path.name} has no fingerprint: was it made with `ketacost share`, and from outputs with a scenario?"
        )
    if len(held) > 1:
        raise CannotTell(f"{path.name} has {len(held)} fingerprints, expected one: the page was put together by hand")
    try:
        made = json.loads(held[0])
    except (json.JSONDecodeError, RecursionError) as error:
        raise CannotTell(f"the fingerprint of {path.name} is broken: {error}; ask for the page again") from None
    return _checked(made, path.name), seen


class _Page(HTMLParser):
    """The texts of a page's fingerprints; nothing of the page is run or loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[list[str]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag == "script" and ("id", ID) in attrs
        if self.inside:
            self.held.append([])

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.held[-1].append(data)


def _in_notebook(text: str, path: Path) -> list[str]:
    try:
        held = json.loads(text).get("metadata", {}).get("ketacost", {}).get("fingerprint")
    except (ValueError, AttributeError, RecursionError):
        raise CannotTell(f"{path.name} is no notebook: it cannot be read as JSON") from None
    return [canonical(held)] if held else []


def _checked(made: Any, name: str) -> dict[str, Any]:
    """A fingerprint of a form that is known here."""
    if isinstance(made, dict) and isinstance(made.get("format"), int) and made["format"] > FORMAT:
        told = (
            f"{name} was made with a newer ketacost ({made.get('package', 'unknown')}; this is {version('ketacost')})"
        )
        raise CannotTell(f"{told}: update ketacost and try again")
    forms = {
        "format": int,
        "package": str,
        "made_on": str,
        "left_out": int,
        "rules": dict,
        "files": dict,
        "values": dict,
    }
    parts = {"name": str, "sentence": str, "marks": dict, "scenario": dict, "numbers": dict}
    whole_one = isinstance(made, dict) and all(isinstance(made.get(key), form) for key, form in forms.items())
    inner = made.get("scenarios") if whole_one else None
    if not isinstance(inner, list) or not inner or not isinstance(made.get("shown"), list):
        raise CannotTell(f"the fingerprint of {name} is broken: parts of it are missing; ask for the page again")
    if not all(
        isinstance(one, dict) and all(isinstance(one.get(k), form) for k, form in parts.items()) for one in inner
    ):
        raise CannotTell(f"the fingerprint of {name} is broken: a scenario in it is not whole; ask for the page again")
    found: dict[str, Any] = made
    return found
