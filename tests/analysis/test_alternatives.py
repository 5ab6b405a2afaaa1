"""Superbills, routes and why calculators disagree."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

import ketacost as kc
from ketacost.accounts.loans import Paying
from ketacost.analysis.alternatives import Route, alternatives, disagreements, treated_months
from ketacost.estimate.scenario import Scenario, scenario_from
from ketacost.estimate.superbills import superbills
from ketacost.model.courses import Course, Prices
from ketacost.model.plans import Benefit, Network, Plan
from ketacost.reports.statements import statement

TODAY = date(2026, 11, 27)
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


def routes_of(scenario: Scenario) -> dict[str, Route]:
    return {route.name: route for route in alternatives(scenario)}


def test_the_readme_patient_by_treated_month() -> None:
    """Nov 30, 2026 to Nov 4, 2027 are 339 days; the last interval of 35 makes 374: 12.29 months of 30.4375 days. 7,788 for
    them is 633.82 a month. At home there are six sessions, a week apart: 35 days and 7, 1.38 months for 1,140.
    """
    found = routes_of(kc.example("readme-patient"))
    asked, home = found["as asked"], found["home"]
    assert asked.months == Fraction(374 * 10_000, 304_375)
    assert round(float(asked.months), 2) == 12.29
    assert (asked.likely, asked.per_month, asked.chance, asked.owed_if_not) == (778_800, 63_382, 1, None)
    assert home.months == Fraction(42 * 10_000, 304_375)
    assert (home.likely, home.per_month) == (114_000, 82_616)
    assert home.note.endswith("6 sessions; what follows is not known")
    assert "what follows" not in asked.note + found["spravato"].note


def test_a_course_of_one_visit_is_one_month() -> None:
    course = Course("iv-mood", date(2026, 12, 7), visits={"induction": 0, "maintenance": 0})
    assert treated_months(course) == 1


def test_a_route_holds_the_visits_of_twelve_months() -> None:
    """With 20 boosters the course runs past a year: nine of them are in the first twelve months, as without the rest."""
    plain = kc.example("readme-patient")
    longer = plain.replace(course=plain.course.replace(visits={"maintenance": 20}))
    asked = routes_of(longer)["as asked"]
    assert (asked.visits, asked.likely) == (16, 778_800)
    assert asked.note == "16 of 27 visits are in these 12 months"


def test_va_says_how_likely_it_is_and_what_is_owed_if_not() -> None:
    """VA's yes is 24 in 100: then 16 copays of 50. Otherwise nothing, or one copay of the evaluation."""
    va = routes_of(kc.example("readme-patient"))["va"]
    assert (va.chance, va.likely, va.owed_if_not) == (Fraction(6, 25), 80_000, (0, 5_000))


@pytest.mark.parametrize("told", ["", "spravato savings"])
def test_help_stays_with_what_its_terms_admit(told: str) -> None:
    """Help of 4,560 for Spravato makes neither at home nor VA free: 1,140 and 800, as without it."""
    said = {"payer": "marketplace", "plan": "nextgen-2026-750", "protocol": "spravato", "start": "2026-11-30"}
    said |= {"prices.spravato.evaluation": "288", "prices.spravato.esketamine": "1,050"}
    said |= {"allowed.in.spravato.evaluation": "250", "allowed.in.spravato.esketamine": "1,240"}
    said |= {"used.as_of": "2026-11-27", "used.patient.in.deductible": "0"}
    helped = {**said, "paying.assistance": "4,560"} | ({"paying.assistance_for": told} if told else {})
    bare, found = (routes_of(kc.resolve(kc.intake(entries), TODAY)) for entries in (said, helped))
    assert bare["as asked"].likely is not None
    assert found["as asked"].likely == max(bare["as asked"].likely - 456_000, 0)
    for name in ("home", "va"):
        assert found[name].likely == bare[name].likely
        assert found[name].likely
    plain = kc.example("readme-patient").replace(paying=Paying(assistance=456_000, rebate=10_000))
    assert [routes_of(plain)[name].likely for name in ("home", "va")] == [114_000, 80_000]
    assert routes_of(plain)["as asked"].likely == 778_800 - 466_000


def test_a_card_an_approval_and_chances_stay_with_their_treatment() -> None:
    """What the plan answers on another route is asked anew, whatever card was picked; as asked, the card holds."""
    said = {"payer": "employer-insured", "plan": "nextgen-2026-750", "coverage": "infusions too", "start": "2026-11-30"}
    found = routes_of(kc.resolve(kc.intake(said), TODAY))
    plain = routes_of(kc.resolve(kc.intake({key: said[key] for key in said if key != "coverage"}), TODAY))
    assert (found["as asked"].estimate.main.answers, plain["as asked"].estimate.main.answers[0]) == (
        ("infusions too",),
        "denied",
    )
    for name in ("in network", "spravato", "home", "va"):
        assert (found[name].chance, found[name].likely) == (plain[name].chance, plain[name].likely)


def test_a_route_of_what_was_said_is_what_saying_it_gives() -> None:
    said = kc.intake({"payer": "marketplace", "terms.in.deductible": "3,800", "start": "2026-12-07"})
    found = routes_of(kc.resolve(said, TODAY))
    other = kc.resolve(said.say("protocol", "spravato").say("network", "in"), TODAY)
    assert found["spravato"].estimate == kc.estimate(other)
    changed = kc.resolve(said, TODAY).replace(ranges={})  # no longer what was said alone
    assert routes_of(changed)["spravato"].estimate.unknowns[0].path == "coverage"


def test_a_route_that_is_almost_surely_refused_says_so() -> None:
    asked = routes_of(kc.resolve(kc.intake({"payer": "medicaid", "start": "2026-11-30"}), TODAY))["as asked"]
    assert (asked.answer, asked.likely, asked.per_month) == (None, None, None)
    assert asked.note.startswith("Medicaid almost certainly says no")


def test_routes_and_superbills_ask_for_what_they_need() -> None:
    scenario = kc.example("readme-patient").replace(ranges={}, payer="")
    with pytest.raises(kc.KetacostError, match="Filing windows depend on it"):
        superbills(kc.run(scenario))
    none = scenario.replace(plan=scenario.plan.replace(networks={**scenario.plan.networks, "out": kc.NO_BENEFIT}))
    with pytest.raises(kc.KetacostError, match="nothing to disagree about"):
        disagreements(none)


def test_what_a_gap_exception_leaves_to_be_billed() -> None:
    """Field case 613: a visit of $500, of which the plan counts $200: $25 with an agreement, $325 without."""
    inside = {"deductible": 0, "out_of_pocket_limit": 3000}
    terms = {"default": {"copay": 25, "deductible_applies": False}}
    outside = {
        "deductible": 0,
        "balance_bill": "owed",
        "benefits": {"default": {"copay": 45, "deductible_applies": False}},
    }
    scenario = scenario_from(
        {
            "network": "out",
            "coverage": "visits only",
            "plan": {"name": "A booklet", "networks": {"in": {**inside, "benefits": terms}, "out": outside}},
            "course": {"protocol": "iv-mood", "start": date(2026, 2, 2), "visits": {"induction": 0, "maintenance": 0}},
            "prices": {"charges": {"evaluation": 500}, "bundled": ["infusion", "drug", "monitoring"]},
            "allowed": {"evaluation": 200},
        }
    )
    assert kc.run(kc.gap_exception(scenario)).you_pay == 2_500 + 30_000
    assert kc.run(kc.gap_exception(scenario, agreement=True)).you_pay == 2_500


def test_a_gap_exception_gives_in_network_terms() -> None:
    """In network: deductible $750, 20%; the specialist's visit is a $40 copay. 15 infusions counted at $300 each: in 2026
    six are 1,800, less 750, times 20% is 210; in 2027 nine are 2,700, less 750, times 20% is 390. Nothing above is owed
    where the clinic signed a rate; else it may bill the rest: 288 - 248.30 and 15 times 500 - 300.
    """
    scenario = kc.example("readme-patient").replace(ranges={}, coverage="infusions too")
    found = kc.run(kc.gap_exception(scenario, agreement=True))
    assert found.totals.balance_bill == 0
    assert found.you_pay == 4_000 + 75_000 + 21_000 + 75_000 + 39_000
    alone = kc.run(kc.gap_exception(scenario))
    assert alone.totals.balance_bill == 3_970 + 15 * 20_000
    assert alone.you_pay == found.you_pay + alone.totals.balance_bill
    with pytest.raises(kc.KetacostError, match="no in-network terms"):
        kc.gap_exception(scenario.replace(plan=scenario.plan.replace(networks={"out": scenario.plan.networks["out"]})))
