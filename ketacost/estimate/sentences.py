"""The headline in plain words: one amount, a range, or a clause for each thing that the plan may answer.

A stopped group never gets a likely cost, and no amount is pooled over visits that take place and visits that do not.
Its sentences are in data/texts_LANGUAGE.toml, under `answer`; here is which of them are said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from math import ceil, floor

from ketacost.core.money import about, brief, ends, rounded
from ketacost.core.words import capital
from ketacost.estimate.account_effects import account_problems, has_accounts
from ketacost.estimate.estimate import Estimate, Group, chance_of, eight_of_ten
from ketacost.estimate.resolve import Resolved
from ketacost.estimate.scenario import Scenario, claims_of, network_of
from ketacost.estimate.texts import SURE, SURELY, Texts, amount, how_often, range_of, texts_of, when
from ketacost.model.courses import visits
from ketacost.model.denials import denied_line, network_of_standing, standings_of
from ketacost.model.payers import treatment_of
from ketacost.model.protocols import protocol, visits_alone

RARE = Fraction(1, 20)
MOSTLY = Fraction(11, 20)
EVEN = Fraction(45, 100)
"""From this share on, the less likely of two amounts is as likely as the other."""

HARDLY = Fraction(1, 100)
"""What hangs on a chance of no more than this is not worth a sentence."""

NO_PLAN = ("", "self-pay")
SOME = 1_000
"""From so many cents on, a part of the amount is worth a sentence."""
LITTLE = 5_000
"""Up to so many cents, what is owed for an evaluation is "little"."""


def headline(found: Estimate, texts: Texts) -> str:
    """The headline of an estimate, rounded to ten dollars; last, money in accounts that saves nothing and why."""
    told = (_answer(found, texts), *_lost(found, texts), *_why_nothing(found, texts), *_saves_nothing(found, texts))
    return " ".join(dict.fromkeys(told))


def counts_lost(found: Estimate) -> int:
    """The FSA money (cents) that is lost in the amount of the likeliest visits; 0 where it is little or none."""
    lost = found.main.bottom.lost
    return lost if found.main.whole and found.chance >= RARE and lost >= SOME else 0


def _lost(found: Estimate, texts: Texts) -> Iterator[str]:
    """FSA money that the amount of the likeliest visits counts and that pays for none of them."""
    if lost := counts_lost(found):
        several = sum(group.chance >= RARE for group in found.groups) > 1
        words = texts["answer"]["lost_if" if several else "lost"]
        yield words.format(answer=_said(found, found.main, texts), lost=about(lost))


def _saves_nothing(found: Estimate, texts: Texts) -> Iterator[str]:
    """What was entered for an account and does not count, a sentence each."""
    scenario = found.shown.scenario
    if scenario.household is not None and has_accounts(scenario) and found.shown.claims:
        for problem in account_problems(scenario, found.shown.claims):
            yield capital(texts["answer"]["saves_nothing"].format(problem=problem))


def _answer(found: Estimate, texts: Texts) -> str:
    """The headline, in one of its forms."""
    main = found.main
    if not main.whole or found.chance < RARE:
        return _never(found, texts)
    held, one = holding(found), _amount(main, texts)
    if held == 1 and not found.unknowns and not _pays_alone(found):
        one = range_of(main.likely, main.likely, texts)
    if held >= SURE:
        return _told(found, texts, "sure" if held == 1 else "nearly", amount=one, chance=int(held * 100))
    if found.chance >= SURE and overlap(found):
        words, two, spread = texts["answer"], two_likely(found), range_of(found.p10, found.p90, texts)
        cases = words["cases"].format(range=spread)
        if two:
            cases = "" if about(two[1]) == about(found.p90) else cases
            return _told(found, texts, "two", amount=_alike(*two, texts), cases=cases)
        cases = words["cases_same"] if about(found.p10) == about(found.p90) == about(main.likely) else cases
        return _told(found, texts, "likely", amount=one, cases=cases)
    return " ".join(_clauses(found, texts))


def _told(found: Estimate, texts: Texts, form: str, **amounts: object) -> str:
    """A sentence about all planned visits, under what is known of the plan's answer, or of paying alone."""
    words = texts["answer"]
    if _pays_alone(found):
        return str(words["alone"][form].format_map(amounts))
    lead = _lead(found, texts)
    sentence = words.get(f"{form}_led", words[form]) if lead else words[form]
    return capital(f"{lead}{sentence[0].lower()}{sentence[1:]}".format_map(amounts))


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


def either(low: int, high: int, texts: Texts | None = None) -> str:
    """Two amounts in cents, in words: "nothing or about $1,500"."""
    texts = texts or texts_of()
    words, names = texts["amounts"], ends(low, high)
    first, second = (words["nothing"] if end == "$0" else words["about"].format(amount=end) for end in names)
    return str(texts["answer"]["either"].format(low=first, high=second))


def _alike(low: int, high: int, texts: Texts) -> str:
    return f"{either(low, high, texts)}{texts['answer']['alike']}"


def _spread(nets: Sequence[tuple[int, int]]) -> int:
    """How far apart the ends of 8 of 10 cases lie, in cents."""
    low, high = eight_of_ten(nets)
    return high - low


def _amount(group: Group, texts: Texts) -> str:
    """What a group likely costs: "about $800", "nothing"; by how many designs, where these differ much."""
    likely, apart = amount(group.likely, texts), group.designs_apart
    if apart is None:
        return likely
    others = apart.number - apart.near
    words = texts["answer"]["designs" if others > 1 else "designs_one"]
    spread = range_of(apart.low, apart.high, texts)
    return str(words.format(likely=likely, near=apart.near, number=apart.number, range=spread, others=others))


def _why_nothing(found: Estimate, texts: Texts) -> Iterator[str]:
    """Why nothing is left to pay, where the headline says so of visits that take place."""
    free = (group for group in found.groups if group.whole and not group.likely and group.chance >= RARE)
    for group in [*free][:1]:
        totals, two = group.shown.totals, group.shown.scenario.second
        bears = sum(claim.split.write_off for claim in group.shown.claims if not claim.covered)
        reason = _bears(found)
        why = {
            "free": int(not totals.charge),
            "borne_by_rule" if reason else "borne": bears,
            "plans_pay" if two else "plan_pays": totals.plan_pays,
            "not_counted": totals.write_off - bears,
            "help": group.bottom.assistance + group.bottom.rebate,
            "hra": group.bottom.hra,
        }
        largest = max(why, key=lambda name: why[name])
        yield from [texts["answer"]["nothing"][largest].format(reason=reason)] if why[largest] else []


def _bears(found: Estimate) -> str:
    """Why a denied visit is not the patient's: the rule's own reason; empty where it was said."""
    scenario = found.scenario
    basis = scenario.basis["denied_line"] if isinstance(scenario, Resolved) else None
    return basis.why if basis and basis.state == "assumed" else ""


def rare(found: Estimate, texts: Texts) -> str:
    """What the headline leaves out: what is past, an approval that ends, rare outcomes, who owes a denied visit."""
    return " ".join(
        (*_so_far(found, texts), *_ends_early(found, texts), *_rare(found, texts), *_who_owes(found, texts))
    )


def costliest(found: Estimate) -> str:
    """What the costliest month is called: past months are left out where something is still to pay."""
    return str(texts_of()["answer"]["costliest_ahead" if found.calendar.costlier_before else "costliest"])


def _so_far(found: Estimate, texts: Texts) -> Iterator[str]:
    """What was due before today and what is still to come of the likely amount, where the headline says one amount."""
    calendar = found.calendar
    past, today = rounded(calendar.due_before_today), calendar.today
    if past <= 0 or today is None or not found.main.whole or found.chance < RARE:
        return
    one = found.chance >= SURE and overlap(found) and not two_likely(found)
    left = rounded(found.main.likely) - past if one else 0
    words = texts["answer"]["so_far_only" if not left else "so_far" if left > 0 else "so_far_back"]
    yield words.format(past=brief(past), left=brief(abs(left)), day=when(today, texts, "text"))


def _ends_early(found: Estimate, texts: Texts) -> Iterator[str]:
    """The visits after the last day of an approval, where all of them take place."""
    scenario, main = found.main.shown.scenario, found.main
    until, covering = scenario.covered_until, {"infusions too", "everything"} & set(main.answers)
    late = sum(visit.date > until for visit in visits(scenario.course)) if until and covering and main.whole else 0
    if until and late:
        words = texts["answer"]["ends_early" if late > 1 else "ends_early_one"]
        yield words.format(day=when(until, texts, "text"), visits=late)


def _rare(found: Estimate, texts: Texts) -> Iterator[str]:
    """Whole outcomes too rare for the headline, each in a sentence."""
    words = texts["answer"]
    for group in found.groups if found.chance >= RARE else ():
        if group.whole and group.chance < RARE and group is not found.main:
            best = ""
            if 10 * group.p90 > 11 * group.likely:
                best = words["bracket"].format(range=range_of(group.p10, group.p90, texts))
            elif about(group.low) != about(group.likely):
                best = words["best"].format(range=range_of(group.low, group.low, texts))
            often, one = how_often(group.chance, texts), amount(group.likely, texts)
            yield words["rare"].format(answer=_said(found, group, texts), often=often, amount=one, best=best)


def owing_is_open(found: Estimate) -> bool:
    """Whether it is not known who owes a visit that the plan denies, and such a visit may be owed."""
    if found.scenario.payer in NO_PLAN:
        return False
    hangs_on_it = Fraction(0)
    for group in found.groups:
        dimensions = group.cases.dimensions
        at = next((place for place, one in enumerate(dimensions) if one.path == "denied_line"), None)
        if at is None:
            return False
        cases = [(*group.choice[:at], place, *group.choice[at + 1 :]) for place in dimensions[at].ends]
        chances = dict.fromkeys((case.ending for case in group.looked), Fraction(0))
        for case in group.looked:
            chances[case.ending] += case.chance
        for ending, chance in chances.items():
            nets = [group.nets.net(choice, ending) for choice in cases]
            hangs_on_it += chance if max(nets) - min(nets) > LITTLE else 0
    return hangs_on_it > HARDLY


def _who_owes(found: Estimate, texts: Texts) -> Iterator[str]:
    """What decides who owes a visit that the plan denies, where that is not known and such a visit may be owed."""
    if owing_is_open(found):
        reason = _on_what(found.scenario) or texts["answer"]["ask_both"]
        yield texts["answer"]["who_owes"].format(reason=reason)


def _on_what(scenario: Scenario) -> str:
    """On what it depends who owes a denied visit: the rule's own reason; empty where somebody said it is not known."""
    if isinstance(scenario, Resolved):
        basis = scenario.basis["denied_line"]
        return basis.why if basis.state == "assumed" else ""
    usual = standings_of(scenario.payer)
    standing = next((one for one in usual if network_of_standing(one) == scenario.network), usual[0])
    return denied_line(scenario.payer, standing).why


def _pays_alone(found: Estimate) -> bool:
    return found.scenario.payer in NO_PLAN and found.main.answers == ("denied",)


def _lead(found: Estimate, texts: Texts) -> str:
    """The what-if that a known answer is: "If the plan covers only the first visit, "; where it pays nothing, why."""
    words = texts["answer"]
    if "coverage" not in found.scenario.ranges and pays_nothing_here(found, found.main):
        return str(words["here_so" if found.main.likely else "here_and"])
    return if_answered(found, texts)


def if_answered(found: Estimate, texts: Texts | None = None) -> str:
    """The answer of the plan that was said, as a condition: "If the plan covers only the first visit, "; else empty."""
    scenario, texts = found.scenario, texts or texts_of("en", found.scenario.payer)
    alone = scenario.payer in NO_PLAN and scenario.coverage == "denied"
    if "coverage" in scenario.ranges or alone or pays_nothing_here(found, found.main):
        return ""
    return str(texts["answer"]["if"].format(answer=_said(found, found.main, texts)))


def holding(found: Estimate) -> Fraction:
    """The chance, of everything, that the visits take place and the net rounds to the likely amount."""
    amount = about(found.main.likely)
    return chance_of(case for case in found.whole_cases if about(case.net) == amount)


def overlap(found: Estimate) -> bool:
    """Whether the ranges of all likely groups in which the visits take place have amounts in common."""
    likely = [group for group in found.groups if group.whole and group.chance >= RARE]
    return max(group.p10 for group in likely) <= min(group.p90 for group in likely)


def _clauses(found: Estimate, texts: Texts) -> Iterator[str]:
    """A clause for each group that is not rare, the likeliest first."""
    groups = [group for group in found.groups if group.chance >= RARE]
    for place, group in enumerate(groups):
        yield _whole(found, group, texts) if group.whole else _stopped(found, group, texts, after=place > 0)


def pays_nothing_here(found: Estimate, group: Group) -> bool:
    """Whether a plan has no benefit at this clinic, whatever it answers in a group."""
    has_plan = found.scenario.payer not in NO_PLAN and set(group.answers) != {"denied"}
    return has_plan and network_of(group.shown.scenario) is None


def _whole(found: Estimate, group: Group, texts: Texts) -> str:
    words, form, one, spread = texts["answer"], "whole", _amount(group, texts), ""
    if not group.designs_apart:
        two = even(group.tall, group.likely, group.p10, group.p90)
        if not group.likely and group.p90:
            form = "whole_nothing"
        elif two:
            one = _alike(*two, texts)
        elif about(group.p10) != about(group.p90) or about(group.p90) != about(group.likely):
            spread = words["bracket"].format(range=range_of(group.p10, group.p90, texts))
    return str(
        words[form].format(
            answer=_said(found, group, texts),
            odds=_odds(group, texts),
            here=words["here"] if pays_nothing_here(found, group) else "",
            amount=one,
            range=spread,
            high=about(group.p90),
        )
    )


def _stopped(found: Estimate, group: Group, texts: Texts, *, after: bool) -> str:
    """What is owed where the treatment stops, and what going on without the plan would cost."""
    form = (
        "stopped_if" if after or group.chance < MOSTLY else "stopped_sure" if group.chance >= SURE else "stopped_mostly"
    )
    said = {**texts["answer"]["says"], **texts["answer"]["says"].get(found.scenario.payer, {})}
    return str(
        texts["answer"][form].format(
            mostly=said["mostly_no"],
            odds=_odds(group, texts),
            owed=_owed(found, group, texts),
            yourself=_yourself(found, group, texts),
        )
    )


def _odds(group: Group, texts: Texts) -> str:
    """The chance of a group in brackets; nothing where it is certain."""
    if group.chance == 1:
        return ""
    form = "odds_sure" if group.chance >= SURE else "odds"
    return str(texts["answer"][form].format(often=how_often(group.chance, texts)))


def _owed(found: Estimate, group: Group, texts: Texts) -> str:
    """What is owed where the treatment stops, for visits that took place; of others only that they do not."""
    words, treated, high = texts["answer"]["owed"], _treated(group), group.high
    said: dict[str, object] = {"doses": _doses(found, texts), "visits": group.visits}
    said["range"] = _with_fee(found, group, texts)
    if high <= LITTLE and not treated:
        there = "_there" if found.scenario.payer == "va-facility" else ""
        return str(words[f"{'little' if high else 'nothing'}{there}"].format_map(said))
    first = "first_visits" if group.visits > 1 else "first_visit"
    said["visits"] = words[first if treated else "evaluation"].format_map(said)
    said["lost"] = words["lost"] if group.bottom.lost else ""
    return str(words["free" if not high else "some_more" if treated else "some"].format_map(said))


def _with_fee(found: Estimate, group: Group, texts: Texts) -> str:
    """What is owed where the treatment stops, and that a monthly fee is part of it."""
    fee = texts["answer"]["owed"]["fee"] if group.bottom.monthly_fees else ""
    return f"{range_of(*owed_between(found, group), texts)}{fee}"


def _yourself(found: Estimate, group: Group, texts: Texts) -> str:
    """What all planned visits would cost without the plan; as a range where what is owed before may be much of it."""
    ends, words = alone_between(found, group), texts["answer"]
    spread = words["bracket"].format(range=range_of(*ends, texts)) if ends else ""
    return str(words["yourself"].format(alone=about(found.going_on), range=spread))


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


def _never(found: Estimate, texts: Texts) -> str:
    """Where the planned visits all but never take place."""
    group = next(group for group in found.groups if not group.whole)
    if runs_out(found):
        return _approved(found, group, texts)
    words = texts["answer"]["owed"]
    treated = group.high and _treated(group)
    form = "none_owing" if group.high > LITTLE else "none"
    if treated:
        form = "stops_one" if group.visits == 1 else "stops"
    owed = words[form].format(
        doses=_doses(found, texts),
        visits=group.visits,
        range=_with_fee(found, group, texts),
        lost=words["lost"] if group.bottom.lost else "",
    )
    known = "coverage" not in found.scenario.ranges
    sentence = texts["answer"]["never_if" if known else "never_sure" if group.chance >= SURE else "never"]
    return str(sentence.format(answer=_said(found, group, texts), owed=owed, yourself=_yourself(found, group, texts)))


def _approved(found: Estimate, group: Group, texts: Texts) -> str:
    """What the visits before the end of an approval cost, and those after it."""
    words, planned = texts["answer"], len(visits(found.scenario.course))
    covered, alone = after_the_approval(group.shown.scenario)
    left = planned - group.visits
    first = words["approved_one" if group.visits == 1 else "approved"]
    then = words["new_approval_one" if left == 1 else "new_approval"]
    spread, more = range_of(group.p10, group.p90, texts), amount(covered, texts)
    told = first.format(visits=group.visits, planned=planned, range=spread)
    return f"{told} {then.format(left=left, more=more, alone=about(alone))}"


def _doses(found: Estimate, texts: Texts) -> str:
    return str(texts["doses"][protocol(found.scenario.course.protocol).route])


def _said(found: Estimate, group: Group, texts: Texts) -> str:
    """What the plan answers in a group, as the words after "if"."""
    scenario, says = found.scenario, texts["answer"]["says"]
    covering = {"infusions too", "everything"} & set(group.answers)
    if covering and len(group.answers) == len(covering):
        if scenario.payer in says:
            return str(says[scenario.payer]["approves"])
        form = "approves" if treatment_of(scenario.course.protocol) == "spravato" else "doses"
    elif not covering:
        alone = {"denied": "nothing", "visits only": "first"}
        form = "nothing_or_first" if len(set(group.answers)) > 1 else alone[group.answers[0]]
    elif "denied" not in group.answers:
        form = "doses_or_first"
    else:
        form = "doses_or_nothing" if "visits only" not in group.answers else "takes_place"
    return str(says[form].format(doses=_doses(found, texts), visits=only_visits(found.scenario, texts)))


def only_visits(scenario: Scenario, texts: Texts) -> str:
    """What a plan pays for that covers visits alone: "the first visit"."""
    return str(texts["visits_alone"][visits_alone(scenario.course.protocol)])
