"""The handout's words: what the plan may answer, what to know and the sum, in a language's texts."""

from __future__ import annotations

from ketacost.core.money import about, shown
from ketacost.estimate.estimate import Estimate, Group, ends_of
from ketacost.estimate.scenario import COVERS, network_of
from ketacost.estimate.sentences import (
    RARE,
    either,
    even,
    holding,
    only_visits,
    overlap,
    owed_between,
    owing_is_open,
    two_likely,
)
from ketacost.estimate.superbills import pays_first
from ketacost.estimate.texts import SURE, Texts, amount, range_of
from ketacost.model.payers import payer

MOST_POINTS = 3


def law_of(estimate: Estimate) -> str:
    """The law that the plan is under: "none" where no plan pays."""
    return payer(estimate.scenario.payer).law if estimate.scenario.payer else "none"


def one_number(estimate: Estimate) -> tuple[int, ...]:
    """The amount (cents) that the headline says, or its two; empty where it says one for each answer of the plan."""
    if not estimate.main.whole or estimate.chance < SURE:
        return ()
    if holding(estimate) >= SURE:
        return (estimate.main.likely,)
    return (two_likely(estimate) or (estimate.main.likely,)) if overlap(estimate) else ()


# What the plan may answer


def covers(group: Group, texts: Texts) -> str:
    """What the plan pays for in a group, in a language's words."""
    words, alone = texts["case"], only_visits(group.shown.scenario, texts)
    answers = sorted(group.answers, key=list(COVERS).index)
    return f" {words['or']} ".join(words[answer.replace(" ", "_")].format(visits=alone) for answer in answers)


def costs(estimate: Estimate, group: Group, texts: Texts) -> str:
    """What a group costs in a few words: an amount, two, or what is owed when the treatment stops."""
    if not group.whole:
        return str(texts["amounts"]["stops"].format(owed=range_of(*owed_between(estimate, group), texts)))
    two = even(group.tall, group.likely, group.p10, group.p90) if group.chance >= RARE else None
    return either(*two, texts) if two else amount(group.likely, texts)


# What to know


def points(estimate: Estimate, texts: Texts) -> list[str]:
    """At most three things to know, by the totals: who pays first, what the plan says, what a no means."""
    words, totals, scenario = texts["points"], estimate.shown.totals, estimate.scenario
    law = law_of(estimate)
    helped = estimate.main.bottom.assistance
    first, back = about(max(totals.you_pay + totals.plan_pays - helped, 0)), about(totals.plan_pays)
    if not estimate.shown.claims:
        told = [words["nothing"]]
    elif not totals.plan_pays and owing_is_open(estimate):
        low, high = two_likely(estimate) or (estimate.main.low, estimate.main.high)
        told = [words["may_owe"].format(low=amount(low, texts), high=amount(high, texts))]
    elif totals.plan_pays:
        kind = f"{'plans_pay' if scenario.second else 'plan_pays'}_{'clinic' if totals.you_pay else 'all'}"
        told = [words["pay_first_back" if pays_first(scenario) else kind].format(first=first, back=back)]
    else:
        kind = "pay_first" if totals.you_pay > helped else "pay_nothing"
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
    if counted := sum(max(claim.split.deductible - claim.help_pays, 0) for claim in estimate.shown.claims):
        return str(words["counted"].format(counted=about(counted)))
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
