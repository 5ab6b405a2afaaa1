"""The README tells the truth: its example gives the output it shows, and its patient was worked out by hand."""

from __future__ import annotations

import re

from places import ROOT

import ketacost as kc

README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_five_lines_give_the_output_shown() -> None:
    *before, last = blocks("python")[0].strip().splitlines()
    names: dict[str, object] = {}
    exec("\n".join(before), names)
    assert repr(eval(last, names)) == blocks("text")[0].strip()
    assert len([line for line in (*before, last) if line.strip()]) <= 5


def test_the_patient_gives_the_sentence_shown() -> None:
    found = kc.estimate(kc.example("readme-patient"))
    assert f"{found.sentence} {found.rest}" == " ".join(blocks("text")[1].split())


def test_the_patient_was_worked_out_by_hand() -> None:
    """One evaluation at $288 and fifteen infusions at $500: 288 + 7,500 = 7,788. Denied, or visits alone covered (of the
    evaluation the plan counts $248.30, all of it to the $2,250 deductible: $0 back), you pay 7,788.

    At best: infusions covered and counted at $450. 2026: 248.30 + 4 x 450 = 2,048.30; the fifth infusion uses the last
    201.70, and of the 248.30 left you pay 40%, 99.32, the plan 148.98; the sixth: plan 60% of 450 = 270. 2027 starts
    again: five infusions fill 2,250; four more give 4 x 270 = 1,080. Back: 148.98 + 270 + 1,080 = 1,498.98;
    you pay 7,788 - 1,498.98 = 6,289.02.
    """
    found, answer = kc.estimate(kc.example("readme-patient")), kc.run(kc.example("readme-patient"))
    assert answer.totals.charge == 28_800 + 15 * 50_000
    assert (answer.totals.deductible, answer.totals.plan_pays, answer.you_pay) == (24_830, 0, 778_800)
    assert (found.likely, found.p10, found.p90, found.high) == (778_800,) * 4
    assert found.low == 778_800 - (14_898 + 27_000 + 4 * 27_000) == 628_902
    by_date = {claim.line.date.isoformat(): claim for claim in answer.claims if claim.line.service != "drug"}
    assert by_date["2026-11-30"].outcome == "counted"


def test_what_the_readme_names_is_there() -> None:
    root = ROOT
    for name in re.findall(r"\]\(([\w./-]+)\)", README):
        assert (root / name).is_file(), name
