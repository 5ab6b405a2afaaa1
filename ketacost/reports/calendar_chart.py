"""The money calendar to read: a statement by month, a small accessible picture, and a plotly figure of the same months."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING

from ketacost.core.dates import months_later
from ketacost.core.money import about
from ketacost.estimate.answer import Answer
from ketacost.estimate.calendar import Calendar, calendar
from ketacost.reports.charts import GRID, INK, MUTED, PLAN, YOURS, house_template
from ketacost.reports.statements import running

if TYPE_CHECKING:
    import plotly.graph_objects as go

WIDE, HIGH, LEFT, TOP, FOOT = 540, 300, 70, 40, 30


LINE = 21


def calendar_svg(found: Calendar, *, titled: bool = True) -> str:
    """The calendar as one small SVG: what goes out above the line of nothing, what comes back below it, and the sum so far.

    What comes back is pale with a dashed edge and the sum is a dashed line, so that nothing hangs on colour.
    """
    title = wrap(found.headline, 58) if titled else []
    top = TOP + LINE * len(title)
    months, line = found.months, running(found)
    height = top + HIGH + FOOT
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {height}" role="img" aria-label="{escape(found.headline)}" '
        f'style="width:100%;max-width:{WIDE * 3 // 2}px" font-family="system-ui, sans-serif" font-size="16" fill="{INK}">'
    )
    words = "".join(
        f'<text x="0" y="{16 + LINE * row}" font-weight="700" font-size="15">{escape(text)}</text>'
        for row, text in enumerate(title)
    )
    if not months:
        return f"{head}{words}</svg>"
    highest = max(max(month.out for month in months), *(cents for _, cents in line), 1)
    lowest = min(0, -max(month.back for month in months), *(cents for _, cents in line))
    headroom = (highest - lowest) // 9
    begins = months[0].first_day
    days = (months_later(months[-1].first_day, 1) - begins).days

    def x(day: date) -> float:
        return LEFT + (WIDE - LEFT - 6) * (day - begins).days / days

    def y(cents: int) -> float:
        return top + HIGH * (highest + headroom - cents) / (highest + headroom - lowest)

    drawn = [words, _legend(top)]
    for tick in ticks(lowest, highest):
        weight = f'stroke="{MUTED}" stroke-width="1.5"' if not tick else f'stroke="{GRID}"'
        drawn.append(f'<path d="M{LEFT} {y(tick):.1f}H{WIDE}" {weight}/>')
        drawn.append(
            f'<text x="{LEFT - 6}" y="{y(tick) + 5:.1f}" text-anchor="end">{about(tick) if tick else "$0"}</text>'
        )
    every = -(-len(months) // 6)
    for number, month in enumerate(months):
        left, right = x(month.first_day), x(months_later(month.first_day, 1))
        gap = (right - left) * 0.12
        place = f'x="{left + gap:.1f}" width="{right - left - 2 * gap:.1f}"'
        if month.out:
            drawn.append(f'<rect {place} y="{y(month.out):.1f}" height="{y(0) - y(month.out):.1f}" fill="{YOURS}"/>')
        if month.back:
            pale = f'fill="{PLAN}" fill-opacity="0.25" stroke="{PLAN}" stroke-width="1.5" stroke-dasharray="4 3"'
            drawn.append(f'<rect {place} y="{y(0):.1f}" height="{y(-month.back) - y(0):.1f}" {pale}/>')
        if number % every == 0:
            middle = min((left + right) / 2, WIDE - 28)
            drawn.append(f'<text x="{middle:.1f}" y="{height - 8}" text-anchor="middle">{month.first_day:%b %y}</text>')
    steps = f"M{x(line[0][0]):.1f} {y(0):.1f}" + "".join(f"H{x(day):.1f}V{y(cents):.1f}" for day, cents in line)
    path = f'<path d="{steps}H{WIDE - 6}" fill="none"'
    drawn.append(f'{path} stroke="#fff" stroke-width="5" stroke-opacity="0.7"/>')
    drawn.append(f'{path} stroke="{INK}" stroke-width="2.5" stroke-dasharray="7 4"/>')
    if found.peak.day:
        drawn.append(_label(x(found.peak.day), y(found.peak.cents), f"most: {about(found.peak.cents)}", top))
    if found.net != found.peak.cents:
        drawn.append(_words(WIDE - 6, min(y(found.net) + 24, top + HIGH - 4), "end", f"in the end: {about(found.net)}"))
    return f"{head}{''.join(drawn)}</svg>"


def _legend(top: int) -> str:
    """The three marks and their words, above the picture."""
    y = top - 22
    return (
        f'<rect x="0" y="{y - 11}" width="14" height="12" fill="{YOURS}"/><text x="20" y="{y}">goes out</text>'
        f'<rect x="104" y="{y - 11}" width="14" height="12" fill="{PLAN}" fill-opacity="0.25" stroke="{PLAN}" '
        f'stroke-width="1.5" stroke-dasharray="4 3"/><text x="124" y="{y}">comes back</text>'
        f'<path d="M230 {y - 5}h26" stroke="{INK}" stroke-width="2.5" stroke-dasharray="7 4"/>'
        f'<text x="262" y="{y}">sum so far, out of your pocket</text>'
    )


def _label(x: float, y: float, text: str, top: int) -> str:
    """A point of the line with its words beside it, kept inside the picture."""
    side, away = ("end", -8) if x > (LEFT + WIDE) / 2 else ("start", 8)
    words = _words(x + away, max(y - 9, top + 12), side, text)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{INK}"/>{words}'


def _words(x: float, y: float, side: str, text: str) -> str:
    """Words on the picture, on a pale edge so that they can be read over anything."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{side}" font-weight="700"'
    edge = f'<text {place} stroke="#fff" stroke-width="4" aria-hidden="true">{escape(text)}</text>'
    return f"{edge}<text {place}>{escape(text)}</text>"


def ticks(lowest: int, highest: int) -> Iterator[int]:
    """Round amounts in cents from the lowest to the highest, nothing among them: four to eight of them."""
    step, reach = 100, highest - lowest
    while reach > 6 * step:
        step *= 5 if str(step)[0] in "12" and reach > 15 * step else 2
    yield from range(-(-lowest // step) * step, highest + 1, step)


def calendar_chart(answer: Answer) -> go.Figure:
    """The calendar as a plotly figure; its table is `calendar_statement(answer)`."""
    import plotly.graph_objects as go

    found = calendar(answer)
    middle = [(month.first_day + timedelta(days=14)).isoformat() for month in found.months]
    day = 24 * 3_600_000
    bars = (
        ("Goes out", [month.out / 100 for month in found.months], {"color": YOURS}),
        ("Comes back", [-month.back / 100 for month in found.months], {"color": PLAN, "pattern": {"shape": "/"}}),
    )
    figure = go.Figure(
        [
            go.Bar(x=middle, y=y, name=name, marker=marker, width=20 * day, hovertemplate="%{y:$,.2f}")
            for name, y, marker in bars
        ]
    )
    line = ((found.entries[0].day, 0), *running(found)) if found.entries else ()
    figure.add_trace(
        go.Scatter(
            x=[when.isoformat() for when, _ in line],
            y=[cents / 100 for _, cents in line],
            name="Sum so far, out of your pocket",
            mode="lines",
            line={"shape": "hv", "dash": "dash", "width": 3, "color": INK},
            hovertemplate="%{y:$,.2f}",
        )
    )
    if found.peak.day:
        figure.add_annotation(
            x=found.peak.day.isoformat(),
            y=found.peak.cents / 100,
            text=f"most: {about(found.peak.cents)}",
            ax=-60,
            ay=-18,
        )
    figure.update_layout(
        template=house_template(),
        title={"text": "<br>".join(wrap(found.headline, 90))},
        barmode="relative",
        yaxis={"tickformat": "$,d", "zeroline": True, "zerolinewidth": 2},
        xaxis={"tickformat": "%b %Y", "dtick": f"M{-(-len(found.months) // 8)}"},
        showlegend=True,
        legend={"orientation": "h", "y": -0.15},
        margin={"t": 80},
        height=460,
    )
    return figure
