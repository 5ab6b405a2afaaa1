"""The page to hand over: one letter page with the answer, what to know, the money by month and what to ask next.

Every sentence is in `data/handout_LANGUAGE.toml`. Standard library alone, so that it can be made in a browser too.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from hashlib import sha256
from html import escape
from typing import Any

from ketacost.analysis.value_of_information import ask_next
from ketacost.core.fields import require
from ketacost.core.money import about, ends, shown
from ketacost.core.references import read_toml
from ketacost.core.resources import asset, data_folder
from ketacost.estimate.calendar import Calendar, Month
from ketacost.estimate.estimate import Estimate, Group, ends_of
from ketacost.estimate.explain import citations
from ketacost.estimate.scenario import COVERS, network_of
from ketacost.estimate.sentences import (
    NO_PLAN,
    RARE,
    SURE,
    SURELY,
    alone_between,
    counts_lost,
    ends_early,
    even,
    holding,
    how_often,
    overlap,
    owed_between,
    pays_nothing_here,
    runs_out,
    two_likely,
    who_owes,
)
from ketacost.estimate.superbills import pays_first
from ketacost.model.courses import visits
from ketacost.model.payers import payer, step
from ketacost.model.protocols import protocol
from ketacost.reports.markup import Cell, Row, heading, items, paragraph, table

Texts = Mapping[str, Any]

MOST_POINTS = 3
MOST_ROWS = 15
"""The most lines of the table by month; longer calendars put two or more months in a line, so that one page holds."""

LONG = 110
"""From how many letters on the headline is set smaller."""

MONEY, BAR = ' class="money"', ' class="bar"'

PRINT = 'document.getElementById("print").addEventListener("click", function () { window.print(); });'


def handout(estimate: Estimate, language: str = "en") -> str:
    """The estimate as one page to print and hand over, in "en" or "es": a complete HTML document that loads nothing.

    handout(estimate, "es"). Amounts are rounded to ten dollars. Raises UnknownName for a language without texts.
    """
    require("language", language, languages())
    texts = texts_of(language, SURELY.get(estimate.scenario.payer, ""))
    body = "".join(_sections(estimate, texts, language))
    title = " – ".join(filter(None, (texts["page"]["question"], estimate.scenario.title)))
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


def _sections(estimate: Estimate, texts: Texts, language: str) -> Iterator[str]:
    """The page from top to bottom."""
    yield f'<button type="button" id="print">{escape(texts["page"]["print"])}</button>'
    yield from _top(estimate, texts)
    first, *more = _headline(estimate, texts)
    told = paragraph(first, "long" if len(first) > LONG else "") + _paragraphs(more)
    yield f'<div class="answer">{told}{_list(estimate, texts["steps"])}</div>'
    yield _heading(texts["points"]) + items(_points(estimate, texts))
    yield _pair("pair wide", _months(estimate, texts), _ask(estimate, texts, language))
    words, helps, foot, alone = texts["documents"], texts["help"], texts["foot"], _law(estimate) == "none"
    if not alone:
        yield _words(texts["words"])
    kept = ("bring_alone", "keep_alone") if alone else ("bring", "keep")
    documents = _heading(words) + _paragraphs(words[name] for name in kept)
    yield _pair("pair", documents, _heading(helps) + _paragraphs(_help(estimate, helps)))
    yield paragraph(foot["estimate"], "estimate")
    yield f'<dl class="end">{_blank(foot["name"])}{_blank(foot["notes"])}</dl>'


def _pair(kind: str, left: str, right: str) -> str:
    return f'<div class="{kind}"><section>{left}</section><section>{right}</section></div>'


def _top(estimate: Estimate, texts: Texts) -> Iterator[str]:
    """The mark of a draft, the question, the treatment and the date of the numbers."""
    page, course = texts["page"], estimate.scenario.course
    if texts["draft"] and not texts["reviewed_by"]:
        yield paragraph(texts["draft"], "draft")
    dates = [visit.date for visit in visits(course)]
    first, last = (_when(dates[end], texts) for end in (0, -1))
    label = texts["treatments"].get(course.protocol, protocol(course.protocol).label)
    template = page["one_visit"] if len(dates) == 1 else page["treatment"]
    treatment = template.format(treatment=label, visits=len(dates), first=first, last=last)
    read = max(date.fromisoformat(citation.source.read_on) for citation in citations(estimate.shown))
    numbers = page["numbers"].format(day=_when(read, texts))
    yield f'<h1>{escape(page["question"])}</h1><p>{escape(treatment)} <span class="date">{escape(numbers)}</span></p>'


def _headline(estimate: Estimate, texts: Texts) -> Iterator[str]:
    """The estimate's sentence and what else can happen; in another language the same numbers in its words."""
    if "answer" not in texts:
        yield estimate.sentence
        if estimate.rest:
            yield estimate.rest
    else:
        yield from _in_other_words(estimate, texts)
    group, case = estimate.main, texts["case"]
    if group.chance < SURE:
        kind = case["shown" if group.whole else "stopped"]
        yield kind.format(covers=_covers(group, texts), often=_often(group, texts))


def _in_other_words(estimate: Estimate, texts: Texts) -> Iterator[str]:
    """The headline in another language: one amount, a range, or a sentence for each thing that may happen."""
    words, main = texts["answer"], estimate.main
    if runs_out(estimate):
        planned = len(visits(estimate.scenario.course))
        amounts = {"range": _range(main.p10, main.p90, words), "visits": main.visits, "planned": planned}
        yield words["approved"].format(left=planned - main.visits, **amounts)
        return
    whole = main.whole and estimate.chance >= RARE
    amounts = {"likely": _amount(main.likely, words), "range": _range(estimate.p10, estimate.p90, words)}
    sure, pooled = whole and holding(estimate) >= SURE, whole and estimate.chance >= SURE and overlap(estimate)
    if sure:
        alone = estimate.scenario.payer in NO_PLAN and holding(estimate) == 1
        yield words["alone" if alone else "certain" if holding(estimate) == 1 else "sure"].format_map(amounts)
    elif pooled and (two := two_likely(estimate)):
        yield words["even"].format(low=_amount(two[0], words), high=_amount(two[1], words))
        if about(two[1]) != about(estimate.p90):
            yield words["spread"].format_map(amounts)
    elif pooled:
        yield words["likely"].format_map(amounts)
    if sure or pooled:
        yield from _by_design(main, words)
    rare_ones = [group for group in estimate.groups if group.whole and group.chance < RARE and group is not main]
    likelier = [group for group in estimate.groups if group.chance >= RARE]
    for group in rare_ones if sure or pooled else [*likelier, *(rare_ones if whole else ())]:
        kind = "whole" if group.whole else "stopped_owed" if group.high else "stopped"
        two = even(group.tall, group.likely, group.p10, group.p90) if group.whole and group.chance >= RARE else None
        if two:
            kind = "whole_even"
        elif group.whole and about(group.p10) != about(group.p90):
            kind = "whole_between"
        yield words[kind].format_map(
            {
                "one": _amount(two[0], words) if two else "",
                "other": _amount(two[1], words) if two else "",
                "covers": _covers(group, texts),
                "often": _often(group, texts),
                "likely": _amount(group.likely, words),
                "range": _range(group.p10, group.p90, words),
                "high": about(owed_between(estimate, group)[1]),
                "alone": _alone(estimate, group, words),
            }
        )
        yield from _by_design(group, words)
    if next(who_owes(estimate), ""):
        yield words["who_owes"]
    if pays_nothing_here(estimate, main):
        yield words["pays_nothing"]
    if lost := counts_lost(estimate):
        yield words["lost"].format(lost=about(lost))
    if early := ends_early(estimate):
        yield words["ends_early"].format(day=_when(early[0], texts), visits=early[1])


def _by_design(group: Group, words: Texts) -> Iterator[str]:
    """What a group costs by the plan's design, where the designs differ much."""
    if group.whole and (apart := group.designs_apart):
        others = _range(apart.low, apart.high, words)
        yield words["designs"].format(likely=_amount(group.likely, words), others=others, **apart._asdict())


def _amount(cents: int, words: Texts) -> str:
    return str(words["about"].format(amount=about(cents)) if cents else words["nothing"])


def _range(low: int, high: int, words: Texts) -> str:
    first, last = ends(low, high)
    if first == last:
        return _amount(high, words)
    return str(words["up_to" if first == "$0" else "between"].format(low=first, high=last))


def _alone(estimate: Estimate, group: Group, words: Texts) -> str:
    """What going on without the plan costs, with its range where what is owed before may be much of it."""
    ends = alone_between(estimate, group)
    return _amount(estimate.going_on, words) + (f" ({_range(*ends, words)})" if ends else "")


def texts_of(language: str, name: str = "") -> Texts:
    """A language's texts, with who pays by name or as a plan."""
    texts = read_toml(f"handout_{language}.toml")
    forms = {form: word.format(name=name) for form, word in texts["named" if name else "plan"].items()}

    def filled(text: Any) -> Any:
        if isinstance(text, Mapping):
            return {key: filled(part) for key, part in text.items()}
        if isinstance(text, list | tuple):
            return [filled(part) for part in text]
        for form, word in forms.items():
            text = text.replace(f"{{{form}}}", word) if isinstance(text, str) else text
        return text

    return {part: filled(text) for part, text in texts.items()}


def _covers(group: Group, texts: Texts) -> str:
    """What the plan pays for in a group, in a language's words."""
    words = texts["case"]
    answers = sorted(group.answers, key=list(COVERS).index)
    return f" {words['or']} ".join(words[answer.replace(" ", "_")] for answer in answers)


def _often(group: Group, texts: Texts) -> str:
    """A chance in a language's words."""
    if "answer" not in texts:
        return how_often(group.chance)
    words = texts["answer"]
    if group.chance >= SURE:
        return str(words["nearly"])
    if group.chance < RARE:
        return str(words["rare"].format(number=f"{round(1 / group.chance):,}"))
    quarters = [n for n in (1, 3) if abs(group.chance - Fraction(n, 4)) <= Fraction(2, 100)]
    if quarters:
        return str(words["quarter"].format(chance=quarters[0]))
    return str(words["often"].format(chance=max(round(group.chance * 10), 1)))


def _list(estimate: Estimate, words: Texts) -> str:
    """From the charge to the net, to the cent so that it adds up; empty where the patient pays the whole charge."""
    if len(estimate.steps_to_net) < 3:
        return ""
    first, *rest = estimate.steps_to_net[:-1]
    written = words["charge"].format(amount=shown(first.cents))
    for one in rest:
        written += f" {'−' if one.cents < 0 else '+'} {shown(abs(one.cents))} {words[one.id]}"
    net = shown(first.cents + sum(one.cents for one in rest))
    return paragraph(words["list"].format(steps=written, net=net), "steps")


def _points(estimate: Estimate, texts: Texts) -> list[str]:
    """At most three things to know, by the totals: who pays first, what the plan says, when money may come back."""
    words, totals, scenario = texts["points"], estimate.shown.totals, estimate.scenario
    law = _law(estimate)
    first, back = about(totals.you_pay + totals.plan_pays), about(totals.plan_pays)
    if not estimate.shown.claims:
        points = [words["nothing"]]
    elif totals.plan_pays:
        kind = "plan_pays_clinic" if totals.you_pay else "plan_pays_all"
        points = [words["pay_first_back" if pays_first(scenario) else kind].format(first=first, back=back)]
    else:
        kind = "pay_first" if totals.you_pay else "pay_nothing"
        points = [words[kind].format(first=first), _why_nothing(estimate, law, words)]
    if month := _first_back(estimate.calendar):
        points.append(words["back"].format(month=_when(month, texts, "month")))
    elif pays_first(scenario) and (month := _first_back_at_best(estimate)):
        points.append(words["back_if"].format(month=_when(month, texts, "month")))
    if totals.plan_pays and (denied := _if_denied(estimate, words)):
        points.append(denied)
    if totals.not_covered and totals.not_covered < totals.charge:
        points.append(words["rest_denied"].format(denied=about(totals.not_covered)))
    if totals.not_covered and law and step(law, "internal_appeal"):
        points.append(words["appeal"])
    return points[:MOST_POINTS]


def _if_denied(estimate: Estimate, words: Texts) -> str:
    """What a no would mean, where the shown case is one in which the plan pays; empty where no no is open."""
    groups = [group for group in estimate.groups if "denied" in group.answers and group is not estimate.main]
    if any(not group.whole for group in groups):
        return str(words["if_stopped"].format(alone=about(estimate.going_on)))
    return str(words["if_denied"].format(high=about(groups[0].likely))) if groups else ""


def _law(estimate: Estimate) -> str:
    """The law that the plan is under: "none" where no plan pays."""
    return payer(estimate.scenario.payer).law if estimate.scenario.payer else "none"


def _why_nothing(estimate: Estimate, law: str, words: Texts) -> str:
    """Why the plan pays nothing."""
    totals = estimate.shown.totals
    if law == "none":
        return str(words["no_claim"])
    if network_of(estimate.shown.scenario) is None:
        return str(words["no_benefit"])
    if totals.deductible:
        return str(words["counted"].format(counted=about(totals.deductible)))
    if totals.write_off == totals.charge and not any(claim.covered for claim in estimate.shown.claims):
        return str(words["clinic_bears"])
    if totals.not_covered == totals.charge:
        mostly = "coverage" in estimate.scenario.ranges and 2 * ends_of(estimate.scenario).get("denied", 0) >= 1
        return str(words["denied" if mostly else "denied_known"])
    return str(words["own_part"])


def _first_back(money: Calendar) -> date | None:
    """The month of the plan's first check."""
    checks = money.entries_of("check", "appeal check")
    return checks[0].day if checks else None


def _first_back_at_best(estimate: Estimate) -> date | None:
    """The same in another group, where the plan pays more than in the one shown."""
    pays = estimate.shown.totals.plan_pays
    better = [group for group in estimate.groups if group.whole and group.shown.totals.plan_pays > pays]
    days = [day for group in better if (day := _first_back(group.calendar))]
    return min(days, default=None)


def _months(estimate: Estimate, texts: Texts) -> str:
    """Money out and back by month as a table with bars, the costliest month, and the most to wait for from checks."""
    words = texts["months"]
    spans = _spans(estimate.calendar.months)
    if not spans:
        return ""
    most, shows = max(max(out, back) for _, out, back in spans), 2 if any(back for *_, back in spans) else 1
    rows = list[Row]()
    for months, out, back in spans:
        cells = [Cell(about(amount), MONEY) for amount in (out, back)[:shows]]
        rows.append((_span(months, texts), *cells, Cell(_bars(out, back, most), BAR)))
    heads = [words["when"], *(Cell(escape(words[name]), MONEY) for name in ("out", "back")[:shows]), Cell("", BAR)]
    titled = heading(words["heading" if shows == 2 else "heading_out"], 2)
    return f"{titled}{table(heads, rows)}{paragraph(_cash(estimate, texts), 'peak')}"


def _cash(estimate: Estimate, texts: Texts) -> str:
    """The costliest month, and the most that checks still owe where something comes back."""
    words, (first, most), (waits, day) = texts["months"], estimate.dearest_month, estimate.most_waiting
    told = []
    if first:
        told.append(words["dearest"].format(most=about(most), month=_when(first, texts, "month")))
    if day:
        told.append(words["waiting"].format(most=about(waits), day=_when(day, texts)))
    money = estimate.calendar
    if money.held > 0:
        told.append(words["held"].format(amount=about(money.held)))
    told += [words[kind] for kind in ("contribution", "loan") if money.entries_of(kind)]
    return " ".join(told)


def _spans(months: Sequence[Month]) -> list[tuple[Sequence[Month], int, int]]:
    """The months in as many lines as the page has room for, each with what goes out and what comes back, in cents."""
    while months and not (months[0].out or months[0].back):
        months = months[1:]
    size = max(1, -(-len(months) // MOST_ROWS))
    cut = [months[start : start + size] for start in range(0, len(months), size)]
    return [(part, sum(month.out for month in part), sum(month.back for month in part)) for part in cut]


def _bars(out: int, back: int, most: int) -> str:
    """Two bars for the eye: black is paid, white comes back. Screen readers skip them: the numbers are beside them."""
    paid, returned = (amount * 97 // most if most else 0 for amount in (out, back))
    black = f'<rect x="1" y="1" width="{paid}" height="5"/>' if paid else ""
    white = f'<rect x="1.5" y="7" width="{returned}" height="4" fill="#fff" stroke="#000"/>' if returned else ""
    return f'<svg viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">{black}{white}</svg>'


def _ask(estimate: Estimate, texts: Texts, language: str) -> str:
    """The one question that would narrow the answer most, with lines for what was said."""
    words, scenario = texts["ask"], estimate.scenario
    no_plan = _law(estimate) == "none"
    who, sentence = ("clinic", words["clinic_otherwise"]) if no_plan else ("insurer", words["insurer_otherwise"])
    may_ask = ("clinic",) if no_plan else ("clinic", "insurer")
    if asked := [question for question in ask_next(scenario) if question.who in may_ask]:
        who, sentence = asked[0].who, asked[0].sentence_es if language == "es" else asked[0].sentence
    lines = _blank(words["date"]) + _blank(words["reference"]) + _blank(words["answer"], lines=3)
    say = paragraph(words["quoted"].format(sentence=sentence), "say")
    return f'{heading(words[who], 2)}{say}<dl class="blanks">{lines}</dl>'


def _words(words: Texts) -> str:
    terms = ""
    for term in words["terms"]:
        terms += f"<div><dt>{escape(term['word'])}:</dt> <dd>{escape(term['means'])}.</dd></div>"
    return f'<section>{_heading(words)}<dl class="words">{terms}</dl></section>'


def _help(estimate: Estimate, words: Texts) -> Iterator[str]:
    """Who can help: the plan, or the clinic where there is none, and the state's office where it is for such plans."""
    law = _law(estimate)
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
