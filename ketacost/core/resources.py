"""The files that ship with the package: its assets, the data and the notebooks, in a checkout and in a wheel alike."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
ASSETS = PACKAGE / "assets"


def asset(name: str) -> str:
    """The text of a file in `ketacost/assets`, by its path there: asset("panel.css")."""
    return (ASSETS / name).read_text(encoding="utf-8")


PANEL = ("model_html", "requests", "fields", "form", "answer", "windows", "panel")
"""The files of the panel's front end: each uses only those before it."""


@cache
def front_end() -> str:
    """The panel's front end as one ES module, which imports nothing: its view library, then its own files."""
    preact, _, names = asset("view_library/preact/dist/preact.mjs").partition("export{")
    listed = (name.split(" as ") for name in names.partition("}")[0].split(","))
    given = ",".join(f"{public}:{own}" for own, public in listed)
    htm = asset("view_library/htm/dist/htm.mjs").replace("export default ", "return ")
    library = f"const preact=(()=>{{{preact};return{{{given}}}}})(),htm=(()=>{{{htm}}})();\n"
    own = "\n".join(asset(f"panel/{name}.js") for name in PANEL)
    return library + re.sub(r"^import .*\n|^export (?!default)", "", own, flags=re.MULTILINE)


@cache
def shipped(folder: str) -> Path:
    """A top-level folder that a wheel holds inside the package and a checkout beside it: `data` or `notebooks`."""
    inside = PACKAGE / folder
    return inside if inside.is_dir() else PACKAGE.parent / folder


def data_folder() -> Path:
    """The folder of the data."""
    return shipped("data")
