"""What the docs say of changing the model works as it stands there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import ketacost as kc
from ketacost.allowed import METHODS
from ketacost.payers import payers

DOCS = Path(__file__).parent.parent / "docs"
BLOCKS = re.findall(r"## ([^\n]+)\n.*?```python\n(.*?)```", (DOCS / "change-the-model.md").read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize(("title", "block"), BLOCKS, ids=[title for title, _ in BLOCKS])
def test_a_block_runs_and_says_something(title: str, block: str) -> None:
    before = dict(METHODS), dict(payers())
    *body, last = ast.parse(block).body
    names: dict[str, object] = {}
    exec(compile(ast.Module(body, []), title, "exec"), names)
    assert isinstance(last, ast.Expr)
    found = repr(eval(compile(ast.Expression(last.value), title, "eval"), names))
    told = {
        "Replace a chance": "On average you pay",
        "Add a payer": "The county's plan",
        "Add a way to set the allowed amount": "Answer: you pay $7,790",
        "Ask what if": "Answer: you pay $7,790",
    }
    assert told[title] in found
    METHODS.clear()
    METHODS.update(before[0])
    payers().clear()  # type: ignore[attr-defined]
    payers().update(before[1])  # type: ignore[attr-defined]


def test_every_block_is_named() -> None:
    assert len(BLOCKS) == 4
    assert kc.payer("marketplace").label
