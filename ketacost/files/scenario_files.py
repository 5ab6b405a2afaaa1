"""Files in and out: scenarios, plans and used amounts as people write them.

Every problem of a file is listed at once, each with its name. Writing keeps the old file until the new one is whole.
"""

from __future__ import annotations

import json
import re
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, cast

from ketacost.core.convert import EntryError, as_text, read
from ketacost.core.dates import IN_NUMBERS, STYLES, day_of, us_day
from ketacost.core.fields import KetacostError, replace, require, unknown
from ketacost.core.money import Cents, about, dollars
from ketacost.core.resources import data_folder
from ketacost.core.untrusted import bytes_in, net, parsed, there
from ketacost.core.words import brief, cut, told
from ketacost.core.writing import mark_of_bytes, write_whole
from ketacost.estimate.entries import is_entry
from ketacost.estimate.estimate import estimate
from ketacost.estimate.intake import Intake, flat, intake_from, table_of_intake
from ketacost.estimate.resolve import Resolved, resolve
from ketacost.estimate.saying import intake_of
from ketacost.estimate.scenario import Scenario, as_written, example, examples, scenario_from, table_of
from ketacost.estimate.unknowns import unknowns
from ketacost.model.accumulators import Amounts, Used
from ketacost.model.bills import ColumnMap, member_in
from ketacost.model.plans import Benefit, Network, Plan, PublishedPlan, plan, published_plans, with_published

BESIDE = tuple(f.name for f in fields(PublishedPlan) if f.name not in ("id", "plan"))
"""What the file of a published plan says beside the plan itself."""


def load(path: str | Path, *, today: date | str | None = None) -> Scenario:
    """Read a scenario from its file (TOML or JSON), or an example by its name.

    A file that the panel saved is worked out for `today`, or for the day on which it was saved. load("patient.toml"),
    or load("readme-patient"). Raises EntryError with every problem of the file, each with its name.
    """
    path, today = Path(path), None if today is None else read(date, today, "today")
    if not there(path) and str(path) in examples():
        return _as_of(example(str(path)), today)
    with _opened(path, "scenario file or example", examples()) as table:
        if "said" not in table:
            return _as_of(_written(table), today)
        said, saved = _intake_in(table, today)
        return resolve(said, today or saved.today)


def _written(table: Mapping[str, Any]) -> Scenario:
    """The full scenario of a file, where impossible entries are refused. Raises KetacostError."""
    said = [key for key, _ in flat(table) if is_entry(key)]
    if "course" not in table and said:
        raise KetacostError(f"{cut(', '.join(said))}: write {'it' if len(said) == 1 else 'them'} under [said]")
    scenario = as_written(scenario_from(table))
    unknowns(scenario)
    return scenario


def _as_of(scenario: Scenario, today: date | None) -> Scenario:
    """A full scenario worked out for a day, where one is given."""
    return scenario.replace(today=today) if today else scenario


def load_intake(path: str | Path, *, today: date) -> tuple[Intake, Saved]:
    """What was said in a file, and what it gave when it was saved.

    A full scenario counts as said where it differs from what its own day would assume.
    load_intake("patient.toml", today=date(2026, 11, 27))[0]. Raises EntryError with every problem of the file.
    """
    path = Path(path)
    if not there(path) and str(path) in examples():
        return intake_of(example(str(path)), today), Saved(today)
    with _opened(path, "scenario file or example", examples()) as table:
        return _intake_in(table, today)


def read_intake(text: str, name: str, *, today: date) -> tuple[Intake, Saved]:
    """What was said in the text of a file, whose name ends in .toml or .json. Raises EntryError with every problem."""
    with named(name):
        return _intake_in(table_in(text, Path(name).suffix), today)


class Saved(NamedTuple):
    """What a file gave when it was saved: the day, the data it rested on, the headline and the likely cost in cents."""

    today: date
    data: str = ""
    headline: str = ""
    likely: int | None = None


@dataclass(frozen=True)
class _Held:
    """The table [resolved] of a file."""

    today: date | None = None
    data: str = ""
    headline: str = ""
    likely: Cents | None = None


def gave(intake: Intake, saved: Saved, today: date) -> str:
    """What changed since a file was saved, in a sentence with a space after it; empty where nothing did."""
    if not saved.headline or saved.likely is None:
        return ""
    now = estimate(resolve(intake, today)).main.likely
    if now == saved.likely:
        return ""
    if estimate(resolve(intake, saved.today)).main.likely == saved.likely:
        why = "what was not said is assumed for another day"
    elif saved.data != data_version():
        why = "the data behind it changed"
    else:
        why = "the way it is worked out changed"
    return f"This file gave {about(saved.likely)} on {us_day(saved.today)}; today {about(now)}, because {why}. "


@cache
def data_version() -> str:
    """A short mark of everything in the data folder: another mark, other data."""
    digest = sha256()
    for place in sorted(data_folder().rglob("*")):
        if place.is_file() and place.suffix in (".csv", ".toml"):
            digest.update(place.relative_to(data_folder()).as_posix().encode())
            digest.update(place.read_bytes())
    return digest.hexdigest()[:12]


def _intake_in(table: Mapping[str, Any], today: date | None) -> tuple[Intake, Saved]:
    if "said" not in table:
        scenario = _written(table)
        day = today or scenario.today or scenario.course.start
        return intake_of(scenario, day), Saved(day)
    unknown_parts = set(table) - {"said", "resolved"}
    if unknown_parts:
        raise KetacostError(
            f"an intake's file holds [said] and [resolved], not {cut(', '.join(sorted(unknown_parts)))}"
        )
    if not isinstance(table["said"], Mapping):
        raise KetacostError(f"[said] should be a table of entries, got {told(table['said'])}")
    saved: _Held = read(_Held, table.get("resolved", {}), "resolved")
    day_saved = saved.today or today
    if day_saved is None:
        raise KetacostError(
            "give the day that the numbers are for, with --today or in the file, as in [resolved] today = 2026-11-27"
        )
    return intake_from(table["said"]), Saved(day_saved, saved.data, saved.headline, saved.likely)


def _table(scenario: Scenario) -> dict[str, Any]:
    """The table of a scenario's file: what was said, with what it gave; or the full scenario."""
    if not isinstance(scenario, Resolved):
        return table_of(scenario)
    found = estimate(scenario)
    held: dict[str, Any] = {"today": scenario.today, "data": data_version(), "headline": found.sentence}
    return {"said": table_of_intake(scenario.intake), "resolved": {**held, "likely": dollars(found.main.likely)}}


def load_plan(path: str | Path) -> Plan:
    """A plan from its file, or a published one by its id. A file may say `preset = "ID"` and what differs from it.

    Raises EntryError with every problem of the file.
    """
    path = Path(path)
    if not there(path) and str(path) in published_plans():
        return plan(str(path))
    with _opened(path, "plan file or published plan", published_plans()) as whole:
        table = {key: value for key, value in whole.items() if key not in BESIDE}
        _not_here(table, Plan, Network, "under [networks.in] or [networks.out], as deductible = 1500")
        _not_here(table, Plan, Benefit, 'under [networks.in], as benefits.default = { coinsurance = "20%" }')
        return cast(Plan, read(Plan, with_published(table))).as_written()


def load_used(path: str | Path) -> Used:
    """What the plan year has already used, from its file. Raises EntryError with every problem of the file."""
    with _opened(Path(path), "file", ()) as table:
        _not_here(table, Used, Amounts, "under [members.patient], as in = { deductible = 400 }")
        if isinstance(members := table.get("members"), dict):
            table = {**table, "members": {member_in(who): used for who, used in members.items()}}
        return cast(Used, read(Used, table))


def _not_here(table: Mapping[str, Any], kind: type, inner: type, where: str) -> None:
    """Say where entries belong that stand at a file's top. Raises KetacostError."""
    here = {f.name for f in fields(kind)}
    wrong = [f.name for f in fields(inner) if f.name in table and f.name not in here]
    if wrong:
        raise KetacostError(f"{', '.join(wrong)}: write {'it' if len(wrong) == 1 else 'them'} {where}")


def load_columns(path: Path | None, dates: str = "") -> ColumnMap:
    """Which column of a sheet holds what, from its file where there is one; `dates` goes before what the file says.

    Raises EntryError with every problem of the file, and UnknownName for another way to write dates.
    """
    columns = ColumnMap()
    if path is not None and there(path):
        with _opened(path, "file", ()) as table:
            columns = read(ColumnMap, table)
    elif path is not None and path.suffix.lower() not in (".toml", ".json"):
        raise KetacostError(f"a column map is a .toml or .json file, not {path.name}")
    if dates:
        require("way to write dates", dates, STYLES)
        columns = replace(columns, dates=dates)
    return columns


def save(scenario: Scenario, path: str | Path, *, opened: str | None = None) -> str:
    """Save a scenario as a file that only you can read (TOML, or JSON if the name ends in .json).

    The new file is read back and must give an equal scenario before it replaces the old one: save(scenario,
    "patient.toml"). `opened` is the mark of the file when it was opened; if left out, the mark of what this thread last
    opened or saved there. The new mark is returned. Raises KetacostError if the file does not read back, and
    ChangedMeanwhile if somebody else wrote it since.
    """
    path = Path(path)
    with named(path.name):
        _check_ending(path.suffix)
    if opened is None:
        opened = _opened_here().get(path.resolve())
    text = as_json(scenario) if path.suffix.lower() == ".json" else as_toml(scenario)

    def same(new: Path) -> None:
        read_back = load(new)
        _opened_here().pop(new, None)
        if read_back != scenario:
            differs = f"{path.name} would not read back as the same scenario, so it was not written"
            raise KetacostError(f"{differs}; does every service have its charge?")

    write_whole(path, text, same, private=True, opened=opened)
    mark = mark_of_bytes(text.encode())
    _opened_here()[path.resolve()] = mark
    return mark


def as_toml(scenario: Scenario) -> str:
    """The text of a scenario's file in TOML."""
    from tomli_w import dumps

    return dumps(_table(scenario))


def as_json(scenario: Scenario) -> str:
    """The text of a scenario's file in JSON."""
    return json.dumps(as_text(_table(scenario)), indent=2, ensure_ascii=False) + "\n"


def _check_ending(suffix: str) -> None:
    if suffix.lower() not in (".toml", ".json"):
        raise KetacostError(f"a file ends in .toml or .json, not in {suffix!r}")


def table_in(text: str, suffix: str) -> dict[str, Any]:
    """The table in TOML or JSON text, its numbers exact. Raises KetacostError with the line that cannot be read."""
    _check_ending(suffix)
    try:
        if suffix.lower() == ".toml":
            return parsed(partial(tomllib.loads, parse_float=Decimal), text.replace("\r\n", "\n"))
        table = parsed(partial(json.loads, parse_float=Decimal, object_pairs_hook=_once), text)
    except json.JSONDecodeError as error:
        mend = habit(text, error.lineno)
        raise KetacostError(
            mend or f"this is not JSON: {error.msg} (at line {error.lineno}, column {error.colno})"
        ) from None
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        mend = habit(text, int(at[1]) if at else text.rstrip().count("\n") + 1)
        raise KetacostError(mend or f"this is not TOML: {error}") from None
    if not isinstance(table, dict):
        raise KetacostError("a JSON file should hold one object, as in { ... }")
    return table


HABITS: tuple[tuple[str, Callable[[str], str]], ...] = (
    (r"[“”„‘’]", lambda found: "write straight quotes, \" or ', for the curly ones"),
    (IN_NUMBERS.pattern, lambda found: f"write {day_of(found)}, the year first, for {found}"),
    (r"(?<![\w-])\d{1,2}-[A-Za-z]{3,9}-(\d{4}|\d{2})(?!\w)", lambda found: f"write {day_of(found)} for {found}"),
    (r"(?<![\w.-])\d{4}-(\d-\d{1,2}|\d\d-\d)(?!\d)", lambda found: f"write {day_of(found)} for {found}"),
    (r"\(?-?\$\s*[\d,]*\d(\.\d+)?\)?", lambda found: f'write "{found}" in quotes, or {re.sub("[$, ]", "", found)}'),
    (
        r"(?<=[=:])\s*\d{1,3}(,\d{3})+(\.\d+)?(?=\s*$)",
        lambda found: f"write {found.strip().replace(',', '')} for {found.strip()}",
    ),
    (r"(?<![\w.])\d+(\.\d+)?\s*%", lambda found: f'write "{found}" in quotes'),
    (r"(?<=[=:,[])\s*\b0\d+\b(?![.-])", lambda found: f'write "{found.strip()}" in quotes'),
    (r"(?i)(?<=[=:,[])\s*\b(yes|no|true|false|on|off)\b", lambda found: f"write {_truth(found)} for {found.strip()}"),
    (r"(?<=[=:])\s*[A-Za-z][\w -]*(?=\s*,?\s*$)", lambda found: f'write "{found.strip()}" in quotes'),
)
"""What people write as a spreadsheet shows it, and the mend."""


def _truth(word: str) -> str:
    return "true" if word.strip().lower() in ("yes", "true", "on") else "false"


def habit(text: str, line: int) -> str:
    """What a line that cannot be read should say instead; empty where no habit of spreadsheets is seen in it."""
    lines = text.splitlines()
    if not 0 < line <= len(lines):
        return ""
    written = re.sub(r"\"[^\"]*\"|'[^']*'|#.*", lambda quoted: " " * len(quoted[0]), lines[line - 1])
    for pattern, mend in HABITS:
        if found := re.search(pattern, written):
            try:
                return f"line {line}, {lines[line - 1].strip()}: {mend(found[0])}"
            except KetacostError as error:
                return f"line {line}: {error}"
    return ""


@contextmanager
def _opened(path: Path, what: str, known: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The table in a file, while its problems get its name; where it is not there, the error says what is known."""
    if not there(path):
        by_name = known and not path.suffix
        raise unknown(what, str(path), known) if by_name else KetacostError(f"there is no file {path}")
    with named(path.name):
        try:
            data = bytes_in(path)
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise KetacostError("this is not text in UTF-8; save it again as UTF-8") from None
        except OSError as error:
            raise KetacostError(f"this cannot be read: {error.strerror}") from None
        yield table_in(text, path.suffix)
        _opened_here()[path.resolve()] = mark_of_bytes(data)


def opened_mark(path: Path) -> str:
    """The mark of a file as this thread last opened or saved it."""
    return _opened_here()[path.resolve()]


_HERE = threading.local()


def _opened_here() -> dict[Path, str]:
    """The marks of the files that this thread opened or saved, as they were then."""
    marks: dict[Path, str] = _HERE.__dict__.setdefault("marks", {})
    return marks


@contextmanager
def named(name: str) -> Iterator[None]:
    """Put a file's name before each of its problems. Raises EntryError for what goes wrong inside."""
    try:
        with net("what it says", "Compare it with docs/files.md."):
            yield
    except KetacostError as error:
        problems = error.problems if isinstance(error, EntryError) else [str(error)]
        raise EntryError([f"{name}: {brief(problem)}" for problem in problems]) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for key, value in pairs:
        if key in table:
            raise KetacostError(f"{key} is given twice")
        table[key] = value
    return table
