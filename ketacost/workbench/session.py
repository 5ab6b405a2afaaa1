"""An intake while somebody edits it: undo, entries that were refused, and everything that a front end shows.

It holds no rules and knows no front end: a widget in JupyterLab and a page with no server hand it requests as plain
data, and show the plain data that it gives back. Undo is a list of intakes; an edit says one entry or takes it back.
"""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

from ketacost.accounts.loans import Call
from ketacost.analysis.comparison import compare_routes
from ketacost.analysis.questions import question_ids
from ketacost.core.convert import as_text, read, written
from ketacost.core.dates import us_day
from ketacost.core.fields import KetacostError, require
from ketacost.core.untrusted import check_request, read_json, unforeseen, word
from ketacost.core.words import brief, told
from ketacost.estimate.entries import entry_of, key_at, label_of
from ketacost.estimate.estimate import Estimate, estimate
from ketacost.estimate.intake import UNKNOWN, Intake, intake, intake_from, table_of_intake
from ketacost.estimate.resolve import Resolved, resolve
from ketacost.estimate.saying import intake_of, scope_of
from ketacost.estimate.scenario import FIRST_PATIENT, Scenario, example, scenario_from, table_of
from ketacost.estimate.unknowns import GATE
from ketacost.estimate.visit_dates import changed, open_on_holidays
from ketacost.files.scenario_files import Saved, as_toml, gave, load_intake, opened_mark, read_intake, save
from ketacost.privacy.identifiers import check_text, refuse
from ketacost.reports.handout import handout
from ketacost.reports.json_output import in_cents
from ketacost.reports.pins import MOST_PINS, Pin, named, pin_cards, side_by_side
from ketacost.reports.sections import TABS, detail, head, slim, tabs, why
from ketacost.workbench.form import form

LEFT_OFF = "where I left off.toml"
"""The file that keeps what is in a panel, a moment after somebody moved it."""

MOST_UNDO, MOST_OF_A_NAME = 200, 200
MOST_BESIDE = 12
"""The most saved scenarios that are shown side by side."""

Share = Callable[[Scenario, Path], Path]
"""Makes a page to send of a scenario, at a place, and tells where it is."""

UNDO = "Undo takes the last change back."


@contextmanager
def uncollected() -> Iterator[None]:
    """Put off the search for cyclic garbage: it looks at everything that is kept, and an answer waits for it."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class SessionError(KetacostError):
    """A request that the session cannot serve; the message says what to do."""


class Session:
    """One intake being edited: `serve` takes a request, `shown` is what a front end paints; neither ever raises.

    A request is {"path", "value"} for a control that moved (the path is the entry's full name, or "unknown:" and that),
    or {"do": ...}: undo, redo, new (a patient), example (start from it), visit (move, remove or add one), holidays (the
    clinic is closed then, or open again), tab (show one), pick (an answer of the plan to see), pin (keep one), unpin,
    reopen (a kept one), fold (a part of a tab), why (a figure), log (a call), read and download (a file's text),
    handout, and, where there is a `folder` to keep scenarios in: files, open, save, export, share. Nothing leaves the
    machine, and only the file that was named is written. `today` is the day that the numbers are worked out for.
    """

    def __init__(
        self,
        scenario: Scenario | Intake | None = None,
        *,
        today: date | None = None,
        folder: Path | None = None,
        share: Share | None = None,
    ) -> None:
        self.today = today or getattr(scenario, "today", None) or date.today()
        self._past: list[Intake] = []
        self._future: list[Intake] = []
        self._typed: dict[str, tuple[Any, str]] = {}
        self._open: frozenset[str] = frozenset()
        self._tab, self._picked = next(iter(TABS)), ""
        self._pins: list[Pin] = []
        self._kept: dict[str, str] = {}
        self._brought: dict[str, Any] = {}
        self._folder, self._share, self._moved = folder, share, False
        self._painted: dict[str, Any] = {"form": [], "head": "", "detail": {}, "you_pay": 0, "tabs": []}
        self._put_up(intake())
        try:
            if scenario is not None:
                self._put_up(scenario if isinstance(scenario, Intake) else intake_of(scenario, self.today))
        except Exception as error:  # the page opens all the same
            self._brought = {"problem": _problem(error)}

    @property
    def intake(self) -> Intake:
        """What was said so far."""
        return self._intake

    @property
    def scenario(self) -> Resolved:
        """The complete scenario of what was said."""
        return self._scenario

    @property
    def estimate(self) -> Estimate:
        """Its estimate."""
        return estimate(self._scenario)

    @property
    def folder(self) -> Path | None:
        """The folder that scenarios are kept in, where there is one."""
        return self._folder

    def set(self, path: str, value: Any) -> None:
        """Say one entry, or take it back with an empty value.

        Raises KetacostError for a value that the entry cannot take; the session then stays as it was.
        """
        self._typed.pop(path, None)
        self._go(self._said(path, value))

    def put(self, changed: Intake | Scenario) -> None:
        """Open another intake; undo brings back the one before."""
        self._go(changed if isinstance(changed, Intake) else intake_of(changed, self.today))
        self._typed = {}

    def _go(self, new: Intake) -> None:
        """Put an intake up; what was refused at other entries stays beside them."""
        if new == self._intake:
            return
        before = self._intake
        self._put_up(new)
        self._past, self._future = [*self._past, before][-MOST_UNDO:], []

    def undo(self, asked: object = None) -> None:
        """Take the last change back."""
        self._step(self._past, self._future)

    def redo(self, asked: object = None) -> None:
        """Do again what was taken back."""
        self._step(self._future, self._past)

    @uncollected()
    def serve(self, asked: Any) -> None:
        """Serve a front end's request. What cannot be is kept beside its control, or told, by `shown`."""
        self._brought = {}
        self._moved = isinstance(asked, Mapping) and "path" in asked
        try:
            check_request(asked)
            if "do" in asked:
                require("request", do := word(asked, "do"), {name[4:] for name in dir(self) if name.startswith("_do_")})
                getattr(self, f"_do_{do}")(asked)
            elif "path" in asked:
                self.set(str(asked["path"]), asked.get("value"))
        except Exception as error:  # whatever a request does, the page stays alive and says so
            if isinstance(error, KetacostError) and isinstance(asked, Mapping) and "path" in asked:
                path = str(asked["path"])
                self._typed[path] = (asked.get("value"), _in_words(path, _problem(error)))
            else:
                self._brought = {"problem": _problem(error)}

    def shown(self, *, every: bool = False) -> dict[str, Any]:
        """What a front end paints, as plain data: the answer, then the rest."""
        return {**self.answer(every=every), **self.rest()}

    @uncollected()
    def answer(self, *, every: bool = False) -> dict[str, Any]:
        """The part that a person looks at: head, tabs, told, you_pay (cents), and detail, unless a control was moved.

        `detail` has the HTML of the open tab under its name; with `every` tab, as a page has that wakes later.
        """
        try:
            found, names = self.estimate, [name for name, _ in tabs(self.estimate)]
            self._tab = self._tab if self._tab in names else names[0]
            self._painted |= {
                "head": head(self._closer(found)) + pin_cards(self._pins, found),
                "you_pay": found.main.likely,
                "tabs": tabs(found),
                **({} if self._moved else {"detail": self._details(every)}),
            }
            words = slim(found)
        except Exception as error:  # the last good picture stays, with a way back
            words = _problem(error)
            self._painted["head"] = _in_place(words)
        later = {"form", "detail"} if self._moved else {"form"}
        return {**{name: part for name, part in self._painted.items() if name not in later}, "told": self._told(words)}

    @uncollected()
    def rest(self) -> dict[str, Any]:
        """What comes after the answer: the form, and the open tab; where one cannot be shown, the last one stays."""
        shown = dict[str, Any]()
        for name in ["detail"] * self._moved + ["form"]:
            try:
                self._painted[name] = form(self._scenario) if name == "form" else self._details(False)
            except Exception as error:
                shown["head"] = _in_place(_problem(error))
            shown[name] = self._painted[name]
        return shown

    def _details(self, every: bool) -> dict[str, str]:
        closer = self._closer(self.estimate)
        names = [name for name, _ in tabs(closer)] if every else [self._tab]
        pinned = self._pins and "compare" in names and side_by_side(self._pins, replace(closer, picked=None))
        details = {name: detail(closer, name, self._open, self._saved()) for name in names}
        return {**details, "compare": f"{pinned}{details['compare']}"} if pinned else details

    def _closer(self, found: Estimate) -> Estimate:
        """The estimate with the answer of the plan that was picked, where it is still among what can happen."""
        places = [place for place, group in enumerate(found.groups) if " ".join(group.answers) == self._picked]
        return replace(found, picked=places[0]) if places else found

    def _told(self, words: str) -> dict[str, Any]:
        return {
            "problems": {path: {"typed": typed, "problem": problem} for path, (typed, problem) in self._typed.items()},
            "slim": words,
            "undo": len(self._past),
            "redo": len(self._future),
            "name": self._name(),
            "folder": self._folder.name if self._folder else "",
            "shares": self._share is not None and self._folder is not None,
            "today": self.today.isoformat(),
            "tab": self._tab,
            **self._brought,
        }

    def _said(self, path: str, value: Any) -> Intake:
        """The intake with one control moved."""
        if path.startswith("unknown:"):
            return self._unknown(self._key(path.removeprefix("unknown:")), bool(value))
        key = self._key(path)
        if key.startswith("terms.") and key.endswith(".pays"):
            value = {"yes": True, "no": False, "don't know": UNKNOWN}.get(str(value), value)
        return self._intake.say(key, value)

    def _unknown(self, key: str, unknown: bool) -> Intake:
        """An entry that nobody knows; or one that is known again, at the value that stands for it."""
        if unknown:
            return self._intake.unsay(key) if key == "coverage" else self._intake.say(key, UNKNOWN)
        if key == "coverage":
            return self._intake.say(key, self._scenario.coverage)
        control = next((c for group in form(self._scenario) for c in group["controls"] if c["path"] == key), None)
        if control is None or control["value"] in ("", None):
            return self._intake.unsay(key)
        value = control["value"]
        return self._intake.say(key, f"{value}%" if control["kind"] == "share" else value)

    def _key(self, path: str) -> str:
        """The full name of an entry; a path into the scenario is understood in the scope that is shown."""
        return "terms.out.pays" if path == GATE else key_at(path, scope_of(self._scenario))

    _do_undo, _do_redo = undo, redo

    def _do_new(self, asked: Mapping[str, Any]) -> None:
        self.put(intake())
        self._brought = {"said": "A new patient. Undo brings back the one before."}

    def _do_tab(self, asked: Mapping[str, Any]) -> None:
        require("tab", tab := word(asked, "tab"), TABS)
        self._tab = tab

    def _do_pick(self, asked: Mapping[str, Any]) -> None:
        places = {str(place): group for place, group in enumerate(self.estimate.groups)}
        require("answer", place := word(asked, "pick"), places)
        self._picked = " ".join(places[place].answers)

    def _do_visit(self, asked: Mapping[str, Any]) -> None:
        self.put(changed(self._scenario, self._intake, word(asked, "at"), word(asked, "day")))

    def _do_holidays(self, asked: Mapping[str, Any]) -> None:
        self.put(open_on_holidays(self._scenario, self._intake))

    def _do_example(self, asked: Mapping[str, Any]) -> None:
        self.put(intake_of(example(FIRST_PATIENT), self.today))
        self._brought = {"said": "An example. Undo brings back the patient before."}

    def _do_pin(self, asked: Mapping[str, Any]) -> None:
        if len(self._pins) >= MOST_PINS:
            raise SessionError(f"{MOST_PINS} answers are pinned: unpin one first")
        self._pins = [*self._pins, Pin(named(self._scenario, self._pins), self._intake, self.estimate)]
        self._brought = {"said": f"Pinned as {self._pins[-1].title[0]}. Change anything to see the difference."}

    def _do_unpin(self, asked: Mapping[str, Any]) -> None:
        pin = self._pin(asked)
        self._pins = [one for one in self._pins if one is not pin]

    def _do_reopen(self, asked: Mapping[str, Any]) -> None:
        self.put(self._pin(asked).intake)

    def _pin(self, asked: Mapping[str, Any]) -> Pin:
        places = {str(place): pin for place, pin in enumerate(self._pins)}
        require("pinned answer", place := word(asked, "at"), places)
        return places[place]

    def _do_fold(self, asked: Mapping[str, Any]) -> None:
        part = frozenset({word(asked, "part")})
        self._open = self._open | part if asked.get("open") else self._open - part

    def _do_why(self, asked: Mapping[str, Any]) -> None:
        title, html = why(self.estimate, word(asked, "figure"))
        self._brought = {"window": {"title": title, "html": html}}

    def _do_log(self, asked: Mapping[str, Any]) -> None:
        call: Call = read(Call, {name: asked.get(name, "") for name in ("day", "about", "answer", "reference")})
        _without_identifiers(call.reference, call.answer, str(asked.get("value") or ""))
        self.put(self.logged(call, asked.get("value") or None))
        self._brought = {"said": f"Written down: the call of {us_day(call.day)}. Undo takes it back."}

    def logged(self, call: Call, value: Any = None) -> Intake:
        """The intake with a call in its log and, where a value was told, that entry said.

        Raises IdentifiersFound for a reference number or an answer that may tell who somebody is, and KetacostError for
        an entry that there is not or a value that it cannot take.
        """
        for where, text in (("reference number", call.reference), ("answer", call.answer), ("value", str(value or ""))):
            refuse(check_text(text, where=where))
        changed = self._intake
        if value is not None:
            if call.about in question_ids():
                raise KetacostError(f"{call.about} cannot hold a value; keep it as the call's answer")
            key = self._key(call.about)
            changed = self._said(key, value)
            if key in changed.said:
                told = changed.said[key].value
                changed = changed.say(key, told, how="call", when=call.day, reference=call.reference)
            if key.startswith("used."):
                changed = changed.say("used.as_of", call.day.isoformat(), how="call", when=call.day)
        elif call.about not in question_ids():
            entry_of(self._key(call.about))
        calls = [*(changed.value("calls") or []), as_text(written(call))]
        return changed.say("calls", calls)

    def _do_handout(self, asked: Mapping[str, Any]) -> None:
        self._brought = {"page": handout(self.estimate, word(asked, "language", "en"))}

    def _do_download(self, asked: Mapping[str, Any]) -> None:
        name = _file_name(word(asked, "name"), ".toml")
        self._brought = {"file": {"name": name, "text": self._as_text(name), "type": "application/toml"}}

    def _do_read(self, asked: Mapping[str, Any]) -> None:
        opened, before = read_intake(word(asked, "text"), word(asked, "name"), today=self.today)
        self._opened(opened, before, word(asked, "name"))

    def _do_files(self, asked: Mapping[str, Any]) -> None:
        self._brought = {"files": [path.name for path in self._files()]}

    def _do_open(self, asked: Mapping[str, Any]) -> None:
        path = self._place(word(asked, "name"))
        self._opened(*load_intake(path, today=self.today), path.name)
        self._kept[path.name] = opened_mark(path)

    def _opened(self, opened: Intake, before: Saved, name: str) -> None:
        """Show an opened intake, and what changed since it was saved."""
        self.put(opened)
        self._brought = {"said": f"{name} is open. {gave(opened, before, self.today)}Undo brings back what was here."}

    def _do_save(self, asked: Mapping[str, Any]) -> None:
        path = self._place(_file_name(word(asked, "name"), ".toml"))
        self._as_text(path.name)
        if path.exists() and path.name not in self._kept:
            with suppress(KetacostError):
                if load_intake(path, today=self.today)[0] == self._intake:
                    self._kept[path.name] = opened_mark(path)
            if path.name not in self._kept:
                raise SessionError(f"{path.name} holds another scenario: use another name, or open it first")
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
        self._kept[path.name] = save(self._scenario, path, opened=self._kept.get(path.name, ""))
        self._brought = {"said": f"Saved as {path.parent.name}/{path.name}."}

    def _do_export(self, asked: Mapping[str, Any]) -> None:
        from ketacost.reports.spreadsheet import export  # heavy, and not there in a shared page

        what, found = word(asked, "what"), self.estimate
        path = _free(self._place(_file_name(f"{self._name()} {what}", ".xlsx")))
        tables: dict[str, Callable[[], object]] = {
            "months": lambda: found.calendar,
            "lines": lambda: found.shown,
            "routes": lambda: compare_routes(self._scenario),
        }
        require("spreadsheet", what, tables)
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
        export(tables[what](), path, of=self._scenario.plainly)
        self._brought = {"said": f"Kept as {path.parent.name}/{path.name}."}

    def _do_share(self, asked: Mapping[str, Any]) -> None:
        path = self._place(_file_name(word(asked, "name"), ".html"))
        self._as_text(path.name)
        if self._share is None:
            raise SessionError("a page cannot be made from here: use `ketacost share`")
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
        shared = self._share(self._scenario, path)
        self._brought = {
            "said": f"The page to send is {shared.parent.name}/{shared.name}. "
            "It opens in any browser, without a network."
        }

    def _as_text(self, name: str) -> str:
        """The intake as a file's text. Raises SessionError where its words look like somebody's identifiers."""
        scenario = self._scenario
        _without_identifiers(name, scenario.title, *(f"{call.answer} {call.reference}" for call in scenario.calls))
        return as_toml(scenario)

    def _files(self) -> list[Path]:
        """The scenario files of the folder."""
        return sorted(self._folder.glob("[!.]*.toml")) if self._folder and self._folder.is_dir() else []

    def _saved(self) -> Mapping[str, Scenario] | None:
        """The saved scenarios by name, read when looked at; a file that cannot be read is passed over."""
        if self._folder is None or "saved" not in self._open:
            return None if self._folder is None else {}
        scenarios = {}
        for path in [path for path in self._files() if not path.name.startswith(LEFT_OFF[:-5])][:MOST_BESIDE]:
            with suppress(KetacostError):
                scenarios[path.stem] = resolve(load_intake(path, today=self.today)[0], self.today)
        return scenarios

    def _place(self, name: str) -> Path:
        if self._folder is None:
            raise SessionError("there is no folder here to save scenarios in: download the file instead")
        return self._folder / Path(name).name

    def _name(self) -> str:
        """A file name for the scenario as it is."""
        return f"{self._scenario.course.protocol} {self._scenario.course.start}"

    def _step(self, back: list[Intake], forth: list[Intake]) -> None:
        if back:
            before = self._intake
            self._put_up(back[-1])
            back.pop()
            forth.append(before)
            self._typed = {}

    def _put_up(self, new: Intake) -> None:
        self._scenario = resolve(new, self.today)
        self._intake = new


def _in_words(path: str, problem: str) -> str:
    """An error with the control's label where the entry's name stood, or the name of its field."""
    with suppress(KetacostError):
        entry = entry_of(path)
        label, own = label_of(entry), f"{entry.path.rpartition('.')[2]} "
        told = problem.replace(path, label)
        return f"{label} {told.removeprefix(own)}" if told.startswith(own) else told
    return problem


def _in_place(words: str) -> str:
    """What is said where the answer cannot be."""
    return f'<p class="keta-sentence">{escape(words)}</p>'


def _problem(error: Exception) -> str:
    return brief(error) if isinstance(error, KetacostError) else f"{unforeseen(error)} {UNDO}"


def _without_identifiers(*texts: str) -> None:
    """Raise SessionError where a text looks like somebody's identifiers."""
    refused = [identifier for text in texts for identifier in check_text(text) if identifier.action == "refused"]
    if refused:
        kinds = ", ".join(sorted({identifier.kind.replace("_", " ") for identifier in refused}))
        raise SessionError(f"this contains what looks like personal data ({kinds}): take it out first")


def _free(path: Path) -> Path:
    """The place, or the next one with a number where something is there."""
    number = 2
    free = path
    while free.exists():
        free, number = path.with_stem(f"{path.stem} ({number})"), number + 1
    return free


def _file_name(name: str, suffix: str) -> str:
    """A name that any machine can keep, with its suffix. Raises SessionError where nothing is left of it."""
    plain = re.sub(r"[^\w .()-]+", " ", name.strip()).strip(" .")
    if not plain or len(plain.encode()) > MOST_OF_A_NAME:
        raise SessionError(f"a file name has 1 to {MOST_OF_A_NAME} letters or digits, got {told(name)}")
    return plain if plain.lower().endswith(suffix) else f"{plain}{suffix}"


def plain_table(scenario: Scenario) -> dict[str, Any]:
    """A scenario as plain data that JSON can hold and a page's session opens: what was said, or the full scenario."""
    if isinstance(scenario, Resolved):
        return {"said": as_text(table_of_intake(scenario.intake)), "today": str(scenario.today)}
    table: dict[str, Any] = as_text(table_of(scenario))
    return table


def _scenario(table: dict[str, Any]) -> Scenario:
    if "said" not in table:
        return scenario_from(table)
    return resolve(intake_from(table["said"]), date.fromisoformat(table["today"]))


@dataclass
class Sessions:
    """The sessions of one page, in the page's order."""

    sessions: list[Session] = field(default_factory=list)

    def seat(self, tables: str, today: str = "") -> str:
        """Open a session for every scenario of a JSON list; gives what each shows.

        What is loaded by then is kept as long as the page, whose Python is ours alone: garbage is not looked for there.
        """
        day = date.fromisoformat(today) if today else None
        self.sessions = [Session(_scenario(table), today=day) for table in read_json(tables)]
        shown = json.dumps([session.shown() for session in self.sessions])
        gc.freeze()
        return shown

    def serve(self, number: int, asked: str) -> str:
        """Serve one session's request; gives the answer, which is painted first."""
        self.sessions[number].serve(read_json(asked))
        return json.dumps(self.sessions[number].answer())

    def rest(self, number: int) -> str:
        """What is painted of a session after its answer."""
        return json.dumps(self.sessions[number].rest())

    def cents(self, tables: str) -> str:
        """The cents of many scenarios, for a check of this calculator against another; an error is told as text."""
        told = list[Any]()
        for table in json.loads(tables):
            try:
                told.append(in_cents(estimate(_scenario(table))))
            except KetacostError as error:
                told.append(str(error))
        return json.dumps(told)
