"""The JSON that is printed is the one that its schema and docs/json.md describe, for the examples and for anybody."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

import pytest
import write_json_page
from jsonschema import Draft202012Validator
from random_intakes import TODAY, beside, few_draws, random_entries, said

from ketacost.core.fields import KetacostError
from ketacost.estimate.estimate import estimate
from ketacost.estimate.intake import intake
from ketacost.estimate.resolve import resolve
from ketacost.estimate.scenario import example, examples
from ketacost.files.json_schema import schema
from ketacost.reports.json_output import FORMAT, LINE_COLUMNS, as_dict, claims_as_dict

ANSWER, LINES = Draft202012Validator(schema("answer")), Draft202012Validator(schema("lines"))
SCENARIO = Draft202012Validator(schema("scenario"))


def answer_of(name: str) -> dict[str, Any]:
    return json.loads(json.dumps(as_dict(estimate(example(name)))))


def problems(answer: Mapping[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in ANSWER.iter_errors(answer)]


@pytest.mark.parametrize("name", examples())
def test_the_answer_of_an_example_is_as_its_schema_says(name: str) -> None:
    answer = answer_of(name)
    assert problems(answer) == []
    assert answer["format"] == FORMAT
    assert SCENARIO.is_valid(answer["scenario"])


def test_the_answers_of_random_patients_are_as_their_schema_says() -> None:
    checked = 0
    with few_draws():
        for seed in range(24):
            r = Random(seed)
            entries = random_entries(r)
            try:
                found = estimate(resolve(said({**entries, **beside(r, entries)}), TODAY))
            except KetacostError:
                continue
            assert problems(json.loads(json.dumps(as_dict(found)))) == [], f"seed {seed}"
            checked += 1
    assert checked >= 12


def test_lines_that_a_second_plan_took_are_as_their_schema_says() -> None:
    said_of = {"payer": "employer-insured", "protocol": "spravato", "second.plan": "fep-blue-standard-2026"}
    found = estimate(resolve(intake(**said_of), date(2026, 11, 27)))
    assert problems(as_dict(found)) == []
    lines = claims_as_dict(found.shown.claims)
    assert list(LINES.iter_errors(json.loads(json.dumps(lines)))) == []
    assert any("second_pays" in line for line in lines["lines"])


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        (("likely",), 7788.0),
        (("likely",), "7,788.00"),
        (("lines", 0, "date"), "12/15/2026"),
        (("lines", 0, "outcome"), "maybe"),
        (("groups", 0, "chance", "exact"), 0.5),
        (("citations", 0, "source"), "a page"),
        (("something",), "else"),
    ],
)
def test_another_answer_is_refused(path: tuple[str | int, ...], entry: object) -> None:
    changed: Any = copy.deepcopy(answer_of("readme-patient"))
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = entry
    assert problems(changed) != []


def test_an_entry_that_is_left_out_is_missed() -> None:
    answer = answer_of("readme-patient")
    for name in answer:
        assert problems({key: value for key, value in answer.items() if key != name}) != [], name


def test_the_columns_of_a_line_stand_in_the_order_of_the_schema() -> None:
    named = schema("lines")["$defs"]["line"]["properties"]
    assert [name for name in named if name not in ("second_pays", "help_pays", "accumulators", "steps")] == list(
        LINE_COLUMNS
    )


def test_the_page_is_up_to_date() -> None:
    assert write_json_page.PAGE.read_text("utf-8") == write_json_page.page(), "run python tools/write_json_page.py"
