"""The words: one description per field, written once, that feeds labels, the schema, the glossary and the errors."""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, field, fields, is_dataclass
from datetime import date, datetime, time
from functools import cache, lru_cache
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

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
    return field(default=default, default_factory=default_factory, metadata=metadata)


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
    """A copy with some fields changed, checked like any other.

    Raises UnknownName for an unknown field, KetacostError for a value that the field cannot hold.
    """
    kind: Any = type(thing)
    hints = hints_of(kind)
    for name, value in changes.items():
        if name not in hints:
            raise unknown(f"field of {kind.__name__}", name, hints)
        changes[name] = _own(value, hints[name])
    try:
        made = dataclasses.replace(thing, **changes)  # type: ignore[type-var]
    except (AttributeError, TypeError):
        for name, value in changes.items():
            _check(value, hints[name], f"{name} of {kind.__name__}")
        raise
    for name in changes:
        _check(getattr(made, name), hints[name], f"{name} of {kind.__name__}")
    return made


def checked(thing: Any) -> None:
    """Keep numbers and days of a new thing as Python's own. Raises KetacostError for what a field cannot hold."""
    kind: Any = type(thing)
    for name, hint in hints_of(kind).items():
        value = getattr(thing, name)
        own = _own(value, hint)
        if own is not value:
            object.__setattr__(thing, name, own)
        _check(own, hint, f"{name} of {kind.__name__}")


@cache
def hints_of(kind: type) -> Mapping[str, Any]:
    """The resolved types of a dataclass's fields, with the marks of money and shares.

    Raises KetacostError for what is not a dataclass.
    """
    if not is_dataclass(kind):
        raise KetacostError(f"{kind.__name__} is not a dataclass: replace() copies dataclasses with fields changed")
    return get_type_hints(kind, include_extras=True)


def as_python(value: Any) -> Any:
    """A number or a day of numpy or pandas as Python's own, and a day without a time of day; the rest as it is."""
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = (value.astype("datetime64[us]") if type(value).__name__ == "datetime64" else value).item()
    if isinstance(value, datetime) and value == value and value.time() == time():  # a day that is missing is no day
        return value.date()
    return value


class Holds(NamedTuple):
    """What a field can hold: instances of `kinds`, one of `choices`; any without. A mapping or tuple holds `inner`."""

    kinds: tuple[type, ...]
    choices: tuple[Any, ...] = ()
    mark: str = ""
    inner: Any = None


@lru_cache(1_024)
def holds(hint: Any) -> Holds:
    """What a type hint lets a field hold, with the mark of money and shares."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return holds(args[0])._replace(mark=str(args[1]))
    if origin is Literal:
        return Holds((), args)
    if origin in (Union, types.UnionType):
        arms = [holds(arm) for arm in args]
        if any(arm == Holds(()) for arm in arms):
            return Holds(())
        return Holds(
            tuple(one for arm in arms for one in arm.kinds),
            tuple(one for arm in arms for one in arm.choices),
            next((arm.mark for arm in arms if arm.mark), ""),
            next((arm.inner for arm in arms if arm.inner), None),
        )
    kind = origin or hint
    if not isinstance(kind, type):
        return Holds(())
    return Holds((kind,), inner=args[1] if issubclass(kind, Mapping) and len(args) == 2 else args[0] if args else None)


_KINDS: dict[type, str] = {
    **{bool: "True or False", int: "a whole number", str: "text", type(None): "None", tuple: "a tuple"},
    **{date: "a date, as in date(2026, 11, 30)", Mapping: "a mapping"},
}
_WRITTEN = {
    "USD": ("whole cents", 'kc.usd("600") reads dollars'),
    "multiple": ("basis points", 'kc.multiple("140%") reads a multiple'),
    "share": ("basis points, 0 to 10000", 'kc.share("40%") reads a share'),
}


def _own(value: Any, hint: Any) -> Any:
    """A value as a field keeps it: numbers and days as Python's own, a list as a tuple."""
    held, value = holds(hint), as_python(value)
    if isinstance(value, list) and tuple in held.kinds:
        return tuple(value)
    if held.inner is not None and isinstance(value, Mapping):
        kept = {key: _own(each, held.inner) for key, each in value.items()}
        return Fixed(kept) if any(kept[key] is not value[key] for key in kept) else value
    return value


def _check(value: Any, hint: Any, what: str) -> None:
    """Refuse what a field cannot hold. Raises KetacostError for a value of another kind, or below zero."""
    held = holds(hint)
    if not (held.kinds or held.choices) or (isinstance(value, str | None) and value in held.choices):
        return
    fits = isinstance(value, held.kinds) and not any(
        isinstance(value, narrow) and narrow not in held.kinds for narrow in (bool, datetime)
    )
    if held.mark in _WRITTEN and isinstance(value, int):
        fits &= value >= 0 and (held.mark != "share" or value <= 10_000)
    if not fits:
        named = [_KINDS.get(one, f"a {one.__name__}") for one in held.kinds]
        expected, how = _WRITTEN.get(held.mark, (" or ".join([*map(repr, held.choices), *named]), ""))
        raise KetacostError(f"{what} should be {expected}, got {told(value)}{how and f'; {how}'}")
    if held.inner is not None and isinstance(value, Mapping):
        for key, each in value.items():
            _check(each, held.inner, f"{what} at {told(key)}")


def of_kind(
    what: str, value: object, kind: type | types.UnionType, example: str, error: type[KetacostError] = KetacostError
) -> None:
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
