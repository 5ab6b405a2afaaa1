"""Patients worked out by hand, entered control by control in two orders: every place gives the same cents."""

from __future__ import annotations

from datetime import date

import pytest
from three_patients import Facts, entered

import ketacost as kc
from ketacost.core.money import about
from ketacost.files.scenario_files import as_toml, read_intake
from ketacost.reports.handout import handout
from ketacost.reports.json_output import as_dict
from ketacost.workbench.session import Session

TODAY = date(2026, 11, 28)
COBRA: Facts = (
    ("payer", "employer-self-funded"),
    ("protocol", "iv-mood"),
    ("start", "2027-01-04"),
    ("visits.iv-mood.maintenance", 4),
    ("prices.iv-mood.evaluation", "250"),
    ("prices.iv-mood.infusion", "$400.00 "),
    ("network", "in"),
    ("plan_kind", "PPO"),
    ("terms.in.deductible", "1,000"),
    ("terms.in.coinsurance", "20"),
    ("terms.in.out_of_pocket_limit", "5,000"),
    ("allowed.in.iv-mood.evaluation", "200"),
    ("allowed.in.iv-mood.infusion", "300"),
    ("coverage", "infusions too"),
    ("later.starts", "2027-03-01"),
    ("later.plan_kind", "HMO or EPO"),
    ("later.terms.in.deductible", "2,000"),
    ("later.terms.in.coinsurance", "30"),
    ("later.credit", "False"),
)
"""$1,000, then 20% of $1,000 to February ($1,200); four visits at $300 are below the later plan's deductible."""

FISCAL_YEAR: Facts = (
    ("payer", "employer-self-funded"),
    ("protocol", "iv-pain"),
    ("start", "2027-05-31"),
    ("visits.iv-pain.induction", 8),
    ("visits.iv-pain.repeat", 5),
    ("prices.iv-pain.evaluation", "350"),
    ("prices.iv-pain.infusion", "1,150.50"),
    ("plan_kind", "HDHP"),
    ("network", "in"),
    ("plan_year_starts", "7"),
    ("family", True),
    ("deductible_kind", "aggregate"),
    ("limit_kind", "aggregate"),
    ("terms.in.family_deductible", "4,000"),
    ("terms.in.family_out_of_pocket_limit", "8,000"),
    ("used.family.in.deductible", "2,500"),
    ("used.family.in.out_of_pocket", "2,500"),
    ("used.as_of", "2026-11-15"),
    ("terms.in.coinsurance", "10"),
    ("allowed.in.iv-pain.evaluation", "210"),
    ("allowed.in.iv-pain.infusion", "900"),
    ("coverage", "infusions too"),
)
"""In June $1,500 of the family's deductible and 10% of $5,910 ($2,091); from July $4,000 and 10% of $500."""

TWO_PARENTS: Facts = (
    ("payer", "employer-insured"),
    ("protocol", "kap"),
    ("start", "2027-06-18"),
    ("plan_kind", "PPO"),
    ("network", "in"),
    ("prices.kap.evaluation", "220"),
    ("prices.kap.psychotherapy", "180"),
    ("prices.kap.integration", "165"),
    ("prices.kap.dosing", "455"),
    ("terms.in.deductible", "600"),
    ("terms.in.coinsurance", "25"),
    ("terms.in.out_of_pocket_limit", "3,000"),
    ("allowed.in.kap.evaluation", "200"),
    ("allowed.in.kap.psychotherapy", "160"),
    ("allowed.in.kap.integration", "150"),
    ("coverage", "visits only"),
    ("second.plan_kind", "PPO"),
    ("second.network", "in"),
    ("second.terms.in.deductible", "300"),
    ("second.terms.in.coinsurance", "20"),
    ("second.terms.in.out_of_pocket_limit", "2,000"),
    ("held_through", "a parent's job"),
    ("second.held_through", "a parent's job"),
    ("earlier_birthday", "second plan"),
    ("second.coordination", "standard"),
)
"""The second plan pays first: $200, $112 and $32 are left; of each integration's $30 the other plan pays all.
Six dosing sessions at $455 are denied ($2,730)."""

AT_HOME: Facts = (
    ("payer", "individual"),
    ("protocol", "home-oral"),
    ("start", "2026-12-31"),
    ("visits.home-oral.sessions", 60),
    ("prices.home-oral.home_dose", "89.50"),
    ("plan_kind", "PPO"),
    ("network", "in"),
    ("terms.in.deductible", "0"),
    ("terms.in.copay", "25"),
    ("terms.in.coinsurance", "0"),
    ("terms.in.out_of_pocket_limit", "1,000"),
    ("allowed.in.home-oral.home_dose", "120"),
    ("coverage", "infusions too"),
)
"""A copay of $25 on the last day of 2026, the limit of $1,000 in 2027 (52 weeks), and seven copays in 2028."""

DRUG_DEDUCTIBLE: Facts = (
    ("payer", "marketplace"),
    ("protocol", "spravato"),
    ("start", "2027-01-04"),
    ("plan_kind", "Marketplace"),
    ("network", "in"),
    ("visits.spravato.weeks 9+", 0),
    ("prices.spravato.evaluation", "250"),
    ("prices.spravato.esketamine", "1,100"),
    ("allowed.in.spravato.evaluation", "300"),
    ("allowed.in.spravato.esketamine", "1,000"),
    ("terms.in.deductible", "0"),
    ("terms.in.out_of_pocket_limit", "4,000"),
    ("terms.in.coinsurance", "30"),
    ("terms.in.specialist.copay", "65"),
    ("terms.in.specialist.coinsurance", "0"),
    ("terms.in.specialist.deductible_applies", "no"),
    ("terms.in.drug.coinsurance", "40"),
    ("terms.in.drug.coinsurance_most", "250"),
    ("terms.in.drug.deductible_applies", "yes"),
    ("groups.in.drug.deductible", "600"),
    ("coverage", "infusions too"),
)
"""A copay of $65; of the first dose $600 and 40% of $400; of eleven more at most $250 each."""

PATIENTS = {
    "COBRA from March": (COBRA, 2_400_00),
    "a plan year from July": (FISCAL_YEAR, 6_141_00),
    "two parents' plans": (TWO_PARENTS, 3_074_00),
    "at home for sixty weeks": (AT_HOME, 1_200_00),
    "a deductible for drugs": (DRUG_DEDUCTIBLE, 3_575_00),
}


@pytest.mark.parametrize("name", PATIENTS)
def test_a_patient_worked_out_by_hand_has_the_same_answer_everywhere(name: str) -> None:
    facts, cents = PATIENTS[name]
    session = entered(facts, TODAY)
    other = Session(today=TODAY)
    for path, one in reversed(list(session.intake.said.items())):
        other.set(path, one.value)
        other.undo()
        other.redo()
    told = as_dict(session.estimate)
    assert {session.estimate.likely, session.estimate.p10, session.estimate.p90} == {cents}
    assert told["likely"] == f"{cents / 100:.2f}"
    assert as_dict(other.estimate) == told
    opened, _ = read_intake(as_toml(session.scenario), "patient.toml", today=TODAY)
    assert as_dict(kc.estimate(kc.resolve(opened, TODAY))) == told
    for language in ("en", "es"):
        assert about(cents) in handout(session.estimate, language)
    assert not session.scenario.conflicts
