"""The worked examples: plain text that a counselor can read and write, adjudicated to the cent.

A file tells what happens, then gives the plan (one line of `key value` pairs, or an indented block in the words of a plan
file), what was used before where anything was, and a table with a row a line of the bill. Parts that are zero
everywhere may be left out of the table; `-` stands for nothing. A last row `total` gives the sums.
"""

import re
from pathlib import Path

import pytest
from worked_example import FILES, PARTS, YOURS, Example, read_example

from ketacost.core.money import dollars
from ketacost.model.adjudication import Claim, adjudicate


def found(claim: Claim) -> dict[str, int]:
    """Who pays what of a line, by the model."""
    return {**claim.split._asdict(), "you_pay": claim.you_pay, "charge": claim.line.charge}


def not_by_hand(row: dict[str, int], what: str) -> list[str]:
    """Where the hand's own row does not add up."""
    yours = sum(row[part] for part in YOURS)
    all_of_it = yours + row["write_off"] + row["plan_pays"]
    wrong = [] if row["you_pay"] == yours else [f"you_pay {dollars(row['you_pay'])}, its parts {dollars(yours)}"]
    if row["charge"] != all_of_it:
        wrong.append(f"charge {dollars(row['charge'])}, its parts {dollars(all_of_it)}")
    return [f"{what} does not add up by hand: {one}" for one in wrong]


def differences(expected: dict[str, int], got: dict[str, int], what: str) -> list[str]:
    """Where the model pays something else: expected, found, and the difference."""
    told = []
    for part in PARTS:
        if off := got[part] - expected[part]:
            more = f"{dollars(abs(off))} too {'much' if off > 0 else 'little'}"
            told.append(f"{what}: {part} expected {dollars(expected[part])}, found {dollars(got[part])} ({more})")
    return told


def failures(example: Example) -> list[str]:
    """Everything that is wrong with a worked example, or with the model."""
    claims = adjudicate(example.bill, example.plan, example.used)
    wrong = []
    for number, (row, claim) in enumerate(zip(example.by_hand, claims, strict=True), 1):
        what = f"line {number}, {claim.line.date}"
        wrong += not_by_hand(row, what) or differences(row, found(claim), what)
    if example.total is not None:
        sums = {part: sum(row[part] for row in example.by_hand) for part in (*PARTS, "charge")}
        wrong += [
            f"the total of {part} is {dollars(example.total[part])}, the column's sum {dollars(sums[part])}"
            for part in sums
            if sums[part] != example.total[part]
        ]
    return wrong


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_worked_example(path: Path) -> None:
    wrong = failures(read_example(path.read_text("utf-8")))
    if wrong:
        pytest.fail("\n".join([path.name, *wrong]), pytrace=False)


def test_there_are_examples_and_published_ones() -> None:
    published = [path for path in FILES if "\nSource: " in path.read_text("utf-8")]
    assert len(FILES) >= 40
    assert len(published) >= 8


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_its_name_is_a_sentence(path: Path) -> None:
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+){3,}", path.stem)


# An example that is wrong is told so.

RIGHT = """The deductible takes it all.

deductible 1000   coinsurance 0.40   allowed 350

date         charge   balance_bill   deductible   plan_pays   you_pay
2027-01-04   600.00         250.00       350.00        0.00    600.00
"""


def test_a_right_example_has_no_failures() -> None:
    assert failures(read_example(RIGHT)) == []
    assert failures(read_example(RIGHT + "total 600.00 250.00 350.00 0.00 600.00\n")) == []


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("250.00       350.00", "260.00       340.00", "deductible expected 340.00, found 350.00 (10.00 too much)"),
        ("250.00       350.00", "260.00       350.00", "does not add up by hand: you_pay 600.00, its parts 610.00"),
        ("\n2027", "\ntotal 1 250 350 0 600\n2027", "in order of date|date"),
        ("600.00\n", "600.00\ntotal 600.00 250.00 351.00 0.00 600.00\n", "the total of deductible is 351.00"),
        ("charge", "charged", "no such column: charged"),
        ("plan_pays   you_pay", "plan_pays", "the table lacks you_pay"),
        ("0.00    600.00", "600.00", "6 columns, but this row has 5"),
        ("deductible 1000   coinsurance 0.40   allowed 350\n", "", "there is no plan"),
        ("allowed 350", "copays 350", "a simple plan has"),
        ("The deductible takes it all.", "", "it should begin with what happens"),
        ("date  ", "day  ", "there is no table"),
        ("2027-01-04", "2027-13-04", "date should be a day such as"),
    ],
)
def test_a_wrong_example_is_told(right: str, wrong: str, told: str) -> None:
    assert right in RIGHT
    try:
        wrongs = "\n".join(failures(read_example(RIGHT.replace(right, wrong, 1))))
    except ValueError as error:
        wrongs = str(error)
    assert re.search(told if "|" in told else re.escape(told), wrongs)
