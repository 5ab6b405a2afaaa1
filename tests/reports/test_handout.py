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
from handout_parts import PAGES, TEXTS, Parts, body, page_of, points
from places import ROOT

import ketacost as kc
from ketacost.analysis.value_of_information import ask_next
from ketacost.core.money import about
from ketacost.core.references import read_toml
from ketacost.estimate.explain import citations
from ketacost.estimate.resolve import resolve
from ketacost.estimate.scenario import example
from ketacost.estimate.sentences import RARE, SURE
from ketacost.model.payers import payers
from ketacost.reports import handout as handouts
from ketacost.reports.handout import handout

# The numbers


def test_the_patient_of_the_readme_reads_the_estimates_sentence() -> None:
    """The sentence and the rest of the estimate, which test_readme works out, first on the page."""
    estimate = kc.estimate(example("readme-patient"))
    told = Parts(page_of("readme-patient")).of("p")
    assert "You will almost certainly pay about $7,790 (98 in 100)." in told
    assert told[1:3] == [estimate.sentence, estimate.rest]
    assert "Casi con seguridad pagará unos $7,790." in Parts(page_of("readme-patient", "es")).of("p")


def test_the_months_of_the_readme_patient_are_those_of_its_visits() -> None:
    """One evaluation at $288 on November 30; six infusions from December 7 to 24; then one every 35 days from January 28:
    March 4, April 8, May 13, June 17, July 22, August 26, September 30, November 4. Nothing comes back."""
    page = Parts(page_of("readme-patient"))
    rows = page.of("th", "td")[2:]
    paid = {"Nov 2026": "$290", "Dec 2026": "$3,000", "Feb 2027": "$0", "Oct 2027": "$0"}
    months = "Nov 2026,Dec 2026,Jan 2027,Feb 2027,Mar 2027,Apr 2027,May 2027,Jun 2027,Jul 2027,Aug 2027,Sep 2027,Oct 2027,Nov 2027"
    assert rows == [cell for month in months.split(",") for cell in (month, paid.get(month, "$500"))]
    assert "Costliest month: $3,000 in December 2026." in page.of("p")


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
def test_money_that_comes_back_has_its_column_only_where_some_comes_back(language: str) -> None:
    words = TEXTS[language]["months"]
    for coverage, back in (("denied", False), ("infusions too", True)):
        told = Parts(page_of("readme-patient", language, coverage=coverage, ranges={}, odds={}))
        assert (words["back"] in told.of("th"), words["heading"] in told.of("h2")) == (back, back)


@pytest.mark.parametrize("language", TEXTS)
def test_who_pays_alone_reads_of_no_plan_card_and_no_terms_of_a_plan(language: str) -> None:
    alone, insured = (body(page_of(name, language)) for name in ("payer-self-pay", "payer-employer-insured"))
    texts = TEXTS[language]
    of_a_plan = [texts["words"]["heading"], texts["documents"]["bring"], texts["documents"]["keep"]]
    assert [text in insured for text in of_a_plan] == [True] * 3
    assert [text in alone for text in of_a_plan] == [False] * 3


def test_fifteen_lines_hold_any_calendar_and_no_dollar_is_lost() -> None:
    course = example("readme-patient").course
    html = page_of("readme-patient", course=course.replace(visits={"evaluation": 1, "induction": 6, "maintenance": 40}))
    rows = Parts(html).of("th", "td")[2:]
    assert len(rows) // 2 <= 15
    paid = sum(int(cell.removeprefix("$").replace(",", "")) for cell in rows[1::2])
    assert paid == 290 + 46 * 500
    assert rows[0] == "Nov 2026 to Feb 2027"


def test_the_costliest_month_is_the_most_of_the_column_beside_it() -> None:
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
    months = estimate.calendar.months
    assert max(month.out for month in months) == estimate.dearest_month[1]
    rows = Parts(handout(estimate)).of("th", "td")[2:]
    first, most = estimate.dearest_month
    assert rows[rows.index(f"{first:%b %Y}") + 1] == about(most)
    paid = sum(int(cell.removeprefix("$").replace(",", "")) for cell in rows[1::2])
    assert abs(paid - (estimate.main.bottom.cash // 100)) <= 5 * len(months)
    assert "Not in the list: about $2,400 that your accounts hold now." in body(handout(estimate))
    assert "Fuera de la lista: cerca de $2,400 que sus cuentas ya tienen." in body(handout(estimate, "es"))
    assert paid + 2_400 == pytest.approx(estimate.main.likely // 100, abs=5 * len(months))
    assert "Not in the list" not in body(page_of("readme-patient"))


def test_two_equally_likely_amounts_are_both_said_in_spanish() -> None:
    estimate = kc.estimate(resolve(kc.intake(payer="medicare-part-b"), date(2026, 11, 27)))
    told = body(handout(estimate, "es"))
    assert "Pagará cero dólares o unos $7,790: tomamos los dos montos como igual de probables." in told
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
    assert points(page)[1] == TEXTS["en"]["points"]["no_claim"]
    assert TEXTS["en"]["ask"]["clinic"] in Parts(page).of("h2")


def test_help_is_in_the_one_amount_and_in_the_list() -> None:
    """$200 from a foundation: 7,788 - 200 = 7,588, which is the answer, and the only one."""
    paying = example("readme-patient").paying.replace(assistance=20_000)
    told = Parts(page_of("readme-patient", paying=paying)).of("p")
    assert told[1].startswith("You will almost certainly pay about $7,590")
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
        (
            "denied",
            "450",
            ["You pay the clinic first", "If the plan says no, it pays $0", "If the plan says no, you can ask"],
        ),
        (
            "visits only",
            "450",
            ["You pay the clinic first", "A “yes” can still mean $0 back.", "If the plan says “no” to the rest"],
        ),
        ("infusions too", "240", ["You pay the clinic first", "A “yes” can still mean $0 back."]),
        ("infusions too", "450", ["You pay the clinic first", "The first money may come back in February 2027."]),
    ],
)
def test_paid_counted_and_denied_are_told_apart(coverage: str, allowed: str, told: list[str]) -> None:
    """The first infusion that is paid is the fifth, on December 21. Bills go out every 30 days from November 30, so on
    December 30; 42 days later, the middle of 28 to 56, is February 10."""
    scenario = example("readme-patient").replace(coverage=coverage, ranges={}, odds={})
    side = scenario.plan.networks["out"]
    assert not isinstance(side, str)
    networks = {**scenario.plan.networks, "out": side.replace(allowed={**side.allowed, "infusion": int(allowed) * 100})}
    found = points(handout(kc.estimate(scenario.replace(plan=scenario.plan.replace(networks=networks)))))
    assert len(found) == len(told)
    assert all(point.startswith(start) for point, start in zip(found, told, strict=True))


def test_counted_says_how_much_counts_and_paid_says_how_much_comes_back() -> None:
    known = page_of("readme-patient", coverage="visits only", ranges={})
    assert "Of the bill, $250 counts toward your deductible" in points(known)[1]
    assert points(page_of("readme-patient"))[1].startswith("Most plans like yours say no. If yours does, it pays $0")
    paid = points(page_of("payer-employer-ketamine-benefit"))
    assert paid[0] == "You pay the clinic first: about $7,790 in all. The plan may send back about $3,000 of it."
    assert not any("deductible" in point or "Most plans" in point for point in paid)


def test_a_plan_without_a_benefit_there_is_not_told_as_a_denial() -> None:
    assert points(page_of("hmo-no-out-of-network-benefit"))[1].startswith("Your plan has no benefit at this clinic.")
    assert points(page_of("payer-self-pay"))[1].startswith("No bill is sent to a plan.")


def test_in_network_the_plan_pays_the_clinic() -> None:
    assert points(page_of("spravato-in-network")) == ["The plan pays the clinic about $31,010. You pay your part."]


def test_where_a_no_is_still_open_it_says_what_that_would_mean() -> None:
    """All sixteen visits at the clinic's charges: 288 + 15 x 500 = 7,788. At VA's own clinic the treatment stops."""
    assert points(page_of("payer-va-facility"))[1:] == [
        "If VA says no, the treatment stops. Paying for it yourself would cost about $7,790."
    ]
    assert points(page_of("payer-employer-ketamine-benefit"))[2] == "If the plan says no, you may pay about $7,790."


def test_what_may_still_come_back_is_told_with_its_month() -> None:
    """The typical case of the group in which the infusions are paid: $300 counts, so only 2027 passes its deductible."""
    assert points(page_of("readme-patient"))[2] == (
        "If the plan pays for more, the first money may come back in December 2027."
    )


def test_what_is_refused_is_told_with_its_amount_and_that_it_can_be_appealed() -> None:
    """Fifteen infusions at $500 are refused; the evaluation at $288 counts."""
    assert points(page_of("readme-patient", ranges={}, odds={}))[2] == (
        "If the plan says “no” to the rest of the bill, you pay about $7,500 for that part."
    )
    appeal = TEXTS["en"]["points"]["appeal"]
    assert points(page_of("payer-employer-self-funded"))[2] == appeal
    assert appeal not in points(page_of("payer-self-pay"))


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
    html = page_of("readme-patient", "es")
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
def test_the_first_question_is_the_one_to_ask_next_and_has_lines_to_write_on(language: str) -> None:
    estimate = kc.estimate(example("readme-patient"))
    first = ask_next(estimate.scenario)[0]
    page = Parts(handout(estimate, language))
    assert f"“{first.sentence_es if language == 'es' else first.sentence}”" in page.of("p")
    labels = [TEXTS[language]["ask"][name] for name in ("date", "reference", "answer")]
    assert page.of("dt")[:3] == [f"{label}:" for label in labels]


def test_where_nothing_is_open_a_question_stands_all_the_same() -> None:
    told = TEXTS["en"]["ask"]
    plan, clinic = (Parts(page_of(name, ranges={}, odds={})) for name in ("readme-patient", "payer-self-pay"))
    assert told["insurer"] in plan.of("h2")
    assert f"“{told['insurer_otherwise']}”" in plan.of("p")
    assert told["clinic"] in clinic.of("h2")
    assert f"“{told['clinic_otherwise']}”" in clinic.of("p")


def test_who_is_asked_is_said() -> None:
    ranges = {"prices.charges.infusion": ("400", "900")}
    assert TEXTS["en"]["ask"]["clinic"] in Parts(page_of("readme-patient", ranges=ranges, odds={})).of("h2")
    nobody_to_call = Parts(page_of("readme-patient", payer="self-pay"))
    assert TEXTS["en"]["ask"]["clinic"] in nobody_to_call.of("h2")
    asked = {one["who"] for one in read_toml("questions.toml").values() if "who" in one}
    assert asked - {"patient"} <= set(
        TEXTS["en"]["ask"]
    )  # what the patient knows is asked at the desk, not on the page


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
