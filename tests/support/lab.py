"""A real JupyterLab with a notebook in headless Chromium, for tests and for looking at what we make."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from places import NOTEBOOKS
from playwright.sync_api import Browser, Page, expect, sync_playwright

from ketacost.sharing.browser import chromium

__all__ = ["browser", "chrome", "chromium", "lab", "open_and_run", "settled"]

FLAGS = [
    *("no-sandbox", "disable-gpu", "disable-quic", "no-first-run"),
    *("disable-background-networking", "disable-component-update", "disable-sync"),
]
PATIENT = 240_000  # milliseconds: the machine may be busy, and what never comes is a failure all the same
expect.set_options(timeout=PATIENT)
QUIET = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}


@contextmanager
def lab(folder: Path) -> Iterator[str]:
    """JupyterLab on this machine alone, over copies of the notebooks, with its own settings; gives its address."""
    work = folder / "work"
    shutil.copytree(NOTEBOOKS, work)
    settings = folder / "settings"
    for name, table in QUIET.items():
        package, plugin = name.split(":")
        path = settings / package / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(table))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "RUNTIME", "DATA")}
    places |= {"JUPYTERLAB_SETTINGS_DIR": str(settings), "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces")}
    options = [
        "--no-browser",
        "--ip=127.0.0.1",
        f"--port={port}",
        f"--ServerApp.root_dir={work}",
        "--IdentityProvider.token=",
    ]
    options += ["--LabApp.expose_app_in_browser=True", "--KernelManager.transport=ipc", "--ServerApp.allow_root=True"]
    command = [sys.executable, "-m", "jupyter", "lab", *options]
    with (
        (folder / "lab.log").open("w") as log,
        subprocess.Popen(command, env=os.environ | places, stdout=log, stderr=log) as server,
    ):
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/api", server)
            yield address
        finally:
            server.terminate()
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:
                # on a busy machine a worker thread of the server (AnyIO's) was left waiting after it had shut down
                server.kill()


def _wait_for(address: str, server: subprocess.Popen[bytes], seconds: float = 240) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(
        f"JupyterLab did not start within {seconds:g} s (exit code {server.poll()}); see lab.log beside its settings"
    )


HELD: list[Browser] = []


@contextmanager
def chrome() -> Iterator[Browser]:
    """Headless Chromium: the one that is open already, else one that is open as long as this."""
    if HELD:
        yield HELD[0]
        return
    with sync_playwright() as play:
        flags = [f"--{flag}" for flag in FLAGS]
        HELD.append(play.chromium.launch(executable_path=chromium(), headless=True, args=flags))
        try:
            yield HELD[0]
        finally:
            HELD.pop().close()


@contextmanager
def browser(width: int, height: int, **more: object) -> Iterator[Page]:
    """A page that shares nothing with another; `page.problems` collects its console errors and failed scripts."""
    with chrome() as running, running.new_context(viewport={"width": width, "height": height}, **more) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENT)
        page.problems = []  # type: ignore[attr-defined]
        page.on("console", lambda m: page.problems.append(f"console: {m.text}") if m.type == "error" else None)  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.problems.append(f"page: {error}"))  # type: ignore[attr-defined]
        yield page


def settled(page: Page) -> None:
    """Wait until a page has been laid out anew and painted, however long that takes."""
    page.evaluate(
        "document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => "
        "requestAnimationFrame(() => requestAnimationFrame(done)))))"
    )


RUN_ALL = """async (seconds) => {
    const all = (async () => {
        const app = window.jupyterapp;
        await app.restored;
        const shown = app.shell.currentWidget;
        await shown.context.ready;
        await shown.sessionContext.ready;
        await shown.sessionContext.session.kernel.info;
        await app.commands.execute('notebook:run-all-cells');
        return true;
    })();
    return Promise.race([all, new Promise((resolve) => setTimeout(() => resolve(false), seconds * 1000))]);
}"""


def open_and_run(page: Page, address: str, notebook: str, *, tries: int = 2, seconds: int = 240) -> None:
    """Open a notebook and run all of it, waiting for the kernel as JupyterLab itself sees it.

    A notebook that gets no kernel is opened once more; then we give up, rather than wait for ever.
    """
    for _ in range(tries):
        page.goto(f"{address}/lab/tree/{notebook}?reset", wait_until="domcontentloaded")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        if page.evaluate(RUN_ALL, seconds):
            return
    raise RuntimeError(f"JupyterLab gave {notebook} no kernel in {tries} tries of {seconds} s")
