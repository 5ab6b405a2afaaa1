"""A household as a tax return sees it: who files and where, what they earn, and what they put into an account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from ketacost.core.fields import KetacostError, checked, described, replace, require
from ketacost.core.money import Cents, shown, usd

FilingStatus = Literal["single", "married_joint", "married_separate", "head_of_household", "surviving_spouse"]
STATUSES: tuple[FilingStatus, ...] = get_args(FilingStatus)
"""The five filing statuses of a federal return."""

ContributionKind = Literal["payroll HSA", "direct HSA", "health FSA"]
KINDS: tuple[ContributionKind, ...] = get_args(ContributionKind)
"""How money gets into a tax-free account: from pay before tax, from the bank and deducted, from pay for an FSA."""

STATES = (
    *("AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID"),
    *("IL", "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO"),
    *("MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA"),
    *("RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY"),
)
"""The fifty states and the District of Columbia."""


class HouseholdError(KetacostError):
    """A household that cannot file; the message says what to change."""


@dataclass(frozen=True)
class Itemized:
    """The deductions that a household itemizes on its federal return, where they exceed the standard deduction."""

    state_and_local_tax: Cents | Literal["own income tax"] = described(
        "State and local tax",
        "State and local tax paid in the year, in dollars before the federal cap; or the income tax that we work out.",
        "own income tax",
    )
    property_tax: Cents = described("Property tax", "Property tax in dollars, besides the income tax.", 0)
    other: Cents = described(
        "Other deductions", "Mortgage interest, gifts and medical expenses above their floor, in deductible dollars.", 0
    )


@dataclass(frozen=True)
class Household:
    """One tax return of wage earners without dependents: its year, state, status, wages, ages and deductions."""

    year: int = described("Tax year", "The calendar year in which the wages are earned.")
    state: str = described("State", "Two letters: where the household lives and works the whole year, a state or DC.")
    filing_status: FilingStatus = described("Filing status", "How the federal return is filed.")
    wages: Cents = described("Your wages", "Your pay in dollars for the year, before any pre-tax account.")
    age: int = described("Your age", "Your age at the end of the year.")
    spouse_wages: Cents = described("Spouse's wages", "The other spouse's pay in dollars, on a joint return.", 0)
    spouse_age: int | None = described("Spouse's age", "The other spouse's age at the end of the year.", None)
    blind: bool = described("You are blind", "Whether you count as blind for taxes.", False)
    spouse_blind: bool = described("Spouse is blind", "Whether the other spouse counts as blind for taxes.", False)
    social_security: bool = described(
        "Your pay has Social Security tax",
        "Whether Social Security tax is taken from your pay; many teachers' pay has none.",
        True,
    )
    spouse_social_security: bool = described(
        "Spouse's pay has Social Security tax", "Whether Social Security tax is taken from the spouse's pay.", True
    )
    itemized: Itemized | None = described(
        "Itemized deductions", "What is itemized on the federal return; None for the standard deduction.", None
    )
    locality: str | None = described(
        "County or city", "The county or city, if it taxes income, too: Montgomery, New York City, Marion.", None
    )
    federal_as_if: int | None = described(
        "Federal tables of", "The year whose federal tables are used if the tax year's are not known.", None
    )
    state_as_if: int | None = described(
        "State tables of", "The year whose state and local tables are used if the tax year's are not known.", None
    )

    def __post_init__(self) -> None:
        require("filing status", self.filing_status, STATUSES)
        require("state", self.state, STATES)
        joint = self.filing_status == "married_joint"
        if joint and self.spouse_age is None:
            raise HouseholdError("a joint return needs spouse_age: it decides deductions and credits")
        if not joint and (self.spouse_wages or self.spouse_age is not None or self.spouse_blind):
            only_joint = "only a joint return has a spouse's wages, age or blindness"
            raise HouseholdError(f"{only_joint}; this one is {self.filing_status}")
        for name, amount in (("wages", self.wages), ("spouse_wages", self.spouse_wages)):
            if amount < 0:
                raise HouseholdError(f"{name} cannot be negative, got {shown(amount)}")
        if not 2000 <= self.year <= 2100:
            raise HouseholdError(f"year is a tax year such as 2026, got {self.year}")
        for name, age in (("age", self.age), ("spouse_age", self.spouse_age)):
            if age is not None and not 0 <= age <= 130:
                raise HouseholdError(f"{name} is a number of years, got {age}")

    @staticmethod
    def of(*, wages: object, spouse_wages: object = 0, **rest: Any) -> Household:
        """Make a household from dollars as people write them: wages of 52_000, "52,000" or "$52,000.50".

        >>> Household.of(year=2026, state="OH", filing_status="single", wages="52,000", age=40).wages
        5200000
        """
        return Household(wages=usd(wages, what="wages"), spouse_wages=usd(spouse_wages, what="spouse_wages"), **rest)

    replace = replace


@dataclass(frozen=True)
class Contribution:
    """Money put into tax-free accounts in the year, in whole cents, by how it gets there."""

    payroll_hsa: Cents = described("HSA from pay", "Dollars taken from pay before tax, through the employer.", 0)
    direct_hsa: Cents = described("HSA from the bank", "Dollars paid in after tax and deducted on the return.", 0)
    health_fsa: Cents = described("Health FSA", "Dollars elected from pay for a flexible spending account.", 0)
    by_spouse: bool = described("By the spouse", "Whether it is the spouse's pay and account.", False)

    def __post_init__(self) -> None:
        if min(self.payroll_hsa, self.direct_hsa, self.health_fsa) < 0:
            raise HouseholdError("a contribution cannot be negative")
        checked(self)

    replace = replace

    @staticmethod
    def by(amount: int, kind: ContributionKind, by_spouse: bool = False) -> Contribution:
        """Make a contribution of one kind, in cents. Raises UnknownName for a kind that is not in KINDS."""
        require("kind of contribution", kind, KINDS)
        payroll_hsa, direct_hsa, health_fsa = (amount if kind == known else 0 for known in KINDS)
        return Contribution(payroll_hsa, direct_hsa, health_fsa, by_spouse)

    @property
    def from_pay(self) -> int:
        """The money that leaves pay before tax under section 125, in cents."""
        return self.payroll_hsa + self.health_fsa

    @property
    def to_hsa(self) -> int:
        """The money that goes into an HSA, in cents."""
        return self.payroll_hsa + self.direct_hsa

    @property
    def amount(self) -> int:
        """The whole contribution, in cents."""
        return self.payroll_hsa + self.direct_hsa + self.health_fsa


NOTHING = Contribution()
"""No contribution at all."""
