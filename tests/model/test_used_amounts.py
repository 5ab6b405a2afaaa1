"""What has been used, as the insurer tells it: cut to what a plan has, told where it is more, begun from to the cent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from ketacost.core.fields import KetacostError
from ketacost.model.accumulators import Accumulators, Amounts, Used, beyond, fitting, tables
from ketacost.model.adjudication import adjudicate, walk, with_help
from ketacost.model.cost_sharing import NO_BOUNDS, UNLIMITED, Left
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import Benefit, BenefitGroup, Network, Plan, PlanError, PlanVersion
from ketacost.model.rules import rule_of

DAY = date(2026, 5, 31)
SIDE = Network(
    deductible=100_000,
    family_deductible=150_000,
    out_of_pocket_limit=300_000,
    family_out_of_pocket_limit=500_000,
    benefits={"default": Benefit(coinsurance=2_000, visit_limit=5)},
)
ALONE = Plan({"in": SIDE.replace(family_deductible=None, family_out_of_pocket_limit=None)}, name="Plan A")
FAMILY = Plan({"in": SIDE}, family=True, name="Plan F")


def used(members: dict[str, Amounts], family: Amounts | None = None, **more: Any) -> Used:
    return Used(
        DAY, {who: {"in": amounts} for who, amounts in members.items()}, {"in": family} if family else {}, **more
    )


def begun(plan: Plan, before: Used) -> Accumulators:
    state = Accumulators(tables(plan))
    state.begin(before)
    return state


def test_one_person_is_cut_to_the_plans_own_amounts() -> None:
    told = used({"patient": Amounts(100_001, 300_001, 7), "child": Amounts(5)})
    assert fitting(told, ALONE).members == {"patient": {"in": Amounts(100_000, 300_000, 7)}}
    within = used({"patient": Amounts(99_999, 299_999)})
    assert fitting(within, ALONE) == within
    assert fitting(Used(), ALONE) == Used()


def test_a_family_has_used_at_least_what_each_member_has_and_no_more_than_its_own() -> None:
    told = used({"patient": Amounts(60_000, 80_000), "child": Amounts(90_000, 10_000)}, Amounts(70_000, 85_000))
    assert fitting(told, FAMILY).family == {"in": Amounts(90_000, 85_000)}
    above = fitting(used({"patient": Amounts(160_000)}, Amounts(200_000)), FAMILY)
    assert above.family["in"].deductible == 150_000
    assert above.members["patient"]["in"].deductible == 100_000
    assert fitting(told, ALONE).family == {}
    assert fitting(used({}, Amounts(200_000)), FAMILY).family == {"in": Amounts(150_000)}


def test_one_has_used_no_more_than_the_familys_limit_where_they_have_none_of_their_own() -> None:
    together = SIDE.replace(family_coinsurance_limit=50_000)
    told = used({"patient": Amounts(0, 0, 60_000), "child": Amounts(0, 0, 10_000)}, Amounts(0, 0, 70_000))
    cut = fitting(told, Plan({"in": together}, family=True))
    assert cut.family == {"in": Amounts(0, 0, 50_000)}
    assert cut.members == {"patient": {"in": Amounts(0, 0, 50_000)}, "child": {"in": Amounts(0, 0, 10_000)}}


def test_what_is_above_the_plans_amounts_is_told_and_taken_as_met() -> None:
    assert beyond(used({"patient": Amounts(100_000, 300_000)}), ALONE) == ()
    (told,) = beyond(used({"patient": Amounts(100_001, 300_000)}), ALONE)
    assert told == (
        "$1,000.01 used of the deductible of patient in network 'in' is more than the plan's $1,000.00: we take it as met. "
        "Check the amount or the plan."
    )
    (told,) = beyond(used({}, Amounts(0, 500_001)), FAMILY)
    assert told.startswith("$5,000.01 used of the out-of-pocket limit of the family in network 'in'")
    assert beyond(used({}, Amounts(0, 500_001)), ALONE) == ()
    assert begun(ALONE, used({"patient": Amounts(100_001)})).left("patient", "in").deductible == 0


def test_a_year_begins_with_what_each_has_left_and_the_familys_sum() -> None:
    state = begun(FAMILY, used({"patient": Amounts(60_000, 60_000), "child": Amounts(50_000, 50_000)}))
    assert [state.left(who, "in").deductible for who in ("patient", "child", "mother")] == [40_000, 40_000, 40_000]
    assert state.counted("patient", "in") == 110_000
    assert state.after("child")["in"] == (50_000, 50_000, 110_000, 110_000)
    more = begun(FAMILY, used({"patient": Amounts(100_000), "child": Amounts(60_000)}))
    assert (more.left("mother", "in").deductible, more.counted("mother", "in")) == (0, 150_000)
    said = begun(FAMILY, used({"patient": Amounts(60_000)}, Amounts(149_999)))
    assert said.left("mother", "in").deductible == 1
    assert begun(FAMILY, used({"patient": Amounts(60_000)}, Amounts(60_000))).counted("patient", "in") == 60_000
    with pytest.raises(PlanError, match="less in network 'in' than its members together"):
        begun(FAMILY, used({"patient": Amounts(60_000)}, Amounts(59_999)))
    alone = begun(ALONE, used({"patient": Amounts(60_000)}))
    assert (alone.counted("patient", "in"), alone.counted("patient", "out")) == (60_000, 0)
    assert alone.after("patient")["in"] == (60_000, 0, None, None)


TWO = {"in": SIDE, "out": SIDE.replace(deductible=70_000, family_deductible=90_000, out_of_pocket_limit=400_000)}


def test_each_network_has_its_own_amounts_of_each_person_and_the_family() -> None:
    """In and out of network, deductible and limit, own and family's: eight amounts that differ."""
    told = Used(
        DAY,
        {
            "patient": {"in": Amounts(1_000, 2_000), "out": Amounts(3_000, 4_000)},
            "child": {"in": Amounts(50_000, 60_000), "out": Amounts(7_000, 8_000)},
        },
    )
    state = begun(Plan(TWO, family=True), told)
    assert dict(state.after("patient")) == {"in": (1_000, 2_000, 51_000, 62_000), "out": (3_000, 4_000, 10_000, 12_000)}
    assert [state.counted("child", name) for name in ("in", "out")] == [51_000, 10_000]
    assert state.left("child", "out") == Left(63_000, 392_000, UNLIMITED, 0, NO_BOUNDS)
    alone = begun(Plan(TWO), Used(DAY, {"patient": {"out": Amounts(3_000, 4_000)}}))
    assert [alone.counted("patient", name) for name in ("in", "out")] == [0, 3_000]


def test_what_is_above_the_amounts_is_told_by_network_and_not_of_a_network_that_the_plan_lacks() -> None:
    told = Used(DAY, {"patient": {"in": Amounts(80_000), "out": Amounts(80_000), "far": Amounts(900_000)}})
    (sentence,) = beyond(told, Plan(TWO))
    assert sentence.startswith(
        "$800.00 used of the deductible of patient in network 'out' is more than the plan's $700.00"
    )


def test_what_was_used_is_cut_to_the_plan_that_holds_on_its_day() -> None:
    """From the day of the used amounts on another plan holds, with a deductible of $500: what is above it is cut."""
    later = PlanVersion(DAY, Plan({"in": SIDE.replace(deductible=50_000)}))
    made = ALONE.replace(versions=(later,))
    told = used({"patient": Amounts(80_000)})
    assert fitting(told, made).members["patient"]["in"].deductible == 50_000
    assert walk([ServiceLine(DAY, 90_000, network="in", allowed=90_000)], made, told)[0].deductible == 0
    assert tables(made, DAY - timedelta(1)).plan.networks["in"] == ALONE.networks["in"]


def test_one_stops_at_their_own_amount_where_an_aggregate_plan_has_none_for_the_family() -> None:
    """The deductible of $1,500 is the family's; the drugs' own one of $400 is printed for each person alone."""
    drugs = BenefitGroup(("drug",), deductible=40_000, deductible_inside=False)
    side = SIDE.replace(groups={"drug": drugs}, benefits={"default": Benefit(coinsurance=0)})
    made = Plan({"in": side}, family=True, deductible_kind="aggregate", limit_kind="embedded")
    bill = [ServiceLine(DAY, 200_000, network="in", allowed=200_000, benefit=name) for name in ("default", "drug")]
    assert [parts.deductible for parts in walk(bill, made)] == [150_000, 40_000]


def test_what_cannot_have_been_used_is_refused() -> None:
    with pytest.raises(PlanError, match="has no member 'child'"):
        begun(ALONE, used({"child": Amounts(1)}))
    with pytest.raises(PlanError, match="leave the family's used amounts out"):
        begun(ALONE, used({}, Amounts(1)))
    with pytest.raises(PlanError, match="no benefit in network 'far'"):
        begun(ALONE, Used(DAY, {"patient": {"far": Amounts(1)}}))
    for negative in (Amounts(-1), Amounts(0, -1), Amounts(0, 0, -1)):
        with pytest.raises(KetacostError, match="cannot be negative"):
            used({"patient": negative})
    with pytest.raises(KetacostError, match="need a date"):
        Used(None, {"patient": {"in": Amounts(1)}})
    with pytest.raises(KetacostError, match="need a date"):
        Used(None, visits={"default": 1})


@pytest.mark.parametrize("visits", [0, 4, 5])
def test_visits_begin_where_the_insurer_says(visits: int) -> None:
    state = begun(ALONE, used({}, visits={"default": visits}))
    at = state.of("patient") + state.tables.visits_at("default")
    assert state.state[at] == visits


@pytest.mark.parametrize(
    ("of", "amount"), [("what is left", 27_000), ("allowed less the deductible", 30_000), ("allowed amount", 40_000)]
)
def test_the_amount_of_which_a_share_is_taken(of: str, amount: int) -> None:
    """$400 of $500 are allowed; $100 go to the deductible and $30 to a copay."""
    benefit = Benefit(copay=3_000, coinsurance=2_000, coinsurance_on=of)  # type: ignore[arg-type]
    plan = Plan({"in": Network(deductible=10_000, benefits={"default": benefit})})
    (claim,) = adjudicate([ServiceLine(DAY, 50_000, network="in", allowed=40_000)], plan)
    assert (claim.share_of, claim.split.coinsurance) == (amount, amount // 5)


def test_help_is_spent_on_the_patients_parts_in_turn() -> None:
    """Of $250 a bill takes $100, a copay of $30 and 20% of $470: $224. The next has $26 left, and the third nothing."""
    benefit = Benefit(copay=3_000, coinsurance=2_000)
    plan = Plan({"in": Network(deductible=10_000, benefits={"default": benefit})})
    bill = [
        ServiceLine(date(2026, 6, day), 60_000, network="in", allowed=60_000, service="esketamine") for day in (1, 2, 3)
    ]
    bill.insert(1, ServiceLine(date(2026, 6, 1), 5_000, network="in", allowed=5_000, service="observation"))
    helped, splits = with_help(bill, plan, Used(), rule_of(None), 25_000, ("esketamine",))
    assert [line.assistance for line in helped] == [25_000, 0, 2_600, 0]
    assert [parts.you_pay for parts in splits] == [22_400, 1_000, 14_400, 14_400]
