"""docs/architecture.md names every room in order, every module once, and functions that are there."""

from __future__ import annotations

import importlib
import re
import tomllib

import pytest
from places import DOCS, ROOT

import ketacost as kc

PAGE = (DOCS / "architecture.md").read_text("utf-8")
ROOMS, WAY, RULES = re.split(r"^## .+$", PAGE, flags=re.MULTILINE)
ROW = re.compile(r"^\| `([^`]+)` \| (.+) \|$", re.MULTILINE)
NAMED = sorted(
    {name for row in WAY.splitlines() if row.startswith("| ") for name in re.findall(r"`([^`]+)`", row.split("|")[3])}
)


def test_the_rooms_are_those_of_the_import_contract_in_its_order() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"][0]
    rows = [room for room, _ in ROW.findall(ROOMS)]
    drawing = re.findall(r"^   (\w+) ", ROOMS, re.MULTILINE)
    assert rows == contract["layers"][::-1]
    assert drawing == contract["layers"]


def test_every_module_is_in_the_page_and_no_other_is() -> None:
    package = ROOT / "ketacost"
    modules = {path.relative_to(package).with_suffix("").as_posix() for path in package.rglob("*.py")}
    modules = {name for name in modules if not name.endswith("__init__")}
    listed = [name for name, _ in ROW.findall(RULES)]
    assert sorted(listed) == sorted(modules)


def test_a_module_stands_under_its_room_and_its_line_is_a_sentence() -> None:
    for part in re.split(r"^### ", RULES, flags=re.MULTILINE)[1:]:
        room = part.partition("\n")[0]
        for name, line in ROW.findall(part):
            assert name.partition("/")[0] in (room, "__main__")
            assert line.endswith(".")


@pytest.mark.parametrize("name", NAMED)
def test_what_the_way_of_a_charge_names_is_there(name: str) -> None:
    module, _, function = name.rpartition(".")
    home = kc if module == "kc" else importlib.import_module(f"ketacost.{module.replace('/', '.')}")
    assert hasattr(home, function)


@pytest.mark.parametrize("room", ["core", "model", "taxes", "accounts", "estimate"])
def test_what_a_calculation_is_made_of_never_changes(room: str) -> None:
    """Every dataclass of a room of rules is frozen: a what-if is a changed copy, and what is kept by it stays right."""
    for path in (ROOT / "ketacost" / room).glob("*.py"):
        for found in re.findall(r"^@dataclass.*", path.read_text("utf-8"), re.MULTILINE):
            assert "frozen=True" in found, path.name
