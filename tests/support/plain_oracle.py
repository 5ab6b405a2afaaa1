"""A second adjudication, written from the design's words alone: exact dollars, dictionaries, one long sentence of a function.

It shares nothing with the package but the plans and bills it reads. Where the two differ, one of them misread the booklet.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
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
    return [(paid, pots) for paid, pots, _ in _line_by_line(bill, plan, used)]


def coordinate_plainly(
    bill: Iterable[Any], plan: Any, used: Any, second: Any
) -> list[tuple[dict[str, Fraction], Fraction, Fraction]]:
    """For each line in order of date: who pays what under the plan that pays first; what the other and the patient pay."""
    lines = sorted(bill, key=lambda one: one.date)
    there = [one.replace(network=second.network or one.network) for one in lines]
    turns = [(lines, plan, used), (there, second.plan, second.used)]
    (bill_of_first, first, before), (bill_of_last, last, after) = turns[:: -1 if second.goes == "first" else 1]
    if second.goes == "first":
        # "A plan without allowed amounts of its own counts what the other one allows."
        for place, (one, own) in enumerate(zip(bill_of_first, lines, strict=True)):
            its, side = (
                first.networks[one.network],
                plan.networks[plan.protected_network if own.protected else own.network],
            )
            if (
                not isinstance(its, str)
                and not its.allowed
                and not its.pricing
                and not isinstance(side, str)
                and one.covered
            ):
                bill_of_first[place] = one.replace(allowed=int(_allowed(own, side, side) * 100))
    paid = _line_by_line(bill_of_first, first, before)
    seconds = []
    for line, (parts, _, counted) in zip(bill_of_last, paid, strict=True):
        charge = dollars(line.charge) - parts["write_off"]
        allowed = charge if counted is None else min(charge, counted)
        if second.coordination == "maintenance of benefits":  # "it applies its benefit to what the first plan leaves"
            charge, allowed = charge - parts["plan_pays"], max(allowed - parts["plan_pays"], NOTHING)
        seconds.append(line.replace(charge=int(charge * 100), allowed=int(allowed * 100)))
    found = []
    for (parts, _, _), (own, _, _) in zip(paid, _line_by_line(seconds, last, after), strict=True):
        yours = parts["balance_bill"] + parts["copay"] + parts["deductible"] + parts["coinsurance"]
        pays = own["plan_pays"] - parts["plan_pays"] if second.coordination == "carve-out" else own["plan_pays"]
        pays = min(max(pays, NOTHING), yours)
        found.append((parts, pays, yours - pays))
    return found


def _line_by_line(
    bill: Iterable[Any], plan: Any, used: Any
) -> list[tuple[dict[str, Fraction], dict[Any, Fraction], Fraction | None]]:
    """Beside each answer what the plan counts of the line; none where it does not cover it."""
    answers = []
    copaid, shares = Counter(), Counter()
    whole, held = plan, None
    for line in sorted(bill, key=lambda one: one.date):
        if held is None and used.as_of and used.as_of < line.date:
            held = go_on(held, used.as_of, whole, used)
        held = go_on(held, line.date, whole, used)
        plan, pots, days = held["plan"], held["pots"], held["visits"]
        # "Care that surprise-billing law protects has in-network terms and no balance bill."
        where = plan.protected_network if line.protected else line.network
        side = plan.networks[where]
        paid = dict.fromkeys(PARTS, NOTHING)
        charge = dollars(line.charge)
        verdict = None if isinstance(side, str) else _terms(line, side, days)
        if verdict is None:
            # "You pay all charges for what is not covered", unless the clinic has to bear them.
            paid["write_off" if line.provider_bears else "balance_bill"] = charge
            answers.append((paid, dict(pots), None))
            continue
        benefit, first, name = verdict

        # "The lower of the charge and the allowed amount counts."
        counted = min(charge, _allowed(line, side, whole.networks.get(where, side)))
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
                before = Counter(pots)
                _pour(pots, plan, line.member, one, pot, amount)
                carries = plan.deductible_carryover != "none" and _months(line.date, plan) % 12 >= 9
                if pot == "deductible" and carries:
                    held["late"].update({who: pots[who] - before[who] for who in pots if who[2] == pot})
        answers.append((paid, dict(pots), counted))
    return answers


def go_on(held: Any, day: date, whole: Any, used: Any) -> Any:
    """What is held on a day: the version of the plan, its year and month, and what was used so far."""
    plans = [(date.min, whole, False), *((later.starts, later.plan, later.credit) for later in whole.versions)]
    number = max(n for n, (starts, _, _) in enumerate(plans) if starts <= day)
    if held is None:
        return _fresh(plans, number, day, used)
    while held["number"] < number:
        # "Another plan begins with nothing used, unless it gives credit for what was used in the plan year."
        new = held["number"] + 1
        starts, plan, credit = plans[new]
        before, held = held, _fresh(plans, new, starts, used)
        if held["told"]:
            held = _fresh(plans, new, used.as_of, used)
        if not credit or held["told"] or _months(starts - timedelta(1), before["plan"]) // 12 != before["month"] // 12:
            continue
        if _months(starts, plan) // 12 == _months(starts - timedelta(1), plan) // 12:
            _credit(before, held)
        else:
            _carry_over(before, held)
    plan, month, before = held["plan"], _months(day, held["plan"]), held
    if month // 12 != held["month"] // 12:
        # "Deductible and limits start again with the plan year", but for what the last three months carry over.
        held = _fresh(plans, number, day, used)
        if month // 12 == before["month"] // 12 + 1 and not held["told"]:
            _carry_over(before, held)
    elif month // plan.deductible_months != held["month"] // plan.deductible_months:
        # "The deductible starts again with the month."
        held["pots"] = Counter({who: amount for who, amount in held["pots"].items() if who[2] != "deductible"})
    held["month"] = month
    return held


def _fresh(plans: Any, number: int, day: date, used: Any) -> Any:
    """A plan year with nothing used, or with what the insurer says was used in it."""
    plan = plans[number][1]
    month, pots, visits, told = _months(day, plan), Counter(), {}, False
    if used.as_of and max(n for n, (begins, _, _) in enumerate(plans) if begins <= used.as_of) == number:
        of = _months(used.as_of, plan)
        told = of // 12 == month // 12
        if told:
            pots = _pots_used(used, plan)
            visits = {("patient", benefit): [None] * count for benefit, count in used.visits.items()}
        if of // plan.deductible_months != month // plan.deductible_months:
            pots = Counter({who: amount for who, amount in pots.items() if who[2] != "deductible"})
    return {
        "number": number,
        "plan": plan,
        "month": month,
        "pots": pots,
        "visits": visits,
        "late": Counter(),
        "told": told,
    }


def _credit(before: Any, held: Any) -> None:
    """What was used counts, as far as the new plan has room; a family that begins has used what its members have."""
    plan = held["plan"]
    for (who, network, pot), amount in before["pots"].items():
        name, _, group = network.partition(".")
        side = plan.networks.get(name, "no benefit")
        if isinstance(side, str) or (group and group not in side.groups) or (who == "family" and not plan.family):
            continue
        if pot == "deductible" and before["plan"].deductible_months < 12:
            continue
        end = _ends(plan, network, pot)[who == "family"]
        takes = amount if end is None else min(amount, end)
        held["pots"][who, network, pot] = takes
        if plan.family and not before["plan"].family:
            room = _ends(plan, network, pot)[1]
            ours = held["pots"]["family", network, pot] + takes
            held["pots"]["family", network, pot] = ours if room is None else min(ours, room)
    held["visits"] = before["visits"]
    for (who, network, pot), amount in before["late"].items():
        side = plan.networks.get(network.partition(".")[0], "no benefit")
        gone = isinstance(side, str) or (network.partition(".")[2] not in ("", *side.groups))
        if not gone and (who != "family" or plan.family):
            held["late"][who, network, pot] = amount


def _carry_over(before: Any, held: Any) -> None:
    """What filled a deductible in the last three months fills the next year's."""
    how, plan = before["plan"].deductible_carryover, held["plan"]
    for (who, network, pot), amount in before["late"].items():
        name, _, group = network.partition(".")
        side = plan.networks.get(name, "no benefit")
        if how == "none" or isinstance(side, str) or (group and group not in side.groups):
            continue
        if who == "family" and not plan.family:
            continue
        met = before["pots"][who, network, pot] == _ends(before["plan"], network, pot)[who == "family"]
        if how == "last three months" or not met:
            end = _ends(plan, network, pot)[who == "family"]
            held["pots"][who, network, pot] = amount if end is None else min(amount, end)


def _months(day: date, plan: Any) -> int:
    """Twelve times the calendar year in which the plan year of a day began, and the whole months since."""
    month, first = divmod(plan.plan_year_starts, 100) if plan.plan_year_starts > 100 else (plan.plan_year_starts, 1)
    year = day.year - ((day.month, day.day) < (month, first))
    return 12 * year + (day.month - month) % 12 - (day.day < first) + 12 * (day.month == month and day.day < first)


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


def _allowed(line: Any, side: Any, at_first: Any) -> Fraction:
    """What the plan counts: the line's own amount, by code and unit, by service, the default, or a share of the charge."""
    if line.allowed is not None:
        return dollars(line.allowed)
    if line.charge == 0:
        return NOTHING
    first = (
        side if isinstance(at_first, str) else at_first
    )  # a later version keeps the allowed amounts it does not have
    schedule = {**first.allowed, **side.allowed}
    if line.code in schedule:
        return dollars(schedule[line.code]) * line.units
    if line.service in schedule or "default" in schedule:
        return dollars(schedule.get(line.service, schedule.get("default")))
    return to_the_cent(dollars(line.charge) * Fraction((side.pricing or first.pricing).share, 10_000))


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
