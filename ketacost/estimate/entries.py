"""The entries of an intake by name, and where each is in a scenario.

A name carries its scope: `prices.iv-mood.infusion` is a price of IV infusions and of no other treatment. Parts in angle
brackets stand for a name of that kind; the last column is the path into the scenario, which gives label and type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import is_dataclass
from difflib import get_close_matches
from functools import cache
from itertools import combinations
from types import UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from ketacost.core.convert import hint_at, kind_of
from ketacost.core.fields import KetacostError, UnknownName, descriptions, unknown
from ketacost.core.money import Cents
from ketacost.estimate.scenario import Scenario
from ketacost.model.allowed import METHODS
from ketacost.model.booklet import require_line
from ketacost.model.courses import dosed_phases
from ketacost.model.denials import STANDINGS
from ketacost.model.payers import payers
from ketacost.model.policies import insurers
from ketacost.model.protocols import protocol, protocols, services
from ketacost.model.rules import rules

Through = Literal["own job", "spouse's job", "a parent's job", "a former job", "COBRA", "bought alone"]
"""How a patient can have a plan."""

TREATMENTS = ("iv-mood", "iv-pain", "spravato", "home")

_TABLE = """
payer                                         payer
plan                                          published_plan
plan_kind
insurer                                       insurer
network                                       network
networks.<service>                            networks.<service>
standing
exception
lines.<service>                               lines.<service>
drug_benefit                                  drug_benefit
setting                                       course.setting
protocol                                      course.protocol
start                                         course.start
visits.<protocol>.<phase>                     course.visits.<phase>
days_apart.<protocol>.<phase>                 course.every_days.<phase>
dose.<protocol>.<phase>                       course.doses.<phase>
stop_after.<protocol>                         course.stop_after
dates.<protocol>                              course.dates
pauses                                        course.pauses
works                                         course.works
closed                                        course.closed
holidays
prices.<protocol>.<service>                   prices.charges.<service>
discounts.<protocol>.<service>                prices.discounts.<service>
bundled.<protocol>                            prices.bundled
packages.<protocol>                           prices.packages
terms.<network>.pays
terms.<network>.deductible                    plan.networks.<network>.deductible
terms.<network>.out_of_pocket_limit           plan.networks.<network>.out_of_pocket_limit
terms.<network>.family_deductible             plan.networks.<network>.family_deductible
terms.<network>.family_out_of_pocket_limit    plan.networks.<network>.family_out_of_pocket_limit
terms.<network>.balance_bill                  plan.networks.<network>.balance_bill
terms.<network>.copay                         plan.networks.<network>.benefits.default.copay
terms.<network>.coinsurance                   plan.networks.<network>.benefits.default.coinsurance
terms.<network>.deductible_applies            plan.networks.<network>.benefits.default.deductible_applies
terms.<network>.<benefit>.copay               plan.networks.<network>.benefits.<benefit>.copay
terms.<network>.<benefit>.coinsurance         plan.networks.<network>.benefits.<benefit>.coinsurance
terms.<network>.<benefit>.deductible_applies  plan.networks.<network>.benefits.<benefit>.deductible_applies
terms.<network>.<benefit>.copay_timing        plan.networks.<network>.benefits.<benefit>.copay_timing
terms.<network>.<benefit>.covered             plan.networks.<network>.benefits.<benefit>.covered
terms.<network>.<benefit>.visit_limit         plan.networks.<network>.benefits.<benefit>.visit_limit
terms.<network>.<benefit>.coinsurance_on      plan.networks.<network>.benefits.<benefit>.coinsurance_on
terms.<network>.<benefit>.coinsurance_least   plan.networks.<network>.benefits.<benefit>.coinsurance_least
terms.<network>.<benefit>.coinsurance_most    plan.networks.<network>.benefits.<benefit>.coinsurance_most
terms.<network>.<benefit>.counts_to_limit     plan.networks.<network>.benefits.<benefit>.counts_to_limit
terms.<network>.<benefit>.copay_counts_to_deductible \
    plan.networks.<network>.benefits.<benefit>.copay_counts_to_deductible
terms.<network>.coinsurance_limit             plan.networks.<network>.coinsurance_limit
terms.<network>.highest_copay_a_day           plan.networks.<network>.highest_copay_a_day
terms.<network>.limit_counts                  plan.networks.<network>.limit_counts
groups.<network>.<group>.benefits             plan.networks.<network>.groups.<group>.benefits
groups.<network>.<group>.deductible           plan.networks.<network>.groups.<group>.deductible
groups.<network>.<group>.out_of_pocket_limit  plan.networks.<network>.groups.<group>.out_of_pocket_limit
groups.<network>.<group>.deductible_inside    plan.networks.<network>.groups.<group>.deductible_inside
groups.<network>.<group>.limit_inside         plan.networks.<network>.groups.<group>.limit_inside
next_terms.<network>.<field>                  next_terms.<network>.<field>
later.starts                                  later.starts
later.plan                                    later.plan
later.plan_kind
later.terms.<network>.deductible              later.plan.networks.<network>.deductible
later.terms.<network>.out_of_pocket_limit     later.plan.networks.<network>.out_of_pocket_limit
later.terms.<network>.coinsurance             later.plan.networks.<network>.benefits.default.coinsurance
later.terms.<network>.copay                   later.plan.networks.<network>.benefits.default.copay
later.credit                                  later.credit
second.plan                                   second.plan
second.plan_kind
second.terms.<network>.deductible             second.plan.networks.<network>.deductible
second.terms.<network>.out_of_pocket_limit    second.plan.networks.<network>.out_of_pocket_limit
second.terms.<network>.coinsurance            second.plan.networks.<network>.benefits.default.coinsurance
second.terms.<network>.copay                  second.plan.networks.<network>.benefits.default.copay
second.goes                                   second.goes
second.coordination                           second.coordination
second.network                                second.network
second.used.<network>.deductible              second.used.members.patient.<network>.deductible
second.used.<network>.out_of_pocket           second.used.members.patient.<network>.out_of_pocket
second.held_through
held_through
employer_size
medicare_because
earlier_birthday
longer_covered
premium                                       premium
family                                        plan.family
deductible_kind                               plan.deductible_kind
limit_kind                                    plan.limit_kind
plan_year_starts                              plan.plan_year_starts
deductible_months                             plan.deductible_months
deductible_carryover                          plan.deductible_carryover
hsa_eligible                                  plan.hsa_eligible
used.as_of                                    used.as_of
used.visits.<benefit>                         used.visits.<benefit>
used.family.<network>.deductible              used.family.<network>.deductible
used.family.<network>.out_of_pocket           used.family.<network>.out_of_pocket
used.family.<network>.coinsurance             used.family.<network>.coinsurance
used.<member>.<network>.deductible            used.members.<member>.<network>.deductible
used.<member>.<network>.out_of_pocket         used.members.<member>.<network>.out_of_pocket
used.<member>.<network>.coinsurance           used.members.<member>.<network>.coinsurance
allowed.<network>.<protocol>.<service>        plan.networks.<network>.allowed.<service>
pricing.<network>.method                      plan.networks.<network>.pricing.method
pricing.<network>.share                       plan.networks.<network>.pricing.share
pricing.<network>.multiple                    plan.networks.<network>.pricing.multiple
pricing.<network>.medicare_year               plan.networks.<network>.pricing.medicare_year
pricing.<network>.zip                         plan.networks.<network>.pricing.zip
pricing.<network>.setting                     plan.networks.<network>.pricing.setting
pricing.<network>.usual.<service>             plan.networks.<network>.pricing.usual.<service>
coverage                                      coverage
waived                                        waived
criteria.<insurer>.<treatment>.<criterion>    criteria.<criterion>
like_spravato_from                            like_spravato_from
approval.<treatment>.until                    covered_until
approval.<treatment>.weeks
odds.<payer>.<treatment>.infusions            path.infusions
odds.<payer>.<treatment>.visits               path.visits
odds.<payer>.<treatment>.internal             path.internal
odds.<payer>.<treatment>.external             path.external
steps.ask_first                               path.ask_first
steps.asked_on                                path.asked_on
steps.appeal                                  path.appeal
steps.review                                  path.review
excluded.<payer>.<treatment>                  path.excluded
step_costs.<step>                             path.step_costs.<step>
if_denied                                     if_denied
denied_line                                   denied_line
notice
denied_before
household.<field>                             household.<field>
contribution.<field>                          contribution.<field>
next_contribution.<field>                     next_contribution.<field>
on_hand.<field>                               on_hand.<field>
paying.loan.<field>                           paying.loan.<field>
paying.<field>                                paying.<field>
most_a_month
rule                                          rule
calls                                         calls
title                                         title
"""

PLAIN: Mapping[str, tuple[str, Any]] = {
    "plan_kind": ("Kind of plan", str),
    "later.plan_kind": ("Kind of the later plan", str),
    "second.plan_kind": ("Kind of the second plan", str),
    "holidays": ("On federal holidays", Literal["closed", "open"]),
    "standing": ("The clinic", str),
    "terms.<network>.pays": ("Does the plan pay for care outside its network?", bool),
    "notice": ("A signed notice before the visit (ABN)", str),
    "most_a_month": ("What can you pay in a month?", Cents),
    "denied_before": ("The same service was denied before", bool),
    "exception": ("An exception for this clinic", Literal["gap exception", "single-case agreement"]),
    "approval.<treatment>.weeks": ("Approved or referred for how many weeks", int),
    "held_through": ("How you have this plan", Through),
    "second.held_through": ("How you have the second plan", Through),
    "employer_size": ("Employees of the employer", Literal["under 20", "20 to 99", "100 or more"]),
    "medicare_because": ("Medicare because of", Literal["age", "disability"]),
    "earlier_birthday": ("Parent with the earlier birthday", Literal["this plan", "second plan"]),
    "longer_covered": ("Plan that has covered you longer", Literal["this plan", "second plan"]),
}
"""The entries that are nowhere in a scenario: their labels and types."""

MEANINGS: Mapping[str, str] = {
    "plan_kind": "The kind of plan, if yours is not on the list: we use published plans of that kind.",
    "later.plan_kind": "The kind of the later plan, if it is on no list: its terms are the usual ones.",
    "second.plan_kind": "The kind of the second plan, if it is on no list: its terms are the usual ones.",
    "holidays": "Whether the clinic is open on federal holidays; if it is closed, a visit moves to the next day.",
    "standing": "The clinic's status with the payer: in or out of network, takes Medicare, opted out, enrolled.",
    "terms.<network>.pays": "Whether the plan pays anything at all in this network.",
    "notice": "Whether the patient agreed in writing, before the visit, to pay if the plan does not: yes or no.",
    "most_a_month": "The most you can pay in a month, in dollars. It changes no amount; months above it are marked.",
    "denied_before": "Whether the payer has denied this patient the same service before.",
    "exception": "In-network terms at an out-of-network clinic. Under a gap exception the clinic may bill you the "
    "rest, unless the letter or state law says otherwise. Under a single-case agreement it signed a rate and may not.",
    "approval.<treatment>.weeks": "For how many weeks from the first visit an approval or a referral holds.",
    "held_through": "Whose job or choice gives you the plan; it decides which of two plans pays first.",
    "second.held_through": "Whose job or choice gives you the second plan.",
    "employer_size": "How many employees the employer has, if you have its plan and Medicare.",
    "medicare_because": "Whether you have Medicare because you are 65 or older, or because of a disability before 65.",
    "earlier_birthday": "If each parent has a plan: the plan of the parent whose birthday comes earlier in the year.",
    "longer_covered": "The plan that has covered you longer. It decides where nothing else does.",
}
"""What the entries mean that are nowhere in a scenario."""

PLAN_KINDS = (
    *("PPO", "HDHP", "HMO or EPO", "Marketplace", "Medicare", "Medicare with Medigap", "Medicaid", "VA", "TRICARE"),
)
"""The kinds of plan that can be said where the plan itself is not on the list."""

NAMES: Mapping[str, tuple[str, Callable[[], Collection[str]]]] = {
    "payer": ("payer", payers),
    "protocol": ("protocol", protocols),
    "plan_kind": ("kind of plan", lambda: PLAN_KINDS),
    "later.plan_kind": ("kind of plan", lambda: PLAN_KINDS),
    "second.plan_kind": ("kind of plan", lambda: PLAN_KINDS),
    "standing": ("standing of a clinic", lambda: STANDINGS),
    "notice": ("answer about a notice", lambda: ("yes", "no")),
    "rule": ("variant of the rule", rules),
    "pricing.<network>.method": ("method of setting allowed amounts", lambda: METHODS),
}
"""The names that an entry of names may hold, by its pattern, and what they are called."""

_KNOWN: Mapping[str, Callable[[], Any]] = {
    "protocol": protocols,
    "service": services,
    "payer": payers,
    "treatment": lambda: TREATMENTS,
    "insurer": insurers,
    "step": lambda: ("prior_authorization", "claim", "internal_appeal", "external_review"),
}
"""The names that a part in angle brackets may have; other parts take any plain name."""


RANGED = (
    *(
        "visits.",
        "days_apart.",
        "dose.",
        "stop_after.",
        "prices.",
        "discounts.",
        "terms.",
        "deductible_kind",
        "limit_kind",
    ),
    *("groups.", "later.credit", "second.goes", "second.coordination", "second.used.", "drug_benefit"),
    *("second.terms.", "later.terms."),
    *("plan_year_starts", "hsa_eligible", "used.", "allowed.", "coverage", "waived", "odds.", "step_costs."),
    *("if_denied", "denied_line"),
)
"""The entries that can be a range, by how their patterns begin: facts of a case that a number depends on."""

ONE_VALUE = (
    *("terms.<network>.pays", "used.as_of", "terms.<network>.highest_copay_a_day", "terms.<network>.limit_counts"),
    "groups.<network>.<group>.benefits",
)
"""Entries among them that take one value: each decides which others there are."""

RANGED_FIELDS = ("wages", "spouse_wages", "fsa_left", "hsa_balance", "assistance", "assistance_counts", "rebate", "apr")
"""The fields of a household, an account or a way of paying that can be a range; the patient decides the others."""


class Entry(NamedTuple):
    """One entry by name: its pattern, its scope, and its path into the scenario, empty where it has none."""

    key: str
    pattern: str
    scope: Mapping[str, str]
    path: str

    @property
    def hint(self) -> Any:
        """The type of its values."""
        return PLAIN[self.pattern][1] if self.pattern in PLAIN else hint_at(Scenario, self.path)

    @property
    def ranges(self) -> bool:
        """Whether it can be said as a range, or as one of several values."""
        if "field" in self.scope:
            return self.scope["field"] in RANGED_FIELDS
        if self.pattern.startswith("pricing."):
            return self.kind in ("share", "multiple", "money")
        return self.pattern.startswith(RANGED) and self.pattern not in ONE_VALUE

    @property
    def kind(self) -> str:
        """What kind of value it takes: money, share, multiple, count, day or text."""
        return kind_of(self.hint)


def patterns() -> Mapping[str, str]:
    """The pattern of each entry with its path into the scenario, in the order of the table."""
    return _patterns()


@cache
def _patterns() -> dict[str, str]:
    rows = (row.split() for row in _TABLE.strip().splitlines())
    return {row[0]: row[1] if len(row) > 1 else "" for row in rows}


@cache
def _expressions() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[^.]+)", pattern.replace(".", r"\.")).replace("\\\\.", "\\.")), pattern)
        for pattern in _patterns()
    )


@cache
def entry_of(key: str) -> Entry:
    """The entry of a full name. Raises UnknownName with the near matches, and with the full name for a short one.

    >>> entry_of("prices.iv-mood.infusion").path
    'prices.charges.infusion'
    """
    found = _found(key)
    if found is None:
        raise _no_entry(key)
    return found


def _found(key: str) -> Entry | None:
    for expression, pattern in _expressions():
        match = expression.fullmatch(key)
        scope = match.groupdict() if match else {}
        if match and _fits(pattern, scope):
            path = _named(_patterns()[pattern], scope)
            found = Entry(key, pattern, scope, path)
            found.hint  # noqa: B018 - a path that leads nowhere is refused here
            return found
    return None


def _named(pattern: str, names: Mapping[str, str]) -> str:
    """A pattern with names in place of the parts in angle brackets, as far as they are known."""
    return re.sub(r"<(\w+)>", lambda part: names.get(part[1], part[0]), pattern)


def _fits(pattern: str, scope: Mapping[str, str]) -> bool:
    if any(kind in _KNOWN and name not in _KNOWN[kind]() for kind, name in scope.items()):
        return False
    if "benefit" in scope:
        require_line(scope["benefit"])
    if "criterion" in scope and scope["criterion"] not in _criteria(scope):
        return False
    phases = [phase.name for phase in protocol(scope["protocol"]).phases] if "phase" in scope else []
    if pattern.startswith("dose."):
        return scope["phase"] in dosed_phases(scope["protocol"])
    return "phase" not in scope or scope["phase"] in phases


def _criteria(scope: Mapping[str, str]) -> Mapping[str, str]:
    """What an insurer's policy asks for, by short name."""
    policy = insurers()[scope["insurer"]].policies.get(scope["treatment"])
    return policy.criteria if policy else {}


def _no_entry(key: str) -> KetacostError:
    """The error for a name that is no entry: the full name where parts were left out, else the near matches."""
    first, *rest = key.split(".")
    about = {"insurer": rest[0], "treatment": rest[1]} if len(rest) == 3 and rest[0] in insurers() else {}
    if first == "criteria" and about and (known := _criteria(about)):
        return unknown(f"criterion of {insurers()[rest[0]].label} for {rest[1]}", rest[2], known)
    if longer := list(_longer(key.strip().lower().replace(" ", "_").split("."))):
        longer.sort(key=lambda pattern: not pattern.startswith(("prices.", "terms.", "household.", "allowed.")))
        full = f"{longer[0]}, as in " if rest else ""
        examples = " or ".join(example_of(pattern) for pattern in longer[: 1 if rest else 3])
        return KetacostError(f"{key} leaves out what it is about: say {full}{examples}")
    if near := list(dict.fromkeys(_respelled(key)))[:3]:
        return UnknownName(f"there is no entry called {key!r}; did you mean {' or '.join(near)}?")
    return unknown("entry", key, (pattern for pattern in _patterns()))


def _longer(parts: Sequence[str]) -> Iterator[str]:
    """The entries that have these parts and more: prices.<protocol>.infusion for prices.infusion."""
    for pattern in _patterns():
        whole = pattern.split(".")
        for places in combinations(range(len(whole) - 1), len(parts) - 1):
            given = dict(zip((*places, len(whole) - 1), parts, strict=True))
            fits = all(whole[at] == part or whole[at].startswith("<") for at, part in given.items())
            named = ".".join(given.get(at, part) for at, part in enumerate(whole))
            fits &= len(whole) > len(parts) and whole[-1] != "<benefit>"  # a plan may have lines of any name
            if fits and is_entry(example_of(named)):
                yield named


def _respelled(key: str) -> Iterator[str]:
    """The entries that a name may be meant for which has one part in another spelling."""
    phases = {phase.name for name in protocols() for phase in protocol(name).phases}
    words = {part for pattern in _patterns() for part in pattern.split(".") if not part.startswith("<")}
    parts = key.lower().split(".")
    for at, part in enumerate(parts):
        for near in get_close_matches(part, sorted({*words, *services(), *protocols(), *phases}), 3, 0.75):
            if is_entry(name := ".".join((*parts[:at], near, *parts[at + 1 :]))):
                yield name


def is_entry(key: str) -> bool:
    """Whether a name is an entry."""
    with suppress(KetacostError):
        return _found(key) is not None
    return False


def example_of(pattern: str) -> str:
    """A pattern with a usual name for each part in angle brackets."""
    usual = _USUAL | ({"protocol": "spravato", "phase": "weeks 9+"} if pattern.startswith("dose.") else {})
    return _named(pattern, usual)


def label_of(entry: Entry) -> str:
    """An entry in the booklet's words: "What the clinic charges: Ketamine infusion"."""
    if entry.pattern in PLAIN:
        return PLAIN[entry.pattern][0]
    if "criterion" in entry.scope:
        return f"The policy asks for: {_criteria(entry.scope)[entry.scope['criterion']]}"
    words, _, kind = _words(entry.path)
    line = entry.scope.get("benefit") or entry.scope.get("group", "")
    name = entry.scope.get("service") or entry.scope.get("phase") or line
    return LABELS.get(entry.key, LABELS.get(entry.pattern, words)).format(
        name=name.replace("_", " ") if line else kind or name.replace("_", " "), words=words
    )


def help_of(entry: Entry) -> str:
    """What an entry means, in the sentence that the model has for it."""
    return MEANINGS[entry.pattern] if entry.pattern in PLAIN else _words(entry.path)[1]


LABELS = {
    "protocol": "Treatment",
    "visits.<protocol>.<phase>": "Visits: {name}",
    "days_apart.<protocol>.<phase>": "Days apart: {name}",
    "dose.<protocol>.<phase>": "Dose in mg: {name}",
    "stop_after.<protocol>": "Stops early, after how many visits",
    "prices.<protocol>.<service>": "{name}",
    "discounts.<protocol>.<service>": "Discount: {name}",
    "packages.<protocol>": "Packages of visits",
    "plan": "A published plan",
    "terms.<network>.copay": "Copay for a visit",
    "terms.<network>.<benefit>.copay": "Copay: {name}",
    "terms.<network>.<benefit>.coinsurance": "Your share: {name}",
    "terms.<network>.<benefit>.deductible_applies": "Deductible first or not: {name}",
    "allowed.<network>.<protocol>.<service>": "Allowed: {name}",
    "pricing.<network>.usual.<service>": "Usual charge: {name}",
    "used.<member>.<network>.deductible": "Deductible used so far",
    "used.<member>.<network>.out_of_pocket": "Counted toward the limit so far",
    "used.family.<network>.deductible": "Family deductible used so far",
    "used.family.<network>.out_of_pocket": "Counted toward the family limit so far",
    "used.as_of": "As of (ask the insurer)",
    "odds.<payer>.<treatment>.visits": "Chance that only the first visit is covered",
    "approval.<treatment>.until": "Approved until",
    "paying.loan.amount": "Borrowed",
    "paying.loan.apr": "Rate of the loan (APR)",
    "paying.loan.months": "Months to pay it back",
    "paying.pay_days": "Pay days",
    "contribution.health_fsa": "FSA: this year's election",
    "next_contribution.health_fsa": "FSA: next year's election",
    "contribution.payroll_hsa": "HSA from pay, this year",
    "contribution.direct_hsa": "HSA from the bank, this year",
    "next_contribution.payroll_hsa": "HSA from pay, next year",
    "next_contribution.direct_hsa": "HSA from the bank, next year",
    "lines.<service>": "Line of the booklet: {name}",
    "setting": "Where the treatment is given",
    "groups.<network>.<group>.deductible": "Own deductible: {name}",
    "groups.<network>.<group>.out_of_pocket_limit": "Own limit: {name}",
    "terms.<network>.<benefit>.coinsurance_least": "Least you pay a visit: {name}",
    "terms.<network>.<benefit>.coinsurance_most": "Most you pay a visit: {name}",
    "terms.<network>.<benefit>.visit_limit": "Visits a year that the plan covers: {name}",
    "deductible_months": "The deductible starts over",
    "later.starts": "Another plan from",
    "later.plan": "The later plan, if it is published",
    "second.plan": "The second plan, if it is published",
    "later.terms.<network>.deductible": "Deductible of the later plan",
    "later.terms.<network>.out_of_pocket_limit": "Out-of-pocket limit of the later plan",
    "later.terms.<network>.coinsurance": "Your share in the later plan",
    "later.terms.<network>.copay": "Copay in the later plan",
    "second.terms.<network>.deductible": "Deductible of the second plan",
    "second.terms.<network>.out_of_pocket_limit": "Out-of-pocket limit of the second plan",
    "second.terms.<network>.coinsurance": "Your share in the second plan",
    "second.terms.<network>.copay": "Copay in the second plan",
    "second.used.<network>.deductible": "Used of the second plan's deductible",
    "second.used.<network>.out_of_pocket": "Counted toward the second plan's limit",
}
"""Labels where the model's own would not tell one entry from another."""


@cache
def _words(path: str) -> tuple[str, str, str]:
    """The label and the sentence of the last field on a path, and the service that it names."""
    hint: Any = Scenario
    label = meaning = kind = ""
    for place, name in enumerate(path.split(".")):
        if is_dataclass(hint):
            label, meaning = descriptions(hint if isinstance(hint, type) else type(hint))[name]
        elif name in services():
            kind = services()[name].label
        hint = hint_at(Scenario, ".".join(path.split(".")[: place + 1]))
        if get_origin(hint) in (Union, UnionType):
            hint = next((arm for arm in get_args(hint) if is_dataclass(arm)), hint)
    return label, meaning, kind


def key_at(path: str, scope: Mapping[str, str]) -> str:
    """The full name of the entry at a path of a scenario, in a scope; the path itself where none does.

    >>> key_at("prices.charges.infusion", {"protocol": "iv-mood"})
    'prices.iv-mood.infusion'
    """
    for pattern, at in _patterns().items():
        if not at:
            continue
        expression = re.sub(r"<(\w+)>", r"(?P<\1>[^.]+)", at.replace(".", r"\."))
        match = re.fullmatch(expression, path)
        if match and match.groupdict().get("benefit") != "default":
            key = _named(pattern, {**scope, **match.groupdict()})
            if "<" not in key:
                return key
    return path


_USUAL = {
    "protocol": "iv-mood",
    "network": "out",
    "payer": "marketplace",
    "treatment": "iv-mood",
    "service": "infusion",
    "phase": "induction",
    "benefit": "specialist",
    "member": "patient",
    "step": "claim",
    "insurer": "bcbs-massachusetts",
    "criterion": "antidepressants",
    "group": "drug",
}
"""A name of each kind, for examples."""
