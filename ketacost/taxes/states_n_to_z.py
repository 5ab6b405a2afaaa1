"""State income tax of wage earners from Nebraska to Wisconsin; `states` has the others and says how a rule reads."""

from __future__ import annotations

from ketacost.taxes.schedules import MILLION, Brackets, EarnedCredit, Fade, StepCut, Steps, above, at, over, part, ratio
from ketacost.taxes.state_returns import StateReturn, UsualAmounts, tax_apart, taxable_income


def nebraska(r: StateReturn, usual: UsualAmounts) -> int:
    """Brackets, and never more than the federal tax for those without state adjustments.
    Neb. Rev. Stat. 77-2715.03, 77-2715.07, 77-2716.01; Form 1040N, federal tax liability worksheet."""
    return min(over(usual.income_tax(r), usual.personal_credit), r.federal.tax) - usual.eitc(r)


def new_jersey(r: StateReturn, usual: UsualAmounts, no_tax_up_to: int, eitc_cap: int) -> int:
    """Brackets on wages before any pre-tax account, and no tax up to an income.
    A share of the earned income credit, of its full amount for those whom only their age keeps from it. N.J.S.A.
    54A:2-1, 2-4, 3-1, 4-7, 6-24."""
    credit = r.federal.eitc or eitc_cap * bool(r.eitc_between(18, 130))
    tax = usual.income_tax(r) if r.income > no_tax_up_to else 0
    return tax - part(credit, usual.eitc_share)


def new_mexico(
    r: StateReturn,
    usual: UsualAmounts,
    exemption_each: int,
    exemption: Fade,
    aged_exemption: Steps,
    rebate: Steps,
    aged_rebate: Steps,
    aged_couple_rebate: Steps,
) -> int:
    """Brackets after an exemption per person that fades as income grows; a rebate at low incomes, by a table.
    NMSA 7-2-5.2, 7-2-5.8, 7-2-7, 7-2-14, 7-2-18.15."""
    exempt = r.persons * exemption.left(exemption_each, r.income)
    exempt += (r.aged + r.blind) * at(aged_exemption, r.income)
    tax = usual.tax(over(r.income, r.federal.other_deductions + exempt))
    low = aged_couple_rebate if r.aged == 2 else aged_rebate if r.aged else rebate
    return tax - at(low, r.earned) - part(r.eitc_between(18, 64), usual.eitc_share)


def new_york(
    r: StateReturn,
    usual: UsualAmounts,
    supplemental_from: int,
    supplemental_through: int,
    supplemental_base: Steps,
    supplemental_more: Steps,
    household_credit: Steps,
    household_credit_each: Steps,
) -> int:
    """Brackets; above an income a supplemental tax takes back what the lower brackets gave.
    It phases in over 50,000 dollars at each bracket. N.Y. Tax Law 601(a)-(c), (d)-(d-4), 606(b), 606(d), 614."""
    taxable = taxable_income(r, usual)
    tax = usual.tax(taxable)
    if r.income > supplemental_from:
        start, base = next(row for row in supplemental_base if taxable > row[0])
        phased = min(over(r.income, max(start, supplemental_from)), supplemental_through)
        tax += base + ratio(above(supplemental_more, taxable), phased, supplemental_through)
    household = above(household_credit, r.federal.income)
    household += (r.persons - 1) * above(household_credit_each, r.federal.income)
    return over(tax, household) - over(usual.eitc(r), min(household, tax))


def north_dakota(
    r: StateReturn,
    usual: UsualAmounts,
    single_brackets: Brackets,
    marriage_credit_cap: int,
    marriage_income_from: int,
    marriage_taxable_from: int,
    single_deduction: int,
) -> int:
    """Federal taxable income by the state's brackets; two earners get back what marriage costs them, up to a cap.
    N.D.C.C. 57-38-30.3, 57-38-01.28."""
    taxable = r.federal.taxable
    tax = usual.tax(taxable)
    if r.lesser_income <= marriage_income_from or taxable <= marriage_taxable_from:
        return tax
    apart = tax_apart(single_brackets, over(r.lesser_income, single_deduction), taxable)
    return tax - min(over(tax, apart), marriage_credit_cap)


def ohio(
    r: StateReturn,
    usual: UsualAmounts,
    exemption_each: Steps,
    base_tax: Steps,
    exemption_credit: int,
    exemption_credit_below: int,
    senior_credit: int,
    senior_credit_below: int,
    joint_credit: Steps,
    joint_credit_cap: int,
    joint_income_from: int,
) -> int:
    """No tax up to an income, then a fixed amount and a rate, with exemptions by income.
    Joint filers who both earn get a credit. ORC 5747.02, 5747.022, 5747.025, 5747.05, 5747.054, 5747.055, 5747.71."""
    taxable = over(r.income, r.persons * at(exemption_each, r.federal.income))
    start, rate, _ = next(row for row in usual.brackets if taxable > row[0] or not row[0])
    tax = above(base_tax, taxable) + part(taxable - start, rate)
    credit = r.persons * exemption_credit if taxable < exemption_credit_below else 0
    credit += senior_credit if r.aged and taxable < senior_credit_below else 0
    tax = over(tax, credit)
    if r.lesser_income >= joint_income_from:
        tax -= min(part(tax, at(joint_credit, taxable)), joint_credit_cap)
    return over(tax, usual.eitc(r))


def oklahoma(
    r: StateReturn,
    usual: UsualAmounts,
    aged_exemption: int,
    aged_exemption_up_to: int,
    sales_tax_credit: int,
    sales_tax_credit_up_to: int,
    aged_sales_tax_credit_up_to: int,
    eitc: EarnedCredit,
) -> int:
    """Brackets, with a share of the earned income credit as it was for 2020.
    A sales tax credit per person ends at an income. 68 O.S. 2355, 2357.43, 2358, 5011."""
    aged_exempt = r.aged * aged_exemption if r.federal.income <= aged_exemption_up_to else 0
    ends = aged_sales_tax_credit_up_to if r.aged else sales_tax_credit_up_to
    sales_tax = r.persons * sales_tax_credit if r.federal.income <= ends else 0
    credit = eitc.credit(r.earned, r.federal.income) * r.between(25, 64)
    return usual.income_tax(r, aged_exempt) - sales_tax - part(credit, usual.eitc_share)


def oregon(
    r: StateReturn, usual: UsualAmounts, federal_tax_cap: int, federal_tax_part: Steps, credit_up_to: int
) -> int:
    """Brackets, after the federal tax up to a cap that falls in steps as income grows.
    A credit per person ends at an income. ORS 316.037, 316.085, 316.680, 316.695, 315.266."""
    subtracted = min(r.federal.tax, part(federal_tax_cap, at(federal_tax_part, r.federal.income)))
    credit = usual.personal_credit if r.federal.income <= credit_up_to else 0
    return over(usual.income_tax(r, subtracted), credit) - usual.eitc(r)


def pennsylvania(
    r: StateReturn, usual: UsualAmounts, forgiven_up_to: int, forgiveness_step: int, forgiveness_cut: int
) -> int:
    """One rate on wages; all of it is forgiven up to an income per person, a tenth less with each step above.
    72 P.S. 7302, 7304."""
    owed = StepCut(r.persons * forgiven_up_to, forgiveness_step, forgiveness_cut).lost(r.income)
    return part(usual.tax(r.income), min(owed, MILLION)) - usual.eitc(r)


def rhode_island(r: StateReturn, usual: UsualAmounts, deduction: StepCut) -> int:
    """Deduction and exemption lose a fifth with every step of income above a start. R.I. Gen. Laws 44-30-2.6."""
    kept = part(usual.deducted(r), over(MILLION, deduction.lost(r.federal.income)))
    return usual.tax(over(r.income, kept)) - usual.eitc(r)


def south_carolina(
    r: StateReturn,
    usual: UsualAmounts,
    income_deduction: int,
    fades_from: int,
    fades_through: int,
    fade_step: int,
    two_earner_rate: int,
    two_earner_cap: int,
    eitc_cap: int,
) -> int:
    """Brackets, after the state's own deduction, which fades from 2026 on.
    Two earners get a credit; the earned income credit cannot be paid out. S.C. Code 12-6-510, 12-6-1140, 12-6-1170,
    12-6-3330, 12-6-3632; Act 110 of 2026."""
    lost = ratio(income_deduction, over(r.federal.income, fades_from), fades_through) if fades_through else 0
    tax = usual.income_tax(r, over(income_deduction, lost // fade_step * fade_step))
    couple = part(min(r.lesser_income, two_earner_cap), two_earner_rate)
    return over(tax, couple + min(usual.eitc(r), eitc_cap))


def utah(r: StateReturn, usual: UsualAmounts, credit_share: int, credit: Fade) -> int:
    """One rate on all income, less a credit of 6% of the federal deduction that shrinks as income grows.
    So there is no tax up to the federal standard deduction.
    Utah Code 59-10-104, 59-10-104.1, 59-10-1018, 59-10-1044."""
    kept = credit.left(part(r.federal.other_deductions, credit_share), r.income)
    return over(usual.tax(r.income), kept + usual.eitc(r))


def vermont(r: StateReturn, usual: UsualAmounts, minimum_rate: int, minimum_above: int) -> int:
    """Brackets, and never less than a share of federal income above an income. 32 V.S.A. 5811, 5822, 5828b."""
    least = part(r.federal.income, minimum_rate) if r.federal.income > minimum_above else 0
    return max(usual.income_tax(r), least) - usual.eitc(r)


def virginia(
    r: StateReturn,
    usual: UsualAmounts,
    age_deduction: int,
    age_deduction_cut_from: int,
    couple_cap: int,
    couple_exemption: int,
    low_income_credit: int,
    poverty_line: int,
    no_tax_below: int,
    eitc_paid_share: int,
) -> int:
    """Brackets, which spouses who both earn get twice, up to 259 dollars; no tax below an income.
    An age deduction shrinks dollar for dollar; a low income credit or a share of the federal credit. Va. Code 58.1-320
    to 58.1-322.03, 58.1-324, 58.1-339.8."""
    aged = over(r.aged * age_deduction, over(r.federal.income, age_deduction_cut_from))
    if r.income - aged < no_tax_below:
        return -part(r.federal.eitc, eitc_paid_share)
    taxable = over(r.income, usual.deducted(r) + aged)
    tax = usual.tax(taxable)
    if r.persons == 2:
        for_age, old = aged // max(r.aged, 1), r.spouse_age >= 65
        spouse_extra = old * for_age + (old + r.spouse_blind) * usual.aged_or_blind_deduction
        own_extra = aged + (r.aged + r.blind) * usual.aged_or_blind_deduction - spouse_extra
        own = over(r.own_income, couple_exemption + own_extra)
        spouse = over(r.spouse_income, couple_exemption + spouse_extra)
        apart = tax_apart(usual.brackets, min(own, spouse, taxable // 2), taxable)
        tax -= min(over(tax, apart), couple_cap)
    poor = r.persons * low_income_credit if r.federal.income <= poverty_line and not r.aged else 0
    return min(over(tax, max(poor, usual.eitc(r))), tax - part(r.federal.eitc, eitc_paid_share))


def west_virginia(
    r: StateReturn, usual: UsualAmounts, senior_deduction: int, family_credit: Steps, poverty_line: int
) -> int:
    """Brackets; 8,000 dollars of each one's income free at 65; a share of the tax is waived near the poverty line.
    W. Va. Code 11-21-4e, 11-21-12, 11-21-22."""
    tax = usual.income_tax(r, r.income_from(65, senior_deduction))
    waived = at(family_credit, r.income - poverty_line) if r.income > poverty_line else MILLION
    return tax - part(tax, waived)


def wisconsin(
    r: StateReturn,
    usual: UsualAmounts,
    deduction: Fade,
    later_deduction: int,
    later: Fade,
    couple_rate: int,
    couple_cap: int,
) -> int:
    """Brackets, with a standard deduction that slides to 0 and a credit for two earners.
    A head of household's deduction slides until it meets the single one. Wis. Stat. 71.05(22), 71.05(23), 71.06,
    71.07(6)."""
    exempt = usual.deducted(r) - usual.standard_deduction
    kept = max(deduction.left(usual.standard_deduction, r.income), later.left(later_deduction, r.income))
    tax = usual.tax(over(r.income, kept + exempt))
    return over(tax, min(part(r.lesser_income, couple_rate), couple_cap))
