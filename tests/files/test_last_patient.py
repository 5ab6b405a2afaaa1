"""The patient that notebooks begin with: named, or last saved or left off, or the example; a line says which."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

import ketacost as kc

DAY = date(2026, 11, 27)


def saved(folder: Path, name: str, price: int, at: float) -> None:
    folder.mkdir(exist_ok=True)
    kc.save(kc.resolve(kc.intake({"prices.iv-mood.infusion": price}), DAY), folder / name)
    os.utime(folder / name, (at, at))


def test_the_patient_last_saved_comes_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "scenarios"
    saved(folder, "monday.toml", 410, 1_795_000_000)
    saved(folder, "where I left off.toml", 420, 1_795_086_400)
    patient = kc.last(folder=folder)
    assert patient.prices.charges["infusion"] == 42_000
    assert patient.today == DAY
    assert capsys.readouterr().out.startswith("Patient: where I left off, saved on Nov ")
    (folder / "where I left off.toml").write_text("said = 3")
    assert kc.last(folder=folder).prices.charges["infusion"] == 41_000
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("where I left off.toml: ")
    assert told[-1].startswith("Patient: monday, saved on Nov ")


def test_where_none_is_saved_it_is_the_example_and_a_name_wins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = kc.last(folder=tmp_path / "nowhere")
    assert (example.payer, example.today) == ("employer-insured", DAY)
    assert "because no patient is saved here yet" in capsys.readouterr().out
    assert kc.last("readme-patient", today="2026-12-01").today == date(2026, 12, 1)
    assert capsys.readouterr().out == "Patient: the example readme-patient.\n"
    saved(tmp_path, "ours.toml", 430, 1_795_000_000)
    assert kc.last(tmp_path / "ours.toml", today=DAY).prices.charges["infusion"] == 43_000
    assert capsys.readouterr().out == "Patient: ours.toml.\n"
    with pytest.raises(kc.KetacostError, match=r"no file nowhere\.toml"):
        kc.last("nowhere.toml")


@pytest.mark.parametrize("name", ["payer-va-facility", "payer-medicaid", "payer-self-pay", "payer-hmo-epo"])
def test_the_example_stands_in_for_who_can_send_no_superbills(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    patient = kc.last(name, today="2026-11-27", claims=True)
    assert patient.title == kc.example("payer-employer-insured").title
    assert capsys.readouterr().out.splitlines()[1].startswith("No superbills for this patient (")
    own = kc.last("payer-marketplace", today="2026-11-27", claims=True)
    assert (own.title == kc.example("payer-marketplace").title) == ("No superbills" not in capsys.readouterr().out)
    assert kc.last("readme-patient", today="2026-11-27", claims=True).title == kc.example("readme-patient").title
