"""The estimate: what a course costs in the end, by what the plan answers, worked out once for every surface.

The net of an end is what the patient owes for the visits that take place, with fees, help, accounts and tax. Ends in
which all planned visits take place are *whole*, the others *stopped*; no amount is pooled over the two. Where there
are few cases their chances are exact; else they are those of a fixed sample. Amounts are cents.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from math import ceil, lcm
from typing import NamedTuple

from ketacost.accounts.contributions import NOTHING_ON_HAND
from ketacost.accounts.loans import HELP_TERMS, Paying
from ketacost.core.displayed import Displayed
from ketacost.core.money import about, percent, shown
from ketacost.core.registry import kept
from ketacost.estimate.account_effects import account_problems, has_accounts, tax_effect
from ketacost.estimate.answer import Answer, Totals
from ketacost.estimate.calendar import BottomLine, Calendar, bottom_line, calendar
from ketacost.estimate.cases import DRAWS, Cases, Choice, cases_of
from ketacost.estimate.cash_flow import NOT_USED, Entry
from ketacost.estimate.designs import kind_of_plan, payer_of_kind
from ketacost.estimate.nets import Ending, Nets
from ketacost.estimate.outlook import Priced, first_step_day
from ketacost.estimate.resolve import Resolved
from ketacost.estimate.scenario import HELP_COUNTS, Scenario, ScenarioError, help_may_count
from ketacost.estimate.unknowns import Unknown, answering, default_range, unknowns
from ketacost.model.courses import visits
from ketacost.model.coverage import End
from ketacost.model.denials import denied_line, if_denied, network_of_standing, standings_of
from ketacost.model.payers import payer, treatment_of
from ketacost.taxes.households import NOTHING

RARE = Fraction(1, 20)
"""Groups less likely than this are in the table of outcomes alone."""

EDGE = Fraction(1, 10)

MUCH_APART, SMALL = 3, 1_000
"""Designs differ much where one costs more than so many times another; amounts below so many cents count as that."""


AN_ESTIMATE = "an estimate, as in kc.estimate(scenario)"

WITHOUT_PLAN = Ending(End((), Fraction(1), "denied", 0, 0, ()), None)
"""How it ends for a patient who goes on without the plan."""


class Looked(NamedTuple):
    """One case of a group: its chance, its net in cents, the values of the unknowns, and the end it is of."""

    chance: Fraction
    net: int
    choice: Choice
    ending: Ending


class DesignsApart(NamedTuple):
    """A group by the plan's design: how many of all cost as the shown case does, and what the others cost, in cents."""

    near: int
    number: int
    low: int
    high: int


@dataclass(frozen=True)
class Group:
    """Ends with similar costs: the plan's answer, how likely it is, and the net cost then, in cents.

    `likely` is the net of the shown case; 8 of 10 cases of this group lie from `p10` to `p90`.
    """

    answers: tuple[str, ...]
    whole: bool
    chance: Fraction
    likely: int
    p10: int
    p90: int
    looked: tuple[Looked, ...]
    shown: Answer
    ending: Ending
    nets: Nets
    choice: Choice

    @property
    def cases(self) -> Cases:
        """The cases that were looked at."""
        return self.nets.cases

    @cached_property
    def low(self) -> int:
        """The least net that can be in this group, in cents, found by search."""
        nets, endings = self.nets, self._endings
        start = min(self.looked, key=_net).choice
        least = self.cases.lowest(lambda choice: min(nets.net(choice, ending) for ending in endings), [start])
        return min(self.likely, *(nets.net(least, ending) for ending in endings))

    @cached_property
    def high(self) -> int:
        """The greatest net that can be in this group, in cents, found by search."""
        nets, endings = self.nets, self._endings
        start = max(self.looked, key=_net).choice
        most = self.cases.lowest(lambda choice: -max(nets.net(choice, ending) for ending in endings), [start])
        return max(self.likely, *(nets.net(most, ending) for ending in endings))

    @property
    def ends(self) -> tuple[int, int]:
        """The least and the greatest net that can be in this group, in cents."""
        return self.low, self.high

    @cached_property
    def tall(self) -> tuple[tuple[int, int], ...]:
        """Each net of the group, in cents, with its weight, lowest first."""
        return tally([case[:2] for case in self.looked])

    @cached_property
    def _endings(self) -> tuple[Ending, ...]:
        return tuple(dict.fromkeys(case.ending for case in self.looked))

    @cached_property
    def by_design(self) -> tuple[int, ...]:
        """The net of the shown case under each published design that may be the plan, in cents; none if it is known."""
        return tuple(self.nets.net(choice, self.ending) for _, choice in _by_design(self.cases, self.choice))

    @property
    def designs_apart(self) -> DesignsApart | None:
        """How many designs cost as the shown case does, and what the others cost; None where they cost much alike."""
        nets = self.by_design
        if not nets or max(nets) <= MUCH_APART * max(min(nets), SMALL):
            return None
        others = [net for net in nets if abs(net - self.likely) > max(self.likely // 10, SMALL)]
        return DesignsApart(len(nets) - len(others), len(nets), min(others), max(others)) if others else None

    @property
    def visits(self) -> int:
        """How many visits take place in the shown case."""
        return self.shown.visits

    @cached_property
    def bottom(self) -> BottomLine:
        """From what is owed to the net of the shown case, in cents."""
        scenario = self.shown.scenario
        if not self.shown.claims:  # where nothing takes place, no account and no loan pays or costs anything
            scenario = scenario.replace(
                contribution=NOTHING, next_contribution=NOTHING, on_hand=NOTHING_ON_HAND, paying=Paying()
            )
        return bottom_line(scenario, self.shown.claims, end=self.ending.end)

    @cached_property
    def calendar(self) -> Calendar:
        """Every dollar of the shown case with its day."""
        if not self.shown.claims:
            start, cost = self.shown.scenario.course.start, self.bottom.steps
            return Calendar(
                (Entry(start, cost, "step", "Fees and time of the steps"),) if cost else (), (), self.bottom, start
            )
        return calendar(self.shown, _priced(self.shown, self.ending), today=self.shown.scenario.today)


class NetStep(NamedTuple):
    """One step from the charge to the net: its words and its cents; the steps add up to the net."""

    id: str
    label: str
    cents: int


@dataclass(frozen=True)
class Estimate(Displayed):
    """What a scenario costs in the end, by the plan's answer; the panel, pages and files all show these numbers.

    `groups` are all groups, likeliest first. `unknowns` are the entries that differ between cases. `picked` is the
    index of the group to show in detail.
    """

    scenario: Scenario
    groups: tuple[Group, ...]
    unknowns: tuple[Unknown, ...]
    looked_at: int
    picked: int | None = None

    @cached_property
    def main(self) -> Group:
        """The group that is shown: the picked one, else the likeliest where all visits take place and are not rare."""
        if self.picked is not None:
            return self.groups[self.picked]
        whole = next((group for group in self.groups if group.whole), None)
        return whole if whole is not None and self.chance >= RARE else self.groups[0]

    @property
    def chance(self) -> Fraction:
        """The chance that the planned visits take place."""
        return sum((group.chance for group in self.groups if group.whole), Fraction(0))

    @property
    def likely(self) -> int | None:
        """The net of the likeliest group in which the planned visits take place, in cents; None where they never do."""
        return next((group.likely for group in self.groups if group.whole), None)

    @property
    def p10(self) -> int:
        """At most 1 in 10 of the whole ends cost less than this, in cents."""
        return self._middle[0]

    @property
    def p90(self) -> int:
        """At most 1 in 10 of the whole ends cost more than this, in cents."""
        return self._middle[1]

    @property
    def low(self) -> int:
        """The least net at which the planned visits take place, in cents."""
        return min(group.low for group in self._alike)

    @property
    def high(self) -> int:
        """The greatest net at which the planned visits take place, in cents."""
        return max(group.high for group in self._alike)

    @cached_property
    def whole_cases(self) -> tuple[Looked, ...]:
        """The cases in which the planned visits take place; where there is none, those of the likeliest group."""
        return tuple(case for group in self._alike for case in group.looked)

    @cached_property
    def tall(self) -> tuple[tuple[int, int], ...]:
        """Each net at which the planned visits take place, in cents, with its weight, lowest first."""
        return tally([case[:2] for case in self.whole_cases])

    @cached_property
    def expected(self) -> Fraction:
        """The mean net over the cases in which the planned visits take place, exactly, in cents."""
        return mean_of(self.whole_cases)

    def chance_over(self, cents: int) -> Fraction:
        """The chance, where the planned visits take place, that the net is more than so many cents."""
        return chance_of(case for case in self.whole_cases if case.net > cents) / self._weight

    @cached_property
    def dots(self) -> tuple[int, ...]:
        """Ten equally likely nets where the visits take place, lowest first, for a picture of ten dots."""
        return tuple(quantile_of(self.tall, Fraction(2 * tenth + 1, 20)) for tenth in range(10))

    @property
    def shown(self) -> Answer:
        """The shown case of the main group: its scenario and its lines add up to `likely`."""
        return self.main.shown

    @property
    def calendar(self) -> Calendar:
        """The money calendar of the shown case."""
        return self.main.calendar

    @property
    def dearest_month(self) -> tuple[date | None, int]:
        """The month in which most leaves the patient's own pocket: its first day, and the cents."""
        return self.calendar.dearest_month

    @property
    def most_waiting(self) -> tuple[int, date | None]:
        """The most that checks still owe the patient on any day, in cents, and that day."""
        return self.calendar.most_waiting

    @cached_property
    def steps_to_net(self) -> tuple[NetStep, ...]:
        """From the charge to the net of the shown case; the cents add up to `likely`. Empty where nothing is owed."""
        if not self.main.shown.claims and not self.main.bottom.steps:
            return ()
        steps = tuple(_steps_to_net(self.main.shown.totals, self.main.bottom))
        loan = self.main.shown.scenario.paying.loan
        if loan is None or "paying.loan.apr" not in self.scenario.ranges:
            return steps
        rate = f" (at an assumed {percent(loan.apr)} a year)"
        return tuple(one._replace(label=one.label + rate) if one.id == "interest" else one for one in steps)

    @cached_property
    def without_plan(self) -> Nets:
        """The nets of the planned visits without the plan, and without help that does not say it is for self-payers."""
        paying = self.scenario.paying
        terms = HELP_TERMS.get(paying.assistance_for)
        helps = paying.assistance if terms and payer("self-pay").law in terms.laws else 0
        ranges = {
            path: values
            for path, values in self.scenario.ranges.items()
            if path not in ("denied_line", "paying.assistance", HELP_COUNTS, "paying.rebate")
        }
        paying = paying.replace(assistance=helps, hra=0, rebate=0)
        alone = {"payer": "self-pay", "path": None, "if_denied": "go on", "denied_line": "patient"}
        denied = {"coverage": "denied", "covered_until": None, "paying": paying, "ranges": ranges}
        return Nets(cases_of(self.scenario.replace(**alone, **denied)))

    @cached_property
    def going_on(self) -> int:
        """What the planned visits would cost, in cents, if the plan said no and the patient went on without it."""
        return self.without_plan.net(self.without_plan.cases.typical, WITHOUT_PLAN)

    @cached_property
    def going_on_between(self) -> tuple[int, int]:
        """Between which amounts, in cents, 8 of 10 cases of going on without the plan lie."""
        nets = self.without_plan
        return eight_of_ten(
            tally([(chance, nets.net(choice, WITHOUT_PLAN)) for chance, choice in nets.cases.weighed()])
        )

    @cached_property
    def sentence(self) -> str:
        """The headline in plain words, rounded to ten dollars."""
        from ketacost.estimate.sentences import headline
        from ketacost.estimate.texts import texts_of

        return headline(self, texts_of("en", self.scenario.payer))

    @cached_property
    def rest(self) -> str:
        """What else can happen, in a sentence: outcomes too rare for the headline; empty where there are none."""
        from ketacost.estimate.sentences import rare
        from ketacost.estimate.texts import texts_of

        return rare(self, texts_of("en", self.scenario.payer))

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What was assumed and what to know about the shown case."""
        from ketacost.estimate.explain import notes

        asked = self.scenario.notes if isinstance(self.scenario, Resolved) else ()
        shown = notes(self.shown, designs=len(self.main.by_design) or 1)
        return tuple(dict.fromkeys((*self.conflicts, *asked, *shown, *_notes(self))))

    @property
    def conflicts(self) -> tuple[str, ...]:
        """What was said and cannot hold beside something else, or may be a slip, a sentence each."""
        scenario = self.scenario
        return tuple(one.sentence for one in scenario.conflicts) if isinstance(scenario, Resolved) else ()

    @property
    def not_used(self) -> tuple[str, ...]:
        """What was said and is not used, a sentence each."""
        scenario = self.scenario
        told = scenario.conflicts if isinstance(scenario, Resolved) else ()
        return (*dict.fromkeys(one.sentence for one in told if not one.counts), *self.unused)

    @property
    def unused(self) -> tuple[str, ...]:
        """The entries that were said for another network or treatment, in a sentence; the panel's form lists them."""
        kept = self.scenario.dormant if isinstance(self.scenario, Resolved) else ()
        return (f"You entered this, and it is not used here: {', '.join(kept)}.",) if kept else ()

    @cached_property
    def sources(self) -> tuple[object, ...]:
        """The sources of the numbers used."""
        from ketacost.estimate.explain import citations

        return citations(self.shown)

    def __repr__(self) -> str:
        chance = "" if self.chance == 1 else f" (chance {float(self.chance):.0%} that the visits take place)"
        under = f" (rule: {self.scenario.rule})" if self.scenario.rule else ""
        return f"Estimate: {self.sentence}{chance}{under}"

    @cached_property
    def _alike(self) -> tuple[Group, ...]:
        return tuple(group for group in self.groups if group.whole) or (self.groups[0],)

    @cached_property
    def _weight(self) -> Fraction:
        return sum((group.chance for group in self._alike), Fraction(0))

    @cached_property
    def _middle(self) -> tuple[int, int]:
        return eight_of_ten(self.tall)


@kept(64)
def estimate(scenario: Scenario) -> Estimate:
    """What a scenario costs in the end, over everything that is not known and everything that the plan may answer.

    Raises ScenarioError for a course without visits or an empty range, PlanError and AllowedNotKnown where the plan
    leaves open what the rule needs. estimate(example("readme-patient")).likely is 778_800 cents.
    """
    scenario = with_usual(scenario)
    looked = cases_of(scenario)
    nets = Nets(looked)
    if not visits(scenario.course):
        raise ScenarioError("the course has no visits; give at least one, as in visits = { induction = 6 }")
    seen: dict[tuple[bool, str], list[Looked]] = {}
    count, known = 0, (Fraction(0), tuple[Ending, ...](), list[Fraction]())
    for weight, choice in looked.weighed():
        count += 1
        endings = nets.endings(choice)
        if known[0] is not weight or known[1] is not endings:
            known = weight, endings, [weight * ending.end.chance for ending in endings]
        for chance, ending in zip(known[2], endings, strict=True):
            case = Looked(chance, nets.net(choice, ending), choice, ending)
            seen.setdefault((ending.whole, ending.end.outcome if ending.whole else ""), []).append(case)
    groups = [_group(nets, whole, tuple(cases)) for (whole, _), cases in seen.items()]
    groups = sorted(_merged(nets, groups), key=lambda group: -group.chance)
    open_to = tuple(one for one in unknowns(scenario) if one.path != "coverage" or len(answering(scenario)) > 1)
    return Estimate(scenario, tuple(groups), open_to, count)


def with_usual(scenario: Scenario) -> Scenario:
    """The scenario with what is usual where it does not say who pays, or what follows a no."""
    if isinstance(scenario, Resolved):
        return scenario
    kind = kind_of_plan(scenario.plan, scenario.published_plan)
    who = scenario.payer or payer_of_kind(kind)
    treatment, ranges = treatment_of(scenario.course.protocol), dict(scenario.ranges)
    stops = scenario.if_denied or if_denied(who, treatment).value
    standings = standings_of(who)
    standing = next((one for one in standings if network_of_standing(one) == scenario.network), standings[0])
    excluded = scenario.path is not None and scenario.path.excluded
    owes = scenario.denied_line or denied_line(who, standing, excluded=excluded).value
    if owes == "not known" and "denied_line" not in ranges:
        ranges["denied_line"] = ("patient", "provider")
    owes = "patient" if owes == "not known" else owes
    if help_may_count(scenario.replace(payer=who)):
        ranges.setdefault(HELP_COUNTS, default_range(scenario, HELP_COUNTS).values)
    return scenario.replace(payer=who, if_denied=stops, denied_line=owes, ranges=ranges)


def tally(nets: Collection[tuple[Fraction, int]]) -> tuple[tuple[int, int], ...]:
    """Each net with its weight, lowest first, of chances and nets; the weights are whole and in the chances' ratio."""
    common, weights = lcm(*{chance.denominator for chance, _ in nets}), dict[int, int]()
    for chance, net in nets:
        weights[net] = weights.get(net, 0) + chance.numerator * (common // chance.denominator)
    return tuple(sorted(weights.items()))


def chance_of(cases: Iterable[Looked]) -> Fraction:
    """The chance of one of these cases."""
    parts = dict[int, int]()
    for case in cases:
        common = case.chance.denominator
        parts[common] = parts.get(common, 0) + case.chance.numerator
    return sum((Fraction(part, common) for common, part in parts.items()), Fraction(0))


def mean_of(cases: Collection[Looked]) -> Fraction:
    """The mean net of cases by their chances, exactly, in cents."""
    tall = tally([case[:2] for case in cases])
    return Fraction(sum(net * weight for net, weight in tall), sum(weight for _, weight in tall))


def quantile_of(tall: Sequence[tuple[int, int]], chance: Fraction) -> int:
    """The smallest net that holds at least so much of the whole weight at or below it."""
    enough, added = ceil(chance * sum(weight for _, weight in tall)), 0
    for net, weight in tall:
        added += weight
        if added >= enough:
            return net
    return tall[-1][0]


def eight_of_ten(tall: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The 10th and the 90th percentile of nets with their weights."""
    return quantile_of(tall, EDGE), quantile_of(tall, 1 - EDGE)


def _net(case: Looked) -> int:
    return case.net


def _group(nets: Nets, whole: bool, cases: tuple[Looked, ...]) -> Group:
    """The cases of one answer: its shown case is the typical one, or the one nearest the median where it lies out.

    Where designs stand for the plan, the typical one is the design whose net is their median.
    """
    by_ending: dict[Ending, list[Looked]] = {}
    for case in cases:
        by_ending.setdefault(case.ending, []).append(case)
    endings = {ending: chance_of(some) for ending, some in by_ending.items()}
    usual = [ending for ending in nets.endings(nets.cases.typical) if ending in endings]
    ending = max(usual or endings, key=lambda one: endings[one])
    choice = _median_design(nets, ending)
    likely = nets.net(choice, ending)
    tall = tally([case[:2] for case in cases])
    p10, p90 = eight_of_ten(tall)
    if not p10 <= likely <= p90:
        median = quantile_of(tall, Fraction(1, 2))
        nearest = min(cases, key=lambda case: abs(case.net - median))
        choice, likely, ending = nearest.choice, nearest.net, nearest.ending
    answers = tuple(dict.fromkeys(case.ending.end.outcome for case in cases))
    chance = sum(endings.values(), Fraction(0))
    return Group(answers, whole, chance, likely, p10, p90, cases, nets.answer(choice, ending), ending, nets, choice)


def _by_design(cases: Cases, choice: Choice) -> tuple[tuple[Fraction, Choice], ...]:
    """A case under each published design that may be the plan, with its odds; none where the plan is known."""
    return tuple(
        (one.odds[place], (*choice[:i], place, *choice[i + 1 :]))
        for i, one in enumerate(cases.dimensions)
        if one.path == "published_plan"
        for place in one.ends
    )


def _median_design(nets: Nets, ending: Ending) -> Choice:
    """The typical case; where designs stand for the plan, under one whose net is the median of theirs."""
    typical = nets.cases.typical
    designs = [(nets.net(choice, ending), odds, choice) for odds, choice in _by_design(nets.cases, typical)]
    if not designs:
        return typical
    median = quantile_of(tally([(odds, net) for net, odds, _ in designs]), Fraction(1, 2))
    middle = [choice for net, _, choice in designs if net == median]
    return typical if typical in middle else middle[0]


def _merged(nets: Nets, groups: list[Group]) -> list[Group]:
    """Whole groups whose likely amounts round to the same ten dollars are one, shown by the likeliest of them."""
    alike: dict[str, list[Group]] = {}
    for group in sorted(groups, key=lambda group: -group.chance):
        alike.setdefault(about(group.likely) if group.whole else "", []).append(group)
    merged = []
    for several in alike.values():
        if len(several) == 1:
            merged += several
            continue
        first = several[0]
        cases = tuple(case for group in several for case in group.looked)
        answers = tuple(dict.fromkeys(answer for group in several for answer in group.answers))
        together = _group(nets, first.whole, cases)
        case = first if together.p10 <= first.likely <= together.p90 else together
        shown, ending, choice = case.shown, case.ending, case.choice
        one = replace(together, answers=answers, likely=case.likely, shown=shown, ending=ending, choice=choice)
        merged.append(one)
    return merged


def _priced(answer: Answer, ending: Ending) -> Priced | None:
    """An end with its days, as the calendar takes it; None where no step is taken and none can be."""
    scenario, totals = answer.scenario, answer.totals
    if not ending.end.steps and not (scenario.path and scenario.payer):
        return None
    law = payer(scenario.payer).law if scenario.payer else ""
    begun = first_step_day(scenario, scenario.path, law) if scenario.path else scenario.course.start
    return Priced(ending.end, totals, totals.you_pay, begun + timedelta(days=ending.end.days), ())


def _steps_to_net(totals: Totals, bottom: BottomLine) -> Iterable[NetStep]:
    yield NetStep("charge", "The clinic charges", totals.charge)
    rows = (
        ("write_off", "Written off by the clinic", -totals.write_off),
        ("plan_pays", "The plan pays", -totals.plan_pays),
        ("monthly_fees", "Monthly fees", bottom.monthly_fees),
        ("steps", "Fees and time for appeals", bottom.steps),
        ("filing_fee", "Kept by a filing service", bottom.filing_fee),
        ("interest", "Interest and loan fees", bottom.interest),
        ("lost", "FSA money that is lost", bottom.lost),
        ("assistance", "Help from others", -bottom.assistance),
        ("hra", "Your employer's account (HRA)", -bottom.hra),
        ("rebate", "Rebate", -bottom.rebate),
        ("tax_saved", "Tax saved", -bottom.tax_saved),
    )
    yield from (NetStep(id, label, cents) for id, label, cents in rows if cents)
    yield NetStep("net", "You pay in the end", 0)


def _notes(found: Estimate) -> Iterable[str]:
    """What to know of the accounts beside what the headline says of them, and of how the range was found."""
    scenario, claims = found.shown.scenario, found.shown.claims
    if scenario.household is not None and has_accounts(scenario) and claims:
        told = account_problems(scenario, claims)
        yield from (f"{note}." for note in tax_effect(found.shown).notes if note not in told)
    if claims and any(package.refundable for package in scenario.prices.packages):
        refunds = found.main.calendar.entries_of("refund")
        if back := -sum(entry.cents for entry in refunds if entry.label == NOT_USED):
            yield (
                f"We assume that the clinic refunds {shown(back)} for visits that you paid ahead and don't use. "
                "Ask it: if it keeps the money, enter the package as not refundable."
            )
    if len(found.unknowns) > 1:
        yield "We treat the unknowns as unrelated."
    if found.looked_at == DRAWS:
        yield f"The ranges come from {DRAWS} cases, drawn by their odds and the same every time."


def ends_of(scenario: Scenario) -> Mapping[str, Fraction]:
    """The chance of each answer of the plan: denied, visits only, infusions too."""
    chances: dict[str, Fraction] = {}
    for end in answering(scenario):
        chances[end.outcome] = chances.get(end.outcome, Fraction(0)) + end.chance
    return chances
