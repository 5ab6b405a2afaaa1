"""What is due: which numbers are not known for a day, in order, with the file and the key to renew."""

from __future__ import annotations

from datetime import date

from commands import said
from places import ROOT

from ketacost.files.data_check import Due, due

JUNE = date(2027, 6, 30)


def test_what_is_due_is_in_order_and_names_a_file_that_is_there() -> None:
    found = due(JUNE)
    assert [entry.last for entry in found] == sorted(entry.last for entry in found)
    assert all(entry.last < JUNE and entry.keys and (ROOT / entry.file).is_file() for entry in found)


def test_what_ends_with_2026_is_due_in_2027_and_what_is_known_longer_is_not() -> None:
    found = due(JUNE)
    end = date(2026, 12, 31)
    assert Due(end, "data/parameters/plans.toml", ("medicare.part_b.deductible",)) in found
    assert Due(end, "data/plans/nextgen-2026-750.toml", ("plan_year",)) in found
    assert Due(end, "data/medicare/fee_schedule.csv", ("all rows",)) in found
    states = next(entry for entry in found if entry.file == "data/tax/state_brackets.csv" and entry.last == end)
    assert {"CA", "NY"} <= set(states.keys)
    keys = {key for entry in found for key in entry.keys}
    assert "brackets" in next(entry.keys for entry in found if entry.file == "data/tax/federal.csv")
    assert "hsa.contribution_limit.family" not in keys  # published for 2027
    assert "99204" not in keys  # a code without an end


def test_nothing_is_due_on_a_day_that_everything_reaches() -> None:
    assert due(date(2024, 1, 1)) == ()


def test_check_lists_what_is_due() -> None:
    head, *lines = said("check", "--due", "2027-06-30").splitlines()
    assert head == f"Not known for 2027-06-30, soonest end first: {len(due(JUNE))}"
    assert "2026-12-31  data/parameters/plans.toml: medicare.part_b.deductible" in lines
