"""What holds for every plan and every bill, whatever the numbers.

Each law is tried on small cases by hypothesis, which looks for the smallest one that breaks it, and then on hundreds of
seeded ones. Where a law needs a condition, the case that needs it stands beside it, worked out by hand.
"""

import json
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from random import Random
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_oracle import PARTS, adjudicate_plainly, dollars
from strategies import ANY, MEMBERS, PLAIN, Kind, case, dice, held_on, lines, plan, plans, tops

import ketacost as kc
from ketacost.core.convert import as_text, read, written
from ketacost.core.fields import KetacostError
from ketacost.core.money import WHOLE, part_of, split_evenly
from ketacost.model.accumulators import PATIENT, Amounts, Used
from ketacost.model.adjudication import Claim, adjudicate, plan_year_of
from ketacost.model.cost_sharing import Left, Terms, split
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import NO_BENEFIT, Benefit, Network, Plan

NOT_TRIED = "not tried"
NO_TIME = replace(ANY, time=False)
DAY = timedelta(days=1)

Check = Callable[[Random], str | None]


def law(seeds: int = 400, examples: int = 40, enough: float = 0.2) -> Callable[[Check], Callable[[], None]]:
    """Try a check with hypothesis' dice and with seeded ones; a law that hardly any case tries is no law."""

    def of(check: Check) -> Callable[[], None]:
        @settings(max_examples=min(examples, settings().max_examples))
        @given(dice())
        def with_dice(r: Random) -> None:
            check(r)

        def test() -> None:
            with_dice()
            tried = 0
            for seed in range(seeds):
                try:
                    tried += check(Random(seed)) != NOT_TRIED
                except Exception as error:
                    error.add_note(f"with Random({seed})")
                    raise
            assert tried >= enough * seeds

        test.__name__, test.__doc__ = check.__name__, check.__doc__
        return test

    return of


# Every dollar once


@law()
def test_every_line_is_accounted_for_to_the_cent(r: Random) -> None:
    """charge = balance bill + write-off + copay + deductible + coinsurance + plan pays; no part is negative."""
    made, bill, used = case(r)
    for claim in adjudicate(bill, made, used):
        assert sum(claim.split) == claim.line.charge
        assert min(claim.split) >= 0
        assert claim.you_pay == claim.line.charge - claim.split.write_off - claim.split.plan_pays


def test_a_claim_that_does_not_balance_cannot_be_made() -> None:
    claim = adjudicate(
        [ServiceLine(date(2027, 1, 8), 60_000)], Plan.of(deductible=1_000, coinsurance="40%", allowed=350)
    )[0]
    with pytest.raises(
        KetacostError, match=r"2027-01-08 does not balance: billed 600\.00, accounted 601\.00 \(1\.00 too"
    ):
        replace(claim, split=claim.split._replace(plan_pays=100))
    with pytest.raises(KetacostError, match=r"accounted 599\.00 \(1\.00 too little\)"):
        replace(claim, split=claim.split._replace(deductible=34_900))
    with pytest.raises(KetacostError, match="negative part"):
        replace(claim, split=claim.split._replace(deductible=35_100, plan_pays=-100))


@given(st.data())
def test_the_rule_alone_keeps_to_what_is_left(data: st.DataObject) -> None:
    """Of one line: nothing beyond the charge, the deductible, the limit or the coinsurance limit that is left."""
    amount = st.sampled_from([0, 1, 5_000, 10_000]) | st.integers(0, 20_000)
    bit = st.integers(0, 1)
    points = st.sampled_from([0, 3_333, WHOLE]) | st.integers(0, WHOLE)
    terms = Terms(*[data.draw(s) for s in (amount, bit, bit, points, *[bit] * 5, points | st.just(-1), bit, bit)])
    left = Left(*[data.draw(amount) for _ in range(3)])
    charge, allowed, covered = data.draw(amount), data.draw(amount), data.draw(bit)
    parts = split(charge, allowed, covered, terms, left)
    assert sum(parts) == charge
    assert min(parts) >= 0
    if not covered:
        assert parts == (charge, 0, 0, 0, 0, 0)
        return
    counted = (
        parts.deductible * terms.deductible_counts
        + parts.copay * terms.copay_counts
        + parts.coinsurance * terms.coinsurance_counts
    )
    assert counted <= left.limit
    assert parts.deductible <= left.deductible
    assert parts.coinsurance <= left.coinsurance
    assert parts.copay <= terms.copay
    assert parts.copay + parts.deductible + parts.coinsurance <= min(charge, allowed)


# What accumulates


@law()
def test_nothing_goes_past_its_top_or_back(r: Random) -> None:
    """Deductible and limit are never exceeded, and within a plan year what is used only grows."""
    made, bill, used = case(r)
    before: dict[Any, tuple[int, ...]] = {}
    for claim in adjudicate(bill, made, used):
        for name, after in claim.accumulated.items():
            held, (network, _, group) = held_on(made, claim.line.date), name.partition(".")
            (own, ours), (own_limit, our_limit), _ = tops(held, held.networks[network], group)
            assert after.deductible <= own
            assert after.out_of_pocket <= own_limit
            assert (after.family_deductible or 0) <= ours
            assert (after.family_out_of_pocket or 0) <= our_limit
            assert (after.family_deductible is not None) == held.family
            mine = (claim.plan_year, id(held), name, claim.line.member)
            grows = slice(0 if held.deductible_months == 12 else 1, 2)
            assert all(now >= then for now, then in zip(after[grows], before.get(mine, (0, 0))[grows], strict=True))
            before[mine] = after[:2]


@law()
def test_balance_bills_accrue_nowhere(r: Random) -> str | None:
    """A higher charge above the allowed amount is a higher balance bill or write-off, and changes nothing else."""
    made, bill, used = case(r, replace(ANY, excess_paid=False))
    known = [replace(c.line, allowed=c.allowed) for c in adjudicate(bill, made, used)]
    above = [c for c in adjudicate(known, made, used) if c.covered and c.line.charge >= c.allowed]
    dearer = [
        replace(line, charge=line.charge + 12_345) if any(c.line is line for c in above) else line for line in known
    ]
    pairs = list(zip(adjudicate(known, made, used), adjudicate(dearer, made, used), strict=True))
    for one, other in pairs:
        assert one.split[2:] == other.split[2:]
        assert one.accumulated == other.accumulated
    return None if above else NOT_TRIED


@law()
def test_what_is_not_covered_moves_nothing(r: Random) -> None:
    """Without its denied lines, the rest of a bill is the same."""
    made, bill, used = case(r)
    claims = adjudicate(bill, made, used)
    covered = [claim.line for claim in claims if claim.covered]
    for one, other in zip([c for c in claims if c.covered], adjudicate(covered, made, used), strict=True):
        assert (one.split, one.accumulated) == (other.split, other.accumulated)
    for claim in claims:
        if not claim.covered:
            assert claim.split == (claim.line.charge, 0, 0, 0, 0, 0)
            assert claim.why_not


@law(enough=0.1)
def test_protected_care_has_in_network_terms_and_no_balance_bill(r: Random) -> str | None:
    """A covered line that the law protects is the same as one in network whose difference is written off."""
    made, bill, used = case(r)
    claims = adjudicate(bill, made, used)
    plainly = [
        replace(line, protected=False, network="in", balance_billed=False) if line.protected else line for line in bill
    ]
    for one, other in zip(claims, adjudicate(plainly, made, used), strict=True):
        assert (one.split, one.accumulated, one.covered) == (other.split, other.accumulated, other.covered)
    protected = [claim for claim in claims if claim.line.protected and claim.covered]
    assert all(claim.split.balance_bill == 0 and claim.network == "in" for claim in protected)
    return None if protected else NOT_TRIED


@law()
def test_a_waived_or_in_network_balance_is_written_off(r: Random) -> None:
    """Above the allowed amount nobody owes anything where the clinic waives it or has signed that it is enough."""
    made, bill, used = case(r)
    for claim in adjudicate(bill, made, used):
        side = held_on(made, claim.line.date).networks[claim.network]
        if claim.covered and not (side.balance_bill == "owed" and claim.line.balance_billed):
            assert claim.split.balance_bill == 0
            assert claim.split.write_off == max(claim.line.charge - claim.allowed, 0)


@law()
def test_a_ceiling_holds_for_the_balance_bill(r: Random) -> None:
    """What is billed, or paid by a supplement, above what counts is at most its share of that."""
    made, bill, used = case(r)
    for claim in adjudicate(bill, made, used):
        side = held_on(made, claim.line.date).networks[claim.network]
        if claim.covered and side.balance_bill_limit is not None:
            counted = min(claim.line.charge, claim.allowed)
            over = claim.line.charge - counted - claim.split.write_off
            assert over <= part_of(counted, side.balance_bill_limit)


# Order, years, starting points


@law()
def test_lines_may_come_in_any_order_of_days(r: Random) -> None:
    """Only the order of one day's lines matters."""
    made, bill, used = case(r)
    by_day = defaultdict(list)
    for line in bill:
        by_day[line.date].append(line)
    shuffled = r.sample(list(by_day), len(by_day))
    assert adjudicate([line for day in shuffled for line in by_day[day]], made, used) == adjudicate(bill, made, used)


@law()
def test_each_plan_year_stands_alone(r: Random) -> str | None:
    """Everything starts again on the first day of a plan year, where nothing carries over and no version has credit."""
    made, bill, used = case(r, NO_TIME)
    by_year = defaultdict(list)
    for line in bill:
        by_year[plan_year_of(line.date, made.plan_year_starts)].append(line)
    apart = [adjudicate(by_year[year], made, used) for year in sorted(by_year)]
    assert sum(apart, ()) == adjudicate(bill, made, used)
    assert all(
        claim.plan_year == plan_year_of(claim.plan_year, made.plan_year_starts) for claims in apart for claim in claims
    )
    return None if len(by_year) > 1 else NOT_TRIED


@law(enough=0.1)
def test_what_was_used_is_where_the_walk_goes_on(r: Random) -> str | None:
    """Starting from the accumulators that a walk ended with is the same as walking on."""
    made = plan(r, NO_TIME)
    networks = {
        n: s if s == NO_BENEFIT else s.replace(coinsurance_limit=None, family_coinsurance_limit=None)
        for n, s in made.networks.items()
    }
    made = made.replace(networks=networks, plan_year_starts=1)
    bill = sorted((replace(line, member=PATIENT) for line in lines(r, made)), key=lambda line: line.date)
    bill = [line for line in bill if line.date.year == 2026]
    days = sorted({line.date for line in bill})
    if len(days) < 2:
        return NOT_TRIED
    break_on = days[len(days) // 2]
    whole = adjudicate(bill, made)
    first = [claim for claim in whole if claim.line.date < break_on]
    end = first[-1].accumulated
    seen = {(claim.benefit, claim.line.date) for claim in first if claim.covered}
    visits = {benefit: sum(1 for name, _ in seen if name == benefit) for benefit, _ in seen}
    used = Used(
        as_of=break_on,
        members={PATIENT: {name: Amounts(a.deductible, a.out_of_pocket) for name, a in end.items()}},
        family={name: Amounts(a.family_deductible, a.family_out_of_pocket) for name, a in end.items()}
        if made.family
        else {},
        visits=visits,
    )
    rest = adjudicate([line for line in bill if line.date >= break_on], made, used)
    for one, other in zip(rest, whole[len(first) :], strict=True):
        assert (one.split, one.accumulated, one.covered) == (other.split, other.accumulated, other.covered)
    return None


# Families and networks


@law(enough=0.4)
def test_a_family_has_used_what_its_members_have(r: Random) -> str | None:
    """Where nobody reaches a top, the family's totals are the sums of its members'."""
    made = plan(r, Kind(family=True, time=False, groups=False))
    wide = {
        "deductible": 10**7,
        "family_deductible": 10**8,
        "out_of_pocket_limit": None,
        "family_out_of_pocket_limit": None,
    }
    made = made.replace(
        networks={n: s if s == NO_BENEFIT else s.replace(**wide) for n, s in made.networks.items()},
        limit_kind="embedded",
        deductible_kind="embedded",
    )
    bill = [replace(line, date=date(2026, 1, 1)) for line in lines(r, made)]
    made = made.replace(plan_year_starts=1)
    last: dict[str, Any] = {}
    for claim in adjudicate(bill, made):
        last[claim.line.member] = claim.accumulated
        for name, after in claim.accumulated.items():
            assert after.family_deductible == sum(mine[name].deductible for mine in last.values())
            assert after.family_out_of_pocket == sum(mine[name].out_of_pocket for mine in last.values())
    return None if len(last) > 1 else NOT_TRIED


@law()
def test_a_family_has_never_used_more_than_its_members(r: Random) -> str | None:
    """What a person's own deductible or limit does not take up, the family's does not take up either."""
    made, bill, _ = case(r, Kind(family=True, time=False))
    last: dict[Any, Any] = {}
    for claim in adjudicate(bill, made):
        last[claim.plan_year, claim.line.member] = claim.accumulated
        for name, after in claim.accumulated.items():
            mine = [totals[name] for (year, _), totals in last.items() if year == claim.plan_year]
            assert (after.family_deductible or 0) <= sum(one.deductible for one in mine)
            assert (after.family_out_of_pocket or 0) <= sum(one.out_of_pocket for one in mine)
    return None


def test_one_person_cannot_fill_the_family_deductible_alone() -> None:
    """Each person's $100, the family's $200; copays count. The patient's $100 is full after the infusion of $100.

    Two visits with a copay of $50 fill nothing more, so the spouse still has a deductible of $100.
    """
    visit = Benefit(5_000, 0, deductible_applies=False, copay_counts_to_deductible=True)
    made = Plan({"in": side(100, 0, family_deductible=20_000, benefits={"office_visit": visit})}, family=True)
    bill = [*bill_of(("default", 100), ("office_visit", 80), ("office_visit", 80)), *bill_of(("spouse", 100))]
    claims = adjudicate([*bill[:3], bill[3].replace(date=date(2027, 2, 1))], made)
    assert [claim.accumulated["in"].family_deductible for claim in claims[:3]] == [10_000, 10_000, 10_000]
    assert claims[3].split.deductible == 10_000


def test_members_may_have_used_more_than_their_family_where_sides_count_to_each_other() -> None:
    """The spouse paid $500 out of network, which fills the spouse's $500 in network too, and the last $300 of the family's."""
    networks = {"in": side(500, 20, family_deductible=80_000), "out": side(1_000, 40, family_deductible=200_000)}
    made = Plan(networks, family=True, deductible_credits={"out": ("in",)})
    paid = [
        replace(line, network=name)
        for line, name in zip(bill_of(("patient", 500), ("spouse", 500)), ("in", "out"), strict=True)
    ]
    end = adjudicate(paid, made)
    assert end[1].accumulated["in"] == (50_000, 0, 80_000, 50_000)
    used = Used(
        as_of=date(2027, 1, 6),
        members={
            who: {name: Amounts(end[i].accumulated[name].deductible) for name in networks}
            for i, who in enumerate((PATIENT, "spouse"))
        },
        family={name: Amounts(end[1].accumulated[name].family_deductible or 0) for name in networks},
    )
    later = bill_of(("child", 100))[0].replace(date=date(2027, 1, 6))
    assert adjudicate([later], made, used)[0].split.coinsurance == 2_000


def test_the_family_has_used_what_its_members_have_where_nothing_else_is_told() -> None:
    """$300 and $400 of the family's $1,000: of the child's $500, $300 are left to the deductible and 20% of $200 is $40."""
    made = Plan({"in": side(500, 20, family_deductible=100_000)}, family=True)
    used = Used(as_of=date(2027, 1, 4), members={PATIENT: {"in": Amounts(30_000)}, "spouse": {"in": Amounts(40_000)}})
    parts = adjudicate(bill_of(("child", 500)), made, used)[0].split
    assert (parts.deductible, parts.coinsurance) == (30_000, 4_000)


@law()
def test_without_family_coverage_everyone_stands_alone(r: Random) -> str | None:
    """The family amounts of a plan mean nothing there, and nobody's bill moves another's."""
    made, bill, used = case(r, Kind(family=False, time=False))
    bare = {
        n: s
        if s == NO_BENEFIT
        else s.replace(family_deductible=None, family_out_of_pocket_limit=None, family_coinsurance_limit=None)
        for n, s in made.networks.items()
    }
    claims = adjudicate(bill, made, used)
    assert claims == adjudicate(bill, made.replace(networks=bare), used)
    for member in MEMBERS:
        own = tuple(claim for claim in claims if claim.line.member == member)
        assert own == adjudicate([line for line in bill if line.member == member], made, used)
    return None


@law()
def test_sides_that_do_not_count_to_each_other_stand_alone(r: Random) -> str | None:
    """Without credits, the bill in one network is the same without the lines of the others."""
    made, bill, used = case(r, Kind(credits=False, time=False))
    bill = [replace(line, benefit=f"{'default' if line.network == 'in' else 'drug'}", protected=False) for line in bill]
    apart = {
        n: s if s == NO_BENEFIT else s.replace(benefits={**s.benefits, "drug": s.benefits["default"]})
        for n, s in made.networks.items()
    }
    made = made.replace(networks=apart)
    inside = [line for line in bill if line.network == "in"]
    alone = adjudicate(inside, made, used)
    together = [claim for claim in adjudicate(bill, made, used) if claim.line.network == "in"]
    for one, other in zip(together, alone, strict=True):
        assert (one.split, one.accumulated["in"] if one.covered else None) == (
            other.split,
            other.accumulated["in"] if other.covered else None,
        )
    return None if 0 < len(inside) < len(bill) else NOT_TRIED


@law()
def test_a_line_may_be_split_in_two(r: Random) -> str | None:
    """Two lines of one day with a part of a line's charge and allowed amount each come to the same, but for a rounded cent."""
    made, bill, used = case(r, PLAIN)
    whole_share = {
        n: s
        if s == NO_BENEFIT
        else s.replace(benefits={b: replace(t, coinsurance_on="what is left") for b, t in s.benefits.items()})
        for n, s in made.networks.items()
    }
    made = made.replace(networks=whole_share)
    known = [replace(c.line, allowed=c.allowed) for c in adjudicate(bill, made, used)]
    number = r.randrange(len(known))
    line = known[number]
    counted = min(line.charge, line.allowed or 0)
    share = r.randint(0, counted)
    over = r.randint(0, line.charge - counted)
    halves = [
        replace(line, charge=share + over, allowed=share),
        replace(line, charge=line.charge - share - over, allowed=counted - share),
    ]
    one = next(c for c in adjudicate(known, made, used) if c.line is line)
    two = [c for c in adjudicate([*known[:number], *halves, *known[number + 1 :]], made, used) if c.line in halves]
    shares = [sum(c.split[2:5]) for c in (one, *two[:2])]
    assert abs(shares[0] - shares[1] - shares[2]) <= 1 or not one.covered
    return None if one.covered and 0 < share < counted else NOT_TRIED


# Larger and smaller. Every law of this part has its condition, and below it the cases for which it is false.

ONE_PERSON = replace(PLAIN, family=False)


def you_pay(bill: list[ServiceLine], made: Plan, used: Used | None = None) -> int:
    """What the patient pays for a bill in the end."""
    return sum(claim.you_pay for claim in adjudicate(bill, made, used))


def plan_pays(bill: list[ServiceLine], made: Plan, used: Used | None = None) -> int:
    """What the plan pays for a bill."""
    return sum(claim.split.plan_pays for claim in adjudicate(bill, made, used))


def larger(r: Random, made: Plan, what: str) -> Plan | None:
    """The same plan with one amount or share larger; none where it has no such thing."""
    name = r.choice([n for n, s in made.networks.items() if s != NO_BENEFIT] or [""])
    if not name:
        return None
    side: Any = made.networks[name]
    by = r.choice((1, 100, 5_000, r.randint(1, 60_000)))
    changes: dict[str, Any]
    if what in ("copay", "coinsurance"):
        line = r.choice(sorted(side.benefits))
        now = getattr(side.benefits[line], what)
        then = now + by if what == "copay" else min(WHOLE, now + by % 5_000 + 1)
        changes = {"benefits": {**side.benefits, line: replace(side.benefits[line], **{what: then})}}
    else:
        now = getattr(side, what)
        if not isinstance(now, int):
            return None
        changes = {what: now + by}
        family = f"family_{what}"
        if not what.startswith("family") and getattr(side, family) is not None:
            changes[family] = max(getattr(side, family), now + by)
    changed = made.replace(networks={**made.networks, name: side.replace(**changes)})
    return None if changed.gaps() else changed


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("deductible", ONE_PERSON),
        ("family_deductible", PLAIN),
        ("out_of_pocket_limit", PLAIN),
        ("family_out_of_pocket_limit", PLAIN),
        ("coinsurance_limit", PLAIN),
        ("copay", PLAIN),
        ("coinsurance", PLAIN),
    ],
)
def test_a_larger_part_never_lowers_what_you_pay(what: str, kind: Kind) -> None:
    """Where the limit counts every part, copays do not fill the deductible and networks do not count to each other."""

    @law(seeds=600, enough=0.1)
    def holds(r: Random) -> str | None:
        made, bill, used = case(r, kind)
        changed = larger(r, made, what)
        if changed is None:
            return NOT_TRIED
        assert you_pay(bill, changed, used) >= you_pay(bill, made, used)
        return None

    holds()


@law(seeds=600)
def test_a_larger_allowed_amount_never_lowers_what_the_plan_pays(r: Random) -> str | None:
    """Where the plan does not pay the excess; and in network plan and patient together pay never less either."""
    made, bill, used = case(r, PLAIN)
    known = [replace(c.line, allowed=c.allowed) if c.covered else c.line for c in adjudicate(bill, made, used)]
    number = r.randrange(len(known))
    if (allowed := known[number].allowed) is None:
        return NOT_TRIED
    more = list(known)
    more[number] = replace(known[number], allowed=allowed + r.choice((1, 100, r.randint(1, 30_000))))
    assert plan_pays(more, made, used) >= plan_pays(known, made, used)
    assert plan_pays(more, made, used) + you_pay(more, made, used) >= plan_pays(known, made, used) + you_pay(
        known, made, used
    )
    return None


def bill_of(*rows: tuple[str, int]) -> list[ServiceLine]:
    """A bill of in-network lines on days that follow each other: benefit (or `out`, or a member's name) and dollars."""
    made = []
    for number, (what, amount) in enumerate(rows):
        given = {"network": what} if what == "out" else {"member": what} if what in MEMBERS else {"benefit": what}
        made.append(
            ServiceLine(
                date(2027, 1, 4) + number * DAY, amount * 100, allowed=amount * 100, **{"network": "in", **given}
            )
        )
    return made


def side(deductible: int, coinsurance: int, limit: int | None = None, **more: Any) -> Network:
    """An in-network side in whole dollars and percent, with its default line."""
    terms = {name: more.pop(name) * 100 for name in ("copay",) if name in more}
    return Network(
        deductible=deductible * 100,
        out_of_pocket_limit=None if limit is None else limit * 100,
        benefits={"default": Benefit(coinsurance=coinsurance * 100, **terms), **more.pop("benefits", {})},
        **more,
    )


def totals(made: Callable[[int], Plan], small: int, large: int, bill: list[ServiceLine]) -> tuple[float, float]:
    """What the patient pays with the smaller and with the larger number, in dollars."""
    return you_pay(bill, made(small)) / 100, you_pay(bill, made(large)) / 100


def test_a_larger_deductible_can_lower_a_bill_whose_limit_leaves_coinsurance_out() -> None:
    """The limit of $100 takes the deductible's second $100 away, and it is out of the coinsurance's reach as well.

    Of $1,000: 100 + 50% of 900 = 550. With $200: 200, cut to 100, + 50% of 800 = 500.
    """

    def made(deductible: int) -> Plan:
        return Plan({"in": side(deductible, 50, 100, limit_counts=("deductible",))})

    assert totals(made, 100, 200, bill_of(("default", 1_000))) == (550, 500)


def test_a_larger_deductible_can_spare_a_copay_that_the_limit_leaves_out() -> None:
    """At the limit the deductible is free, but the copay is not: a visit that is all deductible has no copay.

    The drug's 50% of $200 reaches the limit of $100. Then the visit of $80: copay $20. With a deductible: nothing.
    """

    def made(deductible: int) -> Plan:
        drug = {"drug": Benefit(coinsurance=5_000, deductible_applies=False)}
        limit = ("deductible", "coinsurance")
        return Plan({"in": side(deductible, 0, 100, copay=20, benefits=drug, limit_counts=limit)})

    assert totals(made, 0, 100, bill_of(("drug", 200), ("default", 80))) == (120, 100)


def test_a_larger_deductible_can_save_more_on_the_other_side() -> None:
    """What is paid in network counts out of network, where the deductible's dollar is dearer than the share's.

    In network 50% of $1,000 is 500, then the $500 out of network: 1,000. With $500 in network: 500 + 250, and out free.
    """

    def made(deductible: int) -> Plan:
        return Plan({"in": side(deductible, 50), "out": side(500, 0)}, deductible_credits={"in": ("out",)})

    assert totals(made, 0, 500, bill_of(("default", 1_000), ("out", 500))) == (1_000, 750)


def test_a_larger_own_deductible_can_save_the_rest_of_the_family_more() -> None:
    """What one person pays, the family need not: dear where the other would have paid it all, cheap at 50%.

    $250 each: 250 + 50% of 750 = 625, and the child's 250: 875. $500 each: 500 + 250 = 750, and the child is free.
    """

    def made(deductible: int) -> Plan:
        free = {"drug": Benefit()}
        return Plan({"in": side(deductible, 50, family_deductible=50_000, benefits=free)}, family=True)

    bill = [*bill_of(("default", 1_000)), replace(bill_of(("child", 500))[0], benefit="drug", date=date(2027, 2, 1))]
    assert totals(made, 250, 500, bill) == (875, 750)


def test_a_larger_copay_can_lower_a_bill_whose_deductible_it_fills() -> None:
    """The copay takes the place of coinsurance on the visit, and of the deductible after it: twice for once.

    Without: 50% of $200, and $100 of deductible: 200. With $100: 100 + 50% of 100, and the deductible is full: 150.
    """

    def made(copay: int) -> Plan:
        visit = Benefit(copay * 100, 5_000, deductible_applies=False, copay_counts_to_deductible=True)
        return Plan({"in": side(100, 0, benefits={"office_visit": visit})})

    assert totals(made, 0, 100, bill_of(("office_visit", 200), ("default", 100))) == (200, 150)


def test_a_larger_copay_can_lower_a_bill_whose_limit_leaves_coinsurance_out() -> None:
    """The limit of $10 takes the copay's other $40 away, and coinsurance is no longer taken of them.

    Of $100: 10 + 50% of 90 = 55. With $50: 50, cut to 10, + 50% of 50 = 35.
    """

    def made(copay: int) -> Plan:
        return Plan({"in": side(0, 50, 10, copay=copay, limit_counts=("copay",))})

    assert totals(made, 10, 50, bill_of(("default", 100))) == (55, 35)


def test_a_larger_limit_can_save_two_other_deductibles() -> None:
    """What the limit lets you pay in network fills both other networks' deductibles: one dollar saves two.

    Limit $0: nothing in network, then 100 and 100. Limit $100: 100 in network, and the others are full.
    """

    def made(limit: int) -> Plan:
        networks = {"in": side(100, 0, limit), "out": side(100, 0), "third": side(100, 0)}
        return Plan(networks, deductible_credits={"in": ("out", "third")})

    bill = [
        replace(line, network=name)
        for line, name in zip(bill_of(*[("default", 100)] * 3), ("in", "out", "third"), strict=True)
    ]
    assert totals(made, 0, 100, bill) == (200, 100)


def test_a_larger_allowed_amount_can_lower_what_a_supplement_pays() -> None:
    """The supplement pays the excess but not the deductible: what moves from one to the other becomes yours.

    Of $115, allowed $100: the deductible takes 100, the supplement pays 15. Allowed $115: all of it is deductible.
    """
    made = Plan({"in": side(283, 0, balance_bill="owed", balance_bill_limit=1_500, excess_paid_by_plan=True)})
    line = ServiceLine(date(2027, 1, 4), 11_500, network="in", allowed=10_000)
    assert plan_pays([line], made) == 1_500
    assert plan_pays([line.replace(allowed=11_500)], made) == 0


# The same cents as the plain words


def compare(made: Plan, bill: list[ServiceLine], used: Used) -> None:
    """The package and the oracle, line by line and pot by pot."""
    plainly = adjudicate_plainly(bill, made, used)
    for claim, (paid, pots) in zip(adjudicate(bill, made, used), plainly, strict=True):
        assert {part: dollars(getattr(claim.split, part)) for part in PARTS} == paid, claim.line
        assert claimed(claim) == {key: pots.get(key, 0) for key in claimed(claim)}, claim.line


def claimed(claim: Claim) -> dict[tuple[str, str, str], Fraction]:
    """The accumulators after a claim, in the oracle's words."""
    found = {}
    for name, after in claim.accumulated.items():
        found[claim.line.member, name, "deductible"] = dollars(after.deductible)
        found[claim.line.member, name, "out_of_pocket"] = dollars(after.out_of_pocket)
        if after.family_deductible is not None:
            found["family", name, "deductible"] = dollars(after.family_deductible)
            found["family", name, "out_of_pocket"] = dollars(after.family_out_of_pocket)
    return found


@pytest.mark.parametrize("family", [False, True], ids=["one person", "family"])
def test_the_plain_words_give_the_same_cents(family: bool) -> None:
    @law(seeds=2_000)
    def holds(r: Random) -> None:
        compare(*case(r, Kind(family=family)))

    holds()


# There and back


@given(plans())
def test_a_plan_is_read_back_as_it_was_written(made: Plan) -> None:
    assert read(Plan, written(made)) == made
    assert read(Plan, json.loads(json.dumps(as_text(written(made))))) == made
    assert read(Plan, tomllib.loads(tomli_w.dumps(written(made)))) == made


@given(dice())
def test_a_bill_is_read_back_as_it_was_written(r: Random) -> None:
    for line in lines(r, plan(r)):
        assert read(ServiceLine, written(line)) == line


@given(dice())
def test_used_amounts_are_read_back_as_they_were_written(r: Random) -> None:
    used = case(r)[2]
    assert read(Used, written(used)) == used


# Rounding


@given(st.integers(0, 10**9), st.integers(0, WHOLE))
def test_a_part_is_rounded_half_up(amount: int, points: int) -> None:
    exact = Fraction(amount * points, WHOLE)
    assert part_of(amount, points) == floor(exact + Fraction(1, 2))
    assert 0 <= part_of(amount, points) <= amount


@given(st.integers(0, 5 * 10**8).map(lambda n: 2 * n + 1))
def test_half_of_an_odd_amount_is_rounded_up(amount: int) -> None:
    assert part_of(amount, WHOLE // 2) == (amount + 1) // 2


@given(st.integers(0, 10**9), st.integers(1, 60))
def test_parts_of_an_even_split_add_up(amount: int, number: int) -> None:
    parts = split_evenly(amount, number)
    assert sum(parts) == amount
    assert len(parts) == number
    assert max(parts) - min(parts) <= 1
    assert list(parts) == sorted(parts, reverse=True)


def test_an_entry_changes_before_what_holds_it() -> None:
    """Whether there is a benefit at all, and its deductible: without one there is no deductible left to set, and all is owed."""
    ranges = {"plan.networks.out": ("as it is", "no benefit"), "plan.networks.out.deductible": ("750", "4750")}
    patient = kc.example("readme-patient").replace(coverage="infusions too", ranges=ranges)
    found = kc.estimate(patient)
    nets = {(cases["plan.networks.out"], cases["plan.networks.out.deductible"]): net for cases, net in _looked(found)}
    assert nets["no benefit", "750"] == nets["no benefit", "4750"] == found.high == 778_800
    assert nets["as it is", "750"] == found.low < nets["as it is", "4750"] <= 778_800


def _looked(found: kc.Estimate) -> Iterator[tuple[Mapping[str, str], int]]:
    """The values of each case that was looked at, and its net."""
    for one in found.whole_cases:
        yield found.main.cases.where(one.choice), one.net
