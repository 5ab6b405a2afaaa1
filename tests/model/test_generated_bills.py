"""Bills by the dice: claims that were adjusted and corrected, and remittances with group and reason codes."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

import ketacost as kc
from ketacost.files.batch import read_bill
from ketacost.files.scenario_files import load_plan
from ketacost.model.adjudication import Claim, adjudicate
from ketacost.model.bills import columns_in, denial_in

PLAN = """
name = "Plain PPO"
[networks.in]
deductible = 500
out_of_pocket_limit = 4000
benefits.default = { coinsurance = "20%" }
"""
HEADER = "date,code,charge,allowed,claim,claim type"
CODES = ("96365", "99214", "99215", "90837", "J3490", "96366")
CORRECTED = ("adjustment", "Adjusted", "CORRECTED CLAIM", "replacement", "7")
TAKEN_BACK = ("reversal", "Void", "8", "cancelled")


def claims_of(folder: Path, text: str) -> tuple[Claim, ...]:
    """The lines of a file through the plan."""
    bill, plan = folder / "bill.csv", folder / "plan.toml"
    bill.write_text(text, encoding="utf-8")
    plan.write_text(PLAN, encoding="utf-8")
    read = read_bill(bill, network="in")
    assert read.problems == ()
    return adjudicate(read.lines, load_plan(plan))


def in_a_cohort(folder: Path, text: str) -> list[int]:
    """What the patient pays by line, by the walk of many."""
    head, *rows = text.splitlines()
    many = folder / "many.csv"
    many.write_text("\n".join((f"{head},patient id", *(f"{row},p" for row in rows))) + "\n", encoding="utf-8")
    found = kc.adjudicate_frame(many, load_plan(folder / "plan.toml"), network="in", money="cents")
    return [int(cents) for cents in found["you_pay_cents"].to_pylist()]


def cells(draw: Random, day: str, code: str, charge: int, allowed: int, claim: str, kind: str) -> str:
    return ",".join((day, code + draw.choice(("", "-25", " GT")), f"{charge}.00", f"{allowed}.00", claim, kind))


def history(draw: Random, number: int) -> tuple[list[str], list[str]]:
    """All rows of a claim, oldest first, and those that stand in the end. A claim has one or two lines."""
    day, claim = f"2026-0{draw.randrange(1, 6)}-{10 + number}", f"C{number}"
    lines = [
        [code, draw.randrange(100, 900), draw.randrange(50, 100)] for code in draw.sample(CODES, draw.choice((1, 2)))
    ]
    rows = [cells(draw, day, *line, claim, draw.choice(("Original", "1", ""))) for line in lines]  # type: ignore[arg-type]
    if draw.random() < 0.2:
        word = draw.choice(TAKEN_BACK)
        return [*rows, *(cells(draw, day, *line, claim, word) for line in lines)], []  # type: ignore[arg-type]
    for _ in range(draw.choice((0, 1, 1, 2, 3))):
        for line in lines:
            line[1:] = [draw.randrange(100, 900), draw.randrange(50, 100)]
        rows += [cells(draw, day, *line, claim, draw.choice(CORRECTED)) for line in lines]  # type: ignore[arg-type]
    return rows, [cells(draw, day, *line, "", "") for line in lines]  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(80))
def test_adjusted_claims_are_the_corrected_claims_alone(tmp_path: Path, seed: int) -> None:
    """Originals, adjustments and adjustments of those, oldest first or newest first, are what stands in the end."""
    draw = Random(seed)
    told = [history(draw, number) for number in range(draw.randrange(1, 6))]
    rows = [row for whole, _ in told for row in whole]
    rows = rows if draw.random() < 0.5 else rows[::-1]
    left = [row for _, end in told for row in end]
    found = sorted(claims_of(tmp_path, "\n".join((HEADER, *rows)) + "\n"), key=lambda one: one.line.charge)
    alone = claims_of(tmp_path, "\n".join((HEADER, *left)) + "\n") if left else ()
    by_hand = sorted(alone, key=lambda one: one.line.charge)
    assert [(one.line.date, one.line.code, one.line.charge, one.allowed) for one in found] == [
        (one.line.date, one.line.code, one.line.charge, one.allowed) for one in by_hand
    ]
    assert sum(one.you_pay for one in found) == sum(one.you_pay for one in by_hand)
    if seed % 10 == 0 and left:
        assert sum(in_a_cohort(tmp_path, "\n".join((HEADER, *rows)) + "\n")) == sum(one.you_pay for one in by_hand)


@pytest.mark.parametrize("order", [1, -1])
def test_a_claim_corrected_in_its_code_or_its_day_replaces_the_first_one(tmp_path: Path, order: int) -> None:
    rows = [
        "2026-03-02,99215,300,180,C1,original",
        "2026-03-02,99214,300,130,C1,adjustment",
        "2026-03-09,96365,550,240,C2,original",
        "2026-03-10,96365,550,240,C2,adjustment",
    ]
    found = claims_of(tmp_path, "\n".join((HEADER, *rows[::order])) + "\n")
    assert sorted((str(one.line.date), one.line.code, one.allowed) for one in found) == [
        ("2026-03-02", "99214", 130_00),
        ("2026-03-10", "96365", 240_00),
    ]


def test_where_it_is_not_plain_which_row_is_replaced_all_stand_and_it_is_told(tmp_path: Path) -> None:
    text = (
        f"{HEADER}\n2026-03-02,99215,300,180,C1,original\n2026-03-02,96365,550,240,C1,original\n"
        "2026-03-02,99214,300,130,C1,adjustment\n"
    )
    assert len(claims_of(tmp_path, text)) == 3
    read = read_bill(tmp_path / "bill.csv", network="in")
    assert any("row 4 adjusts claim C1, which has no row of that day and service" in note for note in read.notes)


SHORT = {
    "date": ("DOS From", "From DOS", "DateOfService", "SERVICE_DATE", "Svc Dt", "Date(s) of Service"),
    "code": ("HCPCS/CPT", "Proc Cd", "CPT/HCPCS Code", "procedureCode"),
    "charge": ("Charges ($)", "Billed Amt", "Amt Billed", "Total Chgs", "CHARGE_AMT"),
    "allowed": ("Allowed ($)", "Allowed Amt", "Amount Allowed", "PlanAllowedAmount"),
    "claim": ("Clm #", "Claim Num", "ClaimNumber", "Claim Nbr"),
    "member_share": ("Pt Resp", "Patient Resp.", "Mbr Resp", "YourResponsibility"),
    "covered": ("Clm Status", "Status", "LINE_STATUS"),
}


@pytest.mark.parametrize("seed", range(30))
def test_headers_with_short_words_in_any_order_and_case_are_the_same_columns(seed: int) -> None:
    draw = Random(seed)
    named = {ours: draw.choice(names) for ours, names in SHORT.items()}
    header = [*named.values(), "Provider Name", "Plan Paid Amt", "Group Number"]
    draw.shuffle(header)
    assert columns_in(header) == named


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("status", ["Reversed", "VOID", "Cancelled"])
def test_a_claim_whose_status_says_that_it_was_taken_back_counts_for_nothing(
    tmp_path: Path, status: str, order: int
) -> None:
    """With or without the negative row beside it; the claim that follows it stands."""
    first, back = f"2026-03-02,96365,550,240,{status}", f"2026-03-02,96365,(550.00),(240.00),{status}"
    stands = "2026-03-02,96365,550,300,Paid"
    for rows in ([first, stands], [first, back, stands], [first.replace(status, "Paid"), back, stands]):
        text = "\n".join(("date,code,charge,allowed,claim status", *rows[::order])) + "\n"
        found = claims_of(tmp_path, text)
        assert len(found) == 1
        assert in_a_cohort(tmp_path, text) == [found[0].you_pay]
        assert found[0].you_pay == 300_00


# Remittances

DENIED = (
    *("4", "5", "11", "15", "16", "17", "22", "27", "29", "38", "39", "49", "50", "55", "56", "96", "97", "109", "114"),
    *("119", "151", "167", "197", "198", "204", "236", "252", "A1", "B7"),
)
"""Reasons that deny a line; 18, the duplicate, is the clinic's under any group."""
PATIENTS = ("PR",)
CLINICS = ("CO", "PI")


def remittance(draw: Random) -> tuple[str, str]:
    """The cells of group and reason codes, and who bears the charge: `patient`, `clinic`, `both` (paid) or `open`."""
    way = draw.choice(("{}-{}", "{} {}", "{}{}", "{}-0{}"))
    way += draw.choice(("", "", " $29.00", ": $150", " (96.00)", " 204.50"))
    code = draw.choice(DENIED)
    who = draw.choice(("patient", "clinic", "both", "open"))
    if who == "both":
        shares = [way.format("PR", part) for part in draw.sample(("1", "2", "3"), draw.choice((1, 2)))]
        return ",".join(("", draw.choice(("; ", " ")).join((way.format("CO", "45"), *shares)))), who
    group = {"patient": draw.choice(PATIENTS), "clinic": draw.choice(CLINICS), "open": "OA"}[who]
    beside = draw.choice(("", f"{way.format('CO', '45')}; "))
    split = draw.random() < 0.4 and not beside
    group = draw.choice((group, group.lower(), f" {group} "))
    return (f"{group},{code}" if split else f",{beside}{way.format(group.strip(), code)}"), who


@pytest.mark.parametrize(
    ("text", "denied", "bears"),
    [
        ("CO-45 $310.00; PR-1 $240.00", False, False),
        ("CO:45:310.00|PR:1:240.00", False, False),
        ("CAS*CO*45*310~CAS*PR*1*240~", False, False),
        ("CO-45 $29; PR-2 $96.00", False, False),
        ("CO-45, N130; PR-3 M86", False, False),
        ("CO-253 $3.10; CO-45; PR-2", False, False),
        ("OA-23 (96.00); PR-2 (29.00)", False, False),
        ("PR-55 N623 $550.00", True, False),
        ("CO*55*550*1", True, True),
        ("CO 45, 97", True, True),
    ],
)
def test_amounts_and_remarks_beside_the_codes_are_no_reasons(text: str, denied: bool, bears: bool) -> None:
    assert denial_in("", text, None) == (denied, bears, "")
    assert denial_in("", "1 $96; 2 ($29.00)", None) == (False, False, "")


@pytest.mark.parametrize("seed", range(80))
def test_group_codes_say_who_bears_a_charge(tmp_path: Path, seed: int) -> None:
    """PR is the patient's, CO and PI the clinic's; OA says neither and is asked for; CO-45 with PR-1 to 3 was paid.

    Source: that of the reasons in data/adjustment_reasons.csv (group-codes-amc).
    """
    draw = Random(seed)
    lines = [remittance(draw) for _ in range(draw.randrange(1, 7))]
    rows = [
        f"2026-0{1 + at}-05,96365,{300 + at},{200 if who == 'both' else ''},{codes}"
        for at, (codes, who) in enumerate(lines)
    ]
    text = "\n".join(("date,code,charge,allowed,cas group,carc", *rows)) + "\n"
    path = tmp_path / "bill.csv"
    path.write_text(text, encoding="utf-8")
    asked = [at + 2 for at, (_, who) in enumerate(lines) if who == "open"]
    if asked:
        told = read_bill(path, network="in").problems
        assert [problem.partition(": ")[0] for problem in told] == [f"bill.csv, row {at}" for at in asked]
        assert all("the adjustment codes don't say who bears" in problem for problem in told)
        return
    used = 0
    for claim, (_, who), at in zip(claims_of(tmp_path, text), lines, range(7), strict=False):
        charge = (300 + at) * 100
        if who == "both":  # 200 counted: the deductible of 500 first, then 20%
            own = min(200_00, 500_00 - used)
            used += own
            assert claim.you_pay == own + (200_00 - own) // 5
            assert claim.split.write_off == charge - 200_00
        else:
            assert claim.outcome == "denied"
            assert (claim.you_pay, claim.split.write_off) == ((charge, 0) if who == "patient" else (0, charge))
    assert in_a_cohort(tmp_path, text) == [one.you_pay for one in claims_of(tmp_path, text)]


def test_help_pays_no_more_of_a_line_than_is_the_patients(tmp_path: Path) -> None:
    """A card of $300 pays the $240 of the deductible, and nothing of a denied line."""
    rows = "2026-01-05,96365,550,240,yes,300\n2026-01-12,96365,550,240,no,300\n"
    found = claims_of(tmp_path, f"date,code,charge,allowed,covered,assistance\n{rows}")
    assert [one.help_pays for one in found] == [240_00, 0]
