"""The money calendar to read: its months as a table, as a picture without colour's help, and as a figure, the same numbers."""

from __future__ import annotations

import ast
import re
from datetime import date
from decimal import Decimal
from html import unescape
from random import Random
from xml.etree import ElementTree

import pytest
from places import DOCS
from random_scenarios import random_scenario
from small_scenarios import TEXAN, appealed, infusions, side

import ketacost as kc
from ketacost.core.money import about
from ketacost.estimate.calendar import Calendar
from ketacost.estimate.cash_flow import Entry
from ketacost.reports.charts import BROAD, GRID, MUTED, NARROW, chart_svg, ticks
from ketacost.reports.statement import BACK, OUT, group
from ketacost.reports.statements import running
from ketacost.taxes.households import Contribution

SVG = "{http://www.w3.org/2000/svg}"
TWO_YEARS = infusions("2026-12-07", "2026-12-21", "2027-01-04", "2027-01-18")


def test_the_statement_tells_each_month_by_what_goes_out_and_comes_back() -> None:
    """The example of tests/test_calendars.py: four visits of $600, checks of $270 and $210."""
    table = kc.statement(kc.calendar(kc.run(TWO_YEARS)))
    assert [column.heading for column in table.columns] == [
        "Month", "To the clinic", "Back from the plan", "Sum so far", "Still to come",
    ]  # fmt: skip
    assert table.rows == (
        (date(2026, 12, 1), 120_000, 0, 120_000, 24_000),
        (date(2027, 1, 1), 120_000, 0, 240_000, 48_000),
        (date(2027, 2, 1), 0, 27_000, 213_000, 21_000),
        (date(2027, 3, 1), 0, 21_000, 192_000, 0),
    )
    assert table.totals == ("Total", 240_000, 48_000, 192_000, 0)
    assert repr(table).startswith("You will have paid $2,400 by Jan 18, 2027, and $480 comes back later.")
    assert table.footnote.startswith("Each check is shown on its likely day")
    assert table.frame["plan_back"].sum() == Decimal("480.00")
    assert '<th scope="row" style="text-align:left">Dec 2026</th>' in table._repr_html_()


def test_every_kind_of_entry_has_its_group_both_ways() -> None:
    kinds = {kind for _, several in (*OUT.values(), *BACK.values()) for kind in several}
    for kind in (*kinds, "unheard of"):
        assert group(Entry(date(2026, 1, 1), 1, kind, "")) in OUT
        assert group(Entry(date(2026, 1, 1), -1, kind, "")) in BACK
    assert group(Entry(date(2026, 1, 1), 1, "loan", "")) == "loan_paid"
    assert group(Entry(date(2026, 1, 1), -1, "loan", "")) == "lent"


@pytest.mark.parametrize("seed", range(120))
def test_the_groups_of_a_month_come_to_its_sum(seed: int) -> None:
    answer = kc.run(random_scenario(Random(seed)))
    table, before = kc.statement(kc.calendar(answer)), 0
    names = [column.name for column in table.columns]
    for row in table.rows:
        cells = dict(zip(names, row, strict=True))
        change = sum(cells.get(name, 0) for name in OUT) - sum(cells.get(name, 0) for name in BACK)
        assert cells["running"] == before + change
        before = cells["running"]
    assert before == kc.calendar(answer).net


@pytest.mark.parametrize("seed", range(60))
def test_the_picture_is_whole_whatever_is_in_it(seed: int) -> None:
    """Well-formed, named by its sentence, nothing drawn outside of it, no height below nothing."""
    found = kc.calendar(kc.run(random_scenario(Random(seed))))
    drawn = chart_svg(found, titled=True)
    root = ElementTree.fromstring(drawn)
    assert root.get("role") == "img"
    assert root.get("aria-label") == found.headline
    _, _, wide, high = map(float, root.get("viewBox", "").split())
    for bar in root.iter(f"{SVG}rect"):
        x, y, width, height = (float(bar.get(name, "")) for name in ("x", "y", "width", "height"))
        assert width > 0
        assert height >= 0
        assert x >= 0
        assert x + width <= wide
        assert y >= 0
        assert y + height <= high
    for text in root.iter(f"{SVG}text"):
        assert 0 < float(text.get("y", "")) <= high
    assert drawn == chart_svg(found, titled=True)


def test_the_picture_does_not_hang_on_colour() -> None:
    root = ElementTree.fromstring(chart_svg(kc.calendar(kc.run(TWO_YEARS)), titled=True))
    bars = list(root.iter(f"{SVG}rect"))
    out = [bar for bar in bars if bar.get("stroke-dasharray") is None]
    back = [bar for bar in bars if bar.get("stroke-dasharray")]
    assert (len(out), len(back)) == (1 + 2, 1 + 2)  # one of each in the key, two months of each
    assert any(path.get("stroke-dasharray") for path in root.iter(f"{SVG}path"))
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert {"goes out", "comes back", "most in a month, $1,200"} <= set(words)
    assert f"sum so far, {about(kc.calendar(kc.run(TWO_YEARS)).net)} in the end" in words
    bare = chart_svg(kc.calendar(kc.run(TWO_YEARS)))
    assert "You will" not in re.sub(r'aria-label="[^"]*"', "", bare)


@pytest.mark.parametrize("wide", [NARROW, BROAD])
def test_nothing_runs_through_its_words(wide: int) -> None:
    """All words are in the key above the plot or on the axes; the key ends where the plot begins."""
    root = ElementTree.fromstring(chart_svg(kc.calendar(kc.run(TWO_YEARS)), wide=wide))
    lines = [line for line in root.iter(f"{SVG}line") if line.get("stroke") in (GRID, MUTED)]
    left, top = (min(float(line.get(name, "")) for line in lines) for name in ("x1", "y1"))
    bottom = max(float(line.get("y2", "")) for line in lines)
    for text in root.iter(f"{SVG}text"):
        x, y = float(text.get("x", "")), float(text.get("y", ""))
        assert y < top or y > bottom or (text.get("text-anchor") == "end" and x < left), text.text


def test_a_calendar_of_nothing_is_still_a_picture_and_a_table() -> None:
    answer = kc.run(infusions("2026-03-02", charge=0))
    found = kc.calendar(answer)
    assert (found.entries, found.months, found.dearest_month) == ((), (), (None, 0))
    assert "No money is due back." in chart_svg(found, titled=True)
    assert kc.statement(found).rows == ()
    assert kc.chart(found).layout.title.text


def test_ticks_are_few_round_and_hold_nothing_at_all() -> None:
    for lowest, highest in ((0, 1), (0, 99), (0, 778_800), (-200_000, 600_000), (-123_456, 7), (0, 10**9)):
        found = list(ticks(lowest, highest))
        assert 0 in found
        assert len(found) <= 8
        assert all(lowest <= tick <= highest for tick in found)
    assert list(ticks(0, 778_800)) == [0, 200_000, 400_000, 600_000]


def test_the_figure_draws_the_same_months() -> None:
    answer = kc.run(appealed(side()))
    found = kc.calendar(answer)
    figure = kc.chart(found)
    out, back, line, dearest = figure.data
    assert list(out.y) == [month.out / 100 for month in found.months]
    assert list(back.y) == [-month.back / 100 for month in found.months]
    assert line.y[-1] == found.net / 100
    assert dearest.y == (found.dearest_month.cents / 100,)
    assert (back.marker.pattern.shape, line.line.dash) == ("/", "dash")
    assert unescape(figure.layout.title.text.replace("<br>", " ")) == found.headline
    assert figure.to_json() == kc.chart(kc.calendar(answer)).to_json()


def test_the_running_sum_ends_in_the_net_with_accounts_too() -> None:
    scenario = infusions(
        "2026-02-02", household=TEXAN, contribution=Contribution(payroll_hsa=100_000, health_fsa=50_000)
    )
    found: Calendar = kc.calendar(kc.run(scenario))
    days = [day for day, _ in running(found)]
    assert days == sorted(set(days))
    assert running(found)[-1][1] == found.net
    headings = [column.heading for column in kc.statement(found).columns]
    assert {"Into accounts", "Back from accounts", "Less tax"} <= set(headings)


# The appeal: $82.80 of 7 December, when $212 of the deductible are left, and $210 for each of the next five infusions.
BLOCKS = re.findall(r"## ([^\n]+)\n.*?```python\n(.*?)```", (DOCS / "calendar.md").read_text("utf-8"), re.DOTALL)
COMES_TO = {
    "By month, in a sentence and a table": "You will have paid $7,790 by Nov 4, 2027, and $270 comes back later.",
    "Day by day": "cents=-9000, kind='check'",
    "A successful appeal": "('appeal check', '2027-04-11', -113280)",
    "Help, a deposit, a loan": "[32212, 50000, 761012]",
    "Tax-free accounts by pay day": "[39300, 0, ['2026-11-30', '2026-12-07', '2026-12-10', '2026-12-14', '2026-12-17']]",
    "A picture without plotly": "<svg xmlns=",
}


@pytest.mark.parametrize(("title", "block"), BLOCKS, ids=[title for title, _ in BLOCKS])
def test_a_block_of_the_docs_comes_to_what_it_says(title: str, block: str) -> None:
    *body, last = ast.parse(block).body
    names: dict[str, object] = {}
    exec(compile(ast.Module(body, []), title, "exec"), names)
    assert isinstance(last, ast.Expr)
    assert COMES_TO[title] in repr(eval(compile(ast.Expression(last.value), title, "eval"), names))


def test_every_block_of_the_docs_is_run() -> None:
    assert [title for title, _ in BLOCKS] == list(COMES_TO)
