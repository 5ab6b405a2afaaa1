"""What a course of ketamine treatment will really cost: the public names, and nothing else."""

from typing import Any

from ketacost.accumulators import Amounts, Used
from ketacost.answers import Answer, by_coverage, run
from ketacost.catalog import protocol, protocols
from ketacost.claims import Claim, adjudicate
from ketacost.courses import Course, Package, Pause, Prices, ServiceLine, course, service_lines, typical_prices
from ketacost.explain import notes, papers, steps, trace
from ketacost.money import share, usd
from ketacost.parameters import parameter, source
from ketacost.plans import NO_BENEFIT, Benefit, FirstVisits, Network, Plan
from ketacost.published import plan, published_plan, published_plans
from ketacost.reports import as_dict
from ketacost.scenarios import Scenario, example, scenario_from
from ketacost.tables import Statement, outcomes, statement
from ketacost.words import KetacostError

__all__ = [
    "Amounts",
    "Answer",
    "Benefit",
    "Claim",
    "Course",
    "Explorer",
    "FirstVisits",
    "KetacostError",
    "NO_BENEFIT",
    "Network",
    "Package",
    "Pause",
    "Plan",
    "Prices",
    "Scenario",
    "ServiceLine",
    "Statement",
    "Used",
    "adjudicate",
    "as_dict",
    "by_coverage",
    "course",
    "example",
    "load",
    "notes",
    "outcomes",
    "papers",
    "parameter",
    "plan",
    "protocol",
    "protocols",
    "published_plan",
    "published_plans",
    "run",
    "save",
    "scenario_from",
    "service_lines",
    "share",
    "source",
    "statement",
    "steps",
    "trace",
    "typical_prices",
    "usd",
    "waterfall",
]

_LATER = {"Explorer": "panels", "load": "files", "save": "files", "waterfall": "charts"}


def __getattr__(name: str) -> Any:
    """The names whose modules load other libraries, on first use."""
    if name not in _LATER:
        raise AttributeError(f"module 'ketacost' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"ketacost.{_LATER[name]}"), name)


def __dir__() -> list[str]:
    return __all__
