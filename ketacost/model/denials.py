"""What follows a denial, where nothing was said: whether the course goes on, whether the plan is asked first, who owes.

The defaults are in `data/denials.toml` as tables of rules, read from the top: the first whose conditions all hold is
taken. Each has its reason, its grade and its sources, so that a page can show it as assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from ketacost.core.fields import named, require
from ketacost.core.references import Citation, read_toml, source
from ketacost.model.payers import PAYERS, cited

NETWORKS: Mapping[str, str] = {
    "in network": "in",
    "out of network": "out",
    "takes Medicare": "in",
    "opted out": "out",
    "not enrolled": "out",
    "enrolled": "in",
    "VA facility": "in",
    "VA community network": "in",
}
"""The plan's network that each standing of a clinic counts as."""

STANDINGS = tuple(NETWORKS)
"""How a clinic may stand with a payer."""

NOTICES = ("", "no", "yes")
"""Whether the patient signed, before the visit, that the plan may not pay; empty where nothing was said."""

TREATMENTS = ("iv-mood", "iv-pain", "spravato", "home")
OWN_PAY = "self-pay"
EMPLOYER_PLAN = "employer-insured"

Value = TypeVar("Value")


class Default(NamedTuple, Generic[Value]):
    """What is assumed where nothing was said, with the reason in a sentence, its grade and its sources."""

    value: Value
    why: str
    grade: str
    citations: tuple[Citation, ...]


def if_denied(payer: str, treatment: str) -> Default[str]:
    """Whether we assume that the course goes on after a no: "go on" or "stop". Raises UnknownName.

    >>> if_denied("marketplace", "iv-mood").value, if_denied("marketplace", "spravato").value
    ('go on', 'stop')
    """
    require("treatment", treatment, TREATMENTS)
    return _default("if_denied", payer, treatment=treatment)


def asked_first(payer: str, treatment: str) -> Default[bool]:
    """Whether the plan is normally asked before the first dose, and not with the claim after it. Raises UnknownName."""
    require("treatment", treatment, TREATMENTS)
    return _default("asked_first", payer, treatment=treatment)


def denied_line(
    payer: str, standing: str, *, notice: str = "", denied_before: bool = False, excluded: bool = False
) -> Default[str]:
    """Who owes a denied visit that took place: "patient", "provider" or "not known". Raises UnknownName.

    A denial is read as "not reasonable and necessary"; `excluded` is for what the law or the plan never covers.

    >>> denied_line("medicare-part-b", "takes Medicare", notice="yes").value
    'patient'
    """
    require("standing", standing, STANDINGS)
    require("answer about a notice", notice, NOTICES)
    return _default(
        "denied_line", payer, standing=standing, notice=notice, denied_before=denied_before, excluded=excluded
    )


class Held(NamedTuple):
    """One of two plans: its kind, how the patient has it, the parent's birthday, and how long it has covered."""

    kind: str
    through: str = ""
    birthday: str = ""
    covered: str = ""


def pays_first(this: Held, second: Held, *, size: str = "", because: str = "") -> Default[str]:
    """Which of two plans pays first: "this plan", "second plan" or "not known".

    `size` is the employer's, `because` why there is Medicare.

    >>> pays_first(Held("private", "spouse's job"), Held("private", "own job")).value
    'second plan'
    """
    for rule in read_toml("denials.toml")["pays_first"]:
        for first, then, who in ((this, second, "this plan"), (second, this, "second plan")):
            facts = {"first": first.kind, "then": then.kind, "first_through": first.through}
            facts |= {"then_through": then.through, "size": size, "because": because}
            facts |= {"birthday": first.birthday, "covered": first.covered}
            if all(fact in rule.get(condition, (fact,)) for condition, fact in facts.items()):
                return Default(who, rule["why"], rule["grade"], tuple(map(_citation, rule["citations"])))
    return Default("not known", "Which plan pays first is not known: ask both.", "assumption", ())


def standings_of(payer: str) -> tuple[str, ...]:
    """How a clinic may stand with a payer, the usual standing first. Raises UnknownName for an unknown payer."""
    name = payer or OWN_PAY
    either_way = ("in network", "out of network")
    usual = either_way if PAYERS.named(name).network == "in" else either_way[::-1]
    return tuple(read_toml("denials.toml")["standings"].get(name, usual))


def network_of_standing(standing: str) -> str:
    """The plan's network that a standing counts as, "in" or "out". Raises UnknownName for an unknown standing."""
    return named("standing", standing, NETWORKS)


def _default(table: str, payer: str, **facts: object) -> Default[Any]:
    """The first rule of a table that fits; a payer that was registered counts as an employer plan."""
    name = payer or OWN_PAY
    PAYERS.named(name)
    shipped = name in read_toml("payers.toml")
    facts["payer"] = name if shipped else EMPLOYER_PLAN
    rule = next(
        rule
        for rule in read_toml("denials.toml")[table]
        if all(fact in rule.get(condition, (fact,)) for condition, fact in facts.items())
    )
    why = rule["why"] if shipped else f"Taken as an employer plan. {rule['why']}"
    grade = rule["grade"] if shipped else "assumption"
    return Default(rule["value"], why, grade, tuple(map(_citation, rule["citations"])))


def _citation(ref: str) -> Citation:
    """The source of a rule: one of the texts that were read for it, or a row of evidence."""
    text = read_toml("denials.toml")["texts"].get(ref)
    if text is None:
        return cited(ref)
    read = source(text["source"])
    return Citation(read.title, text["says"], "", read, text["where"], read.grade)
