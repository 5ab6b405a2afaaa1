"""The path as a picture: what happens first on top, what follows below it, each as wide as it is likely."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from ketacost.charts import house_template
from ketacost.money import about
from ketacost.paths import Outlook
from ketacost.statements import ends_statement, tenths

if TYPE_CHECKING:
    import plotly.graph_objects as go

INKS = {"denied": "#475569", "visits only": "#b45309", "infusions too": "#0f766e"}
PALE = "#e5e7eb"


class Block(NamedTuple):
    """A branch of the tree: where it starts and how wide it is (shares of the whole), how deep, and its end if it is one."""

    name: tuple[str, ...]
    left: Fraction
    chance: Fraction
    outcome: str
    you_pay: int


def blocks(outlook: Outlook) -> tuple[Block, ...]:
    """Every branch of the tree, parents before children, each as wide as its chance."""
    return tuple(_blocks(outlook))


def _blocks(outlook: Outlook) -> Iterator[Block]:
    left = Fraction(0)
    open_until: dict[tuple[str, ...], Fraction] = {}
    for one in outlook.ends:
        branches = one.end.branches
        for depth in range(1, len(branches)):
            parent = branches[:depth]
            if parent not in open_until:
                width = sum((e.end.chance for e in outlook.ends if e.end.branches[:depth] == parent), Fraction(0))
                open_until[parent] = left + width
                yield Block(parent, left, width, "", 0)
        yield Block(branches, left, one.end.chance, one.end.outcome, one.you_pay)
        left += one.end.chance


def tree_html(outlook: Outlook) -> str:
    """The tree as plain HTML for a panel; its table is `ends_statement(outlook)`."""
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
        told = f"{escape(block.name[-1])}, {tenths(block.chance)}{money}" if block.chance >= Fraction(1, 9) else ""
        drawn.append(f'<div style="{place}{ink}">{told}</div>')
    label = escape(ends_statement(outlook).headline)
    return f'<div class="keta-tree" role="img" aria-label="{label}" style="height:{deep * 58}px">{"".join(drawn)}</div>'


def tree(outlook: Outlook) -> go.Figure:
    """The tree as a plotly icicle; its table is `ends_statement(outlook)`."""
    import plotly.graph_objects as go

    found = blocks(outlook)
    figure = go.Figure(
        go.Icicle(
            ids=["start", *(" / ".join(b.name) for b in found)],
            labels=["What may come of it", *(b.name[-1] for b in found)],
            parents=["", *(" / ".join(b.name[:-1]) or "start" for b in found)],
            values=[100, *(round(float(b.chance) * 100, 4) for b in found)],
            text=["", *(f"{tenths(b.chance)}{', ' + about(b.you_pay) if b.outcome else ''}" for b in found)],
            marker={"colors": [PALE, *(INKS.get(b.outcome, PALE) for b in found)]},
            branchvalues="total",
            opacity=1,
            leaf={"opacity": 1},
            textfont={"size": 13},
            sort=False,
            tiling={"orientation": "v"},
            textinfo="label+text",
            hovertemplate="%{label}: %{text}<extra></extra>",
        )
    )
    figure.update_layout(
        template=house_template(),
        title={"text": ends_statement(outlook).headline},
        height=120 + 90 * max(len(b.name) for b in found),
    )
    return figure
