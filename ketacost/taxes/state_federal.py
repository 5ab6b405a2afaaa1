"""States whose tax leans on the federal return: they start from its taxable income, or deduct its tax.

So a dollar of contribution that lowers the federal tax raises the state's in AL, MO and OR.
"""

from __future__ import annotations

from ketacost.taxes.returns import Return
from ketacost.taxes.schedules import Brackets, Steps, above, at, full_steps, over, part, ratio, tax_by


def alabama(
    r: Return,
    brackets: Brackets,
    standard_deduction: int,
    least_standard_deduction: int,
    slide_from: int,
    slide_step: int,
    slide_cut: int,
    personal_exemption: int,
) -> int:
    """The federal tax is deducted, and Social Security and Medicare tax where they exceed a standard deduction that
    shrinks as income grows. Ala. Code 40-18-5, 40-18-15(a)(3)a and (b), 40-18-19."""
    cut = slide_cut * full_steps(r.income - slide_from, slide_step)
    deduction = max(standard_deduction - cut, least_standard_deduction, r.fica + r.spouse_fica)
    return tax_by(brackets, over(r.income, deduction + personal_exemption + over(r.federal_tax, r.eitc)))


def colorado(
    r: Return, brackets: Brackets, addback_from: int, deductions_kept: int, sales_tax_refund: Steps, eitc_share: int
) -> int:
    """Federal taxable income at one rate; from an income on, most of the federal deductions are added back; a sales tax
    refund per adult by income, in the years that have one. C.R.S. 39-22-104(3)(p.7), 39-22-123.5, 39-22-2003."""
    added = over(r.federal_deductions, deductions_kept) if r.federal_income >= addback_from else 0
    tax = tax_by(brackets, r.federal_taxable + added)
    return tax - r.persons * at(sales_tax_refund, r.federal_income) - part(r.eitc_between(19, 64), eitc_share)


def missouri(
    r: Return, brackets: Brackets, head_exemption: int, federal_tax_share: Steps, federal_tax_cap: int, eitc_share: int
) -> int:
    """A share of the federal tax is deducted, less the higher the income; spouses are taxed apart on their shares of
    what is left. RSMo 143.011, 143.031, 143.131, 143.161, 143.171, 143.177."""
    deductible = min(part(over(r.federal_tax, r.eitc), above(federal_tax_share, r.income)), federal_tax_cap)
    taxable = over(r.income, r.federal_deductions - r.senior_deduction + head_exemption + deductible)
    spouse = ratio(taxable, r.spouse_income, r.income) if r.income else 0
    tax = tax_by(brackets, taxable - spouse) + tax_by(brackets, spouse)
    return over(tax, part(r.eitc, eitc_share))


def montana(r: Return, brackets: Brackets, aged_subtraction: int, eitc_share: int) -> int:
    """Federal taxable income by the state's brackets; a subtraction at 65. MCA 15-30-2103, 15-30-2120, 15-30-2318."""
    return tax_by(brackets, over(r.federal_taxable, r.aged * aged_subtraction)) - part(r.eitc, eitc_share)


def north_dakota(
    r: Return,
    brackets: Brackets,
    single_brackets: Brackets,
    marriage_credit_cap: int,
    marriage_income_from: int,
    marriage_taxable_from: int,
    single_deduction: int,
) -> int:
    """Federal taxable income by the state's brackets; two earners get back what marriage costs them, up to a cap.
    N.D.C.C. 57-38-30.3, 57-38-01.28."""
    tax = tax_by(brackets, r.federal_taxable)
    lesser = r.lesser_income
    if lesser <= marriage_income_from or r.federal_taxable <= marriage_taxable_from:
        return tax
    first = over(lesser, single_deduction)
    apart = tax_by(single_brackets, first) + tax_by(single_brackets, over(r.federal_taxable, first))
    return tax - min(over(tax, apart), marriage_credit_cap)


def oregon(
    r: Return,
    brackets: Brackets,
    standard_deduction: int,
    aged_deduction: int,
    federal_tax_cap: int,
    federal_tax_part: Steps,
    personal_credit: int,
    credit_up_to: int,
    eitc_share: int,
) -> int:
    """The federal tax is subtracted, up to a cap that falls in steps as income grows; a credit per person that ends at an
    income. ORS 316.037, 316.085, 316.680, 316.695, 315.266."""
    subtracted = min(r.federal_tax, part(federal_tax_cap, at(federal_tax_part, r.federal_income)))
    deduction = standard_deduction + (r.aged + r.blind) * aged_deduction
    tax = tax_by(brackets, over(r.income, subtracted + deduction))
    credit = personal_credit if r.federal_income <= credit_up_to else 0
    return over(tax, credit) - part(r.eitc, eitc_share)


def south_carolina(
    r: Return,
    brackets: Brackets,
    income_deduction: int,
    aged_or_blind_deduction: int,
    fades_from: int,
    fades_through: int,
    fade_step: int,
    aged_deduction: int,
    two_earner_rate: int,
    two_earner_cap: int,
    eitc_share: int,
    eitc_cap: int,
) -> int:
    """Federal income less the state's own deduction, which fades from 2026 on; a credit for two earners; an earned income
    credit that cannot be paid out. S.C. Code 12-6-510, 12-6-1140, 12-6-1170, 12-6-3330, 12-6-3632; Act 110 of 2026."""
    lost = ratio(income_deduction, over(r.federal_income, fades_from), fades_through) if fades_through else 0
    kept = over(income_deduction, lost // fade_step * fade_step)
    aged = r.aged * aged_deduction + (r.aged + r.blind) * aged_or_blind_deduction
    tax = tax_by(brackets, over(r.income, kept + aged))
    couple = part(min(r.lesser_income, two_earner_cap), two_earner_rate)
    return over(tax, couple + min(part(r.eitc, eitc_share), eitc_cap))


def utah(
    r: Return, brackets: Brackets, credit_share: int, credit_fades_from: int, credit_fade_rate: int, eitc_share: int
) -> int:
    """One rate on all income, less a credit of 6% of the federal deduction, which shrinks as income grows; no tax up to
    the federal standard deduction. Utah Code 59-10-104, 59-10-104.1, 59-10-1018, 59-10-1044."""
    if r.federal_income <= r.federal_deductions - r.senior_deduction:
        return 0
    credit = part(r.federal_deductions - r.senior_deduction, credit_share)
    kept = over(credit, part(over(r.income, credit_fades_from), credit_fade_rate))
    return over(tax_by(brackets, r.income), kept + part(r.eitc, eitc_share))


def nebraska(
    r: Return, brackets: Brackets, standard_deduction: int, aged_deduction: int, personal_credit: int, eitc_share: int
) -> int:
    """Brackets, and never more than the federal tax for those without state adjustments. Neb. Rev. Stat. 77-2715.03,
    77-2715.07, 77-2716.01; Form 1040N, federal tax liability worksheet."""
    taxable = over(r.income, standard_deduction + (r.aged + r.blind) * aged_deduction)
    return min(over(tax_by(brackets, taxable), personal_credit), r.federal_tax) - part(r.eitc, eitc_share)
