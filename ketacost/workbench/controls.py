"""One control as plain data: its path into the scenario, label, value, unit, range and hint, for any front end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ketacost.core.convert import NONE, get, hint_at, kind_of
from ketacost.core.money import dollars, usd
from ketacost.estimate.default_ranges import default_range
from ketacost.estimate.scenario import AS_IT_IS, Scenario


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
    amount, spread = get(scenario, path), default_range(scenario, path).values
    unknown = can_range(spread, scenario, path)
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
            unknown=unknown,
            hint=hint("No limit", spread, scenario, path) if optional else None,
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
            unknown=unknown,
            hint=hint("", spread, scenario, path) or None,
        )


def plainly(cents: int) -> str:
    """An amount for an input: whole dollars without their zeros."""
    return dollars(cents).removesuffix(".00")


def percent(scenario: Scenario, path: str) -> str:
    return str(get(scenario, path) or "0%").removesuffix("%")


def most(amount: object) -> int:
    return amount // 100 if isinstance(amount, int) else 20_000


def can_range(spread: Sequence[str], scenario: Scenario, path: str) -> bool | None:
    return path in scenario.ranges if spread or path in scenario.ranges else None


def hint(hint: str, spread: Sequence[str], scenario: Scenario, path: str) -> str:
    """What is looked at where an entry is not known, as it stands in the scenario; else the hint given."""
    values = scenario.ranges.get(path)
    if not values or not spread:
        return hint
    kind = kind_of(hint_at(Scenario, path))
    return f"Looked at from {_end(values[0], kind)} to {_end(values[-1], kind)}"


def _end(value: str, kind: str) -> str:
    if value in NONE:
        return "no limit"
    return f"${plainly(usd(value))}" if kind == "money" and value != AS_IT_IS else value


def asked(scenario: Scenario, path: str, told: str = "") -> dict[str, Any]:
    """What "I don't know" adds to a control: whether it is ticked, and what is looked at; nothing where we know no range."""
    spread = default_range(scenario, path).values
    return {"unknown": can_range(spread, scenario, path), "hint": hint(told, spread, scenario, path) or None}


LATER = (
    *("course.every_days.", "course.stop_after", "package.", "waived", "path.excluded"),
    *(".out_of_pocket", "used.as_of", "paying.rebate", "paying.deposit", "paying.pay_days", "paying.superbills_every"),
    "paying.loan.",
)
"""What a newcomer can leave as it stands: the step-by-step form shows these under "More fields"."""


def marked(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps of a form with `more` on the controls that a newcomer can leave as they stand."""
    for step in steps:
        for one in step["controls"]:
            if any(one["path"].startswith(part) or (part[0] == "." and one["path"].endswith(part)) for part in LATER):
                one["more"] = True
    return steps
