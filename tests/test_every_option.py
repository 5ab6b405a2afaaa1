"""Every option that `--help` names is run by a test or a documented command, and docs/command-line.md has them all."""

from __future__ import annotations

import ast
import csv
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import nbformat
import pytest
import write_options
from commands import call, refused, said, sheet
from places import DOCS, ROOT

import ketacost as kc
from ketacost.sharing.browser import chromium

COMMANDS = write_options.commands()
OPTIONS = [
    (name, tuple(flags))
    for name, command in COMMANDS.items()
    for option in write_options.options(command)
    for flags in ([option.opts, option.secondary_opts] if option.secondary_opts else [option.opts])
]


def words_in(node: ast.expr) -> Iterator[str]:
    """The words of a text or a list of texts in a program, where they are written out."""
    if isinstance(node, ast.Starred):
        yield from words_in(node.value)
    elif isinstance(node, ast.List | ast.Tuple):
        for one in node.elts:
            yield from words_in(one)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split":
        yield from words_in(node.func.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from node.value.split()


def calls_in(text: str) -> Iterator[list[str]]:
    """The words of every call and list of a program; those of a function `app` begin with that command."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            named = ["app"] if isinstance(node.func, ast.Name) and node.func.id == "app" else []
            words = [word for part in node.args for word in words_in(part)]
            yield named + words
        elif isinstance(node, ast.List | ast.Tuple):
            yield list(words_in(node))


def run_somewhere() -> list[list[str]]:
    """The words of what tests call, and of the commands of the docs, which a test runs."""
    pages = [*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    blocks = [block for page in pages for block in re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL)]
    lines = [line.partition("  #")[0].split() for block in blocks for line in block.splitlines()]
    return lines + [words for path in (ROOT / "tests").rglob("*.py") for words in calls_in(path.read_text("utf-8"))]


RUN = run_somewhere()


def is_run(command: str, flags: tuple[str, ...], runs: list[list[str]]) -> bool:
    """Whether one of the runs calls a command with an option."""
    after = [words[words.index(command) + 1 :] for words in runs if command in words]
    return any(word.partition("=")[0] in flags for words in after for word in words)


@pytest.mark.parametrize(("command", "flags"), OPTIONS, ids=lambda one: one if isinstance(one, str) else one[0])
def test_every_option_is_run(command: str, flags: tuple[str, ...]) -> None:
    assert is_run(command, flags, RUN), f"no test and no page runs ketacost {command} {flags[0]}"


def test_an_option_that_nothing_runs_is_seen() -> None:
    unknown = "--" + "nothing"  # in two parts, so that this line runs it neither
    assert not is_run("run", (unknown,), RUN)
    assert not is_run("run", ("--csv",), [["adjudicate", "--csv"], ["--csv", "run"]])


@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_command_takes_is_named_in_capitals(name: str) -> None:
    named = [one.metavar for one in COMMANDS[name].params if one.name != "help" and not getattr(one, "is_flag", False)]
    assert [word for word in named if not word or word != word.upper()] == []


def test_the_list_of_commands_is_not_cut_short() -> None:
    listed = said("--help").partition("Commands:")[2]
    assert {line.split()[0] for line in listed.splitlines() if line.strip()} == set(COMMANDS)
    assert "..." not in listed


def test_the_page_has_every_command_and_option() -> None:
    text = write_options.PAGE.read_text("utf-8")
    assert write_options.page(text) == text, "run python tools/write_options.py"


# Options that no other test and no page runs


def you_pay(path: Path) -> list[str]:
    """The last amount of each line, by whichever name it has."""
    with path.open(encoding="utf-8") as file:
        return [row.get("you_pay_cents") or row["you_pay"] for row in csv.DictReader(file)]


def test_cents_are_dollars_times_a_hundred(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    rows = ("a,2026-12-01,500,240,out", "b,2026-12-08,600.50,240,out")
    lines, out = sheet(tmp_path, "patient,date,charge,allowed,network", *rows), tmp_path / "out.csv"
    assert call("adjudicate", lines, "--plan", "nextgen-2026-750", "-o", out).exit_code == 0
    assert you_pay(out) == ["500", "600.5"]
    assert call("adjudicate", lines, "--plan", "nextgen-2026-750", "-o", out, "--cents").exit_code == 0
    assert you_pay(out) == ["50000", "60050"]


def test_a_batch_reads_dates_as_it_is_told(tmp_path: Path) -> None:
    rows = sheet(tmp_path, "scenario,start", "readme-patient,1/12/2026")
    for style, day in {"us": date(2026, 1, 12), "day-first": date(2026, 12, 1)}.items():
        assert call("batch", rows, "-o", tmp_path / "out.csv", "--dates", style).exit_code == 0
        with (tmp_path / "out.csv").open(encoding="utf-8-sig") as file:
            [row] = csv.DictReader(file)
        found = kc.estimate("readme-patient", set={"start": day.isoformat()})
        assert row["sentence"] == found.sentence
    assert call("batch", rows, "-o", tmp_path / "out.csv", "--dates", "iso").exit_code == 1


def test_a_scenario_is_run_under_a_variant_of_the_rule() -> None:
    assert '"name": "copay accumulator"' in said("run", "spravato-in-network", "--json", "--rule", "copay accumulator")
    assert "there is no variant of the rule called 'none'" in refused("run", "readme-patient", "--rule", "none")


def small(folder: Path, words: str = "# A question\n\nAsk at desk@example.org.") -> Path:
    path = folder / "small.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(words)]), path)
    return path


def test_a_notebook_is_shared_with_its_copies(tmp_path: Path) -> None:
    page, copy, words = (tmp_path / name for name in ("page.html", "copy.ipynb", "copy.md"))
    assert "--allow email" in refused("share", small(tmp_path), "-o", page)
    said("share", small(tmp_path), "-o", page, "--allow", "email", "--ipynb", copy, "--md", words, "--language", "es")
    assert '<html lang="es"' in page.read_text("utf-8")
    assert "desk@example.org" in words.read_text("utf-8")
    assert "# A question" in nbformat.read(copy, 4).cells[0].source
    said("gallery", page, "-o", tmp_path / "shown", "--language", "es")
    assert '<html lang="es"' in (tmp_path / "shown" / "index.html").read_text("utf-8")


@pytest.mark.skipif(not chromium(), reason="no Chromium on this machine")
def test_a_shared_page_has_a_pdf_beside_it(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    told = said("share", small(tmp_path, "# A question"), "-o", page, "--pdf", "--pictures")
    assert re.fullmatch(r".*page\.html \(\S+ MB\)\n.*page\.pdf \(\S+ MB\)\n", told)
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.skipif(not chromium(), reason="no Chromium on this machine")
def test_a_report_lives_speaks_spanish_and_prints(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    said("report", "readme-patient", "-o", page, "--live", "--language", "es", "--pdf")
    text = page.read_text("utf-8")
    assert '<html lang="es"' in text
    assert "pyodide" in text
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    assert json.loads(said("verify", page, "--json"))["reproduces"] is True
