"""The page to hand over: one letter page with the answer, what to know, the money by month and what to ask next.

Every sentence is in `data/handout_LANGUAGE.toml`. Standard library alone, so that it can be made in a browser too.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from hashlib import sha256
from html import escape
from typing import Any

from ketacost.analysis.value_of_information import ask_next
from ketacost.core.convert import put
from ketacost.core.fields import require
from ketacost.core.money import about
from ketacost.core.references import read_toml
from ketacost.core.resources import asset, data_folder
from ketacost.estimate.answer import Answer, run
from ketacost.estimate.calendar import Calendar, Month, calendar
from ketacost.estimate.estimate import spread
from ketacost.estimate.explain import citations
from ketacost.estimate.scenario import AS_IT_IS, network_of
from ketacost.estimate.superbills import pays_first
from ketacost.model.payers import payer, step
from ketacost.model.protocols import protocol
from ketacost.reports.markup import Cell, heading, items, paragraph, table

Texts = Mapping[str, Any]

MOST_POINTS = 3
MOST_ROWS = 15
"""The most lines of the table by month; longer calendars put two or more months in a line, so that one page holds."""

MONEY, BAR = ' class="money"', ' class="bar"'

PRINT = 'document.getElementById("print").addEventListener("click", function () { window.print(); });'


def handout(answer: Answer, language: str = "en") -> str:
    """The answer as one page to print and hand over, in "en" or "es": a complete HTML document that loads nothing.

    handout(answer, "es"). Amounts are rounded to ten dollars. Raises UnknownName for a language without texts.
    """
    require("language", language, languages())
    texts = read_toml(f"handout_{language}.toml")
    body = "".join(_sections(answer, texts, language))
    title = " – ".join(filter(None, (texts["page"]["question"], answer.scenario.title)))
    style = asset("handout.css")
    allowed = f"style-src '{_hash(style)}'; script-src '{_hash(PRINT)}'"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
        f'<style>{style}</style></head><body><main class="tex2jax_ignore mathjax_ignore">{body}</main>'
        f"<script>{PRINT}</script></body></html>\n"
    )


@cache
def languages() -> tuple[str, ...]:
    """The languages that have texts."""
    return tuple(sorted(path.stem.removeprefix("handout_") for path in data_folder().glob("handout_*.toml")))


def _sections(answer: Answer, texts: Texts, language: str) -> Iterator[str]:
    """The page from top to bottom."""
    money = calendar(answer)
    yield f'<button type="button" id="print">{escape(texts["page"]["print"])}</button>'
    yield from _top(answer, texts)
    yield f'<div class="answer">{_paragraphs(_amounts(answer, texts, money))}</div>'
    yield _heading(texts["points"]) + items(_points(answer, texts, money))
    yield _pair("pair wide", _months(money, texts), _ask(answer, texts, language))
    yield _words(texts["words"])
    words, helps, foot = texts["documents"], texts["help"], texts["foot"]
    documents = _heading(words) + _paragraphs((words["bring"], words["keep"]))
    yield _pair("pair", documents, _heading(helps) + _paragraphs(_help(answer, helps)))
    yield paragraph(foot["estimate"], "estimate")
    yield f'<dl class="end">{_blank(foot["name"])}{_blank(foot["notes"])}</dl>'


def _pair(kind: str, left: str, right: str) -> str:
    return f'<div class="{kind}"><section>{left}</section><section>{right}</section></div>'


def _top(answer: Answer, texts: Texts) -> Iterator[str]:
    """The mark of a draft, the question, the treatment and the date of the numbers."""
    page, course = texts["page"], answer.scenario.course
    if texts["draft"] and not texts["reviewed_by"]:
        yield paragraph(texts["draft"], "draft")
    first, last = (_when(answer.claims[end].line.date, texts) for end in (0, -1))
    label = texts["treatments"].get(course.protocol, protocol(course.protocol).label)
    template = page["one_visit"] if answer.visits == 1 else page["treatment"]
    treatment = template.format(treatment=label, visits=answer.visits, first=first, last=last)
    read = max(date.fromisoformat(citation.source.read_on) for citation in citations(answer))
    numbers = page["numbers"].format(day=_when(read, texts))
    yield f'<h1>{escape(page["question"])}</h1><p>{escape(treatment)} <span class="date">{escape(numbers)}</span></p>'


def _amounts(answer: Answer, texts: Texts, money: Calendar) -> Iterator[str]:
    """The likely total, how low and how high, and where it lies in 8 of 10 cases."""
    words, nets = texts["answer"], spread(answer.scenario)
    yield words["likely"].format(likely=about(answer.you_pay))
    low, high = about(answer.low.you_pay), about(answer.high.you_pay)
    if low != high:
        yield words["range"].format(low=low, high=high)
    as_paid = about(money.net) == about(answer.you_pay)
    if not as_paid:
        yield words["net"].format(net=about(money.net))
    start, end = about(nets.p10), about(nets.p90)
    if start != end:
        yield words["eight" if as_paid else "net_eight"].format_map({"from": start, "to": end})
    elif low != high:
        yield words["same"].format_map({"from": start})


def _points(answer: Answer, texts: Texts, money: Calendar) -> list[str]:
    """At most three things to know, by the totals: who pays first, what the plan says, when money may come back."""
    words, totals, scenario = texts["points"], answer.totals, answer.scenario
    law = payer(scenario.payer).law if scenario.payer else ""
    first, back = about(totals.you_pay + totals.plan_pays), about(totals.plan_pays)
    if totals.plan_pays:
        kind = "pay_first_back" if pays_first(scenario) else "plan_pays_clinic"
        points = [words[kind].format(first=first, back=back)]
    else:
        points = [words["pay_first"].format(first=first), _why_nothing(answer, law, words)]
    if month := _first_back(money):
        points.append(words["back"].format(month=_when(month, texts, "month")))
    elif not totals.plan_pays and pays_first(scenario) and (month := _first_back_at_best(answer)):
        points.append(words["back_if"].format(month=_when(month, texts, "month")))
    if totals.plan_pays and answer.high.not_covered == answer.high.charge:
        points.append(words["if_denied"].format(high=about(answer.high.you_pay)))
    if totals.not_covered and totals.not_covered < totals.charge:
        points.append(words["rest_denied"].format(denied=about(totals.not_covered)))
    if totals.not_covered and law and step(law, "internal_appeal"):
        points.append(words["appeal"])
    return points[:MOST_POINTS]


def _why_nothing(answer: Answer, law: str, words: Texts) -> str:
    """Why the plan pays nothing."""
    totals = answer.totals
    if law == "none":
        return str(words["no_claim"])
    if network_of(answer.scenario) is None:
        return str(words["no_benefit"])
    if totals.deductible:
        return str(words["counted"].format(counted=about(totals.deductible)))
    return str(words["denied" if totals.not_covered == totals.charge else "own_part"])


def _first_back(money: Calendar) -> date | None:
    """The month of the plan's first check."""
    checks = money.entries_of("check", "appeal check")
    return checks[0].day if checks else None


def _first_back_at_best(answer: Answer) -> date | None:
    """The same in the case in which the patient pays least, where the plan pays more than is likely."""
    if answer.low.plan_pays <= answer.totals.plan_pays:
        return None
    case = answer.scenario.replace(ranges={}, odds={})
    for path, value in sorted(answer.low_case.items(), key=lambda entry: -entry[0].count(".")):
        case = case if value == AS_IT_IS else put(case, path, value)
    return _first_back(calendar(run(case)))


def _months(money: Calendar, texts: Texts) -> str:
    """Money out and back by month as a table with bars, and the most cash needed at one time."""
    words = texts["months"]
    spans = _spans(money.months)
    most = max((max(out, back) for _, out, back in spans), default=0)
    rows = []
    for months, out, back in spans:
        amounts = Cell(about(out), MONEY), Cell(about(back), MONEY)
        rows.append((_span(months, texts), *amounts, Cell(_bars(out, back, most), BAR)))
    kinds = {"when": "", "out": MONEY, "back": MONEY, "picture": BAR}
    heads = [Cell(escape(words[name]), kind) for name, kind in kinds.items()]
    most_cash, day = money.peak
    peak = words["peak"].format(peak=about(most_cash), day=_when(day, texts)) if day else words["no_peak"]
    return f"{_heading(words)}{table(heads, rows)}{paragraph(peak, 'peak')}"


def _spans(months: Sequence[Month]) -> list[tuple[Sequence[Month], int, int]]:
    """The months in as many lines as the page has room for, each with what goes out and what comes back, in cents."""
    size = max(1, -(-len(months) // MOST_ROWS))
    cut = [months[start : start + size] for start in range(0, len(months), size)]
    return [(part, sum(month.out for month in part), sum(month.back for month in part)) for part in cut]


def _bars(out: int, back: int, most: int) -> str:
    """Two bars for the eye: black is paid, white comes back. Screen readers skip them: the numbers are beside them."""
    paid, returned = (amount * 97 // most if most else 0 for amount in (out, back))
    black = f'<rect x="1" y="1" width="{paid}" height="5"/>' if paid else ""
    white = f'<rect x="1.5" y="7" width="{returned}" height="4" fill="#fff" stroke="#000"/>' if returned else ""
    return f'<svg viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">{black}{white}</svg>'


def _ask(answer: Answer, texts: Texts, language: str) -> str:
    """The one question that would narrow the answer most, with lines for what was said."""
    words, scenario = texts["ask"], answer.scenario
    no_plan = bool(scenario.payer) and payer(scenario.payer).law == "none"
    who, sentence = ("clinic", words["clinic_otherwise"]) if no_plan else ("insurer", words["insurer_otherwise"])
    if asked := [question for question in ask_next(scenario) if question.who == "clinic" or not no_plan]:
        who, sentence = asked[0].who, asked[0].sentence_es if language == "es" else asked[0].sentence
    lines = _blank(words["date"]) + _blank(words["reference"]) + _blank(words["answer"], lines=3)
    say = paragraph(words["quoted"].format(sentence=sentence), "say")
    return f'{heading(words[who], 2)}{say}<dl class="blanks">{lines}</dl>'


def _words(words: Texts) -> str:
    terms = ""
    for term in words["terms"]:
        terms += f"<div><dt>{escape(term['word'])}:</dt> <dd>{escape(term['means'])}.</dd></div>"
    return f'<section>{_heading(words)}<dl class="words">{terms}</dl></section>'


def _help(answer: Answer, words: Texts) -> Iterator[str]:
    """Who can help: the plan, or the clinic where there is none, and the state's office where it is for such plans."""
    law = payer(answer.scenario.payer).law if answer.scenario.payer else ""
    yield words["clinic" if law == "none" else "plan"]
    if law in words["state_for"]:
        yield words["state"]


def _heading(words: Texts) -> str:
    return heading(words["heading"], 2)


def _paragraphs(sentences: Iterable[str]) -> str:
    return "".join(map(paragraph, sentences))


def _blank(label: str, lines: int = 1) -> str:
    """Lines to write on; nothing is typed here and nothing is kept."""
    return f"<dt>{escape(label)}:</dt>{'<dd></dd>' * lines}"


def _when(day: date, texts: Texts, form: str = "day") -> str:
    """A day in a language's words: as a "day", a "month" or a "short" month."""
    when = texts["when"]
    months = when["short_months" if form == "short" else "months"]
    return str(when[form].format(day=day.day, month=months[day.month - 1], year=day.year))


def _span(months: Sequence[Month], texts: Texts) -> str:
    first, last = (_when(month.first_day, texts, "short") for month in (months[0], months[-1]))
    return first if len(months) == 1 else str(texts["when"]["several"].format(first=first, last=last))


def _hash(text: str) -> str:
    """What a Content-Security-Policy needs to let this very text through, and nothing else."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
