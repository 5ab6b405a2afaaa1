"""Tax-free accounts and borrowing, public as `kc.accounts`: who may fund an HSA and how much, loans and promotions.

`statement` shows what `hsa_months`, `hsa_limit` and `hsa_excess` return.
"""

from ketacost.accounts.hsa import Holder, HsaCoverage, Span
from ketacost.accounts.hsa import excess as hsa_excess
from ketacost.accounts.hsa import limit as hsa_limit
from ketacost.accounts.hsa import months as hsa_months
from ketacost.accounts.loans import Loan, Paying, Promotion, offered_rate, promotion_cost

__all__ = [
    "Holder",
    "HsaCoverage",
    "Loan",
    "Paying",
    "Promotion",
    "Span",
    "hsa_excess",
    "hsa_limit",
    "hsa_months",
    "offered_rate",
    "promotion_cost",
]
