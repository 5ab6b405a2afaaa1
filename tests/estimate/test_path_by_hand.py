"""A path worked out by hand: its ends with chances, days and costs, and what each step is worth, from the last one back."""

from __future__ import annotations

from fractions import Fraction as F

import pytest

from ketacost.core.fields import KetacostError
from ketacost.estimate.outlook import Worth, _Backward, chain
from ketacost.model.coverage import DecisionPath, ends, path_for
from ketacost.model.payers import step

PATH = DecisionPath(
    *("20%", "30%", "40%", "25%"),
    appeal=True,
    review=True,
    step_costs={"claim": 500, "internal_appeal": 5_000, "external_review": 2_500, "prior_authorization": 1_000},
)
NETS = {"denied": 100_000, "infusions too": 20_000, "visits only": 80_000}
STEPS = ("claim", "internal_appeal", "external_review")
DAYS = {name: rule.decision_days for name in STEPS if (rule := step("aca", name))}


def test_a_claim_its_appeal_and_its_review() -> None:
    """20% yes; 30% visits and 50% no go on: 40% are won inside, 25% of the other 60% outside."""
    claim, inside, outside = (DAYS[name] for name in STEPS)
    assert [(end.outcome, end.chance, end.days, end.cost) for end in ends(PATH, "aca")] == [
        ("infusions too", F(1, 5), claim, 500),
        ("infusions too", F(3, 10) * F(2, 5), claim + inside, 5_500),
        ("infusions too", F(3, 10) * F(3, 5) * F(1, 4), claim + inside + outside, 8_000),
        ("visits only", F(3, 10) * F(3, 5) * F(3, 4), claim + inside + outside, 8_000),
        ("infusions too", F(1, 2) * F(2, 5), claim + inside, 5_500),
        ("infusions too", F(1, 2) * F(3, 5) * F(1, 4), claim + inside + outside, 8_000),
        ("denied", F(1, 2) * F(3, 5) * F(3, 4), claim + inside + outside, 8_000),
    ]


def test_a_request_before_the_first_visit() -> None:
    """A no to a request (80%) that holds leaves the visits covered in 3 of 8 cases: 30% of all, as a claim would."""
    asked = PATH.replace(ask_first=True, appeal=False)
    request = step("aca", "prior_authorization")
    assert request is not None
    assert [(end.outcome, end.chance, end.days, end.cost) for end in ends(asked, "aca")] == [
        ("infusions too", F(1, 5), request.decision_days, 1_000),
        ("visits only", F(3, 10), request.decision_days + DAYS["claim"], 1_500),
        ("denied", F(1, 2), request.decision_days + DAYS["claim"], 1_500),
    ]
    inside = step("aca", "internal_appeal")
    assert inside is not None
    won = next(end for end in ends(asked.replace(appeal=True), "aca") if "Appeal: won" in end.branches)
    assert won.days == request.decision_days + inside.decision_days_before
    assert (won.chance, won.cost) == (F(4, 5) * F(2, 5), 6_000)


def told(path: DecisionPath, law: str) -> list[tuple[str, F, int, int]]:
    return [(end.outcome, end.chance, end.days, end.cost) for end in ends(path, law)]


def test_original_medicare_takes_no_request_before_treatment() -> None:
    """Asking first is then a claim after treatment all the same, with its appeal and review: 45, 60 and 60 days."""
    assert told(PATH.replace(ask_first=True), "medicare") == told(PATH, "medicare")
    assert told(PATH.replace(appeal=False), "medicare") == [
        ("infusions too", F(1, 5), 45, 500),
        ("visits only", F(3, 10), 45, 500),
        ("denied", F(1, 2), 45, 500),
    ]


def test_where_no_day_is_known_for_a_claim_it_takes_none() -> None:
    """Medicaid answers a request in 7 days, an appeal in 30 and a fair hearing in 90; for a claim no day is known."""
    assert [(end.outcome, end.days) for end in ends(PATH, "medicaid")] == [
        ("infusions too", 0),
        ("infusions too", 30),
        ("infusions too", 120),
        ("visits only", 120),
        ("infusions too", 30),
        ("infusions too", 120),
        ("denied", 120),
    ]
    asked = PATH.replace(ask_first=True, appeal=False)
    assert told(asked, "medicaid") == [
        ("infusions too", F(1, 5), 7, 1_000),
        ("visits only", F(3, 10), 7, 1_500),
        ("denied", F(1, 2), 7, 1_500),
    ]


def test_where_the_law_has_no_appeal_a_no_holds() -> None:
    """A path that would ask first, appeal and go to review ends with the first answer: 20%, 30% and 50%."""
    for path in (PATH, PATH.replace(ask_first=True)):
        assert told(path, "none") == [
            ("infusions too", F(1, 5), 0, 500),
            ("visits only", F(3, 10), 0, 500),
            ("denied", F(1, 2), 0, 500),
        ]
        assert {end.steps for end in ends(path, "none")} == {("claim",)}


def test_a_review_takes_an_appeal_before_it() -> None:
    """Without the appeal nobody reviews; with it alone 40% of what was refused is won: 20 + 40% of 80 are 52%."""
    assert told(PATH.replace(appeal=False), "aca") == told(PATH.replace(appeal=False, review=False), "aca")
    won = sum(end.chance for end in ends(PATH.replace(review=False), "aca") if end.outcome == "infusions too")
    assert won == F(52, 100)


def test_a_step_without_a_cost_costs_nothing() -> None:
    assert {end.cost for end in ends(PATH.replace(step_costs={}), "aca")} == {0}
    only = DecisionPath("20%", "30%")
    assert (only.internal, only.external, only.appeal, only.review, only.excluded) == (0, 0, False, False, False)


def test_who_pays_alone_has_no_chance_of_a_yes_and_nowhere_to_appeal() -> None:
    assert path_for("self-pay", "iv-mood") == DecisionPath(0, 0)
    assert path_for("self-pay", "iv-mood", infusions="20%").infusions == 2_000
    va = path_for("va-facility", "iv-mood")
    assert (va.internal, va.external) == (0, 0)


def test_a_certain_yes_leaves_nothing_else() -> None:
    sure = PATH.replace(infusions="100%", visits=0)
    for path in (sure, sure.replace(ask_first=True)):
        assert [(end.outcome, end.chance) for end in ends(path, "aca")] == [("infusions too", F(1))]


def test_what_is_excluded_is_not_reviewed_outside_and_never_won() -> None:
    out = PATH.replace(excluded=True)
    assert (out.infusions, out.internal) == (0, 0)
    assert {end.outcome: end.chance for end in ends(out, "aca")} == {"visits only": F(3, 10), "denied": F(7, 10)}
    assert all("external_review" not in end.steps for end in ends(out, "aca"))


def test_chances_of_all_of_it_are_taken_and_more_are_not() -> None:
    assert DecisionPath("70%", "30%").visits == 3_000
    with pytest.raises(KetacostError, match="add to more than the whole"):
        DecisionPath("70%", "30.01%")


def test_each_step_from_the_last_one_back() -> None:
    """After a no that holds, 3/8 of $800 and 5/8 of $1,000 are $925.

    A review saves 725 in 1 of 4: 181.25. An appeal saves 725 in 2 of 5 and leaves 156.25 else: 383.75. A claim saves
    800 in 1 of 5, else 75 for the visits and 333.75 by the appeal: 487.
    """
    saving = _Backward(PATH, NETS, STEPS)
    assert [saving.if_it_works(name) for name in STEPS] == [80_000, 72_500, 72_500]
    assert [saving.of(name) for name in STEPS] == [48_700, 38_375, F(18_125)]


def test_a_review_that_costs_more_than_it_saves_adds_nothing_to_the_appeal() -> None:
    """Of 725 an appeal saves 290 on average; a review saves 181.25, and at a cost of 181.25 or 200 it is not made."""
    for cost in (18_125, 20_000):
        dear = _Backward(PATH.replace(step_costs={"external_review": cost}), NETS, STEPS)
        assert dear.of("internal_appeal") == 29_000
    free = _Backward(PATH.replace(step_costs={}), NETS, STEPS)
    assert free.of("internal_appeal") == 29_000 + F(3, 5) * 18_125


def test_a_step_that_saves_a_cent_pays_where_it_costs_nothing() -> None:
    """After a no that holds $925 are owed on average."""
    a_cent = _Backward(PATH.replace(step_costs={}), {**NETS, "infusions too": 92_499}, STEPS)
    assert a_cent.if_it_works("external_review") == 1
    assert a_cent.break_even("external_review") == 0


def test_the_chance_at_which_a_step_pays_for_itself() -> None:
    """25 of 725 are 3.449%; what the appeal leaves to the review pays its $50 by itself; dear steps never pay."""
    saving = _Backward(PATH, NETS, STEPS)
    assert saving.break_even("external_review") == 345
    assert saving.break_even("internal_appeal") == 0
    dear = PATH.replace(step_costs={"external_review": 72_500, "internal_appeal": 72_501})
    assert _Backward(dear, NETS, STEPS).break_even("external_review") == 10_000
    assert _Backward(dear, NETS, STEPS).break_even("internal_appeal") is None
    assert (
        _Backward(PATH.replace(step_costs={}), {**NETS, "infusions too": 92_500}, STEPS).break_even("external_review")
        is None
    )
    alone = PATH.replace(visits=0, step_costs={"claim": 8_000})
    assert _Backward(alone, NETS, ("claim",)).break_even("claim") == 1_000  # 80 of 800


def test_a_request_is_judged_as_a_claim_is() -> None:
    steps = ("prior_authorization", "internal_appeal", "external_review")
    assert _Backward(PATH, NETS, steps).of("prior_authorization") == 48_700
    assert _Backward(PATH.replace(infusions="100%", visits=0), NETS, steps).of("prior_authorization") == 80_000


def test_where_a_yes_is_certain_an_appeal_is_judged_against_nothing_covered() -> None:
    """No no is left of which a part would cover the visits: $1,000 less $200."""
    sure = _Backward(PATH.replace(infusions="100%", visits=0), NETS, STEPS)
    assert sure.if_it_works("internal_appeal") == 80_000


def test_only_steps_that_are_worth_it_are_in_the_sentence() -> None:
    good, bad = (Worth("claim", "", 0, 0, 0, 0, 0, yes, words) for yes, words in ((True, "send it"), (False, "appeal")))
    assert chain([good, bad]) == "Worth doing: send it."
    assert chain([bad]) == "At these odds no step saves more than its fees and time."
    assert chain([]) == "No step to get paid is known here."
