"""What a patient is told, read out of the sentences: no likely cost of what stops, no hardly possible amount."""

from __future__ import annotations

import re
from random import Random

import pytest
from random_intakes import TODAY, few_draws, random_intake
from small_scenarios import TEXAN
from write_sentences import PAGE, estimates, page

import ketacost as kc
from ketacost.core.money import about
from ketacost.estimate.account_effects import account_problems
from ketacost.estimate.estimate import Estimate
from ketacost.estimate.resolve import resolve
from ketacost.estimate.sentences import RARE, SURE

MONEY = re.compile(r"\$\d{1,3}(?:,\d{3})*(?:\.\d\d)?")
NEVER_SAID = (
    "about always",
    "about never",
    "about nearly",
    "(always",
    "(never",
    "nothing to $",
    "$0 (",
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
    if "likely" in estimate.sentence.replace("most likely", "") and estimate.chance < SURE:
        rules.append("likely where the visits may not take place")
    likely = [group for group in estimate.groups if group.chance >= RARE]
    cents = [net for group in likely for net in (group.likely, group.p10, group.p90)]
    cents += [net for group in stopped for net in group.ends]
    cents += [estimate.going_on] if stopped else [estimate.p10, estimate.p90, estimate.main.likely]
    own = {about(net) for net in cents}
    told_amounts = {amount for clause in clauses(estimate) for amount in MONEY.findall(clause)}
    rules += [f"{amount} is not of an outcome that is likely enough" for amount in told_amounts - own]
    for clause in clauses(estimate):
        if stopped and "$0" in MONEY.findall(clause) and not clause.startswith("If ") and estimate.chance < SURE:
            rules.append("$0 where visits do not take place")
    rules += [f"says {words!r}" for words in NEVER_SAID if words in told]
    if not re.fullmatch(r"[A-Z0-9].*\.", told.strip()) or "  " in told.strip():
        rules.append("is no sentence")
    return rules


def test_the_page_of_sentences_is_current() -> None:
    """And all 91 of them keep the rules."""
    every = list(estimates())
    assert PAGE.read_text("utf-8") == page(every), "run python tools/write_sentences.py"
    for payer, protocol, found in every:
        assert not broken(found), (payer, protocol, found.sentence)


@pytest.mark.parametrize("first", range(0, 100, 20))
def test_the_rules_hold_for_random_intakes(first: int) -> None:
    with few_draws(24):
        for seed in range(first, first + 20):
            found = kc.estimate(resolve(random_intake(Random(7_000 + seed)), TODAY))
            assert not broken(found), (found.sentence, found.rest, found.scenario)


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
    assert "If Medicare denies a visit, the cost falls on you or on the clinic." in medicare.rest
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
