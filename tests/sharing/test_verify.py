"""A page's fingerprint and its verdict: nothing changed reproduces; a changed value, rule, scenario or number is named."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from commands import call, refused
from places import ROOT

import ketacost as kc
from ketacost.accounts.loans import Call
from ketacost.estimate.scenario import examples
from ketacost.reports.json_output import SCENARIO_MIME, carried
from ketacost.sharing.verify import (
    CannotTell,
    Difference,
    canonical,
    embedded,
    fingerprint,
    fingerprint_in,
    fingerprint_of,
    mark,
    named_alike,
    scenarios_in,
    sealed,
    verify,
)

README = kc.example("readme-patient")
TITLE = README.title


def made(*scenarios: kc.Scenario, **more: Any) -> dict[str, Any]:
    return json.loads(canonical(fingerprint(scenarios or [README], **more)))  # type: ignore[no-any-return]


def written(
    folder: Path, print_: dict[str, Any] | str, before: str = "<p>A page.</p>", name: str = "page.html"
) -> Path:
    held = print_ if isinstance(print_, str) else embedded(print_)
    path = folder / name
    path.write_text(
        f"<!doctype html><html><head><title>x</title></head><body>{before}{held}</body></html>", encoding="utf-8"
    )
    return path


def notebook(*scenarios: kc.Scenario, html: bool = True) -> dict[str, Any]:
    outputs = []
    for scenario in scenarios:
        data: dict[str, Any] = {"text/plain": "x", **carried(scenario)}
        if html:
            data["text/html"] = kc.statement(kc.estimate(scenario))._repr_html_()
        outputs.append({"output_type": "execute_result", "data": data})
    return {"cells": [{"cell_type": "code", "outputs": outputs}], "metadata": {}}


def named(differences: tuple[Difference, ...], kind: str) -> dict[str, tuple[str, str]]:
    return {one.name: (one.was, one.now) for one in differences if one.kind == kind}


# The fingerprint


@pytest.mark.parametrize("name", examples())
def test_a_fingerprint_is_small_and_reproduces(name: str, tmp_path: Path) -> None:
    scenario = kc.example(name)
    print_ = made(scenario)
    assert len(canonical(print_).encode()) <= 20_000
    numbers = print_["scenarios"][0]["numbers"]
    estimate = kc.estimate(scenario)
    assert numbers["totals"]["you_pay"] == estimate.shown.you_pay
    assert (numbers["likely"], numbers["p10"], numbers["p90"]) == (estimate.likely, estimate.p10, estimate.p90)
    assert sum(Fraction(group["chance"]) for group in numbers["groups"].values()) == 1
    assert [group["likely"] for group in numbers["groups"].values()] == [group.likely for group in estimate.groups]
    assert sum(month["out"] - month["back"] for month in numbers["months"].values()) == estimate.main.likely
    assert sum(line[-1] for line in numbers["lines"]) == estimate.shown.you_pay
    verdict = verify(written(tmp_path, print_))
    assert verdict.differences == ()
    assert verdict.reproduces
    assert verdict.sentence.endswith("of 1 scenario, no differences.")


def test_many_scenarios_leave_out_lines_first_and_are_kept_as_far_as_they_fit(tmp_path: Path) -> None:
    names = ("readme-patient", "payer-employer-insured", "payer-tricare", "payer-va-facility")
    few = made(*map(kc.example, names))
    assert len(canonical(few).encode()) <= 20_000
    assert [one["name"] for one in few["scenarios"]] == [kc.example(name).title for name in names]
    assert ["lines" in one["numbers"] for one in few["scenarios"]] == [True, True, True, False]
    assert verify(written(tmp_path, few)).differences == ()
    many = made(*map(kc.example, examples()))
    assert len(canonical(many).encode()) <= 20_000
    assert many["left_out"] == len(examples()) - len(many["scenarios"]) > 0
    verdict = verify(written(tmp_path, many))
    assert verdict.reproduces
    assert verdict.left_out == many["left_out"]


def test_the_same_scenario_gives_the_same_bytes_in_any_process() -> None:
    code = "import ketacost as kc; from ketacost.sharing.verify import *; print(canonical(fingerprint([kc.example('payer-employer-insured')])))"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout == canonical(fingerprint([kc.example("payer-employer-insured")])) + "\n"


def test_it_holds_the_day_of_the_page_and_no_calls() -> None:
    scenario = README.replace(calls=(Call(date(2026, 11, 20), "plan", "R-123", "yes"),))
    print_ = made(scenario, made_on=date(2026, 11, 23))
    assert print_["made_on"] == "2026-11-23"
    assert "R-123" not in canonical(print_)
    assert made(README)["made_on"] == ""


def test_whatever_a_title_holds_the_page_stays_whole(tmp_path: Path) -> None:
    scenario = README.replace(title="</script><script>alert(1)</script><!-- \u2028 &amp; 'x'")
    held = embedded(made(scenario))
    assert held.count("<") == held.count(">") == 2
    assert fingerprint_in(written(tmp_path, held))[0] == made(scenario)


def test_scenarios_are_found_in_the_outputs_of_a_notebook() -> None:
    other = README.replace(title="Another", coverage="denied")
    assert scenarios_in(notebook(README, README, other)) == {TITLE: README, "Another": other}
    assert list(named_alike([README, other.replace(title=TITLE)])) == [TITLE, f"{TITLE} (2)"]
    assert fingerprint_of(notebook()) is None
    bare = fingerprint_of(notebook(README, html=False))
    assert bare is not None
    assert bare["shown"] == []
    broken = notebook(README, other)
    broken["cells"][0]["outputs"][1]["data"][SCENARIO_MIME]["coverage"] = "perhaps"
    found = fingerprint_of(broken)
    assert found is not None
    assert [one["name"] for one in found["scenarios"]] == [TITLE]
    assert found["left_out"] == 1


def test_without_a_scenario_there_is_no_fingerprint() -> None:
    with pytest.raises(kc.KetacostError, match="give at least one"):
        fingerprint([])


# What differs


def elsewhere(folder: Path, page: Path, *edits: tuple[str, str, str]) -> dict[str, Any]:
    """The verdict on a page of a copy of the package with some texts changed, as its command tells it."""
    for name in ("ketacost", "data"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
    for file, old, new in edits:
        path = folder / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, file
        path.write_text(text.replace(old, new), "utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "ketacost", "verify", str(page), "--json"],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        check=False,
    )
    assert run.returncode in (0, 1), run.stderr
    told: dict[str, Any] = json.loads(run.stdout)
    assert told["reproduces"] == (run.returncode == 0)
    told["by"] = {(one["kind"], one["name"]): (one["was"], one["now"], one["source"]) for one in told["differences"]}
    return told


def test_a_copy_with_nothing_changed_reproduces(tmp_path: Path) -> None:
    told = elsewhere(tmp_path / "copy", written(tmp_path, made()))
    assert told["differences"] == []
    assert told["changelog"] == []


def test_a_changed_rule_is_told_with_the_numbers_it_moved(tmp_path: Path) -> None:
    page = written(tmp_path, made(README.replace(coverage="infusions too", ranges={})))
    source = (ROOT / "ketacost" / "model" / "cost_sharing.py").read_text("utf-8")
    line = next(line for line in source.splitlines() if "min(charge, allowed)" in line)
    told = elsewhere(
        tmp_path / "copy",
        page,
        ("ketacost/model/cost_sharing.py", line, line.replace("allowed", "allowed - allowed // 10")),
    )
    assert not told["reproduces"]
    assert [name for kind, name in told["by"] if kind == "package"] == ["rules"]
    moved = {name: was_now[:2] for (kind, name), was_now in told["by"].items() if kind == "number"}
    assert "totals.charge" not in moved
    assert "totals.balance_bill" in moved
    assert any(name.startswith("line 1,") for name in moved)
    assert len(told["changelog"]) == 1
    assert told["changelog"][0].startswith(f"- {TITLE}: likely is $")
    assert told["changelog"][0].endswith("Why: the package changed.")


@pytest.mark.parametrize(
    ("file", "old", "new", "kind"),
    [
        ("ketacost/model/cost_sharing.py", "\ndef split(", "\n# a remark\ndef split(", "package"),
        ("data/texts_en.toml", "[shared_page]", "[shared_page]\n# a remark", "data"),
    ],
)
def test_a_change_that_moves_nothing_is_told_and_reproduces(
    tmp_path: Path, file: str, old: str, new: str, kind: str
) -> None:
    told = elsewhere(tmp_path / "copy", written(tmp_path, made()), (file, old, new))
    assert [kind for kind, _ in told["by"]] == [kind]
    assert told["reproduces"]
    assert told["changelog"] == []
    assert told["sentence"].endswith("What changed since moved none of them.")


def test_rooms_that_work_out_no_number_are_no_rule(tmp_path: Path) -> None:
    edit = ("ketacost/reports/handout.py", "from __future__", "# a remark\nfrom __future__")
    assert elsewhere(tmp_path / "copy", written(tmp_path, made()), edit)["differences"] == []


def test_a_changed_assumption_is_named_with_both_values_and_its_source(tmp_path: Path) -> None:
    row = next(
        line
        for line in (ROOT / "data" / "assumptions.csv").read_text("utf-8").splitlines()
        if "share of the low and of the high value" in line
    )
    told = elsewhere(
        tmp_path / "copy", written(tmp_path, made()), ("data/assumptions.csv", row, row.replace(",0.3,", ",0.26,", 1))
    )
    was, now, source = told["by"][
        "value", "share of the low and of the high value, where low, middle and high are known"
    ]
    assert (was[:4], now[:5]) == ("0.3 ", "0.26 ")
    assert source
    assert ("data", "data") in told["by"]
    assert ("number", "totals.you_pay") not in told["by"]


def test_a_changed_tax_bracket_is_named(tmp_path: Path) -> None:
    home = kc.Household.of(year=2026, state="CA", filing_status="single", wages=60_000, age=40)
    scenario = kc.example("payer-employer-insured").replace(
        household=home, contribution=kc.Contribution(health_fsa=kc.usd(2_000))
    )
    page = written(tmp_path, made(scenario))
    rows = (ROOT / "data" / "tax" / "federal.csv").read_text("utf-8").splitlines()
    row = next(
        line
        for line in rows
        if "standard_deduction" in line and ",2026,2026," in line and "single" in line and ",16100," in line
    )
    told = elsewhere(tmp_path / "copy", page, ("data/tax/federal.csv", row, row.replace(",16100,", ",56100,", 1)))
    assert ("number", "likely") in told["by"]
    assert ("data", "data") in told["by"]
    assert any("US standard deduction [IRC 63(c)] is 56100, was 16100" in line for line in told["changelog"])
    was, now, source = told["by"]["value", "US standard deduction [IRC 63(c)]"]
    assert (was, now) == ("16100", "56100")
    assert source.startswith("Internal Revenue Service, Rev. Proc. 2025-32")


def test_where_no_value_is_known_the_data_changed(tmp_path: Path) -> None:
    edit = ("data/protocols.toml", "after_days = 35", "after_days = 36")
    told = elsewhere(tmp_path / "copy", written(tmp_path, made()), edit)
    assert ("number", "line 8, date") in told["by"]
    assert ("data", "data") in told["by"]
    assert told["changelog"][0].endswith("Why: the data changed.")


# What was changed by hand


def edited(change: Callable[[dict[str, Any]], None], *, whole: bool = False) -> dict[str, Any]:
    """A fingerprint changed by hand; sealed again where somebody took that much trouble."""
    print_ = made()
    change(print_)
    return sealed(print_) if whole else print_


def test_an_edited_scenario_is_named_entry_by_entry(tmp_path: Path) -> None:
    def cheaper(print_: dict[str, Any]) -> None:
        print_["scenarios"][0]["scenario"]["prices"]["charges"]["infusion"] = 400

    verdict = verify(written(tmp_path, edited(cheaper)))
    assert not verdict.reproduces
    assert named(verdict.differences, "scenario") == {"prices.charges.infusion": ("500", "400")}
    moved = named(verdict.differences, "number")
    # 15 infusions at $100 less, none of them covered
    assert moved["totals.you_pay"] == ("$7,788.00", "$6,288.00")
    assert verdict.changelog[0].endswith("edited in the page: " + f"{TITLE}: prices.charges.infusion: 400, was 500.")


def test_an_edited_scenario_whose_original_is_not_known_is_told(tmp_path: Path) -> None:
    scenario = README.replace(title="Ours")
    print_ = made(scenario)
    print_["scenarios"][0]["scenario"]["coverage"] = "denied"
    verdict = verify(written(tmp_path, print_))
    assert list(named(verdict.differences, "scenario")) == ["entries"]
    told = verify(written(tmp_path, print_), original=scenario)
    assert named(told.differences, "scenario") == {"coverage": ("not given", "denied")}
    kc.save(scenario, tmp_path / "ours.toml")
    result = call("verify", written(tmp_path, print_), "--original", tmp_path / "ours.toml")
    assert result.exit_code == 1
    assert "coverage: denied, was not given" in result.stdout


@pytest.mark.parametrize("whole", [False, True])
def test_an_edited_number_is_told(tmp_path: Path, whole: bool) -> None:
    def better(print_: dict[str, Any]) -> None:
        print_["scenarios"][0]["numbers"]["totals"]["you_pay"] = 778_00

    verdict = verify(written(tmp_path, edited(better, whole=whole)))
    assert named(verdict.differences, "number") == {"totals.you_pay": ("$778.00", "$7,788.00")}
    assert list(named(verdict.differences, "fingerprint")) == ["numbers"]


def test_another_edit_breaks_the_seal(tmp_path: Path) -> None:
    verdict = verify(written(tmp_path, edited(lambda print_: print_.update(made_on="2030-01-01"))))
    assert list(named(verdict.differences, "fingerprint")) == ["seal"]
    assert verdict.sentence.endswith("but it was changed by hand.")


def test_a_sentence_edited_in_the_page_is_told(tmp_path: Path) -> None:
    print_ = fingerprint_of(notebook(README))
    assert print_ is not None
    shown = kc.statement(kc.estimate(README))._repr_html_()
    assert verify(written(tmp_path, print_, shown)).differences == ()
    again = verify(written(tmp_path, print_, shown.replace("$7,790", "$790")))
    assert [one.kind for one in again.differences] == ["page"]
    assert not again.reproduces


def test_another_version_is_told_and_matters_not_by_itself(tmp_path: Path) -> None:
    verdict = verify(written(tmp_path, edited(lambda print_: print_.update(package="0.0.9"), whole=True)))
    assert named(verdict.differences, "package")["ketacost"][0] == "0.0.9"
    assert verdict.reproduces


def test_a_value_that_is_gone_is_named_with_its_source(tmp_path: Path) -> None:
    verdict = verify(
        written(tmp_path, edited(lambda print_: print_["values"].update(old=["1", "cms-rvu26c"], empty=[]), whole=True))
    )
    assert named(verdict.differences, "value") == {
        "old": ("1", "not used any more"),
        "empty": ("not used", "not used any more"),
    }
    assert verdict.differences[1].source.startswith("Centers for Medicare")
    assert verdict.reproduces


def test_a_newer_version_is_a_reason_where_a_number_moved(tmp_path: Path) -> None:
    def older(print_: dict[str, Any]) -> None:
        print_.update(package="0.0.9")
        entry = print_["scenarios"][0]
        entry["numbers"]["totals"]["you_pay"] = 778_00
        entry["marks"]["numbers"] = mark(canonical(entry["numbers"]))

    verdict = verify(written(tmp_path, edited(older, whole=True)))
    assert named(verdict.differences, "fingerprint") == {}
    assert len(verdict.changelog) == 1
    assert verdict.changelog[0].endswith("Why: the package changed (0.0.9 -> 0.1.0).")


# Pages made before, of format 1 and 2


OLD = ROOT / "tests" / "data" / "page_of_format_1.html"


def test_a_page_of_format_1_is_still_compared() -> None:
    print_, text = fingerprint_in(OLD)
    assert print_["format"] == 1
    assert "$7,790" in text
    verdict = verify(OLD)
    assert verdict.scenarios == (TITLE,)
    assert verdict.numbers == 186
    assert [(one.kind, one.name, one.was) for one in verdict.differences] == [("package", "format", "1")]
    assert "not compared" in verdict.differences[0].now
    assert verdict.reproduces


def test_a_page_of_format_2_is_compared_as_entered(tmp_path: Path) -> None:
    """Its totals and lines are those of the scenario as entered; its ends and its cash have another meaning today."""
    old = made()
    as_entered = kc.run(README.replace(ranges={}))
    numbers = {
        "totals": as_entered.totals._asdict(),
        "low": 628_902,
        "high": 778_800,
        "calendar": {"net": 778_800, "most cash at one time": 778_800, "on": "2027-11-04"},
        "spread": {"likely": 778_800, "low": 628_902},
    }
    entry = {**old["scenarios"][0], "numbers": numbers}
    entry["marks"] = {part: mark(canonical(entry[part])) for part in ("scenario", "numbers")}
    page = written(tmp_path, sealed({**old, "format": 2, "scenarios": [entry], "shown": []}))
    verdict = verify(page)
    assert verdict.reproduces
    assert named(verdict.differences, "package")["format"][0] == "2"
    assert verdict.numbers == len(numbers["totals"])
    numbers["totals"]["you_pay"] = 77_880
    moved = verify(written(tmp_path, sealed({**old, "format": 2, "scenarios": [entry], "shown": []})))
    assert named(moved.differences, "number") == {"totals.you_pay": ("$778.80", "$7,788.00")}


def test_a_value_of_a_page_of_format_1_is_compared_where_it_is_still_kept(tmp_path: Path) -> None:
    print_, _ = fingerprint_in(OLD)
    print_["values"] |= {
        "fsa.carryover_limit from 2026-01-01": ["660.00", ""],
        "services: infusion.minutes": ["41", ""],
    }
    verdict = verify(written(tmp_path, sealed(print_), OLD.read_text("utf-8").split("<script")[0]))
    assert named(verdict.differences, "value") == {"fsa.carryover_limit from 2026-01-01": ("660.00", "680.00")}
    assert verdict.reproduces


@pytest.mark.parametrize(
    ("old", "new", "kind", "name"),
    [
        ('"you_pay":778800', '"you_pay":77880', "number", "totals.you_pay"),
        ('"infusion":500', '"infusion":400', "scenario", "prices.charges.infusion"),
        ('"made_on":"', '"made_on":"1', "fingerprint", "seal"),
        ("likely pay about $7,790", "likely pay about $790", "page", "its sentence"),
    ],
)
def test_what_was_changed_by_hand_in_a_page_of_format_1_is_named(
    tmp_path: Path, old: str, new: str, kind: str, name: str
) -> None:
    head, script = OLD.read_text("utf-8").split("<script")
    edited_page = head.replace(old, new) + "<script" + (script if old in head else script.replace(old, new, 1))
    assert edited_page != OLD.read_text("utf-8")
    path = tmp_path / "page.html"
    path.write_text(edited_page, encoding="utf-8")
    verdict = verify(path)
    assert name in named(verdict.differences, kind)
    assert not verdict.reproduces


# What cannot be told


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ("", "has no fingerprint"),
        ("<!-- <script type='application/json' id='ketacost-fingerprint'>{}</script> -->", "has no fingerprint"),
        ('<script type="application/json" id="ketacost-fingerprint">{"format": 1</script>', "is broken"),
        ('<script type="application/json" id="ketacost-fingerprint">[]</script>', "parts of it are missing"),
        ('<script type="application/json" id="ketacost-fingerprint">{"format": 1}</script>', "parts of it are missing"),
        (
            '<script type="application/json" id="ketacost-fingerprint">{"format": []}</script>',
            "parts of it are missing",
        ),
        ('<script type="application/json" id="ketacost-fingerprint">{"format": 0}</script>', "parts of it are missing"),
        (
            '<script type="application/json" id="ketacost-fingerprint">{"format": 9, "package": "3.0.0"}</script>',
            r"newer ketacost \(3.0.0; .*update ketacost",
        ),
        ('<script type="application/json" id="ketacost-fingerprint">' + "[" * 100_000 + "</script>", "is broken"),
        ('<script id="ketacost-fingerprint">{}</script>' * 2, "2 fingerprints"),
    ],
)
def test_a_page_that_cannot_be_checked_says_why(tmp_path: Path, held: str, told: str) -> None:
    with pytest.raises(CannotTell, match=told):
        verify(written(tmp_path, held))


def test_a_file_that_is_no_page_says_why(tmp_path: Path) -> None:
    with pytest.raises(CannotTell, match="cannot be read"):
        verify(tmp_path / "none.html")
    (tmp_path / "x.html").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CannotTell, match="not text in UTF-8"):
        verify(tmp_path / "x.html")
    (tmp_path / "x.ipynb").write_text("[1]", encoding="utf-8")
    with pytest.raises(CannotTell, match="not a notebook"):
        verify(tmp_path / "x.ipynb")


@pytest.mark.parametrize("key", ["rules", "values", "data", "scenarios", "shown", "left_out"])
def test_a_fingerprint_with_a_part_missing_is_broken(tmp_path: Path, key: str) -> None:
    with pytest.raises(CannotTell, match="broken"):
        verify(written(tmp_path, edited(lambda print_: print_.pop(key), whole=True)))


@pytest.mark.parametrize("values", [{"a": 1}, {"a": None}, {"a": {}}])
def test_values_of_another_form_are_broken(tmp_path: Path, values: dict[str, Any]) -> None:
    with pytest.raises(CannotTell, match="broken"):
        verify(written(tmp_path, edited(lambda print_: print_.update(values=values), whole=True)))


def test_lines_of_another_form_are_numbers_that_moved(tmp_path: Path) -> None:
    def odd(print_: dict[str, Any]) -> None:
        print_["scenarios"][0]["numbers"]["lines"] = [5, ["2026-11-30"], {}]

    verdict = verify(written(tmp_path, edited(odd, whole=True)))
    assert "line 1, date" in named(verdict.differences, "number")
    assert not verdict.reproduces


def test_two_scenarios_of_one_name_are_compared_each_by_itself(tmp_path: Path) -> None:
    print_ = made(README, README.replace(title="Another", coverage="denied"))
    print_["scenarios"][1]["name"] = TITLE
    assert [one.kind for one in verify(written(tmp_path, print_)).differences] == ["fingerprint"]
    print_["scenarios"][0]["numbers"]["totals"]["you_pay"] = 778_00
    assert list(named(verify(written(tmp_path, print_)).differences, "number")) == ["totals.you_pay"]


def test_a_scenario_that_cannot_be_run_here_is_told(tmp_path: Path) -> None:
    def odd(print_: dict[str, Any]) -> None:
        print_["scenarios"][0]["scenario"]["payer"] = "my-clinic"

    with pytest.raises(CannotTell, match=r"cannot be run here: .*my-clinic"):
        verify(written(tmp_path, edited(odd)))


def test_a_notebook_carries_its_fingerprint_too(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"cells": [], "metadata": {"ketacost": {"fingerprint": made()}}}), encoding="utf-8")
    assert verify(path).differences == ()


# The command


def test_the_command_ends_with_what_it_found(tmp_path: Path) -> None:
    right = call("verify", written(tmp_path, made()))
    assert (right.exit_code, right.stdout.splitlines()[0].endswith("no differences.")) == (0, True)

    def better(print_: dict[str, Any]) -> None:
        print_["scenarios"][0]["numbers"]["totals"]["you_pay"] = 778_00

    wrong = call("verify", written(tmp_path, edited(better)))
    assert wrong.exit_code == 1
    assert f"- {TITLE}: totals.you_pay: $7,788.00, was $778.00" in wrong.stdout.splitlines()
    assert "Answers that changed:" in wrong.stdout
    assert json.loads(call("verify", written(tmp_path, made()), "--json").stdout)["reproduces"] is True
    assert "has no fingerprint" in refused("verify", written(tmp_path, ""))


def test_a_mark_is_the_start_of_a_known_sum() -> None:
    # echo -n abc | sha256sum
    assert mark("abc", 16) == "ba7816bf8f01cfea"


def test_the_docs_name_every_entry(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "verify.md").read_text("utf-8")
    assert {key for key in made() if f"`{key}`" in page} == set(made())
    told = json.loads(call("verify", written(tmp_path, made()), "--json").stdout)
    assert {key for key in told if f"`{key}`" in page} == set(told)


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_every_shipped_notebook_that_shows_a_scenario_has_a_fingerprint_that_reproduces(
    path: Path, tmp_path: Path
) -> None:
    shipped = json.loads(path.read_text("utf-8"))
    print_ = fingerprint_of(shipped)
    assert (print_ is None) == (SCENARIO_MIME not in path.read_text("utf-8"))
    if print_ is None:
        return
    assert print_["left_out"] == 0
    told = "".join(
        "".join(o["data"].get("text/html", "")) for c in shipped["cells"] for o in c.get("outputs", ()) if "data" in o
    )
    assert verify(written(tmp_path, print_, told)).differences == ()
