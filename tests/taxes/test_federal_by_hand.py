"""Federal income tax of 2026 worked out by hand from the tables of Revenue Procedure 2025-32: who files, and deductions."""

from __future__ import annotations

import pytest
from test_taxes_states import filer

from ketacost.core.money import usd
from ketacost.taxes.federal import Filers, federal_return
from ketacost.taxes.households import Household, Itemized
from ketacost.taxes.savings import taxes
from ketacost.taxes.tables import bind


def texan(wages: str | int, status: str = "single", **about: object) -> Household:
    """A filer of Texas, which takes no tax of its own."""
    return filer("TX", 0, status, 2026, **about).replace(wages=usd(wages))


@pytest.mark.parametrize(
    ("status", "wages", "about", "tax", "why"),
    [
        ("single", 60_000, {}, "5020", "43,900: 1,240 and 12% of 31,500"),
        ("single", 60_000, {"age": 64}, "5020", "the same"),
        ("single", 60_000, {"age": 65}, "4054", "2,050 and 6,000 more: 35,850"),
        ("single", 60_000, {"blind": True}, "4774", "2,050 more: 41,850"),
        ("single", 60_000, {"age": 65, "blind": True}, "3808", "4,100 and 6,000 more: 33,800"),
        ("head_of_household", 60_000, {"age": 65, "blind": True}, "2736", "34,250: 1,770 and 12% of 8,050"),
        ("married_separate", 60_000, {"age": 65}, "4822", "1,650 more and no senior deduction: 42,250"),
        ("married_joint", 100_000, {"age": 65, "spouse_age": 64}, "6722", "39,850: 2,480 and 12% of 35,350"),
        ("married_joint", 100_000, {"age": 64, "spouse_age": 65}, "6722", "the same"),
        ("married_joint", 100_000, {"spouse_blind": True}, "7442", "33,850: 12% of 41,350"),
        ("married_joint", 100_000, {"blind": True, "spouse_blind": True}, "7244", "35,500: 12% of 39,700"),
        (
            "married_joint",
            100_000,
            {"age": 65, "spouse_age": 65, "spouse_blind": True},
            "5606",
            "32,200, three times 1,650 and 12,000: 12% of 26,050",
        ),
    ],
)
def test_what_age_blindness_and_status_are_worth(
    status: str, wages: int, about: dict[str, object], tax: str, why: str
) -> None:
    assert taxes(texan(wages, status, **about)).federal == usd(tax), why


@pytest.mark.parametrize(
    ("wages", "itemized", "tax", "why"),
    [
        ("100000", Itemized(800_000, 400_000, 1_000_000), "11872", "22,000: 5,800 and 22% of 27,600"),
        ("100000", Itemized(800_000, 400_000, 410_000), "13170", "16,100 either way: 22% of 33,500"),
        ("100000", Itemized(0, 0, 100_000), "13170", "less than the standard deduction"),
        ("200000", Itemized(4_000_000, 1_000_000), "30902", "40,400 of 50,000: 17,966 and 24% of 53,900"),
        ("100000.25", Itemized("own income tax", 0, 2_000_000), "12312.06", "no state tax: 22% of 29,600.25"),
    ],
)
def test_the_larger_of_itemized_and_standard_deduction_is_taken(
    wages: str, itemized: Itemized, tax: str, why: str
) -> None:
    assert taxes(texan(wages, itemized=itemized)).federal == usd(tax), why


def test_the_tax_of_state_and_city_is_itemized_together() -> None:
    """Philadelphia, 100,000: 3.07% and 3.735% are 6,805, and 20,000: 5,800 and 22% of 22,795."""
    citizen = filer(
        "PA", 100_000, year=2026, locality="Philadelphia", itemized=Itemized("own income tax", 0, 2_000_000)
    )
    assert taxes(citizen).federal == 1_081_490


def test_the_minimum_tax_is_taken_where_it_is_more() -> None:
    """485,000, and 282,900 deducted: 202,100 of a head of a household are 39,207 and 32% of 350: 39,319.

    Without the tax of the state, 242,500 less 90,100 at 26% are 39,624.
    """
    head = texan(485_000, "head_of_household")
    assert taxes(head.replace(itemized=Itemized(4_040_000, 0, 24_250_000))).federal == 3_962_400


def test_deductions_that_the_highest_bracket_cuts_below_the_standard_one_are_not_taken() -> None:
    """2/37 of 16,500 are 891.89; 15,608.11 are less than 16,100, and of 18,000 17,027.03 are left."""
    rule = bind(federal_return, "US", 2026, "single", None, "")
    rich = Filers(1, 100_000_000, 0, 40, 0, 0, 0, itemizes=True)
    deducted = [rule.compute(rich._replace(other_itemized=cents)).deductions for cents in (1_650_000, 1_800_000)]
    assert deducted == [1_610_000, 1_702_703]
