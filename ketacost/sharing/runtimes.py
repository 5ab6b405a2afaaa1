"""Where the files of others are that a shared page carries: the Python that runs in a browser, and plotly's bundles.

They are fetched by `make vendor` into `vendor/` beside this file, are no part of git, and ship inside the wheel.
`vendor.json` says what they are: name, version, licence, source and the hash of every file.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ketacost.core.fields import Fixed, KetacostError, unknown
from ketacost.core.resources import ASSETS, PACKAGE, asset

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
