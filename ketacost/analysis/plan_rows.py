"""The tables of many plans for the walk over a cohort: rows of cost sharing, terms, and how each contract begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from ketacost.analysis.later import np
from ketacost.core.dates import month_and_day
from ketacost.core.fields import KetacostError, of_kind
from ketacost.model.accumulators import Tables, Used, versions
from ketacost.model.adjudication import DAY, CostSharing, PlanYear, months_of
from ketacost.model.cost_sharing import Terms
from ketacost.model.plans import NOT_STATED, Plan, published_plan, published_plans
from ketacost.model.rules import THE_RULE, Rule
from ketacost.model.walk import Rows, Sharing

if TYPE_CHECKING:
    from ketacost.analysis.line_columns import Lines

MOST_VISITS = 1_000_000
"""What stands for a number of visits without a limit: more than a plan year has days."""

REACH = ("deductibles", "limits", "coinsurance_limits", "reach_end")
NO_NETWORK = Sharing(*[0] * len(Sharing._fields))
EPOCH = date(1970, 1, 1).toordinal()

FAMILY = " (family)"
"""What stands behind the id of a published plan that covers a family."""


def for_family(plan: Plan) -> Plan:
    """A plan for a family; we assume its amounts are embedded where the design does not say."""
    kinds = {kind: "embedded" for kind in ("deductible_kind", "limit_kind") if getattr(plan, kind) == NOT_STATED}
    return plan.replace(family=True, **kinds)


class PlansByName(Mapping[str, Plan]):
    """The plans that a table may name: those that were given, then the published ones by id."""

    def __init__(self, plans: Plan | Mapping[str, Plan] | str | None) -> None:
        of_kind("plans", plans, Plan | Mapping | str | None, "a plan, plans by name, or a published plan's id")
        self.only = published_plan(plans).plan if isinstance(plans, str) else plans if isinstance(plans, Plan) else None
        self.given = dict(plans) if isinstance(plans, Mapping) else {}
        self.rows: dict[Any, Any] = {}  # the tables of plans that chunks share

    def __getitem__(self, name: str) -> Plan:
        if self.only:
            return self.only
        if name not in self.given and name.removesuffix(FAMILY) in published_plans():
            plan = published_plan(name.removesuffix(FAMILY)).plan
            self.given[name] = plan.each(for_family) if name.endswith(FAMILY) else plan
        return self.given[name]

    def __iter__(self) -> Iterator[str]:
        published = published_plans()
        return iter(dict.fromkeys((*self.given, *published, *(f"{name}{FAMILY}" for name in published))))

    def __len__(self) -> int:
        return len(list(iter(self)))


class PlanRows:
    """The tables of several plans for the walk, one after the other, the places of their state made dense.

    `held` are the versions of all plans; `first` is where each plan's begin.
    """

    def __init__(self, plans: Sequence[Plan], networks: Sequence[str], booklet: Sequence[str]) -> None:
        self.booklet = booklet  # the lines that any of the plans, or of their claims, may name
        self.plans, self.networks = plans, networks  # held, so that no other plan has the id of one of these
        self.each = [versions(plan) for plan in plans]
        self.held = [held for each in self.each for held in each]
        self.sharing: list[int] = []
        self.sharings = [NO_NETWORK]  # the first stands for a network that a plan does not have
        self.gaps = [0]
        self.terms: list[Terms] = []
        self.reach: list[int] = []
        self.dense: list[dict[int, int]] = []
        for each in self.each:
            shared = [self._shared(held) for held in each]
            dense = self._places(each, shared)
            for held, made in zip(each, shared, strict=True):
                self._add(held, made, dense)
        self.size = max(len(dense) for dense in self.dense) + 2
        self.blocks: list[int] = []
        for held, dense in zip(self.held, self.dense, strict=True):
            self.blocks += self.padded(held.family_tops) + self.person(held.tops, dense)

    def padded(self, amounts: Sequence[int]) -> list[int]:
        """A block that begins with these amounts."""
        return [*amounts, *[0] * (self.size - len(amounts))]

    def person(self, part: Sequence[int], dense: Mapping[int, int]) -> list[int]:
        """A person's part of a state as a block."""
        block = self.padded(())
        for place, to in dense.items():
            block[to] = part[place]
        return block

    def _shared(self, held: Tables) -> dict[tuple[str, str], CostSharing]:
        """How a version shares costs, by network and benefit, where it has the network."""
        networks = [name for name in self.networks if name in held.plan.networks]
        return {(name, benefit): CostSharing.of(held, name, benefit) for name in networks for benefit in self.booklet}

    def _places(self, each: Sequence[Tables], shared: Sequence[dict[tuple[str, str], CostSharing]]) -> dict[int, int]:
        """Where each place of a person's state stands in a block, for all versions of a plan."""
        nobody = each[0].visits_at("default")  # then the two places of copays that are never owed
        dense, end = {place: place for place in range(nobody)}, nobody + 2
        for held, made in zip(each, shared, strict=True):
            for cost in dict.fromkeys(made.values()):
                row = cost.row
                at_copay = row.copay_at if _copays(held, row) else 0
                for place, ints in ((row.visits_at, 2), (at_copay, 2), (row.share_at, 3)):
                    if place and place not in dense:
                        dense |= {place + k: end + k for k in range(ints)}
                        end += ints
        return dense

    def _add(self, held: Tables, made: dict[tuple[str, str], CostSharing], dense: dict[int, int]) -> None:
        """Add a version's rows."""
        numbers = {cost: len(self.sharings) + n for n, cost in enumerate(dict.fromkeys(made.values()))}
        self.sharing += [
            numbers[made[name, benefit]] if (name, benefit) in made else 0
            for name in self.networks
            for benefit in self.booklet
        ]
        for cost in numbers:
            row = cost.row
            self.gaps.append(int(bool(cost.gaps)))
            self.sharings.append(
                row._replace(
                    visits_at=dense[row.visits_at] if row.visits_at else 0,
                    most_visits=min(row.most_visits, MOST_VISITS),
                    copay_at=dense[row.copay_at] if _copays(held, row) else held.visits_at("default"),
                    share_at=dense[row.share_at] if row.share_at else 0,
                    terms=row.terms + len(self.terms),
                    first_terms=row.first_terms + len(self.terms),
                    **{name: getattr(row, name) + len(self.reach) for name in REACH},
                )
            )
        self.terms += held.terms
        self.reach += held.reach
        self.dense.append(dense)


def _copays(held: Tables, row: Sharing) -> bool:
    """Whether any of a row's terms takes a copay."""
    return any(terms.copay for terms in held.terms[row.terms : row.first_terms + 2])


def rows_of(lines: Lines, used: Mapping[int, Used], rule: Rule = THE_RULE) -> Rows:
    """The tables of the plans, and how each contract begins. Raises KetacostError where used amounts do not fit."""
    plans = [rule.changed(plan) for plan in lines.roots]
    key = (*map(id, plans), *lines.networks, *lines.booklet)
    if key not in lines.rows:
        lines.rows.clear()
        lines.rows[key] = PlanRows(plans, lines.networks, lines.booklet)
    made = lines.rows[key]
    most = max(map(len, made.each))
    contracts = int(lines.contract.max(initial=0)) + 1
    first = np.cumsum([0, *(len(each) for each in made.each)])
    root = np.zeros(contracts, np.int64)
    root[lines.contract] = lines.root
    its_versions = np.minimum(np.arange(most), np.diff(first)[root][:, None] - 1)
    held = (first[root][:, None] + its_versions).ravel()  # by contract and version
    before = np.array([[0], [0], [-1], [-1]]).repeat(held.size, axis=1)
    blocks = list(made.blocks)
    first_days = _first_days(lines) if used else {}
    for contract, amounts in used.items():
        begun = PlanYear(lines.roots[root[contract]], amounts, rule)
        as_of = begun.used.as_of or date.min
        try:
            begun.begin(max(as_of, first_days[contract]) if begun.keeps else as_of)
        except KetacostError as error:
            patient = lines.patients[lines.patient[np.argmax(lines.contract == contract)]].as_py()
            raise KetacostError(f"used, patient {patient!r}: {error}") from None
        state, dense = begun.state, made.dense[first[root[contract]]]
        members = [name for name in lines.members if name in state.members]
        last = max((lines.members.index(name) for name in members), default=-1)
        before[:, contract * most + begun.version] = len(blocks) // made.size, last + 1, begun.month, as_of.toordinal()
        blocks += made.padded(state.state[: len(state.tables.family_tops)])
        for name in lines.members[: last + 1]:
            at = state.of(name)
            blocks += made.person(state.state[at : at + len(state.tables.tops)], dense)
    first_day, last_day = int(lines.day.min(initial=EPOCH)), int(lines.day.max(initial=EPOCH))
    days = np.arange(first_day - EPOCH, last_day - EPOCH + 1).astype("datetime64[D]")
    starts = list(dict.fromkeys(version.plan.plan_year_starts for version in made.held))
    facts = np.array([_facts(version, its) for its in made.each for version in range(len(its))])[held]
    columns: dict[str, Any] = {
        "versions": most,
        "starts": np.array([starts.index(version.plan.plan_year_starts) for version in made.held], np.uint32)[held],
        **dict(zip(FACTS, facts.T.copy(), strict=True)),
        "fresh": (2 * held).astype(np.uint32),
        "used": before[0],
        "used_members": before[1],
        "used_month": before[2],
        "as_of": before[3],
        "blocks": np.array(blocks, np.int64),
        "size": made.size,
        "month_of": np.concatenate([_months(days, *month_and_day(start)) for start in starts]),
        "first_day": first_day,
        "days": days.size,
        "sharing": np.array(made.sharing, np.uint32),
        "sharings": _records(made.sharings, Sharing, np.uint32),
        "gaps": np.array(made.gaps, np.uint8),
        "terms": _records(made.terms, Terms, np.int64),
        "reach": np.array(made.reach, np.uint32),
    }
    return Rows(**columns)


FACTS = ("family", "names", "months", "carryover", "credit", "before", "first_month")
"""What the walk must know of a version, of `Rows`."""


def _facts(number: int, each: Sequence[Tables]) -> tuple[int, ...]:
    """The facts of a version among those of its plan."""
    held, plan = each[number], each[number].plan
    facts = int(plan.family), held.amounts // 3, plan.deductible_months, held.carryover
    if not number:
        return *facts, 0, -1, -1
    last = months_of(held.starts - DAY, each[number - 1].plan.plan_year_starts) // 12
    month = months_of(held.starts, plan.plan_year_starts)
    goes_on = month // 12 == months_of(held.starts - DAY, plan.plan_year_starts) // 12
    credit = 0 if not held.credit else 1 if goes_on else 2 if each[number - 1].carryover else 0
    return *facts, credit, last, month


def _first_days(lines: Lines) -> dict[int, date]:
    """The day of the first line of each contract."""
    contracts, at = np.unique(lines.contract, return_inverse=True)
    days = np.full(contracts.size, date.max.toordinal())
    np.minimum.at(days, at, lines.day)
    return {int(contract): date.fromordinal(int(day)) for contract, day in zip(contracts, days, strict=True)}


def _months(days: Any, month: int, first: int) -> Any:
    """The months of plan years up to each day, as `months_of` counts them."""
    months = days.astype("datetime64[M]")
    return months.astype(int) + 1970 * 12 + 1 - month - ((days - months).astype(int) + 1 < first)


def _records(rows: Sequence[Any], of: Any, kind: Any) -> Any:
    """NamedTuples as an array of records with the same names, which compiled code reads alike."""
    return np.array([tuple(row) for row in rows], [(name, kind) for name in of._fields])
