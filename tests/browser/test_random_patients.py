"""Patients drawn at random, entered by mouse and keyboard: no panel dies, and what it shows is the estimate of what was said.

KETACOST_PATIENTS says how many, 3 where it is not set; their draws are the same at every run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from random import Random

import pytest
from hands import Hand, holds, random_move
from lab import browser, chromium
from live_pages import awake, needed, opened
from served import PANEL, open_app, served

import ketacost as kc
from ketacost.sharing.live import live_page

NO_BROWSER = "no Chromium on this machine: install Debian's chromium, or name one in KETACOST_CHROMIUM"
PATIENTS = int(os.environ.get("KETACOST_PATIENTS", "3"))
MOVES = 8
WHO = (("protocol", 1.0), ("payer", 0.8), ("plan", 0.3), ("plan_kind", 0.4), ("network", 0.5), ("household.state", 0.3))


@contextmanager
def in_the_app(folder: Path) -> Iterator[Hand]:
    if not chromium():
        if os.environ.get("KETACOST_REQUIRE_BROWSER"):
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    with served(folder) as address, browser(1440, 900) as page:
        open_app(page, address)
        yield Hand(page, page.locator(PANEL))


@contextmanager
def on_a_live_page(folder: Path) -> Iterator[Hand]:
    needed()
    path = folder / "live.html"
    path.write_text(live_page(kc.example("readme-patient")), encoding="utf-8")
    with opened(path) as page:
        awake(page)
        yield Hand(page, page.locator(".keta"))


@pytest.mark.parametrize("place", [in_the_app, on_a_live_page])
def test_what_a_panel_shows_is_the_estimate_of_what_was_said(
    place: Callable[[Path], AbstractContextManager[Hand]], tmp_path: Path
) -> None:
    with place(tmp_path) as hand:
        for seed in range(PATIENTS):
            said = enter(Random(seed), hand)
            path = tmp_path / f"{seed}.toml"
            path.write_text(hand.file(), encoding="utf-8")
            estimate = kc.estimate(kc.load(path))
            print(f"\n{seed}: {estimate.sentence}\n   {said}")
            holds(hand, estimate)
        assert hand.page.problems == []


def enter(r: Random, hand: Hand) -> list[tuple[str, object]]:
    """Enter a new patient: who pays for what first, then controls drawn from the form."""
    hand.new()
    said: list[tuple[str, object]] = []
    for path, chance in WHO:
        control = next((one for one in hand.controls() if one["path"] == path), None)
        if control and r.random() < chance:
            said.append((path, r.choice(control["values"])))
            hand.say(*said[-1])
    for _ in range(MOVES):
        said.append(random_move(r, hand))
        assert not hand.panel.locator(".keta-banner").is_visible(), said
        assert "could not be worked out" not in hand.sentence(), said
    return said
