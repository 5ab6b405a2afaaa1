"""The parts of the page, each as HTML: headline, calendar, money, the next question, sources, odds, dates, routes.

Plain text and standard library alone, so that the same parts serve JupyterLab, a static page and a browser without a
server. A part that takes long to work out is worked out only while it is open.
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
from ketacost.core.references import GRADES, Citation
from ketacost.estimate.account_effects import funding_of, tax_effect
from ketacost.estimate.answer import Answer, by_coverage
from ketacost.estimate.calendar import Calendar, bottom_line, calendar
from ketacost.estimate.estimate import spread
from ketacost.estimate.explain import citations, notes, trace
from ketacost.estimate.outlook import outlook, worth
from ketacost.estimate.scenario import Scenario, network_of
from ketacost.estimate.superbills import superbills
from ketacost.model.coverage import steps_under
from ketacost.model.payers import payer, step, treatment_of
from ketacost.reports.charts import bars_html, chart_svg, range_svg
from ketacost.reports.markup import SAFE, Cell, fold, heading, items, paragraph, scroll, section, table, whole
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
    return section("Month by month: money out and back", say(dated.headline) + chart_svg(dated) + months)


def where_it_goes(answer: Answer) -> str:
    """From the charge to what the patient pays."""
    bars = statement(answer.totals)
    same = fold("The same as a table", _scrolled(bars))
    return section("Where the money goes", say(bars.headline) + bars_html(answer.totals) + same + _taxes(answer))


def the_next_question(answer: Answer) -> str:
    """What to ask next, why, and the calls so far."""
    asked = [_question(question) for question in ask_next(answer.scenario)]
    first = asked[0] if asked else paragraph("Nothing is marked as not known: every entry counts as known.")
    others = fold(f"The other open questions ({len(asked) - 1})", "".join(asked[1:])) if asked[1:] else ""
    for_plan = _scrolled(statement(questions_for_plan(answer.scenario)))
    duty = fold("Questions for the plan's own cost estimate", for_plan)
    rows = [(str(call.day), call.about, call.answer, call.reference) for call in answer.scenario.calls]
    calls = table(("Day", "About", "Answer", "Reference"), rows, caption="Calls") if rows else ""
    return section("Ask this next", first + others + duty + calls)


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
    return section("Documents", rows + _superbills(answer))


def _button(does: str, label: str) -> str:
    return f'<button type="button" {does} {SAFE}>{label}</button>'


def what_it_may_say(answer: Answer) -> str:
    """The payer's odds, the tree and the steps, where the scenario says who pays."""
    scenario = answer.scenario
    if not scenario.payer:
        return ""
    path, who, treatment = outlook(scenario), payer(scenario.payer), treatment_of(scenario.course.protocol)
    ends, odds = statement(path), statement(who, treatment=treatment)
    drawn = say(ends.headline) + chart_svg(path) + fold("The same as a table", _scrolled(ends))
    sources = fold("Where the odds come from", _scrolled(odds))
    inside = drawn + _steps(scenario, who.law, treatment) + sources
    return section("What may come of it, and which step is worth it", inside)


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
        return paragraph("The plan has no benefit in this network: every honest calculator says that it pays $0.")
    return _with_headline(statement(disagreements(case))) + _with_headline(statement(methods_table(case)))


LONGER: dict[str, tuple[str, Callable[[Answer], str]]] = {
    "starts": ("When to start: the next 15 months", when_to_start),
    "routes": ("Other routes, side by side", other_routes),
    "calculators": ("Why calculators disagree, if the plan covers the infusions", calculators),
}
"""The parts that take long to work out: shown, and worked out, only while they are open."""


def beside(answer: Answer, saved: Mapping[str, Scenario]) -> str:
    """The scenario in the form and the saved ones, side by side."""
    if not saved:
        return paragraph("No scenario is saved here yet: keep this one, change it, and look again.")
    return _compared(compare({"This one": answer.scenario, **saved}, _over(answer)))


def _over(answer: Answer) -> str:
    """The likely cost here, in dollars: how often does another option cost more than that?"""
    return dollars(bottom_line(answer.scenario, answer.claims).net)


def longer(answer: Answer, opened: frozenset[str], saved: Mapping[str, Scenario] | None) -> str:
    """The longer parts, worked out where open; `saved` where there is a folder to keep scenarios in."""
    parts = {name: (title, partial(make, answer)) for name, (title, make) in LONGER.items()}
    if saved is not None:
        parts["saved"] = ("Saved scenarios, side by side", partial(beside, answer, saved))
    folds = []
    for name, (title, make) in parts.items():
        inside, full = (make(), ' data-full="1"') if name in opened else (paragraph("Working it out."), "")
        summary = f"<summary {SAFE}>{escape(title)}</summary>"
        folds.append(f'<details data-keep="{name}" data-part="{name}"{full}>{summary}{inside}</details>')
    return section("Look further", "".join(folds))


def _taxes(answer: Answer) -> str:
    """What tax-free accounts change, where the scenario names a household and something is put in."""
    if answer.scenario.household is None or not answer.scenario.contribution.amount:
        return ""
    who = fold("Who pays each visit", _under(statement(funding_of(answer))))
    return heading("Tax saved, and your net", 4) + _with_headline(statement(tax_effect(answer))) + who


def _superbills(answer: Answer) -> str:
    """Each visit's superbill, where the patient is the one who files."""
    network, who = network_of(answer.scenario), answer.scenario.payer
    if not who or network is None or network.balance_bill != "owed" or step(payer(who).law, "claim") is None:
        return ""
    return fold("Superbills: what to send, by when, and what comes back", _under(statement(superbills(answer))))


def citations_table(cited: Sequence[Citation]) -> str:
    """Sources as a table: number, value, grade, source."""
    grades = {grade: Cell(f'<span class="keta-grade keta-{grade}">{grade}</span>') for grade in GRADES}
    rows = [(c.what, c.value, grades[c.grade], Cell(_linked(c))) for c in cited]
    return scroll("Sources", table(("Number", "Value", "Grade", "Source"), rows, caption="Sources"))


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
    """A table under its headline, which is an ordinary sentence here."""
    return paragraph(table.headline) + _scrolled(table)


def head(answer: Answer) -> str:
    """The answer first: a few sentences, three numbers with the way to each, the most cash needed, and a picture."""
    nets = spread(answer.scenario)
    ranged = nets.low < nets.high
    cards = [_card("net", "Most likely" if ranged else "You pay", nets.likely)]
    if ranged:
        cards = [_card("low", "As low as", nets.low), *cards, _card("high", "As high as", nets.high)]
    cards.append(_card("peak", "Most cash at once", calendar(answer).peak.cents))
    eight = f"{nets.sentence.partition(';')[0].removesuffix('.')}." if ranged else ""
    sentences = paragraph(" ".join(filter(None, (answer.sentence, _after_tax(answer), eight))), "keta-sentence")
    return f'{sentences}<div class="keta-numbers">{"".join(cards)}</div>{range_svg(nets) if ranged else ""}'


def _card(name: str, label: str, amount: int) -> str:
    likely = " keta-likely" if name == "net" else ""
    inside = f"<span>{label}</span><b>{about(amount)}</b><i>Why?</i>"
    return f'<button type="button" class="keta-number{likely}" data-why="{name}" {SAFE}>{inside}</button>'


def slim(answer: Answer) -> str:
    """The answer in a few words, for a bar that stays in sight."""
    nets = spread(answer.scenario)
    if nets.low == nets.high:
        return f"You pay {about(nets.likely)}"
    return f"Most likely {about(nets.likely)}, from {about(nets.low)} to {about(nets.high)}"


def detail(answer: Answer, opened: frozenset[str] = frozenset(), saved: Mapping[str, Scenario] | None = None) -> str:
    """Everything under the headline, in a fixed order, the longer parts folded; those `opened` are worked out.

    `saved` are the scenarios of the folder, to compare with this one; None where there is no folder.
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
    title, sentences, cited = reason(answer, figure)
    sources = heading("Sources", 4) + citations_table(cited) if cited else ""
    return title, items(sentences, "ol") + sources


def static(answer: Answer) -> str:
    """The panel as pictures and tables, for places where no widget can run."""
    dated = calendar(answer)
    images = _image(860, finding(answer.totals), answer) + _image(560, dated.headline, dated)
    tables = statement(by_coverage(answer.scenario)).table() + statement(answer).table()
    return whole(answer.sentence, images + tables)


def _image(width: int, text: str, result: Answer | Calendar) -> str:
    svg = chart_svg(result, titled=True)
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
    return f"After taxes, help and the cost of borrowing, you pay {about(bottom.net)}."


THREE = (
    "<p><strong>Denied</strong>: the plan covers none of it. <strong>Approved, $0 back</strong>: the plan says yes, "
    "and what it counts goes to your deductible. <strong>Paid</strong>: the deductible is met and the plan sends its "
    "share.</p>"
)
"""The three things that can happen to a line, in words."""
