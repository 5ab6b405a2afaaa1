"""Files in and out: scenarios, plans and used amounts as people write them.

Every problem of a file is listed at once, each with its name. Writing keeps the old file until the new one is whole.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from ketacost.core.convert import EntryError, as_text, merged, read, written
from ketacost.core.fields import KetacostError, unknown
from ketacost.estimate.scenario import Scenario, example, examples, scenario_from, table_of
from ketacost.model.accumulators import Used
from ketacost.model.plans import Plan, PublishedPlan, plan, published_plans

BESIDE = tuple(f.name for f in fields(PublishedPlan) if f.name not in ("id", "plan"))
"""What the file of a published plan says beside the plan itself."""


def load(path: str | Path) -> Scenario:
    """A scenario from its file (TOML or JSON), or one of the shipped examples by its name.

    load("patient.toml"), or load("readme-patient"). Raises EntryError with every problem of the file, each with its
    name.
    """
    path = Path(path)
    if not path.is_file() and str(path) in examples():
        return example(str(path))
    with _opened(path, "scenario file or example", examples()) as table:
        return scenario_from(table)


def load_plan(path: str | Path) -> Plan:
    """A plan from its file, or a published one by its id. A file may say `preset = "ID"` and what differs from it.

    Raises EntryError with every problem of the file.
    """
    path = Path(path)
    if not path.is_file() and str(path) in published_plans():
        return plan(str(path))
    with _opened(path, "plan file or published plan", published_plans()) as whole:
        table = {key: value for key, value in whole.items() if key not in BESIDE}
        if preset := table.pop("preset", None):
            table = merged(written(plan(preset)), table)
        return cast(Plan, read(Plan, table))


def load_used(path: str | Path) -> Used:
    """What the plan year has already used, from its file. Raises EntryError with every problem of the file."""
    with _opened(Path(path), "file", ()) as table:
        return cast(Used, read(Used, table))


def save(scenario: Scenario, path: str | Path) -> None:
    """Keep a scenario as a file (TOML, or JSON where the name ends so). It holds the scenario and nothing else.

    The new file is read back and must give an equal scenario before it takes the old one's place:
    save(scenario, "patient.toml"). Raises KetacostError where it does not.
    """
    path = Path(path)
    text = as_json(scenario) if path.suffix.lower() == ".json" else as_toml(scenario)

    def same(new: Path) -> None:
        if load(new) != scenario:
            differs = f"{path.name} would not read back as the same scenario, so it was not written"
            raise KetacostError(f"{differs}; does every service have its charge?")

    write_whole(path, text, same)


def as_toml(scenario: Scenario) -> str:
    """The text of a scenario's file in TOML."""
    from tomli_w import dumps

    return dumps(table_of(scenario))


def as_json(scenario: Scenario) -> str:
    """The text of a scenario's file in JSON."""
    return json.dumps(as_text(table_of(scenario)), indent=2, ensure_ascii=False) + "\n"


def read_text(text: str, name: str) -> Scenario:
    """A scenario from the text of its file, whose name ends in .toml or .json. Raises EntryError with every problem."""
    with named(name):
        return scenario_from(table_in(text, Path(name).suffix))


def changed(scenario: Scenario | None, changes: Mapping[str, str]) -> Scenario:
    """A scenario with entries set by path, all at once: {"prices.charges.infusion": "550", "plan": "nextgen-2026-750"}.

    An entry that is set is known from then on, so its range goes. A new plan takes the allowed amounts along, and how
    they are set. Without a scenario to start from, the entries must say everything. Raises EntryError with every
    problem.
    """
    table = table_of(scenario) if scenario else {}
    if scenario and "plan" in changes:
        network = scenario.plan.networks[scenario.network]
        along = {} if isinstance(network, str) else written(network)
        table |= {name: along[name] for name in ("allowed", "pricing") if along.get(name)}
        ranges = table.get("ranges", {})
        kept = {k: ranges[k] for k in ranges if not k.startswith("plan.") or ".allowed." in k or ".pricing." in k}
        table |= {"plan": changes["plan"], "ranges": kept}
    problems: list[str] = []
    ranges = table.setdefault("ranges", {})
    for path, value in changes.items():
        if path.startswith("ranges."):
            ranges[path.removeprefix("ranges.")] = [part.strip() for part in value.split(",")]
            continue
        ranges.pop(path, None)
        ranges.pop(f"plan.networks.{changes.get('network', table.get('network', 'out'))}.{path}", None)
        try:
            _set(table, path, value)
        except KetacostError as error:
            problems.append(str(error))
    if problems:
        raise EntryError(problems)
    return scenario_from(table)


def table_in(text: str, suffix: str) -> dict[str, Any]:
    """The table in TOML or JSON text, its numbers exact. Raises KetacostError with the line that cannot be read."""
    if suffix.lower() not in (".toml", ".json"):
        raise KetacostError(f"a file ends in .toml or .json, not in {suffix!r}")
    try:
        if suffix.lower() == ".toml":
            return tomllib.loads(text.replace("\r\n", "\n"), parse_float=Decimal)
        table = json.loads(text, parse_float=Decimal, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise KetacostError(f"this is not JSON: {error.msg} (at line {error.lineno}, column {error.colno})") from None
    except tomllib.TOMLDecodeError as error:
        raise KetacostError(f"this is not TOML: {error}") from None
    if not isinstance(table, dict):
        raise KetacostError("a JSON file should hold one object, as in { ... }")
    return table


def write_whole(path: str | Path, text: str | bytes, check: Callable[[Path], None] = lambda new: None) -> None:
    """Write a file in one step: it is written beside its place, checked, and only then put there. Text goes as UTF-8.

    Raises KetacostError where it cannot be written; the old file is then as it was.
    """
    path = Path(path).resolve()
    new = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        with new.open("wb") as file:
            file.write(text.encode("utf-8") if isinstance(text, str) else text)
            file.flush()
            os.fsync(file.fileno())
        check(new)
        if path.exists():
            new.chmod(path.stat().st_mode)
        os.replace(new, path)
    except OSError as error:
        raise KetacostError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            new.unlink()


@contextmanager
def _opened(path: Path, what: str, known: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The table in a file, while its problems get its name; where it is not there, the error says what is known."""
    if not path.is_file():
        by_name = known and not path.suffix
        raise unknown(what, str(path), known) if by_name else KetacostError(f"there is no file {path}")
    with named(path.name):
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise KetacostError("this is not text in UTF-8; save it again as UTF-8") from None
        yield table_in(text, path.suffix)


@contextmanager
def named(name: str) -> Iterator[None]:
    """Put a file's name before each of its problems. Raises EntryError for what goes wrong inside."""
    try:
        yield
    except KetacostError as error:
        problems = error.problems if isinstance(error, EntryError) else [str(error)]
        raise EntryError([f"{name}: {problem}" for problem in problems]) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for key, value in pairs:
        if key in table:
            raise KetacostError(f"{key} is given twice")
        table[key] = value
    return table


def _set(table: dict[str, Any], path: str, value: str) -> None:
    *parents, last = path.split(".")
    place = table
    for name in parents:
        inner = place.setdefault(name, {})
        if not isinstance(inner, dict):
            raise KetacostError(f"{path}: there is nothing in {name}, which is {inner!r}")
        place = inner
    place[last] = value
