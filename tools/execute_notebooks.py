"""Run the notebooks again and keep their outputs: python tools/execute_notebooks.py [NOTEBOOK ...]."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent / "notebooks"
LAST_FOLDED = "05"
"""Up to this number notebooks are for counselors: their code is folded, but for the cell that names the patient."""


def execute(path: Path) -> None:
    """Execute one notebook in place, without widget state or anything else that differs from run to run."""
    book = nbformat.read(path, as_version=4)
    NotebookClient(
        book,
        timeout=180,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    book.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    folded = path.stem[:2] <= LAST_FOLDED
    for cell in book.cells:
        tags = {"tags": cell.metadata.tags} if cell.metadata.get("tags") else {}
        fold = {"jupyter": {"source_hidden": True}} if folded and cell.cell_type == "code" and not tags else {}
        cell.metadata = {**tags, **fold}
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    whole = nbformat.writes(book) + "\n"
    with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8") as file:
        file.write(whole)
    os.replace(file.name, path)
    print(f"{path.name}: {len(book.cells)} cells, {len(whole) // 1024} KiB")


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(FOLDER.glob("*.ipynb")):
        execute(Path(name))
