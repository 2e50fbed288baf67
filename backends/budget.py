"""Room for parts of uploads, shared by all uploads of a process: memory, and disk for those too large for it."""

import threading
from collections import deque
from dataclasses import dataclass

from backends import deadline
from backends.errors import Misconfigured, Unavailable

PIECE = 1024 * 1024
WAIT = 15.0
"""Seconds that an upload waits for room, in the order of coming. Whoever gets none must still be able to say so before
a platform cuts its client off."""
GOING_ON = 600.0
"""Seconds that an upload waits for room that has had some. What it waits for is parts being sent, its own among them,
so it gets on as the store does; its client sends slower meanwhile. It would lose all that it has sent."""


class Budget:
    """So many bytes, in pieces of 1 MiB that are handed out again and again; ``free`` of them are not reserved."""

    def __init__(self, size: int, name: str = "buffer") -> None:
        self.pieces = max(size // PIECE, 1)
        self.free = self.pieces
        self._name = name
        self._idle: list[bytearray] = []
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()

    def require(self, size: int) -> None:
        """Raise ``Misconfigured`` if the whole of it is less than ``size`` bytes."""
        if self.pieces * PIECE < size:
            raise Misconfigured(f"{self._name}={self.pieces}MiB is too small: {-(-size // PIECE)}MiB is the least")

    def take(self, count: int, seconds: float | None = None) -> None:
        """Reserve ``count`` pieces; wait until they are free, first come, first served.

        ``Unavailable`` if they are not after ``seconds``: of None ``WAIT``, or what is left of the deadline.
        """
        seconds = min(WAIT, deadline.left()) if seconds is None else seconds
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                if not self._changed.wait_for(lambda: self._waiting[0] is ticket and self.free >= count, seconds):
                    raise Unavailable(f"{self._name}={self.pieces}MiB is full of other uploads")
                self.free -= count
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def take_if_free(self) -> bool:
        """Reserve one piece, if there is one for which nobody waits."""
        with self._changed:
            if self._waiting or not self.free:
                return False
            self.free -= 1
            return True

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def piece(self) -> bytearray:
        """Return one of the pieces reserved; what is in it is of no account."""
        with self._changed:
            if self._idle:
                return self._idle.pop()
        return bytearray(PIECE)

    def give(self, count: int, pieces: list[bytearray] | None = None) -> None:
        """Give back ``count`` reserved pieces, with those that were used."""
        with self._changed:
            self._idle += pieces or []
            self.free += count
            self._changed.notify_all()


@dataclass(frozen=True, slots=True)
class Room:
    """Where the parts of a process's uploads are while they are on their way: its memory, and its temporary files."""

    memory: Budget
    disk: Budget
