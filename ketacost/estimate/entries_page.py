"""The page of entries: every entry by name, with its label, the kind of value that it takes and what it means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Literal, NamedTuple, cast, get_args, get_origin

from ketacost.core.convert import hint_at
from ketacost.estimate.entries import NAMES, Entry, entry_of, example_of, help_of, label_of, patterns
from ketacost.estimate.scenario import Scenario
from ketacost.model.plans import NOT_STATED
from ketacost.model.policies import insurers
from ketacost.model.protocols import services

_PAGE = """# Entries

What you can enter about a patient, by name. Parts in angle brackets stand for a name of that kind: `<protocol>` is a
treatment such as `iv-mood`, `<network>` the plan's network (`in`, `out`), `<payer>` who pays, `<treatment>` `iv-mood`,
`iv-pain`, `spravato` or `home`, `<insurer>` an insurer such as `aetna`. An entry left out is assumed; any entry can be
marked as not known. `ketacost entries` prints this page.

| entry | label | takes | what it means |
| --- | --- | --- | --- |"""


class Described(NamedTuple):
    """One entry of the page of entries: its name, its label, the kind of value it takes, and what it means."""

    name: str
    label: str
    kind: str
    meaning: str


def described_entries() -> Iterator[Described]:
    """Every entry in the order of the table, each field of a household or an account on its own."""
    for pattern in patterns():
        for name in _each_field(pattern):
            entry = entry_of(example_of(name))
            label = label_of(entry) if "<" not in name else _general(label_of(entry), entry)
            yield Described(name, label, _takes(entry) + ", or a range" * entry.ranges, help_of(entry))


def entries_page() -> str:
    """The entries as a page in Markdown: docs/entries.md, and what `ketacost entries` prints."""
    rows = [
        f"| `{one.name}` | {one.label} | {one.kind} | {one.meaning.replace('|', '/')} |" for one in described_entries()
    ]
    return "\n".join((_PAGE, *rows)) + "\n"


def _each_field(pattern: str) -> Iterator[str]:
    """A pattern; where it is for any field of a thing, one name for each field that can be written as one value."""
    if "<field>" not in pattern:
        yield pattern
        return
    thing: Any = hint_at(Scenario, patterns()[pattern].rpartition(".")[0])
    kind = next(arm for arm in (thing, *get_args(thing)) if is_dataclass(arm))
    for f in fields(kind):
        own = hint_at(cast(type, kind), f.name)
        if f.name != "loan" and not any(is_dataclass(arm) for arm in (own, *get_args(own))):
            yield pattern.replace("<field>", f.name)


def _general(label: str, entry: Entry) -> str:
    """A label without the name that it is shown with."""
    if "criterion" in entry.scope:
        return "A criterion of the insurer's policy, by its short name"
    line = entry.scope.get("benefit") or entry.scope.get("group", "")
    name = entry.scope.get("service") or entry.scope.get("phase") or line
    known = services()[name].label if name in services() and not line else name.replace("_", " ")
    if not known:
        return label
    plain = label.replace(f": {known}", "")
    return "What the clinic charges" if plain == known else plain


def _takes(entry: Entry) -> str:
    """The kind of value that an entry takes, in words."""
    arms = (entry.hint, *get_args(entry.hint))
    if entry.pattern in NAMES or entry.pattern == "insurer":
        return ", ".join(NAMES[entry.pattern][1]() if entry.pattern in NAMES else insurers())
    words = [
        word for arm in arms if get_origin(arm) is Literal for word in get_args(arm) if word and word != NOT_STATED
    ]
    if bool in arms:
        return "yes or no"
    if words and entry.kind == "text":
        return ", ".join(words)
    plain = {"money": "dollars", "share": "percent", "multiple": "percent", "count": "number", "day": "date"}
    many = get_origin(entry.hint) is tuple
    return "list" if many and entry.kind == "text" else f"{plain.get(entry.kind, 'text')}{'s' * many}"
