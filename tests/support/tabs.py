"""The panel under its headline, with every tab that somebody can open."""

from __future__ import annotations

from ketacost.estimate.estimate import Estimate
from ketacost.reports.sections import detail, tabs


def every_tab(estimate: Estimate, opened: frozenset[str] = frozenset()) -> str:
    """The HTML of all tabs of an estimate, in their order."""
    return "".join(detail(estimate, name, opened) for name, _ in tabs(estimate))
