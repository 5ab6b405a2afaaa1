"""What the maker's savings program takes off the patient's part of Spravato, as far as its rules were published."""

from __future__ import annotations

from typing import NamedTuple

from ketacost.core.fields import KetacostError
from ketacost.core.money import about, usd
from ketacost.core.references import Paper, rows, source
from ketacost.estimate.answer import Answer
from ketacost.model.adjudication import Claim
from ketacost.model.payers import payer

COMMERCIAL = ("aca", "erisa")
"""The laws of commercial plans: government plans are not eligible, even with a commercial one beside them."""

NO_OBSERVATION_HELP = ("MA", "MI", "MN", "RI")
"""States whose residents the rebate for the observation leaves out (row V04)."""


class Help(NamedTuple):
    """What the program may take off, in cents, between the least and the most; why nothing, and what is not known."""

    low: int
    high: int
    why_not: str
    not_known: str
    papers: tuple[Paper, ...]

    @property
    def sentence(self) -> str:
        """The help in words."""
        if self.why_not:
            return f"No help from the maker's program: {self.why_not}."
        spread = about(self.low) if self.low == self.high else f"{about(self.low)} to {about(self.high)}"
        return f"The maker's program may take off {spread}. {self.not_known}"


def savings_help(answer: Answer, *, state: str = "", drug_cap: object = None) -> Help:
    """What the maker's savings program may take off the patient's part of a Spravato course.

    The patient keeps $10 of each treatment's drug; the program pays the rest of the patient's part up to a yearly cap.
    The cap of today's program was not found: the least takes the cap of the program before it, the most takes none;
    `drug_cap` (USD) is the one printed on the patient's card. The observation is rebated where the patient's state
    allows it, for an amount that was not found either: the least takes none. Raises KetacostError without a payer.
    """
    scenario = answer.scenario
    if not scenario.payer:
        raise KetacostError("who pays? The program is for commercial insurance alone: give the scenario a payer")
    papers = tuple(_paper(id) for id in ("V01", "V02", "V04"))
    drug = [claim for claim in answer.claims if claim.line.service == "esketamine" and claim.covered]
    if payer(scenario.payer).law not in COMMERCIAL:
        return Help(
            0, 0, "it is for commercial insurance, not for Medicare, Medicaid or other government plans", "", papers
        )
    if not drug:
        return Help(0, 0, "the plan covers no Spravato here", "", papers)
    keeps, before = usd(_row("V01")["value_usd"]), usd(_row("V02")["value_usd"])
    uncapped = _by_year(drug, keeps, None)
    least = _by_year(drug, keeps, before if drug_cap is None else usd(drug_cap, what="the cap on the card"))
    most = uncapped if drug_cap is None else least
    watched = sum(_part(claim) for claim in answer.claims if claim.line.service == "observation" and claim.covered)
    rebated = 0 if state.upper() in NO_OBSERVATION_HELP else watched
    told = (
        []
        if drug_cap is not None
        else [f"Its yearly cap was not found: the least takes the {about(before)} of the program before it."]
    )
    if rebated:
        told.append("What the rebate for the observation pays was not found.")
    return Help(least, most + rebated, "", " ".join(told), papers)


def _by_year(claims: list[Claim], keeps: int, cap: int | None) -> int:
    """The help on the drug, with its cap in each calendar year."""
    years: dict[int, int] = {}
    for claim in claims:
        years[claim.line.date.year] = years.get(claim.line.date.year, 0) + max(_part(claim) - keeps, 0)
    return sum(help if cap is None else min(help, cap) for help in years.values())


def _part(claim: Claim) -> int:
    """The patient's part of what the plan counts: the program pays nothing above it."""
    return claim.split.copay + claim.split.deductible + claim.split.coinsurance


def _row(id: str) -> dict[str, str]:
    return dict(next(row for row in rows("spravato_savings") if row["id"] == id))


def _paper(id: str) -> Paper:
    row = _row(id)
    return Paper(
        f"Spravato savings: {row['item']}",
        row["value_usd"],
        f"USD {row['unit']}",
        source(row["source"]),
        f"spravato_savings, {id}, {row['period']}",
        row["grade"],
    )
