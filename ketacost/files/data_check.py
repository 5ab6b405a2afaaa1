"""Which numbers exist or are behind an answer: grade, source, age on a day, and what runs out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from ketacost.core.dates import month_end
from ketacost.core.fields import KetacostError
from ketacost.core.money import shown
from ketacost.core.references import GRADES, Source, names_in, parameters, parameters_in, rows, source
from ketacost.core.resources import data_folder
from ketacost.estimate.answer import Answer
from ketacost.estimate.explain import citations
from ketacost.model.fee_schedule import fees
from ketacost.model.plans import published_plan, published_plans

SOON = 90
"""Days before its end that a number is told to run out."""

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
"""Tables whose rows hold to a day or through a year.

The column of what each is about ("" for all), and that of its end.
"""


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


def numbers_of(answer: Answer) -> Iterator[Number]:
    """The numbers that an answer rests on."""
    for citation in citations(answer):
        yield Number(citation.where, f"{citation.what}: {citation.value}", citation.grade, citation.source)


def ends(answer: Answer | None = None) -> tuple[End, ...]:
    """What holds to a day, soonest first: codes, parameters and plan years, or those of an answer."""
    used = {claim.line.code for claim in answer.claims} if answer else None
    plans = published_plans() if answer is None else tuple(filter(None, (answer.scenario.published_plan,)))
    ends_found = [
        End(f"code {row['code']}", date.fromisoformat(row["through"]))
        for row in rows("codes")
        if row["through"] and (used is None or row["code"] in used)
    ]
    if answer is None:
        ends_found += [End(f"parameter {p.name}", p.values[-1].last) for p in parameters().values()]
        ends_found += _tax_ends()
        ends_found.append(End("Medicare's fee schedule", max(rows_of[-1].last for rows_of in fees().values())))
    ends_found += [End(f"plan {name}", last) for name in plans if (last := plan_year_end(name))]
    return tuple(sorted(ends_found, key=lambda end: end.last))


def due(day: date) -> tuple[Due, ...]:
    """The data that is not known for a day, by the last day it is known for, soonest first.

    A table is due for a state or code when none of its rows for it reaches the day; rows that ended earlier are not
    looked at.
    """
    found = [
        Due(last, f"data/{table}.csv", tuple(keys)) for table in ENDS_IN for last, keys in _last_days(table).items()
    ]
    for name in names_in("parameters"):
        listed = parameters_in(f"parameters/{name}.toml")
        found += [Due(p.values[-1].last, f"data/parameters/{name}.toml", (p.name,)) for p in listed]
    plans = ((name, plan_year_end(name)) for name in published_plans())
    found += [Due(last, f"data/plans/{name}.toml", ("plan_year",)) for name, last in plans if last]
    return tuple(sorted(entry for entry in found if entry.last < day))


def _last_days(table: str) -> Mapping[date, list[str]]:
    """The last day that a table knows for each of its keys; keys by that day, those without an end left out."""
    key, end = ENDS_IN[table]
    reach: dict[str, date] = {}
    for row in rows(table):
        name = row[key] if key else "all rows"
        text = row[end]
        last = date(int(text), 12, 31) if len(text) == 4 else date.fromisoformat(text) if text else date.max
        reach[name] = max(last, reach.get(name, last))
    keys: dict[date, list[str]] = {}
    for name, last in sorted(reach.items()):
        keys.setdefault(last, []).append(name)
    return keys


def due_text(day: date) -> str:
    """What `ketacost check --due` prints: a line for each entry, in the order in which they end."""
    found = due(day)
    lines = [f"{entry.last}  {entry.file}: {', '.join(entry.keys)}" for entry in found]
    return "\n".join([f"Not known for {day}, soonest end first: {len(found) or 'nothing'}", *lines])


def tax_years() -> Mapping[str, tuple[int, ...]]:
    """The years whose tax tables are known: federal income tax, payroll tax, and each state that taxes wages."""
    known: dict[str, set[int]] = {}
    for table, name in (
        ("tax/federal", "federal income tax"),
        ("tax/payroll", "payroll tax"),
        ("tax/state_brackets", ""),
    ):
        for row in rows(table):
            if table != "tax/federal" or row["item"] == "brackets":
                span = range(int(row["first_year"]), int(row["last_year"]) + 1)
                known.setdefault(name or f"income tax of {row['jurisdiction']}", set()).update(span)
    return {name: tuple(sorted(years)) for name, years in known.items()}


def _tax_ends() -> Iterator[End]:
    """The last day of the tax tables; the states that end on one day are told together."""
    together: dict[date, list[str]] = {}
    for name, years in tax_years().items():
        together.setdefault(date(years[-1], 12, 31), []).append(name)
    for last, names in together.items():
        states = [name.removeprefix("income tax of ") for name in names if name.startswith("income tax of ")]
        yield from (End(f"{name} tables", last) for name in names if not name.startswith("income tax of "))
        if states:
            yield End(f"income tax tables of {len(states)} states ({', '.join(states)})", last)


def plan_year_end(name: str) -> date | None:
    """The last day of a published plan's year; None where its document does not say the year."""
    design = published_plan(name)
    if spelled := re.fullmatch(r"\d{4}-\d{2} to (\d{4})-(\d{2})", design.plan_year):
        return month_end(int(spelled[1]), int(spelled[2]))
    if not re.fullmatch(r"\d{4}", design.plan_year):
        return None
    starts = design.plan.plan_year_starts
    return date(int(design.plan_year) + 1, starts, 1) - timedelta(days=1)


def check_text(day: date, answer: Answer | None = None, *, every: bool = False) -> str:
    """What `ketacost check` prints, as of a day."""
    return "\n".join(_answer_check(answer, day) if answer else _data_check(day, every))


def day_from(text: str | None) -> date:
    """A day as people write it; today where none is given."""
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError:
        raise KetacostError(f"a day is written as in 2026-11-30, got {text!r}") from None


def _data_check(day: date, every: bool) -> Iterator[str]:
    all_numbers = tuple(numbers())
    yield f"Numbers in the data on {day}: {len(all_numbers)}, from {len({n.source.id for n in all_numbers})} sources."
    for grade in GRADES:
        mine = [number for number in all_numbers if number.grade == grade]
        if not mine:
            continue
        yield f"\n{grade} ({MEANING[grade]}): {len(mine)}"
        if every:
            yield from _listed(mine, day)
            continue
        for table in dict.fromkeys(number.where for number in mine):
            rows_of_table = [number for number in mine if number.where == table]
            read = sorted({number.source.read_on for number in rows_of_table})
            yield (
                f"- {table}: {len(rows_of_table)}, read {' to '.join(dict.fromkeys((read[0], read[-1])))}, "
                f"{_age(read[0], day)}"
            )
    yield from _running_out(ends(), day)
    yield "\nTax tables known:"
    yield from (f"- {name}: {', '.join(map(str, years))}" for name, years in tax_years().items() if " of " not in name)
    states = sorted({year for name, years in tax_years().items() if " of " in name for year in years})
    yield f"- states that tax wages: {', '.join(map(str, states))}, some of them fewer"
    gaps = [name for name in published_plans() if published_plan(name).not_stated]
    yield f"\nPublished plans that leave something unsaid: {len(gaps)} of {len(published_plans())}"
    yield from (f"- {name}: {'; '.join(published_plan(name).not_stated)}" for name in gaps)


def _answer_check(answer: Answer, day: date) -> Iterator[str]:
    used = tuple(numbers_of(answer))
    yield f"This answer (you pay {shown(answer.you_pay)}) rests on {len(used)} numbers with sources, as of {day}."
    for grade in GRADES:
        if mine := [number for number in used if number.grade == grade]:
            yield f"\n{grade} ({MEANING[grade]}): {len(mine)}"
            yield from _listed(mine, day)
    yield from _running_out(ends(answer), day)
    if name := answer.scenario.published_plan:
        yield from _plan_year(answer, name)


def _plan_year(answer: Answer, name: str) -> Iterator[str]:
    design, last = published_plan(name), plan_year_end(name)
    visits = sorted({claim.line.date for claim in answer.claims})
    yield f"\nThe plan {name} is for {design.plan_year}; the course runs from {visits[0]} to {visits[-1]}."
    if last is None:
        yield "- Its document does not say its year: ask whether these are this year's figures."
    elif late := [visit for visit in visits if visit > last]:
        yield (
            f"- {len(late)} of {len(visits)} visits are after its year ends on {last}: their terms are taken to stay "
            "the same."
        )
    if design.not_stated:
        yield f"- Its document does not state: {'; '.join(design.not_stated)}."


def _listed(numbers: Iterable[Number], day: date) -> Iterator[str]:
    for number in numbers:
        yield f"- {number.what}"
        yield f"    {number.source}; {number.where}; read {number.source.read_on}, {_age(number.source.read_on, day)}"


def _running_out(ends: Iterable[End], day: date) -> Iterator[str]:
    near = [end for end in ends if (end.last - day).days <= SOON]
    yield f"\nRun out by {day}, or within {SOON} days: {len(near) or 'nothing'}"
    for end in near:
        days = (end.last - day).days
        yield f"- {end.what}: to {end.last}, " + (f"{days} days left" if days >= 0 else f"ran out {-days} days ago")


def _age(read_on: str, day: date) -> str:
    days = (day - date.fromisoformat(read_on)).days
    return f"{days} days old" if days >= 0 else f"{-days} days after that day"
