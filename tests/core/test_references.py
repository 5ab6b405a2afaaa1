"""Numbers with sources: a value on a day, its citation, and what is said where nothing is known."""

from __future__ import annotations

from datetime import date

import pytest

import ketacost as kc
from ketacost.core.fields import UnknownName
from ketacost.core.references import GRADES, NotKnownOn, parameters, rows, sources


def test_a_value_holds_from_its_first_to_its_last_day() -> None:
    limit = kc.data.parameter("hsa.contribution_limit.self_only")
    assert limit.on(date(2025, 12, 31)) == 430_000
    assert limit.on(date(2026, 1, 1)) == 440_000
    assert limit.on(date(2027, 12, 31)) == 450_000


@pytest.mark.parametrize("day", [date(2023, 12, 31), date(2028, 1, 1)])
def test_a_day_outside_the_known_years_is_told_never_extrapolated(day: date) -> None:
    with pytest.raises(NotKnownOn, match=r"not known on .* Known: 4150\.00 from 2024-01-01 .*Rev\. Proc\."):
        kc.data.parameter("hsa.contribution_limit.self_only").on(day)


def test_a_citation_names_the_source_of_the_year_asked_for() -> None:
    citation = kc.data.parameter("hsa.contribution_limit.family").citation(date(2025, 6, 1))
    assert (citation.value, citation.source.id, citation.where) == ("8550.00", "rev-proc-2024-25", "IRC 223(b)(2)")


def test_an_unknown_name_is_answered_with_its_near_matches() -> None:
    with pytest.raises(UnknownName, match=r"did you mean hsa\.contribution_limit\.self_only"):
        kc.data.parameter("hsa.contribution_limit.selfonly")
    with pytest.raises(UnknownName, match="no source called"):
        kc.data.source("rev-proc-1999-1")
    with pytest.raises(UnknownName, match="no table called 'price'"):
        rows("price")


def test_every_parameter_has_unit_source_place_and_grade() -> None:
    assert len(parameters()) >= 7
    for parameter in parameters().values():
        assert parameter.unit
        assert parameter.label
        assert parameter.grade in GRADES
        for known in parameter.values:
            assert known.source in sources()
            assert known.where
            assert known.first <= known.last


def test_a_plan_past_the_federal_bounds_is_told() -> None:
    scenario = kc.example("readme-patient").replace(ranges={})
    inside = scenario.plan.networks["in"].replace(out_of_pocket_limit=1_060_100)
    answer = kc.run(scenario.replace(plan=scenario.plan.replace(networks={**scenario.plan.networks, "in": inside})))
    assert any("above the federal ceiling of $10,600.00 for plan years from 2026" in note for note in answer.notes)
    assert not any("federal ceiling" in note for note in kc.run(scenario).notes)
