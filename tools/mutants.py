"""Change one sign, number or condition of the money modules at a time, and see that a test fails.

    python tools/mutants.py                     20 mutants of each module, by seed
    python tools/mutants.py fsa --each 200      of the modules whose names hold "fsa"
    python tools/mutants.py taxes/ --each 9999  every mutant of a room

The tests of a room are collected, timed and traced once. Each mutant is then put in place in a fork of that process, which
runs the tests that reach the changed line, the quickest first, until one fails; one without an end in time fails too. What
passes there is tried again in a new process, where the module is imported as changed. Prints each survivor with its line,
and the share that was killed; ends with 1 below 95%. Modules take turns, and a run that is ended (SIGTERM) tells what it
has. What is known to be the same program is in EQUIVALENT.
"""

from __future__ import annotations

import argparse
import ast
import functools
import gc
import importlib.machinery
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent

WALK = (
    "worked_examples",
    "model/test_used_amounts.py",
    "model/test_claims.py",
    "model/test_walk.py",
    "analysis/test_cohorts.py",
    "model/test_plans_and_courses.py",
)
ALLOWED = ("model/test_allowed.py", "worked_examples", "estimate/test_worked_cases.py")
ACCOUNTS = ("accounts", "estimate/test_account_effects.py", "estimate/test_hra.py", "estimate/test_calendar.py")
ESTIMATE = (
    "estimate/test_calendar_by_hand.py",
    *(
        "estimate/test_path_by_hand.py",
        "estimate/test_outlook.py",
        "estimate/test_calendar.py",
        "estimate/test_calendar_edges.py",
        "estimate/test_worked_again.py",
    ),
    *("estimate/test_worked_cases.py", "estimate/test_hra.py", "estimate/test_milestones.py"),
    *("estimate/test_account_effects.py", "estimate/test_policies.py"),
)
TESTS: dict[str, tuple[str, ...]] = {
    "core/money": ("core/test_money.py",),
    **{f"model/{name}": WALK for name in ("cost_sharing", "walk", "accumulators", "adjudication")},
    **{f"model/{name}": ALLOWED for name in ("allowed", "fee_schedule", "pricing")},
    "model/coverage": (
        "estimate/test_path_by_hand.py",
        "model/test_coverage_data.py",
        "estimate/test_outlook.py",
        "estimate/test_policies.py",
    ),
    **{f"taxes/{name}": ("taxes",) for name in ("households", "schedules", "tables", "federal", "states")},
    **{f"taxes/{name}": ("taxes",) for name in ("states_n_to_z", "state_returns", "local", "savings")},
    **{f"accounts/{name}": ACCOUNTS for name in ("contributions", "fsa", "funding", "hsa", "loans")},
    **{f"estimate/{name}": ESTIMATE for name in ("outlook", "cash_flow", "calendar")},
}
"""The modules that are mutated, each with the tests that should see it."""

COMPILED = "test_walk_is_walk or variant_of_the_rule or second_plans_pay"
"""Tests that are left out: they compile the walk, which takes minutes."""

PATIENCE = 6
MEMORY = 6 * 1024**3
GOAL = 0.95
READERS = ("core.references", "core.resources", "core.fields", "core.convert", "core.untrusted", "privacy", "sharing")
"""Modules whose kept results are files and fields, which no mutant changes."""


EQUIVALENT = {
    (same["module"], same["line"], change): f"{same['why']} {same['input']}"
    for same in tomllib.loads((ROOT / "tools" / "same_programs.toml").read_text("utf-8")).get("same", ())
    for change in same["changes"]
}
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
    """A changed module: its name, the first and last line, what stands there, what becomes of it, and the whole text.

    The text has as many lines as before.
    """

    module: str
    number: int
    last: int
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
    """The nodes that a calculation is made of: no words, types, errors, fields or decorators."""
    for child in ast.iter_child_nodes(tree):
        if child in getattr(tree, "decorator_list", ()):
            continue
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
            gone = "\n" * (node.end_lineno - node.lineno)
            if isinstance(node, ast.AugAssign):
                target, value = after.split("= ", 1)
                code = f"{target}= ({value}{gone})"
            else:
                code = f"({after}{gone})"
            changed = (data[:first] + code.encode() + data[last:]).decode()
            said = f"{kind}: {before} -> {after}"
            line = lines[node.lineno - 1].strip()
            found.append(Mutant(module, node.lineno, node.end_lineno, line, " ".join(said.split()), changed))
    return found


def path_of(module: str) -> Path:
    """The file of a module."""
    return ROOT / "ketacost" / f"{module}.py"


def differing(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """The pieces of code that differ, each as it was and as it is."""
    if old != new:
        yield old, new
    within = [[part for part in code.co_consts if isinstance(part, CodeType)] for code in (old, new)]
    if len(within[0]) == len(within[1]):  # else a change has taken one out, and the outer code says so
        for before, after in zip(*within, strict=True):
            yield from differing(before, after)


class Trial:
    """Times and traces the tests once, then tries each mutant in a fork."""

    def __init__(self, chosen: list[Mutant], workers: int, seconds: float, folder: Path) -> None:
        self.chosen, self.workers, self.most, self.folder = chosen, workers, seconds, folder
        self.files = {str(path_of(module)): module for module in {mutant.module for mutant in chosen}}
        self.failed = list[str]()
        self.seconds = list[float]()
        self.reached = dict[str, defaultdict[int, list[int]]]()
        self.survived = dict[int, bool]()
        self.late = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that failed."""
        if report.failed:
            self.failed.append(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Time, trace and try, instead of running the tests."""
        session.config.pluginmanager.unregister(name="terminalreporter")
        self.items = session.items
        gc.unfreeze()  # the tests' own settings freeze what is collected, and so hide it from what follows
        self.kept = [
            each
            for each in gc.get_objects()
            if type(each) is functools._lru_cache_wrapper
            and (named := str(each.__module__)).startswith("ketacost.")
            and not named.removeprefix("ketacost.").startswith(READERS)
        ]
        self.measure()
        if not self.failed:
            self.functions = [
                each
                for each in gc.get_objects()
                if type(each) is FunctionType and each.__code__.co_filename in self.files
            ]
            gc.collect()
            gc.freeze()  # what is here already need not be looked at, and so copied, in each fork
            self.try_all()
        return True

    def run(self, index: int) -> bool:
        """Whether a test passes, with nothing kept from the one before."""
        before = len(self.failed)
        item = self.items[index]
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        return len(self.failed) == before

    def measure(self) -> None:
        """Run each test once, with its time and the lines that it reaches."""
        self.reached = {module: defaultdict(list) for module in self.files.values()}
        for index in range(len(self.items)):
            seen = {file: set[int]() for file in self.files}

            def called(frame: FrameType, event: str, arg: object, seen: dict[str, set[int]] = seen) -> Any:
                lines = seen.get(frame.f_code.co_filename)
                if lines is None:
                    return None
                add = lines.add

                def line(frame: FrameType, event: str, arg: object) -> Any:
                    add(frame.f_lineno)
                    return line

                return line

            self.forget()
            began = time.process_time()
            sys.settrace(called)
            try:
                self.run(index)
            finally:
                sys.settrace(None)
            self.seconds.append(time.process_time() - began)
            for file, lines in seen.items():
                for number in lines:
                    self.reached[self.files[file]][number].append(index)

    def forget(self) -> None:
        """Empty what functions keep."""
        for each in self.kept:
            each.cache_clear()

    def tests_of(self, mutant: Mutant) -> list[int]:
        """The tests that reach a changed line, or, for a line that is run on import, the module; the quickest first."""
        lines = self.reached[mutant.module]
        found = {index for number in range(mutant.number, mutant.last + 1) for index in lines.get(number, ())}
        if not found and not self.swaps(mutant):
            found = {index for indexes in lines.values() for index in indexes}
        chosen, total = list[int](), 0.0
        for index in sorted(found, key=self.seconds.__getitem__):
            total += self.seconds[index]
            if total > self.most and chosen:
                break
            chosen.append(index)
        return chosen

    def swaps(self, mutant: Mutant) -> list[tuple[FunctionType, CodeType]]:
        """The functions of this process whose code a mutant changes; none where it changes what is run on import."""
        path = path_of(mutant.module)
        old = compile(path.read_text("utf-8"), str(path), "exec")
        pairs = list(differing(old, compile(mutant.text, str(path), "exec")))
        mine = [each for each in self.functions if each.__code__.co_filename == str(path)]
        return [(each, new) for each in mine for was, new in pairs if each.__code__ == was]

    def try_all(self) -> None:
        """Fork once for each mutant, so many at a time."""
        running, began = dict[int, int](), time.monotonic()
        stopped = list[int]()
        signal.signal(signal.SIGTERM, lambda *_: stopped.append(1))
        for number, mutant in enumerate(self.chosen):
            if stopped:
                break
            tests = self.tests_of(mutant)
            if tests:
                running[self.start(number, mutant, tests)] = number
            else:
                self.keep(number, True)
            if len(running) >= self.workers:
                self.reap(running)
            if number % 50 == 49:
                print(f"{number + 1} tried, {time.monotonic() - began:,.0f} s", flush=True)
        while running:
            self.reap(running)
        print(f"{time.monotonic() - began:,.0f} s")

    def reap(self, running: dict[int, int]) -> None:
        """Wait for one fork, and keep what became of its mutant."""
        process, status = os.wait()
        number = running.pop(process)
        self.late += os.WIFSIGNALED(status)
        self.keep(number, status == 0)

    def keep(self, number: int, survived: bool) -> None:
        """Keep what became of a mutant, and print it if it lives."""
        mutant = self.chosen[number]
        self.survived[number] = survived
        if survived and mutant[:1] + mutant[3:5] not in EQUIVALENT:
            reached = "" if self.tests_of(mutant) else " (reached by no test)"
            print(f"{mutant.module}:{mutant.number}: {mutant.line}\n    {mutant.change}{reached}", flush=True)

    def start(self, number: int, mutant: Mutant, tests: list[int]) -> int:
        """Begin to try a mutant, in a fork; gives its process."""
        process = os.fork()
        if process:
            return process
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        for usual in (signal.SIGPROF, signal.SIGTERM):
            signal.signal(usual, signal.SIG_DFL)
        # Of the processor, not of the clock: beside other work a test that passes may take long.
        signal.setitimer(signal.ITIMER_PROF, 30 + PATIENCE * 2 * sum(self.seconds[index] for index in tests))
        try:
            swaps = self.swaps(mutant)
            for function, code in swaps:
                function.__code__ = code
            self.forget()
            if swaps and not all(map(self.run, tests)):
                os._exit(1)
        except BaseException:
            os._exit(1)
        task = self.folder / f"{number}.json"
        names = [self.items[index].nodeid for index in tests]
        task.write_text(json.dumps([mutant.module, mutant.text, names]), "utf-8")
        os.execv(sys.executable, [sys.executable, __file__, "--again", str(task)])


class Only:
    """Runs the tests of a list, in its order."""

    def __init__(self, names: list[str]) -> None:
        self.place = {name: number for number, name in enumerate(names)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Take the others out."""
        items[:] = sorted(
            (each for each in items if each.nodeid in self.place), key=lambda each: self.place[each.nodeid]
        )


def again(task: Path) -> int:
    """Run the tests of a mutant where its module is imported as changed. Ends with 0 where all pass."""
    module, text, names = json.loads(task.read_text("utf-8"))
    path = str(path_of(module))
    changed = compile(text, path, "exec")
    usual = importlib.machinery.SourceFileLoader.get_code

    def code_of(self: Any, name: str) -> CodeType | None:
        return changed if self.path == path else usual(self, name)

    importlib.machinery.SourceFileLoader.get_code = code_of  # type: ignore[method-assign]
    files = sorted({name.split("::")[0] for name in names})
    return pytest.main([*OPTIONS, "-x", *files], [Only(names)])


OPTIONS = (
    *("-o", "addopts=", "-q", "-q", "--capture=sys", "-p", "no:cacheprovider"),
    *("--rootdir", str(ROOT), "-k", f"not ({COMPILED})"),
)


def main() -> int:
    """Try a sample of mutants of each module that is named, or of all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("modules", nargs="*")
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=8.0, help="of tests a mutant, as timed with nothing changed")
    parser.add_argument("--report", type=Path, help="file that takes the survivors")
    parser.add_argument("--among", type=Path, help="such a file, whose mutants alone are tried")
    parser.add_argument("--tests", nargs="*", default=(), help="tests that are run instead of the room's")
    parser.add_argument("--again", type=Path, help=argparse.SUPPRESS)
    said = parser.parse_args()
    os.chdir(ROOT)
    os.environ.update(KETACOST_HYPOTHESIS_PROFILE="quick", PYTHONDONTWRITEBYTECODE="1", PYTHONPATH=str(ROOT))
    sys.path.insert(0, str(ROOT))
    if said.again:
        return again(said.again)
    modules = [name for name in TESTS if not said.modules or any(word in name for word in said.modules)]
    every = {module: mutants(module) for module in modules}
    samples = [
        random.Random(f"{said.seed} {module}").sample(found, min(said.each, len(found)))
        for module, found in every.items()
    ]
    chosen = [mutant for turn in zip_longest(*samples) for mutant in turn if mutant]
    if said.among:
        listed = {tuple(each) for each in json.loads(said.among.read_text("utf-8"))}
        chosen = [mutant for found in every.values() for mutant in found if (mutant.module, *mutant[3:5]) in listed]
    tests = said.tests or dict.fromkeys(f"tests/{name}" for module in modules for name in TESTS[module])
    print(f"{len(chosen)} of {sum(map(len, every.values()))} mutants", flush=True)
    with tempfile.TemporaryDirectory() as place:
        trial = Trial(chosen, said.workers, said.seconds, Path(place))
        pytest.main([*OPTIONS, *tests], [trial])
    if trial.failed or not trial.seconds:
        print(f"with nothing changed these fail: {trial.failed}")
        return 1
    return told(trial, every, said.report)


def told(trial: Trial, every: dict[str, list[Mutant]], report: Path | None) -> int:
    """Print the shares. Gives 0 where enough were killed."""
    killed, tried, same, alive = Counter[str](), Counter[str](), Counter[str](), list[Mutant]()
    for number, survived in trial.survived.items():
        mutant = trial.chosen[number]
        known = EQUIVALENT.get((mutant.module, mutant.line, mutant.change))
        tried[mutant.module] += 1
        killed[mutant.module] += not survived
        same[mutant.module] += bool(survived and known)
        if survived and not known:
            alive.append(mutant)
    for module, found in every.items():
        count, dead, equal = tried[module], killed[module], same[module]
        print(
            f"{module:24} {count:4} of {len(found):4} tried, {dead:4} killed, {equal:3} the same program, "
            f"{count - dead - equal:3} alive: {dead / max(1, count - equal):.1%}"
        )
    share = killed.total() / max(1, tried.total() - same.total())
    print(
        f"{killed.total()} of {tried.total() - same.total()} killed, {trial.late} of them without an end: {share:.1%}"
    )
    if report:
        report.write_text(json.dumps([(each.module, each.line, each.change) for each in alive], indent=1), "utf-8")
    return 0 if share >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
