"""One control as plain data: its path into the scenario, label, value, unit, range and hint, for any front end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ketacost.doors import get
from ketacost.money import dollars, usd
from ketacost.scenarios import Scenario


def control(path: str, label: str, kind: str, value: Any, **more: Any) -> dict[str, Any]:
    return {
        "path": path,
        "label": label,
        "kind": kind,
        "value": value,
        **{k: v for k, v in more.items() if v is not None},
    }


def money(
    scenario: Scenario, path: str, said: tuple[str, str], *, top: int, step: int, optional: bool = False
) -> Iterator[dict[str, Any]]:
    amount = get(scenario, path)
    if amount in (None, "none"):
        yield control(
            path,
            said[0],
            "money",
            "",
            min=0,
            max=top,
            step=step,
            optional=optional,
            help=said[1],
            hint="No limit" if optional else None,
        )
    else:
        value = plainly(usd(amount))
        yield control(
            path,
            said[0],
            "money",
            value,
            min=0,
            max=max(top, int(float(value))),
            step=step,
            optional=optional,
            help=said[1],
        )


def plainly(cents: int) -> str:
    """An amount for an input: whole dollars without their zeros."""
    return dollars(cents).removesuffix(".00")


def percent(scenario: Scenario, path: str) -> str:
    return str(get(scenario, path) or "0%").removesuffix("%")


def most(amount: object) -> int:
    return amount // 100 if isinstance(amount, int) else 20_000


def can_range(spread: Sequence[str], scenario: Scenario, path: str) -> bool | None:
    return path in scenario.ranges if spread else None


def hint(hint: str, spread: Sequence[str], scenario: Scenario, path: str) -> str:
    return (
        f"Looked at from ${plainly(usd(spread[0]))} to ${plainly(usd(spread[-1]))}"
        if path in scenario.ranges and spread
        else hint
    )
