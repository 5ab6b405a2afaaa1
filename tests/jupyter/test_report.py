"""A scenario as a page: the notebook is run for it on its day, and the page says its answer."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from places import NOTEBOOKS

import ketacost as kc
from ketacost.core.fields import KetacostError
from ketacost.jupyter.report import report


def test_the_page_is_of_the_scenario_and_names_no_folder(tmp_path: Path) -> None:
    patient = kc.resolve(kc.intake({"payer": "employer-insured", "prices.iv-mood.infusion": 410}), date(2026, 11, 27))
    kc.save(patient, tmp_path / "patient.toml")
    shared = report(tmp_path / "patient.toml", tmp_path / "page.html", book="00_start_here")
    page = shared.page.read_text("utf-8")
    assert kc.estimate(patient).sentence in page
    assert str(tmp_path) not in page
    assert "Patient: patient.toml." in page


def test_what_cannot_be_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KetacostError, match=r"there is no file .*nowhere"):
        report(tmp_path / "nowhere.toml", tmp_path / "page.html")
    book = json.loads((NOTEBOOKS / "00_start_here.ipynb").read_text("utf-8"))
    book["cells"] = [cell for cell in book["cells"] if "tags" not in cell["metadata"]]
    (tmp_path / "own.ipynb").write_text(json.dumps(book), "utf-8")
    with pytest.raises(KetacostError, match="no cell tagged parameters"):
        report("readme-patient", tmp_path / "page.html", book=str(tmp_path / "own.ipynb"))
    shutil.copy(NOTEBOOKS / "03_out_of_network_step_by_step.ipynb", tmp_path / "3.ipynb")
    with pytest.raises(KetacostError, match=r"3\.ipynb cannot be written for this patient.*no claim is filed"):
        report("payer-va-facility", tmp_path / "page.html", book=str(tmp_path / "3.ipynb"))
    assert not (tmp_path / "page.html").exists()
