"""Tax-free accounts and borrowing, public as `kc.accounts`: who may fund an HSA, how much, loans and promotions.

Each name is loaded on first use. `statement` shows what `hsa_months`, `hsa_limit` and `hsa_excess` return.
"""

from typing import Any

_HOMES = {
    "Holder": "hsa.Holder",
    "HsaCoverage": "hsa.HsaCoverage",
    "Loan": "loans.Loan",
    "Paying": "loans.Paying",
    "Promotion": "loans.Promotion",
    "Span": "hsa.Span",
    "hsa_excess": "hsa.excess",
    "hsa_limit": "hsa.limit",
    "hsa_months": "hsa.months",
    "offered_rate": "loans.offered_rate",
    "promotion_cost": "loans.promotion_cost",
}
"""The public names by what holds them; `__init__.pyi` says the same to editors and type checkers."""

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """A public name, from the module that holds it; it stays here from then on."""
    if name not in _HOMES:
        raise AttributeError(f"module 'ketacost.accounts' has no attribute {name!r}")
    from importlib import import_module

    module, _, held = _HOMES[name].partition(".")
    value = globals()[name] = getattr(import_module(f"ketacost.accounts.{module}"), held)
    return value


def __dir__() -> list[str]:
    return __all__
