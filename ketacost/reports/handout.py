"""The page to hand over: one letter page with what it will likely cost, what happens when, and what to do now.

Every sentence is in `data/texts_LANGUAGE.toml`. Standard library alone, so that it can be made in a browser too.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from hashlib import sha256
from html import escape
from itertools import pairwise
from typing import NamedTuple

from ketacost.analysis.value_of_information import ask_next
from ketacost.core.dates import months_later
from ketacost.core.fields import of_kind
from ketacost.core.money import WHOLE, about, brief, percent
from ketacost.core.resources import asset
from ketacost.estimate.assumed import MONEY, WORDS, Assumed, assumed
from ketacost.estimate.budget import budget_of
from ketacost.estimate.estimate import AN_ESTIMATE, Estimate, Group
from ketacost.estimate.explain import citations
from ketacost.estimate.milestones import Milestone, milestones, no_claim
from ketacost.estimate.scenario import network_of
from ketacost.estimate.sentences import headline, owing_is_open, rare, two_likely
from ketacost.estimate.texts import SURE, Texts, how_often, texts_of, when
from ketacost.model.courses import visits
from ketacost.model.protocols import protocol
from ketacost.reports.handout_words import costs, covers, law_of, one_number, points, the_sum
from ketacost.reports.markup import Cell, items, paragraph, table

MOST_COLUMNS, MOST_SPANS, MOST_DATES, MOST_OUTCOMES = 13, 10, 6, 4
"""What one page holds: longer calendars put two or more months in a column."""

FIRST_KEPT = (
    *("appeal_by", "request", "send", "file_by", "check_if", "first_check", "approval_ends", "fsa", "hsa"),
    *("plan_year", "answer", "last_check"),
)
"""Which dates stay where there are more than fit, the first ones first."""

STRIP, DIGIT, GAP = 478, 5.6, 4
"""The room that the months share, and what a digit and the edge of a column take of it, in points."""

LONG = 110
"""From how many letters on the headline is set smaller."""

WIDE, WIDE_TWO = 10, 16
"""From how many signs on the large number, and two of them, are set smaller."""

HIGH = 34
"""How high the tallest bar of the months is."""

WHITE = ' class="white"'

PRINT = 'document.getElementById("print").addEventListener("click", function () { window.print(); });'


def handout(estimate: Estimate, language: str = "en") -> str:
    """The estimate as one page to print and hand over, in "en" or "es": a complete HTML document that loads nothing.

    handout(estimate, "es"). Amounts are rounded to ten dollars. The page in English prints with one in another language
    until that has been reviewed. Raises UnknownName for a language without texts.
    """
    of_kind("the estimate", estimate, Estimate, AN_ESTIMATE)
    texts = texts_of(language, estimate.scenario.payer)
    pages = [(language, texts)]
    if texts["translation"] and not texts["reviewed_by"]:
        pages.append(("en", texts_of("en", estimate.scenario.payer)))
    body = "".join(
        f'<article lang="{one}">{"".join(_sections(estimate, words, one))}</article>' for one, words in pages
    )
    title = " – ".join(filter(None, (texts["page"]["question"], estimate.scenario.title)))
    style = asset("handout.css")
    allowed = f"style-src '{_hash(style)}'; script-src '{_hash(PRINT)}'"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    button = f'<button type="button" id="print">{escape(texts["page"]["print"])}</button>'
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
        f'<style>{style}</style></head><body><main class="tex2jax_ignore mathjax_ignore">{button}{body}</main>'
        f"<script>{PRINT}</script></body></html>\n"
    )


def _sections(estimate: Estimate, texts: Texts, language: str) -> Iterator[str]:
    """The page from top to bottom: its three bands, what was assumed, and who can help."""
    yield from _top(estimate, texts)
    yield _band(1, texts["pay"]["heading" if estimate.chance >= SURE else "heading_open"], _pay(estimate, texts))
    yield _band(2, texts["dates"]["heading"], _dates(estimate, texts))
    yield _band(3, texts["do"]["heading"], _do(estimate, texts, language))
    title = f"<h2>{escape(texts['assumed']['heading'])}</h2>"
    yield f'<section class="assumed">{title}{_assumed(estimate, texts)}</section>'
    yield from _foot(estimate, texts)


def _band(number: int, title: str, inside: Iterable[str]) -> str:
    """One band of the page under its numbered heading."""
    return f'<section class="band"><h2><b>{number}</b> {escape(title)}</h2>{"".join(inside)}</section>'


def _top(estimate: Estimate, texts: Texts) -> Iterator[str]:
    """The question, the treatment, the day of the numbers, and lines for the clinic and the counselor."""
    page, course = texts["page"], estimate.scenario.course
    dates = [visit.date for visit in visits(course)]
    first, last = (when(dates[end], texts) for end in (0, -1))
    label = texts["treatments"].get(course.protocol, protocol(course.protocol).label)
    template = page["one_visit"] if len(dates) == 1 else page["treatment"]
    treatment = template.format(treatment=label, visits=len(dates), first=first, last=last)
    read = max(date.fromisoformat(citation.source.read_on) for citation in citations(estimate.shown))
    numbers = page["numbers"].format(day=when(estimate.scenario.today or read, texts))
    draft = texts["translation"] and not texts["reviewed_by"]
    mark = f" <small>{escape(texts['translation'])}</small>" if draft else ""
    told = f'{escape(treatment)} <span class="date">{escape(numbers)}</span>{mark}'
    yield f"<h1>{escape(page['question'])}</h1><p>{told}</p>"
    yield _blanks("who", page["clinic"], page["counselor"], page["phone"])


# 1. What it costs


def _pay(estimate: Estimate, texts: Texts) -> Iterator[str]:
    """The amount with its range, or a sentence for each answer; what the plan may say; what to know."""
    numbers, first, more = one_number(estimate), headline(estimate, texts), rare(estimate, texts)
    if numbers:
        shown = f" {texts['case']['or']} ".join(about(cents) for cents in numbers)
        kind = "big two" if len(numbers) > 1 else "big"
        kind += " wide" if len(shown) > (WIDE_TWO if len(numbers) > 1 else WIDE) else ""
        said = f'<div class="{kind}"><p class="number">{shown}</p><p class="said">{escape(first)}</p></div>'
    else:
        said = paragraph(first, "first long" if len(first) > LONG else "first")
    left = said + (_range(estimate, numbers, texts) if numbers else "")
    right = _outcomes(estimate, texts)
    yield f'<div class="{"pair" if right else "alone"}"><div class="left">{left}</div>{right}</div>'
    yield paragraph(more) if more else ""
    known = points(estimate, texts)
    month, most = estimate.dearest_month
    if month:
        dearest = "dearest_ahead" if estimate.calendar.costlier_before else "dearest"
        known.append(texts["pay"][dearest].format(most=about(most), month=when(month, texts, "month")))
    if budget := budget_of(estimate):
        many = texts["pay"][{0: "budget_none", 1: "budget_one"}.get(len(budget.above), "budget")]
        known.append(many.format(amount=brief(budget.amount), months=len(budget.above)))
    yield f'<div class="points">{items(known)}</div>'


def _range(estimate: Estimate, numbers: Sequence[int], texts: Texts) -> str:
    """From the least to the most: a line with thin ends, a box for 8 of 10 cases, and a dot for each likely amount."""
    words, low, high = texts["pay"], estimate.low, estimate.high
    if about(low) == about(high):
        return ""

    def across(cents: int) -> float:
        return round(8 + 384 * (cents - low) / (high - low), 1)

    left, right = across(estimate.p10), across(estimate.p90)
    box = f'<rect x="{left - 5}" y="3" width="{right - left + 10}" height="14" class="box"/>'
    dots = "".join(f'<circle cx="{across(cents)}" cy="10" r="4.5"/>' for cents in numbers)
    line = '<path d="M8 10H392M8 4V16M392 4V16" class="line"/>'
    ends = (words["low"].format(low=about(low)), words["high"].format(high=about(high)))
    told = "".join(f"<span>{escape(text)}</span>" for text in ends)
    middle = ""
    if about(estimate.p10) != about(estimate.p90):
        middle = paragraph(words["middle"].format(low=about(estimate.p10), high=about(estimate.p90)), "middle")
    svg = f'<svg viewBox="0 0 400 20" aria-hidden="true">{line}{box}{dots}</svg>'
    return f'<div class="range">{middle}{svg}<p class="ends">{told}</p></div>'


def _outcomes(estimate: Estimate, texts: Texts) -> str:
    """What the plan may answer: how often of ten, and what it costs then; empty where one answer is all there is."""
    groups = estimate.groups[:MOST_OUTCOMES]
    if len(groups) < 2:
        return ""
    heads = [texts["outcomes"][name] for name in ("answer", "often", "cost")]
    rows = []
    for group in groups:
        dots = f"{_dots(group)}<br>{escape(how_often(group.chance, texts))}"
        answer = texts["outcomes"]["covers"].format(covers=covers(group, texts))
        rows.append((answer, Cell(dots), costs(estimate, group, texts).replace(" $", "\u00a0$")))
    return f'<div class="outcomes">{table(heads, rows)}</div>'


def _dots(group: Group) -> str:
    """Ten dots, as many of them black as cases of ten are like this, to the half."""
    halves = round(group.chance * 20)
    dots = ""
    for place in range(10):
        at = 6 + 11 * place
        dots += f'<circle cx="{at}" cy="6" r="4"{"" if 2 * place + 1 < halves else WHITE}/>'
        dots += f'<path d="M{at} 2A4 4 0 0 0 {at} 10Z"/>' if 2 * place + 1 == halves else ""
    return f'<svg viewBox="0 0 111 12" class="ten" aria-hidden="true">{dots}</svg>'


# 2. What happens when


class Column(NamedTuple):
    """One or more months of the strip: their days, what goes out and comes back in cents, visits and letters."""

    first: date
    last: date
    out: int
    back: int
    visits: int
    letters: str


def _dates(estimate: Estimate, texts: Texts) -> Iterator[str]:
    """The months with what is paid and when, and the days to keep in mind."""
    kept = _kept(milestones(estimate))
    lettered = [(chr(ord("A") + place), one) for place, one in enumerate(kept)]
    columns = _columns(estimate, lettered)
    if columns:
        if estimate.main.chance < SURE:
            kind = texts["case"]["shown" if estimate.main.whole else "stopped"]
            told = kind.format(covers=covers(estimate.main, texts), often=how_often(estimate.main.chance, texts))
            owed = estimate.shown.totals.not_covered and owing_is_open(estimate)
            yield paragraph(f"{told} {texts['case']['owed']}" if owed else told, "note")
        elif two_likely(estimate):
            yield paragraph(texts["case"]["one_of_two"].format(amount=about(estimate.main.likely)), "note")
        yield _strip(columns, texts)
    if lettered:
        yield f'<dl class="days">{"".join(_day(letter, one, texts) for letter, one in lettered)}</dl>'
    if not columns and not lettered:
        yield paragraph(texts["dates"]["none"])
    if told := " ".join(_cash(estimate, texts)):
        yield paragraph(told, "note")


def _kept(found: Sequence[Milestone]) -> list[Milestone]:
    """As many dates as fit, by their weight, in order."""
    by_weight = sorted(found, key=lambda one: (FIRST_KEPT.index(one.what), one.day))
    return sorted(by_weight[:MOST_DATES], key=lambda one: one.day)


def _columns(estimate: Estimate, lettered: Sequence[tuple[str, Milestone]]) -> list[Column]:
    """The months from the first that holds anything to the last, some of them together where there are too many."""
    money = {month.first_day: month for month in estimate.calendar.months if month.out or month.back}
    seen = Counter(day.replace(day=1) for day in {claim.line.date for claim in estimate.shown.claims})
    held = sorted({*money, *seen})
    if not held:
        return []
    last = max([held[-1], *(one.day.replace(day=1) for _, one in lettered)])
    last = min(last, max(held[-1], months_later(held[0], 11)))
    days = [held[0]]
    while days[-1] < last:
        days.append(months_later(days[-1], 1))
    size = 1
    while True:
        parts = [days[start : start + size] for start in range(0, len(days), size)]
        columns = []
        for part in parts:
            months = [money[day] for day in part if day in money]
            letters = " ".join(letter for letter, one in lettered if one.day.replace(day=1) in part)
            out, back = (sum(getattr(month, name) for month in months) for name in ("out", "back"))
            columns.append(Column(part[0], part[-1], out, back, sum(seen[day] for day in part), letters))
        if len(columns) == 1 or (len(columns) <= (MOST_COLUMNS if size == 1 else MOST_SPANS) and _fits(columns)):
            return columns
        size += 1


def _fits(columns: Sequence[Column]) -> bool:
    """Whether the widest amount fits its column."""
    longest = max(len(about(cents).replace(",", "")) for one in columns for cents in (one.out, one.back))
    return len(columns) * (longest * DIGIT + GAP) <= STRIP


def _strip(columns: Sequence[Column], texts: Texts) -> str:
    """The months side by side: a bar, what is paid, what comes back, visits and the letters of the days below."""
    words, most = texts["dates"], max(max(one.out, one.back) for one in columns)
    years = [
        columns[0].first.year,
        *(after.first.year * (after.first.year != one.first.year) for one, after in pairwise(columns)),
    ]
    heads = [Cell(_name(one, year, texts)) for one, year in zip(columns, years, strict=True)]
    rows = [
        (Cell(f'<span class="unseen">{escape(words["bars"])}</span>'), *(Cell(_bars(one, most)) for one in columns)),
        (words["out"], *(about(one.out) if one.out else "" for one in columns)),
    ]
    if any(one.back for one in columns):
        rows.append((words["back"], *(about(one.back) if one.back else "" for one in columns)))
    if any(one.visits for one in columns):
        rows.append((words["visits"], *(str(one.visits) if one.visits else "" for one in columns)))
    if any(one.letters for one in columns):
        rows.append((words["days"], *(Cell("".join(map(_box, one.letters.split()))) for one in columns)))
    group = f'class="strip" role="group" tabindex="0" aria-label="{escape(words["heading"])}"'
    return f"<div {group}>{table([Cell(escape(words['month'])), *heads], rows)}</div>"


def _name(one: Column, year: int, texts: Texts) -> str:
    """A month, or the first and the last of several, with the year where it is a new one."""
    months = texts["when"]["short_months"]
    first, last = months[one.first.month - 1], months[one.last.month - 1]
    name = first if one.first == one.last else f"{first}–{last}"
    return f"{escape(name)}<br>{year or '&nbsp;'}"


def _bars(one: Column, most: int) -> str:
    """Two bars for the eye: black is paid, white comes back. Screen readers skip them: the numbers are below."""
    out, back = (round(HIGH * amount / most, 1) if most else 0 for amount in (one.out, one.back))
    black = f'<rect x="2" y="{HIGH + 1 - out}" width="18" height="{out}"/>' if out else ""
    white = f'<rect x="21" y="{HIGH + 1 - back}" width="14" height="{back}" class="box"/>' if back else ""
    return f'<svg viewBox="0 0 36 {HIGH + 2}" aria-hidden="true">{black}{white}</svg>'


def _box(letter: str) -> str:
    return f"<b>{letter}</b>"


def _day(letter: str, one: Milestone, texts: Texts) -> str:
    """A day to keep in mind, with the letter that the months show."""
    told = texts["milestones"][one.what].format(about=when(one.about, texts, "day_of_year") if one.about else "")
    return f"<div><dt>{_box(letter)} {escape(when(one.day, texts, 'short'))}:</dt> <dd>{escape(told)}</dd></div>"


def _cash(estimate: Estimate, texts: Texts) -> Iterator[str]:
    """What the months do not show, and the most that checks still owe where something comes back."""
    words, (waits, day), money = texts["dates"], estimate.most_waiting, estimate.calendar
    if day:
        yield words["waiting"].format(most=about(waits), day=when(day, texts, "short"))
    if money.held > 0:
        yield words["held"].format(amount=about(money.held))
    yield from (words[kind] for kind in ("contribution", "loan") if money.entries_of(kind))


# 3. What to do now


def _do(estimate: Estimate, texts: Texts, language: str) -> Iterator[str]:
    """Two calls, each with the words to say and lines for what was said; without a plan, the price in writing."""
    words, law = texts["do"], law_of(estimate)
    asked: dict[str, str] = {}
    for question in ask_next(estimate.scenario):
        if question.moves_cost:
            asked.setdefault(question.who, question.sentence_es if language == "es" else question.sentence)
    clinic = (words["clinic"], asked.get("clinic", words["clinic_otherwise"]))
    insurer = (words["insurer"], asked.get("insurer", words["insurer_otherwise"]))
    free = estimate.main.whole and not estimate.shown.totals.you_pay
    copay = words["va_copay"], words["va_copay_free" if free else "va_copay_ask"]
    calls = {"none": (clinic,), "va": ((words["va"], insurer[1]), copay)}
    cards = [
        _call(title, words["quoted"].format(sentence=say), words) for title, say in calls.get(law, (insurer, clinic))
    ]
    if law == "none":
        right = texts["good_faith"]
        cards.append(f"<div><h3>{escape(right['heading'])}</h3>{items(right['steps'])}</div>")
    yield f'<div class="calls">{"".join(cards)}</div>'


def _call(title: str, say: str, words: Texts) -> str:
    """One call: whom, what to say, and lines for the answer, the day and the reference number."""
    said, day = _blanks("answer", words["answer"]), _blanks("when", words["date"], words["reference"])
    return f'<div><h3>{escape(title)}</h3>{paragraph(say, "say")}{said}<p class="line"></p>{day}</div>'


def _blanks(kind: str, *labels: str) -> str:
    """Lines to write on; nothing is typed here and nothing is kept."""
    return f'<dl class="{kind}">{"".join(f"<dt>{escape(label)}:</dt><dd></dd>" for label in labels)}</dl>'


# What was assumed


def _assumed(estimate: Estimate, texts: Texts) -> str:
    """The numbers that the answer hangs on, which of them were said, and the sum."""
    words, numbers = texts["assumed"], assumed(estimate)
    prices = [_number(one, texts) for one in numbers if one.what == "price"]
    lines = [words["prices"].format(prices=", ".join(prices))] if prices else []
    lines += [f"{_number(one, texts)}." for one in numbers if one.what != "price"]
    stops = estimate.shown.scenario.if_denied == "stop"
    asked = not no_claim(estimate.scenario) and "coverage" in estimate.scenario.ranges
    if asked and (stops or network_of(estimate.shown.scenario)):
        lines.append(words["stop" if stops else "go_on"])
    written = items(lines)
    total = the_sum(estimate, texts["steps"])
    return written + (paragraph(total, "sum") if total else "")


def _number(one: Assumed, texts: Texts) -> str:
    """One number in words."""
    words = texts["assumed"]
    if one.what == "yes" and one.said:
        return str(words["yes_said"])
    if one.what == "yes":
        return str(words["yes"].format(often=how_often(Fraction(one.low, WHOLE), texts)))
    if one.what == "designs":
        return str(words["designs_said" if one.said else "designs"].format(number=one.low))
    if one.what in WORDS:
        return str(words[one.what].format(name=one.plan)) + f" ({words['said']})" * one.said
    written = _dollars if one.what in MONEY else percent
    amount = written(one.low)
    if one.low != one.high:
        amount = words["between"].format(low=amount, high=written(one.high))
    mark = words["said"] if one.said else words["open"] if one.low != one.high else ""
    if one.what == "price":
        template = words["price_one" if one.visits == 1 else "price"]
        return str(template.format(amount=amount, visits=one.visits, mark=f"; {mark}" if mark else ""))
    service = words["services"].get(one.service, words["services"]["other"])
    what = "copay_of" if one.what == "copay" and one.service else one.what
    return f"{words[what].format(amount=amount, service=service)}{f' ({mark})' if mark else ''}"


def _dollars(cents: int) -> str:
    """Cents to the whole dollar, as prices are said: 47500 -> "$475"."""
    return f"${(cents + 50) // 100:,}"


def _foot(estimate: Estimate, texts: Texts) -> Iterator[str]:
    """What to keep, who can help, and that this is an estimate."""
    foot, helps, law = texts["foot"], texts["help"], law_of(estimate)
    told = [foot["keep_alone" if law == "none" else "keep"]]
    told += [helps[name] for name in ("state", "ship", "va") if law in helps[f"{name}_for"]]
    yield f'<p class="foot"><b>{escape(foot["estimate"])}</b> {escape(" ".join(told))}</p>'


def _hash(text: str) -> str:
    """What a Content-Security-Policy needs to let this very text through, and nothing else."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
