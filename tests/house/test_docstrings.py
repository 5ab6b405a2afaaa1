"""Docstrings that an API page can show, and field sentences that a form can show: the form that both must have.

`python tests/house/test_docstrings.py` lists everything that breaks a rule, in the rooms that are not held to them yet too.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import ketacost as kc
from ketacost.core.fields import KetacostError

HELD = (
    *("core", "model", "taxes", "accounts", "estimate", "analysis"),
    *("files", "reports", "privacy", "sharing", "jupyter"),
)
"""The rooms that keep the rules. A room is added here once it does."""

LONGEST_FIRST_LINE = 120
FEWEST_WORDS = 6

UNITS = {
    "Cents": r"\b(cents|dollars?|USD)\b|\$",
    "Share": r"\b(share|percent|percentage|rate|chance|part of|basis points)\b|%",
    "Multiple": r"\b(times|multiple|percent|basis points)\b|%",
}
"""The words of which a field's label or sentence must hold one, by the type of the field."""

DAY_COUNTS = re.compile(r"(^|_)(days|months|years|minutes|hours)($|_)")


EXAMPLES = """
import doctest, importlib, sys
found = [doctest.testmod(importlib.import_module(name)) for name in sys.argv[1:]]
print(sum(each.failed for each in found), "of", sum(each.attempted for each in found))
"""


def test_every_example_in_a_docstring_gives_what_it_says() -> None:
    """In a process of its own: some examples register a payer or a service for the session."""
    names = [module.__name__ for module in modules()]
    done = subprocess.run([sys.executable, "-c", EXAMPLES, *names], capture_output=True, text=True, check=True)
    failed, examples = re.findall(r"\d+", done.stdout.splitlines()[-1])
    assert (failed, int(examples) > 50) == ("0", True), done.stdout


# What there is


def modules(rooms: tuple[str, ...] | None = None) -> list[ModuleType]:
    """The package's modules, or those of some rooms."""
    names = [module.name for module in pkgutil.walk_packages(kc.__path__, "ketacost.")]
    names = [name for name in names if name != "ketacost.__main__" and (not rooms or name.split(".")[1] in rooms)]
    return [importlib.import_module(name) for name in names]


def public_things(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The public functions, classes, methods and properties that a module defines, by their names."""
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", "") != module.__name__:
            continue
        if inspect.isclass(thing):
            yield name, thing
            for part, member in vars(thing).items():
                plain = getattr(member, "fget", None) or getattr(member, "__func__", None) or member
                if not part.startswith("_") and (inspect.isfunction(plain) or hasattr(member, "fget")):
                    yield f"{name}.{part}", plain
        elif callable(thing):
            yield name, inspect.unwrap(thing)


# Docstrings


def wrong_docstring(name: str, thing: Any, *, offered: bool = False) -> Iterator[str]:
    """What is wrong with one docstring; an `offered` function is one that `ketacost` itself hands out."""
    text = inspect.getdoc(thing) if inspect.isclass(thing) else thing.__doc__
    first = (text or "").strip().partition("\n")[0].strip()
    if not first or (dataclasses.is_dataclass(thing) and first.startswith(f"{name}(")):
        yield "has no docstring"
        return
    if len(first) > LONGEST_FIRST_LINE:
        yield f"has a first line of {len(first)} characters"
    if not first.endswith("."):
        yield "has a first line that does not end a sentence"
    if inspect.isfunction(thing):
        if raised(thing) and "Raises" not in str(text):
            yield f"raises {', '.join(sorted(raised(thing)))} and does not say so"
        if offered and ">>>" not in str(text) and f"{thing.__name__}(" not in str(text):
            yield "has no example"


def raised(function: Any) -> set[str]:
    """The errors of ours that a function raises in its own body, but for those in a `try`, which it may catch."""
    try:
        body = ast.parse(inspect.cleandoc("\n" + inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return set()
    caught = {
        id(inner)
        for node in ast.walk(body)
        if isinstance(node, ast.Try)
        for part in node.body
        for inner in ast.walk(part)
    }
    names = {
        node.exc.func.id
        for node in ast.walk(body)
        if id(node) not in caught
        and isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and isinstance(node.exc.func, ast.Name)
    }
    known = inspect.getmodule(function).__dict__  # type: ignore[union-attr]
    return {name for name in names if inspect.isclass(known.get(name)) and issubclass(known[name], KetacostError)}


def offered() -> set[int]:
    """What a user calls: the functions among the public names, and among those of the modules that are public."""
    things = [getattr(kc, name) for name in kc.__all__]
    things += [
        getattr(module, name)
        for module in things
        if inspect.ismodule(module)
        for name in getattr(module, "__all__", ())
    ]
    return {id(inspect.unwrap(thing)) for thing in things if callable(thing) and not inspect.isclass(thing)}


def wrong_docstrings(module: ModuleType) -> list[str]:
    """Everything that is wrong with a module's docstrings, by name."""
    calls = offered()
    return [
        f"{module.__name__}.{name} {what}"
        for name, thing in public_things(module)
        for what in wrong_docstring(name, thing, offered=id(thing) in calls)
    ]


@pytest.mark.parametrize("room", HELD)
def test_every_public_docstring_has_the_form_of_an_api_page(room: str) -> None:
    assert [line for module in modules((room,)) for line in wrong_docstrings(module)] == []


def fine(day: int) -> int:
    """Take a day and give it back: fine(3). Raises KetacostError below 1."""
    if day < 1:
        raise KetacostError("a day is 1 or more")
    return day


def silent(day: int) -> int:
    """Take a day and give it back."""
    if day < 1:
        raise KetacostError("a day is 1 or more")
    return day


def unended() -> None:
    """Some words without an end"""


def bare() -> None:
    pass


def test_a_right_docstring_passes() -> None:
    assert list(wrong_docstring("fine", fine, offered=True)) == []


@pytest.mark.parametrize(
    ("thing", "told"),
    [
        (silent, ["raises KetacostError and does not say so", "has no example"]),
        (unended, ["has a first line that does not end a sentence", "has no example"]),
        (bare, ["has no docstring"]),
    ],
    ids=["silent", "unended", "bare"],
)
def test_a_wrong_docstring_is_seen(thing: Any, told: list[str]) -> None:
    assert list(wrong_docstring(thing.__name__, thing, offered=True)) == told


# Field sentences


def described_fields(module: ModuleType) -> Iterator[tuple[str, dataclasses.Field[Any]]]:
    """The fields with words of a module's dataclasses, by class and name."""
    for name, kind in vars(module).items():
        if inspect.isclass(kind) and kind.__module__ == module.__name__ and dataclasses.is_dataclass(kind):
            for field in dataclasses.fields(kind):
                if field.metadata:
                    yield f"{name}.{field.name}", field


def wrong_sentence(field: dataclasses.Field[Any]) -> Iterator[str]:
    """What is wrong with the sentence of a field: too short, no end, or no unit for money, a share, days or months."""
    sentence = field.metadata["meaning"]
    if len(sentence.split()) < FEWEST_WORDS:
        yield f"has {len(sentence.split())} words: {sentence}"
    if not sentence.endswith((".", "}")):
        yield f"does not end a sentence: {sentence}"
    for kind, unit in UNITS.items():
        if re.search(rf"\b{kind}\b", str(field.type)) and not re.search(unit, sentence, re.IGNORECASE):
            yield f"does not say its unit ({kind}): {sentence}"
    count = DAY_COUNTS.search(field.name) if "int" in str(field.type) else None
    if count and count[2].rstrip("s") not in sentence.lower():
        yield f"does not say its unit ({count[2]}): {sentence}"


def wrong_sentences(module: ModuleType) -> list[str]:
    """Everything that is wrong with a module's field sentences, by field."""
    return [
        f"{module.__name__}.{name} {what}" for name, field in described_fields(module) for what in wrong_sentence(field)
    ]


@pytest.mark.parametrize("room", HELD)
def test_every_field_sentence_is_one_and_says_its_unit(room: str) -> None:
    assert [line for module in modules((room,)) for line in wrong_sentences(module)] == []


def a_field(kind: str, meaning: str, name: str = "copay") -> dataclasses.Field[Any]:
    """A field with a type and a sentence, as `described` makes one."""
    field = dataclasses.field(metadata={"label": "Label", "meaning": meaning})
    field.name, field.type = name, kind
    return field


def test_a_right_sentence_passes() -> None:
    assert list(wrong_sentence(a_field("Cents", "The fixed amount you pay a visit, in cents."))) == []


@pytest.mark.parametrize(
    ("field", "told"),
    [
        (a_field("str", "Far too short."), "has 3 words"),
        (a_field("Cents | None", "The fixed amount you pay for a visit."), "does not say its unit (Cents)"),
        (a_field("Share", "What you owe of the allowed amount."), "does not say its unit (Share)"),
        (a_field("int", "How long the rebate takes to come.", "rebate_days"), "does not say its unit (days)"),
        (a_field("str", "A sentence that never comes to its end"), "does not end a sentence"),
    ],
)
def test_a_wrong_sentence_is_seen(field: dataclasses.Field[Any], told: str) -> None:
    (line,) = wrong_sentence(field)
    assert line.startswith(told)


if __name__ == "__main__":
    for one in modules():
        print("\n".join([*wrong_docstrings(one), *wrong_sentences(one)] or [f"{one.__name__}: nothing"]))
