"""A notebook as an app: Voila serves it on this machine alone, its code hidden, asking nothing of the network."""

from __future__ import annotations

import errno
import os
import socket
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ketacost.core.fields import KetacostError
from ketacost.core.resources import ASSETS
from ketacost.jupyter.lab import prepare

HOST = "127.0.0.1"
PORT = 8866
FIRST = "01_what_will_it_cost"
TEMPLATES = ASSETS / "app_template"
WIDGETS = ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8"]
FRONT_ENDS = [*WIDGETS, "anywidget", "jupyterlab-plotly"]
"""The browser extensions that our notebooks need. Any other that is installed stays out: it might ask the network."""
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline' blob:; img-src 'self' data: blob:; font-src 'self' data:; "
    "worker-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
"""What the browser lets the page do: whatever a notebook holds, nothing is fetched from another host or sent to one."""
LONGEST_FOLDER = 32
"""Letters that a folder of temporary files may have: a socket's path holds 103, and its own name takes 71."""
FORGET_AFTER = 600
"""Seconds until the kernel of a page that was closed or lost is ended."""


def notebook(name: str | None = None, folder: str | Path | None = None) -> tuple[Path, tuple[str, ...]]:
    """The notebook to serve, and what was brought to the user's folder; without a name the calculator.

    A file is served as it is. Any other name is looked for among the notebooks that ship, with or without `.ipynb`.
    Raises KetacostError where there is none.
    """
    if name and Path(name).is_file():
        own = Path(name).resolve()
        if own.suffix != ".ipynb":
            raise KetacostError(f"{name} is no notebook: give a file that ends in .ipynb")
        return own, ()
    place, actions = prepare(folder)
    shipped_notebook = place / f"{(name or FIRST).removesuffix('.ipynb')}.ipynb"
    if not shipped_notebook.is_file():
        known = ", ".join(sorted(path.stem for path in place.glob("*.ipynb")))
        raise KetacostError(f"there is no notebook {name or FIRST}; give the path of one, or one of: {known}")
    return shipped_notebook.resolve(), actions


def free_port(wanted: int | None = None) -> int:
    """The wanted port, or else 8866, or else any that is free. Raises KetacostError where the wanted one is taken."""
    for port in [wanted] if wanted else [PORT, 0]:
        try:
            with socket.create_server((HOST, port)) as listener:
                return int(listener.getsockname()[1])
        except OSError as error:
            if wanted:
                taken = "is taken; end what runs there,"
                why = taken if error.errno == errno.EADDRINUSE else f"cannot be had: {os.strerror(error.errno or 0)};"
                way_out = "give another --port, or leave it out to get a free one"
                raise KetacostError(f"port {wanted} {why} {way_out}") from error
    raise KetacostError("no port of this machine is free to serve the app on")


def serve(path: Path, *, port: int, ready: Callable[[str], None]) -> None:
    """Serve a notebook until Ctrl-C or a signal to end; `ready` is told the address once it listens."""
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(TEMPLATES), os.environ.get("JUPYTER_PATH")]))
    from tornado.ioloop import IOLoop
    from traitlets.config import Config
    from voila.app import Voila  # type: ignore[import-untyped]

    voila = Voila(config=Config(settings(port)), config_file_paths=[])
    voila.initialize([str(path)])
    IOLoop.current().add_callback(lambda: ready(voila.display_url))
    voila.start()


def settings(port: int) -> dict[str, dict[str, Any]]:
    """How Voila serves: to this machine alone, with a key in the address, code hidden, a kernel for each page."""
    tornado = {
        # a page of another site that points its own name at this machine is turned away
        "allow_remote_access": False,
        "local_hostnames": ["localhost", HOST],
        "headers": {"Content-Security-Policy": POLICY},
        "ws_ping_timeout": 30_000,  # no longer than the time between two, or tornado complains
    }
    address = {"ip": HOST, "port": port, "port_retries": 0, "auto_token": True, "open_browser": False}
    return {
        "Voila": {**address, "log_level": "ERROR", "tornado_settings": tornado},
        "VoilaConfiguration": {
            "template": "ketacost",
            "theme": "light",
            # an address with ?template= would bring back a page that asks other hosts
            "allow_template_override": "NO",
            "allow_theme_override": "NO",
            "strip_sources": True,
            # it is the user's own notebook and machine: an error is shown, not hidden
            "show_tracebacks": True,
            "extension_allowlist": FRONT_ENDS,
            "prelaunch_hook": opened,
        },
        "MappingKernelManager": {"cull_idle_timeout": FORGET_AFTER, "cull_interval": 60},
        "KernelManager": {"transport": "ipc" if private_sockets() else "tcp"},
    }


def private_sockets(folder: str | None = None) -> bool:
    """Whether kernels can use sockets that only the user can open: not on Windows, nor from a long folder."""
    return sys.platform != "win32" and len(folder or tempfile.gettempdir()) <= LONGEST_FOLDER


def opened(handler: Any, notebook: Any, **_more: Any) -> Any:
    """The notebook with its first heading as title, and what ends its kernel when the page closes."""
    _ = handler.xsrf_token  # sets the cookie that the page's last request must carry
    lines = (line for cell in notebook.cells if cell.cell_type == "markdown" for line in cell.source.splitlines())
    notebook.metadata["title"] = next((line[2:].strip() for line in lines if line.startswith("# ")), "A notebook")
    return notebook


def open_browser(address: str) -> None:
    """Show the address in the user's browser, without waiting for it."""
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
