"""Which rules and which data an answer goes through, each with a short mark of what it says.

The rules are found by reading the package's own source, from the functions that answer a scenario to all that they use.
Comments, docstrings and layout do not count: a mark changes when what is computed may change, and names the function.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from ketacost.core.resources import PACKAGE as PACKAGE_FOLDER
from ketacost.taxes.households import STATES

PACKAGE = "ketacost"
ENTRANCES = (
    *(
        ("estimate.scenario", "scenario_from"),
        ("estimate.answer", "run"),
        ("estimate.calendar", "calendar"),
        ("estimate.calendar", "bottom_line"),
    ),
    *(("estimate.estimate", "spread"), ("estimate.explain", "citations")),
)
"""Where the numbers of a fingerprint come from."""

TAXES = (
    "taxes.savings",
    "taxes.federal",
    "taxes.federal",
    "taxes.local",
    "taxes.local",
    "taxes.states",
    "taxes.schedules",
    "taxes.returns",
    "taxes.tables",
    "taxes.savings",
)
"""What is gone through only where a scenario has a household."""

SILENT = ("ctx", "kind", "type_comment", "type_params", "type_ignores")
"""What a tree of Python says that changes nothing, or that only some versions of Python say."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


class Room(NamedTuple):
    """A module as it reads: what it defines, by name, and which names it takes from which module."""

    defined: Mapping[str, Definition]
    taken: Mapping[str, tuple[str, str]]


class Reached(NamedTuple):
    """What the rules go through: a mark of every function, by module, and the texts that stand in them."""

    marks: Mapping[str, Mapping[str, str]]
    texts: frozenset[str]


@cache
def reached(states: frozenset[str] = frozenset(), folder: Path | None = None) -> Reached:
    """Every function and constant that answers go through, marked, from this package's own source or that in a folder.

    `states` are those of the scenarios' households; without one the rules of taxes are left out.
    """
    place = folder or PACKAGE_FOLDER
    todo, seen, texts = list(ENTRANCES), set[tuple[str, str]](), set[str]()
    while todo:
        module, name = todo.pop()
        here = room(place, module)
        if (module, name) in seen or name not in here.defined or (module in TAXES and not states):
            continue
        seen.add((module, name))
        for part in _walked(here.defined[name], states):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                texts.add(part.value)
            elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                owner, inner = here.taken.get(part.value.id, ("", ""))
                whole = f"{owner}.{inner}"
                is_module = (place / f"{whole.replace('.', '/')}.py").is_file()
                todo.append((whole, part.attr) if is_module else (module, part.value.id))
            elif isinstance(part, ast.Name):
                todo.append(here.taken.get(part.id, (module, part.id)))
    marks: dict[str, dict[str, str]] = {}
    for module, name in sorted(seen):
        marks.setdefault(module, {})[name] = mark(said(room(place, module).defined[name]))
    return Reached(marks, frozenset(texts))


def _walked(node: ast.AST, states: frozenset[str]) -> Iterator[ast.AST]:
    """A definition and everything in it; of a table by state, the wanted states alone."""
    yield node
    if isinstance(node, ast.Dict) and node.keys and all(_is_state(key) for key in node.keys):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value in states:
                yield from _walked(value, states)
        return
    for part in ast.iter_child_nodes(node):
        yield from _walked(part, states)


def _is_state(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and key.value in STATES


@cache
def room(folder: Path, module: str) -> Room:
    """One module as it reads; an empty one where there is none."""
    path = folder / f"{module.replace('.', '/')}.py"
    if not path.is_file():
        return Room({}, {})
    tree = ast.parse(path.read_text(encoding="utf-8"))
    defined: dict[str, Definition] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined[node.name] = node
        elif isinstance(node, ast.Assign):
            defined |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            defined[node.target.id] = node
    taken = {
        alias.asname or alias.name: (node.module.removeprefix(f"{PACKAGE}."), alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and f"{node.module}.".startswith(f"{PACKAGE}.")
        for alias in node.names
    }
    return Room(defined, taken)


def mark(text: str, length: int = 5) -> str:
    """A short mark of a text: the start of its SHA-256."""
    return sha256(text.encode()).hexdigest()[:length]


def said(node: Any) -> str:
    """What a piece of Python does, as text that is alike in every version of Python."""
    if isinstance(node, list):
        return f"[{','.join(map(said, node))}]"
    if isinstance(node, ast.Constant):
        return f"={node.value!r}"
    if not isinstance(node, ast.AST):
        return repr(node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "described":
        return f"said({said([*node.args[2:], *node.keywords])})"  # a field's label and meaning are words, no rule
    told = []
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(value, list):
            value = _without_docstring(value)
        if name not in SILENT and value is not None and value != []:
            told.append(f"{name}:{said(value)}")
    return f"{type(node).__name__}({','.join(told)})"


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    docstring = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return body[1:] if docstring else body
