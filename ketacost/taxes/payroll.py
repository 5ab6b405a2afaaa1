"""Payroll taxes of employees: Social Security and Medicare per earner, the additional Medicare tax per return."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from ketacost.core.references import Paper
from ketacost.taxes.schedules import over, part
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


def payroll_papers(year: int, status: str) -> tuple[Paper, ...]:
    """The citations of the payroll tax terms of a year."""
    return tuple(row.paper() for name in NAMES for row in holding("US payroll", name, year, status))
