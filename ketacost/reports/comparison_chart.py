"""Ways beside each other, to read: the table, and each way's range on one axis of dollars as SVG and as a plotly figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from textwrap import shorten, wrap
from typing import TYPE_CHECKING

from ketacost.analysis.comparison import ORDERS, Comparison, Option, compare, compare_routes
from ketacost.core.money import about
from ketacost.estimate.scenario import Scenario
from ketacost.reports.charts import GRID, INK, MUTED, PLAN, YOURS, house_template

if TYPE_CHECKING:
    import plotly.graph_objects as go

WIDE, ROW = 360, 52


LEFT, RIGHT = 14, 14
"""The picture in its own units: as wide as a phone, a band of so much height for each way."""


Compared = Comparison | Scenario | Mapping[str, Scenario] | Sequence[Scenario]


def comparison_of(what: Compared, over: object = None, order: str = ORDERS[0]) -> Comparison:
    """A comparison as it is, one scenario as its routes, and scenarios as the options that they are."""
    if isinstance(what, Comparison):
        return what
    return compare_routes(what, over, order) if isinstance(what, Scenario) else compare(what, over, order)


def compare_chart(what: Compared, over: object = None, order: str = ORDERS[0]) -> go.Figure:
    """Each way as an interval with three labelled points on one axis; its table is `statement` of the same."""
    import plotly.graph_objects as go

    found = comparison_of(what, over, order)
    names = ["<br>".join(wrap(side.shown_name, 28)) for side in found.options]
    top = max((side.high or 0 for side in found.open), default=0) / 100 or 1
    figure = go.Figure()
    for name, side in zip(names, found.options, strict=True):
        low, p10, _, p90, high = (amount / 100 for amount in _points(side))
        ends = {"mode": "lines", "y": [name, name], "hoverinfo": "skip"}
        figure.add_trace(go.Scatter(x=[low, high], line={"color": MUTED, "width": 2}, **ends))
        figure.add_trace(go.Scatter(x=[p10, p90], line={"color": PLAN, "width": 10}, opacity=0.45, **ends))
        figure.add_trace(_marks(side, name))
        at_left = low + high < top or side.likely is None
        figure.add_annotation(
            x=low if at_left else high,
            y=name,
            text=_amounts(side).replace("$", "&#36;"),  # two dollar signs would be read as mathematics
            showarrow=False,
            xanchor="left" if at_left else "right",
            yshift=20,
            font={"size": 13},
        )
    if found.over is not None:
        figure.add_vline(
            x=found.over / 100,
            line={"color": INK, "dash": "dot", "width": 1},
            annotation_text=about(found.over),
            annotation_position="bottom right",
        )
    figure.update_layout(
        template=house_template(),
        title={"text": _title(found), "y": 0.96, "yanchor": "top"},
        xaxis={"range": [-0.06 * top, 1.12 * top], "tickprefix": "$", "tickformat": ",.0f"},
        yaxis={"autorange": "reversed", "type": "category"},
        margin={"t": 100},
        height=140 + 78 * len(found.options),
    )
    return figure


def compare_svg(found: Comparison) -> str:
    """The same picture for a panel: a band for each way, its name, its interval and three labelled points."""
    top = max((side.high or 0 for side in found.open), default=0) or 1
    scale, y = (WIDE - LEFT - RIGHT) / top, 4
    bands = []
    for side in found.options:
        for line in wrap(side.name, 48)[:2]:
            y += 16
            bands.append(f'<text x="{LEFT}" y="{y}" font-weight="600">{escape(line)}</text>')
        if not side.same_treatment:
            y += 16
            bands.append(f'<text x="{LEFT}" y="{y}" fill="{MUTED}">another treatment</text>')
        bands.append(_band(side, y, scale, found.over))
        y += ROW
    if found.over is not None and found.over <= top:
        x = LEFT + found.over * scale
        bands.append(f'<text x="{x:.1f}" y="{y + 12}" text-anchor="{_anchor(x)}">dashed: {about(found.over)}</text>')
    return (
        f'<svg class="keta-options" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {y + 18}" role="img" '
        f'aria-label="{escape(_spoken(found))}" style="width:100%;max-width:480px" font-family="system-ui, sans-serif" '
        f'font-size="12" fill="{INK}">{"".join(bands)}</svg>'
    )


def _band(side: Option, y: int, scale: float, over: int | None) -> str:
    """One way's interval with its three points, and the amounts below it."""
    told = f'<text x="{LEFT}" y="{y + 36}">{_amounts(side, "tspan")}</text>'.replace(
        "<tspan>", '<tspan font-weight="600">'
    )
    if side.likely is None:
        return told
    low, p10, likely, p90, high = (LEFT + amount * scale for amount in _points(side))
    mid = y + 14
    asked = LEFT + over * scale if over is not None else WIDE
    dashed = f'<path d="M{asked:.1f} {mid - 9}v18" stroke="{INK}" stroke-dasharray="2 3"/>' if asked < WIDE else ""
    return (
        f'<path d="M{LEFT} {mid}H{WIDE - RIGHT}" stroke="{GRID}"/>'
        f'<path d="M{low:.1f} {mid}H{high:.1f}" stroke="{MUTED}" stroke-width="2"/>'
        f'<path d="M{p10:.1f} {mid}H{p90:.1f}" stroke="{PLAN}" stroke-width="9" stroke-opacity="0.45"/>'
        f'<path d="M{low:.1f} {mid - 7}v14M{high:.1f} {mid - 7}v14" stroke="{MUTED}" stroke-width="2"/>{dashed}'
        f'<circle cx="{likely:.1f}" cy="{mid}" r="6" fill="{YOURS}" stroke="#fff"/>{told}'
    )


def _marks(side: Option, name: str) -> go.Scatter:
    """The three points of a way: as low as, most likely, as high as."""
    import plotly.graph_objects as go

    if side.likely is None:
        return go.Scatter(x=[0], y=[name], mode="markers", marker={"opacity": 0}, hoverinfo="skip")
    return go.Scatter(
        x=[(side.low or 0) / 100, side.likely / 100, (side.high or 0) / 100],
        y=[name] * 3,
        mode="markers",
        marker={
            "symbol": ["line-ns-open", "circle", "line-ns-open"],
            "size": [16, 14, 16],
            "color": [MUTED, YOURS, MUTED],
            "opacity": 1,
            "line": {"width": 2},
        },
        cliponaxis=False,
        hovertemplate="%{x:$,.2f}<extra></extra>",
    )


def _amounts(side: Option, bold: str = "b") -> str:
    """The three points in words; or why the way is not open."""
    if side.likely is None or side.low is None or side.high is None:
        return escape(shorten(f"Not open: {side.note}", 64))
    likely = f"<{bold}>{about(side.likely)}</{bold}>"
    return likely if side.low == side.high else f"{likely}, from {about(side.low)} to {about(side.high)}"


def _points(side: Option) -> tuple[int, int, int, int, int]:
    return side.low or 0, side.p10 or 0, side.likely or 0, side.p90 or 0, side.high or 0


def _title(found: Comparison) -> str:
    """The finding in two short lines: from the least to the most, and how to read the marks."""
    amounts = [side.likely for side in found.open if side.likely is not None]
    if not amounts:
        return "None of these ways is open"
    span = f"{about(min(amounts))} to {about(max(amounts))}" if len(set(amounts)) > 1 else about(amounts[0])
    return f"Most likely {span}, {found.order_in_words}<br>Dot: most likely. Thick: 8 of 10 cases. Thin: all it can be."


def _spoken(found: Comparison) -> str:
    told = [
        f"{side.name}: most likely {about(side.likely)}, from {about(side.low or 0)} to {about(side.high or 0)}"
        if side.likely is not None
        else f"{side.name}: not open"
        for side in found.options
    ]
    return f"Ways, {found.order_in_words}. {'. '.join(told)}."


def _anchor(at: float) -> str:
    """Which way a label runs so that it stays inside the picture."""
    return "start" if at < 40 else "end" if at > WIDE - 40 else "middle"
