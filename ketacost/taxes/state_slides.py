"""States whose deductions, exemptions or credits shrink as income grows, so that a dollar less of income also restores
a part of them."""

from __future__ import annotations

from ketacost.taxes.returns import Return
from ketacost.taxes.schedules import Brackets, Steps, above, at, faded, over, part, steps_or_part, tax_by


def california(
    r: Return,
    brackets: Brackets,
    standard_deduction: int,
    personal_credit: int,
    credit_each: int,
    credit_cut_from: int,
    credit_cut_step: int,
    credit_cut: int,
    caleitc_rate: int,
    caleitc_adjustment: int,
    caleitc_earned: int,
    caleitc_last: int,
    caleitc_ends: int,
) -> int:
    """Exemption credits lose 6 dollars each for every step of federal income above a start; a small earned income credit.
    Cal. Rev. & Tax. Code 17041, 17043, 17052, 17054, 17054.1, 17073.5.

    Federal income counts there, so HSA money restores credit although California taxes it."""
    credits = personal_credit + (r.aged + r.blind) * credit_each
    each_loses = credit_cut * steps_or_part(over(r.federal_income, credit_cut_from), credit_cut_step)
    kept = over(credits, each_loses * (credits // credit_each))
    tax = over(tax_by(brackets, over(r.income, standard_deduction)), kept)
    return tax - caleitc(r, part(caleitc_rate, caleitc_adjustment), caleitc_earned, caleitc_last, caleitc_ends)


def caleitc(r: Return, rate: int, earned: int, last: int, ends: int) -> int:
    """California's credit for low earnings without a child: up, down to 200 dollars, then slowly to nothing."""
    if not rate:
        return 0
    income = max(r.earned, r.federal_income)
    full = part(earned, rate)
    if income <= earned:
        return part(r.earned, rate)
    slow_from = earned + (full - last) * 1_000_000 // rate
    return (
        full - part(income - earned, rate) if income < slow_from else faded(last, income, slow_from, ends - slow_from)
    )


def hawaii(
    r: Return,
    brackets: Brackets,
    single_brackets: Brackets,
    standard_deduction: int,
    withholding_deduction: int,
    exemption_each: int,
    income_tax_deductible_below: int,
    food_credit: Steps,
    eitc_share: int,
) -> int:
    """The larger of a standard deduction and the state income tax that was withheld, which may be deducted below a federal
    income (taken as a single person's on each one's pay); a food credit per person by income.
    HRS 235-2.4, 235-51, 235-54, 235-55.75, 235-55.85."""
    exemptions = r.persons + r.aged
    deduction = standard_deduction
    if r.federal_income < income_tax_deductible_below:
        withheld = tax_by(single_brackets, over(r.own_income, withholding_deduction))
        withheld += tax_by(single_brackets, over(r.spouse_income, withholding_deduction))
        deduction = max(deduction, withheld)
    tax = tax_by(brackets, over(r.income, exemptions * exemption_each + deduction))
    return tax - r.persons * at(food_credit, r.federal_income) - part(r.eitc, eitc_share)


def maine(
    r: Return,
    brackets: Brackets,
    standard_deduction: int,
    aged_deduction: int,
    deduction_fades_from: int,
    deduction_fades_through: int,
    personal_exemption: int,
    exemption_fades_from: int,
    exemption_fades_through: int,
    fairness_credit: int,
    fairness_cut_from: int,
    fairness_cut_step: int,
    fairness_cut: int,
    relief_payment: int,
    relief_below: int,
    eitc_share: int,
) -> int:
    """Deduction and exemption both fade; a sales tax fairness credit at low incomes. 36 M.R.S. 5111, 5124-C, 5126-A, 5213-A, 5219-S."""
    deduction = standard_deduction + (r.aged + r.blind) * aged_deduction
    kept = faded(deduction, r.income, deduction_fades_from, deduction_fades_through)
    exempt = faded(personal_exemption, r.income, exemption_fades_from, exemption_fades_through)
    tax = tax_by(brackets, over(r.income, kept + exempt))
    cuts = steps_or_part(over(r.earned, fairness_cut_from), fairness_cut_step) if fairness_credit else 0
    relief = r.persons * relief_payment if r.federal_income < relief_below else 0
    return tax - over(fairness_credit, cuts * fairness_cut) - relief - part(r.eitc_between(18, 64), eitc_share)


def maryland(
    r: Return,
    brackets: Brackets,
    standard_deduction: int,
    exemption_each: Steps,
    aged_exemption: int,
    two_income_cap: int,
    senior_credit: int,
    senior_couple_credit: int,
    senior_credit_up_to: int,
    poverty_line: int,
    poverty_rate: int,
    eitc_share: int,
    eitc_paid_share: int,
) -> int:
    """Exemptions that step down with federal income, a subtraction for two earners, a credit at 65, and credits at low
    earnings. Md. Tax-Gen. 10-105, 10-207, 10-211, 10-217, 10-704, 10-709, 10-754."""
    taxable = maryland_taxable(r, standard_deduction, exemption_each, aged_exemption, two_income_cap)
    tax = tax_by(brackets, taxable)
    senior = senior_couple_credit if r.aged == 2 else senior_credit if r.aged else 0
    credit = senior if r.federal_income <= senior_credit_up_to else 0
    poor = part(r.earned, poverty_rate) if max(r.federal_income, r.earned) <= poverty_line else 0
    owed = over(tax, part(r.eitc, eitc_share) + credit + poor)
    return owed - over(part(r.eitc, eitc_paid_share), tax)


def maryland_taxable(
    r: Return, standard_deduction: int, exemption_each: Steps, aged_exemption: int, two_income_cap: int
) -> int:
    """Maryland's taxable net income, which its counties tax too. Md. Tax-Gen. 10-103, 10-106."""
    exempt = r.persons * above(exemption_each, r.federal_income) + (r.aged + r.blind) * aged_exemption
    return over(r.income, standard_deduction + exempt + min(r.lesser_income, two_income_cap))


def minnesota(
    r: Return,
    brackets: Brackets,
    single_brackets: Brackets,
    standard_deduction: int,
    aged_deduction: int,
    limited_from: int,
    limited_rate: int,
    limited_more_from: int,
    limited_more_rate: int,
    limited_most_from: int,
    limited_most: int,
    marriage_credit_cap: int,
    marriage_income_from: int,
    marriage_taxable_from: int,
    family_credit_rate: int,
    family_credit_earned: int,
    family_credit_fades_from: int,
    family_credit_fade_rate: int,
) -> int:
    """A standard deduction that is limited at high incomes; a credit for what marriage costs two earners; a credit at low
    earnings. Minn. Stat. 290.06 subd. 2c, 290.0123, 290.0661, 290.0671, 290.0675."""
    full = standard_deduction + (r.aged + r.blind) * aged_deduction
    limited = part(over(r.income, limited_from), limited_rate)
    limited = limited - part(over(r.income, limited_more_from), limited_rate - limited_more_rate)
    most = part(full, limited_most)
    lost = most if r.income > limited_most_from else min(limited, most)
    taxable = over(r.income, full - lost)
    tax = tax_by(brackets, taxable)
    lesser = r.lesser_income
    if lesser >= marriage_income_from and taxable >= marriage_taxable_from:
        first = over(lesser, full // 2)
        apart = tax_by(single_brackets, first) + tax_by(single_brackets, over(taxable, first))
        tax -= min(over(tax, apart), marriage_credit_cap)
    earned = part(min(r.earned, family_credit_earned), family_credit_rate) if r.between(19, 64) else 0
    fades = part(over(max(r.earned, r.income), family_credit_fades_from), family_credit_fade_rate)
    return tax - over(earned, fades)


def rhode_island(
    r: Return,
    brackets: Brackets,
    standard_deduction: int,
    personal_exemption: int,
    cut_from: int,
    cut_step: int,
    cut_rate: int,
    eitc_share: int,
) -> int:
    """Deduction and exemption lose a fifth with every step of income above a start. R.I. Gen. Laws 44-30-2.6."""
    kept = over(1_000_000, cut_rate * steps_or_part(over(r.federal_income, cut_from), cut_step))
    full = standard_deduction + personal_exemption
    return tax_by(brackets, over(r.income, part(full, kept))) - part(r.eitc, eitc_share)


def wisconsin(
    r: Return,
    brackets: Brackets,
    standard_deduction: int,
    slide_from: int,
    slide_rate: int,
    later_deduction: int,
    later_slide_from: int,
    later_slide_rate: int,
    personal_exemption: int,
    aged_exemption: int,
    couple_rate: int,
    couple_cap: int,
) -> int:
    """A standard deduction that slides to nothing (a head of household's until it meets the single one); a credit for two
    earners. Wis. Stat. 71.05(22), 71.05(23), 71.06, 71.07(6)."""
    deduction = over(standard_deduction, part(over(r.income, slide_from), slide_rate))
    later = over(later_deduction, part(over(r.income, later_slide_from), later_slide_rate))
    exempt = personal_exemption + r.aged * aged_exemption
    tax = tax_by(brackets, over(r.income, max(deduction, later) + exempt))
    return over(tax, min(part(r.lesser_income, couple_rate), couple_cap))
