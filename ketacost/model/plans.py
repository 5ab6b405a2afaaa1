"""A benefit in the booklet's words: networks, deductibles, limits, cost sharing per benefit, and how they connect.

A plan takes numbers. What it does not state stays `NOT_STATED` and is asked for, never filled in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final, Literal

from ketacost.core.convert import merged, read, written
from ketacost.core.dates import YearStart, is_day_of_years, month_and_day
from ketacost.core.displayed import Displayed
from ketacost.core.fields import Fixed, KetacostError, checked, described, descriptions, named, replace, require, within
from ketacost.core.money import Cents, Share, share, shown, usd
from ketacost.core.references import Citation, names_in, read_toml, source
from ketacost.core.words import told
from ketacost.model.booklet import BENEFITS, require_line
from ketacost.model.pricing import Pricing

NOT_STATED: Final = "not stated"
"""What a published plan does not say. Never a number: it is asked for."""

NO_BENEFIT: Final = "no benefit"
"""A network for which the plan pays nothing at all, as an HMO out of network."""

NotStated = Literal["not stated"]
FamilyKind = Literal["embedded", "aggregate", "not stated"]
AMOUNTS = ("deductible", "out_of_pocket_limit", "family_deductible", "family_out_of_pocket_limit")
MONTHS = 12

KINDS = (
    *("PPO", "HDHP", "HMO", "EPO", "POS", "HMO or EPO", "Marketplace", "Indemnity", "Catastrophic", "Student"),
    *("Short-term", "Medicare", "Medicare Advantage", "Medicare with Medigap", "Medicaid", "CHIP", "VA", "TRICARE"),
)
"""The kinds of plan that there are."""

PARTS = ("deductible", "copay", "coinsurance")
"""The patient's parts that a plan may count."""

MOST_VISITS = 1_000
"""The most visits of a plan year that a plan counts."""


class PlanError(KetacostError):
    """An impossible benefit, or one with a gap that has to be filled first."""


@dataclass(frozen=True)
class FirstVisits:
    """Other terms for the first visits of a plan year, such as three visits free."""

    visits: int = described("First visits", "How many visits of a plan year have these other terms.")
    copay: Cents = described("Copay", "A fixed dollar amount for each of these visits.", 0)
    coinsurance: Share = described("Your share", "Your share of the allowed amount for these visits.", 0)
    deductible_applies: bool = described(
        "Deductible applies", "Whether the deductible comes first for these visits.", False
    )

    def __post_init__(self) -> None:
        within("first visits", self.visits, 1, MOST_VISITS, PlanError)


@dataclass(frozen=True)
class Benefit:
    """How one line of the booklet shares the allowed amount between you and the plan."""

    copay: Cents | NotStated = described("Copay", "A fixed dollar amount you pay for each visit.", 0)
    coinsurance: Share | NotStated = described(
        "Your share after that (coinsurance)", "Your share of the allowed amount once the deductible is met.", 0
    )
    deductible_applies: bool = described(
        "Deductible applies", "Whether you pay your deductible before the plan pays for this benefit.", True
    )
    copay_timing: Literal["before deductible", "after deductible"] = described(
        "Copay timing",
        "Whether you pay the copay before the deductible, or from what is left after it.",
        "after deductible",
    )
    copay_counts_to_deductible: bool = described(
        "Copay counts toward the deductible", "Whether the copays you pay count toward the deductible.", False
    )
    coinsurance_on: Literal["what is left", "allowed amount", "allowed less the deductible"] = described(
        "Share of what",
        "Your share of what: what is left after deductible and copay, the allowed amount, or that less the deductible.",
        "what is left",
    )
    coinsurance_least: Cents | None = described(
        "Least share for a visit", "The least you pay as your share for a fill or visit, in dollars.", None
    )
    coinsurance_most: Cents | None = described(
        "Most share for a visit", "The most you pay as your share for a fill or visit, in dollars.", None
    )
    counts_to_limit: bool = described(
        "Counts toward the limit",
        "Whether what you pay for this benefit counts toward the out-of-pocket limit and stops once you reach it.",
        True,
    )
    visit_limit: int | None = described(
        "Visits a year", "The most visits of this benefit that the plan covers in a plan year.", None
    )
    first_visits: FirstVisits | None = described(
        "First visits", "Other terms for the first visits of a plan year.", None
    )
    covered: bool = described("Covered", "Whether the plan covers this benefit at all.", True)

    def __post_init__(self) -> None:
        checked(self)
        if self.visit_limit is not None:
            within("visit limit", self.visit_limit, 0, MOST_VISITS, PlanError)
        least, most = self.coinsurance_least, self.coinsurance_most
        if least is not None and most is not None and most < least:
            what = f"coinsurance_most of {shown(most)}"
            raise PlanError(f"{what} is below coinsurance_least of {shown(least)}; are they swapped?")

    replace = replace

    def gaps(self) -> tuple[str, ...]:
        """What this line of the booklet does not state though the rule needs it."""
        return tuple(name for name in ("copay", "coinsurance") if getattr(self, name) == NOT_STATED)


@dataclass(frozen=True)
class BenefitGroup:
    """Some lines of the booklet with a deductible or limit of their own, such as drugs or behavioral care."""

    benefits: tuple[str, ...] = described("Benefits of the group", "The lines of the booklet that belong to it.")
    deductible: Cents | NotStated | None = described(
        "Deductible of the group",
        "The dollar amount you pay for this group before the plan pays; None where the network's deductible holds.",
        None,
    )
    out_of_pocket_limit: Cents | NotStated | None = described(
        "Limit of the group",
        "The most you pay for this group in a plan year, in dollars; None where the network's limit holds.",
        None,
    )
    family_deductible: Cents | NotStated | None = described(
        "Family deductible of the group", "The dollar amount a family pays for this group before the plan pays.", None
    )
    family_out_of_pocket_limit: Cents | NotStated | None = described(
        "Family limit of the group", "The most a family pays for this group in a plan year, in dollars.", None
    )
    deductible_inside: bool = described(
        "Its deductible is inside the network's",
        "Whether what counts toward the group's deductible counts toward the network's too, until that one is met.",
        False,
    )
    limit_inside: bool = described(
        "Its limit is inside the network's",
        "Whether what counts toward the group's limit counts toward the network's too, and stops at that one.",
        False,
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "benefits", tuple(self.benefits))
        for name in self.benefits:
            require_line(name)
        if self.deductible is None and self.out_of_pocket_limit is None:
            raise PlanError("a group of benefits needs a deductible or an out_of_pocket_limit of its own")

    def gaps(self) -> tuple[str, ...]:
        """What this group does not state though the rule needs it."""
        return tuple(name for name in AMOUNTS if getattr(self, name) == NOT_STATED)


@dataclass(frozen=True)
class Network:
    """One side of the plan (in network, out of network, or a named tier) with its own terms and accumulators."""

    deductible: Cents | NotStated = described(
        "What you pay before the plan pays (deductible)",
        "The dollar amount you pay in a plan year for covered care before the plan pays.",
        NOT_STATED,
        unless="family_deductible",
    )
    out_of_pocket_limit: Cents | NotStated | None = described(
        "The most you pay for what the plan counts (out-of-pocket limit)",
        "The most you pay in a plan year for covered care, in dollars; None if the plan has no limit.",
        None,
    )
    benefits: Mapping[str, Benefit] = described(
        "Benefits",
        "The cost sharing by line of the booklet; `default` is used for lines that are not listed.",
        default_factory=Fixed,
    )
    family_deductible: Cents | NotStated | None = described(
        "Family deductible", "The dollar amount a family pays together before the plan pays.", None
    )
    family_out_of_pocket_limit: Cents | NotStated | None = described(
        "Family out-of-pocket limit", "The most a family pays together in a plan year, in dollars.", None
    )
    coinsurance_limit: Cents | None = described(
        "Coinsurance limit",
        "The most coinsurance you pay in a plan year, in dollars, apart from deductible and copays.",
        None,
    )
    family_coinsurance_limit: Cents | None = described(
        "Family coinsurance limit", "The most coinsurance a family pays in a plan year, in dollars.", None
    )
    limit_counts: tuple[str, ...] = described(
        "What counts toward the limit", "Your parts that count toward the out-of-pocket limit and stop there.", PARTS
    )
    deductible_kind: FamilyKind | None = described(
        "Family deductible here is",
        "Embedded or aggregate, if this network's family deductible works differently from the plan's.",
        None,
    )
    limit_kind: FamilyKind | None = described(
        "Family limit here is",
        "Embedded or aggregate, if this network's family limit works differently from the plan's.",
        None,
    )
    groups: Mapping[str, BenefitGroup] = described(
        "Groups of benefits",
        "Deductibles and limits that apply only to some lines of the booklet, by a name such as drug or behavioral.",
        default_factory=Fixed,
    )
    highest_copay_a_day: tuple[str, ...] = described(
        "Only the day's highest copay", "The benefits for which you owe only the highest copay of a day, as at VA.", ()
    )
    balance_bill: Literal["owed", "written off"] = described(
        "Extra the plan does not count (balance bill)",
        "Whether you owe what the clinic charges above the allowed amount, or the clinic writes it off.",
        "written off",
    )
    balance_bill_limit: Share | None = described(
        "Ceiling on the balance bill",
        "The most that may be billed above the allowed amount, as a share of it (Medicare's limiting charge).",
        None,
    )
    excess_paid_by_plan: bool = described(
        "The plan pays the excess",
        "Whether the plan (a Medigap policy) pays what may be billed above the allowed amount.",
        False,
    )
    allowed: Mapping[str, Cents] = described(
        "What your plan will count (allowed amount)",
        "The plan's allowed amount for a unit in dollars, by billing code, by kind of service, or `default`.",
        default_factory=Fixed,
    )
    pricing: Pricing | None = described(
        "How it prices", "How the plan sets amounts that its schedule does not list.", None
    )

    def __post_init__(self) -> None:
        for name in ("benefits", "allowed", "groups"):
            object.__setattr__(self, name, Fixed(getattr(self, name)))
        checked(self)
        for name in (*self.benefits, *self.highest_copay_a_day):
            require_line(name)
        for part in self.limit_counts:
            require("part of what a patient pays", part, PARTS)
        grouped = [name for group in self.groups.values() for name in group.benefits]
        for name in grouped:
            if grouped.count(name) > 1:
                raise PlanError(f"the benefit {name!r} is in two groups; a line may be in only one")

    def group(self, benefit: str) -> str:
        """The name of the group that a benefit, or the line it falls under, is in; empty where it is in none."""
        lines = (benefit,) if benefit in self.benefits else (benefit, "default")
        return next((name for line in lines for name, group in self.groups.items() if line in group.benefits), "")

    def lines(self) -> tuple[str, ...]:
        """Every line of the booklet that it names."""
        grouped = (line for group in self.groups.values() for line in group.benefits)
        return (*self.benefits, *self.highest_copay_a_day, *grouped)

    def benefit(self, name: str) -> tuple[Benefit, str]:
        """The terms of a benefit and the line they were found on: its own, or the plan's default line."""
        if name in self.benefits:
            return self.benefits[name], name
        return self.benefits.get("default", Benefit(coinsurance=NOT_STATED)), "default"

    replace = replace


@dataclass(frozen=True)
class PlanVersion:
    """The plan that holds from a day on: another year's figures, or another plan after a change of job or age."""

    starts: date = described("From", "The first day that this plan applies.")
    plan: Plan = described(
        "Plan", "The plan from that day on. Allowed amounts and pricing that it does not state stay as they were."
    )
    credit: bool = described(
        "Credit for what was used",
        "Whether what you used before this plan counts here in the same plan year, and what carries over at its end.",
        False,
    )


@dataclass(frozen=True, repr=False)
class Plan(Displayed):
    """A health plan's benefit for one patient or family, as its booklet states it."""

    networks: Mapping[str, Network | Literal["no benefit"]] = described(
        "Networks", "The plan's networks by name: in, out, or named tiers; `no benefit` if it pays nothing."
    )
    name: str = described("Name", "What the plan calls itself in its booklet.", "a plan")
    kind: str = described(
        "Kind", "PPO, HDHP, HMO, EPO, Medicare, Medicare with Medigap, TRICARE, VA or Medicaid.", "PPO"
    )
    family: bool = described(
        "Family coverage", "Whether more than one person is on the plan, so that the family amounts count.", False
    )
    plan_year_starts: YearStart = described(
        "Plan year starts", 'The month (1 to 12) when deductibles and limits start over, or the day: "03-15".', 1
    )
    deductible_kind: FamilyKind = described(
        "Family deductible is",
        "Embedded: each person stops at their own amount. Aggregate: the family amount comes first.",
        "embedded",
    )
    limit_kind: FamilyKind = described(
        "Family limit is",
        "Embedded: each person stops at their own limit. Aggregate: only the family limit counts.",
        "embedded",
    )
    deductible_months: int = described(
        "Months of a deductible",
        "How many months a deductible lasts before it starts over: 12, or 1 for a monthly spend-down.",
        MONTHS,
    )
    deductible_carryover: Literal["none", "last three months", "last three months if not met"] = described(
        "Deductible carries over",
        "Whether what counts toward a deductible in a year's last three months counts toward the next year's, too.",
        "none",
    )
    deductible_credits: Mapping[str, tuple[str, ...]] = described(
        "Deductible also counts to",
        "For each network, the other networks whose deductible its payments also count toward.",
        default_factory=Fixed,
    )
    limit_credits: Mapping[str, tuple[str, ...]] = described(
        "Limit also counts to",
        "For each network, the other networks whose limit its payments also count toward.",
        default_factory=Fixed,
    )
    protected_network: str = described(
        "Protected care is treated as",
        "The network whose terms apply to care that surprise-billing law protects.",
        "in",
    )
    hsa_eligible: bool | NotStated = described(
        "HSA eligible", "Whether the plan is a high-deductible plan that allows an HSA.", NOT_STATED
    )
    versions: tuple[PlanVersion, ...] = described(
        "Later versions", "What applies later: the next years' figures, or other plans, in order.", ()
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "networks", Fixed(self.networks))
        for name in ("deductible_credits", "limit_credits"):
            credits = {network: tuple(others) for network, others in getattr(self, name).items()}
            object.__setattr__(self, name, Fixed(credits))
            for network in {*credits, *(other for others in credits.values() for other in others)}:
                require("network of this plan", network, self.networks)
        if not self.networks:
            raise PlanError('a plan needs at least one network, such as networks={"out": Network(deductible=...)}')
        if self.family:
            self._check_families()
        if not 1 <= self.deductible_months <= MONTHS or MONTHS % self.deductible_months:
            raise PlanError(f"deductible_months divides the year: 1, 2, 3, 4, 6 or 12, got {self.deductible_months}")
        if self.deductible_months < MONTHS and self.deductible_carryover != "none":
            raise PlanError(
                "a deductible that starts again within the year carries nothing over: choose one of the two"
            )
        object.__setattr__(self, "versions", tuple(_in_one_list(self.versions)))
        if not is_day_of_years(*month_and_day(self.plan_year_starts)):
            raise PlanError(f"the plan year starts in a month from 1 to 12, got {self.plan_year_starts}")

    def as_written(self) -> Plan:
        """The plan itself, where what a booklet would not print is refused. Raises PlanError.

        Refused are a kind that nobody offers, a limit below a deductible that counts to it, and a family's amount below
        one person's. Ranges and what-ifs may go there, so that a plan as such does not.
        """
        require("kind of plan", self.kind, ("", *KINDS))
        for name, network in self.networks.items():
            if not name.strip():
                raise PlanError("networks: a network has a name, such as out")
            if not isinstance(network, Network):
                continue
            for family in ("", "family_"):
                deductible = getattr(network, f"{family}deductible")
                limit = getattr(network, f"{family}out_of_pocket_limit")
                counts = "deductible" in network.limit_counts and isinstance(deductible, int) and isinstance(limit, int)
                if counts and limit < deductible:
                    what = f"networks.{name}: the {family.replace('_', ' ')}out-of-pocket limit of {shown(limit)}"
                    raise PlanError(
                        f"{what} is below the deductible of {shown(deductible)} that counts to it; are they swapped? "
                        'A limit that the deductible does not count to says limit_counts = ["copay", "coinsurance"]'
                    )
        self._check_families()
        return self

    def _check_families(self) -> None:
        networks = self.paying_networks.values()
        for side in (*networks, *(group for network in networks for group in network.groups.values())):
            for name in ("deductible", "out_of_pocket_limit", "coinsurance_limit"):
                mine, ours = getattr(side, name, None), getattr(side, f"family_{name}", None)
                if isinstance(mine, int) and isinstance(ours, int) and ours < mine:
                    what = f"the family {name.replace('_', ' ')} of {shown(ours)}"
                    raise PlanError(f"{what} is below one person's {shown(mine)}; are they swapped?")

    def __repr__(self) -> str:
        return f"Plan: {self.name}"

    @classmethod
    def of(
        cls,
        *,
        deductible: object = None,
        coinsurance: object = None,
        out_of_pocket_limit: object = None,
        allowed: object = None,
        copay: object = 0,
        **more: Any,
    ) -> Plan:
        """A plan with one network, `out`, from numbers as people write them; `more` are other fields of a plan.

        >>> Plan.of(deductible=1_000, coinsurance="40%", allowed=350).networks["out"].deductible
        100000
        """
        own = ("deductible", "coinsurance", "out_of_pocket_limit", "allowed", "copay")
        for name in more:
            require("field of Plan.of", name, (*own, *descriptions(cls)))
        benefit = Benefit(copay=usd(copay, what="copay"), coinsurance=share(coinsurance, what="coinsurance"))
        limit = None if out_of_pocket_limit is None else usd(out_of_pocket_limit, what="out_of_pocket_limit")
        side = Network(
            deductible=usd(deductible, what="deductible"),
            out_of_pocket_limit=limit,
            benefits={"default": benefit},
            balance_bill="owed",
            allowed={} if allowed is None else {"default": usd(allowed, what="allowed")},
        )
        return cls(networks={"out": side}, **more)

    def network(self, name: str) -> Network | Literal["no benefit"]:
        """One side of the plan. Raises UnknownName where the plan has no such side."""
        return named(f"network of {self.name}", name, self.networks)

    @property
    def paying_networks(self) -> Mapping[str, Network]:
        """The networks in which the plan has a benefit, by name."""
        return {name: side for name, side in self.networks.items() if isinstance(side, Network)}

    def gaps(self) -> tuple[str, ...]:
        """What this plan does not state though the rule needs it, as the paths of the entries to fill in."""
        networks = self.paying_networks
        parts = (
            f"networks.{name}.{kind}.{part}.{gap}"
            for kind in ("groups", "benefits")
            for name, side in networks.items()
            for part, held in getattr(side, kind).items()
            for gap in held.gaps()
        )
        own = (f"networks.{name}.{gap}" for name, side in networks.items() for gap in self.network_gaps(side))
        return (*self.kind_gaps(*networks.values()), *own, *parts)

    def each_network(self, change: Callable[[str, Network], Network]) -> Plan:
        """The plan with each of its paying networks changed."""
        changed = {name: change(name, side) for name, side in self.paying_networks.items()}
        return self.replace(networks={**self.networks, **changed})

    def each(self, change: Callable[[Plan], Plan]) -> Plan:
        """The plan and its later versions, each changed alike."""
        later = (replace(version, plan=change(version.plan)) for version in self.versions)
        return change(self.replace(versions=())).replace(versions=tuple(later))

    def aggregate(self, side: Network, kind: str) -> bool:
        """Whether the family amount alone holds on a side: of the "deductible" or of the "limit"."""
        name = f"{kind}_kind"
        return self.family and (getattr(side, name) or getattr(self, name)) == "aggregate"

    def kind_gaps(self, *networks: Network) -> tuple[str, ...]:
        """The family kinds that neither these networks nor the plan state."""
        return tuple(
            name
            for name in ("deductible_kind", "limit_kind")
            if self.family and any((getattr(side, name) or getattr(self, name)) == NOT_STATED for side in networks)
        )

    def network_gaps(self, side: Network) -> tuple[str, ...]:
        """What one side does not state though every line on it needs it."""
        open_entries = []
        for name, kind in (("deductible", "deductible"), ("out_of_pocket_limit", "limit")):
            own, together = getattr(side, name), getattr(side, f"family_{name}")
            joint = self.aggregate(side, kind)  # then one person's own amount stops nobody
            if own == NOT_STATED and not joint:
                open_entries.append(name)
            if self.family and (together == NOT_STATED or (joint and own and together is None)):
                open_entries.append(f"family_{name}")
        return tuple(open_entries)

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines that a claim under it, or under a later version, may name: the usual ones and its own."""
        plans = (self, *(version.plan for version in self.versions))
        own = (line for plan in plans for side in plan.paying_networks.values() for line in side.lines())
        return tuple(dict.fromkeys((*BENEFITS, *own)))

    replace = replace


def _in_one_list(versions: Iterable[PlanVersion]) -> Iterator[PlanVersion]:
    """Versions in order, with the later versions that their own plans have, until the next one starts."""
    given = list(versions)
    for at, version in enumerate(given, 1):
        until = given[at].starts if at < len(given) else date.max
        if until <= version.starts:
            raise PlanError(f"the version from {until} should start after the one from {version.starts}")
        own = version.plan.versions
        held = [version.plan.replace(versions=()), *(after.plan for after in own if after.starts <= version.starts)]
        yield replace(version, plan=held[-1])
        yield from (after for after in own if version.starts < after.starts < until)


@dataclass(frozen=True)
class PublishedPlan:
    """A published benefit design: the plan, its sources, what its document does not state and how we read the rest."""

    id: str
    plan: Plan
    sponsor: str
    plan_year: str
    grade: str
    in_window: bool
    not_stated: tuple[str, ...]
    reading: tuple[str, ...]
    prior_authorization: str
    allowed_method: str
    citations: tuple[Citation, ...]


def published_plans() -> tuple[str, ...]:
    """The ids of the benefit designs in `data/plans`: published_plans()[0]."""
    return names_in("plans")


@cache
def published_plan(name: str) -> PublishedPlan:
    """A published benefit design: published_plan("nextgen-2026-750").sponsor. Raises UnknownName."""
    require("published plan", name, published_plans())
    table = read_toml(f"plans/{name}.toml")
    citations = tuple(
        Citation(table["name"], "benefit design", "", source(p["source"]), p["where"], source(p["source"]).grade)
        for p in table["citations"]
    )
    own = {key: value for key, value in table.items() if key in (*descriptions(Plan), "next")}
    return PublishedPlan(
        name,
        read(Plan, with_published(own)),
        table["sponsor"],
        str(table["plan_year"]),
        table["grade"],
        table["in_window"],
        tuple(table.get("not_stated", ())),
        tuple(table.get("reading", ())),
        table.get("prior_authorization", ""),
        table.get("allowed_method", ""),
        citations,
    )


def with_published(written_plan: Any) -> Any:
    """A plan as a file writes it, with the published plans that it names put in. Raises UnknownName for no such id.

    It may start from one ("ID" or { preset = "ID" }), have one as a later version, or name the `next` year's.
    """
    if isinstance(written_plan, str):
        written_plan = {"preset": written_plan}
    if not isinstance(written_plan, Mapping):
        return written_plan
    table = dict(written_plan)
    if (preset := table.pop("preset", None)) is not None:
        table = merged(written(plan(preset if isinstance(preset, str) else told(preset))), table)
    if (following := table.pop("next", None)) is not None:
        year = published_plan(str(following))
        starts = date(int(year.plan_year), *month_and_day(year.plan.plan_year_starts))
        table["versions"] = [{"starts": starts, "plan": following, "credit": True}, *table.get("versions", ())]
    if isinstance(table.get("versions"), list):
        table["versions"] = [
            {**version, "plan": with_published(version["plan"])}
            if isinstance(version, Mapping) and isinstance(version.get("plan"), Mapping | str)
            else version
            for version in table["versions"]
        ]
    return table


def plan(name: str) -> Plan:
    """The plan of a published benefit design: `plan("nextgen-2026-750")`."""
    return published_plan(name).plan
