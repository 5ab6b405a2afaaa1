"""Files are made under names that nobody can guess, take their place whole, and never over what somebody else wrote."""

from __future__ import annotations

import errno
import os
import threading
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ketacost as kc
from ketacost.core import writing
from ketacost.core.fields import KetacostError
from ketacost.core.writing import ChangedMeanwhile, growing_file, mark_of, new_file, partial_of, sweep, write_whole
from ketacost.files.scenario_files import load, load_intake, save
from ketacost.jupyter.explorer import Explorer
from ketacost.workbench.session import LEFT_OFF, Session

TODAY = date(2026, 11, 27)
DEARER = kc.resolve(kc.intake(payer="medicaid", protocol="iv-mood"), TODAY)
OTHER = kc.resolve(kc.intake(payer="marketplace", protocol="spravato"), TODAY)


def test_what_holds_a_scenario_is_for_its_owner_alone(tmp_path: Path) -> None:
    session = Session(kc.example("readme-patient"), today=TODAY, folder=tmp_path / "scenarios")
    for asked in ({"do": "save", "name": "a"}, {"do": "export", "what": "months"}):
        session.serve(asked)
    kept = list((tmp_path / "scenarios").iterdir())
    assert {path.suffix for path in kept} == {".toml", ".xlsx"}
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert (tmp_path / "scenarios").stat().st_mode & 0o777 == 0o700
    write_whole(tmp_path / "page.html", "to send")
    assert (tmp_path / "page.html").stat().st_mode & 0o777 == 0o666 & ~umask()


def umask() -> int:
    before = os.umask(0)
    os.umask(before)
    return before


def test_a_file_keeps_the_rights_that_it_was_given(tmp_path: Path) -> None:
    save(DEARER, tmp_path / "a.toml")
    (tmp_path / "a.toml").chmod(0o640)
    save(OTHER, tmp_path / "a.toml")
    assert (tmp_path / "a.toml").stat().st_mode & 0o777 == 0o640


def test_a_link_in_the_way_of_an_unfinished_file_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    guessed = iter((bytes(8), b"12345678"))
    (tmp_path / f"{writing.MARK}{bytes(8).hex()}.toml").symlink_to(victim)
    monkeypatch.setattr(writing.os, "urandom", lambda _: next(guessed))
    with pytest.raises(KetacostError, match="cannot be written: File exists"):
        write_whole(tmp_path / "a.toml", "new")
    write_whole(tmp_path / "a.toml", "new")
    (tmp_path / "out.partial.csv").symlink_to(victim)
    with pytest.raises(KetacostError, match="another program may be writing it"), growing_file(tmp_path / "out.csv"):
        pass
    assert victim.read_text() == "mine"


def test_what_a_killed_program_left_is_swept_and_what_is_being_written_stays(tmp_path: Path) -> None:
    left = tmp_path / f"{writing.MARK}{'0' * 16}.toml"
    left.write_text("half")
    others = [tmp_path / f"{writing.MARK}notes.toml", tmp_path / ".hidden"]
    for path in others:
        path.write_text("mine")
    (tmp_path / f"{writing.MARK}{'1' * 16}.toml").symlink_to(others[0])
    with new_file(tmp_path / "a.txt") as (file, new):
        assert not left.exists()
        sweep(tmp_path)
        assert new.exists()
        file.write(b"whole")
    assert (tmp_path / "a.txt").read_bytes() == b"whole"
    assert all(path.exists() for path in others)


def test_no_name_is_too_long_to_be_written(tmp_path: Path) -> None:
    write_whole(tmp_path / f"{'a' * 250}.txt", "x")
    with pytest.raises(KetacostError, match="there is no file"):
        load("x" * 5_000 + ".toml")
    with pytest.raises(KetacostError, match="File name too long"):
        write_whole(tmp_path / f"{'a' * 300}.txt", "x")


def test_what_is_no_ordinary_file_is_not_written(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(KetacostError, match="not a regular file"):
            write_whole(path, "x")


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(DEARER, tmp_path / "a.toml")
    before = (tmp_path / "a.toml").read_bytes()

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(writing.os, "fsync", full)
    with pytest.raises(KetacostError, match="No space left on device"):
        save(OTHER, tmp_path / "a.toml")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.toml", before)]


# Two writers of one file


def test_a_file_that_changed_since_it_was_opened_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    save(DEARER, path)
    load(path)
    path.write_text(path.read_text("utf-8") + "# by hand\n", "utf-8")
    with pytest.raises(ChangedMeanwhile, match=r"a\.toml was changed by somebody else since it was opened"):
        save(OTHER, path)
    assert path.read_text("utf-8").endswith("# by hand\n")
    load(path)
    save(OTHER, path)
    assert load(path) == OTHER


def test_two_threads_that_opened_one_file_are_told(tmp_path: Path) -> None:
    path, both, said = tmp_path / "a.toml", threading.Barrier(2), list[str]()
    save(DEARER, path)

    def change(price: int) -> None:
        opened, _ = load_intake(path, today=TODAY)
        both.wait()
        try:
            save(kc.resolve(opened.say("prices.iv-mood.infusion", price), TODAY), path)
            said.append("saved")
        except ChangedMeanwhile:
            said.append("told")

    threads = [threading.Thread(target=change, args=(price,)) for price in (510, 520)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["saved", "told"]


def test_many_threads_that_save_at_once_leave_a_whole_file_and_no_false_alarm(tmp_path: Path) -> None:
    path, said = tmp_path / "a.toml", list[str]()

    def keep(number: int) -> None:
        try:
            save(kc.resolve(kc.intake(payer="medicaid").say("prices.iv-mood.infusion", 500 + number), TODAY), path)
        except KetacostError as error:
            said.append(str(error))

    threads = [threading.Thread(target=keep, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not [words for words in said if "read back" in words]
    assert load(path).intake.value("prices.iv-mood.infusion") in range(500, 508)
    assert [each.name for each in tmp_path.iterdir()] == ["a.toml"]


def test_two_panels_on_one_file_are_told(tmp_path: Path) -> None:
    first, second = (Session(DEARER, today=TODAY, folder=tmp_path) for _ in range(2))
    first.serve({"do": "save", "name": "a"})
    second.serve({"do": "open", "name": "a.toml"})
    for session, price in ((first, 510), (second, 520)):
        session.serve({"path": "prices.iv-mood.infusion", "value": price})
        session.serve({"do": "save", "name": "a"})
    assert "changed by somebody else" in second.shown()["told"]["problem"]
    assert load_intake(tmp_path / "a.toml", today=TODAY)[0] == first.intake
    second.serve({"do": "save", "name": "b"})
    assert load_intake(tmp_path / "b.toml", today=TODAY)[0] == second.intake
    (tmp_path / "a.toml").unlink()
    first.serve({"do": "save", "name": "a"})
    assert (tmp_path / "a.toml").exists()


def test_two_panels_leave_off_in_two_files(tmp_path: Path) -> None:
    first, second = (Explorer(DEARER, today=TODAY, folder=tmp_path) for _ in range(2))
    first._keep(DEARER)
    second._keep(OTHER)
    first._keep(DEARER)
    second._keep(OTHER)
    assert load(tmp_path / LEFT_OFF) == DEARER
    assert load(tmp_path / "where I left off (2).toml") == OTHER
    assert len(list(tmp_path.iterdir())) == 2
    second.asked = {"number": 1, "do": "files"}
    assert second.told["said"].endswith("this one's is in where I left off (2).toml.")


def test_a_file_that_grows_belongs_to_one_program(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with growing_file(path) as file:
        file.write(b"one")
        with pytest.raises(KetacostError, match="another program may be writing it"), growing_file(path):
            pass
    assert path.read_bytes() == b"one"
    partial_of(path).write_bytes(b"left by a kill")
    with growing_file(path) as file:
        file.write(b"two")
    assert path.read_bytes() == b"two"
    with pytest.raises(ChangedMeanwhile), growing_file(path):
        path.write_bytes(b"by hand")
    assert path.read_bytes() == b"by hand"
    assert mark_of(path) == mark_of(path)


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(title=WORDS, answer=WORDS, price=st.decimals(0, 100_000, places=2), ending=st.sampled_from((".toml", ".json")))
def test_whatever_was_said_reads_back(tmp_path: Path, title: str, answer: str, price: object, ending: str) -> None:
    call = {"day": "2026-11-27", "about": "plan", "answer": answer, "reference": ""}
    intake = kc.intake(payer="marketplace", title=title).say("prices.iv-mood.infusion", str(price)).say("calls", [call])
    scenario = kc.resolve(intake, TODAY)
    path = tmp_path / f"a{ending}"
    path.unlink(missing_ok=True)
    save(scenario, path)
    assert load(path) == scenario
