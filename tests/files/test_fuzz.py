"""Malformed input at every way in, faults and load in small; `tools/fuzz.py`, `faults.py` and `mutants.py` do it at length."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import faults
import fuzz
import mutants
import pytest
from hostile import EDITS, WAYS_IN, fault_of, spoiled
from hypothesis import given, settings
from hypothesis import strategies as st

from ketacost.core.fields import KetacostError

FAILED_BEFORE = {
    "scenario file": (74_890,),
    "batch rows": (1_001_505, 1_003_214, 1_003_700),
    "panel requests": (23, 55),
}
"""Inputs, by number, that once were faults."""


@pytest.mark.parametrize("way", WAYS_IN)
@settings(max_examples=30)
@given(number=st.integers(0, 999_999), edits=EDITS)
def test_malformed_input_is_taken_or_refused_in_words(way: str, number: int, edits: list[object]) -> None:
    given = spoiled(WAYS_IN[way], number, edits)  # type: ignore[arg-type]
    assert fault_of(WAYS_IN[way].enter, given) is None, given


@pytest.mark.parametrize("way", FAILED_BEFORE)
def test_what_was_a_fault_is_none(way: str) -> None:
    for number in FAILED_BEFORE[way]:
        assert fault_of(WAYS_IN[way].enter, fuzz.given(WAYS_IN[way], number)) is None, number


def test_a_fault_is_seen() -> None:
    def breaks(given: object) -> object:
        if given == "refused":
            raise KetacostError("write a day")
        if given == "python":
            raise KetacostError("got datetime.date(2026, 1, 1)")
        if given == "empty":
            raise KetacostError("")
        raise KeyError(given)

    assert fault_of(breaks, "refused") is None
    kinds = [found.kind for given in ("python", "empty", "x") if (found := fault_of(breaks, given))]
    assert kinds[:2] == ["Python's words: datetime.", "an empty message"]
    assert kinds[2].startswith("KeyError at test_fuzz.py")


def test_no_kill_leaves_anything_broken() -> None:
    assert faults.killed(5, seed=7) == []


def test_a_broken_file_is_seen(tmp_path: Path) -> None:
    for name, text in (
        ("a.toml", "plan = "),
        ("a.html", "<p>"),
        ("a.ipynb", "{"),
        ("a.csv", "a,b\n1"),
        ("a.xlsx", "x"),
    ):
        (tmp_path / name).write_text(text)
        assert faults.whole(tmp_path / name)


def test_load_takes_no_growing_memory() -> None:
    assert faults.loaded(60, 60, 3) == []


def test_every_mutant_is_another_program_that_can_be_read() -> None:
    found = mutants.mutants("accounts/fsa")
    right = (mutants.ROOT / "ketacost" / "accounts" / "fsa.py").read_text("utf-8")
    assert len(found) > 100
    for mutant in found:
        assert mutant.text != right
        compile(mutant.text, mutant.change, "exec")
    known = {(mutant.module, mutant.line, mutant.change) for name in mutants.TESTS for mutant in mutants.mutants(name)}
    assert set(mutants.EQUIVALENT) <= known, "a mutant that is known to be the same program is not there any more"


def test_a_few_mutants_of_money_are_killed() -> None:
    """By seed; `make mutants` tries many, of every module of the rules."""
    words = [sys.executable, mutants.__file__, "core/money", "--each", "5", "--seed", "2"]
    run = subprocess.run(words, capture_output=True, text=True, check=False)
    assert "5 of 5 killed" in run.stdout, run.stdout + run.stderr
