"""One control as plain data: its path into the scenario, label, value, unit, range and hint, for any front end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ketacost.core.convert import NONE, get, hint_at, kind_of
from ketacost.core.money import dollars, shown, usd
from ketacost.estimate.scenario import AS_IT_IS, Scenario, network_of
from ketacost.estimate.unknowns import default_range
from ketacost.model.protocols import protocol, service
from ketacost.workbench.edits import allowed_path, main_service


def control(path: str, label: str, kind: str, value: Any, **more: Any) -> dict[str, Any]:
    return {
        "path": path,
        "label": label,
        "kind": kind,
        "value": value,
        **{k: v for k, v in more.items() if v is not None},
    }


def money(
    scenario: Scenario, path: str, words: tuple[str, str], *, top: int, step: int, optional: bool = False
) -> Iterator[dict[str, Any]]:
    amount, spread = get(scenario, path), default_range(scenario, path).values
    unknown = can_range(spread, scenario, path)
    if amount in (None, "none"):
        yield control(
            path,
            words[0],
            "money",
            "",
            min=0,
            max=top,
            step=step,
            optional=optional,
            help=words[1],
            unknown=unknown,
            hint=hint("No limit", spread, scenario, path) if optional else None,
        )
    else:
        value = plainly(usd(amount))
        yield control(
            path,
            words[0],
            "money",
            value,
            min=0,
            max=max(top, int(float(value))),
            step=step,
            optional=optional,
            help=words[1],
            unknown=unknown,
            hint=hint("", spread, scenario, path) or None,
        )


def plainly(cents: int) -> str:
    """An amount for an input: whole dollars without their zeros."""
    return dollars(cents).removesuffix(".00")


def percent_at(scenario: Scenario, path: str) -> str:
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
    """What "I don't know" adds to a control: whether it is ticked, and the values used; nothing without a range."""
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
        for entry in step["controls"]:
            if any(
                entry["path"].startswith(part) or (part[0] == "." and entry["path"].endswith(part)) for part in LATER
            ):
                entry["more"] = True
    return steps


NETWORKS = {"in": "In the plan's network", "out": "Outside the plan's network"}
CARDS = (
    ("denied", "Denied", "The plan pays nothing. Nothing counts to the deductible."),
    ("visits only", "Visits only", "The plan counts evaluations and talk visits, not the infusions or doses."),
    ("infusions too", "Infusions too", "The plan counts the infusions or doses as well. It may still send back $0."),
)


def treatment_summary(scenario: Scenario) -> str:
    course = scenario.course
    number = sum(course.visits.get(p.name, p.visits) for p in protocol(course.protocol).phases)
    number = number if course.stop_after is None else min(number, course.stop_after)
    return (
        f"{protocol(course.protocol).label}, {number} visits from {course.start:%b} {course.start.day}, "
        f"{course.start.year}"
    )


def charges_summary(scenario: Scenario) -> str:
    main = main_service(scenario)
    known = f"prices.charges.{main}" not in scenario.ranges
    return f"{service(main).label}: {shown(scenario.prices.charges[main]) if known else 'not known, typical range'}"


def benefit_summary(scenario: Scenario) -> str:
    side = network_of(scenario)
    where = NETWORKS.get(scenario.network, scenario.network)
    if side is None:
        return f"{scenario.plan.name}. {where}: no benefit"
    own = shown(side.deductible) if isinstance(side.deductible, int) else "not stated"
    return f"{scenario.plan.name}. {where}: deductible {own}"


def allowed_summary(scenario: Scenario) -> str:
    side, main = network_of(scenario), main_service(scenario)
    if side is None:
        return "Nothing"
    if side.pricing is not None:
        return str(side.pricing)
    if main not in side.allowed:
        return "Not known yet"
    spread = scenario.ranges.get(allowed_path(scenario, main))
    amount = f"{shown(usd(spread[0]))} to {shown(usd(spread[-1]))}" if spread else shown(side.allowed[main])
    return f"{service(main).label}: {amount}"


def coverage_summary(scenario: Scenario) -> str:
    likely = next((card[1] for card in CARDS if card[0] == scenario.coverage), scenario.coverage.capitalize())
    return f"Not known; most likely {likely.lower()}" if "coverage" in scenario.ranges else likely
