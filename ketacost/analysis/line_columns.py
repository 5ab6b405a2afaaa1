"""A table of service lines as columns of ints, with what is wrong in it told by row."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from ketacost.analysis.later import np, pa, pc
from ketacost.analysis.plan_rows import PlansByName
from ketacost.core.dates import day_of
from ketacost.core.fields import KetacostError, unknown
from ketacost.core.money import LARGEST, unsigned, usd
from ketacost.model.accumulators import PATIENT, versions
from ketacost.model.allowed import AllowedNotKnown, allowed_amount, entered
from ketacost.model.bills import (
    LINE_COLUMNS,
    BillRow,
    ColumnMap,
    claim_type_in,
    columns_in,
    coverage_in,
    is_total,
    lines_of,
    member_in,
    named_in,
    network_in,
    standing,
    units_in,
    wrong_code,
    yes_in,
)
from ketacost.model.courses import MOST_UNITS, ServiceLine
from ketacost.model.plans import Network, Plan
from ketacost.model.rules import Rule
from ketacost.model.walk import Columns

NEEDED = ("patient", "date", "charge")
"""The columns that a table of lines needs; docs/cohorts.md lists those it may have."""

WHAT = ("benefit", "service", "code", "description")
"""The columns that say what was done."""

COVERAGE = ("covered", "provider_bears", "balance_billed", "group_code", "reason_code")
"""The columns that say whether a line is covered, and who bears it if not."""

STATED = {*LINE_COLUMNS, "charge_cents", "allowed_cents"}
MOST_MEMBERS = 1_000
EPOCH = date(1970, 1, 1).toordinal()


class Lines:
    """A table of lines as ints, in the order of the walk.

    `beside` are plans whose lines a row may name too. Raises KetacostError that names the row and how to mend it.
    """

    def __init__(
        self,
        table: pa.Table,
        plans: PlansByName,
        *,
        network: str | None,
        name: str,
        first_row: int,
        dates: str = "us",
        beside: Sequence[Plan] = (),
    ) -> None:
        self.name, self.dates, self.rows, self.beside = name, dates, plans.rows, beside
        self.numbers = np.arange(first_row, first_row + table.num_rows)
        self._leave_out(table, _totals(table))
        self._read(plans, network)
        if (gone := self._taken_back()).any():
            self._leave_out(self.table, gone)
            self._read(plans, network)

    def _leave_out(self, table: pa.Table, gone: Any) -> None:
        """Take a table without some of its rows; the others keep their numbers."""
        self.table, self.numbers = (table.filter(~gone), self.numbers[~gone]) if gone.any() else (table, self.numbers)

    def _read(self, plans: PlansByName, network: str | None) -> None:
        """Read every column of the table."""
        table, name = self.table, self.name
        for column in NEEDED:
            if column not in table.column_names and f"{column}_cents" not in table.column_names:
                raise KetacostError(
                    f"{name}: a column {column!r} is needed, or name the one that holds it so; its columns are "
                    f"{', '.join(table.column_names)}"
                )
        self.count = table.num_rows
        self.day = self._days()
        at, said = self._alike(("claim_type", "covered"))
        kinds = [claim_type_in(cells.get("claim_type", ""), cells.get("covered", "")) for cells in said]
        self.kinds = np.array([*kinds, ""])[at]
        self.replaces, self.reverses = self.kinds == "adjustment", self.kinds == "reversal"
        self.twice = (self.kinds == "duplicate") | (self.kinds == "void")
        self.charge, negative = self._signed("charge")
        self.reverses |= negative
        self.allowed = np.full(self.count, -1)
        if self._has("allowed"):
            self.allowed, negative = self._signed("allowed")
            self.wrong(negative & ~self.reverses, "allowed cannot be negative, got {cell}", self._named("allowed"))
        self.patient, self.patients = self._dictionary("patient")
        self.member, self.members = self._codes("member", PATIENT)
        if len(self.members) > MOST_MEMBERS:
            raise KetacostError(
                f"{name}: {len(self.members):,} different members; `member` says who in a family it was (patient, "
                "spouse, child), and `patient` tells the families apart"
            )
        self.root, self.root_names = self._plans(plans)
        self.roots = [plans[plan] for plan in self.root_names]
        self.dated()
        self.booklet = lines_of((*self.roots, *self.beside))
        self.benefit = self._benefits()
        self.may_bill, self.protected = self._flags("balance_billed", True), self._flags("protected", False)
        self.covered, self.bears = self._coverage()
        self.may_bill &= ~self.protected
        self.network, self.networks = self._networks(network)
        self.units = self._units()
        self.helped = np.maximum(self._cents("assistance"), 0) if self._has("assistance") else np.zeros(self.count)
        self.contract, self.order = self._contracts()

    def dated(self) -> None:
        """The version of the plan that holds on each line's day."""
        each = [versions(plan) for plan in self.roots]
        self.plans = [held.plan for its in each for held in its]
        self.plan_names = [name for name, its in zip(self.root_names, each, strict=True) for _ in its]
        self.most, self.version = max(map(len, each), default=1), np.zeros(self.count, np.int32)
        for number in range(1, self.most):
            starts = [its[number].starts if number < len(its) else date.max for its in each]
            self.version += self.day >= np.array([day.toordinal() for day in starts])[self.root]
        self.plan = np.cumsum([0, *map(len, each)])[self.root] + self.version

    def _units(self) -> Any:
        if "units" not in self.table.column_names:
            return np.ones(self.count, np.int64)
        if _is_text(self.table["units"].type):
            codes, texts = self._codes("units")
            return np.array(self._each(codes, texts, units_in, 1), np.int64)[codes]
        cells = self.table["units"].cast(pa.float64()).fill_null(1).to_numpy()
        counted = (cells >= 1) & (cells <= MOST_UNITS) & (cells == np.rint(cells))
        self.wrong(~counted, f"units should be from 1 to {MOST_UNITS}, got {{cell}}", "units")
        return cells.astype(np.int64)

    def _has(self, column: str) -> bool:
        return column in self.table.column_names or f"{column}_cents" in self.table.column_names

    def _named(self, column: str) -> str:
        """The column of an amount, in dollars or in cents; empty where there is none."""
        return column if column in self.table.column_names else f"{column}_cents" if self._has(column) else ""

    def wrong(self, bad: Any, problem: str, column: str = "") -> None:
        """Refuse rows that a mask marks. Raises KetacostError for the first, with its cell of a column for {cell}."""
        if bad.any():
            row = int(np.argmax(bad))
            if column:
                problem = problem.replace("{cell}", repr(self.table[column][row].as_py()))
            more = int(bad.sum()) - 1
            also = f" ({more:,} more such rows)" if more else ""
            raise KetacostError(f"{self.name}, row {self.numbers[row]}: {problem}{also}")

    def _each(self, codes: Any, values: Sequence[Any], read: Callable[[Any], Any], empty: Any) -> list[Any]:
        """What each different value means, then what an empty cell does. Refuses the rows of one that is not read."""
        meant = []
        for code, value in enumerate(values):
            try:
                meant.append(read(value))
            except ValueError as error:
                self.wrong(codes == code, str(error))
                meant.append(empty)
        return [*meant, empty]

    def _codes(self, column: str, default: str | None = None) -> tuple[Any, list[Any]]:
        """The cells of a column as numbers into the list of its different values; -1 where empty without a default."""
        if column not in self.table.column_names:
            return np.full(self.count, 0 if default is not None else -1, np.int32), [] if default is None else [default]
        codes, cells = self._dictionary(column)
        values = cells.to_pylist()
        bare = [value.strip() if isinstance(value, str) else value for value in values]
        bare = [member_in(value) if column == "member" else value for value in bare]
        if bare != values:
            values = list(dict.fromkeys(bare))
            codes = np.array([*map(values.index, bare), -1], np.int32)[codes]
            codes[codes == (values.index("") if "" in values else -1)] = -1
        if default is not None and (codes < 0).any():
            values = values if default in values else [*values, default]
            codes[codes < 0] = values.index(default)
        return codes, values

    def _dictionary(self, column: str) -> tuple[Any, pa.Array]:
        """The cells of a column as numbers into an array of its different values; -1 where empty."""
        cells = self.table[column].combine_chunks()
        if not pa.types.is_dictionary(cells.type):
            cells = cells.dictionary_encode()
        if isinstance(cells, pa.ChunkedArray):
            cells = cells.unify_dictionaries().combine_chunks()
        codes = cells.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
        if _is_text(cells.dictionary.type) and "" in (values := cells.dictionary.to_pylist()):
            codes[codes == values.index("")] = -1
        return codes, cells.dictionary

    def _days(self) -> Any:
        """The dates as ordinals."""
        cells: Any = self.table["date"]
        if pa.types.is_dictionary(cells.type):
            cells = cells.cast(cells.type.value_type)
        if _is_text(cells.type):
            iso = pc.strptime(cells, format="%Y-%m-%d", unit="s", error_is_null=True)
            cells = iso if iso.null_count == cells.null_count else self._days_as_written()
        elif not (pa.types.is_date(cells.type) or pa.types.is_timestamp(cells.type)):
            raise KetacostError(f"{self.name}: `date` holds {cells.type}; give dates, or text as 2026-11-30")
        missing = cells.is_null().to_numpy()
        self.wrong(missing, "date should be a day as in 2026-11-30, got {cell}", "date")
        days = cells.cast(pa.date32(), safe=False).cast(pa.int32()).to_numpy().astype(np.int64) + EPOCH
        self.wrong((days < 1) | (days > date.max.toordinal() - 366), "date is outside the calendar, got {cell}", "date")
        return days

    def _days_as_written(self) -> Any:
        """Days in the ways of spreadsheets; each different text is read once."""
        codes, texts = self._codes("date")
        days = self._each(codes, texts, lambda text: day_of(text, self.dates) if text else None, None)
        read = pa.array(days, pa.date32()).take(pa.array(np.where(codes < 0, len(texts), codes)))
        return pa.chunked_array([read])

    def _cents(self, column: str) -> Any:
        """An amount in whole cents; -1 where it is empty. Raises KetacostError where it is negative."""
        cents, negative = self._signed(column)
        self.wrong(negative, f"{column} should be between $0 and $10,000,000, got {{cell}}", self._named(column))
        return cents

    def _signed(self, column: str) -> tuple[Any, Any]:
        """An amount in whole cents without its sign, -1 where it is empty, and where it is negative.

        It comes from dollars or from the column of cents.
        """
        name = f"{column}_cents" if f"{column}_cents" in self.table.column_names else column
        if name != column and column in self.table.column_names:
            raise KetacostError(f"{self.name}: the columns {column!r} and {name!r} mean the same; leave one out")
        cells: Any = self.table[name]
        if pa.types.is_dictionary(cells.type):
            cells = cells.cast(cells.type.value_type)
        if _is_text(cells.type):
            try:
                cells = cells.cast(pa.float64())
            except pa.ArrowInvalid:
                cells = self._as_people_write(name)
        missing = cells.is_null().to_numpy()
        if name != column and pa.types.is_integer(cells.type):
            cents, exact = cells.fill_null(0).to_numpy(), np.True_
        elif name == column:
            dollars = cells.cast(pa.float64()).fill_null(0).to_numpy()
            cents = np.rint(dollars * 100)
            exact = np.isfinite(dollars)
            exact[exact] = np.abs(dollars[exact] * 100 - cents[exact]) < 1e-4
        else:
            cents = cells.cast(pa.float64()).fill_null(0).to_numpy()
            exact = cents == np.rint(cents)
        self.wrong(~exact & ~missing, f"{name} should be whole cents, got {{cell}}", name)
        cents, negative = np.abs(cents), cents < 0
        self.wrong(cents > LARGEST, f"{name} should be between $0 and $10,000,000, got {{cell}}", name)
        if column == "charge":
            self.wrong(missing, "charge is empty; give 0 for what another charge includes", name)
        return np.where(missing, -1, cents).astype(np.int64), negative & ~missing

    def _as_people_write(self, column: str) -> Any:
        """Amounts with dollar signs and commas as numbers; each different text is read once."""

        def read(text: str | None) -> float:
            negative, amount = unsigned(text or "")
            if not amount:
                return math.nan
            number = float(amount) if column.endswith("_cents") else usd(amount, what=column) / 100
            return -number if negative else number

        codes, texts = self._codes(column)
        amounts = np.array(self._each(codes, texts, read, math.nan))
        return pa.chunked_array([pa.array(amounts[codes], from_pandas=True)])

    def _flags(self, column: str, default: bool) -> Any:
        """A yes or no as a mask."""
        if column not in self.table.column_names:
            return np.full(self.count, default)
        if pa.types.is_boolean(self.table[column].type):
            return self.table[column].fill_null(default).to_numpy()
        codes, values = self._codes(column)

        def read(value: object) -> bool:
            return value not in (None, "") and yes_in(str(value), column)

        return np.array(self._each(codes, values, read, default))[codes]

    def _alike(self, names: Sequence[str]) -> tuple[Any, list[dict[str, str]]]:
        """The different rows of some columns, each as its filled cells, and for every row which of them it is."""
        columns = {name: self._codes(name) for name in names if name in self.table.column_names}
        key, size = np.zeros(self.count, np.int64), 1
        for codes, values in columns.values():
            if size > 1 << 31:
                key = np.unique(key, return_inverse=True)[1]
                size = int(np.max(key, initial=0)) + 1
            key, size = key * (len(values) + 1) + codes + 1, size * (len(values) + 1)
        if size < 1 << 16:
            kinds = np.flatnonzero(np.bincount(key, minlength=1))
            places = np.zeros(size, np.int32)
            places[kinds] = np.arange(len(kinds))
            at: Any = places[key]
        else:
            kinds, at = np.unique(key, return_inverse=True)
        first = np.zeros(len(kinds), np.int64)
        first[at[::-1]] = np.arange(self.count)[::-1]
        return at, [
            {name: str(values[codes[row]]) for name, (codes, values) in columns.items() if codes[row] >= 0}
            for row in first.tolist()
        ]

    def _coverage(self) -> tuple[Any, Any]:
        """Whether each line is covered, and whether the clinic bears it if not; alike rows are read once."""
        at, kinds = self._alike(COVERAGE)
        said = list[tuple[bool, bool, str]]()
        for kind, cells in enumerate(kinds):
            try:
                said.append(coverage_in(cells))
            except KetacostError as error:
                said.append((True, False, str(error)))
            if problem := said[-1][2]:
                self.wrong(at == kind, problem)
        table = np.array([[covered, bears] for covered, bears, _ in said], bool).reshape(-1, 2)
        return table[at, 0], table[at, 1]

    def _taken_back(self) -> Any:
        """The rows that do not stand, as a mask: taken back, replaced or given twice."""
        gone = np.zeros(self.count, bool)
        claim, claims = self._codes("claim")
        told = self.reverses | self.replaces | self.twice
        with_claim = np.flatnonzero(claim >= 0)
        if with_claim.size:  # only rows that are alike are looked at one by one
            keys = [column[with_claim] for column in (self.charge, self.day, claim, self.patient)]
            order = np.lexsort(keys)
            alike = np.all([np.diff(key[order]) == 0 for key in keys], axis=0)
            told[with_claim[order[1:][alike]]] = True
        rows = np.flatnonzero(np.isin(self.patient, self.patient[told]))
        if not rows.size:
            return gone
        own = self.table.select([name for name in self.table.column_names if name in STATED])
        bill = [
            BillRow(
                (self.patient[row], self.member[row], self.day[row], self.named[self.what[row]].done),
                int(self.charge[row]),
                int(self.allowed[row]),
                str(claims[claim[row]]) if claim[row] >= 0 else "",
                str(self.kinds[row]),
                bool(self.reverses[row]),
                (self.patient[row], *cells.values()),
            )
            for row, cells in zip(rows.tolist(), own.take(rows).to_pylist(), strict=True)
        ]
        found = standing(bill)
        for at, problem in found.problems.items():
            self.wrong(np.arange(self.count) == rows[at], problem)
        gone[rows[sorted(found.gone)]] = True
        return gone

    def _plans(self, plans: PlansByName) -> tuple[Any, list[str]]:
        """The plan of each line as a number, and their names."""
        codes, values = self._codes("plan")
        if plans.only:
            return np.zeros(self.count, np.int32), ["a plan"]
        if "plan" not in self.table.column_names:
            if len(plans.given) == 1:
                return np.zeros(self.count, np.int32), list(plans.given)
            raise KetacostError(f"{self.name}: which plan? Give one plan, or a column 'plan' with their names")
        self.wrong(codes < 0, "plan is empty; give the name of a plan, or the id of a published one")
        for code, plan in enumerate(values):
            if plan not in plans:
                self.wrong(codes == code, str(unknown("plan", str(plan), plans)))
        there = np.flatnonzero(np.bincount(codes, minlength=len(values)))  # a filtered frame keeps names it has no more
        places = np.zeros(len(values), np.int32)
        places[there] = np.arange(len(there))
        return places[codes], [values[code] for code in there]

    def _benefits(self) -> Any:
        """The line of the booklet of each row, as a number; rows that say alike what was done are read once."""
        self.what, kinds = self._alike(WHAT)
        self.named = [named_in(cells, self.booklet) for cells in kinds]
        for kind, named in enumerate(self.named):
            if named.problems:
                self.wrong(self.what == kind, named.problems[0])
            for day in np.unique(self.day[self.what == kind]).tolist() if named.dated else ():
                if problem := wrong_code(named.code, date.fromordinal(day)):
                    self.wrong((self.what == kind) & (self.day == day), problem)
        return np.array([self.booklet.index(named.benefit) for named in self.named], np.int64)[self.what]

    def _networks(self, network: str | None) -> tuple[Any, list[str]]:
        """The network whose terms hold: as given, else the one said, else the plan's; protected lines have theirs."""
        codes, values = self._codes("network")
        usual = [network or ("out" if "out" in plan.networks else next(iter(plan.networks))) for plan in self.plans]
        shielded = [plan.protected_network for plan in self.plans]
        known = {name for plan in self.plans for name in plan.networks}
        values = [network_in(str(value), known) for value in values]
        names = list(dict.fromkeys((*values, *usual, *shielded)))
        codes = np.where(codes < 0, codes, np.array([*(names.index(value) for value in values), -1])[codes])
        if (codes < 0).any():
            codes = np.where(codes < 0, np.array([names.index(name) for name in usual])[self.plan], codes)
        if self.protected.any():
            codes = np.where(self.protected, np.array([names.index(name) for name in shielded])[self.plan], codes)
        return codes, names

    def _contracts(self) -> tuple[Any, Any]:
        """The contract of each line (a patient's plan), and the order of the walk; None where it is the table's."""
        self.wrong(self.patient < 0, "patient is empty; every line needs the patient, or family, it belongs to")
        contract = self.patient.astype(np.int64) * len(self.roots) + self.root
        step = np.diff(contract, prepend=contract[:1])
        if (step >= 0).all():
            contract = np.cumsum(step > 0)
            if ((step > 0) | (np.diff(self.day, prepend=self.day[:1]) >= 0)).all():
                return contract, None
        else:
            contract = np.unique(contract, return_inverse=True)[1]
        return contract, np.lexsort((self.day, contract))

    def columns(self) -> Columns:
        """The columns of the walk, in its order."""
        version = self.contract * self.most + self.version
        place = (self.plan * len(self.networks) + self.network) * len(self.booklet) + self.benefit
        places = [column.astype(np.uint32) for column in (version, self.day, self.member, place)]
        flags = [column.astype(np.uint8) for column in (self.covered, self.may_bill, self.bears)]
        columns: list[Any] = [*places, self.charge, self.allowed, *flags, self.helped.astype(np.uint32)]
        return Columns(*(columns if self.order is None else (column[self.order] for column in columns)))

    def line(self, row: int) -> ServiceLine:
        """A row as a service line, for what only words can say."""
        named = self.named[self.what[row]]
        return ServiceLine(
            date=date.fromordinal(int(self.day[row])),
            charge=int(self.charge[row]),
            code=named.code,
            units=int(self.units[row]),
            service=named.service,
            benefit=self.booklet[self.benefit[row]],
            network=self.networks[self.network[row]],
            member=self.members[self.member[row]],
            covered=bool(self.covered[row]),
            allowed=None if self.allowed[row] < 0 else int(self.allowed[row]),
            balance_billed=bool(self.may_bill[row]),
            provider_bears=bool(self.bears[row]),
            assistance=int(self.helped[row]),
        )

    def allow(self, rule: Rule) -> None:
        """Work out allowed amounts that the table leaves open or a rule sets, once for all lines that are alike."""
        if rule.allowed:
            self._allow_by(rule.allowed)
        open_rows = np.flatnonzero((self.allowed < 0) & (self.charge > 0) & self.covered)
        alike = [self.plan, self.network, self.what, self.units]
        for rows in _groups(alike, open_rows):
            line, plan = self.line(rows[0]), self.plans[self.plan[rows[0]]]
            side = plan.networks.get(line.network)
            if not isinstance(side, Network):
                continue
            amount = entered(line, side.allowed)
            if amount is not None:
                self.allowed[rows] = amount
                continue
            for same in _groups([self.charge, self.day], rows):
                try:
                    self.allowed[same] = allowed_amount(self.line(same[0]), side, plan.name)
                except AllowedNotKnown:
                    break  # it is asked for where the walk meets a line that needs it

    def _allow_by(self, allowed: Any) -> None:
        """Set the allowed amounts that a variant of the rule has; what it leaves open stays as it was."""
        alike = [self.plan, self.network, self.what, self.units, self.day]
        for rows in _groups(alike, np.flatnonzero((self.charge > 0) & self.covered)):
            line = self.line(rows[0])
            side = self.plans[self.plan[rows[0]]].networks.get(line.network)
            amount = allowed(line, side) if isinstance(side, Network) else None
            if amount is not None:
                self.allowed[rows] = amount


def as_named(table: pa.Table, columns: ColumnMap) -> pa.Table:
    """A table whose columns have our names. Raises KetacostError for a map that names no column of it."""
    ours = {theirs: name for name, theirs in columns_in(table.column_names, columns.columns).items()}
    return table.rename_columns([ours.get(name, name) for name in table.column_names])


def _totals(table: pa.Table) -> Any:
    """The rows that are totals, as a mask: no day, and a cell that says so."""
    mask = np.zeros(table.num_rows, bool)
    if "date" not in table.column_names or not _is_text(table["date"].type):
        return mask
    for row in np.flatnonzero(_no_day(table["date"])).tolist():
        cells = [table[at][row].as_py() for at in range(table.num_columns) if _is_text(table[at].type)]
        mask[row] = is_total(str(cell) for cell in cells if cell)
    return mask


def _groups(columns: Sequence[Any], rows: Any) -> Iterator[Any]:
    """The rows parted into groups that are alike in all columns."""
    if rows.size:
        order = np.lexsort([column[rows] for column in columns])
        changes = np.any([np.diff(column[rows][order]) != 0 for column in columns], axis=0)
        yield from np.split(rows[order], np.flatnonzero(changes) + 1)


def _is_text(kind: Any) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _no_day(cells: Any) -> Any:
    """Where a column of days is empty or says that its row is a total, as a mask."""
    texts = cells.unique().to_pylist()
    empty = [text for text in texts if not text or is_total([text])]
    if not empty:
        return np.zeros(len(cells), bool)
    return np.asarray(pa.compute.is_in(cells, value_set=pa.array(empty, pa.string())))
