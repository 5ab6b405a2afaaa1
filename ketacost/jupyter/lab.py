"""The notebooks in the user's own folder, and JupyterLab on them; a changed notebook is never overwritten."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

from ketacost.core.fields import KetacostError
from ketacost.core.resources import PACKAGE, shipped
from ketacost.core.writing import mark_of, mark_of_bytes, write_whole

KEPT = ".ketacost.json"
"""The file beside the user's notebooks with a hash of each shipped file as last copied."""

FIRST = "01_what_will_it_cost.ipynb"
"""The notebook that JupyterLab opens on."""


def prepare(folder: str | Path | None = None) -> tuple[Path, tuple[str, ...]]:
    """The folder to open, and what was brought there. A checkout's own notebooks are opened where they are."""
    if folder is None and shipped("notebooks").parent != PACKAGE:
        return shipped("notebooks"), ()
    target = Path(folder or "ketacost-notebooks").resolve()
    return target, bring(shipped("notebooks"), target)


def bring(source: Path, target: Path) -> tuple[str, ...]:
    """Copy the shipped files that are not there, renew those that the user did not change, and tell what was done.

    Where the user changed one and a newer one ships, the newer one is put beside it as `NAME (new).ipynb`.
    Raises KetacostError where the notebooks are not installed.
    """
    if not source.is_dir():
        raise KetacostError("this install has no notebooks; get them from the project's source")
    target.mkdir(parents=True, exist_ok=True)
    kept = _kept(target)
    actions = []
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source)
        if path.is_file() and not any(part[0] == "." or part == "__pycache__" for part in name.parts):
            actions += _bring_file(path, target, name.as_posix(), kept)
    write_whole(target / KEPT, json.dumps({"brought": dict(sorted(kept.items()))}, indent=2) + "\n")
    return tuple(actions)


def command(folder: Path, *, port: int, browser: bool = True, more: Sequence[str] = ()) -> list[str]:
    """The command that opens JupyterLab on a folder's first notebook: on this machine alone, offline, quiet.

    Raises ModuleNotFoundError where only the core is installed.
    """
    if find_spec("jupyterlab") is None:
        raise ModuleNotFoundError("JupyterLab is not installed", name="jupyterlab")
    return [
        *(sys.executable, "-m", "jupyterlab"),
        *(f"--ServerApp.root_dir={folder}", "--ServerApp.ip=127.0.0.1"),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--Application.log_level=ERROR"),
        # the app serves by itself; here it prints warnings
        "--ServerApp.jpserver_extensions=voila.server_extension=False",
        *("--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"),
        f"--LabApp.default_url={_page(folder)}",
        *([] if browser else ["--no-browser"]),
        # a container's only user is often root, and JupyterLab would not start for it
        *(["--ServerApp.allow_root=True"] if getattr(os, "geteuid", lambda: 1)() == 0 else []),
        *more,
    ]


def _page(folder: Path) -> str:
    return f"/lab/tree/{FIRST}" if (folder / FIRST).is_file() else "/lab"


def address(folder: Path, port: int, key: str) -> str:
    """Where the first notebook of a folder is open, with the key of this start."""
    return f"http://127.0.0.1:{port}{_page(folder)}?token={key}"


def has_screen(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a browser can be shown: on Linux there must be a display."""
    display = environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    return not sys.platform.startswith("linux") or bool(display)


def start(words: list[str], key: str) -> None:
    """Become JupyterLab; on Windows, run it and end with it. The key goes by the environment: nobody else reads it."""
    environment = {**os.environ, "JUPYTER_TOKEN": key}
    if sys.platform == "win32":
        raise SystemExit(subprocess.call(words, env=environment))
    os.execve(words[0], words, environment)


def _bring_file(path: Path, target: Path, name: str, kept: dict[str, str]) -> list[str]:
    content = _brought(path)
    new, before, mine = mark_of_bytes(content), kept.get(name), target / name
    kept[name] = new
    if not mine.exists():
        action = f"{name}: copied"
    elif new in (mark_of(mine), before):
        return []
    elif mark_of(mine) == before:
        action = f"{name}: renewed; you had not changed it"
    else:
        name = _beside(name, new, target, kept)
        if mark_of(target / name) == new:
            return []
        action = f"{name}: a newer one; yours is as you left it"
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    write_whole(target / name, content)
    kept[name] = new
    return [action]


def _beside(name: str, new: str, target: Path, kept: Mapping[str, str]) -> str:
    """A name for a newer one: free, or taken by one that the user did not change."""
    path = Path(name)
    names = (path.with_stem(f"{path.stem} (new{f' {number}' * (number > 1)})").as_posix() for number in count(1))
    return next(free for free in names if mark_of(target / free) in ("", new, kept.get(free)))


def _brought(path: Path) -> bytes:
    """What a shipped file is in the user's folder: notebooks there begin with the patient last saved or left off."""
    content = path.read_bytes()
    return filled(content.decode("utf-8"), None, None).encode() if path.suffix == ".ipynb" else content


def _kept(target: Path) -> dict[str, str]:
    """What was brought before; nothing where that cannot be read, so that every differing file counts as changed."""
    try:
        table = json.loads((target / KEPT).read_text(encoding="utf-8"))
        return {str(name): str(digest) for name, digest in table["brought"].items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return {}


TAG = "parameters"
"""The tag of the cell of a notebook that names its patient and its day, as papermill has it."""


def parameters_of(book: Mapping[str, Any]) -> dict[str, Any] | None:
    """The cell with the tag; None where a notebook has none."""
    cells = (cell for cell in book.get("cells", ()) if TAG in cell.get("metadata", {}).get("tags", ()))
    return next(cells, None)


def filled(text: str, scenario: str | None, today: str | None) -> str:
    """The text of a notebook's file whose parameters name a scenario and a day; as it is where it has no such cell.

    None for both takes the patient last saved or left off, on the day it was saved.
    """
    try:
        book = json.loads(text)
        cell = parameters_of(book)
    except (ValueError, AttributeError):
        return text
    if cell is None:
        return text
    comment = "  # a file or an example; None takes the patient last saved or left off"
    cell["source"] = [f"scenario = {json.dumps(scenario) if scenario else None}{comment}\n"]
    cell["source"].append(f"today = {json.dumps(today) if today else None}")
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"
