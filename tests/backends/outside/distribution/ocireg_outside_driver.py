"""A driver as a third party would write it: the local one, with each object's bytes inverted."""

from collections.abc import Iterable
from io import BytesIO
from typing import BinaryIO

from backends.base import Backend, Chunk, Session
from backends.local import LocalBackend, from_url

INVERTED = bytes(255 - byte for byte in range(256))


class OutsideBackend(LocalBackend):
    """Inverts on the way in and on the way out."""

    def open(self, key: str, start: int = 0, stop: int | None = None) -> BinaryIO:
        """Read inverted."""
        with super().open(key, start, stop) as reader:
            return BytesIO(reader.read().translate(INVERTED))

    def put(self, key: str, data: bytes) -> None:
        """Write inverted."""
        super().put(key, data.translate(INVERTED))

    def append(self, session: Session, chunks: Iterable[Chunk]) -> Session:
        """Append inverted."""
        return super().append(session, (bytes(chunk).translate(INVERTED) for chunk in chunks))


def make(url: str) -> Backend:
    """Return the driver for ``outside:/folder``."""
    inner = from_url("file:" + url.removeprefix("outside:"))
    return OutsideBackend(inner.root)
