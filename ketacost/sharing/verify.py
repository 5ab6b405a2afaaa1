"""Can a page's numbers be reproduced? A shared page carries a fingerprint; `verify` runs it today and compares.

A fingerprint is small and plain data: each scenario as a table, its numbers in whole cents, the values behind them, and
a mark of the data and of the rules. It holds no calls and no names. A page is read and never run. A mark shows a slip
or an edit by hand; it is no signature, and proves nothing about who made the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, NamedTuple

from markupsafe import Markup

from ketacost.core.convert import EntryError
from ketacost.core.fields import KetacostError
from ketacost.core.money import shown
from ketacost.core.references import assumption_citation, parameters, rows, sources
from ketacost.core.resources import PACKAGE, data_folder
from ketacost.core.untrusted import LARGE_FILE, bytes_in, net, read_json
from ketacost.core.words import cut
from ketacost.estimate.answer import Answer, run
from ketacost.estimate.estimate import Estimate, estimate
from ketacost.estimate.explain import citations
from ketacost.estimate.scenario import Scenario, example, examples, scenario_from
from ketacost.model.cost_sharing import Split
from ketacost.reports.json_output import SCENARIO_MIME, carried
from ketacost.sharing.html import json_block, parsed, script_block

FORMAT = 3
"""Formats 1 and 2 held ends and cash that are worked out in another way now: of their numbers `STILL` are compared.

Format 1 also marked each rule and data file by itself; those marks are not compared.
"""

STILL = ("totals", "lines")
"""The numbers of pages of format 1 and 2 that have the same meaning today: those of the scenario as entered."""

ID = "ketacost-fingerprint"
LARGEST = 20_000
"""Bytes that a fingerprint has at most where it can: lines are left out first, then values, then scenarios."""

LINE = ("date", "service", "charge", "allowed", *Split._fields, "you_pay")
"""What is kept of a line, in order."""

RULES = ("core", "model", "taxes", "accounts", "estimate")
"""The rooms of the package that work out the numbers."""

PARTS: dict[str, type] = {"package": str, "made_on": str, "left_out": int}
PARTS |= {"values": dict, "scenarios": list, "shown": list}
_MARKS: dict[str, type] = {"rules": str, "data": str}
MARKS: Mapping[int, dict[str, type]] = {1: {"rules": dict, "files": dict}, 2: _MARKS, 3: _MARKS}
SCENARIO_PARTS: dict[str, type] = {"name": str, "sentence": str, "marks": dict, "scenario": dict, "numbers": dict}
"""What a fingerprint has to hold, each with its type; `MARKS` by format."""

Kind = Literal["number", "fingerprint", "scenario", "page", "value", "data", "package"]
HEADINGS: Mapping[Kind, str] = {
    "number": "Numbers that moved",
    "fingerprint": "Changed by hand in the page's fingerprint",
    "scenario": "Changed by hand in the page's scenario",
    "page": "Changed by hand in the page itself",
    "value": "Values that changed",
    "data": "The data",
    "package": "The package",
}
"""What stands over the differences of a kind, in the order in which they are listed."""

DECISIVE = ("number", "fingerprint", "scenario", "page")
"""With a difference of these kinds a page is not what its fingerprint would have it be."""


class CannotTell(KetacostError):
    """A page whose numbers cannot be checked; the message says why, and what can be done."""


class Difference(NamedTuple):
    """One thing that differs between a page and today: as it was in the page, as it is, and the source it has today."""

    kind: Kind
    scenario: str
    name: str
    was: str
    now: str
    source: str = ""

    def __str__(self) -> str:
        where = f"{self.scenario}: " if self.scenario else ""
        source = f" [{self.source}]" if self.source else ""
        return f"{where}{self.name}: {self.now}, was {self.was}{source}"


@dataclass(frozen=True)
class Verdict:
    """Whether a page's numbers can be reproduced today, and every difference by name."""

    page: str
    made_on: str
    package: str
    scenarios: tuple[str, ...]
    numbers: int
    left_out: int
    differences: tuple[Difference, ...]

    @property
    def reproduces(self) -> bool:
        """Whether every number of the page is the same again, to the cent, and nothing in it was changed by hand."""
        return not any(difference.kind in DECISIVE for difference in self.differences)

    @property
    def sentence(self) -> str:
        """The verdict in a sentence."""
        many = f"{self.numbers} numbers of {len(self.scenarios)} scenario{'s' * (len(self.scenarios) > 1)}"
        moved = len(self._of("number"))
        if not self.differences:
            return f"{self.page} reproduces: {many}, no differences."
        if self.reproduces:
            return f"{self.page} reproduces: {many}. What changed since moved none of them."
        if moved:
            return f"{self.page} does not reproduce: {moved} of {many} moved."
        return f"{self.page} is not as it was made: its {many} still come out, but it was changed by hand."

    @property
    def changelog(self) -> tuple[str, ...]:
        """What moved, as CHANGELOG.md lists answers that changed: the question, both amounts, the reason."""
        return tuple(line for name in self.scenarios if (line := self._moved(name)))

    def _moved(self, name: str) -> str:
        numbers = {number.name: number for number in self._of("number") if number.scenario == name}
        if not numbers:
            return ""
        first = numbers.get("likely") or numbers.get("totals.you_pay") or next(iter(numbers.values()))
        edits = [edit for edit in self._of("scenario", "fingerprint") if edit.scenario == name]
        reasons = [f"edited in the page: {edit}" for edit in edits] or self._reasons()
        what = f"{first.name.removeprefix('totals.')} is {first.now}, was {first.was}"
        why = "; ".join(reasons or ["not found in what the fingerprint keeps"])
        return f"- {name}: {what} ({len(numbers)} number{'s' * (len(numbers) > 1)} moved). Why: {why}."

    def _reasons(self) -> list[str]:
        """What may have moved a number: the values that changed, else the data; and the package."""
        values = [f"{value.name} is {value.now}, was {value.was}" for value in self._of("value")]
        data = ["the data changed"] * bool(self._of("data"))
        versions = [f" ({change.was} -> {change.now})" for change in self._of("package") if change.name == "ketacost"]
        package = [f"the package changed{''.join(versions)}"] * bool(self._of("package"))
        return [*(values or data), *package]

    def _of(self, *kinds: Kind) -> list[Difference]:
        return [difference for difference in self.differences if difference.kind in kinds]

    def __repr__(self) -> str:
        return self.sentence


def fingerprint(
    scenarios: Mapping[str, Scenario] | Sequence[Scenario], *, made_on: date | None = None, left_out: int = 0
) -> dict[str, Any]:
    """The fingerprint of some scenarios, as plain data; the same scenarios give the same data.

    `made_on` is the page's day; `left_out` says how many of its scenarios were lost. Raises KetacostError without one.
    """
    named = dict(scenarios) if isinstance(scenarios, Mapping) else named_alike(scenarios)
    if not named:
        raise KetacostError("a fingerprint needs a scenario: give at least one")
    found = {name: estimate(scenario) for name, scenario in named.items()}
    entries = [_entry(name, scenario, found[name]) for name, scenario in named.items()]
    data = {
        "format": FORMAT,
        "package": version("ketacost"),
        "made_on": made_on.isoformat() if made_on else "",
        "left_out": left_out,
        **package_marks(),
        "values": _values(each.shown for each in found.values()),
        "scenarios": entries,
        "shown": [],
    }
    for entry in reversed(entries):
        if _size(data) > LARGEST:
            del entry["numbers"]["lines"]
            entry["marks"] = _marks(entry)
    if _size(data) > LARGEST and len(entries) > 1:
        data["values"] = {}
    while _size(data) > LARGEST and len(entries) > 1:
        entries.pop()
        data["left_out"] = len(named) - len(entries) + left_out
    return sealed(data)


def fingerprint_of(notebook: Mapping[str, Any], *, made_on: date | None = None) -> dict[str, Any] | None:
    """The fingerprint of the scenarios that a notebook's outputs show; None where they show none."""
    scenarios: list[Scenario] = []
    tables = _tables(notebook)
    for table in tables:
        with suppress(KetacostError):  # what a notebook added to the package is not there elsewhere
            scenario = scenario_from(table)
            estimate(scenario)
            scenarios.append(scenario)
    if not scenarios:
        return None
    data = fingerprint(scenarios, made_on=made_on, left_out=len(tables) - len(scenarios))
    markup = ("".join(bundle.get("text/html", "")) for bundle in _bundles(notebook))
    visible = letters("\n".join(parsed(text).get_text() for text in markup))
    sentences = [entry["sentence"] for entry in data["scenarios"]]
    return sealed({**data, "shown": [sentence for sentence in sentences if letters(sentence) in visible]})


def scenarios_in(notebook: Mapping[str, Any]) -> dict[str, Scenario]:
    """The scenarios that a notebook's outputs show, each once, in order. Raises EntryError for a broken one."""
    return named_alike([scenario_from(table) for table in _tables(notebook)])


def named_alike(scenarios: Sequence[Scenario]) -> dict[str, Scenario]:
    """Scenarios by their titles, or by their numbers where they have none or share one."""
    named: dict[str, Scenario] = {}
    for scenario in dict.fromkeys(scenarios):
        title = scenario.title or f"scenario {len(named) + 1}"
        named[title if title not in named else f"{title} ({len(named) + 1})"] = scenario
    return named


def embedded(data: Mapping[str, Any]) -> Markup:
    """The fingerprint as it stands in a page: data in an element that no browser runs, safe whatever it holds."""
    return script_block(json_block(data, sort_keys=True), type="application/json", id=ID)


def canonical(data: Any) -> str:
    """Plain data as text, always alike."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sealed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Plain data with a mark of all of it: a change by hand shows."""
    bare = {key: value for key, value in data.items() if key != "seal"}
    return {**bare, "seal": mark(canonical(bare), 32)}


def mark(text: str, length: int = 16) -> str:
    """A short mark of a text: the start of its SHA-256."""
    return sha256(text.encode()).hexdigest()[:length]


def letters(text: str) -> str:
    """The letters and digits of a text alone: how it is laid out does not count."""
    return "".join(filter(str.isalnum, text))


@cache
def package_marks() -> Mapping[str, str]:
    """A mark of the data's texts, and one of the modules that work out the numbers."""
    data = data_folder()
    texts = {
        "data": [path for form in ("*.csv", "*.toml") for path in data.rglob(form)],
        "rules": [path for room in RULES for path in (PACKAGE / room).glob("*.py")],
    }
    return {name: mark("\n".join(path.read_text("utf-8") for path in sorted(paths))) for name, paths in texts.items()}


def _size(data: Mapping[str, Any]) -> int:
    return len(canonical(sealed(data)).encode())


def _entry(name: str, scenario: Scenario, found: Estimate) -> dict[str, Any]:
    """A scenario of a fingerprint: its table, its numbers and a mark of each."""
    table = carried(scenario)[SCENARIO_MIME]
    entry = {"name": name, "sentence": found.sentence, "scenario": table, "numbers": _numbers(found)}
    return {**entry, "marks": _marks(entry)}


def _marks(entry: Mapping[str, Any]) -> dict[str, str]:
    return {part: mark(canonical(entry[part])) for part in ("scenario", "numbers")}


NETS = ("likely", "p10", "p90", "low", "high")


def _numbers(found: Estimate) -> dict[str, Any]:
    """The numbers of an estimate in whole cents: nets, groups, months, and every line of the shown case."""
    return {
        "chance": str(found.chance),
        **{name: getattr(found, name) for name in NETS},
        "groups": {
            f"{number}: {', '.join(group.answers)}": {
                "chance": str(group.chance),
                **{name: getattr(group, name) for name in NETS},
                "visits": str(group.visits),
            }
            for number, group in enumerate(found.groups, 1)
        },
        "months": {
            f"{month.first_day:%Y-%m}": {"out": month.out, "back": month.back} for month in found.calendar.months
        },
        "totals": found.shown.totals._asdict(),
        "lines": _lines(found.shown),
    }


def _lines(answer: Answer) -> list[list[Any]]:
    return [
        [claim.line.date.isoformat(), claim.line.service, claim.line.charge, min(claim.allowed, claim.line.charge)]
        + [getattr(claim.split, name) for name in LINE[4:-1]]
        + [claim.you_pay]
        for claim in answer.claims
        if claim.line.charge
    ]


def _numbers_as_entered(scenario: Scenario) -> dict[str, Any]:
    """What pages of format 1 and 2 hold that has the same meaning today: the scenario as entered."""
    answer = run(scenario.replace(ranges={}))
    return {"totals": answer.totals._asdict(), "lines": _lines(answer)}


def _values(answers: Iterable[Answer]) -> dict[str, list[str]]:
    """Every parameter and assumption, and what the answers cite, by name, each with the id of its source."""
    values = [
        (f"{parameter.name} from {known.first}", [parameter.as_text(known.value), known.source])
        for parameter in parameters().values()
        for known in parameter.values
    ]
    values += [(row["name"], [assumption_citation(row["name"]).value, row["source"]]) for row in rows("assumptions")]
    values += [
        (f"{citation.what} [{citation.where}]", [citation.value, citation.source.id])
        for answer in answers
        for citation in citations(answer)
        if citation.value != "benefit design"  # the plan's own amounts stand in the scenario
    ]
    return dict(sorted(values))


def _tables(notebook: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The scenarios that a notebook's outputs carry, as tables, each once."""
    tables = [bundle[SCENARIO_MIME] for bundle in _bundles(notebook)]
    return list({canonical(table): table for table in tables}.values())


def _bundles(notebook: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What a notebook's outputs hold that carry a scenario, by type."""
    for cell in notebook.get("cells", ()):
        for output in cell.get("outputs", ()):
            if isinstance(output.get("data", {}).get(SCENARIO_MIME), Mapping):
                yield output["data"]


def verify(page: str | Path, *, original: Scenario | None = None) -> Verdict:
    """Whether the numbers of a page, or a notebook with a fingerprint, can be reproduced today: verify("page.html").

    `original` is the scenario that the page should show: if the page's own scenario was changed, its entries are named.
    An example is found by its title. Raises CannotTell if a page has no fingerprint, a damaged one, one of a newer
    package, or a scenario that cannot be read here.
    """
    path = Path(page)
    with net(path.name, "The page may have been changed by hand: ask for it again."):
        return _verdict(path, original)


def _verdict(path: Path, original: Scenario | None) -> Verdict:
    """What a page says, against what is worked out today."""
    data, text = fingerprint_in(path)
    entries = data["scenarios"]
    found = [estimate(_scenario(entry)) for entry in entries]
    differences, compared = [*_edits(data, original), *_unseen(data, text)], 0
    for entry, each in zip(entries, found, strict=True):
        was = entry["numbers"] if data["format"] == FORMAT else {n: entry["numbers"].get(n) for n in STILL}
        numbers = _numbers(each) if data["format"] == FORMAT else _numbers_as_entered(_scenario(entry))
        if was.get("lines") is None:
            numbers.pop("lines", None)
            was = {name: part for name, part in was.items() if name != "lines"}
        compared += len(list(_flat(was)))
        differences += _compared("number", entry["name"], was, numbers)
    differences += [*_changed_values(data, [each.shown for each in found]), *_changed_package(data)]
    differences.sort(key=lambda difference: list(HEADINGS).index(difference.kind))
    return Verdict(
        page=path.name,
        made_on=data["made_on"],
        package=data["package"],
        scenarios=tuple(entry["name"] for entry in entries),
        numbers=compared,
        left_out=data["left_out"],
        differences=tuple(differences),
    )


def verdict_text(verdict: Verdict) -> str:
    """What `ketacost verify` prints: the verdict, each difference under its kind, and lines for the changelog."""
    lines = [verdict.sentence]
    if verdict.left_out:
        lines.append(f"{verdict.left_out} scenarios of the page are not in its fingerprint and were not checked.")
    for kind, heading in HEADINGS.items():
        if differences := [difference for difference in verdict.differences if difference.kind == kind]:
            lines += ["", f"{heading}: {len(differences)}", *(f"- {difference}" for difference in differences)]
    if verdict.changelog:
        lines += ["", "Answers that changed:", *verdict.changelog]
    return "\n".join(lines)


def verdict_as_dict(verdict: Verdict) -> dict[str, Any]:
    """The verdict as plain data, for other programs."""
    return {
        **vars(verdict),
        "differences": [difference._asdict() for difference in verdict.differences],
        "reproduces": verdict.reproduces,
        "sentence": verdict.sentence,
        "changelog": verdict.changelog,
    }


def fingerprint_in(path: Path) -> tuple[dict[str, Any], str]:
    """A page's fingerprint, and its text as a reader sees it. Raises CannotTell where none can be read."""
    try:
        text = bytes_in(path, LARGE_FILE).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise CannotTell(f"{path.name} cannot be read: {why}") from error
    if path.suffix.lower() == ".ipynb":
        blocks, words = _in_notebook(text, path), ""
    else:
        page = parsed(text)
        blocks, words = [block.get_text() for block in page.find_all("script", id=ID)], page.get_text()
    if not blocks:
        raise CannotTell(
            f"{path.name} has no fingerprint: was it made with `ketacost share`, and from outputs with a scenario?"
        )
    if len(blocks) > 1:
        raise CannotTell(f"{path.name} has {len(blocks)} fingerprints, expected one: the page was put together by hand")
    try:
        data = read_json(blocks[0])
    except ValueError as error:
        raise CannotTell(f"the fingerprint of {path.name} is broken: {error}; ask for the page again") from None
    return _checked(data, path.name), words


def _in_notebook(text: str, path: Path) -> list[str]:
    try:
        data = read_json(text).get("metadata", {}).get("ketacost", {}).get("fingerprint")
    except (ValueError, AttributeError):
        raise CannotTell(f"{path.name} is not a notebook: it cannot be read as JSON") from None
    return [canonical(data)] if data else []


def _checked(data: Any, name: str) -> dict[str, Any]:
    """A fingerprint of a format that is known here. Raises CannotTell for any other."""
    number = data.get("format") if isinstance(data, dict) else 0
    known = MARKS.get(number) if isinstance(number, int) else None
    if isinstance(number, int) and number > FORMAT:
        made_with = f"{data.get('package', 'unknown')}; this is {version('ketacost')}"
        raise CannotTell(f"{name} was made with a newer ketacost ({made_with}): update ketacost and try again")
    whole = known and _holds(data, PARTS | known) and _are_lists(data["values"])
    if not whole or not data["scenarios"]:
        raise CannotTell(f"the fingerprint of {name} is broken: parts of it are missing; ask for the page again")
    if not all(_holds(entry, SCENARIO_PARTS) for entry in data["scenarios"]):
        raise CannotTell(f"the fingerprint of {name} is broken: a scenario in it is incomplete; ask for the page again")
    return dict(data)


def _are_lists(values: Mapping[str, Any]) -> bool:
    """Whether each value is kept as its text and its source."""
    return all(isinstance(pair, list) and all(isinstance(part, str) for part in pair) for pair in values.values())


def _holds(data: Any, parts: Mapping[str, type]) -> bool:
    return isinstance(data, dict) and all(isinstance(data.get(name), kind) for name, kind in parts.items())


def _scenario(entry: Mapping[str, Any]) -> Scenario:
    try:
        return scenario_from(entry["scenario"])
    except EntryError as error:
        problems = "; ".join(error.problems)
        raise CannotTell(f"the scenario {entry['name']!r} of the page cannot be run here: {problems}") from None


def _edits(data: Mapping[str, Any], original: Scenario | None) -> list[Difference]:
    """What was changed by hand in a fingerprint: its marks show, and entry by entry where the original is known."""
    edits: list[Difference] = []
    for entry in data["scenarios"]:
        was, now = entry["marks"], _marks(entry)
        if now["scenario"] != was.get("scenario"):
            edits += _edited_entries(entry, original)
        if now["numbers"] != was.get("numbers"):
            mark_before = str(was.get("numbers"))
            edits.append(Difference("fingerprint", entry["name"], "numbers", mark_before, "not as they were made"))
    if not edits and sealed(data)["seal"] != data.get("seal"):
        edits.append(Difference("fingerprint", "", "seal", str(data.get("seal")), "not as it was made"))
    return edits


def _edited_entries(entry: Mapping[str, Any], original: Scenario | None) -> Sequence[Difference]:
    title, name = entry["scenario"].get("title"), entry["name"]
    known = original or next((shipped for shipped in map(example, examples()) if shipped.title == title), None)
    before = carried(known)[SCENARIO_MIME] if known else entry["scenario"]
    mark_before = str(entry["marks"].get("scenario"))
    return list(_compared("scenario", name, before, entry["scenario"])) or [
        Difference("scenario", name, "entries", mark_before, "not as they were made")
    ]


def _unseen(data: Mapping[str, Any], text: str) -> Iterator[Difference]:
    """Sentences that the page showed when it was made and does not show now."""
    visible = letters(text)
    for sentence in data["shown"] if text else ():
        if letters(str(sentence)) not in visible:
            yield Difference("page", "", "its sentence", str(sentence), "not in the page any more")


def _changed_values(data: Mapping[str, Any], answers: Iterable[Answer]) -> Iterator[Difference]:
    """The values that are others today. A page of format 1 kept other values too: those in both are compared."""
    before, after = data["values"], _values(answers)
    names = {*before} & {*after} if data["format"] == 1 else {*before, *after} if before else ()
    for name in sorted(names):
        was, now = before.get(name) or ["not used"], after.get(name) or ["not used any more"]
        if was[0] != now[0]:
            source = str((now[1:] or was[1:] or [""])[0])
            yield Difference("value", "", name, str(was[0]), now[0], str(sources().get(source, source)))


def _changed_package(data: Mapping[str, Any]) -> Iterator[Difference]:
    """Whether the data, the rules or the version of the package are others today."""
    now = package_marks()
    if data["format"] != 1 and data["data"] != now["data"]:
        yield Difference("data", "", "data", data["data"], now["data"])
    if data["format"] < FORMAT:
        now_is = f"{FORMAT}: ranges and cash are worked out in another way and are not compared"
        yield Difference("package", "", "format", str(data["format"]), now_is)
    if data["package"] != version("ketacost"):
        yield Difference("package", "", "ketacost", data["package"], version("ketacost"))
    if data["format"] != 1 and data["rules"] != now["rules"]:
        yield Difference("package", "", "rules", data["rules"], now["rules"])


def _compared(kind: Kind, scenario: str, before: Any, after: Any) -> Iterator[Difference]:
    """Every entry that is not the same in two tables."""
    flat_before, flat_after = dict(_flat(before)), dict(_flat(after))
    for name in {**flat_before, **flat_after}:
        was, now = flat_before.get(name), flat_after.get(name)
        if was != now:
            yield Difference(kind, scenario, name, _text(kind, was), _text(kind, now))


def _flat(entry: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Plain data as its entries by path; the columns of a line by their names."""
    if isinstance(entry, Mapping):
        for key, value in entry.items():
            yield from _flat(value, f"{path}.{key}" if path else str(key))
    elif isinstance(entry, list) and path == "lines":
        for number, line in enumerate(entry, 1):
            for name, value in zip(LINE, line if isinstance(line, list) else [line], strict=False):
                yield f"line {number}, {name}", value
    else:
        yield path, entry


def _text(kind: Kind, entry: Any) -> str:
    if entry is None:
        return "not there" if kind == "number" else "not given"
    return shown(entry) if kind == "number" and isinstance(entry, int) and abs(entry) < 10**15 else cut(str(entry))
