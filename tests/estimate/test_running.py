"""The running cost by hand, and the share who go on beside it."""

from __future__ import annotations

from datetime import date

import pytest
from small_scenarios import four_visits

import ketacost as kc
from ketacost.accounts.loans import Paying
from ketacost.estimate.estimate import estimate
from ketacost.estimate.running import goes_on, running
from ketacost.estimate.scenario import examples


def test_the_readme_patient_by_hand() -> None:
    """An evaluation of 288 and six infusions of 500 by December 24; January 28 makes it 3,788, and so on every five weeks:
    by May 30 there are four boosters (January 28, March 4, April 8, May 13), by November 30 all nine.
    """
    found = running(estimate(kc.example("readme-patient")))
    assert [(one.label, one.until, one.visits, one.cents) for one in found.so_far] == [
        ("the first series", date(2026, 12, 24), 7, 328_800),
        ("the first 3 months", date(2027, 2, 28), 8, 378_800),
        ("the first 6 months", date(2027, 5, 30), 11, 528_800),
        ("the first 12 months", date(2027, 11, 30), 16, 778_800),
    ]
    assert found.sentence == (
        "The first series costs about $3,290, the first 3 months $3,790, the first 6 months $5,290, the first 12 months "
        "$7,790. About half go on (42 of 85 at one hospital)."
    )


def test_boosters_alone_have_no_first_series() -> None:
    """Eight boosters of $500, five weeks apart from Monday, January 4: three by April 4, six by July 4, all by September 6."""
    visits = {"evaluation": 0, "induction": 0, "maintenance": 8}
    scenario = four_visits(date(2027, 1, 4), deductible=9_000)
    found = running(estimate(scenario.replace(course=scenario.course.replace(visits=visits))))
    told = "The first 3 months cost about $1,500, the first 6 months $3,000, the first 12 months $4,000."
    assert found.sentence == told


def test_checks_count_with_the_visit_that_they_are_for() -> None:
    """Two of the four visits of $500 meet the deductible of $1,000; 80% of each of the others comes back later."""
    october = four_visits(date(2026, 10, 5))
    scenario = october.replace(
        course=october.course.replace(visits={"evaluation": 0, "induction": 3, "maintenance": 1})
    )
    first, last = running(estimate(scenario)).so_far
    assert (first.cents, last.cents) == (110_000, 120_000)


def test_the_share_who_go_on_is_an_assumption_with_its_range() -> None:
    known = goes_on()
    assert (known.low, known.central, known.high) == (3_500, 4_900, 7_000)
    assert known.citation.grade == "assumption"
    assert known.words == "about half go on (42 of 85 at one hospital)"
    spravato = estimate(kc.example("spravato-in-network"))
    assert running(spravato).goes_on is None
    assert running(estimate(four_visits())).goes_on is None  # nothing is planned after its first series


def test_help_counts_once() -> None:
    scenario = kc.example("readme-patient").replace(paying=Paying(assistance=100_000))
    assert [one.cents for one in running(estimate(scenario)).so_far] == [228_800, 278_800, 428_800, 678_800]


def test_nothing_runs_where_no_planned_visit_takes_place() -> None:
    scenario = kc.example("readme-patient").replace(payer="va-facility", if_denied="stop", coverage="denied", ranges={})
    assert running(estimate(scenario)) == ((), None)
    assert running(estimate(scenario)).sentence == ""


@pytest.mark.parametrize("name", examples())
def test_the_last_stage_of_a_year_is_the_estimate(name: str) -> None:
    found = estimate(kc.example(name))
    stages = running(found).so_far
    if not found.main.whole:
        assert stages == ()
        return
    assert stages[-1].visits <= found.main.visits
    if stages[-1].visits == found.main.visits:
        assert stages[-1].cents == found.likely
