"""State taxes: every point of the grid, a worked example for every rule of its own, conformity, levies and localities."""

from __future__ import annotations

import pytest
import tax_table
from tax_table import CAUSES, HIGH, points

from ketacost.core.money import dollars
from ketacost.taxes.households import STATES, Household
from ketacost.taxes.local import levies, localities
from ketacost.taxes.savings import as_if_nearest, conformity, saving, taxes
from ketacost.taxes.states import RULES, state_rule
from ketacost.taxes.tables import STATUSES, items


def filer(state: str, wages: int, status: str = "single", year: int = 2025, **rest: object) -> Household:
    """A filer of forty, or a couple of forty, who earns these dollars."""
    joint = status == "married_joint"
    plain = Household(
        year=year,
        state=state,
        filing_status=status,  # type: ignore[arg-type]
        wages=wages * 100,
        age=40,
        spouse_age=40 if joint else None,
    )
    return plain.replace(**rest)


# The grid


def test_the_grid_covers_every_jurisdiction_and_year() -> None:
    assert len(points()) == 3_060
    assert {(point.state, point.year) for point in points()} == {(s, y) for s in STATES for y in (2025, 2026)}


def test_at_wages_of_50_000_and_over_every_point_agrees_or_its_cause_is_named() -> None:
    off = [point for point in points() if point.wages >= HIGH and not point.agrees]
    assert {(point.state, point.year) for point in off} <= set(CAUSES)
    by_state = {(p.state, p.year): sum((q.state, q.year) == (p.state, p.year) for q in off) for p in off}
    assert by_state == {("AR", 2026): 6, ("CA", 2026): 6, ("ME", 2026): 1, ("MO", 2025): 12, ("MO", 2026): 12}


def test_below_most_points_agree_and_the_rest_have_a_cause() -> None:
    low = [point for point in points() if point.wages < HIGH]
    off = [point for point in low if not point.agrees]
    assert len(off) <= 42
    assert {(point.state, point.year) for point in off} <= set(CAUSES)


def test_every_cause_is_needed() -> None:
    assert {(point.state, point.year) for point in points() if not point.agrees} == set(CAUSES)


def test_missouri_is_off_at_the_tools_edges_alone() -> None:
    # A dollar less of wages and the tool's share is the law's: the grid stands on the edges.
    for wages, rate in ((50_000, 25), (100_000, 15)):
        at_edge = filer("MO", wages)
        federal = taxes(at_edge).federal
        # 4.7% of what the share of the federal tax leaves; 2025: 15,750, brackets worth 4.7% x 9,191 - 229.78.
        taxable = wages * 100 - 1_575_000 - federal * rate // 100
        below = 131_300 * (200 + 250 + 300 + 350 + 400 + 450) // 10_000
        assert taxes(at_edge).state == pytest.approx((taxable - 919_100) * 0.047 + below, abs=1)


def test_the_example_of_the_docs_runs() -> None:
    block = tax_table.PAGE.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    names: dict[str, object] = {}
    exec(compile(block, "docs/taxes.md", "exec"), names)
    assert repr(saving(names["patient"], 300_000, "payroll HSA")) == "$3,000.00 put in saves $672.00 in tax"  # type: ignore[arg-type]


def test_the_table_of_the_docs_is_up_to_date() -> None:
    assert tax_table.PAGE.read_text(encoding="utf-8") == tax_table.page()


# Worked by hand: what the state takes from a single filer's wages of 2025, rule by rule


@pytest.mark.parametrize(
    ("state", "wages", "expected", "why"),
    [
        ("AL", 100_000, "3830.05", "77,401 after 7,650 FICA, 1,500 and 13,449 federal tax; 110 and 5% above 3,000"),
        ("AL", 30_000, "1172.68", "24,253.50 after 2,775 (3,000 less 25 for 9 steps), 1,500 and 1,471.50 federal tax"),
        ("AR", 50_000, "1405.00", "47,530 stands at 47,549.50 in the table: 3.9% less 419.96 is 1,434; less 29"),
        ("AZ", 60_000, "1106.25", "2.5% of 60,000 - 15,750"),
        ("CA", 60_000, "1639.53", "54,294: 110.79 + 303.70 + 607.52 + 6% of 12,842, less 153"),
        (
            "CA",
            300_000,
            "23774.98",
            "294,294: 3,201.97 below 72,724 and 9.3%; the credit lost 6 for each of 20 steps: 33",
        ),
        ("CO", 400_000, "17013.00", "4.4% of 400,000 - 12,000, as the rest is added back; less 59 sales tax refund"),
        ("CT", 60_000, "2317.50", "2,550 by the brackets, 25 for one step over 56,500; less 10%"),
        ("DC", 60_000, "2525.00", "45,000: 400 + 1,800 + 6.5% of 5,000"),
        ("DE", 63_250, "2833.50", "60,000: 66 + 195 + 480 + 260 + 1,942.50, less 110"),
        ("FL", 60_000, "0.00", "no tax on wages"),
        ("GA", 62_000, "2595.00", "5.19% of 50,000"),
        ("HI", 15_000, "-193.19", "9,456 at 1.4%, less a food credit of 200 and 40% of a federal credit of 313.93"),
        ("KY", 17_000, "164.76", "4% of 13,730 is 549.20, of which 70% is waived above 16,902"),
        ("HI", 60_000, "3029.86", "54,456 after 1,144 and 4,400: 2,539.20 + 7.6% of 6,456"),
        ("IA", 60_000, "1641.50", "3.8% of 44,250, less 40"),
        ("ID", 60_000, "1945.27", "5.3% of 44,250 - 4,811, 10 for the building fund, less 155"),
        ("IL", 252_850, "12516.08", "4.95% of all: the exemption ends at 250,000"),
        ("IN", 51_000, "1500.00", "3% of 50,000"),
        ("IN", 8_000, "148.80", "3% of 7,000, less 10% of a federal credit of 612"),
        ("KS", 12_700, "-83.28", "no tax up to 12,765; 17% of a federal credit of 489.88"),
        ("KS", 60_000, "2548.31", "47,235: 1,196 for 23,000 and 5.58% of 24,235"),
        ("KY", 53_270, "2000.00", "4% of 50,000"),
        ("LA", 62_500, "1500.00", "3% of 50,000"),
        ("MA", 60_000, "2680.00", "5% of 60,000 - 4,400 - 2,000 of FICA"),
        ("MD", 120_000, "5450.00", "115,050: 4,697.50 and 5% above 100,000"),
        ("MD", 60_000, "2486.38", "53,450: 90 and 4.75% above 3,000"),
        ("ME", 110_000, "6058.88", "two fifteenths of the deduction are gone: 91,850"),
        ("MI", 55_800, "2125.00", "4.25% of 50,000"),
        ("MN", 60_000, "2591.14", "45,050: 5.35% of 32,570 and 6.8% of 12,480"),
        (
            "MN",
            250_000,
            "17616.82",
            "14,950 less 3% of 11,050 is 14,618.50: 13,996.80 below 198,630 and 9.85% of 36,751.50",
        ),
        ("MN", 400_000, "33315.65", "4,831.50 and 7% of 69,700 are lost: 13,996.80 and 9.85% of 196,130.50"),
        ("MO", 49_999, "1388.27", "25% of the federal tax of 3,871.38 is deducted: 33,281.15"),
        ("MS", 68_300, "2200.00", "4.4% of 60,000 - 10,000"),
        ("MT", 60_000, "2357.55", "44,250: 4.7% of 21,100 and 5.9% of the rest"),
        ("NC", 62_750, "2125.00", "4.25% of 50,000"),
        ("ND", 100_000, "697.61", "1.95% of 84,250 - 48,475"),
        ("NE", 60_000, "2023.83", "51,400: 99.14 + 705.16 + 738.98 + 651.56, less 171"),
        ("NE", 16_200, "22.79", "53.45 after the credit, but no more than 45.00 of federal tax; less 10% of 222.13"),
        ("NJ", 61_000, "1822.50", "60,000: 280 + 262.50 + 175 + 1,105"),
        ("NM", 35_000, "525.00", "2,500 less 15% of 15,000 leaves 250; 19,000: 542, less a rebate of 17"),
        ("NY", 120_000, "6292.05", "112,000: 6,151.75, and 568 x 12,350 / 50,000 of supplemental tax"),
        ("OH", 102_000, "2397.45", "100,100: 2,394.32 and 3.125% of 100"),
        ("OK", 57_350, "2186.50", "50,000: 153.50 and 4.75% above 7,200"),
        ("OR", 60_000, "3992.18", "52,093.50 after 5,071.50 federal tax and 2,835: 4,248.18, less 256"),
        ("PA", 60_000, "1842.00", "3.07% of all wages"),
        ("PA", 300_000, "9210.00", "3.07% of all wages, and no more"),
        ("PA", 6_600, "-30.23", "a tenth of 202.62 is owed, for 250 or part above 6,500; 10% of a credit of 504.90"),
        ("RI", 260_000, "11755.82", "one step over 254,250 takes a fifth of 16,000: 247,200"),
        ("SC", 60_000, "2058.30", "45,000: 428.10 and 6% above 17,830"),
        ("UT", 60_000, "2298.23", "4.5% less what 6% of 15,750 leaves after 1.3% of 41,787"),
        ("VA", 60_000, "2635.90", "50,320: 720 and 5.75% above 17,000"),
        ("VT", 60_000, "1576.18", "3.35% of 47,050"),
        ("WI", 20_000, "202.79", "13,560 less 12% of 450, and 700: 3.5% of 5,794"),
        ("WV", 62_000, "2053.50", "60,000: 222 + 444 + 499.50 + 888"),
    ],
)
def test_a_single_filer_of_2025_worked_by_hand(state: str, wages: int, expected: str, why: str) -> None:
    assert dollars(taxes(filer(state, wages)).state) == expected, why


@pytest.mark.parametrize(
    ("state", "wages", "spouse", "expected", "why"),
    [
        (
            "AR",
            30_000,
            20_000,
            "840.00",
            "two columns: 654 and 309 of the table, less 58, 5 and 60 (the further credit by column)",
        ),
        ("DE", 8_000, 33_250, "1168.50", "60.50 apart, less than its credit of 110; 1,278.50 of the other less 110"),
        ("HI", 100_000, 60_000, "9063.72", "9,273.60 withheld and 2,288 off: 5,078.40 and 7.6% of 52,438.40"),
        (
            "AL",
            100_000,
            60_000,
            "6253.10",
            "126,662 after 12,240 FICA of both, 3,000 and 18,098: 220 and 5% above 6,000",
        ),
        ("DC", 30_000, 20_000, "800.00", "the deduction is shared so that each has 10,000: 4%"),
        ("DE", 33_250, 23_250, "1799.50", "30,000 and 20,000 apart: 1,278.50 and 741, less 110 each"),
        ("DE", 33_260, 23_250, "1800.06", "30,010 apart: 1,279.06 (half a cent is rounded up)"),
        ("KY", 53_270, 43_270, "3600.00", "4% of 50,000 and 40,000"),
        ("MD", 60_000, 40_000, "4018.25", "85,700 with 1,200 off for two incomes: 90 and 4.75% above 3,000"),
        ("MA", 60_000, 40_000, "4360.00", "5% of 100,000 - 8,800, and 2,000 of the FICA of each"),
        (
            "MO",
            60_000,
            40_000,
            "2813.03",
            "67,338.55 after 15% of 7,743: 60% and 40% of it, 1,723.01 and 1,090.02 apart",
        ),
        ("MS", 40_000, 40_000, "1909.60", "31,700 each, 10,000 of it free"),
        ("SC", 60_000, 40_000, "3278.30", "70,000: 3,558.30 by the brackets, less 0.7% of 40,000"),
        ("VA", 60_000, 40_000, "4121.81", "39,070 and 41,570 apart save 257.50"),
        ("VA", 24_680, 24_680, "1240.00", "30,000, of which each has half: twice 620"),
    ],
)
def test_a_couple_of_2025_worked_by_hand(state: str, wages: int, spouse: int, expected: str, why: str) -> None:
    couple = filer(state, wages, "married_joint", spouse_wages=spouse * 100)
    assert dollars(taxes(couple).state) == expected, why


def test_south_carolina_from_2026_on() -> None:
    # At 95,000 the state's deduction is gone: 1.99% of 30,000 and 5.21% of 70,000. At 62,000 it lost 22/55: 9,000 are left.
    assert taxes(filer("SC", 100_000, year=2026)).state == 424_400
    assert taxes(filer("SC", 62_000, year=2026)).state == 59_700 + 119_830


def test_every_rule_has_a_worked_example() -> None:
    held = test_a_single_filer_of_2025_worked_by_hand.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {state for state, *_ in held} >= set(RULES)


@pytest.mark.parametrize("state", sorted(RULES))
def test_a_rule_uses_every_item_of_its_state(state: str) -> None:
    # An item that no rule asks for would count as 0 without a word.
    rules = [state_rule(state, year, status, None) for year in (2025, 2026) for status in STATUSES]
    assert {row["item"] for rule in rules for row in rule.used} == set(items(state))


# States and pre-tax accounts


def test_which_states_tax_the_money() -> None:
    taxed = {state: conformity(state)[1:4] for state in STATES if conformity(state).taxes_wages}
    assert {state for state, out in taxed.items() if out != (1, 1, 1)} == {"CA", "NJ"}
    assert taxed["CA"] == (0, 0, 1)
    assert taxed["NJ"] == (0, 0, 0)
    untaxed = {state for state in STATES if not conformity(state).taxes_wages}
    assert untaxed == {"AK", "FL", "NV", "NH", "SD", "TN", "TX", "WA", "WY"} == set(STATES) - set(RULES)


@pytest.mark.parametrize("state", ["CA", "NJ"])
def test_a_state_that_taxes_the_money_saves_none(state: str) -> None:
    saved = [saving(filer(state, 90_000), 300_000, kind).saved.state for kind in ("payroll HSA", "direct HSA")]
    assert saved == [0, 0]
    assert saving(filer(state, 90_000), 300_000, "health FSA").saved.state == (27_900 if state == "CA" else 0)


def test_california_gives_credit_back_for_an_hsa_it_taxes() -> None:
    # Federal income over 252,203, in steps of 2,500 "or part": 5,797 are three steps, 2,797 two, of 6 dollars.
    assert saving(filer("CA", 258_000), 300_000, "direct HSA").saved.state == 600


@pytest.mark.parametrize(
    ("state", "year", "payroll", "fsa"),
    [
        ("CA", 2025, 0, 3_600),
        ("CA", 2026, 0, 3_900),
        ("CT", 2026, 1_500, 1_500),
        ("DE", 2026, 1_200, 1_200),
        ("OR", 2026, 300, 300),
        ("RI", 2025, 3_900, 3_900),
        ("RI", 2026, 3_300, 3_300),
        ("VT", 2026, 330, 330),
        *((state, 2026, 0, 0) for state in ("CO", "MA", "ME", "MN", "NJ", "NY", "PA", "WA")),
    ],
)
def test_what_3_000_saves_in_state_levies(state: str, year: int, payroll: int, fsa: int) -> None:
    h = as_if_nearest(filer(state, 60_000, year=year))
    assert saving(h, 300_000, "payroll HSA").saved.levy == payroll
    assert saving(h, 300_000, "health FSA").saved.levy == fsa
    assert saving(h, 300_000, "direct HSA").saved.levy == 0


def test_each_spouse_pays_a_levy() -> None:
    """Washington, 2025: 71.52% of 0.92% of 40,000 is 263.19 and of 30,000 197.40; 0.58% of each 232 and 174."""
    couple = filer("WA", 40_000, "married_joint", spouse_wages=30_000_00)
    assert taxes(couple).levy == 26_319 + 19_740 + 23_200 + 17_400


def test_levies_stop_at_their_caps() -> None:
    assert taxes(filer("CO", 300_000)).levy == 79_245  # 0.45% of 176,100
    assert taxes(filer("NY", 300_000)).levy == 35_453 + 3_120
    assert taxes(filer("NJ", 300_000)).levy == 92_624 + 18_403  # 0.56% of 165,400, 0.425% of 43,300
    assert taxes(filer("WA", 100_000)).levy == 65_798 + 58_000  # 71.52% of 0.92%, and 0.58%
    assert not levies("TX", 2025)


# Localities


@pytest.mark.parametrize(
    ("state", "where", "level", "saved", "why"),
    [
        ("IN", "Marion", 119_180, 6_060, "2.02% of 59,000"),
        ("MD", "Montgomery", 170_880, 9_600, "3.2% of 53,400"),
        ("MD", "Frederick", 158_064, 8_880, "2.96% of all of 53,400, and of 50,400"),
        ("NY", "New York City", 189_069, 11_571, "369.36 + 489.06 + 954.75 and 3.876% of 2,000"),
        ("NY", "Yonkers", 44_270, 2_713, "16.75% of 2,643.00, and of 162.00"),
        ("PA", "Philadelphia", 224_100, 0, "3.735% of pay, before any account"),
        ("KY", "Louisville", 132_000, 0, "2.2% of pay, before any account"),
    ],
)
def test_local_taxes_follow_the_states_base(state: str, where: str, level: int, saved: int, why: str) -> None:
    h = filer(state, 60_000, year=2026, locality=where)
    assert taxes(h).local == level, why
    assert saving(h, 300_000, "payroll HSA").saved.local == saved, why


def test_yonkers_takes_its_share_of_what_the_state_takes_and_nothing_of_what_it_pays_out() -> None:
    """60,006 owe the state 5.4% of 6 more than 60,000, 2,643.32: 442.76 of it; a cent less would be 442.75."""
    yonkers = filer("NY", 60_006, year=2026, locality="Yonkers")
    assert (taxes(yonkers).state, taxes(yonkers).local) == (264_332, 44_276)
    paid_out = filer("NY", 8_000, year=2026, locality="Yonkers")
    assert (taxes(paid_out).state, taxes(paid_out).local) == (-18_360, 0)


def test_a_city_taxes_the_pay_of_both_spouses() -> None:
    couple = filer("PA", 40_000, "married_joint", year=2026, locality="Philadelphia", spouse_wages=20_000_00)
    assert taxes(couple).local == 224_100  # 3.735% of 60,000


def test_frederick_taxes_all_income_at_the_rate_of_its_size() -> None:
    # 50,000 of taxable income is the last that pays 2.75%: crossing it saves on every dollar.
    h = filer("MD", 57_000, year=2026, locality="Frederick")
    assert [taxes(h.replace(wages=cents)).local for cents in (56_600_00, 56_600_01)] == [137_500, 148_000]
    assert saving(h, 300_000, "payroll HSA").saved.local == 149_184 - 130_350 > 300_000 * 3 // 100


def test_every_county_of_maryland_and_indiana_is_in() -> None:
    assert len(localities("IN")) == 92
    assert len(localities("MD")) == 24


def test_without_its_county_a_household_of_maryland_is_told() -> None:
    assert saving(filer("MD", 60_000), 300_000, "payroll HSA").marks == (
        "the county's income tax is left out: name the county, such as Montgomery",
    )
