"""Every shipped plan in force, one bill of five lines each, worked out by hand from what the plan's own file prints.

In dollars, charged / allowed: a specialist visit 300 / 250, a therapy visit 200 / 150, an infusion 900 / 600 and its drug
150 / 100 on one day, and a long infusion 40,000 / 30,000. Above the allowed amount are 50, 50, 300, 50 and 10,000. Each
expected line is what the patient pays; the rest of the charge is the plan's, or written off. Where a file does not
state a term, the person enters one: it stands with the plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import pytest

from ketacost.core.convert import put
from ketacost.core.money import usd
from ketacost.files.data_check import plan_year_end
from ketacost.model.adjudication import adjudicate
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import Network, plan, published_plan, published_plans

TODAY = date(2026, 11, 27)
BILL = (
    ("2026-12-01", "specialist", 300, 250),
    ("2026-12-03", "mental_health_visit", 200, 150),
    ("2026-12-08", "outpatient_infusion", 900, 600),
    ("2026-12-08", "drug", 150, 100),
    ("2026-12-10", "outpatient_infusion", 40_000, 30_000),
)
CHARGED, ABOVE = 300 + 200 + 900 + 150 + 40_000, 50 + 50 + 300 + 50 + 10_000


class ByHand(NamedTuple):
    """What a patient pays of each line in one network of a plan, in dollars; what nobody owes; what was entered."""

    plan: str
    network: str
    you_pay: tuple[float, float, float, float, float]
    written_off: float = ABOVE
    entered: Mapping[str, object] = {}


FEP = {"deductible": 350, "out_of_pocket_limit": 6_000}
COPAYS = {
    **{"benefits.specialist.copay": 25, "benefits.mental_health_visit.copay": 25},
    **{"benefits.outpatient_infusion.copay": 40, "benefits.drug.copay": 10},
}

HANDS = (
    # Deductible 1,000, nothing after it: 250 + 150 + 600 fill it.
    ByHand("brandeis-2026-bestbuy-hmo", "in", (250, 150, 600, 0, 0)),
    # Deductible 2,000 and nothing after it; a copay after the deductible finds nothing left of the first visit.
    ByHand("brandeis-2026-bestbuy-hsa-hmo", "in", (250, 150, 600, 100, 2_000 - 1_100)),
    # In network no deductible and no share; the copays are entered.
    ByHand("brandeis-2026-ppo", "in", (25, 25, 40, 10, 40), entered=COPAYS),
    # Out: deductible 500, then 20%, at most 2,500 of what is counted: 620 before the last line. The rest is billed.
    ByHand(
        "brandeis-2026-ppo",
        "out",
        (50 + 250, 50 + 150, 300 + 100 + 0.2 * 500, 50 + 0.2 * 100, 10_000 + (2_500 - 620)),
        written_off=0,
    ),
    # Specialist $40; deductible 250, then 10%, at most 1,500: 40 + 150 + 150 + 10 before the last line.
    ByHand("cmu-2026-hmo-epo", "in", (40, 150, 100 + 0.1 * 500, 0.1 * 100, 1_500 - 350)),
    # The first three specialist visits $95, therapy $60, both without the deductible; at most 9,800.
    ByHand("covered-california-2026-bronze-60", "in", (95, 60, 600, 100, 9_800 - (95 + 60 + 600 + 100))),
    # Deductible and limit are both 7,200.
    ByHand("covered-california-2026-bronze-hdhp", "in", (250, 150, 600, 100, 7_200 - 1_100)),
    # Specialist $90, therapy $50, 30% without the deductible; 9,000 of the last line stays below 9,800 less 350.
    ByHand("covered-california-2026-silver-70", "in", (90, 50, 0.3 * 600, 0.3 * 100, 0.3 * 30_000)),
    # Specialist $50, therapy $35, drug 30%; the share of an infusion is not stated: 30% is entered. At most 7,500.
    ByHand(
        "fep-blue-basic-2026",
        "in",
        (50, 35, 0.3 * 600, 0.3 * 100, 7_500 - (50 + 35 + 180 + 30)),
        entered={"benefits.default.coinsurance": "30%"},
    ),
    # Specialist $40; deductible 350 and limit 6,000 are entered; 15%.
    ByHand("fep-blue-standard-2026", "preferred", (40, 150, 200 + 0.15 * 400, 0.15 * 100, 0.15 * 30_000), entered=FEP),
    # 35% of everything after the deductible; 250 + 117.50 + 210 + 35 are counted before the last line.
    ByHand(
        "fep-blue-standard-2026",
        "participating",
        (250, 100 + 0.35 * 50, 0.35 * 600, 0.35 * 100, 6_000 - 612.5),
        entered=FEP,
    ),
    ByHand(
        "fep-blue-standard-2026",
        "out",
        (50 + 250, 50 + 100 + 0.35 * 50, 300 + 0.35 * 600, 50 + 0.35 * 100, 10_000 + 6_000 - 612.5),
        written_off=0,
        entered=FEP,
    ),
    # Deductible 283, then 20% and no limit.
    ByHand("medicare-part-b-2026", "in", (250, 33 + 0.2 * 117, 0.2 * 600, 0.2 * 100, 0.2 * 30_000)),
    # A clinic that does not take assignment bills up to 15% of what is allowed above it, never more than its charge.
    ByHand(
        "medicare-part-b-2026",
        "nonparticipating",
        (37.5 + 250, 22.5 + 33 + 0.2 * 117, 90 + 0.2 * 600, 15 + 0.2 * 100, 4_500 + 0.2 * 30_000),
        written_off=ABOVE - (37.5 + 22.5 + 90 + 15 + 4_500),
    ),
    # Plan G leaves the deductible alone, and pays the excess charges too.
    ByHand("medigap-g-2026", "in", (250, 33, 0, 0, 0)),
    ByHand(
        "medigap-g-2026", "nonparticipating", (250, 33, 0, 0, 0), written_off=ABOVE - (37.5 + 22.5 + 90 + 15 + 4_500)
    ),
    # Plan N: $20 a visit after the deductible, of which the first visit leaves nothing; its drug copay is entered.
    ByHand("medigap-n-2026", "in", (250, 33 + 20, 0, 20, 0), entered={"benefits.drug.copay": 20}),
    ByHand(
        "medigap-n-2026",
        "nonparticipating",
        (37.5 + 250, 22.5 + 33 + 20, 90, 15 + 20, 4_500),
        written_off=ABOVE - (37.5 + 22.5 + 90 + 15 + 4_500),
        entered={"benefits.drug.copay": 20},
    ),
    # Deductible 2,000, then 20%: 900 + 0.2 x 29,100 is more than what 4,000 leaves.
    ByHand("nextgen-2026-2000", "in", (250, 150, 600, 100, 4_000 - 1_100)),
    ByHand(
        "nextgen-2026-2000", "out", (50 + 250, 50 + 150, 300 + 600, 50 + 100, 10_000 + 8_000 - 1_100), written_off=0
    ),
    # Deductible 3,000, then 30%: 1,900 + 0.3 x 28,100 is more than what 7,000 leaves.
    ByHand("nextgen-2026-3000", "in", (250, 150, 600, 100, 7_000 - 1_100)),
    ByHand(
        "nextgen-2026-3000", "out", (50 + 250, 50 + 150, 300 + 600, 50 + 100, 10_000 + 11_000 - 1_100), written_off=0
    ),
    # Specialist $40; 150 + 600 fill the deductible of 750; then 20%, at most 3,500.
    ByHand("nextgen-2026-750", "in", (40, 150, 600, 0.2 * 100, 3_500 - (40 + 150 + 600 + 20))),
    # Out: 2,250 deductible, then 40%: 1,150 + 0.4 x 28,850 is more than what 7,000 leaves.
    ByHand("nextgen-2026-750", "out", (50 + 250, 50 + 150, 300 + 600, 50 + 100, 10_000 + 7_000 - 1_100), written_off=0),
    ByHand("nysna-2026-plan-a", "in", (25, 25, 40, 10, 40), entered=COPAYS),
    # Out: deductible 250, then 30%, no limit.
    ByHand(
        "nysna-2026-plan-a",
        "out",
        (50 + 250, 50 + 0.3 * 150, 300 + 0.3 * 600, 50 + 0.3 * 100, 10_000 + 0.3 * 30_000),
        written_off=0,
    ),
    ByHand("nysna-2026-plan-b", "in", (25, 25, 40, 10, 40), entered=COPAYS),
    # Out: deductible 300, then 30%, no limit.
    ByHand(
        "nysna-2026-plan-b",
        "out",
        (50 + 250, 50 + 50 + 0.3 * 100, 300 + 0.3 * 600, 50 + 0.3 * 100, 10_000 + 0.3 * 30_000),
        written_off=0,
    ),
    # Deductible 2,750, then 20%: 1,650 + 0.2 x 28,350 is more than what 4,750 leaves.
    ByHand("university-blue-access-2026-hsa", "in", (250, 150, 600, 100, 4_750 - 1_100)),
    ByHand(
        "university-blue-access-2026-hsa",
        "out",
        (50 + 250, 50 + 150, 300 + 600, 50 + 100, 10_000 + 9_500 - 1_100),
        written_off=0,
    ),
    # The first four lines fill the deductible of 1,100; then 20%, of which at most 3,000.
    ByHand("university-blue-access-2026-ppo", "in", (250, 150, 600, 100, 3_000)),
    # Out: the last line fills the deductible of 2,200; then 35%, of which at most 6,000; no other limit.
    ByHand(
        "university-blue-access-2026-ppo",
        "out",
        (50 + 250, 50 + 150, 300 + 600, 50 + 100, 10_000 + 1_100 + 6_000),
        written_off=0,
    ),
)


def in_force() -> dict[str, set[str]]:
    """The plans whose year holds today, each with the networks that it pays in."""
    names = [name for name in published_plans() if (end := plan_year_end(name)) and end >= TODAY]
    sides = {name: published_plan(name).plan.networks for name in names}
    return {
        name: {side for side, terms in networks.items() if isinstance(terms, Network)}
        for name, networks in sides.items()
    }


@pytest.mark.parametrize("hand", HANDS, ids=[f"{hand.plan}, {hand.network}" for hand in HANDS])
def test_a_plan_gives_what_a_person_works_out_from_its_file(hand: ByHand) -> None:
    design = plan(hand.plan)
    for path, value in hand.entered.items():
        design = put(design, f"networks.{hand.network}.{path}", value)
    lines = [
        ServiceLine(date.fromisoformat(day), usd(charge), benefit=benefit, network=hand.network, allowed=usd(allowed))
        for day, benefit, charge, allowed in BILL
    ]
    claims = adjudicate(lines, design)
    assert [claim.you_pay for claim in claims] == [round(dollars * 100) for dollars in hand.you_pay]
    assert sum(claim.split.write_off for claim in claims) == round(hand.written_off * 100)
    plan_pays = CHARGED - sum(hand.you_pay) - hand.written_off
    assert sum(claim.split.plan_pays for claim in claims) == round(plan_pays * 100)


def test_every_plan_in_force_is_worked_out_in_every_network_that_it_pays_in() -> None:
    worked: dict[str, set[str]] = {}
    for hand in HANDS:
        worked.setdefault(hand.plan, set()).add(hand.network)
    assert worked == in_force()
    assert len(worked) == 19
