"""Which entries have a control, and the folded ones: a second plan, another plan from a date on, more about this plan."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import ketacost as kc
from ketacost.estimate.entries_page import described_entries
from ketacost.estimate.intake import UNKNOWN
from ketacost.workbench.form import form, rows_of_form
from ketacost.workbench.session import Session

TODAY = date(2026, 11, 27)

IN_FILES_ALONE = """
networks.<service> lines.<service> pauses works closed holidays bundled.<protocol>
terms.<network>.balance_bill terms.<network>.deductible_applies
terms.<network>.<benefit>.copay_timing terms.<network>.<benefit>.covered terms.<network>.<benefit>.coinsurance_on
terms.<network>.<benefit>.counts_to_limit terms.<network>.<benefit>.copay_counts_to_deductible
terms.<network>.highest_copay_a_day terms.<network>.limit_counts groups.<network>.<group>.benefits
groups.<network>.<group>.deductible_inside groups.<network>.<group>.limit_inside
next_terms.<network>.family_out_of_pocket_limit next_terms.<network>.copay next_terms.<network>.coinsurance hsa_eligible
used.visits.<benefit> used.family.<network>.coinsurance used.<member>.<network>.coinsurance
pricing.<network>.medicare_year step_costs.<step> denied_before household.year household.blind household.spouse_blind
household.locality household.federal_as_if household.state_as_if contribution.by_spouse next_contribution.by_spouse
on_hand.fsa_carryover_limit on_hand.spouse_fsa on_hand.medicare_from paying.loan.fee
paying.rebate_days paying.deposit_days paying.filing_fee rule calls title
"""
"""The entries that a file can hold and the form has no control for."""

INSURED = {"payer": "employer-insured", "network": "in", "protocol": "spravato", "start": "2026-12-07"}
FOLDS = {
    "second": {
        "second.plan_kind": "PPO",
        "second.terms.in.deductible": "500",
        "second.terms.in.coinsurance": "20%",
        "second.used.in.deductible": "100",
        "held_through": "own job",
        "second.held_through": "spouse's job",
        "second.coordination": "carve-out",
    },
    "later": {
        "later.starts": "2027-02-01",
        "later.plan_kind": "HDHP",
        "later.terms.in.deductible": "3,000",
        "later.terms.in.copay": "40",
        "later.credit": "True",
    },
    "other": {
        "deductible_carryover": "last three months",
        "terms.in.coinsurance_limit": "2,000",
        "groups.in.drug.deductible": "250",
        "groups.in.drug.out_of_pocket_limit": "1,500",
        "drug_benefit": "pharmacy",
        "exception": "gap exception",
    },
}
"""By block, what a counselor enters there, in the order of the form."""

HEADINGS = {row.block: row.heading for row in rows_of_form() if row.folded}


def controls(session: Session) -> dict[str, dict[str, Any]]:
    return {control["path"]: control for step in form(session.scenario) for control in step["controls"]}


def test_every_entry_has_a_control_or_is_listed_as_one_of_files_alone() -> None:
    patterns = [row.entry.replace("<second>", "<network>") for row in rows_of_form()]
    shown = {pattern.replace("groups.<network>.<benefit>", "groups.<network>.<group>") for pattern in patterns}
    known = {entry.name for entry in described_entries()}
    assert shown <= known
    assert sorted(known - shown) == sorted(IN_FILES_ALONE.split())


@pytest.mark.parametrize("block", HEADINGS)
def test_what_few_patients_need_is_folded_and_comes_back_from_the_file(block: str) -> None:
    """Each entry has its control once those before it were said, is said, is in the file, and is taken back by Undo."""
    session = Session(kc.intake(INSURED), today=TODAY)
    for path, value in FOLDS[block].items():
        control = controls(session)[path]
        assert (control["block"], control.get("folded")) == (HEADINGS[block], True), path
        session.set(path, value)
        now = controls(session)[path]
        assert now["said"], path
        assert now["value"] not in ("", None), path
        assert path not in session.scenario.dormant, path
    text = session.shown()["told"]
    session.serve({"do": "download", "name": "two plans"})
    file = session.shown()["told"]["file"]
    other = Session(today=TODAY)
    other.serve({"do": "read", **{name: file[name] for name in ("name", "text")}})
    assert other.scenario == session.scenario
    assert text["undo"] == len(FOLDS[block])
    for _ in FOLDS[block]:
        session.undo()
    assert session.intake == kc.intake(INSURED)


@pytest.mark.parametrize("which", ["second", "later"])
def test_a_term_of_another_plan_may_be_unknown_and_is_a_range_then(which: str) -> None:
    session = Session(kc.intake(INSURED | {f"{which}.plan_kind": "PPO", "later.starts": "2027-02-01"}), today=TODAY)
    path = f"{which}.terms.in.deductible"
    assert controls(session)[path]["hint"].startswith("We use $")
    session.set(path, "500")
    assert controls(session)[path]["unknown"] is False
    session.serve({"path": f"unknown:{path}", "value": True})
    assert session.intake.value(path) is UNKNOWN
    assert controls(session)[path]["unknown"] is True
    session.serve({"path": f"unknown:{path}", "value": False})
    assert session.intake.value(path) not in (UNKNOWN, None)


def test_which_facts_decide_who_pays_first_depends_on_the_two_plans() -> None:
    session = Session(kc.intake(INSURED | {"second.plan_kind": "Medicare"}), today=TODAY)
    assert {"employer_size", "medicare_because"} <= {*controls(session)}
    session.set("second.plan_kind", "PPO")
    assert not {"employer_size", "medicare_because", "earlier_birthday", "longer_covered"} & {*controls(session)}
    for path in ("held_through", "second.held_through"):
        session.set(path, "a parent's job")
    assert "earlier_birthday" in controls(session)
    assert "second.goes" in session.scenario.ranges
    session.set("earlier_birthday", "second plan")
    assert session.scenario.second is not None
    assert session.scenario.second.goes == "first"


def test_the_steps_say_in_one_line_that_there_are_two_plans() -> None:
    said = {"second.plan_kind": "PPO", "later.starts": "2027-02-01", "later.plan_kind": "HDHP"}
    who, *_, plan, _ = [step["summary"] for step in form(Session(kc.intake(INSURED | said), today=TODAY).scenario)]
    assert who.endswith("; second plan: PPO plan")
    assert plan.endswith("From Feb 1, 2027: HDHP plan")


def test_visits_move_off_federal_holidays_until_the_clinic_is_said_to_be_open() -> None:
    """From Tuesday, Dec 15, 2026, at a visit every third or fourth day, Christmas and New Year's Day are visits."""
    session = Session(kc.intake(payer="employer-insured", protocol="iv-mood", start="2026-12-15"), today=TODAY)
    before = session.intake

    def dates() -> dict[str, Any]:
        return controls(session)["dates.iv-mood"]

    moved = dates()["hint"]
    assert moved == "Moved off federal holidays: the visits of Dec 25 and Jan 1."
    assert dates()["closed"] is True
    assert not {"2026-12-25", "2027-01-01"} & {chip["day"] for chip in dates()["chips"] if chip["at"] is not None}
    session.serve({"do": "holidays"})
    assert dates()["hint"] == "2 visits fall on a federal holiday: Dec 25 and Jan 1."
    assert (dates()["holidays"], dates().get("closed")) == (True, False)
    assert {"2026-12-25", "2027-01-01"} <= {chip["day"] for chip in dates()["chips"]}
    session.serve({"do": "holidays"})
    assert session.intake == before
    assert dates()["hint"] == moved


@pytest.mark.parametrize("payer", ["employer-insured", "medicare-part-b", "tricare"])
@pytest.mark.parametrize("protocol", ["iv-mood", "kap", "spravato"])
def test_no_two_controls_of_a_step_have_the_same_label(payer: str, protocol: str) -> None:
    session = Session(kc.resolve(kc.intake({"payer": payer, "protocol": protocol}), TODAY), today=TODAY)
    for step in form(session.scenario):
        labels = [control["label"] for control in step["controls"] if control["kind"] != "note"]
        assert len(labels) == len(set(labels)), sorted(labels)


def test_who_pays_alone_is_not_told_what_a_plan_does() -> None:
    step = next(step for step in form(Session(today=TODAY).scenario) if step["id"] == "plan")
    assert [control["path"] or control["label"] for control in step["controls"]] == ["plan", "plan_kind", "No plan"]


def test_a_range_is_typed_into_a_field_and_shown_as_it_was_said() -> None:
    session = Session(kc.intake(payer="employer-insured", protocol="iv-mood"), today=TODAY)
    for path, typed, shown in (
        ("prices.iv-mood.infusion", "400-600", "400 to 600"),
        ("days_apart.iv-mood.maintenance", "21 to 35", "21 to 35"),
        ("visits.iv-mood.maintenance", "6 to 10", "6 to 10"),
    ):
        session.serve({"path": path, "value": typed})
        control = next(c for step in form(session.scenario) for c in step["controls"] if c["path"] == path)
        assert (control["value"], control["said"], control.get("unknown") or False) == (shown, True, False)
        assert control["hint"] == "A range: we count every value in it as equally likely"
        session.serve({"path": path, "value": shown})
        assert session.shown()["told"]["problems"] == {}
    assert session.estimate.p10 < session.estimate.likely < session.estimate.p90


def test_the_day_of_a_request_has_a_field_where_one_is_made() -> None:
    def fields(**entries: object) -> set[str]:
        scenario = Session(kc.intake(entries), today=TODAY).scenario
        return {control["path"] for step in form(scenario) for control in step["controls"]}

    assert "steps.asked_on" in fields(**INSURED)
    assert "steps.asked_on" not in fields(**INSURED, **{"steps.ask_first": False})
    assert "steps.asked_on" not in fields(payer="self-pay", protocol="spravato")
    assert "steps.asked_on" not in fields(payer="medicare-part-b", protocol="spravato"), "no request under that law"


def test_several_visits_on_holidays_are_listed_as_people_list_them() -> None:
    session = Session(kc.intake(payer="marketplace", protocol="spravato", start="2027-01-11"), today=TODAY)
    moved = "Moved off federal holidays: the visits of Jan 18, Feb 15, Jul 5, and Oct 11."
    assert controls(session)["dates.spravato"]["hint"] == moved


def test_a_full_scenario_keeps_its_visits_on_holidays() -> None:
    scenario = kc.example("family-september-plan-year")
    said = kc.intake_of(scenario, TODAY)
    assert said.value("holidays") == "open"
    assert kc.resolve(said, TODAY).course == scenario.course
