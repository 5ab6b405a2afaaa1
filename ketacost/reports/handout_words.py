"""The handout's words: its texts in a language, and an estimate's headline, outcomes and points in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from ketacost.core.money import about, brief, ends, shown
from ketacost.core.references import read_toml
from ketacost.core.resources import data_folder
from ketacost.estimate.estimate import Estimate, Group, ends_of
from ketacost.estimate.scenario import COVERS, network_of
from ketacost.estimate.sentences import (
    NO_PLAN,
    RARE,
    SURE,
    alone_between,
    counts_lost,
    ends_early,
    even,
    holding,
    how_often,
    if_answered,
    one_in,
    overlap,
    owed_between,
    pays_nothing_here,
    runs_out,
    so_far,
    two_likely,
    who_owes,
)
from ketacost.estimate.superbills import pays_first
from ketacost.model.courses import visits
from ketacost.model.payers import payer

Texts = Mapping[str, Any]

MOST_POINTS = 3


@cache
def languages() -> tuple[str, ...]:
    """The languages that have texts."""
    return tuple(sorted(path.stem.removeprefix("handout_") for path in data_folder().glob("handout_*.toml")))


def texts_of(language: str, name: str = "") -> Texts:
    """A language's texts, with who pays by name or as a plan."""
    texts = read_toml(f"handout_{language}.toml")
    forms = {form: word.format(name=name) for form, word in texts["named" if name else "plan"].items()}

    def filled(text: Any) -> Any:
        if isinstance(text, Mapping):
            return {key: filled(part) for key, part in text.items()}
        if isinstance(text, list | tuple):
            return [filled(part) for part in text]
        for form, word in forms.items():
            text = text.replace(f"{{{form}}}", word) if isinstance(text, str) else text
        return text

    return {part: filled(text) for part, text in texts.items()}


def when(day: date, texts: Texts, form: str = "day") -> str:
    """A day in a language's words: as a "day", a "month", a "short" day or a "day_of_year"."""
    words = texts["when"]
    months = words["months" if form in ("day", "month") else "short_months"]
    return str(words[form].format(day=day.day, month=months[day.month - 1], year=day.year))


def law_of(estimate: Estimate) -> str:
    """The law that the plan is under: "none" where no plan pays."""
    return payer(estimate.scenario.payer).law if estimate.scenario.payer else "none"


# The headline


def headline(estimate: Estimate, texts: Texts) -> Iterator[str]:
    """The estimate's sentence and what else can happen; in another language the same numbers in its words."""
    if "answer" in texts:
        yield from _in_other_words(estimate, texts)
        return
    yield estimate.sentence
    if estimate.rest:
        yield estimate.rest


def one_number(estimate: Estimate) -> tuple[int, ...]:
    """The amount (cents) that the headline says, or its two; empty where it says one for each answer of the plan."""
    if not estimate.main.whole or estimate.chance < SURE:
        return ()
    if holding(estimate) >= SURE:
        return (estimate.main.likely,)
    return (two_likely(estimate) or (estimate.main.likely,)) if overlap(estimate) else ()


def _in_other_words(estimate: Estimate, texts: Texts) -> Iterator[str]:
    """The headline in another language: one amount, a range, or a sentence for each thing that may happen."""
    words, main = texts["answer"], estimate.main
    if runs_out(estimate):
        planned = len(visits(estimate.scenario.course))
        amounts = {"range": _range(main.p10, main.p90, words), "visits": main.visits, "planned": planned}
        yield words["approved"].format(left=planned - main.visits, **amounts)
        return
    whole = main.whole and estimate.chance >= RARE
    amounts = {"likely": _amount(main.likely, words), "range": _range(estimate.p10, estimate.p90, words)}
    sure, pooled = whole and holding(estimate) >= SURE, whole and estimate.chance >= SURE and overlap(estimate)
    if sure:
        alone = estimate.scenario.payer in NO_PLAN and holding(estimate) == 1
        kind = "alone" if alone else "certain" if holding(estimate) == 1 else "sure"
        yield _if_known(estimate, texts, words[kind].format_map(amounts))
    elif pooled and (two := two_likely(estimate)):
        even_ones = words["even"].format(low=_amount(two[0], words), high=_amount(two[1], words))
        yield _if_known(estimate, texts, even_ones)
        if about(two[1]) != about(estimate.p90):
            yield words["spread"].format_map(amounts)
    elif pooled:
        yield _if_known(estimate, texts, words["likely"].format_map(amounts))
    if sure or pooled:
        yield from _by_design(main, words)
    yield from _so_far(estimate, texts)
    rare_ones = [group for group in estimate.groups if group.whole and group.chance < RARE and group is not main]
    likelier = [group for group in estimate.groups if group.chance >= RARE]
    for group in rare_ones if sure or pooled else [*likelier, *(rare_ones if whole else ())]:
        yield _clause(estimate, group, texts)
        yield from _by_design(group, words)
    yield from _what_else(estimate, texts)


def _so_far(estimate: Estimate, texts: Texts) -> Iterator[str]:
    """What of it is past, and what is still to come."""
    if told := so_far(estimate):
        past, left, today = told
        kind = "so_far_only" if not left else "so_far" if left > 0 else "so_far_back"
        yield texts["answer"][kind].format(past=brief(past), left=brief(abs(left or 0)), day=when(today, texts))


def _if_known(estimate: Estimate, texts: Texts, sentence: str) -> str:
    """A sentence under the answer of the plan that was said: "If the plan covers only the first visit, "."""
    if not if_answered(estimate):
        return sentence
    lead = texts["answer"]["known"].format(covers=covers(estimate.main, texts))
    return f"{lead}{sentence[0].lower()}{sentence[1:]}"


def _clause(estimate: Estimate, group: Group, texts: Texts) -> str:
    """What one answer of the plan costs, as a sentence."""
    words = texts["answer"]
    kind = "whole" if group.whole else "stopped_owed" if group.high else "stopped"
    two = even(group.tall, group.likely, group.p10, group.p90) if group.whole and group.chance >= RARE else None
    if two:
        kind = "whole_even"
    elif group.whole and about(group.p10) != about(group.p90):
        kind = "whole_between"
    amounts = {
        "one": _amount(two[0], words) if two else "",
        "other": _amount(two[1], words) if two else "",
        "likely": _amount(group.likely, words),
        "range": _range(group.p10, group.p90, words),
        "high": about(owed_between(estimate, group)[1]),
        "alone": _alone(estimate, group, words),
    }
    return str(words[kind].format_map({"covers": covers(group, texts), "often": often(group.chance, texts), **amounts}))


def _what_else(estimate: Estimate, texts: Texts) -> Iterator[str]:
    words = texts["answer"]
    if next(who_owes(estimate), ""):
        yield words["who_owes"]
    if pays_nothing_here(estimate, estimate.main) and "coverage" not in estimate.scenario.ranges:
        yield words["pays_nothing"]
    if lost := counts_lost(estimate):
        yield words["lost"].format(lost=about(lost))
    if early := ends_early(estimate):
        yield words["ends_early"].format(day=when(early[0], texts), visits=early[1])


def _by_design(group: Group, words: Texts) -> Iterator[str]:
    """What a group costs by the plan's design, where the designs differ much."""
    if group.whole and (apart := group.designs_apart):
        others = _range(apart.low, apart.high, words)
        yield words["designs"].format(likely=_amount(group.likely, words), others=others, **apart._asdict())


def _amount(cents: int, words: Texts) -> str:
    return str(words["about"].format(amount=about(cents)) if cents else words["nothing"])


def _range(low: int, high: int, words: Texts) -> str:
    first, last = ends(low, high)
    if first == last:
        return _amount(high, words)
    return str(words["up_to" if first == "$0" else "between"].format(low=first, high=last))


def _alone(estimate: Estimate, group: Group, words: Texts) -> str:
    """What going on without the plan costs, with its range where what is owed before may be much of it."""
    ends = alone_between(estimate, group)
    return _amount(estimate.going_on, words) + (f" ({_range(*ends, words)})" if ends else "")


# What the plan may answer


def covers(group: Group, texts: Texts) -> str:
    """What the plan pays for in a group, in a language's words."""
    words = texts["case"]
    answers = sorted(group.answers, key=list(COVERS).index)
    return f" {words['or']} ".join(words[answer.replace(" ", "_")] for answer in answers)


def often(chance: Fraction, texts: Texts) -> str:
    """A chance in a language's words."""
    if "answer" not in texts:
        return how_often(chance)
    words = texts["answer"]
    if chance >= SURE or not chance:
        return str(words["nearly" if chance else "never"])
    if chance < RARE:
        return str(words["rare"].format(number=f"{one_in(chance):,}"))
    quarters = [n for n in (1, 3) if abs(chance - Fraction(n, 4)) <= Fraction(2, 100)]
    if quarters:
        return str(words["quarter"].format(chance=quarters[0]))
    return str(words["often"].format(chance=max(round(chance * 10), 1)))


def costs(estimate: Estimate, group: Group, texts: Texts) -> str:
    """What a group costs in a few words: an amount, two, or what is owed when the treatment stops."""
    words, amounts = texts["amounts"], texts["amounts"]
    if not group.whole:
        low, high = owed_between(estimate, group)
        return str(words["stops"].format(owed=_range(low, high, amounts)))
    two = even(group.tall, group.likely, group.p10, group.p90) if group.chance >= RARE else None
    one = [_amount(cents, amounts) for cents in two or (group.likely,)]
    return f" {texts['case']['or']} ".join(one)


# What to know


def points(estimate: Estimate, texts: Texts) -> list[str]:
    """At most three things to know, by the totals: who pays first, what the plan says, what a no means."""
    words, totals, scenario = texts["points"], estimate.shown.totals, estimate.scenario
    law = law_of(estimate)
    first, back = about(totals.you_pay + totals.plan_pays), about(totals.plan_pays)
    if not estimate.shown.claims:
        told = [words["nothing"]]
    elif not totals.plan_pays and next(who_owes(estimate), ""):
        low, high = two_likely(estimate) or (estimate.main.low, estimate.main.high)
        told = [words["may_owe"].format(low=_amount(low, texts["amounts"]), high=_amount(high, texts["amounts"]))]
    elif totals.plan_pays:
        kind = f"{'plans_pay' if scenario.second else 'plan_pays'}_{'clinic' if totals.you_pay else 'all'}"
        told = [words["pay_first_back" if pays_first(scenario) else kind].format(first=first, back=back)]
    else:
        kind = "pay_first" if totals.you_pay else "pay_nothing"
        told = [words[kind].format(first=first)] if law != "none" else []
        told.append(_why_nothing(estimate, law, words))
    if totals.not_covered and totals.not_covered < totals.charge:
        told.append(words["rest_denied"].format(denied=about(totals.not_covered)))
    return told[:MOST_POINTS]


def _why_nothing(estimate: Estimate, law: str, words: Texts) -> str:
    """Why the plan pays nothing."""
    totals = estimate.shown.totals
    if law == "none":
        return str(words["no_claim"])
    if network_of(estimate.shown.scenario) is None:
        return str(words["no_benefit"])
    if totals.deductible:
        return str(words["counted"].format(counted=about(totals.deductible)))
    if totals.write_off == totals.charge and not any(claim.covered for claim in estimate.shown.claims):
        return str(words["clinic_bears"])
    if totals.not_covered == totals.charge:
        mostly = "coverage" in estimate.scenario.ranges and 2 * ends_of(estimate.scenario).get("denied", 0) >= 1
        return str(words["denied" if mostly else "denied_known"])
    return str(words["own_part"])


def the_sum(estimate: Estimate, words: Texts) -> str:
    """From the charge to the net, to the cent so that it adds up; empty where the patient pays the whole charge."""
    if len(estimate.steps_to_net) < 3:
        return ""
    first, *rest = estimate.steps_to_net[:-1]
    written = words["charge"].format(amount=shown(first.cents))
    two = estimate.shown.scenario.second is not None
    for one in rest:
        word = words["plans_pay" if two and one.id == "plan_pays" else one.id]
        written += f" {'−' if one.cents < 0 else '+'} {shown(abs(one.cents))} {word}"
    net = shown(first.cents + sum(one.cents for one in rest))
    return str(words["list"].format(steps=written, net=net))
