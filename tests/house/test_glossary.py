"""The glossary holds every public field of the model, is up to date, and names what the code has."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re

import pytest
import write_glossary
from places import DOCS

import ketacost as kc

PAGE = (DOCS / "glossary.md").read_text("utf-8")
TERMS, FIELDS = PAGE.split(write_glossary.HEADING)
ROWS = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", TERMS, re.MULTILINE)[2:]


def test_the_fields_are_up_to_date() -> None:
    assert write_glossary.page(PAGE) == PAGE, "run `python tools/write_glossary.py`"


@pytest.mark.parametrize("kind", list(write_glossary.kinds()), ids=lambda kind: kind.__name__)
def test_every_public_field_is_in_the_glossary(kind: type) -> None:
    sections = FIELDS.split(f"### {kind.__name__}\n\n`{kind.__module__}`")
    assert len(sections) == 2
    section = sections[1].partition("\n### ")[0]
    for field in dataclasses.fields(kind):
        assert f"`{field.name}`" in section
        assert field.metadata.get("meaning", "").replace("|", "/") in section


def test_the_terms_are_in_alphabetical_order_and_end_as_sentences() -> None:
    names = [term for term, _, _ in ROWS]
    assert names == sorted(names, key=lambda name: (name.lower().replace("-", " "), name))
    assert [term for term, meaning, _ in ROWS if not meaning.endswith((".", '."', ".)"))] == []
    assert len(ROWS) > 50


def test_what_the_terms_call_the_code_is_there() -> None:
    modules = [
        importlib.import_module(m.name)
        for m in pkgutil.walk_packages(kc.__path__, "ketacost.")
        if "__main__" not in m.name
    ]
    kinds = {name: kind for module in modules for name, kind in vars(module).items() if isinstance(kind, type)}
    for _, _, names in ROWS:
        for name in re.findall(r"`([^`]+)`", names):
            kind, _, field = name.partition(".")
            assert kind in kinds, name
            assert not field or field in kinds[kind].__annotations__, name
