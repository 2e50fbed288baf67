"""Who may append to an upload session, settled in its row before a byte is stored.

A request claims the row at the offset it expects, keeps the claim alive while bytes arrive, and moves the offset
only if the claim is still its own. So the loser of two requests gets 416 with the true offset, and a writer that was
stopped, and woken after another took over, changes nothing. A claim is a lease: that of a process that died runs out
by itself. Who takes a session over notes, together with the claim, the new key under which the store may have to go on:
a clean-up in the middle finds that in a row too.

An upload that is whole is *settled* in its row before it is committed. From then on no byte is added, the key of the
object is known before the object can be seen, and whoever comes, the same client again above all, commits the very
same session once more (a commit that was done succeeds again) and goes on to the transaction.
"""

import json
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from ocireg.errors import SIZE_INVALID, TOO_LARGE, UPLOAD_OUT_OF_ORDER, UPLOAD_UNKNOWN, RegistryError
from ocireg.hashing import Buffer, Hashes
from ocireg.metadata import audit, blobs, garbage, quotas, uploads
from ocireg.metadata.audit import Event
from ocireg.metadata.database import Database
from ocireg.metadata.quotas import Allowance
from ocireg.metadata.uploads import UploadRow
from ocireg.oci.digest import Digest
from ocireg.registry.disk import DiskGuard
from ocireg.registry.leases import Lease, Leases
from ocireg.storage import BLOBS, Received, Storage, new_key

CHECK_ROOM_EVERY = 64 * 1024 * 1024


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

    ``expiry``: seconds that a session lives without progress, ``protection``: that a blob does without a manifest.
    ``grace``: seconds until an object that no row needs is deleted. ``limit``: bytes of the largest blob. ``most``:
    sessions of one owner.
    """

    expiry: float
    protection: float
    grace: float
    limit: int
    most: int = 1000


@dataclass(frozen=True, slots=True)
class Means:
    """What claims work with."""

    database: Database
    storage: Storage
    disk: DiskGuard
    leases: Leases
    terms: Terms


class Claim:
    """One request's hold on an upload session, from ``with`` to its end."""

    def __init__(self, means: Means, row: UploadRow, start: int | None, digest: Digest | None = None) -> None:
        self._means = means
        self._database = means.database
        self._row = row
        self._start = row.size if start is None else start
        self._digest = digest
        self._allowances: tuple[Allowance, ...] = ()
        self._token = secrets.token_hex(8)
        self._lease: Lease | None = None
        self._successor = ""
        self._settled = False
        self._seen = 0.0
        self._count = 0

    def __enter__(self) -> Self:
        """Take the session. BLOB_UPLOAD_INVALID with 416 if it is elsewhere or somebody else holds it."""
        held = False
        if self._start == self._row.size:
            with self._database.transaction(durable=False):
                self._successor = new_key(BLOBS) if uploads.is_claimed(self._database, self._row.id) else ""
                lease = self._means.leases.seconds
                held = uploads.claim(self._database, self._row, self._token, lease=lease, successor=self._successor)
        if not held:
            if not uploads.exists(self._database, self._row.id):
                raise RegistryError(UPLOAD_UNKNOWN)
            raise RegistryError(UPLOAD_OUT_OF_ORDER, detail={"offset": self._row.size})
        self._lease = self._means.leases.hold(self._row.id, self._token)
        self._seen = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of a session that was not released, where it was; forget one whose bytes are lost."""
        if self._lease is None:
            return
        self._drop()
        lost = isinstance(error, RegistryError) and error.error is UPLOAD_UNKNOWN
        with suppress(RegistryError), self._database.transaction(durable=False):
            if lost:
                uploads.remove(self._database, self._row.id, self._token)
            else:
                uploads.let_go(self._database, self._row.id, self._token, contested=bool(self._successor))

    def _drop(self) -> None:
        if self._lease is not None:
            self._means.leases.drop(self._lease)
            self._lease = None

    def receive(self, chunk: Chunk, hashes: Hashes) -> Received:
        """Store and hash the chunk. SIZE_INVALID if it is not as long as announced, or the blob would be too large.

        DENIED where a quota would be passed, unless the registry has the blob that the request names.

        Of a length that is announced that is said before a byte of it is taken.
        """
        assert self._lease is not None
        self._allowances = self._allowed()
        self._require_lawful(chunk.length or 0)
        session = self._means.storage.resume(self._row.session, successor=self._successor)
        pieces = self._checked(self._lease, chunk)
        received = self._means.storage.receive(session, hashes, pieces)
        if not received.gone and chunk.length not in (None, self._count):
            raise RegistryError(SIZE_INVALID, detail={"expected": chunk.length, "received": self._count})
        return received

    def _checked(self, lease: Lease, chunk: Chunk) -> Iterator[Buffer]:
        """Yield the pieces while they are lawful, there is room, and the session is still this request's."""
        roomy = 0
        for piece in lease.watch(chunk.pieces):
            self._count += len(piece)
            if chunk.length is not None and self._count > chunk.length:
                raise RegistryError(SIZE_INVALID, detail={"expected": chunk.length})
            self._require_lawful(self._count)
            if self._count - roomy >= CHECK_ROOM_EVERY:
                self._means.disk.require_room()
                self._allowances = self._allowed()
                roomy = self._count
            self._require_still_held(lease)
            yield piece

    def _require_lawful(self, count: int) -> None:
        """Raise TOO_LARGE, with the limit, or DENIED, if the blob would be too large with so many bytes more."""
        limit, size = self._means.terms.limit, self._row.size + count
        if size > limit:
            raise RegistryError(TOO_LARGE, f"no blob may be larger than {limit} bytes here", detail={"limit": limit})
        for one in self._allowances:
            one.require(size)

    def _allowed(self) -> tuple[Allowance, ...]:
        """Return what the blob must go into. Of uploads under way none counts: what is exact is the end of each."""
        where = self._row.repository
        found = tuple(one for one in quotas.of_repository(self._database, where) if one.quota is not None)
        known = found and self._digest is not None and quotas.has_blob(self._database, where, str(self._digest))
        return () if known else found

    def _require_still_held(self, lease: Lease) -> None:
        """Find out before more is stored, where the process may have been stopped for longer than its lease."""
        now = time.monotonic()
        if now - self._seen > self._means.leases.seconds:
            self._means.leases.renew(lease)
        self._seen = now
        if lease.lost:
            raise RegistryError(UPLOAD_OUT_OF_ORDER, "another request took this upload over")

    def release(self, received: Received) -> None:
        """Move the session to what was received and let go of it, for any worker to go on."""
        self._move(received, settled=False)
        self._drop()

    def settle(self, received: Received) -> None:
        """Let the row know that all is there, under which key, before the object can be seen under it."""
        if not self._row.settled:
            self._move(received, settled=True)
            self._settled = True

    def _move(self, received: Received, *, settled: bool) -> None:
        session = received.session
        hashes = json.dumps(received.hashes.dump())
        row = UploadRow(self._row.id, self._row.repository, session.size, session.dump(), hashes, settled)
        with self._database.transaction(durable=False):
            moved = uploads.move(
                self._database,
                row,
                session.key,
                self._token,
                size_before=self._row.size,
                expires_in=self._means.terms.expiry,
            )
            self._require(held=moved)

    def finish(self, received: Received, digest: Digest, event: Event) -> None:
        """End the session with its blob, known to the repository and protected until a manifest can refer to it.

        One transaction, with its event: a blob is never there without its protection. DENIED where it does not go into
        a quota, which others may have filled since it was last looked at.
        """
        session = received.session
        terms = self._means.terms
        until = self._database.now() + terms.protection
        with self._database.transaction():
            begun = uploads.begun(self._database, self._row.id)
            self._require(held=uploads.remove(self._database, self._row.id, self._token))
            with quotas.within(self._database, self._row.repository):
                blob = blobs.store(self._database, str(digest), session.key, session.size, grace=terms.grace)
                blobs.link(self._database, self._row.repository, blob, protected_until=until, begun=begun)
            audit.write(self._database, event)
        self._drop()

    def cancel(self, received: Received) -> None:
        """End the session with nothing; an object that a commit may have made is deleted by the clean-up."""
        key = received.session.key
        with self._database.transaction(durable=False):
            self._require(held=uploads.remove(self._database, self._row.id, self._token))
            if self._row.settled or self._settled:
                garbage.add(self._database, key, after=0)
        self._drop()
        with suppress(RegistryError):  # the sweep finds what cannot be removed now
            self._means.storage.abort(received.session)

    def _require(self, *, held: bool) -> None:
        """Raise, inside a transaction, if the claim is not this request's any more."""
        if held:
            return
        if not uploads.exists(self._database, self._row.id):
            raise RegistryError(UPLOAD_UNKNOWN)
        raise RegistryError(UPLOAD_OUT_OF_ORDER, "another request took this upload over")
