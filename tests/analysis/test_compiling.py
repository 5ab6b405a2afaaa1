"""The compiled walk is kept between sessions, and what is wrong with where it is kept never stops anything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import ketacost as kc
from ketacost.core.fields import KetacostError

pytest.importorskip("numba")
pytest.importorskip("pyarrow")

CODE = """
import time
import ketacost as kc
lines = kc.cohort(20, seed=3)
begin = time.process_time()
print(round(kc.adjudicate_frame(lines, kc.cohort_plans())["you_pay"].sum(), 2))
"""


def owed(folder: Path) -> str:
    """What a session of its own works out, with the compiled walk kept in a folder."""
    env = {**os.environ, "KETACOST_CACHE": str(folder)}
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True, env=env)
    return done.stdout


def test_a_kept_walk_that_is_cut_short_or_cannot_be_kept_changes_nothing(tmp_path: Path) -> None:
    first = owed(tmp_path / "kept")
    files = [path for path in (tmp_path / "kept").rglob("*") if path.suffix in (".nbi", ".nbc")]
    assert len(files) >= 2
    assert owed(tmp_path / "kept") == first
    for path in files:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert owed(tmp_path / "kept") == first
    (tmp_path / "a file").write_text("no folder", "utf-8")
    assert owed(tmp_path / "a file") == first


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
