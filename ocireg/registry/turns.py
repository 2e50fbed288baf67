"""Taking turns at work that one process of all nodes does at a time, in the background or by a command."""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from ocireg.errors import RegistryError
from ocireg.metadata import tasks
from ocireg.metadata.database import Database
from ocireg.metadata.tasks import LastRun

LEASE = 15.0
"""Seconds after which another may go on, where a process died. A transaction that waits for the database takes 10."""
LOOK = 0.2
"""Seconds between two looks whether another has ended."""


class Lost(Exception):  # noqa: N818 - an event, not a failure
    """Another process is at it: this one was silent for longer than its lease."""


@dataclass(slots=True)
class Turn:
    """One run of who has begun. What it leaves in ``report`` is kept when it ends.

    ``asked`` is what was asked for until it began, and nobody else will do.
    """

    database: Database
    name: str
    lease: float
    holder: str = field(default_factory=lambda: secrets.token_hex(8))
    report: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, Any] = field(default_factory=dict)

    def hold(self, progress: dict[str, Any] | None = None) -> None:
        """Go on, and say how far it is; ``Lost``. Inside the transaction that does something of the work."""
        if not tasks.hold(self.database, self.name, self.holder, lease=self.lease):
            raise Lost
        if progress is not None:
            tasks.progress(self.database, self.name, self.holder, progress)


@contextmanager
def kept(turn: Turn) -> Iterator[None]:
    """Hold on in the background, while something takes long that is not done in transactions.

    Whoever comes after this one was silent for too long is not kept off: what is done here must bear that.
    """
    ended = threading.Event()

    def hold() -> None:
        while not ended.wait(turn.lease / 3):
            with suppress(RegistryError, Lost), turn.database.transaction(durable=False):
                turn.hold()
        turn.database.close()

    thread = threading.Thread(target=hold, name=f"{turn.name} holds on", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class Turns:
    """Who does a piece of work, by its name in the table ``task``. Times are seconds."""

    def __init__(self, database: Database, name: str, *, lease: float = LEASE) -> None:
        self._database = database
        self._name = name
        self._lease = lease
        self._asked = threading.Event()

    def last(self) -> LastRun:
        """Return how it went last, and if it is running."""
        return tasks.last(self._database, self._name)

    def rested(self, seconds: float) -> bool:
        """Say whether nobody is at it, nor has been for so long; a clock that was ahead meanwhile does not count."""
        last = self.last()
        return not last.running and abs(self._database.now() - (last.ended_at or 0.0)) >= seconds

    def ask(self, **arguments: Any) -> None:
        """Have it done soon by a serving process, this one if it can: ``asked`` gives back what was asked for."""
        with self._database.transaction():
            tasks.ask(self._database, self._name, arguments)
        self._asked.set()

    def asked(self) -> dict[str, Any] | None:
        """Return what was asked for and has not begun; None if nothing was."""
        return tasks.asked(self._database, self._name)

    def wait(self, seconds: float) -> None:
        """Wait until somebody asks this process, or so long."""
        self._asked.wait(seconds)
        self._asked.clear()

    @contextmanager
    def take(self, patience: float = 0.0) -> Iterator[Turn | None]:
        """Begin, and end; None where another process was at it for ``patience`` seconds.

        What fails leaves, too; what dies loses its lease.
        """
        turn, until = Turn(self._database, self._name, self._lease), time.monotonic() + patience
        while not self._begin(turn):
            if time.monotonic() > until:
                yield None
                return
            time.sleep(LOOK)
        try:
            yield turn
        finally:
            with suppress(RegistryError), self._database.transaction(durable=False):  # else the lease runs out
                tasks.end(self._database, self._name, turn.holder, turn.report)

    def _begin(self, turn: Turn) -> bool:
        with self._database.transaction(durable=False):
            turn.asked = tasks.asked(self._database, self._name) or {}
            return tasks.begin(self._database, self._name, turn.holder, lease=self._lease)
