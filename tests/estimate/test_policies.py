"""Insurers by name: their policies move the odds as they say, a criterion that is not met caps them, and all is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from commands import said as printed_by
from random_intakes import few_draws, random_entries, said
from random_scenarios import MANY
from tabs import every_tab

import ketacost as kc
from ketacost.analysis.alternatives import alternatives
from ketacost.core.fields import KetacostError
from ketacost.core.references import rows
from ketacost.estimate.estimate import Estimate, estimate
from ketacost.estimate.explain import citations
from ketacost.estimate.intake import UNKNOWN
from ketacost.estimate.resolve import resolve
from ketacost.estimate.saying import intake_of
from ketacost.estimate.scenario import bill, scenario_from, table_of
from ketacost.model.coverage import path_for
from ketacost.model.payers import payers
from ketacost.model.policies import Policy, insurers, path_under
from ketacost.reports.json_output import as_dict
from ketacost.reports.text import answer_text

TODAY = date(2026, 11, 27)
COVERED_BY_MASSACHUSETTS = {"insurer": "bcbs-massachusetts", "payer": "employer-insured"}
CRITERION = "criteria.bcbs-massachusetts.iv-mood"


def estimated(**said: object) -> Estimate:
    return estimate(resolve(kc.intake(said), TODAY))


def every_policy() -> Iterator[tuple[str, str, str, Policy]]:
    """Each policy with its insurer, each kind of payer that it is for, and its treatment."""
    for name, known in insurers().items():
        for treatment, policy in known.policies.items():
            yield from ((name, who, treatment, policy) for who in known.payers)


def test_a_policy_that_covers_infusions_counts_as_the_payers_spravato() -> None:
    """The README's patient at BCBS Massachusetts. Spravato is approved in 81 of 100 cases; of the 98% that the usual
    2% leave, the first visit has 23%: 23 x 19 / 98 = 4.45% of the rest.

    Denied or the visits alone, and infusions counted at 73.85 (0.3): 778,800. At 300 (0.4): 751,800. At 450 (0.3):
    628,902. So 778,800 has 0.19 + 0.81 x 0.3 = 0.433, the next 0.324 and the last 0.243.
    """
    scenario = kc.example("readme-patient").replace(**COVERED_BY_MASSACHUSETTS)
    path = path_under("employer-insured", "iv-mood", "bcbs-massachusetts", {})
    assert (path.infusions, path.visits, path.ask_first) == (81_00, 4_45, True)
    chances: dict[int, Fraction] = {}
    for case in estimate(scenario).whole_cases:
        chances[case.net] = chances.get(case.net, Fraction(0)) + case.chance
    assert chances == {778_800: Fraction(433, 1000), 751_800: Fraction(324, 1000), 628_902: Fraction(243, 1000)}


@pytest.mark.parametrize(
    ("insurer", "treatment", "infusions"),
    [
        ("bcbs-massachusetts", "iv-mood", 81_00),  # read: covered, as Spravato's 81%
        ("bcbs-vermont", "iv-mood", 35_00),  # reported: the low end of Spravato's 35% to 99%
        ("aetna", "iv-mood", 1_00),  # a written no: the low end of 1% to 5%
        ("bcbs-massachusetts", "iv-pain", 2_00),  # a written no: the low end of 2% to 25%
        ("bcbs-mississippi", "spravato", 1_00),  # a written no: as infusions, not Spravato's own low end of 35%
        ("cigna", "spravato", 81_00),  # covered, as the payer's odds say already
        ("horizon", "iv-mood", 2_00),  # the conclusion was not read
        ("kaiser", "iv-mood", 2_00),  # no policy was found
    ],
)
def test_a_policy_moves_the_odds_as_it_says(insurer: str, treatment: str, infusions: int) -> None:
    assert path_under("employer-insured", treatment, insurer, {}).infusions == infusions


def test_without_an_insurer_the_odds_are_the_payers_own() -> None:
    for who, known in payers().items():
        for treatment in known.odds:
            assert path_under(who, treatment, "", {}) == path_for(who, treatment)
            assert path_under("self-pay", treatment, "aetna", {}) == path_for("self-pay", treatment)


def test_a_criterion_that_is_not_met_caps_the_chance_at_the_low_end_and_one_that_is_met_changes_nothing() -> None:
    for name, who, treatment, policy in every_policy():
        plain, low = path_under(who, treatment, name, {}), payers()[who].chances(treatment)["infusions too"].low
        assert path_under(who, treatment, name, dict.fromkeys(policy.criteria, "met")) == plain
        for criterion in policy.criteria:
            capped = path_under(who, treatment, name, {criterion: "not met"})
            assert capped.infusions == min(low, plain.infusions), (name, who, treatment)
            assert capped.ask_first == plain.ask_first


def test_every_policy_is_told_with_its_source_and_dates() -> None:
    for name, who, treatment, policy in every_policy():
        assert policy.citations, (name, treatment)
        assert policy.grade == policy.citations[0].grade
        assert policy.rule or policy.gap
        assert policy.changed
        assert who in payers()


def test_every_row_of_policies_is_behind_an_insurer() -> None:
    behind = {citation.where.split(", ")[-1] for _, _, _, policy in every_policy() for citation in policy.citations}
    assert {row["id"] for row in rows("payer_policies")} <= behind


def test_text_page_and_json_show_the_policy_its_criteria_and_its_source() -> None:
    said = {f"{CRITERION}.adult": "met", f"{CRITERION}.antidepressants": "not met"}
    found = estimate(resolve(kc.intake({"insurer": "bcbs-massachusetts", **said}), TODAY))
    data = as_dict(found)
    text = " ".join(answer_text(found).split())
    for shown in (text, every_tab(found), " ".join(data["notes"])):
        assert "BCBS Massachusetts, policy 087 (form 094), as read (primary): covered with prior authorization" in shown
        assert "last change: not dated; next review: not stated in what we read" in shown.lower()
        assert "Met: 18 or older. Not met: 4 antidepressants of 2 or more classes failed. Not known: Severe" in shown
        assert "then 1%: the low end for this payer, since a criterion is not met. That is our assumption" in shown
    odds = every_tab(found).partition("Where the odds come from")[2].partition("</details>")[0]
    assert "BCBS Massachusetts, policy 087" in odds, "the policy stands above the payer's own odds"
    stands = {one["name"]: one["stands"] for one in data["policy"]["criteria"]}
    assert stands == {"adult": "met", "severity": "not known", "antidepressants": "not met"}
    assert data["policy"]["grade"] == "primary"
    assert "bcbsma-form-094" in {citation.source.id for citation in citations(found.shown)}
    assert "bcbsma-form-094" in json.dumps(data["citations"])


def test_a_reported_policy_is_called_reported() -> None:
    notes = " ".join(estimated(insurer="bcbs-vermont").notes)
    assert "BCBS Vermont, reported, the policy not read (secondary)" in notes
    assert "The policy itself was not found." in notes
    assert "Cigna, policy Psychiatry - Spravato, as others report it (secondary)" in " ".join(
        estimated(insurer="cigna", protocol="spravato").notes
    )
    assert (
        "Kaiser Permanente: No ketamine or Spravato policy of Kaiser Permanente was found. We use this payer's usual odds"
        in " ".join(estimated(insurer="kaiser").notes)
    )


def test_an_insurer_names_the_payer_and_one_that_cannot_hold_is_told() -> None:
    assert resolve(kc.intake(insurer="tricare"), TODAY).payer == "tricare"
    assert resolve(kc.intake(insurer="aetna", plan_kind="Marketplace"), TODAY).payer == "marketplace"
    wrong = resolve(kc.intake(insurer="aetna", payer="medicaid"), TODAY)
    assert [one.key for one in wrong.conflicts] == ["insurer"]
    alone = estimate(resolve(kc.intake(payer="medicaid"), TODAY))
    assert (estimate(wrong).likely, estimate(wrong).chance) == (alone.likely, alone.chance)


def test_said_odds_stand_above_a_policy() -> None:
    said = {"insurer": "aetna", "odds.employer-insured.iv-mood.infusions": "60%"}
    found = estimate(resolve(kc.intake(said), TODAY))
    assert sum(group.chance for group in found.groups if "infusions too" in group.answers) >= Fraction(60, 100)
    assert "The chance of a yes" not in " ".join(found.notes)


def test_an_insurer_can_be_said_in_a_file_and_on_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "patient.toml"
    file.write_text(f'[said]\ninsurer = "bcbs-massachusetts"\n"{CRITERION}.severity" = "not met"\n', "utf-8")
    scenario = kc.load(file, today=TODAY)
    assert (scenario.insurer, dict(scenario.criteria)) == ("bcbs-massachusetts", {"severity": "not met"})
    printed = printed_by("run", "readme-patient", "--set", "insurer=aetna", "--set", "payer=marketplace", "--json")
    assert json.loads(printed)["policy"]["insurer"] == "Aetna"
    whole = tmp_path / "scenario.toml"
    whole.write_text(
        'insurer = "bcbs-vermont"\npayer = "marketplace"\nplan = "nextgen-2026-750"\n'
        '[course]\nprotocol = "iv-mood"\nstart = 2026-11-30\n[path]\nappeal = true\n',
        "utf-8",
    )
    path = kc.load(whole).path
    assert path is not None
    assert (path.infusions, path.appeal) == (35_00, True)


def test_a_scenario_with_a_policy_is_read_back_as_it_was_written() -> None:
    said = {"plan": "nextgen-2026-750", f"{CRITERION}.adult": "met", "steps.appeal": True, **COVERED_BY_MASSACHUSETTS}
    scenario = resolve(kc.intake(said), TODAY)
    assert scenario_from(table_of(scenario)) == scenario.plainly
    again = resolve(intake_of(scenario.plainly, TODAY), TODAY)
    assert estimate(again).likely == estimate(scenario).likely
    assert (again.insurer, again.criteria, again.path) == (scenario.insurer, scenario.criteria, scenario.path)


def test_if_infusions_were_covered_like_spravato_the_odds_are_the_payers_spravato() -> None:
    for who in ("employer-insured", "medicaid", "medicare-advantage"):
        assert path_under(who, "iv-mood", "aetna", {}, like_spravato=True) == path_for(who, "spravato")
    found = estimated(payer="employer-insured", like_spravato_from="2026-11-30")
    assert sum(group.chance for group in found.groups if "infusions too" in group.answers) >= Fraction(81, 100)
    assert "not used" not in " ".join(found.notes)
    assert (
        "like_spravato_from"
        in resolve(kc.intake(payer="marketplace", protocol="spravato", like_spravato_from="2027-01-01"), TODAY).dormant
    )


@pytest.mark.parametrize("first", [date(2027, 3, 1), date(2027, 3, 4)])
def test_nothing_is_covered_before_the_day_from_which_it_is(first: date) -> None:
    """From March 1 or 4, 2027 the README's plan counts 8 infusions at 300 of 500: 240,000, of which 225,000 are deductible.
    It pays 60% of 15,000, 9,000; the rest of 778,800 is owed.
    """
    scenario = kc.example("readme-patient").replace(
        coverage="infusions too", ranges={}, payer="employer-insured", like_spravato_from=first
    )
    covered = {line.date for line in bill(scenario) if line.covered and line.charge}
    assert min(covered) == date(2027, 3, 4)
    assert len(covered) == 8
    assert estimate(scenario).likely == 778_800 - 9_000


def test_what_is_pending_is_told_with_its_source_where_wider_coverage_is_asked_about() -> None:
    asked = estimated(payer="medicaid", like_spravato_from="2027-01-01", **{"household.state": "HI"})
    notes, cited = " ".join(asked.notes), {citation.source.id for citation in citations(asked.shown)}
    assert "NRX-100" in notes
    assert "Senate Bill 967" in notes
    assert {"nationaltoday-nrx-100-2026", "hawaii-sb967-2025", "askp3-home"} <= cited
    assert "7 of 16 visits are before that day and not covered" in notes
    elsewhere = " ".join(estimated(payer="medicaid", like_spravato_from="2027-01-01").notes)
    assert "Senate Bill 967" not in elsewhere
    assert "NRX-100" not in " ".join(estimated(payer="medicaid").notes)


@pytest.mark.parametrize(
    ("payer", "protocol", "state", "words"),
    [
        ("marketplace", "spravato", "MI", "cannot get the Spravato withMe rebate"),
        ("marketplace", "iv-mood", "OR", "overturned 32% to 37% of denials"),
        ("marketplace", "iv-mood", "CA", "overturned 46% of denials"),
        ("employer-insured", "iv-mood", "NY", "denied again in 2023"),
    ],
)
def test_a_state_is_told_with_its_source_and_moves_no_cent(payer: str, protocol: str, state: str, words: str) -> None:
    found = estimated(payer=payer, protocol=protocol, **{"household.state": state})
    alone = estimated(payer=payer, protocol=protocol)
    assert words in " ".join(found.notes)
    assert (found.likely, found.chance, found.sentence) == (alone.likely, alone.chance, alone.sentence)


@pytest.mark.parametrize(
    ("state", "agency", "words"),
    [
        ("NH", "medicaid-new-hampshire", "replied that it covers ketamine infusions"),
        ("ID", "medicaid-idaho", "does not cover ketamine infusions"),
    ],
)
def test_the_answer_of_a_states_medicaid_agency_is_used_without_naming_it(state: str, agency: str, words: str) -> None:
    found = estimated(payer="medicaid", protocol="iv-mood", **{"household.state": state})
    named = estimated(payer="medicaid", protocol="iv-mood", insurer=agency, **{"household.state": state})
    assert words in " ".join(found.notes)
    assert (found.likely, found.chance, found.sentence) == (named.likely, named.chance, named.sentence)


def test_a_states_review_is_not_told_of_a_self_funded_plan() -> None:
    assert "Oregon" not in " ".join(estimated(payer="employer-self-funded", **{"household.state": "OR"}).notes)


@pytest.mark.parametrize("seed", range(MANY // 100))
def test_an_insurer_beside_anything_else_is_answered_in_any_order_and_taken_back(seed: int) -> None:
    r = Random(seed)
    entries, name = random_entries(r), r.choice(sorted(insurers()))
    entries |= {"insurer": name}
    for treatment, policy in insurers()[name].policies.items():
        stands = {
            f"criteria.{name}.{treatment}.{one}": r.choice(("met", "not met", UNKNOWN)) for one in policy.criteria
        }
        entries |= stands
    if r.random() < 0.5:
        entries |= {"like_spravato_from": r.choice(("2026-12-07", "2027-03-01", UNKNOWN))}
    keys = list(entries)
    r.shuffle(keys)
    mixed, plain = said({key: entries[key] for key in keys}), said(entries)
    without = plain
    for key in [key for key in plain.said if key.startswith(("insurer", "criteria.", "like_spravato_from"))]:
        without = without.unsay(key)
    with few_draws(16):
        if set(mixed.said) == set(plain.said):
            assert resolve(mixed, TODAY) == resolve(plain, TODAY)
        assert estimate(resolve(plain, TODAY)).sentence
        if "payer" in without.said and resolve(without, TODAY).payer not in insurers()[name].payers:
            asked = plain.unsay("like_spravato_from") if "like_spravato_from" in plain.said else plain
            assert estimate(resolve(asked, TODAY)).sentence == estimate(resolve(without, TODAY)).sentence


def test_an_insurer_is_known_by_its_name_too() -> None:
    for written in ("BCBS Massachusetts", "bcbs massachusetts", "bcbs-massachusetts"):
        assert kc.intake(insurer=written).value("insurer") == "bcbs-massachusetts"
        assert kc.example("readme-patient").replace(insurer=written).insurer == "bcbs-massachusetts"
    for known in insurers().values():
        assert kc.data.insurer(known.label) is known


def test_a_criterion_that_an_insurer_does_not_have_is_refused_with_those_that_it_has() -> None:
    with pytest.raises(KetacostError, match=r"criterion of Cigna for spravato.*antidepressants, monitoring"):
        kc.intake({"criteria.cigna.spravato.beside": "met"})
    with pytest.raises(KetacostError, match="criterion of Cigna called 'beside'"):
        kc.example("readme-patient").replace(insurer="cigna", criteria={"beside": "met"})


def test_a_self_funded_employer_is_told_to_decide_for_itself() -> None:
    told = "its plan may differ from what Aetna covers"
    assert told in " ".join(estimated(insurer="aetna", payer="employer-self-funded").notes)
    assert told not in " ".join(estimated(insurer="aetna", payer="employer-insured").notes)


def test_only_a_chance_that_a_policy_moves_is_said_to_be_moved_by_it() -> None:
    for name, moves in (("", False), ("florida-blue", False), ("aetna", True), ("bcbs-massachusetts", True)):
        found = estimated(payer="employer-insured", insurer=name)
        (why,) = [one.why for one in found.unknowns if one.path == "coverage"]
        assert ("Under the insurer's policy" in why) == moves


def test_another_treatment_is_not_held_to_the_day_of_the_what_if() -> None:
    spravato = kc.example("spravato-in-network")
    asked = spravato.replace(like_spravato_from=date(2030, 1, 1), payer="employer-insured")
    assert estimate(asked).likely == estimate(spravato.replace(payer="employer-insured")).likely


def test_routes_beside_it_say_the_chance_that_they_take_and_the_va_has_no_insurer() -> None:
    """VA's copay is 50 for each of 16 visits, whatever a private insurer covers and from whatever day."""
    said = {"plan": "nextgen-2026-750", "payer": "employer-insured", "insurer": "bcbs-massachusetts"}
    asked = {route.name: route for route in alternatives(resolve(kc.intake(said), TODAY), ("as asked", "va"))}
    assert asked["as asked"].odds.startswith("81% (35% to 99%, assumption)")
    like = resolve(kc.intake({**said, "insurer": "aetna", "like_spravato_from": "2027-03-01"}), TODAY)
    routes = {route.name: route for route in alternatives(like, ("as asked", "va"))}
    assert routes["as asked"].odds.startswith("81% (35% to 99%")
    assert routes["va"].estimate is not None
    assert routes["va"].estimate.likely == 16 * 50_00
    assert routes["va"].estimate.conflicts == ()
