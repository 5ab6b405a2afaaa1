"""8 of 10 means 8 of 10: the ranges of random scenarios against 20,000 draws of another generator and seed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from datetime import date
from random import Random

import pytest
from random_scenarios import MANY

import ketacost as kc
from ketacost.estimate.cases import DRAWS, Cases, Dimension
from ketacost.estimate.estimate import estimate, with_usual
from ketacost.estimate.nets import Nets
from ketacost.estimate.resolve import resolve

TODAY = date(2026, 11, 27)
INDEPENDENT = 20_000


def scenario_at_random(seed: int) -> kc.Scenario:
    """One to eight unknowns of every kind: shapes, lists of values, designs that stand for a plan."""
    r = Random(seed)
    said: dict[str, object] = {
        "visits.iv-mood.induction": r.randint(1, 2),
        "visits.iv-mood.maintenance": r.randint(0, 1),
        "start": r.choice(["2026-12-07", "2027-01-11"]),
    }
    payer = r.choice(["employer-insured", "individual", "employer-ketamine-benefit", "medicare-part-b", "self-pay"])
    network = "in" if payer in ("medicare-part-b", "employer-ketamine-benefit") else "out"
    known: dict[str, object] = {
        "prices.iv-mood.evaluation": 300,
        "prices.iv-mood.infusion": 500,
        f"allowed.{network}.iv-mood.evaluation": 250,
        f"allowed.{network}.iv-mood.infusion": 300,
        f"used.patient.{network}.deductible": 0,
        "plan": r.choice(["nextgen-2026-750", "university-blue-access-2026-ppo"]),
        "notice": "yes",
    }
    open_to: dict[str, object] = {
        "prices.iv-mood.infusion": kc.Between(300, r.randint(600, 1_500), r.choice([None, 450])),
        f"terms.{network}.deductible": kc.OneOf((0, 500, 2_000, 6_000)),
        f"terms.{network}.coinsurance": kc.Between("0%", "60%"),
        f"terms.{network}.out_of_pocket_limit": kc.OneOf((1_000, 4_000, "none"), ("20%", "50%", "30%")),
    }
    if payer == "medicare-part-b":
        known.pop("plan")
    left = r.sample(sorted(known), r.randint(0, len(known)))
    said |= {key: value for key, value in known.items() if key not in left}
    said |= {key: open_to[key] for key in r.sample(sorted(open_to), r.randint(0, 4))}
    return resolve(kc.intake({"payer": payer, **said}), TODAY)


def independent_nets(scenario: kc.Scenario, seed: int) -> dict[tuple[bool, str], list[tuple[float, int]]]:
    """The nets of 20,000 draws by numpy's generator, each with its weight, by what happens."""
    from numpy.random import default_rng

    rng, cases = default_rng(seed), Cases(with_usual(scenario))
    drawn = []
    for one in cases.dimensions:
        if one.drawn:
            values = tuple(one.unknown.at(float(chance)) for chance in rng.random(INDEPENDENT))
            if one.unknown.path.endswith("coinsurance"):
                values = tuple(min(value, 10_000) for value in values)
        else:
            places = rng.choice(len(one.values), size=INDEPENDENT, p=[float(odds) for odds in one.odds])
            values = tuple(one.values[int(place)] for place in places)
        drawn.append(Dimension(one.unknown, values, (), 0, (0,)))
    cases.dimensions = tuple(drawn)
    nets, seen = Nets(cases), defaultdict[tuple[bool, str], list[tuple[float, int]]](list)
    for place in range(INDEPENDENT):
        choice = (place,) * len(drawn)
        for ending in nets.endings(choice):
            net = nets.net(choice, ending)
            seen[ending.whole, ending.end.outcome].append((float(ending.end.chance), net))
    return seen


@pytest.mark.parametrize("seed", range(MANY // 400))
def test_a_tenth_lies_below_and_a_tenth_above(seed: int) -> None:
    scenario = scenario_at_random(seed)
    found, seen = estimate(scenario), independent_nets(scenario, seed + 1_000)
    for group in found.groups:
        if group.chance < kc.share("5%") / 10_000:
            continue
        cases = [
            case
            for (whole, answer), some in seen.items()
            if whole == group.whole and (not whole or answer in group.answers)
            for case in some
        ]
        whole = sum(weight for weight, _ in cases)
        ordered = sorted((net, weight / whole) for weight, net in cases)
        nets = [net for net, _ in ordered]
        upto = [0.0]
        for _, weight in ordered:
            upto.append(upto[-1] + weight)
        below, at_most = upto[bisect_left(nets, group.p10)], upto[bisect_right(nets, group.p10)]
        above, at_least = 1 - upto[bisect_right(nets, group.p90)], 1 - upto[bisect_left(nets, group.p90)]
        said = f"{scenario!r}: {group.answers} {group.p10} to {group.p90}"
        assert below <= 0.12, said
        assert above <= 0.12, said
        assert at_most >= 0.08, said
        assert at_least >= 0.08, said
        biggest = max(sum(w for n, w in ordered if n == net) for net in {group.p10, group.p90, *nets[::500]})
        if biggest < 0.01 and found.looked_at == DRAWS:
            assert 0.77 <= upto[bisect_right(nets, group.p90)] - below <= 0.83, said


def test_one_unknown_more_leaves_the_draws_of_the_others_as_they_were() -> None:
    less = resolve(kc.intake({"payer": "self-pay", "prices.iv-mood.evaluation": 300}), TODAY)
    more = resolve(kc.intake({"payer": "self-pay"}), TODAY)
    (one,), two = (tuple(zip(*(choice for _, choice in Cases(s).weighed()), strict=True)) for s in (less, more))
    assert one in two
