"""Two plans: what the second pays after the first, by each way to coordinate, against the plain words."""

from datetime import date
from fractions import Fraction
from random import Random

import pytest
from plain_oracle import adjudicate_plainly, dollars
from strategies import case, plan, used

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
        Coordinated(both.first, both.second, 5_001)


@pytest.mark.parametrize("way", WAYS)
def test_two_plans_account_for_every_dollar_as_the_plain_words_do(way: str) -> None:
    """charge = write-off + first plan + second plan + patient, for random plans, bills and used amounts."""
    moved = 0
    for seed in range(300):
        r = Random(seed)
        first, bill, before = case(r)
        second = plan(r)
        while set(second.networks) != set(first.networks):
            second = plan(r)
        also = used(r, second, min(line.date for line in bill))
        both = coordinate(bill, first, SecondPlan(second, way, also), before)
        counted = [one.first.allowed if one.first.covered else None for one in both]
        plainly = after_both(bill, first, before, second, also, way, counted)
        assert [(dollars(one.second_pays), dollars(one.you_pay)) for one in both] == plainly, seed
        for one in both:
            parts = one.first.split
            assert one.first.line.charge == parts.write_off + parts.plan_pays + one.second_pays + one.you_pay
            moved += one.second_pays > 0
    assert moved > 200


def after_both(
    bill: list[ServiceLine],
    first: Plan,
    before: object,
    second: Plan,
    also: object,
    way: str,
    counted: list[int | None],
) -> list[tuple[Fraction, Fraction]]:
    """What the second plan and the patient pay, from the plain words; `counted` is what the first plan counts, if it does."""
    lines = sorted(bill, key=lambda line: line.date)
    paid = [parts for parts, _ in adjudicate_plainly(lines, first, before)]
    seconds = []
    for line, parts, allowed in zip(lines, paid, counted, strict=True):
        charge = dollars(line.charge) - parts["write_off"]
        allowed = charge if allowed is None else min(charge, dollars(allowed))
        if way == "maintenance of benefits":  # "it applies its benefit to what the first plan has left"
            charge, allowed = charge - parts["plan_pays"], max(allowed - parts["plan_pays"], Fraction(0))
        seconds.append(line.replace(charge=int(charge * 100), allowed=int(allowed * 100)))
    found = []
    for parts, (own, _) in zip(paid, adjudicate_plainly(seconds, second, also), strict=True):
        yours = parts["balance_bill"] + parts["copay"] + parts["deductible"] + parts["coinsurance"]
        pays = own["plan_pays"] - parts["plan_pays"] if way == "carve-out" else own["plan_pays"]
        pays = min(max(pays, Fraction(0)), yours)
        found.append((pays, yours - pays))
    return found
