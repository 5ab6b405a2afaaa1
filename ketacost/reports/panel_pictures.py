"""The panel's pictures of an estimate: what it can be, and the bars from the charge to what you pay."""

from __future__ import annotations

from html import escape

from ketacost.core.money import between, ends, shown
from ketacost.estimate.estimate import Estimate
from ketacost.reports.charts import STRONG, chart_svg, color_of, interval, tag
from ketacost.reports.pictures import Axis, Picture
from ketacost.reports.statement import after_the_bill, finding_of, parts_to_net


def range_svg(estimate: Estimate) -> str:
    """What it can be where the visits take place, and in between 8 of 10 cases: an interval that starts at zero."""
    label = f"In 8 of 10 cases {between(estimate.p10, estimate.p90)}; "
    label += "{} at the least, {} at the most".format(*ends(estimate.low, estimate.high))
    scale = Axis(0, max(estimate.high, 1))
    return chart_svg(Picture(label, interval(estimate, 9, scale.high), (), scale, Axis(18, 0)), kind="keta-range")


def bars_html(estimate: Estimate) -> str:
    """From the charge to what you pay as HTML for the panel: each amount is a button that asks why."""
    rows, parts = "", parts_to_net(estimate)
    longest = max(1, *(end for *_, end in parts))
    taken = {step.id for step in after_the_bill(estimate) if step.cents < 0}
    for name, label, start, end in parts:
        color, hatched = color_of(name)
        paint = f"repeating-linear-gradient(45deg, {color}55 0 6px, {color} 6px 8px)" if hatched else color
        left, width = (100 * cents / longest for cents in (start, end - start))
        drawn = tag("u", style=f"left:{left:.2f}%;width:{width:.2f}%;background:{paint}") if width else ""
        amount, strong = (
            shown((start - end) if name in taken else (end - start)),
            "keta-end" if name in STRONG else None,
        )
        why = {"data_why": name, "aria_label": f"{label}, {amount}: why?"}
        button = tag("button", amount, type="button", class_="keta-figure", **why)
        rows += tag("span", escape(label), class_=strong) + tag("i", drawn) + tag("b", button, class_=strong)
    return tag("div", rows, class_="keta-bars", role="group", aria_label=finding_of(estimate))
