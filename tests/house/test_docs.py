"""What the docs say of changing the model works as it stands there."""

from __future__ import annotations

import ast
import re

import pytest
from places import DOCS

import ketacost as kc
from ketacost.model.allowed import METHODS
from ketacost.model.payers import PAYERS
from ketacost.model.policies import insurers
from ketacost.model.protocols import PROTOCOLS, SERVICES
from ketacost.model.rules import RULES

REGISTRIES = (METHODS, PAYERS, PROTOCOLS, SERVICES, RULES)
BLOCKS = re.findall(
    r"## ([^\n]+)\n.*?```python\n(.*?)```", (DOCS / "change-the-model.md").read_text("utf-8"), re.DOTALL
)


@pytest.mark.parametrize(("title", "block"), BLOCKS, ids=[title for title, _ in BLOCKS])
def test_a_block_runs_and_says_something(title: str, block: str) -> None:
    before = [set(registry) for registry in REGISTRIES]
    *body, last = ast.parse(block).body
    names: dict[str, object] = {}
    exec(compile(ast.Module(body, []), title, "exec"), names)
    assert isinstance(last, ast.Expr)
    found = repr(eval(compile(ast.Expression(last.value), title, "eval"), names))
    told = {
        "Replace a chance": "The plan's answer",
        "Add a payer": "The county's plan",
        "Add a way to set the allowed amount": "Answer: you pay $7,790",
        "Follow another rule": "(rule: half the deductible waived)",
        "Write a rule of your own": "(rule: no limits)",
        "Add a treatment or a kind of service": "service='monitoring'",
        "Ask what if": "Answer: you pay $7,790",
    }
    assert told[title] in found
    for registry, names in zip(REGISTRIES, before, strict=True):
        for name in set(registry) - names:
            registry.remove(name)


ACCOUNTS = re.findall(r"## ([^\n]+)\n.*?```python\n(.*?)```", (DOCS / "accounts.md").read_text("utf-8"), re.DOTALL)
COMES_TO = {
    "A couple shares one family limit": "[537500, 437500]",
    "Months in which a health FSA or Medicare rules out an HSA": "[4, 5]",
    "Too much, and a testing period that fails": "[datetime.date(2027, 12, 31), 110000, 440000, 60000, 330000, 33000]",
    "A health FSA: leaving the job, changing the election": "[68000, 22000, LeftJob(",
    "Your own order, and money that has to go back": "[60000, 100000, 'Return $180.00 to HSA by 2028-04-15",
    "How much to elect, with what may be carried over": "Advice: elect",
}


@pytest.mark.parametrize(("title", "block"), ACCOUNTS, ids=[title for title, _ in ACCOUNTS])
def test_an_account_block_comes_to_what_the_page_says(title: str, block: str) -> None:
    *body, last = ast.parse(block).body
    names: dict[str, object] = {}
    exec(compile(ast.Module(body, []), title, "exec"), names)
    assert isinstance(last, ast.Expr)
    assert COMES_TO[title] in repr(eval(compile(ast.Expression(last.value), title, "eval"), names))


def test_every_block_is_named() -> None:
    assert len(BLOCKS) == 7
    assert kc.data.payer("marketplace").label


def test_the_page_of_odds_lists_every_policy_with_the_short_names_of_its_criteria() -> None:
    page = (DOCS / "odds.md").read_text("utf-8")
    listed = set()
    for name, known in insurers().items():
        for treatment, policy in known.policies.items():
            criteria = ", ".join(f"`{one}`" for one in policy.criteria) or "-"
            listed.add(f"| `{name}` | {known.label} | {treatment} | {policy.answer} | {criteria} |")
    assert {row for row in page.splitlines() if row.startswith("| `")} == listed
