"""Statements of what a plan may say and what to do about it: odds, ends of a path, steps worth taking, superbills, routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby

from ketacost.accounts.hsa import Holder, excess, limit, months
from ketacost.analysis.allowed_methods import methods_table
from ketacost.analysis.alternatives import Route, alternatives, disagreements
from ketacost.analysis.comparison import ORDERS, Comparison, Option, compare, compare_routes
from ketacost.analysis.questions import questions_for_plan, right
from ketacost.analysis.start_dates import HORIZON, WAITING, Start, headline, key_dates, starts
from ketacost.analysis.value_of_information import COMPARED, ask_next
from ketacost.core.convert import get
from ketacost.core.money import WHOLE, about, percent, shown, whole_cents
from ketacost.core.references import rows, source
from ketacost.estimate.account_effects import account_notes, advise_fsa, funding_of, household_of, tax_effect
from ketacost.estimate.answer import Answer
from ketacost.estimate.calendar import Calendar, calendar
from ketacost.estimate.cash_flow import Entry
from ketacost.estimate.estimate import how_often, spread
from ketacost.estimate.outlook import Outlook, Worth, worth
from ketacost.estimate.scenario import AS_IT_IS, Scenario
from ketacost.estimate.superbills import superbills
from ketacost.model.coverage import STEPS
from ketacost.model.payers import Payer, Step, payer, step, treatment_of
from ketacost.reports.statement import OUTCOMES, Column, Statement

SAID = {"denied": "Denied", "visits only": "Visits only", "infusions too": "Infusions too"}


def tenths(chance: Fraction) -> str:
    """A chance as people understand it: "3 in 10", "1 in 50", "never" and "always" at the ends."""
    if chance in (0, 1):
        return "always" if chance else "never"
    if chance >= Fraction(19, 20):
        return "nearly always"
    if chance < Fraction(1, 12):
        return f"1 in {round(1 / chance):,}"
    return f"{max(round(chance * 10), 1)} in 10"


def odds(scenario: Scenario) -> Statement:
    """What this payer says to this treatment, how often, and how good the sources of that are."""
    who, treatment = _payer_of(scenario), treatment_of(scenario.course.protocol)
    chances = who.chances(treatment)
    rows = tuple(
        (
            SAID[outcome],
            tenths(Fraction(c.central, WHOLE)),
            f"{tenths(Fraction(c.low, WHOLE))} to {tenths(Fraction(c.high, WHOLE))}",
            c.grade,
            c.why,
        )
        for outcome, c in chances.items()
    )
    columns = tuple(
        Column(n, h)
        for n, h in (
            ("outcome", "The plan pays for"),
            ("chance", "How often"),
            ("range", "Could be"),
            ("grade", "Grade"),
            ("why", "What it rests on"),
        )
    )
    rule = who.rules.get(treatment, "")
    headline = f"{who.label}: {who.words}." if who.words else f"{who.label}."
    return Statement(headline, f"The odds with {who.label}", columns, rows, footnote=f"{rule} {who.differs}".strip())


def ends_statement(outlook: Outlook) -> Statement:
    """Every way it can end: how likely, what is decided when, what comes back and what the patient pays in all."""
    columns = (
        Column("branches", "What happens"),
        Column("chance", "How often"),
        Column("percent", "Chance"),
        Column("decided", "Decided by"),
        Column("check", "First check, about"),
        Column("back", "Sent back", True),
        Column("cost", "Steps cost", True),
        Column("you_pay", "You pay in all", True),
    )
    rows = tuple(
        (
            ", then ".join(one.end.branches),
            tenths(one.end.chance),
            f"{float(one.end.chance):.1%}",
            one.decided.isoformat(),
            one.first_check[len(one.first_check) // 2].isoformat() if one.first_check else "none",
            one.totals.plan_pays,
            one.end.cost,
            one.you_pay,
        )
        for one in sorted(outlook.ends, key=lambda one: -one.end.chance)
    )
    best, worst = outlook.best.you_pay, outlook.worst.you_pay
    if best == worst:
        headline = f"You pay {about(best)} whatever the plan says."
    else:
        often = {
            amount: tenths(sum((one.end.chance for one in outlook.ends if one.you_pay == amount), Fraction(0)))
            for amount in (best, worst)
        }
        ends = f"{about(best)} at best ({often[best]}), {about(worst)} at worst ({often[worst]})"
        headline = f"On average you pay {about(outlook.expected_cents)}: {ends}."
    return Statement(headline, "Every way it can end, likeliest first", columns, rows)


def worth_statement(scenario: Scenario) -> Statement:
    """Which step is worth taking: what it saves when it works, how often it works, and when it pays for its effort."""
    found = worth(scenario)
    columns = (
        Column("step", "Step"),
        Column("chance", "Works"),
        Column("saves", "Saves if it works", True),
        Column("expects", "Saves on average", True),
        Column("cost", "Fees and time", True),
        Column("needs", "Worth it from a chance of"),
        Column("verdict", "So"),
    )
    rows = tuple((w.label, percent(w.chance), w.saves, w.expects, w.cost, _needs(w), _verdict(w)) for w in found)
    good = [w.label for w in found if w.worth_it]
    headline = (
        f"Worth taking at these odds: {', '.join(good)}." if good else "At these odds no step saves more than it costs."
    )
    return Statement(headline, "Steps, in the order they can be taken", columns, rows)


def steps_statement(scenario: Scenario) -> Statement:
    """What can be done to get paid under this payer's law: within which time, how long an answer takes, and for which denials."""
    who = payer(scenario.payer)
    columns = tuple(
        Column(n, h)
        for n, h in (
            ("step", "Step"),
            ("within", "Do it within"),
            ("decided", "Answer within"),
            ("works", "Works for this treatment"),
            ("only_for", "For"),
            ("citations", "It rests on"),
        )
    )
    treatment = treatment_of(scenario.course.protocol)
    found = [rule for name in STEPS if (rule := step(who.law, name))]
    rows = tuple(
        (rule.label, rule.within, _decision(rule), str(rule.chance_for(treatment) or ""), rule.only_for, _grades(rule))
        for rule in found
    )
    headline = (
        f"{who.label}: {len(found)} steps are known under its law ({who.law})."
        if found
        else f"{who.label}: no step was found."
    )
    return Statement(headline, "Steps, deadlines and their sources", columns, rows)


def superbill_statement(answer: Answer, *, every_days: int = 30, fee: int = 0) -> Statement:
    """Each visit's superbill: paid when, filed when and by when, what comes back and when."""
    bills = superbills(answer, every_days=every_days, fee=fee)
    columns = (
        Column("visit", "Visit"),
        Column("paid", "Paid to the clinic", True),
        Column("filed", "Filed"),
        Column("file_by", "File by"),
        Column("outcome", "What the plan does"),
        Column("back", "Sent back", True),
        Column("check", "Check between"),
        Column("note", "Watch"),
    )
    rows = tuple(
        (
            b.service_date.isoformat(),
            b.paid_to_clinic,
            b.filed.isoformat(),
            " to ".join(dict.fromkeys(day.isoformat() for day in b.file_by)),
            OUTCOMES[b.outcome],
            b.back - b.fee,
            f"{b.check[0]} and {b.check[-1]}" if b.check else "",
            b.late,
        )
        for b in bills
    )
    back, paid = sum(b.back - b.fee for b in bills), sum(b.paid_to_clinic for b in bills)
    first = next((b.check[len(b.check) // 2] for b in bills if b.check), None)
    told = f"the first check comes about {first:%B %Y}" if first else "no check comes"
    headline = f"You pay the clinic {about(paid)} and get {about(back)} back; {told}."
    return Statement(
        headline, "Superbills, in order of the visits", columns, rows, ("Total", paid, "", "", "", back, "", "")
    )


def routes_statement(scenario: Scenario) -> Statement:
    """The routes side by side: what the patient pays, what the plan pays, the visits, hours and days they take."""
    found = alternatives(scenario)
    columns = (
        Column("route", "Route"),
        Column("you_pay", "You pay", True),
        Column("plan_pays", "Plan pays", True),
        Column("visits", "Visits"),
        Column("hours", "Hours in the chair"),
        Column("driver", "Driver needed"),
        Column("last", "Last visit"),
        Column("odds", "Chance that the plan pays"),
        Column("note", "Note"),
    )
    open_ones = [route for route in found if route.answer]
    rows = tuple(_route_row(route) for route in found)
    least = min(open_ones, key=lambda r: r.answer.you_pay if r.answer else 0)
    cheapest = f"{about(least.answer.you_pay if least.answer else 0)} ({least.label})"
    headline = f"{len(open_ones)} of {len(found)} routes are open; by money alone the least is {cheapest}."
    return Statement(headline, "Routes, in a fixed order", columns, rows)


def disagreement_statement(scenario: Scenario) -> Statement:
    """Why free calculators disagree about the same patient: five ways to work out what the insurer pays."""
    found = disagreements(scenario)
    columns = (Column("way", "Worked out as"), Column("plan_pays", "Insurer pays", True), Column("why", "What that is"))
    amounts = [m.plan_pays for m in found]
    headline = f"The same patient, five calculators: the insurer pays {about(min(amounts))} to {about(max(amounts))}."
    return Statement(headline, "Why calculators disagree", columns, tuple((m.label, m.plan_pays, m.why) for m in found))


def methods_statement(scenario: Scenario) -> Statement:
    """How far the answer moves with the way the plan sets its allowed amounts."""
    found = methods_table(scenario)
    columns = (
        Column("method", "If the plan counts"),
        Column("allowed", "For one visit", True),
        Column("plan_pays", "Plan pays", True),
        Column("you_pay", "You pay", True),
        Column("why_not", "Note"),
    )
    rows = tuple(
        (row.method, *("" if a is None else a for a in (row.allowed, row.plan_pays, row.you_pay)), row.why_not)
        for row in found
    )
    paid = [row.you_pay for row in found if row.you_pay is not None]
    headline = (
        f"By how the plan prices, you pay {about(min(paid))} to {about(max(paid))}."
        if paid
        else "No method can price this course."
    )
    return Statement(headline, "Methods of setting the allowed amount", columns, rows)


def _route_row(route: Route) -> tuple[object, ...]:
    if route.answer is None:
        return route.label, "not open", "", "", "", "", "", "", route.note
    hours = f"{route.minutes / 60:.0f}" if route.minutes else "not known"
    totals = route.answer.totals
    return (
        route.label,
        totals.you_pay,
        totals.plan_pays,
        route.visits,
        hours,
        route.driver,
        str(route.last_day),
        route.odds,
        route.note,
    )


def _decision(rule: Step) -> str:
    if not rule.decision_days:
        return "not known"
    later = rule.decision_days != rule.decision_days_before
    return f"{rule.decision_days} days{f' ({rule.decision_days_before} before treatment)' if later else ''}"


def _grades(rule: Step) -> str:
    return "; ".join(dict.fromkeys(f"{citation.source.organisation} ({citation.grade})" for citation in rule.citations))


def _needs(step: Worth) -> str:
    if step.break_even is None:
        return "no chance is enough"
    return "any" if not step.break_even else percent(step.break_even)


def _verdict(step: Worth) -> str:
    if not step.saves:
        return "It would bring no money here"
    return "Worth it" if step.worth_it else "Not by money alone"


def _payer_of(scenario: Scenario) -> Payer:
    return payer(scenario.payer)


PARTS = {
    "federal": "Federal income tax",
    "oasdi": "Social Security",
    "hi": "Medicare",
    "additional_medicare": "Additional Medicare tax",
    "state": "State income tax",
    "levy": "State levies on pay",
    "local": "County or city tax",
}


def tax_statement(answer: Answer) -> Statement:
    """What the accounts save in tax: each tax without them, with them, and the difference."""
    found = tax_effect(answer)
    kept = [(label, name) for name, label in PARTS.items() if getattr(found.saving.without, name)]
    columns = (
        Column("tax", "Tax"),
        Column("without", "Without", True),
        Column("with", "With", True),
        Column("saved", "Saved", True),
    )
    rows = tuple(
        (label, *(getattr(taxes, name) for taxes in (found.saving.without, found.saving.having, found.saving.saved)))
        for label, name in kept
    )
    total = ("Total", found.saving.without.total, found.saving.having.total, found.saving.total)
    unused = f" {about(found.unused)} of it is more than you pay in {found.year}." if found.unused else ""
    put_in, saved = about(found.saving.amount), shown(found.saving.total)
    headline = f"{put_in} put in saves {saved} in tax; after that the course costs you {about(found.net)}.{unused}"
    return Statement(
        headline,
        f"Taxes of {found.year}",
        columns,
        rows,
        total,
        " ".join(f"{told}." for told in (*account_notes(answer.scenario), *found.saving.marks)),
    )


def funding_statement(answer: Answer) -> Statement:
    """Who pays each visit's part, in the order of the visits."""
    found = funding_of(answer)
    names = list(dict.fromkeys(paid.source for one in found for paid in one.paid))
    columns = (
        Column("day", "Visit"),
        Column("amount", "You owe", True),
        *(Column(n, n[0].upper() + n[1:], True) for n in names),
    )
    rows = tuple(
        (one.part.day.isoformat(), one.part.amount, *(sum(p.amount for p in one.paid if p.source == n) for n in names))
        for one in found
    )
    owed = sum(one.part.amount for one in found)
    sums = (owed, *(sum(p.amount for one in found for p in one.paid if p.source == n) for n in names))
    told = ", ".join(f"{name} {about(amount)}" for name, amount in zip(names, sums[1:], strict=True))
    return Statement(f"Who pays: {told}.", "Who pays each visit, first what expires", columns, rows, ("Total", *sums))


def election_statement(scenario: Scenario) -> Statement:
    """How much to elect for a health FSA: the tax it is expected to save less what it is expected to lose."""
    advice = advise_fsa(scenario)
    columns = tuple(
        Column(n, h, True)
        for n, h in (
            ("election", "Elect"),
            ("saving", "Saves in tax"),
            ("forfeiture", "Expected to be lost"),
            ("value", "Worth"),
        )
    )
    step = max(len(advice.curve) // 12, 1)
    points = [*advice.curve[::step], advice.best]
    rows = tuple(
        (p.election, *(whole_cents(amount) for amount in (p.saving, p.forfeiture, p.value)))
        for p in sorted(set(points), key=lambda p: p.election)
    )
    return Statement(advice.sentence, f"Elections for {household_of(scenario).year}", columns, rows)


def hsa_months(holder: Holder, year: int) -> Statement:
    """Whether an HSA may be funded, month by month, and what stands in the way."""
    found = months(holder, year)
    columns = (Column("month", "Month"), Column("eligible", "HSA"), Column("why", "What stands in the way"))
    rows = tuple(
        (f"{year}-{number:02d}", "yes" if not state.why_not else "no", state.why_not)
        for number, state in enumerate(found, 1)
    )
    good = sum(row[1] == "yes" for row in rows)
    return Statement(f"{good} of 12 months of {year} allow an HSA.", f"HSA by month, {year}", columns, rows)


def hsa_limit(holder: Holder, year: int, *, put_in: int = 0) -> Statement:
    """How much may go into an HSA in a year, by its eligible months and by the last-month rule, and what is too much."""
    found = limit(holder, year)
    rows = [("By the months that allow it", found.by_months), ("At most, under the last-month rule", found.total)]
    told = (
        "To keep the last-month rule's part one stays eligible through the next year." if found.last_month_rule else ""
    )
    if over := excess(found, year, mine=put_in):
        rows.append(("Too much put in", over.amount))
        told = f"{told} {shown(over.amount)} is too much: take it out by {over.out_by}, or pay {shown(over.tax_a_year)} a year."
    headline = f"Up to {shown(found.total)} may go into an HSA in {year}."
    return Statement(
        headline,
        f"HSA limit of {year}",
        (Column("rule", "Rule"), Column("amount", "Amount", True)),
        tuple(rows),
        footnote=told.strip(),
    )


def programs_statement() -> Statement:
    """Programs that help to pay: for whom, what they give, within which limits, and who says so."""
    columns = tuple(
        Column(n, h)
        for n, h in (
            ("program", "Program"),
            ("who", "For whom"),
            ("gives", "What it gives"),
            ("limits", "Limits"),
            ("source", "Says"),
            ("grade", "Grade"),
        )
    )
    found = tuple(
        (
            row["item"],
            row["eligibility"],
            " ".join(filter(None, (row["rule"], row["value"], row["unit"]))),
            row["limits"],
            str(source(row["source"])),
            row["grade"],
        )
        for row in rows("programs")
    )
    return Statement(
        f"{len(found)} programs were found; ask each for its present terms.",
        "Programs that help to pay",
        columns,
        found,
    )


def spread_statement(scenario: Scenario) -> Statement:
    """Every case of what is not known, in one table: how low, how high, 8 of 10 cases, and what each unknown may be."""
    found = spread(scenario)
    columns = (
        Column("what", "What is not known"),
        Column("value", "Could be"),
        Column("odds", "How often"),
        Column("mean", "You pay then, on average", True),
        Column("why", "Where the odds come from"),
    )
    rows = []
    for place, one in enumerate(found.unknowns):
        for number, (value, odds) in enumerate(zip(one.values, one.odds, strict=True)):
            some = [case for case in found.cases if case.choice[place] == number]
            whole = sum((case.chance for case in some), Fraction(0))
            mean = (
                whole_cents(sum((case.chance * case.net for case in some), Fraction(0)) / whole)
                if whole
                else "only for the ends"
            )
            told = f"{_shown_now(scenario, one.path)} (as it stands)" if value == AS_IT_IS else value
            rows.append((one.label if not number else "", told, how_often(odds), mean, one.why if not number else ""))
    headline = f"{found.sentence} On average it is {about(found.expected_cents)}."
    ends = f"At the lowest it is {about(found.low)}, at the highest {about(found.high)}."
    return Statement(headline, "What is not known", columns, tuple(rows), footnote=" ".join((ends, *found.notes)))


def _shown_now(scenario: Scenario, path: str) -> str:
    """An entry as it stands, as people write it; a whole side of a plan as "yes"."""
    now = get(scenario, path)
    return "yes" if isinstance(now, dict) else str(now)


def ask_next_statement(scenario: Scenario, routes: tuple[str, ...] = COMPARED) -> Statement:
    """What to ask next, first what is worth most, with the words to read aloud and what the answer would change."""
    asked = ask_next(scenario, routes)
    columns = (
        Column("sentence", "Ask"),
        Column("who", "Whom"),
        Column("why", "Why"),
        Column("swing", "Moves the average by up to", True),
        Column("width_now", "8 of 10 cases: width now", True),
        Column("width_known", "Width once known", True),
        Column("route_changes", "Another way would cost least"),
        Column("sentence_es", "In Spanish"),
    )
    rows = tuple(
        (
            one.sentence,
            f"the {one.who}",
            one.why,
            one.swing,
            one.width_now,
            one.width_known,
            how_often(one.route_changes),
            one.sentence_es,
        )
        for one in asked
    )
    headline = f"Ask the {asked[0].who} next: {asked[0].sentence}" if asked else "Nothing is marked as not known."
    footnote = (
        "In this order: what could change which way costs least, then what narrows the range, then what moves the average. "
        "Ways to treatment differ in more than cost; cost alone does not decide."
    )
    return Statement(headline, "What to ask next", columns, rows, footnote=footnote if asked else "")


def questions_statement(scenario: Scenario) -> Statement:
    """The questions for the plan's own estimate, in the order to ask them, with the rule that gives the right to it."""
    found = questions_for_plan(scenario)
    says, _, rests_on, citations = right()
    columns = (
        Column("who", "Whom"),
        Column("ask", "Ask"),
        Column("why", "Why"),
        Column("answer", "Answer"),
        Column("ask_es", "In Spanish"),
    )
    rows = tuple((f"the {one.who}", one.ask, one.why, "", one.ask_es) for one in found)
    told = f"{says} {rests_on} Sources: {'; '.join(map(str, citations))}."
    number = sum(one.who == "insurer" for one in found)
    headline = f"{number} questions for the plan, {len(found) - number} for the clinic: ask before the first visit."
    return Statement(headline, "Questions for the plan's estimate", columns, rows, footnote=told)


OUT = {
    "clinic": ("To the clinic", ("deposit", "package", "visit")),
    "accounts_in": ("Into accounts", ("contribution",)),
    "loan_paid": ("To the lender", ("loan",)),
    "other_out": ("Other costs", ()),
}


BACK = {
    "plan_back": ("Back from the plan", ("check", "appeal check")),
    "accounts_back": ("Back from accounts", ("fsa", "hsa", "kept")),
    "tax": ("Less tax", ("tax",)),
    "lent": ("Lent to you", ("loan",)),
    "other_back": ("Other help and refunds", ()),
}
"""What goes out and what comes back, by groups of kinds; a group without kinds takes the rest of its side."""


def calendar_statement(answer: Answer) -> Statement:
    """What goes out and comes back in each month, the sum so far, and what is still to come for what was paid by then."""
    found = calendar(answer)
    sums: dict[tuple[date, str], int] = {}
    for entry in found.entries:
        place = (entry.day.replace(day=1), group(entry))
        sums[place] = sums.get(place, 0) + abs(entry.cents)
    met = {name for _, name in sums}
    groups = [(name, heading) for name, (heading, _) in (*OUT.items(), *BACK.items()) if name in met]
    columns = (
        Column("month", "Month"),
        *(Column(name, heading, True) for name, heading in groups),
        Column("running", "Sum so far", True),
        Column("still_to_come", "Still to come", True),
    )
    rows = tuple(
        (
            f"{month.first_day:%b %Y}",
            *(sums.get((month.first_day, name), 0) for name, _ in groups),
            month.running,
            month.waiting_for,
        )
        for month in found.months
    )
    totals = (sum(cents for (_, name), cents in sums.items() if name == one) for one, _ in groups)
    told = [*found.notes]
    if found.entries_of("check", "appeal check"):
        told.insert(0, "Each check stands on its likely day and may come weeks earlier or later")
    note = " ".join(f"{one.rstrip('.')}." for one in told)
    return Statement(found.headline, "Money by month", columns, rows, ("Total", *totals, found.net, 0), note)


def group(entry: Entry) -> str:
    """The group that an entry is told under, by its kind and which way it goes."""
    side = OUT if entry.cents > 0 else BACK
    return next((name for name, (_, kinds) in side.items() if entry.kind in kinds), list(side)[-1])


def running(found: Calendar) -> tuple[tuple[date, int], ...]:
    """The sum so far at the end of each day on which money moves."""
    sums: dict[date, int] = {}
    total = 0
    for entry in found.entries:
        total += entry.cents
        sums[entry.day] = total
    return tuple(sums.items())


Compared = Comparison | Scenario | Mapping[str, Scenario] | Sequence[Scenario]


NOT_ALONE = "Other treatments work in other ways: cost alone does not decide between them."


def compare_statement(what: Compared, over: object = None, order: str = ORDERS[0]) -> Statement:
    """Ways beside each other: a comparison, scenarios by name or in a list, or one scenario for its routes.

    Each row has what is most likely, how low and high it can be, what it is in 8 of 10 cases, and the cash it needs; the
    comparison itself holds more. `over`, in dollars, adds how often the way costs more than that. Raises as `compare` does.
    """
    found = comparison_of(what, over, order)
    columns = (
        Column("way", "Way"),
        *(
            Column(name, heading, True)
            for name, heading in (
                ("likely", "Most likely"),
                ("low", "As low as"),
                ("high", "As high as"),
                ("p10", "8 of 10: from"),
                ("p90", "8 of 10: to"),
                ("peak", "Most cash at one time"),
            )
        ),
        *([Column("over", f"More than {about(found.over)}")] if found.over is not None else []),
        Column("visits", "Visits"),
        Column("last", "Last visit"),
        *([Column("odds", "Chance that the plan pays")] if any(side.odds for side in found.options) else []),
        *([Column("note", "Note")] if any(side.note for side in found.options) else []),
    )
    rows = tuple(_row(side, columns, found.over) for side in found.options)
    other = [NOT_ALONE] if any(not side.same_treatment for side in found.options) else []
    return Statement(found.headline, f"Ways, {_order(found)}", columns, rows, footnote=" ".join([*other, *found.notes]))


def comparison_of(what: Compared, over: object = None, order: str = ORDERS[0]) -> Comparison:
    """A comparison as it is, one scenario as its routes, and scenarios as the ways that they are."""
    if isinstance(what, Comparison):
        return what
    return compare_routes(what, over, order) if isinstance(what, Scenario) else compare(what, over, order)


def _row(side: Option, columns: tuple[Column, ...], over: int | None) -> tuple[object, ...]:
    if side.likely is None:
        blank = {"way": _named(side), "likely": "not open", "note": side.note}
        return tuple(blank.get(column.name, "") for column in columns)
    cells = side._asdict() | {
        "way": _named(side),
        "over": "" if side.chance_over is None else tenths(side.chance_over),
        "last": str(side.last_day),
    }
    return tuple(cells[column.name] for column in columns)


def _named(side: Option) -> str:
    return side.name if side.same_treatment or not side.treatment else f"{side.name} (another treatment)"


def _order(found: Comparison) -> str:
    return "in the order given" if found.order == ORDERS[0] else found.order


def start_statement(scenario: Scenario, months: int = HORIZON) -> Statement:
    """What the course comes to by its first visit: starts beside each other that come to the same stand in one row.

    The dates that matter are told below the table, and that waiting has a cost which is not counted.
    """
    found = starts(scenario, months)
    columns = (
        Column("first", "Start from"),
        Column("last", "to"),
        Column("net", "You pay in the end", True),
        Column("peak", "Most cash at one time", True),
        Column("back", "Plan pays", True),
        Column("years", "Plan years with a deductible to pay"),
        *([Column("why", "What stands in the way")] if any(one.net is None for one in found) else []),
    )
    return Statement(
        headline(found),
        "By the date of the first visit",
        columns,
        tuple(row[: len(columns)] for row in _rows(found)),
        footnote=" ".join([*(one.sentence for one in key_dates(found)), WAITING]),
    )


def _rows(found: Sequence[Start]) -> Iterator[tuple[object, ...]]:
    """Neighbours that come to the same, as one row; those that cannot be, with the reason."""

    def same(one: Start) -> tuple[object, ...]:
        if one.net is None:
            return None, one.why
        return one.net, one.peak, one.back, len(one.facts.deductible_years) if one.facts else 0

    for key, group in groupby(found, key=same):
        days = [one.day for one in group]
        ends = days[0].isoformat(), days[-1].isoformat()
        yield (*ends, *key, "") if key[0] is not None else (*ends, "cannot be", "", "", "", key[1])
