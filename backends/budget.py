"""Memory for parts of uploads, shared by all uploads of a process."""

import threading

from backends.errors import Misconfigured

PIECE = 1024 * 1024


class Budget:
    """Memory for parts, in pieces of 1 MiB that are handed out again and again; ``free`` of them are not reserved."""

    def __init__(self, size: int) -> None:
        self.pieces = max(size // PIECE, 1)
        self.free = self.pieces
        self._idle: list[bytearray] = []
        self._changed = threading.Condition()

    def require(self, size: int) -> None:
        """Raise ``Misconfigured`` if the whole of it is less than ``size`` bytes."""
        if self.pieces * PIECE < size:
            raise Misconfigured(f"buffer={self.pieces}MiB is too small: {-(-size // PIECE)}MiB is the least")

    def take(self, count: int) -> None:
        """Reserve ``count`` pieces; wait until they are free."""
        with self._changed:
            self._changed.wait_for(lambda: self.free >= count)
            self.free -= count

    def take_if_free(self) -> bool:
        """Reserve one piece, if there is one."""
        with self._changed:
            if not self.free:
                return False
            self.free -= 1
            return True

    def piece(self) -> bytearray:
        """Return one of the pieces reserved; what is in it is of no account."""
        with self._changed:
            if self._idle:
                return self._idle.pop()
        return bytearray(PIECE)

    def give(self, count: int, pieces: list[bytearray]) -> None:
        """Give back ``count`` reserved pieces, with those that were used."""
        with self._changed:
            self._idle += pieces
            self.free += count
            self._changed.notify_all()
