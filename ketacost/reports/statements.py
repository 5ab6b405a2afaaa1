"""Statements of what a plan may say and what to do about it: odds, ends of a path, steps worth taking, superbills, routes."""

from __future__ import annotations

from fractions import Fraction

from ketacost.analysis.allowed_methods import methods_table
from ketacost.analysis.alternatives import Route, alternatives, disagreements
from ketacost.core.money import WHOLE, about, percent
from ketacost.estimate.answer import Answer
from ketacost.estimate.outlook import Outlook, Worth, worth
from ketacost.estimate.scenario import Scenario
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
