"""Federal income tax of wage earners without dependents, standard or itemized, with the childless earned income credit."""

from __future__ import annotations

from typing import NamedTuple

from ketacost.taxes.schedules import Brackets, over, part, ratio, tax_by


class Filers(NamedTuple):
    """Who files and with what, in whole cents and counts: wages after section 125, the direct HSA deduction, what is itemized."""

    persons: int
    wages: int
    direct_hsa: int
    age: int
    spouse_age: int
    aged: int
    blind: int
    itemizes: int
    state_and_local_tax: int
    other_itemized: int


class Federal(NamedTuple):
    """The lines of a federal return: income, deductions, tax before and credit after, in whole cents."""

    income: int
    deductions: int
    senior_deduction: int
    taxable: int
    tax: int
    eitc: int
    eitc_but_for_age: int

    @property
    def owed(self) -> int:
        """The tax less the credit that is paid out: negative where it is paid out."""
        return self.tax - self.eitc


def federal_return(
    f: Filers,
    brackets: Brackets,
    standard_deduction: int,
    aged_or_blind_deduction: int,
    senior_deduction: int,
    senior_fades_from: int,
    senior_fade_rate: int,
    salt_cap: int,
    salt_cap_falls_from: int,
    salt_cap_fall_rate: int,
    salt_cap_least: int,
    itemized_limit_part: int,
    minimum_tax_brackets: Brackets,
    minimum_tax_exemption: int,
    minimum_tax_fades_from: int,
    minimum_tax_fade_rate: int,
    eitc_cap: int,
    eitc_rate: int,
    eitc_fades_from: int,
    eitc_fade_rate: int,
    eitc_from_age: int,
    eitc_to_age: int,
) -> Federal:
    """Wages less the HSA deduction; less the larger of standard and itemized; less the senior deduction; by the brackets,
    or the minimum tax. IRC 1(j), 32, 55, 56(b)(1), 62(a)(19), 63, 68, 151(d)(5)(C), 164(b)(6)-(7), 223."""
    income = over(f.wages, f.direct_hsa)
    deducted = standard_deduction + (f.aged + f.blind) * aged_or_blind_deduction
    # "$6,000 for each qualified individual ... reduced by 6 percent of so much of the modified adjusted gross income as exceeds"
    senior = f.aged * over(senior_deduction, part(over(income, senior_fades_from), senior_fade_rate))
    minimum_base = income
    if f.itemizes:
        cap = salt_cap - part(over(income, salt_cap_falls_from), salt_cap_fall_rate)
        itemized = min(f.state_and_local_tax, max(cap, salt_cap_least)) + f.other_itemized
        # "2/37 of the lesser of such itemized deductions, or so much of the taxable income, increased by them, as exceeds"
        limited = ratio(min(itemized, over(income - senior, brackets[0][0])), itemized_limit_part, 37)
        if itemized - limited > deducted:
            deducted, minimum_base = itemized - limited, over(income, f.other_itemized)
    taxable = over(income, deducted + senior)
    # The alternative minimum tax knows neither the standard deduction nor the deduction of state and local tax.
    exempt = over(minimum_tax_exemption, part(over(minimum_base, minimum_tax_fades_from), minimum_tax_fade_rate))
    tax = max(tax_by(brackets, taxable), tax_by(minimum_tax_brackets, over(minimum_base, exempt)))
    faded = over(eitc_cap, part(over(max(f.wages, income), eitc_fades_from), eitc_fade_rate))
    credit = min(part(f.wages, eitc_rate), faded)
    within = eitc_from_age <= f.age <= eitc_to_age or (f.persons == 2 and eitc_from_age <= f.spouse_age <= eitc_to_age)
    return Federal(
        income,
        deducted + senior,
        senior,
        taxable,
        tax,
        credit if within else 0,
        credit,
    )
