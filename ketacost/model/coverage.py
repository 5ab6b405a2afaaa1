"""Which parts of a bill a plan covers: what is done about it and what may come of it, as a tree.

Chances are exact fractions and the tree is solved, not sampled. Ends carry one of the outcomes denied, visits only,
infusions too; what they cost is worked out by `paths`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from ketacost.core.fields import Fixed, KetacostError, described, replace, require
from ketacost.core.money import WHOLE, Cents, Share, chance, percent
from ketacost.model.denials import asked_first
from ketacost.model.payers import Chance, Step, payer, step

STEPS = ("prior_authorization", "claim", "internal_appeal", "external_review")


def steps_under(law: str) -> tuple[Step, ...]:
    """The steps to get paid under a law, in its order: steps_under("aca"). Raises UnknownName for another law."""
    return tuple(rule for name in STEPS if (rule := step(law, name)))


@dataclass(frozen=True)
class DecisionPath:
    """What is done about a bill, and how likely each yes is: the branches of the tree.

    A chance is "5%" or 0.05, kept as basis points.
    """

    infusions: Share = described(
        "Infusions too", "The chance that the plan covers the infusions at the first decision."
    )
    visits: Share = described("Visits only", "The chance that the plan covers the visits and not the infusions.")
    internal: Share = described(
        "Appeal won", "The chance that an internal appeal turns a no about the infusions into a yes.", 0
    )
    external: Share = described("Review won", "The chance that an external review turns that no into a yes.", 0)
    ask_first: bool = described("Ask first", "Whether prior authorization is asked for before the first visit.", False)
    appeal: bool = described("Appeal", "Whether a no is appealed inside the plan.", False)
    review: bool = described("External review", "Whether a no after an appeal goes to external review.", False)
    excluded: bool = described(
        "Excluded benefit",
        "Whether the plan excludes the treatment outright: it then covers no infusion, at first or on appeal, and "
        "usually there is no external review.",
        False,
    )
    step_costs: Mapping[str, Cents] = described(
        "Cost of a step", "What each step costs in dollars: fees and the value of your time.", default_factory=Fixed
    )
    asked_on: date | None = described(
        "Asked for approval on",
        "The day prior authorization was asked for, or will be: its answer counts from it.",
        None,
    )

    def __post_init__(self) -> None:
        for name in ("infusions", "visits", "internal", "external"):
            object.__setattr__(self, name, chance(getattr(self, name), what=name))
        object.__setattr__(self, "step_costs", Fixed(self.step_costs))
        for name in self.step_costs:
            require("step", name, STEPS)
        if self.excluded:
            object.__setattr__(self, "infusions", 0)
            object.__setattr__(self, "internal", 0)
        if self.infusions + self.visits > WHOLE:
            raise KetacostError(
                f"the chances of {percent(self.infusions)} and {percent(self.visits)} add to more than the whole"
            )

    replace = replace


@dataclass(frozen=True)
class End:
    """One end of a path: its branches and exact chance, what is covered, its days, and its steps with their cost."""

    branches: tuple[str, ...]
    chance: Fraction
    outcome: str
    days: int
    cost: int
    steps: tuple[str, ...]


def path_for(name: str, treatment: str, **changes: Any) -> DecisionPath:
    """The path of a payer and treatment at its central chances: a claim alone until `changes` say more is done."""
    law, chances = payer(name).law, payer(name).chances(treatment)
    won = {id: step(law, id) for id in ("internal_appeal", "external_review")}
    wins = {id: rule.chance_for(treatment) if rule else None for id, rule in won.items()}
    central = {id: chance.central if chance else 0 for id, chance in wins.items()}
    plain = DecisionPath(
        _central(chances, "infusions too"),
        _central(chances, "visits only"),
        central["internal_appeal"],
        central["external_review"],
        ask_first=asked_first(name, treatment).value,
    )
    return plain.replace(**changes)


def ends(path: DecisionPath, law: str) -> tuple[End, ...]:
    """Every end of a path with its exact chance; ends that cannot happen are left out. The chances add to one."""
    days = {id: rule for id in STEPS if (rule := step(law, id))}
    return tuple(end for end in _first(path, _Walk((), Fraction(1), 0, 0, ()), days) if end.chance)


@dataclass(frozen=True)
class _Walk:
    """A position in a walk down the tree."""

    branches: tuple[str, ...]
    chance: Fraction
    days: int
    cost: int
    steps: tuple[str, ...]

    def on(self, branch: str, chance: Fraction) -> _Walk:
        return _Walk((*self.branches, branch), self.chance * chance, self.days, self.cost, self.steps)

    def take(self, id: str, days: int, path: DecisionPath) -> _Walk:
        cost = self.cost + path.step_costs.get(id, 0)
        return _Walk(self.branches, self.chance, self.days + days, cost, (*self.steps, id))

    def end(self, outcome: str) -> End:
        return End(self.branches, self.chance, outcome, self.days, self.cost, self.steps)


def _first(path: DecisionPath, walk: _Walk, rules: Mapping[str, Step]) -> Iterator[End]:
    """The first decision: on a request before treatment, or on the claim after it."""
    yes, some = Fraction(path.infusions, WHOLE), Fraction(path.visits, WHOLE)
    if path.ask_first and "prior_authorization" in rules:
        walk = walk.take("prior_authorization", rules["prior_authorization"].decision_days, path)
        yield walk.on("Prior authorization: yes", yes).end("infusions too")
        yield from _appeal(
            path,
            walk.on("Prior authorization: no", 1 - yes),
            rules,
            some / (1 - yes) if yes < 1 else Fraction(0),
            before=True,
        )
        return
    walk = walk.take("claim", rules["claim"].decision_days if "claim" in rules else 0, path)
    yield walk.on("Claim: infusions too", yes).end("infusions too")
    yield from _appeal(path, walk.on("Claim: visits only", some), rules, Fraction(1), before=False)
    yield from _appeal(path, walk.on("Claim: denied", 1 - yes - some), rules, Fraction(0), before=False)


def _appeal(
    path: DecisionPath, walk: _Walk, rules: Mapping[str, Step], visits: Fraction, *, before: bool
) -> Iterator[End]:
    """A no about the infusions: appealed inside, then outside; if it holds, the visits may still be covered."""
    if path.appeal and "internal_appeal" in rules:
        rule = rules["internal_appeal"]
        walk = walk.take("internal_appeal", rule.decision_days_before if before else rule.decision_days, path)
        won = Fraction(path.internal, WHOLE)
        yield walk.on("Appeal: won", won).end("infusions too")
        walk = walk.on("Appeal: lost", 1 - won)
        if path.review and not path.excluded and "external_review" in rules:
            walk = walk.take("external_review", rules["external_review"].decision_days, path)
            won = Fraction(path.external, WHOLE)
            yield walk.on("External review: won", won).end("infusions too")
            walk = walk.on("External review: lost", 1 - won)
    if before:
        walk = walk.take("claim", rules["claim"].decision_days if "claim" in rules else 0, path)
        yield walk.on("Claim: visits only", visits).end("visits only")
        yield walk.on("Claim: denied", 1 - visits).end("denied")
        return
    yield walk.end("visits only" if visits else "denied")


def _central(chances: Mapping[str, Chance], outcome: str) -> int:
    return chances[outcome].central if outcome in chances else 0
