"""A store that may be read, and no more: a Backend around a Backend."""

from collections.abc import Callable
from typing import TypeVar

from backends.around import Around
from backends.errors import ReadOnly

WRITES = frozenset({"put", "delete", "begin", "append", "commit", "abort"})

T = TypeVar("T")


class ReadOnlyBackend(Around):
    """Refuses whatever would change the store."""

    def around(self, operation: str, call: Callable[[], T]) -> T:
        """Refuse, or do. ``ReadOnly``."""
        if operation in WRITES:
            raise ReadOnly(f"{operation}: the store is read-only")
        return call()
