"""The patient that a notebook begins with: named, or the one last saved or left off, or an example."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ketacost.analysis.alternatives import disagreements, gap_exception
from ketacost.core.convert import read
from ketacost.core.dates import us_day
from ketacost.core.fields import KetacostError
from ketacost.core.untrusted import there
from ketacost.estimate.answer import run
from ketacost.estimate.scenario import FIRST_PATIENT, Scenario, examples
from ketacost.estimate.superbills import superbills
from ketacost.files.scenario_files import load

FIRST_DAY = date(2026, 11, 27)
"""The day that the example is for with which notebooks begin where nothing is saved."""

STANDS_IN = "this notebook shows the example"
"""What a notebook says where it is not about the patient who was named."""


def last(
    scenario: str | Path | None = None,
    *,
    today: str | date | None = None,
    folder: str | Path = "scenarios",
    claims: bool = False,
) -> Scenario:
    """The patient of a notebook: the one you last worked on in a folder, saved or not, or else the example.

    `scenario` names another file or example, and `today` the day that the numbers are for, as in "2026-11-27". It
    prints which patient it is. Unreadable files are skipped, and the line says so. With `claims`, the example replaces
    a patient who cannot send superbills to the plan, and the line says why. last("readme-patient", today="2026-11-27").
    Raises EntryError for a named file that cannot be read.
    """
    day = None if today is None else read(date, today, "today")
    found = _last(scenario, day, Path(folder))
    if claims and (why := _no_superbills(found)):
        print(f"No superbills for this patient ({why}): {STANDS_IN} {FIRST_PATIENT}.")
        return load(FIRST_PATIENT, today=day or found.today)
    return found


def _last(scenario: str | Path | None, day: date | None, folder: Path) -> Scenario:
    if scenario:
        print(f"Patient: {_whose(Path(scenario))}.")
        return _dated(load(scenario, today=day))
    passed_over = []
    for path in sorted(folder.glob("[!.]*.toml"), key=_changed, reverse=True):
        try:
            patient = _dated(load(path, today=day))
        except KetacostError as error:
            passed_over.append(str(error))
            continue
        print(*passed_over, f"Patient: {path.stem}, saved on {us_day(date.fromtimestamp(_changed(path)))}.", sep="\n")
        return patient
    print(*passed_over, f"Opened with the example {FIRST_PATIENT}, because no patient is saved here yet.", sep="\n")
    return load(FIRST_PATIENT, today=day or FIRST_DAY)


def _no_superbills(patient: Scenario) -> str:
    """Why a patient can send no superbills, or a plan's terms for them cannot be worked out; empty where they can."""
    covered = patient.replace(payer=patient.payer or "employer-insured", coverage="infusions too", ranges={})
    try:
        superbills(run(covered))
        disagreements(covered)
        run(gap_exception(covered))
    except KetacostError as error:
        return str(error).removesuffix(".")
    return ""


def _dated(patient: Scenario) -> Scenario:
    """A patient with the day that the numbers are for; where a file names none, the day of the first visit."""
    return patient if patient.today else patient.replace(today=patient.course.start)


def _whose(path: Path) -> str:
    return f"the example {path}" if not there(path) and str(path) in examples() else path.name


def _changed(path: Path) -> float:
    return path.stat().st_mtime
