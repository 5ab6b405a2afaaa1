"""Random moves on a session, as somebody who clicks and types makes them, and what must hold at the end of a walk."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from html import unescape
from random import Random
from typing import Any

from handout_parts import body
from hostile import REQUESTS, random_edits, spoiled_data
from random_intakes import TODAY, TOUCHING, random_entries, said, touch, wrong

from ketacost.core.money import about, brief, dollars, ends, usd
from ketacost.estimate.account_effects import account_problems
from ketacost.estimate.estimate import Estimate
from ketacost.estimate.intake import Intake
from ketacost.estimate.resolve import resolve
from ketacost.estimate.sentences import after_the_approval, runs_out
from ketacost.model.plans import published_plans
from ketacost.reports.handout import handout
from ketacost.reports.json_output import as_dict
from ketacost.reports.sections import head
from ketacost.reports.text import answer_text
from ketacost.workbench.form import form
from ketacost.workbench.session import Session

NOT_THOUGHT_OF = "this cannot be worked out"
PARTS = ("starts", "routes", "calculators", "saved")
MONEY = re.compile(r"-?\$\d{1,3}(?:,\d{3})*(?:\.\d\d)?")
LOOKED_AT = 25
"""A walk is shown after about one move in so many, and at its end."""

Request = dict[str, Any]


class Walk:
    """A session that is moved at random; every request is kept, so that a walk that fails can be read."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.session = Session(today=TODAY)
        self.asked: list[Request] = []
        self.touched: set[str] = set()
        self.controls = self._controls()
        self.entries = self._case()

    def run(self, moves: int, looked_at: int = LOOKED_AT) -> None:
        """So many random moves; what is shown now and then, and at the end."""
        for number in range(moves):
            self.move()
            if number % 3 == 0:
                self.controls = self._controls()
            if self.dice.randrange(looked_at) == 0:
                self.shown()
        self.shown()

    def move(self) -> None:
        """One random move."""
        kinds: tuple[tuple[Callable[[], Request], int], ...] = (
            (self._drawn, 8),
            (self._fitting, 7),
            (self._wrong, 2),
            (self._malformed, 2),
            (self._unknown, 2),
            (self._way, 3),
            (lambda: {"do": "undo"}, 2),
            (lambda: {"do": "redo"}, 1),
            (lambda: {"do": "new"}, 0 if self.dice.random() < 0.8 else 1),
            (lambda: {"do": "fold", "part": self.dice.choice(PARTS), "open": False}, 1),
        )
        makes, weights = zip(*kinds, strict=True)
        request = self.dice.choices(makes, weights)[0]()
        self.asked.append(request)
        self.session.serve(request)
        self.touched |= set(self.session.intake.said)

    def shown(self) -> dict[str, Any]:
        """What the session shows now: always whole, never the sentence that nothing could be worked out."""
        shown = self.session.shown()
        json.dumps(shown)
        assert NOT_THOUGHT_OF not in shown["told"]["slim"], self.asked
        assert NOT_THOUGHT_OF not in shown["told"].get("problem", ""), self.asked
        assert shown["form"], self.asked
        assert shown["head"], self.asked
        return shown

    def _controls(self) -> list[dict[str, Any]]:
        controls = [control for step in form(self.session.scenario) for control in step["controls"]]
        return [control for control in controls if control["path"]]

    def _control(self) -> dict[str, Any]:
        return self.dice.choice(self.controls)

    def _drawn(self) -> Request:
        """One of the entries of a random case, whose entries touch, in its order."""
        if not self.entries:
            self.entries = self._case()
        key = next(iter(self.entries))
        value = self.entries.pop(key)
        return {"path": key, "value": value}

    def _case(self) -> dict[str, object]:
        """The entries of a random case, those that touch first."""
        entries = random_entries(self.dice)
        pair = next(pair for pair in TOUCHING if all(any(key.startswith(name) for key in entries) for name in pair))
        first = {key: value for key, value in entries.items() if key.startswith(pair)}
        return {**first, **entries}

    def _fitting(self) -> Request:
        control = self._control()
        if control["kind"] == "visits":
            return self._visit(control)
        return {"path": control["path"], "value": self._value(control)}

    def _value(self, control: dict[str, Any]) -> Any:
        """A value that the control can have: one of its options, or a number in its bounds; now and then none."""
        if self.dice.random() < 0.1:
            return ""
        if control.get("like"):
            return self.dice.choice(("", *published_plans()))
        if control.get("options"):
            return self.dice.choice(control["options"])[0]
        if control["kind"] == "toggle":
            return self.dice.random() < 0.5
        if control["kind"] == "date":
            return self.dice.choice(("2026-12-01", "2027-01-15", "2027-09-30", "2025-02-28"))
        if control["kind"] == "text":
            return self.dice.choice(("10001", "94110", "99999"))
        number = self.dice.randint(int(control["min"]), int(control["max"]))
        return f"{number}%" if control["kind"] == "share" else number

    def _visit(self, control: dict[str, Any]) -> Request:
        """A visit moved, removed or added, or the holidays closed."""
        if self.dice.random() < 0.2:
            return {"do": "holidays"}
        day = self.dice.choice(("2026-12-01", "2027-01-15", "2027-09-30", ""))
        places = [str(chip["at"]) for chip in control["chips"] if chip["at"] is not None]
        return {"do": "visit", "at": self.dice.choice([*places, ""]), "day": day}

    def _wrong(self) -> Request:
        return {"path": self._control()["path"], "value": wrong(self.dice)}

    def _malformed(self) -> Request:
        """A request of which parts are missing, or of another kind; one that is right all the same changes no entry."""
        right = self.dice.choice(
            [asked for asked in REQUESTS if asked.get("do") in ("fold", "why", "handout", "files", "open")]
        )
        spoiled: Request = spoiled_data(right, random_edits(self.dice))
        return spoiled

    def _unknown(self) -> Request:
        known = [control for control in self.controls if control.get("unknown") is not None] or self.controls
        return {"path": f"unknown:{self.dice.choice(known)['path']}", "value": self.dice.random() < 0.7}

    def _way(self) -> Request:
        """A button beside a conflict, where there is one."""
        ways = [way for control in self.controls for way in control.get("ways", ())]
        if not ways:
            return self._fitting()
        _, key, value = self.dice.choice(ways)
        return {"path": key, "value": value}

    def touches(self) -> bool:
        """Whether two entries that touch were ever said in this walk."""
        return touch(self.touched)


def whole(thing: Any) -> Any:
    """Everything that a scenario holds, all the way down, in its order: equal things that are written alike."""
    if is_dataclass(thing):
        return [type(thing).__name__, *((one.name, whole(getattr(thing, one.name))) for one in fields(thing))]
    if isinstance(thing, Mapping):
        return [(key, whole(value)) for key, value in thing.items()]
    return [whole(one) for one in thing] if isinstance(thing, list | tuple) else repr(thing)


def holds_at_the_end(walk: Walk) -> None:
    """Order never matters, undo leads back to the beginning, and every amount that is read is the estimate's."""
    intake = walk.session.intake
    keys = list(intake.said)
    walk.dice.shuffle(keys)
    other = said({key: intake.value(key) for key in keys})
    assert {key: other.value(key) for key in other.said} == {key: intake.value(key) for key in keys}, walk.asked
    assert whole(resolve(other, TODAY)) == whole(resolve(_typed(intake), TODAY)), walk.asked
    every_amount_is_the_estimates(walk.session.estimate)
    for _ in walk.asked:
        walk.session.undo()
    assert walk.session.intake == Intake(), walk.asked
    assert walk.session.scenario == resolve(Intake(), TODAY)


def _typed(intake: Intake) -> Intake:
    """The same entries, all of them typed."""
    return said({key: intake.value(key) for key in intake.said})


def text(html: str) -> str:
    """What a reader reads of HTML."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def rounded(estimate: Estimate) -> set[str]:
    """The amounts that an estimate has, rounded to ten dollars."""
    cents = [estimate.main.likely, estimate.p10, estimate.p90, estimate.low, estimate.high, estimate.going_on]
    cents += [estimate.dearest_month[1], estimate.most_waiting[0], estimate.main.bottom.lost]
    for group in estimate.groups:
        cents += [group.likely, group.p10, group.p90, group.low, group.high, *group.by_design]
    cents += estimate.going_on_between
    if runs_out(estimate):
        cents += after_the_approval(next(group for group in estimate.groups if not group.whole).shown.scenario)
    own = {about(amount) for amount in cents} | {ends(amount, 100_000)[0] for amount in cents}
    today = estimate.scenario.today
    past = about(sum(e.cents for e in estimate.calendar.entries if today and e.day < today))
    left = abs(usd(about(estimate.main.likely)) - usd(past))  # the two add up to the likely amount as it is shown
    return own | {past, brief(left)}


def every_amount_is_the_estimates(estimate: Estimate) -> None:
    """The amounts in the headline and the cards, on the handout's headline, in the JSON and in the text."""
    own = rounded(estimate)
    problems = account_problems(estimate.shown.scenario, estimate.shown.claims)
    own |= {amount for problem in problems for amount in MONEY.findall(problem)}
    own |= {amount for told in estimate.conflicts for amount in MONEY.findall(told)}
    spoken = text(head(estimate).partition("<svg")[0].partition("<figure")[0])
    found = set(MONEY.findall(spoken))
    assert found <= own, (found - own, spoken)
    assert not set(MONEY.findall(f"{estimate.sentence} {estimate.rest}")) - own
    for language in ("en", "es"):
        page = handout(estimate, language)
        answer = re.search(r'<section class="band">(.*?)<div class="points">', page, re.DOTALL)
        assert answer
        total = re.search(r'<p class="sum">(.*?)</p>', page)
        exact = {dollars(abs(step.cents)) for step in estimate.steps_to_net} | {dollars(estimate.main.likely)}
        told = {
            amount.strip("-$").replace(",", "")
            for amount in MONEY.findall(text(answer[1] + (total[1] if total else "")))
        }
        plain = {amount.strip("-$").replace(",", "") for amount in own}
        assert told <= plain | exact, (language, told - plain - exact)
        assert body(page)
    table = as_dict(estimate)
    json.dumps(table)
    assert table["sentence"] == estimate.sentence
    assert table["likely"] == (None if estimate.likely is None else dollars(estimate.likely))
    assert [table[name] for name in ("p10", "p90", "low", "high")] == [
        dollars(getattr(estimate, name)) for name in ("p10", "p90", "low", "high")
    ]
    words = " ".join(answer_text(estimate).split())
    assert words.startswith(f"{estimate.sentence} {estimate.rest}".strip())
