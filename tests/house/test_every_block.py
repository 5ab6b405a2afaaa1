"""Every fenced command and block of Python in the README and the docs runs as printed, and shows what the page shows."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from commands import call
from IPython.lib.pretty import pretty
from places import DOCS, ROOT

import ketacost as kc
from ketacost.model.allowed import METHODS
from ketacost.model.payers import PAYERS
from ketacost.model.protocols import PROTOCOLS, SERVICES
from ketacost.model.rules import RULES

REGISTRIES = (METHODS, PAYERS, PROTOCOLS, SERVICES, RULES)
PAGES = {path.name: path.read_text("utf-8") for path in (ROOT / "README.md", *sorted(DOCS.glob("*.md")))}
FENCED = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
WAITING = ("ketacost app", "make ")
"""Commands that run until Ctrl-C, or run all of this: the app has tests of its own in a browser."""


def blocks(page: str) -> list[tuple[str, str]]:
    """The fenced blocks of a page, each with its language."""
    return FENCED.findall(PAGES[page])


def shown_by(block: str, names: dict[str, Any]) -> str:
    """What a block prints, or the value of its last line as a notebook shows it."""
    *body, last = ast.parse(block).body
    printed = StringIO()
    with redirect_stdout(printed):
        exec(compile(ast.Module(body, []), "block", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "block", "eval"), names)
        else:
            exec(compile(ast.Module([last], []), "block", "exec"), names)
            value = None
    return printed.getvalue() or ("" if value is None else f"{pretty(value, max_width=110)}\n")


@pytest.mark.parametrize("page", [page for page in PAGES if "```python" in PAGES[page]])
def test_the_python_of_a_page_runs_and_shows_what_it_says(
    page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("numba")
    monkeypatch.chdir(given(tmp_path))
    before = [set(registry) for registry in REGISTRIES]
    names: dict[str, Any] = {}
    all_blocks = blocks(page)
    try:
        for place, (language, block) in enumerate(all_blocks):
            if language == "python":
                shown = shown_by(block, names)
                following = all_blocks[place + 1] if place + 1 < len(all_blocks) else ("", "")
                beside = f"```python\n{block}```\n\n```text\n" in PAGES[page]
                written = ".write_text(" in block.splitlines()[-1]  # shows how long a file is
                assert (following[1] if beside else "") == ("" if written else shown)
    finally:
        for registry, known in zip(REGISTRIES, before, strict=True):
            for name in set(registry) - known:
                registry.remove(name)


def given(folder: Path) -> Path:
    """A folder with the files that the pages name, each of a shipped example."""
    example = (ROOT / "data" / "scenarios" / "readme-patient.toml").read_text("utf-8")
    (folder / "patient.toml").write_text(example, "utf-8")
    plan = (ROOT / "data" / "plans" / "nextgen-2026-750.toml").read_text("utf-8")
    for name in ("plan.toml", "changed.toml", "mine.toml"):
        (folder / name).write_text(plan, "utf-8")
    rows = "date,code,charge,allowed,network\n2026-12-01,96365,500,240,out\n2026-12-08,96365,500,240,out\n"
    for name in ("claims.csv", "eob.csv", "portal.csv"):
        (folder / name).write_text(rows, "utf-8")
    (folder / "used.toml").write_text(
        "as_of = 2026-11-20\n[members.patient.out]\ndeductible = 100\nout_of_pocket = 100\n", "utf-8"
    )
    batch = "scenario,prices.charges.infusion\nreadme-patient,550\nreadme-patient,600\n"
    for name in ("patients.csv", "whole.csv"):
        (folder / name).write_text(batch, "utf-8")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".*"))
    for notebook in (folder / "notebooks").glob("*.ipynb"):
        shutil.copy(notebook, folder)
    return folder


def tables(folder: Path) -> None:
    """The tables of many patients that the command line's page names."""
    from pyarrow import Table, parquet

    lines = kc.cohort(20, seed=7)[["patient", "date", "charge", "allowed"]].assign(
        plan="nextgen-2026-750", network="out"
    )
    lines.to_csv(folder / "lines.csv", index=False)
    (folder / "lines").mkdir()
    for name in ("lines.parquet", "lines/a.parquet"):
        parquet.write_table(Table.from_pandas(lines, preserve_index=False), folder / name)


def commands(page: str) -> list[str]:
    """The commands of a page, without what they say after #."""
    lines = [line for language, block in blocks(page) if language == "sh" for line in block.strip().splitlines()]
    return [line.partition("  #")[0] for line in lines if not line.startswith(WAITING)]


def in_shape(line: str) -> str:
    """A line with its numbers as one sign and its plurals as one: how much a page holds is not what it says."""
    return re.sub(r"s\b", "", re.sub(r"[\d,]+", "#", line))


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)])
def test_the_commands_of_a_page_run(page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(given(tmp_path))
    tables(tmp_path)
    for number, line in enumerate(commands(page)):
        program, *words = shlex.split(line)
        assert program == "ketacost"
        words = [f"out-{number}" if word == "out/" else word for word in words]
        if words[0] == "verify":
            assert call("share", "01_what_will_it_cost.ipynb", "-o", "page.html", "--no-pictures").exit_code == 0
        result = call(*words)
        assert result.exit_code == 0, f"{line}: {result.stderr}"
        assert result.stdout or result.stderr, line
        following = re.search(rf"```sh\n{re.escape(line)}\n```\n\n```text\n(.*?)```", PAGES[page], re.DOTALL)
        if following:
            assert in_shape(result.stdout.splitlines()[0]) == in_shape(following[1].splitlines()[0])


def test_every_option_is_in_the_help_of_its_command() -> None:
    """The whole help of each command is printed, so that an option that cannot be shown is noticed."""
    from ketacost.cli import app

    names = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    for name in names:
        result = call(name, "--help")
        assert result.exit_code == 0
        assert "Usage:" in result.stdout
        assert all(line == line.rstrip() and len(line) <= 80 for line in result.stdout.splitlines()), name
