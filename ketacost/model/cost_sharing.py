"""THE RULE: what happens to one claim line, in the booklet's order.

A plain function of ints that reads like the benefit booklet: called as Python it serves one patient exactly, and the
same source compiles for a population. It knows no dates, names or files; `walk` takes it over the lines of a year.
"""

from __future__ import annotations

from typing import NamedTuple

from ketacost.core.money import part_of

UNLIMITED = 1 << 60
"""An amount that never runs out, for a limit that a plan does not have."""

NO_BOUNDS = -1
"""What stands for the share of a visit where a benefit has neither a least nor a most."""


class Terms(NamedTuple):
    """One benefit's terms for one line, as ints: cents, basis points and 0 or 1.

    `unusual_share` is 1 where the coinsurance is of more than what is left, or has a least or a most for a visit.
    """

    copay: int
    copay_first: int
    copay_fills_deductible: int
    coinsurance: int
    coinsurance_on_copay: int
    coinsurance_on_deductible: int
    deductible_counts: int
    copay_counts: int
    coinsurance_counts: int
    excess: int
    excess_paid_by_plan: int
    unusual_share: int = 0
    coinsurance_least: int = 0
    coinsurance_most: int = UNLIMITED


class Left(NamedTuple):
    """What is left before this line, in cents: of the deductible (0 where it does not apply) and of the two limits.

    `copay_taken` is what earlier lines of the visit have taken of its copay. `share` is the coinsurance due where the
    benefit has a least or a most for a visit (`walk.bounded_share`), else NO_BOUNDS.
    """

    deductible: int
    limit: int
    coinsurance: int
    copay_taken: int = 0
    share: int = NO_BOUNDS


class Split(NamedTuple):
    """Where every cent of a charge goes. Their sum is the charge."""

    balance_bill: int
    write_off: int
    copay: int
    deductible: int
    coinsurance: int
    plan_pays: int

    @property
    def you_pay(self) -> int:
        """The patient's part: copay, deductible, coinsurance and what the plan does not count."""
        return self.balance_bill + self.copay + self.deductible + self.coinsurance


def split(charge: int, allowed: int, covered: int, terms: Terms, left: Left) -> Split:
    """What happens to one claim line, in the booklet's order. All amounts in cents; the parts add up to the charge."""
    if not covered:
        # "You pay all charges for services that are not covered"; nothing counts to deductible or limit.
        return Split(charge, 0, 0, 0, 0, 0)
    # "We base payment on the maximum allowed amount, or on the charge if that is less."
    counted = min(charge, allowed)
    # "Out-of-network providers may bill you for the rest"; in network, or above a limiting charge, it is written off.
    excess = charge - counted
    billable = excess if terms.excess < 0 else min(excess, part_of(counted, terms.excess))
    rest = counted
    # "A copay is a fixed amount for each visit", never more than what is left of the bill.
    copay_due = max(terms.copay - left.copay_taken, 0)
    copay_before = min(copay_due, rest) if terms.copay_first else 0
    rest -= copay_before
    # "You pay the deductible before the plan begins to pay."
    filled = copay_before if terms.copay_fills_deductible else 0
    deductible = min(rest, max(left.deductible - filled, 0))
    rest -= deductible
    copay_after = 0 if terms.copay_first else min(copay_due, rest)
    rest -= copay_after
    copay = copay_before + copay_after
    # "Coinsurance is your share of the allowed amount", up to a limit on coinsurance where there is one.
    if terms.unusual_share:
        base = rest + copay * terms.coinsurance_on_copay + deductible * terms.coinsurance_on_deductible
        share = part_of(base, terms.coinsurance) if left.share < 0 else left.share
    else:
        share = part_of(rest, terms.coinsurance)
    coinsurance = min(share, rest, left.coinsurance)
    # "Once you reach your out-of-pocket limit, the plan pays the rest": it cuts coinsurance, then copay, then
    # deductible.
    counts = deductible * terms.deductible_counts + copay * terms.copay_counts + coinsurance * terms.coinsurance_counts
    beyond = counts - left.limit
    if beyond > 0:
        cut = min(coinsurance * terms.coinsurance_counts, beyond)
        coinsurance -= cut
        beyond -= cut
        cut = min(copay * terms.copay_counts, beyond)
        copay -= cut
        beyond -= cut
        deductible -= min(deductible * terms.deductible_counts, beyond)
    # "The plan pays the rest" of what it counts; some supplements pay the excess too.
    plan_pays = counted - copay - deductible - coinsurance
    if terms.excess_paid_by_plan:
        return Split(0, excess - billable, copay, deductible, coinsurance, plan_pays + billable)
    return Split(billable, excess - billable, copay, deductible, coinsurance, plan_pays)
