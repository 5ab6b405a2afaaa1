"""Build the documentation as a static site: python tools/build_docs.py [FOLDER]. Any warning stops it.

The guides (`docs/` and the Markdown at the top) become pages; docstrings become the API reference, by pdoc.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import re
import shutil
import sys
import typing
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import mistune
import pdoc.doc
import pdoc.render

import ketacost

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = Path(__file__).resolve().parent / "docs_templates"
GUIDES = sorted(ROOT.glob("docs/*.md")) + sorted(ROOT.glob("*.md"))
UNITS = {"USD": "Cents", "share": "Share", "multiple": "Multiple", "day of the year": "YearStart"}
"""The marks of our types of numbers, with the names that `core.money` gives them."""


class BrokenLink(Exception):
    """A guide links to something that is no page, picture or address."""


# The API reference


def module_names() -> list[str]:
    """The package and all of its modules but the one that `python -m` runs."""
    found = [module.name for module in pkgutil.walk_packages(ketacost.__path__, "ketacost.")]
    return ["ketacost", *(name for name in found if name != "ketacost.__main__")]


def documented(name: str) -> pdoc.doc.Module:
    """A module as pdoc reads it, with the sentence of each dataclass field at the field."""
    module = importlib.import_module(name)
    for public in getattr(module, "__all__", ()):
        getattr(module, public)  # pdoc sees a lazy name once it has been loaded
    _resolve_constructors(module)
    page = pdoc.doc.Module(module)
    for kind in _classes(page):
        sentences = field_sentences(kind.obj)
        for member in kind.own_members:
            if member.name in sentences:
                member.docstring = sentences[member.name]
    if module is ketacost:
        page.docstring = public_names()  # last: the stub's own docstring comes with the members
    return page


def public_names() -> str:
    """What the package says of itself, and its public names by the module that they come from."""
    modules: dict[str, list[str]] = {}
    for name in ketacost.__all__:
        thing = getattr(ketacost, name)
        home = "modules" if inspect.ismodule(thing) else getattr(thing, "__module__", "constants")
        modules.setdefault(home, []).append(thing.__name__ if inspect.ismodule(thing) else name)
    lines = [
        f"- *{module.removeprefix('ketacost.')}*: {', '.join(f'`{n}`' for n in modules[module])}"
        for module in sorted(modules)
    ]
    return "\n".join([str(ketacost.__doc__), "", "    import ketacost as kc", "", *lines])


def field_sentences(kind: type) -> dict[str, str]:
    """What to print at each field of a class: a dataclass's own words; nothing where Python only counts a tuple's fields."""
    if dataclasses.is_dataclass(kind):
        labels = {field.name: field.metadata for field in dataclasses.fields(kind)}
        return {name: f"**{words['label']}.** {words['meaning']}" for name, words in labels.items() if words}
    return dict.fromkeys(getattr(kind, "_fields", ()), "")


def _classes(page: pdoc.doc.Module) -> Iterator[pdoc.doc.Class]:
    yield from (member for member in page.flattened_own_members if isinstance(member, pdoc.doc.Class))


def _resolve_constructors(module: ModuleType) -> None:
    """Give the constructors of named tuples, and of dataclasses that extend one of another module, real types.

    Their text annotations name what only the module that wrote them knows.
    """
    for kind in vars(module).values():
        if not inspect.isclass(kind) or kind.__module__ != module.__name__:
            continue
        if hasattr(kind, "_fields"):
            kind.__new__.__annotations__ = typing.get_type_hints(kind)
        elif dataclasses.is_dataclass(kind) and dataclasses.is_dataclass(kind.__base__):
            kind.__init__.__annotations__ = {**typing.get_type_hints(kind, include_extras=True), "return": None}


def named_units(html: str) -> str:
    """The types of money and shares by our names, `Cents` and not `Annotated[int, 'USD']`, whatever colors them."""
    tag = "(?:<[^>]*>)*"
    spelled = rf"(?:typing{tag}\.{tag})?Annotated{tag}\[{tag}int{tag},{tag} {tag}(?:&#39;|'){{}}(?:&#39;|'){tag}\]"
    for unit, name in UNITS.items():
        html = re.sub(spelled.format(unit), name, html)
    return html


def write_reference(folder: Path) -> None:
    """Write a page for each module, an index and what the search box needs."""
    pdoc.render.configure(template_directory=TEMPLATES, docformat="markdown", show_source=False)
    pages = {name: documented(name) for name in module_names()}
    for name, page in pages.items():
        _write(folder / f"{name.replace('.', '/')}.html", named_units(pdoc.render.html_module(page, pages)))
    _write(folder / "index.html", pdoc.render.html_index(pages))
    _write(folder / "search.js", pdoc.render.search_index(pages))


def _write(path: Path, text: str) -> None:
    """Write a page that names no folder of the machine that built it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace(f"{ROOT.as_posix()}/", ""), "utf-8")


# The guides


class GuideRenderer(mistune.HTMLRenderer):
    """HTML of one guide: headings that can be linked to, tables that scroll, links to pages of the site."""

    def __init__(self, guide: Path) -> None:
        super().__init__(escape=False)
        self.guide = guide

    def heading(self, text: str, level: int, **attributes: object) -> str:
        """A heading with an id made from its words."""
        return f'<h{level} id="{anchor(text)}">{text}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """A link to an address, or to the page that a file becomes."""
        return super().link(text, self._address(url), title)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture, from where it is copied to."""
        return super().image(text, self._address(url), title)

    def _address(self, url: str) -> str:
        if re.match(r"https?://|mailto:|#", url):
            return url
        file, _, place = url.partition("#")
        path = (self.guide.parent / file).resolve()
        if path not in GUIDES and not (path.suffix in (".png", ".svg") and path.exists()):
            raise BrokenLink(f"{self.guide.relative_to(ROOT)} links to {url}, which is no page of the site")
        name = f"{path.stem}.html" if path.suffix == ".md" else path.name
        return f"{name}#{place}" if place else name


def anchor(heading: str) -> str:
    """The id of a heading: "Add a payer" -> "add-a-payer"."""
    words = re.sub(r"<[^>]+>|[^\w\s-]", "", heading)
    return re.sub(r"\s+", "-", words.strip()).lower()


def write_guides(folder: Path) -> None:
    """Write a page for each guide, and the pictures that they show."""
    template = pdoc.render.env.get_template("guide.html.jinja2")
    for guide in GUIDES:
        text = guide.read_text("utf-8")
        html = str(mistune.create_markdown(renderer=GuideRenderer(guide), plugins=["table"])(text))
        html = html.replace("<table>", '<div class="table"><table>').replace("</table>", "</table></div>")
        title = text.removeprefix("# ").partition("\n")[0]
        _write(folder / f"{guide.stem}.html", template.render(title=title, content=html))
    for picture in (*ROOT.glob("docs/*.png"), *ROOT.glob("docs/*.svg")):
        shutil.copy(picture, folder)


def build(folder: Path) -> None:
    """Build the whole site in a folder that holds nothing else. Raises a warning as the error that it stands for."""
    warnings.simplefilter("error")
    shutil.rmtree(folder, ignore_errors=True)
    write_reference(folder / "api")
    write_guides(folder)


if __name__ == "__main__":
    site = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "site"
    build(site)
    print(f"{sum(1 for _ in site.rglob('*.html'))} pages in {site}")
