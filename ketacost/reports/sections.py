"""The parts of the page under the headline, each as HTML: calendar, money, the next question, sources, odds, dates, routes.

Plain text and standard library alone, so that the same parts serve JupyterLab, a static page and a browser without a server.
A `fold` that costs something to work out is worked out only while it stands open.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from html import escape

from ketacost.analysis.comparison import compare, compare_routes
from ketacost.analysis.start_dates import headline, key_dates, starts
from ketacost.analysis.value_of_information import Asked, ask_next
from ketacost.core.money import about, dollars, shown
from ketacost.core.references import Citation
from ketacost.estimate.answer import Answer
from ketacost.estimate.calendar import bottom_line, calendar
from ketacost.estimate.estimate import Spread, spread
from ketacost.estimate.explain import citations, notes, trace
from ketacost.estimate.outlook import outlook
from ketacost.estimate.scenario import Scenario, network_of
from ketacost.model.payers import payer, step
from ketacost.reports.charts import bars_html, chart_svg, range_svg
from ketacost.reports.reasons import reason
from ketacost.reports.statement import bars_statement, finding, outcomes, statement
from ketacost.reports.statements import (
    calendar_statement,
    compare_statement,
    disagreement_statement,
    ends_statement,
    funding_statement,
    methods_statement,
    odds,
    questions_statement,
    start_statement,
    steps_statement,
    superbill_statement,
    tax_statement,
    worth_statement,
)

SHEETS = {"months": "Spreadsheet: months", "lines": "Spreadsheet: lines", "routes": "Spreadsheet: routes"}
"""What can be kept as a spreadsheet, where there is a folder to keep it in."""

SAFE = 'data-lm-suppress-shortcuts="true"'  # JupyterLab's one-key commands must not fire on a button that has the focus


def money_calendar(answer: Answer) -> str:
    """Money out and back, month by month."""
    found, told = calendar(answer), calendar_statement(answer)
    months = [f"month:{month.first_day:%Y-%m}" for month in found.months]
    return section(
        "Month by month: money out and back",
        f"{say(found.headline)}{chart_svg(found)}{fold('The months as a table', scroll('Months', told.table(months)))}",
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
        f"{say(ends.headline)}{chart_svg(found)}{fold('The same as a table', scroll('Every way it can end', ends.table()))}"
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
    return f"{say(headline(found))}{told}{chart_svg(found)}{fold('The dates as a table', scroll('Dates', start_statement(answer.scenario).table()))}"


def other_routes(answer: Answer) -> str:
    """Other routes to treatment side by side."""
    found = compare_routes(answer.scenario, _over(answer))
    told = compare_statement(found)
    return f"{say(told.headline)}{chart_svg(found)}{scroll('Routes', told.table())}"


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
    return f"{say(told.headline)}{chart_svg(found)}{scroll('Scenarios', told.table())}"


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


def head(answer: Answer) -> str:
    """The answer first: a few sentences, three numbers with the way to each, the most cash needed, and a picture."""
    found, dated = spread(answer.scenario), calendar(answer)
    ranged = found.low < found.high
    three = (
        [("low", "As low as", found.low), ("net", "Most likely", found.likely), ("high", "As high as", found.high)]
        if ranged
        else [("net", "You pay", found.likely)]
    )
    cards = [*three, ("peak", "Most cash at once", dated.peak.cents)]
    numbers = "".join(
        f'<button type="button" class="keta-number{" keta-likely" if name == "net" else ""}" data-why="{name}" {SAFE}>'
        f"<span>{label}</span><b>{about(amount)}</b><i>Why?</i></button>"
        for name, label, amount in cards
    )
    told = " ".join(
        filter(
            None,
            (
                answer.sentence,
                _after_tax(answer),
                f"{found.sentence.partition(';')[0].removesuffix('.')}." if ranged else "",
            ),
        )
    )
    picture = range_svg(found) if ranged else ""
    return f'<p class="keta-sentence">{escape(told)}</p><div class="keta-numbers">{numbers}</div>{picture}'


def slim(answer: Answer) -> str:
    """The answer in a few words, for a bar that stays in sight."""
    found: Spread = spread(answer.scenario)
    if found.low == found.high:
        return f"You pay {about(found.likely)}"
    return f"Most likely {about(found.likely)}, from {about(found.low)} to {about(found.high)}"


def detail(answer: Answer, opened: frozenset[str] = frozenset(), saved: Mapping[str, Scenario] | None = None) -> str:
    """Everything under the headline, in a fixed order, the longer parts folded; those `opened` are worked out.

    `saved` are the scenarios of the folder, to stand beside this one; None where there is no folder.
    """
    known, cited = notes(answer), citations(answer)
    rest = fold(f"{len(known) - 4} more", _list(known[4:])) if known[4:] else ""
    return "".join(
        (
            money_calendar(answer),
            where_it_goes(answer),
            the_next_question(answer),
            documents_to_send(answer),
            section(
                "What the plan may say",
                f"{scroll('What the plan may say', outcomes(answer).table())}{fold('Why is each of them possible?', _three())}",
            ),
            what_it_may_say(answer),
            longer(answer, opened, saved),
            line_by_line(answer),
            section("What to know about this answer", f"{_list(known[:4])}{rest}"),
            fold(
                "Every step of the arithmetic",
                f"<ol>{''.join(f'<li>{escape(step)}</li>' for step in trace(answer))}</ol>",
            ),
            fold(f"The sources of the numbers used ({len(cited)})", citations_table(cited)),
        )
    )


def why(answer: Answer, figure: str) -> tuple[str, str]:
    """Why a figure is what it is: a title, and the sentences and sources as HTML."""
    found = reason(answer, figure)
    steps = f"<ol>{''.join(f'<li>{escape(one)}</li>' for one in found.sentences)}</ol>"
    return found.title, f"{steps}<h4>It rests on</h4>{citations_table(found.citations)}" if found.citations else steps


def static(answer: Answer) -> str:
    """The panel as pictures and tables, for places where no widget can run."""
    dated = calendar(answer)
    pictures = (
        (finding(answer.totals), chart_svg(answer, titled=True)),
        (dated.headline, chart_svg(dated, titled=True)),
    )
    drawn = "".join(
        f'<p><img width="520" style="max-width:100%" alt="{escape(told)}" src="data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"></p>'
        for told, svg in pictures
    )
    tables = f"{outcomes(answer).table()}{statement(answer).table()}"
    return f'<div class="ketacost tex2jax_ignore mathjax_ignore"><p><strong>{escape(answer.sentence)}</strong></p>{drawn}{tables}</div>'


def plain(answer: Answer) -> str:
    """The panel as text, headline number first."""
    totals = answer.totals
    lines = [
        f"{about(answer.you_pay)} you pay (as low as {about(answer.low.you_pay)}, as high as {about(answer.high.you_pay)})",
        *(f"{shown(amount):>12}  {name.replace('_', ' ')}" for name, amount in totals._asdict().items()),
    ]
    return "\n".join(lines)


def _after_tax(answer: Answer) -> str:
    """What else changes what it comes to: tax saved, what others give, what borrowing costs."""
    found = bottom_line(answer.scenario, answer.claims)
    if found.net == found.you_pay:
        return ""
    return f"With taxes, help and the cost of borrowing it comes to {about(found.net)}."


def _list(told: tuple[str, ...]) -> str:
    return f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in told)}</ul>"


def _three() -> str:
    return (
        "<p><strong>Denied</strong>: the plan covers none of it. <strong>Approved, $0 back</strong>: the plan says yes, and what it counts "
        "goes to your deductible. <strong>Paid</strong>: the deductible is met and the plan sends its share.</p>"
    )
