"""Scenario files of plans as people have them, each with an answer worked out by hand."""

import tomllib

import ketacost as kc
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


def owed(text: str) -> float:
    """What the patient owes for the course of a scenario's file, in dollars."""
    return kc.run(scenario_from(tomllib.loads(text))).totals.you_pay / 100


def test_a_drug_limit_beside_the_medical_one_adds_to_it() -> None:
    """20 copays of $112 are $2,240, under the drug limit; visits allowed at $3,800 stop at the medical limit of $1,000."""
    assert owed(DRUGS_APART) == 3_240
    one_limit = DRUGS_APART.replace('drug = { benefits = ["drug"], out_of_pocket_limit = 3000 }', "")
    assert owed(one_limit) == 1_000
