"""The plan in force and its terms: said over printed over assumed, on the plan or on each design that stands for it."""

from __future__ import annotations

from typing import Any, cast

from ketacost.core.convert import get, put
from ketacost.core.fields import KetacostError, replace
from ketacost.core.money import brief, multiple, share, shown, usd
from ketacost.core.references import read_toml, rows
from ketacost.core.registry import kept
from ketacost.estimate.designs import (
    NO_PLAN,
    assumed_side,
    designs_of,
    for_life,
    gaps,
    is_printed,
    payer_of_kind,
    plan_kinds,
    terms_are_said,
)
from ketacost.estimate.distributions import text_of
from ketacost.estimate.entries import Entry, entry_of, label_of
from ketacost.estimate.intake import UNKNOWN
from ketacost.estimate.resolving import Conflict, Resolving, Way, no_benefit, single_of, with_changed, with_side
from ketacost.estimate.scenario import AS_IT_IS, COVERS
from ketacost.estimate.unknowns import GATE, default_range, range_of_term, typical_counted
from ketacost.model.allowed import counted_by, typical_allowed
from ketacost.model.courses import service_lines, visits
from ketacost.model.denials import network_of_standing, standings_of
from ketacost.model.fee_schedule import years
from ketacost.model.payers import payer
from ketacost.model.plans import NO_BENEFIT, NOT_STATED, Benefit, Network, Plan
from ketacost.model.pricing import MEDICARE, SCHEDULE, SHARE_OF_CHARGE, USUAL_CHARGES, Pricing
from ketacost.model.protocols import protocol, service

OF_THE_PLAN = (
    *("family", "deductible_kind", "limit_kind", "plan_year_starts", "hsa_eligible"),
    *("deductible_months", "deductible_carryover"),
)
"""The entries that hold for the whole plan, whatever the network."""

AMOUNTS = {"deductible": "deductible", "out_of_pocket_limit": "out-of-pocket limit"}
"""The amounts of a network that a program prints for everybody, in words."""


class ResolvingTerms(Resolving):
    """The steps that settle the plan, the network, the terms and what the plan counts."""

    def _plan(self) -> None:
        """The plan, or the designs that stand for it."""
        self.used |= {"plan", "plan_kind"}
        wished = self._wished_network()
        if self.said_plan is not None:
            said = self.intake.value("plan")
            self.plan, self.published = self.said_plan, said if isinstance(said, str) else ""
            self._mark("plan", "said", "You chose it.")
            return
        if not self.kind:
            self.plan, self.published = NO_PLAN, ""
            self._mark("plan", "assumed", "No plan pays.")
            return
        found = designs_of(self.kind, wished, self.today)
        if self.kind == "TRICARE" and str(self.intake.value("second.plan_kind")).startswith("Medicare"):
            self.plan, self.published = for_life(found.plans[found.typical]), ""
            self._mark("plan", "assumed", "TRICARE For Life: it pays what Medicare leaves of care that both cover.")
            return
        self.plan, self.published = found.plans[found.typical], found.typical
        number = len(found.plans)
        if number > 1:
            self.designs = dict(found.plans)
            why = f"Not known: one of {number} published {self.kind} plans, all equally likely."
        else:
            why = f"The terms of {self.plan.name}."
        self._mark("plan", "assumed", why)
        if not terms_are_said(self.intake.said, wished, self.kind):
            self.notes += filter(None, (found.note, _otherwise(self.payer, self.kind)))

    def _plan_of_another_payer(self) -> None:
        """A plan that was said beside a payer whose plans are others: the payer decides, the terms are the plan's."""
        if _law_kind(payer_of_kind(self.kind)) == _law_kind(self.payer):
            return
        name = getattr(self.said_plan, "name", "") or "your plan"
        told = f"You chose {_short_name(self.payer)} and {name}: the terms used here are those of {name}."
        used = self.payer != "self-pay" or "coverage" in self.intake.said
        if not used:
            told = f"No claim is filed, so {name} pays nothing."
        key = "plan" if self.said_plan is not None else "plan_kind"
        ways = Way("Clear the plan", key, None), Way("Clear the payer", "payer", None)
        self.conflicts.append(Conflict(key, told, ways, counts=used))

    def _terms_of_another_payer(self, printed: Plan) -> None:
        """Amounts that were said over what a program prints for everybody: used as said, and told."""
        if not is_printed(self.kind) or self.payer == "medicare-advantage" or self.said_plan is not None:
            return
        before, after = printed.networks.get(self.network), self.plan.networks.get(self.network)
        told, ways = [], []
        for key in self.intake.keys(f"terms.{self.network}."):
            name = key.rpartition(".")[2]
            usual, said = getattr(before, name, NOT_STATED), getattr(after, name, NOT_STATED)
            if name in AMOUNTS and usual not in (NOT_STATED, said):
                amount = f"a {brief(usual)}" if isinstance(usual, int) and usual else "no"
                told.append(f"{amount} {AMOUNTS[name]}")
                ways.append(Way(f"Use its {AMOUNTS[name]}", key, None))
        if told:
            sentence = f"{_short_name(self.payer)} has {' and '.join(told)}. What you typed is used instead."
            self.conflicts.append(Conflict(ways[0].key, sentence, tuple(ways), counts=True))

    def _wished_network(self) -> str:
        said, standing = self.intake.value("network"), self.intake.value("standing")
        if "exception" in self.intake.said:  # its terms are the inner ones
            return "in"
        if isinstance(said, str):
            return said
        if isinstance(standing, str) and (not self.payer or standing in standings_of(self.payer)):
            return network_of_standing(standing)
        if not self.payer:
            return "out"
        return _usual_network(self.payer, self.treatment)

    def _network(self) -> None:
        wished = self._wished_network()
        self.used |= {"network", "standing", "exception"}
        choices = tuple(self.plan.networks)
        inner = self.plan.protected_network if wished == "in" else "out"
        self.network = next((name for name in (wished, inner, "out") if name in choices), choices[0])
        named = [key for key in ("exception", "network", "standing") if key in self.intake.said]
        if wished != self.network and named:
            key = named[0]
            self._conflict(
                key,
                f"{self.plan.name}: no network {wished!r}; {self.network!r} is used.",
                Way("Clear the network", key, None),
            )
        for key in self.intake.keys("networks."):
            name, network = entry_of(key).scope["service"], str(self.intake.value(key))
            if name not in {*protocol(self.protocol).price_groups, *protocol(self.protocol).bundled}:
                continue
            if network in choices:
                self.networks[name] = network
                self._take(key)
            else:
                told = f"{self.plan.name}: no network {network!r}; {self.network!r} is used for this service."
                self._conflict(key, told)
        said = "network" in self.intake.said or "standing" in self.intake.said
        self._mark(
            "network", "said" if said else "assumed", "" if said else "Where the clinic usually is for this payer."
        )
        standing = self.intake.value("standing")
        usual = standings_of(self.payer)
        fitting = [one for one in usual if network_of_standing(one) == self.network]
        self.standing = standing if isinstance(standing, str) and standing in usual else (fitting or list(usual))[0]
        if self.payer and isinstance(standing, str) and standing not in usual:
            told = f"{payer(self.payer).label}: a clinic is {' or '.join(usual)}, not {standing!r}."
            told = f"{told} We take it as {self.standing}."
            self._conflict("standing", told)

    def _terms(self) -> None:
        """What was said of terms, over the plan or over each design that stands for it."""
        if self.designs:
            lines = self._lines()
            designs = {id: self._with_terms(design, told=False) for id, design in self.designs.items()}
            fitting = {id: design for id, design in designs.items() if {*self.clinic_networks} <= {*design.networks}}
            self.designs = {
                id: stated(design, self.clinic_networks, lines) for id, design in (fitting or designs).items()
            }
            self._set_plan(stated(self._with_terms(self.plan, told=True), self.clinic_networks, lines))
            if len(set(self.designs.values())) > 1 and isinstance(self.plan.networks.get(self.network), Network):
                self.ranges["published_plan"] = tuple(sorted(self.designs))
                self.scenario = self.scenario.replace(designs=self.designs)
            else:
                self.designs = {}
        else:
            printed = self.plan
            self._set_plan(self._with_terms(printed, told=True))
            self._terms_of_another_payer(printed)
            self._ask_gaps()
            self._advantage_limit()
        for key in self.intake.keys("terms."):
            self._range_of_term(key)
        for key in self.intake.keys(*OF_THE_PLAN):
            self._as_range(entry_of(key), self.intake.value(key))
        if any(self.ranges.get(f"plan.{name}") for name in ("deductible_kind", "limit_kind")) or self.plan.family:
            self._every_plan(self._with_family_amounts)

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
        for key in self.intake.keys(*OF_THE_PLAN):
            if key != "family":
                plan = self._put_in_plan(plan, key, told=told)
        for key in sorted(self.intake.keys("terms."), key=_broad_first):
            plan = self._put_in_plan(plan, key, told=told)
        self.used.add("family")
        plan = plan.each_network(lambda name, side: self._fitted(name, side, family=family, told=told))
        return self._family_fits(plan.replace(family=family), told=told)

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
            if is_said(more) and is_said(less) and told and name == self.network:
                keys = {term: f"terms.{name}.{term}" for term in (more, less)}
                sentence = _too_small(more, most, least)
                ways = [Way(f"Clear: {label_of(entry_of(key))}", key, None) for key in keys.values()]
                self._conflict(keys[more], sentence, *ways)
        return side

    def _says_family(self) -> bool:
        """Whether amounts of a family were said for the clinic's network."""
        return any(
            ".family" in key for key in self.intake.keys(f"terms.{self.network}.", f"used.family.{self.network}.")
        )

    def _put_in_plan(self, plan: Plan, key: str, *, told: bool) -> Plan:
        entry, value = entry_of(key), self.intake.value(key)
        network = entry.scope.get("network", "")
        if network and network not in plan.networks and (network not in ("in", "out") or not told):
            return plan
        if told and (not network or network in self.clinic_networks):
            self._take(key)
        if entry.pattern == "terms.<network>.pays":
            return self._with_gate(plan, network, value)
        if value is UNKNOWN and self._is_printed(entry):
            return plan
        if network:
            side = plan.networks.get(network, NO_BENEFIT)
            if isinstance(side, str):
                if self.intake.value(f"terms.{network}.pays") is not True:
                    if told and network == self.network:
                        self._conflict(
                            key,
                            no_benefit(plan, "terms there are"),
                            Way("It does pay there", f"terms.{network}.pays", True),
                            Way("Clear it", key, None),
                        )
                    return plan
                side = assumed_side(plan)
            side = self._with_line(side, entry) if "benefit" in entry.scope else self._with_general(side, entry, value)
            plan = with_side(plan, network, side)
        value = single_of(value)
        if value is None:
            return plan
        try:
            return put(plan, entry.path.removeprefix("plan."), value)
        except KetacostError as error:
            if told:
                self._conflict(key, f"{error}")
            return plan

    def _with_line(self, side: Network, entry: Entry) -> Network:
        """A side with a line of the booklet to put a said term in: its own line, else a copy of its general one.

        A copay that is said without a share is the whole of the line's cost; where the side has no such line, the
        deductible is assumed not to apply to it. A term said as the line has it anyway changes nothing; another one
        holds for the first visits of a year, too.
        """
        network, benefit = entry.scope["network"], entry.scope["benefit"]
        line = side.benefits.get(benefit)
        general = side.benefits.get("default", Benefit(coinsurance=NOT_STATED))
        keys = {term: f"terms.{network}.{benefit}.{term}" for term in ("copay", "coinsurance")}
        said = {term for term, key in keys.items() if key in self.intake.said}
        if len(said) == 1 and all(self.intake.value(keys[term]) == get(line or general, term) for term in said):
            said = set()  # what the line has anyway
        if line is None:
            line = replace(general, deductible_applies=general.deductible_applies and said != {"copay"})
        if any(self.intake.value(keys[term]) not in (UNKNOWN, get(line, term)) for term in said):
            line = replace(line, first_visits=None)
        if said == {"copay"}:
            line = replace(line, coinsurance=0)
        elif said == {"coinsurance"}:
            line = replace(line, copay=0)
        return side.replace(benefits={**side.benefits, benefit: line})

    def _with_general(self, side: Network, entry: Entry, value: object) -> Network:
        """A side whose lines take a general term that was said, those of one line of the booklet excepted."""
        default = side.benefits.get("default", Benefit(coinsurance=NOT_STATED))
        term = entry.pattern.rsplit(".", 1)[-1]
        if term in ("copay", "coinsurance", "deductible_applies"):
            if get(default, term) == value and not self.designs:  # as this plan has it: its lines keep their own terms
                return side
            uncovered = {name: line for name, line in side.benefits.items() if not line.covered}
            if default.coinsurance == NOT_STATED and single_of(value) is not None and entry.pattern.endswith("copay"):
                default = replace(default, coinsurance=0)
            if default.copay == NOT_STATED and entry.pattern.endswith("coinsurance"):
                default = replace(default, copay=0)
            return side.replace(benefits={**uncovered, "default": default})
        return side

    def _with_gate(self, plan: Plan, network: str, value: object) -> Plan:
        if value is False:
            return with_side(plan, network, NO_BENEFIT)
        if isinstance(plan.networks.get(network, NO_BENEFIT), str):
            return with_side(plan, network, assumed_side(plan))
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

    def _ask_gaps(self) -> None:
        """What the chosen plan does not state of this network: a range of its kind, and a question."""
        for network, gap in [
            (side, gap) for side in self.clinic_networks for gap in gaps(self.plan, side, self._lines())
        ]:
            path = f"plan.networks.{network}.{gap}"
            self._set_plan(_filled(self.plan, network, gap))
            self.notes.append(
                f"{self.plan.name} does not print {_term_words(gap)}. Enter it, or ask the plan; we use a range."
            )
            self._register_usual(path)

    def _advantage_limit(self) -> None:
        """Medicare Advantage has a yearly limit by law: a range where neither the plan nor anybody said it."""
        side, key = self.plan.networks.get(self.network), f"terms.{self.network}.out_of_pocket_limit"
        if self.payer != "medicare-advantage" or key in self.intake.said or not isinstance(side, Network):
            return
        if side.out_of_pocket_limit is None:
            path = f"plan.networks.{self.network}.out_of_pocket_limit"
            values = default_range(self.scenario, path).values
            most = side.family_out_of_pocket_limit if self.plan.family else None
            middle = _at_most(values[len(values) // 2], most)
            self._set_plan(put(self.plan, path.removeprefix("plan."), middle))
            self._open(key, path)

    def _range_of_term(self, key: str) -> None:
        """Register the range of a term that was said to be one, or not to be known."""
        entry, value = entry_of(key), self.intake.value(key)
        if key not in self.used or entry.pattern == "terms.<network>.pays":
            if value is UNKNOWN and key == f"terms.{self.network}.pays" and key in self.used:
                self._register(GATE, (AS_IT_IS, NO_BENEFIT), (), "")
            return
        if isinstance(self.plan.networks.get(entry.scope.get("network", self.network)), Network):
            self._as_range(entry, value)

    def _with_family_amounts(self, plan: Plan) -> Plan:
        """A plan with family amounts where they may come first: twice a person's where it does not state them."""

        def doubled(side: Network) -> Network:
            for name, kind in (("deductible", "deductible_kind"), ("out_of_pocket_limit", "limit_kind")):
                drawn = self.ranges.get(f"plan.networks.{self.network}.{name}", ())
                first = bool(self.ranges.get(f"plan.{kind}")) or (bool(drawn) and getattr(plan, kind) == "aggregate")
                amounts = [usd(value) for value in drawn if value != "none"]
                own = getattr(side, name)
                most = max([own, *amounts] if isinstance(own, int) else amounts, default=None)
                if first and most is not None and not isinstance(getattr(side, f"family_{name}"), int):
                    side = side.replace(**{f"family_{name}": 2 * most})
            return side

        return with_changed(plan, self.network, doubled) if plan.family else plan

    def _lines(self) -> tuple[str, ...]:
        """The lines of the booklet that the bill of this treatment meets with a charge."""
        charged = self.scenario.prices.charges
        return tuple(dict.fromkeys(service(name).benefit for name in charged))

    def _allowed(self) -> None:
        """What the plan counts: its own pricing, amounts said, and typical ranges for the rest."""
        side = self.plan.networks.get(self.network)
        if isinstance(side, Network):
            self._pricing(side)
        for key in self.intake.keys("allowed."):
            self._use(key)
        for network in self.clinic_networks:
            self._allowed_in(network)

    def _allowed_in(self, network: str) -> None:
        """Typical allowed amounts of the services in a network that have none."""
        side = self.plan.networks.get(network)
        if not isinstance(side, Network):
            return
        charges, amounts = self.scenario.prices.charges, dict[str, int]()
        for name, charge in charges.items():
            if self.networks.get(name, self.network) != network:
                continue
            known = name in side.allowed or "default" in side.allowed
            if not known and charge and not self._is_priced(side, name):
                typical = name in typical_allowed()
                amounts[name] = typical_counted(self.scenario.course, name) if typical else charge // 2
                if side.balance_bill == "written off" and amounts[name] > charge:
                    counts = f"plans count about {brief(amounts[name])}"
                    cash = f"{brief(charge)} is a cash price, and {counts}"
                    self.notes.append(f"{service(name).label}: {cash}. Enter what the clinic charges your plan.")
        if amounts:

            def allowing(side: Network) -> Network:
                return side.replace(allowed={**amounts, **side.allowed})

            self._every_plan(lambda plan: with_changed(plan, network, allowing))
        for name in [name for name in self._billed() if name in amounts]:
            key = f"allowed.{network}.{self.protocol}.{name}"
            if service(name).part in COVERS["infusions too"] or "everything" in str(self.intake.value("coverage")):
                self._open(key, f"plan.networks.{network}.allowed.{name}")
            else:
                self._mark(key, "assumed", "No plan answer covers this, so it does not matter.")

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

        def priced(side: Network) -> Network:
            bare = {name: cents for name, cents in side.allowed.items() if name not in self.scenario.prices.charges}
            return side.replace(pricing=pricing, allowed=bare)

        self._every_plan(lambda plan: with_changed(plan, self.network, priced))
        for key in keys:
            if not key.endswith(".method"):
                self._use(key)
        typed = tuple(self.intake.keys(f"allowed.{self.network}.{self.protocol}."))
        if typed and f"pricing.{self.network}.method" in keys:
            self._conflict(
                f"pricing.{self.network}.method",
                "What you gave for a service itself is used before this.",
                *(Way(f"Clear: {service(key.rpartition('.')[2]).label}", key, None) for key in typed),
            )
        pricing = cast(Network, self.plan.networks[self.network]).pricing or pricing
        self._every_plan(lambda plan: with_changed(plan, self.network, priced))


def _too_small(term: str, amount: int, least: int) -> str:
    """Why a family amount, or a yearly limit, cannot be as small as it was said."""
    what = f"A family amount of {shown(amount)} is below one person's {shown(least)}"
    if not term.startswith("family"):
        what = f"A yearly limit of {shown(amount)} is below the deductible of {shown(least)}"
    return f"{what}: {shown(least)} is used."


def _broad_first(key: str) -> tuple[int, str]:
    """Whether the plan pays, then the general terms, then those of one line of the booklet."""
    return (0 if key.endswith(".pays") else key.count("."), key)


@kept(128)
def stated(plan: Plan, networks: tuple[str, ...], lines: tuple[str, ...]) -> Plan:
    """A design with its gaps filled in by the middle of its kind, since the design itself is only one of many."""
    for network in networks:
        for gap in gaps(plan, network, lines):
            plan = _filled(plan, network, gap)
    return plan


def _filled(plan: Plan, network: str, gap: str) -> Plan:
    """A plan with one gap filled in by the middle of what is known of its kind; a limit that nobody prints is none."""
    usual = range_of_term(plan.kind, network, gap.rpartition(".")[2]).values if not gap.startswith("family_") else ()
    value: Any = usual[len(usual) // 2] if usual else 0
    if gap.startswith("family_"):
        side = plan.networks[network]
        own = getattr(side, gap.removeprefix("family_"))
        value = "none" if own is None else text_of(own * 2, "money") if isinstance(own, int) else value
    side = plan.networks[network]
    if isinstance(side, Network) and plan.family and gap in ("deductible", "out_of_pocket_limit"):
        value = _at_most(value, getattr(side, f"family_{gap}"))
    if isinstance(side, Network) and gap.startswith("benefits."):
        line = gap.split(".")[1]
        own_line = side.benefits.get(line, side.benefits.get("default", Benefit(coinsurance=NOT_STATED)))
        plan = with_side(plan, network, side.replace(benefits={**side.benefits, line: own_line}))
    return put(plan, f"networks.{network}.{gap}", value)


def _at_most(value: Any, most: object) -> Any:
    """A person's amount that is filled in, cut at what the family's allows."""
    if not isinstance(most, int):
        return value
    return text_of(most, "money") if value == "none" else text_of(min(usd(value), most), "money")


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


def _example(id: str) -> str:
    """Where a method starts: FAIR Health's examples of a cap at area charges (O003) and at Medicare (O004)."""

    return next(row["value"] for row in rows("reimbursement") if row["id"] == id)


def _otherwise(payer_name: str, kind: str) -> str:
    """Whose printed terms are taken where nobody chose a plan, and what to do where they are others."""
    rows = read_toml("payers.toml").get(payer_name, {}), plan_kinds().get(kind, {})
    return next((str(row["otherwise"]) for row in rows if "otherwise" in row), "")


def _short_name(payer_name: str) -> str:
    """A payer's label without what explains it: "VA", "Original Medicare"."""
    return payer(payer_name).label.partition(",")[0]


def _law_kind(payer_name: str) -> str:
    """Payers whose plans are of one family of law: commercial ones are alike."""
    law = payer(payer_name).law if payer_name else ""
    return "commercial" if law in ("aca", "erisa") else law
