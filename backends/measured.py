"""Tells how long each operation on a store took and how it ended: a Backend around a Backend."""

import time
from collections.abc import Callable
from typing import TypeVar

from backends.around import Around
from backends.base import Backend

Observe = Callable[[str, float, str], None]
"""Called with the operation, its seconds, and the name of the error that ended it, or ""."""

T = TypeVar("T")


class Measured(Around):
    """Calls ``observe`` after every operation. Of a reader or a scan it times the beginning, not the stream."""

    def __init__(self, backend: Backend, observe: Observe) -> None:
        super().__init__(backend)
        self._observe = observe

    def around(self, operation: str, call: Callable[[], T]) -> T:
        """Time it."""
        began = time.perf_counter()
        failed = ""
        try:
            return call()
        except BaseException as error:
            failed = type(error).__name__
            raise
        finally:
            self._observe(operation, time.perf_counter() - began, failed)
