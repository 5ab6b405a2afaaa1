"""The step of the form on what the plan will count: a live switch between methods, and what each of them needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ketacost.core.fields import words
from ketacost.core.money import percent
from ketacost.estimate.scenario import Scenario, side_of
from ketacost.model.allowed import METHODS, typical_allowed
from ketacost.model.pricing import MEDICARE, SCHEDULE, SHARE_OF_CHARGE, USUAL_CHARGES, Pricing
from ketacost.model.protocols import service
from ketacost.workbench.controls import asked, can_range, control, hint, plainly
from ketacost.workbench.edits import allowed_path, main_service, spread_of

SHOWN = {
    SHARE_OF_CHARGE: "A share of the charge",
    USUAL_CHARGES: "A share of usual charges near here",
    MEDICARE: "A multiple of Medicare",
}


def allowed_controls(scenario: Scenario) -> Iterator[dict[str, Any]]:
    """The controls of the allowed amount: the method, and what that method needs."""
    side = side_of(scenario)
    if side is None:
        yield control("", "No benefit", "note", "The plan pays nothing in this network, so it counts nothing.")
        return
    method = "typed" if side.pricing is None else side.pricing.method
    yield control("pricing", words(Pricing)["method"][0], "choice", method, options=_methods())
    if side.pricing is not None:
        yield from _pricing(scenario, side.pricing)
        return
    for name, charge in scenario.prices.charges.items():
        path = allowed_path(scenario, name)
        amount = side.allowed.get(name)
        spread = spread_of(scenario, path)
        told = (
            "Ask the plan"
            if amount is None
            else "Assumed, not asked"
            if amount == typical_allowed().get(name)
            else "As entered"
        )
        value = "" if amount is None else plainly(amount)
        yield control(
            path,
            f"Allowed: {service(name).label.lower()}",
            "money",
            value,
            min=0,
            max=max(500, charge // 100, (amount or 0) // 100),
            step=10,
            optional=True,
            unknown=can_range(spread, scenario, path),
            hint=hint(told, spread, scenario, path),
            charge=plainly(charge),
        )


def _methods() -> list[list[str]]:
    """The methods by name: what is typed in first, then ours, then those that someone has added."""
    added = [name for name in METHODS if name not in (*SHOWN, SCHEDULE)]
    return [
        ["typed", "Amounts typed in (the plan's schedule)"],
        *([name, SHOWN.get(name, name)] for name in (*SHOWN, *added)),
    ]


def _pricing(scenario: Scenario, pricing: Pricing) -> Iterator[dict[str, Any]]:
    at, label = f"plan.networks.{scenario.network}.pricing", words(Pricing)
    if pricing.method in (SHARE_OF_CHARGE, USUAL_CHARGES):
        value = percent(pricing.share or 0).removesuffix("%")
        more = asked(scenario, f"{at}.share")
        yield control(
            f"{at}.share", label["share"][0], "share", value, min=0, max=100, step=5, help=label["share"][1], **more
        )
    if pricing.method == USUAL_CHARGES:
        for name, amount in pricing.usual.items():
            told = f"Usual charge: {service(name).label.lower()}"
            yield control(
                f"{at}.usual.{name}", told, "money", plainly(amount), min=0, max=2_000, step=25, help=label["usual"][1]
            )
    if pricing.method == MEDICARE:
        value = percent(pricing.multiple or 0).removesuffix("%")
        yield control(
            f"{at}.multiple",
            label["multiple"][0],
            "share",
            value,
            min=0,
            max=300,
            step=5,
            help=label["multiple"][1],
            **asked(scenario, f"{at}.multiple"),
        )
        yield control(f"{at}.zip", label["zip"][0], "text", pricing.zip, help=label["zip"][1])
        settings = [["non-facility", "A clinic"], ["facility", "A hospital"]]
        yield control(
            f"{at}.setting", label["setting"][0], "choice", pricing.setting, options=settings, help=label["setting"][1]
        )
    main = main_service(scenario)
    yield control("", "Now", "note", f"{pricing}, for {service(main).label.lower()} and everything else")
