"""A scenario while somebody edits it: undo, entries that were refused, and everything that a front end shows.

It holds no rules and knows no front end: a widget in JupyterLab and a page with no server hand it requests as plain
data, and show the plain data that it gives back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ketacost.accounts.loans import Call
from ketacost.analysis.comparison import compare_routes
from ketacost.core.convert import as_text, read
from ketacost.core.fields import KetacostError, require
from ketacost.estimate.answer import Answer, run
from ketacost.estimate.calendar import calendar
from ketacost.estimate.estimate import spread
from ketacost.estimate.scenario import Scenario, scenario_from, table_of
from ketacost.files.scenario_files import as_toml, load, read_text, save
from ketacost.privacy.identifiers import check_text
from ketacost.reports.handout import handout
from ketacost.reports.sections import detail, head, slim, why
from ketacost.workbench.controls import marked
from ketacost.workbench.edits import change, log_call, start_with
from ketacost.workbench.form import form

LEFT_OFF = "where I left off.toml"
"""The file that keeps what stands in a panel, a moment after somebody moved it."""

MOST_UNDO = 200
MOST_BESIDE = 12
"""The most saved scenarios that stand side by side."""
Share = Callable[[Scenario, Path], Path]
"""Makes a page to send of a scenario, at a place, and tells where it stands."""


class SessionError(KetacostError):
    """A request that the session cannot serve; the message says what to do."""


class Session:
    """One scenario being edited: `serve` takes a request, `shown` is what a front end paints.

    A request is {"path", "value"} for a control that moved, or {"do": ...}: undo, redo, fold (a part of the page), why
    (a figure), log (a call), read and download (a file's text), handout, and, where there is a `folder` to keep
    scenarios in: files, open, save, export, share. Nothing leaves the machine, and only the file that was named is
    written.
    """

    def __init__(
        self,
        scenario: Scenario | None = None,
        *,
        start: date | None = None,
        folder: Path | None = None,
        share: Share | None = None,
    ) -> None:
        self._past: list[Scenario] = []
        self._future: list[Scenario] = []
        self._typed: dict[str, tuple[Any, str]] = {}
        self._open: frozenset[str] = frozenset()
        self._kept = set[str]()  # the class has a method `set`, so no annotation can name it
        self._brought: dict[str, Any] = {}
        self._folder, self._share = folder, share
        self._show(scenario or start_with(start=start or date.today()))

    @property
    def scenario(self) -> Scenario:
        """The scenario as it stands."""
        return self._scenario

    @property
    def answer(self) -> Answer:
        """Its answer."""
        return self._answer

    @property
    def folder(self) -> Path | None:
        """The folder that scenarios are kept in, where there is one."""
        return self._folder

    def set(self, path: str, value: Any) -> None:
        """Move one control. Raises KetacostError where that is impossible; the session then stays as it was."""
        changed = change(self._scenario, path, value)
        if changed == self._scenario:
            self._typed.pop(path, None)
            return
        self.put(changed)

    def put(self, scenario: Scenario) -> None:
        """Open another scenario; undo brings back the one before."""
        answer = run(scenario)
        self._past = [*self._past, self._scenario][-MOST_UNDO:]
        self._future, self._typed = [], {}
        self._show(scenario, answer)

    def undo(self) -> None:
        """Take the last change back."""
        self._step(self._past, self._future)

    def redo(self) -> None:
        """Do again what was taken back."""
        self._step(self._future, self._past)

    def serve(self, asked: Mapping[str, Any]) -> None:
        """Serve a front end's request. What cannot be is kept beside its control, or told, by `shown`."""
        self._brought = {}
        try:
            if "do" in asked:
                served = getattr(self, f"_do_{asked['do']}", None)
                if served:
                    served(asked)
            elif "path" in asked:
                self.set(asked["path"], asked["value"])
        except KetacostError as error:
            if "path" in asked:
                self._typed[asked["path"]] = (asked["value"], self._in_words(asked["path"], str(error)))
            else:
                self._brought = {"problem": str(error)}

    def shown(self) -> dict[str, Any]:
        """What a front end paints, as plain data: form, head, detail (HTML), told, you_pay (cents)."""
        return {
            "form": marked(form(self._scenario)),
            "head": head(self._answer),
            "detail": detail(self._answer, self._open, self._saved()),
            "you_pay": self._answer.you_pay,
            "told": {
                "problems": {
                    path: {"typed": typed, "problem": problem} for path, (typed, problem) in self._typed.items()
                },
                "slim": slim(self._answer),
                "undo": len(self._past),
                "redo": len(self._future),
                "name": self._name(),
                "folder": self._folder.name if self._folder else "",
                "shares": self._share is not None and self._folder is not None,
                "today": date.today().isoformat(),
                **self._brought,
            },
        }

    def _do_undo(self, asked: Mapping[str, Any]) -> None:
        self.undo()

    def _do_redo(self, asked: Mapping[str, Any]) -> None:
        self.redo()

    def _do_fold(self, asked: Mapping[str, Any]) -> None:
        self._open = self._open | {asked["part"]} if asked.get("open") else self._open - {asked["part"]}

    def _do_why(self, asked: Mapping[str, Any]) -> None:
        title, html = why(self._answer, asked["figure"])
        self._brought = {"window": {"title": title, "html": html}}

    def _do_log(self, asked: Mapping[str, Any]) -> None:
        call: Call = read(Call, {name: asked.get(name, "") for name in ("day", "about", "answer", "reference")})
        self.put(log_call(self._scenario, call, asked.get("value") or None))
        self._brought = {"said": f"Written down: the call of {call.day}. Undo takes it back."}

    def _do_handout(self, asked: Mapping[str, Any]) -> None:
        self._brought = {"page": handout(self._answer, asked.get("language", "en"))}

    def _do_download(self, asked: Mapping[str, Any]) -> None:
        name = _file_name(asked["name"], ".toml")
        self._brought = {"file": {"name": name, "text": self._as_text(name), "type": "application/toml"}}

    def _do_read(self, asked: Mapping[str, Any]) -> None:
        self.put(read_text(asked["text"], asked["name"]))
        self._brought = {"said": f"{asked['name']} is open. Undo brings back what stood here."}

    def _do_files(self, asked: Mapping[str, Any]) -> None:
        self._brought = {"files": [path.name for path in self._files()]}

    def _do_open(self, asked: Mapping[str, Any]) -> None:
        path = self._place(asked["name"])
        self.put(load(path))
        self._kept.add(path.name)
        self._brought = {"said": f"{path.name} is open. Undo brings back what stood here."}

    def _do_save(self, asked: Mapping[str, Any]) -> None:
        path = self._place(_file_name(asked["name"], ".toml"))
        self._as_text(path.name)
        if path.exists() and path.name not in self._kept and load(path) != self._scenario:
            raise SessionError(
                f"{path.name} is there already and holds another scenario: take another name, or open it first"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        save(self._scenario, path)
        self._kept.add(path.name)
        self._brought = {"said": f"Saved as {path.parent.name}/{path.name}."}

    def _do_export(self, asked: Mapping[str, Any]) -> None:
        from ketacost.reports.spreadsheet import export  # heavy, and not there in a shared page

        what = asked["what"]
        path = _free(self._place(_file_name(f"{self._name()} {what}", ".xlsx")))
        tables: dict[str, Callable[[], object]] = {
            "months": lambda: calendar(self._answer),
            "lines": lambda: self._answer,
            "routes": lambda: compare_routes(self._scenario),
        }
        require("spreadsheet", what, tables)
        path.parent.mkdir(parents=True, exist_ok=True)
        export(tables[what](), path, of=self._scenario)
        self._brought = {"said": f"Kept as {path.parent.name}/{path.name}."}

    def _do_share(self, asked: Mapping[str, Any]) -> None:
        path = self._place(_file_name(asked["name"], ".html"))
        self._as_text(path.name)
        if self._share is None:
            raise SessionError("a page cannot be made from here: use `ketacost share`")
        path.parent.mkdir(parents=True, exist_ok=True)
        shared = self._share(self._scenario, path)
        self._brought = {
            "said": f"The page to send is {shared.parent.name}/{shared.name}. "
            "It opens in any browser, without a network."
        }

    def _as_text(self, name: str) -> str:
        """The scenario as a file's text. Raises SessionError where its words look like somebody's identifiers."""
        words = [name, self._scenario.title, *(f"{call.answer} {call.reference}" for call in self._scenario.calls)]
        refused = [identifier for word in words for identifier in check_text(word) if identifier.action == "refused"]
        if refused:
            kinds = ", ".join(sorted({identifier.kind.replace("_", " ") for identifier in refused}))
            raise SessionError(f"this would be kept with what looks like somebody's data ({kinds}): take it out first")
        return as_toml(self._scenario)

    def _files(self) -> list[Path]:
        """The scenario files of the folder."""
        return sorted(self._folder.glob("[!.]*.toml")) if self._folder and self._folder.is_dir() else []

    def _saved(self) -> Mapping[str, Scenario] | None:
        """The saved scenarios by name, read when looked at; a file that cannot be read is passed over."""
        if self._folder is None or "saved" not in self._open:
            return None if self._folder is None else {}
        scenarios = {}
        for path in [path for path in self._files() if path.name != LEFT_OFF][:MOST_BESIDE]:
            with suppress(KetacostError):
                scenarios[path.stem] = load(path)
        return scenarios

    def _place(self, name: str) -> Path:
        if self._folder is None:
            raise SessionError("there is no folder here to keep scenarios in: download the file instead")
        return self._folder / Path(name).name

    def _name(self) -> str:
        """A file name for the scenario as it stands."""
        return f"{self._scenario.course.protocol} {self._scenario.course.start}"

    def _step(self, back: list[Scenario], forth: list[Scenario]) -> None:
        if back:
            forth.append(self._scenario)
            self._typed = {}
            self._show(back.pop())

    def _show(self, scenario: Scenario, answer: Answer | None = None) -> None:
        self._answer = answer or run(scenario)
        self._scenario = scenario

    def _in_words(self, path: str, problem: str) -> str:
        """An error with the control's label where the path into the scenario stood."""
        labels = [c["label"] for group in form(self._scenario) for c in group["controls"] if c["path"] == path]
        return problem.replace(path, labels[0]) if labels else problem


def _free(path: Path) -> Path:
    """The place, or the next one with a number where something stands there."""
    number = 2
    free = path
    while free.exists():
        free, number = path.with_stem(f"{path.stem} ({number})"), number + 1
    return free


def _file_name(name: str, suffix: str) -> str:
    """A name that any machine can keep, with its suffix. Raises SessionError where nothing is left of it."""
    plain = re.sub(r"[^\w .()-]+", " ", name.strip()).strip(" .")
    if not plain:
        raise SessionError(f"a file name has letters or digits, got {name!r}")
    return plain if plain.lower().endswith(suffix) else f"{plain}{suffix}"


def plain_table(scenario: Scenario) -> dict[str, Any]:
    """A scenario as plain data that JSON can hold and `scenario_from` reads back."""
    table: dict[str, Any] = as_text(table_of(scenario))
    return table


def cents(scenario: Scenario) -> dict[str, Any]:
    """The lines, totals, calendar and spread of a scenario in whole cents, to compare two calculators."""
    answer = run(scenario)
    dated, wide = calendar(answer), spread(scenario)
    return {
        "totals": [list(answer.low), list(answer.totals), list(answer.high)],
        "lines": [list(claim.split) for claim in answer.claims],
        "bottom": list(dated.bottom),
        "months": [[month.first_day.isoformat(), month.out, month.back, month.running] for month in dated.months],
        "most_cash": dated.peak[0],
        "spread": [wide.low, wide.p10, wide.likely, wide.p90, wide.high],
    }


@dataclass
class Sessions:
    """The sessions of one page, in the page's order."""

    sessions: list[Session] = field(default_factory=list)

    def seat(self, tables: str) -> str:
        """Open a session for every scenario of a JSON list; gives what each shows."""
        self.sessions = [Session(scenario_from(table)) for table in json.loads(tables)]
        return json.dumps([session.shown() for session in self.sessions])

    def serve(self, number: int, asked: str) -> str:
        """Serve one session's request; gives what to paint."""
        self.sessions[number].serve(json.loads(asked))
        return json.dumps(self.sessions[number].shown())

    def cents(self, tables: str) -> str:
        """The cents of many scenarios, for a check of this calculator against another; an error is told as text."""
        return json.dumps([_cents_or_error(table) for table in json.loads(tables)])


def _cents_or_error(table: dict[str, Any]) -> Any:
    try:
        return cents(scenario_from(table))
    except KetacostError as error:
        return str(error)
