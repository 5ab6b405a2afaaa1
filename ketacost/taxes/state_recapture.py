"""States that take back, at higher incomes, what their lower brackets gave, or tax by a printed table."""

from __future__ import annotations

from ketacost.taxes.returns import Return
from ketacost.taxes.schedules import Brackets, Steps, above, at, over, part, ratio, steps_or_part, tax_by


def connecticut(
    r: Return,
    brackets: Brackets,
    personal_exemption: int,
    exemption_cut_from: int,
    exemption_cut_step: int,
    phaseout_addback: int,
    phaseout_from: int,
    phaseout_step: int,
    phaseout_cap: int,
    recapture_step: int,
    low_recapture: int,
    low_recapture_from: int,
    low_recapture_cap: int,
    middle_recapture: int,
    middle_recapture_from: int,
    middle_recapture_cap: int,
    high_recapture: int,
    high_recapture_from: int,
    high_recapture_cap: int,
    personal_credit_share: Steps,
    eitc_share: int,
) -> int:
    """Tax by the brackets, plus what the lowest bracket gave, plus three recaptures, each by steps of income "or part";
    then a personal credit that is a share of the tax by income. Conn. Gen. Stat. 12-700, 12-702, 12-703, 12-704e."""
    income = r.income
    exempt = over(
        personal_exemption, exemption_cut_step * steps_or_part(over(income, exemption_cut_from), exemption_cut_step)
    )
    tax = tax_by(brackets, over(income, exempt))
    tax += min(phaseout_addback * steps_or_part(over(income, phaseout_from), phaseout_step), phaseout_cap)
    tax += min(low_recapture * steps_or_part(over(income, low_recapture_from), recapture_step), low_recapture_cap)
    tax += min(
        middle_recapture * steps_or_part(over(income, middle_recapture_from), recapture_step), middle_recapture_cap
    )
    tax += min(high_recapture * steps_or_part(over(income, high_recapture_from), recapture_step), high_recapture_cap)
    return tax - part(tax, above(personal_credit_share, income)) - part(r.eitc, eitc_share)


def new_york(
    r: Return,
    brackets: Brackets,
    standard_deduction: int,
    supplemental_from: int,
    supplemental_through: int,
    supplemental_base: Steps,
    supplemental_more: Steps,
    household_credit: Steps,
    household_credit_each: Steps,
    eitc_share: int,
) -> int:
    """Above an income, a supplemental tax takes back what the lower brackets gave, phased in over 50,000 dollars at each
    bracket. N.Y. Tax Law 601(a)-(c), (d)-(d-4), 606(b), 606(d), 614."""
    income = r.income
    taxable = over(income, standard_deduction)
    tax = tax_by(brackets, taxable)
    if income > supplemental_from:
        start, base = next((row for row in supplemental_base if taxable > row[0]), (0, 0))
        phased = min(over(income, max(start, supplemental_from)), supplemental_through)
        tax += base + ratio(above(supplemental_more, taxable), phased, supplemental_through)
    household = above(household_credit, r.federal_income)
    household += (r.persons - 1) * above(household_credit_each, r.federal_income)
    return over(tax, household) - over(part(r.eitc, eitc_share), min(household, tax))


def arkansas(
    r: Return,
    table_rate: Steps,
    table_less: Steps,
    table_up_to: int,
    table_step: int,
    table_shift_from: int,
    brackets: Brackets,
    standard_deduction: int,
    personal_credit: int,
    aged_credit: int,
    further_credit: int,
    further_credit_from: int,
    further_credit_step: int,
    further_credit_cut: int,
    low_income_table: Steps,
    low_income_up_to: int,
) -> int:
    """A table up to 100,000 dollars, brackets above; couples take the lower of one column and two; a table of its own at
    low incomes. A.C.A. 26-51-201, 26-51-301, 26-51-430, 26-51-501, 26-51-515."""
    table = (table_rate, table_less, table_up_to, table_step, table_shift_from, brackets)
    more = (further_credit, further_credit_from, further_credit_step, further_credit_cut)
    joint = over(r.income, r.persons * standard_deduction)
    credits = personal_credit + (r.aged + r.blind) * aged_credit
    tax = arkansas_table(joint, *table)
    if r.income <= low_income_up_to:
        tax = min(tax, above(low_income_table, r.income))
    tax = over(tax, credits + r.persons * arkansas_credit(joint, *more))
    if r.persons == 2:
        own, spouse = over(r.own_income, standard_deduction), over(r.spouse_income, standard_deduction)
        apart = arkansas_table(own, *table) + arkansas_table(spouse, *table)
        tax = min(tax, over(apart, credits + arkansas_credit(own, *more) + arkansas_credit(spouse, *more)))
    return tax


def arkansas_credit(taxable: int, credit: int, cut_from: int, step: int, cut: int) -> int:
    """A further credit per person, less 5 dollars for every 100 of taxable income above a start. A.C.A. 26-51-501(e)."""
    return over(credit, cut * steps_or_part(over(taxable, cut_from), step))


def arkansas_table(
    taxable: int, rate: Steps, less: Steps, up_to: int, step: int, shift_from: int, brackets: Brackets
) -> int:
    """The printed table: the rate of a row's middle less what the row takes off, in whole dollars."""
    if taxable > up_to:
        return tax_by(brackets, taxable) - at(less, taxable)
    shift = 100 if taxable > shift_from else 0
    middle = (taxable - shift) // step * step + shift + (step - 100) // 2
    return (part(middle, at(rate, middle)) - at(less, middle) + 50) // 100 * 100
