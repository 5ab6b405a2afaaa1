"""What a year has used, in words after the lines of a bill."""

from datetime import date

from ketacost.core.convert import read
from ketacost.estimate.explain import SAME_ANSWER
from ketacost.model.adjudication import adjudicate
from ketacost.model.coordination import SecondPlan, coordinate
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import Plan, with_published
from ketacost.reports.json_output import claims_as_dict
from ketacost.reports.text import claims_text

LINES = (("dad", 2, 500), ("mom", 3, 2500), ("child-1", 4, 5000), ("dad", 5, 600), ("mom", 6, 900))


def test_used_so_far_shows_each_person_and_the_family_and_what_is_met() -> None:
    """Five lines of an embedded family: 1,100 + 2,900 + 4,000 fill the family's 8,000, and only the child's own 4,000."""
    side = {"deductible": 4000, "family_deductible": 8000, "out_of_pocket_limit": 6000}
    side |= {"family_out_of_pocket_limit": 12000, "benefits": {"default": {"coinsurance": "20%"}}}
    plan = read(Plan, {"name": "Smith", "family": True, "networks": {"in": side}})
    bill = [
        ServiceLine(date(2026, 2, day), charge * 100, allowed=charge * 100, member=who, network="in")
        for who, day, charge in LINES
    ]
    told = claims_text(adjudicate(bill, plan), plan)
    assert "(mom):\n  in: deductible $2,900.00 of $4,000.00; counted" in told
    assert "(child-1):\n  in: deductible $4,000.00 of $4,000.00, met; counted" in told
    together = "deductible $8,000.00 of $8,000.00, met; counted toward the limit $8,300.00 of $12,000.00"
    assert told.endswith(f"The family together, plan year from Jan 1, 2026:\n  in: {together}")


def test_half_a_deductible_waived_is_half_in_the_words_after_the_lines() -> None:
    """$1,000 of a deductible of $4,000, of which the variant leaves $2,000."""
    side = {"deductible": 4000, "out_of_pocket_limit": 6000, "benefits": {"default": {"coinsurance": "20%"}}}
    plan = read(Plan, {"name": "Smith", "networks": {"in": side}})
    bill = [ServiceLine(date(2026, 2, 2), 100_000, allowed=100_000, network="in")]
    told = claims_text(adjudicate(bill, plan, rule="half the deductible waived"), plan)
    assert "in: deductible $1,000.00 of $2,000.00; counted" in told
    assert "in: deductible $1,000.00 of $4,000.00; counted" in claims_text(adjudicate(bill, plan), plan)


def test_617_what_a_card_pays_is_taken_off_and_it_is_told_whether_it_counts() -> None:
    """Twelve fills of $750 under a deductible of $4,000, and a card that pays $3,750: $250 are left if it counts.

    Where it does not, the seven fills without it fill the deductible: $4,000 are left.
    """
    side = {"deductible": 4000, "out_of_pocket_limit": 4000, "benefits": {"default": {"coinsurance": 0}}}
    plan = read(Plan, {"name": "With a card", "networks": {"in": side}})
    bill = [
        ServiceLine(date(2026, month, 5), 75_000, allowed=75_000, network="in", assistance=80_000 if month < 6 else 0)
        for month in range(1, 13)
    ]
    counts, does_not = (adjudicate(bill, plan, rule=rule) for rule in (None, "copay accumulator"))
    told, other = claims_text(counts, plan), claims_text(does_not, plan)
    assert "Of your part help pays $3,750.00: $250.00\nis left." in told
    assert "copay help counts toward the deductible" in told
    assert "Of your part help pays $3,750.00: $4,000.00\nis left" in other
    assert "copay help counts" not in other
    assert [line["help_pays"] for line in claims_as_dict(counts)["lines"][:5]] == ["750.00"] * 5


def test_what_a_year_has_used_is_told_by_the_plan_that_holds_then() -> None:
    """$1,000 and 20% of $1,000 before July 10; then $2,000 are left of the new deductible of $3,000, and 10% of $1,000.

    On Medicare from January: the Part B deductible of $283, and 20% of $217.
    """
    terms = [{"deductible": 1000, "out_of_pocket_limit": 3000, "benefits": {"default": {"coinsurance": "20%"}}}]
    terms += [{"deductible": 3000, "out_of_pocket_limit": 6000, "benefits": {"default": {"coinsurance": "10%"}}}]
    first, cobra = ({"networks": {"in": side}} for side in terms)
    table = {"name": "first", **first, "versions": [{"starts": date(2026, 7, 10), "credit": True, "plan": cobra}]}
    table["versions"] += [{"starts": date(2027, 1, 1), "plan": "medicare-part-b-2026"}]
    plan = read(Plan, with_published(table))
    bills = ((2026, 6, 1, 2000), (2026, 7, 10, 3000), (2026, 12, 1, 1000), (2027, 1, 5, 500))
    lines = [ServiceLine(date(*day), charge * 100, allowed=charge * 100, network="in") for *day, charge in bills]
    claims = adjudicate(lines, plan)
    assert [claim.you_pay for claim in claims] == [1_200_00, 2_100_00, 100_00, 326_40]
    assert "in: deductible $283.00 of $283.00, met; no yearly limit" in claims_text(claims, plan)
    of_2026 = claims_text(claims[:3], plan)
    assert "in: deductible $3,000.00 of $3,000.00, met; counted toward the limit $3,400.00 of $6,000.00" in of_2026


def test_that_a_second_plan_denies_what_the_first_denies_is_told_as_assumed() -> None:
    """$550 denied by both; of $240 the first takes 20%, $48, which the second pays but 10% of the $240."""
    first, second = (
        read(Plan, {"networks": {"in": {"deductible": 0, "benefits": {"default": {"coinsurance": share}}}}})
        for share in ("20%", "10%")
    )
    bill = [
        ServiceLine(date(2026, 2, 2), 55_000, allowed=24_000, network="in", covered=False),
        ServiceLine(date(2026, 2, 9), 55_000, allowed=24_000, network="in", balance_billed=False),
    ]
    both = coordinate(bill, first, SecondPlan(second, "carve-out"))
    assert [claim.you_pay for claim in both] == [55_000, 2_400]
    assert SAME_ANSWER in claims_text(both, first, width=200)
    assert claims_as_dict(both)["notes"] == [SAME_ANSWER]
    assert claims_as_dict(adjudicate(bill, first))["notes"] == []


def test_what_one_person_has_used_is_not_of_an_amount_that_holds_for_nobody() -> None:
    """An aggregate family deductible of $3,000 of which a child used $2,500: no person's own $1,500 is met or left.

    A group without a limit of its own has none to tell, and a deductible of $0 is none.
    """
    side = {"deductible": 1500, "family_deductible": 3000, "out_of_pocket_limit": 4000}
    side |= {"family_out_of_pocket_limit": 8000, "benefits": {"default": {"coinsurance": "10%"}}}
    side |= {"groups": {"drug": {"benefits": ["drug"], "deductible": 250}}}
    out = {"deductible": 0, "benefits": {"default": {"coinsurance": "50%"}}}
    table = {"name": "A", "family": True, "deductible_kind": "aggregate", "networks": {"in": side, "out": out}}
    plan = read(Plan, table)
    bill = [
        ServiceLine(date(2026, 2, day), 250_000, allowed=250_000, member=who, network="in")
        for who, day in (("child-1", 2), ("patient", 3))
    ]
    claims = adjudicate(bill, plan)
    told = claims_text(claims, plan)
    assert [claim.you_pay for claim in claims] == [250_000, 50_000 + 20_000]
    assert "(child-1):\n  in: deductible $2,500.00 toward the family's; counted toward the limit $2,500.00 of" in told
    assert "in: deductible $3,000.00 of $3,000.00, met; counted toward the limit $3,200.00 of $8,000.00" in told
    assert "  out: no deductible; no yearly limit\n" in told
    assert "  in.drug: deductible $0.00 of $250.00\n" in told
    assert "  Service  " in told
    assert "default" not in told
