"""The browser of this machine, run without a window: it prints a page as PDF and draws pictures. Nothing is fetched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ketacost.core.fields import KetacostError

PROGRAMS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("microsoft-edge", "microsoft-edge-stable", "msedge", "brave-browser"),
)
INSTALLED = {
    "darwin": tuple(
        f"/Applications/{name}.app/Contents/MacOS/{name}"
        for name in ("Google Chrome", "Chromium", "Microsoft Edge", "Brave Browser")
    ),
    "win32": tuple(
        rf"{os.environ.get(place, '')}\{name}"
        for place in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
        for name in (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
        if os.environ.get(place)
    ),
}
FLAGS = (
    *("--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-default-browser-check", "--no-pings"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--hide-scrollbars", "--virtual-time-budget=20000"),
)
SECONDS = 180


class NoBrowser(KetacostError):
    """There is no browser that can print or draw; the message says how to get one."""


def chromium() -> str | None:
    """The Chromium, Chrome or Edge of this machine, or None. KETACOST_CHROMIUM names one."""
    if named := os.environ.get("KETACOST_CHROMIUM"):
        return shutil.which(named)
    found = (shutil.which(name) for name in (*PROGRAMS, *INSTALLED.get(sys.platform, ())))
    return next(filter(None, found), None)


def printed(page: Path, out: Path) -> None:
    """Print a page as PDF: letter paper, selectable text, tagged for screen readers. Raises NoBrowser or KetacostError."""
    with tempfile.TemporaryDirectory(prefix="ketacost-") as folder:
        made = Path(folder) / "page.pdf"
        _run(
            folder,
            f"--print-to-pdf={made}",
            "--no-pdf-header-footer",
            "--export-tagged-pdf",
            "--generate-pdf-document-outline",
            page.resolve().as_uri(),
        )
        if not made.exists() or not made.read_bytes().startswith(b"%PDF"):
            raise KetacostError(f"the browser printed nothing of {page.name}; open the page and print it from there")
        part = out.with_name(f".{out.name}.part")
        shutil.copyfile(made, part)
        os.replace(part, out)


def dumped(html: str) -> str:
    """A page as it stands after its scripts have run, as HTML. Raises NoBrowser or KetacostError."""
    with tempfile.TemporaryDirectory(prefix="ketacost-") as folder:
        page = Path(folder) / "page.html"
        page.write_text(html, encoding="utf-8")
        return _run(folder, "--dump-dom", page.as_uri())


def _run(folder: str, *words: str) -> str:
    program = chromium()
    if not program:
        raise NoBrowser(
            "there is no Chromium, Chrome or Edge to print with. Install one, name it in KETACOST_CHROMIUM, or open the "
            "shared page in any browser and print it to PDF from there"
        )
    alone = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []  # the sandbox refuses root
    command = [program, *FLAGS, *alone, f"--user-data-dir={folder}/profile", *words]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KetacostError(f"the browser {program} did not do its work: {error}") from error
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or [""]
        raise KetacostError(f"the browser {program} ended with {done.returncode}: {told[0]}")
    return done.stdout.decode(errors="replace")
