"""The dated tables of `data/tax` with their sources, and rules of the law bound to the amounts of a year.

Amounts become whole cents and percentages millionths; ages and counts stay as they are. A year that a table lacks is
filled from the nearest year that it has, and the gap goes with the answer: `Gap.error` refuses it, `describe` marks it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from ketacost.core.fields import KetacostError, unknown
from ketacost.core.references import Citation, rows, source
from ketacost.taxes.households import STATUSES
from ketacost.taxes.schedules import brackets

TABLES = ("federal", "payroll", "state_brackets", "state_amounts")
"""The tables with one item of one jurisdiction a row: its value, for which years and filing statuses."""

UNITS = {"USD": 100, "percent": 10_000, "years": 1, "count": 1}

NO_CAP = 1 << 60
"""A cap in cents that no amount reaches."""

MARGIN = 110
"""A missing amount may apply up to 10% past the income where the last known one did: indexing stays below that."""


class NotKnownFor(KetacostError):
    """A tax year that the tables lack for a jurisdiction; the message names the nearest year that they have.

    Set `field` of the household to `nearest` to use that year instead; `field` is empty where no year is known.
    """

    def __init__(self, what: str, year: int, known: tuple[int, ...], field: str = "") -> None:
        self.arguments = (what, year, known, field)
        self.field, self.nearest = field, nearest(known, year)
        remedy = f": to see it as if {self.nearest}, set {field}={self.nearest}" if field else ""
        years = f"known: {', '.join(map(str, known))}. The nearest year is {self.nearest}{remedy}"
        super().__init__(f"{what}, {year}: not known; {years if known else 'known for no year'}")

    def __reduce__(self) -> tuple[type[NotKnownFor], tuple[str, int, tuple[int, ...], str]]:
        return type(self), self.arguments


@dataclass(frozen=True, eq=False)
class DatedRow:
    """One row of a tax table: the years (both included) and filing statuses that it holds for, and its columns."""

    first_year: int
    last_year: int
    statuses: tuple[str, ...]
    columns: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.columns[column]

    def scaled(self, column: str, scale: int) -> int:
        """A number of the row as a whole count of a small unit: cents by 100, millionths of a percentage by 10,000.

        Raises KetacostError for a number with finer parts.
        """
        scaled = Decimal(self[column]) * scale
        if scaled != scaled.to_integral_value():
            raise KetacostError(f"{self[column]} is finer than the tables are kept in")
        return int(scaled)

    def citation(self, what: str, value: str, unit: str) -> Citation:
        """The citation of a number that this row holds."""
        return Citation(what, value, unit, source(self["source"]), self["where"], self["grade"])


@cache
def dated_rows(table: str) -> tuple[DatedRow, ...]:
    """All rows of a table of `data/tax` that has years, by its name: "federal", "levies"."""
    return tuple(
        DatedRow(int(row["first_year"]), int(row["last_year"]), _statuses(row), row) for row in rows(f"tax/{table}")
    )


def _statuses(row: Mapping[str, str]) -> tuple[str, ...]:
    named = row.get("filing_statuses", "all")
    return STATUSES if named == "all" else tuple(named.split())


def years_of(dated: Iterable[DatedRow], status: str = "single") -> tuple[int, ...]:
    """The years that rows hold for a filing status, ascending."""
    spans = (range(row.first_year, row.last_year + 1) for row in dated if status in row.statuses)
    return tuple(sorted({year for span in spans for year in span}))


def holding(dated: Iterable[DatedRow], year: int, status: str = "single") -> tuple[DatedRow, ...]:
    """The rows that hold in a year for a filing status."""
    return tuple(row for row in dated if row.first_year <= year <= row.last_year and status in row.statuses)


@cache
def items(jurisdiction: str) -> Mapping[str, tuple[DatedRow, ...]]:
    """Every row of a jurisdiction, by item. Raises UnknownName for a jurisdiction without rows."""
    every_row = [row for table in TABLES for row in dated_rows(table)]
    by_item: dict[str, tuple[DatedRow, ...]] = {}
    for row in every_row:
        if row["jurisdiction"] == jurisdiction:
            by_item[row["item"]] = (*by_item.get(row["item"], ()), row)
    if not by_item:
        raise unknown("jurisdiction", jurisdiction, {row["jurisdiction"] for row in every_row})
    return by_item


class Applicability(NamedTuple):
    """Whose tax an amount enters: federal incomes in cents, two earners alone, people of 65 and over alone."""

    low: int = 0
    high: int = NO_CAP
    two_earners: bool = False
    aged: bool = False

    @staticmethod
    def read(written: str) -> Applicability:
        """Read the column `applies_to` of a table; an empty one means everyone.

        "income below 32901", "income above 252203", "income between 26500 and 29500", "two earners", "65 or over".
        """
        words = written.split()
        low = int(words[2]) * 100 if "above" in words or "between" in words else 0
        high = int(words[-1]) * MARGIN if "below" in words or "between" in words else NO_CAP
        return Applicability(low, high, written == "two earners", written == "65 or over")

    def includes(self, income: int, two_earners: bool, aged: bool) -> bool:
        """Whether a household is among them, by its federal income in cents, its earners and its ages."""
        within = self.low <= income <= self.high
        return within and (two_earners or not self.two_earners) and (aged or not self.aged)


class Gap(NamedTuple):
    """A number that the tables lack for a year, and the year whose number is used instead.

    `asked` says whether the household named that year, `field` where it names one, `applies_to` whose tax it enters.
    """

    jurisdiction: str
    item: str
    year: int
    used_year: int
    known: tuple[int, ...]
    field: str
    asked: bool
    applies_to: Applicability = Applicability()

    def error(self) -> NotKnownFor:
        """The refusal of a household that did not name the year."""
        return NotKnownFor(item_name(self.jurisdiction, self.item), self.year, self.known, self.field)


def nearest(known: tuple[int, ...], year: int) -> int:
    """The known year nearest to a year, the earlier of two; 0 where none is known."""
    return min(known, key=lambda near: (abs(near - year), near), default=0)


def year_to_use(
    jurisdiction: str, item: str, known: tuple[int, ...], year: int, as_if: int | None, field: str
) -> tuple[int, tuple[Gap, ...]]:
    """The year whose rows an item takes: itself, or `as_if` or the nearest where it is not known, with the gap.

    Raises NotKnownFor where no year is known, since nothing can fill that.
    """
    if year in known:
        return year, ()
    if not known:
        raise NotKnownFor(item_name(jurisdiction, item), year, known)
    used_year = as_if if as_if is not None and as_if in known else nearest(known, year)
    return used_year, (Gap(jurisdiction, item, year, used_year, known, field, as_if == used_year),)


def describe(gaps: Iterable[Gap]) -> tuple[str, ...]:
    """Gaps as marks of an answer: whole tables in one sentence, single amounts by name."""
    named: dict[tuple[str, int, int], dict[str, None]] = {}
    for gap in gaps:
        named.setdefault((gap.jurisdiction, gap.year, gap.used_year), {})[gap.item.replace("_", " ")] = None
    return tuple(
        f"We use the {used_year} {whose} {_summary(names)}; we don't have those of {year}"
        for (whose, year, used_year), names in named.items()
    )


def _summary(names: Mapping[str, None]) -> str:
    """The amounts of a gap in words: those of one credit together."""
    if names.keys() & {"brackets", "oasdi wage base"}:
        return "tax tables"
    of = {name.split()[0] for name in names}
    words = f"{of.pop()} amounts" if len(of) == 1 < len(names) else ", ".join(names)
    return words.replace("caleitc", "CalEITC")


class BoundRule(NamedTuple):
    """A rule with its amounts for a year and a filing status, the rows they came from and the gaps in them."""

    compute: Callable[..., Any]
    used: tuple[DatedRow, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def citations(self) -> Iterator[Citation]:
        """The citation of every amount."""
        for row in self.used:
            yield row.citation(item_name(row["jurisdiction"], row["item"]), row["value"], row["unit"])


def item_name(jurisdiction: str, item: str) -> str:
    """An item in words: "UT credit fades from"."""
    return f"{jurisdiction} {item.replace('_', ' ')}"


def bind(
    rule: Callable[..., Any], jurisdiction: str, year: int, status: str, as_if: int | None, field: str
) -> BoundRule:
    """A rule with its amounts: every parameter after the first is an item of the tables, under the same name.

    A parameter whose type is a NamedTuple takes a clause of the law: the items `<parameter>_<field>`, or just `<field>`
    for the parameter `usual`. `single_brackets` are those of a single filer. A missing year becomes a gap. Raises
    NotKnownFor for an item without a default that is known for no year.
    """
    values: list[Any] = []
    used: list[DatedRow] = []
    gaps: list[Gap] = []

    def look_up(item: str, default: Any) -> Any:
        of_status, item = ("single", "brackets") if item == "single_brackets" else (status, item)
        all_years = items(jurisdiction).get(item, ())
        if not all_years and default is not inspect.Parameter.empty:
            return default
        used_year, gap = year_to_use(jurisdiction, item, years_of(all_years, of_status), year, as_if, field)
        in_force = holding(all_years, used_year, of_status)
        used.extend(in_force)
        gaps.extend(lack._replace(applies_to=Applicability.read(in_force[0]["applies_to"])) for lack in gap)
        return _ready(in_force)

    for name, parameter in list(inspect.signature(rule, eval_str=True).parameters.items())[1:]:
        clause = parameter.annotation
        if hasattr(clause, "_fields"):
            prefix = "" if name == "usual" else f"{name}_"
            parts = inspect.signature(clause).parameters.values()
            values.append(clause(*(look_up(f"{prefix}{part.name}", part.default) for part in parts)))
        else:
            values.append(look_up(name, parameter.default))

    def compute(lines: Any) -> Any:
        return rule(lines, *values)

    return BoundRule(compute, tuple(used), tuple(gaps))


def _ready(in_force: tuple[DatedRow, ...]) -> Any:
    """The rows of an item as a rule takes them: an amount, or steps (the highest first), or brackets."""
    values = sorted((row.scaled("from_usd", 100), row.scaled("value", UNITS[row["unit"]])) for row in in_force)
    shape = in_force[0]["shape"]
    if shape == "amount":
        return values[0][1]
    return brackets(tuple(values)) if shape == "schedule" else tuple(reversed(values))
