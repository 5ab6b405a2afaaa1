"""The rules of the house: who imports whom, how long a file is, what a notebook holds, what git names.

Each rule is a function that lists what breaks it, and each is tried on something wrong as well.
"""

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from places import ROOT

import ketacost as kc

PACKAGE = ROOT / "ketacost"

# The rooms, the ground first: what `ketacost/` holds beside them hands on what they hold.
ROOMS = ("core", "model", "taxes", "accounts", "estimate", "analysis")  # the standard library is all they know
FURTHER = ("files", "reports", "privacy", "workbench", "sharing", "jupyter")
COHORTS = {"cohorts", "compiling", "later", "line_columns", "plan_rows", "populations", "synthetic"}
"""The modules of `analysis` that work on tables of many patients, with more than the standard library."""
TABLES = {"numpy", "pandas", "pyarrow", "numba", "dask", "distributed"}

LONGEST_FILE, LONGEST_LINE = 600, 120
LONGEST_CELL = 8
MARKED = re.compile("nbval[_-]|pytest_validate|raises-exception", re.IGNORECASE)
DOING = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If, ast.Match),
    *(ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar),
)

MODULES = sorted(PACKAGE.rglob("*.py"))
CORE_MODULES = [path for path in MODULES if path.relative_to(PACKAGE).parts[0] in ROOMS]
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
NOTEBOOKS = [path for path in NOTEBOOKS if ".ipynb_checkpoints" not in path.parts]


# Who imports whom


def imported(tree: ast.AST) -> Iterator[str]:
    """The full names of what a module imports, at its top or in a function, by statement or by call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = ".".join(filter(None, ["ketacost" if node.level else "", node.module]))
            yield from (f"{origin}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in ("import_module", "__import__"):
                name = str(node.args[0].value)
                yield f"ketacost{name}" if name.startswith(".") else name


def foreign_imports(room: str, text: str, *, cohorts: bool = False) -> list[str]:
    """What a module of the core rooms imports that neither they nor the standard library hold.

    A module for `cohorts` may load what tables need in its functions; no other may import it.
    """
    wrong = []
    tree = ast.parse(text)
    at_once = {name for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom) for name in imported(node)}
    for name in imported(tree):
        top, *rest = name.split(".")
        if top in TABLES and cohorts and name not in at_once:
            continue
        if top != "ketacost" and top not in sys.stdlib_module_names:
            wrong.append(f"{name} is not in the standard library")
        elif not cohorts and rest[:1] == ["analysis"] and set(rest[1:2]) & COHORTS:
            wrong.append(f"{name} is for tables of many patients")
        elif top == "ketacost" and (rest[:1] or [""])[0] not in ROOMS[: ROOMS.index(room) + 1]:
            wrong.append(f"{name} is not in {room} or a room above it")
    return wrong


@pytest.mark.parametrize("path", CORE_MODULES, ids=lambda path: path.stem)
def test_the_core_rooms_import_only_each_other_and_the_standard_library(path: Path) -> None:
    cohorts = path.parent.name == "analysis" and path.stem in COHORTS
    assert foreign_imports(path.relative_to(PACKAGE).parts[0], path.read_text("utf-8"), cohorts=cohorts) == []


@pytest.mark.parametrize(
    ("room", "text"),
    [
        ("core", "import pandas"),
        ("core", "from ketacost.model.plans import Plan"),
        ("model", "from ketacost import run"),
        ("model", "import ketacost"),
        ("model", "def late():\n    import pydantic"),
        ("model", "import importlib\nimportlib.import_module('pandas')"),
        ("estimate", "from ketacost.analysis import questions"),
        ("analysis", "def late():\n    from ketacost.reports.charts import chart"),
        ("analysis", "from ketacost.analysis.cohorts import stream"),
        ("analysis", "def late():\n    import numpy"),
    ],
)
def test_a_wrong_import_is_seen(room: str, text: str) -> None:
    assert len(foreign_imports(room, text)) == 1


def test_a_module_for_tables_loads_them_late() -> None:
    assert foreign_imports("analysis", "def late():\n    import numpy", cohorts=True) == []
    assert len(foreign_imports("analysis", "import numpy", cohorts=True)) == 1


def test_a_right_import_passes() -> None:
    text = "import math\nfrom ketacost.core.money import usd\nfrom ketacost.core import money\n"
    assert foreign_imports("model", text) == []


def test_every_module_stands_in_a_room() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    assert folders == {*ROOMS, *FURTHER}
    assert sorted(path.name for path in PACKAGE.glob("*.py")) == ["__init__.py", "__main__.py", "cli.py"]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the layers contract of pyproject.toml on the package in a folder."""
    code = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=False)


def test_a_room_imports_only_the_rooms_above_it() -> None:
    run = lint_imports(ROOT)
    assert run.returncode == 0, run.stdout


def test_an_import_from_a_room_below_is_seen(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "ketacost", ignore=shutil.ignore_patterns("vendor", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "ketacost" / "core" / "money.py").open("a", encoding="utf-8") as file:
        file.write("\n\ndef late() -> None:\n    from ketacost.reports import charts\n")
    run = lint_imports(tmp_path)
    assert run.returncode == 1
    assert "ketacost.core is not allowed to import ketacost.reports" in run.stdout


def fresh(code: str) -> Any:
    """What a fresh interpreter prints as JSON."""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def third_party(*modules: str) -> list[str]:
    """The packages outside the standard library that importing these modules loads."""
    code = f"""
import importlib, json, sys
before = set(sys.modules)
for name in {modules!r}:
    importlib.import_module(name)
tops = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print(json.dumps(sorted(tops)))
"""
    known = {*sys.stdlib_module_names, "ketacost", "__main__", "__mp_main__"}
    return [name for name in fresh(code) if name not in known and not name.startswith("_sysconfigdata")]


def test_the_import_loads_only_the_standard_library() -> None:
    assert third_party("ketacost") == []


def test_the_core_loads_only_the_standard_library() -> None:
    core = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in CORE_MODULES]
    assert third_party(*core) == []


def test_a_loaded_package_is_seen() -> None:
    assert "pluggy" in third_party("ketacost", "pluggy")


# What the package shows


def names_in_stub(text: str) -> dict[str, str]:
    """The names that a stub hands on, with the module of each."""
    nodes = [node for node in ast.parse(text).body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name: f"{node.module}.{alias.name}" for node in nodes for alias in node.names}


def test_the_stub_lists_the_public_names_of_the_table() -> None:
    code = "import json, ketacost as k; print(json.dumps([k._HOMES, k._MODULES, k.__all__, dir(k)]))"
    homes, modules, listed, shown = fresh(code)
    names = {name: f"{module}.{name}" for name, module in homes.items()} | modules
    names["estimate"] = "estimate.estimate.estimate"  # the room is called like its function, and can be called
    assert names_in_stub((PACKAGE / "__init__.pyi").read_text("utf-8")) == {
        name: f"ketacost.{place}" for name, place in names.items()
    }
    assert listed == sorted(names) == sorted(shown)


def test_there_are_at_most_75_public_names() -> None:
    assert len(kc.__all__) <= 75, "fold two names that give the same into one before adding another"


def test_the_stub_of_the_accounts_lists_the_names_of_their_table() -> None:
    code = "import json, ketacost.accounts as a; print(json.dumps([a._HOMES, a.__all__, dir(a)]))"
    homes, listed, shown = fresh(code)
    assert names_in_stub((PACKAGE / "accounts" / "__init__.pyi").read_text("utf-8")) == {
        name: f"ketacost.{place}" for name, place in homes.items()
    }
    assert listed == sorted(homes) == sorted(shown)


@pytest.mark.parametrize("module", ["ketacost", "ketacost.accounts"])
def test_every_public_name_can_be_had(module: str) -> None:
    code = f"import json, {module} as m; print(json.dumps([n for n in m.__all__ if not hasattr(m, n)]))"
    assert fresh(code) == []


def too_long(text: str) -> bool:
    return len(text.splitlines()) > LONGEST_FILE


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_file_is_long(path: Path) -> None:
    assert not too_long(path.read_text("utf-8"))


def test_a_long_file_is_seen() -> None:
    assert too_long("x = 1\n" * 601)
    assert not too_long("x = 1\n" * 600)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_line_is_long(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > LONGEST_LINE] == []


# What a notebook holds


def wrong_cells(notebook: dict[str, Any]) -> list[str]:
    """What a notebook holds that it may not: notebooks only tell, and what they show was run."""
    wrong = ["widget state is kept in the metadata"] if "widgets" in notebook.get("metadata", {}) else []
    before, runs = "", 0
    for number, cell in enumerate(notebook["cells"]):
        source = "".join(cell.get("source", ""))
        tags = cell.get("metadata", {}).get("tags", [])
        if MARKED.search(source) or any(MARKED.search(tag) for tag in tags):
            wrong.append(f"cell {number} is marked for the tests")
        if cell["cell_type"] == "code":
            runs += 1
            wrong += [f"cell {number} {what}" for what in wrong_code(source)]
            if before != "markdown":
                wrong.append(f"cell {number} has no text before it")
            if cell.get("execution_count") != runs:
                wrong.append(f"cell {number} was not run in its turn")
            if any(output["output_type"] == "error" for output in cell.get("outputs", [])):
                wrong.append(f"cell {number} ended in an error")
        before = cell["cell_type"]
    return wrong


def wrong_code(source: str) -> Iterator[str]:
    if len(source.splitlines()) > LONGEST_CELL:
        yield f"has more than {LONGEST_CELL} lines"
    try:
        tree = ast.parse(source)
    except SyntaxError:
        yield "is not plain Python"
        return
    yield from (f"does, with {type(node).__name__}" for node in ast.walk(tree) if isinstance(node, DOING))


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_only_tell(path: Path) -> None:
    assert wrong_cells(json.loads(path.read_text("utf-8"))) == []


def book(source: str = "1 + 1", *, text: bool = True, **cell: Any) -> dict[str, Any]:
    code = {"cell_type": "code", "source": source, "execution_count": 1, "outputs": [], "metadata": {}} | cell
    told = [{"cell_type": "markdown", "source": "Told.", "metadata": {}}] if text else []
    return {"cells": [*told, code], "metadata": {}}


@pytest.mark.parametrize(
    "notebook",
    [
        *map(book, ["def f(): ...", "class A: ...", "for a in b: a", "if a: b", "while a: b", "%time a"]),
        *map(book, ["try:\n    a\nfinally:\n    b", "with a:\n    if b: c", "a\n" * 9, "# NBVAL_SKIP\na"]),
        book("a  # PYTEST_VALIDATE_IGNORE_OUTPUT"),
        book(text=False),
        book(execution_count=None),
        book(execution_count=2),
        book(outputs=[{"output_type": "error"}]),
        book() | {"metadata": {"widgets": {}}},
        *[book(metadata={"tags": [tag]}) for tag in ("nbval-skip", "NBVAL_SKIP", "raises-exception")],
    ],
)
def test_a_wrong_notebook_is_seen(notebook: dict[str, Any]) -> None:
    assert len(wrong_cells(notebook)) == 1


def test_a_right_notebook_passes() -> None:
    assert wrong_cells(book("a = [b for b in c if b]\nwith d:\n    a")) == []


# What git may name

# Put together here, so that this file does not name them itself.
ENDS = {
    "org": ["pypi", "pythonhosted", "npmjs", "debian", "anaconda", "rubygems"],
    "com": ["npmjs", "npmmirror", "yarnpkg"],
    "io": ["conda", "crates"],
}
HOSTS = [f"{name}.{end}" for end, names in ENDS.items() for name in names]
PATHS = ["work", "root", "tmp/ipykernel"]
# A path starts where neither a word nor a dot stands before it: after `file://`, not after `example.org`.
NAMED = re.compile(rf"{'|'.join(HOSTS)}|(?<![\w.~%-])/(?:{'|'.join(PATHS)})(?![a-z-])", re.IGNORECASE)


def named(text: str) -> list[str]:
    """The package registries and the paths of a machine that a text names."""
    return [found.group() for found in NAMED.finditer(text)]


def files_in_git() -> list[Path]:
    """What git holds or is about to; all files, where there is no git, as in a source distribution."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, capture_output=True, cwd=ROOT, check=True).stdout.decode()
        paths = [ROOT / name for name in listed.split("\0") if name]
    else:
        parts = {".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
        paths = [path for path in ROOT.rglob("*") if not parts & set(path.relative_to(ROOT).parts)]
    return sorted(path for path in paths if path.is_file())


def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    files = files_in_git()
    assert Path(__file__).resolve() in files
    found = {str(path.relative_to(ROOT)): named(path.read_text("utf-8", errors="replace")) for path in files}
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize("host", HOSTS)
def test_a_named_host_is_seen(host: str) -> None:
    assert named(f"see https://files.{host.upper()}/simple") == [host.upper()]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("text", ["/{}/a", "(/{}/a)", "file:///{}/a", '"/{}/a"', "in\n/{}/a", "is /{}"])
def test_a_named_path_is_seen(text: str, path: str) -> None:
    assert len(named(text.format(path))) == 1


@pytest.mark.parametrize("text", ["https://example.org/{}/a", "../{}/a", "our{}/s", "a/{}/b", "/{}s/"])
def test_another_path_passes(text: str) -> None:
    assert [named(text.format(path)) for path in PATHS] == [[]] * len(PATHS)


def test_the_workbench_is_small() -> None:
    """The form is a table over the intake's entries, and a change is one entry: the room holds little beside them."""
    assert sum(len(path.read_text("utf-8").splitlines()) for path in (PACKAGE / "workbench").glob("*.py")) <= 1_100
