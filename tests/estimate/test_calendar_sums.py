"""The laws of the money calendar, on random scenarios: every dollar once, out before back, to the cent; and calendar,
comparison and answer say the same.

Each law is a function that tells what breaks it. The scenarios are walked once; each law is a test of its own.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import pytest
from random_scenarios import MANY, PUT_IN, patient_pays_first, random_scenario

from ketacost.accounts.contributions import OnHand
from ketacost.analysis.comparison import compare
from ketacost.core.dates import months_later
from ketacost.estimate.account_effects import accounts_of
from ketacost.estimate.answer import Answer, run
from ketacost.estimate.calendar import Calendar, bottom_line, calendar
from ketacost.estimate.outlook import outlook
from ketacost.estimate.scenario import Scenario
from ketacost.model.adjudication import Claim
from ketacost.reports.statement import BACK, OUT
from ketacost.taxes.households import NOTHING

TO_THE_CLINIC = ("deposit", "package", "visit")
DATED = tuple(dict.fromkeys(kind for _, kinds in (*OUT.values(), *BACK.values()) for kind in kinds))
BACK_FROM_IT = ("check", "appeal check", "refund")


@dataclass(frozen=True)
class Case:
    """A scenario with its answer and calendar; `claims` are those of the end that the calendar was asked for."""

    scenario: Scenario
    claims: tuple[Claim, ...]
    calendar: Calendar
    steps: int
    today: date | None = None

    def total(self, *kinds: str) -> int:
        """The sum of the entries of some kinds."""
        return sum(entry.cents for entry in self.calendar.entries if entry.kind in kinds)

    @property
    def tax_before_today(self) -> int:
        """At most the tax on money that went in before today, which its row is less by."""
        past = [entry for entry in self.calendar.entries if "before today" in entry.label]
        return self.calendar.bottom.tax_saved if past else 0

    @property
    def owed(self) -> int:
        """The patient's part, from the parts of the claims."""
        parts = [claim.split for claim in self.claims]
        return sum(p.balance_bill + p.copay + p.deductible + p.coinsurance for p in parts)


Law = Callable[[Case], Iterator[str]]
LAWS: dict[str, Law] = {}


def law(told: Law) -> Law:
    """Put a law into the list."""
    LAWS[told.__name__] = told
    return told


def differ(what: str, found: int, expected: int) -> Iterator[str]:
    """What to tell where two amounts differ."""
    if found != expected:
        yield f"{what}: {found} where {expected} was expected"


@law
def the_entries_come_to_the_net(case: Case) -> Iterator[str]:
    line = case.calendar.bottom
    net = line.you_pay + line.monthly_fees + line.steps + line.filing_fee + line.interest + line.lost
    net -= line.assistance + line.hra + line.rebate + line.tax_saved
    yield from differ("entries", sum(entry.cents for entry in case.calendar.entries), net)
    yield from differ("net", case.calendar.net, net)
    yield from differ("you pay", line.you_pay, case.owed)


@law
def the_clinic_and_the_plan_leave_the_patients_part(case: Case) -> Iterator[str]:
    yield from differ(
        "visits and what is paid ahead, less what comes back", case.total(*TO_THE_CLINIC, *BACK_FROM_IT), case.owed
    )


@law
def the_checks_are_what_the_plan_pays(case: Case) -> Iterator[str]:
    pays = sum(claim.split.plan_pays for claim in case.claims) if patient_pays_first(case.scenario) else 0
    yield from differ("checks", -case.total("check", "appeal check"), pays)


@law
def what_comes_back_is_not_paid(case: Case) -> Iterator[str]:
    """Where the clinic bore a line that an appeal has the plan cover, the patient's part is a bill and no refund."""
    for entry in case.calendar.entries:
        if entry.kind in (*BACK_FROM_IT, "rebate") and entry.cents > 0:
            yield f"{entry.kind} of {entry.cents} to be paid on {entry.day}"
        if entry.kind in TO_THE_CLINIC and entry.cents < 0:
            yield f"{entry.kind} of {entry.cents} that comes back on {entry.day}"


@law
def money_comes_back_after_it_went_out(case: Case) -> Iterator[str]:
    held = 0
    for entry in case.calendar.entries:
        held += entry.cents if entry.kind in (*TO_THE_CLINIC, *BACK_FROM_IT) else 0
        if held < 0:
            yield f"more has come back than went to the clinic by {entry.day}"
            return


@law
def nobody_pays_a_dollar_twice(case: Case) -> Iterator[str]:
    """Plan, clinic, accounts and others together never give back more than what went to the clinic by then."""
    held = 0
    for entry in case.calendar.entries:
        held += (
            entry.cents
            if entry.kind in (*TO_THE_CLINIC, *BACK_FROM_IT, "assistance", "hra", "rebate", "fsa", "hsa")
            else 0
        )
        if held < 0:
            yield f"{-held} too much has come back by {entry.day}"
            return


@law
def accounts_take_what_is_put_in_and_no_more(case: Case) -> Iterator[str]:
    """New money goes in once, and comes out, is kept or lost; money on hand comes out as it was, or is lost."""
    line, rows = case.calendar.bottom, case.calendar.entries_of("on hand")
    put_in = sum(entry.cents for entry in case.calendar.entries_of("contribution", "tax"))
    put_in += sum(entry.cents for entry in rows if "before today" in entry.label)
    held = sum(entry.cents for entry in rows if "before today" not in entry.label)
    lost_on_hand = held - line.on_hand
    asked = case.scenario.contribution.amount + case.scenario.next_contribution.amount
    if put_in + line.tax_saved > (asked if case.scenario.household else 0):
        yield f"{put_in + line.tax_saved} is put in of {asked}"
    came_out = -case.total("fsa", "hsa", "kept")
    yield from differ("out of accounts, kept and lost", came_out + line.lost, put_in + line.tax_saved + held)
    yield from differ("paid by accounts", -case.total("fsa", "hsa"), line.fsa + line.hsa)
    yield from differ("kept", -case.total("kept"), line.kept)
    if not 0 <= lost_on_hand <= line.lost or held > case.scenario.on_hand.amount:
        yield f"{held} of {case.scenario.on_hand.amount} on hand, {lost_on_hand} of it lost"
    if not 0 <= line.tax_saved <= line.fsa + line.hsa - line.on_hand + line.lost:
        yield f"{line.tax_saved} of tax is saved on less money"
    if min(line.lost, line.kept, line.fsa, line.hsa) < 0:
        yield f"a negative part of the accounts: {line}"


@law
def an_hsa_beside_a_general_fsa_or_without_its_plan_takes_nothing(case: Case) -> Iterator[str]:
    scenario, labels = case.scenario, [entry.label for entry in case.calendar.entries]
    this_year = scenario.contribution.health_fsa or scenario.on_hand.spouse_fsa
    if scenario.plan.hsa_eligible is True and not (this_year and not scenario.next_contribution.amount):
        return
    yield from (f"money goes in: {label}" for label in labels if label.endswith(("pay to the HSA", "bank to the HSA")))


@law
def nothing_stands_before_today_but_deposits(case: Case) -> Iterator[str]:
    if case.today and case.today <= case.claims[0].line.date:
        early = [entry for entry in case.calendar.entries if entry.day < case.today and entry.kind != "deposit"]
        yield from (f"before today, {case.today}: {entry}" for entry in early)


@law
def an_hsa_pays_from_what_is_in_it(case: Case) -> Iterator[str]:
    held = 0
    for entry in case.calendar.entries:
        held += entry.cents if "HSA" in entry.label and entry.kind in ("contribution", "hsa", "on hand") else 0
        if held < -case.tax_before_today:
            yield f"the HSA pays what is not in it on {entry.day}"
            return


@law
def an_fsa_pays_in_its_year(case: Case) -> Iterator[str]:
    """The election of the household's year, that of the next, and what is left of the running one, each on its days."""
    scenario, on_hand = case.scenario, case.scenario.on_hand
    year = scenario.household.year if scenario.household else scenario.course.start.year
    spans = [(date.min, on_hand.fsa_last_day or date(year, 12, 31))] if on_hand.fsa_left else []
    if scenario.household and scenario.contribution.health_fsa:
        spans.append((date(year, 1, 1), date(year, 12, 31)))
    if scenario.household and scenario.next_contribution.health_fsa:
        first = date(year + 1, on_hand.fsa_starts, 1)
        spans.append((first, months_later(first, 12) - timedelta(days=1)))
    for entry in case.calendar.entries_of("fsa"):
        if not any(first <= entry.day <= usable(on_hand, last) for first, last in spans):
            yield f"the FSA pays on {entry.day}"


def usable(on_hand: OnHand, last: date) -> date:
    """The last day on which money of a plan year can pay: its last, 2 months and 15 days later, or a year later."""
    after = last + timedelta(days=1)
    if on_hand.fsa_at_end == "lost":
        return last
    until = (
        months_later(after, 2) + timedelta(days=15) if on_hand.fsa_at_end != "carried over" else months_later(after, 12)
    )
    return until - timedelta(days=1)


@law
def help_is_never_more_than_what_is_owed(case: Case) -> Iterator[str]:
    line, paying = case.calendar.bottom, case.scenario.paying
    yield from differ("assistance", -case.total("assistance"), min(paying.assistance, admitted(case)))
    yield from differ("rebate", -case.total("rebate"), min(paying.rebate, case.owed - line.assistance - line.hra))


def admitted(case: Case) -> int:
    """What is owed for what the assistance may pay: all of it, all but $10 of a day's drug, or one treatment."""
    scenario, what = case.scenario, case.scenario.paying.assistance_for
    if what == "spravato savings":
        commercial = scenario.payer.startswith(("individual", "marketplace", "employer", "hmo-epo"))
        owed = Counter[date]()
        for claim in case.claims:
            if commercial and claim.covered and claim.line.service == "esketamine":
                owed[claim.line.date] += claim.you_pay
        return sum(max(cents - 1_000, 0) for cents in owed.values())
    return case.owed if what in ("", scenario.course.protocol) else 0


@law
def the_patients_part_is_funded_to_the_cent(case: Case) -> Iterator[str]:
    line, funded = case.calendar.bottom, accounts_of(case.scenario, case.claims).funded
    for kind in ("assistance", "hra", "fsa", "hsa", "loan", "cash"):
        yield from differ(f"funded by {kind}", getattr(line, kind), sum(one.by(kind) for one in funded))
    yield from differ("all funds", line.assistance + line.hra + line.fsa + line.hsa + line.loan + line.cash, case.owed)
    if line.cash + line.loan < line.rebate:
        yield f"a rebate of {line.rebate} gives back what an account paid: cash and loan are {line.cash + line.loan}"


@law
def steps_fees_and_interest_stand_as_they_are(case: Case) -> Iterator[str]:
    line, loan = case.calendar.bottom, case.scenario.paying.loan
    yield from differ("steps", case.total("step"), case.steps)
    yield from differ("filing fee", case.total("filing fee"), fees(case))
    first, last = case.claims[0].line.date, case.claims[-1].line.date
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    begun = sum(months_later(first, number) <= last for number in range(months))
    yield from differ("monthly fee", case.total("monthly fee"), case.scenario.prices.monthly_fee * begun)
    yield from differ("loan", case.total("loan"), line.interest)
    if loan and loan.apr == 0:
        yield from differ("a loan without interest", line.interest, loan.fee)


def fees(case: Case) -> int:
    """What a filing service keeps, half-up on each visit's payment."""
    if not patient_pays_first(case.scenario):
        return 0
    backs = Counter[date]()
    for claim in case.claims:
        backs[claim.line.date] += claim.split.plan_pays
    return sum((2 * back * case.scenario.paying.filing_fee + 10_000) // 20_000 for back in backs.values())


@law
def months_add_up_to_the_entries(case: Case) -> Iterator[str]:
    entries, months = case.calendar.entries, case.calendar.months
    if not entries:
        if months:
            yield "months without entries"
        return
    by_kind = Counter[str]()
    for entry in entries:
        by_kind[entry.kind] += entry.cents
    lent = -sum(e.cents for e in entries if e.kind == "loan" and e.cents < 0)  # what of it is not spent stays in hand
    own = months[-1].running - by_kind["on hand"] - by_kind["kept"]
    if not 0 <= (in_hand := sum(m.out - m.back for m in months) - own) <= lent:
        yield f"out less back leaves {in_hand} of {lent} lent"
    dearest, ahead = case.calendar.dearest_month, case.calendar.ahead
    since = ahead[0].first_day if any(month.out for month in ahead) else date.min
    for kind, found, expected in (
        ("the most of a month", dearest.cents, max(m.out for m in months if m.first_day >= since)),
        ("running", months[-1].running, sum(e.cents for e in entries)),
        ("waited for at the end", months[-1].waiting_for, 0),
    ):
        yield from differ(kind, found, expected)
    yield from (f"below nothing: {month}" for month in months if min(month.out, month.back) < 0)
    first, last = entries[0].day, entries[-1].day
    yield from differ("months", len(months), 12 * (last.year - first.year) + last.month - first.month + 1)
    if any(b.first_day - a.first_day > timedelta(days=31) for a, b in itertools.pairwise(months)):
        yield "a month is left out"


@law
def entries_stand_in_order_and_are_of_known_kinds(case: Case) -> Iterator[str]:
    entries = case.calendar.entries
    if list(entries) != sorted(entries, key=lambda entry: entry.day):
        yield "not in order of date"
    yield from (f"an unknown kind: {entry.kind}" for entry in entries if entry.kind not in (*DATED, "on hand"))
    yield from (f"an entry of nothing: {entry}" for entry in entries if not entry.cents)
    only_out = ("deposit", "package", "visit", "contribution", "step", "monthly fee")
    yield from (f"the wrong way: {entry}" for entry in entries if entry.kind in only_out and entry.cents < 0)


@law
def the_dearest_month_is_the_months_own_outflow(case: Case) -> Iterator[str]:
    """At most all that goes out in a month, at least what goes out less all that accounts, help and loans pay at once."""
    first, cents = case.calendar.dearest_month
    out, at_once = Counter[date](), Counter[date]()
    for entry in case.calendar.entries:
        month = entry.day.replace(day=1)
        if entry.kind in (*TO_THE_CLINIC, "contribution", "step", "monthly fee", "loan") and entry.cents > 0:
            out[month] += entry.cents
        if entry.kind in ("hra", "fsa", "hsa", "assistance", "tax"):
            at_once[month] -= entry.cents
    lent = -sum(entry.cents for entry in case.calendar.entries_of("loan") if entry.cents < 0)
    if first is None:
        if any(out[month] > at_once[month] + lent for month in out):
            yield "no dearest month"
    elif not out[first] - at_once[first] - lent <= cents <= out[first]:
        yield f"the dearest month takes {cents} of {out[first]}"
    today = case.calendar.today
    past = today is not None and first is not None and first < today.replace(day=1)
    own = {month: out[month] - at_once[month] - lent for month in out}
    coming = [month for month in own if today is None or month > today]
    if any(own[month] > (0 if past else cents) for month in coming) or (past and max(own.values()) > cents):
        yield "a dearer month than the dearest"


@law
def the_most_waiting_is_the_most_of_any_day(case: Case) -> Iterator[str]:
    cents, day = case.calendar.most_waiting
    days = {entry.day for entry in case.calendar.entries} | {debt.since for debt in case.calendar.owed}
    yield from differ("most waiting", cents, max(map(case.calendar.owed_back_after, days), default=0))
    if day:
        yield from differ("on its day", case.calendar.owed_back_after(day), cents)


@law
def what_is_owed_back_comes_back(case: Case) -> Iterator[str]:
    first, last = (case.calendar.entries or [None])[0], (case.calendar.entries or [None])[-1]
    if first and last:
        yield from differ("owed after the last entry", case.calendar.owed_back_after(last.day), 0)
        yield from differ("owed before the first", case.calendar.owed_back_after(first.day - timedelta(days=1)), 0)
    for day, cents in Counter({one.until: one.cents for one in case.calendar.owed}).items():
        if cents > 0 and not any(e.day == day and e.cents < 0 for e in case.calendar.entries):
            yield f"nothing comes back on {day}"


@law
def a_comparison_and_the_answer_say_the_same(case: Case) -> Iterator[str]:
    if case.scenario.paying.assistance_for and not case.scenario.payer:
        return  # the estimate takes who pays from the plan's kind, and this help may hang on it
    goes_on = case.scenario.replace(if_denied="go on")
    side, line = compare([goes_on]).options[0], bottom_line(case.scenario, case.claims)
    if side.likely is None or side.plan_pays is None or side.dearest_month is None or side.most_waiting is None:
        yield f"a comparison without amounts: {side.note}"
        return
    yield from differ("net without steps", side.likely - line.steps, case.calendar.net - case.steps)
    for end in (side.low, side.p10, side.p90, side.high):
        yield from differ("range", end or 0, side.likely)
    yield from differ("plan pays", side.plan_pays, sum(claim.split.plan_pays for claim in case.claims))
    yield from differ("visits", side.visits or 0, len({claim.line.date for claim in case.claims}))
    if not (case.scenario.path and case.scenario.payer):  # else the calendar may stand at another end of the path
        dated = calendar(run(case.scenario))
        yield from differ("dearest month", side.dearest_month[1], dated.dearest_month[1])
        yield from differ("most waiting", side.most_waiting[0], dated.most_waiting[0])
        yield from differ("owed back", side.owed_back or 0, case.calendar.owed_back_after(case.claims[-1].line.date))


def cases(number: int) -> Iterator[Case]:
    """Random scenarios as they stand, and every third with a path at one of its ends, an appeal that is won first."""
    for seed in range(number):
        r = Random(seed)
        scenario = with_accounts(r, random_scenario(r))
        answer, today = run(scenario), r.choice((None, scenario.course.start - timedelta(days=r.randint(-30, 500))))
        if scenario.path and scenario.payer and seed % 3 == 0:
            ends = outlook(scenario).ends
            won = [one for one in ends if any("won" in branch for branch in one.end.branches)]
            end = r.choice(won or ends)
            taken = scenario.replace(coverage=end.end.outcome)
            claims = run(taken).claims
            yield Case(taken, claims, calendar(answer, end, today=today), end.end.cost, today)
        else:
            yield as_it_stands(answer, today)


def with_accounts(r: Random, scenario: Scenario) -> Scenario:
    """The scenario with a plan that often allows an HSA, money on hand and of the next year, and help of some kind."""
    on_hand = OnHand(
        fsa_left=r.choice((0, 0, 50_000, 123_457)),
        fsa_last_day=r.choice((None, scenario.course.start + timedelta(days=r.randint(-100, 200)))),
        fsa_at_end=r.choice(("lost", "lost", "carried over", "grace period")),
        fsa_carryover_limit=r.choice((None, 0, 30_000)),
        fsa_starts=r.choice((1, 1, 4, 7)),
        hsa_balance=r.choice((0, 0, 77_777, 500_000)),
        spouse_fsa=r.random() < 0.1,
        medicare_from=r.choice((None, None, None, date(2026, 7, 1))),
    )
    following = r.choice((NOTHING, NOTHING, *PUT_IN)) if scenario.household else NOTHING
    what = r.choice(("", "", "spravato savings", "spravato", scenario.course.protocol))
    return scenario.replace(
        plan=scenario.plan.replace(hsa_eligible=r.choice((True, True, True, False))),
        denied_line=r.choice(("patient", "patient", "provider")),
        next_contribution=following,
        on_hand=on_hand if r.random() < 0.4 else OnHand(),
        paying=scenario.paying.replace(assistance_for=what),
    )


def as_it_stands(answer: Answer, today: date | None) -> Case:
    """The calendar of an answer, and its bottom line without a calendar, which has to be the same."""
    found = calendar(answer, today=today)
    alone = bottom_line(answer.scenario, answer.claims)
    assert alone == found.bottom
    return Case(answer.scenario, answer.claims, found, alone.steps, today)


@dataclass
class Walk:
    """What the walk over all scenarios found: what breaks each law, and how often each kind of entry was met."""

    broken: dict[str, list[str]]
    met: Counter[str]


@pytest.fixture(scope="module")
def walk() -> Walk:
    """All scenarios, once."""
    broken: dict[str, list[str]] = {name: [] for name in LAWS}
    met = Counter[str]()
    for seed, case in enumerate(cases(MANY)):
        for name, told in LAWS.items():
            broken[name] += [f"seed {seed}: {one}" for one in told(case)]
        met.update({entry.kind for entry in case.calendar.entries})
    return Walk(broken, met)


@pytest.mark.parametrize("name", LAWS)
def test_a_law_holds_on_every_scenario(name: str, walk: Walk) -> None:
    assert walk.broken[name][:5] == []


@pytest.mark.parametrize("kind", DATED)
def test_every_kind_of_entry_is_met_often(kind: str, walk: Walk) -> None:
    assert walk.met[kind] >= MANY // 150
