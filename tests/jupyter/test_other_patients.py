"""The counselors' notebooks run for patients of every kind, not only for the example that they are stored with."""

from __future__ import annotations

import json

import pytest
from places import ROOT

import ketacost as kc

NOTEBOOKS = ["02_will_the_plan_pay", "03_out_of_network_step_by_step", "04_hsa_and_fsa", "05_compare_and_decide"]
KINDS = ["payer-va-facility", "payer-self-pay", "payer-hmo-epo", "payer-tricare"]
FIRST = 'scenario = "payer-employer-insured"'


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_notebook_runs_for_a_patient_of_another_kind(notebook: str, kind: str) -> None:
    cells = json.loads((ROOT / "notebooks" / f"{notebook}.ipynb").read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert sum(FIRST in source for source in code) == 1
    names: dict[str, object] = {}
    for source in code:
        exec(source.replace(FIRST, f"scenario = {kind!r}"), names)
    assert names["kc"] is kc
