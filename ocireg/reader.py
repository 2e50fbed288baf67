"""A reader of a store whose errors are turned into others: in the middle of reading, as they are at its opening."""

import io
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import BinaryIO


class Reader(io.RawIOBase):
    """Reads ``reader``; ``errors()`` is entered around whatever may fail. A real file stays one, for sendfile."""

    def __init__(self, reader: BinaryIO, errors: Callable[[], AbstractContextManager[None]]) -> None:
        super().__init__()
        self._reader = reader
        self._errors = errors

    def readable(self) -> bool:
        """Say yes."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Read up to ``size`` bytes, of None or a negative number the rest."""
        with self._errors():
            return self._reader.read(-1 if size is None else size)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # the base takes any writable buffer
        """Read into ``buffer``; return how much."""
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def fileno(self) -> int:
        """Return the file, positioned where reading begins. ``io.UnsupportedOperation`` where there is none."""
        return self._reader.fileno()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move the file."""
        return self._reader.seek(offset, whence)

    def tell(self) -> int:
        """Return where the file is."""
        return self._reader.tell()

    def close(self) -> None:
        """Close the reader."""
        if not self.closed:
            super().close()
            with self._errors():
                self._reader.close()
