"""The page to hand over: the answer's own numbers, plain words in two languages, one outcome at a time, nothing asked for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from datetime import date
from hashlib import sha256
from html import unescape
from pathlib import Path

import pytest
from handout_parts import PAGES, TEXTS, Parts, body, calls, days, months, own, page_of, points
from places import ROOT

import ketacost as kc
from ketacost.analysis.value_of_information import ask_next
from ketacost.core.money import about
from ketacost.core.references import read_toml
from ketacost.estimate.explain import citations
from ketacost.estimate.resolve import resolve
from ketacost.estimate.scenario import example
from ketacost.estimate.sentences import RARE
from ketacost.estimate.texts import SURE
from ketacost.model.payers import payers
from ketacost.reports import handout as handouts
from ketacost.reports.handout import handout

SAID = ("denied", "visits only", "infusions too")
"""What a plan may answer, where that is not known."""

# The numbers


def test_the_patient_of_the_readme_reads_the_estimates_sentence() -> None:
    """The sentence and the rest of the estimate, which test_readme works out, first on the page."""
    estimate = kc.estimate(example("readme-patient"))
    told = Parts(page_of("readme-patient")).of("p")
    assert "You will almost certainly pay about $7,790 (98 in 100)." in told
    assert told[1:3] == ["$7,790", estimate.sentence]
    assert estimate.rest in told
    assert "Casi con seguridad pagará unos $7,790 (98 de cada 100)." in Parts(page_of("readme-patient", "es")).of("p")


def test_the_months_of_the_readme_patient_are_those_of_its_visits() -> None:
    """One evaluation at $288 on November 30; six infusions from December 7 to 24; then one every 35 days from January 28:
    March 4, April 8, May 13, June 17, July 22, August 26, September 30, November 4. Nothing comes back."""
    strip = months(page_of("readme-patient"))
    paid = {"Nov 2026": "$290", "Dec 2026": "$3,000", "Feb 2027": "", "Oct 2027": ""}
    seen = {"Dec 2026": "6", "Feb 2027": "", "Oct 2027": ""}
    names = "Nov 2026,Dec 2026,Jan 2027,Feb 2027,Mar 2027,Apr 2027,May 2027,Jun 2027,Jul 2027,Aug 2027,Sep 2027,Oct 2027,Nov 2027"
    assert {name: row["You pay"] for name, row in strip.items()} == {
        name: paid.get(name, "$500") for name in names.split(",")
    }
    assert {name: row["Visits"] for name, row in strip.items()} == {
        name: seen.get(name, "1") for name in names.split(",")
    }
    assert "You get back" not in strip["Nov 2026"]
    assert "Costliest month: December 2026. You pay $3,000 then." in body(page_of("readme-patient"))


def test_the_dates_of_the_readme_patient_are_those_of_its_bills() -> None:
    """Bills go out every 30 days from November 30: on December 30. The plan answers within 30 days, so by January 29; a no
    can be appealed for 180 days, to July 28. The shortest filing limit seen is 60 days from November 30. If infusions are
    paid, the eighth of 2027 at $300, of September 30, passes the deductible of $2,250: its bill goes out on October 26,
    330 days after November 30, and 42 days later is December 7."""
    page = page_of("readme-patient")
    assert days(page) == [
        "A Dec 30, 2026: send your plan your first bills.",
        "B Jan 29, 2027: earliest deadline for the Nov 30 bill.",
        "C Jan 29, 2027: the plan should have answered.",
        "D Jul 28, 2027: last day to appeal a “no” of Jan 29.",
        "E Dec 7, 2027: first check, if the plan pays for more.",
    ]
    assert months(page)["Jul 2027"]["Dates"] == "D"


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_every_example_shows_its_own_amounts(name: str, language: str) -> None:
    estimate = kc.estimate(example(name))
    page = Parts(handout(estimate, language))
    told = body(handout(estimate, language))
    if language == "en":
        assert estimate.sentence in told
        assert estimate.rest in told
    elif estimate.chance >= RARE:
        assert about(estimate.main.likely) in told
    first, most = estimate.dearest_month
    assert about(most) in told or first is None
    rounded = " ".join(text for text in page.of("p", "li", "td") if " = " not in text)
    assert "." not in "".join(re.findall(r"\$[\d,]+\.\d", rounded))


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_the_list_from_the_bill_to_the_cost_adds_up(name: str, language: str) -> None:
    estimate = kc.estimate(example(name))
    lists = [text for text in Parts(handout(estimate, language)).of("p") if " = $" in text]
    assert bool(lists) == (len(estimate.steps_to_net) > 2)
    for text in lists:
        first, *parts = re.findall(r"([−+]?) ?\$([\d,]+\.\d\d)", text)
        *parts, (_, net) = parts
        total = kc.usd(first[1]) + sum(kc.usd(amount) * (-1 if sign == "−" else 1) for sign, amount in parts)
        assert total == kc.usd(net) == estimate.main.likely


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_no_visit_that_does_not_take_place_is_said_to_cost_nothing(name: str, language: str) -> None:
    """A page of a treatment that may stop says which case it shows, and never what the stopped one "likely" costs."""
    estimate = kc.estimate(example(name))
    told = Parts(handout(estimate, language)).of("p")
    case = TEXTS[language]["case"]["shown"].partition(":")[0]
    assert any(text.startswith(case) for text in told) == (estimate.main.chance < SURE)
    if estimate.chance < SURE:
        assert not any("likely" in text or "más probable" in text for text in told)


@pytest.mark.parametrize("language", TEXTS)
def test_money_that_comes_back_has_its_row_only_where_some_comes_back(language: str) -> None:
    words = TEXTS[language]["dates"]
    for coverage, back in (("denied", False), ("infusions too", True)):
        page = page_of("readme-patient", language, coverage=coverage, ranges={}, odds={})
        assert (words["back"] in Parts(page).of("th")) == back


@pytest.mark.parametrize("language", TEXTS)
def test_who_pays_alone_reads_of_no_plan_card_and_of_the_price_in_writing(language: str) -> None:
    alone, insured = (page_of(name, language) for name in ("payer-self-pay", "payer-employer-insured"))
    texts = TEXTS[language]
    written = texts["good_faith"]["heading"]
    assert calls(alone) == [texts["do"]["clinic"], written]
    assert calls(insured) == [texts["do"]["insurer"], texts["do"]["clinic"]]
    assert ("$400" in body(alone), "$400" in body(insured)) == (True, False)
    assert texts["foot"]["keep"] in body(insured)
    assert texts["foot"]["keep"] not in body(alone)


@pytest.mark.parametrize("language", TEXTS)
def test_medicare_is_told_of_its_counselors_and_veterans_of_va_s_own_words(language: str) -> None:
    helps = TEXTS[language]["help"]
    for name in payers():
        told = body(page_of("readme-patient", language, payer=name))
        assert (helps["ship"] in told) == name.startswith("medicare")
        assert (helps["va"] in told) == name.startswith("va-")
    words = TEXTS[language]["do"]
    assert calls(page_of("payer-va-facility", language)) == [words["va"], words["va_copay"]]


def test_thirteen_columns_hold_any_calendar_and_no_dollar_is_lost() -> None:
    course = example("readme-patient").course
    html = page_of("readme-patient", course=course.replace(visits={"evaluation": 1, "induction": 6, "maintenance": 40}))
    strip = months(html)
    assert len(strip) <= 13
    paid = sum(int(row["You pay"].removeprefix("$").replace(",", "") or 0) for row in strip.values())
    assert paid == 290 + 46 * 500
    assert sum(int(row["Visits"] or 0) for row in strip.values()) == 47
    assert next(iter(strip)) == "Nov–Mar 2026"


def test_a_column_is_as_wide_as_its_amount() -> None:
    charges = {"evaluation": 28_800, "infusion": 2_345_600}
    prices = example("readme-patient").prices.replace(charges=charges)
    assert len(months(page_of("readme-patient", prices=prices))) == 7


def test_the_costliest_month_is_the_most_of_the_strip() -> None:
    """An FSA of $1,500, an HSA of $900 and $1,000 of help pay at once: that is not what the patient pays."""
    entries = {
        **{
            "payer": "employer-insured",
            "plan": "nextgen-2026-750",
            "household.state": "TX",
            "contribution.health_fsa": 0,
        },
        **{"on_hand.fsa_left": 1_500, "on_hand.hsa_balance": 900, "paying.assistance": 1_000},
    }
    estimate = kc.estimate(resolve(kc.intake(entries), date(2026, 11, 27)))
    found = estimate.calendar.months
    assert max(month.out for month in found) == estimate.dearest_month[1]
    strip = months(handout(estimate))
    first, most = estimate.dearest_month
    assert strip[f"{first:%b %Y}"]["You pay"] == about(most)
    paid = sum(int(row["You pay"].removeprefix("$").replace(",", "") or 0) for row in strip.values())
    assert abs(paid - (estimate.main.bottom.cash // 100)) <= 5 * len(found)
    assert "Not in the months: about $2,400 that your accounts hold now." in body(handout(estimate))
    assert "Fuera de los meses: unos $2,400 que sus cuentas ya tienen." in body(handout(estimate, "es"))
    assert paid + 2_400 == pytest.approx(estimate.main.likely // 100, abs=5 * len(found))
    assert "Not in the months" not in body(page_of("readme-patient"))


def test_where_nothing_may_be_owed_no_bill_stands_as_a_fact() -> None:
    """Medicare says no; who owes a denied visit is not known. Two amounts, each in about half of the cases."""
    page = page_of("payer-medicare-part-b")
    assert points(page) == [
        "No one knows yet who pays for a visit that Medicare denies. You may owe nothing, or about $7,790."
    ]
    assert "$0 or $7,790" in Parts(page).of("p")
    assert "pay the clinic first" not in body(page)
    assert "We also assume that you owe the visits it denies." in body(page)


def test_two_equally_likely_amounts_are_both_said_in_spanish() -> None:
    estimate = kc.estimate(resolve(kc.intake(payer="medicare-part-b"), date(2026, 11, 27)))
    told = body(handout(estimate, "es"))
    assert "Pagará cero dólares o unos $7,790 (consideramos igual de probables los dos montos)." in told
    assert "Si Medicare niega una visita, la paga usted o la clínica." in told
    assert "Lo más probable" not in told


def test_a_bill_of_nothing_is_said_in_words() -> None:
    entries = {"payer": "medicare-part-b", "protocol": "iv-mood", "notice": "no"}
    estimate = kc.estimate(resolve(kc.intake(entries), date(2026, 11, 27)))
    assert points(handout(estimate))[:2] == [
        "You owe the clinic nothing.",
        "If Medicare says no, the clinic bears the cost.",
    ]
    assert "about $0" not in body(handout(estimate))
    assert "unos $0" not in body(handout(estimate, "es"))


def test_without_a_plan_no_plan_is_asked() -> None:
    page = handout(kc.estimate(resolve(kc.intake(), date(2026, 11, 27))))
    assert points(page) == [TEXTS["en"]["points"]["no_claim"]]
    assert calls(page)[0] == TEXTS["en"]["do"]["clinic"]


def test_help_is_in_the_one_amount_and_in_the_list() -> None:
    """$200 from a foundation: 7,788 - 200 = 7,588, which is the answer, and the only one."""
    paying = example("readme-patient").paying.replace(assistance=20_000)
    told = Parts(page_of("readme-patient", paying=paying)).of("p")
    assert told[2].startswith("You will almost certainly pay about $7,590")
    assert "From the bill to your cost: $7,788.00 charged − $200.00 help = $7,588.00." in told
    assert not any("$7,790" in text for text in told)


def test_the_date_of_the_numbers_is_that_of_the_latest(monkeypatch: pytest.MonkeyPatch) -> None:
    estimate = kc.estimate(example("readme-patient"))
    first, second, *_ = citations(estimate.shown)
    read = [
        replace(p, source=replace(p.source, read_on=day)) for p, day in ((first, "2026-12-01"), (second, "2026-11-23"))
    ]
    monkeypatch.setattr(handouts, "citations", lambda answer: tuple(read))
    assert "Numbers as of December 1, 2026." in body(handout(estimate))


# The three outcomes


@pytest.mark.parametrize(
    ("coverage", "allowed", "told"),
    [
        ("denied", "450", ["You pay the clinic first", "If the plan says no, it pays $0"]),
        (
            "visits only",
            "450",
            ["You pay the clinic first", "A “yes” can still mean $0 back.", "If the plan says “no” to the rest"],
        ),
        ("infusions too", "240", ["You pay the clinic first", "A “yes” can still mean $0 back."]),
        ("infusions too", "450", ["You pay the clinic first"]),
    ],
)
def test_paid_counted_and_denied_are_told_apart(coverage: str, allowed: str, told: list[str]) -> None:
    """The first infusion that is paid is the fifth, on December 21. Bills go out every 30 days from November 30, so on
    December 30; 42 days later, the middle of 28 to 56, is February 10."""
    scenario = example("readme-patient").replace(coverage=coverage, ranges={}, odds={})
    side = scenario.plan.networks["out"]
    assert not isinstance(side, str)
    networks = {**scenario.plan.networks, "out": side.replace(allowed={**side.allowed, "infusion": int(allowed) * 100})}
    page = handout(kc.estimate(scenario.replace(plan=scenario.plan.replace(networks=networks))))
    found = points(page)
    assert ("Feb 10, 2027: the first check may come." in "".join(days(page))) == (
        (coverage, allowed) == ("infusions too", "450")
    )
    assert len(found) == len(told)
    assert all(point.startswith(start) for point, start in zip(found, told, strict=True))


def test_counted_says_how_much_counts_and_paid_says_how_much_comes_back() -> None:
    known = page_of("readme-patient", coverage="visits only", ranges={})
    assert "Of the bill, $250 counts toward your deductible" in points(known)[1]
    assert points(page_of("readme-patient"))[1].startswith("Most plans like yours say no. If yours does, it pays $0")
    paid = points(page_of("payer-employer-ketamine-benefit"))
    assert paid[0] == "You pay the clinic first: about $7,790 in all. The plan may send back about $3,000 of it."
    assert not any("deductible" in point or "Most plans" in point for point in paid)


@pytest.mark.parametrize("counts", ["does not count", "counts"])
def test_what_help_pays_is_not_yours_and_counts_only_where_it_does(counts: str) -> None:
    """$240 and five doses at $1,400 under a deductible of $9,000: the maker's program pays $1,390 of each."""
    visits = {"visits.spravato.weeks 1-4": 5, "visits.spravato.weeks 5-8": 0, "visits.spravato.weeks 9+": 0}
    terms = {"terms.in.deductible": 9_000, "terms.in.out_of_pocket_limit": 10_000, "plan_kind": "PPO"}
    allowed = {"allowed.in.spravato.evaluation": 240, "allowed.in.spravato.esketamine": 1_400}
    prices = {"prices.spravato.evaluation": 300, "prices.spravato.esketamine": 1_500}
    helped = {
        "paying.assistance": 8_000,
        "paying.assistance_for": "spravato savings",
        "paying.assistance_counts": counts,
    }
    said = {"payer": "employer-insured", "protocol": "spravato", "network": "in", "coverage": "infusions too", **helped}
    said |= {"terms.in.drug.deductible_applies": True, "terms.in.specialist.deductible_applies": True}
    said |= {"used.patient.in.deductible": 0}
    entries = {**said, **visits, **terms, **allowed, **prices}
    page = handout(kc.estimate(resolve(kc.intake(entries), date(2026, 11, 27))))
    first, second = points(page)
    assert first == "You pay the clinic first: about $290 in all."
    assert ("$7,240 counts toward your deductible" in second) == (counts == "counts")


def test_a_plan_without_a_benefit_there_is_not_told_as_a_denial() -> None:
    assert points(page_of("hmo-no-out-of-network-benefit"))[1].startswith("Your plan has no benefit at this clinic.")
    assert points(page_of("payer-self-pay"))[0].startswith("No bill is sent to a plan.")


def test_in_network_the_plan_pays_the_clinic() -> None:
    assert points(page_of("spravato-in-network")) == ["The plan pays the clinic about $31,010. You pay your part."]


def test_what_a_no_would_cost_is_said_by_the_sentence_alone() -> None:
    """All sixteen visits at the clinic's charges: 288 + 15 x 500 = 7,788."""
    for name in ("payer-va-facility", "payer-employer-ketamine-benefit"):
        assert "$7,790" in kc.estimate(example(name)).sentence
        assert not any("says no" in point for point in points(page_of(name)))


def test_what_is_refused_is_told_with_its_amount() -> None:
    """Fifteen infusions at $500 are refused; the evaluation at $288 counts."""
    assert points(page_of("readme-patient", ranges={}, odds={}))[2] == (
        "If the plan says “no” to the rest of the bill, you pay about $7,500 for that part."
    )


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_there_are_at_most_three_points(name: str, language: str) -> None:
    assert 1 <= len(points(page_of(name, language))) <= 3


# The page itself


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_nothing_is_left_open_and_the_language_is_named(name: str, language: str) -> None:
    html = page_of(name, language)
    assert html.startswith(f'<!DOCTYPE html>\n<html lang="{language}">')
    assert re.findall(r"[{}]", body(html)) == []


def test_a_title_is_escaped() -> None:
    html = page_of("readme-patient", title="<script>alert(1)</script>")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;</title>" in html


def test_the_page_holds_all_it_needs_and_asks_for_nothing() -> None:
    html = handout(kc.estimate(example("readme-patient")), "es")
    assert (
        re.findall(r"\b(?:src|href|action)\s*=|url\(|@import|<(?:link|img|iframe|form|input|textarea|select)\b", html)
        == []
    )
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        [inside] = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = b64encode(sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in unescape(policy)
    assert "unsafe" not in policy
    assert " style=" not in html
    assert " onclick" not in html


@pytest.mark.parametrize("language", TEXTS)
def test_two_calls_ask_what_is_most_worth_asking_and_have_lines_to_write_on(language: str) -> None:
    """The first question for the plan and the first for the clinic, of those that would change the answer."""
    scenario = example("readme-patient").replace(ranges={"prices.charges.infusion": ("400", "900"), "coverage": SAID})
    page = Parts(own(handout(kc.estimate(scenario.replace(odds={})), language)))
    for who in ("insurer", "clinic"):
        first = next(one for one in ask_next(scenario.replace(odds={})) if one.who == who)
        assert f"“{first.sentence_es if language == 'es' else first.sentence}”" in page.of("p")
    labels = [f"{TEXTS[language]['do'][name]}:" for name in ("answer", "date", "reference")]
    assert [label for label in page.of("dt") if label in labels] == [*labels, *labels]


def test_where_nothing_is_open_a_question_stands_all_the_same() -> None:
    told = TEXTS["en"]["do"]
    plan, clinic = (page_of(name, ranges={}, odds={}) for name in ("readme-patient", "payer-self-pay"))
    assert f"“{told['insurer_otherwise']}”" in Parts(plan).of("p")
    assert f"“{told['clinic_otherwise']}”" in Parts(plan).of("p")
    assert f"“{told['clinic_otherwise']}”" in Parts(clinic).of("p")
    assert f"“{told['insurer_otherwise']}”" not in Parts(clinic).of("p")


def test_everybody_who_knows_an_answer_is_called() -> None:
    asked = {one["who"] for one in read_toml("questions.toml").values() if "who" in one}
    assert asked - {"patient"} <= set(TEXTS["en"]["do"])  # what the patient knows is asked at the desk, not on the page


def test_what_was_assumed_says_what_was_said() -> None:
    """$475 was typed; what the plan counts is not known; nobody said which plan it is."""
    entries = {"payer": "employer-insured", "prices.iv-mood.infusion": 475, "prices.iv-mood.evaluation": 300}
    page = handout(kc.estimate(resolve(kc.intake(entries), date(2026, 11, 27))))
    told = Parts("<p>" + page.partition('class="assumed">')[2]).of("li")
    assert told[0] == "Price: $300 (1 visit; you told us), $475 each (15 visits; you told us)."
    assert "Allowed amount (what the plan counts) for one infusion: $74 to $450 (not known)." in told
    assert any(line.startswith("Plan not known: we looked at ") for line in told)


def test_of_many_prices_those_that_were_said_are_apart_from_the_others() -> None:
    """Six infusions are $350 each in a package, nine more $425; only the evaluation is not known."""
    entries = {"prices.iv-mood.infusion": 425, "packages.iv-mood": "6 for $2,100"}
    page = handout(kc.estimate(resolve(kc.intake(entries), date(2026, 11, 27))))
    told = Parts("<p>" + page.partition('class="assumed">')[2]).of("li")
    assert told[0] == "Price: $225 to $288 (1 visit; not known), $350 to $425 each (15 visits; you told us)."


@pytest.mark.parametrize("language", TEXTS)
def test_a_plan_without_a_benefit_here_is_said_once_and_has_no_chance_of_a_yes(language: str) -> None:
    entries = {"payer": "marketplace", "protocol": "kap", "network": "out", "terms.out.pays": False}
    page = own(handout(kc.estimate(resolve(kc.intake(entries), date(2026, 11, 27))), language))
    told = Parts(page).of("p", "li")
    assert sum("no benefit" in line or "no cubre nada" in line or "no paga nada" in line for line in told) == 1
    assert not any(
        line.startswith(("Chance that", "If the plan says no", "Probabilidad", "Si el plan")) for line in told
    )


def test_an_answer_of_the_plan_that_was_said_is_a_condition_in_both_languages() -> None:
    for coverage, english, spanish in (
        ("infusions too", "If the plan pays for the infusions too, you", "Si el plan paga también las infusiones, "),
        ("denied", "If the plan pays nothing, you", "Si el plan no paga nada, "),
    ):
        said = {"payer": "employer-insured", "coverage": coverage, "ranges": {}}
        pages = [Parts(page_of("readme-patient", language, **said)) for language in ("en", "es")]
        for page, lead in zip(pages, (english, spanish), strict=True):
            assert any(line.startswith(lead) for line in page.of("p")), page.of("p")
        assert not any("Chance that" in line for line in pages[0].of("li"))
        assert ("The plan pays for the treatment (you told us)." in pages[0].of("li")) is (coverage != "denied")


def test_the_state_s_office_is_named_only_where_it_helps() -> None:
    named = {name for name in payers() if TEXTS["en"]["help"]["state"] in body(page_of("readme-patient", payer=name))}
    assert named == {name for name, payer in payers().items() if payer.law in ("aca", "erisa")}


def test_it_can_be_made_where_there_is_only_the_standard_library() -> None:
    code = (
        "import json, sys; before = set(sys.modules)\n"
        "from ketacost import estimate, example, handout\n"
        "handout(estimate(example('readme-patient')))\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in set(sys.modules) - before})))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    known = {*sys.stdlib_module_names, "ketacost"}
    assert [name for name in json.loads(told) if name not in known and not name.startswith("_sysconfigdata")] == []


def test_the_example_of_the_docs_writes_both_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "docs" / "handout.md").read_text("utf-8")
    [block] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "docs/handout.md", "exec"), {})
    assert "$7,790" in Path("handout.html").read_text("utf-8")
    assert 'lang="es"' in Path("handout-es.html").read_text("utf-8")
