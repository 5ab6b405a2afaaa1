"""Taxes below a state's income tax: the levies of states, and the income tax of counties and cities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

from ketacost.core.fields import unknown
from ketacost.core.references import Citation
from ketacost.taxes.schedules import Brackets, brackets, over, part, tax_by
from ketacost.taxes.state_returns import StateReturn, taxable_income
from ketacost.taxes.states import indiana_taxable, maryland_taxable
from ketacost.taxes.tables import NO_CAP, BoundRule, DatedRow, Gap, bind, dated_rows, holding, year_to_use, years_of

BASES = ("gross pay", "pay after section 125", "pay after health FSA")
"""What a levy is taken from: all pay, pay less HSA and FSA money, or pay less FSA money alone."""

WHOLE = 10_000_000_000


class PayrollLevy(NamedTuple):
    """One levy: rate (millionths), employee's share (basis points), caps on wages and on the levy (cents), base."""

    rate: int
    employee_share: int
    wage_cap: int
    most: int
    base: int
    citation: Citation

    def taken(self, gross: int, payroll_hsa: int, health_fsa: int) -> int:
        """What the levy takes from one earner's pay in cents, rounded to the cent."""
        base = (gross, gross - payroll_hsa - health_fsa, gross - health_fsa)[self.base]
        taken = min(base, self.wage_cap) * self.rate * self.employee_share
        return min((taken + WHOLE // 2) // WHOLE, self.most)


@cache
def levies(state: str, year: int) -> tuple[PayrollLevy, ...]:
    """The levies of a state in a year; none where it has none."""
    return tuple(_levy(row) for row in holding(_levy_rows(state), year))


def levy_year(state: str, year: int, as_if: int | None) -> tuple[int, tuple[Gap, ...]]:
    """The year whose levies a state takes, and the gap where it is another; no gap where the state has no levy."""
    known = years_of(dated_rows("levies")) if _levy_rows(state) else (year,)
    return year_to_use(f"{state} payroll", "levies", known, year, as_if, "state_as_if")


def _levy_rows(state: str) -> tuple[DatedRow, ...]:
    return tuple(row for row in dated_rows("levies") if row["state"] == state)


def _levy(row: DatedRow) -> PayrollLevy:
    rate, employee_share = row.scaled("rate_percent", 10_000), row.scaled("employee_share_percent", 100)
    wage_cap, most = (row.scaled(cap, 100) if row[cap] else NO_CAP for cap in ("wage_cap_usd", "most_usd"))
    citation = row.citation(f"{row['state']} {row['levy']}", f"{row['rate_percent']}% of {row['base']}", "percent")
    return PayrollLevy(rate, employee_share, wage_cap, most, BASES.index(row["base"]), citation)


class TaxLocality(NamedTuple):
    """A county or city that taxes income: its rates (millionths), how they apply, and what it taxes.

    "brackets" on the state's taxable income, "one rate by income" on all of it, by its size, "share of state tax", or
    a rate on "wages".
    """

    schedule: Brackets
    form: str
    taxable: BoundRule
    has_credit: bool
    citation: Citation
    gaps: tuple[Gap, ...]

    def tax(self, r: StateReturn, gross: int, state_tax: int) -> int:
        """What the locality takes in cents: from taxable income, from the state's tax, or from gross pay.

        A Maryland county gives low earners its rate, times ten, of the federal earned income credit.
        Md. Tax-Gen. 10-704(c).
        """
        if self.form == "wages":
            return part(gross, self.schedule[0][1])
        if self.form == "share of state tax":
            return part(over(state_tax, 0), self.schedule[0][1])
        taxable = self.taxable.compute(r)
        rate = next((rate for start, rate, _ in self.schedule if taxable > start), 0)
        tax = tax_by(self.schedule, taxable) if self.form == "brackets" else part(taxable, rate)
        return over(tax, part(10 * r.federal.eitc, self.schedule[-1][1])) if self.has_credit else tax


TAXABLE: Mapping[str, Callable[..., int]] = {"IN": indiana_taxable, "MD": maryland_taxable, "NY": taxable_income}
"""What the localities of a state tax."""


@cache
def locality(state: str, name: str, year: int, status: str, as_if: int | None) -> TaxLocality:
    """One locality's tax. Raises UnknownName with the near matches."""
    all_years = [row for row in dated_rows("localities") if row["state"] == state and row["locality"] == name]
    if not all_years:
        raise unknown(f"locality of {state}", name, localities(state) or ["none"])
    used_year, gap = year_to_use(name, "income_tax", years_of(all_years, status), year, as_if, "state_as_if")
    rows = holding(all_years, used_year, status)
    form = rows[0]["form"]
    taxable = BoundRule(lambda lines: 0)
    if state in TAXABLE:
        taxable = bind(TAXABLE[state], state, year, status, as_if, "state_as_if")
    pairs = tuple((row.scaled("from_usd", 100), row.scaled("rate_percent", 10_000)) for row in rows)
    rates = ", ".join(f"{row['rate_percent']}% from {row['from_usd']}" for row in rows)
    citation = rows[0].citation(f"{name}, {state}: income tax", rates, "percent")
    return TaxLocality(brackets(pairs), form, taxable, state == "MD", citation, (*gap, *taxable.gaps))


def localities(state: str) -> tuple[str, ...]:
    """The counties and cities of a state whose tax is known, sorted."""
    return tuple(sorted({row["locality"] for row in dated_rows("localities") if row["state"] == state}))
