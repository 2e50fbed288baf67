"""Who may append to an upload session, settled in its row before a byte is stored.

A request claims the row at the offset it expects, keeps the claim alive while bytes arrive, and moves the offset
only if the claim is still its own. So the loser of two requests gets 416 with the true offset, and a writer that was
stopped, and woken after another took over, changes nothing. A claim is a lease: that of a process that died runs out
by itself.
"""

import json
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from ocireg.errors import SIZE_INVALID, TOO_LARGE, UPLOAD_OUT_OF_ORDER, UPLOAD_UNKNOWN, RegistryError
from ocireg.hashing import Buffer, Hashes
from ocireg.metadata import blobs, uploads
from ocireg.metadata.database import Database
from ocireg.metadata.uploads import UploadRow
from ocireg.oci.digest import Digest
from ocireg.storage import Received, Storage


@dataclass(frozen=True, slots=True)
class Chunk:
    """A request body on its way in.

    ``start`` is where the client says that it begins and ``length`` how long it says that it is (bytes), None where
    it does not say.
    """

    pieces: Iterable[Buffer]
    start: int | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds of every upload session.

    ``lease``: seconds that a claim lives without bytes. ``expiry``: seconds that a session lives without progress,
    and a blob without a manifest. ``grace``: seconds until an object that no row needs is deleted. ``limit``: bytes
    of the largest blob.
    """

    lease: float
    expiry: float
    grace: float
    limit: int


class Claim:
    """One request's hold on an upload session, from ``with`` to its end."""

    def __init__(self, database: Database, storage: Storage, terms: Terms, row: UploadRow, start: int | None) -> None:
        self._database = database
        self._storage = storage
        self._terms = terms
        self._row = row
        self._start = row.size if start is None else start
        self._token = secrets.token_hex(8)
        self._held = False
        self._contested = False
        self._renewed = 0.0
        self._expected: int | None = None
        self._count = 0

    def __enter__(self) -> Self:
        """Take the session. BLOB_UPLOAD_INVALID with 416 if it is elsewhere or somebody else holds it."""
        if self._start == self._row.size:
            with self._database.transaction(durable=False):
                self._contested = uploads.is_claimed(self._database, self._row.id)
                self._held = uploads.claim(
                    self._database, self._row.id, self._start, self._token, lease=self._terms.lease
                )
        if not self._held:
            raise RegistryError(UPLOAD_OUT_OF_ORDER, detail={"offset": self._row.size})
        self._renewed = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of a session that was not released, where it was; forget one whose bytes are lost."""
        if not self._held:
            return
        self._held = False
        lost = isinstance(error, RegistryError) and error.error is UPLOAD_UNKNOWN
        with suppress(RegistryError), self._database.transaction(durable=False):
            if lost:
                uploads.remove(self._database, self._row.id, self._token)
            else:
                uploads.let_go(self._database, self._row.id, self._token, contested=self._contested)

    def receive(self, chunk: Chunk, hashes: Hashes) -> Received:
        """Store and hash the chunk. SIZE_INVALID if it is not as long as announced, or the blob would be too large."""
        self._expected = chunk.length
        session = self._storage.resume(self._row.session, contested=self._contested)
        received = self._storage.receive(session, hashes, chunk.pieces, self.progress)
        if not received.gone and self._expected not in (None, self._count):
            raise RegistryError(SIZE_INVALID, detail={"expected": self._expected, "received": self._count})
        return received

    def progress(self, count: int) -> None:
        """Take note of ``count`` more bytes, before they are stored, and keep the claim alive."""
        self._count += count
        if self._expected is not None and self._count > self._expected:
            raise RegistryError(SIZE_INVALID, detail={"expected": self._expected})
        if self._row.size + self._count > self._terms.limit:
            raise RegistryError(TOO_LARGE, detail={"limit": self._terms.limit})
        now = time.monotonic()
        if now - self._renewed < self._terms.lease / 3:
            return
        with self._database.transaction(durable=False):
            _require(uploads.renew(self._database, self._row.id, self._token, lease=self._terms.lease))
        self._renewed = now

    def release(self, received: Received) -> None:
        """Move the session to what was received and let go of it, for any worker to go on."""
        session = received.session
        row = UploadRow(
            self._row.id,
            self._row.repository,
            session.size,
            session.dump(),
            json.dumps(received.hashes.dump()),
        )
        with self._database.transaction(durable=False):
            moved = uploads.release(
                self._database,
                row,
                session.key,
                self._token,
                size_before=self._row.size,
                expires_in=self._terms.expiry,
            )
            _require(moved)
        self._held = False

    def finish(self, received: Received, digest: Digest) -> None:
        """End the session with its blob, known to the repository and protected until a manifest can refer to it.

        One transaction: a blob is never there without its protection.
        """
        session = received.session
        until = time.time() + self._terms.expiry
        with self._database.transaction():
            _require(uploads.remove(self._database, self._row.id, self._token))
            blob = blobs.store(self._database, str(digest), session.key, session.size, grace=self._terms.grace)
            blobs.link(self._database, self._row.repository, blob, protected_until=until)
        self._held = False

    def cancel(self, received: Received) -> None:
        """End the session with nothing."""
        with self._database.transaction(durable=False):
            _require(uploads.remove(self._database, self._row.id, self._token))
        self._held = False
        with suppress(RegistryError):  # the sweep finds what cannot be removed now
            self._storage.abort(received.session)


def _require(held: bool) -> None:
    if not held:
        raise RegistryError(UPLOAD_OUT_OF_ORDER, "another request took this upload over")
