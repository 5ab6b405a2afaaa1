"""A second plan, a later one, groups, an exception, a hospital, the drug's benefit: answers worked out by hand."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from html import unescape
from itertools import product
from random import Random

import pytest
from random_intakes import beside, few_draws, random_entries, said
from random_scenarios import MANY

import ketacost as kc
from ketacost.core.convert import EntryError
from ketacost.estimate.cases import cases_of
from ketacost.estimate.entries import entry_of
from ketacost.estimate.estimate import estimate
from ketacost.estimate.explain import citations, steps
from ketacost.estimate.intake import UNKNOWN, intake
from ketacost.estimate.nets import Nets
from ketacost.estimate.resolve import Resolved, resolve
from ketacost.estimate.saying import intake_of
from ketacost.estimate.scenario import Scenario, scenario_from, table_of
from ketacost.model.coordination import SecondPlan, coordinate
from ketacost.model.courses import ServiceLine
from ketacost.model.denials import Held, pays_first
from ketacost.model.plans import Plan
from ketacost.reports.handout import handout
from ketacost.reports.json_output import as_dict

TODAY = date(2026, 11, 27)
FIRST = """
network = "in"
coverage = "infusions too"
[plan.networks.in]
deductible = 0
[plan.networks.in.benefits]
default = { coinsurance = "40%" }
[course]
protocol = "iv-mood"
start = 2026-02-02
visits = { induction = 4, maintenance = 0 }
[prices]
charges = { evaluation = 100, infusion = 125 }
[allowed]
evaluation = 100
infusion = 125
"""
SECOND = """
[second.plan.networks.in]
deductible = 0
[second.plan.networks.in.benefits]
default = { coinsurance = "25%" }
"""


def scenario(text: str) -> Scenario:
    return scenario_from(tomllib.loads(text))


def owed(text: str) -> float:
    return kc.run(scenario(text)).totals.you_pay / 100


@pytest.mark.parametrize(
    ("way", "yours"), [("standard", 0), ("maintenance of benefits", 600 * 0.1), ("carve-out", 600 * 0.25)]
)
def test_a_second_plan_of_a_file_pays_as_it_says(way: str, yours: float) -> None:
    """Visits of $600; the first plan leaves 40%, $240. The second leaves nothing, 25% of the $240, or pays 75% less 60%."""
    assert owed(FIRST) == 240
    assert owed(f'{FIRST}[second]\ncoordination = "{way}"\n{SECOND}') == yours


def test_a_second_plan_may_pay_first_and_has_no_allowed_amounts_of_its_own() -> None:
    """It leaves 25% of $600; the other plan's benefit of the whole is 60%, more than the $150, or 60% less 75% is none."""
    assert owed(f'{FIRST}[second]\ngoes = "first"\n{SECOND}') == 0
    assert owed(f'{FIRST}[second]\ngoes = "first"\ncoordination = "carve-out"\n{SECOND}') == 150


def test_the_steps_of_a_line_say_what_the_second_plan_pays() -> None:
    claim = kc.run(scenario(f'{FIRST}[second]\ncoordination = "carve-out"\n{SECOND}')).claims[1]
    said = " ".join(steps(claim))
    assert "Your share is 40% of $125.00: $50.00." in said
    assert "The second plan pays $18.75 of that; you pay $31.25." in said


def test_a_scenario_with_two_plans_reads_back_to_itself_and_from_a_published_plan() -> None:
    used = "used = { as_of = 2026-01-05, members = { patient = { in = { deductible = 100 } } } }"
    later = '[later]\nstarts = 2026-02-10\nplan = "nextgen-2026-750"'
    made = scenario(f'{FIRST}[second]\nplan = "medicare-part-b-2026"\n{used}\n{later}')
    assert made.second is not None
    assert made.second.plan.kind == "Medicare"
    assert scenario_from(table_of(made)) == made
    with pytest.raises(EntryError, match=r"second\.plan: there is no published plan"):
        scenario(f'{FIRST}[second]\nplan = "no-such-plan"')


def test_a_plan_that_holds_from_a_day_on_has_its_own_terms() -> None:
    """Evaluation and two infusions under 40%: 140; the two from Feb 16 on under a deductible of $200: 200 of the 250."""
    later = "[later]\nstarts = 2026-02-16\n[later.plan.networks.in]\ndeductible = 200\nbenefits = { default = {} }"
    assert [claim.line.date for claim in kc.run(scenario(FIRST)).claims if claim.line.charge][3] == date(2026, 2, 16)
    assert owed(f"{FIRST}{later}") == 100 * 0.4 + 2 * 125 * 0.4 + 200


def test_the_drug_under_the_pharmacy_benefit_has_that_lines_terms() -> None:
    """Eight doses of $900 at 20%, at most $150 each, are $1,200; under the medical benefit 40% of them is $2,880."""
    text = FIRST.replace('"iv-mood"', '"spravato"').replace(
        "induction = 4, maintenance = 0", '"weeks 5-8" = 0, "weeks 9+" = 0'
    )
    text = text.replace("infusion = 125", "esketamine = 900, observation = 0").replace(
        "[allowed]\nevaluation = 100\nesketamine = 900, observation = 0",
        "[allowed]\nevaluation = 100\nesketamine = 900\nobservation = 0",
    )
    line = 'pharmacy_drug = { coinsurance = "20%", coinsurance_most = 150 }\n'
    text = text.replace('default = { coinsurance = "40%" }\n', f'default = {{ coinsurance = "40%" }}\n{line}')
    assert owed(text) == 40 + 8 * 360
    assert owed(f'drug_benefit = "pharmacy"\n{text}') == 40 + 8 * 150
    assert owed(f'lines = {{ esketamine = "pharmacy_drug" }}\n{text}') == 40 + 8 * 150


def test_a_hospital_bills_beside_the_doctor() -> None:
    """Medicare: $283 first, then 20%; of a hospital's service of $9,000 that is $1,800, cut to the inpatient deductible."""
    said: dict[str, object] = {
        "payer": "medicare-part-b",
        "plan": "medicare-part-b-2026",
        "protocol": "iv-pain",
        "start": "2026-12-07",
    }
    said |= {"coverage": "infusions too", "setting": "hospital outpatient", "stop_after.iv-pain": 2}
    said |= {
        "prices.iv-pain.facility": "9,000",
        "allowed.in.iv-pain.facility": "9,000",
        "prices.iv-pain.infusion": "500",
    }
    said |= {
        "allowed.in.iv-pain.infusion": "500",
        "prices.iv-pain.evaluation": "283",
        "allowed.in.iv-pain.evaluation": "283",
    }
    said |= {"used.patient.in.deductible": "0", "terms.in.hospital_outpatient.coinsurance": "20%"}
    found = kc.run(resolve(intake(said), TODAY).plainly.replace(ranges={}, odds={}, shapes={}))
    assert [(c.line.service, c.you_pay) for c in found.claims if c.line.charge] == [
        *(("evaluation", 28_300), ("infusion", 10_000), ("facility", 173_600))
    ]
    open_ = resolve(intake({k: v for k, v in said.items() if "facility" not in k and "hospital_" not in k}), TODAY)
    assert open_.ranges["prices.charges.facility"] == ("150", "600")
    assert open_.ranges["plan.networks.in.benefits.hospital_outpatient.coinsurance"] == ("20%", "40%")
    assert any("we found no source for that" in note for note in open_.notes)
    assert estimate(open_).sentence


def asked(**said: object) -> Resolved:
    entries = {"payer": "employer-insured", "plan": "nextgen-2026-750", "protocol": "iv-mood"} | {
        name.replace("__", "."): value for name, value in said.items()
    }
    return resolve(intake(entries), TODAY)


def test_an_exception_leaves_the_rest_to_be_billed_or_not_and_both_where_it_is_not_known() -> None:
    """Field case 613 as entries: an agreement is the inner share alone; without one the clinic may bill the rest."""
    nets = {}
    for value in ("gap exception", "single-case agreement", UNKNOWN):
        found = estimate(asked(coverage="infusions too", exception=value))
        nets[value] = (found.low, found.high)
        assert found.scenario.network == "in"
    gap, agreement, either = nets["gap exception"], nets["single-case agreement"], nets[UNKNOWN]
    assert agreement[1] < gap[1]
    assert either == (agreement[0], gap[1])
    alone = asked(plan="covered-california-2026-silver-70", exception="gap exception")
    assert alone.network == "in"


def test_what_was_said_of_the_clinics_allowed_amounts_counts_under_an_exception() -> None:
    said = intake(
        {
            "payer": "employer-insured",
            "plan": "nextgen-2026-750",
            "allowed.out.iv-mood.infusion": "222",
            "exception": "gap exception",
        }
    )
    side = resolve(said, TODAY).plan.networks["in"]
    assert not isinstance(side, str)
    assert side.allowed["infusion"] == 22_200
    assert side.balance_bill == "owed"


@pytest.mark.parametrize(
    ("this", "second", "more", "who"),
    [
        (Held("private", "own job"), Held("private", "spouse's job"), {}, "this plan"),
        (Held("private", "spouse's job"), Held("private", "own job"), {}, "second plan"),
        (Held("private", "own job"), Held("private", "a former job"), {}, "this plan"),
        (Held("private", "COBRA"), Held("private", "own job"), {}, "second plan"),
        (Held("private", "COBRA"), Held("private", "spouse's job"), {}, "this plan"),
        (Held("private", "a former job"), Held("private", "COBRA"), {}, "this plan"),
        (Held("private", "a parent's job", "later"), Held("private", "a parent's job", "earlier"), {}, "second plan"),
        (Held("private", "own job", "", "shorter"), Held("private", "own job", "", "longer"), {}, "second plan"),
        (Held("private", "own job"), Held("private", "own job"), {}, "not known"),
        (Held("private", "own job"), Held("Medicare"), {"size": "20 to 99", "because": "age"}, "this plan"),
        (Held("private", "own job"), Held("Medicare"), {"size": "20 to 99", "because": "disability"}, "second plan"),
        (Held("private", "own job"), Held("Medicare"), {"size": "20 to 99"}, "not known"),
        (Held("private", "own job"), Held("Medicare"), {"size": "100 or more"}, "this plan"),
        (Held("private", "spouse's job"), Held("Medicare"), {"size": "under 20"}, "second plan"),
        (Held("private", "a former job"), Held("Medicare"), {}, "second plan"),
        (Held("private", "own job"), Held("Medicare"), {}, "not known"),
        (Held("Medicaid"), Held("private", "own job"), {}, "second plan"),
        (Held("Medicare"), Held("TRICARE"), {}, "this plan"),
        (Held("VA"), Held("private", "own job"), {}, "not known"),
    ],
)
def test_which_plan_pays_first(this: Held, second: Held, more: Mapping[str, str], who: str) -> None:
    order = pays_first(this, second, **more)
    other = {"this plan": "second plan", "second plan": "this plan"}.get(who, who)
    assert order.value == who
    assert pays_first(second, this, **more).value == other
    assert order.citations or who == "not known"


def test_no_two_rules_of_order_contradict_each_other() -> None:
    """For every pair of facts the plan that pays first is the same from both sides."""
    through = ("", "own job", "spouse's job", "a parent's job", "a former job", "COBRA", "bought alone")
    kinds = ("private", "Medicare", "Medicaid", "TRICARE")
    sides = {"this plan": "second plan", "second plan": "this plan", "not known": "not known"}
    for (a, b), (one, two), size, because in product(
        product(kinds, kinds),
        product(through, through),
        ("", "under 20", "20 to 99", "100 or more"),
        ("", "age", "disability"),
    ):
        if (a, one) != (b, two):
            there = pays_first(Held(a, one), Held(b, two), size=size, because=because).value
            assert sides[there] == pays_first(Held(b, two), Held(a, one), size=size, because=because).value


@pytest.mark.parametrize("how", ["standard", "maintenance of benefits", "carve-out", None])
@pytest.mark.parametrize("protocol", ["spravato", "iv-mood"])
def test_tricare_pays_all_that_medicare_leaves(protocol: str, how: str | None) -> None:
    """TRICARE For Life: of what both cover nothing is left; what neither covers is owed as under Medicare alone."""
    medicare = {"payer": "medicare-part-b", "protocol": protocol}
    both = medicare | {"second.plan_kind": "TRICARE", **({"second.coordination": how} if how else {})}
    found = estimate(resolve(intake(both | {"coverage": "everything"}), TODAY))
    assert (found.likely, found.low, found.high) == (0, 0, 0)
    assert "Medicare and the second plan pay all of it." in found.sentence
    assert any("TRICARE For Life" in str(one) for one in found.sources)
    assert "second.coordination" not in {one.path for one in found.unknowns}
    told = unescape(handout(found))
    assert "Your plans pay the clinic about" in told
    assert "your plans pay = $0.00" in told
    assert "Sus planes le pagan a la clínica" in handout(found, "es")
    denied = [estimate(resolve(intake(one | {"coverage": "denied"}), TODAY)).likely for one in (both, medicare)]
    assert denied[0] == denied[1]


@pytest.mark.parametrize("kind", ["Medicare", "Medicare with Medigap"])
def test_tricare_entered_first_is_the_same_answer(kind: str) -> None:
    said = {"payer": "tricare", "protocol": "spravato", "second.plan_kind": kind, "coverage": "everything"}
    resolved = resolve(intake(said), TODAY)
    found = estimate(resolved)
    assert (found.likely, found.low, found.high) == (0, 0, 0)
    assert resolved.second is not None
    assert resolved.second.goes == "first"
    assert "second.coordination" not in resolved.ranges
    assert "TRICARE For Life" in resolved.basis["plan"].why
    typed = estimate(resolve(intake(said | {"terms.in.coinsurance": "20%"}), TODAY))
    assert typed.high > 0  # what was typed stands


def test_medicare_pays_second_as_the_law_has_it() -> None:
    """42 CFR 411.33: $150 of $175 allowed, $120 paid by the first plan, a fee of $125: Medicare pays the other $30."""
    first = Plan.of(deductible=0, coinsurance="20%", allowed=150)
    medicare = Plan.of(deductible=0, coinsurance="20%", allowed=125)
    line = ServiceLine(TODAY, 17_500, balance_billed=False)
    (one,) = coordinate([line], first, SecondPlan(medicare))
    assert (one.split.plan_pays, one.you_pay) == (15_000, 0)


@pytest.mark.parametrize("size", ["100 or more", "under 20", None])
def test_how_a_later_plan_pays_is_open_unless_it_is_medicare(size: str | None) -> None:
    said = {"payer": "medicare-part-b", "second.plan_kind": "PPO", "second.held_through": "own job"}
    sized = {"employer_size": size} if size else {}
    resolved = resolve(intake(said | sized), TODAY)
    assert ("second.coordination" in resolved.ranges) == (size != "100 or more")
    if size == "100 or more":
        assert resolved.second is not None
        assert (resolved.second.goes, resolved.second.coordination) == ("first", "standard")
        assert resolved.basis["second.coordination"].why.startswith("After another plan Medicare pays")
        assert any("411.33" in str(one) for one in citations(kc.estimate(resolved).shown))


def test_a_tricare_plan_that_was_named_keeps_its_terms() -> None:
    both = {"payer": "medicare-part-b", "second.plan": "tricare-select-a-adfm", "coverage": "everything"}
    second = resolve(intake(both), TODAY).second
    assert second is not None
    assert second.plan.name != "TRICARE For Life"


def test_two_plans_whose_order_is_not_known_are_looked_at_both_ways() -> None:
    said: dict[str, object] = {"coverage": "infusions too", "network": "in", "second__plan": "medicare-part-b-2026"}
    open_ = asked(**said)
    assert open_.ranges["second.goes"] == ("second", "first")
    assert open_.ranges["second.coordination"] == ("standard", "maintenance of benefits", "carve-out")
    known = asked(**said, held_through="own job", employer_size="100 or more", second__coordination="standard")
    assert not any(path.startswith("second.") for path in known.ranges)
    assert known.second is not None
    assert known.second.goes == "second"
    assert any("100 or more pays before Medicare" in note for note in known.notes)
    least, most = (estimate(open_).low or 0), (estimate(open_).high or 0)
    found = estimate(known)
    assert least <= (found.low or 0)
    assert (found.high or 0) <= most


@pytest.mark.parametrize("goes", ["second", "first"])
def test_the_quick_nets_of_two_plans_are_those_of_the_lines(goes: str) -> None:
    held = asked(network="in", coverage="infusions too", second__plan="nextgen-2026-3000", second__goes=goes)
    nets = Nets(cases_of(held))
    assert nets._walked
    for _, choice in list(nets.cases.weighed())[::40]:
        for ending in nets.endings(choice):
            assert nets.rows(choice).net(choice, ending) == nets._adjudicated(choice, ending)


SECOND_SAID: dict[str, object] = {
    "coverage": "infusions too",
    "network": "in",
    "second__plan": "nextgen-2026-3000",
    "held_through": "own job",
    "second__held_through": "spouse's job",
}


def test_the_order_of_two_plans_has_its_source_among_the_answers_and_its_grade_is_said() -> None:
    found = estimate(asked(**SECOND_SAID))
    (rule,) = (one for one in citations(found.shown) if one.where.endswith("C077"))
    assert (rule.grade, rule.source.id) == ("secondary", "1library-cob-order")
    assert rule in found.sources
    assert any("pays first. " in note and "graded secondary" in note for note in found.notes)
    said = estimate(asked(**SECOND_SAID, second__goes="second"))
    assert not any(one.where.endswith("C077") for one in citations(said.shown))


@pytest.mark.parametrize("more", [{}, {"later__plan": "nextgen-2026-3000", "later__starts": "2027-01-01"}])
def test_that_another_plan_gives_the_same_answer_is_told_as_assumed_wherever_the_answer_is(
    more: dict[str, str],
) -> None:
    found = estimate(asked(**SECOND_SAID, **more))
    assert any("both plans to give the same answer" in note for note in found.notes)
    written = {one["what"]: one["low"] for one in as_dict(found)["assumed"]}
    assert written["first_this"] is written["second_answer"] is None
    assert "Your second plan gives the same yes or no. Ask it, too." in handout(found)
    assert "Su segundo plan da el mismo sí o no." in handout(found, language="es")
    assert re.search("Who pays first: .*, then your second plan", handout(found))
    assert (written["second_deductible"], written.get("later_deductible")) == ("3000.00", "3000.00" if more else None)
    assert "Deductible of your second plan: $3,000." in handout(found)
    assert ("later_answer" in written) == ("The plan that comes later gives" in handout(found)) == bool(more)
    plainly = estimate(asked(**SECOND_SAID, **more).plainly)
    assert any("both plans to give the same answer" in note for note in plainly.notes)


def test_what_stands_beside_the_plan_is_told_until_it_is_whole() -> None:
    assert "Choose the second plan" in asked(second__goes="first").conflicts[0].sentence
    assert "the day from which it applies" in asked(later__plan="nextgen-2026-3000").conflicts[0].sentence
    assert asked(second__plan="nextgen-2026-3000", second__used__in__deductible="9,000").conflicts


def test_entries_of_two_plans_are_said_again_from_the_scenario_alone() -> None:
    held = asked(
        network="in",
        second__plan="nextgen-2026-3000",
        second__goes="second",
        later__plan="nextgen-2026-3000",
        later__starts="2027-01-01",
        later__credit=True,
    )
    again = resolve(intake_of(held.plainly, TODAY), TODAY)
    assert (again.second, again.later) == (held.second, held.later)
    assert estimate(again).sentence == estimate(held).sentence


def test_groups_of_benefits_are_entries() -> None:
    """The drug's own deductible of $1,000 and limit of $3,000, of the lines of the group's name unless others are said."""
    held = asked(network="in", groups__in__drug__deductible="1,000", groups__in__drug__out_of_pocket_limit="3,000")
    side = held.plan.networks["in"]
    assert not isinstance(side, str)
    group = side.groups["drug"]
    assert (group.benefits, group.deductible, group.out_of_pocket_limit) == (("drug",), 100_000, 300_000)
    assert asked(network="in", groups__in__care__deductible="1,000").conflicts == ()
    assert asked(network="in", groups__in__drug__benefits="drug").conflicts


def test_a_referral_in_weeks_covers_so_many_days() -> None:
    held = resolve(
        intake(
            {"payer": "va-community-care", "protocol": "iv-pain", "start": "2027-02-01", "approval.iv-pain.weeks": 12}
        ),
        TODAY,
    )
    assert held.covered_until == date(2027, 4, 25)
    assert entry_of("approval.iv-pain.weeks").kind == "count"


def test_a_standing_that_a_payer_does_not_know_is_told_and_not_used() -> None:
    held = resolve(intake({"payer": "employer-insured", "standing": "enrolled"}), TODAY)
    assert held.network == "out"
    assert "not 'enrolled'" in held.conflicts[0].sentence
    assert resolve(intake({"payer": "medicaid", "standing": "enrolled"}), TODAY).conflicts == ()


def test_a_dose_that_is_partly_lower_counts_the_mean_of_what_plans_count() -> None:
    """Plans typically count $1,240 of 84 mg and $952.59 of 56 mg; the doses from week 9 on are lower here."""
    held = asked(protocol="spravato", network="in", **{"dose.spravato.weeks 9+": 56})
    side = held.plan.networks["in"]
    assert not isinstance(side, str)
    claims = kc.run(held.plainly.replace(ranges={}, odds={}, shapes={})).claims
    doses = [claim.line for claim in claims if claim.line.service == "esketamine"]
    lower = sum(line.phase == "weeks 9+" for line in doses)
    assert 0 < lower < len(doses)
    assert side.allowed["esketamine"] == round((lower * 95_259 + (len(doses) - lower) * 124_000) / len(doses))


@pytest.mark.parametrize("first", range(0, MANY // 50, 20))
def test_whatever_stands_beside_a_plan_is_answered_in_any_order(first: int) -> None:
    """Random entries of a second and a later plan, groups, exceptions, hospitals and lines, beside random others."""
    with few_draws(8):
        for seed in range(first, first + 20):
            r = Random(seed)
            entries = dict(random_entries(r))
            entries |= beside(r, entries)
            held = resolve(said(entries), TODAY)
            assert estimate(held).sentence, seed
            names = list(entries)
            r.shuffle(names)
            assert resolve(said({name: entries[name] for name in names}), TODAY) == held, seed


def test_a_second_plan_that_is_on_no_list_has_the_terms_that_were_typed() -> None:
    """The first plan leaves 40%: $40 of the evaluation, which fills the second's deductible of $100, so $40 stay yours.

    Of each infusion it leaves $50. The second would pay 80% of $125, $100: all of the $50, or, by carve-out, $100 less
    the $75 of the first, so that $25 of each of the four are yours.
    """
    said: dict[str, object] = {"payer": "employer-insured", "network": "in", "coverage": "infusions too"}
    said |= {"protocol": "iv-mood", "start": "2027-02-01", "terms.in.deductible": 0, "terms.in.coinsurance": "40%"}
    said |= {"terms.in.out_of_pocket_limit": "9,000", "visits.iv-mood.induction": 4, "visits.iv-mood.maintenance": 0}
    for service, amount in (("evaluation", 100), ("infusion", 125)):
        said |= {f"prices.iv-mood.{service}": amount, f"allowed.in.iv-mood.{service}": amount}
    said |= {"second.terms.in.deductible": 100, "second.terms.in.coinsurance": "20%", "second.goes": "second"}
    said |= {"second.terms.in.out_of_pocket_limit": "5,000"}
    assert estimate(resolve(intake(said | {"second.coordination": "standard"}), TODAY)).likely == 40_00
    assert estimate(resolve(intake(said | {"second.coordination": "carve-out"}), TODAY)).likely == 140_00


def test_a_second_plan_of_a_kind_has_its_terms_as_ranges_of_that_kind() -> None:
    """Of the published HDHP designs no deductible is below the least that the law asks of them."""
    held = asked(network="in", second__plan_kind="HDHP")
    at = "second.plan.networks.in"
    assert {f"{at}.deductible", f"{at}.out_of_pocket_limit", f"{at}.benefits.default.coinsurance"} <= {*held.ranges}
    assert min(float(amount) for amount in held.ranges[f"{at}.deductible"]) >= 1_700
    typed = asked(network="in", second__plan_kind="PPO", second__terms__in__deductible="2,600")
    assert f"{at}.deductible" not in typed.ranges
    assert typed.ranges[f"{at}.out_of_pocket_limit"] == ("3500.00", "10600.00"), "of 1,000, 2,500, 3,500 and 10,600"
    assert asked(network="in", second__plan_kind="Medicare").second.plan.kind == "Medicare"  # type: ignore[union-attr]
    again = resolve(intake_of(held.plainly, TODAY), TODAY)
    assert estimate(again).sentence == estimate(held).sentence


def test_a_later_plan_can_be_typed() -> None:
    """From Jan 1 on nothing is paid below $9,999, so every later visit is owed at what the plan counts."""
    said: dict[str, object] = {"network": "in", "coverage": "infusions too", "later__starts": "2027-01-01"}
    said |= {"later__terms__in__deductible": "9,999", "later__terms__in__coinsurance": "0%", "later__credit": False}
    held = asked(**said)
    assert held.later is not None
    claims = kc.run(held.plainly.replace(ranges={}, odds={}, shapes={})).claims
    after = [claim for claim in claims if claim.line.date >= date(2027, 1, 1)]
    assert after
    assert all(claim.you_pay == claim.split.deductible for claim in after)


def test_how_long_a_deductible_holds_and_what_carries_over_are_entries() -> None:
    """A monthly spend-down of $100: it is met anew in each of the months, and by the visits of the year only once else."""
    said: dict[str, object] = {"network": "in", "coverage": "infusions too", "terms__in__deductible": 100}
    said |= {"start": "2027-02-01", "visits__iv-mood__maintenance": 0}
    once, monthly = (asked(**said, deductible_months=months) for months in (12, 1))
    parts = [kc.run(held.plainly.replace(ranges={}, odds={}, shapes={})).totals.deductible for held in (once, monthly)]
    months = len(
        {claim.line.date.month for claim in kc.run(monthly.plainly.replace(ranges={}, odds={}, shapes={})).claims}
    )
    assert parts == [100_00, months * 100_00]
    assert asked(**said, deductible_carryover="last three months").plan.deductible_carryover == "last three months"
    assert asked(**said, deductible_carryover="last three months", deductible_months=1).conflicts
