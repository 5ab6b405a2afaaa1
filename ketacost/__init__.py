"""What a course of ketamine treatment will really cost: the public names, each loaded on first use, and nothing else."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ketacost.accumulators import Amounts, Used
    from ketacost.allowed import METHODS
    from ketacost.answers import Answer, by_coverage, run
    from ketacost.catalog import protocol, protocols
    from ketacost.charts import waterfall
    from ketacost.claims import Claim, adjudicate
    from ketacost.courses import Course, Package, Pause, Prices, ServiceLine, course, service_lines, typical_prices
    from ketacost.explain import notes, papers, steps, trace
    from ketacost.files import load, save
    from ketacost.methods import allowed_range, methods_table
    from ketacost.money import multiple, share, usd
    from ketacost.panels import Explorer
    from ketacost.parameters import parameter, source
    from ketacost.plans import NO_BENEFIT, Benefit, FirstVisits, Network, Plan
    from ketacost.pricing import Pricing
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
    "METHODS",
    "NO_BENEFIT",
    "Network",
    "Package",
    "Pause",
    "Plan",
    "Prices",
    "Pricing",
    "Scenario",
    "ServiceLine",
    "Statement",
    "Used",
    "adjudicate",
    "allowed_range",
    "as_dict",
    "by_coverage",
    "course",
    "example",
    "load",
    "methods_table",
    "multiple",
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

_NAMES = {
    "accumulators": ("Amounts", "Used"),
    "allowed": ("METHODS",),
    "answers": ("Answer", "by_coverage", "run"),
    "catalog": ("protocol", "protocols"),
    "charts": ("waterfall",),
    "claims": ("Claim", "adjudicate"),
    "courses": ("Course", "Package", "Pause", "Prices", "ServiceLine", "course", "service_lines", "typical_prices"),
    "explain": ("notes", "papers", "steps", "trace"),
    "files": ("load", "save"),
    "methods": ("allowed_range", "methods_table"),
    "money": ("multiple", "share", "usd"),
    "panels": ("Explorer",),
    "parameters": ("parameter", "source"),
    "plans": ("Benefit", "FirstVisits", "NO_BENEFIT", "Network", "Plan"),
    "pricing": ("Pricing",),
    "published": ("plan", "published_plan", "published_plans"),
    "reports": ("as_dict",),
    "scenarios": ("Scenario", "example", "scenario_from"),
    "tables": ("Statement", "outcomes", "statement"),
    "words": ("KetacostError",),
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """A public name, from the module that holds it; it stays here from then on."""
    if name not in _HOMES:
        raise AttributeError(f"module 'ketacost' has no attribute {name!r}")
    from importlib import import_module

    found = globals()[name] = getattr(import_module(f"ketacost.{_HOMES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return __all__
