"""Bills as people have them: each row of the public cases with its right value, and a generator for each kind."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from commands import read_lines
from openpyxl import Workbook
from typer.testing import CliRunner

import ketacost as kc
from ketacost.cli import app
from ketacost.core.dates import day_of
from ketacost.core.fields import KetacostError
from ketacost.core.references import rows
from ketacost.files.batch import Bill, differences, jobs, read_bill
from ketacost.files.scenario_files import habit, load_columns, load_plan
from ketacost.model.adjudication import adjudicate
from ketacost.model.bills import (
    BillRow,
    ColumnMap,
    billing_code,
    columns_in,
    covered_in,
    denial_in,
    line_of_code,
    standing,
    wrong_code,
)
from ketacost.model.protocols import services

COPAYS = """
name = "PPO with copays for visits"
[networks.in]
deductible = 1000
out_of_pocket_limit = 5000
benefits.default = { coinsurance = "20%" }
benefits.office_visit = { copay = 40, deductible_applies = false }
benefits.specialist = { copay = 40, deductible_applies = false }
benefits.mental_health_visit = { copay = 25, deductible_applies = false }
benefits.therapy = { copay = 25, deductible_applies = false }
"""
PLAIN = """
name = "Plain PPO"
[networks.in]
deductible = 500
out_of_pocket_limit = 4000
benefits.default = { coinsurance = "20%" }
[networks.out]
deductible = 1000
out_of_pocket_limit = "none"
balance_bill = "owed"
benefits.default = { coinsurance = "40%" }
"""
PORTAL = """Claim ID,Claim Type,Date of Service,Processing Date,Employee Responsibility,Billed Amount,Service Description,Plan Network
C-1,Original,2026-02-03,2026-02-20,240.00,550.00,Infusion,InNetwork
C-2,Original,2026-02-10,2026-02-27,208.00,550.00,Infusion,OutOfNetwork
"""


def sheet(folder: Path, text: str, name: str = "bill.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def plan_of(folder: Path, text: str) -> kc.Plan:
    return load_plan(sheet(folder, text, "plan.toml"))


def you_pay(folder: Path, bill: str, plan: str, network: str = "in") -> list[int]:
    lines, problems = read_lines(sheet(folder, bill), network=network, networks=("in", "out"))
    assert problems == ()
    return [claim.you_pay for claim in adjudicate(lines, plan_of(folder, plan))]


def in_a_cohort(folder: Path, bill: str, plan: str, network: str = "in", **more: Any) -> Any:
    """The same bill as a table of one patient, through the compiled walk."""
    path = folder / "many.csv"
    table = list(csv.reader(StringIO(bill)))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([*([*row, "patient" if at == 0 else "p"] for at, row in enumerate(table))])
    return kc.adjudicate_frame(path, plan_of(folder, plan), network=network, money="cents", **more)


# The public cases


VISITS = (
    "date,code,charge,allowed\n2026-01-05,99214,220,130\n2026-01-06,99213,160,95\n2026-01-08,99205,350,220\n"
    "2026-01-09,90792,300,200\n2026-01-14,90832,120,70\n"
)
EXCEL = 'date,charge,allowed\n1/2/2026,$550.00,$240.00\n12/7/2026,"$1,180.00",$190.00\n'
REVERSAL = (
    "date,code,charge,allowed\n2026-03-02,96365,550.00,240.00\n2026-03-02,96365,-550.00,-240.00\n"
    "2026-03-02,96365,550.00,300.00\n"
)
LIABLE = (
    "date,code,charge,allowed,network,covered,balance_billed\n2026-01-02,96365,550,,in,no,no\n"
    "2026-01-09,96365,550,240,in,yes,no\n"
)


@pytest.mark.parametrize(
    ("bill", "plan", "right"),
    [
        pytest.param(VISITS, COPAYS, [40_00, 40_00, 40_00, 25_00, 25_00], id="601: visit codes find their copays"),
        pytest.param(EXCEL, PLAIN, [240_00, 190_00], id="603: dates and amounts of a spreadsheet"),
        pytest.param(REVERSAL, PLAIN, [300_00], id="607: a claim, its reversal and the corrected claim"),
        pytest.param(LIABLE, PLAIN, [0, 240_00], id="612: a denial that the clinic must bear"),
    ],
)
def test_a_public_case_gives_its_right_value(tmp_path: Path, bill: str, plan: str, right: list[int]) -> None:
    assert you_pay(tmp_path, bill, plan) == right
    assert in_a_cohort(tmp_path, bill, plan)["you_pay_cents"].to_pylist() == right


def test_the_corrected_claim_writes_off_what_is_above_its_amount(tmp_path: Path) -> None:
    lines, _ = read_lines(sheet(tmp_path, REVERSAL), network="in")
    (claim,) = adjudicate(lines, plan_of(tmp_path, PLAIN))
    assert (claim.split.write_off, claim.split.deductible) == (250_00, 300_00)


def test_a_denial_that_the_clinic_bears_is_written_off_and_still_denied(tmp_path: Path) -> None:
    lines, _ = read_lines(sheet(tmp_path, LIABLE), network="in")
    first, second = adjudicate(lines, plan_of(tmp_path, PLAIN))
    assert (first.outcome, first.split.write_off, second.outcome) == ("denied", 550_00, "counted")


def test_605_a_portal_is_read_by_its_own_columns(tmp_path: Path) -> None:
    bill = read_bill(sheet(tmp_path, PORTAL), networks=("in", "out"))
    assert bill.problems == ()
    assert [(line.network, line.charge, line.service) for line in bill.lines] == [
        ("in", 550_00, "infusion"),
        ("out", 550_00, "infusion"),
    ]
    assert bill.shares == (240_00, 208_00)
    assert bill.notes[0].startswith("columns read: date = 'Date of Service', network = 'Plan Network'")
    assert bill.notes[1] == "columns left out: 'Processing Date'"
    assert bill.notes[-1] == "lines read: 1 in, 1 out; $1,100.00 charged in all"
    plan = plan_of(
        tmp_path, PLAIN.replace("[networks.out]", "allowed.default = 240\n[networks.out]\nallowed.default = 200")
    )
    told = differences(bill, adjudicate(bill.lines, plan))
    assert told == ["row 3: the file says that the patient owes $208.00; by this plan it is $550.00"]


@pytest.mark.parametrize(("share", "right"), [("65%", 504_89), ("50%", 521_69)])
def test_627_a_plan_counts_medicares_fee_or_else_a_share_of_the_charge(tmp_path: Path, share: str, right: int) -> None:
    bill = "date,code,units,charge\n2026-03-02,96365,1,500\n2026-03-02,J3490,1,80\n2026-03-02,99417,1,60\n"
    plan = (
        'name = "Medicare or a share"\n[networks.out]\ndeductible = 0\nbalance_bill = "owed"\n'
        'benefits.default = { coinsurance = "20%" }\npricing = { method = "multiple of Medicare", multiple = "100%", '
        f'zip = "10001", otherwise = "{share}" }}\n'
    )
    lines, problems = read_lines(sheet(tmp_path, bill))
    claims = adjudicate(lines, plan_of(tmp_path, plan))
    assert problems == ()
    assert sum(claim.you_pay for claim in claims) == right
    if share == "65%":
        assert [claim.allowed for claim in claims] == [77_89, 52_00, 39_00]
        assert sum(claim.split.plan_pays for claim in claims) == 135_11
    assert sum(in_a_cohort(tmp_path, bill, plan, "out")["you_pay_cents"].to_pylist()) == right
    with pytest.raises(KetacostError, match="Medicare has no fee for J3490"):  # 628
        adjudicate(lines, plan_of(tmp_path, plan.replace(f', otherwise = "{share}"', "")))


def test_va_takes_the_highest_copay_of_a_day_and_states_no_limit(tmp_path: Path) -> None:
    """An office visit and a specialist on one day, and a specialist and an infusion: $50 each day."""
    bill = (
        "date,charge,allowed,benefit\n2025-05-05,300,200,office_visit\n2025-05-05,400,300,specialist\n"
        "2025-06-05,400,300,specialist\n2025-06-05,400,300,outpatient_infusion\n"
    )
    path = sheet(tmp_path, bill)
    told = CliRunner().invoke(app, ["adjudicate", str(path), "--plan", "va-2025", "--network", "in"])
    assert told.stdout.startswith("You pay $100.00 of $1,500.00; the plan pays $1,000.00.")
    assert "states no yearly limit" in told.stderr


def test_635_a_us_date_in_toml_is_told_with_its_mend(tmp_path: Path) -> None:
    path = sheet(tmp_path, '[course]\nprotocol = "iv-mood"\nstart = 12/1/2026\n', "s.toml")
    told = CliRunner().invoke(app, ["run", str(path)])
    assert told.exit_code == 2
    assert "write 2026-12-01" in told.stderr
    assert "line 3" in told.stderr


# Codes


def test_every_code_of_the_table_has_a_source_and_the_line_of_its_service() -> None:
    for name, kind in services().items():
        for code, *_ in kind.codes:
            row = next(row for row in rows("codes") if row["code"] == code)
            assert row["benefit"] == kind.benefit, name


NAMED = (
    *map(str, (*range(99202, 99206), *range(99212, 99216), 90791, 90792, 90832, 90833, 90834, 90836, 90837, 90838)),
    *map(str, (*range(96365, 96369), *range(96372, 96378), 99415, 99416, 99417, 94760, 94761, 93000)),
    *("G2082", "G2083", "S0013", "J0013", "J3490"),
)
LINES = {"9920": "specialist", "9921": "specialist", "9079": "mental_health_visit", "9083": "mental_health_visit"}
MODIFIERS = ("25", "95", "GT", "59", "XU", "GQ", "93", "JZ", "HO", "KX")


@pytest.mark.parametrize("code", NAMED)
def test_every_named_code_finds_its_line_however_it_is_written(code: str) -> None:
    draw = Random(code)
    line = line_of_code(code)
    assert line == LINES.get(code[:4], line) != ""
    for _ in range(40):
        written = code + "".join(
            draw.choice("-: /,") + " " * draw.randrange(2) + draw.choice(MODIFIERS) for _ in range(draw.randrange(4))
        )
        written = draw.choice((written, f"{code} ({draw.choice(MODIFIERS)})", f"{code}{draw.choice(MODIFIERS)}"))
        written = (
            draw.choice(("", " ", "CPT ", "HC:")) + draw.choice((written, written.lower())) + " " * draw.randrange(3)
        )
        assert billing_code(written) == code, written


@pytest.mark.parametrize("written", ["96365 x2", "96365*2", "99214-99215", "12345678", "a visit", "9921"])
def test_what_is_no_code_is_told_and_never_taken_for_one(tmp_path: Path, written: str) -> None:
    _, problems = read_lines(sheet(tmp_path, f"date,code,charge\n2026-01-05,{written},100\n"))
    assert len(problems) == 1
    assert "no line of the booklet is known" in problems[0]


def test_a_code_without_a_line_is_told_and_goes_with_a_line(tmp_path: Path) -> None:
    bill = "date,code,charge,benefit\n2026-01-05,90870,100,{}\n"
    assert "give its line as benefit" in read_lines(sheet(tmp_path, bill.format("")))[1][0]
    assert read_lines(sheet(tmp_path, bill.format("mental_health_visit")))[1] == ()
    with pytest.raises(KetacostError, match=r"row 2: no line of the booklet is known for code '90870'"):
        in_a_cohort(tmp_path, bill.format("").replace(",\n", ",\n"), COPAYS)


def test_a_code_out_of_its_days_is_told_with_the_one_that_holds(tmp_path: Path) -> None:
    assert "on that day it is J0013" in wrong_code("S0013", date(2026, 1, 1))
    assert wrong_code("S0013", date(2025, 12, 31)) == wrong_code("J0013", date(2026, 1, 1)) == ""
    with pytest.raises(KetacostError, match="on that day it is S0013"):
        in_a_cohort(tmp_path, "date,code,charge\n2025-12-31,J0013,100\n", COPAYS)


# Dates and amounts


STYLES = ("%m/%d/%Y", "%m/%d/%y", "%d-%b-%y", "%Y-%m-%d %H:%M:%S", "%b %d, %Y", "%Y/%m/%d", "%m-%d-%Y", "%Y%m%d")


def test_a_day_is_read_in_every_usual_style() -> None:
    draw = Random(1)
    for _ in range(2_000):
        day = date.fromordinal(draw.randrange(date(2000, 1, 1).toordinal(), date(2060, 1, 1).toordinal()))
        for style in STYLES:
            written = datetime(day.year, day.month, day.day).strftime(style)
            assert day_of(draw.choice((written, written.lower(), f" {written} "))) == day
        short = f"{day.month}/{day.day}/{day:%y}"
        assert (
            day_of(short) == day_of(f"{short} 0:00") == day_of(f"{day.day}/{day.month}/{day.year}", "day-first") == day
        )


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("13/2/2026", "write 2026-02-13.*--dates day-first"),
        ("5.1.2026", "is the month or the day first"),
        ("2/30/2026", "no such day"),
        ("soon", "a day is written as in"),
    ],
)
def test_a_day_that_is_open_is_asked_for(tmp_path: Path, written: str, told: str) -> None:
    bill = f"date,charge,allowed\n{written},100,100\n"
    assert re.search(told, read_lines(sheet(tmp_path, bill))[1][0])
    with pytest.raises(KetacostError, match=told):
        in_a_cohort(tmp_path, bill, PLAIN)


def test_a_spreadsheets_numbers_of_days_are_read_and_told(tmp_path: Path) -> None:
    bill = "date,charge,allowed\n46371,100,100\n46373.5,100,100\n"
    found = read_bill(sheet(tmp_path, bill), network="in")
    assert [line.date for line in found.lines] == [date(2026, 12, 15), date(2026, 12, 17)]
    assert "dates are a spreadsheet's numbers of days: 46371 is 2026-12-15" in found.notes
    assert in_a_cohort(tmp_path, bill, PLAIN)["you_pay_cents"].to_pylist() == [100_00, 100_00]
    with pytest.raises(KetacostError, match="a day is written as in"):
        day_of("46371", "iso")


@pytest.mark.parametrize(
    "written", ["1/12/2027-1/12/2027", "01/12/27 to 01/12/27", "2027-01-12 - 2027-01-12", "Jan 12, 2027–Jan 12, 2027"]
)
def test_from_and_to_of_one_day_are_that_day(written: str) -> None:
    assert day_of(written) == date(2027, 1, 12)


@pytest.mark.parametrize("written", ["USD 1,550.00", "1550 USD", "US$1,550", "1550.00 $", "1,550 dollars", "$ 1550."])
def test_dollars_are_read_however_they_are_named(tmp_path: Path, written: str) -> None:
    bill = f'date,charge,allowed\n2026-01-05,"{written}",100\n'
    assert read_lines(sheet(tmp_path, bill))[0][0].charge == 1_550_00
    assert in_a_cohort(tmp_path, bill, PLAIN)["write_off_cents"].to_pylist() == [1_450_00]


def test_day_first_sheets_are_read_when_they_are_said_to_be(tmp_path: Path) -> None:
    bill, first = "date,charge,allowed\n13/2/2026,100,100\n1/2/2026,100,100\n", ColumnMap(dates="day-first")
    lines, problems = read_lines(sheet(tmp_path, bill), columns=first)
    assert problems == ()
    assert [line.date for line in lines] == [date(2026, 2, 13), date(2026, 2, 1)]
    assert in_a_cohort(tmp_path, bill, PLAIN, columns=first).num_rows == 2
    assert "--dates iso" in read_lines(sheet(tmp_path, bill), columns=ColumnMap(dates="iso"))[1][0]


def test_a_batch_and_a_scenario_take_us_dates(tmp_path: Path) -> None:
    text = "scenario,course.start\nreadme-patient,1/4/2027\n"
    assert jobs(sheet(tmp_path, text))[0].changes == {"course.start": "2027-01-04"}
    assert jobs(sheet(tmp_path, text), dates="day-first")[0].changes == {"course.start": "2027-04-01"}
    assert "no month 13" in jobs(sheet(tmp_path, text.replace("1/4", "13/4")))[0].problem
    scenario = 'plan = "nextgen-2026-750"\nallowed = "typical"\n[course]\nprotocol = "iv-mood"\nstart = "1/4/2027"\n'
    assert kc.load(sheet(tmp_path, scenario, "s.toml")).course.start == date(2027, 1, 4)


@pytest.mark.parametrize(
    "written", ["(550.00)", "-550", "-$550.00", "$(550.00)", "($550.00)", "550.00-", "\u2212550.00"]
)
def test_a_negative_charge_takes_its_claim_back(tmp_path: Path, written: str) -> None:
    bill = f'date,code,charge,allowed\n2026-03-02,96365,"$550.00",240\n2026-03-02,96365,{written},(240.00)\n'
    bill += "2026-03-03,96365,100,100\n"
    assert you_pay(tmp_path, bill, PLAIN) == [100_00]
    assert in_a_cohort(tmp_path, bill, PLAIN)["you_pay_cents"].to_pylist() == [100_00]


# Columns, encodings, workbooks


def portal(draw: Random) -> tuple[list[str], list[list[str]]]:
    names = {
        "date": ("Date of Service", "DOS", "SERVICE DATE", "service_date", "From Date"),
        "charge": ("Billed Amount", "Charges", "Total Billed", "AMOUNT BILLED", "Amount Charged"),
        "allowed": ("Allowed Amount", "Plan Allowed", "Negotiated Rate", "ALLOWED_AMT"),
        "code": ("CPT", "Procedure Code", "CPT/HCPCS", "Service Code"),
        "more": ("Provider Name", "Processing Date", "Check Number"),
    }
    order = draw.sample(sorted(names), len(names))
    cells = {
        "date": ("1/5/2026", "2026-01-12"),
        "charge": ("$1,550.00", "99.50"),
        "allowed": ("240", "(none)"[:0] or "95.00"),
        "code": ("96365-59", "99214 25"),
        "more": ("A clinic", "B; c"),
    }
    total = {"date": "Total", "charge": "$1,649.50"}
    table = [[cells[name][row] for name in order] for row in (0, 1)]
    return [draw.choice(names[name]) for name in order], [*table, [total.get(name, "") for name in order]]


@pytest.mark.parametrize("seed", range(24))
def test_a_portals_file_gives_the_same_lines_however_it_is_saved(tmp_path: Path, seed: int) -> None:
    draw = Random(seed)
    header, table = portal(draw)
    above = [["My claims"], [], ["Printed on 11/27/2026"]] if seed % 3 == 0 else []
    out = StringIO()
    writer = csv.writer(out, delimiter=draw.choice(",;\t|"))
    writer.writerows([*above, header, *table])
    encoding = draw.choice(("utf-8", "utf-8-sig", "utf-16", "utf-16-le"))
    bill = read_bill(sheet(tmp_path, out.getvalue(), encoding=encoding), network="in")
    book = Workbook()
    for row in [*above, header, *table]:
        book.active.append(row)
    book.save(tmp_path / "bill.xlsx")
    for found in (bill, read_bill(tmp_path / "bill.xlsx", network="in")):
        assert found.problems == ()
        lines = [(line.date, line.charge, line.allowed, line.code) for line in found.lines]
        assert lines == [(date(2026, 1, 5), 1_550_00, 240_00, "96365"), (date(2026, 1, 12), 99_50, 95_00, "99214")]
        assert any("is a total and is left out" in note for note in found.notes)


HEADERS = {
    "Claim #,Claim Type,Date Visited,Provider,Amount Billed,Plan Discount,Your Plan Paid,Amount Allowed,Amount You Owe": {
        **{"claim": "Claim #", "claim_type": "Claim Type", "date": "Date Visited", "charge": "Amount Billed"},
        **{"allowed": "Amount Allowed", "member_share": "Amount You Owe"},
    },
    "Service Date(s),Claim Status,Total Charges,Allowed Charges,Member Liability": {
        **{"date": "Service Date(s)", "covered": "Claim Status", "charge": "Total Charges"},
        **{"allowed": "Allowed Charges", "member_share": "Member Liability"},
    },
    "Date of Service,Service Approved?,Service Provided,Amount Provider Charged,Medicare-Approved Amount,"
    "Amount Medicare Paid,Maximum You May Be Billed": {
        **{"date": "Date of Service", "covered": "Service Approved?", "description": "Service Provided"},
        **{"charge": "Amount Provider Charged", "allowed": "Medicare-Approved Amount"},
        "member_share": "Maximum You May Be Billed",
    },
    "Date Incurred,Procedure,Fee,Insurance Allowed,In/Out,Paid by Insurance,Adjustment Group/Reason": {
        **{"date": "Date Incurred", "code": "Procedure", "charge": "Fee", "allowed": "Insurance Allowed"},
        **{"network": "In/Out", "reason_code": "Adjustment Group/Reason"},
    },
    "Date,Amount Billed,Non-Covered Charges,Not Allowed,Amount Paid by Plan,Claim Received Date,What I Owe": {
        **{"date": "Date", "charge": "Amount Billed", "member_share": "What I Owe"}
    },
}


@pytest.mark.parametrize("header", HEADERS)
def test_a_column_is_found_by_the_words_of_its_name(header: str) -> None:
    assert columns_in(header.split(",")) == HEADERS[header]


def test_a_code_in_parentheses_names_what_medicare_describes(tmp_path: Path) -> None:
    bill = "date,charge,allowed,description\n2026-01-05,100,50,Infusion into a vein (96365)\n2026-01-06,100,50,A visit (12345)\n"
    assert [line.code for line in read_lines(sheet(tmp_path, bill))[0]] == ["96365", ""]


def test_a_row_of_sums_that_does_not_say_so_is_left_out(tmp_path: Path) -> None:
    bill = "date,charge,allowed\n2026-01-05,100,50\n2026-01-06,150,50\n,250.00,100\n"
    found = read_bill(sheet(tmp_path, bill), network="in")
    assert (len(found.lines), found.problems) == (2, ())
    assert "row 4 holds the sum of the charges above it and is left out" in found.notes
    assert "row 4: date is missing" in read_bill(sheet(tmp_path, bill.replace("250.00", "249"))).problems[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", ",;\t")
def test_a_stream_reads_the_same_file_alike(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = (
        PORTAL.replace("Claim ID", "Patient ID").replace("C-1,", "p,").replace("C-2,", "p,") + "Total,,,,448,1100,,\n"
    )
    path = sheet(tmp_path, text.replace(",", delimiter), encoding=encoding)
    plan = plan_of(
        tmp_path, PLAIN.replace("[networks.out]", "allowed.default = 240\n[networks.out]\nallowed.default = 200")
    )
    one = adjudicate(read_lines(path, networks=("in", "out"))[0], plan)
    many = kc.adjudicate_frame(path, plan, money="cents")
    assert many["you_pay_cents"].to_pylist() == [claim.you_pay for claim in one]
    done = CliRunner().invoke(
        app, ["adjudicate", str(path), "--plan", str(tmp_path / "plan.toml"), "-o", str(tmp_path / "o.csv")]
    )
    assert done.exit_code == 0, done.stderr
    with (tmp_path / "o.csv").open(encoding="utf-8") as file:
        assert [round(float(row["you_pay"]) * 100) for row in csv.DictReader(file)] == [claim.you_pay for claim in one]


def test_a_typed_workbook_is_read(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["Notes"])
    bill = book.create_sheet("Claims")
    bill.append(["date", "code", "charge", "covered"])
    bill.append([datetime(2026, 1, 5), 99214, 220.1, True])
    book.save(tmp_path / "bill.xlsx")
    (line,) = read_lines(tmp_path / "bill.xlsx")[0]
    assert (line.date, line.code, line.charge, line.covered) == (date(2026, 1, 5), "99214", 220_10, True)
    with pytest.raises(KetacostError, match="cannot be read as a workbook"):
        read_lines(sheet(tmp_path, "no workbook", "x.xlsx"))


def test_a_column_map_is_kept_and_used(tmp_path: Path) -> None:
    plan, kept = tmp_path / "plan.toml", tmp_path / "map.toml"
    plan_of(tmp_path, PLAIN.replace("[networks.out]", "allowed.default = 240\n[networks.out]\nallowed.default = 200"))
    command = ["adjudicate", str(sheet(tmp_path, PORTAL)), "--plan", str(plan), "--columns", str(kept)]
    first, second = CliRunner().invoke(app, command), CliRunner().invoke(app, command)
    assert first.exit_code == second.exit_code == 0, first.stderr
    assert "the columns are kept in" in first.stderr
    assert load_columns(kept).columns == {**columns_in(PORTAL.splitlines()[0].split(","))}
    assert first.stdout == second.stdout
    wrong = ColumnMap({"date": "Day", "charge": "Billed Amount"})
    with pytest.raises(KetacostError, match="there is no column called 'Day'"):
        read_bill(sheet(tmp_path, PORTAL), columns=wrong)


def test_several_people_are_not_pooled(tmp_path: Path) -> None:
    text = "Date of Service,Billed Amount,Patient Name\n2026-01-05,100,A\n2026-01-06,100,B\n"
    assert "holds 2 people" in read_lines(sheet(tmp_path, text))[1][0]
    assert read_lines(sheet(tmp_path, text.replace("100,B", "100,A")))[1] == ()


def test_who_it_was_in_a_family_is_read_from_the_relationship(tmp_path: Path) -> None:
    """Each one's own $500 deductible: the subscriber's second visit is the one that reaches it."""
    bill = (
        "Date of Service,Patient Name,Relationship,Billed,Allowed\n2026-01-05,A,Self,550,300\n"
        "2026-01-06,B,Wife,550,300\n2026-01-07,A,Subscriber,550,300\n"
    )
    found = read_bill(sheet(tmp_path, bill), network="in")
    assert [line.member for line in found.lines] == ["patient", "spouse", "patient"]
    assert you_pay(tmp_path, bill, PLAIN) == [300_00, 300_00, 220_00]
    assert in_a_cohort(tmp_path, bill.replace("Patient Name", "Name"), PLAIN)["you_pay_cents"].to_pylist() == [
        *(300_00, 300_00, 220_00)
    ]
    two = bill.replace("2026-01-06,B,Wife", "2026-01-06,B,Child").replace(
        "2026-01-07,A,Subscriber", "2026-01-07,C,Child"
    )
    (told,) = read_bill(sheet(tmp_path, two), network="in").problems
    assert "the column 'Patient Name' holds 3 people" in told


def test_a_frequency_code_says_what_a_row_is(tmp_path: Path) -> None:
    bill = (
        "Claim Number,Date of Service,CPT,Billed,Allowed,Frequency Code\n10,1/5/2027,96365,550,240,1\n"
        "10,1/5/2027,96365,550,300,7\n11,1/12/2027,96365,550,240,1\n11,1/12/2027,96365,550,240,8\n"
    )
    assert you_pay(tmp_path, bill, PLAIN) == [300_00]


def test_what_an_export_adds_to_its_cells_and_rows_is_taken_off(tmp_path: Path) -> None:
    bill = (
        'Date of Service,CPT,Billed,Allowed\n"=""01/05/2027""","=""96365""","=""550.00""",240\n'
        "Date of Service,CPT,Billed,Allowed\n'01/12/2027,'96365,550.00,N/A\n1/19/2027,96365,550.00 CR,240.00 CR\n"
        "1/19/2027,96365,550,240\nPage 2 of 2\n"
    )
    found = read_bill(sheet(tmp_path, bill), network="in")
    assert found.problems == ()
    assert [(line.date, line.code, line.allowed) for line in found.lines] == [
        (date(2027, 1, 5), "96365", 240_00),
        (date(2027, 1, 12), "96365", None),
    ]
    assert "row 3 names the columns again and is left out" in found.notes


@pytest.mark.parametrize(
    ("status", "right"),
    [
        ("Paid in full", True),
        ("Applied to Deductible", True),
        ("Processed - applied to deductible", True),
        ("Denied - not medically necessary", False),
        ("Not covered: investigational", False),
        ("Claim rejected, no authorization", False),
    ],
)
def test_a_status_in_a_sentence_is_read(status: str, right: bool) -> None:
    assert covered_in(status) is right


@pytest.mark.parametrize(
    "status",
    [
        "Not paid",
        "Unpaid",
        "Partially paid",
        "Processed - denied",
        "Paid, then reversed",
        "Denied: duplicate",
        "Pending",
    ],
)
def test_a_status_that_leaves_it_open_is_asked_about(status: str) -> None:
    with pytest.raises(KetacostError, match="covered should be yes or no"):
        covered_in(status)


def test_a_description_that_names_no_line_is_told(tmp_path: Path) -> None:
    bill = "date,charge,allowed,description\n2026-01-05,100,50,A talk\n2026-01-06,100,50,Office visit\n"
    notes = read_bill(sheet(tmp_path, bill), network="in").notes
    assert [note for note in notes if "names no line" in note] == [
        "row 2: the description names no line of the booklet, so the plan's general terms are used; add a code or a benefit"
    ]


@pytest.mark.parametrize("seed", range(12))
def test_a_messy_bill_is_the_same_for_one_and_for_many(tmp_path: Path, seed: int) -> None:
    draw, lines = Random(seed), []
    for number in range(12):
        day = date(2026, draw.randrange(1, 12), draw.randrange(1, 28))
        written = draw.choice((f"{day.month}/{day.day}/{day:%y}", day.isoformat(), f"{day:%d-%b-%Y}"))
        code = draw.choice(("99213-25", "90792 95", "j3490", "96365:59", " 94761 ", ""))
        charge, allowed = draw.randrange(100, 900), draw.randrange(10, 100)
        network = draw.choice(("In-Network", "OON", "in", ""))
        covered = draw.choice(("Paid", "yes", "", "Denied", "Denied - provider liable"))
        codes = draw.choice(("", "CO-45 PR-1", "PI-45")) if covered in ("Paid", "yes") else ""
        codes = draw.choice(("", "CO-197", "PR-204")) if covered in ("Denied", "") else codes
        row = [written, code, f'"${charge:,}.00"', f"{allowed}", network, covered, codes, f"C{number}"]
        lines.append(",".join(row))
        if draw.random() < 0.3:
            lines.append(",".join([*row[:2], f"({charge}.00)", f"({allowed}.00)", *row[4:7], f"C{number}R"]))
    bill = "DOS,CPT,Charges,Allowed Amount,Plan Network,Claim Status,CARC,Claim Number\n" + "\n".join(lines) + "\n"
    read = read_bill(sheet(tmp_path, bill), network="in", networks=("in", "out"))
    assert read.problems == ()
    order = sorted(range(len(read.lines)), key=lambda at: read.lines[at].date)
    one = dict(zip(order, adjudicate(read.lines, plan_of(tmp_path, PLAIN)), strict=True))
    many = in_a_cohort(tmp_path, bill, PLAIN)
    assert many["you_pay_cents"].to_pylist() == [one[at].you_pay for at in range(len(one))]
    assert many["write_off_cents"].to_pylist() == [one[at].split.write_off for at in range(len(one))]


def test_a_workbook_goes_through_the_streams_of_many(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["Patient ID", "Date of Service", "Billed Amount", "Allowed Amount"])
    book.active.append([1, datetime(2026, 1, 5), 550, 240.5])
    book.active.append(["Total", None, 550, 240.5])
    book.save(tmp_path / "bill.xlsx")
    plan_of(tmp_path, PLAIN)
    command = ["adjudicate", "bill.xlsx", "--plan", "plan.toml", "--network", "in", "-o", "o.csv"]
    done = CliRunner().invoke(app, [str(tmp_path / part) if "." in part else part for part in command])
    assert done.exit_code == 0, done.stderr
    with (tmp_path / "o.csv").open(encoding="utf-8") as file:
        assert [row["you_pay"] for row in csv.DictReader(file)] == ["240.5"]


# Reversals


def random_bill(draw: Random) -> tuple[str, str]:
    """A bill without and with claims that were taken back, in the order that they came."""
    plain, full = [], []
    for number in range(draw.randrange(1, 8)):
        row = [f"2026-0{draw.randrange(1, 4)}-1{draw.randrange(3)}", draw.choice(("96365", "99214-25", "90837"))]
        charge, allowed = draw.randrange(100, 900), draw.randrange(50, 100)
        line = ",".join((*row, f"{charge}.00", f"{allowed}.00", f"C{number}"))
        full.append(line)
        if draw.random() < 0.5:
            back = draw.choice(("({}.00)", "-{}", "-${}.00"))
            later = draw.randrange(len(full), len(full) + 1)
            full.insert(later, ",".join((*row, back.format(charge), back.format(allowed), f"C{number}")))
        else:
            plain.append(line)
    header = "date,code,charge,allowed,claim"
    return "\n".join((header, *plain)) + "\n", "\n".join((header, *full)) + "\n"


@pytest.mark.parametrize("seed", range(60))
def test_claims_and_their_reversals_are_nothing(tmp_path: Path, seed: int) -> None:
    without, full = random_bill(Random(seed))
    taken = read_bill(sheet(tmp_path, full), network="in")
    assert taken.problems == ()
    if without.count("\n") == 1:
        assert taken.lines == ()
        return
    assert taken.lines == read_bill(sheet(tmp_path, without), network="in").lines
    if seed % 10 == 0:
        assert in_a_cohort(tmp_path, full, COPAYS)["you_pay_cents"].to_pylist() == [
            *in_a_cohort(tmp_path, without, COPAYS)["you_pay_cents"].to_pylist()
        ]


def rows_of(*bill: Sequence[Any]) -> list[BillRow]:
    return [
        BillRow(("day", "96365"), charge, allowed, claim, kind, kind == "reversal")
        for charge, allowed, claim, kind in bill
    ]


def test_an_adjustment_replaces_its_original() -> None:
    assert standing(rows_of((550, 240, "C1", "original"), (550, 300, "C1", "adjustment"))).gone == {0}
    assert standing(rows_of((550, 300, "C1", "adjustment"))).gone == set()
    newest_first = rows_of((550, 300, "C3", "adjustment"), (550, 240, "C2", "reversal"), (550, 240, "C1", "original"))
    assert standing(newest_first).gone == {1, 2}


def test_a_reversal_of_nothing_is_told(tmp_path: Path) -> None:
    bill = "date,code,charge\n2026-03-02,96365,-550\n"
    assert "reverses a charge that is not in the file" in read_lines(sheet(tmp_path, bill))[1][0]
    with pytest.raises(KetacostError, match=r"row 2: reverses a charge"):
        in_a_cohort(tmp_path, bill, PLAIN)


def test_a_row_given_twice_counts_once_where_its_claim_says_so(tmp_path: Path) -> None:
    bill: Bill = read_bill(sheet(tmp_path, "date,charge,claim\n2026-01-05,100,C1\n2026-01-05,100,C1\n"))
    assert (len(bill.lines), bill.notes[0]) == (1, "row 3 is in the file twice and counts once")
    bill = read_bill(sheet(tmp_path, "date,charge\n2026-01-05,100\n2026-01-05,100\n"))
    assert len(bill.lines) == 2
    assert "is like an earlier row" in bill.notes[0]


# Denials


@pytest.mark.parametrize(
    ("group", "reason", "covered", "denied", "bears"),
    [
        ("CO", "197", None, True, True),
        ("PR", "204", None, True, False),
        ("", "CO-29", None, True, True),
        ("", "PI50", None, True, True),
        ("", "CO-45; PR-1, PR-2", None, False, False),
        ("", "CO-45 PR-204", None, True, False),
        ("CO", "", False, True, True),
        ("PR", "", False, True, False),
        ("", "", False, True, False),
        ("OA", "18", None, True, True),
        ("CO", "197", True, False, False),
    ],
)
def test_group_codes_say_who_bears_a_denied_line(
    group: str, reason: str, covered: bool | None, denied: bool, bears: bool
) -> None:
    assert denial_in(group, reason, covered) == (denied, bears, "")


@pytest.mark.parametrize(("group", "reason"), [("OA", "96"), ("CO PR", "96"), ("CO", "999")])
def test_codes_that_leave_it_open_are_told(group: str, reason: str) -> None:
    assert denial_in(group, reason, None).open


@pytest.mark.parametrize(
    ("more", "cells", "told"),
    [
        ("covered", ["no", "yes", "no"], "rows 2, 4:"),
        ("Status,CARC", ["Denied,50", "Paid,45", "Denied,PR-50"], "row 2:"),
        ("Status,CARC", ["Denied,PI50", "Paid,", "Denied,PR204"], ""),
        ("Status,group_code", ["Denied,CO", "Paid,", "Denied,PR"], ""),
        ("covered,provider_bears", ["no,yes", "yes,", "no,no"], ""),
        ("covered,balance_billed", ["no,no", "yes,", "no,yes"], ""),
        ("covered", ["provider liable", "yes", "yes"], ""),
    ],
)
def test_a_denied_line_that_nobody_is_said_to_owe_is_told(
    tmp_path: Path, more: str, cells: list[str], told: str
) -> None:
    bill = f"date,charge,allowed,{more}\n"
    bill += "".join(f"2026-01-0{5 + n},100,100,{cell}\n" for n, cell in enumerate(cells))
    notes = [note for note in read_bill(sheet(tmp_path, bill)).notes if "nothing says who owes" in note]
    assert [note.partition(" not covered")[0] for note in notes] == ([told] if told else [])


def test_a_note_names_a_dozen_rows_at_most(tmp_path: Path) -> None:
    bill = "date,charge,covered\n" + "".join(f"2026-01-{day:02},100,no\n" for day in range(1, 20))
    assert "rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 and 7 more:" in read_bill(sheet(tmp_path, bill)).notes[-1]


def test_denials_of_a_remittance_are_owed_or_not(tmp_path: Path) -> None:
    bill = "Service Date,Procedure Code,Charges,Allowed Amount,Status,CARC\n"
    bill += (
        "1/5/2026,96365,550,240,Paid,CO-45 PR-1\n1/6/2026,96365,550,,Denied,CO-197\n1/7/2026,96365,550,,Denied,PR-204\n"
    )
    assert you_pay(tmp_path, bill, PLAIN) == [240_00, 0, 550_00]
    assert in_a_cohort(tmp_path, bill, PLAIN)["you_pay_cents"].to_pylist() == [240_00, 0, 550_00]


# Messages


@pytest.mark.parametrize(
    ("line", "mend"),
    [
        ("start = 12/1/2026", "write 2026-12-01"),
        ("start = 4-Jan-27", "write 2027-01-04"),
        ("start = 2026-1-5", "write 2026-01-05"),
        ("price = $550.00", 'write "$550.00" in quotes'),
        ("price = 1,234.50", "write 1234.50"),
        ("charges = { infusion = $250, drug = 1 }", 'write "$250" in quotes'),
        ("coinsurance = 40%", 'write "40%" in quotes'),
        ("waived = yes", "write true for yes"),
        ("limit = 4,000", "write 4000 for 4,000"),
        ("zip = 01234", 'write "01234" in quotes'),
        ("network = out", 'write "out" in quotes'),
        ("title = “A”", "straight quotes"),
    ],
)
def test_a_habit_of_spreadsheets_is_told_with_its_mend(line: str, mend: str) -> None:
    with pytest.raises(KetacostError, match="line 2"):
        kc_load(f"[course]\n{line}\n")
    assert mend in habit(f"[course]\n{line}\n", 2)


def kc_load(text: str) -> Any:
    from ketacost.files.scenario_files import table_in

    return table_in(text, ".toml")
