"""Who funds the patient's part: assistance, an employer's account, FSA, HSA, a loan, and cash for what is left.

Money is whole cents. Each part is funded to the cent: amount = assistance + hra + fsa + hsa + loan + cash. A dollar that the
plan pays back later may not stay tax-free: `put_back` tells what has to go back, and by which day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from ketacost.accounts.fsa import HealthFsa
from ketacost.accounts.hsa import Span, put_back_by
from ketacost.core.fields import KetacostError, described, replace
from ketacost.core.money import Cents, dollars, part_of, shown
from ketacost.core.references import parameter

Kind = Literal["assistance", "hra", "fsa", "hsa", "loan", "cash"]
ORDER: tuple[Kind, ...] = ("assistance", "hra", "fsa", "hsa", "loan", "cash")
"""The order that loses least: other people's money, then what expires, then what keeps, then what costs, then cash."""

TAX_FREE: tuple[Kind, ...] = ("hsa", "fsa", "hra")
"""Money that was never taxed and pays medical expenses only; what has to go back goes back in this order."""


class FundingError(KetacostError):
    """A part that cannot be funded as told; the message says why."""


@dataclass(frozen=True)
class Part:
    """One dated part of what the patient pays."""

    day: date = described("Day of service", "The day on which it was done, which decides which account may pay.")
    amount: Cents = described("Amount", "What the patient owes for it.")
    medical: Literal["qualified", "with a letter", "not qualified"] = described(
        "Medical expense", "Whether it is medical care, is with a letter of medical necessity, or is not.", "qualified"
    )

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise FundingError(f"a part of what a patient pays cannot be negative, got {dollars(self.amount)}")


@dataclass(frozen=True)
class FundingSource:
    """Money that can pay: whose it is, how much, and for the expenses of which days."""

    name: str = described("Name", "What people call it.")
    kind: Kind = described("Kind", "Assistance, hra, fsa, hsa, loan or cash.")
    amount: Cents = described("Amount", "What it can pay in all.")
    days: Span | None = described("Days", "The days of service it may pay for; None for any.", None)
    expires: date | None = described("Expires", "The day after which what is left is lost; None for never.", None)
    limited: bool = described("Limited purpose", "Whether it pays dental, vision and preventive care only.", False)

    def __post_init__(self) -> None:
        if self.kind not in ORDER:
            raise FundingError(f"{self.kind!r} is no kind of money; these are: {', '.join(ORDER)}")
        if self.amount < 0:
            raise FundingError(f"{self.name} cannot hold less than nothing, got {dollars(self.amount)}")

    replace = replace


class Paid(NamedTuple):
    """What one purse pays of a part, in cents."""

    purse: str
    kind: Kind
    amount: int


@dataclass(frozen=True)
class Funded:
    """One part with what each purse pays of it. One that does not add up to the cent cannot be made."""

    part: Part
    paid: tuple[Paid, ...]
    note: str = ""

    def __post_init__(self) -> None:
        if (total := sum(one.amount for one in self.paid)) != self.part.amount or any(p.amount < 0 for p in self.paid):
            told = f"owed {dollars(self.part.amount)}, funded {dollars(total)}"
            raise FundingError(f"the funding of {self.part.day} does not balance: {told}")

    def by(self, *kinds: Kind) -> int:
        """What these kinds of money pay of it, in cents."""
        return sum(one.amount for one in self.paid if one.kind in kinds)


class Repayment(NamedTuple):
    """What the plan pays back later for a part, by the part's place: the day it comes, and cents."""

    part: int
    day: date
    amount: int


class PutBack(NamedTuple):
    """Money that has to go back since the plan paid too: where, how much, by when (None: at once), and how.

    `tax_if_kept` is the additional tax on HSA money that does not go back, beside its income tax.
    """

    part: int
    purse: str
    amount: int
    by: date | None
    tax_if_kept: int
    how: str


def fsa_purse(fsa: HealthFsa, name: str = "health FSA") -> FundingSource:
    """A health FSA as a purse: all of it from its first day, lost after its last."""
    return FundingSource(name, "fsa", fsa.election + fsa.carried_in, fsa.days, fsa.days.last, fsa.limited)


def hsa_source(amount: int, established: date, name: str = "HSA") -> FundingSource:
    """A health savings account as a purse: for expenses from the day it was established, and it never expires.

    `amount` is what will be in it: an expense may be paid back to oneself later, once there is money.
    """
    return FundingSource(name, "hsa", amount, Span(established, date.max))


def fund(
    parts: Sequence[Part], purses: Sequence[FundingSource], *, order: Sequence[Kind] = ORDER, letter: bool = False
) -> tuple[Funded, ...]:
    """Who pays each part, earliest day first, in an order of kinds; of one kind what expires first. Cash pays what is left.

    `letter` tells whether a letter of medical necessity is at hand. The answers stand in the order of the parts. Raises
    FundingError for an order that does not name each kind once.
    """
    if sorted(order) != sorted(ORDER):
        raise FundingError(f"an order names each kind of money once, {', '.join(ORDER)}; got {', '.join(order)}")
    names = [purse.name for purse in purses if purse.name != "cash" or purse.kind != "cash"]
    if len({*names, "cash"}) <= len(names):
        raise FundingError(f"each purse has a name of its own, and only cash is called cash; got {', '.join(names)}")
    queue = sorted(purses, key=lambda purse: (order.index(purse.kind), purse.expires or date.max))
    left = [purse.amount for purse in queue]
    found: dict[int, Funded] = {}
    for i in sorted(range(len(parts)), key=lambda i: parts[i].day):
        part, owed, paid, notes = parts[i], parts[i].amount, [], []
        for j, purse in enumerate(queue):
            if why_not := why_not_payable(part, purse, letter=letter):
                notes.append(why_not)
                continue
            if amount := min(owed, left[j]):
                paid.append(Paid(purse.name, purse.kind, amount))
                owed, left[j] = owed - amount, left[j] - amount
        if owed:
            paid.append(Paid("cash", "cash", owed))
        found[i] = Funded(part, tuple(paid), "; ".join(notes))
    return tuple(found[i] for i in range(len(parts)))


def why_not_payable(part: Part, purse: FundingSource, *, letter: bool = False) -> str:
    """Why a purse may not pay a part, in a sentence; "" where it may."""
    if purse.kind in TAX_FREE:
        if part.medical == "not qualified":
            return f"{purse.name} pays medical care only"
        if part.medical == "with a letter" and not letter:
            return f"{purse.name} pays this with a letter of medical necessity"
    if purse.limited:
        return f"{purse.name} pays dental, vision and preventive care only"
    if purse.days and not purse.days.holds(part.day):
        if purse.kind == "hsa" and part.day < purse.days.first:
            return f"the expense of {part.day} came before {purse.name} was established on {purse.days.first}"
        return f"{purse.name} does not pay for {part.day}"
    return ""


def put_back(funded: Sequence[Funded], repayments: Sequence[Repayment]) -> tuple[PutBack, ...]:
    """What has to go back when the plan pays later: of each part no more may stay tax-free than the patient's own cost.

    The plan's money first takes the place of cash and loan. HSA money paid by mistake goes back by a day of the next year
    (Notice 2004-50, answer 37), where the bank takes it; FSA and HRA money by the administrator's steps (demand for
    repayment, or set off against a later claim). Raises FundingError where the plan would pay back more than was owed.
    """
    kept = [{one.purse: one.amount for one in reversed(part.paid)} for part in funded]
    kinds = [{one.purse: one.kind for one in part.paid} for part in funded]
    repaid, found = [0] * len(funded), []
    for back in sorted(repayments, key=lambda back: back.day):
        i, part = back.part, funded[back.part].part
        repaid[i] += back.amount
        if back.amount < 0 or repaid[i] > part.amount:
            raise FundingError(f"the plan pays back {dollars(repaid[i])} of {dollars(part.amount)} owed for {part.day}")
        others = sum(kept[i][name] for name, kind in kinds[i].items() if kind in (*TAX_FREE, "assistance"))
        over = max(others + repaid[i] - part.amount, 0)
        for kind in (*TAX_FREE, "assistance"):
            for name in [name for name, its in kinds[i].items() if its == kind]:
                if amount := min(over, kept[i][name]):
                    over, kept[i][name] = over - amount, kept[i][name] - amount
                    found.append(_put_back(i, name, kind, amount, back.day))
    return tuple(found)


def _put_back(part: int, name: str, kind: str, amount: int, day: date) -> PutBack:
    if kind == "hsa":
        by, tax = put_back_by(day.year), part_of(amount, parameter("hsa.other_use_tax").on(day))
        how = f"Return {shown(amount)} to {name} by {by} as a mistaken distribution; ask the bank whether it takes it."
        return PutBack(part, name, amount, by, tax, how)
    if kind == "assistance":
        return PutBack(
            part, name, amount, None, 0, f"Tell {name} that the plan paid; it may ask for {shown(amount)} back."
        )
    how = f"Tell the administrator of {name}: {shown(amount)} is repaid or set off against a later claim."
    return PutBack(part, name, amount, None, 0, how)
