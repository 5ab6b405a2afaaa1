"""Every kind of result has its statement: to read, as text, as a frame and as a file, with the same cells."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from small_scenarios import TEXAN, four_visits
from tabs import every_tab

import ketacost as kc
from ketacost.analysis.populations import CohortGroup, CohortTable
from ketacost.model.coordination import SecondPlan, coordinate
from ketacost.model.coverage import steps_under
from ketacost.reports.spreadsheet import csv_text
from ketacost.reports.statement import Column, Statement
from ketacost.reports.statements import SEVERAL, SINGLE
from ketacost.reports.text import table_text
from ketacost.taxes.households import Contribution

PATIENT = kc.example("payer-employer-insured").replace(
    ranges={}, coverage="infusions too", household=TEXAN, contribution=Contribution(health_fsa=200_000)
)
HOLDER = kc.accounts.Holder(
    (kc.accounts.HsaCoverage(kc.plans["nextgen-2026-2000"], kc.accounts.Span(date(2026, 3, 1), date(2026, 12, 31))),)
)
LIMIT = kc.accounts.hsa_limit(HOLDER, 2026)
ONE = CohortGroup("TX", 3, 100_000, (50_000,), Fraction(1, 8))
RESULTS: dict[str, Callable[[], Any]] = {
    "ElectionAdvice": lambda: kc.advise_fsa(PATIENT),
    "Answer": lambda: kc.run(PATIENT),
    "Calendar": lambda: kc.calendar(kc.run(PATIENT)),
    "Comparison": lambda: kc.compare({"One": PATIENT, "Other": four_visits()}, over=1_000),
    "HsaExcess": lambda: kc.accounts.hsa_excess(LIMIT, 2026, mine=kc.usd(9_000)),
    "HsaLimit": lambda: LIMIT,
    "Outlook": lambda: kc.outlook(PATIENT),
    "Payer": lambda: kc.data.payer("marketplace"),
    "Estimate": lambda: kc.estimate(kc.example("payer-va-facility")),
    "TaxEffect": lambda: kc.tax_effect(kc.run(PATIENT)),
    "Totals": lambda: kc.run(PATIENT).totals,
    "several str": lambda: kc.run(PATIENT).trace,
    "several Asked": lambda: kc.ask_next(kc.example("readme-patient")),
    "several Claim": lambda: kc.run(PATIENT).claims,
    "several Entry": lambda: kc.calendar(kc.run(PATIENT)).entries,
    "several FundedPart": lambda: kc.funding_of(kc.run(PATIENT)),
    "several Method": lambda: kc.disagreements(PATIENT),
    "several MethodRow": lambda: kc.methods_table(PATIENT),
    "several HsaMonth": lambda: kc.accounts.hsa_months(HOLDER, 2026),
    "several Program": kc.programs,
    "several Question": lambda: kc.questions_for_plan(PATIENT),
    "several Route": lambda: kc.alternatives(PATIENT),
    "several Start": lambda: kc.starts(PATIENT, months=1),
    "several NetStep": lambda: kc.estimate(PATIENT).steps_to_net,
    "several Step": lambda: steps_under("aca"),
    "several Superbill": lambda: kc.superbills(kc.run(PATIENT)),
    "several Unknown": lambda: kc.estimate(kc.example("readme-patient")).unknowns,
    "Scenario": lambda: kc.example("readme-patient"),
    "Resolved": lambda: kc.resolve(kc.intake(payer="va-facility"), date(2026, 11, 27)),
    "Plan": lambda: kc.plans["nextgen-2026-2000"],
    "PublishedPlan": lambda: kc.data.published_plan("nextgen-2026-2000"),
    "Protocol": lambda: kc.data.protocol("spravato"),
    "several Answer": lambda: [kc.run(PATIENT), kc.run(four_visits())],
    "several Estimate": lambda: [kc.estimate(four_visits())],
    "several Coordinated": lambda: coordinate(
        kc.course("iv-mood", start="2026-11-30", price=600),
        kc.Plan.of(deductible=1_000, coinsurance="40%", allowed=350),
        SecondPlan(kc.Plan.of(deductible=0, coinsurance="20%", allowed=350)),
    ),
    "several Plan": lambda: [kc.plans["nextgen-2026-2000"], kc.plans["brandeis-2026-ppo"]],
    "several PublishedPlan": lambda: [kc.data.published_plan("nextgen-2026-2000")],
    "several Protocol": lambda: kc.data.protocols(),
    "several Source": lambda: kc.data.sources(),
    "several Citation": lambda: kc.run(PATIENT).citations,
    "CohortTable": lambda: CohortTable("state", ("today",), (ONE,), ONE, (), True),
    "several Worth": lambda: kc.worth(PATIENT),
}
WORDS = ("rests on", "comes to", "stands", "way", "told", "papers", "width", "wide")
"""What no heading says; see the words of plain English that the pages keep to."""


@pytest.mark.parametrize("kind", RESULTS)
def test_every_kind_of_result_reads_three_ways(kind: str) -> None:
    table = kc.statement(RESULTS[kind]())
    assert table.headline == repr(table)
    assert "\n" not in table.headline
    assert table.rows
    assert list(table.frame.columns) == [column.name for column in table.columns]
    assert len(table.frame) == len(table.rows)
    assert table.columns[0].shown(table.rows[0][0]) in table_text(table)
    assert table.table().count("<tr>") == len(table.rows) + 1 + bool(table.totals)
    assert kind == "several str" or (table.brief or table).filled().table() in table._repr_html_()
    heads = " ".join(column.heading for column in table.columns).lower().split()
    assert not any(word in " ".join(heads) for word in WORDS[:3])
    assert not set(heads) & set(WORDS)


@pytest.mark.parametrize("kind", RESULTS)
def test_every_kind_of_result_can_be_taken_away(kind: str, tmp_path: Path) -> None:
    result = RESULTS[kind]()
    rows = list(csv.reader(StringIO(kc.export(result, tmp_path / "it.csv").read_text("utf-8-sig"))))
    assert rows[0] == list(kc.frame(result).columns)
    assert len(rows) == len(kc.frame(result)) + 1
    assert kc.export(kc.statement(result), tmp_path / "it.xlsx").stat().st_size > 1_000


def test_every_kind_is_tried() -> None:
    kinds = {kind.__name__ for kind in SINGLE} | {f"several {kind.__name__}" for kind in SEVERAL}
    assert set(RESULTS) == kinds


def test_an_empty_result_says_so() -> None:
    for empty in ((), []):
        table = kc.statement(empty)
        assert repr(table) == "There is nothing to show: the result is empty."
        assert table_text(table) == ""
        assert csv_text(table) == "\ufeff\r\n"


@pytest.mark.parametrize("wrong", [1, "text", None, (1, 2), [PATIENT], {"One": PATIENT}, {"One": 1}])
def test_what_is_no_result_is_refused_with_what_is(wrong: object) -> None:
    with pytest.raises(kc.KetacostError, match=r"one of Answer.* or several of Answer, Asked, Citation, Claim"):
        kc.statement(wrong)


def test_each_kind_of_cell_is_read_and_kept_in_its_own_form() -> None:
    """Cents, a day, its month, a count, hours, a share and a chance, and a word in place of an amount."""
    kinds = ("money", "day", "month", "count", "number", "share", "chance")
    cells = (123_450, date(2026, 12, 7), date(2026, 12, 1), 16, Fraction(32, 3), Fraction(1, 8), Fraction(3, 10))
    columns = [Column(kind, kind, kind) for kind in kinds]
    told = [column.shown(cell) for column, cell in zip(columns, cells, strict=True)]
    assert told == ["$1,234.50", "Dec 7, 2026", "Dec 2026", "16", "10.7", "12.5%", "3 in 10"]
    kept = [column.plain(cell) for column, cell in zip(columns, cells, strict=True)]
    assert kept == [Decimal("1234.50"), cells[1], cells[2], 16, 10.666667, 0.125, 0.3]
    assert (columns[0].shown("not open"), columns[0].plain("not open")) == ("not open", None)
    assert (columns[0].shown(None), columns[0].plain(None)) == ("", None)
    coded = Column("outcome", "What the plan did", words={"counted": "Approved, $0 back"})
    assert (coded.shown("counted"), coded.plain("counted"), coded.shown("Total")) == (
        "Approved, $0 back",
        "counted",
        "Total",
    )


def test_files_hold_the_lines_at_nothing_that_people_do_not_read() -> None:
    answer = kc.run(PATIENT)
    read, kept = kc.statement(answer), kc.frame(answer)
    assert len(kept) == len(answer.claims) > len(read.rows)
    assert "are left out" in read.footnote
    assert {"code", "units", "plan_year"} <= set(kept.columns) - set(read.frame.columns)
    assert set(kept["outcome"]) <= {"denied", "counted", "paid"}
    assert sum(kept["you_pay"]) == sum(read.frame["you_pay"]) == answer.you_pay / 100


def test_a_calendar_is_read_by_month_and_kept_by_day() -> None:
    dated = kc.calendar(kc.run(PATIENT))
    assert len(kc.statement(dated).rows) == len(dated.months)
    assert [day.date() for day in kc.frame(dated)["day"]] == [entry.day for entry in dated.entries]


def test_the_odds_of_a_payer_are_those_of_the_treatment_asked_for() -> None:
    payer = kc.data.payer("marketplace")
    every, one = kc.statement(payer), kc.statement(payer, treatment="iv-mood")
    assert [row[1:] for row in every.rows if row[0] == "iv-mood"] == list(one.rows)
    with pytest.raises(kc.KetacostError, match="treatment"):
        kc.statement(payer, treatment="abroad")


def test_a_word_in_html_stays_a_word() -> None:
    table = Statement("<b>", "<i>", (Column("a", "<u>"),), (("<script>",),), ("<s>",), "<p>")
    assert not any(tag in table._repr_html_() for tag in ("<b>", "<i>", "<u>", "<script>", "<s>"))


def test_the_panel_of_a_payer_without_steps_shows_no_empty_table() -> None:
    detail = every_tab(kc.estimate(kc.example("readme-patient").replace(payer="va-facility")))
    assert "No step to get paid is known here." in detail
    assert "nothing to show" not in detail


def test_sentences_are_a_list_in_a_notebook_and_rows_in_a_frame() -> None:
    read = kc.statement(["Ask the plan.", "It's <free>."])
    assert "<ul><li>Ask the plan.</li><li>It&#x27;s &lt;free&gt;.</li></ul>" in read._repr_html_()
    assert not {"<table>", "<strong>"} & set(re.findall(r"<\w+>", read._repr_html_()))
    assert list(read.frame["sentence"]) == ["Ask the plan.", "It's <free>."]


def test_a_notebook_shows_equal_lines_together_and_no_empty_column() -> None:
    """One evaluation and 15 infusions, all denied: two rows and the total, without what the plan counts and pays."""
    read = kc.statement(kc.run(PATIENT.replace(coverage="denied")))
    shown = re.sub(r"<[^>]+>", "|", read._repr_html_())
    assert read._repr_html_().count("<tr>") == 4
    assert "Ketamine infusion (96365): 15 at $500" in shown
    assert not any(heading in shown for heading in ("Plan counts", "Plan pays"))
    assert {"allowed", "plan_pays"} <= set(read.frame.columns)
    assert len(read.frame) == 16


def test_lines_of_which_no_two_are_equal_keep_their_dates_and_their_caption() -> None:
    """$500 to the deductible of $700; then $200 and 20% of $300; then 20% of $500."""
    claims = [claim for claim in kc.run(four_visits(deductible=700)).claims if claim.line.charge][:3]
    assert [claim.you_pay for claim in claims] == [50_000, 26_000, 10_000]
    shown = kc.statement(claims)._repr_html_()
    assert ">Date<" in shown
    assert ">Line by line<" in shown


def test_a_column_to_write_in_is_shown_empty() -> None:
    table = Statement(
        "Ask", "To ask", (Column("a", "Ask"), Column("b", "Answer", blank=True), Column("c", "Note")), (("?", "", ""),)
    )
    assert [column.heading for column in table.filled().columns] == ["Ask", "Answer"]
