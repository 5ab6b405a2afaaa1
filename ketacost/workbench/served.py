"""The desks of a page that has no server: requests and what to paint as JSON text, as the page's front end hands them over.

The same desks as in JupyterLab; a page may hold several. It runs in a browser, on the standard library alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from ketacost.core.convert import as_text
from ketacost.core.fields import KetacostError
from ketacost.estimate.answer import run
from ketacost.estimate.calendar import calendar
from ketacost.estimate.estimate import spread
from ketacost.estimate.scenario import Scenario, scenario_from, table_of
from ketacost.workbench.session import Desk


def plain_table(scenario: Scenario) -> dict[str, Any]:
    """A scenario as plain data that JSON can hold and `scenario_from` reads back."""
    table: dict[str, Any] = as_text(table_of(scenario))
    return table


def cents(scenario: Scenario) -> dict[str, Any]:
    """The numbers of a scenario in whole cents: its lines, totals, calendar and spread, to hold one calculator to another."""
    answer = run(scenario)
    dated, wide = calendar(answer), spread(scenario)
    return {
        "totals": [list(answer.low), list(answer.totals), list(answer.high)],
        "lines": [list(claim.split) for claim in answer.claims],
        "bottom": list(dated.bottom),
        "months": [[month.first_day.isoformat(), month.out, month.back, month.running] for month in dated.months],
        "most_cash": dated.peak[0],
        "spread": [wide.low, wide.p10, wide.likely, wide.p90, wide.high],
    }


@dataclass
class Desks:
    """The desks of one page, in the page's order."""

    desks: list[Desk] = field(default_factory=list)

    def seat(self, tables: str) -> str:
        """Set a desk for every scenario of a JSON list; gives what each shows."""
        self.desks = [Desk(scenario_from(table)) for table in json.loads(tables)]
        return json.dumps([desk.shown() for desk in self.desks])

    def serve(self, number: int, asked: str) -> str:
        """Serve one desk's request; gives what to paint."""
        self.desks[number].serve(json.loads(asked))
        return json.dumps(self.desks[number].shown())

    def cents(self, tables: str) -> str:
        """The cents of many scenarios, for a check of this calculator against another; an error is told as text."""
        return json.dumps([_cents_or_error(table) for table in json.loads(tables)])


def _cents_or_error(table: dict[str, Any]) -> Any:
    try:
        return cents(scenario_from(table))
    except KetacostError as error:
        return str(error)
