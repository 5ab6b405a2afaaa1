"""Every step of the arithmetic in plain sentences, the sources of every number used, and what a reader must know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from fnmatch import fnmatchcase

from ketacost.accounts.loans import helps_denied, kept_of_help, row_of_kept
from ketacost.core.dates import us_day
from ketacost.core.money import brief, percent, shown
from ketacost.core.references import Citation, NotKnownOn, parameter, rows
from ketacost.estimate.answer import Answer
from ketacost.estimate.designs import NO_PLAN, terms_are_said
from ketacost.estimate.intake import UNKNOWN
from ketacost.estimate.other_plans import order_of
from ketacost.estimate.policy_words import policy_citations, policy_notes
from ketacost.estimate.scenario import (
    Scenario,
    helped_services,
    in_years,
    least_before_help,
    network_of,
    plan_is_as_published,
    rule_in_force,
)
from ketacost.model.accumulators import Accumulated, beyond
from ketacost.model.adjudication import Claim, plan_year_of
from ketacost.model.allowed import allowed_citation, priced_by, pricing_citations, pricing_notes, typical_allowed
from ketacost.model.cost_sharing import UNLIMITED
from ketacost.model.courses import ServiceLine, price_citations, services_had, typical_prices
from ketacost.model.plans import Network, Plan, published_plan
from ketacost.model.pricing import Pricing
from ketacost.model.protocols import protocol, service
from ketacost.model.rules import rule_of
from ketacost.taxes.savings import as_if_nearest
from ketacost.taxes.savings import citations as tax_citations


def label_of(claim: Claim) -> str:
    """A line in words: our label of the service and its billing code."""
    benefit = "Service" if claim.line.benefit == "default" else claim.line.benefit.replace("_", " ").capitalize()
    name = service(claim.line.service).label if claim.line.service else benefit
    return f"{name} ({claim.line.code})" if claim.line.code else name


def steps(claim: Claim, how: str = "", *, alone: bool = False) -> tuple[str, ...]:
    """What happened to one line, to the cent: steps(answer.claims[0]).

    `how` says how the plan prices; with `alone` nothing is said of a plan.
    """
    second = claim.own.you_pay - claim.you_pay
    after = (f"The second plan pays {shown(second)} of that; you pay {shown(claim.you_pay)}.",) if second else ()
    return (*_steps(claim.own, f": {how}" if how else "", alone), *after)


def asks_nobody(scenario: Scenario) -> bool:
    """Whether the patient pays without asking a plan, so that nothing is to be told of one."""
    return scenario.payer == "self-pay" or scenario.plan.name == NO_PLAN.name


def _steps(claim: Claim, how: str, alone: bool) -> Iterator[str]:
    line, parts, terms, left = claim.line, claim.split, claim.terms, claim.left
    yield f"{us_day(line.date)}: {label_of(claim)}. The clinic charges {shown(line.charge)}."
    if alone:
        yield f"You pay {shown(claim.you_pay)}."
        return
    if not claim.covered:
        yield (
            f"Not covered: {claim.why_not}. You pay {shown(parts.balance_bill)}; nothing counts toward deductible or "
            "limit."
        )
        return
    counted = min(line.charge, claim.allowed)
    if claim.allowed >= line.charge:
        yield f"The plan counts all of it (its allowed amount is {shown(claim.allowed)}{how})."
    else:
        yield f"The plan counts {shown(counted)} (its allowed amount{how})."
    if parts.balance_bill:
        yield f"{shown(parts.balance_bill)} is above what the plan counts and yours to pay (balance bill)."
    if parts.write_off:
        yield f"{shown(parts.write_off)} is above what the plan counts and written off; nobody pays it."
    if parts.copay:
        yield f"Copay: {shown(parts.copay)}."
    if left.deductible and parts.deductible:
        rest = left.deductible - parts.deductible
        yield (
            f"{shown(parts.deductible)} goes to your deductible, of which {shown(left.deductible)} was left; "
            f"{shown(rest)} is left now."
        )
    if parts.coinsurance:
        share = f"{percent(terms.coinsurance)} of {shown(claim.share_of)}{bounds(claim)}{cut(claim)}"
        yield f"Your share is {share}: {shown(parts.coinsurance)}."
    elif left.limit and cut(claim):
        yield f"That reaches your out-of-pocket limit ({shown(left.limit)} was left)."
    elif cut(claim):
        yield "You have reached your out-of-pocket limit."
    if parts.plan_pays:
        yield f"The plan pays the rest: {shown(parts.plan_pays)}."
    elif line.charge:
        yield "The plan approves this line but pays $0: your own part is all of it."
    yield f"You pay {shown(claim.you_pay)} in all."


def bounds(claim: Claim) -> str:
    """The least and the most of the share of a visit, in words: ", at least $50 and at most $100 a visit"."""
    least, most = claim.terms.coinsurance_least, claim.terms.coinsurance_most
    words = [f"at least {shown(least)}"] if least else []
    words += [f"at most {shown(most)}"] if most < UNLIMITED else []
    return f", {' and '.join(words)} a visit" if words and claim.left.share >= 0 else ""


def cut(claim: Claim) -> str:
    """What the yearly limit does to the patient's part of a line, in words; "" where more of the limit is left."""
    parts, terms, left = claim.own.split, claim.terms, claim.left
    of_share = parts.coinsurance * terms.coinsurance_counts
    counts = of_share + parts.copay * terms.copay_counts + parts.deductible * terms.deductible_counts
    may_count = terms.coinsurance_counts or terms.copay_counts or terms.deductible_counts
    reached = may_count and counts >= left.limit and (of_share or not parts.coinsurance)
    return f", cut to what was left of the out-of-pocket limit ({shown(left.limit)})" if reached else ""


def trace(answer: Answer) -> tuple[str, ...]:
    """Every step of every line with a charge, in order, with a line where a plan year begins: trace(run(scenario))."""
    lines: list[str] = []
    year, side, alone = None, network_of(answer.scenario), asks_nobody(answer.scenario)
    for claim in answer.claims:
        if claim.plan_year != year and not alone:
            year = claim.plan_year
            lines.append(
                f"Plan year from {us_day(year)}: deductibles and limits start {_start(answer.scenario, claim)}."
            )
        if claim.line.charge:
            lines.append(" ".join(steps(claim, str(_pricing(side, claim.line) or ""), alone=alone)))
    return tuple(lines)


def citations(answer: Answer) -> tuple[Citation, ...]:
    """The sources of every number in an answer, from schedule to taxes: citations(run(scenario))."""
    return tuple(dict.fromkeys(citation for group in citations_by_kind(answer).values() for citation in group))


def citations_by_kind(answer: Answer) -> dict[str, tuple[Citation, ...]]:
    """The same sources by what they are about: schedule, charge, code, plan, tax, allowed, policy, order, rule."""
    scenario = answer.scenario
    kind, home, put_in = scenario.course.protocol, scenario.household, scenario.contribution
    charged, prices = (
        scenario.prices.charges,
        zip(price_citations(kind), typical_prices(kind).charges.items(), strict=True),
    )
    return {
        "schedule": protocol(kind).citations,
        "charge": tuple(
            citation
            for citation, (name, amount) in prices
            if charged.get(name) == amount and not _entered(scenario, f"prices.{kind}.{name}")
        ),
        "code": tuple(_code_citations(answer)),
        "plan": published_plan(scenario.published_plan).citations if scenario.published_plan else (),
        "tax": tuple(tax_citations(as_if_nearest(home, put_in))) if home and put_in.amount else (),
        "allowed": tuple(_allowed_citations(answer)),
        "policy": policy_citations(scenario),
        "order": _order_citations(scenario),
        "rule": tuple(filter(None, (rule_in_force(scenario).citation, *_help_citations(scenario)))),
    }


def _order_citations(scenario: Scenario) -> tuple[Citation, ...]:
    """Where it stands which of two plans pays first, unless that was said."""
    intake = getattr(scenario, "intake", None)
    if scenario.second is None or intake is None or "second.goes" in intake.said:
        return ()
    return order_of(intake, scenario.plan, scenario.second.plan).citations


def _help_citations(scenario: Scenario) -> Iterator[Citation]:
    """What a maker's program leaves you; that help does not count beside an HSA until the least deductible is paid."""
    paying = scenario.paying
    if paying.assistance and kept_of_help(paying.assistance_for) and helped_services(scenario) is not None:
        row = row_of_kept()
        yield Citation.of(
            row, f"Spravato savings: {row['item']}", row["value_usd"], "USD a treatment", "spravato_savings"
        )
    if scenario.rule or rule_in_force(scenario).counts_help or scenario.plan.hsa_eligible is not True:
        return
    kind = "family" if scenario.plan.family else "self_only"
    for name in ("help_counts_to_least_deductible", f"least_deductible.{kind}"):
        with suppress(NotKnownOn):
            yield parameter(f"hdhp.{name}").citation(scenario.course.start)


def _code_citations(answer: Answer) -> Iterator[Citation]:
    used = {claim.line.code for claim in answer.claims if claim.line.code}
    for row in rows("codes"):
        if row["code"] in used:
            days = f"{row['from'] or 'no start seen'} to {row['through'] or 'no end seen'}"
            name = f"Code {row['code']}: {row['label']}"
            yield Citation.of(row, name, days, "days in force", "codes")


def _allowed_citations(answer: Answer) -> Iterator[Citation]:
    side = network_of(answer.scenario)
    # in the order of the bill: a set's order would change from one run to the next
    services = dict.fromkeys(claim.line.service for claim in answer.claims if claim.covered and claim.line.charge)
    for name in services if side else ():
        if side and _is_typical(answer.scenario, side, name):
            yield allowed_citation(name)
    for line in _counted(answer):
        if pricing := _pricing(side, line):
            yield from pricing_citations(line, pricing)


def _is_typical(scenario: Scenario, side: Network, name: str) -> bool:
    """Whether what the plan counts for a service is our typical amount, and not one that was entered."""
    key = f"allowed.{scenario.network}.{scenario.course.protocol}.{name}"
    return side.allowed.get(name) == typical_allowed().get(name, -1) and not _entered(scenario, key)


def _entered(scenario: Scenario, key: str) -> bool:
    """Whether somebody entered a value; a file's may be a typical one that was kept."""
    intake = getattr(scenario, "intake", None)
    said = intake.said.get(key) if intake is not None else None
    return said is not None and said.value is not UNKNOWN and said.how != "file"


SAME_ANSWER = "We take both plans to give the same answer about the treatment. Ask the second one, too."
HELP_COUNTS = (
    "Here, copay help counts toward the deductible and the limit. Ask the plan: if it does not count, add "
    '--rule "copay accumulator".'
)


def notes_on(claims: Sequence[Claim]) -> tuple[str, ...]:
    """What to know of adjudicated lines alone: whether help counts, and what we assume of a second plan."""
    second = any(claim.own is not claim for claim in claims)
    helped = any(claim.help_pays for claim in claims) and claims[0].rule.counts_help
    return (*([SAME_ANSWER] if second else []), *([HELP_COUNTS] if helped else []))


def notes(answer: Answer, *, designs: int = 1) -> tuple[str, ...]:
    """What was assumed, read into the plan, or reaches past what is known: notes(run(scenario)).

    `designs` is how many published plans were counted, of which the answer's is one.
    """
    return tuple(_notes(answer, designs))


def _notes(answer: Answer, designs: int) -> Iterator[str]:
    scenario = answer.scenario
    if scenario.rule:
        yield rule_of(scenario.rule).words
    yield from _about_help(answer)
    if scenario.second:
        yield SAME_ANSWER
    if scenario.later:
        yield "We assume that the later plan gives the same answers as the first. Ask it."
    yield from policy_notes(scenario)
    yield from beyond(scenario.used, scenario.plan)
    typical = typical_prices(scenario.course.protocol).charges
    had = services_had(scenario.course)
    billed = {name: amount for name, amount in scenario.prices.charges.items() if name in had}
    if same := [
        name
        for name, amount in billed.items()
        if typical.get(name) == amount and not _entered(scenario, f"prices.{scenario.course.protocol}.{name}")
    ]:
        named = ", ".join(service(name).spoken for name in same)
        yield f"We use typical charges ({named}). Enter what this clinic charges."
    if asks_nobody(scenario):
        return
    side = network_of(scenario)
    if side is None:
        yield f"{scenario.plan.name}: no benefit in this network. That is not a $0 deductible: it pays nothing."
    elif assumed := [name for name in typical_allowed() if name in billed and _is_typical(scenario, side, name)]:
        named = ", ".join(service(name).spoken for name in assumed)
        yield f"We use typical allowed amounts ({named}). Ask the plan for its own."
    if side:
        yield from pricing_notes(_counted(answer), side)
    fallback = {
        claim.line.benefit
        for claim in answer.claims
        if claim.covered and claim.line.charge and claim.benefit != claim.line.benefit
    }
    if fallback:
        yield (
            f"The plan does not state its terms for {', '.join(sorted(f.replace('_', ' ') for f in fallback))}; we "
            "use its general terms."
        )
    if scenario.published_plan:
        yield from _about_the_plan(answer, designs)
    yield from _against_federal_bounds(answer)


def _about_help(answer: Answer) -> Iterator[str]:
    """What help from others counts to, and what a maker's program does not pay."""
    scenario = answer.scenario
    if not scenario.paying.assistance or helped_services(scenario) is None:
        return
    if not helps_denied(scenario.paying.assistance_for) and any(not claim.covered for claim in answer.claims):
        yield "A maker's savings program helps with covered visits: it pays nothing of a visit that the plan denies."
    if keeps := kept_of_help(scenario.paying.assistance_for):
        yield f"The maker's savings program leaves you {brief(keeps)} of each dose."
    if scenario.rule or asks_nobody(scenario):
        return
    if least := least_before_help(scenario):
        begins = plan_year_of(scenario.course.start, scenario.plan.plan_year_starts)
        yield (
            f"The plan allows an HSA, so what others pay does not count until you have paid {brief(least(begins))} "
            "yourself, the law's minimum deductible (IRS Notice 2004-50, answer 9). That it may count after that is "
            "our reading."
        )
    elif rule_in_force(scenario).counts_help:
        yield "Here, what others pay counts toward the deductible and the yearly limit. Ask the plan."
    else:
        yield "Here, what others pay does not count toward the deductible and the yearly limit. Ask the plan."


def _pricing(side: Network | None, line: ServiceLine) -> Pricing | None:
    """The pricing that a line's allowed amount came from; None where it was entered."""
    return priced_by(line, side) if side else None


def _counted(answer: Answer) -> list[ServiceLine]:
    """The lines that the plan counts something of."""
    return [claim.line for claim in answer.claims if claim.covered and claim.line.charge]


def _about_the_plan(answer: Answer, designs: int) -> Iterator[str]:
    scenario = answer.scenario
    published = published_plan(scenario.published_plan)
    intake = getattr(scenario, "intake", None)
    said = frozenset(intake.said) if intake is not None else frozenset()
    if intake is not None and "plan" not in said:
        if terms_are_said(said, scenario.network, scenario.plan.kind):
            if designs > 1:
                counted = f"we counted the terms of {designs} published plans"
                yield f"No plan was chosen: where you entered nothing, {counted}."
            return
        counted = f"No plan was chosen. We counted {designs} published plans; line by line, " if designs > 1 else ""
        yield (
            f"{counted or 'No plan was chosen: '}these amounts use the terms of {published.plan.name} where you "
            "entered nothing."
        )
    elif not plan_is_as_published(scenario):
        yield f"The plan is {published.plan.name} with changes."
    starts = scenario.plan.plan_year_starts
    until = min((version.starts for version in in_years(scenario, scenario.plan).versions), default=date.max)
    years = {plan_year_of(claim.line.date, starts).year for claim in answer.claims if claim.line.date < until}
    if outside := [str(year) for year in sorted(years) if str(year) not in published.plan_year]:
        *others, last = outside
        named = f"{', '.join(others)} and {last}" if others else last
        plan_years = f"the plan year{'s' * bool(others)} {named}"
        if published.plan_year.startswith("undated"):
            likely = published.plan_year.removeprefix("undated").strip(" ()")
            yield (
                f"The plan's figures carry no date{f', and are of {likely}' * bool(likely)}. We use them unchanged for "
                f"{plan_years}."
            )
        else:
            yield f"The plan's figures are those of {published.plan_year}. We use them unchanged for {plan_years}."
    if designs > 1:  # what was read of one of several plans is no word on this patient's
        return
    for reading in published.reading:
        entry = next((entry for words, entry in SPEAKS_OF.items() if words in reading), "")
        if not any(fnmatchcase(key, entry) for key in said):
            yield f"Our reading: {reading}"


SPEAKS_OF = {
    "the plan year starts in January": "plan_year_starts",
    "HSA": "hsa_eligible",
    "a network provider writes off": "terms.in.balance_bill",
    "an out-of-network provider charges above": "terms.out.balance_bill",
    "there is no coinsurance": "terms.in.coinsurance",
    "the coinsurance starts after the deductible": "terms.*.deductible_applies",
    "The copay lines do not say": "terms.*.deductible_applies",
    "whole family deductible": "deductible_kind",
}
"""Which entry a reading of a published plan speaks of, by some of its words; once said, it is not told."""


def _against_federal_bounds(answer: Answer) -> Iterator[str]:
    """Where a plan's numbers do not fit the federal bounds of its years: a slip, or a plan outside those rules."""
    plan = answer.scenario.plan
    side = plan.networks.get("in")
    if not isinstance(side, Network) or plan.kind not in ("PPO", "HDHP", "HMO", "EPO"):
        return
    ceiling, least = parameter("cost_sharing.limit.self_only"), parameter("hdhp.least_deductible.self_only")
    for year in sorted({claim.plan_year for claim in answer.claims}):
        try:
            top, bottom = ceiling.on(year), least.on(year)
        except NotKnownOn:
            yield (
                f"We have no federal limits for the plan year from {us_day(year)}, so we did not check the plan "
                "against them."
            )
            continue
        if isinstance(side.out_of_pocket_limit, int) and side.out_of_pocket_limit > top:
            excess = f"{shown(side.out_of_pocket_limit)} is above the federal ceiling of {shown(top)}"
            yield (
                f"The in-network limit of {excess} for plan years from {year.year}: check it, or whether that law "
                "applies to the plan."
            )
        if (
            plan.hsa_eligible is True
            and plan.kind == "HDHP"
            and isinstance(side.deductible, int)
            and side.deductible < bottom
        ):
            excess = f"{shown(side.deductible)} is below the federal minimum of {shown(bottom)}"
            yield f"The plan is marked for an HSA, but its in-network deductible of {excess} for {year.year}."


def _start(scenario: Scenario, claim: Claim) -> str:
    used = scenario.used
    if used.as_of and plan_year_of(used.as_of, scenario.plan.plan_year_starts) == claim.plan_year:
        return f"from what was used as of {us_day(used.as_of)}"
    return "again at zero"


def accumulated_text(plan: Plan, after: Accumulated, network: str, *, family: bool = False) -> str:
    """One network's accumulators in words, such as "deductible $1,250.00 of $2,250.00", of a person or the family."""
    network, _, group = network.partition(".")
    side = plan.network(network)
    if isinstance(side, str):
        return side
    amounts = side.groups[group] if group else side
    used, counted = after.deductible, after.out_of_pocket
    tops: tuple[object, object] = (amounts.deductible, amounts.out_of_pocket_limit)
    together = (amounts.family_deductible, amounts.family_out_of_pocket_limit)
    joint = [
        not family and ours is not None and plan.aggregate(side, kind)
        for ours, kind in zip(together, ("deductible", "limit"), strict=True)
    ]
    if family:
        used, counted = after.family_deductible or 0, after.family_out_of_pocket or 0
        tops = together
    deductible = (
        "no deductible" if amounts.deductible == 0 else f"deductible {shown(used)}{_of(tops[0], used, joint[0])}"
    )
    if tops[1] is None:
        return deductible if group else f"{deductible}; no yearly limit"
    return f"{deductible}; counted toward the limit {shown(counted)}{_of(tops[1], counted, joint[1])}"


def _of(top: object, amount: int, joint: bool) -> str:
    """Of how much an amount is; where the family's amount alone holds, one person's own is not told."""
    if joint:
        return " toward the family's"
    return f" of {shown(top)}{', met' * (amount >= top)}" if isinstance(top, int) else ""
