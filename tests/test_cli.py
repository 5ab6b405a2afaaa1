"""The command line: the same answers as text, JSON and CSV, and what is wrong in plain words."""

import csv
import json
import os
import re
import subprocess
import sys
from fractions import Fraction
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from commands import refused, said, sheet
from jsonschema import Draft202012Validator

import ketacost as kc
from ketacost.core.money import about, dollars, shown
from ketacost.estimate.scenario import examples
from ketacost.estimate.sentences import pays_alone
from ketacost.estimate.texts import how_often
from ketacost.files.data_check import ends, numbers, plan_year_end
from ketacost.reports.json_output import LINE_COLUMNS, as_dict

ROOT = Path(__file__).resolve().parent.parent


# run


@pytest.mark.parametrize("name", examples())
def test_an_example_is_told_in_words(name: str) -> None:
    found = kc.estimate(kc.example(name))
    told = said("run", name)
    assert " ".join(told.split()).startswith(f"{found.sentence} {found.rest}".strip())
    for group in found.groups:
        assert how_often(group.chance) in told or pays_alone(found)
        assert not group.whole or shown(group.likely) in told
    first, most = found.dearest_month
    assert (f"Costliest month: {about(most)} in {first:%B %Y}" in told) if first else "Costliest" not in told
    assert "numbers with sources" in told
    assert "Most cash" not in told


@pytest.mark.parametrize("name", examples())
def test_the_list_from_charge_to_net_adds_up(name: str) -> None:
    """Every amount under "From the charge" but the last adds up to the last, which is the estimate's."""
    told = said("run", name).partition("From the charge to what you pay in the end:")[2].partition("\n\n")[0]
    amounts = [signed(word) for word in re.findall(r"-?\$[\d,.]+$", told, re.MULTILINE)]
    assert sum(amounts[:-1]) == sum(amounts[-1:]) == kc.estimate(kc.example(name)).main.likely


def signed(word: str) -> int:
    return kc.usd(word.lstrip("-")) * (-1 if word.startswith("-") else 1)


def test_today_is_the_day_that_the_numbers_are_for() -> None:
    found = json.loads(said("run", "readme-patient", "--today", "2026-11-27", "--json"))
    assert found["scenario"]["today"] == "2026-11-27"
    assert "a day is written as in" in refused("run", "readme-patient", "--today", "today")


def test_the_lines_of_the_bill_and_their_sum_are_told() -> None:
    told = said("run", "readme-patient").splitlines()
    lines = [line for line in told if "Ketamine infusion (96365)" in line]
    assert len(lines) == 15
    assert all(line.endswith("Not covered") for line in lines)
    assert [line.split() for line in told if line.startswith("Total")] == [
        ["Total", "$7,788.00", "$0.00", "$7,788.00", "$0.00", "$7,788.00"]
    ]


def test_every_step_is_told_when_asked() -> None:
    assert "Every step" not in said("run", "readme-patient")
    told = " ".join(said("run", "readme-patient", "--steps", "--set", "coverage=visits only").split())
    assert "The plan counts $248.30 (its allowed amount)." in told


def test_json_is_the_answer_as_data() -> None:
    assert json.loads(said("run", "readme-patient", "--json")) == as_dict(kc.estimate(kc.example("readme-patient")))


@pytest.mark.parametrize("name", examples())
def test_every_number_of_the_json_is_the_estimates(name: str) -> None:
    estimate = kc.estimate(kc.example(name))
    found = json.loads(json.dumps(as_dict(estimate)))
    assert (found["format"], found["sentence"], found["rest"]) == (2, estimate.sentence, estimate.rest)
    assert found["likely"] == (None if estimate.likely is None else dollars(estimate.likely))
    assert Fraction(found["chance"]["exact"]) == estimate.chance
    assert sum(Fraction(group["chance"]["exact"]) for group in found["groups"]) == 1
    for told, group in zip(found["groups"], estimate.groups, strict=True):
        assert (told["likely"] is None) == (not group.whole)
        assert told["likely" if group.whole else "owed"] == dollars(group.likely)
        assert [told[name] for name in ("p10", "p90", "low", "high")] == [
            dollars(cents) for cents in (group.p10, group.p90, group.low, group.high)
        ]
    amounts = [signed(step["amount"]) for step in found["steps_to_net"]]
    assert sum(amounts[:-1]) == sum(amounts[-1:]) == estimate.main.likely
    assert [told["entry"] for told in found["unknowns"]] == [unknown.path for unknown in estimate.unknowns]
    assert sum(kc.usd(line["you_pay"]) for line in found["lines"]) == estimate.shown.you_pay


def test_the_scenario_in_the_json_gives_the_answer_again(tmp_path: Path) -> None:
    entries = ("prices.charges.drug=5", "prices.charges.monitoring=4", "allowed.infusion=240", "household.state=pa")
    found = json.loads(
        said("run", "readme-patient", "--json", *(word for entry in entries for word in ("--set", entry)))
    )
    again = sheet(tmp_path, json.dumps(found["scenario"]), name="again.json")
    assert json.loads(said("run", again, "--json")) == found


def test_csv_is_the_lines() -> None:
    found = list(csv.DictReader(StringIO(said("run", "readme-patient", "--csv"))))
    assert tuple(found[0]) == LINE_COLUMNS
    assert len(found) == len(kc.estimate(kc.example("readme-patient")).shown.claims)
    assert found[0]["you_pay"] == "288.00"


def test_entries_may_be_set() -> None:
    words = ("run", "readme-patient", "--set", "coverage=denied", "--set", "prices.charges.infusion=$550", "--json")
    found = json.loads(said(*words))
    assert found["totals"]["you_pay"] == "8538.00"
    assert found["low"] == found["high"] == found["likely"]
    assert found["totals"]["deductible"] == "0.00"


def test_a_file_runs_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = ROOT / "data" / "scenarios" / "readme-patient.toml"
    monkeypatch.chdir(tmp_path)
    assert said("run", scenario) == said("run", "readme-patient")


def test_the_examples_are_listed() -> None:
    listed = said("run", "--list").splitlines()
    assert [line.split(":")[0] for line in listed] == list(examples())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run"], "which scenario?"),
        (["run", "readme-patent"], "did you mean readme-patient?"),
        (["run", "missing.toml"], "there is no file missing.toml"),
        (["run", "readme-patient", "--set", "coverage"], "--set takes ENTRY=VALUE"),
        (["run", "readme-patient", "--set", "coverage=perhaps"], "there is no choice for coverage called 'perhaps'"),
        (["run", "readme-patient", "--set", "prices.iv-mood.infusion=lots"], "should be a number"),
        (["check", "--on", "tomorrow"], "a day is written as in 2026-11-30"),
        (["schema", "answers"], "there is no schema called 'answers'"),
        (["batch", "nowhere.csv", "-o", "out.csv"], "nowhere.csv cannot be read"),
        (["adjudicate", "c.csv", "--plan", "nextgen"], "there is no plan file or published plan called 'nextgen'"),
        (["adjudicate", "c.csv", "--plan", "nextgen-2026-750"], "c.csv cannot be read"),
        (["adjudicate", "c.csv", "--plan", "nextgen-2026-750", "--network", "far"], "known: in, out"),
    ],
)
def test_what_is_wrong_is_told_in_plain_words(words: list[str], told: str) -> None:
    assert told in refused(*words)


def test_every_problem_of_a_file_is_told(tmp_path: Path) -> None:
    path = sheet(tmp_path, 'plan = "nextgen-2026"', "tip = 1", "[course]", 'protocol = "iv-mood"', name="bad.toml")
    assert [line.split(":")[0] for line in refused("run", path).splitlines()] == ["bad.toml"] * 3


# check


def test_a_check_names_what_an_answer_rests_on() -> None:
    told = said("check", "readme-patient", "--on", "2026-12-01")
    for what in (
        "This estimate uses",
        "assumption (ours; ask for the real one)",
        "read 2026-11-23, 8 days old",
        "- plan nextgen-2026-750: to 2026-12-31, 30 days left",
        "9 of 16 visits are after its year ends on Dec 31, 2026",
        "Its document does not state: mental-health visit",
    ):
        assert what in told, what
    assert "- plan nextgen-2026-750: to 2026-12-31, ran out 1 day ago" in said(
        "check", "readme-patient", "--on", "2027-01-01"
    )
    assert "nextgen-2026-750: to" not in said("check", "readme-patient", "--on", "2026-01-01")


def test_a_check_of_the_data_counts_every_number_once() -> None:
    told = said("check", "--on", "2026-11-23")
    assert told.startswith(f"Numbers in the data on 2026-11-23: {len(list(numbers()))}")
    assert "- fep-blue-standard-2026: calendar-year deductible" in told
    assert "- code S0013: to 2025-12-31, ran out 327 days ago" in told
    every = said("check", "--all", "--on", "2026-11-23")
    assert len(re.findall(r"; read \d{4}-\d\d-\d\d,", every)) == len(list(numbers()))


def test_a_plan_years_end_is_read_from_its_document() -> None:
    found = {
        name: str(plan_year_end(name)) for name in ("nextgen-2026-750", "cliff-berry-2025-base-ppo", "medicaid-alabama")
    }
    assert list(found.values()) == ["2026-12-31", "2026-08-31", "None"]
    assert [end.last for end in ends()] == sorted(end.last for end in ends())


def test_a_check_today_goes_well() -> None:
    assert said("check")
    assert said("check", "medicare-spravato")


# schema, version, start


@pytest.mark.parametrize("what", ["scenario", "plan", "used"])
def test_a_schema_is_printed(what: str) -> None:
    found: dict[str, Any] = json.loads(said("schema", what))
    Draft202012Validator.check_schema(found)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_version_is_the_installed_one() -> None:
    assert said("--version") == f"ketacost {version('ketacost')}\n"


def test_help_names_every_command() -> None:
    told = said("--help")
    assert all(command in told for command in ("run", "batch", "adjudicate", "check", "schema", "lab"))


def test_it_runs_as_a_module_and_into_a_pipe_that_closes() -> None:
    words = [sys.executable, "-m", "ketacost", "run", "readme-patient", "--json"]
    whole = subprocess.run(words, capture_output=True, cwd=ROOT, check=True)
    assert json.loads(whole.stdout)["format"] == 2
    read, write = os.pipe()
    os.close(read)
    broken = subprocess.run(words, stdout=write, stderr=subprocess.PIPE, cwd=ROOT, check=False)
    os.close(write)
    assert b"Traceback" not in broken.stderr


def test_the_commands_load_only_what_they_need() -> None:
    code = "import sys; import ketacost.cli; print([n for n in ('pydantic', 'pandas', 'jsonschema', 'rich') if n in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert found.stdout.strip() == "[]"


def fed(text: str, *words: str) -> subprocess.CompletedProcess[str]:
    """The command with a text on its standard input."""
    command = [sys.executable, "-m", "ketacost", *words]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def test_a_dash_is_standard_input_and_output() -> None:
    file = (ROOT / "data" / "scenarios" / "readme-patient.toml").read_text("utf-8")
    assert fed(file, "run", "-").stdout == said("run", "readme-patient")
    table = "scenario,prices.charges.infusion\nreadme-patient,500\nreadme-patient,abc\n"
    run = fed(table, "batch", "-", "-o", "-")
    head, *rows = csv.reader(run.stdout.splitlines())
    assert run.returncode == 1
    assert [row[head.index("likely")] for row in rows] == ["7788.00", ""]
    assert "row 3: " in run.stderr
    lines = fed("date,code,charge,allowed\n2026-12-01,96365,500,240\n", "adjudicate", "-", "--plan", "nextgen-2026-750")
    assert "$500.00" in lines.stdout, lines.stderr
    assert not Path("-").exists()


def test_lists_and_checks_come_as_json_too() -> None:
    examples = json.loads(said("run", "--list", "--json"))
    assert {"name": "readme-patient", "title": kc.example("readme-patient").title} in examples
    plans = json.loads(said("plans", "--json"))
    assert [plan["name"] for plan in plans] == list(kc.plans)
    told = json.loads(said("check", "readme-patient", "--on", "2026-11-27", "--json"))
    assert told["sentence"] == kc.estimate("readme-patient").sentence
    assert {"where", "what", "grade", "source", "read_on"} == set(told["numbers"][0])
    assert json.loads(said("check", "--due", "2027-06-30", "--json"))[0]["keys"]


def test_what_cannot_go_together_is_refused() -> None:
    both = fed("", "run", "readme-patient", "--json", "--csv")
    assert (both.returncode, both.stdout) == (2, "")
    assert both.stderr == "Error: --json and --csv are two forms of the same lines; give one of them\n"
    assert "'--port'" in fed("", "lab", "--port", "99999").stderr
    assert fed("", "run", "-h").stdout == fed("", "run", "--help").stdout


def test_names_are_completed() -> None:
    shell = {"_KETACOST_COMPLETE": "complete_bash", "COMP_WORDS": "ketacost run readme", "COMP_CWORD": "2"}
    run = subprocess.run(
        [sys.executable, "-c", "from ketacost.cli import app; app(prog_name='ketacost')"],
        env={**os.environ, **shell},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout.split() == ["readme-patient"], run.stderr


@pytest.mark.parametrize("network", ["in", "In-Network", "INN"])
def test_a_network_is_understood_as_in_a_bill(network: str, tmp_path: Path) -> None:
    claims = sheet(tmp_path, "date,code,charge,allowed", "2026-12-01,96365,500,240", name="claims.csv")
    told = said("adjudicate", claims, "--plan", "nextgen-2026-750", "--network", network)
    assert told.startswith("You pay $240.00 of $500.00")


def test_two_plans_in_turn_are_told_apart(tmp_path: Path) -> None:
    """$240 of $500 allowed: the first plan's deductible takes it all, and the second pays 80% of what it leaves."""
    claims = sheet(tmp_path, "date,code,charge,allowed,network", "2026-12-01,96365,500,240,in", name="claims.csv")
    terms = 'name = "{1}"\nnetworks.in.deductible = {0}\nnetworks.in.benefits.default.coinsurance = "20%"\n'
    first, second = (sheet(tmp_path, terms.format(*one), name=f"{one[1]}.toml") for one in ((1_000, "a"), (0, "b")))
    told = said("adjudicate", claims, "--plan", first, "--second", second)
    assert "You pay $48.00 of $500.00; the plans pay $192.00, the second $192.00 of it." in " ".join(told.split())
