"""Lists as tables, a row each: answers, estimates, plans, treatment schedules, sources and citations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from ketacost.analysis.populations import CohortTable
from ketacost.core.convert import hint_at, kind_of
from ketacost.core.dates import us_day
from ketacost.core.money import WHOLE, percent, shown
from ketacost.core.references import Citation, Source
from ketacost.estimate.answer import Answer, Totals
from ketacost.estimate.entries import entry_of, label_of
from ketacost.estimate.estimate import Estimate
from ketacost.estimate.resolve import Resolved, resolve
from ketacost.estimate.saying import intake_of
from ketacost.estimate.scenario import Scenario
from ketacost.estimate.unknowns import entry
from ketacost.model.plans import Benefit, Network, Plan, PublishedPlan
from ketacost.model.protocols import Phase, Protocol, protocol
from ketacost.reports.markup import items, paragraph, whole
from ketacost.reports.statement import PARTS, Column, Statement, columns


def answers(answers: Sequence[Answer]) -> Statement:
    """Answers, one a row, with their totals."""
    layout = (
        Column("title", "Scenario", of=lambda answer: answer.scenario.title),
        Column("rule", "Rule", of=lambda answer: answer.scenario.rule),
        Column("visits", "Visits", "count"),
        *(_total(name) for name in Totals._fields),
    )
    scenarios = tuple(answer.scenario for answer in answers)
    return Statement.of(f"{len(answers)} answers.", "Answers side by side", layout, answers, scenarios=scenarios)


def _total(name: str) -> Column:
    part = PARTS[name]
    return Column(name, part.heading, "money", lambda answer: getattr(answer.totals, name), part.means)


def estimates(estimates: Sequence[Estimate]) -> Statement:
    """Estimates, one a row: the chance that the visits take place, the likely net and its range."""
    layout = (
        Column("title", "Scenario", of=lambda found: found.scenario.title),
        Column("rule", "Rule", of=lambda found: found.scenario.rule),
        *columns("chance", chance="All visits take place"),
        *columns("money", likely="You likely pay", p10="8 of 10: from", p90="8 of 10: to"),
        *columns("money", low="At the least", high="At the most"),
        Column("sentence", "In words"),
    )
    scenarios = tuple(found.scenario for found in estimates)
    return Statement.of(
        f"{len(estimates)} estimates.", "Estimates side by side", layout, estimates, scenarios=scenarios
    )


class _Terms(NamedTuple):
    """A benefit of a plan in one of its networks."""

    id: str
    plan: Plan
    network: str
    side: Network | None
    name: str
    benefit: Benefit | None


def _share(points: object) -> Any:
    return Fraction(points, WHOLE) if isinstance(points, int) else points


def _of(part: str, name: str, heading: str, kind: Any, read: Callable[[Any], Any] = lambda value: value) -> Column:
    """A column of a plan's network (`side`) or benefit; empty where it has none."""

    def cell(row: _Terms) -> Any:
        owner = getattr(row, part)
        return None if owner is None else read(getattr(owner, name))

    return Column(name, heading, kind, cell)


PLANS = (
    *columns(id="Published plan"),
    Column("plan", "Plan", of=lambda row: row.plan.name),
    Column("kind", "Kind", of=lambda row: row.plan.kind),
    Column("family", "Family", of=lambda row: "yes" if row.plan.family else "no"),
    *columns(network="Network"),
    _of("side", "deductible", "Deductible", "money"),
    _of("side", "out_of_pocket_limit", "Out-of-pocket limit", "money"),
    _of("side", "family_deductible", "Family deductible", "money"),
    _of("side", "family_out_of_pocket_limit", "Family limit", "money"),
    _of("side", "balance_bill", "Above what it counts", "text"),
    Column("benefit", "Benefit", of=lambda row: row.name),
    _of("benefit", "copay", "Copay", "money"),
    _of("benefit", "coinsurance", "Coinsurance", "share", _share),
    _of("benefit", "deductible_applies", "Deductible applies", "text", lambda applies: "yes" if applies else "no"),
    _of("benefit", "visit_limit", "Visit limit", "count"),
    _of("benefit", "covered", "Covered", "text", lambda covered: "yes" if covered else "no"),
)


def plans(plans: Sequence[Plan | PublishedPlan]) -> Statement:
    """Plans, a row for each benefit in each network; a network without a benefit has a row with none."""
    rows = [row for plan in plans for row in _terms(plan)]
    names = ", ".join(dict.fromkeys(row.plan.name for row in rows))
    finding = f"{len(plans)} plans: {names}." if len(plans) > 1 else f"The plan: {names}."
    return Statement.of(finding, "Plans", PLANS, rows)


def _terms(given: Plan | PublishedPlan) -> list[_Terms]:
    id, plan = (given.id, given.plan) if isinstance(given, PublishedPlan) else ("", given)
    rows = []
    for network, side in plan.networks.items():
        benefits: Mapping[str, Benefit | None] = {"": None} if isinstance(side, str) else side.benefits
        own = None if isinstance(side, str) else side
        rows += [_Terms(id, plan, network, own, name, benefit) for name, benefit in benefits.items()]
    return rows


SAID = columns(entry="Entry", value="Value", state="Said or assumed", why="Why")


def scenario(given: Scenario) -> Statement:
    """What a scenario says and what is assumed, entry by entry."""
    day = given.today or given.course.start
    full = given if isinstance(given, Resolved) else resolve(intake_of(given, day), day)
    rows = [
        (label_of(entry_of(key)), _in_words(full, key), basis.state, basis.why) for key, basis in full.basis.items()
    ]
    said, treatment = sum(row[2] == "said" for row in rows), protocol(full.course.protocol).label
    finding = f"{treatment} from {us_day(full.course.start)}: {said} entries said, {len(rows) - said} assumed."
    return Statement(finding, given.title or "The scenario", SAID, tuple(rows), scenarios=(given,))


def _in_words(full: Resolved, key: str) -> str:
    """The value of an entry, or the values that it may have."""
    path = entry_of(key).path
    if not path:
        return str(full.intake.value(key) or "")
    kind, values = kind_of(hint_at(Scenario, path)), full.ranges.get(path)
    if values:
        values = tuple(f"${value}" if kind == "money" and value[0].isdigit() else value for value in values)
        return ", ".join(values) if kind == "text" else " to ".join(dict.fromkeys((values[0], values[-1])))
    value = entry(full, path)
    if value is None and key.startswith("visits."):
        usual = {phase.name: phase.visits for phase in protocol(full.course.protocol).phases}
        value = usual[entry_of(key).scope["phase"]]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if kind == "money" and isinstance(value, int):
        return shown(value)
    if kind == "share" and isinstance(value, int):
        return percent(value)
    return us_day(value) if isinstance(value, date) else "" if value is None else str(value)


PROTOCOLS = (
    Column("protocol", "Treatment", of=lambda row: row[0].id),
    Column("label", "In words", of=lambda row: row[0].label),
    Column("route", "Route", of=lambda row: row[0].route),
    Column("phase", "Phase", of=lambda row: row[1].name),
    Column("visits", "Visits", "count", lambda row: row[1].visits),
    Column("spacing", "Spacing", of=lambda row: _spacing(row[1])),
    Column("services", "Each visit", of=lambda row: ", ".join(name for name, _ in row[1].services[0])),
    Column("grade", "Grade", of=lambda row: row[0].grade),
)


def protocols(protocols: Sequence[Protocol]) -> Statement:
    """Treatment schedules, a row for each phase."""
    rows = [(protocol, phase) for protocol in protocols for phase in protocol.phases]
    return Statement.of(f"{len(protocols)} treatments.", "Treatments and their phases", PROTOCOLS, rows)


def _spacing(phase: Phase) -> str:
    """How far apart the visits of a phase are."""
    if phase.every_months:
        return f"every {phase.every_months} months" if phase.every_months > 1 else "every month"
    if phase.days_in_week:
        return f"{len(phase.days_in_week)} a week"
    return f"every {phase.every_days} days" if phase.every_days else ""


SOURCES = columns(
    id="Source",
    organisation="Who",
    title="Title",
    url="Where",
    date="Of",
    read_on="Read on",
    grade="Grade",
    note="Note",
)
CITATIONS = (
    *columns(what="Number", value="Value", unit="Unit"),
    Column("source", "Source", of=lambda citation: str(citation.source)),
    *columns(where="Place in the source", grade="Grade"),
)


def sources(sources: Sequence[Source]) -> Statement:
    """Sources, one a row."""
    return Statement.of(f"{len(sources)} source{'s' if len(sources) > 1 else ''}.", "Sources", SOURCES, sources)


def citations(citations: Sequence[Citation]) -> Statement:
    """Numbers that were used, each with its source."""
    finding = f"{len(citations)} numbers with sources." if len(citations) > 1 else "One number with its source."
    return Statement.of(finding, "Numbers and their sources", CITATIONS, citations)


def groups(table: CohortTable) -> Statement:
    """What patients owe on average in each group under each lever, and the change from the first lever to the last."""
    levers = [_owed(place, name) for place, name in enumerate(table.levers)]
    change = [Column("change", "Change", "money", lambda one: one.owed[-1] - one.owed[0])] if len(levers) > 1 else []
    share = [Column("of_income", "Part of income owed", "share")] if table.whole.of_income is not None else []
    layout = (
        Column("group", table.by.replace("_", " ").capitalize()),
        Column("patients", "Patients", "count"),
        Column("charge", "Charged a patient", "money"),
        *levers,
        *change,
        *share,
    )
    foot = tuple(column.cell(table.whole) for column in layout)
    note = "Synthetic patients: what the rules do, not how real patients differ." if table.synthetic else ""
    caption = f"Means a patient, by {table.by.replace('_', ' ')}"
    note = " ".join([*table.rules, *([note] if note else [])])
    return Statement.of(table.headline, caption, layout, table.groups, totals=foot, footnote=note)


def _owed(place: int, lever: str) -> Column:
    return Column(f"owed_{place + 1}", f"Owed, {lever}", "money", lambda one: one.owed[place])


class Sentences(Statement):
    """Sentences, one a row; a notebook shows them as a list."""

    def _repr_html_(self) -> str:
        texts = [sentence for (sentence,) in self.rows]
        return whole("", items(texts) if len(texts) > 1 else paragraph(texts[0]))


def sentences(texts: Sequence[str]) -> Statement:
    """Sentences, one a row: notes, or the steps of the arithmetic."""
    headline = "In one sentence." if len(texts) == 1 else f"In {len(texts)} sentences."
    return Sentences.of(headline, "Sentence by sentence", (Column("sentence", "Sentence", of=str),), texts)


LISTS: Mapping[type, Callable[..., Statement]] = {
    Answer: answers,
    Citation: citations,
    Estimate: estimates,
    Plan: plans,
    Protocol: protocols,
    PublishedPlan: plans,
    Source: sources,
    str: sentences,
}
"""What shows several of a kind."""


def _alone(show: Callable[..., Statement], one: object) -> Statement:
    return show([one])


ALONE: Mapping[type, Callable[..., Statement]] = {
    **{kind: partial(_alone, LISTS[kind]) for kind in (Plan, Protocol, PublishedPlan)},
    CohortTable: groups,
    Resolved: scenario,
    Scenario: scenario,
}
"""What shows one of a kind as a list of one."""
