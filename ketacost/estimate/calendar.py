"""The money calendar: every dollar dated, out and back, and the bottom line that it adds up to.

Amounts in cents: above zero out of the patient's pocket, below zero back to it. A calendar that does not add up to its
bottom line cannot be made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import NamedTuple

from ketacost.accounts.funding import FundedPart
from ketacost.core.dates import day_text, months_later
from ketacost.core.fields import KetacostError
from ketacost.core.money import about, dollars, part_of
from ketacost.estimate.account_effects import account_notes, fundings, saved_by
from ketacost.estimate.answer import Answer
from ketacost.estimate.cash_flow import (
    Entry,
    Flow,
    Owed,
    Taken,
    accounts_flow,
    help_flow,
    household_note,
    interest_of,
    loan_flow,
    payments,
    steps_taken,
)
from ketacost.estimate.outlook import Priced, first_step_day, path_of
from ketacost.estimate.scenario import Scenario, bill
from ketacost.estimate.superbills import pays_first
from ketacost.model.adjudication import Claim, adjudicate
from ketacost.model.coverage import DecisionPath, End, ends
from ketacost.model.payers import payer


class BottomLine(NamedTuple):
    """The bottom line of a scenario, in cents.

    Net = you_pay + steps + filing_fee + interest + lost - assistance - rebate - tax_saved.

    you_pay = assistance + fsa + hsa + loan + cash. `interest` holds the lender's fee; `lost` is FSA money that nothing
    used up; `kept` stays in the HSA and is the patient's, so it is no cost.
    """

    you_pay: int
    steps: int
    filing_fee: int
    interest: int
    lost: int
    assistance: int
    rebate: int
    tax_saved: int
    kept: int
    fsa: int
    hsa: int
    loan: int
    note: str

    @property
    def net(self) -> int:
        """What the patient is out of pocket for, when all has come in."""
        costs = self.you_pay + self.steps + self.filing_fee + self.interest + self.lost
        return costs - self.assistance - self.rebate - self.tax_saved

    @property
    def cash(self) -> int:
        """What of the patient's part nobody and nothing else pays."""
        return self.you_pay - self.assistance - self.fsa - self.hsa - self.loan


def bottom_line(
    scenario: Scenario, claims: Sequence[Claim], *, end: End | None = None, funded: Sequence[FundedPart] | None = None
) -> BottomLine:
    """What the patient pays for adjudicated lines after steps, fees, help, accounts and a loan.

    `end` is the end of the path whose steps are paid for; by default the likeliest one that ends as the scenario's
    coverage, where the scenario has a payer and a path of its own. `funded` are the fundings of these lines, where
    they are known. bottom_line(scenario, run(scenario).claims).net. Raises KetacostError where the accounts entered
    cannot be.
    """
    paying, put_in, home = scenario.paying, scenario.contribution, scenario.household
    end = end or _likeliest(scenario)
    you_pay = sum(claim.line.charge - claim.split.write_off - claim.split.plan_pays for claim in claims)
    assistance = min(paying.assistance, you_pay)
    rebate = min(paying.rebate, you_pay - assistance)
    fsa = hsa = lost = kept = tax = 0
    if home and put_in.amount:
        funded = fundings(scenario, claims) if funded is None else funded
        fsa, hsa = sum(part.by("fsa") for part in funded), sum(part.by("hsa") for part in funded)
        lost, kept = put_in.health_fsa - fsa, put_in.payroll_hsa + put_in.direct_hsa - hsa
        tax = saved_by(home, put_in).total
    fee = _filing_fee(claims, paying.filing_fee) if paying.filing_fee and pays_first(scenario) else 0
    interest = interest_of(paying.loan) if paying.loan else 0
    borrowed = min(paying.loan.amount, you_pay - assistance - fsa - hsa) if paying.loan else 0
    note = "; ".join(household_note(home, put_in))
    steps = end.cost if end else 0
    return BottomLine(you_pay, steps, fee, interest, lost, assistance, rebate, tax, kept, fsa, hsa, borrowed, note)


def _filing_fee(claims: Sequence[Claim], fee: int) -> int:
    """What a filing service keeps of each visit's payment."""
    backs = Counter[date]()
    for claim in claims:
        backs[claim.line.date] += claim.split.plan_pays
    return sum(part_of(back, fee) for back in backs.values())


def _likeliest(scenario: Scenario) -> End | None:
    """The likeliest end with the scenario's coverage, where a path of its own is taken; else None."""
    if scenario.path is None or not scenario.payer:
        return None
    outcome = "infusions too" if scenario.coverage == "everything" else scenario.coverage
    return _end_as(scenario.path, payer(scenario.payer).law, outcome)


@lru_cache(maxsize=256)
def _end_as(path: DecisionPath, law: str, outcome: str) -> End | None:
    alike = [end for end in ends(path, law) if end.outcome == outcome]
    return max(alike, key=lambda end: end.chance, default=None)


class Month(NamedTuple):
    """A month of the calendar, in cents: out, back, the sum so far, and what is still waited for."""

    first_day: date
    out: int
    back: int
    running: int
    waiting_for: int


class Peak(NamedTuple):
    """The most cash out of pocket at one time, in cents, and its day; None where it never is above nothing."""

    cents: int
    day: date | None


@dataclass(frozen=True)
class Calendar:
    """Every dollar with its day, in order. One that does not add up to its bottom line cannot be made."""

    entries: tuple[Entry, ...]
    owed: tuple[Owed, ...]
    bottom: BottomLine
    last_visit: date
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (total := sum(entry.cents for entry in self.entries)) != self.bottom.net:
            difference = f"its entries come to {dollars(total)}, its bottom line to {dollars(self.bottom.net)}"
            raise KetacostError(f"the calendar does not add up: {difference}")

    @property
    def net(self) -> int:
        """What the patient is out of pocket for, when all has come in."""
        return self.bottom.net

    @cached_property
    def peak(self) -> Peak:
        """The most cash out of pocket at the end of any day. What stays in an HSA is not cash."""
        days = Counter[date]()
        for entry in self.entries:
            days[entry.day] += entry.cents if entry.kind != "kept" else 0
        sums = map(Peak, accumulate(days.values()), days)
        return max((Peak(0, None), *sums), key=lambda peak: peak.cents)

    @cached_property
    def months(self) -> tuple[Month, ...]:
        """Every month from the first entry to the last, those in which nothing happens too."""
        if not self.entries:
            return ()
        out, back = Counter[date](), Counter[date]()
        for entry in self.entries:
            (out if entry.cents > 0 else back)[entry.day.replace(day=1)] += abs(entry.cents)
        first, running, months = self.entries[0].day.replace(day=1), 0, []
        while first <= self.entries[-1].day:
            running += out[first] - back[first]
            following = months_later(first, 1)
            months.append(
                Month(first, out[first], back[first], running, self.owed_back_after(following - timedelta(days=1)))
            )
            first = following
        return tuple(months)

    def owed_back_after(self, day: date) -> int:
        """Checks, refunds and rebates still to come after a day, for what was paid by then."""
        return sum(debt.cents for debt in self.owed if debt.since <= day < debt.until)

    def entries_of(self, *kinds: str) -> tuple[Entry, ...]:
        """The entries of some kinds, in order."""
        return tuple(entry for entry in self.entries if entry.kind in kinds)

    @property
    def headline(self) -> str:
        """The calendar in a sentence, rounded to ten dollars."""
        kinds = ("deposit", "package", "visit", "refund", "assistance", "step", "filing fee")
        paid = sum(e.cents for e in self.entries_of(*kinds) if e.day <= self.last_visit)
        waits = self.owed_back_after(self.last_visit)
        wait = f"wait for {about(waits)}" if waits else "wait for nothing more"
        paid_by = f"You pay {about(paid)} by {day_text(self.last_visit)} and {wait}; "
        if self.peak.day is None:
            return paid_by + "you never need cash of your own."
        return f"{paid_by}the most cash you need at one time is {about(self.peak.cents)}, on {day_text(self.peak.day)}."

    def __repr__(self) -> str:
        return f"Calendar: {self.headline}"


def calendar(answer: Answer, end: Priced | None = None) -> Calendar:
    """Every dollar of an answer with its day, out and back, in order of date.

    `end` is one end of `outlook(scenario)`: its coverage, its steps and its days. By default the likeliest one that
    ends at the scenario's coverage, where the scenario has a payer and a path of its own; else no step is taken.
    Checks come on their likely day. Raises KetacostError where the accounts entered cannot be.
    calendar(run(scenario)).entries.
    """
    scenario, claims = answer.scenario, answer.claims
    taken = _taken(scenario, end)
    if end and end.end.outcome != scenario.coverage:
        scenario = scenario.replace(coverage=end.end.outcome)
        claims = adjudicate(bill(scenario), scenario.plan, scenario.used)
    funded = fundings(scenario, claims)
    bottom = bottom_line(scenario, claims, end=taken.end if taken else None, funded=funded)
    first, last = claims[0].line.date, claims[-1].line.date
    flows = (
        steps_taken(scenario, taken),
        payments(scenario, claims, taken),
        accounts_flow(scenario, funded),
        help_flow(scenario, funded, bottom.rebate),
        loan_flow(scenario.paying.loan, first),
    )
    entries = _in_order(entry for flow in flows for entry in flow.entries)
    if bottom.kept:
        entries += (Entry(max(entries[-1].day, last), -bottom.kept, "kept", "Stays in the HSA, and is yours"),)
    owed = tuple(sorted(debt for flow in flows for debt in flow.owed))
    return Calendar(entries, owed, bottom, last, tuple(_notes(scenario, flows, bottom)))


def _taken(scenario: Scenario, asked: Priced | None) -> Taken | None:
    """The end that is asked for, or the likeliest one of the scenario's own path, with the day it is decided."""
    end = asked.end if asked else _likeliest(scenario)
    if end is None:
        return None
    path, law = path_of(scenario)
    day = asked.decided if asked else first_step_day(scenario, path, law) + timedelta(days=end.days)
    return Taken(end, law, day)


def _notes(scenario: Scenario, flows: Iterable[Flow], bottom: BottomLine) -> Iterable[str]:
    for flow in flows:
        yield from flow.notes
    loan = scenario.paying.loan
    if loan and loan.amount > bottom.loan:
        yield f"{about(loan.amount - bottom.loan)} of the loan is more than what is left to pay"
    yield from household_note(scenario.household, scenario.contribution)
    if scenario.household and scenario.contribution.amount:
        yield "Pay days are taken as spread evenly over the year, and a tax refund as coming on 15 April"
        yield from account_notes(scenario)


def _in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """By day; on the same day, what goes out comes before what comes back."""
    return tuple(sorted((e for e in entries if e.cents), key=lambda e: (e.day, e.cents < 0)))
