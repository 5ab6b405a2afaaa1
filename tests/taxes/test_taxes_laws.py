"""Law 5: tax saved is never negative, never more than the contribution, and zero where there is no tax; and where the tax
law itself breaks this, by how much at most. Random households of every state, year and status.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketacost.taxes.households import KINDS, NOTHING, STATES, STATUSES, Contribution, Household, Itemized
from ketacost.taxes.savings import TaxSaving, as_if_nearest, saving_of, taxes
from ketacost.taxes.states import RULES

PHASED_IN = 970_000
"""The earned income credit, federal or a state's own, grows with earnings up to here at most (Minnesota's: 9,480 in 2025)."""

CENTS = 3
"""Every tax is rounded on its own, so a saving may be this much off."""

CLIFFS = {
    "AR": 14,  # rows of the tables, in whole dollars; 5 dollars of the further credit per 100
    "AZ": 50,  # the excise credit ends at 12,500 and 25,000
    "CA": 12,  # 6 dollars of exemption credit per 2,500, a couple's twice
    "CO": 1_298,  # at 300,000 the deductions above 1,000 and 2,000 come back: 4.4% of 29,500 and less
    "CT": 200,  # a point of the tax per 500 of income, and three recaptures by steps
    "GA": 18,  # the low income credit, by steps, per exemption
    "HI": 240,  # the food credit, by steps; the income tax deductible below 100,000, 150,000 and 200,000
    "ID": 10,  # the building fund tax of those who must file
    "IL": 390,  # 4.95% of the exemptions that end at 250,000 and 500,000
    "IN": 120,  # the exemption below 40,000 and the credit below 10,000, at 65
    "KY": 130,  # a tenth of the tax with every step near the poverty line
    "MD": 1_950,  # the credit at 65 ends at 100,000 and 150,000; exemptions by steps; the poverty credit
    "ME": 615,  # the payment of 2025 ends below 50,000, 75,000 and 100,000; steps of the fairness credit
    "MO": 120,  # the share of the federal tax that is deducted falls by steps
    "NJ": 270,  # no tax up to 10,000 and 20,000, and the credit in full outside the federal ages
    "NM": 80,  # the rebate and the exemption at 65, by tables
    "NY": 4_830,  # the supplemental tax counts all income over a bracket's start once taxable income passes it
    "OH": 200,  # exemptions, the joint credit and small credits by steps
    "OK": 180,  # the sales tax credit and an exemption at 65 end at incomes
    "OR": 680,  # the exemption credit ends; the federal tax that is subtracted falls by steps
    "PA": 45,  # a tenth of the tax with every step above the poverty income
    "RI": 470,  # a fifth of deduction and exemption with every step above 254,250
    "VA": 610,  # no tax below an income; 300 per person up to the poverty line
    "WI": 1,
    "WV": 130,  # a tenth of the tax with every step near the poverty line
}
"""What crossing an income can give back at once, in dollars, beyond the dollar itself: the most, by state."""

LOST_BY_COUPLES = {"MN": 1_853, "ND": 312, "OH": 650}
"""Credits for two earners that end when the lesser income falls below a bound: the most that is lost, in dollars."""


LOST_BY_STEPS = {
    "CO": 44,  # the sales tax refund of 2025 is smaller below 52,000 to 299,000: at most 22 dollars an adult
    "NJ": 266,  # the credit in full outside the federal ages needs some earnings
    "NM": 178,  # the rebate is larger from 1,000 dollars of income on
}
"""Credits that grow with income: the most that is lost at once, in dollars."""


def thrown(r: Random) -> tuple[Household, Contribution]:
    """A random household with a contribution that its pay can hold."""
    status = r.choice(STATUSES)
    joint = status == "married_joint"
    wages = round(100_000 * 1_100 ** r.random())
    spouse_wages = round(100_000 * 400 ** r.random()) if joint and r.random() < 0.6 else 0
    age = r.randint(18, 80)
    h = Household(
        year=r.choice((2025, 2026)),
        state=r.choice(STATES),
        filing_status=status,  # type: ignore[arg-type]
        wages=wages,
        age=age,
        spouse_wages=spouse_wages,
        spouse_age=max(18, age + r.randint(-8, 8)) if joint else None,
        blind=r.random() < 0.05,
        itemized=Itemized(r.randrange(9_000_000), 0, r.randrange(4_000_000)) if r.random() < 0.2 else None,
    )
    by_spouse = spouse_wages > 0 and r.random() < 0.3
    amount = min(r.choice((1, 100, 5_000, 50_000, 300_000, 440_000, 855_000)), spouse_wages if by_spouse else wages)
    c = Contribution.by(amount, r.choice(KINDS), by_spouse)
    return as_if_nearest(h, c), c


def wrong(h: Household, c: Contribution, answer: TaxSaving) -> list[str]:
    """What breaks the law beyond what the tax law itself allows."""
    saved, amount = answer.saved, c.amount
    couple = bool(h.wages and h.spouse_wages)
    low = h.wages + h.spouse_wages - c.from_pay < PHASED_IN
    aged = (h.age >= 65) + ((h.spouse_age or 0) >= 65)
    told = []
    # Payroll taxes: their rates at most, nothing for a direct contribution.
    for part, millionths in ((saved.oasdi, 62_000), (saved.hi, 14_500), (saved.additional_medicare, 9_000)):
        if not 0 <= part <= c.from_pay * millionths / 1_000_000 + 1:
            told.append(f"payroll tax saved {part}")
    if not 0 <= saved.levy <= c.from_pay * 0.02 + 1:
        told.append(f"levies saved {saved.levy}")
    # Federal: the credit's phase-in costs 7.65% of pay; above it nothing is lost. At most 37%, on 1.30 dollars where the cap
    # on state and local tax falls and on 6 cents more for each senior deduction; 7.65% where the credit fades.
    least = -0.0765 * c.from_pay - CENTS if low else -CENTS
    most = amount * 0.37 * ((1.30 if h.itemized else 1) + 0.06 * aged) + 0.0765 * amount + CENTS
    if not least <= saved.federal <= most:
        told.append(f"federal tax saved {saved.federal}")
    # States: shares of the credit, up to all of it and a poverty credit of 5%; credits that couples lose; cliffs.
    least = -0.13 * c.from_pay - CENTS if low else -CENTS
    least -= 100 * LOST_BY_COUPLES.get(h.state, 0) if couple else 0
    least -= 100 * LOST_BY_STEPS.get(h.state, 0)
    most = amount + 100 * CLIFFS.get(h.state, 0) + CENTS
    if not least <= saved.state <= most:
        told.append(f"state tax saved {saved.state}")
    # All of it.
    if not (low or couple or h.state in LOST_BY_STEPS) and answer.total < -CENTS:
        told.append(f"all saved {answer.total}")
    if answer.total > amount + 100 * CLIFFS.get(h.state, 0) + 2 * CENTS:
        told.append(f"all saved {answer.total}")
    return told


@given(st.randoms(use_true_random=False))
def test_what_is_saved_keeps_to_the_law(r: Random) -> None:
    h, c = thrown(r)
    answer = saving_of(h, c)
    assert wrong(h, c, answer) == [], (h, c, answer)


def test_what_is_saved_keeps_to_the_law_many_times() -> None:
    dice = Random(5)
    for _ in range(20_000):
        h, c = thrown(dice)
        answer = saving_of(h, c)
        assert wrong(h, c, answer) == [], (h, c, answer.saved)


def test_without_cliffs_and_credits_the_law_holds_to_the_cent() -> None:
    dice = Random(7)
    seen = set()
    for _ in range(8_000):
        h, c = thrown(dice)
        if h.state in {*CLIFFS, *LOST_BY_COUPLES, *LOST_BY_STEPS} or h.wages + h.spouse_wages - c.from_pay < PHASED_IN:
            continue
        answer = saving_of(h, c)
        assert all(part >= -CENTS for part in answer.saved), (h, c, answer.saved)
        assert answer.total <= c.amount + CENTS, (h, c, answer.saved)
        seen.add(h.state)
    assert seen == set(STATES) - set(CLIFFS) - set(LOST_BY_COUPLES) - set(LOST_BY_STEPS)


@given(st.randoms(use_true_random=False))
def test_where_there_is_no_tax_nothing_is_saved(r: Random) -> None:
    h, c = thrown(r)
    answer = saving_of(h, c)
    if h.state not in RULES:
        assert answer.saved.state == 0
    if not c.from_pay:
        assert answer.saved[1:4] == (0, 0, 0)
        assert answer.saved.levy == 0
    if answer.without.federal == 0 and (h.age > 64 and (h.spouse_age or 65) > 64):
        assert answer.saved.federal == 0  # no tax, and no credit at these ages


@given(st.randoms(use_true_random=False))
def test_nothing_put_in_saves_nothing(r: Random) -> None:
    h, _ = thrown(r)
    assert set(saving_of(h, NOTHING).saved) == {0}


@given(st.randoms(use_true_random=False))
def test_the_parts_add_up_and_a_mix_is_what_its_pieces_are(r: Random) -> None:
    h, c = thrown(r)
    answer = saving_of(h, c)
    assert sum(answer.saved) == answer.total == answer.without.total - answer.having.total
    assert answer.having == taxes(h, c)


@given(st.randoms(use_true_random=False))
def test_payroll_and_direct_money_save_the_same_federal_income_tax_without_a_credit(r: Random) -> None:
    h, c = thrown(r)
    h = h.replace(wages=h.wages + 4_000_000, state="TX", state_as_if=None)
    payroll, direct = (saving_of(h, Contribution.by(c.amount, kind)) for kind in ("payroll HSA", "direct HSA"))
    assert payroll.saved.federal == direct.saved.federal


@given(st.randoms(use_true_random=False))
def test_it_does_not_matter_which_spouse_comes_first(r: Random) -> None:
    h, c = thrown(r)
    if h.filing_status != "married_joint" or h.blind:
        return
    turned = h.replace(wages=h.spouse_wages, spouse_wages=h.wages, age=h.spouse_age, spouse_age=h.age)
    mine, theirs = taxes(h, c), taxes(turned, Contribution(c.payroll_hsa, c.direct_hsa, c.health_fsa, not c.by_spouse))
    assert mine[:4] == theirs[:4]
    assert abs(mine.state - theirs.state) <= CENTS


@pytest.mark.parametrize(
    ("household", "contribution", "part", "cents"),
    [
        # Below 8,490 (2025) a dollar of pay carries 7.65 cents of credit: 1,000 less pay costs 76.50.
        (Household(2025, "TX", "single", 700_000, 40), Contribution(payroll_hsa=100_000), "federal", -7_650),
        # Oregon adds 9% of the credit, and has no tax to lower there.
        (Household(2025, "OR", "single", 700_000, 40), Contribution(payroll_hsa=100_000), "state", -689),
        # 520,000: a dollar less of income restores 30 cents of a cap of 34,000; 35% of 1.30.
        (
            Household(2025, "TX", "single", 52_000_000, 40, itemized=Itemized(5_000_000)),
            Contribution(direct_hsa=100_000),
            "federal",
            45_500,
        ),
        # Colorado, 2026: at 300,000 the deduction above 1,000 is added back. 4.4% of 15,100 and of 1.
        (Household(2026, "CO", "single", 30_000_000, 40), Contribution(direct_hsa=100), "state", 66_444),
        # Ohio: the joint credit needs 500 of income from each. 2,795 of the spouse's pay ends it.
        (
            Household(2025, "OH", "married_joint", 4_510_800, 25, 279_500, 24),
            Contribution(health_fsa=279_500, by_spouse=True),
            "state",
            -4_685,
        ),
    ],
)
def test_where_the_law_itself_gives_more_or_less(
    household: Household, contribution: Contribution, part: str, cents: int
) -> None:
    assert getattr(saving_of(household, contribution).saved, part) == cents
