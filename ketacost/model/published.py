"""Published benefit designs: real plans from their own documents, with what those do and do not state."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ketacost.core.convert import read
from ketacost.core.fields import unknown, words
from ketacost.core.references import Paper, names_in, read_toml, source
from ketacost.model.plans import Plan


@dataclass(frozen=True)
class PublishedPlan:
    """A published benefit design: the plan, its papers, what its document does not state and how we read the rest."""

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
    papers: tuple[Paper, ...]


def published_plans() -> tuple[str, ...]:
    """The ids of the benefit designs in `data/plans`."""
    return names_in("plans")


@cache
def published_plan(name: str) -> PublishedPlan:
    """A published benefit design by id. Raises UnknownName with the near matches."""
    if name not in published_plans():
        raise unknown("published plan", name, published_plans())
    table = read_toml(f"plans/{name}.toml")
    papers = tuple(
        Paper(table["name"], "benefit design", "", source(p["source"]), p["where"], source(p["source"]).grade)
        for p in table["papers"]
    )
    return PublishedPlan(
        name,
        read(Plan, {k: v for k, v in table.items() if k in words(Plan)}),
        table["sponsor"],
        str(table["plan_year"]),
        table["grade"],
        table["in_window"],
        tuple(table.get("not_stated", ())),
        tuple(table.get("reading", ())),
        table.get("prior_authorization", ""),
        table.get("allowed_method", ""),
        papers,
    )


def plan(name: str) -> Plan:
    """The plan of a published benefit design: `plan("nextgen-2026-750")`."""
    return published_plan(name).plan
