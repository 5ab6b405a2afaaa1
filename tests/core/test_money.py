"""How dollars and shares are read: what is taken, what is refused and in which words, and how amounts are shown."""

import doctest
import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketacost.core import money
from ketacost.core.fields import KetacostError
from ketacost.core.money import (
    LARGEST,
    MoneyError,
    about,
    dollars,
    ends,
    part_of,
    percent,
    share,
    shown,
    split_evenly,
    usd,
)


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        (600, 60_000),
        ("600", 60_000),
        ("1,234.50", 123_450),
        ("12,345,678", None),
        ("$80", 8_000),
        ("$ 80.5", 8_050),
        (" 80 ", 8_000),
        (".5", 50),
        ("5.", 500),
        ("0", 0),
        ("-0", 0),
        ("0.01", 1),
        (80.0, 8_000),
        (Decimal("12.5"), 1_250),
        (Decimal("12.500"), 1_250),
        ("10,000,000", LARGEST),
    ],
)
def test_dollars_as_people_write_them(written: Any, cents: int | None) -> None:
    if cents is None:
        with pytest.raises(MoneyError, match="ten million"):
            usd(written)
    else:
        assert usd(written) == cents


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (312.5, r'price is a float, 312\.5, and floats lose cents; write "312\.50" or a Decimal'),
        (-5, "price cannot be negative, got -5"),
        ("-5", "price cannot be negative, got -5"),
        ("-$5", "price cannot be negative"),
        ("0.005", r"price has a fraction of a cent, got 0\.005; write it to the cent, as in 0\.00"),
        (Decimal("1.239"), r"write it to the cent, as in 1\.24"),
        ("10,000,000.01", "more than ten million dollars; is a decimal point missing?"),
        (10**400, "price has too many digits"),
        (10**20, "price has too many digits"),
        (10**20 - 1, "more than ten million dollars"),
        (Decimal("1e20"), "price has too many digits"),
        (Decimal("9e19"), "more than ten million dollars"),
        (Decimal("1e-41"), "price has too many digits"),
        (Decimal("1e-40"), "price has a fraction of a cent"),
        ("0." + "0" * 38 + "1", "price has too many digits"),
        ("0." + "0" * 37 + "1", "price has a fraction of a cent"),
        (1e20, "more than ten million dollars"),
        (math.nan, "price should be a number, got nan"),
        (math.inf, "price should be a number, got inf"),
        (Decimal("NaN"), "price should be a number, got NaN"),
        (Decimal("Infinity"), "price should be a number"),
        (True, "price should be a number, got true"),
        (None, "price should be a number, got nothing"),
        ("", 'price should be a number such as 600 or "1,234.50"'),
        (".", "should be a number such as"),
        ("12,34", "should be a number such as"),
        ("1,2345", "should be a number such as"),
        ("$-5", "price cannot be negative"),
        ("1e3", "should be a number such as"),
        ("twelve", r"got 'twelve'"),
        ("1_000", "should be a number such as"),
        ("٣", "should be a number such as"),
        ([1], r"price should be a number, got a list"),
    ],
)
def test_what_cannot_be_meant_is_told(written: Any, told: str) -> None:
    with pytest.raises(MoneyError, match=told):
        usd(written, what="price")


@pytest.mark.parametrize(
    ("written", "points"),
    [
        ("40%", 4_000),
        (" 40% ", 4_000),
        ("40 %", 4_000),
        ("28.5%", 2_850),
        ("0.01%", 1),
        (0.4, 4_000),
        (0.285, 2_850),
        ("0.4", 4_000),
        (".4", 4_000),
        (0, 0),
        (1, 10_000),
        (1.0, 10_000),
        ("1%", 100),
        ("100%", 10_000),
        (Decimal("0.3333"), 3_333),
    ],
)
def test_shares_as_people_write_them(written: Any, points: int) -> None:
    assert share(written) == points


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (40, r'coinsurance is a share between 0 and 1, got 40; for 40% write 0\.4 or "40%"'),
        ("40", r'for 40% write 0\.4 or "40%"'),
        (1.5, r'for 1\.5% write 0\.015 or "1\.5%"'),
        (101, "between 0 and 1, got 101$"),
        ("101%", "between 0% and 100%, got 101%$"),
        (-0.1, "between 0 and 1"),
        ("-5%", "between 0% and 100%"),
        ("33.333%", "kept to hundredths of a percent, got 33.333%"),
        (1 / 3, "kept to hundredths of a percent"),
        (math.nan, "should be a number"),
        (True, "should be a number"),
        (None, "should be a number"),
        ("40 percent", "should be a number"),
        ("%", "should be a number"),
        ("$1", "should be a number"),
    ],
)
def test_a_share_that_cannot_be_meant_is_told(written: Any, told: str) -> None:
    with pytest.raises(MoneyError, match=told):
        share(written, what="coinsurance")


def test_a_multiple_that_lacks_its_percent_sign_is_told_up_to_20_times() -> None:
    assert [money.multiple(times) for times in (0, 20, "2000%")] == [0, 200_000, 200_000]
    for times in (21, 140, 2_000):
        with pytest.raises(MoneyError, match=f"; for {times}% write"):
            money.multiple(times)
    for written in (2_001, -1, "2000.01%"):
        with pytest.raises(MoneyError, match=r"a multiple between 0 and 20, got '?[-\d.%]+'?$"):
            money.multiple(written)


def test_a_bare_number_from_1_to_100_is_no_chance() -> None:
    assert [money.chance(points) for points in (0, 101, 10_000)] == [0, 101, 10_000]
    for points in (1, 2, 100):
        with pytest.raises(MoneyError, match=f"is {points} hundredths of a percent"):
            money.chance(points)
    for points in (-1, 10_001):
        with pytest.raises(MoneyError, match="a chance is a share between 0 and 1"):
            money.chance(points)
    assert money.chance(share("1%")) == 100


def test_a_money_error_is_caught_as_any_other() -> None:
    with pytest.raises(KetacostError):
        usd("much")
    with pytest.raises(ValueError, match="a share should be"):
        share("much")


@given(st.integers(0, LARGEST))
def test_cents_are_written_and_read_back(cents: int) -> None:
    assert usd(dollars(cents)) == cents
    assert usd(shown(cents)) == cents


@given(st.integers(0, 10_000))
def test_shares_are_written_and_read_back(points: int) -> None:
    assert share(percent(points)) == points


@pytest.mark.parametrize(
    ("amount", "points", "part"),
    [
        (5_001, 5_000, 2_501),
        (5_001, 4_999, 2_500),
        (1, 5_000, 1),
        (1, 4_999, 0),
        (35_000, 4_000, 14_000),
        (12_345, 0, 0),
        (12_345, 10_000, 12_345),
        (87_27, 1_000, 8_73),
        (LARGEST, 9_999, 999_900_000),
    ],
)
def test_a_part_is_rounded_half_up_to_the_cent(amount: int, points: int, part: int) -> None:
    assert part_of(amount, points) == part


def test_odd_cents_fall_on_the_first_parts() -> None:
    assert split_evenly(302_500, 6) == (50_417, 50_417, 50_417, 50_417, 50_416, 50_416)
    assert split_evenly(2, 3) == (1, 1, 0)
    assert split_evenly(0, 2) == (0, 0)
    assert split_evenly(7, 1) == (7,)


@pytest.mark.parametrize(
    ("cents", "as_decimal", "as_shown"),
    [
        (123_450, "1234.50", "$1,234.50"),
        (5, "0.05", "$0.05"),
        (0, "0.00", "$0.00"),
        (-123_450, "-1234.50", "-$1,234.50"),
        (-5, "-0.05", "-$0.05"),
    ],
)
def test_cents_are_shown(cents: int, as_decimal: str, as_shown: str) -> None:
    assert dollars(cents) == as_decimal
    assert shown(cents) == as_shown


@pytest.mark.parametrize(
    ("cents", "told"),
    [
        (123_450, "$1,230"),
        (123_500, "$1,240"),
        (123_499, "$1,230"),
        (1_000, "$10"),
        (1_049, "$10"),
        (1_400, "$14"),
        (-1_450, "-$15"),
        (9_949, "$99"),
        (9_950, "$100"),
        (10_499, "$100"),
        (10_500, "$110"),
        (999, "$9.99"),
        (900, "$9"),
        (1, "$0.01"),
        (0, "$0"),
        (-123_450, "-$1,230"),
        (-999, "-$9.99"),
    ],
)
def test_patients_are_told_tens_of_dollars_and_below_a_hundred_dollars(cents: int, told: str) -> None:
    assert about(cents) == told


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (640, 999, ("$6.40", "$9.99")),
        (640, 1_000, ("$6", "$10")),
        (-1_000, 640, ("-$10", "$6")),
        (-650, 2_000, ("-$7", "$20")),
        (0, 2_000, ("$0", "$20")),
        (1_000, 1_050, ("$10", "$11")),
    ],
)
def test_beside_ten_dollars_no_end_of_a_range_shows_cents(low: int, high: int, told: tuple[str, str]) -> None:
    assert money.ends(low, high) == told


def test_a_small_negative_amount_has_its_sign_in_front() -> None:
    assert about(-500) == "-$5"


@pytest.mark.parametrize(
    ("points", "told"), [(4_000, "40%"), (1_250, "12.5%"), (1, "0.01%"), (0, "0%"), (10_000, "100%")]
)
def test_shares_are_shown(points: int, told: str) -> None:
    assert percent(points) == told


def test_the_examples_of_the_door_hold() -> None:
    assert doctest.testmod(money).failed == 0


def test_no_digit_is_lost_on_the_way_in() -> None:
    with pytest.raises(MoneyError, match="fraction of a cent"):
        usd("1.00000000000000000000000000000001")


def test_ends_under_ten_dollars_are_rounded_half_up_to_the_dollar() -> None:
    assert [ends(cents, 2_000)[0] for cents in (0, 1, 49, 50, 51, 149, 150)] == [
        "$0",
        "$0",
        "$0",
        "$1",
        "$1",
        "$1",
        "$2",
    ]


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("40% after deductible", "got '40% after deductible'; write the number alone, as in 40%"),
        ("20% coinsurance", "; write the number alone, as in 20%"),
        ("20 percent", "; write the number alone, as in 20%"),
        ("No deductible", "; write 0 where nothing is due"),
        ("$50/visit", "; write the number alone, as in $50"),
        ("$1,250.00 per person", "; write the number alone, as in $1,250.00"),
        ("No charge after deductible", "; write 0 where nothing is due"),
        ("Not covered", "; that a plan does not cover a benefit is an entry of its own: covered"),
        ("N/A", "; leave it out where nothing is stated"),
        ("\u2014", "; leave it out where nothing is stated"),
        ("$3,000 individual / $6,000 family", "got '$3,000 individual / $6,000 family'"),
        ("$50 then 20%", "got '$50 then 20%'"),
    ],
)
def test_what_summaries_of_benefits_say_is_refused_with_what_to_write(cell: str, told: str) -> None:
    for reader in (usd, share):
        with pytest.raises(MoneyError) as error:
            reader(cell)
        assert str(error.value).endswith(told)
