"""The documentation site builds without a warning and shows every public name and every field's sentence."""

from __future__ import annotations

import dataclasses
import html
import re
import subprocess
import sys
from pathlib import Path

import build_docs
import pytest
from places import ROOT

import ketacost as kc


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once for the tests here."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-W", "error", str(ROOT / "tools" / "build_docs.py"), str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert run.returncode == 0, run.stderr
    return folder


def words_of(page: Path) -> str:
    """The words of a page, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", page.read_text("utf-8"))).split())


def test_the_reference_shows_every_public_name(site: Path) -> None:
    page = (site / "api" / "ketacost.html").read_text("utf-8")
    assert [name for name in kc.__all__ if f'id="{name}"' not in page] == []


def test_the_reference_has_a_page_for_every_module(site: Path) -> None:
    assert [
        name for name in build_docs.module_names() if not (site / "api" / f"{name.replace('.', '/')}.html").exists()
    ] == []


def test_a_field_shows_its_sentence(site: Path) -> None:
    words = words_of(site / "api" / "ketacost.html").replace("`", "")
    kinds = [getattr(kc, name) for name in kc.__all__]
    fields = [
        field
        for kind in kinds
        if isinstance(kind, type) and dataclasses.is_dataclass(kind)
        for field in dataclasses.fields(kind)
    ]
    sentences = [field.metadata["meaning"] for field in fields if field.metadata]
    assert len(sentences) > 100
    assert [text for text in sentences if " ".join(text.replace("`", "").split()) not in words] == []


def test_money_is_shown_by_its_unit(site: Path) -> None:
    page = site / "api" / "ketacost" / "model" / "plans.html"
    assert "Annotated" not in page.read_text("utf-8")
    assert "copay: Cents" in words_of(page)


def test_every_guide_is_a_page_with_a_title(site: Path) -> None:
    titles = [
        re.search(r"<h1[^>]*>(.+)</h1>", (site / f"{guide.stem}.html").read_text("utf-8"))
        for guide in build_docs.GUIDES
    ]
    assert all(titles)


def test_no_page_names_a_folder_of_this_machine(site: Path) -> None:
    pages = [path for path in site.rglob("*") if path.suffix in (".html", ".js")]
    assert [path.name for path in pages if str(ROOT) in path.read_text("utf-8")] == []


def test_a_broken_link_stops_the_build() -> None:
    renderer = build_docs.GuideRenderer(ROOT / "docs" / "files.md")
    assert 'href="json.html#amounts"' in renderer.link("json", "json.md#amounts")
    with pytest.raises(build_docs.BrokenLink, match=r"docs/files.md links to nowhere.md"):
        renderer.link("nowhere", "nowhere.md")
