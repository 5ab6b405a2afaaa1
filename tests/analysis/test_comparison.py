"""Options side by side: the rows are what the estimate says, in the order that is stated."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from random import Random
from xml.etree import ElementTree

import pytest
from random_scenarios import random_scenario
from small_scenarios import four_visits

import ketacost as kc
from ketacost.analysis.alternatives import alternatives
from ketacost.analysis.comparison import NO_PREMIUM, ORDERS, compare, compare_routes
from ketacost.core.money import about, whole_cents
from ketacost.estimate.estimate import estimate
from ketacost.estimate.resolve import resolve
from ketacost.estimate.scenario import Scenario, examples
from ketacost.model.payers import payers
from ketacost.reports.charts import chart, chart_svg
from ketacost.reports.statements import statement


def open_question() -> Scenario:
    """The four visits of $500 with 3 chances in 10 that the plan covers them: 1,200 then, else 2,000."""
    return four_visits().replace(
        coverage="denied",
        title="Not known",
        ranges={"coverage": ("denied", "infusions too")},
        odds={"coverage": (7_000, 3_000)},
    )


def test_an_option_with_two_amounts_as_likely_has_both_in_the_list() -> None:
    """Who owes a visit that Medicare Advantage denies is not known: nothing, or $255 and six times $510."""
    said: dict[str, object] = {"protocol": "iv-mood", "start": "2027-01-04", "visits.iv-mood.maintenance": 0}
    said |= {"prices.iv-mood.infusion": 510, "prices.iv-mood.evaluation": 255}
    both, alone = (
        resolve(kc.intake({**said, "payer": one}), date(2026, 11, 28)) for one in ("medicare-advantage", "self-pay")
    )
    assert compare({"Plan": both, "Alone": alone}).costs == ("Plan ($0 or $3,320)", "Alone ($3,320)")


def test_a_row_by_hand() -> None:
    """2,000 with 7 chances in 10, 1,200 with 3: on average 1,760. Of a denied course nothing comes back. Four visits in
    three weeks and one more week are 28 days, less than a month, so it is 2,000 for one month.
    """
    found = compare([open_question()], over="1,500")
    side = found["Not known"]
    assert (side.likely, side.low, side.high, side.p10, side.p90, side.expected) == (
        *(200_000, 120_000, 200_000),
        *(120_000, 200_000, 176_000),
    )
    assert side.chance_over == Fraction(7, 10)
    assert (side.plan_pays, side.owed_back) == (0, 0)
    assert (side.dearest_month, side.most_waiting) == ((date(2026, 12, 1), 200_000), (0, None))
    assert (side.chance, side.owed_if_not, side.per_month, side.treated_months) == (1, None, 200_000, 1)
    assert (side.first_day, side.last_day, side.months) == (date(2026, 12, 7), date(2026, 12, 28), 1)
    assert (side.visits, side.hours) == (4, Fraction(4 * 40, 60))
    table = statement(found)
    place = [column.name for column in table.columns].index("chance_over")
    assert table.rows[0][place] == Fraction(7, 10)
    assert table.columns[place].heading == "More than $1,500"


def test_what_is_owed_back_after_the_last_visit() -> None:
    """Covered, 800 of the 2,000 comes back, by checks that come after the last visit."""
    side = compare({"Covered": four_visits()}).options[0]
    assert (side.likely, side.plan_pays, side.owed_back) == (120_000, 80_000, 80_000)
    assert side.most_waiting is not None
    assert side.most_waiting[0] == 80_000
    assert side.months is not None
    assert side.months > 1


def test_amounts_are_never_pooled_over_visits_that_do_not_take_place() -> None:
    """VA's own clinic: yes 24 in 100, and then 16 visits at $50; otherwise the treatment stops, for little or nothing."""
    va = kc.resolve(kc.intake({"payer": "va-facility", "start": "2026-11-30"}), date(2026, 11, 27))
    side = compare({"VA": va, "Alone": kc.example("readme-patient")}, over=100)["VA"]
    assert (side.chance, side.likely, side.p10, side.p90) == (Fraction(6, 25), 80_000, 80_000, 80_000)
    assert side.chance_over == 1
    assert side.owed_if_not is not None
    assert side.owed_if_not[1] < 80_000
    assert "VA ($800 if it takes place, about 1 in 4)" in compare({"VA": va}).headline
    medicaid = kc.resolve(kc.intake({"payer": "medicaid", "start": "2026-11-30"}), date(2026, 11, 27))
    refused = compare({"Medicaid": medicaid})["Medicaid"]
    assert (refused.likely, refused.p10) == (None, None)
    assert refused.note.startswith("Medicaid almost certainly says no")


@pytest.mark.parametrize("name", examples())
def test_every_row_is_what_the_estimate_says(name: str) -> None:
    scenario = kc.example(name)
    side = compare({"it": scenario}, over=5_000).options[0]
    found = estimate(scenario)
    assert side.chance == found.chance
    if side.likely is None:
        assert found.chance < Fraction(1, 20)
        return
    assert (side.likely, side.low, side.high) == (found.likely, found.low, found.high)
    assert (side.p10, side.p90, side.expected) == (found.p10, found.p90, whole_cents(found.expected))
    assert side.chance_over == found.chance_over(500_000)
    assert (side.dearest_month, side.most_waiting) == (found.dearest_month, found.most_waiting)
    assert side.plan_pays == found.shown.totals.plan_pays
    assert side.likely == found.calendar.net
    claims = found.shown.claims
    assert (side.first_day, side.last_day) == (claims[0].line.date, claims[-1].line.date)


@pytest.mark.parametrize("seed", range(60))
def test_a_row_lies_within_its_own_range(seed: int) -> None:
    scenario = random_scenario(Random(seed)).replace(ranges={"coverage": ("denied", "infusions too", "visits only")})
    side = compare([scenario], over=1_000).options[0]
    if side.likely is None:
        assert side.note
        return
    assert side.low is not None
    assert side.high is not None
    assert side.p10 is not None
    assert side.p90 is not None
    assert side.expected is not None
    assert side.low <= min(side.likely, side.p10, side.expected)
    assert max(side.likely, side.p90, side.expected) <= side.high
    assert side.chance_over is not None
    assert 0 <= side.chance_over <= 1
    if side.high <= 100_000:
        assert side.chance_over == 0
    if side.low > 100_000:
        assert side.chance_over == 1


def test_the_order_is_the_one_given_and_is_said() -> None:
    dear, cheap = four_visits().replace(coverage="denied"), four_visits()
    given = compare({"Dear": dear, "Cheap": cheap})
    assert [side.name for side in given.options] == ["Dear", "Cheap"]
    assert repr(given) == "2 options, in the order given: Dear ($2,000); Cheap ($1,200)."
    ranked = compare({"Dear": dear, "Cheap": cheap}, order="by most likely total")
    assert [side.name for side in ranked.options] == ["Cheap", "Dear"]
    assert ranked.headline == "2 options, by most likely total: Cheap ($1,200); Dear ($2,000)."
    with pytest.raises(kc.KetacostError, match="by most likely total"):
        compare([dear], order="best first")


def test_no_option_is_called_the_best() -> None:
    for table in (statement(compare_routes(kc.example("readme-patient"))), statement(compare([four_visits()]))):
        page = (table.headline + table.table()).lower()
        assert not any(word in page for word in ("recommend", "best", "cheapest", "should"))


def test_an_option_that_is_not_open_keeps_its_reason_and_comes_last_by_total() -> None:
    side = four_visits().plan.networks["out"]
    assert not isinstance(side, str)
    gap = four_visits().replace(
        plan=four_visits().plan.replace(networks={"out": side.replace(deductible="not stated")})
    )
    found = compare({"Gap": gap, "Open": four_visits()}, over=900, order=ORDERS[1])
    assert [side.name for side in found.options] == ["Open", "Gap"]
    assert "does not state networks.out.deductible" in found["Gap"].note
    assert found.headline == "2 options, by most likely total: Open ($1,200); 1 not open."
    table = statement(found)
    assert table.rows[1][1] == "not open"
    assert table.frame["likely"].isna().tolist() == [False, True]
    assert "Not open" in chart_svg(found)
    assert "Not open" in chart(found).to_json()
    assert "None of 1 options is open" in compare({"Gap": gap}).headline
    assert ElementTree.fromstring(chart_svg(compare({"Gap": gap}))) is not None


def test_options_in_a_list_go_by_their_titles() -> None:
    ways = [four_visits().replace(title="A"), four_visits(), four_visits().replace(title="A")]
    assert [side.name for side in compare(ways).options] == ["A", "Option 2", "A (3)"]
    with pytest.raises(kc.KetacostError, match="what should be compared"):
        compare([])
    with pytest.raises(kc.KetacostError, match="over"):
        compare(ways, over="much")
    with pytest.raises(kc.KetacostError, match="option in this comparison"):
        compare(ways)["B"]


def test_another_treatment_is_marked() -> None:
    other = kc.example("spravato-in-network").replace(ranges={})
    found = compare({"IV": four_visits(), "Spravato": other})
    assert [side.same_treatment for side in found.options] == [True, False]
    assert statement(found).rows[1][0] == "Spravato (another treatment)"
    assert "cost alone does not decide" in statement(found).footnote
    assert "another treatment" in chart_svg(found)


def test_routes_are_those_of_the_alternatives_in_their_order() -> None:
    scenario = kc.example("readme-patient").replace(payer="employer-insured")
    routes, found = alternatives(scenario), compare_routes(scenario, over=8_000)
    assert [side.name for side in found.options] == [route.label for route in routes]
    assert [side.same_treatment for side in found.options] == [True, True, False, False, True]
    for route, side in zip(routes, found.options, strict=True):
        assert (side.likely, side.chance, side.per_month) == (route.likely, route.chance, route.per_month)
        assert side.owed_if_not == route.owed_if_not
    assert found.options[0].low == 628_902


def test_a_route_that_needs_a_yes_has_the_chance_of_that_yes() -> None:
    """An insured employer's plan covers infusions 2 times in 100: in network the likeliest is a no, and the whole 7,788
    is owed. Spravato stops after a no, so its amounts are those of the yes. What was used of the in-network deductible
    was not said: with all of its 750 left Spravato is 5,820, and each dollar used saves 80 cents; half is typical.
    """
    scenario = kc.example("readme-patient").replace(payer="employer-insured")
    found = compare_routes(scenario, over=8_000)
    inside, spravato = found.options[1], found.options[2]
    assert (inside.chance, inside.likely, inside.low, inside.high) == (1, 778_800, 21_655, 778_800)
    yes = Fraction(kc.data.payer("employer-insured").chances("spravato")["infusions too"].central, 10_000)
    assert (spravato.chance, spravato.chance_over) == (yes, 0)
    assert (spravato.likely, spravato.high) == (582_000 - 30_000, 582_000)
    assert "$5,520, $450 a month of treatment if it takes place, about 8 in 10" in found.headline


def test_without_a_payer_the_kind_of_the_plan_names_one() -> None:
    scenario = kc.example("readme-patient")
    usual = compare_routes(scenario).options[1]
    assert (usual.likely, usual.low) == (778_800, 21_655)
    other = compare_routes(scenario.replace(plan=scenario.plan.replace(kind="TRICARE"), published_plan="")).options[1]
    assert other.chance == Fraction(1, 200)
    assert "TRICARE almost certainly says no" in other.note


@pytest.mark.parametrize("name", sorted(payers()))
def test_every_payer_has_its_routes(name: str) -> None:
    found = compare_routes(kc.example("readme-patient").replace(payer=name, ranges={}), over=8_000)
    assert len(found.open) >= 2
    for side in found.options:
        assert side.likely is not None or side.note
    assert statement(found).headline == found.headline


def test_the_pictures_hold_the_rows() -> None:
    found = compare({"Not known": open_question(), "Covered": four_visits()}, over=1_500)
    drawn = ElementTree.fromstring(chart_svg(found))
    assert drawn.get("role") == "img"
    assert "Not known: $2,000 ($1,200 to $2,000)" in drawn.get("aria-label", "")
    words = " ".join("".join(text.itertext()) for text in drawn.iter("{http://www.w3.org/2000/svg}text"))
    assert "$2,000 ($1,200 to $2,000)" in words
    assert "compared with $1,500" in words
    figure = chart(found)
    marks = [trace for trace in figure.data if trace.mode == "markers"]
    assert [tuple(trace.x) for trace in marks] == [(1_200, 2_000), (2_000,), (1_200, 1_200), (1_200,)]
    assert "in the order given" in figure.layout.title.text.replace("<br>", " ")


def test_premiums_stand_beside_the_cost_and_decide_the_order_where_all_are_known() -> None:
    """$250 a month is $3,000 a year: the plan with the lower premium costs more to use, and less in all."""

    def under(id: str, premium: int | None) -> Scenario:
        entries: dict[str, object] = {"payer": "employer-insured", "protocol": "spravato", "start": "2027-01-11"}
        entries |= {"plan": id, "network": "in"} | ({} if premium is None else {"premium": premium})
        return resolve(kc.intake(entries), date(2026, 11, 27))

    rich, lean = "nextgen-2026-750", "nextgen-2026-3000"
    alone = compare({rich: under(rich, None), lean: under(lean, None)}, order="by most likely total")
    assert [option.name for option in alone.options] == [rich, lean]
    assert {option.premiums for option in alone.options} == {None}
    cheap, dear = (option.likely or 0 for option in alone.options)
    more = (dear - cheap) // 1_200 + 1  # dollars a month that make up for the difference
    both = compare({rich: under(rich, 100 + more), lean: under(lean, 100)}, order="by most likely total")
    assert [option.name for option in both.options] == [lean, rich]
    assert [option.likely for option in both.options] == [dear, cheap]
    assert both[lean].premiums == 12 * 10_000
    assert both[lean].with_premiums == dear + 12 * 10_000
    assert f"{about(dear + 120_000)} with a year's premiums" in both.headline
    assert {"premiums", "with_premiums"} <= {column.name for column in kc.statement(both).columns}
    assert not {"premiums", "with_premiums"} & {column.name for column in kc.statement(alone).columns}
    missing = compare({rich: under(rich, 100 + more), lean: under(lean, None)}, order="by most likely total")
    assert [option.name for option in missing.options] == [rich, lean]
    assert NO_PREMIUM in missing.notes
    assert not {NO_PREMIUM} & {*alone.notes, *both.notes}
