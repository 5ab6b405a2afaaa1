"""How much to elect: worked by hand, and against every dollar tried."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketacost.accounts.fsa import CostOutcome, ElectionAdvice, ElectionError, ElectionPoint, checked, elect, point
from ketacost.taxes.households import Household
from ketacost.taxes.savings import saving

HALF = F(1, 2)


def rate(percent: int, then: int | None = None, above: int = 0) -> Callable[[int], int]:
    """Tax saved at one rate, and above an amount at another."""
    if then is None:
        return lambda amount: amount * percent // 100
    return lambda amount: (min(amount, above) * percent + max(amount - above, 0) * then) // 100


def sure(cost: int) -> list[CostOutcome]:
    return [CostOutcome(F(1), cost)]


def test_a_cost_that_is_certain_is_elected_to_the_dollar() -> None:
    advice = elect(sure(123_456), rate(30), limit=340_000)
    assert advice.best == ElectionPoint(123_456, F(37_036), F(0))
    assert elect(sure(500_000), rate(30), limit=340_000).best.election == 340_000


def test_two_outcomes_and_the_chance_that_decides() -> None:
    """Each dollar saves 30 cents and is lost with the chance of no cost: at one half it does not pay, at a fifth it does."""
    assert elect([CostOutcome(HALF, 0), CostOutcome(HALF, 200_000)], rate(30), limit=340_000).best.election == 0
    best = elect([CostOutcome(F(1, 5), 0), CostOutcome(F(4, 5), 200_000)], rate(30), limit=340_000).best
    assert (best.election, best.saving, best.forfeiture, best.value) == (200_000, 60_000, 40_000, 20_000)


def test_the_newsvendors_rule() -> None:
    """Ten costs from $100 to $1,000, each as likely: at 35 cents a dollar the fourth hundred is the last that pays
    (0.35 > 3/10), the fifth is not (0.35 < 4/10)."""
    even = [CostOutcome(F(1, 10), n * 10_000) for n in range(1, 11)]
    best = elect(even, rate(35), limit=340_000).best
    assert best.election == 40_000
    assert best.value == 14_000 - F(30_000 + 20_000 + 10_000, 10)


def test_what_is_carried_over_is_not_lost() -> None:
    assert elect(sure(100_000), rate(30), limit=340_000, carryover=68_000).best.election == 168_000


def test_a_kink_of_the_tax_stops_the_election() -> None:
    """40 cents a dollar to $500 and 10 above: beyond it half a dollar is at stake for a dime."""
    outcomes = [CostOutcome(HALF, 50_000), CostOutcome(HALF, 200_000)]
    assert elect(outcomes, rate(40, 10, 50_000), limit=340_000).best.election == 50_000
    # A kink between the points of the curve is found to the dollar.
    assert elect(outcomes, rate(80, 10, 77_700), limit=340_000).best.election == 77_700


def test_the_taxes_plug_in() -> None:
    """Single, $60,000 in Texas, 2026: 12% and 7.65% of $2,000 are $393."""
    texan = Household.of(year=2026, state="TX", filing_status="single", wages=60_000, age=40)
    best = elect(sure(200_000), lambda amount: saving(texan, amount, "health FSA").total, limit=340_000).best
    assert (best.election, best.saving) == (200_000, 39_300)


def test_where_there_is_no_tax_nothing_is_elected() -> None:
    advice = elect([CostOutcome(HALF, 0), CostOutcome(HALF, 200_000)], rate(0), limit=340_000)
    assert advice.best.election == 0
    assert advice.sentence.startswith("Elect nothing")


def test_nearly_as_good_is_within_25_dollars_or_one_percent() -> None:
    """At 30 cents a dollar, $25 are $83 too few; on the other side each dollar too many loses 70 cents: $35."""
    advice = elect(sure(100_000), rate(30), limit=340_000, step=100)
    assert (advice.lowest, advice.highest) == (91_700, 103_500)
    big = elect(sure(2_000_000), rate(30), limit=4_000_000, step=100)  # 1% of $6,000 is $60: $200 too few
    assert big.lowest == 1_980_000
    assert repr(big) == "Advice: elect 20000.00, worth 6000.00; 19800.00 to 20085.00 nearly as good"
    assert advice.sentence == "Elect $1,000.00: it is worth about $300. Anything from $920 to $1,040 is nearly as good."


@pytest.mark.parametrize(
    ("outcomes", "limit", "told"),
    [
        ([CostOutcome(HALF, 0)], 1, "add up to one"),
        ([CostOutcome(F(3, 2), 0), CostOutcome(-HALF, 0)], 1, "add up to one"),
        ([CostOutcome(F(1), -1)], 1, "cannot be negative"),
        (sure(1), -1, "limit"),
    ],
)
def test_what_cannot_be_is_told(outcomes: list[CostOutcome], limit: int, told: str) -> None:
    with pytest.raises(ElectionError, match=told):
        elect(outcomes, rate(30), limit=limit)


@pytest.mark.parametrize("wrong", [lambda amount: amount + 1, lambda amount: -1])
def test_law_5_a_saving_below_nothing_or_above_the_contribution_is_refused(wrong: Callable[[int], int]) -> None:
    with pytest.raises(ElectionError, match="cannot save"):
        elect(sure(1_000), wrong, limit=1_000)
    with pytest.raises(ElectionError, match="cannot save"):
        checked(wrong, 100)


WEIGHTS = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 30).map(lambda n: n * 1_000)), min_size=1, max_size=4)


def outcomes_of(weights: list[tuple[int, int]]) -> list[CostOutcome]:
    total = sum(weight for weight, _ in weights)
    return [CostOutcome(F(weight, total), cost) for weight, cost in weights]


@settings(max_examples=40)
@given(WEIGHTS, st.integers(0, 60), st.integers(0, 60), st.sampled_from([0, 5_000]))
def test_no_election_by_the_dollar_is_better(
    weights: list[tuple[int, int]], low: int, high: int, carryover: int
) -> None:
    """Where each further dollar saves no more than the one before, as tax brackets do."""
    outcomes, saved = outcomes_of(weights), rate(max(low, high), min(low, high), 10_000)
    advice: ElectionAdvice = elect(outcomes, saved, limit=30_000, carryover=carryover)
    tried = [point(outcomes, saved, e, carryover=carryover) for e in range(0, 30_001, 100)]
    assert advice.best.value >= max(one.value for one in tried)
    assert advice.lowest <= advice.best.election <= advice.highest
    assert advice.curve[0] == ElectionPoint(0, F(0), F(0))
    assert advice.curve[-1].election == 30_000
    for before, after in zip(advice.curve, advice.curve[1:], strict=False):
        assert before.election < after.election
        assert before.forfeiture <= after.forfeiture
        assert after.value <= after.saving <= after.election


def test_of_what_is_not_spent_a_part_is_carried_over_and_the_rest_lost() -> None:
    """Of 1,000 put in 400 are spent: 600 stay, of which 500 may be carried over and 100 are lost."""
    spent = [CostOutcome(F(1), 40_000)]
    assert point(spent, lambda put_in: 0, 100_000, carryover=50_000) == ElectionPoint(100_000, F(0), F(10_000))
