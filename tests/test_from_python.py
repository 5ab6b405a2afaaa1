"""What a script or a notebook gives: numpy's numbers, pandas's days, names for things, things of another kind."""

import pickle
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import ketacost as kc
from ketacost.estimate.scenario import examples
from ketacost.model.allowed import METHODS
from ketacost.model.payers import payers

DAY = date(2026, 11, 30)
PLAIN = kc.Plan.of(deductible=1_000, coinsurance="40%")
FRAME = pd.DataFrame({"patient": ["A"], "date": ["2027-01-04"], "charge": [350.0], "allowed": [350.0]})


@pytest.mark.parametrize("amount", [np.int64(500), np.int32(500), np.float64(500), np.array(500), Decimal(500)])
def test_amounts_of_numpy_are_read_as_python_reads_its_own(amount: Any) -> None:
    """A frame's cell is a number of numpy; one of them was refused as another thing, and one ended in an exception."""
    assert kc.usd(amount) == 50_000
    assert kc.Plan.of(deductible=amount, coinsurance="40%").networks["out"].deductible == 50_000
    entry = "prices.iv-mood.infusion"
    assert kc.intake({entry: amount}).value(entry) == 500
    assert kc.run("readme-patient", set={entry: amount}).you_pay == 28_800 + 15 * 50_000


def test_a_float_of_numpy_with_cents_is_refused_as_a_float() -> None:
    with pytest.raises(kc.KetacostError, match=r'is a float, 500.5, and floats lose cents; write "500.50"'):
        kc.usd(np.float64(500.5))


@pytest.mark.parametrize(
    "day", [pd.Timestamp("2026-11-30"), datetime(2026, 11, 30), np.datetime64("2026-11-30", "ns"), "11/30/2026", DAY]
)
def test_days_of_pandas_are_days(day: Any) -> None:
    assert kc.course("iv-mood", start=day)[0].date == DAY
    assert kc.intake(start=day).value("start") == "2026-11-30"
    assert kc.resolve(kc.intake(payer="marketplace"), day).today == DAY
    assert kc.load("readme-patient", today=day).today == DAY
    assert kc.last("readme-patient", today=day).today == DAY
    assert kc.Explorer("readme-patient", today=day).scenario.today == DAY


@pytest.mark.parametrize("day", [pd.NaT, pd.Timestamp("2026-11-30 08:00"), None, 20261130, "2026-02-30"])
def test_what_is_no_day_is_refused(day: Any) -> None:
    with pytest.raises(kc.KetacostError, match="should be a day such as 2026-11-30"):
        kc.resolve(kc.intake(payer="marketplace"), day)
    with pytest.raises(kc.KetacostError, match="should be a day such as 2026-11-30"):
        kc.course("iv-mood", start=day)


def changes() -> dict[str, tuple[Any, dict[str, Any], str]]:
    """Changes that no field can hold: of what, the change, and what the error says."""
    patient = kc.example("readme-patient")
    side = patient.plan.networks["out"]
    return {
        "a coverage": (patient, {"coverage": "deny"}, "'denied' or 'visits only'"),
        "a plan's id": (patient, {"plan": "nextgen-2026-750"}, "plan of Scenario should be a Plan"),
        "no course": (patient, {"course": None}, "a Course"),
        "text for yes": (patient, {"waived": "no"}, "True or False, got 'no'"),
        "a day as text": (patient, {"today": "2026-11-27"}, r"a date, as in date\(2026, 11, 30\) or None"),
        "less than nothing": (side, {"deductible": -5}, "whole cents, got -5"),
        "dollars as text": (side, {"deductible": "1,000"}, r'kc.usd\("600"\) reads dollars'),
        "a float": (side, {"out_of_pocket_limit": 1000.0}, "whole cents"),
        "a share as text": (side.benefits["default"], {"coinsurance": "40%"}, r'kc.share\("40%"\) reads a share'),
        "a share above all": (side.benefits["default"], {"coinsurance": 10_001}, "0 to 10000"),
        "a charge": (patient.prices, {"charges": {"infusion": 600.5}}, "charges of Prices at 'infusion'"),
        "a time of day": (patient.course, {"start": datetime(2026, 11, 30, 8)}, "start of Course should be a date"),
    }


@pytest.mark.parametrize("which", changes())
def test_a_changed_copy_is_checked_like_a_new_thing(which: str) -> None:
    """As docs/change-the-model.md promises; such a change gave another answer, or an exception far away."""
    thing, change, told = changes()[which]
    with pytest.raises(kc.KetacostError, match=told):
        thing.replace(**change)


def test_a_changed_copy_takes_numbers_and_days_of_a_frame() -> None:
    patient = kc.example("readme-patient")
    side = patient.plan.networks["out"]
    assert side.replace(deductible=np.int64(100_000)) == side.replace(deductible=100_000)
    assert patient.course.replace(start=pd.Timestamp("2026-12-07")).start == date(2026, 12, 7)
    charges = {**patient.prices.charges, "infusion": np.int64(60_000)}
    changed = patient.replace(prices=patient.prices.replace(charges=charges))
    assert kc.run(changed).you_pay == 28_800 + 15 * 60_000
    assert hash(changed) == hash(pickle.loads(pickle.dumps(changed)))
    assert patient.course.replace(closed=[DAY]) == patient.course.replace(closed=(DAY,))


@pytest.mark.parametrize("name", examples())
def test_every_field_of_an_example_can_be_put_into_a_copy(name: str) -> None:
    """The check of a changed copy refuses nothing that the package itself puts there."""
    scenario = kc.example(name)
    things = [scenario, scenario.course, scenario.prices, scenario.plan, scenario.paying, scenario.on_hand]
    things += [side for side in scenario.plan.networks.values() if not isinstance(side, str)]
    for thing in [*things, *([scenario.household] if scenario.household else [])]:
        values = {field.name: getattr(thing, field.name) for field in fields(thing) if field.init}
        assert thing.replace(**values) == thing


OF_A_SCENARIO = [
    *("alternatives", "ask_next", "compare", "compare_routes", "disagreements", "estimate", "gap_exception"),
    *("methods_table", "outlook", "questions_for_plan", "run", "starts", "worth"),
]
OF_A_RESULT = {"Answer": "calendar funding_of superbills tax_effect", "Estimate": "as_dict handout"}


@pytest.mark.parametrize("name", OF_A_SCENARIO)
def test_what_takes_a_scenario_takes_the_name_of_an_example(name: str) -> None:
    example = "payer-employer-insured"
    assert repr(getattr(kc, name)(example)) == repr(getattr(kc, name)(kc.example(example)))
    for other in (None, kc.intake(), kc.run(example)):
        with pytest.raises(kc.KetacostError, match="give a scenario, as in"):
            getattr(kc, name)(other)


@pytest.mark.parametrize("kind", OF_A_RESULT)
def test_what_takes_a_result_says_which(kind: str) -> None:
    for name in OF_A_RESULT[kind].split():
        for other in ("payer-employer-insured", None, kc.example("payer-employer-insured")):
            with pytest.raises(kc.KetacostError, match=r"as in kc\.(run|estimate)"):
                getattr(kc, name)(other)


def test_a_panel_opens_the_example_that_was_named() -> None:
    """It opened a patient of whom nothing was said, without a word."""
    assert kc.Explorer("payer-medicaid").scenario.payer == "medicaid"
    with pytest.raises(kc.KetacostError, match="no example scenario called 'readme-patent'"):
        kc.Explorer("readme-patent")  # type: ignore[arg-type, unused-ignore]
    with pytest.raises(kc.KetacostError, match="give a scenario"):
        kc.Explorer(kc.plans["nextgen-2026-750"])  # type: ignore[arg-type]


def test_lines_and_plan_are_asked_for_where_they_are_something_else() -> None:
    visits, plan = kc.course("iv-mood", start=DAY), kc.plans["nextgen-2026-750"]
    for lines, other in ((plan, visits), (visits, "nextgen-2026-750"), (None, plan)):
        with pytest.raises(kc.KetacostError, match=r"should be (a plan|service lines), as in kc"):
            kc.adjudicate(lines, other)  # type: ignore[arg-type]


def test_a_frame_with_columns_of_mixed_cells_is_read() -> None:
    """A column of a workbook holds numbers, days and texts; each is what it says. By hand: 350, 350, then 300 and 20."""
    frame = pd.DataFrame(
        {
            "patient": ["P1", "P1", "P1", 7],
            "date": [pd.Timestamp("2027-01-04"), "1/6/2027", date(2027, 1, 8), "2027-01-05"],
            "charge": ["$350.00 ", 350, 350.0, "1,000"],
            "code": [96365, "96365", 96365.0, "96365-59"],
            "allowed": [350, "350", 350.0, 1000],
            "covered": [True, "yes", None, "Denied"],
        }
    )
    told = kc.adjudicate_frame(frame, PLAIN)
    assert list(told.you_pay) == [350.0, 350.0, 320.0, 1000.0]
    assert list(told.index) == list(frame.index)


@pytest.mark.parametrize(
    ("lines", "plans", "used", "told"),
    [
        ([{"patient": 1}], None, None, "lines should be a pandas frame or an Arrow table, got a list"),
        (3, None, None, "lines should be a pandas frame"),
        (FRAME, [PLAIN], None, "plans should be a plan, plans by name, or a published plan's id, got a list"),
        (FRAME, PLAIN, {"A": 5}, "what 'A' has used should be kc.Used"),
        (FRAME, PLAIN, [5], "used should be a pandas frame or an Arrow table, got a list"),
        (pd.concat([FRAME, FRAME[["charge"]]], axis=1), PLAIN, None, "the column 'charge' is there twice"),
        (FRAME.assign(charge=float("inf")), PLAIN, None, "charge should be whole cents, got inf"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_is_no_table_of_lines_is_told(lines: Any, plans: Any, used: Any, told: str) -> None:
    with pytest.raises(kc.KetacostError, match=told):
        kc.adjudicate_frame(lines, plans, used)


def test_a_frame_alone_is_no_comparison() -> None:
    with pytest.raises(kc.KetacostError, match="what is compared should be results by name"):
        kc.compare_cohorts(FRAME, "patient")  # type: ignore[arg-type]


def test_a_file_of_another_kind_is_named_as_it_was_given(tmp_path: Path) -> None:
    """It was told of the file that is written first beside it."""
    with pytest.raises(kc.KetacostError, match=r"^patient\.yaml: a file ends in \.toml or \.json, not in '\.yaml'$"):
        kc.save(kc.example("readme-patient"), tmp_path / "patient.yaml")
    assert list(tmp_path.iterdir()) == []


COVERED = kc.example("payer-employer-insured").replace(coverage="infusions too", ranges={})


@pytest.mark.parametrize("rule", [None, *kc.data.rules()])
def test_an_estimate_knows_every_rule_that_a_run_knows(rule: str | None) -> None:
    """An estimate under 200% of Medicare ended in an exception: its lines are rows, which could not be changed."""
    scenario = COVERED.replace(rule=rule or "")
    assert kc.estimate(scenario).likely == kc.run(scenario).you_pay


def test_a_method_that_changes_the_line_is_taken_by_an_estimate_too() -> None:
    kc.data.register_method("ours", lambda line, pricing: np.int64(line.replace(units=2).units * 10_000))
    side = COVERED.plan.networks["out"].replace(allowed={}, pricing=kc.Pricing("ours"))
    scenario = COVERED.replace(plan=COVERED.plan.replace(networks={"out": side}))
    found, answer = kc.estimate(scenario), kc.run(scenario)
    METHODS.remove("ours")
    assert found.likely == answer.you_pay
    assert {claim.allowed for claim in answer.claims if claim.line.charge} == {20_000}


def test_estimates_can_be_made_in_a_pool_of_processes() -> None:
    """As `pool.map(kc.estimate, scenarios)` does: the function, the scenario and the estimate are sent."""
    assert pickle.loads(pickle.dumps(kc.estimate)) is kc.estimate
    for name in examples():
        found = kc.estimate(name)
        assert repr(pickle.loads(pickle.dumps(found))) == repr(found)


@pytest.mark.parametrize("rule", [None, *kc.data.rules()])
def test_results_can_be_sent_to_another_process(rule: str | None) -> None:
    """An estimate, an answer and claims were not picklable: a pool of processes could not give them back."""
    scenario = COVERED.replace(rule=rule or "")
    found, answer = kc.estimate(scenario), kc.run(scenario)
    assert pickle.loads(pickle.dumps(answer)) == answer
    assert pickle.loads(pickle.dumps(answer.claims)) == answer.claims
    again = pickle.loads(pickle.dumps(found))
    assert (repr(again), again.likely, again.main.shown) == (repr(found), found.likely, found.main.shown)
    assert kc.estimate(pickle.loads(pickle.dumps(scenario))).likely == kc.estimate(scenario).likely


def marketplace(**changes: Any) -> kc.data.Payer:
    return kc.data.payer("marketplace").replace(id="ours", **changes)


CHANCE = kc.data.Chance("5%", "15%", "30%", why="12 of 80 superbills of our own, 2026")


@pytest.mark.parametrize(
    ("register", "thing", "told"),
    [
        (kc.data.register_payer, "ours", "a new payer should be a payer"),
        (kc.data.register_payer, marketplace(law="no law"), "there is no law called 'no law'"),
        (
            kc.data.register_payer,
            marketplace(odds={"iv-moood": {"infusions too": CHANCE}}),
            "did you|known: home, iv-mood",
        ),
        (
            kc.data.register_payer,
            marketplace(odds={"iv-mood": {"infusion": CHANCE}}),
            "known: infusions too, visits only",
        ),
        (kc.data.register_protocol, "iv-mood", "a new protocol should be a protocol"),
        (
            kc.data.register_protocol,
            kc.data.protocol("iv-mood").replace(id="ours", phases=()),
            "no phases, so no visits",
        ),
        (kc.data.register_service, "infusion", "a new service should be a service"),
        (kc.data.register_rule, "no limits", "a new rule should be"),
        (
            lambda method: kc.data.register_method("ours", method),
            20_000,
            "should be a function of a line and a Pricing",
        ),
    ],
)
def test_what_is_added_to_the_model_is_checked_when_it_is_added(register: Any, thing: Any, told: str) -> None:
    """A misspelled answer of a payer's odds was a chance of zero, without a word."""
    with pytest.raises(kc.KetacostError, match=told):
        register(thing)
    assert "ours" not in payers()


def test_odds_are_chances() -> None:
    with pytest.raises(kc.KetacostError, match="'iv-mood' at 'infusions too' should be a Chance, got"):
        marketplace(odds={"iv-mood": {"infusions too": 0.15}})


def test_a_rule_whose_function_returns_nothing_is_told() -> None:
    rule = kc.data.Rule("ours", "Nothing is returned.", plan=lambda plan: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(kc.KetacostError, match="what the rule 'ours' makes of a plan should be a plan"):
        kc.adjudicate(kc.course("iv-mood", start=DAY), kc.plans["nextgen-2026-750"], rule=rule)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: kc.Benefit(coinsurance=0.2), r'coinsurance of Benefit .* got 0.2; kc.share\("40%"\) reads a share'),  # type: ignore[arg-type]
        (lambda: kc.Benefit(copay="40"), "copay of Benefit should be whole cents, got '40'"),  # type: ignore[arg-type]
        (lambda: kc.Network(deductible="1,000"), r'got \'1,000\'; kc.usd\("600"\) reads dollars'),  # type: ignore[arg-type]
        (lambda: kc.Network(allowed={"infusion": 240.5}), "allowed of Network at 'infusion' should be whole cents"),  # type: ignore[dict-item]
        (lambda: kc.Pricing("multiple of Medicare", multiple="140%"), "kc.multiple"),  # type: ignore[arg-type]
        (lambda: kc.Package("infusion", 6, "2,400"), "price of Package should be whole cents"),  # type: ignore[arg-type]
        (lambda: kc.Pause("2027-02-01", 14), "start of Pause should be a date"),  # type: ignore[arg-type]
        (lambda: kc.Prices({"infusion": "600"}), "charges of Prices at 'infusion' should be whole cents"),  # type: ignore[dict-item]
        (lambda: kc.Contribution(health_fsa=600.5), "health_fsa of Contribution should be whole cents"),  # type: ignore[arg-type]
    ],
)
def test_a_new_part_of_the_model_is_checked(make: Any, told: str) -> None:
    """A coinsurance of 0.2 was cut to 0%, so the plan paid it all, without a word."""
    with pytest.raises(kc.KetacostError, match=told):
        make()


def test_a_new_part_of_the_model_takes_the_numbers_of_a_frame() -> None:
    benefit = kc.Benefit(copay=np.int64(4_000), coinsurance=np.int64(2_000))  # type: ignore[arg-type]
    assert (type(benefit.copay), benefit.coinsurance) == (int, 2_000)
    assert kc.Pause(pd.Timestamp("2027-02-01"), 14).start == date(2027, 2, 1)
