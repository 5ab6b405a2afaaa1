"""The tax that a contribution to a tax-free account saves: all taxes of a household, without it and with it.

The saving is the tax without the contribution less the tax with it, never a rate times the amount: brackets, deductions
larger than income, credits and their ends, and wage bases all fall between the two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from operator import sub
from typing import NamedTuple

from ketacost.core.fields import named
from ketacost.core.money import shown
from ketacost.core.references import Citation, parameter, rows, source
from ketacost.taxes.federal import FederalReturn, Filers, PayrollTax, federal_return, payroll_tax
from ketacost.taxes.households import NOTHING, Contribution, ContributionKind, Household, HouseholdError
from ketacost.taxes.local import PayrollLevy, TaxLocality, levies, levy_year, locality
from ketacost.taxes.schedules import over
from ketacost.taxes.state_returns import StateReturn
from ketacost.taxes.states import state_rule
from ketacost.taxes.tables import BoundRule, Gap, bind, describe

COUNTIES_TAX = {"IN": "Marion", "MD": "Montgomery"}
"""States where every county taxes income, each with one of them."""

ROUNDS = 4
"""How often `as_if_nearest` names a year: a table with fewer years than another may ask for an earlier one."""


class Conformity(NamedTuple):
    """Whether a state taxes wages, and whether it leaves payroll HSA, direct HSA and health FSA money out (1 or 0)."""

    taxes_wages: int
    payroll_hsa: int
    direct_hsa: int
    health_fsa: int
    citation: Citation

    def earned_and_income(self, wages: int, put_in: Contribution) -> tuple[int, int]:
        """One spouse's earnings and income in the state, in cents, after the money that it leaves out."""
        earned = wages - put_in.payroll_hsa * self.payroll_hsa - put_in.health_fsa * self.health_fsa
        return earned, max(earned - put_in.direct_hsa * self.direct_hsa, 0)


@cache
def conformity(state: str) -> Conformity:
    """Whether a state follows the federal treatment of HSA and FSA money, with the sources. Raises UnknownName."""
    table = {row["state"]: row for row in rows("tax/conformity")}
    row = named("state", state, table)
    treatments = [row[column] for column in ("payroll_hsa", "direct_hsa", "health_fsa")]
    value = "payroll HSA {}, direct HSA {}, health FSA {}".format(*treatments)
    citation = Citation(f"{state} and pre-tax accounts", value, "", source(row["source"]), row["where"], row["grade"])
    payroll, direct, fsa = (int(treatment == "not taxed") for treatment in treatments)
    return Conformity(int(row["taxes_wages"] == "yes"), payroll, direct, fsa, citation)


class TaxTables(NamedTuple):
    """All that stays the same from one amount to the next: the rules with their amounts, and the gaps in them."""

    payroll: BoundRule
    federal: BoundRule
    state: BoundRule
    conformity: Conformity
    levies: tuple[PayrollLevy, ...]
    locality: TaxLocality | None
    gaps: tuple[Gap, ...]
    notes: tuple[str, ...]


def tax_tables(household: Household) -> TaxTables:
    """The tables of a household, their missing years filled. Raises UnknownName for a locality that is not in them."""
    h = household
    return _tax_tables(h.year, h.state, h.filing_status, h.locality, h.federal_as_if, h.state_as_if)


@cache
def _tax_tables(
    year: int, state: str, status: str, place: str | None, federal_as_if: int | None, state_as_if: int | None
) -> TaxTables:
    payroll = bind(payroll_tax, "US payroll", year, status, federal_as_if, "federal_as_if")
    federal = bind(federal_return, "US", year, status, federal_as_if, "federal_as_if")
    rule = state_rule(state, year, status, state_as_if)
    used_year, levy_gap = levy_year(state, year, state_as_if)
    local = locality(state, place, year, status, state_as_if) if place else None
    gaps = (*payroll.gaps, *levy_gap, *federal.gaps, *rule.gaps, *(local.gaps if local else ()))
    notes: tuple[str, ...] = ()
    if state in COUNTIES_TAX and not place:
        notes = (f"the county's income tax is left out: name the county, such as {COUNTIES_TAX[state]}",)
    return TaxTables(payroll, federal, rule, conformity(state), levies(state, used_year), local, gaps, notes)


def citations(household: Household) -> tuple[Citation, ...]:
    """The citation of every number in a household's taxes."""
    tables = tax_tables(household)
    local = [tables.locality] if tables.locality else []
    rules = (tables.federal, tables.state, *(place.taxable for place in local), tables.payroll)
    used = [citation for rule in rules for citation in rule.citations()]
    used += [levy.citation for levy in tables.levies]
    used += [tables.conformity.citation, *(place.citation for place in local)]
    return tuple(dict.fromkeys(used))


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
class TaxSaving:
    """The tax that a contribution saves: the taxes in cents without and with it, and notes about gaps in the tables."""

    amount: int
    without: Taxes
    having: Taxes
    marks: tuple[str, ...] = ()

    @property
    def saved(self) -> Taxes:
        """The taxes without the contribution less those with it, part by part."""
        return Taxes(*map(sub, self.without, self.having))

    @property
    def total(self) -> int:
        """All that is saved, in cents."""
        return self.without.total - self.having.total

    def __repr__(self) -> str:
        marks = f" ({'; '.join(self.marks)})" if self.marks else ""
        return f"{shown(self.amount)} put in saves {shown(self.total)} in tax{marks}"


def taxes(household: Household, contribution: Contribution = NOTHING) -> Taxes:
    """All taxes of a household, in cents, with a contribution where one is given.

    Raises NotKnownFor where a year's tables are not known: the message names the nearest year and how to ask for it.
    """
    figured = _figure(household, contribution, tax_tables(household))
    if gap := _first_unasked(_applying(household, contribution)):
        raise gap.error()
    return figured


def saving(household: Household, amount: int, kind: ContributionKind, *, by_spouse: bool = False) -> TaxSaving:
    """The tax that an amount (cents) saves, by how it gets into the account: "payroll HSA", "direct HSA", "health FSA".

    An amount above the year's limit (for a couple's HSA the family limit) saves nothing, and a note says so. It does
    not check whether the plan allows an HSA. Raises NotKnownFor and HouseholdError.

    >>> texan = Household.of(year=2026, state="TX", filing_status="single", wages=60_000, age=40)
    >>> saving(texan, 300_000, "payroll HSA")
    $3,000.00 put in saves $589.50 in tax
    """
    age = (household.spouse_age if by_spouse else household.age) or 0
    most = most_untaxed(kind, household.year, couple=household.spouse_age is not None, age=age)
    saved = saving_of(household, Contribution.by(min(amount, most), kind, by_spouse))
    if amount <= most:
        return saved
    account = "A health FSA" if kind == "health FSA" else "An HSA"
    over = f"{account} takes {shown(most)} in {household.year}: the {shown(amount - most)} above it saves nothing"
    return replace(saved, amount=amount, marks=(over, *saved.marks))


@cache
def most_untaxed(kind: ContributionKind, year: int, *, couple: bool, age: int) -> int:
    """The most that goes into an account untaxed in a year, in cents; the nearest known year's where it has none."""

    def of(name: str) -> int:
        limit = parameter(name)
        known = [day for value in limit.values for day in (value.first, value.last)]
        return limit.on(min(max(date(year, 1, 1), min(known)), max(known)))

    if kind == "health FSA":
        return of("fsa.contribution_limit")
    base = of(f"hsa.contribution_limit.{'family' if couple else 'self_only'}")
    return base + of("hsa.catch_up") * (age >= of("hsa.catch_up_age"))


def saving_of(household: Household, contribution: Contribution) -> TaxSaving:
    """The tax that a contribution saves, whatever mix of accounts it goes into."""
    tables = tax_tables(household)
    without, having = _without(household), _figure(household, contribution, tables)
    gaps = _gaps(household, contribution)
    if gap := _first_unasked(gaps):
        raise gap.error()
    return TaxSaving(contribution.amount, without, having, tables.notes + describe(gaps))


@lru_cache(maxsize=256)
def _without(household: Household) -> Taxes:
    """The taxes of a household without any contribution, kept for all that are put beside it."""
    return _figure(household, NOTHING, tax_tables(household))


def _first_unasked(gaps: tuple[Gap, ...]) -> Gap | None:
    """The first gap that is filled from a year that the household did not name."""
    return next((gap for gap in gaps if not gap.asked), None)


def as_if_nearest(household: Household, contribution: Contribution = NOTHING) -> Household:
    """The household with the nearest known tables named for the years that are not known; unchanged where all are.

    Its answers carry the marks that say so. Ask for it by name: nothing does so by itself.
    """
    for _ in range(ROUNDS):
        gap = _first_unasked(_gaps(household, contribution))
        if gap is None:
            break
        household = _as_if(household, gap.field, gap.used_year)
    return household


@lru_cache(maxsize=256)
def _as_if(household: Household, field: str, year: int) -> Household:
    """The household with a year's tables named, kept: the contributions of a household share it."""
    return household.replace(**{field: year})


def _gaps(household: Household, contribution: Contribution) -> tuple[Gap, ...]:
    """The gaps in the tables that apply to a household without a contribution, and with it."""
    return _applying(household, NOTHING) + _applying(household, contribution)


def _applying(h: Household, c: Contribution) -> tuple[Gap, ...]:
    """The gaps in the tables that apply to a household with a contribution."""
    gaps = tax_tables(h).gaps
    if not gaps:
        return ()
    income = over(h.wages + h.spouse_wages - c.from_pay, c.direct_hsa)
    earners_and_age = bool(h.wages and h.spouse_wages), max(h.age, h.spouse_age or 0) >= 65
    return tuple(gap for gap in gaps if gap.applies_to.includes(income, *earners_and_age))


def _figure(h: Household, c: Contribution, tables: TaxTables) -> Taxes:
    """The taxes of a household with a contribution."""
    own, spouse = (NOTHING, c) if c.by_spouse else (c, NOTHING)
    pay, spouse_pay = h.wages - own.from_pay, h.spouse_wages - spouse.from_pay
    if pay < 0 or spouse_pay < 0:
        wages = h.spouse_wages if c.by_spouse else h.wages
        raise HouseholdError(f"{shown(c.from_pay)} cannot be taken from pay of {shown(wages)}")
    payroll: PayrollTax = tables.payroll.compute((pay, spouse_pay))
    # Pay under a public retirement system without Social Security carries Medicare tax alone. IRC 3121(b)(5), (7).
    payroll = payroll._replace(
        oasdi=payroll.oasdi * h.social_security, spouse_oasdi=payroll.spouse_oasdi * h.spouse_social_security
    )
    # Federal income tax.
    joint = h.spouse_age is not None
    spouse_age = h.spouse_age or 0
    aged = (h.age >= 65) + (spouse_age >= 65)
    blind = int(h.blind) + int(h.spouse_blind)
    filers = Filers(1 + joint, pay + spouse_pay, c.direct_hsa, h.age, spouse_age, aged, blind)
    federal: FederalReturn = tables.federal.compute(filers)
    # State income, after what the state leaves out.
    earned, own_income = tables.conformity.earned_and_income(h.wages, own)
    spouse_earned, spouse_income = tables.conformity.earned_and_income(h.spouse_wages, spouse)
    fica = payroll.oasdi + payroll.hi + payroll.additional_medicare
    spouse_fica = payroll.spouse_oasdi + payroll.spouse_hi
    income = (own_income + spouse_income, spouse_income, earned + spouse_earned)
    lines = StateReturn(
        1 + joint, *income, federal, fica, spouse_fica, aged, blind, h.age, spouse_age, int(h.spouse_blind)
    )
    gross = h.wages + h.spouse_wages
    state, local = _state_and_local(tables, lines, gross)
    # Itemized deductions hold the tax of state and locality; a state's tax that starts from the federal return follows.
    if h.itemized is not None:
        owed = h.itemized.state_and_local_tax
        paid = (max(state, 0) + local if isinstance(owed, str) else owed) + h.itemized.property_tax
        filers = filers._replace(itemizes=True, state_and_local_tax=paid, other_itemized=h.itemized.other)
        federal = tables.federal.compute(filers)
        state, local = _state_and_local(tables, lines._replace(federal=federal), gross)
    levied = 0
    for levy in tables.levies:
        levied += levy.taken(h.wages, own.payroll_hsa, own.health_fsa)
        levied += levy.taken(h.spouse_wages, spouse.payroll_hsa, spouse.health_fsa)
    oasdi, hi = payroll.oasdi + payroll.spouse_oasdi, payroll.hi + payroll.spouse_hi
    return Taxes(federal.owed, oasdi, hi, payroll.additional_medicare, state, levied, local)


def _state_and_local(tables: TaxTables, lines: StateReturn, gross: int) -> tuple[int, int]:
    """The taxes of the state and of the locality, in cents."""
    state = tables.state.compute(lines)
    return state, tables.locality.tax(lines, gross, state) if tables.locality else 0
