"""Kinds of payer: the law each is under, its odds by treatment, the steps to get paid, and their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ketacost.core.fields import KetacostError, described, named, of_kind, replace, require
from ketacost.core.money import WHOLE, Share, chance, percent, share
from ketacost.core.references import Citation, read_toml, rows
from ketacost.core.registry import Registry
from ketacost.model.protocols import protocol

OUTCOMES = ("denied", "visits only", "infusions too")
"""What a plan may say, least covered first."""

TABLES = {
    "A": "appeals",
    "C": "coverage_rules",
    "L": "likelihoods",
    "O": "reimbursement",
    "G": "programs",
    "P": "payer_policies",
}


@dataclass(frozen=True)
class Chance:
    """How likely something is, as a range, with its grade and the reason for it: Chance("5%", "15%", "30%")."""

    low: Share = described("At least", "The lowest chance that the sources allow.")
    central: Share = described("Most likely", "The chance we use when one number is needed.")
    high: Share = described("At most", "The highest chance that the sources allow.")
    grade: str = described("Grade", "How good the sources are; an assumption is shown as one.", "assumption")
    why: str = described("Why", "What the chance is taken from, in words.", "")
    citations: tuple[Citation, ...] = ()

    def __post_init__(self) -> None:
        for name in ("low", "central", "high"):
            object.__setattr__(self, name, chance(getattr(self, name), what=name))
        if not 0 <= self.low <= self.central <= self.high <= WHOLE:
            raise KetacostError(f"a chance runs from low to high within 0 and 100%, got {self}")

    replace = replace

    def __str__(self) -> str:
        return f"{percent(self.central)} ({percent(self.low)} to {percent(self.high)}, {self.grade})"


@dataclass(frozen=True)
class Step:
    """A step to get paid: how long it takes, its deadline, and how often it works."""

    id: str
    label: str
    decision_days: int
    decision_days_before: int
    file_within_days: tuple[int, ...]
    turnaround_days: tuple[int, ...]
    chance: Chance | None
    chance_on_label: Chance | None
    only_for: str
    within: str
    citations: tuple[Citation, ...]

    def chance_for(self, treatment: str) -> Chance | None:
        """How often the step works: for a labeled use such as Spravato, or for ketamine, which is off-label."""
        return self.chance_on_label or self.chance if treatment == "spravato" else self.chance


@dataclass(frozen=True)
class Payer:
    """A kind of payer: the law it is under, its odds by treatment, and the rule behind them."""

    id: str
    label: str
    law: str
    words: str
    differs: str
    plan: str
    network: str
    odds: Mapping[str, Mapping[str, Chance]]
    rules: Mapping[str, str]
    criteria: Mapping[str, tuple[str, ...]]
    citations: tuple[Citation, ...]

    replace = replace

    def chances(self, treatment: str) -> Mapping[str, Chance]:
        """The odds of each yes for a treatment; what is left of the whole is a denial."""
        return named(f"treatment with odds for {self.label}", treatment, self.odds)


PAYERS: Registry[Payer] = Registry(
    "payer", lambda: {name: _payer(name, table) for name, table in read_toml("payers.toml").items()}
)


def payers() -> Mapping[str, Payer]:
    """Every kind of payer by its id: those of `data/payers.toml`, and those that were registered."""
    return PAYERS


def payer(name: str) -> Payer:
    """One kind of payer by id: payer("employer-self-funded").label. Raises UnknownName with the near matches."""
    return PAYERS.named(name)


def register_payer(new: Payer) -> None:
    """Add a payer for this session, under its id. Raises UnknownName for an unknown law, treatment or answer.

    >>> register_payer(payer("marketplace").replace(id="our-county-plan"))
    """
    of_kind("a new payer", new, Payer, 'a payer, as in kc.data.payer("marketplace").replace(id="ours")')
    require("law", new.law, read_toml("steps.toml"))
    for treatment, chances in new.odds.items():
        require("treatment with odds", treatment, {name for known in PAYERS.values() for name in known.odds})
        for answer in chances:
            answers = {name for known in PAYERS.values() for odds in known.odds.values() for name in odds}
            require("answer of a plan with odds", answer, answers)
    PAYERS.register(new.id, new)


@cache
def step(law: str, name: str) -> Step | None:
    """A step under a law, from `data/steps.toml`; None where that law has no such step or we found no rule for it."""
    laws = read_toml("steps.toml")
    require("law", law, laws)
    table = laws[law].get(name)
    return None if table is None or "gap" in table else _step(name, table)


def treatment_of(protocol_name: str) -> str:
    """Which odds a protocol goes by: iv-mood, iv-pain, spravato or home.

    >>> treatment_of("im-mood")
    'iv-mood'
    """
    schedule = protocol(protocol_name)
    if schedule.route in ("spravato", "oral"):
        return "spravato" if schedule.route == "spravato" else "home"
    return "iv-pain" if "pain" in schedule.indication else "iv-mood"


def evidence_row(ref: str) -> Mapping[str, str]:
    """A row of evidence by its id: A... appeals, C... coverage rules, L... likelihoods, O..., G..., P...

    Raises KetacostError for an id that no table has.
    """
    table = TABLES.get(ref[:1])
    row = next((row for row in rows(table) if row["id"] == ref), None) if table else None
    if row is None:
        raise KetacostError(f"there is no row of evidence called {ref!r}")
    return row


def cited(ref: str) -> Citation:
    """The source of a row of evidence, by its id. Raises KetacostError for an id that no table has."""
    row = evidence_row(ref)
    names = ("payer", "scope", "item", "service", "measure", "rule", "seed_words")
    what = " ".join(row[name] for name in names if row.get(name))
    value = row.get("value") or row.get("p_central") or ""
    return Citation.of(row, what, value, row.get("unit", ""), f"{TABLES[ref[:1]]}, {ref}")


def _chance(table: Mapping[str, Any]) -> Chance:
    low, central, high = (share(table[name], what=name) for name in ("low", "central", "high"))
    return Chance(
        low, central, high, table["grade"], table.get("why", ""), tuple(map(cited, table.get("citations", ())))
    )


def _step(name: str, table: Mapping[str, Any]) -> Step:
    days = table.get("file_within_days", table["file_within_months"] * 30 if "file_within_months" in table else ())
    decision = table.get("decision_days", 0)
    return Step(
        name,
        table["label"],
        decision,
        table.get("decision_days_before", decision),
        tuple(days) if isinstance(days, list | tuple) else (days,),
        tuple(table.get("turnaround_days", ())),
        _chance(table["chance"]) if "chance" in table else None,
        _chance(table["chance_on_label"]) if "chance_on_label" in table else None,
        table.get("only_for", ""),
        _within(table),
        tuple(map(cited, table.get("citations", ()))),
    )


def _within(table: Mapping[str, Any]) -> str:
    """The filing window in the words of its rule: "180 days", "60 to 365 days", "4 months"."""
    if "file_within_months" in table:
        return f"{table['file_within_months']} months"
    days = table.get("file_within_days", ())
    return f"{' to '.join(map(str, days if isinstance(days, list) else [days]))} days" if days else ""


def _payer(name: str, table: Mapping[str, Any]) -> Payer:
    treatments = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    odds = {
        key: {outcome: _chance(value[outcome]) for outcome in OUTCOMES[1:] if outcome in value}
        for key, value in treatments.items()
    }
    rules = {key: value.get("rule", "") for key, value in treatments.items()}
    criteria = {key: tuple(value.get("criteria", ())) for key, value in treatments.items()}
    label, law, words, differs, plan, network = (
        str(table.get(key, "")) for key in ("label", "law", "words", "differs", "plan", "network")
    )
    evidence = tuple(map(cited, table.get("citations", ())))
    return Payer(name, label, law, words, differs, plan, network, odds, rules, criteria, evidence)
