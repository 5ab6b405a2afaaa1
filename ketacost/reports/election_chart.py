"""Statements of tax-free accounts: the tax saved part by part, who pays each visit, how much to elect, the months of an HSA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketacost.core.money import about
from ketacost.estimate.account_effects import advise_fsa
from ketacost.estimate.scenario import Scenario
from ketacost.reports.charts import PLAN, YOURS, house_template

if TYPE_CHECKING:
    import plotly.graph_objects as go


def election_chart(scenario: Scenario) -> go.Figure:
    """What an election is worth, from nothing to the limit; its table is `statement(advise_fsa(scenario))`."""
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
