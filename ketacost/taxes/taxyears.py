"""The books a household's taxes are figured by: the tables of its year, state, status and locality, and what stands in for them."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from ketacost.core.references import Paper
from ketacost.taxes.federal import federal_return
from ketacost.taxes.households import Household
from ketacost.taxes.levies import Levy, has_levies, levies, levy_papers, levy_years
from ketacost.taxes.local import Locality, local_taxable, locality
from ketacost.taxes.payroll import PayrollTerms, payroll_papers, payroll_terms, payroll_years
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


def papers_of(household: Household) -> tuple[Paper, ...]:
    """The citation of every number that a household's taxes rest on."""
    h, books = household, books_of(household)
    used: list[Row] = [*books.federal.used, *books.state.used, *books.local.used]
    papers = [row.paper() for row in dict.fromkeys(used)]
    papers += payroll_papers(_nearest_known(h.year, payroll_years(), h.federal_as_if), h.filing_status)
    papers += levy_papers(h.state, _nearest_known(h.year, levy_years(), h.state_as_if))
    papers.append(books.conformity.paper)
    return tuple(papers + ([books.place.paper] if books.place else []))


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
