"""Why a figure is what it is: the sentences name every line's part, and the parts named add up to the figure."""

from __future__ import annotations

import re

import pytest

import ketacost as kc
from ketacost.core.dates import us_day
from ketacost.core.money import shown, usd
from ketacost.reports.reasons import OTHERS, PARTS, reason
from ketacost.reports.statement import AFTER_THE_BILL

README = kc.example("readme-patient")
ALLOWED = {path: values for path, values in README.ranges.items() if path != "coverage"}
COVERED = kc.estimate(README.replace(coverage="infusions too", ranges=ALLOWED))
SPRAVATO = kc.estimate(kc.example("spravato-in-network"))


def amounts(text: str) -> list[int]:
    return [usd(found) for found in re.findall(r"\$[\d,]+\.\d\d", text)]


@pytest.mark.parametrize("estimate", [COVERED, SPRAVATO], ids=["out of network", "in network"])
@pytest.mark.parametrize("figure", PARTS)
def test_the_lines_that_a_figure_names_add_up_to_it(estimate: kc.Estimate, figure: str) -> None:
    found = reason(estimate, figure)
    total = getattr(estimate.shown.totals, figure)
    assert amounts(found.title) == [total]
    *lines, last = found.sentences
    assert amounts(last) == [total]
    first = figure == "deductible"  # this sentence says the line's part first and what is left after it
    parts = [amounts(line.split(": ", 1)[1])[0 if first else -1] for line in lines]
    assert sum(parts) == total


def test_the_deductible_is_told_line_by_line_as_it_runs_down() -> None:
    """2,250 less 248.30 for the evaluation leaves 2,001.70; an infusion takes 300 of it."""
    first, second, *_ = reason(COVERED, "deductible").sentences
    assert first.endswith("$248.30 of it: $2,250.00 of the deductible was left, $2,001.70 is left now.")
    assert second.endswith("$300.00 of it: $2,001.70 of the deductible was left, $1,701.70 is left now.")


def test_the_net_leads_from_the_charge_to_what_is_paid_in_the_end() -> None:
    """$200 of help are on the way: the amounts after the charge, with their signs, add up to the net."""
    helped = kc.estimate(README.replace(paying=README.paying.replace(assistance=20_000)))
    case, *steps, last = reason(helped, "net").sentences
    assert case == "This is the case in which the plan covers nothing or only the first visit (nearly always)."
    signs = [-1 if step.startswith("Less") else 1 for step in steps]
    assert sum(sign * amounts(step)[0] for sign, step in zip(signs, steps, strict=True)) == helped.likely == 758_800
    assert amounts(last) == [helped.likely]
    assert reason(helped, "assistance").title == "Help from others: $200.00"


def test_the_ends_of_8_of_10_cases_come_with_an_example_and_what_is_not_known() -> None:
    low, high = reason(COVERED, "low"), reason(COVERED, "high")
    assert low.title == f"8 of 10 cases. From {shown(COVERED.p10)}"
    assert high.title == f"8 of 10 cases. To {shown(COVERED.p90)}"
    assert low.sentences[0] == "At most 1 in 10 cases cost less."
    assert any(
        text.startswith("What your plan will count (allowed amount): Ketamine infusion:") for text in low.sentences
    )
    assert f"Then you pay {shown(COVERED.p10)}." in low.sentences


def test_a_line_tells_its_own_steps() -> None:
    found = reason(COVERED, "line:15")
    assert found.title.endswith("you pay $320.00")
    assert "Your share is 40% of $300.00: $120.00." in found.sentences


def test_a_month_and_the_dearest_month_name_what_moved() -> None:
    assert reason(COVERED, "month:2026-11").sentences == ("Nov 30, 2026: Visit at the clinic: $288.00 out.",)
    dearest = reason(COVERED, "dearest")
    assert dearest.title == "Costliest month: $3,000.00 in December 2026"
    assert sum(amounts(text)[0] for text in dearest.sentences[:-1]) == COVERED.dearest_month[1]


def test_what_checks_owe_is_said_with_its_day() -> None:
    cents, day = COVERED.most_waiting
    assert day
    found = reason(COVERED, "waiting")
    assert found.title == f"Most owed to you in checks: {shown(cents)}"
    first, *checks = found.sentences
    assert first.startswith(f"On {us_day(day)} you are owed {shown(cents)}.")
    assert sum(amounts(text)[0] for text in checks) >= cents
    nothing = kc.estimate(README.replace(coverage="denied", ranges={}))
    assert reason(nothing, "waiting").title == "Nothing comes back later"


@pytest.mark.parametrize(
    "figure",
    [*PARTS, *AFTER_THE_BILL, *(f"{name}:2026-12" if name == "month" else name for name in OTHERS if name != "line")],
)
def test_every_figure_rests_on_citations(figure: str) -> None:
    for citation in reason(COVERED, figure).citations:
        assert citation.grade in ("primary", "secondary", "advertised", "assumption")
        assert str(citation.source)
    assert reason(COVERED, "charge").citations


@pytest.mark.parametrize("figure", ["gross", "line:99", "line:x", "month:2031-01"])
def test_a_figure_that_is_not_there_is_told(figure: str) -> None:
    if figure.startswith("month"):
        assert reason(COVERED, figure).sentences == ("No money moves in this month.",)
    else:
        with pytest.raises(kc.KetacostError, match=r"figure|line"):
            reason(COVERED, figure)
