"""Who funds the patient's part: every cent once (law 4), by the day of the service, and nothing tax-free twice."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketacost.accounts.fsa import HealthFsa
from ketacost.accounts.funding import (
    ORDER,
    TAX_FREE,
    FundedPart,
    FundingError,
    FundingSource,
    PatientPart,
    Repayment,
    SourcePayment,
    fund,
    hsa_source,
    put_back,
)
from ketacost.accounts.hsa import Span

JAN = date(2026, 1, 1)
CARD = FundingSource("maker's card", "assistance", 10_000)


def part(day: str, amount: int, medical: str = "qualified") -> PatientPart:
    return PatientPart(date.fromisoformat(day), amount, medical)  # type: ignore[arg-type]


def fsa_source(fsa: HealthFsa, name: str = "health FSA") -> FundingSource:
    return FundingSource(name, "fsa", fsa.election + fsa.carried_in, fsa.days, fsa.days.last)


def paid(funded: FundedPart) -> dict[str, int]:
    return {one.source: one.amount for one in funded.paid}


def test_each_source_pays_in_its_turn() -> None:
    sources = [hsa_source(20_000, JAN), fsa_source(HealthFsa(15_000, JAN)), CARD, FundingSource("loan", "loan", 5_000)]
    one, two = fund([part("2026-02-01", 30_000), part("2026-03-01", 30_000)], sources)
    assert paid(one) == {"maker's card": 10_000, "health FSA": 15_000, "HSA": 5_000}
    assert paid(two) == {"HSA": 15_000, "loan": 5_000, "cash": 10_000}


def test_cash_that_is_named_so_pays_beside_the_cash_for_the_rest() -> None:
    named = FundingSource("cash", "cash", 4_000)
    assert fund([part("2026-02-01", 10_000)], [named])[0].by("cash") == 10_000


def test_the_order_is_a_choice() -> None:
    sources = [hsa_source(20_000, JAN), CARD]
    hsa_last = ("assistance", "hra", "fsa", "loan", "cash", "hsa")
    saved_up = fund([part("2026-02-01", 30_000)], [*sources, FundingSource("savings", "cash", 15_000)], order=hsa_last)
    assert paid(saved_up[0]) == {"maker's card": 10_000, "savings": 15_000, "HSA": 5_000}
    with pytest.raises(FundingError, match="each kind of money once"):
        fund([], [], order=("hsa", "cash"))
    for names in ("HSA HSA", "cash HSA"):
        with pytest.raises(FundingError, match="its own name"):
            fund([], [FundingSource(name, "hsa", 1) for name in names.split()])


def test_what_expires_first_pays_first() -> None:
    old = HealthFsa(10_000, date(2025, 1, 1), after_year="grace period")
    sources = [fsa_source(HealthFsa(10_000, JAN), "this year's"), fsa_source(old, "last year's")]
    assert paid(fund([part("2026-03-15", 15_000)], sources)[0]) == {"last year's": 10_000, "this year's": 5_000}
    assert paid(fund([part("2026-03-16", 15_000)], sources)[0]) == {"this year's": 10_000, "cash": 5_000}


def test_the_earliest_expense_is_paid_first_whatever_the_order_told() -> None:
    late, early = fund([part("2026-03-01", 8_000), part("2026-02-01", 8_000)], [CARD])
    assert (paid(late), paid(early)) == ({"maker's card": 2_000, "cash": 6_000}, {"maker's card": 8_000})


def test_an_expense_before_the_hsa_is_never_paid_from_it() -> None:
    sources = [hsa_source(50_000, date(2026, 2, 1))]
    before, after = fund([part("2026-01-31", 10_000), part("2026-02-01", 10_000)], sources)
    assert paid(before) == {"cash": 10_000}
    assert "came before HSA was established on 2026-02-01" in before.note
    assert paid(after) == {"HSA": 10_000}


def test_what_is_not_medical_is_paid_in_cash() -> None:
    travel = fund([part("2026-02-01", 1_000, "not qualified")], [hsa_source(50_000, JAN)])[0]
    assert (paid(travel), travel.note) == ({"cash": 1_000}, "HSA pays medical care only")


def test_a_funding_that_does_not_balance_cannot_be_made() -> None:
    with pytest.raises(FundingError, match=r"owed 10\.00, funded 9\.99"):
        FundedPart(part("2026-01-01", 1_000), (SourcePayment("cash", "cash", 999),))
    with pytest.raises(FundingError, match="does not balance"):
        FundedPart(
            part("2026-01-01", 1_000), (SourcePayment("card", "assistance", 1_001), SourcePayment("cash", "cash", -1))
        )
    with pytest.raises(FundingError, match="negative"):
        part("2026-01-01", -1)
    with pytest.raises(FundingError, match="a negative amount"):
        FundingSource("HSA", "hsa", -1)
    with pytest.raises(FundingError, match="not a kind of money"):
        FundingSource("gold", "gold", 1)  # type: ignore[arg-type]


def test_an_insurers_check_comes_later() -> None:
    """Ascensus on Notice 2004-50, answer 37: 300 from the HSA, 200 from the insurer six months on: 200 goes back by
    15 April of the year after the one in which it was known."""
    funded = fund([part("2025-01-10", 30_000)], [hsa_source(30_000, date(2024, 1, 1))])
    (back,) = put_back(funded, [Repayment(0, date(2025, 7, 10), 20_000)])
    assert (back.source, back.amount, back.by, back.tax_if_kept) == ("HSA", 20_000, date(2026, 4, 15), 4_000)


def test_the_plans_money_first_takes_the_place_of_cash() -> None:
    funded = fund([part("2026-01-10", 60_000)], [hsa_source(40_000, JAN)])
    assert put_back(funded, [Repayment(0, date(2026, 3, 1), 20_000)]) == ()
    (back,) = put_back(funded, [Repayment(0, date(2026, 3, 1), 20_000), Repayment(0, date(2027, 2, 1), 10_000)])
    assert (back.amount, back.by) == (10_000, date(2028, 4, 15))


def test_fsa_money_goes_back_by_the_administrator_and_assistance_last() -> None:
    sources = [CARD, fsa_source(HealthFsa(15_000, JAN)), hsa_source(5_000, JAN)]
    funded = fund([part("2026-01-10", 30_000)], sources)
    backs = put_back(funded, [Repayment(0, date(2026, 3, 1), 30_000)])
    assert [(back.source, back.amount) for back in backs] == [
        ("HSA", 5_000),
        ("health FSA", 15_000),
        ("maker's card", 10_000),
    ]
    with pytest.raises(FundingError, match="pays back"):
        put_back(funded, [Repayment(0, date(2026, 3, 1), 30_001)])


def test_what_went_back_once_does_not_go_back_again() -> None:
    """$300: $100 by help, $150 by the FSA, $50 by the HSA. Of $120 back the HSA gets 50 and the FSA 70; of 30 more 30."""
    sources = [CARD, fsa_source(HealthFsa(15_000, JAN)), hsa_source(5_000, JAN)]
    funded = fund([part("2026-01-10", 30_000)], sources)
    backs = put_back(funded, [Repayment(0, date(2026, 3, 1), 12_000), Repayment(0, date(2026, 4, 1), 3_000)])
    assert [(back.source, back.amount) for back in backs] == [
        *(("HSA", 5_000), ("health FSA", 7_000), ("health FSA", 3_000))
    ]


def test_a_source_and_a_repayment_have_ends() -> None:
    assert fund([part("2026-01-10", 100)], [CARD.replace(amount=0)])[0].by("cash") == 100
    with pytest.raises(FundingError, match="a negative amount"):
        CARD.replace(amount=-1)
    assert PatientPart(JAN, 0).amount == 0
    with pytest.raises(FundingError, match="cannot be negative"):
        PatientPart(JAN, -1)
    with pytest.raises(FundingError, match="is not a kind of money"):
        CARD.replace(kind="gift")
    funded = fund([part("2026-01-10", 100)], [CARD])
    for amounts in ((-1,), (101,), (60, 41)):
        with pytest.raises(FundingError, match="pays back"):
            put_back(funded, [Repayment(0, date(2026, 3, day), cents) for day, cents in enumerate(amounts, 1)])
    (back,) = put_back(funded, [Repayment(0, date(2026, 3, 1), 0), Repayment(0, date(2026, 3, 2), 60)])
    assert (back.amount, back.tax_if_kept, back.by) == (60, 0, None)
    assert back.how == "Tell maker's card that the plan paid; it may ask for $0.60 back."


def test_which_source_pays_what_is_said_in_words() -> None:
    drug = PatientPart(date(2026, 1, 10), 10_000, service="esketamine")
    card = CARD.replace(services=("esketamine", "observation"))
    assert fund([drug], [card])[0].by("assistance") == 10_000
    visit = fund([PatientPart(date(2026, 1, 10), 10_000, service="infusion")], [card])[0]
    assert (visit.by("cash"), visit.note) == (10_000, "maker's card pays for esketamine and observation only")
    early = fund([part("2026-01-10", 100)], [hsa_source(100, date(2026, 1, 11))])[0]
    assert early.note == "the expense of 2026-01-10 came before HSA was established on 2026-01-11"
    assert fund([part("2026-01-11", 100)], [hsa_source(100, date(2026, 1, 11))])[0].by("hsa") == 100
    late = fund([part("2027-01-01", 100)], [fsa_source(HealthFsa(100, JAN))])[0]
    assert late.note == "health FSA does not pay for 2027-01-01"


DAYS = st.integers(0, 700).map(lambda n: JAN + timedelta(n))
MEDICAL = st.sampled_from(["qualified", "not qualified"])
PARTS = st.lists(st.builds(PatientPart, DAYS, st.integers(0, 100_000), MEDICAL), max_size=6)
SPANS = st.one_of(st.none(), st.builds(lambda a, b: Span(min(a, b), max(a, b)), DAYS, DAYS))
NAMELESS = st.builds(
    FundingSource, st.just(""), st.sampled_from(ORDER), st.integers(0, 100_000), SPANS, st.one_of(st.none(), DAYS)
)
SOURCES = st.lists(NAMELESS, max_size=6).map(
    lambda sources: [p.replace(name=f"source {i}") for i, p in enumerate(sources)]
)


@given(PARTS, SOURCES, st.sampled_from(list(permutations(ORDER))[::37]))
def test_law_4_every_cent_is_funded_once(parts: list[PatientPart], sources: list[FundingSource], order: tuple) -> None:
    funded = fund(parts, sources, order=order)
    assert [one.part for one in funded] == parts
    assert all(payment.amount > 0 for one in funded for payment in one.paid)
    for one in funded:
        assert sum(one.by(kind) for kind in ORDER) == one.part.amount
        if one.part.medical == "not qualified":
            assert one.by(*TAX_FREE) == 0
    for source in sources:
        taken = [(one.part.day, paid(one).get(source.name, 0)) for one in funded]
        assert sum(amount for _, amount in taken) <= source.amount
        assert all(source.days is None or source.days.holds(day) for day, amount in taken if amount)


@given(PARTS, SOURCES, st.lists(st.tuples(st.integers(0, 5), DAYS, st.integers(0, 60_000)), max_size=6))
def test_law_4_no_dollar_that_the_plan_pays_back_stays_tax_free(
    parts: list[PatientPart], sources: list[FundingSource], backs: list[tuple[int, date, int]]
) -> None:
    funded, repayments, total = fund(parts, sources), [], [0] * 6
    for i, day, amount in backs:
        if i < len(parts) and total[i] + amount <= parts[i].amount:
            repayments.append(Repayment(i, day, amount))
            total[i] += amount
    returned = put_back(funded, repayments)
    for i, one in enumerate(funded):
        gone = sum(back.amount for back in returned if back.part == i)
        kept = one.by(*TAX_FREE, "assistance") - gone
        assert kept >= 0
        assert kept + total[i] <= one.part.amount
        assert not gone or kept + total[i] == one.part.amount  # and no more than that goes back
