"""A tax return as the states see it: the lines that a rule may ask for, and the amounts that most states have."""

from __future__ import annotations

from typing import NamedTuple

from ketacost.taxes.federal import FederalReturn
from ketacost.taxes.schedules import Brackets, over, part, tax_by


class StateReturn(NamedTuple):
    """The lines of a return that a state's rule may ask for, in whole cents and counts.

    `income` is the state's own, after the pre-tax money that the state does not tax; `fica` is a filer's payroll tax.
    """

    persons: int
    income: int
    spouse_income: int
    earned: int
    federal: FederalReturn
    fica: int
    spouse_fica: int
    aged: int
    blind: int
    age: int
    spouse_age: int
    spouse_blind: int = 0

    @property
    def own_income(self) -> int:
        """The income that is not the spouse's."""
        return self.income - self.spouse_income

    @property
    def lesser_income(self) -> int:
        """The income of the spouse who has less of it; 0 for one person."""
        return min(self.own_income, self.spouse_income)

    def between(self, first: int, last: int) -> bool:
        """Whether one of the filers is of an age from the first through the last."""
        return first <= self.age <= last or (self.persons == 2 and first <= self.spouse_age <= last)

    def eitc_between(self, first: int, last: int) -> int:
        """The federal earned income credit for a state that gives it at ages of its own."""
        return self.federal.eitc_but_for_age if self.between(first, last) else 0

    def aged_from(self, age: int) -> int:
        """How many of the filers have reached an age by the end of the year."""
        return (self.age >= age) + (self.persons == 2 and self.spouse_age >= age)

    def income_from(self, age: int, most: int) -> int:
        """The income of each filer who has reached an age, up to a most for each."""
        own = min(self.own_income, most) if self.age >= age else 0
        return own + (min(self.spouse_income, most) if self.spouse_age >= age else 0)


class UsualAmounts(NamedTuple):
    """The amounts that most states have, in cents and millionths: 0 for those that a state does not have."""

    brackets: Brackets
    standard_deduction: int = 0
    personal_exemption: int = 0
    personal_credit: int = 0
    aged_deduction: int = 0
    blind_deduction: int = 0
    aged_or_blind_deduction: int = 0
    eitc_share: int = 0

    def deducted(self, r: StateReturn) -> int:
        """Standard deduction and exemptions, with those for age and blindness."""
        extra = r.aged * self.aged_deduction + r.blind * self.blind_deduction
        extra += (r.aged + r.blind) * self.aged_or_blind_deduction
        return self.standard_deduction + self.personal_exemption + extra

    def tax(self, taxable: int) -> int:
        """The tax by the brackets on a taxable income."""
        return tax_by(self.brackets, taxable)

    def income_tax(self, r: StateReturn, deducted: int = 0) -> int:
        """The tax by the brackets on the income less its deductions and what else is deducted."""
        return tax_by(self.brackets, over(r.income, self.deducted(r) + deducted))

    def eitc(self, r: StateReturn) -> int:
        """The state's share of the federal earned income credit."""
        return part(r.federal.eitc, self.eitc_share)


def taxable_income(r: StateReturn, usual: UsualAmounts) -> int:
    """Income less deductions and exemptions, which New York City taxes too. N.Y. Tax Law 1301, 1303."""
    return over(r.income, usual.deducted(r))


def tax_apart(brackets: Brackets, first: int, taxable: int) -> int:
    """The taxes of two who split a taxable income, one of them with the first part."""
    return tax_by(brackets, first) + tax_by(brackets, taxable - first)


def evenly(taxable: int, own_income: int, deduction: int) -> int:
    """One spouse's part of a couple's taxable income, where they share the deduction to make the parts nearly even."""
    return max(min(taxable // 2, own_income), over(own_income, deduction))
