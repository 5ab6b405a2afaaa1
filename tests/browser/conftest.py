"""One Chromium for all tests that drive one; each has a context of its own."""

from collections.abc import Iterator

import pytest
from lab import chrome, chromium


@pytest.fixture(autouse=True, scope="session")
def one_browser() -> Iterator[None]:
    """Chromium, started once."""
    if not chromium():
        yield
        return
    with chrome():
        yield
