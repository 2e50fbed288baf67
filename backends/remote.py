"""Reads an object of a remote store to its end, over as many connections as that takes."""

import io
import logging
from collections.abc import Callable
from typing import Protocol

from backends.errors import Unavailable
from backends.retry import patiently

MENDED_AT_MOST = 5

log = logging.getLogger(__name__)


class Stream(Protocol):
    """The body of an answer."""

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes, and none only at the end. ``Unavailable`` when the connection breaks."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class RemoteReader(io.RawIOBase):
    """Yields ``[start, stop)`` of an object and then ``b""``, or raises ``Unavailable``.

    ``open_at(position)`` asks for the rest from there. A connection that breaks, or ends early, is replaced, a few
    times in all. ``size``: of the whole object, where the store has said it.
    """

    def __init__(
        self,
        open_at: Callable[[int], Stream],
        stream: Stream | None,
        start: int,
        stop: int,
        size: int | None = None,
    ) -> None:
        super().__init__()
        self.size = size
        self._open_at = open_at
        self._stream = stream
        self._at = start
        self._stop = stop
        self._mended = 0

    @classmethod
    def empty(cls, size: int | None = None) -> "RemoteReader":
        """Return a reader of nothing of an object."""
        return cls(_never, None, 0, 0, size)

    def readable(self) -> bool:
        """Say yes."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Read up to ``size`` bytes, of None or a negative number the rest."""
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(2**20), b""))
        wanted = min(size, self._stop - self._at)
        while wanted:
            try:
                data = self._some(wanted)
            except Unavailable as error:
                self._let_go()
                self._mended += 1
                if self._mended > MENDED_AT_MOST:
                    raise
                log.info("reading on after %s", error)
            else:
                self._at += len(data)
                return data
        return b""

    def _some(self, wanted: int) -> bytes:
        """Read once. ``Unavailable`` if there is nothing, though there must be."""
        if self._stream is None:
            self._stream = patiently(lambda: self._open_at(self._at))
        data = self._stream.read(wanted)
        if not data:
            raise Unavailable(f"the store's answer ended {self._stop - self._at} bytes early")
        return data

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # the base takes any writable buffer
        """Read into ``buffer``; return how much."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Let go of the connection."""
        self._let_go()
        super().close()

    def _let_go(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()


def _never(at: int) -> Stream:
    raise Unavailable(f"nothing is at {at}")
