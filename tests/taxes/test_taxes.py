"""Taxes and what a contribution saves, against two independent tools, and what is said where tables are not in."""

from __future__ import annotations

import csv
import pickle
from collections import Counter

import pytest
from places import ROOT

from ketacost.core.fields import UnknownName
from ketacost.core.references import GRADES
from ketacost.taxes.households import KINDS, STATES, Contribution, Household, HouseholdError, Itemized
from ketacost.taxes.savings import as_if_nearest, citations, saving, saving_of, taxes
from ketacost.taxes.tables import STATUSES, NotKnownFor

DATA = ROOT / "tests" / "data"
FEDERAL = ("federal", "oasdi", "hi", "additional_medicare")
SIX_CENTS = 6.5
DOLLAR = 100.5


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cents(written: str) -> int:
    return round(float(written or 0) * 100)


def one(**changes: object) -> Household:
    """A single filer of forty who earns 60,000 in Texas in 2026, but."""
    plain = Household(year=2026, state="TX", filing_status="single", wages=6_000_000, age=40)
    return plain.replace(**changes)


@pytest.mark.parametrize(("field", "first", "last"), [("year", 2000, 2100), ("age", 0, 130)])
def test_years_and_ages_have_ends(field: str, first: int, last: int) -> None:
    for inside in (first, last):
        assert getattr(one(**{field: inside}), field) == inside
    for outside in (first - 1, last + 1):
        with pytest.raises(HouseholdError, match=str(outside)):
            one(**{field: outside})


@pytest.mark.parametrize("of_spouse", [{"spouse_wages": 1}, {"spouse_age": 40}, {"spouse_blind": True}])
def test_only_a_couple_has_a_spouse(of_spouse: dict[str, object]) -> None:
    with pytest.raises(HouseholdError, match="only a joint return"):
        one(**of_spouse)


def test_a_contribution_adds_up() -> None:
    put_in = Contribution(100, 20, 3)
    assert (put_in.from_pay, put_in.to_hsa, put_in.amount) == (103, 120, 123)
    assert Contribution.by(5, "direct HSA") == Contribution(0, 5, 0, False)
    for negative in ((-1, 1, 1), (1, -1, 1), (1, 1, -1)):
        with pytest.raises(HouseholdError, match="negative"):
            Contribution(*negative)


# 150 households by two tools


def household(row: dict[str, str]) -> Household:
    joint = row["filing_status"] == "married_joint"
    return Household(
        year=int(row["year"]),
        state=row["state"],
        filing_status=row["filing_status"],  # type: ignore[arg-type]
        wages=cents(row["wages"]),
        age=int(row["age"]),
        spouse_wages=cents(row["spouse_wages"]) if joint else 0,
        spouse_age=int(row["spouse_age"]) if joint else None,
    )


def contribution(row: dict[str, str]) -> Contribution:
    return Contribution(cents(row["hsa_payroll"]), cents(row["hsa_direct"]), cents(row["fsa"]))


ORACLE = rows("oracle_households")
COLUMNS = dict(zip(FEDERAL, ("fed_income", "oasdi", "hi", "add_medicare"), strict=True))


def test_there_are_150_households_of_both_years_and_every_status() -> None:
    assert len(ORACLE) == 150
    assert {row["filing_status"] for row in ORACLE} == set(STATUSES)


@pytest.mark.parametrize("tool", ["pe", "tc"])
def test_federal_savings_of_150_households_are_those_of_both_tools(tool: str) -> None:
    for row in ORACLE:
        h, c = household(row), contribution(row)
        answer = saving_of(as_if_nearest(h, c), c)
        for part, column in COLUMNS.items():
            without = cents(row[f"{tool}_{column}_without"])
            assert abs(getattr(answer.without, part) - without) <= SIX_CENTS, (row["id"], part)
            saved = cents(row[f"{tool}_{column}_saving"])
            assert abs(getattr(answer.saved, part) - saved) <= SIX_CENTS, (row["id"], part)


def test_federal_savings_of_itemizers_are_those_of_both_tools() -> None:
    # State and local tax is the state income tax of the tool, which a contribution lowers; no other deductions.
    itemizers = 0
    for row in ORACLE:
        h, c = household(row), contribution(row)
        paid = cents(row["pe_state_income_without"])
        less = paid - cents(row["pe_state_income_saving"])
        h = as_if_nearest(h, c)
        before = taxes(h.replace(itemized=Itemized(max(paid, 0)))).federal
        after = taxes(h.replace(itemized=Itemized(max(less, 0))), c).federal
        for tool in ("pe", "tc"):
            assert abs(before - after - cents(row[f"{tool}_fed_income_itemized_saving"])) <= SIX_CENTS, row["id"]
        itemizers += row["pe_itemizes"] == "1"
    assert itemizers >= 3


# The tool adds the home heating credit, a claim of its own (MI-1040CR-7) that rests on heating costs.
HEATING = {("MI", "64")}


def test_state_income_tax_saved_is_the_tools_within_a_dollar() -> None:
    off = {}
    for row in ORACLE:
        h, c = household(row), contribution(row)
        saved = saving_of(as_if_nearest(h, c), c).saved.state
        if abs(saved - cents(row["pe_state_income_saving"])) > DOLLAR:
            off[row["state"], row["id"]] = saved
    assert set(off) == HEATING


# 300 other households by taxcalc (see taxcalc_check.py)


@pytest.mark.parametrize("put_in", [440_000, 500_000, 1_200_000])
def test_money_above_the_years_limit_saves_nothing_more(put_in: int) -> None:
    """A single Texan on 60,000 in 2026: 19.65% and 12% of 4,400 for an HSA, 19.65% of 3,400 for an FSA."""
    for kind, saved in zip(KINDS, (86_460, 52_800, 66_810), strict=True):
        assert saving(one(), put_in, kind).total == saved
    mark = "A health FSA takes $3,400.00 in 2026: the $1,600.00 above it saves nothing"
    assert saving(one(), 500_000, "health FSA").marks == (mark,)
    assert saving(one(age=55), 540_000, "direct HSA").marks == ()
    couple = one(filing_status="married_joint", spouse_age=40)
    assert saving(couple, 875_000, "payroll HSA").marks == ()
    assert saving(couple, 875_001, "payroll HSA").marks != ()


def test_pay_without_social_security_saves_none_of_it() -> None:
    """A teacher in Texas on 60,000: 13.45% of 3,000, not 19.65%; the spouse's pay keeps it."""
    teacher = one(social_security=False)
    assert saving(teacher, 300_000, "payroll HSA").total == 40_350
    assert taxes(teacher).oasdi == 0
    assert taxes(teacher).hi == 87_000
    couple = teacher.replace(filing_status="married_joint", spouse_age=40, spouse_wages=5_000_000)
    assert taxes(couple).oasdi == 310_000
    assert taxes(couple.replace(spouse_social_security=False)).oasdi == 0


@pytest.mark.parametrize("year", ["2025", "2026"])
def test_300_other_households_agree_with_taxcalc(year: str) -> None:
    held = [row for row in rows("taxcalc_households") if row["year"] == year]
    assert len(held) > 120
    for row in held:
        joint = row["filing_status"] == "married_joint"
        salt = row["state_and_local_tax"]
        h = one(
            year=int(year),
            filing_status=row["filing_status"],
            wages=cents(row["wages"]),
            spouse_wages=cents(row["spouse_wages"]),
            age=int(row["age"]),
            spouse_age=int(row["spouse_age"]) if joint else None,
            blind=row["blind"] == "1",
            spouse_blind=row["spouse_blind"] == "1",
            itemized=Itemized(cents(salt), 0, cents(row["other_itemized"])) if salt else None,
        )
        put_in = Contribution.by(cents(row["amount"]), row["kind"], row["by_spouse"] == "1")  # type: ignore[arg-type]
        answer = saving_of(h, put_in)
        for part, saved in zip(FEDERAL, ("federal", "oasdi", "hi", "additional"), strict=True):
            assert abs(getattr(answer.without, part) - cents(row[part])) <= SIX_CENTS, (row["id"], part)
            assert abs(getattr(answer.saved, part) - cents(row[f"{saved}_saved"])) <= SIX_CENTS, (row["id"], part)


# Worked by hand


def test_payroll_money_escapes_payroll_tax_and_direct_money_does_not() -> None:
    # 60,000 less 16,100: 43,900 is in the 12% bracket (12,400 to 50,400). 3,000 saves 360.00; 6.2% is 186.00, 1.45% is 43.50.
    assert saving(one(), 300_000, "payroll HSA").saved == (36_000, 18_600, 4_350, 0, 0, 0, 0)
    assert saving(one(), 300_000, "health FSA").saved == (36_000, 18_600, 4_350, 0, 0, 0, 0)
    assert saving(one(), 300_000, "direct HSA").saved == (36_000, 0, 0, 0, 0, 0, 0)


def test_above_the_wage_base_payroll_money_saves_medicare_tax_alone() -> None:
    # 240,000 less 16,100: 223,900 lies in the 32% bracket of 2026 (201,775 to 256,225). 2.35% is 1.45% and 0.9%.
    answer = saving(one(wages=24_000_000), 400_000, "payroll HSA").saved
    assert answer == (128_000, 0, 5_800, 3_600, 0, 0, 0)


def test_the_additional_medicare_threshold_is_per_return() -> None:
    couple = one(filing_status="married_joint", spouse_age=40, wages=15_000_000, spouse_wages=12_000_000)
    assert taxes(couple).additional_medicare == 18_000  # 0.9% of the 20,000 above 250,000
    assert taxes(one(filing_status="married_separate", wages=15_000_000)).additional_medicare == 22_500


def test_each_spouse_has_a_wage_base() -> None:
    couple = one(filing_status="married_joint", spouse_age=40, wages=20_000_000, spouse_wages=20_000_000)
    assert taxes(couple).oasdi == 2 * 1_143_900  # 6.2% of 184,500
    assert saving(couple, 300_000, "payroll HSA", by_spouse=True).saved.oasdi == 0


def test_a_deduction_larger_than_the_income_leaves_nothing_to_save() -> None:
    low = one(wages=900_000, age=70)
    assert saving(low, 100_000, "direct HSA").total == 0
    assert saving(low, 100_000, "payroll HSA").saved == (0, 6_200, 1_450, 0, 0, 0, 0)


def test_a_senior_deduction_comes_back_at_six_percent() -> None:
    # 2026, single, 70, 100,000: 6,000 less 6% of 25,000 is 4,500; 1,000 less income restores 60. 22% of 1,060 is 233.20.
    assert saving(one(wages=10_000_000, age=70), 100_000, "direct HSA").saved.federal == 23_320


def test_own_state_tax_that_is_itemized_is_deducted_and_lost() -> None:
    # North Carolina takes 3.99% of what lies above its own deduction. Its tax is itemized; the HSA lowers it.
    plain = one(state="NC", wages=20_000_000, itemized=Itemized("own income tax", 500_000, 1_500_000))
    fixed = plain.replace(itemized=Itemized(taxes(plain).state, 500_000, 1_500_000))
    own, held = saving(plain, 400_000, "direct HSA"), saving(fixed, 400_000, "direct HSA")
    assert own.saved.state == held.saved.state
    # 24% of the state tax that is not paid (and so not deducted) is saved less.
    assert held.saved.federal - own.saved.federal == pytest.approx(0.24 * own.saved.state, abs=1)


# Years


def test_a_state_year_that_is_not_in_is_told_and_shown_as_if_only_when_asked() -> None:
    idaho = one(state="ID")
    with pytest.raises(NotKnownFor, match=r"ID brackets, 2026: not known; known: 2025\. .* set state_as_if=2025"):
        taxes(idaho)
    asked = as_if_nearest(idaho)
    assert asked == idaho.replace(state_as_if=2025)
    answer = saving(asked, 300_000, "payroll HSA")
    assert answer.marks == ("We use the 2025 ID tax tables; we don't have those of 2026",)
    assert "We use the 2025" in repr(answer)
    assert answer.saved.state == 15_900


def test_2027_has_its_wage_base_and_no_brackets() -> None:
    later = one(year=2027, wages=30_000_000)
    with pytest.raises(
        NotKnownFor, match=r"US brackets, 2027: not known; known: 2024, 2025, 2026\. .*federal_as_if=2026"
    ):
        taxes(later)
    asked = as_if_nearest(later)
    assert taxes(asked).oasdi == 1_192_260  # 6.2% of 192,300
    assert saving(asked, 300_000, "payroll HSA").marks == (
        "We use the 2026 US tax tables; we don't have those of 2027",
    )


def test_the_way_out_travels_with_the_error() -> None:
    with pytest.raises(NotKnownFor) as caught:
        taxes(one(state="ID"))
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.field, again.nearest, str(again)) == ("state_as_if", 2025, str(caught.value))


def test_an_amount_that_only_some_need_is_asked_of_them_alone() -> None:
    # California's earned income credit of 2026 is not published; its brackets are.
    assert saving(one(state="CA"), 300_000, "health FSA").marks == ()
    with pytest.raises(NotKnownFor, match=r"CA caleitc earned, 2026"):
        taxes(one(state="CA", wages=2_000_000))
    mark = saving(as_if_nearest(one(state="CA", wages=2_000_000)), 300_000, "health FSA").marks
    assert mark == ("We use the 2025 CA CalEITC amounts; we don't have those of 2026",)


def test_the_income_of_both_less_what_is_put_in_decides_whether_an_amount_is_asked_for() -> None:
    """32,901 and 10% more are 36,191.10."""
    couple = one(state="CA", filing_status="married_joint", spouse_age=40)
    for own, spouse in ((3_000_000, 619_111), (619_111, 3_000_000)):
        taxes(couple.replace(wages=own, spouse_wages=spouse))
        with pytest.raises(NotKnownFor, match="CA caleitc earned"):
            taxes(couple.replace(wages=own, spouse_wages=spouse - 1))
    for put_in in (Contribution(payroll_hsa=1), Contribution(direct_hsa=1), Contribution(health_fsa=1)):
        with pytest.raises(NotKnownFor, match="CA caleitc earned"):
            taxes(one(state="CA", wages=3_619_111), put_in)


def test_what_vermont_gives_at_65_is_asked_for_from_that_age_on() -> None:
    """Its amount of 2026 for age is not published; its brackets are."""
    couple = one(state="VT", filing_status="married_joint", spouse_age=40)
    for younger in (one(state="VT", age=64), couple.replace(age=64), couple.replace(spouse_age=64)):
        assert saving(younger, 300_000, "payroll HSA").marks == ()
    for older in (one(state="VT", age=65), couple.replace(age=65), couple.replace(spouse_age=65)):
        with pytest.raises(NotKnownFor, match="VT aged or blind deduction, 2026"):
            taxes(older)


def test_what_two_earners_get_is_asked_of_two_earners_alone() -> None:
    """Minnesota's credit of 2026 for them is not published; its brackets are."""
    couple = one(state="MN", filing_status="married_joint", spouse_age=40)
    for alone in (couple, couple.replace(wages=0, spouse_wages=6_000_000)):
        assert saving(alone, 0, "payroll HSA").marks == ()
    with pytest.raises(NotKnownFor, match="MN marriage credit cap, 2026"):
        taxes(couple.replace(spouse_wages=1))


def test_all_of_ones_pay_may_be_put_in_and_not_a_cent_more() -> None:
    assert taxes(one(wages=300_000), Contribution(payroll_hsa=300_000)).total == 0
    with pytest.raises(HouseholdError, match="cannot be taken from pay"):
        taxes(one(wages=299_999), Contribution(payroll_hsa=300_000))


def test_a_household_that_is_all_in_is_left_as_it_is() -> None:
    assert as_if_nearest(one(state="OH")) == one(state="OH")


def test_a_year_beyond_all_tables_is_shown_as_the_last_one_when_asked() -> None:
    far = as_if_nearest(one(year=2030, state="NJ"))
    assert (far.federal_as_if, far.state_as_if) == (2026, 2026)
    assert saving(far, 300_000, "payroll HSA").marks == (
        "We use the 2026 US payroll tax tables; we don't have those of 2030",
        "We use the 2026 NJ payroll levies; we don't have those of 2030",
        "We use the 2026 US tax tables; we don't have those of 2030",
        "We use the 2026 NJ tax tables; we don't have those of 2030",
    )


def test_2024_is_known_federally_where_no_credit_is_in_play() -> None:
    # 60,000 less 14,600: 12% of 3,000.
    assert saving(one(year=2024), 300_000, "direct HSA").saved.federal == 36_000
    with pytest.raises(NotKnownFor, match="US eitc cap, 2024"):
        taxes(one(year=2024, wages=1_500_000))


# Sources


@pytest.mark.parametrize("state", STATES)
def test_every_number_has_citations(state: str) -> None:
    held = citations(as_if_nearest(one(state=state)))
    assert len(held) > 20
    for citation in held:
        assert citation.grade in GRADES
        assert citation.where
        assert citation.source.organisation
    kinds = Counter(citation.what.split()[0] for citation in held)
    assert kinds["US"] > 15
    assert kinds[state] >= 1


# What cannot be


def test_a_household_that_cannot_file_is_told() -> None:
    with pytest.raises(HouseholdError, match="a joint return needs spouse_age"):
        one(filing_status="married_joint")
    with pytest.raises(HouseholdError, match="only a joint return has a spouse's wages"):
        one(spouse_wages=1)
    with pytest.raises(HouseholdError, match=r"wages cannot be negative, got -\$1.00"):
        one(wages=-100)
    with pytest.raises(HouseholdError, match="age is a number of years, got 400"):
        one(age=400)
    with pytest.raises(UnknownName, match="no state called 'PR'"):
        one(state="PR")
    with pytest.raises(UnknownName, match="no filing status called 'widowed'"):
        one(filing_status="widowed")
    with pytest.raises(UnknownName, match="no locality of NY called 'Buffalo'; known: New York City, Yonkers"):
        taxes(one(state="NY", locality="Buffalo"))


def test_a_contribution_that_cannot_be_is_told() -> None:
    with pytest.raises(UnknownName, match="no kind of contribution called 'HRA'"):
        saving(one(), 100, "HRA")  # type: ignore[arg-type]
    with pytest.raises(HouseholdError, match=r"\$3,000.00 cannot be taken from pay of \$2,000.00"):
        saving(one(wages=200_000), 300_000, "payroll HSA")
    with pytest.raises(HouseholdError, match=r"cannot be taken from pay of \$0.00"):
        saving(one(filing_status="married_joint", spouse_age=50), 300_000, "health FSA", by_spouse=True)
    with pytest.raises(HouseholdError, match="cannot be negative"):
        Contribution(payroll_hsa=-1)
    assert len(KINDS) == 3


def test_people_write_dollars() -> None:
    h = Household.of(year=2026, state="TX", filing_status="single", wages="$60,000", age=40)
    assert h == one()
    assert repr(saving(h, 300_000, "payroll HSA")) == "$3,000.00 put in saves $589.50 in tax"
