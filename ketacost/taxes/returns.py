"""A tax return as the states see it: the lines that a state's rule may ask for, as whole cents and counts."""

from __future__ import annotations

from typing import NamedTuple


class Return(NamedTuple):
    """One return. `income` is the state's own: what is left of the wages once it has let out what it lets out."""

    persons: int
    income: int
    spouse_income: int
    earned: int
    federal_income: int
    federal_taxable: int
    federal_deductions: int
    senior_deduction: int
    federal_tax: int
    eitc: int
    eitc_but_for_age: int
    fica: int
    spouse_fica: int
    aged: int
    blind: int
    age: int
    spouse_age: int

    @property
    def own_income(self) -> int:
        """The income that is not the spouse's."""
        return self.income - self.spouse_income

    @property
    def lesser_income(self) -> int:
        """The income of the spouse who has less of it; nothing for one person."""
        return min(self.own_income, self.spouse_income)

    def between(self, first: int, last: int) -> bool:
        """Whether one of the filers is of an age from the first through the last."""
        return first <= self.age <= last or (self.persons == 2 and first <= self.spouse_age <= last)

    def eitc_between(self, first: int, last: int) -> int:
        """The federal earned income credit as a state gives it that has its own ages for it."""
        return self.eitc_but_for_age if self.between(first, last) else 0

    def aged_from(self, age: int) -> int:
        """How many of the filers have reached an age by the end of the year."""
        return (self.age >= age) + (self.persons == 2 and self.spouse_age >= age)
