"""Write the second half of docs/glossary.md, the fields, from the model's own sentences: python tools/write_glossary.py.

The first half, the terms, is written by hand and stays as it is.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import ketacost

PAGE = Path(__file__).resolve().parent.parent / "docs" / "glossary.md"
HEADING = "## The fields"
ROOMS = ("core", "model", "taxes", "accounts", "estimate", "analysis")


def kinds() -> Iterator[type]:
    """The public dataclasses of the rooms from core to analysis, room by room, in the order of their modules."""
    modules = [module.name for module in pkgutil.walk_packages(ketacost.__path__, "ketacost.")]
    for room in ROOMS:
        for name in (name for name in modules if name.startswith(f"ketacost.{room}.")):
            yield from (kind for kind in vars(importlib.import_module(name)).values() if public_dataclass(kind, name))


def public_dataclass(kind: object, module: str) -> bool:
    """Whether something in a module is a public dataclass that the module itself defines."""
    if not inspect.isclass(kind) or kind.__module__ != module:
        return False
    return dataclasses.is_dataclass(kind) and not kind.__name__.startswith("_")


def entry(kind: type) -> str:
    """A class with its fields: those with words of their own as a table, the others by name."""
    fields = [field for field in dataclasses.fields(kind) if not field.name.startswith("_")]
    rows = [
        f"| `{field.name}` | {field.metadata['label']} | {field.metadata['meaning'].replace('|', '/')} |"
        for field in fields
        if field.metadata
    ]
    names = ", ".join(f"`{field.name}`" for field in fields if not field.metadata)
    lines = [f"### {kind.__name__}", "", f"`{kind.__module__}`. {' '.join(first_paragraph(kind).split())}", ""]
    lines += ["| field | label | meaning |", "| --- | --- | --- |", *rows, ""] if rows else []
    return "\n".join([*lines, f"Fields: {names}.", ""] if names else lines)


def first_paragraph(kind: type) -> str:
    """The first paragraph of a class's docstring."""
    return (inspect.getdoc(kind) or "").partition("\n\n")[0]


def page(text: str) -> str:
    """The page with its fields written again."""
    terms = text.partition(HEADING)[0]
    intro = (
        "One sentence for each field, from the package itself: the same one labels the panel's controls, fills the JSON Schema and "
        "explains an error. `tools/write_glossary.py` writes this part."
    )
    return "\n".join([f"{terms}{HEADING}", "", intro, "", *map(entry, kinds())]).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
    print(f"{sum(1 for _ in kinds())} classes in {PAGE.name}")
