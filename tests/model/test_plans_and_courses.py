"""Plans, bills and courses: frozen, refusing what can't be with the way out, and dated as a clinic would date them."""

import pickle
import re
from collections import Counter
from dataclasses import FrozenInstanceError, fields, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from strategies import case, dice, plan, plans

from ketacost.core.convert import EntryError
from ketacost.core.fields import KetacostError, UnknownName
from ketacost.estimate.answer import Totals, run
from ketacost.estimate.estimate import estimate
from ketacost.estimate.scenario import Scenario, scenario_from
from ketacost.estimate.scenario import bill as billed
from ketacost.model.accumulators import Amounts, Used, beyond
from ketacost.model.adjudication import adjudicate, plan_year_of
from ketacost.model.allowed import AllowedNotKnown, allowed_amount
from ketacost.model.courses import (
    Course,
    CourseError,
    Package,
    Pause,
    Prices,
    ServiceLine,
    course,
    price_citations,
    service_lines,
    typical_prices,
    visits,
)
from ketacost.model.plans import (
    NO_BENEFIT,
    NOT_STATED,
    Benefit,
    BenefitGroup,
    FirstVisits,
    Network,
    Plan,
    PlanError,
    published_plan,
)
from ketacost.model.pricing import Pricing

MONDAY = date(2027, 1, 4)
DAY = timedelta(days=1)
PROTOCOLS = ("iv-mood", "iv-pain", "im-mood", "spravato", "home-oral", "kap")


def line(charge: int = 60_000, **more: Any) -> ServiceLine:
    """An out-of-network line of $600 on a Monday."""
    return ServiceLine(**{"date": MONDAY, "charge": charge, **more})


def dates(made: Course) -> list[str]:
    """The days of a course's visits."""
    return [str(visit.date) for visit in visits(made)]


# Plans


DOSES_56 = dict.fromkeys(("weeks 1-4", "weeks 5-8", "weeks 9+"), 56)


def test_a_dose_that_stays_at_56_mg() -> None:
    """Field case 633: 20 visits at $952.59 under Medicare Part B of 2026: 283 + 133.92 + 19 x 190.52 = 4,036.80."""
    visits = {"evaluation": 0, "weeks 9+": 8}
    bundled = Course("spravato-bundle", date(2026, 1, 5), visits, doses=DOSES_56)
    prices = Prices({"spravato_bundle_56": 95_259, "spravato_bundle_84": 135_608})
    lines = [line.replace(allowed=line.charge) for line in service_lines(bundled, prices, "in")]
    assert {line.service for line in lines} == {"spravato_bundle_56"}
    claims = adjudicate(lines, published_plan("medicare-part-b-2026").plan)
    assert sum(claim.you_pay for claim in claims) == 403_680
    drug = Course("spravato", date(2026, 1, 5), visits, doses={"weeks 5-8": 56})
    units = [line.units for line in service_lines(drug, typical_prices("spravato")) if line.service == "esketamine"]
    assert units == [56, *[84] * 7, *[56] * 4, *[84] * 8]


@pytest.mark.parametrize(
    ("name", "doses", "told"),
    [
        ("spravato", {"weeks 9+": 70}, "56 or 84 mg, got 70"),
        ("spravato", {"evaluation": 56}, "evaluation of spravato has no dose of Spravato"),
        ("iv-mood", {"induction": 56}, "induction of iv-mood has no dose of Spravato"),
        ("spravato", {"week 9": 56}, "week 9"),
    ],
)
def test_a_dose_that_there_is_not_is_refused(name: str, doses: dict[str, int], told: str) -> None:
    with pytest.raises(KetacostError, match=re.escape(told)):
        Course(name, date(2026, 1, 5), doses=doses)


@settings(max_examples=30)
@given(plans())
def test_a_plan_is_frozen_equal_hashed_and_copied_by_its_content(made: Plan) -> None:
    with pytest.raises(FrozenInstanceError):
        made.family = True
    with pytest.raises(TypeError):
        made.networks["in"] = NO_BENEFIT
    twin = pickle.loads(pickle.dumps(made))
    assert twin == made
    assert hash(twin) == hash(made)
    assert made.replace() == made


@settings(max_examples=30)
@given(dice())
def test_but_changes_one_thing_in_a_copy(r: Any) -> None:
    made = plan(r)
    changed = made.replace(name="another", family=False)
    assert (changed.name, changed.family) == ("another", False)
    same = [f.name for f in fields(Plan) if f.name not in ("name", "family")]
    assert all(getattr(changed, name) == getattr(made, name) for name in same)
    with pytest.raises(UnknownName, match="there is no field of Plan called 'network'; did you mean networks"):
        made.replace(network={})


def test_a_what_if_is_checked_again() -> None:
    with pytest.raises(PlanError, match="month from 1 to 12, got 0"):
        Plan.of(deductible=0, coinsurance=0).replace(plan_year_starts=0)


def test_a_simple_plan_has_one_side_out_of_network() -> None:
    made = Plan.of(deductible=1_000, coinsurance="40%", out_of_pocket_limit=9_000, allowed=350, copay=20, name="mine")
    assert made.name == "mine"
    assert made.networks == {
        "out": Network(
            deductible=100_000,
            out_of_pocket_limit=900_000,
            benefits={"default": Benefit(copay=2_000, coinsurance=4_000)},
            balance_bill="owed",
            allowed={"default": 35_000},
        )
    }
    assert Plan.of(deductible=0, coinsurance=0).networks["out"].out_of_pocket_limit is None


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Plan({}), "a plan needs at least one network, such as"),
        (
            lambda: Benefit(coinsurance_least=10_000, coinsurance_most=5_000),
            r"coinsurance_most of \$50\.00 is below coinsurance_least of \$100\.00; are they swapped\?",
        ),
        (lambda: Network(0, highest_copay_a_day=("vist",)), "benefit called 'vist'"),
        (
            lambda: BenefitGroup(("drug",)),
            "a group of benefits needs a deductible or an out_of_pocket_limit of its own",
        ),
        (lambda: BenefitGroup(("drugs",), 0), "benefit called 'drugs'; did you mean drug"),
        (
            lambda: Network(0, groups={name: BenefitGroup(("drug",), 0) for name in ("a", "b")}),
            "the benefit 'drug' is in two groups",
        ),
        (
            lambda: Plan(
                {"in": Network(0, groups={"drug": BenefitGroup(("drug",), 10_000, family_deductible=5_000)})},
                family=True,
            ),
            r"the family deductible of \$50\.00 is below one person's \$100\.00",
        ),
        (lambda: Plan({"in": NO_BENEFIT}, plan_year_starts=229), "month from 1 to 12, got 229"),
        (lambda: Plan({"in": NO_BENEFIT}, plan_year_starts=13), "the plan year starts in a month from 1 to 12, got 13"),
        (
            lambda: Plan({"in": NO_BENEFIT}, deductible_credits={"out": ("in",)}),
            "no network of this plan called 'out'; known: in",
        ),
        (
            lambda: Plan({"in": NO_BENEFIT}, limit_credits={"in": ("north",)}),
            "no network of this plan called 'north'; known: in",
        ),
        (lambda: Plan({"in": NO_BENEFIT}).network("inn"), "no network of a plan called 'inn'; known: in"),
        (
            lambda: Network(0, benefits={"infusion": Benefit()}),
            "no benefit called 'infusion'; did you mean outpatient_infusion",
        ),
        (
            lambda: Network(0, limit_counts=("copays",)),
            "no part of what a patient pays called 'copays'; known: coinsurance, copay,",
        ),
        (lambda: Benefit(visit_limit=-1), "visit limit is a whole number from 0 to 1,000, got -1"),
        (lambda: FirstVisits(0), "first visits is a whole number from 1 to 1,000, got 0"),
        (
            lambda: Plan({"in": Network(100_000, family_deductible=50_000)}, family=True),
            r"the family deductible of \$500\.00 is below one person's \$1,000\.00; are they swapped\?",
        ),
        (
            lambda: Plan({"in": Network(0, 200_000, family_out_of_pocket_limit=100_000)}, family=True),
            r"the family out of pocket limit of \$1,000\.00 is below one person's \$2,000\.00",
        ),
        (lambda: Plan.of(deductible=312.5, coinsurance=0), r'deductible is a float, 312\.5.*write "312\.50" or'),
        (
            lambda: Plan.of(deductible=0, coinsurance=40),
            r'coinsurance is a share between 0 and 1, got 40; for 40% write 0\.4 or "40%"',
        ),
        (lambda: Used(members={"patient": {"in": Amounts(1)}}), r"need a date: as_of = 2026-11-20"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_the_way_out(make: Any, told: str) -> None:
    with pytest.raises(KetacostError, match=told):
        make()


# What a plan does not state is asked for.


def stated(**more: Any) -> Plan:
    """A family plan with everything stated but what is given."""
    side = {"deductible": 50_000, "family_deductible": 100_000, "benefits": {"default": Benefit(coinsurance=2_000)}}
    whole = {"deductible_kind": "embedded", "limit_kind": "embedded", "family": True}
    return Plan({"out": Network(**{**side, **more.pop("side", {})})}, **{**whole, **more})


@pytest.mark.parametrize(
    ("gap", "made"),
    [
        ("networks.out.deductible", stated(side={"deductible": NOT_STATED})),
        ("networks.out.out_of_pocket_limit", stated(side={"out_of_pocket_limit": NOT_STATED})),
        ("networks.out.family_deductible", stated(side={"family_deductible": NOT_STATED})),
        ("networks.out.family_deductible", stated(side={"family_deductible": None}, deductible_kind="aggregate")),
        ("networks.out.family_out_of_pocket_limit", stated(side={"family_out_of_pocket_limit": NOT_STATED})),
        (
            "networks.out.groups.visits.deductible",
            stated(side={"groups": {"visits": BenefitGroup(("default",), NOT_STATED)}}),
        ),
        (
            "networks.out.family_deductible",
            stated(side={"deductible": NOT_STATED, "family_deductible": None, "deductible_kind": "aggregate"}),
        ),
        (
            "networks.out.family_out_of_pocket_limit",
            stated(side={"out_of_pocket_limit": 300_000}, limit_kind="aggregate"),
        ),
        (
            "networks.out.benefits.default.coinsurance",
            stated(side={"benefits": {"default": Benefit(coinsurance=NOT_STATED)}}),
        ),
        ("networks.out.benefits.default.copay", stated(side={"benefits": {"default": Benefit(copay=NOT_STATED)}})),
        ("deductible_kind", stated(deductible_kind=NOT_STATED)),
        ("limit_kind", stated(limit_kind=NOT_STATED)),
    ],
)
def test_what_a_plan_does_not_state_is_asked_for(gap: str, made: Plan) -> None:
    assert made.gaps() == (gap,)
    with pytest.raises(PlanError, match=rf"a plan does not state {gap}; ask the plan, then fill it in"):
        adjudicate([line(allowed=35_000)], made)


def test_a_plan_without_gaps_is_not_asked_about() -> None:
    assert stated().gaps() == ()
    alone = stated(family=False, deductible_kind=NOT_STATED, side={"family_deductible": NOT_STATED})
    assert alone.gaps() == ()
    together = stated(deductible_kind="aggregate", side={"deductible": NOT_STATED})
    assert together.gaps() == ()
    assert adjudicate([line(allowed=35_000)], together)[0].split.deductible == 35_000
    assert adjudicate([line(allowed=35_000)], alone)[0].split.deductible == 35_000


def test_a_line_of_the_booklet_that_is_not_there_is_asked_for() -> None:
    made = Plan({"out": Network(0, benefits={"drug": Benefit()})})
    with pytest.raises(PlanError, match=r"does not state networks\.out\.benefits\.default\.coinsurance"):
        adjudicate([line(allowed=35_000)], made)
    assert adjudicate([line(allowed=35_000, benefit="drug")], made)[0].split.plan_pays == 35_000


def test_an_allowed_amount_that_is_not_known_is_asked_for() -> None:
    made = Plan.of(deductible=0, coinsurance=0)
    with pytest.raises(
        AllowedNotKnown, match=r"no allowed amount for 96365 infusion of 2027-01-04 in network 'out'.* infusion = 240"
    ):
        adjudicate([line(code="96365", service="infusion")], made)
    assert adjudicate([line(0)], made)[0].allowed == 0


def test_the_allowed_amount_is_looked_for_in_order() -> None:
    side = Network(
        0, allowed={"96365": 6_714, "infusion": 30_000, "default": 10_000}, pricing=Pricing("share of charge", 5_000)
    )
    assert allowed_amount(line(code="96365", service="infusion", units=2, allowed=1), side, "a plan") == 1
    assert allowed_amount(line(code="96365", service="infusion", units=2), side, "a plan") == 13_428
    assert allowed_amount(line(code="96366", service="infusion", units=2), side, "a plan") == 30_000
    assert allowed_amount(line(code="96366", service="visit"), side, "a plan") == 10_000
    assert allowed_amount(line(60_001), replace(side, allowed={}), "a plan") == 30_001
    assert allowed_amount(line(0, allowed=5), side, "a plan") == 5


# What was used


@pytest.mark.parametrize(
    ("used", "told"),
    [
        (
            {"members": {"patient": {"in": Amounts()}}},
            "no benefit in network 'in', so nothing can have been used there",
        ),
        (
            {"family": {"out": Amounts(1)}},
            "is for one person here; leave the family's used amounts out, or set family = true",
        ),
    ],
)
def test_used_amounts_that_cannot_be_are_refused(used: dict[str, Any], told: str) -> None:
    side = Network(50_000, 90_000, {"default": Benefit()}, coinsurance_limit=30_000)
    with pytest.raises(PlanError, match=told):
        adjudicate([line(allowed=1)], Plan({"out": side}), Used(as_of=MONDAY, **used))


def test_a_family_has_not_used_less_than_its_members() -> None:
    used = Used(as_of=MONDAY, members={"patient": {"out": Amounts(300)}}, family={"out": Amounts(299)})
    with pytest.raises(PlanError, match="the family has used less in network 'out' than its members together"):
        adjudicate([line(allowed=1)], stated(), used)


@pytest.mark.parametrize(
    ("part", "most", "told"),
    [
        ("deductible", 50_000, "$500.01 used of the deductible of patient in network 'out' is more than the"),
        ("out_of_pocket", 90_000, "$900.01 used of the out-of-pocket limit of patient in network 'out' is"),
        ("coinsurance", 30_000, "$300.01 used of the coinsurance limit of patient in network 'out' is more"),
    ],
)
def test_what_was_used_above_an_amount_is_taken_as_met_and_told(part: str, most: int, told: str) -> None:
    made = Plan({"out": Network(50_000, 90_000, {"default": Benefit()}, coinsurance_limit=30_000)})
    used = Used(as_of=MONDAY, members={"patient": {"out": Amounts(**{part: most + 1})}})
    exact = Used(as_of=MONDAY, members={"patient": {"out": Amounts(**{part: most})}})
    (sentence,) = beyond(used, made)
    assert sentence.startswith(told)
    assert beyond(exact, made) == ()
    assert [c.you_pay for c in adjudicate([line(allowed=1)], made, used)] == [
        c.you_pay for c in adjudicate([line(allowed=1)], made, exact)
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"visits": {"default": -3}}, "visits used of default is a whole number from 0 to"),
        ({"visits": {"theraby": 2}}, "there is no benefit called 'theraby'"),
        ({"members": {"patient": {"out": Amounts(-1)}}}, "an amount already used cannot be negative"),
        ({"family": {"out": Amounts(0, -1)}}, "an amount already used cannot be negative"),
    ],
)
def test_what_nobody_can_have_used_is_refused(said: dict[str, Any], told: str) -> None:
    with pytest.raises(KetacostError, match=told):
        Used(as_of=MONDAY, **said)


def test_a_plan_for_one_person_has_no_other_member() -> None:
    used = Used(as_of=MONDAY, members={"martian": {"out": Amounts(300)}})
    with pytest.raises(PlanError, match="is for one person here and has no member 'martian'"):
        adjudicate([line(allowed=1)], Plan.of(deductible=500, coinsurance=0), used)


@pytest.mark.parametrize(
    ("network", "told"),
    [
        (
            {"deductible": 400_000, "out_of_pocket_limit": 100},
            "the out-of-pocket limit of $1.00 is below the deductible",
        ),
        ({"family_deductible": 900, "family_out_of_pocket_limit": 800, "deductible": 100}, "the family out-of-pocket"),
        ({"deductible": 400_000, "family_deductible": 100}, "the family deductible of $1.00 is below one person's"),
    ],
)
def test_a_plan_as_written_has_amounts_that_a_booklet_could_print(network: dict[str, Any], told: str) -> None:
    made = Plan({"out": Network(**network)})
    with pytest.raises(PlanError, match=re.escape(told)):
        made.as_written()


def test_a_limit_may_lie_below_a_deductible_that_does_not_count_to_it() -> None:
    apart = Plan({"out": Network(400_000, 100_000, limit_counts=("copay", "coinsurance"))})
    assert apart.as_written() == apart
    with pytest.raises(UnknownName, match="there is no kind of plan called 'PPPO'"):
        apart.replace(kind="PPPO").as_written()


def test_a_line_before_the_day_of_the_used_amounts_is_refused() -> None:
    used = Used(as_of=MONDAY, visits={"therapy": 1})
    made = Plan.of(deductible=0, coinsurance=0, allowed=350)
    with pytest.raises(
        PlanError, match="the line of 2027-01-03 is before 2027-01-04, the day of the amounts already used"
    ):
        adjudicate([line(date=MONDAY - DAY)], made, used)
    assert adjudicate([line(), line(date=date(2026, 12, 31))], made, used)
    fiscal = made.replace(plan_year_starts=9)
    with pytest.raises(PlanError, match="the line of 2026-12-31 is before"):
        adjudicate([line(date=date(2026, 12, 31))], fiscal, used)


@pytest.mark.parametrize(
    ("day", "starts", "begins"),
    [
        ("2027-01-01", 1, "2027-01-01"),
        ("2027-12-31", 1, "2027-01-01"),
        ("2027-08-31", 9, "2026-09-01"),
        ("2027-09-01", 9, "2027-09-01"),
        ("2027-11-30", 12, "2026-12-01"),
        ("2028-02-29", 3, "2027-03-01"),
    ],
)
def test_the_plan_year_of_a_day(day: str, starts: int, begins: str) -> None:
    assert plan_year_of(date.fromisoformat(day), starts) == date.fromisoformat(begins)


def test_a_claim_says_why_it_is_not_covered() -> None:
    side = Network(
        0,
        benefits={"default": Benefit(), "drug": Benefit(covered=False), "therapy": Benefit(visit_limit=0)},
        allowed={"default": 1},
    )
    made = Plan({"in": side, "out": NO_BENEFIT}, name="Plan X")
    bill = [
        line(network="out"),
        line(network="in", covered=False, why_not="no prior authorization"),
        line(network="in", covered=False),
        line(network="in", benefit="drug"),
        line(network="in", benefit="therapy"),
    ]
    assert [claim.why_not for claim in adjudicate(bill, made)] == [
        "Plan X: no benefit in this network",
        "no prior authorization",
        "the plan does not cover this service",
        "Plan X does not cover this benefit (drug)",
        "the plan covers 0 visits of this benefit a plan year",
    ]


def test_a_claim_is_paid_counted_or_denied() -> None:
    made = Plan.of(deductible=600, coinsurance="100%", allowed=500)
    bill = [line(), line(covered=False), line()]
    assert [claim.outcome for claim in adjudicate(bill, made)] == ["counted", "denied", "counted"]
    assert (
        adjudicate(bill, made.replace(networks=Plan.of(deductible=600, coinsurance=0.5, allowed=500).networks))[
            2
        ].outcome
        == "paid"
    )


# Courses


def test_the_usual_course_of_infusions() -> None:
    days = dates(Course("iv-mood", date(2026, 11, 30)))
    assert days[:7] == [
        *("2026-11-30", "2026-12-07", "2026-12-10", "2026-12-14", "2026-12-17", "2026-12-21", "2026-12-24")
    ]
    assert days[7:9] == ["2027-01-28", "2027-03-04"]
    assert len(days) == 16


@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize("start", [MONDAY + n * DAY for n in range(7)])
def test_visits_fall_on_working_days_in_order(name: str, start: date) -> None:
    closed = (start + 7 * DAY, start + 8 * DAY)
    found = visits(Course(name, start, works=("tue", "wed", "thu", "sat"), closed=closed))
    assert {visit.date.isoweekday() for visit in found} <= {2, 3, 4, 6}
    assert not {visit.date for visit in found} & set(closed)
    assert all(one.date < other.date for one, other in pairwise(found))
    assert found[0].date >= start


def test_a_closed_day_puts_a_visit_off_to_the_next_working_day() -> None:
    days = dates(Course("iv-mood", date(2026, 11, 30), closed=(date(2026, 12, 10), date(2026, 12, 11))))
    assert days[1:5] == ["2026-12-07", "2026-12-14", "2026-12-15", "2026-12-17"]


def test_a_course_may_differ_from_its_protocol() -> None:
    made = Course(
        "iv-mood", MONDAY, visits={"induction": 2, "maintenance": 3}, every_days={"induction": 7, "maintenance": 14}
    )
    assert dates(made) == ["2027-01-04", "2027-01-11", "2027-01-18", "2027-02-22", "2027-03-08", "2027-03-22"]
    assert dates(made.replace(visits={"evaluation": 0, "maintenance": 0, "induction": 1})) == ["2027-01-04"]
    assert dates(made.replace(stop_after=2)) == ["2027-01-04", "2027-01-11"]
    assert len(dates(made.replace(stop_after=400))) == 6


def test_a_pause_puts_off_what_comes_after_it() -> None:
    made = Course("iv-mood", MONDAY, visits={"maintenance": 0})
    assert dates(made) == [
        *("2027-01-04", "2027-01-11", "2027-01-14", "2027-01-18", "2027-01-21", "2027-01-25", "2027-01-28")
    ]
    assert dates(made.replace(pauses=(Pause(date(2027, 1, 18), 14),))) == [
        *("2027-01-04", "2027-01-11", "2027-01-14", "2027-02-01", "2027-02-04", "2027-02-08", "2027-02-11")
    ]


def test_a_pause_puts_the_next_phase_off_once() -> None:
    made = Course("iv-mood", MONDAY, visits={"maintenance": 1})
    assert dates(made)[-1] == "2027-03-04"
    assert dates(made.replace(pauses=(Pause(date(2027, 1, 18), 14),)))[-1] == "2027-03-18"


def test_known_appointments_replace_the_computed_ones() -> None:
    made = Course("iv-mood", MONDAY, visits={"maintenance": 0, "induction": 2})
    assert dates(made.replace(dates=(date(2027, 1, 5),)))[0] == "2027-01-05"
    sunday = date(2027, 1, 17)
    assert dates(made.replace(dates=(MONDAY, date(2027, 1, 12), sunday))) == ["2027-01-04", "2027-01-12", "2027-01-17"]


def test_visits_after_the_known_appointments_keep_their_places() -> None:
    known = (MONDAY, date(2027, 1, 11), date(2027, 1, 14))
    assert dates(Course("iv-mood", MONDAY, dates=known)) == dates(Course("iv-mood", MONDAY))


def test_a_moved_appointment_moves_the_rest_of_its_phase() -> None:
    """Two days later each: Saturday 16 January is Monday the 18th, and the 18th is the 20th."""
    made = Course("iv-mood", MONDAY, visits={"induction": 3, "maintenance": 1})
    assert dates(made) == ["2027-01-04", "2027-01-11", "2027-01-14", "2027-01-18", "2027-02-22"]
    moved = made.replace(dates=(MONDAY, date(2027, 1, 13)))
    assert dates(moved) == ["2027-01-04", "2027-01-13", "2027-01-18", "2027-01-20", "2027-02-24"]


def test_a_second_pause_puts_off_what_the_first_one_moved_into_it() -> None:
    """From 18 January two weeks, then from 5 February another one: 8, 11 February are the 15th and 18th."""
    made = Course("iv-mood", MONDAY, visits={"maintenance": 1})
    pauses = (Pause(date(2027, 1, 18), 14), Pause(date(2027, 2, 5), 7))
    days = ["2027-02-01", "2027-02-04", "2027-02-15", "2027-02-18", "2027-03-25"]
    assert dates(made.replace(pauses=pauses))[3:] == days
    assert dates(made.replace(pauses=pauses[::-1]))[3:] == days


def test_a_pause_begins_on_its_first_day() -> None:
    made = Course("iv-mood", MONDAY, visits={"induction": 2, "maintenance": 0})
    assert dates(made.replace(pauses=(Pause(date(2027, 1, 14), 7),))) == ["2027-01-04", "2027-01-11", "2027-01-21"]
    assert dates(made.replace(pauses=(Pause(date(2027, 1, 15), 7),))) == dates(made)


def test_a_monthly_phase_keeps_its_day_of_the_month(monkeypatch: pytest.MonkeyPatch) -> None:
    from ketacost.model import courses

    usual = courses.protocol("iv-mood")
    monthly = replace(usual.phases[2], every_days=0, every_months=1, after_days=0, visits=5)
    monkeypatch.setattr(courses, "protocol", lambda name: replace(usual, phases=(monthly,)))
    assert dates(Course("iv-mood", date(2027, 10, 31), works=courses.WEEKDAYS)) == [
        *("2027-10-31", "2027-11-30", "2027-12-31", "2028-01-31", "2028-02-29")
    ]
    assert dates(Course("iv-mood", date(2027, 1, 29), works=courses.WEEKDAYS))[1:3] == ["2027-02-28", "2027-03-29"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"protocol": "iv-moods"}, "there is no protocol called 'iv-moods'"),
        (
            {"visits": {"inductions": 6}},
            "there is no phase of iv-mood called 'inductions'; known: evaluation, induction, maintenance",
        ),
        ({"every_days": {"induction": 0}}, "days apart in induction: 0 is not a number"),
        ({"every_days": {"induction": 401}}, "between 0 and 400"),
        ({"visits": {"induction": -1}}, "induction: -1 is not a number of visits"),
        ({"visits": {"induction": 401}}, "between 0 and 400"),
        ({"works": ()}, "the clinic must treat on at least one weekday"),
        ({"works": ("monday",)}, "there is no weekday called 'monday'; did you mean mon|known: fri, mon"),
        ({"stop_after": 0}, "stop_after is a whole number from 1 to 4,000, got 0"),
        ({"dates": (MONDAY, MONDAY)}, "the appointment dates should be in order, each once"),
        ({"dates": (MONDAY, MONDAY - DAY)}, "the appointment dates should be in order"),
        ({"closed": tuple(MONDAY + n * DAY for n in range(800))}, "closed for more than a year; check the closed days"),
    ],
)
def test_a_course_that_cannot_be_is_refused_with_the_way_out(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(KetacostError, match=told):
        visits(replace(Course("iv-mood", MONDAY), **changes))


# Bills


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_bill_has_a_line_for_each_service_of_each_visit(name: str) -> None:
    made, prices = Course(name, MONDAY), typical_prices(name)
    bill = service_lines(made, prices, network="in")
    wanted = Counter((v.date, service) for v in visits(made) for service, _ in v.services)
    assert Counter((one.date, one.service) for one in bill) == wanted
    assert {one.network for one in bill} == {"in"}
    for one in bill:
        assert one.charge == (0 if one.service in prices.bundled else prices.charges[one.service])
    low, high = typical_prices(name, "low"), typical_prices(name, "high")
    assert all(low.charges[s] <= prices.charges[s] <= high.charges[s] for s in prices.charges)
    assert [citation.grade for citation in price_citations(name)] == ["assumption"] * len(prices.charges)


def test_one_price_is_for_the_main_visit() -> None:
    bill = course("iv-mood", start="2026-11-30", price=600, stop_after=3)
    assert {one.charge for one in bill if one.service == "infusion"} == {60_000}
    usual = course("iv-mood", start="2026-11-30", stop_after=3)
    assert [one.charge for one in bill if one.service == "evaluation"] == [
        one.charge for one in usual if one.service == "evaluation"
    ]
    assert {one.service for one in bill if one.charge == 0} == {"drug", "monitoring"}


def test_a_service_without_a_price_is_asked_for() -> None:
    with pytest.raises(
        CourseError,
        match=r"what does the clinic charge for ketamine infusion\? Give prices\.charges\.infusion \(typical: \$",
    ):
        service_lines(Course("iv-mood", MONDAY), Prices({"evaluation": 1}))
    with pytest.raises(CourseError, match=r"Give prices\.charges\.drug, or list it in prices\.bundled"):
        service_lines(Course("iv-mood", MONDAY), Prices({"evaluation": 1, "infusion": 1}))
    with pytest.raises(UnknownName, match="there is no service called 'infusions'; did you mean infusion"):
        Prices({"infusions": 1})
    with pytest.raises(CourseError, match="visits in a package is a whole number from 1 to 400, got 0"):
        Package("infusion", 0, 100)


def infusions(prices: Prices, **more: Any) -> list[ServiceLine]:
    """The infusions of six visits after an evaluation."""
    made = Course("iv-mood", MONDAY, visits={"maintenance": 0}, **more)
    return [one for one in service_lines(made, prices) if one.service == "infusion"]


PRICES = Prices({"evaluation": 25_000, "infusion": 60_000}, bundled=("drug", "monitoring"))


def test_a_package_is_spread_evenly_to_the_cent() -> None:
    bill = infusions(PRICES.replace(packages=(Package("infusion", 6, 302_500),)))
    assert [one.charge for one in bill] == [50_417, 50_417, 50_417, 50_417, 50_416, 50_416]
    assert sum(one.charge for one in bill) == 302_500
    four = infusions(PRICES.replace(packages=(Package("infusion", 4, 200_000),)))
    assert [one.charge for one in four] == [50_000] * 4 + [60_000] * 2


def test_unused_visits_of_a_package_are_paid_back_or_lost() -> None:
    package = Package("infusion", 6, 302_500)
    stopped = infusions(PRICES.replace(packages=(package,)), stop_after=3)
    assert [one.charge for one in stopped] == [50_417, 50_417]
    lost = infusions(PRICES.replace(packages=(replace(package, refundable=False),)), stop_after=3)
    assert [one.charge for one in lost] == [50_417, 50_417, 302_500 - 2 * 50_417]
    assert not lost[-1].covered
    assert (lost[-1].why_not, lost[-1].phase) == ("4 visits of the package were not used", "unused")
    assert lost[-1].date == lost[-2].date
    assert len(infusions(PRICES.replace(packages=(replace(package, refundable=False),)))) == 6


def test_two_packages_of_one_service_follow_each_other() -> None:
    both = (Package("infusion", 2, 100_000), Package("infusion", 4, 160_000))
    assert [one.charge for one in infusions(PRICES.replace(packages=both))] == [50_000] * 2 + [40_000] * 4


def test_a_discount_is_taken_off_to_the_cent() -> None:
    assert {one.charge for one in infusions(PRICES.replace(discounts={"infusion": 1_500}))} == {51_000}
    odd = PRICES.replace(charges={**PRICES.charges, "infusion": 33_335}, discounts={"infusion": 1_000})
    assert {one.charge for one in infusions(odd)} == {33_335 - 3_334}


def test_esketamine_changed_its_code_with_the_year() -> None:
    bill = course("spravato", start="2025-12-15", stop_after=12)
    codes = {(one.date.year, one.code) for one in bill if one.service == "esketamine"}
    assert codes == {(2025, "S0013"), (2026, "J0013")}
    turn = [
        one
        for day in ("2025-12-31", "2026-01-01")
        for one in course("spravato", start=day, stop_after=2, visits={"evaluation": 0})
    ]
    assert [
        one.code for one in turn if one.service == "esketamine" and str(one.date) in ("2025-12-31", "2026-01-01")
    ] == ["S0013", "J0013"]


def test_the_first_visit_of_a_phase_may_differ() -> None:
    doses = [one.units for one in course("spravato", start=MONDAY, stop_after=4) if one.service == "esketamine"]
    assert doses == [56, 84, 84]
    turns = [one.service for one in course("kap", start=MONDAY) if one.phase == "dosing and integration"]
    assert turns == ["dosing", "integration"] * 6


def test_further_hours_are_units_of_one_line() -> None:
    hours = [one.units for one in course("iv-pain", start=MONDAY, stop_after=2) if one.service == "extra_hour"]
    assert hours == [3]


@settings(max_examples=20)
@given(dice())
def test_bills_and_claims_are_frozen(r: Any) -> None:
    made, bill, used = case(r)
    claim = adjudicate(bill, made, used)[0]
    for thing, name in ((bill[0], "charge"), (claim, "split"), (used, "as_of")):
        with pytest.raises(FrozenInstanceError):
            setattr(thing, name, None)
    with pytest.raises(UnknownName, match="did you mean charge"):
        bill[0].replace(charges=1)
    assert bill[0].replace(charge=7).charge == 7


# Scenarios


def scenario(**more: Any) -> Scenario:
    """An evaluation and two infusions at $250 and $600 under a plan that allows $200 and $350."""
    given = {
        "course": Course("iv-mood", MONDAY, visits={"induction": 2, "maintenance": 0}),
        "prices": PRICES,
        "plan": Plan(
            {
                "out": Network(
                    50_000,
                    benefits={"default": Benefit(coinsurance=4_000)},
                    balance_bill="owed",
                    allowed={"evaluation": 20_000, "default": 35_000},
                )
            },
            name="Plan X",
        ),
        "coverage": "infusions too",
    }
    return Scenario(**{**given, **more})


@pytest.mark.parametrize(
    ("coverage", "covered", "why_not"),
    [
        ("denied", set(), {"the plan covers none of it"}),
        ("visits only", {"evaluation"}, {"the plan covers visits alone, not this"}),
        ("infusions too", {"evaluation", "infusion", "monitoring"}, {"the plan covers infusions too, not this"}),
        ("everything", {"evaluation", "infusion", "monitoring", "drug"}, set()),
    ],
)
def test_a_plans_yes_covers_parts_of_the_bill(coverage: Any, covered: set[str], why_not: set[str]) -> None:
    made = billed(scenario(coverage=coverage))
    assert {one.service for one in made if one.covered} == covered
    assert {one.service for one in made if not one.covered} == {
        "evaluation",
        "infusion",
        "monitoring",
        "drug",
    } - covered
    assert {one.why_not for one in made if not one.covered} == why_not
    assert all(one.balance_billed and not one.why_not for one in made if one.covered)


def test_a_clinic_may_waive_the_balance_of_every_line() -> None:
    made = billed(scenario(waived=True))
    assert not any(one.balance_billed for one in made)
    assert [one.covered for one in made] == [one.covered for one in billed(scenario())]
    assert [one.why_not for one in made] == [one.why_not for one in billed(scenario())]


@pytest.mark.parametrize("waived", [False, True])
def test_unused_visits_of_a_package_are_never_covered(waived: bool) -> None:
    lost = Package("infusion", 6, 300_000, refundable=False)
    made = billed(scenario(coverage="everything", prices=PRICES.replace(packages=(lost,)), waived=waived))
    assert [(one.charge, one.covered, one.why_not) for one in made if one.phase == "unused"] == [
        (200_000, False, "4 visits of the package were not used")
    ]


def test_a_scenario_adds_up_to_its_answer() -> None:
    """By hand: the deductible of $500 takes the evaluation's $200 and $300 of the first infusion's $350.

    Of the $50 left 40% is $20, of the second infusion's $350 it is $140. Above the allowed amounts stand $50 and twice $250.
    """
    answer = run(scenario())
    assert answer.totals == Totals(
        charge=145_000,
        allowed=90_000,
        not_covered=0,
        balance_bill=55_000,
        write_off=0,
        copay=0,
        deductible=50_000,
        coinsurance=16_000,
        plan_pays=24_000,
        you_pay=121_000,
    )
    assert (answer.you_pay, answer.visits) == (121_000, 3)
    denied = run(scenario(coverage="denied")).totals
    assert (denied.not_covered, denied.balance_bill, denied.you_pay, denied.allowed) == (145_000, 0, 145_000, 0)
    waived = run(scenario(waived=True)).totals
    assert (waived.balance_bill, waived.write_off, waived.you_pay, waived.plan_pays) == (0, 55_000, 66_000, 24_000)
    used = Used(as_of=MONDAY, members={"patient": {"out": Amounts(50_000)}})
    assert run(scenario(used=used)).totals.plan_pays == 54_000


def test_an_estimate_spans_its_ranges() -> None:
    """By hand: denied is $1,450 or, at $700 an infusion, $1,650. Covered at $500: $200 less above what the plan counts."""
    asked = scenario(ranges={"coverage": ("denied", "infusions too"), "prices.charges.infusion": ("500", "700")})
    assert run(asked).you_pay == 121_000, "an answer is of the scenario as entered"
    found = estimate(asked)
    assert (found.low, found.high) == (101_000, 165_000)
    assert {group.answers: group.ends for group in found.groups} == {
        ("infusions too",): (101_000, 141_000),
        ("denied",): (125_000, 165_000),
    }
    one = estimate(scenario(coverage="everything", ranges={"prices.charges.infusion": ("700",)}))
    assert one.low == one.likely == one.high


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"network": "in"}, "there is no network of Plan X called 'in'; known: out"),
        ({"ranges": {"waived": ()}}, "the range of waived holds no values; give the lowest and the highest, or leave"),
        ({"ranges": {"prices.charge.infusion": ("1",)}}, r"no entry of prices called 'charge'"),
        (
            {"course": Course("iv-mood", MONDAY, visits={"evaluation": 0, "induction": 0, "maintenance": 0})},
            "the course has no visits",
        ),
    ],
)
def test_a_scenario_that_cannot_be_is_refused_with_the_way_out(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(KetacostError, match=told):
        estimate(scenario(**changes))
    assert estimate(scenario(ranges={"prices.charges.infusion": ("1",) * 2})).likely


def test_a_file_may_name_a_published_plan_and_leave_prices_to_the_typical_ones() -> None:
    table = {
        "course": {"protocol": "iv-mood", "start": "2027-01-04"},
        "plan": "nextgen-2026-750",
        "prices": {"charges": {"infusion": 600}},
    }
    made = scenario_from({**table, "allowed": {"infusion": 300, "evaluation": 200}})
    assert made.published_plan == "nextgen-2026-750"
    assert made.prices.charges["infusion"] == 60_000
    assert made.prices.charges["evaluation"] == typical_prices("iv-mood").charges["evaluation"]
    assert made.prices.bundled == typical_prices("iv-mood").bundled
    assert made.plan.networks["out"].allowed == {"infusion": 30_000, "evaluation": 20_000}
    typical = scenario_from({**table, "allowed": "typical"})
    assert list(typical.ranges) == ["plan.networks.out.allowed.infusion"]
    changed = scenario_from({**table, "plan": {"preset": "nextgen-2026-750", "networks": {"out": {"deductible": 9}}}})
    assert changed.plan.networks["out"].deductible == 900
    assert changed.plan.networks["in"] == made.plan.networks["in"]
    with pytest.raises(EntryError, match="there is no published plan called 'nextgen'"):
        scenario_from({**table, "plan": "nextgen"})


def test_a_plan_may_name_a_line_of_its_own() -> None:
    """A drug of $900 falls under the plan's own line, 25% of it; one that no plan names falls under the general line."""
    made = Plan({"in": Network(0, benefits={"default": Benefit(coinsurance=1_000), "clinic_drug": Benefit(0, 2_500)})})
    own, other = (ServiceLine(date(2027, 1, 4), 90_000, network="in", benefit=name, allowed=90_000) for name in NAMED)
    assert [claim.split.coinsurance for claim in adjudicate([own, other], made)] == [22_500, 9_000]
    assert made.lines[-1] == "clinic_drug"


NAMED = ("clinic_drug", "hospital_drug")


@pytest.mark.parametrize("slip", ["drugs", "visit", "office_vist", "Clinic drug", "x" * 41, "infusion"])
def test_a_slip_of_a_usual_line_is_no_line_of_a_plans_own(slip: str) -> None:
    with pytest.raises(KetacostError, match="there is no benefit called"):
        Network(0, benefits={slip: Benefit()})


def test_a_share_that_goes_a_cent_beyond_the_limit_stops_at_it() -> None:
    """20% of $100.05 is $20.01, and the limit is $20.00: the plan pays $80.05; of the next line it pays everything."""
    under = Plan.of(deductible=0, coinsurance="20%", out_of_pocket_limit=20, allowed="100.05")
    first, second = adjudicate(course("iv-mood", start="2026-11-30", price="100.05"), under)[:2]
    assert (first.split.coinsurance, first.split.plan_pays) == (2_000, 8_005)
    assert (second.split.coinsurance, second.split.plan_pays) == (0, 10_005)
