"""State taxes of older, blind and married filers, worked out by hand from the lines of the returns."""

from __future__ import annotations

import pytest
from test_taxes_states import filer

from ketacost.taxes.savings import taxes


def state(*about: object, **rest: object) -> int:
    """The state's tax in cents."""
    return taxes(filer(*about, **rest)).state  # type: ignore[arg-type]


@pytest.mark.parametrize(("more", "credits"), [({"age": 66}, 1), ({"blind": True}, 1), ({"age": 66, "blind": True}, 2)])
def test_arkansas_gives_58_dollars_for_age_and_for_blindness(more: dict[str, object], credits: int) -> None:
    assert state("AR", 50_000) - state("AR", 50_000, **more) == credits * 5_800


def test_a_couple_of_arkansas_has_a_credit_each() -> None:
    couple = ("AR", 50_000, "married_joint")
    assert state(*couple) - state(*couple, age=66) == 5_800
    assert state(*couple) - state(*couple, age=66, spouse_age=70) == 2 * 5_800


def test_a_couple_of_delaware_at_65_deducts_more_of_ones_own_income() -> None:
    """30,000 and 20,000 apart: 1,278.50 and 741, less 110 each, as for two of 40: 1,799.50.

    110 less at 60; at 65 2,500 more are deducted, at 5.55% of the one's income and at 4.8% of the other's.
    """
    couple = {"spouse_wages": 23_250_00, "age": 40, "spouse_age": 40}
    for older, less in (("age", 13_875), ("spouse_age", 12_000)):
        taxed = [state("DE", 33_250, "married_joint", **(couple | {older: age})) for age in (59, 60, 64, 65, 66)]
        assert taxed == [179_950, 168_950, 168_950, 168_950 - less, 168_950 - less]


def test_the_elderly_of_indiana_have_a_credit_by_income_and_number() -> None:
    """3% of 9,000 less 1,000, 1,000 at 65 and 500 below 40,000: 195, less 40. A couple: 3% of 4,000 is 120, less 80.

    At 65 without children there is no federal earned income credit that the state could take a share of.
    """
    assert state("IN", 9_000, age=66) == 15_500
    assert state("IN", 9_000, "married_joint", age=66, spouse_age=67) == 4_000
    assert state("IN", 12_000, age=66) == round(0.03 * (12_000 - 2_500) * 100)


def test_a_couple_of_california_loses_of_both_its_credits() -> None:
    """9.3% of 6,000 more are 558; 510,000 is three steps of 2,500 "or part" above 504,411: 6 for each of two credits."""
    couple = {"spouse_wages": 200_000_00}
    taxed = [state("CA", wages, "married_joint", **couple) for wages in (304_000, 310_000)]
    assert taxed[1] - taxed[0] == 55_800 + 3 * 2 * 600


def test_georgia_gives_its_low_income_credit_twice_at_65() -> None:
    """19,000 less 12,000 and 5,000: 5.19% of 2,000 is 103.80, less 5 and 5."""
    assert state("GA", 19_000, age=66) == 9_380


def test_more_is_free_in_iowa_at_65_for_those_who_file_apart_or_together() -> None:
    """35,000 apart: 3.8% of 19,250 is 731.50, less 40; at 65 4.3% of what is above 32,000, 129, less 60."""
    assert [state("IA", 35_000, "married_separate", age=age) for age in (64, 65)] == [69_150, 6_900]


def test_new_mexicos_rebate_is_larger_for_a_couple_who_are_both_65() -> None:
    """10,000: 689 for both; 413 for one, and a quarter of the federal credit of 649 for a spouse of 40."""
    ages = ((65, 66), (66, 65), (66, 40), (40, 66))
    given = [state("NM", 10_000, "married_joint", age=own, spouse_age=spouse) for own, spouse in ages]
    assert given == [-68_900, -68_900, -41_300 - 16_225, -41_300 - 16_225]


def test_vermont_takes_nothing_where_there_is_no_taxable_income() -> None:
    assert state("VT", 5_000, age=70) == 0


def test_an_older_spouse_of_virginia_deducts_before_the_couples_adjustment() -> None:
    """70,000 less 17,500, 1,860, 800 and the age deduction of 12,000 is 37,840: 720 and 5.75% above 17,000.

    The older one's 10,000 are less than what they deduct, 930 and 12,800, so the adjustment is nothing.
    """
    couple = {"year": 2026, "age": 70, "spouse_age": 40, "spouse_wages": 60_000_00}
    assert state("VA", 10_000, "married_joint", **couple) == 72_000 + 119_830


def test_an_older_spouse_of_virginia_deducts_800_more_and_has_the_adjustment_on_the_rest() -> None:
    """37,840 as above: 1,918.30. Of the older one's 20,000, 930 and 12,800 leave 6,270, with 183.50; the rest 1,557.78."""
    couple = {"year": 2026, "age": 70, "spouse_age": 40, "spouse_wages": 50_000_00}
    assert state("VA", 20_000, "married_joint", **couple) == 18_350 + 155_778


@pytest.mark.parametrize(
    ("wages", "about", "tax", "why"),
    [
        (28_000, {"blind": True}, 16_090 - 5_700, "17,750, 1,300 and 1,000 off: 7,950; a rebate of 57"),
        (28_000, {"age": 66}, 16_090 - 11_400, "the same, and a rebate of 114"),
        (45_000, {"status": "married_joint", "age": 66, "spouse_age": 66}, 6_450, "34,700, 2,000 and 4,000 off: 1.5%"),
    ],
)
def test_new_mexicos_exemption_for_age_and_blindness_falls_in_steps(
    wages: int, about: dict[str, object], tax: int, why: str
) -> None:
    assert state("NM", wages, **about) == tax, why


def test_two_older_spouses_of_virginia_halve_their_age_deduction() -> None:
    """70,000 less 17,500, 1,860, 1,600 and 24,000 is 25,040: 720 and 5.75% of 8,040, 1,182.30.

    Of the lesser earner's 20,000, 930 and 12,800 leave 6,270, with 183.50; 18,770 are 720 and 5.75% of 1,770, 821.78.
    """
    couple = {"year": 2026, "age": 70, "spouse_age": 70, "spouse_wages": 50_000_00}
    assert state("VA", 20_000, "married_joint", **couple) == 18_350 + 82_178


@pytest.mark.parametrize("blind", ["blind", "spouse_blind"])
def test_what_a_blind_spouse_of_virginia_deducts_is_that_ones_own(blind: str) -> None:
    """70,000 less 17,500, 1,860 and 800 is 49,840, 2,608.30 of tax. Of the lesser earner's 10,000 9,070 or 8,270 count.

    9,070 are 323.50 and 40,770 are 2,086.78 (2,086.775); 8,270 are 283.50 and 41,570 are 2,132.78.
    """
    lesser = {"blind": 28_350 + 213_278, "spouse_blind": 32_350 + 208_678}
    couple = {"year": 2026, "spouse_wages": 60_000_00, blind: True}
    assert state("VA", 10_000, "married_joint", **couple) == lesser[blind]


@pytest.mark.parametrize(("blind", "less"), [("blind", 13_875), ("spouse_blind", 12_000)])
def test_what_a_blind_spouse_of_delaware_deducts_is_that_ones_own(blind: str, less: int) -> None:
    """30,000 and 20,000 apart, 1,799.50: 2,500 more are deducted at 5.55% of the one's or at 4.8% of the other's."""
    assert state("DE", 33_250, "married_joint", spouse_wages=23_250_00, **{blind: True}) == 179_950 - less


@pytest.mark.parametrize("older", ["age", "spouse_age"])
def test_who_is_65_in_virginia_deducts_what_an_older_spouse_does(older: str) -> None:
    """70,000 less 17,500 and 1,860 is 50,640, of which the older one's 12,800 are deducted at 65: 37,840.

    Of the lesser earner's 10,000, 9,070 are taxable at 64: with 60, 60 and 5% of 4,070 it saves 198.02.
    """
    for wages, spouse_wages in ((10_000, 60_000_00), (60_000, 10_000_00)):
        couple = {"year": 2026, "age": 40, "spouse_age": 40, "spouse_wages": spouse_wages}
        at = [state("VA", wages, "married_joint", **(couple | {older: age})) for age in (64, 65, 66)]
        theirs = (older == "age") == (wages == 10_000)
        assert at[0] == 265_430 - 52_152 + 32_350
        assert at[1] == at[2] == 72_000 + 119_830 - (0 if theirs else 19_802)


def test_a_couple_of_virginia_who_are_younger_have_the_adjustment() -> None:
    """70,000 less 17,500 and 1,860 is 50,640: 720 and 5.75% above 17,000, 2,654.30.

    The lesser earner's 9,070 take 60, 60 and 5% of 4,070, 323.50, instead of 5.75%, 521.53 (521.525).
    """
    assert state("VA", 10_000, "married_joint", year=2026, spouse_wages=60_000_00) == 265_430 - 52_152 + 32_350


def test_ohios_exemption_credit_ends_below_30_000_of_taxable_income() -> None:
    """An exemption of 2,400 leaves 30,000 of 32,400: the credit of 20 is for less than that."""
    assert state("OH", 32_400) - state("OH", 32_399) in (2_002, 2_003)


@pytest.mark.parametrize(("more", "credits"), [({"age": 66}, 1), ({"blind": True}, 1), ({"age": 66, "blind": True}, 2)])
def test_california_gives_153_dollars_in_2025_for_age_and_for_blindness(more: dict[str, object], credits: int) -> None:
    assert state("CA", 60_000) - state("CA", 60_000, **more) == credits * 15_300
