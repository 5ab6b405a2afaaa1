"""What is not known, to read: the spread and its ten dots, what to ask next, and the list of questions for the plan."""

from __future__ import annotations

from fractions import Fraction
from html import escape

from ketacost.analysis.questions import questions_for_plan, right
from ketacost.analysis.value_of_information import COMPARED, ask_next
from ketacost.core.convert import get
from ketacost.core.money import about, whole_cents
from ketacost.estimate.estimate import Spread, how_often, spread
from ketacost.estimate.scenario import AS_IT_IS, Scenario
from ketacost.reports.charts import GRID, INK, MUTED
from ketacost.reports.statement import Column, Statement

WIDTH, TALL, EDGE, DOT = 640, 150, 40, 11
NEAR = 2 * DOT + 2


def spread_statement(scenario: Scenario) -> Statement:
    """Every case of what is not known, in one table: how low, how high, 8 of 10 cases, and what each unknown may be."""
    found = spread(scenario)
    columns = (
        Column("what", "What is not known"),
        Column("value", "Could be"),
        Column("odds", "How often"),
        Column("mean", "You pay then, on average", True),
        Column("why", "Where the odds come from"),
    )
    rows = []
    for place, one in enumerate(found.unknowns):
        for number, (value, odds) in enumerate(zip(one.values, one.odds, strict=True)):
            some = [case for case in found.cases if case.choice[place] == number]
            whole = sum((case.chance for case in some), Fraction(0))
            mean = (
                whole_cents(sum((case.chance * case.net for case in some), Fraction(0)) / whole)
                if whole
                else "only for the ends"
            )
            told = f"{_shown_now(scenario, one.path)} (as it stands)" if value == AS_IT_IS else value
            rows.append((one.label if not number else "", told, how_often(odds), mean, one.why if not number else ""))
    headline = f"{found.sentence} On average it is {about(found.expected_cents)}."
    ends = f"At the lowest it is {about(found.low)}, at the highest {about(found.high)}."
    return Statement(headline, "What is not known", columns, tuple(rows), footnote=" ".join((ends, *found.notes)))


def _shown_now(scenario: Scenario, path: str) -> str:
    """An entry as it stands, as people write it; a whole side of a plan as "yes"."""
    now = get(scenario, path)
    return "yes" if isinstance(now, dict) else str(now)


def ask_next_statement(scenario: Scenario, routes: tuple[str, ...] = COMPARED) -> Statement:
    """What to ask next, first what is worth most, with the words to read aloud and what the answer would change."""
    asked = ask_next(scenario, routes)
    columns = (
        Column("sentence", "Ask"),
        Column("who", "Whom"),
        Column("why", "Why"),
        Column("swing", "Moves the average by up to", True),
        Column("width_now", "8 of 10 cases: width now", True),
        Column("width_known", "Width once known", True),
        Column("route_changes", "Another way would cost least"),
        Column("sentence_es", "In Spanish"),
    )
    rows = tuple(
        (
            one.sentence,
            f"the {one.who}",
            one.why,
            one.swing,
            one.width_now,
            one.width_known,
            how_often(one.route_changes),
            one.sentence_es,
        )
        for one in asked
    )
    headline = f"Ask the {asked[0].who} next: {asked[0].sentence}" if asked else "Nothing is marked as not known."
    footnote = (
        "In this order: what could change which way costs least, then what narrows the range, then what moves the average. "
        "Ways to treatment differ in more than cost; cost alone does not decide."
    )
    return Statement(headline, "What to ask next", columns, rows, footnote=footnote if asked else "")


def questions_statement(scenario: Scenario) -> Statement:
    """The questions for the plan's own estimate, in the order to ask them, with the rule that gives the right to it."""
    found = questions_for_plan(scenario)
    says, _, rests_on, citations = right()
    columns = (
        Column("who", "Whom"),
        Column("ask", "Ask"),
        Column("why", "Why"),
        Column("answer", "Answer"),
        Column("ask_es", "In Spanish"),
    )
    rows = tuple((f"the {one.who}", one.ask, one.why, "", one.ask_es) for one in found)
    told = f"{says} {rests_on} Sources: {'; '.join(map(str, citations))}."
    number = sum(one.who == "insurer" for one in found)
    headline = f"{number} questions for the plan, {len(found) - number} for the clinic: ask before the first visit."
    return Statement(headline, "Questions for the plan's estimate", columns, rows, footnote=told)


def dots_svg(found: Spread) -> str:
    """Ten equally likely nets as ten dots on an axis of dollars that starts at zero, with the sentence: 8 of 10 are filled.

    The two outer dots are rings, so that the picture reads without colour.
    """
    top = max(found.high, *found.dots, 1)
    scale = (WIDTH - 2 * EDGE) / top
    base, stacked, drawn = TALL - 46, list[float](), []
    for number, net in enumerate(found.dots):
        x = EDGE + net * scale
        level = sum(abs(x - other) < NEAR for other in stacked)
        stacked.append(x)
        inside = 0 < number < 9
        fill = INK if inside else "none"
        drawn.append(
            f'<circle cx="{x:.1f}" cy="{base - DOT - level * NEAR:.1f}" r="{DOT - 2}" fill="{fill}" stroke="{INK}" stroke-width="2"/>'
        )
    tallest = max(sum(abs(x - other) < NEAR for other in stacked[:i]) for i, x in enumerate(stacked))
    lift = max(0, (tallest + 1) * NEAR - base + 6)
    ticks = "".join(
        f'<line x1="{EDGE + cents * scale:.1f}" y1="{base}" x2="{EDGE + cents * scale:.1f}" y2="{base + 6}" stroke="{MUTED}"/>'
        f'<text x="{EDGE + cents * scale:.1f}" y="{base + 24}" text-anchor="middle" fill="{MUTED}">{about(cents)}</text>'
        for cents in _marks(top)
    )
    told = escape(f"Ten dots, each as likely as the next. {found.sentence}")
    return (
        f'<svg class="keta-dots tex2jax_ignore mathjax_ignore" xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 {-lift:.0f} {WIDTH} {TALL + lift:.0f}" role="img" aria-label="{told}" '
        f'font-family="system-ui, sans-serif" font-size="14"><title>{told}</title>'
        f'<line x1="{EDGE}" y1="{base}" x2="{WIDTH - EDGE}" y2="{base}" stroke="{GRID}" stroke-width="2"/>'
        f'{ticks}{"".join(drawn)}<text x="{EDGE}" y="{TALL - 4}" fill="{INK}">{escape(found.sentence)}</text></svg>'
    )


def _marks(top: int) -> list[int]:
    """Round amounts for the axis, from zero: four to seven of them."""
    step = next(size * 10**power for power in range(2, 12) for size in (1, 2, 5) if top // (size * 10**power) <= 6)
    return list(range(0, top + 1, step))
