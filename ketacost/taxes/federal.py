"""Federal taxes of a household: payroll tax, income tax and the medical deduction."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from ketacost.core.fields import KetacostError
from ketacost.core.money import part_of, shown
from ketacost.core.references import parameter
from ketacost.taxes.schedules import Brackets, EarnedCredit, Fade, over, part, ratio, tax_by


class PayrollTax(NamedTuple):
    """The payroll taxes of a return in cents: of each earner, and the additional Medicare tax of both together."""

    oasdi: int
    spouse_oasdi: int
    hi: int
    spouse_hi: int
    additional_medicare: int


def payroll_tax(
    pay: tuple[int, int],
    oasdi_rate: int,
    oasdi_wage_base: int,
    hi_rate: int,
    additional_medicare_rate: int,
    additional_medicare_from: int,
) -> PayrollTax:
    """The payroll taxes on the pay of two earners, in cents. IRC 3101, 3121(a)(1)."""
    own, spouse = pay
    return PayrollTax(
        # Social Security of each earner: 6.2% up to the wage base. IRC 3101(a).
        part(min(own, oasdi_wage_base), oasdi_rate),
        part(min(spouse, oasdi_wage_base), oasdi_rate),
        # Medicare of each earner: 1.45% of all wages. IRC 3101(b)(1).
        part(own, hi_rate),
        part(spouse, hi_rate),
        # 0.9% of what the wages of both exceed a threshold by. IRC 3101(b)(2).
        part(over(own + spouse, additional_medicare_from), additional_medicare_rate),
    )


class Filers(NamedTuple):
    """Who files and with what, in cents and counts: wages after section 125, direct HSA deduction, itemized amounts."""

    persons: int
    wages: int
    direct_hsa: int
    age: int
    spouse_age: int
    aged: int
    blind: int
    itemizes: bool = False
    state_and_local_tax: int = 0
    other_itemized: int = 0


class FederalReturn(NamedTuple):
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

    @property
    def tax_after_credit(self) -> int:
        """The tax that the earned income credit leaves, never below 0."""
        return over(self.tax, self.eitc)

    @property
    def other_deductions(self) -> int:
        """The deductions without the senior deduction."""
        return self.deductions - self.senior_deduction


def federal_return(
    f: Filers,
    brackets: Brackets,
    standard_deduction: int,
    aged_or_blind_deduction: int,
    senior_deduction: int,
    senior: Fade,
    salt_cap: int,
    salt_cap_falls_from: int,
    salt_cap_fall_rate: int,
    salt_cap_least: int,
    itemized_limit_part: int,
    minimum_tax_brackets: Brackets,
    minimum_tax_exemption: int,
    minimum_tax: Fade,
    eitc: EarnedCredit,
    eitc_from_age: int,
    eitc_to_age: int,
) -> FederalReturn:
    """Figure the federal income tax of a return, or the minimum tax where it is more.
    Wages less the HSA deduction; less the larger of standard and itemized deductions; less the senior deduction; by the
    brackets. IRC 1(j), 32, 55, 56(b)(1), 62(a)(19), 63, 68, 151(d)(5)(C), 164(b)(6)-(7), 223."""
    income = over(f.wages, f.direct_hsa)
    deducted = standard_deduction + (f.aged + f.blind) * aged_or_blind_deduction
    # "$6,000 for each qualified individual ... reduced by 6 percent of so much of the ... income as exceeds"
    senior_deducted = f.aged * senior.left(senior_deduction, income)
    minimum_base = income
    if f.itemizes:
        cap = salt_cap - part(over(income, salt_cap_falls_from), salt_cap_fall_rate)
        itemized = min(f.state_and_local_tax, max(cap, salt_cap_least)) + f.other_itemized
        # "2/37 of the lesser of such itemized deductions, or so much of the taxable income ... as exceeds" the start of
        # the highest bracket, where no senior deduction is left.
        limited = ratio(min(itemized, over(income, brackets[0][0])), itemized_limit_part, 37)
        if itemized - limited > deducted:
            deducted, minimum_base = itemized - limited, over(income, f.other_itemized)
    taxable = over(income, deducted + senior_deducted)
    # The alternative minimum tax knows neither the standard deduction nor the deduction of state and local tax.
    exempt = minimum_tax.left(minimum_tax_exemption, minimum_base)
    tax = max(tax_by(brackets, taxable), tax_by(minimum_tax_brackets, over(minimum_base, exempt)))
    credit = eitc.credit(f.wages, income)
    within = eitc_from_age <= f.age <= eitc_to_age or (f.persons == 2 and eitc_from_age <= f.spouse_age <= eitc_to_age)
    credit_due = credit if within else 0
    return FederalReturn(income, deducted + senior_deducted, senior_deducted, taxable, tax, credit_due, credit)


class DeductionError(KetacostError):
    """Amounts that cannot be a year's medical expenses or deductions; the message says why."""


class MedicalDeduction(NamedTuple):
    """A year's medical deduction, in cents: the floor, the expenses above it, and what they add to all deductions.

    `worth` is that last amount: 0 where the standard deduction is still the larger.
    """

    floor: int
    above: int
    worth: int

    def __repr__(self) -> str:
        above = f"{shown(self.above)} of the expenses is above the floor of {shown(self.floor)}"
        return f"{above} and adds {shown(self.worth)} to the deductions"


def medical_deduction(
    expenses: int, *, year: int, income: int, tax_free: int = 0, standard: int = 0, other_itemized: int = 0
) -> MedicalDeduction:
    """Find what a year's medical expenses add to a household's deductions, in cents. IRC 213(a).

    `expenses` is all that the patient paid, `tax_free` the part that came from an HSA, FSA or HRA, `income` the
    adjusted gross income after HSA contributions, `standard` and `other_itemized` the deductions without it. Raises
    DeductionError for amounts below zero, NotKnownOn for a year that is not known.

    >>> medical_deduction(1_000_000, year=2026, income=6_000_000, standard=1_610_000, other_itemized=1_500_000)
    $5,500.00 of the expenses is above the floor of $4,500.00 and adds $4,400.00 to the deductions
    """
    if min(expenses, tax_free, standard, other_itemized) < 0 or tax_free > expenses:
        no_more = f"of {shown(expenses)} no more than that can have been paid tax-free"
        raise DeductionError(f"{no_more}, got {shown(tax_free)}")
    floor = part_of(max(income, 0), parameter("medical_deduction.floor").on(date(year, 1, 1)))
    above = max(expenses - tax_free - floor, 0)
    without, having = max(standard, other_itemized), max(standard, other_itemized + above)
    return MedicalDeduction(floor, above, having - without)
