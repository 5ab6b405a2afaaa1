"""Three patients as a counselor enters them, control by control in the order of the form. Amounts are made up."""

from __future__ import annotations

from datetime import date

from ketacost.workbench.form import form
from ketacost.workbench.session import Session

Facts = tuple[tuple[str, object], ...]

DEPRESSION = (
    ("payer", "employer-self-funded"),
    ("protocol", "iv-mood"),
    ("start", "2026-12-15"),
    ("visits.iv-mood.maintenance", 8),
    ("days_apart.iv-mood.maintenance", "21 to 35"),
    ("prices.iv-mood.evaluation", "300"),
    ("prices.iv-mood.infusion", "475"),
    ("network", "out"),
    ("terms.out.pays", "yes"),
    ("plan_year_starts", "1"),
    ("family", True),
    ("terms.out.deductible", "2,500"),
    ("terms.out.family_deductible", "5,000"),
    ("used.patient.out.deductible", "400"),
    ("used.family.out.deductible", "1,100"),
    ("used.as_of", "2026-11-20"),
    ("terms.out.out_of_pocket_limit", "9,000"),
    ("terms.out.family_out_of_pocket_limit", "18,000"),
    ("terms.out.coinsurance", "50"),
    ("next_terms.out.deductible", "2,750"),
    ("household.state", "CA"),
    ("household.filing_status", "married_joint"),
    ("household.wages", "60,000"),
    ("household.spouse_wages", "41,000"),
    ("on_hand.fsa_left", "300"),
    ("next_contribution.health_fsa", "1,500"),
)
"""A PPO of an employer that is on no list, and an FSA."""

SPRAVATO = (
    ("payer", "marketplace"),
    ("protocol", "spravato"),
    ("start", "2027-01-11"),
    ("dose.spravato.weeks 1-4", "56"),
    ("dose.spravato.weeks 5-8", "56"),
    ("dose.spravato.weeks 9+", "56"),
    ("network", "in"),
    ("steps.asked_on", "2027-01-04"),
    ("terms.in.deductible", "3,800"),
    ("terms.in.out_of_pocket_limit", "9,800"),
    ("terms.in.specialist.copay", "80"),
    ("terms.in.specialist.deductible_applies", "no"),
    ("terms.in.drug.coinsurance", "30"),
    ("terms.in.drug.deductible_applies", "yes"),
    ("paying.assistance", "1,000"),
    ("paying.assistance_for", "spravato savings"),
    ("household.state", "TX"),
    ("household.filing_status", "single"),
    ("household.wages", "38,000"),
)
"""A silver plan of the marketplace that is on no list, in network, with the maker's savings program."""

TWO_PLANS = (
    ("payer", "employer-insured"),
    ("protocol", "iv-mood"),
    ("start", "2026-12-15"),
    ("prices.iv-mood.infusion", "475"),
    ("plan", "nextgen-2026-750"),
    ("network", "in"),
    ("groups.in.outpatient_infusion.deductible", "200"),
    ("deductible_carryover", "last three months"),
    ("second.plan_kind", "PPO"),
    ("second.terms.in.deductible", "500"),
    ("second.terms.in.coinsurance", "20"),
    ("second.used.in.deductible", "150"),
    ("held_through", "own job"),
    ("second.held_through", "spouse's job"),
    ("second.coordination", "carve-out"),
    ("later.starts", "2027-02-01"),
    ("later.plan", "nextgen-2026-3000"),
    ("later.terms.in.deductible", "2,900"),
    ("later.credit", "False"),
)
"""Covered by the own and by a spouse's employer, with another plan at work from February on."""

PAIN = (
    ("protocol", "iv-pain"),
    ("start", "2027-02-01"),
    ("visits.iv-pain.induction", 10),
    ("prices.iv-pain.infusion", "900"),
)
"""A veteran with Medicare and a rating of 20%, before it is said who pays."""

ROUTES = (
    (("payer", "va-facility"), ("plan", "va-2025-rated")),
    (("payer", "va-community-care"), ("plan", "va-2025-rated"), ("approval.iv-pain.weeks", 12)),
    (("payer", "medicare-part-b"), ("plan", "medigap-g-2026"), ("setting", "hospital outpatient")),
    (("payer", "self-pay"),),
)
"""Who may pay for the veteran, side by side."""


PATIENTS: dict[str, Facts] = {
    "depression": DEPRESSION,
    "spravato": SPRAVATO,
    **{f"veteran-{number}": (*PAIN, *route) for number, route in enumerate(ROUTES)},
}
"""The patients by name; the veteran once for each that may pay."""


def entered(facts: Facts, today: date) -> Session:
    """A session in which each fact was said with its control."""
    session = Session(today=today)
    for path, value in facts:
        controls = {control["path"]: control for step in form(session.scenario) for control in step["controls"]}
        session.set(path, f"{value}%" if controls[path]["kind"] == "share" else value)
    return session
