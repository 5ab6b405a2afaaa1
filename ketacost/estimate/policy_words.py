"""What an insurer's policy, the state and what is pending mean for a scenario, in sentences with their sources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ketacost.core.dates import us_day
from ketacost.core.money import percent
from ketacost.core.references import Citation
from ketacost.estimate.outlook import path_of
from ketacost.estimate.scenario import Scenario, covered_from, usual_path
from ketacost.model.courses import visits
from ketacost.model.payers import treatment_of
from ketacost.model.policies import (
    COVERED,
    NOT_COVERED,
    REPORTED,
    Fact,
    Policy,
    facts_about,
    insurer,
    not_met,
    policy_for,
)
from ketacost.model.protocols import protocol

NOT_STATED = "not stated in what we read"


def policy_of(scenario: Scenario) -> Policy | None:
    """The policy of a scenario's insurer on its treatment; None where no insurer is named or we know of none."""
    return policy_for(scenario.insurer, scenario.payer, treatment_of(scenario.course.protocol))


def policy_citations(scenario: Scenario) -> tuple[Citation, ...]:
    """The sources of the policy, of the state's facts and of what is pending, as far as the scenario uses them."""
    policy, facts = policy_of(scenario), _facts(scenario)
    return (*(policy.citations if policy else ()), *(citation for fact in facts for citation in fact.citations))


def policy_notes(scenario: Scenario) -> Iterator[str]:
    """What to know of the policy, its criteria, the state, and a what-if of wider coverage, a sentence each."""
    if scenario.insurer and scenario.payer in insurer(scenario.insurer).payers:
        yield from _of_insurer(scenario)
    if first := covered_from(scenario):
        odds = percent(usual_path(scenario).infusions)
        late = sum(visit.date < first for visit in visits(scenario.course))
        yield (
            f"What if: from {us_day(first)} the plan covers IV ketamine as it covers Spravato ({odds} at the first "
            f"decision, our assumption). {late} of {len(visits(scenario.course))} visits are before that day and not "
            "covered."
        )
    yield from (fact.says for fact in _facts(scenario))


def policy_as_dict(scenario: Scenario) -> dict[str, Any] | None:
    """The policy as plain data: insurer, answer, rule, dates, grade, and each criterion with how it stands."""
    policy = policy_of(scenario)
    if policy is None:
        return None
    return {
        "insurer": insurer(scenario.insurer).label,
        "answer": policy.answer,
        "policy": policy.name,
        "rule": policy.rule,
        "changed": policy.changed,
        "next_review": policy.next_review or NOT_STATED,
        "gap": policy.gap,
        "grade": policy.grade,
        "criteria": [
            {"name": name, "label": words, "stands": scenario.criteria.get(name, "not known")}
            for name, words in policy.criteria.items()
        ],
    }


def _facts(scenario: Scenario) -> tuple[Fact, ...]:
    """What is known of the patient's state; what is pending where wider coverage is asked about."""
    state = scenario.household.state if scenario.household else ""
    about = state, scenario.payer, treatment_of(scenario.course.protocol)
    pending = facts_about("pending", *about) if covered_from(scenario) else ()
    return (*(facts_about("states", *about) if state else ()), *pending)


def _of_insurer(scenario: Scenario) -> Iterator[str]:
    label, policy = insurer(scenario.insurer).label, policy_of(scenario)
    treatment = protocol(scenario.course.protocol).label
    if policy is None:
        yield f"We know of no policy of {label} on {treatment}, so we use this payer's usual odds. Ask {label}."
        return
    named = f"{label}{f', policy {policy.name}' * bool(policy.name)}"
    dates = f"last change: {policy.changed}; next review: {policy.next_review or NOT_STATED}"
    gap = f" {policy.gap}" if policy.gap else ""
    if not policy.rule:
        yield f"{label}:{gap} We use this payer's usual odds."
        return
    yield f"{named}, {_read(policy)} ({policy.grade}): {policy.answer}: {policy.rule}.{gap} {dates.capitalize()}."
    if path_of(scenario)[0].infusions == usual_path(scenario).infusions:
        yield from _odds(scenario, policy)
    if scenario.payer == "employer-self-funded":
        yield f"The employer decides for itself: its plan may differ from what {label} covers. Ask the plan."
    if policy.criteria:
        stands: dict[str, list[str]] = {"met": [], "not met": [], "not known": []}
        for name, words in policy.criteria.items():
            stands[scenario.criteria.get(name, "not known")].append(words)
        listed = " ".join(f"{how.capitalize()}: {'; '.join(several)}." for how, several in stands.items() if several)
        yield f"What the policy asks for in the request before the first dose. {listed}"


def _read(policy: Policy) -> str:
    """How we know of a policy: read, read at second hand, or reported without it."""
    if policy.answer == REPORTED:
        return "reported, the policy not read"
    return "as read" if policy.grade == "primary" else "as others report it"


def _odds(scenario: Scenario, policy: Policy) -> Iterator[str]:
    """What the policy does to the chance of a yes, marked as ours; nothing where it leaves it as it was."""
    points = usual_path(scenario).infusions
    if points == usual_path(scenario.replace(insurer="")).infusions:
        return
    why = {
        COVERED: "as often as this payer approves Spravato, which policies cover",
        REPORTED: "the low end of how often this payer approves Spravato, until the policy is read",
        NOT_COVERED: "the low end for this payer",
    }[policy.answer]
    if not_met(policy, scenario.criteria):
        why = "the low end for this payer, since a criterion is not met"
    yield f"The chance of a yes at the first decision is then {percent(points)}: {why}. That is our assumption."
