"""What states take from pay besides income tax: disability insurance, paid leave and the like, per earner."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import NamedTuple

from ketacost.core.references import Paper, rows, source

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
def levy_papers(state: str, year: int) -> tuple[Paper, ...]:
    """The citations of the levies of a state."""
    return tuple(paper for _, paper in _rows(state, year))


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


def _rows(state: str, year: int) -> list[tuple[Levy, Paper]]:
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
            paper = Paper(f"{state} {row['levy']}", told, "percent", source(row["source"]), row["where"], row["grade"])
            found.append((levy, paper))
    return found
