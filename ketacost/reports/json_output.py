"""The estimate as plain data, for other programs: stable names, amounts as decimal strings, days as ISO dates.

docs/json.md describes every entry; a change of its meaning changes FORMAT.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from ketacost.core.convert import as_text
from ketacost.core.fields import of_kind
from ketacost.core.money import dollars, percent
from ketacost.estimate.answer import Totals
from ketacost.estimate.assumed import MONEY, WORDS, Assumed, assumed
from ketacost.estimate.budget import Budget, budget_of
from ketacost.estimate.calendar import Month
from ketacost.estimate.estimate import AN_ESTIMATE, Estimate, Group
from ketacost.estimate.explain import citations, label_of, notes_on, steps, trace
from ketacost.estimate.milestones import Milestone, milestones
from ketacost.estimate.policy_words import policy_as_dict
from ketacost.estimate.running import SoFar, running
from ketacost.estimate.scenario import Scenario, table_of
from ketacost.estimate.texts import how_often
from ketacost.estimate.unknowns import Unknown
from ketacost.model.adjudication import Claim
from ketacost.model.cost_sharing import Split
from ketacost.model.courses import visits
from ketacost.model.rules import THE_RULE, Rule, rule_of

FORMAT = 2
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
        **({} if claim.own is claim else {"second_pays": dollars(claim.own.you_pay - claim.you_pay)}),
        "you_pay": dollars(claim.you_pay),
        **({"help_pays": dollars(claim.help_pays)} if claim.line.assistance else {}),
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
        "rule": _rule(claims[0].rule if claims else THE_RULE),
        "lines": [line_as_dict(claim) for claim in claims],
        "totals": _as_dollars(Totals.of(claims)._asdict()),
        "notes": list(notes_on(claims)),
    }


def as_dict(estimate: Estimate) -> dict[str, Any]:
    """The whole estimate: sentence, chance, amounts by outcome, the shown case line by line, sources, the scenario.

    as_dict(estimate(example("readme-patient")))["likely"] is "7788.00".
    """
    of_kind("what is written", estimate, Estimate, AN_ESTIMATE)
    first, most = estimate.dearest_month
    waiting, day = estimate.most_waiting
    return {
        "format": FORMAT,
        "rule": _rule(rule_of(estimate.scenario.rule)),
        "sentence": estimate.sentence,
        "rest": estimate.rest,
        "chance": _chance(estimate.chance),
        "likely": None if estimate.likely is None else dollars(estimate.likely),
        **_as_dollars({name: getattr(estimate, name) for name in ENDS}),
        "groups": [_group(group) for group in estimate.groups],
        "unknowns": [_unknown(unknown) for unknown in estimate.unknowns],
        "steps_to_net": _steps_to_net(estimate),
        "dearest_month": {"month": f"{first:%Y-%m}" if first else None, "amount": dollars(most) if first else None},
        "most_waiting": {"day": day.isoformat() if day else None, "amount": dollars(waiting)},
        **({"budget": _budget(budget)} if (budget := budget_of(estimate)) else {}),
        "months": [_month(month) for month in estimate.calendar.months],
        "held": dollars(max(estimate.calendar.held, 0)),
        "dates": [_date(one) for one in milestones(estimate)],
        "assumed": [_assumed(one) for one in assumed(estimate)],
        "going_on": _going_on(estimate),
        "policy": policy_as_dict(estimate.scenario),
        "planned": _planned(estimate.scenario),
        "visits": estimate.main.visits,
        "running": [_so_far(stage) for stage in running(estimate).so_far],
        "totals": _as_dollars(estimate.shown.totals._asdict()),
        "lines": [line_as_dict(claim) for claim in estimate.shown.claims],
        "notes": [*estimate.unused, *estimate.notes],
        "steps": list(trace(estimate.shown)),
        "citations": [asdict(citation) for citation in citations(estimate.shown)],
        "scenario": as_text(table_of(estimate.scenario)),
    }


def _rule(rule: Rule) -> dict[str, str]:
    """The rule that lines were split by: its name, what it changes and its source."""
    return {"name": rule.name, "description": rule.description, "source": rule.source, "grade": rule.grade}


def _planned(scenario: Scenario) -> dict[str, Any]:
    """How many visits are planned, on which first and last day, whether they take place or not."""
    days = [visit.date.isoformat() for visit in visits(scenario.course)]
    return {"visits": len(days), "first": days[0] if days else None, "last": days[-1] if days else None}


def _month(month: Month) -> dict[str, Any]:
    """One month of the shown case: what leaves the patient's own pocket, and what comes back to it."""
    return {"month": f"{month.first_day:%Y-%m}", "you_pay": dollars(month.out), "comes_back": dollars(month.back)}


def _budget(budget: Budget) -> dict[str, Any]:
    """What can be paid in a month: the months above it, the visits it buys, and even payments within it."""
    return {
        "amount": dollars(budget.amount),
        "above": [{"month": f"{first:%Y-%m}", "amount": dollars(cents)} for first, cents in budget.above],
        "a_visit": dollars(budget.a_visit),
        "visits": budget.visits,
        "spread": dollars(budget.spread),
        "plans": [
            {
                "apr": percent(plan.apr),
                "months": plan.months,
                "payment": dollars(plan.payment),
                "total": dollars(plan.total),
            }
            for plan in budget.plans
        ],
    }


def _date(one: Milestone) -> dict[str, Any]:
    """A date to keep in mind: what happens on it or by it, and the day that it is about."""
    return {"day": one.day.isoformat(), "what": one.what, "about": one.about.isoformat() if one.about else None}


def _assumed(one: Assumed) -> dict[str, Any]:
    """A number that the answer goes by: amounts as dollars, shares and chances as percent, plans as their number."""
    write = dollars if one.what in MONEY else str if one.what == "designs" else percent
    ends = {"low": write(one.low), "high": write(one.high)} if one.what not in WORDS else {"low": None, "high": None}
    words = {"service": one.service or None, "plan": one.plan or None}
    return {"what": one.what, **ends, "said": one.said, "visits": one.visits or None, **words}


def _going_on(estimate: Estimate) -> dict[str, Any]:
    """What all planned visits would cost if the plan said no and the patient went on without it."""
    low, high = estimate.going_on_between
    return {"typical": dollars(estimate.going_on), "p10": dollars(low), "p90": dollars(high)}


def _so_far(stage: SoFar) -> dict[str, Any]:
    """What the visits up to a day cost in the end."""
    return {
        "until": stage.until.isoformat(),
        "label": stage.label,
        "visits": stage.visits,
        "cost": dollars(stage.cents),
    }


def sent_back(group: Group) -> int:
    """What the plan sends back to the patient in a group's shown case, in cents."""
    return -sum(entry.cents for entry in group.calendar.entries_of("check", "appeal check"))


ENDS = ("p10", "p90", "low", "high")


def _chance(chance: Fraction) -> dict[str, Any]:
    """A chance exactly, as a number, and as people say it."""
    return {"exact": str(chance), "number": round(float(chance), 6), "words": how_often(chance)}


def _group(group: Group) -> dict[str, Any]:
    """One group: `likely` is null where the treatment stops, and `owed` is what is owed then in the shown case."""
    return {
        "answers": list(group.answers),
        "whole": group.whole,
        "chance": _chance(group.chance),
        "likely": dollars(group.likely) if group.whole else None,
        "owed": None if group.whole else dollars(group.likely),
        **_as_dollars({name: getattr(group, name) for name in ENDS}),
        "visits": group.visits,
        "plan_pays": dollars(group.shown.totals.plan_pays),
        "sent_back": dollars(sent_back(group)),
    }


def _unknown(unknown: Unknown) -> dict[str, Any]:
    return {
        "entry": unknown.path,
        "label": unknown.label,
        "values": list(unknown.values),
        "odds": [str(chance) for chance in unknown.odds],
        "shape": unknown.shape or None,
        "why": unknown.why,
        "grade": unknown.grade,
        "citations": [asdict(citation) for citation in unknown.citations],
    }


def _steps_to_net(estimate: Estimate) -> list[dict[str, str]]:
    """From the charge to the net: the amounts before the last add up to it."""
    net = sum(step.cents for step in estimate.steps_to_net)
    amounts = [(step.id, step.label, net if step.id == "net" else step.cents) for step in estimate.steps_to_net]
    return [{"id": id, "label": label, "amount": dollars(cents)} for id, label, cents in amounts]


def in_cents(found: Estimate) -> dict[str, Any]:
    """The lines, totals, calendar and groups of an estimate in whole cents, to compare two calculators."""
    shown, dated = found.shown, found.calendar
    return {
        "totals": list(shown.totals),
        "lines": [list(claim.split) for claim in shown.claims],
        "bottom": list(found.main.bottom),
        "months": [[month.first_day.isoformat(), month.out, month.back, month.running] for month in dated.months],
        "dearest_month": [str(found.dearest_month[0]), found.dearest_month[1]],
        "groups": [[str(group.chance), group.likely, group.p10, group.p90] for group in found.groups],
        "range": [found.p10, found.main.likely, found.p90],
    }
