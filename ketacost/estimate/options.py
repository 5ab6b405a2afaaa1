"""What each choice of the form offers: the lists by name, as pairs of a value and its words."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Callable
from typing import get_args

from ketacost.estimate.entries import PLAIN, PLAN_KINDS, Through
from ketacost.estimate.resolve import Resolved
from ketacost.model.allowed import METHODS
from ketacost.model.denials import standings_of
from ketacost.model.payers import payers
from ketacost.model.plans import published_plan, published_plans
from ketacost.model.policies import insurers
from ketacost.model.pricing import MEDICARE, SCHEDULE, SHARE_OF_CHARGE, USUAL_CHARGES
from ketacost.model.protocols import protocols
from ketacost.taxes.households import STATES

NETWORKS = {"in": "In the plan's network", "out": "Outside the plan's network"}
METHOD_WORDS = {
    SHARE_OF_CHARGE: "A share of the charge",
    USUAL_CHARGES: "A share of usual charges near here",
    MEDICARE: "A multiple of Medicare",
}
NOT_CHOSEN = ["", "Not chosen"]
NOT_KNOWN = ["", "Not known"]
SIZES = get_args(PLAIN["employer_size"][1])


def _plans(scenario: Resolved) -> list[list[str]]:
    designs = [published_plan(name) for name in published_plans()]
    options = [[one.id, f"{one.plan.name} ({one.plan_year.split(' (')[0]})", one.plan.kind] for one in designs]
    return [["", "My plan is not on the list", "Your own plan"], *sorted(options, key=lambda one: (one[2], one[1]))]


def _methods(scenario: Resolved) -> list[list[str]]:
    added = [name for name in METHODS if name not in (*METHOD_WORDS, SCHEDULE)]
    own = ["schedule", "The plan's amount for each service"]
    return [own, *([name, METHOD_WORDS.get(name, name)] for name in (*METHOD_WORDS, *added))]


def _networks(scenario: Resolved) -> list[list[str]]:
    return [[name, NETWORKS.get(name, name.replace("_", " ").capitalize())] for name in scenario.plan.networks]


def _fixed(*pairs: tuple[str, str]) -> Callable[[Resolved], list[list[str]]]:
    return lambda scenario: [list(pair) for pair in pairs]


OPTIONS: dict[str, Callable[[Resolved], list[list[str]]]] = {
    "protocols": lambda scenario: [[name, one.label] for name, one in protocols().items()],
    "payers": lambda scenario: [NOT_CHOSEN, *([name, one.label] for name, one in payers().items())],
    "insurers": lambda scenario: [NOT_CHOSEN, *([name, one.label] for name, one in insurers().items())],
    "criteria": _fixed(("", "Not known"), ("met", "Met"), ("not met", "Not met")),
    "plans": _plans,
    "kinds": lambda scenario: [["", "I don't know"], *([kind, kind] for kind in PLAN_KINDS)],
    "second_kinds": lambda scenario: [["", "No second plan"], *([kind, kind] for kind in PLAN_KINDS)],
    "later_kinds": lambda scenario: [["", "No other plan"], *([kind, kind] for kind in PLAN_KINDS)],
    "second_networks": lambda scenario: [
        [name, NETWORKS.get(name, name)] for name in (scenario.second.plan.networks if scenario.second else ())
    ],
    "through": lambda scenario: [NOT_KNOWN, *([one, f"{one[0].upper()}{one[1:]}"] for one in get_args(Through))],
    "sizes": lambda scenario: [NOT_KNOWN, *([size, f"{size[0].upper()}{size[1:]}"] for size in SIZES)],
    "because": _fixed(("", "Not known"), ("age", "Age: 65 or older"), ("disability", "A disability, before 65")),
    "which_plan": _fixed(("", "Not known"), ("this plan", "This plan"), ("second plan", "The second plan")),
    "turns": _fixed(("second", "Second, after this plan"), ("first", "First")),
    "coordinations": _fixed(
        ("standard", "All that the first plan leaves"),
        ("maintenance of benefits", "Its own terms, applied to what the first plan leaves"),
        ("carve-out", "What it would pay alone, less what the first plan paid"),
    ),
    "exceptions": _fixed(
        ("", "None"),
        ("gap exception", "Gap exception: the clinic may bill the rest"),
        ("single-case agreement", "Single-case agreement: the clinic signed a rate"),
    ),
    "lasting": _fixed(("12", "Every plan year"), ("1", "Every month")),
    "carrying": _fixed(
        ("none", "No"),
        ("last three months", "What counts in the last three months"),
        ("last three months if not met", "What counts in the last three months, if the deductible was not met"),
    ),
    "drug_benefits": _fixed(("medical", "The medical benefit"), ("pharmacy", "The pharmacy benefit")),
    "credits": _fixed(("False", "No, it starts at $0"), ("True", "Yes, it counts")),
    "standings": lambda scenario: [
        NOT_CHOSEN,
        *([one, f"{one[0].upper()}{one[1:]}"] for one in standings_of(scenario.payer)),
    ],
    "networks": _networks,
    "applies": _fixed(("yes", "After the deductible"), ("no", "No deductible first")),
    "places": _fixed(("clinic", "In a clinic"), ("hospital outpatient", "In a hospital's outpatient department")),
    "doses": _fixed(("", "As on the label"), ("56", "56 mg"), ("84", "84 mg")),
    "gate": _fixed(("no", "No, nothing at all"), ("yes", "Yes"), ("don't know", "I don't know")),
    "months": lambda scenario: [[str(number), month_name[number]] for number in range(1, 13)],
    "kinds_of_family": _fixed(("embedded", "Embedded"), ("aggregate", "Aggregate")),
    "methods": _methods,
    "settings": _fixed(("non-facility", "A clinic"), ("facility", "A hospital")),
    "after_a_no": _fixed(("go on", "Go on and pay"), ("stop", "Stop the treatment")),
    "who_owes": _fixed(("patient", "The patient"), ("provider", "The clinic bears it")),
    "yes_no": _fixed(("", "Not answered"), ("yes", "Yes"), ("no", "No")),
    "help_counts": _fixed(("", "Not known"), ("counts", "It counts"), ("does not count", "It does not count")),
    "helps": lambda scenario: [
        ["", "Not entered: any visit"],
        ["spravato savings", "The maker's savings program for Spravato"],
        *([name, f"Only {one.label}"] for name, one in protocols().items()),
    ],
    "states": lambda scenario: [NOT_CHOSEN, *([state, state] for state in sorted(STATES))],
    "statuses": _fixed(
        ("single", "Single"),
        ("married_joint", "Married, filing jointly"),
        ("married_separate", "Married, filing separately"),
        ("head_of_household", "Head of household"),
        ("surviving_spouse", "Surviving spouse"),
    ),
    "at_end": _fixed(("lost", "Lost"), ("carried over", "Carried over"), ("grace period", "Grace period")),
    "pay_days": _fixed(("12", "Every month"), ("24", "Twice a month"), ("26", "Every two weeks"), ("52", "Every week")),
}
"""What each list of the table offers."""
