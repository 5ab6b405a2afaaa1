"""Write the second half of docs/command-line.md, every command with every option: python tools/write_options.py.

The first half is written by hand and stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from ketacost.cli import app

PAGE = Path(__file__).resolve().parent.parent / "docs" / "command-line.md"
HEADING = "## Every command and option"


def commands() -> dict[str, Any]:
    """The commands by name, in the order of the help."""
    held: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    return held


def options(command: Any) -> list[Any]:
    """What a command takes after dashes, its help left out."""
    return [one for one in command.params if one.param_type_name == "option"]


def written(one: Any) -> str:
    """An option as it is typed, with what it takes."""
    names = "/".join([*one.opts, *one.secondary_opts]) if one.secondary_opts else ", ".join(one.opts)
    return f"`{names}`" if one.is_flag else f"`{names} {one.metavar}`"


def section(name: str, command: Any) -> Iterator[str]:
    """A command: what it does, how it is called, and a row for each option."""
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    called = " ".join([f"ketacost {name}", *(one.metavar if one.required else f"[{one.metavar}]" for one in arguments)])
    yield f"### `{called}`"
    yield ""
    yield " ".join(command.help.split())
    yield ""
    rows = [(f"`{one.metavar}`", one.help) for one in arguments] + [
        (written(one), one.help) for one in options(command)
    ]
    if rows:
        yield "| what | meaning |"
        yield "| --- | --- |"
        yield from (f"| {what} | {meaning.replace('|', '/')} |" for what, meaning in rows)
        yield ""


def page(text: str) -> str:
    """The page with its second half written again."""
    parts = [line for name, command in commands().items() for line in section(name, command)]
    intro = "As `--help` says them; `tools/write_options.py` writes this part."
    return "\n".join([text.partition(HEADING)[0].rstrip(), "", HEADING, "", intro, "", *parts]).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
