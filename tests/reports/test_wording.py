"""The words of the panel: a treatment's own, none of a plan where there is none, and no odds where the answer is said."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from tabs import every_tab

import ketacost as kc
from ketacost.analysis.questions import question_for, questions_for_plan
from ketacost.estimate.estimate import Estimate
from ketacost.estimate.resolve import resolve
from ketacost.estimate.scenario import example
from ketacost.reports.handout import handout
from ketacost.reports.reasons import reason
from ketacost.reports.sections import LONGER, detail, head, static
from ketacost.reports.text import answer_text
from ketacost.workbench.form import form

TODAY = date(2026, 11, 27)
OF_A_PLAN = re.compile(
    r"\b((?:the|a|my|your) plan|insurer|claim|deductible|denied|covers|covered|allowed amount)\b", re.IGNORECASE
)


def found(**entries: Any) -> Estimate:
    return kc.estimate(resolve(kc.intake(entries), TODAY))


def words(html: str) -> str:
    """The words of a page, a cell or a paragraph a line; of pictures the accessible names and the texts."""
    html = re.sub(r'aria-label="([^"]*)"[^>]*>', r">\n\1\n", html)
    return unescape(re.sub(r"\n+", "\n", re.sub(r"<[^>]+>", "\n", html)))


def spanish(estimate: Estimate) -> str:
    return " ".join(words(handout(estimate, "es")).split())


def panel(estimate: Estimate) -> str:
    sources = re.compile(r'<details data-keep="Sources">.*?</details>', re.DOTALL)
    return words(head(estimate) + sources.sub("", every_tab(estimate, frozenset(LONGER))))


@pytest.mark.parametrize(
    ("protocol", "own"), [("spravato", "doses"), ("home-oral", "doses"), ("im-mood", "injections")]
)
def test_a_treatment_is_called_by_its_own_name(protocol: str, own: str) -> None:
    told = panel(found(payer="employer-insured", protocol=protocol, plan="nextgen-2026-750"))
    tree = told.partition("What may happen")[2].partition("Deadlines")[0]
    assert f"{own} too" in tree
    assert "nfusions" not in told.partition("Compare with other options")[0]
    assert "nfusions" not in words(static(found(payer="employer-insured", protocol=protocol)))


@pytest.mark.parametrize(
    ("protocol", "ours", "theirs"),
    [
        ("kap", ("talk visits", "visitas de terapia"), "irst visit"),
        ("iv-mood", ("first visit", "primera visita"), "talk"),
    ],
)
def test_what_a_plan_covers_beside_the_doses_is_called_by_its_name(
    protocol: str, ours: tuple[str, str], theirs: str
) -> None:
    """A plan that covers visits alone covers every talk of ketamine-assisted psychotherapy, not its first visit only."""
    for answer in ({}, {"coverage": "visits only"}):
        estimate = found(payer="employer-ketamine-benefit", protocol=protocol, network="in", **answer)
        page, other = words(handout(estimate)), words(handout(estimate, "es"))
        assert f"only the {ours[0]}" in f"{estimate.sentence} {estimate.rest}"
        assert f"only the {ours[0]}" in page
        assert ours[1] in other
        told = words(head(estimate)).partition("Ask")[0]
        assert not re.search(rf"(covers|pays for|only).{{0,9}}{theirs}", f"{told} {page}")
        cards = [one for step in form(estimate.scenario) for one in step["controls"] if one["kind"] == "cards"]
        assert f"{ours[0].capitalize()} only" in str(cards)


def test_who_pays_alone_reads_nothing_of_a_plans_answer() -> None:
    borrowed = {"payer": "self-pay", "paying.loan.amount": 5_000}
    ours = kc.estimate(example("payer-self-pay"))  # a plan stands in it, and is not asked
    for alone in (
        ours,
        *(
            found(**entries)
            for entries in (borrowed, {"payer": "self-pay"}, {"payer": "self-pay", "protocol": "spravato"}, {})
        ),
    ):
        told = panel(alone).partition("Other routes, side by side")[0]
        told += words(detail(alone, "lines"))
        told += words(static(alone)) + answer_text(alone)
        for figure in ("charge", "net", "line:0"):
            told += "\n".join(reason(alone, figure).sentences)
        lines = [line for line in told.splitlines() if OF_A_PLAN.search(line)]
        assert [line for line in lines if "Who pays for your care" not in line] == []


def test_a_plans_answer_that_is_said_has_no_odds_beside_it() -> None:
    """They stand in a fold that says that they are those without the answer."""
    for coverage, covers in (("denied", "nothing"), ("infusions too", "the doses too")):
        html = every_tab(found(payer="employer-insured", protocol="spravato", coverage=coverage))
        section = re.search(r"<h3>What may happen.*?</section>", html, re.DOTALL)
        assert section
        shown, fold, folded = section[0].partition("<details")
        assert f"This answer counts as certain: the plan covers {covers}." in shown
        assert "<svg" not in shown
        assert " in 10" not in shown
        assert "Without that answer: the odds" in fold + folded
    open_answer = words(every_tab(found(payer="employer-insured", protocol="spravato")))
    assert "counts as certain" not in open_answer


def test_what_a_step_saves_on_average_says_what_it_holds() -> None:
    """One in 50 claims is paid ($270 each), yet the claim saves $101: an appeal and a review may follow."""
    table = kc.statement(kc.worth(example("payer-employer-insured")))
    heading = next(column.heading for column in table.columns if column.name == "expects")
    assert heading == "Saves on average, with the steps after it"


def test_a_plan_without_a_benefit_here_is_not_said_to_pay() -> None:
    """Marketplace plans of the example pay nothing out of network, whatever they answer."""
    for coverage in ("visits only", "infusions too"):
        told = found(payer="marketplace", protocol="iv-mood", network="out", coverage=coverage).sentence
        assert told.startswith("The plan pays nothing at this clinic, so you will likely pay about $7,790;")
    asked = found(payer="marketplace", protocol="spravato", network="out").sentence
    assert asked.startswith(
        "If the plan approves it (about 8 in 10), it still pays nothing at this clinic: you pay about"
    )


def test_an_assumed_rate_of_a_loan_is_said_beside_its_interest() -> None:
    """Between 0 and 32.99%, the middle is 16.5%; a rate that was said is no assumption."""
    for said, label in (({}, " (at an assumed 16.5% a year)"), ({"paying.loan.apr": "9%"}, "")):
        steps = found(payer="self-pay", **{"paying.loan.amount": 5_000}, **said).steps_to_net
        assert [step.label for step in steps if step.id == "interest"] == [f"Interest and loan fees{label}"]


def test_visits_after_an_approval_are_told() -> None:
    """Spravato from December 7 is 35 visits to November 29; until March 1 there are 15."""
    more = {"approval.spravato.until": "2027-03-01", "if_denied": "go on"}
    told = found(payer="employer-insured", protocol="spravato", **more).rest
    assert told.startswith("The approval ends on March 1, 2027; the 20 visits after that day are not covered.")
    whole = found(payer="employer-insured", protocol="spravato", **{**more, "approval.spravato.until": "2027-12-31"})
    assert "approval ends" not in whole.rest


def test_a_course_that_has_begun_says_what_is_past_and_offers_no_start_in_the_past() -> None:
    """Visits from Oct 13 to Nov 6 are past on Nov 27: 288 + 6 x 550 = 3,588; after them come 9 x 550 = 4,950."""
    entries = {"payer": "self-pay", "start": "2026-10-13", "prices.iv-mood.infusion": 550, "most_a_month": 300}
    begun = found(**entries, **{"prices.iv-mood.evaluation": 288})
    told = panel(begun)
    assert begun.rest == "$3,590 was due before today, Nov 27, 2026, and $4,950 is still to come."
    assert begun.rest in told
    assert "De ese total, había que pagar $3,590 antes de hoy, 27 de noviembre de 2026, y faltan $4,950." in spanish(
        begun
    )
    assert "December 2026 is your costliest month still to come: $550 out of your own pocket" in told
    assert "9 months cost more than $300" in told
    assert "A payment plan for all $4,950" in told
    assert "The first visit is past, so there is no start to choose." in told
    assert "if you start on" not in told
    later = panel(found(**entries | {"start": "2026-12-07"}))
    assert "before today" not in later
    assert "if you start on" in later


def test_a_course_that_is_over_says_what_is_still_to_come_back() -> None:
    """Seven lines of $500, at $400 allowed, half of it paid: $3,500 is past, and 7 x $200 comes in December."""
    said = {"terms.out.deductible": 0, "terms.out.coinsurance": "50%", "coverage": "everything", "payer": "individual"}
    sizes = {"visits.iv-mood.induction": 6, "visits.iv-mood.maintenance": 0, "start": "2026-10-26"}
    cents = {f"{what}.{service}": dollars for service in ("infusion", "evaluation") for what, dollars in PRICED.items()}
    over = found(**said, **sizes, **cents, **{"terms.out.out_of_pocket_limit": 9_000})
    assert over.likely == 210_000
    assert over.rest.startswith("$3,500 was due before today, Nov 27, 2026, and $1,400 is still to come back.")
    assert "Antes de hoy, 27 de noviembre de 2026, había que pagar $3,500, y todavía recibirá $1,400." in spanish(over)
    assert over.dearest_month == (date(2026, 11, 1), 300_000)  # six of the seven


PRICED = {"prices.iv-mood": 500, "allowed.out.iv-mood": 400}


def test_an_account_keeps_the_capitals_of_its_name_in_a_sentence() -> None:
    told = panel(found(**{"payer": "employer-insured", "paying.hra": 500}))
    assert "Counting your employer's account (HRA), you pay" in told
    assert "(hra)" not in told


def test_fsa_money_that_is_lost_is_told_in_the_headline() -> None:
    """$3,000 elected from January, six home sessions at $190 in 2026 and 2027: of 2027's election $760 is used."""
    accounts = {"household.state": "CA", "household.wages": 60_000, "contribution.health_fsa": 3_000}
    home = found(payer="self-pay", protocol="home-oral", **accounts)
    assert home.main.bottom.lost == 224_000
    assert "This counts $2,240 of FSA money that you would lose." in home.sentence
    infusions = found(payer="self-pay", protocol="iv-mood", **accounts)
    assert infusions.main.bottom.lost == 0
    assert "lose" not in infusions.sentence


@pytest.mark.parametrize(
    ("payer", "asks"),
    [
        ("medicare-part-b", "Do you take Medicare?"),
        ("medicaid", "Are you enrolled in Medicaid"),
        ("va-community-care", "in VA's community care network?"),
        ("employer-insured", "Is this clinic in my plan's network?"),
    ],
)
def test_a_program_is_not_asked_for_its_members_network(payer: str, asks: str) -> None:
    scenario = found(payer=payer, protocol="spravato").scenario
    assert asks in question_for(scenario, "network").ask
    told = [
        question_for(scenario, path).ask for path in ("coverage", "plan.networks.in.deductible", "plan.networks.out")
    ]
    told += [asked.ask for asked in questions_for_plan(scenario)]
    of_a_plan = [ask for ask in told if "your network" in ask or "its network" in ask]
    assert bool(of_a_plan) == (payer == "employer-insured")


def test_a_reading_is_dropped_once_its_value_is_said() -> None:
    january = "Our reading: We assume that the plan year starts in January."
    plan = {"payer": "employer-insured", "plan": "nextgen-2026-750"}
    assert january in found(**plan).notes
    assert january not in found(**plan, plan_year_starts=7).notes
    typed = {"terms.in.deductible": 3_800, "terms.in.coinsurance": "30%", "terms.in.out_of_pocket_limit": 9_800}
    stranger = {"payer": "employer-insured", "protocol": "spravato", "network": "in"}
    assert any("No plan was chosen" in note and "use the terms of" in note for note in found(**stranger).notes)
    notes = found(**stranger, **typed).notes
    assert not any("use the terms of" in note or note.startswith("Our reading") for note in notes)
    assert "No plan was chosen: where you entered nothing, we counted the terms of 5 published plans." in notes


def test_the_spanish_page_tells_what_the_headline_counts_too() -> None:
    accounts = {"household.state": "CA", "household.wages": 60_000, "contribution.health_fsa": 3_000}
    lost = words(handout(found(payer="self-pay", protocol="home-oral", **accounts), "es"))
    assert "Esto incluye $2,240 de una cuenta FSA que usted perdería." in lost
    ends = {"approval.spravato.until": "2027-03-01", "if_denied": "go on"}
    told = words(handout(found(payer="employer-insured", protocol="spravato", **ends), "es"))
    assert "La aprobación termina el 1 de marzo de 2027; las 20 visitas después de ese día no están cubiertas." in told
    here = words(handout(found(payer="marketplace", network="out", coverage="infusions too"), "es"))
    assert "El plan no paga nada en esta clínica, así que" in here
