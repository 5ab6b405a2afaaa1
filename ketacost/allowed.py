"""What the plan will count: the allowed amount of a line, from the plan's own schedule or as a share of the charge."""

from __future__ import annotations

from collections.abc import Mapping

from ketacost.catalog import service
from ketacost.courses import ServiceLine
from ketacost.money import part_of, usd
from ketacost.parameters import Paper, rows, source
from ketacost.plans import Network
from ketacost.words import KetacostError


class AllowedNotKnown(KetacostError):
    """No allowed amount is known for a line: a number to ask the plan for, never a guess."""


def allowed_amount(line: ServiceLine, side: Network, plan_name: str) -> int:
    """The plan's allowed amount for a line, in cents.

    In this order: the amount that the line itself carries; the plan's amount a unit for its billing code; its amount for
    this kind of service, then its `default`, each for the whole line; a share of the charge. A line without a charge is
    allowed nothing. Raises AllowedNotKnown where none of these is given.
    """
    if line.allowed is not None:
        return line.allowed
    if line.charge == 0:
        return 0
    if line.code in side.allowed:
        return side.allowed[line.code] * line.units
    for name in (line.service, "default"):
        if name in side.allowed:
            return side.allowed[name]
    if side.allowed_share_of_charge is not None:
        return part_of(line.charge, side.allowed_share_of_charge)
    what = " ".join(filter(None, (line.code, line.service)))
    raise AllowedNotKnown(
        f"{plan_name} has no allowed amount for {what or 'the line'} of {line.date} in network {line.network!r}. Ask the plan what it allows, "
        f"then give it by service or code, as in allowed = {{ {line.service or 'default'} = 240 }}"
    )


def typical_allowed(level: str = "likely") -> Mapping[str, int]:
    """What plans typically allow for each service (`low`, `likely` or `high`), in cents: an assumption, to be asked for."""
    return {row["service"]: usd(row[f"{level}_usd"], what=row["service"]) for row in rows("typical_allowed")}


def allowed_paper(name: str) -> Paper:
    """The papers of a typical allowed amount."""
    row = next(row for row in rows("typical_allowed") if row["service"] == name)
    value = f"{row['likely_usd']} ({row['low_usd']} to {row['high_usd']})"
    return Paper(
        f"Typical allowed amount: {service(name).label}",
        value,
        "USD",
        source(row["source"]),
        row["method"],
        row["grade"],
    )
