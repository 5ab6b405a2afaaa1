"""What is known of a network's terms in the next plan year, and the network with them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, fields
from typing import Any

from ketacost.core.fields import described
from ketacost.core.money import Cents, Share
from ketacost.model.plans import Benefit, Network


@dataclass(frozen=True)
class NextTerms:
    """What is known of a network's terms in the next plan year; what is left out stays as it is."""

    deductible: Cents | None = described(
        "Next year's deductible", "One person's deductible in the next plan year, in dollars.", None
    )
    out_of_pocket_limit: Cents | None = described(
        "Next year's out-of-pocket limit", "The most that one person pays in the next plan year, in dollars.", None
    )
    family_deductible: Cents | None = described(
        "Next year's family deductible", "The family's deductible in the next plan year, in dollars.", None
    )
    family_out_of_pocket_limit: Cents | None = described(
        "Next year's family limit", "The most that the family pays in the next plan year, in dollars.", None
    )
    copay: Cents | None = described(
        "Next year's copay", "The general copay of a visit in the next plan year, in dollars.", None
    )
    coinsurance: Share | None = described(
        "Next year's share", "Your general share of the allowed amount in the next plan year.", None
    )


def with_next_terms(side: Network, new: NextTerms) -> Network:
    """A network in the next plan year; what is said of it beats the rest, and it prices as before."""
    said: dict[str, Any] = {f.name: value for f in fields(NextTerms) if (value := getattr(new, f.name)) is not None}
    general = {term: said.pop(term) for term in ("copay", "coinsurance") if term in said}
    if general:
        default = dataclasses.replace(side.benefits.get("default", Benefit()), **general)
        said["benefits"] = {**side.benefits, "default": default}
    for term in ("deductible", "out_of_pocket_limit"):
        own, joint = (said.get(key, getattr(side, key)) for key in (term, f"family_{term}"))
        if isinstance(own, int) and isinstance(joint, int) and joint < own:
            said |= {term: joint} if f"family_{term}" in said else {f"family_{term}": own}
    return side.replace(allowed={}, pricing=None, **said)
