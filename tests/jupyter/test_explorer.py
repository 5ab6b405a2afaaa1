"""The Explorer as a widget: what it opens with, what its requests do, what it keeps, and what it never does."""

from __future__ import annotations

import gc
import json
import re
import time
from base64 import b64decode
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from random_intakes import few_draws

import ketacost as kc
from ketacost.core.convert import read, written
from ketacost.core.money import dollars
from ketacost.estimate.resolve import resolve
from ketacost.estimate.scenario import Scenario
from ketacost.jupyter.explorer import Explorer
from ketacost.model.plans import published_plans
from ketacost.workbench.form import form

TODAY = date(2026, 11, 27)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test's own: a panel keeps what somebody moved beside the notebook, a moment later."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ketacost.jupyter.explorer.A_MOMENT", 0.01)
    return tmp_path


def opened() -> Explorer:
    """The README's patient, as a file of before opens it."""
    return Explorer(kc.example("readme-patient"), today=TODAY)


@pytest.fixture
def panel() -> Explorer:
    return opened()


def controls(panel: Explorer) -> dict[str, dict]:
    return {c["path"]: c for step in panel.form for c in step["controls"]}


def ask(panel: Explorer, **request: object) -> None:
    """What the front end does: one request with a number."""
    panel.asked = {"number": panel.asked.get("number", 0) + 1, **request}


def test_what_is_shown_is_sent_before_the_search_for_garbage(panel: Explorer, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, show, was = list[bool](), Explorer._show, gc.isenabled()

    def spied(panel: Explorer, parts: Mapping[str, Any]) -> None:
        show(panel, parts)
        seen.append(gc.isenabled())

    monkeypatch.setattr(Explorer, "_show", spied)
    gc.enable()
    try:
        ask(panel, path="prices.iv-mood.infusion", value="555")
        after = gc.isenabled()
    finally:
        (gc.enable if was else gc.disable)()
    assert seen == [False, False], "the answer, then the rest"
    assert after


def test_it_opens_with_an_answer_and_what_is_not_known_as_ranges(panel: Explorer) -> None:
    assert "You will almost certainly pay about $7,790 (98 in 100)." in panel.head
    assert set(panel.scenario.ranges) == {"plan.networks.out.allowed.infusion", "coverage"}
    assert (panel.you_pay, panel.estimate.likely) == (778_800, 778_800)
    assert panel.estimate.low < panel.estimate.high


def test_with_nothing_said_it_is_the_cost_of_paying_alone() -> None:
    panel = Explorer(today=TODAY)
    assert "Paying for it yourself will likely cost about $7,790" in panel.head
    assert panel.scenario.payer == ""
    assert panel.scenario.designs == {}
    assert panel.code == "kc.resolve(kc.intake({}), datetime.date(2026, 11, 27))"


def ends_of(path: str, control: dict) -> list[object]:
    """What a control can be moved to: each choice of a short list and some of a long one, or its ends; and nothing."""
    options = control.get("options", ())
    ends: dict[str, list[object]] = {
        "choice": [option[0] for option in options[:: len(options) // 8 + 1]],
        "cards": [option[0] for option in control.get("options", ())],
        "toggle": [True, False],
        "date": ["2026-12-07"],
        "text": ["6 for $2,400" if path.startswith("packages.") else "10001"],
        "share": [f"{control.get('min', 0)}%", f"{control.get('max', 0)}%"],
        "note": [],
        "visits": [["2026-12-07"]],
    }
    return [*ends.get(control["kind"], [str(control.get("min", 0)), str(control.get("max", 0))]), ""]


def test_every_control_at_its_ends_gives_an_answer_that_balances(panel: Explorer) -> None:
    moved, refused = 0, []
    with few_draws(16):
        for path, control in controls(panel).items():
            for value in ends_of(path, control) if path else ():
                panel.set("title", f"{path} at {value}")
                try:
                    panel.set(path, value)
                except kc.KetacostError as error:
                    refused.append((path, value, str(error)))
                    continue
                totals = panel.estimate.shown.totals
                assert totals.charge == totals.you_pay + totals.plan_pays + totals.write_off
                assert sum(step.cents for step in panel.estimate.steps_to_net) == panel.you_pay
                assert panel.head
                moved += 1
                panel.undo()
    assert moved > 150
    assert refused == []


def test_a_request_of_the_front_end_moves_the_answer(panel: Explorer) -> None:
    before = panel.you_pay
    ask(panel, path="prices.iv-mood.infusion", value="650")
    assert panel.you_pay == before + 15 * 15_000
    control = controls(panel)["prices.iv-mood.infusion"]
    assert (control["value"], control["unknown"], control["said"]) == ("650", False, True)
    assert panel.told["problems"] == {}


def test_what_cannot_be_is_told_beside_its_control_and_changes_nothing(panel: Explorer) -> None:
    before = panel.scenario
    ask(panel, path="terms.out.deductible", value="two thousand")
    problem = panel.told["problems"]["terms.out.deductible"]
    assert problem["typed"] == "two thousand"
    assert problem["problem"].startswith(
        "What you pay before the plan pays (deductible) should be a number such as 600"
    )
    assert panel.scenario == before
    ask(panel, path="terms.out.deductible", value="2,000")
    assert panel.told["problems"] == {}
    assert panel.scenario.plan.networks["out"].deductible == 200_000


def test_undo_and_redo_walk_through_every_change(panel: Explorer) -> None:
    ask(panel, path="visits.iv-mood.induction", value="4")
    ask(panel, path="coverage", value="infusions too")
    last = panel.scenario
    ask(panel, do="undo")
    ask(panel, do="undo")
    assert panel.scenario == opened().scenario
    assert (panel.told["undo"], panel.told["redo"]) == (0, 2)
    ask(panel, do="undo")
    ask(panel, do="redo")
    ask(panel, do="redo")
    assert panel.scenario == last


def test_i_dont_know_is_a_range_and_never_zero(panel: Explorer) -> None:
    assert "prices.charges.infusion" not in panel.scenario.ranges
    ask(panel, path="unknown:prices.iv-mood.infusion", value=True)
    assert panel.scenario.ranges["prices.charges.infusion"] == ("500.00", "500.00", "700.00")
    control = controls(panel)["prices.iv-mood.infusion"]
    assert control["unknown"] is True
    ask(panel, path="unknown:prices.iv-mood.infusion", value=False)
    assert "prices.charges.infusion" not in panel.scenario.ranges
    assert panel.scenario.prices.charges["infusion"] == 50_000


def test_the_gate_has_three_answers(panel: Explorer) -> None:
    ask(panel, path="coverage", value="infusions too")
    paid = panel.estimate.shown.totals.plan_pays
    ask(panel, path="terms.out.pays", value="don't know")
    assert controls(panel)["terms.out.pays"]["value"] == "don't know"
    assert panel.estimate.shown.totals.plan_pays == paid
    assert panel.estimate.high == panel.estimate.shown.totals.charge
    ask(panel, path="terms.out.pays", value="no")
    assert panel.scenario.plan.networks["out"] == kc.NO_BENEFIT
    assert "no benefit in this network" in "".join(panel.detail.values())
    ask(panel, path="terms.out.pays", value="yes")
    assert panel.estimate.shown.totals.plan_pays == paid


def test_the_method_of_pricing_is_a_live_switch(panel: Explorer) -> None:
    """README's plan, infusions covered, 15 at $500: 80% of the charge counts $400 a visit and $230.40 of the evaluation."""

    def counted() -> int:
        return panel.estimate.shown.totals.allowed

    ask(panel, path="coverage", value="infusions too")
    typed = counted()
    ask(panel, path="pricing.out.method", value="share of charge")
    assert counted() == typed, "amounts that were given for a service itself are used before it"
    for _, key, value in controls(panel)["pricing.out.method"]["ways"]:
        ask(panel, path=key, value=value)
    assert "conflict" not in controls(panel)["pricing.out.method"]
    assert counted() == 23_040 + 15 * 40_000
    ask(panel, path="pricing.out.share", value="60%")
    assert counted() == 17_280 + 15 * 30_000
    ask(panel, path="pricing.out.method", value="multiple of Medicare")
    ask(panel, path="pricing.out.multiple", value="100%")
    assert counted() == 17_736 + 15 * 6_714
    ask(panel, path="pricing.out.zip", value="1001")
    assert "five digits" in panel.told["problems"]["pricing.out.zip"]["problem"]
    assert counted() == 17_736 + 15 * 6_714
    ask(panel, path="pricing.out.zip", value="")
    for _ in range(20):
        panel.undo()
    assert controls(panel)["coverage"]["unknown"]
    assert panel.told["problems"] == {}


def test_a_payer_brings_its_odds_and_steps(panel: Explorer) -> None:
    ask(panel, path="payer", value="employer-self-funded")
    assert "With this payer: 1 in 50." in json.dumps(panel.form)
    at = "odds.employer-self-funded.iv-mood"
    ask(panel, path=f"{at}.infusions", value="40%")
    ask(panel, path=f"{at}.visits", value="30%")
    ask(panel, path="steps.appeal", value=True)
    ask(panel, path=f"{at}.internal", value="50%")
    assert panel.told["problems"] == {}
    assert (
        sum(group.chance for group in panel.estimate.groups if "infusions too" in group.answers)
        > kc.share("60%") / 10_000
    )
    ask(panel, path=f"{at}.visits", value="90%")
    assert "together they are at most 100%" in panel.told["problems"][f"{at}.visits"]["problem"]
    ask(panel, path="payer", value="marketplace")
    assert panel.scenario.dormant[:1] == (f"{at}.infusions",)


def test_a_new_treatment_brings_its_own_prices_and_services(panel: Explorer) -> None:
    for name in kc.data.protocols():
        ask(panel, path="protocol", value=name)
        assert panel.told["problems"] == {}
        assert set(panel.scenario.prices.charges) == set(kc.data.protocol(name).price_groups)
    ask(panel, path="protocol", value="iv-mood")
    assert panel.scenario.plainly == opened().scenario.plainly, "what was said of the first treatment is back"


@pytest.mark.parametrize("name", published_plans())
def test_every_published_plan_can_be_chosen_with_each_of_its_networks(name: str) -> None:
    with few_draws(16):
        panel = opened()
        panel.set("coverage", "infusions too")
        panel.set("plan", name)
        for network in kc.plans[name].networks:
            ask(panel, path="network", value=network)
            assert panel.told["problems"] == {}
            assert panel.scenario.network == network
            assert panel.head


def test_the_state_is_code_of_what_was_said_and_nothing_else(panel: Explorer) -> None:
    again = eval(panel.code, {"kc": kc, "datetime": __import__("datetime"), "OneOf": kc.OneOf})
    assert again.plainly == panel.scenario.plainly
    assert "drug" not in panel.code
    assert read(Scenario, written(panel.scenario.plainly)) == panel.scenario.plainly


def test_where_no_widget_runs_there_is_a_picture_a_table_and_numbers(panel: Explorer) -> None:
    bundle = panel._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "data:image/svg+xml;base64," in data["text/html"]
    assert "tex2jax_ignore" in data["text/html"]
    for width, code in re.findall(r'<img width="(\d+)"[^>]*base64,([^"]+)"', data["text/html"]):
        units = re.search(r'viewBox="0 0 (\d+) ', b64decode(code).decode())
        assert units
        assert 1 <= int(width) / int(units[1]) < 1.2, "letters of 13 units stay about as large as the text beside them"
    assert "You will almost certainly pay about $7,790" in data["text/plain"]
    assert dollars(panel.you_pay) in data["text/html"].replace(",", "")


def test_no_control_asks_who_the_patient_is() -> None:
    words = json.dumps(form(resolve(kc.intake(payer="employer-insured"), TODAY))).lower()
    for asked in ("name of", "patient's name", "birth", "member number", "social security", "address", "phone"):
        assert asked not in words


def test_a_message_cannot_smuggle_markup_into_the_page(panel: Explorer) -> None:
    panel.set("title", "<img src=x onerror=alert(1)>")
    ask(panel, path="terms.out.deductible", value="<img src=x onerror=alert(1)>")
    assert "<img src=x" not in panel.head + "".join(panel.detail.values()) + panel._repr_mimebundle_()[0]["text/html"]


def test_the_number_can_be_linked_to_other_widgets(panel: Explorer) -> None:
    seen = []
    panel.observe(lambda event: seen.append(event["new"]), "you_pay")
    panel.set("prices.iv-mood.infusion", "600")
    assert seen == [panel.estimate.likely]


def test_what_somebody_moved_is_kept_without_being_asked(panel: Explorer, folder: Path) -> None:
    kept = folder / "scenarios" / "where I left off.toml"
    ask(panel, do="why", figure="charge")
    ask(panel, path="prices.iv-mood.infusion", value="650")
    until = time.monotonic() + 240
    while not kept.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert kc.load(kept) == panel.scenario
    other = Explorer(today=TODAY)
    ask(other, do="open", name="where I left off.toml")
    assert other.scenario == panel.scenario


def test_a_panel_that_nobody_moved_writes_nothing(panel: Explorer, folder: Path) -> None:
    panel.set("prices.iv-mood.infusion", "650")
    ask(panel, do="why", figure="charge")
    assert panel._timer is None, "something waits to be written"
    assert list(folder.rglob("*")) == []


@pytest.mark.parametrize("path", ["protocol", "network"])
def test_saying_what_was_assumed_changes_no_number(panel: Explorer, path: str) -> None:
    before = panel.estimate
    panel.set(path, controls(panel)[path]["value"])
    assert panel.you_pay == before.likely
    panel.undo()
    assert panel.scenario == opened().scenario


def test_an_error_while_serving_is_told_and_the_last_picture_stays(
    panel: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = panel.head

    def broken(self: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("ketacost.workbench.session.Session.answer", broken)
        ask(panel, path="prices.iv-mood.infusion", value="650")
    assert panel.told["failed"]
    assert panel.told["number"] == panel.asked["number"]
    assert panel.head == before
    ask(panel, do="undo")
    assert "failed" not in panel.told
    assert panel.scenario == opened().scenario


def test_a_request_without_sense_is_answered_too(panel: Explorer) -> None:
    for request in ({"path": "coverage"}, {"do": "why"}, {"do": ["undo"]}, {"path": 7, "value": {}}):
        panel._hear(panel, {"number": panel.asked.get("number", 0) + 1, **request}, [])
        assert panel.told["number"] == panel.asked["number"]
    ask(panel, path="visits.iv-mood.induction", value="4")
    assert panel.scenario.course.visits["induction"] == 4


def test_a_request_that_is_sent_again_is_served_once(panel: Explorer) -> None:
    ask(panel, path="visits.iv-mood.induction", value="4")
    ask(panel, path="visits.iv-mood.induction", value="5")
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


def test_the_scenario_and_the_estimate_can_be_observed() -> None:
    panel = kc.Explorer(kc.example("readme-patient"))
    seen: list[tuple[str, object]] = []
    panel.observe(lambda change: seen.append((change["name"], change["new"])), ["scenario", "estimate"])
    panel.set("prices.iv-mood.infusion", "650")
    assert [name for name, _ in seen] == ["scenario", "estimate"]
    assert seen[1][1].likely == 1_003_800
    assert panel.estimate is seen[1][1]


def test_what_follows_a_panel_shows_what_is_in_it() -> None:
    """16 visits: 288 + 15 x 500 = 7,788; at 650 it is 10,038. An error is told, and the next change is shown again."""
    panel = kc.Explorer(kc.example("readme-patient"))
    table = panel.follow(lambda estimate: kc.statement(estimate.steps_to_net))
    text = panel.follow(lambda estimate: f"{estimate.likely // 100} <dollars>")
    drawn = panel.follow(lambda estimate: estimate.calendar)
    broken = panel.follow(lambda estimate: estimate.likely // (estimate.likely - 1_003_800))
    assert "$7,788.00" in table.value
    assert text.value == "<p>7788 &lt;dollars&gt;</p>"
    before = drawn.value
    assert before.startswith("<svg")
    panel.set("prices.iv-mood.infusion", "650")
    assert "$10,038.00" in table.value
    assert text.value == "<p>10038 &lt;dollars&gt;</p>"
    assert drawn.value != before
    assert "This could not be shown: integer division" in broken.value
