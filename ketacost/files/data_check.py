"""Which numbers exist or are behind an answer: grade, source, age on a day, and what runs out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from ketacost.analysis.one_at_a_time import one_at_a_time
from ketacost.core.dates import month_and_day, month_end, us_day
from ketacost.core.money import about
from ketacost.core.references import GRADES, Source, names_in, parameters, parameters_in, rows, source
from ketacost.core.resources import data_folder
from ketacost.estimate.estimate import Estimate, estimate
from ketacost.estimate.explain import citations
from ketacost.estimate.scenario import example, examples
from ketacost.model.courses import visits
from ketacost.model.fee_schedule import fees
from ketacost.model.plans import published_plan, published_plans

SOON = 90
"""How many days before its end a number is listed as running out."""

MEANING = {
    "primary": "the text or page of whoever decides it",
    "secondary": "someone who reports it",
    "advertised": "a clinic or seller on itself",
    "assumption": "ours; ask for the real one",
}
SAID_BY = {
    "prices": ("id", "item", "route"),
    "typical_allowed": ("service", "code"),
    "codes": ("code", "label"),
    "protocol_evidence": ("id", "protocol", "phase"),
    "reimbursement": ("id", "item"),
    "medicare/fee_schedule": ("code", "from"),
    "medicare/localities": ("year", "name"),
    "medicare/conversion_factors": ("from", "participant"),
}
"""The columns that say which number a row is, where the first one alone does not."""

PLACES = "medicare/zip_to_locality"
"""A table of places, and no numbers."""

OF_STATE = "income tax of "
"""What stands before a state's name in `tax_years`."""

ENDS_IN = {
    "codes": ("code", "through"),
    "medicare/conversion_factors": ("", "through"),
    "medicare/fee_schedule": ("", "through"),
    "medicare/localities": ("", "year"),
    "tax/federal": ("item", "last_year"),
    "tax/levies": ("state", "last_year"),
    "tax/localities": ("state", "last_year"),
    "tax/payroll": ("item", "last_year"),
    "tax/state_amounts": ("jurisdiction", "last_year"),
    "tax/state_brackets": ("jurisdiction", "last_year"),
}
"""Tables whose rows hold to a day or through a year: the column of what each is about ("" for all), that of its end."""


class Number(NamedTuple):
    """A number, where it is kept, its grade and its source."""

    where: str
    what: str
    grade: str
    source: Source


class End(NamedTuple):
    """Something that holds to a day and not beyond."""

    what: str
    last: date


class Due(NamedTuple):
    """What has to be read again: the last day it is known for, its file, and the keys in that file."""

    last: date
    file: str
    keys: tuple[str, ...]


def numbers() -> Iterator[Number]:
    """Every number in the data: the rows of its tables, the parameters by date and the published plans."""
    files = (path.relative_to(data_folder()).with_suffix("") for path in data_folder().rglob("*.csv"))
    for table in sorted({path.as_posix() for path in files} - {PLACES}):
        for row in rows(table):
            if "source" in row and "grade" in row:
                what = " ".join(filter(None, (row[column] for column in SAID_BY.get(table, tuple(row)[:1]))))
                yield Number(table, what, row["grade"], source(row["source"]))
    for parameter in parameters().values():
        for known in parameter.values:
            yield Number("parameters", f"{parameter.name} from {known.first}", parameter.grade, source(known.source))
    for name in published_plans():
        for citation in published_plan(name).citations:
            yield Number("plans", name, published_plan(name).grade, citation.source)


def ends(found: Estimate | None = None) -> tuple[End, ...]:
    """What holds to a day, soonest first: codes, parameters and plan years, or those of an estimate's shown case."""
    used = {claim.line.code for claim in found.shown.claims} if found else None
    plans = published_plans() if found is None else tuple(filter(None, (found.shown.scenario.published_plan,)))
    listed = [
        End(f"code {row['code']}", date.fromisoformat(row["through"]))
        for row in rows("codes")
        if row["through"] and (used is None or row["code"] in used)
    ]
    if found is None:
        listed += [End(f"parameter {p.name}", p.values[-1].last) for p in parameters().values()]
        listed += _tax_ends()
        listed.append(End("Medicare's fee schedule", max(of_code[-1].last for of_code in fees().values())))
    listed += [End(f"plan {name}", last) for name in plans if (last := plan_year_end(name))]
    return tuple(sorted(listed, key=lambda end: end.last))


def due(day: date) -> tuple[Due, ...]:
    """The data that is not known for a day, by the last day it is known for, soonest first.

    A table is due for a state or code when none of its rows for it reaches the day, whatever ended earlier.
    """
    entries = []
    for table in ENDS_IN:
        entries += [Due(last, f"data/{table}.csv", tuple(keys)) for last, keys in _last_days(table).items()]
    for name in names_in("parameters"):
        file = f"parameters/{name}.toml"
        entries += [Due(p.values[-1].last, f"data/{file}", (p.name,)) for p in parameters_in(file)]
    for name in published_plans():
        if last := plan_year_end(name):
            entries.append(Due(last, f"data/plans/{name}.toml", ("plan_year",)))
    return tuple(sorted(entry for entry in entries if entry.last < day))


def _last_days(table: str) -> Mapping[date, list[str]]:
    """The last day that a table knows for each of its keys; keys by that day, those without an end left out."""
    key, end = ENDS_IN[table]
    reach: dict[str, date] = {}
    for row in rows(table):
        name = row[key] if key else "all rows"
        text = row[end]
        last = date(int(text), 12, 31) if len(text) == 4 else date.fromisoformat(text) if text else date.max
        reach[name] = max(last, reach.get(name, last))
    return _by_day(sorted(reach.items()))


def _by_day(ends: Iterable[tuple[str, date]]) -> Mapping[date, list[str]]:
    """Names by the day on which they end."""
    names: dict[date, list[str]] = {}
    for name, last in ends:
        names.setdefault(last, []).append(name)
    return names


def due_text(day: date) -> str:
    """What `ketacost check --due` prints: a line for each entry, in the order in which they end."""
    lines = [f"{entry.last}  {entry.file}: {', '.join(entry.keys)}" for entry in due(day)]
    return "\n".join([f"Not known for {day}, soonest end first: {len(lines) or 'nothing'}", *lines])


def tax_years() -> Mapping[str, tuple[int, ...]]:
    """The years whose tax tables are known: federal income tax, payroll tax, and each state that taxes wages."""
    known: dict[str, set[int]] = {}
    listed = [("federal income tax", row) for row in rows("tax/federal") if row["item"] == "brackets"]
    listed += [("payroll tax", row) for row in rows("tax/payroll")]
    listed += [(f"{OF_STATE}{row['jurisdiction']}", row) for row in rows("tax/state_brackets")]
    for name, row in listed:
        known.setdefault(name, set()).update(range(int(row["first_year"]), int(row["last_year"]) + 1))
    return {name: tuple(sorted(years)) for name, years in known.items()}


def _tax_ends() -> Iterator[End]:
    """The last day of the tax tables; the states that end on one day are one entry."""
    ends = ((name, date(years[-1], 12, 31)) for name, years in tax_years().items())
    for last, names in _by_day(ends).items():
        states = [name.removeprefix(OF_STATE) for name in names if name.startswith(OF_STATE)]
        yield from (End(f"{name} tables", last) for name in names if not name.startswith(OF_STATE))
        if states:
            yield End(f"income tax tables of {len(states)} states ({', '.join(states)})", last)


def plan_year_end(name: str) -> date | None:
    """The last day of a published plan's year; None where its document does not say the year."""
    design = published_plan(name)
    if spelled := re.fullmatch(r"\d{4}-\d{2} to (\d{4})-(\d{2})", design.plan_year):
        return month_end(int(spelled[1]), int(spelled[2]))
    if not re.fullmatch(r"\d{4}", design.plan_year):
        return None
    return date(int(design.plan_year) + 1, *month_and_day(design.plan.plan_year_starts)) - timedelta(days=1)


def check_text(day: date, found: Estimate | None = None, *, every: bool = False) -> str:
    """What `ketacost check` prints, as of a day."""
    return "\n".join(_estimate_check(found, day) if found else _data_check(day, every))


OUTDATED = ("outdated_examples", "older_by_their_title")
"""The examples under older figures: those that do not say so in their title, and those that do."""


def check_as_dict(day: date, found: Estimate | None = None) -> dict[str, Any]:
    """What `ketacost check --json` prints, as of a day: numbers with sources, what holds to a day, the examples."""
    told: dict[str, Any] = {
        "day": str(day),
        "numbers": [
            {
                **{"where": number.where, "what": number.what, "grade": number.grade},
                **{"source": number.source.id, "read_on": number.source.read_on},
            }
            for number in (numbers() if found is None else _used(found))
        ],
        "ends": [{"what": end.what, "last": str(end.last), "over": end.last < day} for end in ends(found)],
    }
    if found is not None:
        return told | {"sentence": found.sentence, "moves_most": _moves_most(found)}
    most = {name: _moves_most(estimate(example(name))) for name in examples()}
    older = {name: dict(outdated_examples(day, told=name == "older_by_their_title")) for name in OUTDATED}
    return told | {"moves_most": most, **older}


def due_as_dict(day: date) -> list[dict[str, Any]]:
    """What `ketacost check --due --json` prints: what is not known for a day, with its file and keys."""
    return [{"last": str(one.last), "file": one.file, "keys": list(one.keys)} for one in due(day)]


def _data_check(day: date, every: bool) -> Iterator[str]:
    all_numbers = tuple(numbers())
    yield f"Numbers in the data on {day}: {len(all_numbers)}, from {len({n.source.id for n in all_numbers})} sources."
    yield from _by_grade(all_numbers, day, _listed if every else _by_table)
    yield from _running_out(ends(), day)
    yield "\nTax tables known:"
    of_states: set[int] = set()
    for name, years in tax_years().items():
        if name.startswith(OF_STATE):
            of_states.update(years)
        else:
            yield f"- {name}: {', '.join(map(str, years))}"
    yield f"- states that tax wages: {', '.join(map(str, sorted(of_states)))}, some of them fewer"
    gaps = [name for name in published_plans() if published_plan(name).not_stated]
    yield f"\nPublished plans that leave something unsaid: {len(gaps)} of {len(published_plans())}"
    yield from (f"- {name}: {'; '.join(published_plan(name).not_stated)}" for name in gaps)
    yield from _examples_check(day)


def outdated_examples(day: date, *, told: bool) -> Mapping[str, str]:
    """The examples whose published plan has run out on a day, or carries no year: why, by the example's name.

    Those whose title says so where `told`, as in "copays of 2025" or "an undated table"; else those that keep it back.
    """
    found = {}
    for name in examples():
        scenario = example(name)
        last = plan_year_end(scenario.published_plan) if scenario.published_plan else day
        says = str(last.year) if last else "undated"
        if (last is None or last < day) and (says in scenario.title) == told:
            plan = scenario.published_plan
            found[name] = f"{plan} ended on {last}" if last else f"{plan} carries no year"
    return found


def _examples_check(day: date) -> Iterator[str]:
    yield "\nWhat moves each example most, alone, the rest as shown:"
    yield from (f"- {name}: {_moves_most(estimate(example(name)))}" for name in examples())
    outdated, told = (outdated_examples(day, told=told) for told in (False, True))
    yield f"\nExamples under a plan that has run out on {day} or carries no year: {len(outdated) or 'none'}"
    yield from (f"- {name}: {why}" for name, why in outdated.items())
    yield f"\nExamples whose title says that their plan's figures are older: {len(told) or 'none'}"
    yield from (f"- {name}: {why}; no later figures could be read" for name, why in told.items())


def _moves_most(found: Estimate) -> str:
    """The number that moves an estimate's shown case most, in a sentence."""
    most = one_at_a_time(found)[0]
    if not most.swing:
        return "no number alone moves it"
    return f"{most.label}, {' or '.join(most.ends)}: {about(most.low)} to {about(most.high)}"


def _used(found: Estimate) -> tuple[Number, ...]:
    """The numbers with sources that an estimate's shown case uses."""
    return tuple(Number(c.where, f"{c.what}: {c.value}", c.grade, c.source) for c in citations(found.shown))


def _estimate_check(found: Estimate, day: date) -> Iterator[str]:
    used = _used(found)
    yield found.sentence
    yield f"This estimate uses {len(used)} numbers with sources, as of {us_day(day)}."
    yield f"What moves it most, alone, the rest as shown: {_moves_most(found)}."
    yield from _by_grade(used, day, _listed)
    yield from _running_out(ends(found), day)
    if name := found.shown.scenario.published_plan:
        yield from _plan_year(found, name)


def _plan_year(found: Estimate, name: str) -> Iterator[str]:
    design, last = published_plan(name), plan_year_end(name)
    dates = [visit.date for visit in visits(found.scenario.course)]
    runs = f"the course runs from {us_day(dates[0])} to {us_day(dates[-1])}"
    yield f"\nThe plan {name} is for {design.plan_year}; {runs}."
    if last is None:
        yield "- Its document does not say its year: ask whether these are this year's figures."
    elif late := [visit for visit in dates if visit > last]:
        after = f"{len(late)} of {len(dates)} visits are after its year ends on {us_day(last)}"
        yield f"- {after}: we assume that their terms stay the same."
    if design.not_stated:
        yield f"- Its document does not state: {'; '.join(design.not_stated)}."


def _by_grade(
    numbers: Sequence[Number], day: date, show: Callable[[Sequence[Number], date], Iterator[str]]
) -> Iterator[str]:
    """The numbers of each grade under a line that says how many they are."""
    for grade in GRADES:
        if of_grade := [number for number in numbers if number.grade == grade]:
            yield f"\n{grade} ({MEANING[grade]}): {len(of_grade)}"
            yield from show(of_grade, day)


def _by_table(numbers: Sequence[Number], day: date) -> Iterator[str]:
    for table in dict.fromkeys(number.where for number in numbers):
        read = sorted(number.source.read_on for number in numbers if number.where == table)
        yield f"- {table}: {len(read)}, read {' to '.join(dict.fromkeys((read[0], read[-1])))}, {_age(read[0], day)}"


def _listed(numbers: Sequence[Number], day: date) -> Iterator[str]:
    for number in numbers:
        yield f"- {number.what}"
        yield f"    {number.source}; {number.where}; read {number.source.read_on}, {_age(number.source.read_on, day)}"


def _running_out(ends: Iterable[End], day: date) -> Iterator[str]:
    near = [end for end in ends if (end.last - day).days <= SOON]
    yield f"\nRun out by {day}, or within {SOON} days: {len(near) or 'nothing'}"
    for end in near:
        days = (end.last - day).days
        yield f"- {end.what}: to {end.last}, " + (f"{_days(days)} left" if days >= 0 else f"ran out {_days(-days)} ago")


def _age(read_on: str, day: date) -> str:
    days = (day - date.fromisoformat(read_on)).days
    return f"{_days(days)} old" if days >= 0 else f"{_days(-days)} after that day"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
