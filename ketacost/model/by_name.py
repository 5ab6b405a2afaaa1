"""The published plans by name, as a mapping that completes its keys in a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ketacost.model.plans import Plan, plan, published_plans


class PublishedPlans(Mapping[str, Plan]):
    """Published benefit designs by id: plans["nextgen-2026-750"].name. Raises UnknownName with the near matches."""

    def __getitem__(self, name: str) -> Plan:
        return plan(name)

    def __iter__(self) -> Iterator[str]:
        return iter(published_plans())

    def __len__(self) -> int:
        return len(published_plans())

    def __contains__(self, name: object) -> bool:
        return name in published_plans()

    def get(self, name: str, default: Any = None) -> Any:
        """The plan of a name, or the default where there is none."""
        return super().get(name, default) if name in self else default

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def __repr__(self) -> str:
        return f"{len(self)} published plans: {', '.join(self)}"


plans = PublishedPlans()
"""The published plans of `data/plans`."""
