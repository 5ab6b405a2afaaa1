"""How a scenario changes when somebody says who helps to pay: a household appears, a package is bought, a loan is taken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ketacost.accounts.loans import Loan
from ketacost.core.convert import put
from ketacost.core.fields import KetacostError
from ketacost.core.money import usd
from ketacost.estimate.scenario import Scenario
from ketacost.model.courses import Package
from ketacost.taxes.households import NOTHING, Household

START_WAGES, START_AGE = 60_000_00, 40
"""Where the form starts before anything is known of the household; it says so until a wage is entered."""


def with_household(scenario: Scenario, name: str, value: Any) -> Scenario:
    """A household begins with its state; a joint return brings a spouse of the same age, any other takes them away."""
    home = scenario.household
    if name == "state" and not value:
        return scenario.but(household=None, contribution=NOTHING)
    if home is None:
        if name != "state":
            raise KetacostError("choose the state first")
        begun = Household(scenario.course.start.year, str(value), "single", START_WAGES, START_AGE)
        return scenario.but(household=begun)
    if name == "filing_status":
        joint = value == "married_joint"
        spouse = {"spouse_age": home.age if joint else None, "spouse_wages": home.spouse_wages if joint else 0}
        return scenario.but(household=home.but(filing_status=str(value), **spouse))
    return put(scenario, f"household.{name}", value)


def with_package(scenario: Scenario, main: str, name: str, value: Any) -> Scenario:
    """A package of the main service appears with its number of visits, at their charges until its price is entered."""
    old = next((p for p in scenario.prices.packages if p.service == main), None)
    others = tuple(p for p in scenario.prices.packages if p.service != main)
    if name == "count":
        count = int(value or 0)
        price = scenario.prices.charges[main] * count
        return scenario.but(
            prices=scenario.prices.but(packages=(*others, Package(main, count, price)) if count else others)
        )
    if old is None:
        raise KetacostError("give the number of visits in the package first")
    return scenario.but(
        prices=scenario.prices.but(packages=(*others, replace(old, price=usd(value, what="the package price"))))
    )


def with_loan(scenario: Scenario, name: str, value: Any) -> Scenario:
    """A loan appears with its amount, at a year and no interest until the rate is entered, and goes with it."""
    amount = usd(value, what="what is borrowed") if name == "amount" else 0
    if name == "amount" and not amount:
        return scenario.but(paying=scenario.paying.but(loan=None))
    if scenario.paying.loan is None:
        return scenario.but(paying=scenario.paying.but(loan=Loan(amount, 0, 12)))
    return put(scenario, f"paying.loan.{name}", value)
