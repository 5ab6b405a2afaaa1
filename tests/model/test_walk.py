"""One walk: the splits without claims are those of the claims, and of the plain words, for every feature of a plan."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from random import Random
from typing import Any

import pytest
from plain_oracle import PARTS, adjudicate_plainly, dollars
from walk_cases import case, features

import ketacost as kc
from ketacost.core.fields import KetacostError
from ketacost.core.money import part_of
from ketacost.model.accumulators import MOST_PLANS, Accumulators, Amounts, Used, tables
from ketacost.model.adjudication import PlanYear, adjudicate, walk
from ketacost.model.allowed import allowed_amount
from ketacost.model.cost_sharing import Split
from ketacost.model.courses import Course, ServiceLine, service_lines, typical_prices, visits
from ketacost.model.plans import NOT_STATED, Benefit, FirstVisits, Network, Plan, PlanVersion
from ketacost.model.pricing import Pricing
from ketacost.model.rules import Rule

DAY = date(2027, 1, 4)


@pytest.mark.parametrize("family", [False, True], ids=["one person", "family"])
def test_the_walk_gives_the_splits_of_the_claims_and_of_the_plain_words(family: bool) -> None:
    met = Counter[str]()
    for seed in range(400):
        made, bill, before = case(Random(seed), family)
        splits = walk(bill, made, before)
        assert splits == [claim.split for claim in adjudicate(bill, made, before)], seed
        plainly = [parts for parts, _ in adjudicate_plainly(bill, made, before)]
        assert [{name: dollars(getattr(one, name)) for name in PARTS} for one in splits] == plainly, seed
        met.update(features(made, bill, before))
    assert all(count >= 30 for count in met.values()), met
    assert len(met) == (41 if not family else 46)


@pytest.mark.parametrize("family", [False, True], ids=["one person", "family"])
def test_lines_alike_are_split_as_one_by_one(family: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    counted, again = Counter[int](), PlanYear.again

    def spied(*asked: Any) -> int:
        counted[times := again(*asked)] += 1
        return times

    monkeypatch.setattr(PlanYear, "again", spied)
    for seed in range(600):
        r = Random(f"alike {seed}")
        made, bill, before = case(r, family)
        made = made.each(with_amounts_alone) if seed % 3 else made
        first = max(one.date for one in bill)
        apart, big = r.choice((0, 1, 9, 40)), r.choice((1, 1, 20))
        alike = [one.replace(charge=big * one.charge, allowed=r.choice((0, 900, 9_000, 20_000))) for one in bill[:3]]
        course = [one.replace(date=first + timedelta(apart * n)) for one in alike for n in range(r.randint(1, 14))]
        assert walk(course, made, before) == [claim.split for claim in adjudicate(course, made, before)], seed
    assert counted.total() - counted[0] > 100, counted
    assert len(counted) > 10, counted


def with_amounts_alone(made: Plan) -> Plan:
    """A plan in which nothing but amounts used decides how a line is split."""
    copays = {
        "copay": 0,
        "visit_limit": None,
        "first_visits": None,
        "coinsurance_least": None,
        "coinsurance_most": None,
    }
    networks = {
        name: one
        if isinstance(one, str)
        else one.replace(benefits={line: replace(terms, **copays) for line, terms in one.benefits.items()})
        for name, one in made.networks.items()
    }
    return made.replace(networks=networks, versions=(), deductible_months=12, deductible_carryover="none")


def side(**more: Any) -> Network:
    """A network with a deductible of $100, 20% after it, and what differs."""
    return Network(**{"deductible": 10_000, "benefits": {"default": Benefit(coinsurance=2_000)}, **more})


BEFORE = Used(as_of=DAY, members={"spouse": {"in": Amounts(10_001)}})


@pytest.mark.parametrize(
    ("made", "bill", "before", "told"),
    [
        (Plan({"in": side()}), [ServiceLine(DAY, 100, network="out")], Used(), "network of a plan called 'out'"),
        (Plan({"in": side()}), [ServiceLine(DAY, 0, network="out")], Used(), "network of a plan called 'out'"),
        (Plan({"in": side()}), [ServiceLine(DAY, 100, network="in")], Used(), "no allowed amount"),
        (Plan({"in": side()}), [ServiceLine(DAY, 100, network="in", allowed=100)], BEFORE, "has no member 'spouse'"),
        (Plan({"in": side()}), [ServiceLine(DAY, 100)], Used(as_of=DAY + timedelta(1)), "before 2027-01-05"),
        (Plan({"in": side()}), [ServiceLine(DAY, -100, network="in", covered=False)], Used(), "negative part"),
        (
            Plan({"in": side(deductible=NOT_STATED, benefits={})}),
            [ServiceLine(DAY, 100, network="in")],
            Used(),
            r"does not state networks\.in\.deductible, networks\.in\.benefits\.default\.coinsurance",
        ),
        (
            Plan({"in": side(family_deductible=20_000)}, family=True, limit_kind=NOT_STATED),
            [ServiceLine(DAY, 100, network="in")],
            Used(),
            "does not state limit_kind",
        ),
    ],
)
def test_the_walk_refuses_what_adjudication_refuses(
    made: Plan, bill: list[ServiceLine], before: Used, told: str
) -> None:
    with pytest.raises(KetacostError, match=told) as refused:
        walk(bill, made, before)
    with pytest.raises(type(refused.value)) as also:
        adjudicate(bill, made, before)
    assert str(also.value) == str(refused.value)


def test_a_line_of_nothing_needs_no_terms_and_uses_up_a_visit() -> None:
    """Two visits are covered: the one at $0 and the next; the third is the patient's. Its $0 asks for no coinsurance."""
    benefit = Benefit(coinsurance=NOT_STATED, visit_limit=2)
    made = Plan({"in": side(benefits={"default": benefit})})
    assert walk([ServiceLine(DAY, 0, network="in")], made) == [Split(0, 0, 0, 0, 0, 0)]
    stated = Plan({"in": side(benefits={"default": replace(benefit, coinsurance=2_000)})})
    bill = [
        ServiceLine(DAY + timedelta(day), charge, network="in", allowed=9_000)
        for day, charge in enumerate((0, 9_000, 9_000))
    ]
    assert walk(bill, stated)[1:] == [Split(0, 0, 0, 9_000, 0, 0), Split(9_000, 0, 0, 0, 0, 0)]


def test_visits_count_for_all_networks_that_have_the_benefit() -> None:
    """The first visit of the year is free in network; one out of network, which has no such terms, comes first."""
    free = {"therapy": Benefit(coinsurance=5_000, first_visits=FirstVisits(1)), "default": Benefit()}
    plain = {"therapy": Benefit(coinsurance=5_000), "default": Benefit()}
    made = Plan({"in": side(deductible=0, benefits=free), "out": side(deductible=0, benefits=plain)})
    first, then = (ServiceLine(DAY, 9_000, benefit="therapy", network=name, allowed=9_000) for name in ("out", "in"))
    then = then.replace(date=DAY + timedelta(1))
    assert [one.coinsurance for one in walk([then], made)] == [0]
    assert [one.coinsurance for one in walk([first, then], made)] == [4_500, 4_500]


def test_a_plan_that_is_gone_lends_nothing_to_the_next() -> None:
    """Plans come and go by the thousand, many at the same place in memory; each has its own deductible."""
    bill = [ServiceLine(DAY, 50_000)]
    for number in range(2 * MOST_PLANS + 3):
        made = Plan.of(deductible=number % 300, coinsurance=0, allowed=500)
        assert walk(bill, made)[0].deductible == number % 300 * 100


def test_a_plan_keeps_its_tables_whatever_else_is_asked_of_it() -> None:
    """A plan's amounts may be asked for without a walk; it then walks as before when other plans took its place."""
    plans = [Plan.of(deductible=number % 300, coinsurance=0.4, allowed=500) for number in range(MOST_PLANS + 5)]
    bill = [ServiceLine(DAY, 50_000)]
    first = walk(bill, plans[0])
    for made in plans:
        Accumulators(tables(made))
    assert walk(bill, plans[0]) == first
    for made in plans:
        walk(bill, made)
    assert walk(bill, plans[0]) == first


def test_a_walk_leaves_nothing_behind_in_the_plan() -> None:
    made = Plan({"in": side(family_deductible=15_000)}, family=True)
    bill = [ServiceLine(DAY, 9_000, network="in", member=who, allowed=9_000) for who in ("patient", "child")]
    assert [one.deductible for one in walk(bill, made)] == [9_000, 6_000]
    assert [one.deductible for one in walk(bill, made)] == [9_000, 6_000]


def test_bills_that_differ_in_one_price_share_their_dates_and_their_other_lines() -> None:
    course = Course("iv-mood", date(2026, 11, 30))
    prices = typical_prices("iv-mood")
    dearer = prices.replace(charges={**prices.charges, "infusion": 99_900})
    assert visits(course) is visits(course.replace(start=date(2026, 11, 30)))
    for one, other in zip(service_lines(course, prices), service_lines(course, dearer), strict=True):
        assert (one is other) == (one.service != "infusion")
        assert other == one.replace(charge=99_900 if one.service == "infusion" else one.charge)


def test_the_readme_patient_walks_to_its_answer() -> None:
    """The bill of $7,788 is all the patient's: nothing is beyond the deductible of $2,250."""
    scenario = kc.example("readme-patient").replace(ranges={}, odds={})
    answer = kc.run(scenario)
    splits = walk([claim.line for claim in answer.claims], scenario.plan, scenario.used)
    assert sum(one.you_pay for one in splits) == answer.totals.you_pay == 778_800


# Lines alike


def weekly(count: int, first: date = DAY, days: int = 7, **more: Any) -> list[ServiceLine]:
    """Lines of $300, a week apart, that differ in their days alone."""
    one = ServiceLine(first, **{"charge": 30_000, "network": "in", "allowed": 30_000, **more})
    return [one.replace(date=first + timedelta(days * number)) for number in range(count)]


def walked(bill: list[ServiceLine], made: Plan, used: Used | None = None, rule: Rule | None = None) -> list[list[int]]:
    """What the patient owes line by line, and how often, of a walk that is the claims' own."""
    splits = walk(bill, made, used, rule=rule)
    assert splits == [claim.split for claim in adjudicate(bill, made, used, rule=rule)]
    return [[owed, len(list(run))] for owed, run in groupby(one.you_pay / 100 for one in splits)]


def test_lines_alike_are_taken_one_by_one_where_they_must_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three lines fill $900 of $1,000; the fourth owes 100 and 20% of 200, seven owe 60, one the last 40 of $1,500.

    So it is each year: of 52 lines in 2027 and 20 in 2028 the first of each stretch is taken, and the others counted.
    """
    taken = list[int]()
    usual = PlanYear.take
    monkeypatch.setattr(PlanYear, "take", lambda self, one: taken.append(bill.index(one) + 1) or usual(self, one))
    bill = weekly(72)
    made = Plan({"in": side(deductible=100_000, out_of_pocket_limit=150_000)})
    splits = walk(bill, made)
    assert taken == [1, 4, 5, 12, 13, 53, 56, 57, 64, 65]
    taken.clear()
    walk(bill[:2], made)
    assert taken == [1]
    year = [[300, 3], [140, 1], [60, 7], [40, 1]]
    assert walked(bill, made) == [*year, [0, 40], *year, [0, 8]]
    assert [one.plan_pays for one in splits[:13]] == [0, 0, 0, 16_000, *[24_000] * 7, 26_000, 30_000]


def test_no_line_is_counted_that_is_not_there() -> None:
    """Some of $300 and one of $299 fill the deductible to the cent, or a part of it."""
    for count in (1, 2, 3):
        bill = [*weekly(count), ServiceLine(DAY + timedelta(60), 29_900, network="in", allowed=29_900)]
        for deductible in (30_000 * count + 29_900, 500_000):
            assert walked(bill, Plan({"in": side(deductible=deductible)})) == [[300, count], [299, 1]]


def test_lines_of_another_charge_are_not_alike() -> None:
    """The plan counts $300 of each, and of the last ones $10 and $20 more are the patient's."""
    bill = [*weekly(3), *weekly(2, date(2027, 3, 1), charge=31_000), *weekly(1, date(2027, 4, 5), charge=32_000)]
    made = Plan({"in": side(deductible=500_000, balance_bill="owed")})
    assert walked(bill, made) == [[300, 3], [310, 2], [320, 1]]


@pytest.mark.parametrize(
    ("network", "owed"),
    [
        ({"deductible": 90_000, "out_of_pocket_limit": 90_000}, [[300, 3], [0, 5]]),
        ({"deductible": 75_000, "out_of_pocket_limit": 89_900}, [[300, 2], [180, 1], [60, 1], [59, 1], [0, 3]]),
        ({"deductible": 0, "coinsurance_limit": 17_000}, [[60, 2], [50, 1], [0, 5]]),
        ({"deductible": 0, "out_of_pocket_limit": 18_000}, [[60, 3], [0, 5]]),
        ({"deductible": 60_000, "benefits": {"default": Benefit(coinsurance=5_000)}}, [[300, 2], [150, 6]]),
        ({"deductible": 75_000, "benefits": {"default": Benefit(coinsurance=5_000)}}, [[300, 2], [225, 1], [150, 5]]),
        ({"benefits": {"default": Benefit(coinsurance=2_000, deductible_applies=False)}}, [[60, 8]]),
        ({"benefits": {"default": Benefit(coinsurance=2_000, visit_limit=5)}}, [[140, 1], [60, 4], [300, 3]]),
        (
            {"deductible": 0, "benefits": {"default": Benefit(coinsurance=2_000, first_visits=FirstVisits(2))}},
            [[0, 2], [60, 6]],
        ),
        ({"benefits": {"default": Benefit(covered=False)}}, [[300, 8]]),
    ],
)
def test_lines_alike_end_a_deductible_a_limit_or_visits_where_they_would_one_by_one(
    network: dict[str, Any], owed: list[list[int]]
) -> None:
    """Eight lines of $300."""
    assert walked(weekly(8), Plan({"in": side(**network)})) == owed


@pytest.mark.parametrize(
    ("benefit", "owed"),
    [
        (Benefit(coinsurance=2_000, copay=5_000), [[100, 1], [60, 3]]),
        (Benefit(coinsurance=2_000, coinsurance_least=10_000), [[100, 1], [20, 1], [60, 2]]),
        (Benefit(coinsurance=2_000, coinsurance_most=10_000), [[60, 1], [40, 1], [0, 2]]),
    ],
)
def test_lines_alike_of_one_day_share_its_copay_and_its_share(benefit: Benefit, owed: list[list[int]]) -> None:
    """Four lines of $300 on one day: a copay of $50 is taken once, and a share of all of them has a least or a most."""
    assert walked(weekly(4, days=0), Plan({"in": side(deductible=0, benefits={"default": benefit})})) == owed


def test_lines_alike_begin_anew_with_a_month_a_version_or_a_plan_year() -> None:
    """From January 4 a line a week: 13 in each of the first quarters, 26 by the end of June."""
    plain = Plan({"in": side(deductible=60_000)})
    assert walked(weekly(20), plain.replace(deductible_months=3)) == [[300, 2], [60, 11], [300, 2], [60, 5]]
    later = PlanVersion(date(2027, 7, 1), Plan({"in": side(deductible=30_000)}))
    assert walked(weekly(30), plain.replace(versions=(later,))) == [[300, 2], [60, 24], [300, 1], [60, 3]]
    carries = plain.replace(deductible_carryover="last three months")
    autumn = weekly(8, date(2027, 11, 29))
    assert walked(autumn, carries) == [[300, 2], [60, 6]]
    assert walked(autumn, plain) == [[300, 2], [60, 3], [300, 2], [60, 1]]
    assert walked(weekly(8, date(2027, 8, 2)), plain.replace(plan_year_starts=902)) == [
        [300, 2],
        [60, 3],
        [300, 2],
        [60, 1],
    ]


def test_lines_alike_fill_what_a_family_shares_and_what_another_network_is_credited() -> None:
    """Two of $300 and one of $100 by each fill the family's $1,400; a third person then owes 20%."""
    family = Plan({"in": side(deductible=70_000, family_deductible=140_000)}, family=True)
    bill = [*weekly(4), *weekly(4, date(2027, 3, 1), member="spouse"), *weekly(1, date(2027, 5, 3), member="child")]
    assert walked(bill, family) == [[300, 2], [140, 1], [60, 1], [300, 2], [140, 1], [60, 2]]
    both = Plan({"in": side(deductible=60_000), "out": side(deductible=70_000)}, deductible_credits={"in": ("out",)})
    assert walked([*weekly(4), *weekly(2, date(2027, 3, 1), network="out")], both) == [
        [300, 2],
        [60, 2],
        [140, 1],
        [60, 1],
    ]


def test_lines_alike_without_an_amount_of_their_own_are_allowed_by_the_fees_of_their_year() -> None:
    """Within a plan year from July: three infusions of December at the fee of 2025, three of January at that of 2026."""
    by_medicare = Pricing("multiple of Medicare", multiple=10_000, locality="13202-01")
    made = Plan({"in": side(deductible=0, pricing=by_medicare)}, plan_year_starts=7)
    bill = weekly(6, date(2025, 12, 15), code="96365", allowed=None)
    fees = [allowed_amount(bill[at], made.networks["in"], "") for at in (0, -1)]
    assert fees[0] != fees[1]
    assert [parts.coinsurance for parts in walk(bill, made)] == [part_of(fee, 2_000) for fee in fees for _ in range(3)]


def test_lines_alike_under_a_variant_are_counted_by_it() -> None:
    """A variant that counts nothing never ends the deductible."""
    rule = Rule("nothing counts", "Nothing counts.", moves=lambda terms, parts, helped: (0, 0, 0))
    assert walked(weekly(4), Plan({"in": side(deductible=60_000)}), rule=rule) == [[300, 4]]
