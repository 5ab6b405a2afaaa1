"""The form: a table of controls over the entries of an intake, each with what was said, printed or assumed.

No rule lives here. A control shows the value that the resolved scenario has for its entry and where it comes from; a
change is one entry of the intake. A front end gets plain data.
"""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Any, NamedTuple

from ketacost.core.convert import get
from ketacost.core.dates import month_and_day, us_day, year_start
from ketacost.core.fields import KetacostError
from ketacost.core.money import WHOLE, brief, dollars, percent, usd
from ketacost.core.references import NotKnownOn, parameter
from ketacost.estimate.entries import Entry, entry_of, help_of, label_of
from ketacost.estimate.intake import UNKNOWN, Said
from ketacost.estimate.options import OPTIONS
from ketacost.estimate.outlook import path_of
from ketacost.estimate.policy_words import policy_of
from ketacost.estimate.resolve import Resolved
from ketacost.estimate.scenario import network_of
from ketacost.estimate.sentences import NO_PLAN, how_often
from ketacost.estimate.unknowns import default_range
from ketacost.estimate.visit_dates import chips, holidays_of
from ketacost.model.courses import dosed_phases, typical_prices
from ketacost.model.denials import standings_of
from ketacost.model.plans import Network, Plan, published_plan
from ketacost.model.policies import PRIVATE
from ketacost.model.pricing import MEDICARE, SCHEDULE, SHARE_OF_CHARGE, USUAL_CHARGES
from ketacost.model.protocols import DOSES, protocol, service
from ketacost.reports.summaries import SUMMARIES, end_in_words

STEPS = (
    ("who", "Who pays?"),
    ("treatment", "Which treatment, and when?"),
    ("prices", "What does the clinic charge?"),
    ("plan", "What are the plan's terms?"),
    ("help", "What can help you pay?"),
)

BLOCKS = {
    "dates": "Visits",
    "limits": "Deductible and limit",
    "lines": "Your part of each kind of line",
    "next": "Next plan year",
    "allowed": "What the plan counts",
    "coverage": "What the plan may say",
    "tax": "Taxes, HSA and FSA",
}
"""Parts of steps under a heading of their own; a panel can open at one of them, too."""

_TABLE = """
who               payer                                          choice payers
who               insurer                                        choice insurers private
treatment         protocol                                       choice protocols
treatment         start                                          date
treatment         visits.<protocol>.<phase>                      int    most=60
treatment         days_apart.<protocol>.<phase>                  int    least=1 most=120 unit=days
treatment         dose.<protocol>.<phase>                        choice doses
treatment         stop_after.<protocol>                          int    least=1 most=120 more optional
treatment         setting                                        choice places away
treatment.dates   dates.<protocol>                               visits
prices            prices.<protocol>.<service>                    money  most=2000 by=25
plan              plan                                           choice plans
plan              plan_kind                                      choice kinds unnamed
plan              standing                                       choice standings
plan              network                                        choice networks
plan              terms.<network>.pays                           choice gate
plan              plan_year_starts                               choice months paid
plan              family                                         toggle paid
plan.limits       terms.<network>.deductible                     money  most=15000 by=50
plan.limits       terms.<network>.family_deductible              money  most=30000 by=50 family
plan.limits       used.<member>.<network>.deductible             money  most=15000 by=50
plan.limits       used.family.<network>.deductible               money  most=30000 by=50 family
plan.limits       used.as_of                                     date   optional
plan.limits       terms.<network>.out_of_pocket_limit            money  most=30000 by=100 optional
plan.limits       terms.<network>.family_out_of_pocket_limit     money  most=60000 by=100 optional family
plan.limits       used.<member>.<network>.out_of_pocket          money  most=30000 by=50 more
plan.limits       used.family.<network>.out_of_pocket            money  most=60000 by=50 family more
plan.limits       deductible_kind                                choice kinds_of_family family more
plan.limits       limit_kind                                     choice kinds_of_family family more
plan.lines        terms.<network>.coinsurance                    share
plan.lines        terms.<network>.copay                          money  most=300 by=5
plan.lines        terms.<network>.<benefit>.coinsurance          share  line
plan.lines        terms.<network>.<benefit>.copay                money  most=300 by=5 line
plan.lines        terms.<network>.<benefit>.deductible_applies   choice applies line
plan.next         next_terms.<network>.deductible                money  most=15000 by=50 paid optional
plan.next         next_terms.<network>.family_deductible         money  most=30000 by=50 paid family optional
plan.next         next_terms.<network>.out_of_pocket_limit       money  most=30000 by=100 paid optional
plan.next         premium                                        money  most=2000 by=10 paid optional more
plan.allowed      pricing.<network>.method                       choice methods
plan.allowed      pricing.<network>.share                        share  of=share
plan.allowed      pricing.<network>.usual.<service>              money  most=2000 by=25 of=usual
plan.allowed      pricing.<network>.multiple                     share  most=300 of=Medicare
plan.allowed      pricing.<network>.zip                          text   of=Medicare
plan.allowed      pricing.<network>.setting                      choice settings of=Medicare
plan.allowed      allowed.<network>.<protocol>.<service>         money  most=1500 by=10 optional
plan.coverage     coverage                                       cards  paid
plan.coverage     criteria.<insurer>.<treatment>.<criterion>     choice criteria
plan.coverage     if_denied                                      choice after_a_no paid
plan.coverage     denied_line                                    choice who_owes more paid
plan.coverage     notice                                         choice yes_no more paid
plan.coverage     approval.<treatment>.until                     date   optional more
plan.coverage     approval.<treatment>.weeks                     int    least=1 most=104 optional more
plan.coverage     waived                                         toggle more
plan.coverage     steps.ask_first                                toggle paid
plan.coverage     steps.appeal                                   toggle paid
plan.coverage     steps.review                                   toggle paid
plan.coverage     odds.<payer>.<treatment>.infusions             share  paid
plan.coverage     odds.<payer>.<treatment>.visits                share  paid
plan.coverage     odds.<payer>.<treatment>.internal              share  paid more
plan.coverage     odds.<payer>.<treatment>.external              share  paid more
plan.coverage     excluded.<payer>.<treatment>                   toggle paid more
plan.coverage     like_spravato_from                             date   paid iv optional more
help              paying.assistance                              money  most=5000 by=50
help              paying.assistance_for                          choice helps assisted
help              paying.assistance_counts                       choice help_counts assisted
help              paying.hra                                     money  most=5000 by=50 more
help              paying.rebate                                  money  most=5000 by=50 more
help              paying.deposit                                 money  most=5000 by=50 more
help              paying.loan.amount                             money  most=10000 by=100 more
help              paying.loan.apr                                share  most=40 more loan
help              paying.loan.months                             int    most=84 more loan
help.tax          household.state                                choice states
help.tax          household.filing_status                        choice statuses home
help.tax          household.wages                                money  most=250000 by=1000 home
help.tax          household.age                                  int    most=100 home
help.tax          household.social_security                      toggle home more
help.tax          household.spouse_wages                         money  most=250000 by=1000 joint
help.tax          household.spouse_age                           int    most=100 joint
help.tax          household.spouse_social_security               toggle joint more
help.tax          on_hand.fsa_left                               money  most=3400 by=50 home
help.tax          on_hand.fsa_last_day                           date   home optional more
help.tax          on_hand.fsa_at_end                             choice at_end home more
help.tax          contribution.health_fsa                        money  most=3400 by=50 home
help.tax          next_contribution.health_fsa                   money  most=3400 by=50 home
help.tax          on_hand.fsa_starts                             choice months home more
help.tax          on_hand.fsa_months                             int    most=12 home more
help.tax          contribution.payroll_hsa                       money  most=8750 by=50 home
help.tax          contribution.direct_hsa                        money  most=8750 by=50 home more
help.tax          next_contribution.payroll_hsa                  money  most=8750 by=50 home
help.tax          next_contribution.direct_hsa                   money  most=8750 by=50 home more
help.tax          on_hand.hsa_balance                            money  most=20000 by=100 home more
help              paying.pay_days                                choice pay_days more
help              paying.superbills_every                        int    most=120 more
"""
"""Each control: its step and block, its entry, its kind, the list it chooses from, its bounds, when it is there."""


class Row(NamedTuple):
    """One row of the table: its step and block, the entry's pattern, its kind, list, bounds and conditions."""

    step: str
    block: str
    pattern: str
    kind: str
    flags: frozenset[str]
    least: int
    most: int
    by: int
    of: str
    unit: str


def _row(line: str) -> Row:
    step, pattern, kind, *rest = line.split()
    named = dict(part.split("=") for part in rest if "=" in part)
    plain = frozenset(part for part in rest if "=" not in part)
    bounds = int(named.get("least", 0)), int(named.get("most", 100)), int(named.get("by", 1))
    step, _, block = step.partition(".")
    return Row(step, block, pattern, kind, plain, *bounds, named.get("of", ""), named.get("unit", ""))


ROWS = tuple(_row(line) for line in _TABLE.strip().splitlines())

CARDS = {
    "denied": ("Denied", "The plan pays nothing. Nothing counts toward the deductible."),
    "visits only": ("First visit only", "The plan covers the evaluation and talk visits, not the {doses}."),
    "infusions too": ("{Doses} covered", "The plan covers the {doses} too. It may still send back $0."),
}
AS_SAID = ("plan", "plan_kind", "standing", "notice", "approval.<treatment>.weeks")
SHORT = 60  # the most letters of a reason that stands under a control at all times
USES = {"share": (SHARE_OF_CHARGE, USUAL_CHARGES), "usual": (USUAL_CHARGES,), "Medicare": (MEDICARE,)}


def form(scenario: Resolved) -> list[dict[str, Any]]:
    """The steps of the form as plain data: each with its title, a line that says what it holds, and its controls."""
    controls: dict[str, list[dict[str, Any]]] = {step: [] for step, _ in STEPS}
    there = (row for row in ROWS if _there(row, scenario))
    for by_line, rows in groupby(there, key=lambda row: "line" in row.flags):
        found = [(row, entry_of(key)) for row in rows for key in _keys(row.pattern, scenario)]
        if by_line:  # the terms of one line of the booklet beside each other
            order = [entry.scope["benefit"] for _, entry in found]
            found.sort(key=lambda one: order.index(one[1].scope["benefit"]))
        for row, entry in found:
            controls[row.step].append(_control(row, entry, scenario))
    _notes(controls, scenario)
    return [
        {"id": step, "title": title, "summary": SUMMARIES[step](scenario), "blocks": _blocks(step)}
        | {"controls": controls[step]}
        for step, title in STEPS
    ]


def _blocks(step: str) -> list[str]:
    """The names of a step's blocks."""
    return list(dict.fromkeys(row.block for row in ROWS if row.step == step and row.block))


def _there(row: Row, scenario: Resolved) -> bool:
    """Whether a control has anything to say here."""
    home, side = scenario.household, network_of(scenario)
    if row.pattern.startswith(("terms.", "next_terms.", "used.", "allowed.", "pricing.")) and side is None:
        return row.pattern == "terms.<network>.pays" and scenario.network == "out" and bool(scenario.plan.kind)
    if row.pattern == "terms.<network>.pays":
        return scenario.network == "out"
    if row.pattern in ("network", "standing"):
        programs = set(standings_of(scenario.payer)) - {"in network", "out of network"}
        return bool(scenario.plan.kind) and (row.pattern == "standing") == bool(programs)
    method = side.pricing.method if side and side.pricing else SCHEDULE
    needs = {
        "family": scenario.plan.family,
        "paid": scenario.payer not in NO_PLAN,
        "private": scenario.payer in ("", *PRIVATE),
        "unnamed": "plan" not in scenario.intake.said,
        "home": home is not None,
        "joint": home is not None and home.spouse_age is not None,
        "loan": scenario.paying.loan is not None,
        "away": scenario.treatment != "home",
        "iv": scenario.treatment.startswith("iv-"),
        "assisted": scenario.paying.assistance > 0,
    }
    if row.of and method not in USES[row.of]:
        return False
    if row.pattern.startswith("allowed.") and method != SCHEDULE:
        return any(scenario.intake.keys(f"allowed.{scenario.network}.{scenario.course.protocol}."))
    return all(needs[flag] for flag in row.flags & needs.keys())


def _keys(pattern: str, scenario: Resolved) -> Iterator[str]:
    """The full names of a row's entries in the scope of a scenario."""
    name = scenario.course.protocol
    scope = {"protocol": name, "network": scenario.network, "payer": scenario.payer, "treatment": scenario.treatment}
    scope |= {"member": "patient", "insurer": scenario.insurer}
    policy = policy_of(scenario)
    key = re.sub(r"<(\w+)>", lambda part: scope.get(part[1], part[0]), pattern)
    charged = list(scenario.prices.charges)
    many = {
        "<phase>": [phase.name for phase in protocol(name).phases],
        "<service>": charged,
        "<criterion>": list(policy.criteria if policy else ()),
        "<benefit>": list(dict.fromkeys(service(one).benefit for one in charged)),
    }
    for mark, names in many.items():
        if mark in key:
            yield from (key.replace(mark, one) for one in names if mark != "<phase>" or _spaced(pattern, name, one))
            return
    yield key


def _spaced(pattern: str, name: str, phase: str) -> bool:
    """Whether the days between visits, or the dose, can be set for a phase; its number of visits always can."""
    spaced = [one.name for one in protocol(name).phases if one.every_days > 1]
    return phase in {"days": spaced, "dose": dosed_phases(name)}.get(pattern[:4], [phase])


def _control(row: Row, entry: Entry, scenario: Resolved) -> dict[str, Any]:
    """One control as plain data. `unknown` says that its range is used; `said` that somebody said it."""
    said, basis = scenario.intake.said.get(entry.key), scenario.basis.get(entry.key)
    among = _among_designs(entry, scenario) if said is None and row.kind in ("money", "share", "choice") else ()
    value = "" if among else _value(row, entry, scenario)
    ranged = _path(entry, scenario) in scenario.ranges and row.pattern != "plan"
    askable = ranged or (row.kind in ("money", "share") and bool(_usual(entry, scenario)))
    control: dict[str, Any] = {
        "path": entry.key,
        "label": _label(entry, scenario),
        "kind": row.kind,
        "value": value,
        "help": help_of(entry),
        "said": said is not None,
        **_told_of(_hint(entry, scenario, value, among), basis.why if basis and not said else ""),
        "optional": True if "optional" in row.flags else None,
        "more": True if "more" in row.flags and said is None else None,
        "unit": row.unit or None,
        "block": BLOCKS.get(row.block),
        "how": _how(said) if said else None,
        "unknown": ranged if askable else None,
        "ways": _ways(entry, scenario, value),
        "conflict": " ".join(one[0] for one in _told(entry.key, scenario)),
    }
    if row.kind in ("money", "share", "int"):
        number = float(value) if str(value).replace(".", "", 1).isdigit() else 0
        control |= {"min": row.least, "max": max(row.most, int(number * 1.5)), "step": row.by}
    if row.kind == "choice":
        (name,) = row.flags & OPTIONS.keys()
        offered = [*([["", "By plan"]] if among else []), *OPTIONS[name](scenario)]
        control["options"] = offered if value in [one[0] for one in offered] else [[value, str(value)], *offered]
    if row.kind == "cards":
        control["options"] = _cards(scenario)
        control["unknown"] = "coverage" in scenario.ranges if scenario.payer else None
    if row.kind == "visits":
        control |= {
            "chips": chips(scenario),
            "holidays": bool(set(holidays_of(scenario)) - {*map(str, scenario.course.closed)}),
        }
    if entry.pattern.startswith("allowed."):
        control["charge"] = _plainly(scenario.prices.charges[entry.scope["service"]])
    return {name: part for name, part in control.items() if part not in (None, "", [])} | {"value": value}


def _how(said: Said) -> str:
    """Where a said value comes from, where it is more than "you said"."""
    when = f" of {us_day(said.when)}" if said.when else ""
    return f"you said, {said.how}{when}" if said.how not in ("typed", "file") else ""


def _told_of(hint: str, assumed: str) -> dict[str, str]:
    """The line under a control: its hint, else why its value is assumed, folded where that takes many words."""
    if hint or not assumed:
        return {"hint": hint}
    return {"why": assumed} if len(assumed) > SHORT else {"hint": f"Assumed. {assumed}"}


def _value(row: Row, entry: Entry, scenario: Resolved) -> Any:
    """What a control shows: the scenario's value of its entry, as people write it."""
    said = scenario.intake.value(entry.key)
    if entry.pattern == "terms.<network>.pays":
        pays = "no" if network_of(scenario) is None else "yes"
        return {True: "yes", False: "no", UNKNOWN: "don't know"}.get(said, pays)
    if entry.pattern.startswith(("criteria.", "dose.")) or entry.pattern in AS_SAID:
        return str(said) if isinstance(said, str | int) else ""
    if entry.pattern == "pricing.<network>.method":
        side = network_of(scenario)
        return side.pricing.method if side and side.pricing else SCHEDULE
    if entry.pattern.startswith(("odds.", "excluded.", "steps.")):
        path = path_of(scenario)[0]
        value = getattr(path, entry.path.removeprefix("path."))
        return value if row.kind == "toggle" else f"{value / 100:g}"
    if row.kind == "visits":
        return ""
    if entry.key.endswith(".deductible_applies"):
        return "yes" if _in_plan(scenario.plan, entry) in (True, None) else "no"
    if row.kind == "cards":
        return "" if "coverage" in scenario.ranges else scenario.coverage
    value = _written(entry, scenario)
    if row.kind == "toggle":
        return bool(value)
    if row.kind == "share":
        return str(value if value not in (None, "not stated") else "").removesuffix("%")
    if row.kind == "money":
        return "" if value in (None, "none", "not stated") else _plainly(usd(value))
    return "" if value in (None, "none") else str(value)


def _path(entry: Entry, scenario: Resolved) -> str:
    """Where an entry's value stands: on the general line where a line of the booklet has no terms of its own."""
    side, benefit = network_of(scenario), entry.scope.get("benefit")
    if benefit and side and benefit not in side.benefits and entry.pattern.startswith("terms."):
        return entry.path.replace(f".benefits.{benefit}.", ".benefits.default.")
    return entry.path


def _written(entry: Entry, scenario: Resolved) -> Any:
    """The scenario's value at an entry's path; the general line's where a line of the booklet has none of its own."""
    phase, course = entry.scope.get("phase"), scenario.course
    if phase and entry.path.startswith("course."):
        usual = next(one for one in protocol(course.protocol).phases if one.name == phase)
        if entry.path.startswith("course.visits."):
            return course.visits.get(phase, usual.visits)
        return course.every_days.get(phase, usual.every_days)
    return _in_plan(scenario.plan, entry) if entry.path.startswith("plan.") else _got(scenario, entry.path)


def _in_plan(plan: Plan, entry: Entry) -> Any:
    """A plan's value at an entry's path; the general line's where a line of the booklet has none of its own."""
    if benefit := entry.scope.get("benefit"):
        side = plan.networks.get(entry.scope["network"])
        line = side.benefit(benefit)[0] if isinstance(side, Network) else None
        value = getattr(line, entry.path.rsplit(".", 1)[-1], None)
        if isinstance(value, str | bool) or value is None:
            return value
        return dollars(value) if entry.kind == "money" else percent(value)
    return _got(plan, entry.path.removeprefix("plan."))


def _got(thing: Any, path: str) -> Any:
    try:
        return get(thing, path)
    except KetacostError:
        return None


def _among_designs(entry: Entry, scenario: Resolved) -> tuple[Any, ...]:
    """What the designs that stand for the plan have at an entry, lowest first; nothing where they all agree."""
    if not entry.path.startswith("plan.") or _path(entry, scenario) in scenario.ranges:
        return ()
    terms = [entry]
    if ".benefits.default." in entry.path:  # a general term stands for every line of the bill
        lines = dict.fromkeys(service(name).benefit for name in scenario.prices.charges)
        terms += [
            entry_of(entry.key.replace(".copay", f".{line}.copay").replace(".coin", f".{line}.coin")) for line in lines
        ]
    written = (_in_plan(plan, term) for plan in scenario.designs.values() for term in terms)
    values = {_size(value): value for value in written if value is not None}
    return tuple(values[size] for size in sorted(values)) if len(values) > 1 else ()


def _size(written: Any) -> tuple[float, str]:
    """The order of values as they are written: numbers by size, what is no number after them."""
    number = str(written).removesuffix("%")
    return (float(number), "") if number.replace(".", "", 1).isdigit() else (float("inf"), number)


def _label(entry: Entry, scenario: Resolved) -> str:
    label = label_of(entry)
    if entry.pattern.startswith("odds.") and entry.path == "path.infusions":
        return f"Chance that the {_doses(scenario)} are covered too"
    return label


def _hint(entry: Entry, scenario: Resolved, value: Any, among: tuple[Any, ...] = ()) -> str:
    """What is used where an entry is not known, and what a plan prints where something else was said."""
    if among and entry.kind in ("money", "share"):
        return (
            f"Assumed, by plan: {end_in_words(str(among[0]), entry.kind)} to {end_in_words(str(among[-1]), entry.kind)}"
        )
    if among:
        return "Assumed: as each published plan has it"
    if (
        scenario.designs
        and entry.pattern.startswith(("terms.", "plan_year_starts"))
        and entry.key not in scenario.intake.said
    ):
        return f"Assumed: the same in all {len(scenario.designs)} plans"
    values = scenario.ranges.get(_path(entry, scenario))
    if entry.pattern == "plan" and scenario.designs:
        return f"We use {len(scenario.designs)} published designs, equally likely. Enter what you know of yours below."
    if values and entry.path != "coverage":
        kind, shape = entry.kind, scenario.shapes.get(_path(entry, scenario))
        if entry.pattern == "plan_year_starts":
            starts = (month_and_day(year_start(value)) for value in values)
            return f"We considered {' and '.join(f'{month_name[month]} {day}' for month, day in starts)}"
        if kind == "text":
            names = {name for row in ROWS if row.pattern == entry.pattern for name in row.flags & OPTIONS.keys()}
            words = {one[0]: one[1] for name in names for one in OPTIONS[name](scenario)}
            words |= {"True": "Yes", "False": "No"}
            return f"We considered: {' / '.join(words.get(value, value) for value in values)}"
        ends = f"{end_in_words(values[0], kind)} to {end_in_words(values[-1], kind)}"
        return f"Usually {ends}" if shape else f"We use {ends}"
    if entry.pattern.startswith("prices.") and entry.key not in scenario.intake.said:
        likely = typical_prices(scenario.course.protocol).charges.get(entry.scope["service"])
        return f"Typical: {brief(likely)}. Not from this clinic." if likely else ""
    if entry.key in scenario.intake.said and scenario.published_plan and entry.path.startswith("plan.networks."):
        printed = _printed(entry, scenario)
        if printed and printed.strip("$%").replace(",", "") != value:
            return f"This plan prints {printed}. Yours is used."
    if entry.pattern.startswith(("contribution.", "next_contribution.")):
        return _limit(entry, scenario)
    return ""


def _printed(entry: Entry, scenario: Resolved) -> str:
    """What the published plan prints at an entry, as people read it; empty where it prints nothing."""
    if "plan" not in scenario.intake.said or not isinstance(scenario.intake.value("plan"), str):
        return ""
    try:
        value = get(published_plan(scenario.published_plan).plan, entry.path.removeprefix("plan."))
    except KetacostError:
        return ""
    if value in (None, "none", "not stated") or isinstance(value, dict):
        return ""
    return brief(usd(value)) if entry.kind == "money" else str(value)


def _limit(entry: Entry, scenario: Resolved) -> str:
    home = scenario.household
    if home is None:
        return ""
    year = home.year + entry.pattern.startswith("next_")
    kind = "family" if scenario.plan.family else "self_only"
    name = "fsa.contribution_limit" if entry.key.endswith("fsa") else f"hsa.contribution_limit.{kind}"
    try:
        return f"For {year}. At most {brief(parameter(name).on(date(year, 1, 1)))}"
    except NotKnownOn:
        return f"For {year}. That year's limit is not published yet"


def _usual(entry: Entry, scenario: Resolved) -> tuple[str, ...]:
    own = entry.pattern.startswith(("paying.", "household.", "contribution.", "next_", "on_hand."))
    return default_range(scenario, entry.path).values if entry.path and not own else ()


def _told(key: str, scenario: Resolved) -> list[tuple[str, tuple[Any, ...]]]:
    return [(one.sentence, one.ways) for one in scenario.conflicts if one.key == key]


def _ways(entry: Entry, scenario: Resolved, value: Any) -> list[list[Any]]:
    """The buttons next to an entry: how to settle a conflict, and back to what the plan prints."""
    ways = [[way.label, way.key, way.value] for _, several in _told(entry.key, scenario) for way in several]
    if _hint(entry, scenario, value).startswith("This plan prints"):
        ways.append(["Use the plan's", entry.key, None])
    return ways


def _plainly(cents: int) -> str:
    """An amount for an input: whole dollars without their zeros."""
    return dollars(cents).removesuffix(".00")


def _doses(scenario: Resolved) -> str:
    return DOSES[protocol(scenario.course.protocol).route]


def _cards(scenario: Resolved) -> list[list[str]]:
    words, often = {"doses": _doses(scenario), "Doses": _doses(scenario).capitalize()}, dict[str, str]()
    if scenario.payer:
        path = path_of(scenario)[0]
        points = {"infusions too": path.infusions, "visits only": path.visits}
        points["denied"] = WHOLE - path.infusions - path.visits
        often = {name: f" With this payer: {how_often(Fraction(part, WHOLE))}." for name, part in points.items()}
    return [
        [name, title.format(**words), f"{text.format(**words)}{often.get(name, '')}"]
        for name, (title, text) in CARDS.items()
    ]


def _notes(controls: dict[str, list[dict[str, Any]]], scenario: Resolved) -> None:
    """Lines without a control: what prices include, what is kept and not used, what to ask."""

    def note(step: str, label: str, text: str) -> None:
        controls[step].append({"path": "", "label": label, "kind": "note", "value": text})

    if scenario.prices.bundled:
        included = ", ".join(service(name).spoken for name in scenario.prices.bundled)
        note("prices", "Included in those charges", included)
    if network_of(scenario) is None:
        note("plan", "No benefit", "The plan pays nothing in this network, so it counts nothing.")
    if scenario.payer in NO_PLAN:
        note(
            "plan",
            "No plan",
            "Nobody was chosen under Who pays, so no plan pays. A plan chosen here counts as the payer.",
        )
    if scenario.dormant:
        kept = ", ".join(label_of(entry_of(key)).lower() for key in scenario.dormant)
        note("plan", "Kept, not used here", kept)
    for text in scenario.notes:
        note("plan", "Note", text)
    if scenario.household is None:
        note("help", "Why", "What an HSA or FSA saves depends on your state, filing status and wages.")
