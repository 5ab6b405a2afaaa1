"""Why a figure on the page is what it is: plain sentences, line by line to the cent, with the sources behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ketacost.core.dates import us_day
from ketacost.core.fields import unknown
from ketacost.core.money import percent, shown
from ketacost.core.references import Citation
from ketacost.core.words import capital
from ketacost.estimate.answer import Answer, Totals
from ketacost.estimate.cash_flow import Entry
from ketacost.estimate.estimate import Estimate, Looked
from ketacost.estimate.explain import bounds, citations_by_kind, cut, label_of, steps
from ketacost.estimate.sentences import costliest, pays_alone
from ketacost.model.adjudication import Claim
from ketacost.reports.outcomes import answered, as_people_say, could_be
from ketacost.reports.statement import AFTER_THE_BILL, PARTS, after_the_bill


class Reason(NamedTuple):
    """A figure with the sentences that lead to it and the sources behind it."""

    title: str
    sentences: tuple[str, ...]
    citations: tuple[Citation, ...]


HOW: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "charge": ("The clinic charges {amount}.", ("schedule", "charge", "code")),
    "allowed": ("The plan counts {amount}{how}.", ("allowed", "code")),
    "not_covered": ("{why}: {amount} is yours.", ("plan",)),
    "balance_bill": ("{charge} less {counted} is {amount}.", ("charge", "allowed")),
    "write_off": ("{charge} less {counted} is {amount}; nobody pays it.", ("charge", "allowed")),
    "copay": ("{amount}, a set amount for the visit.", ("plan",)),
    "deductible": ("{amount} of it: {left} of the deductible was left{rest}.", ("plan", "allowed")),
    "coinsurance": ("{share} of {base}: {amount}{cut}.", ("plan", "allowed")),
    "plan_pays": ("{counted} less your part of {yours}: {amount}.", ("plan", "allowed")),
    "you_pay": ("of {charge}{off}{pays}, {amount} is yours.", ("schedule", "charge", "plan", "allowed")),
}
"""How one line's part of the bill is worked out, in a sentence, and the kinds of sources behind it."""

MONEY = ("charge", "plan", "allowed")
"""The kinds of sources behind every amount."""


def reason(estimate: Estimate, figure: str) -> Reason:
    """Why a figure is what it is.

    Figures: the parts of the bill, the steps from there to the net, net, low and high (the ends of 8 of 10 cases),
    dearest, waiting, month:2027-01, line:3. Raises UnknownName for a figure that is none of them.
    """
    name, _, at = figure.partition(":")
    if name in PARTS:
        return _part(estimate.shown, name)
    if name in AFTER_THE_BILL:
        return _step(estimate, name)
    if name not in OTHERS:
        raise unknown("figure", figure, (*PARTS, *AFTER_THE_BILL, *OTHERS))
    return OTHERS[name](estimate, at)


def _part(answer: Answer, name: str) -> Reason:
    sentences = [sentence for claim in answer.claims if (sentence := _sentence(claim, name))]
    total = getattr(answer.totals, name)
    together = f"Together: {shown(total)}." if sentences else "No line of the bill has any: $0.00."
    sources = _citations(answer, *HOW[name][1])
    return Reason(f"{PARTS[name].label}: {shown(total)}", (*sentences, together), sources)


def _sentence(claim: Claim, name: str) -> str:
    """How one line's part comes about; "" where the line has none of it."""
    amount: int = getattr(Totals.of((claim,)), name)
    own: int = getattr(Totals.of((claim.own,)), name)
    if not (amount or own):
        return ""
    parts, terms, counted = claim.own.split, claim.terms, min(claim.allowed, claim.line.charge)
    yours = parts.copay + parts.deductible + parts.coinsurance
    sentence = HOW[name][0].format(
        amount=shown(own),
        charge=shown(claim.line.charge),
        counted=shown(counted),
        how="" if claim.allowed < claim.line.charge else ", the whole charge",
        why=f"Not covered ({claim.why_not})" if claim.why_not else "Not covered",
        left=shown(claim.left.deductible),
        rest=f", {shown(claim.left.deductible - parts.deductible)} is left now" if claim.left.deductible else "",
        share=percent(terms.coinsurance),
        base=f"{shown(claim.share_of)}{bounds(claim)}",
        cut=cut(claim),
        yours=shown(yours),
        off=f" less {shown(parts.write_off)} written off" if parts.write_off else "",
        pays=f" less {shown(parts.plan_pays)} that the plan pays" if parts.plan_pays else "",
    )
    after = f" After the second plan: {shown(amount)}." if amount != own else ""
    return f"{us_day(claim.line.date)}, {label_of(claim)}: {capital(sentence)}{after}"


def _step(estimate: Estimate, name: str) -> Reason:
    """One step from what is owed to the net: the payments that it is the sum of, where there are any."""
    found = next((step for step in after_the_bill(estimate) if step.id == name), None)
    amount = abs(found.cents) if found else 0
    kind = name.replace("_", " ").removesuffix("s")  # of the dated payments that it sums, if any
    moved = tuple(map(_moved, estimate.calendar.entries_of(kind)))
    note = estimate.main.bottom.note
    sentences = (*moved, *((note,) if note and name in ("tax_saved", "lost") else ()), f"Together: {shown(amount)}.")
    return Reason(f"{found.label if found else 'None'}: {shown(amount)}", sentences, _citations(estimate.shown, "tax"))


def _net(estimate: Estimate, at: str) -> Reason:
    """From the charge to the net of the shown case."""
    if not estimate.steps_to_net:
        return Reason("Nothing is paid", ("No visit takes place, so nothing is owed.",), ())
    first, *rest = estimate.steps_to_net
    sentences = [f"{first.label} {shown(first.cents)}."]
    signs = {True: "Plus", False: "Less"}
    sentences += [f"{signs[step.cents > 0]} {shown(abs(step.cents))}: {step.label}." for step in rest if step.cents]
    bottom = estimate.main.bottom
    if bottom.kept:
        sentences.append(f"{shown(bottom.kept)} stays in an account: it is still yours, so it is not a cost.")
    sentences.append(f"Together: {shown(bottom.net)}.")
    if not pays_alone(estimate):
        sentences.insert(0, f"This is the case in which {answered(estimate)}.")
    sources = _citations(estimate.shown, *MONEY, "tax")
    return Reason(f"What you pay in the end: {shown(bottom.net)}", tuple(sentences), sources)


def _tenth(estimate: Estimate, which: str) -> Reason:
    """The lower or the upper end of 8 of 10 cases: an example with that cost, and what is not known."""
    net: int = getattr(estimate, which)
    side, word = ("less", "From") if which == "p10" else ("more", "To")
    first = f"At most 1 in 10 cases cost {side}."
    case = min(estimate.whole_cases, key=lambda looked: (abs(looked.net - net), -looked.chance))
    citations = dict.fromkeys(citation for entry in estimate.unknowns for citation in entry.citations)
    open_entries = [f"{entry.label}: {could_be(entry)}. {entry.why}" for entry in estimate.unknowns]
    sentences = (first, *_example(estimate, case), *open_entries, *estimate.notes[-2:])
    sources = (*citations, *_citations(estimate.shown, *MONEY))
    return Reason(f"8 of 10 cases. {word} {shown(net)}", sentences, tuple(dict.fromkeys(sources)))


def _example(estimate: Estimate, case: Looked) -> tuple[str, ...]:
    """The values of what is not known in one case, and its cost."""
    group = next(group for group in estimate.groups if case in group.looked)
    labels = {entry.path: entry.label for entry in estimate.unknowns}
    values = (
        [f"The plan covers {as_people_say('coverage', case.ending.end.outcome)}."]
        if len(estimate.scenario.ranges)
        else []
    )
    values += [
        f"{labels.get(path, path)}: {as_people_say(path, value)}."
        for path, value in group.cases.where(case.choice).items()
    ]
    return ("An example:", *values, f"Then you pay {shown(case.net)}.") if values else ()


def _dearest(estimate: Estimate, at: str) -> Reason:
    first, cents = estimate.dearest_month
    if first is None:
        return Reason("Costliest month: none", ("You pay nothing out of your own pocket.",), ())
    title = f"{costliest(estimate).capitalize()}: {shown(cents)} in {first:%B %Y}"
    own = "This counts what you pay out of your own pocket, not what an account, help or a loan pays at once."
    return Reason(
        title, (*_moved_in(estimate, f"{first:%Y-%m}"), own), _citations(estimate.shown, "schedule", "charge")
    )


def _waiting(estimate: Estimate, at: str) -> Reason:
    """What checks still owe on the day on which they owe most."""
    cents, day = estimate.most_waiting
    if day is None:
        return Reason("Nothing comes back later", ("No check is due.",), ())
    kinds = ("check", "appeal check", "refund", "rebate")
    due = [entry for entry in estimate.calendar.entries_of(*kinds) if entry.cents < 0 and entry.day > day]
    first = f"On {us_day(day)} you are owed {shown(cents)}. What comes after that day:"
    title = f"Most owed to you in checks: {shown(cents)}"
    return Reason(title, (first, *map(_moved, due)), _citations(estimate.shown, "schedule", "charge"))


def _month(estimate: Estimate, at: str) -> Reason:
    sentences = _moved_in(estimate, at) or ("No money moves in this month.",)
    return Reason(f"Money in {at}", sentences, _citations(estimate.shown, "schedule", "charge"))


def _moved_in(estimate: Estimate, month: str) -> tuple[str, ...]:
    return tuple(_moved(entry) for entry in estimate.calendar.entries if entry.day.isoformat().startswith(month))


def _line(estimate: Estimate, at: str) -> Reason:
    charged = [claim for claim in estimate.shown.claims if claim.line.charge]
    if not at.isdigit() or int(at) >= len(charged):
        raise unknown("line", at, tuple(str(i) for i in range(len(charged))))
    claim = charged[int(at)]
    title = f"{us_day(claim.line.date)}, {label_of(claim)}: you pay {shown(claim.you_pay)}"
    return Reason(title, steps(claim, alone=pays_alone(estimate)), _citations(estimate.shown, *MONEY, "code"))


def _moved(entry: Entry) -> str:
    return f"{us_day(entry.day)}: {entry.label}: {shown(abs(entry.cents))} {'out' if entry.cents > 0 else 'back'}."


def _citations(answer: Answer, *kinds: str) -> tuple[Citation, ...]:
    by_kind = citations_by_kind(answer)
    return tuple(dict.fromkeys(citation for kind in kinds for citation in by_kind[kind]))


OTHERS: Mapping[str, Callable[[Estimate, str], Reason]] = {
    "net": _net,
    "low": lambda estimate, at: _tenth(estimate, "p10"),
    "high": lambda estimate, at: _tenth(estimate, "p90"),
    "dearest": _dearest,
    "waiting": _waiting,
    "month": _month,
    "line": _line,
}
"""The figures that are no part of one bill."""
