"""Tax-free accounts on a scenario: what is saved, who pays, how much to elect, and what rules them out."""

from __future__ import annotations

import dataclasses
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_scenarios import TEXAN, infusions

import ketacost as kc
from ketacost.accounts.contributions import OnHand
from ketacost.accounts.loans import Paying
from ketacost.core.references import NotKnownOn
from ketacost.estimate.account_effects import (
    account_problems,
    accounts_of,
    advise_fsa,
    chances_of_cost,
    funding_of,
    tax_effect,
)
from ketacost.estimate.calendar import BottomLine, bottom_line
from ketacost.estimate.scenario import Scenario
from ketacost.model.coordination import SecondPlan
from ketacost.model.plans import PlanVersion
from ketacost.reports.sections import detail
from ketacost.taxes.households import Contribution
from ketacost.taxes.tables import NotKnownFor


@pytest.fixture
def patient() -> Scenario:
    """The README's patient, in Texas on $60,000, who elects $2,000: the clinic is paid $3,288 in 2026 and $4,500 in 2027."""
    return kc.example("readme-patient").replace(
        ranges={}, household=TEXAN, contribution=Contribution(health_fsa=200_000)
    )


def test_the_saving_is_worked_out_by_hand(patient: Scenario) -> None:
    """12% federal income tax (60,000 less 16,100 is in that bracket), 6.2% and 1.45%: 19.65% of 2,000 is 393; Texas takes nothing."""
    found = tax_effect(kc.run(patient))
    assert (found.saving.total, found.unused) == (39_300, 0)
    assert found.net == 778_800 - 39_300
    assert "saves $393.00 in tax" in kc.statement(kc.tax_effect(kc.run(patient))).headline


def test_what_the_year_does_not_need_is_told(patient: Scenario) -> None:
    assert tax_effect(kc.run(patient)).cost_of_year == 328_800
    early = patient.replace(
        course=patient.course.replace(start=date(2026, 12, 14)), contribution=Contribution(health_fsa=340_000)
    )
    found = tax_effect(kc.run(early))
    assert found.unused == 340_000 - found.cost_of_year > 0
    assert "$1,110 of it pays no bill." in kc.statement(kc.tax_effect(kc.run(early))).headline


def test_every_visit_is_funded_to_the_cent_and_the_fsa_pays_its_year_alone(patient: Scenario) -> None:
    found = funding_of(kc.run(patient))
    assert sum(one.part.amount for one in found) == kc.run(patient).you_pay
    assert sum(one.by("fsa") for one in found) == 200_000
    assert all(not one.by("fsa") for one in found if one.part.day.year == 2027)
    assert sum(one.by("cash") for one in found) == 778_800 - 200_000


def test_the_election_follows_the_cost_that_is_sure(patient: Scenario) -> None:
    """Every dollar saves 19.65% and the year costs 3,288 whatever the plan says: elect that; a dollar more would be lost."""
    advice = advise_fsa(patient)
    assert advice.best.election == 328_800
    assert (
        advice.best.value == Fraction(328_800 * 1_965, 10_000).limit_denominator(1)
        or abs(advice.best.value - 64_609) < 2
    )


def test_the_chances_of_a_cost_are_the_payers(patient: Scenario) -> None:
    side = patient.plan.networks["out"].replace(allowed={"evaluation": 28_800, "infusion": 50_000})
    rich = patient.replace(
        plan=patient.plan.replace(networks={**patient.plan.networks, "out": side}), payer="employer-insured"
    )
    found = {cost: chance for chance, cost in chances_of_cost(rich, 2026)}
    assert sum(found.values()) == 1
    assert found[328_800] == Fraction(98, 100)
    assert min(found) < 328_800


def line(scenario: Scenario) -> BottomLine:
    return bottom_line(scenario, kc.run(scenario).claims)


NO_HSA = kc.Plan.of(deductible=1_000, coinsurance="20%", hsa_eligible=False)


def with_hsa(*days: str, charge: int = 60_000, **changes: object) -> Scenario:
    """Infusions that the plan denies, under a plan that allows an HSA, for the Texan: 12% federal tax, 7.65% from pay."""
    plain = infusions(*days, charge=charge, coverage="denied", household=TEXAN)
    return plain.replace(plan=plain.plan.replace(hsa_eligible=True, name="Plan H")).replace(**changes)


def va(contribution: Contribution) -> Scenario:
    """The VA facility that offers ketamine, 16 visits at $50, under a plan that allows an HSA."""
    scenario = kc.example("payer-va-facility").replace(ranges={}, household=TEXAN, contribution=contribution)
    return scenario.replace(plan=scenario.plan.replace(hsa_eligible=True))


def test_money_that_stays_in_an_hsa_is_neither_cost_nor_saving() -> None:
    """$4,400 go in from the bank, the bills are $800: 12% of $800 is $96, and $3,600 stay in the HSA."""
    without, having = line(va(Contribution())), line(va(Contribution(direct_hsa=440_000)))
    assert (without.net, having.net) == (80_000, 70_400)
    assert (having.tax_saved, having.hsa, having.kept, having.lost) == (9_600, 80_000, 360_000, 0)
    found = tax_effect(kc.run(va(Contribution(direct_hsa=440_000))))
    assert (found.net, found.put_in, found.unused, found.saving.amount) == (70_400, 440_000, 360_000, 80_000)


def test_an_hsa_pays_with_the_money_from_pay_first() -> None:
    """Of $800, $500 came from pay (19.65%: $98.25) and $300 from the bank (12%: $36)."""
    found = line(va(Contribution(payroll_hsa=50_000, direct_hsa=100_000)))
    assert (found.tax_saved, found.kept) == (9_825 + 3_600, 70_000)


CONTRIBUTIONS = st.builds(
    Contribution,
    payroll_hsa=st.integers(0, 500_000),
    direct_hsa=st.integers(0, 500_000),
    health_fsa=st.integers(0, 400_000),
)


@settings(max_examples=60, deadline=None)
@given(CONTRIBUTIONS, st.integers(1, 300_000), st.sampled_from(["direct_hsa", "payroll_hsa", "health_fsa"]))
def test_a_larger_contribution_that_pays_no_further_bill_never_lowers_the_net(
    put_in: Contribution, more: int, kind: str
) -> None:
    larger = dataclasses.replace(put_in, **{kind: getattr(put_in, kind) + more})
    scenario = with_hsa("2026-03-02", "2026-11-30", "2027-02-01")
    for one in ("contribution", "next_contribution"):
        before, after = scenario.replace(**{one: put_in}), scenario.replace(**{one: larger})
        found, now = line(before), line(after)
        used, used_now = paid_by_kind(before), paid_by_kind(after)
        if used_now == used:
            assert now.net >= found.net
        assert 0 <= now.tax_saved <= now.fsa + now.hsa + now.lost


def paid_by_kind(scenario: Scenario) -> list[tuple[int, int, int]]:
    """What a year's FSA, HSA money from pay and HSA money from the bank pay, in cents, year by year."""
    found = accounts_of(scenario, kc.run(scenario).claims)
    paid = []
    for year in found.years:
        fsa = sum(one.amount for part in found.funded for one in part.paid if one.source == year.fsa)
        paid.append((fsa, year.taxed.payroll_hsa, year.taxed.direct_hsa))
    return paid


def test_a_contribution_above_its_limit_saves_nothing_above_it_and_says_so() -> None:
    """An HSA takes $4,400 in 2026 for one person of 40, an FSA $3,400. Four visits at $2,000 would use more."""
    days = ("2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23")
    for most, over in (
        (Contribution(direct_hsa=440_000), Contribution(direct_hsa=500_000)),
        (Contribution(health_fsa=340_000), Contribution(health_fsa=400_000)),
    ):
        at_most, above = (with_hsa(*days, charge=200_000, contribution=one) for one in (most, over))
        assert line(above) == line(at_most)
        assert account_problems(at_most) == ()
        assert kc.calendar(kc.run(above)).entries == kc.calendar(kc.run(at_most)).entries
    assert account_problems(with_hsa(*days, contribution=Contribution(payroll_hsa=300_000, direct_hsa=200_000))) == (
        "An HSA takes $4,400.00 in 2026 for this coverage: the $600.00 above it saves nothing",
    )
    assert account_problems(with_hsa(*days, contribution=Contribution(health_fsa=400_000))) == (
        "A health FSA takes $3,400.00 in 2026: the $600.00 above it saves nothing",
    )


def test_a_person_of_55_may_add_to_an_hsa_and_a_family_has_its_own_limit() -> None:
    """$4,400 and $1,000 more at 55; $8,750 for a family."""
    asked = Contribution(direct_hsa=900_000)
    older = with_hsa("2026-03-02", household=TEXAN.replace(age=55), contribution=asked)
    family = with_hsa("2026-03-02", contribution=asked)
    family = family.replace(plan=family.plan.replace(family=True, deductible_kind="aggregate", limit_kind="aggregate"))
    assert "takes $5,400.00" in account_problems(older)[0]
    assert "takes $8,750.00" in account_problems(family)[0]


def test_more_than_pay_can_hold_saves_nothing() -> None:
    poor = with_hsa("2026-03-02", household=TEXAN.replace(wages=100_000), contribution=Contribution(health_fsa=250_000))
    assert line(poor).lost == 100_000 - 60_000
    told = "Pay of $1,000.00 cannot hold $2,500.00 taken from it: the $1,500.00 above it saves nothing"
    assert account_problems(poor) == (told,)


def test_an_hsa_that_may_not_be_had_saves_nothing_and_says_so(patient: Scenario) -> None:
    """Beside a general FSA, the spouse's too, beside Medicare, and under a plan that does not allow one."""
    hsa, fsa = Contribution(direct_hsa=100_000), Contribution(direct_hsa=100_000, health_fsa=60_000)
    plain = with_hsa("2026-03-02", contribution=hsa)
    assert line(plain).tax_saved == 7_200
    for ruled_out, why in (
        (plain.replace(on_hand=OnHand(spouse_fsa=True)), "a general health FSA, yours or your spouse's"),
        (plain.replace(on_hand=OnHand(medicare_from=date(2026, 1, 1))), "Medicare rules out an HSA"),
        (plain.replace(payer="medicare-part-b"), "Medicare rules out an HSA"),
        (plain.replace(plan=plain.plan.replace(hsa_eligible=False)), "Plan H does not allow an HSA"),
        (plain.replace(plan=plain.plan.replace(hsa_eligible="not stated")), "Plan H is not known to allow an HSA"),
        (plain.replace(second=SecondPlan(NO_HSA)), "the second plan does not allow an HSA"),
    ):
        found = line(ruled_out)
        assert (found.tax_saved, found.hsa, found.kept, found.net) == (0, 0, 0, 60_000)
        assert account_problems(ruled_out)[0].startswith(f"Money for an HSA saves nothing in 2026: {why}")
        assert {entry.kind for entry in kc.calendar(kc.run(ruled_out)).entries} == {"visit"}
    both = line(plain.replace(contribution=fsa))
    assert (both.fsa, both.hsa, both.tax_saved) == (60_000, 0, 11_790)
    assert "rules out an HSA" in account_problems(plain.replace(contribution=fsa))[0]
    held = plain.replace(contribution=fsa, on_hand=OnHand(hsa_balance=50_000))
    assert line(held.replace(contribution=Contribution())).hsa == 50_000
    assert "rules out an HSA" in kc.statement(kc.tax_effect(kc.run(held))).footnote


def test_a_later_plan_decides_about_an_hsa_from_its_first_day() -> None:
    """$4,400 a year: the three months before April are $1,100. From a plan with an HSA in December on, it is the year's."""
    of_april = with_hsa("2026-03-02", contribution=Contribution(direct_hsa=440_000))
    lost = of_april.replace(later=PlanVersion(date(2026, 4, 1), NO_HSA))
    told = "An HSA takes $1,100.00 in 2026 for 3 months of this coverage: the $3,300.00 above it saves nothing"
    assert account_problems(lost) == (told,)
    won = of_april.replace(plan=NO_HSA, later=PlanVersion(date(2026, 10, 1), of_april.plan))
    assert (account_problems(won), line(won).tax_saved) == ((), line(of_april).tax_saved)


def test_medicare_from_july_leaves_half_of_an_hsas_limit() -> None:
    """Six months of $4,400 are $2,200."""
    scenario = with_hsa(
        "2026-03-02", contribution=Contribution(direct_hsa=300_000), on_hand=OnHand(medicare_from=date(2026, 7, 1))
    )
    told = "An HSA takes $2,200.00 in 2026 for 6 months of this coverage: the $800.00 above it saves nothing"
    assert account_problems(scenario) == (told,)


def test_money_that_an_hsa_holds_pays_any_visit_and_saves_nothing_new() -> None:
    """The bill counts in full: it was the patient's own pay, and its tax was saved then."""
    found = line(with_hsa("2025-12-01", "2026-03-02", on_hand=OnHand(hsa_balance=90_000)))
    assert (found.net, found.hsa, found.on_hand, found.cash, found.kept) == (120_000, 90_000, 90_000, 30_000, 0)
    alone = line(with_hsa("2026-03-02", household=None, on_hand=OnHand(hsa_balance=90_000)))
    assert (alone.net, alone.hsa) == (60_000, 60_000)


def test_what_is_left_in_an_fsa_pays_visits_up_to_its_last_day_alone() -> None:
    """$1,000 are left: the $600 of June 30 use them, the $600 of July 1 can't; $400 are lost, and are a cost."""
    days, left = ("2026-06-30", "2026-07-01"), OnHand(fsa_left=100_000, fsa_last_day=date(2026, 6, 30))
    found = line(with_hsa(*days, on_hand=left))
    assert (found.fsa, found.on_hand, found.lost, found.tax_saved) == (60_000, 60_000, 40_000, 0)
    assert found.net == 120_000 + 40_000
    assert line(with_hsa(*days, on_hand=OnHand(fsa_left=100_000))).lost == 0  # to December 31
    assert line(with_hsa(*days, charge=200_000, on_hand=left)).lost == 0


def test_what_an_fsa_carries_over_is_not_lost_up_to_the_limit() -> None:
    """Of $1,000, $680 go over into 2027 (the law's most from 2026), $320 are lost; the plan may carry less."""
    carries = OnHand(fsa_left=100_000, fsa_at_end="carried over")
    found = line(with_hsa("2027-02-01", on_hand=carries))
    assert (found.fsa, found.lost, found.net, found.kept) == (60_000, 32_000, 92_000, 0)
    less = line(with_hsa("2027-02-01", on_hand=carries.replace(fsa_carryover_limit=50_000)))
    assert (less.fsa, less.lost) == (50_000, 50_000)
    later = line(with_hsa("2028-01-03", on_hand=carries))
    assert (later.fsa, later.lost) == (0, 32_000)


def test_an_election_that_is_carried_over_and_not_used_is_neither_cost_nor_saving() -> None:
    """$1,000 elected, $600 used in the year, $400 carried over and kept: tax on $600 at 19.65% is $117.90."""
    put_in, carries = Contribution(health_fsa=100_000), OnHand(fsa_at_end="carried over")
    found = line(with_hsa("2026-03-02", contribution=put_in, on_hand=carries))
    assert (found.fsa, found.lost, found.kept, found.tax_saved) == (60_000, 0, 40_000, 11_790)
    both = line(with_hsa("2026-03-02", "2027-03-01", contribution=put_in, on_hand=carries))
    assert (both.fsa, both.lost, both.kept, both.tax_saved) == (100_000, 0, 0, 19_650)


def test_a_grace_period_ends_two_months_and_fifteen_days_after_the_year() -> None:
    left = OnHand(fsa_left=100_000, fsa_at_end="grace period")
    assert line(with_hsa("2027-03-15", on_hand=left)).fsa == 60_000
    assert line(with_hsa("2027-03-16", on_hand=left)).fsa == 0
    assert (
        line(
            with_hsa("2027-03-15", contribution=Contribution(health_fsa=60_000), on_hand=left.replace(fsa_left=0))
        ).lost
        == 0
    )


def test_money_left_in_a_grace_period_keeps_an_hsa_waiting_until_april() -> None:
    """With $400 left on December 31, the FSA can pay through March 15: January to March do not count for an HSA, but by
    the last-month rule December brings the whole $4,500 of 2027. Used up in time, it keeps nobody waiting."""
    left = OnHand(fsa_left=100_000, fsa_at_end="grace period")
    hsa = Contribution(direct_hsa=450_000)
    some = with_hsa("2026-12-01", on_hand=left, next_contribution=hsa)
    none = with_hsa("2026-12-01", charge=100_000, on_hand=left, next_contribution=hsa)
    rule = "So much HSA money for 2027 needs you to stay eligible through December 2028"
    assert account_problems(some) == account_problems(none) == ()
    assert rule in tax_effect(kc.run(some)).notes
    assert rule not in tax_effect(kc.run(none)).notes
    carried = some.replace(on_hand=left.replace(fsa_at_end="carried over"))
    assert account_problems(carried)[0].startswith("Money for an HSA saves nothing in 2027: a general health FSA")


def test_next_years_election_is_that_of_its_own_plan_year() -> None:
    """It begins in July 2027: the visit of June 30 is not in it, that of July 1 and that of June 2028 are."""
    days = ("2027-06-30", "2027-07-01", "2028-06-30")
    found = with_hsa(*days, next_contribution=Contribution(health_fsa=200_000), on_hand=OnHand(fsa_starts=7))
    assert [part.by("fsa") for part in funding_of(kc.run(found))] == [0, 60_000, 60_000]
    assert (line(found).lost, line(found).tax_saved) == (80_000, 39_300)
    january = found.replace(on_hand=OnHand())
    assert [part.by("fsa") for part in funding_of(kc.run(january))] == [60_000, 60_000, 0]


def test_this_years_and_next_years_tax_stand_side_by_side() -> None:
    """$600 in each year: an FSA in 2026 saves 19.65%, $117.90; money from the bank for 2027 saves 12%, $72."""
    scenario = with_hsa(
        "2026-03-02", "2027-03-01",
        contribution=Contribution(health_fsa=60_000), next_contribution=Contribution(direct_hsa=60_000),
    )  # fmt: skip
    found = tax_effect(kc.run(scenario))
    assert (found.saving.total, found.next_saving and found.next_saving.total) == (11_790, 7_200)
    assert found.net == line(scenario).net == 120_000 - 11_790 - 7_200
    assert found.next_saving is not None
    assert "2027" in " ".join(found.next_saving.marks)


def test_a_limit_that_is_not_published_is_the_nearest_and_marked_or_refused() -> None:
    scenario = with_hsa("2027-03-01", next_contribution=Contribution(health_fsa=60_000))
    mark = "The 2027 health FSA limit is not published yet, so we use 2026's"
    assert mark in tax_effect(kc.run(scenario)).notes
    assert f"{mark}." in kc.estimate(scenario).notes
    with pytest.raises(NotKnownOn, match="not known on 2027-01-01"):
        tax_effect(kc.run(scenario), strict=True)
    with pytest.raises(NotKnownFor):
        tax_effect(kc.run(with_hsa("2027-03-01", next_contribution=Contribution(direct_hsa=60_000))), strict=True)
    advice = advise_fsa(scenario, next_year=True)
    assert advice.best.election == 60_000
    assert advice.sentence.endswith("The 2027 health FSA limit is not published yet, so we use 2026's.")
    with pytest.raises(NotKnownOn):
        advise_fsa(scenario, next_year=True, strict=True)


def test_the_next_plan_years_election_is_advised_for_its_own_months() -> None:
    scenario = with_hsa("2027-06-30", "2027-07-01", "2028-06-30", on_hand=OnHand(fsa_starts=7))
    assert advise_fsa(scenario, next_year=True).best.election == 120_000


def test_help_counts_only_for_the_services_and_payers_that_its_terms_admit() -> None:
    """The maker's savings program pays for the drug beside a commercial plan: not the observation, not VA, not at home.

    Of each dose it leaves $10 (data/spravato_savings.csv, V01): of two at $900 it pays $1,780.
    """
    course = kc.Course("spravato", date(2026, 3, 2), {"evaluation": 0, "weeks 1-4": 2, "weeks 5-8": 0, "weeks 9+": 0})
    all_yours = kc.Plan.of(deductible=9_000, coinsurance="40%", allowed=350)
    base = infusions("2026-03-02", payer="employer-insured", plan=all_yours, coverage="everything", household=TEXAN)
    base = base.replace(course=course, prices=kc.Prices({"esketamine": 90_000, "observation": 20_000}))
    helped = base.replace(paying=Paying(assistance=900_000, assistance_for="spravato savings"))
    assert line(base).you_pay == 220_000
    assert (
        line(helped).assistance
        == line(helped.replace(paying=Paying(assistance=900_000, assistance_for="G001"))).assistance
        == 178_000
    )
    funded = funding_of(kc.run(helped))
    assert [(one.part.service, one.by("assistance")) for one in funded if one.by("assistance")] == [
        ("esketamine", 89_000)
    ] * 2
    assert kc.calendar(kc.run(helped)).net == 40_000 + 2_000
    for payer in (
        "va-facility",
        "va-community-care",
        "medicaid",
        "medicare-part-b",
        "medicare-advantage",
        "tricare",
        "self-pay",
        "",
    ):
        nobody = helped.replace(payer=payer)
        assert line(nobody).assistance == 0
        assert any("not for this payer" in note for note in kc.calendar(kc.run(nobody)).notes)
    mood = infusions("2026-03-02", payer="employer-insured", paying=helped.paying)
    assert line(mood).assistance == 0
    assert line(mood.replace(paying=Paying(assistance=900_000, assistance_for="spravato"))).assistance == 0
    assert line(mood.replace(paying=Paying(assistance=10_000, assistance_for="iv-mood"))).assistance == 10_000
    assert line(mood.replace(paying=Paying(assistance=10_000))).assistance == 10_000
    with pytest.raises(kc.KetacostError, match="no program of assistance called"):
        Paying(assistance_for="spravatto")


def test_a_rebate_and_help_for_one_service_never_count_on_the_same_dollar() -> None:
    """$2,200 owed: $1,780 of help for the drug, then a rebate takes what is left, $420, and no account pays that."""
    course = kc.Course("spravato", date(2026, 3, 2), {"evaluation": 0, "weeks 1-4": 2, "weeks 5-8": 0, "weeks 9+": 0})
    all_yours = kc.Plan.of(deductible=9_000, coinsurance="40%", allowed=350)
    base = infusions("2026-03-02", payer="employer-insured", plan=all_yours, coverage="everything", household=TEXAN)
    paying = Paying(assistance=900_000, assistance_for="spravato savings", rebate=900_000)
    scenario = base.replace(
        course=course, prices=kc.Prices({"esketamine": 90_000, "observation": 20_000}), paying=paying,
        contribution=Contribution(health_fsa=40_000),
    )  # fmt: skip
    found = line(scenario)
    assert (found.assistance, found.rebate, found.fsa, found.cash) == (178_000, 42_000, 0, 42_000)


def test_a_year_whose_tables_are_not_in_is_marked(patient: Scenario) -> None:
    later = patient.replace(household=TEXAN.replace(year=2027))
    assert "2027" in kc.statement(kc.tax_effect(kc.run(later))).footnote
    assert "2026" in kc.statement(kc.tax_effect(kc.run(later))).footnote


def test_without_a_household_it_asks(patient: Scenario) -> None:
    with pytest.raises(kc.KetacostError, match="whose taxes"):
        tax_effect(kc.run(patient.replace(household=None)))


def test_the_panel_has_a_step_for_it() -> None:
    """Of $2,000 from wages of $60,000: 12% federal income tax, 6.2% and 1.45%, California's 6%, and 1.3% for its disability
    insurance: $539. What hangs on the state goes with it."""
    panel = kc.Explorer(kc.example("readme-patient"), opens="help")
    panel.set("household.state", "CA")
    panel.set("household.wages", "60,000")
    panel.set("contribution.health_fsa", "2000")
    found = tax_effect(panel.estimate.shown)
    assert found.saving.total == 53_900
    assert panel.you_pay == 778_800 - 53_900
    assert "Who pays each visit" in detail(panel.estimate, "money")
    panel.set("household.state", "")
    assert panel.you_pay == 778_800


def test_check_tells_which_tax_years_are_known_and_which_run_out() -> None:
    from ketacost.files.data_check import check_text, tax_years

    assert tax_years()["federal income tax"] == (2024, 2025, 2026)
    assert 2027 in tax_years()["payroll tax"]
    told = check_text(date(2026, 11, 23))
    assert "- federal income tax tables: to 2026-12-31, 38 days left" in told
    assert "- federal income tax: 2024, 2025, 2026" in told
    assert "income tax tables of" in told


def test_programs_are_listed_with_who_says_so() -> None:
    listed = kc.statement(kc.programs())
    assert len(listed.rows) == 10
    assert all(all(row) for row in listed.full.rows)
    rate, citation = kc.accounts.offered_rate("G007")
    assert (rate, citation.grade) == (3_299, "secondary")
