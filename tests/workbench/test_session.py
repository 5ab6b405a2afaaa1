"""The session that every front end is served by: windows, files, the call log. What cannot be is told, and nothing is lost."""

from __future__ import annotations

import gc
import re
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import ketacost as kc
from ketacost.core.dates import us_holidays
from ketacost.estimate.intake import OneOf
from ketacost.estimate.resolve import resolve
from ketacost.workbench.form import form
from ketacost.workbench.session import Session

TODAY = date(2026, 11, 27)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """The README's patient, as a file of before opens it."""
    return Session(kc.example("readme-patient"), today=TODAY, folder=tmp_path / "scenarios")


def told(session: Session, **request: Any) -> dict[str, Any]:
    session.serve(request)
    return session.shown()["told"]


def test_a_closed_step_says_what_it_holds(session: Session) -> None:
    """One line a step: the whole question as it is, in five lines."""
    session.set("paying.assistance", "200")
    assert [step["summary"] for step in session.shown()["form"]] == [
        "Employer plan, fully insured",
        "IV ketamine for depression, 16 visits from Nov 30, 2026",
        "Ketamine infusion: $500",
        "NextGen $750 Deductible Plan. Outside the plan's network: deductible $2,250. "
        "What it counts: Ketamine infusion: $73.85 to $450",
        "No household given; $200 from others",
    ]


@pytest.mark.parametrize("payer", ["employer-insured", "marketplace", "hmo-epo"])
def test_a_term_that_nobody_said_is_told_as_assumed_and_saying_it_changes_nothing(payer: str) -> None:
    """What differs between the published plans is left empty, with how far they differ."""
    intake = kc.intake(payer=payer, protocol="spravato", network="in")
    scenario = resolve(intake, TODAY)
    whole = kc.estimate(scenario)
    terms = [control for step in form(scenario) for control in step["controls"] if control["path"].startswith("terms.")]
    assert any(control["value"] == "" and "Assumed, by plan" in control["hint"] for control in terms)
    for control in terms:
        if control["value"] != "":
            assert "Assumed" in control["hint"], control
            unit = "%" if control["kind"] == "share" else ""
            again = kc.estimate(resolve(intake.say(control["path"], f"{control['value']}{unit}"), TODAY))
            assert (again.likely, again.p10, again.p90) == (whole.likely, whole.p10, whole.p90), control


def test_a_hint_holds_no_code() -> None:
    """What is not known is listed by the words of its choices, not by the names that files use."""
    ranged = {
        "payer": "medicare-part-b",
        "network": "in",
        "family": True,
        "denied_line": kc.UNKNOWN,
        "deductible_kind": kc.UNKNOWN,
        "if_denied": kc.OneOf(("go on", "stop")),
    }
    steps = form(resolve(kc.intake(ranged), TODAY))
    hints = {control["path"]: control.get("hint", "") for step in steps for control in step["controls"]}
    assert hints["denied_line"] == "We considered: The patient / The clinic bears it"
    assert hints["if_denied"] == "We considered: Go on and pay / Stop the treatment"
    assert hints["deductible_kind"] == "We considered: Embedded / Aggregate"
    for step in form(resolve(kc.intake(payer="medicaid", protocol="spravato"), TODAY)):
        for control in step["controls"]:
            assert not re.search(r"\b(provider|go on|True|False)\b", control.get("hint", "")), control


def test_a_plan_year_may_start_on_any_day_in_the_form_too() -> None:
    def start(value: object) -> dict[str, Any]:
        scenario = resolve(kc.intake(payer="employer-insured", plan="nextgen-2026-750", plan_year_starts=value), TODAY)
        controls = [control for step in form(scenario) for control in step["controls"]]
        return next(control for control in controls if control["path"] == "plan_year_starts")

    assert start("03-15")["value"] == "03-15"
    assert start("03-15")["options"][0] == ["03-15", "03-15"]
    assert start(OneOf(("03-15", "1")))["hint"] == "We considered January 1 and March 15"


def test_why_opens_a_window_with_the_sentences_and_the_citations(session: Session) -> None:
    window = told(session, do="why", figure="charge")["window"]
    assert window["title"] == "What the clinic charges: $7,788.00"
    assert "The clinic charges $288.00." in window["html"]
    assert "<h4>Sources</h4>" in window["html"]
    assert "window" not in told(session, do="undo"), "it was shown once"


def test_a_scenario_goes_out_as_text_and_comes_back_the_same(session: Session) -> None:
    session.set("prices.iv-mood.infusion", "650")
    kept = session.scenario
    file = told(session, do="download", name="my patient")["file"]
    assert file["name"] == "my patient.toml"
    other = Session(today=TODAY)
    assert told(other, do="read", **file)["said"].startswith("my patient.toml is open")
    assert other.scenario == kept
    assert told(other, do="undo")["redo"] == 1
    assert other.scenario != kept


def test_a_file_that_cannot_be_read_changes_nothing_and_says_why(session: Session) -> None:
    before = session.scenario
    assert "a.toml: this is not TOML" in told(session, do="read", name="a.toml", text="plan = ")["problem"]
    assert "a file ends in .toml or .json" in told(session, do="read", name="a.xlsx", text="x")["problem"]
    assert session.scenario == before


def test_saving_writes_the_named_file_and_never_over_another_scenario(session: Session, tmp_path: Path) -> None:
    assert told(session, do="save", name="one")["said"] == "Saved as scenarios/one.toml."
    assert kc.load(tmp_path / "scenarios" / "one.toml") == session.scenario
    session.set("visits.iv-mood.maintenance", "4")
    assert told(session, do="save", name="one")["said"], "its own file may be renewed"
    other = Session(today=TODAY, folder=tmp_path / "scenarios")
    assert "holds another scenario" in told(other, do="save", name="one")["problem"]
    assert kc.load(tmp_path / "scenarios" / "one.toml") == session.scenario
    assert told(other, do="files")["files"] == ["one.toml"]
    assert told(other, do="open", name="one.toml")["said"].startswith("one.toml is open")
    assert other.scenario == session.scenario
    assert told(other, do="save", name="one")["said"]


@pytest.mark.parametrize("name", ["../../elsewhere", "/etc/passwd", "a/b\\c"])
def test_a_name_never_leads_out_of_the_folder(session: Session, tmp_path: Path, name: str) -> None:
    told(session, do="save", name=name)
    assert [path.parent.name for path in tmp_path.rglob("*.toml")] == ["scenarios"]
    assert "folder" in told(Session(today=TODAY), do="save", name="x")["problem"]
    assert "letters or digits" in told(session, do="save", name="///")["problem"]


def test_what_looks_like_somebodys_data_is_not_kept(session: Session, tmp_path: Path) -> None:
    problem = told(session, do="save", name="123-45-6789")["problem"]
    assert "personal data" in problem
    assert "123-45" not in problem
    assert not list(tmp_path.rglob("*.toml"))


def test_a_tab_is_worked_out_while_it_is_shown_and_a_part_of_it_while_it_is_open(session: Session) -> None:
    assert list(session.shown()["detail"]) == ["months"]
    session.serve({"do": "tab", "tab": "compare"})
    assert list(session.shown()["detail"]) == ["compare"]
    assert "Working it out" in session.shown()["detail"]["compare"]
    session.serve({"do": "fold", "part": "starts", "open": True})
    opened = session.shown()["detail"]["compare"]
    assert 'data-part="starts" data-full="1"' in opened
    session.serve({"do": "fold", "part": "starts", "open": False})
    assert 'data-part="starts" data-full' not in session.shown()["detail"]["compare"]
    assert "weeks" in told(session, do="tab", tab="weeks")["problem"]
    assert session.shown()["told"]["tab"] == "compare"


def test_the_answer_to_a_moved_control_comes_before_the_open_tab_and_the_form(session: Session) -> None:
    session.serve({"path": "prices.iv-mood.infusion", "value": "512"})
    assert session.answer().keys() == {"head", "you_pay", "tabs", "told"}
    assert list(session.rest()["detail"]) == ["months"]
    session.serve({"do": "tab", "tab": "money"})
    assert list(session.answer()["detail"]) == ["money"]
    assert list(session.rest()) == ["form"]


def test_a_picked_answer_changes_the_details_and_not_the_answer(session: Session) -> None:
    """If the plan covers the infusions too: 778,800 less the 27,000 that it sends back."""
    before = session.shown()
    session.serve({"do": "pick", "pick": "1"})
    session.serve({"do": "tab", "tab": "money"})
    after = session.shown()
    assert "$7,518.00" in after["detail"]["money"]
    assert "Shown here: the plan covers the infusions too (1 in 50)." in after["detail"]["money"]
    assert after["you_pay"] == before["you_pay"] == 778_800
    assert after["told"]["slim"] == before["told"]["slim"]
    assert [" checked" in card for card in after["head"].split("data-pick")[1:]] == [False, True]
    assert after["head"].replace(" checked", "") == before["head"].replace(" checked", "")
    session.set("payer", "self-pay")
    assert "data-pick" not in session.shown()["head"], "without a plan there is nothing to pick"


def test_saved_scenarios_stand_beside_what_is_in_the_form(session: Session, tmp_path: Path) -> None:
    told(session, do="save", name="typical")
    session.set("prices.iv-mood.infusion", "650")
    told(session, do="save", name="dearer")
    (tmp_path / "scenarios" / "broken.toml").write_text("plan = ", encoding="utf-8")
    session.serve({"do": "tab", "tab": "compare"})
    assert "Saved scenarios, side by side" in session.shown()["detail"]["compare"]
    assert ">typical<" not in session.shown()["detail"]["compare"]
    session.serve({"do": "fold", "part": "saved", "open": True})
    opened = session.shown()["detail"]["compare"]
    listed = "<li>This one ($10,040)</li><li>dearer ($10,040)</li><li>typical ($7,790)</li>"
    assert f"3 options, in the order given:</p><ul>{listed}</ul>" in opened
    alone = Session(today=TODAY).shown(every=True)["detail"]
    assert "Saved scenarios" not in alone["compare"], "a page without a folder has none"


def test_months_lines_and_routes_are_kept_as_spreadsheets(session: Session, tmp_path: Path) -> None:
    for what in ("months", "lines", "routes", "months"):
        assert told(session, do="export", what=what)["said"].endswith(".xlsx.")
    kept = sorted(path.name for path in (tmp_path / "scenarios").iterdir())
    assert kept == [f"iv-mood 2026-11-30 {name}.xlsx" for name in ("lines", "months (2)", "months", "routes")]
    book = openpyxl.load_workbook(tmp_path / "scenarios" / "iv-mood 2026-11-30 lines.xlsx")
    charges = [row for row in book.worksheets[0].iter_rows(values_only=True) if 288 in row]
    assert len(charges) == 1
    assert "budget" in told(session, do="export", what="budget")["problem"]


def test_a_call_is_written_down_and_what_was_said_is_known_from_then_on(session: Session) -> None:
    key, path = "allowed.out.iv-mood.infusion", "plan.networks.out.allowed.infusion"
    assert path in session.scenario.ranges
    said = told(session, do="log", about=key, value="250", answer="our schedule", day="2026-11-24", reference="R-1")[
        "said"
    ]
    assert said == "Written down: the call of Nov 24, 2026. Undo takes it back."
    assert path not in session.scenario.ranges
    assert session.scenario.plan.networks["out"].allowed["infusion"] == 25_000
    assert [(call.day, call.reference) for call in session.scenario.calls] == [(date(2026, 11, 24), "R-1")]
    session.undo()
    assert path in session.scenario.ranges
    assert not session.scenario.calls


def test_a_new_patient_starts_with_nothing_said(session: Session) -> None:
    told(session, do="new")
    assert session.intake == kc.intake()
    assert session.scenario.payer == ""
    assert "Paying for it yourself will likely cost about $7,790" in session.shown()["head"]
    session.undo()
    assert session.intake.value("plan") == "nextgen-2026-750"


def test_say_then_take_back_is_nothing(session: Session) -> None:
    before = session.intake
    session.set("terms.out.deductible", "3,800")
    assert session.intake != before
    session.set("terms.out.deductible", "")
    assert session.intake == before


def test_what_is_said_twice_is_one_change(session: Session) -> None:
    for _ in range(2):
        session.set("prices.iv-mood.infusion", "650")
    session.undo()
    assert session.intake.value("prices.iv-mood.infusion") == 500


def test_the_order_in_which_things_are_said_does_not_matter() -> None:
    said = {"payer": "marketplace", "protocol": "spravato", "steps.appeal": True, "plan": "nextgen-2026-750"}
    sessions = [Session(today=TODAY), Session(today=TODAY)]
    for one, keys in zip(sessions, (list(said), list(reversed(said))), strict=True):
        for key in keys:
            one.set(key, said[key])
    assert sessions[0].scenario == sessions[1].scenario
    assert sessions[0].shown()["head"] == sessions[1].shown()["head"]


def test_a_call_with_an_identifier_is_refused_in_the_words_of_the_panel(session: Session) -> None:
    call = {"do": "log", "day": "2026-11-27", "about": "prices.charges.infusion", "reference": "123-45-6789"}
    problem = told(session, **call, value="500")["problem"]
    assert problem == "this contains what looks like personal data (ssn): take it out first"
    assert session.intake.value("calls") is None


@pytest.mark.parametrize(
    ("path", "typed", "told"),
    [
        ("stop_after.iv-mood", "0", "Stops early, after how many visits is a whole number from 1 to 4,000, got 0"),
        ("household.age", "200", "Your age is a number of years, got 200"),
        (
            "terms.out.coinsurance",
            "140%",
            "Your share after that (coinsurance) is a share between 0% and 100%, got 140%",
        ),
    ],
)
def test_a_refused_value_is_told_by_the_label_of_its_field(session: Session, path: str, typed: str, told: str) -> None:
    session.set("household.state", "CA")
    session.serve({"path": path, "value": typed})
    assert session.answer()["told"]["problems"][path]["problem"] == told


def test_what_is_to_be_checked_has_its_days_as_people_say_them(session: Session) -> None:
    session.serve({"do": "new"})
    said = {"payer": "employer-insured", "start": "2026-10-12", "network": "out", "used.as_of": "2026-11-15"}
    for path, value in (said | {"terms.out.deductible": 500, "used.patient.out.deductible": 100}).items():
        session.set(path, value)
    session.set(f"approval.{session.scenario.treatment}.until", "2026-09-01")
    checks = [one.sentence for one in session.scenario.conflicts]
    assert any("from Nov 15, 2026, after the first visit on Oct 13, 2026" in check for check in checks)
    assert any("ends on Sep 1, 2026, before the first visit" in check for check in checks)
    assert not any(re.search(r"\d{4}-\d\d-\d\d", check) for check in checks)


def test_a_conflict_stands_beside_its_entry_with_a_button_each_way(session: Session) -> None:
    session.set("payer", "medicaid")
    controls = {one["path"]: one for step in session.shown()["form"] for one in step["controls"]}
    assert "the terms used here are those of" in controls["plan"]["conflict"]
    assert controls["plan"]["ways"] == [["Clear the plan", "plan", None], ["Clear the payer", "payer", None]]
    _, key, value = controls["plan"]["ways"][1]
    session.set(key, value)
    assert session.scenario.conflicts == ()


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_handout_is_a_whole_page(session: Session, language: str) -> None:
    page = told(session, do="handout", language=language)["page"]
    assert page.startswith("<!DOCTYPE html>")
    assert "$7,790" in page


def test_a_request_that_is_none_does_nothing(session: Session) -> None:
    before = session.shown()["head"]
    assert told(session, do="format the disk")["problems"] == {}
    assert session.shown()["head"] == before


def test_what_cannot_be_put_up_leaves_undo_as_it_was(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    session.set("prices.iv-mood.infusion", "650")
    before = session.intake

    def broken(*given: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("ketacost.workbench.session.resolve", broken)
        for request in ({"path": "prices.iv-mood.infusion", "value": "700"}, {"do": "undo"}):
            session.serve(request)
            assert session.intake == before
    session.undo()
    session.redo()
    assert session.intake == before


def test_the_day_of_wider_coverage_is_asked_of_infusions_alone() -> None:
    asked = Session(kc.intake(payer="employer-insured"), today=TODAY)

    def controls() -> list[dict[str, Any]]:
        rows = [one for group in asked.shown()["form"] for one in group["controls"]]
        return [one for one in rows if one["path"] == "like_spravato_from"]

    (before,) = controls()
    assert (before["value"], before["said"]) == ("", False)
    asked.set("like_spravato_from", "1/4/2027")
    assert controls()[0]["value"] == "2027-01-04"
    asked.set("protocol", "spravato")
    assert controls() == []


def chips(session: Session) -> list[dict[str, Any]]:
    return next(
        one["chips"] for group in session.shown()["form"] for one in group["controls"] if one["kind"] == "visits"
    )


def test_visits_are_moved_removed_and_added_as_dates_one_undo_each(session: Session) -> None:
    """Nov 30 and, twice a week, Dec 7, 8, 14, 15, 21, 22; then every 35 days from Jan 26."""
    days = [chip["day"] for chip in chips(session)]
    assert (days[0], len(days)) == ("2026-11-30", 16)
    session.serve({"do": "visit", "at": "0", "day": "2026-12-02"})
    assert [chip["day"] for chip in chips(session)] == sorted(["2026-12-02", *days[1:]])
    session.serve({"do": "visit", "at": "15", "day": ""})
    assert len(chips(session)) == 15
    assert session.intake.value("visits.iv-mood.maintenance") == 8
    session.serve({"do": "visit", "at": "", "day": "2027-12-01"})
    assert chips(session)[-1]["day"] == "2027-12-01"
    assert len(chips(session)) == 16
    for _ in range(3):
        session.undo()
    assert [chip["day"] for chip in chips(session)] == days


@pytest.mark.parametrize(
    ("at", "day", "told_of"),
    [
        ("16", "2027-01-01", "no visit '16'"),
        ("-1", "", "no visit '-1'"),
        ("0", "2027-11-04", "already"),
        ("", "soon", ""),
    ],
)
def test_a_visit_that_cannot_be_is_told(session: Session, at: str, day: str, told_of: str) -> None:
    before = session.intake
    problem = told(session, do="visit", at=at, day=day)["problem"]
    assert told_of in problem
    assert session.intake == before


def test_the_last_visit_stays() -> None:
    session = Session(kc.intake(protocol="iv-mood", **{"stop_after.iv-mood": 1}), today=TODAY)
    assert len(chips(session)) == 1
    assert "keep at least one visit" in told(session, do="visit", at="0", day="")["problem"]


def test_the_plan_year_line_closed_days_and_past_visits_are_among_the_dates() -> None:
    session = Session(kc.intake(payer="employer-insured", protocol="iv-mood", start="2026-11-16"), today=TODAY)
    first = chips(session)
    assert first[0]["words"] == "past: happened?"
    lines = [(chip["day"], chip["line"]) for chip in first if "line" in chip]
    assert [line for _, line in lines] == ["Jan 1, 2027: new plan year, the deductible starts over"]
    assert lines[0][0] > "2027-01-01"
    shown = [chip for chip in chips(session) if chip["words"] == "closed"]
    assert {chip["at"] for chip in shown} == {None}
    closed = {chip["day"] for chip in shown}
    assert closed == {"2026-11-26"}, "a visit would have fallen on it"
    assert not closed & {chip["day"] for chip in chips(session) if chip["at"] is not None}


def test_the_federal_holidays_are_those_of_the_law() -> None:
    """As a calendar of the year lists them; in 2027 July 4 is a Sunday and Christmas a Saturday, and Jan 1, 2028 too."""
    assert [f"{day:%m-%d}" for day in us_holidays(2027)] == [
        *("01-01", "01-18", "02-15", "05-31", "06-18", "06-19", "07-04", "07-05", "09-06", "10-11", "11-11", "11-25"),
        *("12-24", "12-25", "12-31"),
    ]


def test_a_panel_can_start_from_the_example_and_undo_brings_the_patient_back() -> None:
    session = Session(kc.intake(payer="medicaid"), today=TODAY)
    assert "Undo brings back" in told(session, do="example")["said"]
    assert session.estimate.likely == 778_800
    session.undo()
    assert session.intake == kc.intake(payer="medicaid")


def test_whether_the_deductible_comes_first_is_said_line_by_line() -> None:
    """A visit that the deductible passes by costs less, and as much as before once it is said to come first."""
    key = "terms.in.specialist.deductible_applies"
    said = {"payer": "employer-insured", "network": "in", "terms.in.deductible": 2_000, "coverage": "visits only"}
    session = Session(kc.intake(said), today=TODAY)
    control = next(one for group in session.shown()["form"] for one in group["controls"] if one["path"] == key)
    assert [option[0] for option in control["options"]][-2:] == ["yes", "no"]
    before = session.estimate.likely
    session.set(key, "no")
    assert session.intake.value(key) is False
    assert session.estimate.likely < before
    session.set(key, "yes")
    assert session.estimate.likely == before


def test_a_pinned_answer_stays_and_the_difference_is_told_with_its_reason(session: Session) -> None:
    """15 infusions at $50 more are $750 more: 778,800 and 853,800, shown as $7,790 and $8,540."""
    assert told(session, do="pin")["said"].startswith("Pinned as A.")
    assert "Now the same." in session.shown()["head"]
    session.set("prices.iv-mood.infusion", "550")
    shown = session.shown()["head"]
    assert "<h4>A. Employer plan, fully insured</h4><b>$7,790</b>" in shown
    assert "Now +$750: $750 more " in shown
    told(session, do="pin")
    assert "<h4>B. Ketamine infusion: $550</h4><b>$8,540</b>" in session.shown()["head"]
    session.serve({"do": "tab", "tab": "compare"})
    compared = session.shown()["detail"]["compare"]
    assert "Pinned answers side by side" in compared
    assert (
        "<li>A. Employer plan, fully insured ($7,790)</li><li>B. Ketamine infusion: $550 ($8,540)</li><li>Now ($8,540)</li>"
        in compared
    )
    session.serve({"do": "reopen", "at": "0"})
    assert session.estimate.likely == 778_800
    session.serve({"do": "unpin", "at": "0"})
    assert "A. As entered" not in session.shown()["head"]
    assert "pinned answer" in told(session, do="unpin", at="7")["problem"]


def test_pinned_answers_are_named_in_words_and_never_tell_a_zero_of_visits_that_may_not_take_place() -> None:
    """VA with a rating says no about 9 in 10 times: its $0 is of a yes alone, so the card tells the sentence."""
    session = Session(kc.intake(payer="va-facility", plan="va-2025-rated", protocol="iv-pain"), today=TODAY)
    head = session.shown()["head"]
    assert 'data-why="net"' not in head
    assert "You pay nothing" in head
    assert "$0" not in head
    told(session, do="pin")
    for path, value in (("payer", "va-community-care"), ("approval.iv-pain.weeks", "12")):
        session.set(path, value)
    told(session, do="pin")
    head = session.shown()["head"]
    assert "<h4>A. VA, at its own facility</h4><p>Most VA sites say no (about 9 in 10)." in head
    assert "<h4>B. VA community care; Approved or referred for how many weeks: 12</h4><b>$0</b>" in head
    shown = {control["path"]: control["value"] for step in session.shown()["form"] for control in step["controls"]}
    assert shown["approval.iv-pain.weeks"] == "12"


def test_where_two_amounts_are_as_likely_the_card_says_both_as_the_headline() -> None:
    session = Session(kc.intake(payer="medicare-part-b", plan="medigap-g-2026", protocol="iv-pain"), today=TODAY)
    two = re.search(r"You will pay (nothing or about \$[\d,]+\d)", session.shown()["head"])
    assert two
    assert f"<span>You pay {two[1]}</span>" in session.shown()["head"]


def test_a_hospital_is_chosen_for_visits_and_never_for_sessions_at_home() -> None:
    session = Session(kc.intake(protocol="iv-pain"), today=TODAY)
    clinic = session.estimate.likely
    session.set("setting", "hospital outpatient")
    assert session.estimate.likely > clinic
    session.set("protocol", "home-oral")
    paths = {control["path"] for step in session.shown()["form"] for control in step["controls"]}
    assert "setting" not in paths
    assert "prices.home-oral.facility" not in paths
    assert session.estimate.likely == kc.estimate(resolve(kc.intake(protocol="home-oral"), TODAY)).likely


def test_three_answers_can_be_pinned(session: Session) -> None:
    for price in ("510", "520", "530"):
        session.set("prices.iv-mood.infusion", price)
        assert "said" in told(session, do="pin")
    assert told(session, do="pin")["problem"] == "3 answers are pinned: unpin one first"
    session.serve({"do": "unpin", "at": "1"})
    assert told(session, do="pin")["said"].startswith("Pinned as B.")


def test_a_second_deductible_is_named_as_the_reason() -> None:
    """Ten in-network visits from October run into a second plan year; from January they do not."""
    said = {"payer": "employer-insured", "protocol": "iv-mood", "network": "in", "coverage": "infusions too"}
    said |= {"plan": "nextgen-2026-750", "start": "2027-01-04", "visits.iv-mood.maintenance": 3}
    session = Session(kc.intake(said), today=TODAY)
    session.serve({"do": "pin"})
    session.set("start", "2027-11-01")
    assert "you pay a deductible twice, not once" in session.shown()["head"]


def test_a_form_that_cannot_be_shown_is_told_and_the_last_one_stays(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = session.shown()["form"]

    def broken(*given: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("ketacost.workbench.session.form", broken)
        shown = session.shown()
    assert shown["form"] == before
    assert "Undo takes the last change back" in shown["head"]
    assert "$7,790" in session.shown()["head"]


def test_a_clinic_that_charges_nothing_has_an_answer() -> None:
    free = {"prices.iv-mood.infusion": 0, "prices.iv-mood.evaluation": 0}
    shown = Session(kc.intake(payer="employer-insured", protocol="iv-mood", **free), today=TODAY).shown(every=True)
    assert shown["told"]["slim"] == "You will pay nothing"
    assert shown["detail"]["lines"].startswith("<details"), "only the steps, folded"


@pytest.mark.parametrize("on", [True, False])
def test_an_answer_does_not_wait_for_the_search_for_garbage(
    session: Session, monkeypatch: pytest.MonkeyPatch, on: bool
) -> None:
    """The search is put off while a request is served, also one that fails, and is then as it was before."""
    seen, before = list[bool](), gc.isenabled()

    def spied(*asked: Any) -> Any:
        seen.append(gc.isenabled())
        raise RuntimeError("a part that breaks")

    for name in ("resolve", "tabs", "form"):
        monkeypatch.setattr(f"ketacost.workbench.session.{name}", spied)
    (gc.enable if on else gc.disable)()
    try:
        session.serve({"path": "prices.iv-mood.infusion", "value": "555"})
        session.shown()
        after = gc.isenabled()
    finally:
        (gc.enable if before else gc.disable)()
    assert seen == [False] * 3
    assert after is on
