"""The estimate as plain text for a terminal: the headline, outcomes, charge to net, lines, what to know, sources."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from ketacost.core.dates import us_day
from ketacost.core.money import about
from ketacost.core.references import GRADES
from ketacost.estimate.estimate import Estimate
from ketacost.estimate.explain import accumulated_text, citations, trace
from ketacost.estimate.explain import steps as steps_of
from ketacost.estimate.sentences import how_often, pays_alone, who_pays
from ketacost.model.adjudication import Claim
from ketacost.model.plans import Plan
from ketacost.reports.outcomes import covers, without_a_plan
from ketacost.reports.statement import Column, Statement
from ketacost.reports.statements import statement

WIDTH = 100


def answer_text(estimate: Estimate, *, steps: bool = False) -> str:
    """The whole estimate in words and tables; with `steps`, every step of the arithmetic too."""
    return "\n".join(_estimate(estimate, steps))


def claims_text(claims: Sequence[Claim], plan: Plan, *, steps: bool = False) -> str:
    """Adjudicated lines as a table, as an insurer's explanation of benefits has them, and what the year has used."""
    table = statement(claims)
    plan = claims[0].rule.changed(plan) if claims else plan
    lines = [folded(table.headline), "", table_text(table)]
    last = {claim.line.member: claim for claim in claims}
    for member, claim in last.items():
        lines += ["", f"After the last line, plan year from {us_day(claim.plan_year)} ({member}):"]
        lines += [f"  {name}: {accumulated_text(plan, after, name)}" for name, after in claim.accumulated.items()]
    if claims and plan.family:
        lines += ["", f"The family together, plan year from {us_day(claims[-1].plan_year)}:"]
        lines += [
            f"  {name}: {accumulated_text(plan, after, name, family=True)}"
            for name, after in claims[-1].accumulated.items()
        ]
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
    return textwrap.fill(text, WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark), break_on_hyphens=False)


def _estimate(estimate: Estimate, steps: bool) -> Iterator[str]:
    yield folded(estimate.sentence)
    if estimate.rest:
        yield folded(estimate.rest)
    alone = pays_alone(estimate)
    tables = (*([] if alone else [estimate]), *([estimate.steps_to_net] if estimate.steps_to_net else []))
    for table in map(statement, tables):
        yield f"\n{table.caption}:\n{table_text(table)}"
    yield from _cash(estimate)
    if estimate.shown.claims:
        lines = statement(estimate.shown)
        yield f"\n{_case(estimate)}\n{table_text(without_a_plan(lines) if alone else lines)}"
    if estimate.notes:
        yield from _listed("To know:", estimate.notes)
    if steps:
        yield from _listed("Every step:", trace(estimate.shown))
    count = Counter(citation.grade for citation in citations(estimate.shown))
    grades = ", ".join(f"{count[grade]} {grade}" for grade in GRADES if count[grade])
    used = f"{count.total()} numbers with sources: {grades}."
    yield f"\n{folded(f'{used} `ketacost check` names them. This is not advice.')}"


def _case(estimate: Estimate) -> str:
    """The title of the lines: which case they are of."""
    if pays_alone(estimate):
        return "Line by line:"
    often = f" ({how_often(estimate.main.chance)})" if estimate.main.chance < 1 else ""
    return f"Line by line, if {who_pays(estimate.scenario)} covers {covers(estimate.main)}{often}:"


def _cash(estimate: Estimate) -> Iterator[str]:
    """The costliest month, and the most to wait for from checks where something comes back."""
    first, most = estimate.dearest_month
    if first:
        yield f"\nCostliest month: {about(most)} in {first:%B %Y}"
    waits, day = estimate.most_waiting
    if day:
        yield f"Most owed to you in checks: {about(waits)} on {us_day(day)}"


def _listed(title: str, texts: Iterable[str]) -> Iterator[str]:
    yield f"\n{title}"
    yield from (folded(text, "- ") for text in texts)


def _line(cells: Sequence[str], widths: Sequence[int], columns: Sequence[Column]) -> str:
    placed = (
        cell.rjust(width) if column.kind == "money" else cell.ljust(width)
        for cell, width, column in zip(cells, widths, columns, strict=True)
    )
    return "  ".join(placed).rstrip()
