"""What tables of many patients need beside the standard library: numpy, pandas and pyarrow, loaded on first use."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ketacost.core.fields import KetacostError

__all__ = ["csv", "needed", "np", "pa", "parquet", "pc", "pd"]


class Later:
    """A module that is loaded when something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self._name), name)
        setattr(self, name, value)
        return value


if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv, parquet
else:
    np, pd, pa = Later("numpy"), Later("pandas"), Later("pyarrow")
    pc, csv, parquet = Later("pyarrow.compute"), Later("pyarrow.csv"), Later("pyarrow.parquet")


def needed(*names: str) -> None:
    """Ask for the packages that cohorts need. Raises KetacostError with the way to install those that are not there."""
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise KetacostError(
            f"cohorts need {' and '.join(missing)}, which plain ketacost does not install: pip install "
            "'ketacost[cohorts]'"
        )
