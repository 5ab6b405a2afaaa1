"""What the pages for newcomers name is there, and the project says the same version everywhere."""

from __future__ import annotations

import re
import tomllib

import pytest
from places import DOCS, ROOT

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def test_the_citation_is_of_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text("utf-8")


def test_the_index_leads_to_every_page() -> None:
    linked = set(re.findall(r"\]\(([\w./-]+\.md)\)", (DOCS / "index.md").read_text("utf-8")))
    assert {path.name for path in DOCS.glob("*.md")} - {"index.md"} <= linked
    assert {"../CONTRIBUTING.md", "../SECURITY.md", "../CHANGELOG.md", "../README.md"} <= linked


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`((?:data|ketacost|tests)/[\w./-]*)`", CONTRIBUTING))))
def test_a_file_that_the_recipes_name_is_there(name: str) -> None:
    assert (ROOT / name.replace("payer-ID", "payer-individual").replace("/ID.", "/va-2025.")).exists()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake (\w+)", CONTRIBUTING))))
def test_a_make_target_that_the_recipes_name_is_there(target: str) -> None:
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)


def test_the_forge_runs_what_everybody_runs() -> None:
    assert "run: .ci/run" in (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
