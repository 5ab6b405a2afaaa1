"""A table to read and to compute with: one description of its columns for HTML, text, CSV, workbooks and frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ketacost.core.dates import us_day
from ketacost.core.fields import require
from ketacost.core.money import about, dollars, shown
from ketacost.core.references import Citation
from ketacost.estimate.answer import Totals, run
from ketacost.estimate.cash_flow import Entry
from ketacost.estimate.estimate import Estimate, NetStep
from ketacost.estimate.explain import citations
from ketacost.estimate.scenario import Scenario
from ketacost.estimate.sentences import pays_alone
from ketacost.estimate.texts import how_often
from ketacost.reports.json_output import carried
from ketacost.reports.markup import Cell, table, whole

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "money", "day", "month", "count", "number", "share", "chance"]
LONG = 90
"""From how many letters on a text keeps its room in a table."""


@dataclass(frozen=True)
class Column:
    """A column: its name in frames and files, its heading, what its cells are, and where a result holds its cell.

    Cells are raw: cents for money, dates for days and months, ints for counts, Fractions for numbers, shares and
    chances. A text may stand in for any of them, such as "not open". Without `of`, the cell is the attribute of the
    column's name. `means` explains the column in a workbook; `words` are what people read in place of a code such as
    "counted". People write in a `blank` one.
    """

    name: str
    heading: str
    kind: Kind = "text"
    of: Callable[[Any], Any] | None = None
    means: str = ""
    words: Mapping[str, str] | None = None
    blank: bool = False

    def cell(self, result: Any) -> Any:
        """The raw cell of a result."""
        return self.of(result) if self.of else getattr(result, self.name)

    def said(self, cell: Any) -> bool:
        """Whether a cell says anything: an amount other than zero, or any word, day or number."""
        return bool(cell) if self.kind == "money" else cell is not None and cell != ""

    def shown(self, cell: Any) -> str:
        """A cell as people read it."""
        if self.words and cell in self.words:
            return self.words[cell]
        if cell is None or isinstance(cell, str):
            return cell or ""
        return SHOWN[self.kind](cell)

    def plain(self, cell: Any) -> Any:
        """A cell as files hold it: dollars as Decimal, shares and hours as floats, None for a word."""
        if self.kind != "text" and isinstance(cell, str):
            return None
        if self.kind == "money" and cell is not None:
            return Decimal(dollars(cell))
        return round(float(cell), 6) if isinstance(cell, Fraction) else cell


def columns(kind: Kind = "text", /, **headings: str) -> tuple[Column, ...]:
    """Columns of one kind whose cells a result holds under the columns' own names."""
    return tuple(Column(name, heading, kind) for name, heading in headings.items())


MONEY_TYPES = {"dollars": "float64", "decimal": "object", "cents": "Int64"}
FRAME_TYPES: dict[Kind, str] = {
    "text": "object",
    "day": "datetime64[s]",
    "month": "datetime64[s]",
    "count": "Int64",
    "number": "float64",
    "share": "float64",
    "chance": "float64",
}
"""What a frame holds for each kind of cell."""

SHOWN: dict[Kind, Callable[[Any], str]] = {
    "text": str,
    "money": shown,
    "day": us_day,
    "month": lambda day: f"{day:%b %Y}",
    "count": str,
    "number": lambda number: f"{float(number):.1f}".removesuffix(".0"),
    "share": lambda share: f"{float(100 * share):.3g}%",
    "chance": how_often,
}
"""How people read each kind of cell."""


@dataclass(frozen=True)
class Statement:
    """A table with its finding first. `frame` is for computing, HTML for a notebook; `repr` is the finding.

    `scenarios` are those that it shows, for its sources; `full` has every column and row of the result, for files.
    `brief` is what a page shows in its place, if anything: equal rows together, or notes below.
    """

    headline: str
    caption: str
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    totals: tuple[Any, ...] = ()
    footnote: str = ""
    scenarios: tuple[Scenario, ...] = ()
    full: Statement | None = None
    brief: Statement | None = None

    @classmethod
    def of(
        cls, headline: str, caption: str, columns: Iterable[Column], results: Iterable[Any], **more: Any
    ) -> Statement:
        """A statement with a row for each result, its cells taken as the columns say."""
        columns = tuple(columns)
        rows = tuple(tuple(column.cell(result) for column in columns) for result in results)
        return cls(headline, caption, columns, rows, **more)

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as a pandas frame, in types that compute: dollars and shares as floats, days as datetime64."""
        return self.frame_in("dollars")

    def frame_in(self, money: str) -> pd.DataFrame:
        """The rows as a pandas frame, with money as floats of dollars, as `decimal`, or as whole `cents`.

        Days and months are datetime64, counts Int64, shares, chances and numbers float64; where a word stands in for
        one there is none. Raises UnknownName for another kind of money.
        """
        import pandas as pd

        require("kind of money", money, MONEY_TYPES)
        kinds = {**FRAME_TYPES, "money": MONEY_TYPES[money]}
        series = {}
        for place, column in enumerate(self.columns):
            name, cells = column.name, [column.plain(row[place]) for row in self.rows]
            if column.kind == "money" and money == "cents":
                name, cells = f"{name}_cents", [None if cell is None else int(cell * 100) for cell in cells]
            series[name] = pd.Series(cells, dtype=kinds[column.kind])
        return pd.DataFrame(series)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The sources of the scenarios that it shows, each as entered, without its ranges."""
        answers = (run(scenario.replace(ranges={}, odds={})) for scenario in self.scenarios)
        return tuple(dict.fromkeys(citation for answer in answers for citation in citations(answer)))

    def cells(self, row: Sequence[Any]) -> Iterable[tuple[Column, Any]]:
        """The cells of a row, each with its column."""
        return zip(self.columns, row, strict=True)

    def noted(self, words: str) -> Statement:
        """The same statement with a note below it, before its own."""
        full = self.full and self.full.noted(words)
        return replace(self, footnote=f"{words} {self.footnote}".strip(), full=full)

    def only(self, *names: str) -> Statement:
        """The same statement with some of its columns; files still hold all of them."""
        places = [place for place, column in enumerate(self.columns) if column.name in names]
        columns, *rows = (tuple(row[place] for place in places) for row in (self.columns, *self.rows))
        totals = tuple(self.totals[place] for place in places) if self.totals else ()
        return replace(self, columns=columns, rows=tuple(rows), totals=totals, full=self.full or self, brief=None)

    def filled(self) -> Statement:
        """The same statement without the columns in which nothing stands but zeros of money or empty cells."""
        names = [
            column.name
            for place, column in enumerate(self.columns)
            if column.blank or any(column.said(row[place]) for row in self.rows)
        ]
        return self.only(*names) if len(names) < len(self.columns) else self

    def __repr__(self) -> str:
        return self.headline

    def _repr_mimebundle_(self, **more: Any) -> dict[str, Any]:
        return carried(self.scenarios[0] if len(self.scenarios) == 1 else None)

    def _repr_html_(self) -> str:
        return whole(self.headline, self.as_read.table())

    @property
    def as_read(self) -> Statement:
        """As a page shows it: equal rows together, notes below, and no empty column."""
        return (self.brief or self).filled()

    def notes_below(self) -> Statement:
        """The same, read with what the last column notes of a row below the table, where no scroll bar hides it."""
        notes = [f"{name}: {note.rstrip('.')}." for name, *_, note in self.rows if note]
        names = [column.name for column in self.columns[:-1]]
        below = "\n".join(filter(None, (*notes, self.footnote)))
        return replace(self, brief=replace(self.only(*names), footnote=below)) if notes else self

    def table(self, why: Sequence[str] = ()) -> str:
        """The table alone, as HTML; `why` names a figure to ask about, row by row."""
        heads = [Cell(escape(column.heading), _style(column)) for column in self.columns]
        rows = [self._html(row) for row in self.rows]
        if len(why) == len(rows):
            rows = [[_button(row[0], figure), *row[1:]] for row, figure in zip(rows, why, strict=True)]
        note = "".join(f"<p>{escape(line)}</p>" for line in self.footnote.splitlines())
        foot = self._html(self.totals) if self.totals else ()
        return table(heads, rows, caption=self.caption, foot=foot) + note

    def _html(self, row: Sequence[Any]) -> list[Cell]:
        return [Cell(escape(column.shown(cell)), _style(column, cell)) for column, cell in self.cells(row)]


class BillPart(NamedTuple):
    """A part of a bill: the heading of its column, its label in a sentence or picture, and what it means."""

    heading: str
    label: str
    means: str


PARTS: Mapping[str, BillPart] = {
    "charge": BillPart("Clinic charges", "What the clinic charges", "the clinic's price, before any plan"),
    "not_covered": BillPart("Not covered", "Not covered", "the charges of lines that the plan refuses: yours"),
    "balance_bill": BillPart(
        "Above that, or not covered", "Above what it counts (balance bill)", "what the plan does not count: yours"
    ),
    "write_off": BillPart("Written off", "Written off", "what the clinic may not bill: nobody pays it"),
    "allowed": BillPart("Plan counts", "What the plan counts (allowed amount)", "the charge, or less, that it splits"),
    "deductible": BillPart("To your deductible", "Your deductible", "what you pay before the plan begins to pay"),
    "copay": BillPart("Copay", "Your copays", "a set amount for the visit"),
    "coinsurance": BillPart(
        "Your share after it", "Your share after that (coinsurance)", "your percentage of what the plan counts"
    ),
    "plan_pays": BillPart("Plan pays", "What the plan pays", "what it sends to the clinic or back to you"),
    "you_pay": BillPart("You pay", "What you pay in the end", "charge less what is written off and the plan pays"),
}
"""The parts of a bill by the names in `Totals`, in order from what the clinic charges to what you pay."""


OUT: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "clinic": ("To the clinic", ("deposit", "package", "visit")),
    "accounts_in": ("Into accounts", ("contribution",)),
    "loan_paid": ("To the lender", ("loan",)),
    "on_hand": ("From what accounts held", ("on hand",)),
    "other_out": ("Other costs", ("filing fee", "step", "monthly fee")),
}
BACK: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "plan_back": ("Back from the plan", ("check", "appeal check")),
    "accounts_back": ("Back from accounts", ("hra", "fsa", "hsa", "kept")),
    "tax": ("Less tax", ("tax",)),
    "lent": ("Lent to you", ("loan",)),
    "other_back": ("Other help and refunds", ("assistance", "refund", "rebate")),
}
"""What goes out and what comes back: groups, each with its heading and its kinds of entries. A loan goes both ways."""


def group(entry: Entry) -> str:
    """The group of an entry, by its kind and whether it goes out or comes back; the last one takes unknown kinds."""
    side = OUT if entry.cents > 0 else BACK
    return next((name for name, (_, kinds) in side.items() if entry.kind in kinds), list(side)[-1])


OWNER = {"not_covered": "yours", "balance_bill": "yours", "write_off": "nobody pays"}
"""Who bears what the plan does not count."""

FROM_ZERO = ("charge", "allowed", "plan_pays", "you_pay")
"""The bars that start at nothing; each of the others starts where the one before it ended."""


OWED = "What you owe for the visits"
AFTER_THE_BILL = (
    *("monthly_fees", "steps", "filing_fee", "interest", "lost"),
    *("assistance", "hra", "rebate", "tax_saved"),
)
"""The steps from what is owed for the visits to the net."""


def parts_of_charge(totals: Totals) -> tuple[tuple[str, str, int, int], ...]:
    """From the charge to what you pay, as bars: (name, label, from, to) in cents; bars of nothing are left out."""
    bars, top = [], totals.charge
    for name, part in PARTS.items():
        amount = getattr(totals, name)
        label = f"{part.label}: {OWNER[name]}" if name in OWNER else part.label
        if name in FROM_ZERO:
            bars.append((name, label, 0, amount))
        elif amount:
            bars.append((name, label, top - amount, top))
            top -= amount
    return tuple(bars)


def after_the_bill(estimate: Estimate) -> tuple[NetStep, ...]:
    """What is added to what is owed for the visits, and taken from it, to give the net."""
    return tuple(step for step in estimate.steps_to_net if step.id in AFTER_THE_BILL)


OF_A_PLAN = ("not_covered", "allowed", "plan_pays")
"""The bars that say nothing to a patient without a plan."""


def parts_to_net(estimate: Estimate) -> tuple[tuple[str, str, int, int], ...]:
    """From the charge to the net of the shown case, as bars, like `parts_of_charge`."""
    bars = list(parts_of_charge(estimate.shown.totals))
    if pays_alone(estimate):
        bars = [bar for bar in bars if bar[0] not in OF_A_PLAN]
    steps = after_the_bill(estimate)
    if not steps:
        return tuple(bars)
    *bars, (name, label, start, top) = bars
    bars.append((name, OWED, start, top))
    for step in steps:
        bars.append((step.id, step.label, min(top, top + step.cents), max(top, top + step.cents)))
        top += step.cents
    return (*bars, ("net", label, 0, top))


def finding_of(estimate: Estimate) -> str:
    """What the bars of an estimate show, in a sentence."""
    return finding(estimate.shown.totals, after_the_bill(estimate), alone=pays_alone(estimate))


def finding(totals: Totals, steps: Sequence[NetStep] = (), *, alone: bool = False) -> str:
    """What the bars show, in a sentence; `steps` lead from what is owed to the net; `alone` where there is no plan."""
    if not totals.charge and not steps:
        return "Nothing is charged."
    pays = "Nothing is charged for the visits"
    if totals.charge:
        pays = f"Of {about(totals.charge)} charged, the plan pays {about(totals.plan_pays)} "
        pays += f"({100 * totals.plan_pays / totals.charge:.0f}%)"
    if alone and totals.charge:
        pays = f"The clinic charges {about(totals.charge)}"
    if not steps:
        return f"{pays}; you pay {'all of it' if alone else about(totals.you_pay)}."
    labels = (step.label for step in steps)
    *others, last = (text if text[1].isupper() else f"{text[0].lower()}{text[1:]}" for text in labels)
    named = f"{', '.join(others)} and {last}" if others else last
    net = totals.you_pay + sum(step.cents for step in steps)
    return f"{pays}; you owe {about(totals.you_pay)}. Counting {named}, you pay {about(net)} in the end."


def _button(cell: Cell, figure: str) -> Cell:
    """A cell that can be asked for its reason."""
    label = f'data-why="{figure}" aria-label="{cell.html}: why?"'
    return Cell(f'<button type="button" class="keta-figure" {label}>{cell.html}</button>', cell.attributes)


def _style(column: Column, cell: Any = None) -> str:
    """Money to the right; days on one line, long texts wide enough to read."""
    room = ""
    if isinstance(cell, date) and column.kind == "day":
        room = ";white-space:nowrap"
    elif isinstance(cell, str) and len(cell) > LONG:
        room = ";min-width:20em"
    return f' style="text-align:{"right" if column.kind == "money" else "left"}{room}"'
