"""The page of odds lists every policy that the data has."""

from __future__ import annotations

from places import DOCS

from ketacost.model.policies import insurers


def test_the_page_of_odds_lists_every_policy_with_the_short_names_of_its_criteria() -> None:
    page = (DOCS / "odds.md").read_text("utf-8")
    listed = set()
    for name, known in insurers().items():
        for treatment, policy in known.policies.items():
            criteria = ", ".join(f"`{one}`" for one in policy.criteria) or "-"
            listed.add(f"| `{name}` | {known.label} | {treatment} | {policy.answer} | {criteria} |")
    assert {row for row in page.splitlines() if row.startswith("| `")} == listed
