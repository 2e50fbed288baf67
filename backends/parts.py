"""The bytes of a part on its way to a store: in pieces of the process's budget, or in a temporary file."""

import io
import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from backends.budget import PIECE, Budget
from backends.errors import BackendError
from backends.files import translated

COPY = 64 * 1024
"""So many bytes at most are copied at once for a request: many are under way, and this is beside the budget."""


class Part(ABC):
    """The bytes of a part, until ``free``."""

    def __init__(self, number: int, limit: int) -> None:
        self.number = number
        self.limit = limit
        self.size = 0

    @abstractmethod
    def write(self, data: memoryview) -> int:
        """Take what fits of ``data``; return how much. Nothing, when there is no more room for now."""

    @abstractmethod
    def read_at(self, offset: int, count: int) -> bytes:
        """Return up to ``count`` bytes from ``offset`` on, and at least one before the end."""

    @abstractmethod
    def free(self) -> None:
        """Give the memory or the file back."""

    def open(self) -> BinaryIO:
        """Read it from its beginning; several readers do not mind each other."""
        return cast("BinaryIO", PartReader(self))


class MemoryPart(Part):
    """A part in pieces of a budget."""

    def __init__(self, number: int, limit: int, budget: Budget, least: int, patience: float | None = None) -> None:
        super().__init__(number, limit)
        self._budget = budget
        self._least = min(least, limit)
        self._reserved = -(-self._least // PIECE)
        self._pieces: list[bytearray] = []
        budget.take(self._reserved, patience)

    def write(self, data: memoryview) -> int:
        """Fill piece after piece; nothing more of what may go, when others wait: a slow client could hold them up."""
        if self._least <= self.size and self._budget.waiting:
            return 0
        done = 0
        while done < len(data) and self.size < self.limit and self._room():
            at = self.size % PIECE
            count = min(len(data) - done, PIECE - at, self.limit - self.size)
            self._pieces[-1][at : at + count] = data[done : done + count]
            self.size += count
            done += count
        return done

    def _room(self) -> bool:
        if self.size < len(self._pieces) * PIECE:
            return True
        if len(self._pieces) == self._reserved:
            if not self._budget.take_if_free():
                return False
            self._reserved += 1
        self._pieces.append(self._budget.piece())
        return True

    def read_at(self, offset: int, count: int) -> bytes:
        """Read from one piece."""
        number, at = divmod(offset, PIECE)
        stop = min(at + min(count, COPY), PIECE, at + self.size - offset)
        return bytes(memoryview(self._pieces[number])[at:stop]) if stop > at else b""

    def free(self) -> None:
        """Give the pieces back."""
        pieces, reserved = self._pieces, self._reserved
        self._pieces, self._reserved, self.size = [], 0, 0
        self._budget.give(reserved, pieces)


class FilePart(Part):
    """A part in a temporary file without a name, which goes with the process; its budget is that of the disk."""

    def __init__(self, number: int, limit: int, budget: Budget, patience: float | None = None) -> None:
        super().__init__(number, limit)
        self._budget = budget
        self._reserved = -(-limit // PIECE)
        budget.take(self._reserved, patience)
        try:
            with _of_temporary_files():
                self._file = tempfile.TemporaryFile(prefix="ocireg-part-")  # noqa: SIM115 - closed by free()
        except BaseException:
            budget.give(self._reserved)
            raise

    def write(self, data: memoryview) -> int:
        """Write what fits."""
        count = min(len(data), self.limit - self.size)
        done = 0
        with _of_temporary_files():
            while done < count:
                done += os.pwrite(self._file.fileno(), data[done:count], self.size + done)
        self.size += done
        return done

    def read_at(self, offset: int, count: int) -> bytes:
        """Read the file."""
        return os.pread(self._file.fileno(), min(count, COPY, self.size - offset), offset)

    def free(self) -> None:
        """Close the file."""
        self._file.close()
        reserved, self._reserved = self._reserved, 0
        self._budget.give(reserved)


@contextmanager
def _of_temporary_files() -> Iterator[None]:
    """Say where a disk is full or broken: it is not that of the store."""
    try:
        with translated():
            yield
    except BackendError as error:
        reason = error.__cause__.strerror if isinstance(error.__cause__, OSError) else error
        raise type(error)(f"the folder of temporary files, {tempfile.gettempdir()} (TMPDIR): {reason}") from error


class PartReader(io.RawIOBase):
    """Reads a part, as a request's body."""

    def __init__(self, part: Part) -> None:
        super().__init__()
        self._part = part
        self._at = 0

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes: a request that is sent again begins again."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._part.size}[whence]
        self._at = min(max(base + offset, 0), self._part.size)
        return self._at

    def tell(self) -> int:
        """Return where it is."""
        return self._at

    def __len__(self) -> int:
        return self._part.size

    def read(self, size: int | None = -1) -> bytes:
        """Read up to ``size`` bytes, of None or a negative number the rest."""
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(PIECE), b""))
        data = self._part.read_at(self._at, min(size, self._part.size - self._at)) if size else b""
        self._at += len(data)
        return data

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # the base takes any writable buffer
        """Read into ``buffer``; return how much."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def read_pieces(reader: io.RawIOBase | BinaryIO) -> Iterator[bytes]:
    """Yield what is left of ``reader``, and close it."""
    with reader:
        while piece := reader.read(PIECE):
            yield piece
