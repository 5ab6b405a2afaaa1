"""What one more dollar is taxed: all taxes of a household, and what a contribution to a tax-free account saves.

The saving is the tax without the contribution less the tax with it, never a rate times the amount: brackets, deductions
larger than income, credits and their ends, and wage bases all fall between the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ketacost.core.money import shown
from ketacost.core.references import Paper
from ketacost.taxes.federal import Federal, Filers
from ketacost.taxes.households import NOTHING, Contribution, Household, HouseholdError, Kind
from ketacost.taxes.levies import levied
from ketacost.taxes.local import county_credit, local_tax
from ketacost.taxes.payroll import additional_medicare, hi, oasdi
from ketacost.taxes.returns import Return
from ketacost.taxes.tables import NotKnownFor
from ketacost.taxes.taxyears import Books, books_of, matter, papers_of


class Taxes(NamedTuple):
    """The taxes of a year in whole cents, by who takes them. A credit that is paid out makes a part negative."""

    federal: int
    oasdi: int
    hi: int
    additional_medicare: int
    state: int
    levy: int
    local: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self)


@dataclass(frozen=True)
class Saving:
    """What a contribution saves in tax, part by part: the taxes without it, with it, and what stands in for tables not in."""

    amount: int
    without: Taxes
    having: Taxes
    marks: tuple[str, ...] = ()

    @property
    def saved(self) -> Taxes:
        """The taxes without the contribution less those with it, part by part."""
        return Taxes(*(before - after for before, after in zip(self.without, self.having, strict=True)))

    @property
    def total(self) -> int:
        """All that is saved, in cents."""
        return self.without.total - self.having.total

    def __repr__(self) -> str:
        marks = f" ({'; '.join(self.marks)})" if self.marks else ""
        return f"{shown(self.total)} less tax on {shown(self.amount)} put in{marks}"


def taxes(household: Household, contribution: Contribution = NOTHING) -> Taxes:
    """All taxes of a household, with a contribution where one is given.

    Raises NotKnownFor where a year's tables are not in: the message names the nearest year and how to ask for it.
    """
    return _figure(household, contribution, books_of(household))[0]


def saving(household: Household, amount: int, kind: Kind, *, by_spouse: bool = False) -> Saving:
    """What an amount (cents) saves in tax, by the way it gets into the account: "payroll HSA", "direct HSA", "health FSA".

    Limits and eligibility are not asked here. Raises NotKnownFor and HouseholdError.

    >>> one = Household.of(year=2026, state="TX", filing_status="single", wages=60_000, age=40)
    >>> saving(one, 300_000, "payroll HSA")
    $589.50 less tax on $3,000.00 put in
    """
    return saving_of(household, Contribution.by(amount, kind, by_spouse))


def saving_of(household: Household, contribution: Contribution) -> Saving:
    """What a contribution saves in tax, whatever mix of accounts it goes into."""
    books = books_of(household)
    without, marks = _figure(household, NOTHING, books)
    having, more = _figure(household, contribution, books)
    return Saving(contribution.amount, without, having, marks if marks == more else tuple(dict.fromkeys(marks + more)))


def as_if_nearest(household: Household, contribution: Contribution = NOTHING) -> Household:
    """The household with the nearest known tables standing in where its own are not in; as it is, where they all are.

    What is figured for it carries the marks that say so. Ask for it by name: nothing does so by itself.
    """
    for _ in range(4):
        try:
            saving_of(household, contribution)
        except NotKnownFor as error:
            if not error.field:
                raise
            household = household.but(**{error.field: error.nearest})
        else:
            break
    return household


def papers(household: Household) -> tuple[Paper, ...]:
    """The citation of every number that a household's taxes rest on."""
    return papers_of(household)


def _figure(h: Household, c: Contribution, books: Books) -> tuple[Taxes, tuple[str, ...]]:
    hsa, fsa, direct = c.payroll_hsa, c.health_fsa, c.direct_hsa
    own_hsa, own_fsa, own_direct = (0, 0, 0) if c.by_spouse else (hsa, fsa, direct)
    pay, spouse_pay = h.wages - own_hsa - own_fsa, h.spouse_wages - hsa - fsa + own_hsa + own_fsa
    if pay < 0 or spouse_pay < 0:
        held = h.spouse_wages if c.by_spouse else h.wages
        raise HouseholdError(f"{shown(c.from_pay)} cannot be taken from pay of {shown(held)}")
    # Payroll tax: Social Security and Medicare per earner, the additional Medicare tax per return.
    terms = books.payroll
    old_age, spouse_old_age = oasdi(pay, terms), oasdi(spouse_pay, terms)
    medicare, spouse_medicare = hi(pay, terms), hi(spouse_pay, terms)
    more_medicare = additional_medicare(pay + spouse_pay, terms)
    # Federal income tax.
    joint = h.spouse_age is not None
    spouse_age = h.spouse_age or 0
    aged = (h.age >= 65) + (spouse_age >= 65)
    blind = int(h.blind) + int(h.spouse_blind)
    filers = Filers(1 + joint, pay + spouse_pay, direct, h.age, spouse_age, aged, blind, 0, 0, 0)
    federal: Federal = books.federal.compute(filers)
    # State income, after what the state lets out.
    out = books.conformity
    let_out = own_hsa * out.payroll_hsa + own_fsa * out.health_fsa
    spouse_earned = h.spouse_wages - (hsa * out.payroll_hsa + fsa * out.health_fsa - let_out)
    earned = h.wages - let_out + spouse_earned
    spouse_income = max(spouse_earned - (direct - own_direct) * out.direct_hsa, 0)
    income = max(earned - spouse_earned - own_direct * out.direct_hsa, 0) + spouse_income
    lines = Return(
        1 + joint,
        income,
        spouse_income,
        earned,
        federal.income,
        federal.taxable,
        federal.deductions,
        federal.senior_deduction,
        federal.tax,
        federal.eitc,
        federal.eitc_but_for_age,
        old_age + medicare + more_medicare,
        spouse_old_age + spouse_medicare,
        aged,
        blind,
        h.age,
        spouse_age,
    )
    state = books.state.compute(lines)
    local = _local(books, h, lines, state)
    # Itemized deductions hold the state's and locality's tax; where the state's tax rests on the federal return, once more.
    if h.itemized is not None:
        owed = h.itemized.state_and_local_tax
        paid = max(state, 0) + local if isinstance(owed, str) else owed
        filers = filers._replace(
            itemizes=1, state_and_local_tax=paid + h.itemized.property_tax, other_itemized=h.itemized.other
        )
        federal = books.federal.compute(filers)
        lines = lines._replace(
            federal_taxable=federal.taxable,
            federal_deductions=federal.deductions,
            federal_tax=federal.tax,
        )
        state = books.state.compute(lines)
        local = _local(books, h, lines, state)
    marks = books.marks
    if books.federal.missing or books.state.missing or books.local.missing:
        two = bool(h.wages and h.spouse_wages)
        for table in (books.federal, books.state, books.local):
            marks += matter(table.missing, federal.income, two, aged > 0)
    levy = levied(books.levies, h.wages, own_hsa, own_fsa)
    if h.spouse_wages:
        levy += levied(books.levies, h.spouse_wages, hsa - own_hsa, fsa - own_fsa)
    figured = Taxes(
        federal.owed,
        old_age + spouse_old_age,
        medicare + spouse_medicare,
        more_medicare,
        state,
        levy,
        local,
    )
    return figured, marks


def _local(books: Books, h: Household, lines: Return, state_tax: int) -> int:
    if books.place is None:
        return 0
    taxable = books.local.compute(lines)
    credit = county_credit(books.place, lines) if h.state == "MD" else 0
    return local_tax(books.place, h.wages + h.spouse_wages, taxable, state_tax, credit)
