"""The answer as plain data, for other programs: stable names, amounts as decimal strings, days as ISO dates.

docs/json.md describes every entry; a change of its meaning changes FORMAT.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ketacost.core.convert import as_text
from ketacost.core.money import dollars
from ketacost.estimate.answer import Answer, Totals
from ketacost.estimate.explain import citations, label_of, notes, steps, trace
from ketacost.estimate.scenario import Scenario, table_of
from ketacost.model.adjudication import Claim
from ketacost.model.cost_sharing import Split

FORMAT = 1
SCENARIO_MIME = "application/vnd.ketacost.scenario+json"
"""Under this type an output of a notebook carries the scenario it shows."""

LINE_COLUMNS = (
    *("date", "member", "network", "benefit", "service", "label", "code", "units", "charge", "allowed", "covered"),
    *Split._fields,
    *("you_pay", "outcome", "why_not", "plan_year"),
)
"""The columns of a line, in order, as `--csv` writes them."""


def line_as_dict(claim: Claim) -> dict[str, Any]:
    """One adjudicated line: its columns, the accumulators of each network after it, and its steps in words."""
    line = claim.line
    return {
        "date": line.date.isoformat(),
        "member": line.member,
        "network": claim.network,
        "benefit": claim.benefit or line.benefit,
        "service": line.service,
        "label": label_of(claim),
        "code": line.code,
        "units": line.units,
        "charge": dollars(line.charge),
        "allowed": dollars(claim.allowed),
        "covered": claim.covered,
        **_as_dollars(claim.split._asdict()),
        "you_pay": dollars(claim.you_pay),
        "outcome": claim.outcome,
        "why_not": claim.why_not,
        "plan_year": claim.plan_year.isoformat(),
        "accumulators": {network: _as_dollars(after._asdict()) for network, after in claim.accumulated.items()},
        "steps": list(steps(claim)),
    }


def carried(scenario: Scenario | None) -> dict[str, Any]:
    """The scenario that an output shows, without its calls, so that a shared page can be checked again."""
    return {} if scenario is None else {SCENARIO_MIME: as_text(table_of(scenario.replace(calls=())))}


def _as_dollars(amounts: Mapping[str, int | None]) -> dict[str, str | None]:
    """Amounts by name as decimal strings; None stays None."""
    return {name: None if amount is None else dollars(amount) for name, amount in amounts.items()}


def claims_as_dict(claims: Iterable[Claim]) -> dict[str, Any]:
    """Adjudicated lines with their totals."""
    claims = tuple(claims)
    return {
        "format": FORMAT,
        "lines": [line_as_dict(claim) for claim in claims],
        "totals": _as_dollars(Totals.of(claims)._asdict()),
    }


def as_dict(answer: Answer) -> dict[str, Any]:
    """The whole answer: sentence, totals, range, lines, steps, notes, sources and the scenario that gives it again.

    as_dict(run(example("readme-patient")))["totals"]["you_pay"] is "7788.00".
    """
    return {
        "format": FORMAT,
        "sentence": answer.sentence,
        "visits": answer.visits,
        "totals": _as_dollars(answer.totals._asdict()),
        "low": {"totals": _as_dollars(answer.low._asdict()), "where": dict(answer.low_case)},
        "high": {"totals": _as_dollars(answer.high._asdict()), "where": dict(answer.high_case)},
        "lines": [line_as_dict(claim) for claim in answer.claims],
        "notes": list(notes(answer)),
        "steps": list(trace(answer)),
        "citations": [asdict(citation) for citation in citations(answer)],
        "scenario": as_text(table_of(answer.scenario)),
    }
