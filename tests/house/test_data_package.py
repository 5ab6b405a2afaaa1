"""The data: a valid package, every number with its source and grade, every plan with its sources and its gaps told."""

import csv
import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from frictionless import Package
from places import DATA

GRADES = {"primary", "secondary", "advertised", "assumption"}
UNSHIPPED = re.compile("recalled|projected", re.IGNORECASE)

TABLES = sorted(DATA.rglob("*.csv"))
TOMLS = sorted(DATA.rglob("*.toml"))
PLANS = sorted((DATA / "plans").glob("*.toml"))

# The keys of a plan's file: those it must have and those it may have.
PLAN = {
    "name",
    "sponsor",
    "kind",
    "plan_year",
    "plan_year_starts",
    "hsa_eligible",
    "grade",
    "in_window",
    "not_stated",
    "reading",
    "deductible_kind",
    "limit_kind",
    "citations",
    "networks",
}
PLAN_MAY = {"next", "prior_authorization", "allowed_method", "protected_network", "deductible_credits", "limit_credits"}
CITED = {"source", "where", "seen"}
NETWORK = {"deductible", "balance_bill", "benefits"}
NETWORK_MAY = {
    "family_deductible",
    "out_of_pocket_limit",
    "family_out_of_pocket_limit",
    "coinsurance_limit",
    "family_coinsurance_limit",
    "limit_counts",
    "highest_copay_a_day",
    "deductible_kind",
    "limit_kind",
    "groups",
    "balance_bill_limit",
    "excess_paid_by_plan",
}
BENEFITS = {
    "default",
    "office_visit",
    "specialist",
    "mental_health_visit",
    "outpatient_infusion",
    "drug",
    "test",
    "therapy",
    "hospital_outpatient",
}
BENEFIT_MAY = {
    "copay",
    "copay_timing",
    "copay_counts_to_deductible",
    "coinsurance",
    "coinsurance_on",
    "coinsurance_least",
    "coinsurance_most",
    "deductible_applies",
    "counts_to_limit",
    "visit_limit",
    "first_visits",
    "covered",
}
FIRST_VISITS_MAY = {"visits", "copay", "coinsurance", "deductible_applies"}
KINDS = {"PPO", "HDHP", "HMO", "EPO", "Medicare", "Medicare with Medigap", "TRICARE", "VA", "Medicaid"}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def name_of(path: Path) -> str:
    return path.relative_to(DATA).as_posix()


# The package


def errors(descriptor: Path) -> list[str]:
    """What frictionless finds wrong with a package and the files it names."""
    report = Package(str(descriptor)).validate()
    return [": ".join(map(str, error)) for error in report.flatten(["name", "rowNumber", "message"])] + [
        str(error) for error in report.errors
    ]


def test_the_package_is_valid() -> None:
    assert errors(DATA / "datapackage.json") == []


WRONG = (
    ("prices.csv", ",thervo-ketamine-cost,", ",no-such-source,", 'values "no-such-source" not found'),
    ("prices.csv", ",secondary,", ",hearsay,", 'cell "hearsay" in row at position "2" and field "grade"'),
    ("prices.csv", "P002", "P001", 'position "3" violates the primary key: the same as in the row at position 2'),
    ("codes.csv", "2025-12-31", "the end of 2025", 'cell "the end of 2025"'),
    ("typical_prices.csv", ",500,", ",,", 'field "usual_low_usd" at position "3" does not conform'),
    ("sources.csv", "thervo-ketamine-cost,", ",", 'field "id" at position "1" does not conform'),
)
"""Files, what is changed in them, and what is said of it."""


def test_wrong_tables_are_seen(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(DATA, tmp_path / "data"))
    for file, old, new, _ in WRONG:
        text = (copy / file).read_text("utf-8")
        assert old in text
        (copy / file).write_text(text.replace(old, new, 1), "utf-8")
    found = errors(copy / "datapackage.json")
    assert [said for *_, said in WRONG if not any(said in one for one in found)] == []


def test_a_missing_plan_is_seen(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(DATA, tmp_path / "data"))
    (copy / name_of(PLANS[0])).unlink()
    assert errors(copy / "datapackage.json")


def test_every_file_is_in_the_package() -> None:
    resources = json.loads((DATA / "datapackage.json").read_text("utf-8"))["resources"]
    files = [name_of(path) for path in DATA.rglob("*") if path.is_file() and not path.name.startswith(".")]
    assert sorted([resource["path"] for resource in resources] + ["datapackage.json"]) == sorted(files)


def test_every_column_is_described_and_money_has_its_unit() -> None:
    resources = json.loads((DATA / "datapackage.json").read_text("utf-8"))["resources"]
    fields = [field for resource in resources for field in resource.get("schema", {}).get("fields", ())]
    assert [field["name"] for field in fields if not field.get("description")] == []
    money = [field for field in fields if field["name"].endswith("_usd")]
    assert money
    assert {field.get("unit") for field in money} == {"USD"}


# Sources and grades


def cited(tree: Any) -> Iterator[str]:
    """Every source that a TOML file names, at whatever depth."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key == "source" and isinstance(value, str):
                yield value
            else:
                yield from cited(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from cited(value)


def used() -> dict[str, set[str]]:
    """By file, the sources it cites."""
    tables = {name_of(path): {row["source"] for row in rows(path) if "source" in row} for path in TABLES}
    return tables | {name_of(path): set(cited(toml(path))) for path in TOMLS}


def test_every_source_cited_is_known_and_every_source_known_is_cited() -> None:
    known = {row["id"] for row in rows(DATA / "sources.csv")}
    assert {file: names - known for file, names in used().items() if names - known} == {}
    assert known - set().union(*used().values()) == set()


def test_a_source_stands_once() -> None:
    sources = rows(DATA / "sources.csv")
    places = [(row["url"], row["title"]) for row in sources]
    assert [place for place in places if places.count(place) > 1] == []


@pytest.mark.parametrize("path", TABLES, ids=name_of)
def test_every_row_has_a_grade(path: Path) -> None:
    assert {row.get("grade", "") for row in rows(path)} <= GRADES


@pytest.mark.parametrize("path", TABLES, ids=name_of)
def test_no_grade_is_better_than_its_source(path: Path) -> None:
    order = ["primary", "secondary", "advertised", "assumption"]
    grades = {row["id"]: row["grade"] for row in rows(DATA / "sources.csv")}
    better = [
        row for row in rows(path) if "source" in row and order.index(row["grade"]) < order.index(grades[row["source"]])
    ]
    assert better == []


@pytest.mark.parametrize("path", [path for path in DATA.rglob("*") if path.is_file()], ids=name_of)
def test_nothing_unconfirmed_is_shipped(path: Path) -> None:
    assert UNSHIPPED.findall(path.read_text("utf-8")) == []


def test_figures_were_seen() -> None:
    seen = {row["figure_seen"] for path in TABLES for row in rows(path) if "figure_seen" in row}
    assert seen == {"yes", "partly"} or seen == {"yes"}


# Prices


@pytest.mark.parametrize("table", ["prices", "typical_prices"])
def test_low_is_below_high(table: str) -> None:
    for row in rows(DATA / f"{table}.csv"):
        amounts = [row[name] for name in row if name.endswith("_usd") and row[name]]
        assert amounts, row
        assert [float(amount) for amount in amounts] == sorted(map(float, amounts)), row


# Plans


def keys_wrong(what: str, table: dict[str, Any], must: set[str], may: set[str]) -> Iterator[str]:
    yield from (f"{what} has no {key}" for key in sorted(must - set(table)))
    yield from (f"{what} has {key}, which is not a key" for key in sorted(set(table) - must - may))


def wrong_benefit(what: str, terms: dict[str, Any]) -> Iterator[str]:
    yield from keys_wrong(what, terms, set(), BENEFIT_MAY)
    if not {"copay", "coinsurance", "covered"} & set(terms):
        yield f"{what} says nothing of what is paid"
    if not re.fullmatch(r"\d+(\.\d+)?%|not stated", terms.get("coinsurance", "0%")):
        yield f"{what} has a coinsurance that is no percentage"
    yield from keys_wrong(f"{what}.first_visits", terms.get("first_visits", {}), set(), FIRST_VISITS_MAY)


def wrong_plan(plan: dict[str, Any]) -> list[str]:
    """What is wrong with the table of a plan."""
    wrong = list(keys_wrong("the plan", plan, PLAN, PLAN_MAY))
    if wrong:
        return wrong
    wrong += [] if plan["kind"] in KINDS else [f"{plan['kind']} is not a kind of plan"]
    wrong += [] if plan["grade"] in GRADES else [f"{plan['grade']} is not a grade"]
    wrong += [] if plan["citations"] else ["the plan has no sources"]
    for citation in plan["citations"]:
        wrong += keys_wrong("a source", citation, CITED, set())
        wrong += [] if citation.get("seen") in ("yes", "partly") else ["a source was not seen"]
    for name in ("not_stated", "reading"):
        wrong += [f"{name} has an empty line" for line in plan[name] if not line.strip()]
    if not plan["reading"]:
        wrong.append("the plan was read without one reading")
    for name, side in plan["networks"].items():
        if side == "no benefit":
            continue
        wrong += keys_wrong(f"networks.{name}", side, NETWORK, NETWORK_MAY)
        for benefit, terms in side.get("benefits", {}).items():
            wrong += [] if benefit in BENEFITS else [f"{benefit} is not a benefit"]
            wrong += wrong_benefit(f"networks.{name}.{benefit}", terms)
    for credits in (plan.get("deductible_credits", {}), plan.get("limit_credits", {})):
        for network in {*credits, *(other for others in credits.values() for other in others)}:
            wrong += [] if network in plan["networks"] else [f"{network} is credited and not a network"]
    if plan.get("protected_network", "in") not in plan["networks"]:
        wrong.append("protected care goes to a network that is not there")
    return wrong


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_a_plan_has_its_citations_and_only_known_keys(path: Path) -> None:
    assert wrong_plan(toml(path)) == []


def test_there_are_plans_of_every_kind() -> None:
    assert {toml(path)["kind"] for path in PLANS} == KINDS


PLAIN = toml(DATA / "plans" / "nextgen-2026-750.toml")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (PLAIN | {"citations": []}, "the plan has no sources"),
        (PLAIN | {"citations": [{"source": "a", "where": "b", "seen": "no"}]}, "a source was not seen"),
        ({k: v for k, v in PLAIN.items() if k != "not_stated"}, "the plan has no not_stated"),
        (PLAIN | {"premium": 90}, "the plan has premium, which is not a key"),
        (PLAIN | {"kind": "POS"}, "POS is not a kind of plan"),
        (PLAIN | {"limit_credits": {"out": ["tier 2"]}}, "tier 2 is credited and not a network"),
        (PLAIN | {"protected_network": "preferred"}, "protected care goes to a network that is not there"),
        (
            PLAIN | {"networks": {"in": {"deductible": 0, "balance_bill": "owed", "benefits": {"default": {}}}}},
            "networks.in.default says nothing of what is paid",
        ),
    ],
)
def test_a_wrong_plan_is_seen(changed: dict[str, Any], told: str) -> None:
    assert wrong_plan(changed) == [told]
