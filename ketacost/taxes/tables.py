"""The tax tables of `data/tax`, with sources: an amount, steps or brackets by jurisdiction, item, year and filing status.

Amounts become whole cents, percentages millionths, ages and counts stay as they are. A year that a table does not hold is
told with the nearest one that it does, and is used only for those who name it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from ketacost.core.fields import KetacostError, unknown
from ketacost.core.references import Citation, rows, source
from ketacost.taxes.schedules import brackets

STATUSES = ("single", "married_joint", "married_separate", "head_of_household", "surviving_spouse")
"""The five filing statuses of a federal return."""

UNITS = {"USD": 100, "percent": 10_000, "years": 1, "count": 1}
MARGIN = 110
"""An amount that is not in yet is asked for up to 10% past where last year's mattered: indexing stays below that."""


class NotKnownFor(KetacostError):
    """A tax year that the tables do not hold for a jurisdiction; the message names the nearest one that they do.

    `field` of a household set to `nearest` asks for that year instead; it is empty where there is no such way out.
    """

    def __init__(self, what: str, year: int, known: tuple[int, ...], field: str = "") -> None:
        self.made_of = (what, year, known, field)
        self.field, self.nearest = field, nearest(known, year)
        way_out = f": to see it as if {self.nearest}, set {field}={self.nearest}" if field else ""
        told = f"known: {', '.join(map(str, known))}. The nearest year is {self.nearest}{way_out}"
        super().__init__(f"{what}, {year}: not known; {told if known else 'known for no year'}")

    def __reduce__(self) -> tuple[type[NotKnownFor], tuple[str, int, tuple[int, ...], str]]:
        return type(self), self.made_of


@dataclass(frozen=True)
class Row:
    """One row of a tax table: what holds in a jurisdiction from one year to another, for some filing statuses."""

    jurisdiction: str
    item: str
    first_year: int
    last_year: int
    statuses: tuple[str, ...]
    shape: str
    start: int
    value: int
    matters: str
    written: str
    unit: str
    grade: str
    source: str
    where: str

    def citation(self) -> Citation:
        """The citation of this row."""
        return Citation(
            _named(self.jurisdiction, self.item), self.written, self.unit, source(self.source), self.where, self.grade
        )


class Mark(NamedTuple):
    """A stand-in that was asked for: whose item of which year is not in, and the year it is shown as if."""

    jurisdiction: str
    item: str
    year: int
    as_if: int


class Matter(NamedTuple):
    """An amount that is not known for the year: for whom it matters, and the error or the mark they get."""

    low: int
    high: int
    two_earners: bool
    aged: bool
    error: NotKnownFor | None
    mark: Mark


class Table(NamedTuple):
    """A rule with its amounts for a year and a filing status, the rows they came from and what is missing in them."""

    compute: Callable[..., Any]
    used: tuple[Row, ...]
    missing: tuple[Matter, ...]


TABLES = ("federal", "payroll", "state_brackets", "state_amounts")


@cache
def items(jurisdiction: str) -> Mapping[str, tuple[Row, ...]]:
    """Every row of a jurisdiction, by item. Raises UnknownName for one that has none."""
    try:
        return _all()[jurisdiction]
    except KeyError:
        raise unknown("jurisdiction", jurisdiction, _all()) from None


@cache
def _all() -> Mapping[str, Mapping[str, tuple[Row, ...]]]:
    found: dict[str, dict[str, list[Row]]] = {}
    for table in TABLES:
        for row in rows(f"tax/{table}"):
            named = STATUSES if row["filing_statuses"] == "all" else tuple(row["filing_statuses"].split())
            made = Row(
                row["jurisdiction"],
                row["item"],
                int(row["first_year"]),
                int(row["last_year"]),
                named,
                row["shape"],
                _whole(row["from_usd"], 100),
                _whole(row["value"], UNITS[row["unit"]]),
                row["matters"],
                row["value"],
                row["unit"],
                row["grade"],
                row["source"],
                row["where"],
            )
            found.setdefault(made.jurisdiction, {}).setdefault(made.item, []).append(made)
    return {name: {item: tuple(held) for item, held in kept.items()} for name, kept in found.items()}


def _whole(written: str, scale: int) -> int:
    scaled = Decimal(written) * scale
    if scaled != scaled.to_integral_value():
        raise KetacostError(f"{written} is finer than the tables are kept in")
    return int(scaled)


def years(jurisdiction: str, item: str, status: str = "single") -> tuple[int, ...]:
    """The years for which an item is known, ascending."""
    held = [row for row in items(jurisdiction).get(item, ()) if status in row.statuses]
    return tuple(sorted({year for row in held for year in range(row.first_year, row.last_year + 1)}))


def holding(jurisdiction: str, item: str, year: int, status: str) -> tuple[Row, ...]:
    """The rows of an item that hold in a year for a filing status, lowest start first; none where it is not known."""
    held = [
        row
        for row in items(jurisdiction).get(item, ())
        if row.first_year <= year <= row.last_year and status in row.statuses
    ]
    return tuple(sorted(held, key=lambda row: row.start))


def ready(held: tuple[Row, ...]) -> Any:
    """Rows as a rule takes them: an amount, or steps (the highest first), or brackets."""
    if held[0].shape == "amount":
        return held[0].value
    pairs = tuple((row.start, row.value) for row in held)
    return brackets(pairs) if held[0].shape == "schedule" else tuple(reversed(pairs))


def amount(jurisdiction: str, item: str, year: int, status: str = "single") -> int:
    """One amount. Raises NotKnownFor outside the years that are known."""
    held = holding(jurisdiction, item, year, status)
    if not held:
        raise NotKnownFor(_named(jurisdiction, item), year, years(jurisdiction, item, status))
    return int(ready(held))


def _named(jurisdiction: str, item: str) -> str:
    return f"{jurisdiction} {item.replace('_', ' ')}"


def nearest(known: tuple[int, ...], year: int) -> int:
    """The known year nearest to a year, the earlier of two; 0 where none is known."""
    return min(known, key=lambda near: (abs(near - year), near), default=0)


def bound(rule: Callable[..., Any], jurisdiction: str, year: int, status: str, as_if: int | None, field: str) -> Table:
    """A rule with its amounts: every parameter after the first is an item of the tables, under the same name.

    `single_brackets` are those of a single filer. What the year does not hold is taken from `as_if`, and marked. Raises NotKnownFor
    where something that everyone needs is not known; what only some need stands in `missing`.
    """
    given: dict[str, Any] = {}
    used: list[Row] = []
    missing: list[Matter] = []
    for name, parameter in list(inspect.signature(rule).parameters.items())[1:]:
        item, for_status = (name[7:], "single") if name == "single_brackets" else (name, status)
        if item not in items(jurisdiction):
            if parameter.default is inspect.Parameter.empty:
                raise NotKnownFor(_named(jurisdiction, item), year, ())
            continue
        held = holding(jurisdiction, item, year, for_status)
        if not held:
            known = years(jurisdiction, item, for_status)
            error = NotKnownFor(_named(jurisdiction, item), year, known, field)
            substitute = as_if if as_if in known else nearest(known, year)
            held = holding(jurisdiction, item, substitute, for_status)
            if not held or (not held[0].matters and as_if != substitute):
                raise error
            mark = Mark(jurisdiction, item, year, substitute)
            missing.append(_matter(held[0].matters, None if as_if == substitute else error, mark))
        given[name] = ready(held)
        used.extend(held)
    return Table(_with(rule, given), tuple(used), tuple(missing))


def _with(rule: Callable[..., Any], given: Mapping[str, Any]) -> Callable[..., Any]:
    """The rule with its amounts filled in, by position."""
    names = list(inspect.signature(rule).parameters.items())[1:]
    values = tuple(given.get(name, parameter.default) for name, parameter in names)

    def compute(lines: Any) -> Any:
        return rule(lines, *values)

    return compute


def _matter(matters: str, error: NotKnownFor | None, mark: Mark) -> Matter:
    """For whom a missing amount matters: "income below 32901", "income above 252203", "income between 26500 and 29500",
    "two earners", "65 or over", or everyone."""
    low, high = 0, 1 << 60
    words = matters.split()
    if matters.startswith("income below"):
        high = int(words[2]) * MARGIN
    elif matters.startswith("income above"):
        low = int(words[2]) * 100
    elif matters.startswith("income between"):
        low, high = int(words[2]) * 100, int(words[4]) * MARGIN
    return Matter(low, high, matters == "two earners", matters == "65 or over", error, mark)
