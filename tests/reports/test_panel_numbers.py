"""Every number of the panel is the estimate's, read out of the rendered text; a stopped treatment is never called cheap."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from html import unescape
from random import Random

import pytest
from random_scenarios import random_scenario
from small_scenarios import TEXAN
from tabs import every_tab

import ketacost as kc
from ketacost.core.dates import us_day
from ketacost.core.money import about, ends, usd
from ketacost.estimate.scenario import Scenario, example, examples
from ketacost.estimate.sentences import RARE, pays_alone, two_likely
from ketacost.estimate.texts import SURE, how_often
from ketacost.reports.handout import handout
from ketacost.reports.panel_pictures import bars_html
from ketacost.reports.sections import detail, head, plain, slim, static, why
from ketacost.taxes.households import Contribution

BENEFIT = example("payer-employer-ketamine-benefit")
CASES: dict[str, Scenario] = {name: example(name) for name in examples()}
CASES["help"] = BENEFIT.replace(paying=BENEFIT.paying.replace(assistance=20_000))
CASES["tax saved"] = BENEFIT.replace(household=TEXAN, contribution=Contribution(health_fsa=200_000))
CASES["both"] = CASES["tax saved"].replace(paying=BENEFIT.paying.replace(assistance=20_000, rebate=5_000))
CASES |= {f"random {seed}": random_scenario(Random(seed)) for seed in range(12)}
LINK = re.compile(r'data-why="(\w+)" aria-label="[^"]*"[^>]*>([^<]*)<')
CARD = re.compile(r'data-why="(\w+)"[^>]*><span>([^<]*)</span><b>([^<]*)</b>(?:<span>([^<]*)</span>)?')


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def cards(estimate: kc.Estimate) -> dict[str, tuple[str, str, str]]:
    html = head(estimate) + detail(estimate, "months")
    found = {name: (unescape(label), amount, when) for name, label, amount, when in CARD.findall(html)}
    return found | {name: ("", amount, "") for name, amount in LINK.findall(head(estimate))}


def signed(words: str) -> int:
    return usd(words.lstrip("-")) * (-1 if words.startswith("-") else 1)


@pytest.mark.parametrize("name", CASES)
def test_every_headline_is_the_sentence_and_the_rest(name: str) -> None:
    estimate = kc.estimate(CASES[name])
    first = f"{estimate.sentence} {estimate.rest}".strip()
    for told in (text(head(estimate)), text(static(estimate)), " ".join(plain(estimate).split())):
        assert told.startswith(first)
    assert repr(kc.statement(estimate)) == first


@pytest.mark.parametrize("name", CASES)
def test_the_cards_are_the_estimates(name: str) -> None:
    estimate = kc.estimate(CASES[name])
    found = cards(estimate)
    told = estimate.main.whole and estimate.chance >= RARE
    assert ("net" in found) == told
    if told:
        label, amount, _ = found["net"]
        two = two_likely(estimate)
        assert amount == (" or ".join(ends(*two)) if two else about(estimate.main.likely))
        assert (how_often(estimate.chance) in label) == (estimate.chance < SURE)
        assert not ("likely" in label and estimate.chance < SURE)
        ranged = about(estimate.p10) != about(estimate.p90)
        assert ("low" in found, "high" in found) == (ranged, ranged)
        if ranged:
            assert (found["low"][1], found["high"][1]) == (about(estimate.p10), about(estimate.p90))
        waits, day = estimate.most_waiting
        assert ("waiting" in found) == (day is not None)
        assert day is None or found["waiting"][1:] == (about(waits), f"on {us_day(day)}")
    first, most = estimate.dearest_month
    if "dearest" in found and first:
        assert found["dearest"][1:] == (about(most), f"in {first:%B %Y}")
    for figure in found:
        title, sentences = why(estimate, figure)
        assert title
        assert sentences


def test_an_answer_of_the_plan_that_was_said_stands_as_a_condition_beside_the_amount_too() -> None:
    said = {"payer": "employer-insured", "network": "out", "coverage": "infusions too", "prices.iv-mood.infusion": 425}
    found = kc.estimate(kc.resolve(kc.intake(said), date(2026, 11, 27)))
    assert found.sentence.startswith("If the plan pays for the infusions too, you")
    assert ">If the plan pays for the infusions too, you will likely pay about</span>" in head(found)
    assert slim(found).startswith("If the plan pays for the infusions too: $")


def test_what_is_certain_is_never_called_likely() -> None:
    alone = kc.estimate(example("payer-self-pay"))
    assert cards(alone)["net"][0] == "You will pay"
    assert slim(alone) == f"You will pay {about(alone.likely or 0)}"
    assert "likely" not in text(head(alone))


@pytest.mark.parametrize("name", CASES)
def test_the_bars_add_up_from_the_charge_to_the_net(name: str) -> None:
    """The charge less what nobody and the plan pay is what is owed, and the rest leads to the net."""
    estimate = kc.estimate(CASES[name])
    drawn = dict(re.findall(r'data-why="(\w+)" aria-label="[^"]+">(-?\$[\d,.]+)<', bars_html(estimate)))
    cents = {figure: signed(amount) for figure, amount in drawn.items()}
    yours = ("not_covered", "balance_bill", "copay", "deductible", "coinsurance")
    owed = cents["charge"] - cents.get("write_off", 0) - cents.get("plan_pays", 0)
    assert owed == cents["you_pay"]
    assert ("plan_pays" not in cents) == pays_alone(estimate)
    assert pays_alone(estimate) or owed == sum(cents.get(part, 0) for part in yours)
    more = ("monthly_fees", "steps", "filing_fee", "interest", "lost", "assistance", "hra", "rebate", "tax_saved")
    net = owed + sum(cents.get(step, 0) for step in more)
    assert net == cents.get("net", cents["you_pay"]) == estimate.main.likely


@pytest.mark.parametrize("name", CASES)
def test_the_list_adds_up_in_the_detail_the_static_page_and_the_text(name: str) -> None:
    estimate = kc.estimate(CASES[name])
    rows = [row for row in plain(estimate).splitlines() if re.match(r" *-?\$[\d,.]+  ", row)]
    amounts = [signed(row.split()[0]) for row in rows]
    if not estimate.steps_to_net:  # no visit takes place: there is no list
        assert amounts == []
        assert "From the charge to your cost" not in text(every_tab(estimate)) + text(static(estimate))
        return
    assert sum(amounts[:-1]) == amounts[-1] == estimate.main.likely
    for html in (every_tab(estimate), static(estimate)):
        told = text(html).partition("From the charge to your cost Amount")[2]
        listed = [signed(word) for word in re.findall(r"-?\$[\d,]+\.\d\d", told)[: len(estimate.steps_to_net)]]
        assert sum(listed[:-1]) == listed[-1] == estimate.main.likely


@pytest.mark.parametrize("name", CASES)
def test_the_table_of_outcomes_never_calls_a_stopped_treatment_likely_or_free(name: str) -> None:
    estimate = kc.estimate(CASES[name])
    table = kc.statement(estimate)
    names = [column.name for column in table.columns]
    assert sum((group.chance for group in estimate.groups), Fraction(0)) == 1
    for row, group in zip(table.rows, estimate.groups, strict=True):
        cells = dict(zip(names, row, strict=True))
        assert cells["chance"] == group.chance
        if group.whole:
            assert cells["you_pay"] == group.likely
            assert cells["take_place"].startswith("all ")
        else:
            assert isinstance(cells["you_pay"], str)
            assert cells["you_pay"] == ("nothing is owed" if not group.high else cells["you_pay"])
            assert not re.match(r"\$0( |$)|likely", cells["you_pay"])
            assert cells["take_place"].startswith(f"{group.visits or 'none'} of ")
            assert cells["back"] is None
    assert "Most cash" not in text(every_tab(estimate))


def test_the_va_patient_reads_the_chance_first() -> None:
    """The case worked in the tests of the estimate: 80,000 at 6/25, and otherwise no treatment."""
    estimate = kc.estimate(example("payer-va-facility"))
    assert slim(estimate) == "If all visits take place (1 in 4): $800"
    assert cards(estimate)["net"][:2] == ("If all visits take place (1 in 4), you pay", "$800")
    assert "likely $800" not in text(head(estimate))
    assert "Shown here: VA covers the infusions too (1 in 4)." in text(every_tab(estimate))


def test_what_all_but_never_takes_place_has_no_card_of_its_cost() -> None:
    estimate = kc.estimate(example("payer-medicaid"))
    assert "net" not in cards(estimate)
    assert "$0" not in text(head(estimate))


def test_unknowns_are_listed_with_their_values_and_where_they_come_from() -> None:
    estimate = kc.estimate(example("readme-patient"))
    table = kc.statement(estimate.unknowns)
    assert [row[0] for row in table.rows] == [unknown.label for unknown in estimate.unknowns]
    assert "nothing (" in table.rows[0][1]
    assert table.rows[0][2] == estimate.unknowns[0].why


@pytest.mark.parametrize(("language", "told"), [("en", "one of the two cases"), ("es", "uno de los dos casos")])
def test_details_of_one_of_two_equally_likely_amounts_say_so(language: str, told: str) -> None:
    """Who owes a visit that Medicare Advantage denies is not known: nothing, or all of it. The months are of one."""
    said: dict[str, object] = {"payer": "medicare-advantage", "start": "2027-01-04"}
    pain: dict[str, object] = said | {"protocol": "iv-pain", "standing": "out of network"}
    nearly, often = (kc.estimate(kc.resolve(kc.intake(one), date(2026, 11, 28))) for one in (pain, said))
    for found, case in (
        (nearly, "one of two cases, in which you pay"),
        (often, "the plan covers nothing (9 in 10), and you pay"),
    ):
        assert found.main.likely in (two_likely(found) or ())
        shown = f"Shown here: {case} {about(found.main.likely)}."
        assert {tab: shown in detail(found, tab) for tab in ("months", "money", "lines")} == dict.fromkeys(
            ("months", "money", "lines"), True
        )
    assert told in handout(nearly, language)


def test_the_bar_that_stays_in_sight_holds_one_sentence_where_there_is_no_amount() -> None:
    said = {"payer": "va-community-care", "protocol": "iv-mood", "start": "2027-01-11", "approval.iv-mood.weeks": 12}
    found = kc.estimate(kc.resolve(kc.intake(said), date(2026, 11, 28)))
    assert slim(found) == "8 of 16 visits take place before the authorization ends, and you pay $400 for them"
    assert found.sentence.startswith(f"{slim(found)}. The other 8 need a new approval")
