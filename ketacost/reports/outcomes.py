"""An estimate as tables: what the plan may answer, from the charge to the net, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from ketacost.core.convert import hint_at, kind_of
from ketacost.core.dates import us_day
from ketacost.core.fields import KetacostError
from ketacost.core.money import about, between, brief, shown, usd
from ketacost.estimate.estimate import Estimate, Group, NetStep
from ketacost.estimate.outlook import Outlook, Priced
from ketacost.estimate.scenario import AS_IT_IS, COVERS, Scenario
from ketacost.estimate.sentences import only_visits, who_pays
from ketacost.estimate.texts import how_often, texts_of
from ketacost.estimate.unknowns import Unknown
from ketacost.model.courses import visits
from ketacost.model.protocols import DOSES, in_its_words, protocol
from ketacost.reports.json_output import sent_back
from ketacost.reports.statement import Column, Statement, columns


def covers(group: Group) -> str:
    """What the plan covers in a group, in words: "nothing or only the first visit", "the infusions too"."""
    scenario = group.shown.scenario
    doses, alone = DOSES[protocol(scenario.course.protocol).route], only_visits(scenario, texts_of("en"))
    words = {"denied": "nothing", "visits only": f"only {alone}", "infusions too": f"the {doses} too"}
    answers = sorted(group.answers, key=list(COVERS).index)
    return " or ".join(words.get(answer, answer) for answer in answers)


def answered(estimate: Estimate) -> str:
    """The shown case in words: who covers what, and how likely that is."""
    group = estimate.main
    often = f" ({how_often(group.chance)})" if group.chance < 1 else ""
    return f"{who_pays(estimate.scenario)} covers {covers(group)}{often}"


def owed(low: int, high: int) -> str:
    """What is owed where the treatment stops, from the least to the most, in words."""
    if not high:
        return "nothing is owed"
    return between(low, high)


def _in_the_end(group: Group) -> int | str:
    """What a group costs: its likely cost, or in words what is owed for the visits before the treatment stops."""
    return group.likely if group.whole else owed(*group.ends)


def _take_place(group: Group, planned: int) -> str:
    return f"all {planned}" if group.whole else f"{group.visits or 'none'} of {planned}"


def outcomes(estimate: Estimate) -> Statement:
    """What the plan may answer: how likely, how many visits take place, what is paid and what comes back."""
    planned = len(visits(estimate.scenario.course))
    layout = (
        Column("covers", "If the plan covers", of=covers),
        *columns("chance", chance="How often"),
        Column("take_place", "Visits that take place", of=lambda group: _take_place(group, planned)),
        Column("you_pay", "You pay in the end", "money", _in_the_end, "the likely cost where all visits take place"),
        Column("p10", "8 of 10: from", "money", lambda group: group.p10 if group.whole else None),
        Column("p90", "8 of 10: to", "money", lambda group: group.p90 if group.whole else None),
        Column("back", "Sent back to you", "money", lambda group: sent_back(group) if group.whole else None),
        Column("answers", "Answers", of=lambda group: ", ".join(group.answers)),
        Column("whole", "All visits", of=lambda group: "yes" if group.whole else "no"),
        *columns("money", low="At the least", high="At the most"),
        Column("visits", "Visits", "count"),
    )
    headline = f"{estimate.sentence} {estimate.rest}".strip()
    more = {"scenarios": (estimate.scenario,)}
    full = Statement.of(headline, "What the plan may answer, likeliest first", layout, estimate.groups, **more)
    ranged = any(about(group.p10) != about(group.p90) for group in estimate.groups if group.whole)
    names = ("covers", "chance", "take_place", "you_pay", *(("p10", "p90") if ranged else ()), "back")
    return full.only(*names)


def net_steps(steps: Sequence[NetStep]) -> Statement:
    """From the charge to the net: what is added and taken away, and what is left."""
    *rows, last = steps
    net = sum(step.cents for step in steps)
    finding = f"From {about(steps[0].cents)} charged to {about(net)} that you pay in the end."
    layout = (*columns(part="From the charge to your cost"), *columns("money", amount="Amount"))
    listed = tuple((step.label, step.cents) for step in rows)
    return Statement(finding, "From the charge to what you pay in the end", layout, listed, (last.label, net))


def unknowns(entries: Sequence[Unknown]) -> Statement:
    """What is not known: the values that each entry may have, how likely each is, and where that comes from."""
    layout = (
        *columns(label="What is not known", values="Could be", why="Where that comes from", entry="Entry"),
        *columns(shape="Shape", grade="Grade"),
    )
    rows = tuple((one.label, could_be(one), one.why, one.path, one.shape, one.grade) for one in entries)
    named = ", ".join(one.label for one in entries)
    return Statement(f"Not known: {named}.", "What is not known", layout, rows).only("label", "values", "why")


ANSWERS = {"denied": "nothing", "visits only": "the visits only", "infusions too": "the treatment too"}
"""What a plan covers, in words for any treatment."""

WHO_OWES = {"patient": "you", "provider": "the clinic"}
"""Who owes a denied visit, in words."""


def ends_in_words(outlook: Outlook) -> list[Priced]:
    """The ends of a path, their branches in the treatment's own words: "Claim: doses too"."""
    kind = outlook.scenario.course.protocol
    own = (
        replace(one.end, branches=tuple(in_its_words(name, kind) for name in one.end.branches)) for one in outlook.ends
    )
    return [one._replace(end=end) for one, end in zip(outlook.ends, own, strict=True)]


def without_a_plan(lines: Statement) -> Statement:
    """The lines of a bill with what a patient without a plan reads."""
    return lines.only("date", "service", "charge", "you_pay")


def alike(lines: Statement) -> Statement:
    """The lines of a bill with equal ones in a row of their own: their days, how many, the charge of each, the sums.

    Lines of which no two are equal stay as they are.
    """
    names = [column.name for column in lines.columns]
    day, what, charge = (names.index(name) for name in ("date", "service", "charge"))
    several = dict[tuple[Any, ...], list[tuple[Any, ...]]]()
    for row in lines.rows:
        several.setdefault(row[:day] + row[day + 1 :], []).append(row)
    rows = []
    for same in several.values():
        first, last, count = same[0], same[-1], len(same)
        cells = [cell * count if column.kind == "money" else cell for column, cell in lines.cells(first)]
        if count > 1:
            cells[day] = f"{us_day(first[day])} to {us_day(last[day])}"
            cells[what] = f"{first[what]}: {count} at {brief(first[charge])}"
        rows.append(tuple(cells))
    if len(rows) == len(lines.rows):
        return lines
    layout = tuple(replace(one, heading="Days") if one.name == "date" else one for one in lines.columns)
    return replace(lines, columns=layout, rows=tuple(rows), caption="Equal lines, grouped", full=lines.full or lines)


def could_be(unknown: Unknown) -> str:
    """The values of an unknown in words: each with how often it is so, or the ends and the middle of a shape."""
    values = [as_people_say(unknown.path, value) for value in unknown.values]
    if unknown.shape:
        middle = f", most often near {values[1]}" if len(values) == 3 else ""
        return f"{values[0]} to {values[-1]}{middle}"
    if unknown.path == "published_plan":
        return f"one of {len(values)} published plans"
    odds = zip(values, unknown.odds, strict=True)
    return ", ".join(f"{value} ({how_often(chance)})" for value, chance in odds if chance)


def as_people_say(path: str, value: str) -> str:
    """A value of an entry in words: dollars as dollars, days as people write them, everything else as entered."""
    if value == AS_IT_IS:
        return "as entered"
    if path == "coverage":
        return ANSWERS.get(value, value)
    if path == "denied_line":
        return WHO_OWES.get(value, value)
    try:
        kind = kind_of(hint_at(Scenario, path))
        return shown(usd(value)) if kind == "money" else us_day(date.fromisoformat(value)) if kind == "day" else value
    except (KetacostError, ValueError):
        return value
