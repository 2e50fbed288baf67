"""What the local driver does to single files: bounded readers, durable renames, the system's errors as the driver's."""

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from backends.errors import Failed, NoSpace, Unavailable

PIECE = 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def translated() -> Iterator[None]:
    """Turn the system's errors into the driver's."""
    try:
        yield
    except OSError as error:
        kind = NoSpace if error.errno in _FULL else Failed
        raise kind(f"{os.strerror(error.errno or 0)}: {error.filename or 'the store'}") from error


class Slice(io.FileIO):
    """Reads ``[start, stop)`` of an open file, whose descriptor it owns, and nothing short of it in silence.

    ``fileno``, ``seek`` and ``tell`` are those of the file itself, as sendfile wants them.
    """

    def __init__(self, descriptor: int, start: int, stop: int) -> None:
        super().__init__(descriptor)
        self._stop = stop
        self.seek(start)

    def read(self, size: int | None = -1) -> bytes:
        """Read up to ``size`` bytes. ``Unavailable`` if the file ends before ``stop``."""
        left = max(self._stop - self.tell(), 0)
        wanted = left if size is None or size < 0 else min(size, left)
        if not wanted:
            return b""
        with translated():
            piece = super().read(wanted)
        if not piece:
            raise Unavailable(f"the file is {left} bytes shorter than it was")
        return piece

    def readall(self) -> bytes:
        """Read the rest."""
        return b"".join(iter(lambda: self.read(PIECE), b""))

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # the base takes any writable buffer
        """Read into ``buffer``; return how much."""
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def write_all(descriptor: int, data: bytes | bytearray | memoryview) -> None:
    """Write all of ``data``: one write may take less."""
    view = memoryview(data).cast("B")
    while view:
        view = view[os.write(descriptor, view) :]


def copy_head(source: int, target: int, size: int) -> bool:
    """Copy the first ``size`` bytes by the kernel's own means; False if the source is shorter."""
    done = 0
    while done < size:
        copied = os.sendfile(target, source, done, min(size - done, 2**30))
        if not copied:
            return False
        done += copied
    return True


def publish(source: Path, target: Path, root: Path) -> None:
    """Rename, durably: the file's bytes are on disk already; after this its name is, and the folders up to ``root``."""
    folders = _between(root, target)
    for folder in folders:
        if not folder.is_dir():
            _durable.discard(folder)
            folder.mkdir(exist_ok=True)
    source.rename(target)
    sync_folder(target.parent)
    for folder in folders:
        if folder not in _durable:
            sync_folder(folder.parent)
            _durable.add(folder)


_durable: set[Path] = set()
"""Folders whose own names this process has synchronised. That one is there says nothing: whoever made it may have died
before it could synchronise, or may not have come to it yet. There are some hundreds in a store."""


def _between(root: Path, target: Path) -> list[Path]:
    """Return the folders of ``target`` below ``root``, the outermost first."""
    return [one for one in reversed(target.parents) if root in one.parents]


def sync_folder(folder: Path) -> None:
    """Let the entries of the folder be on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@cache
def boot_id() -> str:
    """Return what tells this run of the kernel from the one before a loss of power; "" where there is no telling."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
