"""What tax-free accounts do for a scenario: who pays each visit, the tax saved on what paid, how much to elect.

Money already in an account was the patient's own pay, and its tax was saved long ago. A bill that it pays counts in
full and saves nothing new; FSA money of the running plan year that no visit can use is lost, and counts. New money
counts by what becomes of it: the dollars that pay bills save tax; those that an FSA loses do too, and are a cost; what
stays in an HSA, or is carried over and not needed, is neither cost nor saving.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import NamedTuple

from ketacost.accounts.contributions import Counted, LastUse, Limit, carryover_limit, counted, last_use, limit_on
from ketacost.accounts.fsa import CostOutcome, ElectionAdvice, elect, most_for
from ketacost.accounts.funding import (
    FundedPart,
    FundingKind,
    FundingSource,
    PatientPart,
    draw,
    fund,
    in_turn,
    why_not_payable,
)
from ketacost.accounts.hsa import MONTHS, Span
from ketacost.accounts.loans import helps_denied, kept_of_help
from ketacost.core.dates import months_later
from ketacost.core.fields import KetacostError, of_kind
from ketacost.estimate.answer import Answer, scenario_of
from ketacost.estimate.given import Given, Lot, given, why_no_hsa_here, why_no_hsa_later, with_hra
from ketacost.estimate.outlook import outlook
from ketacost.estimate.scenario import Scenario, claims_of, helped_services
from ketacost.model.adjudication import Claim
from ketacost.model.courses import ServiceLine
from ketacost.model.payers import payer
from ketacost.taxes.households import NOTHING, Contribution, Household
from ketacost.taxes.savings import TaxSaving, as_if_nearest, saving_of

MEDICARE = ("medicare", "medicare-advantage")
"""The laws of payers that are Medicare."""


class AccountYear(NamedTuple):
    """A year's money in accounts: what is put in, what of it counts, and the part on which tax is saved.

    `fsa_first` is the first day of the plan year of the FSA's election, `fsa_months` its length; `fsa` and `hsa` name
    the sources of money.
    """

    home: Household
    put_in: Contribution
    fsa_first: date
    fsa: str
    hsa: str
    counted: Counted
    taxed: Contribution
    fsa_months: int = MONTHS

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


class Paid(NamedTuple):
    """What FSAs pay and what an HSA pays, in cents, and what of both was in the accounts before."""

    fsa: int
    hsa: int
    on_hand: int


class Accounts(NamedTuple):
    """What the accounts of a scenario do: who pays each part, each year's money, and how each FSA ends.

    `held` is what each source can pay, `left` what of it is left, in cents.
    """

    parts: Sequence[tuple[Lot, int]]
    sources: Sequence[FundingSource]
    held: Sequence[int]
    left: Sequence[int]
    years: tuple[AccountYear, ...]
    fsas: tuple[FsaEnd, ...]
    assumed: tuple[str, ...] = ()
    hra: Mapping[Lot, int] = {}

    @property
    def funded(self) -> tuple[FundedPart, ...]:
        """Who pays each part, to the cent."""
        sources = [source.replace(amount=cents) for source, cents in zip(self.sources, self.held, strict=True) if cents]
        funded = fund([_part(lot, cents) for lot, cents in self.parts], sources)
        return tuple(with_hra(part, self.hra.get(lot, 0)) for (lot, _), part in zip(self.parts, funded, strict=True))

    @property
    def paid(self) -> Paid:
        """What FSAs and an HSA pay, in cents."""
        fsa = hsa = on_hand = 0
        for source, held, left in zip(self.sources, self.held, self.left, strict=True):
            if source.kind == "fsa":
                fsa += held - left
            elif source.kind == "hsa":
                hsa += held - left
            if source.name in ON_HAND:
                on_hand += held - left
        return Paid(fsa, hsa, on_hand)

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

    Raises KetacostError without a household, or if a year's tables are not known and no near year's are; if strict, for
    any year whose tables or limits are not published. tax_effect(run(scenario)).saving.
    """
    from ketacost.estimate.calendar import bottom_line

    of_kind("what is worked out", answer, Answer, "an answer, as in kc.run(scenario)")
    home = household_of(answer.scenario)
    accounts = accounts_of(answer.scenario, answer.claims, strict=strict)
    this, following = accounts.years
    savings = this.saving(strict=strict), following.saving(strict=strict) if following.taxed.amount else None
    put_in = sum(year.counted.contribution.amount for year in accounts.years)
    unused = put_in - sum(year.taxed.amount for year in accounts.years)
    unused += sum(fsa.lost for fsa in accounts.fsas if not fsa.on_hand)
    net = bottom_line(answer.scenario, answer.claims, accounts=accounts).net
    cost = sum(claim.you_pay for claim in answer.claims if claim.line.date.year == home.year)
    of_tables = (mark for saving in savings if saving for mark in saving.marks)
    notes = tuple(dict.fromkeys((*accounts.problems, *accounts.marks, *of_tables)))
    return TaxEffect(home.year, savings[0], cost, unused, net, notes, put_in, savings[1])


def chances_of_cost(
    scenario: Scenario, year: int, *, starts: int = 1, length: int = MONTHS
) -> tuple[tuple[Fraction, int], ...]:
    """What the patient may pay in a year, in cents, with the chance of each: by the payer's odds, or as entered.

    `starts` is the month in which that year begins, 1 for the calendar year, and `length` its months.
    """
    first = date(year, starts, 1)
    days = Span(first, months_later(first, length) - timedelta(days=1))
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
    """How much to put into a health FSA in the household's year, given how uncertain the cost is.

    With `next_year`, it is for the FSA plan year that begins in the next year: the election that is still open.
    `carryover` is the most that the plan carries over, in cents; by default it is the scenario's. If a limit is not
    published, the nearest known one is used and marked; if strict, NotKnownOn is raised. advise_fsa(scenario,
    carryover=68_000).best.
    """
    scenario = scenario_of(scenario)
    home = household_of(scenario)
    starts = scenario.on_hand.fsa_starts if next_year else 1
    length = scenario.on_hand.fsa_months if next_year else MONTHS
    if next_year:
        home = next_year_of(home)
    costs = chances_of_cost(scenario, home.year, starts=starts, length=length)
    outcomes = [CostOutcome(chance, cost) for chance, cost in costs]
    first = date(home.year, starts, 1)
    limit = limit_on("fsa.contribution_limit", first, "health FSA limit", strict=strict)
    last = months_later(first, length) - timedelta(days=1)
    if carryover is None:
        carryover = carryover_limit(scenario.on_hand, last, strict=strict).value
    most = min(most_for(limit.value, length), home.wages)
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
    means = Means(scenario, strict=strict)
    return means.accounts(means.lots(claims))


class Means:
    """What pays a patient's part besides cash: help, accounts and a loan, made ready for whatever is owed."""

    def __init__(self, scenario: Scenario, *, strict: bool = False) -> None:
        self.scenario, self.strict = scenario, strict
        helped = helped_services(scenario) if scenario.paying.assistance else None
        self.helped, self.help = helped or (), 0 if helped is None else scenario.paying.assistance
        self.keeps = kept_of_help(scenario.paying.assistance_for) if self.helped else 0
        self.helps_denied = helps_denied(scenario.paying.assistance_for)
        self.has_accounts = has_accounts(scenario)
        self._queues: dict[date | None, tuple[list[FundingSource], dict[Lot, tuple[int, ...]]]] = {}
        self._decided: dict[tuple[Span, ...], tuple[AccountYear, ...]] = {}

    def lot(self, line: ServiceLine, covered: bool = True) -> Lot:
        """What a line counts to; one that the plan denied is for help only where its terms admit that."""
        helped = line.service in self.helped and (covered or self.helps_denied)
        return line.date, line.service if helped else "", line.phase == "unused"

    def lots(self, claims: Iterable[Claim]) -> dict[Lot, int]:
        """What is owed of adjudicated lines, in cents."""
        lots = dict[Lot, int]()
        for claim in claims:
            line, lot, parts = claim.line, self.lot(claim.line, claim.covered), claim.split
            lots[lot] = lots.get(lot, 0) + line.charge - parts.write_off - parts.plan_pays
        return lots

    def given(self, lots: Mapping[Lot, int]) -> Given:
        """What others pay: help, never more than is owed for what its terms admit, the HRA, then a rebate."""
        return given(self.scenario, self._own(lots), self.help, self.helped)

    def _own(self, lots: Mapping[Lot, int]) -> Mapping[Lot, int]:
        """What is owed, with what the help leaves the patient of each day as a part that it does not pay."""
        if not self.keeps:
            return lots
        owed = dict(lots)
        for lot in [lot for lot in lots if lot[1]]:
            kept, own = min(self.keeps, owed[lot]), (lot[0], "", lot[2])
            owed[lot] -= kept
            owed[own] = owed.get(own, 0) + kept
        return owed

    def accounts(self, lots: Mapping[Lot, int]) -> Accounts:
        """What the accounts do for what is owed."""
        given, lots = self.given(lots), self._own(lots)
        parts, held = self._parts(lots, given), self._held.copy()
        left = self._draw(parts, held) if self._fsas else held
        ends, carried_so_far = list[FsaEnd](), dict[date, int]()
        assumed = [fsa.until.mark for fsa in self._fsas if fsa.until.mark]
        for fsa, limit in zip(self._fsas, self._limits, strict=True):
            rest, so_far = left[self._at[fsa.name]], carried_so_far.get(fsa.last, 0)
            carried, unused = min(rest, limit.value - so_far), 0
            if carried:
                assumed += [limit.mark] * bool(limit.mark)
                carried_so_far[fsa.last] = so_far + carried
                held[self._at[_carried(fsa.name)]] = carried
                left = self._draw(parts, held)
                unused = left[self._at[_carried(fsa.name)]]
            ends.append(FsaEnd(fsa.name, fsa.until.day, carried, unused, rest - carried, fsa.on_hand))
        asks = any(year.put_in.to_hsa for year in self._elections)
        years, since = self._with_hsa(self._general_fsa(parts, held, ends) if asks else ()), None
        for year in years:
            if to_hsa := year.counted.contribution.to_hsa:
                since = since or (date.min if self.scenario.on_hand.hsa_balance else date(year.home.year, 1, 1))
                held[self._at[year.hsa]] = to_hsa
        if since or not self._fsas:
            left = self._draw(parts, held, since)
        kept = {end.name: end.unused_of_carried for end in ends}
        used = {year.hsa: held[self._at[year.hsa]] - left[self._at[year.hsa]] for year in years}
        years = tuple(year._replace(taxed=_taxed(year, used[year.hsa], kept.get(year.fsa, 0))) for year in years)
        queue = self._queue_since(since)[0]
        return Accounts(parts, queue, held, left, years, tuple(ends), tuple(assumed), given.hra)

    def _parts(self, lots: Mapping[Lot, int], given: Given) -> list[tuple[Lot, int]]:
        """What is owed of each day, in order, in parts that accounts may and may not pay.

        What a rebate gives back, counted from the last visit, and a package's unused visits are no cost of medical
        care. Where assistance is for some services alone, these are parts of their own, and a rebate counts on them
        last.
        """
        owed, back = lots, given.rebate
        if back or given.hra:
            owed = {lot: cents - given.hra.get(lot, 0) for lot, cents in lots.items()}
            for lot in sorted(lots, key=lambda lot: (not lot[1], lot[0], lot[2]), reverse=True):
                rebated, apart = min(back, owed[lot]), (*lot[:2], True)
                back -= rebated
                owed[lot] -= rebated
                owed[apart] = owed.get(apart, 0) + rebated
                if not back:
                    break
        return sorted([part for part in owed.items() if part[1] or part[0] in given.hra], key=_by_day)

    def _draw(self, parts: Sequence[tuple[Lot, int]], held: list[int], since: date | None = None) -> list[int]:
        """What the sources have left after they paid what they may, the earliest day first."""
        left, (queue, payable) = held.copy(), self._queue_since(since)
        for lot, cents in parts:
            if lot not in payable:
                asked = _part(lot, cents)
                payable[lot] = tuple(at for at, source in enumerate(queue) if not why_not_payable(asked, source))
            draw(cents, payable[lot], left)
        return left

    def _queue_since(self, since: date | None) -> tuple[list[FundingSource], dict[Lot, tuple[int, ...]]]:
        """Every source in turn, where new HSA money pays for visits since a day, and which of them may pay what."""
        if since not in self._queues:
            new, days = {year.hsa for year in self._elections}, Span(since, date.max) if since else None
            queue = [one.replace(days=days) if one.name in new else one for one in self._queue]
            self._queues[since] = queue, {}
        return self._queues[since]

    @cached_property
    def _elections(self) -> tuple[AccountYear, ...]:
        """This year's and next year's money, with what counts of each election; HSA money is not decided yet."""
        scenario, home = self.scenario, self.scenario.household
        if home is None:
            return ()
        later = next_year_of(home)
        of_later = later, scenario.next_contribution, scenario.on_hand.fsa_starts, scenario.on_hand.fsa_months
        years = (
            (home, scenario.contribution, 1, MONTHS, "health FSA", "HSA"),
            (*of_later, f"health FSA of {later.year}", f"HSA of {later.year}"),
        )
        elections = []
        for who, put_in, starts, length, fsa_name, hsa_name in years:
            first = date(who.year, starts, 1)
            fsa = Contribution(health_fsa=put_in.health_fsa, by_spouse=put_in.by_spouse)
            may = counted(
                fsa,
                who,
                family=scenario.plan.family,
                why_not="",
                fsa_first=first,
                fsa_months=length,
                strict=self.strict,
            )
            elections.append(AccountYear(who, put_in, first, fsa_name, hsa_name, may, NOTHING, length))
        return tuple(elections)

    @cached_property
    def _fsas(self) -> tuple[_Fsa, ...]:
        """The running FSA and the elections of this year and the next, in order."""
        scenario, on_hand, fsas = self.scenario, self.scenario.on_hand, list[_Fsa]()
        if on_hand.fsa_left:
            year = scenario.household.year if scenario.household else scenario.course.start.year
            last = on_hand.fsa_last_day or date(year, 12, 31)
            until = last_use(on_hand, last, strict=self.strict)
            fsas.append(_Fsa(FSA_LEFT, on_hand.fsa_left, date.min, last, until, on_hand=True))
        for election in self._elections:
            if amount := election.counted.contribution.health_fsa:
                last = months_later(election.fsa_first, election.fsa_months) - timedelta(days=1)
                until = last_use(on_hand, last, strict=self.strict)
                fsas.append(_Fsa(election.fsa, amount, election.fsa_first, last, until, on_hand=False))
        return tuple(sorted(fsas, key=lambda fsa: fsa.last))

    @cached_property
    def _limits(self) -> tuple[Limit, ...]:
        return tuple(carryover_limit(self.scenario.on_hand, fsa.last, strict=self.strict) for fsa in self._fsas)

    @cached_property
    def _queue(self) -> list[FundingSource]:
        """Every source in turn; what is carried over, and what goes into an HSA, is not known yet and stands at 0."""
        scenario, sources = self.scenario, [fsa.carried(0) for fsa in reversed(self._fsas)]
        if self.help:
            sources.append(FundingSource("assistance", "assistance", self.help, services=self.helped))
        if scenario.paying.loan:
            sources.append(FundingSource("loan", "loan", scenario.paying.loan.amount))
        sources += [fsa.source() for fsa in self._fsas]
        sources.append(FundingSource(HSA_BALANCE, "hsa", scenario.on_hand.hsa_balance))
        return in_turn([*sources, *(FundingSource(year.hsa, "hsa", 0) for year in self._elections)])

    @cached_property
    def _at(self) -> Mapping[str, int]:
        return {source.name: place for place, source in enumerate(self._queue)}

    @cached_property
    def _held(self) -> list[int]:
        return [source.amount for source in self._queue]

    def _general_fsa(
        self, parts: Sequence[tuple[Lot, int]], held: list[int], ends: Sequence[FsaEnd]
    ) -> tuple[Span, ...]:
        """The days on which a general health FSA, the patient's or the spouse's, can pay, and so rules out an HSA.

        With nothing left at the end of its plan year a grace period does no harm; money carried over blocks the next
        year.
        """
        spans = [Span(date.min, date.max)] if self.scenario.on_hand.spouse_fsa else []
        for fsa, end in zip(self._fsas, ends, strict=True):
            last = fsa.last
            if end.carried:
                last = fsa.next_last
            elif fsa.until.day > fsa.last:
                in_time = self._draw([part for part in parts if part[0][0] <= fsa.last], held)
                last = fsa.until.day if in_time[self._at[fsa.name]] else fsa.last
            spans.append(Span(fsa.first, last))
        return tuple(spans)

    def _with_hsa(self, blocked: tuple[Span, ...]) -> tuple[AccountYear, ...]:
        """The years with what counts of all their money, the HSA's too, where an FSA rules out one on some days."""
        if blocked not in self._decided:
            scenario, medicare = self.scenario, self.scenario.on_hand.medicare_from
            if scenario.payer and payer(scenario.payer).law in MEDICARE:
                medicare = date.min
            self._decided[blocked] = tuple(
                year._replace(
                    counted=counted(
                        year.put_in,
                        year.home,
                        family=scenario.plan.family,
                        why_not=why_no_hsa_here(scenario),
                        why_later=why_no_hsa_later(scenario),
                        general_fsa=blocked,
                        medicare_from=medicare,
                        fsa_first=year.fsa_first,
                        fsa_months=year.fsa_months,
                        strict=self.strict,
                    )
                )
                for year in self._elections
            )
        return self._decided[blocked]


def paid_on_hand(part: FundedPart, kind: FundingKind) -> int:
    """What money that is in accounts of a kind today pays of a part, in cents."""
    return sum(one.amount for one in part.paid if one.kind == kind and one.source in ON_HAND)


def _carried(name: str) -> str:
    return f"{name}, carried over"


HSA_BALANCE, FSA_LEFT = "HSA balance", "FSA money left"
ON_HAND = (HSA_BALANCE, FSA_LEFT, _carried(FSA_LEFT))
"""What money that is in accounts today is called, as a source."""


def _part(lot: Lot, cents: int) -> PatientPart:
    """A part of what is owed, as accounts look at it."""
    day, service, apart = lot
    return PatientPart(day, cents, "not qualified" if apart else "qualified", service)


def _by_day(part: tuple[Lot, int]) -> tuple[date, bool]:
    (day, _, apart), _ = part
    return day, apart


def help_note(scenario: Scenario) -> str:
    """Why assistance that was entered pays nothing here, in a sentence without its period; "" where it may pay."""
    if not scenario.paying.assistance or helped_services(scenario) is not None:
        return ""
    return f"Help from {scenario.paying.assistance_for} is not for this payer and treatment: it pays nothing here"


def _taxed(year: AccountYear, used: int, kept_in_fsa: int) -> Contribution:
    """What saves tax of a year's money: the HSA's that paid, from pay first, and an election but what is kept of it."""
    may = year.counted.contribution
    payroll = min(used, may.payroll_hsa)
    return Contribution(payroll, used - payroll, may.health_fsa - kept_in_fsa, may.by_spouse)


def funding_of(answer: Answer) -> tuple[FundedPart, ...]:
    """Who pays each visit's part of an answer, to the cent: funding_of(run(scenario))."""
    of_kind("what is worked out", answer, Answer, "an answer, as in kc.run(scenario)")
    return accounts_of(answer.scenario, answer.claims).funded


def account_problems(scenario: Scenario, claims: Sequence[Claim] | None = None) -> tuple[str, ...]:
    """Why money that was entered saves nothing, each a sentence without its period: too much, or none may go in.

    A headline may use them. `claims` are the scenario's adjudicated lines where they are known: whether an FSA is used
    up decides about an HSA after it. account_problems(scenario)[0].
    """
    return accounts_of(scenario, claims_of(scenario) if claims is None else claims).problems
