"""What it costs to pay later: a loan with fixed payments, a promotion whose interest comes back, and both their fees.

Money is whole cents, rates are basis points a year, a month is a twelfth of a year. Each month's interest is rounded once,
and the last payment is what is left: payments = amount + interest, to the cent. Offers are rows of `data/programs.csv`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple

from ketacost.core.fields import KetacostError, described, replace, unknown
from ketacost.core.money import WHOLE, Cents, Share, percent, share, shown, whole_cents
from ketacost.core.references import Citation, rows, source


class LendingError(KetacostError):
    """A loan that cannot be, or one that its payments never pay off; the message says why."""


class Payment(NamedTuple):
    """One month of a loan, in cents: paid = interest + principal, and what is still owed after it."""

    month: int
    paid: int
    interest: int
    principal: int
    owed: int


class Cost(NamedTuple):
    """What borrowing comes to, in cents: total = amount + interest + fee."""

    amount: int
    interest: int
    fee: int

    @property
    def total(self) -> int:
        """Everything that is paid."""
        return self.amount + self.interest + self.fee

    def __repr__(self) -> str:
        return f"{shown(self.total)} paid for {shown(self.amount)}: {shown(self.interest)} interest, {shown(self.fee)} fees"


@dataclass(frozen=True)
class Loan:
    """An amount that is paid back in even monthly payments at a yearly rate."""

    amount: Cents = described("Amount", "What is borrowed.")
    apr: Share = described(
        "Rate", "The yearly rate (APR), of which a twelfth is taken each month on what is still owed."
    )
    months: int = described("Months", "In how many monthly payments it is paid back.")
    fee: Cents = described("Fee", "What is charged once for lending, beside the interest.", 0)

    def __post_init__(self) -> None:
        if self.amount < 0 or self.fee < 0 or not 0 <= self.apr <= WHOLE or self.months < 1:
            raise LendingError(
                "a loan has an amount and a fee of at least 0, a rate from 0 to 100% and at least one month"
            )

    replace = replace


@dataclass(frozen=True)
class Promotion:
    """No interest when all is paid within the months; otherwise it is charged back to the day of purchase (deferred interest)."""

    amount: Cents = described("Amount", "What is bought on the promotion.")
    apr: Share = described("Rate", "The yearly rate that is charged back.")
    months: int = described("Months", "In how many months all has to be paid.")
    interest_on: Literal["original amount", "what was owed"] = described(
        "Interest on",
        "Whether interest is charged back on the original amount or on what was still owed each month; ask the lender.",
        "original amount",
    )
    fee: Cents = described("Fee", "What is charged once, such as for a payment that came late.", 0)

    def __post_init__(self) -> None:
        Loan(self.amount, self.apr, self.months, self.fee)

    replace = replace


class Ended(NamedTuple):
    """How a promotion ended, in cents: the interest charged back (0 when all was paid in time), and what is then owed."""

    interest: int
    owed: int


def payment(loan: Loan) -> int:
    """The even monthly payment of a loan, in cents, rounded half-up; the last one takes what rounding leaves.

    >>> payment(Loan(120_000, 0, 12))
    10000
    """
    rate = Fraction(loan.apr, 12 * WHOLE)
    if not rate:
        return whole_cents(Fraction(loan.amount, loan.months))
    return whole_cents(loan.amount * rate / (1 - (1 + rate) ** -loan.months))


def schedule(loan: Loan) -> tuple[Payment, ...]:
    """A loan month by month, to the cent: the last payment is what is left with its interest."""
    each, owed, found = payment(loan), loan.amount, []
    for month in range(1, loan.months + 1):
        interest = monthly_interest(owed, loan.apr)
        paid = owed + interest if month == loan.months else min(each, owed + interest)
        owed += interest - paid
        found.append(Payment(month, paid, interest, paid - interest, owed))
    return tuple(found)


def cost(loan: Loan) -> Cost:
    """What a loan comes to: the amount, its interest and its fee."""
    return Cost(loan.amount, sum(month.interest for month in schedule(loan)), loan.fee)


def monthly_interest(owed: int, apr: int) -> int:
    """A month's interest on what is owed, in cents, rounded half-up."""
    return whole_cents(Fraction(owed * apr, 12 * WHOLE))


def end_promotion(promotion: Promotion, payments: Sequence[int]) -> Ended:
    """How a promotion ends after its monthly payments (cents, one a month, the rest 0).

    One cent left over brings the interest of all its months back. Interest is not charged on interest here. Raises
    LendingError for more payments than months, or for more than is owed.
    """
    if len(payments) > promotion.months or min(payments, default=0) < 0 or sum(payments) > promotion.amount:
        told = f"{len(payments)} payments of {shown(sum(payments))} in all"
        raise LendingError(
            f"a promotion takes up to {promotion.months} payments and {shown(promotion.amount)}, got {told}"
        )
    left = promotion.amount - sum(payments)
    if not left:
        return Ended(0, 0)
    monthly = [*payments, *[0] * (promotion.months - len(payments))]
    owed = [promotion.amount - sum(monthly[:month]) for month in range(promotion.months)]
    bases = owed if promotion.interest_on == "what was owed" else [promotion.amount] * promotion.months
    interest = whole_cents(Fraction(sum(bases) * promotion.apr, 12 * WHOLE))
    return Ended(interest, left + interest)


def promotion_cost(promotion: Promotion, payments: Sequence[int], *, then_months: int = 1) -> Cost:
    """What a promotion comes to: its payments, and what is left with the interest charged back, paid off in so many months
    at its rate."""
    ended = end_promotion(promotion, payments)
    after = cost(Loan(ended.owed, promotion.apr, then_months)).interest
    return Cost(promotion.amount, ended.interest + after, promotion.fee)


def least_even_payment(promotion: Promotion) -> int:
    """The even monthly payment that just avoids the interest, in cents, rounded up."""
    return -(-promotion.amount // promotion.months)


def offered_rate(program: str) -> tuple[int, Citation]:
    """The yearly rate of an offer in `data/programs.csv`, by its id, with its sources.

    Raises UnknownName for a row that is not there, LendingError for one that states no rate.
    """
    offers = {row["id"]: row for row in rows("programs")}
    if program not in offers:
        raise unknown("program", program, offers)
    row = offers[program]
    if row["unit"] != "APR":
        raise LendingError(f"{row['item']} ({program}) states no yearly rate")
    rate = share(row["value"], what="the rate of a program")
    return rate, Citation(row["item"], percent(rate), "a year", source(row["source"]), row["limits"], row["grade"])


class PayingError(KetacostError):
    """A way of paying that cannot be; the message says why."""


@dataclass(frozen=True)
class Paying:
    """How the patient's part is paid, beside tax-free accounts: what others give, what is paid ahead, what is borrowed."""

    assistance: Cents = described(
        "Assistance", "What a foundation, a program or the clinic's own fund pays of the patient's part.", 0
    )
    rebate: Cents = described("Rebate", "What a maker or the clinic sends back after the patient paid.", 0)
    rebate_days: int = described("Rebate comes after (days)", "The days from the last visit to the rebate.", 60)
    deposit: Cents = described(
        "Deposit", "What the clinic asks for when the course is booked; it counts toward the first visits.", 0
    )
    deposit_days: int = described("Deposit due (days before)", "How many days before the first visit it is paid.", 14)
    loan: Loan | None = described("Loan", "What is borrowed for the patient's part, paid back monthly.", None)
    pay_days: int = described("Pay days a year", "How many times a year the employer pays: 12, 24, 26 or 52.", 26)
    superbills_every: int = described(
        "Superbills sent every (days)", "How often the patient sends the bills to the plan; 0 for after each visit.", 30
    )
    filing_fee: Share = described("Filing service's share", "What a filing service keeps of each payment.", 0)

    def __post_init__(self) -> None:
        if min(self.assistance, self.rebate, self.deposit) < 0:
            raise PayingError("assistance, rebate and deposit cannot be negative")
        if min(self.rebate_days, self.deposit_days, self.superbills_every) < 0:
            raise PayingError("days cannot be negative; give 0 for the same day")
        if not 1 <= self.pay_days <= 366:
            raise PayingError(f"an employer pays between 1 and 366 times a year, got {self.pay_days}")
        if not 0 <= self.filing_fee <= WHOLE:
            raise PayingError("a filing service keeps between 0 and 100% of a payment")

    replace = replace


@dataclass(frozen=True)
class Call:
    """One call to the insurer, as a line of the call log: when, about what, under which reference, and what was said."""

    day: date = described("Day of the call", "When the insurer was called.")
    about: str = described("About", "The entry that was asked about, by its path.")
    answer: str = described("Answer", "What the insurer said, in its words or as a value.", "")
    reference: str = described("Reference number", "The insurer's reference number of the call.", "")
