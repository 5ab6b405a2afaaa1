"""`statement(result)`: every kind of result as a table to read, each kind described once, by its columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import accumulate, groupby
from typing import Any

from ketacost.accounts.fsa import ElectionAdvice
from ketacost.accounts.funding import FundedPart
from ketacost.accounts.hsa import HsaExcess, HsaLimit, HsaMonth
from ketacost.analysis.allowed_methods import MethodRow
from ketacost.analysis.alternatives import Method, Program, Route
from ketacost.analysis.comparison import Comparison
from ketacost.analysis.questions import Question, right
from ketacost.analysis.start_dates import WAITING, Start, headline, key_dates
from ketacost.analysis.value_of_information import Asked
from ketacost.core.dates import us_day
from ketacost.core.fields import KetacostError
from ketacost.core.money import WHOLE, about, between, brief, shown, whole_cents
from ketacost.core.references import Citation
from ketacost.core.words import capital
from ketacost.estimate.account_effects import TaxEffect
from ketacost.estimate.answer import Answer, Totals
from ketacost.estimate.calendar import Calendar
from ketacost.estimate.cash_flow import Entry
from ketacost.estimate.estimate import Estimate, NetStep
from ketacost.estimate.explain import label_of
from ketacost.estimate.outlook import Outlook, Priced, Worth, chain
from ketacost.estimate.scenario import Scenario
from ketacost.estimate.superbills import Superbill
from ketacost.estimate.texts import how_often
from ketacost.estimate.unknowns import Unknown
from ketacost.model.adjudication import Claim
from ketacost.model.coordination import Coordinated
from ketacost.model.payers import Payer, Step
from ketacost.model.protocols import in_its_words
from ketacost.model.rules import THE_RULE, rule_of
from ketacost.reports.lists import ALONE, LISTS
from ketacost.reports.outcomes import ANSWERS, alike, ends_in_words, net_steps, outcomes, unknowns
from ketacost.reports.side_by_side import comparison_of, routes
from ketacost.reports.statement import BACK, OUT, PARTS, Column, Statement, columns, finding, group, parts_of_charge

OUTCOMES = {"denied": "Not covered", "counted": "Approved, $0 back", "paid": "Paid"}
"""The three things that can happen to a line; they are never mixed."""

EMPTY = Statement("There is nothing to show: the result is empty.", "Nothing to show")


def statement(result: object, *, of: Scenario | None = None, treatment: str = "") -> Statement:
    """Any result as a table to read: an answer, adjudicated lines, a calendar, a comparison, starts, a payer and more.

    `of` is the scenario of a result that does not carry its own: a workbook then names its sources. `treatment` chooses
    among a payer's odds, and among the chances of legal steps. An empty result gives a statement that says so. Raises
    KetacostError for anything that is not a result: statement(run(example("readme-patient"))).
    """
    if isinstance(result, Statement):
        return result
    shows, members = SINGLE, [result]
    if isinstance(result, list | Mapping) or type(result) is tuple:
        shows, members = SEVERAL, list(result.values() if isinstance(result, Mapping) else result)
    if not members:
        return EMPTY
    kinds = {type(member) for member in members}
    show = shows.get(kinds.pop()) if len(kinds) == 1 else None
    if show is None:
        single, several = (", ".join(sorted(kind.__name__ for kind in table)) for table in (SINGLE, SEVERAL))
        got = f"{type(result).__name__} is none of them"
        raise KetacostError(f"a statement shows one of {single}, or several of {several}; {got}")
    shown = members if isinstance(result, Mapping) else result
    table = show(shown, treatment) if show in (_payer, _steps) else show(shown)
    if of is not None and not table.scenarios:
        table = replace(table, scenarios=(of,), full=table.full and replace(table.full, scenarios=(of,)))
    used = [rule_of(scenario.rule) for scenario in table.scenarios]
    used += [member.rule for member in members if isinstance(member, Claim)]
    words = " ".join(dict.fromkeys(rule.words for rule in used if rule != THE_RULE))
    return table.noted(words) if words else table


def _amount(totals: Totals, name: str) -> int:
    """A part of a bill; what the plan refuses counts as billed above what it counts, as insurers print it."""
    return int(getattr(totals, name)) + (totals.not_covered if name == "balance_bill" else 0)


def _part_column(name: str) -> Column:
    part = PARTS[name]
    return Column(name, part.heading, "money", lambda claim: _amount(Totals.of((claim,)), name), part.means)


LINE_PARTS = tuple(name for name in Totals._fields if name != "not_covered")
ALWAYS = ("date", "service", "charge", "allowed", "plan_pays", "you_pay", "outcome")
LINES = (
    Column("date", "Date", "day", lambda claim: claim.line.date),
    Column("service", "Service", of=label_of),
    Column("code", "Code", of=lambda claim: claim.line.code),
    Column("units", "Units", "count", lambda claim: claim.line.units),
    *map(_part_column, LINE_PARTS),
    Column("help_pays", "Help pays of that", "money", means="What copay help pays of the patient's part."),
    Column("outcome", "What the plan did", words=OUTCOMES),
    Column("why_not", "Why not"),
    Column("plan_year", "Plan year from", "day"),
)


def _claims(claims: Sequence[Claim], scenarios: tuple[Scenario, ...] = ()) -> Statement:
    """Lines as an insurer's explanation of benefits has them. Lines at $0, included in another charge, are in files."""
    totals = Totals.of(tuple(claims))
    sums: dict[str, Any] = {"date": "Total", **{name: _amount(totals, name) for name in LINE_PARTS}}
    second = sum(claim.second_pays for claim in claims if isinstance(claim, Coordinated))
    by = f"the plans pay {shown(totals.plan_pays)}, the second {shown(second)} of it" if second else ""
    by = by or f"the plan pays {shown(totals.plan_pays)}"
    if helped := 0 if scenarios else sum(claim.help_pays for claim in claims):
        sums["help_pays"] = helped
        by = f"{by}. Of your part help pays {shown(helped)}: {shown(totals.you_pay - helped)} is left"
    pays = f"You pay {shown(totals.you_pay)} of {shown(totals.charge)}; {by}."
    foot = tuple(sums.get(column.name, "") for column in LINES)
    full = Statement.of(pays, "Line by line", LINES, claims, totals=foot, scenarios=scenarios)
    charged = tuple(row for row, claim in zip(full.rows, claims, strict=True) if claim.line.charge)
    left_out = len(full.rows) - len(charged)
    included = {claim.line.date for claim in claims} == {row[0] for row in charged}  # no visit is free
    note = f"{left_out} lines at $0{', included in another charge,' * included} are left out." if left_out else ""
    names = (name for name in sums if sums[name])
    lines = replace(full, rows=charged, footnote=note, full=full).only(*ALWAYS, *names)
    return replace(lines, brief=alike(lines))


def _bars(totals: Totals) -> Statement:
    """The way from the charge to what you pay, as the picture shows it."""
    rows = tuple((label, end - start) for _, label, start, end in parts_of_charge(totals))
    layout = (*columns(part="Part"), *columns("money", amount="Amount"))
    return Statement(finding(totals), "From the charge to what you pay", layout, rows)


def _payer(payer: Payer, treatment: str = "") -> Statement:
    """How often a payer says what to a treatment, and the grade of that; without one, to each that it has odds for."""
    odds = {treatment: payer.chances(treatment)} if treatment else payer.odds
    layout = (*columns(treatment="Treatment", outcome="The plan pays for"), *columns("chance", central="How often"))
    layout += columns(range="Could be", grade="Grade", why="Why")
    rows = []
    for name, chances in odds.items():
        for outcome, chance in chances.items():
            low, central, high = (Fraction(points, WHOLE) for points in (chance.low, chance.central, chance.high))
            spread = " to ".join(dict.fromkeys((how_often(low), how_often(high))))
            rows.append((name, ANSWERS.get(outcome, outcome).capitalize(), central, spread, chance.grade, chance.why))
    finding = f"{payer.label}: {payer.words}." if payer.words else f"{payer.label}."
    note = f"{payer.rules.get(treatment, '')} {payer.differs}".strip()
    table = Statement(finding, f"How often it pays: {payer.label}", layout, tuple(rows), footnote=note)
    return table.only("outcome", "central", "range", "grade", "why") if treatment else table


def _steps(steps: Sequence[Step], treatment: str = "") -> Statement:
    """What can be done to get paid under a law: within which time, how long an answer takes, how often it works."""
    layout = (
        *columns(label="Step", within="Do it within"),
        Column("decided", "Answer within", of=_decision),
        Column("works", "Works for this treatment", of=lambda step: str(step.chance_for(treatment) or "")),
        *columns(only_for="For"),
        Column("citations", "Sources", of=lambda step: "; ".join(dict.fromkeys(map(_graded, step.citations)))),
    )
    finding = f"Steps that can get a claim paid: {', '.join(step.label for step in steps)}."
    return Statement.of(finding, "Steps, deadlines and their sources", layout, steps)


def _decision(rule: Step) -> str:
    if not rule.decision_days:
        return "not known"
    later = rule.decision_days != rule.decision_days_before
    return f"{rule.decision_days} days{f' ({rule.decision_days_before} before treatment)' if later else ''}"


def _graded(citation: Citation) -> str:
    return f"{citation.source.organisation} ({citation.grade})"


ENDS = (
    Column("branches", "What happens", of=lambda priced: ", then ".join(priced.end.branches)),
    Column("chance", "How often", "chance", lambda priced: priced.end.chance),
    Column("percent", "Chance", "share", lambda priced: priced.end.chance),
    *columns("day", decided="Decided by"),
    Column("check", "First check, about", "day", lambda priced: _likely_day(priced.first_check) or "none"),
    Column("back", "Plan pays", "money", lambda priced: priced.totals.plan_pays),
    Column("cost", "Steps cost", "money", lambda priced: priced.end.cost),
    Column("you_pay", "You pay in the end", "money", lambda priced: _end_cost(priced)),
)


def _likely_day(days: Sequence[date]) -> date | None:
    """The middle of the earliest, likely and latest day."""
    return days[len(days) // 2] if days else None


def _end_cost(priced: Priced) -> int | str:
    """The net of an end, or in words what is owed where the treatment stops."""
    if priced.whole:
        return priced.you_pay
    return f"{about(priced.you_pay)}, and the treatment stops" if priced.you_pay else "the treatment stops"


def _outlook(outlook: Outlook) -> Statement:
    """Every end of a path: how likely, what is decided when, what comes back and what the patient pays in the end."""
    ends = sorted(ends_in_words(outlook), key=lambda priced: -priced.end.chance)
    answers = {name: outlook.chance_of(name) for name in ("denied", "visits only", "infusions too")}
    said = ", ".join(f"{name} {how_often(chance)}" for name, chance in answers.items() if chance)
    named, caption = in_its_words(said, outlook.scenario.course.protocol), "Each possible outcome, likeliest first"
    return Statement.of(f"The plan's answer: {named}.", caption, ENDS, ends, scenarios=(outlook.scenario,))


def _needs(step: Worth) -> Fraction | str:
    if step.break_even is None:
        return "never worth it"
    return Fraction(step.break_even, WHOLE) if step.break_even else "any"


def _verdict(step: Worth) -> str:
    if not step.saves:
        return "It would save nothing here"
    return "Worth it" if step.worth_it else "Not by money alone"


WORTH = (
    Column("label", "Step"),
    Column("chance", "Works", "share", lambda step: Fraction(step.chance, WHOLE)),
    *columns("money", saves="Saves if it works", expects="Saves on average, with the steps after it"),
    *columns("money", cost="Fees and time"),
    Column("needs", "Worth it from a chance of", "share", _needs),
    Column("verdict", "So", of=_verdict),
)


def _worth(steps: Sequence[Worth]) -> Statement:
    """Which step is worth taking: what it saves when it works, how often it works, and when it pays for its effort."""
    return Statement.of(chain(steps), "Steps, in the order they can be taken", WORTH, steps)


SUPERBILLS = (
    *columns("day", service_date="Visit"),
    *columns("money", paid_to_clinic="Paid to the clinic"),
    *columns("day", filed="Filed"),
    Column("file_by", "File by", of=lambda bill: " to ".join(dict.fromkeys(map(us_day, bill.file_by)))),
    Column("outcome", "What the plan does", words=OUTCOMES),
    Column("back", "Sent back", "money", lambda bill: bill.back - bill.fee),
    Column(
        "check",
        "Check between",
        of=lambda bill: " and ".join(us_day(bill.check[end]) for end in bill.check and (0, -1)),
    ),
    *columns(late="Watch"),
)


def _superbills(bills: Sequence[Superbill]) -> Statement:
    """Each visit's superbill: paid when, filed when and by when, what comes back and when."""
    back, paid = sum(bill.back - bill.fee for bill in bills), sum(bill.paid_to_clinic for bill in bills)
    first = next((_likely_day(bill.check) for bill in bills if bill.check), None)
    check = f"the first check comes about {first:%B %Y}" if first else "no check comes"
    finding = f"You pay the clinic {about(paid)} and get {about(back)} back; {check}."
    foot = ("Total", paid, "", "", "", back, "", "")
    return Statement.of(finding, "Superbills, in order of the visits", SUPERBILLS, bills, totals=foot)


def _disagreements(methods: Sequence[Method]) -> Statement:
    """Why free calculators disagree about the same patient: five ways to work out what the insurer pays."""
    pays = Column("plan_pays", "Insurer pays", "money")
    layout = (Column("label", "Worked out as"), pays, Column("why", "What that is"))
    amounts = [method.plan_pays for method in methods]
    span = " to ".join(dict.fromkeys(map(about, (min(amounts), max(amounts)))))
    finding = f"The same patient, five calculators: the insurer pays {span}."
    return Statement.of(finding, "Why calculators disagree", layout, methods)


def _methods(methods: Sequence[MethodRow]) -> Statement:
    """How far the answer moves with the way the plan sets its allowed amounts."""
    money = columns("money", allowed="For one visit", plan_pays="Plan pays", you_pay="You pay")
    layout = (*columns(method="If the plan counts"), *money, *columns(why_not="Note"))
    paid = [row.you_pay for row in methods if row.you_pay is not None]
    finding = "No method can price this course."
    if paid:
        finding = f"You pay {between(min(paid), max(paid))}, depending on how the plan sets its price."
    return Statement.of(finding, "Methods of setting the allowed amount", layout, methods)


CHECKS = "Each check is shown on its likely day; it may come weeks earlier or later"


def _calendar(calendar: Calendar) -> Statement:
    """What goes out and comes back in each month, the sum so far, and what is still to come; files have each day."""
    sums = Counter[tuple[date, str]]()
    for entry in calendar.entries:
        sums[entry.day.replace(day=1), group(entry)] += abs(entry.cents)
    used = {name for _, name in sums}
    groups = {name: heading for name, (heading, _) in (*OUT.items(), *BACK.items()) if name in used}
    most = calendar.most_a_month
    over = {"over": f"Above {brief(most)}"} if most else {}
    ends = columns("money", running="Sum so far", waiting_for="Still to come", **over)
    layout = (*columns("month", first_day="Month"), *columns("money", **groups), *ends)
    rows = []
    for month in calendar.months:
        moved = (sums[month.first_day, name] for name in groups)
        above = (calendar.above(month),) if most else ()
        rows.append((month.first_day, *moved, month.running, month.waiting_for, *above))
    foot = ("Total", *_sums(rows)[: len(groups)], calendar.net, 0, *(_sums(rows)[-1:] if most else ()))
    notes = [CHECKS] if calendar.entries_of("check", "appeal check") else []
    note = " ".join(f"{text.rstrip('.')}." for text in (*notes, *calendar.notes))
    full = replace(_entries(calendar.entries), headline=calendar.headline)
    return Statement(calendar.headline, "Money by month", layout, tuple(rows), foot, note, full=full)


def _sums(rows: Iterable[tuple[Any, ...]]) -> list[int]:
    """The sum of each column of amounts after the first, which names the row."""
    return [sum(column) for column in list(zip(*rows, strict=True))[1:]]


def running(calendar: Calendar) -> tuple[tuple[date, int], ...]:
    """The sum so far at the end of each day on which money moves."""
    sums = accumulate(entry.cents for entry in calendar.entries)
    return tuple({entry.day: total for entry, total in zip(calendar.entries, sums, strict=True)}.items())


def _entries(entries: Sequence[Entry]) -> Statement:
    """Every dated amount of a calendar."""
    layout = (*columns("day", day="Day"), *columns(kind="Kind", label="What"))
    layout += columns("money", amount="Out (back: negative)", running="Out so far")
    sums = list(accumulate(entry.cents for entry in entries))
    rows = tuple((e.day, e.kind, e.label, e.cents, so_far) for e, so_far in zip(entries, sums, strict=True))
    finding = f"{len(entries)} payments; {shown(sums[-1] if sums else 0)} out in the end."
    return Statement(finding, "Money out and back", layout, rows)


STARTS = (
    *columns("day", day="First visit"),
    *columns("money", net="You pay in the end", change="Compared with your start"),
    *columns("money", p10="8 of 10: from", p90="8 of 10: to"),
    Column("dearest", "Most in a month", "money", lambda start: start.dearest_month and start.dearest_month.cents),
    Column("waiting", "Most owed to you", "money", lambda start: start.most_waiting and start.most_waiting.cents),
    *columns("money", back="Plan pays"),
    *columns(why="Why this day"),
)


def _starts(starts: Sequence[Start]) -> Statement:
    """What the course costs by its first visit: neighbors with the same cost share a row; files have each start."""
    layout = (
        *columns("day", first="Start from", last="to"),
        *columns("money", net="You pay in the end"),
        *columns(change="Compared with your start"),
        *columns("money", back="Plan pays"),
        *columns("count", years="Plan years with a deductible to pay"),
        *columns(why="Why not"),
    )
    same_cost = [(cost, list(same)) for cost, same in groupby(starts, key=_cost)]
    rows = tuple((same[0].day, same[-1].day, *cost) for cost, same in same_cost)
    finding, note = headline(starts), " ".join((*(key_date.sentence for key_date in key_dates(starts)), WAITING))
    full = Statement.of(finding, "When to start", STARTS, starts, footnote=WAITING)
    table = Statement(finding, "By the date of the first visit", layout, rows, footnote=note, full=full)
    refused = any(start.net is None for start in starts)
    return table if refused else table.only("first", "last", "net", "change", "back", "years")


def _cost(start: Start) -> tuple[object, ...]:
    """What neighbors in one row have in common: the amounts, or the reason why there are none."""
    if start.net is None:
        return "not possible", "", None, None, start.why
    years = len(start.facts.deductible_years) if start.facts else 0
    return start.net, start.change_in_words, start.back, years, ""


ASKED = (
    *columns(sentence="Ask"),
    *columns(whom="Whom", why="Why"),
    *columns("money", swing="Moves the average by up to", width_now="8 of 10: range now", width_known="Once known"),
    *columns("chance", route_changes="Another route would cost least"),
    *columns(sentence_es="In Spanish"),
)
ORDER_OF_QUESTIONS = (
    "In this order: what could change which route costs least, then what narrows the range, then what moves the "
    "average. Routes to treatment differ in more than cost; cost alone does not decide."
)


def _asked(questions: Sequence[Asked]) -> Statement:
    """What to ask next, first what is worth most, with the words to read aloud and what the answer would change."""
    finding = f"Ask {questions[0].whom} next: {questions[0].sentence}"
    asked = Statement.of(finding, "What to ask next", ASKED, questions, footnote=ORDER_OF_QUESTIONS)
    return asked.only("sentence", "whom", "why", "swing", "route_changes", "sentence_es")


def _questions(questions: Sequence[Question]) -> Statement:
    """The questions for the plan's own estimate, in the order to ask them, with the rule that gives the right to it."""
    layout = (*columns(who="Whom", ask="Ask", why="Why"), Column("answer", "Answer", blank=True))
    layout += columns(ask_es="In Spanish")
    rows = tuple((asked.whom, asked.ask, asked.why, "", asked.ask_es) for asked in questions)
    says, _, rule, citations = right()
    note = f"{says} {rule} Sources: {'; '.join(map(str, citations))}."
    number = sum(question.who == "insurer" for question in questions)
    finding = f"{number} questions for the plan, {len(questions) - number} for the clinic: ask before the first visit."
    return Statement(finding, "Questions for the plan's estimate", layout, rows, footnote=note)


TAXES = {
    "federal": "Federal income tax",
    "oasdi": "Social Security",
    "hi": "Medicare",
    "additional_medicare": "Additional Medicare tax",
    "state": "State income tax",
    "levy": "State levies on pay",
    "local": "County or city tax",
}


def _tax_effect(effect: TaxEffect) -> Statement:
    """What the accounts save in tax, year by year: each tax without them, with them, and the difference."""
    following = effect.next_saving
    both = ((effect.year, effect.saving), *(((effect.year + 1, following),) if following else ()))
    years = [(year, saving) for year, saving in both if saving.amount] or [both[0]]
    layout = (*columns(tax="Tax"), *columns("money", without="Without", having="With", saved="Saved"))
    rows = []
    for year, saving in years:
        parts = saving.without, saving.having, saving.saved
        of_year = f", {year}" if len(years) > 1 else ""
        rows += [(f"{label}{of_year}", *(getattr(tax, name) for tax in parts)) for name, label in TAXES.items()]
    unused = f" {about(effect.unused)} of it pays no bill." if effect.unused else ""
    saved = sum(saving.total for _, saving in years)
    finding = (
        f"{about(effect.put_in)} put in saves {shown(saved)} in tax; after that the course costs you "
        f"{about(effect.net)}.{unused}"
    )
    totals = ((saving.without.total, saving.having.total, saving.total) for _, saving in years)
    foot = ("Total", *map(sum, zip(*totals, strict=True)))
    note = " ".join(f"{text}." for text in effect.notes)
    caption = f"Taxes of {' and '.join(str(year) for year, _ in years)}"
    return Statement(finding, caption, layout, tuple(row for row in rows if row[1]), foot, note)


def _fundings(parts: Sequence[FundedPart]) -> Statement:
    """Who pays each visit's part, in the order of the visits."""
    names = list(dict.fromkeys(payment.source for funded in parts for payment in funded.paid))
    headings = {name: capital(name) for name in names}
    layout = (*columns("day", day="Visit"), *columns("money", amount="You owe", **headings))
    rows = []
    for funded in parts:
        paid = (sum(payment.amount for payment in funded.paid if payment.source == name) for name in names)
        rows.append((funded.part.day, funded.part.amount, *paid))
    owed, *sums = _sums(rows)
    payers = ", ".join(f"{name} {about(amount)}" for name, amount in zip(names, sums, strict=True))
    caption = "Who pays each visit, first what expires"
    return Statement(f"Who pays: {payers}.", caption, layout, tuple(rows), ("Total", owed, *sums))


def _advice(advice: ElectionAdvice) -> Statement:
    """How much to elect for a health FSA: the tax it is expected to save less what it is expected to lose."""
    layout = columns("money", election="Elect", saving="Saves in tax", loss="Expected to be lost", value="Worth")
    every = max(len(advice.curve) // 12, 1)
    points = sorted({*advice.curve[::every], advice.best}, key=lambda point: point.election)
    rows = tuple((p.election, *map(whole_cents, (p.saving, p.forfeiture, p.value))) for p in points)
    return Statement(advice.sentence, "Elections", layout, rows)


def _hsa_months(months: Sequence[HsaMonth]) -> Statement:
    """Whether money may go into an HSA, month by month, and why not."""
    layout = (*columns("month", month="Month"), *columns(eligible="HSA", why="Why not"))
    rows = tuple((month.first, "yes" if month.eligible else "no", month.why_not) for month in months)
    good, year = sum(month.eligible for month in months), months[0].first.year
    finding = f"{good} of {len(months)} months of {year} allow an HSA."
    return Statement(finding, f"HSA by month, {year}", layout, rows)


def _hsa_limit(limit: HsaLimit) -> Statement:
    """How much may go into an HSA in a year, by its eligible months and by the last-month rule."""
    layout = (*columns(rule="Rule"), *columns("money", amount="Amount"))
    rows = (("By the months that allow it", limit.by_months), ("At most, under the last-month rule", limit.total))
    note = "To use the last-month rule you must stay eligible through next year." if limit.last_month_rule else ""
    finding = f"Up to {shown(limit.total)} may go into the HSA for the year."
    return Statement(finding, "HSA limit", layout, rows, footnote=note)


def _hsa_excess(excess: HsaExcess) -> Statement:
    """What to do about too much money in an HSA."""
    late = f"or pay {shown(excess.tax_a_year)} a year"
    finding = f"{shown(excess.amount)} is too much for the HSA: take it out by {us_day(excess.out_by)}, {late}."
    rows = tuple((remedy,) for remedy in excess.remedies)
    return Statement(finding, "Too much in an HSA", columns(choice="What to do"), rows)


def _programs(programs: Sequence[Program]) -> Statement:
    """Programs that help to pay: for whom, what they give, and where and when we read it; files have the grade too."""
    layout = (
        *columns(name="Program", who="Who may have it", gives="What it gives"),
        Column("source", "Source", of=lambda program: str(program.citation.source)),
        Column("page", "Page", of=lambda program: program.citation.source.url),
        Column("read_on", "Read on", "day", lambda program: date.fromisoformat(program.citation.source.read_on)),
        Column("grade", "Grade", of=lambda program: program.citation.grade),
    )
    many = f"{len(programs)} programs help to pay" if len(programs) > 1 else "1 program helps to pay"
    finding = f"{many}. Ask each for its current terms."
    whole = Statement.of(finding, "Programs that help to pay", layout, programs)
    return whole.only("name", "who", "gives", "page", "read_on")


SINGLE: Mapping[type, Callable[..., Statement]] = {
    ElectionAdvice: _advice,
    Answer: lambda answer: _claims(answer.claims, (answer.scenario,)),
    Calendar: _calendar,
    Comparison: comparison_of,
    HsaExcess: _hsa_excess,
    HsaLimit: _hsa_limit,
    Outlook: _outlook,
    Payer: _payer,
    Estimate: outcomes,
    TaxEffect: _tax_effect,
    Totals: _bars,
    **ALONE,
}
SEVERAL: Mapping[type, Callable[..., Statement]] = {
    Asked: _asked,
    Claim: _claims,
    Coordinated: _claims,
    Entry: _entries,
    FundedPart: _fundings,
    Method: _disagreements,
    MethodRow: _methods,
    NetStep: net_steps,
    HsaMonth: _hsa_months,
    Program: _programs,
    Question: _questions,
    Route: routes,
    Start: _starts,
    Step: _steps,
    Superbill: _superbills,
    Unknown: unknowns,
    Worth: _worth,
    **LISTS,
}
"""What shows a result by its type, and several results, by the type of each."""
