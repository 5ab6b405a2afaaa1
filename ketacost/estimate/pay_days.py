"""Money that does not pass the clinic, dated: what is put into accounts and its tax, assistance, rebate, and a loan.

Amounts in cents: above zero out of the patient's pocket, below zero back to it. An FSA pays all of its election from its
first day; an HSA pays what is in it, and what was paid from cash before comes back when the money is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

from ketacost.accounts.funding import Funded
from ketacost.accounts.loans import Loan, schedule
from ketacost.core.money import split_evenly
from ketacost.estimate.account_effects import saved_by
from ketacost.estimate.cash_flow import Entry, Flow, Owed
from ketacost.estimate.scenario import Scenario
from ketacost.model.courses import months_later
from ketacost.taxes.households import Contribution, Household

TAX_DAY = (4, 15)
"""The month and day on which the return of the year before is due (IRC 6072(a)); taken as the day of its refund, and the
last on which the year's HSA takes money (IRC 223(d)(4)(B))."""


def pay_dates(year: int, number: int) -> tuple[date, ...]:
    """So many pay days, evenly over a year, the last one on its last day."""
    days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return tuple(date(year, 1, 1) + timedelta(days=days * i // number - 1) for i in range(1, number + 1))


def accounts_flow(scenario: Scenario, funded: Sequence[Funded]) -> Flow:
    """What is put into accounts on each pay day, the tax it saves, and what the accounts pay. Nothing without a household."""
    home, put_in = scenario.household, scenario.contribution
    if home is None or not put_in.amount:
        return Flow(())
    days = pay_dates(home.year, scenario.paying.pay_days)
    entries = []
    for amount, label in ((put_in.health_fsa, "From pay to the FSA"), (put_in.payroll_hsa, "From pay to the HSA")):
        parts = split_evenly(amount, len(days))
        entries += [Entry(day, part, "contribution", label) for day, part in zip(days, parts, strict=True)]
    now = replace(put_in, direct_hsa=0)
    by_pay = saved_by(home, now).total if now.amount else 0
    less = zip(days, split_evenly(by_pay, len(days)), strict=True)
    entries += [Entry(day, -part, "tax", "Less tax taken from pay") for day, part in less]
    later = saved_by(home, put_in).total - by_pay if put_in.direct_hsa else 0
    tax_day = date(home.year + 1, *TAX_DAY)
    entries.append(Entry(tax_day, -later, "tax", "Tax refund for what was put into the HSA"))
    entries += [Entry(one.part.day, -one.by("fsa"), "fsa", "The FSA pays you back") for one in funded]
    entries += _hsa(put_in, days, tax_day, [(one.part.day, one.by("hsa")) for one in funded])
    return Flow(tuple(entries))


def _hsa(put_in: Contribution, days: Sequence[date], tax_day: date, needs: Sequence[tuple[date, int]]) -> list[Entry]:
    """An HSA pays from what is in it; the patient's own transfer is made when it is first needed, or on its last day."""
    coming, needed = dict[date, int](), dict[date, int]()
    for day, part in zip(days, split_evenly(put_in.payroll_hsa, len(days)), strict=True):
        coming[day] = coming.get(day, 0) + part
    for day, part in needs:
        needed[day] = needed.get(day, 0) + part
    held, waiting, direct, entries = 0, 0, put_in.direct_hsa, list[Entry]()
    for day in sorted({*coming, *needed, tax_day}):
        held += coming.get(day, 0)
        waiting += needed.get(day, 0)
        if direct and (waiting > held or day == tax_day):
            entries.append(Entry(day, direct, "contribution", "From the bank to the HSA"))
            held, direct = held + direct, 0
        if pays := min(held, waiting):
            entries.append(Entry(day, -pays, "hsa", "The HSA pays you back"))
            held, waiting = held - pays, waiting - pays
    return entries


def help_flow(scenario: Scenario, funded: Sequence[Funded], rebate: int) -> Flow:
    """What others pay: assistance to the clinic on the visit days, and a rebate after the last visit."""
    entries = [Entry(one.part.day, -one.by("assistance"), "assistance", "Assistance pays") for one in funded]
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
    entries = [
        Entry(first, -loan.amount, "loan", "Money from the lender"),
        Entry(first, loan.fee, "loan", "The lender's fee"),
        *(
            Entry(months_later(first, p.month), p.paid, "loan", f"Payment {p.month} of {loan.months}")
            for p in schedule(loan)
        ),
    ]
    return Flow(tuple(entries))


@lru_cache(maxsize=64)
def interest_of(loan: Loan) -> int:
    """What borrowing costs: interest and fee, in cents."""
    return loan.fee + sum(month.interest for month in schedule(loan))


def household_note(home: Household | None, put_in: Contribution) -> tuple[str, ...]:
    """What is left out where nobody's taxes are known."""
    if home is None and put_in.amount:
        return ("No household is given: what goes into tax-free accounts, and its tax, is left out",)
    return ()
