"""Results that show themselves: in a notebook, and as a statement, a frame or a chart on request.

They ask the package's public names, which load the rooms that draw only then: the core knows none of them.
"""

from __future__ import annotations

import sys
from typing import Any


class Displayed:
    """A result with a table of its own: what `kc.statement`, `kc.frame` and `kc.chart` give, as methods."""

    def statement(self) -> Any:
        """The result as a table to read, as `ketacost.statement` gives it."""
        return _public("statement")(self)

    def frame(self, **options: Any) -> Any:
        """The rows as a pandas frame, as `ketacost.frame` gives it with the same options."""
        return _public("frame")(self, **options)

    def chart(self) -> Any:
        """The picture, as `ketacost.chart` gives it. Raises KetacostError where there is none."""
        return _public("chart")(self)

    def _repr_html_(self) -> str:
        return str(self.statement()._repr_html_())


def _public(name: str) -> Any:
    return getattr(sys.modules["ketacost"], name)
