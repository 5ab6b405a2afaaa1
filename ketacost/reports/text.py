"""The answer as plain text for a terminal: the sentence, the three numbers, the lines, what to know and the sources."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from ketacost.core.money import about, shown
from ketacost.core.references import GRADES
from ketacost.estimate.answer import Answer
from ketacost.estimate.explain import accumulated_text, citations, notes, trace
from ketacost.model.adjudication import Claim
from ketacost.model.plans import Plan
from ketacost.reports.statement import Statement, statement

WIDTH = 100


def answer_text(answer: Answer, *, steps: bool = False) -> str:
    """The whole answer in words and one table; with `steps`, every step of the arithmetic too."""
    return "\n".join(_answer(answer, steps))


def claims_text(claims: Sequence[Claim], plan: Plan, *, steps: bool = False) -> str:
    """Adjudicated lines as a table, like the explanation of benefits that an insurer sends, and what the year has used."""
    told = [folded(statement(claims).headline), "", table_text(statement(claims))]
    last = {claim.line.member: claim for claim in claims}
    for member, claim in last.items():
        told += ["", f"After the last line, plan year from {claim.plan_year} ({member}):"]
        told += [f"  {name}: {accumulated_text(plan, after, name)}" for name, after in claim.accumulated.items()]
    if steps:
        from ketacost.estimate.explain import steps as steps_of

        told += ["", "Every step:", *(folded(" ".join(steps_of(claim)), "- ") for claim in claims if claim.line.charge)]
    return "\n".join(told)


def table_text(table: Statement) -> str:
    """A statement as a table of text, amounts to the right, with a line above the totals."""
    rows = [[_cell(cell) for cell in row] for row in table.rows]
    total = [[_cell(cell) for cell in table.totals]] if table.totals else []
    heads = [textwrap.wrap(column.heading, 11) or [""] for column in table.columns]
    tall = max(map(len, heads))
    heading = [[head[line] if line < len(head) else "" for head in heads] for line in range(tall)]
    widths = [max(map(len, cells)) for cells in zip(*heading, *rows, *total, strict=True)]
    sides = [column.money for column in table.columns]
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    body = [_line(cells, widths, sides) for cells in (*heading,)] + [rule]
    body += [_line(cells, widths, sides) for cells in rows]
    body += [rule, *(_line(cells, widths, sides) for cells in total)] if total else []
    return "\n".join([*body, *([folded(table.footnote)] if table.footnote else [])])


def folded(text: str, mark: str = "") -> str:
    """Text in lines that fit a terminal; a mark before it stands out."""
    return textwrap.fill(text, WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark))


def _answer(answer: Answer, steps: bool) -> Iterator[str]:
    yield folded(answer.sentence)
    yield ""
    if answer.low.you_pay != answer.high.you_pay:
        for label, amount, where in (
            ("could be as low as", answer.low.you_pay, dict(answer.low_case)),
            ("most likely", answer.you_pay, {}),
            ("could be as high as", answer.high.you_pay, dict(answer.high_case)),
        ):
            case = ", ".join(f"{path} = {value}" for path, value in where.items())
            yield f"  {label:<20}{about(amount):>10}" + (f"   with {case}" if case else "")
    else:
        yield f"  you pay {about(answer.you_pay)}"
    yield ""
    yield table_text(statement(answer))
    if told := notes(answer):
        yield "\nTo know:"
        yield from (folded(note, "- ") for note in told)
    if steps:
        yield "\nEvery step:"
        yield from (folded(step, "- ") for step in trace(answer))
    found = Counter(citation.grade for citation in citations(answer))
    grades = ", ".join(f"{found[grade]} {grade}" for grade in GRADES if found[grade])
    yield ""
    yield folded(
        f"It rests on {found.total()} numbers with sources: {grades}. `ketacost check` names them. This is no advice."
    )


def _cell(cell: object) -> str:
    return shown(cell) if isinstance(cell, int) else str(cell)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    placed = (
        cell.rjust(width) if side else cell.ljust(width) for cell, width, side in zip(cells, widths, right, strict=True)
    )
    return "  ".join(placed).rstrip()
