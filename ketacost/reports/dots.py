"""What is not known, to read: the spread and its ten dots, what to ask next, and the list of questions for the plan."""

from __future__ import annotations

from html import escape

from ketacost.core.money import about
from ketacost.estimate.estimate import Spread
from ketacost.reports.charts import GRID, INK, MUTED

WIDTH, TALL, EDGE, DOT = 640, 150, 40, 11


NEAR = 2 * DOT + 2


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
