"""What a notebook's user types first: results by an example's name, and results that show themselves."""

from __future__ import annotations

from datetime import date

import pytest

import ketacost as kc
from ketacost.core.fields import UnknownName
from ketacost.estimate.scenario import ScenarioError
from ketacost.model.courses import CourseError


def test_an_example_runs_by_its_name() -> None:
    assert kc.run("readme-patient").you_pay == kc.run(kc.example("readme-patient")).you_pay == 778_800
    assert kc.estimate("readme-patient").likely == 778_800


def test_entries_are_said_over_a_scenario() -> None:
    """15 infusions at $50 more each."""
    more = kc.run("readme-patient", set={"prices.charges.infusion": 550})
    assert more.you_pay == 778_800 + 15 * 5_000
    assert kc.estimate("readme-patient", set={"prices.iv-mood.infusion": "$550"}).likely == more.you_pay


def test_a_text_that_is_said_is_the_number_that_is_said() -> None:
    said = {"prices.charges.infusion": 550, "allowed.infusion": 300}
    texts = {name: str(value) for name, value in said.items()}
    assert kc.run("readme-patient", set=said).totals == kc.run("readme-patient", set=texts).totals


def test_what_is_no_scenario_is_refused_in_words() -> None:
    with pytest.raises(UnknownName, match="did you mean readme-patient"):
        kc.run("readme-patint")
    with pytest.raises(ScenarioError, match=r"give a scenario, as in kc\.load\('patient\.toml'\)"):
        kc.run(5)  # type: ignore[arg-type]
    with pytest.raises(kc.KetacostError, match="there is no entry called 'price'"):
        kc.run("readme-patient", set={"price": 5})
    with pytest.raises(CourseError, match=r"a date, as in date\(2026, 11, 30\), got '2026-11-30'"):
        kc.Course("iv-mood", start="2026-11-30")  # type: ignore[arg-type]


def test_a_typo_in_a_plan_is_named() -> None:
    with pytest.raises(UnknownName, match="'deductable'; did you mean deductible"):
        kc.Plan.of(deductable=1_000, coinsurance="40%")
    with pytest.raises(kc.KetacostError, match="deductible should be a number, got nothing"):
        kc.Plan.of(coinsurance="40%")


def test_an_answer_gives_its_frame_statement_chart_and_calendar() -> None:
    answer = kc.run("readme-patient")
    assert answer.frame().equals(kc.frame(answer))
    assert answer.statement().headline == kc.statement(answer).headline
    assert answer.chart().layout.title.text == kc.chart(answer).layout.title.text
    assert answer.calendar().net == kc.calendar(answer).net
    assert "<table" in answer._repr_html_()
    assert "<table" in kc.estimate("readme-patient")._repr_html_()


def test_a_scenario_shows_what_was_said_and_what_is_assumed() -> None:
    scenario = kc.resolve(kc.intake({"payer": "employer-insured", "start": "2027-01-04"}), date(2026, 11, 27))
    rows = scenario.frame().set_index("entry")
    assert rows.loc["Who pays", "state"] == "said"
    assert list(rows.loc["First visit"])[:2] == ["Jan 4, 2027", "said"]
    assert rows.loc["Visits: induction", "value"] == "6"
    assert rows.loc["Ketamine infusion", "value"] == "$500.00 to $700.00"
    assert "2 entries said" in scenario.statement().headline
    assert len(repr(scenario)) < 120
    assert repr(kc.example("readme-patient").plan) == "Plan: NextGen $750 Deductible Plan"
    assert "NextGen $750" in kc.example("readme-patient").plan._repr_html_()


def test_published_plans_are_a_mapping() -> None:
    assert kc.plans["nextgen-2026-750"] == kc.data.published_plan("nextgen-2026-750").plan
    assert set(kc.plans._ipython_key_completions_()) == set(kc.data.published_plans()) == set(kc.plans)
    assert kc.plans.get("none of them") is None
    with pytest.raises(UnknownName, match="did you mean nextgen-2026-750"):
        kc.plans["nextgen"]


def test_our_look_is_among_the_templates_of_plotly() -> None:
    from plotly.io import templates

    figure = kc.chart(kc.run("readme-patient"))
    assert templates["ketacost"].layout.font.size == figure.layout.template.layout.font.size == 13


def test_the_version_is_the_installed_one() -> None:
    from importlib.metadata import version

    assert kc.__version__ == version("ketacost")
