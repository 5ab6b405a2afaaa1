"""What a session registers is used at once: nothing that was worked out before is given for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

import ketacost as kc
from ketacost.core.fields import UnknownName
from ketacost.core.registry import Registry, kept
from ketacost.model.allowed import METHODS
from ketacost.model.payers import PAYERS


def test_an_entry_can_be_added_replaced_and_removed() -> None:
    fruits = Registry("fruit", lambda: {"apple": 1})
    fruits.register("pear", 2)
    fruits.register("apple", 3)
    assert dict(fruits) == {"apple": 3, "pear": 2}
    fruits.remove("pear")
    assert fruits.named("apple") == 3
    with pytest.raises(UnknownName, match=r"no fruit called 'pear'; known: apple"):
        fruits.named("pear")
    with pytest.raises(UnknownName):
        fruits.remove("pear")


def test_results_are_kept_until_a_registry_changes() -> None:
    calls = []

    @kept(8)
    def twice(number: int) -> int:
        calls.append(number)
        return 2 * number

    assert [twice(2), twice(2)] == [4, 4]
    assert calls == [2]
    Registry("fruit", dict[str, int]).register("apple", 1)
    assert twice(2) == 4
    assert calls == [2, 2]


def test_a_method_replaced_changes_every_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """$300 and then $200 allowed at 60% paid: the answer, its estimate and its starts follow the method of the moment."""
    monkeypatch.setattr(METHODS, "_entries", dict(METHODS))
    plan = kc.Plan.of(deductible=0, coinsurance="40%").networks["out"]
    course = kc.Course(
        "iv-mood", start=kc.example("readme-patient").course.start, visits={"evaluation": 0, "maintenance": 0}
    )
    scenario = kc.Scenario(
        course,
        kc.Prices({"infusion": 60_000}, ("drug", "monitoring")),
        kc.Plan({"out": plan.replace(pricing=kc.Pricing("ours"))}),
        coverage="infusions too",
    )
    for cents in (30_000, 20_000):
        kc.data.register_method("ours", lambda line, pricing, cents=cents: cents)
        net = 6 * (60_000 - cents * 6 // 10)
        assert kc.run(scenario).you_pay == net
        assert kc.estimate(scenario).likely == net
        assert kc.starts(scenario)[0].net == net


def test_a_payer_replaced_changes_the_chances(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PAYERS, "_entries", dict(PAYERS))
    seen = []
    for points in (1_000, 9_000):
        chance = kc.data.Chance(points, points, points)
        odds = {"iv-mood": {"infusions too": chance}}
        kc.data.register_payer(replace(kc.data.payer("marketplace"), id="ours", odds=odds))
        scenario = kc.example("readme-patient").replace(payer="ours", path=None)
        seen.append(kc.estimate(scenario).expected)
    assert seen[0] > seen[1]
