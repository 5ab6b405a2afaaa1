"""What this package needs: licenses and an SBOM of what is installed, and tests with the oldest and the newest versions.

    python tools/dependencies.py              write the tables of docs/dependencies.md
    python tools/dependencies.py --sbom FILE  write an SBOM (CycloneDX 1.5, JSON) of what is installed
    python tools/dependencies.py --oldest     install the lower bounds of pyproject.toml elsewhere, and test with them
    python tools/dependencies.py --newest     the same with the newest that the bounds allow

The last two need `uv` and a package index. They run the tests that meet other packages, not all.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "dependencies.md"
BEGIN, END = "<!-- written by tools/dependencies.py -->", "<!-- end -->"
TESTS = ("files", "sharing/test_share.py", "reports/test_spreadsheet.py", "test_cli.py", "jupyter", "core")
TESTS += ("analysis/test_cohorts.py", "workbench/test_session.py", "privacy")
NAME = re.compile(r"[A-Za-z0-9._-]+")
WHY = {
    "anywidget": "the panel in notebooks",
    "beautifulsoup4": "reading and cleaning the HTML of what is shared",
    "distributed": "cohorts on several machines",
    "ipywidgets": "what the panel and `panel.follow` are drawn with",
    "jinja2": "the template of a shared page",
    "jupyterlab": "`ketacost lab`, and running notebooks",
    "markupsafe": "text in HTML, escaped",
    "mistune": "Markdown cells of a shared page",
    "nbconvert": "reading, running and converting notebooks",
    "nh3": "only harmless HTML in a shared page",
    "numba": "the rule compiled for cohorts",
    "numpy": "columns of cohorts",
    "openpyxl": "XLSX files, read and written",
    "pandas": "frames",
    "pillow": "pictures of a notebook without what they say of their maker",
    "plotly": "figures in notebooks",
    "pyarrow": "Parquet files",
    "pydantic": "JSON Schemas from the dataclasses",
    "pygments": "code of a shared page in color",
    "tomli-w": "scenario files, written",
    "typer": "the command line",
    "voila": "`ketacost app`",
}
"""What each package that is asked for is there for."""
SHORT = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "MIT License": "MIT",
    "ISC License (ISCL)": "ISC",
    "Python Software Foundation License": "PSF-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
}


def project() -> dict[str, list[str]]:
    """What pyproject.toml asks for, by part: "" for a plain install, and each extra."""
    about = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {"": about["dependencies"], **about["optional-dependencies"]}


def core() -> list[str]:
    """What the core alone needs, the group of that name."""
    held: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["core"]
    return held


def license_of(package: Distribution) -> str:
    """A package's license, in the words of its own metadata."""
    about = package.metadata
    if stated := about.get("License-Expression"):
        return str(stated)
    kinds = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or () if line.startswith("License ::")]
    named = [SHORT.get(kind, kind) for kind in kinds if kind != "OSI Approved"]
    stated = (about.get("License") or "").strip().partition("\n")[0]
    return ", ".join(dict.fromkeys(named)) or (stated if len(stated) < 60 else "") or "not stated"


def needed(names: list[str]) -> dict[str, Distribution]:
    """The packages that some need, with all that they need in turn, as installed here."""
    found: dict[str, Distribution] = {}
    waiting = [match[0] for name in names if (match := NAME.match(name))]
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # for another system or Python
        more = [line for line in found[name].requires or () if "extra ==" not in line]
        waiting += [match[0] for line in more if (match := NAME.match(line))]
    return dict(sorted(found.items()))


def tables() -> Iterator[str]:
    """The tables of the page: what is asked for by itself, and all that comes with it."""
    parts = project()
    yield "| package | at least | license | part | for |"
    yield "| --- | --- | --- | --- | --- |"
    seen = dict[str, tuple[str, str]]()
    for part, lines in parts.items():
        for line in lines:
            match = NAME.match(line)
            assert match
            whole = "core" if line in core() else "whole"
            seen.setdefault(match[0], (line[match.end() :].strip() or "any", part or whole))
    for name, (bound, part) in sorted(seen.items()):
        found = needed([name]).get(re.sub(r"[-_.]+", "-", name).lower())
        yield f"| {name} | {bound} | {license_of(found) if found else 'not installed here'} | {part} | {WHY[name]} |"
    installed = needed(parts[""] + parts["cohorts"])
    kinds: dict[str, list[str]] = {}
    for name, package in installed.items():
        kinds.setdefault(license_of(package), []).append(name)
    yield ""
    yield f"With all that they need in turn, an install with `cohorts` holds {len(installed)} packages:"
    yield ""
    yield "| license | packages |"
    yield "| --- | --- |"
    for kind, names in sorted(kinds.items(), key=lambda pair: -len(pair[1])):
        yield f"| {kind} | {', '.join(names)} |"


def written_page(text: str) -> str:
    """The page with its tables as they are now."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n\n" + "\n".join(tables()) + f"\n\n{END}{rest.partition(END)[2]}"


def sbom() -> dict[str, object]:
    """What is installed for an install with everything, as CycloneDX."""
    parts = [
        {
            "type": "library",
            "name": name,
            "version": package.version,
            "purl": f"pkg:pypi/{name}@{package.version}",
            "licenses": [{"license": {"name": license_of(package)}}],
        }
        for name, package in needed([line for lines in project().values() for line in lines]).items()
    ]
    vendor = json.loads((ROOT / "ketacost" / "assets" / "vendor.json").read_text("utf-8"))["packages"]
    parts += [
        {
            "type": "library",
            "name": part["name"],
            "version": part["version"],
            "purl": f"pkg:npm/{part['name'].replace('@', '%40')}@{part['version']}",
            "licenses": [{"license": {"name": part["licence"]}}],
        }
        for part in vendor
    ]
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": parts}


def tried(resolution: str) -> int:
    """Install one end of the bounds elsewhere, list it, and run the tests that meet other packages."""
    with tempfile.TemporaryDirectory() as place:
        python = Path(place) / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        around = {**os.environ, "VIRTUAL_ENV": str(Path(place) / "env"), "PYTHONPATH": str(ROOT)}
        extras = ["--extra", "cohorts", "--group", "test", "--group", "build"]
        subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, str(Path(place) / "env")], check=True)
        install = ["uv", "pip", "install", "--quiet", "--resolution", resolution, "-r", "pyproject.toml", *extras]
        itself = ["uv", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", "."]
        for step in (install, itself):
            subprocess.run(step, cwd=ROOT, env=around, check=True)
        subprocess.run(["uv", "pip", "list"], env=around, check=True)
        words = [str(python), "-m", "pytest", "-q", *(f"tests/{name}" for name in TESTS)]
        # What old packages warn of is not ours to mend.
        return subprocess.run([*words, "-W", "default"], cwd=ROOT, env=around, check=False).returncode


def main() -> int:
    """Do what is asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sbom", type=Path)
    parser.add_argument("--oldest", action="store_true")
    parser.add_argument("--newest", action="store_true")
    said = parser.parse_args()
    if said.oldest or said.newest:
        return tried("lowest-direct" if said.oldest else "highest")
    if said.sbom:
        said.sbom.write_text(json.dumps(sbom(), indent=1) + "\n", "utf-8")
        return 0
    PAGE.write_text(written_page(PAGE.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
