"""The cost of paying later: loans with fixed payments, promotions with deferred interest, and their fees.

Money is whole cents, rates are basis points a year, a month is a twelfth of a year. Each month's interest is rounded
once, and the last payment is the rest: payments = amount + interest, to the cent. Offers are rows of
`data/programs.csv`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Literal, NamedTuple

from ketacost.core.fields import KetacostError, described, named, replace, require, within
from ketacost.core.money import WHOLE, Cents, Share, percent, share, shown, usd, whole_cents
from ketacost.core.references import Citation, rows, source
from ketacost.model.protocols import protocols

MOST_MONTHS, MOST_DAYS = 600, 1_830
"""The most months of a loan, and days between a payment or a bill and its visit."""


class LendingError(KetacostError):
    """Impossible terms or payments of a loan, a promotion or another way of paying later; the message says why."""


class LoanPayment(NamedTuple):
    """One month of a loan, in cents: paid = interest + principal, and the debt after it."""

    month: int
    paid: int
    interest: int
    principal: int
    owed: int


class BorrowingCost(NamedTuple):
    """The cost of borrowing, in cents: total = amount + interest + fee."""

    amount: int
    interest: int
    fee: int

    @property
    def total(self) -> int:
        """All payments together, in cents."""
        return self.amount + self.interest + self.fee

    def __repr__(self) -> str:
        extra = f"{shown(self.interest)} interest and {shown(self.fee)} in fees"
        return f"{shown(self.total)} to pay back {shown(self.amount)}: {extra}"


@dataclass(frozen=True)
class Loan:
    """An amount paid back in even monthly payments at a yearly rate."""

    amount: Cents = described("Amount", "The amount that is borrowed, in dollars.")
    apr: Share = described("Rate", "The yearly rate (APR): each month adds a twelfth of it on what is still owed.")
    months: int = described("Months", "The number of months, each with one payment.")
    fee: Cents = described("Fee", "The dollars charged once for lending, besides the interest.", 0)

    def __post_init__(self) -> None:
        if self.amount < 0 or self.fee < 0 or not 0 <= self.apr <= WHOLE or not 1 <= self.months <= MOST_MONTHS:
            terms = f"a rate from 0 to 100% and 1 to {MOST_MONTHS} months"
            raise LendingError(f"a loan has an amount and a fee of at least 0, {terms}")

    replace = replace


@dataclass(frozen=True)
class Promotion:
    """Deferred interest: none if all is paid within the months; otherwise it is charged from the day of purchase."""

    amount: Cents = described("Amount", "The amount bought on the promotion, in dollars.")
    apr: Share = described("Rate", "The yearly rate (APR) of the interest that is charged back.")
    months: int = described("Months", "The number of months within which all must be paid.")
    interest_on: Literal["original amount", "what was owed"] = described(
        "Interest on", "Interest on the original amount or on each month's debt; ask the lender.", "original amount"
    )
    fee: Cents = described("Fee", "The dollars charged once, such as for a late payment.", 0)

    def __post_init__(self) -> None:
        Loan(self.amount, self.apr, self.months, self.fee)

    replace = replace


class PromotionEnd(NamedTuple):
    """The end of a promotion, in cents: the interest charged back (0 when all was paid in time), and the debt then."""

    interest: int
    owed: int


def monthly_payment(loan: Loan) -> int:
    """The even monthly payment of a loan, in cents, rounded half-up; the last one takes what rounding leaves.

    >>> monthly_payment(Loan(120_000, 0, 12))
    10000
    """
    rate = Fraction(loan.apr, 12 * WHOLE)
    if not rate:
        return whole_cents(Fraction(loan.amount, loan.months))
    return whole_cents(loan.amount * rate / (1 - (1 + rate) ** -loan.months))


def schedule(loan: Loan) -> tuple[LoanPayment, ...]:
    """The payments of a loan, month by month in cents: the last one is the rest with its interest."""
    each, owed, payments = monthly_payment(loan), loan.amount, []
    for month in range(1, loan.months + 1):
        interest = monthly_interest(owed, loan.apr)
        paid = owed + interest if month == loan.months else min(each, owed + interest)
        owed += interest - paid
        payments.append(LoanPayment(month, paid, interest, paid - interest, owed))
    return tuple(payments)


def loan_cost(loan: Loan) -> BorrowingCost:
    """The cost of a loan, in cents: the amount, its interest and its fee."""
    return BorrowingCost(loan.amount, sum(month.interest for month in schedule(loan)), loan.fee)


def monthly_interest(owed: int, apr: int) -> int:
    """A month's interest on a debt (cents) at a yearly rate (basis points), in cents, rounded half-up."""
    return whole_cents(Fraction(owed * apr, 12 * WHOLE))


def end_promotion(promotion: Promotion, payments: Sequence[int]) -> PromotionEnd:
    """Find how a promotion ends after its monthly payments (cents, one a month, the rest 0).

    One cent left over brings back the interest of all months. Interest is not charged on interest here. Raises
    LendingError for more payments than months, or for more than the amount.
    """
    if len(payments) > promotion.months or any(paid < 0 for paid in payments) or sum(payments) > promotion.amount:
        most = f"{promotion.months} payments and {shown(promotion.amount)}"
        paid = f"{len(payments)} payments of {shown(sum(payments))} in all"
        raise LendingError(f"a promotion takes up to {most}, got {paid}")
    left = promotion.amount - sum(payments)
    if not left:
        return PromotionEnd(0, 0)
    owed = [promotion.amount - sum(payments[:month]) for month in range(promotion.months)]
    bases = owed if promotion.interest_on == "what was owed" else [promotion.amount] * promotion.months
    interest = monthly_interest(sum(bases), promotion.apr)
    return PromotionEnd(interest, left + interest)


def promotion_cost(promotion: Promotion, payments: Sequence[int], *, then_months: int = 1) -> BorrowingCost:
    """The cost of a promotion when the rest, with the deferred interest, is paid off monthly at its rate.

    Payments are cents, one a month.

    >>> promotion_cost(Promotion(120_000, 3_299, 12), [10_000] * 12)
    $1,200.00 to pay back $1,200.00: $0.00 interest and $0.00 in fees
    >>> promotion_cost(Promotion(120_000, 3_299, 12), [10_000] * 11)
    $1,609.51 to pay back $1,200.00: $409.51 interest and $0.00 in fees
    """
    ended = end_promotion(promotion, payments)
    after = loan_cost(Loan(ended.owed, promotion.apr, then_months)).interest
    return BorrowingCost(promotion.amount, ended.interest + after, promotion.fee)


def offered_rate(program: str) -> tuple[int, Citation]:
    """The yearly rate of an offer in `data/programs.csv`, in basis points, with its source.

    Raises UnknownName for an offer that is not there, LendingError for one that states no rate.

    >>> offered_rate("G007")[0]
    3299
    """
    offers = {row["id"]: row for row in rows("programs")}
    row = named("program", program, offers)
    if row["unit"] != "APR":
        raise LendingError(f"{row['item']} ({program}) states no yearly rate")
    rate = share(row["value"], what="the rate of a program")
    return rate, Citation(row["item"], percent(rate), "a year", source(row["source"]), row["limits"], row["grade"])


class HelpTerms(NamedTuple):
    """What a program's own terms admit: services by name, payers by the law they are under, and denied claims or not.

    A maker's program pays what a commercial plan leaves of a claim that the plan covers.
    """

    services: tuple[str, ...]
    laws: tuple[str, ...]
    denied: bool = False


COMMERCIAL = ("aca", "erisa")
"""The laws of commercial plans: individual, marketplace and employer plans."""

_MAKERS_SAVINGS = HelpTerms(("esketamine",), COMMERCIAL)
HELP_TERMS: Mapping[str, HelpTerms] = {
    "spravato savings": _MAKERS_SAVINGS,
    "G001": _MAKERS_SAVINGS,
    "G002": HelpTerms(("observation",), COMMERCIAL),
    "G003": HelpTerms((), ()),
    "G015": _MAKERS_SAVINGS,
}
"""Programs with printed terms: the savings program of Spravato's maker, by name and by its rows of `data/programs.csv`.

It pays for the drug, never for the observation, and only beside commercial insurance: not for Medicare, Medicaid, VA,
TRICARE or other government plans.
"""


def services_helped(program: str, *, law: str, treatment: str) -> tuple[str, ...] | None:
    """The services that a program helps with under a payer's law for a treatment: () for any, None where it helps not.

    A treatment's name stands for help with that treatment alone. A program whose terms are not printed helps with
    anything, and so does help of which no program is said.

    >>> services_helped("spravato savings", law="aca", treatment="spravato")
    ('esketamine',)
    """
    if terms := HELP_TERMS.get(program):
        return terms.services if law in terms.laws else None
    return None if program in protocols() and program != treatment else ()


def helps_denied(program: str) -> bool:
    """Whether a program pays for a claim that the plan denied: not where its printed terms are of covered claims."""
    terms = HELP_TERMS.get(program)
    return terms is None or terms.denied


@cache
def kept_of_help(program: str) -> Cents:
    """What a program leaves the patient of each day's services that it helps with, in cents: $10 of a Spravato dose.

    >>> kept_of_help("spravato savings"), kept_of_help("")
    (1000, 0)
    """
    if HELP_TERMS.get(program) != _MAKERS_SAVINGS:
        return 0
    return usd(row_of_kept()["value_usd"])


def row_of_kept() -> Mapping[str, str]:
    """The row of `data/spravato_savings.csv` that says what the patient pays of a treatment's drug."""
    return next(row for row in rows("spravato_savings") if row["id"] == "V01")


@dataclass(frozen=True)
class Paying:
    """How the patient's part is paid other than from tax-free accounts: assistance, a deposit, a loan."""

    assistance: Cents = described(
        "Assistance", "The dollars that a foundation, a program or the clinic's own fund pays of the patient's part.", 0
    )
    assistance_for: str = described(
        "Assistance from",
        'What the assistance is for: "spravato savings", the id of a program, or a treatment; "" if you did not say. '
        "It counts only for the services and payers that its terms allow.",
        "",
    )
    assistance_counts: Literal["", "counts", "does not count"] = described(
        "Does help count?",
        "Whether what others pay counts toward the deductible and the yearly limit, as state law and the plan decide. "
        "If left out, we consider both.",
        "",
    )
    hra: Cents = described(
        "HRA",
        "The dollars in an employer's reimbursement account (HRA) for the plan year of the first visit. It is not your "
        "money and saves you no tax.",
        0,
    )
    hra_after: Cents = described(
        "HRA pays after", "How many dollars of the bills you pay before the HRA pays; 0 if it pays first.", 0
    )
    hra_share: Share = described("The HRA's share", "The share of each bill that the HRA pays after that.", WHOLE)
    rebate: Cents = described("Rebate", "The dollars that a maker or the clinic sends back after the patient paid.", 0)
    rebate_days: int = described("Rebate comes after (days)", "The days from the last visit to the rebate.", 60)
    deposit: Cents = described(
        "Deposit", "The dollars that the clinic asks for at booking; they count toward the first visits.", 0
    )
    deposit_days: int = described("Deposit due (days before)", "The days from the deposit to the first visit.", 14)
    loan: Loan | None = described("Loan", "The loan for the patient's part, paid back monthly.", None)
    pay_days: int = described("Pay days a year", "The number of pay days a year at the employer: 12, 24, 26 or 52.", 26)
    superbills_every: int = described(
        "Superbills sent every (days)", "Days between the bills you send to the plan; 0 sends one after each visit.", 30
    )
    filing_fee: Share = described("Filing service's share", "The share of each payment that a filing service keeps.", 0)

    def __post_init__(self) -> None:
        if min(self.assistance, self.hra, self.hra_after, self.rebate, self.deposit) < 0:
            raise LendingError("assistance, an HRA, a rebate and a deposit cannot be negative")
        if not 0 <= self.hra_share <= WHOLE:
            raise LendingError("an HRA pays between 0 and 100% of a bill")
        for name in ("rebate_days", "deposit_days", "superbills_every"):
            within(name, getattr(self, name), 0, MOST_DAYS, LendingError)
        if not 1 <= self.pay_days <= 366:
            raise LendingError(f"an employer pays between 1 and 366 times a year, got {self.pay_days}")
        if not 0 <= self.filing_fee <= WHOLE:
            raise LendingError("a filing service keeps between 0 and 100% of a payment")
        if self.assistance_for:
            programs = [row["id"] for row in rows("programs")]
            require("program of assistance", self.assistance_for, [*HELP_TERMS, *programs, *protocols()])

    replace = replace


@dataclass(frozen=True)
class Call:
    """One call to the insurer, as a line of the call log: the day, the subject, the reference and the answer."""

    day: date = described("Day of the call", "The day on which you called the insurer.")
    about: str = described("About", "The entry that you asked about, by its path.")
    answer: str = described("Answer", "The insurer's answer, in its words or as a value.", "")
    reference: str = described("Reference number", "The insurer's reference number for the call.", "")
