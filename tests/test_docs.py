"""The docs tell the truth: their files are read, their commands run, and every entry of the JSON is told."""

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ketacost.cli import app
from ketacost.files import load, load_plan, load_used, schema
from ketacost.sheets import LINE_COLUMNS, read_lines

DOCS = Path(__file__).resolve().parent.parent / "docs"
FILES = {
    name: text
    for _, name, text in re.findall(r"```(\w+) (\S+)\n(.*?)```", (DOCS / "files.md").read_text("utf-8"), re.DOTALL)
}
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", (DOCS / "command-line.md").read_text("utf-8"), re.DOTALL)
    for line in block.splitlines()
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with every file that the docs show."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_scenarios_are_read(folder: Path) -> None:
    assert load("short.toml").prices.charges["infusion"] == 50_000
    patient = load("patient.toml")
    assert patient.plan.family
    assert patient.used.family["out"].deductible == 90_000
    assert patient.ranges["plan.networks.out.allowed.infusion"] == ("73.85", "300", "450")


def test_the_plans_are_read(folder: Path) -> None:
    assert load_plan("plan.toml").networks["out"].allowed["96365"] == 24_000
    assert load_plan("hmo.toml").networks["out"] == "no benefit"
    assert load_plan("changed.toml").networks["out"].out_of_pocket_limit == 700_000


def test_the_used_amounts_are_read(folder: Path) -> None:
    assert load_used("used.toml").members["patient"]["out"].deductible == 125_000


def test_the_claim_lines_are_read(folder: Path) -> None:
    lines, problems = read_lines("claims.csv")
    assert problems == ()
    assert [(line.benefit, line.network, line.covered, line.balance_billed) for line in lines] == [
        ("outpatient_infusion", "out", True, True),
        ("drug", "out", False, True),
        ("specialist", "out", True, False),
        ("mental_health_visit", "in", True, True),
    ]
    assert set(FILES["claims.csv"].splitlines()[0].split(",")) == set(LINE_COLUMNS)


def test_there_are_commands() -> None:
    assert len(COMMANDS) > 15


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs(command: str, folder: Path) -> None:
    program, *words = shlex.split(command)
    result = CliRunner().invoke(app, words)
    assert program == "ketacost"
    assert result.exit_code == 0, result.stderr
    assert result.stdout or (folder / "answers.csv").exists()


def test_every_command_and_option_is_told() -> None:
    told = (DOCS / "command-line.md").read_text("utf-8")
    for command in ("run", "batch", "adjudicate", "check", "schema", "lab"):
        helped = CliRunner().invoke(app, [command, "--help"]).stdout
        assert f"## `{command}`" in told
        for option in set(re.findall(r"--[a-z][a-z-]+", helped)) - {"--help", "--output"}:
            assert option in told, (command, option)


def entries(thing: object) -> set[str]:
    """Every name in a JSON object, all the way down, but those that users or plans give."""
    if isinstance(thing, list):
        return set().union(*map(entries, thing))
    if not isinstance(thing, dict):
        return set()
    inner = thing.values()
    if "accumulators" in thing:
        inner = [*(entry for name, entry in thing.items() if name != "accumulators"), *thing["accumulators"].values()]
    return {*thing}.union(*(entries(entry) for entry in inner))


def test_every_entry_of_the_json_is_told(folder: Path) -> None:
    told = (DOCS / "json.md").read_text("utf-8")
    answer = json.loads(CliRunner().invoke(app, ["run", "patient.toml", "--json"]).stdout)
    del answer["scenario"], answer["low"]["where"], answer["high"]["where"]
    claims = json.loads(CliRunner().invoke(app, ["adjudicate", "claims.csv", "--plan", "plan.toml", "--json"]).stdout)
    names = entries(answer) | entries(claims)
    assert {"family_out_of_pocket", "read_on", "why_not"} <= names
    assert [name for name in sorted(names) if f"`{name}`" not in told] == []


def test_every_entry_of_the_scenario_is_shown_or_in_the_schema() -> None:
    assert {"course", "prices", "plan", "allowed", "network", "coverage", "used", "waived", "ranges", "title"} <= set(
        schema("scenario")["properties"]
    )
