"""The lines of a plan's booklet by name: those that ketamine care meets, and any other that a plan names."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache

from ketacost.core.fields import unknown

BENEFITS = (
    "default",
    "office_visit",
    "specialist",
    "mental_health_visit",
    "therapy",
    "outpatient_infusion",
    "drug",
    "test",
)
"""The usual lines; `default` is the general one ("20% after deductible"). Where a plan has a line of its own, such as
specialty_drug, a claim line that says so falls under it.
"""

LINE = "^[a-z][a-z0-9_]{0,39}$"
"""What the name of any line looks like."""


@cache
def require_line(name: str) -> None:
    """Refuse a name that no line of a booklet can have, or that is a slip of a usual one. Raises UnknownName."""
    if name in BENEFITS:
        return
    words = {word for line in BENEFITS for word in line.split("_")}
    if not re.match(LINE, name) or get_close_matches(name, (*BENEFITS, *words), 1, 0.8):
        raise unknown("benefit", name, BENEFITS)
