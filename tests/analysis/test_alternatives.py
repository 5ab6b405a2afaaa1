"""Superbills, routes and why calculators disagree."""

from __future__ import annotations

from datetime import date

import pytest

import ketacost as kc
from ketacost.analysis.alternatives import alternatives, disagreements
from ketacost.estimate.scenario import Scenario
from ketacost.estimate.superbills import superbills
from ketacost.model.courses import Course, Prices
from ketacost.model.plans import Benefit, Network, Plan
from ketacost.reports.statements import statement

DECEMBER = tuple(date(2026, 12, day) for day in (15, 18, 22, 29))
LATER = tuple(date(2027, month, day) for month in range(1, 14 - 6) for day in (5, 19))[:13]


@pytest.fixture
def seventeen() -> Scenario:
    """17 x $550 from 15 December; deductible $1,500, coinsurance 40%, allowed $240: the example of five calculators."""
    out = Network(
        150_000, benefits={"default": Benefit(coinsurance=4_000)}, balance_bill="owed", allowed={"infusion": 24_000}
    )
    course = Course(
        "iv-mood", DECEMBER[0], visits={"evaluation": 0, "induction": 6, "maintenance": 11}, dates=(*DECEMBER, *LATER)
    )
    prices = Prices({"infusion": 55_000}, ("drug", "monitoring"))
    return Scenario(course, prices, Plan({"out": out}), coverage="infusions too", payer="employer-insured")


def test_five_calculators_five_answers(seventeen: Scenario) -> None:
    """In order: 4 visits in December fill 960 of 1,500; 13 in the new year are 3,120, less 1,500, times 60%: 972.
    Lump: 17 x 240 = 4,080, less 1,500, times 60%: 1,548. Each: 17 x 144 = 2,448. Billed: 9,350, less 1,500, times 60%: 4,710.
    """
    assert [method.plan_pays for method in disagreements(seventeen)] == [97_200, 154_800, 244_800, 471_000, 0]
    assert "$0 to $4,710" in statement(disagreements(seventeen)).headline


def test_the_first_way_is_the_answer_itself(seventeen: Scenario) -> None:
    assert disagreements(seventeen)[0].plan_pays == kc.run(seventeen).totals.plan_pays


def test_superbills_add_up_and_come_back_after_they_were_sent(seventeen: Scenario) -> None:
    answer = kc.run(seventeen)
    bills = superbills(answer)
    assert sum(b.paid_to_clinic for b in bills) == answer.totals.charge
    assert sum(b.back for b in bills) == answer.totals.plan_pays
    for bill in bills:
        assert bill.service_date <= bill.filed
        assert (bill.service_date.toordinal() - bills[0].service_date.toordinal()) // 30 == (
            bill.filed - bills[0].service_date
        ).days // 30 - 1
        assert bool(bill.check) == bool(bill.back)
        assert list(bill.check) == sorted(bill.check)
        assert not bill.check or bill.check[0] > bill.filed


def test_a_check_comes_four_to_eight_weeks_after_the_bill_was_sent(seventeen: Scenario) -> None:
    """The seventeenth visit is on 5 July 2027, the 202nd day since the first: sent on the 210th, 13 July 2027."""
    last = superbills(kc.run(seventeen))[-1]
    assert (last.service_date, last.filed) == (date(2027, 7, 5), date(2027, 7, 13))
    assert last.check == (date(2027, 8, 10), date(2027, 8, 24), date(2027, 9, 7))


def test_a_bill_sent_late_is_told(seventeen: Scenario) -> None:
    answer = kc.run(seventeen)
    assert {b.late for b in superbills(answer, every_days=0)} == {""}
    assert all("ask for the plan's filing limit" in b.late for b in superbills(answer, every_days=0, filed_after=200))
    assert all("the plan will refuse it" in b.late for b in superbills(answer, every_days=0, filed_after=400))


def test_a_filing_service_keeps_its_share_of_what_comes_back(seventeen: Scenario) -> None:
    answer = kc.run(seventeen)
    kept = sum(b.fee for b in superbills(answer, fee=1_000))
    assert kept == sum((b.back + 5) // 10 for b in superbills(answer))
    assert statement(superbills(answer, fee=1_000)).totals[5] == answer.totals.plan_pays - kept


def test_routes_stand_in_a_fixed_order_and_say_what_is_not_open() -> None:
    scenario = kc.example("readme-patient").replace(ranges={}, payer="employer-self-funded")
    found = alternatives(scenario)
    assert [route.name for route in found] == ["as asked", "in network", "spravato", "home", "va"]
    for route in found:
        assert route.answer is not None or route.note
    by_name = {route.name: route for route in found}
    assert by_name["spravato"].driver == "yes, until the next day"
    assert by_name["spravato"].minutes == 34 * 120
    assert by_name["as asked"].minutes == 15 * 40
    assert by_name["in network"].answer.totals.balance_bill == 0
    assert len(statement(found).rows) == 5


def test_routes_and_superbills_ask_for_what_they_need() -> None:
    scenario = kc.example("readme-patient").replace(ranges={}, payer="")
    with pytest.raises(kc.KetacostError, match="Filing windows depend on it"):
        superbills(kc.run(scenario))
    none = scenario.replace(plan=scenario.plan.replace(networks={**scenario.plan.networks, "out": kc.NO_BENEFIT}))
    with pytest.raises(kc.KetacostError, match="nothing to disagree about"):
        disagreements(none)


def test_a_gap_exception_gives_in_network_terms() -> None:
    """In network: deductible $750, 20%; the specialist's visit is a $40 copay. 15 infusions counted at $300 each: in 2026
    six are 1,800, less 750, times 20% is 210; in 2027 nine are 2,700, less 750, times 20% is 390. Nothing above is owed.
    """
    scenario = kc.example("readme-patient").replace(ranges={}, coverage="infusions too")
    found = kc.run(kc.gap_exception(scenario))
    assert found.totals.balance_bill == 0
    assert found.you_pay == 4_000 + 75_000 + 21_000 + 75_000 + 39_000
    with pytest.raises(kc.KetacostError, match="no in-network terms"):
        kc.gap_exception(scenario.replace(plan=scenario.plan.replace(networks={"out": scenario.plan.networks["out"]})))
