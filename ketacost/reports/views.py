"""What a panel shows of an answer, as HTML: the headline, then the calendar, the way the money goes, the next question, the sources.

Plain text and standard library alone, so that the same view serves JupyterLab, a static page and a browser without a server.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from html import escape

from ketacost.core.money import about, shown
from ketacost.estimate.answer import Answer
from ketacost.estimate.calendar import bottom_line, calendar
from ketacost.estimate.estimate import Spread, spread
from ketacost.estimate.explain import citations, notes, trace
from ketacost.estimate.scenario import Scenario
from ketacost.reports.calendar_statements import calendar_svg
from ketacost.reports.charts import bars_svg, range_svg
from ketacost.reports.reasons import reason
from ketacost.reports.sections import (
    SAFE,
    citations_table,
    documents_to_send,
    fold,
    line_by_line,
    longer,
    money_calendar,
    scroll,
    section,
    the_next_question,
    what_it_may_say,
    where_it_goes,
)
from ketacost.reports.statement import finding, outcomes, statement


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
    pictures = ((860, finding(answer.totals), bars_svg(answer.totals)), (560, dated.headline, calendar_svg(dated)))
    drawn = "".join(
        f'<p><img width="{wide}" style="max-width:100%" alt="{escape(told)}" src="data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"></p>'
        for wide, told, svg in pictures
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
