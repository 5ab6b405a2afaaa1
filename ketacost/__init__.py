"""What a course of ketamine treatment will really cost: the public names, each loaded on first use, and nothing else."""

_NAMES = {
    "accounts.hsa": "Holder HsaCoverage Span",
    "accounts.loans": "Call Loan Paying Promotion offered_rate promotion_cost",
    "analysis.allowed_methods": "allowed_range methods_table",
    "analysis.alternatives": "alternatives disagreements gap_exception savings_help",
    "analysis.comparison": "compare compare_routes",
    "analysis.questions": "questions_for_plan",
    "analysis.start_dates": "key_dates starts",
    "analysis.value_of_information": "ask_next",
    "core.fields": "KetacostError",
    "core.money": "multiple share usd",
    "core.references": "parameter source",
    "estimate.account_effects": "advise_fsa tax_effect",
    "estimate.answer": "Answer by_coverage run",
    "estimate.calendar": "bottom_line calendar",
    "estimate.estimate": "spread",
    "estimate.explain": "citations notes steps trace",
    "estimate.outlook": "Outlook outlook worth",
    "estimate.scenario": "Scenario example scenario_from",
    "files.scenario_files": "load save",
    "jupyter.explorer": "Explorer",
    "model.accumulators": "Amounts Used",
    "model.adjudication": "Claim adjudicate",
    "model.allowed": "register_method",
    "model.courses": "Course Package Pause Prices ServiceLine course service_lines typical_prices",
    "model.coverage": "DecisionPath",
    "model.payers": "Chance Payer payer register_payer",
    "model.plans": "Benefit FirstVisits NO_BENEFIT Network Plan plan published_plan published_plans",
    "model.pricing": "Pricing",
    "model.protocols": "protocol protocols",
    "reports.calendar_chart": "calendar_chart",
    "reports.charts": "routes_chart waterfall",
    "reports.comparison_chart": "compare_chart",
    "reports.dots": "dots_svg",
    "reports.election_chart": "election_chart",
    "reports.handout": "handout",
    "reports.json_output": "as_dict",
    "reports.spreadsheet": "export frame",
    "reports.start_chart": "start_chart",
    "reports.statement": "Statement outcomes statement",
    "reports.statements": (
        "ask_next_statement calendar_statement compare_statement disagreement_statement "
        "election_statement ends_statement funding_statement hsa_limit hsa_months methods_statement odds "
        "programs_statement questions_statement routes_statement spread_statement start_statement "
        "steps_statement superbill_statement tax_statement worth_statement"
    ),
    "reports.trees": "tree",
    "sharing.live": "live_page",
    "sharing.share": "share_notebook",
    "sharing.verify": "verify",
    "taxes.federal": "medical_deduction",
    "taxes.households": "Contribution Household",
    "taxes.savings": "saving",
    "workbench.edits": "log_call",
}
"""The public names by the module that holds them; `__init__.pyi` says the same to editors and type checkers."""

_HOMES = {name: module for module, names in _NAMES.items() for name in names.split()}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    """A public name, from the module that holds it; it stays here from then on."""
    if name not in _HOMES:
        raise AttributeError(f"module 'ketacost' has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f"ketacost.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return __all__
