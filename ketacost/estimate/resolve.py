"""From what was said to a complete scenario: everything else is filled in from sourced defaults, in one fixed order.

Each step reads everything that was said, what the steps before it filled in, and data; never the order in which things
were said, nor how or when. What cannot hold beside something else that was said is kept, not used, and told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, NamedTuple

from ketacost.core.convert import put, read
from ketacost.core.fields import Fixed, KetacostError, described, replace
from ketacost.core.money import dollars, multiple, share, shown, usd
from ketacost.core.references import read_toml, rows
from ketacost.core.registry import kept
from ketacost.estimate.account_effects import saved_by
from ketacost.estimate.designs import (
    KIND_OF_PAYER,
    NO_PLAN,
    PAYER_OF_KIND,
    assumed_side,
    complete,
    designs_of,
    gaps,
    kind_of_plan,
)
from ketacost.estimate.distributions import text_of
from ketacost.estimate.entries import Entry, entry_of
from ketacost.estimate.intake import UNKNOWN, Between, Intake, OneOf
from ketacost.estimate.outlook import path_of
from ketacost.estimate.scenario import AS_IT_IS, Scenario
from ketacost.estimate.unknowns import GATE, default_range
from ketacost.model.accumulators import Amounts, Used, fitting
from ketacost.model.adjudication import plan_year_of
from ketacost.model.allowed import counted_by, typical_allowed
from ketacost.model.courses import Course, service_lines, typical_prices, visits
from ketacost.model.denials import denied_line, if_denied, network_of_standing, standings_of
from ketacost.model.fee_schedule import years
from ketacost.model.payers import OUTCOMES, payer, treatment_of
from ketacost.model.plans import NO_BENEFIT, NOT_STATED, Benefit, Network, Plan, plan
from ketacost.model.pricing import MEDICARE, SCHEDULE, SHARE_OF_CHARGE, USUAL_CHARGES, Pricing
from ketacost.model.protocols import protocol, service
from ketacost.taxes.households import NOTHING, Household

FIRST_PROTOCOL = "iv-mood"
START_WAGES, START_AGE = 60_000_00, 40
"""An example of a household's wages and age, until they are said; the page says so."""

_OF_THE_PLAN = ("family", "deductible_kind", "limit_kind", "plan_year_starts", "hsa_eligible")
"""The entries that hold for the whole plan, whatever the network."""


class Basis(NamedTuple):
    """Where an entry's value comes from: said, printed by the plan, or assumed; and why."""

    state: str
    why: str


class Way(NamedTuple):
    """One way out of a conflict: the words on its button, and the entry that it says, or takes back."""

    label: str
    key: str
    value: object


@dataclass(frozen=True)
class Conflict:
    """Two things that were said and cannot both hold: which one is not used, why, and the ways out."""

    key: str
    sentence: str
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True)
class Resolved(Scenario):
    """A complete scenario that knows of its entries whether they were said or assumed."""

    intake: Intake = described("Intake", "What was said.", default_factory=Intake)
    basis: Mapping[str, Basis] = described(
        "Basis", "Where each entry's value comes from, by entry.", default_factory=Fixed
    )
    conflicts: tuple[Conflict, ...] = described("Conflicts", "What was said and cannot hold.", ())
    dormant: tuple[str, ...] = described(
        "Not used here", "Entries that were said for another treatment or network.", ()
    )
    notes: tuple[str, ...] = described("Notes", "What was assumed and should be asked.", ())

    @property
    def treatment(self) -> str:
        """Which odds the course goes by: iv-mood, iv-pain, spravato or home."""
        return treatment_of(self.course.protocol)

    @property
    def plainly(self) -> Scenario:
        """The same scenario without its intake."""
        return Scenario(**{f.name: getattr(self, f.name) for f in fields(Scenario)})


@kept(64)
def resolve(intake: Intake, today: date) -> Resolved:
    """The complete scenario of an intake on a day: each entry is as said, as printed, or assumed with its reason.

    Never raises for what an intake can hold: what cannot be used is told in `conflicts`.
    resolve(intake(payer="marketplace"), date(2026, 11, 27)).payer is "marketplace".
    """
    return _Resolving(intake, today).resolved()


def first_monday(today: date) -> date:
    """The first visit where no day was said: the Monday at least seven days away."""
    day = today + timedelta(days=7)
    return day + timedelta(days=-day.weekday() % 7)


class _Resolving:
    """One intake on its way to a scenario, step by step."""

    def __init__(self, intake: Intake, today: date) -> None:
        self.intake, self.today = intake, today
        self.basis: dict[str, Basis] = {}
        self.conflicts: list[Conflict] = []
        self.notes: list[str] = []
        self.used: set[str] = set()
        self.ranges: dict[str, tuple[str, ...]] = {}
        self.odds: dict[str, tuple[int, ...]] = {}
        self.shapes: dict[str, str] = {}

    def resolved(self) -> Resolved:
        """Every step in its order."""
        self._who()
        self._plan()
        self._network()
        self._treatment()
        self._prices()
        self._terms()
        self._allowed()
        self._coverage()
        self._used()
        self._after_a_no()
        self._household()
        self._rest()
        scenario = self.scenario
        values = {f.name: getattr(scenario, f.name) for f in fields(Scenario)}
        values |= {"ranges": self.ranges, "odds": self.odds, "shapes": self.shapes, "today": self.today}
        dormant = tuple(key for key in self.intake.said if key not in self.used)
        return Resolved(
            **values,
            intake=self.intake,
            basis=Fixed(self.basis),
            conflicts=tuple(self.conflicts),
            dormant=dormant,
            notes=tuple(self.notes),
        )

    # The steps

    def _who(self) -> None:
        self.protocol = self._plainly("protocol", FIRST_PROTOCOL, "An example of a treatment: choose yours.")
        self.treatment = treatment_of(self.protocol)
        said_plan, kind = self.intake.value("plan"), self.intake.value("plan_kind")
        self.said_plan: Plan | None = None
        if isinstance(said_plan, str):
            self.said_plan = complete(plan(said_plan))
            kind = kind_of_plan(self.said_plan, said_plan)
        elif isinstance(said_plan, Mapping):
            self.said_plan = read(Plan, said_plan)
            kind = kind_of_plan(self.said_plan)
        assumed = PAYER_OF_KIND.get(kind, "") if isinstance(kind, str) else ""
        if not assumed and self._says_terms():
            assumed = "employer-insured"
        why = (
            "The kind of plan names who pays."
            if assumed
            else "Nobody was said to pay: this is the cost of paying alone."
        )
        self.payer = self._plainly("payer", assumed, why)
        self.kind = kind if isinstance(kind, str) and kind in PAYER_OF_KIND else KIND_OF_PAYER.get(self.payer, "")
        if self.payer and isinstance(said_plan, str | Mapping) and "payer" in self.intake.said:
            usual = PAYER_OF_KIND.get(self.kind, "")
            if _law_kind(usual) != _law_kind(self.payer):
                who = payer(self.payer).label
                self._conflict(
                    "plan",
                    f"{who} decides what is covered; the terms are those of {self.said_plan.name if self.said_plan else ''}.",
                    Way("Take back the plan", "plan", None),
                    Way("Take back who pays", "payer", None),
                )

    def _says_terms(self) -> bool:
        return any(True for _ in self.intake.keys("terms.", "used.", "family", "plan_year_starts", "deductible_kind"))

    def _plan(self) -> None:
        """The plan, or the designs that stand for it."""
        self.designs: dict[str, Plan] = {}
        wished = self._wished_network()
        if self.said_plan is not None:
            said = self.intake.value("plan")
            self.plan, self.published = self.said_plan, said if isinstance(said, str) else ""
            self._mark("plan", "said", "You chose it.")
            self.used |= {"plan"}
            if "plan_kind" in self.intake.said:
                self.used.add("plan_kind")
            return
        self.used |= {"plan", "plan_kind"} & set(self.intake.said)
        if not self.kind:
            self.plan, self.published = NO_PLAN, ""
            self._mark("plan", "assumed", "No plan pays.")
            return
        found = designs_of(self.kind, wished, self.today)
        self.plan, self.published = found.plans[found.typical], found.typical
        number = len(found.plans)
        if number > 1:
            self.designs = dict(found.plans)
            why = f"Not known: one of {number} published {self.kind} designs, each as likely."
        else:
            why = f"The terms of {self.plan.name}."
        self._mark("plan", "assumed", why)
        if found.note:
            self.notes.append(found.note)

    def _wished_network(self) -> str:
        said, standing = self.intake.value("network"), self.intake.value("standing")
        if isinstance(said, str):
            return said
        if isinstance(standing, str):
            return self._network_of(standing)
        if not self.payer:
            return "out"
        return _usual_network(self.payer, self.treatment)

    def _network_of(self, standing: str) -> str:
        try:
            return network_of_standing(standing)
        except KetacostError:
            return "out"

    def _network(self) -> None:
        wished = self._wished_network()
        for key in ("network", "standing"):
            if key in self.intake.said:
                self.used.add(key)
        choices = tuple(self.plan.networks)
        self.network = wished if wished in choices else "out" if "out" in choices else choices[0]
        if wished != self.network and ("network" in self.intake.said or "standing" in self.intake.said):
            key = "network" if "network" in self.intake.said else "standing"
            self._conflict(
                key,
                f"{self.plan.name} has no network {wished!r}; {self.network!r} is used.",
                Way("Take back the network", key, None),
            )
        said = "network" in self.intake.said or "standing" in self.intake.said
        self._mark(
            "network", "said" if said else "assumed", "" if said else "Where the clinic usually is for this payer."
        )
        standing = self.intake.value("standing")
        usual = standings_of(self.payer)
        fitting = [one for one in usual if network_of_standing(one) == self.network]
        self.standing = standing if isinstance(standing, str) and standing in usual else (fitting or list(usual))[0]

    def _treatment(self) -> None:
        start = self._plainly("start", first_monday(self.today).isoformat(), "The Monday at least seven days away.")
        first = read(date, start, "start")
        self.scenario = Scenario(
            Course(self.protocol, first),
            typical_prices(self.protocol),
            self.plan,
            self.network,
            payer=self.payer,
            published_plan=self.published,
            today=self.today,
        )
        for key in self.intake.keys("visits.", "days_apart.", "stop_after.", "dates.", "pauses", "works", "closed"):
            self._use(key)
        for phase in protocol(self.protocol).phases:
            self._assume(f"visits.{self.protocol}.{phase.name}", "The usual number of visits.")
        if not visits(self.scenario.course):
            self._conflict("visits", "A course has at least one visit: the usual numbers are used.")
            self.scenario = self.scenario.replace(course=Course(self.protocol, first))

    def _prices(self) -> None:
        said = set(self.intake.keys("prices.", "discounts.", "bundled.", "packages."))
        for key in sorted(said, key=lambda key: not key.startswith("bundled.")):
            self._use(key)
        for name in self.scenario.prices.charges:
            key = f"prices.{self.protocol}.{name}"
            if key not in self.intake.said:
                self._open(key, f"prices.charges.{name}")

    def _terms(self) -> None:
        """What was said of terms, over the plan or over each design that stands for it."""
        if self.designs:
            designs = {id: self._with_terms(design, told=False) for id, design in self.designs.items()}
            fitting = {id: design for id, design in designs.items() if self.network in design.networks}
            self.designs = {id: self._stated(design) for id, design in (fitting or designs).items()}
            self._set_plan(self._stated(self._with_terms(self.plan, told=True)))
            if len(set(self.designs.values())) > 1 and isinstance(self.plan.networks.get(self.network), Network):
                self.ranges["published_plan"] = tuple(sorted(self.designs))
                self.scenario = self.scenario.replace(designs=self.designs)
            else:
                self.designs = {}
        else:
            self._set_plan(self._with_terms(self.plan, told=True))
            self._ask_gaps()
        for key in self.intake.keys("terms."):
            self._range_of_term(key)
        for key in self.intake.keys(*_OF_THE_PLAN):
            self._as_range(entry_of(key), self.intake.value(key))
        if any(self.ranges.get(f"plan.{name}") for name in ("deductible_kind", "limit_kind")):
            self._set_plan(_with_family_amounts(self.plan, self.network))
            self.designs = {id: _with_family_amounts(design, self.network) for id, design in self.designs.items()}
            self.scenario = self.scenario.replace(designs=self.designs)

    def _with_terms(self, plan: Plan, *, told: bool) -> Plan:
        """A plan with what was said of its terms; what was assumed is made to fit what was said."""
        family = plan.family
        said = self.intake.value("family")
        if isinstance(said, bool):
            family = said
        elif self._says_family():
            family = True
            self._mark("family", "assumed", "You gave amounts of the family.")
        plan = plan.replace(family=False)
        for key in self.intake.keys(*_OF_THE_PLAN):
            if key != "family":
                plan = self._put_in_plan(plan, key, told=told)
        for key in sorted(self.intake.keys("terms."), key=_broad_first):
            plan = self._put_in_plan(plan, key, told=told)
        self.used |= {"family"} & set(self.intake.said)
        networks = {
            name: side if isinstance(side, str) else self._fitted(name, side, family=family, told=told)
            for name, side in plan.networks.items()
        }
        return self._family_fits(plan.replace(networks=networks, family=family), told=told)

    def _fitted(self, name: str, side: Network, *, family: bool, told: bool) -> Network:
        """A side whose assumed amounts are cut to what the said ones allow: family, person, limit, deductible."""

        def is_said(term: str) -> bool:
            return isinstance(self.intake.value(f"terms.{name}.{term}"), str | int)

        pairs = [("out_of_pocket_limit", "deductible")] if "deductible" in side.limit_counts else []
        if family:
            pairs += [("family_deductible", "deductible"), ("family_out_of_pocket_limit", "out_of_pocket_limit")]
        for more, less in pairs:
            most, least = getattr(side, more), getattr(side, less)
            if not isinstance(most, int) or not isinstance(least, int) or most >= least:
                continue
            if is_said(more) and not is_said(less):
                side = side.replace(**{less: most})
            elif is_said(less) or more.startswith("family"):
                side = side.replace(**{more: least})
            if is_said(more) and is_said(less) and told and name == self.network and more.startswith("family"):
                key = f"terms.{name}.{more}"
                sentence = (
                    f"A family amount of {shown(most)} is below one person's {shown(least)}: {shown(least)} is used."
                )
                self._conflict(key, sentence, Way("Take it back", key, None))
        return side

    def _says_family(self) -> bool:
        return any(".family" in key for key in self.intake.keys("terms.", "used."))

    def _put_in_plan(self, plan: Plan, key: str, *, told: bool) -> Plan:
        entry, value = entry_of(key), self.intake.value(key)
        network = entry.scope.get("network", "")
        if network and network not in plan.networks and (network not in ("in", "out") or not told):
            return plan
        if told and (not network or network == self.network):
            self.used.add(key)
        if entry.pattern == "terms.<network>.pays":
            return self._with_gate(plan, network, value)
        if network:
            side = plan.networks.get(network, NO_BENEFIT)
            if isinstance(side, str):
                if self.intake.value(f"terms.{network}.pays") is not True:
                    if told and network == self.network:
                        self._conflict(
                            key,
                            f"{plan.name} pays nothing in this network, so its terms there are not used.",
                            Way("It does pay there", f"terms.{network}.pays", True),
                            Way("Take it back", key, None),
                        )
                    return plan
                side = assumed_side(plan)
            side = _with_general(side, entry, value)
            plan = plan.replace(networks={**plan.networks, network: side})
        value = _single(value)
        if value is None:
            return plan
        try:
            return put(plan, entry.path.removeprefix("plan."), value)
        except KetacostError as error:
            if told:
                self._conflict(key, f"{error}", Way("Take it back", key, None))
            return plan

    def _with_gate(self, plan: Plan, network: str, value: object) -> Plan:
        if value is False:
            return plan.replace(networks={**plan.networks, network: NO_BENEFIT})
        if isinstance(plan.networks.get(network, NO_BENEFIT), str):
            return plan.replace(networks={**plan.networks, network: assumed_side(plan)})
        return plan

    def _family_fits(self, plan: Plan, *, told: bool) -> Plan:
        """Family kinds that the plan does not state are looked at both ways; amounts are no less than a person's."""
        if not plan.family:
            return plan
        for name in ("deductible_kind", "limit_kind"):
            if getattr(plan, name) == NOT_STATED:
                plan = plan.replace(**{name: "embedded"})
                if told and not self.designs:
                    self._open(name, f"plan.{name}")
        return plan

    def _stated(self, plan: Plan) -> Plan:
        """A design with its gaps filled in by the middle of its kind, since the design itself is only one of many."""
        for gap in gaps(plan, self.network, self._lines()):
            plan = _filled(plan, self.network, gap, self.scenario)
        return plan

    def _ask_gaps(self) -> None:
        """What the chosen plan does not state of this network: a range of its kind, and a question."""
        for gap in tuple(gaps(self.plan, self.network, self._lines())):
            path = f"plan.networks.{self.network}.{gap}"
            self._set_plan(_filled(self.plan, self.network, gap, self.scenario))
            self.notes.append(
                f"{self.plan.name} does not print {_term_words(gap)}. Enter it, or ask the plan; until then a range is used."
            )
            usual = default_range(self.scenario, path)
            if usual.values:
                self._register(path, usual.values, usual.odds, usual.shape)

    def _range_of_term(self, key: str) -> None:
        """Register the range of a term that was said to be one, or not to be known."""
        entry, value = entry_of(key), self.intake.value(key)
        if key not in self.used or entry.pattern == "terms.<network>.pays":
            if value is UNKNOWN and key == f"terms.{self.network}.pays" and key in self.used:
                self._register(GATE, (AS_IT_IS, NO_BENEFIT), (), "")
            return
        if isinstance(self.plan.networks.get(self.network), Network):
            self._as_range(entry, value)

    def _lines(self) -> tuple[str, ...]:
        """The lines of the booklet that the bill of this treatment meets with a charge."""
        charged = self.scenario.prices.charges
        return tuple(dict.fromkeys(service(name).benefit for name in charged))

    def _allowed(self) -> None:
        """What the plan counts: its own pricing, amounts said, and typical ranges for the rest."""
        side = self.plan.networks.get(self.network)
        if not isinstance(side, Network):
            return
        self._pricing(side)
        for key in self.intake.keys("allowed."):
            self._use(key)
        side = self.plan_side()
        for name in self.scenario.prices.charges:
            if name in side.allowed or not self.scenario.prices.charges[name] or self._is_priced(side, name):
                continue
            key = f"allowed.{self.network}.{self.protocol}.{name}"
            usual = typical_allowed().get(name, self.scenario.prices.charges[name] // 2)
            self._allow(name, usual)
            self._open(key, f"plan.networks.{self.network}.allowed.{name}")

    def _is_priced(self, side: Network, name: str) -> bool:
        """Whether the plan's way of pricing gives an amount for a service on every day of the course."""
        if side.pricing is None or side.pricing.method == SCHEDULE:
            return False
        lines = service_lines(self.scenario.course, self.scenario.prices, self.network)
        try:
            for line in lines:
                if line.service == name:
                    counted_by(side.pricing, line)
        except KetacostError as error:
            self.notes.append(f"{service(name).label}: {error}. A range is used.")
            return False
        return True

    def _allow(self, name: str, cents: int) -> None:
        """An allowed amount on the plan and on every design."""

        def allowing(plan: Plan) -> Plan:
            side = plan.networks.get(self.network)
            if not isinstance(side, Network) or name in side.allowed:
                return plan
            side = side.replace(allowed={**side.allowed, name: cents})
            return plan.replace(networks={**plan.networks, self.network: side})

        self._set_plan(allowing(self.plan))
        self.designs = {id: allowing(design) for id, design in self.designs.items()}
        if "published_plan" in self.ranges:
            self.scenario = self.scenario.replace(designs=self.designs)

    def _pricing(self, side: Network) -> None:
        method = self.intake.value(f"pricing.{self.network}.method")
        keys = tuple(self.intake.keys(f"pricing.{self.network}."))
        if not isinstance(method, str):
            if side.pricing is None:
                return
            method = side.pricing.method
        self.used |= set(keys)
        last = visits(self.scenario.course)[-1].date.year

        usual = {
            SHARE_OF_CHARGE: Pricing(method, share=share(_example("O003"))),
            USUAL_CHARGES: Pricing(method, share=share(_example("O003")), usual=self.scenario.prices.charges),
            MEDICARE: Pricing(
                method, multiple=multiple(_example("O004")), medicare_year=years()[-1] if last > years()[-1] else None
            ),
        }
        if method in ("typed", SCHEDULE):
            return
        pricing = side.pricing if side.pricing and side.pricing.method == method else usual.get(method, Pricing(method))

        def priced(plan: Plan) -> Plan:
            one = plan.networks.get(self.network)
            if not isinstance(one, Network):
                return plan
            bare = {name: cents for name, cents in one.allowed.items() if name not in self.scenario.prices.charges}
            return plan.replace(networks={**plan.networks, self.network: one.replace(pricing=pricing, allowed=bare)})

        self._set_plan(priced(self.plan))
        self.designs = {id: priced(design) for id, design in self.designs.items()}
        for key in keys:
            if not key.endswith(".method"):
                self._use(key)
        pricing_now = self.plan_side().pricing
        if "published_plan" in self.ranges and pricing_now is not None:
            pricing = pricing_now
            self.designs = {id: priced(design) for id, design in self.designs.items()}
            self.scenario = self.scenario.replace(designs=self.designs)

    def _coverage(self) -> None:
        """The card, or what the payer's odds say, with what was said of steps and chances."""
        for key in self.intake.keys("odds.", "excluded.", "steps.", "step_costs."):
            entry = entry_of(key)
            if entry.scope.get("payer", self.payer) != self.payer or not self.payer:
                continue
            if entry.scope.get("treatment", self.treatment) != self.treatment:
                continue
            if self.scenario.path is None:
                self.scenario = self.scenario.replace(path=path_of(self.scenario)[0])
            self._chance(key)
        for key in self.intake.keys("approval."):
            if entry_of(key).scope["treatment"] == self.treatment:
                self._approved(key)
        card = self.intake.value("coverage")
        approved = self.scenario.covered_until is not None
        if isinstance(card, str):
            self.used.add("coverage")
            self.scenario = self.scenario.replace(coverage=card)
            self._mark("coverage", "said", "What if: you chose it.")
        elif approved:
            self.scenario = self.scenario.replace(coverage="infusions too")
            self._mark("coverage", "said", "An approval was said.")
        elif self.payer:
            path = path_of(self.scenario)[0]
            odds = dict(
                zip(OUTCOMES, (10_000 - path.infusions - path.visits, path.visits, path.infusions), strict=True)
            )
            likeliest = max(odds, key=lambda answer: odds[answer])
            self.scenario = self.scenario.replace(coverage=likeliest)
            self.ranges["coverage"] = OUTCOMES
            if isinstance(card, OneOf):
                self.used.add("coverage")
                self.ranges["coverage"] = tuple(map(str, card.values))
                if card.chances:
                    self.odds["coverage"] = _points(card.chances)
            self._mark("coverage", "assumed", f"What {payer(self.payer).label} usually answers.")
        else:
            self.scenario = self.scenario.replace(coverage="denied")
        if "waived" in self.intake.said:
            self._use("waived")

    def _approved(self, key: str) -> None:
        """An approval that covers the first visits; one that ended before them is told and not used."""
        self._use(key)
        first, until = visits(self.scenario.course)[0].date, self.scenario.covered_until
        if until and until < first:
            self.scenario = self.scenario.replace(covered_until=None)
            self._conflict(
                key,
                f"The approval ends on {until}, before the first visit of {first}: it is not used.",
                Way("Take it back", key, None),
            )

    def _chance(self, key: str) -> None:
        """One said chance or step; what is left of a first decision is shared as the payer's own odds share it."""
        path = self.scenario.path
        assert path is not None
        entry = entry_of(key)
        value = self.intake.value(key)
        if entry.path in ("path.infusions", "path.visits") and isinstance(value, str | int):
            points = share(value)
            other = "visits" if entry.path == "path.infusions" else "infusions"
            start = key.rpartition(".")[0]
            said_other = self.intake.value(f"{start}.{other}")
            this = entry.path.removeprefix("path.")
            own = path_of(self.scenario.replace(path=None))[0]
            if isinstance(said_other, str | int):
                rest = share(said_other)
            else:
                left = 10_000 - getattr(own, this)
                rest = getattr(own, other) * (10_000 - points) // left if left else 0
            self.scenario = self.scenario.replace(path=path.replace(**{this: points, other: rest}))
            self.used.add(key)
            self._mark(key, "said", "You said it.")
            return
        self._use(key)

    def _used(self) -> None:
        keys = tuple(self.intake.keys("used."))
        first = visits(self.scenario.course)[0].date
        as_of = self.intake.value("used.as_of")
        amounts = tuple(key for key in keys if key != "used.as_of")
        day = read(date, as_of) if isinstance(as_of, str) else min(first, self.today)
        if day > first:
            self._conflict(
                "used.as_of",
                f"The amounts used are of {day}, after the first visit of {first}, and may hold that visit: they are "
                "taken as of the first visit.",
                Way("Take the date back", "used.as_of", None),
            )
            day = first
        starts = self.plan.plan_year_starts
        if amounts:
            self.scenario = self.scenario.replace(used=Used(as_of=day))
            for key in amounts:
                network = entry_of(key).scope.get("network", self.network)
                if network in self.plan.networks and not isinstance(self.plan.networks[network], str):
                    self._use(key)
            self._used_fits()
            if "used.as_of" in self.intake.said:
                self.used.add("used.as_of")
        elif "used.as_of" in self.intake.said:
            self.used.add("used.as_of")
        side = self.plan.networks.get(self.network)
        key = f"used.patient.{self.network}.deductible"
        running = plan_year_of(first, starts) <= self.today and (first - plan_year_of(first, starts)).days > 31
        if key not in self.intake.said and isinstance(side, Network) and running and side.deductible:
            if not isinstance(side.deductible, int):
                return
            if self.scenario.used.as_of is None:
                self.scenario = self.scenario.replace(used=Used(as_of=day))
            path = f"used.members.patient.{self.network}.deductible"
            self.scenario = put(self.scenario, path, text_of(side.deductible // 2, "money"))
            self._open(key, path)

    def _used_fits(self) -> None:
        """No more is used than there is: what was said above that is cut, and told where the plan is known."""
        said = self.scenario.used
        used = fitting(said, self.plan)
        self.scenario = self.scenario.replace(used=used)
        if used == said or self.designs:
            return
        for who, before, after in (
            ("patient", said.members.get("patient", {}), used.members.get("patient", {})),
            ("family", said.family, used.family),
        ):
            for network, amounts in before.items():
                if amounts != after.get(network):
                    self._cut(who, network, amounts, after.get(network, Amounts()))

    def _cut(self, who: str, network: str, said: Amounts, used: Amounts) -> None:
        for name, words in (("deductible", "deductible"), ("out_of_pocket", "limit")):
            key, amount, left = f"used.{who}.{network}.{name}", getattr(said, name), getattr(used, name)
            if amount == left or key not in self.intake.said:
                continue
            if who == "family" and not self.plan.family:
                sentence = "The plan is for one person here, so what the family has used is not counted."
                ways = (Way("It is a family plan", "family", True), Way("Take it back", key, None))
            elif left > amount:
                sentence = f"The family has used at least the {shown(left)} of the patient: that is counted."
                ways = (Way("Take it back", key, None),)
            else:
                sentence = (
                    f"{shown(amount)} is more than the plan's {words} of {shown(left)}: {shown(left)} is counted."
                )
                ways = (Way("Take it back", key, None),)
            self._conflict(key, sentence, *ways)

    def _after_a_no(self) -> None:
        notice = self.intake.value("notice")
        before = self.intake.value("denied_before")
        stops = if_denied(self.payer, self.treatment)
        owes = denied_line(
            self.payer, self.standing, notice=notice if notice in ("yes", "no") else "", denied_before=before is True
        )
        self.used |= {"notice", "denied_before"} & set(self.intake.said)
        said = self.intake.value("if_denied")
        self.scenario = self.scenario.replace(if_denied=said if isinstance(said, str) else stops.value)
        self._mark("if_denied", "said" if isinstance(said, str) else "assumed", stops.why)
        said = self.intake.value("denied_line")
        who = said if isinstance(said, str) else "not known" if said is UNKNOWN else owes.value
        if who == "not known":
            self.ranges["denied_line"] = ("patient", "provider")
        self.scenario = self.scenario.replace(denied_line="provider" if who == "provider" else "patient")
        self._mark("denied_line", "said" if said else "assumed", owes.why)
        self.used |= {"if_denied", "denied_line"} & set(self.intake.said)

    def _household(self) -> None:
        keys = tuple(self.intake.keys("household."))
        state = self.intake.value("household.state")
        if isinstance(state, str):
            year = self.today.year
            status = self.intake.value("household.filing_status")
            joint = status == "married_joint"
            age = self.intake.value("household.age")
            home = Household(
                year,
                state,
                status if isinstance(status, str) else "single",
                START_WAGES,
                age if isinstance(age, int) else START_AGE,
                spouse_age=(age if isinstance(age, int) else START_AGE) if joint else None,
            )
            self.scenario = self.scenario.replace(household=home)
            for key in keys:
                if not joint and "spouse" in key:
                    continue
                self._use(key)
            for name in ("wages", "age", "filing_status"):
                self._assume(f"household.{name}", "An example. Enter yours.")
        for key in self.intake.keys("contribution.", "next_contribution.", "on_hand."):
            self._use(key)
        home, put_in = self.scenario.household, self.scenario.contribution
        if home is not None and put_in.amount:
            try:
                saved_by(home, put_in)
            except KetacostError as error:
                self.scenario = self.scenario.replace(contribution=NOTHING)
                key = next(self.intake.keys("contribution."))
                self._conflict(key, f"{error}. It is left out.", Way("Take it back", key, None))

    def _rest(self) -> None:
        amount = self.intake.value("paying.loan.amount")
        if amount is not None:
            table = {"amount": amount, "apr": self.intake.value("paying.loan.apr") or "0%"}
            table["months"] = self.intake.value("paying.loan.months") or 12
            try:
                self.scenario = put(self.scenario, "paying.loan", table)
                self.used |= set(self.intake.keys("paying.loan."))
            except KetacostError as error:
                self._conflict("paying.loan.amount", str(error), Way("Take it back", "paying.loan.amount", None))
        for key in self.intake.keys("paying.", "calls", "title"):
            if not key.startswith("paying.loan."):
                self._use(key)

    # Small parts

    def plan_side(self) -> Network:
        """The terms of the clinic's network, which the plan has."""
        side = self.plan.networks[self.network]
        assert isinstance(side, Network)
        return side

    def _set_plan(self, plan: Plan) -> None:
        self.plan = plan
        self.scenario = self.scenario.replace(plan=plan)

    def _plainly(self, key: str, default: str, why: str) -> str:
        """A value that was said as one; the default where nothing was, or nothing is known."""
        value = self.intake.value(key)
        if key in self.intake.said:
            self.used.add(key)
        if value is not None and value is not UNKNOWN:
            self._mark(key, "said", "You said it.")
            if not isinstance(value, str):
                self._as_range(entry_of(key), value)
            return str(_single(value))
        self._mark(key, "assumed", why)
        return default

    def _use(self, key: str) -> None:
        """Put what was said in its place in the scenario, where it is in scope; a range is registered."""
        entry = entry_of(key)
        if entry.scope.get("protocol", self.protocol) != self.protocol:
            return
        if "network" in entry.scope and entry.scope["network"] not in self.plan.networks:
            return
        if entry.pattern.startswith(("allowed.", "pricing.")) and entry.scope["network"] != self.network:
            return
        value = self.intake.value(key)
        single = _single(value)
        try:
            if single is not None:
                self.scenario = put(self.scenario, entry.path, single)
                if entry.path.startswith("plan."):
                    self._everywhere(entry.path.removeprefix("plan."), single)
        except KetacostError as error:
            self._conflict(key, str(error), Way("Take it back", key, None))
            return
        self.used.add(key)
        self._mark(key, "said", "You said it.")
        self._as_range(entry, value)

    def _everywhere(self, path: str, value: object) -> None:
        """A said entry of the plan, on the plan and on each design that stands for it."""
        self.plan = self.scenario.plan
        designs = {}
        for id, design in self.designs.items():
            try:
                designs[id] = put(design, path, value)
            except KetacostError:
                designs[id] = design
        self.designs = designs
        if "published_plan" in self.ranges:
            self.scenario = self.scenario.replace(designs=designs)

    def _as_range(self, entry: Entry, value: object) -> None:
        if value is UNKNOWN:
            usual = default_range(self.scenario, entry.path)
            if usual.values:
                self._register(entry.path, usual.values, usual.odds, usual.shape)
        elif isinstance(value, Between):
            ends = (value.low, value.high) if value.typical is None else (value.low, value.typical, value.high)
            shape = value.shape or ("uniform" if len(ends) == 2 else "percentiles")
            self._register(entry.path, tuple(map(str, ends)), (), shape)
        elif isinstance(value, OneOf):
            self._register(entry.path, tuple(map(str, value.values)), _points(value.chances), "")

    def _register(self, path: str, values: tuple[str, ...], odds: tuple[int, ...], shape: str) -> None:
        self.ranges[path] = values
        if odds:
            self.odds[path] = odds
        if shape:
            self.shapes[path] = shape

    def _open(self, key: str, path: str) -> None:
        """An entry that was not said: its sourced range, where there is one."""
        usual = default_range(self.scenario, path)
        if usual.values:
            self._register(path, usual.values, usual.odds, usual.shape)
        self._mark(key, "assumed", usual.why or "A typical value.")

    def _assume(self, key: str, why: str) -> None:
        if key not in self.intake.said:
            self._mark(key, "assumed", why)

    def _mark(self, key: str, state: str, why: str) -> None:
        self.basis[key] = Basis(state, why)

    def _conflict(self, key: str, sentence: str, *ways: Way) -> None:
        self.conflicts.append(Conflict(key, sentence, ways))
        if key in self.intake.said:
            self.used.add(key)


def _single(value: object) -> Any:
    """The one value that stands for what was said; None where nothing is known."""
    if value is UNKNOWN:
        return None
    if isinstance(value, Between):
        return value.typical if value.typical is not None else _middle(value)
    if isinstance(value, OneOf):
        chances = _points(value.chances)
        return value.values[chances.index(max(chances)) if chances else 0]
    return value


def _middle(value: Between) -> str:
    low, high = str(value.low), str(value.high)
    if low.endswith("%"):
        return f"{(float(low[:-1]) + float(high[:-1])) / 2:g}%"
    if low.count("-") == 2:
        first, last = date.fromisoformat(low), date.fromisoformat(high)
        return (first + (last - first) / 2).isoformat()
    if "." in low:
        return dollars((usd(low) + usd(high)) // 2)
    return str((int(low) + int(high)) // 2)


def _points(chances: tuple[object, ...]) -> tuple[int, ...]:

    return tuple(share(part) for part in chances)


def _with_family_amounts(plan: Plan, network: str) -> Plan:
    """A plan whose family amounts are known where they may come first: twice a person's where they are not stated."""
    side = plan.networks.get(network)
    if not plan.family or not isinstance(side, Network):
        return plan
    for name in ("deductible", "out_of_pocket_limit"):
        own = getattr(side, name)
        if isinstance(own, int) and not isinstance(getattr(side, f"family_{name}"), int):
            side = side.replace(**{f"family_{name}": 2 * own})
    return plan.replace(networks={**plan.networks, network: side})


def _broad_first(key: str) -> tuple[int, str]:
    """Whether the plan pays, then the general terms, then those of one line of the booklet."""
    return (0 if key.endswith(".pays") else key.count("."), key)


def _with_general(side: Network, entry: Entry, value: object) -> Network:
    """A side whose lines take a general term that was said; a line's own said term starts from the general line."""
    default = side.benefits.get("default", Benefit(coinsurance=NOT_STATED))
    benefit = entry.scope.get("benefit")
    if benefit:
        own = side.benefits.get(benefit, default)
        return side.replace(benefits={**side.benefits, benefit: own})
    if entry.pattern.rsplit(".", 1)[-1] in ("copay", "coinsurance", "deductible_applies"):
        uncovered = {name: line for name, line in side.benefits.items() if not line.covered}
        if default.coinsurance == NOT_STATED and _single(value) is not None and entry.pattern.endswith("copay"):
            default = replace(default, coinsurance=0)
        if default.copay == NOT_STATED and entry.pattern.endswith("coinsurance"):
            default = replace(default, copay=0)
        return side.replace(benefits={**uncovered, "default": default})
    return side


def _filled(plan: Plan, network: str, gap: str, scenario: Scenario) -> Plan:
    """A plan with one gap filled in by the middle of what is known of its kind; a limit that nobody prints is none."""
    usual = default_range(scenario, f"plan.networks.{network}.{gap}")
    value: Any = usual.values[len(usual.values) // 2] if usual.values else 0
    if gap.startswith("family_"):
        side = plan.networks[network]
        own = getattr(side, gap.removeprefix("family_"))
        value = "none" if own is None else text_of(own * 2, "money") if isinstance(own, int) else value
    side = plan.networks[network]
    if isinstance(side, Network) and gap.startswith("benefits."):
        line = _line_of(gap)
        own_line = side.benefits.get(line, side.benefits.get("default", Benefit(coinsurance=NOT_STATED)))
        plan = plan.replace(
            networks={**plan.networks, network: side.replace(benefits={**side.benefits, line: own_line})}
        )
    return put(plan, f"networks.{network}.{gap}", value)


def _line_of(gap: str) -> str:
    """The line of the booklet in a gap below a network; a text that is nowhere in other gaps."""
    return gap.split(".")[1] if gap.startswith("benefits.") else "\0"


def _term_words(gap: str) -> str:
    """A gap in words: "its share for the infusion line"."""
    names = {"deductible": "its deductible", "out_of_pocket_limit": "its yearly limit"}
    if gap.startswith("benefits."):
        line, term = gap.split(".")[1:]
        what = {"copay": "copay", "coinsurance": "share"}.get(term, term)
        return f"its {what} for {line.replace('_', ' ')}" if line != "default" else f"its general {what}"
    return names.get(gap, f"its {gap.replace('_', ' ')}")


def _usual_network(payer_name: str, treatment: str) -> str:

    table = read_toml("payers.toml").get(payer_name, {})
    return str(table.get(treatment, {}).get("network", "") or table.get("network", "") or payer(payer_name).network)


def _law_kind(payer_name: str) -> str:
    """Payers whose plans are of one family of law: commercial ones are alike."""
    law = payer(payer_name).law if payer_name else ""
    return "commercial" if law in ("aca", "erisa") else law


def _example(id: str) -> str:
    """Where a method starts: FAIR Health's examples of a cap at area charges (O003) and at Medicare (O004)."""

    return next(row["value"] for row in rows("reimbursement") if row["id"] == id)
