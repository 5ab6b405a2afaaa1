"""State taxes on both sides of an income or an age that a clause names, and what age and blindness are worth.

Each amount is worked out by hand from the clause. "Up to" an income includes it, "below" and "from" do not: one cent
decides.
"""

from __future__ import annotations

import pytest
from test_taxes_states import filer

from ketacost.core.money import usd
from ketacost.taxes.households import Contribution
from ketacost.taxes.savings import taxes
from ketacost.taxes.states import CalEitc


def state(where: str, wages: str | int, status: str = "single", **rest: object) -> int:
    """The state's tax of 2025, in cents, on wages to the cent."""
    return taxes(filer(where, 0, status, **rest).replace(wages=usd(wages))).state


@pytest.mark.parametrize(
    ("where", "about", "up_to", "more", "why"),
    [
        ("AZ", {}, "12500", "25", "the excise credit of a person"),
        ("AZ", {"status": "married_joint"}, "25000", "50", "the excise credit of two"),
        ("CT", {}, "30000", "38.25", "16,000 are taxed for 15,000: 470 for 425, less 15%"),
        ("IL", {}, "250000", "141.08", "4.95% of the exemption of 2,850"),
        ("IL", {"status": "married_joint"}, "500000", "282.15", "4.95% of two exemptions"),
        ("MD", {}, "15650", "115.55", "379.75 on 9,100 less a federal credit of 264.20; up to here 5% of earnings too"),
        ("MD", {"status": "married_joint"}, "21150", "136.19", "329.88 on 8,050 less half a credit of 387.38"),
        ("MD", {"age": 66}, "100000", "1076", "a credit of 1,000, and 4.75% of half an exemption of 3,200"),
        ("MD", {"status": "married_joint", "age": 66}, "150000", "1152", "1,000 for one, and 4.75% of 3,200"),
        ("MD", {"status": "married_joint", "age": 66, "spouse_age": 66}, "150000", "1902", "1,750 for both, and 152"),
        ("NJ", {}, "10000", "126", "1.4% of 9,000"),
        ("NJ", {"status": "married_joint"}, "20000", "252", "1.4% of 18,000"),
        ("OK", {}, "20000", "40", "the sales tax credit"),
        ("OK", {"age": 66}, "15000", "42", "an exemption of 1,000: 450 at 4.75% and 550 at 3.75%"),
        ("OK", {"status": "married_joint", "age": 66}, "25000", "32.50", "1,000: half at 3.75%, half at 2.75%"),
        ("OK", {"age": 66}, "50000", "40", "the sales tax credit at 65"),
        ("OR", {}, "100000", "256", "the exemption credit"),
        ("OR", {"status": "married_joint"}, "200000", "512", "two exemption credits"),
        ("VA", {}, "15650", "115.66", "168.50 on 5,970 less a fifth of 264.20; up to here a credit of 300"),
        ("WV", {}, "15650", "33", "a tenth of 330.04 on 13,650; up to here all of it is waived"),
        ("OH", {"age": 66}, "101900", "18.70", "the fixed amount of the next bracket"),
    ],
)
def test_a_clause_ends_after_the_income_that_it_names(
    where: str, about: dict[str, object], up_to: str, more: str, why: str
) -> None:
    at, beyond = (state(where, f"{up_to}.0{cent}", **about) for cent in (0, 1))  # type: ignore[arg-type]
    assert abs(beyond - at - usd(more)) <= 1, why


@pytest.mark.parametrize(
    ("where", "about", "starts", "more", "why"),
    [
        ("CO", {}, 300_000, "165", "4.4% of the 3,750 that are added back"),
        ("HI", {}, 100_000, "133.52", "7.6% of 6,156.80 withheld less the standard deduction of 4,400"),
        ("IN", {"age": 66}, 40_000, "15", "3% of the further exemption of 500"),
        ("ME", {}, 50_000, "300", "the relief payment"),
        ("ME", {"status": "married_joint"}, 100_000, "600", "two relief payments"),
        ("OH", {"age": 66}, 101_900, "50", "the senior credit ends where 100,000 is taxable"),
        ("VA", {}, 11_950, "45.40", "2% of 2,270"),
        ("VA", {"status": "married_joint"}, 23_900, "106.20", "2% of 3,000 and 3% of 1,540"),
        ("VA", {"age": 66}, 23_950, "29.40", "the age deduction of 12,000 counts: 2% of 1,470"),
    ],
)
def test_a_clause_begins_or_ends_with_the_income_that_it_names(
    where: str, about: dict[str, object], starts: int, more: str, why: str
) -> None:
    below, at = (state(where, wages, **about) for wages in (f"{starts - 1}.99", starts))  # type: ignore[arg-type]
    assert abs(at - below - usd(more)) <= 1, why


@pytest.mark.parametrize(
    ("where", "first", "last", "single", "why"),
    [
        ("CO", 19, 64, "306", "half of the federal credit of 612"),
        ("DC", 25, 64, "612", "all of it"),
        ("IL", 18, None, "122.40", "a fifth"),
        ("ME", 18, 64, "306", "half"),
        ("MN", 19, 64, "320", "4% of earnings"),
        ("NJ", 18, None, "259.60", "40% of 649, whatever the earnings"),
        ("NM", 18, None, "153", "a quarter"),
        ("OK", 25, None, "26.90", "5% of 538"),
    ],
)
def test_a_credit_for_low_earnings_has_ages_of_its_own(
    where: str, first: int, last: int | None, single: str, why: str
) -> None:
    assert state(where, 8_000, age=first - 1) - state(where, 8_000, age=first) == usd(single), why
    couple = [state(where, 8_000, "married_joint", age=70, spouse_age=age) for age in (first - 1, first)]
    assert couple[0] - couple[1] == (usd(single) if where != "IL" and where != "NJ" else 0)
    if last:
        assert state(where, 8_000, age=last + 1) - state(where, 8_000, age=last) == usd(single), why
        couple = [state(where, 8_000, "married_joint", age=70, spouse_age=age) for age in (last + 1, last)]
        assert couple[0] - couple[1] == usd(single)


@pytest.mark.parametrize(
    ("where", "wages", "age", "less", "why"),
    [
        ("DE", 63_250, 60, "110", "a second personal credit at 60"),
        ("DE", 63_250, 65, "138.75", "2,500 more deducted at 5.55%"),
        ("GA", 80_000, 62, "259.50", "5.19% of 5,000 of wages"),
        ("MI", 55_800, 67, "603.50", "4.25% of 20,000 less the exemption of 5,800"),
        ("WV", 62_000, 65, "355.20", "4.44% of 8,000"),
    ],
)
def test_a_clause_begins_at_an_age(where: str, wages: int, age: int, less: str, why: str) -> None:
    assert state(where, wages, age=age - 1) - state(where, wages, age=age) == usd(less), why


@pytest.mark.parametrize(
    ("where", "aged", "blind", "both_aged", "why"),
    [
        ("AZ", "195", "37.50", "405", "2.5% of 2,100 and of 1,500, and of the federal 5,700 or 12,000 at 65"),
        ("CA", "153", "153", "306", "an exemption credit each"),
        ("CO", "338.80", "88", "668.80", "4.4% of the federal 2,000, 1,600 each for couples, and of 5,700 or 12,000"),
        ("DC", "170", "170", "208", "8.5% of the federal 2,000, 6.5% of 1,600 each for couples"),
        ("GA", "259.50", "0", "519", "5.19% of 5,000 each at 62"),
        ("HI", "86.94", "0", "173.89", "7.6% of an exemption of 1,144 each"),
        ("IA", "312.60", "96", "617.60", "3.8% as in Colorado, and credits of 20 each"),
        ("ID", "408.10", "106", "805.60", "5.3% as in Colorado"),
        ("MT", "788.24", "118", "1564.68", "5.9% as in Colorado, and of 5,660 each at 65"),
        ("ND", "150.15", "39", "296.40", "1.95% as in Colorado"),
        ("SC", "1020", "120", "1992", "6% of the federal 2,000, 1,600 each for couples, and of 15,000 each at 65"),
        ("IL", "49.50", "49.50", "99", "4.95% of 1,000 each"),
        ("IN", "30", "30", "60", "3% of 1,000 each"),
        ("KS", "47.43", "47.43", "78.12", "5.58% of 850, of 700 each for couples"),
        ("KY", "40", "40", "80", "a credit each"),
        ("MA", "35", "110", "70", "5% of 700 at 65, of 2,200 for blindness"),
        ("ME", "135", "135", "216", "6.75% of 2,000, of 1,600 each for couples"),
        ("MS", "66", "66", "132", "4.4% of 1,500 each"),
        ("NE", "104", "104", "171.60", "5.2% of 2,000, of 1,650 each for couples"),
        ("NJ", "63.70", "63.70", "110.50", "6.37% of 1,000; couples 5.525% of 1,000 each"),
        ("NM", "94", "94", "150.40", "4.7% of 2,000, of 1,600 each: the federal extra deduction"),
        ("OH", "50", "0", "0", "the senior credit; a couple of 128,000 has too much"),
        ("OK", "0", "47.50", "0", "4.75% of 1,000 for blindness; at 65 below an income alone"),
        ("UT", "120", "120", "192", "6% of the federal 2,000, 1,600 each for couples"),
        ("VT", "82.50", "82.50", "165", "6.6% of 1,250 each"),
        ("VA", "46", "46", "92", "5.75% of 800 each; the age deduction is gone at this income"),
        ("WV", "385.60", "0", "771.20", "4.82% of 8,000 each"),
        ("WI", "13.25", "0", "26.50", "5.3% of 250 each"),
    ],
)
def test_what_age_and_blindness_are_worth(where: str, aged: str, blind: str, both_aged: str, why: str) -> None:
    """For wages of 80,000, and a couple that has 80,000 and 48,000."""
    single = state(where, 80_000)
    couple = {"status": "married_joint", "spouse_wages": 48_000_00}
    joint = state(where, 80_000, **couple)  # type: ignore[arg-type]
    assert single - state(where, 80_000, age=66) == usd(aged), why
    assert single - state(where, 80_000, blind=True) == usd(blind), why
    assert single - state(where, 80_000, age=66, blind=True) in (usd(aged) + usd(blind), usd(aged) + usd(blind) + 1)
    assert abs(joint - state(where, 80_000, age=66, spouse_age=66, **couple) - usd(both_aged)) <= 1, why  # type: ignore[arg-type]
    for one in ({"age": 66}, {"spouse_age": 66}):
        apart = joint - state(where, 80_000, **(couple | one))  # type: ignore[arg-type]
        assert abs(2 * apart - usd(both_aged)) <= 2
    if usd(blind):
        assert state(where, 80_000, spouse_blind=True, **couple) == state(where, 80_000, blind=True, **couple) < joint  # type: ignore[arg-type]


def test_californias_credit_for_low_earnings_rises_falls_and_fades() -> None:
    """6.5025% up to 4,661 is 303.08; as much less for each dollar down to 200, at 6,246.24; then evenly to 0 at 32,901."""
    terms = CalEitc(76_500, 850_000, 466_100, 20_000, 3_290_100)
    earned = (0, 300_000, 466_100, 500_000, 800_000, 3_000_000, 3_290_100, 9_000_000)
    assert [terms.credit(one, one) for one in earned] == [0, 19_508, 30_308, 28_104, 18_684, 2_177, 0, 0]
    assert terms.credit(300_000, 800_000) == terms.credit(800_000, 300_000) == 18_684
    assert terms._replace(rate=0).credit(300_000, 300_000) == 0
    assert [state("CA", wages) for wages in (3_000, 5_000, 8_000)] == [-19_508, -28_104, -18_684]


@pytest.mark.parametrize(
    ("where", "own", "spouse", "less", "why"),
    [
        ("OH", 40_000, 500, "93.17", "15% of 621.13, 342 and 2.75% above 26,050 of 36,200"),
        ("MN", 80_000, 31_000, "14.50", "4,824.31 on 81,100, but 858.68 and 3,951.14 apart"),
    ],
)
def test_two_earners_get_back_what_marriage_costs_from_an_income_of_the_lesser_on(
    where: str, own: int, spouse: int, less: str, why: str
) -> None:
    couple = filer(where, own, "married_joint")
    below, at = (taxes(couple.replace(spouse_wages=spouse * 100 - cent)).state for cent in (1, 0))
    assert abs(below - at - usd(less)) <= 2, why


def test_north_dakotas_couple_gets_back_what_marriage_costs_up_to_a_cap() -> None:
    """168,500: 1.95% above 80,975 is 1,706.74; two of 84,250 pay 697.61 each: 311.52 are given back."""
    assert state("ND", 100_000, "married_joint", spouse_wages=100_000_00) == 170_674 - 31_152
    assert state("ND", 100_000, "married_joint", spouse_wages=47_550_00) == round(0.0195 * (116_050 - 80_975) * 100)


@pytest.mark.parametrize(
    ("where", "own", "spouse", "tax", "why"),
    [
        ("WI", 60_000, 20_000, "2148.03", "685.30 and 4.4% above 19,580 of 63,733.03, less 3% of 16,000 at most: 480"),
        ("WI", 60_000, 10_000, "1801.01", "685.30 and 4.4% above 19,580 of 51,755.23, less 3% of 10,000: 300"),
        ("SC", 60_000, 60_000, "4408.30", "428.10 and 6% above 17,830 of 90,000, less 0.7% of 50,000 at most: 350"),
    ],
)
def test_a_credit_of_two_earners_has_a_cap(where: str, own: int, spouse: int, tax: str, why: str) -> None:
    assert state(where, own, "married_joint", spouse_wages=spouse * 100) == usd(tax), why


def test_who_is_head_of_a_household_in_missouri_has_an_exemption_more() -> None:
    """2025, 50,000: 23,625 deducted, 1,400 more, and 25% of a federal tax of 2,825: 24,268.75 at the brackets."""
    taxable = 50_000 - 23_625 - 1_400 - 0.25 * taxes(filer("MO", 50_000, "head_of_household")).federal / 100
    below = 1_313 * (2 + 2.5 + 3 + 3.5 + 4 + 4.5) / 100
    assert state("MO", 50_000, "head_of_household") == pytest.approx(((taxable - 9_191) * 0.047 + below) * 100, abs=1)


@pytest.mark.parametrize(
    ("where", "tax", "why"),
    [
        ("CT", "-244.80", "40%"),
        ("DE", "-27.54", "4.5%, which is paid out"),
        ("IA", "-91.80", "15%"),
        ("KS", "-104.04", "17%"),
        ("LA", "-30.60", "5%"),
        ("MA", "-244.80", "40%"),
        ("MD", "-578.50", "all of it, less a tax of 33.50 on 1,450"),
        ("MI", "-90.10", "30%, less 4.25% of 2,200"),
        ("MO", "0", "20%, not paid out"),
        ("MT", "-61.20", "10%"),
        ("NE", "-61.20", "10%"),
        ("NJ", "-244.80", "40%, and no tax up to 10,000"),
        ("NY", "-183.60", "30%"),
        ("OH", "0", "30%, not paid out"),
        ("OR", "-50.44", "9%, less 4.64: 260.64 on 5,165 and a credit of 256"),
        ("RI", "-97.92", "16%"),
        ("SC", "0", "125%, not paid out"),
        ("UT", "0", "20%, not paid out"),
        ("VA", "-122.40", "20%"),
        ("VT", "-612.00", "all of it"),
    ],
)
def test_a_states_share_of_a_federal_earned_income_credit_of_612(where: str, tax: str, why: str) -> None:
    assert state(where, 8_000) == -usd(tax.removeprefix("-")), why


def test_half_of_the_credit_is_paid_out_to_a_couple_of_maryland() -> None:
    assert state("MD", 8_000, "married_joint") == -27_540  # 45% of 612


def test_new_yorks_household_credit_and_the_earned_income_credit_that_it_lowers() -> None:
    """A couple, 4% above 16,050: 358 less 50 and 10 at 25,000; 558 less 20 and 5 at 30,000.

    At 22,500 it is 258 less 60, and 30% of 284.10, 85.23, counts above the 60.
    """
    couple = [state("NY", wages, "married_joint") for wages in (25_000, 30_000, 22_500)]
    assert couple == [29_800, 53_300, 25_800 - 6_000 - (8_523 - 6_000)]


def test_oklahomas_credit_ends_at_65_where_an_exemption_begins() -> None:
    """650 taxable at 0.25% are 1.63, less 40 and 26.90; at 65 nothing is taxable, and 40 are given back."""
    assert [state("OK", 8_000, age=age) for age in (64, 65)] == [163 - 4_000 - 2_690, -4_000]


def test_the_rows_of_arkansas_begin_at_a_dollar_above_75_000() -> None:
    """3.9% of a row's middle less 419.96, to the dollar, less 29.

    77,500 is in the row of 77,401: 2,600.61. A dollar more stands at 77,550.50: 2,604.51. Below 75,000 a row is of
    71,500 to 71,599.99: 2,370.47 at 71,549.50.
    """
    assert [state("AR", wages) for wages in ("79970", "79971", "73970", "74069.99")] == [
        *(257_200, 257_600, 234_100, 234_100)
    ]
    assert state("AR", "74070") == 234_500  # 71,649.50: 2,374.37


def test_above_its_income_an_exemption_at_65_is_not_a_cent() -> None:
    """153.50 and 4.75% above 7,200 of 52,650 are 2,312.375, half up; a cent less would be 2,312.37."""
    assert [state("OK", 60_000, age=age) for age in (40, 66)] == [231_238, 231_238]


def test_new_mexicos_credit_ends_at_65_where_a_larger_rebate_begins() -> None:
    """8,000: a rebate of 212 and a quarter of 612; at 65 a rebate of 431 alone."""
    assert [state("NM", 8_000, age=age) for age in (64, 65)] == [-36_500, -43_100]


def test_a_county_of_maryland_gives_ten_times_its_rate_of_the_federal_credit_and_one_of_indiana_does_not() -> None:
    """2026, 14,000, a federal credit of 423.79: 3.2% of 7,400 is 236.80, less 32% of it. Marion: 2.02% of 13,000."""
    year = {"year": 2026}
    assert taxes(filer("MD", 14_000, locality="Montgomery", **year)).local == 23_680 - 13_561
    assert taxes(filer("IN", 14_000, locality="Marion", **year)).local == 26_260


def test_above_its_income_marylands_senior_credit_is_not_a_cent() -> None:
    assert state("MD", 120_000) - state("MD", 120_000, age=66) == 5_000  # 5% of 1,000 at 65


def test_half_of_delawares_personal_credits_is_each_spouses() -> None:
    """10,000 apart: 261 less 110; 30,000: 1,278.50 less 110; together 40,000 would be 1,833.50 less 220."""
    assert state("DE", 13_250, "married_joint", spouse_wages=33_250_00) == 131_950
    assert state("DE", 33_250, "married_joint", spouse_wages=13_250_00) == 131_950


def test_a_credit_for_age_that_ones_own_tax_in_delaware_cannot_hold_is_lost() -> None:
    """4,750 apart are 60.50, less than 220 at 60; the other's 30,000 are 1,278.50 less 110."""
    older = state("DE", 8_000, "married_joint", age=60, spouse_age=40, spouse_wages=33_250_00)
    assert older == 127_850 - 11_000


def test_north_dakotas_couple_gets_something_back_above_81_036_of_taxable_income() -> None:
    """112,536 less 31,500 is 81,036: 1.95% of 61 is 1.19. Two of 40,518 would pay nothing, so a cent more saves it."""
    assert [state("ND", 56_268, "married_joint", spouse_wages=cents) for cents in (56_268_00, 56_268_01)] == [119, 0]


@pytest.mark.parametrize(
    ("where", "about", "wages", "at", "beyond", "why"),
    [
        ("AR", {}, 17_500, "133", "139", "the low income table ends: 222, then 228 of 15,049.50; less 29 and 60"),
        (
            "AR",
            {},
            77_470,
            "2478",
            "2474",
            "75,000 stands at 75,049.50, a cent more at 74,950.50 in rows from a dollar on",
        ),
        (
            "AR",
            {},
            102_470,
            "3780",
            "3781.70",
            "100,000 stands at 99,950.50 in the table, less 89.30; then 3.9% of all",
        ),
        ("NY", {}, 223_400, "12923.75", "13216.71", "568 at 215,400; then 16%, 8,000 of 50,000, of 1,831 too"),
    ],
)
def test_what_a_cent_more_than_an_income_is_taxed(
    where: str, about: dict[str, object], wages: int, at: str, beyond: str, why: str
) -> None:
    taxed = [state(where, f"{wages}.0{cent}", **about) for cent in (0, 1)]  # type: ignore[arg-type]
    assert taxed == [usd(at), usd(beyond)], why


def test_who_need_not_file_in_idaho_owes_nothing_to_the_building_fund() -> None:
    """A grocery credit of 155; 10 for the fund once earnings are above the deduction of 15,750."""
    assert [state("ID", f"15750.0{cent}") for cent in (0, 1)] == [-15_500, -14_500]


def test_minnesotas_credit_of_two_earners_begins_with_48_000_of_taxable_income() -> None:
    """48,000: 5.35% of 47,620 and 6.8% of 380 is 2,573.51; 5.35% of two of 24,000 is 2,568."""
    couple = [state("MN", 38_950, "married_joint", spouse_wages=cents) for cents in (38_950_00, 38_949_99)]
    assert couple == [256_800, 257_351]


@pytest.mark.parametrize(
    ("where", "wages", "tax", "why"),
    [
        (
            "MD",
            16_000,
            "111.45",
            "348.88 on 8,450 less a federal credit of 237.43; earnings are above the poverty line",
        ),
        ("MN", 34_000, "832.48", "965.68 on 18,050 less 379.20, which lost 12% of 2,050"),
    ],
)
def test_money_put_into_an_hsa_from_the_bank_does_not_lower_the_earnings_of_a_credit(
    where: str, wages: int, tax: str, why: str
) -> None:
    assert taxes(filer(where, wages), Contribution(direct_hsa=100_000)).state == usd(tax), why


@pytest.mark.parametrize(
    ("where", "about", "wages", "tax", "why"),
    [
        ("CO", {}, "60001.24", "1922.05", "4.4% of 44,251.24 less 25: nothing is added back"),
        ("OR", {}, "100001", "7448.28", "8,500 and 2,835 off: 661.25 and 8.75% of 77,566, and no credit"),
        ("RI", {}, "36000.40", "750.02", "3.75% of 20,000.40: nothing of 16,000 is lost"),
        ("MI", {}, "55802", "2125.09", "4.25% of 50,002: the deduction of the elderly is for 67 and over"),
        ("IN", {"age": 66}, "52000.50", "1500.02", "3% of 50,000.50: above 40,000 no further exemption"),
    ],
)
def test_a_clause_that_does_not_apply_takes_not_a_cent(
    where: str, about: dict[str, object], wages: str, tax: str, why: str
) -> None:
    """Each stands at half a cent, which is rounded up, or a trifle below it: a cent more or less would show."""
    assert state(where, wages, **about) == usd(tax), why  # type: ignore[arg-type]
