"""What a course of ketamine treatment will really cost: the public names, each loaded on first use, and nothing else."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ketacost.accounts.hsa import Holder, HsaCoverage, Span
    from ketacost.accounts.loans import Call, Loan, Paying, Promotion, offered_rate, promotion_cost
    from ketacost.analysis.allowed_methods import allowed_range, methods_table
    from ketacost.analysis.alternatives import alternatives, disagreements, gap_exception, savings_help
    from ketacost.analysis.comparison import compare, compare_routes
    from ketacost.analysis.questions import questions_for_plan
    from ketacost.analysis.start_dates import key_dates, starts
    from ketacost.analysis.value_of_information import ask_next
    from ketacost.core.fields import KetacostError
    from ketacost.core.money import multiple, share, usd
    from ketacost.core.references import parameter, source
    from ketacost.estimate.account_effects import advise_fsa, tax_effect
    from ketacost.estimate.answer import Answer, by_coverage, run
    from ketacost.estimate.calendar import bottom_line, calendar
    from ketacost.estimate.estimate import spread
    from ketacost.estimate.explain import citations, notes, steps, trace
    from ketacost.estimate.outlook import Outlook, outlook, worth
    from ketacost.estimate.scenario import Scenario, example, scenario_from
    from ketacost.files.scenario_files import load, save
    from ketacost.jupyter.explorer import Explorer
    from ketacost.model.accumulators import Amounts, Used
    from ketacost.model.adjudication import Claim, adjudicate
    from ketacost.model.allowed import METHODS
    from ketacost.model.courses import (
        Course,
        Package,
        Pause,
        Prices,
        ServiceLine,
        course,
        service_lines,
        typical_prices,
    )
    from ketacost.model.coverage import DecisionPath
    from ketacost.model.payers import Chance, Payer, payer, register_payer
    from ketacost.model.plans import (
        NO_BENEFIT,
        Benefit,
        FirstVisits,
        Network,
        Plan,
        plan,
        published_plan,
        published_plans,
    )
    from ketacost.model.pricing import Pricing
    from ketacost.model.protocols import protocol, protocols
    from ketacost.reports.account_statements import (
        election_chart,
        election_statement,
        funding_statement,
        hsa_limit,
        hsa_months,
        programs_statement,
        tax_statement,
    )
    from ketacost.reports.calendar_statements import calendar_chart, calendar_statement
    from ketacost.reports.charts import routes_chart, waterfall
    from ketacost.reports.exports import export, frame
    from ketacost.reports.handout import handout
    from ketacost.reports.json_output import as_dict
    from ketacost.reports.question_statements import ask_next_statement, dots_svg, questions_statement, spread_statement
    from ketacost.reports.side_statements import compare_chart, compare_statement
    from ketacost.reports.start_statements import start_chart, start_statement
    from ketacost.reports.statement import Statement, outcomes, statement
    from ketacost.reports.statements import (
        disagreement_statement,
        ends_statement,
        methods_statement,
        odds,
        routes_statement,
        steps_statement,
        superbill_statement,
        worth_statement,
    )
    from ketacost.reports.trees import tree
    from ketacost.sharing.live import live_page
    from ketacost.sharing.share import share_notebook
    from ketacost.sharing.verdicts import verify
    from ketacost.taxes.federal import medical_deduction
    from ketacost.taxes.households import Contribution, Household
    from ketacost.taxes.savings import saving
    from ketacost.workbench.edits import log_call

__all__ = [
    "Amounts",
    "Answer",
    "Benefit",
    "Call",
    "Chance",
    "Claim",
    "Contribution",
    "Course",
    "HsaCoverage",
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
    "DecisionPath",
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
    "register_payer",
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
    "key_dates",
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
    "citations",
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
    "accounts.hsa": (
        "HsaCoverage",
        "Holder",
        "Span",
    ),
    "accounts.loans": (
        "Call",
        "Loan",
        "Paying",
        "Promotion",
        "offered_rate",
        "promotion_cost",
    ),
    "analysis.allowed_methods": (
        "allowed_range",
        "methods_table",
    ),
    "analysis.alternatives": (
        "alternatives",
        "disagreements",
        "gap_exception",
        "savings_help",
    ),
    "analysis.comparison": (
        "compare",
        "compare_routes",
    ),
    "analysis.questions": ("questions_for_plan",),
    "analysis.start_dates": (
        "key_dates",
        "starts",
    ),
    "analysis.value_of_information": ("ask_next",),
    "core.fields": ("KetacostError",),
    "core.money": (
        "multiple",
        "share",
        "usd",
    ),
    "core.references": (
        "parameter",
        "source",
    ),
    "estimate.account_effects": (
        "advise_fsa",
        "tax_effect",
    ),
    "estimate.answer": (
        "Answer",
        "by_coverage",
        "run",
    ),
    "estimate.calendar": (
        "bottom_line",
        "calendar",
    ),
    "estimate.estimate": ("spread",),
    "estimate.explain": (
        "notes",
        "citations",
        "steps",
        "trace",
    ),
    "estimate.outlook": (
        "Outlook",
        "outlook",
        "worth",
    ),
    "estimate.scenario": (
        "Scenario",
        "example",
        "scenario_from",
    ),
    "files.scenario_files": (
        "load",
        "save",
    ),
    "jupyter.explorer": ("Explorer",),
    "model.accumulators": (
        "Amounts",
        "Used",
    ),
    "model.adjudication": (
        "Claim",
        "adjudicate",
    ),
    "model.allowed": ("METHODS",),
    "model.courses": (
        "Course",
        "Package",
        "Pause",
        "Prices",
        "ServiceLine",
        "course",
        "service_lines",
        "typical_prices",
    ),
    "model.coverage": ("DecisionPath",),
    "model.payers": (
        "Chance",
        "Payer",
        "register_payer",
        "payer",
    ),
    "model.plans": (
        "Benefit",
        "FirstVisits",
        "NO_BENEFIT",
        "Network",
        "Plan",
        "plan",
        "published_plan",
        "published_plans",
    ),
    "model.pricing": ("Pricing",),
    "model.protocols": (
        "protocol",
        "protocols",
    ),
    "reports.account_statements": (
        "election_chart",
        "election_statement",
        "funding_statement",
        "hsa_limit",
        "hsa_months",
        "programs_statement",
        "tax_statement",
    ),
    "reports.calendar_statements": (
        "calendar_chart",
        "calendar_statement",
    ),
    "reports.charts": (
        "routes_chart",
        "waterfall",
    ),
    "reports.exports": (
        "export",
        "frame",
    ),
    "reports.handout": ("handout",),
    "reports.json_output": ("as_dict",),
    "reports.question_statements": (
        "ask_next_statement",
        "dots_svg",
        "questions_statement",
        "spread_statement",
    ),
    "reports.side_statements": (
        "compare_chart",
        "compare_statement",
    ),
    "reports.start_statements": (
        "start_chart",
        "start_statement",
    ),
    "reports.statement": (
        "Statement",
        "outcomes",
        "statement",
    ),
    "reports.statements": (
        "disagreement_statement",
        "ends_statement",
        "methods_statement",
        "odds",
        "routes_statement",
        "steps_statement",
        "superbill_statement",
        "worth_statement",
    ),
    "reports.trees": ("tree",),
    "sharing.live": ("live_page",),
    "sharing.share": ("share_notebook",),
    "sharing.verdicts": ("verify",),
    "taxes.federal": ("medical_deduction",),
    "taxes.households": (
        "Contribution",
        "Household",
    ),
    "taxes.savings": ("saving",),
    "workbench.edits": ("log_call",),
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
