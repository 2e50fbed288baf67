"""Keeps a turn while something long is done that is no transaction: reading a large object, checking a file."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ocireg.errors import RegistryError
from ocireg.registry.turns import Lost, Turn

BEAT = 2.0
"""Seconds between two renewals, each of which says how far it is."""


@contextmanager
def beating(turn: Turn, progress: Callable[[], dict[str, Any]]) -> Iterator[Callable[[], None]]:
    """Hold the turn from a thread of its own, and yield what raises ``Lost`` when somebody else has it."""
    ended, lost = threading.Event(), threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT) and not lost.is_set():
            try:
                with turn.database.transaction(durable=False):
                    turn.hold(progress())
            except Lost:
                lost.set()
            except RegistryError:  # the database is busy: there will be another beat before the lease ends
                continue
        turn.database.close()  # this thread's connection

    def require() -> None:
        if lost.is_set():
            raise Lost

    thread = threading.Thread(target=beat, name="check beat", daemon=True)
    thread.start()
    try:
        yield require
    finally:
        ended.set()
        thread.join()
