"""How to ask: the words for each entry, in English and in Spanish, and what a plan is asked for as a whole.

The texts are in `data/questions.toml`. They hold no name, birth date or member number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from ketacost.core.dates import us_day
from ketacost.core.fields import described
from ketacost.core.references import Citation, read_toml, source
from ketacost.estimate.answer import scenario_of
from ketacost.estimate.scenario import Scenario, bill
from ketacost.estimate.texts import SURELY, texts_of, when
from ketacost.estimate.unknowns import label_of_entry
from ketacost.model.protocols import protocol, service, services

OF_THE_PLAN = ("accumulated", "code_allowed", "bundled", "prior_authorization", "exclusion", "filing_limit", "check")
"""What the plan itself is asked for, in this order; the place of service goes to the clinic before them."""


@dataclass(frozen=True)
class Question:
    """Something to ask, in words to read aloud."""

    id: str = described("Question", "Which question of data/questions.toml it is.")
    who: str = described("Who", "Who knows: the insurer or the clinic.")
    ask: str = described("Ask", "The words to read aloud, in English.")
    ask_es: str = described("Ask in Spanish", "The words to read aloud, in Spanish.")
    why: str = described("Why", "What the answer changes in the estimate.")
    takes: str = described("Takes", "What the answer is: money, share, yes or no, date, choice, number, text.")
    path: str = described("Entry", "The entry that the answer fills, by its path; empty if it fills none.", "")
    whom: str = described("Whom", "Whom to ask, in words: the clinic, the insurer, or a program by its name.", "")


def question_for(scenario: Scenario, path: str) -> Question:
    """How to ask for an entry, by its path."""
    for id, table in _tables().items():
        meant = scenario.payer in table.get("payers", (scenario.payer,))
        if meant and any(_fits(path, pattern) for pattern in table.get("paths", ())):
            return _question(id, path, _filled(scenario, path))
    return _question("other", path, _filled(scenario, path))


def questions_for_plan(scenario: Scenario) -> tuple[Question, ...]:
    """What to ask for when you request the plan's own estimate: every code with its days, and the rest.

    A plan owes such an estimate to its members (`right`). No question has a name, birth date or member number.
    questions_for_plan(scenario)[0].ask is the first question, in English.
    """
    scenario = scenario_of(scenario)
    words = _filled(scenario, "")
    questions = [_question("place_of_service", "", words)]
    for id in OF_THE_PLAN:
        if id == "code_allowed":
            questions += [_question(id, code.pop("path"), {**words, **code}) for code in _codes(scenario)]
        else:
            questions.append(_question(id, "", words))
    return tuple(questions)


def right() -> tuple[str, str, str, tuple[Citation, ...]]:
    """The right to an estimate, in English and in Spanish, the rule behind it, and its sources."""
    table = read_toml("questions.toml")["right"]
    what, value = "The plan's estimate of cost sharing", "owed on request"
    citations = tuple(
        Citation(what, value, "", source(row["source"]), row["where"], table["grade"]) for row in table["citations"]
    )
    return table["says"], table["says_es"], table["rests_on"], citations


def question_ids() -> tuple[str, ...]:
    """The ids of all questions, those that are about no entry too."""
    return tuple(_tables())


@cache
def _tables() -> Mapping[str, Mapping[str, Any]]:
    return {id: table for id, table in read_toml("questions.toml").items() if id not in ("right", "places")}


def _fits(path: str, pattern: str) -> bool:
    names, parts = path.split("."), pattern.split(".")
    return len(names) == len(parts) and all(map(fnmatchcase, names, parts))


def _question(id: str, path: str, words: Mapping[str, str]) -> Question:
    table = _tables()[id]
    spanish = {name.removesuffix("_es"): word for name, word in words.items() if name.endswith("_es")}
    ask, ask_es = table["ask"].format_map(words), table["ask_es"].format_map({**words, **spanish})
    whom = words["program"] if table["who"] == "insurer" and words["program"] else f"the {table['who']}"
    return Question(id, table["who"], ask, ask_es, table["why"], table["takes"], path, whom)


def _filled(scenario: Scenario, path: str) -> dict[str, str]:
    """The words that a question is filled with: the service and code it is about, the side of the plan, the entry."""
    names = path.split(".")
    kind = next((name for name in names if name in services()), [*protocol(scenario.course.protocol).price_groups][-1])
    network = scenario.networks.get(kind, scenario.network)
    if names[:2] == ["plan", "networks"] and len(names) > 2:
        network = names[2]
    elif names[:2] == ["used", "members"]:
        network = names[3]
    places = read_toml("questions.toml")["places"]
    named = places.get(scenario.payer, places["usual"])
    where, where_es = named.get(network, (f"in the {network} network", f"en la red {network}"))
    outside, outside_es = named["out"] if scenario.payer in places else places["outside"]
    code = service(kind).code_on(scenario.course.start)
    label = label_of_entry(path) if path else ""
    who = SURELY.get(scenario.payer, "")
    spoken = service(kind).spoken
    words = {
        **{"service": spoken, "code": code, "label": label.lower()},
        **{"that": f"the {spoken}", "that_es": "este servicio", "named": spoken},
        **{"where": where, "where_es": where_es, "outside": outside, "outside_es": outside_es},
        **{"units": "one unit", "units_es": "una unidad"},
        **{"program": who, "my_plan": who or "my plan", "my_plan_es": who or "mi plan"},
    }
    if code:
        words |= {"that": f"code {code}", "that_es": f"el código {code}", "named": f"{spoken}, code {code}"}
    most = max((line.units for line in bill(scenario) if line.service == kind), default=1)
    if most > 1:
        words |= {"units": f"all {most} units of one visit", "units_es": f"las {most} unidades de una visita"}
    return words


def _codes(scenario: Scenario) -> Iterator[dict[str, str]]:
    """Each code of the course, with the number of its lines and their first and last day."""
    days_of, words = dict[tuple[str, str], list[date]](), texts_of("es")
    for line in bill(scenario):
        if line.code:
            days_of.setdefault((line.service, line.code), []).append(line.date)
    for (kind, code), days in days_of.items():
        first, last = min(days), max(days)
        until = f"from {us_day(first)} to {us_day(last)}" if first < last else f"on {us_day(first)}"
        hasta = f"del {when(first, words)} al {when(last, words)}" if first < last else f"el {when(first, words)}"
        times = "once" if len(days) == 1 else f"{len(days)} times"
        veces = "una vez" if len(days) == 1 else f"{len(days)} veces"
        yield {
            "path": f"plan.networks.{scenario.network}.allowed.{kind}",
            "code": code,
            "service": service(kind).spoken,
            "days": f"{times}, {until}",
            "days_es": f"{veces}, {hasta}",
        }
