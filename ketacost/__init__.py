"""What a course of ketamine treatment will really cost: the public names, each loaded on first use, and nothing else."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ketacost.account_statements import (
        election_chart,
        election_statement,
        funding_statement,
        hsa_limit,
        hsa_months,
        programs_statement,
        tax_statement,
    )
    from ketacost.accounts import advise_fsa, tax_effect
    from ketacost.accumulators import Amounts, Used
    from ketacost.allowed import METHODS
    from ketacost.answers import Answer, by_coverage, run
    from ketacost.calendar_statements import calendar_chart, calendar_statement
    from ketacost.calendars import bottom_line, calendar
    from ketacost.calls import log_call
    from ketacost.catalog import protocol, protocols
    from ketacost.charts import routes_chart, waterfall
    from ketacost.claims import Claim, adjudicate
    from ketacost.comparisons import alternatives, disagreements, gap_exception
    from ketacost.courses import Course, Package, Pause, Prices, ServiceLine, course, service_lines, typical_prices
    from ketacost.coverage import Path
    from ketacost.deductions import medical_deduction
    from ketacost.eligibility import Coverage, Holder, Span
    from ketacost.explain import notes, papers, steps, trace
    from ketacost.exports import export, frame
    from ketacost.files import load, save
    from ketacost.handouts import handout
    from ketacost.households import Contribution, Household
    from ketacost.lending import Loan, Promotion, offered_rate, promotion_cost
    from ketacost.live import live_page
    from ketacost.matters import dates_that_matter
    from ketacost.methods import allowed_range, methods_table
    from ketacost.money import multiple, share, usd
    from ketacost.panels import Explorer
    from ketacost.parameters import parameter, source
    from ketacost.paths import Outlook, outlook, worth
    from ketacost.payers import Chance, Payer, add_payer, payer
    from ketacost.paying import Call, Paying
    from ketacost.plans import NO_BENEFIT, Benefit, FirstVisits, Network, Plan
    from ketacost.pricing import Pricing
    from ketacost.published import plan, published_plan, published_plans
    from ketacost.question_statements import ask_next_statement, dots_svg, questions_statement, spread_statement
    from ketacost.questions import ask_next
    from ketacost.reports import as_dict
    from ketacost.savings import savings_help
    from ketacost.scenarios import Scenario, example, scenario_from
    from ketacost.sharing import share_notebook
    from ketacost.side_statements import compare_chart, compare_statement
    from ketacost.sides import compare, compare_routes
    from ketacost.spreads import spread
    from ketacost.start_days import starts
    from ketacost.start_statements import start_chart, start_statement
    from ketacost.statements import (
        disagreement_statement,
        ends_statement,
        methods_statement,
        odds,
        routes_statement,
        steps_statement,
        superbill_statement,
        worth_statement,
    )
    from ketacost.tables import Statement, outcomes, statement
    from ketacost.taxes import saving
    from ketacost.trees import tree
    from ketacost.verdicts import verify
    from ketacost.wording import questions_for_plan
    from ketacost.words import KetacostError

__all__ = [
    "Amounts",
    "Answer",
    "Benefit",
    "Call",
    "Chance",
    "Claim",
    "Contribution",
    "Course",
    "Coverage",
    "Explorer",
    "FirstVisits",
    "Holder",
    "Household",
    "KetacostError",
    "Loan",
    "METHODS",
    "NO_BENEFIT",
    "Network",
    "Outlook",
    "Package",
    "Path",
    "Pause",
    "Payer",
    "Paying",
    "Plan",
    "Prices",
    "Pricing",
    "Promotion",
    "Scenario",
    "ServiceLine",
    "Span",
    "Statement",
    "Used",
    "add_payer",
    "adjudicate",
    "advise_fsa",
    "allowed_range",
    "alternatives",
    "as_dict",
    "ask_next",
    "ask_next_statement",
    "bottom_line",
    "by_coverage",
    "calendar",
    "calendar_chart",
    "calendar_statement",
    "compare",
    "compare_chart",
    "compare_routes",
    "compare_statement",
    "course",
    "dates_that_matter",
    "disagreement_statement",
    "disagreements",
    "dots_svg",
    "election_chart",
    "election_statement",
    "ends_statement",
    "example",
    "export",
    "frame",
    "funding_statement",
    "gap_exception",
    "handout",
    "hsa_limit",
    "hsa_months",
    "live_page",
    "load",
    "log_call",
    "medical_deduction",
    "methods_statement",
    "methods_table",
    "multiple",
    "notes",
    "odds",
    "offered_rate",
    "outcomes",
    "outlook",
    "papers",
    "parameter",
    "payer",
    "plan",
    "programs_statement",
    "promotion_cost",
    "protocol",
    "protocols",
    "published_plan",
    "published_plans",
    "questions_for_plan",
    "questions_statement",
    "routes_chart",
    "routes_statement",
    "run",
    "save",
    "saving",
    "savings_help",
    "scenario_from",
    "service_lines",
    "share",
    "share_notebook",
    "source",
    "spread",
    "spread_statement",
    "start_chart",
    "start_statement",
    "starts",
    "statement",
    "steps",
    "steps_statement",
    "superbill_statement",
    "tax_effect",
    "tax_statement",
    "trace",
    "tree",
    "typical_prices",
    "usd",
    "verify",
    "waterfall",
    "worth",
    "worth_statement",
]

_NAMES = {
    "account_statements": (
        "election_chart",
        "election_statement",
        "funding_statement",
        "hsa_limit",
        "hsa_months",
        "programs_statement",
        "tax_statement",
    ),
    "accounts": ("advise_fsa", "tax_effect"),
    "accumulators": ("Amounts", "Used"),
    "allowed": ("METHODS",),
    "answers": ("Answer", "by_coverage", "run"),
    "calendar_statements": ("calendar_chart", "calendar_statement"),
    "calendars": ("bottom_line", "calendar"),
    "calls": ("log_call",),
    "catalog": ("protocol", "protocols"),
    "charts": ("routes_chart", "waterfall"),
    "claims": ("Claim", "adjudicate"),
    "comparisons": ("alternatives", "disagreements", "gap_exception"),
    "courses": ("Course", "Package", "Pause", "Prices", "ServiceLine", "course", "service_lines", "typical_prices"),
    "coverage": ("Path",),
    "deductions": ("medical_deduction",),
    "eligibility": ("Coverage", "Holder", "Span"),
    "explain": ("notes", "papers", "steps", "trace"),
    "exports": ("export", "frame"),
    "files": ("load", "save"),
    "handouts": ("handout",),
    "households": ("Contribution", "Household"),
    "lending": ("Loan", "Promotion", "offered_rate", "promotion_cost"),
    "live": ("live_page",),
    "matters": ("dates_that_matter",),
    "methods": ("allowed_range", "methods_table"),
    "money": ("multiple", "share", "usd"),
    "panels": ("Explorer",),
    "parameters": ("parameter", "source"),
    "paths": ("Outlook", "outlook", "worth"),
    "payers": ("Chance", "Payer", "add_payer", "payer"),
    "paying": ("Call", "Paying"),
    "plans": ("Benefit", "FirstVisits", "NO_BENEFIT", "Network", "Plan"),
    "pricing": ("Pricing",),
    "published": ("plan", "published_plan", "published_plans"),
    "question_statements": ("ask_next_statement", "dots_svg", "questions_statement", "spread_statement"),
    "questions": ("ask_next",),
    "reports": ("as_dict",),
    "savings": ("savings_help",),
    "scenarios": ("Scenario", "example", "scenario_from"),
    "sharing": ("share_notebook",),
    "side_statements": ("compare_chart", "compare_statement"),
    "sides": ("compare", "compare_routes"),
    "spreads": ("spread",),
    "start_days": ("starts",),
    "start_statements": ("start_chart", "start_statement"),
    "statements": (
        "disagreement_statement",
        "ends_statement",
        "methods_statement",
        "odds",
        "routes_statement",
        "steps_statement",
        "superbill_statement",
        "worth_statement",
    ),
    "tables": ("Statement", "outcomes", "statement"),
    "taxes": ("saving",),
    "trees": ("tree",),
    "verdicts": ("verify",),
    "wording": ("questions_for_plan",),
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
