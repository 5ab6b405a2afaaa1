"""What a live page carries of this package and of Python's library: the modules that a session needs, found by their imports.

No module is named by hand but those that Python's own start asks for, so that a new import travels by itself.
"""

from __future__ import annotations

import ast
import base64
import gzip
import hashlib
import io
import json
import re
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

from ketacost.core.fields import Fixed, KetacostError, unknown
from ketacost.core.resources import ASSETS, PACKAGE, asset, data_folder

VENDOR = PACKAGE / "vendor"
LICENCES = ASSETS / "licences"
WAY_OUT = "run `make vendor` in a checkout (it asks npm for the package), or install the wheel, which holds the files"


class RuntimeMissing(KetacostError):
    """A file of another project that a page would carry is not there, or is not the one that was pinned."""


@dataclass(frozen=True)
class Package:
    """A package of another project: which version, which files of it, under which licence, and where its source is."""

    name: str
    version: str
    integrity: str
    licence: str
    licence_files: tuple[str, ...]
    source: str
    files: Mapping[str, str]
    made: Mapping[str, str] = Fixed()


@cache
def packages() -> tuple[Package, ...]:
    """What is pinned, in the order of `vendor.json`; `files` gives the sha256 of each file by its name.

    `made` are files that `make vendor` makes out of them, always the same; pages can do without.
    """
    told = json.loads(asset("vendor.json"))["packages"]
    return tuple(_package(**entry) for entry in told)


def _package(
    licence_files: list[str], files: dict[str, str], made: dict[str, str] | None = None, **more: str
) -> Package:
    return Package(**more, licence_files=tuple(licence_files), files=Fixed(files), made=Fixed(made or {}))


def digest(content: bytes) -> str:
    """The sha256 of a file's content, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def missing() -> list[str]:
    """The pinned files that are not there or differ from their hash: "pyodide/pyodide.mjs"."""
    return [
        f"{package.name}/{name}"
        for package in packages()
        for name, pinned in package.files.items()
        if not (VENDOR / package.name / name).is_file() or digest((VENDOR / package.name / name).read_bytes()) != pinned
    ]


def vendored(name: str) -> bytes:
    """A pinned file's content: vendored("plotly.js-basic-dist-min/plotly-basic.min.js").

    Raises RuntimeMissing where it is not there or is another one, and UnknownName for a name that is not pinned.
    """
    pinned = {f"{p.name}/{file}": sha for p in packages() for file, sha in {**p.files, **p.made}.items()}
    if name not in pinned:
        raise unknown("pinned file", name, pinned)
    path = VENDOR / name
    if not path.is_file():
        raise RuntimeMissing(f"{name} is not there: {WAY_OUT}")
    content = path.read_bytes()
    if digest(content) != pinned[name]:
        raise RuntimeMissing(f"{name} is not the pinned one (its sha256 is {digest(content)}): {WAY_OUT}")
    return content


def notice(carried: Sequence[Package] | None = None) -> str:
    """Whose work is carried: each package with its version, licence and where its source is, in plain text."""
    told = [f"{p.name} {p.version}\n  licence: {p.licence}\n  source: {p.source}" for p in carried or packages()]
    return "Files of other projects, under their own licences.\n\n" + "\n\n".join(told) + "\n"


def packed(content: bytes) -> str:
    """Content as text for a page: gzip, then base64. The same content gives the same text."""
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode("ascii")


ROOT = "ketacost.workbench.session"

# Stand-ins for C parts that are there, and other systems' parts: imported by name, never run.
NEVER = {
    "_pydatetime",
    "_pydecimal",
    "_ssl",
    "asyncio.windows_events",
    "asyncio.windows_utils",
    "asyncio.proactor_events",
}

LINE = re.compile(
    r"^(?P<indent>[ \t]*)(?:async )?(?P<word>def|import|from) (?P<rest>[^\n(]*(?:\([^)]*\))?)", re.MULTILINE
)
COMMENT = re.compile(r"#[^\n]*")
TYPES_ALONE = re.compile(r"^if (?:typing\.)?TYPE_CHECKING:\n(?:[ \t]+[^\n]*\n|\n)*", re.MULTILINE)

# Packages of others, in plain Python, that a session uses; their licences travel along.
CARRIED = ("tomli_w",)

# What Python in a browser loads before it reads a line of ours, and what its C parts ask for by name.
ALWAYS = (
    *("encodings", "encodings.utf_8", "encodings.ascii", "encodings.latin_1", "encodings.idna", "encodings.cp437"),
    *("_pyodide", "_pyodide._core_docs", "_pyodide._future_helper", "_pyodide.docstring", "_pyodide.jsbind"),
    *("pyodide", "pyodide._core", "pyodide.code", "pyodide.ffi", "pyodide.ffi.wrappers", "pyodide._package_loader"),
    *("site", "codecs", "_strptime"),
    *("importlib.util", "importlib.machinery", "zipimport", "traceback", "linecache"),
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
    """The package's modules that a session needs, and what they need that is no part of Python, with the names they import.

    A module that can't be loaded without more than that, such as pandas, stays out: a session never gets there.
    """

    def text_of(name: str) -> tuple[str, bool] | None:
        path = _file_of(name)
        if path is None:
            return None
        text, is_folder = path.read_text(encoding="utf-8"), path.name == "__init__.py"
        return (text, is_folder) if _loads(text) <= {"ketacost", *CARRIED, *sys.stdlib_module_names} else None

    return closure({ROOT, "ketacost"}, text_of, deep=True)


def _loads(text: str) -> set[str]:
    """The packages without which a module of ours can't be loaded."""
    absolute = [node for node in ast.parse(text).body if isinstance(node, ast.Import | ast.ImportFrom)]
    named = [node.module or "" for node in absolute if isinstance(node, ast.ImportFrom) and not node.level]
    named += [alias.name for node in absolute if isinstance(node, ast.Import) for alias in node.names]
    return {name.partition(".")[0] for name in named}


def _file_of(name: str) -> Path | None:
    """The file of one of our modules or of a carried package's."""
    top, _, rest = name.partition(".")
    if top == "ketacost":
        folder = PACKAGE
    elif top in CARRIED and (spec := find_spec(top)) and spec.origin:
        folder = Path(spec.origin).parent
    else:
        return None
    path = folder.joinpath(*filter(None, rest.split(".")))
    return next((file for file in (path / "__init__.py", path.with_suffix(".py")) if file.is_file()), None)


def package() -> bytes:
    """The package as one JSON text: path -> content. The modules that a session needs, and the data."""
    files = {}
    for name in modules():
        path = _file_of(name)
        if path:
            folder = (
                f"{name.replace('.', '/')}/__init__.py"
                if path.name == "__init__.py"
                else f"{name.replace('.', '/')}.py"
            )
            files[folder] = path.read_text(encoding="utf-8")
    data = data_folder()
    for path in [*data.rglob("*.csv"), *data.rglob("*.toml")]:
        files[f"ketacost/data/{path.relative_to(data).as_posix()}"] = path.read_text(encoding="utf-8")
    for path in ASSETS.glob("*.css"):  # a style sheet that a module reads by its name, for what is printed
        if any(f'"{path.name}"' in text for text in files.values()):
            files[f"ketacost/assets/{path.name}"] = path.read_text(encoding="utf-8")
    return json.dumps(dict(sorted(files.items())), ensure_ascii=False, separators=(",", ":")).encode()


def library() -> bytes:
    """Python's standard library as the session needs it: a zip of stored files, always the same bytes.

    Compiled where `make vendor` could compile it; else as source, and a page takes some seconds longer to wake.
    """
    whole = zipfile.ZipFile(io.BytesIO(vendored("pyodide/python_stdlib.zip")))
    held = set(whole.namelist())

    def path_of(name: str) -> str | None:
        path = name.replace(".", "/")
        return next((p for p in (f"{path}.py", f"{path}/__init__.py") if p in held), None)

    def text_of(name: str) -> tuple[str, bool] | None:
        path = None if name in NEVER else path_of(name)
        return (whole.read(path).decode(), path.endswith("/__init__.py")) if path else None

    wanted = {
        name for names in modules().values() for name in names if name.partition(".")[0] in sys.stdlib_module_names
    }
    reached = filter(None, map(path_of, closure(wanted | set(ALWAYS), text_of, deep=False)))
    try:
        compiled: zipfile.ZipFile | None = zipfile.ZipFile(io.BytesIO(vendored("pyodide/compiled_stdlib.zip")))
    except RuntimeMissing:
        compiled = None
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as slim:
        for path in sorted(reached):
            content = compiled.read(f"{path}c") if compiled else whole.read(path)
            slim.writestr(zipfile.ZipInfo(f"{path}c" if compiled else path, (1980, 1, 1, 0, 0, 0)), content)
    return made.getvalue()


def lock() -> str:
    """What Python in the browser asks for first: the list of packages to fetch. It names the build, and no package."""
    return json.dumps({**json.loads(vendored("pyodide/pyodide-lock.json")), "packages": {}})


def credits() -> str:
    """Whose work a live page carries: names, versions, sources, and the texts of the licences."""
    python = [package for package in packages() if package.name == "pyodide"]
    texts = [(LICENCES / name).read_text(encoding="utf-8") for package in python for name in package.licence_files]
    told = [notice(python)]
    for name in CARRIED:
        found = distribution(name)
        told.append(f"{found.name} {found.version}\n  licence: MIT\n  source: https://github.com/hukkin/tomli-w")
        texts += [f"{found.name}\n\n{path.read_text()}" for path in found.files or [] if path.name == "LICENSE"]
    rule = f"\n\n{'-' * 72}\n\n"
    return "\n\n".join(part.strip() for part in told) + rule + rule.join(text.strip() for text in texts) + "\n"


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
