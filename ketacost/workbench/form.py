"""The form: the controls of `data/form.toml` over an intake's entries, each with what was said, printed or assumed.

No rule lives here. A control shows the value that the resolved scenario has for its entry and where it comes from; a
change is one entry of the intake. A front end gets plain data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

from ketacost.core.dates import us_day
from ketacost.core.money import WHOLE, dollars, usd
from ketacost.core.references import read_toml
from ketacost.estimate.budget import BUDGET
from ketacost.estimate.entries import Entry, entry_of, help_of, label_of
from ketacost.estimate.entry_values import among_designs, asked_here, facts_of, in_plan, place_of, value_of
from ketacost.estimate.intake import PACKAGES, UNKNOWN, Between, Said, packages_text
from ketacost.estimate.options import options
from ketacost.estimate.outlook import path_of
from ketacost.estimate.policy_words import policy_of
from ketacost.estimate.resolve import Resolved
from ketacost.estimate.scenario import network_of
from ketacost.estimate.sentences import NO_PLAN, only_visits
from ketacost.estimate.texts import how_often, texts_of
from ketacost.estimate.visit_dates import about_holidays, chips, holidays_of, keeps_holidays
from ketacost.model.courses import dosed_phases
from ketacost.model.pricing import SCHEDULE
from ketacost.model.protocols import DOSES, protocol, service
from ketacost.reports.hints import hint, usual
from ketacost.reports.summaries import SUMMARIES


class Row(NamedTuple):
    """A control of the table: its step and block, its entry, kind and list, its bounds, and what has to hold for it."""

    step: str
    block: str
    heading: str
    folded: bool
    entry: str
    kind: str
    list: str = ""
    least: int = 0
    most: int = 100
    by: int = 1
    unit: str = ""
    of: str = ""
    when: Sequence[str] = ()
    line: bool = False
    more: bool = False
    optional: bool = False
    range: bool = False


@cache
def rows_of_form() -> tuple[Row, ...]:
    """The controls of `data/form.toml`, in order."""
    return tuple(
        Row(part["step"], part.get("block", ""), part.get("heading", ""), part.get("folded", False), **row)
        for part in read_toml("form.toml")["parts"]
        for row in part["controls"]
    )


AS_SAID = ("plan", "second.plan", "later.plan", "later.starts")
LIKE_THE_PLAN = ("second.plan", "later.plan")
"""Lists that offer what the plan's own list does; they are sent once."""
SHORT = 60  # the most letters of a reason that stands under a control at all times


def form(scenario: Resolved) -> list[dict[str, Any]]:
    """The steps of the form as plain data: each with its title, a line that says what it holds, and its controls."""
    steps = read_toml("form.toml")["steps"]
    controls: dict[str, list[dict[str, Any]]] = {step: [] for step in steps}
    facts, within = facts_of(scenario), _scope(scenario)
    there = (row for row in rows_of_form() if asked_here(row.entry, row.of, row.when, scenario, facts))
    for by_line, rows in groupby(there, key=lambda row: row.line):
        found = [(row, entry_of(key)) for row in rows for key in _keys(row.entry, *within)]
        if by_line:  # the terms of one line of the booklet beside each other
            order = [entry.scope["benefit"] for _, entry in found]
            found.sort(key=lambda one: order.index(one[1].scope["benefit"]))
        for row, entry in found:
            controls[row.step].append(_control(row, entry, scenario))
    _notes(controls, scenario)
    return [
        {"id": step, "title": title, "summary": SUMMARIES[step](scenario), "blocks": _blocks(step)}
        | {"controls": controls[step]}
        for step, title in steps.items()
    ]


@cache
def _blocks(step: str) -> list[str]:
    """The names of a step's blocks."""
    return list(dict.fromkeys(row.block for row in rows_of_form() if row.step == step and row.block))


def _keys(pattern: str, scope: Mapping[str, str], many: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The full names of a row's entries in the scope of a scenario."""
    key = re.sub(r"<(\w+)>", lambda part: scope.get(part[1], part[0]), pattern) if "<" in pattern else pattern
    for mark, names in many.items():
        if mark in key:
            yield from (
                key.replace(mark, one) for one in names if mark != "<phase>" or _spaced(pattern, scope["protocol"], one)
            )
            return
    yield key


def _scope(scenario: Resolved) -> tuple[dict[str, str], dict[str, Sequence[str]]]:
    """The words that fill a row's name in a scenario: one for each part, or several for a part that names each."""
    name, charged, policy = scenario.course.protocol, list(scenario.prices.charges), policy_of(scenario)
    second = scenario.second.network if scenario.second else ""
    scope = {"protocol": name, "network": scenario.network, "payer": scenario.payer, "treatment": scenario.treatment}
    scope |= {"member": "patient", "insurer": scenario.insurer, "second": second or scenario.network}
    return scope, {
        "<phase>": [phase.name for phase in protocol(name).phases],
        "<service>": charged,
        "<criterion>": list(policy.criteria if policy else ()),
        "<benefit>": list(dict.fromkeys(service(one).benefit for one in charged)),
    }


def _spaced(pattern: str, name: str, phase: str) -> bool:
    """Whether the days between visits, or the dose, can be set for a phase; its number of visits always can."""
    spaced = [one.name for one in protocol(name).phases if one.every_days > 1]
    return phase in {"days": spaced, "dose": dosed_phases(name)}.get(pattern[:4], [phase])


def _control(row: Row, entry: Entry, scenario: Resolved) -> dict[str, Any]:
    """One control as plain data. `unknown` says that its range is used; `said` that somebody said it."""
    said, basis = scenario.intake.said.get(entry.key), scenario.basis.get(entry.key)
    among = among_designs(entry, scenario) if said is None and row.kind in ("money", "share", "choice") else ()
    value = "" if among else _value(row, entry, scenario)
    between = said is not None and isinstance(said.value, Between)
    ranged = place_of(entry, scenario) in scenario.ranges and row.entry != "plan"
    askable = ranged or (row.kind in ("money", "share") and bool(usual(entry, scenario)))
    offered = options(row.list, scenario) if row.list and row.entry not in LIKE_THE_PLAN else []
    hinted = hint(entry, scenario, value, among, offered)
    control: dict[str, Any] = {
        "path": entry.key,
        "label": _label(entry, scenario),
        "kind": row.kind,
        "value": value,
        "help": help_of(entry),
        "said": said is not None,
        **_told_of(hinted, basis.why if basis and not said else ""),
        "optional": row.optional or None,
        "more": (row.more and said is None) or None,
        "unit": row.unit,
        "block": row.heading,
        "folded": row.folded or None,
        "how": _how(said) if said else None,
        "unknown": (ranged and not between) if askable else None,
        "ranges": (row.kind == "int" and (between or row.range)) or None,
        "ways": _ways(entry, scenario, hinted),
        "conflict": " ".join(one[0] for one in _told(entry.key, scenario)),
    }
    if row.kind in ("money", "share", "int"):
        number = float(value) if str(value).replace(".", "", 1).isdigit() else 0
        control |= {"min": row.least, "max": max(row.most, int(number * 1.5)), "step": row.by}
    if row.entry in LIKE_THE_PLAN:
        control["like"] = "plan"
    elif row.kind == "choice":
        offered = [*([["", "By plan"]] if among else []), *offered]
        control["options"] = offered if value in [one[0] for one in offered] else [[value, str(value)], *offered]
    if row.kind == "cards":
        control["options"] = _cards(scenario)
        control["unknown"] = "coverage" in scenario.ranges if scenario.payer else None
    if row.kind == "visits":
        control |= {
            "chips": chips(scenario),
            "holidays": bool(holidays_of(scenario)),
            "closed": keeps_holidays(scenario),
            "hint": about_holidays(scenario),
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
    if isinstance(said, Between):
        return " to ".join(
            _plainly(usd(end)) if row.kind == "money" else str(end).rstrip("%") for end in (said.low, said.high)
        )
    if entry.pattern == "terms.<network>.pays":
        pays = "no" if network_of(scenario) is None else "yes"
        return {True: "yes", False: "no", UNKNOWN: "don't know"}.get(said, pays)
    if entry.pattern == BUDGET:
        return "" if said is None or said is UNKNOWN else _plainly(usd(said))
    if not entry.path or entry.pattern.startswith(("criteria.", "dose.")) or entry.pattern in AS_SAID:
        return str(said) if isinstance(said, str | int) else ""
    if entry.pattern == "pricing.<network>.method":
        side = network_of(scenario)
        return side.pricing.method if side and side.pricing else SCHEDULE
    if entry.pattern.startswith(("odds.", "excluded.", "steps.")) and row.kind != "date":
        path = path_of(scenario)[0]
        value = getattr(path, entry.path.removeprefix("path."))
        return value if row.kind == "toggle" else f"{value / 100:g}"
    if row.kind == "visits":
        return ""
    if row.kind == "text" and entry.pattern == PACKAGES:
        return packages_text(scenario.prices.packages, entry.scope["protocol"])
    if entry.pattern == "second.network" and scenario.second:
        return scenario.second.network or scenario.network
    if entry.key.endswith(".deductible_applies"):
        return "yes" if in_plan(scenario.plan, entry) in (True, None) else "no"
    if row.kind == "cards":
        return "" if "coverage" in scenario.ranges else scenario.coverage
    value = value_of(entry, scenario)
    if row.kind == "toggle":
        return bool(value)
    if row.kind == "share":
        return str(value if value not in (None, "not stated") else "").removesuffix("%")
    if row.kind == "money":
        return "" if value in (None, "none", "not stated") else _plainly(usd(value))
    return "" if value in (None, "none") else str(value)


def _label(entry: Entry, scenario: Resolved) -> str:
    label = label_of(entry)
    if entry.pattern.startswith("odds.") and entry.path == "path.infusions":
        return f"Chance that the {_doses(scenario)} are covered too"
    if entry.pattern.startswith("odds.") and entry.path == "path.visits":
        return f"Chance that the plan covers only {only_visits(scenario, texts_of())}"
    return label


def _told(key: str, scenario: Resolved) -> list[tuple[str, tuple[Any, ...]]]:
    return [(one.sentence, one.ways) for one in scenario.conflicts if one.key == key]


def _ways(entry: Entry, scenario: Resolved, hinted: str) -> list[list[Any]]:
    """The buttons next to an entry: how to settle a conflict, and back to what the plan prints."""
    ways = [[way.label, way.key, way.value] for _, several in _told(entry.key, scenario) for way in several]
    if hinted.startswith("This plan prints"):
        ways.append(["Use the plan's", entry.key, None])
    return ways


def _plainly(cents: int) -> str:
    """An amount for an input: whole dollars without their zeros."""
    return dollars(cents).removesuffix(".00")


def _doses(scenario: Resolved) -> str:
    return DOSES[protocol(scenario.course.protocol).route]


def _cards(scenario: Resolved) -> list[list[str]]:
    words, often = {"doses": _doses(scenario), "Doses": _doses(scenario).capitalize()}, dict[str, str]()
    words["Visits"] = only_visits(scenario, texts_of()).removeprefix("the ").capitalize()
    if scenario.payer:
        path = path_of(scenario)[0]
        points = {"infusions too": path.infusions, "visits only": path.visits}
        points["denied"] = WHOLE - path.infusions - path.visits
        often = {name: f" With this payer: {how_often(Fraction(part, WHOLE))}." for name, part in points.items()}
    return [
        [name, title.format(**words), f"{text.format(**words)}{often.get(name, '')}"]
        for name, (title, text) in read_toml("form.toml")["cards"].items()
    ]


def _notes(controls: dict[str, list[dict[str, Any]]], scenario: Resolved) -> None:
    """Lines without a control: what prices include, what is kept and not used, what to ask."""

    def note(step: str, label: str, text: str) -> None:
        controls[step].append({"path": "", "label": label, "kind": "note", "value": text})

    if scenario.prices.bundled:
        included = ", ".join(service(name).spoken for name in scenario.prices.bundled)
        note("prices", "Included in those charges", included)
    if network_of(scenario) is None and scenario.payer not in NO_PLAN:
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
