"""What people write, in a file, a form or a table, to the package's frozen things, and back. Standard library alone,
because the page that runs in a browser opens the same files.

Every problem of a file is listed at once, each with its place, what was expected and what to do.
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin

from ketacost.core.dates import NoDay, day_of, written_start, year_start
from ketacost.core.fields import Fixed, KetacostError, as_python, hints_of, holds, require, unknown
from ketacost.core.money import dollars, multiple, percent, share, usd
from ketacost.core.untrusted import FIRST_YEAR, LAST_YEAR
from ketacost.core.words import MOST_LINES, told

T = TypeVar("T")
MOST_COUNT, MOST_DIGITS = 100_000, 20
"""The largest whole number that an entry takes, and its digits; what an entry is about may allow fewer."""

NONE = ("none", "no limit", "unlimited", "")
YES, NO = ("true", "yes", "y", "1"), ("false", "no", "n", "0")


class EntryError(KetacostError):
    """What is wrong with something written: one line a problem, in `problems`."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        more = [f"and {len(problems) - MOST_LINES:,} more"] if len(problems) > MOST_LINES else []
        super().__init__("\n".join([*problems[:MOST_LINES], *more]))


def read(kind: Any, written: object, where: str = "") -> Any:
    """A thing from a table as people write it (TOML, JSON, a CSV row made into a table).

    Dollars may be 600 or "1,234.50", shares 0.4 or "40%", days 2026-11-30. Raises EntryError with every problem found.
    """
    problems: list[str] = []
    thing = _convert(written, kind, where, problems)
    if problems:
        raise EntryError(problems)
    return thing


def written(thing: Any) -> Any:
    """The same thing as people would write it: the table that `read` reads back to an equal thing.

    Defaults are left out.

    Raises KetacostError for what is not a dataclass.
    """
    if not is_dataclass(thing) or isinstance(thing, type):
        raise KetacostError(f"{thing!r} cannot be written to a file")
    hints = hints_of(type(thing))
    table = {}
    for f in fields(thing):
        value = getattr(thing, f.name)
        default = f.default if f.default_factory is MISSING else f.default_factory()
        if default is MISSING or value != default or "unless" in f.metadata:
            table[f.name] = written_as(value, hints[f.name])
    return table


def written_as(value: Any, hint: Any) -> Any:
    """A value of a type as people write it: written_as(380_000, Cents) is 3800."""
    held = holds(hint)
    if is_dataclass(value) and not isinstance(value, type):
        return written(value)
    if isinstance(value, Mapping):
        return {key: written_as(entry, held.inner) for key, entry in value.items()}
    if isinstance(value, tuple):
        return [written_as(entry, held.inner) for entry in value]
    if isinstance(value, int) and not isinstance(value, bool):
        if held.mark == "day of the year":
            return written_start(value)
        if held.mark == "USD":
            return value // 100 if value % 100 == 0 else dollars(value)
        return percent(value) if held.mark in ("share", "multiple") else value
    return "none" if value is None else value


def as_text(value: Any) -> Any:
    """Days as ISO text, all the way down, as JSON needs them."""
    if isinstance(value, dict):
        return {key: as_text(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [as_text(entry) for entry in value]
    return value.isoformat() if isinstance(value, date) else value


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A table with some entries changed; tables inside it are merged, anything else is replaced."""
    table = dict(base)
    for key, value in changes.items():
        old = table.get(key)
        table[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return table


def put(thing: T, path: str, value: object) -> T:
    """The same thing with one entry changed, by its path: put(scenario, "prices.charges.infusion", "550").

    Raises KetacostError for a path that leads nowhere or a value that the entry cannot take.
    """
    return cast(T, _put(thing, path.split("."), value, path))


def get(thing: Any, path: str) -> Any:
    """The entry at a path as people write it; None where a mapping lacks it. Raises KetacostError for no entry."""
    hint: Any = type(thing)
    for name in path.split("."):
        if is_dataclass(thing) and not isinstance(thing, type):
            require("entry", name, hints_of(type(thing)))
            hint, thing = hints_of(type(thing))[name], getattr(thing, name)
        elif isinstance(thing, Mapping):
            hint, thing = _inner(hint), thing.get(name)
        elif thing is not None:
            raise KetacostError(f"{path}: there is nothing at {told(name)}; {told(thing)} has no entries")
    return None if thing is None else written_as(thing, hint)


@lru_cache(4_096)
def hint_at(kind: type, path: str) -> Any:
    """The type of the entry at a path, marks of money and shares kept: hint_at(Scenario, "prices.charges.infusion")."""
    hint: Any = kind
    names = path.split(".")
    for at, name in enumerate(names):
        table = _dataclass_in(hint)
        if table is None:
            hint = _inner(hint)
        elif name in hints_of(table):
            hint = hints_of(table)[name]
        else:
            raise unknown(_entry_of(names[:at]), name, hints_of(table))
    return hint


def _entry_of(above: Sequence[str]) -> str:
    """What an entry below others is called in an error: "entry of household"."""
    return f"entry of {'.'.join(above)}" if above else "entry"


def kind_of(hint: Any) -> str:
    """What kind of number a type holds: money, share, multiple, count or day; "text" for anything else."""
    held = holds(holds(hint).inner or hint)
    if held.mark in ("USD", "share", "multiple"):
        return "money" if held.mark == "USD" else held.mark
    return "count" if int in held.kinds else "day" if date in held.kinds else "text"


def _put(thing: Any, names: list[str], value: object, path: str, hint: Any = None) -> Any:
    name, rest = names[0], names[1:]
    what = _entry_of(path.split(".")[: -len(names)])
    if is_dataclass(thing) and not isinstance(thing, type):
        hints = hints_of(type(thing))
        require(what, name, hints)
        old = getattr(thing, name)
        if rest and old is None:
            old = _empty(hints[name], what, name, hints)
        return replace(
            thing, **{name: _put(old, rest, value, path, hints[name]) if rest else read(hints[name], value, path)}
        )
    if isinstance(thing, Mapping):
        inner = _inner(hint)
        old = thing.get(name)
        if rest and old is None:
            old = _empty(inner, what, name, thing) or Fixed()
        return Fixed({**thing, name: _put(old, rest, value, path, inner) if rest else read(inner, value, path)})
    raise KetacostError(f"{path}: there is nothing at {told(name)}; {told(thing)} has no entries")


def _empty(hint: Any, what: str, name: str, thing: Any) -> Any:
    """What a type starts from where nothing is there yet: a thing of defaults; None where it has no entries."""
    kind = _dataclass_in(hint)
    try:
        return read(kind, {}) if kind else None
    except EntryError:
        raise unknown(what, name, thing) from None


def _dataclass_in(hint: Any) -> type | None:
    return next(filter(is_dataclass, holds(hint).kinds), None)


def _inner(hint: Any) -> Any:
    """The type of a mapping's values."""
    if Mapping in holds(hint).kinds:
        return holds(hint).inner
    raise KetacostError("an entry that holds one value has no entries in it")


def _convert(value: Any, hint: Any, where: str, problems: list[str]) -> Any:
    try:
        return _one(as_python(value), hint, where, problems)
    except KetacostError as error:
        problems.append(f"{where}: {error}" if where and where not in str(error) else str(error))
    except (TypeError, ValueError) as error:
        problems.append(f"{where}: {error}")
    return None


def _one(value: Any, hint: Any, where: str, problems: list[str]) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        readers = {"USD": usd, "share": share, "multiple": multiple, "day of the year": year_start}
        return readers[args[1]](value, what=where)
    if origin in (Union, types.UnionType):
        return _either(value, args, where, problems)
    if origin is Literal:
        if value in args:
            return value
        raise unknown(f"choice for {where}", value, args)
    if is_dataclass(hint):
        return value if isinstance(value, cast(type, hint)) else _thing(value, hint, where, problems)
    if origin is tuple:
        parts = [p.strip() for p in value.split(",") if p.strip()] if isinstance(value, str) else value
        if not isinstance(parts, list | tuple):
            raise KetacostError(f"{where} should be a list, got {told(value)}")
        return tuple(_convert(p, args[0], f"{where}[{i}]", problems) for i, p in enumerate(parts))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise KetacostError(f"{where} should be a table of entries, got {told(value)}")
        return Fixed(
            {str(k): _convert(v, args[1], f"{where}.{k}" if where else str(k), problems) for k, v in value.items()}
        )
    return _plain(value, hint, where)


def _plain(value: Any, hint: Any, where: str) -> Any:
    text = value.strip().lower() if isinstance(value, str) else ""
    if hint is bool:
        if isinstance(value, bool) or text in YES + NO:
            return value if isinstance(value, bool) else text in YES
        raise KetacostError(f"{where} should be yes or no, got {told(value)}")
    if hint is int:
        whole = re.fullmatch(r"(-?[0-9]+)(\.0*)?", text)
        number = int(whole[1]) if whole and len(text) < MOST_DIGITS else value
        if not isinstance(number, int) or isinstance(number, bool):
            raise KetacostError(f"{where} should be a whole number, got {told(value)}")
        if not -MOST_COUNT <= number <= MOST_COUNT:
            raise KetacostError(f"{where} should be a whole number up to {MOST_COUNT:,}, got {told(value)}")
        return number
    if hint is date:
        more = ""
        try:
            day = day_of(value) if isinstance(value, str) else value
            if isinstance(day, date) and not isinstance(day, datetime):
                if FIRST_YEAR <= day.year <= LAST_YEAR:
                    return day
                more = f": a day lies between the years {FIRST_YEAR} and {LAST_YEAR}"
        except NoDay:
            pass
        except KetacostError as error:
            more = f": {error}"
        raise KetacostError(f"{where} should be a day such as 2026-11-30, got {told(value)}{more}")
    if hint is str:
        if isinstance(value, str):
            return value
        raise KetacostError(f"{where} should be text, got {told(value)}")
    raise KetacostError(f"{where} cannot be given in a file")


def _either(value: Any, arms: tuple[Any, ...], where: str, problems: list[str]) -> Any:
    if type(None) in arms and (value is None or (isinstance(value, str) and value.strip().lower() in NONE)):
        return None
    choices = [choice for arm in arms if get_origin(arm) is Literal for choice in get_args(arm)]
    if isinstance(value, str) and value in choices:
        return value
    rest = [arm for arm in arms if arm is not type(None) and get_origin(arm) is not Literal]
    fitting = [arm for arm in rest if is_dataclass(arm) == isinstance(value, Mapping)] or rest
    if not fitting:
        raise unknown(f"choice for {where}", value, choices)
    return _one(value, fitting[0], where, problems)


def _thing(table: Any, kind: Any, where: str, problems: list[str]) -> Any:
    if not isinstance(table, Mapping):
        needed = [f.name for f in fields(kind) if _has_no_default(f)]
        example = ", ".join(f"{name} = ..." for name in needed)
        how = f"; write it in a file, as {{ {example} }}" if needed else ""
        raise KetacostError(f"{where or kind.__name__} should be a table, got {told(table)}{how}")
    hints, before, values = hints_of(kind), len(problems), {}
    for key, value in table.items():
        place = f"{where}.{key}" if where else str(key)
        if key in hints:
            values[key] = _convert(value, hints[key], place, problems)
        else:
            problems.append(f"{place}: {unknown('entry', key, hints)}")
    for f in fields(kind):
        missing = _has_no_default(f) or ("unless" in f.metadata and f.metadata["unless"] not in table)
        if f.name not in table and missing:
            problems.append(f"{where + '.' if where else ''}{f.name} is missing: {f.metadata.get('meaning', '')}")
    return kind(**values) if len(problems) == before else None


def _has_no_default(f: Field[Any]) -> bool:
    return f.default is MISSING and f.default_factory is MISSING
