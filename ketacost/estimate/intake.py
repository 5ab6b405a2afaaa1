"""An intake: what was said of a patient's case and nothing else, each entry with where it came from.

An entry that was not said is not in it; an entry that nobody knows is in it as UNKNOWN. What follows from what was said
is worked out by `resolve`, never written here, so that the order in which things are said cannot matter.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property
from typing import Any, Literal, get_args, get_origin

from ketacost.accounts.loans import Loan, Paying
from ketacost.core.convert import EntryError, as_text, put, read, written_as
from ketacost.core.dates import month_and_day, year_start
from ketacost.core.fields import Fixed, KetacostError, described, other_names, require
from ketacost.core.money import WHOLE, brief, multiple, percent, share
from ketacost.core.registry import kept
from ketacost.core.words import plain, told
from ketacost.estimate.distributions import DistributionError, check_odds, check_shape, number, text_of
from ketacost.estimate.entries import NAMES, Entry, entry_of
from ketacost.estimate.scenario import Scenario
from ketacost.model.accumulators import Used
from ketacost.model.coordination import SecondPlan
from ketacost.model.courses import Course, Package, typical_prices
from ketacost.model.coverage import DecisionPath
from ketacost.model.plans import BenefitGroup, Network, Plan, PlanVersion, published_plans, with_published
from ketacost.model.policies import insurer
from ketacost.taxes.households import FilingStatus, Household


class Mark(Enum):
    """The value of an entry that somebody marked as not known."""

    UNKNOWN = "not known"

    def __repr__(self) -> str:
        return self.name


UNKNOWN = Mark.UNKNOWN
"""What to say of an entry that nobody knows: kc.intake(payer="marketplace").say("plan", kc.UNKNOWN)."""

HOW = ("typed", "plan booklet", "call", "file")
"""Where an entry can come from."""


@dataclass(frozen=True)
class Between:
    """A range that was entered: from low to high, with the typical value if one was given."""

    low: object = described("From", "The lowest value that it may have.")
    high: object = described("To", "The highest value that it may have.")
    typical: object = described("Typical", "The most usual value, if one was said.", None)
    shape: str = described("Shape", "What the numbers are: uniform or percentiles when left out.", "")


@dataclass(frozen=True)
class OneOf:
    """Possible values with their chances; without chances all are equally likely."""

    values: tuple[object, ...] = described("Values", "The values that it may have.")
    chances: tuple[object, ...] = described("Chances", "The chance of each value, as in 30%, in their order.", ())


@dataclass(frozen=True)
class Said:
    """One entry as it was said: a value, a range, values with chances, or UNKNOWN; where it came from, and when."""

    value: Any = described("Value", "What was said, as people write it.")
    how: str = described("How", "Where it came from: typed, plan booklet, call or file.", "typed")
    when: date | None = described("When", "The day on which it was said.", None)
    reference: str = described("Reference", "The reference number of a call.", "")

    def __post_init__(self) -> None:
        require("way to learn an entry", self.how, HOW)


@dataclass(frozen=True)
class Intake:
    """What was entered, by entry; `say` and `unsay` return a new intake, and the order of entries does not matter."""

    said: Mapping[str, Said] = described("Said", "The entries that were said, by full name.", default_factory=Fixed)

    def __post_init__(self) -> None:
        object.__setattr__(self, "said", Fixed({key: self.said[key] for key in sorted(self.said)}))

    def say(
        self, key: str, value: object, *, how: str = "typed", when: date | None = None, reference: str = ""
    ) -> Intake:
        """The intake with one entry said; an empty value takes it out again.

        `value` is what people write ("3,800", "40%", "400 to 600"), a Between, a OneOf, or UNKNOWN. Raises
        KetacostError for a name that is no entry or leaves out its scope, and for a value that the entry cannot take.

        >>> intake(payer="marketplace").say("terms.in.deductible", "3,800").said["terms.in.deductible"].value
        3800
        """
        if value is None or (isinstance(value, str) and not value.strip()):
            return self.unsay(key)
        entry = entry_of(key)
        plain = _plain(entry, value)
        if key in self.said and self.said[key].value == plain and (how, when) == ("typed", None):
            return self
        changed = Intake({**self.said, key: Said(plain, how, when, reference)})
        _check_chances(entry, changed)
        return changed

    def unsay(self, key: str) -> Intake:
        """The intake without an entry: it is then assumed again. Raises KetacostError for a name that is no entry."""
        entry_of(key)
        if key not in self.said:
            return self
        return Intake({name: said for name, said in self.said.items() if name != key})

    def value(self, key: str) -> Any:
        """What was said of an entry; None where nothing was."""
        said = self.said.get(key)
        return None if said is None else said.value

    def keys(self, *starts: str) -> Iterator[str]:
        """The entries that were said whose names begin so."""
        return (key for key in self.said if not starts or key.startswith(starts))

    @cached_property
    def _hash(self) -> int:
        return hash(repr(table_of_intake(self)))

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Intake({', '.join(f'{key} = {said.value!r}' for key, said in self.said.items())})"


NOTHING_SAID = Intake()


def intake(said: Mapping[str, object] | None = None, /, **more: object) -> Intake:
    """Make an intake from entries: intake(payer="marketplace", protocol="spravato"), or intake({"terms.in.copay": 80}).

    Raises KetacostError as `say` does.
    """
    result = NOTHING_SAID
    for key, value in {**(said or {}), **more}.items():
        result = result.say(key, value)
    return result


def intake_from(table: Mapping[str, Any]) -> Intake:
    """An intake from the table of its file. Raises EntryError with every problem.

    An entry is a value, or a table with `value`, `from` and `to`, `one_of` or `unknown`, and how and when it was said.

    >>> intake_from({"payer": "marketplace", "plan": {"unknown": True}}).value("plan")
    UNKNOWN
    """
    result, problems = NOTHING_SAID, list[str]()
    for key, cell in flat(table):
        more: dict[str, Any] = {}
        try:
            if isinstance(cell, Mapping) and set(cell) & HELD:
                more = {name: read(str, cell[name], f"{key}.{name}") for name in ("how", "reference") if name in cell}
                more |= {"when": read(date, cell["when"], f"{key}.when")} if "when" in cell else {}
                cell = _value_of(key, cell)
            result = result.say(key, cell, **{"how": "file", **more})
        except KetacostError as error:
            problems += error.problems if isinstance(error, EntryError) else [str(error)]
    if problems:
        raise EntryError(problems)
    return result


HELD = frozenset({"value", "from", "one_of", "unknown"})
"""What a table says that holds an entry's value; other tables hold entries, as in [said.terms.in]."""


def flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """The entries of a file by full name, also where a table holds those whose names begin alike."""
    for name, cell in table.items():
        key = f"{above}.{name}" if above else name
        if isinstance(cell, Mapping) and key not in PLANS and not (set(cell) & HELD):
            yield from flat(cell, key)
        else:
            yield key, cell


def table_of_intake(intake: Intake) -> dict[str, Any]:
    """The table that `intake_from` reads back: plain values, and tables where more was said of an entry."""
    table: dict[str, Any] = {}
    for key, said in intake.said.items():
        value = said.value
        cell: dict[str, Any]
        if value is UNKNOWN:
            cell = {"unknown": True}
        elif isinstance(value, Between):
            cell = {"from": value.low, "to": value.high}
            cell |= {"typical": value.typical} if value.typical is not None else {}
            cell |= {"shape": value.shape} if value.shape else {}
        elif isinstance(value, OneOf):
            cell = {"one_of": list(value.values)}
            cell |= {"chances": list(value.chances)} if value.chances else {}
        else:
            cell = {"value": value}
        cell |= {"how": said.how} if said.how != "file" else {}
        cell |= {"when": said.when} if said.when else {}
        cell |= {"reference": said.reference} if said.reference else {}
        table[key] = value if set(cell) == {"value"} else cell
    return table


_PARTS: Mapping[str, tuple[str, ...]] = {
    "unknown": (),
    "from": ("to", "typical", "shape"),
    "one_of": ("chances",),
    "value": (),
}
"""What the table of an entry may hold beside how and when it was said: one of these, with its own parts."""


def _value_of(key: str, cell: Mapping[str, Any]) -> Any:
    """The value in an entry's table. Raises KetacostError for a table with more than one, or with other parts."""
    kind = next(name for name in _PARTS if name in cell)
    for name in cell:
        require(f"part of {key}", name, (kind, *_PARTS[kind], "how", "when", "reference"))
    if kind == "unknown":
        return UNKNOWN if read(bool, cell[kind], f"{key}.unknown") else None
    if kind == "from":
        return Between(cell["from"], cell.get("to"), cell.get("typical"), read(str, cell.get("shape", ""), key))
    if kind == "one_of":
        lists = [cell["one_of"], cell.get("chances", [])]
        if not all(isinstance(one, list | tuple) for one in lists):
            raise KetacostError(f"{key}: one_of and chances are lists, as in one_of = [500, 700]")
        return OneOf(*map(tuple, lists))
    return cell["value"]


def _plain(entry: Entry, value: object) -> Any:
    """A value as the file keeps it, checked. Raises KetacostError for one that the entry cannot take."""
    if value is UNKNOWN or (isinstance(value, str) and entry.pattern != "title" and _bare(value) in NOT_KNOWN):
        return UNKNOWN
    if isinstance(value, str) and entry.ranges and (ends := _ends(entry, value)):
        value = Between(*ends)
    if isinstance(value, Between | OneOf) and not entry.ranges:
        raise DistributionError(
            f"{entry.key} takes one value, not a range: give it, leave it out, or mark it as not known"
        )
    if isinstance(value, Between):
        return _between(entry, value)
    if isinstance(value, OneOf):
        values = tuple(_single(entry, one) for one in value.values)
        if len(values) < 2:
            raise DistributionError(f"{entry.key}: give at least two values, or the one that it has")
        chances = tuple(share(part, what=f"a chance of {entry.key}") for part in value.chances)
        if chances:
            check_odds({entry.key: tuple(map(str, values))}, {entry.key: chances})
        return _in_order(entry, values, tuple(map(percent, chances)))
    return _single(entry, value)


NOT_KNOWN = ("unknown", "not known", "i do not know", "i don't know", "don't know", "not sure", "unsure", "?")
"""What people write where they don't know."""


def _bare(text: str) -> str:
    return text.strip().lower().replace("\u2019", "'")


def _ends(entry: Entry, text: str) -> tuple[str, str] | None:
    """The ends of a range in one text: "400 to 600", "$400-$600", "40 to 50%"; None where it is one value."""
    if entry.kind == "text" or entry.pattern == "plan_year_starts":  # that one is a day of any year, "03-15"
        return None
    ends = re.split(r"\s+to\s+" if entry.kind == "day" else r"\s+to\s+|\s*[-–]\s*", text.strip())
    if len(ends) != 2 or not all(ends):
        return None
    low, high = ends
    return (f"{low}%" if high.endswith("%") and not low.endswith("%") else low), high


def _in_order(entry: Entry, values: tuple[Any, ...], chances: tuple[str, ...]) -> OneOf:
    """Values from the lowest up with their chances, so that the order in which they were said cannot matter."""
    if entry.kind == "text":
        return OneOf(values, chances)
    places = sorted(range(len(values)), key=lambda place: _size(entry, values[place]))
    return OneOf(tuple(values[at] for at in places), tuple(chances[at] for at in places) if chances else ())


def _size(entry: Entry, value: object) -> float:
    if entry.pattern == "plan_year_starts":
        month, day = month_and_day(year_start(value))
        return 100 * month + day
    return float("inf") if value == "none" else number(value, entry.kind, entry.key)


def _between(entry: Entry, value: Between) -> Between:
    if value.low in BLANK or value.high in BLANK:
        raise DistributionError(f"{entry.key}: a range has a lowest and a highest value")
    ends = [value.low, value.high] if value.typical in BLANK else [value.low, value.typical, value.high]
    for end in ends:
        _single(entry, end)
    if entry.kind == "text":
        raise DistributionError(f"{entry.key} is not a number, amount or day: list its possible values")
    numbers = tuple(number(end, entry.kind, entry.key) for end in ends)
    usual = "uniform" if len(numbers) == 2 else "percentiles"
    try:
        check_shape(value.shape or usual, numbers)
    except DistributionError as error:
        told = " to ".join(str(end) for end in ends)
        raise DistributionError(f"{entry.key}, {told}: {error}") from None
    texts = [text_of(one, entry.kind) for one in numbers]
    shape = "" if value.shape == usual else value.shape
    return Between(texts[0], texts[-1], texts[1] if len(texts) == 3 else None, shape)


def _single(entry: Entry, value: object) -> Any:
    if entry.pattern in PLANS:
        if isinstance(value, Plan):
            return as_text(written_as(value, Plan))
        if isinstance(value, Mapping):
            return as_text(written_as(read(Plan, with_published(value), entry.key).as_written(), Plan))
        require("published plan", _name(entry, value), published_plans())
        return value
    if isinstance(value, str):
        value = value.strip()
    if entry.pattern in NETWORK_ENTRIES and isinstance(value, str):
        value = IN_OR_OUT.get(plain(value), value)
    if entry.pattern == "insurer":
        return insurer(_name(entry, value)).id
    if entry.pattern == PACKAGES and isinstance(value, str):
        value = [_package(part, entry) for part in value.split(";") if part.strip()]
    if entry.pattern in NAMES:
        what, known = NAMES[entry.pattern]
        value = _meant(_name(entry, value), known())
        require(what, value, known())
        return value
    if isinstance(value, str) and entry.key in other_names():
        value = other_names()[entry.key].get(plain(value), value.upper() if entry.key == "household.state" else value)
    arms = (entry.hint, *get_args(entry.hint))
    choices = [choice for arm in arms if get_origin(arm) is Literal for choice in get_args(arm)]
    if isinstance(value, str) and choices:
        value = _meant(value, choices)
    kept = as_text(written_as(read(entry.hint, value, entry.key), entry.hint))
    least, words = (1_000, "ten percent") if entry.key.endswith(".multiple") else (100, "one percent")
    in_percent = entry.key.startswith(OFTEN_A_PART) or entry.key.endswith(OFTEN_A_PART)
    if in_percent and str(kept).endswith("%") and 0 < (points := multiple(kept)) < least:
        raise KetacostError(f"{entry.key}: {kept} is less than {words}; did you mean {percent(100 * points)}?")
    _check_possible(entry, kept)
    return kept


NETWORK_ENTRIES = ("network", "networks.<service>", "second.network")
IN_OR_OUT = {"in": "in", "innetwork": "in", "inn": "in", "out": "out", "outofnetwork": "out", "oon": "out"}
"""The entries that name a network of the plan, and other words for its two usual ones."""

OFTEN_A_PART = ("coinsurance", "discounts.", ".hra_share", ".share", ".multiple")
"""Entries in percent that people write as a part of one too, by how their names begin or end: 0.4 for 40%."""

PACKAGES = "packages.<protocol>"
_PACKAGE = re.compile(
    r"(\d+)\s*([a-z _]*?)\s*(?:for|at|=|:|(?=\$))\s*(\$?[\d,. ]+?)\s*,?\s*(not refundable)?", re.IGNORECASE
)


def _package(text: str, entry: Entry) -> dict[str, object]:
    """One package as people write it: "6 for $2,400", "2 evaluation for 500, not refundable"."""
    found, charged = _PACKAGE.fullmatch(text.strip()), list(typical_prices(entry.scope["protocol"]).charges)
    if not found:
        raise KetacostError(
            f'{entry.key}: write how many for how much, as in "6 for $2,400", with ; between several; got {told(text)}'
            ". When a package expires is not modeled"
        )
    words = found[2].lower().removesuffix("s")
    return {
        "service": words if words in charged else charged[-1],
        "count": found[1],
        "price": found[3],
        "refundable": not found[4],
    }


def packages_text(packages: Iterable[Package], protocol: str) -> str:
    """Packages as a person writes them, to be read back."""
    main = list(typical_prices(protocol).charges)[-1]
    return "; ".join(
        f"{one.count}{'' if one.service == main else f' {one.service}'} for {brief(one.price)}"
        f"{'' if one.refundable else ', not refundable'}"
        for one in packages
    )


PLANS = ("plan", "second.plan", "later.plan")
"""The entries that hold a plan: the id of a published one, or its whole table."""

BLANK = (None, "")


def _check_possible(entry: Entry, written: object) -> None:
    """What the model itself says to a value, whatever else was said. Raises KetacostError."""
    if entry.path and entry.pattern not in (*PLANS, *NETWORK_ENTRIES) and not entry.path.startswith("course.protocol"):
        scope, joint = entry.scope, entry.key != "household.filing_status" or written == "married_joint"
        path = re.sub(r"\.groups\.[^.]+", ".groups.any", entry.path)
        put(_case_for(scope.get("network", "out"), scope.get("protocol", "iv-mood"), joint), path, written)


@kept(64)
def _case_for(network: str, treatment: str, joint: bool) -> Scenario:
    """A scenario that has a place for every entry."""
    filed: FilingStatus = "married_joint" if joint else "single"
    return Scenario(
        Course(treatment, date(2026, 1, 5)),
        typical_prices(treatment),
        Plan({network: Network(0, groups={"any": BenefitGroup(("drug",), 0, 0)})}),
        network,
        second=SecondPlan(Plan({network: Network(0)}), used=Used(as_of=date(2026, 1, 5))),
        later=PlanVersion(date(2027, 1, 1), Plan({network: Network(0)})),
        used=Used(as_of=date(2026, 1, 5)),
        path=DecisionPath(0, 0),
        household=Household(2026, "CA", filed, 0, 40, spouse_age=40 if joint else None),
        paying=Paying(loan=Loan(0, 0, 1)),
    )


def _meant(written: str, known: Collection[str]) -> str:
    """The name that is written so but for capitals, blanks and signs, or whose label is; as written where none is."""
    labels = {name: getattr(one, "label", name) for name, one in known.items()} if isinstance(known, Mapping) else {}
    bare = plain(written)
    same = [name for name in known if bare and bare in (plain(name), plain(labels.get(name, name)))]
    return same[0] if written not in known and len(same) == 1 else written


def _name(entry: Entry, value: object) -> str:
    """A value that is a name. Raises KetacostError for anything else."""
    if not isinstance(value, str):
        raise KetacostError(f"{entry.key} is a name, got {told(value)}")
    return value


def _most(chance: object) -> Any:
    """The most that a said chance may be; nothing where none was said."""
    if isinstance(chance, OneOf):
        return max(chance.values, key=share)
    return chance.high if isinstance(chance, Between) else 0 if chance in (None, UNKNOWN) else chance


def _check_chances(entry: Entry, intake: Intake) -> None:
    """The said chances of the first decision add to no more than the whole. Raises KetacostError."""
    if not entry.key.startswith("odds."):
        return
    start = entry.key.rpartition(".")[0]
    added = sum(share(_most(intake.value(f"{start}.{name}"))) for name in ("infusions", "visits"))
    if added > WHOLE:
        raise KetacostError(f"{entry.key}: these chances add to {percent(added)}; together they are at most 100%")
