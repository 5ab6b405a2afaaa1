"""The spread of the net: by hand on small cases, its laws on random ones, and the search against looking at every case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from random import Random

import pytest
from small_scenarios import ALLOWED, forget_results, small

import ketacost as kc
from ketacost.core.convert import put
from ketacost.core.fields import KetacostError
from ketacost.estimate import cases as module
from ketacost.estimate.answer import run
from ketacost.estimate.cases import Combinations, combinations
from ketacost.estimate.estimate import eight_of_ten, how_often, spread
from ketacost.estimate.outlook import outlook
from ketacost.estimate.scenario import Scenario, network_of
from ketacost.estimate.unknowns import unknowns
from ketacost.model.courses import Prices
from ketacost.model.coverage import DecisionPath
from ketacost.model.plans import published_plan, published_plans
from ketacost.model.protocols import protocols
from ketacost.workbench.edits import allowed_path, main_service, start_with, usable_networks


def test_one_unknown_by_hand() -> None:
    """Denied and visits only: all $1,450. Infusions too: the deductible takes $500, 40% of $450 is $180, $500 is above
    what the plan counts: $1,180."""
    odds = {"coverage": (2_500, 2_500, 5_000)}
    found = spread(small(ranges={"coverage": ("denied", "visits only", "infusions too")}, odds=odds))
    assert (found.likely, found.low, found.high) == (118_000, 118_000, 145_000)
    assert (found.p10, found.p90) == (118_000, 145_000)
    assert found.expected == Fraction(118_000 + 145_000, 2)
    assert found.expected_cents == 131_500
    assert found.chance_over(120_000) == Fraction(1, 2)
    assert (found.chance_over(145_000), found.chance_over(0)) == (0, 1)
    assert found.dots == (118_000,) * 5 + (145_000,) * 5
    assert found.sentence == "In 8 of 10 cases it is between $1,180 and $1,450."


def test_a_low_and_a_high_value_around_the_entry_are_three_points_by_hand() -> None:
    """At $200: the deductible takes $250, $200 and $50; 40% of $150 is $60, so the plan pays $90: $1,360. At $350: $1,180.
    At $450: 40% of $650 is $260, the plan pays $390: $1,060. 0.3, 0.4 and 0.3 of them are $1,198."""
    asked = small(ranges={ALLOWED: ("200", "450")})
    (one,) = unknowns(asked)
    assert one.odds == (Fraction(3, 10), Fraction(4, 10), Fraction(3, 10))
    assert one.grade == "assumption"
    assert [citation.grade for citation in one.citations] == ["assumption"]
    found = spread(asked)
    assert [(case.net, case.chance) for case in found.cases] == [
        (136_000, Fraction(3, 10)),
        (118_000, Fraction(4, 10)),
        (106_000, Fraction(3, 10)),
    ]
    assert found.expected == 119_800
    assert (found.p10, found.p90) == (106_000, 136_000)


def test_a_value_at_zero_counts_for_the_extremes_alone() -> None:
    asked = small(ranges={ALLOWED: ("200", "350", "450")}, odds={ALLOWED: (0, 9_500, 500)})
    found = spread(asked)
    assert (found.low, found.high) == (106_000, 136_000)
    assert (found.p10, found.p90) == (118_000, 118_000)
    assert found.expected == Fraction(118_000 * 95 + 106_000 * 5, 100)
    assert "at least 8 of 10 cases it is $1,180" in found.sentence


@pytest.mark.parametrize(
    ("odds", "told"),
    [
        ((5_000, 5_000), "2 shares for 3 values"),
        ((5_000, 4_000, 500), "should add to 100%, got 50% \\+ 40% \\+ 5% = 95%"),
        ((11_000, -1_000, 0), "should add to 100%"),
    ],
)
def test_odds_that_do_not_fit_are_refused(odds: tuple[int, ...], told: str) -> None:
    with pytest.raises(KetacostError, match=told):
        small(ranges={ALLOWED: ("200", "350", "450")}, odds={ALLOWED: odds})


def test_odds_of_an_entry_that_is_known_go() -> None:
    asked = small(ranges={ALLOWED: ("200", "450")}, odds={ALLOWED: (5_000, 5_000)})
    assert asked.replace(ranges={}).odds == {}


def test_the_outcome_and_the_cost_of_its_steps_are_tied() -> None:
    """By hand: a no is appealed for $100 and 1 in 4 wins. 20%: $1,180; 80% x 25%: $1,280; 80% x 75%: $1,550."""
    path = DecisionPath(2_000, 0, internal=2_500, appeal=True, step_costs={"internal_appeal": 10_000})
    asked = small(payer="individual", path=path, ranges={"coverage": ("denied", "visits only", "infusions too")})
    found = spread(asked)
    assert {(case.net, case.chance) for case in found.cases} == {
        (118_000, Fraction(2, 10)),
        (128_000, Fraction(2, 10)),
        (155_000, Fraction(6, 10)),
    }
    assert found.expected == outlook(asked).expected == Fraction(118_000 * 2 + 128_000 * 2 + 155_000 * 6, 10)


def test_a_chance_that_is_not_known_itself_moves_the_odds_of_the_outcome() -> None:
    """By hand: the appeal wins 0 or 1 time in 2, each as likely: on average 1 in 4, as in the case above."""
    path = DecisionPath(2_000, 0, internal=2_500, appeal=True, step_costs={"internal_appeal": 10_000})
    ranges = {"coverage": ("denied", "infusions too"), "path.internal": ("0%", "50%")}
    odds = {"path.internal": (5_000, 5_000)}
    found = spread(small(payer="individual", path=path, ranges=ranges, odds=odds))
    assert sum(case.chance for case in found.cases) == 1
    assert found.expected == Fraction(118_000 * 2 + 128_000 * 2 + 155_000 * 6, 10)


def test_nothing_unknown_is_one_case() -> None:
    found = spread(small())
    assert (found.low, found.p10, found.p90, found.high, found.expected) == (118_000,) * 5
    assert found.dots == (118_000,) * 10
    assert found.sentence == "Nothing that is not known changes it: it is $1,180."


def test_eight_of_ten_leave_at_most_one_in_ten_at_each_end() -> None:
    tenths = tuple((net, Fraction(1, 10)) for net in range(10))
    assert eight_of_ten(tenths) == (1, 8)
    assert eight_of_ten(((1, Fraction(1, 20)), (2, Fraction(9, 10)), (3, Fraction(1, 20)))) == (2, 2)


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (Fraction(1, 5), "2 in 10"),
        (Fraction(1, 2), "5 in 10"),
        (Fraction(1, 3), "1 in 3"),
        (Fraction(3, 4), "3 in 4"),
        (Fraction(23, 100), "2 in 10"),
        (Fraction(31, 100), "3 in 10"),
        (Fraction(94, 100), "9 in 10"),
        (Fraction(1, 11), "1 in 10"),
        (Fraction(1, 50), "1 in 50"),
        (Fraction(96, 100), "nearly always"),
        (Fraction(99, 100), "nearly always"),
        (Fraction(0), "never"),
        (Fraction(1), "always"),
    ],
)
def test_chances_read_as_people_understand_them(chance: Fraction, words: str) -> None:
    assert how_often(chance) == words


# Laws, on random scenarios


def asked_at_random(r: Random, number: int) -> Scenario | None:
    """A published plan and a protocol with so many entries not known; what stands is among the values."""
    designs = [name for name in published_plans() if usable_networks(published_plan(name).plan)]
    start = date(2026, r.randint(1, 12), r.randint(1, 28))
    s = start_with(r.choice(list(protocols())), start=start, published=r.choice(designs))
    if network_of(s) is None:
        return None
    main, at = main_service(s), f"plan.networks.{s.network}"
    pool: dict[str, tuple[str, ...]] = {
        "coverage": ("denied", "visits only", "infusions too"),
        f"prices.charges.{main}": _amounts(r, 100, 1_500),
        allowed_path(s, main): _amounts(r, 50, 900),
        f"{at}.deductible": _amounts(r, 0, 6_000),
        f"{at}.benefits.default.coinsurance": tuple(f"{x}%" for x in sorted(r.sample(range(0, 70, 5), 3))),
        f"{at}.out_of_pocket_limit": (*_amounts(r, 500, 16_000)[:2], "none"),
        "plan.plan_year_starts": tuple(map(str, r.sample(range(1, 13), 3))),
        "waived": ("true", "false"),
    }
    if s.network == "out":
        pool["plan.networks.out"] = ("as it is", "no benefit")
    ranges = {path: pool[path] for path in r.sample(sorted(pool), number)}
    for path in sorted(ranges, key=lambda one: -one.count(".")):
        if path != "plan.networks.out":
            s = put(s, path, r.choice(ranges[path]))
    return s.replace(ranges=ranges)


def _amounts(r: Random, low: int, high: int) -> tuple[str, ...]:
    return tuple(map(str, sorted(r.sample(range(low, high, 10), 3))))


def scenarios(seed: int, count: int, number: int) -> Iterator[Scenario]:
    """Scenarios that can be worked out in every combination."""
    r, found = Random(seed), 0
    while found < count:
        s = asked_at_random(r, number)
        try:
            if s is None:
                continue
            run(s)
        except KetacostError:
            continue
        found += 1
        yield s


def test_the_laws_of_a_spread_hold() -> None:
    for s in scenarios(5, 60, 3):
        found = spread(s)
        assert sum((case.chance for case in found.cases), Fraction(0)) == 1
        assert found.low <= found.p10 <= found.p90 <= found.high
        assert found.low <= found.expected <= found.high
        assert found.low <= found.likely <= found.high
        assert list(found.dots) == sorted(found.dots)
        inside = 1 - found.chance_over(found.p90) - (1 - found.chance_over(found.p10 - 1))
        assert inside >= Fraction(8, 10)


def test_the_order_of_the_ranges_changes_nothing() -> None:
    for s in (*scenarios(6, 15, 3), *scenarios(7, 4, 6)):
        turned = s.replace(ranges=dict(reversed(list(s.ranges.items()))))
        combinations_before = [(case.chance, case.net) for case in spread(s).cases]
        forget_results()
        assert [(case.chance, case.net) for case in spread(turned).cases] == combinations_before
        assert (run(s).low, run(s).high) == (run(turned).low, run(turned).high)


def learned(s: Scenario, path: str, value: str) -> Scenario:
    """The scenario with one entry known; without a benefit nothing below it is left to know."""
    gone = (path, f"{path}.") if value == "no benefit" else (path,)
    left = s.replace(
        ranges={name: some for name, some in s.ranges.items() if name != path and not name.startswith(gone[1:])}
    )
    return left if value == "as it is" else put(left, path, value)


def test_learning_a_value_never_widens_the_extremes() -> None:
    for s in scenarios(8, 25, 3):
        before = spread(s)
        for path, values in s.ranges.items():
            for value in values:
                after = spread(learned(s, path, value))
                assert before.low <= after.low <= after.high <= before.high, path


def test_the_mean_is_the_mean_of_what_may_be_learned() -> None:
    compared = 0
    for s in scenarios(9, 30, 2):
        known = {one.path: one for one in unknowns(s)}
        for path, one in known.items():
            after = [learned(s, path, value) for value in one.values]
            others = [{left.path: left.odds for left in unknowns(each)} for each in after]
            if all(odds == known[name].odds for each in others for name, odds in each.items()) and all(
                map(len, others)
            ):
                means = [spread(each).expected for each in after]
                assert spread(s).expected == sum(
                    (chance * mean for chance, mean in zip(one.odds, means, strict=True)), Fraction(0)
                )
                compared += 1
    assert compared > 20


# The search


def test_the_search_finds_what_looking_at_every_combination_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """200 random scenarios of 5 unknowns, in each up to 243 combinations: none may differ."""
    monkeypatch.setattr(module, "MOST_CASES", 30)
    differ = []
    for s in scenarios(11, 200, 5):
        looked = Combinations(s)
        every = [looked.you_pay(choice) for choice in looked.every()]
        found = run(s)
        ends = min(*every, found.you_pay), max(*every, found.you_pay)
        if (found.low.you_pay, found.high.you_pay) != ends:
            differ.append((dict(s.ranges), ends, found))
    assert differ == []


def test_many_unknowns_are_sampled_and_the_note_says_so() -> None:
    s = next(scenarios(12, 1, 7))
    found = spread(s)
    assert not combinations(s).few
    assert sum((case.chance for case in found.cases), Fraction(0)) == 1
    assert found.low <= found.p10 <= found.p90 <= found.high
    assert f"{found.looked_at:,} of {found.combinations:,} combinations were looked at" in found.notes[-1]
    assert 64 <= found.looked_at < found.combinations
    forget_results()
    assert spread(s.replace(title="again")).cases == found.cases


def test_a_thousand_values_of_an_entry_are_no_error() -> None:
    many = tuple(str(100 + number) for number in range(1_025))
    found = run(small(ranges={"prices.charges.infusion": many}))
    by_hand = {
        amount: run(
            small(ranges={}).replace(
                prices=Prices({"evaluation": 25_000, "infusion": amount * 100}, ("drug", "monitoring"))
            )
        )
        for amount in (100, 1_124)
    }
    assert found.low.you_pay == by_hand[100].you_pay
    assert found.high.you_pay == by_hand[1_124].you_pay


def test_what_is_used_is_never_more_than_a_deductible_that_is_not_known() -> None:
    s = start_with(start=date(2026, 11, 30))
    s = put(put(s, "used.as_of", "2026-11-01"), "used.members.patient.out.deductible", "2000")
    found = spread(
        s.replace(
            ranges={"plan.networks.out.deductible": ("500", "2250"), "plan.networks.out": ("as it is", "no benefit")}
        )
    )
    assert sum((case.chance for case in found.cases), Fraction(0)) == 1


def test_an_example_says_what_it_said_before() -> None:
    answer = run(kc.example("readme-patient"))
    assert (answer.low.you_pay, answer.you_pay, answer.high.you_pay) == (628_902, 778_800, 778_800)


def test_where_nobody_said_who_pays_a_commercial_plan_says_what_employers_plans_say() -> None:
    """2 in 100 cover the infusions; at an allowed amount of 450 and 300 of three points (30% and 40%) that saves 1,498.98
    and 270: 778,800 less 2% of (30% of 149,898 and 40% of 27,000)."""
    found = spread(kc.example("readme-patient"))
    odds = {one.path: one.odds for one in found.unknowns}
    assert odds["coverage"] == (Fraction(75, 100), Fraction(23, 100), Fraction(2, 100))
    assert found.expected == 778_800 - Fraction(2, 100) * (Fraction(3, 10) * 149_898 + Fraction(4, 10) * 27_000)
    assert (found.p10, found.p90) == (778_800, 778_800)
    bare = kc.example("readme-patient")
    other = spread(bare.replace(plan=bare.plan.replace(kind="VA"), published_plan=""))
    assert {one.path: one.odds for one in other.unknowns}["coverage"] == (Fraction(1, 3),) * 3


def test_a_dot_is_the_middle_of_its_tenth() -> None:
    """4 in 100 at either end never reach the middle of the first or the last tenth."""
    asked = small(ranges={ALLOWED: ("200", "350", "450")}, odds={ALLOWED: (400, 9_200, 400)})
    assert spread(asked).dots == (118_000,) * 10
