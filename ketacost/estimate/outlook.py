"""What a path costs: every end of the tree with its net, and the chain of steps that is worth its fees and time.

Amounts are the estimate's nets, in cents, with every unknown at its typical value. Steps are solved backward: going on
after a no is worth it if what it saves on average, with every later step open, is more than its fee and time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from ketacost.core.fields import KetacostError
from ketacost.core.money import WHOLE, Points, whole_cents
from ketacost.core.registry import kept
from ketacost.estimate.answer import Totals, scenario_of
from ketacost.estimate.scenario import Scenario, claims_of, network_of, usual_path
from ketacost.model.adjudication import Claim
from ketacost.model.courses import visits
from ketacost.model.coverage import DecisionPath, End, ends
from ketacost.model.denials import if_denied
from ketacost.model.payers import OUTCOMES, payer, step, treatment_of
from ketacost.model.protocols import service

COVERING = ("infusions too", "everything")
"""The answers that cover the treatment itself."""

DENIED, VISITS_ONLY, COVERED = OUTCOMES


class Priced(NamedTuple):
    """An end with what the patient pays in the end (cents, steps included), its day, and the days of the first check.

    `until` is the day from which no visit takes place, None where all of them do.
    """

    end: End
    totals: Totals
    you_pay: int
    decided: date
    first_check: tuple[date, ...]
    until: date | None = None

    @property
    def whole(self) -> bool:
        """Whether every planned visit takes place."""
        return self.until is None


@dataclass(frozen=True)
class Outlook:
    """A path solved: its ends with their nets. Ends in which the treatment stops are never averaged with the others."""

    scenario: Scenario
    path: DecisionPath
    law: str
    ends: tuple[Priced, ...]

    @property
    def whole(self) -> tuple[Priced, ...]:
        """The ends in which all planned visits take place; where there is none, every end."""
        return tuple(priced for priced in self.ends if priced.whole) or self.ends

    @property
    def chance(self) -> Fraction:
        """The chance that the planned visits take place."""
        return sum((priced.end.chance for priced in self.ends if priced.whole), Fraction(0))

    @property
    def expected(self) -> Fraction:
        """The mean net over the ends in which the planned visits take place, exactly, in cents."""
        weight = sum((priced.end.chance for priced in self.whole), Fraction(0))
        return sum((priced.end.chance * priced.you_pay for priced in self.whole), Fraction(0)) / weight

    @property
    def best(self) -> Priced:
        """The end at which the patient pays least for the planned visits."""
        return min(self.whole, key=lambda end: end.you_pay)

    def chance_of(self, outcome: str) -> Fraction:
        """The chance that it ends with an outcome, over all branches."""
        return sum((priced.end.chance for priced in self.ends if priced.end.outcome == outcome), Fraction(0))


class Worth(NamedTuple):
    """Whether a step is worth taking: what it brings when it works, how often, and the chance at which it breaks even.

    `saves` is the money saved if it works; `expects` what it saves on average before its own cost, with every later
    step open; `break_even` the least chance (basis points) at which it pays for its cost, None where no chance would.
    A step is `worth_it` only if every step before it is. `words` tell a patient to do it.
    """

    step: str
    label: str
    chance: int
    saves: int
    expects: int
    cost: int
    break_even: int | None
    worth_it: bool
    words: str = ""


def path_of(scenario: Scenario) -> tuple[DecisionPath, str]:
    """A scenario's path and law: its own, or its payer's at central chances. Raises KetacostError without a payer."""
    if not scenario.payer:
        raise KetacostError('who pays? Give the scenario a payer, as in payer = "employer-self-funded"')
    known = payer(scenario.payer)
    return scenario.path or usual_path(scenario), known.law


def _asked(scenario: Scenario, path: DecisionPath | None, law: str | None) -> tuple[DecisionPath, str]:
    """The path and law asked for; those of the scenario where one is left out."""
    if path and law:
        return path, law
    own, own_law = path_of(scenario)
    return path or own, law or own_law


def outlook(scenario: Scenario, path: DecisionPath | None = None, law: str | None = None) -> Outlook:
    """Solve a path: each end with its net in cents, for the visits that take place after that answer.

    outlook(example("payer-marketplace")).expected. Raises KetacostError without a payer.
    """
    scenario = scenario_of(scenario)
    path, law = _asked(scenario, path, law)
    case = _typical(scenario).replace(path=path)
    begun, priced = first_step_day(scenario, path, law), []
    for end in ends(path, law):
        until = stops_on(case, end, path, law)
        totals, net, first_paid = _come_to(case, end.outcome, until)
        decided = begun + timedelta(days=end.days)
        checks = _checks(law, max(decided, first_paid)) if first_paid else ()
        priced.append(Priced(end, totals, net + end.cost, decided, checks, until))
    return Outlook(scenario, path, law, tuple(priced))


def stops_on(case: Scenario, end: End, path: DecisionPath, law: str) -> date | None:
    """The day from which no visit takes place after an answer of the plan; None where all of them do."""
    if case.if_denied != "stop":
        return None
    dates = visits(case.course)
    if end.outcome in COVERING:
        until = case.covered_until + timedelta(days=1) if case.covered_until else None
    elif path.ask_first:
        treated = (visit.date for visit in dates if any(service(name).part != "visit" for name, _ in visit.services))
        until = next(treated, None)
    else:
        rule = step(law, "claim")
        until = case.course.start + timedelta(days=rule.decision_days if rule else 0)
    return until if until and dates and dates[-1].date >= until else None


def worth(scenario: Scenario, path: DecisionPath | None = None, law: str | None = None) -> tuple[Worth, ...]:
    """What each legal step is worth, in order: a request or the claim, then the appeal, then the external review.

    They are solved backward: each step is compared with stopping before it. If treatment would stop after a no, a yes
    is compared with paying for it yourself. worth(example("payer-marketplace"))[0] is the claim. Raises KetacostError
    without a payer.
    """
    scenario = scenario_of(scenario)
    path, law = _asked(scenario, path, law)
    first = "prior_authorization" if path.ask_first and step(law, "prior_authorization") else "claim"
    names = [first, "internal_appeal", *(["external_review"] if not path.excluded else [])]
    rules = {name: rule for name in names if (rule := step(law, name))}
    nets, found, chained = _nets(scenario), list[Worth](), True
    saving = _Backward(path, nets, tuple(rules))
    words = {**IN_WORDS, "claim": _sends(scenario)}
    for name, rule in rules.items():
        chance, cost = getattr(path, CHANCES[name]), path.step_costs.get(name, 0)
        works, expects = whole_cents(saving.if_it_works(name)), saving.of(name)
        chained = chained and expects > cost
        expected, needed = whole_cents(expects), saving.break_even(name)
        found.append(Worth(name, rule.label, chance, works, expected, cost, needed, chained, words[name]))
    return tuple(found)


def chain(steps: Sequence[Worth]) -> str:
    """The steps worth doing in a sentence, each after the no before it: chain(worth(scenario))."""
    good = [step.words for step in steps if step.worth_it]
    if good:
        return f"Worth doing: {'; '.join(good)}."
    return "At these odds no step saves more than its fees and time." if steps else "No step to get paid is known here."


def _sends(scenario: Scenario) -> str:
    """Who sends the claim: in network the clinic, else the patient."""
    side = network_of(scenario)
    return "let the clinic send the claim" if side and side.balance_bill == "written off" else "send the superbill"


IN_WORDS = {
    "prior_authorization": "ask for approval before the first dose",
    "internal_appeal": "if it is denied, appeal",
    "external_review": "then ask for an external review",
}
"""A step in words, after the one before it."""

CHANCES = {
    "prior_authorization": "infusions",
    "claim": "infusions",
    "internal_appeal": "internal",
    "external_review": "external",
}
"""The chance that decides whether a step works."""

FIRST = ("prior_authorization", "claim")
"""The steps that the plan answers first; the others follow a no."""


@dataclass(frozen=True)
class _Backward:
    """What each step saves, from the last one back. A no about the treatment may still leave the visits covered."""

    path: DecisionPath
    nets: Mapping[str, int]
    steps: tuple[str, ...]

    def if_it_works(self, name: str) -> Fraction:
        """What a yes to the treatment saves against the no before it; before the first answer nothing is covered."""
        before = Fraction(self.nets[DENIED]) if name in FIRST else self._after_no()
        return before - self.nets[COVERED]

    def of(self, name: str) -> Fraction:
        """What a step saves on average, before its own cost, if the later ones are taken where they are worth it."""
        yes, place = Fraction(getattr(self.path, CHANCES[name]), WHOLE), self.steps.index(name)
        later = Fraction(0)
        if place + 1 < len(self.steps):
            following = self.steps[place + 1]
            later = max(Fraction(0), self.of(following) - self.path.step_costs.get(following, 0))
        some = self.nets[DENIED] - self._after_no() if name in FIRST else Fraction(0)
        return yes * self.if_it_works(name) + (1 - yes) * (some + later)

    def break_even(self, name: str) -> int | None:
        """The least chance, in basis points, at which a step saves its cost; None where no chance does."""
        chance, cost = CHANCES[name], self.path.step_costs.get(name, 0)
        low, high = 0, WHOLE
        if self._at(chance, high).of(name) < cost or self.if_it_works(name) <= 0:
            return None
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self._at(chance, middle).of(name) >= cost else (middle + 1, high)
        return low

    def _after_no(self) -> Fraction:
        """The mean net after a no about the treatment that holds."""
        no = WHOLE - self.path.infusions
        visits = Fraction(self.path.visits, no) if no else Fraction(0)
        return visits * self.nets[VISITS_ONLY] + (1 - visits) * self.nets[DENIED]

    def _at(self, chance: str, points: int) -> _Backward:
        """The same with one chance set; visits keep what the whole leaves them."""
        changes = {chance: Points(points)}
        if chance == "infusions":
            changes["visits"] = Points(min(self.path.visits, WHOLE - points))
        return _Backward(self.path.replace(**changes), self.nets, self.steps)


def _typical(scenario: Scenario) -> Scenario:
    """The case with every unknown at its typical value, and what is usual for the payer after a no."""
    from ketacost.estimate.cases import cases_of

    known = cases_of(scenario)
    stops = scenario.if_denied or if_denied(scenario.payer, treatment_of(scenario.course.protocol)).value
    return known.at(known.typical).replace(if_denied=stops)


def _nets(scenario: Scenario) -> Mapping[str, int]:
    """The net of the planned visits under each answer, before steps; of paying alone where they would stop."""
    case = _typical(scenario)
    if case.if_denied == "stop":
        case = case.replace(if_denied="go on", denied_line="patient")
    return {outcome: _come_to(case, outcome, None)[1] for outcome in OUTCOMES}


@kept(64)
def _come_to(case: Scenario, outcome: str, until: date | None) -> tuple[Totals, int, date | None]:
    """The totals and the net of one answer before its steps, and the first visit that the plan pays for."""
    from ketacost.estimate.calendar import bottom_line

    case = case.replace(coverage=outcome)
    claims: tuple[Claim, ...] = claims_of(case)
    claims = tuple(claim for claim in claims if until is None or claim.line.date < until)
    free = End((), Fraction(1), outcome, 0, 0, ())
    net = bottom_line(case, claims, end=free).net if claims else 0
    return Totals.of(claims), net, min((claim.line.date for claim in claims if claim.split.plan_pays), default=None)


def first_step_day(scenario: Scenario, path: DecisionPath, law: str) -> date:
    """The day of the first step: as said, or early enough for an answer before the first visit, or the first visit."""
    first = step(law, "prior_authorization")
    if path.ask_first and first and path.asked_on:
        return path.asked_on
    early = first.decision_days if path.ask_first and first else 0
    return scenario.course.start - timedelta(days=early)


def answered_by(scenario: Scenario) -> date | None:
    """The day by which the plan answers a request whose day was said; None where none was."""
    path, law = path_of(scenario)
    request = step(law, "prior_authorization")
    if not (path.ask_first and path.asked_on and request):
        return None
    return path.asked_on + timedelta(days=request.decision_days)


def _checks(law: str, ready: date) -> tuple[date, ...]:
    rule = step(law, "claim")
    return tuple(ready + timedelta(days=days) for days in rule.turnaround_days) if rule else ()
