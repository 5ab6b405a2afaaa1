"""What may go into accounts in a year, by itself: limits, pay, months that count, and years that are not published."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from small_scenarios import TEXAN

import ketacost as kc
from ketacost.accounts.contributions import (
    Counted,
    LastUse,
    Limit,
    OnHand,
    carryover_limit,
    counted,
    last_use,
    limit_on,
    why_no_hsa,
)
from ketacost.accounts.fsa import FsaError
from ketacost.accounts.hsa import Span
from ketacost.accounts.loans import services_helped
from ketacost.core.references import NotKnownOn, parameter
from ketacost.taxes.households import Contribution, Household

NEW_YEAR = date(2027, 1, 1)


def may(put_in: Contribution, home: Household = TEXAN, **rules: object) -> Counted:
    return counted(put_in, home, **{"family": False, "why_not": "", **rules})


def test_a_contribution_within_its_limits_counts_as_it_is() -> None:
    for put_in in (Contribution(payroll_hsa=240_000, direct_hsa=200_000), Contribution(health_fsa=340_000)):
        assert may(put_in) == Counted(put_in)


def test_within_a_limit_the_money_from_pay_goes_in_first() -> None:
    """$4,400 for one person in 2026: $3,000 from pay and $1,400 of the $2,000 from the bank."""
    found = may(Contribution(payroll_hsa=300_000, direct_hsa=200_000))
    assert found.contribution == Contribution(payroll_hsa=300_000, direct_hsa=140_000)


def test_months_in_which_an_fsa_can_pay_do_not_count_for_an_hsa() -> None:
    """From July to December a general FSA can pay: six of twelve months of $4,400 are left."""
    found = may(Contribution(direct_hsa=440_000), general_fsa=(Span(date(2026, 7, 1), date(2027, 6, 30)),))
    assert found.contribution == Contribution(direct_hsa=220_000)
    assert found.problems[0].startswith("An HSA takes $2,200.00 in 2026 for 6 months of this coverage")


def test_the_spouses_money_comes_from_the_spouses_pay_and_age() -> None:
    """The spouse of 58 earns $1,000: an FSA takes that much, an HSA $4,400 and $1,000 more."""
    couple = Household(2026, "TX", "married_joint", 6_000_000, 40, spouse_wages=100_000, spouse_age=58)
    found = may(Contribution(health_fsa=200_000, by_spouse=True), couple)
    assert found.contribution == Contribution(health_fsa=100_000, by_spouse=True)
    assert "takes $5,400.00" in may(Contribution(direct_hsa=600_000, by_spouse=True), couple).problems[0]
    assert "takes $4,400.00" in may(Contribution(direct_hsa=600_000), couple).problems[0]


def test_a_short_fsa_plan_year_counts_its_part_of_the_limit() -> None:
    found = may(Contribution(health_fsa=340_000), fsa_first=date(2026, 7, 1), fsa_months=6)
    assert found.contribution == Contribution(health_fsa=170_000)
    assert found.problems[0].startswith("A health FSA takes $1,700.00 for 6 months in 2026: the $1,700.00 above it")


def test_a_limit_of_a_year_that_is_not_published_is_marked_or_refused() -> None:
    """An FSA takes $3,400 in 2026; no amount of 2027 is published. Before 2024 the first known year stands in."""
    name = "fsa.contribution_limit"
    assert limit_on(name, date(2026, 7, 1), "FSA limit") == Limit(340_000)
    marked = "The 2027 FSA limit is not published yet, so we use 2026's"
    assert limit_on(name, NEW_YEAR, "FSA limit") == Limit(340_000, marked)
    assert limit_on(name, date(2020, 1, 1), "FSA limit").value == 320_000
    with pytest.raises(NotKnownOn):
        limit_on(name, NEW_YEAR, "FSA limit", strict=True)
    later = TEXAN.replace(year=2029)
    found = may(Contribution(direct_hsa=500_000), later)
    assert found.contribution == Contribution(direct_hsa=450_000)
    assert found.marks == ("The 2029 HSA limit is not published yet, so we use 2027's",)
    with pytest.raises(NotKnownOn):
        may(Contribution(direct_hsa=500_000), later, strict=True)


def test_to_the_cent_of_each_limit_nothing_is_told_and_a_cent_above_it_is() -> None:
    """$4,400 in 2026, $8,750 for a family, $1,000 more from 55; $3,400 in an FSA; pay of $1,000."""
    assert may(Contribution(direct_hsa=440_000)).problems == ()
    assert may(Contribution(direct_hsa=440_001)).problems == (
        "An HSA takes $4,400.00 in 2026 for this coverage: the $0.01 above it saves nothing",
    )
    assert may(Contribution(direct_hsa=875_000), family=True).problems == ()
    assert may(Contribution(direct_hsa=875_001), family=True).contribution.amount == 875_000
    assert [may(Contribution(direct_hsa=540_001), TEXAN.replace(age=age)).contribution.amount for age in (54, 55)] == [
        *(440_000, 540_000)
    ]
    assert may(Contribution(health_fsa=340_000)).problems == ()
    assert (
        may(Contribution(health_fsa=340_001)).problems[0].startswith("A health FSA takes $3,400.00 in 2026: the $0.01")
    )
    little = TEXAN.replace(wages=100_000)
    assert may(Contribution(payroll_hsa=40_000, health_fsa=60_000), little).problems == ()
    over = may(Contribution(payroll_hsa=40_001, health_fsa=60_000), little)
    assert over.contribution == Contribution(payroll_hsa=40_000, health_fsa=60_000)
    assert over.problems == ("Pay of $1,000.00 cannot hold $1,000.01 taken from it: the $0.01 above it saves nothing",)
    assert may(Contribution(payroll_hsa=40_000, health_fsa=120_000), little).contribution.amount == 100_000


def test_who_comes_in_july_may_put_in_all_of_it_and_must_then_stay() -> None:
    until_june = (Span(date(2026, 1, 1), date(2026, 6, 30)),)
    half = may(Contribution(direct_hsa=220_000), general_fsa=until_june)
    assert half == Counted(Contribution(direct_hsa=220_000))
    stays = "So much HSA money for 2026 needs you to stay eligible through December 2027"
    assert may(Contribution(direct_hsa=220_001), general_fsa=until_june).marks == (stays,)
    assert may(Contribution(direct_hsa=440_000), general_fsa=until_june).problems == ()
    above = may(Contribution(payroll_hsa=400_000, direct_hsa=40_001), general_fsa=until_june)
    assert above.contribution == Contribution(payroll_hsa=400_000, direct_hsa=40_000)
    assert above.problems[0].startswith("An HSA takes $4,400.00 in 2026 for 6 months of this coverage: the $0.01")


def test_medicare_ends_it_from_its_first_day() -> None:
    found = [
        may(Contribution(direct_hsa=440_000), medicare_from=date(2026, month, day)) for month, day in ((7, 1), (7, 2))
    ]
    assert [one.contribution.direct_hsa for one in found] == [220_000, 256_667]
    none = may(Contribution(payroll_hsa=100, direct_hsa=100), medicare_from=date(2026, 1, 1))
    assert none.contribution == Contribution()
    assert none.problems == ("Money for an HSA saves nothing in 2026: Medicare rules out an HSA",)


def test_a_day_between_two_known_ones_takes_the_nearer() -> None:
    """The first and the last known day themselves are known."""
    known = parameter("fsa.contribution_limit").values
    first, last = min(one.first for one in known), max(one.last for one in known)
    assert limit_on("fsa.contribution_limit", first, "FSA limit").mark == ""
    assert limit_on("fsa.contribution_limit", last, "FSA limit").mark == ""
    for outside, inside in ((first - timedelta(1), first), (last + timedelta(1), last)):
        told = limit_on("fsa.contribution_limit", outside, "FSA limit")
        assert told.value == limit_on("fsa.contribution_limit", inside, "FSA limit").value
        assert told.mark.endswith(f"we use {inside.year}'s")


def test_money_on_hand_has_ends() -> None:
    for field, first, last in (("fsa_starts", 1, 12), ("fsa_months", 1, 12)):
        assert [getattr(OnHand(**{field: value}), field) for value in (first, last)] == [first, last]  # type: ignore[arg-type]
        for value in (first - 1, last + 1):
            with pytest.raises(FsaError, match="1 to 12"):
                OnHand(**{field: value})  # type: ignore[arg-type]
    for field in ("fsa_left", "hsa_balance", "fsa_carryover_limit"):
        assert getattr(OnHand(**{field: 0}), field) == 0  # type: ignore[arg-type]
        with pytest.raises(FsaError, match="a negative amount"):
            OnHand(**{field: -1})  # type: ignore[arg-type]


def test_what_a_plan_carries_over_is_never_above_the_laws_limit() -> None:
    carries, year_end = OnHand(fsa_at_end="carried over"), date(2026, 12, 31)
    assert carryover_limit(carries, year_end) == Limit(68_000)
    assert carryover_limit(carries.replace(fsa_carryover_limit=50_000), year_end) == Limit(50_000)
    assert carryover_limit(carries.replace(fsa_carryover_limit=90_000), year_end) == Limit(68_000)
    assert carryover_limit(OnHand(), year_end) == Limit(0)
    later = carryover_limit(carries, date(2030, 12, 31))
    assert (later.value, later.mark[:8]) == (68_000, "The 2030")
    with pytest.raises(NotKnownOn):
        carryover_limit(carries, date(2030, 12, 31), strict=True)


def test_the_last_day_of_use() -> None:
    assert last_use(OnHand(), date(2026, 6, 30)) == LastUse(date(2026, 6, 30))
    grace = OnHand(fsa_at_end="grace period")
    assert last_use(grace, date(2026, 6, 30)) == LastUse(date(2026, 9, 15))
    assert last_use(grace, date(2026, 12, 31)) == LastUse(date(2027, 3, 15))
    far = last_use(grace, date(2030, 12, 31))
    assert far.day == date(2031, 3, 15)
    assert far.mark.startswith("The 2030 rule on an FSA's grace period is not published yet")


def test_why_a_plan_allows_no_hsa() -> None:
    plan = kc.Plan.of(deductible=2_000, coinsurance="20%", name="Plan H")
    assert why_no_hsa(plan.replace(hsa_eligible=True)) == ""
    assert why_no_hsa(plan.replace(hsa_eligible=False)) == "Plan H does not allow an HSA"
    assert why_no_hsa(plan) == "Plan H is not known to allow an HSA"


def test_money_on_hand_that_cannot_be_is_refused() -> None:
    with pytest.raises(FsaError, match="a negative amount"):
        OnHand(hsa_balance=-1)
    with pytest.raises(FsaError, match="month from 1 to 12, got 13"):
        OnHand(fsa_starts=13)
    assert OnHand(fsa_left=100, hsa_balance=200).amount == 300


def test_what_a_programs_terms_admit() -> None:
    for law, services in (("aca", ("esketamine",)), ("erisa", ("esketamine",)), ("va", None), ("", None)):
        assert services_helped("G001", law=law, treatment="spravato") == services
    assert services_helped("", law="va", treatment="home-oral") == ()
    assert services_helped("spravato", law="va", treatment="home-oral") is None
    assert services_helped("G005", law="va", treatment="home-oral") == ()
