"""What a course of ketamine treatment will really cost: the public names, each loaded on first use."""

_NAMES = {
    "analysis.allowed_methods": "allowed_range methods_table",
    "analysis.alternatives": "alternatives disagreements gap_exception programs",
    "analysis.cohorts": "adjudicate_frame",
    "analysis.comparison": "compare compare_routes",
    "analysis.populations": "compare_cohorts hsa_saves",
    "analysis.questions": "questions_for_plan",
    "analysis.start_dates": "key_dates starts",
    "analysis.synthetic": "cohort cohort_plans cohort_sources",
    "analysis.value_of_information": "ask_next",
    "core.fields": "KetacostError",
    "core.money": "multiple share usd",
    "estimate.account_effects": "advise_fsa funding_of tax_effect",
    "estimate.answer": "Answer run",
    "estimate.calendar": "calendar",
    "estimate.estimate": "Estimate",
    "estimate.intake": "Between Intake OneOf UNKNOWN intake",
    "estimate.outlook": "outlook worth",
    "estimate.resolve": "resolve",
    "estimate.saying": "intake_of",
    "estimate.scenario": "Scenario example",
    "estimate.superbills": "superbills",
    "files.cohort_files": "adjudicate_files",
    "files.last_patient": "last",
    "files.scenario_files": "load save",
    "jupyter.explorer": "Explorer",
    "model.accumulators": "Used",
    "model.adjudication": "adjudicate",
    "model.bills": "ColumnMap",
    "model.by_name": "plans",
    "model.courses": "Course Package Pause Prices ServiceLine course",
    "model.plans": "Benefit NO_BENEFIT Network Plan",
    "model.pricing": "Pricing",
    "reports.charts": "chart",
    "reports.handout": "handout",
    "reports.json_output": "as_dict",
    "reports.spreadsheet": "export frame",
    "reports.statements": "statement",
    "sharing.live": "live_page",
    "sharing.share": "share_notebook",
    "sharing.verify": "verify",
    "taxes.households": "Contribution Household",
}
"""The public names by the module that holds them; `__init__.pyi` says the same to editors and type checkers."""

_MODULES = {"accounts": "accounts", "data": "model.data", "estimate": "estimate"}
"""The modules whose own names are public too; `estimate` is also the function of that name."""

_HOMES = {name: module for module, names in _NAMES.items() for name in names.split()}
__all__ = sorted((*_HOMES, *_MODULES))


def __getattr__(name: str) -> object:
    """A public name, from the module that holds it; it stays here from then on."""
    from importlib import import_module

    value: object
    if name == "__version__":
        from importlib.metadata import version

        value = version("ketacost")
    elif name in _MODULES:
        value = import_module(f"ketacost.{_MODULES[name]}")
    elif name in _HOMES:
        value = getattr(import_module(f"ketacost.{_HOMES[name]}"), name)
    else:
        raise AttributeError(f"module 'ketacost' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
