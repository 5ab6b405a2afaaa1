"""Who funds the patient's part: assistance, an employer's account, FSA, HSA, a loan, and cash for what is left.

Money is whole cents. Each part is funded to the cent: amount = assistance + hra + fsa + hsa + loan + cash. A dollar
that the plan pays back later may not stay tax-free: `put_back` says what has to go back, and by which day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from ketacost.accounts.hsa import Span, put_back_by
from ketacost.core.fields import KetacostError, described, replace
from ketacost.core.money import Cents, dollars, part_of, shown
from ketacost.core.references import parameter

FundingKind = Literal["assistance", "hra", "fsa", "hsa", "loan", "cash"]
ORDER: tuple[FundingKind, ...] = ("assistance", "hra", "fsa", "hsa", "loan", "cash")
"""The order that loses least: other people's money, what expires, what keeps, what costs, cash."""

TAX_FREE: tuple[FundingKind, ...] = ("hsa", "fsa", "hra")
"""Money that was never taxed and pays medical expenses only, in the order in which it goes back."""


class FundingError(KetacostError):
    """A part that cannot be funded as asked; the message says why."""


@dataclass(frozen=True)
class PatientPart:
    """One dated part of what the patient pays."""

    day: date = described("Day of service", "The day of the service, which decides which account may pay.")
    amount: Cents = described("Amount", "The dollars that the patient owes for the service.")
    medical: Literal["qualified", "not qualified"] = described(
        "Medical expense", "Whether it is medical care, which such accounts may pay.", "qualified"
    )
    service: str = described("Service", "The service, if assistance pays for only some services.", "")

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise FundingError(f"a part of what a patient pays cannot be negative, got {dollars(self.amount)}")


@dataclass(frozen=True)
class FundingSource:
    """Money that can pay: whose it is, how much, and for the expenses of which days."""

    name: str = described("Name", "The name that people use for the money.")
    kind: FundingKind = described("Kind", "One of assistance, hra, fsa, hsa, loan and cash.")
    amount: Cents = described("Amount", "The dollars that it can pay in all.")
    days: Span | None = described("Days", "The days of service it may pay for; None for any.", None)
    expires: date | None = described("Expires", "The day after which unused money is lost; None for never.", None)
    services: tuple[str, ...] = described("Services", "The services that it pays for; empty for any.", ())

    def __post_init__(self) -> None:
        if self.kind not in ORDER:
            raise FundingError(f"{self.kind!r} is not a kind of money; these are: {', '.join(ORDER)}")
        if self.amount < 0:
            raise FundingError(f"{self.name} cannot hold a negative amount, got {dollars(self.amount)}")

    replace = replace


class SourcePayment(NamedTuple):
    """The cents that one source pays of a part."""

    source: str
    kind: FundingKind
    amount: int


@dataclass(frozen=True)
class FundedPart:
    """One part and what each source pays of it; it always adds up to the cent."""

    part: PatientPart
    paid: tuple[SourcePayment, ...]
    note: str = ""

    def __post_init__(self) -> None:
        amounts = [payment.amount for payment in self.paid]
        if sum(amounts) != self.part.amount or any(amount < 0 for amount in amounts):
            difference = f"owed {dollars(self.part.amount)}, funded {dollars(sum(amounts))}"
            raise FundingError(f"the funding of {self.part.day} does not balance: {difference}")

    def by(self, *kinds: FundingKind) -> int:
        """The cents that these kinds of money pay of the part."""
        return sum(payment.amount for payment in self.paid if payment.kind in kinds)


class Repayment(NamedTuple):
    """A later payment of the plan for a part, by the part's place: its day, and cents."""

    part: int
    day: date
    amount: int


class MoneyToReturn(NamedTuple):
    """Money that has to go back because the plan paid too: where, how many cents, by when (None: at once), and how.

    `tax_if_kept` is the additional tax on HSA money that does not go back, besides its income tax.
    """

    part: int
    source: str
    amount: int
    by: date | None
    tax_if_kept: int
    how: str


def hsa_source(amount: int, established: date) -> FundingSource:
    """A health savings account as a source: for expenses from the day it was established, and it never expires.

    `amount` is what will be in it: an expense may be paid back to oneself later, once there is money.
    """
    return FundingSource("HSA", "hsa", amount, Span(established, date.max))


def fund(
    parts: Sequence[PatientPart], sources: Sequence[FundingSource], *, order: Sequence[FundingKind] = ORDER
) -> tuple[FundedPart, ...]:
    """Find who pays each part: earliest day first, by kind, then what expires first; cash pays what is left.

    The answers keep the order of the parts. Raises FundingError for an order that does not name each kind once, and for
    two sources of one name.
    """
    if sorted(order) != sorted(ORDER):
        raise FundingError(f"an order names each kind of money once, {', '.join(ORDER)}; got {', '.join(order)}")
    names = [source.name for source in sources if source.name != "cash" or source.kind != "cash"]
    if len({*names, "cash"}) <= len(names):
        raise FundingError(f"each source needs its own name, and only cash is called cash; got {', '.join(names)}")
    queue = in_turn(sources, order)
    left = [source.amount for source in queue]
    funded: dict[int, FundedPart] = {}
    for i in sorted(range(len(parts)), key=lambda i: parts[i].day):
        part = parts[i]
        why_not = [why_not_payable(part, source) for source in queue]
        drawn = draw(part.amount, [j for j, why in enumerate(why_not) if not why], left)
        paid = [SourcePayment(queue[j].name, queue[j].kind, cents) for j, cents in drawn]
        if cash := part.amount - sum(cents for _, cents in drawn):
            paid.append(SourcePayment("cash", "cash", cash))
        funded[i] = FundedPart(part, tuple(paid), "; ".join(filter(None, why_not)))
    return tuple(funded[i] for i in range(len(parts)))


def in_turn(sources: Iterable[FundingSource], order: Sequence[FundingKind] = ORDER) -> list[FundingSource]:
    """Sources in the order in which they pay: by kind, then what expires first."""
    return sorted(sources, key=lambda source: (order.index(source.kind), source.expires or date.max))


def draw(owed: int, may: Iterable[int], left: list[int]) -> list[tuple[int, int]]:
    """Take cents from the sources that may pay them, in turn: the place of each that pays, and what it pays.

    Each takes all it can; `left`, what the sources hold by their places, is less by it afterwards.
    """
    drawn = []
    for place in may:
        if owed and left[place]:
            cents = min(owed, left[place])
            drawn.append((place, cents))
            owed -= cents
            left[place] -= cents
    return drawn


def why_not_payable(part: PatientPart, source: FundingSource) -> str:
    """Why a source may not pay a part, in a sentence; "" where it may."""
    if source.kind in TAX_FREE and part.medical == "not qualified":
        return f"{source.name} pays medical care only"
    if source.services and part.service not in source.services:
        return f"{source.name} pays for {' and '.join(source.services)} only"
    if source.days and not source.days.holds(part.day):
        if source.kind == "hsa" and part.day < source.days.first:
            return f"the expense of {part.day} came before {source.name} was established on {source.days.first}"
        return f"{source.name} does not pay for {part.day}"
    return ""


def put_back(funded: Sequence[FundedPart], repayments: Sequence[Repayment]) -> tuple[MoneyToReturn, ...]:
    """Find what has to go back when the plan pays later: only the patient's own cost of a part may stay tax-free.

    The plan's money first replaces cash and loan. HSA money paid by mistake goes back by a day of the next year (Notice
    2004-50, answer 37), where the bank takes it; FSA and HRA money by the administrator's steps (demand for repayment,
    or set off against a later claim). Raises FundingError where the plan would pay back more than was owed.
    """
    kept = [{payment.source: payment.amount for payment in reversed(part.paid)} for part in funded]
    kinds = [{payment.source: payment.kind for payment in part.paid} for part in funded]
    repaid, returns = [0] * len(funded), []
    for back in sorted(repayments, key=lambda back: back.day):
        i, part = back.part, funded[back.part].part
        repaid[i] += back.amount
        if back.amount < 0 or repaid[i] > part.amount:
            raise FundingError(f"the plan pays back {dollars(repaid[i])} of {dollars(part.amount)} owed for {part.day}")
        others = sum(kept[i][name] for name, kind in kinds[i].items() if kind in (*TAX_FREE, "assistance"))
        over = max(others + repaid[i] - part.amount, 0)
        for kind in (*TAX_FREE, "assistance"):
            for name in [name for name, of_kind in kinds[i].items() if of_kind == kind]:
                if amount := min(over, kept[i][name]):
                    over, kept[i][name] = over - amount, kept[i][name] - amount
                    returns.append(_put_back(i, name, kind, amount, back.day))
    return tuple(returns)


def _put_back(part: int, name: str, kind: str, amount: int, day: date) -> MoneyToReturn:
    if kind == "hsa":
        by, tax = put_back_by(day.year), part_of(amount, parameter("hsa.other_use_tax").on(day))
        how = f"Return {shown(amount)} to {name} by {by} as a mistaken distribution; ask the bank whether it takes it."
        return MoneyToReturn(part, name, amount, by, tax, how)
    how = f"Tell the administrator of {name}: {shown(amount)} is repaid or set off against a later claim."
    if kind == "assistance":
        how = f"Tell {name} that the plan paid; it may ask for {shown(amount)} back."
    return MoneyToReturn(part, name, amount, None, 0, how)
