"""What a command is given and prints: files, `-` for standard input and output, entries as ENTRY=VALUE, texts."""

from __future__ import annotations

import json as json_text
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import get_terminal_size
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Unpack

import typer

from ketacost.core.fields import KetacostError
from ketacost.core.untrusted import SMALL_FILE
from ketacost.core.words import WIDE, fitted, told, visible

if TYPE_CHECKING:
    from ketacost.analysis.cohorts import CohortOptions

STREAM = "-"


@contextmanager
def given(path: str | Path, suffix: str) -> Iterator[Path]:
    """A file to read; for `-` one with what comes in, kept while it is read. Raises KetacostError for too much of it.

    Its ending is `suffix`, or .json where a table in JSON begins.
    """
    if str(path) != STREAM:
        yield Path(path)
        return
    data = sys.stdin.buffer.read(SMALL_FILE + 1)
    if len(data) > SMALL_FILE:
        raise KetacostError(f"at most {SMALL_FILE / 1e6:,.0f} MB are read from standard input; give a file")
    with TemporaryDirectory(prefix="ketacost-") as folder:
        file = Path(folder) / f"standard input{'.json' if data.lstrip().startswith(b'{') else suffix}"
        file.write_bytes(data)
        yield file


@contextmanager
def wanted(path: Path) -> Iterator[Path]:
    """A CSV file to write; for `-` one whose text goes out when it is written."""
    if str(path) != STREAM:
        yield path
        return
    with TemporaryDirectory(prefix="ketacost-") as folder:
        file = Path(folder) / "standard output.csv"
        try:
            yield file
        finally:
            if file.is_file():
                sys.stdout.write(file.read_text("utf-8-sig"))
                sys.stdout.flush()


def may_write(output: Path, *sources: Path) -> None:
    """Refuse an output in no folder, and one that is what it is made of. Raises KetacostError."""
    if not output.absolute().parent.is_dir():
        raise KetacostError(f"there is no folder {output.absolute().parent} to write {output.name} in")
    if output.resolve() in [source.resolve() for source in sources]:
        raise KetacostError(f"{output} would be overwritten; give the output another name")


def settings_in(settings: Sequence[str]) -> dict[str, str]:
    """Entries as `--set` has them. Raises KetacostError for one without its value."""
    changes = {}
    for setting in settings:
        path, equals, value = setting.partition("=")
        if not equals or not path.strip():
            raise KetacostError(f"--set takes ENTRY=VALUE, as in prices.iv-mood.infusion=550, got {told(setting)}")
        changes[path.strip()] = value.strip()
    return changes


@contextmanager
def progress_of(of: int) -> Iterator[Callable[[int], None]]:
    """Tell how many rows are done: a bar on a terminal, elsewhere a word now and then when there are many."""
    if not sys.stderr.isatty():
        yield lambda done: say(f"{done:,} of {of:,}", err=True) if done % 2_000 == 0 else None
        return
    with typer.progressbar(length=of, label="Scenarios", file=sys.stderr) as bar:
        yield lambda done: bar.update(1)


def line_width() -> int:
    """How many signs a line on the terminal holds; many where what is printed goes elsewhere."""
    return get_terminal_size((WIDE, 24)).columns if sys.stdout.isatty() else WIDE


def show(text: str) -> None:
    """Print lines of words, folded where the terminal is narrower."""
    say(fitted(text, line_width()))


def print_names(names: Mapping[str, str], *, json: bool) -> None:
    """Print names with what they are called."""
    if json:
        say(json_text.dumps([{"name": name, "title": title} for name, title in names.items()], indent=2))
        return
    show("\n".join(f"{name}: {title}" for name, title in names.items()))


def say(text: object = "", *, err: bool = False, nl: bool = True) -> None:
    """Print a text, with nothing in it that steers the terminal and nothing that it cannot show."""
    stream = sys.stderr if err else sys.stdout
    encoding = getattr(stream, "encoding", None) or "utf-8"
    start, plain = ("\r", str(text)[1:]) if str(text).startswith("\r") else ("", str(text))
    shown = visible(plain).encode(encoding, "backslashreplace").decode(encoding)
    typer.echo(start + shown, err=err, nl=nl)


def adjudicate_many(
    claims: Path, plans: Sequence[str], used: Path | None, output: Path, **options: Unpack[CohortOptions]
) -> None:
    """Take the lines of many patients through their plans, into files."""
    from ketacost.files.cohort_files import Progress, adjudicate_files, adjudicate_to_file, load_plans, load_used_table

    may_write(output, claims, *([used] if used else []))
    before = load_used_table(used) if used else None
    if output.suffix in (".csv", ".parquet"):
        rows = adjudicate_to_file(claims, output, load_plans(plans), before, **options)
    else:
        seen = sys.stderr.isatty()

        def tell(progress: Progress) -> None:
            if seen:
                say(f"\r{progress}  ", err=True, nl=False)

        try:
            rows = adjudicate_files(claims, output, load_plans(plans), before, **options, progress=tell)
        except KeyboardInterrupt:
            say(f"\nstopped; what is in {output} is whole, and the same command goes on from there", err=True)
            raise typer.Exit(130) from None
        if seen:
            say(err=True)
    under = f" under the rule {rule!r}" if (rule := options["rule"]) else ""
    say(f"{rows:,} {'patients' if options['totals'] else 'lines'}{under}; written to {output}", err=True)
