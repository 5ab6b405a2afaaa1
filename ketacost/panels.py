"""The Explorer: one widget bound to a scenario. It holds no rules: a change goes to the model, the answer comes back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ketacost.answers import Answer, run
from ketacost.changes import change, start_with
from ketacost.doors import as_text, written
from ketacost.forms import form
from ketacost.scenarios import Scenario
from ketacost.views import detail, head, plain, slim, static
from ketacost.words import KetacostError

MOST_UNDO = 200


class Explorer(anywidget.AnyWidget):
    """Try a scenario: treatment, prices, plan, what the plan counts and covers; the answer repaints as you move.

    An ipywidget: put it in a VBox, observe `you_pay`, or drive it with `panel.set("prices.charges.infusion", "550")`.
    `panel.scenario` is what stands on the screen, as code; `panel.answer` is its answer.
    """

    _esm = Path(__file__).with_name("panel.js")
    _css = Path(__file__).with_name("panel.css")
    form: traitlets.List[Any] = traitlets.List(help="the steps and controls as plain data").tag(sync=True)
    head = traitlets.Unicode(help="the headline as HTML").tag(sync=True)
    detail = traitlets.Unicode(help="everything under it as HTML").tag(sync=True)
    told = traitlets.Dict(help="what could not be, by control; what can be undone; which request was served").tag(
        sync=True
    )
    asked = traitlets.Dict(help="the last request of the front end: {number, path, value} or {number, do}").tag(
        sync=True
    )
    you_pay = traitlets.Float(help="what the patient pays in the end, in dollars").tag(sync=True)

    opens = traitlets.Unicode("treatment", help="the step that stands open at first").tag(sync=True)

    def __init__(
        self, scenario: Scenario | None = None, *, start: date | None = None, opens: str = "treatment"
    ) -> None:
        super().__init__(opens=opens)
        self._past: list[Scenario] = []
        self._future: list[Scenario] = []
        self._typed: dict[str, tuple[Any, str]] = {}
        self._show(scenario or start_with(start=start or date.today()))

    @property
    def scenario(self) -> Scenario:
        """The scenario as it stands in the panel."""
        return self._scenario

    @property
    def answer(self) -> Answer:
        """The answer that the panel shows."""
        return self._answer

    @property
    def code(self) -> str:
        """The scenario as a table to paste into a script: scenario_from(...)."""
        return f"kc.scenario_from({as_text(written(self._scenario))!r})"

    def set(self, path: str, value: Any) -> None:
        """Move one control. Raises KetacostError where that cannot be; the panel then stays as it was."""
        changed = change(self._scenario, path, value)
        if changed == self._scenario:
            self._typed.pop(path, None)
            self._paint()
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

    def _step(self, back: list[Scenario], forth: list[Scenario]) -> None:
        if back:
            forth.append(self._scenario)
            self._typed = {}
            self._show(back.pop())

    def _show(self, scenario: Scenario, answer: Answer | None = None, number: int = 0) -> None:
        self._answer = answer or run(scenario)
        self._scenario = scenario
        self._paint(number)

    def _paint(self, number: int = 0) -> None:
        with self.hold_sync():
            self.form = form(self._scenario)
            self.head, self.detail = head(self._answer), detail(self._answer)
            self.you_pay = self._answer.you_pay / 100
            self.told = {
                "number": number or self.asked.get("number", 0),
                "problems": {
                    path: {"typed": typed, "problem": problem} for path, (typed, problem) in self._typed.items()
                },
                "slim": slim(self._answer),
                "undo": len(self._past),
                "redo": len(self._future),
            }

    @traitlets.observe("asked")
    def _serve(self, event: Any) -> None:
        asked = event["new"]
        if "do" in asked:
            {"undo": self.undo, "redo": self.redo}.get(asked["do"], self._paint)()
        elif "path" in asked:
            try:
                self.set(asked["path"], asked["value"])
            except KetacostError as error:
                self._typed[asked["path"]] = (asked["value"], self._in_words(asked["path"], str(error)))
                self._paint()

    def _in_words(self, path: str, problem: str) -> str:
        """An error with the control's label where the path into the scenario stood."""
        labels = [c["label"] for group in self.form for c in group["controls"] if c["path"] == path]
        return problem.replace(path, labels[0]) if labels else problem

    def __repr__(self) -> str:
        return f"Explorer({slim(self._answer)!r})"

    def _repr_mimebundle_(self, **more: Any) -> Any:
        bundle = super()._repr_mimebundle_(**more)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data is not None:
            data["text/html"], data["text/plain"] = static(self._answer), plain(self._answer)
        return bundle
