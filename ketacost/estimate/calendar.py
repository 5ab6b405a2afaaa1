"""The money calendar: every dollar dated, out and back, and the bottom line that it adds up to.

Amounts in cents: above zero out of the patient's pocket, below zero back to it. A calendar that does not add up to its
bottom line cannot be made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import groupby
from typing import NamedTuple

from ketacost.core.dates import months_later, us_day
from ketacost.core.fields import KetacostError, of_kind
from ketacost.core.money import about, dollars, part_of
from ketacost.estimate.account_effects import Accounts, Means, accounts_of, help_note
from ketacost.estimate.answer import Answer
from ketacost.estimate.cash_flow import (
    Deadline,
    Entry,
    Flow,
    Owed,
    Taken,
    accounts_flow,
    help_flow,
    household_note,
    interest_of,
    loan_flow,
    monthly_fees,
    payments,
    steps_taken,
    tax_day,
)
from ketacost.estimate.given import Lot
from ketacost.estimate.outlook import Priced, first_step_day, path_of
from ketacost.estimate.scenario import Scenario, claims_of
from ketacost.estimate.superbills import pays_first
from ketacost.model.adjudication import Claim
from ketacost.model.coverage import DecisionPath, End, ends
from ketacost.model.payers import payer


class BottomLine(NamedTuple):
    """The bottom line of a scenario, in cents.

    Net = you_pay + monthly_fees + steps + filing_fee + interest + lost - assistance - hra - rebate - tax_saved.

    you_pay = assistance + hra + fsa + hsa + loan + cash. `interest` holds the lender's fee. `tax_saved` is the tax on
    new money that paid these bills, or that an FSA lost; `lost` is FSA money that nothing used up, of the running plan
    year too. `kept` is new money that stays in the HSA, or that an FSA carries over: the patient's, neither cost nor
    saving. `on_hand` is the part of `fsa` and `hsa` that was in the accounts before: the patient's own money, its tax
    saved long ago, so a bill that it pays counts in full.
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
    on_hand: int = 0
    hra: int = 0
    monthly_fees: int = 0

    @property
    def net(self) -> int:
        """What the patient is out of pocket for, when all has come in."""
        costs = self.you_pay + self.monthly_fees + self.steps + self.filing_fee + self.interest + self.lost
        return costs - self.assistance - self.hra - self.rebate - self.tax_saved

    @property
    def cash(self) -> int:
        """What of the patient's part nobody and nothing else pays."""
        return self.you_pay - self.assistance - self.hra - self.fsa - self.hsa - self.loan


def bottom_line(
    scenario: Scenario, claims: Sequence[Claim], *, end: End | None = None, accounts: Accounts | None = None
) -> BottomLine:
    """What the patient pays for adjudicated lines after steps, fees, help, accounts and a loan.

    `end` is the end of the path whose steps are paid for; by default the likeliest one that ends as the scenario's
    coverage, where the scenario has a payer and a path of its own. `accounts` is what the accounts do for these lines,
    where it is known. Assistance counts only for what its terms admit. bottom_line(scenario, run(scenario).claims).net.
    """
    end = end or _likeliest(scenario)
    means = Means(scenario)
    backs = ((claim.line.date, claim.split.plan_pays) for claim in claims)
    fees = sum(entry.cents for entry in monthly_fees(scenario, claims).entries)
    return settled(means, means.lots(claims), backs, end.cost if end else 0, accounts)._replace(monthly_fees=fees)


def settled(
    means: Means,
    lots: Mapping[Lot, int],
    backs: Iterable[tuple[date, int]],
    steps: int,
    accounts: Accounts | None = None,
) -> BottomLine:
    """The bottom line of what is owed, where `backs` is what the plan pays by day and `steps` what the steps cost."""
    scenario, you_pay = means.scenario, sum(lots.values())
    paying = scenario.paying
    assistance, of_hra, rebate = means.given(lots)
    hra = sum(of_hra.values())
    fsa = hsa = lost = kept = tax = held = 0
    if means.has_accounts:
        used = accounts or means.accounts(lots)
        fsa, hsa, held = used.paid
        lost, kept = used.lost, used.kept_in_fsa + used.kept_in_hsa
        tax = sum(year.tax_saved for year in used.years)
    fee = _filing_fee(backs, paying.filing_fee) if paying.filing_fee and pays_first(scenario) else 0
    interest = interest_of(paying.loan) if paying.loan else 0
    borrowed = min(paying.loan.amount, you_pay - assistance - hra - fsa - hsa) if paying.loan else 0
    note = "; ".join(household_note(scenario))
    return BottomLine(
        you_pay, steps, fee, interest, lost, assistance, rebate, tax, kept, fsa, hsa, borrowed, note, held, hra
    )


def _filing_fee(backs: Iterable[tuple[date, int]], fee: int) -> int:
    """What a filing service keeps of each visit's payment."""
    by_day = Counter[date]()
    for day, cents in backs:
        by_day[day] += cents
    return sum(part_of(back, fee) for back in by_day.values())


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
    """A month of the calendar, in cents.

    `out` leaves the patient's own pocket: cards, cash, payments of a loan, and what is taken from pay less its tax, not
    what an HRA, an FSA, an HSA, help or a loan pays at once. `back` comes back to it: checks less a filing service's
    share, refunds, rebates, and what an account pays later than the visit. `running` is the net so far, whoever paid.
    """

    first_day: date
    out: int
    back: int
    running: int
    waiting_for: int

    @property
    def following(self) -> date:
        """The first day of the next month."""
        return months_later(self.first_day, 1)


class DearestMonth(NamedTuple):
    """The calendar month in which most leaves the patient's own pocket: its first day, and cents; None for no month."""

    first_day: date | None
    cents: int


class Waiting(NamedTuple):
    """The most that is owed back on any day, in cents, and the first such day; None where nothing comes back."""

    cents: int
    day: date | None


TO_THE_CLINIC = ("deposit", "package", "visit")
PAID_AT_ONCE = ("hra", "fsa", "hsa", "assistance")
SENT_BACK = ("check", "appeal check", "refund", "rebate", "filing fee")
"""Kinds of entries that go to the clinic, that pay it on the day for the patient, and that come back later."""


@dataclass(frozen=True)
class Calendar:
    """Every dollar with its day, in order; it always adds up to its bottom line.

    `most_a_month` is what the patient can pay in a month, in cents, where that was said: months above it are marked.
    `today` is the day of the numbers; what was due before it is past.
    """

    entries: tuple[Entry, ...]
    owed: tuple[Owed, ...]
    bottom: BottomLine
    last_visit: date
    notes: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    most_a_month: int = 0
    today: date | None = None

    def __post_init__(self) -> None:
        if (total := sum(entry.cents for entry in self.entries)) != self.bottom.net:
            difference = f"its entries add up to {dollars(total)}, its bottom line is {dollars(self.bottom.net)}"
            raise KetacostError(f"the calendar does not add up: {difference}")

    @property
    def net(self) -> int:
        """What the patient is out of pocket for, when all has come in."""
        return self.bottom.net

    @cached_property
    def dearest_month(self) -> DearestMonth:
        """The month in which most leaves the patient's own pocket, the first of equal ones, past ones last."""
        dearest = max(self.ahead, key=lambda month: month.out, default=None)
        if not dearest or not dearest.out:
            dearest = max(self.months, key=lambda month: month.out, default=None)
        return DearestMonth(dearest.first_day, dearest.out) if dearest and dearest.out else DearestMonth(None, 0)

    @property
    def costlier_before(self) -> bool:
        """Whether a month that is past was costlier than the costliest one."""
        return any(month.out > self.dearest_month.cents for month in self.months)

    @property
    def due_before_today(self) -> int:
        """What left the pocket before `today` less what came back by then, in cents; 0 where no day is known."""
        return sum(entry.cents for entry in self.entries if self.today and entry.day < self.today)

    @property
    def held(self) -> int:
        """What accounts held already and pays here, less what stays in them, in cents: no month has it."""
        return sum(entry.cents for entry in self.entries_of("on hand", "kept"))

    def _own_pocket(self) -> Iterator[tuple[date, int, int]]:
        """What leaves the patient's own pocket on each day with entries, and what comes back to it, in cents."""
        lent = 0
        for day, entries in groupby(self.entries, key=lambda entry: entry.day):
            spent = Counter[str]()
            for entry in entries:
                lent -= min(entry.cents, 0) if entry.kind == "loan" else 0
                spent[entry.kind] += entry.cents if entry.kind != "loan" else max(entry.cents, 0)
            visits = sum(spent[kind] for kind in TO_THE_CLINIC) + sum(spent[kind] for kind in PAID_AT_ONCE)
            borrowed = min(lent, max(visits, 0))
            lent -= borrowed
            from_pay, back = spent["contribution"] + spent["tax"], -sum(spent[kind] for kind in SENT_BACK)
            out = max(visits, 0) - borrowed + max(from_pay, 0) + spent["step"] + spent["monthly fee"] + spent["loan"]
            yield day, out, back + max(-visits, 0) + max(-from_pay, 0)

    @cached_property
    def most_waiting(self) -> Waiting:
        """The most that is owed back on any day, the first of equal ones: checks, refunds and rebates still to come."""
        days = sorted({debt.since for debt in self.owed})
        waiting = (Waiting(self.owed_back_after(day), day) for day in days)
        return max((Waiting(0, None), *waiting), key=lambda most: most.cents)

    @cached_property
    def months(self) -> tuple[Month, ...]:
        """Every month from the first entry to the last, those in which nothing happens too."""
        if not self.entries:
            return ()
        out, back, net = Counter[date](), Counter[date](), Counter[date]()
        for day, spent, returned in self._own_pocket():
            out[day.replace(day=1)] += spent
            back[day.replace(day=1)] += returned
        for entry in self.entries:
            net[entry.day.replace(day=1)] += entry.cents
        first, running, months = self.entries[0].day.replace(day=1), 0, []
        while first <= self.entries[-1].day:
            running += net[first]
            following = months_later(first, 1)
            months.append(
                Month(first, out[first], back[first], running, self.owed_back_after(following - timedelta(days=1)))
            )
            first = following
        return tuple(months)

    @cached_property
    def ahead(self) -> tuple[Month, ...]:
        """The months from that of the next payment on, none where all is paid; all of them where no day is known."""
        if self.today is None:
            return self.months
        due = next((day for day, out, _ in self._own_pocket() if out and day >= self.today), date.max)
        return tuple(month for month in self.months if month.following > due)

    def above(self, month: Month) -> int:
        """How much more than `most_a_month` a month costs that is not past, in cents; 0 where that was not said."""
        return max(month.out - self.most_a_month, 0) if self.most_a_month and month in self.ahead else 0

    def owed_back_after(self, day: date) -> int:
        """Checks, refunds and rebates still to come after a day, for what was paid by then."""
        return sum(debt.cents for debt in self.owed if debt.since <= day < debt.until)

    def entries_of(self, *kinds: str) -> tuple[Entry, ...]:
        """The entries of some kinds, in order."""
        return tuple(entry for entry in self.entries if entry.kind in kinds)

    @property
    def headline(self) -> str:
        """The calendar in a sentence or two, rounded to ten dollars."""
        kinds = (*TO_THE_CLINIC, "refund", "assistance", "hra", "step", "monthly fee", "filing fee")
        paid = sum(e.cents for e in self.entries_of(*kinds) if e.day <= self.last_visit)
        paid_by = f"You will have paid {about(paid)} by {us_day(self.last_visit)}"
        waits = self.owed_back_after(self.last_visit)
        back = f", and {about(waits)} comes back later." if waits else ". No money is due back."
        counted = about(paid - waits) == about(self.net)
        return f"{paid_by}{back}" + ("" if counted else f" With everything counted, your cost is {about(self.net)}.")

    def __repr__(self) -> str:
        return f"Calendar: {self.headline}"


def calendar(answer: Answer, end: Priced | None = None, *, today: date | None = None) -> Calendar:
    """Every dollar of an answer with its day, out and back, in order of date.

    `end` is one end of `outlook(scenario)`: its coverage, its steps and its days. By default it is the likeliest end
    with the scenario's coverage, if the scenario has a payer and its own path; otherwise no step is taken. Checks come
    on their likely day. With `today`, a course that starts on that day or later has no earlier row except a deposit:
    past pay days are not shown, and a step begins today at the earliest. calendar(run(scenario)).entries.
    """
    of_kind("what a calendar is of", answer, Answer, "an answer, as in kc.run(scenario)")
    scenario, claims = answer.scenario, answer.claims
    taken = _taken(scenario, end)
    if end and end.end.outcome != scenario.coverage:
        scenario = scenario.replace(coverage=end.end.outcome)
        claims = claims_of(scenario)
    accounts = accounts_of(scenario, claims)
    bottom = bottom_line(scenario, claims, end=taken.end if taken else None, accounts=accounts)
    first, last = claims[0].line.date, claims[-1].line.date
    begins = today if today and today <= first else None
    flows = (
        steps_taken(scenario, taken),
        payments(scenario, claims, taken),
        monthly_fees(scenario, claims),
        accounts_flow(scenario, accounts, today=begins),
        help_flow(scenario, accounts.funded, bottom.rebate),
        loan_flow(scenario.paying.loan, first),
    )
    entries = _in_order(_not_before(begins, entry) for flow in flows for entry in flow.entries)
    ends = max(entries[-1].day, last) if entries else last
    kept = (
        Entry(ends, -accounts.kept_in_fsa, "kept", "Carried over in the FSA: still yours"),
        Entry(ends, -accounts.kept_in_hsa, "kept", "Stays in the HSA: still yours"),
    )
    entries += tuple(entry for entry in kept if entry.cents)
    owed = tuple(sorted(debt for flow in flows for debt in flow.owed))
    notes = tuple(_notes(scenario, flows, bottom, accounts))
    deadlines = tuple(sorted(_deadlines(flows, accounts)))
    return Calendar(entries, owed, bottom, last, notes, deadlines, today=today)


def _not_before(today: date | None, entry: Entry) -> Entry:
    """An entry on its day, or today where that day is past; a deposit has been paid and stays."""
    return entry._replace(day=today) if today and entry.day < today and entry.kind != "deposit" else entry


def _deadlines(flows: Iterable[Flow], accounts: Accounts) -> Iterable[Deadline]:
    """The last days to send superbills on which money comes back, by the shortest window seen, and to use accounts."""
    for flow in flows:
        yield from flow.deadlines
    for fsa in accounts.fsas:
        yield Deadline(fsa.last_use, f"Visits through {us_day(fsa.last_use)} can use the {fsa.name}", "fsa")
    for year in accounts.years:
        if year.counted.contribution.direct_hsa:
            day = tax_day(year)
            yield Deadline(day, f"Put the money for {year.home.year} into the HSA by {us_day(day)}", "hsa")


def _taken(scenario: Scenario, asked: Priced | None) -> Taken | None:
    """The end that is asked for, or the likeliest one of the scenario's own path, with the day it is decided."""
    end = asked.end if asked else _likeliest(scenario)
    if end is None:
        return None
    path, law = path_of(scenario)
    day = asked.decided if asked else first_step_day(scenario, path, law) + timedelta(days=end.days)
    return Taken(end, law, day)


def _notes(scenario: Scenario, flows: Iterable[Flow], bottom: BottomLine, accounts: Accounts) -> Iterable[str]:
    for flow in flows:
        yield from flow.notes
    loan = scenario.paying.loan
    if loan and loan.amount > bottom.loan:
        yield f"{about(loan.amount - bottom.loan)} of the loan is more than what is left to pay"
    if note := help_note(scenario):
        yield note
    yield from household_note(scenario)
    if scenario.household and scenario.contribution.amount + scenario.next_contribution.amount:
        yield "We assume that pay days are spread evenly over the year and that a tax refund comes on April 15"
        yield from (*accounts.problems, *accounts.marks)


def _in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """By day; on the same day, what goes out comes before what comes back."""
    return tuple(sorted((e for e in entries if e.cents), key=lambda e: (e.day, e.cents < 0)))
