"""How the patient's part is paid, and when: assistance, deposits, rebates, a loan, pay days, how often superbills are sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ketacost.accounts.loans import Loan
from ketacost.core.fields import KetacostError, but, said
from ketacost.core.money import WHOLE, Cents, Share


class PayingError(KetacostError):
    """A way of paying that cannot be; the message says why."""


@dataclass(frozen=True)
class Paying:
    """How the patient's part is paid, beside tax-free accounts: what others give, what is paid ahead, what is borrowed."""

    assistance: Cents = said(
        "Assistance", "What a foundation, a program or the clinic's own fund pays of the patient's part.", 0
    )
    rebate: Cents = said("Rebate", "What a maker or the clinic sends back after the patient paid.", 0)
    rebate_days: int = said("Rebate comes after (days)", "The days from the last visit to the rebate.", 60)
    deposit: Cents = said(
        "Deposit", "What the clinic asks for when the course is booked; it counts toward the first visits.", 0
    )
    deposit_days: int = said("Deposit due (days before)", "How many days before the first visit it is paid.", 14)
    loan: Loan | None = said("Loan", "What is borrowed for the patient's part, paid back monthly.", None)
    pay_days: int = said("Pay days a year", "How many times a year the employer pays: 12, 24, 26 or 52.", 26)
    superbills_every: int = said(
        "Superbills sent every (days)", "How often the patient sends the bills to the plan; 0 for after each visit.", 30
    )
    filing_fee: Share = said("Filing service's share", "What a filing service keeps of each payment.", 0)

    def __post_init__(self) -> None:
        if min(self.assistance, self.rebate, self.deposit) < 0:
            raise PayingError("assistance, rebate and deposit cannot be negative")
        if min(self.rebate_days, self.deposit_days, self.superbills_every) < 0:
            raise PayingError("days cannot be negative; give 0 for the same day")
        if not 1 <= self.pay_days <= 366:
            raise PayingError(f"an employer pays between 1 and 366 times a year, got {self.pay_days}")
        if not 0 <= self.filing_fee <= WHOLE:
            raise PayingError("a filing service keeps between 0 and 100% of a payment")

    but = but


@dataclass(frozen=True)
class Call:
    """One call to the insurer, as a line of the call log: when, about what, under which reference, and what was said."""

    day: date = said("Day of the call", "When the insurer was called.")
    about: str = said("About", "The entry that was asked about, by its path.")
    answer: str = said("Answer", "What the insurer said, in its words or as a value.", "")
    reference: str = said("Reference number", "The insurer's reference number of the call.", "")
