"""When to start, to read: the table of possible starts, and its picture as a small accessible SVG and as a plotly figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING

from ketacost.analysis.start_dates import HORIZON, Start, headline, key_dates, starts
from ketacost.estimate.scenario import Scenario
from ketacost.reports.charts import GRID, INK, MUTED, PLAN, YOURS, house_template

if TYPE_CHECKING:
    import plotly.graph_objects as go

WIDE, HIGH = 360, 250


LEFT, RIGHT, TOP, BOTTOM = 52, 12, 46, 40
"""The picture in its own units: as wide as a phone, so that its text can be read there."""


def start_chart(scenario: Scenario, months: int = HORIZON) -> go.Figure:
    """What the course comes to by its first visit, and the most cash it needs; its table is `statement(starts(scenario))`."""
    import plotly.graph_objects as go

    found = starts(scenario, months)
    can = [one for one in found if one.net is not None]
    figure = go.Figure()
    if not can:
        figure.update_layout(template=house_template(), title={"text": _broken(headline(found))}, height=140)
        return figure
    days = [one.day.isoformat() for one in can]
    for name, cents, color, dash, width in (
        ("Most cash at one time", [one.peak or 0 for one in can], PLAN, "dash", 2),
        ("You pay in the end", [one.net or 0 for one in can], YOURS, "solid", 3),
    ):
        dollars = [amount / 100 for amount in cents]
        line = {"shape": "hv", "color": color, "dash": dash, "width": width}
        figure.add_trace(
            go.Scatter(x=days, y=dollars, name=name, mode="lines", line=line, hovertemplate="%{x}: %{y:$,.2f}")
        )
    for day in _turns(can):
        figure.add_vline(
            x=day.isoformat(),
            line={"color": MUTED, "dash": "dot", "width": 1},
            annotation_text="new plan year",
            annotation_position="bottom left" if day > can[len(can) // 2].day else "bottom right",
            annotation_font_size=12,
        )
    figure.update_layout(
        template=house_template(),
        title={"text": _broken(headline(found)), "y": 0.97, "yanchor": "top"},
        xaxis={"title": "Day of the first visit", "range": [days[0], days[-1]]},
        yaxis={"rangemode": "tozero", "tickprefix": "$", "tickformat": ",.0f", "gridcolor": GRID},
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "reversed"},
        margin={"t": 110},
        height=440,
    )
    return figure


def start_svg(found: Sequence[Start]) -> str:
    """The same picture for a panel: two step lines on one axis of dollars from zero, told apart by dashes and labels."""
    can = [one for one in found if one.net is not None]
    if not can:
        return ""
    most = max(max(one.net or 0, one.peak or 0) for one in can) or 1
    step = next(size for size in _sizes() if most / size <= 5)
    top = -(-most // step) * step
    first, span = can[0].day, max((can[-1].day - can[0].day).days, 1)

    def x(day: date) -> float:
        return LEFT + (WIDE - LEFT - RIGHT) * (day - first).days / span

    def y(cents: int) -> float:
        return TOP + (HIGH - TOP - BOTTOM) * (1 - cents / top)

    def steps(values: list[int]) -> str:
        path = f"M{x(can[0].day):.1f} {y(values[0]):.1f}"
        for one, value in zip(can[1:], values[1:], strict=True):
            path += f"H{x(one.day):.1f}V{y(value):.1f}"
        return path

    drawn = [_axis(top, step, y)]
    for day in _turns(can):
        drawn.append(
            f'<line x1="{x(day):.1f}" y1="{TOP}" x2="{x(day):.1f}" y2="{HIGH - BOTTOM}" stroke="{MUTED}" stroke-dasharray="1 3"/>'
            f'<text x="{min(x(day) + 4, WIDE):.1f}" y="{HIGH - BOTTOM + 32}" text-anchor="{_side(x(day))}">plan year {day:%b %Y}</text>'
        )
    for name, day, anchor in (("from", first, "start"), ("to", can[-1].day, "end")):
        drawn.append(
            f'<text x="{x(day):.1f}" y="{HIGH - BOTTOM + 16}" text-anchor="{anchor}"><title>{name}</title>{day.day} {day:%b %Y}</text>'
        )
    net, peak = [one.net or 0 for one in can], [one.peak or 0 for one in can]
    drawn.append(f'<path d="{steps(peak)}" fill="none" stroke="{PLAN}" stroke-width="2" stroke-dasharray="6 4"/>')
    drawn.append(f'<path d="{steps(net)}" fill="none" stroke="{YOURS}" stroke-width="3"/>')
    label = escape(" ".join([headline(found), *(one.sentence for one in key_dates(found))]))
    return (
        f'<svg class="keta-starts" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="{label}" '
        f'style="width:100%;max-width:480px" font-family="system-ui, sans-serif" font-size="12" fill="{INK}">'
        f"{_key()}{''.join(drawn)}</svg>"
    )


def _axis(top: int, step: int, y: Callable[[int], float]) -> str:
    """Lines of round dollars from zero up."""
    lines = []
    for cents in range(0, top + 1, step):
        lines.append(
            f'<line x1="{LEFT}" y1="{y(cents):.1f}" x2="{WIDE - RIGHT}" y2="{y(cents):.1f}" stroke="{GRID}"/>'
            f'<text x="{LEFT - 6}" y="{y(cents) + 4:.1f}" text-anchor="end">${cents // 100:,}</text>'
        )
    return "".join(lines)


def _sizes() -> Iterator[int]:
    """Round steps of an axis, in cents: 1, 2, 5, 10 dollars and so on."""
    ten = 100
    while True:
        yield from (ten, 2 * ten, 5 * ten)
        ten *= 10


def _side(at: float) -> str:
    """Which way a label runs so that it stays inside the picture."""
    return "start" if at < WIDE / 2 else "end"


def _key() -> str:
    """Which line is which, beside a piece of it."""
    return (
        f'<line x1="{LEFT}" y1="14" x2="{LEFT + 28}" y2="14" stroke="{YOURS}" stroke-width="3"/>'
        f'<text x="{LEFT + 34}" y="18">You pay in the end</text>'
        f'<line x1="{LEFT}" y1="32" x2="{LEFT + 28}" y2="32" stroke="{PLAN}" stroke-width="2" stroke-dasharray="6 4"/>'
        f'<text x="{LEFT + 34}" y="36">Most cash at one time</text>'
    )


def _turns(can: Sequence[Start]) -> tuple[date, ...]:
    """The first days of the plan years that begin between the first start and the last, as the visits met them."""
    years = {one.facts.plan_years[0] for one in can if one.facts}
    return tuple(sorted(day for day in years if can[0].day < day <= can[-1].day))


def _broken(text: str) -> str:
    """A title in lines short enough for a narrow page."""
    return "<br>".join(wrap(text, 78))
