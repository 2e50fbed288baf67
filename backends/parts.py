"""Cuts a stream into parts for stores that take objects in parts, and sends two of them while the client still sends.

A part lives in pieces of 1 MiB from a budget that all uploads of the process share, or, where it is too large for that,
in a temporary file. When the budget is spent, a part that is large enough to be one is cut short; where it is not, its
upload waits, and with it the reading of its client. Every upload is sure of ``Sizes.least`` bytes before it reads, so
that those that have some always get on.
"""

import io
import os
import tempfile
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO, TypeVar, cast

from backends.base import Chunk
from backends.errors import Misconfigured
from backends.files import translated

PIECE = 1024 * 1024
IN_FLIGHT = 2
COPY = 64 * 1024
"""So many bytes at most are copied at once for a request: many are under way, and this is beside the budget."""

T = TypeVar("T")


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


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large parts are, in bytes.

    ``planned``: of the part with that number, from 1. ``least``: from which on a part may be cut short, where memory
    or the stream ends, if its number is at most ``elastic``. ``in_memory``: larger ones go to a temporary file.
    """

    planned: Callable[[int], int]
    least: int
    elastic: int
    in_memory: int

    def may_be_cut(self, number: int, size: int) -> bool:
        """Say whether a part of that number may end at that size though more can follow."""
        return size >= self.planned(number) or (number <= self.elastic and size >= self.least)


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

    def __init__(self, number: int, limit: int, budget: Budget, least: int) -> None:
        super().__init__(number, limit)
        self._budget = budget
        self._reserved = -(-min(least, limit) // PIECE)
        self._pieces: list[bytearray] = []
        budget.take(self._reserved)

    def write(self, data: memoryview) -> int:
        """Fill piece after piece."""
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
    """A part in a temporary file without a name: it goes with the process."""

    def __init__(self, number: int, limit: int) -> None:
        super().__init__(number, limit)
        with translated():
            self._file = tempfile.TemporaryFile(prefix="ocireg-part-")  # noqa: SIM115 - closed by free()

    def write(self, data: memoryview) -> int:
        """Write what fits."""
        count = min(len(data), self.limit - self.size)
        done = 0
        with translated():
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


def cut(chunks: Iterable[Chunk], first: int, sizes: Sizes, budget: Budget) -> Generator[Part, None, None]:
    """Yield the parts of ``chunks``, numbered from ``first`` on; who takes one frees it.

    All but the last one satisfy ``sizes.may_be_cut``; none is empty.
    """
    part: Part | None = None
    number = first
    try:
        for chunk in chunks:
            rest = memoryview(chunk).cast("B")
            while rest:
                part = part or _new_part(number, sizes, budget)
                rest = rest[part.write(rest) :]
                if rest or part.size == part.limit:
                    whole, part = part, None
                    number += 1
                    yield whole
        if part is not None:
            whole, part = part, None
            yield whole
    finally:
        if part is not None:
            part.free()


def _new_part(number: int, sizes: Sizes, budget: Budget) -> Part:
    limit = sizes.planned(number)
    if limit > sizes.in_memory:
        return FilePart(number, limit)
    return MemoryPart(number, limit, budget, sizes.least if number <= sizes.elastic else limit)


def send_all(parts: Generator[Part, None, None], send: Callable[[Part], T], pool: Executor) -> list[T]:
    """Call ``send`` with each part, of ``IN_FLIGHT`` at once while the next one fills; return what it returned.

    When this returns or raises, no call is under way any more, and all memory has been given back.
    """

    def one(part: Part) -> T:
        try:
            return send(part)
        finally:
            part.free()

    done: list[T] = []
    flying: deque[tuple[Part, Future[T]]] = deque()
    try:
        with closing(parts):
            for part in parts:
                flying.append((part, pool.submit(one, part)))
                while len(flying) > IN_FLIGHT or (flying and flying[0][1].done()):
                    done.append(flying.popleft()[1].result())
        while flying:
            done.append(flying.popleft()[1].result())
    finally:
        for part, future in flying:
            if future.cancel():
                part.free()
        wait(future for _, future in flying)
    return done


def read_pieces(reader: io.RawIOBase | BinaryIO) -> Iterator[bytes]:
    """Yield what is left of ``reader``, and close it."""
    with reader:
        while piece := reader.read(PIECE):
            yield piece
