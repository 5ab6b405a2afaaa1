"""One number moved at a time: the table works out again, number by number, and its first row moves the answer most."""

from __future__ import annotations

from contextlib import suppress

import pytest

import ketacost as kc
from ketacost.analysis.one_at_a_time import Moved, one_at_a_time
from ketacost.core.convert import put
from ketacost.core.fields import KetacostError
from ketacost.estimate.estimate import Estimate, estimate
from ketacost.estimate.scenario import AS_IT_IS, examples, network_of
from ketacost.files.data_check import check_text


def worked_again(found: Estimate, moved: Moved) -> tuple[int, int]:
    """The least and the greatest net of the shown case with one entry at each of its values, estimated from scratch."""
    shown, nets = found.shown.scenario.replace(ranges={}, odds={}, shapes={}), [found.main.likely]
    for value in moved.values:
        if value == AS_IT_IS:
            continue
        with suppress(KetacostError):
            nets.append(estimate(put(shown, moved.path, value)).main.likely)
    return min(nets), max(nets)


@pytest.mark.parametrize("name", examples())
def test_each_row_works_out_again_and_the_first_moves_the_answer_most(name: str) -> None:
    found = estimate(kc.example(name))
    rows = one_at_a_time(found)
    again = {moved.path: worked_again(found, moved) for moved in rows if moved.path != "plan.networks.out"}
    assert {moved.path: (moved.low, moved.high) for moved in rows if moved.path in again} == again
    assert rows[0].swing == max(high - low for low, high in again.values())
    assert {f"prices.charges.{service}" for service in found.scenario.prices.charges} <= set(again)
    side = network_of(found.scenario)
    if side is not None and isinstance(side.deductible, int) and side.deductible:
        assert f"plan.networks.{found.scenario.network}.deductible" in again


def test_the_readmes_patient_by_hand() -> None:
    """15 infusions of 500 are 750,000 of 778,800: 10% less or more is 75,000 each way. The evaluation's 288: 2,880."""
    first, second, *_ = one_at_a_time(estimate(kc.example("readme-patient")))
    assert (first.path, first.values) == ("prices.charges.infusion", ("450.00", "550.00"))
    assert (first.low, first.high) == (778_800 - 75_000, 778_800 + 75_000)
    assert (second.path, second.swing) == ("prices.charges.evaluation", 2 * 2_880)


def test_a_check_of_one_scenario_names_what_moves_it_most() -> None:
    found = estimate(kc.example("spravato-in-network"))
    first = one_at_a_time(found)[0]
    assert first.path == "plan.networks.in.out_of_pocket_limit"
    told = check_text(kc.example("spravato-in-network").course.start, found)
    assert f"What moves it most, alone, the rest as shown: {first.label}, $3,150.00 or $3,850.00" in told
