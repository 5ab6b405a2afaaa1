"""What a panel shows of an answer, as HTML: the headline, then the way the money goes, line by line, every step, the papers.

Plain text and standard library alone, so that the same view serves JupyterLab, a static page and a browser without a server.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape

from ketacost.account_statements import funding_statement, tax_statement
from ketacost.answers import Answer
from ketacost.charts import bars_html, bars_svg, range_svg
from ketacost.explain import notes, papers, trace
from ketacost.money import about, shown
from ketacost.parameters import Paper
from ketacost.paths import outlook
from ketacost.payers import payer, step
from ketacost.scenarios import side_of
from ketacost.statements import (
    ends_statement,
    methods_statement,
    odds,
    steps_statement,
    superbill_statement,
    worth_statement,
)
from ketacost.tables import bars_statement, finding, outcomes, statement
from ketacost.trees import tree_html


def head(answer: Answer) -> str:
    """The answer first: one sentence, three numbers, and where they come from."""
    three = [
        ("As low as", answer.low.you_pay, ""),
        ("Most likely", answer.you_pay, " keta-likely"),
        ("As high as", answer.high.you_pay, ""),
    ]
    ranged = answer.low.you_pay < answer.high.you_pay
    if not ranged:
        three = [("You pay", answer.you_pay, " keta-likely")]
    numbers = "".join(
        f'<p class="keta-number{kind}"><span>{label}</span><b>{about(amount)}</b></p>' for label, amount, kind in three
    )
    picture = range_svg(answer) if ranged else ""
    return f'<p class="keta-sentence">{escape(answer.sentence)}</p><div class="keta-numbers">{numbers}</div>{picture}'


def slim(answer: Answer) -> str:
    """The answer in a few words, for a bar that stays in sight."""
    if answer.low.you_pay == answer.high.you_pay:
        return f"You pay {about(answer.you_pay)}"
    return f"Most likely {about(answer.you_pay)}, from {about(answer.low.you_pay)} to {about(answer.high.you_pay)}"


def detail(answer: Answer) -> str:
    """Everything under the headline, in a fixed order, the longer parts folded."""
    lines = statement(answer)
    known = notes(answer)
    cited = papers(answer)
    return "".join(
        (
            f'<section><h3>Where the money goes</h3><p class="keta-finding">{escape(finding(answer.totals))}</p>{bars_html(answer.totals)}',
            f"{_fold('The same as a table', bars_statement(answer).table())}</section>",
            f"<section><h3>What the plan may say</h3>{outcomes(answer).table()}{_fold('Why is each of them possible?', _three())}</section>",
            _what_may_come(answer),
            _methods(answer),
            _taxes(answer),
            f"<section><h3>Line by line</h3>{_scroll('Line by line', lines.table())}</section>",
            f"<section><h3>What to know about this answer</h3><ul>{''.join(f'<li>{escape(n)}</li>' for n in known[:4])}</ul>",
            _fold(f"{len(known) - 4} more", f"<ul>{''.join(f'<li>{escape(n)}</li>' for n in known[4:])}</ul>")
            if len(known) > 4
            else "",
            f"</section>{_fold('Every step of the arithmetic', _steps(answer))}",
            _fold(f"The papers of the numbers used ({len(cited)})", _papers(cited)),
        )
    )


def static(answer: Answer) -> str:
    """The panel as a picture and tables, for places where no widget can run."""
    picture = b64encode(bars_svg(answer.totals).encode()).decode()
    return (
        f'<div class="ketacost tex2jax_ignore mathjax_ignore"><p><strong>{escape(answer.sentence)}</strong></p>'
        f'<img style="max-width:100%" alt="{escape(finding(answer.totals))}" src="data:image/svg+xml;base64,{picture}">'
        f"{outcomes(answer).table()}{statement(answer).table()}</div>"
    )


def plain(answer: Answer) -> str:
    """The panel as text, headline number first."""
    totals = answer.totals
    lines = [
        f"{about(answer.you_pay)} you pay (as low as {about(answer.low.you_pay)}, as high as {about(answer.high.you_pay)})",
        *(f"{shown(amount):>12}  {name.replace('_', ' ')}" for name, amount in totals._asdict().items()),
    ]
    return "\n".join(lines)


def _taxes(answer: Answer) -> str:
    """What tax-free accounts change, where the scenario names a household and something is put in."""
    if answer.scenario.household is None or not answer.scenario.contribution.amount:
        return ""
    saved, paid = tax_statement(answer), funding_statement(answer)
    who = f"<p>{escape(paid.headline)}</p>{_scroll('Who pays', paid.table())}"
    return (
        f'<section><h3>Tax saved, and your net</h3><p class="keta-finding">{escape(saved.headline)}</p>{saved.table()}'
        f"{_fold('Who pays each visit', who)}</section>"
    )


def _methods(answer: Answer) -> str:
    """How far the answer moves with the allowed amount, if the plan covers the infusions."""
    case = answer.scenario.but(coverage="infusions too", ranges={})
    if side_of(case) is None:
        return ""
    found = methods_statement(case)
    told = f"If the plan covers the infusions too: {found.headline[0].lower()}{found.headline[1:]}"
    return _fold("How far the answer moves with what the plan counts", f"<p>{escape(told)}</p>{found.table()}")


def _what_may_come(answer: Answer) -> str:
    """The payer's odds, the tree and the steps, where the scenario says who pays."""
    scenario = answer.scenario
    if not scenario.payer:
        return ""
    found = outlook(scenario)
    ends, steps = ends_statement(found), worth_statement(scenario)
    return (
        f'<section><h3>What may come of it, and which step is worth it</h3><p class="keta-finding">{escape(ends.headline)}</p>'
        f"{tree_html(found)}{_fold('The same as a table', _scroll('Every way it can end', ends.table()))}"
        f"<p>{escape(steps.headline)}</p>{steps.table()}"
        f"{_fold('Deadlines, and what they rest on', steps_statement(scenario).table())}"
        f"{_fold('What the odds rest on', odds(scenario).table())}{_superbills(answer)}</section>"
    )


def _superbills(answer: Answer) -> str:
    """Each visit's superbill, where the patient is the one who files."""
    side, law = side_of(answer.scenario), payer(answer.scenario.payer).law
    if side is None or side.balance_bill != "owed" or step(law, "claim") is None:
        return ""
    found = superbill_statement(answer)
    return _fold(
        "Superbills: what to send, by when, and what comes back",
        f"<p>{escape(found.headline)}</p>{_scroll('Superbills', found.table())}",
    )


def _three() -> str:
    return (
        "<p><strong>Denied</strong>: the plan covers none of it. <strong>Approved, $0 back</strong>: the plan says yes, and what it counts "
        "goes to your deductible. <strong>Paid</strong>: the deductible is met and the plan sends its share.</p>"
    )


def _steps(answer: Answer) -> str:
    return f"<ol>{''.join(f'<li>{escape(step)}</li>' for step in trace(answer))}</ol>"


def _papers(cited: tuple[Paper, ...]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(p.what)}</th><td>{escape(p.value)}</td><td><span class="keta-grade keta-{p.grade}">{p.grade}</span></td>'
        f"<td>{_linked(p)}</td></tr>"
        for p in cited
    )
    heads = "".join(f'<th scope="col">{h}</th>' for h in ("Number", "Value", "Grade", "Source"))
    return _scroll(
        "Papers", f"<table><caption>Papers</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _linked(paper: Paper) -> str:
    told = escape(f"{paper.source}{', ' + paper.where if paper.where else ''}; read {paper.source.read_on}")
    if paper.source.url.startswith(("https://", "http://")):
        return f'<a href="{escape(paper.source.url)}" target="_blank" rel="noopener noreferrer">{told}</a>'
    return told


def _fold(title: str, inside: str) -> str:
    return f'<details data-keep="{escape(title.split(" (")[0])}"><summary>{escape(title)}</summary>{inside}</details>'


def _scroll(label: str, inside: str) -> str:
    return f'<div class="keta-scroll" role="group" aria-label="{escape(label)}" tabindex="0" data-lm-suppress-shortcuts="true">{inside}</div>'
