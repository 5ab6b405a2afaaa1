"""What is handed to an index: an sdist carries what a live page needs, gives the same wheel, and its page has no dead links."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from hashlib import sha256
from pathlib import Path

import pytest
from places import ROOT

from ketacost.sharing.pyodide import missing

FETCHED = pytest.mark.skipif(bool(missing()), reason="the packages were not fetched: run `ketacost fetch`")


def built(source: Path, kind: str, output: Path) -> Path:
    """An sdist or a wheel of a folder, as a front end builds it."""
    code = f"from hatchling.build import build_{kind} as build; print(build({str(output)!r}))"
    run = subprocess.run([sys.executable, "-c", code], cwd=source, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return output / run.stdout.split()[-1]


def checkout(folder: Path) -> Path:
    """The files that git holds or would hold, and what was fetched, in a folder."""
    held = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in held:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "ketacost" / "vendor", folder / "ketacost" / "vendor")
    shutil.copy(ROOT / ".gitignore", folder)
    return folder


def contents(wheel: Path) -> dict[str, str]:
    """The files of a wheel with their hashes, its list of them left out."""
    with zipfile.ZipFile(wheel) as file:
        return {name: sha256(file.read(name)).hexdigest() for name in file.namelist() if not name.endswith("/RECORD")}


@FETCHED
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="the files to pack are those that git holds")
def test_a_wheel_from_the_sdist_is_the_wheel(tmp_path: Path) -> None:
    source = checkout(tmp_path / "checkout")
    sdist = built(source, "sdist", tmp_path)
    with tarfile.open(sdist) as tar:
        tar.extractall(tmp_path / "unpacked", filter="data")
    [unpacked] = (tmp_path / "unpacked").iterdir()
    assert {"LICENSE", "tests", "docs", "notebooks", "data", "ketacost"} <= set(os.listdir(unpacked))
    direct, again = (built(folder, "wheel", tmp_path / name) for name, folder in (("a", source), ("b", unpacked)))
    held = contents(direct)
    assert contents(again) == held
    for name in ("vendor/pyodide/pyodide.asm.wasm", "notebooks/01_what_will_it_cost.ipynb", "data/sources.csv"):
        assert f"ketacost/{name}" in held
    with zipfile.ZipFile(direct) as file:
        page = message_from_bytes(file.read("ketacost-0.1.0.dist-info/METADATA"))
        licences = {name.partition("/licenses/")[2] for name in file.namelist() if "/licenses/" in name}
    assert page["Requires-Python"] == ">=3.11"
    assert {"LICENSE", "ketacost/assets/licences/MPL-2.0.txt", "ketacost/assets/licences/Python.txt"} <= licences
    text = str(page.get_payload())
    assert "Insurance usually does not cover ketamine infusions" in text
    assert re.findall(r"\]\((?!https?:)", text) == []


@FETCHED
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="the files to pack are those that git holds")
def test_without_the_fetched_files_there_is_no_sdist(tmp_path: Path) -> None:
    source = checkout(tmp_path / "checkout")
    (source / "ketacost" / "vendor" / "pyodide" / "pyodide.mjs").unlink()
    code = f"from hatchling.build import build_sdist; build_sdist({str(tmp_path)!r})"
    run = subprocess.run([sys.executable, "-c", code], cwd=source, capture_output=True, text=True, check=False)
    assert run.returncode
    assert "run `ketacost fetch` first; these files are missing or changed: pyodide/pyodide.mjs" in run.stderr
    assert not list(tmp_path.glob("*.tar.gz"))
    assert built(source, "wheel", tmp_path).is_file()  # `pip install .` goes on without them
