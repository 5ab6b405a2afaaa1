"""The parts of a live page: Python for browsers, its library, this package's rooms that a session needs, the data.

Files of other projects are pinned by hash in `assets/vendor.json`. `ketacost fetch` brings them into `vendor/` and
derives the library from them.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path

from ketacost.core.fields import KetacostError, require
from ketacost.core.resources import ASSETS, PACKAGE, asset, data_folder
from ketacost.core.writing import mark_of, mark_of_bytes

VENDOR = PACKAGE / "vendor"
VIEW_LIBRARY = ASSETS / "view_library"
LICENCES = ASSETS / "licences"
WAY_OUT = "run `ketacost fetch` (it asks npm for the files, or takes them from a folder: `ketacost fetch FOLDER`)"

ROOMS = ("core", "model", "taxes", "accounts", "estimate", "analysis", "reports", "workbench")
"""The folders of this package that a session needs, whole. No module of theirs imports another package as it loads."""

SINGLE_FILES = (
    "__init__.py",
    "files/__init__.py",
    "files/scenario_files.py",
    "privacy/__init__.py",
    "privacy/identifiers.py",
    "assets/handout.css",
)
"""What a session needs of the other folders."""

OTHERS = {"tomli_w": "https://github.com/hukkin/tomli-w"}
"""Packages of others, in plain Python under the MIT license, that a session uses, each with the place of its source."""


class RuntimeMissing(KetacostError):
    """A file of another project that a page would carry is not there, or is not the one that was pinned."""


@dataclass(frozen=True)
class Package:
    """A package of another project: which version, which files of it, under which license, and where its source is.

    `files` gives the sha256 of each file by its name, `derived` that of the files that `ketacost fetch` makes of them.
    `library` names the modules of Python's library that go into a live page, with all that they load. A `kept` package
    is part of this one, so that nothing has to be fetched for it.
    """

    name: str
    version: str
    integrity: str
    licence: str
    licence_files: Sequence[str]
    source: str
    files: Mapping[str, str]
    derived: Mapping[str, str] = field(default_factory=dict)
    library: Sequence[str] = ()
    kept: bool = False

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return (VIEW_LIBRARY if self.kept else VENDOR) / self.name

    def lacking(self, pinned: Mapping[str, str]) -> list[str]:
        """The names among some pinned files that are not in the package's folder, or differ from their hash."""
        return [name for name, sha in pinned.items() if mark_of(self.folder / name) != sha]


@cache
def packages() -> tuple[Package, ...]:
    """Every pinned package, in the order of `vendor.json`."""
    return tuple(Package(**entry) for entry in json.loads(asset("vendor.json"))["packages"])


def missing() -> list[str]:
    """The pinned files, fetched or derived, that are not there or differ from their hash: "pyodide/pyodide.mjs"."""
    return [f"{p.name}/{name}" for p in packages() for name in p.lacking({**p.files, **p.derived})]


def vendored(name: str) -> bytes:
    """A pinned file's content: vendored("plotly.js-basic-dist-min/plotly-basic.min.js").

    Raises RuntimeMissing where it is not there or is another one, and UnknownName for a name that is not pinned.
    """
    pinned = {f"{p.name}/{file}": (p, sha) for p in packages() for file, sha in {**p.files, **p.derived}.items()}
    require("pinned file", name, pinned)
    package, sha = pinned[name]
    path = package.folder.parent / name
    if not path.is_file():
        raise RuntimeMissing(f"{name} is not there: {WAY_OUT}")
    content = path.read_bytes()
    if mark_of_bytes(content) != sha:
        raise RuntimeMissing(f"{name} is not the pinned one (its sha256 is {mark_of_bytes(content)}): {WAY_OUT}")
    return content


def notice(carried: Sequence[Package] | None = None) -> str:
    """Whose work is carried: each package with its version, license and where its source is, in plain text."""
    entries = [f"{p.name} {p.version}\n  licence: {p.licence}\n  source: {p.source}" for p in carried or packages()]
    return "Files of other projects, under their own licences.\n\n" + "\n\n".join(entries) + "\n"


def credits() -> str:
    """Whose work a live page carries: names, versions, sources, and the texts of the licenses."""
    carried = [package for package in packages() if package.kept or package.name == "pyodide"]
    entries = [notice(carried)]
    texts = [LICENCES / name for package in carried for name in package.licence_files]
    texts += [package.folder / "LICENSE" for package in carried if "LICENSE" in package.files]
    licences = [text.read_text(encoding="utf-8") for text in texts]
    for name, source in OTHERS.items():
        other = distribution(name)
        entries.append(f"{other.name} {other.version}\n  licence: MIT\n  source: {source}")
        licences += [f"{other.name}\n\n{path.read_text()}" for path in other.files or [] if path.name == "LICENSE"]
    rule = f"\n\n{'-' * 72}\n\n"
    return "\n\n".join(entry.strip() for entry in entries) + rule + rule.join(map(str.strip, licences)) + "\n"


def package() -> bytes:
    """This package and those of others as one JSON text, path -> content: the rooms that a session needs, the data."""
    contents = {name: path.read_text(encoding="utf-8") for name, path in _carried()}
    return json.dumps(dict(sorted(contents.items())), ensure_ascii=False, separators=(",", ":")).encode()


def _carried() -> Iterator[tuple[str, Path]]:
    """Each file that a page carries as text: its name there, and where it is here."""
    rooms = [path for room in ROOMS for path in (PACKAGE / room).glob("*.py")]
    for path in [*rooms, *(PACKAGE / name for name in SINGLE_FILES)]:
        yield f"ketacost/{path.relative_to(PACKAGE).as_posix()}", path
    for path in [*data_folder().rglob("*.csv"), *data_folder().rglob("*.toml")]:
        yield f"ketacost/data/{path.relative_to(data_folder()).as_posix()}", path
    for name in OTHERS:
        for path in Path(str(files(name))).glob("*.py"):
            yield f"{name}/{path.name}", path


def lock() -> str:
    """What Python in the browser asks for first: the list of packages to fetch. It names the build, and no package."""
    return json.dumps({**json.loads(vendored("pyodide/pyodide-lock.json")), "packages": {}})


@cache
def parts() -> dict[str, str]:
    """What the page's worker unpacks, each part gzipped and in base64, by its name."""
    files = {"wasm": "pyodide.asm.wasm", "glue": "pyodide.asm.mjs", "loader": "pyodide.mjs", "library": "library.zip"}
    contents = {part: vendored(f"pyodide/{name}") for part, name in files.items()}
    return {part: packed(content) for part, content in {**contents, "package": package()}.items()}


def packed(content: bytes) -> str:
    """Content as text for a page: gzip, then base64. The same content gives the same text."""
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode("ascii")
