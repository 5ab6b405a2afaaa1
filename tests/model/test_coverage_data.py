"""The data on coverage: every payer whole, every chance a range with its reason, every deadline as its source says it."""

import csv
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from places import DATA

from ketacost.taxes.households import STATES

ORDER = ["primary", "secondary", "advertised", "assumption"]
TABLES = ["appeals", "coverage_rules", "payer_policies", "likelihoods", "programs", "reimbursement"]
TREATMENTS = ["iv-mood", "iv-pain", "spravato", "home"]
YES = ["infusions too", "visits only"]
STEPS = ["prior_authorization", "claim", "internal_appeal", "external_review"]
KINDS = {
    *("individual", "marketplace", "employer-insured", "employer-self-funded", "hmo-epo"),
    *("medicare-part-b", "medicare-advantage", "medicaid", "va-facility", "va-community-care", "tricare"),
    *("employer-ketamine-benefit", "self-pay"),
}
# What a step's key is in: the unit of the source's value and how its measure begins.
DEADLINES = {
    "file_within_days": ("days", "filing window"),
    "file_within_months": ("months", "filing window"),
    "decision_days": ("days", "decision"),
    "decision_days_before": ("days", "decision"),
    "expedited_hours": ("hours", "decision"),
    "turnaround_days": ("days", "decision"),
}


def rows(table: str) -> list[dict[str, str]]:
    with (DATA / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def toml(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))


EVIDENCE = {row["id"]: row for table in TABLES for row in rows(table)}
PAYERS, LAWS = toml("payers"), toml("steps")
PLANS = {path.stem for path in (DATA / "plans").glob("*.toml")}
TAKEN = [(law, name) for law, table in LAWS.items() for name in STEPS if "label" in table.get(name, {})]


def share(text: str) -> Decimal:
    """A share as written, such as "23%"."""
    assert text.endswith("%"), text
    return Decimal(text.removesuffix("%")) / 100


# Chances


def wrong_chance(what: str, chance: dict[str, Any]) -> Iterator[str]:
    """What is wrong with one chance: it is a range, ordered, with a grade, a reason and sources."""
    low, central, high = (share(chance[name]) for name in ("low", "central", "high"))
    if not 0 <= low <= central <= high <= 1:
        yield f"{what} is not ordered"
    if high == 0:
        yield f"{what} is never"
    if low == high:
        yield f"{what} is no range"
    if chance["grade"] not in ORDER:
        yield f"{what} has no grade"
        return
    if not chance["why"].strip():
        yield f"{what} has no reason"
    if not chance["citations"]:
        yield f"{what} has no sources"
    yield from (f"{what} cites {ref}, which is not a row" for ref in chance["citations"] if ref not in EVIDENCE)
    best = min((ORDER.index(EVIDENCE[ref]["grade"]) for ref in chance["citations"] if ref in EVIDENCE), default=3)
    if ORDER.index(chance["grade"]) < best:
        yield f"{what} is graded better than all of its sources"


# Payers


def wrong_payer(payer: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the table of a payer."""
    yield from (
        f"no {key}" for key in ("label", "law", "words", "differs", "network", "citations") if not payer.get(key)
    )
    if payer["law"] not in LAWS:
        yield f"{payer['law']} is not a law"
    filed = payer.get("filed", True)
    if "plan" not in payer and "gap" not in payer and filed:
        yield "neither a plan nor a gap"
    if "plan" in payer and payer["plan"] not in PLANS:
        yield f"{payer['plan']} is not a plan"
    yield from (f"{ref} is not a row" for ref in payer["citations"] if ref not in EVIDENCE)
    for name in TREATMENTS:
        if name not in payer:
            yield f"no {name}"
            continue
        table = payer[name]
        yield from () if table.get("rule", "").strip() else (f"{name} has no rule",)
        yield from (
            f"{name} cites {ref}, which is not a row" for ref in table.get("citations", ()) if ref not in EVIDENCE
        )
        if not filed:
            yield from (f"{name} has odds though nothing is filed" for outcome in YES if outcome in table)
            continue
        yield from (f"{name} has no odds of {outcome}" for outcome in YES if outcome not in table)
        for outcome in YES:
            yield from wrong_chance(f"{name}, {outcome}", table[outcome]) if outcome in table else ()
        if sum(share(table[outcome]["central"]) for outcome in YES if outcome in table) > 1:
            yield f"{name} adds to more than the whole"


def test_every_kind_of_payer_is_there() -> None:
    assert set(PAYERS) == KINDS


@pytest.mark.parametrize("name", sorted(PAYERS))
def test_a_payer_is_whole(name: str) -> None:
    assert list(wrong_payer(PAYERS[name])) == []


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("law",), "state", "state is not a law"),
        (("plan",), "no-such-plan", "no-such-plan is not a plan"),
        (("citations",), ["C999"], "C999 is not a row"),
        (("iv-mood", "rule"), " ", "iv-mood has no rule"),
        (("iv-mood", "infusions too", "low"), "9%", "iv-mood, infusions too is not ordered"),
        (("iv-mood", "infusions too", "central"), "78%", "iv-mood, infusions too is not ordered"),
        (("home", "visits only", "grade"), "hearsay", "home, visits only has no grade"),
        (("home", "visits only", "why"), "", "home, visits only has no reason"),
        (
            ("iv-pain", "visits only", "grade"),
            "primary",
            "iv-pain, visits only is graded better than all of its sources",
        ),
        (("spravato", "infusions too", "citations"), ["X1"], "spravato, infusions too cites X1, which is not a row"),
    ],
)
def test_a_wrong_payer_is_seen(path: tuple[str, ...], value: Any, told: str) -> None:
    payer = deepcopy(PAYERS["employer-self-funded"])
    table = payer
    for key in path[:-1]:
        table = table[key]
    table[path[-1]] = value
    assert told in list(wrong_payer(payer))


def test_odds_past_the_whole_are_seen() -> None:
    payer = deepcopy(PAYERS["employer-self-funded"])
    payer["spravato"]["visits only"] |= {"central": "20%"}
    assert list(wrong_payer(payer)) == ["spravato adds to more than the whole"]


def test_a_payer_without_a_treatment_is_seen() -> None:
    payer = {key: value for key, value in PAYERS["tricare"].items() if key != "home"}
    assert list(wrong_payer(payer)) == ["no home"]


def test_never_is_no_likelihood() -> None:
    never = {"low": "0%", "central": "0%", "high": "0%", "grade": "assumption", "why": "none", "citations": ["C046"]}
    assert list(wrong_chance("it", never)) == ["it is never", "it is no range"]


def test_visits_alone_are_what_is_left_of_any_cash_back() -> None:
    """Where a plan pays out of network: any cash back (L002) less the chance that the infusions are paid too."""
    any_back = [Decimal(EVIDENCE["L002"][name]) for name in ("low", "value", "high")]
    for name in ("individual", "employer-insured", "employer-self-funded"):
        for treatment in ("iv-mood", "iv-pain", "home"):
            odds = PAYERS[name][treatment]
            infusions = [share(odds["infusions too"][end]) for end in ("low", "central", "high")]
            # The low end supposes that infusions are paid as often as they likely are.
            left = [any_back[0] - infusions[1], any_back[1] - infusions[1], any_back[2] - infusions[2]]
            assert [share(odds["visits only"][end]) for end in ("low", "central", "high")] == left


def test_oral_ketamine_is_bounded_by_none_in_eighteen() -> None:
    """Were the chance 15%, none in 18 insurers would still come up once in twenty times."""
    high = share(PAYERS["individual"]["home"]["infusions too"]["high"])
    assert (1 - high) ** 18 > Decimal("0.05") > (1 - high - Decimal("0.01")) ** 18


def test_spravato_is_denied_as_often_as_any_claim() -> None:
    denied = Decimal(EVIDENCE["A001"]["value"])
    odds = PAYERS["individual"]["spravato"]
    assert share(odds["infusions too"]["central"]) == 1 - denied
    assert share(odds["infusions too"]["high"]) == 1 - Decimal(EVIDENCE["A001"]["low"])
    assert share(odds["infusions too"]["low"]) == round(Decimal(EVIDENCE["A123"]["value"]), 2)
    assert share(odds["visits only"]["central"]) == round(denied * (1 - denied), 2)


def test_va_copays_are_the_same_inside_and_outside_and_as_their_citations_say() -> None:
    copays = PAYERS["va-facility"]["copays"]
    assert copays == PAYERS["va-community-care"]["copays"]
    for copay in copays:
        values = [EVIDENCE[ref]["value"] for ref in copay["citations"]]
        assert any(str(copay["copay_usd"]) in value.split(" / ") for value in values), copay


# Steps


def wrong_step(step: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a step: each deadline is the value, or an end, of a row that the step cites."""
    cited = [EVIDENCE[ref] for ref in step["citations"] if ref in EVIDENCE]
    yield from (f"{ref} is not a row" for ref in step["citations"] if ref not in EVIDENCE)
    for key, (unit, measure) in DEADLINES.items():
        values = step.get(key, [])
        # The likely turnaround may be the middle of its ends.
        pair = values if isinstance(values, list) else [values]
        middle = -(-(pair[0] + pair[-1]) // 2) if key == "turnaround_days" and pair else None
        for value in pair:
            if value != middle and value not in set(told(cited, unit, measure)):
                yield f"{key} = {value} is in no row cited"
    for name in ("chance", "chance_on_label"):
        yield from wrong_chance(name, step[name]) if name in step else ()


def told(cited: list[dict[str, str]], unit: str, measure: str) -> Iterator[int]:
    """The whole numbers that rows give for a measure; business days as calendar days, five to a week."""
    for row in cited:
        about = row.get("measure") or {"claim_filing": "filing window", "turnaround": "decision"}.get(row["topic"], "")
        if not about.startswith(measure) or row["unit"] not in (unit, f"business {unit}"):
            continue
        for value in filter(None, (row["value"], row["low"], row["high"])):
            days = Decimal(value) * (7 if row["unit"].startswith("business") else 5) / 5
            yield int(days)


@pytest.mark.parametrize(("law", "name"), TAKEN, ids=" ".join)
def test_a_deadline_is_that_of_its_citation(law: str, name: str) -> None:
    assert list(wrong_step(LAWS[law][name])) == []


@pytest.mark.parametrize("law", sorted(LAWS))
def test_a_step_is_there_or_its_gap_is_told(law: str) -> None:
    table = LAWS[law]
    assert table["label"].strip()
    missing = [name for name in STEPS if name not in table]
    assert missing == ([] if "gap" not in table else STEPS)
    for name in STEPS:
        step = table.get(name, {"gap": table.get("gap")})
        assert ("gap" in step) != ("label" in step), (law, name)
        assert set(step) <= {"gap", "citations"} if "gap" in step else step["rests_on"].strip()
    assert [ref for name in STEPS for ref in table.get(name, {}).get("citations", ()) if ref not in EVIDENCE] == []
    assert [ref for ref in table.get("citations", ()) if ref not in EVIDENCE] == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("file_within_days", 181),
        ("decision_days", 45),
        ("decision_days_before", 15),
        ("expedited_hours", 24),
        ("file_within_months", 4),
    ],
)
def test_a_wrong_deadline_is_seen(key: str, value: int) -> None:
    step = LAWS["aca"]["internal_appeal"] | {key: value}
    assert list(wrong_step(step)) == [f"{key} = {value} is in no row cited"]


def test_the_chances_of_appeals_are_the_assumptions() -> None:
    assumed = {row["name"]: [row[end] for end in ("low", "central", "high")] for row in rows("assumptions")}
    names = {
        "internal_appeal": "ketamine-specific internal appeal overturn probability",
        "external_review": "ketamine-specific external review overturn probability",
    }
    for law, name in TAKEN:
        step = LAWS[law][name]
        assert ("chance" in step) == (name in names), (law, name)
        if name in names:
            chance = [share(step["chance"][end]) for end in ("low", "central", "high")]
            assert chance == list(map(Decimal, assumed[names[name]]))


# Tables


@pytest.mark.parametrize(
    ("table", "low", "value", "high"),
    [
        ("appeals", "low", "value", "high"),
        ("likelihoods", "low", "value", "high"),
        ("spravato_savings", "low_usd", "value_usd", "high_usd"),
    ],
)
def test_ranges_are_ordered(table: str, low: str, value: str, high: str) -> None:
    for row in rows(table):
        amounts = [Decimal(row[name]) for name in (low, value, high) if row[name]]
        assert amounts == sorted(amounts), row


def test_what_was_not_found_holds_no_value_and_says_so() -> None:
    for row in rows("payer_policies") + rows("spravato_savings"):
        if row["status"] == "not found":
            assert row["gap"].strip(), row
            assert not any(row.get(name) for name in ("rule", "value", "low_usd", "value_usd", "high_usd")), row


def test_a_likelihood_names_rows_that_are_there() -> None:
    assert [ref for row in rows("likelihoods") for ref in row["citations"].split() if ref not in EVIDENCE] == []


def test_ids_are_of_one_table_only() -> None:
    counted = [row["id"] for table in TABLES for row in rows(table)]
    assert len(counted) == len(set(counted))


# Insurers

INSURERS = toml("insurers")


def wrong_insurer(insurer: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the table of an insurer."""
    yield from (f"{name} is not a payer" for name in insurer.get("payers", ()) if name not in PAYERS)
    treatments = {name: table for name, table in insurer.items() if isinstance(table, dict)}
    yield from () if treatments else ("no treatment",)
    yield from (f"{name} is not a treatment" for name in treatments if name not in TREATMENTS)
    for name, table in treatments.items():
        yield from (f"{ref} is not a row" for ref in (table["row"], *table.get("also", ())) if ref not in EVIDENCE)
        yield from (f"{name}: {one} has no words" for one, words in table.get("criteria", {}).items() if not words)
        if table.get("criteria") and not EVIDENCE.get(table["row"], {"status": ""})["status"].startswith("covered"):
            yield f"{name} has criteria and is not covered"


def wrong_fact(fact: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a fact about a state, or with one that is pending."""
    yield from (f"{ref} is not a row" for ref in fact["citations"] if ref not in EVIDENCE)
    yield from () if fact["citations"] else ("no source",)
    yield from (f"{name} is not a state" for name in fact.get("states", ()) if name not in STATES)
    yield from (f"{name} is not a payer" for name in fact.get("payers", ()) if name not in PAYERS)
    yield from (f"{name} is not a treatment" for name in fact.get("treatments", ()) if name not in TREATMENTS)
    yield from () if fact["says"].endswith(".") else ("no sentence",)


@pytest.mark.parametrize("name", INSURERS["insurers"])
def test_an_insurer_is_whole(name: str) -> None:
    assert list(wrong_insurer(INSURERS["insurers"][name])) == []


def test_facts_about_states_and_what_is_pending_have_their_sources() -> None:
    facts = [*INSURERS["states"], *INSURERS["pending"]]
    assert [problem for fact in facts for problem in wrong_fact(fact)] == []


def test_a_wrong_insurer_and_a_wrong_fact_are_seen() -> None:
    wrong = deepcopy(INSURERS["insurers"]["cigna"]) | {"payers": ["nobody"], "teeth": {"row": "PP99"}}
    wrong["spravato"]["row"] = "PP01"
    assert list(wrong_insurer(wrong)) == [
        "nobody is not a payer",
        "teeth is not a treatment",
        "spravato has criteria and is not covered",
        "PP99 is not a row",
    ]
    assert list(wrong_fact({"citations": [], "states": ["ZZ"], "says": "So"})) == [
        "no source",
        "ZZ is not a state",
        "no sentence",
    ]
