"""Every result has one picture, drawn as SVG and as a plotly figure: the same finding, the same amounts, nothing cut off."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from html import unescape
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest
from random_scenarios import random_scenario
from small_scenarios import appealed, four_visits, infusions, side

import ketacost as kc
from ketacost.analysis.start_dates import headline
from ketacost.core.money import about, shown
from ketacost.core.resources import shipped
from ketacost.estimate.answer import Answer
from ketacost.model.coverage import DecisionPath
from ketacost.reports.charts import LETTER, Bars, Points, chart, chart_svg, picture, to_net
from ketacost.reports.panel_pictures import bars_html, range_html
from ketacost.reports.reasons import reason
from ketacost.reports.statement import finding, parts_of_charge, parts_to_net

SVG = "{http://www.w3.org/2000/svg}"


def insured() -> Any:
    return kc.example("readme-patient").replace(payer="employer-insured")


def advice() -> Any:
    home = kc.Household.of(year=2026, state="TX", filing_status="single", wages=60_000, age=40)
    return kc.advise_fsa(insured().replace(household=home))


RESULTS: dict[str, Callable[[], Any]] = {
    "an answer": lambda: kc.run(kc.example("readme-patient")),
    "a calendar": lambda: kc.calendar(kc.run(appealed(side()))),
    "a calendar of one month": lambda: kc.calendar(kc.run(infusions("2026-03-02"))),
    "a comparison": lambda: kc.compare_routes(insured(), over=8_000),
    "starts": lambda: kc.starts(insured()),
    "starts in one month": lambda: kc.starts(four_visits(), months=1),
    "alternatives": lambda: kc.alternatives(insured()),
    "an outlook": lambda: kc.outlook(insured()),
    "an outlook with every step": lambda: kc.outlook(
        insured(), DecisionPath(2_000, 3_000, 1_500, 2_500, appeal=True, review=True), "aca"
    ),
    "the advice on an FSA": advice,
    "an estimate": lambda: kc.estimate(kc.example("payer-employer-ketamine-benefit")),
}


def inside(drawn: str) -> None:
    """Everything drawn is within the picture: shapes exactly, words by about the width of their letters."""
    root = ElementTree.fromstring(drawn)
    _, _, wide, high = map(float, root.get("viewBox", "").split())
    for shape in root.iter():
        place = {name: float(value) for name, value in shape.items() if name in ("x", "y", "cx", "cy", "x1", "x2")}
        assert all(-0.1 <= value <= (high if "y" in name else wide) + 0.1 for name, value in place.items())
        if shape.tag == f"{SVG}rect":
            assert place["x"] + float(shape.get("width", "")) <= wide + 0.1
            assert place["y"] + float(shape.get("height", "")) <= high + 0.1
        if shape.tag == f"{SVG}text":
            width = LETTER * len("".join(shape.itertext()))
            left = place["x"] - width * {"end": 1, "middle": 0.5}.get(shape.get("text-anchor", ""), 0)
            assert left >= -1
            assert left + width <= wide + 1


@pytest.mark.parametrize("kind", RESULTS)
def test_no_words_of_a_figure_are_read_as_mathematics(kind: str) -> None:
    """JupyterLab typesets what lies between two dollar signs of one text, and a title with two amounts vanished."""
    figure = kc.chart(RESULTS[kind]())
    texts = [figure.layout.title.text, *(note.text for note in figure.layout.annotations)]
    texts += [text for trace in figure.data if trace.type == "bar" for text in (*trace.text, *trace.hovertext)]
    assert [text for text in texts if text.count("$") > 1] == []


@pytest.mark.parametrize("kind", RESULTS)
def test_a_result_has_one_picture_in_both_drawings(kind: str) -> None:
    result = RESULTS[kind]()
    shows, figure = picture(result), kc.chart(result)
    assert unescape(figure.layout.title.text.replace("<br>", " ")) == shows.title
    assert [trace.name for trace in figure.data if trace.showlegend] == [mark.name for mark in shows.marks if mark.name]
    for titled in (False, True):
        drawn = chart_svg(result, titled=titled)
        root = ElementTree.fromstring(drawn)
        assert root.get("role") == "img"
        assert root.get("aria-label") == (shows.spoken or shows.title)
        words = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
        assert (shows.title in words) == titled
        assert all(mark.name in words for mark in shows.marks)
        inside(drawn)
    assert figure.to_json() == kc.chart(result).to_json()
    assert drawn == chart_svg(result, titled=True)


@pytest.mark.parametrize("kind", RESULTS)
def test_the_panel_has_each_color_of_a_picture_in_its_theme(kind: str) -> None:
    """A color without a rule of its own stays as it is in the dark, such as a pale edge around pale letters."""
    style = (shipped("assets") / "panel.css").read_text("utf-8")
    drawn = set(re.findall(r'(?:fill|stroke)="#\w+"', chart_svg(RESULTS[kind]())))
    assert {color for color in drawn if f"[{color}]" not in style} == set()


@pytest.mark.parametrize("kind", RESULTS)
def test_marks_of_one_picture_differ_by_more_than_color(kind: str) -> None:
    named = [mark for mark in picture(RESULTS[kind]()).marks if mark.name]
    lines = [(mark.drawn, mark.dash, mark.width) for mark in named if isinstance(mark, Points)]
    assert len(lines) == len(set(lines))
    assert len({(mark.name, mark.color) for mark in named}) == len(named)


@pytest.mark.parametrize("seed", range(40))
def test_the_bars_are_the_parts_of_the_charge(seed: int) -> None:
    answer = kc.run(random_scenario(Random(seed)))
    parts, figure = parts_of_charge(answer.totals), kc.chart(answer)
    drawn = [(round(100 * trace.x[0]), round(100 * (trace.x[0] + trace.width[0]))) for trace in figure.data]
    assert drawn == [(start, end) for _, _, start, end in parts]
    hovers = [unescape(trace.hovertext[0]) for trace in figure.data]
    assert [hover.partition(": $")[0] for hover in hovers] == [label for _, label, _, _ in parts]
    assert chart_svg(answer).count('aria-hidden="true"') == len(parts)
    inside(chart_svg(answer, titled=True))


def test_a_notebook_keeps_the_drawing_and_the_table_beside_the_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: kept.append(bundle))
    monkeypatch.setattr("plotly.io.renderers.default", "plotly_mimetype")
    answer = kc.run(four_visits())
    kc.chart(answer)._ipython_display_()
    assert [*kept[0]] == ["application/vnd.plotly.v1+json", "image/svg+xml", "text/html"]
    assert kept[0]["image/svg+xml"] == chart_svg(answer)
    assert kept[0]["text/html"] == kc.statement(answer.totals)._repr_html_()
    assert kept[0]["application/vnd.plotly.v1+json"]["layout"]["title"]["text"].startswith("Of &#36;2,000 charged")


HELPED = kc.example("payer-employer-ketamine-benefit")
HELPED = HELPED.replace(paying=HELPED.paying.replace(assistance=20_000))


def test_in_the_panel_each_amount_asks_why() -> None:
    estimate = kc.estimate(HELPED)
    drawn = bars_html(estimate)
    asked = re.findall(r'data-why="(\w+)" aria-label="([^"]+), (-?\$[\d,.]+): why\?">(-?\$[\d,.]+)<', drawn)
    assert [label for _, label, _, _ in asked] == [label for _, label, _, _ in parts_to_net(estimate)]
    for figure, _, spoken, amount in asked:
        assert spoken == amount
        if figure in estimate.shown.totals._fields:
            assert amount == shown(getattr(estimate.shown.totals, figure))
        assert reason(estimate, figure).sentences
    assert {figure: amount for figure, _, _, amount in asked}["assistance"] == "-$200.00"
    assert asked[-1][3] == shown(estimate.likely or 0)
    inside(chart_svg(to_net(estimate), titled=True))


def test_a_range_says_its_amounts() -> None:
    estimate = kc.estimate(HELPED)
    label = ElementTree.fromstring(range_html(estimate)).get("aria-label", "")
    ends = (estimate.p10, estimate.p90, estimate.low, estimate.high)
    assert label == "In 8 of 10 cases {} to {}; {} at the least, {} at the most".format(*map(about, ends))


def test_where_the_visits_all_but_never_take_place_no_dots_are_drawn() -> None:
    estimate = kc.estimate(kc.example("payer-medicaid"))
    assert picture(estimate).marks == ()
    assert picture(estimate).title == estimate.sentence


def test_a_tree_says_what_its_colors_mean() -> None:
    marks = [mark for mark in picture(RESULTS["an outlook with every step"]()).marks if isinstance(mark, Bars)]
    assert [mark.name for mark in marks] == ["", "Denied", "Visits only", "Infusions too"]
    found = RESULTS["an outlook with every step"]()
    for mark in marks[1:]:
        drawn = sum(Fraction(bar.x1 - bar.x0) for bar in mark.bars)
        assert float(drawn) == pytest.approx(float(found.chance_of(mark.name.lower())))


def test_where_nothing_is_open_the_figure_says_so() -> None:
    network = four_visits().plan.networks["out"]
    assert not isinstance(network, str)
    plan = four_visits().plan.replace(networks={"out": network.replace(deductible="not stated")})
    gap = four_visits().replace(plan=plan)
    found = kc.starts(gap, months=1)
    assert (kc.chart(found).data, chart_svg(found)) == ((), "")
    assert unescape(kc.chart(found).layout.title.text.replace("<br>", " ")) == headline(found)
    closed = [replace(route, estimate=None, answer=None) for route in kc.alternatives(four_visits())]
    assert kc.chart(closed).layout.title.text == "None of these routes is open"


def test_a_course_without_a_charge_can_be_drawn() -> None:
    answer: Answer = kc.run(infusions("2026-03-02", charge=0))
    assert unescape(kc.chart(answer).layout.title.text.replace("<br>", " ")) == finding(answer.totals)
    inside(chart_svg(answer, titled=True))


@pytest.mark.parametrize(
    "result", [None, 1, "waterfall", (), [], ("a",), kc.example("readme-patient"), RESULTS["starts"]()[0]]
)
def test_what_has_no_picture_is_refused_with_what_has(result: object) -> None:
    with pytest.raises(kc.KetacostError, match="a chart shows an answer, calendar, comparison, starts, alternatives"):
        chart(result)
