"""Write docs/json.md from data/json_output.toml, as the schema is: python tools/write_json_page.py."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ketacost.core.references import read_toml
from ketacost.files.json_schema import WORDS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "json.md"
INTRO = """# JSON

`ketacost run SCENARIO --json` prints one object, and so does `ketacost adjudicate CLAIMS --plan PLAN --json`. Names are stable: new
entries may come, and a change of what an entry means changes `format`. `ketacost schema answer` and `ketacost schema lines` print the
JSON Schemas of the two.

- An *amount* is a decimal string in US dollars with two places: `"1234.50"`. Read it as a decimal, not as a float.
- A *day* is an ISO date, `"2026-11-30"`; a *month* is `"2026-11"`; a *fraction* is exact, `"1/3"`.
- Every line balances to the cent: charge = balance_bill + write_off + copay + deductible + coinsurance + plan_pays.
"""


def held(words: str) -> str:
    """What an entry holds, with a link to the object where it is one."""
    for ending in (" or null", " by name"):
        if words.endswith(ending):
            return held(words.removesuffix(ending)) + ending
    if words.startswith("list of "):
        return f"list of {held(words.removeprefix('list of '))}"
    if words in WORDS or words.startswith("one of: "):
        return words
    title = read_toml("json_output.toml")[words]["title"]
    return f"[{title[:1].lower()}{title[1:]}](#{title.lower().replace(' ', '-')})"


def section(table: Mapping[str, Any]) -> str:
    """One object: its title, what is said before, its entries, and what is said after them."""
    rows = [f"| `{name}` | {held(one['holds'])} | {one['is']} |" for name, one in table["entries"].items()]
    listed = "\n".join(["| entry | holds | what it is |", "| --- | --- | --- |", *rows])
    parts = [f"## {table['title']}", table.get("before", ""), listed, table.get("after", "")]
    return "\n\n".join(part for part in parts if part)


def page() -> str:
    """The whole page."""
    return "\n".join([INTRO, "\n\n".join(section(table) for table in read_toml("json_output.toml").values()), ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
