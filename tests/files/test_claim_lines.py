"""Claim lines from a spreadsheet: two columns are enough, and every wrong row is told with its number."""

from pathlib import Path

import pytest
from commands import read_bill, read_lines

from ketacost.core.fields import KetacostError
from ketacost.files.batch import read_rows


def file(folder: Path, text: str) -> Path:
    path = folder / "claims.csv"
    path.write_text(text, encoding="utf-8")
    return path


def sheet(folder: Path, *rows: str) -> Path:
    return file(folder, "\n".join(rows) + "\n")


def test_a_date_and_a_charge_are_enough(tmp_path: Path) -> None:
    lines, problems = read_lines(sheet(tmp_path, "date,charge", '2026-01-05,"$1,000.50"'))
    assert problems == ()
    assert (lines[0].charge, lines[0].benefit, lines[0].network, lines[0].allowed) == (100_050, "default", "out", None)


@pytest.mark.parametrize(
    ("cells", "benefit", "service"),
    [
        ("99204,,", "specialist", "evaluation"),
        ("96365,,", "outpatient_infusion", "infusion"),
        (",infusion,", "outpatient_infusion", "infusion"),
        ("96365,,drug", "drug", "infusion"),
        ("12345,,drug", "drug", ""),
        ("Office Visit,,", "office_visit", ""),
        ("KETAMINE INFUSION,,", "outpatient_infusion", "infusion"),
        ("Infusion,,drug", "drug", "infusion"),
        ("96365,Infusion,", "outpatient_infusion", "infusion"),
        (",Ketamine Infusion,", "outpatient_infusion", "infusion"),
        (",Therapy,", "therapy", ""),
        ("90837,A talk of 53 minutes,", "mental_health_visit", "psychotherapy"),
    ],
)
def test_a_code_or_service_says_the_booklets_line(tmp_path: Path, cells: str, benefit: str, service: str) -> None:
    lines, problems = read_lines(
        sheet(tmp_path, "date,charge,code,service,benefit", f"2026-01-05,100,{cells}"), network="in"
    )
    assert problems == ()
    assert (lines[0].benefit, lines[0].service, lines[0].network) == (benefit, service, "in")


def test_every_wrong_row_is_told_with_its_number(tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        "date,charge,service,benefit,network,units,allowed,covered",
        "2026-01-05,100,,,,,,",
        "2026-02-30,100,,,,,,",
        ",,,,,,,",
        "2026-01-05,ten,infuzion,drugs,inx,0,none,perhaps",
        "2026-01-05,1,000,,,,,,x",
        "2026-01-05,100,,,,0,,",
        ",100",
    )
    lines, problems = read_lines(path, networks=("in", "out"))
    told = [problem.split(":")[0] for problem in problems]
    assert len(lines) == 1
    assert told == [
        "claims.csv, row 3",
        *["claims.csv, row 5"] * 5,
        *["claims.csv, row 6"] * 2,
        "claims.csv, row 7",
        "claims.csv, row 8",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the first row should name the columns"),
        ("date,charge,date\n", "a name of its own"),
        ("date,charge,alowed\n", "there is no column of claim lines called 'alowed'"),
        ("date,code\n", "a column 'charge' is needed"),
        ("date,charge\n\0", "not a CSV file"),
    ],
)
def test_a_sheet_that_is_none_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(KetacostError, match=told):
        read_lines(file(tmp_path, text))


def test_an_empty_sheet_is_told(tmp_path: Path) -> None:
    assert read_lines(sheet(tmp_path, "date,charge"))[1] == ("claims.csv: there are no claim lines under the header",)


def test_rows_are_numbered_as_a_spreadsheet_does(tmp_path: Path) -> None:
    _, rows = read_rows(sheet(tmp_path, "a,b", '"two\nlines",1', "", ",", "x,2"))
    assert [(row.number, row.cells["b"]) for row in rows] == [(2, "1"), (5, "2")]


def test_a_note_below_the_lines_is_left_out_and_a_line_without_its_charge_is_told(tmp_path: Path) -> None:
    lines = ("date,charge,allowed", "2026-01-05,100,80", "Showing 1 to 1 of 1 entries", "2026-01-06,,", "2O26-01-07,,")
    bill = read_bill(sheet(tmp_path, *lines))
    assert "row 3 is no claim line and is left out" in bill.notes
    assert [problem.split(":")[0] for problem in bill.problems if "charge" in problem] == [
        "claims.csv, row 4",
        "claims.csv, row 5",
    ]


@pytest.mark.parametrize(
    "words", ["Subtotal January", "Sub-total", "Total for 2027", "Grand Total:", "Totals", "TOTAL CHARGES"]
)
def test_a_row_of_sums_in_other_words_is_left_out(tmp_path: Path, words: str) -> None:
    path = sheet(
        tmp_path, "date,description,charge", "2027-01-04,Infusion,600", f",{words},600", "2027-01-06,Infusion,70"
    )
    bill = read_bill(path)
    assert [line.charge for line in bill.lines] == [60_000, 7_000]
    assert "row 3 is a total and is left out" in bill.notes


@pytest.mark.parametrize("words", ["Total body scan", "Summary visit"])
def test_a_line_without_a_day_is_no_row_of_sums(tmp_path: Path, words: str) -> None:
    path = sheet(tmp_path, "date,description,charge", "2027-01-04,Infusion,600", f",{words},250")
    assert "row 3: date is missing" in read_bill(path).problems[0]
