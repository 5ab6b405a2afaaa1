"""Taxes below a state's income tax: the levies of states, and the income tax of counties and cities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from ketacost.core.fields import unknown
from ketacost.core.references import Citation, rows, source
from ketacost.taxes.returns import Return
from ketacost.taxes.schedules import Brackets, Steps, brackets, over, part, tax_by
from ketacost.taxes.state_slides import maryland_taxable
from ketacost.taxes.tables import NotKnownFor, Table, bound

NO_CAP = 1 << 60
BASES = ("gross pay", "pay after section 125", "pay after health FSA")
"""What a levy is taken from: all pay, pay less HSA and FSA money, or pay less FSA money alone."""

WHOLE = 10_000_000_000


class Levy(NamedTuple):
    """One levy: rate (millionths), the employee's share of it (basis points), caps on wages and on the levy (cents), base."""

    rate: int
    employee_share: int
    wage_cap: int
    most: int
    base: int


@cache
def levies(state: str, year: int) -> tuple[Levy, ...]:
    """The levies of a state in a year; none where it has none."""
    return tuple(levy for levy, _ in _rows(state, year))


@cache
def levy_citations(state: str, year: int) -> tuple[Citation, ...]:
    """The citations of the levies of a state."""
    return tuple(citation for _, citation in _rows(state, year))


def levy_years() -> tuple[int, ...]:
    """The years whose levies are known."""
    known = {year for row in rows("tax/levies") for year in range(int(row["first_year"]), int(row["last_year"]) + 1)}
    return tuple(sorted(known))


def has_levies(state: str) -> bool:
    """Whether a state has any levy in the tables."""
    return any(row["state"] == state for row in rows("tax/levies"))


def levied(held: tuple[Levy, ...], gross: int, payroll_hsa: int, health_fsa: int) -> int:
    """What the levies take from one earner's pay, each rounded to the cent."""
    bases = (gross, gross - payroll_hsa - health_fsa, gross - health_fsa)
    total = 0
    for rate, employee_share, wage_cap, most, base in held:
        wages = min(bases[base], wage_cap)
        total += min((wages * rate * employee_share + WHOLE // 2) // WHOLE, most)
    return total


def _rows(state: str, year: int) -> list[tuple[Levy, Citation]]:
    found = []
    for row in rows("tax/levies"):
        if row["state"] == state and int(row["first_year"]) <= year <= int(row["last_year"]):
            levy = Levy(
                int(Decimal(row["rate_percent"]) * 10_000),
                int(Decimal(row["employee_share_percent"]) * 100),
                int(Decimal(row["wage_cap_usd"]) * 100) if row["wage_cap_usd"] else NO_CAP,
                int(Decimal(row["most_usd"]) * 100) if row["most_usd"] else NO_CAP,
                BASES.index(row["base"]),
            )
            told = f"{row['rate_percent']}% of {row['base']}"
            citation = Citation(
                f"{state} {row['levy']}", told, "percent", source(row["source"]), row["where"], row["grade"]
            )
            found.append((levy, citation))
    return found


class Locality(NamedTuple):
    """A county or city: its rates, how they are applied (see FORMS), and the year they are of."""

    schedule: Brackets
    by_income: Steps
    form: int
    year: int
    citation: Citation


FORMS = ("brackets", "one rate by income", "share of state tax", "wages")
"""Brackets on the state's taxable income; one rate on all of it, by its size; a share of the state's tax; a rate on pay."""


def indiana_taxable(
    r: Return, personal_exemption: int, aged_deduction: int, low_income_aged_exemption: int, low_income_below: int
) -> int:
    """Indiana adjusted gross income less exemptions, which the counties tax too. IC 6-3.6-2-2."""
    extra = low_income_aged_exemption if r.federal_income < low_income_below else 0
    return over(r.income, personal_exemption + r.aged * (aged_deduction + extra) + r.blind * aged_deduction)


def new_york_taxable(r: Return, standard_deduction: int) -> int:
    """New York taxable income, which the city taxes too. N.Y. Tax Law 1301, 1303."""
    return over(r.income, standard_deduction)


TAXABLE: Mapping[str, Callable[..., int]] = {"IN": indiana_taxable, "MD": maryland_taxable, "NY": new_york_taxable}


@cache
def local_taxable(state: str, year: int, status: str, as_if: int | None) -> Table:
    """What the localities of a state tax, with its amounts."""
    return bound(TAXABLE[state], state, year, status, as_if, "state_as_if")


@cache
def locality(state: str, name: str, year: int, status: str, as_if: int | None) -> Locality:
    """One locality's tax. Raises UnknownName with the near matches, NotKnownFor with the nearest year."""
    held = [row for row in rows("tax/localities") if row["state"] == state and row["locality"] == name]
    if not held:
        raise unknown(f"locality of {state}", name, localities(state) or ["none"])
    known = tuple(sorted({y for row in held for y in range(int(row["first_year"]), int(row["last_year"]) + 1)}))
    used = year if year in known else as_if
    if used not in known:
        raise NotKnownFor(f"the income tax of {name}, {state},", year, known, "state_as_if")
    mine = [
        row
        for row in held
        if int(row["first_year"]) <= used <= int(row["last_year"])
        and (row["filing_statuses"] == "all" or status in row["filing_statuses"].split())
    ]
    pairs = tuple((int(row["from_usd"]) * 100, int(Decimal(row["rate_percent"]) * 10_000)) for row in mine)
    row = mine[0]
    told = ", ".join(f"{r['rate_percent']}% from {r['from_usd']}" for r in mine)
    citation = Citation(
        f"{name}, {state}: income tax", told, "percent", source(row["source"]), row["where"], row["grade"]
    )
    return Locality(brackets(pairs), tuple(reversed(pairs)), FORMS.index(row["form"]), used, citation)


def localities(state: str) -> tuple[str, ...]:
    """The counties and cities of a state whose tax is known, sorted."""
    return tuple(sorted({row["locality"] for row in rows("tax/localities") if row["state"] == state}))


def local_tax(place: Locality, gross: int, taxable: int, state_tax: int, credit: int) -> int:
    """What a locality takes: from taxable income, from the state's tax, or from gross pay.

    A credit (Maryland counties give one) takes from it, never below nothing."""
    if place.form == 0:
        tax = tax_by(place.schedule, taxable)
    elif place.form == 1:
        rate = next((rate for start, rate in place.by_income if taxable > start), 0)
        tax = part(taxable, rate)
    elif place.form == 2:
        tax = part(over(state_tax, 0), place.schedule[0][1])
    else:
        return part(gross, place.schedule[0][1])
    return over(tax, credit)


def county_credit(place: Locality, r: Return) -> int:
    """What a Maryland county takes off for low earners: its rate, times ten, of the federal earned income credit. Md. Tax-Gen. 10-704(c)."""
    return part(10 * r.eitc, place.schedule[-1][1])
