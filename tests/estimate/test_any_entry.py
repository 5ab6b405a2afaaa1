"""Every entry, said in every way: each either is refused with a sentence, or gives an estimate that tells of it."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from fractions import Fraction
from typing import Literal, get_args, get_origin

import pytest
from random_intakes import few_draws
from tabs import every_tab

from ketacost.core.fields import KetacostError
from ketacost.estimate.entries import Entry, entry_of
from ketacost.estimate.entries_page import described_entries
from ketacost.estimate.estimate import estimate
from ketacost.estimate.intake import UNKNOWN, Between, Intake, OneOf, intake
from ketacost.estimate.resolve import resolve
from ketacost.reports.json_output import as_dict
from ketacost.reports.reasons import reason
from ketacost.reports.sections import plain, static
from ketacost.reports.text import answer_text

TODAY = date(2026, 11, 27)
SCOPE = {
    **{"protocol": "iv-mood", "network": "out", "payer": "employer-insured", "treatment": "iv-mood"},
    **{"service": "infusion", "phase": "induction", "benefit": "specialist", "member": "patient", "step": "claim"},
    **{"insurer": "bcbs-massachusetts", "criterion": "antidepressants"},
    "group": "drug",
}
BESIDE: Mapping[str, Mapping[str, object]] = {
    "household": {"household.state": "PA", "household.filing_status": "married_joint"},
    "contribution": {"household.state": "PA"},
    "next_contribution": {"household.state": "PA"},
    "on_hand": {"household.state": "PA"},
    "paying": {"paying.loan.amount": "3,000", "paying.assistance": "500"},
    "pricing": {"pricing.out.method": "multiple of Medicare"},
    "terms": {"family": True},
    "criteria": {"insurer": "bcbs-massachusetts"},
    "dose": {"protocol": "spravato"},
    "drug_benefit": {"protocol": "spravato"},
    "second": {"second.plan": "nextgen-2026-3000"},
    "held_through": {"second.plan": "nextgen-2026-3000"},
    "employer_size": {"second.plan": "medicare-part-b-2026"},
    "medicare_because": {"second.plan": "medicare-part-b-2026"},
    "earlier_birthday": {"second.plan": "nextgen-2026-3000"},
    "longer_covered": {"second.plan": "nextgen-2026-3000"},
    "later": {"later.plan": "nextgen-2026-3000", "later.starts": "2027-01-01"},
    "groups": {"groups.out.drug.deductible": "500", "groups.out.drug.out_of_pocket_limit": "1,500"},
}
"""What is said beside an entry, so that it is in scope."""

NAMES: Mapping[str, tuple[object, ...]] = {
    "payer": ("marketplace", "medicaid"),
    "insurer": ("aetna", "bcbs-massachusetts"),
    "plan": ("nextgen-2026-750", "nextgen-2026-3000"),
    "second.plan": ("nextgen-2026-3000", "medicare-part-b-2026"),
    "later.plan": ("nextgen-2026-3000", "nextgen-2026-750"),
    "second.plan_kind": ("PPO", "Medicare"),
    "later.plan_kind": ("HDHP", "HMO or EPO"),
    "second.network": ("in", "out"),
    "lines.<service>": ("specialist", "clinic_infusion"),
    "terms.<network>.highest_copay_a_day": ("specialist, therapy", "drug"),
    "terms.<network>.limit_counts": ("copay", "deductible, coinsurance"),
    "groups.<network>.<group>.benefits": ("drug", "drug, test"),
    "plan_kind": ("PPO", "HDHP"),
    "network": ("in", "out"),
    "protocol": ("iv-mood", "spravato"),
    "networks.<service>": ("in", "out"),
    "standing": ("in network", "out of network"),
    "notice": ("yes", "no"),
}
BY_KIND: Mapping[str, tuple[object, ...]] = {
    "money": ("500", "1,500"),
    "share": ("20%", "40%"),
    "multiple": ("120%", "200%"),
    "count": (2, 6),
    "day": ("2027-01-04", "2027-02-01"),
}


def every_entry() -> list[str]:
    names = (one.name.replace("dose.<protocol>.<phase>", "dose.spravato.weeks 9+") for one in described_entries())
    return [re.sub(r"<(\w+)>", lambda part: SCOPE[part[1]], name) for name in names]


def two_values(entry: Entry) -> tuple[object, ...]:
    arms = (entry.hint, *get_args(entry.hint))
    words = tuple(word for arm in arms if get_origin(arm) is Literal for word in get_args(arm) if word)
    if entry.key.startswith("dose."):
        return (56, 84)
    if entry.kind in BY_KIND:
        return BY_KIND[entry.kind]
    return (True, False) if bool in arms else words[:2] if len(words) > 1 else NAMES.get(entry.pattern, ("a", "b"))


def beside(key: str) -> Intake:
    said = {"payer": "employer-insured", "plan_kind": "PPO", **BESIDE.get(key.partition(".")[0], {})}
    return intake({name: value for name, value in said.items() if name != key})


def said_or_refused(start: Intake, key: str, value: object) -> Intake | None:
    """The intake with an entry said; None where it was refused with a sentence that names the entry."""
    if value is UNKNOWN:
        return start.say(key, value)
    with suppress(KetacostError):
        return start.say(key, value)
    with pytest.raises(KetacostError, match=re.escape(key) if isinstance(value, Between | OneOf) else None):
        start.say(key, value)
    return None


@pytest.mark.parametrize("key", every_entry())
def test_an_entry_said_in_any_way_is_refused_or_gives_an_estimate(key: str) -> None:
    entry, start = entry_of(key), beside(key)
    first, second = two_values(entry)
    with few_draws(16):
        for value in (first, Between(first, second), OneOf((first, second)), OneOf((second, first, second)), UNKNOWN):
            said = said_or_refused(start, key, value)
            if said is None:
                continue
            resolved = resolve(said, TODAY)
            assert estimate(resolved).sentence
            if isinstance(value, Between | OneOf) and key in resolved.basis and not resolved.conflicts:
                assert entry.path in resolved.ranges, "a range that was said counts"
            if value is UNKNOWN and key in resolved.basis:
                assert resolved.basis[key].state == "assumed"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("household.age", 400), ("household.year", 400), ("household.state", "XX"), ("standing", "far away")),
        *(("notice", "maybe"), ("pricing.out.method", "guess"), ("plan_year_starts", 13), ("paying.loan.months", 0)),
        *(("visits.iv-mood.induction", 900), ("days_apart.iv-mood.induction", 0), ("pricing.out.zip", "1")),
        *(("prices.iv-mood.infusion", "-5"), ("used.patient.out.deductible", "-1"), ("paying.pay_days", 0)),
        *(("odds.marketplace.iv-mood.infusions", "140%"), ("terms.out.coinsurance", "140%")),
        *(("prices.iv-mood.infusion", Between("", 500)), ("visits.iv-mood.induction", Between(2, 900))),
    ],
)
def test_a_value_that_cannot_be_is_refused_when_it_is_said(key: str, value: object) -> None:
    with pytest.raises(KetacostError):
        intake({key: value})


def test_values_are_kept_as_they_are_known() -> None:
    assert intake({"household.state": " pa "}).value("household.state") == "PA"
    assert intake({"standing": " in network "}).value("standing") == "in network"
    assert intake({"terms.out.out_of_pocket_limit": "  "}).said == {}


def test_chances_that_may_pass_the_whole_are_refused() -> None:
    odds = "odds.marketplace.iv-mood"
    said = intake({f"{odds}.infusions": Between("10%", "60%")})
    with pytest.raises(KetacostError, match="together they are at most 100%"):
        said.say(f"{odds}.visits", OneOf(("20%", "50%")))


def test_a_drawn_chance_leaves_the_other_answer_what_is_left() -> None:
    said: dict[str, object] = {"payer": "employer-insured", "plan_kind": "PPO", "network": "in"}
    for value in (Between("5%", "95%"), OneOf(("5%", "100%"))):
        found = estimate(resolve(intake({**said, "odds.employer-insured.iv-mood.infusions": value}), TODAY))
        covered = sum(group.chance for group in found.groups if "infusions too" in group.answers)
        assert sum(group.chance for group in found.groups) == 1
        assert covered >= Fraction(1, 2)


def test_what_a_state_does_not_have_is_told_and_not_used() -> None:
    said = {"household.state": "NY", "household.locality": "New York City", "payer": "marketplace"}
    assert resolve(intake(said), TODAY).conflicts == ()
    moved = resolve(intake({**said, "household.state": "TX"}), TODAY)
    assert [one.key for one in moved.conflicts] == ["household.locality"]
    assert moved.household is not None
    assert moved.household.locality is None


def test_a_limit_below_the_deductible_is_a_conflict_with_a_way_each() -> None:
    said = {
        "payer": "marketplace",
        "network": "in",
        "terms.in.deductible": "3,000",
        "terms.in.out_of_pocket_limit": "2,000",
    }
    resolved = resolve(intake(said), TODAY)
    assert [way.key for conflict in resolved.conflicts for way in conflict.ways] == [
        *("terms.in.out_of_pocket_limit", "terms.in.deductible")
    ]


def test_a_loan_without_a_rate_has_a_range_of_rates() -> None:
    resolved = resolve(intake({"payer": "marketplace", "paying.loan.amount": "3,000"}), TODAY)
    assert resolved.ranges["paying.loan.apr"] == ("0%", "32.99%")
    assert any("12 months" in note for note in resolved.notes)


def test_a_family_amount_that_may_be_below_one_persons_is_lifted() -> None:
    said = {
        **{"payer": "employer-insured", "plan_kind": "PPO", "family": True, "network": "out"},
        **{"terms.out.deductible": "3,000", "terms.out.family_deductible": Between("1,000", "8,000")},
    }
    assert estimate(resolve(intake(said), TODAY)).sentence


def test_where_no_visit_takes_place_nothing_is_shown_as_zero() -> None:
    found = estimate(resolve(intake({"payer": "medicaid"}), TODAY))
    told = as_dict(found)
    assert found.steps_to_net == ()
    assert (told["likely"], told["steps_to_net"], told["dearest_month"]["amount"]) == ("32.00", [], None)
    for text in (answer_text(found), plain(found), every_tab(found), static(found), str(reason(found, "net"))):
        assert "The clinic charges" not in text


def test_nothing_used_in_the_year_before_is_no_slip() -> None:
    said = {"payer": "marketplace", "network": "in", "start": "2027-01-11"}
    for amount, slips in ((0, []), (50, ["used.patient.in.deductible"])):
        used = {"used.patient.in.deductible": amount, "used.patient.in.out_of_pocket": amount}
        resolved = resolve(intake({**said, "terms.in.deductible": 2_000, **used}), TODAY)
        assert [one.key for one in resolved.conflicts] == slips


@pytest.mark.parametrize("step", ["appeal", "review"])
def test_a_no_that_was_chosen_is_the_last_word_and_the_step_after_it_tells_so(step: str) -> None:
    said = {"payer": "marketplace", "network": "out", f"steps.{step}": True}
    for answer, told in (("denied", True), ("visits only", True), ("infusions too", False), (None, False)):
        resolved = resolve(intake({**said, **({"coverage": answer} if answer else {})}), TODAY)
        assert [one.key for one in resolved.conflicts if one.key.startswith("steps.")] == [f"steps.{step}"] * told
        for way in (one for conflict in resolved.conflicts for one in conflict.ways):
            settled = resolve(resolved.intake.say(way.key, way.value), TODAY)
            assert not [one for one in settled.conflicts if one.key.startswith("steps.")]
