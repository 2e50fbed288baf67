"""A reader that yields all that was asked for, or says that it cannot.

``Backend.open`` bounds a range by the object as it is. Whoever knows how large the object should be wants to hear of
one that is not, before the first byte where the store can tell by then, and never to take less for the whole.
"""

import io
import os
from typing import BinaryIO, cast

from backends.errors import Unavailable

PIECE = 1024 * 1024


def exactly(reader: BinaryIO, start: int, stop: int, size: int) -> BinaryIO:
    """Return ``reader``, opened at ``[start, stop)`` of an object that should have ``size`` bytes, guarded.

    ``Unavailable``: at once where the object is a file of another size, or its store has told of another; else from
    ``read`` where it ends early.
    Closing raises it too where the file became shorter meanwhile: sendfile, which reads past us, says nothing.
    """
    try:
        _require_size(reader, size)
    except BaseException:
        reader.close()
        raise
    return cast("BinaryIO", Exact(reader, stop - start, size))


def _require_size(reader: BinaryIO, size: int) -> None:
    """Raise ``Unavailable`` if the reader is of an object of another size, where that can be told."""
    found: int | None
    try:
        found = os.fstat(reader.fileno()).st_size
    except io.UnsupportedOperation:
        found = getattr(reader, "size", None)  # where a store has not said it, what is missing will show at the end
    if found not in (None, size):
        raise Unavailable(f"the object has {found} bytes, not {size}")


class Exact(io.RawIOBase):
    """See ``exactly``. ``fileno``, ``seek`` and ``tell`` are the reader's own, as sendfile wants them."""

    def __init__(self, reader: BinaryIO, length: int, size: int) -> None:
        super().__init__()
        self._reader = reader
        self._left = length
        self._size = size

    def readable(self) -> bool:
        """Say yes."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Read up to ``size`` bytes, of None or a negative number the rest."""
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(PIECE), b""))
        wanted = min(size, self._left)
        if not wanted:
            return b""
        piece = self._reader.read(wanted)
        if not piece:
            raise Unavailable(f"the object ended {self._left} bytes early")
        self._left -= len(piece)
        return piece

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # the base takes any writable buffer
        """Read into ``buffer``; return how much."""
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def fileno(self) -> int:
        """Return the file, positioned at the range. ``io.UnsupportedOperation`` where there is none."""
        return self._reader.fileno()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move the file."""
        return self._reader.seek(offset, whence)

    def tell(self) -> int:
        """Return where the file is."""
        return self._reader.tell()

    def close(self) -> None:
        """Close the reader. ``Unavailable`` if it is a file that does not have its size any more."""
        if self.closed:
            return
        super().close()
        try:
            _require_size(self._reader, self._size)
        finally:
            self._reader.close()
