"""The compiled walk is kept between sessions, and what is wrong with where it is kept never stops anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ketacost as kc
from ketacost.analysis import compiling
from ketacost.core.fields import KetacostError

numba = pytest.importorskip("numba")
pytest.importorskip("pyarrow")

CODE = """
import ketacost as kc
lines = kc.cohort(20, seed=3)
print(round(kc.adjudicate_frame(lines, kc.cohort_plans())["you_pay"].sum(), 2))
"""


def owed(folder: Path) -> str:
    """What a session of its own works out, with the compiled walk kept in a folder."""
    env = {**os.environ, "KETACOST_CACHE": str(folder)}
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True, env=env)
    return done.stdout


def test_a_kept_walk_is_taken_and_one_that_is_cut_short_changes_nothing(tmp_path: Path, compiled: Path) -> None:
    here = f"{kc.adjudicate_frame(kc.cohort(20, seed=3), kc.cohort_plans())['you_pay'].sum():.2f}"
    kept = shutil.copytree(compiled, tmp_path / "kept")
    files = {path: path.read_bytes() for path in kept.rglob("*") if path.suffix in (".nbi", ".nbc")}
    assert len(files) >= 2
    assert float(owed(kept)) == float(here)
    assert {path: path.read_bytes() for path in files} == files, "it was compiled again"
    for path, whole in files.items():
        path.write_bytes(whole[: len(whole) // 2])
    assert float(owed(kept)) == float(here)


def test_a_walk_that_cannot_be_kept_is_compiled_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a file where the folder should be; a function of one line stands for the walk, which takes long to compile."""

    def twice(cents: int) -> int:
        return 2 * cents

    (tmp_path / "a file").write_text("no folder", "utf-8")
    for place, kept in (("a folder", True), ("a file", False)):
        monkeypatch.setenv("KETACOST_CACHE", str(tmp_path / place))
        compiled = numba.njit(twice)
        compiled._cache = compiling._kept(twice)
        assert compiled(21) == 42
        assert bool(list(tmp_path.glob(f"{place}/*.nbi"))) == kept


def test_a_variant_that_cannot_be_compiled_says_so() -> None:
    def talks(charge, allowed, covered, terms, left):  # type: ignore[no-untyped-def]
        return str(charge).format(**{})

    rule = kc.data.Rule("talks", "It returns words.", split=talks)
    with pytest.raises(KetacostError, match="'talks' cannot be compiled for a cohort"):
        kc.adjudicate_frame(kc.cohort(20, seed=3), kc.cohort_plans(), rule=rule)


def test_one_patient_compiles_nothing() -> None:
    """An answer, an estimate and a batch row load neither numba nor numpy."""
    code = (
        "import sys, ketacost as kc\n"
        "kc.run(kc.example('readme-patient'))\n"
        "print(sorted({'numba', 'numpy', 'pandas', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
