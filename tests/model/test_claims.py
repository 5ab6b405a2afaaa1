"""A claim shows what the plan made of a line: covered or why not, by which terms, and what was left before it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ketacost.core.fields import KetacostError
from ketacost.model.accumulators import Amounts, Used
from ketacost.model.adjudication import Claim, adjudicate, months_of, plan_year_of, walk, with_help
from ketacost.model.cost_sharing import NO_BOUNDS, UNLIMITED, Left, Split, Terms, split
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import Benefit, BenefitGroup, FirstVisits, Network, Plan, PlanError, PlanVersion
from ketacost.model.rules import Rule, rule_of

DAY = date(2027, 3, 1)
NOTHING_LEFT = Left(0, 0, 0, 0, NO_BOUNDS)


def side(deductible: int = 10_000, **more: Any) -> Network:
    """A network with 20% after the deductible, and what differs."""
    return Network(**{"deductible": deductible, "benefits": {"default": Benefit(coinsurance=2_000)}, **more})


def line(charge: int, day: date = DAY, **more: Any) -> ServiceLine:
    return ServiceLine(day, charge, **{"network": "in", "allowed": charge, **more})


def one(made: Plan, bill: ServiceLine, used: Used | None = None) -> Claim:
    (claim,) = adjudicate([bill], made, used)
    return claim


ALONE = Plan({"in": side(), "none": "no benefit"}, name="Plan A")


@pytest.mark.parametrize(
    ("bill", "outcome", "covered", "allowed"),
    [
        (line(30_000), "paid", True, 30_000),
        (line(30_000, allowed=20_000), "paid", True, 20_000),
        (line(10_000), "counted", True, 10_000),
        (line(0, allowed=5_000), "counted", True, 5_000),
        (line(0, allowed=None), "counted", True, 0),
        (line(30_000, covered=False), "denied", False, 0),
        (line(0, covered=False, allowed=5_000), "denied", False, 0),
        (line(30_000, network="none"), "denied", False, 0),
    ],
)
def test_a_line_is_paid_counted_or_denied(bill: ServiceLine, outcome: str, covered: bool, allowed: int) -> None:
    """It is counted where the plan covers it and all goes to the patient's own part; a denied line is allowed nothing."""
    claim = one(ALONE, bill)
    assert (claim.outcome, claim.covered, claim.allowed) == (outcome, covered, allowed)


def test_a_network_without_a_benefit_stays_denied_when_the_limit_is_met() -> None:
    made = Plan({"in": side(0, out_of_pocket_limit=1_000), "none": "no benefit"})
    claims = adjudicate([line(9_000), line(9_000), line(500, network="none"), line(500, network="none")], made)
    assert [claim.split.you_pay for claim in claims] == [1_000, 0, 500, 500]
    assert [claim.outcome for claim in claims] == ["paid", "paid", "denied", "denied"]


def test_a_claim_says_why_it_is_not_covered() -> None:
    visits = Benefit(coinsurance=2_000, visit_limit=1)
    made = Plan(
        {
            "in": side(benefits={"default": Benefit(), "therapy": visits, "test": Benefit(covered=False)}),
            "none": "no benefit",
        },
        name="Plan A",
    )
    bill = [
        line(100),
        line(100, benefit="test"),
        line(100, network="none"),
        line(100, covered=False),
        line(100, covered=False, why_not="not for this"),
        line(100, benefit="therapy"),
        line(100, date(2027, 3, 2), benefit="therapy"),
    ]
    assert [claim.why_not for claim in adjudicate(bill, made)] == [
        "",
        "Plan A does not cover this benefit (test)",
        "Plan A: no benefit in this network",
        "the plan does not cover this service",
        "not for this",
        "",
        "the plan covers 1 visits of this benefit a plan year",
    ]


@pytest.mark.parametrize(
    ("help_", "charge", "pays"),
    [(20_000, 30_000, 16_400), (16_400, 30_000, 16_400), (16_399, 30_000, 16_399), (0, 30_000, 0)],
)
def test_help_pays_copay_deductible_and_coinsurance_and_no_more(help_: int, charge: int, pays: int) -> None:
    """A copay of $30, the deductible of $100 and 20% of the other $170 are $164; a balance bill is not helped."""
    made = Plan({"in": side(benefits={"default": Benefit(3_000, 2_000)}, balance_bill="owed")})
    claim = one(made, line(charge + 5_000, allowed=charge, assistance=help_))
    assert (claim.split.copay, claim.split.deductible, claim.split.coinsurance) == (3_000, 10_000, 3_400)
    assert claim.help_pays == pays


def test_the_terms_of_a_line_have_what_the_visit_left_of_the_copay() -> None:
    """A copay of $30: the first line takes $20 of it, the second $10, the third nothing; and the next day has all of it."""
    made = Plan({"in": side(0, benefits={"default": Benefit(3_000)})})
    bill = [line(2_000), line(9_000), line(9_000), line(9_000, date(2027, 3, 2))]
    claims = adjudicate(bill, made)
    assert [claim.terms.copay for claim in claims] == [3_000, 1_000, 0, 3_000]
    assert [claim.split.copay for claim in claims] == [2_000, 1_000, 0, 3_000]


def test_the_highest_copay_of_a_day_leaves_none_for_a_lower_one() -> None:
    made = Plan(
        {
            "in": side(
                0,
                benefits={
                    "default": Benefit(),
                    "specialist": Benefit(5_000),
                    "therapy": Benefit(3_000),
                    "test": Benefit(4_000),
                },
                highest_copay_a_day=("specialist", "therapy"),
            )
        }
    )
    bill = [line(9_000, benefit=name) for name in ("specialist", "therapy", "test")]
    claims = adjudicate(bill, made)
    assert [claim.split.copay for claim in claims] == [5_000, 0, 4_000]
    assert claims[1].terms.copay == 0


def test_the_highest_copay_of_a_day_may_be_that_of_one_kind_of_visit() -> None:
    made = Plan({"in": side(0, benefits={"default": Benefit(5_000)}, highest_copay_a_day=("default",))})
    assert [parts.copay for parts in walk([line(9_000), line(9_000)], made)] == [5_000, 0]


def test_a_line_of_nothing_shows_no_share_and_what_may_be_billed_above() -> None:
    """What is included in another charge takes no copay and no share; a protected line may bill nothing above."""
    made = Plan({"in": side(balance_bill="owed", benefits={"default": Benefit(3_000, 2_000)})})
    terms = one(made, line(0)).terms
    assert (terms.copay, terms.coinsurance, terms.excess) == (0, 0, -1)
    assert one(made, line(0, protected=True)).terms.excess == 0
    assert one(made, line(0, balance_billed=False)).terms.excess == 0
    limited = Plan({"in": side(balance_bill="owed", balance_bill_limit=1_500)})
    assert one(limited, line(0)).terms.excess == 1_500


@pytest.mark.parametrize("charge", [0, 500])
def test_a_denied_line_has_no_copay_and_no_share_and_all_of_it_may_be_billed(charge: int) -> None:
    made = Plan(
        {"in": side(balance_bill="owed", balance_bill_limit=1_500, benefits={"default": Benefit(3_000, 2_000)})}
    )
    terms = one(made, line(charge, covered=False)).terms
    assert terms._replace(excess=0) == Terms(*[0] * 11)
    assert terms.excess == -1


@pytest.mark.parametrize(
    ("of", "base"), [("what is left", 5_000), ("allowed less the deductible", 8_000), ("allowed amount", 18_000)]
)
def test_the_share_is_of_the_charge_where_that_is_below_the_allowed_amount(of: str, base: int) -> None:
    """$180 are billed, $400 would be allowed; $100 go to the deductible and $30 to a copay."""
    benefit = Benefit(3_000, 2_000, coinsurance_on=of)  # type: ignore[arg-type]
    claim = one(Plan({"in": side(benefits={"default": benefit})}), line(18_000, allowed=40_000))
    assert (claim.share_of, claim.split.coinsurance) == (base, base // 5)


FAMILY = Plan(
    {
        "out": side(40_000),
        "in": side(
            50_000,
            family_deductible=60_000,
            out_of_pocket_limit=200_000,
            family_out_of_pocket_limit=300_000,
            benefits={"default": Benefit(), "drug": Benefit()},
            groups={"drug": BenefitGroup(("drug",), deductible=8_000, deductible_inside=False)},
        ),
    },
    family=True,
    deductible_kind="embedded",
    limit_kind="embedded",
)


@pytest.mark.parametrize(
    ("who", "benefit", "deductible", "limit"),
    [
        ("patient", "default", 20_000, 170_000),
        ("child", "default", 30_000, 200_000),
        ("patient", "drug", 8_000, 170_000),
    ],
)
def test_a_line_of_nothing_shows_what_is_left_of_the_patients_own_and_the_familys_part(
    who: str, benefit: str, deductible: int, limit: int
) -> None:
    """$300 of the patient's count: $200 of their $500 are left, and $300 of the family's $600. Drugs have their own $80."""
    claims = adjudicate([line(30_000), line(0, member=who, benefit=benefit)], FAMILY)
    assert (claims[1].left.deductible, claims[1].left.limit) == (deductible, limit)
    charged = adjudicate([line(30_000), line(1, member=who, benefit=benefit)], FAMILY)
    assert charged[1].left == claims[1].left


def test_a_line_of_nothing_shows_what_is_left_of_one_persons_plan() -> None:
    assert one(ALONE, line(0)).left == Left(10_000, UNLIMITED, UNLIMITED, 0, NO_BOUNDS)
    met = Used(as_of=date(2027, 2, 1), members={"patient": {"in": Amounts(10_000)}})
    assert one(ALONE, line(0), met).left.deductible == 0
    assert one(ALONE, line(0, covered=False)).left == Left(0, UNLIMITED, UNLIMITED)


def test_claims_are_equal_where_they_show_the_same() -> None:
    claim = one(ALONE, line(30_000))
    assert claim == one(ALONE.replace(), line(30_000))
    assert claim != one(ALONE.replace(networks={"in": side(0)}), line(30_000))
    assert claim != "a claim"
    assert one(ALONE, line(0)) != one(Plan({"in": side(5_000)}), line(0))  # what is left differs


@pytest.mark.parametrize(
    ("starts", "day", "year", "month"),
    [
        (1, date(2027, 1, 1), date(2027, 1, 1), 0),
        (1, date(2027, 12, 31), date(2027, 1, 1), 11),
        (7, date(2027, 6, 30), date(2026, 7, 1), -1),
        (7, date(2027, 7, 1), date(2027, 7, 1), 0),
        (315, date(2027, 3, 14), date(2026, 3, 15), -1),
        (315, date(2027, 3, 15), date(2027, 3, 15), 0),
        (315, date(2027, 4, 14), date(2027, 3, 15), 0),
        (315, date(2027, 4, 15), date(2027, 3, 15), 1),
    ],
)
def test_a_plan_year_and_its_months_begin_on_their_day(starts: int, day: date, year: date, month: int) -> None:
    assert plan_year_of(day, starts) == year
    assert months_of(day, starts) == 2027 * 12 + month
    assert one(Plan({"in": side()}, plan_year_starts=starts), line(100, day)).plan_year == year


@pytest.mark.parametrize(("credit", "begins"), [(True, date(2026, 3, 1)), (False, date(2026, 7, 1))])
def test_another_plan_goes_on_with_the_plan_year_where_it_gives_credit(credit: bool, begins: date) -> None:
    """A plan year from March 1; the next plan from July 1 begins its own, unless it credits what was used."""
    later = PlanVersion(date(2026, 7, 1), Plan({"in": side(20_000)}, plan_year_starts=3), credit)
    made = Plan({"in": side()}, plan_year_starts=3, versions=(later,))
    bill = [line(4_000, day) for day in (date(2026, 6, 30), date(2026, 7, 1), date(2027, 2, 28), date(2027, 3, 1))]
    claims = adjudicate(bill, made)
    assert [claim.plan_year for claim in claims] == [date(2026, 3, 1), begins, begins, date(2027, 3, 1)]
    left = 16_000 if credit else 20_000
    assert [claim.left.deductible for claim in claims] == [10_000, left, left - 4_000, 20_000]


@pytest.mark.parametrize(("day", "refused"), [(14, True), (15, False), (16, False)])
def test_a_line_before_the_day_of_what_was_used_may_be_in_it(day: int, refused: bool) -> None:
    used = Used(as_of=date(2027, 2, 15), members={"patient": {"in": Amounts(4_000)}})
    bill = [line(30_000, date(2027, 2, day))]
    if refused:
        with pytest.raises(PlanError, match="is before 2027-02-15"):
            walk(bill, ALONE, used)
    else:
        assert walk(bill, ALONE, used)[0].deductible == 6_000
    assert walk([line(30_000, date(2026, 2, day))], ALONE, used)[0].deductible == 10_000  # of the year before


def test_what_was_used_of_a_year_without_lines_is_not_looked_at() -> None:
    """The spouse, who left the plan last year, has used something of it; this year's plan is for one person."""
    used = Used(as_of=date(2026, 5, 1), members={"spouse": {"in": Amounts(4_000)}})
    assert walk([line(30_000)], ALONE, used)[0].deductible == 10_000


def test_visits_before_another_plan_count_in_it_with_credit() -> None:
    """Two visits a year are covered. One was under the first plan: the second plan covers one more, with credit."""
    benefits = {"default": Benefit(), "therapy": Benefit(visit_limit=2)}
    visit = [line(9_000, date(2026, month, 1), benefit="therapy") for month in (6, 7, 8)]
    for credit, covered in ((True, [True, True, False]), (False, [True, True, True])):
        later = PlanVersion(date(2026, 7, 1), Plan({"in": side(0, benefits=benefits)}), credit)
        made = Plan({"in": side(0, benefits=benefits)}, versions=(later,))
        assert [claim.covered for claim in adjudicate(visit, made)] == covered


def test_the_first_visits_have_no_least_share_and_their_own_deductible() -> None:
    """20%, but at least $50 a visit; the first visit takes 10% and no deductible: $9. The second: $90 of deductible, $50."""
    first = FirstVisits(1, coinsurance=1_000, deductible_applies=False)
    benefit = Benefit(coinsurance=2_000, coinsurance_least=5_000, first_visits=first)
    made = Plan({"in": side(9_000, benefits={"default": benefit})})
    bill = [line(charge, date(2027, 3, day)) for day, charge in ((1, 9_000), (2, 19_000), (3, 19_000))]
    assert [(parts.deductible, parts.coinsurance) for parts in walk(bill, made)] == [
        (0, 900),
        (9_000, 5_000),
        (0, 5_000),
    ]


def test_another_kind_of_visit_in_between_does_not_begin_the_least_share_anew() -> None:
    """A test takes a copay of $30 and 20%, at least $50, once for all its lines of the visit; the drugs' copays, and
    the 10% of the clinic's drug, at most $5, are apart."""
    tests_ = Benefit(3_000, 2_000, coinsurance_least=5_000)
    benefits = {
        "default": Benefit(),
        "drug": Benefit(1_000),
        "test": tests_,
        "clinic_drug": Benefit(3_000, 1_000, coinsurance_most=500),
    }
    made = Plan({"in": side(0, benefits=benefits)})
    bill = [line(10_000, benefit=name) for name in ("drug", "test", "clinic_drug", "test", "drug", "clinic_drug")]
    assert [(parts.copay, parts.coinsurance) for parts in walk(bill, made)] == [
        (1_000, 0),
        (3_000, 5_000),
        (3_000, 500),
        (0, 0),
        (0, 0),
        (0, 0),
    ]


def test_a_most_without_a_least_takes_nothing_of_two_cents() -> None:
    benefit = Benefit(coinsurance=2_000, coinsurance_most=5_000)
    made = Plan({"in": side(0, benefits={"default": benefit})})
    assert [parts.coinsurance for parts in walk([line(2), line(2, date(2027, 3, 2)), line(90_000)], made)] == [
        0,
        5_000,
        0,
    ]


def test_a_plan_that_counts_a_network_for_a_drug_counts_it_in_the_group_too() -> None:
    """What is paid out of network counts in network too, for drugs in their own deductible of $80; out has no groups."""
    groups = {"drug": BenefitGroup(("drug",), deductible=8_000, deductible_inside=False)}
    made = Plan({"out": side(50_000), "in": side(groups=groups)}, deductible_credits={"out": ("in",)})
    bill = [
        line(3_000, network="out"),
        line(5_000, network="out", benefit="drug"),
        line(9_000, benefit="drug"),
        line(9_000),
    ]
    assert [parts.deductible for parts in walk(bill, made)] == [3_000, 5_000, 3_000, 7_000]


def test_help_counts_once_the_least_has_been_paid_with_own_money() -> None:
    """A rule under which help does not count, but for what comes after $200 of the deductible of the plan year.

    $200 of one's own come first, so the help for the $100 counts; $900 are left of it. A new year begins with nothing
    counted: its first $100 of help do not count, nor those after $199.99; what follows $200 does, while help lasts.
    """
    made = Plan({"in": side(50_000)})
    bill = [
        line(20_000, date(2027, 3, 1), service="observation"),
        line(10_000, date(2027, 3, 2), service="esketamine"),
        line(10_000, date(2028, 3, 1), service="esketamine"),
        line(19_999, date(2028, 3, 2), service="observation"),
        line(10_000, date(2028, 3, 3), service="esketamine"),
        line(1, date(2028, 3, 4), service="observation"),
        line(10_000, date(2028, 3, 4), service="esketamine"),
    ]
    asked = list[date]()

    def least(begins: date) -> int:
        asked.append(begins)
        return 20_000

    rule = rule_of("copay accumulator")
    helped, splits = with_help(bill, made, Used(), rule, 100_000, ("esketamine",), least)
    assert [one.assistance for one in helped] == [0, 0, 90_000, 0, 80_000, 0, 0]
    assert [parts.deductible for parts in splits] == [20_000, 10_000, 10_000, 19_999, 10_000, 1, 10_000]
    assert {day.year for day in asked} == {2027, 2028}
    anything, _ = with_help(bill[:2], made, Used(), rule, 25_000, ())
    assert [one.assistance for one in anything] == [25_000, 5_000]


def test_a_changed_rule_splits_every_line_and_a_denied_one_has_nothing_allowed_and_nothing_left() -> None:
    asked = []

    def spied(charge: int, allowed: int, covered: int, terms: Terms, left: Left) -> Split:
        asked.append((charge, allowed, covered, left))
        return split(charge, allowed, covered, terms, left)

    rule = Rule("seen", "It is seen what a split is given.", split=spied)
    assert walk([line(5_000, covered=False)], ALONE, rule=rule) == [Split(5_000, 0, 0, 0, 0, 0)]
    assert asked == [(5_000, 0, 0, NOTHING_LEFT)]
    asked.clear()
    made = Plan({"in": side(0, benefits={"default": Benefit(coinsurance=2_000, coinsurance_least=5_000)})})
    assert walk([line(9_000)], made, rule=rule) == [Split(0, 0, 0, 0, 5_000, 4_000)]
    usual = Left(0, UNLIMITED, UNLIMITED)
    assert [(given[:3], given[3]) for given in asked] == [
        ((9_000, 9_000, 1), usual),
        ((9_000, 9_000, 1), usual._replace(share=5_000)),
    ]
    borne = line(5_000, covered=False, provider_bears=True)
    assert walk([borne], ALONE, rule=rule) == walk([borne], ALONE) == [Split(0, 5_000, 0, 0, 0, 0)]


@pytest.mark.parametrize(("moved", "told"), [(-1, "negative part"), (1, "does not balance")])
def test_a_claim_has_no_negative_part_and_balances(moved: int, told: str) -> None:
    """A copay of -$0.01 that the plan pays, and one of $0.01 that nobody was billed."""
    claim = one(ALONE, line(10_000))
    parts = claim.split._replace(copay=moved, plan_pays=1)
    with pytest.raises(KetacostError, match=told):
        Claim(claim.line, parts, claim.taken)


@pytest.mark.parametrize(
    ("off", "told"),
    [
        (Split(0, 0, 0, 0, 0, 1), r"\$?0\.01 too much"),
        (Split(0, 0, 0, 0, 0, -1), r"0\.01 too little"),
        (Split(-1, 0, 0, 0, 0, 1), "negative part"),
    ],
)
def test_a_variant_that_loses_or_makes_money_is_refused(off: Split, told: str) -> None:
    def wrong(charge: int, allowed: int, covered: int, terms: Terms, left: Left) -> Split:
        parts = split(charge, allowed, covered, terms, left)
        return Split(*(part + more for part, more in zip(parts, off, strict=True)))

    rule = Rule("wrong", "A split that is off.", split=wrong)
    with pytest.raises(KetacostError, match=told):
        walk([line(30_000)], ALONE, rule=rule)
