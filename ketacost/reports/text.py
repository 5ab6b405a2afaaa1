"""The answer as plain text for a terminal: the sentence, the three numbers, the lines, what to know and the sources."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from ketacost.core.money import about
from ketacost.core.references import GRADES
from ketacost.estimate.answer import Answer
from ketacost.estimate.explain import accumulated_text, citations, notes, trace
from ketacost.estimate.explain import steps as steps_of
from ketacost.model.adjudication import Claim
from ketacost.model.plans import Plan
from ketacost.reports.statement import Column, Statement
from ketacost.reports.statements import statement

WIDTH = 100


def answer_text(answer: Answer, *, steps: bool = False) -> str:
    """The whole answer in words and one table; with `steps`, every step of the arithmetic too."""
    return "\n".join(_answer(answer, steps))


def claims_text(claims: Sequence[Claim], plan: Plan, *, steps: bool = False) -> str:
    """Adjudicated lines as a table, as an insurer's explanation of benefits has them, and what the year has used."""
    table = statement(claims)
    lines = [folded(table.headline), "", table_text(table)]
    last = {claim.line.member: claim for claim in claims}
    for member, claim in last.items():
        lines += ["", f"After the last line, plan year from {claim.plan_year} ({member}):"]
        lines += [f"  {name}: {accumulated_text(plan, after, name)}" for name, after in claim.accumulated.items()]
    if steps:
        lines += _listed("Every step:", (" ".join(steps_of(claim)) for claim in claims if claim.line.charge))
    return "\n".join(lines)


def table_text(table: Statement) -> str:
    """A statement as a table of text, amounts to the right, with a line above the totals."""
    heads = [textwrap.wrap(column.heading, 11) for column in table.columns]
    heading = list(zip_longest(*heads, fillvalue=""))
    body = [[column.shown(cell) for column, cell in table.cells(row)] for row in table.rows]
    foot = [[column.shown(cell) for column, cell in table.cells(table.totals)]] if table.totals else []
    widths = [max(map(len, cells)) for cells in zip(*heading, *body, *foot, strict=True)]
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    blocks = ["\n".join(_line(row, widths, table.columns) for row in rows) for rows in (heading, body, foot) if rows]
    note = f"\n{folded(table.footnote)}" if table.footnote else ""
    return f"\n{rule}\n".join(blocks) + note


def folded(text: str, mark: str = "") -> str:
    """Text in lines that fit a terminal; a mark before it stands out."""
    return textwrap.fill(text, WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark))


def _answer(answer: Answer, steps: bool) -> Iterator[str]:
    yield f"{folded(answer.sentence)}\n"
    if answer.low.you_pay != answer.high.you_pay:
        yield _amount("could be as low as", answer.low.you_pay, answer.low_case)
        yield _amount("most likely", answer.you_pay, {})
        yield _amount("could be as high as", answer.high.you_pay, answer.high_case)
    else:
        yield f"  you pay {about(answer.you_pay)}"
    yield f"\n{table_text(statement(answer))}"
    if known := notes(answer):
        yield from _listed("To know:", known)
    if steps:
        yield from _listed("Every step:", trace(answer))
    count = Counter(citation.grade for citation in citations(answer))
    grades = ", ".join(f"{count[grade]} {grade}" for grade in GRADES if count[grade])
    rests = f"It rests on {count.total()} numbers with sources: {grades}."
    yield f"\n{folded(f'{rests} `ketacost check` names them. This is no advice.')}"


def _listed(title: str, texts: Iterable[str]) -> Iterator[str]:
    yield f"\n{title}"
    yield from (folded(text, "- ") for text in texts)


def _amount(label: str, amount: int, case: Mapping[str, str]) -> str:
    where = ", ".join(f"{path} = {value}" for path, value in case.items())
    return f"  {label:<20}{about(amount):>10}" + (f"   with {where}" if where else "")


def _line(cells: Sequence[str], widths: Sequence[int], columns: Sequence[Column]) -> str:
    placed = (
        cell.rjust(width) if column.kind == "money" else cell.ljust(width)
        for cell, width, column in zip(cells, widths, columns, strict=True)
    )
    return "  ".join(placed).rstrip()
