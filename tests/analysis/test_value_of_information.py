"""What to ask next: by hand on small cases, the words of every question, the plan's estimate, and the log of calls."""

from __future__ import annotations

import ast
import re
import tomllib
from datetime import date
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest
from places import ROOT
from small_scenarios import ALLOWED, small

import ketacost as kc
from ketacost.accounts.loans import Call
from ketacost.analysis.questions import question_for, questions_for_plan, right
from ketacost.analysis.value_of_information import Means, _between, ask_next
from ketacost.core.fields import KetacostError
from ketacost.core.references import read_toml
from ketacost.estimate.estimate import spread
from ketacost.estimate.scenario import Scenario, bill, scenario_from
from ketacost.files.scenario_files import load, save
from ketacost.privacy.identifiers import check_text
from ketacost.reports.charts import chart_svg
from ketacost.reports.statements import statement
from ketacost.workbench.edits import change, log_call, start_with
from ketacost.workbench.form import form

QUESTIONS = tomllib.loads((ROOT / "data" / "questions.toml").read_text("utf-8"))
TEXTS = {name: table for name, table in QUESTIONS.items() if name != "right"}
CHARGE = "prices.charges.infusion"
DAY = date(2026, 12, 1)


def two_unknowns() -> Scenario:
    """The infusion at $600 or $1,000, the plan counting $350 or $450 of it; each as likely."""
    ranges = {CHARGE: ("600", "1000"), ALLOWED: ("350", "450")}
    return small(ranges=ranges)


def test_what_knowing_a_charge_or_an_amount_changes_by_hand() -> None:
    """At $600: $1,180 and $1,060. Each infusion at $1,000 puts $400 more outside of what the plan counts: $1,980, $1,860.
    Known charge: $120 wide; known amount: $800 wide; now $920 wide."""
    asked = {one.path: one for one in ask_next(two_unknowns())}
    assert (asked[CHARGE].width_now, asked[CHARGE].width_known, asked[CHARGE].swing) == (92_000, 12_000, 80_000)
    assert (asked[ALLOWED].width_now, asked[ALLOWED].width_known, asked[ALLOWED].swing) == (92_000, 80_000, 12_000)
    assert asked[CHARGE].narrows == 80_000
    assert "narrow 8 of 10 cases from $920 wide to $120 wide" in asked[CHARGE].why


def test_the_question_that_narrows_most_comes_first() -> None:
    assert [one.path for one in ask_next(two_unknowns())] == [CHARGE, ALLOWED]


def test_the_worth_of_knowing_which_way_costs_least_by_hand() -> None:
    """One way is $100 or $500, each as likely, the other $200 either way. Now the other ($200) costs less than $300 on
    average. Known: half the time $100 is taken instead of $200: worth $50, and half the time the way changes."""
    here = Means("as asked", Fraction(30_000), {"x": {0: Fraction(10_000), 1: Fraction(50_000)}})
    there = Means("in network", Fraction(20_000), {})
    halves = {0: Fraction(1, 2), 1: Fraction(1, 2)}
    assert _between("x", halves, (here, there)) == (5_000, Fraction(1, 2))
    assert _between("x", halves, (here,)) == (0, 0)


def test_a_question_that_may_change_the_way_comes_before_one_that_narrows_more() -> None:
    found = ask_next(start_with(start=date(2026, 11, 30)))
    keys = [(one.worth, max(one.narrows, 0), one.swing) for one in found]
    assert keys == sorted(keys, reverse=True)
    assert all(0 <= one.route_changes <= 1 and one.worth >= 0 for one in found)


def test_the_routes_that_count_are_named() -> None:
    scenario = kc.example("readme-patient")
    assert all(one.worth == 0 for one in ask_next(scenario, routes=("as asked",)))
    with pytest.raises(KetacostError, match="no route called 'abroad'"):
        ask_next(scenario, routes=("as asked", "abroad"))


def test_nothing_unknown_asks_nothing() -> None:
    assert ask_next(small()) == ()
    assert repr(statement(ask_next(small()))) == "There is nothing to show: the result is empty."


# The words


def grade(text: str) -> float:
    """The Flesch-Kincaid grade, with syllables counted as groups of vowels and a silent e at the end left out."""
    words = re.findall(r"[A-Za-z']+", text)
    silent = [len(word) > 2 and bool(re.search(r"[^aeiouyl]e$", word.lower())) for word in words]
    groups = [len(re.findall(r"[aeiouy]+", word.lower())) for word in words]
    syllables = sum(max(1, number - quiet) for number, quiet in zip(groups, silent, strict=True))
    return 0.39 * len(words) / max(1, len(re.findall(r"[.?!]", text))) + 11.8 * syllables / len(words) - 15.59


def test_a_hard_text_is_seen() -> None:
    assert grade("Reimbursement determinations for nonparticipating providers necessitate documentation.") > 20
    assert grade("You pay this much first. Then the plan starts to pay.") < 2


@pytest.mark.parametrize("name", TEXTS)
def test_a_question_is_whole_and_easy_to_read(name: str) -> None:
    table = TEXTS[name]
    assert table["who"] in ("insurer", "clinic")
    assert table["takes"] in ("money", "share", "yes or no", "date", "choice", "number", "text")
    assert table["ask_es"] != table["ask"]
    assert {"¿"} & set(table["ask_es"])
    words = {"where": "in your network", "service": "the visit", "code": "1", "label": "this", "days": "once"}
    said = table["ask"].format(**words)
    assert grade(said) <= 8, said
    assert grade(table["why"]) <= 8, table["why"]
    table["ask_es"].format(**words, days_es="una vez")


def test_every_entry_of_the_form_that_may_be_unknown_has_its_own_question() -> None:
    scenario = start_with(start=date(2026, 11, 30))
    for path, value in (("payer", "employer-self-funded"), ("path.appeal", True), ("path.review", True)):
        scenario = change(scenario, path, value)
    paths = [c["path"] for step in form(scenario) for c in step["controls"] if c.get("unknown") is not None]
    assert len(paths) > 12
    assert [
        path
        for path in (*paths, "plan.networks.out", "plan.deductible_kind")
        if question_for(scenario, path).id == "other"
    ] == []
    assert question_for(scenario, "plan.hsa_eligible").id == "other"


def test_a_question_names_the_side_and_the_code() -> None:
    scenario = kc.example("readme-patient")
    asked = question_for(scenario, "plan.networks.out.allowed.infusion")
    assert (
        asked.ask
        == "What is your allowed amount outside your network for code 96365, one unit, at this clinic's ZIP code?"
    )
    assert "fuera de la red" in asked.ask_es
    assert "in your network" in question_for(scenario, "plan.networks.in.deductible").ask


def test_the_right_to_an_estimate_has_citations() -> None:
    says, says_es, rests_on, citations = right()
    assert "147.211" in rests_on
    assert "2590.715-2715A2" in rests_on
    assert [citation.grade for citation in citations] == ["primary", "primary"]
    assert grade(says) <= 12
    assert says_es


def test_the_plan_is_asked_about_every_code_with_its_days() -> None:
    scenario = kc.example("readme-patient")
    found = questions_for_plan(scenario)
    codes = {line.code for line in bill(scenario) if line.code}
    about = [one for one in found if one.id == "code_allowed"]
    assert {code for one in about for code in codes if f"code {code} " in one.ask} == codes
    assert len(about) == len(codes)
    assert "15 times, from 7 December 2026 to 4 November 2027" in " ".join(one.ask for one in about)
    assert [one.id for one in found if one.who == "clinic"] == ["place_of_service"]
    assert {"accumulated", "bundled", "prior_authorization", "exclusion", "filing_limit", "check"} <= {
        one.id for one in found
    }


def test_no_question_asks_for_who_somebody_is() -> None:
    told = " ".join(f"{table['ask']} {table['ask_es']}" for table in TEXTS.values()).lower()
    assert not re.search(r"your name|member (id|number)|birth|nacimiento|nombre y", told)


# The log of calls


def test_a_call_is_kept_and_its_answer_put_in_place() -> None:
    scenario = start_with(start=date(2026, 12, 7))
    path = "plan.networks.out.allowed.infusion"
    told = log_call(scenario, Call(DAY, path, reference="REF-881277"), "310")
    assert told.plan.networks["out"].allowed["infusion"] == 31_000  # type: ignore[union-attr]
    assert path not in told.ranges
    assert told.calls == (Call(DAY, path, "310", "REF-881277"),)
    noted = log_call(told, Call(DAY, "filing_limit", "180 days"))
    assert noted.replace(calls=told.calls) == told
    assert len(noted.calls) == 2


def test_used_amounts_are_as_of_the_day_of_the_call() -> None:
    scenario = start_with(start=date(2026, 12, 7))
    told = log_call(scenario, Call(DAY, "used.members.patient.out.deductible"), "400")
    assert told.used.as_of == DAY
    assert told.used.members["patient"]["out"].deductible == 40_000
    with pytest.raises(KetacostError, match="after the first visit of 2026-12-07"):
        log_call(scenario, Call(date(2026, 12, 20), "used.members.patient.out.deductible"), "400")
    with pytest.raises(KetacostError, match="what is newer stays"):
        log_call(told, Call(date(2026, 11, 2), "used.members.patient.out.deductible"), "300")


def test_the_gate_can_be_told() -> None:
    scenario = start_with(start=date(2026, 12, 7))
    assert log_call(scenario, Call(DAY, "plan.networks.out"), "no").plan.networks["out"] == "no benefit"
    assert not isinstance(log_call(scenario, Call(DAY, "plan.networks.out"), "yes").plan.networks["out"], str)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (Call(DAY, "coverage", "member 123-45-6789 is covered"), "Social Security number"),
        (Call(DAY, "coverage", "yes", "jane@example.org"), "E-mail"),
        (Call(DAY, "coverage", "born 04/12/1980"), "Date of birth"),
        (Call(DAY, "covrage"), "no entry in covrage"),
    ],
)
def test_a_call_that_may_tell_who_somebody_is_or_about_nothing_is_refused(call: Call, told: str) -> None:
    with pytest.raises(KetacostError, match=told):
        log_call(start_with(start=date(2026, 12, 7)), call)


def test_a_value_needs_an_entry() -> None:
    with pytest.raises(KetacostError, match="no entry that a value could go to"):
        log_call(start_with(start=date(2026, 12, 7)), Call(DAY, "filing_limit"), "180")


def test_calls_are_saved_with_the_scenario(tmp_path: Path) -> None:
    scenario = start_with(start=date(2026, 12, 7))
    scenario = log_call(scenario, Call(DAY, "plan.networks.out.deductible", reference="REF-1"), "1500")
    scenario = log_call(scenario, Call(DAY, "check", "the patient"))
    save(scenario, tmp_path / "patient.toml")
    assert load(tmp_path / "patient.toml") == scenario


# To read


def test_the_statements_say_the_headline_first_and_hold_their_dollars() -> None:
    scenario = start_with(start=date(2026, 11, 30))
    for made, told in (
        (statement(spread(scenario)), "In 8 of 10 cases it is between"),
        (statement(ask_next(scenario)), "Ask the clinic next: What do you charge for ketamine infusion"),
        (statement(questions_for_plan(scenario)), "10 questions for the plan, 1 for the clinic"),
    ):
        assert repr(made).startswith(told)
        assert "\n" not in repr(made)
        assert 'class="ketacost tex2jax_ignore mathjax_ignore"' in made._repr_html_()
        assert len(made.frame) == len(made.rows)
    assert check_text(statement(spread(scenario))._repr_html_()) == ()


def test_the_ten_dots_are_ten_and_say_what_they_show() -> None:
    for scenario in (start_with(start=date(2026, 11, 30)), small(), two_unknowns()):
        found = spread(scenario)
        drawn = ElementTree.fromstring(chart_svg(found))
        circles = drawn.findall("{*}circle")
        assert len(circles) == 10
        assert [one.get("fill") for one in circles].count("none") == 2
        assert found.sentence in str(drawn.get("aria-label"))
        places = [float(str(one.get("cx"))) for one in circles]
        assert places == sorted(places)
        _, top, width, height = map(float, str(drawn.get("viewBox")).split())
        assert all(0 < float(str(one.get("cx"))) < width for one in circles)
        assert all(top < float(str(one.get("cy"))) < top + height for one in circles)
        same = [(one.get("cx"), one.get("cy")) for one in circles]
        assert len(set(same)) == 10


# The page about it

PAGE = (ROOT / "docs" / "ranges.md").read_text("utf-8")
BLOCKS = re.findall(r"## ([^\n]+)\n(?:(?!\n## ).)*?```python\n(.*?)```", PAGE, re.DOTALL)
COMES_TO = {
    "A range": "('73.85', '300', '450'), ['3/10', '2/5', '3/10']",
    "The spread": "('In 8 of 10 cases it is between $2,990 and $7,500.', 298936, 778800, 519973, '67/200')",
    "What to ask next": "Do you cover ketamine infusion, code 96365, in your network?",
    "Log the call": "([('2026-11-24', '310')], {'coverage': ('denied', 'visits only', 'infusions too')})",
}


@pytest.mark.parametrize(("title", "block"), BLOCKS, ids=[title for title, _ in BLOCKS])
def test_a_block_of_the_page_comes_to_what_is_said(title: str, block: str) -> None:
    *body, last = ast.parse(block).body
    names: dict[str, object] = {}
    exec(compile(ast.Module(body, []), title, "exec"), names)
    assert isinstance(last, ast.Expr)
    assert COMES_TO[title] in repr(eval(compile(ast.Expression(last.value), title, "eval"), names))


def test_the_page_is_tested_whole() -> None:
    assert [title for title, _ in BLOCKS] == list(COMES_TO)
    assert PAGE.count("```python") == len(BLOCKS)


def test_the_ranges_of_the_page_are_read_from_a_file() -> None:
    (written,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    scenario = scenario_from({**read_toml("scenarios/readme-patient.toml"), **tomllib.loads(written)})
    assert scenario.odds["plan.networks.out.allowed.infusion"] == (3_000, 5_000, 2_000)
    assert scenario.odds[CHARGE] == (0, 2_000, 2_000, 2_000, 2_000, 2_000, 0)
