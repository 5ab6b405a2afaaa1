"""What a patient is told, read out of the sentences: no likely cost of what stops, no hardly possible amount."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from fractions import Fraction
from os import environ, pathsep
from random import Random

import pytest
from random_intakes import TODAY, few_draws, random_intake
from random_scenarios import MANY
from small_scenarios import TEXAN
from write_sentences import PAGE, estimates, page

import ketacost as kc
from ketacost.accounts.loans import HELP_TERMS, HelpTerms
from ketacost.core.money import about, ends
from ketacost.estimate.account_effects import account_problems
from ketacost.estimate.entries import entry_of, label_of
from ketacost.estimate.estimate import Estimate
from ketacost.estimate.explain import trace
from ketacost.estimate.intake import OneOf
from ketacost.estimate.resolve import resolve
from ketacost.estimate.sentences import RARE, after_the_approval, alone_between, headline, owed_between, rare, runs_out
from ketacost.estimate.texts import SURE, how_often, texts_of
from ketacost.model.protocols import services
from ketacost.reports.handout import handout
from ketacost.reports.sections import head, slim
from ketacost.reports.text import answer_text

SAME = re.compile(r"(\$[\d,.]+) to (\1)(?![\d,])")
MONEY = re.compile(r"\$\d{1,3}(?:,\d{3})*(?:\.\d\d)?")
NEVER_SAID = (
    "about always",
    "about never",
    "about nearly",
    "(always",
    "(never",
    "nothing to $",
    "about nothing",
    "about $0",
    "$0 to",
    "$0 (",
    "No plan",
    " 1 visits",
    "..",
)


def clauses(estimate: Estimate) -> list[str]:
    """The sentences of the headline, without those about accounts."""
    told = estimate.sentence
    for problem in account_problems(estimate.shown.scenario, estimate.shown.claims):
        told = told.replace(f"{problem[0].upper()}{problem[1:]}.", "")
    return re.split(r"(?<=\.) (?=[A-Z])", told.strip())


def broken(estimate: Estimate) -> list[str]:
    """The rules that an estimate's sentences break."""
    told, rules = f"{estimate.sentence} {estimate.rest}", []
    stopped = [group for group in estimate.groups if not group.whole and group.chance >= RARE]
    if re.search("(?<!most )(?<!equally )likely", estimate.sentence) and estimate.chance < SURE:
        rules.append("likely where the visits may not take place")
    likely = [group for group in estimate.groups if group.chance >= RARE]
    cents = [net for group in likely for net in (group.likely, group.p10, group.p90)]
    cents += [net for group in stopped for net in group.ends]
    cents += [net for group in likely for net in group.by_design]
    cents += (
        [estimate.going_on, *estimate.going_on_between]
        if stopped
        else [estimate.p10, estimate.p90, estimate.main.likely]
    )
    if runs_out(estimate):
        cents += after_the_approval(estimate.shown.scenario)
    own = {about(net) for net in (*cents, estimate.main.bottom.lost)} | {ends(net, 100_000)[0] for net in cents}
    told_amounts = {amount for clause in clauses(estimate) for amount in MONEY.findall(clause)}
    rules += [f"{amount} is not of an outcome that is likely enough" for amount in told_amounts - own]
    for clause in clauses(estimate):
        if stopped and "$0" in MONEY.findall(clause) and not clause.startswith("If ") and estimate.chance < SURE:
            rules.append("$0 where visits do not take place")
    rules += [f"says {words!r}" for words in NEVER_SAID if words in told]
    rules += [f"{same[0]} to the same" for same in SAME.findall(told)]
    for group in stopped:
        all_visits = (alone_between(estimate, group) or (0, estimate.going_on))[1]
        if owed_between(estimate, group)[1] - group.bottom.steps > all_visits:
            rules.append("a part of the visits costs more than all of them")
    if not re.fullmatch(r"[A-Z0-9].*\.", told.strip()) or "  " in told.strip():
        rules.append("is no sentence")
    return rules


def test_the_page_of_sentences_is_current() -> None:
    """And all 91 of them keep the rules."""
    every = list(estimates())
    assert PAGE.read_text("utf-8") == page(every), "run python tools/write_sentences.py"
    for payer, protocol, found in every:
        assert not broken(found), (payer, protocol, found.sentence)


@pytest.mark.parametrize("first", range(0, MANY // 50, 20))
def test_the_rules_hold_for_random_intakes(first: int) -> None:
    with few_draws(24):
        for seed in range(first, first + 20):
            found = kc.estimate(resolve(random_intake(Random(7_000 + seed)), TODAY))
            assert not broken(found), (found.sentence, found.rest, found.scenario)


@pytest.mark.parametrize("first", range(0, MANY // 50, 20))
def test_spanish_says_the_same_amounts(first: int) -> None:
    """All but those in a reason that is in English alone."""
    with few_draws(24):
        for seed in range(first, first + 20):
            found = kc.estimate(resolve(random_intake(Random(9_000 + seed)), TODAY))
            texts = texts_of("es", found.scenario.payer)
            spanish = f"{headline(found, texts)} {rare(found, texts)}".strip()
            english = f"{found.sentence} {found.rest}"
            for problem in account_problems(found.shown.scenario, found.shown.claims):
                english = english.replace(f"{problem[0].upper()}{problem[1:]}.", "")
            assert set(MONEY.findall(spanish)) == set(MONEY.findall(english)), (english, spanish)
            assert not re.search(r"[{}]|  |\.\.|\b1 visitas|\$0\b|^[^A-ZÁ-Ú¿0-9$]", spanish), spanish


def sentence(**entries: object) -> str:
    return kc.estimate(
        resolve(kc.intake({key.replace("__", "."): one for key, one in entries.items()}), TODAY)
    ).sentence


def test_a_card_with_a_treatment_that_stops_is_a_what_if() -> None:
    """Nobody said what the plan answers; the card asks what if it did."""
    denied = {"payer": "marketplace", "protocol": "spravato", "coverage": "denied"}
    assert sentence(**denied).startswith("If the plan pays nothing, you get no doses that way")
    assert "almost certainly" not in sentence(**denied)
    first = sentence(**{**denied, "coverage": "visits only"})
    assert first.startswith("If the plan covers only the first visit, you get no doses that way")


def test_two_amounts_that_are_as_likely_as_each_other_get_no_likely() -> None:
    """Whatever order they are said in, and though a price is not known beside them."""
    for values in (("400", "700"), ("700", "400")):
        told = sentence(
            payer="employer-insured",
            plan="nextgen-2026-750",
            network="out",
            coverage="denied",
            **{"prices.iv-mood.infusion": OneOf(values)},
        )
        assert told == (
            "If the plan pays nothing, you will pay about $6,290 or about $10,790 (we count both as equally likely)."
        )


def test_what_medicaid_and_va_say_as_in_the_design() -> None:
    medicaid = sentence(payer="medicaid", protocol="iv-mood")
    assert medicaid.startswith(
        "Medicaid almost certainly says no: you get no infusions that way; paying for everything yourself would"
    )
    va = sentence(payer="va-facility", protocol="iv-mood")
    assert va.startswith(
        "Most VA sites say no (about 3 in 4). Then you get no infusions there and owe VA little or nothing;"
    )


def test_on_what_it_depends_who_owes_a_denied_visit_is_told() -> None:
    medicare = kc.estimate(resolve(kc.intake(payer="medicare-part-b", protocol="iv-mood"), TODAY))
    assert "If Medicare denies a visit, either you or the clinic must pay for it." in medicare.rest
    assert "advance beneficiary notice" in medicare.rest
    signed = kc.estimate(resolve(kc.intake(payer="medicare-part-b", protocol="iv-mood", notice="yes"), TODAY))
    assert "the cost falls on" not in signed.rest
    said = {"payer": "marketplace", "protocol": "iv-mood", "denied_line": kc.UNKNOWN}
    assert "Ask both before the visit." in kc.estimate(resolve(kc.intake(said), TODAY)).rest


def test_money_that_saves_nothing_is_told_in_the_headline_last() -> None:
    """An HSA beside a plan that allows none: said in the sentence, not in a footnote."""
    entries = {
        "plan": "nextgen-2026-750",
        "household.state": TEXAN.state,
        "contribution.payroll_hsa": 3_000,
        "hsa_eligible": False,
    }
    found = kc.estimate(resolve(kc.intake(entries), TODAY))
    (problem,) = account_problems(found.shown.scenario, found.shown.claims)
    assert found.sentence.endswith(f"{problem[0].upper()}{problem[1:]}.")
    assert "HSA" in problem


def found_for(**entries: object) -> Estimate:
    return kc.estimate(resolve(kc.intake({key.replace("__", "."): one for key, one in entries.items()}), TODAY))


def test_nothing_to_pay_is_said_in_words_with_its_reason() -> None:
    """Medicare denies about 9 in 10; without a notice signed before the visit a denied one is the clinic's."""
    unsigned = sentence(payer="medicare-part-b", protocol="iv-mood", notice="no")
    assert unsigned.startswith("If Medicare pays nothing (about 9 in 10), you pay nothing.")
    assert "Without a signed advance beneficiary notice (ABN), you do not owe a visit denied" in unsigned
    borne = sentence(payer="medicare-part-b", protocol="iv-mood", denied_line="provider")
    assert borne.endswith("The clinic, not you, owes what Medicare denies.")
    helped = sentence(payer="employer-insured", protocol="home-oral", paying__assistance=5_000)
    assert helped == "You will pay nothing. Help from others pays your part."
    free = sentence(payer="self-pay", protocol="home-oral", **{"prices.home-oral.home_dose": 0})
    assert free == "Paying for it yourself will cost nothing. The clinic charges nothing."


def test_a_range_whose_ends_round_alike_is_one_amount() -> None:
    """93 in 100 cases at 288 + 15 x 500 = 7,788."""
    price = kc.OneOf((500, 600), ("93%", "7%"))
    entries = {"payer": "self-pay", "prices.iv-mood.evaluation": 288, "prices.iv-mood.infusion": price}
    found = kc.estimate(resolve(kc.intake(entries), TODAY))
    assert found.sentence == "Paying for it yourself will likely cost about $7,790 in at least 8 of 10 cases."
    for text in (answer_text(found), handout(found), handout(found, "es"), head(found), slim(found)):
        assert not SAME.findall(text)


def test_help_for_insured_visits_does_not_lower_what_self_payers_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    """The maker's card and a foundation help beside a plan; only terms that name self-payers help without one."""
    said = {"payer": "medicaid", "protocol": "spravato"}
    alone = found_for(**said).going_on
    for program in ("", "spravato savings", "spravato"):
        helped = found_for(**said, paying__assistance=4_560, paying__assistance_for=program, paying__rebate=100)
        assert helped.going_on == alone
    monkeypatch.setitem(HELP_TERMS, "G001", HelpTerms((), ("none",)))
    assert found_for(**said, paying__assistance=4_560, paying__assistance_for="G001").going_on == alone - 456_000


def test_who_owes_a_denied_visit_is_said_only_where_such_a_visit_can_take_place() -> None:
    """Medicaid's no to at-home doses leaves no visit; before Spravato the evaluation has taken place."""
    assert found_for(payer="medicaid", protocol="home-oral").rest == ""
    assert "If Medicaid denies a visit" in found_for(payer="medicaid", protocol="spravato").rest
    unlikely = {"odds.medicaid.spravato.infusions": "100%"}
    assert "denies a visit" not in found_for(payer="medicaid", protocol="spravato", **unlikely).rest


def test_what_stops_and_what_goes_on_are_said_alike() -> None:
    """Both as 8 of 10 cases, so that the first visits never cost more than all of them."""
    told = sentence(payer="tricare", protocol="im-mood")
    owed, low, high = (
        int(amount.replace(",", ""))
        for amount in re.search(r"owe up to \$([\d,]+); .* \(\$([\d,]+) to \$([\d,]+)\)", told).groups()  # type: ignore[union-attr]
    )
    assert owed < high
    assert low < high


def test_designs_that_cost_very_different_amounts_are_counted_in_the_sentence() -> None:
    """Five designs of a PPO. Three have copays alone in network, which they do not print: the middle of such copays is
    counted for each visit, and never nothing. In the others a year of Spravato is thousands of dollars.
    """
    found = found_for(payer="employer-insured", protocol="spravato")
    nets = sorted(found.main.by_design)
    assert all(32 * 4_000 <= net <= 32 * 6_000 for net in nets[:3])
    assert nets[3] > 3 * nets[2]
    near, far = " under 3 of the 5 published plans we looked at", f"{about(nets[3])} to {about(nets[4])}"
    assert found.sentence.startswith(
        f"If the plan approves it (about 8 in 10), you pay about $1,400{near} and {far} under the other"
    )
    alike = found_for(payer="marketplace", protocol="spravato")
    assert max(alike.main.by_design) < 3 * min(alike.main.by_design)
    assert "published plans" not in alike.sentence
    named = found_for(payer="employer-insured", protocol="spravato", plan="nysna-2026-plan-a")
    assert named.main.by_design == ()


def test_a_treatment_that_the_plan_excludes_is_not_covered() -> None:
    """Spravato is approved 8 times in 10 by a marketplace plan; not by one that excludes it."""
    said = {"payer": "marketplace", "protocol": "spravato"}
    assert found_for(**said).chance > 0.7
    excluded = found_for(**said, excluded__marketplace__spravato=True)
    assert excluded.chance == 0
    assert found_for(**said, excluded__marketplace__spravato=True, steps__appeal=True, steps__review=True).chance == 0
    assert excluded.sentence.startswith("The plan almost certainly says no: you get no doses that way")
    other = found_for(**said, **{"excluded.marketplace.iv-mood": True})
    assert other.sentence == found_for(**said).sentence


def test_a_note_says_how_many_plans_were_counted_and_whose_terms_are_shown() -> None:
    several = found_for(payer="employer-insured", protocol="iv-mood").notes
    assert any(
        note.startswith(
            "No plan was chosen. We counted 5 published plans; line by line, these amounts use the terms of "
        )
        for note in several
    )
    alone = found_for(payer="medicaid", protocol="spravato").notes
    assert any(note.startswith("No plan was chosen: these amounts use the terms of Penn") for note in alone)
    assert not any("published plans;" in note for note in alone)


def test_the_years_of_a_plans_figures_are_said_for_later_and_for_earlier_years() -> None:
    def said(**entries: object) -> list[str]:
        return [note for note in found_for(**entries).notes if note.startswith("The plan's figures")]

    plan = {"plan": "nextgen-2026-750", "protocol": "iv-mood"}
    assert said(**plan, start="2024-01-10") == [
        "The plan's figures are those of 2026. We use them unchanged for the plan year 2024."
    ]
    long = {"visits.iv-mood.maintenance": 24}
    assert said(**plan, start="2026-12-07", **long) == [
        "The plan's figures are those of 2026. We use them unchanged for the plan years 2027, 2028 and 2029."
    ]
    assert said(plan="spu-hdhp-undated", protocol="iv-mood", start="2026-12-07") == [
        "The plan's figures carry no date. We use them unchanged for the plan years 2026 and 2027."
    ]


def test_terms_of_another_year_or_of_no_year_are_said_as_such() -> None:
    def note(payer: str, day: date) -> str:
        return resolve(kc.intake(payer=payer), day).notes[0]

    assert note("medicaid", TODAY).endswith(": we use its latest terms (undated).")
    assert note("tricare", TODAY).endswith(": we use its latest terms (undated, 2025 or 2026).")
    assert note("va-facility", TODAY) == "VA health care copays: we use its latest terms, of 2025."
    assert note("va-facility", date(2024, 1, 10)) == "VA health care copays: we use its earliest terms, of 2025."


@pytest.mark.parametrize("entries", [{"network": "participating"}, {"terms.out.deductible": 300, "payer": "self-pay"}])
def test_no_plan_is_not_a_plans_name(entries: dict[str, object]) -> None:
    scenario = resolve(kc.intake(entries), TODAY)
    found = kc.estimate(scenario)
    told = [one.sentence for one in scenario.conflicts] + [*found.notes, *trace(found.shown)]
    assert not [
        text for text in told if re.search(r"No plan (pays|has|does)|No plan: no benefit in this network\\. That", text)
    ]


def test_a_drug_line_of_a_plan_is_called_a_drug() -> None:
    """Not ketamine: the line holds for Spravato too."""
    assert label_of(entry_of("terms.in.drug.copay")) == "Copay: drug"
    assert label_of(entry_of("terms.in.drug.coinsurance")) == "Your share: drug"
    assert label_of(entry_of("prices.iv-mood.drug")) == services()["drug"].label


def test_random_intakes_do_not_depend_on_the_order_of_sets() -> None:
    code = "from random import Random; from random_intakes import random_entries as e; print([e(Random(s)) for s in range(20)])"
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**environ, "PYTHONHASHSEED": seed, "PYTHONPATH": pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1


def test_a_small_chance_is_one_in_a_number_that_people_say() -> None:
    said = {Fraction(6, 100): 17, Fraction(24, 1_000): 40, Fraction(1, 29): 30, Fraction(1, 100): 100}
    said |= {Fraction(6, 1_000): 150, Fraction(1, 202): 200, Fraction(9, 10_000): 1_100}
    assert {chance: how_often(chance) for chance in said} == {chance: f"1 in {n:,}" for chance, n in said.items()}
    ends = {Fraction(0): "never", Fraction(94, 100): "9 in 10", SURE: "nearly always", Fraction(1): "always"}
    assert {chance: how_often(chance) for chance in ends} == ends
