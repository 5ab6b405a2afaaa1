"""Whom an amount of the tables concerns, which year stands in for another, and what levies and localities take."""

from __future__ import annotations

import pytest
from test_taxes_states import filer

from ketacost.core.fields import KetacostError
from ketacost.core.references import Citation, source, sources
from ketacost.taxes.federal import Filers, federal_return, payroll_tax
from ketacost.taxes.households import Contribution
from ketacost.taxes.local import PayrollLevy
from ketacost.taxes.savings import most_untaxed, saving, saving_of, taxes
from ketacost.taxes.schedules import brackets
from ketacost.taxes.state_returns import StateReturn, UsualAmounts, evenly, tax_apart
from ketacost.taxes.tables import NO_CAP, Applicability, DatedRow, bind, holding, nearest, year_to_use, years_of


def test_whom_an_amount_concerns() -> None:
    """A missing amount may apply up to 10% past the income where the last known one did."""
    assert Applicability.read("") == Applicability(0, NO_CAP, False, False)
    assert Applicability.read("income below 32901") == Applicability(0, 3_619_110)
    assert Applicability.read("income above 252203") == Applicability(25_220_300, NO_CAP)
    between = Applicability.read("income between 26500 and 29500")
    assert between == Applicability(2_650_000, 3_245_000)
    incomes = (2_649_999, 2_650_000, 3_245_000, 3_245_001)
    assert [between.includes(income, False, False) for income in incomes] == [False, True, True, False]
    couple, older = Applicability.read("two earners"), Applicability.read("65 or over")
    assert [couple.includes(0, *about) for about in ((True, False), (False, True))] == [True, False]
    assert [older.includes(0, *about) for about in ((True, False), (False, True))] == [False, True]


def test_the_nearest_year_and_of_two_the_earlier() -> None:
    assert [nearest((2024, 2026), year) for year in (2020, 2025, 2026, 2030)] == [2024, 2024, 2026, 2026]
    assert nearest((), 2025) == 0
    assert year_to_use("XX", "item", (2024, 2026), 2026, None, "field") == (2026, ())
    used, (gap,) = year_to_use("XX", "item", (2024, 2026), 2027, None, "field")
    assert (used, gap.asked) == (2026, False)
    used, (gap,) = year_to_use("XX", "item", (2024, 2026), 2027, 2024, "field")
    assert (used, gap.asked) == (2024, True)
    used, (gap,) = year_to_use("XX", "item", (2024, 2026), 2027, 2025, "field")
    assert (used, gap.asked) == (2026, False)


def test_a_row_holds_from_its_first_year_through_its_last() -> None:
    row = DatedRow(2024, 2025, ("single",), {"value": "6.25"})
    assert [bool(holding((row,), year)) for year in (2023, 2024, 2025, 2026)] == [False, True, True, False]
    assert holding((row,), 2024, "married_joint") == ()
    assert years_of((row, row)) == (2024, 2025)
    assert row.scaled("value", 100) == 625
    with pytest.raises(KetacostError, match="finer than"):
        row.scaled("value", 10)


def test_a_levy_takes_its_share_of_its_base_up_to_its_caps() -> None:
    """1% of pay, half of it the employee's: of $1,000.00 it is $5.00; half a cent is rounded up."""
    told = Citation("", "", "", source(next(iter(sources()))), "", "primary")
    levies = [PayrollLevy(10_000, 5_000, NO_CAP, NO_CAP, base, told) for base in range(3)]
    assert [levy.taken(100_000, 20_000, 10_000) for levy in levies] == [500, 350, 450]
    assert [levies[0].taken(gross, 0, 0) for gross in (99, 100, 299, 300)] == [0, 1, 1, 2]
    assert levies[0]._replace(wage_cap=50_000).taken(100_000, 0, 0) == 250
    assert levies[0]._replace(most=499).taken(100_000, 0, 0) == 499


def test_payroll_tax_stops_at_the_base_of_each_and_the_threshold_of_both() -> None:
    """6.2% to $1,000 each, 1.45% of all, 0.9% of what both have above $2,000."""
    found = payroll_tax((150_000, 80_000), 62_000, 100_000, 14_500, 9_000, 200_000)
    assert found == (6_200, 4_960, 2_175, 1_160, 270)
    assert payroll_tax((150_000, 50_000), 62_000, 100_000, 14_500, 9_000, 200_000)[-1] == 0


TABLE = brackets(((0, 100_000), (1_000_00, 200_000)))


def lines(**more: object) -> StateReturn:
    federal = bind(federal_return, "US", 2025, "single", None, "").compute(_filers())
    usual = {"persons": 2, "income": 100_000, "spouse_income": 30_000, "earned": 100_000, "federal": federal}
    ages = {"fica": 0, "spouse_fica": 0, "aged": 0, "blind": 0, "age": 40, "spouse_age": 50}
    return StateReturn(**{**usual, **ages, **more})  # type: ignore[arg-type]


def test_the_federal_return_of_an_older_person() -> None:
    """15,750 and 2,000 at 65, and the senior deduction of 6,000, of 50,000: 10% of 11,925 and 12% of 14,325."""
    found = bind(federal_return, "US", 2025, "single", None, "").compute(Filers(1, 5_000_000, 0, 66, 0, 1, 0))
    assert (found.deductions, found.senior_deduction, found.other_deductions) == (2_375_000, 600_000, 1_775_000)
    assert (found.taxable, found.tax) == (2_625_000, 119_250 + 171_900)
    assert (found.owed, found.tax_after_credit, found.eitc) == (291_150, 291_150, 0)


def test_from_2026_on_itemized_deductions_lose_two_thirty_sevenths_in_the_highest_bracket() -> None:
    """IRC 68: of 50,000 of deductions, all below what is taxed at 37%, 2,702.70 are lost; in 2025 none."""
    rich = Filers(1, 100_000_000, 0, 40, 0, 0, 0, itemizes=True, other_itemized=5_000_000)
    later, now = (bind(federal_return, "US", year, "single", None, "").compute(rich) for year in (2026, 2025))
    assert (later.deductions, now.deductions) == (5_000_000 - 270_270, 5_000_000)
    below = rich._replace(wages=50_000_000)
    assert bind(federal_return, "US", 2026, "single", None, "").compute(below).deductions == 5_000_000


def _filers() -> Filers:
    return Filers(1, 5_000_000, 0, 40, 0, 0, 0)


def test_the_lines_of_a_return() -> None:
    r = lines()
    assert (r.own_income, r.lesser_income) == (70_000, 30_000)
    assert lines(spouse_income=60_000).lesser_income == 40_000
    ages = ((39, 40), (40, 41), (41, 49), (50, 50), (51, 60))
    assert [r.between(*span) for span in ages] == [True, True, False, True, False]
    assert not lines(persons=1).between(50, 50)
    assert [r.aged_from(age) for age in (40, 41, 50, 51)] == [2, 1, 1, 0]
    assert lines(persons=1, age=30).aged_from(50) == 0
    assert [r.income_from(age, 50_000) for age in (40, 41, 50, 51)] == [80_000, 30_000, 30_000, 0]
    assert r.income_from(40, 20_000) == 40_000


def test_usual_deductions_add_up() -> None:
    usual = UsualAmounts(TABLE, 1_000, 200, 30, 4, 50, 600)
    assert usual.deducted(lines()) == 1_200
    assert usual.deducted(lines(aged=1)) == 1_200 + 4 + 600
    assert usual.deducted(lines(blind=2)) == 1_200 + 2 * 650
    assert usual.income_tax(lines(), 800) == 9_800


def test_a_couple_parts_a_taxable_income() -> None:
    """What one cannot deduct stays theirs, and nobody has more than they earn."""
    assert tax_apart(TABLE, 100_000, 250_000) == 10_000 + 10_000 + 10_000
    assert [evenly(90_000, own, 10_000) for own in (20_000, 50_000, 80_000)] == [20_000, 45_000, 70_000]


def test_what_is_above_the_years_limit_saves_nothing_and_says_so() -> None:
    """$4,300 for one person in 2025, $8,550 for a couple, $1,000 more from 55, $3,300 in an FSA."""
    assert most_untaxed("health FSA", 2025, couple=False, age=60) == 330_000
    assert [most_untaxed("direct HSA", 2025, couple=False, age=age) for age in (54, 55)] == [430_000, 530_000]
    assert most_untaxed("payroll HSA", 2025, couple=True, age=0) == 855_000
    texan = filer("TX", 60_000)
    assert saving(texan, 430_000, "direct HSA").marks == ()
    above = saving(texan, 430_001, "direct HSA")
    assert above.total == saving(texan, 430_000, "direct HSA").total
    assert above.marks == ("An HSA takes $4,300.00 in 2025: the $0.01 above it saves nothing",)
    assert saving(texan, 330_001, "health FSA").marks[0].startswith("A health FSA takes $3,300.00 in 2025: the $0.01")
    couple = filer("TX", 60_000, "married_joint", age=50, spouse_age=60, spouse_wages=6_000_000)
    assert saving(couple, 955_000, "direct HSA", by_spouse=True).marks == ()
    assert saving(couple, 955_000, "direct HSA").marks[0].startswith("An HSA takes $8,550.00")


def test_money_of_a_spouse_comes_from_the_spouses_pay() -> None:
    """One earns above the wage base of $176,100: only the other's money saves Social Security tax."""
    couple = filer("TX", 300_000, "married_joint", spouse_wages=5_000_000)
    own, spouse = (saving_of(couple, Contribution(payroll_hsa=100_000, by_spouse=who)).saved for who in (False, True))
    assert (own.oasdi, spouse.oasdi) == (0, 6_200)
    assert own.federal == spouse.federal
    without = couple.replace(spouse_social_security=False)
    assert taxes(couple).oasdi - taxes(without).oasdi == 310_000
    assert taxes(without).oasdi == taxes(filer("TX", 300_000)).oasdi


def test_the_federal_credit_is_for_one_of_25_to_64() -> None:
    """7.65% of 8,000 is 612; where one of a couple is of that age both have it."""
    alone = [taxes(filer("TX", 8_000, age=age)).federal for age in (24, 25, 64, 65)]
    assert alone == [0, -61_200, -61_200, 0]
    ages = ((24, 24), (24, 25), (25, 24), (65, 64), (64, 65), (65, 65))
    couples = [taxes(filer("TX", 8_000, "married_joint", age=own, spouse_age=spouse)).federal for own, spouse in ages]
    assert couples == [0, -61_200, -61_200, -61_200, -61_200, 0]
