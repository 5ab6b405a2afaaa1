"""The files that ship with the package: its assets, the data and the notebooks, in a checkout and in a wheel alike."""

from __future__ import annotations

from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
ASSETS = PACKAGE / "assets"


def asset(name: str) -> str:
    """The text of a file in `ketacost/assets`, by its path there: asset("panel.css")."""
    return (ASSETS / name).read_text(encoding="utf-8")


@cache
def shipped(folder: str) -> Path:
    """A top-level folder that a wheel holds inside the package and a checkout beside it: `data` or `notebooks`."""
    inside = PACKAGE / folder
    return inside if inside.is_dir() else PACKAGE.parent / folder


def data_folder() -> Path:
    """The folder of the data."""
    return shipped("data")
