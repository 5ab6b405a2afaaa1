"""Numbers with sources: the constants and observations in `data/`, a value on a day, and its citation.

Rules' constants are in TOML (label, unit, source, place in the source, value by date), observations in CSV (one row
each). Every number names a row of `sources.csv`, and a day without a value is an error, never extrapolated.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from ketacost.core.fields import KetacostError, named, unknown
from ketacost.core.money import dollars, percent, share, usd
from ketacost.core.resources import data_folder

GRADES = ("primary", "secondary", "advertised", "assumption")
"""How good the sources of a number are, best first; the grade travels with the number to the page."""


class NotKnownOn(KetacostError):
    """A day outside the years for which a number has been published; the message says which are known."""


@dataclass(frozen=True)
class Source:
    """Where a number was read: a row of `data/sources.csv`."""

    id: str
    organisation: str
    title: str
    url: str
    date: str
    read_on: str
    grade: str
    note: str = ""

    def __str__(self) -> str:
        return f"{self.organisation}, {self.title}" + (f" ({self.date})" if self.date else "")


@dataclass(frozen=True)
class Citation:
    """A number that was used: its value as shown, the source, the place in it, and the grade."""

    what: str
    value: str
    unit: str
    source: Source
    where: str
    grade: str

    @classmethod
    def of(cls, row: Mapping[str, str], what: str, value: str, unit: str, where: str) -> Citation:
        """The citation of a row of the data, by its columns `source` and `grade`."""
        return cls(what, value, unit, source(row["source"]), where, row["grade"])

    def __str__(self) -> str:
        return f"{self.what}: {self.value} [{self.grade}: {self.source}{', ' + self.where if self.where else ''}]"


@dataclass(frozen=True)
class Known:
    """A parameter's value and the days for which it is valid, first and last included."""

    first: date
    last: date
    value: int
    source: str
    where: str


@dataclass(frozen=True)
class Parameter:
    """A constant of a rule, by date. Values in USD are cents, shares are basis points, counts are plain numbers."""

    name: str
    label: str
    unit: str
    grade: str
    values: tuple[Known, ...]

    def on(self, day: date) -> int:
        """The value on a day. Raises NotKnownOn outside the days that were published."""
        return self._known(day).value

    def citation(self, day: date) -> Citation:
        """The citation of the value on a day."""
        known = self._known(day)
        return Citation(self.label, self.as_text(known.value), self.unit, source(known.source), known.where, self.grade)

    def as_text(self, value: int) -> str:
        """A value as written: dollars, percent or a count."""
        if self.unit.startswith("USD"):
            return dollars(value)
        return percent(value) if self.unit.startswith("share") else str(value)

    def _known(self, day: date) -> Known:
        for known in self.values:
            if known.first <= day <= known.last:
                return known
        stretches = "; ".join(
            f"{self.as_text(k.value)} from {k.first} to {k.last} ({source(k.source)})" for k in self.values
        )
        raise NotKnownOn(
            f"{self.label} ({self.name}) is not known on {day}. Known: {stretches}. Add it to data/parameters with its "
            "source, or choose a day inside."
        )


@cache
def rows(table: str) -> tuple[Mapping[str, str], ...]:
    """All rows of a table in `data`, as text: rows("medicare/localities"). Raises UnknownName for no table."""
    path = data_folder() / f"{table}.csv"
    if not path.is_file():
        tables = (p.relative_to(data_folder()).with_suffix("") for p in data_folder().rglob("*.csv"))
        raise unknown("table", table, [p.as_posix() for p in tables])
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def read_toml(path: str) -> Mapping[str, Any]:
    """One TOML file of the data, by its path below the data folder."""
    return tomllib.loads((data_folder() / path).read_text(encoding="utf-8"))


def names_in(folder: str) -> tuple[str, ...]:
    """The names of the TOML files in a folder of the data, sorted."""
    return tuple(sorted(p.stem for p in (data_folder() / folder).glob("*.toml")))


@cache
def sources() -> Mapping[str, Source]:
    """Every source, by its id: sources()["42-cfr-414-48"].title."""
    return {row["id"]: Source(**row) for row in rows("sources")}


def source(name: str) -> Source:
    """One source by its id: source("42-cfr-414-48").title. Raises UnknownName with the near matches."""
    return named("source", name, sources())


def assumption(name: str) -> Mapping[str, str]:
    """A value of our own, by its row of `data/assumptions.csv`. Raises UnknownName with the near matches."""
    assumptions = {row["name"]: row for row in rows("assumptions")}
    return named("assumption", name, assumptions)


def assumption_citation(name: str) -> Citation:
    """The citation of an assumption: its reason, graded as an assumption."""
    row = assumption(name)
    value = f"{row['central']} ({row['low']} to {row['high'] or 'open'})"
    return Citation.of(row, name, value, row["unit"], row["why"])


@cache
def parameters() -> Mapping[str, Parameter]:
    """Every parameter of `data/parameters/*.toml`, by its dotted name."""
    return {p.name: p for name in names_in("parameters") for p in parameters_in(f"parameters/{name}.toml")}


def parameters_in(path: str) -> tuple[Parameter, ...]:
    """The parameters of one TOML file of the data, by its path below the data folder."""
    return tuple(_tables(read_toml(path), ""))


def parameter(name: str) -> Parameter:
    """One parameter by its dotted name: parameter("medicare.part_b.deductible"). Raises UnknownName."""
    return named("parameter", name, parameters())


def _tables(tree: Mapping[str, Any], prefix: str) -> Iterator[Parameter]:
    for key, table in tree.items():
        if not isinstance(table, Mapping):
            continue
        if "values" in table:
            yield _parameter(f"{prefix}{key}", table)
        else:
            yield from _tables(table, f"{prefix}{key}.")


def _parameter(name: str, table: Mapping[str, Any]) -> Parameter:
    starts = sorted((date.fromisoformat(day), entry) for day, entry in table["values"].items())
    ends = [start - timedelta(days=1) for start, _ in starts[1:]] + [table["known_through"]]
    known = []
    for (first, entry), last in zip(starts, ends, strict=True):
        table_of_day = entry if isinstance(entry, Mapping) else {"value": entry}
        known.append(
            Known(
                first,
                last,
                _value(table_of_day["value"], table["unit"], name),
                table_of_day.get("source") or table["source"],
                table_of_day.get("where") or table["where"],
            )
        )
    return Parameter(name, table["label"], table["unit"], table["grade"], tuple(known))


def _value(value: Any, unit: str, name: str) -> int:
    return (
        usd(str(value), what=name)
        if unit.startswith("USD")
        else share(str(value), what=name)
        if unit.startswith("share")
        else int(value)
    )
