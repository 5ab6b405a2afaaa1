"""From what was said to a complete scenario: everything else is filled in from sourced defaults, in one fixed order.

Each step reads everything that was said, what the steps before it filled in, and data; never the order in which things
were said, nor how or when. What cannot hold beside something else that was said is kept, not used, and told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import cast

from ketacost.core.convert import put, read
from ketacost.core.dates import us_day
from ketacost.core.fields import Fixed, KetacostError, described, of_kind
from ketacost.core.money import WHOLE, Points, about, share, shown, usd
from ketacost.core.registry import kept
from ketacost.estimate.account_effects import saved_by
from ketacost.estimate.designs import complete, kind_of_payer, kind_of_plan, payer_of_kind
from ketacost.estimate.distributions import text_of
from ketacost.estimate.entries import entry_of, label_of
from ketacost.estimate.intake import UNKNOWN, Intake, OneOf
from ketacost.estimate.other_plans import ResolvingOtherPlans
from ketacost.estimate.outlook import path_of
from ketacost.estimate.resolving import SAID, Basis, Conflict, Way, points_of, single_of
from ketacost.estimate.scenario import HELP_COUNTS, Scenario, help_may_count
from ketacost.estimate.unknowns import default_range
from ketacost.model.accumulators import Amounts, Used, family_met, fitting
from ketacost.model.adjudication import plan_year_of
from ketacost.model.courses import Course, off_holidays, typical_prices, visits
from ketacost.model.denials import denied_line, if_denied
from ketacost.model.payers import OUTCOMES, payer, treatment_of
from ketacost.model.plans import Network, Plan, plan
from ketacost.model.policies import agency_of, insurer
from ketacost.model.protocols import protocol, service
from ketacost.taxes.households import NOTHING, STATUSES, FilingStatus, Household
from ketacost.taxes.local import localities

FIRST_PROTOCOL = "iv-mood"
YEAR = timedelta(days=365)
_FIRST = {"infusions": "visits", "visits": "infusions"}
"""The chances of a first decision: what one leaves, the other and a no share."""

_TOLD = (
    *("plan", "plan_kind", "payer", "coverage", "terms.<network>.pays", "notice", "denied_before", "calls", "title"),
    *("insurer", "criteria.<insurer>.<treatment>.<criterion>", "exception", "held_through", "second.held_through"),
    *("employer_size", "medicare_because", "earlier_birthday", "longer_covered", "second.goes", "drug_benefit"),
    *("approval.<treatment>.weeks", "second.coordination", "most_a_month", "holidays"),
)
"""Entries of which another sentence tells that they are not known, or that no number depends on."""

OPEN = "open"
"""What is said of a clinic that treats on federal holidays; until it is, it counts as closed then."""

START_WAGES, START_AGE, LOAN_MONTHS = 60_000_00, 40, 12
"""An example of a household's wages and age and of the term of a loan, until they are said; the page says so."""


@dataclass(frozen=True, repr=False)
class Resolved(Scenario):
    """A complete scenario that knows which of its entries were entered and which are assumed."""

    intake: Intake = described("Intake", "What was said, entry by entry, and nothing else.", default_factory=Intake)
    basis: Mapping[str, Basis] = described(
        "Basis", "Where each entry's value comes from, by entry.", default_factory=Fixed
    )
    conflicts: tuple[Conflict, ...] = described("Conflicts", "Entries that contradict the rest of the scenario.", ())
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


def resolve(intake: Intake, today: date | str) -> Resolved:
    """Complete an intake for a day: each entry is as entered, as the plan prints it, or assumed, with the reason.

    Entries that cannot be used raise no error; `conflicts` lists them. Raises KetacostError if an argument is not an
    intake or not a day. resolve(intake(payer="marketplace"), "2026-11-27").payer is "marketplace".
    """
    of_kind("what is resolved", intake, Intake, 'an intake, as in kc.intake(payer="marketplace")')
    return _resolved(intake, read(date, today, "today"))


@kept(64)
def _resolved(intake: Intake, today: date) -> Resolved:
    return _Resolving(intake, today).resolved()


def first_monday(today: date) -> date:
    """The first visit where no day was said: the Monday at least seven days away."""
    day = today + timedelta(days=7)
    return day + timedelta(days=-day.weekday() % 7)


class _Resolving(ResolvingOtherPlans):
    """One intake on its way to a scenario, step by step."""

    def resolved(self) -> Resolved:
        """Every step in its order."""
        self._who()
        self._plan()
        self._network()
        self._treatment()
        self._prices()
        self._hospital()
        self._terms()
        self._groups()
        self._allowed()
        self._hospital_share()
        self._lines_of_services()
        self._exception()
        self._later()
        self._second()
        self._coverage()
        self._used()
        self._after_a_no()
        self._household()
        self._rest()
        self._not_known()
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

    def _not_known(self) -> None:
        """What was said not to be known is assumed: from its range, or as usual, and then told."""
        left = []
        for key in self.intake.said:
            if self.intake.value(key) is not UNKNOWN or key not in self.used:
                continue
            entry = entry_of(key)
            ranged = entry.path in self.ranges
            basis = self.basis.get(key, SAID)
            if basis == SAID:
                why = default_range(self.scenario, entry.path).why if ranged else ""
                basis = Basis("assumed", why or "Not known, so we use the usual value.")
            self._mark(key, "assumed", basis.why)
            if not ranged and entry.pattern not in _TOLD and all(conflict.key != key for conflict in self.conflicts):
                left.append(label_of(entry))
        if left:
            self.notes.append(f"Not known, so we use the usual value: {', '.join(left)}. Enter it once you know.")

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
        assumed = payer_of_kind(kind) if isinstance(kind, str) else ""
        self.insurer = self._plainly("insurer", "", "No insurer was named.") if "insurer" in self.intake.said else ""
        if self.insurer and not assumed:
            assumed = insurer(self.insurer).payers[0]
        terms = tuple(self.intake.keys("terms.", "used.", "family", "plan_year_starts", "deductible_kind"))
        if not assumed and terms:
            assumed = "employer-insured"
            if "payer" not in self.intake.said:
                self.used |= set(terms)
        why = (
            "From the kind of plan or the insurer."
            if assumed
            else "No payer was chosen: this is the cost of paying for it yourself."
        )
        self.payer = self._plainly("payer", assumed, why)
        self.kind = kind if isinstance(kind, str) and payer_of_kind(kind) else kind_of_payer(self.payer)
        if self.payer == "medicaid" and not self.insurer:
            self.insurer = agency_of(self.intake.value("household.state"))
        if self.insurer and self.payer not in insurer(self.insurer).payers:
            self._conflict(
                "insurer",
                f"We know of no policy of {insurer(self.insurer).label} for this payer, so we use the usual odds.",
                Way("Clear the insurer", "insurer", None),
                *((Way("Clear the payer", "payer", None),) if "payer" in self.intake.said else ()),
            )
        chosen = isinstance(said_plan, str | Mapping) or (self.payer == "self-pay" and bool(self.kind))
        if self.payer and chosen and "payer" in self.intake.said:
            self._plan_of_another_payer()

    def _treatment(self) -> None:
        start = self._plainly("start", first_monday(self.today).isoformat(), "The Monday at least seven days away.")
        first = read(date, start, "start")
        if "start" in self.intake.said and not self.today - YEAR <= first <= self.today + 2 * YEAR:
            when = "past" if first < self.today else "future"
            self._doubt("start", f"The first visit of {us_day(first)} is far in the {when}: check the year.")
        self.scenario = Scenario(
            Course(self.protocol, first),
            typical_prices(self.protocol),
            self.plan,
            self.network,
            payer=self.payer,
            insurer=self.insurer,
            networks=self.networks,
            published_plan=self.published,
            today=self.today,
        )
        for key in self.intake.keys(
            "visits.", "days_apart.", "dose.", "stop_after.", "dates.", "pauses", "works", "closed", "setting"
        ):
            self._use(key)
        self.used.add("holidays")
        if self.intake.value("holidays") != OPEN:
            self.scenario = self.scenario.replace(course=off_holidays(self.scenario.course))
        for phase in protocol(self.protocol).phases:
            self._assume(f"visits.{self.protocol}.{phase.name}", "The usual number of visits.")
        if not visits(self.scenario.course):
            self.conflicts.append(Conflict("visits", "A course has at least one visit, so we use the usual numbers."))
            self.scenario = self.scenario.replace(course=Course(self.protocol, first))

    def _prices(self) -> None:
        said = self.intake.keys("prices.", "discounts.", "bundled.", "packages.", "monthly_fee.")
        for key in sorted(said, key=lambda key: not key.startswith("bundled.")):
            self._use(key)
        self._every_price()
        for name in self._billed():
            key = f"prices.{self.protocol}.{name}"
            if key not in self.intake.said:
                self._open(key, f"prices.charges.{name}")

    def _every_price(self) -> None:
        """A service that no charge was said to include and that has no price is included still, and asked for."""
        prices, usual = self.scenario.prices, protocol(self.protocol).bundled
        left = [name for name in usual if name not in prices.bundled and name not in prices.charges]
        if left:
            self.scenario = self.scenario.replace(prices=prices.replace(bundled=(*prices.bundled, *left)))
            names = " and ".join(service(name).label for name in left)
            self.notes.append(f"What does the clinic charge for {names}? Until you enter it, it counts as included.")

    def _alone(self) -> bool:
        """Whether nobody but the patient pays, so that there is no answer, no step and no other who owes."""
        return self.payer in ("", "self-pay") and not self.kind and self.said_plan is None

    def _coverage(self) -> None:
        """The card, or what the payer's odds say, with what was said of steps and chances."""
        if self._alone():
            self.scenario = self.scenario.replace(coverage="denied")
            return
        for key in self.intake.keys("criteria.", "like_spravato_from"):
            scope = entry_of(key).scope
            known = scope.get("insurer", self.insurer) == self.insurer
            if known and scope.get("treatment", self.treatment) == self.treatment and self._widens(key):
                self._use(key)
        for key in self.intake.keys("odds.", "excluded.", "steps.", "step_costs."):
            entry = entry_of(key)
            if entry.scope.get("payer", self.payer) != self.payer or not self.payer:
                continue
            if entry.scope.get("treatment", self.treatment) != self.treatment:
                continue
            if self.scenario.path is None:
                self.scenario = self.scenario.replace(path=path_of(self.scenario)[0])
            self._chance(key)
        self._request()
        self._decided()
        for key in self.intake.keys("approval."):
            if entry_of(key).scope["treatment"] == self.treatment:
                self._approved(key)
        card = self.intake.value("coverage")
        self.used.add("coverage")
        approved = self.scenario.covered_until is not None
        if isinstance(card, str):
            self.scenario = self.scenario.replace(coverage=card)
            self._mark("coverage", "said", "What if: you chose it.")
        elif approved and not isinstance(card, OneOf):
            self.scenario = self.scenario.replace(coverage="infusions too")
            self._mark("coverage", "said", "An approval was said.")
        elif self.payer:
            path = path_of(self.scenario)[0]
            odds = dict(zip(OUTCOMES, (WHOLE - path.infusions - path.visits, path.visits, path.infusions), strict=True))
            likeliest = max(odds, key=lambda answer: odds[answer])
            self.scenario = self.scenario.replace(coverage=likeliest)
            self.ranges["coverage"] = OUTCOMES
            if isinstance(card, OneOf):
                self.ranges["coverage"] = tuple(map(str, card.values))
                if card.chances:
                    self.odds["coverage"] = points_of(card.chances)
            self._mark("coverage", "assumed", f"The usual answer of this payer: {payer(self.payer).label}.")
        elif isinstance(card, OneOf):
            self.scenario = self.scenario.replace(coverage=str(single_of(card)))
            self._as_range(entry_of("coverage"), card)
        else:
            self.scenario = self.scenario.replace(coverage="denied")
        if "waived" in self.intake.said:
            self._use("waived")

    def _widens(self, key: str) -> bool:
        """Whether coverage like Spravato's is a question here: for IV ketamine, with a payer."""
        return key != "like_spravato_from" or (bool(self.payer) and self.treatment.startswith("iv-"))

    def _approved(self, key: str) -> None:
        """An approval that covers the first visits; one that ended before them is listed and not used."""
        first = visits(self.scenario.course)[0].date
        if key.endswith(".weeks"):
            weeks = single_of(self.intake.value(key))
            self.used.add(key)
            if not int(weeks or 0) or key.replace(".weeks", ".until") in self.intake.said:
                return
            self.scenario = self.scenario.replace(covered_until=first + timedelta(days=7 * int(weeks) - 1))
            self.basis[key] = SAID
            return
        self._use(key)
        until = self.scenario.covered_until
        if until and until < first:
            self.scenario = self.scenario.replace(covered_until=None)
            self._conflict(
                key,
                f"The approval ends on {us_day(until)}, before the first visit on {us_day(first)}, so it is not used.",
            )

    def _chance(self, key: str) -> None:
        """One said chance or step; what is left of a first decision is shared as the payer's own odds share it."""
        path, entry = self.scenario.path, entry_of(key)
        this, value = entry.path.removeprefix("path."), self.intake.value(key)
        if path is None or this not in _FIRST or single_of(value) is None:
            self._use(key)
            return
        other, points = _FIRST[this], share(single_of(value))
        said = single_of(self.intake.value(f"{key.rpartition('.')[0]}.{other}"))
        if said is not None:
            rest = share(said)
        else:
            own = path_of(self.scenario.replace(path=None))[0]
            left = WHOLE - getattr(own, this)
            rest = Points(getattr(own, other) * (WHOLE - points) // left if left else 0)
        self.scenario = self.scenario.replace(path=path.replace(**{this: points, other: rest}))
        self._take(key)
        self._as_range(entry, value)

    def _used(self) -> None:
        keys = tuple(self.intake.keys("used."))
        first = visits(self.scenario.course)[0].date
        as_of = self.intake.value("used.as_of")
        amounts = tuple(key for key in keys if key != "used.as_of")
        day = read(date, as_of) if isinstance(as_of, str) else min(first, self.today)
        if day > first:
            self._conflict(
                "used.as_of",
                f"The amounts used are from {us_day(day)}, after the first visit on {us_day(first)}, and may include "
                "that visit. We count them as of the first visit. For what is still to come, enter the visits left.",
                Way("Clear the date", "used.as_of", None),
            )
            day = first
        starts, some = self.plan.plan_year_starts, any(single_of(self.intake.value(key)) for key in amounts)
        if some and plan_year_of(day, starts) < plan_year_of(first, starts):
            key = "used.as_of" if "used.as_of" in self.intake.said else amounts[0]
            self._doubt(
                key,
                f"What was used by {us_day(day)} belongs to the plan year before the first visit, and does not count "
                "for this course.",
            )
        if amounts:
            self.scenario = self.scenario.replace(used=Used(as_of=day))
            for key in amounts:
                network = entry_of(key).scope.get("network", self.network)
                if network in self.plan.networks and not isinstance(self.plan.networks[network], str):
                    if self.intake.value(key) is UNKNOWN and ".visits." not in key:  # a place for what is drawn
                        whole = default_range(self.scenario, entry_of(key).path).values[-1:]
                        self.scenario = put(
                            self.scenario, entry_of(key).path, text_of(usd(*whole or ("0",)) // 2, "money")
                        )
                    self._use(key)
            self._used_fits()
        self.used.add("used.as_of")
        running = plan_year_of(first, starts) <= self.today and (first - plan_year_of(first, starts)).days > 31
        for network in self.clinic_networks:
            if running:
                self._used_of(network, day)
            self._limit_follows(network)

    def _used_of(self, network: str, day: date) -> None:
        """What the patient has used of a network's deductible late in a plan year, where nobody said it."""
        side, key = self.plan.networks.get(network), f"used.patient.{network}.deductible"
        path = f"used.members.patient.{network}.deductible"
        if key in self.intake.said or not isinstance(side, Network) or not default_range(self.scenario, path).values:
            return
        known = not self.designs or f"terms.{network}.family_deductible" in self.intake.said
        if known and family_met(self.scenario.used, self.plan, network):
            self._mark(key, "assumed", "The family's deductible is met, so nothing is left of this one.")
            return
        if self.scenario.used.as_of is None:
            self.scenario = self.scenario.replace(used=Used(as_of=day))
        own = side.deductible if isinstance(side.deductible, int) else 0
        self.scenario = put(self.scenario, path, text_of(own // 2, "money"))
        self._open(key, path)

    def _limit_follows(self, network: str) -> None:
        """What went to a deductible that counts toward the limit counts there at least, where nobody said more."""
        side, key = self.plan.networks.get(network), f"used.patient.{network}.out_of_pocket"
        used = self.scenario.used.members.get("patient", {}).get(network)
        counts = isinstance(side, Network) and "deductible" in side.limit_counts
        if key in self.intake.said or not used or not counts or used.deductible <= used.out_of_pocket:
            return
        path = f"used.members.patient.{network}.out_of_pocket"
        self.scenario = put(self.scenario, path, text_of(used.deductible, "money"))
        self._mark(key, "assumed", "What went to the deductible counts toward the limit.")

    def _used_fits(self) -> None:
        """No more is used than there is: what was said above that is cut, and told where the plan is known."""
        said = self.scenario.used
        used = fitting(said, self.plan)
        self.scenario = self.scenario.replace(used=used)
        if used == said:
            return
        for who, before, after in (
            ("patient", said.members.get("patient", {}), used.members.get("patient", {})),
            ("family", said.family, used.family),
        ):
            for network, amounts in before.items():
                if amounts != after.get(network):
                    self._cut(who, network, amounts, after.get(network, Amounts()))

    def _cut(self, who: str, network: str, said: Amounts, used: Amounts) -> None:
        tops = ("deductible", "deductible", "deductible"), ("out_of_pocket", "limit", "out_of_pocket_limit")
        for name, words, top in tops:
            key, amount, left = f"used.{who}.{network}.{name}", getattr(said, name), getattr(used, name)
            if amount == left or key not in self.intake.said:
                continue
            term = f"terms.{network}.{'family_' * (who == 'family')}{top}"
            if self.designs and term not in self.intake.said:  # of a plan that nobody chose
                continue
            if who == "family" and not self.plan.family:
                sentence = "The plan here is for one person, so we do not count what the family has used."
                family = Way("It is a family plan", "family", True)
                self._conflict(key, sentence, family, Way("Clear it", key, None))
            elif left > amount:
                self._conflict(key, f"The family has used at least the patient's {shown(left)}, so we count that.")
            else:
                much = f"{shown(amount)} is more than the plan's {words} of {shown(left)}"
                self._conflict(key, f"{much}. We count {shown(left)}.")

    def _after_a_no(self) -> None:
        if self._alone():
            self.scenario = self.scenario.replace(if_denied="go on", denied_line="patient")
            for key in ("if_denied", "denied_line"):
                self._mark(key, "assumed", "Nobody else is asked to pay.")
            return
        notice = self.intake.value("notice")
        before = self.intake.value("denied_before")
        stops = if_denied(self.payer, self.treatment)
        owes = denied_line(
            self.payer,
            self.standing,
            notice=notice if notice in ("yes", "no") else "",
            denied_before=before is True,
            excluded=self.intake.value(f"excluded.{self.payer}.{self.treatment}") is True,
        )
        said = self.intake.value("if_denied")
        self.scenario = self.scenario.replace(if_denied=said if isinstance(said, str) else stops.value)
        if isinstance(said, OneOf):
            self._as_range(entry_of("if_denied"), said)
        self._mark("if_denied", "said" if isinstance(said, str) else "assumed", stops.why)
        said = self.intake.value("denied_line")
        who = said if isinstance(said, str) else "not known" if said is UNKNOWN else owes.value
        if isinstance(said, OneOf):
            self._as_range(entry_of("denied_line"), said)
        elif who == "not known":
            self.ranges["denied_line"] = ("patient", "provider")
        self.scenario = self.scenario.replace(denied_line="provider" if who == "provider" else "patient")
        asked = said is UNKNOWN and owes.value != "not known"
        why = "Ask both before the visit." if asked else owes.why
        self._mark("denied_line", "said" if said and said is not UNKNOWN else "assumed", why)
        self.used |= {"notice", "denied_before", "if_denied", "denied_line"}

    def _household(self) -> None:
        state = self.intake.value("household.state")
        if isinstance(state, str):
            status, age = (single_of(self.intake.value(f"household.{name}")) for name in ("filing_status", "age"))
            age, joint = age if isinstance(age, int) else START_AGE, status == "married_joint"
            filed = cast(FilingStatus, status or STATUSES[0])
            spouse = age if joint else None
            home = Household(self.today.year, state, filed, START_WAGES, age, spouse_age=spouse)
            self.scenario = self.scenario.replace(household=home)
            for key in self.intake.keys("household."):
                if joint or "spouse" not in key:
                    self._use(key)
            for name in ("wages", "age", "filing_status"):
                self._assume(f"household.{name}", "An example. Enter yours.")
            for name in ("social_security", "spouse_social_security")[: 1 + joint]:
                self._assume(
                    f"household.{name}",
                    "Most pay has this tax. The pay of many teachers and some public employees does not.",
                )
            self._place_of(self.scenario.household or home)
        accounts = tuple(self.intake.keys("contribution.", "next_contribution.", "on_hand."))
        for key in accounts:
            self._use(key)
        if accounts:
            self._tell_of_taxes()
            self._more_than_an_fsa()
        filer, put_in = self.scenario.household, self.scenario.contribution
        if filer is not None and put_in.amount:
            try:
                saved_by(filer, put_in)
            except KetacostError as error:
                self.scenario = self.scenario.replace(contribution=NOTHING)
                key = next(self.intake.keys("contribution."))
                self._conflict(key, f"{error}. It is left out.")

    def _tell_of_taxes(self) -> None:
        """What tax savings depend on where nobody said it; without a state there are none."""
        home = self.scenario.household
        if home is None:
            self.notes.append("Enter your state: until then an FSA or HSA saves no tax here.")
            return
        words = {"wages": f"wages of {about(home.wages)}", "age": f"age {home.age}", "filing_status": "a single filer"}
        assumed = [text for name, text in words.items() if f"household.{name}" not in self.intake.said]
        if assumed:
            self.notes.append(f"Tax savings assume {', '.join(assumed)}. Enter yours.")

    def _place_of(self, home: Household) -> None:
        """A county or city that the state does not have, or whose tax nobody knows, is listed and not used."""
        if home.locality and home.locality not in localities(home.state):
            self.scenario = self.scenario.replace(household=home.replace(locality=None))
            known = ", ".join(localities(home.state)) or "none"
            self._conflict(
                "household.locality",
                f"We know of no local income tax of {home.locality} in {home.state} (known there: {known}). "
                "It is left out.",
                Way("Clear the county or city", "household.locality", None),
                Way("Clear the state", "household.state", None),
            )

    def _rest(self) -> None:
        if "paying.loan.amount" in self.intake.said:
            self._loan()
        if "most_a_month" in self.intake.said:
            self._take("most_a_month")
        for key in self.intake.keys("paying.", "premium", "next_terms.", "calls", "rule", "title"):
            if not key.startswith("paying.loan."):
                self._use(key)
        self._whether_help_counts()
        self._more_than_the_bill()
        self._never_billed()

    def _whether_help_counts(self) -> None:
        """Both answers where help pays beside a payer and nobody knows whether it counts; else no question of it."""
        unsaid = self.scenario.paying.replace(assistance_counts="")
        if not help_may_count(self.scenario.replace(paying=unsaid)):
            self.ranges.pop(HELP_COUNTS, None)
            self.odds.pop(HELP_COUNTS, None)
        elif HELP_COUNTS not in self.intake.said:
            self._open(HELP_COUNTS, HELP_COUNTS)

    def _loan(self) -> None:
        """A loan whose amount is known; its other terms are as said, or assumed and told."""
        terms = {
            name: single_of(self.intake.value(f"paying.loan.{name}")) for name in ("amount", "apr", "months", "fee")
        }
        self.used |= set(self.intake.keys("paying.loan."))
        if terms["amount"] is None:
            return
        if terms["apr"] is None:
            self.notes.append(
                "You did not enter the loan's rate. We use a range from 0% to a medical credit card's rate."
            )
        rate = default_range(self.scenario, "paying.loan.apr")
        usual = {"apr": rate.values[-1], "months": LOAN_MONTHS, "fee": 0}
        self.scenario = put(self.scenario, "paying.loan", usual | {k: v for k, v in terms.items() if v is not None})
        for name, value in terms.items():
            key = f"paying.loan.{name}"
            if value is not None:
                self.basis[key] = SAID
                self._as_range(entry_of(key), self.intake.value(key))
            elif name == "apr":
                self._open(key, key)
            elif name == "months":
                self._mark(key, "assumed", "An example. Enter yours.")
                self.notes.append(f"We assume a loan of {LOAN_MONTHS} months until you enter its term.")
