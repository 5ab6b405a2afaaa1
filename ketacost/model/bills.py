"""Bills as people have them: names of columns, codes with modifiers, words for networks and denials, reversals.

A file of one patient and a table of many are read by the same functions. What they can't know is listed, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal, NamedTuple

from ketacost.core.convert import NO, YES
from ketacost.core.fields import KetacostError, described, replace, require, unknown
from ketacost.core.references import read_toml, rows
from ketacost.core.registry import kept
from ketacost.core.words import plain, told
from ketacost.model.booklet import BENEFITS
from ketacost.model.courses import MOST_UNITS
from ketacost.model.plans import Plan
from ketacost.model.protocols import service_of_code, services

HELPERS = ("description", "claim", "claim_type", "group_code", "reason_code", "member_share", "person")
"""Columns of a bill that are no entry of a service line and say what to make of it."""

LINE_COLUMNS = (
    *("date", "member", "network", "benefit", "service", "code", "units", "charge", "allowed", "covered"),
    *("balance_billed", "provider_bears", "protected", "assistance", "patient", "plan", *HELPERS),
)
"""The columns that a bill may have. `date` and `charge` are needed; `patient` and `plan` are for tables of many."""

_CODE = re.compile(
    r"(?:(?:CPT|HCPCS|HC)\W*)?(?P<code>[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})(?:\.0)?"
    r"(?:(?:[\s:,/.;*+|^()\[\]-]*(?!X[0-9])[0-9A-Z]{2}(?![0-9A-Z]))*|(?:(?!X[0-9])[0-9A-Z]{2}){0,4})"  # modifiers
    r"[\s:,()\[\]-]*(?:[\s:-]+[A-Z]{3,}.*)?"  # and what it is in words
)
_CODE_IN_WORDS = re.compile(r".*\(([A-Z0-9]{5})\)")
_GROUP = re.compile(r"(?<![A-Z])(CO|PR|OA|PI)(?![A-Z])")
_PAIR = re.compile(r"(?<![A-Z])(CO|PR|OA|PI)[\s-]*0*([AB]?[0-9]{1,3})(?![0-9.])")
_REASON = re.compile(r"(?<![A-Z0-9])0*([AB]?[0-9]{1,3})(?![0-9.])")
_LISTED = re.compile(r"[,;/|]\s*0*([AB]?[0-9]{1,3})(?![0-9.])")
_SEGMENT = re.compile(r"(CO|PR|OA|PI)[*:]([AB]?[0-9]{1,3})[*:]\$?[0-9][0-9.,]*([*:][0-9]+)?")
_AMOUNT = re.compile(r"\(?-?\$\s*[0-9][0-9,]*(\.[0-9]+)?\)?|\(?(?<![A-Z0-9])[0-9][0-9,]*\.[0-9]{1,2}(?![0-9])\)?")


@dataclass(frozen=True)
class ColumnMap:
    """Which column of a sheet holds what, and how its dates are written; kept in a small file."""

    columns: Mapping[str, str] | None = described(
        "Columns", "The sheet's name of each column of a bill; left out, they are found by their usual names.", None
    )
    dates: Literal["us", "iso", "day-first"] = described(
        "Dates", "What a date in numbers means: us is month/day/year, day-first is day/month/year.", "us"
    )

    def __post_init__(self) -> None:
        for name in self.columns or ():
            require("column of claim lines", name, LINE_COLUMNS)

    replace = replace


@cache
def _heading(text: str) -> frozenset[str]:
    """A column's name as a set of words, short ones written out: "Pt Resp ($)" is patient and responsibility."""
    words = read_toml("bill_words.toml")["short"]
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()
    found = [part for word in re.findall(r"[a-z0-9#]+", split) for part in words.get(word, word).split()]
    return frozenset(re.sub(r"(?<=[a-z]{3})(?<![su])s$", "", word) for word in found)


@cache
def _words(table: str) -> Mapping[str, str]:
    """Our word for each plain word of a table of bill_words.toml."""
    return {plain(word): ours for ours, words in read_toml("bill_words.toml")[table].items() for word in words}


@cache
def _usual() -> Mapping[str, tuple[str | frozenset[str], ...]]:
    """The names of each column of a bill, ours first: plain, and as sets of words."""
    usual = read_toml("bill_words.toml")["columns"]
    names = {ours: (ours, *usual.get(ours, ())) for ours in LINE_COLUMNS}
    return {ours: (*map(plain, each), *map(_heading, each[1:])) for ours, each in names.items()}


@cache
def _made_of() -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
    """For a column of a bill the words one of which its name has, and those that it may have beside them."""
    table = read_toml("bill_words.toml")["made_of"]
    return {ours: (frozenset(words["one"].split()), frozenset(words["with"].split())) for ours, words in table.items()}


def columns_in(header: Iterable[str], given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Which column of a header holds what: our name for each, by those given, else as bills name them.

    Raises KetacostError for a given column that the header lacks or that is none of ours.

    >>> columns_in(["Date of Service", "Billed Amount", "Notes"])
    {'date': 'Date of Service', 'charge': 'Billed Amount'}
    """
    names = list(header)
    found = {plain(name): name for name in reversed(names)}
    if given is not None:
        for ours, theirs in given.items():
            if plain(theirs) not in found:
                raise KetacostError(f"the column map says {ours} = {theirs!r}; {unknown('column', theirs, names)}")
        return {ours: found[plain(theirs)] for ours, theirs in given.items()}
    columns: dict[str, str] = {}
    by_words = {_heading(name): name for name in reversed(names)}
    for ours in LINE_COLUMNS:
        if ours in names:
            columns[ours] = ours
        elif f"{ours}_cents" not in names:
            matches = (found.get(word) if isinstance(word, str) else by_words.get(word) for word in _usual()[ours])
            match = next(filter(None, matches), None)
            if match is not None and match not in LINE_COLUMNS:
                columns[ours] = match
    for ours, (one, others) in _made_of().items():
        if ours not in columns and f"{ours}_cents" not in names:
            left = [(name, _heading(name)) for name in names if name not in columns.values()]
            match = next((name for name, words in left if words & one and words <= one | others), None)
            columns |= {ours: match} if match else {}
    return columns


def known_by(columns: ColumnMap) -> Callable[[Iterable[str]], int]:
    """What counts the columns of a bill that a row names, to find the header: 0 without a day and a charge."""

    def usual(cells: Iterable[str]) -> int:
        found = columns_in([cell.strip() for cell in cells])
        return len(found) if "date" in found and "charge" in found else 0

    if columns.columns is None:
        return usual
    wanted = {plain(name) for name in columns.columns.values()}
    return lambda cells: len(wanted & {plain(cell) for cell in cells})


EMPTY = frozenset({"n/a", "na", "-", "--", "\u2013", "\u2014", "null"})
"""What a sheet writes in a cell that holds nothing."""


def is_total(cells: Iterable[str]) -> bool:
    """Whether one of a row's cells says that it is a total."""
    return any(_TOTAL.fullmatch(" ".join(re.findall("[a-z0-9]+", cell.lower()))) for cell in cells)


_TOTAL = re.compile(r"(grand|sub) ?totals?( .*)?|totals?( (for|of|in|due|charges?|billed|amount|paid|\d+)( .*)?)?|sum")


@kept(4_096)
def billing_code(text: str) -> str:
    """The code without its modifiers, words and signs; what is none stays as it is.

    >>> [billing_code(text) for text in ("99214-25", " 99214 GT", "hc:j3490:jz", "99214.0", "96365 x2")]
    ['99214', '99214', 'J3490', '99214', '96365 x2']
    """
    found = _CODE.fullmatch(text.replace("\xa0", " ").strip().upper())
    return found["code"] if found else text.strip()


@cache
def _known_codes() -> Mapping[str, Mapping[str, str]]:
    return {row["code"]: row for row in rows("codes")}


@cache
def dated_codes() -> frozenset[str]:
    """The codes that hold from a day, or to one."""
    return frozenset(code for code, row in _known_codes().items() if row["from"] or row["through"])


def line_of_code(code: str) -> str:
    """The line of the booklet that a code falls under; empty where none is known."""
    name = service_of_code(code)
    return services()[name].benefit if name else _known_codes().get(code, {}).get("benefit", "")


def wrong_code(code: str, day: date | None = None) -> str:
    """Why a code finds no line of the booklet, also on a day, and the mend; empty where it finds one."""
    if not line_of_code(code):
        x = re.match(r"(\S{5})\s*[xX*]\s*([0-9]+)$", code)
        more = f" (for {x[2]} units write {x[1]} and give units = {x[2]})" if x else ""
        lines = ", ".join(BENEFITS)
        return (
            f"no line of the booklet is known for code {code!r}{more}; check it, or give its line as benefit: {lines}"
        )
    row = _known_codes().get(code)
    if not day or not row or (row["from"] or "0") <= day.isoformat() <= (row["through"] or "9"):
        return ""
    ends = f"from {row['from']}" if row["from"] else f"to {row['through']}"
    others = [other.code_on(day) for other in services().values() if code in {name for name, *_ in other.codes}]
    instead = f"; on that day it is {others[0]}" if others and others[0] else ""
    return f"code {code} ({row['label']}) holds {ends}{instead}: correct it, or give its line as benefit"


def network_in(text: str, networks: Collection[str]) -> str:
    """The network that a cell names: one of the plan's, or `in` or `out` in other words ("In-Network", "OON")."""
    if text in networks:
        return text
    same = [name for name in networks if plain(name) == plain(text)]
    return same[0] if same else _words("network").get(plain(text), text)


def covered_in(text: str) -> bool:
    """Whether a cell says that the plan covers a line: yes, paid, no, denied, "Denied - provider liable".

    Raises KetacostError for other words.
    """
    if _taken_back(text):
        return True  # such a row does not stand
    bare = re.sub(r"(provider|patient|member)(s|is)?(liable|liability|responsibility|responsible)$", "", plain(text))
    word = _words("covered").get(bare, _in_a_sentence(text)) if bare else "no"
    if not word:
        more = "; leave it out until the plan has decided" if plain(text) in ("pending", "inprocess", "open") else ""
        raise KetacostError(f"covered should be yes or no (or paid, denied), got {text!r}{more}")
    return word == "yes"


def _in_a_sentence(status: str) -> str:
    """yes or no by the words of a longer status, "Denied - not medically necessary"; empty where they leave it open."""
    words = " ".join(re.findall(r"[a-z]+", status.lower()))
    if re.search(r"\b(revers|void|duplicat|partial|pend|adjust|cancel)", words):
        return ""
    answers = set[str]()
    for ours, known in sorted(read_toml("bill_words.toml")["covered"].items()):  # no before yes: "not covered"
        for word in known:
            if len(word) > 3 and re.search(rf"\b{word}\b", words):
                words, answers = words.replace(word, " "), answers | {ours}
    sure = answers == {"no"} or (answers == {"yes"} and not re.search(r"\b(not?|non|un\w+|less|never)\b", words))
    return answers.pop() if sure else ""


def member_in(text: str) -> str:
    """Who in a family a cell names: `patient` for the subscriber's own ("Self"), else the cell itself."""
    return _words("member").get(plain(text), text.strip())


def yes_in(text: str, what: str) -> bool:
    """Whether a cell says yes. Raises KetacostError where it says neither yes nor no."""
    if text.strip().lower() not in YES + NO:
        raise KetacostError(f"{what} should be yes or no, got {text!r}")
    return text.strip().lower() in YES


def claim_type_in(text: str, status: str = "") -> str:
    """original, adjustment, reversal or duplicate; void by its status; empty for a word that says none of them."""
    return _words("claim_type").get(plain(text), "") or ("void" if _taken_back(status) else "")


def _taken_back(status: str) -> bool:
    """Whether the status of a row says that its claim was taken back."""
    return _words("claim_type").get(plain(status), "") in ("reversal", "duplicate") and not status.strip().isdigit()


def service_in(text: str) -> str:
    """The service that a description names, by its id or label; empty where it names none."""
    return next((name for name, kind in services().items() if plain(text) in (plain(name), plain(kind.label))), "")


def _code_in_words(text: str) -> str:
    """The code in parentheses that ends a description, as Medicare prints it; empty where it is none we know."""
    found = _CODE_IN_WORDS.fullmatch(text.strip().upper())
    return found[1] if found and line_of_code(found[1]) else ""


class Named(NamedTuple):
    """What a row says was done: its service, its code, the booklet's line, and what is wrong with them.

    `dated` is for a code that alone says the line, and that holds from a day or to one.
    """

    service: str
    code: str
    benefit: str
    dated: bool
    problems: tuple[str, ...]

    @property
    def done(self) -> str:
        """What tells two rows of a day apart: the code, or else the service."""
        return self.code or self.service


def named_in(cells: Mapping[str, str], booklet: Sequence[str] = BENEFITS) -> Named:
    """What a row's cells `service`, `code`, `description` and `benefit` say was done, a `benefit` before the others.

    `booklet` has the lines that a row may name. Words in the place of a code say it too, as a service or a line.

    >>> [named_in({"code": text}).benefit for text in ("99214-25", "Ketamine infusion", "Office visit")]
    ['specialist', 'outpatient_infusion', 'office_visit']
    """
    code = billing_code(cells.get("code", "")) or _code_in_words(cells.get("description", ""))
    line, problems = cells.get("benefit", ""), list[str]()
    stated = cells.get("service", "")
    said = service_in(stated)
    words = "" if said or re.search(r"[0-9]", code) else code or stated or cells.get("description", "")
    name = said or service_of_code(code) or service_in(words)
    line = line or next((each for each in booklet if words and not name and plain(each) == plain(words)), "")
    if words == code and (name or line):
        code = ""
    by_code = bool(code) and not said and not line
    if stated and not (name or line or line_of_code(code)):
        problems.append(str(unknown("service", stated, services())))
    if line and line not in booklet:
        problems.append(str(unknown("benefit", line, booklet)))
    if by_code and (problem := wrong_code(code)):
        problems.append(problem)
    usual = services()[name].benefit if name in services() else line_of_code(code)
    line = (line or usual) if not problems else ""
    return Named(name, code, line or "default", by_code and code in dated_codes(), tuple(problems))


def lines_of(plans: Iterable[Plan]) -> tuple[str, ...]:
    """The lines of the booklet that a claim under any of these plans may name, or fall under by its service."""
    own = (line for plan in plans for line in plan.lines)
    return tuple(dict.fromkeys((*BENEFITS, *own, *(kind.benefit for kind in services().values()))))


def units_in(text: str) -> int:
    """The units that a cell says: 3, or 3.0 as spreadsheets write it. Raises KetacostError for others."""
    whole = re.fullmatch(r"0*([0-9]+)(\.0*)?", text.strip())
    if whole is None or len(whole[1]) > len(str(MOST_UNITS)) or not 1 <= int(whole[1]) <= MOST_UNITS:
        raise KetacostError(f"units should be from 1 to {MOST_UNITS}, got {told(text)}")
    return int(whole[1])


class Denial(NamedTuple):
    """What adjustment codes say of a line: if it is denied, if the clinic bears it, and what they leave open."""

    denied: bool = False
    provider_bears: bool = False
    open: str = ""


@kept(4_096)
def denial_in(group: str, reason: str, covered: bool | None) -> Denial:
    """What group and reason codes of a remittance say: CO and PI are the clinic's to bear, PR the patient's to pay.

    `covered` is what the file says beside them, None where it says nothing. OA says neither, and is told.

    >>> denial_in("CO", "197", None).provider_bears, denial_in("", "PR-204", None), denial_in("", "CO-45; PR-1", None)
    (True, Denial(denied=True, provider_bears=False, open=''), Denial(denied=False, provider_bears=False, open=''))
    """
    text = f"{group}{' ' if len(group.split()) < 2 else '; '}{reason}".upper()
    # remark codes such as N130, and amounts, are no reasons
    text = _AMOUNT.sub("", _SEGMENT.sub(r"\1-\2;", text))
    groups, kinds = set(_GROUP.findall(text)), {row["code"]: row["kind"] for row in rows("adjustment_reasons")}
    paired = _PAIR.findall(text)
    reasons = [code for _, code in paired] or _REASON.findall(text)
    reasons += [code for code in _LISTED.findall(text) if paired and code in kinds]
    denying = [code for code in reasons if kinds.get(code) == "denied"]
    strange = [code for code in reasons if code not in kinds]
    if covered is None and strange and not denying:
        return Denial(open=f"adjustment reason {strange[0]} is not one we know; say whether it is covered: yes or no")
    if covered or not (denying or covered is False):
        return Denial()
    if "18" in denying:
        return Denial(True, True)  # the same line is billed again: it is owed once
    pairs = {name for name, code in paired if code in denying}
    who = {"PR": False, "CO": True, "PI": True}
    bears = {who.get(name) for name in pairs or groups}
    if len(bears) > 1 or None in bears:
        return Denial(
            True, open="the adjustment codes don't say who bears the denied line; give provider_bears: yes or no"
        )
    return Denial(True, bool(bears and bears.pop()))


def coverage_in(cells: Mapping[str, str]) -> tuple[bool, bool, str]:
    """Whether a row is covered, whether the clinic bears it if not, and what its cells leave open.

    `provider_bears` is taken as said, then group codes; a line that is denied and not billed is the clinic's to bear.
    Raises KetacostError for a cell that is neither yes nor no.
    """
    said = covered_in(cells["covered"]) if cells.get("covered") else None
    found = denial_in(cells.get("group_code", ""), cells.get("reason_code", ""), said)
    covered = False if found.denied else said is not False
    if cells.get("provider_bears"):
        return covered, yes_in(cells["provider_bears"], "provider_bears"), ""
    if covered:
        return True, False, found.open
    if "provider" in plain(cells.get("covered", "")):
        return False, True, ""
    if not cells.get("group_code") and not cells.get("reason_code"):
        return False, not yes_in(cells.get("balance_billed") or "yes", "balance_billed"), ""
    return False, found.provider_bears, found.open


class BillRow(NamedTuple):
    """What tells whether a row stands: what was done for whom, and what the row says of itself.

    `charge` and `allowed` are in cents without their sign; `reverses` is for a negative charge or a claim's reversal.
    """

    done: tuple[object, ...]
    charge: int
    allowed: int | None
    claim: str = ""
    kind: str = ""
    reverses: bool = False
    cells: object = None


class Standing(NamedTuple):
    """The rows that do not stand, what is wrong by row, and what a reader should know by row; rows count from 0."""

    gone: set[int]
    problems: dict[int, str]
    notes: dict[int, str]


def standing(bill: Sequence[BillRow]) -> Standing:
    """Take out claims with their reversals, originals that an adjustment replaces, and rows given twice.

    A reversal takes back the row of its day, service and charge, of its claim and allowed amount where several fit.
    Two equal rows of one claim are one; without a claim number both count, and a note says so.
    """
    found = Standing(set(), {}, {})
    like: dict[object, list[int]] = {}
    twice: dict[object, int] = {}
    for at, row in enumerate(bill):
        like.setdefault(row.done, []).append(at)
        if row.kind == "duplicate":
            found.gone.add(at)
        elif row.cells is not None and not row.reverses:
            first = twice.setdefault(row.cells, at)
            if first != at and row.claim:
                found.gone.add(at)
                found.notes[at] = "is in the file twice and counts once"
            elif first != at:
                found.notes[at] = "is like an earlier row; both count. If it was done once, take one out"
    for at, row in enumerate(bill):
        if row.reverses and at not in found.gone:
            same = [k for k in like[row.done] if k not in found.gone and not bill[k].reverses]
            fitting = [k for k in same if bill[k].charge == row.charge]
            if not fitting:
                found.problems[at] = "reverses a charge that is not in the file; leave it out, or add what it reverses"
                continue
            found.gone.update({at, max(fitting, key=lambda k: _fits(bill[k], row, k < at, k))})
    found.gone.update(at for at, row in enumerate(bill) if row.kind == "void")
    _Adjusted(bill, like, found).take_out()
    return found


class _Adjusted:
    """Rows that adjustments replace: of their claim, or without a claim number of their day and service."""

    def __init__(self, bill: Sequence[BillRow], like: Mapping[object, list[int]], found: Standing) -> None:
        self.bill, self.like, self.gone, self.notes = bill, like, found.gone, found.notes
        self.claims: dict[object, list[int]] = {}
        self.newer = list[int]()
        self.replaced: dict[int, int] = {}
        for at, row in enumerate(bill):
            if at not in self.gone and not row.reverses:
                self.claims.setdefault((row.done[0], row.claim), []).append(at)
                self.newer += [at] if row.kind == "adjustment" else []

    def take_out(self) -> None:
        """Take out each original, and each adjustment that was adjusted again."""
        for at in self.newer:
            self._replace(at, [k for k in self._own(at) if self.bill[k].done == self.bill[at].done])
        for at in self.newer:
            if at not in self.replaced and at not in self.gone:
                self._adjusted_again(at)
        for at in self.newer:
            self._corrected(at)
        for at in self.newer:
            self._replace(at, self.like[self.bill[at].done])

    def _own(self, at: int) -> list[int]:
        row = self.bill[at]
        return self.claims[row.done[0], row.claim] if row.claim else self.like[row.done]

    def _originals(self, pool: Sequence[int]) -> list[int]:
        return [
            k for k in pool if k not in self.gone and not self.bill[k].reverses and self.bill[k].kind != "adjustment"
        ]

    def _replace(self, at: int, pool: Sequence[int]) -> None:
        same = [] if at in self.replaced or at in self.gone else self._originals(pool)
        if same:
            self.replaced[at] = max(same, key=lambda k: _fits(self.bill[k], self.bill[at], k < at, k))
            self.gone.add(self.replaced[at])

    def _adjusted_again(self, at: int) -> None:
        """Of two adjustments of one row the newer one stands: the one that is farther from the original in the file."""
        row = self.bill[at]
        again = [k for k in self._own(at) if k != at and k not in self.gone and self.bill[k].kind == "adjustment"]
        again = [k for k in again if self.bill[k].done == row.done and (row.claim or k in self.replaced)]
        if not again:
            return
        k = min(again, key=lambda k: (abs(k - at), k))
        if self.replaced.get(k, -1) > max(k, at) or (k not in self.replaced and k > at):
            self.gone.add(at)
            return
        self.gone.add(k)
        if k in self.replaced:
            self.replaced[at] = self.replaced[k]

    def _corrected(self, at: int) -> None:
        """A claim that is corrected in its day or service, where it is plain which row is meant."""
        row = self.bill[at]
        if not row.claim or at in self.replaced or at in self.gone:
            return
        old = self._originals(self._own(at))
        new = [
            k
            for k in self._own(at)
            if k not in self.gone and k not in self.replaced and self.bill[k].kind == "adjustment"
        ]
        if len(old) == len(new):
            self._replace(at, old)
        elif old:
            self.notes[at] = (
                f"adjusts claim {row.claim}, which has no row of that day and service: all its rows count. Take out "
                "what it replaces"
            )


def _fits(row: BillRow, other: BillRow, before: bool, at: int) -> tuple[bool, bool, bool, bool, int]:
    """How well a row is the one that another reverses or replaces; the best is the largest."""
    own = bool(row.claim) and row.claim == other.claim
    own |= row.kind == "void"
    return own, row.allowed == other.allowed, row.kind != "adjustment", before, at if before else -at
