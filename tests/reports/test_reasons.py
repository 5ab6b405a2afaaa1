"""Why a figure is what it is: the sentences name every line's part, and the parts named add up to the figure."""

from __future__ import annotations

import re

import pytest

import ketacost as kc
from ketacost.core.money import usd
from ketacost.reports.reasons import OTHERS, PARTS, reason

ANSWER = kc.run(kc.example("readme-patient").replace(coverage="infusions too"))
SPRAVATO = kc.run(kc.example("spravato-in-network"))


def amounts(text: str) -> list[int]:
    return [usd(found) for found in re.findall(r"\$[\d,]+\.\d\d", text)]


@pytest.mark.parametrize("answer", [ANSWER, SPRAVATO], ids=["out of network", "in network"])
@pytest.mark.parametrize("figure", PARTS)
def test_the_lines_that_a_figure_names_add_up_to_it(answer: kc.Answer, figure: str) -> None:
    found = reason(answer, figure)
    total = getattr(answer.totals, figure)
    assert amounts(found.title) == [total]
    *lines, last = found.sentences
    assert amounts(last) == [total]
    first = figure == "deductible"  # this sentence says the line's part first and what is left after it
    parts = [amounts(line.split(": ", 1)[1])[0 if first else -1] for line in lines]
    assert sum(parts) == total


def test_the_deductible_is_told_line_by_line_as_it_runs_down() -> None:
    """2,250 less 248.30 for the evaluation leaves 2,001.70; an infusion takes 300 of it."""
    first, second, *_ = reason(ANSWER, "deductible").sentences
    assert first.endswith("$248.30 of it: $2,250.00 of the deductible was left, $2,001.70 is left now.")
    assert second.endswith("$300.00 of it: $2,001.70 of the deductible was left, $1,701.70 is left now.")


def test_the_lowest_and_highest_say_what_they_take() -> None:
    low, high = reason(ANSWER, "low"), reason(ANSWER, "high")
    assert low.title == "As low as $6,289.02"
    assert "What your plan will count (allowed amount): Ketamine infusion: $450.00." in low.sentences
    assert "What the plan covers: denied." in high.sentences


def test_a_line_tells_its_own_steps() -> None:
    found = reason(ANSWER, "line:15")
    assert found.title.endswith("you pay $320.00")
    assert "Your share is 40% of $300.00: $120.00." in found.sentences


def test_a_month_and_the_peak_name_what_moved() -> None:
    assert reason(ANSWER, "month:2026-11").sentences == ("2026-11-30: Visit at the clinic: $288.00 out.",)
    assert reason(ANSWER, "peak").sentences[1].endswith("$500.00 out. Out of pocket so far: $788.00.")


@pytest.mark.parametrize(
    "figure", [*PARTS, *(f"{name}:2026-12" if name == "month" else name for name in OTHERS if name != "line")]
)
def test_every_figure_rests_on_citations(figure: str) -> None:
    for citation in reason(ANSWER, figure).citations:
        assert citation.grade in ("primary", "secondary", "advertised", "assumption")
        assert str(citation.source)
    assert reason(ANSWER, "charge").citations


@pytest.mark.parametrize("figure", ["gross", "line:99", "line:x", "month:2031-01"])
def test_a_figure_that_is_not_there_is_told(figure: str) -> None:
    if figure.startswith("month"):
        assert reason(ANSWER, figure).sentences == ("No money moves in this month.",)
    else:
        with pytest.raises(kc.KetacostError, match=r"figure|line"):
            reason(ANSWER, figure)
