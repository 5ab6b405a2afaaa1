"""The last step of the form: who pays, what the plan may say, how likely, and what is done about a no."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ketacost.core.fields import words
from ketacost.core.money import WHOLE
from ketacost.estimate.outlook import path_of
from ketacost.estimate.scenario import Scenario
from ketacost.model.coverage import Path
from ketacost.model.payers import payers
from ketacost.reports.statements import tenths
from ketacost.workbench.controls import asked, control
from ketacost.workbench.summaries import CARDS


def coverage_controls(scenario: Scenario) -> Iterator[dict[str, Any]]:
    who = [["", "Not chosen"], *([name, found.label] for name, found in payers().items())]
    yield control(
        "payer", words(Scenario)["payer"][0], "choice", scenario.payer, options=who, help=words(Scenario)["payer"][1]
    )
    unknown = "coverage" in scenario.ranges
    told = "All three are looked at" if unknown else ""
    cards = [[name, title, f"{text}{_how_often(scenario, name)}"] for name, title, text in CARDS]
    yield control(
        "coverage", "What the plan covers", "cards", scenario.coverage, options=cards, unknown=unknown, hint=told
    )
    yield control("waived", words(Scenario)["waived"][0], "toggle", scenario.waived, help=words(Scenario)["waived"][1])
    if scenario.payer:
        yield from _path_controls(scenario, path_of(scenario)[0])


def _path_controls(scenario: Scenario, path: Path) -> Iterator[dict[str, Any]]:
    label = words(Path)
    for name in ("infusions", "visits"):
        yield control(
            f"path.{name}",
            f"Chance: {label[name][0].lower()}",
            "share",
            _percent(path, name),
            min=0,
            max=100,
            step=1,
            help=label[name][1],
        )
    for name, chance in (("ask_first", ""), ("appeal", "internal"), ("review", "external")):
        yield control(f"path.{name}", label[name][0], "toggle", getattr(path, name), help=label[name][1])
        if chance and getattr(path, name):
            yield control(
                f"path.{chance}",
                label[chance][0],
                "share",
                _percent(path, chance),
                min=0,
                max=100,
                step=1,
                help=label[chance][1],
                **asked(scenario, f"path.{chance}"),
            )
    yield control("path.excluded", label["excluded"][0], "toggle", path.excluded, help=label["excluded"][1])


def _percent(path: Path, name: str) -> str:
    return f"{getattr(path, name) / 100:g}"


def _how_often(scenario: Scenario, outcome: str) -> str:
    if not scenario.payer:
        return ""
    path, _ = path_of(scenario)
    points = {"infusions too": path.infusions, "visits only": path.visits}
    chance = points.get(outcome, WHOLE - path.infusions - path.visits)
    return f" About {tenths(Fraction(chance, WHOLE))} with this payer."
