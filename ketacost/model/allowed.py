"""What the plan will count: the allowed amount of a line, by the plan's schedule or by the way it prices.

A method is a small function of a line and its `Pricing` that gives whole cents; `register_method` adds one. What a
method cannot know is asked for, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import cache

from ketacost.core.fields import Fixed, KetacostError, UnknownName, as_python
from ketacost.core.money import WHOLE, part_of, percent, usd, whole_cents
from ketacost.core.references import Citation, NotKnownOn, rows
from ketacost.core.registry import Registry
from ketacost.core.words import told
from ketacost.model.courses import ServiceLine, usual_range
from ketacost.model.fee_schedule import (
    NoFee,
    NotPriced,
    as_if,
    exact_payment,
    fee,
    no_fee_citation,
    payment_citations,
    without_fee,
    years,
)
from ketacost.model.plans import Network
from ketacost.model.pricing import MEDICARE, SCHEDULE, SHARE_OF_CHARGE, USUAL_CHARGES, Pricing
from ketacost.model.protocols import service


class AllowedNotKnown(KetacostError):
    """No allowed amount is known for a line: a number to ask the plan for, never a guess."""


Method = Callable[[ServiceLine, Pricing], int]


def by_schedule(line: ServiceLine, pricing: Pricing) -> int:
    """The plan counts what its schedule says, and for this line none is entered. Raises AllowedNotKnown, always."""
    raise AllowedNotKnown("none is entered")


def by_share_of_charge(line: ServiceLine, pricing: Pricing) -> int:
    """The plan counts a share of what the clinic charges. Raises AllowedNotKnown where the share is not entered."""
    if pricing.share is None:
        raise AllowedNotKnown('which share of the charge does the plan count? Give it, as in share = "80%"')
    return part_of(line.charge, pricing.share)


def by_usual_charges(line: ServiceLine, pricing: Pricing) -> int:
    """The plan counts the usual charge nearby, or a share of it. Raises AllowedNotKnown where none is entered."""
    amount = entered(line, pricing.usual)
    if amount is None:
        name = line.code or line.service or "default"
        raise AllowedNotKnown(
            "no usual charge is entered; FAIR Health or the plan tells it for your area and percentile, as in usual = "
            f"{{ {name} = 300 }}"
        )
    return part_of(amount, WHOLE if pricing.share is None else pricing.share)


def by_medicare(line: ServiceLine, pricing: Pricing) -> int:
    """The plan counts a multiple of Medicare's payment.

    Code x units x multiple where the clinic is, rounded once a line; for a code without a fee the plan's share of the
    charge, where it is entered.

    Raises AllowedNotKnown without a multiple or a code that Medicare prices, NotKnownOn outside the years of its fees.
    """
    if pricing.multiple is None:
        raise AllowedNotKnown('how many times Medicare does the plan count? Give it, as in multiple = "140%"')
    if not line.code:
        raise AllowedNotKnown("Medicare pays by billing code, and the line has none")
    try:
        each = exact_payment(
            line.code,
            medicare_day(line, pricing),
            place=pricing.place,
            setting=pricing.setting,
            work_floor=pricing.work_floor,
        )
    except NoFee as error:
        if pricing.otherwise is not None:
            return part_of(line.charge, pricing.otherwise)
        hint = 'If the plan then counts a share of the charge, give it, as in pricing otherwise = "50%"'
        raise AllowedNotKnown(f"{error}. {hint}") from None
    except (NotPriced, UnknownName) as error:
        raise AllowedNotKnown(str(error)) from None
    except NotKnownOn as error:
        stays = (
            f"To look at it as if the fees of {years()[-1]} stayed, set the pricing's medicare_year = {years()[-1]}."
        )
        raise NotKnownOn(f"{error} {stays}") from None
    return whole_cents(each * line.units * Fraction(pricing.multiple, WHOLE))


METHODS: Registry[Method] = Registry(
    "method of setting allowed amounts",
    lambda: {
        SCHEDULE: by_schedule,
        SHARE_OF_CHARGE: by_share_of_charge,
        USUAL_CHARGES: by_usual_charges,
        MEDICARE: by_medicare,
    },
)
"""How plans set their allowed amounts, by the name that `Pricing.method` takes."""


def register_method(name: str, method: Method) -> None:
    """Add a way to set allowed amounts under the name that `Pricing.method` takes.

    `method(line, pricing)` gives whole cents for a service line, or raises AllowedNotKnown. It holds for this session.
    Raises KetacostError for what is no function.

    >>> register_method("flat", lambda line, pricing: 20_000)
    """
    if not callable(method):
        raise KetacostError(f"the method {told(name)} should be a function of a line and a Pricing, got {told(method)}")
    METHODS.register(name, method)


def allowed_amount(line: ServiceLine, side: Network, plan_name: str) -> int:
    """The plan's allowed amount for a line, in cents.

    In this order: the amount that the line itself carries; the plan's amount a unit for its billing code; its amount
    for this kind of service, then its `default`, each for the whole line; the plan's way of pricing. A line without a
    charge is allowed nothing. Raises AllowedNotKnown where none of these gives one, UnknownName for a method that is
    not there and NotKnownOn for a year whose fees are not known.
    """
    if line.allowed is not None:
        return line.allowed
    if line.charge == 0:
        return 0
    amount = entered(line, side.allowed)
    if amount is not None:
        return amount
    try:
        return counted_by(side.pricing or Pricing(), line)
    except AllowedNotKnown as error:
        what = " ".join(filter(None, (line.code, line.service)))
        raise AllowedNotKnown(
            f"{plan_name} has no allowed amount for {what or 'the line'} of {line.date} in network {line.network!r}: "
            f"{error}. "
            "Ask the plan what it allows, then give it by service or code, as in allowed = "
            f"{{ {line.service or 'default'} = 240 }}"
        ) from None


def counted_by(pricing: Pricing, line: ServiceLine) -> int:
    """What a method counts for a line, in cents. Raises UnknownName for an unknown method, or its own error."""
    amount = as_python(METHODS.named(pricing.method)(line, pricing))
    if not isinstance(amount, int) or isinstance(amount, bool) or amount < 0:
        raise KetacostError(f"the method {pricing.method!r} should give whole cents, 0 or more; it gave {amount!r}")
    return amount


def entered(line: ServiceLine, amounts: Mapping[str, int]) -> int | None:
    """The entered amount for a line: by code for each unit, by service or `default` for the line; None without one."""
    if line.code in amounts:
        return amounts[line.code] * line.units
    for name in (line.service, "default"):
        if name in amounts:
            return amounts[name]
    return None


def priced_by(line: ServiceLine, side: Network) -> Pricing | None:
    """The pricing that a line's allowed amount came from; None where it was entered or nothing was charged."""
    plain = line.allowed is not None or line.charge == 0 or entered(line, side.allowed) is not None
    return None if plain else side.pricing


def pricing_citations(line: ServiceLine, pricing: Pricing) -> tuple[Citation, ...]:
    """The sources of a line's pricing: Medicare's fee and indices; none for a share or a charge that was entered."""
    if pricing.method != MEDICARE:
        return ()
    day, place = medicare_day(line, pricing), pricing.place
    if pricing.otherwise is not None and without_fee(line.code, day):
        return (no_fee_citation(line.code),)
    return payment_citations(line.code, day, place=place, setting=pricing.setting, work_floor=pricing.work_floor)


def pricing_notes(lines: Iterable[ServiceLine], side: Network) -> Iterator[str]:
    """What a reader must know of the plan's pricing: what was assumed, where, for which year, and what counts $0."""
    pricing, priced = side.pricing, [line for line in lines if priced_by(line, side)]
    if pricing is None or not priced:
        return
    yield f"Where no amount is entered, we assume that the plan counts {pricing}. Ask the plan how it sets it."
    if pricing.method != MEDICARE:
        return
    if not pricing.place:
        yield "Medicare pays by place; this uses the national payment. Give the clinic's ZIP code."
    others = sorted({str(line.date.year) for line in priced} - {str(pricing.medicare_year)})
    if pricing.medicare_year and others:
        yield (
            f"Medicare's fees of {pricing.medicare_year} are used for {' and '.join(others)}, as if they stayed the "
            "same."
        )
    dated = {line.code: medicare_day(line, pricing) for line in priced}
    without = sorted(code for code, day in dated.items() if without_fee(code, day))
    if pricing.otherwise is not None and without:
        counted = percent(pricing.otherwise)
        yield f"Medicare has no fee for {', '.join(without)}: the plan counts {counted} of the charge."
    rows_used = {code: fee(code, day) for code, day in dated.items() if code not in without}
    for code in sorted(code for code, row in rows_used.items() if row.bundled):
        yield (
            f"Medicare pays nothing for {code} ({rows_used[code].label}) alongside another service that day: it counts "
            "$0."
        )


def medicare_day(line: ServiceLine, pricing: Pricing) -> date:
    """The day whose Medicare fees are used for a line: its own, or the same day of `medicare_year`."""
    return line.date if pricing.medicare_year is None else as_if(line.date, pricing.medicare_year)


@cache
def typical_allowed(level: str = "likely") -> Mapping[str, int]:
    """What plans typically allow for each service (`low`, `likely` or `high`), in cents: an assumption to ask about."""
    return Fixed({row["service"]: usd(row[f"{level}_usd"], what=row["service"]) for row in rows("typical_allowed")})


def allowed_citation(name: str) -> Citation:
    """The sources of a typical allowed amount."""
    row = next(row for row in rows("typical_allowed") if row["service"] == name)
    return Citation.of(row, f"Typical allowed amount: {service(name).label}", usual_range(row), "USD", row["method"])
