"""Superbills: what the patient pays the clinic, by when each bill must be filed, what comes back, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from ketacost.core.dates import us_day
from ketacost.core.fields import KetacostError, of_kind
from ketacost.core.money import part_of
from ketacost.estimate.answer import Answer
from ketacost.estimate.scenario import Scenario, network_of
from ketacost.model.adjudication import Claim
from ketacost.model.payers import Step, payer, step


class Superbill(NamedTuple):
    """One visit's bill on its way: paid to the clinic on its day, filed, answered, and paid back or not.

    Amounts in cents. `file_by` holds the shortest and the longest filing window seen; `check` the earliest, likely and
    latest day of the money, empty where none comes. `late` says that the filing day is past a window.
    """

    service_date: date
    paid_to_clinic: int
    filed: date
    file_by: tuple[date, ...]
    back: int
    fee: int
    check: tuple[date, ...]
    outcome: str
    late: str


def superbills(answer: Answer, *, filed_after: int = 0, every_days: int = 30, fee: int = 0) -> tuple[Superbill, ...]:
    """The superbills of an answer, one per visit, in order: superbills(run(scenario)).

    The patient sends them in batches, a number of days apart (0: each on its own day), `filed_after` days later; `fee`
    is what a filing service keeps of each payment, in basis points. Deadlines and waiting times are those of the
    payer's law. Raises KetacostError for a scenario without a payer, or one whose law knows no claim.
    """
    of_kind("what superbills are of", answer, Answer, "an answer, as in kc.run(scenario)")
    scenario = answer.scenario
    if not scenario.payer:
        raise KetacostError('who pays? Filing windows depend on it: give the scenario a payer, such as "marketplace"')
    rule = step(payer(scenario.payer).law, "claim")
    if rule is None:
        raise KetacostError(f"{payer(scenario.payer).label}: no claim is filed here")
    return superbills_under(rule, answer.claims, filed_after=filed_after, every_days=every_days, fee=fee)


def pays_first(scenario: Scenario) -> bool:
    """Whether the patient pays the clinic and waits for the plan; in network the plan pays the clinic itself."""
    side = network_of(scenario)
    return side is None or side.balance_bill != "written off"


def claim_rule(scenario: Scenario) -> tuple[Step, str]:
    """How long a claim takes, and what was assumed: where the payer's law does not say, as at an employer's plan."""
    usual = step("erisa", "claim")
    assert usual is not None
    if not scenario.payer:
        return usual, "Check dates assume an employer plan, because no payer was chosen"
    own = step(payer(scenario.payer).law, "claim")
    if own is None or not own.turnaround_days:
        who = payer(scenario.payer).label
        assumption = f"Check dates assume an employer plan, because none were found for {who}"
        return replace(own or usual, turnaround_days=usual.turnaround_days), assumption
    return own, ""


def superbills_under(
    rule: Step, claims: Sequence[Claim], *, filed_after: int = 0, every_days: int = 30, fee: int = 0
) -> tuple[Superbill, ...]:
    """The superbills of adjudicated lines under a rule of filing windows and days, one a visit, in order."""
    by_day: dict[date, list[int]] = {}
    outcomes: dict[date, set[str]] = {}
    for claim in claims:
        if claim.line.charge:
            paid, back = by_day.setdefault(claim.line.date, [0, 0])
            by_day[claim.line.date] = [paid + claim.line.charge - claim.split.write_off, back + claim.split.plan_pays]
            outcomes.setdefault(claim.line.date, set()).add(claim.outcome)
    first = min(by_day, default=date.min)
    bills = []
    for day, (paid, back) in by_day.items():
        filed = _filing_day(day, first, every_days) + timedelta(days=filed_after)
        windows = tuple(day + timedelta(days=days) for days in rule.file_within_days)
        checks = tuple(filed + timedelta(days=days) for days in rule.turnaround_days) if back else ()
        outcome, late = _worst(outcomes[day]), _late(filed, windows)
        bills.append(Superbill(day, paid, filed, windows, back, part_of(back, fee), checks, outcome, late))
    return tuple(bills)


def _filing_day(day: date, first: date, every: int) -> date:
    """The next day on which the patient sends bills, counted from the first visit."""
    return day if every <= 0 else first + timedelta(days=-(-((day - first).days + 1) // every) * every)


def _late(filed: date, windows: tuple[date, ...]) -> str:
    if windows and filed > windows[-1]:
        return f"filed after the longest filing window seen ({us_day(windows[-1])}): the plan will refuse it"
    if windows and filed > windows[0]:
        return f"some plans take no claim after {us_day(windows[0])}: ask for the plan's filing limit"
    return ""


def _worst(outcomes: set[str]) -> str:
    """The outcome of a visit whose lines differ: paid if anything came back, else counted, else denied."""
    return next(name for name in ("paid", "counted", "denied") if name in outcomes)
