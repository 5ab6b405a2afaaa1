"""Columns in, columns out: the walk over tables of service lines, for any number of patients and plans.

A table is pandas, Arrow or a file; `stream` takes files of any size through in bounded memory. What walks is
`model/walk`, compiled. This needs the extra `cohorts` (numba and pyarrow).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import copy
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, TypedDict, Unpack

from ketacost.analysis.compiling import compiled_walk
from ketacost.analysis.later import csv, needed, np, pa, parquet, pc, pd
from ketacost.analysis.line_columns import Lines, as_named
from ketacost.analysis.plan_rows import PlansByName, rows_of
from ketacost.core.convert import read
from ketacost.core.fields import KetacostError, named, of_kind, require
from ketacost.core.money import usd
from ketacost.core.sheets import HEAD, holds_rows, layout_of
from ketacost.core.words import told
from ketacost.model.accumulators import PATIENT, Amounts, Used
from ketacost.model.adjudication import walk
from ketacost.model.bills import ColumnMap, known_by, member_in
from ketacost.model.coordination import CARVE_OUT, MAINTENANCE, SecondPlan
from ketacost.model.cost_sharing import Split
from ketacost.model.plans import Plan
from ketacost.model.rules import THE_RULE, Rule, rule_of

PARTS = (*Split._fields, "you_pay")
OUTCOMES = ("denied", "counted", "paid")
MONEY = ("dollars", "cents")
SHEETS = (".csv", ".tsv", ".txt", ".parquet")
CHUNK = 1 << 17
"""How many lines of a file are taken at a time."""
NO_LINES = "there is no line: the table has no rows. Give at least one line with patient, date and charge"


Plans = Plan | Mapping[str, Plan] | str | None


class CohortOptions(TypedDict, total=False):
    """How lines are read and results written: the keywords of every function over cohorts.

    `network` is the side of the plan of lines that name none, and `columns` says how a table's columns are called.
    Results are in `money`, "dollars" or "cents", and with `totals` a row for each patient and plan. `rule` is a variant
    of the rule, or its name. `second` has the plans that pay after the first ones, by the first one's name; second_pays
    is then a column too.
    """

    network: str | None
    money: str
    totals: bool
    rule: Rule | str | None
    columns: ColumnMap | None
    second: Mapping[str, SecondPlan] | None


class CohortRun(NamedTuple):
    """How lines are adjudicated, the same for every table and file; small, since it goes to every worker."""

    plans: Plans
    used: Any
    network: str | None = None
    money: str = "dollars"
    totals: bool = False
    rule: Rule = THE_RULE
    columns: ColumnMap = ColumnMap()
    second: Mapping[str, SecondPlan] | None = None

    @classmethod
    def of(cls, plans: Plans, used: Any, options: CohortOptions) -> CohortRun:
        """A run as a caller describes it. Raises UnknownName for a rule or a kind of money that there is not."""
        read_as: Any = {"rule": rule_of(options.get("rule")), "columns": options.get("columns") or ColumnMap()}
        run = cls(plans, used_before(used), **{**options, **read_as})
        require("kind of money", run.money, MONEY)
        return run

    def lines(self, table: pa.Table, plans: PlansByName, name: str, first_row: int) -> Lines:
        """A table as columns of ints; rows count from `first_row` in what is wrong with it."""
        beside, dates = [one.plan for one in (self.second or {}).values()], self.columns.dates
        return Lines(table, plans, network=self.network, name=name, first_row=first_row, dates=dates, beside=beside)


def adjudicate_frame(lines: Any, plans: Plans = None, used: Any = None, **options: Unpack[CohortOptions]) -> Any:
    """Take a table of service lines, of any number of patients, through their plans.

    `lines` is a pandas frame, an Arrow table, or the path of a CSV or Parquet file or of a folder of them; a row is a
    line, and docs/cohorts.md lists the columns. `plans` is one plan for everyone, or plans by the names in the column
    `plan`; published plans have their id. `used` is what was used before: one `Used` for everyone, one per patient, or
    a table. The result is `lines` with balance_bill, write_off, copay, deductible, coinsurance, plan_pays and you_pay
    (floats of dollars, or with money="cents" ints under names that end in _cents) and outcome (denied, counted, paid).
    Options are `network`, `money`, `totals`, `rule`, `columns` and `second` (`CohortOptions`). A pandas frame gives a
    pandas frame, anything else an Arrow table. Raises KetacostError that names the row and how to fix it, or if numba
    or pyarrow is not installed. adjudicate_frame(lines, plan)["you_pay"].sum() is what all owe.
    """
    needed("numba", "pyarrow")
    if isinstance(lines, str | Path):
        tables = list(stream(lines, plans, used, **options))
        if not tables:
            raise KetacostError(f"{Path(lines).name}: {NO_LINES}")
        return pa.concat_tables(tables)
    table = _as_table(lines, "lines")
    if not table.num_rows:
        raise KetacostError(f"lines: {NO_LINES}")
    run = CohortRun.of(plans, used, options)
    bill = run.lines(as_named(table, run.columns), PlansByName(plans), "lines", 1)
    made = adjudicated(bill, run)
    if isinstance(lines, pa.Table):
        return made
    frame = made.to_pandas()
    frame.attrs["ketacost"] = json.loads(made.schema.metadata[b"ketacost"])
    return frame if run.totals else frame.set_index(lines.index[bill.numbers - 1])


def _as_table(frame: Any, what: str) -> pa.Table:
    """A pandas frame as an Arrow table; a column that mixes kinds of cells as the text of each."""
    if isinstance(frame, pa.Table):
        return frame
    if not hasattr(frame, "dtypes"):
        raise KetacostError(f"{what} should be a pandas frame or an Arrow table, got {told(frame)}; make a frame of it")
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise KetacostError(f"{what}: the column {told(twice[0])} is there twice; give each its own name")
    for name in frame.columns:
        try:
            pa.array(frame[name], from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            frame = frame.assign(**{str(name): frame[name].map(str, na_action="ignore")})
    return pa.Table.from_pandas(frame, preserve_index=False)


def stream(
    source: str | Path, plans: Plans = None, used: Any = None, **options: Unpack[CohortOptions]
) -> Iterator[pa.Table]:
    """What `adjudicate_frame` gives for files, some lines at a time, in memory that does not grow with the files.

    Within a file of more than CHUNK lines the lines of a patient are together, and no patient is in two files.
    Raises KetacostError for a patient who is met again.
    """
    needed("numba", "pyarrow")
    known, met, run = PlansByName(plans), Met(), CohortRun.of(plans, used, options)
    for table, name, first_row in chunks(Path(source), run.columns):
        lines = run.lines(table, known, name, first_row)
        met.add(lines)
        yield adjudicated(lines, run)


@cache
def _version() -> str:
    return version("ketacost")


def run_record(rule: Rule, money: str) -> dict[str, Any]:
    """What every result of a cohort carries: the version, the rule with its source, and how amounts are written."""
    words = "" if rule == THE_RULE else rule.words
    return {"ketacost": _version(), "rule": rule.name, "not the usual rule": words, "money": money}


def chunks(source: Path, columns: ColumnMap) -> Iterator[tuple[pa.Table, str, int]]:
    """The lines of files, a number of whole patients at a time, with the file's name and the number of the first row.

    Rows count from 1, and in CSV from 2, below the header, as a spreadsheet counts.
    """
    for path in files_of(source):
        number, rest = 1, None
        for table, above in _tables(path, columns):
            number = max(number, above + 1)
            table = table if rest is None else pa.concat_tables([rest, table])
            end = _last_change(table)
            rest = table.slice(end)
            if end:
                yield table.slice(0, end), path.name, number
                number += end
        if rest is not None and rest.num_rows:
            yield rest, path.name, number


def files_of(source: Path) -> list[Path]:
    """A file, or those of a folder in the order of their names. Raises KetacostError where there are none."""
    found = sorted(path for path in source.rglob("*") if path.suffix in SHEETS)
    paths = found if source.is_dir() else [source]
    if not paths:
        raise KetacostError(f"there are no files (.csv or .parquet) in {source}")
    for path in paths:
        if path.suffix not in SHEETS:
            raise KetacostError(
                f"{path.name}: lines come from .csv, .tsv, .txt or .parquet, not from {path.suffix or 'such a file'}"
            )
        if not path.is_file():
            raise KetacostError(f"there is no file {path}")
    return paths


def _tables(path: Path, columns: ColumnMap) -> Iterator[tuple[pa.Table, int]]:
    """The tables of a file, some rows at a time, and the rows above its first; the cells of text stay text here."""
    try:
        if path.suffix == ".parquet":
            schema = parquet.read_schema(path)
            texts = [field.name for field in schema if pa.types.is_string(field.type)]
            for batch in parquet.ParquetFile(path, read_dictionary=texts).iter_batches(CHUNK):
                yield as_named(pa.Table.from_batches([batch]), columns), 0
            return
        with path.open("rb") as file:
            layout = layout_of(file.read(HEAD), known_by(columns))
        names = list(layout.header)
        # pyarrow passes over the mark of UTF-8 by itself, and reads "utf8" without another pass.
        encoding = "utf8" if layout.encoding == "utf-8-sig" else layout.encoding
        reader = csv.open_csv(
            path,
            read_options=csv.ReadOptions(
                column_names=names, skip_rows=layout.lines, block_size=CHUNK * 32, encoding=encoding
            ),
            parse_options=csv.ParseOptions(delimiter=layout.delimiter, newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        )
        row = layout.above + 2
        for batch in reader:
            table = pa.Table.from_batches([batch])
            refuse_open_quotes(table, layout.delimiter, row)
            row += table.num_rows
            yield as_named(table, columns), layout.above + 1
    except KetacostError as error:
        raise KetacostError(f"{path.name}: {error}") from None
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise unread(path, error) from None


def unread(path: Path, error: Exception) -> KetacostError:
    """The error of a file that pyarrow could not read."""
    if "straddling" in str(error):  # one row as long as a whole block
        return KetacostError(f"{path.name}: {OPEN_QUOTE.format(place='a cell')}")
    return KetacostError(f"{path.name}: this cannot be read as {path.suffix[1:]}: {error}")


OPEN_QUOTE = '{place} has a quote (") that is not closed: close it, or take it out'


def refuse_open_quotes(table: pa.Table, delimiter: str, row: int) -> None:
    """Refuse a cell that holds further rows. Raises KetacostError with the row's number; `row` is that of the first."""
    for place, name in enumerate(table.column_names):
        column = table[name]
        if not pa.types.is_string(column.type):
            continue
        for at in pc.indices_nonzero(pc.match_substring(column, "\n").fill_null(False)).to_pylist():
            if holds_rows(column[at].as_py(), place, table.num_columns, delimiter):
                raise KetacostError(OPEN_QUOTE.format(place=f"row {row + at}, column {told(name)}"))


def _last_change(table: pa.Table) -> int:
    """Where the last patient's rows begin; 0 where there is but one, or no such column."""
    if "patient" not in table.column_names or table.num_rows == 0:
        return 0
    patients, rows, looked = table["patient"], table.num_rows, 0
    last = patients[rows - 1]
    while looked < rows:  # most patients have few rows, so look from the end
        looked = min(max(2 * looked, 1_024), rows)
        other = pc.not_equal(patients.slice(rows - looked), last).fill_null(True).to_numpy()[::-1]
        if other.any():
            return int(rows - other.argmax())
    return 0


class Met:
    """The patients of the chunks that are done, as sorted hashes; a patient who comes again was not seen whole.

    The hashes stand in a few arrays, each larger than the next, so that adding many chunks takes n log n.
    """

    def __init__(self) -> None:
        self.sorted: list[Any] = []

    def add(self, lines: Lines) -> None:
        """Add a chunk's patients. Raises KetacostError for one that an earlier chunk had."""
        codes = np.flatnonzero(np.bincount(lines.patient, minlength=len(lines.patients)))
        hashes = hashed(lines.patients.take(codes))
        if (again := self.again(hashes)).any():
            lines.wrong(
                np.isin(lines.patient, codes[again]),
                "patient {cell} was met before with other patients between; sort the lines by patient and date, and "
                "keep a patient in one file",
                "patient",
            )
        self.keep(hashes)

    def again(self, hashes: Any) -> Any:
        """Which patients were met before, as a mask."""
        met = np.zeros(hashes.size, bool)
        for known in self.sorted:
            if not hashes.size or known[0] > hashes.max() or known[-1] < hashes.min():
                continue  # numbers in order come with every chunk above the last
            met |= known[np.minimum(np.searchsorted(known, hashes), known.size - 1)] == hashes
        return met

    def keep(self, hashes: Any) -> None:
        """Keep some hashes; arrays of like size become one."""
        if hashes.size:
            self.sorted.append(np.sort(hashes))
        while len(self.sorted) > 1 and self.sorted[-2].size < 2 * self.sorted[-1].size:
            last = self.sorted.pop()
            self.sorted[-1] = np.sort(np.concatenate([self.sorted[-1], last]), kind="stable")

    def all(self) -> Any:
        """Every hash."""
        return np.concatenate([np.empty(0, np.uint64), *self.sorted])


def hashed(patients: pa.Array) -> Any:
    """A number for each patient, the same in every process: a whole number itself, for text a hash of 64 bits."""
    if pa.types.is_integer(patients.type):
        return patients.to_numpy().astype(np.uint64)
    texts = np.array([str(patient) for patient in patients.to_pylist()], dtype=object)
    return pd.util.hash_array(texts, categorize=False)


def adjudicated(lines: Lines, run: CohortRun) -> pa.Table:
    """The rows with their parts, or the totals of each contract. Raises KetacostError for a column of their name."""
    parts = walked(lines, run.used, run.rule)
    paid_second = second_payments(lines, parts, run.second) if run.second else None
    synthetic = {"synthetic": True} if "synthetic" in lines.table.column_names else {}
    record = {"ketacost": json.dumps(run_record(run.rule, run.money) | synthetic)}
    covered = parts[6] > 0
    parts[6] = lines.charge - parts[1] - parts[5]  # you pay what is neither written off nor paid by the plan
    if paid_second is not None:
        parts = np.vstack([parts[:6], paid_second, parts[6] - paid_second])
    end, per = ("_cents", 1) if run.money == "cents" else ("", 100)
    known = PARTS if paid_second is None else (*PARTS[:6], "second_pays", "you_pay")
    names = [f"{name}{end}" for name in known]
    if run.totals:
        order = slice(None) if lines.order is None else lines.order
        begin = np.flatnonzero(np.diff(lines.contract[order], prepend=-1))
        first = begin if lines.order is None else lines.order[begin]
        made = {
            "patient": lines.patients.take(lines.patient[first]),
            "plan": pa.array([lines.plan_names[code] for code in lines.plan[first]]),
            "lines": np.diff(begin, append=lines.count),
        }
        sums = [np.add.reduceat(column[order], begin) for column in (lines.charge, *parts)]
        amounts = {name: _in(column, per) for name, column in zip((f"charge{end}", *names), sums, strict=True)}
        return pa.table({**made, **amounts}).replace_schema_metadata(record)
    table = lines.table
    for name, column in zip(names, parts, strict=True):
        if name in table.column_names:
            raise KetacostError(f"{lines.name}: the column {name!r} is one of the results; give it another name")
        table = table.append_column(name, pa.array(_in(column, per)))
    outcome = pa.DictionaryArray.from_arrays(
        pa.array((covered * (1 + (parts[5] > 0))).astype(np.int8)), pa.array(OUTCOMES)
    )
    return table.append_column("outcome", outcome).replace_schema_metadata(record)


def _in(cents: Any, per: int) -> Any:
    """An amount as ints of cents, or as floats of so many cents."""
    return cents if per == 1 else cents / per


def used_before(used: Any) -> Any:
    """What was used before, as a caller gives it: a table becomes `Used` by patient, the rest stays.

    A row of the table has patient, as_of, network and deductible, out_of_pocket or coinsurance in dollars, for the
    patient or a `member` of the family (`family` for all together); or benefit and visits of the patient.
    Raises KetacostError for a row that cannot be.
    """
    for patient, its in used.items() if isinstance(used, Mapping) else ():
        of_kind(f"what {told(patient)} has used", its, Used, "kc.Used(as_of=..., members=...)")
    if used is None or isinstance(used, Used | Mapping):
        return used
    table = _as_table(used, "used")
    of: dict[Any, dict[str, Any]] = {}
    for number, row in enumerate(table.to_pylist(), 1):
        cells = {name: value for name, value in row.items() if value is not None and value == value}
        try:
            its = of.setdefault(cells["patient"], {"members": {}, "family": {}, "visits": {}})
            its["as_of"] = read(date, cells["as_of"])
            if "visits" in cells:
                its["visits"][cells["benefit"]] = int(cells["visits"])
                continue
            amounts = Amounts(*(_cents(cells.get(name, 0)) for name in Amounts.__dataclass_fields__))
            member = member_in(cells.get("member", PATIENT))
            networks = its["family"] if member == "family" else its["members"].setdefault(member, {})
            networks[cells["network"]] = amounts
        except KeyError as missing:
            raise KetacostError(f"used, row {number}: {missing} is needed") from None
        except (KetacostError, ValueError) as error:
            raise KetacostError(f"used, row {number}: {error}") from None
    return {patient: Used(**its) for patient, its in of.items()}


def _cents(dollars: Any) -> int:
    """Dollars of a cell in cents, from a float too."""
    return usd(f"{dollars:.2f}" if isinstance(dollars, float) else dollars)


def _by_contract(used: Any, lines: Lines) -> dict[int, Used]:
    """What was used before by contract, as far as lines have one."""
    used = used_before(used)
    if not used or (isinstance(used, Used) and used.as_of is None):
        return {}
    contracts, first = np.unique(lines.contract, return_index=True)
    patients = lines.patients.take(lines.patient[first]).to_pylist()
    known = [used if isinstance(used, Used) else used.get(patient) for patient in patients]
    return {int(contract): its for contract, its in zip(contracts, known, strict=True) if its and its.as_of}


def walked(lines: Lines, used: Any = None, rule: Rule = THE_RULE) -> Any:
    """Seven ints a line, by part and row of the table: the six of its split in cents, and whether it is covered.

    Raises KetacostError with the row of the first line that cannot be split.
    """
    lines.allow(rule)
    columns = lines.columns()
    rows = rows_of(lines, _by_contract(used, lines), rule)
    state, begun = np.zeros((len(lines.members) + 1) * rows.size, np.int64), np.zeros(len(lines.members), np.int64)
    parts = np.empty(7 * lines.count, np.int64)
    end = compiled_walk(rule)(columns, rows, state, begun, parts, 0, lines.count)
    if end < lines.count:
        _refuse(lines, used, rule, end)
    parts = parts.reshape(7, lines.count)
    if not rule.as_booklets_say:
        off = np.flatnonzero((parts[:6].sum(axis=0) != columns.charge) | (parts[:6] < 0).any(axis=0))
        if off.size:
            _refuse(lines, used, rule, int(off[0]))
    if lines.order is not None:
        sorted_parts, parts = parts, np.empty_like(parts)
        parts[:, lines.order] = sorted_parts
    return parts


def second_payments(lines: Lines, parts: Any, second: Mapping[str, SecondPlan]) -> Any:
    """What the second plans pay, in cents by row: `parts` is what `walked` gave, `second` is by the first plan's name.

    Raises KetacostError for a plan without a second one, and as `walked` does.
    """
    seconds = [named("second plan", name, second) for name in lines.root_names]
    if any(one.goes == "first" for one in seconds):
        raise KetacostError("in a cohort the plan in the column `plan` pays first: swap it with its second plan")
    ways = np.array([one.coordination for one in seconds])[lines.root]
    yours = lines.charge - parts[1] - parts[5]
    charge = lines.charge - parts[1]
    allowed = np.where(parts[6] > 0, np.minimum(charge, np.maximum(lines.allowed, 0)), charge)
    paid = np.where(ways == MAINTENANCE, parts[5], 0)
    after = copy(lines)
    after.rows, after.roots, after.charge = {}, [one.plan for one in seconds], charge - paid
    after.allowed = np.maximum(allowed - paid, 0)
    after.dated()
    shielded = [plan.protected_network for plan in after.plans]
    own = [one.network for one in seconds]
    after.networks = list(dict.fromkeys((*lines.networks, *shielded, *filter(None, own))))
    at = np.array([after.networks.index(name) if name else -1 for name in own])[lines.root]
    codes = np.array([after.networks.index(name) for name in shielded])[after.plan]
    after.network = np.where(lines.protected, codes, np.where(at < 0, lines.network, at))
    patients = lines.patients.to_pylist()
    used = {patients[lines.patient[row]]: seconds[lines.root[row]].used for row in np.unique(lines.contract, True)[1]}
    benefit = walked(after, used)[5]
    return np.minimum(np.where(ways == CARVE_OUT, np.maximum(benefit - parts[5], 0), benefit), yours)


def _refuse(lines: Lines, used: Any, rule: Rule, at: int) -> None:
    """Raise what one patient's adjudication says of the line at which the walk stopped, with its row."""
    order = np.arange(lines.count) if lines.order is None else lines.order
    row = order[at]
    number = lines.numbers[row]
    bill = [lines.line(k) for k in order[: at + 1] if lines.contract[k] == lines.contract[row]]
    try:
        plan, before = lines.roots[lines.root[row]], _by_contract(used, lines).get(int(lines.contract[row]))
        walk(bill, plan, before, rule=rule)
    except KetacostError as error:
        raise KetacostError(f"{lines.name}, row {number}: {error}") from None
    raise AssertionError(f"row {number} is split alone and not in the cohort")
