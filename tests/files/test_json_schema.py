"""The schemas of the files: what an editor is told is what the readers take."""

import copy
import tomllib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from places import DATA

from ketacost.core.convert import as_text, read, written
from ketacost.core.fields import KetacostError, descriptions
from ketacost.estimate.scenario import example, examples, scenario_from, table_of
from ketacost.files.json_schema import schema
from ketacost.files.scenario_files import BESIDE
from ketacost.model.accumulators import Used
from ketacost.model.plans import Plan, plan, published_plans


def validator(what: str) -> Draft202012Validator:
    Draft202012Validator.check_schema(schema(what))
    return Draft202012Validator(schema(what))


SCENARIO, PLAN, USED = validator("scenario"), validator("plan"), validator("used")


@pytest.mark.parametrize("name", examples())
def test_the_schema_takes_the_examples_short_and_whole(name: str) -> None:
    short = tomllib.loads((DATA / "scenarios" / f"{name}.toml").read_text("utf-8"))
    for table in (short, table_of(example(name))):
        assert list(SCENARIO.iter_errors(as_text(table))) == []


@pytest.mark.parametrize("name", published_plans())
def test_the_schema_takes_the_published_plans(name: str) -> None:
    table = tomllib.loads((DATA / "plans" / f"{name}.toml").read_text("utf-8"))
    assert list(PLAN.iter_errors(as_text(table))) == []
    assert list(PLAN.iter_errors(as_text(written(plan(name))))) == []
    assert list(PLAN.iter_errors({"preset": name, "networks": {"out": {"allowed": {"infusion": 240}}}})) == []


def test_every_field_has_its_words_in_the_schema() -> None:
    told = schema("plan")
    for name, (label, meaning) in descriptions(Plan).items():
        assert (told["properties"][name]["title"], told["properties"][name]["description"]) == (label, meaning)
    assert set(BESIDE) <= set(told["properties"])
    with pytest.raises(KetacostError, match="there is no schema called 'answers'; known: answer, columns, lines"):
        schema("answers")


def opens(reader: Callable[[Any], object], table: object) -> bool:
    """Whether a reader takes a table."""
    try:
        reader(table)
    except KetacostError:
        return False
    return True


def with_entry(table: Mapping[str, Any], path: str, entry: Any) -> dict[str, Any]:
    changed = copy.deepcopy(dict(table))
    *parents, last = path.split(".")
    place = changed
    for name in parents:
        place = place.setdefault(name, {})
    place[last] = entry
    return changed


ENTRIES: list[tuple[str, Any]] = [
    *(
        ("prices.charges.infusion", entry)
        for entry in (600, 0, "600", "$1,234.50", "12,34", -1, "-1", "1.234", "1.230")
    ),
    *(
        ("prices.charges.infusion", entry)
        for entry in ("", ".", ".5", "1.", "x", True, None, [600], 1e8, "1,2345", " 7 ")
    ),
    *(
        ("prices.discounts.infusion", entry)
        for entry in (0.1, 0, 1, "10%", "100%", "100.5%", "1.2", 1.2, 40, "40", ".5")
    ),
    *(("prices.discounts.infusion", entry) for entry in ("0.12345", "12.345%", "-1%", "%", "1.0", "0.", -0.1, "x")),
    *(("course.start", entry) for entry in ("2026-11-30", "30.11.2026", "2026-13-01", 20261130, None, "")),
    *(("course.stop_after", entry) for entry in (3, "3", "3.0", "none", None, "3.5", 3.5, True, "x")),
    *(("course.works", entry) for entry in (["mon"], "mon", ["monday"], 3, [3])),
    *(("course.visits", entry) for entry in ({"induction": 4}, {"induction": "4"}, {"induction": "x"}, 3)),
    *(("course.protocol", entry) for entry in ("im-mood", "iv", 3)),
    *(("course.pauses", entry) for entry in ([], [{"start": "2026-12-20", "days": 3}], [{"days": 3}], "x", [3])),
    *(("waived", entry) for entry in (True, "yes", "no", "maybe", 1, "1", None)),
    *(("coverage", entry) for entry in ("denied", "Denied", None, 3)),
    *(
        ("plan", entry)
        for entry in ("nextgen-2026-3000", "nextgen", {"preset": "nextgen-2026-750"}, {"preset": "x"}, 3, {})
    ),
    *(
        ("plan", {"networks": {"out": out}})
        for out in ("no benefit", "nothing", {}, {"deductible": 100}, {"deductible": "not stated"})
    ),
    ("plan", {"preset": "nextgen-2026-750", "networks": {"out": {"deductible": "free"}}}),
    ("plan", {"preset": "nextgen-2026-750", "networks": {"out": {"benefits": {"specialty drugs": {}}}}}),
    ("plan", {"preset": "nextgen-2026-750", "plan_year_starts": 13}),
    *(
        ("plan", {"preset": "nextgen-2026-750", "plan_year_starts": day})
        for day in ("03-15", "2-29", "04-31", 315, "x")
    ),
    *(("allowed", entry) for entry in ({"infusion": 200}, {"infusion": "x"}, "typical", "usual", 3)),
    *(
        ("ranges", entry)
        for entry in ({"coverage": ["denied"]}, {"waived": [True]}, {"coverage": "denied, everything"}, 3)
    ),
    ("ranges", {"prices.charges.infusion": [400, 500.5]}),
    ("used", {"as_of": "2026-11-01", "members": {"patient": {"out": {"deductible": 5}}}}),
    ("used", {"members": {"patient": {"out": {"deductible": 5}}}}),
    *(("payer", entry) for entry in ("", "marketplace", "market", 3, None)),
    *(("path", entry) for entry in (None, {}, {"infusions": "30%", "visits": 0.5}, {"infusions": 0.3}, "x")),
    ("path", {"infusions": 0.3, "visits": 0.5, "step_costs": {"claim": 20}}),
    ("path", {"infusions": 0.3, "visits": 0.5, "step_costs": {"claims": 20}}),
    *(("covered_until", entry) for entry in ("2027-01-01", "none", "soon")),
    *((name, "x") for name in ("title", "tip", "course.begin", "prices.charges.infuzion")),
]


@pytest.mark.parametrize(("path", "entry"), [pytest.param(*one, id=f"{one[0]}={one[1]!r}") for one in ENTRIES])
def test_the_schema_and_the_door_agree(path: str, entry: Any) -> None:
    short = as_text(tomllib.loads((DATA / "scenarios" / "readme-patient.toml").read_text("utf-8")))
    del short["allowed"], short["ranges"]
    table = with_entry(short, path, entry)
    assert SCENARIO.is_valid(table) == opens(scenario_from, table)


@pytest.mark.parametrize("odds", [{}, {"visits": "40%"}, {"visit": "40%"}, {"visits": "lots"}])
def test_a_payers_own_odds_stand_in_for_what_a_path_does_not_say(odds: dict[str, Any]) -> None:
    table = {"payer": "marketplace", "plan": "nextgen-2026-750", "path": odds}
    table["course"] = {"protocol": "iv-mood", "start": "2026-11-30"}
    assert SCENARIO.is_valid(table) == opens(scenario_from, table)


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"as_of": "2026-11-20", "visits": {"drug": 2}},
        {"as_of": "2026-11-20", "family": {"in": {"deductible": "1,000"}}},
        {"as_of": "November"},
        {"members": {"patient": {"out": {"deductible": 5}}}},
        {"as_of": "2026-11-20", "members": {"patient": {"out": {"copay": 5}}}},
        {"as_of": "2026-11-20", "visits": {"drug": "two"}},
    ],
)
def test_the_schema_and_the_door_agree_on_used_amounts(table: dict[str, Any]) -> None:
    assert USED.is_valid(table) == opens(partial(read, Used), table)
