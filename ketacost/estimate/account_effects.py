"""What tax-free accounts do for a scenario: who pays each visit, the tax saved on what paid, how much to elect.

Money already in an account was the patient's own pay, and its tax was saved long ago. A bill that it pays counts in
full and saves nothing new; FSA money of the running plan year that no visit can use is lost, and counts. New money
counts by what becomes of it: the dollars that pay bills save tax; those that an FSA loses do too, and are a cost; what
stays in an HSA, or is carried over and not needed, is neither cost nor saving.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from ketacost.accounts.contributions import Counted, LastUse, carryover_limit, counted, last_use, limit_on, why_no_hsa
from ketacost.accounts.fsa import CostOutcome, ElectionAdvice, elect
from ketacost.accounts.funding import FundedPart, FundingKind, FundingSource, PatientPart, fund
from ketacost.accounts.hsa import Span
from ketacost.core.dates import months_later
from ketacost.core.fields import KetacostError
from ketacost.estimate.answer import Answer
from ketacost.estimate.outlook import outlook
from ketacost.estimate.scenario import Scenario, claims_of, helped_services
from ketacost.model.adjudication import Claim
from ketacost.model.payers import payer
from ketacost.taxes.households import NOTHING, Contribution, Household
from ketacost.taxes.savings import TaxSaving, as_if_nearest, saving_of

MEDICARE = ("medicare", "medicare-advantage")
"""The laws of payers that are Medicare."""


class AccountYear(NamedTuple):
    """A year's money in accounts: what is put in, what of it counts, and the part on which tax is saved.

    `fsa_first` is the first day of the plan year of the FSA's election; `fsa` and `hsa` name the sources of money.
    """

    home: Household
    put_in: Contribution
    fsa_first: date
    fsa: str
    hsa: str
    counted: Counted
    taxed: Contribution

    def saving(self, *, strict: bool = False) -> TaxSaving:
        """The tax saved. Raises NotKnownFor where a year's tables are not known, if strict or none is near."""
        return saving_of(self.home, self.taxed) if strict else saved_by(self.home, self.taxed)

    @property
    def tax_saved(self) -> int:
        """The tax saved, in cents."""
        return self.saving().total if self.taxed.amount else 0


class FsaEnd(NamedTuple):
    """How one FSA's plan year ends for the patient, in cents: the last day of use, what is carried over, what is lost.

    `on_hand` says that it is the running FSA, whose money was put in already.
    """

    name: str
    last_use: date
    carried: int
    unused_of_carried: int
    lost: int
    on_hand: bool


class Accounts(NamedTuple):
    """What the accounts of a scenario do: who pays each part, each year's money, and how each FSA ends."""

    funded: tuple[FundedPart, ...]
    years: tuple[AccountYear, ...]
    fsas: tuple[FsaEnd, ...]
    assumed: tuple[str, ...] = ()

    @property
    def fsa(self) -> int:
        """All that FSAs pay, in cents."""
        return sum(part.by("fsa") for part in self.funded)

    @property
    def hsa(self) -> int:
        """All that an HSA pays, in cents."""
        return sum(part.by("hsa") for part in self.funded)

    @property
    def on_hand(self) -> int:
        """What money that is in accounts today pays, in cents."""
        return sum(paid_on_hand(part, "fsa") + paid_on_hand(part, "hsa") for part in self.funded)

    @property
    def lost(self) -> int:
        """FSA money that is lost, in cents."""
        return sum(fsa.lost for fsa in self.fsas)

    @property
    def kept_in_fsa(self) -> int:
        """Money of new elections that is carried over and not used, in cents."""
        return sum(fsa.unused_of_carried for fsa in self.fsas if not fsa.on_hand)

    @property
    def kept_in_hsa(self) -> int:
        """New money that stays in the HSA, in cents."""
        put_in = sum(year.counted.contribution.to_hsa for year in self.years)
        return put_in - sum(year.taxed.to_hsa for year in self.years)

    @property
    def problems(self) -> tuple[str, ...]:
        """Why some of the money saves nothing, each a sentence without its period."""
        return tuple(dict.fromkeys(problem for year in self.years for problem in year.counted.problems))

    @property
    def marks(self) -> tuple[str, ...]:
        """What was assumed about limits, each a sentence without its period."""
        return tuple(dict.fromkeys([*(mark for year in self.years for mark in year.counted.marks), *self.assumed]))


class TaxEffect(NamedTuple):
    """What the accounts change, in cents: the tax saved, the year's bills, what pays no bill, and the net after tax.

    `saving` is that of the household's year, `next_saving` that of the year after. `put_in` is what counts of the
    money put in. `notes` say what saves nothing and what was assumed.
    """

    year: int
    saving: TaxSaving
    cost_of_year: int
    unused: int
    net: int
    notes: tuple[str, ...] = ()
    put_in: int = 0
    next_saving: TaxSaving | None = None


def household_of(scenario: Scenario) -> Household:
    """The scenario's household, with the nearest known tax tables. Raises KetacostError without a household."""
    if scenario.household is None:
        raise KetacostError("whose taxes? Give the scenario a household: state, filing status, wages and age")
    return as_if_nearest(scenario.household)


def next_year_of(home: Household) -> Household:
    """The same household a year later, with the same wages."""
    older = None if home.spouse_age is None else home.spouse_age + 1
    return home.replace(year=home.year + 1, age=home.age + 1, spouse_age=older)


def tax_effect(answer: Answer, *, strict: bool = False) -> TaxEffect:
    """The tax saved by the account money that pays bills, and the patient's net after it.

    Raises KetacostError without a household and where a year's tables are not known and have no nearest; if strict, for
    any year whose tables or limits are not published. tax_effect(run(scenario)).saving.
    """
    from ketacost.estimate.calendar import bottom_line

    home = household_of(answer.scenario)
    accounts = accounts_of(answer.scenario, answer.claims, strict=strict)
    this, following = accounts.years
    savings = this.saving(strict=strict), following.saving(strict=strict) if following.taxed.amount else None
    put_in = sum(year.counted.contribution.amount for year in accounts.years)
    unused = put_in - sum(year.taxed.amount for year in accounts.years)
    unused += sum(fsa.lost for fsa in accounts.fsas if not fsa.on_hand)
    net = bottom_line(answer.scenario, answer.claims, accounts=accounts).net
    cost = costs_by_year(answer.claims).get(home.year, 0)
    notes = (*accounts.problems, *accounts.marks)
    return TaxEffect(home.year, savings[0], cost, unused, net, notes, put_in, savings[1])


def costs_by_year(claims: tuple[Claim, ...]) -> Mapping[int, int]:
    """What the patient pays for the services of each calendar year, in cents."""
    sums: dict[int, int] = {}
    for claim in claims:
        sums[claim.line.date.year] = sums.get(claim.line.date.year, 0) + claim.you_pay
    return sums


def chances_of_cost(scenario: Scenario, year: int, *, starts: int = 1) -> tuple[tuple[Fraction, int], ...]:
    """What the patient may pay in a year, in cents, with the chance of each: by the payer's odds, or as entered.

    `starts` is the month in which that year begins: 1 for the calendar year.
    """
    first = date(year, starts, 1)
    days = Span(first, months_later(first, 12) - timedelta(days=1))
    chances: dict[int, Fraction] = {}
    ends = [(priced.end.outcome, priced.end.chance) for priced in outlook(scenario).ends] if scenario.payer else []
    for coverage, chance in ends or [(scenario.coverage, Fraction(1))]:
        case = scenario.replace(coverage=coverage, ranges={}, path=None)
        claims = claims_of(case)
        cost = sum(claim.you_pay for claim in claims if days.holds(claim.line.date))
        chances[cost] = chances.get(cost, Fraction(0)) + chance
    return tuple((chance, cost) for cost, chance in sorted(chances.items()))


def advise_fsa(
    scenario: Scenario, *, carryover: int | None = None, next_year: bool = False, strict: bool = False
) -> ElectionAdvice:
    """How much to elect for a health FSA in the household's year, when the cost is as uncertain as the payer's odds.

    With `next_year`, for the plan year that begins in the year after, in its own month: the election still open.
    `carryover` is the most that the plan carries over, in cents, by default what the scenario says of its FSA. Where a
    limit is not published the nearest known one is used and marked; raises NotKnownOn for it if strict.
    advise_fsa(scenario, carryover=68_000).best.
    """
    home = household_of(scenario)
    starts = scenario.on_hand.fsa_starts if next_year else 1
    if next_year:
        home = next_year_of(home)
    outcomes = [CostOutcome(chance, cost) for chance, cost in chances_of_cost(scenario, home.year, starts=starts)]
    first = date(home.year, starts, 1)
    limit = limit_on("fsa.contribution_limit", first, "health FSA limit", strict=strict)
    if carryover is None:
        carryover = carryover_limit(scenario.on_hand, months_later(first, 12) - timedelta(days=1), strict=strict).value
    most = min(limit.value, home.wages)
    if not strict:
        home = as_if_nearest(home, Contribution(health_fsa=most))
    advice = elect(
        outcomes, lambda cents: saving_of(home, Contribution(health_fsa=cents)).total, limit=most, carryover=carryover
    )
    return advice.replace(marks=(limit.mark,)) if limit.mark else advice


@lru_cache(maxsize=1024)
def saved_by(household: Household, contribution: Contribution) -> TaxSaving:
    """What a contribution saves in tax, with the nearest known tables; kept, since cases share it."""
    return saving_of(as_if_nearest(household, contribution), contribution)


class _Fsa(NamedTuple):
    """One FSA as a source of money: its name, amount, plan year, the last day of use, and whether it runs already."""

    name: str
    amount: int
    first: date
    last: date
    until: LastUse
    on_hand: bool

    def source(self) -> FundingSource:
        return FundingSource(self.name, "fsa", self.amount, Span(self.first, self.until.day), self.until.day)

    @property
    def next_last(self) -> date:
        """The last day of the plan year after this one."""
        return months_later(self.last + timedelta(days=1), 12) - timedelta(days=1)

    def carried(self, amount: int) -> FundingSource:
        days = Span(self.last + timedelta(days=1), self.next_last)
        return FundingSource(_carried(self.name), "fsa", amount, days, days.last)


def has_accounts(scenario: Scenario) -> bool:
    """Whether an account can pay anything: money on hand, or money put in by a household that is given."""
    put_in = scenario.contribution.amount or scenario.next_contribution.amount
    return bool(scenario.on_hand.amount or (scenario.household and put_in))


def accounts_of(scenario: Scenario, claims: Sequence[Claim], *, strict: bool = False) -> Accounts:
    """Who pays each part, to the cent: assistance, what expires first, the HSA, the loan, then cash.

    An FSA pays for visits of its plan year, and of the time after it that the employer's plan allows. An HSA holds
    what is in it today and what this year and the next put in; it is taken to be there from the household's first day,
    or for any visit where it holds money. Without a household nothing is put in, and the running FSA's year ends with
    that of the first visit. Raises NotKnownOn for a limit that is not published if strict.
    """
    on_hand, parts = scenario.on_hand, parts_of(scenario, claims)
    sources = list(_help_and_loan(scenario))
    if not has_accounts(scenario):
        return Accounts(fund(parts, sources), tuple(_elections(scenario, strict=strict)), ())
    elections = _elections(scenario, strict=strict)
    fsas = _fsas(scenario, elections, strict=strict)
    sources += [fsa.source() for fsa in fsas]
    ends, carried_so_far = list[FsaEnd](), Counter[date]()
    assumed = [fsa.until.mark for fsa in fsas if fsa.until.mark]
    funded = fund(parts, sources) if fsas else ()
    for fsa in fsas:
        limit, left = carryover_limit(on_hand, fsa.last, strict=strict), fsa.amount - _paid(funded, fsa.name)
        carried, unused = min(left, limit.value - carried_so_far[fsa.last]), 0
        if carried:
            assumed += [limit.mark] * bool(limit.mark)
            carried_so_far[fsa.last] += carried
            sources.insert(0, fsa.carried(carried))
            funded = fund(parts, sources)
            unused = carried - _paid(funded, _carried(fsa.name))
        ends.append(FsaEnd(fsa.name, fsa.until.day, carried, unused, left - carried, fsa.on_hand))
    blocked = _general_fsa(scenario, fsas, ends, funded)
    if on_hand.hsa_balance:
        sources.append(FundingSource(HSA_BALANCE, "hsa", on_hand.hsa_balance))
    years = [_with_hsa(scenario, year, blocked, strict=strict) for year in elections]
    paying_in = [year for year in years if year.counted.contribution.to_hsa]
    for year in paying_in:
        established = date.min if on_hand.hsa_balance else date(paying_in[0].home.year, 1, 1)
        sources.append(FundingSource(year.hsa, "hsa", year.counted.contribution.to_hsa, Span(established, date.max)))
    if not fsas or any(source.kind == "hsa" for source in sources):
        funded = fund(parts, sources)
    kept = {end.name: end.unused_of_carried for end in ends}
    years = [year._replace(taxed=_taxed(year, funded, kept.get(year.fsa, 0))) for year in years]
    return Accounts(funded, tuple(years), tuple(ends), tuple(assumed))


def paid_on_hand(part: FundedPart, kind: FundingKind) -> int:
    """What money that is in accounts of a kind today pays of a part, in cents."""
    return sum(one.amount for one in part.paid if one.kind == kind and one.source in ON_HAND)


def _carried(name: str) -> str:
    return f"{name}, carried over"


HSA_BALANCE, FSA_LEFT = "HSA balance", "FSA money left"
ON_HAND = (HSA_BALANCE, FSA_LEFT, _carried(FSA_LEFT))
"""What money that is in accounts today is called, as a source."""


def _paid(funded: Sequence[FundedPart], name: str) -> int:
    return sum(payment.amount for part in funded for payment in part.paid if payment.source == name)


def _help_and_loan(scenario: Scenario) -> tuple[FundingSource, ...]:
    """Assistance, for what its terms admit, and a loan."""
    paying, sources = scenario.paying, list[FundingSource]()
    services = helped_services(scenario)
    if paying.assistance and services is not None:
        sources.append(FundingSource("assistance", "assistance", paying.assistance, services=services))
    if paying.loan and paying.loan.amount:
        sources.append(FundingSource("loan", "loan", paying.loan.amount))
    return tuple(sources)


def assistance_of(scenario: Scenario, claims: Sequence[Claim]) -> int:
    """What assistance pays of these lines, in cents: never more than is owed for what its terms admit."""
    if not scenario.paying.assistance:
        return 0
    services = helped_services(scenario)
    if services is None:
        return 0
    owed = sum(claim.you_pay for claim in claims if not services or claim.line.service in services)
    return min(scenario.paying.assistance, owed)


def help_note(scenario: Scenario) -> str:
    """Why assistance that was entered pays nothing here, in a sentence without its period; "" where it may pay."""
    if not scenario.paying.assistance or helped_services(scenario) is not None:
        return ""
    return f"Help from {scenario.paying.assistance_for} is not for this payer and treatment: it pays nothing here"


def _elections(scenario: Scenario, *, strict: bool) -> list[AccountYear]:
    """This year's and next year's money, with what counts of each election; HSA money is not decided yet."""
    if scenario.household is None:
        return []
    home = scenario.household
    later = next_year_of(home)
    years = (
        (home, scenario.contribution, 1, "health FSA", "HSA"),
        (
            *(later, scenario.next_contribution, scenario.on_hand.fsa_starts),
            *(f"health FSA of {later.year}", f"HSA of {later.year}"),
        ),
    )
    elections = []
    for who, put_in, starts, fsa_name, hsa_name in years:
        first = date(who.year, starts, 1)
        fsa = Contribution(health_fsa=put_in.health_fsa, by_spouse=put_in.by_spouse)
        may = counted(fsa, who, family=scenario.plan.family, why_not="", fsa_first=first, strict=strict)
        elections.append(AccountYear(who, put_in, first, fsa_name, hsa_name, may, NOTHING))
    return elections


def _fsas(scenario: Scenario, years: Sequence[AccountYear], *, strict: bool) -> tuple[_Fsa, ...]:
    """The running FSA and the elections of this year and the next, in order."""
    on_hand, fsas = scenario.on_hand, list[_Fsa]()
    if on_hand.fsa_left:
        year = scenario.household.year if scenario.household else scenario.course.start.year
        last = on_hand.fsa_last_day or date(year, 12, 31)
        fsas.append(
            _Fsa(FSA_LEFT, on_hand.fsa_left, date.min, last, last_use(on_hand, last, strict=strict), on_hand=True)
        )
    for election in years:
        if amount := election.counted.contribution.health_fsa:
            last = months_later(election.fsa_first, 12) - timedelta(days=1)
            until = last_use(on_hand, last, strict=strict)
            fsas.append(_Fsa(election.fsa, amount, election.fsa_first, last, until, on_hand=False))
    return tuple(sorted(fsas, key=lambda fsa: fsa.last))


def _general_fsa(
    scenario: Scenario, fsas: Sequence[_Fsa], ends: Sequence[FsaEnd], funded: Sequence[FundedPart]
) -> tuple[Span, ...]:
    """The days on which a general health FSA, the patient's or the spouse's, can pay, and so rules out an HSA.

    With nothing left at the end of its plan year a grace period does no harm; money carried over blocks the next year.
    """
    spans = [Span(date.min, date.max)] if scenario.on_hand.spouse_fsa else []
    for fsa, end in zip(fsas, ends, strict=True):
        last = fsa.last
        if end.carried:
            last = fsa.next_last
        elif fsa.until.day > fsa.last:
            used_in_time = _paid([part for part in funded if part.part.day <= fsa.last], fsa.name)
            last = fsa.until.day if used_in_time < fsa.amount else fsa.last
        spans.append(Span(fsa.first, last))
    return tuple(spans)


def _with_hsa(scenario: Scenario, year: AccountYear, blocked: tuple[Span, ...], *, strict: bool) -> AccountYear:
    """A year with what counts of all its money, the HSA's too."""
    medicare = scenario.on_hand.medicare_from
    if scenario.payer and payer(scenario.payer).law in MEDICARE:
        medicare = date.min
    may = counted(
        year.put_in,
        year.home,
        family=scenario.plan.family,
        why_not=why_no_hsa(scenario.plan),
        general_fsa=blocked,
        medicare_from=medicare,
        fsa_first=year.fsa_first,
        strict=strict,
    )
    return year._replace(counted=may)


def _taxed(year: AccountYear, funded: Sequence[FundedPart], kept_in_fsa: int) -> Contribution:
    """What saves tax of a year's money: the HSA's that paid, from pay first, and an election but what is kept of it."""
    may = year.counted.contribution
    used = _paid(funded, year.hsa)
    payroll = min(used, may.payroll_hsa)
    return Contribution(payroll, used - payroll, may.health_fsa - kept_in_fsa, may.by_spouse)


def parts_of(scenario: Scenario, claims: Sequence[Claim]) -> tuple[PatientPart, ...]:
    """What the patient owes of each day, in parts that accounts may and may not pay.

    What a rebate gives back, counted from the last visit, and a package's unused visits are no cost of medical care.
    Where assistance is for some services alone, these are parts of their own, and a rebate counts on them last.
    """
    paying, owed = scenario.paying, dict[tuple[date, str, bool], int]()
    helped = (helped_services(scenario) or ()) if paying.assistance else ()
    total = 0
    for claim in claims:
        line, amount = claim.line, claim.you_pay
        key = line.date, line.service if line.service in helped else "", line.phase == "unused"
        owed[key] = owed.get(key, 0) + amount
        total += amount
    back = min(paying.rebate, total - assistance_of(scenario, claims)) if paying.rebate else 0
    not_medical = dict[tuple[date, str], int]()
    from_last = sorted(owed, key=lambda key: (not key[1], key[0], key[2]), reverse=True)
    for key in from_last if back or any(unused for _, _, unused in owed) else ():
        day, service, unused = key
        rebated = min(back, owed[key])
        back -= rebated
        owed[key] -= rebated
        apart = rebated + (owed.pop(key) if unused else 0)
        if apart:
            not_medical[day, service] = not_medical.get((day, service), 0) + apart
    parts = [PatientPart(day, amount, service=service) for (day, service, _), amount in owed.items() if amount]
    parts += [PatientPart(day, amount, "not qualified", service) for (day, service), amount in not_medical.items()]
    return tuple(sorted(parts, key=lambda part: part.day))


def fundings(scenario: Scenario, claims: Sequence[Claim]) -> tuple[FundedPart, ...]:
    """Who pays each part, to the cent: assistance, what expires first, the HSA, the loan, then cash."""
    return accounts_of(scenario, claims).funded


def funding_of(answer: Answer) -> tuple[FundedPart, ...]:
    """Who pays each visit's part of an answer, to the cent: funding_of(run(scenario))."""
    return fundings(answer.scenario, answer.claims)


def account_problems(scenario: Scenario, claims: Sequence[Claim] | None = None) -> tuple[str, ...]:
    """Why money that was entered saves nothing, each a sentence without its period: too much, or none may go in.

    A headline may use them. `claims` are the scenario's adjudicated lines where they are known: whether an FSA is used
    up decides about an HSA after it. account_problems(scenario)[0].
    """
    return _accounts(scenario, claims).problems


def account_notes(scenario: Scenario, claims: Sequence[Claim] | None = None) -> tuple[str, ...]:
    """What saves nothing, and what was assumed about limits, each a sentence without its period."""
    accounts = _accounts(scenario, claims)
    return (*accounts.problems, *accounts.marks)


def _accounts(scenario: Scenario, claims: Sequence[Claim] | None) -> Accounts:
    known = claims_of(scenario) if claims is None else claims
    return accounts_of(scenario, known)
