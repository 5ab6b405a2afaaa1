"""Names that people give to entries: what they are called here, and what is not modeled, is told."""

import pytest

import ketacost as kc
from ketacost.core.convert import EntryError, put, read
from ketacost.core.fields import UnknownName, other_name, other_names
from ketacost.estimate.entries import is_entry, patterns
from ketacost.estimate.intake import intake
from ketacost.model.plans import Plan
from ketacost.taxes.households import STATES, STATUSES


@pytest.mark.parametrize(
    ("entry", "value", "told"),
    [
        ("monthly_membership", 150, "monthly_fee.iv-mood = 150"),
        ("sales_tax", "4%", "Enter charges with the tax included"),
        ("terms.out.annual_maximum", 1500, "the most that a plan pays is not modeled"),
        ("terms.in.moop", 6700, "out_of_pocket_limit"),
        ("hsa", 4000, "next_contribution.payroll_hsa"),
        ("payment_plan", 12, "paying.loan.amount"),
        ("payer", "VA", "va-community-care"),
        ("payer", "uninsured", "choose self-pay"),
        ("payer", "COBRA", 'held_through = "COBRA"'),
        ("plan_kind", "Medicare Advantage PPO", 'payer = "medicare-advantage"'),
        ("household.self_employed", True, "there is no entry of household called 'self_employed': income other than"),
    ],
)
def test_a_usual_word_is_told_what_it_is_called_here_or_that_it_is_not_modeled(
    entry: str, value: object, told: str
) -> None:
    with pytest.raises(kc.KetacostError) as refused:
        intake({entry: value})
    assert told in str(refused.value)
    assert "did you mean" not in str(refused.value)


def test_a_plan_file_tells_its_other_names_too_and_a_slip_its_near_ones() -> None:
    with pytest.raises(EntryError) as refused:
        read(Plan, {"networks": {"in": {"deductible": 0, "oop_max": 3000, "copay": 30, "benefitz": {}}}})
    told = str(refused.value)
    assert "called 'oop_max': the most that you pay in a year is called out_of_pocket_limit" in told
    assert "called 'copay': a copay belongs to a benefit" in told
    assert "called 'benefitz'; did you mean benefits" in told


def test_a_slip_in_a_published_plans_id_is_told_the_near_ids() -> None:
    with pytest.raises(UnknownName, match=r"did you mean university-blue-access-2026-hsa"):
        intake(plan="university-blue-access-hsa")


def test_each_other_name_is_none_of_ours_and_the_longest_counts() -> None:
    """A name that is an entry would never be looked for."""
    for name in other_names()["is"]:
        assert not is_entry(name.replace(" ", "_")), name
        assert name.replace(" ", "_") not in patterns(), name
    assert other_name("rx deductible copay") == other_names()["is"]["rx deductible"]
    assert other_name("taxonomy") == ""


def test_states_and_filing_statuses_are_read_by_their_usual_names() -> None:
    assert set(other_names()["household.state"].values()) == set(STATES)
    assert set(other_names()["household.filing_status"].values()) <= set(STATUSES)
    said = intake({"household.state": "New York", "household.filing_status": "Married filing jointly"})
    assert (said.value("household.state"), said.value("household.filing_status")) == ("NY", "married_joint")
    assert intake({"household.state": "tx"}).value("household.state") == "TX"


def test_an_amount_with_cents_is_told_to_be_written_so_that_an_intake_reads_it_as_dollars() -> None:
    """`usd("742.10")` is 74,210 cents, which an intake would read as $74,210."""
    with pytest.raises(kc.KetacostError, match=r'write "742\.10" or a Decimal'):
        intake(premium=742.1)
    assert kc.usd(intake(premium="742.10").value("premium")) == 74_210


def test_an_unknown_entry_below_another_is_told_as_one_of_that() -> None:
    with pytest.raises(UnknownName, match=r"^there is no entry of networks\.out called 'deductable'; did you mean ded"):
        put(Plan.of(deductible=1, coinsurance="1%"), "networks.out.deductable", 3)
