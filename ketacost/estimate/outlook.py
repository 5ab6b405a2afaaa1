"""What a path costs: every end of the tree adjudicated, the expected amount exactly, and which step is worth taking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from ketacost.core.fields import KetacostError
from ketacost.core.money import WHOLE, whole_cents
from ketacost.core.registry import kept
from ketacost.estimate.answer import Totals
from ketacost.estimate.scenario import Scenario, bill
from ketacost.model.adjudication import adjudicate
from ketacost.model.coverage import DecisionPath, End, ends, path_for
from ketacost.model.payers import payer, step, treatment_of
from ketacost.taxes.households import NOTHING

CHANCES = {"claim": "infusions", "internal_appeal": "internal", "external_review": "external"}
"""The chance that decides whether a step works."""


class Priced(NamedTuple):
    """An end with what the patient pays (cents, steps included), its day, and the days of the first check, if any."""

    end: End
    totals: Totals
    you_pay: int
    decided: date
    first_check: tuple[date, ...]


@dataclass(frozen=True)
class Outlook:
    """A path solved: its ends, and what the patient pays on average over them, exactly."""

    scenario: Scenario
    path: DecisionPath
    law: str
    ends: tuple[Priced, ...]
    expected: Fraction

    @property
    def expected_cents(self) -> int:
        """The expected amount rounded half-up to the cent."""
        return whole_cents(self.expected)

    @property
    def best(self) -> Priced:
        """The end at which the patient pays least."""
        return min(self.ends, key=lambda end: end.you_pay)

    @property
    def worst(self) -> Priced:
        """The end at which the patient pays most."""
        return max(self.ends, key=lambda end: end.you_pay)

    def chance_of(self, outcome: str) -> Fraction:
        """The chance that it ends with an outcome, over all branches."""
        return sum((priced.end.chance for priced in self.ends if priced.end.outcome == outcome), Fraction(0))


class Worth(NamedTuple):
    """Whether a step is worth taking: what it brings when it works, how often, and the chance at which it breaks even.

    `saves` is the money saved if it works; `expects` what it saves on average before its own cost; `break_even` the
    least chance (basis points) at which it pays for its cost, None where no chance would.
    """

    step: str
    label: str
    chance: int
    saves: int
    expects: int
    cost: int
    break_even: int | None

    @property
    def worth_it(self) -> bool:
        """Whether it saves more on average than it costs."""
        return self.expects > self.cost


def path_of(scenario: Scenario) -> tuple[DecisionPath, str]:
    """A scenario's path and law: its own, or its payer's at central chances. Raises KetacostError without a payer."""
    if not scenario.payer:
        raise KetacostError('who pays? Give the scenario a payer, as in payer = "employer-self-funded"')
    known = payer(scenario.payer)
    return scenario.path or path_for(scenario.payer, treatment_of(scenario.course.protocol)), known.law


def _asked(scenario: Scenario, path: DecisionPath | None, law: str | None) -> tuple[DecisionPath, str]:
    """The path and law asked for; those of the scenario where one is left out."""
    if path and law:
        return path, law
    own, own_law = path_of(scenario)
    return path or own, law or own_law


def outlook(scenario: Scenario, path: DecisionPath | None = None, law: str | None = None) -> Outlook:
    """Solve a path: each end adjudicated under its outcome, the expected amount as their exact weighted sum in cents.

    outlook(example("payer-marketplace")).expected. Raises KetacostError without a payer.
    """
    path, law = _asked(scenario, path, law)
    priced = []
    begun = first_step_day(scenario, path, law)
    bare = scenario.replace(path=None, ranges={}, title="", household=None, contribution=NOTHING)
    for end in ends(path, law):
        money, first_paid = _come_to(bare.replace(coverage=end.outcome))
        decided = begun + timedelta(days=end.days)
        checks = _checks(law, max(decided, first_paid)) if first_paid else ()
        priced.append(Priced(end, money, money.you_pay + end.cost, decided, checks))
    return Outlook(scenario, path, law, tuple(priced), sum((p.end.chance * p.you_pay for p in priced), Fraction(0)))


def worth(scenario: Scenario, path: DecisionPath | None = None, law: str | None = None) -> tuple[Worth, ...]:
    """Each step that the law knows, judged against stopping before it: claim, then appeal, then external review.

    worth(example("payer-marketplace"))[0] is the claim. Raises KetacostError without a payer.
    """
    path, law = _asked(scenario, path, law)
    bare = path.replace(ask_first=False, appeal=False, review=False)
    appealed = bare.replace(appeal=True)
    stages = [("claim", bare.replace(infusions=0, visits=0, step_costs={}), bare), ("internal_appeal", bare, appealed)]
    if not path.excluded:
        stages.append(("external_review", appealed, appealed.replace(review=True)))
    steps = []
    for name, without, taken in stages:
        rule = step(law, name)
        if rule is None:
            continue
        chance = CHANCES[name]
        taken = taken.replace(step_costs={})
        before = outlook(scenario, without.replace(step_costs={}), law).expected
        never, always = (outlook(scenario, _at(taken, chance, points), law).expected for points in (0, WHOLE))
        cost = path.step_costs.get(name, 0)
        expects = before - outlook(scenario, taken, law).expected
        reached = _reach(taken, name)
        gain = never - always
        needed = None if gain <= 0 else Fraction(cost) * reached / gain
        break_even = None if needed is None or needed > 1 else -int(-needed * WHOLE // 1)
        saves, saved = (whole_cents(amount / reached) if reached else 0 for amount in (gain, expects))
        steps.append(Worth(name, rule.label, getattr(path, chance), saves, saved, cost, break_even))
    return tuple(steps)


@kept(64)
def _come_to(case: Scenario) -> tuple[Totals, date | None]:
    """The totals of one outcome, and the first visit that the plan pays for."""
    claims = adjudicate(bill(case), case.plan, case.used)
    return Totals.of(claims), min((claim.line.date for claim in claims if claim.split.plan_pays), default=None)


def _at(path: DecisionPath, chance: str, points: int) -> DecisionPath:
    """The path with one chance set; visits keep what the whole leaves them."""
    changes: dict[str, Any] = {chance: points}
    if chance == "infusions":
        changes["visits"] = min(path.visits, WHOLE - points)
    return path.replace(**changes)


def _reach(path: DecisionPath, name: str) -> Fraction:
    """How likely it is that a step is reached at all: that is by the odds, not by what a step is worth."""
    no = 1 - Fraction(path.infusions, WHOLE)
    return {"claim": Fraction(1), "internal_appeal": no}.get(name, no * (1 - Fraction(path.internal, WHOLE)))


def first_step_day(scenario: Scenario, path: DecisionPath, law: str) -> date:
    """The day the first step is taken: early enough for an answer before the first visit, or the first visit."""
    first = step(law, "prior_authorization")
    early = first.decision_days if path.ask_first and first else 0
    return scenario.course.start - timedelta(days=early)


def _checks(law: str, ready: date) -> tuple[date, ...]:
    rule = step(law, "claim")
    return tuple(ready + timedelta(days=days) for days in rule.turnaround_days) if rule else ()
