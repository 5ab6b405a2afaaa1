"""Insurers by name: what each one's policy says of a treatment, what it asks for, and what that does to the odds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple

from ketacost.core.fields import named
from ketacost.core.money import WHOLE, Points
from ketacost.core.references import Citation, read_toml
from ketacost.model.coverage import DecisionPath, path_for
from ketacost.model.payers import Chance, cited, evidence_row, payer

Criterion = Literal["met", "not met"]
"""What can be said of a criterion; left out, it is not known."""

PRIVATE = ("employer-insured", "employer-self-funded", "individual", "marketplace", "hmo-epo")
"""The kinds of payer that a private insurer's policy is for, the usual one first."""

COVERED, REPORTED, NOT_COVERED, NOT_KNOWN = "covered with prior authorization", "reported", "not covered", "not known"
COVERED_IN_WRITING, NOT_IN_WRITING = "spravato", "iv-mood"
"""The treatments whose odds stand for one that written policies cover, and for one that they mostly do not."""


@dataclass(frozen=True)
class Policy:
    """What an insurer's policy says of one treatment; `criteria` are what it asks for, in words by a short name."""

    answer: str
    rule: str
    name: str
    changed: str
    next_review: str
    gap: str
    grade: str
    criteria: Mapping[str, str]
    citations: tuple[Citation, ...]


@dataclass(frozen=True)
class Insurer:
    """An insurer by name: the kinds of payer that its policies are for, and its policies by treatment.

    `state` is that of a Medicaid agency.
    """

    id: str
    label: str
    payers: tuple[str, ...]
    policies: Mapping[str, Policy]
    state: str = ""

    @property
    def criteria(self) -> frozenset[str]:
        """The short names of what any of its policies asks for."""
        return frozenset(name for policy in self.policies.values() for name in policy.criteria)


class Fact(NamedTuple):
    """Something to know about a state, or something that is pending: a sentence with its sources."""

    says: str
    citations: tuple[Citation, ...]


@cache
def insurers() -> Mapping[str, Insurer]:
    """Every insurer of `data/insurers.toml`, by its id: insurers()["aetna"].label is "Aetna"."""
    return {name: _insurer(name, table) for name, table in read_toml("insurers.toml")["insurers"].items()}


def insurer(name: str) -> Insurer:
    """One insurer by its id or its name: insurer("BCBS Massachusetts").id. Raises UnknownName with the near matches."""
    known = insurers()
    if name in known:
        return known[name]
    return named("insurer", next((id for id in known if _plain(name) in (id, _plain(known[id].label))), name), known)


def agency_of(state: object) -> str:
    """The id of the Medicaid agency of a state whose answer we know; empty where we know of none."""
    return next((id for id, known in insurers().items() if known.state and known.state == state), "")


def _plain(name: str) -> str:
    """A name as ids are written: in small letters, with hyphens."""
    return re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")


def policy_for(insurer_name: str, payer_name: str, treatment: str) -> Policy | None:
    """The policy that an insurer has on a treatment for a kind of payer; None where we know of none."""
    known = insurers().get(insurer_name)
    return known.policies.get(treatment) if known and payer_name in known.payers else None


def path_under(
    payer_name: str, treatment: str, insurer_name: str, criteria: Mapping[str, str], *, like_spravato: bool = False
) -> DecisionPath:
    """The path of a payer and treatment under its insurer's policy, or as if it were covered like Spravato.

    No source gives the chance of a yes under one policy, so these are ours: a policy that covers a treatment counts as
    the payer's Spravato, a reported one as the low end of that; a written no, or a criterion that is not met, caps the
    chance at the payer's low end. Visits keep their part of what is left.
    """
    if like_spravato:
        return path_for(payer_name, COVERED_IN_WRITING)
    plain = path_for(payer_name, treatment)
    policy = policy_for(insurer_name, payer_name, treatment)
    yes = chance_of_yes(payer_name, treatment, insurer_name, criteria)
    if policy is None or yes is None:
        return plain
    left = WHOLE - plain.infusions
    visits = plain.visits * (WHOLE - yes.central) // left if left and yes.central != plain.infusions else plain.visits
    asks = plain.ask_first or policy.answer == COVERED
    return plain.replace(infusions=Points(yes.central), visits=Points(visits), ask_first=asks)


def chance_of_yes(
    payer_name: str, treatment: str, insurer_name: str, criteria: Mapping[str, str], *, like_spravato: bool = False
) -> Chance | None:
    """The chance that a treatment is covered at the first decision, as `path_under` takes it; None without odds."""
    odds, policy = payer(payer_name).odds, policy_for(insurer_name, payer_name, treatment)
    own, covered, no = (
        odds.get(name, {}).get("infusions too") for name in (treatment, COVERED_IN_WRITING, NOT_IN_WRITING)
    )
    if own is None or covered is None or no is None or (policy is None and not like_spravato):
        return own
    if like_spravato:
        return covered
    assert policy is not None
    if policy.answer == NOT_COVERED:
        alike = no if treatment == COVERED_IN_WRITING else own
        return _ours(alike.low, alike.low, alike.central, policy)
    if not_met(policy, criteria):
        return _ours(0, own.low, own.central, policy)
    if policy.answer == COVERED and covered.central > own.central:
        return _ours(covered.low, covered.central, covered.high, policy)
    if policy.answer == REPORTED and covered.low > own.central:
        return _ours(own.central, covered.low, covered.central, policy)
    return own


def _ours(low: int, central: int, high: int, policy: Policy) -> Chance:
    """A chance taken from a policy: our assumption, with the policy's sources."""
    why = f"ours, from a policy that is {policy.answer}"
    return Chance(Points(low), Points(central), Points(high), "assumption", why, policy.citations)


def not_met(policy: Policy, criteria: Mapping[str, str]) -> tuple[str, ...]:
    """The criteria of a policy that were said not to be met, in words."""
    return tuple(words for name, words in policy.criteria.items() if criteria.get(name) == "not met")


def facts_about(what: str, state: str, payer_name: str, treatment: str) -> Iterator[Fact]:
    """What is known of a state ("states"), or what may widen coverage ("pending"), for a payer and a treatment."""
    for table in read_toml("insurers.toml")[what]:
        fits = state in table.get("states", (state,)) and payer_name in table.get("payers", (payer_name,))
        if fits and treatment in table.get("treatments", (treatment,)):
            yield Fact(table["says"], tuple(map(cited, table["citations"])))


def _insurer(name: str, table: Mapping[str, Any]) -> Insurer:
    policies = {key: _policy(part) for key, part in table.items() if isinstance(part, Mapping)}
    return Insurer(name, table["label"], tuple(table.get("payers", PRIVATE)), policies, table.get("state", ""))


def _policy(table: Mapping[str, Any]) -> Policy:
    row = evidence_row(table["row"])
    status = row["status"]
    answers = (COVERED, REPORTED, NOT_COVERED)
    return Policy(
        next((answer for answer in answers if status.startswith(answer)), NOT_KNOWN),
        row["rule"],
        row.get("policy", ""),
        (row.get("date") or row.get("year", "")).replace("n.d.", "not dated"),
        table.get("next_review", ""),
        row.get("gap", ""),
        row["grade"],
        dict(table.get("criteria", {})),
        tuple(map(cited, (table["row"], *table.get("also", ())))),
    )
