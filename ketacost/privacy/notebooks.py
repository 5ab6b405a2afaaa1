"""The gate before a page leaves: nothing of a notebook that may tell who somebody is gets through unseen.

What can be stripped is stripped: metadata, saved controls, paths in tracebacks, what picture files say beside the picture.
The rest is refused, unless its kind is allowed by name. Cells and outputs are counted from 1.
"""

from __future__ import annotations

import getpass
import os
import re
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

from ketacost.core.fields import KetacostError
from ketacost.privacy.identifiers import Found, IdentifiersFound, Kind, check_text, kind, kinds, refuse
from ketacost.privacy.searches import Search

__all__ = [
    "Found",
    "Gate",
    "IdentifiersFound",
    "Kind",
    "check_text",
    "cleaned",
    "gate",
    "kinds",
    "machine_names",
    "people_in",
]

NOTEBOOK_KEYS = ("cells", "metadata", "nbformat", "nbformat_minor")
PYTHON = {"display_name": "Python 3", "language": "python", "name": "python3"}
GENERIC = {
    *(
        "root",
        "user",
        "users",
        "admin",
        "administrator",
        "guest",
        "nobody",
        "default",
        "localhost",
        "localdomain",
        "home",
    ),
    *(
        "runner",
        "runneradmin",
        "jovyan",
        "ubuntu",
        "debian",
        "vscode",
        "codespace",
        "docker",
        "build",
        "builder",
        "work",
    ),
    *("computer", "desktop", "laptop", "macbook", "server", "python", "ketacost", "test", "you", "your name"),
}
"""Names of users and computers that name nobody; they are not looked for."""


class Gate(NamedTuple):
    """A notebook that went through the gate: cleaned, with everything that was found, and what of it is refused."""

    notebook: dict[str, Any]
    found: tuple[Found, ...]
    refused: tuple[Found, ...]


def gate(notebook: Mapping[str, Any], *, people: Sequence[str] = (), allow: Sequence[str] = (), name: str = "") -> Gate:
    """A copy of a notebook with everything stripped that can be, and what else in it may tell who somebody is.

    `people` are full names to look for, `allow` kinds that may stay, `name` the notebook's file name. Raises UnknownName for
    a kind that is not there, KetacostError for what is no notebook of format 4.
    """
    for one in allow:
        kind(one)
    book = deepcopy(dict(notebook))
    if not isinstance(book.get("cells"), list):
        raise KetacostError("this is not a notebook of format 4; open it in JupyterLab and save it again")
    look = Search(tuple(people), tuple(allow), machine_names())
    look.text(name, "file name")
    look.drop(book, NOTEBOOK_KEYS, "notebook")
    about = book["metadata"] = dict(book.get("metadata") or {})
    if about.get("kernelspec", PYTHON) != PYTHON:
        look.json(about["kernelspec"], "notebook metadata", taken=True)
    look.json(about.get("language_info", {}), "notebook metadata", taken=True)
    look.drop(about, ("kernelspec", "language_info", "title", "ketacost"), "notebook metadata")
    about.update({"kernelspec": dict(PYTHON), "language_info": {"name": "python"}})
    book["metadata"] = look.json(about, "notebook metadata")
    for number, cell in enumerate(book["cells"], 1):
        look.cell(cell, f"cell {number}")
        if "id" in cell:
            cell["id"] = f"cell-{number}"
    found = tuple(dict.fromkeys(look.found))
    return Gate(book, found, tuple(one for one in found if one.action == "refused"))


def cleaned(
    notebook: Mapping[str, Any], *, people: Sequence[str] = (), allow: Sequence[str] = (), name: str = ""
) -> Gate:
    """The same, where nothing is refused. Raises IdentifiersFound, which lists each place and the way out."""
    through = gate(notebook, people=people, allow=allow, name=name)
    refuse(through.refused)
    return through


def people_in(path: str | Path) -> tuple[str, ...]:
    """The names in a file, one a line; what follows a # is left out. Raises KetacostError where it cannot be read."""
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KetacostError(
            f"{Path(path).name} cannot be read as a list of names: give one name a line, in UTF-8"
        ) from error
    return tuple(dict.fromkeys(name for line in lines if (name := line.partition("#")[0].strip())))


def machine_names() -> tuple[str, ...]:
    """The names of this user and computer and of git's author here, looked up now; names that stand for nobody are left out."""
    found = [os.environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME", "HOSTNAME", "COMPUTERNAME", "EMAIL")]
    found += [os.environ.get(f"GIT_{who}_{what}", "") for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")]
    with suppress(OSError, KeyError, ImportError):
        found.append(getpass.getuser())
    with suppress(OSError):
        found += [socket.gethostname(), socket.gethostname().partition(".")[0]]
    with suppress(OSError, RuntimeError, UnicodeDecodeError):
        found.append(Path.home().name)
        settings = (Path.home() / ".gitconfig").read_text(encoding="utf-8")
        found += re.findall(r"^\s*(?:name|email)\s*=\s*\"?([^\"\n]+)", settings, re.MULTILINE)
    names = dict.fromkeys(name.strip() for name in found)
    return tuple(name for name in names if len(name) > 2 and name.lower() not in GENERIC and not name.isdigit())
