"""What Medicare's physician fee schedule pays for a code.

Relative value units, the locality's indices, the conversion factor.

Payment = (work x work index + practice expense x its index + malpractice x its index) x conversion factor, in exact
fractions. A code, year or ZIP code that is not in the data is an error that says what to do, never filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache, lru_cache

from ketacost.core.fields import Fixed, KetacostError, require, unknown
from ketacost.core.money import dollars, whole_cents
from ketacost.core.references import Citation, NotKnownOn, rows, source

SETTINGS = ("non-facility", "facility")
NATIONAL = Fraction(1)
ALONE_ONLY, PART_OF_ANOTHER = "T", "B"
NOT_PRICED = {
    "C": "Medicare leaves its price to the contractor",
    "E": "the fee schedule leaves it to other schedules, as it does drugs",
    "I": "Medicare does not take this code and has another one for the service",
    "N": "Medicare does not cover it",
    "X": "the law keeps it out of the fee schedule",
}
"""Why a code has no payment, by its status in the fee schedule."""


class NotPriced(KetacostError):
    """A code or place without a payment in Medicare's fee schedule; the message says why."""


class NoFee(NotPriced):
    """A code for which Medicare has no fee at all, in any year that is known."""


@dataclass(frozen=True)
class Fee:
    """One row of Medicare's fee schedule: a code for a range of days."""

    code: str
    label: str
    first: date
    last: date
    status: str
    work: Fraction
    practice: Mapping[str, Fraction]
    malpractice: Fraction
    factor: Fraction
    facility_paid: bool
    source: str
    grade: str

    @property
    def bundled(self) -> bool:
        """Whether nothing is paid for it beside another service: oximetry is paid alone, supplies never are."""
        return self.status in (ALONE_ONLY, PART_OF_ANOTHER)


@dataclass(frozen=True)
class Locality:
    """One of Medicare's 109 localities in a year, with its costs as a multiple of the nation's."""

    id: str
    name: str
    state: str
    year: int
    work_without_floor: Fraction | None
    work: Fraction
    practice: Fraction
    malpractice: Fraction
    source: str
    grade: str

    def __str__(self) -> str:
        return f"{self.name.rstrip('*')}, {self.state}"


@cache
def fees() -> Mapping[str, tuple[Fee, ...]]:
    """Every code's rows by date; a year whose copy has no status takes the next year's."""
    rows_by_code: dict[str, list[Fee]] = {}
    for row in sorted(rows("medicare/fee_schedule"), key=lambda row: (row["code"], row["from"]), reverse=True):
        later = rows_by_code.setdefault(row["code"], [])
        read = bool(row["status"]) or not later
        fee = Fee(
            row["code"],
            row["label"],
            date.fromisoformat(row["from"]),
            date.fromisoformat(row["through"]),
            row["status"] if read else later[0].status,
            Fraction(row["work_rvu"]),
            Fixed({"non-facility": Fraction(row["pe_rvu_nonfacility"]), "facility": Fraction(row["pe_rvu_facility"])}),
            Fraction(row["mp_rvu"]),
            Fraction(row["conversion_factor"]),
            row["facility_paid"] == "yes" if read else later[0].facility_paid,
            row["source"],
            row["grade"],
        )
        later.insert(0, fee)
    return {code: tuple(rows_of_code) for code, rows_of_code in sorted(rows_by_code.items())}


def years() -> tuple[int, ...]:
    """The years that the fee schedule is known for."""
    return tuple(sorted({int(row["year"]) for row in rows("medicare/localities")}))


def as_if(day: date, year: int) -> date:
    """The same day of another year, for looking at a year whose fees are not known as if they stayed the same."""
    return day.replace(year=year, day=min(day.day, 28))


@lru_cache(maxsize=4_096)
def fee(code: str, day: date) -> Fee:
    """A code's row on a day. Raises UnknownName for a code that was not read, NotKnownOn outside the known days."""
    require("code in our copy of Medicare's fee schedule", code, fees())
    for row in fees()[code]:
        if row.first <= day <= row.last:
            return row
    first, last = fees()[code][0], fees()[code][-1]
    raise NotKnownOn(
        f"Medicare's fee for {code} ({last.label}) is not known on {day}. Known: {first.first} to {last.last} "
        f"({source(last.source)})."
    )


@cache
def localities(year: int) -> Mapping[str, Locality]:
    """Medicare's localities in a year, by number, such as "13202-01". Raises NotKnownOn for another year."""
    if year not in years():
        raise NotKnownOn(f"Medicare's localities are not known for {year}. Known: {', '.join(map(str, years()))}.")
    return {
        f"{row['carrier']}-{row['locality']}": _locality(row)
        for row in rows("medicare/localities")
        if row["year"] == str(year)
    }


def locality(name: str, year: int) -> Locality:
    """A locality by its number, "13202-01", or its name, "Manhattan". Raises UnknownName with the near matches."""
    known = localities(year)
    if name in known:
        return known[name]
    plain = name.strip().rstrip("*").upper()
    for place in known.values():
        if plain in (place.name.rstrip("*"), str(place)):
            return place
    raise unknown("Medicare locality", plain, [*known, *map(str, known.values())])


def locality_of(zip_code: str) -> str:
    """The number of the locality that a ZIP code is in, by the longest prefix that is listed.

    Raises KetacostError for what is no ZIP code, or one that Medicare's file does not have.
    """
    digits = zip_code.strip().partition("-")[0]
    if not (len(digits) == 5 and digits.isascii() and digits.isdigit()):
        raise KetacostError(f"a ZIP code has five digits, such as 10001; got {zip_code!r}")
    if number := _prefixes().get(digits) or _prefixes().get(digits[:3]):
        return number
    raise KetacostError(
        f"no Medicare locality is known for ZIP code {zip_code}; check it, or give the locality, as in locality = "
        '"13202-01" for Manhattan'
    )


@lru_cache(maxsize=4_096)
def exact_payment(
    code: str, day: date, *, place: str = "", setting: str = "non-facility", work_floor: bool = True
) -> Fraction:
    """What Medicare pays for one unit of a code on a day, in cents and not rounded; national where no place is given.

    What is bundled is 0. Raises NoFee where the schedule has none, NotPriced for a facility's fee, NotKnownOn outside
    the known years and UnknownName for a code or place that is not there.
    """
    require("code in our copy of Medicare's fee schedule", code, fees())
    if without_fee(code, day):
        *_, row = fees()[code]
        raise NoFee(f"Medicare has no fee for {code} ({row.label}) in its fee schedule: {NOT_PRICED[row.status]}")
    row = fee(code, day)
    require("setting", setting, SETTINGS)
    if row.bundled:
        return Fraction(0)
    if setting == "facility" and not row.facility_paid:
        raise NotPriced(
            f"in a facility Medicare pays the facility for {code} ({row.label}), by another schedule that is not in "
            "our data"
        )
    work, practice, malpractice = NATIONAL, NATIONAL, NATIONAL
    if place:
        local = locality(place, day.year)
        work, practice, malpractice = _work_index(local, work_floor), local.practice, local.malpractice
    units = row.work * work + row.practice[setting] * practice + row.malpractice * malpractice
    return units * row.factor * 100


def without_fee(code: str, day: date) -> bool:
    """Whether Medicare has no fee for a code on a day; a code that never had one has none on any day."""
    known = fees().get(code, ())
    on = [row for row in known if row.first <= day <= row.last] or known
    return bool(on) and all(row.status in NOT_PRICED for row in on)


def no_fee_citation(code: str) -> Citation:
    """The source of what Medicare has no fee for."""
    *_, row = fees()[code]
    what = f"Medicare has no fee for {code} ({row.label})"
    return Citation(what, "none", "USD a unit", source(row.source), f"status {row.status}", row.grade)


def payment_citations(
    code: str, day: date, *, place: str = "", setting: str = "non-facility", work_floor: bool = True
) -> tuple[Citation, ...]:
    """The sources of a payment: the code's row and, where a place is given, the locality's indices."""
    row = fee(code, day)
    paid = whole_cents(exact_payment(code, day, place=place, setting=setting, work_floor=work_floor))
    units = f"({float(row.work)} + {float(row.practice[setting])} + {float(row.malpractice)}) x {float(row.factor)}"
    what, where = f"Medicare's {day.year} fee for {code} ({row.label})", f"status {row.status}, {units}"
    citations = [Citation(what, dollars(paid), "USD a unit", source(row.source), where, row.grade)]
    if place:
        local = locality(place, day.year)
        index = _work_index(local, work_floor)
        indices = (
            f"work {float(index)}, practice expense {float(local.practice)}, malpractice {float(local.malpractice)}"
        )
        named = f"Medicare's {local.year} indices for {local}"
        citations.append(Citation(named, indices, "times the nation", source(local.source), local.id, local.grade))
    return tuple(citations)


def _work_index(there: Locality, work_floor: bool) -> Fraction:
    if work_floor:
        return there.work
    if there.work_without_floor is None:
        raise NotKnownOn(
            f"the work index of {there} without its floor is not in our copy of {there.year}; it is in that of 2026"
        )
    return there.work_without_floor


def _locality(row: Mapping[str, str]) -> Locality:
    return Locality(
        f"{row['carrier']}-{row['locality']}",
        row["name"],
        row["state"],
        int(row["year"]),
        Fraction(row["work_gpci"]) if row["work_gpci"] else None,
        Fraction(row["work_gpci_floor"]),
        Fraction(row["pe_gpci"]),
        Fraction(row["mp_gpci"]),
        row["source"],
        row["grade"],
    )


@cache
def _prefixes() -> Mapping[str, str]:
    return {row["zip_prefix"]: f"{row['carrier']}-{row['locality']}" for row in rows("medicare/zip_to_locality")}
