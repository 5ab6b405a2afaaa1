"""The steps of resolving share this: what was said, what is settled so far, and how an entry is put in its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from ketacost.accounts.contributions import limit_on
from ketacost.core.convert import get, put
from ketacost.core.dates import us_day
from ketacost.core.fields import KetacostError
from ketacost.core.money import brief, dollars, multiple, percent, share, shown, usd
from ketacost.estimate.designs import NO_PLAN, is_printed
from ketacost.estimate.entries import Entry, entry_of
from ketacost.estimate.intake import UNKNOWN, Between, Intake, OneOf
from ketacost.estimate.outlook import answered_by
from ketacost.estimate.scenario import Scenario
from ketacost.estimate.unknowns import default_range
from ketacost.model.courses import off_holidays, service_lines, services_had, visits
from ketacost.model.payers import treatment_of
from ketacost.model.plans import NOT_STATED, Network, Plan
from ketacost.model.protocols import service


class Basis(NamedTuple):
    """Where an entry's value comes from: said, printed by the plan, or assumed; and why."""

    state: str
    why: str


SAID = Basis("said", "You said it.")


class Way(NamedTuple):
    """One way out of a conflict: the words on its button, and the entry that it says, or takes back."""

    label: str
    key: str
    value: object


NOT_ASKED = "You entered a day for the request, but said that no request is made: the day is not used."


@dataclass(frozen=True)
class Conflict:
    """An entry that contradicts the rest: why, and how to fix it. If it `counts`, it is used as entered."""

    key: str
    sentence: str
    ways: tuple[Way, ...] = ()
    counts: bool = False


class Resolving:
    """One intake on its way to a scenario: the state that every step reads and moves."""

    scenario: Scenario
    plan: Plan
    protocol: str
    treatment: str
    payer: str
    insurer: str
    kind: str
    network: str
    published: str
    said_plan: Plan | None

    def __init__(self, intake: Intake, today: date) -> None:
        self.intake, self.today = intake, today
        self.basis: dict[str, Basis] = {}
        self.conflicts: list[Conflict] = []
        self.notes: list[str] = []
        self.used: set[str] = set()
        self.designs: dict[str, Plan] = {}
        self.networks: dict[str, str] = {}
        self.ranges: dict[str, tuple[str, ...]] = {}
        self.odds: dict[str, tuple[int, ...]] = {}
        self.shapes: dict[str, str] = {}

    @property
    def clinic_networks(self) -> tuple[str, ...]:
        """The networks that lines of the bill are in: the clinic's, and those of single services."""
        return tuple(dict.fromkeys((self.network, *self.networks.values())))

    def _set_plan(self, plan: Plan) -> None:
        self.plan = plan
        self.scenario = self.scenario.replace(plan=plan)

    def _every_plan(self, change: Callable[[Plan], Plan]) -> None:
        """Change the plan, and each design that stands for it."""
        self._set_plan(change(self.plan))
        self.designs = {id: change(design) for id, design in self.designs.items()}
        if "published_plan" in self.ranges:
            self.scenario = self.scenario.replace(designs=self.designs)

    def _plainly(self, key: str, default: str, why: str) -> str:
        """A value that was said as one; the default where nothing was, or nothing is known."""
        value = self.intake.value(key)
        self.used.add(key)
        if value is not None and value is not UNKNOWN:
            self.basis[key] = SAID
            if not isinstance(value, str):
                self._as_range(entry_of(key), value)
            return str(single_of(value))
        self._mark(key, "assumed", why)
        return default

    def _use(self, key: str) -> None:
        """Put what was said in its place in the scenario, where it is in scope; a range is registered."""
        entry = entry_of(key)
        if entry.scope.get("protocol", self.protocol) != self.protocol:
            return
        if key == "setting" and self.treatment == "home":  # no hospital bills for a session at home
            return
        if "network" in entry.scope and entry.scope["network"] not in self.plan.networks:
            return
        if entry.pattern.startswith(("allowed.", "pricing.")) and entry.scope["network"] not in self.clinic_networks:
            return
        if entry.scope.get("network") and isinstance(self.plan.networks[entry.scope["network"]], str):
            self._conflict(key, no_benefit(self.plan, "this is"))
            return
        value = self.intake.value(key)
        single = single_of(value)
        try:
            if single is not None:
                self.scenario = put(self.scenario, entry.path, single)
                if entry.path.startswith("plan."):
                    self._everywhere(entry.path.removeprefix("plan."), single)
        except KetacostError as error:
            self._conflict(key, str(error))
            return
        self._take(key)
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
        if value is UNKNOWN and not self._is_printed(entry):
            self._register_usual(entry.path)
        if isinstance(value, Between):
            ends = (value.low, value.high) if value.typical is None else (value.low, value.typical, value.high)
            shape = value.shape or ("uniform" if len(ends) == 2 else "percentiles")
            self._register(entry.path, tuple(map(str, ends)), (), shape)
        elif isinstance(value, OneOf):
            self._register(entry.path, tuple(map(str, value.values)), points_of(value.chances), "")

    def _is_printed(self, entry: Entry) -> bool:
        """Whether a term is law or printed for everyone of this kind of plan: commercial plans say nothing of it."""
        if (
            not is_printed(self.plan.kind)
            or not entry.pattern.startswith("terms.")
            or self.payer == "medicare-advantage"
        ):
            return False
        try:
            return bool(get(self.plan, entry.path.removeprefix("plan.")) != NOT_STATED)
        except KetacostError:
            return False

    def _register(self, path: str, values: tuple[str, ...], odds: tuple[int, ...], shape: str) -> None:
        self.ranges[path] = values
        if odds:
            self.odds[path] = odds
        if shape:
            self.shapes[path] = shape

    def _register_usual(self, path: str) -> str:
        """The sourced range of an entry, where there is one, and why it is that."""
        usual = default_range(self.scenario, path)
        if usual.values:
            self._register(path, usual.values, usual.odds, usual.shape)
        return usual.why

    def _open(self, key: str, path: str) -> None:
        """An entry that was not said: its sourced range, where there is one."""
        self._mark(key, "assumed", self._register_usual(path) or "A typical value.")

    def _assume(self, key: str, why: str) -> None:
        if key not in self.intake.said:
            self._mark(key, "assumed", why)

    def _take(self, key: str) -> None:
        """Note that an entry is used as it was said."""
        self.used.add(key)
        self.basis[key] = SAID

    def _mark(self, key: str, state: str, why: str) -> None:
        self.basis[key] = Basis(state, why)

    def _request(self) -> None:
        """Who says the day of a request makes one; an answer that may come after the first visit gets a warning."""
        key, path = "steps.asked_on", self.scenario.path
        if key not in self.used or path is None or path.asked_on is None:
            return
        if "steps.ask_first" not in self.intake.said:
            self.scenario = self.scenario.replace(path=path.replace(ask_first=True))
        elif not path.ask_first:
            self._conflict(key, NOT_ASKED, Way("Clear the day", key, None), Way("Ask first", "steps.ask_first", True))
        first, answer = visits(self.scenario.course)[0].date, answered_by(self.scenario)
        if (
            answer
            and answer > first
            and not any(self.intake.keys(f"approval.{treatment_of(self.scenario.course.protocol)}."))
        ):
            start = visits(off_holidays(self.scenario.course.replace(start=answer, dates=())))[0].date
            later = [] if any(self.intake.keys("dates.")) else [Way(f"Start on {us_day(start)}", "start", str(start))]
            self._doubt(
                key,
                f"The plan may answer as late as {us_day(answer)}, after the first visit on {us_day(first)}.",
                *later,
            )

    def _decided(self) -> None:
        """A no that was chosen is the plan's last word: that an appeal or a review may turn it is not counted."""
        if self.intake.value("coverage") not in ("denied", "visits only") or self.scenario.path is None:
            return
        for key, step in (("steps.appeal", "appeal"), ("steps.review", "review")):
            if getattr(self.scenario.path, step) and key in self.intake.said:
                told = f"You chose what the plan covers in the end, so we do not count that the {step} may be won."
                self._doubt(key, told, Way("The plan may still say yes", "coverage", None))
                return

    def _billed(self) -> list[str]:
        """The services with a price that some visit has; all of them where something of the visits is not known."""
        charges = list(self.scenario.prices.charges)
        if any(path.startswith("course.") for path in self.ranges):
            return charges
        return [name for name in charges if name in services_had(self.scenario.course)]

    def _never_billed(self) -> None:
        """A price of something that no visit has changes nothing, and is told."""
        billed = self._billed()
        for key in self.intake.keys(f"prices.{self.protocol}."):
            name = entry_of(key).scope["service"]
            if name not in billed:
                told = f"No visit of this course includes this service: {service(name).spoken}. Its price is not used."
                self._conflict(key, told)

    def _more_than_the_bill(self) -> None:
        """A deposit or a loan above everything that the clinic charges is counted as said, and told."""
        paying = self.scenario.paying
        amounts = {"deposit": paying.deposit, "loan.amount": paying.loan.amount if paying.loan else 0}
        if any(amounts.values()):
            lines = service_lines(self.scenario.course, self.scenario.prices, self.network)
            bill = sum(line.charge for line in lines)
            for name, cents in amounts.items():
                if cents > bill:
                    what = f"The {name.partition('.')[0]} of {shown(cents)}"
                    self._doubt(f"paying.{name}", f"{what} is more than the clinic charges, {shown(bill)}: check it.")

    def _more_than_an_fsa(self) -> None:
        """More FSA money than one person's account can hold is counted as said, and told where the limits are known."""
        left, year = self.scenario.on_hand.fsa_left, self.today.year
        own = limit_on("fsa.contribution_limit", self.today, "health FSA limit")
        carried = limit_on("fsa.carryover_limit", date(year - 1, 12, 31), "FSA carryover")
        if left > own.value + carried.value and not (own.mark or carried.mark):
            most = f"{brief(own.value)} of {year} and {brief(carried.value)} carried over"
            self._doubt("on_hand.fsa_left", f"{brief(left)} is more than one FSA holds, {most}: check it.")

    def _doubt(self, key: str, sentence: str, *ways: Way) -> None:
        """Something that is counted as said, though it is likely a slip: told beside its entry."""
        self.conflicts.append(Conflict(key, sentence, (*ways, Way("Clear it", key, None)), counts=True))

    def _conflict(self, key: str, sentence: str, *ways: Way) -> None:
        """Something that was said and is not used, with its ways out: by default to clear it."""
        self.conflicts.append(Conflict(key, sentence, ways or (Way("Clear it", key, None),)))
        if key in self.intake.said:
            self.used.add(key)


def with_side(plan: Plan, network: str, side: Network | str) -> Plan:
    """A plan with another side."""
    return plan.replace(networks={**plan.networks, network: side})


def with_changed(plan: Plan, network: str, change: Callable[[Network], Network]) -> Plan:
    """A plan with one of its networks changed; as it is where it pays nothing there."""
    side = plan.networks.get(network)
    return with_side(plan, network, change(side)) if isinstance(side, Network) else plan


def no_benefit(plan: Plan, what: str) -> str:
    """Why something that was said of a network is not used: the plan pays nothing there, or there is no plan."""
    if plan.name == NO_PLAN.name:
        return f"No plan was entered, so {what} not used."
    return f"{plan.name}: no benefit in this network, so {what} not used."


def single_of(value: object) -> Any:
    """The one value that stands for what was said; None where nothing is known."""
    if value is UNKNOWN:
        return None
    if isinstance(value, Between):
        return value.typical if value.typical is not None else _middle(value)
    if isinstance(value, OneOf):
        chances = points_of(value.chances)
        return value.values[chances.index(max(chances)) if chances else 0]
    return value


def _middle(value: Between) -> str:
    low, high = str(value.low), str(value.high)
    if low.endswith("%"):
        return percent((multiple(low) + multiple(high)) // 2)
    if low.count("-") == 2:
        first, last = date.fromisoformat(low), date.fromisoformat(high)
        return (first + (last - first) / 2).isoformat()
    if "." in low:
        return dollars((usd(low) + usd(high)) // 2)
    return str((int(low) + int(high)) // 2)


def points_of(chances: tuple[object, ...]) -> tuple[int, ...]:
    """Chances as people write them, in basis points: points_of(("30%", "70%")) is (3_000, 7_000)."""

    return tuple(share(part) for part in chances)
