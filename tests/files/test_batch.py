"""Many scenarios in one go, and any claim lines through any plan: a row for each, and a bad row stops nothing else."""

import csv
import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from commands import call, refused, said, sheet
from places import ROOT

import ketacost as kc
from ketacost.estimate.scenario import examples
from ketacost.files.batch import COLUMNS, answer_row, jobs
from ketacost.files.batch_run import answers


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# batch


def test_the_answers_keep_the_columns_they_were_given_and_offer_their_lines(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = sheet(
        tmp_path,
        "name,scenario,coverage,plan,allowed.infusion",
        "as it is,readme-patient,,,",
        "all,readme-patient,infusions too,nextgen-2026-3000,300",
    )
    said("batch", path, "-o", tmp_path / "out.csv", "--lines", tmp_path / "lines.parquet")
    first, other = rows_of(tmp_path / "out.csv")
    assert [first[name] for name in ("scenario", "coverage", "plan")] == ["readme-patient", "", ""]
    assert (other["coverage"], other["plan"], other["allowed.infusion"]) == (
        "infusions too",
        "nextgen-2026-3000",
        "300",
    )
    lines = parquet.read_table(tmp_path / "lines.parquet").to_pylist()
    for row in (first, other):
        mine = [line for line in lines if line["name"] == row["name"]]
        assert round(sum(line["you_pay"] for line in mine), 2) == float(row["you_pay"])
        assert {line["row"] for line in mine} == {row["row"]}


def test_a_folder_of_scenarios_gives_a_row_each(tmp_path: Path) -> None:
    said("batch", ROOT / "data" / "scenarios", "-o", tmp_path / "out.csv")
    found = rows_of(tmp_path / "out.csv")
    assert tuple(found[0]) == COLUMNS
    assert [row["name"] for row in found] == list(examples())
    for row in found:
        estimate = kc.estimate(kc.example(row["name"]))
        nets = {name: getattr(estimate, name) for name in ("likely", "p10", "p90", "low", "high")}
        assert {name: row[name] for name in nets} == {
            name: "" if cents is None else f"{cents // 100}.{cents % 100:02}" for name, cents in nets.items()
        }
        assert (row["sentence"], row["rest"]) == (estimate.sentence, estimate.rest)
        assert float(row["chance"]) == pytest.approx(float(estimate.chance), abs=1e-4)


def test_a_bad_file_is_told_and_the_rest_go_on(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("readme-patient", "medicare-spravato"):
        (tmp_path / "in" / f"{name}.toml").write_bytes((ROOT / "data" / "scenarios" / f"{name}.toml").read_bytes())
    sheet(tmp_path / "in", "plan = ", name="broken.toml")
    result = call("batch", tmp_path / "in", "-o", tmp_path / "out.csv")
    assert result.exit_code == 1
    assert "in, broken.toml: broken.toml: this is not TOML" in result.stderr
    assert "2 of 3 answered" in result.stderr
    assert [bool(row["problem"]) for row in rows_of(tmp_path / "out.csv")] == [True, False, False]


def test_a_bad_row_is_told_with_its_number_and_the_rest_go_on(tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        "name,scenario,plan,coverage,prices.charges.infusion,course.start",
        "as it is,readme-patient,,,,",
        "dearer,readme-patient,,denied,600,",
        ",readme-patient,,perhaps,lots,",
        ",nobody,,,,",
        "other plan,readme-patient,nextgen-2026-3000,,,2027-01-04",
        "too long,readme-patient,,,,,surplus",
        "no end,readme-patient,,,,9999-12-01",
    )
    result = call("batch", path, "-o", tmp_path / "out.csv")
    found = rows_of(tmp_path / "out.csv")
    assert result.exit_code == 1
    assert [row["name"] for row in found] == [
        "as it is",
        "dearer",
        "row 4",
        "row 5",
        "other plan",
        "too long",
        "no end",
    ]
    assert [row["you_pay"] for row in found[:2]] == ["7788.00", "9288.00"]
    assert [bool(row["problem"]) for row in found] == [False, False, True, True, False, True, True]
    told = result.stderr.splitlines()
    assert [line.split(":")[0] for line in told[:4]] == [f"rows.csv, row {row}" for row in (4, 5, 7, 8)]
    assert "coverage" in told[0]
    assert "prices.iv-mood.infusion" in told[0]


def test_a_row_may_give_everything(tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        "plan,course.protocol,course.start,allowed.evaluation,allowed.infusion,coverage",
        "nextgen-2026-750,iv-mood,2026-11-30,248.30,300,infusions too",
    )
    said("batch", path, "-o", tmp_path / "out.csv", "--today", "2026-11-27")
    assert rows_of(tmp_path / "out.csv")[0]["problem"] == ""


def test_a_row_gives_what_the_panel_gives_for_the_same_entries(tmp_path: Path) -> None:
    entries = {"payer": "marketplace", "protocol": "spravato", "terms.in.deductible": "3,000"}
    path = sheet(tmp_path, ",".join(entries), ",".join(f'"{value}"' for value in entries.values()))
    said("batch", path, "-o", tmp_path / "out.csv", "--today", "2026-11-27")
    estimate = kc.estimate(kc.resolve(kc.intake(entries), date(2026, 11, 27)))
    assert rows_of(tmp_path / "out.csv")[0]["sentence"] == estimate.sentence


def test_a_scenario_is_found_beside_the_sheet(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes((ROOT / "data" / "scenarios" / "readme-patient.toml").read_bytes())
    said("batch", sheet(tmp_path, "scenario", "mine.toml"), "-o", tmp_path / "out.csv")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["scenario,price", "readme-patient,5"], "there is no column of a batch called 'price'"),
        (["scenario,Deductible", "readme-patient,5"], "does not say what it is for: write terms.out.deductible"),
        (["scenario"], "there are no rows under the header"),
        (["scenario,mrn,age", "readme-patient,1,44"], "no column of a batch called 'mrn'"),
        (["scenario,mrn,age", "readme-patient,1,44"], "no column of a batch called 'age'"),
        (["scenario,mrn,age", "readme-patient,1,44"], "words of your own into notes"),
    ],
)
def test_a_sheet_that_is_no_batch_is_refused(tmp_path: Path, rows: list[str], told: str) -> None:
    assert told in refused("batch", sheet(tmp_path, *rows), "-o", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_notes_are_copied_and_a_total_is_left_out(tmp_path: Path) -> None:
    """Each is named on stderr. A sum row was answered as a patient of whom nothing is known; notes refused the sheet."""
    rows = [
        "Clinic export,,",
        ",,",
        "name,scenario,coverage,Notes",
        "A,readme-patient,denied,Total due: call back",
        "Total,,,",
    ]
    path = sheet(tmp_path, *rows)
    told = call("batch", path, "-o", tmp_path / "out.csv", "--today", "2026-11-27")
    assert told.exit_code == 0
    assert "columns that are copied and not read: Notes" in told.stderr
    assert "row 5 is a total and is left out" in told.stderr
    (row,) = rows_of(tmp_path / "out.csv")
    assert (row["row"], row["Notes"], row["likely"]) == ("4", "Total due: call back", "7788.00")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("A,,,", "has a name and nothing else; give it a scenario or an entry"),
        ("A,readme-patient,N/A,\u2014", "coverage (N/A), terms.out.deductible (\u2014): leave the cell empty"),
    ],
)
def test_a_row_that_says_nothing_is_told(tmp_path: Path, row: str, told: str) -> None:
    path = sheet(tmp_path, "name,scenario,coverage,terms.out.deductible", row, "B,readme-patient,,")
    assert call("batch", path, "-o", tmp_path / "out.csv").exit_code == 1
    problems = [row["problem"] for row in rows_of(tmp_path / "out.csv")]
    assert told in problems[0]
    assert problems[1] == ""


def test_an_empty_folder_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    assert "there are no scenario files" in refused("batch", tmp_path, "-o", tmp_path / "out.csv")
    assert "there is no folder" in refused("batch", ROOT / "data" / "scenarios", "-o", tmp_path / "no" / "out.csv")


def test_workers_give_the_same_rows(tmp_path: Path) -> None:
    path = sheet(tmp_path, "scenario,prices.charges.infusion", *(f"readme-patient,{500 + n}" for n in range(30)))
    todo = jobs(path)
    assert list(answers(todo, workers=2)) == list(answers(todo, workers=1)) == [answer_row(job) for job in todo]


# adjudicate

# The worked example of the Uniform Medical Plan's 2024 certificate, once the deductible is met: for a charge of $1,000 of
# which the plan allows $900, the member pays $135 to a preferred provider, $360 to a participating one, and $360 and the
# $100 above the allowed amount out of network.
CLAIMS = (
    "date,network,charge,allowed",
    "2024-03-01,preferred,1000,900",
    "2024-03-02,participating,1000,900",
    '2024-03-03,out,"$1,000.00",900',
)
USED = (
    "as_of = 2024-02-01",
    "[members.patient]",
    *(f"{side} = {{ deductible = 250 }}" for side in ("preferred", "participating", "out")),
)


def adjudicated(folder: Path, *words: object) -> tuple[object, ...]:
    claims, used = sheet(folder, *CLAIMS, name="claims.csv"), sheet(folder, *USED, name="used.toml")
    return ("adjudicate", claims, "--plan", "ump-classic-2024", "--used", used, *words)


def test_the_certificates_own_example_comes_out(tmp_path: Path) -> None:
    found = json.loads(said(*adjudicated(tmp_path, "--json")))
    assert [line["you_pay"] for line in found["lines"]] == ["135.00", "360.00", "460.00"]
    assert [line["balance_bill"] for line in found["lines"]] == ["0.00", "0.00", "100.00"]
    assert found["totals"]["plan_pays"] == "1845.00"
    assert found["lines"][2]["accumulators"]["preferred"]["deductible"] == "250.00"


def test_an_explanation_of_benefits_as_text_and_csv(tmp_path: Path) -> None:
    text = said(*adjudicated(tmp_path, "--steps"))
    assert text.startswith("You pay $955.00 of $3,000.00; the plan pays $1,845.00.")
    assert "preferred: deductible $250.00 of $250.00" in text
    assert "$100.00 is above what the plan counts and yours to pay (balance bill)." in " ".join(text.split())
    found = list(csv.DictReader(StringIO(said(*adjudicated(tmp_path, "--csv")))))
    assert [row["coinsurance"] for row in found] == ["135.00", "360.00", "360.00"]


def test_rows_without_a_network_take_the_one_that_is_said(tmp_path: Path) -> None:
    path = sheet(tmp_path, "date,charge,allowed,code", "2026-03-02,500,300,96365")
    for words, you_pay in (((), "500.00"), (("--network", "in"), "300.00")):
        found = json.loads(said("adjudicate", path, "--plan", "nextgen-2026-750", *words, "--json"))
        assert found["totals"]["you_pay"] == you_pay
        assert found["lines"][0]["label"] == "Ketamine infusion (96365)"


def test_wrong_rows_are_all_told_and_nothing_is_adjudicated(tmp_path: Path) -> None:
    path = sheet(
        tmp_path, "date,charge,network", "2026-01-05,100,out", "2026-01-32,100,out", "2026-01-06,x,far", name="c.csv"
    )
    told = refused("adjudicate", path, "--plan", "nextgen-2026-750").splitlines()
    assert [line.split(":")[0] for line in told] == ["c.csv, row 3", "c.csv, row 4", "c.csv, row 4"]
