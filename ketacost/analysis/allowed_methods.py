"""How far the plan's way of setting allowed amounts moves an answer: one line's range, and the whole course."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from ketacost.core.fields import KetacostError
from ketacost.core.money import multiple, share, usd
from ketacost.core.references import Citation, assumption, assumption_citation
from ketacost.estimate.answer import scenario_of
from ketacost.estimate.calendar import bottom_line
from ketacost.estimate.estimate import estimate
from ketacost.estimate.scenario import Scenario, bill, claims_of, network_of
from ketacost.model.adjudication import Claim
from ketacost.model.allowed import METHODS, AllowedNotKnown, counted_by, entered, pricing_citations
from ketacost.model.courses import ServiceLine
from ketacost.model.coverage import End
from ketacost.model.fee_schedule import years
from ketacost.model.plans import Network
from ketacost.model.pricing import MEDICARE, SCHEDULE, SHARE_OF_CHARGE, USUAL_CHARGES, Pricing
from ketacost.model.protocols import protocol, service

LEVELS = ("low", "central", "high")
SHARES = "allowed amount when plan pays by a share of the charge"
MULTIPLES = "allowed amount for 96365 when plan uses Medicare multiple"
ASSUMED = {
    "96365": ("usual charges, assumed", "allowed amount for 96365 when plan uses UCR 80th percentile"),
    "J3490": ("near nothing, assumed", "J3490 ketamine allowed amount"),
}
"""By code, what is assumed of its allowed amount: in words, and the name of the assumption, in USD a line."""


class Way(NamedTuple):
    """One way a plan may set a line's allowed amount: in words, the amount in cents, and its sources."""

    words: str
    allowed: int
    citations: tuple[Citation, ...]


class AllowedRange(NamedTuple):
    """The least and the most that a plan may count for a line, in cents, over every way that has what it needs."""

    low: int
    high: int
    ways: tuple[Way, ...]


class MethodRow(NamedTuple):
    """A scenario under one way of pricing: what a line of its main service is allowed, and who pays what of the course.

    `you_pay` is the net, in the end. Amounts in cents, None where the way cannot price a line; `why_not` says why.
    """

    method: str
    service: str
    allowed: int | None
    plan_pays: int | None
    you_pay: int | None
    why_not: str = ""


def allowed_range(what: ServiceLine | str, side: Network, on: date | None = None) -> AllowedRange:
    """What a plan may count for a line, or for a kind of service on a day, as a range with the sources of each method.

    Looks at the amount entered, shares of the charge (for a line that has one), multiples of Medicare, usual charges,
    added methods, and what we assume for a code: allowed_range("infusion", plan.network("out"), date(2026, 12, 1)).
    Raises AllowedNotKnown if no method gives an amount.
    """
    if isinstance(what, str):
        if on is None:
            example = f"allowed_range({what!r}, side, date(2026, 11, 30))"
            raise KetacostError(f"on which day? Codes and fees change: {example}")
        what = ServiceLine(on, 0, service(what).code_on(on), service=what)
    ways = tuple(dict.fromkeys(_ways(what if on is None else what.replace(date=on), side)))
    if not ways:
        line = what.code or what.service or "the line"
        raise AllowedNotKnown(f"no way of pricing gives an amount for {line}: ask the plan")
    amounts = [way.allowed for way in ways]
    return AllowedRange(min(amounts), max(amounts), ways)


def methods_table(scenario: Scenario) -> tuple[MethodRow, ...]:
    """The shown case under every pricing method that has its inputs, the one entered first, with each net cost.

    If a method cannot price a line, the amount entered is used. Empty if the plan has no benefit:
    methods_table(example("hmo-no-out-of-network-benefit")) is ().
    """
    scenario = scenario_of(scenario)
    if network_of(scenario) is None:
        return ()
    try:
        found = estimate(scenario)
        end, scenario = found.main.ending.end, found.shown.scenario
    except KetacostError:  # what is entered cannot be priced; another way may
        end = End((), Fraction(1), scenario.coverage, 0, 0, ())
    side = network_of(scenario)
    if side is None:
        return ()
    covered = [line for line in bill(scenario) if line.covered and line.charge]
    last = max((line.date for line in covered), default=scenario.course.start)
    table = [_row("as in the answer", scenario, end)]
    for pricing, _ in ways_to_price(side.pricing, last):
        unpriced = ((line.service or "default", _unpriced(line, pricing, side)) for line in covered)
        kept = {name: amount for name, amount in unpriced if amount is not None}
        changed = side.replace(allowed=kept, pricing=pricing)
        networks = {**scenario.plan.networks, scenario.network: changed}
        table.append(_row(str(pricing), scenario.replace(plan=scenario.plan.replace(networks=networks)), end))
    return tuple(table)


def ways_to_price(pricing: Pricing | None, day: date) -> Iterator[tuple[Pricing, tuple[Citation, ...]]]:
    """The ways in which a plan may price on a day, with the sources of their shares and multiples.

    Place, setting and usual charges are those of the pricing given; a day past the known fees takes the last known
    year's.
    """
    base = pricing or Pricing()
    year = base.medicare_year or (None if day.year in years() else years()[-1])
    for level in LEVELS:
        pricing = base.replace(method=SHARE_OF_CHARGE, share=share(assumption(SHARES)[level]))
        yield pricing, (assumption_citation(SHARES),)
    for level in LEVELS:
        times = multiple(assumption(MULTIPLES)[level])
        yield base.replace(method=MEDICARE, multiple=times, medicare_year=year), (assumption_citation(MULTIPLES),)
    if base.usual:
        yield base.replace(method=USUAL_CHARGES, share=base.share if base.method == USUAL_CHARGES else None), ()
    for name in METHODS:
        if name not in (SCHEDULE, SHARE_OF_CHARGE, MEDICARE, USUAL_CHARGES):
            yield base.replace(method=name), ()


def _ways(line: ServiceLine, side: Network) -> Iterator[Way]:
    amount = entered(line, side.allowed) if line.allowed is None else line.allowed
    if amount is not None:
        yield Way("the amount entered", amount, ())
    for pricing, citations in ways_to_price(side.pricing, line.date):
        if pricing.method == SHARE_OF_CHARGE and not line.charge:
            continue
        try:
            counted = counted_by(pricing, line)
        except KetacostError:
            continue
        yield Way(str(pricing), counted, (*pricing_citations(line, pricing), *citations))
    if line.code in ASSUMED:
        words, name = ASSUMED[line.code]
        for level in LEVELS:
            yield Way(f"{words} ({level})", usd(assumption(name)[level], what=name), (assumption_citation(name),))


def _unpriced(line: ServiceLine, pricing: Pricing, side: Network) -> int | None:
    """The amount entered for a line that a way cannot price; None where it can, or nothing was entered."""
    try:
        counted_by(pricing, line)
    except KetacostError:
        return entered(line, side.allowed)
    return None


def _row(words: str, scenario: Scenario, end: End) -> MethodRow:
    try:
        claims = claims_of(scenario)
        net = bottom_line(scenario, claims, end=end).net
    except KetacostError as error:
        return MethodRow(words, "", None, None, None, str(error))
    main, pays = _main(scenario, claims), sum(claim.split.plan_pays for claim in claims)
    allowed = main.allowed if main else None
    label = service(main.line.service).label if main and main.line.service else ""
    return MethodRow(words, label, allowed, pays, net)


def _main(scenario: Scenario, claims: tuple[Claim, ...]) -> Claim | None:
    """The claim that represents the course: the first of its main service, or of the dearest covered one."""
    covered = [claim for claim in claims if claim.covered and claim.line.charge]
    main = [*protocol(scenario.course.protocol).price_groups][-1]
    sums = Counter[str]()
    for claim in covered:
        sums[claim.line.service] += claim.line.charge
    name = main if main in sums else max(sums, key=lambda name: sums[name], default=None)
    return next((claim for claim in covered if claim.line.service == name), None)
