"""The estimate: by hand on small cases, its laws on random ones, and the search against looking at every case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import product
from random import Random

import pytest
from random_intakes import few_draws, random_intake
from small_scenarios import ALLOWED, forget_results, small

import ketacost as kc
from ketacost.core.convert import put
from ketacost.core.fields import KetacostError
from ketacost.core.money import dollars
from ketacost.estimate import cases as module
from ketacost.estimate.cases import DRAWS, Cases
from ketacost.estimate.estimate import Estimate, eight_of_ten, estimate, quantile_of
from ketacost.estimate.intake import OneOf
from ketacost.estimate.nets import Nets
from ketacost.estimate.outlook import outlook
from ketacost.estimate.resolve import resolve
from ketacost.estimate.scenario import Scenario, network_of
from ketacost.estimate.texts import how_often
from ketacost.estimate.unknowns import unknowns
from ketacost.model.courses import Prices
from ketacost.model.coverage import DecisionPath
from ketacost.model.plans import plan, published_plan, published_plans
from ketacost.model.protocols import protocols

ANSWERS = ("denied", "visits only", "infusions too")
TODAY = date(2026, 11, 27)


def numbers(found: Estimate) -> list[tuple[tuple[str, ...], Fraction, int, int, int]]:
    """Each group's answers, chance, likely amount and 8 of 10."""
    return [(group.answers, group.chance, group.likely, group.p10, group.p90) for group in found.groups]


def test_one_unknown_by_hand() -> None:
    """Denied and visits only: all $1,450. Infusions too: the deductible takes $500, 40% of $450 is $180, $500 is above
    what the plan counts: $1,180."""
    found = estimate(small(ranges={"coverage": ANSWERS}, odds={"coverage": (2_500, 2_500, 5_000)}))
    assert numbers(found) == [
        (("infusions too",), Fraction(1, 2), 118_000, 118_000, 118_000),
        (("denied", "visits only"), Fraction(1, 2), 145_000, 145_000, 145_000),
    ]
    assert (found.p10, found.p90, found.low, found.high) == (118_000, 145_000, 118_000, 145_000)
    assert found.expected == Fraction(118_000 + 145_000, 2)
    assert found.chance_over(120_000) == Fraction(1, 2)
    assert (found.chance_over(145_000), found.chance_over(0)) == (0, 1)
    assert found.dots == (118_000,) * 5 + (145_000,) * 5
    assert found.chance == 1
    assert found.sentence == (
        "If the plan pays for the infusions too (about 5 in 10), you pay about $1,180. "
        "If the plan pays nothing or covers only the first visit (about 5 in 10), you pay about $1,450."
    )


def test_a_low_and_a_high_value_around_the_entry_are_three_points_by_hand() -> None:
    """At $200: the deductible takes $250, $200 and $50; 40% of $150 is $60, so the plan pays $90: $1,360. At $350: $1,180.
    At $450: 40% of $650 is $260, the plan pays $390: $1,060. 0.3, 0.4 and 0.3 of them are $1,198."""
    asked = small(ranges={ALLOWED: ("200", "450")})
    (one,) = unknowns(asked)
    assert one.odds == (Fraction(3, 10), Fraction(4, 10), Fraction(3, 10))
    assert one.grade == "assumption"
    assert [citation.grade for citation in one.citations] == ["assumption"]
    found = estimate(asked)
    assert [(case.net, case.chance) for case in found.whole_cases] == [
        (136_000, Fraction(3, 10)),
        (118_000, Fraction(4, 10)),
        (106_000, Fraction(3, 10)),
    ]
    assert numbers(found) == [(("infusions too",), Fraction(1), 118_000, 106_000, 136_000)]
    assert found.expected == 119_800
    assert found.sentence == (
        "If the plan pays for the infusions too, you will likely pay about $1,180; in 8 of 10 cases $1,060 to $1,360."
    )


def test_a_value_that_cannot_be_is_never_looked_at() -> None:
    """$200 at 0% would be $1,360; 95% of $1,180 and 5% of $1,060 are left."""
    found = estimate(small(ranges={ALLOWED: ("200", "350", "450")}, odds={ALLOWED: (0, 9_500, 500)}))
    assert (found.low, found.high) == (106_000, 118_000)
    assert (found.p10, found.p90) == (118_000, 118_000)
    assert found.expected == Fraction(118_000 * 95 + 106_000 * 5, 100)
    assert found.sentence == "If the plan pays for the infusions too, you pay about $1,180 (95 in 100)."


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
    asked = small(payer="individual", path=path, ranges={"coverage": ANSWERS})
    found = estimate(asked)
    assert {(case.net, case.chance) for case in found.whole_cases} == {
        (118_000, Fraction(2, 10)),
        (128_000, Fraction(2, 10)),
        (155_000, Fraction(6, 10)),
    }
    assert [(group.likely, group.chance) for group in found.groups] == [
        (155_000, Fraction(6, 10)),
        (118_000, Fraction(4, 10)),
    ]
    assert found.expected == outlook(asked).expected == Fraction(118_000 * 2 + 128_000 * 2 + 155_000 * 6, 10)


def test_a_chance_that_is_not_known_itself_moves_the_odds_of_the_outcome() -> None:
    """By hand: the appeal wins 0 or 1 time in 2, each as likely: on average 1 in 4, as in the case above."""
    path = DecisionPath(2_000, 0, internal=2_500, appeal=True, step_costs={"internal_appeal": 10_000})
    ranges = {"coverage": ("denied", "infusions too"), "path.internal": ("0%", "50%")}
    odds = {"path.internal": (5_000, 5_000)}
    found = estimate(small(payer="individual", path=path, ranges=ranges, odds=odds))
    assert sum(case.chance for case in found.whole_cases) == 1
    assert found.expected == Fraction(118_000 * 2 + 128_000 * 2 + 155_000 * 6, 10)


def test_where_nothing_is_unknown_there_is_one_number_and_no_range() -> None:
    found = estimate(small())
    assert numbers(found) == [(("infusions too",), Fraction(1), 118_000, 118_000, 118_000)]
    assert (found.low, found.high, found.expected, found.dots) == (118_000, 118_000, 118_000, (118_000,) * 10)
    assert found.sentence == "If the plan pays for the infusions too, you pay $1,180."
    assert found.rest == ""


def test_groups_whose_amounts_round_to_the_same_ten_dollars_are_one() -> None:
    """Visits only pays $0 at a deductible of $250, and $2 at one of $248: $1,450 and $1,448, both about $1,450."""
    asked = small(ranges={"coverage": ("denied", "visits only")}, odds={"coverage": (5_000, 5_000)})
    asked = put(put(asked, "plan.networks.out.deductible", "248"), "plan.networks.out.benefits.default.coinsurance", 0)
    found = estimate(asked)
    assert sorted(case.net for case in found.whole_cases) == [144_800, 145_000]
    assert [group.answers for group in found.groups] == [("denied", "visits only")]
    further = estimate(put(asked, "plan.networks.out.deductible", "240"))
    assert [group.likely for group in further.groups] == [145_000, 144_000]


def test_no_amount_is_pooled_over_visits_that_take_place_and_visits_that_do_not() -> None:
    """The plan is asked first and says no to 3 in 4: then only the evaluation takes place, at $250. Where it pays: $1,180."""
    path = DecisionPath(2_500, 0, ask_first=True)
    asked = small(payer="individual", path=path, if_denied="stop", ranges={"coverage": ("denied", "infusions too")})
    found = estimate(asked)
    assert [(group.whole, group.chance, group.likely, group.p10, group.p90, group.ends) for group in found.groups] == [
        (False, Fraction(3, 4), 25_000, 25_000, 25_000, (25_000, 25_000)),
        (True, Fraction(1, 4), 118_000, 118_000, 118_000, (118_000, 118_000)),
    ]
    assert (found.likely, found.chance) == (118_000, Fraction(1, 4))
    assert (found.p10, found.p90, found.low, found.high, found.expected) == (118_000,) * 5
    assert found.dots == (118_000,) * 10
    assert (found.groups[0].visits, found.groups[1].visits) == (1, 3)
    assert found.going_on == 145_000


def test_a_stop_lets_the_visits_before_the_day_of_the_no_take_place() -> None:
    """Nobody asks first: the claim's no is known 30 days after the first visit, and 2 of 3 visits were before it."""
    asked = small(payer="individual", path=DecisionPath(0, 0), if_denied="stop")
    course = asked.course.replace(dates=tuple(map(date.fromisoformat, ("2027-01-04", "2027-01-11", "2027-02-08"))))
    found = estimate(asked.replace(course=course, coverage="denied"))
    (group,) = found.groups
    assert not group.whole
    assert (found.likely, found.chance) == (None, 0)
    assert (group.visits, group.likely) == (2, 25_000 + 60_000)


def test_a_denied_line_that_the_clinic_bears_is_nobodys_bill() -> None:
    """Denied and borne by the clinic: nothing of $1,450 is owed. Visits only: the plan's $250 goes to the deductible."""
    ranges = {"coverage": ("denied", "visits only")}
    asked = small(ranges=ranges, odds={"coverage": (5_000, 5_000)}, denied_line="provider")
    assert {group.answers: group.likely for group in estimate(asked).groups} == {
        ("denied",): 0,
        ("visits only",): 25_000,
    }
    denied = estimate(asked.replace(coverage="denied", ranges={}, odds={}))
    assert denied.likely == denied.shown.you_pay == denied.main.bottom.you_pay == 0
    assert denied.shown.totals.charge == 145_000
    not_known = asked.replace(denied_line="", ranges={**ranges, "denied_line": ("patient", "provider")})
    assert {case.net for case in estimate(not_known).whole_cases} == {0, 25_000, 145_000}


def test_the_steps_from_the_charge_add_up_to_the_net() -> None:
    """$1,450 less the plan's $270."""
    found = estimate(small())
    assert [(step.id, step.cents) for step in found.steps_to_net] == [
        ("charge", 145_000),
        ("plan_pays", -27_000),
        ("net", 0),
    ]


def test_eight_of_ten_leave_at_most_one_in_ten_at_each_end() -> None:
    tenths = tuple((net, 1) for net in range(10))
    assert eight_of_ten(tenths) == (0, 8)
    assert eight_of_ten(((1, 1), (2, 18), (3, 1))) == (2, 2)


def test_a_quantile_is_the_smallest_net_that_holds_so_much_at_or_below_it() -> None:
    tall = ((10, 1), (20, 4), (30, 5))
    assert [quantile_of(tall, Fraction(part, 100)) for part in (1, 10, 11, 50, 51, 100)] == [10, 10, 20, 20, 30, 30]


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (Fraction(1, 5), "2 in 10"),
        (Fraction(1, 2), "5 in 10"),
        (Fraction(1, 3), "1 in 3"),
        (Fraction(2, 3), "2 in 3"),
        (Fraction(3, 4), "3 in 4"),
        (Fraction(76, 100), "3 in 4"),
        (Fraction(23, 100), "1 in 4"),
        (Fraction(22, 100), "2 in 10"),
        (Fraction(31, 100), "3 in 10"),
        (Fraction(94, 100), "9 in 10"),
        (Fraction(1, 11), "1 in 10"),
        (Fraction(1, 20), "1 in 20"),
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
    start = date(2026, r.randint(1, 12), r.randint(1, 28))
    said = kc.intake(plan=r.choice(list(published_plans())), protocol=r.choice(list(protocols())), start=start)
    sides = [
        name for name, side in published_plan(said.value("plan")).plan.networks.items() if not isinstance(side, str)
    ]
    s = resolve(said.say("network", r.choice(sides)), TODAY).plainly
    s = s.replace(ranges={}, odds={}, shapes={}, designs={}, if_denied="go on", denied_line="patient")
    if network_of(s) is None:
        return None
    main, at = next(iter(s.prices.charges)), f"plan.networks.{s.network}"
    pool: dict[str, tuple[str, ...]] = {
        "coverage": ANSWERS,
        f"prices.charges.{main}": _amounts(r, 100, 1_500),
        f"{at}.allowed.{main}": _amounts(r, 50, 900),
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
    """Scenarios that can be worked out in every case."""
    r, found = Random(seed), 0
    while found < count:
        try:
            s = asked_at_random(r, number)
            if s is None:
                continue
            kc.run(s)
        except KetacostError:
            continue
        found += 1
        yield s


def test_the_laws_of_an_estimate_hold() -> None:
    for s in scenarios(5, 60, 3):
        found = estimate(s)
        assert sum((group.chance for group in found.groups), Fraction(0)) == 1
        for group in found.groups:
            assert sum((case.chance for case in group.looked), Fraction(0)) == group.chance
            assert group.low <= group.p10 <= group.likely <= group.p90 <= group.high
        assert found.low <= found.p10 <= found.p90 <= found.high
        assert found.low <= found.expected <= found.high
        assert list(found.dots) == sorted(found.dots)
        assert sum(step.cents for step in found.steps_to_net) == found.likely
        inside = 1 - found.chance_over(found.p90) - (1 - found.chance_over(found.p10 - 1))
        assert inside >= Fraction(8, 10)


def test_the_order_of_the_ranges_changes_nothing() -> None:
    for s in (*scenarios(6, 15, 3), *scenarios(7, 4, 6)):
        turned = s.replace(ranges=dict(reversed(list(s.ranges.items()))))
        before = estimate(s)
        looked, said = [(case.chance, case.net) for case in before.whole_cases], numbers(before)
        forget_results()
        after = estimate(turned)
        assert [(case.chance, case.net) for case in after.whole_cases] == looked
        assert numbers(after) == said
        assert (after.low, after.high) == (before.low, before.high)


def learned(s: Scenario, path: str, value: str) -> Scenario:
    """The scenario with one entry known; without a benefit nothing below it is left to know."""
    gone = (path, f"{path}.") if value == "no benefit" else (path,)
    left = s.replace(
        ranges={name: some for name, some in s.ranges.items() if name != path and not name.startswith(gone[1:])}
    )
    return left if value == "as it is" else put(left, path, value)


def test_learning_a_value_never_widens_the_extremes() -> None:
    for s in scenarios(8, 25, 3):
        before = estimate(s)
        for path, values in s.ranges.items():
            for value in values:
                after = estimate(learned(s, path, value))
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
                means = [estimate(each).expected for each in after]
                assert estimate(s).expected == sum(
                    (chance * mean for chance, mean in zip(one.odds, means, strict=True)), Fraction(0)
                )
                compared += 1
    assert compared > 20


# The search


def test_the_search_finds_what_looking_at_every_case_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """40 random scenarios of 5 unknowns, in each up to 243 cases, of which 8 are drawn: none may differ."""
    monkeypatch.setattr(module, "MOST_CASES", 30)
    differ = []
    with few_draws(8):
        for s in scenarios(11, 40, 5):
            found = estimate(s)
            nets = Nets(Cases(found.scenario))
            places = [[place for place, odds in enumerate(one.odds) if odds] for one in nets.cases.dimensions]
            every = [(choice, ending) for choice in product(*places) for ending in nets.endings(choice)]
            for group in found.groups:
                inside = [nets.net(choice, ending) for choice, ending in every if ending.end.outcome in group.answers]
                if group.ends != (min(inside), max(inside)):
                    differ.append((dict(s.ranges), group.answers, group.ends, min(inside), max(inside)))
    assert differ == []


@pytest.mark.parametrize("seed", [1013, 1325])
def test_no_search_from_a_random_start_leads_further(seed: int) -> None:
    """Patients whose least case is two steps from the best draw, as under another plan with more of it used."""
    r = Random(seed)
    for group in estimate(resolve(random_intake(r), date(2026, 11, 27))).groups:
        endings = {case.ending for case in group.looked}
        for _ in range(10):
            choice = tuple(r.choice(one.ends) for one in group.cases.dimensions)
            for place, one in enumerate(group.cases.dimensions):
                near = [(*choice[:place], end, *choice[place + 1 :]) for end in one.ends]
                nets = {case: [group.nets.net(case, ending) for ending in endings] for case in near}
                choice = min(near, key=lambda case: min(nets[case]))
                assert group.low <= min(nets[choice])
                assert max(map(max, nets.values())) <= group.high


def test_many_unknowns_are_sampled_and_the_note_says_so() -> None:
    s = next(scenarios(12, 1, 7))
    found = estimate(s)
    assert found.looked_at == DRAWS
    assert sum((case.chance for case in found.whole_cases), Fraction(0)) == 1
    assert found.low <= found.p10 <= found.p90 <= found.high
    assert "The ranges come from 512 cases, drawn by their odds and the same every time." in found.notes
    forget_results()
    assert [(case.chance, case.net) for case in estimate(s.replace(title="again")).whole_cases] == [
        (case.chance, case.net) for case in found.whole_cases
    ]


def test_two_hundred_values_of_an_entry_are_no_error() -> None:
    many = tuple(str(100 + number) for number in range(200))
    found = estimate(small(ranges={"prices.charges.infusion": many}))
    by_hand = {
        amount: kc.run(
            small().replace(prices=Prices({"evaluation": 25_000, "infusion": amount * 100}, ("drug", "monitoring")))
        ).you_pay
        for amount in (100, 299)
    }
    assert (found.low, found.high) == (by_hand[100], by_hand[299])


def test_what_is_used_is_never_more_than_a_deductible_that_is_not_known() -> None:
    s = kc.example("readme-patient")
    s = put(put(s, "used.as_of", "2026-11-01"), "used.members.patient.out.deductible", "2000")
    found = estimate(
        s.replace(
            ranges={"plan.networks.out.deductible": ("500", "2250"), "plan.networks.out": ("as it is", "no benefit")}
        )
    )
    assert sum((case.chance for case in found.whole_cases), Fraction(0)) == 1


def test_what_nobody_said_is_used_is_a_share_of_each_plans_own_deductible() -> None:
    """Half is the typical share: each counted design costs what the same plan, chosen and half used, costs."""
    entries = {"payer": "employer-insured", "protocol": "spravato", "start": "2026-11-30"}
    counted = estimate(resolve(kc.intake(entries), TODAY))
    designs = counted.scenario.ranges["published_plan"]
    group = next(group for group in counted.groups if group.whole)
    assert len(set(group.by_design)) > 1
    for id, net in zip(designs, group.by_design, strict=True):
        side = plan(id).networks["in"]
        half = dollars(side.deductible // 2)
        chosen = {**entries, "plan": id, "used.patient.in.deductible": half, "used.as_of": "2026-11-27"}
        one = next(group for group in estimate(resolve(kc.intake(chosen), TODAY)).groups if group.whole)
        assert one.nets.net(one.cases.typical, one.ending) == net, id


def test_the_plan_that_is_shown_costs_the_median_of_those_counted() -> None:
    for payer, treatment in (("marketplace", "spravato"), ("employer-insured", "spravato"), ("hmo-epo", "spravato")):
        found = estimate(resolve(kc.intake(payer=payer, protocol=treatment), TODAY))
        for group in found.groups:
            assert group.likely == sorted(group.by_design)[(len(group.by_design) - 1) // 2], (payer, group.by_design)


def test_an_answer_that_was_said_has_no_steps_in_the_calendar_either() -> None:
    """What the plan answers is said, so no step leads there: the $100 of an appeal is in neither net nor calendar."""
    said = {"coverage": OneOf(("denied", "infusions too"), ("60%", "40%")), "steps.appeal": True}
    entries = {"payer": "employer-self-funded", "network": "out", "step_costs.internal_appeal": 100, **said}
    found = estimate(resolve(kc.intake(entries), TODAY))
    assert not found.calendar.entries_of("step")
    for group in found.groups:
        assert group.calendar.net == group.likely


def test_where_nobody_said_who_pays_a_commercial_plan_says_what_employers_plans_say() -> None:
    """2 in 100 cover the infusions; at an allowed amount of 450 and 300 of three points (30% and 40%) that saves 1,498.98
    and 270: 778,800 less 2% of (30% of 149,898 and 40% of 27,000)."""
    found = estimate(kc.example("readme-patient"))
    odds = {one.path: one.odds for one in found.unknowns}
    assert odds["coverage"] == (Fraction(75, 100), Fraction(23, 100), Fraction(2, 100))
    assert found.expected == 778_800 - Fraction(2, 100) * (Fraction(3, 10) * 149_898 + Fraction(4, 10) * 27_000)
    assert (found.p10, found.p90) == (778_800, 778_800)


def test_a_dot_is_the_middle_of_its_tenth() -> None:
    """4 in 100 at either end never reach the middle of the first or the last tenth."""
    asked = small(ranges={ALLOWED: ("200", "350", "450")}, odds={ALLOWED: (400, 9_200, 400)})
    assert estimate(asked).dots == (118_000,) * 10
