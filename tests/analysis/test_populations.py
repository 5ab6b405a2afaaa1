"""A cohort's results by group: means by hand, levers side by side, and what an HSA saves of what is owed."""

from __future__ import annotations

from typing import Any

import pytest

import ketacost as kc
from ketacost.reports.charts import chart_svg, picture

pd = pytest.importorskip("pandas")


def result(*owed: float, **more: Any) -> Any:
    """Two patients of two lines each, who owe these amounts line by line."""
    lines = {"patient": [1, 1, 2, 2], "charge": [600.0] * 4, "you_pay": owed, "state": ["TX", "TX", "NY", "NY"], **more}
    return pd.DataFrame(lines)


def test_groups_hold_the_means_of_their_patients_under_each_lever() -> None:
    """Patient 1 owes $300 and then $200, patient 2 $1,000 and then $400: $650 and $300 on average."""
    table = kc.compare_cohorts({"today": result(100, 200, 500, 500), "capped": result(100, 100, 200, 200)}, "state")
    assert [(one.group, one.patients, one.owed) for one in table.groups] == [
        ("NY", 1, (100_000, 40_000)),
        ("TX", 1, (30_000, 20_000)),
    ]
    assert table.whole.owed == (65_000, 30_000)
    assert table.headline == "2 patients owe on average today: $650, capped: $300."
    assert kc.frame(table)["change"].tolist() == [-600.0, -100.0]
    assert "by state (capped less today)" in chart_svg(table)
    assert "NY" in chart_svg(table)


def test_the_darkest_tile_is_the_largest_change_and_each_bar_tells_its_amount() -> None:
    today = result(100, 200, 500, 500)
    for owed, darkest in (((100, 100, 200, 200), "NY"), ((900, 900, 500, 600), "TX")):
        marks = picture(kc.compare_cohorts({"today": today, "then": result(*owed)}, "state")).marks
        assert [tile.words for tile in marks[-1].bars] == [(darkest,)]
    bars = chart_svg(
        kc.compare_cohorts({"today": result(*today["you_pay"], plan_kind=["PPO", "PPO", "HMO", "HMO"])}, "plan_kind")
    )
    assert ">$300</text>" in bars
    assert ">$1,000</text>" in bars


def test_income_makes_fifths_and_the_part_of_income_that_is_owed() -> None:
    people = [(who, 10_000 * who, 100.0 * who) for who in range(1, 11)]
    frame = pd.DataFrame(
        [{"patient": who, "charge": 600.0, "you_pay": owed, "income": income} for who, income, owed in people]
    )
    table = kc.compare_cohorts({"today": frame}, "income")
    assert [one.group for one in table.groups][::4] == ["lowest fifth", "highest fifth"]
    assert [one.patients for one in table.groups] == [2] * 5
    assert {float(one.of_income or 0) for one in table.groups} == {0.01}
    assert chart_svg(table)


def test_an_hsa_saves_those_who_have_one() -> None:
    """A single Texan of 40 with $60,000 owes $3,000: 12% and 7.65% of it are saved; who has no HSA plan saves nothing."""
    more = {"age": 40, "household": "single", "income": 60_000, "plan_kind": ["HDHP", "HDHP", "PPO", "PPO"]}
    found = kc.hsa_saves(result(1_000, 2_000, 1_000, 2_000, **more))
    assert found["tax_saved"].tolist() == [589.5, 0, 0, 0]
    every = kc.hsa_saves(result(1_000, 2_000, 1_000, 2_000, **more), kinds=("HDHP", "PPO"))
    table = kc.compare_cohorts({"HDHP alone": found, "all plans": every}, "plan_kind")
    assert [one.owed for one in table.groups] == [(241_050, 241_050), (300_000, table.groups[1].owed[1])]
    assert table.groups[1].owed[1] < 300_000


@pytest.mark.parametrize(
    ("results", "by", "told"),
    [
        ({}, "state", "at least one result"),
        ({"today": result(1, 2, 3, 4)}, "county", "no column 'county'"),
        (
            {"today": result(1, 2, 3, 4), "other": result(1, 2, 3, 4, patient=[1, 1, 3, 3])},
            "state",
            "different patients",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(results: Any, by: str, told: str) -> None:
    with pytest.raises(kc.KetacostError, match=told):
        kc.compare_cohorts(results, by)
