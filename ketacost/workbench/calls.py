"""The log of calls: what the insurer said, on which day, under which reference, and the scenario with that in place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ketacost.accounts.paying import Call
from ketacost.analysis.questions import question_ids
from ketacost.core.convert import hint_at, put
from ketacost.core.fields import KetacostError
from ketacost.estimate.default_ranges import GATE
from ketacost.estimate.scenario import Scenario
from ketacost.model.courses import visits
from ketacost.privacy.identifiers import check_text, refuse
from ketacost.workbench.edits import change


def log_call(scenario: Scenario, call: Call, value: Any = None) -> Scenario:
    """The scenario with a call in its log and, where a value was told, that entry set and no longer a range.

    Amounts used so far are as of the day of the call. Raises IdentifiersFound for a reference number or an answer that may
    tell who somebody is, UnknownName for an entry that there is not, and KetacostError for amounts told after the first
    visit: they may hold visits that are counted here again.
    """
    for where, text in (("reference number", call.reference), ("answer", call.answer), ("value", str(value or ""))):
        refuse(check_text(text, where=where))
    if call.about not in question_ids():
        hint_at(Scenario, call.about)
    if value is None:
        return scenario.but(calls=(*scenario.calls, call))
    if call.about in question_ids():
        raise KetacostError(
            f"{call.about} is no entry that a value could go to; keep what was said as the call's answer"
        )
    kept = call if call.answer else replace(call, answer=str(value))
    changed = _told(scenario, call, value)
    return changed.but(calls=(*scenario.calls, kept))


def _told(scenario: Scenario, call: Call, value: Any) -> Scenario:
    if call.about == GATE and isinstance(value, str):
        return change(scenario, "gate", "no" if value in ("no", "no benefit") else "yes")
    if not call.about.startswith("used.") or call.about == "used.as_of":
        return change(scenario, call.about, value)
    first = visits(scenario.course)[0].date
    if call.day > first:
        raise KetacostError(
            f"what was used was told on {call.day}, after the first visit of {first}, and may hold that visit already; "
            "ask for the amounts before the first visit, or let the course start with the next one"
        )
    if scenario.used.as_of is not None and scenario.used.as_of > call.day:
        raise KetacostError(
            f"the amounts stand as of {scenario.used.as_of}, later than the call of {call.day}: what is newer stays"
        )
    return put(change(scenario, call.about, value), "used.as_of", call.day)
