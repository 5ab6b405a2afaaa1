"""The desk: a scenario as somebody moves it, with undo, what was typed wrongly, and everything that a front end shows.

It holds no rules and knows no front end: a widget in JupyterLab and a page with no server hand it requests as plain data,
and show the plain data that it gives back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ketacost.answers import Answer, run
from ketacost.changes import change, start_with
from ketacost.forms import form
from ketacost.scenarios import Scenario
from ketacost.views import detail, head, slim
from ketacost.words import KetacostError

MOST_UNDO = 200


class Desk:
    """A scenario on the desk. `serve` takes a request, `shown` is what a front end paints.

    A request is {"path", "value"} for a control that moved, or {"do": "undo"} and the like.
    """

    def __init__(self, scenario: Scenario | None = None, *, start: date | None = None) -> None:
        self._past: list[Scenario] = []
        self._future: list[Scenario] = []
        self._typed: dict[str, tuple[Any, str]] = {}
        self._show(scenario or start_with(start=start or date.today()))

    @property
    def scenario(self) -> Scenario:
        """The scenario as it stands."""
        return self._scenario

    @property
    def answer(self) -> Answer:
        """Its answer."""
        return self._answer

    def set(self, path: str, value: Any) -> None:
        """Move one control. Raises KetacostError where that cannot be; the desk then stays as it was."""
        changed = change(self._scenario, path, value)
        if changed == self._scenario:
            self._typed.pop(path, None)
            return
        answer = run(changed)
        self._past = [*self._past, self._scenario][-MOST_UNDO:]
        self._future, self._typed = [], {}
        self._show(changed, answer)

    def undo(self) -> None:
        """Take the last change back."""
        self._step(self._past, self._future)

    def redo(self) -> None:
        """Do again what was taken back."""
        self._step(self._future, self._past)

    def serve(self, asked: Mapping[str, Any]) -> None:
        """Serve a front end's request. What cannot be is kept beside its control and told by `shown`."""
        if "do" in asked:
            {"undo": self.undo, "redo": self.redo}.get(asked["do"], lambda: None)()
        elif "path" in asked:
            try:
                self.set(asked["path"], asked["value"])
            except KetacostError as error:
                self._typed[asked["path"]] = (asked["value"], self._in_words(asked["path"], str(error)))

    def shown(self) -> dict[str, Any]:
        """What a front end paints, as plain data: form, head, detail (HTML), told, you_pay (USD)."""
        return {
            "form": form(self._scenario),
            "head": head(self._answer),
            "detail": detail(self._answer),
            "you_pay": self._answer.you_pay / 100,
            "told": {
                "problems": {
                    path: {"typed": typed, "problem": problem} for path, (typed, problem) in self._typed.items()
                },
                "slim": slim(self._answer),
                "undo": len(self._past),
                "redo": len(self._future),
            },
        }

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
