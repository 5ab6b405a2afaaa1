"""What in a text can tell who somebody is: kinds of identifiers from `data/identifier_patterns.toml`, found and masked.

It frames its kinds by the list in 45 CFR 164.514(b)(2)(i). It finds what has a shape or a label; it cannot find what
has neither, and it does not make a text anonymous. Days of visits and five-digit ZIP codes are on that list too and are
kept.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, NamedTuple

from ketacost.core.fields import KetacostError, named
from ketacost.core.references import read_toml

Action = Literal["removed", "allowed", "refused"]
Names = Sequence[str]

LISTED, MACHINE = "listed_name", "machine_name"
SHORTEST_PART = 3
"""Letters that a part of a listed name has at least to be looked for by itself."""

FOREIGN = str.maketrans(
    {**dict.fromkeys(map(chr, (0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212)), "-"), "’": "'", "\u00a0": " "}
    | dict.fromkeys(map(chr, (0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD)))
)
"""Dashes and quotes as typed, and nothing for what cannot be seen: a number with these in it is the same number."""


ALIKE = str.maketrans("АВЕЅКМНОРСТХІЈУаеѕорсхуіјΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABESKMHOPCTXIJYaesopcxyijABEZHIKMNOPTYXo")
"""Cyrillic and Greek letters that look like Latin ones: a label with one of them is the same label."""

TURNED = re.compile("[\u202e\u2067]([^\u202c\u2069\n]*)[\u202c\u2069]?")
UNSEEN = dict.fromkeys((*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0x00AD))
"""Signs that turn a text round, and signs that cannot be seen."""

VEHICLE = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "12345678123457923456789"), strict=True))
VEHICLE_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)

HEADING = re.compile(
    r"(?i:ssn|social security(?: n\w+)?|dob|date of birth|birth ?date|birthday|(?:home |cell |work )?phone(?: n\w+)?"
    r"|cell|mobile|telephone|tel|fax|e-?mail(?: address)?|mrn|(?:member|subscriber|patient|policy|group|account)[ _-]?"
    r"(?:id|no\.?|number|\#)|(?:home |street |mailing )?address|(?:first|last|full|patient|member)[ _-]?name|surname"
    r"|patient|name)"
)
"""Headings of columns that hold identifiers; `name` counts beside another one."""


class IdentifierKind(NamedTuple):
    """A kind of identifier: its label, the letter of the federal list, and whether it is refused or only listed."""

    id: str
    label: str
    hipaa: str
    refused: bool
    why: str
    patterns: tuple[re.Pattern[str], ...]
    check: str


@dataclass(frozen=True)
class FoundIdentifier:
    """An identifier that was found: what kind, where, masked so that telling it gives nothing away, and what to do."""

    kind: str
    where: str
    excerpt: str
    action: Action
    way_out: str

    def __str__(self) -> str:
        return f"{self.where}: {kinds()[self.kind].label} ({self.excerpt}): {self.action}. {self.way_out}".rstrip()


class IdentifiersFound(KetacostError):
    """Something that may tell who a patient is; `identifiers` holds what was refused, masked."""

    def __init__(self, identifiers: Sequence[FoundIdentifier]) -> None:
        self.identifiers = tuple(identifiers)
        number = f"{len(identifiers)} identifiers" if len(identifiers) > 1 else "an identifier"
        headline = f"this may tell who somebody is: {number} found, nothing was written"
        super().__init__("\n".join([headline, *map(str, identifiers)]))


@cache
def kinds() -> Mapping[str, IdentifierKind]:
    """Every kind of identifier that is looked for, by its id."""
    tables = dict(read_toml("identifier_patterns.toml"))
    pieces: dict[str, str] = {}
    for name, piece in tables.pop("pieces").items():
        pieces[name] = _with(pieces, piece)
    return {name: _kind(name, table, pieces) for name, table in tables.items()}


def kind(name: str) -> IdentifierKind:
    """One kind by its id, such as "ssn". Raises UnknownName with the near matches."""
    return named("kind of identifier", name, kinds())


def check_text(
    text: str, *, where: str = "text", people: Names = (), allow: Names = (), machine: Names = ()
) -> tuple[FoundIdentifier, ...]:
    """What in a text may tell who somebody is, each once: a scenario's title, a call's notes, a file to be saved.

    `people` are full names to look for, whole and in parts; `allow` names kinds that may stay; `machine` are names of
    users and computers. Raises UnknownName for a kind that is not there.
    """
    for name in allow:
        kind(name)
    plain = plainly(text)
    if cells := "\n".join(labelled(plain)):
        plain = f"{plain}\n\n{cells}"
    matches = dict.fromkeys((identifier.id, mask(value)) for identifier, value in _matches(plain, people, machine))
    return tuple(reported(kind(name), where, excerpt, allow) for name, excerpt in matches)


def refuse(identifiers: Sequence[FoundIdentifier]) -> None:
    """Stop where an identifier is refused. Raises IdentifiersFound, which lists each place and what to do."""
    if refused := [identifier for identifier in identifiers if identifier.action == "refused"]:
        raise IdentifiersFound(refused)


def reported(identifier: IdentifierKind, where: str, excerpt: str, allow: Names = ()) -> FoundIdentifier:
    """Something that was found, with what is done about it."""
    if identifier.id in allow:
        return FoundIdentifier(identifier.id, where, excerpt, "allowed", "You allowed it.")
    if not identifier.refused:
        return FoundIdentifier(identifier.id, where, excerpt, "allowed", identifier.why)
    way_out = f"Take it out, or, where it is no patient's, say --allow {identifier.id}."
    return FoundIdentifier(identifier.id, where, excerpt, "refused", f"{identifier.why} {way_out}".lstrip())


def removed(identifier: FoundIdentifier) -> FoundIdentifier:
    """The same, where it was taken out."""
    return replace(identifier, action="removed", way_out="Nothing to do.")


def mask(text: str) -> str:
    """A text with most of it hidden: of its letters and digits at most a third, at most three, stay at its start."""
    kept = min(3, sum(map(str.isalnum, text)) // 3) if any(map(str.isdigit, text)) else 1
    shown = []
    for sign in text:
        if sign.isalnum():
            shown.append(sign if kept > 0 else "*")
            kept -= 1
        else:
            shown.append(" " if sign.isspace() else sign)
    return "".join(shown)[:40]


def plainly(text: str) -> str:
    """A text with its look-alikes made plain: full-width digits, letters of other scripts, dashes, what is unseen."""
    text = TURNED.sub(lambda turned: turned[1][::-1], text).translate(UNSEEN)
    return unicodedata.normalize("NFKC", text.translate(FOREIGN)).translate(FOREIGN).translate(ALIKE)


def labelled(text: str) -> Iterator[str]:
    """The cells of tables in a text, each with its heading where that is a label: "dob: 7/4/1978"."""
    headings: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip(" \"'|") for cell in re.split(r"[,;\t|]|\s{2,}", line.strip().strip("|"))]
        named = [cell for cell in cells if HEADING.fullmatch(cell.replace("_", " "))]
        if len(named) > 1 or (named and named[0].lower() != "name" and len(cells) > 1 and len(line) < 200):
            headings = cells
            continue
        if len(cells) == len(headings) + 1:
            cells = cells[1:]  # a frame's index
        if len(cells) < 2 or len(cells) != len(headings):
            continue
        for heading, cell in zip(headings, cells, strict=True):
            if cell and HEADING.fullmatch(heading.replace("_", " ")):
                yield f"{'Name' if heading.lower() == 'name' else heading}: {cell}"


def _matches(text: str, people: Names, machine: Names) -> Iterator[tuple[IdentifierKind, str]]:
    for identifier in kinds().values():
        end = -1
        places = [(match.span(), match) for pattern in identifier.patterns for match in pattern.finditer(text)]
        for (first, last), match in sorted(places, key=lambda place: (place[0][0], -place[0][1])):
            if first >= end and CHECKS[identifier.check](match):
                yield identifier, _value(match)
                end = last
    bare = _without_accents(text)
    for name in people:
        for wanted in _names(_without_accents(plainly(name))):
            yield from ((kind(LISTED), match.group()) for match in wanted.finditer(bare))
    for name in machine:
        wanted = re.compile(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", re.IGNORECASE)
        yield from ((kind(MACHINE), match.group()) for match in wanted.finditer(text))


def _value(match: re.Match[str]) -> str:
    """What was found without the label before it, as far as a sign divides them."""
    text = match.group()
    label = re.match(r"[A-Za-z _'\"-]+[:=#]\s*[\"']?(?![/\\])", text)
    return text[label.end() :] if label and label.end() < len(text) else text


def _names(name: str) -> Iterator[re.Pattern[str]]:
    """A full name however it is written, and each of its parts, those only as names are written: "will" is a word."""
    parts = re.findall(r"[^\W\d_]+", name)
    if not parts:
        return
    no_letter_before, no_letter_after = r"(?<![^\W\d_])", r"(?![^\W\d_])"
    whole = r"[\W_]{0,3}".join(parts)
    yield re.compile(no_letter_before + whole + no_letter_after, re.IGNORECASE)
    for part in parts:
        if len(part) >= SHORTEST_PART and (name.islower() or not part.islower()):
            forms = "|".join(dict.fromkeys((part.capitalize(), part.upper(), part)[: 2 + (not part.islower())]))
            yield re.compile(f"{no_letter_before}(?:{forms}){no_letter_after}")


def _without_accents(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def _kind(name: str, table: Mapping[str, Any], pieces: Mapping[str, str]) -> IdentifierKind:
    patterns = tuple(re.compile(_with(pieces, pattern)) for pattern in table["patterns"])
    refused = table.get("default", "refused") == "refused"
    why, check = table.get("why", ""), table.get("check", "")
    return IdentifierKind(name, table["label"], table["hipaa"], refused, why, patterns, check)


def _with(pieces: Mapping[str, str], pattern: str) -> str:
    return re.sub(r"%(\w+)%", lambda piece: pieces[piece[1]], pattern)


def _digits(match: re.Match[str]) -> list[int]:
    return [int(sign) for sign in str(match[match.lastindex or 0]) if sign.isdigit()]


def _doubled(digits: Sequence[int]) -> bool:
    """The check digit of cards and providers: every second digit from the right counts twice."""
    twice = [digit if place % 2 == 0 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(reversed(digits))]
    return sum(twice) % 10 == 0 and any(digits)


def _routing(match: re.Match[str]) -> bool:
    digits = _digits(match)
    return sum(a * b for a, b in zip((3, 7, 1) * 3, digits, strict=True)) % 10 == 0 and any(digits)


def _prescriber(match: re.Match[str]) -> bool:
    a, b, c, d, e, f, last = _digits(match)[-7:]
    return (a + c + e + 2 * (b + d + f)) % 10 == last


def _account(match: re.Match[str]) -> bool:
    text = match.group().replace(" ", "")
    if not re.match(r"[A-Z]{2}\d{2}", text):
        return True
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1


def _vehicle(match: re.Match[str]) -> bool:
    """The ninth sign of a vehicle number is a check on the others; what has a label is not checked."""
    if not re.fullmatch(r"[A-HJ-NPR-Z0-9]{17}", match.group()):
        return True
    values = [int(sign) if sign.isdigit() else VEHICLE[sign] for sign in match.group()]
    rest = sum(weight * value for weight, value in zip(VEHICLE_WEIGHTS, values, strict=True)) % 11
    return match.group()[8] == ("X" if rest == 10 else str(rest))


def _address(match: re.Match[str]) -> bool:
    """An address on a network, and of no machine in particular: neither this machine itself nor a slice of a list."""
    try:
        address = ipaddress.ip_address(match.group())
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or match.group() == "255.255.255.255")


CHECKS: Mapping[str, Callable[[re.Match[str]], bool]] = {
    "": lambda match: True,
    "luhn": lambda match: _doubled(_digits(match)),
    "npi": lambda match: _doubled([8, 0, 8, 4, 0, *_digits(match)]),
    "aba": _routing,
    "dea": _prescriber,
    "account": _account,
    "ip": _address,
    "vehicle": _vehicle,
}
"""Rules that a number of a kind keeps and that no pattern can say."""
