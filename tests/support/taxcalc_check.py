"""Writes tests/data/taxcalc_households.csv: 300 random households and what the tax calculator `taxcalc` makes of them.

Run it with a Python that has taxcalc 6 and pandas (it is no dependency of this package):

    python tests/taxcalc_check.py

Wages, ages, blindness and itemized deductions are random, a third of the wages next to a kink. The households are other
ones than those of oracle_households.csv. taxcalc needs three settings to say what the law says of them: every eligible
filer claims the earned income credit, separate filers without a child get none (IRC 32(d)(2)), and the additional
Medicare tax is read on its own. Separate filers who itemize above 250,000 are thrown again: taxcalc 6.8.5 lowers their
cap on state and local tax by 30% of the excess, where IRC 164(b)(6) halves what 30% leaves of the whole cap.
"""

from __future__ import annotations

import csv
import random

from places import ROOT

OUT = ROOT / "tests" / "data" / "taxcalc_households.csv"
STATUSES = ("single", "married_joint", "married_separate", "head_of_household", "surviving_spouse")
KINDS = ("payroll HSA", "direct HSA", "health FSA")
KINKS = (8_500, 10_860, 17_730, 19_300, 75_000, 103_350, 150_000, 176_100, 184_500, 200_000, 250_000, 500_000, 626_350)
COLUMNS = (
    *("id", "year", "filing_status", "age", "spouse_age", "blind", "spouse_blind", "wages", "spouse_wages"),
    *("state_and_local_tax", "other_itemized", "kind", "amount", "by_spouse"),
    *("federal", "oasdi", "hi", "additional_medicare", "federal_saved", "oasdi_saved", "hi_saved", "additional_saved"),
)


def household(number: int, dice: random.Random) -> dict[str, object]:
    """One household with a contribution, in whole dollars; every fiftieth is one that owes the minimum tax."""
    case = _thrown(number, dice)
    while (
        case["filing_status"] == "married_separate"
        and case["state_and_local_tax"]
        and int(str(case["wages"])) > 249_000
    ):
        case = _thrown(number, dice)
    if number % 50 == 0:
        case |= {"filing_status": "head_of_household", "spouse_age": "", "spouse_blind": 0, "spouse_wages": 0}
        case |= {"wages": dice.randint(246_000, 252_000), "state_and_local_tax": 50_000, "other_itemized": 10_000}
        case["by_spouse"] = 0
    return case


def _thrown(number: int, dice: random.Random) -> dict[str, object]:
    status = dice.choice(STATUSES)
    joint = status == "married_joint"
    wages = dice.choice(KINKS) + dice.randint(-4_000, 4_000) if dice.random() < 1 / 3 else _log(dice, 6_000, 1_200_000)
    wages = max(wages, 5_000)
    spouse_wages = _log(dice, 5_000, 400_000) if joint and dice.random() < 0.6 else 0
    itemizes = dice.random() < 0.4
    age = dice.randint(20, 80)
    by_spouse = spouse_wages > 0 and dice.random() < 0.3
    return {
        "id": number,
        "year": dice.choice((2025, 2026)),
        "filing_status": status,
        "age": age,
        "spouse_age": max(20, age + dice.randint(-8, 8)) if joint else "",
        "blind": int(dice.random() < 0.05),
        "spouse_blind": int(joint and dice.random() < 0.05),
        "wages": wages,
        "spouse_wages": spouse_wages,
        "state_and_local_tax": _log(dice, 1_000, 90_000) if itemizes else "",
        "other_itemized": dice.randint(0, 30_000) if itemizes else "",
        "kind": dice.choice(KINDS),
        "amount": dice.randint(300, min(8_750, 4_900)),
        "by_spouse": int(by_spouse),
    }


def _log(dice: random.Random, low: int, high: int) -> int:
    return round(low * (high / low) ** dice.random())


def row(case: dict[str, object], *, having: bool) -> dict[str, float]:
    """The household as taxcalc reads it, with its contribution or without."""
    amount = int(str(case["amount"])) if having else 0
    from_pay = 0 if case["kind"] == "direct HSA" else amount
    pay = int(str(case["wages"])) - (0 if case["by_spouse"] else from_pay)
    spouse_pay = int(str(case["spouse_wages"])) - (from_pay if case["by_spouse"] else 0)
    status = STATUSES.index(str(case["filing_status"])) + 1
    return {
        "RECID": int(str(case["id"])) + 1,
        "MARS": status,
        "XTOT": 2 if status == 2 else 1,
        "age_head": int(str(case["age"])),
        "age_spouse": int(str(case["spouse_age"] or 0)),
        "blind_head": int(str(case["blind"])),
        "blind_spouse": int(str(case["spouse_blind"])),
        "e00200": pay + spouse_pay,
        "e00200p": pay,
        "e00200s": spouse_pay,
        "e03290": amount - from_pay,
        "e18400": int(str(case["state_and_local_tax"] or 0)),
        "e19200": int(str(case["other_itemized"] or 0)),
    }


def figured(cases: list[dict[str, object]], year: int, *, having: bool) -> dict[int, tuple[float, ...]]:
    """By household: federal income tax after credits, employee OASDI and HI, additional Medicare tax."""
    import pandas
    import taxcalc  # type: ignore[import-not-found, unused-ignore]

    policy = taxcalc.Policy()
    policy.implement_reform({"eitc_claim_prob_scale": {year: 1e6}, "EITC_sep_filers_elig": {year: False}})
    frame = pandas.DataFrame([row(case, having=having) for case in cases if case["year"] == year])
    records = taxcalc.Records(data=frame, start_year=year, gfactors=None, weights=None, adjust_ratios=None)
    calculator = taxcalc.Calculator(policy=policy, records=records, verbose=False)
    calculator.advance_to_year(year)
    calculator.calc_all()
    of = calculator.array
    parts = zip(
        *(of("RECID"), of("iitax"), of("ptax_oasdi") / 2, (of("ptax_was") - of("ptax_oasdi")) / 2),
        of("ptax_amc"),
        strict=True,
    )
    return {int(number) - 1: tuple(float(part) for part in rest) for number, *rest in parts}


def main() -> None:
    """Throw the households, figure them without and with the contribution, and write them down."""
    dice = random.Random("other households")
    cases = [household(number, dice) for number in range(300)]
    lines = []
    for year in (2025, 2026):
        without, having = (figured(cases, year, having=flag) for flag in (False, True))
        for case in cases:
            if case["year"] == year:
                before, after = without[int(str(case["id"]))], having[int(str(case["id"]))]
                saved = [first - second for first, second in zip(before, after, strict=True)]
                parts = [*before, *saved]
                lines.append([*case.values(), *(f"{part:.2f}" for part in parts)])
    with OUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(sorted(lines, key=lambda line: int(line[0])))


if __name__ == "__main__":
    main()
