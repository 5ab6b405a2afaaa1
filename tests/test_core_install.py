"""The core runs with two packages and what they need: the ones of the group `core`, as docs/dependencies.md says."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import dependencies
import pytest
from places import ROOT

HELD = {name.replace("-", "_").lower() for name in dependencies.needed(dependencies.core())}
ALLOWED = sorted(
    module
    for module, packages in packages_distributions().items()
    if any(package.replace("-", "_").lower() in HELD for package in packages)
)
BLOCK = f"""
import sys
allowed = {{*sys.stdlib_module_names, "ketacost", *{ALLOWED!r}}}
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in allowed and not name.startswith("_sysconfigdata"):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Nothing())
"""
"""Refuses every module that neither Python nor the core's two packages bring."""


def core(code: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A program run with the core alone."""
    run = [sys.executable, "-c", BLOCK + code, *words]
    return subprocess.run(run, cwd=folder, capture_output=True, text=True, check=False)


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return core("from ketacost.cli import app; app()", folder, *words)


def test_the_group_is_part_of_what_is_asked_for() -> None:
    assert set(dependencies.core()) < set(dependencies.project()[""])
    listed = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    assert f"pip install {' '.join(json.dumps(line) for line in reversed(dependencies.core()))}\n" in listed
    assert not {"jupyterlab", "ipywidgets", "voila", "plotly", "pandas", "numpy", "openpyxl"} & set(ALLOWED)


def test_the_core_estimates_adjudicates_saves_and_tells(tmp_path: Path) -> None:
    code = """
from datetime import date
import ketacost as kc
from ketacost.reports.text import answer_text
scenario = kc.resolve(kc.intake(payer="marketplace", protocol="spravato"), date(2026, 11, 27))
kc.save(scenario, "patient.toml")
assert kc.load("patient.toml") == scenario
assert kc.as_dict(kc.estimate(scenario))["likely"] in answer_text(kc.estimate(scenario)).replace(",", "")
visits = kc.course("iv-mood", start="2026-11-30", price=600)
plan = kc.Plan.of(deductible=1_000, coinsurance="40%", out_of_pocket_limit=9_000, allowed=350)
print(sum(claim.you_pay for claim in kc.adjudicate(visits, plan)), kc.run("readme-patient").you_pay)
"""
    run = core(code, tmp_path)
    assert (run.stderr, run.stdout) == ("", "716520 778800\n")


def test_the_commands_of_the_core_run(tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text("date,code,charge,allowed,network\n2026-12-01,96365,500,240,out\n", "utf-8")
    (tmp_path / "patients.csv").write_text("scenario,prices.charges.infusion\nreadme-patient,550\n", "utf-8")
    commands = {
        "run readme-patient": "about $7,790",
        "run readme-patient --json": '"likely": "7788.00"',
        "batch patients.csv -o -": "readme-patient",
        "adjudicate claims.csv --plan nextgen-2026-750": "$240.00 of $2,250.00",
        "check readme-patient": "nextgen-2026-750",
        "rules": "copay accumulator",
        "plans": "va-2025",
        "entries": "`rule`",
        "schema answer": '"steps_to_net"',
    }
    code = """
from ketacost.cli import app
for line in sys.argv[1:]:
    try:
        app(line.split())
    except SystemExit as ended:
        assert not ended.code, line
    print(chr(0), end="")
"""
    run = core(code, tmp_path, *commands)
    assert run.returncode == 0, run.stderr
    for (line, shown), told in zip(commands.items(), run.stdout.split(chr(0)), strict=False):
        assert shown in told, line


@pytest.mark.parametrize(
    ("line", "package"),
    [
        ("lab --no-browser", "jupyterlab"),
        ("app --no-browser", "tornado"),
        ("share page.ipynb -o page.html", "bs4"),
        ("adjudicate claims.xlsx --plan nextgen-2026-750", "openpyxl"),
    ],
)
def test_a_package_that_is_missing_is_named(line: str, package: str, tmp_path: Path) -> None:
    (tmp_path / "claims.xlsx").write_bytes(b"PK")
    run = command(tmp_path, *line.split())
    assert run.returncode == 2
    assert (
        run.stderr
        == f"Error: this needs {package}, which is not installed: `pip install ketacost` brings all that it needs\n"
    )
    assert run.stdout == ""
