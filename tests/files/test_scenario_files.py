"""Files in and out: what is wrong is told at once with its place, what was kept is never lost, and the schema agrees."""

import copy
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from places import DATA
from random_scenarios import random_scenario

from ketacost.core.convert import EntryError, as_text
from ketacost.core.fields import KetacostError
from ketacost.core.writing import write_whole
from ketacost.estimate.answer import scenario_of
from ketacost.estimate.estimate import estimate
from ketacost.estimate.intake import Intake
from ketacost.estimate.saying import said_over
from ketacost.estimate.scenario import example, examples, scenario_from, table_of
from ketacost.files.scenario_files import load, load_plan, load_used, save
from ketacost.model.plans import plan, published_plans

SMALL = """
plan = "nextgen-2026-750"

[course]
protocol = "iv-mood"
start = 2026-11-30

[allowed]
evaluation = "248.30"
"""

TODAY = date(2026, 11, 27)


def file(folder: Path, text: str, name: str = "patient.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# Reading


def test_a_small_file_is_enough(tmp_path: Path) -> None:
    scenario = load(file(tmp_path, SMALL))
    assert scenario.published_plan == "nextgen-2026-750"
    assert scenario.prices.charges["infusion"] == 50_000
    assert scenario.plan.networks["out"].allowed["evaluation"] == 24_830


def test_json_says_the_same(tmp_path: Path) -> None:
    text = json.dumps(as_text(tomllib.loads(SMALL)))
    assert load(file(tmp_path, text, "patient.json")) == load(file(tmp_path, SMALL))


def test_cents_in_a_number_are_exact(tmp_path: Path) -> None:
    scenario = load(file(tmp_path, SMALL.replace('"248.30"', "248.30") + "infusion = 312.50\n"))
    assert scenario.plan.networks["out"].allowed["infusion"] == 31_250


def test_ranges_may_be_numbers(tmp_path: Path) -> None:
    scenario = load(
        file(tmp_path, SMALL + '[ranges]\n"prices.charges.infusion" = [400, 512.50]\nwaived = [true, false]\n')
    )
    assert scenario.ranges == {"prices.charges.infusion": ("400", "512.50"), "waived": ("true", "false")}


@pytest.mark.parametrize("name", examples())
def test_a_shipped_example_is_known_by_its_name(name: str) -> None:
    assert load(name) == load(DATA / "scenarios" / f"{name}.toml") == example(name)


def test_every_problem_is_told_at_once_with_the_file(tmp_path: Path) -> None:
    text = (
        SMALL.replace("nextgen-2026-750", "nextgen-2026-75")
        + 'tip = 3\n[prices.charges]\ninfusion = "lots"\n[used]\nas = 1\n'
    )
    with pytest.raises(EntryError) as wrong:
        load(file(tmp_path, text.replace("2026-11-30", '"soon"')))
    told = wrong.value.problems
    assert all(problem.startswith("patient.toml: ") for problem in told)
    for what in ("nextgen-2026-750", "course.start", "prices.charges.infusion", "used.as"):
        assert any(what in problem for problem in told), what
    assert len(told) == 4


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ("a = 1\nb = = 2\n", "x.toml", "x.toml: this is not TOML: Invalid value (at line 2, column 5)"),
        ('{"a": 1,\n "b": }', "x.json", "x.json: this is not JSON: Expecting value (at line 2, column 7)"),
        ("[1]", "x.json", "x.json: a JSON file should hold one object"),
        ('{"a": 1, "a": 2}', "x.json", "x.json: a is given twice"),
        ("", "x.yaml", "x.yaml: a file ends in .toml or .json, not in '.yaml'"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path: Path, text: str, name: str, told: str) -> None:
    with pytest.raises(KetacostError) as wrong:
        load(file(tmp_path, text, name))
    assert str(wrong.value).startswith(told)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"title = \xff")
    with pytest.raises(KetacostError, match="save it again as UTF-8"):
        load(tmp_path / "x.toml")


def test_windows_endings_and_a_byte_order_mark_are_no_matter(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert load(tmp_path / "x.toml") == load(file(tmp_path, SMALL))


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(KetacostError, match=r"there is no file missing\.toml"):
        load("missing.toml")
    with pytest.raises(KetacostError, match="readme-patient"):
        load("readme-patent")
    with pytest.raises(KetacostError, match="nextgen-2026-750"):
        load_plan("nextgen-2026-75")
    with pytest.raises(KetacostError, match="there is no file"):
        load_used("used.toml")


def entries(table: Mapping[str, Any], *before: str) -> Iterator[tuple[str, ...]]:
    for name, entry in table.items():
        yield (*before, name)
        if isinstance(entry, dict):
            yield from entries(entry, *before, name)


NONSENSE: list[Any] = [5, -1, 1.5, True, "x", "", [], [1], {}, {"a": 1}, [{}], None, ["x"], {"a": {"b": {}}}]


@pytest.mark.parametrize("name", ["readme-patient", "family-september-plan-year"])
def test_nonsense_anywhere_is_told_and_never_breaks(name: str) -> None:
    short = tomllib.loads((DATA / "scenarios" / f"{name}.toml").read_text("utf-8"))
    short |= {
        "payer": "marketplace",
        "path": {"visits": "40%", "step_costs": {"claim": 20}},
        "covered_until": "2027-01-01",
    }
    for whole in (short, table_of(example(name))):
        for path in entries(whole):
            for nonsense in NONSENSE:
                table = copy.deepcopy(whole)
                place = table
                for step in path[:-1]:
                    place = place[step]
                place[path[-1]] = nonsense
                with suppress(KetacostError):
                    scenario_from(table)


# Plans and used amounts


@pytest.mark.parametrize("name", published_plans())
def test_a_published_plans_own_file_reads_as_a_plan(name: str) -> None:
    assert load_plan(DATA / "plans" / f"{name}.toml") == load_plan(name) == plan(name)


def test_a_plan_file_may_change_a_published_one(tmp_path: Path) -> None:
    text = 'preset = "nextgen-2026-750"\nfamily = true\nlimit_kind = "embedded"\n[networks.out]\ndeductible = 3000\n'
    found = load_plan(file(tmp_path, text))
    assert found.networks["out"].deductible == 300_000
    assert found.networks["out"].out_of_pocket_limit == 700_000
    assert found.family
    assert found.networks["in"] == plan("nextgen-2026-750").networks["in"]


def test_what_a_plan_file_does_not_know_is_told(tmp_path: Path) -> None:
    with pytest.raises(EntryError, match=r"patient.toml: deductable: there is no entry") as wrong:
        load_plan(file(tmp_path, "deductable = 3\nkind = 3\n"))
    assert len(wrong.value.problems) == 3


def test_used_amounts_are_read(tmp_path: Path) -> None:
    used = load_used(file(tmp_path, 'as_of = 2026-11-20\n[members.patient.out]\ndeductible = "1,250"\n'))
    assert used.as_of == date(2026, 11, 20)
    assert used.members["patient"]["out"].deductible == 125_000
    with pytest.raises(EntryError, match="need a date"):
        load_used(file(tmp_path, "[members.patient.out]\ndeductible = 1\n"))


# Writing


@pytest.mark.parametrize("suffix", ["toml", "json"])
@pytest.mark.parametrize("name", examples())
def test_what_is_kept_reads_back_equal(tmp_path: Path, name: str, suffix: str) -> None:
    scenario = example(name)
    path = tmp_path / f"kept.{suffix}"
    save(scenario, path)
    assert load(path) == scenario
    assert os.listdir(tmp_path) == [path.name]


def test_a_kept_file_holds_the_scenario_and_nothing_else(tmp_path: Path) -> None:
    save(example("readme-patient"), tmp_path / "kept.toml")
    assert tomllib.loads((tmp_path / "kept.toml").read_text("utf-8")) == table_of(example("readme-patient"))


def test_prices_that_include_nothing_stay_so(tmp_path: Path) -> None:
    start = example("readme-patient")
    charges = {**start.prices.charges, "drug": 500, "monitoring": 400}
    scenario = start.replace(prices=start.prices.replace(bundled=(), charges=charges))
    save(scenario, tmp_path / "kept.toml")
    assert load(tmp_path / "kept.toml") == scenario


def test_the_old_file_stays_when_the_new_one_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kept.toml"
    save(example("readme-patient"), path)
    before = path.read_bytes()

    def full(*names: object) -> None:
        raise OSError(28, "No space left on device")

    for step in ("fsync", "replace"):
        with monkeypatch.context() as broken:
            broken.setattr(os, step, full)
            with pytest.raises(KetacostError, match=r"kept\.toml cannot be written: No space"):
                save(example("medicare-spravato"), path)
        assert path.read_bytes() == before
        assert os.listdir(tmp_path) == [path.name]


def test_what_would_not_read_back_is_not_written(tmp_path: Path) -> None:
    whole = example("readme-patient")
    without = whole.replace(prices=whole.prices.replace(charges={"infusion": 50_000}))
    with pytest.raises(KetacostError, match="would not read back"):
        save(without, tmp_path / "kept.toml")
    assert os.listdir(tmp_path) == []


def test_a_link_and_the_rights_of_a_file_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "a.txt", tmp_path / "b.txt"
    write_whole(path, "old")
    path.chmod(0o640)
    link.symlink_to(path)
    write_whole(link, "new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640


# More entries said


def test_entries_are_said_all_at_once_by_name_or_by_path() -> None:
    scenario = scenario_of(
        "readme-patient",
        {
            "prices.charges.infusion": "$550",
            "coverage": "denied",
            "used.as_of": "2026-11-01",
            "used.patient.out.deductible": "100",
        },
    )
    assert scenario.prices.charges["infusion"] == 55_000
    assert scenario.used.members["patient"]["out"].deductible == 10_000


def test_nothing_more_said_gives_the_same_amounts() -> None:
    plain, over = load("readme-patient"), scenario_of("readme-patient", {})
    assert estimate(over).main.bottom == estimate(plain).main.bottom


def test_what_is_said_is_known_from_then_on() -> None:
    allowed = "plan.networks.out.allowed.infusion"
    assert set(scenario_of("readme-patient", {}).ranges) == {"coverage", allowed}
    assert set(scenario_of("readme-patient", {"coverage": "denied"}).ranges) == {allowed}
    assert set(scenario_of("readme-patient", {"allowed.infusion": "300"}).ranges) == {"coverage"}
    charge = "prices.charges.infusion"
    assert scenario_of("readme-patient", {f"ranges.{charge}": "400, 600"}).ranges[charge] == ("400", "600")
    assert len(scenario_of("readme-patient", {charge: "unknown"}).ranges[charge]) == 3


def test_a_new_plan_takes_the_allowed_amounts_along() -> None:
    scenario = scenario_of("readme-patient", {"plan": "nextgen-2026-3000"})
    assert scenario.published_plan == "nextgen-2026-3000"
    assert scenario.plan.networks["out"].allowed == example("readme-patient").plan.networks["out"].allowed
    assert set(scenario.ranges) == {"coverage", "plan.networks.out.allowed.infusion"}


def test_names_are_read_in_the_scope_of_what_is_said_with_them() -> None:
    changes = {"prices.charges.injection": "300", "course.protocol": "im-mood", "payer": "marketplace"}
    assert said_over(Intake(), {**changes, "path.internal": "30%"}, TODAY).said.keys() == {
        *("payer", "protocol"),
        *("prices.im-mood.injection", "odds.marketplace.iv-mood.internal"),
    }


def test_every_wrong_entry_is_told() -> None:
    with pytest.raises(EntryError) as wrong:
        scenario_of("readme-patient", {"prices.charge.infusion": "5", "coverage": "maybe", "network": "in"})
    assert len(wrong.value.problems) == 2
    with pytest.raises(EntryError, match=r"there is no entry called 'title\.short'"):
        scenario_of("readme-patient", {"title.short": "x"})


def test_random_scenarios_come_back_from_their_tables_as_they_were() -> None:
    """Reading begins with the payer's own path, so what differs from it is written even where it is a plain no."""
    for seed in range(300):
        scenario = random_scenario(Random(seed))
        assert scenario_from(table_of(scenario)) == scenario


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("deductible = 1500\nout_of_pocket_limit = 4000\n", "out_of_pocket_limit: write them under [networks.in]"),
        ('networks.in.deductible = 0\ncoinsurance = "20%"\n', "coinsurance: write it under [networks.in]"),
    ],
)
def test_terms_of_a_network_at_a_plans_top_are_told_their_place(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KetacostError) as refused:
        load_plan(path)
    assert told in str(refused.value)


def test_used_amounts_at_the_top_are_told_their_place(tmp_path: Path) -> None:
    path = tmp_path / "used.toml"
    path.write_text("deductible = 400\n", encoding="utf-8")
    with pytest.raises(KetacostError, match=r"deductible: write it under \[members.patient\]"):
        load_used(path)


def test_what_was_said_stands_in_its_own_table(tmp_path: Path) -> None:
    path = tmp_path / "said.toml"
    entries = 'payer = "self-pay"\nstart = 2027-01-04\n"prices.iv-mood.infusion" = 450\n'
    path.write_text(entries, encoding="utf-8")
    with pytest.raises(EntryError, match=r"payer, start, prices.iv-mood.infusion: write them under \[said\]"):
        load(path)
