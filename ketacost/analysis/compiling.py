"""The walk compiled by numba, from the same source: only for cohorts, on first use, and kept between sessions."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

from ketacost.analysis.later import needed
from ketacost.core import money
from ketacost.core.fields import KetacostError
from ketacost.model import cost_sharing, walk
from ketacost.model.rules import THE_RULE, Rule, with_names

SELDOM = ("left_of_group", "bounded_share", "carry", "begin_all", "begin_year", "renew_deductibles")
"""What few lines need: compiled on its own, it takes less time to compile."""

WALK = (
    *("left_at", "left_of_group", "what_is_left", "bounded_share", "count", "count_all", "carry", "visit"),
    *("price", "refused", "renew"),
    *("carry_over", "count_used", "begin_all", "begin_year", "renew_deductibles", "walk_columns"),
)


@cache
def compiled_walk(rule: Rule = THE_RULE) -> Callable[..., int]:
    """`walk.walk_columns` compiled, with everything it calls; it releases Python's lock while it runs.

    A variant of the rule has its own split and moves in it. Only what ships is kept between sessions. Raises
    KetacostError where numba is not installed, and where it cannot compile what a variant changes.
    """
    needed("numba")
    known: dict[str, Any] = {}
    for module, name in ((money, "part_of"), (cost_sharing, "split"), (walk, "moves")):
        known[name] = _compiled(getattr(module, name), known)
    if not rule.as_booklets_say:
        known |= {"split": _variant(rule.split, known), "moves": _variant(rule.moves, known)}
    for name in WALK:
        known[name] = _compiled(getattr(walk, name), known)
    compiled = known["walk_columns"]
    if rule.as_booklets_say:
        compiled._cache = _kept(compiled.py_func)
        return compiled  # type: ignore[no-any-return]

    errors = import_module("numba.core.errors")

    def walked(*columns: Any) -> int:
        try:
            return int(compiled(*columns))
        except (errors.NumbaError, errors.UnsupportedBytecodeError) as error:
            raise KetacostError(
                f"the rule {rule.name!r} cannot be compiled for a cohort; its split and moves may only use ints, "
                f"Terms, Left and Split: {str(error).splitlines()[0]}"
            ) from None

    return walked


def _variant(function: Any, known: dict[str, Any]) -> Any:
    """A variant's function compiled; where it is the usual one, that."""
    return known.get(function.__name__) if function in (cost_sharing.split, walk.moves) else _compiled(function, known)


def _compiled(function: Any, known: dict[str, Any]) -> Any:
    """A function compiled on its first call, which then calls the compiled ones among those it names."""
    numba = import_module("numba")
    same = with_names(function, **known)
    same.__module__, same.__qualname__ = function.__module__, function.__qualname__
    # Nothing here allocates: without reference counts and with everything in one function it takes half the time.
    return numba.njit(same, nogil=True, inline="never" if function.__name__ in SELDOM else "always", _nrt=False)


def _kept(function: Any) -> Any:
    """numba's cache in the user's own folder, stale when any source of the walk changes, and never in the way.

    numba's own cache looks at one source file alone, stops the import where it cannot write, and raises on a file that
    was cut short; here a cache that cannot be read or written is as good as none.
    """
    caching: Any = import_module("numba.core.caching")

    class Locator(caching._CacheLocator):  # type: ignore[misc]
        """Where the compiled walk is kept, and what it was compiled from."""

        def get_cache_path(self) -> str:
            return str(folder())

        def get_source_stamp(self) -> str:
            return _stamp()

        def get_disambiguator(self) -> None:
            return None

        @classmethod
        def from_function(cls, function: object, file: object) -> Locator:
            return cls()

    class Implementation(caching.CompileResultCacheImpl):  # type: ignore[misc]
        _locator_classes = (Locator,)

    class Cache(caching.FunctionCache):  # type: ignore[misc]
        _impl_class = Implementation

        def load_overload(self, signature: object, context: object) -> Any:
            try:
                return super().load_overload(signature, context)
            except Exception:  # whatever a broken file makes pickle or the loader raise
                return None

        def save_overload(self, signature: object, result: object) -> None:
            try:
                super().save_overload(signature, result)
            except Exception:
                self.discard()

        def discard(self) -> None:
            """Take a broken index away, so that the next session writes a new one."""
            with suppress(OSError):
                (folder() / self._cache_file._index_name).unlink(missing_ok=True)

    return Cache(function)


def folder() -> Path:
    """The folder of the compiled walk: KETACOST_CACHE, else ketacost in the user's folder for caches."""
    chosen = os.environ.get("KETACOST_CACHE")
    if chosen:
        return Path(chosen)
    home = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "ketacost"


def _stamp() -> str:
    """What the compiled walk depends on: the sources of the walk and of the rule."""
    sources = [Path(str(module.__file__)).read_bytes() for module in (money, cost_sharing, walk)]
    return sha256(b"\0".join(sources)).hexdigest()
