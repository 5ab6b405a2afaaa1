"""The panel's pictures of an estimate: what it can be, and the bars from the charge to what you pay."""

from __future__ import annotations

from html import escape

from ketacost.core.money import between, ends, shown
from ketacost.estimate.estimate import Estimate
from ketacost.reports.charts import STRONG, color_of, tag
from ketacost.reports.pictures import CHARGE, COUNTED, PLAN, YOURS
from ketacost.reports.statement import after_the_bill, finding_of, parts_to_net

KINDS = {CHARGE: "charge", COUNTED: "counted", YOURS: "yours", PLAN: "back"}
"""The bars by their color: the panel gives each kind its own in light and in dark."""


def range_html(estimate: Estimate) -> str:
    """What the answer can be where the visits take place: a line between its ends, 8 of 10 cases, the likely amount."""
    least, most = estimate.low, max(estimate.high, estimate.low + 1)
    places = (100 * (cents - least) / (most - least) for cents in (estimate.p10, estimate.p90, estimate.main.likely))
    low, high, likely = (min(max(place, 0.0), 100.0) for place in places)
    said = f"In 8 of 10 cases {between(estimate.p10, estimate.p90)}; "
    said += "{} at the least, {} at the most".format(*ends(estimate.low, estimate.high))
    box = tag("u", style=f"left:{low:.2f}%;width:{high - low:.2f}%")
    return tag("div", box + tag("i", style=f"left:{likely:.2f}%"), class_="keta-track", role="img", aria_label=said)


def bars_html(estimate: Estimate) -> str:
    """From the charge to what you pay as HTML for the panel: each amount is a button that asks why."""
    rows, parts = "", parts_to_net(estimate)
    longest = max(1, *(end for *_, end in parts))
    taken = {step.id for step in after_the_bill(estimate) if step.cents < 0}
    for name, label, start, end in parts:
        color, hatched = color_of(name)
        kind = f"keta-{KINDS[color]}{' keta-hatched' if hatched else ''}"
        left, width = (100 * cents / longest for cents in (start, end - start))
        drawn = tag("u", class_=kind, style=f"left:{left:.2f}%;width:{width:.2f}%") if width else ""
        amount = shown((start - end) if name in taken else (end - start))
        strong = "keta-end" if name in STRONG else None
        why = {"data_why": name, "aria_label": f"{label}, {amount}: why?"}
        button = tag("button", amount, type="button", class_="keta-figure", **why)
        bar = tag("i", drawn, title=f"{label}: {amount}")
        rows += tag("span", escape(label), class_=strong) + bar + tag("b", button, class_=strong)
    return tag("div", rows, class_="keta-bars", role="group", aria_label=finding_of(estimate))
