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


def test_vermont_takes_nothing_where_there_is_no_taxable_income() -> None:
    assert state("VT", 5_000, age=70) == 0


def test_an_older_spouse_of_virginia_deducts_before_the_couples_adjustment() -> None:
    """70,000 less 17,500, 1,860, 800 and the age deduction of 12,000 is 37,840: 720 and 5.75% above 17,000.

    The older one's 10,000 are less than what they deduct, 930 and 12,800, so the adjustment is nothing.
    """
    couple = {"year": 2026, "age": 70, "spouse_age": 40, "spouse_wages": 60_000_00}
    assert state("VA", 10_000, "married_joint", **couple) == 72_000 + 119_830


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
