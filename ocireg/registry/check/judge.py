"""Looks at one object: whether it is what its row says."""

from collections.abc import Callable

from ocireg.errors import BLOB_UNKNOWN, UNAVAILABLE, RegistryError
from ocireg.manifest_record import ManifestRecord
from ocireg.metadata import checking
from ocireg.metadata.checking import BLOB, Row
from ocireg.metadata.database import Database
from ocireg.oci.digest import Digest
from ocireg.oci.errors import InvalidDigest
from ocireg.registry.check.faults import TOLD, Done, Fault, Kind
from ocireg.storage import ObjectInfo, Storage

RECORD = 1024 * 1024
"""Bytes that stand before a manifest at most: no more of an object is read."""
NAMED = 3
"""Repositories that a fault names."""


class Judge:
    """Looks at objects. ``digests``: reads each of them again; those that are lost already are always read."""

    def __init__(self, database: Database, storage: Storage, *, digests: bool, told: Callable[[int], None]) -> None:
        self._database = database
        self._storage = storage
        self._digests = digests
        self._told = told

    def look(self, row: Row, found: ObjectInfo | None) -> Fault | None:
        """Return what is wrong with an object, None if nothing is.

        What seems wrong is looked at once more: it may have come, gone or been replaced since it was listed, and memory
        and networks fail, too.
        """
        if self._first(row, found) is None or not checking.still(self._database, row):
            return None
        fault = self._first(row, self.stat(row.key))
        if fault is None or not checking.still(self._database, row):
            return None
        fault.repositories = checking.knowing(self._database, row, NAMED)
        return fault

    def stat(self, key: str) -> ObjectInfo | None:
        """Return what the store has under a key, None if it has nothing."""
        try:
            return self._storage.stat(key)
        except RegistryError as error:
            if error.error is BLOB_UNKNOWN:
                return None
            raise

    def _first(self, row: Row, found: ObjectInfo | None) -> Fault | None:
        kind, text = self._kind(row, found)
        if row.lost and kind is None:
            kind = Kind.RECOVERED
        if kind is None:
            return None
        return Fault(kind, row.what, row.key, row.digest, row.size, found.size if found else None, text=text)

    def _kind(self, row: Row, found: ObjectInfo | None) -> tuple[Kind | None, str]:
        if found is None:
            return Kind.MISSING, ""
        if not _may_be(row, found.size):
            return Kind.WRONG_SIZE, ""
        if not (self._digests or row.lost):
            return None, ""
        try:
            return self._blob(row) if row.what == BLOB else self._manifest(row)
        except RegistryError as error:
            if error.error is BLOB_UNKNOWN:
                return Kind.MISSING, ""
            if error.error is not UNAVAILABLE:
                raise
            return Kind.UNREADABLE, str(error.__cause__ or error)[:TOLD]

    def _blob(self, row: Row) -> tuple[Kind | None, str]:
        try:
            digest = Digest.parse(row.digest)
        except InvalidDigest:
            return Kind.DATABASE, "the row's digest is none"
        same = self._storage.read_back(row.key, digest.algorithm, self._told) == digest.encoded
        return (None if same else Kind.WRONG_DIGEST), ""

    def _manifest(self, row: Row) -> tuple[Kind | None, str]:
        stored = self._storage.read(row.key, 0, row.size + RECORD)
        self._told(row.size)
        record, content = record_of(stored)
        if not is_of(content, row.digest):
            return Kind.WRONG_DIGEST, ""
        if record is None or record.digest != row.digest:
            return Kind.MALFORMED, ""
        kept = checking.told(self._database, row)
        if kept is not None and kept.content is not None and not is_of(kept.content, row.digest):
            return Kind.COPY, ""
        return None, ""


def _may_be(row: Row, size: int) -> bool:
    """Say whether an object may have so many bytes. That of a manifest has a record before it, of unknown length."""
    return size == row.size if row.what == BLOB else row.size + 2 < size <= row.size + RECORD


def record_of(stored: bytes) -> tuple[ManifestRecord | None, bytes]:
    """Return the record of a manifest, None if it is none, and what comes behind it."""
    try:
        return ManifestRecord.parse(stored)
    except ValueError:
        return None, stored.partition(b"\n")[2]


def is_of(content: bytes, digest: str) -> bool:
    """Say whether a digest is that of some bytes."""
    algorithm = digest.partition(":")[0]
    try:
        return str(Digest.of(content, algorithm)) == digest
    except ValueError:  # no algorithm that there is
        return False


def standing(row: Row, *, held: bool) -> Done | None:
    """Return what a former check, or a pull, did about a row that is at fault; ``held``: it is in quarantine."""
    if not row.lost:
        return None
    return Done.QUARANTINED if held else Done.LOST
