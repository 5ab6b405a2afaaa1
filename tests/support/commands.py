"""The command line as a test calls it: what it prints, and what it tells when it refuses."""

from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from ketacost.cli import app
from ketacost.files.batch import read_bill
from ketacost.model.courses import ServiceLine


def call(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def said(*words: object) -> str:
    """What a command that goes well prints."""
    result = call(*words)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def refused(*words: object) -> str:
    """What a command that is refused tells, in plain words, after the word that begins every error."""
    result = call(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert "Error: " in result.stderr
    return result.stderr.replace("Error: ", "", 1)


def sheet(folder: Path, *rows: str, name: str = "rows.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def read_lines(path: Path, **how: Any) -> tuple[tuple[ServiceLine, ...], tuple[str, ...]]:
    """The claim lines of a sheet, and what is wrong with the rows that are none."""
    return read_bill(path, **how)[:2]
