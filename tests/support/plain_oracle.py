"""A second adjudication, written from the design's words alone: exact dollars, dictionaries, one long sentence of a function.

It shares nothing with the package but the plans and bills it reads. Where the two differ, one of them misread the booklet.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any

PARTS = ("balance_bill", "write_off", "copay", "deductible", "coinsurance", "plan_pays")
POTS = ("deductible", "out_of_pocket", "coinsurance")
NOTHING = Fraction(0)


def dollars(cents: Any) -> Fraction:
    """Cents as exact dollars."""
    return Fraction(cents, 100)


def to_the_cent(amount: Fraction) -> Fraction:
    """Half a cent goes up."""
    return Fraction(floor(amount * 100 + Fraction(1, 2)), 100)


def adjudicate_plainly(
    bill: Iterable[Any], plan: Any, used: Any
) -> list[tuple[dict[str, Fraction], dict[Any, Fraction]]]:
    """For each line in order of date: who pays what, and what each pot holds after it, by person and network."""
    answers = []
    year, pots, days, copaid, shares = None, Counter(), {}, Counter(), Counter()
    for line in sorted(bill, key=lambda one: one.date):
        # "Deductible and limits start again with the plan year."
        if _year(line.date, plan) != year:
            year, pots, days, copaid = _year(line.date, plan), Counter(), {}, Counter()
            if used.as_of and _year(used.as_of, plan) == year:
                pots = _pots_used(used, plan)
                days = {("patient", benefit): [None] * number for benefit, number in used.visits.items()}
        # "Care that surprise-billing law protects has in-network terms and no balance bill."
        where = plan.protected_network if line.protected else line.network
        side = plan.networks[where]
        paid = dict.fromkeys(PARTS, NOTHING)
        charge = dollars(line.charge)
        verdict = None if isinstance(side, str) else _terms(line, side, days)
        if verdict is None:
            # "You pay all charges for what is not covered", unless the clinic has to bear them.
            paid["write_off" if line.provider_bears else "balance_bill"] = charge
            answers.append((paid, dict(pots)))
            continue
        benefit, first, name = verdict

        # "The lower of the charge and the allowed amount counts."
        counted = min(charge, _allowed(line, side))
        over = charge - counted
        if side.balance_bill == "owed" and line.balance_billed and not line.protected:
            ceiling = side.balance_bill_limit
            owed = over if ceiling is None else min(over, to_the_cent(counted * Fraction(ceiling, 10_000)))
        else:
            owed = NOTHING
        paid["write_off"] = over - owed
        paid["plan_pays" if side.excess_paid_by_plan else "balance_bill"] += owed

        # "You pay copay, deductible and coinsurance, each from what the one before has left of the line."
        left = counted
        visit = (line.member, where, name, line.date)
        # "Of several copays on one day you owe only the highest."
        together = name in side.highest_copay_a_day
        copay_of = (line.member, where, "the highest copay", line.date) if together else visit
        still = {pot: _room(pots, plan, line.member, _pots_of(side, where, line.benefit, pot), pot) for pot in POTS}
        steps = ["copay", "deductible"] if benefit.copay_timing == "before deductible" else ["deductible", "copay"]
        for step in steps:
            if step == "copay":
                # "Once a visit, and never more than is left of the line."
                paid["copay"] = min(max(dollars(first.copay) - copaid[copay_of], NOTHING), left)
                left -= paid["copay"]
                if benefit.copay_counts_to_deductible:
                    still["deductible"] = max(still["deductible"] - paid["copay"], NOTHING)
            elif first.deductible_applies:
                paid["deductible"] = min(still["deductible"], left)
                left -= paid["deductible"]
        of = {
            "what is left": left,
            "allowed amount": counted,
            "allowed less the deductible": counted - paid["deductible"],
        }
        share = min(to_the_cent(of[benefit.coinsurance_on] * Fraction(first.coinsurance, 10_000)), left)
        least, most = benefit.coinsurance_least, benefit.coinsurance_most
        if first is benefit and (least, most) != (None, None):
            # "40%, not less than $50 nor more than $100 a visit": of all the visit's lines, less what they have paid.
            shares[visit, "unbounded"] += share
            share = max(shares[visit, "unbounded"], dollars(least or 0))
            share = share if most is None else min(share, dollars(most))
            share = max(share - shares[visit, "paid"], NOTHING)
        paid["coinsurance"] = min(share, left, still["coinsurance"])

        # "At the limit you stop paying: first coinsurance falls away, then copay, then deductible."
        stops = [part for part in ("coinsurance", "copay", "deductible") if part in side.limit_counts]
        stops = stops if benefit.counts_to_limit else []
        too_much = sum((paid[part] for part in stops), NOTHING) - still["out_of_pocket"]
        for part in stops:
            falls_away = max(min(paid[part], too_much), NOTHING)
            paid[part] -= falls_away
            too_much -= falls_away
        yours = paid["copay"] + paid["deductible"] + paid["coinsurance"]
        paid["plan_pays"] += counted - yours

        # Count the visit, the copay and the pots, here and where the plan says that it counts too.
        copaid[copay_of] += paid["copay"]
        shares[visit, "paid"] += paid["coinsurance"]
        seen = days.setdefault((line.member, name), [])
        if line.date not in seen:
            seen.append(line.date)
        into = {
            "deductible": paid["deductible"] + (paid["copay"] if benefit.copay_counts_to_deductible else NOTHING),
            "out_of_pocket": sum((paid[part] for part in stops), NOTHING),
            "coinsurance": paid["coinsurance"],
        }
        also = {"deductible": plan.deductible_credits, "out_of_pocket": plan.limit_credits, "coinsurance": {}}
        for pot, amount in into.items():
            into_these: list[str] = []
            for network in (where, *also[pot].get(where, ())):
                if not isinstance(plan.networks[network], str):
                    into_these += _pots_of(plan.networks[network], network, line.benefit, pot)
            for one in set(into_these):
                _pour(pots, plan, line.member, one, pot, amount)
        answers.append((paid, dict(pots)))
    return answers


def _year(day: date, plan: Any) -> int:
    """The calendar year in which the plan year of a day began."""
    month, first = divmod(plan.plan_year_starts, 100) if plan.plan_year_starts > 100 else (plan.plan_year_starts, 1)
    return day.year - ((day.month, day.day) < (month, first))


def _terms(line: Any, side: Any, days: dict[Any, list[Any]]) -> tuple[Any, Any, str] | None:
    """The line of the booklet, the terms for this visit and the name it stands under; none where it is not covered."""
    name = line.benefit if line.benefit in side.benefits else "default"
    benefit = side.benefits[name]
    before = [day for day in days.get((line.member, name), []) if day != line.date]
    number = len(before) + 1
    if not (line.covered and benefit.covered):
        return None
    if benefit.visit_limit is not None and number > benefit.visit_limit:
        return None
    return (
        benefit,
        benefit.first_visits if benefit.first_visits and number <= benefit.first_visits.visits else benefit,
        name,
    )


def _allowed(line: Any, side: Any) -> Fraction:
    """What the plan counts: the line's own amount, by code and unit, by service, the default, or a share of the charge."""
    if line.allowed is not None:
        return dollars(line.allowed)
    if line.charge == 0:
        return NOTHING
    schedule = side.allowed
    if line.code in schedule:
        return dollars(schedule[line.code]) * line.units
    if line.service in schedule or "default" in schedule:
        return dollars(schedule.get(line.service, schedule.get("default")))
    return to_the_cent(dollars(line.charge) * Fraction(side.pricing.share, 10_000))


def _ends(plan: Any, network: str, pot: str) -> tuple[Fraction | None, Fraction | None]:
    """Where one person's pot is full, and where the family's is; none where it never is."""
    network, _, group = network.partition(".")
    side = plan.networks[network]
    holder = side.groups[group] if group else side
    own, family, kind = {
        "deductible": (holder.deductible, holder.family_deductible, side.deductible_kind or plan.deductible_kind),
        "out_of_pocket": (
            *(holder.out_of_pocket_limit, holder.family_out_of_pocket_limit),
            side.limit_kind or plan.limit_kind,
        ),
        "coinsurance": (
            *(getattr(holder, "coinsurance_limit", None), getattr(holder, "family_coinsurance_limit", None)),
            "embedded",
        ),
    }[pot]
    aggregate = kind == "aggregate"
    if not plan.family:
        family = None
    elif aggregate and family is not None:
        own = family  # "The family amount comes first": nobody has one of their own.
    return None if own is None else dollars(own), None if family is None else dollars(family)


def _pots_of(side: Any, network: str, benefit: str, pot: str) -> list[str]:
    """Where a line counts in a network: to the network's own pot, to that of its group beside it, or inside it: both."""
    named = {line for group in side.groups.values() for line in group.benefits} | set(side.benefits)
    benefit = benefit if benefit in named else "default"
    for name, group in side.groups.items():
        own = {"deductible": group.deductible, "out_of_pocket": group.out_of_pocket_limit}.get(pot)
        inside = {"deductible": group.deductible_inside, "out_of_pocket": group.limit_inside}.get(pot)
        if benefit in group.benefits and own is not None:
            return [f"{network}.{name}", network] if inside else [f"{network}.{name}"]
    return [network]


def _room(pots: Any, plan: Any, member: str, networks: list[str], pot: str) -> Fraction:
    rooms = [Fraction(10**12)]
    for network in networks:
        own, family = _ends(plan, network, pot)
        rooms += [] if own is None else [own - pots[member, network, pot]]
        rooms += [] if family is None else [family - pots["family", network, pot]]
    return min(rooms)


def _pour(pots: Any, plan: Any, member: str, network: str, pot: str, amount: Fraction) -> None:
    """What a person's pot takes, the family's takes too: "one person cannot bring more than their own amount"."""
    own, family = _ends(plan, network, pot)
    takes = amount if own is None else min(amount, own - pots[member, network, pot])
    pots[member, network, pot] += takes
    if plan.family:
        pots["family", network, pot] += takes if family is None else min(takes, family - pots["family", network, pot])


def _pots_used(used: Any, plan: Any) -> Any:
    """What the insurer says has been used; the family has used what its members have, where nothing else is told."""
    pots: Counter[Any] = Counter()
    for member, networks in used.members.items():
        for network, amounts in networks.items():
            for pot in POTS:
                pots[member, network, pot] += dollars(getattr(amounts, pot))
                if plan.family:
                    pots["family", network, pot] += dollars(getattr(amounts, pot))
    for network, amounts in used.family.items():
        for pot in POTS:
            pots["family", network, pot] = dollars(getattr(amounts, pot))
    return pots
