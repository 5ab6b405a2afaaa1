"""What may come with the plan: a second plan, a later one, groups of benefits, an exception, and a hospital's bill."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ketacost.core.convert import put, read, written
from ketacost.core.fields import KetacostError, replace
from ketacost.core.money import WHOLE, dollars, percent, usd
from ketacost.core.references import assumption
from ketacost.estimate.designs import FOR_LIFE, complete, counts_as, designs_of, for_life, is_printed
from ketacost.estimate.entries import entry_of
from ketacost.estimate.intake import UNKNOWN, Intake
from ketacost.estimate.resolving import SAID, single_of, with_side
from ketacost.estimate.scenario import FACILITY_FEE, PHARMACY_LINE
from ketacost.estimate.terms import ResolvingTerms, stated
from ketacost.estimate.unknowns import default_range, typical_counted
from ketacost.model.allowed import typical_allowed
from ketacost.model.courses import FACILITY, visits
from ketacost.model.denials import Default, Held, pays_first
from ketacost.model.plans import NOT_STATED, Network, Plan, PlanVersion, plan

OF_ORDER = (
    *("held_through", "second.held_through", "employer_size", "medicare_because", "earlier_birthday"),
    "longer_covered",
)
"""The entries that decide which of two plans pays first."""

AGREEMENT = "single-case agreement"

FITS = {"deductible": "out_of_pocket_limit", "out_of_pocket_limit": "deductible"}
"""A term, and the one that it has to fit where that one was said."""

USUAL_KIND = "PPO"
"""The kind of a second or a later plan of which only terms were said."""


class ResolvingOtherPlans(ResolvingTerms):
    """The steps that settle what comes with the plan and its terms."""

    def _hospital(self) -> None:
        """The hospital's own bill: its charge, and Medicare's share of it, both ranges where nobody said them."""
        if self.scenario.course.setting != "hospital outpatient":
            return
        if FACILITY not in self.scenario.prices.charges:
            fee = assumption(FACILITY_FEE)["central"]
            self.scenario = put(self.scenario, f"prices.charges.{FACILITY}", fee)
            self._open(f"prices.{self.protocol}.{FACILITY}", f"prices.charges.{FACILITY}")
        self.notes.append(
            "A hospital's outpatient department sends two bills: the doctor's and the hospital's. We could read no "
            "hospital's rate for ketamine, so its bill is a range. Some say that Medicare covers ketamine there more "
            "often; we found no source for that."
        )

    def _hospital_share(self) -> None:
        """Medicare's share of a hospital's bill is at least 20%: a range where nobody said it."""
        line = f"{self.network}.hospital_outpatient.coinsurance"
        side = self.plan.networks.get(self.network)
        known = isinstance(side, Network) and "hospital_outpatient" in side.benefits
        if self.scenario.course.setting != "clinic" and known and f"terms.{line}" not in self.intake.said:
            name = line.replace(".", ".benefits.", 1)
            if default_range(self.scenario, f"plan.networks.{name}").values:
                self._open(f"terms.{line}", f"plan.networks.{name}")

    def _lines_of_services(self) -> None:
        """The lines of the booklet that services fall under, and the benefit that pays for the drug."""
        for key in self.intake.keys("lines.", "drug_benefit"):
            name = entry_of(key).scope.get("service")
            if name is None or name in self.scenario.prices.charges:
                self._use(key)
        pharmacy = self.scenario.drug_benefit == "pharmacy"
        side = self.plan.networks.get(self.network)
        if "esketamine" not in self.scenario.prices.charges or not isinstance(side, Network):
            return
        benefit = "pharmacy" if pharmacy else "medical"
        if "drug_benefit" not in self.intake.said:
            self._mark("drug_benefit", "assumed", "As for drugs given by a clinic.")
            self.notes.append(
                "We count the drug under the plan's medical benefit. Some plans use the pharmacy benefit."
            )
        elif self.intake.value("drug_benefit") is not UNKNOWN:
            self.notes.append(f"The drug counts under the plan's {benefit} benefit.")
        if pharmacy and PHARMACY_LINE not in side.benefits:
            key = f"terms.{self.network}.{PHARMACY_LINE}"
            self.notes.append(
                f"Enter your part under the pharmacy benefit ({key}). Until then we use the general terms."
            )

    def _exception(self) -> None:
        """In-network terms at a clinic outside: the rest may be billed or not; both where it is not known."""
        if "exception" not in self.intake.said or self.network != "in":
            return
        value, path = self.intake.value("exception"), "plan.networks.in.balance_bill"
        side = self.plan.networks.get("in")
        if not isinstance(side, Network):
            told = f"{self.plan.name} has no in-network terms that an exception could apply."
            self._conflict("exception", told)
            return
        owed = "written off" if value == AGREEMENT else "owed"
        self.scenario = put(self.scenario, path, owed)
        self._everywhere(path.removeprefix("plan."), owed)
        for key in self.intake.keys("allowed.out."):
            name = entry_of(key).scope["service"]
            inside = f"allowed.in.{self.protocol}.{name}"
            if entry_of(key).scope["protocol"] == self.protocol and inside not in self.intake.said:
                amount = single_of(self.intake.value(key))
                if amount is not None:
                    self._everywhere_put(f"networks.in.allowed.{name}", amount)
                    self._as_range(entry_of(inside), self.intake.value(key))
                self.used.add(key)
        if value is UNKNOWN:
            self._register(path, ("owed", "written off"), (), "")
            self.notes.append(
                "We don't know if the clinic signed a rate (a single-case agreement) or may bill the rest (a gap "
                "exception), so we count both. Ask which it is."
            )
        why = "The clinic signed a rate." if value == AGREEMENT else "The clinic signed nothing and may bill the rest."
        known = value is not UNKNOWN
        self._mark("exception", "said" if known else "assumed", why if known else "We consider both. Ask the plan.")

    def _everywhere_put(self, path: str, value: object) -> None:
        self.scenario = put(self.scenario, f"plan.{path}", value)
        self._everywhere(path, value)

    def _groups(self) -> None:
        """Groups of benefits with amounts of their own; their lines are the one of the group's name if not said."""
        groups: dict[tuple[str, str], dict[str, Any]] = {}
        for key in self.intake.keys("groups."):
            scope, field = entry_of(key).scope, key.rpartition(".")[2]
            groups.setdefault((scope["network"], scope["group"]), {})[field] = single_of(self.intake.value(key))
        for (network, name), fields in groups.items():
            keys = [f"groups.{network}.{name}.{field}" for field in fields]
            table = {field: value for field, value in fields.items() if value is not None}
            side = self.plan.networks.get(network)
            if not isinstance(side, Network):
                continue
            printed = written(side.groups[name]) if name in side.groups else {"benefits": [name]}
            try:
                self._everywhere_put(f"networks.{network}.groups.{name}", {**printed, **table})
            except KetacostError as error:
                self._conflict(keys[0], f"{error}")
                continue
            for key in keys:
                self._take(key)
                self._as_range(entry_of(key), self.intake.value(key))

    def _beside(self, which: str) -> Plan | None:
        """The second or the later plan as it was said: a plan, or a kind of plan and its terms; None for neither.

        Gaps are filled in by the middle of its kind. Where the first plan has no benefit, or may have none, it counts
        what that plan or plans typically do.
        """
        said, kind = self.intake.value(f"{which}.plan"), self.intake.value(f"{which}.plan_kind")
        if isinstance(said, str | Mapping):
            made = complete(plan(said)) if isinstance(said, str) else read(Plan, said)
        elif isinstance(kind, str) or self._typed_of(which):
            made = self._of_kind(kind if isinstance(kind, str) else USUAL_KIND)
        else:
            return None
        if which == "second" and self._for_life(made):
            made = for_life(made)
        for key in self._typed_of(which):
            made = self._with_typed(made, key)
        lines = tuple(dict.fromkeys((*self._lines(), PHARMACY_LINE)))
        made = stated(made, tuple(made.networks), lines)
        charged, course = self.scenario.prices.charges, self.scenario.course
        usual = {
            name: typical_counted(course, name) if name in typical_allowed() else charge // 2
            for name, charge in charged.items()
        }

        def counting(name: str, side: Network) -> Network:
            first = self.plan.paying_networks.get(name)
            if first and f"plan.networks.{name}" not in self.ranges:
                return side
            return side.replace(allowed={**usual, **(first.allowed if first else {}), **side.allowed})

        return made.each_network(counting)

    def _for_life(self, other: Plan) -> bool:
        """Whether TRICARE pays all that Medicare leaves; `pays_first` has its source. A plan that was named stays."""
        kinds = [counts_as(one.kind) for one in (self.plan, other)]
        return kinds == ["Medicare", "TRICARE"] and self.intake.value("second.plan") in (None, UNKNOWN)

    def _typed_of(self, which: str) -> list[str]:
        return sorted(self.intake.keys(f"{which}.terms."))

    def _of_kind(self, kind: str) -> Plan:
        """The middle one of a kind's published designs: as printed, or with one share for every line of the bill."""
        found = designs_of(kind, self.network, self.today)
        middle = found.plans[found.typical]
        if is_printed(kind):
            return middle

        def with_one_line(name: str, side: Network) -> Network:
            return side.replace(benefits={"default": side.benefit("default")[0].replace(copay=0)})

        return middle.each_network(with_one_line).replace(name=f"{kind} plan", versions=())

    def _with_typed(self, made: Plan, key: str) -> Plan:
        """A second or a later plan with one of its terms as it was said; a share or a copay holds for every line."""
        entry, value = entry_of(key), single_of(self.intake.value(key))
        network, term = entry.scope["network"], key.rpartition(".")[2]
        side = made.networks.get(network)
        if not isinstance(side, Network):
            told = f"{made.name}: no benefit in this network, so this is not used."
            self._conflict(key, told)
            return made
        if value is None:
            return made
        if term in ("copay", "coinsurance"):
            side = self._with_general(side, entry, self.intake.value(key))
            other = key.replace(f".{term}", ".coinsurance" if term == "copay" else ".copay")
            if other not in self.intake.said:  # the one that was said is the whole of it
                line = side.benefits["default"]
                line = replace(line, **{"copay" if term == "coinsurance" else "coinsurance": 0})
                side = side.replace(benefits={**side.benefits, "default": line})
        made = with_side(made, network, side)
        try:
            made = put(made, entry.path.partition(".plan.")[2], value)
        except KetacostError as error:
            self._conflict(key, f"{error}")
            return made
        side = made.networks[network]
        assert isinstance(side, Network)
        most, least = side.out_of_pocket_limit, side.deductible
        if isinstance(most, int) and isinstance(least, int) and most < least and "deductible" in side.limit_counts:
            cut = {"deductible": most} if term == "out_of_pocket_limit" else {"out_of_pocket_limit": least}
            made = with_side(made, network, side.replace(**cut))
        return made

    def _open_terms(self, which: str, network: str) -> None:
        """What was not said of the terms of a plan beside the first one, as ranges; said ranges as they were said."""
        other = self.scenario.second if which == "second" else self.scenario.later
        if other is None or not isinstance(other.plan.networks.get(network), Network):
            return
        typed, kind = self._typed_of(which), self.intake.value(f"{which}.plan_kind")
        by_kind = not isinstance(self.intake.value(f"{which}.plan"), str | Mapping) and not is_printed(other.plan.kind)
        for key in typed:
            self._as_range(entry_of(key), self.intake.value(key))
        for term in ("deductible", "coinsurance", "out_of_pocket_limit") if by_kind else ():
            key = f"{which}.terms.{network}.{term}"
            copay = term == "coinsurance" and key.replace(term, "copay") in typed
            if not copay and self.intake.value(key) in (None, UNKNOWN):
                self._among(kind if isinstance(kind, str) else USUAL_KIND, network, term, key)

    def _among(self, kind: str, network: str, term: str, key: str) -> None:
        """A term as the published designs of a kind have it, each design as likely as the next."""
        found = [design.networks.get(network) for design in designs_of(kind, network, self.today).plans.values()]
        networks = [side for side in found if isinstance(side, Network)]
        values = [
            side.benefit("default")[0].coinsurance if term == "coinsurance" else getattr(side, term)
            for side in networks
        ]
        known = [value for value in values if value != NOT_STATED]
        edge = single_of(self.intake.value(key.replace(term, FITS.get(term, term))))
        if term in FITS and edge not in (None, "none"):
            below = term == "deductible"
            known = [v for v in known if v is None or (v <= usd(edge) if below else v >= usd(edge))]
        each = sorted(set(known), key=lambda value: (value is None, value or 0))
        why = (
            f"As in {len(known)} published {kind} plans, all equally likely."
            if known
            else "Adjusted to fit what you said."
        )
        self._mark(key, "assumed", why)
        if len(each) > 1:
            odds = [known.count(value) * WHOLE // len(known) for value in each]
            odds[0] += WHOLE - sum(odds)
            texts = tuple("none" if v is None else percent(v) if term == "coinsurance" else dollars(v) for v in each)
            self._register(entry_of(key).path, texts, tuple(odds), "")

    def _later(self) -> None:
        """The plan that holds from a day on."""
        keys = tuple(self.intake.keys("later."))
        if not keys:
            return
        self.used |= set(keys)
        held, day = self._beside("later"), self.intake.value("later.starts")
        if held is None or not isinstance(day, str):
            left = "which plan it is" if held is None else "the day from which it applies"
            self._conflict(keys[0], f"For the later plan, enter {left}: until then it is not used.")
            return
        if read(date, day) <= visits(self.scenario.course)[0].date:
            told = "The later plan begins by the first visit, so it is not used here. Choose it as the plan."
            self._conflict("later.starts", told)
            return
        if missing := [name for name in self.clinic_networks if name not in held.networks]:
            self._conflict(keys[0], f"{held.name}: no network {missing[0]!r}, so it is not used.")
            return
        self.scenario = self.scenario.replace(later=PlanVersion(read(date, day), held))
        for key in keys:
            self.basis[key] = SAID
        if "later.credit" in self.intake.said:
            self._use("later.credit")
        else:
            self._open("later.credit", "later.credit")
        self._open_terms("later", self.network)

    def _second(self) -> None:
        """The second plan: which one pays first, and how the later of the two pays."""
        keys = tuple(self.intake.keys("second.", *OF_ORDER))
        if not keys:
            return
        self.used |= set(keys)
        other = self._beside("second")
        if other is None or not isinstance(self.plan.networks.get(self.network), Network):
            why = "Choose the second plan" if other is None else "Choose the first plan"
            self._conflict(keys[0], f"{why}: until then there is one plan here.")
            return
        where = self.intake.value("second.network")
        where = str(where) if isinstance(where, str) else "" if self.network in other.networks else _inner(other)
        if (where or self.network) not in other.networks:
            self._conflict("second.network", f"{other.name}: no network {where!r}.")
            where = _inner(other)
        self.scenario = put(self.scenario, "second", {"plan": written(other), "network": where})
        for key in keys:
            self.basis[key] = SAID
        self._open_terms("second", where or self.network)
        self._order(other)
        if "second.coordination" in self.intake.said:
            self._use("second.coordination")
        elif why := self._coordinated_by_law(other):
            self._mark("second.coordination", "assumed", why)
        else:
            self._open("second.coordination", "second.coordination")
        if used := tuple(self.intake.keys("second.used.")):
            day = self.scenario.used.as_of or min(visits(self.scenario.course)[0].date, self.today)
            self.scenario = put(self.scenario, "second.used.as_of", day.isoformat())
            for key in used:
                self._beside_used(key, other)

    def _coordinated_by_law(self, other: Plan) -> str:
        """Why the later of the two plans pays up to all that the first leaves; empty where a contract decides."""
        second = self.scenario.second
        later = self.plan if second and second.goes == "first" else other
        if FOR_LIFE in (self.plan.name, other.name):
            return "It makes no difference: nothing is left to pay."
        if counts_as(later.kind) == "Medicare" and "second.goes" not in self.ranges:
            return "After another plan Medicare pays what that one leaves, and no more than it would pay alone."
        return ""

    def _beside_used(self, key: str, other: Plan) -> None:
        entry, side = entry_of(key), other.networks.get(entry_of(key).scope["network"])
        value, term = self.intake.value(key), "deductible" if key.endswith(".deductible") else "out_of_pocket_limit"
        top = getattr(side, term, None)
        amount = usd(single_of(value)) if single_of(value) is not None else 0
        if not isinstance(side, Network) or (isinstance(top, int) and amount > top):
            told = f"{other.name}: more than its {term.replace('_', ' ')}, or no such network: it is not used."
            self._conflict(key, told)
            return
        self.scenario = put(self.scenario, entry.path, dollars(amount))
        self._as_range(entry, value)

    def _order(self, other: Plan) -> None:
        """Which plan pays first: as said, by the rules of who pays first, or both ways."""
        if "second.goes" in self.intake.said:
            self._use("second.goes")
            return
        order = order_of(self.intake, self.plan, other)
        if order.value == "not known":
            self._register("second.goes", ("second", "first"), (), "")
            open_ = "how you have each plan, the employer's size, or two parents' birthdays"
            self.notes.append(f"We don't know which plan pays first, so we consider both orders. Enter {open_}.")
        else:
            self.scenario = put(self.scenario, "second.goes", "first" if order.value == "second plan" else "second")
            self.notes.append(
                f"{'The second plan' if order.value == 'second plan' else 'This plan'} pays first. {order.why} "
                f"(Its source is graded {order.grade}.)"
            )
        self._mark("second.goes", "assumed", order.why)


def order_of(intake: Intake, plan: Plan, other: Plan) -> Default[str]:
    """Which of two plans pays first by what was said of them, with the reason, its grade and its sources."""
    said = {name: single_of(intake.value(name)) or "" for name in OF_ORDER}
    earlier, longer = said["earlier_birthday"], said["longer_covered"]
    each = [
        Held(
            counts_as(kind),
            str(said[through]),
            ("earlier" if earlier == which else "later") if earlier else "",
            ("longer" if longer == which else "shorter") if longer else "",
        )
        for kind, through, which in (
            (plan.kind, "held_through", "this plan"),
            (other.kind, "second.held_through", "second plan"),
        )
    ]
    because = said["medicare_because"] or _why_medicare(intake)
    return pays_first(*each, size=str(said["employer_size"]), because=str(because))


def _why_medicare(intake: Intake) -> str:
    """Why there is Medicare, by the patient's age where it was said."""
    age = single_of(intake.value("household.age"))
    return "" if not isinstance(age, int) else "age" if age >= 65 else "disability"


def _inner(other: Plan) -> str:
    """The network of a plan where the other's name is none of it: its inner one, else its first."""
    inside = other.protected_network
    return inside if inside in other.networks else next(iter(other.networks))
