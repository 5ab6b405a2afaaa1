"""The public names for editors and type checkers: the table of `__init__.py`, written once more."""

from ketacost.accounts.contributions import OnHand
from ketacost.accounts.hsa import Holder, HsaCoverage, Span
from ketacost.accounts.hsa import excess as hsa_excess
from ketacost.accounts.hsa import limit as hsa_limit
from ketacost.accounts.hsa import months as hsa_months
from ketacost.accounts.loans import Loan, Paying, Promotion, offered_rate, promotion_cost
from ketacost.taxes.federal import medical_deduction
from ketacost.taxes.savings import saving

__all__ = [
    "Holder",
    "HsaCoverage",
    "Loan",
    "OnHand",
    "Paying",
    "Promotion",
    "Span",
    "hsa_excess",
    "hsa_limit",
    "hsa_months",
    "medical_deduction",
    "offered_rate",
    "promotion_cost",
    "saving",
]
