"""Can a page's numbers still be had? Its fingerprint is read, its scenarios are run today, and every difference is named.

A page is read and never run. A mark shows a slip or an edit by hand; it is no signature, and proves nothing about who made
the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, NamedTuple

from ketacost.core.convert import EntryError
from ketacost.core.money import shown
from ketacost.core.references import sources
from ketacost.estimate.answer import run
from ketacost.estimate.scenario import Scenario, example, examples, scenario_from
from ketacost.reports.json_output import SCENARIO_MIME, carried
from ketacost.sharing.marked_pages import CannotTell, fingerprint_in
from ketacost.sharing.rule_marks import mark
from ketacost.sharing.verify import LINE, LINE_ENDS, canonical, letters, sealed, whole

Kind = Literal["number", "rule", "value", "data file", "scenario", "fingerprint", "page", "package"]
SAYS = {
    "number": "Numbers that moved",
    "fingerprint": "Changed by hand in the page's fingerprint",
    "scenario": "Changed by hand in the page's scenario",
    "page": "Changed by hand in the page itself",
    "value": "Values that changed",
    "rule": "Rules that changed",
    "data file": "Data files that changed",
    "package": "The package",
}
"""What stands over the differences of a kind, in the order in which they are told."""

WEIGHS = ("number", "fingerprint", "scenario", "page")
"""With a difference of these kinds a page is not what its fingerprint would have it be."""


class Difference(NamedTuple):
    """One thing that differs between a page and today: what, as it was in the page, as it is, and the source it has today."""

    kind: Kind
    scenario: str
    name: str
    was: str
    now: str
    source: str = ""

    def __str__(self) -> str:
        where = f"{self.scenario}: " if self.scenario else ""
        citations = f" [{self.source}]" if self.source else ""
        return f"{where}{self.name}: {self.now}, was {self.was}{citations}"


@dataclass(frozen=True)
class Verdict:
    """Whether a page's numbers can be had today, and every difference by name."""

    page: str
    made_on: str
    package: str
    scenarios: tuple[str, ...]
    numbers: int
    left_out: int
    differences: tuple[Difference, ...]

    @property
    def reproduces(self) -> bool:
        """Whether every number of the page comes out again, to the cent, and nothing in the page was changed by hand."""
        return not any(one.kind in WEIGHS for one in self.differences)

    @property
    def sentence(self) -> str:
        """The verdict in a sentence."""
        many = f"{self.numbers} numbers of {len(self.scenarios)} scenario{'s' * (len(self.scenarios) > 1)}"
        moved = sum(one.kind == "number" for one in self.differences)
        if not self.differences:
            return f"{self.page} reproduces: {many}, no differences."
        if self.reproduces:
            return f"{self.page} reproduces: {many}. What changed since moved none of them."
        if moved:
            return f"{self.page} does not reproduce: {moved} of {many} moved."
        return f"{self.page} is not as it was made: its {many} still come out, but it was changed by hand."

    @property
    def changelog(self) -> tuple[str, ...]:
        """What moved, in the form in which CHANGELOG.md tells answers that changed: the question, both amounts, the reason."""
        return tuple(_changelog(self))

    def __repr__(self) -> str:
        return self.sentence


def verify(page: str | Path, *, original: Scenario | None = None) -> Verdict:
    """Whether the numbers of a shared page, or of a notebook with a fingerprint, can be had today, and what moved and why.

    `original` is the scenario that the page is said to show: where the page's own was changed, its entries are named; a
    shipped example is found by its title. Raises CannotTell for a page without a fingerprint, with a broken one, with one of
    a newer package, or with a scenario that cannot be read here.
    """
    path = Path(page)
    made, text = fingerprint_in(path)
    read = {one["name"]: _scenario(one) for one in made["scenarios"]}
    now = json.loads(canonical(whole({name: run(one) for name, one in read.items()}, None, 0, len(read))))
    found = [*_edits(made, original), *_unseen(made, text)]
    count = 0
    for was, is_now in zip(made["scenarios"], now["scenarios"], strict=True):
        before = dict(_flat(was["numbers"]))
        after = dict(_flat(is_now["numbers"]))
        count += len(before)
        names = [name for name in {**before, **after} if name.partition(" ")[0] != "line" or "lines" in was["numbers"]]
        for name in names:
            if before.get(name) != after.get(name):
                found.append(Difference("number", was["name"], name, _cents(before.get(name)), _cents(after.get(name))))
    found += [*_values(made["values"], now["values"]), *_rules(made["rules"], now["rules"])]
    for name in sorted({*made["files"], *now["files"]}):
        if made["files"].get(name) != now["files"].get(name):
            found.append(
                Difference("data file", "", name, made["files"].get(name, "none"), now["files"].get(name, "none"))
            )
    if made["package"] != version("ketacost"):
        found.append(Difference("package", "", "ketacost", made["package"], version("ketacost")))
    found.sort(key=lambda one: list(SAYS).index(one.kind))
    return Verdict(path.name, made["made_on"], made["package"], tuple(read), count, made["left_out"], tuple(found))


def verdict_text(verdict: Verdict) -> str:
    """What `ketacost verify` prints: the verdict, each difference under its kind, and lines for the changelog."""
    told = [verdict.sentence]
    if verdict.left_out:
        told.append(f"{verdict.left_out} scenarios of the page are not in its fingerprint and were not checked.")
    for kind, heading in SAYS.items():
        if mine := [one for one in verdict.differences if one.kind == kind]:
            told += ["", f"{heading}: {len(mine)}", *(f"- {one}" for one in mine)]
    if verdict.changelog:
        told += ["", "Answers that changed:", *verdict.changelog]
    return "\n".join(told)


def verdict_as_dict(verdict: Verdict) -> dict[str, Any]:
    """The verdict as plain data, for other programs."""
    differences = [one._asdict() for one in verdict.differences]
    told = {"reproduces": verdict.reproduces, "sentence": verdict.sentence, "changelog": list(verdict.changelog)}
    return {**asdict(verdict), "differences": differences, "scenarios": list(verdict.scenarios), **told}


def _scenario(one: Mapping[str, Any]) -> Scenario:
    try:
        return scenario_from(one["scenario"])
    except EntryError as error:
        told = "; ".join(error.problems)
        raise CannotTell(f"the scenario {one['name']!r} of the page cannot be run here: {told}") from None


def _edits(made: Mapping[str, Any], original: Scenario | None) -> Iterator[Difference]:
    """What was changed by hand in a fingerprint: its marks tell, and entry by entry where the original is known."""
    whole_one = sealed(made)["seal"] == made.get("seal")
    parts = 0
    for one in made["scenarios"]:
        marks = one["marks"]
        if mark(canonical(one["scenario"]), 16) != marks.get("scenario"):
            parts += 1
            yield from _entries(one, original)
        if mark(canonical(one["numbers"]), 16) != marks.get("numbers"):
            parts += 1
            yield Difference("fingerprint", one["name"], "numbers", str(marks.get("numbers")), "not as they were made")
    if not whole_one and not parts:
        yield Difference("fingerprint", "", "seal", str(made.get("seal")), "not as it was made")


def _entries(one: Mapping[str, Any], original: Scenario | None) -> Iterator[Difference]:
    known = original or next(
        (example(name) for name in examples() if example(name).title == one["scenario"].get("title")), None
    )
    before = dict(_flat(carried(known)[SCENARIO_MIME])) if known else {}
    after = dict(_flat(one["scenario"]))
    for name in {**before, **after} if known else ():
        if before.get(name) != after.get(name):
            yield Difference(
                "scenario", one["name"], name, str(before.get(name, "not given")), str(after.get(name, "not given"))
            )
    if before == after or not known:
        yield Difference("scenario", one["name"], "entries", str(one["marks"].get("scenario")), "not as they were made")


def _unseen(made: Mapping[str, Any], text: str) -> Iterator[Difference]:
    """Sentences that the page showed when it was made and does not show now."""
    seen = letters(text)
    for sentence in made["shown"] if text else ():
        if letters(str(sentence)) not in seen:
            yield Difference("page", "", "its sentence", str(sentence), "not in the page any more")


def _values(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for name in sorted({*before, *after}) if before else ():
        was, now = before.get(name, ["not used", ""]), after.get(name, ["not used any more", ""])
        if was[0] != now[0]:
            citations = sources().get(now[1] or was[1])
            yield Difference("value", "", name, was[0], now[0], str(citations) if citations else now[1] or was[1])


def _rules(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Difference]:
    for module in sorted({*before, *after}):
        was, now = (dict(pair.split(":") for pair in rules.get(module, "").split()) for rules in (before, after))
        for name in sorted({*was, *now}):
            if was.get(name) != now.get(name):
                yield Difference("rule", "", f"{module}.{name}", was.get(name, "not there"), now.get(name, "gone"))


def _flat(entry: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Plain data as its entries by path; the columns of a line by their names."""
    if isinstance(entry, Mapping):
        for key, value in entry.items():
            if key == "lines":
                for number, line in enumerate(value, 1):
                    yield from (
                        (f"line {number}, {name}", one) for name, one in zip((*LINE, *LINE_ENDS), line, strict=False)
                    )
            else:
                yield from _flat(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, entry


def _cents(number: Any) -> str:
    return shown(number) if isinstance(number, int) else "not there" if number is None else str(number)


def _changelog(verdict: Verdict) -> Iterator[str]:
    rules = [f"`{one.name}` changed" for one in verdict.differences if one.kind == "rule"]
    values = [f"{one.name} is {one.now}, was {one.was}" for one in verdict.differences if one.kind == "value"]
    files = [f"data/{one.name} changed" for one in verdict.differences if one.kind == "data file"]
    for name in verdict.scenarios:
        mine = [one for one in verdict.differences if one.scenario == name]
        moved = {one.name: one for one in mine if one.kind == "number"}
        by_hand = [f"edited in the page: {one}" for one in mine if one.kind in ("scenario", "fingerprint")]
        if moved:
            first = moved.get("totals.you_pay") or moved.get("calendar.net") or next(iter(moved.values()))
            why = "; ".join(by_hand or [*rules, *values] or files or ["not found in what the fingerprint keeps"])
            what = f"{first.name.removeprefix('totals.')} is {first.now}, was {first.was}"
            yield f"- {name}: {what} ({len(moved)} number{'s' * (len(moved) > 1)} moved). Why: {why}."
