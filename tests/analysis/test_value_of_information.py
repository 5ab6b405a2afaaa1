"""What to ask next: by hand on small cases, the words of every question, the plan's estimate, and the log of calls."""

from __future__ import annotations

import ast
import re
import tomllib
from datetime import date
from fractions import Fraction
from html import unescape
from xml.etree import ElementTree

import pytest
from places import ROOT
from small_scenarios import ALLOWED, small

import ketacost as kc
from ketacost.analysis.questions import question_for, questions_for_plan, right
from ketacost.analysis.value_of_information import Means, _between, ask_next
from ketacost.core.fields import KetacostError
from ketacost.core.references import read_toml
from ketacost.estimate.estimate import estimate
from ketacost.estimate.scenario import Scenario, bill, scenario_from
from ketacost.estimate.unknowns import AS_ENTERED
from ketacost.model.payers import OUTCOMES, payers
from ketacost.reports.charts import chart_svg
from ketacost.reports.handout import handout
from ketacost.reports.sections import the_next_question
from ketacost.reports.statements import statement

QUESTIONS = tomllib.loads((ROOT / "data" / "questions.toml").read_text("utf-8"))
TEXTS = {name: table for name, table in QUESTIONS.items() if name not in ("right", "places")}
CHARGE = "prices.charges.infusion"
TODAY = date(2026, 11, 27)


def two_unknowns() -> Scenario:
    """The infusion at $600 or $1,000, the plan counting $350 or $450 of it; each as likely."""
    ranges = {CHARGE: ("600", "1000"), ALLOWED: ("350", "450")}
    return small(ranges=ranges)


def test_what_knowing_a_charge_or_an_amount_changes_by_hand() -> None:
    """At $600: $1,180 and $1,060. Each infusion at $1,000 puts $400 more outside of what the plan counts: $1,980, $1,860.
    Known charge: $120 apart; known amount: $800 apart; now $920 apart, of which the charge settles 87%."""
    asked = {one.path: one for one in ask_next(two_unknowns())}
    assert (asked[CHARGE].width_now, asked[CHARGE].width_known, asked[CHARGE].swing) == (92_000, 12_000, 80_000)
    assert (asked[ALLOWED].width_now, asked[ALLOWED].width_known, asked[ALLOWED].swing) == (92_000, 80_000, 12_000)
    assert asked[CHARGE].narrows == 80_000
    assert asked[CHARGE].why.endswith("The answer would settle most of the $920 range.")
    assert asked[ALLOWED].why.endswith("The answer changes what you pay on average by up to $120.")


def test_one_unknown_alone_settles_the_whole_range() -> None:
    (only,) = ask_next(small(ranges={CHARGE: ("600", "1000")}))
    assert only.why.endswith("The answer would settle the whole $800 range.")
    (nothing,) = ask_next(small(ranges={"plan.networks.out.out_of_pocket_limit": ("8000", "9000")}))
    assert nothing.why.endswith("As far as we can see, the answer does not change what you pay.")


def test_a_range_is_looked_at_in_thirds_by_hand() -> None:
    """The infusion from $600 to $1,200, each charge as likely, two of them. The net is 1,180 and twice what is above $600: 8
    of 10 from 1,300 to 2,260, so $960; in a third $200 of charge are 8 tenths of $400: $320. Means of thirds: $800 apart.
    """
    (asked,) = ask_next(small(ranges={CHARGE: ("600", "1200")}, shapes={CHARGE: "uniform"}))
    assert asked.width_now == pytest.approx(96_000, abs=500)
    assert asked.width_known == pytest.approx(32_000, abs=500)
    assert asked.swing == pytest.approx(80_000, abs=500)


def test_what_the_draws_of_a_large_unknown_bring_is_not_told_of_a_small_one() -> None:
    """The evaluation from $225 to $288, most often $288, and 15 sessions whose charge is $425 to $1,100: what a plan counts
    of one visit, or the evaluation's charge, moves the mean by less than their own width, whatever chance drew beside them.
    """
    said = {"payer": "employer-self-funded", "protocol": "kap", "network": "out", "terms.out.deductible": 1_500}
    asked = {one.path: one for one in ask_next(kc.resolve(kc.intake(said), TODAY))}
    assert 0 < asked["prices.charges.evaluation"].swing < 6_300
    assert asked["plan.networks.out.allowed.evaluation"].swing < 16_000 * 0.3
    assert asked["prices.charges.dosing"].swing > 250_000


def test_who_pays_is_asked_first_where_nobody_was_said_to_pay() -> None:
    assert ask_next(kc.example("readme-patient"))[0].path == "payer"
    assert ask_next(kc.example("readme-patient").replace(payer="marketplace"))[0].path != "payer"
    said = {"start": "2026-12-07", "prices.iv-mood.infusion": "500", "prices.iv-mood.evaluation": "288"}
    assert [one.path for one in ask_next(kc.resolve(kc.intake(said), TODAY))] == ["payer"]
    by_plan = kc.resolve(kc.intake({**said, "plan": "nextgen-2026-750"}), TODAY)
    assert by_plan.payer
    assert ask_next(by_plan)[0].path == "payer"  # the kind of plan names it, and nobody said it


def test_what_the_plan_says_comes_first_where_it_decides_whether_visits_take_place() -> None:
    va = kc.resolve(kc.intake({"payer": "va-facility", "start": "2026-12-07"}), TODAY)
    first = ask_next(va)[0]
    assert (first.path, first.decides) == ("coverage", True)
    assert first.why.endswith("The answer decides whether the visits take place.")


TWO = {
    "payer": "employer-insured",
    "start": "2026-12-07",
    "second.plan_kind": "PPO",
    "second.terms.out.deductible": 1_000,
}


def test_questions_and_unknowns_of_a_second_plan_are_called_its_own() -> None:
    """What the first plan asks for is asked of the second in words of its own, and odds of ours are not called entered."""
    found = kc.estimate(kc.resolve(kc.intake(TWO), TODAY))
    open_ones = {one.path: one for one in found.unknowns if one.path.startswith("second.")}
    assert {one.why for one in open_ones.values() if AS_ENTERED in one.why} == set()
    limit = open_ones["second.plan.networks.out.out_of_pocket_limit"]
    assert (limit.label[-13:], limit.why[:5]) == (": second plan", "As in")
    asked = {one.path: one.sentence for one in ask_next(found.scenario)}
    assert "of my second plan" in asked[limit.path]
    assert asked["second.coordination"].startswith("If my other plan pays first")


def test_a_program_is_asked_by_its_name() -> None:
    for who, whom in (("medicaid", "Medicaid"), ("va-facility", "VA"), ("hmo-epo", "the insurer")):
        asked = ask_next(kc.resolve(kc.intake(payer=who), TODAY))
        assert {one.whom for one in asked if one.who == "insurer"} == {whom}


def test_a_question_whose_answer_changes_nothing_is_not_the_one_to_ask_next() -> None:
    """All terms and amounts are known; which of some plans it is changes no cent."""
    said: dict[str, object] = {"payer": "employer-insured", "network": "out", "coverage": "infusions too"}
    said |= {"terms.out.deductible": 2_000, "terms.out.coinsurance": "40%", "terms.out.out_of_pocket_limit": 8_000}
    said |= {"start": "2027-01-04", **{f"prices.iv-mood.{one}": 500 for one in ("evaluation", "infusion")}}
    said |= {f"allowed.out.iv-mood.{one}": 300 for one in ("evaluation", "infusion")}
    found = kc.estimate(kc.resolve(kc.intake(said), TODAY))
    (asked,) = ask_next(found.scenario)
    assert (asked.path, asked.moves_cost) == ("published_plan", False)
    told = the_next_question(found)
    assert told.index("no answer changes what you pay") < told.index(asked.sentence)
    assert asked.sentence not in unescape(handout(found))
    assert ask_next(small(ranges={CHARGE: ("600", "1200")}))[0].moves_cost


def test_no_mean_is_taken_over_visits_that_do_not_take_place() -> None:
    """Spravato that stops after a no: the plan's yes is the only whole answer, so knowing it moves no amount."""
    changed = {"payer": "employer-insured", "if_denied": "stop", "ranges": {"coverage": OUTCOMES}}
    asked = ask_next(kc.example("spravato-in-network").replace(**changed))
    assert [(one.path, one.swing, one.narrows, one.decides) for one in asked] == [("coverage", 0, 0, True)]


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


def test_questions_come_in_the_order_of_what_they_change() -> None:
    found = ask_next(kc.resolve(kc.intake({"payer": "marketplace", "start": "2026-11-30"}), TODAY))
    told = {one.path: one.narrows if 5 * one.narrows >= one.width_now else 0 for one in found}
    keys = [(one.decides, one.worth, told[one.path], one.swing) for one in found]
    assert keys == sorted(keys, reverse=True)
    assert all(0 <= one.route_changes <= 1 and one.worth >= 0 for one in found)


def test_the_routes_that_count_are_named() -> None:
    scenario = kc.example("readme-patient")
    assert all(one.worth == 0 for one in ask_next(scenario))
    worth = {one.path: one.worth for one in ask_next(scenario, routes=("as asked", "in network", "spravato"))}
    # In network it is 7,609.72 on average (0.75 x 7,788 + 0.23 x 7,540 + 0.02 x 1,725.80), outside 7,776.85; only a yes
    # outside (2 in 100), at 7,230.31 on average, is less.
    assert worth["coverage"] == round(0.02 * (760_971.6 - 723_030.6))
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
    assert table["who"] in ("insurer", "clinic", "patient")
    assert table["takes"] in ("money", "share", "yes or no", "date", "choice", "number", "text")
    assert table["ask_es"] != table["ask"]
    assert {"¿"} & set(table["ask_es"])
    words = {"where": "in your network", "service": "the visit", "code": "1", "label": "this", "days": "once"}
    words |= {"my_plan": "my plan", "outside": "outside its network", "units": "one unit"}
    words |= {"named": "the visit, code 1", "that": "code 1"}
    said = table["ask"].format(**words)
    assert grade(said) <= 8, said
    assert grade(table["why"]) <= 8, table["why"]
    table["ask_es"].format(**words, days_es="una vez")


@pytest.mark.parametrize("payer", sorted(payers()))
@pytest.mark.parametrize("protocol", ["iv-mood", "spravato"])
def test_everything_that_is_not_known_has_its_own_question(payer: str, protocol: str) -> None:
    scenario = kc.resolve(kc.intake({"payer": payer, "protocol": protocol}), TODAY)
    for path in (*scenario.ranges, "plan.networks.out", "plan.deductible_kind", "payer"):
        assert question_for(scenario, path).id != "other", path
    assert question_for(scenario, "plan.hsa_eligible").id == "other"


@pytest.mark.parametrize(
    "said",
    [{"protocol": "home-oral"}, {"protocol": "iv-pain", "setting": "hospital outpatient", "payer": "medicare-part-b"}],
    ids=["at home", "a hospital's fee"],
)
def test_what_has_no_code_is_asked_for_by_its_name(said: dict[str, str]) -> None:
    for asked in ask_next(kc.resolve(kc.intake({"payer": "employer-insured"} | said), TODAY)):
        for sentence in (asked.sentence, asked.sentence_es):
            assert not re.search(r"(?<!ZIP )(code|código) ?[,)?]|  ", sentence), sentence


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
    assert "15 times, from Dec 7, 2026 to Nov 4, 2027" in " ".join(one.ask for one in about)
    assert [one.id for one in found if one.who == "clinic"] == ["place_of_service"]
    assert {"accumulated", "bundled", "prior_authorization", "exclusion", "filing_limit", "check"} <= {
        one.id for one in found
    }


def test_no_question_asks_for_who_somebody_is() -> None:
    told = " ".join(f"{table['ask']} {table['ask_es']}" for table in TEXTS.values()).lower()
    assert not re.search(r"your name|member (id|number)|birth|nacimiento|nombre y", told)


# To read


def test_the_statements_say_the_headline_first_and_hold_their_dollars() -> None:
    scenario = two_unknowns()
    for made, told in (
        (
            statement(ask_next(scenario)),
            "Ask the clinic next: What is your price for this service: ketamine infusion, code 96365?",
        ),
        (statement(questions_for_plan(scenario)), "10 questions for the plan, 1 for the clinic"),
    ):
        assert repr(made).startswith(told)
        assert "\n" not in repr(made)
        assert 'class="ketacost tex2jax_ignore mathjax_ignore"' in made._repr_html_()
        assert len(made.frame) == len(made.rows)


def test_the_ten_dots_are_ten_and_say_what_they_show() -> None:
    for scenario in (kc.example("readme-patient"), small(), two_unknowns()):
        found = estimate(scenario)
        drawn = ElementTree.fromstring(chart_svg(found))
        circles = drawn.findall("{*}circle")
        assert len(circles) == 10
        assert found.sentence in str(drawn.get("aria-label"))
        places = [float(str(one.get("cx"))) for one in circles]
        assert places == sorted(places)


# The page about it

PAGE = (ROOT / "docs" / "ranges.md").read_text("utf-8")
BLOCKS = re.findall(r"## ([^\n]+)\n(?:(?!\n## ).)*?```python\n(.*?)```", PAGE, re.DOTALL)
COMES_TO = {
    "A range": "('73.85', '300', '450'), ['3/10', '2/5', '3/10']",
    "A range as people type it": "about $7,790; in 8 of 10 cases $6,510 to $8,950.",
    "The cases": "('19/20', 478936, 298936, 750316, 298936, 778800)",
    "What to ask next": "Do you cover ketamine infusion, code 96365, in your network?",
    "Write down the answer": "31000, (), Said(value=310, how='call'",
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
    assert scenario.shapes[CHARGE] == "triangular"
    assert estimate(scenario).looked_at == 512
