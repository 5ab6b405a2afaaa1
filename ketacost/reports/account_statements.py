"""Statements of tax-free accounts: the tax saved part by part, who pays each visit, how much to elect, the months of an HSA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketacost.accounts.hsa import Holder, excess, limit, months
from ketacost.core.money import about, shown, whole_cents
from ketacost.core.references import rows, source
from ketacost.estimate.account_effects import account_notes, advise_fsa, funding_of, household_of, tax_effect
from ketacost.estimate.answer import Answer
from ketacost.estimate.scenario import Scenario
from ketacost.reports.charts import PLAN, YOURS, house_template
from ketacost.reports.statement import Column, Statement

if TYPE_CHECKING:
    import plotly.graph_objects as go

PARTS = {
    "federal": "Federal income tax",
    "oasdi": "Social Security",
    "hi": "Medicare",
    "additional_medicare": "Additional Medicare tax",
    "state": "State income tax",
    "levy": "State levies on pay",
    "local": "County or city tax",
}


def tax_statement(answer: Answer) -> Statement:
    """What the accounts save in tax: each tax without them, with them, and the difference."""
    found = tax_effect(answer)
    kept = [(label, name) for name, label in PARTS.items() if getattr(found.saving.without, name)]
    columns = (
        Column("tax", "Tax"),
        Column("without", "Without", True),
        Column("with", "With", True),
        Column("saved", "Saved", True),
    )
    rows = tuple(
        (label, *(getattr(taxes, name) for taxes in (found.saving.without, found.saving.having, found.saving.saved)))
        for label, name in kept
    )
    total = ("Total", found.saving.without.total, found.saving.having.total, found.saving.total)
    unused = f" {about(found.unused)} of it is more than you pay in {found.year}." if found.unused else ""
    put_in, saved = about(found.saving.amount), shown(found.saving.total)
    headline = f"{put_in} put in saves {saved} in tax; after that the course costs you {about(found.net)}.{unused}"
    return Statement(
        headline,
        f"Taxes of {found.year}",
        columns,
        rows,
        total,
        " ".join(f"{told}." for told in (*account_notes(answer.scenario), *found.saving.marks)),
    )


def funding_statement(answer: Answer) -> Statement:
    """Who pays each visit's part, in the order of the visits."""
    found = funding_of(answer)
    names = list(dict.fromkeys(paid.purse for one in found for paid in one.paid))
    columns = (
        Column("day", "Visit"),
        Column("amount", "You owe", True),
        *(Column(n, n[0].upper() + n[1:], True) for n in names),
    )
    rows = tuple(
        (one.part.day.isoformat(), one.part.amount, *(sum(p.amount for p in one.paid if p.purse == n) for n in names))
        for one in found
    )
    owed = sum(one.part.amount for one in found)
    sums = (owed, *(sum(p.amount for one in found for p in one.paid if p.purse == n) for n in names))
    told = ", ".join(f"{name} {about(amount)}" for name, amount in zip(names, sums[1:], strict=True))
    return Statement(f"Who pays: {told}.", "Who pays each visit, first what expires", columns, rows, ("Total", *sums))


def election_statement(scenario: Scenario) -> Statement:
    """How much to elect for a health FSA: the tax it is expected to save less what it is expected to lose."""
    advice = advise_fsa(scenario)
    columns = tuple(
        Column(n, h, True)
        for n, h in (
            ("election", "Elect"),
            ("saving", "Saves in tax"),
            ("forfeiture", "Expected to be lost"),
            ("value", "Worth"),
        )
    )
    step = max(len(advice.curve) // 12, 1)
    points = [*advice.curve[::step], advice.best]
    rows = tuple(
        (p.election, *(whole_cents(amount) for amount in (p.saving, p.forfeiture, p.value)))
        for p in sorted(set(points), key=lambda p: p.election)
    )
    return Statement(advice.sentence, f"Elections for {household_of(scenario).year}", columns, rows)


def election_chart(scenario: Scenario) -> go.Figure:
    """What an election is worth, from nothing to the limit; its table is `election_statement(scenario)`."""
    import plotly.graph_objects as go

    advice = advise_fsa(scenario)
    marked = {0, advice.lowest, advice.best.election, advice.highest, advice.curve[-1].election}
    drawn = [p for p in advice.curve if p.election % 10_000 == 0 or p.election in marked]
    x = [p.election / 100 for p in drawn]
    lines = (
        ("Tax saved", [float(p.saving) / 100 for p in drawn], PLAN, "dash"),
        ("Expected to be lost", [float(p.forfeiture) / 100 for p in drawn], YOURS, "dot"),
        ("Worth: saved less lost", [float(p.value) / 100 for p in drawn], "#1f2937", "solid"),
    )
    figure = go.Figure(
        [
            go.Scatter(
                x=x,
                y=[round(v, 2) for v in y],
                name=name,
                mode="lines",
                line={"color": color, "dash": dash, "width": 3},
            )
            for name, y, color, dash in lines
        ]
    )
    figure.add_vrect(
        x0=advice.lowest / 100,
        x1=advice.highest / 100,
        fillcolor=PLAN,
        opacity=0.12,
        line_width=0,
        annotation_text="nearly as good",
        annotation_position="top left",
    )
    figure.update_layout(
        template=house_template(),
        title={"text": f"Elect about {about(advice.best.election)}"},
        xaxis={"title": "Elected for the year", "tickprefix": "$"},
        yaxis={"tickprefix": "$"},
        showlegend=True,
        legend={"orientation": "h", "y": -0.25},
        height=440,
    )
    return figure


def hsa_months(holder: Holder, year: int) -> Statement:
    """Whether an HSA may be funded, month by month, and what stands in the way."""
    found = months(holder, year)
    columns = (Column("month", "Month"), Column("eligible", "HSA"), Column("why", "What stands in the way"))
    rows = tuple(
        (f"{year}-{number:02d}", "yes" if not state.why_not else "no", state.why_not)
        for number, state in enumerate(found, 1)
    )
    good = sum(row[1] == "yes" for row in rows)
    return Statement(f"{good} of 12 months of {year} allow an HSA.", f"HSA by month, {year}", columns, rows)


def hsa_limit(holder: Holder, year: int, *, put_in: int = 0) -> Statement:
    """How much may go into an HSA in a year, by its eligible months and by the last-month rule, and what is too much."""
    found = limit(holder, year)
    rows = [("By the months that allow it", found.by_months), ("At most, under the last-month rule", found.total)]
    told = (
        "To keep the last-month rule's part one stays eligible through the next year." if found.last_month_rule else ""
    )
    if over := excess(found, year, mine=put_in):
        rows.append(("Too much put in", over.amount))
        told = f"{told} {shown(over.amount)} is too much: take it out by {over.out_by}, or pay {shown(over.tax_a_year)} a year."
    headline = f"Up to {shown(found.total)} may go into an HSA in {year}."
    return Statement(
        headline,
        f"HSA limit of {year}",
        (Column("rule", "Rule"), Column("amount", "Amount", True)),
        tuple(rows),
        footnote=told.strip(),
    )


def programs_statement() -> Statement:
    """Programs that help to pay: for whom, what they give, within which limits, and who says so."""
    columns = tuple(
        Column(n, h)
        for n, h in (
            ("program", "Program"),
            ("who", "For whom"),
            ("gives", "What it gives"),
            ("limits", "Limits"),
            ("source", "Says"),
            ("grade", "Grade"),
        )
    )
    found = tuple(
        (
            row["item"],
            row["eligibility"],
            " ".join(filter(None, (row["rule"], row["value"], row["unit"]))),
            row["limits"],
            str(source(row["source"])),
            row["grade"],
        )
        for row in rows("programs")
    )
    return Statement(
        f"{len(found)} programs were found; ask each for its present terms.",
        "Programs that help to pay",
        columns,
        found,
    )
