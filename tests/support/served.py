"""The app as a person starts it, `ketacost app`, for tests and for looking at what we make."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

PANEL = "#page .keta >> nth=0"


@contextmanager
def served(folder: Path, *words: str) -> Iterator[str]:
    """The app with a notebook, on a free port; gives its address, and tells if it does not end well."""
    with app(folder, *words) as (process, address):
        yield address
    if process.returncode != 0:
        raise RuntimeError(
            f"the app ended with exit code {process.returncode}: {(folder / 'app.log').read_text('utf-8')}"
        )


@contextmanager
def app(
    folder: Path, *words: str, seconds: float = 240, program: Sequence[str] = ("-m", "ketacost")
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The process of the app, with its own settings and no browser, and the address that it printed; Ctrl-C at the end."""
    places = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "RUNTIME", "DATA")}
    places |= {"PYTHONUNBUFFERED": "1"}
    out, log = folder / "app.out", folder / "app.log"
    command = [sys.executable, *program, "app", "--no-browser", *words]
    with (
        out.open("wb") as told,
        log.open("wb") as errors,
        subprocess.Popen(
            command,
            cwd=folder,  # where patients are left off: no other test's
            env=os.environ | places,
            stdout=told,
            stderr=errors,
            preexec_fn=None if os.name == "nt" else _with_ctrl_c,
        ) as process,
    ):
        try:
            until = time.monotonic() + seconds
            while "http://" not in out.read_text("utf-8"):
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"the app did not start: {log.read_text('utf-8')}")
                time.sleep(0.1)
            yield process, re.findall(r"http://\S+", out.read_text("utf-8"))[-1]
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def _with_ctrl_c() -> None:
    """A process that is started in the background ignores Ctrl-C and hands that on; the app must hear it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def open_app(page: Page, address: str, seconds: int = 240) -> None:
    """Open the page and wait until its panel answers; where it does not, tell what the page says instead."""
    page.goto(address, wait_until="domcontentloaded")
    try:
        page.wait_for_selector(f"{PANEL} >> .keta-number", timeout=1_000 * seconds)
        page.wait_for_selector("#loading", state="detached")
    except PlaywrightTimeout as error:
        raise RuntimeError(
            f"no panel within {seconds} s; the page says: {page.locator('body').inner_text()}"
        ) from error
