"""`make test` runs every part in its order, whatever fails in one of them, and ends as bad as the worst."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from places import ROOT

THREE = ("tests/analysis", "tests/estimate", "tests/laws", "tests/reports")
PARTS = (
    *("ruff check", "mypy", f"pytest tests --ignore=tests/browser {' '.join(f'--ignore={room}' for room in THREE)}"),
    "pytest --nbval --nbval-current-env notebooks",
)
BROWSER = sorted(f"tests/browser/{path.name}" for path in (ROOT / "tests/browser").glob("test_*.py"))
HALF = [name for name in BROWSER if name < "tests/browser/test_n"]
BESIDE = tuple(f"pytest {' '.join(part)}" for part in (HALF, BROWSER[len(HALF) :], THREE))
STUB = """#!/bin/sh
line="$(basename "$0")${*:+ $*}"
echo "ran $line"
[ "$line" != "$FAILS" ]
"""
"""A program that says how it was called, and fails where it is told to."""

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="no make on this machine")


def made(folder: Path, fails: str) -> subprocess.CompletedProcess[str]:
    """What `make test` does with programs that only say that they ran."""
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    programs.mkdir()
    for name in ("ruff", "mypy", "pytest", "ketacost"):
        (programs / name).write_text(STUB, "utf-8")
        (programs / name).chmod(0o755)
    for name in (".locked", ".installed"):  # newer than the lock: nothing is to be set up
        (folder / name).touch()
    command = ["make", "--silent", "test", f"VENV={folder}"]
    environment = os.environ | {"FAILS": fails}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("fails", ["nothing", *PARTS, *BESIDE])
def test_every_part_runs_in_its_order_whatever_fails(tmp_path: Path, fails: str) -> None:
    run = made(tmp_path, fails)
    assert [line.removeprefix("ran ") for line in run.stdout.splitlines() if line.startswith("ran ")] == [
        "ketacost fetch --try",
        *PARTS,
        *BESIDE,
    ]
    assert (run.returncode != 0) == (fails != "nothing")
