"""The medical-expense deduction: what passes the floor, and only where itemizing beats the standard deduction.

Money is whole cents. What an HSA, an FSA or the plan paid is not deducted again (IRC 213(a): "not compensated for by
insurance or otherwise"); money put in an HSA lowers adjusted gross income, and so the floor.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from ketacost.core.fields import KetacostError
from ketacost.core.money import part_of, shown
from ketacost.core.references import parameter


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
