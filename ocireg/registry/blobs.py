"""Blobs of a repository: found, read, mounted, deleted (OCI distribution v1.1.1, end-2, end-10, end-11)."""

import time
from dataclasses import dataclass
from typing import BinaryIO

from ocireg.errors import BLOB_UNKNOWN, RegistryError
from ocireg.metadata import blobs, repositories
from ocireg.metadata.database import Database
from ocireg.oci.digest import Digest
from ocireg.storage import Storage


@dataclass(frozen=True, slots=True)
class FoundBlob:
    """A blob that the repository knows: its size in bytes, and the key for ``Blobs.open``."""

    digest: Digest
    size: int
    key: str


class Blobs:
    """The use-cases of blobs. Times are seconds."""

    def __init__(self, database: Database, storage: Storage, *, protection: float, grace: float) -> None:
        self._database = database
        self._storage = storage
        self._protection = protection
        self._grace = grace

    def find(self, repository: str, digest: Digest) -> FoundBlob:
        """Return the blob. BLOB_UNKNOWN."""
        found = blobs.find(self._database, repository, str(digest))
        if found is None:
            raise RegistryError(BLOB_UNKNOWN, detail={"digest": str(digest)})
        return FoundBlob(digest, found.size, found.key)

    def open(self, blob: FoundBlob, start: int = 0, stop: int | None = None) -> BinaryIO:
        """Read ``[start, stop)`` of the blob; the caller closes the reader."""
        return self._storage.open(blob.key, start, stop)

    def url(self, blob: FoundBlob, expires: int, content_type: str, disposition: str) -> str | None:
        """Return a URL of the store that serves a GET of the blob for ``expires`` seconds; None where it has none."""
        return self._storage.url(blob.key, expires, content_type, disposition)

    def mount(self, repository: str, digest: Digest, source: str | None) -> bool:
        """Let the repository know a blob that ``source`` knows, or any repository if that is None (end-11).

        False if it is not there: the client uploads it then.
        """
        if source is None:
            found = blobs.find_anywhere(self._database, str(digest))
        else:
            found = blobs.find(self._database, source, str(digest))
        if found is None:
            return False
        with self._database.transaction():
            still_there = blobs.find_anywhere(self._database, str(digest))
            if still_there is None:
                return False
            where = repositories.ensure(self._database, repository)
            until = time.time() + self._protection
            blobs.link(self._database, where, still_there.id, protected_until=until)
        return True

    def delete(self, repository: str, digest: Digest) -> None:
        """Let the repository forget the blob at once; its bytes go when no repository knows it. BLOB_UNKNOWN."""
        with self._database.transaction():
            known = blobs.unlink(self._database, repository, str(digest), grace=self._grace)
        if not known:
            raise RegistryError(BLOB_UNKNOWN, detail={"digest": str(digest)})
