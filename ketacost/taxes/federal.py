"""Federal taxes of a household: payroll tax, income tax and the medical deduction."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import NamedTuple

from ketacost.core.fields import KetacostError
from ketacost.core.money import part_of, shown
from ketacost.core.references import Citation, parameter
from ketacost.taxes.schedules import Brackets, over, part, ratio, tax_by
from ketacost.taxes.tables import amount, holding, years

NAMES = ("oasdi_rate", "oasdi_wage_base", "hi_rate", "additional_medicare_rate", "additional_medicare_from")


class PayrollTerms(NamedTuple):
    """The rates (millionths), the wage base and the threshold of the additional tax (cents) of a year and filing status."""

    oasdi_rate: int
    oasdi_base: int
    hi_rate: int
    additional_rate: int
    additional_from: int


@cache
def payroll_terms(year: int, status: str) -> PayrollTerms:
    """The payroll tax terms of a year. Raises NotKnownFor outside the years that are known."""
    return PayrollTerms(*(amount("US payroll", name, year, status) for name in NAMES))


def oasdi(wages: int, terms: PayrollTerms) -> int:
    """Social Security tax of one earner: 6.2% up to the wage base. IRC 3101(a), 3121(a)(1)."""
    return part(min(wages, terms.oasdi_base), terms.oasdi_rate)


def hi(wages: int, terms: PayrollTerms) -> int:
    """Medicare tax of one earner: 1.45% of all wages. IRC 3101(b)(1)."""
    return part(wages, terms.hi_rate)


def additional_medicare(wages: int, terms: PayrollTerms) -> int:
    """Additional Medicare tax of a return: 0.9% of the wages of both above a threshold. IRC 3101(b)(2)."""
    return part(over(wages, terms.additional_from), terms.additional_rate)


def payroll_years() -> tuple[int, ...]:
    """The years whose payroll tax is known."""
    return years("US payroll", "oasdi_wage_base")


def payroll_citations(year: int, status: str) -> tuple[Citation, ...]:
    """The citations of the payroll tax terms of a year."""
    return tuple(row.citation() for name in NAMES for row in holding("US payroll", name, year, status))


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
    return Federal(income, deducted + senior, senior, taxable, tax, credit if within else 0, credit)


class DeductionError(KetacostError):
    """Amounts that cannot be a year's medical expenses or deductions; the message says why."""


class MedicalDeduction(NamedTuple):
    """A year's medical deduction, in cents: the floor, what is above it, and by how much it raises what is deducted in all.

    `worth` is that last amount: nothing where the standard deduction is still the larger.
    """

    floor: int
    above: int
    worth: int

    def __repr__(self) -> str:
        more = f"{shown(self.above)} is above the floor of {shown(self.floor)}"
        return f"{more}; it raises what is deducted by {shown(self.worth)}"


def medical_deduction(
    expenses: int, *, year: int, income: int, tax_free: int = 0, standard: int = 0, other_itemized: int = 0
) -> MedicalDeduction:
    """What a year's medical expenses add to the deductions of a household.

    `expenses` is all that the patient paid, `tax_free` what of it came from an HSA, FSA or HRA, `income` the adjusted gross
    income after HSA contributions, `standard` and `other_itemized` the deductions there are without it. Raises
    DeductionError for amounts below zero, NotKnownOn for a year that is not in.
    """
    if min(expenses, tax_free, standard, other_itemized) < 0 or tax_free > expenses:
        raise DeductionError(
            f"of {shown(expenses)} no more than that can have been paid tax-free, got {shown(tax_free)}"
        )
    floor = part_of(max(income, 0), parameter("medical_deduction.floor").on(date(year, 1, 1)))
    above = max(expenses - tax_free - floor, 0)
    without, having = max(standard, other_itemized), max(standard, other_itemized + above)
    return MedicalDeduction(floor, above, having - without)
