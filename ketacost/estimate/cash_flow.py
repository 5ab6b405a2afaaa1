"""What goes to the clinic and comes back from the plan, dated: deposit, packages, visits, checks, refunds and steps.

Amounts in cents: above zero out of the patient's pocket, below zero back to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple, TypeVar

from ketacost.accounts.funding import FundedPart
from ketacost.accounts.loans import Loan, schedule
from ketacost.core.dates import months_later, us_day
from ketacost.core.money import WHOLE, shown, split_evenly
from ketacost.estimate.account_effects import Accounts, AccountYear, paid_on_hand, saved_by
from ketacost.estimate.scenario import Coverage, Scenario, claims_of
from ketacost.estimate.superbills import Superbill, claim_rule, pays_first, superbills_under
from ketacost.model.adjudication import Claim
from ketacost.model.courses import Package, fee_days
from ketacost.model.coverage import End
from ketacost.model.payers import step

WON = ("Appeal: won", "External review: won")
T = TypeVar("T")


class Entry(NamedTuple):
    """One dated amount: above zero out of the patient's pocket, below zero back to it."""

    day: date
    cents: int
    kind: str
    label: str


class Owed(NamedTuple):
    """Money that was paid on one day and comes back on another, in cents."""

    since: date
    until: date
    cents: int


class Deadline(NamedTuple):
    """The last day for something, and what, as a sentence without its period; `kind` is its account, if it has one."""

    day: date
    what: str
    kind: str = ""


class Flow(NamedTuple):
    """Dated money with what of it is owed back, what had to be assumed, and deadlines."""

    entries: tuple[Entry, ...]
    owed: tuple[Owed, ...] = ()
    notes: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()


class Due(NamedTuple):
    """What the clinic is due from the patient by day, and the bills that she sends to the plan."""

    by_day: dict[date, int]
    bills: tuple[Superbill, ...]


class Taken(NamedTuple):
    """An end of the path that is taken, the law it is under, and the day on which it is decided."""

    end: End
    law: str
    decided: date


def payments(scenario: Scenario, claims: Sequence[Claim], taken: Taken | None) -> Flow:
    """Everything between patient, clinic and plan. An end won late brings its difference after the decision."""
    rule, note = claim_rule(scenario)
    final = _due(scenario, claims)
    assumed = (note,) if note and any(bill.back for bill in final.bills) else ()
    if taken is None or not set(WON) & set(taken.end.branches):
        paid = _to_the_clinic(scenario, claims, final.by_day)
        return _joined(paid, _checks(final.bills), Flow((), (), assumed))
    decided, before = taken.decided, _first_decision(scenario, taken.end)
    filed = {bill.service_date: bill.filed for bill in final.bills}
    early = {day for day in final.by_day if filed.get(day, day) <= decided}
    # A clinic that bore a denied line bills the patient's part of it in the end: taken as paid at the visit.
    due = {day: max(before.by_day[day], amount) if day in early else amount for day, amount in final.by_day.items()}
    arrives = decided + timedelta(days=likely(rule.turnaround_days))
    first = tuple(bill for bill in before.bills if bill.service_date in early)
    normal = tuple(bill for bill in final.bills if bill.service_date not in early)
    won = tuple(bill for bill in final.bills if bill.service_date in early)
    more = _difference(won, first, arrives)
    refund = [Owed(day, arrives, due[day] - final.by_day[day]) for day in sorted(early)]
    less = Flow(
        (Entry(arrives, -sum(o.cents for o in refund), "refund", "The clinic pays back what the plan now pays"),),
        tuple(refund),
    )
    return _joined(_to_the_clinic(scenario, claims, due), _checks((*first, *normal)), more, less, Flow((), (), assumed))


def likely(values: Sequence[T]) -> T:
    """The middle of earliest, likely and latest."""
    return values[len(values) // 2]


def steps_taken(scenario: Scenario, taken: Taken | None) -> Flow:
    """What the steps of an end cost, each on the day it is begun."""
    if taken is None or not taken.end.cost:
        return Flow(())
    end, costs = taken.end, scenario.path.step_costs if scenario.path else {}
    day = taken.decided - timedelta(days=end.days)
    if sum(costs.get(id, 0) for id in end.steps) != end.cost:
        return Flow((Entry(day, end.cost, "step", "The steps of a path that is not the scenario's own"),))
    entries = []
    for id in end.steps:
        rule = step(taken.law, id)
        entries.append(Entry(day, costs.get(id, 0), "step", rule.label if rule else "Send the claim or superbill"))
        before = id == "internal_appeal" and "prior_authorization" in end.steps
        if rule:
            day += timedelta(days=rule.decision_days_before if before else rule.decision_days)
    return Flow(tuple(entries))


def monthly_fees(scenario: Scenario, claims: Sequence[Claim]) -> Flow:
    """What a membership or subscription costs, on its days, from the first visit that takes place to the last."""
    if not scenario.prices.monthly_fee or not claims:
        return Flow(())
    days = fee_days(claims[0].line.date, claims[-1].line.date)
    return Flow(tuple(Entry(day, scenario.prices.monthly_fee, "monthly fee", "Monthly fee") for day in days))


def _first_decision(scenario: Scenario, end: End) -> Due:
    """What was due before an appeal was won: the no that was appealed.

    A no to a request leaves open what is said of the visits: what is likelier by the path's own chances is taken.
    """
    path, visits = scenario.path, "Claim: visits only" in end.branches
    if path and "prior_authorization" in end.steps:
        visits = 2 * path.visits >= WHOLE - path.infusions
    coverage: Coverage = "visits only" if visits else "denied"
    case = scenario.replace(coverage=coverage)
    return _due(case, claims_of(case))


def _due(scenario: Scenario, claims: Sequence[Claim]) -> Due:
    """The charge less write-offs where the patient pays first; the patient's part where the plan pays the clinic."""
    first, paying, by_day = pays_first(scenario), scenario.paying, Counter[date]()
    for claim in claims:
        by_day[claim.line.date] += claim.line.charge - claim.split.write_off if first else claim.you_pay
    if not first:
        return Due(by_day, ())
    rule = claim_rule(scenario)[0]
    return Due(by_day, superbills_under(rule, claims, every_days=paying.superbills_every, fee=paying.filing_fee))


def _to_the_clinic(scenario: Scenario, claims: Sequence[Claim], due: dict[date, int]) -> Flow:
    """Deposit, packages and visits: what is paid ahead counts toward what is due, and what is left of it comes back."""
    paying, first, last = scenario.paying, claims[0].line.date, claims[-1].line.date
    booked = first - timedelta(days=paying.deposit_days)
    left, entries, owed = paying.deposit, list[Entry](), list[Owed]()
    if left:
        entries.append(Entry(booked, left, "deposit", "Deposit for the course"))
    bought, used, unused = _packages(scenario, claims)
    for day, amount in due.items():
        for package in bought.get(day, ()):
            from_deposit = min(left, package.price)
            left -= from_deposit
            label = f"Package of {package.count} visits{_after(from_deposit)}"
            entries.append(Entry(day, package.price - from_deposit, "package", label))
        amount_due = amount - used.get(day, 0)
        if amount_due < 0:
            label = "The clinic gives back what was paid ahead and is not owed"
            entries.append(Entry(day, amount_due, "refund", label))
            since = min(on for on, packages in bought.items() if any(package.price for package in packages))
            owed.append(Owed(since, day, -amount_due))
            continue
        from_deposit = min(left, amount_due)
        left -= from_deposit
        entries.append(Entry(day, amount_due - from_deposit, "visit", f"Visit at the clinic{_after(from_deposit)}"))
    for since, amount in (*unused, (booked, left)):
        entries.append(Entry(last, -amount, "refund", NOT_USED))
        owed.append(Owed(since, last, amount))
    return Flow(tuple(entries), tuple(owed))


NOT_USED = "The clinic gives back what was paid ahead and not used"
"""What the refund of a deposit, or of a package's visits that do not take place, is called."""


def _after(deposit: int) -> str:
    return f", after {shown(deposit)} of the deposit" if deposit else ""


def _packages(
    scenario: Scenario, claims: Sequence[Claim]
) -> tuple[dict[date, list[Package]], dict[date, int], tuple[tuple[date, int], ...]]:
    """Which packages are bought on which day, how much of each day's charges they pay, and the refundable rest."""
    last = claims[-1].line.date
    bought, used = dict[date, list[Package]](), dict[date, int]()
    parts: dict[str, list[tuple[int, int]]] = {}
    begun, rest = dict[int, date](), dict[int, int]()
    for number, package in enumerate(scenario.prices.packages):
        rest[number] = package.price
        split = split_evenly(package.price, package.count)
        parts.setdefault(package.service, []).extend((number, part) for part in split)
    ahead = {service: iter(payments) for service, payments in parts.items()}
    for claim in claims if parts else ():
        day, service = claim.line.date, claim.line.service
        if service not in ahead or claim.line.phase == "unused" or (payments := next(ahead[service], None)) is None:
            continue
        number, part = payments
        begun.setdefault(number, day)
        rest[number] -= part
        used[day] = used.get(day, 0) + part
    back = []
    for number, package in enumerate(scenario.prices.packages):
        if package.refundable and number not in begun:
            continue
        since = begun.get(number, last)
        bought.setdefault(since, []).append(package)
        if package.refundable:
            back.append((since, rest[number]))
        else:
            used[last] = used.get(last, 0) + rest[number]
    return bought, used, tuple(back)


def _checks(bills: Sequence[Superbill]) -> Flow:
    """The plan's checks, those of one day together, and what a filing service keeps of each."""
    sums: dict[date, tuple[int, int, int]] = {}
    owed, late, deadlines = [], dict[str, None](), list[Deadline]()
    for filed in bills:
        if filed.late:
            late[filed.late] = None
        if filed.back:
            day = likely(filed.check)
            back, fee, visits = sums.get(day, (0, 0, 0))
            sums[day] = back + filed.back, fee + filed.fee, visits + 1
            owed.append(Owed(filed.service_date, day, filed.back))
            if filed.file_by:
                by = filed.file_by[0]
                what = f"Send the superbill of {us_day(filed.service_date)} by {us_day(by)}"
                deadlines.append(Deadline(by, what))
    entries = []
    for day, (back, fee, visits) in sums.items():
        entries.append(Entry(day, -back, "check", f"The plan's check for {visits} visit{'s' * (visits != 1)}"))
        entries.append(Entry(day, fee, "filing fee", "Kept by the filing service"))
    notes = (f"{len(late)} filing windows may be missed: {next(iter(late))}",) if late else ()
    return Flow(tuple(entries), tuple(owed), notes, tuple(deadlines))


def _difference(won: Sequence[Superbill], first: Sequence[Superbill], arrives: date) -> Flow:
    """What the plan owes more after an appeal was won, with what a filing service keeps of it."""
    owed = [Owed(a.service_date, arrives, a.back - b.back) for a, b in zip(won, first, strict=True)]
    fee = sum(a.fee for a in won) - sum(b.fee for b in first)
    back, label = -sum(debt.cents for debt in owed), "The plan's check after the decision was turned around"
    check = Entry(arrives, back, "appeal check", label)
    return Flow((check, Entry(arrives, fee, "filing fee", "Kept by the filing service")), tuple(owed))


def _joined(*flows: Flow) -> Flow:
    """Flows together, in order of date, without what is nothing."""
    entries = sorted((e for flow in flows for e in flow.entries if e.cents), key=lambda e: e.day)
    owed = sorted(o for flow in flows for o in flow.owed if o.cents and o.since < o.until)
    notes = tuple(note for flow in flows for note in flow.notes)
    return Flow(tuple(entries), tuple(owed), notes, tuple(one for flow in flows for one in flow.deadlines))


TAX_DAY = (4, 15)
"""When the last year's return is due (IRC 6072(a)), taken as its refund's day, and its HSA closes (223(d)(4)(B))."""


def pay_dates(first: date, number: int) -> tuple[date, ...]:
    """So many pay days, evenly over the year that begins on a day, the last one on its last day."""
    days = (months_later(first, 12) - first).days
    return tuple(first + timedelta(days=days * i // number - 1) for i in range(1, number + 1))


def accounts_flow(scenario: Scenario, accounts: Accounts, *, today: date | None = None) -> Flow:
    """What is put into accounts each pay day, the tax it saves, what they pay, and what of them is lost.

    Money that was in an account before is "on hand": it leaves the account, and not a pocket, as it pays. From `today`
    on, an HSA and the next year's election are spread over the pay days still to come; what pay days of this year's
    election are past stands as money on hand, less its tax, on that day.
    """
    entries = list[Entry]()
    for place, year in enumerate(accounts.years):
        entries += _from_pay(scenario, year, today, fixed=place == 0)
    for funding in accounts.funded:
        day = funding.part.day
        entries.append(Entry(day, -funding.by("fsa"), "fsa", "The FSA pays you back"))
        entries.append(Entry(day, paid_on_hand(funding, "fsa"), "on hand", "From what was left in the FSA"))
        held = paid_on_hand(funding, "hsa")
        entries.append(Entry(day, held, "on hand", "From what was in the HSA"))
        entries.append(Entry(day, -held, "hsa", "The HSA pays you back"))
    entries += _hsa(scenario, accounts, today)
    entries += [
        Entry(end.last_use, end.lost, "on hand", "Left in the FSA, and lost") for end in accounts.fsas if end.on_hand
    ]
    return Flow(tuple(entries))


def _hsa_pay_dates(scenario: Scenario, year: AccountYear, today: date | None) -> tuple[date, ...]:
    """The pay days that fill the HSA: those still to come, or all of them where none is."""
    days = pay_dates(date(year.home.year, 1, 1), scenario.paying.pay_days)
    return tuple(day for day in days if today is None or day >= today) or days


def _from_pay(scenario: Scenario, year: AccountYear, today: date | None, *, fixed: bool) -> list[Entry]:
    """What a year's pay days put into accounts, less the tax, and the tax refund for what came from the bank."""
    put_in, taxed = year.counted.contribution, year.taxed
    fsa_days, hsa_days = pay_dates(year.fsa_first, scenario.paying.pay_days), _hsa_pay_dates(scenario, year, today)
    if not fixed:
        fsa_days = tuple(day for day in fsa_days if today is None or day >= today) or fsa_days
    by_payroll = replace(taxed, direct_hsa=0)
    by_pay = saved_by(year.home, by_payroll).total if by_payroll.amount else 0
    by_fsa = saved_by(year.home, replace(by_payroll, payroll_hsa=0)).total if taxed.payroll_hsa else by_pay
    less = Counter[date]()
    entries = list[Entry]()
    for amount, tax, days, label in (
        (put_in.health_fsa, by_fsa, fsa_days, "From pay to the FSA"),
        (put_in.payroll_hsa, by_pay - by_fsa, hsa_days, "From pay to the HSA"),
    ):
        parts = zip(days, split_evenly(amount, len(days)), split_evenly(tax, len(days)), strict=True)
        past = 0
        for day, part, tax_part in parts:
            if today and day < today:
                past += part - tax_part
                continue
            entries.append(Entry(day, part, "contribution", label))
            less[day] += tax_part
        if today:
            entries.append(Entry(today, past, "on hand", f"{label} before today, less tax"))
    entries += [Entry(day, -part, "tax", LESS_TAX) for day, part in less.items()]
    later = saved_by(year.home, taxed).total - by_pay if taxed.direct_hsa else 0
    entries.append(Entry(tax_day(year), -later, "tax", "Tax refund for what was put into the HSA"))
    return entries


LESS_TAX = "Less tax taken from pay"


def tax_day(year: AccountYear) -> date:
    """The day of the refund of a year's tax, which is also the last one to put money in its HSA."""
    return date(year.home.year + 1, *TAX_DAY)


def _hsa(scenario: Scenario, accounts: Accounts, today: date | None) -> list[Entry]:
    """An HSA pays from what was put in; the patient's own transfer comes when first needed, or on its last day."""
    coming, needed, entries = Counter[date](), Counter[date](), list[Entry]()
    direct = dict[AccountYear, int]()
    for year in accounts.years:
        put_in, days = year.counted.contribution, _hsa_pay_dates(scenario, year, today)
        for day, part in zip(days, split_evenly(put_in.payroll_hsa, len(days)), strict=True):
            coming[max(day, today or day)] += part
        if put_in.direct_hsa:
            direct[year] = put_in.direct_hsa
    for funding in accounts.funded:
        needed[funding.part.day] += funding.by("hsa") - paid_on_hand(funding, "hsa")
    held = waiting = 0
    turns = {day for year in direct for day in (date(year.home.year, 1, 1), tax_day(year))}
    for day in sorted({*coming, *needed, *turns}):
        held += coming[day]
        waiting += needed[day]
        for year in [year for year in direct if day.year >= year.home.year]:
            if waiting > held or day >= tax_day(year):
                entries.append(Entry(day, direct[year], "contribution", "From the bank to the HSA"))
                held += direct.pop(year)
        if pays := min(held, waiting):
            entries.append(Entry(day, -pays, "hsa", "The HSA pays you back"))
            held, waiting = held - pays, waiting - pays
    return entries


def help_flow(scenario: Scenario, funded: Sequence[FundedPart], rebate: int) -> Flow:
    """What others pay: assistance and an HRA on the visit days, and a rebate after the last visit."""
    entries = [
        Entry(funding.part.day, -funding.by("assistance"), "assistance", "Assistance pays") for funding in funded
    ]
    entries += [Entry(funding.part.day, -funding.by("hra"), "hra", "The HRA pays") for funding in funded]
    if not rebate:
        return Flow(tuple(entries))
    last = funded[-1].part.day
    day = last + timedelta(days=scenario.paying.rebate_days)
    entries.append(Entry(day, -rebate, "rebate", "The rebate comes"))
    return Flow(tuple(entries), (Owed(last, day, rebate),))


def loan_flow(loan: Loan | None, first: date) -> Flow:
    """A loan from the first visit on: the money in, the fee, and its monthly payments."""
    if loan is None or not loan.amount:
        return Flow((Entry(first, loan.fee, "loan", "The lender's fee"),) if loan else ())
    lent = Entry(first, -loan.amount, "loan", "Money from the lender")
    fee = Entry(first, loan.fee, "loan", "The lender's fee")
    months = [(months_later(first, p.month), p.paid, f"Payment {p.month} of {loan.months}") for p in schedule(loan)]
    return Flow((lent, fee, *(Entry(day, paid, "loan", label) for day, paid, label in months)))


@lru_cache(maxsize=64)
def interest_of(loan: Loan) -> int:
    """What borrowing costs: interest and fee, in cents."""
    return loan.fee + sum(month.interest for month in schedule(loan))


def household_note(scenario: Scenario) -> tuple[str, ...]:
    """What is left out where nobody's taxes are known."""
    if scenario.household is None and scenario.contribution.amount + scenario.next_contribution.amount:
        return ("No household is given: what goes into tax-free accounts, and its tax, is left out",)
    return ()
