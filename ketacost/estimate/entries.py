"""The entries of an intake by name, and where each is in a scenario: the table is `data/entries.toml`.

A name carries its scope: `prices.iv-mood.infusion` is a price of IV infusions and of no other treatment.
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
from typing import Any, Literal, NamedTuple, Union, cast, get_args, get_origin

from ketacost.core.convert import hint_at, kind_of
from ketacost.core.fields import KetacostError, UnknownName, descriptions, unknown
from ketacost.core.money import Cents
from ketacost.core.references import read_toml
from ketacost.estimate.designs import plan_kinds
from ketacost.estimate.scenario import Scenario
from ketacost.model.allowed import METHODS
from ketacost.model.booklet import require_line
from ketacost.model.courses import dosed_phases
from ketacost.model.denials import STANDINGS
from ketacost.model.payers import payers
from ketacost.model.policies import insurers
from ketacost.model.protocols import protocol, protocols, services
from ketacost.model.rules import rules

TREATMENTS = ("iv-mood", "iv-pain", "spravato", "home")

HOLDS: Mapping[str, type] = {"text": str, "yes or no": bool, "number": int, "dollars": Cents}
"""The types of the entries that are nowhere in a scenario."""


def offered_kinds() -> tuple[str, ...]:
    """The kinds of plan that can be said where the plan itself is not on the list."""
    return tuple(kind for kind, row in plan_kinds().items() if "offered" in row)


NAMES: Mapping[str, tuple[str, Callable[[], Collection[str]]]] = {
    "payer": ("payer", payers),
    "protocol": ("protocol", protocols),
    "plan_kind": ("kind of plan", offered_kinds),
    "later.plan_kind": ("kind of plan", offered_kinds),
    "second.plan_kind": ("kind of plan", offered_kinds),
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
        return hint_at(Scenario, self.path) if self.path else hint_of(self.pattern)

    @property
    def ranges(self) -> bool:
        """Whether it can be said as a range, or as one of several values."""
        if "field" in self.scope:
            return self.scope["field"] in RANGED_FIELDS
        return "range" in _table()["entries"][self.pattern]

    @property
    def kind(self) -> str:
        """What kind of value it takes: money, share, multiple, count, day or text."""
        return kind_of(self.hint)


def _table() -> Mapping[str, Any]:
    return read_toml("entries.toml")


@cache
def patterns() -> Mapping[str, str]:
    """The pattern of each entry with its path into the scenario, in the order of the table."""
    return {pattern: row.get("at", "") for pattern, row in _table()["entries"].items()}


@cache
def hint_of(pattern: str) -> Any:
    """The type of the values of an entry that is nowhere in a scenario."""
    row, one_of = _table()["entries"][pattern], cast(Any, Literal)
    return one_of[tuple(row["one_of"])] if "one_of" in row else HOLDS[row["holds"]]


@cache
def _expressions() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[^.]+)", pattern.replace(".", r"\.")).replace("\\\\.", "\\.")), pattern)
        for pattern in patterns()
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
            path = _named(patterns()[pattern], scope)
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
        return KetacostError(f"{key} does not say what it is for: write {full}{examples}")
    if near := list(dict.fromkeys(_respelled(key)))[:3]:
        return UnknownName(f"there is no entry called {key!r}; did you mean {' or '.join(near)}?")
    return unknown("entry", key, (pattern for pattern in patterns()))


def _longer(parts: Sequence[str]) -> Iterator[str]:
    """The entries that have these parts and more: prices.<protocol>.infusion for prices.infusion."""
    for pattern in patterns():
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
    words = {part for pattern in patterns() for part in pattern.split(".") if not part.startswith("<")}
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
    fields, row = _table()["fields"], _table()["entries"][entry.pattern]
    if not entry.path:
        return str(row["label"])
    if "criterion" in entry.scope:
        return f"The policy asks for: {_criteria(entry.scope)[entry.scope['criterion']]}"
    words, _, kind = words_at(entry.path)
    line = entry.scope.get("benefit") or entry.scope.get("group", "")
    name = entry.scope.get("service") or entry.scope.get("phase") or line
    label: str = fields.get(entry.key) or row.get("label", words)
    return label.format(name=name.replace("_", " ") if line else kind or name.replace("_", " "))


def help_of(entry: Entry) -> str:
    """What an entry means, in the sentence that the model has for it."""
    return words_at(entry.path)[1] if entry.path else str(_table()["entries"][entry.pattern]["is"])


@cache
def words_at(path: str) -> tuple[str, str, str]:
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
    for pattern, at in patterns().items():
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
