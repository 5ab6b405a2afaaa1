"""The estimate as plain text for a terminal: the headline, outcomes, charge to net, lines, what to know, sources."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from ketacost.core.dates import us_day
from ketacost.core.money import about
from ketacost.core.references import GRADES
from ketacost.core.words import WIDE, WIDTH, fitted, folded
from ketacost.estimate.budget import budget_of, in_a_month
from ketacost.estimate.estimate import Estimate
from ketacost.estimate.explain import accumulated_text, citations, notes_on, trace
from ketacost.estimate.explain import steps as steps_of
from ketacost.estimate.sentences import costliest, pays_alone
from ketacost.model.accumulators import tables
from ketacost.model.adjudication import Claim
from ketacost.model.plans import Plan
from ketacost.reports.outcomes import answered, without_a_plan
from ketacost.reports.statement import Column, Statement
from ketacost.reports.statements import statement

NARROW, ZERO = 12, ("", "$0.00")
"""The fewest signs that a column of words keeps; amounts that a row in words leaves out."""


def answer_text(estimate: Estimate, *, steps: bool = False, width: int = WIDE) -> str:
    """The whole estimate in words and tables; with `steps`, every step of the arithmetic too."""
    return "\n".join(_estimate(estimate, steps, width))


NO_LIMIT = "the plan states no yearly limit: none is used, so you pay this much at most"


def claims_text(claims: Sequence[Claim], plan: Plan, *, steps: bool = False, width: int = WIDE) -> str:
    """Adjudicated lines as a table, as an insurer's explanation of benefits has them, and what the year has used."""
    table = statement(claims)
    plan = claims[0].rule.changed(plan) if claims else plan
    lines = [folded(table.headline, width=width), "", table_text(table, width)]
    lines += [part for note in notes_on(claims) for part in ("", folded(note, width=width))]
    last = {claim.line.member: claim for claim in claims}
    for member, claim in last.items():
        held = tables(plan, claim.line.date).plan
        lines += ["", f"After the last line, plan year from {us_day(claim.plan_year)} ({member}):"]
        lines += [f"  {name}: {accumulated_text(held, after, name)}" for name, after in claim.accumulated.items()]
    if claims and (held := tables(plan, claims[-1].line.date).plan).family:
        lines += ["", f"The family together, plan year from {us_day(claims[-1].plan_year)}:"]
        lines += [
            f"  {name}: {accumulated_text(held, after, name, family=True)}"
            for name, after in claims[-1].accumulated.items()
        ]
    if steps:
        lines += _listed("Every step:", (" ".join(steps_of(claim)) for claim in claims if claim.line.charge))
    return fitted("\n".join(lines), width)


def table_text(table: Statement, width: int = WIDE) -> str:
    """A statement as a table of text, amounts to the right, with a line above the totals, in so many columns.

    Where it does not fit, columns of words are narrower; where that is not enough, each row is a list of its amounts.
    """
    body = [[column.shown(cell) for column, cell in table.cells(row)] for row in table.rows]
    foot = [[column.shown(cell) for column, cell in table.cells(table.totals)]] if table.totals else []
    note = f"\n{folded(table.footnote, width=width)}" if table.footnote else ""
    for longest, gap in ((11, 2), (8, 1)):
        heads = [textwrap.wrap(column.heading, longest, break_long_words=False) for column in table.columns]
        heading: list[Sequence[str]] = list(zip_longest(*heads, fillvalue=""))
        widths = [max(map(len, cells)) for cells in zip(*heading, *body, *foot, strict=True)]
        whole = sum(widths) + gap * (len(widths) - 1)
        if whole <= width:
            return _drawn((heading, body, foot), widths, table.columns, gap) + note
    if not _shrunk(widths, table.columns, whole - width):
        return "\n".join(_stacked(row, table.columns, width) for row in (*body, *foot)) + note
    return _drawn([_broken(rows, widths) for rows in (heading, body, foot)], widths, table.columns, gap) + note


def _drawn(parts: Sequence[Sequence[Sequence[str]]], widths: Sequence[int], columns: Sequence[Column], gap: int) -> str:
    """The heading, the rows and the totals with lines between them."""
    rule = "-" * (sum(widths) + gap * (len(widths) - 1))
    return f"\n{rule}\n".join("\n".join(_line(row, widths, columns, gap) for row in rows) for rows in parts if rows)


def _shrunk(widths: list[int], columns: Sequence[Column], too_much: int) -> bool:
    """Make the widest columns of words narrower, one sign at a time; whether that is enough."""
    for _ in range(too_much):
        wide = [number for number, column in enumerate(columns) if column.kind != "money" and widths[number] > NARROW]
        if not wide:
            return False
        widths[max(wide, key=widths.__getitem__)] -= 1
    return True


def _broken(rows: Sequence[Sequence[str]], widths: Sequence[int]) -> list[Sequence[str]]:
    """Rows whose cells are broken into lines that fit their columns."""
    broken: list[Sequence[str]] = []
    for row in rows:
        cells = [textwrap.wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
        broken += list(zip_longest(*cells, fillvalue=""))
    return broken


def _stacked(row: Sequence[str], columns: Sequence[Column], width: int) -> str:
    """A row in words: what it is of, and under it each amount that is not zero."""
    cells = list(zip(columns, row, strict=True))
    words = ", ".join(cell for column, cell in cells if column.kind != "money" and cell)
    amounts = "; ".join(
        f"{column.heading} {cell}" for column, cell in cells if column.kind == "money" and cell not in ZERO
    )
    return f"{folded(words, width=width)}\n{folded(amounts, '  ', width)}".rstrip()


def _estimate(estimate: Estimate, steps: bool, width: int) -> Iterator[str]:
    yield folded(estimate.sentence, width=width)
    if estimate.rest:
        yield folded(estimate.rest, width=width)
    alone = pays_alone(estimate)
    tables = (*([] if alone else [estimate]), *([estimate.steps_to_net] if estimate.steps_to_net else []))
    for table in map(statement, tables):
        yield f"\n{table.caption}:\n{table_text(table, width)}"
    yield from _cash(estimate, width)
    if estimate.shown.claims:
        lines = statement(estimate.shown)
        table = without_a_plan(lines) if alone else lines
        yield f"\n{folded(_case(estimate), width=width)}\n{table_text(table, width)}"
    if notes := (*estimate.unused, *estimate.notes):
        yield from _listed("To know:", notes, width)
    if steps:
        yield from _listed("Every step:", trace(estimate.shown), width)
    count = Counter(citation.grade for citation in citations(estimate.shown))
    grades = ", ".join(f"{count[grade]} {grade}" for grade in GRADES if count[grade])
    used = f"{count.total()} numbers with sources: {grades}."
    yield f"\n{folded(f'{used} `ketacost check` names them. This is not advice.', width=width)}"


def _case(estimate: Estimate) -> str:
    """The title of the lines: which case they are of."""
    if pays_alone(estimate):
        return "Line by line:"
    return f"Line by line, if {answered(estimate)}:"


def _cash(estimate: Estimate, width: int) -> Iterator[str]:
    """The costliest month, the most to wait for from checks where something comes back, and a budget that was said."""
    first, most = estimate.dearest_month
    if first:
        yield f"\n{costliest(estimate).capitalize()}: {about(most)} in {first:%B %Y}"
    waits, day = estimate.most_waiting
    if day:
        yield f"Most owed to you in checks: {about(waits)} on {us_day(day)}"
    if budget := budget_of(estimate):
        yield from (folded(text, width=width) for text in in_a_month(budget))


def _listed(title: str, texts: Iterable[str], width: int = WIDTH) -> Iterator[str]:
    yield f"\n{title}"
    yield from (folded(text, "- ", width) for text in texts)


def _line(cells: Sequence[str], widths: Sequence[int], columns: Sequence[Column], gap: int) -> str:
    placed = (
        cell.rjust(width) if column.kind == "money" else cell.ljust(width)
        for cell, width, column in zip(cells, widths, columns, strict=True)
    )
    return (" " * gap).join(placed).rstrip()
