"""Accounts, tax saved and borrowing, public as `kc.accounts`: who may fund an HSA, how much, loans and promotions.

Each name is loaded on first use. `statement` shows what `hsa_months`, `hsa_limit` and `hsa_excess` return.
"""

_HOMES = {
    "Holder": "accounts.hsa.Holder",
    "HsaCoverage": "accounts.hsa.HsaCoverage",
    "Loan": "accounts.loans.Loan",
    "OnHand": "accounts.contributions.OnHand",
    "Paying": "accounts.loans.Paying",
    "Promotion": "accounts.loans.Promotion",
    "Span": "accounts.hsa.Span",
    "hsa_excess": "accounts.hsa.excess",
    "hsa_limit": "accounts.hsa.limit",
    "hsa_months": "accounts.hsa.months",
    "medical_deduction": "taxes.federal.medical_deduction",
    "offered_rate": "accounts.loans.offered_rate",
    "promotion_cost": "accounts.loans.promotion_cost",
    "saving": "taxes.savings.saving",
}
"""The public names by what holds them; `__init__.pyi` says the same to editors and type checkers."""

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    """A public name, from the module that holds it; it stays here from then on."""
    if name not in _HOMES:
        raise AttributeError(f"module 'ketacost.accounts' has no attribute {name!r}")
    from importlib import import_module

    module, _, held = _HOMES[name].rpartition(".")
    value = globals()[name] = getattr(import_module(f"ketacost.{module}"), held)
    return value


def __dir__() -> list[str]:
    return __all__
