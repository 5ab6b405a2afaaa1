"""The words of the panel: a treatment's own, none of a plan where there is none, and no odds where the answer is said."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

import pytest

import ketacost as kc
from ketacost.estimate.estimate import Estimate
from ketacost.estimate.resolve import resolve
from ketacost.estimate.scenario import example
from ketacost.reports.reasons import reason
from ketacost.reports.sections import LONGER, detail, head, static

TODAY = date(2026, 11, 27)
OF_A_PLAN = re.compile(
    r"\b(the plan|a plan|insurer|claim|deductible|denied|covers|covered|allowed amount)\b", re.IGNORECASE
)


def found(**entries: Any) -> Estimate:
    return kc.estimate(resolve(kc.intake(entries), TODAY))


def words(html: str) -> str:
    """The words of a page, a cell or a paragraph a line; of pictures the accessible names and the texts."""
    html = re.sub(r'aria-label="([^"]*)"[^>]*>', r">\n\1\n", html)
    return unescape(re.sub(r"\n+", "\n", re.sub(r"<[^>]+>", "\n", html)))


def panel(estimate: Estimate) -> str:
    return words(head(estimate) + detail(estimate, frozenset(LONGER)))


@pytest.mark.parametrize(
    ("protocol", "own"), [("spravato", "doses"), ("home-oral", "doses"), ("im-mood", "injections")]
)
def test_a_treatment_is_called_by_its_own_name(protocol: str, own: str) -> None:
    told = panel(found(payer="employer-insured", protocol=protocol, plan="nextgen-2026-750"))
    tree = told.partition("What may happen")[2].partition("Deadlines")[0]
    assert f"{own} too" in tree
    assert "nfusions" not in told.partition("Look further")[0]
    assert "nfusions" not in words(static(found(payer="employer-insured", protocol=protocol)))


def test_who_pays_alone_reads_nothing_of_a_plans_answer() -> None:
    for entries in ({"payer": "self-pay"}, {"payer": "self-pay", "protocol": "spravato"}, {}):
        alone = found(**entries)
        told = panel(alone).partition("Other routes, side by side")[0]
        told += panel(alone).partition("\nLine by line\n")[2].partition("Sources (")[0]
        for figure in ("charge", "net", "line:0"):
            told += "\n".join(reason(alone, figure).sentences)
        lines = [line for line in told.splitlines() if OF_A_PLAN.search(line)]
        assert [line for line in lines if "Who pays for your care" not in line] == []


def test_a_plans_answer_that_is_said_has_no_odds_beside_it() -> None:
    """They stand in a fold that says that they are those without the answer."""
    for coverage, covers in (("denied", "nothing"), ("infusions too", "the doses too")):
        html = detail(found(payer="employer-insured", protocol="spravato", coverage=coverage))
        section = re.search(r"<h3>What may happen.*?</section>", html, re.DOTALL)
        assert section
        shown, fold, folded = section[0].partition("<details")
        assert f"This answer counts as certain: the plan covers {covers}." in shown
        assert "<svg" not in shown
        assert " in 10" not in shown
        assert "Without that answer: the odds" in fold + folded
    open_answer = words(detail(found(payer="employer-insured", protocol="spravato")))
    assert "counts as certain" not in open_answer


def test_what_a_step_saves_on_average_says_what_it_holds() -> None:
    """One in 50 claims is paid ($270 each), yet the claim saves $101: an appeal and a review may follow."""
    table = kc.statement(kc.worth(example("payer-employer-insured")))
    heading = next(column.heading for column in table.columns if column.name == "expects")
    assert heading == "Saves on average, with the steps after it"
