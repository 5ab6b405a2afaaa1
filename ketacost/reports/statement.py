"""Frames to compute with, Statements to read: every result as a frame, as HTML for the session, and as one line of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from ketacost.core.money import about, dollars, shown
from ketacost.estimate.answer import Answer, Totals, by_coverage
from ketacost.estimate.explain import label_of
from ketacost.estimate.scenario import Scenario
from ketacost.model.adjudication import Claim
from ketacost.reports.json_output import carried

if TYPE_CHECKING:
    import pandas as pd

MONEY = "money"
OUTCOMES = {"denied": "Not covered", "counted": "Approved, $0 back", "paid": "Paid"}
"""The three things that can happen to a line; they are never mixed."""


@dataclass(frozen=True)
class Column:
    """A column of a statement: its name in a frame, its heading, and whether it holds cents."""

    name: str
    heading: str
    money: bool = False


@dataclass(frozen=True)
class Statement:
    """A table to read, with the headline first. `frame` computes, HTML is for the session, `repr` is one line."""

    headline: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    totals: tuple[Any, ...] = ()
    footnote: str = ""
    scenario: Scenario | None = None

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as a pandas frame; amounts in dollars as Decimal, to the cent; None where a word stands for one."""
        from decimal import Decimal

        import pandas as pd

        plain = [
            [
                (Decimal(dollars(cell)) if isinstance(cell, int) else None) if c.money else cell
                for c, cell in zip(self.columns, row, strict=True)
            ]
            for row in self.rows
        ]
        return pd.DataFrame(plain, columns=[column.name for column in self.columns])

    def __repr__(self) -> str:
        return self.headline

    def _repr_mimebundle_(self, **more: Any) -> dict[str, Any]:
        return carried(self.scenario)

    def _repr_html_(self) -> str:
        return f'<div class="ketacost tex2jax_ignore mathjax_ignore"><p><strong>{escape(self.headline)}</strong></p>{self.table()}</div>'

    def table(self, why: Sequence[str] = ()) -> str:
        """The table alone, as HTML with header cells that screen readers can use; `why` names a figure to ask about, row by row."""
        heads = "".join(f'<th scope="col"{_side(c)}>{escape(c.heading)}</th>' for c in self.columns)
        asked = why if len(why) == len(self.rows) else [""] * len(self.rows)
        body = "".join(f"<tr>{self._cells(row, figure)}</tr>" for row, figure in zip(self.rows, asked, strict=True))
        foot = f"<tfoot><tr>{self._cells(self.totals)}</tr></tfoot>" if self.totals else ""
        note = f"<p>{escape(self.footnote)}</p>" if self.footnote else ""
        return f"<table><caption>{escape(self.caption)}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody>{foot}</table>{note}"

    def _cells(self, row: Sequence[Any], why: str = "") -> str:
        told = []
        for number, (column, cell) in enumerate(zip(self.columns, row, strict=True)):
            text = escape(shown(cell) if column.money and isinstance(cell, int) else str(cell))
            if number == 0 and why:
                text = f'<button type="button" class="keta-figure" data-why="{why}" aria-label="{text}: why?">{text}</button>'
            told.append(
                f'<th scope="row"{_side(column, cell)}>{text}</th>'
                if number == 0
                else f"<td{_side(column, cell)}>{text}</td>"
            )
        return "".join(told)


def statement(result: Answer | Sequence[Claim]) -> Statement:
    """What happened to each line of the bill, like the explanation of benefits that an insurer sends.

    Lines that stand at $0 because another charge includes them are left out; the totals are over every line.
    """
    claims = tuple(result.claims if isinstance(result, Answer) else result)
    totals = Totals.of(claims)
    money = [
        ("charge", "Clinic charges", totals.charge),
        ("allowed", "Plan counts", totals.allowed),
        ("balance_bill", "Above that, or not covered", totals.balance_bill + totals.not_covered),
        ("write_off", "Written off", totals.write_off),
        ("copay", "Copay", totals.copay),
        ("deductible", "To your deductible", totals.deductible),
        ("coinsurance", "Your share after it", totals.coinsurance),
        ("plan_pays", "Plan pays", totals.plan_pays),
        ("you_pay", "You pay", totals.you_pay),
    ]
    kept = [one for one in money if one[2] or one[0] in ("charge", "allowed", "plan_pays", "you_pay")]
    columns = (
        Column("date", "Date"),
        Column("service", "Service"),
        *(Column(n, h, True) for n, h, _ in kept),
        Column("outcome", "What the plan did"),
    )
    rows = tuple(
        (
            claim.line.date.isoformat(),
            label_of(claim),
            *(_amount(claim, name) for name, _, _ in kept),
            OUTCOMES[claim.outcome],
        )
        for claim in claims
        if claim.line.charge
    )
    headline = (
        result.sentence
        if isinstance(result, Answer)
        else f"You pay {shown(totals.you_pay)} of {shown(totals.charge)}; the plan pays {shown(totals.plan_pays)}."
    )
    left_out = sum(not claim.line.charge for claim in claims)
    footnote = f"{left_out} lines at $0, included in another charge, are left out." if left_out else ""
    sums = ("Total", "", *(amount for _, _, amount in kept), "")
    shown_of = result.scenario if isinstance(result, Answer) else None
    return Statement(headline, "Line by line", columns, rows, sums, footnote, shown_of)


def outcomes(answer: Answer) -> Statement:
    """What the same course costs under each answer the plan can give, side by side, in a stated order: least covered first."""
    found = by_coverage(answer.scenario)
    words = {"denied": "Denied", "visits only": "Visits only", "infusions too": "Infusions too"}
    columns = (
        Column("outcome", "If the plan covers"),
        *(
            Column(n, h, True)
            for n, h in (
                ("deductible", "Counts to your deductible"),
                ("plan_pays", "Sent back"),
                ("you_pay", "You pay"),
            )
        ),
    )
    rows = tuple((words[name], t.deductible, t.plan_pays, t.you_pay) for name, t in found.items())
    parts = ", ".join(f"{words[name].lower()} {about(t.you_pay)}" for name, t in found.items())
    return Statement(
        f"You pay: {parts}.", "What the plan may say, least covered first", columns, rows, scenario=answer.scenario
    )


def parts_of_charge(totals: Totals) -> tuple[tuple[str, int, int], ...]:
    """The way from the charge to what you pay, as bars: (label, from, to) in cents, each starting where the last one ended."""
    bars = [("What the clinic charges", 0, totals.charge)]
    top = totals.charge
    for label, amount in (
        ("Not covered: yours", totals.not_covered),
        ("Above what it counts (balance bill): yours", totals.balance_bill),
        ("Written off: nobody pays", totals.write_off),
    ):
        if amount:
            bars.append((label, top - amount, top))
            top -= amount
    bars.append(("What the plan counts (allowed amount)", 0, totals.allowed))
    for label, amount in (
        ("Your deductible", totals.deductible),
        ("Your copays", totals.copay),
        ("Your share after that (coinsurance)", totals.coinsurance),
    ):
        if amount:
            bars.append((label, top - amount, top))
            top -= amount
    bars.append(("What the plan pays", 0, totals.plan_pays))
    bars.append(("What you pay in the end", 0, totals.you_pay))
    return tuple(bars)


def bars_statement(answer: Answer) -> Statement:
    """The chart's own table: the way from the charge to what you pay."""
    rows = tuple((label, end - start) for label, start, end in parts_of_charge(answer.totals))
    columns = (Column("part", "Part"), Column("amount", "Amount", True))
    return Statement(finding(answer.totals), "From the charge to what you pay", columns, rows)


def finding(totals: Totals) -> str:
    """The chart's title: what it shows, in a sentence."""
    share = f"{100 * totals.plan_pays / totals.charge:.0f}%" if totals.charge else "0%"
    return f"Of {about(totals.charge)} charged, the plan pays {about(totals.plan_pays)} ({share}); you pay {about(totals.you_pay)}."


def _amount(claim: Claim, name: str) -> int:
    if name == "charge":
        return claim.line.charge
    if name == "allowed":
        return min(claim.allowed, claim.line.charge)
    parts: Mapping[str, int] = {**claim.split._asdict(), "you_pay": claim.you_pay}
    return parts[name]


def _side(column: Column, cell: Any = "") -> str:
    text = cell if isinstance(cell, str) else ""
    day = len(text) == 10 and text[4:8:3] == "--"
    kept = ";white-space:nowrap" if day else ";min-width:20em" if len(text) > 90 else ""  # long words keep their room
    return f' style="text-align:{"right" if column.money else "left"}{kept}"'
