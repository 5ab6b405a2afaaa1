"""What one more dollar is taxed: all taxes of a household, and what a contribution to a tax-free account saves.

The saving is the tax without the contribution less the tax with it, never a rate times the amount: brackets, deductions
larger than income, credits and their ends, and wage bases all fall between the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from ketacost.core.money import shown
from ketacost.core.references import Citation
from ketacost.taxes.federal import (
    Federal,
    Filers,
    PayrollTerms,
    additional_medicare,
    federal_return,
    hi,
    oasdi,
    payroll_citations,
    payroll_terms,
    payroll_years,
)
from ketacost.taxes.households import NOTHING, Contribution, Household, HouseholdError, Kind
from ketacost.taxes.local import (
    Levy,
    Locality,
    county_credit,
    has_levies,
    levied,
    levies,
    levy_citations,
    levy_years,
    local_tax,
    local_taxable,
    locality,
)
from ketacost.taxes.returns import Return
from ketacost.taxes.states import Conformity, conformity, state_table
from ketacost.taxes.tables import Matter, NotKnownFor, Row, Table, bound, years

NO_TABLE = Table(lambda lines: 0, (), ())
COUNTIES_TAX = {"IN": "Marion", "MD": "Montgomery"}
"""States where every county taxes income, each with one of them."""


class Books(NamedTuple):
    """Everything that does not change from one amount to the next: rules with their amounts, and the marks they carry."""

    payroll: PayrollTerms
    federal: Table
    state: Table
    conformity: Conformity
    levies: tuple[Levy, ...]
    place: Locality | None
    local: Table
    marks: tuple[str, ...]


def books_of(household: Household) -> Books:
    """The books of a household. Raises NotKnownFor where a year is not in: the message says which is nearest."""
    h = household
    return _books(h.year, h.state, h.filing_status, h.locality, h.federal_as_if, h.state_as_if)


@cache
def _books(
    year: int, state: str, status: str, where: str | None, federal_as_if: int | None, state_as_if: int | None
) -> Books:
    marks: list[str] = []
    payroll_year = _instead(year, payroll_years(), federal_as_if, "payroll tax", "federal_as_if", marks)
    federal = bound(federal_return, "US", year, status, federal_as_if, "federal_as_if")
    table = state_table(state, year, status, state_as_if)
    levy_year = year
    if has_levies(state):
        levy_year = _instead(year, levy_years(), state_as_if, f"{state} payroll levies", "state_as_if", marks)
    place = locality(state, where, year, status, state_as_if) if where else None
    if place and place.year != year:
        marks.append(f"{where} income tax of {year} not in: shown as if {place.year}")
    if state in COUNTIES_TAX and not where:
        marks.append(f"the county's income tax is left out: name the county, such as {COUNTIES_TAX[state]}")
    local = NO_TABLE if place is None or place.form > 1 else local_taxable(state, year, status, state_as_if)
    return Books(
        payroll_terms(payroll_year, status),
        federal,
        table,
        conformity(state),
        levies(state, levy_year),
        place,
        local,
        tuple(marks),
    )


def _instead(year: int, known: tuple[int, ...], as_if: int | None, what: str, field: str, marks: list[str]) -> int:
    """The year itself where it is known, else the one named to stand in for it, with a mark."""
    if year in known:
        return year
    if as_if in known and as_if is not None:
        marks.append(f"{what} of {year} not in: shown as if {as_if}")
        return as_if
    raise NotKnownFor(what, year, known, field)


def citations_of(household: Household) -> tuple[Citation, ...]:
    """The citation of every number that a household's taxes rest on."""
    h, books = household, books_of(household)
    used: list[Row] = [*books.federal.used, *books.state.used, *books.local.used]
    citations = [row.citation() for row in dict.fromkeys(used)]
    citations += payroll_citations(_nearest_known(h.year, payroll_years(), h.federal_as_if), h.filing_status)
    citations += levy_citations(h.state, _nearest_known(h.year, levy_years(), h.state_as_if))
    citations.append(books.conformity.citation)
    return tuple(citations + ([books.place.citation] if books.place else []))


def _nearest_known(year: int, known: tuple[int, ...], as_if: int | None) -> int:
    return year if year in known or as_if is None else as_if


def known_years(state: str) -> tuple[int, ...]:
    """The years for which a state's brackets are in; every year whose federal tables are in, where it taxes no wages."""
    return years(state, "brackets") if conformity(state).taxes_wages else years("US", "brackets")


def matter(missing: tuple[Matter, ...], income: int, two_earners: bool, aged: bool) -> tuple[str, ...]:
    """The stand-ins that matter to a household, told: whole tables in one sentence, single amounts by name.

    Raises NotKnownFor for one that nobody asked for.
    """
    found: dict[tuple[str, int, int], list[str]] = {}
    for low, high, only_two, only_aged, error, mark in missing:
        if low <= income <= high and (two_earners or not only_two) and (aged or not only_aged):
            if error:
                raise error.with_traceback(None)
            found.setdefault((mark.jurisdiction, mark.year, mark.as_if), []).append(mark.item.replace("_", " "))
    return tuple(
        f"{whose} {'tax tables' if 'brackets' in names else ', '.join(names)} of {year} not in: shown as if {as_if}"
        for (whose, year, as_if), names in found.items()
    )


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
            household = household.replace(**{error.field: error.nearest})
        else:
            break
    return household


def citations(household: Household) -> tuple[Citation, ...]:
    """The citation of every number that a household's taxes rest on."""
    return citations_of(household)


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
            federal_taxable=federal.taxable, federal_deductions=federal.deductions, federal_tax=federal.tax
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
        federal.owed, old_age + spouse_old_age, medicare + spouse_medicare, more_medicare, state, levy, local
    )
    return figured, marks


def _local(books: Books, h: Household, lines: Return, state_tax: int) -> int:
    if books.place is None:
        return 0
    taxable = books.local.compute(lines)
    credit = county_credit(books.place, lines) if h.state == "MD" else 0
    return local_tax(books.place, h.wages + h.spouse_wages, taxable, state_tax, credit)
