"""Allowed amounts: each method to the cent, Medicare's fees derived again from their parts, and what is not known told.

Expected amounts were worked out by hand or from the rows of data/medicare with exact fractions, without the code under test.
"""

import csv
import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from places import DATA

import ketacost as kc
from ketacost.analysis.allowed_methods import MethodRow
from ketacost.core.convert import EntryError, get, put, read, written
from ketacost.core.fields import KetacostError, UnknownName
from ketacost.core.money import MoneyError, whole_cents
from ketacost.core.references import NotKnownOn, assumption, rows
from ketacost.estimate.answer import Totals, scenario_of
from ketacost.estimate.scenario import Scenario, scenario_from
from ketacost.files.json_schema import schema
from ketacost.files.scenario_files import load
from ketacost.model.adjudication import adjudicate
from ketacost.model.allowed import (
    METHODS,
    AllowedNotKnown,
    allowed_amount,
    allowed_citation,
    counted_by,
    priced_by,
    pricing_citations,
    pricing_notes,
    typical_allowed,
)
from ketacost.model.fee_schedule import (
    exact_payment,
    fee,
    fees,
    localities,
    locality,
    locality_of,
    payment_citations,
    without_fee,
)
from ketacost.model.plans import Benefit, Network, Plan
from ketacost.model.pricing import Pricing

DAY = date(2026, 6, 1)
MEDICARE = Pricing("multiple of Medicare", multiple=10_000)


def table(name: str) -> list[dict[str, str]]:
    """A table of data/medicare, read without the package."""
    with (DATA / "medicare" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cents(dollars: Fraction) -> int:
    """Half a cent goes up."""
    return floor(dollars * 100 + Fraction(1, 2))


def line(code: str = "", units: int = 1, *, charge: int = 500_000, on: date = DAY, **more: Any) -> kc.ServiceLine:
    return kc.ServiceLine(on, charge, code, units, **more)


def side(**more: Any) -> Network:
    return Network(0, benefits={"default": Benefit(coinsurance=2_000)}, **more)


# What Medicare pays


@pytest.mark.parametrize(
    ("code", "national"),
    [("96365", 6_714), ("96366", 2_138), ("99214", 13_561), ("90837", 16_700), ("G2082", 95_259), ("G2083", 135_608)],
)
def test_what_medicare_pays_in_2026(code: str, national: int) -> None:
    assert counted_by(MEDICARE, line(code)) == national


def test_what_medicare_pays_depends_on_the_place() -> None:
    """Alabama by hand: (0.70 x 1.000 + 39.83 x 0.875 + 0.07 x 0.566) x 33.4009 = 1,188.767; without the floor 0.988."""
    assert counted_by(MEDICARE.replace(locality="Manhattan"), line("G2083")) == 157_446
    assert counted_by(MEDICARE.replace(zip="10001"), line("G2083")) == 157_446
    assert counted_by(MEDICARE.replace(locality="10112-00"), line("G2083")) == 118_877
    assert counted_by(MEDICARE.replace(zip="36104-2130", work_floor=False), line("G2083")) == 118_849
    with pytest.raises(NotKnownOn, match="work index of ALABAMA, AL without its floor is not in our copy of 2025"):
        counted_by(MEDICARE.replace(zip="36104", work_floor=False), line("G2083", on=date(2025, 6, 1)))


# The copy read rounds an exact half to the even cent; we round it up. Both are 2024's, in a table made by others from the
# CMS file: 4.40 x 33.2875 = 146.465 and 36.40 x 33.2875 = 1,211.665.
HALVES = {("90839", "2024-03-09"): ("146.46", 14_647), ("G2083", "2024-03-09"): ("1211.66", 121_167)}


@pytest.mark.parametrize("setting", ["nonfacility", "facility"])
def test_every_national_payment_is_derived_again(setting: str) -> None:
    """260 rows: the units add up, and units times conversion factor are the payment taken down with the row."""
    printed, halves = 0, 0
    for row in table("fee_schedule"):
        units = sum((Fraction(row[part]) for part in ("work_rvu", f"pe_rvu_{setting}", "mp_rvu")), Fraction())
        assert units == Fraction(row[f"total_rvu_{setting}"]), row
        if not row[f"national_{setting}_usd"]:
            assert (setting, row["facility_paid"]) == ("facility", "no")
            continue
        printed += 1
        national = cents(units * Fraction(row["conversion_factor"]))
        told = HALVES.get((row["code"], row["from"])) if setting == "nonfacility" else None
        if told:
            halves += 1
            assert (row["national_nonfacility_usd"], national) == told
        else:
            assert national == Fraction(row[f"national_{setting}_usd"]) * 100, row
        mine = fee(row["code"], date.fromisoformat(row["from"]))
        if mine.status == "A" and (setting == "nonfacility" or mine.facility_paid):
            place = "facility" if setting == "facility" else "non-facility"
            assert whole_cents(exact_payment(row["code"], mine.last, setting=place)) == national
    assert len(table("fee_schedule")) == 260
    assert (printed, halves) == ((260, 2) if setting == "nonfacility" else (223, 0))


def test_the_conversion_factor_is_that_of_its_days() -> None:
    known = {(row["from"], row["conversion_factor"]) for row in table("conversion_factors")}
    assert {(row["from"], row["conversion_factor"]) for row in table("fee_schedule")} <= known
    assert counted_by(MEDICARE, line("96365", on=date(2024, 3, 8))) == 6_156
    assert counted_by(MEDICARE, line("96365", on=date(2024, 3, 9))) == 6_258
    assert counted_by(MEDICARE, line("96365", on=date(2025, 12, 31))) == 5_790


def test_an_hour_and_three_more_are_rounded_once_a_line() -> None:
    """By hand: 2.01 x 33.4009 = 67.13581; 3 x 0.64 x 33.4009 = 64.12973, which three printed 21.38 would make 64.14.

    Together 131.27; 1.4 times: 93.99013 and 89.78162, together 183.77.
    """
    four_hours = (line("96365"), line("96366", 3))
    assert [counted_by(MEDICARE, one) for one in four_hours] == [6_714, 6_413]
    assert sum(counted_by(MEDICARE, one) for one in four_hours) == 13_127
    assert [counted_by(MEDICARE.replace(multiple=14_000), one) for one in four_hours] == [9_399, 8_978]
    assert 9_399 + 8_978 == 18_377


def test_an_infusion_and_a_visit() -> None:
    """By hand: 67.13581 + 4.06 x 33.4009 = 67.13581 + 135.60765 = 202.74346. Each line to the cent it is 67.14 + 135.61.

    So the sum of the lines is 202.75; 202.74 is the sum rounded once. Times 1.4 both are 283.84.
    """
    both = (line("96365"), line("99214"))
    assert cents(sum((exact_payment(one.code, DAY) for one in both), Fraction()) / 100) == 20_274
    assert sum(counted_by(MEDICARE, one) for one in both) == 20_275
    assert sum(counted_by(MEDICARE.replace(multiple=14_000), one) for one in both) == 28_384
    assert cents(sum((exact_payment(one.code, DAY) for one in both), Fraction()) * Fraction(14, 1000)) == 28_384


def test_six_months_of_spravato_under_part_b_and_three_ways_to_round_them() -> None:
    """One G2082 and twenty G2083, the deductible of 283, then 20%, no limit.

    5,841.22 comes of payments that are not rounded: 28.52 + 20 x 40.60 = 840.52 units x 33.4009 = 28,074.124468;
    283 + 20% of the 27,791.124468 left = 5,841.2248936. Of payments to the cent, 952.59 + 20 x 1,356.08 = 28,074.19, one
    rounding at the end gives 5,841.24. A plan rounds each line: 283 + 133.92 + 20 x 271.22 = 5,841.32, and so do we.
    """
    exact = (exact_payment("G2082", DAY) + 20 * exact_payment("G2083", DAY)) / 100
    assert exact == Fraction("28074.124468")
    assert cents(283 + (exact - 283) / 5) == 584_122
    assert cents(283 + (Fraction("28074.19") - 283) / 5) == 584_124
    part_b = kc.plans["medicare-part-b-2026"]
    priced = part_b.replace(networks={**part_b.networks, "in": part_b.networks["in"].replace(pricing=MEDICARE)})  # type: ignore[union-attr]
    bill = [line("G2082" if day == 1 else "G2083", on=date(2026, 2, day), network="in") for day in range(1, 22)]
    totals = Totals.of(adjudicate(bill, priced))
    assert (totals.allowed, totals.deductible, totals.coinsurance) == (2_807_419, 28_300, 13_392 + 20 * 27_122)
    assert totals.you_pay == 584_132


@pytest.mark.parametrize(
    ("code", "on", "allowed"),
    [
        ("94761", DAY, 0),  # oximetry, bundled
        ("94761", date(2024, 6, 1), 0),  # 2024's copy has no status; 2025's is taken
        ("99070", date(2025, 6, 1), 0),  # supplies, part of another service
    ],
)
def test_what_is_bundled_counts_nothing(code: str, on: date, allowed: int) -> None:
    assert allowed_amount(line(code, on=on), side(pricing=MEDICARE), "a plan") == allowed
    assert fee(code, on).bundled


@pytest.mark.parametrize(
    ("code", "on", "why"),
    [
        ("90899", DAY, "the contractor"),
        ("99417", DAY, "does not take this code and has another one"),
        ("96376", DAY, "the law keeps it out"),
        ("J3490", date(2025, 6, 1), "other schedules, as it does drugs"),
        ("A9270", date(2025, 6, 1), "does not cover it"),
        ("G2084", DAY, "no code in our copy of Medicare's fee schedule called 'G2084'; did you mean G2083 or G2082"),
        ("", DAY, "Medicare pays by billing code, and the line has none"),
    ],
)
def test_what_medicare_does_not_price_is_asked_for(code: str, on: date, why: str) -> None:
    with pytest.raises(AllowedNotKnown, match=why) as told:
        allowed_amount(line(code, on=on, service="visit"), side(pricing=MEDICARE), "Plan X")
    assert "Plan X has no allowed amount for" in str(told.value)
    assert "as in allowed = { visit = 240 }" in str(told.value)


def test_a_hospital_is_paid_otherwise() -> None:
    """By hand, a visit there: (1.92 + 0.47 + 0.14) x 33.4009 = 84.504. An infusion is the hospital's own to bill."""
    in_hospital = MEDICARE.replace(setting="facility")
    assert counted_by(in_hospital, line("99214")) == 8_450
    for on in (DAY, date(2024, 6, 1)):  # 2024's copy does not say; 2025's is taken
        with pytest.raises(AllowedNotKnown, match="in a facility Medicare pays the facility for 96365"):
            counted_by(in_hospital, line("96365", on=on))
        assert counted_by(in_hospital, line("99214", on=on)) < counted_by(MEDICARE, line("99214", on=on))
    with pytest.raises(UnknownName, match="no setting called 'office'; known: facility, non-facility"):
        MEDICARE.replace(setting="office")


def test_a_year_that_is_not_known_is_told_and_can_be_looked_at_as_if() -> None:
    with pytest.raises(NotKnownOn, match=r"not known on 2027-01-04\. Known: 2024-01-01 to 2026-12-31 .*RVU26C") as told:
        counted_by(MEDICARE, line("96365", on=date(2027, 1, 4)))
    assert "medicare_year = 2026" in str(told.value)
    assert counted_by(MEDICARE.replace(medicare_year=2026), line("96365", on=date(2027, 1, 4))) == 6_714
    assert counted_by(MEDICARE.replace(medicare_year=2025), line("96365", on=date(2028, 2, 29))) == 5_790
    with pytest.raises(AllowedNotKnown, match=r"Medicare has no fee for J3490"):
        counted_by(MEDICARE, line("J3490"))
    with pytest.raises(UnknownName, match=r"no year of Medicare's fees called '?2027'?; known: 2024, 2025, 2026"):
        MEDICARE.replace(medicare_year=2027)
    with pytest.raises(NotKnownOn, match=r"localities are not known for 2027\. Known: 2024, 2025, 2026"):
        localities(2027)


# Places


@pytest.mark.parametrize(
    ("zip_code", "place"),
    [
        ("10001", "MANHATTAN, NY"),
        ("10453", "NYC SUBURBS/LONG ISLAND, NY"),
        ("36104", "ALABAMA, AL"),
        ("90012", "LOS ANGELES-LONG BEACH-ANAHEIM (LOS ANGELES/ORANGE CNTY), CA"),
        ("60601", "CHICAGO, IL"),
        ("33130", "MIAMI, FL"),
        ("77002", "HOUSTON, TX"),
        ("20001", "DC + MD/VA SUBURBS, DC"),
        ("98101", "SEATTLE (KING CNTY), WA"),
        ("02108", "METROPOLITAN BOSTON, MA"),
        ("99501", "ALASKA, AK"),
        ("00901", "PUERTO RICO, PR"),
        ("53703", "WISCONSIN, WI"),
        ("64106", "METROPOLITAN KANSAS CITY, MO"),
        ("66101", "KANSAS, KS"),
    ],
)
def test_a_zip_code_is_in_its_locality(zip_code: str, place: str) -> None:
    assert str(locality(locality_of(zip_code), 2026)) == place
    assert locality(place, 2026).id == Pricing(zip=zip_code).place
    assert Pricing(zip=zip_code, locality="Manhattan").place == "13202-01"


def test_the_longest_prefix_counts() -> None:
    exceptions = [row for row in table("zip_to_locality") if row["kind"] == "exception"]
    by_three = {row["zip_prefix"]: row for row in table("zip_to_locality") if len(row["zip_prefix"]) == 3}
    assert len(exceptions) == 1_568
    for row in exceptions:
        mine, rest = f"{row['carrier']}-{row['locality']}", by_three[row["zip_prefix"][:3]]
        assert (locality_of(row["zip_prefix"]), rest["kind"]) == (mine, "most")
        assert (row["state"], mine) != (rest["state"], f"{rest['carrier']}-{rest['locality']}")


def test_all_109_localities_can_be_reached_every_year() -> None:
    reached = {locality_of(row["zip_prefix"].ljust(5, "0")) for row in table("zip_to_locality")}
    reached |= {f"{row['carrier']}-{row['locality']}" for row in table("zip_to_locality")}
    for year in (2024, 2025, 2026):
        assert set(localities(year)) == reached
        assert len(reached) == 109
    for place in localities(2026).values():
        assert locality(str(place), 2026) == place
        assert exact_payment("99214", DAY, place=place.id) > 0
        assert place.work >= max(1, place.work_without_floor or 0)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Pricing(zip="1000"), "a ZIP code has five digits, such as 10001; got '1000'"),
        (lambda: Pricing(zip="00000"), r"no Medicare locality is known for ZIP code 00000; check it, or give the loc"),
        (lambda: Pricing(locality="Manhatten"), "no Medicare locality called 'MANHATTEN'; did you mean MANHATTAN, NY"),
        (lambda: Pricing(locality="New York"), "called 'NEW YORK'; did you mean REST OF NEW YORK, NY"),
        (lambda: exact_payment("96365", DAY, place="13202-09"), "no Medicare locality called '13202-09'; did you"),
    ],
)
def test_a_place_that_is_not_there_is_told(make: Any, told: str) -> None:
    with pytest.raises(KetacostError, match=told):
        make()


def test_the_work_index_is_at_least_one_unless_said() -> None:
    """Alabama's, 0.988, counts as 1: the payment and its source say so, (0.70 + 34.85125 + 0.03962) x 33.4009 = 1,188.767."""
    assert whole_cents(exact_payment("G2083", DAY, place="10112-00")) == 118_877
    paid, indices = payment_citations("G2083", DAY, place="10112-00")
    assert (paid.value, indices.value) == ("1188.77", "work 1.0, practice expense 0.875, malpractice 0.566")


def test_no_fee_is_said_of_codes_that_are_there_alone() -> None:
    assert [without_fee(code, DAY) for code in ("J3490", "96365", "X1234")] == [True, False, False]
    assert without_fee("J3490", date(2030, 1, 1))


# The other methods


def test_usual_charges_by_the_example() -> None:
    """A published example: charge 250, usual charge 200, the plan pays 80%: 160, your share 40, above it 50, together 90."""
    usual = side(pricing=Pricing("usual charges", usual={"default": 20_000}), balance_bill="owed")
    (claim,) = adjudicate([line(charge=25_000)], Plan({"out": usual}))
    assert (claim.split.plan_pays, claim.split.coinsurance, claim.split.balance_bill) == (16_000, 4_000, 5_000)
    assert claim.you_pay == 9_000


def test_usual_charges_are_a_unit_by_code_and_a_line_by_service() -> None:
    pricing = Pricing("usual charges", usual={"96366": 10_001, "visit": 20_000})
    assert counted_by(pricing, line("96366", 3)) == 30_003
    assert counted_by(pricing.replace(share=8_000), line("96366", 3)) == 24_002  # 240.024
    assert counted_by(pricing, line("99214", 2, service="visit")) == 20_000
    with pytest.raises(AllowedNotKnown, match=r"FAIR Health or the plan tells it .* as in usual = \{ 96365 = 300 \}"):
        counted_by(pricing, line("96365"))


def test_a_share_of_the_charge() -> None:
    pricing = Pricing("share of charge", 6_500)
    assert counted_by(pricing, line(charge=10)) == 7  # 6.5 cents
    assert allowed_amount(line(charge=0), side(pricing=pricing), "a plan") == 0


def test_what_a_method_needs_is_asked_for() -> None:
    for pricing, way_out in (
        (Pricing("share of charge"), 'share = "80%"'),
        (Pricing("multiple of Medicare"), 'multiple = "140%"'),
        (Pricing("usual charges"), "usual = "),
        (Pricing(), "none is entered"),
    ):
        with pytest.raises(AllowedNotKnown, match=way_out):
            allowed_amount(line("96365"), side(pricing=pricing), "a plan")


def test_an_amount_entered_comes_first() -> None:
    made = side(pricing=MEDICARE, allowed={"96366": 1_000, "infusion": 30_000})
    assert allowed_amount(line("96366", 2), made, "a plan") == 2_000
    assert allowed_amount(line("96365", service="infusion"), made, "a plan") == 30_000
    assert allowed_amount(line("96365"), made, "a plan") == 6_714
    assert allowed_amount(line("96365", allowed=5), made, "a plan") == 5


def test_a_line_of_nothing_is_allowed_nothing_and_one_of_a_cent_its_amount() -> None:
    made = side(allowed={"default": 500})
    assert [allowed_amount(line(charge=charge), made, "a plan") for charge in (0, 1)] == [0, 500]


@pytest.mark.parametrize(
    ("priced", "by"),
    [
        (line("96365"), MEDICARE),
        (line("96365", charge=1), MEDICARE),
        (line("96365", charge=0), None),
        (line("96365", allowed=500), None),
        (line("96366"), None),
    ],
)
def test_a_line_is_priced_where_no_amount_is_entered(priced: kc.ServiceLine, by: Pricing | None) -> None:
    assert priced_by(priced, side(pricing=MEDICARE, allowed={"96366": 1_000})) == by


def test_a_plan_by_medicare_cites_the_fee_or_that_there_is_none() -> None:
    """Half of the charge for a code without a fee: of $5,000 that is $2,500; a code with a fee keeps its fee."""
    half = MEDICARE.replace(otherwise=5_000)
    assert [counted_by(half, line(code)) for code in ("J3490", "96365")] == [250_000, 6_714]
    cited = [pricing_citations(line(code), half)[0].what for code in ("J3490", "96365")]
    assert cited[0].startswith("Medicare has no fee for J3490")
    assert cited[1].startswith("Medicare's 2026 fee for 96365")
    assert pricing_citations(line("96365"), MEDICARE)[0].value == "67.14"
    assert pricing_citations(line("96365"), Pricing("share of charge", 5_000)) == ()


def test_a_reader_is_told_of_the_pricing_what_was_assumed() -> None:
    half = MEDICARE.replace(otherwise=5_000, zip="10001")
    told = [*pricing_notes([line("J3490"), line("96365"), line("94761")], side(pricing=half))]
    assert [note.split(":")[0] for note in told[1:]] == [
        "Medicare has no fee for J3490",
        "Medicare pays nothing for 94761 (pulse oximetry multiple) alongside another service that day",
    ]
    assert told[1].endswith("the plan counts 50% of the charge.")
    assert len([*pricing_notes([line("96365")], side(pricing=half))]) == 1
    assert len([*pricing_notes([line("96365")], side(pricing=Pricing("share of charge", 5_000)))]) == 1
    assert [*pricing_notes([line("96365")], side())] == []
    assert [*pricing_notes([line("96365", allowed=500)], side(pricing=half))] == []


def test_a_typical_amount_cites_its_own_row() -> None:
    """The infusion's: likely $300, from $73.85 to $450."""
    cited = allowed_citation("infusion")
    assert (cited.what, cited.value) == ("Typical allowed amount: Ketamine infusion", "300.00 (73.85 to 450.00)")


def test_a_method_of_ones_own_is_three_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand: $120 a line for one evaluation and two infusions, no deductible, 20% yours: the plan pays 3 x 96."""
    monkeypatch.setattr(METHODS, "_entries", dict(METHODS))
    kc.data.register_method("flat", lambda line, pricing: 12_000)
    asked = scenario(pricing=Pricing("flat"), deductible=0, coinsurance=2_000)
    assert kc.run(asked).totals.plan_pays == 3 * 9_600
    assert MethodRow("flat", "Ketamine infusion", 12_000, 28_800, 116_200) in kc.methods_table(asked)
    assert read(Scenario, written(asked)) == asked


def test_a_method_that_is_not_there_or_gives_no_cents_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        UnknownName, match=r"no method of setting allowed amounts called 'medicare'; known: multiple of"
    ):
        kc.run(scenario(pricing=Pricing("medicare")))
    monkeypatch.setattr(METHODS, "_entries", dict(METHODS))
    kc.data.register_method("nothing", lambda line, pricing: 0)
    assert counted_by(Pricing("nothing"), line()) == 0
    for wrong in (12.5, -1, None, True):
        kc.data.register_method("wrong", lambda line, pricing, gives=wrong: gives)
        with pytest.raises(KetacostError, match="the method 'wrong' should give whole cents, 0 or more; it gave"):
            kc.run(scenario(pricing=Pricing("wrong")))


# How it is written, and told


def test_pricing_is_read_and_written_as_people_do() -> None:
    table = {"method": "multiple of Medicare", "multiple": "140%", "zip": "00901", "work_floor": False}
    pricing = read(Pricing, table)
    assert (pricing.multiple, pricing.zip, written(pricing)) == (14_000, "00901", table)
    assert read(Pricing, {"multiple": 1.4}).multiple == read(Pricing, {"multiple": "1.4"}).multiple == 14_000
    assert read(Pricing, {"multiple": 2, "usual": {"96365": "300.50"}}).usual == {"96365": 30_050}
    with pytest.raises(
        EntryError, match=r'multiple is a multiple between 0 and 20, got 140; for 140% write 1\.4 or "140%"'
    ):
        read(Pricing, {"multiple": 140})
    for wrong in (20.1, "-5%", "1.23456", "x", "2001%"):
        with pytest.raises(MoneyError):
            kc.multiple(wrong)


def test_a_pricing_can_be_begun_by_one_of_its_entries() -> None:
    asked = scenario(pricing=None)
    changed = put(asked, "plan.networks.out.pricing.method", "multiple of Medicare")
    changed = put(changed, "plan.networks.out.pricing.multiple", "140%")
    assert get(changed, "plan.networks.out.pricing.multiple") == "140%"
    assert get(asked, "plan.networks.out.pricing.multiple") is None
    assert kc.run(changed).claims[0].allowed == 24_830
    assert put(changed, "plan.networks.out.pricing", "none") == asked
    with pytest.raises(KetacostError, match="there is nothing at 'visits'"):
        put(asked, "plan.networks.out.out_of_pocket_limit.visits", 3)


def test_the_schema_tells_of_pricing() -> None:
    told = schema("plan")["$defs"]
    assert told["Pricing"]["properties"]["multiple"]["anyOf"][0] == {"$ref": "#/$defs/multiple"}
    assert told["Pricing"]["properties"]["zip"]["description"].startswith("The clinic's ZIP code")


@pytest.mark.parametrize(
    ("pricing", "words"),
    [
        (Pricing(), "the plan's own schedule"),
        (Pricing("share of charge", 8_000), "80% of the charge"),
        (Pricing("usual charges", 8_000), "80% of usual charges"),
        (Pricing("usual charges"), "usual charges"),
        (MEDICARE.replace(multiple=14_000), "140% of Medicare nationally"),
        (MEDICARE.replace(zip="10001", setting="facility"), "100% of Medicare in MANHATTAN, NY, in a facility"),
        (
            MEDICARE.replace(work_floor=False, medicare_year=2026),
            "100% of Medicare nationally, without the work floor, at 2026 fees",
        ),
        (Pricing("flat"), "flat"),
        (Pricing("share of charge"), "a share of the charge"),
        (Pricing("multiple of Medicare"), "a multiple of Medicare nationally"),
        (MEDICARE.replace(otherwise=5_000), "100% of Medicare nationally, else 50% of the charge"),
    ],
)
def test_a_pricing_in_words(pricing: Pricing, words: str) -> None:
    assert str(pricing) == words


def test_an_answer_tells_how_the_plan_prices_and_shows_the_citations() -> None:
    """Two infusions in 2027 as if 2026's fees stayed, with oximetry charged that Medicare bundles."""
    pricing = MEDICARE.replace(multiple=14_000, medicare_year=2026)
    asked = scenario(pricing=pricing, start=date(2026, 12, 28), more={"monitoring": 5_000})
    answer = kc.run(asked)
    notes = " ".join(answer.notes)
    assert "we assume that the plan counts 140% of Medicare nationally, at 2026 fees" in notes
    assert "Give the clinic's ZIP code" in notes
    assert "Medicare's fees of 2026 are used for 2027, as if they stayed the same." in notes
    assert "Medicare pays nothing for 94761 (pulse oximetry multiple) alongside another service that day" in notes
    assert "(its allowed amount: 140% of Medicare nationally, at 2026 fees)" in " ".join(answer.trace)
    fees_cited = [
        citation for citation in answer.citations if citation.what.startswith("Medicare's 2026 fee for 96365")
    ]
    assert [(citation.value, citation.grade, citation.source.id) for citation in fees_cited] == [
        ("67.14", "primary", "cms-rvu26c")
    ]
    local = kc.run(scenario(pricing=pricing.replace(zip="10001")))
    assert any("indices for MANHATTAN" in citation.what for citation in local.citations)
    assert "ZIP code" not in " ".join(local.notes)
    assert "as if they stayed" not in " ".join(kc.run(scenario(pricing=pricing)).notes)
    for entered in (scenario(None, allowed={"default": 10_000}), scenario(pricing, allowed={"default": 10_000})):
        assert "taken to be" not in " ".join(kc.run(entered).notes)
        assert "(its allowed amount)." in " ".join(kc.run(entered).trace)


# How far the answer moves


def scenario(
    pricing: Pricing | None,
    *,
    start: date = date(2026, 3, 2),
    deductible: int = 50_000,
    coinsurance: int = 4_000,
    allowed: dict[str, int] | None = None,
    more: dict[str, int] | None = None,
) -> Scenario:
    """An evaluation at $250 and two infusions at $600."""
    out = Network(
        deductible,
        benefits={"default": Benefit(coinsurance=coinsurance)},
        balance_bill="owed",
        allowed=allowed or {},
        pricing=pricing,
    )
    charges = {"evaluation": 25_000, "infusion": 60_000, **(more or {})}
    return Scenario(
        kc.Course("iv-mood", start, visits={"induction": 2, "maintenance": 0}),
        kc.Prices(charges, tuple(name for name in ("drug", "monitoring") if name not in charges)),
        Plan({"out": out}, name="Plan X"),
        coverage="infusions too",
    )


def test_the_table_of_methods() -> None:
    """By hand, a deductible of $500 and 40%: the plan pays 60% of what the counted amounts are above it, line by line.

    60% of the charges: 150 + 2 x 360 = 870, 370 above it, 222. 80%: 1,160, 396. All: 1,450, 570. Medicare pays 177.36 and
    67.14: times 1.1 they stay below it, times 1.4 too (248.30 + 2 x 93.99); times 2.0 the evaluation's 250 is less than
    354.72, so 250 + 2 x 134.27 = 518.54, and of the 18.54 above it 40% is 7.42.
    """
    usual = Pricing("usual charges", usual={"evaluation": 20_000, "infusion": 45_000})
    found = kc.methods_table(scenario(usual))
    assert [(row.method, row.allowed, row.plan_pays, row.you_pay) for row in found] == [
        ("as in the answer", 45_000, 36_000, 109_000),  # 200 + 900 - 500 = 600
        ("60% of the charge", 36_000, 22_200, 122_800),
        ("80% of the charge", 48_000, 39_600, 105_400),
        ("100% of the charge", 60_000, 57_000, 88_000),
        ("110% of Medicare nationally", 7_385, 0, 145_000),
        ("140% of Medicare nationally", 9_399, 0, 145_000),
        ("200% of Medicare nationally", 13_427, 1_112, 143_888),
        ("usual charges", 45_000, 36_000, 109_000),
    ]
    part = kc.methods_table(scenario(usual.replace(share=8_000)))
    assert [(row.method, row.allowed) for row in part][-1] == ("80% of usual charges", 36_000)
    dear = kc.methods_table(scenario(usual, more={"evaluation": 200_000}))
    assert {row.service for row in (*found, *part, *dear)} == {"Ketamine infusion"}
    assert {row.why_not for row in found} == {""}


def test_a_row_without_its_inputs_says_why() -> None:
    """Nothing is entered for the plan, so what stands cannot be run; the ways of pricing can. 2027 is as if 2026."""
    first, *others = kc.methods_table(scenario(None, start=date(2026, 12, 28)))
    assert (first.method, first.plan_pays) == ("as in the answer", None)
    assert "Plan X has no allowed amount for 99204 evaluation" in first.why_not
    assert [row.method for row in others if "Medicare" in row.method][-1] == "200% of Medicare nationally, at 2026 fees"
    assert all(row.plan_pays is not None for row in others)


def test_what_a_method_cannot_price_stays_as_entered() -> None:
    """Medicare leaves a dosing session to its contractor: the $200 entered stay. The entered default gives way."""
    made = Scenario(
        kc.Course("kap", date(2026, 3, 2)),
        kc.data.typical_prices("kap"),
        Plan({"out": side(allowed={"dosing": 20_000, "default": 9_000})}),
        coverage="everything",
    )
    found = {row.method: row for row in kc.methods_table(made)}
    dosing, others = found["140% of Medicare nationally"], found["as in the answer"]
    assert (dosing.service, dosing.allowed, dosing.why_not) == (others.service, 20_000, "")
    assert (dosing.plan_pays or 0) > (others.plan_pays or 0)
    assert found["100% of the charge"].allowed == made.prices.charges["dosing"]


def test_no_benefit_has_no_methods_and_visits_alone_stand_for_themselves() -> None:
    asked = scenario(MEDICARE)
    assert kc.methods_table(asked.replace(plan=Plan({"out": "no benefit"}))) == ()
    visits = kc.methods_table(asked.replace(coverage="visits only"))
    assert {(row.service, row.allowed) for row in visits if row.method == "100% of the charge"} == {
        ("First evaluation", 25_000)
    }
    denied = kc.methods_table(asked.replace(coverage="denied"))
    assert {(row.service, row.allowed, row.plan_pays) for row in denied} == {("", None, 0)}


def test_the_range_of_an_infusion_and_its_citations() -> None:
    """Charged at $500: 1.1 times Medicare's 67.14 is 73.85, all of the charge $500."""
    found = kc.allowed_range(line("96365", charge=50_000, service="infusion"), side(allowed={"infusion": 24_000}))
    assert (found.low, found.high) == (7_385, 50_000)
    assert found.ways[0] == ("the amount entered", 24_000, ())
    by_words = {way.words: way for way in found.ways}
    assert by_words["usual charges, assumed (central)"].allowed == 30_000
    assert [citation.grade for citation in by_words["140% of Medicare nationally"].citations] == [
        "primary",
        "assumption",
    ]
    assert all(way.citations for way in found.ways[1:])
    assert kc.allowed_range("infusion", side(), DAY).high == 45_000
    assert kc.allowed_range("infusion", side(), date(2027, 2, 1)).low == 7_385


def test_the_unlisted_drug_counts_near_nothing() -> None:
    found = kc.allowed_range("drug", side(), DAY)
    assert (found.low, found.high) == (0, 1_000)
    assert {citation.grade for way in found.ways for citation in way.citations} == {"assumption"}
    assert kc.allowed_range("monitoring", side(), DAY).high == 0
    with pytest.raises(KetacostError, match="on which day"):
        kc.allowed_range("drug", side())
    with pytest.raises(AllowedNotKnown, match="no way of pricing gives an amount for 90899: ask the plan"):
        kc.allowed_range("dosing", side(), DAY)


# Typical amounts, and Spravato


def multiples_of_medicare(code: str) -> Iterator[int]:
    """Low, likely and high: the assumed multiples of Medicare's 2026 national payment, from the rows alone."""
    row = next(row for row in table("fee_schedule") if (row["code"], row["year"]) == (code, "2026"))
    units = sum((Fraction(row[part]) for part in ("work_rvu", "pe_rvu_nonfacility", "mp_rvu")), Fraction())
    times = assumption("allowed amount for 96365 when plan uses Medicare multiple")
    for level in ("low", "central", "high"):
        yield cents(units * Fraction(row["conversion_factor"]) * Fraction(times[level]))


def assumed(name: str, *levels: str) -> tuple[int, ...]:
    """An assumption in USD, as cents."""
    return tuple(int(assumption(name)[level]) * 100 for level in levels)


def national(code: str) -> int:
    """Medicare's 2026 national payment as taken down."""
    row = next(row for row in table("fee_schedule") if (row["code"], row["year"]) == (code, "2026"))
    return cents(Fraction(row["national_nonfacility_usd"]))


def test_every_typical_allowed_amount_is_derived_again() -> None:
    multiples = ("evaluation", "visit", "psychotherapy", "integration", "injection", "observation")
    expected = {
        row["service"]: tuple(multiples_of_medicare(row["code"]))
        for row in rows("typical_allowed")
        if row["service"] in multiples
    }
    usual = assumed("allowed amount for 96365 when plan uses UCR 80th percentile", "central", "high")
    small, large, commercial = national("G2082"), national("G2083"), 124_000
    assert "average about 1240 USD" in next(row["payer_treatment"] for row in rows("codes") if row["code"] == "G2083")
    expected |= {
        "infusion": (next(multiples_of_medicare("96365")), *usual),
        "drug": assumed("J3490 ketamine allowed amount", "low", "central", "high"),
        "esketamine": (small, commercial, large),
        "spravato_bundle_56": (small, small, next(multiples_of_medicare("G2082"))),
        "spravato_bundle_84": (commercial, large, next(multiples_of_medicare("G2083"))),
    }
    levels = [typical_allowed(level) for level in ("low", "likely", "high")]
    assert {name: tuple(level[name] for level in levels) for name in levels[0]} == expected
    assert {row["grade"] for row in rows("typical_allowed")} == {"assumption"}


def test_spravato_is_billed_either_way_and_the_first_dose_is_the_smaller() -> None:
    start = date(2026, 1, 5)
    in_one = [(one.code, one.units) for one in kc.course("spravato-bundle", start=start)]
    in_two = [(one.code, one.units) for one in kc.course("spravato", start=start)]
    assert in_one[:3] == [("99204", 1), ("G2082", 1), ("G2083", 1)]
    assert [code for code, _ in in_one].count("G2082") == 1
    assert in_two[:3] == [("99204", 1), ("J0013", 56), ("99215", 1)]
    assert len(in_one) == 35
    assert len(in_two) == 2 * 35 - 1
    before = [one.code for one in kc.course("spravato", start=date(2025, 12, 1), visits={"weeks 9+": 0})]
    assert {"S0013", "J0013"} <= set(before)
    assert [one.date for one in kc.course("spravato-bundle", start=start)] == sorted(
        {one.date for one in kc.course("spravato", start=start)}
    )


def test_every_code_has_citations_and_a_label_of_our_own() -> None:
    assert len(fees()) == 68
    assert all(row.label and row.grade in ("primary", "secondary") for rows_of in fees().values() for row in rows_of)


# Files and docs


def test_a_file_says_how_the_plan_prices_beside_the_plan(tmp_path: Path) -> None:
    table = {
        "course": {"protocol": "iv-mood", "start": "2026-03-02"},
        "plan": "nextgen-2026-750",
        "pricing": {"method": "multiple of Medicare", "multiple": "140%"},
    }
    made = scenario_from(table)
    assert made.plan.networks["out"].pricing == MEDICARE.replace(multiple=14_000)  # type: ignore[union-attr]
    both = scenario_from({**table, "allowed": {"infusion": 240}})
    assert both.plan.networks["out"].allowed == {"infusion": 24_000}  # type: ignore[union-attr]
    assert both.plan.networks["out"].pricing == made.plan.networks["out"].pricing  # type: ignore[union-attr]
    kc.save(both, tmp_path / "both.toml")
    assert kc.load(tmp_path / "both.toml") == both
    kc.save(made, tmp_path / "made.toml")
    moved = scenario_of(load(tmp_path / "made.toml"), {"plan": "nextgen-2026-3000", "pricing.zip": "10001"})
    pricing = MEDICARE.replace(multiple=14_000, zip="10001", medicare_year=2026)
    assert moved.plan.networks["out"].pricing == pricing  # type: ignore[union-attr]
    assert Draft202012Validator(schema("scenario")).is_valid(table)
    assert not Draft202012Validator(schema("scenario")).is_valid({**table, "pricing": {"multiple": 140}})
    with pytest.raises(EntryError, match="the plan has no terms for network 'out'"):
        scenario_from({**table, "plan": "brandeis-2026-bestbuy-hmo"})


def test_the_medicare_example_bills_the_first_dose_apart() -> None:
    """By hand: 177.36 + 952.59 + 33 x 1,356.08 = 45,880.59 allowed; the deductible takes 177.36 and 105.64 of the first."""
    answer = kc.run(kc.example("medicare-spravato"))
    assert answer.totals.allowed == 17_736 + 95_259 + 33 * 135_608
    assert answer.totals.deductible == 28_300
    assert answer.totals.coinsurance == 16_939 + 33 * 27_122  # 20% of 846.95 and of 1,356.08


def test_the_docs_run_and_tell_the_truth() -> None:
    """By hand, their patient's infusion in Manhattan: 2.332 x 33.4009 x 1.4 = 109.05."""
    text = (DATA.parent / "docs" / "allowed-amounts.md").read_text("utf-8")
    names: dict[str, Any] = {}
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(code, names)
    try:
        infusion = next(claim for claim in names["answer"].claims if claim.line.service == "infusion")
        assert infusion.allowed == 10_905
        assert counted_by(names["priced"], line("96365")) == 3_357 + 2_000  # half of 67.1358
    finally:
        METHODS.remove("half of Medicare and a fee")
    for method in ("schedule", "share of charge", "usual charges", "multiple of Medicare"):
        assert f"| `{method}` |" in text
    assert set(METHODS) == {"schedule", "share of charge", "usual charges", "multiple of Medicare"}
