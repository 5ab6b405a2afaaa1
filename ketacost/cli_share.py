"""The commands that share: a notebook as one offline page with its copies, and a gallery of such pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def share_command(
    notebook: Annotated[Path, typer.Argument(help="The notebook to share. It is read, never run and never changed.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The page to write, as in page.html.")],
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Write a PDF beside the page (needs Chromium, Chrome or Edge).")
    ] = False,
    live: Annotated[bool, typer.Option("--live", help="Make the panel work in the page, without Python.")] = False,
    ipynb: Annotated[
        Path | None, typer.Option(help="Write a cleaned notebook too, for viewers that run no scripts.")
    ] = None,
    md: Annotated[Path | None, typer.Option(help="Write Markdown too: words and tables.")] = None,
    language: Annotated[str, typer.Option(help="The language of the words around the content: en or es.")] = "en",
    allow: Annotated[
        list[str] | None, typer.Option(metavar="KIND", help="Let a kind of identifier stay; may be given again.")
    ] = None,
    people: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Names that must not be in the page, one a line.")
    ] = None,
    pictures: Annotated[
        bool, typer.Option("--pictures/--no-pictures", help="Draw pictures for where no script runs.")
    ] = True,
) -> None:
    """A notebook as one HTML file to hand to somebody: works without a network, holds no name, no path, no hidden state."""
    from ketacost.identifiers import people_in
    from ketacost.sharing import share_notebook

    made = share_notebook(
        notebook,
        output,
        pdf=pdf,
        live=live,
        language=language,
        allow=tuple(allow or ()),
        people=people_in(people) if people else (),
        ipynb=ipynb,
        md=md,
        draw=pictures,
    )
    for one in made.found:
        typer.echo(f"{one.action}: {one.kind} in {one.where}: {one.excerpt}", err=True)
    for line in made.told:
        typer.echo(line, err=True)
    for path in (made.page, *made.copies):
        typer.echo(f"{path} ({path.stat().st_size / 1e6:.2f} MB)")


def gallery_command(
    pages: Annotated[list[Path], typer.Argument(help="Pages that `ketacost share` made, in the order to list them.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder to write; it is made where it is not there.")
    ],
    language: Annotated[str, typer.Option(help="The language of the index: en or es.")] = "en",
) -> None:
    """A folder with shared pages and an index of them; it opens from a disk, a USB stick or any web server."""
    from ketacost.galleries import gallery

    typer.echo(gallery(pages, output, language=language))


def register(app: typer.Typer) -> None:
    """Put the commands on the command line."""
    app.command("share")(share_command)
    app.command("gallery")(gallery_command)
