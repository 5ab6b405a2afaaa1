"""The headline in plain words: one amount, a range, or a clause for each thing that the plan may answer.

A stopped group never gets a likely cost, and no amount is pooled over visits that take place and visits that do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from math import ceil, floor

from ketacost.core.dates import us_day
from ketacost.core.money import about, between, brief, ends, rounded
from ketacost.estimate.account_effects import account_problems, has_accounts
from ketacost.estimate.estimate import Estimate, Group, chance_of, eight_of_ten
from ketacost.estimate.resolve import Resolved
from ketacost.estimate.scenario import Scenario, claims_of, network_of
from ketacost.model.courses import visits
from ketacost.model.denials import denied_line, network_of_standing, standings_of
from ketacost.model.payers import treatment_of
from ketacost.model.protocols import DOSES, protocol

SURE = Fraction(95, 100)
RARE = Fraction(1, 20)
MOSTLY = Fraction(11, 20)
EVEN = Fraction(45, 100)
"""From this share on, the less likely of two amounts is as likely as the other."""

HARDLY = Fraction(1, 100)
"""What hangs on a chance of no more than this is not worth a sentence."""

OFFER = {
    "va-facility": ("your VA site offers it", "Most VA sites say no"),
    "va-community-care": ("VA authorizes it", "VA usually says no"),
    "medicaid": ("Medicaid approves it", "Medicaid usually says no"),
    "tricare": ("TRICARE approves it", "TRICARE usually says no"),
    "medicare-part-b": ("Medicare pays for it", "Medicare usually says no"),
}
"""How a program says yes, and how it says no."""

SURELY = {
    "va-facility": "VA",
    "va-community-care": "VA",
    "medicaid": "Medicaid",
    "tricare": "TRICARE",
    "medicare-part-b": "Medicare",
}
"""What programs are called; any other payer is "the plan"."""

NO_PLAN = ("", "self-pay")
SOME = 1_000
"""From so many cents on, a part of the amount is worth a sentence."""
LITTLE = 5_000
"""Up to so many cents, what is owed for an evaluation is "little"."""


def how_often(chance: Fraction) -> str:
    """A chance as people understand it: "3 in 10", "1 in 3", "1 in 50"; "never" and "always" at the ends.

    In tenths, so that chances can be compared; a third, a quarter and what lies within 2 points of a quarter are said
    as such.
    """
    if chance in (0, 1):
        return "always" if chance else "never"
    if chance >= SURE:
        return "nearly always"
    if chance < Fraction(1, 12):
        return f"1 in {one_in(chance):,}"
    for quarter, words in ((Fraction(1, 4), "1 in 4"), (Fraction(3, 4), "3 in 4")):
        if abs(chance - quarter) <= Fraction(2, 100):
            return words
    exact = chance.denominator < 10 and 10 % chance.denominator
    return f"{chance.numerator} in {chance.denominator}" if exact else f"{round(chance * 10)} in 10"


def one_in(chance: Fraction) -> int:
    """Of how many a small chance is one, as a number that people say: 40 for 2.4%, 150 for 0.6%."""
    number = round(1 / chance)
    steps = ((20, 1), (50, 5), (100, 10), (1_000, 50))
    step = next((step for most, step in steps if number < most), 10 ** (len(str(number)) - 2))
    return (number + step // 2) // step * step


def headline(found: Estimate) -> str:
    """The headline of an estimate, rounded to ten dollars; last, money in accounts that saves nothing and why."""
    return " ".join((_answer(found), *_lost(found), *_why_nothing(found), *_saves_nothing(found)))


def counts_lost(found: Estimate) -> int:
    """The FSA money (cents) that is lost in the amount of the likeliest visits; 0 where it is little or none."""
    lost = found.main.bottom.lost
    return lost if found.main.whole and found.chance >= RARE and lost >= SOME else 0


def _lost(found: Estimate) -> Iterator[str]:
    """FSA money that the amount of the likeliest visits counts and that pays for none of them."""
    main, lost = found.main, counts_lost(found)
    if lost:
        several = sum(group.chance >= RARE for group in found.groups) > 1
        start = f"If {_if_answer(found, main)}, this" if several else "This"
        yield f"{start} counts {about(lost)} of FSA money that you would lose."


def _saves_nothing(found: Estimate) -> Iterator[str]:
    """What was entered for an account and does not count, a sentence each."""
    scenario = found.shown.scenario
    if scenario.household is not None and has_accounts(scenario) and found.shown.claims:
        yield from (f"{_capital(problem)}." for problem in account_problems(scenario, found.shown.claims))


def _answer(found: Estimate) -> str:
    """The headline, in one of its forms."""
    main = found.main
    if not main.whole or found.chance < RARE:
        return _never(found)
    held, lead = holding(found), _lead(found)
    verb = "you will pay" if lead or not _pays_alone(found) else "paying for it yourself will cost"
    if held == 1 and not found.unknowns and not _pays_alone(found):
        verb = "you pay" if lead else verb
        return _capital(f"{lead}{verb} {about(main.likely) if main.likely else 'nothing'}.")
    if held >= SURE:
        sure = "" if held == 1 or verb[0] == "p" else f" ({int(held * 100)} in 100)"
        verb = "you pay" if lead else verb if held == 1 else verb.replace("will", "will almost certainly")
        return _capital(f"{lead}{verb} {_amount(main)}{sure}.")
    if found.chance >= SURE and overlap(found):
        spread = between(found.p10, found.p90)
        if two := two_likely(found):
            cases = "" if about(two[1]) == about(found.p90) else f"; in 8 of 10 cases {spread}"
            return _capital(f"{lead}{verb} {_either(*two)}{cases}.")
        cases = " in at least 8 of 10 cases" if spread == about(main.likely) else f"; in 8 of 10 cases {spread}"
        return _capital(f"{lead}{verb.replace('will', 'will likely')} {_amount(main)}{cases}.")
    return " ".join(_clauses(found))


def two_likely(found: Estimate) -> tuple[int, int] | None:
    """The two amounts of a headline that says both, in cents, the lower first; None where it says another thing."""
    if found.chance < SURE or not overlap(found):
        return None
    return even(found.tall, found.main.likely, found.p10, found.p90)


def even(nets: Sequence[tuple[int, int]], likely: int, p10: int, p90: int) -> tuple[int, int] | None:
    """Two amounts in cents, far apart and each of about half of the weight, the lower first; None where there are not.

    They are the shown case's and the end of 8 of 10 cases on the other side. `nets` have their weights, lowest first.
    """
    below, widest, place = 0, 0, 0
    enough = EVEN * sum(weight for _, weight in nets)
    least, most = ceil(enough), floor(enough / EVEN - enough)
    for at in range(1, len(nets)):
        below += nets[at - 1][1]
        gap = nets[at][0] - nets[at - 1][0]
        if least <= below <= most and gap > widest:
            widest, place = gap, at
    if not place or 5 * widest < 3 * max(_spread(nets[:place]), _spread(nets[place:])):
        return None
    other = p10 if likely >= nets[place][0] else p90
    low, high = sorted((likely, other))
    return (low, high) if about(low) != about(high) else None


def either(low: int, high: int) -> str:
    """Two amounts in cents, in words: "nothing or about $1,500"."""
    return " or ".join(f"about {end}" if end != "$0" else "nothing" for end in ends(low, high))


def _either(low: int, high: int) -> str:
    return f"{either(low, high)} (we count both as equally likely)"


def _spread(nets: Sequence[tuple[int, int]]) -> int:
    """How far apart the ends of 8 of 10 cases lie, in cents."""
    low, high = eight_of_ten(nets)
    return high - low


def _amount(group: Group) -> str:
    """What a group likely costs: "about $800", "nothing"; by how many designs, where these differ much."""
    apart = group.designs_apart
    if apart is None:
        return _likely(group)
    others = apart.number - apart.near
    rest = f"{between(apart.low, apart.high)} under the other {others if others > 1 else 'one'}"
    return f"{_likely(group)} under {apart.near} of the {apart.number} published plans we looked at and {rest}"


def _likely(group: Group) -> str:
    return f"about {about(group.likely)}" if group.likely else "nothing"


def _why_nothing(found: Estimate) -> Iterator[str]:
    """Why nothing is left to pay, where the headline says so of visits that take place."""
    free = (group for group in found.groups if group.whole and not group.likely and group.chance >= RARE)
    for group in [*free][:1]:
        totals, who = group.shown.totals, who_pays(found.scenario)
        bears = sum(claim.split.write_off for claim in group.shown.claims if not claim.covered)
        why = {
            "The clinic charges nothing.": int(not totals.charge),
            _bears(found): bears,
            f"{_capital(who)} {'and the second plan pay' if group.shown.scenario.second else 'pays'} all of it.": (
                totals.plan_pays
            ),
            f"The clinic may not bill you for what {who} does not count.": totals.write_off - bears,
            "Help from others pays your part.": group.bottom.assistance + group.bottom.rebate,
            "Your employer's account (HRA) pays your part.": group.bottom.hra,
        }
        largest = max(why, key=lambda sentence: why[sentence])
        yield from [largest] if why[largest] else []


def _bears(found: Estimate) -> str:
    """Why a denied visit is not the patient's: the rule's own reason, or that it was said."""
    scenario = found.scenario
    if isinstance(scenario, Resolved) and scenario.basis["denied_line"].state == "assumed":
        return scenario.basis["denied_line"].why
    return f"The clinic, not you, owes what {who_pays(scenario)} denies."


def rare(found: Estimate) -> str:
    """What the headline leaves out: what is past, an approval that ends, rare outcomes, who owes a denied visit."""
    return " ".join((*_so_far(found), *_ends_early(found), *_rare(found), *who_owes(found)))


def costliest(found: Estimate) -> str:
    """What the costliest month is called: past months are left out where something is still to pay."""
    return "costliest month still to come" if found.calendar.costlier_before else "costliest month"


def so_far(found: Estimate) -> tuple[int, int | None, date] | None:
    """What was due before today and what is still to come of the likely amount, in cents as rounded; None for nothing.

    The second is below zero where more comes back than goes out, and None where the headline says several amounts.
    """
    calendar = found.calendar
    past, today = rounded(calendar.due_before_today), calendar.today
    if past <= 0 or today is None or not found.main.whole or found.chance < RARE:
        return None
    one = found.chance >= SURE and overlap(found) and not two_likely(found)
    return past, rounded(found.main.likely) - past if one else None, today


def _so_far(found: Estimate) -> Iterator[str]:
    """What of it is past, and what is still to come."""
    if told := so_far(found):
        past, left, today = told
        ahead = f", and {brief(abs(left))} is still to come{' back' if left < 0 else ''}" if left else ""
        yield f"{brief(past)} was due before today, {us_day(today)}{ahead}."


def ends_early(found: Estimate) -> tuple[date, int] | None:
    """The last day of an approval and how many visits take place after it; None where none does."""
    scenario, main = found.main.shown.scenario, found.main
    until, covering = scenario.covered_until, {"infusions too", "everything"} & set(main.answers)
    late = sum(visit.date > until for visit in visits(scenario.course)) if until and covering and main.whole else 0
    return (until, late) if until and late else None


def _ends_early(found: Estimate) -> Iterator[str]:
    """The visits after the last day of an approval, where all of them take place."""
    if early := ends_early(found):
        until, late = early
        them = f"the {late} visits after that day are" if late > 1 else "the one visit after that day is"
        yield f"The approval ends on {us_day(until)}; {them} not covered."


def _rare(found: Estimate) -> Iterator[str]:
    """Whole outcomes too rare for the headline, each in a sentence."""
    for group in found.groups if found.chance >= RARE else ():
        if group.whole and group.chance < RARE and group is not found.main:
            best = f", at best {between(group.low, group.low)}" if about(group.low) != about(group.likely) else ""
            if 10 * group.p90 > 11 * group.likely:
                best = f" ({between(group.p10, group.p90)})"
            yield f"If {_if_answer(found, group)} ({how_often(group.chance)}), you pay {_likely(group)}{best}."


def who_owes(found: Estimate) -> Iterator[str]:
    """What decides who owes a visit that the plan denies, where that is not known and such a visit may be owed."""
    if found.scenario.payer in NO_PLAN:
        return
    hangs_on_it = Fraction(0)
    for group in found.groups:
        dimensions = group.cases.dimensions
        at = next((place for place, one in enumerate(dimensions) if one.path == "denied_line"), None)
        if at is None:
            return
        cases = [(*group.choice[:at], place, *group.choice[at + 1 :]) for place in dimensions[at].ends]
        chances = dict.fromkeys((case.ending for case in group.looked), Fraction(0))
        for case in group.looked:
            chances[case.ending] += case.chance
        for ending, chance in chances.items():
            nets = [group.nets.net(choice, ending) for choice in cases]
            hangs_on_it += chance if max(nets) - min(nets) > LITTLE else 0
    if hangs_on_it > HARDLY:
        who = who_pays(found.scenario)
        yield f"If {who} denies a visit, either you or the clinic must pay for it. {_on_what(found.scenario)}"


def _on_what(scenario: Scenario) -> str:
    """On what it depends who owes a denied visit: the rule's own reason, where nobody said that it is not known."""
    if isinstance(scenario, Resolved):
        basis = scenario.basis["denied_line"]
        return basis.why if basis.state == "assumed" else "Ask both before the visit."
    usual = standings_of(scenario.payer)
    standing = next((one for one in usual if network_of_standing(one) == scenario.network), usual[0])
    return denied_line(scenario.payer, standing).why


def _pays_alone(found: Estimate) -> bool:
    return found.scenario.payer in NO_PLAN and found.main.answers == ("denied",)


def _lead(found: Estimate) -> str:
    """The what-if that a known answer is: "If the plan covers only the first visit, "; where it pays nothing, why."""
    if "coverage" not in found.scenario.ranges and pays_nothing_here(found, found.main):
        return f"{who_pays(found.scenario)} pays nothing at this clinic, {'so' if found.main.likely else 'and'} "
    what_if = if_answered(found)
    return f"{what_if}, " if what_if else ""


def if_answered(found: Estimate) -> str:
    """The answer of the plan that was said, as a condition: "if the plan covers only the first visit"; else empty."""
    scenario = found.scenario
    alone = scenario.payer in NO_PLAN and scenario.coverage == "denied"
    if "coverage" in scenario.ranges or alone or pays_nothing_here(found, found.main):
        return ""
    return f"if {_if_answer(found, found.main)}"


def holding(found: Estimate) -> Fraction:
    """The chance, of everything, that the visits take place and the net rounds to the likely amount."""
    amount = about(found.main.likely)
    return chance_of(case for case in found.whole_cases if about(case.net) == amount)


def overlap(found: Estimate) -> bool:
    """Whether the ranges of all likely groups in which the visits take place have amounts in common."""
    likely = [group for group in found.groups if group.whole and group.chance >= RARE]
    return max(group.p10 for group in likely) <= min(group.p90 for group in likely)


def _clauses(found: Estimate) -> Iterator[str]:
    """A clause for each group that is not rare, the likeliest first."""
    groups = [group for group in found.groups if group.chance >= RARE]
    for place, group in enumerate(groups):
        yield _whole(found, group) if group.whole else _stopped(found, group, after=place > 0)


def pays_nothing_here(found: Estimate, group: Group) -> bool:
    """Whether a plan has no benefit at this clinic, whatever it answers in a group."""
    has_plan = found.scenario.payer not in NO_PLAN and set(group.answers) != {"denied"}
    return has_plan and network_of(group.shown.scenario) is None


def _whole(found: Estimate, group: Group) -> str:
    nothing = " it still pays nothing at this clinic:" if pays_nothing_here(found, group) else ""
    start = f"If {_if_answer(found, group)}{_odds(group)},{nothing} you"
    if group.designs_apart:
        return f"{start} pay {_amount(group)}."
    if not group.likely and group.p90:
        return f"{start} most likely pay nothing, and in 8 of 10 cases at most {about(group.p90)}."
    if two := even(group.tall, group.likely, group.p10, group.p90):
        return f"{start} pay {_either(*two)}."
    spread = between(group.p10, group.p90)
    return f"{start} pay {_amount(group)}{'' if spread in _amount(group) else f' ({spread})'}."


def _stopped(found: Estimate, group: Group, *, after: bool) -> str:
    """What is owed where the treatment stops, and what going on without the plan would cost."""
    mostly = OFFER.get(found.scenario.payer, ("", "Most plans of this kind say no"))[1]
    if group.chance >= SURE:
        mostly = f"{_capital(who_pays(found.scenario))} almost certainly says no"
    start = f"{mostly}{_odds(group) if group.chance < SURE else ''}. Then"
    if after or group.chance < MOSTLY:
        start = f"If {who_pays(found.scenario)} says no{_odds(group)},"
    doses = DOSES[protocol(found.scenario.course.protocol).route]
    owed = _owed(found, group, doses, found.scenario.payer == "va-facility")
    return f"{start} {owed}; {_yourself(found, group)}."


def _odds(group: Group) -> str:
    """The chance of a group in brackets; nothing where it is certain."""
    if group.chance == 1:
        return ""
    return " (almost certain)" if group.chance >= SURE else f" (about {how_often(group.chance)})"


def _owed(found: Estimate, group: Group, doses: str, there: bool) -> str:
    """What is owed where the treatment stops, for visits that took place; of others only that they do not."""
    treated, high = _treated(group), group.high
    if high <= LITTLE and not treated:
        whom = "owe VA" if there else "owe"
        return f"you get no {doses}{' there' * there} and {whom} {'little or nothing' if high else 'nothing'}"
    visits = f"the first {f'{group.visits} visits' if group.visits > 1 else 'visit'}" if treated else "the evaluation"
    if not high:
        return f"{visits} cost you nothing, and you get no more {doses}"
    lost = " and in FSA money that is lost" if group.bottom.lost else ""
    return f"you pay {_between(found, group)} for {visits}{lost} and get no {'more ' if treated else ''}{doses}"


def _yourself(found: Estimate, group: Group) -> str:
    """What all planned visits would cost without the plan; as a range where what is owed before may be much of it."""
    ends = alone_between(found, group)
    spread = f" ({between(*ends)})" if ends else ""
    return f"paying for everything yourself would cost about {about(found.going_on)}{spread}"


def _much(found: Estimate, group: Group) -> bool:
    """Whether what is owed before the treatment stops may be much of what all visits cost."""
    return 4 * group.high > found.going_on


def pays_alone(found: Estimate) -> bool:
    """Whether nobody but the patient pays, whatever happens: no plan is asked, and none answers."""
    return found.scenario.payer in NO_PLAN and all(group.answers == ("denied",) for group in found.groups)


def who_pays(scenario: Scenario) -> str:
    """Who pays, as a sentence names it: "Medicaid", "the plan"."""
    return SURELY.get(scenario.payer, "the plan")


def _treated(group: Group) -> bool:
    """Whether the treatment itself began in a group."""
    lines = (claim.line for claim in group.shown.claims)
    return any(line.service not in ("evaluation", "visit") and line.charge for line in lines)


def _between(found: Estimate, group: Group) -> str:
    """What may be owed in a group, from least to most; in 8 of 10 cases where that is said of all visits too."""
    return between(*owed_between(found, group))


def owed_between(found: Estimate, group: Group) -> tuple[int, int]:
    """Between which amounts, in cents, lies what is owed before the treatment stops."""
    return (group.p10, group.p90) if group.p90 and _much(found, group) else group.ends


def alone_between(found: Estimate, group: Group) -> tuple[int, int] | None:
    """Between which amounts, in cents, going on costs; None where what is owed before is little beside it."""
    spread = found.going_on_between if _much(found, group) else None
    return spread if spread and about(spread[0]) != about(spread[1]) else None


def runs_out(found: Estimate) -> bool:
    """Whether a known approval ends before the last visit, and the treatment with it."""
    known = "coverage" not in found.scenario.ranges
    return known and not found.main.whole and found.scenario.coverage in ("infusions too", "everything")


def after_the_approval(case: Scenario) -> tuple[int, int]:
    """What the visits after an approval cost, in cents: your part under a new one, and the charges without it."""
    last = case.covered_until or date.max
    later = [claim for claim in claims_of(case.replace(covered_until=None)) if claim.line.date > last]
    return sum(claim.you_pay for claim in later), sum(claim.line.charge for claim in later)


def _never(found: Estimate) -> str:
    """Where the planned visits all but never take place."""
    doses = DOSES[protocol(found.scenario.course.protocol).route]
    group = next(group for group in found.groups if not group.whole)
    none = f"you get no {doses} that way"
    known = "coverage" not in found.scenario.ranges
    if runs_out(found):
        spread = between(group.p10, group.p90)
        planned = len(visits(found.scenario.course))
        takes = "takes" if group.visits == 1 else "take"
        covered, alone = after_the_approval(group.shown.scenario)
        return (
            f"{group.visits} of {planned} visits {takes} place before the authorization ends, and you pay {spread} for "
            f"{'it' if group.visits == 1 else 'them'}. The other {planned - group.visits} need a new approval: "
            f"with one you pay {f'about {about(covered)}' if covered else 'nothing'} more, "
            f"without it about {about(alone)}."
        )
    if group.high and _treated(group):
        number = f"{group.visits} visit{'s' * (group.visits != 1)}"
        stops = f"the treatment stops after {number}, for which you owe {_between(found, group)}"
    elif group.high > LITTLE:
        lost = " and in FSA money that is lost" if group.bottom.lost else ""
        stops = f"{none} and owe {_between(found, group)} for the evaluation{lost}"
    else:
        stops = none
    if known:
        return f"If {_if_answer(found, group)}, {stops}; {_yourself(found, group)}."
    often = "almost certainly says no" if group.chance >= SURE else "says no"
    return f"{_capital(who_pays(found.scenario))} {often}: {stops}; {_yourself(found, group)}."


def _if_answer(found: Estimate, group: Group) -> str:
    """What the plan answers in a group, as the words after "if"."""
    scenario, who = found.scenario, who_pays(found.scenario)
    covering = {"infusions too", "everything"} & set(group.answers)
    doses = DOSES[protocol(scenario.course.protocol).route]
    if covering and len(group.answers) == len(covering):
        if scenario.payer in OFFER:
            return OFFER[scenario.payer][0]
        if treatment_of(scenario.course.protocol) == "spravato":
            return "the plan approves it"
        return f"the plan pays for the {doses} too"
    if set(group.answers) == {"visits only"}:
        return f"{who} covers only the first visit"
    if set(group.answers) == {"denied"}:
        return f"{who} pays nothing"
    if not covering:
        return f"{who} pays nothing or covers only the first visit"
    if "denied" not in group.answers:
        return f"{who} pays for the {doses} or only for the first visit"
    if "visits only" not in group.answers:
        return f"{who} pays for the {doses} or pays nothing"
    return "the treatment takes place"


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
