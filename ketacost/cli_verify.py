"""The command that checks a shared page again: 0 where its numbers come out, 1 where they do not, 2 where nobody can tell."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated

import typer


def verify_command(
    page: Annotated[Path, typer.Argument(help="A shared page, or a notebook that holds a fingerprint.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON; docs/verify.md describes it.")] = False,
    original: Annotated[
        str | None, typer.Option(metavar="SCENARIO", help="The scenario file or example that the page is said to show.")
    ] = None,
) -> None:
    """Can a shared page's numbers be had today? What moved is named, with the reason; a page is read and never run."""
    from ketacost.files import load
    from ketacost.verdicts import verdict_as_dict, verdict_text, verify

    verdict = verify(page, original=load(original) if original else None)
    typer.echo(json_text.dumps(verdict_as_dict(verdict), indent=2) if json else verdict_text(verdict))
    raise typer.Exit(0 if verdict.reproduces else 1)


def register(app: typer.Typer) -> None:
    """Put the command on the command line."""
    app.command("verify")(verify_command)
