"""Write docs/sentences.md, what a patient reads for each payer and treatment: python tools/write_sentences.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from ketacost.estimate.estimate import Estimate, estimate
from ketacost.estimate.intake import intake
from ketacost.estimate.resolve import resolve
from ketacost.model.payers import payers
from ketacost.model.protocols import protocols

PAGE = Path(__file__).resolve().parent.parent / "docs" / "sentences.md"
TODAY = date(2026, 11, 27)

INTRO = """# What a patient reads

For each payer and treatment, the headline and what else it says when nothing more was entered: no plan, no prices, no
state. Everything else is assumed, from sourced defaults or ranges, as of November 27, 2026. `tools/write_sentences.py`
writes this page.
"""


def estimates() -> Iterator[tuple[str, str, Estimate]]:
    """Each payer and each treatment with its estimate."""
    for payer in payers():
        for protocol in protocols():
            yield payer, protocol, estimate(resolve(intake(payer=payer, protocol=protocol), TODAY))


def page(every: Iterable[tuple[str, str, Estimate]]) -> str:
    """The page: a section for each payer, a line for each treatment."""
    parts, before = [INTRO], ""
    for payer, protocol, found in every:
        if payer != before:
            parts.append(f"\n## {payers()[payer].label}\n")
            before = payer
        told = f"{found.sentence} {found.rest}".strip()
        parts.append(f"- **{protocols()[protocol].label}**: {told}")
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(estimates()), "utf-8")
    print(f"{PAGE.name}: {len(payers()) * len(protocols())} sentences")
