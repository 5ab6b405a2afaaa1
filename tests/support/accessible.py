"""What axe finds wrong with a page, or with a part of it, in a browser."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AA = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
EVERY_RULE: dict[str, object] = {}


def violations(page: Page, part: str = "html", rules: dict[str, object] = AA) -> list[tuple[str, list[str]]]:
    """The rules that a part of a page breaks, each with the places."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(
        "async ([part, options]) => (await axe.run(part, options)).violations.map((one) => [one.id, one.nodes])",
        [part, {"resultTypes": ["violations"], **rules}],
    )
    return [(name, [str(node["target"]) for node in nodes]) for name, nodes in found]
