"""What is done, on which date, and what the clinic charges: protocol + price list -> dated service lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import count, takewhile
from typing import Any, Literal, NamedTuple

from ketacost.core.convert import read
from ketacost.core.dates import months_later, us_holidays
from ketacost.core.fields import Fixed, KetacostError, checked, described, of_kind, replace, require, within
from ketacost.core.money import Cents, Share, part_of, shown, split_evenly, usd
from ketacost.core.references import Citation, rows
from ketacost.core.registry import kept
from ketacost.core.untrusted import FIRST_YEAR, LAST_YEAR
from ketacost.core.words import told
from ketacost.model.protocols import Phase, protocol, service

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


SPRAVATO_DOSES = (56, 84)
SPRAVATO_SERVICES = ("esketamine", *(f"spravato_bundle_{dose}" for dose in SPRAVATO_DOSES))
"""The doses of the label in mg, and the services that are billed by dose: a mg of the drug, or a bundle."""


MOST_VISITS, MOST_DAYS, MOST_STOP, MOST_LISTED, MOST_UNITS = 400, 1_830, 4_000, 2_000, 999
"""The most visits of a phase or package, days of a pause, visits before a stop, entries of a list, units of a line."""


class CourseError(KetacostError):
    """An impossible course, with the way to mend it."""


@dataclass(frozen=True)
class ServiceLine:
    """One line of a bill: a service on a day, as on a superbill or claim."""

    date: date = described("Date", "The day on which it was done.")
    charge: Cents = described("What the clinic charges", "The dollar amount that the clinic charges for the line.")
    code: str = described("Code", "The billing code on the superbill.", "")
    units: int = described("Units", "How many units of the code.", 1)
    service: str = described("Service", "The kind of service, such as infusion or evaluation.", "")
    benefit: str = described("Benefit", "The line of the plan's booklet that it falls under.", "default")
    network: str = described(
        "Network", "The clinic's place in the plan: in the network, outside it, or in a tier.", "out"
    )
    member: str = described("Member", "Who on the plan was treated; no names are needed.", "patient")
    covered: bool = described("Covered", "Whether the plan covers this service.", True)
    why_not: str = described("Why not", "The plan's reason for a line that it does not cover.", "")
    allowed: Cents | None = described(
        "What the plan counts (allowed amount)",
        "The plan's allowed amount for the line in dollars, where it is known.",
        None,
    )
    balance_billed: bool = described(
        "Balance billed", "Whether the clinic bills what is above the allowed amount; if not, it writes it off.", True
    )
    provider_bears: bool = described(
        "The clinic bears it",
        "Whether the clinic, not the patient, bears the line where the plan does not cover it.",
        False,
    )
    protected: bool = described(
        "Protected", "Whether surprise-billing law protects the line: in-network terms, no balance bill.", False
    )
    assistance: Cents = described(
        "Copay help", "The most, in dollars, that a drug maker's copay help pays of the patient's part of the line.", 0
    )
    phase: str = described("Phase", "The part of the course that the visit belongs to.", "")

    replace = replace


@dataclass(frozen=True)
class Pause:
    """A gap in a course: from a day on, all visits move by a number of days."""

    start: date = described("From", "The first day of the pause.")
    days: int = described("Days", "How many days the pause lasts; later visits move by as many.")

    def __post_init__(self) -> None:
        checked(self)
        within("days of a pause", self.days, 0, MOST_DAYS, CourseError)

    replace = replace


@dataclass(frozen=True)
class Course:
    """Which treatment, from when, and what differs from its protocol."""

    protocol: str = described("Treatment", "The protocol: its phases, visits and spacing.")
    start: date = described("First visit", "The day of the first visit.")
    visits: Mapping[str, int] = described(
        "Visits", "The number of visits by phase, if it differs from the protocol.", default_factory=Fixed
    )
    every_days: Mapping[str, int] = described(
        "Days apart", "The days between visits by phase, if they differ from the protocol.", default_factory=Fixed
    )
    doses: Mapping[str, int] = described(
        "Dose of Spravato",
        "The dose of Spravato in mg, 56 or 84, by phase; the label's dose if left out.",
        default_factory=Fixed,
    )
    setting: Literal["clinic", "hospital outpatient"] = described(
        "Setting",
        "Where the treatment is given: in a hospital's outpatient department each treatment has two bills, the "
        "doctor's and the hospital's.",
        "clinic",
    )
    stop_after: int | None = described("Stops after", "The number of visits after which the patient stops early.", None)
    pauses: tuple[Pause, ...] = described("Pauses", "Gaps in the course, each with its number of days.", ())
    works: tuple[str, ...] = described("Working days", "The weekdays when the clinic treats patients.", WEEKDAYS[:5])
    closed: tuple[date, ...] = described("Closed on", "Days on which the clinic is closed.", ())
    dates: tuple[date, ...] = described(
        "Appointments",
        "The real dates of the visits, in order, as far as you know them; they replace the computed ones.",
        (),
    )

    def __post_init__(self) -> None:
        of_kind("the first day of a course", self.start, date, "a date, as in date(2026, 11, 30)", CourseError)
        object.__setattr__(self, "visits", Fixed(self.visits))
        object.__setattr__(self, "every_days", Fixed(self.every_days))
        object.__setattr__(self, "doses", Fixed(self.doses))
        phases = [phase.name for phase in protocol(self.protocol).phases]
        for name in (*self.visits, *self.every_days, *self.doses):
            require(f"phase of {self.protocol}", name, phases)
        for name, dose in self.doses.items():
            if name not in dosed_phases(self.protocol):
                raise CourseError(f"{name} of {self.protocol} has no dose of Spravato")
            if dose not in SPRAVATO_DOSES:
                raise CourseError(f"{name}: a visit's dose of Spravato is 56 or 84 mg, got {dose}")
        for day in self.works:
            require("weekday", day, WEEKDAYS)
        if not self.works:
            raise CourseError("the clinic must treat on at least one weekday")
        for name, number in (*self.visits.items(), *((f"days apart in {n}", d) for n, d in self.every_days.items())):
            if not (0 if name in self.visits else 1) <= number <= MOST_VISITS:
                raise CourseError(f"{name}: {told(number)} is not a number of visits or days between 0 and 400")
        if self.stop_after is not None:
            within("stop_after", self.stop_after, 1, MOST_STOP, CourseError)
        for name in ("pauses", "closed", "dates"):
            within(f"number of {name}", len(getattr(self, name)), 0, MOST_LISTED, CourseError)
        if not FIRST_YEAR <= self.start.year <= LAST_YEAR:
            raise CourseError(f"a course starts between the years {FIRST_YEAR} and {LAST_YEAR}, got {self.start}")
        if list(self.dates) != sorted(set(self.dates)):
            raise CourseError("the appointment dates should be in order, each once")

    replace = replace


FACILITY = "facility"
"""The service that a hospital bills beside the doctor's."""


@dataclass(frozen=True)
class Package:
    """A price for several visits of one service bought together."""

    service: str = described("Service", "The service that the package is for.")
    count: int = described("Visits in the package", "How many visits the package pays for.")
    price: Cents = described("Package price", "The dollar amount that the whole package costs.")
    refundable: bool = described(
        "Refundable", "Whether the clinic refunds unused visits if the patient stops early.", True
    )

    def __post_init__(self) -> None:
        checked(self)
        within("visits in a package", self.count, 1, MOST_VISITS, CourseError)

    replace = replace


@dataclass(frozen=True)
class Prices:
    """What the clinic charges for each kind of service."""

    charges: Mapping[str, Cents] = described("Charges", "The charge for a visit of each service, in USD.")
    bundled: tuple[str, ...] = described(
        "Included", "Services that the other charges include: they are on the bill at $0.", ()
    )
    packages: tuple[Package, ...] = described("Packages", "Prices for several visits bought together.", ())
    discounts: Mapping[str, Share] = described(
        "Discounts", "The percentage taken off the charge, by service, such as for paying ahead.", default_factory=Fixed
    )
    monthly_fee: Cents = described(
        "Monthly fee",
        "What a membership or subscription costs each month, in dollars. The first is due on the day of the first "
        "visit, the next on that day of each month (or on the month's last day), up to the last visit. No plan is sent "
        "a bill for it. We do not count it as medical care: you pay it in cash, and it saves no tax. If it includes "
        "the visits, enter $0 as their charge.",
        0,
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "charges", Fixed(self.charges))
        object.__setattr__(self, "discounts", Fixed(self.discounts))
        for name in (*self.charges, *self.bundled, *self.discounts, *(p.service for p in self.packages)):
            service(name)
        within("number of packages", len(self.packages), 0, MOST_LISTED, CourseError)
        checked(self)

    replace = replace


@dataclass(frozen=True)
class Visit:
    """A day at the clinic: which phase, and the services with their units."""

    date: date
    phase: str
    services: tuple[tuple[str, int], ...]


def fee_days(first: date, last: date) -> tuple[date, ...]:
    """The days on which a monthly fee is due: on the first visit, then on that day of each month up to the last visit.

    >>> [str(day) for day in fee_days(date(2027, 1, 31), date(2027, 3, 31))]
    ['2027-01-31', '2027-02-28', '2027-03-31']
    """
    days = (months_later(first, number) for number in count())
    return tuple(takewhile(lambda day: day <= last, days))


@kept(256)
def typical_prices(name: str, level: str = "likely") -> Prices:
    """What clinics typically charge for a protocol: typical_prices("iv-mood", "low"), or "likely", or "high"."""
    groups = protocol(name).price_groups.items()
    return Prices({s: usd(_group(g)[f"{level}_usd"], what=s) for s, g in groups}, protocol(name).bundled)


def price_citations(name: str) -> tuple[Citation, ...]:
    """The sources of a protocol's typical prices."""
    groups = [(service(s).label, _group(g)) for s, g in protocol(name).price_groups.items()]
    return tuple(
        Citation.of(row, f"Typical charge: {label}", usual_range(row), "USD", f"typical_prices, {row['price_group']}")
        for label, row in groups
    )


def usual_range(row: Mapping[str, str]) -> str:
    """A row's likely amount with its low and high one, in dollars: "500 (400 to 700)"."""
    return f"{row['likely_usd']} ({row['low_usd']} to {row['high_usd']})"


def course(name: str, *, start: object, price: object = None, **more: Any) -> tuple[ServiceLine, ...]:
    """The dated service lines of a protocol at typical prices, or with one price for its main visit.

    >>> [str(line.date) for line in course("iv-mood", start="2026-11-30", price=600) if line.service == "infusion"][:2]
    ['2026-12-07', '2026-12-10']
    """
    prices = typical_prices(name)
    if price is not None:
        prices = prices.replace(charges={**prices.charges, list(prices.charges)[-1]: usd(price, what="price")})
    return service_lines(read(Course, {"protocol": name, "start": start, **more}), prices)


@kept(512)
def visits(course: Course) -> tuple[Visit, ...]:
    """The visits of a course with their dates.

    On the clinic's working days, moved later by pauses, until an early stop.

    Each visit falls on its nominal day or the next working day, always after the one before. Raises CourseError for a
    clinic that is closed for more than a year, and for visits beyond the year 2100.
    """
    booked: list[Visit] = []
    for phase in protocol(course.protocol).phases:
        base = course.start if not booked else booked[-1].date + timedelta(days=phase.after_days)
        since = booked[-1].date if booked else course.start - timedelta(days=1)
        moved = timedelta(0)
        for number, nominal in zip(
            range(course.visits.get(phase.name, phase.visits)), _nominal_days(phase, base, course), strict=False
        ):
            if course.stop_after is not None and len(booked) >= course.stop_after:
                return tuple(booked)
            if len(booked) < len(course.dates):
                day = since = course.dates[len(booked)]
                moved = day - nominal
            else:
                day = _working_day(nominal + moved, since, booked, course)
            cycle = phase.services[number % len(phase.services)]
            if day.year > LAST_YEAR:
                raise CourseError(
                    f"the visits go on beyond the year {LAST_YEAR}; check the start, the days and the pauses"
                )
            services = phase.first_visit or cycle if number == 0 else cycle
            booked.append(Visit(day, phase.name, _at_dose(services, course.doses.get(phase.name))))
    return tuple(booked)


def on_holidays(course: Course) -> list[date]:
    """The visits of a course that fall on federal holidays, in order."""
    return [visit.date for visit in visits(course) if visit.date in us_holidays(visit.date.year)]


def off_holidays(course: Course) -> Course:
    """The course with the clinic closed on each federal holiday that a visit which is not booked would fall on."""
    while days := {*on_holidays(course)} - {*course.closed, *course.dates}:
        course = course.replace(closed=tuple(sorted({*course.closed, *days})))
    return course


def dosed_phases(name: str) -> tuple[str, ...]:
    """The phases of a protocol in which Spravato is given: dosed_phases("spravato")[0] is "weeks 1-4"."""
    return tuple(
        phase.name
        for phase in protocol(name).phases
        if any(service in SPRAVATO_SERVICES for cycle in phase.services for service, _ in cycle)
    )


def priced_as(course: Course, name: str) -> str:
    """The service whose typical amounts hold: a dose that stays at 56 mg is allowed what the bundle of 56 mg is."""
    low = all(course.doses.get(phase) == SPRAVATO_DOSES[0] for phase in dosed_phases(course.protocol))
    return f"spravato_bundle_{SPRAVATO_DOSES[0]}" if name == "esketamine" and low else name


def _at_dose(services: tuple[tuple[str, int], ...], dose: int | None) -> tuple[tuple[str, int], ...]:
    """A visit's services with another dose: other units of the drug, or the other bundle of drug and visit."""
    if dose is None:
        return services
    return tuple(
        ("esketamine", dose)
        if name == "esketamine"
        else (f"spravato_bundle_{dose}" if name in SPRAVATO_SERVICES else name, units)
        for name, units in services
    )


def service_lines(course: Course, prices: Prices, network: str = "out") -> tuple[ServiceLine, ...]:
    """The bill of a course: one line for each service of each visit, at the clinic's prices.

    A package's price is spread evenly over its visits, to the cent. Services that the prices include are $0.
    Raises CourseError for a service that has no price. service_lines(scenario.course, scenario.prices)[0].charge.
    """
    left: dict[str, list[tuple[int, Package]]] = {}
    for package in prices.packages:
        left.setdefault(package.service, []).extend(
            (part, package) for part in split_evenly(package.price, package.count)
        )
    lines, charges = [], dict[str, int]()
    for day, name, units, code, benefit, phase in _services(course):
        if left.get(name):
            charge = left[name].pop(0)[0]
        elif name in charges:
            charge = charges[name]
        else:
            charge = charges[name] = _charge(name, prices, course)
        lines.append(_service_line(day, charge, code, units, name, benefit, network, phase))
    for name, parts in left.items():
        kept = [part for part, package in parts if not package.refundable]
        if lines and kept:
            why = f"{len(kept)} visits of the package were not used"
            last = lines[-1].date
            lines.append(
                ServiceLine(last, sum(kept), service=name, network=network, covered=False, why_not=why, phase="unused")
            )
    return tuple(lines)


def services_had(course: Course) -> frozenset[str]:
    """The services that some visit of a course has: services_had(scenario.course)."""
    return frozenset(one.name for one in _services(course))


class _Service(NamedTuple):
    """A service of a visit, with what its line shows at any price."""

    date: date
    name: str
    units: int
    code: str
    benefit: str
    phase: str


@kept(512)
def _services(course: Course) -> tuple[_Service, ...]:
    """The services of a course in order of its visits, worked out once for all prices."""
    done, hospital = [], course.setting == "hospital outpatient"
    for visit in visits(course):
        treated = any(service(name).part != "visit" for name, _ in visit.services)
        for name, units in (*visit.services, *((FACILITY, 1),) * (hospital and treated)):
            kind, day = service(name), visit.date
            code = kind.code_on(day)
            done.append(_Service(day, name, units, code, kind.benefit, visit.phase))
    return tuple(done)


@lru_cache(maxsize=8_192)
def _service_line(
    day: date, charge: int, code: str, units: int, name: str, benefit: str, network: str, phase: str
) -> ServiceLine:
    """A line of a bill; bills that differ in one price share the lines that they have in common."""
    return ServiceLine(day, charge, code, units, name, benefit, network, phase=phase)


def _charge(name: str, prices: Prices, course: Course) -> int:
    if name in prices.charges:
        full = prices.charges[name]
        return full - part_of(full, prices.discounts.get(name, 0))
    if name in prices.bundled:
        return 0
    likely = typical_prices(course.protocol).charges.get(name)
    hint = f" (typical: {shown(likely)})" if likely else ""
    raise CourseError(
        f"what does the clinic charge for {service(name).spoken}? Give prices.charges.{name}{hint}, or list it "
        "in prices.bundled"
    )


def _nominal_days(phase: Phase, base: date, course: Course) -> Iterator[date]:
    every = course.every_days.get(phase.name, phase.every_days)
    number = 0
    while True:
        if phase.every_months and phase.name not in course.every_days:
            yield months_later(base, number * phase.every_months)
        elif phase.days_in_week and phase.name not in course.every_days:
            weeks, place = divmod(number, len(phase.days_in_week))
            yield base + timedelta(days=7 * weeks + phase.days_in_week[place])
        else:
            yield base + timedelta(days=number * every)
        number += 1


def _working_day(nominal: date, since: date, before: list[Visit], course: Course) -> date:
    """The day itself or the next working day, put off by the pauses that begin after what has been settled."""
    day = nominal
    for pause in sorted(course.pauses, key=lambda pause: pause.start):
        if since < pause.start <= day:
            day += timedelta(days=pause.days)
    if before:
        day = max(day, before[-1].date + timedelta(days=1))
    for _ in range(400):
        if WEEKDAYS[day.weekday()] in course.works and day not in course.closed:
            return day
        day += timedelta(days=1)
    raise CourseError("the clinic is closed for more than a year; check the closed days")


def _group(name: str) -> Mapping[str, str]:
    return next(row for row in rows("typical_prices") if row["price_group"] == name)
