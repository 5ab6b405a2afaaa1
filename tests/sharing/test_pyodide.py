"""What is carried of other projects: pinned by hash, fetched through npm and never run, licences beside it, packed the same each time."""

from __future__ import annotations

import ast
import base64
import dataclasses
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from gzip import decompress
from pathlib import Path

import pytest
from places import ROOT

from ketacost.core.fields import UnknownName
from ketacost.core.resources import front_end
from ketacost.core.writing import mark_of_bytes
from ketacost.sharing import fetch as fetching
from ketacost.sharing import pyodide as packing
from ketacost.sharing.fetch import NotFetched, checked_files, derive, fetch, place
from ketacost.sharing.pyodide import Package, RuntimeMissing, missing, notice, packages, packed, vendored

FETCHED = pytest.mark.skipif(bool(missing()), reason="the packages were not fetched: run `ketacost fetch`")


def archive(folder: Path, content: bytes) -> tuple[Package, Path]:
    """A package of one file, as npm packs it, with its right hashes."""
    path = folder / "thing-1.0.0.tgz"
    with tarfile.open(path, "w:gz") as tar:
        for name, held in (("package/thing.js", content), ("package/../../outside.js", b"1")):
            member = tarfile.TarInfo(name)
            member.size = len(held)
            tar.addfile(member, io.BytesIO(held))
    integrity = f"sha512-{base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()}"
    files = {"thing.js": hashlib.sha256(content).hexdigest()}
    return Package("thing", "1.0.0", integrity, "MIT", ("Python.txt",), "https://example.org", files), path


# What is pinned


def test_every_package_is_pinned_with_its_licence_and_source() -> None:
    assert [package.name for package in packages()] == [
        "pyodide",
        "plotly.js-basic-dist-min",
        "plotly.js-finance-dist-min",
        "preact",
        "htm",
    ]
    for package in packages():
        assert package.integrity.startswith("sha512-")
        assert len(base64.b64decode(package.integrity.removeprefix("sha512-"))) == 64
        assert all(len(pinned) == 64 for pinned in (*package.files.values(), *package.derived.values()))
        assert package.source.startswith("https://github.com/")
        assert package.licence_files or "LICENSE" in package.files
        assert all((packing.LICENCES / name).is_file() for name in package.licence_files)
        assert f"{package.name} {package.version}" in notice()


def test_a_name_that_is_not_pinned_is_told() -> None:
    with pytest.raises(UnknownName, match=r"pyodide\.mjs"):
        vendored("pyodide/pyodide.mj")


def test_a_file_that_is_not_there_or_is_another_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "VENDOR", tmp_path)
    fetched = [package for package in packages() if not package.kept]
    everything = [f"{package.name}/{name}" for package in fetched for name in (*package.files, *package.derived)]
    assert missing() == everything
    with pytest.raises(RuntimeMissing, match=r"pyodide\.mjs is not there: run `ketacost fetch`"):
        vendored("pyodide/pyodide.mjs")
    (tmp_path / "pyodide").mkdir()
    (tmp_path / "pyodide" / "pyodide.mjs").write_text("else")
    with pytest.raises(RuntimeMissing, match="not the pinned one"):
        vendored("pyodide/pyodide.mjs")
    assert missing() == everything


@FETCHED
def test_what_is_there_is_what_was_pinned_with_its_licences() -> None:
    for package in packages():
        for name, pinned in package.files.items():
            assert mark_of_bytes(vendored(f"{package.name}/{name}")) == pinned
        for name in package.licence_files:
            assert (package.folder / name).read_text() == (packing.LICENCES / name).read_text()
    assert (packing.VENDOR / "NOTICE").read_text("utf-8") == notice([one for one in packages() if not one.kept])


def test_the_panels_view_library_is_kept_with_its_licences_and_needs_no_fetch() -> None:
    kept = [package for package in packages() if package.kept]
    assert [package.name for package in kept] == ["preact", "htm"]
    for package in kept:
        assert package.lacking(package.files) == []
        assert "LICENSE" in package.files
    module = front_end()
    assert not re.search(r"^import |^export (?!default)|sourceMappingURL", module, re.MULTILINE)
    own = [path.read_text("utf-8") for path in (packing.ASSETS / "panel").glob("*.js")]
    assert not [text for text in own if "innerHTML" in text or "dangerouslySet" in text]
    assert module.count("export default") == 1


# Fetching


def test_the_files_of_an_archive_are_read_and_held_to_their_hashes(tmp_path: Path) -> None:
    package, path = archive(tmp_path, b"let a = 1;")
    assert checked_files(package, path) == {"thing.js": b"let a = 1;"}
    other = dataclasses.replace(package, files={"thing.js": "0" * 64})
    with pytest.raises(NotFetched, match=r"thing\.js has sha256"):
        checked_files(other, path)
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(NotFetched, match="the archive is not the pinned one"):
        checked_files(package, path)


def test_a_package_is_put_in_place_whole_with_its_licence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "VENDOR", tmp_path / "vendor")
    package, _ = archive(tmp_path, b"1")
    place(package, {"thing.js": b"1"})
    place(package, {"thing.js": b"2"})
    assert sorted(path.name for path in (tmp_path / "vendor").iterdir()) == ["thing"]
    assert sorted(path.name for path in (tmp_path / "vendor" / "thing").iterdir()) == ["Python.txt", "thing.js"]
    assert (tmp_path / "vendor" / "thing" / "thing.js").read_bytes() == b"2"
    assert not list(tmp_path.parent.glob("outside.js"))


def test_without_the_registry_it_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    """The real command, in a copy of the package without its files, with npm kept from the network."""
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "ketacost", copy / "ketacost", ignore=shutil.ignore_patterns("vendor", "__pycache__"))
    shutil.copytree(ROOT / "data", copy / "data")
    settings = {"npm_config_offline": "true", "npm_config_cache": str(tmp_path / "cache"), "PYTHONPATH": str(copy)}
    for options, code in ([["--try"], 0], [[], 2]):
        run = subprocess.run(
            [sys.executable, "-m", "ketacost", "fetch", *options],
            capture_output=True,
            text=True,
            env={**settings, "PATH": str(Path(sys.executable).parent)},
            cwd=copy,
            check=False,
        )
        assert run.returncode == code, run.stderr
        assert "pyodide 314.0.7 could not be had" in run.stderr
        assert "All else works" in run.stderr
        assert not list((copy / "ketacost").glob("vendor/*/*"))


@FETCHED
def test_the_files_are_taken_from_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = packing.VENDOR
    for module in (packing, fetching):
        monkeypatch.setattr(module, "VENDOR", tmp_path / "vendor")
    assert len(missing()) > 5
    list(fetch(given))
    assert missing() == []
    (tmp_path / "vendor" / "pyodide" / "pyodide.mjs").write_bytes(b"else")
    with pytest.raises(NotFetched, match=r"has neither pyodide/pyodide-lock\.json nor pyodide-314\.0\.7\.tgz"):
        list(fetch(tmp_path))
    list(fetch(given))
    assert missing() == []


def test_an_archive_in_a_folder_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "VENDOR", tmp_path / "vendor")
    package, path = archive(tmp_path, b"let a = 1;")
    path.rename(tmp_path / f"{package.name}-{package.version}.tgz")
    fetching.taken(package, tmp_path)
    assert (tmp_path / "vendor" / "thing" / "thing.js").read_bytes() == b"let a = 1;"


# Packing


def test_the_same_content_packs_to_the_same_text() -> None:
    content = b"ketamine " * 1000
    assert packed(content) == packed(content)
    assert decompress(base64.b64decode(packed(content))) == content


def test_the_package_carries_what_a_session_needs_and_no_more() -> None:
    held = json.loads(packing.package())
    for name in (
        "workbench/session",
        "model/cost_sharing",
        "reports/handout",
        "estimate/calendar",
        "files/scenario_files",
    ):
        assert f"ketacost/{name}.py" in held
    for name in ("jupyter/explorer", "cli", "sharing/live", "files/json_schema", "jupyter/lab", "privacy/notebooks"):
        assert f"ketacost/{name}.py" not in held
    assert not [name for name in held if "/sharing/" in name or "/notebooks/" in name or name.endswith(".ipynb")]
    assert "tomli_w/_writer.py" in held
    assert "ketacost/assets/handout.css" in held
    assert held["ketacost/data/sources.csv"] == (ROOT / "data" / "sources.csv").read_text("utf-8")
    assert packing.package() == packing.package()


def test_the_package_works_alone(tmp_path: Path) -> None:
    """What a page carries, with no other package in reach, in an interpreter of its own."""
    for name, text in json.loads(packing.package()).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    code = """
import json
from ketacost.estimate.scenario import example, examples
from ketacost.workbench.session import Sessions, plain_table
sessions = Sessions()
shown = json.loads(sessions.seat(json.dumps([plain_table(example(name)) for name in examples()])))
for asked in ({"do": "download", "name": "a"}, {"do": "handout", "language": "es"}, {"do": "why", "figure": "net"}):
    print(asked["do"], sorted({"file", "page", "window"} & json.loads(sessions.serve(0, json.dumps(asked)))["told"].keys()))
print(len(shown))
"""
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{code}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[:3] == ["download ['file']", "handout ['page']", "why ['window']"]


def standard_imports(text: str) -> set[str]:
    """The modules of Python's library that a text imports anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name for name in names if name.partition(".")[0] in sys.stdlib_module_names}


@FETCHED
def test_the_library_holds_what_a_session_imports_and_no_more() -> None:
    names = zipfile.ZipFile(io.BytesIO(vendored("pyodide/library.zip"))).namelist()
    assert all(name.endswith(".pyc") for name in names)
    held = {name.removesuffix(".pyc").removesuffix("/__init__").replace("/", ".") for name in names}
    built_in = {*sys.builtin_module_names, "collections.abc", "math", "unicodedata"}
    texts = [text for name, text in json.loads(packing.package()).items() if name.endswith(".py")]
    lacking = set().union(*map(standard_imports, texts)) - held - built_in
    assert not lacking, (
        f"add {lacking} to `library` in vendor.json, run `ketacost fetch`, and pin the hash that it names"
    )
    assert set(packages()[0].library) - held <= built_in
    assert not held & {"_pydecimal", "ssl", "tkinter", "unittest", "http.client", "multiprocessing"}


@FETCHED
def test_a_folder_of_an_older_version_is_noticed_and_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(packing.VENDOR, tmp_path / "vendor")
    for module in (packing, fetching):
        monkeypatch.setattr(module, "VENDOR", tmp_path / "vendor")
    folder = tmp_path / "vendor" / "pyodide"
    (folder / "library.zip").rename(folder / "compiled_stdlib.zip")
    assert missing() == ["pyodide/library.zip"]
    assert len(list(fetch())) == 1
    assert missing() == []
    assert not (folder / "compiled_stdlib.zip").exists()
    (folder / "library.zip").write_bytes(b"else")
    assert missing() == ["pyodide/library.zip"]


@FETCHED
def test_a_library_that_is_not_the_pinned_one_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(packing.VENDOR / "pyodide", tmp_path / "pyodide")
    for module in (packing, fetching):
        monkeypatch.setattr(module, "VENDOR", tmp_path)
    made = tmp_path / "pyodide" / "library.zip"
    monkeypatch.setattr(fetching, "run", lambda *words: made.write_bytes(b"another Python's"))
    with pytest.raises(NotFetched, match=rf"library\.zip has sha256 \w+, pinned {packages()[0].derived[made.name]}"):
        derive(packages()[0])
    assert not made.exists()
