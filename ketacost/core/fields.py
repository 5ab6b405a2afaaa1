"""The words: one description per field, written once, that feeds labels, the schema, the glossary and the errors."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, field, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar

from ketacost.core.words import cut, told

T = TypeVar("T")


class KetacostError(ValueError):
    """The base of every error of this package: its message says what was wrong, what was expected and what to do."""


class UnknownName(KetacostError):
    """A name that is not there; the message lists the near matches."""


def described(
    label: str, meaning: str, default: Any = MISSING, *, default_factory: Any = MISSING, unless: str = ""
) -> Any:
    """A dataclass field that carries its words: a short label for a form and the sentence a booklet would use.

    A file has to say it `unless` it says another field.
    """
    metadata = {"label": label, "meaning": meaning, **({"unless": unless} if unless else {})}
    if default_factory is not MISSING:
        return field(default_factory=default_factory, metadata=metadata)
    return field(metadata=metadata) if default is MISSING else field(default=default, metadata=metadata)


def descriptions(kind: type) -> Mapping[str, tuple[str, str]]:
    """Label and meaning of every field of a dataclass, by field name."""
    return {f.name: (f.metadata.get("label", ""), f.metadata.get("meaning", "")) for f in fields(kind)}


def unknown(kind: str, name: object, known: Any) -> UnknownName:
    """The error for a name that is not there: what it is called here, its near matches, or the list if it is short."""
    from difflib import get_close_matches

    if kind.startswith(("entry", "payer", "kind of plan", "column of a batch")) and (meant := other_name(str(name))):
        return UnknownName(f"there is no {kind} called {told(name)}: {meant}")
    names = sorted(map(str, known))
    near = get_close_matches(cut(str(name)), names, n=3, cutoff=0.5)
    hint = (
        f"did you mean {' or '.join(near)}?"
        if near and len(names) > 6
        else f"known: {', '.join(names[:12])}{', ...' if len(names) > 12 else ''}"
    )
    return UnknownName(f"there is no {kind} called {told(name)}; {hint}")


def other_name(written: str) -> str:
    """What people mean by a name that is not known here, in words; empty where no row of the list has it."""
    words = f" {' '.join(re.findall('[a-z0-9]+', cut(written).lower()))} "
    names = other_names()["is"]
    found = [name for name in names if f" {name} " in words]
    return names[max(found, key=len)] if found else ""


@cache
def other_names() -> Mapping[str, Mapping[str, str]]:
    """Other names of entries, with what to enter, and of some entries' values: other_names()["household.state"]."""
    from ketacost.core.references import read_toml

    return read_toml("other_names.toml")


def require(kind: str, name: object, known: Any) -> None:
    """Refuse a name that is not among the known ones. Raises UnknownName with the near matches."""
    try:
        there = name in known
    except TypeError:  # a list or a table is no name
        there = False
    if not there:
        raise unknown(kind, name, known)


def named(kind: str, name: Any, table: Mapping[Any, T]) -> T:
    """The entry of a name in a table. Raises UnknownName with the near matches."""
    require(kind, name, table)
    return table[name]


def replace(thing: T, /, **changes: Any) -> T:
    """A copy with some fields changed, checked like any other. Raises UnknownName for an unknown field."""
    kind: Any = type(thing)
    known = _names(kind)
    for name in changes:
        if name not in known:
            raise unknown(f"field of {type(thing).__name__}", name, known)
    return dataclasses.replace(thing, **changes)  # type: ignore[type-var]


@cache
def _names(kind: type) -> frozenset[str]:
    """The names of a dataclass's fields."""
    if not is_dataclass(kind):
        raise KetacostError(f"{kind.__name__} is no dataclass: replace() copies dataclasses with fields changed")
    return frozenset(f.name for f in fields(kind))


def of_kind(what: str, value: object, kind: type, example: str, error: type[KetacostError] = KetacostError) -> None:
    """Refuse a value of another type. Raises `error`, which shows how it is written."""
    if not isinstance(value, kind):
        raise error(f"{what} should be {example}, got {told(value)}")


def within(what: str, number: int, least: int, most: int, error: type[KetacostError] = KetacostError) -> None:
    """Refuse a count that lies outside its bounds. Raises `error`, which names both."""
    if not least <= number <= most:
        raise error(f"{what} is a whole number from {least:,} to {most:,}, got {told(number)}")


K = TypeVar("K")
V = TypeVar("V")


class Fixed(Mapping[K, V]):
    """A mapping that cannot be changed: what holds it stays frozen and can be compared, hashed and pickled."""

    __slots__ = ("_entries",)
    _entries: dict[K, V]

    def __init__(self, entries: Mapping[K, V] | None = None) -> None:
        self._entries = entries._entries if isinstance(entries, Fixed) else dict(entries or {})

    def __getitem__(self, key: K) -> V:
        return self._entries[key]

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[K]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __hash__(self) -> int:
        return hash(frozenset(self._entries.items()))

    def __repr__(self) -> str:
        return repr(self._entries)
