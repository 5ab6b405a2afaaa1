"""Health savings accounts: who may put money in, how much, and what too much costs. Published examples stand with their place."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketacost as kc
from ketacost.accounts.hsa import (
    FailedTestingPeriod,
    Holder,
    HsaAmounts,
    HsaCoverage,
    HsaError,
    HsaLimit,
    HsaMonth,
    Span,
    amounts,
    excess,
    failed_testing,
    limit,
    limit_of,
    medicare_begins,
    months,
    put_back_by,
    stay_eligible,
    why_not_hdhp,
)
from ketacost.core.references import NotKnownOn
from ketacost.model.plans import NOT_STATED, Benefit, FirstVisits, Network, Plan

YEAR = Span(date(2026, 1, 1), date(2026, 12, 31))
LONG = Span(date(2020, 1, 1), date(2030, 12, 31))


def hdhp(deductible: int = 170_000, most: int | None = 850_000, **more: object) -> Plan:
    side = Network(deductible=deductible, out_of_pocket_limit=most, benefits={"default": Benefit(coinsurance=2_000)})
    return Plan(networks={"in": side}, **more)  # type: ignore[arg-type]


def family(deductible: int, together: int, kind: str = "embedded") -> Plan:
    side = Network(deductible=deductible, family_deductible=together, family_out_of_pocket_limit=1_700_000)
    return Plan(networks={"in": side}, family=True, deductible_kind=kind)  # type: ignore[arg-type]


def why(plan: Plan, day: date = date(2026, 6, 1), **more: object) -> str:
    return why_not_hdhp(HsaCoverage(plan, LONG, **more), day)  # type: ignore[arg-type]


def held(plan: Plan | None = None, days: Span = LONG, **more: object) -> Holder:
    return Holder((HsaCoverage(plan or hdhp(hsa_eligible=True), days),), **more)  # type: ignore[arg-type]


def states(*kinds: str | None) -> tuple[HsaMonth, ...]:
    """Twelve months from their kinds of coverage; None for a month that doesn't count."""
    return tuple(
        HsaMonth(date(2024, i, 1), kind, "" if kind else "not covered")  # type: ignore[arg-type]
        for i, kind in enumerate(kinds, 1)
    )


def eligible(holder: Holder, year: int = 2026) -> list[int]:
    return [state.first.month for state in months(holder, year) if state.eligible]


# The plan


def test_a_plan_on_the_bounds_of_its_year_is_a_high_deductible_plan() -> None:
    assert why(hdhp()) == ""
    assert "below $1,700.00" in why(hdhp(169_999))
    assert "above $8,500.00" in why(hdhp(most=850_001))
    assert "no out-of-pocket limit" in why(hdhp(most=None))


def test_the_bounds_are_those_of_the_year_in_which_the_plan_year_begins() -> None:
    september = hdhp(plan_year_starts=9)
    assert why(september, date(2027, 8, 1)) == ""
    assert "below $1,750.00" in why(september, date(2027, 9, 1))


def test_an_embedded_deductible_below_the_familys_least_spoils_a_family_plan() -> None:
    assert "$2,000.00 is below $3,400.00" in why(family(200_000, 400_000))
    assert why(family(340_000, 680_000)) == ""
    assert why(family(200_000, 400_000, "aggregate")) == ""
    assert "does not state" in why(family(340_000, 680_000, "not stated"))


def test_a_line_paid_before_the_deductible_spoils_a_plan_that_does_not_call_itself_eligible() -> None:
    benefits = {"office_visit": Benefit(copay=3_000, deductible_applies=False)}
    side = Network(deductible=200_000, out_of_pocket_limit=600_000, benefits=benefits)
    assert "office visit before the deductible" in why(Plan(networks={"in": side}))
    assert why(Plan(networks={"in": side}, hsa_eligible=True)) == ""
    assert "not HSA eligible" in why(Plan(networks={"in": side}, hsa_eligible=False))


def test_a_bronze_plan_of_an_exchange_counts_from_2026_whatever_its_numbers() -> None:
    bronze = kc.plans["covered-california-2026-bronze-60"]
    assert why(bronze, date(2026, 1, 1), level="bronze") == ""
    assert why(bronze, date(2025, 12, 1), level="bronze") != ""
    assert "above" in why(bronze, date(2026, 1, 1))


@pytest.mark.parametrize(
    "name", ["nextgen-2026-2000", "university-blue-access-2026-hsa", "covered-california-2026-bronze-hdhp"]
)
def test_published_plans_that_call_themselves_eligible_pass_on_their_numbers(name: str) -> None:
    plan = kc.plans[name]
    assert plan.hsa_eligible is True
    assert why(plan) == ""


def test_a_plan_of_which_only_the_far_side_is_known_is_asked_about() -> None:
    assert "ask the plan" in why(Plan.of(deductible=2_000, coinsurance="20%"))


def test_a_family_plan_has_bounds_of_its_own() -> None:
    """2026: a deductible of at least $3,400 for the family, and a limit of at most $17,000."""
    assert "below $3,400.00" in why(family(100_000, 339_999, "aggregate"))
    side = Network(deductible=340_000, family_deductible=340_000, family_out_of_pocket_limit=1_700_001)
    above = Plan(networks={"in": side}, family=True, deductible_kind="embedded")
    assert "above $17,000.00" in why(above)
    without = above.replace(networks={"in": side.replace(family_out_of_pocket_limit=None)})
    assert why(without) == f"{without.name} has no family out-of-pocket limit"
    assert why(hdhp(most=None)) == f"{hdhp().name} has no out-of-pocket limit"
    alone = Network(deductible=339_999, family_out_of_pocket_limit=1_700_000)
    assert "below" in why(Plan(networks={"in": alone}, family=True, deductible_kind="aggregate"))


def test_what_a_plan_does_not_state_is_asked_for() -> None:
    assert "does not state its deductible" in why(Plan(networks={"in": _side("d")}))
    assert "does not state its out-of-pocket limit" in why(Plan(networks={"in": _side("limit")}))


def _side(without: str) -> Network:
    """The side of a plan that does not state its deductible, or its limit."""
    benefits = {"default": Benefit(coinsurance=2_000)}
    if without == "d":
        return Network(deductible=NOT_STATED, out_of_pocket_limit=850_000, benefits=benefits)
    return Network(deductible=170_000, out_of_pocket_limit=NOT_STATED, benefits=benefits)


def test_first_visits_without_the_deductible_spoil_a_plan_and_a_line_that_is_not_covered_does_not() -> None:
    def of(benefit: Benefit) -> str:
        side = Network(deductible=200_000, out_of_pocket_limit=600_000, benefits={"therapy": benefit})
        return why(Plan(networks={"in": side}))

    assert "therapy before the deductible" in of(Benefit(first_visits=FirstVisits(2, deductible_applies=False)))
    assert of(Benefit(first_visits=FirstVisits(2, deductible_applies=True))) == ""
    assert of(Benefit(covered=False, deductible_applies=False)) == ""


# The months


def test_a_stretch_may_be_one_day_and_does_not_end_before_it_begins() -> None:
    assert Span(date(2026, 3, 1), date(2026, 3, 1)).holds(date(2026, 3, 1))
    with pytest.raises(HsaError, match="on or after"):
        Span(date(2026, 3, 2), date(2026, 3, 1))


def test_the_first_day_of_a_month_decides() -> None:
    assert eligible(held(days=Span(date(2026, 3, 2), date(2026, 10, 1)))) == [4, 5, 6, 7, 8, 9, 10]


def test_who_has_a_family_plan_beside_a_plan_of_ones_own_has_family_coverage() -> None:
    plans = (hdhp(hsa_eligible=True), family(340_000, 680_000).replace(hsa_eligible=True))
    both = Holder(tuple(HsaCoverage(plan, LONG) for plan in plans))
    assert [month.kind for month in months(both, 2026)] == ["family"] * 12
    assert limit(both, 2026).total == 875_000


def test_medicare_other_coverage_and_a_general_fsa_each_end_it() -> None:
    assert eligible(held(medicare_from=date(2026, 5, 1))) == [1, 2, 3, 4]
    assert eligible(held(other_coverage=(Span(date(2026, 2, 1), date(2026, 3, 15)),))) == [1, *range(4, 13)]
    # A grace period to 15 March: eligible from the first month after it (Notice 2005-86).
    assert eligible(held(general_fsa=(Span(date(2025, 1, 1), date(2026, 3, 15)),))) == [*range(4, 13)]
    assert eligible(held(dependent=True)) == []
    assert eligible(Holder(())) == []


def test_direct_primary_care_does_no_harm_up_to_its_fee_from_2026() -> None:
    assert eligible(held(direct_primary_care=15_000)) == [*range(1, 13)]
    assert eligible(held(direct_primary_care=15_001)) == []
    assert eligible(held(direct_primary_care=15_000), 2025) == []
    ours = family(340_000, 680_000).replace(hsa_eligible=True)
    assert eligible(held(ours, direct_primary_care=30_000)) == [*range(1, 13)]
    assert eligible(held(ours, direct_primary_care=30_001)) == []


def test_part_a_reaches_back_six_months_and_never_before_65() -> None:
    assert medicare_begins(date(2026, 8, 20), turns_65=date(2024, 5, 3)) == date(2026, 2, 1)
    assert medicare_begins(date(2026, 8, 20), turns_65=date(2026, 6, 9)) == date(2026, 6, 1)
    assert medicare_begins(date(2026, 2, 1), turns_65=date(2020, 6, 9)) == date(2025, 8, 1)


# The limit


def test_a_whole_year_takes_the_whole_limit() -> None:
    assert limit(held(), 2026) == HsaLimit(440_000, 440_000)
    assert not limit(held(), 2026).last_month_rule
    assert limit(held(family(340_000, 680_000)), 2026) == HsaLimit(875_000, 875_000)
    assert limit(held(birth_year=1971), 2026).total == 540_000
    assert limit(held(birth_year=1972), 2026).total == 440_000


def test_a_year_that_is_not_in_is_told() -> None:
    with pytest.raises(NotKnownOn):
        amounts(2028)


def test_five_months_of_twelve() -> None:
    """HSA Edge: August to December 2016 without the last-month rule: 5/12 of 3,350, of 6,750 and of 1,000 more at 55."""
    five = (None,) * 7
    most = HsaAmounts(335_000, 675_000, 100_000)
    assert limit_of(states(*five, *["self_only"] * 5), most).by_months == 139_583
    assert limit_of(states(*five, *["family"] * 5), most).by_months == 281_250
    assert limit_of(states(*five, *["self_only"] * 5), most, adds=True).by_months == 139_583 + 41_667


def test_the_last_month_rule_and_its_testing_period() -> None:
    """Instructions for Form 8889 (2024), quoted by TaxSlayer: eligible on 1 December with family coverage, 8,300 put in,
    not eligible from June: the limit by months is 691.67, and the rest goes into the next year's income."""
    found = limit_of(states(*[None] * 11, "family"), amounts(2024))
    assert found == HsaLimit(69_167, 830_000)
    assert found.last_month_rule
    assert stay_eligible(2024) == Span(date(2024, 12, 1), date(2025, 12, 31))
    lost = states(*["family"] * 5, *[None] * 7)
    assert failed_testing(found, 830_000, lost, date(2025, 6, 1)) == FailedTestingPeriod(760_833, 76_083)
    assert failed_testing(found, 60_000, lost, date(2025, 6, 1)) is None
    assert failed_testing(found, 830_000, states(*["self_only"] * 12), date(2025, 12, 31)) is None


def test_a_divorce_in_march() -> None:
    """Instructions for Form 8889 (2016), example of line 6: three months of family coverage, a quarter of them mine, then
    nine of self-only: 421.87 + 2,512.50 by months, and 3,350 under the last-month rule; the other spouse 6,750."""
    most = HsaAmounts(335_000, 675_000, 100_000)
    shared = states(*["family"] * 3, *[None] * 9)
    mine = limit_of(states(*["family"] * 3, *["self_only"] * 9), most, theirs=shared, my_share=2_500)
    assert mine == HsaLimit(293_438, 335_000)  # the instructions print 2,934.37, from parts rounded apart
    theirs = limit_of(states(*["family"] * 12), most, theirs=shared, my_share=7_500)
    assert theirs.total == 675_000


ADDS = {2019: HsaAmounts(350_000, 700_000, 100_000), 2023: HsaAmounts(385_000, 775_000, 100_000)}


@pytest.mark.parametrize("share", [0, 3_333, 5_000, 10_000])
@pytest.mark.parametrize(("year", "months_left", "together"), [(2019, 9, 875_000), (2023, 6, 925_000)])
def test_a_couple_of_whom_one_goes_on_medicare_has_one_family_limit(
    year: int, months_left: int, together: int, share: int
) -> None:
    """IRC 223(b)(5), both over 55: 7,000 + 1,000 + 9/12 of 1,000 in 2019, 7,750 + 1,000 + 6/12 of 1,000 in 2023."""
    mine, theirs = states(*["family"] * months_left, *[None] * (12 - months_left)), states(*["family"] * 12)
    one = limit_of(mine, ADDS[year], adds=True, theirs=theirs, my_share=share)
    two = limit_of(theirs, ADDS[year], adds=True, theirs=mine, my_share=10_000 - share)
    assert one.total + two.total == together


def test_whether_a_couple_is_still_married_can_be_said() -> None:
    year, half = states(*["family"] * 12), states(*["family"] * 6, *[None] * 6)
    assert limit_of(year, amounts(2026), theirs=half, married=False).total == 875_000
    assert limit_of(year, amounts(2026), theirs=half, married=True).total == 656_250
    assert limit_of(year, amounts(2026), theirs=half, adds=True, married=False).total == 975_000


def test_a_spouse_who_went_on_medicare_is_still_married() -> None:
    """Half of six months of 8,750, and six months alone: 6,562.50; the spouse had 2,187.50 and half a year's 1,000."""
    younger = held(family(340_000, 680_000))
    until = Span(date(2020, 1, 1), date(2026, 6, 30))
    older = held(family(340_000, 680_000), until, birth_year=1961, medicare_from=date(2026, 7, 1))
    assert limit(younger, 2026, spouse=older).total == 656_250
    assert limit(older, 2026, spouse=younger).total == 218_750 + 50_000
    assert limit(younger, 2026, spouse=older, married=False).total == 875_000


def test_a_spouse_without_a_plan_in_december_alone_is_taken_as_divorced() -> None:
    year, until_november = states(*["family"] * 12), states(*["family"] * 11, None)
    assert limit_of(year, amounts(2026), theirs=until_november).total == 875_000
    assert limit_of(year, amounts(2026), theirs=until_november, married=True).total < 875_000


def test_both_on_medicare_from_the_months_in_which_they_turn_65() -> None:
    """IRS Information Letter 2016-0003: four months of 6,750 shared, then five of self-only coverage for the husband."""
    most = HsaAmounts(335_000, 675_000, 100_000)
    wife, husband = states(*["family"] * 4, *[None] * 8), states(*["family"] * 4, *["self_only"] * 5, *[None] * 3)
    hers = limit_of(wife, most, adds=True, theirs=husband)
    assert hers == HsaLimit(112_500 + 33_333, 112_500 + 33_333)
    his = limit_of(husband, most, adds=True, theirs=wife)
    assert his.total == 112_500 + 139_583 + 75_000


def test_the_last_month_rule_gives_a_couple_one_family_limit() -> None:
    """I come in July, my spouse was there all year: half a family limit is left for me to share."""
    mine, theirs = states(*[None] * 6, *["family"] * 6), states(*["family"] * 12)
    for share in (0, 5_000, 10_000):
        one = limit_of(mine, amounts(2026), theirs=theirs, my_share=share)
        two = limit_of(theirs, amounts(2026), theirs=mine, my_share=10_000 - share)
        assert one.total + two.total == 875_000


def test_a_couple_that_comes_in_july_shares_the_whole_years_limit_as_agreed() -> None:
    half = states(*[None] * 6, *["family"] * 6)
    for share in (0, 2_500, 5_000, 10_000):
        one = limit_of(half, amounts(2026), theirs=half, my_share=share)
        assert one.total == 875_000 * share // 10_000
        assert abs(2 * one.by_months - one.total) <= 1


def test_half_a_cent_is_rounded_up_for_the_smaller_share_and_for_a_half() -> None:
    """Half of 3 cents is 1.5; a quarter of 6 is 1.5 and the rest 4.5."""
    year = states(*["family"] * 12)
    assert limit_of(year, HsaAmounts(1, 3, 0), theirs=year).total == 2
    quarter, rest = (limit_of(year, HsaAmounts(1, 6, 0), theirs=year, my_share=share) for share in (2_500, 7_500))
    assert (quarter.total, rest.total) == (2, 4)


def test_a_couple_halves_one_family_limit_and_adds_each_their_own() -> None:
    """IRS volunteer training, 2013: half of 6,450 and 1,000 more at 58 make 4,225; the spouse of 53 has 3,225."""
    most, year = HsaAmounts(325_000, 645_000, 100_000), states(*["family"] * 12)
    assert limit_of(year, most, adds=True, theirs=year).total == 422_500
    assert limit_of(year, most, theirs=year).total == 322_500


def test_a_spouse_whose_plan_becomes_a_family_plan_in_december_makes_both_share_that_month() -> None:
    """Eleven months of 4,400 and one of half of 8,750; with what both put in, no more of a family limit is left."""
    most, mine = amounts(2026), states(*["self_only"] * 12)
    theirs = states(*["self_only"] * 11, "family")
    assert limit_of(mine, most, theirs=theirs) == HsaLimit(403_333 + 36_459, 403_333 + 36_459)


def test_a_spouse_whose_family_plan_ends_in_november_leaves_a_self_only_plan_its_own_limit() -> None:
    """Eleven months of half of 8,750 and one of 4,400 are 4,377.08; December's plan alone allows 4,400.

    So it is where the spouse has another plan in December, none, or Medicare beside the family plan.
    """
    months_before, mine = states(*["family"] * 11, "self_only"), states(*["self_only"] * 12)
    on_medicare = months_before[-1]._replace(kind="family", why_not="Medicare")
    for december in (months_before[-1], states(*[None] * 12)[-1], on_medicare):
        theirs = (*months_before[:-1], december)
        assert limit_of(mine, amounts(2026), theirs=theirs) == HsaLimit(437_708, 440_000)


def test_one_family_plan_makes_both_share_but_two_self_only_plans_do_not() -> None:
    mine, ours = held(), held(family(340_000, 680_000))
    assert limit(mine, 2026, spouse=ours).total == 437_500
    assert limit(mine, 2026, spouse=held()).total == 440_000
    assert limit(mine, 2026, spouse=ours, my_share=0).total == 0
    assert limit(ours, 2026, spouse=held(medicare_from=date(2020, 1, 1))).total == 875_000
    with pytest.raises(HsaError, match="between 0 and 10000"):
        limit(mine, 2026, spouse=ours, my_share=10_001)


@given(st.lists(st.sampled_from([None, "self_only", "family"]), min_size=12, max_size=12), st.booleans())
def test_no_limit_passes_the_years_and_one_more_month_never_lowers_it(kinds: list[str | None], adds: bool) -> None:
    found = limit_of(states(*kinds), amounts(2026), adds=adds)
    assert 0 <= found.by_months <= found.total <= 875_000 + 100_000 * adds
    more = [kind or "self_only" for kind in kinds]
    assert limit_of(states(*more), amounts(2026), adds=adds).by_months >= found.by_months


COVERED = st.lists(st.sampled_from(["self_only", "family"]), min_size=12, max_size=12)


@given(COVERED, COVERED, st.integers(0, 10_000))
def test_what_a_couple_splits_never_passes_their_limits(a: list[str], b: list[str], mine: int) -> None:
    ours, theirs = states(*a), states(*b)
    one = limit_of(ours, amounts(2026), theirs=theirs, my_share=mine)
    other = limit_of(theirs, amounts(2026), theirs=ours, my_share=10_000 - mine)
    together = sum(875_000 if "family" in pair else 880_000 for pair in zip(a, b, strict=True)) / 12
    assert abs(one.by_months + other.by_months - together) <= 2  # a cent of rounding each


# Too much


def test_the_employers_money_counts_and_too_much_can_be_mended() -> None:
    found = limit(held(), 2026)
    assert excess(found, 2026, mine=400_000, employer=40_000) is None
    over = excess(found, 2026, mine=440_000, employer=50_000)
    assert over is not None
    assert (over.amount, over.tax_a_year, over.out_by) == (50_000, 3_000, date(2027, 4, 15))
    assert "$500.00" in over.remedies[0]
    assert "$30.00 for each year" in over.remedies[1]


def test_one_cent_too_much_is_too_much() -> None:
    assert excess(HsaLimit(100, 100), 2026, mine=101) is not None
    assert excess(HsaLimit(100, 100), 2026, mine=100) is None


def test_a_hundred_dollars_too_much_cost_six_dollars_a_year() -> None:
    """Highmark Benefits Administration's example."""
    over = excess(HsaLimit(415_000, 415_000), 2024, mine=425_000, employer=0)
    assert over is not None
    assert over.tax_a_year == 600


def test_mistakes_are_put_back_by_the_day_of_the_next_years_return() -> None:
    assert put_back_by(2026) == date(2027, 4, 15)
