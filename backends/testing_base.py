"""What the parts of the suite share: data, streams that misbehave, and the fixtures."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from backends.base import Backend, Session

KEY = "blobs/ab/abcdef"
OTHER = "blobs/ab/abcdef0"
SUCCESSOR = "blobs/cd/cdefab"
DATA = bytes(range(256)) * 300


class Interrupted(Exception):  # noqa: N818 - an event
    """What a stream of the suite raises in the middle."""


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """Yield ``data`` in pieces of ``size`` bytes."""
    for first in range(0, len(data), size):
        yield data[first : first + size]


def broken(data: bytes, at: int) -> Iterator[bytes]:
    """Yield the first ``at`` bytes, then raise ``Interrupted``."""
    yield from pieces(data[:at], 1000)
    raise Interrupted


def contested(session: Session) -> Session:
    """Return the session as who takes it over from a writer that never came back."""
    return replace(session, successor=SUCCESSOR)


class Contract:
    """The store under test. A subclass may set ``many`` lower for a store where 10,000 objects take long."""

    many = 10_000
    url: str | None = None
    """Where another process finds the same store; None where there is no such place."""

    @pytest.fixture
    def backend(self) -> Backend:
        """Return an empty store."""
        raise NotImplementedError

    def elsewhere(self, backend: Backend) -> Backend:
        """Return another instance on the same store; the same one where there cannot be another."""
        return backend

    def address(self, backend: Backend) -> str | None:  # noqa: ARG002
        """Return the URL under which another process finds this store."""
        return self.url

    @pytest.fixture(autouse=True)
    def _nothing_is_left(self, backend: Backend) -> Iterator[None]:
        yield
        for upload in list(backend.scan_uploads()):
            backend.abort(upload.session)
        self.delete_many(backend, [found.key for found in backend.scan()])
        assert list(backend.scan_uploads()) == []
        assert list(backend.scan()) == []

    def read(self, backend: Backend, key: str, start: int = 0, stop: int | None = None) -> bytes:
        """Read and close."""
        with backend.open(key, start, stop) as reader:
            return reader.read()

    def put_many(self, backend: Backend, keys: list[str]) -> None:
        """Make empty objects; a driver whose ``put`` is slow by design may have a quicker way."""
        for key in keys:
            backend.put(key, b"")

    def delete_many(self, backend: Backend, keys: list[str]) -> None:
        """Remove objects; likewise."""
        for key in keys:
            backend.delete(key)
