"""When to start: four visits of $500 around the turn of a plan year, worked out by hand, and the reasons in words."""

from __future__ import annotations

from datetime import date
from html import unescape
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest
from random_scenarios import random_scenario
from small_scenarios import ALLOWED, MONDAY, four_visits

import ketacost as kc
from ketacost.analysis.start_dates import (
    WAITING,
    Start,
    _thinned,
    candidates,
    from_day,
    headline,
    ranged,
    signed,
    starts,
    to_show,
    why_more,
)
from ketacost.estimate.calendar import DearestMonth, Waiting
from ketacost.estimate.estimate import eight_of_ten, estimate, tally
from ketacost.model.accumulators import Amounts, Used
from ketacost.model.courses import Pause, Prices, on_holidays, visits
from ketacost.reports.charts import chart, chart_svg
from ketacost.reports.statements import statement

TODAY = date(2026, 11, 27)


def used(cents: int, day: date = date(2026, 12, 1)) -> Used:
    """So much of the deductible is used as of a day."""
    return Used(day, {"patient": {"out": Amounts(cents, cents)}})


def by_day(found: tuple[Start, ...]) -> dict[str, int | None]:
    return {one.day.isoformat(): one.net for one in found}


@pytest.mark.parametrize("holidays", ["closed", "open"])
@pytest.mark.parametrize(
    "said",
    [
        {
            "payer": "employer-insured",
            "coverage": "everything",
            "start": "2026-12-15",
            "days_apart.iv-mood.induction": 3,
        },
        {"payer": "marketplace", "start": "2027-01-05"},
        {"payer": "medicare-part-b", "protocol": "spravato"},
        {"payer": "self-pay", "dates.iv-mood": ["2026-12-17", "2026-12-24", "2026-12-31"]},
    ],
    ids=lambda said: said["payer"],
)
def test_each_start_is_what_the_panel_says_once_it_is_entered(said: dict[str, Any], holidays: str) -> None:
    """Visits that move stay off holidays where the clinic is closed then, as those of a start that is typed."""
    told = kc.intake(said | {"holidays": holidays})
    for one in starts(kc.resolve(told, TODAY), months=5):
        course = from_day(kc.resolve(told, TODAY), one.day, closes=holidays == "closed").course
        days = {"dates.iv-mood": [str(day) for day in course.dates]} if course.dates else {}
        entered = kc.resolve(kc.intake({**said, "holidays": holidays, "start": str(course.start), **days}), TODAY)
        assert kc.estimate(entered).main.likely == one.net, one.day
        assert visits(course) == visits(entered.course), one.day
        assert holidays == "open" or not on_holidays(course)


def test_the_turn_of_the_plan_year_by_hand() -> None:
    """7 December: all four in 2026, 1,000 and 20% of 1,000: 1,200. 14 December: three in 2026, 1,000 and 100, one in
    2027, 500: 1,600. 21 December: two and two, the deductible takes both: 2,000. 28 December: one, 500, and three, 1,100:
    1,600. From 4 January all four are in 2027: 1,200 again.
    """
    found = starts(four_visits(), months=2)
    assert by_day(found) == {
        "2026-12-07": 120_000,
        "2026-12-14": 160_000,
        "2026-12-21": 200_000,
        "2026-12-28": 160_000,
        "2027-01-04": 120_000,
        "2027-01-11": 120_000,
        "2027-01-18": 120_000,
        "2027-01-25": 120_000,
        "2027-02-01": 120_000,
    }
    assert [one.most_waiting[0] for one in found[:5] if one.most_waiting] == [80_000, 40_000, 0, 40_000, 80_000]
    assert [one.change for one in found[:5]] == [0, 40_000, 80_000, 40_000, 0]
    # In the month of December 1,500 is paid from the 14th on, and from January all of it in one month again.
    dearest = [one.dearest_month.cents for one in found if one.dearest_month]
    assert dearest[:5] == [200_000, 150_000, 100_000, 150_000, 200_000]
    assert [one.back for one in found[:5]] == [80_000, 40_000, 0, 40_000, 80_000]


def test_what_was_used_counts_in_its_plan_year_alone() -> None:
    """600 of the 1,000 is used in 2026. 7 December: 400 and 20% of 1,600, 320: 720. 14 December: 400 and 20% of 1,100,
    220, and 500 in 2027: 1,120. 21 December: 400 and 120, and 1,000: 1,520. 28 December: 400 and 20, and 1,000 and 100:
    1,520. From 4 January: 1,200.
    """
    found = starts(four_visits().replace(used=used(60_000)), months=1)
    assert list(by_day(found).values())[:5] == [72_000, 112_000, 152_000, 152_000, 120_000]
    first, second, *_, january = found
    assert why_more(january, first) == "the $600 of your deductible that is already used no longer counts"
    assert why_more(second, first) == "you pay a deductible twice, not once"
    assert why_more(first, january) == "the $600 of your deductible that is already used counts"


def test_what_was_used_helps_only_where_the_deductible_is_met() -> None:
    """600 of 1,000 is used: one visit of $500 in 2026 meets the rest; four of which $50 is counted do not."""
    met = starts(four_visits().replace(used=used(60_000)), months=1)
    assert [one.facts.used for one in met if one.facts][:5] == [60_000, 60_000, 60_000, 60_000, 0]
    unmet = starts(four_visits(allowed=50).replace(used=used(60_000)), months=1)
    assert {one.facts.used for one in unmet if one.facts} == {0}


def test_the_dates_that_matter_are_told_with_their_reason() -> None:
    cheapest, before = kc.key_dates(starts(four_visits(date(2026, 12, 21)), months=12))
    assert cheapest.sentence == (
        "Start on Jan 4, 2027: $800 less than a start on Dec 21, 2026, because you pay a deductible once, not twice."
    )
    assert (cheapest.kind, cheapest.day, cheapest.change) == ("cheapest", date(2027, 1, 4), -80_000)
    # 6 December: the four visits end on 27 December; the next starts fall over the turn of the year.
    assert (before.kind, before.day, before.change) == ("before the rise", date(2027, 12, 6), 80_000)
    assert before.sentence.startswith("After Dec 6, 2027 the cost rises: a start on Dec 20, 2027 costs $800 more")


def test_a_first_day_that_nothing_beats_is_told() -> None:
    first, rise, _ = kc.key_dates(starts(four_visits(), months=1))
    assert first.sentence.startswith(
        "No later start costs less than Dec 7, 2026: it is $800 less than a start on Dec 21"
    )
    assert (rise.day, rise.change) == (MONDAY, 80_000)


def test_a_rise_in_one_step_is_told_as_one() -> None:
    """Two visits instead of four, and only two starts: 21 December 1,000 in 2026; 28 December 500 and 500, the same;
    with nothing used. With 1,000 used, 21 December costs 200, and 28 December 100 and 500.
    """
    scenario = four_visits(date(2026, 12, 21)).replace(used=used(100_000))
    scenario = scenario.replace(
        course=scenario.course.replace(visits={"evaluation": 0, "induction": 2, "maintenance": 0})
    )
    found = starts(scenario, months=1)
    assert [one.net for one in found[:3]] == [20_000, 60_000, 100_000]
    rise = kc.key_dates(found[:2])[1]
    assert rise.sentence.startswith("Dec 21, 2026 is the last start before the cost rises: a start on Dec 28, 2026")


def test_where_nothing_is_paid_the_date_changes_nothing() -> None:
    found = starts(four_visits().replace(coverage="denied"))
    assert {one.net for one in found} == {200_000}
    assert kc.key_dates(found) == ()
    assert headline(found).startswith("The start date does not change the cost")


def test_other_reasons_are_read_off_the_answers() -> None:
    """The limit: with 1,150 at most a plan year, a course in one year reaches it and one in two does not (7 against 21
    December); the authorization: it ends on 14 December, so two of four visits are covered, then one.
    """
    limited = four_visits(out_of_pocket_limit=1_150, deductible=500)
    seventh, _, twenty_first, *_ = starts(limited, months=1)
    assert (seventh.net, twenty_first.net) == (80_000, 120_000)
    assert "you pay a deductible twice, not once" in why_more(twenty_first, seventh)
    no_deductible = four_visits(deductible=0, coinsurance="50%", out_of_pocket_limit=600)
    seventh, _, twenty_first, *_ = starts(no_deductible, months=1)
    assert (seventh.net, twenty_first.net) == (60_000, 100_000)
    assert why_more(seventh, twenty_first) == "you would reach your out-of-pocket limit in 2026"
    ends = four_visits(deductible=0).replace(covered_until=date(2026, 12, 14))
    seventh, fourteenth, *_ = starts(ends, months=1)
    assert (seventh.net, fourteenth.net) == (20_000 + 100_000, 10_000 + 150_000)
    told = "3 lines of the bill are not covered, not 2 (the authorization has ended)"
    assert why_more(fourteenth, seventh) == told


def test_an_fsa_stays_in_its_year() -> None:
    """500 elected for 2026 pays nothing of a course in 2027: it is lost, and the tax is saved all the same."""
    home = kc.Household.of(year=2026, state="TX", filing_status="single", wages=60_000, age=40)
    scenario = four_visits().replace(household=home, contribution=kc.Contribution(health_fsa=50_000))
    first, *_, january = starts(scenario, months=1)
    assert january.net is not None
    assert first.net is not None
    assert january.net - first.net == 50_000
    assert why_more(january, first) == "you lose $500 of your FSA"


def test_the_least_in_one_month_is_told_where_it_is_not_the_cheapest() -> None:
    first, cheap, lean = (
        start_at(day, net, dearest)
        for day, net, dearest in ((11, 150_000, 520_000), (4, 100_000, 500_000), (18, 120_000, 300_000))
    )
    *_, least = kc.key_dates((first, cheap, lean))
    assert (least.kind, least.change) == ("least in a month", -220_000)
    assert least.sentence == (
        "Least in one month: if you start on Jan 18, 2027, your costliest month is $3,000, $2,200 less than if you start "
        "on Jan 11, 2027; in the end it costs $300 less."
    )


def start_at(day: int, net: int, dearest: int) -> Start:
    """A start in January 2027, made up."""
    month = DearestMonth(date(2027, 1, 1), dearest)
    return Start(date(2027, 1, day), net, 0, month, Waiting(0, None), 0, "")


def test_a_part_that_carries_the_difference_is_told_alone() -> None:
    """1,000 more to the deductible and 100 more in copays, less 500 of coinsurance: 600 more, which the deductible carries.
    300 more to the deductible, 250 in copays and 50 to a lender: no one part carries the 600, so the two largest are told.
    """
    first = starts(four_visits(), months=1)[0]
    assert first.facts is not None
    assert first.net is not None
    parts = first.facts.parts
    more = parts._replace(deductible=parts.deductible + 100_000, copay=10_000, coinsurance=parts.coinsurance - 50_000)
    dear = first._replace(net=first.net + 60_000, facts=first.facts._replace(parts=more))
    assert why_more(dear, first) == "$1,000 more goes to your deductible"
    more = parts._replace(deductible=parts.deductible + 30_000, copay=25_000, interest=5_000)
    dear = first._replace(net=first.net + 60_000, facts=first.facts._replace(parts=more))
    assert why_more(dear, first) == "$300 more goes to your deductible, and $250 more goes to copays"
    less = parts._replace(tax_saved=20_000)
    assert why_more(first._replace(net=first.net + 20_000, facts=first.facts._replace(parts=less)), first) == (
        "you save $200 less in tax"
    )


def test_without_facts_no_reason_is_given() -> None:
    dear, cheap = start_at(7, 200_000, 0), start_at(14, 100_000, 0)
    assert why_more(dear, cheap) == ""
    assert kc.key_dates((dear, cheap))[0].sentence.endswith("$1,000 less than a start on Jan 7, 2027.")


@pytest.mark.parametrize("seed", range(150))
def test_the_parts_of_a_net_add_up_to_it_and_the_first_start_is_the_estimate(seed: int) -> None:
    scenario = random_scenario(Random(seed))
    try:
        found = estimate(scenario)
    except kc.KetacostError:
        return
    first, *others = starts(scenario, months=1)
    if first.net is not None and not first.alone:
        assert (first.net, first.change, first.chance) == (found.likely, 0, found.chance)
        assert (first.dearest_month, first.most_waiting) == (found.dearest_month, found.most_waiting)
        assert first.back == found.shown.totals.plan_pays
    for one in (first, *others):
        assert (one.net is None) == (one.facts is None)
        assert one.facts is None or sum(one.facts.parts) == one.net


def test_each_start_is_what_the_estimate_of_the_moved_scenario_says() -> None:
    scenario = kc.example("readme-patient").replace(coverage="infusions too", ranges={})
    for one in starts(scenario)[::9]:
        moved = estimate(scenario.replace(course=scenario.course.replace(start=one.day)))
        assert (one.net, one.dearest_month) == (moved.likely, moved.dearest_month)
        assert moved.shown.claims[0].line.date == one.day


def test_a_range_is_one_of_the_difference_that_the_date_makes() -> None:
    """With 500 or 250 counted of each visit, each as likely. From December 7 and 21: 1,200 and 2,000 where 500 are counted;
    250 never pass the deductible, so it is 2,000 from both. The difference is 800 or nothing.
    """
    asked = four_visits().replace(ranges={ALLOWED: ("500", "250")}, odds={ALLOWED: (5_000, 5_000)})
    found = starts(asked, months=1)
    known = {one.day: one for one in ranged(asked, found)}
    december = known[date(2026, 12, 21)]
    assert (december.net, december.change, december.p10, december.p90) == (200_000, 80_000, 0, 80_000)
    assert december.change_in_words == "+$800 ($0 to +$800)"
    assert (known[MONDAY].p10, known[MONDAY].p90, known[MONDAY].change_in_words) == (0, 0, "$0")
    assert {one.p10 for one in found} == {None}
    assert [replace_range(one) for one in known.values()] == list(found)


def replace_range(one: Start) -> Start:
    return one._replace(p10=None, p90=None)


def test_looking_at_ranges_can_stop_after_any_date() -> None:
    asked = four_visits().replace(ranges={ALLOWED: ("500", "250")})
    looking = ranged(asked, starts(asked, months=1))
    assert next(looking).day == MONDAY
    looking.close()
    assert list(looking) == []


def test_at_most_twelve_dates_are_shown_with_the_key_dates_among_them() -> None:
    found = starts(kc.example("readme-patient").replace(ranges={}, coverage="infusions too"))
    shown = to_show(found)
    assert len(shown) == 12
    assert list(shown) == sorted(shown, key=lambda one: one.day)
    days = {one.day for one in shown}
    assert {found[0].day, *(key.day for key in kc.key_dates(found))} <= days
    assert [one.day for one in to_show(starts(four_visits().replace(coverage="denied")))] == [MONDAY]


def test_a_difference_has_its_sign() -> None:
    assert [signed(cents) for cents in (123_000, -80_000, 0, 400)] == ["+$1,230", "-$800", "$0", "$0"]


def test_draws_are_thinned_evenly_by_their_chances() -> None:
    found = estimate(kc.resolve(kc.intake(start="2026-12-07"), date(2026, 11, 27)))
    cases = _thinned(found.whole_cases)
    assert (len(cases), sum(case.chance for case in cases)) == (64, 1)
    assert len({case.choice for case in cases}) == 64
    tenth, ninetieth = eight_of_ten(tally([case[:2] for case in cases]))
    assert abs(tenth - found.p10) < (found.p90 - found.p10) / 5
    assert abs(ninetieth - found.p90) < (found.p90 - found.p10) / 5


def test_where_the_visits_may_not_take_place_the_finding_says_how_likely_they_do() -> None:
    today = date(2026, 11, 27)
    va = kc.resolve(kc.intake({"payer": "va-facility", "start": "2026-12-07"}), today)
    assert headline(starts(va, months=1)).startswith("If the visits take place (about 1 in 4): ")
    medicaid = starts(kc.resolve(kc.intake({"payer": "medicaid", "start": "2026-12-07"}), today), months=1)
    assert medicaid[0].alone
    assert (medicaid[0].net, medicaid[0].change) == (778_800, 0)
    assert headline(medicaid).startswith(
        "Medicaid almost certainly says no. Paying for everything yourself: the start date does not"
    )


def test_a_start_too_late_for_the_authorization_is_not_possible_where_treatment_would_stop() -> None:
    asked = four_visits().replace(covered_until=date(2026, 12, 31), if_denied="stop", payer="employer-insured")
    first, second, *_ = starts(asked, months=1)
    assert first.net == 120_000
    assert (second.net, second.why) == (None, "the authorization ends on Dec 31, 2026, before the last visit")


def test_the_days_looked_at() -> None:
    """Every week, and the first working day of each month; a plan year from September is named, New Year's Day is not."""
    scenario = four_visits(date(2026, 8, 26), plan_year_starts=9)
    days = dict(candidates(scenario, months=6))
    assert days[date(2026, 8, 26)] == "as asked"
    assert days[date(2026, 9, 1)] == "a plan year begins"
    assert days[date(2026, 9, 2)] == "week by week"
    assert days[date(2026, 10, 1)] == "a month begins"
    assert days[date(2026, 11, 2)] == "a month begins"  # 1 November 2026 is a Sunday
    assert days[date(2027, 1, 4)] == "a year of FSA and HSA begins"  # 1 January is a holiday, then comes a weekend
    assert date(2027, 1, 1) not in days
    assert dict(candidates(four_visits(), 1))[date(2027, 1, 4)] == "a plan year and a year of FSA and HSA begin"
    assert max(days) == date(2027, 2, 24)
    assert len(candidates(scenario)) == 66 + 15 - sum(
        day.weekday() == 2 for day in (date(2026 + (8 + n) // 12, (8 + n) % 12 + 1, 1) for n in range(15))
    )


def test_closed_days_are_passed_over() -> None:
    scenario = four_visits()
    closed = scenario.replace(course=scenario.course.replace(closed=(date(2026, 12, 14), date(2026, 12, 15))))
    assert date(2026, 12, 16) in dict(candidates(closed, months=1))
    assert date(2026, 12, 14) not in dict(candidates(closed, months=1))


def test_appointments_move_along_to_days_on_which_the_clinic_works() -> None:
    scenario = four_visits()
    known = (MONDAY, date(2026, 12, 9), date(2026, 12, 18))
    dated = scenario.replace(course=scenario.course.replace(dates=known))
    assert from_day(dated, MONDAY) is dated
    weeks = from_day(dated, date(2026, 12, 21)).course
    assert weeks.start == date(2026, 12, 21)
    assert weeks.dates == (date(2026, 12, 21), date(2026, 12, 23), date(2027, 1, 1))
    # Three days on: Thursday, Saturday (so Monday) and Monday (taken, so Tuesday).
    three = from_day(dated, date(2026, 12, 10)).course
    assert three.dates == (date(2026, 12, 10), date(2026, 12, 14), date(2026, 12, 21))
    close = scenario.replace(course=scenario.course.replace(dates=(MONDAY, date(2026, 12, 9), date(2026, 12, 10))))
    assert from_day(close, date(2026, 12, 10)).course.dates[1:] == (date(2026, 12, 14), date(2026, 12, 15))


def test_pauses_stay_on_their_days() -> None:
    """A pause of 14 days from 10 December puts off what comes after the first visit of 7 December: two visits in 2026 and
    two in 2027, 2,000. A course that starts on 14 December is not put off: 1,600, as without the pause.
    """
    pause = Pause(date(2026, 12, 10), 14)
    scenario = four_visits().replace(course=four_visits().course.replace(pauses=(pause,)))
    assert list(by_day(starts(scenario, months=1)).values())[:2] == [200_000, 160_000]


def test_a_start_that_cannot_be_is_kept_with_its_reason() -> None:
    found = starts(kc.example("medicare-spravato").replace(ranges={}), months=15)
    refused = [one for one in found if one.net is None]
    assert found[0].net is not None
    assert refused
    assert all("is not known on 2027-" in one.why and one.dearest_month is None for one in refused)
    assert f"{len(refused)} of {len(found)} starts cannot be worked out" in headline(found)
    table = statement(found)
    assert table.rows[-1][2] == "not possible"
    assert "is not known on 2027-" in table.rows[-1][-1]
    assert len(table.frame) == len(table.rows)


def test_where_no_start_can_be_the_headline_says_why() -> None:
    scenario = four_visits()
    side = scenario.plan.networks["out"]
    assert not isinstance(side, str)
    gap = scenario.replace(plan=scenario.plan.replace(networks={"out": side.replace(deductible="not stated")}))
    found = starts(gap, months=1)
    assert headline(found).startswith("No start can be worked out: ")
    assert chart_svg(found) == ""
    assert chart(found).layout.title.text.startswith("No start")
    assert statement(found).rows[0][2] == "not possible"


def test_the_statement_joins_neighbours_that_come_to_the_same() -> None:
    """7, 14, 21, 28 December, and from 4 January to the end of a year of weeks nothing changes until December again."""
    table = statement(starts(four_visits(), months=2))
    assert [row[:3] for row in table.rows] == [
        (date(2026, 12, 7), date(2026, 12, 7), 120_000),
        (date(2026, 12, 14), date(2026, 12, 14), 160_000),
        (date(2026, 12, 21), date(2026, 12, 21), 200_000),
        (date(2026, 12, 28), date(2026, 12, 28), 160_000),
        (date(2027, 1, 4), date(2027, 2, 1), 120_000),
    ]
    assert repr(table) == table.headline
    assert WAITING in table.footnote
    assert "you pay a deductible once, not twice" in table.footnote


def test_the_pictures_hold_the_starts_and_say_the_finding() -> None:
    scenario = four_visits()
    found = starts(scenario, months=3)
    drawn = ElementTree.fromstring(chart_svg(found))
    assert drawn.get("role") == "img"
    assert "No later start costs less than Dec 7, 2026" in drawn.get("aria-label", "")
    paths = drawn.findall("{*}path")
    assert [path.get("stroke-dasharray") for path in paths] == [None, "7 4", "2 3"]
    words = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert "You pay in the end" in words
    assert "plan year Jan 2027" in words
    figure = chart(found)
    net, peak, plan_year = figure.data
    assert [round(100 * y) for y in net.y] == [one.net for one in found]
    assert [round(100 * y) for y in peak.y] == [one.dearest_month.cents for one in found if one.dearest_month]
    assert (net.line.shape, net.line.dash, peak.line.dash) == ("hv", "solid", "dash")
    assert set(plan_year.x) == {"2027-01-01"}
    assert unescape(figure.layout.title.text.replace("<br>", " ")) == headline(found)


def test_a_course_that_costs_nothing_can_be_drawn() -> None:
    free = four_visits().replace(prices=Prices({"infusion": 0}, ("drug", "monitoring")))
    found = starts(free, months=1)
    assert {one.net for one in found} == {0}
    assert ElementTree.fromstring(chart_svg(found)) is not None


def test_where_an_approval_ends_first_no_starts_are_compared() -> None:
    said = {"payer": "marketplace", "protocol": "spravato", "start": "2027-01-11", "coverage": "infusions too"}
    found = starts(kc.resolve(kc.intake({**said, "approval.spravato.until": "2027-06-30"}), date(2026, 11, 27)))
    assert headline(found).startswith("No start can be worked out: the approval ends on June 30, 2027")
    assert {start.net for start in found} == {None}
