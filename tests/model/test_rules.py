"""Variants of the rule: each does what its words say, is named in every result, and nothing kept mixes two of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

import ketacost as kc
from ketacost.core.fields import KetacostError, UnknownName
from ketacost.core.references import read_toml
from ketacost.model.accumulators import Amounts, Used
from ketacost.model.adjudication import adjudicate, walk, with_help
from ketacost.model.cost_sharing import Split
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import Benefit, Network, Plan
from ketacost.model.protocols import PROTOCOLS, SERVICES
from ketacost.model.rules import RULES, Rule, rule_of, rules
from ketacost.reports.text import answer_text


@pytest.fixture
def _as_before() -> Iterator[None]:
    """What a test registers is taken back, and everything kept since then with it."""
    registries: tuple[Any, ...] = (RULES, PROTOCOLS, SERVICES)
    before = [dict(registry) for registry in registries]
    yield
    for registry, entries in zip(registries, before, strict=True):
        registry._change(entries)


DAY = date(2026, 1, 5)
FILLS = [ServiceLine(DAY.replace(month=month), 75_000, network="in", allowed=75_000) for month in range(1, 13)]
PLAN = kc.Plan({"in": kc.Network(deductible=400_000, benefits={"default": kc.Benefit(coinsurance=0)})})


def test_what_a_card_pays_does_not_count_under_an_accumulator() -> None:
    """12 fills of $750, deductible $4,000, a card that pays $3,750: five fills are the card's, the patient owes $4,000."""
    rule = rule_of("copay accumulator")
    bill, splits = with_help(FILLS, PLAN, Used(), rule, 375_000, ())
    assert splits == walk(bill, PLAN, rule=rule)
    owed = sum(one.you_pay for one in splits)
    assert owed - 375_000 == 400_000
    assert sum(one.you_pay for one in walk(bill, PLAN)) - 375_000 == 25_000


def test_half_the_deductible_is_waived_and_what_was_used_fits() -> None:
    half = "half the deductible waived"
    assert sum(one.deductible for one in walk(FILLS, PLAN, rule=half)) == 200_000
    before = Used(as_of=DAY, members={"patient": {"in": Amounts(300_000, 300_000)}})
    assert sum(one.deductible for one in walk(FILLS, PLAN, before)) == 100_000
    assert sum(one.deductible for one in walk(FILLS, PLAN, before, rule=half)) == 0


def test_the_plan_allows_twice_what_medicare_pays() -> None:
    """Medicare's national payment for 96365 in 2026, twice; a code that it does not price keeps its amount."""
    from ketacost.model.fee_schedule import exact_payment

    bill = [ServiceLine(DAY, 90_000, code=code, network="in", allowed=40_000) for code in ("96365", "X1")]
    first, other = adjudicate(bill, PLAN, rule="200% of Medicare")
    assert abs(first.allowed - 2 * exact_payment("96365", DAY, place="", setting="non-facility", work_floor=True)) <= 1
    assert other.allowed == 40_000


def test_a_variant_that_allows_more_in_one_month_is_asked_for_each_line() -> None:
    rule = Rule("more in June", "Lines of June are allowed $100 more.", allowed=lambda line, side: _in_june(line))
    splits = walk(FILLS, PLAN, rule=rule)
    assert splits == [claim.split for claim in adjudicate(FILLS, PLAN, rule=rule)]
    assert [one.write_off for one in splits[4:7]] == [65_000, 55_000, 65_000]


def _in_june(line: ServiceLine) -> int:
    return 20_000 if line.date.month == 6 else 10_000


def test_a_balance_bill_is_capped() -> None:
    plan = kc.Plan.of(deductible=0, coinsurance=0, allowed=100)
    assert walk([ServiceLine(DAY, 30_000)], plan)[0].balance_bill == 20_000
    assert walk([ServiceLine(DAY, 30_000)], plan, rule="balance bills capped")[0][:2] == (1_500, 18_500)


def test_every_shipped_variant_has_its_source() -> None:
    shipped = [rules()[name] for name in read_toml("rules.toml")]
    assert len(shipped) == 4
    for rule in shipped:
        assert rule.citation
        assert rule.citation.source.url
        assert rule.words.startswith(f"Not the usual rule: {rule.name}. ")


def test_a_result_names_its_rule() -> None:
    scenario = kc.example("spravato-in-network").replace(ranges={}, odds={}, rule="half the deductible waived")
    answer, estimate = kc.run(scenario), kc.estimate(scenario)
    assert answer.you_pay < kc.run(scenario, rule="").you_pay
    for told in (repr(answer), repr(estimate), answer_text(estimate), str(kc.as_dict(estimate)["rule"])):
        assert "half the deductible waived" in told
    assert kc.as_dict(estimate)["scenario"]["rule"] == scenario.rule
    for result in (answer, estimate, list(answer.claims), kc.outlook(scenario.replace(payer="employer-insured"))):
        assert "Not the usual rule: half the deductible waived." in kc.statement(result).footnote
    assert "half the deductible waived" in kc.statement(estimate.calendar, of=scenario).footnote
    assert any("Vanishing deductible" in str(citation) for citation in answer.citations)


@pytest.mark.usefixtures("_as_before")
def test_a_variant_of_ones_own_is_noticed_by_everything_kept() -> None:
    """The plan pays a flat amount of each line; another variant of the same name takes its place at once."""
    scenario = kc.example("spravato-in-network").replace(ranges={}, odds={}, coverage="everything")
    seen = []
    for pays in (0, 10_000):

        def flat(charge, allowed, covered, terms, left, pays=pays):  # type: ignore[no-untyped-def]
            return Split(charge - min(pays, charge), 0, 0, 0, 0, min(pays, charge))

        kc.data.register_rule(Rule("flat", "The plan pays a flat amount a line.", split=flat))
        case = scenario.replace(rule="flat")
        seen.append((kc.run(case).you_pay, kc.estimate(case).likely))
    assert seen[0][0] == kc.run(scenario).totals.charge
    assert seen[1][0] < seen[0][0]
    assert seen[1][1] < seen[0][1]


def test_a_variant_that_loses_money_or_has_no_name_is_refused() -> None:
    lossy = Rule("lossy", "A cent is lost.", split=lambda charge, *_: Split(charge - 1, 0, 0, 0, 0, 0))
    with pytest.raises(KetacostError, match=r"does not balance: billed 750.00, accounted 749.99 \(0.01 too little\)"):
        walk(FILLS, PLAN, rule=lossy)
    with pytest.raises(KetacostError, match="needs a name"):
        Rule("", "Nothing.")
    with pytest.raises(KetacostError, match="a grade is one of"):
        Rule("mine", "Something.", grade="hearsay")
    with pytest.raises(UnknownName, match="copay accumulator"):
        kc.run(kc.example("readme-patient"), rule="copay acumulator")


@pytest.mark.usefixtures("_as_before")
def test_a_protocol_and_a_service_of_ones_own_are_noticed() -> None:
    """Six infusions, then two: the answer follows the schedule of the moment, and a service's benefit."""
    usual = kc.data.protocol("iv-mood")
    scenario = kc.example("readme-patient")
    seen = []
    for visits in (6, 2):
        phases = tuple(replace(phase, visits=visits) for phase in usual.phases)
        kc.data.register_protocol(replace(usual, id="ours", phases=phases))
        case = scenario.replace(course=kc.Course("ours", scenario.course.start), ranges={}, odds={})
        seen.append(kc.run(case).visits)
    assert seen == [6 * len(usual.phases), 2 * len(usual.phases)]
    case = scenario.replace(ranges={}, odds={}, coverage="everything")
    before = [claim.benefit for claim in kc.run(case).claims if claim.line.service == "infusion"]
    kc.data.register_service(replace(kc.data.service("infusion"), benefit="therapy"))
    after = [claim.line.benefit for claim in kc.run(case).claims if claim.line.service == "infusion"]
    assert set(after) == {"therapy"} != set(before)


@pytest.mark.parametrize("small", [1, 15, 100])
def test_a_bare_small_int_is_no_chance(small: int) -> None:
    """15 was read as 0.15% without a word."""
    path = kc.outlook(kc.example("payer-employer-insured")).path
    with pytest.raises(KetacostError, match=f'for {small}% write "{small}%" or'):
        path.replace(infusions=small)
    with pytest.raises(KetacostError, match=f'write "{small}%"'):
        kc.data.Chance(small, small, small)


def test_a_chance_is_a_share_at_the_door_and_basis_points_inside() -> None:
    path = kc.outlook(kc.example("payer-employer-insured")).path
    assert path.replace(infusions="10%", internal=0.35).replace(visits="0.5%").infusions == 1_000
    assert path.replace(infusions="10%").replace(visits="0.5%").replace(appeal=True).visits == 50
    assert kc.data.Chance("0.5%", 0.15, "30%").central == 1_500
    with pytest.raises(KetacostError, match="between 0 and 1"):
        path.replace(infusions=12_000)


def test_a_rule_can_be_said_and_stays_with_what_was_said() -> None:
    today = date(2026, 11, 27)
    intake = kc.intake({"payer": "employer-insured", "protocol": "spravato", "plan": "nextgen-2026-2000"})
    said = intake.say("rule", "half the deductible waived")
    usual, halved = (kc.estimate(kc.resolve(one, today)) for one in (intake, said))
    assert halved.scenario.rule == "half the deductible waived"
    assert halved.likely != usual.likely
    assert kc.intake_of(halved.scenario.replace(title="a copy"), today).value("rule") == "half the deductible waived"
    with pytest.raises(KetacostError, match="half the deductible waived"):
        intake.say("rule", "half the deductible")


def test_a_scenario_with_a_rule_opens_with_it() -> None:
    scenario = kc.example("spravato-in-network").replace(rule="balance bills capped")
    today = date(2026, 11, 27)
    assert kc.resolve(kc.intake_of(scenario, today), today).rule == "balance bills capped"


@pytest.mark.parametrize(("rule", "owed"), [("", 25_000), ("copay accumulator", 400_000)])
def test_a_card_of_3750_dollars_leaves_250_where_it_counts_and_4000_where_it_does_not(rule: str, owed: int) -> None:
    """12 fills of $750 under a deductible of $4,000, which is the limit too; the card pays the first $3,750."""
    made = Plan({"in": Network(400_000, 400_000, {"default": Benefit()})})
    fills = [ServiceLine(date(2026, month, 5), 75_000, network="in", allowed=75_000) for month in range(1, 13)]
    claims = adjudicate(with_help(fills, made, Used(), rule_of(rule), 375_000, ())[0], made, rule=rule)
    assert sum(claim.you_pay for claim in claims) - 375_000 == owed
