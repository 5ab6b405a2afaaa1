"""What a session may add to by name, such as payers and methods; a change makes every kept result stale."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, wraps
from typing import Generic, ParamSpec, TypeVar

from ketacost.core.fields import named

Entry = TypeVar("Entry")
Given = ParamSpec("Given")
Result = TypeVar("Result")
_changes = 0


class Registry(Mapping[str, Entry], Generic[Entry]):
    """Entries by name: those that ship, read on first use, and those that were registered since."""

    def __init__(self, kind: str, shipped: Callable[[], Mapping[str, Entry]]) -> None:
        self.kind = kind
        self._shipped = shipped
        self._entries: dict[str, Entry] | None = None

    def register(self, name: str, entry: Entry) -> None:
        """Add an entry, or put another in its place."""
        self._change({**self._read(), name: entry})

    def remove(self, name: str) -> None:
        """Take an entry out. Raises UnknownName for one that is not there."""
        self.named(name)
        self._change({known: entry for known, entry in self.items() if known != name})

    def named(self, name: str) -> Entry:
        """The entry of a name. Raises UnknownName with the near matches."""
        return named(self.kind, name, self)

    def _change(self, entries: dict[str, Entry]) -> None:
        global _changes
        _changes += 1
        self._entries = entries

    def _read(self) -> dict[str, Entry]:
        if self._entries is None:
            self._entries = dict(self._shipped())
        return self._entries

    def __getitem__(self, name: str) -> Entry:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def kept(size: int) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Keep the last results of a function of frozen arguments, for as long as no registry changes."""

    def keeping(function: Callable[Given, Result]) -> Callable[Given, Result]:
        @lru_cache(size)
        def remembered(changes: int, *args: Given.args, **kwargs: Given.kwargs) -> Result:
            return function(*args, **kwargs)

        @wraps(function)
        def call(*args: Given.args, **kwargs: Given.kwargs) -> Result:
            return remembered(_changes, *args, **kwargs)  # type: ignore[arg-type]

        return call

    return keeping
