"""State income tax of wage earners in the fifty states and the District of Columbia: which rule, and on which income."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

from ketacost.core.fields import unknown
from ketacost.core.references import Citation, rows, source
from ketacost.taxes import state_couples, state_federal, state_flat, state_recapture, state_slides
from ketacost.taxes.tables import Table, bound

RULES: Mapping[str, Callable[..., int]] = {
    "AL": state_federal.alabama,
    "AR": state_recapture.arkansas,
    "AZ": state_flat.arizona,
    "CA": state_slides.california,
    "CO": state_federal.colorado,
    "CT": state_recapture.connecticut,
    "DC": state_couples.district_of_columbia,
    "DE": state_couples.delaware,
    "GA": state_flat.georgia,
    "HI": state_slides.hawaii,
    "IA": state_flat.iowa,
    "ID": state_flat.idaho,
    "IL": state_flat.illinois,
    "IN": state_flat.indiana,
    "KS": state_flat.kansas,
    "KY": state_couples.kentucky,
    "LA": state_flat.ordinary,
    "MA": state_flat.massachusetts,
    "MD": state_slides.maryland,
    "ME": state_slides.maine,
    "MI": state_flat.michigan,
    "MN": state_slides.minnesota,
    "MO": state_federal.missouri,
    "MS": state_couples.mississippi,
    "MT": state_federal.montana,
    "NC": state_flat.ordinary,
    "ND": state_federal.north_dakota,
    "NE": state_federal.nebraska,
    "NJ": state_flat.new_jersey,
    "NM": state_flat.new_mexico,
    "NY": state_recapture.new_york,
    "OH": state_couples.ohio,
    "OK": state_flat.oklahoma,
    "OR": state_federal.oregon,
    "PA": state_flat.pennsylvania,
    "RI": state_slides.rhode_island,
    "SC": state_federal.south_carolina,
    "UT": state_federal.utah,
    "VA": state_couples.virginia,
    "VT": state_flat.vermont,
    "WI": state_slides.wisconsin,
    "WV": state_flat.west_virginia,
}
"""The rule of every jurisdiction that taxes wages."""


class Conformity(NamedTuple):
    """What a state lets out of its income, 1 or 0 each: payroll HSA, direct HSA, health FSA; and whether it taxes wages."""

    taxes_wages: int
    payroll_hsa: int
    direct_hsa: int
    health_fsa: int
    citation: Citation


@cache
def conformity(state: str) -> Conformity:
    """Whether a state follows the federal treatment of HSA and FSA money, with the sources. Raises UnknownName."""
    for row in rows("tax/conformity"):
        if row["state"] == state:
            told = f"payroll HSA {row['payroll_hsa']}, direct HSA {row['direct_hsa']}, health FSA {row['health_fsa']}"
            citation = Citation(
                f"{state} and pre-tax accounts", told, "", source(row["source"]), row["where"], row["grade"]
            )
            payroll, direct, fsa = (
                int(row[kind] == "not taxed") for kind in ("payroll_hsa", "direct_hsa", "health_fsa")
            )
            return Conformity(int(row["taxes_wages"] == "yes"), payroll, direct, fsa, citation)
    raise unknown("state", state, [row["state"] for row in rows("tax/conformity")])


@cache
def state_table(state: str, year: int, status: str, as_if: int | None) -> Table:
    """A state's rule with its amounts. Raises NotKnownFor with the nearest year and how to ask for it."""
    if not conformity(state).taxes_wages:
        return Table(lambda lines: 0, (), ())
    return bound(RULES[state], state, year, status, as_if, "state_as_if")
