"""What a year has used, in words after the lines of a bill."""

from datetime import date

from ketacost.core.convert import read
from ketacost.model.adjudication import adjudicate
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import Plan
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
