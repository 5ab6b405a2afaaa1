"""How close the state taxes come to an independent tool, point by point: writes the table of docs/taxes.md.

    python tests/tax_table.py

The points are 5 wages, 6 kinds of household, 51 jurisdictions and 2 years (tests/data/oracle_state_grid.csv, figured by
policyengine-us 2.68.0): the state income tax saved by 3,000 dollars put into a section 125 plan.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from places import ROOT

from ketacost.taxes.households import Contribution, Household
from ketacost.taxes.savings import as_if_nearest, saving_of

GRID = ROOT / "tests" / "data" / "oracle_state_grid.csv"
PAGE = ROOT / "docs" / "taxes.md"
BEGINS, ENDS = "<!-- the table begins -->", "<!-- the table ends -->"

AMOUNT = 300_000
HIGH = 50_000
DOLLAR = 1.005
"""A dollar, and half a cent for the tool's own rounding."""

SEPARATE = (
    "gives separate filers an earned income credit of the state; it follows the federal one, which they cannot have"
)
HEATING = "adds the home heating credit, a claim of its own (MI-1040CR-7) that rests on heating costs"
CLIFF = (
    "ends the share at exactly 25,000, 50,000, 100,000 and 125,000; RSMo 143.171.2 gives it to "
    '"$25,000 or less", "from $25,001 to $50,000" and so on'
)
WORKING = "counts the Working Families Tax Credit (RCW 82.08.0206), a sales tax refund; the state taxes no wages"
CAUSES = {
    ("AR", 2026): "Tool: indexes the standard deduction to 2,520; form AR1000ES of 2026 keeps 2,470",
    (
        "CA",
        2025,
    ): "Ours: the 200 dollars at which CalEITC slows down are of 2019, later ones not published. Tool: gives it to separate filers (not FTB 3514)",
    (
        "CA",
        2026,
    ): "Tool: indexes 2025 itself; the FTB published brackets, deduction and credit for 2026 (3.4%). CalEITC as in 2025",
    ("MD", 2025): f"Tool: {SEPARATE} (Md. Tax-Gen. 10-704)",
    ("MD", 2026): f"Tool: {SEPARATE} (Md. Tax-Gen. 10-704); standard deduction of 2026 not published for couples",
    ("ME", 2026): "Tool: indexes the sales tax fairness credit itself; its amounts of 2026 are not published",
    ("MI", 2025): f"Tool: {HEATING}",
    ("MI", 2026): f"Tool: {HEATING}",
    ("MO", 2025): f"Tool: {CLIFF}",
    ("MO", 2026): f"Tool: {CLIFF}",
    ("NM", 2025): f"Tool: {SEPARATE} (NMSA 7-2-18.15)",
    ("NM", 2026): f"Tool: {SEPARATE} (NMSA 7-2-18.15)",
    ("OK", 2025): "Tool: ends the sales tax credit at exactly 20,000; form 538-S says 20,000 or less",
    ("OK", 2026): "Tool: ends the sales tax credit at exactly 20,000; form 538-S says 20,000 or less",
    ("VT", 2026): "Tool: indexes the deduction of a head of household itself; it is not published",
    ("WA", 2025): f"Tool: {WORKING}",
    ("WA", 2026): f"Tool: {WORKING}",
}
"""Why points are off, by jurisdiction and year: whose fault, and by which law."""


class Point(NamedTuple):
    """One point of the grid: who, what the tool saves and what we save, in dollars, and what stood in."""

    state: str
    year: int
    status: str
    wages: int
    tool: float
    ours: float
    marks: tuple[str, ...]

    @property
    def off(self) -> float:
        """How far apart, in dollars."""
        return abs(self.tool - self.ours)

    @property
    def agrees(self) -> bool:
        """Whether within a dollar."""
        return self.off <= DOLLAR


def household(row: dict[str, str]) -> Household:
    """The household of a row: one earner, or two who earn 60 and 40 of a hundred; forty years old."""
    two, wages = row["filing_status"] == "joint2", int(row["wages"]) * 100
    joint = two or row["filing_status"] == "married_joint"
    return Household(
        year=int(row["year"]),
        state=row["state"],
        filing_status="married_joint" if joint else row["filing_status"],  # type: ignore[arg-type]
        wages=wages * 6 // 10 if two else wages,
        age=40,
        spouse_wages=wages * 4 // 10 if two else 0,
        spouse_age=40 if joint else None,
    )


@cache
def points() -> tuple[Point, ...]:
    """Every point of the grid, figured."""
    with GRID.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(_point(row) for row in rows)


def _point(row: dict[str, str]) -> Point:
    # The tool's column is a pre-tax premium: what is let out as health FSA money is, also in California.
    put_in = Contribution(health_fsa=AMOUNT)
    asked = as_if_nearest(household(row), put_in)
    answer = saving_of(asked, put_in)
    counties = "the county's income tax is left out"
    return Point(
        row["state"],
        int(row["year"]),
        row["filing_status"],
        int(row["wages"]),
        float(row["pe_state_saving_of_3000_sec125"]),
        answer.saved.state / 100,
        tuple(mark for mark in answer.marks if not mark.startswith(counties)),
    )


def lines() -> Iterator[str]:
    """The table, a line a jurisdiction and year."""
    yield "| where | year | points | within $1 | at 50,000 up | worst | shown as if | cause |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | --- | --- |"
    cells: dict[tuple[str, int], list[Point]] = {}
    for point in points():
        cells.setdefault((point.state, point.year), []).append(point)
    for (state, year), held in sorted(cells.items()):
        high = [point for point in held if point.wages >= HIGH]
        good, good_high = (sum(point.agrees for point in some) for some in (held, high))
        worst = max(point.off for point in held)
        stood_in = "2025" if any(point.marks for point in held) else ""
        cause = CAUSES.get((state, year), "")
        shown = f"${worst:.2f}" if worst > 0.005 else "0"
        yield f"| {state} | {year} | {len(held)} | {good} | {good_high} of {len(high)} | {shown} | {stood_in} | {cause} |"


def summary() -> str:
    """The table in a sentence."""
    high = [point for point in points() if point.wages >= HIGH]
    low = [point for point in points() if point.wages < HIGH]
    counts = [sum(point.agrees for point in some) for some in (high, low)]
    return (
        f"{counts[0]:,} of {len(high):,} points at wages of 50,000 and over are within a dollar of the tool, and the other "
        f"{len(high) - counts[0]} are explained below; at 20,000 it is {counts[1]} of {len(low)}."
    )


def page() -> str:
    """The page with its table written anew."""
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(BEGINS)
    tail = rest.split(ENDS)[1]
    return f"{head}{BEGINS}\n{summary()}\n\n" + "\n".join(lines()) + f"\n{ENDS}{tail}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
