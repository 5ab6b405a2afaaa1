"""What was said and what follows from it: the order never matters, an empty value takes back, said beats printed.

Every law is tried on random intakes whose entries touch; amounts are compared to the cent.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from itertools import permutations
from random import Random

import pytest
from commands import said as command
from moves import whole
from places import DOCS
from random_intakes import TODAY, amounts_of, few_draws, random_entries, random_intake, said, touch
from random_scenarios import MANY

import ketacost as kc
from ketacost.core.fields import KetacostError
from ketacost.estimate.entries import TREATMENTS, entry_of, label_of, patterns
from ketacost.estimate.intake import UNKNOWN, Between, Intake, OneOf, Said, intake_from
from ketacost.estimate.resolve import Resolved, resolve
from ketacost.estimate.saying import intake_of
from ketacost.model.payers import payers
from ketacost.model.plans import Network
from ketacost.model.protocols import protocols
from ketacost.reports.sections import head
from ketacost.workbench.form import form

PLAN, DEDUCTIBLE = "nextgen-2026-750", "terms.out.deductible"
PRINTED = 225_000
"""NextGen's out-of-network deductible as its booklet prints it, in cents."""


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    with few_draws(16):
        yield


def resolved(**entries: object) -> Resolved:
    return resolve(kc.intake({key.replace("__", "."): value for key, value in entries.items()}), TODAY)


def deductible(scenario: Resolved) -> object:
    side = scenario.plan.networks[scenario.network]
    assert isinstance(side, Network)
    return side.deductible


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("start", "2016-11-30", "The first visit of Nov 30, 2016 is far in the past: check the year."),
        ("start", "2062-11-30", "The first visit of Nov 30, 2062 is far in the future: check the year."),
        ("paying.deposit", "50000", "The deposit of $50,000.00 is more than the clinic charges, $7,788.00: check it."),
        ("paying.loan.amount", "50000", "The loan of $50,000.00 is more than the clinic charges, $7,788.00: check it."),
    ],
)
def test_what_is_likely_a_slip_counts_as_said_and_is_told_beside_its_entry(key: str, value: str, told: str) -> None:
    scenario = resolve(kc.intake({"payer": "self-pay", key: value}), TODAY)
    (doubt,) = scenario.conflicts
    assert (doubt.key, doubt.sentence, doubt.counts) == (key, told, True)
    assert doubt.ways[0][1:] == (key, None)
    found = kc.estimate(scenario)
    assert told in found.notes
    assert not found.not_used


# What people write


@pytest.mark.parametrize("words", ["unknown", "I don't know", "Don\u2019t know", "not sure", " ? "])
def test_words_for_not_knowing_mark_an_entry_as_not_known(words: str) -> None:
    assert kc.intake({DEDUCTIBLE: words, "prices.iv-mood.infusion": words}) == kc.intake(
        {DEDUCTIBLE: UNKNOWN, "prices.iv-mood.infusion": UNKNOWN}
    )


@pytest.mark.parametrize(("typed", "meant"), [("0.2%", "20%"), ("0.05%", "5%"), ("0.3% to 0.5%", "30%")])
def test_a_share_below_one_percent_is_asked_about(typed: str, meant: str) -> None:
    """A share that is typed as 0.2 where a percent sign stands beside the box."""
    with pytest.raises(KetacostError, match=f"less than one percent; did you mean {meant}"):
        kc.intake({"terms.out.coinsurance": typed})
    assert kc.intake({"terms.out.coinsurance": "1%"}).value("terms.out.coinsurance") == "1%"


@pytest.mark.parametrize(
    ("key", "typed", "meant"),
    [
        ("discounts.iv-mood.infusion", "0.1%", "10%"),
        ("pricing.out.share", "0.8%", "80%"),
        ("pricing.out.multiple", "1.4%", "140%"),
        ("paying.hra_share", "0.5%", "50%"),
        ("second.terms.in.coinsurance", "0.2%", "20%"),
    ],
)
def test_so_is_every_percent_that_people_write_as_a_part_of_one(key: str, typed: str, meant: str) -> None:
    with pytest.raises(KetacostError, match=f"less than (one|ten) percent; did you mean {meant}"):
        kc.intake({key: typed})
    assert kc.intake({key: meant}).value(key) == kc.intake({key: f"{int(meant[:-1]) / 100:g}"}).value(key) == meant


@pytest.mark.parametrize(
    ("key", "typed", "means"),
    [
        ("plan_year_starts", "July", 7),
        ("plan_year_starts", "Jul 1", 7),
        ("plan_year_starts", "sept. 15th", "09-15"),
        ("visits.iv-mood.induction", "6.0", 6),
        ("prices.iv-mood.infusion", "USD 475", 475),
        ("start", "15 Dec 2026", "2026-12-15"),
        ("payer", "Medicare-Part-B", "medicare-part-b"),
        ("payer", "Employer plan, fully insured", "employer-insured"),
        ("protocol", "IV ketamine for depression", "iv-mood"),
        ("plan_kind", "hmo or epo", "HMO or EPO"),
        ("coverage", "Visits Only", "visits only"),
        ("household.filing_status", "Married, joint", "married_joint"),
        ("network", "In-Network", "in"),
        ("second.network", "OON", "out"),
    ],
)
def test_what_people_write_is_read(key: str, typed: str, means: object) -> None:
    assert kc.intake({key: typed}).value(key) == means


@pytest.mark.parametrize(
    ("key", "typed", "told"),
    [
        ("terms.out.coinsurance", "twenty", 'should be a number such as "40%" or 0.4'),
        ("visits.iv-mood.induction", "-1", "-1 is not a number of visits"),
        ("household.age", "-3", "age is a number of years, got -3"),
        ("start", "31/12/2026", "there is no month 31; write 2026-12-31"),
        ("plan_year_starts", "Juli", "should be a month"),
        ("if_denied", "٣", "go on"),
        ("packages.iv-mood", "six for 2400", 'as in "6 for $2,400"'),
        ("deductible", "500", "write terms.out.deductible or "),
        ("Infusion", "500", "write prices.iv-mood.infusion or allowed.out.iv-mood.infusion or "),
        ("wages", "500", "write household.wages"),
        ("allowed.in.infusion", "5", "write allowed.in.<protocol>.infusion, as in allowed.in.iv-mood.infusion"),
        ("terms.in.deductable", "500", "did you mean terms.in.deductible?"),
        ("prices.iv-mood.infusions", "500", "did you mean prices.iv-mood.infusion?"),
        ("visits.iv-mood.maintanance", "5", "did you mean visits.iv-mood.maintenance?"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_mend(key: str, typed: str, told: str) -> None:
    with pytest.raises(KetacostError) as refused:
        kc.intake({key: typed})
    assert told in str(refused.value)


def test_entries_may_stand_in_tables_of_their_own() -> None:
    """As TOML reads names without quotes: terms.in.deductible = 1500."""
    said = {"payer": "marketplace", "terms": {"in": {"deductible": 1500, "coinsurance": "20%"}}}
    said |= {"prices": {"iv-mood": {"infusion": {"from": 400, "to": 600}}}, "second": {"plan_kind": "PPO"}}
    whole = {"payer": "marketplace", "terms.in.deductible": 1500, "terms.in.coinsurance": "20%"}
    whole |= {"prices.iv-mood.infusion": {"from": 400, "to": 600}, "second.plan_kind": "PPO"}
    assert intake_from(said) == intake_from(whole)


def test_packages_are_said_as_people_write_them_and_shown_so() -> None:
    """Six infusions for 2,400 and an evaluation at 250; a discount of 10% is taken off 450 where there is no package."""
    alone = {"payer": "self-pay", "prices.iv-mood.infusion": 450, "prices.iv-mood.evaluation": 250}
    alone |= {"visits.iv-mood.maintenance": 1, "discounts.iv-mood.infusion": "10%"}
    for text in ("6 for $2,400", "6 infusions for 2400", "4 at 1,600; 2 visits = $800.00"):
        said = kc.intake({**alone, "packages.iv-mood": text})
        assert kc.estimate(resolve(said, TODAY)).likely == 250_00 + 2_400_00 + 405_00
        (control,) = [
            one for step in form(resolve(said, TODAY)) for one in step["controls"] if "packages" in one["path"]
        ]
        assert said.say("packages.iv-mood", control["value"]) == said
    odd = kc.intake({"packages.iv-mood": "2 evaluations for $300.50, not refundable"}).value("packages.iv-mood")
    assert odd == [{"service": "evaluation", "count": 2, "price": "300.50", "refundable": False}]


# Order


@pytest.mark.parametrize("seed", range(0, MANY // 20, 20))
def test_the_same_entries_in_any_order_give_the_same_scenario(seed: int) -> None:
    """Compared whole: every field, where each value comes from, conflicts, what is not used, notes."""
    for number in range(seed, seed + 20):
        r = Random(number)
        entries = random_entries(r)
        intake = said(entries)
        entries = {key: value for key, value in entries.items() if key in intake.said}
        for _ in range(3):
            keys = list(entries)
            r.shuffle(keys)
            other = said({key: entries[key] for key in keys})
            assert other == intake
            assert whole(resolve(Intake(other.said), TODAY)) == whole(resolve(intake, TODAY))


def test_the_entries_that_are_drawn_touch() -> None:
    assert all(touch(random_entries(Random(seed))) for seed in range(200))


def test_payer_then_treatment_is_treatment_then_payer() -> None:
    for payer in payers():
        for name in protocols():
            pairs = permutations((("payer", payer), ("protocol", name)))
            first, second = (resolve(kc.intake(dict(pair)), TODAY) for pair in pairs)
            assert first == second, (payer, name)


# Taking back


@pytest.mark.parametrize("seed", range(MANY // 100))
def test_what_is_said_and_taken_back_leaves_nothing(seed: int) -> None:
    r = Random(1_000 + seed)
    before = random_intake(r)
    for key, value in random_entries(r).items():
        if key not in before.said:
            try:
                changed = before.say(key, value)
            except KetacostError:
                continue
            assert changed.unsay(key) == before
            assert changed.say(key, "") == before
            assert changed.say(key, None) == before


def test_an_empty_value_is_not_a_zero() -> None:
    assert deductible(resolved(plan=PLAN, **{"terms__out__deductible": 0})) == 0
    assert deductible(resolved(plan=PLAN, **{"terms__out__deductible": ""})) == PRINTED


def test_saying_the_same_again_changes_nothing() -> None:
    once = kc.intake(payer="marketplace")
    assert once.say("payer", "marketplace") is once
    assert once.unsay("plan") is once


# What is filled in


@pytest.mark.parametrize("seed", range(MANY // 80))
def test_saying_what_was_assumed_changes_no_amount(seed: int) -> None:
    """Each entry of the form that shows one known value, not a range, said as it is shown."""
    scenario = resolve(random_intake(Random(2_000 + seed)), TODAY)
    if scenario.designs or scenario.conflicts:
        return
    more = scenario.intake
    general = any(".benefits.default." in path for path in scenario.ranges)
    for step in form(scenario):
        for control in step["controls"]:
            key, value = control["path"], control["value"]
            ranged = control.get("unknown") or (key and entry_of(key).path in scenario.ranges)
            ranged = ranged or (general and key and ".<benefit>." in entry_of(key).pattern)
            if not key or value in ("", None) or ranged or key in more.said or key.startswith(("coverage", "plan")):
                continue
            if key.startswith("terms.") and key.endswith(".pays"):
                value = {"yes": True, "no": False}[value]
            more = more.say(key, f"{value}%" if control["kind"] == "share" else value)
    assert amounts_of(kc.estimate(resolve(more, TODAY))) == amounts_of(kc.estimate(scenario))


@pytest.mark.parametrize("seed", range(MANY // 100))
def test_a_full_scenario_said_again_gives_the_same_amounts(seed: int) -> None:
    """Without its intake a scenario is only its values; what it says is worked out from them."""
    found = resolve(random_intake(Random(3_000 + seed)), TODAY)
    if found.designs:  # a plan that stands for several is no one plan that can be said
        return
    scenario = found.plainly
    again = resolve(intake_of(scenario, TODAY), TODAY)
    assert amounts_of(kc.estimate(again)) == amounts_of(kc.estimate(scenario))


@pytest.mark.parametrize("seed", range(MANY // 80))
def test_entries_that_are_not_used_change_no_amount(seed: int) -> None:
    scenario = resolve(random_intake(Random(4_000 + seed)), TODAY)
    if not scenario.dormant:
        return
    fewer = scenario.intake
    for key in scenario.dormant:
        fewer = fewer.unsay(key)
    assert amounts_of(kc.estimate(resolve(fewer, TODAY))) == amounts_of(kc.estimate(scenario))


def test_an_entry_of_another_treatment_waits_and_comes_back() -> None:
    here = kc.intake(payer="marketplace", protocol="spravato")
    both = here.say("prices.iv-mood.infusion", 325)
    assert resolve(both, TODAY).dormant == ("prices.iv-mood.infusion",)
    assert amounts_of(kc.estimate(resolve(both, TODAY))) == amounts_of(kc.estimate(resolve(here, TODAY)))
    back = resolve(both.say("protocol", "iv-mood"), TODAY)
    assert not back.dormant
    assert back.prices.charges["infusion"] == 32_500


@pytest.mark.parametrize("seed", range(MANY // 100))
def test_how_and_when_something_was_said_changes_no_amount(seed: int) -> None:
    r = Random(5_000 + seed)
    intake = random_intake(r)
    day = date(2026, 11, r.randint(1, 27))
    scrambled = Intake(
        {
            key: Said(one.value, r.choice(("typed", "plan booklet", "call", "file")), day, "A1")
            for key, one in intake.said.items()
        }
    )
    before, after = resolve(intake, TODAY), resolve(scrambled, TODAY)
    assert after.plainly == before.plainly
    assert (after.basis, after.conflicts, after.dormant) == (before.basis, before.conflicts, before.dormant)


# What was said goes first


def test_said_goes_before_printed_and_printed_before_assumed() -> None:
    assert deductible(resolved(plan=PLAN)) == PRINTED
    typed = {"terms__out__deductible": "3,800"}
    assert deductible(resolved(plan=PLAN, **typed)) == 380_000
    assert deductible(resolved(payer="employer-insured", **typed)) == 380_000
    assumed = resolved(payer="employer-insured")
    assert len(assumed.designs) > 1
    every = resolved(payer="employer-insured", **typed).designs.values()
    assert {design.networks["out"].deductible for design in every} <= {380_000}  # type: ignore[union-attr]


def test_not_known_goes_before_what_the_plan_prints() -> None:
    known, not_known = resolved(plan=PLAN), resolved(plan=PLAN, **{"terms__out__deductible": UNKNOWN})
    path = entry_of(DEDUCTIBLE).path
    assert path not in known.ranges
    assert len(not_known.ranges[path]) > 1
    assert not_known.basis[DEDUCTIBLE].state == "assumed"


def test_a_range_and_chances_are_used_as_they_were_said() -> None:
    ranged = resolved(plan=PLAN, **{"terms__out__deductible": Between(1_000, 3_000)})
    assert ranged.ranges[entry_of(DEDUCTIBLE).path] == ("1000.00", "3000.00")
    assert ranged.shapes[entry_of(DEDUCTIBLE).path] == "uniform"
    one_of = resolved(plan=PLAN, plan_year_starts=OneOf((1, 7), ("70%", "30%")))
    assert one_of.odds["plan.plan_year_starts"] == (7_000, 3_000)


# What is refused


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("prices.infusion", "prices.<protocol>.infusion"),
        ("visits.induction", "visits.<protocol>.induction"),
        ("terms.deductible", "terms.<network>.deductible"),
        ("odds.infusions", "odds.<payer>.<treatment>.infusions"),
    ],
)
def test_a_short_name_is_refused_with_the_full_one(short: str, full: str) -> None:
    with pytest.raises(KetacostError, match="does not say what it is for") as refused:
        Intake().say(short, 1)
    assert f"write {full}, as in " in str(refused.value)
    assert entry_of(str(refused.value).rpartition(" as in ")[2]).pattern


def test_chances_of_more_than_everything_are_refused_at_the_entry() -> None:
    start = kc.intake({"odds.marketplace.iv-mood.infusions": "60%"})
    with pytest.raises(KetacostError, match=r"odds\.marketplace\.iv-mood\.visits: these chances add to 110%"):
        start.say("odds.marketplace.iv-mood.visits", "50%")
    with pytest.raises(KetacostError, match=r"odds\.marketplace\.iv-mood\.visits"):
        start.say("odds.marketplace.iv-mood.visits", "101%")
    assert start.say("odds.marketplace.iv-mood.visits", "40%")
    assert start.say("odds.marketplace.spravato.visits", "50%"), "another treatment has chances of its own"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("payer", "Medicade"),
        ("payer", ["marketplace"]),
        ("protocol", {"a": 1}),
        ("plan", "no such plan"),
        ("terms.out.deductible", "-5"),
        ("terms.out.coinsurance", 40),
        ("start", "2026-13-40"),
        ("plan_year_starts", 13),
        ("prices.iv-mood.infusion", Between(900, 100)),
        ("visits.iv-mood.induction", -1),
        ("family", "perhaps"),
        ("no.such.entry", 1),
    ],
)
def test_a_value_that_cannot_be_is_refused_or_told(key: str, value: object) -> None:
    """At the entry where the entry alone shows it; else beside the entry, and the rest is worked out without it."""
    start = kc.intake(plan=PLAN)
    with suppress(KetacostError):
        scenario = resolve(start.say(key, value), TODAY)
        assert [one.key for one in scenario.conflicts] == [key]
        assert kc.estimate(scenario).sentence
        return
    with pytest.raises(KetacostError, match=r"\w"):
        start.say(key, value)


# Names


def named(pattern: str) -> str:
    """A full name of a pattern."""
    pattern = pattern.replace("dose.<protocol>.<phase>", "dose.spravato.weeks 9+")
    usual = {
        "protocol": "iv-mood",
        "network": "out",
        "payer": "marketplace",
        "treatment": TREATMENTS[0],
        "service": "infusion",
        "group": "drug",
        "phase": "induction",
        "benefit": "specialist",
        "member": "patient",
        "step": "claim",
        "insurer": "bcbs-massachusetts",
        "criterion": "antidepressants",
        "field": {
            "loan": "amount",
            "<network>": "deductible",
            "out": "deductible",
            "household": "state",
            "on_hand": "fsa_left",
            "paying": "rebate",
        }.get(pattern.split(".")[-2] if "." in pattern else "", "health_fsa"),
    }
    for part, name in usual.items():
        pattern = pattern.replace(f"<{part}>", name)
    return pattern


@pytest.mark.parametrize("pattern", patterns())
def test_every_entry_has_a_label_that_says_what_it_is(pattern: str) -> None:
    label = label_of(entry_of(named(pattern)))
    assert label
    assert not set("<>{}_") & set(label)
    assert label[0].isupper()


def test_the_page_of_entries_is_what_the_command_prints() -> None:
    page = (DOCS / "entries.md").read_text("utf-8")
    assert page == command("entries"), "run ketacost entries > docs/entries.md"
    for pattern in patterns():
        start = pattern.partition("<field>")[0]
        assert f"| `{start}" in page
    for row in page.splitlines():
        if row.startswith("| `"):
            assert all(cell.strip() for cell in row.split("|")[1:5]), row


def test_a_range_that_runs_down_is_told_with_its_entry_and_its_ends() -> None:
    told = r"prices\.iv-mood\.infusion, 700 to 400: give low, high from the lowest to the highest"
    with pytest.raises(KetacostError, match=told):
        kc.intake().say("prices.iv-mood.infusion", Between(700, 400))


@pytest.mark.parametrize("who", ["medicaid", "va-facility", "va-community-care", "tricare", "medicare-part-b"])
def test_terms_of_another_payer_are_told_with_the_answer(who: str) -> None:
    typed = {"payer": who, "protocol": "spravato", "terms.in.deductible": 2_500}
    (own,) = kc.resolve(kc.intake(typed), TODAY).conflicts
    assert own.counts
    assert own.sentence.endswith("What you typed is used instead.")
    assert [way.key for way in own.ways] == ["terms.in.deductible"]
    chosen = kc.resolve(kc.intake({"payer": who, "protocol": "spravato", "plan": "nextgen-2026-750"}), TODAY)
    (plan,) = chosen.conflicts
    assert plan.counts
    assert "the terms used here are those of NextGen $750" in plan.sentence
    assert {way.key for way in plan.ways} == {"plan", "payer"}
    assert plan.sentence in html.unescape(head(kc.estimate(chosen)))
    assert not kc.resolve(kc.intake({"payer": who, "protocol": "spravato"}), TODAY).conflicts


def test_a_plan_beside_no_claim_pays_nothing() -> None:
    said = {"payer": "self-pay", "plan": "nextgen-2026-750"}
    (told,) = kc.resolve(kc.intake(said), TODAY).conflicts
    assert not told.counts
    assert "pays nothing" in told.sentence
    assert (
        kc.estimate(kc.resolve(kc.intake(said), TODAY)).sentence
        == kc.estimate(kc.resolve(kc.intake({"payer": "self-pay"}), TODAY)).sentence
    )


@pytest.mark.parametrize(
    ("key", "typed", "low", "high"),
    [
        ("prices.iv-mood.infusion", "400 to 600", "400.00", "600.00"),
        ("prices.iv-mood.infusion", "$1,400-$1,600.50", "1400.00", "1600.50"),
        ("terms.out.coinsurance", "40 to 50%", "40%", "50%"),
        ("terms.out.coinsurance", "40% – 50%", "40%", "50%"),
        ("days_apart.iv-mood.maintenance", "21 to 35", "21", "35"),
        ("household.wages", "50,000 to 60,000", "50000.00", "60000.00"),
    ],
)
def test_a_range_can_be_said_as_people_write_it(key: str, typed: str, low: str, high: str) -> None:
    said = kc.intake().say(key, typed)
    assert said.value(key) == Between(low, high)
    assert said == kc.intake().say(key, Between(low, high)), "the same as a range in a file"


@pytest.mark.parametrize("typed", ["600 to 400", "600-600", "600 to", "-5", "1 to 2 to 3", "to 600", "many to more"])
def test_what_is_no_range_is_told_and_nothing_is_said(typed: str) -> None:
    with pytest.raises(KetacostError, match=r"infusion|negative"):
        kc.intake().say("prices.iv-mood.infusion", typed)


def test_an_entry_of_one_value_takes_no_range_and_a_day_or_a_text_is_not_split() -> None:
    with pytest.raises(KetacostError, match="should be"):
        kc.intake().say("contribution.health_fsa", "500 to 600")
    assert kc.intake().say("title", "back to work").value("title") == "back to work"
    assert kc.intake().say("plan_year_starts", "03-15").value("plan_year_starts") == "03-15"
