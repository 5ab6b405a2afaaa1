"""The documentation site builds without a warning and shows every public name and every field's sentence."""

from __future__ import annotations

import dataclasses
import html
import inspect
import re
import subprocess
import sys
from pathlib import Path

import build_docs
import pytest
import write_glossary
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


def page_of(site: Path, module: str) -> Path:
    """The page of a module in the reference."""
    return site / "api" / f"{module.replace('.', '/')}.html"


def test_the_reference_shows_every_public_name(site: Path) -> None:
    public = [getattr(kc, name) for name in kc.__all__]
    modules = [kc, *(one for one in public if inspect.ismodule(one) and not callable(one))]
    for module in modules:
        assert hasattr(module, "__all__"), (
            f"{module.__name__} hands on names of other modules: the reference needs its __all__"
        )
        page = page_of(site, module.__name__).read_text("utf-8")
        names = [name for name in module.__all__ if not inspect.ismodule(getattr(module, name))]
        assert [name for name in names if f'id="{name}"' not in page] == []


def test_the_reference_has_a_page_for_every_module(site: Path) -> None:
    assert [name for name in build_docs.module_names() if not page_of(site, name).exists()] == []


@pytest.mark.parametrize("kind", list(write_glossary.kinds()), ids=lambda kind: kind.__name__)
def test_a_field_shows_its_sentence(site: Path, kind: type) -> None:
    words = plain(words_of(page_of(site, kind.__module__)))
    own = [field for field in dataclasses.fields(kind) if field.name in kind.__annotations__]
    sentences = [field.metadata["meaning"] for field in own if field.metadata]
    assert [text for text in sentences if plain(text) not in words] == []


def plain(text: str) -> str:
    """A text without the marks of Markdown."""
    return " ".join(text.replace("`", "").split())


def test_money_is_shown_by_its_unit(site: Path) -> None:
    page = page_of(site, "ketacost.model.plans")
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
