"""Objects of the doctor's own in a store: each is noted before it is made, and removed at the end however it went."""

import secrets
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ocireg.errors import RegistryError
from ocireg.hashing import Hashes
from ocireg.oci.digest import Digest
from ocireg.storage import PROBES, Storage, new_key

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = 1024
FIRST, SECOND = 6 * 1024 * 1024, 64 * 1024
"""Bytes of two appends: with object stores a part that stays, and one too small to."""


class Probe:
    """A small object, an upload and a second upload, under keys that were never used."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.key = new_key(PROBES)
        self.content = secrets.token_bytes(SMALL)
        self.large_key = ""
        self.large = secrets.token_bytes(FIRST + SECOND)
        self._left: dict[str, Callable[[], None]] = {}

    def put(self) -> None:
        """Store the small object."""
        self._left[self.key] = partial(self.storage.delete, self.key)
        self.storage.put(self.key, self.content)

    def upload(self) -> None:
        """Store the large object: begun, appended to twice as if by two processes, committed."""
        stored = self.begin()
        hashes = Hashes.begin(["sha256"])
        for part in (self.large[:FIRST], self.large[FIRST:]):
            stored = self.append(stored, part, hashes)
        session = self.storage.resume(stored)
        self.large_key = session.key
        self._left[session.key] = partial(self.storage.delete, session.key)
        self.storage.commit(session, hashes, Digest.of(self.large))
        del self._left["upload"]

    def begin(self) -> str:
        """Begin an upload; return its session, as it would be kept in the database."""
        return self._note(self.storage.begin(PROBES).dump())

    def append(self, stored: str, data: bytes, hashes: Hashes) -> str:
        """Add to an upload; return the session after that."""
        received = self.storage.receive(self.storage.resume(stored), hashes, [data])
        return self._note(received.session.dump())

    def abort(self, stored: str) -> None:
        """Give an upload up."""
        self.storage.abort(self.storage.resume(stored))
        del self._left["upload"]

    def delete(self) -> None:
        """Remove the objects."""
        for key in [key for key in (self.key, self.large_key) if key in self._left]:
            self.storage.delete(key)
            del self._left[key]

    def _note(self, stored: str) -> str:
        self._left["upload"] = lambda: self.storage.abort(self.storage.resume(stored))
        return stored

    def __enter__(self) -> Self:
        """Begin with nothing in the store."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what is there; what cannot be removed now is the clean-up's, later."""
        for removal in self._left.values():
            with suppress(RegistryError):
                removal()
