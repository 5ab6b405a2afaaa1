"""Scenario files of plans as people have them, each with an answer worked out by hand."""

import tomllib

from small_scenarios import four_visits

import ketacost as kc
from ketacost.estimate.explain import trace
from ketacost.estimate.scenario import scenario_from

DRUGS_APART = """
network = "in"
coverage = "infusions too"
[plan.networks.in]
deductible = 500
out_of_pocket_limit = 1000
[plan.networks.in.benefits]
default = { coinsurance = "20%" }
drug = { copay = 112, deductible_applies = false }
[plan.networks.in.groups]
drug = { benefits = ["drug"], out_of_pocket_limit = 3000 }
[course]
protocol = "spravato"
start = 2026-02-02
visits = { "weeks 9+" = 8 }
[prices.charges]
evaluation = 300
esketamine = 900
observation = 250
[allowed]
evaluation = 200
J0013 = 10
observation = 180
"""


MEDICARE_OVER_NEW_YEAR = """
plan = "medicare-part-b-2025"
network = "in"
coverage = "everything"
[course]
protocol = "spravato-bundle"
start = 2025-10-06
visits = { "weeks 9+" = 4 }
[prices.charges]
evaluation = 300
spravato_bundle_56 = 1000
spravato_bundle_84 = 1400
[allowed]
evaluation = 150
spravato_bundle_56 = 900
spravato_bundle_84 = 1280
"""


def owed(text: str) -> float:
    """What the patient owes for the course of a scenario's file, in dollars."""
    return kc.run(scenario_from(tomllib.loads(text))).totals.you_pay / 100


def test_a_drug_limit_beside_the_medical_one_adds_to_it() -> None:
    """20 copays of $112 are $2,240, under the drug limit; visits allowed at $3,800 stop at the medical limit of $1,000."""
    assert owed(DRUGS_APART) == 3_240
    one_limit = DRUGS_APART.replace('drug = { benefits = ["drug"], out_of_pocket_limit = 3000 }', "")
    assert owed(one_limit) == 1_000


def test_a_course_over_new_year_has_each_years_figures() -> None:
    """The Part B deductible is $257 in 2025 and $283 in 2026; of the rest the share is 20%.

    $150 for the evaluation, one dose at $900 and 15 at $1,280 are $20,250. 257 + 283 + 20% of (20,250 - 540) = 4,482.
    """
    assert owed(MEDICARE_OVER_NEW_YEAR) == 4_482.00


def test_a_year_that_has_its_own_figures_is_not_told_as_unchanged() -> None:
    """Field case 615: 2026 has its own figures; a year after them goes by those of 2026."""
    notes = kc.estimate(scenario_from(tomllib.loads(MEDICARE_OVER_NEW_YEAR))).notes
    assert not any("unchanged" in note for note in notes)
    alone = MEDICARE_OVER_NEW_YEAR.replace("medicare-part-b-2025", "nextgen-2026-750")
    assert any(
        "those of 2026. We use them unchanged for the plan year 2025" in note
        for note in kc.estimate(scenario_from(tomllib.loads(alone))).notes
    )


def test_the_steps_say_what_the_yearly_limit_leaves_of_a_share() -> None:
    """$1,000 of deductible, then 20% of $500 is $100, of which the limit of $1,050 leaves $50; then nothing."""
    *_, third, fourth = (line for line in trace(kc.run(four_visits(out_of_pocket_limit=1_050))) if "infusion" in line)
    cut = "Your share is 20% of $500.00, cut to what was left of the out-of-pocket limit ($50.00): $50.00."
    assert third.endswith(f"{cut} The plan pays the rest: $450.00. You pay $50.00 in all.")
    reached = "You have reached your out-of-pocket limit. The plan pays the rest: $500.00. You pay $0.00 in all."
    assert fourth.endswith(reached)
