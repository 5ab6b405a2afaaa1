"""The Explorer: one widget bound to a scenario. It holds no rules; its session does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from ketacost.core.convert import read
from ketacost.core.fields import KetacostError
from ketacost.core.resources import asset, front_end
from ketacost.core.writing import ChangedMeanwhile, mark_of, write_whole
from ketacost.estimate.answer import scenario_of
from ketacost.estimate.estimate import Estimate
from ketacost.estimate.intake import Intake
from ketacost.estimate.scenario import Scenario
from ketacost.files.scenario_files import save
from ketacost.reports.charts import BROAD, chart_svg
from ketacost.reports.json_output import carried
from ketacost.reports.markup import paragraph
from ketacost.reports.sections import plain, slim, static
from ketacost.workbench.session import LEFT_OFF, Session, uncollected

A_MOMENT = 1.5  # seconds without a move
LONG_WORK = ("export", "fold", "share")
"""What can take longer than a front end waits for an answer: it is told that the work goes on."""


class Explorer(anywidget.AnyWidget):
    """The panel: treatment, prices, plan, what the plan counts and covers; the answer updates as you type.

    An ipywidget: put it in a VBox, drive it with `panel.set("prices.charges.infusion", "550")`, and observe `scenario`,
    `estimate` or `you_pay`; `follow` shows a table or a picture of its estimate.
    """

    _esm = front_end()
    _css = asset("panel.css")
    form: traitlets.List[Any] = traitlets.List(help="the steps and controls as plain data").tag(sync=True)
    head = traitlets.Unicode(help="the headline as HTML").tag(sync=True)
    detail = traitlets.Dict(help="the open tab under it as HTML, by its name").tag(sync=True)
    tabs: traitlets.List[Any] = traitlets.List(help="the names and titles of the tabs").tag(sync=True)
    told = traitlets.Dict(help="problems by control, what can be undone, the request served").tag(sync=True)
    formed = traitlets.Int(help="the request that tab and form answer; they may come after the head").tag(sync=True)
    asked = traitlets.Dict(help="the front end's last request: {number, path, value} or {number, do}")
    you_pay = traitlets.Int(help="what the patient pays in the end, in cents").tag(sync=True)

    scenario: traitlets.Any = traitlets.Any(help="the scenario as it is in the panel")
    estimate: traitlets.Any = traitlets.Any(help="the estimate that the panel shows; observe it to follow the panel")

    opens = traitlets.Unicode("who", help="the step or block that is open at first").tag(sync=True)
    mode = traitlets.Unicode("guided", help="guided: step by step; all: every field").tag(sync=True)

    def __init__(
        self,
        scenario: Scenario | Intake | str | None = None,
        *,
        today: date | str | None = None,
        opens: str = "who",
        mode: str = "guided",
        folder: str | Path = "scenarios",
    ) -> None:
        super().__init__(opens=opens, mode=mode)
        said = scenario if scenario is None or isinstance(scenario, Intake) else scenario_of(scenario)
        day = None if today is None else read(date, today, "today")
        self._session = Session(said, today=day, folder=Path(folder).absolute(), share=_share)
        self._timer: threading.Timer | None = None
        self._left_off = self._session.folder / LEFT_OFF if self._session.folder else None
        self._left_mark: str | None = None
        self._keeping = threading.Lock()
        with suppress(KetacostError, OSError):
            self._left_mark = mark_of(self._left_off) if self._left_off else None
        self._served = set[int]()
        self._news = ""
        self.on_msg(self._hear)
        self._paint()

    @property
    def code(self) -> str:
        """What was said, and nothing else, to paste into a script: kc.resolve(kc.intake({...}), today)."""
        said = {key: said.value for key, said in self._session.intake.said.items()}
        return f"kc.resolve(kc.intake({said!r}), {self._session.today!r})"

    def set(self, path: str, value: Any) -> None:
        """Move one control. Raises KetacostError where that is impossible; the panel then stays as it was."""
        self._session.set(path, value)
        self._paint()

    def undo(self) -> None:
        """Take the last change back."""
        self._session.undo()
        self._paint()

    def redo(self) -> None:
        """Do again what was taken back."""
        self._session.redo()
        self._paint()

    def follow(self, show: Callable[[Estimate], object]) -> widgets.HTML:
        """Show a table or a picture of what is in the panel, and show it again whenever that changes.

        `show` takes an estimate and gives text, what `statement` gives, or what `chart` draws, as in
        panel.follow(lambda estimate: statement(estimate.calendar)). An error of `show` appears in its place.
        """
        box = widgets.HTML()

        def draw(change: object = None) -> None:
            try:
                box.value = _as_html(show(self.estimate))
            except Exception as error:
                box.value = paragraph(f"This could not be shown: {error}")

        self.observe(draw, "estimate")
        draw()
        return box

    def _paint(self) -> None:
        """Show the answer, which a person looks at, then the rest: two messages, so that the first is soon there."""
        number = self.asked.get("number", 0)
        answer = self._session.answer()
        if self._news:
            answer["told"].setdefault("said", self._news)
            self._news = ""
        answer["told"]["number"] = number
        self._show(answer)
        self._show({**self._session.rest(), "formed": number})
        self.scenario = self._session.scenario
        with suppress(KetacostError):  # what cannot be worked out is told on the page; the last estimate stays
            self.estimate = self._session.estimate

    def _show(self, parts: Mapping[str, Any]) -> None:
        with self.hold_sync():
            for name, value in parts.items():
                setattr(self, name, value)

    def _hear(self, _widget: Any, request: dict[str, Any], _buffers: Any) -> None:
        if "nudge" not in request:
            self.asked = request

    @traitlets.observe("asked")
    @uncollected()
    def _serve(self, event: Any) -> None:
        """Serve a request, once even if it is sent again. Every request is answered, and nothing raised is lost."""
        asked, before = event["new"], self.scenario
        number = asked.get("number", 0)
        try:
            if asked.get("do") in LONG_WORK:
                self.send({"working": number})
            self._session.serve({} if asked.get("again") in self._served else asked)
            self._paint()
            self._served.add(asked.get("again", number))
        except (Exception, KeyboardInterrupt):
            self.log.exception(
                "The panel could not serve %s", {"number": number, "do": asked.get("do", asked.get("path"))}
            )
            self.told = {**self.told, "number": number, "failed": True}
            self.formed = number
        if self.scenario != before:
            self._keep_soon()

    def _keep_soon(self) -> None:
        """Save the scenario once nobody has changed it for a moment, so that closing a page loses nothing."""
        if self._timer:
            self._timer.cancel()
        self._timer = threading.Timer(A_MOMENT, self._keep, (self.scenario,))
        self._timer.start()

    def _keep(self, scenario: Scenario) -> None:
        """Keep a scenario where it was left off; where another panel keeps its own there, in a file beside it.

        A folder that cannot be written is no reason to disturb anybody.
        """
        number = 1
        with self._keeping, suppress(KetacostError, OSError):
            while (path := self._left_off) is not None:
                path.parent.mkdir(0o700, parents=True, exist_ok=True)
                try:
                    self._left_mark = save(scenario, path, opened=self._left_mark)
                    return
                except ChangedMeanwhile:
                    number += 1
                    self._left_off = path = path.with_name(LEFT_OFF.replace(".", f" ({number})."))
                    self._left_mark = mark_of(path)
                    self._news = f"Another panel keeps its patient here too; this one's is in {path.name}."

    def __repr__(self) -> str:
        return f"Explorer({slim(self.estimate)!r})"

    def _repr_mimebundle_(self, **more: Any) -> Any:
        bundle = super()._repr_mimebundle_(**more)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data is not None:
            data |= {"text/html": static(self.estimate), "text/plain": plain(self.estimate), **carried(self.scenario)}
        return bundle


def _as_html(result: object) -> str:
    """A result as HTML: text, a table, or a picture as SVG."""
    if isinstance(result, str):
        return paragraph(result)
    own = getattr(result, "_repr_html_", None)
    return str(own()) if own and not isinstance(result, Estimate) else chart_svg(result, titled=True, wide=BROAD)


def _share(scenario: Scenario, path: Path) -> Path:
    """Make a page to send of a scenario."""
    from ketacost.sharing.live import live_page

    write_whole(path, live_page(scenario, title=scenario.title))
    return path
