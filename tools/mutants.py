"""Change one sign, number or condition of the money modules at a time, and see that a test fails.

    python tools/mutants.py                     20 mutants of each module, by seed
    python tools/mutants.py fsa --each 200      of the modules whose names hold "fsa"

Each mutant runs the tests of its module, and, where they pass, those of the whole calculation. Prints each survivor with
its line, and the share that was killed; ends with 1 below 95%. What is known to be the same program is in EQUIVALENT.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import NamedTuple

from planted_errors import COPIED, PROFILE, ROOT

TESTS: dict[str, tuple[str, ...]] = {
    "core/money": ("core/test_money.py", "core/test_convert.py", "worked_examples"),
    "model/cost_sharing": ("worked_examples", "model/test_walk.py"),
    "model/walk": ("worked_examples", "model/test_walk.py", "model/test_rules.py"),
    "model/accumulators": ("worked_examples", "model/test_walk.py", "model/test_plans_and_courses.py"),
    "model/adjudication": ("worked_examples", "model/test_walk.py", "model/test_plans_and_courses.py"),
    "model/allowed": ("model/test_allowed.py", "worked_examples"),
    "model/fee_schedule": ("model/test_allowed.py", "worked_examples"),
    "model/pricing": ("model/test_allowed.py", "worked_examples"),
    "model/coverage": ("estimate/test_outlook.py", "estimate/test_policies.py", "model/test_coverage_data.py"),
    "taxes/households": ("taxes",),
    "taxes/schedules": ("taxes",),
    "taxes/tables": ("taxes",),
    "taxes/federal": ("taxes",),
    "taxes/states": ("taxes",),
    "taxes/states_n_to_z": ("taxes",),
    "taxes/state_returns": ("taxes",),
    "taxes/local": ("taxes",),
    "taxes/savings": ("taxes",),
    "accounts/contributions": ("accounts",),
    "accounts/fsa": ("accounts",),
    "accounts/funding": ("accounts",),
    "accounts/hsa": ("accounts",),
    "accounts/loans": ("accounts",),
    "estimate/outlook": ("estimate/test_outlook.py", "estimate/test_estimate.py"),
    "estimate/cash_flow": ("estimate/test_calendar.py", "estimate/test_worked_again.py"),
    "estimate/calendar": ("estimate/test_calendar.py", "estimate/test_worked_again.py"),
}
"""The modules that are mutated, each with the tests that should see it."""

WIDER = ("model/test_plans_by_hand.py", "estimate/test_worked_cases.py", "estimate/test_hra.py")
SECONDS = 600
GOAL = 0.95

EQUIVALENT: dict[tuple[str, str, str], str] = {}
"""Mutants that are the same program, by module, line and change, each with why, and an input that shows it."""

COMPARED: dict[type, type] = {
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq},
    **{ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is},
}
WORKED_OUT: dict[type, type] = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult}
WORKED_OUT |= {ast.Mod: ast.FloorDiv, ast.Div: ast.Mult}
ENDS = {"min": "max", "max": "min", "any": "all", "all": "any"}
WORDS = ("described", "unknown", "require", "replace", "field", "told", "HouseholdError", "KetacostError")
"""Calls whose arguments are words and no part of a calculation."""


class Mutant(NamedTuple):
    """A changed module: its name, the line, what stands there and what the mutant has there, and the whole text."""

    module: str
    number: int
    line: str
    change: str
    text: str


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What one sign, number or condition may become, each in words and as code."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARED:
        yield "compared", ast.Compare(node.left, [COMPARED[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.BinOp) and type(node.op) in WORKED_OUT:
        yield "worked out", ast.BinOp(node.left, WORKED_OUT[type(node.op)](), node.right)
    elif isinstance(node, ast.BoolOp):
        yield "joined", ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "without not", node.operand
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "without minus", node.operand
    elif isinstance(node, ast.IfExp):
        yield "turned round", ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, bool):
        yield "number", ast.Constant(not node.value if isinstance(node.value, bool) else node.value + 1)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ENDS:
        yield "end", ast.Call(ast.Name(ENDS[node.func.id]), node.args, node.keywords)
    elif isinstance(node, ast.AugAssign) and type(node.op) in WORKED_OUT:
        yield "added up", ast.AugAssign(node.target, WORKED_OUT[type(node.op)](), node.value)


def counted(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that a calculation is made of: no words, types, errors or fields."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Raise | ast.AnnAssign | ast.JoinedStr | ast.Import | ast.ImportFrom | ast.Assert):
            continue
        if isinstance(child, ast.Call) and getattr(child.func, "id", getattr(child.func, "attr", "")) in WORDS:
            continue
        if isinstance(child, ast.FunctionDef):
            for part in (*child.args.defaults, *child.args.kw_defaults, *child.body):
                if part is not None:
                    yield part
                    yield from counted(part)
            continue
        yield child
        yield from counted(child)


def mutants(module: str) -> list[Mutant]:
    """Every mutant of a module that says something else."""
    path = ROOT / "ketacost" / f"{module}.py"
    text = path.read_text("utf-8")
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()))
    data, found = text.encode(), []
    for node in counted(ast.parse(text)):
        if not hasattr(node, "end_lineno"):
            continue
        for kind, new in changes(node):
            first = starts[node.lineno - 1] + node.col_offset
            last = starts[node.end_lineno - 1] + node.end_col_offset
            before, after = data[first:last].decode(), ast.unparse(ast.fix_missing_locations(new))
            if not isinstance(node, ast.AugAssign | ast.Constant):
                after = f"({after})"
            changed = (data[:first] + after.encode() + data[last:]).decode()
            said = f"{kind}: {before} -> {after}"
            found.append(Mutant(module, node.lineno, lines[node.lineno - 1].strip(), " ".join(said.split()), changed))
    return found


class Copy:
    """A copy of the package and its tests, in which one mutant after another is tried."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in (*COPIED, "docs"):
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
            else:
                shutil.copy(source, folder / name)
        (folder / "tests" / "conftest.py").write_text(PROFILE, "utf-8")
        self.run(("core/test_money.py",), write=True)

    def run(self, tests: tuple[str, ...], *, write: bool = False) -> bool:
        """Whether some tests pass; what has no end does not."""
        words = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
        words += [f"tests/{name}" for name in tests if (self.folder / "tests" / name).exists()]
        around = {**os.environ, "PYTHONPATH": str(self.folder)} | ({} if write else {"PYTHONDONTWRITEBYTECODE": "1"})
        try:
            return not subprocess.run(
                words, cwd=self.folder, env=around, capture_output=True, timeout=SECONDS
            ).returncode
        except subprocess.TimeoutExpired:
            return False

    def survives(self, mutant: Mutant) -> bool:
        """Whether every test passes with a mutant in its place."""
        path = self.folder / "ketacost" / f"{mutant.module}.py"
        right = path.read_text("utf-8")
        for kept in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
            kept.unlink()
        try:
            path.write_text(mutant.text, "utf-8")
            return self.run(TESTS[mutant.module]) and self.run(WIDER)
        finally:
            path.write_text(right, "utf-8")


def main() -> int:
    """Try a sample of mutants of each module that is named, or of all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("modules", nargs="*")
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--report", type=Path)
    said = parser.parse_args()
    modules = [name for name in TESTS if not said.modules or any(word in name for word in said.modules)]
    every = {module: mutants(module) for module in modules}
    chosen = [
        mutant
        for module, found in every.items()
        for mutant in random.Random(f"{said.seed} {module}").sample(found, min(said.each, len(found)))
    ]
    print(f"{len(chosen)} of {sum(map(len, every.values()))} mutants", flush=True)
    copies: Queue[Copy] = Queue()
    killed, tried, alive = Counter[str](), Counter[str](), list[Mutant]()
    with tempfile.TemporaryDirectory() as place:
        for number in range(said.workers):
            (Path(place) / str(number)).mkdir()
            copies.put(Copy(Path(place) / str(number)))

        first = copies.get()
        for tests in {TESTS[module] for module in modules} | {WIDER}:
            if not first.run(tests):
                print(f"with nothing changed these fail: {tests}")
                return 1
        copies.put(first)

        def one(mutant: Mutant) -> bool:
            copy = copies.get()
            try:
                return copy.survives(mutant)
            finally:
                copies.put(copy)

        began = time.monotonic()
        with ThreadPoolExecutor(said.workers) as pool:
            for mutant, survived in zip(chosen, pool.map(one, chosen), strict=True):
                known = EQUIVALENT.get((mutant.module, mutant.line, mutant.change))
                if sum(tried.values()) % 10 == 9:
                    print(f"{sum(tried.values()) + 1} tried, {time.monotonic() - began:,.0f} s", flush=True)
                tried[mutant.module] += not (survived and known)
                killed[mutant.module] += not survived
                if survived:
                    alive.append(mutant)
                    why = f" (the same program: {known})" if known else ""
                    print(f"{mutant.module}:{mutant.number}: {mutant.line}\n    {mutant.change}{why}", flush=True)
        print(f"{time.monotonic() - began:,.0f} s")
    for module in modules:
        print(f"{module:24} {killed[module]:4} of {tried[module]:4} killed, {len(every[module])} in all")
    share = sum(killed.values()) / max(1, sum(tried.values()))
    print(f"{sum(killed.values())} of {sum(tried.values())} killed: {share:.1%}")
    if said.report:
        said.report.write_text(json.dumps([mutant[:4] for mutant in alive], indent=1), "utf-8")
    return 0 if share >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
