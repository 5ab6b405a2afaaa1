"""Variants of the rule: what if a plan shared the cost in another way? Each has its name, its words and its source.

A variant may change the plan, what it allows for a line, how a line is split, and what of it counts. All the rest of
the walk stays as it is, for one patient and for a cohort.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cached_property
from types import FunctionType
from typing import Any

from ketacost.core.fields import KetacostError, of_kind, replace
from ketacost.core.money import multiple, part_of, share
from ketacost.core.references import GRADES, Citation, read_toml, source
from ketacost.core.registry import Registry
from ketacost.model import cost_sharing, walk
from ketacost.model.accumulators import Used, fitting, once_a_plan
from ketacost.model.allowed import AllowedNotKnown, by_medicare
from ketacost.model.cost_sharing import Split, Terms
from ketacost.model.courses import ServiceLine
from ketacost.model.fee_schedule import years
from ketacost.model.plans import Network, Plan
from ketacost.model.pricing import MEDICARE, Pricing
from ketacost.model.protocols import services
from ketacost.model.walk import moves


@dataclass(frozen=True)
class Rule:
    """A named variant of the rule: what it changes, in words, with where it comes from.

    `plan` gives a changed plan; `allowed` what the plan allows for a line, in cents, or None as before; `split` and
    `moves` stand for those of `cost_sharing` and `walk`, with the same arguments and results. For cohorts numba must be
    able to compile the last two. What you leave out stays as usual. Without a source a variant is an assumption. Raises
    KetacostError if it has no name or no description.
    """

    name: str
    description: str
    source: str = ""
    grade: str = "assumption"
    plan: Callable[[Plan], Plan] | None = None
    allowed: Callable[[ServiceLine, Network], int | None] | None = None
    split: Callable[..., Split] = field(default=cost_sharing.split, repr=False)
    moves: Callable[..., tuple[int, int, int]] = field(default=walk.moves, repr=False)
    citation: Citation | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.description.strip():
            raise KetacostError("a variant of the rule needs a name, and a sentence on what it changes")
        if self.grade not in GRADES:
            raise KetacostError(f"a grade is one of {', '.join(GRADES)}, not {self.grade!r}")

    replace = replace

    @property
    def words(self) -> str:
        """What a result under this variant says of it, with its source."""
        where = str(self.citation.source) if self.citation else self.source
        return f"Not the usual rule: {self.name}. {self.description} Source ({self.grade}): {where or 'none'}."

    @property
    def counts_help(self) -> bool:
        """Whether what a manufacturer's help pays counts like the patient's own money."""
        return self.moves is walk.moves

    @property
    def as_booklets_say(self) -> bool:
        """Whether lines are split and counted as usual."""
        return self.split is cost_sharing.split and self.moves is walk.moves

    @cached_property
    def changed(self) -> Callable[[Plan], Plan]:
        """The plan that is walked in a plan's place, made once for each plan."""
        change = self.plan

        def made(plan: Plan) -> Plan:
            other = change(plan) if change else plan
            of_kind(f"what the rule {self.name!r} makes of a plan", other, Plan, "a plan: its function returns one")
            return other

        return once_a_plan(lambda plan: plan.each(made)) if change else lambda plan: plan

    def __getstate__(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)}  # the functions it makes are made again

    def used(self, used: Used, plan: Plan) -> Used:
        """What has been used, cut to what the changed plan has."""
        return fitting(used, self.changed(plan)) if self.plan else used

    @cached_property
    def price(self) -> Any:
        """`walk.price` with this variant's split and moves in it: the same source."""
        if self.as_booklets_say:
            return walk.price
        bounded = with_names(walk.bounded_share, split=self.split)
        return with_names(walk.price, split=self.split, moves=self.moves, bounded_share=bounded)

    @cached_property
    def refused(self) -> Any:
        """`walk.refused` with this variant's split in it."""
        return walk.refused if self.as_booklets_say else with_names(walk.refused, split=self.split)


def with_names(function: Any, **names: Any) -> Any:
    """A function of the same source that calls others in place of some it names."""
    code, known = function.__code__, {**function.__globals__, **names}
    return FunctionType(code, known, function.__name__, function.__defaults__)


THE_RULE = Rule("the rule", "Cost sharing as plans' booklets state it.", "the plan's booklet", "primary")
"""What holds where no variant is asked for."""


def moves_without_help(terms: Terms, parts: Split, helped: int) -> tuple[int, int, int]:
    """What a line counts where a manufacturer's help does not: help pays the deductible first, then copay and share."""
    own = max(parts.deductible - helped, 0)
    helped = max(helped - parts.deductible, 0)
    copay = max(parts.copay - helped, 0)
    helped = max(helped - parts.copay, 0)
    coinsurance = max(parts.coinsurance - helped, 0)
    return moves(terms, Split(0, 0, copay, own, coinsurance, 0), 0)


def half_deductibles(plan: Plan) -> Plan:
    """The plan with deductibles of half their size; what it does not state stays so."""
    half = share(read_toml("rules.toml")["half the deductible waived"]["share"])

    def of(amount: Any) -> Any:
        return amount - part_of(amount, half) if isinstance(amount, int) else amount

    return plan.each_network(
        lambda name, side: side.replace(deductible=of(side.deductible), family_deductible=of(side.family_deductible))
    )


def capped_balance_bills(plan: Plan) -> Plan:
    """The plan with balance bills of at most a share of the allowed amount."""
    most = share(read_toml("rules.toml")["balance bills capped"]["share"])

    def capped(name: str, side: Network) -> Network:
        own = side.balance_bill_limit
        return side.replace(balance_bill_limit=most if own is None else min(own, most))

    return plan.each_network(capped)


def times_medicare(line: ServiceLine, side: Network) -> int | None:
    """Twice Medicare's payment where the clinic is, at the nearest known year's fees; None where it has none."""
    times = multiple(read_toml("rules.toml")["200% of Medicare"]["multiple"])
    kind = services().get(line.service)
    code = line.code or (kind.code_on(line.date) if kind else "")
    known = years()
    year = None if line.date.year in known else min(known, key=lambda year: abs(year - line.date.year))
    pricing = (side.pricing or Pricing()).replace(method=MEDICARE, multiple=times)
    if year is not None:
        pricing = pricing.replace(medicare_year=year)
    try:
        return by_medicare(line.replace(code=code), pricing)
    except AllowedNotKnown:
        return None


def _shipped() -> dict[str, Rule]:
    """The variants of `data/rules.toml`, with what does what they say."""
    changes: dict[str, dict[str, Any]] = {
        ACCUMULATOR: {"moves": moves_without_help},
        "half the deductible waived": {"plan": half_deductibles},
        "200% of Medicare": {"allowed": times_medicare},
        "balance bills capped": {"plan": capped_balance_bills},
    }
    made = {}
    for name, row in read_toml("rules.toml").items():
        value, unit = row.get("share") or row.get("multiple") or "", "share" if "share" in row else "multiple"
        cited = Citation(f"Rule variant: {name}", value, unit, source(row["source"]), row["where"], row["grade"])
        made[name] = Rule(name, row["description"], str(cited.source), row["grade"], **changes[name], citation=cited)
    return made


ACCUMULATOR = "copay accumulator"
"""The variant under which a manufacturer's help does not count."""

RULES: Registry[Rule] = Registry("variant of the rule", _shipped)


def rules() -> Registry[Rule]:
    """Every variant of the rule by its name, with those registered since: rules()["copay accumulator"].description."""
    return RULES


def rule_of(rule: Rule | str | None) -> Rule:
    """The variant of a name; the usual rule for None or "". Raises UnknownName with the near matches."""
    if not rule:
        return THE_RULE
    return rule if isinstance(rule, Rule) else RULES.named(rule)


def register_rule(new: Rule) -> None:
    """Add a variant of the rule for this session, under its name.

    >>> register_rule(Rule("no deductible", "No deductible.", plan=lambda plan: plan.each_network(
    ...     lambda name, side: side.replace(deductible=0, family_deductible=0))))
    """
    of_kind("a new rule", new, Rule, "a kc.data.Rule")
    RULES.register(new.name, new)
