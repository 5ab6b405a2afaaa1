"""An sdist without the files that a live page carries would give a wheel without them: it is not built."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FetchedFiles(BuildHookInterface):
    """Looks for each pinned file before an sdist is written."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Raise where a pinned file is missing or another one."""
        package = Path(self.root) / "ketacost"
        missing = []
        for one in json.loads((package / "assets" / "vendor.json").read_text("utf-8"))["packages"]:
            folder = package / ("assets/view_library" if one.get("kept") else "vendor") / one["name"]
            for name, pinned in {**one["files"], **one.get("derived", {})}.items():
                path = folder / name
                if not path.is_file() or sha256(path.read_bytes()).hexdigest() != pinned:
                    missing.append(f"{one['name']}/{name}")
        if missing:
            raise FileNotFoundError(
                f"run `ketacost fetch` first; these files are missing or changed: {', '.join(missing)}"
            )
