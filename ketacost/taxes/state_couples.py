"""States where spouses may figure their tax apart on one return, or get a credit because there are two of them."""

from __future__ import annotations

from ketacost.taxes.returns import Return
from ketacost.taxes.schedules import Brackets, Steps, above, at, over, part, tax_by


def district_of_columbia(
    r: Return,
    brackets: Brackets,
    standard_deduction: int,
    aged_deduction: int,
    eitc_rate: int,
    eitc_cap: int,
    eitc_fades_from: int,
    eitc_fade_rate: int,
) -> int:
    """Spouses pay the lower of a joint tax and two taxes apart; an earned income credit that lasts longer than the federal.
    D.C. Code 47-1801.04, 47-1805.04, 47-1806.03, 47-1806.04(f)."""
    deduction = standard_deduction + (r.aged + r.blind) * aged_deduction
    tax = tax_by(brackets, over(r.income, deduction))
    if r.persons == 2:
        own = evenly(over(r.income, deduction), r.own_income, deduction)
        tax = min(tax, tax_by(brackets, own) + tax_by(brackets, over(r.income, deduction) - own))
    if not r.between(25, 64):
        return tax
    earned = min(part(r.earned, eitc_rate), eitc_cap)
    fades = part(over(max(r.earned, r.federal_income), eitc_fades_from), eitc_fade_rate)
    return tax - over(earned, fades)


def delaware(
    r: Return,
    brackets: Brackets,
    standard_deduction: int,
    aged_deduction: int,
    personal_credit: int,
    aged_credit: int,
    aged_credit_from: int,
    eitc_share: int,
    eitc_paid_share: int,
) -> int:
    """Spouses pay the lower of one column and two; a fifth of the earned income credit against the tax, or less of it paid
    out. 30 Del. C. 1102, 1108, 1110, 1117."""
    aged = (r.aged + r.blind) * aged_deduction
    credit = personal_credit + r.aged_from(aged_credit_from) * aged_credit
    owed = over(tax_by(brackets, over(r.income, standard_deduction + aged)), credit)
    if r.persons == 2:
        each, own_aged = standard_deduction // 2, aged_deduction if r.age >= 65 else 0
        own_credit = personal_credit // 2 + (aged_credit if r.age >= aged_credit_from else 0)
        own = over(tax_by(brackets, over(r.own_income, each + own_aged)), own_credit)
        spouse = tax_by(brackets, over(r.spouse_income, each + aged - own_aged))
        owed = min(owed, own + over(spouse, credit - own_credit))
    return min(over(owed, part(r.eitc, eitc_share)), owed - part(r.eitc, eitc_paid_share))


def kentucky(r: Return, brackets: Brackets, deduction_each: int, aged_credit: int, family_credit: Steps) -> int:
    """One rate, with one standard deduction for each spouse who has income; a share of the tax is waived near the poverty
    line. KRS 141.019, 141.020, 141.066, 141.081."""
    taxable = over(r.own_income, deduction_each) + over(r.spouse_income, deduction_each)
    tax = over(tax_by(brackets, taxable), (r.aged + r.blind) * aged_credit)
    waived = above(family_credit, r.income)
    return tax - part(tax, waived)


def mississippi(
    r: Return, brackets: Brackets, standard_deduction: int, personal_exemption: int, aged_exemption: int
) -> int:
    """Each spouse has a zero bracket, and the two share deductions and exemptions as they like. Miss. Code 27-7-5, 27-7-17, 27-7-21."""
    exempt = standard_deduction + personal_exemption + (r.aged + r.blind) * aged_exemption
    taxable = over(r.income, exempt)
    if r.persons == 1:
        return tax_by(brackets, taxable)
    own = evenly(taxable, r.own_income, exempt)
    return tax_by(brackets, own) + tax_by(brackets, taxable - own)


def evenly(taxable: int, own_income: int, deduction: int) -> int:
    """One spouse's part of a couple's taxable income when they share the deduction so that the two parts are as even as can be."""
    return max(min(taxable // 2, own_income), over(own_income, deduction))


def ohio(
    r: Return,
    brackets: Brackets,
    exemption_each: Steps,
    base_tax: Steps,
    exemption_credit: int,
    exemption_credit_below: int,
    senior_credit: int,
    senior_credit_below: int,
    joint_credit: Steps,
    joint_credit_cap: int,
    joint_income_from: int,
    eitc_share: int,
) -> int:
    """No tax up to an income, then a fixed amount and a rate; exemptions by income; a credit for joint filers who both
    earn. ORC 5747.02, 5747.022, 5747.025, 5747.05, 5747.054, 5747.055, 5747.71."""
    exempt = r.persons * at(exemption_each, r.federal_income)
    taxable = over(r.income, exempt)
    start, rate, _ = next(row for row in brackets if taxable > row[0] or not row[0])
    tax = above(base_tax, taxable) + part(taxable - start, rate)
    credit = r.persons * exemption_credit if taxable < exemption_credit_below else 0
    credit += senior_credit if r.aged and taxable < senior_credit_below else 0
    tax = over(tax, credit)
    if r.lesser_income >= joint_income_from:
        tax -= min(part(tax, at(joint_credit, taxable)), joint_credit_cap)
    return over(tax, part(r.eitc, eitc_share))


def virginia(
    r: Return,
    brackets: Brackets,
    standard_deduction: int,
    personal_exemption: int,
    aged_exemption: int,
    age_deduction: int,
    age_deduction_cut_from: int,
    couple_cap: int,
    couple_exemption: int,
    low_income_credit: int,
    poverty_line: int,
    no_tax_below: int,
    eitc_share: int,
    eitc_paid_share: int,
) -> int:
    """Spouses who both earn get the lower brackets twice, up to 259 dollars; an age deduction that shrinks dollar for dollar;
    no tax below an income; a low income credit or a share of the federal credit. Va. Code 58.1-320 to 58.1-322.03, 58.1-324, 58.1-339.8."""
    aged = over(r.aged * age_deduction, over(r.federal_income, age_deduction_cut_from)) if r.aged else 0
    if r.income - aged < no_tax_below:
        return -part(r.eitc, eitc_paid_share)
    exempt = personal_exemption + (r.aged + r.blind) * aged_exemption
    taxable = over(r.income, standard_deduction + aged + exempt)
    tax = tax_by(brackets, taxable)
    if r.persons == 2:
        each = aged // r.aged + aged_exemption if r.aged else 0
        own = over(r.own_income, couple_exemption + (each if r.age >= 65 else 0))
        spouse = over(r.spouse_income, couple_exemption + (each if r.spouse_age >= 65 else 0))
        lesser = min(own, spouse, taxable // 2)
        tax -= min(over(tax, tax_by(brackets, lesser) + tax_by(brackets, taxable - lesser)), couple_cap)
    poor = r.persons * low_income_credit if r.federal_income <= poverty_line and not r.aged else 0
    owed = over(tax, max(poor, part(r.eitc, eitc_share)))
    return min(owed, tax - part(r.eitc, eitc_paid_share))
