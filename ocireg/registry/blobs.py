"""Blobs of a repository: found, read, mounted, deleted (OCI distribution v1.1.1, end-2, end-10, end-11)."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, cast

from ocireg.errors import BLOB_UNKNOWN, LOST, STORAGE_FULL, UNAVAILABLE, RegistryError
from ocireg.metadata import audit, blobs, facts, quarantine, quotas, repositories
from ocireg.metadata.audit import SYSTEM, Author, Event
from ocireg.metadata.blobs import StoredBlob
from ocireg.metadata.database import Database
from ocireg.metadata.repositories import Reach
from ocireg.oci.digest import Digest
from ocireg.reader import Reader
from ocireg.storage import Storage

DAMAGED = "the bytes of this blob are not those that were pushed: push it again"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FoundBlob:
    """A blob that the repository knows: its size in bytes, and the key for ``Blobs.open``."""

    digest: Digest
    size: int
    key: str
    row: StoredBlob


class Blobs:
    """The use-cases of blobs. Times are seconds."""

    def __init__(self, database: Database, storage: Storage, *, protection: float, grace: float) -> None:
        self._database = database
        self._storage = storage
        self._protection = protection
        self._grace = grace

    def find(self, repository: str, digest: Digest) -> FoundBlob:
        """Return the blob. BLOB_UNKNOWN; LOST if the store was found not to have it, or to have something else."""
        row = blobs.find(self._database, repository, str(digest))
        if row is None:
            raise RegistryError(BLOB_UNKNOWN, detail={"digest": str(digest)})
        found = FoundBlob(digest, row.size, row.key, row)
        if row.lost:
            if quarantine.holds(self._database, row.key):
                raise RegistryError(LOST, DAMAGED, detail={"digest": str(digest)})
            self.open(found, 0, 0).close()  # a disk may have been mounted again
            with self._database.transaction():
                blobs.mark(self._database, row, lost=False)
            log.warning("the store has %s (%s) again", row.key, digest)
        return found

    def stat(self, repository: str, digest: Digest, *, pushing: bool = False) -> FoundBlob:
        """Return the blob if a client need not push it. BLOB_UNKNOWN, of one that is lost too.

        For one that may be ``pushing`` it stays for half of the protection at least: a row says so before the answer.
        """
        try:
            found = self.find(repository, digest)
        except RegistryError as error:
            if error.error is LOST:
                raise RegistryError(BLOB_UNKNOWN, LOST.message, detail={"digest": str(digest)}) from error
            raise
        if pushing:
            self._protect(found)
        return found

    def _protect(self, found: FoundBlob) -> None:
        """Renew the protection when half of it is used. BLOB_UNKNOWN where the blob has just been collected."""
        now = self._database.now()
        if found.row.protected_until - now >= self._protection / 2:
            return
        try:
            with self._database.transaction(durable=False):
                there = blobs.protect(self._database, found.row, until=now + self._protection)
        except RegistryError as error:
            if error.error is not STORAGE_FULL:
                raise
            return  # nothing is pushed now; whoever pulls is not to notice
        if not there:
            raise RegistryError(BLOB_UNKNOWN, detail={"digest": str(found.digest)})

    def open(self, blob: FoundBlob, start: int = 0, stop: int | None = None) -> BinaryIO:
        """Read ``[start, stop)`` of the blob; the caller closes the reader.

        LOST if the store does not have it, now or in the middle of reading.
        """
        with self._noticing(blob):
            reader = self._storage.open(blob.key, start, stop, size=blob.size)
        return cast("BinaryIO", Reader(reader, partial(self._noticing, blob)))

    @contextmanager
    def _noticing(self, blob: FoundBlob) -> Iterator[None]:
        """Take note of an object that is not there."""
        try:
            yield
        except RegistryError as error:
            if error.error is not BLOB_UNKNOWN:
                raise
            raise self._lost(blob) from LookupError(f"{blob.key} of {blob.digest} is not in the store")

    def _lost(self, blob: FoundBlob) -> RegistryError:
        """Mark the blob, so that clients push it again, if it is the store that has lost it.

        A disk that is not mounted, or another bucket, has lost nothing: it lacks the mark of the installation. The
        row keeps its key, so that bytes which come back are found.
        """
        if self._storage.owner() != facts.installation(self._database):
            return RegistryError(UNAVAILABLE, "the store is not the one that was filled; is its disk mounted?")
        with self._database.transaction():
            still_its_own = blobs.mark(self._database, blob.row, lost=True)
        if not still_its_own:
            return RegistryError(UNAVAILABLE, headers={"Retry-After": "1"})
        return RegistryError(LOST, detail={"digest": str(blob.digest)})

    def url(self, blob: FoundBlob, expires: int, content_type: str, disposition: str) -> str | None:
        """Return a URL of the store that serves a GET of the blob for ``expires`` seconds; None where it has none."""
        return self._storage.url(blob.key, expires, content_type, disposition)

    def holders(self, digest: Digest, limit: int, reach: Reach = repositories.EVERYTHING) -> list[str]:
        """Return up to ``limit`` repositories that know the blob, of the registries that ``reach`` names."""
        return blobs.holders(self._database, str(digest), limit, reach)

    def mount(self, repository: str, digest: Digest, source: str, by: Author = SYSTEM) -> bool:
        """Let the repository know a blob that ``source`` knows (end-11).

        False if it is not there: the client uploads it then. DENIED where it does not go into a quota.
        """
        found = blobs.find(self._database, source, str(digest))
        if found is None or found.lost:
            return False
        with self._database.transaction():
            still_there = blobs.find_anywhere(self._database, str(digest))
            if still_there is None:
                return False
            where = repositories.ensure(self._database, repository)
            now = self._database.now()
            with quotas.within(self._database, where):
                blobs.link(self._database, where, still_there.id, protected_until=now + self._protection, begun=now)
            event = Event("blob.mount", by, repository=repository, subject=str(digest), detail={"from": source})
            audit.write(self._database, event)
        return True

    def delete(self, repository: str, digest: Digest, by: Author = SYSTEM) -> None:
        """Let the repository forget the blob at once; its bytes go when no repository knows it. BLOB_UNKNOWN.

        DENIED of one that an immutable tag leads to.
        """
        with self._database.transaction():
            known = blobs.unlink(self._database, repository, str(digest), grace=self._grace)
            if known:
                audit.write(self._database, Event("blob.delete", by, repository=repository, subject=str(digest)))
        if not known:
            raise RegistryError(BLOB_UNKNOWN, detail={"digest": str(digest)})
