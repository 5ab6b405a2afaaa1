"""A scenario as one page: a notebook run for it on its day, then shared as `ketacost share` does."""

from __future__ import annotations

import json
import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from ketacost.core.fields import KetacostError
from ketacost.core.words import cut
from ketacost.core.writing import write_whole
from ketacost.files.last_patient import STANDS_IN
from ketacost.files.scenario_files import load
from ketacost.jupyter.app import FIRST, notebook
from ketacost.jupyter.lab import filled, parameters_of
from ketacost.sharing.share import Shared, read_notebook, share_notebook

SECONDS = 300
"""How long one cell may take."""


def report(
    scenario: str | Path,
    out: str | Path,
    *,
    book: str = FIRST,
    today: date | None = None,
    live: bool = False,
    pdf: bool = False,
    language: str = "en",
) -> Shared:
    """Run a notebook for a scenario's file or an example and share it as one page: report("patient.toml", "page.html").

    `today` is the day that the numbers are for: without it that of the file, or of its first visit. `live`, `pdf` and
    `language` are as `share_notebook` takes them. Raises EntryError for a file that cannot be read, KetacostError for a
    notebook without a cell of parameters, or whose run fails.
    """
    patient = load(scenario, today=today)
    day = today or patient.today or patient.course.start
    source, _ = notebook(book)
    if parameters_of(read_notebook(source)) is None:
        raise KetacostError(f"{source.name} has no cell tagged parameters, so it cannot be run for a scenario")
    with tempfile.TemporaryDirectory() as folder:
        name = str(scenario)
        if Path(scenario).is_file():
            name = Path(scenario).name
            shutil.copy(scenario, Path(folder) / name)
        ran = Path(folder) / source.name
        write_whole(ran, filled(source.read_text("utf-8"), name, day.isoformat()))
        _run(ran)
        return share_notebook(ran, out, live=live, pdf=pdf, language=language)


def _run(path: Path) -> None:
    """Run a notebook in its folder and keep its outputs in it."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    book: Any = nbformat.reads(path.read_text("utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    resources = {"metadata": {"path": str(path.parent)}}
    quiet = ["--IPKernelApp.log_level=ERROR"]
    how: dict[str, Any] = {"timeout": SECONDS, "kernel_name": "python3", "resources": resources}
    try:
        NotebookClient(book, extra_arguments=quiet, record_timing=False, **how).execute()
    except CellExecutionError as error:
        raise KetacostError(f"{path.name} could not be run: {cut(f'{error.ename}: {error.evalue}')}") from None
    for cell in book.cells:
        for output in cell.get("outputs", ()):
            if STANDS_IN in output.get("text", ""):
                said = output["text"].strip().splitlines()[-1]
                raise KetacostError(f"{path.name} cannot be written for this patient. It says: {said}")
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    book.metadata.pop("widgets", None)
    write_whole(path, json.dumps(book) + "\n")
