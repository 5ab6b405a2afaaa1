"""What a live page carries of this package and of Python's library: the modules that a desk needs, found by their imports.

No module is named by hand but those that Python's own start asks for, so that a new import travels by itself.
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from ketacost.parameters import data_folder
from ketacost.runtimes import HERE, packed, vendored

ROOT = "ketacost.served"
LINE = re.compile(
    r"^(?P<indent>[ \t]*)(?:async )?(?P<word>def|import|from) (?P<rest>[^\n(]*(?:\([^)]*\))?)", re.MULTILINE
)
COMMENT = re.compile(r"#[^\n]*")
TYPES_ALONE = re.compile(r"^if (?:typing\.)?TYPE_CHECKING:\n(?:[ \t]+[^\n]*\n|\n)*", re.MULTILINE)

# What Python in a browser loads before it reads a line of ours, and what its C parts ask for by name.
ALWAYS = (
    *("encodings", "encodings.utf_8", "encodings.ascii", "encodings.latin_1", "encodings.idna", "encodings.cp437"),
    *("_pyodide", "_pyodide._core_docs", "_pyodide._future_helper", "_pyodide.docstring", "_pyodide.jsbind"),
    *("pyodide", "pyodide._core", "pyodide.code", "pyodide.ffi", "pyodide.ffi.wrappers", "pyodide._package_loader"),
    *("site", "codecs", "_strptime"),
    *("importlib.util", "importlib.machinery", "zipimport", "traceback", "linecache", "_pydatetime", "_pydecimal"),
)


def imports_of(text: str, module: str, *, is_folder: bool, deep: bool) -> set[str]:
    """The full names that a module's text imports; `deep` counts those inside functions too.

    Read line by line rather than parsed: the library in the browser is of a newer Python than the one that packs it.
    A line of a text that looks like an import counts as one; that can only carry too much.
    """
    names, function = set(), -1
    for found in LINE.finditer(text):
        indent = len(found["indent"])
        function = -1 if indent <= function else function
        if found["word"] == "def":
            function = indent if function < 0 else function
        elif deep or function < 0:
            names |= _named(found, module, is_folder)
    return names


def _named(found: re.Match[str], module: str, is_folder: bool) -> set[str]:
    rest = COMMENT.sub("", found["rest"])
    if found["word"] == "import":
        return {name.partition(" as ")[0].strip() for name in rest.split(",")}
    origin, _, listed = rest.partition(" import ")
    below = origin.strip().lstrip(".")
    dots = len(origin.strip()) - len(below)
    above = module.split(".")
    above = above[: len(above) - dots + is_folder] if dots else []
    start = ".".join([*above, *([below] if below else [])])
    each = (name.partition(" as ")[0].strip() for name in listed.strip(" ()\n").split(","))
    return {start, *(f"{start}.{name}" for name in each if name.isidentifier())}


def closure(roots: set[str], text_of: Callable[[str], tuple[str, bool] | None], *, deep: bool) -> dict[str, set[str]]:
    """Every module that the roots reach, with what it imports; `text_of` gives a module's text and whether it is a folder."""
    reached: dict[str, set[str]] = {}
    waiting = sorted(roots)
    while waiting:
        name = waiting.pop()
        for part in [name, *(name.rpartition(".")[0],) * ("." in name)]:
            if part in reached or (found := text_of(part)) is None:
                continue
            reached[part] = imports_of(TYPES_ALONE.sub("", found[0]), part, is_folder=found[1], deep=deep)
            waiting += sorted(reached[part]) + ([part.rpartition(".")[0]] if "." in part else [])
    return reached


@cache
def modules() -> dict[str, set[str]]:
    """The package's modules that a desk needs, each with the names that it imports."""

    def text_of(name: str) -> tuple[str, bool] | None:
        top, _, rest = name.partition(".")
        path = HERE / f"{rest or '__init__'}.py"
        return (path.read_text(encoding="utf-8"), not rest) if top == "ketacost" and path.is_file() else None

    return closure({ROOT, "ketacost"}, text_of, deep=True)


def package() -> bytes:
    """The package as one JSON text: path -> content. The modules that a desk needs, and the data."""
    files = {f"{name.replace('.', '/')}.py": HERE / f"{name.partition('.')[2]}.py" for name in modules() if "." in name}
    files["ketacost/__init__.py"] = HERE / "__init__.py"
    data = data_folder()
    for path in sorted([*data.rglob("*.csv"), *data.rglob("*.toml")]):
        files[f"ketacost/data/{path.relative_to(data).as_posix()}"] = path
    files |= {f"ketacost/{path.name}": path for path in _beside()}
    told = {name: path.read_text(encoding="utf-8") for name, path in sorted(files.items())}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _beside() -> list[Path]:
    """Files beside the modules that a module reads by its own place: a style sheet for what is printed."""
    texts = [(HERE / f"{name.partition('.')[2]}.py").read_text(encoding="utf-8") for name in modules() if "." in name]
    return [path for path in sorted(HERE.glob("*.css")) if any(f'"{path.name}"' in text for text in texts)]


def library() -> bytes:
    """Python's standard library as the desk needs it: a zip of stored files, always the same bytes."""
    whole = zipfile.ZipFile(io.BytesIO(vendored("pyodide/python_stdlib.zip")))
    held = set(whole.namelist())

    def path_of(name: str) -> str | None:
        path = name.replace(".", "/")
        return next((p for p in (f"{path}.py", f"{path}/__init__.py") if p in held), None)

    def text_of(name: str) -> tuple[str, bool] | None:
        path = path_of(name)
        return (whole.read(path).decode(), path.endswith("/__init__.py")) if path else None

    wanted = {
        name for names in modules().values() for name in names if name.partition(".")[0] in sys.stdlib_module_names
    }
    reached = closure(wanted | set(ALWAYS), text_of, deep=False)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as slim:
        for path in sorted(filter(None, map(path_of, reached))):
            slim.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), whole.read(path))
    return made.getvalue()


def lock() -> str:
    """What Python in the browser asks for first: the list of packages to fetch. It names the build, and no package."""
    return json.dumps({**json.loads(vendored("pyodide/pyodide-lock.json")), "packages": {}})


@cache
def parts() -> dict[str, str]:
    """What the page's worker unpacks, each part gzipped and in base64, by its name."""
    return {
        "wasm": packed(vendored("pyodide/pyodide.asm.wasm")),
        "glue": packed(vendored("pyodide/pyodide.asm.mjs")),
        "loader": packed(vendored("pyodide/pyodide.mjs")),
        "library": packed(library()),
        "package": packed(package()),
    }
