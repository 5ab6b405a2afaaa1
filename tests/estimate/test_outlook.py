"""The path to a yes: exact chances, ends priced by adjudication, steps judged, days and checks in order."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketacost as kc
from ketacost.accounts.loans import Paying
from ketacost.core.money import Points
from ketacost.estimate.cases import cases_of
from ketacost.estimate.nets import Nets
from ketacost.estimate.outlook import Worth, chain, first_step_day, outlook, stops_on, worth
from ketacost.estimate.scenario import Scenario, scenario_from
from ketacost.model.courses import visits
from ketacost.model.coverage import DecisionPath, End, ends, path_for
from ketacost.model.payers import payer, payers, step

LAWS = sorted({who.law for who in payers().values()})


@pytest.fixture(scope="module")
def patient() -> Scenario:
    """The README's patient with infusions counted at $450, so that a yes is worth $1,498.98."""
    plain = kc.example("readme-patient").replace(ranges={}, payer="employer-insured")
    side = plain.plan.networks["out"].replace(allowed={"evaluation": 24_830, "infusion": 45_000})
    return plain.replace(plan=plain.plan.replace(networks={**plain.plan.networks, "out": side}))


@st.composite
def paths(draw: st.DrawFn) -> DecisionPath:
    infusions = Points(draw(st.integers(0, 10_000)))
    chances = st.integers(0, 10_000).map(Points)
    costs = st.dictionaries(
        st.sampled_from(("prior_authorization", "claim", "internal_appeal", "external_review")), st.integers(0, 50_000)
    )
    return DecisionPath(
        infusions,
        Points(draw(st.integers(0, 10_000 - infusions))),
        draw(chances),
        draw(chances),
        *(draw(st.booleans()) for _ in range(4)),
        step_costs=draw(costs),
    )


@given(paths(), st.sampled_from(LAWS))
def test_the_chances_of_a_path_add_to_one(path: DecisionPath, law: str) -> None:
    found = ends(path, law)
    assert sum(end.chance for end in found) == 1
    assert all(end.chance > 0 for end in found)


@given(paths(), st.sampled_from(LAWS))
def test_the_expected_amount_is_the_weighted_sum_of_adjudicated_ends(
    patient: Scenario, path: DecisionPath, law: str
) -> None:
    found = outlook(patient, path, law)
    by_hand = Fraction(0)
    for one in found.ends:
        bill = kc.run(patient.replace(coverage=one.end.outcome)).you_pay
        assert one.you_pay == bill + sum(path.step_costs.get(s, 0) for s in one.end.steps)
        by_hand += one.end.chance * one.you_pay
    assert found.expected == by_hand
    assert found.best.you_pay <= found.expected <= max(one.you_pay for one in found.whole)
    assert found.chance == 1


@given(paths(), st.sampled_from(LAWS))
def test_no_check_comes_before_the_decision_and_the_visit(patient: Scenario, path: DecisionPath, law: str) -> None:
    for one in outlook(patient, path, law).ends:
        assert list(one.first_check) == sorted(one.first_check)
        if one.first_check:
            assert one.first_check[0] > one.decided
            assert one.first_check[0] > patient.course.start
        else:
            rule = step(law, "claim")
            assert one.totals.plan_pays == 0 or rule is None or not rule.turnaround_days


@given(paths(), st.sampled_from(LAWS))
def test_the_picture_is_as_wide_as_the_tree_is_likely(patient: Scenario, path: DecisionPath, law: str) -> None:
    from ketacost.reports.charts import Bars, picture

    marks = [mark for mark in picture(outlook(patient, path, law)).marks if isinstance(mark, Bars)]
    bars = [bar for mark in marks for bar in mark.bars]
    outcomes = [bar for mark in marks if mark.name for bar in mark.bars]
    assert sum(bar.x1 - bar.x0 for bar in outcomes) == pytest.approx(1)
    assert sum(bar.x1 - bar.x0 for bar in bars if bar.y0 == min(bar.y0 for bar in bars)) == pytest.approx(1)
    level = bars[0].y1 - bars[0].y0
    for bar in bars:
        below = [other for other in bars if 0 < other.y0 - bar.y1 < level and bar.x0 <= other.x0 < bar.x1]
        assert bool(below) != (bar in outcomes)
        assert not below or sum(other.x1 - other.x0 for other in below) == pytest.approx(bar.x1 - bar.x0)


def test_a_claim_an_appeal_and_a_review_worked_out_by_hand(patient: Scenario) -> None:
    """A 20% chance of a yes, 30% of visits alone. Of the 80% that are not a yes, the appeal wins 15%, and of what it
    loses the review wins 25%: yes in all 0.2 + 0.8 x 0.15 + 0.8 x 0.85 x 0.25 = 0.49. A yes costs the patient
    7,788.00 - 1,498.98 = 6,289.02, everything else 7,788.00. The appeal costs 100 whenever it is made (80%).
    """
    path = DecisionPath(2_000, 3_000, 1_500, 2_500, appeal=True, review=True, step_costs={"internal_appeal": 10_000})
    found = outlook(patient, path, "aca")
    assert found.chance_of("infusions too") == Fraction(49, 100)
    assert found.chance_of("visits only") == Fraction(3, 10) * Fraction(85, 100) * Fraction(75, 100)
    assert round(found.expected) == round(0.49 * 628_902 + 0.51 * 778_800 + 0.8 * 10_000)


def test_asking_first_leaves_what_is_covered_the_same_and_tells_it_sooner(patient: Scenario) -> None:
    path = DecisionPath(2_000, 3_000)
    asked, billed = outlook(patient, path.replace(ask_first=True), "aca"), outlook(patient, path, "aca")
    for outcome in ("denied", "visits only", "infusions too"):
        assert asked.chance_of(outcome) == billed.chance_of(outcome)
    assert asked.expected == billed.expected
    assert min(one.decided for one in asked.ends) <= patient.course.start


def test_an_excluded_benefit_cannot_be_reviewed_outside(patient: Scenario) -> None:
    path = DecisionPath(0, 0, 0, 10_000, appeal=True, review=True)
    assert outlook(patient, path, "aca").chance_of("infusions too") == 1
    assert outlook(patient, path.replace(excluded=True), "aca").chance_of("infusions too") == 0
    assert "external_review" not in [w.step for w in worth(patient, path.replace(excluded=True), "aca")]


def of_step(steps: tuple[Worth, ...], name: str) -> Worth:
    return next(one for one in steps if one.step == name)


def test_an_appeal_is_worth_its_cost_from_its_break_even_chance_on(patient: Scenario) -> None:
    """A won appeal saves 1,498.98; at a cost of 150 it pays from a chance of 150 / 1,498.98 = 10.007% on."""
    path = DecisionPath(500, 0, 1_500, step_costs={"internal_appeal": 15_000})
    appeal = of_step(worth(patient, path, "aca"), "internal_appeal")
    assert (appeal.saves, appeal.break_even) == (149_898, 1_001)
    assert appeal.worth_it
    for chance, verdict in ((1_000, False), (1_001, True)):
        found = of_step(worth(patient, path.replace(internal=chance), "aca"), "internal_appeal")
        assert found.worth_it is verdict
    dear = of_step(worth(patient, path.replace(step_costs={"internal_appeal": 200_000}), "aca"), "internal_appeal")
    assert dear.break_even is None


def test_steps_are_solved_backward_by_hand(patient: Scenario) -> None:
    """A yes saves 1,498.98 at any point. The review wins 25%: 374.75, at a cost of 300, so it adds 74.745. The appeal wins
    15%: 224.85, less than its 250; with the review open it saves 0.85 x 74.745 more, 288.38. The claim: 20% of 1,498.98 is
    299.80, and 80% of the 38.38 that the appeal then adds: 330.50.
    """
    costs = {"internal_appeal": 25_000, "external_review": 30_000}
    path = DecisionPath(2_000, 3_000, 1_500, 2_500, step_costs=costs)
    claim, appeal, review = worth(patient, path, "aca")
    assert (claim.expects, appeal.expects, review.expects) == (33_050, 28_838, 37_475)
    assert [step.worth_it for step in (claim, appeal, review)] == [True, True, True]
    assert appeal.break_even == 1_231  # 1,231 of 10,000: 184.52 and 87.69% of 74.745, 65.54, are 250.07
    told = "Worth doing: send the superbill; if it is denied, appeal; then ask for an external review."
    assert chain((claim, appeal, review)) == told


def test_a_review_is_not_worth_it_where_the_appeal_before_it_is_not(patient: Scenario) -> None:
    """The review alone saves 374.75 for 300, and the appeal with it 288.38: for 300 it is not worth it, so neither is."""
    path = DecisionPath(2_000, 3_000, 1_500, 2_500, step_costs={"internal_appeal": 30_000, "external_review": 30_000})
    steps = worth(patient, path, "aca")
    assert [step.worth_it for step in steps] == [True, False, False]
    assert chain(steps) == "Worth doing: send the superbill."
    dear = path.replace(step_costs={**path.step_costs, "claim": 40_000})
    assert chain(worth(patient, dear, "aca")) == "At these odds no step saves more than its fees and time."


def test_a_request_comes_first_where_the_plan_asks_for_one() -> None:
    """Spravato, in network: a yes saves what paying alone costs more, and the clinic's own path begins with a request."""
    asked = kc.resolve(kc.intake(payer="employer-self-funded", protocol="spravato"), date(2026, 11, 27))
    steps = worth(asked)
    assert [step.step for step in steps] == ["prior_authorization", "internal_appeal", "external_review"]
    assert chain(steps).startswith("Worth doing: ask for approval before the first dose; if it is denied, appeal")
    assert chain(worth(asked.replace(payer="va-facility", path=None))) == "No step to get paid is known here."


@given(paths(), st.sampled_from(LAWS))
def test_no_step_is_worth_it_whose_predecessor_is_not(patient: Scenario, path: DecisionPath, law: str) -> None:
    steps = worth(patient, path, law)
    verdicts = [step.worth_it for step in steps]
    assert verdicts == sorted(verdicts, reverse=True)
    assert all(step.expects > step.cost for step in steps if step.worth_it)
    good = [step for step in steps if step.worth_it]
    assert chain(steps).count(";") == max(0, len(good) - 1)
    assert all(step.words in chain(steps) for step in good)


@given(paths(), st.sampled_from(("aca", "erisa", "medicare")))
def test_the_chain_costs_least_of_all_that_could_be_done(patient: Scenario, path: DecisionPath, law: str) -> None:
    """Against the tree itself: nothing sent, the claim alone, with an appeal, with a review too."""
    plain = path.replace(ask_first=False, appeal=False, review=False)
    stages = [plain, plain.replace(appeal=True), plain.replace(appeal=True, review=True)]
    denied = Fraction(kc.run(patient.replace(coverage="denied")).you_pay)
    costs = [denied, *(outlook(patient, stage, law).expected for stage in stages)]
    steps = worth(patient, plain, law)
    done = sum(step.worth_it for step in steps)
    assert costs[done] == min(costs[: len(steps) + 1])


def test_nets_are_those_after_help_and_taxes(patient: Scenario) -> None:
    """Help of 7,000 leaves 788 after a no; a yes leaves nothing to pay, so that it saves 788 and not 1,498.98."""
    helped = patient.replace(paying=Paying(assistance=700_000))
    assert worth(helped, DecisionPath(2_000, 3_000), "aca")[0].saves == 78_800
    assert max(one.you_pay for one in outlook(helped, DecisionPath(2_000, 3_000), "aca").whole) == 78_800


def test_where_the_treatment_stops_a_yes_is_judged_against_paying_alone(patient: Scenario) -> None:
    """The clinic may have to bear a denied visit; going on without the plan is the patient's to pay all the same."""
    stops = patient.replace(if_denied="stop", denied_line="provider")
    assert worth(stops, DecisionPath(2_000, 3_000), "aca")[0].saves == 149_898
    bears = patient.replace(if_denied="go on", denied_line="provider")
    assert not worth(bears, DecisionPath(2_000, 3_000), "aca")[0].worth_it


def test_where_the_treatment_stops_after_a_no_nothing_is_averaged_over_it(patient: Scenario) -> None:
    """The no is known 30 days after the first visit of November 30: evaluation and six infusions are owed by then."""
    stops = patient.replace(if_denied="stop")
    found = outlook(stops, DecisionPath(2_000, 3_000), "aca")
    assert found.chance == Fraction(1, 5)
    assert found.expected == found.best.you_pay == max(one.you_pay for one in found.whole) == 628_902
    assert {one.until for one in found.ends} == {None, date(2026, 12, 30)}
    assert {one.you_pay for one in found.ends if not one.whole} == {28_800 + 6 * 50_000}


def test_an_authorization_that_ends_takes_the_later_visits_with_it(patient: Scenario) -> None:
    whole = kc.run(patient.replace(coverage="infusions too"))
    lapsed = kc.run(patient.replace(coverage="infusions too", covered_until=date(2026, 12, 31)))
    later = [claim for claim in lapsed.claims if claim.line.date > date(2026, 12, 31)]
    assert later
    assert all(claim.outcome == "denied" for claim in later)
    assert "the authorization has ended" in {claim.why_not for claim in later}
    assert lapsed.you_pay == whole.you_pay + 108_000


@pytest.mark.parametrize("name", payers())
@pytest.mark.parametrize("treatment", ["iv-mood", "iv-pain", "spravato", "home"])
def test_every_payer_has_odds_for_every_treatment(name: str, treatment: str) -> None:
    path = path_for(name, treatment)
    assert sum(end.chance for end in ends(path.replace(appeal=True, review=True), payer(name).law)) == 1
    for chance in payer(name).chances(treatment).values():
        assert chance.grade in ("primary", "secondary", "advertised", "assumption")
        assert chance.why


def test_a_scenario_without_a_payer_says_what_is_missing(patient: Scenario) -> None:
    with pytest.raises(kc.KetacostError, match="who pays"):
        outlook(patient.replace(payer=""))


def test_a_chance_may_be_replaced_in_a_scenario_file() -> None:
    table = {
        "course": {"protocol": "iv-mood", "start": date(2026, 11, 30)},
        "plan": "nextgen-2026-750",
        "payer": "marketplace",
    }
    found = scenario_from({**table, "allowed": "typical", "path": {"infusions": "10%", "appeal": True}})
    assert found.path is not None
    assert (found.path.infusions, found.path.appeal) == (1_000, True)
    assert found.path.visits == path_for("marketplace", "iv-mood").visits


def test_decisions_follow_the_days_of_the_law(patient: Scenario) -> None:
    claim, appeal = step("aca", "claim"), step("aca", "internal_appeal")
    assert claim
    assert appeal
    lost = outlook(patient, DecisionPath(0, 0, 0, appeal=True), "aca").ends[0]
    assert lost.decided == patient.course.start + timedelta(days=claim.decision_days + appeal.decision_days)


def test_an_appeal_about_a_labelled_use_goes_by_its_own_chance() -> None:
    assert path_for("marketplace", "iv-mood").internal == 1_500
    assert path_for("marketplace", "spravato").internal == 4_100
    assert path_for("medicare-advantage", "spravato").internal == 8_170


@pytest.mark.parametrize("name", sorted({*payers()} - {"self-pay"}))  # who pays alone has no tree
@pytest.mark.parametrize("protocol", ["iv-mood", "spravato"])
def test_the_tree_has_the_nets_and_the_days_of_the_estimate(name: str, protocol: str) -> None:
    """Each end at typical values: the same net, and visits take place until the same day."""
    scenario = kc.estimate(kc.resolve(kc.intake({"payer": name, "protocol": protocol}), date(2026, 11, 27))).scenario
    nets = Nets(cases_of(scenario))
    known = {
        ending.end: (ending.until, nets.net(nets.cases.typical, ending)) for ending in nets.endings(nets.cases.typical)
    }
    assert {one.end: (one.until, one.you_pay) for one in outlook(scenario).ends} == known


def test_a_step_that_saves_no_more_than_it_costs_is_not_worth_it_nor_is_the_next(patient: Scenario) -> None:
    sure = DecisionPath("100%", 0)
    saves = worth(patient, sure, "erisa")[0].expects
    assert saves > 0
    claims = [worth(patient, sure.replace(step_costs={"claim": saves - less}), "erisa")[0] for less in (0, 1)]
    assert [claim.worth_it for claim in claims] == [False, True]
    dear = worth(patient, DecisionPath("10%", 0, "50%", step_costs={"claim": 10 * saves}), "erisa")
    assert [step.worth_it for step in dear][:2] == [False, False]


def until(scenario: Scenario, outcome: str, law: str = "aca", *, ask_first: bool = False) -> date | None:
    """The day from which no visit takes place after an answer, where the course stops after a no."""
    answer = End((), Fraction(1), outcome, 0, 0, ())
    return stops_on(scenario.replace(if_denied="stop"), answer, DecisionPath(2_000, 3_000, ask_first=ask_first), law)


def test_the_day_from_which_no_visit_takes_place(patient: Scenario) -> None:
    """An evaluation on November 30, 2026, the first infusion a week later, the last one on November 4, 2027.

    A claim is answered 30 days after the first visit; Medicaid has no claim of the patient's to wait for.
    """
    for outcome in ("denied", "visits only"):
        assert until(patient, outcome) == date(2026, 12, 30)
        assert until(patient, outcome, "medicaid") == date(2026, 11, 30)
        assert until(patient, outcome, ask_first=True) == date(2026, 12, 7)
    for outcome in ("infusions too", "everything"):
        assert until(patient, outcome) is None
        ends_on = {
            last: until(patient.replace(covered_until=last), outcome)
            for last in (date(2026, 12, 31), date(2027, 11, 3), date(2027, 11, 4))
        }
        assert list(ends_on.values()) == [date(2027, 1, 1), date(2027, 11, 4), None]
    spravato = kc.resolve(kc.intake(payer="employer-self-funded", protocol="spravato"), date(2026, 11, 27))
    doses = [visit.date for visit in visits(spravato.course) if "esketamine" in dict(visit.services)]
    assert until(spravato, "denied", ask_first=True) == doses[0] > spravato.course.start
    going_on = stops_on(patient, End((), Fraction(1), "denied", 0, 0, ()), DecisionPath(2_000, 3_000), "aca")
    assert going_on is None


def test_where_no_visit_takes_place_the_steps_alone_are_paid_for(patient: Scenario) -> None:
    path = DecisionPath(0, 0, step_costs={"claim": 700})
    (end,) = outlook(patient.replace(if_denied="stop"), path, "medicaid").ends
    assert (end.totals.charge, end.you_pay, end.first_check) == (0, 700, ())


def test_a_visit_of_the_day_after_the_authorization_ends_does_not_take_place(patient: Scenario) -> None:
    """The last infusion, of November 4, 2027, costs $500."""
    stops = patient.replace(if_denied="stop")
    charges = [
        outlook(stops.replace(covered_until=last), DecisionPath("100%", 0), "aca").ends[0].totals.charge
        for last in (date(2027, 11, 3), date(2027, 11, 4))
    ]
    assert charges == [728_800, 778_800]


def test_a_request_is_made_early_enough_for_its_answer(patient: Scenario) -> None:
    """The law gives 15 days for it; Medicare knows none."""
    asked = DecisionPath(2_000, 3_000, ask_first=True)
    assert first_step_day(patient, asked, "aca") == date(2026, 11, 15)
    for path, law in ((asked, "medicare"), (asked.replace(ask_first=False), "aca")):
        assert first_step_day(patient, path, law) == date(2026, 11, 30)


def test_a_check_comes_28_42_or_56_days_after_the_later_of_decision_and_visit(patient: Scenario) -> None:
    """The claim is decided on December 30; the first visit that the plan pays for is of December 21."""
    (end,) = outlook(patient, DecisionPath("100%", 0), "aca").ends
    assert end.decided == date(2026, 12, 30)
    assert end.first_check == (date(2027, 1, 27), date(2027, 2, 10), date(2027, 2, 24))
    (request,) = outlook(patient, DecisionPath("100%", 0, ask_first=True), "aca").ends
    assert request.first_check[0] == date(2027, 1, 18)


def test_a_step_that_costs_nothing_pays_at_any_chance(patient: Scenario) -> None:
    claim, appeal, review = worth(patient, DecisionPath(2_000, 3_000, 1_500, 2_500), "aca")
    assert [(step.cost, step.break_even) for step in (claim, appeal, review)] == [(0, 0)] * 3
    # 25% of 1,498.98 by the review; 15% by the appeal and 85% of what the review adds
    assert (review.expects, appeal.expects) == (37_475, 54_338)
