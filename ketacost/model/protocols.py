"""Treatment schedules and kinds of service: what a protocol does at each visit, and the codes by date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ketacost.core.fields import KetacostError, of_kind, replace
from ketacost.core.references import Citation, read_toml, rows
from ketacost.core.registry import Registry, kept
from ketacost.core.words import told

DOSES = {"iv": "infusions", "im": "injections", "spravato": "doses", "oral": "doses", "kap": "sessions"}
"""What the visits of a route are called."""


@dataclass(frozen=True)
class Service:
    """A kind of service: our own short label, the booklet's line and the billing codes by date."""

    id: str
    label: str
    part: str
    benefit: str
    minutes: int
    codes: tuple[tuple[str, date, date], ...]

    replace = replace

    @property
    def spoken(self) -> str:
        """Its label inside a sentence; a brand keeps its capital."""
        return self.label if self.label.startswith("Spravato") else self.label.lower()

    def code_on(self, day: date) -> str:
        """The billing code in force on a day; empty for a service that carries none."""
        return next((code for code, first, last in self.codes if first <= day <= last), "")


@dataclass(frozen=True)
class Phase:
    """A stretch of a protocol: how many visits, how far apart, and the services of each, in turn."""

    name: str
    visits: int
    services: tuple[tuple[tuple[str, int], ...], ...]
    days_in_week: tuple[int, ...] = ()
    every_days: int = 0
    every_months: int = 0
    after_days: int = 0
    first_visit: tuple[tuple[str, int], ...] = ()

    replace = replace


@dataclass(frozen=True)
class Protocol:
    """A treatment schedule with its sources, the price groups of its services and what clinics usually bundle."""

    id: str
    label: str
    indication: str
    route: str
    grade: str
    phases: tuple[Phase, ...]
    price_groups: Mapping[str, str]
    bundled: tuple[str, ...]
    citations: tuple[Citation, ...]
    reading: str

    replace = replace


def _services() -> Mapping[str, Service]:
    dated = {row["code"]: row for row in rows("codes")}

    def days(code: str) -> tuple[str, date, date]:
        row = dated[code]
        return code, date.fromisoformat(row["from"] or "1900-01-01"), date.fromisoformat(row["through"] or "9999-12-31")

    return {
        name: Service(
            name,
            table["label"],
            table["part"],
            table["benefit"],
            table.get("minutes", 0),
            tuple(map(days, table.get("codes", ()))),
        )
        for name, table in read_toml("services.toml").items()
    }


SERVICES = Registry("service", _services)


def services() -> Mapping[str, Service]:
    """Every kind of service: those of `data/services.toml`, with their codes by date, and those registered since."""
    return SERVICES


def service(name: str) -> Service:
    """One kind of service by id: service("infusion").benefit. Raises UnknownName with the near matches."""
    return SERVICES.named(name)


def register_service(new: Service) -> None:
    """Add a kind of service for this session, under its id, or put another in its place.

    >>> register_service(service("infusion").replace(id="two-hour-infusion", label="Infusion of two hours"))
    """
    of_kind("a new service", new, Service, 'a service, as in kc.data.service("infusion").replace(id="ours")')
    SERVICES.register(new.id, new)


@kept(512)
def service_of_code(code: str) -> str:
    """The one kind of service that is billed with a code; empty where there is none, or more than one."""
    names = [name for name, service in services().items() if code in {known for known, *_ in service.codes}]
    return names[0] if len(names) == 1 else ""


PROTOCOLS = Registry(
    "protocol", lambda: {name: _protocol(name, table) for name, table in read_toml("protocols.toml").items()}
)


def protocols() -> Mapping[str, Protocol]:
    """Every protocol by its id, with those registered since: protocols()["iv-mood"].label."""
    return PROTOCOLS


def protocol(name: str) -> Protocol:
    """One protocol by id: protocol("iv-mood").label. Raises UnknownName with the near matches."""
    return PROTOCOLS.named(name)


def register_protocol(new: Protocol) -> None:
    """Add a treatment schedule for this session, under its id, or put another in its place.

    Its typical prices are those of the price groups that it names. Raises KetacostError for one without visits, and
    UnknownName for a service that there is not.

    >>> register_protocol(protocol("iv-mood").replace(id="our-schedule", label="Our own schedule"))
    """
    of_kind("a new protocol", new, Protocol, 'a protocol, as in kc.data.protocol("iv-mood").replace(id="ours")')
    if not new.phases:
        raise KetacostError(f"the protocol {told(new.id)} has no phases, so no visits")
    for name in (name for phase in new.phases for visit in (phase.first_visit, *phase.services) for name, _ in visit):
        service(name)
    PROTOCOLS.register(new.id, new)


def _protocol(name: str, table: Mapping[str, Any]) -> Protocol:
    phases = tuple(
        Phase(
            **{
                **p,
                "services": tuple(tuple(services.items()) for services in p["services"]),
                "days_in_week": tuple(p.get("days_in_week", ())),
                "first_visit": tuple(p.get("first_visit", {}).items()),
            }
        )
        for p in table["phases"]
    )
    return Protocol(
        name,
        table["label"],
        table["indication"],
        table["route"],
        table["grade"],
        phases,
        table["prices"],
        tuple(table["bundled"]),
        tuple(map(_citation, table["citations"])),
        table["reading"],
    )


def _citation(ref: str) -> Citation:
    """The source of a row of protocol evidence (S...) or of prices (P...)."""
    table = "protocol_evidence" if ref.startswith("S") else "prices"
    row = next(row for row in rows(table) if row["id"] == ref)
    what = f"{row.get('protocol') or row['item']}, {row.get('phase') or row['unit']}"
    value = f"{row.get('sessions_typical') or ''} {row.get('cadence') or row.get('note') or ''}".strip()
    return Citation.of(row, f"Schedule: {what}", value, "visits", f"{table}, {ref}")


def visits_alone(kind: str) -> str:
    """Which visits a plan pays for that covers none of the doses: "first", the evaluation, or "talk" with therapy too.

    >>> visits_alone("iv-mood"), visits_alone("kap")
    ('first', 'talk')
    """
    named_there = {name for phase in protocol(kind).phases for visit in phase.services for name, _ in visit}
    beside = named_there - {"evaluation", *protocol(kind).bundled}
    return "talk" if any(service(name).part == "visit" for name in beside) else "first"


def in_its_words(text: str, kind: str) -> str:
    """Words about "infusions" with what the visits of a protocol are called, such as "doses"."""
    return text.replace("infusions", DOSES[protocol(kind).route])
