"""The answer as plain data, for other programs: stable names, amounts as decimal strings, days as ISO dates.

docs/json.md describes every entry; a change of its meaning changes FORMAT.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from ketacost.core.convert import as_text
from ketacost.core.money import dollars
from ketacost.core.references import Citation
from ketacost.estimate.answer import Answer, Totals
from ketacost.estimate.explain import citations, label_of, notes, steps, trace
from ketacost.estimate.scenario import Scenario, table_of
from ketacost.model.adjudication import Claim

FORMAT = 1
SCENARIO_MIME = "application/vnd.ketacost.scenario+json"
"""Under this type an output of a notebook carries the scenario it shows."""

LINE_COLUMNS = (
    *("date", "member", "network", "benefit", "service", "label", "code", "units", "charge", "allowed", "covered"),
    *("balance_bill", "write_off", "copay", "deductible", "coinsurance", "plan_pays", "you_pay", "outcome", "why_not"),
    "plan_year",
)
"""The columns of a line, in order, as `--csv` writes them."""


def line_as_dict(claim: Claim) -> dict[str, Any]:
    """One adjudicated line: its columns, the accumulators of each network after it, and its steps in words."""
    line, parts = claim.line, claim.split
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
        **{name: dollars(amount) for name, amount in parts._asdict().items()},
        "you_pay": dollars(claim.you_pay),
        "outcome": claim.outcome,
        "why_not": claim.why_not,
        "plan_year": claim.plan_year.isoformat(),
        "accumulators": {
            network: {name: None if amount is None else dollars(amount) for name, amount in after._asdict().items()}
            for network, after in claim.accumulated.items()
        },
        "steps": list(steps(claim)),
    }


def carried(scenario: Scenario | None) -> dict[str, Any]:
    """The scenario that an output shows, without its calls, so that a shared page can be checked again."""
    return {} if scenario is None else {SCENARIO_MIME: as_text(table_of(scenario.replace(calls=())))}


def totals_as_dict(totals: Totals) -> dict[str, str]:
    """Totals as decimal strings."""
    return {name: dollars(amount) for name, amount in totals._asdict().items()}


def claims_as_dict(claims: Iterable[Claim]) -> dict[str, Any]:
    """Adjudicated lines with their totals."""
    claims = tuple(claims)
    return {
        "format": FORMAT,
        "lines": [line_as_dict(claim) for claim in claims],
        "totals": totals_as_dict(Totals.of(claims)),
    }


def citation_as_dict(citation: Citation) -> dict[str, Any]:
    """A number's sources: what, value, unit, grade, the place in the source, and the source itself."""
    return asdict(citation)


def as_dict(answer: Answer) -> dict[str, Any]:
    """The whole answer: sentence, totals, range, lines, steps, notes, sources and the scenario that gives it again."""
    return {
        "format": FORMAT,
        "sentence": answer.sentence,
        "visits": answer.visits,
        "totals": totals_as_dict(answer.totals),
        "low": {"totals": totals_as_dict(answer.low), "where": dict(answer.low_case)},
        "high": {"totals": totals_as_dict(answer.high), "where": dict(answer.high_case)},
        "lines": [line_as_dict(claim) for claim in answer.claims],
        "notes": list(notes(answer)),
        "steps": list(trace(answer)),
        "citations": [citation_as_dict(citation) for citation in citations(answer)],
        "scenario": as_text(table_of(answer.scenario)),
    }
