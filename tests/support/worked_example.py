"""The reader of the worked examples: what happens, the plan, what was used before, and who pays what by hand."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from ketacost.core.convert import read
from ketacost.core.money import usd
from ketacost.model.accumulators import Used
from ketacost.model.courses import ServiceLine
from ketacost.model.plans import Plan

FILES = sorted((Path(__file__).parents[1] / "worked_examples").glob("*.txt"))

YOURS = ("balance_bill", "copay", "deductible", "coinsurance")
PARTS = (*YOURS, "write_off", "plan_pays", "you_pay")
NEEDED = ("date", "charge", "plan_pays", "you_pay")
GIVEN = ("date", "member", "network", "benefit", "service", "code", "units", "charge", "allowed", "why_not")
FLAGS = ("covered", "protected", "balance_billed", "provider_bears")
SIMPLE = ("deductible", "coinsurance", "out_of_pocket_limit", "allowed", "copay")


class Unreadable(ValueError):
    """A worked example that can't be read, and why."""


@dataclass(frozen=True)
class Example:
    """A worked example: what it tells, the plan, the bill, and who pays what by hand."""

    prose: str
    plan: Plan
    used: Used
    bill: tuple[ServiceLine, ...]
    by_hand: tuple[dict[str, int], ...]
    total: dict[str, int] | None


def read_example(text: str) -> Example:
    """A worked example from its text. Raises Unreadable, or the error of the plan or line that cannot be."""
    rows = text.rstrip().splitlines()
    head = next((i for i, row in enumerate(rows) if row.startswith("date ")), None)
    if head is None:
        raise Unreadable("there is no table: a row of column names that begins with `date`")
    prose, plan, used = _above(rows[:head])
    columns = rows[head].split()
    if unknown := [name for name in columns if name not in (*GIVEN, *FLAGS, *PARTS)]:
        raise Unreadable(f"no such column: {', '.join(unknown)}")
    if missing := [name for name in NEEDED if name not in columns]:
        raise Unreadable(f"the table lacks {', '.join(missing)}")
    table = []
    for row in filter(None, rows[head + 1 :]):
        if len(row.split()) != len(columns):
            raise Unreadable(f"{len(columns)} columns, but this row has {len(row.split())}: {row}")
        table.append(dict(zip(columns, row.split(), strict=True)))
    total = _amounts(table.pop()) if table and table[-1]["date"] == "total" else None
    bill = tuple(map(_line, table))
    if not bill or list(bill) != sorted(bill, key=lambda line: line.date):
        raise Unreadable("the table needs lines, in order of date")
    return Example(prose, plan, used, bill, tuple(map(_amounts, table)), total)


def _above(rows: list[str]) -> tuple[str, Plan, Used]:
    """What stands above the table: prose, the plan and what was used."""
    prose: list[str] = []
    blocks: dict[str, list[str]] = {}
    plan, inside = None, None
    for row in rows:
        if row in ("plan", "used"):
            inside = blocks.setdefault(row, [])
        elif inside is not None and (row.startswith("    ") or not row):
            inside.append(row)
        elif re.fullmatch(rf"({'|'.join(SIMPLE)}) \S+( +[a-z_]+ \S+)*", row):
            inside, plan = None, _simple(row)
        else:
            inside = None
            prose.append(row)
    if "plan" in blocks:
        plan = read(Plan, tomllib.loads(dedent("\n".join(blocks["plan"]))))
    if plan is None:
        raise Unreadable(f"there is no plan: a block `plan`, or one line such as {SIMPLE[0]} 1000   {SIMPLE[1]} 0.40")
    if not "".join(prose).strip():
        raise Unreadable("it should begin with what happens, in words")
    used = read(Used, tomllib.loads(dedent("\n".join(blocks["used"])))) if "used" in blocks else Used()
    return "\n".join(prose).strip(), plan, used


def _simple(row: str) -> Plan:
    words = row.split()
    pairs = dict(zip(words[::2], words[1::2], strict=True))
    if unknown := [name for name in pairs if name not in SIMPLE]:
        raise Unreadable(f"a simple plan has {', '.join(SIMPLE)}, not {', '.join(unknown)}; write a block `plan`")
    return Plan.of(**pairs)


def _line(row: dict[str, str]) -> ServiceLine:
    given: dict[str, Any] = {name: row[name] for name in GIVEN if row.get(name, "-") != "-"}
    return read(ServiceLine, given | {name: row[name] for name in FLAGS if row.get(name, "-") != "-"})


def _amounts(row: dict[str, str]) -> dict[str, int]:
    return {part: usd(row.get(part, 0), what=part) for part in (*PARTS, "charge")}
