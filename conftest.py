"""What holds for every test, the cells of notebooks too."""

from typing import Any

import pytest


def never_executed(cell: Any) -> bool:
    """Whether a notebook's code cell holds source and was never run."""
    return (
        cell.get("cell_type") == "code"
        and bool("".join(cell.get("source", "")).strip())
        and cell.get("execution_count") is None
    )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a notebook cell that was never run: nbval has nothing to compare there and passes it."""
    if type(item).__name__ != "IPyNbCell":
        return
    options: Any = getattr(item, "options", {})
    if not options.get("skip") and never_executed(getattr(item, "cell", {})):
        pytest.fail("this cell was never executed: run `make notebooks`", pytrace=False)
