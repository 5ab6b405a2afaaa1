"""The Explorer without a browser: its controls reach the model, an impossible position is told, nothing is lost."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path

import pytest

import ketacost as kc
from ketacost.core.convert import read, written
from ketacost.core.money import dollars
from ketacost.estimate.scenario import Scenario
from ketacost.jupyter.explorer import Explorer
from ketacost.model.plans import published_plans
from ketacost.workbench.edits import change, start_with
from ketacost.workbench.form import form

START = date(2026, 11, 30)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test's own: a panel keeps what somebody moved beside the notebook, a moment later."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ketacost.jupyter.explorer.A_MOMENT", 0.01)
    return tmp_path


@pytest.fixture
def panel() -> Explorer:
    return Explorer(start=START)


def controls(panel: Explorer) -> dict[str, dict]:
    return {c["path"]: c for step in panel.form for c in step["controls"]}


def ask(panel: Explorer, **request: object) -> None:
    """What the front end does: one request with a number."""
    panel.asked = {"number": panel.asked.get("number", 0) + 1, **request}


def test_it_opens_with_an_answer_and_what_is_not_known_as_ranges(panel: Explorer) -> None:
    assert "You will likely pay about $7,790" in panel.head
    assert set(panel.scenario.ranges) == {"prices.charges.infusion", "plan.networks.out.allowed.infusion", "coverage"}
    assert panel.answer.low.you_pay < panel.answer.you_pay < panel.answer.high.you_pay


def test_every_control_at_its_ends_gives_an_answer_that_balances(panel: Explorer) -> None:
    moved = 0
    for path, control in controls(panel).items():
        values = {
            "choice": [o[0] for o in control.get("options", ())],
            "cards": [o[0] for o in control.get("options", ())],
            "toggle": [True, False],
            "date": [START.isoformat()],
            "note": [],
        }.get(control["kind"], [control.get("min", 0), control.get("max", 0)])
        if "unknown" in control:
            values = [*values, None]
        for value in values:
            fresh = Explorer(start=START)
            if value is None:
                fresh.set(f"unknown:{path}", not control["unknown"])
            elif path.startswith("used.members") and value:
                with pytest.raises(kc.KetacostError, match="more than the plan's"):
                    fresh.set(path, str(value * 2))
                fresh.set(path, str(value))
            else:
                fresh.set(
                    path,
                    f"{value}%"
                    if control["kind"] == "share"
                    else value
                    if control["kind"] in ("toggle",)
                    else str(value),
                )
            totals = fresh.answer.totals
            assert totals.charge == totals.you_pay + totals.plan_pays + totals.write_off
            assert fresh.answer.low.you_pay <= fresh.answer.you_pay <= fresh.answer.high.you_pay
            moved += 1
    assert moved > 60


def test_a_request_of_the_front_end_moves_the_answer(panel: Explorer) -> None:
    before = panel.you_pay
    ask(panel, path="prices.charges.infusion", value="650")
    assert panel.you_pay == before + 15 * 15_000
    assert controls(panel)["prices.charges.infusion"]["value"] == "650"
    assert controls(panel)["prices.charges.infusion"]["unknown"] is False
    assert panel.told["problems"] == {}


def test_what_cannot_be_is_told_beside_its_control_and_changes_nothing(panel: Explorer) -> None:
    before = panel.scenario
    ask(panel, path="plan.networks.out.deductible", value="two thousand")
    problem = panel.told["problems"]["plan.networks.out.deductible"]
    assert problem["typed"] == "two thousand"
    assert problem["problem"].startswith(
        "What you pay before the plan pays (deductible) should be a number such as 600"
    )
    assert panel.scenario == before
    ask(panel, path="plan.networks.out.deductible", value="2,000")
    assert panel.told["problems"] == {}
    assert panel.scenario.plan.networks["out"].deductible == 200_000


def test_undo_and_redo_walk_through_every_change(panel: Explorer) -> None:
    ask(panel, path="course.visits.induction", value="4")
    ask(panel, path="coverage", value="infusions too")
    last = panel.scenario
    ask(panel, do="undo")
    ask(panel, do="undo")
    assert panel.scenario == start_with(start=START)
    assert (panel.told["undo"], panel.told["redo"]) == (0, 2)
    ask(panel, do="undo")
    ask(panel, do="redo")
    ask(panel, do="redo")
    assert panel.scenario == last


def test_i_dont_know_is_a_range_and_never_zero(panel: Explorer) -> None:
    ask(panel, path="unknown:prices.charges.infusion", value=False)
    assert "prices.charges.infusion" not in panel.scenario.ranges
    ask(panel, path="unknown:prices.charges.infusion", value=True)
    assert panel.scenario.ranges["prices.charges.infusion"] == ("500.00", "700.00")
    assert "Looked at from $500 to $700" in json.dumps(panel.form)


def test_the_gate_has_three_answers(panel: Explorer) -> None:
    ask(panel, path="coverage", value="infusions too")
    paid = panel.answer.totals.plan_pays
    ask(panel, path="gate", value="don't know")
    assert panel.answer.totals.plan_pays == paid
    assert panel.answer.high.plan_pays == 0
    ask(panel, path="gate", value="no")
    assert panel.scenario.plan.networks["out"] == kc.NO_BENEFIT
    assert "no benefit in this network" in panel.detail
    ask(panel, path="gate", value="yes")
    assert panel.answer.totals.plan_pays == paid


def test_the_method_of_pricing_is_a_live_switch(panel: Explorer) -> None:
    """README's plan, infusions covered, 15 at $500: 80% of the charge counts $400 a visit and $230.40 of the evaluation."""
    ask(panel, path="coverage", value="infusions too")
    typed = panel.answer.totals.allowed
    ask(panel, path="pricing", value="share of charge")
    assert panel.answer.totals.allowed == 23_040 + 15 * 40_000
    ask(panel, path="plan.networks.out.pricing.share", value="60%")
    assert panel.answer.totals.allowed == 17_280 + 15 * 30_000
    ask(panel, path="pricing", value="multiple of Medicare")
    ask(panel, path="plan.networks.out.pricing.multiple", value="100%")
    assert panel.answer.totals.allowed == 17_736 + 15 * 6_714
    ask(panel, path="plan.networks.out.pricing.zip", value="1001")
    assert "five digits" in panel.told["problems"]["plan.networks.out.pricing.zip"]["problem"]
    ask(panel, path="pricing", value="typed")
    assert panel.answer.totals.allowed == typed
    assert panel.told["problems"] == {}


def test_a_payer_brings_its_odds_and_steps(panel: Explorer) -> None:
    ask(panel, path="payer", value="employer-insured")
    assert "About 1 in 50 with this payer" in json.dumps(panel.form)
    assert "What may come of it" in panel.detail
    ask(panel, path="path.infusions", value="40%")
    ask(panel, path="path.visits", value="30%")
    ask(panel, path="path.appeal", value=True)
    ask(panel, path="path.internal", value="50%")
    assert panel.told["problems"] == {}
    assert "Appeal: won" in panel.detail
    ask(panel, path="path.visits", value="90%")
    assert "more than the whole" in panel.told["problems"]["path.visits"]["problem"]
    ask(panel, path="payer", value="")
    assert "What may come of it" not in panel.detail


def test_a_new_treatment_brings_its_own_prices_and_services(panel: Explorer) -> None:
    for name in kc.data.protocols():
        ask(panel, path="course.protocol", value=name)
        assert panel.told["problems"] == {}
        assert set(panel.scenario.prices.charges) == set(kc.data.protocol(name).price_groups)


@pytest.mark.parametrize("name", published_plans())
def test_every_published_plan_can_be_chosen_or_says_what_is_missing(name: str, panel: Explorer) -> None:
    offered = {option[0] for option in controls(panel)["published_plan"]["options"]}
    if name not in offered:
        panel.set("coverage", "infusions too")
        with pytest.raises(kc.KetacostError, match="does not state"):
            panel.set("published_plan", name)
        return
    panel.set("published_plan", name)
    for network in panel.scenario.plan.networks:
        ask(panel, path="network", value=network)
        problem = panel.told["problems"].get("network", {"problem": ""})["problem"]
        assert problem == "" or ("does not state" in problem and kc.plan(name).gaps())


def test_the_state_is_code(panel: Explorer) -> None:
    again = eval(panel.code, {"kc": kc})
    assert again == panel.scenario
    assert read(Scenario, written(panel.scenario)) == panel.scenario


def test_where_no_widget_runs_there_is_a_picture_a_table_and_numbers(panel: Explorer) -> None:
    bundle = panel._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "data:image/svg+xml;base64," in data["text/html"]
    assert "tex2jax_ignore" in data["text/html"]
    assert data["text/plain"].startswith("$7,790 you pay")
    assert dollars(panel.answer.you_pay) in data["text/html"].replace(",", "")


def test_no_control_asks_who_the_patient_is() -> None:
    words = json.dumps(form(start_with(start=START))).lower()
    for asked in ("name of", "patient's name", "birth", "member number", "social security", "address", "phone"):
        assert asked not in words


def test_a_message_cannot_smuggle_markup_into_the_page(panel: Explorer) -> None:
    panel.set("plan.name", "<img src=x onerror=alert(1)>")
    assert "<img src=x" not in panel.head + panel.detail + panel._repr_mimebundle_()[0]["text/html"]


def test_the_number_can_be_linked_to_other_widgets(panel: Explorer) -> None:
    seen = []
    panel.observe(lambda event: seen.append(event["new"]), "you_pay")
    panel.set("prices.charges.infusion", "600")
    assert seen == [panel.answer.you_pay]


def test_changes_that_need_something_first_say_so() -> None:
    scenario = start_with(start=START)
    with pytest.raises(kc.KetacostError, match="number of visits in the package first"):
        change(scenario, "package.price", "3000")
    with pytest.raises(kc.KetacostError, match="no sourced range"):
        change(scenario, "unknown:waived", True)


def test_what_somebody_moved_is_kept_without_being_asked(panel: Explorer, folder: Path) -> None:
    kept = folder / "scenarios" / "where I left off.toml"
    ask(panel, do="why", figure="charge")
    ask(panel, path="prices.charges.infusion", value="650")
    until = time.monotonic() + 20
    while not kept.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert kc.load(kept) == panel.scenario
    other = Explorer(start=START)
    ask(other, do="open", name="where I left off.toml")
    assert other.scenario == panel.scenario


def test_a_panel_that_nobody_moved_writes_nothing(panel: Explorer, folder: Path) -> None:
    panel.set("prices.charges.infusion", "650")
    ask(panel, do="why", figure="charge")
    time.sleep(0.2)
    assert list(folder.rglob("*")) == []


@pytest.mark.parametrize("path", ["course.protocol", "network"])
def test_choosing_what_stands_there_already_changes_nothing(panel: Explorer, path: str) -> None:
    before = panel.scenario
    panel.set(path, controls(panel)[path]["value"])
    assert panel.scenario == before
    assert panel.told["undo"] == 0


def test_an_error_while_serving_is_told_and_the_last_picture_stays(
    panel: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = panel.head

    def broken(self: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("ketacost.workbench.session.Session.shown", broken)
        ask(panel, path="prices.charges.infusion", value="650")
    assert panel.told["failed"]
    assert panel.told["number"] == panel.asked["number"]
    assert panel.head == before
    ask(panel, do="undo")
    assert "failed" not in panel.told
    assert panel.scenario == start_with(start=START)


def test_a_request_without_sense_is_answered_too(panel: Explorer) -> None:
    for request in ({"path": "coverage"}, {"do": "why"}, {"do": ["undo"]}, {"path": 7, "value": {}}):
        panel._hear(panel, {"number": panel.asked.get("number", 0) + 1, **request}, [])
        assert panel.told["number"] == panel.asked["number"]
    ask(panel, path="course.visits.induction", value="4")
    assert panel.scenario.course.visits["induction"] == 4


def test_a_request_that_is_sent_again_is_served_once(panel: Explorer) -> None:
    ask(panel, path="course.visits.induction", value="4")
    ask(panel, path="course.visits.induction", value="5")
    ask(panel, do="undo")
    undone = panel.asked["number"]
    for _ in range(2):
        ask(panel, do="undo", again=undone)
        assert panel.told["number"] == panel.asked["number"]
    assert panel.scenario.course.visits["induction"] == 4


def test_long_work_says_that_it_goes_on_before_it_starts(panel: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[object] = []
    monkeypatch.setattr(panel, "send", said.append)
    monkeypatch.setattr(panel._session, "serve", lambda asked: said.append(asked["do"]))
    ask(panel, do="share", name="a page")
    assert said == [{"working": panel.asked["number"]}, "share"]
    ask(panel, do="undo")
    assert said[2:] == ["undo"]
