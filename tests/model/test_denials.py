"""What follows a denial: every payer and treatment has its defaults, and each named rule gives what its law says."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ketacost.core.fields import UnknownName
from ketacost.core.references import GRADES, read_toml, sources
from ketacost.model.denials import (
    NETWORKS,
    NOTICES,
    STANDINGS,
    TREATMENTS,
    asked_first,
    denied_line,
    if_denied,
    network_of_standing,
    standings_of,
)
from ketacost.model.payers import PAYERS, payer, payers, register_payer, treatment_of
from ketacost.model.protocols import protocols

DENIALS = read_toml("denials.toml")
SHIPPED = sorted(read_toml("payers.toml"))
TABLES = ("if_denied", "asked_first", "denied_line")
VALUES = {
    "if_denied": {"go on", "stop"},
    "asked_first": {True, False},
    "denied_line": {"patient", "provider", "not known"},
}
CONDITIONS: dict[str, set[Any]] = {
    "payer": set(SHIPPED),
    "treatment": set(TREATMENTS),
    "standing": set(STANDINGS),
    "notice": set(NOTICES),
    "denied_before": {True, False},
    "excluded": {True, False},
}
COMMERCIAL = ["individual", "marketplace", "employer-insured", "employer-self-funded", "hmo-epo"]
OWN_PAY_TREATMENTS = ["iv-mood", "iv-pain", "home"]


@pytest.fixture
def county_plan() -> Iterator[str]:
    """A payer that a user registered, taken out again at the end."""
    register_payer(replace(payer("medicaid"), id="our-county-plan", network="out"))
    yield "our-county-plan"
    PAYERS.remove("our-county-plan")


# The file


def rules() -> list[tuple[str, dict[str, Any]]]:
    return [(table, rule) for table in TABLES for rule in DENIALS[table]]


def wrong_rule(table: str, rule: dict[str, Any]) -> Iterator[str]:
    """What is wrong with one rule: a value, a condition, a grade or a source that is not there, or no sentence."""
    conditions = set(rule) - {"value", "why", "grade", "citations"}
    yield from (f"{name} is not a condition" for name in conditions - set(CONDITIONS))
    yield from (
        f"{name} holds never" for name in conditions & set(CONDITIONS) if not set(rule[name]) <= CONDITIONS[name]
    )
    yield from () if rule["value"] in VALUES[table] else (f"{rule['value']} is not a value",)
    yield from () if rule["why"].endswith(".") and ". " not in rule["why"] else ("the reason is not one sentence",)
    yield from () if rule["grade"] in GRADES else (f"{rule['grade']} is not a grade",)
    yield from () if rule["citations"] or rule["grade"] == "assumption" else ("no sources and no assumption",)


@pytest.mark.parametrize(("table", "rule"), rules())
def test_a_rule_is_whole(table: str, rule: dict[str, Any]) -> None:
    assert list(wrong_rule(table, rule)) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"value": "perhaps"}, "perhaps is not a value"),
        ({"payers": ["medicaid"]}, "payers is not a condition"),
        ({"payer": ["medicade"]}, "payer holds never"),
        ({"why": "Because"}, "the reason is not one sentence"),
        ({"grade": "primary", "citations": []}, "no sources and no assumption"),
    ],
)
def test_a_wrong_rule_is_seen(changes: dict[str, Any], told: str) -> None:
    assert list(wrong_rule("if_denied", DENIALS["if_denied"][-1] | changes)) == [told]


@pytest.mark.parametrize("table", TABLES)
def test_the_last_rule_of_a_table_always_holds_and_no_other_does(table: str) -> None:
    free = [not set(rule) & set(CONDITIONS) for rule in DENIALS[table]]
    assert free == [False] * (len(free) - 1) + [True]


def test_every_text_is_cited_and_its_source_is_known() -> None:
    used = {ref for rule in (*(rule for _, rule in rules()), *DENIALS["pays_first"]) for ref in rule["citations"]}
    assert set(DENIALS["texts"]) <= used
    assert {text["source"] for text in DENIALS["texts"].values()} <= set(sources())


@pytest.mark.parametrize("name", SHIPPED)
def test_no_default_is_graded_better_than_its_best_source(name: str) -> None:
    found = [rule(name, treatment) for treatment in TREATMENTS for rule in (if_denied, asked_first)]
    found += [denied_line(name, standing, notice=notice) for standing in standings_of(name) for notice in NOTICES]
    for default in found:
        best = min((GRADES.index(citation.grade) for citation in default.citations), default=3)
        assert GRADES.index(default.grade) >= best, default


# Every payer and treatment


def test_the_treatments_are_those_that_the_protocols_go_by() -> None:
    assert {treatment_of(name) for name in protocols()} == set(TREATMENTS)


@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize("name", ["", *SHIPPED])
def test_every_payer_and_treatment_has_both(name: str, treatment: str) -> None:
    assert if_denied(name, treatment).value in ("go on", "stop")
    assert asked_first(name, treatment).value in (True, False)
    assert if_denied(name, treatment).why
    assert asked_first(name, treatment).why


@pytest.mark.parametrize("name", ["", *SHIPPED])
def test_every_payer_and_standing_has_somebody_who_owes(name: str) -> None:
    for standing in STANDINGS:
        assert denied_line(name, standing).value in ("patient", "provider", "not known")


# Go on or stop


@pytest.mark.parametrize("treatment", OWN_PAY_TREATMENTS)
@pytest.mark.parametrize(
    "name", [*COMMERCIAL, "medicare-part-b", "medicare-advantage", "employer-ketamine-benefit", "self-pay", ""]
)
def test_what_people_pay_for_themselves_goes_on(name: str, treatment: str) -> None:
    assert if_denied(name, treatment).value == "go on"


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "self-pay"])
def test_spravato_stops_unless_nobody_was_asked(name: str) -> None:
    assert if_denied(name, "spravato").value == "stop"
    assert if_denied("", "spravato").value == "go on"


@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize("name", ["va-facility", "va-community-care", "medicaid", "tricare"])
def test_va_medicaid_and_tricare_stop(name: str, treatment: str) -> None:
    assert if_denied(name, treatment).value == "stop"


@pytest.mark.parametrize("name", SHIPPED)
def test_whether_a_course_goes_on_is_always_an_assumption(name: str) -> None:
    assert {if_denied(name, treatment).grade for treatment in TREATMENTS} == {"assumption"}


# Asked first


@pytest.mark.parametrize(
    "name", [*COMMERCIAL, "employer-ketamine-benefit", "medicare-advantage", "medicaid", "tricare"]
)
def test_the_plan_is_asked_first_for_spravato_alone(name: str) -> None:
    assert [asked_first(name, treatment).value for treatment in TREATMENTS] == [False, False, True, False]
    assert asked_first(name, "spravato").grade in ("primary", "secondary")


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_va_always_decides_first_and_original_medicare_never(treatment: str) -> None:
    assert asked_first("va-facility", treatment).value
    assert asked_first("va-community-care", treatment).value
    assert not asked_first("medicare-part-b", treatment).value
    assert not asked_first("", treatment).value


def test_va_community_care_rests_on_the_statute() -> None:
    read = [citation.source.id for citation in asked_first("va-community-care", "iv-mood").citations]
    assert read == ["us-code-38-1703", "38-cfr-17-4020"]


# Who owes a denied visit


@pytest.mark.parametrize(
    ("facts", "owes"),
    [
        ({}, "not known"),
        ({"notice": "yes"}, "patient"),
        ({"notice": "no"}, "provider"),
        ({"notice": "no", "denied_before": True}, "patient"),
        ({"denied_before": True}, "patient"),
        ({"notice": "no", "excluded": True}, "patient"),
        ({"excluded": True}, "patient"),
    ],
)
def test_original_medicare_goes_by_the_notice_until_a_first_denial(facts: dict[str, Any], owes: str) -> None:
    assert denied_line("medicare-part-b", "takes Medicare", **facts).value == owes


def test_the_clinic_bears_a_visit_without_a_notice_by_the_statute() -> None:
    default = denied_line("medicare-part-b", "takes Medicare", notice="no")
    assert default.grade == "primary"
    assert ("us-code-42-1395pp", "(b)") in [(citation.source.id, citation.where) for citation in default.citations]


@pytest.mark.parametrize("name", ["medicare-part-b", "medicare-advantage"])
@pytest.mark.parametrize("notice", NOTICES)
def test_a_clinic_that_opted_out_is_owed_by_the_patient(name: str, notice: str) -> None:
    assert denied_line(name, "opted out", notice=notice).value == "patient"


@pytest.mark.parametrize("standing", ["in network", "out of network"])
@pytest.mark.parametrize("notice", NOTICES)
def test_medicare_advantage_has_no_notice_so_it_is_not_known(standing: str, notice: str) -> None:
    assert denied_line("medicare-advantage", standing, notice=notice).value == "not known"


@pytest.mark.parametrize(
    ("standing", "notice", "owes"),
    [
        ("enrolled", "no", "provider"),
        ("enrolled", "yes", "not known"),
        ("enrolled", "", "not known"),
        ("not enrolled", "no", "not known"),
        ("not enrolled", "", "not known"),
    ],
)
def test_an_enrolled_medicaid_clinic_bears_it_without_an_agreement(standing: str, notice: str, owes: str) -> None:
    assert denied_line("medicaid", standing, notice=notice).value == owes


def test_va_bills_nothing_for_care_it_does_not_give_and_outside_it_is_not_known() -> None:
    assert denied_line("va-facility", "VA facility").value == "provider"
    for standing in standings_of("va-community-care"):
        assert denied_line("va-community-care", standing).value == "not known"


@pytest.mark.parametrize(
    ("standing", "notice", "owes"),
    [
        ("in network", "no", "provider"),
        ("in network", "yes", "patient"),
        ("in network", "", "not known"),
        ("out of network", "yes", "patient"),
        ("out of network", "no", "not known"),
        ("out of network", "", "not known"),
    ],
)
def test_tricare_goes_by_what_was_signed(standing: str, notice: str, owes: str) -> None:
    assert denied_line("tricare", standing, notice=notice).value == owes


@pytest.mark.parametrize("name", [*COMMERCIAL, "employer-ketamine-benefit"])
def test_a_commercial_plan_has_no_rule_that_puts_the_visit_on_the_clinic(name: str) -> None:
    assert denied_line(name, "in network").value == "patient"
    assert denied_line(name, "in network").grade == "assumption"
    assert denied_line(name, "in network", notice="no").value == "patient"
    assert denied_line(name, "in network", notice="yes").value == "patient"
    assert denied_line(name, "out of network").value == "patient"


@pytest.mark.parametrize("name", ["", "self-pay"])
@pytest.mark.parametrize("standing", STANDINGS)
def test_who_pays_alone_owes_every_visit(name: str, standing: str) -> None:
    assert denied_line(name, standing).value == "patient"


# Standings


@pytest.mark.parametrize("name", SHIPPED)
def test_the_usual_standing_is_in_the_network_where_the_clinic_usually_is(name: str) -> None:
    assert network_of_standing(standings_of(name)[0]) == payer(name).network
    assert set(standings_of(name)) <= set(STANDINGS)


def test_the_standings_of_some_payers() -> None:
    assert standings_of("marketplace") == ("out of network", "in network")
    assert standings_of("employer-ketamine-benefit") == ("in network", "out of network")
    assert standings_of("medicare-part-b") == ("takes Medicare", "opted out", "not enrolled")
    assert standings_of("va-facility") == ("VA facility",)
    assert standings_of("") == ("out of network",)


def test_every_standing_counts_as_in_or_out() -> None:
    assert {network_of_standing(standing) for standing in STANDINGS} == {"in", "out"}
    assert [standing for standing in STANDINGS if NETWORKS[standing] == "out"] == [
        "out of network",
        "opted out",
        "not enrolled",
    ]


# Other payers


def test_a_registered_payer_is_taken_as_an_employer_plan_and_says_so(county_plan: str) -> None:
    assert county_plan in payers()
    for treatment in TREATMENTS:
        for rule in (if_denied, asked_first):
            assert rule(county_plan, treatment).value == rule("employer-insured", treatment).value
            assert rule(county_plan, treatment).grade == "assumption"
            assert rule(county_plan, treatment).why.startswith("Taken as an employer plan.")
    assert denied_line(county_plan, "out of network").value == "patient"
    assert standings_of(county_plan) == ("out of network", "in network")


def test_names_that_are_not_there_are_refused() -> None:
    for wrong in (
        lambda: if_denied("medicade", "iv-mood"),
        lambda: asked_first("medicaid", "iv-moo"),
        lambda: denied_line("medicaid", "enroled"),
        lambda: denied_line("medicaid", "enrolled", notice="maybe"),
        lambda: standings_of("medicade"),
        lambda: network_of_standing("enroled"),
    ):
        with pytest.raises(UnknownName):
            wrong()
