"""Pictures of the answer: the same bars as a small accessible SVG (panels, shared pages) and as a plotly figure."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ketacost.analysis.alternatives import alternatives
from ketacost.core.money import about, shown
from ketacost.estimate.answer import Answer, Totals
from ketacost.estimate.estimate import Spread
from ketacost.estimate.scenario import Scenario
from ketacost.reports.statement import finding, parts_of_charge

if TYPE_CHECKING:
    import plotly.graph_objects as go

INK, MUTED, GRID = "#1f2937", "#4b5563", "#d1d5db"
YOURS, PLAN, COUNTED, CHARGE = "#b45309", "#0f766e", "#64748b", "#334155"
HUES = (CHARGE, YOURS, PLAN, "#7c3aed", "#be123c", "#1d4ed8")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "solid")
FIGURES = {
    "What the clinic charges": "charge",
    "Not covered": "not_covered",
    "Above what it counts": "balance_bill",
    "Written off": "write_off",
    "What the plan counts": "allowed",
    "Your deductible": "deductible",
    "Your copays": "copay",
    "Your share": "coinsurance",
    "What the plan pays": "plan_pays",
    "What you pay": "you_pay",
}
"""The figure of each bar, by how its label begins."""
ROW, BAR, LEFT, WIDTH = 34, 20, 330, 860


def _color(label: str) -> str:
    if label.startswith("What the clinic"):
        return CHARGE
    if label.startswith("What the plan counts"):
        return COUNTED
    return PLAN if label.startswith(("What the plan pays", "Written off")) else YOURS


def bars_svg(totals: Totals) -> str:
    """The way from the charge to what you pay as one SVG: zero-based bars, labelled directly, hatched where money is yours."""
    bars = parts_of_charge(totals)
    scale = (WIDTH - LEFT - 96) / max(totals.charge, 1)
    height = ROW * len(bars) + 8
    drawn = []
    for row, (label, start, end) in enumerate(bars):
        y = 6 + row * ROW
        x, width = LEFT + start * scale, max((end - start) * scale, 1.5 if end > start else 0)
        last = row == len(bars) - 1
        hatch = ' stroke-dasharray="5 3" fill-opacity="0.25"' if start and _color(label) == YOURS else ""
        weight = ' font-weight="700"' if last or row == 0 else ""
        drawn.append(
            f'<text x="{LEFT - 12}" y="{y + 15}" text-anchor="end" fill="{INK}"{weight}>{escape(label)}</text>'
            f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2" fill="{_color(label)}" stroke="{_color(label)}"{hatch}/>'
            f'<text x="{x + width + 8:.1f}" y="{y + 15}" fill="{INK}"{weight}>{shown(end - start)}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(finding(totals))}" font-family="system-ui, sans-serif" font-size="14">'
        f'<line x1="{LEFT}" y1="0" x2="{LEFT}" y2="{height}" stroke="{GRID}"/>{"".join(drawn)}</svg>'
    )


def bars_html(totals: Totals) -> str:
    """The same bars as plain HTML, for a panel: the text keeps its size however narrow the column is."""
    rows = []
    bars = parts_of_charge(totals)
    for row, (label, start, end) in enumerate(bars):
        color, whole = _color(label), max(totals.charge, 1)
        fill = (
            f"repeating-linear-gradient(45deg, {color}55 0 6px, {color} 6px 8px)" if start and color == YOURS else color
        )
        bold = ' class="keta-end"' if row in (0, len(bars) - 1) else ""
        figure = next(name for start_of, name in FIGURES.items() if label.startswith(start_of))
        amount = shown(end - start)
        asked = f'<button type="button" class="keta-figure" data-why="{figure}" aria-label="{escape(label)}, {amount}: why?">{amount}</button>'
        place = f"left:{100 * start / whole:.2f}%;width:{100 * (end - start) / whole:.2f}%;background:{fill}"
        bar = f'<u style="{place}"></u>' if end > start else ""
        rows.append(f"<span{bold}>{escape(label)}</span><i>{bar}</i><b{bold}>{asked}</b>")
    return f'<div class="keta-bars" role="group" aria-label="{escape(finding(totals))}">{"".join(rows)}</div>'


def range_svg(found: Spread) -> str:
    """As low as, most likely, as high as, and in between 8 of 10 cases: an interval on a scale that starts at zero."""
    scale = (WIDTH - 60) / max(found.high, 1)
    low, tenth, likely, ninetieth, high = (
        30 + amount * scale for amount in (found.low, found.p10, found.likely, found.p90, found.high)
    )
    label = (
        f"As low as {about(found.low)}, most likely {about(found.likely)}, as high as {about(found.high)}; "
        f"in 8 of 10 cases from {about(found.p10)} to {about(found.p90)}"
    )
    return (
        f'<svg class="keta-range" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} 34" role="img" aria-label="{escape(label)}">'
        f'<line x1="30" y1="17" x2="{WIDTH - 30}" y2="17" stroke="{GRID}" stroke-width="4" stroke-linecap="round"/>'
        f'<line x1="{low:.1f}" y1="17" x2="{high:.1f}" y2="17" stroke="{YOURS}" stroke-width="4"/>'
        f'<line x1="{tenth:.1f}" y1="17" x2="{ninetieth:.1f}" y2="17" stroke="{YOURS}" stroke-width="12" stroke-opacity="0.45"/>'
        f'<path d="M{low:.1f} 8v18M{high:.1f} 8v18" stroke="{YOURS}" stroke-width="3"/>'
        f'<circle cx="{likely:.1f}" cy="17" r="8" fill="{YOURS}" stroke="#fff" stroke-width="2"/></svg>'
    )


def waterfall(answer: Answer) -> go.Figure:
    """The way from the charge to what you pay as a plotly figure; its table is `statement(answer.totals)`."""
    import plotly.graph_objects as go

    bars = parts_of_charge(answer.totals)
    figure = go.Figure(
        go.Bar(
            y=[label for label, _, _ in bars],
            x=[(end - start) / 100 for _, start, end in bars],
            base=[start / 100 for _, start, _ in bars],
            orientation="h",
            marker={
                "color": [_color(label) for label, _, _ in bars],
                "pattern": {"shape": ["/" if start and _color(label) == YOURS else "" for label, start, _ in bars]},
            },
            text=[shown(end - start) for _, start, end in bars],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    figure.update_layout(
        template=house_template(),
        title={"text": finding(answer.totals)},
        yaxis={"autorange": "reversed"},
        xaxis={"rangemode": "tozero", "tickprefix": "$", "range": [0, answer.totals.charge / 100 * 1.15]},
        height=90 + 38 * len(bars),
    )
    return figure


def routes_chart(scenario: Scenario) -> go.Figure:
    """What each open route has cost the patient by each day, on one time axis; its table is `statement(alternatives(scenario))`."""
    import plotly.graph_objects as go

    figure = go.Figure()
    ends = []
    for number, route in enumerate(route for route in alternatives(scenario) if route.answer):
        paid, days, sums = 0, [], []
        for claim in route.answer.claims if route.answer else ():
            paid += claim.you_pay
            days.append(claim.line.date.isoformat())
            sums.append(paid / 100)
        ends.append((sums[-1], days[-1], route.label))
        line = {"shape": "hv", "width": 3, "color": HUES[number % len(HUES)], "dash": DASHES[number % len(DASHES)]}
        figure.add_trace(go.Scatter(x=days, y=sums, name=route.label, mode="lines", line=line))
    least, most = min(ends), max(ends)
    figure.update_layout(
        template=house_template(),
        title={
            "text": f"By the last visit: {about(round(least[0] * 100))} at least, {about(round(most[0] * 100))} at most"
        },
        yaxis={"rangemode": "tozero", "tickprefix": "$"},
        showlegend=True,
        legend={"orientation": "h", "y": -0.15},
        height=460,
    )
    return figure


def house_template() -> go.layout.Template:
    """The one look of our figures: plain, printable, and small in a notebook file."""
    import plotly.graph_objects as go

    return go.layout.Template(
        layout={
            "font": {"family": "system-ui, sans-serif", "size": 14, "color": INK},
            "title": {"x": 0, "xanchor": "left", "font": {"size": 16}},
            "paper_bgcolor": "#ffffff",
            "plot_bgcolor": "#ffffff",
            "xaxis": {"gridcolor": GRID, "zerolinecolor": MUTED, "automargin": True},
            "yaxis": {"automargin": True},
            "margin": {"l": 10, "r": 40, "t": 50, "b": 40},
            "showlegend": False,
        }
    )
