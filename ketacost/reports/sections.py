"""The parts of the page under the headline, each as HTML: calendar, money, the next question, sources, odds, dates, routes.

Plain text and standard library alone, so that the same parts serve JupyterLab, a static page and a browser without a server.
A `fold` that costs something to work out is worked out only while it stands open.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from html import escape

from ketacost.analysis.allowed_methods import methods_table
from ketacost.analysis.alternatives import disagreements
from ketacost.analysis.comparison import Comparison, compare, compare_routes
from ketacost.analysis.questions import questions_for_plan
from ketacost.analysis.start_dates import key_dates, starts
from ketacost.analysis.value_of_information import Asked, ask_next
from ketacost.core.money import about, dollars, shown
from ketacost.core.references import Citation
from ketacost.estimate.account_effects import funding_of, tax_effect
from ketacost.estimate.answer import Answer, by_coverage
from ketacost.estimate.calendar import bottom_line, calendar
from ketacost.estimate.estimate import Spread, spread
from ketacost.estimate.explain import citations, notes, trace
from ketacost.estimate.outlook import outlook, worth
from ketacost.estimate.scenario import Scenario, network_of
from ketacost.estimate.superbills import superbills
from ketacost.model.coverage import steps_under
from ketacost.model.payers import payer, step, treatment_of
from ketacost.reports.charts import bars_html, chart_svg, range_svg
from ketacost.reports.markup import (
    SAFE,
    Cell,
    fold,
    heading,
    items,
    paragraph,
    scroll,
    section,
    table,
    text_cells,
    whole,
)
from ketacost.reports.reasons import reason
from ketacost.reports.statement import Statement, finding
from ketacost.reports.statements import statement

SHEETS = {"months": "Spreadsheet: months", "lines": "Spreadsheet: lines", "routes": "Spreadsheet: routes"}
"""What can be kept as a spreadsheet, where there is a folder to keep it in."""


def money_calendar(answer: Answer) -> str:
    """Money out and back, month by month."""
    dated = calendar(answer)
    figures = [f"month:{month.first_day:%Y-%m}" for month in dated.months]
    months = fold("The months as a table", _scrolled(statement(dated), figures))
    picture = chart_svg(dated)
    return section("Month by month: money out and back", f"{say(dated.headline)}{picture}{months}")


def where_it_goes(answer: Answer) -> str:
    """From the charge to what the patient pays."""
    bars = statement(answer.totals)
    same = fold("The same as a table", _scrolled(bars))
    return section("Where the money goes", f"{say(bars.headline)}{bars_html(answer.totals)}{same}{_taxes(answer)}")


def the_next_question(answer: Answer) -> str:
    """What to ask next, why, and the calls so far."""
    asked = [_question(question) for question in ask_next(answer.scenario)]
    first = asked[0] if asked else paragraph("Nothing is marked as not known: every entry counts as known.")
    others = fold(f"The other open questions ({len(asked) - 1})", "".join(asked[1:])) if asked[1:] else ""
    for_plan = _scrolled(statement(questions_for_plan(answer.scenario)))
    duty = fold("Questions for the plan's own cost estimate", for_plan)
    return section("Ask this next", f"{first}{others}{duty}{_calls(answer.scenario)}")


def _calls(scenario: Scenario) -> str:
    """The calls so far, as a table."""
    rows = [text_cells(str(call.day), call.about, call.answer, call.reference) for call in scenario.calls]
    return table(text_cells("Day", "About", "Answer", "Reference"), rows, caption="Calls") if rows else ""


def _question(asked: Asked) -> str:
    entries = {"about": asked.path, "ask": asked.sentence, "takes": asked.takes, "who": f"the {asked.who}"}
    data = " ".join(f'data-{name}="{escape(text)}"' for name, text in entries.items())
    ask = f"<p><b>Ask the {escape(asked.who)}:</b> “{escape(asked.sentence)}”</p>"
    log = _button(f'data-window="log" {data}', "Write down the answer")
    return f'<div class="keta-ask">{ask}{say(asked.why)}{log}</div>'


def documents_to_send(answer: Answer) -> str:
    """The documents that this session can make."""
    documents = {"handout": "A page to hand over", "save": "Keep the scenario"}
    buttons = "".join(_button(f'data-window="{kind}"', label) for kind, label in documents.items())
    sheets = "".join(_button(f'data-do="export" data-what="{what}"', label) for what, label in SHEETS.items())
    rows = f'<div class="keta-row">{buttons}</div><div class="keta-row keta-folder">{sheets}</div>'
    return section("Documents", f"{rows}{_superbills(answer)}")


def _button(does: str, label: str) -> str:
    return f'<button type="button" {does} {SAFE}>{label}</button>'


def what_it_may_say(answer: Answer) -> str:
    """The payer's odds, the tree and the steps, where the scenario says who pays."""
    scenario = answer.scenario
    if not scenario.payer:
        return ""
    path, who, treatment = outlook(scenario), payer(scenario.payer), treatment_of(scenario.course.protocol)
    ends, odds = statement(path), statement(who, treatment=treatment)
    return section(
        "What may come of it, and which step is worth it",
        f"{say(ends.headline)}{chart_svg(path)}{fold('The same as a table', _scrolled(ends))}"
        f"{_steps(scenario, who.law, treatment)}{fold('Where the odds come from', _scrolled(odds))}",
    )


def _steps(scenario: Scenario, law: str, treatment: str) -> str:
    """Which step is worth taking, and the deadlines, where the payer's law knows any step."""
    judged, rules = worth(scenario), steps_under(law)
    if not judged:
        return paragraph("At these odds no step saves more than it costs.")
    deadlines = _scrolled(statement(rules, treatment=treatment))
    return _under(statement(judged)) + fold("Deadlines and their sources", deadlines)


def line_by_line(answer: Answer) -> str:
    """Every charged line, each with its steps."""
    lines = statement(answer)
    return section("Line by line", _scrolled(lines, [f"line:{place}" for place in range(len(lines.rows))]))


def when_to_start(answer: Answer) -> str:
    """Net cost and cash as the first visit moves over the next 15 months."""
    possible = starts(answer.scenario)
    dates, sentences = statement(possible), [date.sentence for date in key_dates(possible)]
    listed = items(sentences) if sentences else ""
    return say(dates.headline) + listed + chart_svg(possible) + fold("The dates as a table", _scrolled(dates))


def other_routes(answer: Answer) -> str:
    """Other routes to treatment side by side."""
    return _compared(compare_routes(answer.scenario, _over(answer)))


def _compared(comparison: Comparison) -> str:
    return say(comparison.headline) + chart_svg(comparison) + _scrolled(statement(comparison))


def calculators(answer: Answer) -> str:
    """Why free calculators disagree on this patient, and how far the answer moves with what the plan counts."""
    case = answer.scenario.replace(coverage="infusions too", ranges={}, odds={})
    if network_of(case) is None:
        return "<p>The plan has no benefit in this network: every honest calculator says that it pays $0.</p>"
    return _with_headline(statement(disagreements(case))) + _with_headline(statement(methods_table(case)))


LONGER: dict[str, tuple[str, Callable[[Answer], str]]] = {
    "starts": ("When to start: the next 15 months", when_to_start),
    "routes": ("Other routes, side by side", other_routes),
    "calculators": ("Why calculators disagree, if the plan covers the infusions", calculators),
}
"""The parts that cost something to work out: shown, and worked out, while they stand open."""


def beside(answer: Answer, saved: Mapping[str, Scenario]) -> str:
    """What stands in the form and the saved scenarios, side by side."""
    if not saved:
        return "<p>No scenario is saved here yet: keep this one, change it, and look again.</p>"
    return _compared(compare({"This one": answer.scenario, **saved}, _over(answer)))


def _over(answer: Answer) -> str:
    """What it most likely comes to here, in dollars: how often does another way cost more than that?"""
    return dollars(bottom_line(answer.scenario, answer.claims).net)


def longer(answer: Answer, opened: frozenset[str], saved: Mapping[str, Scenario] | None) -> str:
    """The longer parts, those that stand open worked out; `saved` where there is a folder to keep scenarios in."""
    parts = {name: (title, partial(make, answer)) for name, (title, make) in LONGER.items()}
    if saved is not None:
        parts["saved"] = ("Saved scenarios, side by side", partial(beside, answer, saved))
    folds = []
    for name, (title, make) in parts.items():
        inside = make() if name in opened else "<p>Working it out.</p>"
        full = ' data-full="1"' if name in opened else ""
        folds.append(
            f'<details data-keep="{name}" data-part="{name}"{full}><summary {SAFE}>{escape(title)}</summary>{inside}</details>'
        )
    return section("Look further", "".join(folds))


def _taxes(answer: Answer) -> str:
    """What tax-free accounts change, where the scenario names a household and something is put in."""
    if answer.scenario.household is None or not answer.scenario.contribution.amount:
        return ""
    who = fold("Who pays each visit", _under(statement(funding_of(answer))))
    return heading("Tax saved, and your net", 4) + _with_headline(statement(tax_effect(answer))) + who


def _superbills(answer: Answer) -> str:
    """Each visit's superbill, where the patient is the one who files."""
    side, who = network_of(answer.scenario), answer.scenario.payer
    if not who or side is None or side.balance_bill != "owed" or step(payer(who).law, "claim") is None:
        return ""
    return fold("Superbills: what to send, by when, and what comes back", _under(statement(superbills(answer))))


def citations_table(cited: Sequence[Citation]) -> str:
    """Sources as a table: number, value, grade, source."""
    rows = [(*text_cells(c.what, c.value), _grade(c), Cell(_linked(c))) for c in cited]
    return scroll("Sources", table(text_cells("Number", "Value", "Grade", "Source"), rows, caption="Sources"))


def _grade(citation: Citation) -> Cell:
    return Cell(f'<span class="keta-grade keta-{citation.grade}">{citation.grade}</span>')


def _linked(citation: Citation) -> str:
    place = f", {citation.where}" if citation.where else ""
    text = escape(f"{citation.source}{place}; read {citation.source.read_on}")
    if citation.source.url.startswith(("https://", "http://")):
        return f'<a href="{escape(citation.source.url)}" target="_blank" rel="noopener noreferrer" {SAFE}>{text}</a>'
    return text


def say(text: str) -> str:
    """A finding of the panel."""
    return paragraph(text, "keta-finding")


def _scrolled(table: Statement, why: Sequence[str] = ()) -> str:
    return scroll(table.caption, table.table(why))


def _with_headline(table: Statement) -> str:
    return say(table.headline) + _scrolled(table)


def _under(table: Statement) -> str:
    """A table under its headline as an ordinary sentence."""
    return paragraph(table.headline) + _scrolled(table)


def head(answer: Answer) -> str:
    """The answer first: a few sentences, three numbers with the way to each, the most cash needed, and a picture."""
    wide = spread(answer.scenario)
    ranged = wide.low < wide.high
    cards = [("net", "You pay", wide.likely)]
    if ranged:
        cards = [("low", "As low as", wide.low), ("net", "Most likely", wide.likely), ("high", "As high as", wide.high)]
    cards.append(("peak", "Most cash at once", calendar(answer).peak.cents))
    numbers = "".join(
        f'<button type="button" class="keta-number{" keta-likely" if name == "net" else ""}" data-why="{name}" {SAFE}>'
        f"<span>{label}</span><b>{about(amount)}</b><i>Why?</i></button>"
        for name, label, amount in cards
    )
    eight = f"{wide.sentence.partition(';')[0].removesuffix('.')}." if ranged else ""
    sentences = " ".join(filter(None, (answer.sentence, _after_tax(answer), eight)))
    picture = range_svg(wide) if ranged else ""
    return f'{paragraph(sentences, "keta-sentence")}<div class="keta-numbers">{numbers}</div>{picture}'


def slim(answer: Answer) -> str:
    """The answer in a few words, for a bar that stays in sight."""
    wide: Spread = spread(answer.scenario)
    if wide.low == wide.high:
        return f"You pay {about(wide.likely)}"
    return f"Most likely {about(wide.likely)}, from {about(wide.low)} to {about(wide.high)}"


def detail(answer: Answer, opened: frozenset[str] = frozenset(), saved: Mapping[str, Scenario] | None = None) -> str:
    """Everything under the headline, in a fixed order, the longer parts folded; those `opened` are worked out.

    `saved` are the scenarios of the folder, to stand beside this one; None where there is no folder.
    """
    known, cited = notes(answer), citations(answer)
    rest = fold(f"{len(known) - 4} more", items(known[4:])) if known[4:] else ""
    coverages = _scrolled(statement(by_coverage(answer.scenario)))
    return "".join(
        (
            money_calendar(answer),
            where_it_goes(answer),
            the_next_question(answer),
            documents_to_send(answer),
            section("What the plan may say", f"{coverages}{fold('Why is each of them possible?', THREE)}"),
            what_it_may_say(answer),
            longer(answer, opened, saved),
            line_by_line(answer),
            section("What to know about this answer", f"{items(known[:4])}{rest}"),
            fold("Every step of the arithmetic", items(trace(answer), "ol")),
            fold(f"The sources of the numbers used ({len(cited)})", citations_table(cited)),
        )
    )


def why(answer: Answer, figure: str) -> tuple[str, str]:
    """Why a figure is what it is: a title, and the sentences and sources as HTML."""
    because = reason(answer, figure)
    steps = items(because.sentences, "ol")
    sources = heading("Sources", 4) + citations_table(because.citations) if because.citations else ""
    return because.title, steps + sources


def static(answer: Answer) -> str:
    """The panel as pictures and tables, for places where no widget can run."""
    dated = calendar(answer)
    pictures = (
        (860, finding(answer.totals), chart_svg(answer, titled=True)),
        (560, dated.headline, chart_svg(dated, titled=True)),
    )
    images = "".join(_image(*picture) for picture in pictures)
    tables = f"{statement(by_coverage(answer.scenario)).table()}{statement(answer).table()}"
    return whole(answer.sentence, images + tables)


def _image(width: int, text: str, svg: str) -> str:
    source = f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
    return f'<p><img width="{width}" style="max-width:100%" alt="{escape(text)}" src="{source}"></p>'


def plain(answer: Answer) -> str:
    """The panel as text, headline number first."""
    low, high = about(answer.low.you_pay), about(answer.high.you_pay)
    parts = (f"{shown(amount):>12}  {name.replace('_', ' ')}" for name, amount in answer.totals._asdict().items())
    return "\n".join((f"{about(answer.you_pay)} you pay (as low as {low}, as high as {high})", *parts))


def _after_tax(answer: Answer) -> str:
    """What else changes the cost: tax saved, what others give, what borrowing costs."""
    bottom = bottom_line(answer.scenario, answer.claims)
    if bottom.net == bottom.you_pay:
        return ""
    return f"With taxes, help and the cost of borrowing it comes to {about(bottom.net)}."


THREE = (
    "<p><strong>Denied</strong>: the plan covers none of it. <strong>Approved, $0 back</strong>: the plan says yes, and what it counts "
    "goes to your deductible. <strong>Paid</strong>: the deductible is met and the plan sends its share.</p>"
)
"""The three things that can happen to a line, in words."""
