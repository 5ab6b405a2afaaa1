"""The panel, or a notebook, as an app: Voila serves it on this machine alone, without code or network."""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ketacost.core.fields import KetacostError
from ketacost.core.resources import ASSETS, asset
from ketacost.core.writing import write_whole
from ketacost.estimate.scenario import examples
from ketacost.files.scenario_files import load
from ketacost.jupyter.lab import prepare

HOST = "127.0.0.1"
PORT = 8866
OTHER_PORTS = 50
"""How many more ports are tried where the user named none and another program takes the free one first."""
FIRST = "01_what_will_it_cost"
TITLE = "What will it cost?"

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


def page_for(
    name: str | None = None, folder: str | Path | None = None, today: date | None = None
) -> tuple[Path, tuple[str, ...]]:
    """What to serve, and what was brought to the user's folder: the panel alone, or a notebook.

    Without a name it is the panel on the patient last saved or left off; with a scenario's file or the name of an
    example, the panel on that; its numbers are for the day on which the page is opened, or for `today`. Any other name
    is a notebook's. Raises KetacostError where there is none.
    """
    if name is None or name in examples() or Path(name).suffix in (".toml", ".json"):
        if name:
            load(name)
        return _panel(name, Path.cwd() / "scenarios", today), ()
    if today:
        raise KetacostError("a notebook names its own day, in its second cell: leave --today out")
    return notebook(name, folder)


def _panel(scenario: str | None, folder: Path, today: date | None) -> Path:
    """A notebook that holds the panel alone, in a folder of its own; the panel keeps scenarios in the user's."""
    named = str(Path(scenario).absolute()) if scenario and Path(scenario).is_file() else scenario
    day = f"date.fromisoformat({str(today)!r})" if today else "date.today()"
    code = (
        "from contextlib import redirect_stdout\nfrom datetime import date\nfrom io import StringIO\n"
        "import ketacost as kc\nwith redirect_stdout(StringIO()) as opened:\n"
        f"    patient = kc.last({named!r}, today={day}, folder={str(folder)!r})\n"
        f"panel = kc.Explorer(patient, today=patient.today, folder={str(folder)!r})\n"
        'panel.told = {**panel.told, "said": opened.getvalue().strip()}  # gone with the first change\npanel'
    )
    more = asset("app_template/more.md").strip()  # what is folded below the panel
    cells = [
        {"cell_type": "markdown", "id": "title", "metadata": {}, "source": f"# {TITLE}"},
        {"cell_type": "code", "id": "panel", "metadata": {}, "source": code, "outputs": [], "execution_count": None},
        {"cell_type": "markdown", "id": "more", "metadata": {}, "source": more},
    ]
    path = Path(tempfile.mkdtemp(prefix="ketacost-")) / "panel.ipynb"
    about = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    write_whole(path, json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}))
    return path


def notebook(name: str = FIRST, folder: str | Path | None = None) -> tuple[Path, tuple[str, ...]]:
    """A notebook, and what was brought to the user's folder.

    A file is taken as it is. Any other name is looked for among the notebooks that ship, with or without `.ipynb`.
    Raises KetacostError where there is none.
    """
    if Path(name).is_file():
        own = Path(name).resolve()
        if own.suffix != ".ipynb":
            raise KetacostError(f"{name} is not a notebook: give a file that ends in .ipynb")
        return own, ()
    place, actions = prepare(folder)
    shipped_notebook = place / f"{name.removesuffix('.ipynb')}.ipynb"
    if not shipped_notebook.is_file():
        known = ", ".join(sorted(path.stem for path in place.glob("*.ipynb")))
        raise KetacostError(f"there is no notebook {name}; give the path of one, or one of: {known}")
    return shipped_notebook.resolve(), actions


def free_port(wanted: int | None = None, first: int = 0) -> int:
    """The wanted port, or else the first, or else any that is free. Raises KetacostError where the wanted is taken."""
    for port in [wanted] if wanted else [first or PORT, 0]:
        try:
            with socket.create_server((HOST, port)) as listener:
                return int(listener.getsockname()[1])
        except OSError as error:
            if wanted:
                taken = "is taken; end what runs there,"
                why = taken if error.errno == errno.EADDRINUSE else f"cannot be had: {os.strerror(error.errno or 0)};"
                way_out = "give another --port, or leave it out to get a free one"
                raise KetacostError(f"port {wanted} {why} {way_out}") from error
    raise KetacostError("no port is free on this machine to serve the app")


def serve(
    path: Path, *, port: int | None, ready: Callable[[str], None], base_path: str = "/", hosts: Sequence[str] = ()
) -> None:
    """Serve a notebook until Ctrl-C or a signal to end; `ready` is told the address once it listens.

    Without a port it takes one that is free, and the next where another app took that in the meantime.
    Behind a hub's proxy it answers under `base_path` and to the names in `hosts` too.
    """
    config = settings(free_port(port), base_path, hosts, other_ports=0 if port else OTHER_PORTS)
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(TEMPLATES), os.environ.get("JUPYTER_PATH")]))
    from tornado.ioloop import IOLoop
    from traitlets.config import Config
    from voila.app import Voila  # type: ignore[import-untyped]

    voila = Voila(config=Config(config), config_file_paths=[])
    voila.initialize([str(path)])
    IOLoop.current().add_callback(lambda: ready(voila.display_url))
    voila.start()


def settings(
    port: int, base_path: str = "/", hosts: Sequence[str] = (), *, other_ports: int = 0
) -> dict[str, dict[str, Any]]:
    """How Voila serves: to this machine alone, with a key in the address, code hidden, a kernel for each page.

    A proxy on this machine may hand requests on: they begin with `base_path` and name one of `hosts`.
    """
    tornado = {
        # a page of another site that points its own name at this machine is turned away
        "allow_remote_access": False,
        "local_hostnames": ["localhost", HOST, *hosts],
        "headers": {"Content-Security-Policy": POLICY},
        "ws_ping_timeout": 30_000,  # no longer than the time between two, or tornado complains
    }
    address = {"ip": HOST, "port": port, "port_retries": other_ports, "auto_token": True, "open_browser": False}
    if base_path.strip("/"):
        address["base_url"] = f"/{base_path.strip('/')}/"
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
