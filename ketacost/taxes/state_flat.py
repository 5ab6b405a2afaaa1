"""States that tax income less a deduction and exemptions, with at most one clause of their own.

Each rule takes the lines of a return and the amounts that `data/tax` holds under the rule's own words; whole cents in,
whole cents out. A credit that can be paid out makes the tax negative.
"""

from __future__ import annotations

from ketacost.taxes.returns import Return
from ketacost.taxes.schedules import Brackets, Steps, at, over, part, steps_or_part, tax_by


def ordinary(
    r: Return,
    brackets: Brackets,
    standard_deduction: int = 0,
    personal_exemption: int = 0,
    personal_credit: int = 0,
    aged_deduction: int = 0,
    blind_deduction: int = 0,
    eitc_share: int = 0,
) -> int:
    """Income less deduction and exemptions, by the brackets, less credits: AL to WY where no other rule is named."""
    deducted = standard_deduction + personal_exemption + r.aged * aged_deduction + r.blind * blind_deduction
    return over(tax_by(brackets, over(r.income, deducted)), personal_credit) - part(r.eitc, eitc_share)


def arizona(
    r: Return,
    brackets: Brackets,
    standard_deduction: int,
    aged_deduction: int,
    blind_deduction: int,
    excise_credit: int,
    excise_credit_up_to: int,
) -> int:
    """One rate, with the federal senior deduction, and a small excise credit per person that ends at an income.
    A.R.S. 43-1011, 43-1041, 43-1072.01."""
    deducted = standard_deduction + r.senior_deduction
    tax = ordinary(r, brackets, deducted, 0, 0, aged_deduction, blind_deduction)
    return tax - (r.persons * excise_credit if r.federal_income <= excise_credit_up_to else 0)


def georgia(
    r: Return,
    brackets: Brackets,
    standard_deduction: int,
    retired_wages: int,
    retired_from: int,
    low_income_credit: Steps,
) -> int:
    """One rate; from 62 on a part of the wages is free; a low income credit per exemption that cannot be paid out.
    O.C.G.A. 48-7-20, 48-7-27, 48-7A-3."""
    own = min(r.own_income, retired_wages) if r.age >= retired_from else 0
    spouse = min(r.spouse_income, retired_wages) if r.spouse_age >= retired_from else 0
    credit = (r.persons + r.aged) * at(low_income_credit, r.federal_income)
    return over(tax_by(brackets, over(r.income, standard_deduction + own + spouse)), credit)


def idaho(r: Return, brackets: Brackets, building_fund_tax: int, grocery_credit: int) -> int:
    """Federal taxable income above a part that is free, a fixed tax, and a grocery credit. Idaho Code 63-3024, 63-3024A, 63-3082."""
    tax = tax_by(brackets, over(r.income, r.federal_deductions))
    return (
        tax
        + (building_fund_tax if r.earned > r.federal_deductions - r.senior_deduction else 0)
        - r.persons * grocery_credit
    )


def illinois(
    r: Return,
    brackets: Brackets,
    personal_exemption: int,
    exemption_up_to: int,
    aged_deduction: int,
    blind_deduction: int,
    eitc_share: int,
) -> int:
    """One rate; the exemptions are lost above an income; an earned income credit from 18 on. 35 ILCS 5/201, 5/204, 5/212."""
    extra = r.aged * aged_deduction + r.blind * blind_deduction
    exempt = personal_exemption + extra if r.federal_income <= exemption_up_to else 0
    return tax_by(brackets, over(r.income, exempt)) - part(r.eitc_between(18, 130), eitc_share)


def indiana(
    r: Return,
    brackets: Brackets,
    personal_exemption: int,
    aged_deduction: int,
    blind_deduction: int,
    low_income_aged_exemption: int,
    low_income_below: int,
    eitc_share: int,
    aged_credit: Steps,
    aged_couple_credit: Steps,
) -> int:
    """One rate; a further exemption and a credit at 65 below an income. IC 6-3-3-9, 6-3-2-1, 6-3-1-3.5, 6-3.1-21."""
    extra = r.aged * low_income_aged_exemption if r.federal_income < low_income_below else 0
    tax = ordinary(r, brackets, 0, personal_exemption + extra, 0, aged_deduction, blind_deduction, eitc_share)
    credit = at(aged_couple_credit if r.aged == 2 else aged_credit, r.federal_income)
    return tax - credit if r.aged else tax


def iowa(
    r: Return,
    brackets: Brackets,
    exemption_credit: int,
    aged_credit: int,
    alternate_rate: int,
    free_up_to: int,
    aged_free_up_to: int,
    eitc_share: int,
) -> int:
    """Federal taxable income at one rate, or a higher rate on what lies above a free income if that is less. Iowa Code 422.5, 422.12."""
    free = aged_free_up_to if r.aged else free_up_to
    tax = min(tax_by(brackets, r.federal_taxable), part(over(r.income, free), alternate_rate))
    credit = r.persons * exemption_credit + (r.aged + r.blind) * aged_credit
    return over(tax, credit) - part(r.eitc, eitc_share)


def kansas(
    r: Return,
    brackets: Brackets,
    standard_deduction: int,
    personal_exemption: int,
    aged_deduction: int,
    blind_deduction: int,
    no_tax_up_to: int,
    eitc_share: int,
) -> int:
    """Brackets, and no tax at all up to an income. K.S.A. 79-32,110, 79-32,119, 79-32,121, 79-32,205."""
    if r.federal_income <= no_tax_up_to:
        return -part(r.eitc, eitc_share)
    return ordinary(r, brackets, standard_deduction, personal_exemption, 0, aged_deduction, blind_deduction, eitc_share)


def massachusetts(
    r: Return,
    brackets: Brackets,
    personal_exemption: int,
    aged_deduction: int,
    blind_deduction: int,
    fica_deduction_cap: int,
    no_tax_up_to: int,
    limited_income_up_to: int,
    limited_income_rate: int,
    eitc_share: int,
) -> int:
    """Wages less up to 2,000 dollars of Social Security and Medicare tax per earner; nothing up to an income, and just
    above it never more than a tenth of what exceeds it. M.G.L. c. 62 ss 3(B)(a)(3), 4, 5(a), 6(h)."""
    fica = min(r.fica, fica_deduction_cap) + min(r.spouse_fica, fica_deduction_cap)
    tax = ordinary(r, brackets, fica, personal_exemption, 0, aged_deduction, blind_deduction)
    if r.income <= no_tax_up_to:
        tax = 0
    elif r.income <= limited_income_up_to:
        tax = min(tax, part(r.income - no_tax_up_to, limited_income_rate))
    return tax - part(r.eitc, eitc_share)


def michigan(
    r: Return, brackets: Brackets, personal_exemption: int, senior_deduction: int, senior_from: int, eitc_share: int
) -> int:
    """One rate; from 67 on a deduction against all income, less the exemptions. MCL 206.30, 206.51, 206.272."""
    senior = over(senior_deduction, personal_exemption) if r.aged_from(senior_from) else 0
    return tax_by(brackets, over(r.income, personal_exemption + senior)) - part(r.eitc, eitc_share)


def new_jersey(
    r: Return,
    brackets: Brackets,
    personal_exemption: int,
    aged_deduction: int,
    blind_deduction: int,
    no_tax_up_to: int,
    eitc_share: int,
    eitc_cap: int,
) -> int:
    """Wages before any pre-tax account, and no tax up to an income; a share of the earned income credit, of its full amount for
    those whom only their age keeps from it. N.J.S.A. 54A:2-1, 2-4, 3-1, 4-7, 6-24."""
    tax = ordinary(r, brackets, 0, personal_exemption, 0, aged_deduction, blind_deduction)
    credit = r.eitc or (eitc_cap if r.eitc_between(18, 130) else 0)
    return (tax if r.income > no_tax_up_to else 0) - part(credit, eitc_share)


def oklahoma(
    r: Return,
    brackets: Brackets,
    standard_deduction: int,
    personal_exemption: int,
    blind_deduction: int,
    aged_exemption: int,
    aged_exemption_up_to: int,
    sales_tax_credit: int,
    sales_tax_credit_up_to: int,
    aged_sales_tax_credit_up_to: int,
    eitc_rate: int,
    eitc_cap: int,
    eitc_fades_from: int,
    eitc_share: int,
) -> int:
    """Brackets; a share of the earned income credit as it was for 2020; a sales tax credit per person that ends at an
    income. 68 O.S. 2355, 2357.43, 2358, 5011."""
    exempt = personal_exemption + (r.aged * aged_exemption if r.federal_income <= aged_exemption_up_to else 0)
    tax = ordinary(r, brackets, standard_deduction, exempt, 0, 0, blind_deduction)
    ends = aged_sales_tax_credit_up_to if r.aged else sales_tax_credit_up_to
    tax -= r.persons * sales_tax_credit if r.federal_income <= ends else 0
    fades = part(over(max(r.earned, r.federal_income), eitc_fades_from), eitc_rate)
    credit = min(part(r.earned, eitc_rate), over(eitc_cap, fades)) if r.between(25, 64) else 0
    return tax - part(credit, eitc_share)


def pennsylvania(
    r: Return, brackets: Brackets, forgiven_up_to: int, forgiveness_step: int, forgiveness_cut: int, eitc_share: int
) -> int:
    """One rate on wages; all of it is forgiven up to an income per person, a tenth less with each step above. 72 P.S. 7302, 7304."""
    steps = steps_or_part(over(r.income, r.persons * forgiven_up_to), forgiveness_step)
    owed = min(steps * forgiveness_cut, 1_000_000)
    return part(tax_by(brackets, r.income), owed) - part(r.eitc, eitc_share)


def vermont(
    r: Return,
    brackets: Brackets,
    standard_deduction: int,
    personal_exemption: int,
    aged_deduction: int,
    minimum_rate: int,
    minimum_above: int,
    eitc_share: int,
) -> int:
    """Brackets, and never less than a share of federal income above an income. 32 V.S.A. 5811, 5822, 5828b."""
    extra = (r.aged + r.blind) * aged_deduction
    tax = tax_by(brackets, over(r.income, standard_deduction + personal_exemption + extra))
    if r.federal_income > minimum_above:
        tax = max(tax, part(r.federal_income, minimum_rate))
    return tax - part(r.eitc, eitc_share)


def new_mexico(
    r: Return,
    brackets: Brackets,
    exemption_each: int,
    exemption_fades_from: int,
    exemption_fade_rate: int,
    aged_exemption: Steps,
    rebate: Steps,
    aged_rebate: Steps,
    aged_couple_rebate: Steps,
    eitc_share: int,
) -> int:
    """Brackets after an exemption per person that fades as income grows; a rebate at low incomes, by a table.
    NMSA 7-2-5.2, 7-2-5.8, 7-2-7, 7-2-14, 7-2-18.15."""
    each = over(exemption_each, part(over(r.income, exemption_fades_from), exemption_fade_rate))
    exempt = r.persons * each + (r.aged + r.blind) * at(aged_exemption, r.income)
    tax = tax_by(brackets, over(r.income, r.federal_deductions - r.senior_deduction + exempt))
    low = aged_couple_rebate if r.aged == 2 else aged_rebate if r.aged else rebate
    return tax - at(low, r.earned) - part(r.eitc_between(18, 64), eitc_share)


def west_virginia(
    r: Return,
    brackets: Brackets,
    personal_exemption: int,
    senior_deduction: int,
    family_credit: Steps,
    poverty_line: int,
) -> int:
    """Brackets; 8,000 dollars of each one's income free at 65; a share of the tax is waived near the poverty line.
    W. Va. Code 11-21-4e, 11-21-12, 11-21-22."""
    free = min(r.own_income, senior_deduction) if r.age >= 65 else 0
    free += min(r.spouse_income, senior_deduction) if r.spouse_age >= 65 else 0
    tax = tax_by(brackets, over(r.income, personal_exemption + free))
    waived = at(family_credit, r.income - poverty_line) if r.income > poverty_line else 1_000_000
    return tax - part(tax, waived)
