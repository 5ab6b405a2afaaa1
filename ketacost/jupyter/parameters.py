"""The cell of a notebook that names its patient and its day, tagged `parameters` as papermill has it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

TAG = "parameters"


def parameters_of(book: Mapping[str, Any]) -> dict[str, Any] | None:
    """The cell with the tag; None where a notebook has none."""
    cells = (cell for cell in book.get("cells", ()) if TAG in cell.get("metadata", {}).get("tags", ()))
    return next(cells, None)


def filled(text: str, scenario: str | None, today: str | None) -> str:
    """The text of a notebook's file whose parameters name a scenario and a day; as it is where it has no such cell.

    None for both takes the patient last saved or left off, on the day it was saved.
    """
    try:
        book = json.loads(text)
        cell = parameters_of(book)
    except (ValueError, AttributeError):
        return text
    if cell is None:
        return text
    comment = "  # a file or an example; None takes the patient last saved or left off"
    cell["source"] = [f"scenario = {json.dumps(scenario) if scenario else None}{comment}\n"]
    cell["source"].append(f"today = {json.dumps(today) if today else None}")
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"
