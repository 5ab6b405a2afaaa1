"""How the property tests draw, which tests drive a browser or are slow, and one line on what could not be tested."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, settings

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=200)
settings.register_profile("deep", derandomize=False, deadline=None, max_examples=5000)
QUICK = (Phase.explicit, Phase.generate)
settings.register_profile("quick", derandomize=True, deadline=None, max_examples=25, phases=QUICK)
settings.load_profile(os.environ.get("KETACOST_HYPOTHESIS_PROFILE", "ci"))

BROWSER = Path(__file__).parent / "browser"
SLOW = ("test_eight_of_ten", "test_site", "test_moves", "test_packaging", "test_cohort_files", "test_any_entry")
"""Files whose tests take half a minute and more together."""


@pytest.fixture(autouse=True, scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of this run for what is compiled for cohorts, so that other processes need not compile it again."""
    folder = tmp_path_factory.getbasetemp() / "compiled"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KETACOST_CACHE", str(folder))
        yield folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser, and what is slow."""
    for item in items:
        if BROWSER in item.path.parents:
            item.add_marker("browser")
        if item.path.stem in SLOW:
            item.add_marker("slow")


def pytest_collection_finish() -> None:
    """Look for unreachable objects less often, and not among the tests: a tenth of the time went there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One closing line on what was not tested, by the reason."""
    reasons = dict[str, int]()
    for report in terminalreporter.stats.get("skipped", ()):
        told = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = told.removeprefix("Skipped: ")
        reasons[reason] = reasons.get(reason, 0) + 1
    if reasons:
        told = "; ".join(f"{count} ({reason})" for reason, count in reasons.items())
        terminalreporter.write_line(f"Not tested: {told}")
