"""The tables of many plans for the walk over a cohort: rows of cost sharing, terms, and how each contract begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from ketacost.core.dates import month_and_day
from ketacost.core.fields import KetacostError
from ketacost.model.accumulators import Accumulators, Used, tables
from ketacost.model.adjudication import CostSharing, plan_year_of
from ketacost.model.cost_sharing import Terms
from ketacost.model.plans import BENEFITS, NOT_STATED, Plan, published_plan, published_plans
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
    """A plan for a family; its amounts are taken to be embedded where the design does not say."""
    kinds = {kind: "embedded" for kind in ("deductible_kind", "limit_kind") if getattr(plan, kind) == NOT_STATED}
    return plan.replace(family=True, **kinds)


class PlansByName(Mapping[str, Plan]):
    """The plans that a table may name: those that were given, then the published ones by id."""

    def __init__(self, plans: Plan | Mapping[str, Plan] | str | None) -> None:
        self.only = published_plan(plans).plan if isinstance(plans, str) else plans if isinstance(plans, Plan) else None
        self.given = dict(plans) if isinstance(plans, Mapping) else {}
        self.rows: dict[Any, Any] = {}  # the tables of plans that chunks share

    def __getitem__(self, name: str) -> Plan:
        if self.only:
            return self.only
        if name not in self.given and name.removesuffix(FAMILY) in published_plans():
            plan = published_plan(name.removesuffix(FAMILY)).plan
            self.given[name] = for_family(plan) if name.endswith(FAMILY) else plan
        return self.given[name]

    def __iter__(self) -> Iterator[str]:
        published = published_plans()
        return iter(dict.fromkeys((*self.given, *published, *(f"{name}{FAMILY}" for name in published))))

    def __len__(self) -> int:
        return len(list(iter(self)))


class PlanRows:
    """The tables of several plans for the walk, one after the other, the places of their state made dense."""

    def __init__(self, plans: Sequence[Plan], networks: Sequence[str]) -> None:
        self.plans, self.networks = plans, networks
        self.sharing: list[int] = []
        self.sharings = [NO_NETWORK]  # the first stands for a network that a plan does not have
        self.gaps = [0]
        self.terms: list[Terms] = []
        self.reach: list[int] = []
        self.dense = [self._add(plan) for plan in plans]
        self.size = max(len(dense) for dense in self.dense) + 2
        self.blocks: list[int] = []
        for plan, dense in zip(plans, self.dense, strict=True):
            self.blocks += self.padded(tables(plan).family_tops) + self.person(tables(plan).tops, dense)

    def padded(self, amounts: Sequence[int]) -> list[int]:
        """A block that begins with these amounts."""
        return [*amounts, *[0] * (self.size - len(amounts))]

    def person(self, part: Sequence[int], dense: Mapping[int, int]) -> list[int]:
        """A person's part of a state as a block."""
        block = self.padded(())
        for place, to in dense.items():
            block[to] = part[place]
        return block

    def _add(self, plan: Plan) -> dict[int, int]:
        """Add a plan's rows, and give where each place of a person's state stands in a block."""
        known, networks = tables(plan), [name for name in self.networks if name in plan.networks]
        made = {(name, benefit): CostSharing.of(plan, name, benefit) for name in networks for benefit in BENEFITS}
        numbers = {cost: len(self.sharings) + n for n, cost in enumerate(dict.fromkeys(made.values()))}
        self.sharing += [
            numbers[made[name, benefit]] if name in networks else 0 for name in self.networks for benefit in BENEFITS
        ]
        nobody = 3 * len(known.at)  # the two places of copays that are never owed
        dense, end = {place: place for place in range(nobody)}, nobody + 2
        for cost in numbers:
            row = cost.row
            copays = any(terms.copay for terms in known.terms[row.terms : row.first_terms + 2])
            for place, ints in ((row.visits_at, 2), (row.copay_at if copays else 0, 2), (row.share_at, 3)):
                if place and place not in dense:
                    dense |= {place + k: end + k for k in range(ints)}
                    end += ints
            self.gaps.append(int(bool(cost.gaps)))
            self.sharings.append(
                row._replace(
                    visits_at=dense[row.visits_at] if row.visits_at else 0,
                    most_visits=min(row.most_visits, MOST_VISITS),
                    copay_at=dense[row.copay_at] if copays else nobody,
                    share_at=dense[row.share_at] if row.share_at else 0,
                    terms=row.terms + len(self.terms),
                    first_terms=row.first_terms + len(self.terms),
                    **{name: getattr(row, name) + len(self.reach) for name in REACH},
                )
            )
        self.terms += known.terms
        self.reach += known.reach
        return dense


def rows_of(lines: Lines, used: Mapping[int, Used], rule: Rule = THE_RULE) -> Rows:
    """The tables of the plans, and how each contract begins. Raises KetacostError where used amounts do not fit."""
    import numpy as np

    plans = [rule.changed(plan) for plan in lines.plans]
    key = (*map(id, plans), *lines.networks)
    if key not in lines.rows:
        lines.rows.clear()
        lines.rows[key] = PlanRows(plans, lines.networks)
    made = lines.rows[key]
    plan = np.zeros(int(lines.contract.max(initial=0)) + 1, np.int64)
    plan[lines.contract] = lines.plan
    before = np.full((4, plan.size), -1, np.int64)
    blocks = list(made.blocks)
    for contract, amounts in used.items():
        its, dense = plans[plan[contract]], made.dense[plan[contract]]
        amounts = rule.used(amounts, lines.plans[plan[contract]])
        begun, known = Accumulators(its), tables(its)
        try:
            begun.begin(amounts)
        except KetacostError as error:
            patient = lines.patients[lines.patient[np.argmax(lines.contract == contract)]].as_py()
            raise KetacostError(f"used, patient {patient!r}: {error}") from None
        as_of = amounts.as_of or date.min
        members = [name for name in lines.members if name in begun.members]
        last = max((lines.members.index(name) for name in members), default=-1)
        before[:, contract] = (
            len(blocks) // made.size,
            last + 1,
            plan_year_of(as_of, its.plan_year_starts).year,
            as_of.toordinal(),
        )
        blocks += made.padded(begun.state[: len(known.family_tops)])
        for name in lines.members[: last + 1]:
            at = begun.of(name)
            blocks += made.person(begun.state[at : at + len(known.tops)], dense)
    first, last_day = int(lines.day.min(initial=EPOCH)), int(lines.day.max(initial=EPOCH))
    days = np.arange(first - EPOCH, last_day - EPOCH + 1).astype("datetime64[D]")
    year, month = days.astype("datetime64[Y]").astype(int) + 1970, days.astype("datetime64[M]").astype(int) % 12 + 1
    of_year = 100 * month + (days - days.astype("datetime64[M]")).astype(int) + 1
    starts = {its.plan_year_starts: month_and_day(its.plan_year_starts) for its in plans}
    of_plan = np.array([([*starts].index(its.plan_year_starts), its.family) for its in plans])[plan]
    columns: dict[str, Any] = {
        "starts": of_plan[:, 0].astype(np.uint32),
        "family": of_plan[:, 1].astype(np.uint8),
        "fresh": (2 * plan).astype(np.uint32),
        "used": before[0],
        "used_members": before[1],
        "used_year": before[2],
        "as_of": before[3],
        "blocks": np.array(blocks, np.int64),
        "size": made.size,
        "years": np.concatenate([year - (of_year < 100 * month + day) for month, day in starts.values()]),
        "first_day": first,
        "days": days.size,
        "sharing": np.array(made.sharing, np.uint32),
        "sharings": _records(made.sharings, Sharing, np.uint32),
        "gaps": np.array(made.gaps, np.uint8),
        "terms": _records(made.terms, Terms, np.int64),
        "reach": np.array(made.reach, np.uint32),
    }
    return Rows(**columns)


def _records(rows: Sequence[Any], of: Any, kind: Any) -> Any:
    """NamedTuples as an array of records with the same names, which compiled code reads alike."""
    import numpy as np

    return np.array([tuple(row) for row in rows], [(name, kind) for name in of._fields])
