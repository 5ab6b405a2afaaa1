"""Two plans: what the second pays after the first, by each way to coordinate, against the plain words."""

from collections import Counter
from datetime import date
from random import Random

import pytest
from plain_oracle import coordinate_plainly, dollars
from walk_cases import case, second_of

from ketacost.core.fields import KetacostError
from ketacost.model.coordination import Coordinated, SecondPlan, coordinate
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import Benefit, Network, Plan

WAYS = ("standard", "maintenance of benefits", "carve-out")


def pays(share: int, **more: object) -> Plan:
    """A plan that takes a share of the bill, in basis points, and no deductible."""
    return Plan({"in": Network(0, benefits={"default": Benefit(coinsurance=share)}, **more)})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("way", "second", "yours"), [(WAYS[0], 5_000, 0), (WAYS[1], 3_750, 1_250), (WAYS[2], 1_875, 3_125)]
)
def test_a_fee_of_125_of_which_the_first_plan_pays_75_dollars(way: str, second: int, yours: int) -> None:
    """The second plan's share is 75%: of $125 that is $93.75, of the $50 left $37.50, and $93.75 less $75 is $18.75."""
    (both,) = coordinate(
        [ServiceLine(date(2027, 1, 4), 12_500, network="in", allowed=12_500)], pays(4_000), SecondPlan(pays(2_500), way)
    )
    assert (both.first.split.plan_pays, both.second_pays, both.you_pay) == (7_500, second, yours)


def test_a_line_that_the_first_plan_excludes_is_the_second_plans() -> None:
    excluded = Plan({"in": Network(0, benefits={"default": Benefit(covered=False)})})
    line = ServiceLine(date(2027, 1, 4), 12_500, network="in", allowed=12_500)
    for way in WAYS:
        (both,) = coordinate([line], excluded, SecondPlan(pays(2_500), way))
        assert both.second_pays == 9_375


def test_a_second_plan_cannot_pay_more_than_is_left() -> None:
    (both,) = coordinate(
        [ServiceLine(date(2027, 1, 4), 12_500, network="in", allowed=12_500)], pays(4_000), SecondPlan(pays(0))
    )
    with pytest.raises(KetacostError, match=r"cannot pay 50\.01 of the 50\.00 that the first leaves"):
        Coordinated.of(both.first, both.second, 5_001)


def test_two_plans_account_for_every_dollar_as_the_plain_words_do() -> None:
    """charge = write-off + first plan + second plan + patient, for random plans, bills, used amounts and orders."""
    moved = Counter[tuple[str, str]]()
    for seed in range(300):
        r = Random(seed)
        first, bill, before = case(r)
        second = second_of(r, first, bill)
        both = coordinate(bill, first, second, before)
        plainly = [(pays, yours) for _, pays, yours in coordinate_plainly(bill, first, before, second)]
        assert [(dollars(one.second_pays), dollars(one.you_pay)) for one in both] == plainly, seed
        for one in both:
            parts = one.first.split
            assert one.first.line.charge == parts.write_off + parts.plan_pays + one.second_pays + one.you_pay
            assert one.split.plan_pays == parts.plan_pays + one.second_pays
            assert one.outcome == ("paid" if one.second_pays else one.first.outcome)
            moved[second.coordination, second.goes] += one.second_pays > 0
    assert len(moved) == 6
    assert min(moved.values()) > 100
