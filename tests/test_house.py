"""The rules of the house: who imports whom, how long a file is, what a notebook holds, what git names.

Each rule is a function that lists what breaks it, and each is tried on something wrong as well.
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "ketacost"

# A module imports only modules that stand before it.
ORDER = [
    *("words", "money", "doors", "parameters", "personal", "catalog", "courses"),
    *("medicare", "pricing", "plans"),
    *("published", "allowed", "rule", "accumulators", "claims"),
    *("brackets", "taxtables", "returns", "households", "payroll", "federal", "levies"),
    *("state_flat", "state_federal", "state_slides", "state_recapture", "state_couples", "states"),
    *("localities", "taxyears"),
    *("payers", "coverage", "taxes"),
    *("eligibility", "hsa", "fsa", "funding", "elections", "lending", "deductions", "paying"),
    *("distributions", "scenarios", "combinations", "answers", "methods", "explain", "reports"),
    *("paths", "accounts", "superbills", "savings", "comparisons"),
    *(
        "payments",
        "pay_days",
        "calendars",
        "default_ranges",
        "unknowns",
        "spreads",
        "start_days",
        "matters",
        "wording",
        "questions",
        "sides",
    ),
    *("schemas", "files", "sheets", "workbooks", "exports", "batches", "checks", "studies", "cohorts"),
    *(
        "tables",
        "statements",
        "charts",
        "trees",
        "account_statements",
        "calendar_statements",
        "question_statements",
        "start_statements",
        "side_statements",
        "help_changes",
        "changes",
        "calls",
        "summaries",
        "controls",
        "allowed_form",
        "coverage_form",
        "help_form",
        "forms",
        "reasons",
        "sections",
        "views",
        "handouts",
        "desks",
        "served",
    ),
    *(
        "image_files",
        "searches",
        "identifiers",
        "rule_marks",
        "fingerprints",
        "marked_pages",
        "verdicts",
        "browsers",
        "runtimes",
        "cleaning",
        "figures",
        "pictures",
        "blocks",
        "pages",
        "copies",
        "packing",
        "live",
        "galleries",
        "sharing",
    ),
    *("panels", "documents", "printing"),
    *("lab", "apps", "cli_share", "cli_verify", "cli"),
]
CORE = ORDER[: ORDER.index("sides") + 1]  # the standard library is all they know
DOORSTEPS = ("__init__", "__main__")  # these only hand on what the modules hold

LONGEST_FILE = 300
LONGEST_CELL = 8
MARKED = re.compile("nbval[_-]|pytest_validate|raises-exception", re.IGNORECASE)
DOING = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If, ast.Match),
    *(ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar),
)

MODULES = sorted(PACKAGE.rglob("*.py"))
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


def wrong_imports(module: str, text: str) -> list[str]:
    """What a module imports that it may not."""
    if module in DOORSTEPS:
        return []
    if module not in ORDER:
        return [f"{module} has no place in the order of modules: give it one in ORDER"]
    wrong = []
    for name in imported(ast.parse(text)):
        top, *rest = name.split(".")
        if top != "ketacost":
            if module in CORE and top not in sys.stdlib_module_names:
                wrong.append(f"{module} imports {name}, which the standard library does not hold")
        elif rest and rest[0] in ORDER:
            if ORDER.index(rest[0]) >= ORDER.index(module):
                wrong.append(f"{module} imports {rest[0]}, which does not stand above it")
        elif rest and (PACKAGE / rest[0]).with_suffix(".py").exists():
            wrong.append(f"{module} imports {rest[0]}, which has no place in the order of modules")
        elif module in CORE:
            wrong.append(f"{module} imports {name}, the package itself, which stands below it")
    return wrong


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_imports_point_upward(path: Path) -> None:
    assert wrong_imports(path.relative_to(PACKAGE).with_suffix("").parts[0], path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("money", "import pandas"),
        ("money", "from ketacost.plans import Plan"),
        ("money", "from . import plans"),
        ("money", "from .plans import Plan"),
        ("money", "from ketacost import cost"),
        ("money", "import ketacost"),
        ("claims", "def late():\n    import pydantic"),
        ("claims", "import importlib\nimportlib.import_module('pandas')"),
        ("questions", "from ketacost import charts"),
        ("tables", "def late():\n    from ketacost.charts import bars"),
        ("attic", "import math"),
    ],
)
def test_a_wrong_import_is_seen(module: str, text: str) -> None:
    assert len(wrong_imports(module, text)) == 1


def test_a_right_import_passes() -> None:
    text = "import math\nfrom ketacost.money import usd\nfrom ketacost import money\nfrom .words import but\n"
    assert wrong_imports("plans", text) == []
    assert wrong_imports("tables", text + "import pandas\nimport ketacost\n") == []


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
    core = [f"ketacost.{name}" for name in CORE if (PACKAGE / f"{name}.py").exists()]
    assert third_party(*core) == []


def test_a_loaded_package_is_seen() -> None:
    assert "pluggy" in third_party("ketacost", "pluggy")


# What the package shows


def wrong_all(listed: list[str] | None, public: list[str], missing: list[str]) -> list[str]:
    """What is wrong with a list of public names."""
    if listed is None:
        return ["there is no __all__"]
    wrong = [f"{name} is listed twice" for name in sorted(set(listed)) if listed.count(name) > 1]
    wrong += [] if listed == sorted(listed) else ["__all__ is not sorted"]
    wrong += [f"{name} is listed and can't be had" for name in missing]
    wrong += [f"{name} is public and not listed" for name in public if name not in listed]
    return wrong


def borrowed(text: str) -> set[str]:
    """The names that a module takes from elsewhere for its own use: they are not what the package shows."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.level or str(node.module).startswith("ketacost")):
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return names


def test_all_is_sorted_and_complete() -> None:
    code = """
import json, types
import ketacost
listed = getattr(ketacost, "__all__", None)
missing = [name for name in listed or [] if not hasattr(ketacost, name)]
public = [name for name in dir(ketacost) if not name.startswith("_")]
public = [name for name in public if not isinstance(getattr(ketacost, name), types.ModuleType)]
print(json.dumps([listed and list(listed), public, missing]))
"""
    listed, public, missing = fresh(code)
    own = [name for name in public if name not in borrowed((PACKAGE / "__init__.py").read_text("utf-8"))]
    assert wrong_all(listed, own, missing) == []


def test_a_wrong_list_of_names_is_seen() -> None:
    assert wrong_all(["a", "b"], ["a", "b"], []) == []
    assert wrong_all(None, ["a"], []) == ["there is no __all__"]
    assert wrong_all(["b", "a"], ["a", "b"], []) == ["__all__ is not sorted"]
    assert wrong_all(["a", "a"], ["a"], []) == ["a is listed twice"]
    assert wrong_all(["a"], ["a", "b"], []) == ["b is public and not listed"]
    assert wrong_all(["a", "b"], ["a"], ["b"]) == ["b is listed and can't be had"]
    assert borrowed("from a import B\nimport os.path\nfrom ketacost.money import usd\n") == {"B", "os"}


def too_long(text: str) -> bool:
    return len(text.splitlines()) > LONGEST_FILE


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_file_is_long(path: Path) -> None:
    assert not too_long(path.read_text("utf-8"))


def test_a_long_file_is_seen() -> None:
    assert too_long("x = 1\n" * 301)
    assert not too_long("x = 1\n" * 300)


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
