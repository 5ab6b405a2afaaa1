"""A page's fingerprint: its scenarios, their numbers, and what they rest on, so that the page can be checked again later.

It is plain data and small: versions, a mark of every rule and data file that the answers go through, the values that they
used, each scenario as a table, and its numbers in whole cents. It holds no calls and no names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from importlib.metadata import version
from typing import Any

from ketacost.core.fields import KetacostError
from ketacost.core.references import parameters, read_toml, rows
from ketacost.core.resources import data_folder
from ketacost.estimate.answer import Answer, run
from ketacost.estimate.calendar import calendar
from ketacost.estimate.estimate import spread
from ketacost.estimate.explain import citations
from ketacost.estimate.scenario import Scenario, scenario_from
from ketacost.model.cost_sharing import Split
from ketacost.model.payers import treatment_of
from ketacost.model.protocols import protocol
from ketacost.privacy.notebooks import readings
from ketacost.reports.json_output import SCENARIO_MIME, carried
from ketacost.sharing.rule_marks import Reached, mark, reached

FORMAT = 1
ID = "ketacost-fingerprint"
LARGEST = 20_000
"""Bytes that a fingerprint has at most where it can: lines are left out first, then scenarios, from the last one on."""

WORDS = (
    "label",
    "words",
    "why",
    "reading",
    "criteria",
    "citations",
    "grade",
    "rests_on",
    "plan",
    "indication",
    "gap",
    "differs",
)
"""Entries of the data that are words about a value, and no value."""

LINE = ("date", "service", "charge", "allowed", *Split._fields[:-1])
LINE_ENDS = (Split._fields[-1], "you_pay")
"""What is kept of a line, in order."""


def fingerprint(
    scenarios: Mapping[str, Scenario] | Sequence[Scenario], *, made_on: date | None = None, left_out: int = 0
) -> dict[str, Any]:
    """The fingerprint of some scenarios, as plain data; the same scenarios give the same data.

    `made_on` is the page's day; `left_out` tells how many of its scenarios could not be kept.
    """
    named = dict(scenarios) if isinstance(scenarios, Mapping) else named_alike(scenarios)
    if not named:
        raise KetacostError("a fingerprint needs a scenario: give at least one")
    answers = {name: run(scenario) for name, scenario in named.items()}
    lines = len(answers)
    made = whole(answers, made_on, left_out, lines)
    while len(canonical(made)) > LARGEST and (lines or len(answers) > 1):
        if lines:
            lines -= 1
        else:
            answers.popitem()
            left_out += 1
        made = whole(answers, made_on, left_out, lines)
    return made


def fingerprint_of(notebook: Mapping[str, Any], *, made_on: date | None = None) -> dict[str, Any] | None:
    """The fingerprint of the scenarios that a notebook's outputs show; None where they show none."""
    found: list[Scenario] = []
    tables = list(_tables(notebook))
    for table in tables:
        with suppress(KetacostError):  # what a notebook added to the package is not there elsewhere
            scenario = scenario_from(table)
            run(scenario)
            found.append(scenario)
    if not found:
        return None
    made = fingerprint(found, made_on=made_on, left_out=len(tables) - len(found))
    shown = letters("\n".join(_markup(notebook)))
    return sealed(
        {**made, "shown": [one["sentence"] for one in made["scenarios"] if letters(one["sentence"]) in shown]}
    )


def scenarios_in(notebook: Mapping[str, Any]) -> dict[str, Scenario]:
    """The scenarios that a notebook's outputs show, each once, in order. Raises EntryError for one that cannot be read."""
    return named_alike([scenario_from(table) for table in _tables(notebook)])


def named_alike(scenarios: Sequence[Scenario]) -> dict[str, Scenario]:
    """Scenarios by their titles, or by their numbers where they have none or share one."""
    named: dict[str, Scenario] = {}
    for scenario in dict.fromkeys(scenarios):
        title = scenario.title or f"scenario {len(named) + 1}"
        named[title if title not in named else f"{title} ({len(named) + 1})"] = scenario
    return named


def embedded(made: Mapping[str, Any]) -> str:
    """The fingerprint as it stands in a page: data in an element that no browser runs, safe whatever it holds."""
    text = canonical(made)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/json" id="{ID}">{text}</script>'


def canonical(data: Any) -> str:
    """Plain data as text, always alike."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sealed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Plain data with a mark of all of it: a change by hand shows."""
    bare = {key: value for key, value in data.items() if key != "seal"}
    return {**bare, "seal": mark(canonical(bare), 32)}


def letters(text: str) -> str:
    """The letters and digits of a text alone: how it is laid out does not count."""
    return "".join(filter(str.isalnum, text))


def _numbers(answer: Answer) -> dict[str, Any]:
    """The numbers of an answer in whole cents: totals, ends, calendar, spread, and every line with a charge."""
    dated, wide = calendar(answer), spread(answer.scenario)
    numbers: dict[str, Any] = {
        "totals": answer.totals._asdict(),
        "low": answer.low.you_pay,
        "high": answer.high.you_pay,
        "calendar": {
            "net": dated.net,
            "most cash at one time": dated.peak.cents,
            "on": dated.peak.day.isoformat() if dated.peak.day else "never",
        },
        "spread": {name: getattr(wide, name) for name in ("likely", "low", "p10", "p90", "high", "expected_cents")},
    }
    numbers["lines"] = [
        [claim.line.date.isoformat(), claim.line.service, claim.line.charge, min(claim.allowed, claim.line.charge)]
        + [getattr(claim.split, name) for name in (*LINE[4:], *LINE_ENDS[:1])]
        + [claim.you_pay]
        for claim in answer.claims
        if claim.line.charge
    ]
    return numbers


def whole(answers: Mapping[str, Answer], made_on: date | None, left_out: int, lines: int) -> dict[str, Any]:
    """The fingerprint with the lines of so many answers; without any it leaves the values out too, where answers are many."""
    named = {name: answer.scenario for name, answer in answers.items()}
    states = frozenset(s.household.state for s in named.values() if s.household is not None)
    rules = reached(states)
    kept = []
    for number, (name, answer) in enumerate(answers.items()):
        table = carried(answer.scenario)[SCENARIO_MIME]
        numbers = _numbers(answer)
        if number >= lines:
            del numbers["lines"]
        marks = {"scenario": mark(canonical(table), 16), "numbers": mark(canonical(numbers), 16)}
        told = {"name": name, "sentence": answer.sentence, "marks": marks}
        kept.append({**told, "scenario": table, "numbers": numbers})
    return sealed(
        {
            "format": FORMAT,
            "package": version("ketacost"),
            "made_on": made_on.isoformat() if made_on else "",
            "left_out": left_out,
            "rules": {module: " ".join(f"{k}:{v}" for k, v in found.items()) for module, found in rules.marks.items()},
            "files": dict(_files(named.values(), rules, bool(states))),
            "values": dict(sorted(_values(answers.values(), rules))) if lines or len(answers) == 1 else {},
            "scenarios": kept,
            "shown": [],
        }
    )


def _markup(notebook: Mapping[str, Any]) -> Iterator[str]:
    """What a reader sees of a notebook's outputs that carry a scenario."""
    for cell in notebook.get("cells", ()):
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if SCENARIO_MIME in data and "text/html" in data:
                yield next(readings("".join(data["text/html"])))


def _tables(notebook: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    seen = set()
    for cell in notebook.get("cells", ()):
        for output in cell.get("outputs", ()):
            table = output.get("data", {}).get(SCENARIO_MIME)
            if isinstance(table, Mapping) and canonical(table) not in seen:
                seen.add(canonical(table))
                yield table


def _files(scenarios: Any, rules: Reached, taxed: bool) -> Iterator[tuple[str, str]]:
    """The data files that the rules read for these scenarios, with a mark of each."""
    plans = {f"plans/{scenario.published_plan}.toml" for scenario in scenarios if scenario.published_plan}
    for path in sorted(data_folder().rglob("*")):
        name = path.relative_to(data_folder()).as_posix()
        table = name.removesuffix(".csv")
        read = table in rules.texts or name in rules.texts or name in plans or name.startswith("parameters/")
        if path.is_file() and table != "sources" and (read or (taxed and name.startswith("tax/"))):
            yield name, mark(path.read_text(encoding="utf-8"), 8)


def _values(answers: Any, rules: Reached) -> Iterator[tuple[str, list[str]]]:
    """The values that the answers used, by name, each with its source: parameters, assumptions, sources, payer, schedule."""
    for one in parameters().values():
        if any(one.name == text or (text.endswith(".") and one.name.startswith(text)) for text in rules.texts):
            for known in one.values:
                yield f"{one.name} from {known.first}", [one.as_text(known.value), known.source]
    for row in rows("assumptions"):
        if row["name"] in rules.texts:
            yield row["name"], [f"{row['central']} ({row['low']} to {row['high'] or 'open'})", row["source"]]
    for answer in answers:
        scenario = answer.scenario
        for citation in citations(answer):
            if citation.value != "benefit design":  # the plan's own amounts stand in the scenario
                yield f"{citation.what} [{citation.where}]", [citation.value, citation.source.id]
        name = scenario.course.protocol
        yield from _leaves(f"protocols: {name}", read_toml("protocols.toml")[name])
        for kind in protocol(name).price_groups:
            yield from _leaves(f"services: {kind}", read_toml("services.toml")[kind])
        if known_payer := read_toml("payers.toml").get(scenario.payer):
            treatment = treatment_of(name)
            yield from _leaves(f"payers: {scenario.payer}.{treatment}", known_payer.get(treatment, {}))
            yield from _leaves(f"steps: {known_payer['law']}", read_toml("steps.toml")[known_payer["law"]])


def _leaves(path: str, entry: Any, source: str = "") -> Iterator[tuple[str, list[str]]]:
    """The values of a table of the data, by their paths; words about them are left out."""
    if isinstance(entry, Mapping):
        source = " ".join(map(str, entry.get("citations", ()))) or source
        for key, value in entry.items():
            if key not in WORDS:
                yield from _leaves(f"{path}.{key}", value, source)
    elif isinstance(entry, list) and any(isinstance(one, Mapping | list) for one in entry):
        for number, value in enumerate(entry, 1):
            yield from _leaves(f"{path}.{number}", value, source)
    else:
        told = ", ".join(map(str, entry)) if isinstance(entry, list) else str(entry)
        yield path, [told, source]
