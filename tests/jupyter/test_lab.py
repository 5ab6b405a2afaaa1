"""The user's own folder of notebooks: what they changed is never overwritten, what they did not is renewed."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ketacost.cli import app
from ketacost.core.fields import KetacostError
from ketacost.core.resources import shipped
from ketacost.jupyter import lab
from ketacost.jupyter.lab import KEPT, bring, command, has_screen, parameters_of, prepare


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two notebooks and a picture that ship, and what does not."""
    source = tmp_path / "shipped"
    for name, text in {
        "a.ipynb": "a 1",
        "b.ipynb": "b 1",
        "more/c.png": "c 1",
        ".ipynb_checkpoints/a.ipynb": "old",
        ".hidden": "x",
    }.items():
        write(source / name, text)
    return source, tmp_path / "mine"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def held(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != KEPT)
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in found}


def test_what_ships_is_copied_once(folders: tuple[Path, Path]) -> None:
    source, mine = folders
    assert bring(source, mine) == ("a.ipynb: copied", "b.ipynb: copied", "more/c.png: copied")
    assert held(mine) == {"a.ipynb": "a 1", "b.ipynb": "b 1", "more/c.png": "c 1"}
    assert bring(source, mine) == ()


def test_a_newer_one_takes_the_place_of_an_unchanged_one(folders: tuple[Path, Path]) -> None:
    source, mine = folders
    bring(source, mine)
    write(source / "a.ipynb", "a 2")
    write(source / "d.ipynb", "d 1")
    assert bring(source, mine) == ("a.ipynb: renewed; you had not changed it", "d.ipynb: copied")
    assert held(mine)["a.ipynb"] == "a 2"


def test_a_changed_one_stays_and_the_newer_one_stands_beside_it(folders: tuple[Path, Path]) -> None:
    source, mine = folders
    bring(source, mine)
    write(mine / "a.ipynb", "a mine")
    assert bring(source, mine) == ()
    write(source / "a.ipynb", "a 2")
    assert bring(source, mine) == ("a (new).ipynb: a newer one; yours is as you left it",)
    assert (held(mine)["a.ipynb"], held(mine)["a (new).ipynb"]) == ("a mine", "a 2")
    assert bring(source, mine) == ()


def test_a_newer_one_still_takes_the_place_of_the_new_one(folders: tuple[Path, Path]) -> None:
    source, mine = folders
    bring(source, mine)
    write(mine / "a.ipynb", "a mine")
    for text in ("a 2", "a 3"):
        write(source / "a.ipynb", text)
        bring(source, mine)
    assert held(mine)["a (new).ipynb"] == "a 3"
    write(mine / "a (new).ipynb", "a mine too")
    write(source / "a.ipynb", "a 4")
    bring(source, mine)
    assert [held(mine)[f"a{beside}.ipynb"] for beside in ("", " (new)", " (new 2)")] == ["a mine", "a mine too", "a 4"]


def test_a_new_one_that_was_thrown_away_does_not_come_back(folders: tuple[Path, Path]) -> None:
    source, mine = folders
    bring(source, mine)
    write(mine / "a.ipynb", "a mine")
    write(source / "a.ipynb", "a 2")
    bring(source, mine)
    (mine / "a (new).ipynb").unlink()
    assert bring(source, mine) == ()
    (mine / "a.ipynb").unlink()
    assert bring(source, mine) == ("a.ipynb: copied",)


@pytest.mark.parametrize("kept", ["", "[]", '{"brought": 3}', None])
def test_without_a_record_whatever_differs_stays(folders: tuple[Path, Path], kept: str | None) -> None:
    source, mine = folders
    bring(source, mine)
    (mine / KEPT).unlink() if kept is None else write(mine / KEPT, kept)
    write(source / "a.ipynb", "a 2")
    assert bring(source, mine) == ("a (new).ipynb: a newer one; yours is as you left it",)
    assert held(mine)["a.ipynb"] == "a 1"


def test_the_record_names_nothing_but_files(folders: tuple[Path, Path]) -> None:
    source, mine = folders
    bring(source, mine)
    assert str(mine.parent) not in (mine / KEPT).read_text("utf-8")


def test_a_checkouts_notebooks_are_opened_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["lab", "--print-folder"])
    assert result.stdout.strip() == str(shipped("notebooks"))
    assert list(tmp_path.iterdir()) == []


def test_an_install_without_notebooks_says_so(tmp_path: Path) -> None:
    with pytest.raises(KetacostError, match="this install has no notebooks"):
        bring(tmp_path / "nowhere", tmp_path / "mine")


def test_the_users_own_folder_is_filled(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["lab", "--print-folder", "--folder", str(tmp_path / "mine")])
    assert result.exit_code == 0
    assert result.stdout.strip() == str(tmp_path / "mine")
    assert {path.name for path in shipped("notebooks").glob("*.ipynb")} <= set(held(tmp_path / "mine"))
    assert prepare(tmp_path / "mine") == (tmp_path / "mine", ())


def test_the_lab_is_on_this_machine_alone(tmp_path: Path) -> None:
    words = command(tmp_path, port=8123, browser=False, more=["--debug"])
    assert words[:3] == [sys.executable, "-m", "jupyterlab"]
    assert {"--ServerApp.ip=127.0.0.1", "--ServerApp.port=8123", "--no-browser", "--debug"} <= set(words)
    assert not any("token" in word for word in words)
    assert "--no-browser" not in command(tmp_path, port=8123)


def test_the_lab_opens_on_the_first_notebook_and_the_address_comes_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(lab, "start", lambda *words: started.extend(words))
    told = CliRunner().invoke(app, ["lab", "--no-browser", "--folder", str(tmp_path / "mine")]).stderr.splitlines()
    words, key = started
    assert isinstance(words, list)
    assert isinstance(key, str)
    assert len(told) == 3
    assert re.fullmatch(rf"http://127\.0\.0\.1:\d+/lab/tree/01_what_will_it_cost\.ipynb\?token={key}", told[-1])
    assert "--LabApp.default_url=/lab/tree/01_what_will_it_cost.ipynb" in words
    assert "--LabApp.news_url=None" in words
    assert key not in " ".join(words)


def test_a_terminal_shows_three_lines_and_no_more(tmp_path: Path) -> None:
    """From the start until JupyterLab answers, with every server extension that is installed."""
    out = tmp_path / "out"
    places = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind.lower()) for kind in ("CONFIG", "RUNTIME", "DATA")}
    words = [sys.executable, "-m", "ketacost", "lab", "--no-browser", "--folder", str(tmp_path / "mine")]
    with out.open("wb") as told, subprocess.Popen(words, env=os.environ | places, stdout=told, stderr=told) as process:
        try:
            until = time.monotonic() + 240
            while time.monotonic() < until and process.poll() is None:
                found = re.search(r"http://\S+\n", out.read_text("utf-8"))
                with suppress(OSError):
                    if found and urllib.request.urlopen(found[0].strip(), timeout=2).status == 200:
                        break
                time.sleep(0.2)
            lines = out.read_text("utf-8").splitlines()
        finally:
            process.kill()
    assert [line.partition(" ")[0] for line in lines[:2]] == ["Notebooks:", "Ctrl-C"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/lab/tree/01_what_will_it_cost\.ipynb\?token=\S+", lines[2])
    assert lines[3:] == []


def test_the_users_own_notebooks_begin_with_the_patient_left_off(tmp_path: Path) -> None:
    place, _ = prepare(tmp_path / "mine")
    for path in place.glob("0[0-6]*.ipynb"):
        own, ours = (
            parameters_of(json.loads(one.read_text("utf-8"))) for one in (path, shipped("notebooks") / path.name)
        )
        assert own is not None
        assert ours is not None
        assert [line.partition("  #")[0].strip() for line in own["source"]] == ["scenario = None", "today = None"]
        assert "".join(ours["source"]).startswith('scenario = "payer-employer-insured"')


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a display is asked for on Linux alone")
def test_a_screen_is_asked_for() -> None:
    assert has_screen({"DISPLAY": ":0"})
    assert not has_screen({})
