"""What anybody types, opens or sends ends in one line that says what is wrong; nothing breaks and nothing gets out."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from commands import call

import ketacost as kc
from ketacost.core import untrusted
from ketacost.core.convert import EntryError
from ketacost.core.fields import KetacostError
from ketacost.core.untrusted import bytes_in, net, read_json
from ketacost.core.words import brief, cell, told, visible
from ketacost.estimate.scenario import scenario_from
from ketacost.files.batch import Job, answer_row, as_csv
from ketacost.files.scenario_files import load, table_in
from ketacost.workbench.session import Session

PLAIN = 'plan = "nextgen-2026-750"\nallowed = "typical"\n[course]\nprotocol = "iv-mood"\nstart = 2026-11-30\n'
PYTHONS = ("Traceback", "datetime.", "Decimal(", "typing.", "<class", "NoneType", "object at 0x")
PLAN = (
    'name = "P"\n[networks.out]\ndeductible = 100\nbenefits.default = { coinsurance = "40%" }\nallowed.default = 150\n'
)
NINES = "9" * 5_000


def run(tmp_path: Path, text: str, name: str = "case.toml", *more: str) -> str:
    """What `ketacost run` says of a file that it refuses."""
    (tmp_path / name).write_text(text, "utf-8")
    result = call("run", tmp_path / name, *more)
    assert result.exit_code == 2
    assert not any(word in result.stderr for word in PYTHONS)
    assert all(len(line) < 700 for line in result.stderr.splitlines())
    return str(result.stderr)


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ("[" * 9_000, "case.json", "more than 60 deep"),
        ("[" * 70 + "]" * 70, "case.json", "more than 60 deep"),
        ('{"a":' * 9_000, "case.json", "more than 60 deep"),
        ("a" + ".a" * 90 + " = 1", "case.toml", "more than 60 deep"),
        ("a = " + "[" * 9_000, "case.toml", "more than 60 deep"),
        (PLAIN + f"[prices.charges]\ninfusion = {NINES}", "case.toml", "thousands of digits"),
        (f'{{"plan": {NINES}}}', "case.json", "thousands of digits"),
        ('{"title": "a \\ud800 b"}', "case.json", "half of a letter comes after 'a '"),
        ('{"\\udfff": 1}', "case.json", "half of a letter"),
        (PLAIN + "[prices]\ncharges = 5", "case.toml", "prices.charges should be a table of entries, got 5"),
        (PLAIN.replace('"typical"', "{ infusion = 1e999999 }"), "case.toml", "too many digits, got 1E+999999"),
        (PLAIN + "[prices]\ndiscounts = { infusion = 1e999999 }", "case.toml", "too many digits"),
        (PLAIN.replace('"typical"', "{ infusion = [500] }"), "case.toml", "got a list"),
        (PLAIN.replace("2026-11-30", "2026-11-30T05:00:00Z"), "case.toml", "got a day with a time"),
        (PLAIN.replace("2026-11-30", "05:00:00"), "case.toml", "got a time of day"),
        (PLAIN.replace("2026-11-30", "0001-01-01"), "case.toml", "between the years 2000 and 2100"),
        (PLAIN.replace("2026-11-30", "1776-07-04"), "case.toml", "between the years 2000 and 2100"),
        (PLAIN.replace("2026-11-30", "9999-12-31"), "case.toml", "between the years 2000 and 2100"),
        (PLAIN + "pauses = [{ start = 2027-01-05, days = 1000000000 }]", "case.toml", "whole number up to 100,000"),
        (PLAIN + "pauses = [{ start = 2027-01-05, days = 99999 }]", "case.toml", "from 0 to 1,830, got 99999"),
        (PLAIN + "pauses = [{ start = 2027-01-05, days = -14 }]", "case.toml", "from 0 to 1,830, got -14"),
        (PLAIN.replace("2026-11-30", "2100-12-31"), "case.toml", "beyond the year 2100"),
        (PLAIN + '[[prices.packages]]\nservice = "infusion"\ncount = 3000\nprice = 5', "case.toml", "from 1 to 400"),
        (PLAIN + "[paying.loan]\namount = 5\napr = 0.1\nmonths = 9999", "case.toml", "1 to 600 months"),
        (PLAIN + "[paying]\nrebate_days = 9999", "case.toml", "rebate_days is a whole number from 0 to 1,830"),
        (PLAIN + "[paying]\nsuperbills_every = -1", "case.toml", "superbills_every is a whole number from 0"),
        (PLAIN + "[ranges]\ntitle = ['a', 'b']", "case.toml", "this entry changes no amount"),
        (PLAIN + "[ranges]\n'prices.charges.infusion' = [[2026-01-01], 5]", "case.toml", "got 'a list'"),
        (
            PLAIN.replace('plan = "nextgen-2026-750"\n', "")
            + "[plan]\nnetworks.out = { deductible = 5, limit_kind = 5 }",
            "case.toml",
            "no choice for",
        ),
        (PLAIN + "[ranges]\n'plan.name' = ['a', 'b']", "case.toml", "this entry changes no amount"),
        (PLAIN + "[ranges]\npublished_plan = ['no such plan', 'b']", "case.toml", "no published plan called"),
        (PLAIN + "[ranges]\ncoverage = ['denied', 'all of it']", "case.toml", "no coverage called 'all of it'"),
        (PLAIN + f"[ranges]\n'plan.networks.out.deductible' = {list(range(300))}", "case.toml", "at most 200"),
        (
            PLAIN + '[household]\nyear = 2026\nfiling_status = "single"\nage = 40\nwages = 50_000\nstate = "MD"\n'
            'locality = "Atlantis"',
            "case.toml",
            "household.locality: there is no locality of MD called 'Atlantis'",
        ),
        (
            'allowed = "typical"\nnetwork = ""\n[course]\nprotocol = "iv-mood"\nstart = 2026-11-30\n'
            "[plan.networks.'']\ndeductible = 5\n",
            "case.toml",
            "networks: a network has a name",
        ),
        (PLAIN + "[used]\nas_of = 2031-11-01\nmembers.patient.out = { deductible = 4 }", "case.toml", "last visit"),
        (PLAIN + "[used]\nas_of = 2026-11-01\nmembers.cat.out = { deductible = 4 }", "case.toml", "no member 'cat'"),
    ],
)
def test_a_scenario_that_cannot_be_is_one_clear_line(tmp_path: Path, text: str, name: str, told: str) -> None:
    said = run(tmp_path, text, name)
    assert told in said
    assert name in said


def test_a_range_over_published_plans_brings_their_terms(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        PLAIN + "[ranges]\npublished_plan = ['nextgen-2026-750', 'nextgen-2026-2000']", "utf-8"
    )
    scenario = load(tmp_path / "a.toml")
    assert set(scenario.designs) == {"nextgen-2026-750", "nextgen-2026-2000"}
    with pytest.raises(KetacostError, match="allowed"):
        kc.estimate(scenario)


@pytest.mark.parametrize("part", ["ranges", "odds", "shapes", "allowed", "prices", "plan", "used", "path", "course"])
@pytest.mark.parametrize("value", [None, [], [None], 5, "x", True, date(2026, 1, 1), datetime(2026, 1, 1), {"": {}}])
def test_a_part_of_a_wrong_kind_is_told_in_words(part: str, value: Any) -> None:
    table = {**table_in(PLAIN, ".toml"), part: value}
    said = ""
    try:
        kc.estimate(scenario_from(table))
    except KetacostError as error:
        said = str(error)
    assert not any(word in said for word in PYTHONS)


@pytest.mark.parametrize("setting", ["ranges=1", "title=x", "a.b.c=1", "=", "ranges.=1", f"start={NINES}", "x=\x1b[2J"])
def test_any_setting_is_answered_or_told(setting: str) -> None:
    result = call("run", "readme-patient", "--set", setting)
    assert result.exit_code in (0, 2)
    assert "this cannot be worked out" not in result.stderr
    assert "\x1b" not in result.stderr


def test_a_pipe_a_folder_and_a_large_file_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    for path in (tmp_path / "pipe.toml", tmp_path):
        with pytest.raises(KetacostError, match="not a regular file"):
            bytes_in(path)
    with pytest.raises(KetacostError, match="not a regular file"):
        load(tmp_path / "pipe.toml")
    (tmp_path / "large.toml").write_text("#" * 101)
    with pytest.raises(KetacostError, match="is it the right one"):
        bytes_in(tmp_path / "large.toml", 100)


def test_a_long_list_of_problems_is_cut(tmp_path: Path) -> None:
    said = run(tmp_path, PLAIN + "".join(f"x{number} = 1\n" for number in range(500)))
    assert len(said.splitlines()) <= 42
    assert "and 460 more" in said


@pytest.mark.parametrize("error", [RuntimeError("Jane Doe"), MemoryError(), RecursionError(), OverflowError()])
def test_what_nobody_thought_of_is_one_line_with_a_log(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("ketacost.estimate.estimate.estimate", breaks)
    result = call("run", "readme-patient")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "this cannot be worked out" in result.stderr
    log = result.stderr.split("The log is ")[1].split(". ")[0]
    assert type(error).__name__ in Path(log).read_text("utf-8")
    assert "Jane" not in Path(log).read_text("utf-8") + result.stderr
    assert Path(log).stat().st_mode & 0o77 == 0


def test_a_row_that_nobody_thought_of_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise AttributeError("no attribute")

    monkeypatch.setattr("ketacost.files.batch.estimate", breaks)
    assert "an unexpected error (AttributeError)" in answer_row(Job("1", "a", "readme-patient", {}))["problem"]


def test_a_session_that_nobody_thought_of_stays_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(kc.example("readme-patient"))
    before = session.shown()["you_pay"]
    session.serve({"path": "prices.charges.infusion", "value": [[[[]]]] * 3})
    session.serve({"path": "title", "value": "\ud800"})
    for asked in (
        {"do": "fold", "part": {}},
        {"do": "fold"},
        {"do": 5},
        {"do": "__class__"},
        {"do": "put"},
        5,
        [],
        None,
    ):
        session.serve(asked)
        assert "request" in session.shown()["told"]["problem"]

    def breaks(*_: object) -> None:
        raise AttributeError

    monkeypatch.setattr(Session, "_do_fold", breaks)
    session.serve({"do": "fold", "part": "saved"})
    assert "this cannot be worked out" in session.shown()["told"]["problem"]
    assert session.shown()["you_pay"] == before


def test_a_scenario_that_cannot_be_opened_in_the_panel_is_told() -> None:
    plan = kc.Plan.of(deductible=100, coinsurance="40%", allowed=100)
    tiers = plan.replace(networks={"Tier 1.5": plan.networks["out"]}, protected_network="Tier 1.5")
    scenario = kc.example("readme-patient").replace(plan=tiers, network="Tier 1.5", ranges={}, networks={})
    assert "has a dot in its name" in Session(scenario).shown()["told"]["problem"]


def test_the_net_lets_our_own_errors_through() -> None:
    with pytest.raises(EntryError), net("a page"):
        raise EntryError(["told"])
    with pytest.raises(untrusted.Unforeseen, match=r"^a page: this cannot be worked out"), net("a page"):
        raise KeyError("x")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a" * 99, f"'{'a' * 60}...'"),
        ("\x1b[2J", r"'\x1b[2J'"),
        (None, "nothing"),
        (True, "true"),
        ([500], "a list"),
        ({"a": 1}, "a table"),
        pytest.param(10**5_000, "a number of about 5,001 digits", id="long"),
        (Decimal("1e999999"), "1E+999999"),
        (date(2026, 1, 5), "2026-01-05"),
    ],
)
def test_a_value_is_told_in_words(value: object, words: str) -> None:
    assert told(value) == words


def test_nothing_steers_a_terminal() -> None:
    assert visible("\x1b]0;owned\x07\x9b2J\u202etxt\ud800") == r"\x1b]0;owned\x07\x9b2J\u202etxt\ud800"
    assert brief("a\r\nb\x08") == "a\\r\nb\\x08"


@pytest.mark.parametrize("formula", ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", " =1", "\uff1d1", "\r=1"])
def test_no_cell_of_a_csv_is_a_formula(formula: str) -> None:
    (row,) = as_csv(["name"], [{"name": formula}]).splitlines()[1:2]
    assert row.lstrip('"').startswith("'")
    assert cell("-12.50") == "-12.50"


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("[" * 9_000, "more than 60 deep"),
        (f'{{"format": {NINES}}}', "thousands of digits"),
        ('{"a": "\\ud800"}', "half of a letter"),
        ('{"format": 1, "values": {"a": 3}}', "parts of it are missing"),
    ],
)
def test_a_page_changed_by_hand_is_told(tmp_path: Path, block: str, told: str) -> None:
    page = tmp_path / "page.html"
    page.write_text(f'<script type="application/json" id="ketacost-fingerprint">{block}</script>', "utf-8")
    result = call("verify", page)
    assert (result.exit_code, told in result.stderr) == (2, True)


def cells(**parts: Any) -> dict[str, Any]:
    whole = {"cell_type": "code", "id": "a", "metadata": {}, "source": "1", "execution_count": 1, "outputs": []}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{**whole, **parts}]}


def output(**parts: Any) -> dict[str, Any]:
    return cells(outputs=[{"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": {}, **parts}])


@pytest.mark.parametrize(
    "book",
    [
        cells(metadata="x"),
        cells(source=5),
        cells(source=[5]),
        cells(outputs="x"),
        cells(outputs=[5]),
        cells(attachments=[1]),
        cells(attachments={"a.png": "x"}),
        output(data=[]),
        output(metadata="x"),
        output(data={"text/html": {"a": 1}}),
        output(text={"a": 1}),
        output(traceback=5),
        {"nbformat": 4, "metadata": [], "cells": []},
        {"nbformat": 4, "cells": [None]},
        {"nbformat": 4, "cells": {}},
    ],
)
def test_a_notebook_with_parts_of_a_wrong_kind_is_refused(tmp_path: Path, book: Any) -> None:
    (tmp_path / "n.ipynb").write_text(json.dumps(book), "utf-8")
    result = call("share", tmp_path / "n.ipynb", "-o", tmp_path / "page.html", "--no-pictures")
    assert (result.exit_code, "is not a notebook" in result.stderr) == (2, True)
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize("make", [lambda: "data:a/b," * 2_000, lambda: "data:text/html,data:text/html," * 300])
def test_data_in_data_is_not_followed_without_end(tmp_path: Path, make: Callable[[], str]) -> None:
    book = cells(cell_type="markdown", source=make())
    (tmp_path / "n.ipynb").write_text(json.dumps(book), "utf-8")
    result = call("share", tmp_path / "n.ipynb", "-o", tmp_path / "page.html", "--no-pictures")
    assert (result.exit_code, "this cannot be worked out" in result.stderr) == (2, False)


@pytest.mark.parametrize("units", ["0", "-1", "1000", "9" * 30, "1.5", "x"])
def test_units_without_bound_are_refused(tmp_path: Path, units: str) -> None:
    (tmp_path / "claims.csv").write_text(f"date,code,units,charge\n2026-03-07,96365,{units},550.00\n")
    (tmp_path / "plan.toml").write_text(PLAN)
    result = call("adjudicate", tmp_path / "claims.csv", "--plan", tmp_path / "plan.toml")
    assert (result.exit_code, "units" in result.stderr) == (2, True)


def test_a_plan_of_no_known_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text("date,code,charge\n2026-03-07,96365,550.00\n")
    (tmp_path / "plan.toml").write_text(f'kind = "PPPO"\n{PLAN}')
    result = call("adjudicate", tmp_path / "claims.csv", "--plan", tmp_path / "plan.toml")
    assert (result.exit_code, "no kind of plan called 'PPPO'" in result.stderr) == (2, True)


def test_a_member_with_control_letters_is_shown(tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text("date,code,charge,member\n2026-03-07,96365,550.00,\x1b[2Jx\n")
    (tmp_path / "plan.toml").write_text(PLAN)
    for how in ((), ("--csv",), ("--json",), ("--steps",)):
        result = call("adjudicate", tmp_path / "claims.csv", "--plan", tmp_path / "plan.toml", *how)
        assert (result.exit_code, "\x1b" in result.output) == (0, False)


def test_json_is_read_as_it_is() -> None:
    assert read_json('{"a": [1, "x"]}') == {"a": [1, "x"]}


@pytest.mark.parametrize("formula", ["=1+1", "@SUM(1)", "-1+1", "\uff1d1"])
def test_no_patient_of_a_cohort_is_a_formula(tmp_path: Path, formula: str) -> None:
    (tmp_path / "claims.csv").write_text(f"patient,date,code,charge\n{formula},2026-03-07,96365,550.00\n", "utf-8")
    (tmp_path / "plan.toml").write_text(PLAN)
    result = call("adjudicate", tmp_path / "claims.csv", "--plan", tmp_path / "plan.toml", "-o", tmp_path / "out.csv")
    assert result.exit_code == 0, result.stderr
    assert f"'{formula}" in (tmp_path / "out.csv").read_text("utf-8")
