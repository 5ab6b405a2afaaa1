"""The path as a picture: what happens first on top, what follows below it, each as wide as it is likely."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from ketacost.core.money import about
from ketacost.estimate.outlook import Outlook
from ketacost.reports.charts import INK, house_template
from ketacost.reports.statement import tenths
from ketacost.reports.statements import statement

if TYPE_CHECKING:
    import plotly.graph_objects as go

INKS = {"denied": "#475569", "visits only": "#b45309", "infusions too": "#0f766e"}
PALE = "#e5e7eb"
WIDE = Fraction(1, 9)
"""The least chance whose block has room for words."""


class TreeBranch(NamedTuple):
    """A branch of the tree: where it starts and how wide it is (shares of the whole), how deep, and its end if it is one."""

    name: tuple[str, ...]
    left: Fraction
    chance: Fraction
    outcome: str
    you_pay: int


def blocks(outlook: Outlook) -> tuple[TreeBranch, ...]:
    """Every branch of the tree, parents before children, each as wide as its chance."""
    return tuple(_blocks(outlook))


def _blocks(outlook: Outlook) -> Iterator[TreeBranch]:
    left = Fraction(0)
    open_until: dict[tuple[str, ...], Fraction] = {}
    for one in outlook.ends:
        branches = one.end.branches
        for depth in range(1, len(branches)):
            parent = branches[:depth]
            if parent not in open_until:
                width = sum((e.end.chance for e in outlook.ends if e.end.branches[:depth] == parent), Fraction(0))
                open_until[parent] = left + width
                yield TreeBranch(parent, left, width, "", 0)
        yield TreeBranch(branches, left, one.end.chance, one.end.outcome, one.you_pay)
        left += one.end.chance


def tree_html(outlook: Outlook) -> str:
    """The tree as plain HTML for a panel; its table is `statement(outlook)`."""
    found = blocks(outlook)
    deep = max(len(block.name) for block in found)
    drawn = []
    for block in found:
        level = len(block.name)
        color = INKS.get(block.outcome, PALE)
        place = (
            f"left:{float(block.left):.4%};width:{float(block.chance):.4%};top:{(level - 1) * 58}px;background:{color}"
        )
        ink = "" if not block.outcome else ";color:#fff"
        money = f"<br>{about(block.you_pay)}" if block.outcome else ""
        told = f"{escape(block.name[-1])}, {tenths(block.chance)}{money}" if block.chance >= WIDE else ""
        drawn.append(f'<div style="{place}{ink}">{told}</div>')
    label = escape(statement(outlook).headline)
    return f'<div class="keta-tree" role="img" aria-label="{label}" style="height:{deep * 58}px">{"".join(drawn)}</div>'


def tree(outlook: Outlook) -> go.Figure:
    """The tree as a plotly figure of bars, each as wide as it is likely; its table is `statement(outlook)`."""
    import plotly.graph_objects as go

    found = blocks(outlook)
    told = [f"{b.name[-1]}: {tenths(b.chance)}{', ' + about(b.you_pay) if b.outcome else ''}" for b in found]
    figure = go.Figure(
        go.Bar(
            orientation="h",
            base=[0, *(round(float(b.left) * 100, 4) for b in found)],
            x=[100, *(round(float(b.chance) * 100, 4) for b in found)],
            y=[0, *(len(b.name) for b in found)],
            width=0.96,
            marker={
                "color": [PALE, *(INKS.get(b.outcome, PALE) for b in found)],
                "line": {"color": "#fff", "width": 2},
            },
            text=[
                "What may come of it",
                *(t.replace(": ", "<br>") if b.chance >= WIDE else "" for t, b in zip(told, found, strict=True)),
            ],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"size": 13, "color": [INK, *("#fff" if b.outcome else INK for b in found)]},
            hovertext=["What may come of it", *told],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    figure.update_layout(
        template=house_template(),
        title={"text": statement(outlook).headline},
        barmode="overlay",
        xaxis={
            "title": {"text": "How likely"},
            "range": [0, 100],
            "tickvals": [0, 20, 40, 60, 80, 100],
            "ticktext": ["0", *(f"{n} in 10" for n in (2, 4, 6, 8, 10))],
        },
        yaxis={"title": {"text": "Decision"}, "autorange": "reversed", "visible": False},
        height=150 + 80 * max(len(b.name) for b in found),
    )
    return figure
