"""The parts of the page under the headline, each as HTML: calendar, money, the next question, sources, odds, dates, routes.

Plain text and standard library alone, so that the same parts serve JupyterLab, a static page and a browser without a server.
A `fold` that costs something to work out is worked out only while it stands open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from html import escape

from ketacost.analysis.comparison import compare, compare_routes
from ketacost.analysis.start_dates import headline, key_dates, starts
from ketacost.analysis.value_of_information import Asked, ask_next
from ketacost.core.money import dollars
from ketacost.core.references import Citation
from ketacost.estimate.answer import Answer
from ketacost.estimate.calendar import bottom_line, calendar
from ketacost.estimate.outlook import outlook
from ketacost.estimate.scenario import Scenario, network_of
from ketacost.model.payers import payer, step
from ketacost.reports.account_statements import funding_statement, tax_statement
from ketacost.reports.calendar_statements import calendar_statement, calendar_svg
from ketacost.reports.charts import bars_html
from ketacost.reports.question_statements import questions_statement
from ketacost.reports.side_statements import compare_statement, compare_svg
from ketacost.reports.start_statements import start_statement, start_svg
from ketacost.reports.statement import bars_statement, finding, statement
from ketacost.reports.statements import (
    disagreement_statement,
    ends_statement,
    methods_statement,
    odds,
    steps_statement,
    superbill_statement,
    worth_statement,
)
from ketacost.reports.trees import tree_html

SHEETS = {"months": "Spreadsheet: months", "lines": "Spreadsheet: lines", "routes": "Spreadsheet: routes"}
"""What can be kept as a spreadsheet, where there is a folder to keep it in."""

SAFE = 'data-lm-suppress-shortcuts="true"'  # JupyterLab's one-key commands must not fire on a button that has the focus


def money_calendar(answer: Answer) -> str:
    """Money out and back, month by month."""
    found, told = calendar(answer), calendar_statement(answer)
    months = [f"month:{month.first_day:%Y-%m}" for month in found.months]
    return section(
        "Month by month: money out and back",
        f"{say(found.headline)}{calendar_svg(found, titled=False)}{fold('The months as a table', scroll('Months', told.table(months)))}",
    )


def where_it_goes(answer: Answer) -> str:
    """From the charge to what the patient pays."""
    table = fold("The same as a table", scroll("From the charge to what you pay", bars_statement(answer).table()))
    return section(
        "Where the money goes", f"{say(finding(answer.totals))}{bars_html(answer.totals)}{table}{_taxes(answer)}"
    )


def the_next_question(answer: Answer) -> str:
    """What to ask next, why, and the calls so far."""
    asked, calls = ask_next(answer.scenario), answer.scenario.calls
    log = "".join(
        f'<tr><th scope="row">{call.day}</th><td>{escape(call.about)}</td><td>{escape(call.answer)}</td><td>{escape(call.reference)}</td></tr>'
        for call in calls
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Day", "About", "Answer", "Reference"))
    table = (
        f"<table><caption>Calls</caption><thead><tr>{heads}</tr></thead><tbody>{log}</tbody></table>" if calls else ""
    )
    first = (
        _question(asked[0]) if asked else "<p>Nothing in this scenario stands open: every entry is taken as known.</p>"
    )
    others = (
        fold(f"The other open questions ({len(asked) - 1})", "".join(_question(one) for one in asked[1:]))
        if asked[1:]
        else ""
    )
    duty = fold(
        "Questions for the plan's own cost estimate",
        scroll("Questions for the plan", questions_statement(answer.scenario).table()),
    )
    return section("Ask this next", f"{first}{others}{duty}{table}")


def _question(asked: Asked) -> str:
    told = {"about": asked.path, "ask": asked.sentence, "takes": asked.takes, "who": f"the {asked.who}"}
    data = " ".join(f'data-{name}="{escape(text)}"' for name, text in told.items())
    return (
        f'<div class="keta-ask"><p><b>Ask the {escape(asked.who)}:</b> “{escape(asked.sentence)}”</p>'
        f'<p class="keta-finding">{escape(asked.why)}</p>'
        f'<button type="button" data-window="log" {data} {SAFE}>Write down the answer</button></div>'
    )


def documents_to_send(answer: Answer) -> str:
    """The sources that this session can make."""
    made = "".join(
        f'<button type="button" data-window="{kind}" {SAFE}>{label}</button>'
        for kind, label in (("handout", "A page to hand over"), ("save", "Keep the scenario"))
    )
    sheets = "".join(
        f'<button type="button" data-do="export" data-what="{what}" {SAFE}>{label}</button>'
        for what, label in SHEETS.items()
    )
    rows = f'<div class="keta-row">{made}</div><div class="keta-row keta-folder">{sheets}</div>'
    return section("Sources", f"{rows}{_superbills(answer)}")


def what_it_may_say(answer: Answer) -> str:
    """The payer's odds, the tree and the steps, where the scenario says who pays."""
    scenario = answer.scenario
    if not scenario.payer:
        return ""
    found = outlook(scenario)
    ends, steps = ends_statement(found), worth_statement(scenario)
    return section(
        "What may come of it, and which step is worth it",
        f"{say(ends.headline)}{tree_html(found)}{fold('The same as a table', scroll('Every way it can end', ends.table()))}"
        f"<p>{escape(steps.headline)}</p>{scroll('Steps', steps.table())}"
        f"{fold('Deadlines, and what they rest on', scroll('Deadlines', steps_statement(scenario).table()))}"
        f"{fold('What the odds rest on', scroll('Odds', odds(scenario).table()))}",
    )


def line_by_line(answer: Answer) -> str:
    """Every charged line, each with its steps."""
    lines = statement(answer)
    return section("Line by line", scroll("Line by line", lines.table([f"line:{i}" for i in range(len(lines.rows))])))


def when_to_start(answer: Answer) -> str:
    """Net cost and cash as the first visit moves over the next 15 months."""
    found = starts(answer.scenario)
    said = "".join(f"<li>{escape(one.sentence)}</li>" for one in key_dates(found))
    told = f"<ul>{said}</ul>" if said else ""
    return f"{say(headline(found))}{told}{start_svg(found)}{fold('The dates as a table', scroll('Dates', start_statement(answer.scenario).table()))}"


def other_routes(answer: Answer) -> str:
    """Other routes to treatment side by side."""
    found = compare_routes(answer.scenario, _over(answer))
    told = compare_statement(found)
    return f"{say(told.headline)}{compare_svg(found)}{scroll('Routes', told.table())}"


def calculators(answer: Answer) -> str:
    """Why free calculators disagree on this patient, and how far the answer moves with what the plan counts."""
    case = answer.scenario.replace(coverage="infusions too", ranges={}, odds={})
    if network_of(case) is None:
        return "<p>The plan has no benefit in this network: every honest calculator says that it pays $0.</p>"
    wrong, ways = disagreement_statement(case), methods_statement(case)
    return f"{say(wrong.headline)}{scroll('Calculators', wrong.table())}{say(ways.headline)}{scroll('Ways to price', ways.table())}"


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
    found = compare({"As it stands here": answer.scenario, **saved}, _over(answer))
    told = compare_statement(found)
    return f"{say(told.headline)}{compare_svg(found)}{scroll('Scenarios', told.table())}"


def _over(answer: Answer) -> str:
    """What it most likely comes to here, in dollars: how often does another way cost more than that?"""
    return dollars(bottom_line(answer.scenario, answer.claims).net)


def longer(answer: Answer, opened: frozenset[str], saved: Mapping[str, Scenario] | None) -> str:
    """The longer parts, those that stand open worked out; `saved` where there is a folder to keep scenarios in."""
    parts = {name: (title, partial(make, answer)) for name, (title, make) in LONGER.items()}
    if saved is not None:
        parts["saved"] = ("Saved scenarios, side by side", partial(beside, answer, saved))
    found = []
    for name, (title, make) in parts.items():
        inside = make() if name in opened else "<p>Working it out.</p>"
        full = ' data-full="1"' if name in opened else ""
        found.append(
            f'<details data-keep="{name}" data-part="{name}"{full}><summary {SAFE}>{escape(title)}</summary>{inside}</details>'
        )
    return section("Look further", "".join(found))


def _taxes(answer: Answer) -> str:
    """What tax-free accounts change, where the scenario names a household and something is put in."""
    if answer.scenario.household is None or not answer.scenario.contribution.amount:
        return ""
    saved, paid = tax_statement(answer), funding_statement(answer)
    who = f"<p>{escape(paid.headline)}</p>{scroll('Who pays', paid.table())}"
    return f"<h4>Tax saved, and your net</h4>{say(saved.headline)}{scroll('Tax saved', saved.table())}{fold('Who pays each visit', who)}"


def _superbills(answer: Answer) -> str:
    """Each visit's superbill, where the patient is the one who files."""
    side = network_of(answer.scenario)
    if not answer.scenario.payer or side is None or side.balance_bill != "owed":
        return ""
    if step(payer(answer.scenario.payer).law, "claim") is None:
        return ""
    found = superbill_statement(answer)
    told = f"<p>{escape(found.headline)}</p>{scroll('Superbills', found.table())}"
    return fold("Superbills: what to send, by when, and what comes back", told)


def citations_table(cited: Sequence[Citation]) -> str:
    """Sources as a table: number, value, grade, source."""
    rows = "".join(
        f'<tr><th scope="row">{escape(p.what)}</th><td>{escape(p.value)}</td><td><span class="keta-grade keta-{p.grade}">{p.grade}</span></td>'
        f"<td>{_linked(p)}</td></tr>"
        for p in cited
    )
    heads = "".join(f'<th scope="col">{h}</th>' for h in ("Number", "Value", "Grade", "Source"))
    table = f"<table><caption>Sources</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return scroll("Sources", table)


def _linked(citation: Citation) -> str:
    told = escape(f"{citation.source}{', ' + citation.where if citation.where else ''}; read {citation.source.read_on}")
    if citation.source.url.startswith(("https://", "http://")):
        return f'<a href="{escape(citation.source.url)}" target="_blank" rel="noopener noreferrer" {SAFE}>{told}</a>'
    return told


def section(title: str, inside: str) -> str:
    return f"<section><h3>{escape(title)}</h3>{inside}</section>"


def say(text: str) -> str:
    return f'<p class="keta-finding">{escape(text)}</p>'


def fold(title: str, inside: str) -> str:
    return f'<details data-keep="{escape(title.split(" (")[0])}"><summary {SAFE}>{escape(title)}</summary>{inside}</details>'


def scroll(label: str, inside: str) -> str:
    return f'<div class="keta-scroll" role="group" aria-label="{escape(label)}" tabindex="0" {SAFE}>{inside}</div>'
