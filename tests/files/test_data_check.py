"""What is due: which numbers are not known for a day, in order, with the file and the key to renew."""

from __future__ import annotations

from datetime import date

import pytest
from commands import said
from places import ROOT

from ketacost.core.references import parameters, rows
from ketacost.estimate.scenario import examples
from ketacost.files.data_check import due, outdated_examples, plan_year_end
from ketacost.model.plans import published_plans

JUNE = date(2027, 6, 30)


def test_what_is_due_is_in_order_and_names_a_file_that_is_there() -> None:
    found = due(JUNE)
    assert [entry.last for entry in found] == sorted(entry.last for entry in found)
    assert all(entry.last < JUNE and entry.keys and (ROOT / entry.file).is_file() for entry in found)


@pytest.mark.parametrize("day", [date(2025, 7, 1), date(2026, 12, 31), date(2027, 1, 1), JUNE, date(2031, 1, 1)])
def test_a_number_is_due_where_the_day_is_after_its_last(day: date) -> None:
    keys = {(entry.file, key) for entry in due(day) for key in entry.keys}
    for parameter in parameters().values():
        named = [file for file, key in keys if key == parameter.name]
        assert len(named) == (parameter.values[-1].last < day)
    for name in published_plans():
        end = plan_year_end(name)
        assert ((f"data/plans/{name}.toml", "plan_year") in keys) == (end is not None and end < day)
    reach = {
        row["jurisdiction"]: int(row["last_year"])
        for row in sorted(rows("tax/state_brackets"), key=lambda r: r["last_year"])
    }
    assert {key for file, key in keys if file == "data/tax/state_brackets.csv"} == {
        s for s, y in reach.items() if y < day.year
    }


def test_a_code_without_an_end_is_never_due() -> None:
    listed = {key for entry in due(date(2031, 1, 1)) if entry.file == "data/codes.csv" for key in entry.keys}
    assert "S0013" in listed
    assert "99204" not in listed


def test_nothing_is_due_on_a_day_that_everything_reaches() -> None:
    assert due(date(2024, 1, 1)) == ()


def test_check_lists_what_is_due() -> None:
    head, *lines = said("check", "--due", "2027-06-30").splitlines()
    assert head == f"Not known for 2027-06-30, soonest end first: {len(due(JUNE))}"
    first = due(JUNE)[0]
    assert lines[0] == f"{first.last}  {first.file}: {', '.join(first.keys)}"


def test_check_names_for_each_example_what_moves_it_most_and_the_plans_that_ran_out() -> None:
    """VA's copays of 2026 were not found, and two designs carry no year: four examples, each said, and no other."""
    told = said("check", "--on", "2026-11-27")
    for name in examples():
        assert f"\n- {name}: " in told.partition("What moves each example most")[2]
    assert outdated_examples(date(2026, 11, 27), told=False) == {}
    assert outdated_examples(date(2026, 11, 27), told=True) == {
        "payer-medicaid": "medicaid-pennsylvania carries no year",
        "payer-tricare": "tricare-select-a-adfm carries no year",
        "payer-va-community-care": "va-2025 ended on 2025-12-31",
        "payer-va-facility": "va-2025 ended on 2025-12-31",
    }
    assert "Examples under a plan that has run out on 2026-11-27 or carries no year: none" in told
    assert "Examples whose title says that their plan's figures are older: 4" in told
    assert "nextgen-2026-750 ended on 2026-12-31" in outdated_examples(date(2027, 1, 1), told=False)["readme-patient"]
