"""Why a figure on the page is what it is: plain sentences, line by line to the cent, with the sources behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import NamedTuple

from ketacost.core.fields import KetacostError, unknown
from ketacost.core.money import percent, shown, usd
from ketacost.core.references import Citation
from ketacost.estimate.answer import Answer, Totals
from ketacost.estimate.calendar import bottom_line, calendar
from ketacost.estimate.cash_flow import Entry
from ketacost.estimate.estimate import how_often, spread
from ketacost.estimate.explain import citations_by_kind, label_of, steps
from ketacost.estimate.unknowns import label_of_entry
from ketacost.model.adjudication import Claim
from ketacost.model.cost_sharing import UNLIMITED
from ketacost.reports.statement import PARTS


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


def reason(answer: Answer, figure: str) -> Reason:
    """Why a figure is what it is. Figures: the parts of the bill, low, high, net, spread, peak, month:2027-01, line:3.

    Raises UnknownName for a figure that is none of them.
    """
    name, _, at = figure.partition(":")
    if name in PARTS:
        return _part(answer, name)
    if name not in OTHERS:
        raise unknown("figure", figure, (*PARTS, *OTHERS))
    return OTHERS[name](answer, at)


def _part(answer: Answer, name: str) -> Reason:
    sentences = [sentence for claim in answer.claims if (sentence := _sentence(claim, name))]
    total = getattr(answer.totals, name)
    together = f"Together: {shown(total)}." if sentences else "No line of the bill has any of it: $0.00."
    sources = _citations(answer, *HOW[name][1])
    return Reason(f"{PARTS[name].label}: {shown(total)}", (*sentences, together), sources)


def _sentence(claim: Claim, name: str) -> str:
    """How one line's part comes about; "" where the line has none of it."""
    amount: int = getattr(Totals.of((claim,)), name)
    if not amount:
        return ""
    parts, terms, counted = claim.split, claim.terms, min(claim.allowed, claim.line.charge)
    yours = parts.copay + parts.deductible + parts.coinsurance
    base = counted if terms.coinsurance_on_allowed else counted - parts.deductible - parts.copay
    cut = claim.left.limit < UNLIMITED and yours >= claim.left.limit
    sentence = HOW[name][0].format(
        amount=shown(amount),
        charge=shown(claim.line.charge),
        counted=shown(counted),
        how="" if claim.allowed < claim.line.charge else ", the whole charge",
        why=f"Not covered ({claim.why_not})" if claim.why_not else "Not covered",
        left=shown(claim.left.deductible),
        rest=f", {shown(claim.left.deductible - parts.deductible)} is left now" if claim.left.deductible else "",
        share=percent(terms.coinsurance),
        base=shown(base),
        cut=f", cut to what was left of the out-of-pocket limit ({shown(claim.left.limit)})" if cut else "",
        yours=shown(yours),
        off=f" less {shown(parts.write_off)} written off" if parts.write_off else "",
        pays=f" less {shown(parts.plan_pays)} that the plan pays" if parts.plan_pays else "",
    )
    return f"{claim.line.date}, {label_of(claim)}: {sentence[0].upper()}{sentence[1:]}"


def _end(answer: Answer, which: str) -> Reason:
    """The "low" or "high" end of the cost: the value that each unknown entry has there."""
    nets = spread(answer.scenario)
    net: int = getattr(nets, which)
    case = next((case for case in nets.cases if case.net == net), None)
    values = nets.where(case) if case else getattr(answer, f"{which}_case")
    entries = [f"{label_of_entry(answer.scenario, path)}: {_as_people_say(value)}." for path, value in values.items()]
    first = f"The {which}est takes these values of what is not known:" if entries else "Everything is taken as entered."
    last = f"{nets.looked_at:,} of {nets.combinations:,} combinations were looked at. With these you pay {shown(net)}."
    return Reason(f"As {which} as {shown(net)}", (first, *entries, last), _citations(answer, *MONEY))


def _as_people_say(value: str) -> str:
    """A value of a range: dollars as dollars, everything else as entered."""
    try:
        return shown(usd(value))
    except KetacostError:
        return value


def _net(answer: Answer, at: str) -> Reason:
    bottom = bottom_line(answer.scenario, answer.claims)
    sentences = [f"What you pay for the visits after the plan: {shown(bottom.you_pay)}."]
    sentences += [f"{text}: {shown(getattr(bottom, name))}." for name, text in NET.items() if getattr(bottom, name)]
    if bottom.kept:
        sentences.append(f"{shown(bottom.kept)} stays in the HSA: it is still yours and no cost.")
    sentences.append(f"Together: {shown(bottom.net)}.")
    return Reason(f"Your net cost: {shown(bottom.net)}", tuple(sentences), _citations(answer, *MONEY, "tax"))


NET = {
    "steps": "Plus what the requests and appeals cost",
    "filing_fee": "Plus what a filing service keeps",
    "interest": "Plus interest and fees of the loan",
    "lost": "Plus FSA money that is lost",
    "assistance": "Less what others pay",
    "rebate": "Less the rebate",
    "tax_saved": "Less the tax saved",
}
"""What is added to the patient's part of the bills, and taken from it, to give the net cost."""


def _spread(answer: Answer, at: str) -> Reason:
    nets, sentences = spread(answer.scenario), []
    citations = dict[Citation, None]()
    for entry in nets.unknowns:
        chances = zip(entry.values, entry.odds, strict=True)
        odds = ", ".join(f"{_as_people_say(value)} ({how_often(chance)})" for value, chance in chances if chance)
        sentences.append(f"{entry.label}: {odds}. {entry.why}")
        citations |= dict.fromkeys(entry.citations)
    citations |= dict.fromkeys(_citations(answer, *MONEY))
    return Reason("In 8 of 10 cases", (*sentences, *nets.notes, nets.sentence), tuple(citations))


def _peak(answer: Answer, at: str) -> Reason:
    dated = calendar(answer)
    most, until = dated.peak
    entries = [entry for entry in dated.entries if until and entry.day <= until]
    sums = accumulate(entry.cents for entry in entries)
    so_far = "Out of pocket so far"
    sentences = tuple(f"{_moved(entry)} {so_far}: {shown(cents)}." for entry, cents in zip(entries, sums, strict=True))
    title = f"Most cash needed at one time: {shown(most)}"
    return Reason(title, sentences, _citations(answer, "schedule", "charge"))


def _month(answer: Answer, at: str) -> Reason:
    moved = tuple(_moved(entry) for entry in calendar(answer).entries if entry.day.isoformat().startswith(at))
    sentences = moved or ("No money moves in this month.",)
    return Reason(f"Money in {at}", sentences, _citations(answer, "schedule", "charge"))


def _line(answer: Answer, at: str) -> Reason:
    charged = [claim for claim in answer.claims if claim.line.charge]
    if not at.isdigit() or int(at) >= len(charged):
        raise unknown("line", at, tuple(str(i) for i in range(len(charged))))
    claim = charged[int(at)]
    title = f"{claim.line.date}, {label_of(claim)}: you pay {shown(claim.you_pay)}"
    return Reason(title, steps(claim), _citations(answer, *MONEY, "code"))


def _moved(entry: Entry) -> str:
    return f"{entry.day}: {entry.label}: {shown(abs(entry.cents))} {'out' if entry.cents > 0 else 'back'}."


def _citations(answer: Answer, *kinds: str) -> tuple[Citation, ...]:
    by_kind = citations_by_kind(answer)
    return tuple(dict.fromkeys(citation for kind in kinds for citation in by_kind[kind]))


OTHERS: Mapping[str, Callable[[Answer, str], Reason]] = {
    "low": lambda answer, at: _end(answer, "low"),
    "high": lambda answer, at: _end(answer, "high"),
    "net": _net,
    "spread": _spread,
    "peak": _peak,
    "month": _month,
    "line": _line,
}
"""The figures that are no part of one bill."""
