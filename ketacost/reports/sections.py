"""The parts of the panel, each as HTML: the answer, and the tabs with its details.

Plain text and standard library alone, so that the same parts serve JupyterLab, a static page and a browser without a
server. A tab is worked out only while it is shown, and a part of it that takes long only while it is open.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from html import escape

from ketacost.analysis.allowed_methods import methods_table
from ketacost.analysis.alternatives import disagreements
from ketacost.analysis.comparison import Comparison, compare, compare_routes
from ketacost.analysis.questions import questions_for_plan
from ketacost.analysis.start_dates import key_dates, starts, within_a_month
from ketacost.analysis.value_of_information import Asked, ask_next
from ketacost.core.dates import us_day
from ketacost.core.fields import require
from ketacost.core.money import about, between, dollars, ends, shown
from ketacost.core.references import GRADES, Citation
from ketacost.core.words import capital
from ketacost.estimate.account_effects import funding_of, tax_effect
from ketacost.estimate.budget import Budget, budget_of, in_a_month
from ketacost.estimate.calendar import Calendar
from ketacost.estimate.estimate import Estimate, Group
from ketacost.estimate.explain import citations, trace
from ketacost.estimate.outlook import chain, outlook, worth
from ketacost.estimate.policy_words import policy_notes
from ketacost.estimate.resolve import Resolved
from ketacost.estimate.resolving import Way
from ketacost.estimate.running import running
from ketacost.estimate.scenario import Scenario, network_of
from ketacost.estimate.sentences import (
    HARDLY,
    RARE,
    costliest,
    either,
    even,
    holding,
    if_answered,
    pays_alone,
    two_likely,
    who_pays,
)
from ketacost.estimate.superbills import superbills
from ketacost.estimate.texts import SURE, how_often
from ketacost.model.courses import visits
from ketacost.model.coverage import steps_under
from ketacost.model.payers import payer, step, treatment_of
from ketacost.reports.charts import BROAD, chart_svg, tag, to_net
from ketacost.reports.markup import SAFE, Cell, fold, heading, items, paragraph, scroll, section, table, whole
from ketacost.reports.outcomes import alike, answered, covers, owed, without_a_plan
from ketacost.reports.panel_pictures import bars_html, range_html
from ketacost.reports.pictures import Picture
from ketacost.reports.reasons import reason
from ketacost.reports.statement import Statement, after_the_bill, finding_of
from ketacost.reports.statements import statement

SHEETS = {"months": "Spreadsheet: months", "lines": "Spreadsheet: lines", "routes": "Spreadsheet: routes"}
"""What can be kept as a spreadsheet, where there is a folder to keep it in."""


def shown_case(estimate: Estimate) -> str:
    """Which case the amounts below are of, where there is more than one; empty where it is all but certain."""
    group, two = estimate.main, two_likely(estimate)
    pays = f"you pay {between(group.likely, group.likely)}"
    if group.chance >= SURE:
        return f"Shown here: one of two cases, in which {pays}." if two else ""
    take_place = f", and {pays}" * bool(two) if group.whole else ", and the treatment stops"
    return f"Shown here: {answered(estimate)}{take_place}."


def _case(estimate: Estimate) -> str:
    return paragraph(text, "keta-case") if (text := shown_case(estimate)) else ""


def money_calendar(estimate: Estimate) -> str:
    """Money out and back, month by month; nothing where no money moves."""
    budget = budget_of(estimate)
    dated = replace(estimate.calendar, most_a_month=budget.amount if budget else 0)
    if not dated.entries:
        return ""
    figures = [f"month:{month.first_day:%Y-%m}" for month in dated.months]
    months = fold("The months as a table", _scrolled(statement(dated).filled(), figures))
    told = items(_within(estimate, budget)) if budget else ""
    inside = _case(estimate) + say(dated.headline) + told + _drawn(dated) + _facts(estimate) + months
    return section(_dearest(estimate), inside)


def _within(estimate: Estimate, budget: Budget) -> Iterator[str]:
    """What a month's budget means, and whether another start helps where some months are above it."""
    yield from in_a_month(budget)
    if budget.above and not _begun(estimate):
        yield within_a_month(starts(estimate.scenario), budget.amount)


def _begun(estimate: Estimate) -> bool:
    """Whether the first visit is past."""
    today = estimate.scenario.today
    return today is not None and visits(estimate.scenario.course)[0].date < today


def _dearest(estimate: Estimate) -> str:
    """What the months show, in a sentence."""
    first, most = estimate.dearest_month
    if first is None:
        return "You pay nothing out of your own pocket"
    return f"{first:%B %Y} is your {costliest(estimate)}: {about(most)} out of your own pocket"


def _facts(estimate: Estimate) -> str:
    """The costliest month and the most to wait for, each with the way to it."""
    first, most = estimate.dearest_month
    facts = _fact("dearest", capital(costliest(estimate)), about(most), f"in {first:%B %Y}") if first else ""
    waits, day = estimate.most_waiting
    facts += _fact("waiting", "Most owed to you in checks", about(waits), f"on {us_day(day)}") if day else ""
    return tag("div", facts, class_="keta-facts") if facts else ""


def where_it_goes(estimate: Estimate) -> str:
    """From the charge to what the patient pays; nothing where no visit takes place."""
    if not estimate.steps_to_net:
        return ""
    same = fold("The same as a table", _scrolled(statement(estimate.steps_to_net)))
    return section(finding_of(estimate), _case(estimate) + bars_html(estimate) + same + _taxes(estimate))


def the_next_question(estimate: Estimate) -> str:
    """What to ask next, why, and the calls so far."""
    open_ones = [one for one in ask_next(estimate.scenario) if one.who != "insurer" or not pays_alone(estimate)]
    asked = [_question(question) for question in open_ones]
    told = "As far as we can see, no answer changes what you pay." if asked else "Nothing is marked as not known."
    first = asked.pop(0) if asked and open_ones[0].moves_cost else paragraph(told)
    others = fold(f"Other open questions ({len(asked)})", "".join(asked)) if asked else ""
    duty = ""
    if not pays_alone(estimate):
        for_plan = _scrolled(statement(questions_for_plan(estimate.scenario)))
        duty = fold("Questions for the plan's own cost estimate", for_plan)
    rows = [(us_day(call.day), call.about, call.answer, call.reference) for call in estimate.scenario.calls]
    calls = table(("Day", "About", "Answer", "Reference"), rows, caption="Calls") if rows else ""
    return section("Ask this next", first + others + duty + calls)


def _question(asked: Asked) -> str:
    entries = {"about": asked.path, "ask": asked.sentence, "takes": asked.takes, "who": asked.whom}
    data = " ".join(f'data-{name}="{escape(text)}"' for name, text in entries.items())
    ask = f"<p><b>Ask {escape(asked.whom)}:</b> “{escape(asked.sentence)}”</p>"
    log = _button(f'data-window="log" {data}', "Write down the answer")
    return f'<div class="keta-ask">{ask}{say(asked.why)}{log}</div>'


def documents_to_send(estimate: Estimate) -> str:
    """The documents that this session can make."""
    documents = {"handout": "A page to hand over", "save": "Keep the scenario"}
    buttons = "".join(_button(f'data-window="{kind}"', label) for kind, label in documents.items())
    sheets = "".join(_button(f'data-do="export" data-what="{what}"', label) for what, label in SHEETS.items())
    rows = f'<div class="keta-row">{buttons}</div><div class="keta-row keta-folder">{sheets}</div>'
    return section("Documents", rows + _superbills(estimate))


def _button(does: str, label: str) -> str:
    return f'<button type="button" {does} {SAFE}>{label}</button>'


def what_it_may_say(estimate: Estimate) -> str:
    """The payer's odds, the tree and the steps, where the scenario says who pays, and somebody but the patient does.

    Where the answer is said, they are what it would be without it.
    """
    scenario = estimate.scenario
    if not scenario.payer or pays_alone(estimate):
        return ""
    path, who, treatment = outlook(scenario), payer(scenario.payer), treatment_of(scenario.course.protocol)
    ways, odds = statement(path), statement(who, treatment=treatment)
    drawn = say(ways.headline) + _drawn(path) + fold("The same as a table", _scrolled(ways))
    policy = tuple(policy_notes(scenario))  # it stands above the payer's own odds, which it may replace
    sources = fold("Where the odds come from", f"{items(policy) if policy else ''}{_scrolled(odds)}")
    inside = drawn + _steps(scenario, who.law, treatment) + sources
    if "coverage" not in scenario.ranges:
        certain = f"This answer counts as certain: {who_pays(scenario)} covers {covers(estimate.main)}."
        inside = say(certain) + fold("Without that answer: the odds, and which steps are worth it", inside)
    return section("What may happen, and which steps are worth it", inside)


def _steps(scenario: Scenario, law: str, treatment: str) -> str:
    """Which step is worth taking, and the deadlines, where the payer's law knows any step."""
    judged, rules = worth(scenario), steps_under(law)
    if not judged:
        return paragraph(chain(judged))
    deadlines = _scrolled(statement(rules, treatment=treatment))
    return _under(statement(judged)) + fold("Deadlines and their sources", deadlines)


def line_by_line(estimate: Estimate) -> str:
    """Every charged line, equal ones together, each with the way to it; nothing where nothing is charged."""
    lines = statement(estimate.shown)
    if not lines.rows:
        return ""
    lines = without_a_plan(lines) if pays_alone(estimate) else lines.filled()
    title = finding_of(estimate) if pays_alone(estimate) or after_the_bill(estimate) else lines.headline
    figures = [f"line:{place}" for place in range(len(lines.rows))]
    together = alike(lines)
    if together is lines:
        return section(title, _case(estimate) + _scrolled(lines, figures))
    each = fold(f"Each of the lines ({len(lines.rows)})", _scrolled(lines, figures))
    return section(title, _case(estimate) + _scrolled(together) + each)


def when_to_start(estimate: Estimate) -> str:
    """Net cost and cash as the first visit moves over the next 15 months."""
    if _begun(estimate):
        return paragraph("The first visit is past, so there is no start to choose.")
    possible = starts(estimate.scenario)
    dates = statement(possible)
    dates = dates.only("first", "last", "net", "change") if pays_alone(estimate) else dates
    sentences = [date.sentence for date in key_dates(possible)]
    listed = items(sentences) if sentences else ""
    budget = budget_of(estimate)
    within = paragraph(within_a_month(possible, budget.amount)) if budget else ""
    return say(dates.headline) + within + listed + _drawn(possible) + fold("The dates as a table", _scrolled(dates))


def other_routes(estimate: Estimate) -> str:
    """Other routes to treatment side by side."""
    return compared(compare_routes(estimate.scenario, _over(estimate)))


def compared(comparison: Comparison) -> str:
    """Options side by side: what each costs as a list, a picture, and a table."""
    costs = comparison.costs
    listed = f"{say(f'{comparison.lead}:')}{items(costs)}" if costs else say(comparison.headline)
    return listed + _drawn(comparison) + _scrolled(statement(comparison))


def calculators(estimate: Estimate) -> str:
    """Why free calculators disagree on this patient, and how far the answer moves with what the plan counts."""
    case = estimate.scenario.replace(coverage="infusions too", ranges={}, odds={})
    if network_of(case) is None:
        return paragraph("The plan has no benefit in this network, so every correct calculator says that it pays $0.")
    return _with_headline(statement(disagreements(case))) + _with_headline(statement(methods_table(case)))


LONGER: dict[str, tuple[str, Callable[[Estimate], str]]] = {
    "starts": ("When to start: the next 15 months", when_to_start),
    "routes": ("Other routes, side by side", other_routes),
    "calculators": ("Why calculators disagree, if the plan covers the treatment", calculators),
}
"""The parts that take long to work out: shown, and worked out, only while they are open."""


def beside(estimate: Estimate, saved: Mapping[str, Scenario]) -> str:
    """The scenario in the form and the saved ones, side by side."""
    if not saved:
        return paragraph("No scenario is saved here yet: keep this one, change it, and look again.")
    return compared(compare({"This one": estimate.scenario, **saved}, _over(estimate)))


def _over(estimate: Estimate) -> str:
    """The likely cost here, in dollars: how often does another option cost more than that?"""
    return dollars(estimate.main.likely)


def longer(estimate: Estimate, opened: frozenset[str], saved: Mapping[str, Scenario] | None) -> str:
    """The longer parts, worked out where open; `saved` where there is a folder to keep scenarios in."""
    parts = {name: (title, partial(make, estimate)) for name, (title, make) in LONGER.items()}
    if pays_alone(estimate):
        del parts["calculators"]
    if saved is not None:
        parts["saved"] = ("Saved scenarios, side by side", partial(beside, estimate, saved))
    folds = []
    for name, (title, make) in parts.items():
        inside, full = (make(), ' data-full="1" open') if name in opened else (paragraph("Working it out."), "")
        summary = f"<summary {SAFE}>{escape(title)}</summary>"
        folds.append(f'<details data-keep="{name}" data-part="{name}"{full}>{summary}{inside}</details>')
    return section("Compare with other options", "".join(folds))


def _taxes(estimate: Estimate) -> str:
    """What tax-free accounts change, where the scenario names a household and something is put in."""
    answer = estimate.shown
    if answer.scenario.household is None or not answer.scenario.contribution.amount or not answer.claims:
        return ""
    who = fold("Who pays each visit", _under(statement(funding_of(answer))))
    return heading("Tax saved", 4) + _scrolled(statement(tax_effect(answer))) + who


def _superbills(estimate: Estimate) -> str:
    """Each visit's superbill, where the patient is the one who files."""
    answer = estimate.shown
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
    text = escape(f"{citation.source}{place}; read {us_day(date.fromisoformat(citation.source.read_on))}")
    if citation.source.url.startswith(("https://", "http://")):
        return f'<a href="{escape(citation.source.url)}" target="_blank" rel="noopener noreferrer" {SAFE}>{text}</a>'
    return text


def say(text: str) -> str:
    """A finding of the panel."""
    return paragraph(text, "keta-finding")


def _scrolled(table: Statement, why: Sequence[str] = ()) -> str:
    return scroll(table.caption, table.table(why) if why else table.as_read.table())


def _drawn(result: object) -> str:
    """A picture for a narrow screen and one for a wide screen; the panel shows the one that fits."""
    return f'<div class="keta-chart">{chart_svg(result)}{chart_svg(result, wide=BROAD)}</div>'


def _with_headline(table: Statement) -> str:
    return say(table.headline) + _scrolled(table)


def _under(table: Statement) -> str:
    """A table under its headline, which is an ordinary sentence here."""
    return paragraph(table.headline) + _scrolled(table)


def head(estimate: Estimate) -> str:
    """The answer: the amount, its sentence, what else can happen, how far it can move, and what the plan may answer.

    Which group is picked changes which card is marked, and nothing else.
    """
    whole = replace(estimate, picked=None) if estimate.picked is not None else estimate
    words = paragraph(whole.sentence, "keta-sentence")
    words += paragraph(whole.rest, "keta-rest") if whole.rest else ""
    words += _to_check(whole)
    words += (
        f'<button type="button" class="keta-link" data-do="pin" {SAFE}>Pin this answer, then change anything</button>'
    )
    if not has_amount(whole):
        return tag("div", tag("div", words, class_="keta-says"), class_="keta-net") + _outcomes(whole, estimate.main)
    two = two_likely(whole)
    amount = _number("net", _lead(whole), " or ".join(ends(*two)) if two else about(whole.main.likely))
    net = tag("div", tag("div", words, class_="keta-says") + amount, class_="keta-net")
    return net + _range(whole) + _outcomes(whole, estimate.main)


def _to_check(estimate: Estimate) -> str:
    """What was said and cannot hold beside the rest, or may be a slip, each with its ways out."""
    found = estimate.scenario.conflicts if isinstance(estimate.scenario, Resolved) else ()
    told = [
        tag("p", f"{escape(one.sentence)} {' '.join(map(_way, one.ways))}", class_="keta-conflict")
        for one in found[:CHECKS]
    ]
    left = len(found) - CHECKS
    return "".join(told) + (paragraph(f"{left} more to check, beside their fields.", "keta-rest") if left > 0 else "")


def _way(way: Way) -> str:
    """A button that settles a conflict."""
    does = f'class="keta-link" data-say="{escape(way.key)}" data-to="{escape(json.dumps(way.value))}"'
    return f'<button type="button" {does} {SAFE}>{escape(way.label)}</button>'


def _lead(estimate: Estimate) -> str:
    """The words that lead to the amount."""
    if estimate.chance < SURE:
        return f"If all visits take place ({how_often(estimate.chance)}), you pay"
    what_if = if_answered(estimate)
    return f"{what_if}you {_will(estimate)}" if what_if else f"You {_will(estimate)}"


def _will(estimate: Estimate) -> str:
    """How surely the amount is paid."""
    if two_likely(estimate):
        return "will pay about"
    if _certain(estimate):
        return "will pay"
    return f"will {'almost certainly' if holding(estimate) >= SURE else 'likely'} pay about"


def _range(estimate: Estimate) -> str:
    """How far the answer can move: its ends, 8 of 10 cases, the likely amount on a line; nothing for one amount."""
    least, most = ends(estimate.low, estimate.high)
    if least == most:
        return ""
    low, high = ends(estimate.p10, estimate.p90)
    eight = low if low == high else f"{_link('low', low)} to {_link('high', high)}"
    said = tag(
        "p", f"<span>As low as {least}</span><span>In 8 of 10 cases: {eight}</span><span>As high as {most}</span>"
    )
    return tag("div", range_html(estimate) + said, class_="keta-range")


def _outcomes(estimate: Estimate, picked: Group) -> str:
    """What the plan may answer as cards to pick from, where there are several and a plan is asked."""
    groups = [group for group in estimate.groups if group.chance >= HARDLY or group is estimate.main]
    if len(groups) < 2 or pays_alone(estimate):
        return ""
    cards = "".join(_outcome(estimate, group, picked.answers == group.answers) for group in groups)
    legend = f"<legend>{NUMBERS.get(len(groups), len(groups))} things can happen. Pick one to see its details.</legend>"
    return tag("fieldset", legend + cards, class_="keta-outcomes")


def _outcome(estimate: Estimate, group: Group, picked: bool) -> str:
    """One card: what the plan covers, how often as ten dots and in words, and what that costs."""
    filled = round(10 * group.chance)
    dots = "".join(f"<i{' class=keta-on' if place < filled else ''}></i>" for place in range(10))
    odds = tag("span", f'<span class="keta-dots" aria-hidden="true">{dots}</span>{how_often(group.chance)}')
    two = even(group.tall, group.likely, group.p10, group.p90) if group.whole and group.chance >= RARE else None
    likely = either(*two) if two else f"about {about(group.likely)}" if group.likely else "nothing"
    pays = f"You pay {likely}" if group.whole else f"The treatment stops; {owed(*group.ends)}"
    place = estimate.groups.index(group)
    asks = f'<input type="radio" name="picked" value="{place}" data-pick="{place}"{" checked" if picked else ""}>'
    words = f"<b>{escape(capital(who_pays(estimate.scenario)))} covers {escape(covers(group))}</b>"
    return tag("label", f"{asks}{words}{odds}<span>{escape(pays)}</span>", class_="keta-outcome")


CHECKS = 3
"""So many of the entries to check are told with the answer."""

NUMBERS = {2: "Two", 3: "Three", 4: "Four"}


def has_amount(estimate: Estimate) -> bool:
    """Whether to show an amount: not where the visits all but never take place, and no $0 where they may not."""
    return estimate.main.whole and estimate.chance >= (RARE if estimate.main.likely else SURE)


def _certain(estimate: Estimate) -> bool:
    return estimate.chance == 1 and about(estimate.low) == about(estimate.high)


def _number(figure: str, label: str, amount: str) -> str:
    """The amount of the answer, which says why when it is pressed."""
    inside = f"<span>{escape(label)}</span><b>{amount}</b><i>Why this number?</i>"
    two = " keta-two" if " or " in amount else ""
    return f'<button type="button" class="keta-number keta-likely{two}" data-why="{figure}" {SAFE}>{inside}</button>'


def _link(figure: str, amount: str) -> str:
    """An amount in a sentence, which says why when it is pressed."""
    label = f'aria-label="{amount}: why?"'
    does = f'type="button" class="keta-number keta-figure" data-why="{figure}" {label} {SAFE}'
    return f"<button {does}>{amount}</button>"


def _fact(figure: str, label: str, amount: str, when: str) -> str:
    """An amount under the months, which says why when it is pressed."""
    inside = f"<span>{escape(label)}</span><b>{amount}</b><span>{when}</span>"
    return f'<button type="button" class="keta-number" data-why="{figure}" {SAFE}>{inside}</button>'


def slim(estimate: Estimate) -> str:
    """The estimate in a few words, for a bar that stays in sight."""
    if not has_amount(estimate):
        return re.split(r"; |\. ", estimate.sentence)[0].removesuffix(".")
    amount = between(estimate.main.likely, estimate.main.likely)
    what_if = if_answered(estimate)
    spread = between(estimate.p10, estimate.p90)
    ranged = "" if spread in (amount, "nothing") else f"; 8 of 10 cases {spread}"
    if estimate.chance < SURE:
        return f"If all visits take place ({how_often(estimate.chance)}): {amount}{ranged}"
    if what_if and not two_likely(estimate):
        return f"{what_if.removesuffix(', ')}: {amount}{ranged}"
    if two := two_likely(estimate):
        return f"You will pay {either(*two)}{ranged}"
    return f"You will {'' if _certain(estimate) else 'likely '}pay {amount}{ranged}"


TABS: Mapping[str, tuple[str, Callable[[Estimate], str]]] = {
    "months": ("Months", lambda estimate: money_calendar(estimate) + _early(estimate) + _notes(estimate)),
    "money": ("Where it goes", lambda estimate: where_it_goes(estimate) + _sources(estimate)),
    "plan": ("What the plan may say", lambda estimate: _answers(estimate) + what_it_may_say(estimate)),
    "ask": ("Ask next", lambda estimate: the_next_question(estimate) + _open(estimate)),
    "compare": ("Compare", lambda estimate: ""),
    "lines": ("Lines", lambda estimate: line_by_line(estimate) + _arithmetic(estimate) + documents_to_send(estimate)),
}
"""The tabs under the answer in their order: the title of each, and what makes it."""


def tabs(estimate: Estimate) -> list[tuple[str, str]]:
    """The tabs of an estimate, each with its title; without a plan nobody may say anything."""
    left_out = {"plan"} if pays_alone(estimate) else set[str]()
    return [(name, title) for name, (title, _) in TABS.items() if name not in left_out]


def detail(
    estimate: Estimate, tab: str, opened: frozenset[str] = frozenset(), saved: Mapping[str, Scenario] | None = None
) -> str:
    """What one tab shows of an estimate; its longer parts are worked out where they are `opened`.

    `saved` are the scenarios of the folder, to compare with this one; None where there is no folder. Raises UnknownName
    for a tab that there is not.
    """
    require("tab", tab, TABS)
    if tab == "compare":
        return longer(estimate, opened, saved)
    return TABS[tab][1](estimate) or paragraph("Nothing to show here: no visit takes place.")


def _early(estimate: Estimate) -> str:
    stages = running(estimate).sentence
    return section("If the treatment stops early", say(stages)) if stages else ""


def _notes(estimate: Estimate) -> str:
    known = estimate.notes
    rest = fold(f"{len(known) - 4} more", items(known[4:])) if known[4:] else ""
    return section("What to know about this answer", f"{items(known[:4])}{rest}")


def _open(estimate: Estimate) -> str:
    """What is not known, with what it may be."""
    entries = [one for one in estimate.unknowns if not (pays_alone(estimate) and one.path.startswith("plan."))]
    return section("What is not known", _scrolled(statement(entries))) if entries else ""


def _arithmetic(estimate: Estimate) -> str:
    return fold("Every step of the arithmetic", items(steps, "ol")) if (steps := trace(estimate.shown)) else ""


def _sources(estimate: Estimate) -> str:
    cited = citations(estimate.shown)
    return fold(f"Sources ({len(cited)})", citations_table(cited))


def _answers(estimate: Estimate) -> str:
    """What the plan may answer; nothing where no plan is asked."""
    if pays_alone(estimate):
        return ""
    return section(
        "What the plan may answer", _scrolled(statement(estimate)) + fold("What can the plan do with a line?", THREE)
    )


def why(estimate: Estimate, figure: str) -> tuple[str, str]:
    """Why a figure is what it is: a title, and the sentences and sources as HTML."""
    title, sentences, cited = reason(estimate, figure)
    sources = heading("Sources", 4) + citations_table(cited) if cited else ""
    return title, items(sentences, "ol") + sources


def static(estimate: Estimate) -> str:
    """The panel as pictures and tables, for places where no widget can run."""
    dated, bars = estimate.calendar, to_net(estimate)
    rest = paragraph(estimate.rest) if estimate.rest else ""
    alone, lines = pays_alone(estimate), statement(estimate.shown)
    answers = "" if alone else statement(estimate).as_read.table()
    if not estimate.steps_to_net:
        return whole(estimate.sentence, rest + _case(estimate) + answers)
    images = _image(bars.title, bars) + _image(dated.headline, dated)
    tables = answers + statement(estimate.steps_to_net).table()
    tables += (alike(without_a_plan(lines)) if alone else lines.as_read).table()
    return whole(estimate.sentence, rest + _case(estimate) + images + tables)


def _image(text: str, result: Picture | Calendar) -> str:
    svg = chart_svg(result, titled=True, wide=BROAD)
    source = f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
    return f'<p><img width="{BROAD + 80}" style="max-width:100%" alt="{escape(text)}" src="{source}"></p>'


def plain(estimate: Estimate) -> str:
    """The panel as text, the headline first."""
    net = sum(step.cents for step in estimate.steps_to_net)
    amounts = [(net if step.id == "net" else step.cents, step.label) for step in estimate.steps_to_net]
    parts = [f"{shown(cents):>12}  {label}" for cents, label in amounts]
    return "\n".join(filter(None, (estimate.sentence, estimate.rest, shown_case(estimate), *parts)))


THREE = (
    "<p><strong>Denied</strong>: the plan covers none of it. <strong>Approved, $0 back</strong>: the plan says yes, "
    "and what it counts goes to your deductible. <strong>Paid</strong>: the deductible is met and the plan sends its "
    "share.</p>"
)
"""The three things that can happen to a line, in words."""
