"""Somebody clicks and types at random: the session never fails, order never matters, every amount is the estimate's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moves import Walk, holds_at_the_end
from random_intakes import few_draws
from random_scenarios import MANY

RUNS, MOVES, AT_ONCE = MANY // 50, 20, 10


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    with few_draws(32):
        yield


@pytest.mark.parametrize("first", range(0, RUNS, AT_ONCE))
def test_random_moves_in_random_order(first: int) -> None:
    """Walks of 20 moves; in at least half of them two entries touch, such as plan and network."""
    touched = 0
    for seed in range(first, first + AT_ONCE):
        walk = Walk(seed)
        walk.run(MOVES)
        holds_at_the_end(walk)
        touched += walk.touches()
    assert 2 * touched >= AT_ONCE
